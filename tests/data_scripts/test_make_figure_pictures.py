"""The pictures that stand for the interactive figures are made from today's figures."""

import contextlib
import re
import shutil

import numpy as np
import pytest
import scripts
from PIL import Image


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_figure_pictures.py")


@pytest.fixture
def figures(script, tmp_path):
    """A copy of the figures' scripts and style, which may be changed."""
    folder = tmp_path / "interactive"
    shutil.copytree(script.EXTENSION.FOLDER, folder, ignore=shutil.ignore_patterns("pictures"))
    return folder


def change(file, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_there_is_a_picture_for_every_figure_and_no_other(script):
    assert set(script.FIGURES) <= set(script.NAMES)
    assert {path.stem for path in script.PICTURES.iterdir()} == set(script.NAMES)
    assert all(path.stat().st_size < 100_000 for path in script.PICTURES.iterdir())


def test_a_further_picture_shows_the_state_that_its_page_opens_with(script):
    pattern = re.compile(r"interactive/pictures/([\w-]+\.\w+)\.png#([^ )\"]+)")
    files = sorted(path for end in ("ipynb", "md") for path in (script.ROOT / "book").glob(f"*/*.{end}"))
    found = [match for path in files for match in pattern.findall(path.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted((name, script.STATES[name]) for name in script.NAMES if "." in name)


def test_pictures_are_current(script, capsys):
    """That they show today's words too is tested where the figures are open: ``tests/interactive/test_frame.py``."""
    code = script.main(["--check"])
    printed = capsys.readouterr().out
    assert code == 0, f"run: python data_scripts/make_figure_pictures.py\n{printed}"
    assert printed.count(": right") == len(script.NAMES)


def test_a_picture_that_is_not_right_is_named_and_made_anew(script, browser_with, tmp_path, monkeypatch, capsys):
    draw = lambda name: script.draw(browser_with(None), name)  # noqa: E731
    monkeypatch.setattr(script, "open_browser", lambda: contextlib.nullcontext(draw))
    options = ["xo", "pooling", "--output", str(tmp_path)]
    shutil.copyfile(script.PICTURES / "xo.png", tmp_path / "pooling.png")
    assert script.main([*options, "--check"]) == 1
    found = ["xo.png: is missing", "pooling.png: was made from other scripts, style or state"]
    assert capsys.readouterr().out.splitlines() == found
    assert script.main(options) == 0
    assert capsys.readouterr().out.splitlines() == [f"{line}, made" for line in found]
    assert script.main([*options, "--check"]) == 0
    with Image.open(tmp_path / "pooling.png") as picture:
        assert picture.width == script.WIDTH * script.SCALE
        assert "Pooled" in picture.info[script.WORDS]
        assert len(np.unique(np.asarray(picture.convert("L")))) > 10  # not an empty page


def test_right_pictures_need_no_browser(script, monkeypatch):
    monkeypatch.setattr(script, "open_browser", lambda: pytest.fail("a browser was opened"))
    assert script.main([]) == 0


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("xo.js", "2 Feature map", "2 Map of features"),
        ("core.js", "Math.max(value, 0)", "Math.max(value, 1)"),
        ("figures.css", "#f1a340", "#f1a341"),
    ],
)
def test_another_script_or_style_makes_a_picture_old(script, figures, file, old, new):
    before = script.fingerprint("xo", figures)
    change(figures / file, old, new)
    assert script.fingerprint("xo", figures) != before


def test_another_state_makes_only_its_picture_old(script, monkeypatch):
    before = {name: script.fingerprint(name) for name in script.NAMES}
    monkeypatch.setitem(script.STATES, "xo", "step=9")
    assert {name for name in script.NAMES if script.fingerprint(name) != before[name]} == {"xo"}


def test_comments_layout_and_other_figures_leave_a_picture_as_it_is(script, figures):
    before = script.fingerprint("xo", figures)
    change(figures / "pooling.js", "Math.max", "Math.min")
    change(figures / "core.js", "/* The mathematics of the figures", "/* Another beginning")
    change(figures / "core.js", '  "use strict";\n', '      "use strict";\n\n')
    assert script.fingerprint("xo", figures) == before


def test_code_between_comments_counts(script, figures):
    """A comment ends where it ends, and does not swallow what lies between it and the next."""
    style = figures / "figures.css"
    style.write_text("/* one */\na { color: red; }\n/* two */\n", encoding="utf-8")
    before = script.fingerprint("xo", figures)
    change(style, "red", "blue")
    assert script.fingerprint("xo", figures) != before


def test_an_unknown_figure_is_refused(script, capsys):
    with pytest.raises(SystemExit):
        script.main(["crystal-ball"])
    assert "no such picture: crystal-ball" in capsys.readouterr().err
