"""Figures of the lesson on faces: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.detecting_faces import figures

PICTURE = np.arange(20 * 30).reshape(20, 30).astype(np.uint8)
CALLS = {
    "boxes_on": {
        "pictures": {"one": PICTURE},
        "found": {"one": np.array([[1.0, 2.0, 8.0, 9.0, 3.5]])},
        "labelled": {"one": np.array([[1.0, 3.0, 9.0, 11.0]])},
    },
    "heat_maps": {"picture": PICTURE, "maps": {"30 pixels": np.array([[1.0, -2.0]])}},
    "precision_recall": {"curves": {"a": np.array([[0.1, 0.5], [1.0, 0.5]])}, "chosen": np.array([0.5, 0.5])},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_boxes_are_drawn_where_they_lie_with_their_scores():
    two = {"one": PICTURE, "two": PICTURE.T.copy()}
    found = {"one": np.array([[1, 2, 8, 9, 3.5]]), "two": np.zeros((0, 5))}
    axes = figures.boxes_on(two, found, {"one": np.zeros((0, 4)), "two": np.array([[1, 3, 9, 11]])})
    assert [len(ax.patches) for ax in axes] == [2, 2]  # each with a white edge
    assert axes[0].patches[1].get_bbox().bounds == (2, 1, 7, 7)
    assert [text.get_text() for text in axes[0].texts] == ["3.5"]
    assert axes[1].patches[1].get_linestyle() != axes[0].patches[1].get_linestyle()
    readable(plt.gcf())


def test_every_number_can_be_read():
    picture = np.zeros((200, 300), np.uint8)
    corners = [[0, 0, 40, 40, 6.1], [0, 262, 38, 300, -12.3], [160, 0, 200, 40, -0.01], [160, 262, 200, 300, 22.7]]
    close = [[80, 100, 130, 150, 7.3], [80, 105, 128, 152, 2.3], [2, 60, 150, 220, 0.8]]
    ax = figures.boxes_on({"one": picture}, {"one": np.array(corners + close)}, {"one": np.zeros((0, 4))})[0]
    plt.gcf().canvas.draw()
    frame = ax.get_window_extent()
    places = [text.get_window_extent() for text in ax.texts]
    assert [text.get_text() for text in ax.texts] == ["6.1", "−12.3", "0.0", "22.7", "7.3", "2.3", "0.8"]
    for number, place in enumerate(places):
        assert frame.x0 <= place.x0 < place.x1 <= frame.x1
        assert frame.y0 <= place.y0 < place.y1 <= frame.y1
        assert not place.count_overlaps(places[:number])
    readable(plt.gcf())


def test_maps_share_a_scale_centred_on_zero():
    axes = figures.heat_maps(PICTURE, {"a": np.array([[1.0, -2.0]]), "b": np.array([[-9.0, 4.0]])})
    assert [ax.get_title() for ax in axes] == ["picture", "a", "b"]
    assert {ax.images[0].get_clim() for ax in axes[1:]} == {(-4.0, 4.0)}
    assert figures.heat_maps(PICTURE, {"a": np.array([[-3.0]])})[1].images[0].get_clim() == (-3.0, 3.0)
    readable(plt.gcf())


def test_curves_are_recall_across_precision_up():
    ax = figures.precision_recall({"a": np.array([[0.1, 0.5], [1.0, 0.5]])}, np.array([0.5, 0.25]))
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0.1, 1.0], [0.5, 0.5]])
    np.testing.assert_allclose(ax.lines[1].get_xydata(), [[0.5, 0.25]])
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.boxes_on({"a": PICTURE}, {"b": np.zeros((0, 5))}, {"a": np.zeros((0, 4))}), "other names"),
        (lambda: figures.boxes_on({"a": PICTURE}, {"a": np.zeros((1, 4))}, {"a": np.zeros((0, 4))}), "has shape"),
        (lambda: figures.heat_maps(PICTURE, {"a": np.zeros(3)}), "has shape"),
        (lambda: figures.precision_recall({"a": np.array([[10.0], [90.0]])}, np.array([0.1, 0.2])), "shares"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
