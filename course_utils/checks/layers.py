"""Checks of part 2, layers with math."""

import numpy as np

from course_utils.checks._exercise import Result, array, attempted, exercise, function, number


@exercise(
    "The window of entry (0, 1) starts at row 0, column 1. Write down its nine pixels first.",
    "Its rows are (2, 0, 1), (3, 1, 2) and (1, 4, 0). Only four weights are not zero.",
)
def entry_by_hand(entry):
    """Entry (0, 1) of the map of a 4×4 picture, with bias 3."""
    yield number(
        "entry",
        entry,
        4,
        mistakes={
            1: "that is the sum of the products; the bias is added to it.",
            3: "that is entry (0, 0), bias included; the window starts one column further to the right.",
            0: "that is entry (0, 0) without the bias; the window starts one column further to the right.",
            9: "the kernel has been flipped, which would be a true convolution.",
            8: "that is entry (1, 0): the first index counts rows, the second columns.",
        },
        idea="multiply each weight with the pixel under it in the window that starts at row 0, column 1, add, then add the bias.",
    )


@exercise(
    "Where do the windows start? 0, 4, 8, … as long as five rows fit.",
    "⌊(20 − 5) / 4⌋ + 1 windows. Which row is the last one of the last window?",
)
def output_size(windows, rows_lost):
    """Windows of 5 with stride 4 on 20 rows, and the rows that none of them reaches."""
    yield number(
        "windows",
        windows,
        4,
        mistakes={
            4.75: "there is no three quarters of a window: round down.",
            5: "a fifth window would start at row 16 and need row 20, which does not exist; the rows end with 19.",
            3: "that counts the steps between windows; the first window takes none.",
            16: "that is the number for stride 1.",
        },
        idea="count the starting rows 0, 4, 8, … from which five rows still fit.",
    )
    yield number(
        "rows_lost",
        rows_lost,
        3,
        mistakes={
            0: "the last window ends before the last row: which row is its last?",
            4: "the last window starts at row 12 and ends with row 16, that row included.",
            0.75: "give whole rows.",
        },
        idea="the last window covers rows 12 to 16; count the rows after it.",
    )


def _kernel(name, given):
    """A learner's 3×3 kernel as floats, or the Result that says what came instead."""
    try:
        kernel = np.asarray(attempted(given), float)
    except (TypeError, ValueError):
        return None, Result(False, f"{name}: expected a 3×3 array of numbers, got {type(given).__name__}.")
    if kernel.shape != (3, 3) or not np.isfinite(kernel).all():
        return None, Result(False, f"{name} has shape {kernel.shape}: expected 3 rows and 3 columns of finite numbers.")
    return kernel, None


def _same(picture, kernel):
    """Cross-correlation of a picture, shape (H, W), with a 3×3 kernel and one row and column of zeros around it."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(picture, 1), (3, 3))
    return np.einsum("ijuv,uv->ij", windows, kernel)


@exercise(
    "The output at a place is the sum of its nine neighbours, weighted. Which neighbour alone do you want?",
    "A single 1; the others are 0. The centre of the kernel lies on the place itself.",
)
def shift_kernel(kernel):
    """A kernel that moves a picture by one pixel to the right."""
    kernel, problem = _kernel("kernel", kernel)
    if problem:
        yield problem
        return
    picture = np.random.default_rng(0).integers(1, 10, size=(5, 6)).astype(float)
    expected = np.pad(picture, ((0, 0), (1, 0)))[:, :-1]
    moved = _same(picture, kernel)
    others = {
        "it moves the picture to the left: cross-correlation does not flip the kernel.": np.pad(
            picture, ((0, 0), (0, 1))
        )[:, 1:],
        "it leaves the picture where it is.": picture,
        "it moves the picture down.": np.pad(picture, ((1, 0), (0, 0)))[:-1],
        "it moves the picture up.": np.pad(picture, ((0, 1), (0, 0)))[1:],
    }
    for text, other in others.items():
        if np.allclose(moved, other):
            yield Result(False, f"kernel: {text}")
            return
    yield array(
        "the moved picture", moved, expected, idea="Which one of nine neighbours should be copied to each place?"
    )


@exercise(
    "Try it on a picture whose rows are 0, 0, 1. Then on one whose columns are.",
    "Negative weights above, positive ones below, and each column adds up to zero.",
)
def edge_kernel(kernel):
    """A detector of horizontal edges that are brighter below."""
    kernel, problem = _kernel("kernel", kernel)
    if problem:
        yield problem
        return
    below = np.array([[0.0] * 3, [0.0] * 3, [1.0] * 3])
    cases = [
        ("bright below", below, 1),
        ("bright above", below[::-1], -1),
        ("bright from the middle row on", np.array([[0.0] * 3, [1.0] * 3, [1.0] * 3]), 1),
        ("a flat area", np.ones((3, 3)), 0),
        ("a vertical edge, bright on the right", below.T, 0),
        ("a vertical edge, bright on the left", below.T[:, ::-1], 0),
    ]
    wanted = {1: "a positive number", 0: "0", -1: "a negative number"}
    ideas = {
        1: "Weights over the bright part have to outweigh the others.",
        -1: "Turned upside down, the answer has to change its sign.",
        0: "For a flat area all weights add up to 0, for a vertical edge each column does.",
    }
    for name, patch, sign in cases:
        answer = float((patch * kernel).sum())
        right = abs(answer) < 1e-9 if sign == 0 else answer * sign > 1e-9
        text = f"{name}: {answer:.3g}, {'right' if right else f'expected {wanted[sign]}. {ideas[sign]}'}"
        yield Result(right, text + ("." if right else ""))
        if not right:
            return


def _strided(x, w, s):
    """Cross-correlation with stride, from every s-th window."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)[::s, ::s]
    return np.einsum("ijuv,uv->ij", windows, w)


