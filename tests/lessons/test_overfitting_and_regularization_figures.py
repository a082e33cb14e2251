"""Figures of the lesson on overfitting: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.overfitting_and_regularization import figures

HISTORY = {"loss": [2.0, 0.5], "accuracy": [0.3, 0.9], "val_loss": [1.9, 2.5], "val_accuracy": [0.4, 0.8]}
READINGS = {"accuracy": [0.3, 0.6], "measured_accuracy": [0.5, 0.9], "val_accuracy": [0.4, 0.8]}
CALLS = {
    "loss_and_accuracy": {"history": HISTORY},
    "six_curves": {"histories": {"a": HISTORY}},
    "three_readings": {"readings": {"a": READINGS}},
    "capacity": {
        "parameters": [100, 1000],
        "training": np.array([[0.5, 1.0]]),
        "validation": np.array([[0.5, 0.8]]),
    },
    "remedies": {"accuracy": {"a": [0.8, 0.9]}, "loss": {"a": [0.5, 0.4]}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_a_training_shows_both_splits_and_its_lowest_validation_loss():
    loss, accuracy = figures.loss_and_accuracy(HISTORY)
    np.testing.assert_array_equal([line.get_ydata() for line in loss.lines[:2]], [[2, 0.5], [1.9, 2.5]])
    np.testing.assert_allclose([line.get_ydata() for line in accuracy.lines], [[30, 90], [40, 80]])
    assert loss.lines[2].get_xdata().tolist() == [1]
    assert loss.texts[0].get_text() == "lowest: epoch 1"
    assert [line.get_label() for line in accuracy.lines] == ["training", "validation"]


def test_each_training_has_its_row():
    axes = figures.six_curves({"first": HISTORY, "second": {**HISTORY, "loss": [7.0, 8.0]}})
    assert [row[0].get_title() for row in axes] == ["first: loss", "second: loss"]
    assert axes[1, 0].lines[0].get_ydata().tolist() == [7, 8]
    assert axes[0, 0].lines[0].get_ydata().tolist() == [2, 0.5]


def test_three_readings_are_told_apart():
    (ax,) = figures.three_readings({"a": READINGS})
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines], [[30, 60], [50, 90], [40, 80]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "training, as fit prints it",
        "training, measured",
        "validation",
    ]


def test_capacity_draws_the_mean_and_each_seed():
    ax = figures.capacity([100, 1000], np.array([[0.4, 1], [0.6, 1]]), np.array([[0.4, 0.8], [0.5, 0.9]]))
    means = [line.get_ydata() for line in ax.lines if line.get_linestyle() != "None"]
    np.testing.assert_allclose(means, [[50, 100], [45, 85]])
    assert len(ax.lines) == 2 + 4
    assert ax.get_xscale() == "log"


def test_remedies_stand_in_their_rows():
    accuracy, loss = figures.remedies({"a": [0.8, 0.9], "b": [0.7]}, {"a": [0.5, 0.4], "b": [0.6]})
    assert [text.get_text() for text in accuracy.get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in loss.get_yticklabels()] == ["a", "b"]
    rings = [line.get_xdata() for line in accuracy.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(rings[0], [80, 90])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.loss_and_accuracy({"loss": [1.0]}), "history has no 'accuracy'; expected loss"),
        (lambda: figures.loss_and_accuracy({**HISTORY, "val_loss": [1.0]}), r"shape \(1,\); expected \(2,\)"),
        (lambda: figures.six_curves({"a": {**HISTORY, "accuracy": [30.0, 90.0]}}), "divide percentages by 100"),
        (lambda: figures.three_readings({"a": HISTORY}), "has no 'measured_accuracy'"),
        (lambda: figures.capacity([1, 2], np.ones((3, 3)), np.ones((3, 2))), r"\(3, 3\); expected \(seeds, 2\)"),
        (lambda: figures.capacity([1, 2], np.ones((3, 2)), np.ones((2, 2))), r"validation has shape \(2, 2\)"),
        (lambda: figures.remedies({"a": [0.5]}, {"b": [0.5]}), "loss has the names b; expected those of accuracy, a"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.loss_and_accuracy(HISTORY)
    figures.six_curves({str(number): HISTORY for number in range(6)})
    figures.three_readings(dict.fromkeys(("without", "dropout", "shifts"), READINGS))
    figures.capacity([500, 100_000], np.ones((3, 2)), np.ones((3, 2)))
    rows = {f"remedy number {number}": [0.9] for number in range(9)}
    figures.remedies(rows, rows)
    for number in plt.get_fignums():
        readable(plt.figure(number))
