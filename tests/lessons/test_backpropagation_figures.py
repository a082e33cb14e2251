"""Figures of the backpropagation lesson: what is drawn is what was given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.backpropagation import figures

CALLS = {
    "difference_errors": {"steps": [1e-3, 1e-2], "errors": {"one": [1e-6, 0.0]}, "tolerance": 1e-7},
    "training_curves": {"runs": {"one": ([4.0, 2.0, 0.0], [1, 3], [0.5, 0.99])}, "window": 2},
}


@pytest.fixture(autouse=True)
def _no_windows():
    mpl.use("agg")
    yield
    plt.close("all")


def test_difference_errors_are_drawn_on_two_logarithmic_axes():
    ax = figures.difference_errors([1e-3, 1e-2], {"one": [1e-6, 0.0], "other": [1e-3, 1e-2]}, tolerance=1e-7)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1e-6, np.nan])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "other"]
    np.testing.assert_allclose(ax.lines[2].get_ydata(), 1e-7)
    assert ax.texts[0].get_text() == "1e-7"


def test_difference_errors_refuse_other_lengths():
    with pytest.raises(ValueError, match=r"errors\['one'\] has shape \(1,\); expected \(2,\)"):
        figures.difference_errors([1e-3, 1e-2], {"one": [1.0]})


def test_training_curves_show_mean_loss_and_error_in_percent():
    loss, error = figures.training_curves({"": ([4.0, 2.0, 0.0], [1, 3], [0.5, 0.99])}, window=2)
    raw, smooth = loss.lines
    np.testing.assert_allclose(raw.get_ydata(), [4, 2, 0])
    np.testing.assert_allclose(smooth.get_xydata(), [[2, 3], [3, 1]])
    np.testing.assert_allclose(error.lines[0].get_xydata(), [[1, 50], [3, 1]])
    assert error.get_legend() is None


def test_training_curves_of_several_runs_have_a_legend():
    run = ([1.0, 0.5], [2], [0.9])
    loss, error = figures.training_curves({"a": run, "b": run}, window=9)
    assert len(loss.lines) == 2
    assert len(loss.lines[0].get_xdata()) == 1
    assert [text.get_text() for text in error.get_legend().get_texts()] == ["a", "b"]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (([], [], []), r"runs\['run'\]\[0\] has shape \(0,\) and holds nothing"),
        (([1.0], [1, 2], [0.5]), r"runs\['run'\]\[2\] has shape \(1,\); expected \(2,\)"),
    ],
)
def test_training_curves_say_what_is_missing(run, said):
    with pytest.raises(ValueError, match=said):
        figures.training_curves({"run": run})


def test_figures_can_be_read_on_a_phone():
    curves = {"central": [1e-7], "one-sided": [1e-3], "central, 32 bits": [1e-3]}
    figures.difference_errors([1e-5], curves, tolerance=1e-7)
    figures.training_curves({"right": ([2, 1], [1], [0.5]), "flip forgotten": ([2, 1], [1], [0.5])})
    for number in plt.get_fignums():
        readable(plt.figure(number))
