"""Figures of the lesson on dense layers and softmax: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.dense_and_softmax import figures

CALLS = {
    "evidence": {
        "picture": np.ones((6, 6, 1), np.uint8),
        "shares": {"for": np.ones((3, 3)), "against": -np.ones((3, 3))},
    },
    "temperatures": {
        "T": np.array([0.5, 1.0, 2.0]),
        "probabilities": np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]]),
        "classes": ["yes", "no"],
    },
    "parameter_bars": {"counts": {"conv": 320, "dense": 31_370}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_each_place_shows_what_it_adds():
    shares = {"5": np.arange(9.0).reshape(3, 3) / 10, "3": np.full((3, 3), -0.25)}
    axes = figures.evidence(np.full((6, 6, 1), 7, np.uint8), shares)
    assert [ax.get_title() for ax in axes] == ["picture", "5", "3"]
    assert [text.get_text() for text in axes[1].texts] == [f"{n / 10:g}" for n in range(9)]
    assert {text.get_text() for text in axes[2].texts} == {"−0.2"}
    assert axes[1].images[0].get_clim() == axes[2].images[0].get_clim() == (-0.8, 0.8)
    readable(plt.gcf())


def test_the_two_most_probable_classes_are_named():
    probabilities = np.array([[0.5, 0.1, 0.25, 0.1, 0.05], [0.3, 0.2, 0.25, 0.1, 0.15]])
    ax = figures.temperatures(np.array([1.0, 10.0]), probabilities, list("abcde"))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "c", "others"]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), probabilities[:, 2])
    assert ax.get_xscale() == "log"
    readable(plt.gcf())


def test_bars_are_as_long_as_their_counts():
    ax = figures.parameter_bars({"conv": 320, "dense": 31_370})
    assert [bar.get_width() for bar in ax.patches] == [320, 31_370]
    assert [text.get_text().strip() for text in ax.texts] == ["320", "31 370"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["conv", "dense"]
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.evidence(np.ones((6, 6, 1)), {"5": np.ones((3, 3))}), "picture has dtype float64"),
        (
            lambda: figures.evidence(np.ones((6, 6, 1), np.uint8), {"5": np.ones((3, 3)), "3": np.ones((2, 3))}),
            "shares has shapes",
        ),
        (lambda: figures.temperatures([0.0, 1.0], np.ones((2, 3)), list("abc")), "T holds 0.0"),
        (lambda: figures.temperatures([1.0, 2.0], np.ones((3, 3)), list("abc")), "probabilities has shape"),
        (lambda: figures.temperatures([1.0, 2.0], 50 * np.ones((2, 3)), list("abc")), "divide percentages by 100"),
        (lambda: figures.temperatures([1.0, 2.0], np.ones((2, 3)), list("ab")), "classes has 2 entries"),
        (lambda: figures.parameter_bars({"conv": 0}), "counts"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
