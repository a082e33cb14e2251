"""Programs that some tests need besides Python."""

import os
import shutil

import pytest


def find_program(names: tuple[str, ...], package: str) -> str:
    """Return the first program found; without one skip the test naming what to install, or fail it under CI."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    message = f"{names[0]} is missing; install it (Debian, Ubuntu: sudo apt install {package})"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium or Chrome."""
    return find_program(("chromium", "chromium-browser", "google-chrome"), "chromium")


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node."""
    return find_program(("node",), "nodejs")
