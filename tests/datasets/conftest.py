"""A data folder of its own for every test."""

import time

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty data folder."""
    folder = tmp_path / "home"
    monkeypatch.setenv("COURSE_DATA_HOME", str(folder))
    return folder


@pytest.fixture
def no_waiting(monkeypatch):
    """Let pooch try again at once."""
    import pooch.core

    class Clock:
        def __getattr__(self, name):
            return getattr(time, name)

        def sleep(self, seconds):
            pass

    monkeypatch.setattr(pooch.core, "time", Clock())
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
