"""Exercises of the lesson on how far the X/O network carries."""

import numpy as np

from course_utils import datasets, layers
from course_utils.exercises import (
    Case,
    Choice,
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


def _vector(picture):
    """The twelve numbers, in ninths, that the network makes of a picture."""
    diagonal = np.where(np.eye(3) > 0, 1, -1)
    features = [diagonal, np.maximum(diagonal, diagonal[:, ::-1]), diagonal[:, ::-1]]
    maps = layers.relu(layers.conv2d(picture[None, :, :, None], np.stack(features, axis=-1)[:, :, None, :]))
    pooled = layers.max_pool(layers.max_pool(maps, 2, padding="same"), 2, padding="same")
    return np.moveaxis(pooled[0], -1, 0).reshape(-1)


_X, _O = (_vector(datasets.letter(name)) for name in "XO")


def _letter_i():
    """A vertical bar in column 4, rows 1 to 7."""
    picture = np.full((9, 9), -1)
    picture[1:8, 4] = 1
    return picture


_I, _DARK_I = _vector(_letter_i()), _vector(-_letter_i())


def _vote(name, letter, own, other):
    """The vote for a letter that the letter I gets."""
    share = _I[own].mean() / 9
    return Number(
        name,
        share,
        label=f"vote for {letter}",
        mistakes=(
            (_I[own].mean(), "that is in ninths. Divide by 9."),
            (_I[other].mean() / 9, "the two votes are swapped: votes returns the one for X first."),
            (_I.mean() / 9, f"that is the mean of all twelve entries. Take those that belong to {letter}."),
            (_DARK_I[own].mean() / 9, "the picture is inverted: the bar is +1, the rest −1."),
        ),
        idea="the bar covers column 4 and rows 1 to 7, both ends included. Check the picture, then call votes.",
        tolerance=0.005,
    )


third_letter = Exercise(
    "third_letter",
    "Votes of the X/O network for the letter I, a vertical bar in column 4, rows 1 to 7.",
    fields=(
        _vote("vote_x", "X", _X > _O, _O > _X),
        _vote("vote_o", "O", _O > _X, _X > _O),
        Choice(
            "decision",
            "O",
            options=("X", "O", "I", "neither"),
            mistakes=(
                ("X", "the vote for X is the smaller one."),
                ("I", "this network has two votes only. It cannot name a letter that it has no weights for."),
                ("neither", "sensible, but the rule only asks which vote is larger. It has no “neither”."),
            ),
            idea="give the letter with the larger vote, 'X' or 'O'.",
        ),
    ),
    hints=(
        "Make a 9×9 array of −1 with np.full, then set column 4 of rows 1 to 7 to +1: letter_i[1:8, 4] = 1.",
        "Give the picture to votes(letter_i[None]): it returns the votes for X and those for O, here one of each.",
        "The decision is the letter with the larger vote, even if both votes are small.",
    ),
)


flips = Exercise(
    "flips",
    "How many flipped pixels two templates survive that differ in 14 pixels, and how many make a tie possible.",
    fields=(
        Number(
            "survive",
            6,
            mistakes=(
                (7, "with seven of the fourteen flipped, seven speak for each letter: a tie, and a tie is not right."),
                (13, "a flipped pixel does not only fall silent, it speaks for the other letter."),
                (14, "with all fourteen flipped the picture is the other letter there."),
                (10, "that is for X and O, which differ in 21 pixels."),
            ),
            idea="the lead is 14 at first. By how much can one flipped pixel lower it?",
        ),
        Number(
            "tie",
            7,
            mistakes=(
                (6, "six flipped pixels leave 8 against 6."),
                (8, "eight turn the decision round. A tie comes before."),
                (14, "then all fourteen speak for the other letter."),
                (11, "that is for X and O, whose 21 pixels cannot tie."),
            ),
            idea="a tie has as many pixels for one letter as for the other.",
        ),
    ),
    hints=(
        "Only the fourteen pixels in which the letters differ count. At first all of them agree with the right letter.",
        "Each flipped one agrees with the other letter instead: the lead goes down by two.",
    ),
)


def _lead(picture):
    """The vote for X minus that for O, in 180ths."""
    vector = _vector(picture.astype(int))
    return int(4 * vector[_X > _O].sum() - 5 * vector[_O > _X].sum())


def _reads_o(picture):
    """Whether the network reads an X with four flipped pixels as an O."""
    values = finite_array(picture, (9, 9))
    if not np.isin(values, (-1, 1)).all():
        raise UnfitError("each pixel must be +1 or −1. To flip one, change its sign.")
    lead, flipped = _lead(values), int((values != datasets.letter("X")).sum())
    says = "O" if lead < 0 else "X" if lead > 0 else "neither"
    idea = "the vote for X is not the smaller one. Which pixels carry the perfect matches?"
    yield Result.of(lead < 0, f"the network says {says}, with a lead of X of {lead}", idea)
    yield Result.of(flipped == 4, f"{flipped} flipped pixels", _too_many_or_few(flipped))


def _too_many_or_few(flipped):
    """What to say about a number of flipped pixels that is not four."""
    if flipped < 4:
        return "no picture with three or fewer fools it, as was counted above."
    return "it can be done with four. Start from the three that lower the lead most, and try every fourth."


def _few():
    """The X, four pixels of it flipped."""
    picture = datasets.letter("X")
    for row, column in ((3, 3), (4, 8), (5, 5), (3, 7)):
        picture[row, column] *= -1
    return picture


fool_it = Exercise(
    "fool_it",
    "The letter X with four flipped pixels, which the network reads as an O.",
    fields=(
        Judged(
            "picture",
            _reads_o,
            _few,
            mistakes=(
                (lambda: datasets.letter("X"), "the vote for X is not the smaller one"),
                (lambda: datasets.letter("O"), "it can be done with four"),
                (lambda: (datasets.letter("X") + 1) / 2, "To flip one, change its sign"),
                (lambda: datasets.letter("X")[None], "expected shape (9, 9)"),
            ),
        ),
    ),
    hints=(
        "flipped(x_picture, 3) has all pictures with three flipped pixels. Which of them has the smallest lead?",
        "Give that one to flipped once more, with one pixel, and look for the smallest lead again.",
        "The O in the text was found in the same way, with the largest lead instead of the smallest.",
    ),
)


def _correlation(window, feature):
    return (window * feature).sum() / (np.linalg.norm(window) * np.linalg.norm(feature))


_FEATURE = np.where(np.eye(3) > 0, 1.0, -1.0)
_WINDOW = np.array([[0.9, -0.2, 0.1], [-0.6, 0.7, -0.3], [-0.8, 0.4, 0.5]])

correlation = Exercise(
    "correlation",
    "Normalised correlation of a window and a feature of any size.",
    fields=(
        Code(
            "correlation",
            _correlation,
            cases=(
                Case("the feature itself", (_FEATURE, _FEATURE), idea="a feature agrees with itself: 1."),
                Case("half the contrast", (0.5 * _FEATURE, _FEATURE), idea="contrast must not matter: 1 again."),
                Case("grey values", (_WINDOW, _FEATURE), idea="divide by the length of this window, not by a fixed 3."),
                Case("2×2", (_WINDOW[:2, :2], _FEATURE[:2, :2]), idea="a window of four pixels has another length."),
                Case("the opposite, faint", (-0.1 * _FEATURE, _FEATURE), idea="the opposite gives −1 at any contrast."),
                Case("a feature in grey", (_FEATURE, _WINDOW), idea="the feature has a length of its own, too."),
            ),
            mistakes=(
                (
                    lambda window, feature: np.corrcoef(window.ravel(), feature.ravel())[0, 1],
                    "that subtracts the means first, which also removes how much ink there is. Here nothing is subtracted.",
                ),
                (
                    lambda window, feature: (window * feature).sum() / 9,
                    "9 is the product of the lengths for windows of nine pixels ±1 only.",
                ),
                (
                    lambda window, feature: (window * feature).mean(),
                    "the mean divides by the number of pixels. That is the product of the lengths only where all are ±1.",
                ),
                (
                    lambda window, feature: (window * feature).sum() / np.linalg.norm(window),
                    "divide by the length of the feature as well.",
                ),
                (
                    lambda window, feature: (window * feature).sum() / ((window**2).sum() * (feature**2).sum()),
                    "a length is the root of the sum of squares.",
                ),
            ),
        ),
    ),
    hints=(
        "The length of an array is the root of the sum of its squares: np.linalg.norm gives it, of a matrix too.",
        "(window * feature).sum() divided by the product of both lengths.",
    ),
)


changes = Exercise(
    "changes",
    "Changes of the network that leave every decision as it is.",
    fields=(
        Several(
            "kept",
            (
                Option("A", True, "both votes become 0.1 larger, and their difference stays."),
                Option("B", False, "the place that ✕ has in the vote for X then weighs less, against all others."),
                Option("C", True, "all numbers up to the votes are halved, and so is their difference."),
                Option(
                    "D",
                    False,
                    "the vote for O then has to be twice as large. The letter O itself would be read as an X.",
                ),
                Option("E", False, "sums up to 5 become 0, and taking 5 from the others is no common factor."),
            ),
            idea="give a list of letters such as ['A', 'B'].",
            chosen="{} changes nothing",
            left="{} changes something",
        ),
    ),
    hints=(
        "Follow a common factor through ReLU, pooling and the votes. Which of the changes is one?",
        "Take the letter O, with votes 5/9 and 1, and double the vote for X.",
        "A picture near the border between X and O changes sides easily. all_shifts has some.",
    ),
)
