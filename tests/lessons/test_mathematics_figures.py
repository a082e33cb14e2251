"""Figures of the page on mathematics: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.mathematics import figures

CALLS = {
    "tangent": {
        "w": np.array([0.0, 1.0, 2.0]),
        "loss": np.array([1.0, 0.5, 1.5]),
        "at": 1.0,
        "value": 0.5,
        "slope": 0.25,
    },
    "landscape": {
        "w": np.array([0.0, 1.0, 2.0]),
        "b": np.array([0.0, 1.0]),
        "loss": np.array([[2.0, 1.0, 3.0], [1.0, 0.0, 2.0]]),
        "steps": np.array([[0.5, 0.5], [0.8, 0.7]]),
        "gradient": np.array([-0.5, -1.0]),
    },
    "paths": {"between": {"u": np.array([2.0, 5.0]), "v": np.array([-3.0, 1.0])}, "first": "w", "last": "L"},
    "differences": {"column": np.array([1.0, 2.0, 4.0]), "row": np.array([1.0, 3.0, 4.0])},
    "pictures": {"panels": {"one": np.ones((4, 6), np.uint8), "two": np.ones((6, 4), np.uint8)}, "columns": 2},
    "counts": {"k": np.array([8, 9, 10]), "probabilities": np.array([0.2, 0.4, 0.3]), "first": 9, "last": 10},
    "intervals": {
        "ends": {"naive": np.array([[0.7, 1.1], [1.0, 1.0]]), "Wilson": np.array([[0.6, 0.98], [0.72, 1.0]])},
        "right": np.array([9, 10]),
        "n": 10,
    },
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_the_line_goes_through_the_point_with_its_slope():
    w = np.linspace(-1, 3, 9)
    ax = figures.tangent(w, w**2, at=1.0, value=1.0, slope=-2.0)
    curve, line, point = ax.lines
    np.testing.assert_array_equal(curve.get_ydata(), w**2)
    np.testing.assert_allclose(np.diff(line.get_ydata()) / np.diff(line.get_xdata()), -2)
    np.testing.assert_allclose(np.interp(1, *line.get_data()), 1)
    assert point.get_xydata().tolist() == [[1, 1]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss", "slope −2.00"]
    readable(plt.gcf())


def test_the_arrow_begins_at_the_first_point_and_shows_the_direction_of_the_gradient():
    ax = figures.landscape(**CALLS["landscape"])
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), CALLS["landscape"]["steps"])
    (arrow,) = [text for text in ax.texts if getattr(text, "arrow_patch", None) is not None]
    assert tuple(arrow.xyann) == (0.5, 0.5)
    along = np.subtract(arrow.xy, arrow.xyann)
    np.testing.assert_allclose(along / np.hypot(*along), np.array([-0.5, -1]) / np.hypot(0.5, 1))
    readable(plt.gcf())


def test_slopes_stand_on_the_arrows_and_their_products_are_added():
    ax = figures.paths(**CALLS["paths"])
    texts = [text.get_text() for text in ax.texts]
    assert {"×2", "×5", "×−3", "×1", "u", "v", "w", "L"} < set(texts)
    assert texts[-1] == "slope: 2·5 + −3·1 = 7"
    assert len([text for text in ax.texts if getattr(text, "arrow_patch", None) is not None]) == 4
    readable(plt.gcf())


def test_each_prediction_meets_each_label_and_the_pairs_are_framed():
    ax = figures.differences(**CALLS["differences"])
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0, -2, -3], [1, -1, -2], [3, 1, 0]])
    assert [text.get_text() for text in ax.texts[:3]] == ["0", "−2", "−3"]
    assert [tuple(frame.get_center()) for frame in ax.patches] == [(0, 0), (1, 1), (2, 2)]
    readable(plt.gcf())


def test_pictures_are_shown_as_they_are():
    panels = {"wide": np.arange(24, dtype=np.uint8).reshape(4, 6), "high": np.zeros((6, 4), np.uint8)}
    axes = figures.pictures(panels)
    for ax, (title, picture) in zip(axes, panels.items(), strict=True):
        assert ax.get_title() == title
        np.testing.assert_array_equal(ax.images[0].get_array(), picture)
        assert ax.images[0].get_clim() == (0, 255)
    readable(plt.gcf())


def test_counts_within_the_range_look_otherwise_than_those_further_out():
    ax = figures.counts(np.arange(5), np.array([0.1, 0.2, 0.4, 0.2, 0.1]), first=1, last=3)
    inside, outside = ax.containers
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in inside] == [1, 2, 3]
    assert [bar.get_height() for bar in outside] == [0.1, 0.1]
    assert {bar.get_hatch() for bar in outside} != {bar.get_hatch() for bar in inside}
    readable(plt.gcf())


def test_intervals_are_in_percent_and_each_method_stands_once_in_the_legend():
    ax = figures.intervals(**CALLS["intervals"])
    drawn = [line.get_xdata().tolist() for line in ax.lines[:4]]
    np.testing.assert_allclose(drawn, [[70, 110], [100, 100], [60, 98], [72, 100]])
    assert [text.get_text() for text in ax.figure.legends[0].get_texts()] == ["naive", "Wilson"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["9 of 10", "10 of 10"]
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("figure", "change", "message"),
    [
        ("tangent", {"loss": [1.0, 2.0]}, "loss has shape"),
        ("landscape", {"loss": np.zeros((2, 3))}, "the same everywhere"),
        ("landscape", {"b": [1.0], "loss": np.ones((1, 3))}, "contour lines need two"),
        ("landscape", {"steps": np.ones((2, 3))}, "steps has shape"),
        ("paths", {"between": {"u": (1.0, 2.0, 3.0)}}, "shape"),
        ("differences", {"row": np.ones(2)}, "row has shape"),
        ("pictures", {"panels": {"one": np.ones((4, 6))}}, "dtype float64"),
        ("counts", {"probabilities": [20, 40, 30]}, "divide percentages by 100"),
        ("intervals", {"ends": {"naive": [[1.1, 0.7], [1.0, 1.0]]}}, "above its upper end"),
        ("intervals", {"right": [9]}, "shape"),
    ],
)
def test_errors_say_what_is_accepted(figure, change, message):
    with pytest.raises(ValueError, match=message):
        getattr(figures, figure)(**CALLS[figure] | change)
