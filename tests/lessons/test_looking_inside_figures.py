"""Figures of the lesson on looking inside: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils import explain
from course_utils.lessons.looking_inside import figures

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (8, 6, 3)).astype(np.uint8)
CALLS = {
    "first_filters": {"strokes": RNG.normal(size=(5, 5, 1, 3)), "edges": RNG.normal(size=(3, 3, 3, 9))},
    "layer_maps": {"maps": {"4×4": RNG.random((4, 4, 2)), "2×2": RNG.random((2, 2, 1))}},
    "overlays": {"panels": {"one": (PHOTO, RNG.random((8, 6))), "two": (PHOTO, np.zeros((8, 6)))}, "columns": 2},
    "digit_maps": {"digits": RNG.random((2, 6, 6)) * 255, "maps": {"saliency": RNG.random((2, 6, 6))}},
    "covering": {"falls": {"tripod": np.array([3.0, 1.0, -1.0])}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_filters_stand_in_rows_of_eight_and_empty_ones_are_grey():
    edges = RNG.normal(size=(3, 3, 3, 9))
    edges[..., 4] = 0.001
    axes = figures.first_filters(CALLS["first_filters"]["strokes"], edges)
    assert len(axes) == 8 + 9
    assert [bool(ax.images) for ax in axes] == [True] * 3 + [False] * 5 + [True] * 9
    np.testing.assert_array_equal(axes[8 + 4].images[0].get_array(), 0.5)
    shown = axes[8].images[0].get_array()
    assert np.unravel_index(np.abs(shown - 0.5).argmax(), shown.shape) == np.unravel_index(
        np.abs(edges[..., 0]).argmax(), shown.shape
    )


def test_maps_stand_in_the_row_of_their_layer():
    maps = CALLS["layer_maps"]["maps"]
    axes = figures.layer_maps(maps)
    np.testing.assert_array_equal(axes[0, 1].images[0].get_array(), maps["4×4"][..., 1])
    assert axes[1, 0].get_ylabel() == "2×2"
    assert not axes[1, 1].images


def test_photographs_keep_few_colours_close_to_their_own():
    photo = np.stack([np.add.outer(np.arange(128), np.arange(128)).astype(np.uint8)] * 3, axis=-1)
    (ax,) = figures.overlays({"one": (photo, np.zeros((128, 128)))})
    shown = np.asarray(ax.images[0].get_array())
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= 96
    assert np.abs(shown.astype(int) - photo[::2, ::2]).mean() < 6


def test_a_small_hot_place_keeps_its_colour():
    photo = np.stack([np.add.outer(np.arange(128), np.arange(128)).astype(np.uint8)] * 3, axis=-1)
    heat = np.zeros((128, 128))
    heat[-8:, -8:] = 1
    (ax,) = figures.overlays({"one": (photo, heat)})
    shown = np.asarray(ax.images[0].get_array())[-4:, -4:]
    expected = explain.overlay(photo, heat)[::2, ::2][-4:, -4:]
    assert np.abs(shown.astype(int) - expected).mean() < 6


def test_overlays_are_the_package_s_at_half_size():
    heat = RNG.random((8, 6))
    axes = figures.overlays({"one": (PHOTO, heat), "two": (PHOTO, 0 * heat)})
    np.testing.assert_array_equal(axes[0].images[0].get_array(), explain.overlay(PHOTO, heat)[::2, ::2])
    np.testing.assert_array_equal(axes[1].images[0].get_array(), PHOTO[::2, ::2])
    assert [ax.get_title() for ax in axes] == ["one", "two"]


def test_digits_stand_beside_their_maps():
    call = CALLS["digit_maps"]
    axes = figures.digit_maps(**call)
    assert axes.shape == (2, 2)
    pictures = call["digits"].astype(np.uint8)
    np.testing.assert_array_equal(axes[1, 0].images[0].get_array(), pictures[1])
    expected = explain.overlay(pictures[1], call["maps"]["saliency"][1])
    np.testing.assert_array_equal(axes[1, 1].images[0].get_array(), expected)


def test_the_map_s_own_fall_is_told_from_the_others():
    ax = figures.covering({"tripod": [3.0, 1.0, -1.0], "cat": [0.0, 2.0]})
    drawn = [line.get_xdata().tolist() for line in ax.lines[:4]]
    assert drawn == [[1, -1], [3], [2], [0]]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["tripod", "cat"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.covering({"a": [1.0]}), "falls.'a'. has one entry"),
        (lambda: figures.digit_maps(np.full((1, 2, 2), 256.0), {"a": np.ones((1, 2, 2))}), "digits holds 256.0"),
        (lambda: figures.overlays({"a": (PHOTO, np.ones((6, 8)))}), r"has shape \(6, 8\); expected \(8, 6\)"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    for name, call in CALLS.items():
        getattr(figures, name)(**call)
    for number in plt.get_fignums():
        readable(plt.figure(number))
