"""Figures of the first lesson: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.start_here import figures

PICTURE = np.arange(28 * 28).reshape(28, 28, 1) % 256
CALLS = {
    "pixels": {"picture": PICTURE, "corner": (6, 12), "size": (8, 10)},
    "ruled": {"picture": PICTURE},
    "by_shift": {"shifts": [0, 6], "accuracies": {"in the middle": [0.9, 0.5]}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_numbers_are_those_of_the_outlined_piece():
    whole, piece = figures.pixels(PICTURE, (6, 12), (2, 3))
    (frame,) = whole.patches
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (11.5, 5.5, 3, 2)
    written = {(text.get_position()[::-1]): text.get_text() for text in piece.texts}
    assert written == {(i, j): str(((6 + i) * 28 + 12 + j) % 256) for i in range(2) for j in range(3)}
    np.testing.assert_array_equal(whole.images[0].get_array(), PICTURE[..., 0])


def test_rows_are_counted_from_zero_downwards():
    ax = figures.ruled(PICTURE)
    assert ax.get_yticks().tolist() == ax.get_xticks().tolist() == [0, 4, 8, 12, 16, 20, 24]
    assert ax.yaxis_inverted()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("column", "row")


def test_each_network_has_a_curve_in_percent():
    ax = figures.by_shift([0, 3], {"one": [1, 0.5], "other": [0.25, 0]})
    assert [line.get_label() for line in ax.lines] == ["one", "other"]
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines], [[100, 50], [25, 0]])
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [0, 3])
    assert len({line.get_marker() for line in ax.lines}) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.pixels(PICTURE, (25, 0), (4, 4)), r"4 rows and 4 columns from \(25, 0\)"),
        (lambda: figures.pixels(PICTURE, (-1, 0), (4, 4)), "corner"),
        (lambda: figures.pixels(PICTURE[None], (0, 0), (4, 4)), "picture"),
        (lambda: figures.ruled(PICTURE - 1), "picture"),
        (lambda: figures.by_shift([0, 1], {"a": [0.5]}), r"accuracies\['a'\] has shape \(1,\)"),
        (lambda: figures.by_shift([0], {"a": [50]}), "from 0 to 1"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.pixels(PICTURE, (6, 12), (8, 10))
    figures.ruled(PICTURE)
    figures.by_shift(range(7), {"examples in the middle": [1] * 7, "examples moved by up to 6": [1] * 7})
    for number in plt.get_fignums():
        readable(plt.figure(number))
