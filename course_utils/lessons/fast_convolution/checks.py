"""Exercises of the lesson on fast convolution."""

import numpy as np

from course_utils import datasets, layers
from course_utils._arguments import as_finite
from course_utils.exercises import Case, Code, Exercise, Judged, Number, Result, finite_array

im2col_shape = Exercise(
    "im2col_shape",
    "Rows and columns of the im2col matrix of (64, 28, 28, 16) under 5×5 windows, stride 2, padding same.",
    fields=(
        Number(
            "rows",
            64 * 14 * 14,
            mistakes=(
                (14 * 14, "that is one picture; the windows of all 64 go into the same matrix."),
                (64 * 28 * 28, "that is stride 1; with stride 2 only every second window is taken, down and across."),
                (64 * 12 * 12, "that is padding valid; with padding same a side of 28 has ⌈28 / 2⌉ windows."),
                (64 * 14, "a picture has 14 rows of 14 windows each."),
                (64 * 14 * 14 * 16, "channels do not make windows of their own: a window holds all of them."),
                (400, "rows and columns are exchanged: a row is a window."),
            ),
            idea="count the windows: pictures times windows down times windows across.",
        ),
        Number(
            "columns",
            5 * 5 * 16,
            mistakes=(
                (25, "that is one channel; a window holds all 16."),
                (16, "that is a 1×1 window; this one has 5 · 5 places."),
                (5 * 16, "a window has 5 rows and 5 columns."),
                (64 * 14 * 14, "rows and columns are exchanged: a column is a weight."),
            ),
            idea="count the pixels of one window, all channels included.",
        ),
    ),
    hints=(
        "One row a window: count the windows of all pictures. One column a weight of one filter.",
        "With padding same and stride 2, a side of 28 has 14 windows. One filter holds 5 · 5 weights for each of 16 channels.",
    ),
)


def _dilated_rows(x, k, d):
    """The im2col matrix of one channel with dilation, from windows that span d (k − 1) + 1 pixels."""
    span = d * (k - 1) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, (span, span))[..., ::d, ::d]
    return windows.reshape(-1, k * k)


def _column_by_column(x, k, d):
    return _dilated_rows(x, k, d).reshape(-1, k, k).transpose(0, 2, 1).reshape(-1, k * k)


_PAGE = np.random.default_rng(0).integers(-9, 10, size=(7, 8))

dilated_rows = Exercise(
    "dilated_rows",
    "The im2col matrix of one channel whose windows are dilated.",
    fields=(
        Code(
            "dilated_rows",
            _dilated_rows,
            cases=(
                Case(
                    "dilation 1",
                    (_PAGE, 3, 1),
                    idea="Without dilation it is the matrix of the lesson: windows row after row, each laid out row after row.",
                ),
                Case(
                    "dilation 2",
                    (_PAGE, 3, 2),
                    idea="The window spans d (k − 1) + 1 pixels; of these it takes every d-th.",
                ),
                Case(
                    "dilation 3 with windows of 2",
                    (_PAGE, 2, 3),
                    idea="Try the slice on paper: 2 weights, 3 pixels apart, span 4.",
                ),
                Case(
                    "a window as large as the picture",
                    (_PAGE[:, :7], 3, 3),
                    idea="One window fits, so there is one row.",
                ),
            ),
            mistakes=(
                (
                    lambda x, k, d: _dilated_rows(x, k, 1),
                    "it takes neighbours. Of its window it should take every d-th pixel.",
                ),
                (_column_by_column, "a window is laid out row after row, not column after column."),
                (lambda x, k, d: _dilated_rows(x, k, d).T, "rows and columns are exchanged: one row a window."),
                (
                    lambda x, k, d: _dilated_rows(x, d * (k - 1) + 1, 1),
                    "all pixels of the window are there. A slice with the step d leaves out those between.",
                ),
                (
                    lambda x, k, d: _dilated_rows(x, k, d)[:-1],
                    "the last window is missing: range has to end behind the last place at which it fits.",
                ),
            ),
        ),
    ),
    hints=(
        "The last window has to fit with all that it spans, d (k − 1) + 1 pixels, not k.",
        "A slice takes steps: x[i : i + span : d, j : j + span : d] has k rows and k columns. Then ravel it.",
    ),
)


