"""The pictures that stand for the interactive figures are those of today's figures."""

import shutil

import numpy as np
import pytest
import scripts


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_figure_pictures.py")


def test_there_is_a_picture_for_every_figure_and_no_other(script):
    assert {path.stem for path in script.PICTURES.iterdir()} == set(script.NAMES)
    assert all(path.stat().st_size < 100_000 for path in script.PICTURES.iterdir())


@pytest.mark.usefixtures("chromium")
def test_pictures_are_current(script, capsys):
    code = script.main(["--check"])
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert printed.count(": right") == len(script.NAMES)


@pytest.mark.usefixtures("chromium")
def test_a_picture_that_is_not_right_is_named_and_made_anew(script, tmp_path, capsys):
    options = ["xo", "pooling", "--output", str(tmp_path)]
    shutil.copyfile(script.PICTURES / "xo.png", tmp_path / "pooling.png")
    assert script.main([*options, "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == ["xo.png: is missing", "pooling.png: shows other words"]
    assert script.main(options) == 0
    assert script.main([*options, "--check"]) == 0


def test_what_looks_different_is_noticed(script, tmp_path):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, size=(480, 960, 3)).astype(np.uint8)
    path = tmp_path / "figure.png"
    script.write_picture(path, picture, "words")
    assert script.differs(path, picture, "words") is None
    assert script.differs(path, picture, "other words") == "shows other words"
    assert script.differs(path, picture[:240], "words") == "has another size"
    dark = picture.copy()
    dark[:48, :48] = 0
    assert script.differs(path, dark, "words") == "looks different"


def test_an_unknown_figure_is_refused(script, capsys):
    with pytest.raises(SystemExit):
        script.main(["crystal-ball"])
    assert "no such figure: crystal-ball" in capsys.readouterr().err
