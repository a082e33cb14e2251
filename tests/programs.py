"""Programs and fonts that some tests need besides Python, and Chromium as it is driven."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FONTS = {"DejaVu": "fonts-dejavu-core", "Liberation": "fonts-liberation"}
"""Families of wide and of narrow fonts, and the packages of Debian that have them."""

OPENED = "html:not([data-opening])"
"""A page that is whole: until then what is far from the screen has no text that could be read (see head.py)."""

FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>{family} Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>{family} Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>{family} {mono}</family></prefer></alias>
</fontconfig>
"""


def absent(message: str, *, required: bool = False) -> NoReturn:
    """Skip the test saying what is missing; under CI, or if it is ``required``, fail it."""
    if required or os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(message)
    pytest.skip(message)


def find_program(names: tuple[str, ...], package: str) -> str:
    """Return the first program found; without one skip the test naming what to install, or fail it under CI."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    absent(f"{names[0]} is missing; install it (Debian, Ubuntu: sudo apt install {package})")


def configuration_of(family: str, folder: Path) -> Path:
    """A configuration of fontconfig, written into ``folder``, that knows the fonts of one family only."""
    lister = find_program(("fc-list",), "fontconfig")
    listing = subprocess.run([lister, f":family={family} Sans", "file"], capture_output=True, text=True, check=True)
    files = sorted(line.rstrip(": ") for line in listing.stdout.splitlines())
    if not files:
        package = FONTS[family]
        absent(f"the {family} fonts are missing; install them (Debian, Ubuntu: sudo apt install {package})")
    mono = "Sans Mono" if family == "DejaVu" else "Mono"
    content = FONTCONFIG.format(folder=Path(files[0]).parent, cache=folder / "cache", family=family, mono=mono)
    path = folder / f"{family}.conf"
    path.write_text(content, encoding="utf-8")
    return path


@contextlib.contextmanager
def browsers(program: str, folder: Path):
    """A function from a family of fonts, or None for all that the machine has, to a browser with no other fonts.

    Each is started when it is first asked for, and closed at the end.
    """
    from playwright.sync_api import sync_playwright

    started = {}

    def browser_with(family: str | None = None):
        if family not in started:
            fonts = {"FONTCONFIG_FILE": str(configuration_of(family, folder))} if family else {}
            environment = {**os.environ, **fonts}
            started[family] = playwright.chromium.launch(executable_path=program, args=FLAGS, env=environment)
        return started[family]

    with sync_playwright() as playwright:
        yield browser_with
        for browser in started.values():
            browser.close()


@contextlib.contextmanager
def tapping(page):
    """Taps once inside and waits until the page has dealt with the click, which comes after the finger has gone."""
    page.evaluate("""() => {
        window.tapped = false;
        addEventListener("click", () => setTimeout(() => { window.tapped = true; }), {capture: true, once: true});
    }""")
    yield
    page.wait_for_function("() => window.tapped")


def tap(locator, **options) -> None:
    """Tap an element with a finger, and wait until the page has dealt with it."""
    with tapping(locator.page):
        locator.tap(**options)


def is_local(address: str) -> bool:
    """Whether a request stays on this machine."""
    parts = urlsplit(address)
    return parts.scheme in ("file", "data", "blob", "about") or parts.hostname == "127.0.0.1"
