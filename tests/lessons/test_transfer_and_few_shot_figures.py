"""Figures of the lesson on transfer: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.transfer_and_few_shot import figures

PICTURES = np.arange(2 * 8 * 8 * 3).reshape(2, 8, 8, 3).astype(np.uint8)
CALLS = {
    "top_answers": {"pictures": PICTURES[:1], "answers": {"a cup": {"espresso": 0.9, "cup": 0.1}}},
    "neighbours": {
        "queries": PICTURES[:1],
        "found": {"pixels": PICTURES[None, :]},
        "right": {"pixels": np.array([[True, False]])},
    },
    "by_examples": {"counts": [1, 5], "panels": {"patches": {"probe": [[0.4, 0.5], [0.7, 0.8]]}}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_each_picture_stands_beside_its_answers():
    answers = {"one": {"cup": 0.75, "bowl": 0.2}, "two": {"palace": 0.5, "castle": 0.25}}
    axes = figures.top_answers(PICTURES, answers)
    assert axes.shape == (2, 2)
    for (left, right), picture, (title, shares) in zip(axes, PICTURES, answers.items(), strict=True):
        np.testing.assert_array_equal(left.images[0].get_array(), picture)
        assert left.get_title() == title
        assert [bar.get_width() for bar in right.patches] == list(shares.values())
        assert [text.get_text() for text in right.texts] == [f"{name} {share:.2f}" for name, share in shares.items()]
    readable(plt.gcf())


def test_neighbours_are_shown_in_order_and_wrong_ones_crossed():
    found = {"pixels": PICTURES[[[1, 0], [0, 1]]], "embedding": PICTURES[[[0, 1], [1, 0]]]}
    right = {"pixels": np.array([[False, True], [False, True]]), "embedding": np.array([[True, False], [True, True]])}
    ax = figures.neighbours(PICTURES, found, right)
    sheet = np.asarray(ax.images[0].get_array())
    np.testing.assert_array_equal(sheet[:8, :8], PICTURES[0])
    np.testing.assert_array_equal(sheet[:8, 11:19], PICTURES[1])  # one cell of 9 pixels and a gap of 2
    np.testing.assert_array_equal(sheet[9:17, 20:28], PICTURES[1])
    np.testing.assert_array_equal(sheet[20:28, :8], PICTURES[1])  # the second picture, two gaps further down
    assert [label.get_text() for label in ax.get_yticklabels()] == ["pixels", "embedding"] * 2
    assert len(ax.patches) == sum(int((~each).sum()) for each in right.values())
    readable(plt.gcf())


def test_lines_are_means_over_draws():
    panels = {"photographs": {"probe": [[0.4, 0.6], [0.8, 0.9]]}, "digits": {"pixels": [[0.1], [0.2]]}}
    axes = figures.by_examples([1, 5], panels)
    np.testing.assert_allclose(axes[0].lines[0].get_ydata(), [50, 85])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [10, 20])
    assert axes[0].lines[0].get_color() != axes[1].lines[0].get_color()
    assert [text.get_text() for text in plt.gcf().legends[0].get_texts()] == ["probe", "pixels"]
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.top_answers(PICTURES, {"one": {"cup": 0.5}}), r"pictures has shape \(2, 8, 8, 3\); expected"),
        (lambda: figures.top_answers(PICTURES[:1], {"one": {"cup": 1.5}}), r"answers\['one'\]\['cup'\]=1.5"),
        (
            lambda: figures.neighbours(PICTURES, {"a": PICTURES[None, :]}, {"a": np.ones((1, 2), bool)}),
            r"found\['a'\] has shape",
        ),
        (
            lambda: figures.neighbours(PICTURES[:1], {"a": PICTURES[None, :]}, {"b": np.ones((1, 2), bool)}),
            r"right does not say of each picture in found\['a'\]",
        ),
        (lambda: figures.by_examples([1, 5], {"a": {"b": [[0.5]]}}), r"panels\['a'\]\['b'\] has shape \(1, 1\)"),
        (lambda: figures.by_examples([1], {"a": {"b": [[50]]}}), "expected shares from 0 to 1"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
