"""Exercises of part 2: untouched, wrong in instructive ways, right."""

import numpy as np
import pytest

from course_utils import layers as reference
from course_utils.lessons.convolution import checks as convolution
from course_utils.lessons.fast_convolution import checks as fast_convolution


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
        (convolution.entry_by_hand, (...,)),
        (convolution.output_size, (..., ...)),
        (convolution.output_size, (4, ...)),
        (convolution.shift_kernel, (...,)),
        (convolution.edge_kernel, (...,)),
        (convolution.strided, (lambda x, w, s: ...,)),
        (fast_convolution.im2col_shape, (..., ...)),
        (fast_convolution.im2col_shape, (12_544, ...)),
        (fast_convolution.dilated_rows, (lambda x, k, d: ...,)),
        (fast_convolution.dilated_rows, (...,)),
        (fast_convolution.grouped_cost, (..., ...)),
        (fast_convolution.grouped_cost, (18_432, ...)),
        (fast_convolution.transposed_size, (..., ...)),
        (fast_convolution.transposed_size, (15, ...)),
        (fast_convolution.convolution_matrix, (lambda w, n, s: ...,)),
    ],
)
def test_untouched(check, answers, capsys):
    check(*answers)
    assert capsys.readouterr().out.startswith("Not attempted yet.")


def windows_as_rows(x, k, d, *, reach=None):
    reach = reach or d * (k - 1) + 1
    places = [(i, j) for i in range(x.shape[0] - reach + 1) for j in range(x.shape[1] - reach + 1)]
    return np.array([x[i : i + d * k : d, j : j + d * k : d].ravel() for i, j in places])


def without_dilation(x, k, d):
    return windows_as_rows(x, k, 1)


def column_by_column(x, k, d):
    return windows_as_rows(x, k, d).reshape(-1, k, k).transpose(0, 2, 1).reshape(-1, k * k)


def basis_pictures(w, n, s):
    """The matrix of a one-dimensional convolution from what it makes of each basis picture."""
    return reference.conv2d(np.eye(n)[:, None, :, None], w[None, :, None, None], strides=(1, s))[:, 0, :, 0].T


X = np.array([[1, 2, 0, 1], [0, 3, 1, 2], [2, 1, 4, 0], [1, 0, 2, 3]])
V = np.array([[0, 1, 0], [1, -2, 0], [0, 0, 1]])