grouped_cost = Exercise(
    "grouped_cost",
    "Weights and multiplications of 64 → 128 channels, 3×3, in 4 groups, on an output of 14×14.",
    fields=(
        Number(
            "weights",
            9 * 16 * 128,
            mistakes=(
                (9 * 64 * 128, "that is without groups; in 4 groups a filter sees 64 / 4 channels."),
                (9 * 16 * 32, "that is one group; there are four of them."),
                (9 * 16 * 128 + 128, "that counts the biases; the question leaves them out."),
                (16 * 128, "each filter has 3 · 3 weights for every channel that it sees."),
            ),
            idea="128 filters, each with 3 · 3 weights for every channel of its group.",
        ),
        Number(
            "multiplications",
            9 * 16 * 128 * 14 * 14,
            mistakes=(
                (9 * 64 * 128 * 14 * 14, "that is without groups."),
                (9 * 16 * 128 * 14, "the output has 14 · 14 places."),
                (9 * 16 * 128 * 14 * 14 * 128, "the number of filters is already in the number of weights."),
                (9 * 16 * 128, "each weight is used once at every place of the output."),
            ),
            idea="each weight is used once at every place of the output.",
        ),
    ),
    hints=(
        "A filter of one group sees the channels of its group only. How many are these?",
        "Each of the 128 filters has 3 · 3 · 16 weights, and each weight is used once at every place of the output.",
    ),
)


transposed_size = Exercise(
    "transposed_size",
    "Rows after stamping 7 rows with kernel 3 and stride 2, and rows to cut off each side for kernel 4 to give 14.",
    fields=(
        Number(
            "rows",
            15,
            mistakes=(
                (14, "that is padding same; valid cuts nothing off."),
                (3, "that is a convolution, which shrinks; this layer enlarges."),
                (17, "seven stamps take six steps: 6 · 2 + 3."),
                (21, "stamps overlap: they start 2 rows apart, not 3."),
                (13, "the last stamp starts at row 12, and it covers three rows."),
                (12, "that is where the last stamp starts; it covers three rows."),
            ),
            idea="the last stamp starts at row 6 · 2; how many rows end with its last one?",
        ),
        Number(
            "cut",
            1,
            mistakes=(
                (2, "that is both sides together; say how many on each side."),
                (0, "uncut it would be 6 · 2 + 4 rows, which is more than 14."),
            ),
            idea="stamps of 4 give 6 · 2 + 4 rows; the surplus over 14 is cut off in equal parts on both sides.",
        ),
    ),
    hints=(
        "The first stamp covers the rows 0, 1, 2. Where does the seventh one start?",
        "Stamps of 4 start at rows 0, 2, …, 12: the last one ends with row 15. Sixteen rows are two more than 14.",
    ),
)


