"""Figures of the lesson on classification metrics: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.classification_metrics import figures

CALLS = {
    "precision_by_prevalence": {"shares": [0.01, 0.1], "precision": [0.2, 0.8], "measured": {"all": (0.1, 0.8)}},
    "coverage": {"accuracies": [0.9, 0.99], "covered": {"naive": [0.93, 0.6]}},
    "confidence_of_answers": {"panels": {"clean": (np.array([0.9, 0.4]), np.array([True, False]))}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_precision_is_drawn_in_percent():
    ax = figures.precision_by_prevalence([0.01, 0.1], [0.2, 0.8], {"few": (0.01, 0.25), "all": (0.1, 0.75)})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 20], [10, 80]])
    np.testing.assert_allclose([line.get_xydata()[0] for line in ax.lines[1:]], [[1, 25], [10, 75]])
    assert [text.get_text() for text in ax.texts] == ["few", "all"]
    assert ax.get_xscale() == "log"


def test_coverage_has_a_line_for_each_kind_and_the_promise():
    ax = figures.coverage([0.9, 0.99], {"naive": [0.9, 0.5], "Wilson": [0.95, 0.96]})
    lines = [line.get_ydata() for line in ax.lines]
    np.testing.assert_allclose(lines, [[90, 50], [95, 96], [95, 95]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["naive", "Wilson"]


def test_right_and_wrong_answers_each_add_up_to_a_hundred():
    confidence = np.array([0.97, 0.98, 0.52, 0.53, 0.31])
    right = np.array([True, True, True, False, False])
    axes = figures.confidence_of_answers({"some": (confidence, right), "same": (confidence, right)})
    assert axes[0].get_title() == "some: 3 right, 2 wrong"
    good, bad = (patch.get_data().values for patch in axes[0].patches)
    np.testing.assert_allclose([good.sum(), bad.sum()], 100)
    np.testing.assert_allclose(good[[10, 19]], [100 / 3, 200 / 3])
    np.testing.assert_allclose(bad[[6, 10]], [50, 50])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.precision_by_prevalence([0, 0.1], [0.1, 0.2], {"a": (0.1, 0.1)}), "shares holds 0.0"),
        (lambda: figures.precision_by_prevalence([0.1], [0.1, 0.2], {"a": (0.1, 0.1)}), "precision has shape"),
        (lambda: figures.precision_by_prevalence([0.1], [0.1], {"a": (10, 0.1)}), "divide a percentage by 100"),
        (lambda: figures.coverage([0.9], {"naive": [95]}), "divide percentages by 100"),
        (lambda: figures.coverage([0.9, 0.8], {"naive": [0.9]}), r"expected \(2,\)"),
        (
            lambda: figures.confidence_of_answers({"clean": (np.array([0.9]), np.array([True]))}),
            "has no wrong answer; expected some of both",
        ),
        (
            lambda: figures.confidence_of_answers({"clean": (np.array([0.9, 0.8]), np.array([True]))}),
            r"has shape \(1,\); expected \(2,\)",
        ),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    for name, call in CALLS.items():
        getattr(figures, name)(**call)
        readable(plt.gcf())
