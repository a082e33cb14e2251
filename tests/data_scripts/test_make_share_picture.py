"""The picture that is shown with a link to the book is the one that its script makes."""

import numpy as np
import pytest
import scripts
from PIL import Image

from course_utils.datasets import load_mnist


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_share_picture.py")


def test_the_stored_picture_is_right_and_light(script, capsys):
    assert script.main(["--check"]) == 0
    assert capsys.readouterr().out == "share.png: right\n"
    assert script.PICTURE.stat().st_size <= 100_000


def test_another_picture_is_told_and_made_anew(script, tmp_path, capsys):
    path = tmp_path / "share.png"
    assert script.main(["--check"], path) == 1
    Image.new("RGB", (10, 10)).save(path)
    assert script.main(["--check"], path) == 1
    Image.new("RGB", (script.WIDTH, script.HEIGHT), "white").save(path)
    assert script.main([], path) == 0
    assert script.main(["--check"], path) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["share.png: is missing", "share.png: is 10 by 10"]
    assert said[2].startswith("share.png: is another one: ")
    assert said[2].endswith(", made")
    assert said[3] == "share.png: right"


def test_the_maps_are_computed_from_the_digit(script):
    digit = load_mnist().x_train[script.DIGIT].reshape(28, 28)
    maps, pooled = script.feature_maps(digit)
    assert (maps.shape, pooled.shape) == ((26, 26, 4), (13, 13, 4))
    for k, kernel in enumerate(script.KERNELS):
        window = digit[10:13, 12:15] / 255
        assert maps[10, 12, k] == pytest.approx(max(0.0, float((window * kernel).sum())))
        assert pooled[5, 6, k] == maps[10:12, 12:14, k].max()
    assert np.all(script.KERNELS.sum(axis=(1, 2)) == 0)  # nothing is found where all pixels are alike
