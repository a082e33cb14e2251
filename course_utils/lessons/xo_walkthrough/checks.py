"""Checks of part 6, the X/O walkthrough."""

import numpy as np

from course_utils import datasets, layers
from course_utils.exercises import Result, array, attempted, choice, exercise, number


@exercise(
    "Write the window and the feature on paper, one under the other. A pixel is a hit when both have the same sign.",
    "Dark on dark is a hit too: (−1) · (−1) = +1. Count all nine pixels.",
    "The match is the sum of the nine products, hits − misses, divided by 9.",
)
def match_by_hand(hits, misses, match):
    """Match of the feature ╱ with the window of the letter X whose top left pixel is (0, 2)."""
    window = datasets.letter("X")[0:3, 2:5]
    feature = np.where(np.eye(3) > 0, 1, -1)[:, ::-1]
    right = int((window == feature).sum())
    swapped = "hits are pixels of the same sign, misses those of different sign. Have you swapped them?"
    yield number(
        "hits",
        hits,
        right,
        mistakes={
            1: "only the pixel that is light in both was counted. Dark in both is a hit as well: (−1) · (−1) = +1.",
            6: "six pixels are dark in both, but one more pixel is light in both.",
            9 - right: swapped,
        },
        idea="compare the signs of window and feature at each of the nine pixels, and count where they are the same.",
    )
    yield number(
        "misses",
        misses,
        9 - right,
        mistakes={right: swapped},
        idea="each of the nine pixels is a hit or a miss, so hits and misses add up to 9.",
    )
    yield number(
        "match",
        match,
        (2 * right - 9) / 9,
        mistakes={
            2 * right - 9: "that is the sum of the products. Divide by 9, the number of pixels in the window.",
            right / 9: "that is the share of hits. Each miss also takes one away: (hits − misses) / 9.",
            0.55: "cut off instead of rounded: 5/9 is 0.5555…, which rounds to 0.56.",
            -(2 * right - 9) / 9: "right size, wrong sign: a hit counts +1, a miss −1.",
        },
        idea="multiply pixel by pixel, sum, divide by 9: (hits − misses) / 9.",
        tolerance=0.005,
    )


def _best(picture, feature):
    """Largest sum of the feature over all windows of a picture, and the window's top left pixel."""
    sums = layers.conv2d(picture[None, :, :, None], feature[:, :, None, None])[0, :, :, 0]
    return int(sums.max()), tuple(int(index) for index in np.unravel_index(sums.argmax(), sums.shape))


@exercise(
    "Which strokes does the O have that the X has not?",
    "The X consists of two diagonals. Look at the O where it runs straight: at the top, the bottom, the left, the right.",
    "Cut three rows and three columns out of the O so that a straight piece of the ring runs through their middle.",
)
def design_feature(feature):
    """A 3×3 feature in ±1 that matches the O perfectly somewhere, and the X nowhere by more than 5/9."""
    attempted(feature)
    try:
        values = np.asarray(feature, float)
    except (TypeError, ValueError):
        yield Result(False, f"feature: expected nine numbers in three rows, got {type(feature).__name__}.")
        return
    if values.shape != (3, 3):
        yield Result(False, f"feature has shape {values.shape}; expected (3, 3), three rows of three numbers.")
        return
    if not np.isin(values, (-1, 1)).all():
        yield Result(
            False,
            "feature: each of the nine entries must be +1 or −1. With zeros in it, a detector ignores pixels; "
            "revisit “Zeros and ones are not enough”.",
        )
        return
    values = values.astype(int)
    (in_o, _), (in_x, where) = (_best(datasets.letter(name), values) for name in "OX")
    yield Result(
        in_o == 9,
        f"best match in the O is {in_o}/9: "
        + ("right." if in_o == 9 else "expected 9/9. Cut the feature out of the picture of the O, pixel by pixel."),
    )
    if in_x <= 5:
        yield Result(True, f"best match in the X is {in_x}/9: right.")
    elif (values == -1).all():
        yield Result(
            False,
            f"best match in the X is 9/9, at {where}: the middle of the O is empty, but so is the space between the X's "
            "arms. A feature that finds nothing finds it everywhere; it needs a piece of the stroke.",
        )
    elif in_x == 9:
        yield Result(
            False,
            f"best match in the X is 9/9, at {where}: the X has exactly this piece too. "
            "The corners of the O are diagonal like the X's arms. Which part of the ring is not diagonal?",
        )
    else:
        yield Result(
            False,
            f"best match in the X is {in_x}/9, at {where}: one pixel less than perfect, too close. Expected at most 5/9. "
            "Move the window so that a straight piece of the ring runs through its middle.",
        )


POOL_BY_HAND = np.array(
    [[3, -1, 1, 5, -3], [-5, 7, -1, 1, -1], [1, -3, 9, -7, -5], [5, 1, -3, -1, -1], [-1, 3, 1, -3, -7]]
)
"""The map of the exercise :func:`pool_by_hand`."""


