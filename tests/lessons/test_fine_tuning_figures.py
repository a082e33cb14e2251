"""Figures of the lesson on fine-tuning: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.fine_tuning import figures

CALLS = {
    "accuracy_table": {"rows": {"start": [0.5, 0.25]}, "columns": ["clean", "glass_blur"]},
    "before_and_after": {"series": {"before": {"fog": 0.1}, "after": {"fog": 0.9}}, "marked": ["fog"]},
    "frozen_depth": {"accuracies": {"clean": np.array([[0.9, 0.8], [0.7, 0.6]])}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_a_table_has_each_percentage_in_its_cell():
    ax = figures.accuracy_table({"start": [0.5, 0.25], "end": [1, 0]}, ["clean", "glass_blur"])
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "50", (1, 0): "25", (0, 1): "100", (1, 1): "0"}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["clean", "glass\nblur"]
    np.testing.assert_array_equal(ax.images[0].get_array(), [[50, 25], [100, 0]])


def test_rows_are_sorted_by_the_first_state_and_marked():
    series = {"before": {"fog": 0.5, "stripe": 0.25}, "after": {"stripe": 1.0, "fog": 0.75}}
    ax = figures.before_and_after(series, marked=["fog"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["stripe", "fog *"]
    before, after = ax.lines
    assert list(before.get_xdata()) == [25, 50]
    assert list(after.get_xdata()) == [100, 75]


def test_depths_show_the_mean_and_each_seed():
    values = np.array([[1.0, 0.75], [0.5, 0.25]])
    ax = figures.frozen_depth({"clean": values})
    mean, *seeds = (line.get_ydata() for line in ax.lines)
    np.testing.assert_array_equal(mean, [75, 50])
    np.testing.assert_array_equal(seeds, 100 * values)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.accuracy_table({"a": [0.5]}, ["clean", "fog"]), r"rows\['a'\] has shape \(1,\)"),
        (lambda: figures.accuracy_table({"a": [50.0]}, ["clean"]), "divide percentages by 100"),
        (lambda: figures.before_and_after({"a": {"fog": 0.1}, "b": {"rain": 0.1}}), "expected 'fog'"),
        (lambda: figures.before_and_after({"a": {"fog": 0.1}}, marked=["rain"]), "there is no 'rain'; there are 'fog'"),
        (lambda: figures.frozen_depth({"a": np.ones((2, 2)), "b": np.ones((2, 3))}), "expected one shape"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    kinds = ("clean", "glass_blur", "stripe", "canny_edges", "brightness")
    figures.accuracy_table({f"after {kind}": [0.5] * 5 for kind in kinds}, kinds)
    figures.before_and_after({"before": dict.fromkeys(kinds, 0.1), "after": dict.fromkeys(kinds, 0.2)})
    figures.frozen_depth({"clean": np.ones((3, 4))})
    for number in plt.get_fignums():
        readable(plt.figure(number))
