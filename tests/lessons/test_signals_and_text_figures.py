"""Figures of the lesson on signals and text: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.signals_and_text import figures

CALLS = {
    "traces": {"signals": {"one": np.array([0.0, 1.0, 0.5])}, "rate": 10.0},
    "beside": {"rows": {"hidden": {"a click": np.array([1.0, 0.5, 0.2])}}},
    "dilated_stack": {"dilations": [1, 2], "kernel_size": 2},
    "spectrograms": {
        "pictures": {"a sound": (np.arange(3.0), np.arange(4.0), np.ones((3, 4)))},
        "seconds": 0.5,
        "hertz": 2000.0,
    },
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_traces_are_drawn_over_seconds():
    axes = figures.traces({"one": np.array([0.0, 1.0, 0.5]), "two": np.array([3.0, 4.0])}, 2)
    np.testing.assert_allclose(axes[0].lines[0].get_xdata(), [0, 0.5, 1])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [3, 4])
    assert [ax.get_title(loc="left") for ax in axes] == ["one", "two"]
    readable(plt.gcf())


def test_curves_stand_in_rows():
    rows = {"hidden": {"a": np.array([1.0, 2.0])}, "learned": {"b": np.array([0.0, 1.0]), "c": np.array([5.0, 4.0])}}
    axes = figures.beside(rows)
    assert axes.shape == (2, 2)
    np.testing.assert_allclose(axes[1, 1].lines[1].get_ydata(), [5, 4])
    assert not axes[0, 1].axison
    readable(plt.gcf())


@pytest.mark.parametrize(("dilations", "kernel_size"), [([1, 2, 4, 8], 2), ([1, 2], 3), ([1, 1, 1], 2)])
def test_a_stack_connects_its_receptive_field(dilations, kernel_size):
    ax = figures.dilated_stack(dilations, kernel_size)
    filled = [line for line in ax.lines if line.get_marker() == "o" and line.get_markerfacecolor() != "none"]
    inputs = next(line for line in filled if set(line.get_ydata()) == {0})
    field = 1 + (kernel_size - 1) * sum(dilations)
    assert sorted(inputs.get_xdata()) == list(range(1 - field, 1))
    readable(plt.gcf())


def test_spectrograms_have_low_frequencies_below_and_true_axes():
    strengths = np.arange(6.0).reshape(2, 3)
    picture = (np.array([0.0, 2000.0]), np.array([0.1, 0.2, 0.3]), strengths)
    axes = figures.spectrograms({"one": picture, "two": picture, "three": picture}, 0.5, 2000)
    assert len(axes) == 3
    np.testing.assert_array_equal(axes[2].images[0].get_array(), strengths)
    assert axes[0].images[0].origin == "lower"
    np.testing.assert_allclose(axes[0].images[0].get_extent(), [0.05, 0.35, -1, 3])
    assert axes[2].get_xlim() == (0, 0.5)
    assert axes[2].get_ylim() == (0, 2)
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.traces({"one": np.ones((2, 2))}, 1), r"signals\['one'\] has shape"),
        (lambda: figures.beside({"one": {"a": np.array([np.nan])}}), r"rows\['one'\]\['a'\]"),
        (lambda: figures.dilated_stack([1, 2, 4, 8, 16, 32, 64], 2), "at most 12 layers"),
        (lambda: figures.spectrograms({"one": np.ones((3, 4))}, 1, 1), r"pictures\['one'\] has shape"),
        (lambda: figures.spectrograms({"one": [np.ones(3)] * 2}, 1, 1), "frequencies, times and strengths"),
        (
            lambda: figures.spectrograms({"one": (np.arange(3), np.arange(4), np.ones((4, 3)))}, 1, 1),
            "strengths of shape",
        ),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
