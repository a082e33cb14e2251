"""Figures of the lesson on channels and filters: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.channels_and_filters import figures

CALLS = {
    "channel_step": {"x": np.ones((4, 4, 2)), "w": np.ones((3, 3, 2)), "row": 1, "column": 0},
    "digits_under_filters": {
        "digits": np.ones((2, 7, 7, 1)),
        "w": np.ones((3, 3, 1, 2)),
        "maps": np.ones((2, 5, 5, 2)),
        "title": "two filters",
    },
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_a_step_shows_the_sum_of_each_channel():
    x = np.arange(32).reshape(4, 4, 2)
    w = np.ones((3, 3, 2))
    axes = figures.channel_step(x, w, row=1, column=0)
    assert [ax.get_title() for ax in axes[:, 2]] == [f"sum {x[1:4, 0:3, c].sum()}" for c in range(2)]
    assert [text.get_text() for text in axes[1, 0].texts[:3]] == ["1", "3", "5"]
    readable(plt.gcf())


def test_each_map_stands_where_its_digit_and_filter_meet():
    digits = np.zeros((2, 7, 7, 1))
    digits[:, 3, 3] = 1
    maps = np.zeros((2, 5, 5, 3))
    maps[1, 2, 2, 0] = 1
    maps[0, 0, 0, 2] = -1
    w = np.zeros((3, 3, 1, 3))
    ax = figures.digits_under_filters(digits, w, maps, title="three filters")
    sheet = np.asarray(ax.images[0].get_array())
    assert sheet.shape == (4 * 7, 3 * 7, 3)
    assert sheet[3, 1 * 7 + 3].tolist() == [1, 1, 1]  # the ink of the first digit
    red, _, blue = sheet[1 * 7 + 3, 2 * 7 + 3]
    assert red > blue  # a positive answer is orange
    red, _, blue = sheet[3 * 7 + 1, 1 * 7 + 1]
    assert red < blue  # a negative one is purple
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.channel_step(np.ones((4, 4, 2)), np.ones((3, 3, 3)), 0, 0), "2 channels, the filter 3"),
        (
            lambda: figures.channel_step(np.ones((4, 4, 2)), np.ones((3, 3, 2)), 2, 0),
            "row=2, column=0: the window leaves",
        ),
        (
            lambda: figures.digits_under_filters(
                np.ones((2, 7, 7, 1)), np.ones((3, 3, 1, 2)), np.ones((2, 7, 7, 2)), title=""
            ),
            "maps",
        ),
        (
            lambda: figures.digits_under_filters(
                np.ones((2, 7, 7, 1)), np.ones((5, 5, 1, 2)), np.ones((2, 3, 3, 2)), title=""
            ),
            "w has filters of 5 x 5; beside maps of 3 x 3 there is no room",
        ),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
