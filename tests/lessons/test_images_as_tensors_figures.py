"""Figures of the lesson on images as tensors: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.images_as_tensors import figures

CALLS = {
    "side_by_side": {"pictures": {"grey": np.zeros((3, 4), np.uint8)}, "columns": 2},
    "value_scales": {"scales": {"standardised": np.arange(5.0)}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_side_by_side_shows_each_picture_as_it_is():
    wide, tall = np.full((4, 9, 3), 7, np.uint8), np.arange(12, dtype=np.uint8).reshape(6, 2)
    axes = figures.side_by_side({"wide": wide, "tall": tall})
    assert [ax.get_title() for ax in axes] == ["wide", "tall"]
    np.testing.assert_array_equal(axes[0].images[0].get_array(), wide)
    np.testing.assert_array_equal(axes[1].images[0].get_array(), tall)
    assert axes[1].images[0].get_clim() == (0, 255)
    assert all(ax.get_aspect() == 1 for ax in axes)  # pixels are square


def test_value_scales_shows_shares_over_the_whole_range():
    axes = figures.value_scales({"one": np.array([0.0, 0.0, 1.0, 1.0]), "two": np.array([[-3.0], [5.0]])})
    assert [ax.get_title() for ax in axes] == ["one", "two"]
    for ax, ends in zip(axes, ((0, 1), (-3, 5)), strict=True):
        bars = ax.patches
        assert (bars[0].get_x(), bars[-1].get_x() + bars[-1].get_width()) == pytest.approx(ends)
        assert sum(bar.get_height() for bar in bars) == pytest.approx(100)
        assert [bars[0].get_height(), bars[-1].get_height()] == pytest.approx([50, 50])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.side_by_side({"a": np.zeros((2, 2))}), r"pictures\['a'\] has dtype float64; expected uint8"),
        (lambda: figures.side_by_side({"b": np.zeros((2, 2, 4), np.uint8)}), r"pictures\['b'\] has shape \(2, 2, 4\)"),
        (lambda: figures.value_scales({"c": np.array([])}), r"scales\['c'\]"),
        (lambda: figures.value_scales({"d": np.array([np.nan])}), r"scales\['d'\] holds 1 of 1 entries that are NaN"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.side_by_side({"size (150, 300)": np.zeros((3, 4), np.uint8), "as it should be": np.zeros((9, 3), np.uint8)})
    figures.value_scales({"standardised": np.arange(5.0)})
    for number in plt.get_fignums():
        readable(plt.figure(number))
