"""Exercises of the lesson on convolution: the right answers, and what the mistakes say, computed in another way."""

import numpy as np
import pytest

from course_utils import layers
from course_utils.lessons.convolution import checks

X = np.array([[1, 2, 0, 1], [0, 3, 1, 2], [2, 1, 4, 0], [1, 0, 2, 3]])
V = np.array([[0, 2, 0], [1, -2, 0], [0, 0, 1]])


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def correlate(x, w, s=1, padding="valid"):
    return layers.conv2d(x[None, :, :, None], w[:, :, None, None], strides=s, padding=padding)[0, :, :, 0]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (correlate(X, V)[0, 1], "the bias is added"),
        (correlate(X, V)[0, 0] + 3, "that is entry (0, 0), bias included"),
        (correlate(X, V)[0, 0], "entry (0, 0) without the bias"),
        (correlate(X, V)[1, 0] + 3, "that is entry (1, 0)"),
        (correlate(X, V[::-1, ::-1])[0, 1] + 3, "flipped"),
    ],
)
def test_entries_are_those_of_the_layer(entry, text):
    assert right(checks.entry_by_hand.evaluate(correlate(X, V)[0, 1] + 3))
    assert text in told(checks.entry_by_hand, entry)


def test_sizes_are_those_of_the_layer():
    rows, k, s, p = 20, 5, 4, 1
    starts = range(-p, rows + p - k + 1, s)
    reached = {start + row for start in starts for row in range(k)} & set(range(rows))
    assert right(checks.output_size.evaluate(layers.output_size(rows, k, stride=s, padding=p), rows - len(reached)))


def test_kernels_move_a_picture_as_is_said():
    picture = np.random.default_rng(0).integers(1, 10, size=(5, 6)).astype(float)
    (field,) = checks.shift_kernel.fields
    moved = [correlate(picture, np.array(field.answer, float), padding="same")]
    moved += [correlate(picture, np.array(kernel, float), padding="same") for kernel, _ in field.mistakes]
    np.testing.assert_array_equal(moved[0], np.pad(picture, ((0, 0), (1, 0)))[:, :-1])
    np.testing.assert_array_equal(moved[1], np.pad(picture, ((0, 0), (0, 1)))[:, 1:])
    np.testing.assert_array_equal(moved[2], picture)
    np.testing.assert_array_equal(moved[3], np.pad(picture, ((1, 0), (0, 0)))[:-1])
    np.testing.assert_array_equal(moved[4], np.pad(picture, ((0, 1), (0, 0)))[1:])
    np.testing.assert_array_equal(moved[5], np.pad(picture, ((0, 1), (1, 0)))[1:, :-1])
    np.testing.assert_array_equal(moved[6], np.pad(picture, ((1, 0), (1, 0)))[:-1, :-1])
    np.testing.assert_array_equal(moved[7], 2 * moved[0])
    np.testing.assert_array_equal(moved[8], -moved[0])
    words = ["to the left", "where it is", "down.", "up.", "right and up", "right and down", "doubled", "sign"]
    for word, (_, text) in zip(words, field.mistakes, strict=True):
        assert word in text
    assert "Which one of the nine pixels" in told(checks.shift_kernel, np.ones((3, 3)))


def test_every_known_detector_passes():
    for kernel in (
        [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        [[-3, -10, -3], [0] * 3, [3, 10, 3]],
    ):
        assert right(checks.edge_kernel.evaluate(kernel))


def rounding_up(x, w, s):
    rows, columns = (-(-(side - k) // s) + 1 for side, k in zip(x.shape, w.shape, strict=True))
    padded = np.pad(x, ((0, s), (0, s)))
    places = [[(i * s, j * s) for j in range(columns)] for i in range(rows)]
    return np.array([[(padded[i : i + len(w), j : j + w.shape[1]] * w).sum() for i, j in row] for row in places])


def test_strided_agrees_with_the_layer():
    assert right(checks.strided.evaluate(correlate))
    assert "round down" in told(checks.strided, rounding_up)

    def transposed(x, w, s):
        return correlate(x, w.T if w.shape[0] != w.shape[1] else w, s)

    assert "Rows and columns of the kernel may differ" in told(checks.strided, transposed)
