"""Figures of the lesson on ROC curves: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.roc_and_thresholds import figures

ACROSS, UP = np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.75, 1.0])
CALLS = {
    "staircase": {"fpr": ACROSS, "tpr": UP, "negatives": 2, "positives": 4},
    "score_histograms": {
        "scores": np.array([-1.0, 0.5, 2.0]),
        "y": np.array([0, 1, 1]),
        "threshold": 0.25,
        "names": ["no", "yes"],
    },
    "roc_and_precision": {"rocs": {"half": (ACROSS, UP)}, "precisions": {"half": (UP, ACROSS)}},
    "cost_curves": {
        "thresholds": np.array([-1.0, 0.0, 1.0]),
        "costs": {"test": np.array([2.0, 1.0, 3.0])},
        "chosen": 0.5,
    },
    "auc_by_class": {"aucs": np.array([0.6, 0.9]), "names": ["four", "nine"]},
    "reliability": {"panels": {"network": {"T = 1": (ACROSS, UP)}}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_staircase_has_a_box_for_each_pair():
    ax = figures.staircase(ACROSS, UP, 2, 4)
    lines = [line.get_xydata() for line in ax.lines]
    assert len(lines) == 3 + 5 + 1
    np.testing.assert_allclose(lines[-1], np.column_stack([ACROSS, UP]))
    assert [line[0, 0] for line in lines[:3]] == [0, 0.5, 1]
    assert [line[0, 1] for line in lines[3:8]] == [0, 0.25, 0.5, 0.75, 1]


def test_histograms_hold_each_example_once():
    axes = figures.score_histograms(np.array([-1.0, 0.5, 2.0]), np.array([0, 1, 1]), 0.25, ["no", "yes"])
    assert [sum(bar.get_height() for bar in ax.patches) for ax in axes] == [1, 2]
    assert [ax.get_title() for ax in axes] == ["no", "yes"]
    assert all(ax.lines[0].get_xdata()[0] == 0.25 for ax in axes)


def test_curves_are_drawn_as_given():
    axes = figures.roc_and_precision({"a": (ACROSS, UP)}, {"b": (UP, ACROSS)})
    np.testing.assert_allclose(axes[0].lines[0].get_xydata(), np.column_stack([ACROSS, UP]))
    np.testing.assert_allclose(axes[1].lines[0].get_xydata(), np.column_stack([UP, ACROSS]))
    ax = figures.cost_curves(**CALLS["cost_curves"])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [2, 1, 3])
    assert ax.lines[-1].get_xdata()[0] == 0.5
    ax = figures.auc_by_class([0.6, 0.9], ["four", "nine"])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.6, 0.9])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["four", "nine"]
    (axes,) = figures.reliability({"network": {"T = 1": (ACROSS, UP)}})
    np.testing.assert_allclose(axes.lines[1].get_xydata(), np.column_stack([ACROSS, UP]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.staircase(ACROSS, UP[:2], 2, 4), r"\(fpr, tpr\)\[1\] has shape \(2,\); expected \(3,\)"),
        (lambda: figures.staircase(100 * ACROSS, UP, 2, 4), "holds 100.0; expected shares"),
        (lambda: figures.auc_by_class([0.5, 0.6], ["one"]), "names"),
        (lambda: figures.cost_curves([0.0], {"a": [-1.0]}, 0.0), "costs"),
        (lambda: figures.score_histograms([1.0], [2], 0.0, ["no", "yes"]), "y"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert not plt.get_fignums()


def test_figures_can_be_read_on_a_phone():
    for name, options in CALLS.items():
        getattr(figures, name)(**options)
    for number in plt.get_fignums():
        readable(plt.figure(number))
