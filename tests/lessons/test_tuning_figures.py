"""Figures of the lesson on tuning: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.tuning import figures

CALLS = {
    "one_at_a_time": {"settings": {"rate": np.array([[0.5, 0.6], [0.7, 0.8]])}},
    "rates_tried": {"searches": {"grid": np.array([[0.1, 0.5], [0.1, 0.9]])}},
    "best_so_far": {"searches": {"random": np.array([[0.5, 0.7], [0.6, 0.4]])}},
    "parallel_coordinates": {"places": {"a": [0.1, 0.2], "b": [0.3, 0.4]}, "chosen": [True, False]},
    "halved": {"curves": np.array([[0.5, 0.6], [0.4, 0.5]]), "stopped": [2, 1]},
    "again": {"found": [0.9, 0.8], "fresh": np.array([[0.8, 0.85], [0.7, 0.8]])},
    "width_and_depth": {"filters": [4, 8], "depths": {"1 convolution": [0.8, 0.9]}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_settings_lie_from_the_lower_end_to_the_upper():
    for ax in figures.one_at_a_time({"rate": np.array([[0.5, 0.7], [0.7, 0.9], [0.1, 0.1]])}):
        np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0, 60], [0.5, 80], [1, 10]])


def test_rates_that_were_tried_are_counted_once():
    ax, other = figures.rates_tried(
        {"grid": np.array([[0.1, 0.5], [0.1, 0.9]]), "random": np.array([[0.1, 0.5], [0.2, 0.9]])}
    )
    assert (ax.get_title(), other.get_title()) == ("grid: 1 learning rates", "random: 2 learning rates")
    np.testing.assert_allclose(other.lines[0].get_xydata(), [[0.1, 0.5], [0.2, 0.9]])


def test_the_best_so_far_never_falls():
    ax = figures.best_so_far({"a": np.array([[0.5, 0.4, 0.7], [0.3, 0.6, 0.5]])})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 40], [2, 55], [3, 65]])


def test_chosen_trials_stand_out():
    ax = figures.parallel_coordinates({"a": [0.1, 0.2], "b": [0.3, 0.4]}, [False, True])
    other, chosen = ax.lines[:2]
    np.testing.assert_allclose(other.get_ydata(), [0.1, 0.3])
    np.testing.assert_allclose(chosen.get_ydata(), [0.2, 0.4])
    assert chosen.get_linewidth() > other.get_linewidth()


def test_stopped_curves_end_where_they_were_stopped():
    ax = figures.halved(np.array([[0.5, 0.6, 0.7], [0.4, 0.5, 0.6]]), [3, 1])
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 50], [2, 60], [3, 70]])
    np.testing.assert_allclose(ax.lines[1].get_xydata(), [[1, 40]])


def test_winners_are_drawn_against_what_they_were_chosen_for():
    ax = figures.again([0.9, 0.8], np.array([[0.8, 0.9], [0.7, 0.8]]))
    means = next(line for line in ax.lines if line.get_label() == "mean of fresh seeds")
    np.testing.assert_allclose(means.get_xydata(), [[90, 85], [80, 75]])


def test_width_and_depth():
    ax = figures.width_and_depth([4, 8], {"1": [0.8, 0.9]})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[4, 80], [8, 90]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.one_at_a_time({"a": np.full((2, 2), 90)}), "divide percentages by 100"),
        (lambda: figures.rates_tried({"a": np.array([[0.0, 0.5]])}), "a logarithmic axis needs positive"),
        (lambda: figures.rates_tried({"a": np.ones((3, 3))}), r"shape \(3, 3\); expected \(trials, 2\)"),
        (lambda: figures.best_so_far({"a": np.ones(3)}), r"expected \(searches, trials\)"),
        (lambda: figures.parallel_coordinates({"a": [0.1], "b": [0.2]}, [1]), "expected True and False"),
        (lambda: figures.parallel_coordinates({"a": [0.1], "b": [0.2, 0.3]}, [True]), r"shape \(2,\); expected \(1,\)"),
        (lambda: figures.halved(np.full((2, 3), 0.5), [3, 0]), "stopped holds 0"),
        (lambda: figures.halved(np.full((2, 3), 0.5), [3, 4]), "stopped"),
        (lambda: figures.again([0.9], np.ones((2, 2))), r"shape \(2, 2\); expected \(1, seeds\)"),
        (lambda: figures.width_and_depth([4, 8], {"1": [0.5]}), r"shape \(1,\); expected \(2,\)"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.one_at_a_time({"learning_rate": np.ones((5, 3)), "momentum": np.ones((5, 3))})
    figures.rates_tried({name: np.ones((16, 2)) for name in ("grid, 2 values of 4 settings", "random", "b")})
    figures.best_so_far({"random settings": np.ones((2, 16)), "only the seed": np.ones((2, 16))})
    figures.parallel_coordinates({name: [0.1, 0.2] for name in ("learning_rate", "momentum", "filters")}, [True, False])
    figures.halved(np.full((2, 8), 0.5), [8, 1])
    figures.again([0.9, 0.91], np.full((2, 4), 0.9))
    figures.width_and_depth([4, 8, 16, 32], {f"{n} convolutions": [0.8, 0.9, 0.9, 0.9] for n in range(4)})
    for number in plt.get_fignums():
        readable(plt.figure(number))
