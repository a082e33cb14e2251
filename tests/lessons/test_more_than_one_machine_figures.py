"""Figures of the lesson on more than one machine: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.more_than_one_machine import figures

CALLS = {
    "shared_step": {"batch": 64, "workers": 2},
    "losses": {"one": np.array([2.0, 1.5, 1.0]), "two": np.array([2.0, 1.5, 1.0])},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_losses_of_both_are_drawn_from_step_1():
    ax = figures.losses([2.0, 1.0], [2.1, 1.1])
    one, two = ax.lines
    np.testing.assert_allclose(one.get_xydata(), [[1, 2.0], [2, 1.0]])
    np.testing.assert_allclose(two.get_xydata(), [[1, 2.1], [2, 1.1]])


def test_each_worker_has_its_part():
    texts = [text.get_text() for text in figures.shared_step(96, 3).texts]
    assert [text for text in texts if text.startswith("worker")] == [f"worker {rank}\n32 of them" for rank in range(3)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.losses([2.0, 1.0], [2.0]), r"shape \(1,\); expected \(2,\)"),
        (lambda: figures.shared_step(63), "cannot share it equally"),
        (lambda: figures.shared_step(64, 5), "workers"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.losses(np.ones(30), np.ones(30))
    figures.shared_step(64)
    for number in plt.get_fignums():
        readable(plt.figure(number))
