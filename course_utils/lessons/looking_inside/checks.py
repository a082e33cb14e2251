"""Exercises of the lesson on looking inside a network."""

import functools
from collections.abc import Callable

import numpy as np

from course_utils.exercises import (
    Case,
    Choice,
    Code,
    Exercise,
    Grid,
    Judged,
    Number,
    Option,
    Result,
    Several,
    UnfitError,
)

by_hand = Exercise(
    "by_hand",
    "Grad-CAM of two maps, with pencil and paper.",
    fields=(
        Grid(
            "heat",
            [[1, 0], [1.5, 2.5]],
            mistakes=(
                ([[1, -2], [1.5, 2.5]], "the last step is missing: what is below 0 becomes 0."),
                ([[2, 0], [0, 6]], "each map has one weight, the mean of its four slopes, the same at all places."),
                ([[4, 0], [6, 10]], "take the mean of the four slopes, not their sum."),
                ([[1, 2], [2.5, 3.5]], "the second weight is negative: the sign of the slopes counts."),
                ([[1, 4], [3, 4]], "the maps are weighted before they are added."),
            ),
            idea="one weight for each map, the mean of its slopes; then the weighted sum, and 0 for what is below 0.",
            reveal=False,
        ),
    ),
    hints=(
        "The mean of the first map's slopes is 1. What is that of the second?",
        "Add once the first map and −0.5 times the second, then let ReLU work.",
    ),
)


def _positive(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0)


