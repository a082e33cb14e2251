"""Figures of the first history lesson: what is drawn is what was given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from figure_size import readable

from course_utils.lessons.lenet_to_vgg import figures


@pytest.fixture(autouse=True)
def _no_windows():
    mpl.use("agg")
    yield
    plt.close("all")


def table(rows):
    return pd.DataFrame(rows, columns=["layer", "type", "parameters", "multiply_adds"])


NET = table([("conv", "Conv2D", 100, 3000), ("pool", "MaxPooling2D", 0, 0), ("dense", "Dense", 300, 1000)])
CALLS = {
    "parameter_budget": {"tables": {"small": NET}},
    "connection_table": {"table": [[0, 2], [1]], "inputs": 4},
    "step_errors": {"steps": {"old": [0.98, 0.96]}, "names": ["1 · old"]},
}


def test_parameter_budget_draws_shares_of_layers_with_parameters():
    axes = figures.parameter_budget({"small": NET, "other": NET, "third": NET})
    assert axes.shape == (3,)
    ax = axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["conv", "dense"]
    assert sorted(bar.get_width() for bar in ax.patches) == [25, 25, 75, 75]
    assert [text.get_text() for text in ax.texts] == ["100", "300"]
    assert ax.get_title() == "small: 400 parameters"


def test_parameter_budget_marks_dense_layers_and_draws_top_down():
    (ax,) = figures.parameter_budget({"small": NET})
    convolution, dense = (bar for bar in ax.patches if bar.get_height() > 0.4)
    assert convolution.get_facecolor() != dense.get_facecolor()
    assert dense.get_hatch()
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_parameter_budget_writes_short_numbers_and_takes_unknown_multiply_adds():
    rows = [("a", "Conv2D", 1_500, pd.NA), ("b", "Dense", 138_000_000, 7)]
    (ax,) = figures.parameter_budget({"net": table(rows)})
    assert [text.get_text() for text in ax.texts] == ["1.5 k", "138.0 M"]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "tables has 0 entries; expected at least 1"),
        ({"a": NET[["layer"]]}, r"tables\['a'\] has no column multiply_adds, parameters, type"),
        ({"a": None}, r"tables\['a'\] has no column"),
        ({"a": table([("a", "Dense", "many", 1)])}, r"tables\['a'\]\['parameters'\]=\['many'\]: expected real numbers"),
        ({"a": NET[NET.parameters == 0]}, r"tables\['a'\]: no layer of the table has parameters"),
    ],
)
def test_parameter_budget_says_what_is_missing(tables, message):
    with pytest.raises(ValueError, match=message):
        figures.parameter_budget(tables)


def test_connection_table_fills_connections_and_counts_them():
    ax = figures.connection_table([(0, 2), (1,)], inputs=4)
    filled = {bar.get_xy() for bar in ax.patches if bar.get_facecolor() != (1, 1, 1, 1)}
    assert len(ax.patches) == 8
    assert filled == {(-0.5, -0.5), (-0.5, 1.5), (0.5, 0.5)}
    assert [text.get_text() for text in ax.texts] == ["2", "1"]


@pytest.mark.parametrize(
    ("connections", "inputs", "message"),
    [
        ([], None, "table has 0 entries; expected at least 1"),
        ([(0,), ()], None, r"table\[1\]=\(\): expected whole numbers"),
        ([(3,)], 3, r"table\[0\] holds 3; expected numbers of at least 0 and at most 2"),
        ([(-1,)], None, r"table\[0\] holds -1; expected numbers of at least 0"),
    ],
)
def test_connection_table_refuses_other_tables(connections, inputs, message):
    with pytest.raises(ValueError, match=message):
        figures.connection_table(connections, inputs=inputs)


def test_step_errors_show_each_seed_and_the_mean_in_percent():
    ax = figures.step_errors({"old": [0.98, 0.96], "new": [0.99]})
    assert ax.get_yscale() == "log"
    seeds, mean, one, _ = ax.lines
    np.testing.assert_allclose(seeds.get_ydata(), [2, 4])
    np.testing.assert_allclose(mean.get_ydata(), [3, 3])
    np.testing.assert_allclose(one.get_xydata(), [[1, 1]])
    assert [text.get_text() for text in ax.texts] == ["3.00 %", "1.00 %"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["old", "new"]


@pytest.mark.parametrize(("accuracies", "said"), [([], "nothing"), ([99.2], "divide percentages"), ([-0.1], "-0.1")])
def test_step_errors_want_shares(accuracies, said):
    with pytest.raises(ValueError, match=rf"steps\['old'\] .*{said}"):
        figures.step_errors({"old": accuracies})


def test_step_errors_take_names_of_their_own():
    ax = figures.step_errors({"a": [0.9], "b": [0.95, 0.96]}, names=["1 · old", "2 · new"])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1 · old", "2 · new"]
    with pytest.raises(ValueError, match="names has 1 entries; expected 2, one a step"):
        figures.step_errors({"a": [0.9], "b": [0.95]}, names=["1"])


def test_figures_can_be_read_on_a_phone():
    figures.parameter_budget({"small": NET, "other": NET})
    figures.connection_table([(0, 2)] * 16)
    figures.step_errors({"a": [0.9], "b": [0.95, 0.96]})
    for number in plt.get_fignums():
        readable(plt.figure(number))
