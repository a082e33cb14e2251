"""Exercises of the lesson on learned features."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_utils.exercises import (
    Case,
    Code,
    Exercise,
    Judged,
    Number,
    Option,
    Result,
    Several,
    UnfitError,
    finite_array,
)

farthest = Exercise(
    "farthest",
    "How far a letter may move without a change in any logit.",
    fields=(
        Number(
            "small_kernel",
            5,
            mistakes=(
                (7, "then the letter touches the border, and no window sees paper beyond its end."),
                (6, "then one row of paper is left, and a 3×3 window that touches the letter with one row needs two."),
                (4, "one more is possible: count the rows of paper that are left."),
            ),
            idea="a window that touches the letter with its last row needs two rows of paper beside it.",
        ),
        Number(
            "large_kernel",
            3,
            mistakes=(
                (5, "that is for 3×3. A 5×5 window that touches the letter with one row needs four rows of paper."),
                (7, "then the letter touches the border, and no window sees paper beyond its end."),
                (2, "one more is possible: count the rows of paper that are left."),
            ),
            idea="a 5×5 window that touches the letter with its last row needs four rows of paper beside it.",
        ),
    ),
    hints=(
        "How many rows of paper are above the letter at the start? How many does a window need?",
        "21 − 7 = 14 rows of paper, 7 on each side. A k×k window needs k − 1 of them.",
    ),
)

same_logits = Exercise(
    "same_logits",
    "Changes of a network's weights that change no logit.",
    fields=(
        Several(
            "changes",
            (
                Option("a", True, "the head's rows move with the filters, so each number meets its own weights."),
                Option("b", False, "each number now meets the weights that another one had."),
                Option("c", True, "maximum and ReLU pass a positive factor through, and half the weights undo it."),
                Option(
                    "d", False, "ReLU cuts what was positive and passes what was negative: the signs do not cancel."
                ),
                Option("e", False, "the kernels answer to mirrored windows now, and a letter need not have those."),
            ),
            idea='give letters, such as "be".',
            chosen="({}) changes nothing",
            left="({}) changes something",
        ),
    ),
    hints=(
        "Follow one number from its filter through ReLU and maximum to the head.",
        "Which changes are undone by the head? ReLU passes positive factors, not negative ones.",
    ),
)


def _kinds(picture):
    return len(np.unique(sliding_window_view(np.asarray(picture), (3, 3)).reshape(-1, 9), axis=0))


def _all_windows(picture):
    height, width = np.shape(picture)
    return (height - 2) * (width - 2)


def _apart(picture):
    picture = np.asarray(picture)
    height, width = picture.shape
    tiles = [picture[r : r + 3, c : c + 3].ravel() for r in range(0, height - 2, 3) for c in range(0, width - 2, 3)]
    return len(np.unique(tiles, axis=0))


def _sums(picture):
    return len(np.unique(sliding_window_view(np.asarray(picture), (3, 3)).sum(axis=(2, 3))))


_DOT = np.full((7, 8), -1)
_DOT[3, 4] = 1
_STRIPES = np.where(np.arange(48).reshape(6, 8) % 2, 1, -1)
_RANDOM = np.random.default_rng(0).choice([-1, 1], (9, 9))

kinds = Exercise(
    "kinds",
    "How many different 3×3 windows a picture has.",
    fields=(
        Code(
            "kinds",
            _kinds,
            cases=(
                Case("one dot", (_DOT,), idea="The dot is in nine places of a window, and then there is plain paper."),
                Case("stripes", (_STRIPES,), idea="Equal windows count once."),
                Case(
                    "random pixels", (_RANDOM,), idea="Windows begin at each row and column that leaves room for them."
                ),
            ),
            mistakes=(
                (_all_windows, "that counts all windows. Equal ones count once."),
                (_apart, "windows overlap: they begin at each row and each column."),
                (_sums, "different windows may have the same sum. Compare all nine pixels."),
            ),
        ),
    ),
    hints=(
        "Two loops over the first row and the first column of a window. A set holds equal things once.",
        "tuple(picture[r : r + 3, c : c + 3].ravel().tolist()) can be put into a set.",
    ),
)

FEATURES = np.array([[3, 3, 3], [3, 0, 3], [0, 0, 0]])
"""What hand-made kernels with the bias −6 leave of X, O and L: ╲, ✕, ╱."""


def _head(answer):
    """Whether weights and biases give each letter its own logit as the largest."""
    if not isinstance(answer, list | tuple) or len(answer) != 2:
        raise UnfitError("give two things, (weights, biases).")
    weights, biases = finite_array(answer[0], (3, 3)), finite_array(answer[1], (3,))
    logits = FEATURES @ weights + biases
    for letter, row, own in zip("XOL", logits, range(3), strict=True):
        others = np.delete(row, own)
        said = f"{letter}: logits {', '.join(f'{value:g}' for value in row)}"
        tie = bool((others == row[own]).any() and (others <= row[own]).all())
        idea = "two logits are equal: no letter is chosen." if tie else f"the {letter}'s own logit is not the largest."
        yield Result.of((others < row[own]).all(), said, idea)


_WEIGHTS = np.array([[0.0, 1, 0], [2, 0, 0], [0, 0, 0]])

head = Exercise(
    "head",
    "Weights and biases of a head for X, O and L, made by hand.",
    fields=(
        Judged(
            "answer",
            _head,
            lambda: (_WEIGHTS, [0, 0, 1]),
            mistakes=(
                (lambda: (_WEIGHTS, [0, 0, 0]), "L: logits 0, 0, 0: two logits are equal"),
                (lambda: (_WEIGHTS, [0, 0, 9]), "X: logits 6, 3, 9: the X's own logit is not the largest"),
                (lambda: (np.eye(3), [0, 0, 1]), "O: logits 3, 0, 4: the O's own logit is not the largest"),
                (lambda: (_WEIGHTS[:2], [0, 0, 1]), "expected shape (3, 3), got (2, 3)"),
                (lambda: _WEIGHTS, "give two things"),
            ),
        ),
    ),
    hints=(
        "The X has a ✕ and the O has none. What do both have that the L has not?",
        "Give ✕ a weight for X, ╲ a smaller one for O, and L a small bias that wins where all features are 0.",
    ),
)


def _drawn(picture, name):
    """A 9×9 picture in ±1 with paper on its border, in the middle of 17×17."""
    picture = finite_array(picture, (9, 9))
    if not np.isin(picture, (-1, 1)).all():
        raise UnfitError(f"the {name} picture holds other numbers than −1 and +1.")
    if (picture[[0, -1]] == 1).any() or (picture[:, [0, -1]] == 1).any():
        raise UnfitError(f"the {name} picture has ink on its border. Keep rows and columns 0 and 8 free.")
    if not (picture == 1).any():
        raise UnfitError(f"the {name} picture is blank.")
    return np.pad(picture, 4, constant_values=-1)


def _cut(picture):
    """The ink with as little paper around it as possible."""
    rows, columns = np.nonzero(picture == 1)
    return picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _twins(answer):
    """Whether two different pictures have the same 3×3 windows."""
    if not isinstance(answer, list | tuple | np.ndarray) or len(answer) != 2:
        raise UnfitError("give two pictures of 9×9 pixels.")
    first, second = (_drawn(picture, name) for picture, name in zip(answer, ("first", "second"), strict=True))
    yield Result.of(
        not np.array_equal(_cut(first), _cut(second)),
        "two different drawings",
        "one is the other, moved. Draw two that differ.",
    )
    windows = [set(map(tuple, sliding_window_view(x, (3, 3)).reshape(-1, 9))) for x in (first, second)]
    alone = len(windows[0] - windows[1]), len(windows[1] - windows[0])
    yield Result.of(
        alone == (0, 0),
        f"windows that only one of them has: {alone[0]} and {alone[1]}",
        "a kernel can be made that answers to such a window, and the maximum of its map tells them apart.",
    )


def _strokes(upper, lower):
    picture = np.full((9, 9), -1)
    picture[1:4, 1:4] += 2 * np.eye(3, dtype=int)[::upper]
    picture[5:8, 5:8] += 2 * np.eye(3, dtype=int)[::lower]
    return picture


def _letter_l(mirrored=False):
    picture = np.full((9, 9), -1)
    picture[1:8, 2] = picture[7, 2:7] = 1
    return picture[:, ::-1] if mirrored else picture


twins = Exercise(
    "twins",
    "Two drawings that no network with 3×3 kernels and a global maximum can tell apart.",
    fields=(
        Judged(
            "pictures",
            _twins,
            lambda: (_strokes(1, -1), _strokes(-1, 1)),
            mistakes=(
                (lambda: (_letter_l(), np.roll(_letter_l(), 1, axis=1)), "one is the other, moved"),
                (lambda: (_letter_l(), _letter_l(mirrored=True)), "a kernel can be made that answers to such a window"),
                (lambda: (_letter_l(), np.full((9, 9), -1)), "the second picture is blank"),
                (lambda: (np.ones((9, 9)), _letter_l()), "the first picture has ink on its border"),
                (lambda: (_letter_l(), 0 * _letter_l()), "the second picture holds other numbers"),
                (lambda: (_letter_l(),), "give two pictures"),
            ),
        ),
    ),
    hints=(
        "The network knows which windows there are, not where. Which parts of a drawing could change places?",
        "Two strokes so far apart that no window sees both: one ╲ and one ╱. Exchange them.",
    ),
)