@exercise(
    "Windows start at rows 0, 2 and 4, and at columns 0, 2 and 4. What is left of the map at row 4 and column 4?",
    "A partial window holds one or two numbers, and only these count. The largest of −3 and −1 is −1.",
)
def pool_by_hand(pooled):
    """2×2 max pooling with stride 2 and partial windows, of the 5×5 map :data:`POOL_BY_HAND`."""
    attempted(pooled)
    maps = POOL_BY_HAND[None, :, :, None]
    expected = layers.max_pool(maps, 2, padding="same")[0, :, :, 0]
    idea = "Take the largest number of each window, and step by two."
    wrong = {
        "a partial window was filled up with zeros. There are no zeros there: only what lies inside the map counts.": (
            np.maximum(expected, [[-9, -9, 0], [-9, -9, 0], [0, 0, 0]])
        ),
        "these are means. Max pooling keeps the largest number of each window.": (
            layers.average_pool(maps, 2, padding="same")[0, :, :, 0]
        ),
        "negative numbers were dropped. That is ReLU; pooling alone keeps them.": np.maximum(expected, 0),
        "magnitudes were compared. −7 is smaller than 1: the sign counts.": np.array(
            [[7, 5, -3], [5, 9, -5], [3, -3, -7]]
        ),
        "these are the windows without the last row and column, as Keras's padding='valid' does. With partial windows "
        "the result is 3×3.": layers.max_pool(maps, 2)[0, :, :, 0],
        "the window moved by one. With stride 2 it jumps two rows or columns.": (
            layers.max_pool(maps, 2, strides=1)[0, :, :, 0]
        ),
    }
    try:
        given = np.asarray(pooled, float)
    except (TypeError, ValueError):
        given = None
    for text, values in wrong.items():
        if given is not None and given.shape == values.shape and np.allclose(given, values):
            yield Result(False, f"pooled: {text}")
            return
    yield array("pooled", pooled, expected, idea=idea)


@exercise(
    "The matrix has one row for each of the twelve entries and one column for each letter: shape (12, 2).",
    "A mean over five entries is a weighted sum with weight 1/5 on these five and 0 on the other seven.",
    "The entries are in ninths, so a weight is 1/5 · 1/9 for the X and 1/4 · 1/9 for the O.",
)
def vote_weights(weights):
    """Matrix W with ``vector @ W`` = (vote for X, vote for O), the vector in ninths."""
    attempted(weights)
    vectors = {name: _vector(name) for name in "XO"}
    own = np.stack([vectors["X"] > vectors["O"], vectors["O"] > vectors["X"]], axis=1)
    expected = own / own.sum(axis=0) / 9
    try:
        given = np.asarray(weights, float)
    except (TypeError, ValueError):
        given = None
    if given is not None and given.shape == (2, 12):
        yield Result(
            False, "weights has shape (2, 12); expected (12, 2), so that vector @ weights works. Transpose it."
        )
        return
    if given is not None and given.shape == (12, 2) and not np.allclose(given, expected):
        with np.errstate(all="ignore"):
            mistakes = {
                "the votes come out nine times too large: the entries of the vector are in ninths.": expected * 9,
                "this is the sum over the letter's entries. A mean also divides by how many there are.": own / 9,
                "these are the entries themselves, marked with ones. Divide by their number, then by 9.": own * 1.0,
                "the columns are swapped: the first is the vote for X.": expected[:, ::-1],
                "this is a mean over all twelve entries. Only those in which a letter's own map is larger count.": (
                    np.full((12, 2), 1 / 108)
                ),
            }
        for text, values in mistakes.items():
            if np.allclose(given, values):
                votes = ", ".join(f"{vote:.3g}" for vote in vectors["X"] @ given)
                yield Result(False, f"weights give the X picture the votes {votes}; expected 1, 0.556. Here {text}")
                return
    yield array(
        "weights",
        weights,
        expected,
        idea="A vote is the mean of the letter's own entries, divided by 9.",
        tolerance=1e-4,
    )


def _vector(name_or_picture):
    """The twelve numbers, in ninths, that the network makes of a letter."""
    picture = datasets.letter(name_or_picture) if isinstance(name_or_picture, str) else name_or_picture
    diagonal = np.where(np.eye(3) > 0, 1, -1)
    features = [diagonal, np.maximum(diagonal, diagonal[:, ::-1]), diagonal[:, ::-1]]
    maps = layers.relu(layers.conv2d(picture[None, :, :, None], np.stack(features, axis=-1)[:, :, None, :]))
    pooled = layers.max_pool(layers.max_pool(maps, 2, padding="same"), 2, padding="same")
    return np.moveaxis(pooled[0], -1, 0).reshape(-1)


@exercise(
    "Make a 9×9 array of −1 with np.full, then set column 4 of rows 1 to 7 to +1: letter_i[1:8, 4] = 1.",
    "Give the picture to votes(letter_i): it returns the vote for X and the vote for O.",
    "The decision is the letter with the larger vote, even if both votes are small.",
)
def third_letter(vote_x, vote_o, decision):
    """Votes of the X/O network for the letter I, a vertical bar in column 4, rows 1 to 7."""
    picture = np.full((9, 9), -1)
    picture[1:8, 4] = 1
    vector, x, o = _vector(picture), _vector("X"), _vector("O")
    for letter, given, own in (("X", vote_x, x > o), ("O", vote_o, o > x)):
        share = vector[own].mean() / 9
        yield number(
            f"vote for {letter}",
            given,
            share,
            mistakes={
                vector[own].mean(): "that is in ninths. Divide by 9.",
                vector.mean() / 9: f"that is the mean of all twelve entries. Take those that belong to {letter}.",
                _vector(-picture)[own].mean() / 9: "the picture is inverted: the bar is +1, the rest −1.",
            },
            idea="the bar covers column 4 and rows 1 to 7, both ends included. Check the picture, then call votes.",
            tolerance=0.002,
        )
    yield choice(
        "decision",
        decision.strip().upper() if isinstance(decision, str) else decision,
        "O",
        mistakes={
            "X": "the vote for X is the smaller one.",
            "I": "this network has two votes only. It cannot name a letter that it has no weights for.",
            "NEITHER": "sensible, but the rule only asks which vote is larger. It has no “neither”.",
        },
        idea="give the letter with the larger vote, 'X' or 'O'.",
    )
