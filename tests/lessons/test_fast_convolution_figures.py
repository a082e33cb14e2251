"""The im2col matrix, dilated kernels, and bars of cost."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable
from matplotlib.colors import same_color

from course_utils.lessons.fast_convolution import figures
from course_utils.plotting.style import HIGHLIGHT, INK


@pytest.fixture(autouse=True)
def _no_windows():
    mpl.use("agg")
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def frames(ax, colour):
    """(row, column, rows, columns) of the rectangles of one colour, in cells."""
    return [
        tuple(round(value + 0.5) for value in (patch.get_y(), patch.get_x()))
        + tuple(round(value) for value in (patch.get_height(), patch.get_width()))
        for patch in ax.patches
        if same_color(patch.get_edgecolor(), colour)
    ]


PICTURE = np.arange(12).reshape(3, 4)
MATRIX = np.lib.stride_tricks.sliding_window_view(PICTURE, (2, 3)).reshape(4, 6)
CALLS = {
    "im2col_matrix": {
        "picture": PICTURE,
        "matrix": MATRIX,
        "kernel_size": (2, 3),
        "row": 1,
        "pixel": 5.0,
        "cell": 0.4,
    },
    "dilated_kernels": {"kernel": np.ones((3, 3)), "rates": [1, 2], "size": 9, "columns": 2, "cell": 0.2},
    "cost_bars": {"costs": {"first": {"ours": {"low": 1.5, "median": 2.0, "high": 2.5}}}, "reference": "Keras"},
}


def test_im2col_matrix_outlines_a_window_and_its_row_and_marks_a_pixel():
    picture, matrix = figures.im2col_matrix(PICTURE, MATRIX, kernel_size=(2, 3), row=1, pixel=5)
    assert texts(picture) == [str(value) for value in range(12)]
    assert texts(matrix)[6:12] == ["1", "2", "3", "5", "6", "7"]
    assert frames(picture, HIGHLIGHT) == [(0, 1, 2, 3)]
    assert frames(matrix, HIGHLIGHT) == [(1, 0, 1, 6)]
    assert [frame[:2] for frame in frames(picture, INK)] == [(1, 1)]
    assert [frame[:2] for frame in frames(matrix, INK)] == [tuple(place) for place in np.argwhere(MATRIX == 5)]
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["0,0", "0,1", "1,0", "1,1"]
    assert [label.get_text() for label in matrix.get_xticklabels()][-1] == "1,2"
    assert picture.images[0].get_clim() == matrix.images[0].get_clim()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"picture": PICTURE[0]}, r"picture has shape \(4,\)"),
        ({"matrix": MATRIX.T}, r"matrix has shape \(6, 4\); expected \(4, 6\)"),
        ({"kernel_size": 2}, r"matrix has shape \(4, 6\); expected \(6, 4\)"),
        ({"kernel_size": 5}, r"kernel_size=5: a picture of shape \(3, 4\) has no such window"),
        ({"row": 4}, "row=4: a whole number from 0 to 3"),
    ],
)
def test_im2col_matrix_says_what_is_wrong(arguments, said):
    given = {"picture": PICTURE, "matrix": MATRIX, "kernel_size": (2, 3)} | arguments
    with pytest.raises(ValueError, match=said):
        figures.im2col_matrix(given.pop("picture"), given.pop("matrix"), **given)


def test_dilated_kernels_lie_where_the_formula_says():
    kernel = np.arange(1, 10).reshape(3, 3)
    axes = figures.dilated_kernels(kernel, [1, 2, 3])
    assert [ax.get_title() for ax in axes] == ["dilation 1", "dilation 2", "dilation 3"]
    assert [texts(ax) for ax in axes] == [[str(value) for value in range(1, 10)]] * 3
    assert [frames(ax, HIGHLIGHT) for ax in axes] == [[(3, 3, 3, 3)], [(2, 2, 5, 5)], [(1, 1, 7, 7)]]
    np.testing.assert_array_equal(axes[2].images[0].get_array()[1:-1:3, 1:-1:3], kernel)
    assert axes[2].images[0].get_array().count() == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kernel": np.ones(3)}, r"shape \(3,\)"),
        ({"rates": [0]}, "rates holds 0; expected numbers of at least 1"),
        ({"rates": [1.5]}, r"rates=\[1.5\]"),
        ({"rates": [1, 3], "size": 5}, "size=5: a whole number, at least 7"),
    ],
)
def test_dilated_kernels_say_what_is_wrong(arguments, said):
    given = {"kernel": np.ones((3, 3)), "rates": [1]} | arguments
    with pytest.raises(ValueError, match=said):
        figures.dilated_kernels(given.pop("kernel"), given.pop("rates"), **given)


def ratio(low, median, high):
    return {"low": low, "median": median, "high": high}


def test_cost_bars_start_at_the_reference():
    costs = {
        "first": {"loops": ratio(900, 1004, 1200), "ours": ratio(1.5, 2, 2.5)},
        "second": {"ours": ratio(0.4, 0.5, 0.6)},
    }
    axes = figures.cost_bars(costs)
    assert [ax.get_title(loc="left") for ax in axes] == ["first", "second"]
    assert texts(axes[0]) == ["1,000 ×", "2 ×"]
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["loops", "ours"]
    assert axes[0].get_xscale() == "log"
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for ax in axes for bar in ax.patches]
    np.testing.assert_allclose(bars, [(1, 1004), (1, 2), (1, 0.5)])
    left, right = axes[0].get_xlim()
    assert left < 0.4
    assert right > 1200
    assert axes[1].get_xlim() == (left, right)
    assert "multiple of Keras" in axes[1].get_xlabel()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ratio(0, 1, 2), r"\['low'\]=0: a finite number, greater than 0"),
        (ratio(2, 1, 3), ": expected low <= median <= high, got 2.0, 1.0, 3.0"),
        (ratio(1, 3, 2), ": expected low <= median <= high, got 1.0, 3.0, 2.0"),
        ({"low": 1, "high": 2}, r"\['median'\]=None"),
    ],
)
def test_cost_bars_refuse_ratios_that_are_none(wrong, said):
    with pytest.raises(ValueError, match=r"costs\['first'\]\['ours'\]" + said):
        figures.cost_bars({"first": {"ours": wrong}})


def test_figures_can_be_read_on_a_phone():
    picture = np.arange(16).reshape(4, 4)
    figures.im2col_matrix(picture, np.zeros((4, 9)), kernel_size=3)
    figures.dilated_kernels(np.ones((3, 3)), [1, 2, 3])
    figures.cost_bars({"28×28, 1 channel": {"layers.conv2d_forward": {"median": 2, "low": 1, "high": 3}}})
    for number in plt.get_fignums():
        readable(plt.figure(number))
