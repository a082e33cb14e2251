"""Figures of the lesson on normalisation and dropout: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.normalization_and_dropout import figures

CALLS = {
    "spread_by_layer": {"panels": {"a": {"half": [1.0, 0.5], "twice": [1.0, 2.0]}}},
    "accuracy_by_rate": {"rates": [0.1, 1.0], "accuracies": {"a": np.array([[0.5, 0.7], [0.6, 0.9]])}},
    "normalised_values": {"values": {"a": np.array([-1.0, 1.0])}},
    "by_heart": {"curves": {"a": np.array([[0.1, 0.5], [0.2, 0.6]])}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_spreads_are_drawn_panel_by_panel():
    axes = figures.spread_by_layer({"a": {"half": [1, 0.5, 0.25]}, "b": {"half": [1, 1, 1]}})
    assert [ax.get_title() for ax in axes] == ["a", "b"]
    np.testing.assert_array_equal(axes[0].lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(axes[0].lines[0].get_ydata(), [1, 0.5, 0.25])
    assert axes[0].get_yscale() == "log"


def test_a_line_is_the_mean_over_seeds_and_each_seed_is_seen():
    ax = figures.accuracy_by_rate([0.1, 1], {"a": np.array([[0.5, 0.7], [0.6, 0.9]])})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [55, 80])
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines[1:]], [[50, 70], [60, 90]])
    assert ax.get_xscale() == "log"


def test_a_histogram_stands_where_the_numbers_are_and_outside_at_the_edge():
    (ax,) = figures.normalised_values({"a": np.array([-1, 1, 1, 99])})
    heights, edges, _ = ax.patches[0].get_data()
    filled = {round((edges[n] + edges[n + 1]) / 2, 1): height for n, height in enumerate(heights) if height}
    assert filled == {-1.0: 25, 1.0: 50, 4.0: 25}


def test_curves_by_epoch():
    axes = figures.by_heart({"a": np.array([[0.1, 0.5], [0.2, 0.6]])})
    np.testing.assert_allclose(axes[0].lines[0].get_ydata(), [10, 20])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [50, 60])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.spread_by_layer({"a": {"b": [1, 0]}}), "a logarithmic axis needs positive"),
        (lambda: figures.spread_by_layer({"a": {"b": [1, 1], "c": [1]}}), "expected one shape"),
        (lambda: figures.accuracy_by_rate([0.1, 1], {"a": np.ones((3, 3))}), r"shape \(3, 3\); expected \(seeds, 2\)"),
        (lambda: figures.accuracy_by_rate([0.1], {"a": np.full((3, 1), 90)}), "divide percentages by 100"),
        (lambda: figures.normalised_values({"a": np.array([])}), r"values\['a'\]"),
        (lambda: figures.by_heart({"a": np.ones((4, 3))}), r"shape \(4, 3\); expected \(epochs, 2\)"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    lines = {f"weights × {scale}": [scale] * 6 for scale in (0.5, 1, 2)}
    figures.spread_by_layer({"as they come": lines, "normalised": lines})
    figures.accuracy_by_rate([0.03, 1], {"batch normalisation": np.ones((3, 2))})
    figures.normalised_values({f"batches of {size}": np.ones(3) for size in (2, 8, 32)})
    figures.by_heart({"without": np.ones((24, 2))})
    for number in plt.get_fignums():
        readable(plt.figure(number))
