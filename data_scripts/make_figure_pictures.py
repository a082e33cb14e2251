"""Make the pictures that stand for the interactive figures where there is no JavaScript, on paper and in notebooks.

    python data_scripts/make_figure_pictures.py [NAME …] [--check]

Each figure of ``book/interactive`` is opened in Chromium on a page of its own and its picture taken. The PNG keeps the words
that the figure showed, and a fingerprint of what it was made from: the figure's scripts, the style and the state. A picture
with the fingerprint of today is left as it is, whatever fonts it was taken with. ``--check`` makes none, needs no browser
and says which are not right.
"""

import argparse
import hashlib
import importlib.util
import io
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from course_utils.cli.chromium import find_chromium

ROOT = Path(__file__).parents[1]
WIDTH = 720  # pixels on the page
SCALE = 2  # picture pixels a page pixel
COLOURS = 64
WORDS = "Description"  # keywords of the words and of the fingerprint in the PNG
FINGERPRINT = "Source"
STATES = {
    "convolution-stepper": "s=2&step=1",
    "convolution-stepper.filters": "n=5&c=2&filters=2&b=1&input=random&kernel=random&step=4&b1=-2&kernel1=random",
    "optimizer-race": "step=30",
    "teach-it": "set=backgrounds&look=7&map=b",
    "xo": "step=8",
    "xo.map": "stage=map&step=48",
    "xo.relu": "stage=relu&step=1",
    "xo.pool": "stage=pool&step=0",
    "xo.again": "stage=again&step=0",
    "xo.vote": "stage=vote",
}  # what to show where the first state is not the most telling, and further pictures of a figure: its name, a dot, a word
PARTS = {
    "block-cost": ".course-compared",
    "teach-it": ".course-look",
}  # what to take of a figure that is too high for a picture
THEME = """
html { --pst-color-surface: #f3f4f5; --pst-color-text-base: #222832; --pst-color-text-muted: #48566b;
       --pst-color-border: #d1d5da; --pst-color-background: #fff; --pst-color-link: #085d6c; }
html[data-theme="dark"] { --pst-color-surface: #29313d; --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af;
       --pst-color-border: #48566b; --pst-color-background: #14181e; --pst-color-link: #3fb1c5; }
body { background: var(--pst-color-background); color: var(--pst-color-text-base); font: 16px/1.6 sans-serif; margin: 8px; }
a { color: var(--pst-color-link); }
figure { margin: 0; }
"""
# Lines that hold nothing but a comment, and how code is laid out, change no picture.
COMMENT = re.compile(r"^\s*(/\*(?:(?!\*/).)*\*/|//[^\n]*)\s*$", re.DOTALL | re.MULTILINE)


