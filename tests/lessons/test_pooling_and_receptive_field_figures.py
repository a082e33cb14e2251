"""Figures of the lesson on pooling: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.pooling_and_receptive_field import figures

CALLS = {
    "windows": {"x": np.ones((5, 4)), "pooled": {"maxima": np.ones((2, 2)), "means": np.zeros((2, 2))}, "pool_size": 2},
    "shift_response": {"pixels": np.arange(2), "changed": {"max": np.full((2, 4), 0.25), "none": np.full((2, 4), 0.5)}},
    "gradient_map": {"sizes": np.ones((6, 5)), "box": [1, 4, 0, 3]},
    "growing": {"picture": np.zeros((8, 8), np.uint8), "fields": {"one": [2, 4], "two": [-1, 8]}, "title": "a network"},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_each_whole_window_is_outlined_once():
    axes = figures.windows(**CALLS["windows"])
    corners = sorted((patch.get_y() + 0.5, patch.get_x() + 0.5) for patch in axes[0].patches)
    assert corners == [(0, 0), (0, 2), (2, 0), (2, 2)]
    assert [ax.get_title() for ax in axes[1:]] == ["maxima", "means"]
    readable(plt.gcf())


def test_a_curve_is_the_mean_over_the_directions_in_percent():
    changed = {"max": [[0, 0.2], [0.4, 0.8]], "none": [[0.1, 0.1], [1, 1]]}
    ax = figures.shift_response([1, 2], changed)
    assert [line.get_label() for line in ax.lines] == ["max", "none"]
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines], [[10, 60], [10, 100]])
    readable(plt.gcf())


def test_the_field_and_its_middle_quarter_are_outlined():
    ax = figures.gradient_map(np.ones((28, 28)), [4, 23, 2, 21])
    outlines = [(one.get_x(), one.get_y(), one.get_width(), one.get_height()) for one in ax.patches]
    assert outlines == [(1.5, 3.5, 20, 20), (6.5, 8.5, 10, 10)]
    readable(plt.gcf())


def test_each_field_is_a_square_with_its_side():
    ax = figures.growing(**CALLS["growing"])
    coloured = [one for one in ax.patches if one.get_label()]
    assert [one.get_label() for one in coloured] == ["one: 3", "two: 10"]
    assert [(one.get_x(), one.get_y(), one.get_width(), one.get_height()) for one in coloured] == [
        (1.5, 1.5, 3, 3),
        (-1.5, -1.5, 10, 10),
    ]
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("windows", {"pool_size": 5}, "pool_size=5: no window fits into x of shape"),
        ("windows", {"pooled": {"maxima": np.ones((3, 2))}}, "at most two maps of shape"),
        ("windows", {"pooled": dict.fromkeys("abc", np.ones((2, 2)))}, "at most two maps of shape"),
        ("shift_response", {"changed": {"max": np.full((3, 4), 0.5)}}, "changed"),
        ("shift_response", {"changed": {"max": np.full((2, 4), 50)}}, "divide percentages by 100"),
        ("gradient_map", {"box": [1, 6, 0, 3]}, "box: expected rows and columns of a picture of shape"),
        ("gradient_map", {"box": [1, 2.5, 0, 3]}, "box: expected rows and columns"),
        ("growing", {"fields": {"one": [4, 2]}}, "the last row, 2, comes before the first, 4"),
        ("growing", {"picture": np.zeros((8, 8))}, "uint8"),
    ],
)
def test_errors_say_what_is_accepted(name, wrong, message):
    with pytest.raises(ValueError, match=message):
        getattr(figures, name)(**(CALLS[name] | wrong))
