"""Small maps side by side, tables, and curves under deformation."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils import plotting
from course_utils.lessons.xo_walkthrough import figures

STRENGTHS = {"shift": 4, "size": 6, "turn": 5, "thickness": 5, "noise": 5}
CALLS = {
    "number_table": {"values": [[1, -2]], "rows": ["row"], "columns": ["first", "second"], "write": str, "limit": 3.0},
    "deformations": {"reached": {name: np.full((count, 2), 0.5) for name, count in STRENGTHS.items()}},
    "deformation_curves": {"results": {"shift": ([0.0, 1.0], {"a": [1.0, 0.5]})}, "chance": 0.5},
}


@pytest.fixture(autouse=True)
def _no_windows():
    mpl.use("agg")
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_number_grids_share_one_scale():
    axes = plotting.number_grids([np.eye(2), 9 * np.eye(2)], ["a", "b"], write=lambda value: f"{value:.0f}/9")
    assert [ax.get_title() for ax in axes] == ["a", "b"]
    assert texts(axes[1]) == ["9/9", "0/9", "0/9", "9/9"]
    assert {ax.images[0].get_clim() for ax in axes} == {(-9, 9)}


@pytest.mark.parametrize(
    ("maps", "titles", "said"),
    [
        ([np.eye(2), np.eye(3)], ["a", "b"], "one shape"),
        ([np.eye(2)], ["a", "b"], "titles has 2 entries; expected 1, one a map"),
        ([], [], "maps has 0 entries"),
    ],
)
def test_number_grids_say_what_is_wrong(maps, titles, said):
    with pytest.raises(ValueError, match=said):
        plotting.number_grids(maps, titles)


def test_number_table_names_rows_and_columns():
    ax = figures.number_table([[1, -2]], ["row"], ["first", "second"])
    assert texts(ax) == ["1", "−2"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["row"]
    with pytest.raises(ValueError, match="columns has 1 entries; expected 2, one a column"):
        figures.number_table([[1, -2]], ["row"], ["only"])


def test_deformation_curves_are_in_percent():
    results = {"shift": ([0, 1], {"a": [1, 0.5], "b": [1, 0.25]}), "noise": ([0, 1], {"a": [1, 1], "b": [1, 0]})}
    axes = figures.deformation_curves(results, chance=0.5)
    assert [ax.get_xlabel() for ax in axes] == list(results)
    np.testing.assert_allclose(axes[0].lines[1].get_ydata(), [100, 25])
    with pytest.raises(ValueError, match=r"results\['shift'\]\[1\]\['a'\] has shape \(1,\); expected \(2,\)"):
        figures.deformation_curves({"shift": ([0, 1], {"a": [1]})})


def test_deformations_have_their_strengths():
    axes = figures.deformations({name: [(1, 0.5)] * count for name, count in STRENGTHS.items()})
    assert [len(ax.lines[0].get_xdata()) for ax in axes] == list(STRENGTHS.values())
    np.testing.assert_allclose(axes[1].lines[0].get_xdata(), [0, 10, 20, 30, 40, 50])
    np.testing.assert_allclose(axes[0].lines[1].get_ydata(), [50] * 4)
    readable(axes[0].figure)


def test_table_can_be_read_on_a_phone():
    readable(figures.number_table(np.full((2, 12), 5), ["X", "O"], ["╲\n↖"] * 12, write=lambda v: f"{v:.0f}/9").figure)
