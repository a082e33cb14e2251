"""Exercises of the lesson on convolution."""

import numpy as np

from course_utils.exercises import Result, array, attempted, exercise, function, number


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
