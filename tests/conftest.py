"""Programs that some tests need besides Python."""

import programs
import pytest


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium or Chrome."""
    return programs.find_program(("chromium", "chromium-browser", "google-chrome"), "chromium")


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node."""
    return programs.find_program(("node",), "nodejs")


@pytest.fixture(scope="session")
def browser_with(chromium, tmp_path_factory):
    """A function from a family of fonts, or None for all that the machine has, to a browser with no other fonts."""
    with programs.browsers(chromium, tmp_path_factory.mktemp("fonts")) as browser_with:
        yield browser_with
