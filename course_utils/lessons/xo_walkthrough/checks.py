"""Exercises of the X/O walkthrough."""

import numpy as np

from course_utils import datasets, layers
from course_utils.exercises import Choice, Exercise, Grid, Judged, Number, Result, UnfitError, finite_array

_SWAPPED = "hits are pixels of the same sign, misses those of different sign. Have you swapped them?"

match_by_hand = Exercise(
    "match_by_hand",
    "Match of the feature ╱ with the window of the letter X whose top left pixel is (0, 2).",
    fields=(
        Number(
            "hits",
            7,
            mistakes=(
                (
                    1,
                    "only the pixel that is light in both was counted. Dark in both is a hit as well: (−1) · (−1) = +1.",
                ),
                (6, "six pixels are dark in both, but one more pixel is light in both."),
                (2, _SWAPPED),
            ),
            idea="compare the signs of window and feature at each of the nine pixels, and count where they are the same.",
        ),
        Number(
            "misses",
            2,
            mistakes=((7, _SWAPPED),),
            idea="each of the nine pixels is a hit or a miss, so hits and misses add up to 9.",
        ),
        Number(
            "match",
            5 / 9,
            mistakes=(
                (5, "that is the sum of the products. Divide by 9, the number of pixels in the window."),
                (7 / 9, "that is the share of hits. Each miss also takes one away: (hits − misses) / 9."),
                (0.55, "cut off instead of rounded: 5/9 is 0.5555…, which rounds to 0.56."),
                (-5 / 9, "right size, wrong sign: a hit counts +1, a miss −1."),
            ),
            idea="multiply pixel by pixel, sum, divide by 9: (hits − misses) / 9.",
            tolerance=0.005,
        ),
    ),
    hints=(
        "Write the window and the feature on paper, one under the other. A pixel is a hit when both have the same sign.",
        "Dark on dark is a hit too: (−1) · (−1) = +1. Count all nine pixels.",
        "The match is the sum of the nine products, hits − misses, divided by 9.",
    ),
)


def _best(picture, feature):
    """Largest sum of the feature over all windows of a picture, and the window's top left pixel."""
    sums = layers.conv2d(picture[None, :, :, None], feature[:, :, None, None])[0, :, :, 0]
    return int(sums.max()), tuple(int(index) for index in np.unravel_index(sums.argmax(), sums.shape))


def _finds_the_o(feature):
    """Whether a 3×3 feature in ±1 matches the O perfectly somewhere, and the X nowhere by more than 5/9."""
    values = finite_array(feature, (3, 3))
    if not np.isin(values, (-1, 1)).all():
        raise UnfitError(
            "each of the nine entries must be +1 or −1. With zeros in it, a detector ignores pixels; "
            "revisit “Zeros and ones are not enough”."
        )
    (in_o, _), (in_x, where) = (_best(datasets.letter(name), values.astype(int)) for name in "OX")
    cut = "expected 9/9. Cut the feature out of the picture of the O, pixel by pixel."
    yield Result.of(in_o == 9, f"best match in the O is {in_o}/9", cut)
    what = f"best match in the X is {in_x}/9"
    yield Result.of(in_x <= 5, what if in_x <= 5 else f"{what}, at {where}", _too_close(values, in_x))


def _too_close(values, in_x):
    """Why a feature also matches the X."""
    if (values == -1).all():
        return (
            "the middle of the O is empty, but so is the space between the X's arms. A feature that finds nothing finds it "
            "everywhere; it needs a piece of the stroke."
        )
    if in_x == 9:
        return (
            "the X has exactly this piece too. The corners of the O are diagonal like the X's arms. Which part of the ring "
            "is not diagonal?"
        )
    return (
        "one pixel less than perfect, too close. Expected at most 5/9. Move the window so that a straight piece of the "
        "ring runs through its middle."
    )


design_feature = Exercise(
    "design_feature",
    "A 3×3 feature in ±1 that matches the O perfectly somewhere, and the X nowhere by more than 5/9.",
    fields=(
        Judged(
            "feature",
            _finds_the_o,
            lambda: datasets.letter("O")[0:3, 3:6],
            mistakes=(
                (lambda: datasets.letter("O")[3:6, 3:6], "A feature that finds nothing finds it everywhere"),
                (lambda: np.where(np.eye(3) > 0, 1, -1), "Which part of the ring is not diagonal?"),
                (lambda: datasets.letter("O")[1:4, 3:6], "one pixel less than perfect, too close"),
                (lambda: np.eye(3), "revisit “Zeros and ones are not enough”"),
                (lambda: np.ones((3, 3), int), "Cut the feature out of the picture of the O"),
                (lambda: datasets.letter("O"), "expected shape (3, 3)"),
            ),
        ),
    ),
    hints=(
        "Which strokes does the O have that the X has not?",
        "The X consists of two diagonals. Look at the O where it runs straight: at the top, the bottom, the left, the right.",
        "Cut three rows and three columns out of the O so that a straight piece of the ring runs through their middle.",
    ),
)


