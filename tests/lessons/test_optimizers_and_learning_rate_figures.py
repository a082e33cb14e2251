"""Figures of the lesson on optimisers: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.optimizers_and_learning_rate import figures


def bowl(w):
    return (w**2).sum(axis=-1)


CALLS = {
    "trajectories": {"loss": bowl, "paths": {"a": np.array([[1.0, 2.0], [0.0, 0.5]])}},
    "accuracy_by_rate": {"sweeps": {"a": ([0.1, 1.0], np.array([[0.5, 0.7], [0.6, 0.9]]))}},
    "range_tests": {"tests": {"a": [([0.01, 0.1, 1.0], [2.0, 0.5, 3.0])]}},
    "schedules": {"rates": {"a": [0.0, 0.1, 0.05]}},
    "loss_panels": {"losses": {"a": [2.3, 1.0], "b": [2.3, 2.2]}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_a_path_is_drawn_where_it_went_and_ends_in_a_cross():
    axes = figures.trajectories(bowl, {"a": np.array([[1, 2], [0, 0.5]]), "b": np.array([[3, 3.0]])})
    assert [ax.get_title() for ax in axes] == ["a", "b"]
    np.testing.assert_array_equal(np.transpose(axes[0].lines[0].get_data()), [[1, 2], [0, 0.5]])
    np.testing.assert_array_equal(np.ravel(axes[0].lines[1].get_data()), [0, 0.5])
    for segment in axes[0].collections[0].allsegs[3]:  # points of one contour line have one loss
        np.testing.assert_allclose(bowl(segment), bowl(segment)[0], rtol=0.02)


def test_a_line_is_the_mean_over_seeds_and_each_seed_is_seen():
    ax = figures.accuracy_by_rate({"a": ([0.1, 1], np.array([[0.5, 0.7], [0.6, 0.9]])), "b": ([3], np.array([[0.1]]))})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [55, 80])
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines[1:3]], [[50, 70], [60, 90]])
    np.testing.assert_allclose(ax.lines[3].get_data(), [[3], [10]])
    assert ax.get_xscale() == "log"


def test_a_range_test_marks_its_minimum_and_a_tenth_of_it():
    (ax,) = figures.range_tests({"a": [([0.01, 0.1, 1], [2, 0.5, 3])]})
    curve, ring, tenth = ax.lines
    np.testing.assert_array_equal(curve.get_ydata(), [2, 0.5, 3])
    np.testing.assert_array_equal(ring.get_data(), [[0.1], [0.5]])
    np.testing.assert_allclose(tenth.get_xdata(), 0.01)


def test_schedules_and_losses_are_drawn_as_they_are():
    ax = figures.schedules({"a": [0, 0.1], "b": [0.1, 0]})
    np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], [[0, 0.1], [0.1, 0]])
    axes = figures.loss_panels({"A": [2, 1], "B": [2, 2.5, 3]})
    np.testing.assert_array_equal(axes[1].lines[0].get_ydata(), [2, 2.5, 3])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.trajectories(bowl, {"a": np.ones((2, 3))}), r"shape \(2, 3\); expected \(steps, 2\)"),
        (lambda: figures.trajectories(lambda w: w, {"a": np.ones((2, 2))}), "loss has shape"),
        (lambda: figures.accuracy_by_rate({"a": ([0.1], np.ones((3, 2)))}), r"shape \(3, 2\); expected \(seeds, 1\)"),
        (lambda: figures.range_tests({"a": [([0.1, 0], [1, 1])]}), "a logarithmic axis needs positive"),
        (lambda: figures.range_tests({"a": [([0.1, 1], [1])]}), r"shape \(1,\); expected \(2,\)"),
        (lambda: figures.schedules({"a": [1, 1], "b": [1]}), "expected one shape"),
        (lambda: figures.loss_panels({"a": []}), r"losses\['a'\]"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    for name, call in CALLS.items():
        getattr(figures, name)(**call)
        readable(plt.gcf())
