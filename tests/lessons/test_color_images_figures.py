"""Figures of the lesson on colour pictures: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.color_images import figures

SMALL = np.arange(8 * 8 * 3).reshape(8, 8, 3).astype(np.uint8)
CALLS = {
    "accuracy_by_size": {"sizes": [32, 96], "accuracies": {"patches": [0.5, 0.75]}},
    "field_of_one_unit": {"pictures": {"small": SMALL}, "field": 4},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_accuracy_stands_above_its_size():
    ax = figures.accuracy_by_size([32, 96], {"patches": [0.5, 0.75], "CIFAR-10": [0.25, 0.5]})
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [32, 96])
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines], [[50, 75], [25, 50]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["patches", "CIFAR-10"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["32", "96"]
    readable(plt.gcf())


def test_the_window_is_as_large_in_pixels_and_in_the_middle():
    axes = figures.field_of_one_unit({"small": SMALL, "large": np.zeros((40, 60, 3), np.uint8)}, 4)
    for ax, (x, y) in zip(axes, [(1.5, 1.5), (27.5, 17.5)], strict=True):
        for patch in ax.patches:
            assert (*patch.get_xy(), patch.get_width(), patch.get_height()) == (x, y, 4, 4)
    np.testing.assert_array_equal(axes[0].images[0].get_array(), SMALL)
    assert [ax.get_title() for ax in axes] == ["small", "large"]
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.accuracy_by_size([32], {"a": [0.5, 0.6]}), r"accuracies\['a'\] has shape \(2,\)"),
        (lambda: figures.accuracy_by_size([32], {"a": [50]}), "expected shares from 0 to 1"),
        (lambda: figures.accuracy_by_size([0], {"a": [0.5]}), "a logarithmic axis needs positive numbers"),
        (lambda: figures.field_of_one_unit({"a": SMALL / 255}, 4), "expected uint8"),
        (lambda: figures.field_of_one_unit({"a": SMALL}, 9), "field=9"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
