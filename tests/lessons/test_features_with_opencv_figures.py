"""Figures of the lesson on hand-made features: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.features_with_opencv import figures

PICTURE = np.arange(48, dtype=np.uint8).reshape(6, 8)

CALLS = {
    "views": {
        "photo": PICTURE,
        "edges": PICTURE,
        "corners": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "keypoints": np.array([[2.0, 3.0, 4.0, 90.0]]),
    },
    "circled": {"picture": PICTURE, "keypoints": np.array([[2.0, 3.0, 4.0]])},
    "match_lines": {
        "first": PICTURE,
        "second": PICTURE,
        "places": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "others": np.array([[2.0, 2.0], [5.0, 4.0]]),
        "right": np.array([True, False]),
    },
    "found_again": {
        "angles": [30.0, 60.0],
        "by_angle": {"SIFT": np.full((3, 2), 0.5)},
        "scales": [0.5, 2.0],
        "by_scale": {"SIFT": np.full((3, 2), 0.25)},
    },
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_views_mark_corners_and_keypoints_where_they_are():
    axes = figures.views(**CALLS["views"])
    np.testing.assert_array_equal(axes[2].lines[0].get_xydata(), [[1, 2], [3, 4]])
    circles, lines = axes[3].collections
    np.testing.assert_array_equal(circles.get_offsets(), [[2, 3]])
    np.testing.assert_allclose(lines.get_segments()[0], [[2, 3], [2, 5]])  # 90 degrees point down, half of size 4
    np.testing.assert_array_equal(axes[1].images[0].get_array(), PICTURE)
    assert [ax.get_title() for ax in axes] == ["photo", "edges", "corners", "keypoints"]
    readable(plt.gcf())


def test_a_circle_has_the_size_as_its_diameter():
    ax = figures.circled(PICTURE, np.array([[2.0, 3.0, 4.0]]))
    plt.gcf().canvas.draw()
    drawn = np.asarray(plt.gcf().canvas.buffer_rgba())[..., :3].astype(int)
    coloured = np.flatnonzero((drawn.max(axis=2) - drawn.min(axis=2) > 60).any(axis=0))
    pixels = ax.transData.transform([[0, 0], [4, 0]])
    np.testing.assert_allclose(np.ptp(coloured), np.ptp(pixels[:, 0]), atol=3)
    readable(plt.gcf())


def test_lines_join_the_two_places_of_a_match():
    second = np.zeros((5, 4), np.uint8)
    ax = figures.match_lines(PICTURE, second, np.array([[1.0, 2.0]]), np.array([[3.0, 1.0]]), np.array([False]))
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), [[1, 2], [3 + 2, 1 + 6 + 6]])
    assert line.get_linestyle() == "--"
    assert np.asarray(ax.images[0].get_array())[12, 2] == 0
    readable(plt.gcf())


def test_found_again_draws_means_and_a_ring_each_photo():
    shares = np.array([[0.2, 0.4], [0.6, 0.8]])
    axes = figures.found_again([30, 60], {"a": shares}, [0.5, 2], {"a": shares / 2})
    np.testing.assert_allclose(axes[0].lines[0].get_ydata(), [40, 60])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [20, 30])
    np.testing.assert_allclose([line.get_ydata() for line in axes[0].lines[1:]], 100 * shares)
    assert axes[1].get_xscale() == "log"
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.circled(PICTURE.astype(float), np.zeros((1, 3))), "picture has dtype float64; expected uint8"),
        (lambda: figures.circled(PICTURE, np.zeros((1, 2))), r"keypoints has shape \(1, 2\); expected \(N, 3\)"),
        (
            lambda: figures.views(**CALLS["views"] | {"edges": PICTURE[:3]}),
            r"edges has shape \(3, 8\); expected \(6, 8\)",
        ),
        (
            lambda: figures.match_lines(**CALLS["match_lines"] | {"right": np.array([True])}),
            r"right has shape \(1,\); expected \(2,\)",
        ),
        (
            lambda: figures.found_again([30], {"a": np.ones((1, 1))}, [1], {"b": np.ones((1, 1))}),
            "by_scale has the names",
        ),
        (
            lambda: figures.found_again([30], {"a": np.full((1, 1), 50.0)}, [1], {"a": np.ones((1, 1))}),
            "divide percentages by 100",
        ),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
