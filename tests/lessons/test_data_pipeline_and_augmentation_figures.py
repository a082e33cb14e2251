"""Figures of the lesson on data: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.data_pipeline_and_augmentation import figures

CALLS = {
    "distances": {"splits": {"by picture": [1.0, 1.2], "by digit": [4.0, 5.0]}},
    "draws": {"rows": {"zoom": np.ones((2, 4, 4, 1)), "flip": np.zeros((2, 4, 4, 1))}},
    "by_class": {"shares": {"as they are": [1.0, 0.9], "mirrored": [0.5, 0.1]}},
    "by_size": {"sizes": [200.0, 500.0], "arms": {"plain": [[0.8, 0.9], [0.9, 0.92]]}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_distances_are_counted_split_by_split():
    axes = figures.distances({"by picture": [1, 1.01, 4], "by digit": [3, 4]})
    heights = [[bar.get_height() for bar in ax.patches] for ax in axes]
    assert [sum(each) for each in heights] == [3, 2]
    assert heights[0][10] == 2  # 1 … 1.1
    assert [ax.get_title() for ax in axes] == ["by picture", "by digit"]


def test_equal_pictures_have_a_histogram_too():
    axes = figures.distances({"copies": [0, 0]})
    assert sum(bar.get_height() for bar in axes[0].patches) == 2


@pytest.mark.parametrize("channels", [1, 3])
def test_draws_puts_rows_below_each_other(channels):
    rows = {"a": np.full((2, 3, 4, channels), 0.25), "b": np.full((2, 3, 4, channels), 0.75)}
    ax = figures.draws(rows)
    sheet = np.asarray(ax.images[0].get_array()).reshape(8, 10, -1)
    np.testing.assert_allclose(sheet[:3, :4], 0.25)
    np.testing.assert_allclose(sheet[5:, 6:], 0.75)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_by_class_draws_percentages():
    ax = figures.by_class({"plain": [1, 0.5], "mirrored": [0, 0.25]})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [100, 50])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [0, 25])
    assert (np.round([line.get_xdata() for line in ax.lines[:2]]) == [0, 1]).all()


def test_by_size_draws_mean_and_range():
    ax = figures.by_size([200, 1000], {"plain": [[0.8, 0.9], [0.9, 0.92]]})
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [85, 91])
    edge = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (edge.min(), edge.max()) == pytest.approx((80, 92))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.distances({"a": [-1.0]}), r"splits\['a'\] holds -1.0"),
        (lambda: figures.draws({"a": np.full((1, 2, 2, 1), 255)}), r"rows\['a'\] holds 255"),
        (
            lambda: figures.draws({"a": np.ones((1, 2, 2, 1)), "b": np.ones((1, 2, 2, 3))}),
            "expected one shape",
        ),
        (lambda: figures.by_class({"a": [1.0], "b": [1.0, 0.5]}), "expected one shape"),
        (
            lambda: figures.by_size([200], {"a": [[0.5], [0.6]]}),
            r"arms\['a'\] has shape \(2, 1\); expected \(1, seeds\)",
        ),
        (lambda: figures.by_size([0], {"a": [[0.5]]}), "a logarithmic axis needs positive numbers"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.distances({"split by picture": [1.0], "split by digit": [2.0]})
    figures.draws({"translation": np.ones((6, 28, 28, 1)), "rotation": np.ones((6, 28, 28, 1))})
    figures.by_class(dict.fromkeys(("as they are", "mirrored", "upside down"), [0.5] * 10))
    figures.by_size([200, 500, 1000], dict.fromkeys(("shifts of up to 2 pixels", "turned by any angle"), [[0.5]] * 3))
    for number in plt.get_fignums():
        readable(plt.figure(number))
