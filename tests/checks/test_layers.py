"""Exercises of part 2: untouched, wrong in instructive ways, right."""

import numpy as np
import pytest

from course_utils import layers as reference
from course_utils.checks import layers


def right(results):
    return all(result.right for result in results)


def correlate(x, w, s=1):
    return reference.conv2d(x[None, :, :, None], w[:, :, None, None], strides=s)[0, :, :, 0]


def loops_that_round_up(x, w, s):
    rows, columns = (-(-(side - len(w)) // s) + 1 for side in x.shape)
    padded = np.pad(x, ((0, s), (0, s)))
    return np.array(
        [[(padded[i * s : i * s + len(w), j * s : j * s + 3] * w).sum() for j in range(columns)] for i in range(rows)]
    )


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (layers.entry_by_hand, (...,)),
        (layers.output_size, (..., ...)),
        (layers.output_size, (4, ...)),
        (layers.shift_kernel, (...,)),
        (layers.edge_kernel, (...,)),
        (layers.strided, (lambda x, w, s: ...,)),
    ],
)
def test_untouched(check, answers, capsys):
    check(*answers)
    assert capsys.readouterr().out.startswith("Not attempted yet.")


X = np.array([[1, 2, 0, 1], [0, 3, 1, 2], [2, 1, 4, 0], [1, 0, 2, 3]])
V = np.array([[0, 1, 0], [1, -2, 0], [0, 0, 1]])


def one(row, column):
    kernel = np.zeros((3, 3))
    kernel[row, column] = 1
    return kernel


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (layers.entry_by_hand, (correlate(X, V)[0, 1],), "the bias is added"),
        (layers.entry_by_hand, (correlate(X, V)[0, 0] + 3,), "that is entry (0, 0), bias included"),
        (layers.entry_by_hand, (correlate(X, V)[0, 0],), "entry (0, 0) without the bias"),
        (layers.entry_by_hand, (correlate(X, V)[1, 0] + 3,), "that is entry (1, 0)"),
        (layers.entry_by_hand, (correlate(X, V[::-1, ::-1])[0, 1] + 3,), "flipped"),
        (layers.entry_by_hand, (99,), "starts at row 0, column 1"),
        (layers.entry_by_hand, ([1, 2],), "expected one number, got list"),
        (layers.output_size, (4.75, 3), "round down"),
        (layers.output_size, (5, 3), "need row 20, which does not exist"),
        (layers.output_size, (4, 4), "ends with row 16"),
        (layers.output_size, (4, 1), "count the rows after it"),
        (layers.shift_kernel, (one(1, 2),), "to the left"),
        (layers.shift_kernel, (one(1, 1),), "leaves the picture where it is"),
        (layers.shift_kernel, (one(0, 1),), "moves the picture down"),
        (layers.shift_kernel, (one(2, 1),), "moves the picture up"),
        (layers.shift_kernel, (np.ones((3, 3)),), "Which one of nine neighbours"),
        (layers.shift_kernel, (np.ones((2, 2)),), "expected 3 rows and 3 columns"),
        (layers.shift_kernel, ("right",), "expected a 3×3 array of numbers, got str"),
        (layers.edge_kernel, (np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]),), "outweigh"),
        (layers.edge_kernel, (np.array([[0, 0, 0], [0, 0, 0], [1, 1, 1]]),), "change its sign"),
        (layers.edge_kernel, (np.array([[-1, 0, 0], [0, 0, 0], [0, 0, 1]]),), "each column does"),
        (layers.edge_kernel, (np.full((3, 3), np.nan),), "finite numbers"),
        (layers.strided, (lambda x, w, s: correlate(x, w),), "starts at row 2i"),
        (layers.strided, (loops_that_round_up,), "round down"),
        (layers.strided, (lambda x, w, s: 1 / 0,), "stopped with ZeroDivisionError"),
        (layers.strided, (5,), "expected a function"),
    ],
)
def test_wrong_answers_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in " ".join(map(str, results))


def test_right_answers_pass():
    assert right(layers.entry_by_hand.evaluate(correlate(X, V)[0, 1] + 3))
    assert right(layers.output_size.evaluate(reference.output_size(20, 5, stride=4), 3))
    assert right(layers.shift_kernel.evaluate(one(1, 0)))
    for kernel in ([[-1, -1, -1], [0, 0, 0], [1, 1, 1]], [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]):
        assert right(layers.edge_kernel.evaluate(kernel))
    assert right(layers.strided.evaluate(correlate))
