"""Where a method is right: what is drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.does_it_hold import figures

CALLS = {
    "shift_maps": {"right": {"X": np.eye(3) > 0}},
    "right_ranges": {
        "panels": {"size (%)": (np.array([50.0, 60.0, 70.0]), {"X, network": np.array([True, False, True])})}
    },
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_each_wrong_shift_has_a_cross_where_it_belongs():
    right = np.ones((5, 5), bool)
    right[0, 3] = right[4, 4] = False  # two up and one right; two down and two right
    axes = figures.shift_maps({"one": right, "all": np.ones((5, 5), bool)})
    assert [ax.get_title() for ax in axes] == ["one", "all"]
    assert [text.get_position() for text in axes[0].texts] == [(1, -2), (2, 2)]
    assert not axes[1].texts
    image = axes[0].images[0]
    left, other, bottom, top = image.get_extent()
    assert (left, other, bottom, top) == (-2.5, 2.5, 2.5, -2.5)  # row 0 at the top is two up
    np.testing.assert_array_equal(image.get_array(), right)
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ({"a": np.ones((4, 4), bool)}, r"right\['a'\] has shape \(4, 4\); expected an odd number of rows"),
        ({"a": np.ones((3, 3), bool), "b": np.ones((5, 5), bool)}, "expected one shape"),
    ],
)
def test_shift_maps_say_what_is_wrong(right, said):
    with pytest.raises(ValueError, match=said):
        figures.shift_maps(right)


def test_bars_cover_the_strengths_that_are_right():
    strengths = np.array([0.0, 1.0, 2.0, 3.0])
    rows = {"X, network": np.array([True, True, False, True]), "X, templates": np.zeros(4, bool)}
    (ax,) = figures.right_ranges({"turn (degrees)": (strengths, rows)})
    bars, none = ([path.get_extents() for path in bar.get_paths()] for bar in ax.collections)
    assert [(bar.x0, bar.x1) for bar in bars] == [(-0.5, 1.5), (2.5, 3.5)]
    assert not none
    assert [label.get_text() for label in ax.get_yticklabels()] == list(rows)
    assert ax.get_xlabel() == "turn (degrees)"
    readable(plt.gcf())


@pytest.mark.parametrize("strengths", [[0.0, 1.0, 1.0], [2.0, 1.0, 0.0]])
def test_strengths_rise(strengths):
    with pytest.raises(ValueError, match="does not rise"):
        figures.right_ranges({"a": (strengths, {"r": np.ones(3, bool)})})