def _grad_cam(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return _positive((maps * slopes.mean(axis=(0, 1))).sum(axis=-1))


def _signed(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return (maps * slopes.mean(axis=(0, 1))).sum(axis=-1)


def _by_magnitude(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return _positive((maps * np.abs(slopes).mean(axis=(0, 1))).sum(axis=-1))


def _each_positive(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return _positive(maps * slopes.mean(axis=(0, 1))).sum(axis=-1)


def makers() -> dict[str, Callable]:
    """Four programs that claim to be Grad-CAM.

    Returns
    -------
    dict of str to callable
        By name. Each takes feature maps and the slopes of a logit for them, both of shape (H', W', C'), and returns a heat
        map of shape (H', W').
    """
    return {"north": _signed, "east": _each_positive, "south": _grad_cam, "west": _by_magnitude}


_FAULTS = ("a", "b", "c", "d")


def _fault(name: str, letter: str, mistakes: dict[str, str]) -> Choice:
    return Choice(
        name,
        letter,
        options=_FAULTS,
        mistakes=tuple(mistakes.items()),
        idea="give it maps and slopes of one place, so that you can compute by hand what should come out.",
    )


faults = Exercise(
    "faults",
    "Which of four programs computes Grad-CAM, and what the others do.",
    fields=(
        _fault("north", "b", {"a": "give it a map of ones whose slopes are −1: can a Grad-CAM be negative?"}),
        _fault(
            "east",
            "d",
            {"a": "give it two maps of ones, one with slopes 1, one with slopes −1: what is the weighted sum?"},
        ),
        _fault(
            "south",
            "a",
            {
                "b": "for a map of ones with slopes of −1 it returns 0.",
                "c": "slopes of −1 and of 1 do not give the same.",
                "d": "two maps of ones, with slopes of 1 and of −1, cancel in it.",
            },
        ),
        _fault("west", "c", {"a": "give it a map of ones whose slopes are −1: that map speaks against the class."}),
    ),
    hints=(
        "Try one map of ones, shape (1, 1, 1), with a slope of 1 and with a slope of −1.",
        "Two maps of ones at one place, slopes 1 and −1: the weighted sum is 0.",
    ),
)

occlusions = Exercise(
    "occlusions",
    "What an occlusion map of 224×224 pixels costs, with patches of 64×64 pixels 16 apart.",
    fields=(
        Number(
            "pictures",
            122,
            mistakes=(
                (121, "the picture without a patch is needed too."),
                (196, "a patch that starts at 176 would leave the picture."),
                (197, "a patch that starts at 176 would leave the picture."),
                (101, "the last patch starts at 224 − 64."),
                (100, "the last patch starts at 224 − 64; and one picture has no patch."),
                (12, "that is along one axis."),
                (11, "that is along one axis."),
            ),
            idea="(224 − 64) / 16 + 1 places along each axis, and one picture without a patch.",
        ),
        Number(
            "corner",
            1,
            mistakes=((0, "the first patch covers it."), (16, "patches further in do not reach the corner.")),
            idea="which patches cover row 0?",
        ),
        Number(
            "inside",
            16,
            mistakes=(
                (4, "that is along one axis: rows and columns each have so many."),
                (8, "rows and columns are chosen independently: multiply."),
                (25, "a patch that starts at 32 ends at 95, before row 100."),
                (9, "patches that start at 48, 64, 80 and 96 cover row 100."),
            ),
            idea="which of the starts 0, 16, 32, … lie at most 63 before row 100?",
        ),
    ),
    hints=(
        "Where does the last patch start that still fits?",
        "Along one axis the starts are 0, 16, …, 160. Those from 37 to 100 cover row 100.",
    ),
)


def _covered(picture, heat, share, colour):
    out = picture.copy()
    order = np.argsort(-heat.ravel())[: round(share * heat.size)]
    out.reshape(-1, picture.shape[2])[order] = colour
    return out


def _lowest(picture, heat, share, colour):
    return _covered(picture, -heat, share, colour)


def _by_threshold(picture, heat, share, colour):
    out = picture.copy()
    out[heat > share * heat.max()] = colour
    return out


def _others(picture, heat, share, colour):
    return _covered(picture, -heat, 1 - share, colour)


def _black(picture, heat, share, colour):
    return _covered(picture, heat, share, 0)


_RNG = np.random.default_rng(0)


def _case(rows: int, columns: int, share: float):
    """A colour picture and a heat map without two equal entries."""
    picture = _RNG.integers(1, 99, (rows, columns, 3)).astype(float)
    heat = _RNG.permutation(rows * columns).reshape(rows, columns) ** 1.5
    return picture, heat, share, np.array([200.0, 150.0, 101.0])


covered = Exercise(
    "covered",
    "A picture whose hottest pixels are painted over.",
    fields=(
        Code(
            "covered",
            _covered,
            cases=(
                Case(
                    "a quarter of 4×6 pixels", _case(4, 6, 0.25), idea="Six of 24 pixels, those with the largest heat."
                ),
                Case("a tenth of 10×5 pixels", _case(10, 5, 0.1), idea="Five of 50 pixels."),
                Case("nothing to cover", _case(3, 3, 0.0), idea="A share of 0 leaves the picture as it is."),
            ),
            mistakes=(
                (_lowest, "those are the pixels with the smallest heat."),
                (_by_threshold, "share is a share of the pixels, not of the largest heat."),
                (_others, "the hottest pixels are the ones to paint over, not the ones to keep."),
                (_black, "paint with the colour that is given."),
            ),
        ),
    ),
    hints=(
        "order = np.argsort(-heat.ravel()) has the numbers of the pixels, hottest first.",
        "out = picture.copy(); out.reshape(-1, 3) is a view with one row a pixel.",
    ),
)

conclusions = Exercise(
    "conclusions",
    "What the covering of a tripod's legs shows.",
    fields=(
        Several(
            "shown",
            options=(
                Option("a", True, "covering them made the logit fall, which is what depending means."),
                Option("b", False, "size and colour of a map say nothing about the probability: it is scaled."),
                Option("c", False, "one photograph was measured; others may lie on grass, or behind a camera."),
                Option("d", True, "that is what the five other places measured, and no more."),
                Option("e", False, "a map of a wrong answer, like the football helmet's, passes the same test."),
            ),
            idea="which sentences say what was measured, on this photograph, about the logit?",
        ),
    ),
    hints=(
        "Which sentences are about this photograph and its logit?",
        "Two sentences say no more than what was measured.",
    ),
)

SIDE, LAST = 6, 22


@functools.cache
def _network_and_digit():
    """The digit network, and the first test digit."""
    from course_utils import datasets, models

    return models.trained("mnist_fast"), datasets.load_mnist().x_test[0].astype("float32")


def _is_decisive(answer):
    """Whether rubbing out a square turns the seven into something else."""
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if not isinstance(answer, list | tuple) or len(answer) != 2:
        raise UnfitError("give a pair, (row, column), of the square's upper left pixel.")
    pair = []
    for number in answer:
        whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
        if not whole or not 0 <= number <= LAST:
            raise UnfitError(f"row and column are whole numbers from 0 to {LAST}.")
        pair.append(int(number))
    row, column = pair
    network, digit = _network_and_digit()
    changed = digit.copy()
    changed[row : row + SIDE, column : column + SIDE] = 0
    read = int(np.argmax(network(changed[None], training=False)))
    yield Result.of(
        read != 7,
        f"read as {read}",
        "the square does not change the answer. Where does an occlusion map with patches of 6×6 have its largest entries?",
    )


decisive = Exercise(
    "decisive",
    "A square of 6×6 pixels without which a seven is read as something else.",
    fields=(
        Judged(
            "place",
            _is_decisive,
            lambda: (15, 13),
            mistakes=(
                (lambda: (0, 0), "read as 7: the square does not change the answer."),
                (lambda: (23, 3), "row and column are whole numbers from 0 to 22."),
                (lambda: 7, "give a pair, (row, column)"),
            ),
        ),
    ),
    hints=(
        "An occlusion map with window=6 and stride=1 shows where the logit of 7 falls most.",
        "Try all 23 · 23 places in one batch, and look where argmax is not 7.",
    ),
)
