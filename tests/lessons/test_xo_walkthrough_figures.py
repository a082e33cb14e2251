"""Small maps side by side, and tables."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils import plotting
from course_utils.lessons.xo_walkthrough import figures

CALLS = {
    "number_table": {"values": [[1, -2]], "rows": ["row"], "columns": ["first", "second"], "write": str, "limit": 3.0},
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


def test_table_can_be_read_on_a_phone():
    readable(figures.number_table(np.full((2, 12), 5), ["X", "O"], ["╲\n↖"] * 12, write=lambda v: f"{v:.0f}/9").figure)
