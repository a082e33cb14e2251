"""The built book: its pages as files, over http and in a browser."""

import json
import os
import threading
import tomllib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def html() -> Path:
    """Folder of the built book."""
    folder = ROOT / "_build" / "html"
    if (folder / "index.html").is_file():
        return folder
    message = "the book is not built; run: python -m course_utils build"
    if os.environ.get("CI", "").lower() in ("1", "true") or os.environ.get("COURSE_BOOK_REQUIRED") == "1":
        pytest.fail(message)
    pytest.skip(message)


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


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="session")
def served(html) -> str:
    """Address under which the book is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=html)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser(chromium):
    """One browser for all tests, with a new profile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_FLAGS)
        yield browser
        browser.close()