def load_extension():
    """The Sphinx extension, which knows the scripts of each figure."""
    spec = importlib.util.spec_from_file_location("interactive", ROOT / "book" / "_ext" / "interactive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXTENSION = load_extension()
PICTURES = EXTENSION.FOLDER / "pictures"
FIGURES = tuple(EXTENSION.SCRIPTS)
NAMES = tuple(dict.fromkeys((*FIGURES, *STATES)))


def bare_page(name: str, *, state: str = "", theme: str = "light", base: str | None = None) -> str:
    """A page of HTML with one figure and the theme's colours, without the book around it.

    Parameters
    ----------
    name : str
        Name of the figure.
    state : str
        Its state at first, such as ``"letter=O&step=12"``.
    theme : {"light", "dark"}
        Which colours.
    base : str, optional
        Address of the folder with the scripts, ending in a slash; the folder on disk unless given.
    """
    base = base or f"{EXTENSION.FOLDER.as_uri()}/"
    (loader,) = EXTENSION.LOADER
    return (
        f'<!doctype html>\n<html lang="en" data-theme="{theme}">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{THEME}</style>\n'
        f'<link rel="icon" href="data:,">\n<link rel="stylesheet" href="{base}{EXTENSION.STYLE}">\n'
        f'<script defer src="{base}{loader}.js"></script>\n</head>\n<body><main><h1>{name}</h1>\n<figure id="fig-{name}">\n'
        f'{EXTENSION.opening_tag(name, state)}<img alt="The figure {name}." src="data:,"></course-{name}>\n'
        "</figure></main></body>\n</html>\n"
    )


def fingerprint(name: str, folder: Path | None = None) -> str:
    """SHA-256 of what a picture is made from: the figure's scripts, the style, the state, the colours, the size."""
    folder = folder or EXTENSION.FOLDER
    figure = EXTENSION.figure_of(name)
    scripts = EXTENSION.SCRIPTS[figure] + EXTENSION.ON_REQUEST.get(figure, ())
    files = [folder / f"{script}.js" for script in scripts if script not in EXTENSION.MADE] + [folder / EXTENSION.STYLE]
    parts = ["".join(COMMENT.sub("", file.read_text(encoding="utf-8")).split()) for file in files]
    parts += [EXTENSION.versioned(script) for script in scripts if script in EXTENSION.MADE]
    return hashlib.sha256(repr([STATES.get(name, ""), THEME, WIDTH, SCALE, COLOURS, *parts]).encode()).hexdigest()


def lay_out(folder: Path) -> str:
    """Put what figures fetch into a folder, also what is made for the book; its address for pages in the folder's folder."""
    shutil.copytree(EXTENSION.FOLDER, folder, ignore=shutil.ignore_patterns("pictures"))
    for script in EXTENSION.MADE:
        EXTENSION.maker(script).ensure(folder / f"{script}.js")
    return f"{folder.name}/"


def wake(page) -> None:
    """Let the figure on playwright's page fetch what it fetches only on request, and wait until it has computed."""
    page.wait_for_selector(".course-figure.live")
    if page.locator(".course-figure[data-requests]").count():
        page.locator(".course-offer button").first.click()
        page.wait_for_selector(".course-figure[data-busy=no] .course-ready", timeout=120_000)


def words_of(page, name: str) -> str:
    """All the words on the picture of the figure on playwright's page."""
    selector = PARTS.get(EXTENSION.figure_of(name), ".course-frame")
    return " ".join(page.evaluate("selector => document.querySelector(selector).textContent", selector).split())


@contextmanager
def open_browser():
    """A function that draws a figure: its name → (picture as an array of shape (H, W, 3), the words on it)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield lambda name: draw(browser, name)
        browser.close()


def draw(browser, name: str) -> tuple[np.ndarray, str]:
    """Draw a figure in playwright's browser; see :func:`open_browser`."""
    viewport = {"width": WIDTH + 16, "height": 900}
    with (
        browser.new_context(viewport=viewport, device_scale_factor=SCALE, reduced_motion="reduce") as context,
        tempfile.TemporaryDirectory() as folder,
    ):
        page = context.new_page()
        file = Path(folder, f"{name}.html")
        base = lay_out(Path(folder, "interactive"))
        text = bare_page(EXTENSION.figure_of(name), state=STATES.get(name, ""), base=base)
        file.write_text(text, encoding="utf-8")
        page.goto(file.as_uri())
        wake(page)
        page.wait_for_timeout(200)
        content = page.locator(PARTS.get(EXTENSION.figure_of(name), ".course-frame")).screenshot()
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")), words_of(page, name)


def differs(path: Path, name: str) -> str | None:
    """Why the stored picture is not that of today's figure, or None."""
    if not path.is_file():
        return "is missing"
    with Image.open(path) as stored:
        if stored.info.get(FINGERPRINT) != fingerprint(name):
            return "was made from other scripts, style or state"
    return None


def write_picture(path: Path, name: str, picture: np.ndarray, words: str) -> None:
    """Store a picture with few colours, the words on it and the fingerprint of its figure."""
    notes = PngInfo()
    notes.add_itxt(WORDS, words)
    notes.add_text(FINGERPRINT, fingerprint(name))
    few = Image.fromarray(picture).quantize(COLOURS, dither=Image.Dither.NONE)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    few.save(temporary, "PNG", optimize=True, pnginfo=notes)
    temporary.replace(path)


def read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The options of the command line, checked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"pictures: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--check", action="store_true", help="make none, but say which are not right")
    parser.add_argument("--output", type=Path, default=PICTURES, help="folder of the pictures")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"no such picture: {', '.join(unknown)}")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Make or check the pictures; 1 if a check found a picture that is not right."""
    options = read_arguments(arguments)
    paths = {name: options.output / f"{name}.png" for name in options.names or NAMES}
    findings = {name: differs(path, name) for name, path in paths.items()}
    wrong = [name for name, finding in findings.items() if finding]
    if wrong and not options.check:
        with open_browser() as draw_figure:
            for name in wrong:
                write_picture(paths[name], name, *draw_figure(name))
                findings[name] += ", made"
    for name, path in paths.items():
        print(f"{path.name}: {findings[name] or 'right'}")
    return int(options.check and bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