def _convolution_matrix(w, n, s):
    """The matrix of a one-dimensional cross-correlation, shape (n', n)."""
    k = len(w)
    matrix = np.zeros(((n - k) // s + 1, n), np.asarray(w).dtype)
    for i, row in enumerate(matrix):
        row[i * s : i * s + k] = w
    return matrix


_WEIGHTS = np.array([1, -2, 4])

convolution_matrix = Exercise(
    "convolution_matrix",
    "The matrix of a one-dimensional cross-correlation with stride.",
    fields=(
        Code(
            "convolution_matrix",
            _convolution_matrix,
            cases=(
                Case(
                    "stride 1",
                    (_WEIGHTS, 6, 1),
                    idea="Every row holds w once, one column further right than the row above.",
                ),
                Case(
                    "stride 2",
                    (_WEIGHTS, 7, 2),
                    idea="With stride 2 the weights move by two columns a row, and there are fewer rows.",
                ),
                Case(
                    "stride 2 on 8 pixels",
                    (_WEIGHTS, 8, 2),
                    idea="Only windows that fit entirely make a row: round down.",
                ),
                Case("a kernel as long as the picture", (_WEIGHTS, 3, 1), idea="One window fits, so there is one row."),
            ),
            mistakes=(
                (
                    lambda w, n, s: _convolution_matrix(w[::-1], n, s),
                    "w is flipped: a row holds it as it is, from left to right.",
                ),
                (
                    lambda w, n, s: _convolution_matrix(w, n, s).T,
                    "that is the matrix of the transposed convolution, M.T.",
                ),
                (
                    lambda w, n, s: _convolution_matrix(w, n, 1),
                    "the stride is missing: the weights move by s columns a row.",
                ),
                (
                    lambda w, n, s: np.eye(n)[::s] * w[0] + np.eye(n, k=1)[::s] * w[1] + np.eye(n, k=2)[::s] * w[2],
                    "the last rows hold windows that stick out of the picture; only those that fit count.",
                ),
            ),
        ),
    ),
    hints=(
        "Row i of the matrix says which pixels a[i] is made of, and with which weights.",
        "Start with zeros of shape ((n - k) // s + 1, n). Write w into row i, from column i * s on.",
    ),
)


BANK = (5, 5, 1, 8)
BANK_SCORE = 94.0
"""Per cent of digits; each of ten random banks reads between 91 and 93.9."""


def _bank_features(pictures, bank):
    """What is left of digits behind a bank: ReLU, the largest of each 4×4 block, and a one; shape (N, 289)."""
    maps = layers.max_pool(layers.relu(layers.conv2d(pictures.astype(np.float32) / 255, bank)), 4)
    rows = maps.reshape(len(pictures), -1)
    return np.c_[rows / (rows.std() or 1), np.ones(len(rows))]


def bank_score(bank):
    """Return how many per cent of 2000 validation digits a linear rule reads behind a bank, shape (5, 5, 1, 8)."""
    bank, digits = as_finite(bank, "bank", shape=BANK), datasets.load_mnist(validation=10_000)
    largest = np.abs(bank).max(axis=(0, 1, 2))
    bank = (bank / np.where(largest > 0, largest, 1)).astype(np.float32)
    rows = _bank_features(digits.x_train[:3000], bank)
    targets = rows.T @ np.eye(10)[digits.y_train[:3000]]
    rule = np.linalg.solve(rows.T @ rows + 3 * np.eye(rows.shape[1]), targets)
    read = (_bank_features(digits.x_val[:2000], bank) @ rule).argmax(axis=1)
    return 100 * float((read == digits.y_val[:2000]).mean())


def _good_bank(bank):
    """Whether eight kernels carry a linear rule further than random ones do."""
    bank = finite_array(bank, BANK)
    silent = [number for number in range(BANK[-1]) if not bank[..., number].any()]
    yield Result.of(
        not silent, f"filters without any weight: {silent or 'none'}", "each of the eight has to look for something."
    )
    score = bank_score(bank)
    what = f"the rule reads more than {BANK_SCORE:.0f} %" if score > BANK_SCORE else f"the rule reads {score:.1f} %"
    yield Result.of(
        score > BANK_SCORE,
        what,
        f"more than {BANK_SCORE:.0f} % is asked for. Are the kernels too much alike? They can differ in direction, and in kind: "
        "lines and edges.",
    )


def _bars_and_edges():
    """Four directions, each as a bright line on dark and as a step from dark to bright."""
    across, down = np.meshgrid(np.arange(5) - 2.0, np.arange(5) - 2.0)
    angles = np.pi / 4 * np.arange(4)
    away = [down * np.cos(angle) + across * np.sin(angle) for angle in angles]
    lines = [np.exp(-(d**2)) for d in away]
    steps = [np.tanh(2 * d) for d in away]
    return np.stack([line - line.mean() for line in lines] + steps, axis=-1)[:, :, None, :]


filter_bank = Exercise(
    "filter_bank",
    "Eight kernels made by hand, behind which a linear rule reads more digits than behind random ones.",
    fields=(
        Judged(
            "bank",
            _good_bank,
            _bars_and_edges,
            mistakes=(
                (lambda: np.ones(BANK), "Are the kernels too much alike?"),
                (lambda: np.moveaxis(_bars_and_edges(), -1, 0), "expected shape (5, 5, 1, 8)"),
                (lambda: np.ones(BANK) * (np.arange(8) > 0), "filters without any weight: [0]"),
            ),
        ),
    ),
    hints=(
        "A line detector has positive weights along a line and negative ones beside it, so that even grey gives 0.",
        "An edge detector is positive on one side and negative on the other. Turn both by 45° at a time: np.meshgrid gives the "
        "coordinates, and down * cos(angle) + across * sin(angle) the distance from a line. Four of each kind are enough.",
    ),
)