@exercise(
    "How many windows fit along one side? Use the formula with the floor.",
    "Entry (i, j) belongs to the window that starts at row i * s, column j * s.",
)
def strided(answer):
    """Cross-correlation with a stride."""
    rng = np.random.default_rng(0)
    picture, kernel = rng.integers(-5, 6, size=(7, 9)), rng.integers(-3, 4, size=(3, 3))
    cases = [
        ("stride 1", (picture, kernel, 1)),
        ("stride 2", (picture, kernel, 2)),
        ("stride 2 on 6 rows", (picture[:6], kernel, 2)),
        ("stride 3 with a kernel of 2 rows and 3 columns", (picture, kernel[:2], 3)),
    ]
    ideas = {
        "stride 1": "With stride 1 it is cross_correlate itself.",
        "stride 2": "The window of entry (i, j) starts at row 2i, column 2j.",
        "stride 2 on 6 rows": "Only windows that fit entirely count: round down.",
        "stride 3 with a kernel of 2 rows and 3 columns": "Rows and columns of the kernel may differ.",
    }
    yield from function("strided_correlate", answer, _strided, cases, idea=ideas)


@exercise(
    "One row a window: count the windows of all pictures. One column a weight of one filter.",
    "With padding same and stride 2, a side of 28 has 14 windows. One filter holds 5 · 5 weights for each of 16 channels.",
)
def im2col_shape(rows, columns):
    """Rows and columns of the im2col matrix of (64, 28, 28, 16) under 5×5 windows, stride 2, padding same."""
    yield number(
        "rows",
        rows,
        64 * 14 * 14,
        mistakes={
            14 * 14: "that is one picture; the windows of all 64 go into the same matrix.",
            64 * 28 * 28: "that is stride 1; with stride 2 only every second window is taken, down and across.",
            64 * 12 * 12: "that is padding valid; with padding same a side of 28 has ⌈28 / 2⌉ windows.",
            64 * 14: "a picture has 14 rows of 14 windows each.",
            64 * 14 * 14 * 16: "channels do not make windows of their own: a window holds all of them.",
            400: "rows and columns are exchanged: a row is a window.",
        },
        idea="count the windows: pictures times windows down times windows across.",
    )
    yield number(
        "columns",
        columns,
        5 * 5 * 16,
        mistakes={
            25: "that is one channel; a window holds all 16.",
            16: "that is a 1×1 window; this one has 5 · 5 places.",
            5 * 16: "a window has 5 rows and 5 columns.",
            64 * 14 * 14: "rows and columns are exchanged: a column is a weight.",
        },
        idea="count the pixels of one window, all channels included.",
    )


def _dilated_rows(x, k, d):
    """The im2col matrix of one channel with dilation, from windows that reach over d (k − 1) + 1 pixels."""
    reach = d * (k - 1) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, (reach, reach))[..., ::d, ::d]
    return windows.reshape(-1, k * k)


@exercise(
    "The last window has to fit with its whole reach, d (k − 1) + 1, not with k.",
    "A slice takes steps: x[i : i + reach : d, j : j + reach : d] has k rows and k columns. Then ravel it.",
)
def dilated_rows(answer):
    """The im2col matrix of one channel whose windows are dilated."""
    picture = np.random.default_rng(0).integers(-9, 10, size=(7, 8))
    ideas = {
        "dilation 1": "Without dilation it is the matrix of the lesson: windows row after row, each laid out row after row.",
        "dilation 2": "The window reaches over d (k − 1) + 1 pixels; of these it takes every d-th.",
        "dilation 3 with windows of 2": "Try the slice on paper: 2 weights, 3 pixels apart, reach over 4.",
        "a window as large as the picture": "One window fits, so there is one row.",
    }
    cases = [
        ("dilation 1", (picture, 3, 1)),
        ("dilation 2", (picture, 3, 2)),
        ("dilation 3 with windows of 2", (picture, 2, 3)),
        ("a window as large as the picture", (picture[:, :7], 3, 3)),
    ]
    yield from function("dilated_rows", answer, _dilated_rows, cases, idea=ideas)


