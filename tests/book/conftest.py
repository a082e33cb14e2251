"""The built book: its pages as files, over http and in a browser."""

import json
import os
import tomllib
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from programs import absent
from servers import serving_folder

ROOT = Path(__file__).resolve().parents[2]
WIDE = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def html() -> Path:
    """Folder of the built book."""
    folder = ROOT / "_build" / "html"
    if not (folder / "index.html").is_file():
        required = os.environ.get("COURSE_BOOK_REQUIRED") == "1"
        absent("the book is not built; run: python -m course_utils build", required=required)
    return folder


@pytest.fixture(scope="session")
def pages(html) -> dict[str, BeautifulSoup]:
    """Every page of the book by its path: lessons, indices, source code."""
    static = html / "_static"
    files = [path for path in sorted(html.rglob("*.html")) if not path.is_relative_to(static)]
    return {
        path.relative_to(html).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in files
    }


@pytest.fixture(scope="session")
def lessons(html) -> dict[str, list[dict]]:
    """Cells of the notebook behind each page that was made from one."""
    sources = html / "_sources"
    return {
        path.relative_to(sources).with_suffix(".html").as_posix(): json.loads(path.read_text(encoding="utf-8"))["cells"]
        for path in sorted(sources.rglob("*.ipynb"))
    }


@pytest.fixture(scope="session")
def repository() -> str:
    """Address of the repository."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].rstrip("/")


@pytest.fixture(scope="session")
def served(html):
    """Address under which the book is served."""
    with serving_folder(html) as address:
        yield address


@pytest.fixture(scope="session")
def browser(browser_with):
    """One browser for all tests, with a new profile."""
    return browser_with(None)


@pytest.fixture
def visit(browser):
    """A function that opens a page, in a profile of its own, and returns it; no page may complain."""
    contexts, complaints = [], []

    def run(address: str, **options):
        context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield run
    for context in contexts:
        context.close()
    assert not complaints
