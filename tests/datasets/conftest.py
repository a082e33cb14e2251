"""A data folder of its own for every test."""

import pytest

from course_utils.datasets import _archive


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty data folder."""
    folder = tmp_path / "home"
    monkeypatch.setenv("COURSE_DATA_HOME", str(folder))
    return folder


@pytest.fixture
def no_waiting(monkeypatch):
    """Try a server again at once."""
    monkeypatch.setattr(_archive, "_PAUSE", 0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