def one(row, column):
    kernel = np.zeros((3, 3))
    kernel[row, column] = 1
    return kernel


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (convolution.entry_by_hand, (correlate(X, V)[0, 1],), "the bias is added"),
        (convolution.entry_by_hand, (correlate(X, V)[0, 0] + 3,), "that is entry (0, 0), bias included"),
        (convolution.entry_by_hand, (correlate(X, V)[0, 0],), "entry (0, 0) without the bias"),
        (convolution.entry_by_hand, (correlate(X, V)[1, 0] + 3,), "that is entry (1, 0)"),
        (convolution.entry_by_hand, (correlate(X, V[::-1, ::-1])[0, 1] + 3,), "flipped"),
        (convolution.entry_by_hand, (99,), "starts at row 0, column 1"),
        (convolution.entry_by_hand, ([1, 2],), "expected one number, got list"),
        (convolution.output_size, (4.75, 3), "round down"),
        (convolution.output_size, (5, 3), "need row 20, which does not exist"),
        (convolution.output_size, (4, 4), "ends with row 16"),
        (convolution.output_size, (4, 1), "count the rows after it"),
        (convolution.shift_kernel, (one(1, 2),), "to the left"),
        (convolution.shift_kernel, (one(1, 1),), "leaves the picture where it is"),
        (convolution.shift_kernel, (one(0, 1),), "moves the picture down"),
        (convolution.shift_kernel, (one(2, 1),), "moves the picture up"),
        (convolution.shift_kernel, (np.ones((3, 3)),), "Which one of nine neighbours"),
        (convolution.shift_kernel, (np.ones((2, 2)),), "expected 3 rows and 3 columns"),
        (convolution.shift_kernel, ("right",), "expected a 3×3 array of numbers, got str"),
        (convolution.edge_kernel, (np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]),), "outweigh"),
        (convolution.edge_kernel, (np.array([[0, 0, 0], [0, 0, 0], [1, 1, 1]]),), "change its sign"),
        (convolution.edge_kernel, (np.array([[-1, 0, 0], [0, 0, 0], [0, 0, 1]]),), "each column does"),
        (convolution.edge_kernel, (np.full((3, 3), np.nan),), "finite numbers"),
        (convolution.strided, (lambda x, w, s: correlate(x, w),), "starts at row 2i"),
        (convolution.strided, (loops_that_round_up,), "round down"),
        (convolution.strided, (lambda x, w, s: 1 / 0,), "stopped with ZeroDivisionError"),
        (convolution.strided, (5,), "expected a function"),
        (fast_convolution.im2col_shape, (64 * 28 * 28, 400), "that is stride 1"),
        (fast_convolution.im2col_shape, (14 * 14, 400), "the windows of all 64"),
        (fast_convolution.im2col_shape, (400, 12_544), "a row is a window"),
        (fast_convolution.im2col_shape, (12_544, 25), "that is one channel"),
        (fast_convolution.im2col_shape, ((12_544, 400), 400), "expected one number, got tuple"),
        (fast_convolution.im2col_shape, (7, 7), "count the windows"),
        (fast_convolution.dilated_rows, (without_dilation,), "every d-th"),
        (fast_convolution.dilated_rows, (column_by_column,), "row after row"),
        (
            fast_convolution.dilated_rows,
            (lambda x, k, d: windows_as_rows(x, k, d, reach=k),),
            "stopped with ValueError",
        ),
        (fast_convolution.dilated_rows, (lambda x, k, d: "rows",), "expected an array of numbers, got str"),
        (fast_convolution.dilated_rows, ("no function",), "expected a function"),
        (fast_convolution.grouped_cost, (9 * 64 * 128, 1), "that is without groups; in 4 groups"),
        (fast_convolution.grouped_cost, (9 * 16 * 32, 1), "that is one group"),
        (fast_convolution.grouped_cost, (9 * 16 * 128, 9 * 64 * 128 * 196), "that is without groups."),
        (fast_convolution.grouped_cost, (9 * 16 * 128, 9 * 16 * 128), "used once at every place"),
        (fast_convolution.grouped_cost, ("many", 1), "expected one number, got str"),
        (fast_convolution.transposed_size, (14, 1), "that is padding same"),
        (fast_convolution.transposed_size, (3, 1), "this layer enlarges"),
        (fast_convolution.transposed_size, (21, 1), "stamps overlap"),
        (fast_convolution.transposed_size, (15, 2), "both sides together"),
        (fast_convolution.transposed_size, (15, 0), "more than 14"),
        (fast_convolution.transposed_size, (15, [1]), "expected one number, got list"),
        (fast_convolution.convolution_matrix, (lambda w, n, s: basis_pictures(w[::-1], n, s),), "not flipped"),
        (
            fast_convolution.convolution_matrix,
            (lambda w, n, s: basis_pictures(w, n, s).T,),
            "has shape (6, 4); expected (4, 6)",
        ),
        (fast_convolution.convolution_matrix, (lambda w, n, s: basis_pictures(w, n, 1),), "move by two columns"),
        (fast_convolution.convolution_matrix, (lambda w, n, s: w[n],), "stopped with IndexError"),
        (fast_convolution.convolution_matrix, (np.eye(3),), "expected a function"),
    ],
)
def test_wrong_answers_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in " ".join(map(str, results))


def test_right_answers_pass():
    assert right(convolution.entry_by_hand.evaluate(correlate(X, V)[0, 1] + 3))
    assert right(convolution.output_size.evaluate(reference.output_size(20, 5, stride=4), 3))
    assert right(convolution.shift_kernel.evaluate(one(1, 0)))
    for kernel in ([[-1, -1, -1], [0, 0, 0], [1, 1, 1]], [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]):
        assert right(convolution.edge_kernel.evaluate(kernel))
    assert right(convolution.strided.evaluate(correlate))
    assert right(
        fast_convolution.im2col_shape.evaluate(64 * reference.output_size(28, 5, stride=2, padding="same") ** 2, 400)
    )
    assert right(fast_convolution.dilated_rows.evaluate(windows_as_rows))
    assert right(fast_convolution.transposed_size.evaluate(stamped(7, 3), (stamped(7, 4) - 14) // 2))
    assert right(fast_convolution.convolution_matrix.evaluate(basis_pictures))


def stamped(rows, kernel_size):
    ones = np.ones((1, rows, 1, 1)), np.ones((kernel_size, 1, 1, 1))
    return reference.conv2d_transpose(*ones, strides=(2, 1)).shape[1]


def test_grouped_cost_is_that_of_a_keras_layer():
    import keras

    layer = keras.layers.Conv2D(128, 3, groups=4, use_bias=False)
    layer.build((None, 16, 16, 64))
    assert right(fast_convolution.grouped_cost.evaluate(layer.count_params(), layer.count_params() * 14 * 14))
