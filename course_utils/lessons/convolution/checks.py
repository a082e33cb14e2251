"""Exercises of the lesson on convolution."""

import numpy as np

from course_utils.exercises import Case, Code, Exercise, Grid, Judged, Number, Result, finite_array

entry_by_hand = Exercise(
    "entry_by_hand",
    "Entry (0, 1) of the map of a 4×4 picture, with bias 3.",
    fields=(
        Number(
            "entry",
            4,
            mistakes=(
                (1, "that is the sum of the products; the bias is added to it."),
                (5, "that is entry (0, 0), bias included; the window starts one column further to the right."),
                (2, "that is entry (0, 0) without the bias; the window starts one column further to the right."),
                (13, "the kernel has been flipped, which would be a true convolution."),
                (11, "that is entry (1, 0): the first index counts rows, the second columns."),
                (8, "the middle weight is −2: its product is taken away, not added."),
                (7, "rows and columns of the kernel have been swapped: the 2 stands in the top row."),
            ),
            idea="multiply each weight with the pixel under it in the window that starts at row 0, column 1, add, then add the bias.",
        ),
    ),
    hints=(
        "The window of entry (0, 1) starts at row 0, column 1. Write down its nine pixels first.",
        "Its rows are (2, 0, 1), (3, 1, 2) and (1, 4, 0). Only four weights are not zero.",
    ),
)


output_size = Exercise(
    "output_size",
    "Windows of 5 with stride 4 and padding 1 on 20 rows, and the rows that none of them reaches.",
    fields=(
        Number(
            "windows",
            5,
            mistakes=(
                (4, "that is without padding; there is a row of zeros above and one below."),
                (5.25, "there is no quarter of a window: round down."),
                (4.25, "that is the number of steps, not yet rounded down; the first window takes none."),
                (17, "that is the number of steps with stride 1."),
                (18, "that is the number for stride 1."),
            ),
            idea="count the starting rows −1, 3, 7, … from which five rows still fit; the frame ends with row 20.",
        ),
        Number(
            "rows_lost",
            0,
            mistakes=(
                (3, "that is without padding."),
                (1, "one row is lost, but it is a row of zeros below the picture."),
                (0.25, "give whole rows."),
            ),
            idea="the last window covers rows 15 to 19; count the rows of the picture after it.",
        ),
    ),
    hints=(
        "Where do the windows start? The first one starts at the row of zeros, row −1; then 3, 7, …",
        "⌊(20 + 2 − 5) / 4⌋ + 1 windows. Which row is the last one of the last window?",
    ),
)


shift_kernel = Exercise(
    "shift_kernel",
    "A kernel that moves a picture by one pixel to the right.",
    fields=(
        Grid(
            "kernel",
            [[0, 0, 0], [1, 0, 0], [0, 0, 0]],
            mistakes=(
                (
                    [[0, 0, 0], [0, 0, 1], [0, 0, 0]],
                    "it moves the picture to the left: cross-correlation does not flip the kernel.",
                ),
                ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], "it leaves the picture where it is."),
                ([[0, 1, 0], [0, 0, 0], [0, 0, 0]], "it moves the picture down."),
                ([[0, 0, 0], [0, 0, 0], [0, 1, 0]], "it moves the picture up."),
                ([[0, 0, 0], [0, 0, 0], [1, 0, 0]], "it moves the picture to the right and up."),
                ([[1, 0, 0], [0, 0, 0], [0, 0, 0]], "it moves the picture to the right and down."),
                (
                    [[0, 0, 0], [2, 0, 0], [0, 0, 0]],
                    "the right place, but every pixel is doubled: the weight has to be 1.",
                ),
                ([[0, 0, 0], [-1, 0, 0], [0, 0, 0]], "the right place, but the sign changes: the weight has to be 1."),
            ),
            idea="Which one of the nine pixels under the kernel should be copied, with weight 1?",
            reveal=False,
        ),
    ),
    hints=(
        "The output at a place is the weighted sum of the nine pixels under the kernel. Which of them alone do you want?",
        "A single 1; the others are 0. The centre of the kernel lies on the place itself.",
    ),
)