@exercise(
    "A filter of one group sees the channels of its group only. How many are these?",
    "Each of the 128 filters has 3 · 3 · 16 weights, and each weight is used once at every place of the output.",
)
def grouped_cost(weights, multiplications):
    """Weights and multiplications of 64 → 128 channels, 3×3, in 4 groups, on an output of 14×14."""
    yield number(
        "weights",
        weights,
        9 * 16 * 128,
        mistakes={
            9 * 64 * 128: "that is without groups; in 4 groups a filter sees 64 / 4 channels.",
            9 * 16 * 32: "that is one group; there are four of them.",
            9 * 64 * 32: "filters and channels are both cut by 4, and then there are four groups.",
            9 * 16 * 128 + 128: "that counts the biases; the question leaves them out.",
            16 * 128: "each filter has 3 · 3 weights for every channel that it sees.",
        },
        idea="128 filters, each with 3 · 3 weights for every channel of its group.",
    )
    yield number(
        "multiplications",
        multiplications,
        9 * 16 * 128 * 14 * 14,
        mistakes={
            9 * 64 * 128 * 14 * 14: "that is without groups.",
            9 * 16 * 128 * 14: "the output has 14 · 14 places.",
            9 * 16 * 128 * 14 * 14 * 128: "the number of filters is already in the number of weights.",
            9 * 16 * 128: "each weight is used once at every place of the output.",
        },
        idea="each weight is used once at every place of the output.",
    )


@exercise(
    "The first stamp covers the rows 0, 1, 2. Where does the seventh one start?",
    "Stamps of 4 start at rows 0, 2, …, 12: the last one ends with row 15. Sixteen rows are two more than 14.",
)
def transposed_size(rows, cut):
    """Rows after stamping 7 rows with kernel 3 and stride 2, and rows to cut off each side for kernel 4 to give 14."""
    yield number(
        "rows",
        rows,
        15,
        mistakes={
            14: "that is padding same; valid cuts nothing off.",
            3: "that is a convolution, which shrinks; this layer enlarges.",
            17: "seven stamps take six steps: 6 · 2 + 3.",
            21: "stamps overlap: they start 2 rows apart, not 3.",
            13: "the last stamp starts at row 12, and it covers three rows.",
            12: "that is where the last stamp starts; it covers three rows.",
        },
        idea="the last stamp starts at row 6 · 2; how many rows end with its last one?",
    )
    yield number(
        "cut",
        cut,
        1,
        mistakes={
            2: "that is both sides together; say how many on each side.",
            0: "uncut it would be 6 · 2 + 4 rows, which is more than 14.",
        },
        idea="stamps of 4 give 6 · 2 + 4 rows; the surplus over 14 is cut off in equal parts on both sides.",
    )


def _convolution_matrix(w, n, s):
    """The matrix of a one-dimensional cross-correlation, shape (n', n)."""
    k = len(w)
    matrix = np.zeros(((n - k) // s + 1, n), np.asarray(w).dtype)
    for i, row in enumerate(matrix):
        row[i * s : i * s + k] = w
    return matrix


@exercise(
    "Row i of the matrix says which pixels y[i] is made of, and with which weights.",
    "Start with zeros of shape ((n - k) // s + 1, n). Write w into row i, from column i * s on.",
)
def convolution_matrix(answer):
    """The matrix of a one-dimensional cross-correlation with stride."""
    w = np.array([1, -2, 4])
    ideas = {
        "stride 1": "Every row holds w once, not flipped, one column further right than the row above.",
        "stride 2": "With stride 2 the weights move by two columns a row, and there are fewer rows.",
        "stride 2 on 8 pixels": "Only windows that fit entirely make a row: round down.",
        "a kernel as long as the picture": "One window fits, so there is one row.",
    }
    cases = [
        ("stride 1", (w, 6, 1)),
        ("stride 2", (w, 7, 2)),
        ("stride 2 on 8 pixels", (w, 8, 2)),
        ("a kernel as long as the picture", (w, 3, 1)),
    ]
    yield from function("convolution_matrix", answer, _convolution_matrix, cases, idea=ideas)
