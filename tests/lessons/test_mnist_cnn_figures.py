"""Figures of the MNIST lesson: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.mnist_cnn import figures

CALLS = {
    "race": {"recipes": {"classic": ([1.0, 2.0], [[0.9, 0.92], [0.98, 0.96]])}},
    "confidence_histograms": {"confidence": np.array([0.9, 0.4]), "right": np.array([True, False])},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_race_draws_mean_error():
    ax = figures.race({"classic": ([1, 2], [[0.9, 0.92], [0.98, 0.96]])})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [9, 3])
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_histograms_count_right_and_wrong_answers():
    axes = figures.confidence_histograms(np.array([0.9, 0.91, 0.4]), np.array([True, True, False]))
    assert [ax.get_title() for ax in axes] == ["2 right answers", "1 wrong answers"]
    heights = [[bar.get_height() for bar in ax.patches] for ax in axes]
    assert [sum(each) for each in heights] == [2, 1]
    assert heights[0][36] == 2  # 0.9 … 0.925
    assert heights[1][16] == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: figures.race({"a": ([1], [[0.5], [0.6]])}),
            r"recipes\['a'\]\[1\] has shape \(2, 1\); expected \(1, seeds\)",
        ),
        (
            lambda: figures.confidence_histograms(np.zeros(3), np.zeros(2, bool)),
            r"right has shape \(2,\); expected \(3,\)",
        ),
        (
            lambda: figures.confidence_histograms(np.array([90.0]), np.array([True])),
            "confidence holds 90.0; expected shares",
        ),
        (
            lambda: figures.confidence_histograms(np.array([np.nan]), np.array([True])),
            "confidence holds 1 of 1 entries that are NaN",
        ),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.race({"classic network, 1 to 12 epochs": ([1], [[0.5]])})
    figures.confidence_histograms(np.array([0.9]), np.array([True]))
    for number in plt.get_fignums():
        readable(plt.figure(number))