def _detects_edges(kernel):
    """What a detector of horizontal edges, brighter below, answers to six patches; stops at the first wrong answer."""
    kernel = finite_array(kernel, (3, 3))
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


edge_kernel = Exercise(
    "edge_kernel",
    "A detector of horizontal edges that are brighter below.",
    fields=(
        Judged(
            "kernel",
            _detects_edges,
            lambda: [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
            mistakes=(
                (lambda: [[1, 1, 1], [0, 0, 0], [-1, -1, -1]], "bright below: -3, expected a positive number"),
                (lambda: [[0, 0, 0], [0, 0, 0], [1, 1, 1]], "the answer has to change its sign"),
                (lambda: [[-1, -1, -1], [-1, -1, -1], [1, 1, 1]], "bright from the middle row on: 0, expected"),
                (lambda: [[-1, -1, -1], [0, 0, 0], [2, 2, 2]], "a flat area: 3, expected 0"),
                (lambda: [[-1, 0, 0], [0, 0, 0], [0, 0, 1]], "a vertical edge, bright on the right: 1, expected 0"),
            ),
        ),
    ),
    hints=(
        "Try it on a picture whose rows are 0, 0, 1. Then on one whose columns are.",
        "Negative weights above, positive ones below, and each column adds up to zero.",
    ),
)


def _strided(x, w, s):
    """Cross-correlation with stride, from every s-th window."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)[::s, ::s]
    return np.einsum("ijuv,uv->ij", windows, w)


def _square(x, w, s):
    """As many windows down as if the kernel had as many rows as columns."""
    return _strided(x, w, s)[: (len(x) - w.shape[1]) // s + 1]


def _rows_only(x, w, s):
    """The stride for rows only."""
    return _strided(x, w, 1)[::s]


_RNG = np.random.default_rng(0)
_PICTURE, _KERNEL = _RNG.integers(-5, 6, size=(7, 9)), _RNG.integers(-3, 4, size=(3, 3))
_WIDE = _RNG.integers(-5, 6, size=(5, 11))  # with stride 3, 2 and 3 rows or columns of a kernel give different sizes

strided = Exercise(
    "strided",
    "Cross-correlation with a stride.",
    fields=(
        Code(
            "strided_correlate",
            _strided,
            cases=(
                Case("stride 1", (_PICTURE, _KERNEL, 1), idea="With stride 1 it is cross_correlate itself."),
                Case(
                    "stride 2",
                    (_PICTURE, _KERNEL, 2),
                    idea="The window of entry (i, j) starts at row 2i, column 2j.",
                ),
                Case(
                    "stride 2 on 6 rows",
                    (_PICTURE[:6], _KERNEL, 2),
                    idea="Only windows that fit entirely count: round down.",
                ),
                Case(
                    "stride 3 with a kernel of 2 rows and 3 columns",
                    (_WIDE, _KERNEL[:2], 3),
                    idea="Rows and columns of the kernel may differ.",
                ),
            ),
            mistakes=(
                (lambda x, w, s: _strided(x, w, 1), "it takes every window. Entry (i, j) starts at row i · s."),
                (_rows_only, "it jumps from row to row, but takes every column."),
                (_square, "it counts windows as for a square kernel. Rows go by k_h, columns by k_w."),
                (lambda x, w, s: _strided(x, w[::-1, ::-1], s), "the kernel is flipped: that is a true convolution."),
                (
                    lambda x, w, s: _strided(x[::s, ::s], w, 1),
                    "the picture itself was thinned out. The stride moves windows; a window holds neighbours.",
                ),
            ),
        ),
    ),
    hints=(
        "How many windows fit along one side? Use the formula with the floor.",
        "Entry (i, j) belongs to the window that starts at row i * s, column j * s.",
    ),
)
