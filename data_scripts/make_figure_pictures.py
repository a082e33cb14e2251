"""Make the pictures that stand for the interactive figures where there is no JavaScript, on paper and in notebooks.

    python data_scripts/make_figure_pictures.py [NAME …] [--check]

Each figure of ``book/interactive`` is opened in Chromium on a page of its own and its picture taken; the words that it
showed are kept in the PNG. Pictures that are still right are left as they are. ``--check`` makes none and says which are
not right: a picture is right if the figure shows the same words and looks alike. "Alike" allows for other fonts.
"""

import argparse
import importlib.util
import io
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

ROOT = Path(__file__).parents[1]
WIDTH = 720  # pixels on the page
SCALE = 2  # picture pixels a page pixel
WORDS = "Description"  # keyword of the words in the PNG
BLOCK = 24  # pictures are compared by the means of blocks of this many page pixels
LARGEST = 0.12  # difference of a block, as a share of the range
STATES = {
    "convolution-stepper": "s=2&step=1",
    "xo": "step=8",
}  # what to show where the first state is not the most telling
THEME = """
html { --pst-color-surface: #f3f4f5; --pst-color-text-base: #222832; --pst-color-text-muted: #48566b;
       --pst-color-border: #d1d5da; --pst-color-background: #fff; --pst-color-link: #085d6c; }
html[data-theme="dark"] { --pst-color-surface: #29313d; --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af;
       --pst-color-border: #48566b; --pst-color-background: #14181e; --pst-color-link: #3fb1c5; }
body { background: var(--pst-color-background); color: var(--pst-color-text-base); font: 16px/1.6 sans-serif; margin: 8px; }
a { color: var(--pst-color-link); }
figure { margin: 0; }
"""


def load_extension():
    """The Sphinx extension, which knows the scripts of each figure."""
    spec = importlib.util.spec_from_file_location("interactive", ROOT / "book" / "_ext" / "interactive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXTENSION = load_extension()
PICTURES = EXTENSION.FOLDER / "pictures"
NAMES = tuple(name for name in EXTENSION.SCRIPTS if name != "quiz")


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
    scripts = "".join(f'<script defer src="{base}{script}.js"></script>\n' for script in EXTENSION.SCRIPTS[name])
    return (
        f'<!doctype html>\n<html lang="en" data-theme="{theme}">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{THEME}</style>\n'
        f'<link rel="icon" href="data:,">\n<link rel="stylesheet" href="{base}{EXTENSION.STYLE}">\n{scripts}</head>\n'
        f'<body><main><h1>{name}</h1>\n<figure id="fig-{name}">\n<course-{name} class="course-figure" '
        f'state="{state.replace("&", "&amp;")}"><img alt="The figure {name}." src="data:,"></course-{name}>\n'
        "</figure></main></body>\n</html>\n"
    )


@contextmanager
def open_browser():
    """A function that draws a figure: its name → (picture as an array of shape (H, W, 3), the words on it)."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise FileNotFoundError("Chromium is missing; install it (Debian, Ubuntu: sudo apt install chromium)")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(
            viewport={"width": WIDTH + 16, "height": 900}, device_scale_factor=SCALE, reduced_motion="reduce"
        )

        def draw(name: str) -> tuple[np.ndarray, str]:
            file = Path(folder, f"{name}.html")
            file.write_text(bare_page(name, state=STATES.get(name, "")), encoding="utf-8")
            page.goto(file.as_uri())
            page.wait_for_selector(".course-figure.live")
            page.wait_for_timeout(200)
            words = " ".join(page.evaluate("() => document.querySelector('.course-frame').textContent").split())
            content = page.locator(".course-frame").screenshot()
            return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")), words

        yield draw
        browser.close()


def blocks(picture: np.ndarray) -> np.ndarray:
    """Means of square blocks of a picture, 0 … 1."""
    side = BLOCK * SCALE
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    cut = picture[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    return cut.mean(axis=(1, 3)) / 255


def differs(path: Path, picture: np.ndarray, words: str) -> str | None:
    """How the stored picture differs from what the figure shows now, or None."""
    if not path.is_file():
        return "is missing"
    with Image.open(path) as stored:
        if stored.info.get(WORDS) != words:
            return "shows other words"
        old = blocks(np.asarray(stored.convert("RGB")))
    new = blocks(picture)
    if any(abs(a - b) > 2 for a, b in zip(old.shape, new.shape, strict=True)):
        return "has another size"
    rows, columns = (min(a, b) for a, b in zip(old.shape[:2], new.shape[:2], strict=True))
    if np.abs(old[:rows, :columns] - new[:rows, :columns]).max() > LARGEST:
        return "looks different"
    return None


def write_picture(path: Path, picture: np.ndarray, words: str) -> None:
    """Store a picture with few colours, and the words on it."""
    note = PngInfo()
    note.add_itxt(WORDS, words)
    few = Image.fromarray(picture).quantize(64, dither=Image.Dither.NONE)
    temporary = path.with_suffix(".tmp")
    few.save(temporary, "PNG", optimize=True, pnginfo=note)
    temporary.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Make or check the pictures; 1 if a check found a picture that is not right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"figures: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--check", action="store_true", help="make none, but say which are not right")
    parser.add_argument("--output", type=Path, default=PICTURES, help="folder of the pictures")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"no such figure: {', '.join(unknown)}")
    wrong = 0
    with open_browser() as draw:
        for name in options.names or NAMES:
            picture, words = draw(name)
            path = options.output / f"{name}.png"
            finding = differs(path, picture, words)
            wrong += finding is not None
            if finding and not options.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_picture(path, picture, words)
            print(f"{path.name}: {'right' if finding is None else finding if options.check else finding + ', made'}")
    return int(options.check and wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
