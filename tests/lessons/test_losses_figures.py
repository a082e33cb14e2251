"""Figures of the lesson on losses: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.losses import figures

CALLS = {
    "with_minimum": {"x": [0.0, 1.0, 2.0], "panels": {"MSE": {"without": [2.0, 1.0, 3.0]}}, "label": "constant"},
    "of_a_yes": {"logits": [-1.0, 1.0], "curves": {"cross-entropy": ([1.3, 0.3], [-0.7, -0.3])}},
    "right_by_rate": {"rates": [0.1, 1.0], "shares": {"MSE": np.array([[0.5, 0.6], [0.7, 0.8]])}},
    "rare_class": {"recalls": {"as it is": [0.1, 0.2]}, "alarms": {"as it is": [0.0, 0.01]}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_the_minimum_is_marked_unless_it_lies_at_an_end():
    (ax,) = figures.with_minimum([0, 1, 2], {"MSE": {"a": [3, 1, 2], "b": [3, 2, 1]}}, label="constant")
    a, marker, b = ax.lines
    np.testing.assert_array_equal(a.get_ydata(), [3, 1, 2])
    np.testing.assert_array_equal(b.get_ydata(), [3, 2, 1])
    assert (marker.get_xdata(), marker.get_ydata()) == ([1], [1])
    assert not marker.get_clip_on()  # whole even where the loss is 0


def test_losses_and_slopes_have_a_panel_each():
    axes = figures.of_a_yes([-1, 1], {"cross-entropy": ([1.3, 0.3], [-0.7, -0.3])})
    for ax, values in zip(axes, ([1.3, 0.3], [-0.7, -0.3]), strict=True):
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), values)


def test_lines_are_means_and_rings_are_seeds():
    ax = figures.right_by_rate([0.1, 1], {"MSE": np.array([[0.5, 0.6], [0.7, 0.8]])})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [60, 70])
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines[1:]], [[50, 60], [70, 80]])
    assert ax.get_xscale() == "log"


def test_recall_stands_above_false_alarms():
    found, alarms = figures.rare_class({"a": [0.1, 0.3]}, {"a": [0.0, 0.02]})
    np.testing.assert_allclose(found.lines[2].get_xdata(), [10, 30])
    np.testing.assert_allclose(alarms.lines[2].get_xdata(), [0, 2])
    assert "recall" in found.get_xlabel()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.with_minimum([0, 0], {"a": {"b": [1, 2]}}, label="c"), "x has to ascend"),
        (lambda: figures.with_minimum([0, 1], {"a": {"b": [1]}}, label="c"), r"shape \(1,\); expected \(2,\)"),
        (lambda: figures.of_a_yes([1], {"a": ([1], [1])}), "logits has to ascend"),
        (lambda: figures.of_a_yes([0, 1], {"a": ([1, 1], [1])}), r"shape \(1,\); expected \(2,\)"),
        (lambda: figures.right_by_rate([0.1], {"a": np.full((2, 1), 90)}), "divide percentages by 100"),
        (lambda: figures.rare_class({"a": [0.1]}, {"b": [0.1]}), "expected the same remedies"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    lines = {"without": [3, 1, 2], "with a typing error": [3, 2, 1]}
    figures.with_minimum([0, 1, 2], {"MSE": lines, "MAE": lines}, label="constant")
    figures.of_a_yes([-1, 1], {"cross-entropy": ([1, 0], [-1, 0])})
    figures.right_by_rate([0.03, 3], {"cross-entropy": np.ones((3, 2))})
    figures.rare_class({"undersampling": [0.5]}, {"undersampling": [0.1]})
    for number in plt.get_fignums():
        readable(plt.figure(number))
