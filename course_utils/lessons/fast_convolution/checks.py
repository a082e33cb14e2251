"""Exercises of the lesson on fast convolution."""

import numpy as np

from course_utils.exercises import exercise, function, number


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