_MAP = np.array([[3, -1, 1, 5, -3], [-5, 7, -1, 1, -1], [1, -3, 9, -7, -5], [5, 1, -3, -1, -1], [-1, 3, 1, -3, -7]])


def _pooled(pool, **options):
    """The map of the exercise, pooled."""
    return pool(_MAP[None, :, :, None], 2, **options)[0, :, :, 0]


pool_by_hand = Exercise(
    "pool_by_hand",
    "2×2 max pooling with stride 2 and partial windows, of a 5×5 map.",
    fields=(
        Grid(
            "pooled",
            [[7, 5, -1], [5, 9, -1], [3, 1, -7]],
            mistakes=(
                (
                    [[7, 5, 0], [5, 9, 0], [3, 1, 0]],
                    "a partial window was filled up with zeros, or negative numbers were dropped as ReLU does. Only what "
                    "lies inside the map counts, with its sign.",
                ),
                (
                    _pooled(layers.average_pool, padding="same"),
                    "these are means. Max pooling keeps the largest number of each window.",
                ),
                (
                    [[7, 5, -3], [5, 9, -5], [3, -3, -7]],
                    "magnitudes were compared. −7 is smaller than 1: the sign counts.",
                ),
                (
                    _pooled(layers.max_pool),
                    "these are the windows without the last row and column, as Keras's padding='valid' does. With partial "
                    "windows the result is 3×3.",
                ),
                (
                    _pooled(layers.max_pool, strides=1),
                    "the window moved by one. With stride 2 it jumps two rows or columns.",
                ),
            ),
            idea="Take the largest number of each window, and step by two.",
        ),
    ),
    hints=(
        "Windows start at rows 0, 2 and 4, and at columns 0, 2 and 4. What is left of the map at row 4 and column 4?",
        "A partial window holds one or two numbers, and only these count. The largest of −3 and −1 is −1.",
    ),
)


_X = np.array([9, 5, 5, 9, 9, 5, 5, 5, 5, 9, 9, 5])
_O = np.array([5, 9, 9, 5, 5, 5, 5, 5, 9, 5, 5, 9])
_OWN = np.stack([_X > _O, _O > _X], axis=1)
_VOTES = _OWN / _OWN.sum(axis=0) / 9

vote_weights = Exercise(
    "vote_weights",
    "Matrix W with vector @ W = (vote for X, vote for O), the vector in ninths.",
    fields=(
        Grid(
            "weights",
            _VOTES,
            mistakes=(
                (_VOTES * 9, "the votes come out nine times too large: the entries of the vector are in ninths."),
                (_OWN / 9, "this is the sum over the letter's entries. A mean also divides by how many there are."),
                (
                    _OWN.astype(int),
                    "these are the entries themselves, marked with ones. Divide by their number, then by 9.",
                ),
                (_VOTES[:, ::-1], "the columns are swapped: the first is the vote for X."),
                (_OWN / 45, "the O has four entries of its own, not five."),
                (_OWN / 36, "the X has five entries of its own, not four."),
                (
                    np.full((12, 2), 1 / 108),
                    "this is a mean over all twelve entries. Only those in which a letter's own map is larger count.",
                ),
                (
                    _VOTES.T,
                    "that is W with rows and columns exchanged. vector @ weights needs twelve rows: transpose it.",
                ),
            ),
            idea="A vote is the mean of the letter's own entries, divided by 9.",
            tolerance=1e-4,
        ),
    ),
    hints=(
        "The matrix has one row for each of the twelve entries and one column for each letter: shape (12, 2).",
        "A mean over five entries is a weighted sum with weight 1/5 on these five and 0 on the other seven.",
        "The entries are in ninths, so a weight is 1/5 · 1/9 for the X and 1/4 · 1/9 for the O.",
    ),
)


_STEPS = {
    "order": "the same twelve numbers would come out, 9 9 5 5 5 9 5 5 9 9 5 5.",
    "valid": "one number a map would be left, three in all.",
    "zeros": "a perfect ╲ would get 3, from its ink alone.",
    "means": "a mean of windows is rarely a whole number. Maxima of whole numbers always are.",
}


def _friend(name, step, idea):
    """What a friend did wrong: one step of four."""
    wrong = tuple((other, said) for other, said in _STEPS.items() if other != step)
    return Choice(name, step, options=tuple(_STEPS), mistakes=wrong, idea=idea)


wrong_step = Exercise(
    "wrong_step",
    "Which step three networks have wrong, from what they make of the letter X.",
    fields=(
        _friend("ada", "order", "compare Ada's numbers with the right ones: which are there, and where?"),
        _friend("ben", "valid", "count Ben's numbers. How many does each of the three maps leave?"),
        _friend("cleo", "zeros", "the best match of a window with ╲ is 9 if paper agrees too. Cleo gets 3."),
    ),
    hints=(
        "The right numbers are 9 5 5 9 · 9 5 5 5 · 5 9 9 5, ╲, ✕, ╱. How many numbers has each friend, and which is the largest?",
        "Pooling 7×7 with whole windows gives 3×3, and then 1×1.",
        "A perfect ╲ has three pixels of ink and six of paper. If paper counts 0, which sum is left?",
    ),
)
