"""Figures of the lesson on what a convolutional network is: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.what_is_a_cnn import figures

MAPS = {"block 1: 16 maps": np.ones((12, 12, 16)), "block 2: 64 maps": np.ones((3, 3, 64))}
CALLS = {
    "weight_tables": {"tables": {"dense": np.ones((4, 9))}},
    "growth": {"sides": [28, 56], "counts": {"dense": [10, 40]}},
    "journey": {"picture": np.ones((4, 4)), "maps": {"block": np.ones((2, 2, 9))}, "probabilities": [0.25, 0.75]},
    "shifts": {"pixels": [0, 1], "differences": {"block": [0.0, 40.0]}, "changed": [0.0, 0.02]},
    "strongest_windows": {"windows": {"block": np.ones((2, 3, 4, 4))}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_weight_tables_share_a_scale_centred_on_zero():
    axes = figures.weight_tables({"one": [[1, 0], [0, -4]], "two": [[2, 2], [2, 2]]})
    assert [ax.get_title() for ax in axes] == ["one", "two"]
    assert {ax.images[0].get_clim() for ax in axes} == {(-4, 4)}
    np.testing.assert_array_equal(axes[0].images[0].get_array(), [[1, 0], [0, -4]])


def test_growth_draws_one_line_a_layer():
    ax = figures.growth([28, 56], {"dense": [10, 40], "convolution": [5, 5]})
    np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], [[10, 40], [5, 5]])
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["28", "56"]


def test_journey_shows_every_map_in_its_place():
    maps = np.arange(2 * 2 * 9).reshape(2, 2, 9)
    axes = figures.journey(np.zeros((4, 4)), {"block": maps}, [0.25, 0.75])
    tile = axes[1].images[0].get_array()
    assert tile.shape == (26 + 24, 8 * 26 - 2)
    np.testing.assert_array_equal(tile[:24:12, 26:50:12], maps[:, :, 1])
    np.testing.assert_array_equal(tile[26::12, :24:12], maps[:, :, 8])
    np.testing.assert_array_equal(tile[:12, :12], np.full((12, 12), maps[0, 0, 0]))
    assert np.ma.masked_invalid(tile)[24:26].mask.all()
    assert [bar.get_height() for bar in axes[-1].patches] == [0.25, 0.75]


def test_shifts_draws_differences_and_percentages():
    axes = figures.shifts([0, 1], {"block 1": [0, 40], "block 2": [0, 50]}, [0, 0.02])
    np.testing.assert_array_equal([line.get_ydata() for line in axes[0].lines], [[0, 40], [0, 50]])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [0, 2])


def test_windows_stand_a_filter_in_a_row():
    windows = np.arange(2 * 3 * 4).reshape(2, 3, 2, 2)
    (ax,) = figures.strongest_windows({"block": windows})
    tile = ax.images[0].get_array()
    assert tile.shape == (26 + 24, 2 * 26 + 24)
    np.testing.assert_array_equal(tile[26::12, 52::12], windows[1, 2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.weight_tables({"a": np.ones((2, 2)), "b": np.ones((2, 3))}), "expected one shape"),
        (lambda: figures.growth([1, 2], {"a": [1]}), r"counts\['a'\] has shape \(1,\); expected \(2,\)"),
        (lambda: figures.journey(np.ones(4), {}, [1]), r"picture has shape \(4,\); expected \(H, W\)"),
        (lambda: figures.journey(np.ones((4, 4)), MAPS, [2]), "expected shares from 0 to 1"),
        (lambda: figures.shifts([0, 1], {"a": [0]}, [0, 0]), r"differences\['a'\] has shape \(1,\); expected \(2,\)"),
        (
            lambda: figures.strongest_windows({"a": np.ones((2, 2))}),
            r"windows\['a'\] has shape \(2, 2\); expected \(filters, N, h, w\)",
        ),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.weight_tables({"dense: 225 weights": np.ones((9, 25)), "shared: 9 weights": np.ones((9, 25))})
    figures.growth([28, 224], {"dense": [1, 2], "convolution 5×5": [1, 1]})
    figures.journey(np.ones((28, 28)), MAPS, np.full(10, 0.1))
    figures.shifts(range(5), {"block 1 (step 2 px)": range(5)}, np.zeros(5))
    figures.strongest_windows({"block 3: receptive field 20×20": np.ones((3, 6, 20, 20))})
    for number in plt.get_fignums():
        readable(plt.figure(number))
