"""Figures of the lesson on one's own digit: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.your_own_digit import figures

PICTURE = np.arange(48, dtype=np.uint8).reshape(6, 8)

CALLS = {
    "panels": {"pictures": {"one": PICTURE, "two": PICTURE.T}, "columns": 2},
    "worth": {"shares": {"all steps": 0.9, "without one": 0.25}, "whole": 1},
    "reading": {
        "page": np.zeros((60, 80, 3), np.uint8),
        "boxes": np.array([[5.0, 6.0, 10.0, 20.0], [30.0, 8.0, 12.0, 20.0]]),
        "answers": np.array([7, 2]),
    },
    "by_gap": {"gaps": [0.5, 2.5], "shares": {"found": np.array([0.25, 1.0])}},
    "remedies": {"before": {"noise": 0.5, "blot": 0.25}, "after": {"noise": 0.75, "blot": 1.0}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_panels_show_each_picture_under_its_name():
    axes = figures.panels(**CALLS["panels"])
    assert [ax.get_title() for ax in axes] == ["one", "two"]
    np.testing.assert_array_equal(axes[1].images[0].get_array(), PICTURE.T)
    readable(plt.gcf())


def test_bars_are_as_long_as_their_shares():
    ax = figures.worth(**CALLS["worth"])
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [90, 25])
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert [text.get_text() for text in ax.texts] == ["90.0", "25.0"]
    readable(plt.gcf())


def test_boxes_lie_around_the_digits_and_are_joined_in_order():
    ax = figures.reading(**CALLS["reading"])
    assert [patch.get_xy() for patch in ax.patches] == [(4, 5), (29, 7)]
    assert [text.get_text() for text in ax.texts] == ["7", "2"]
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[10, 16], [36, 18]])
    readable(plt.gcf())


def test_lines_and_points_are_the_shares():
    ax = figures.by_gap(**CALLS["by_gap"])
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0.5, 25], [2.5, 100]])
    readable(plt.gcf())
    ax = figures.remedies(**CALLS["remedies"])
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[50, 0], [25, 1]])
    np.testing.assert_allclose(ax.lines[1].get_xdata(), [75, 100])
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.panels({"a": PICTURE.astype(float)}), "dtype float64; expected uint8"),
        (lambda: figures.worth({"a": 90}), "divide a percentage by 100"),
        (lambda: figures.worth({"a": 0.9}, whole=2), "whole"),
        (lambda: figures.reading(**CALLS["reading"] | {"answers": [1]}), r"answers has shape \(1,\); expected \(2,\)"),
        (lambda: figures.by_gap([1], {"a": [0.5, 0.5]}), r"shape \(2,\); expected \(1,\)"),
        (lambda: figures.remedies({"a": 0.5}, {"b": 0.5}), "after has the names"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
