"""Exercises of the lesson on hand-made features."""

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

slopes_in_bytes = Exercise(
    "slopes_in_bytes",
    "What Sobel answers where brightness falls or rises by 120, in two types.",
    fields=(
        Number(
            "with_sign",
            -480,
            mistakes=(
                (480, "brightness falls from left to right: the right column is taken minus the left one."),
                (-120, "the weights of a column, 1, 2 and 1, add up to 4."),
                (120, "brightness falls, and the weights of a column, 1, 2 and 1, add up to 4."),
                (-255, "CV_16S has room for more than a byte: nothing is cut."),
                (-240, "all three rows count: the weights of a column are 1, 2 and 1."),
            ),
            idea="right column minus left column, weighted with 1, 2 and 1.",
        ),
        Number(
            "in_bytes",
            0,
            mistakes=(
                (32, "that is −480 wrapped around, as NumPy's bytes do. OpenCV cuts to 0 and 255."),
                (255, "a falling slope lies below 0: it is cut to the smallest byte."),
                (-480, "a byte has no sign."),
                (-255, "a byte has no sign."),
                (480, "a byte ends at 255, and this slope is negative."),
            ),
            idea="OpenCV cuts what lies below 0 or above 255.",
        ),
        Number(
            "mirrored_in_bytes",
            255,
            mistakes=(
                (224, "that is 480 wrapped around, as NumPy's bytes do. OpenCV cuts to 0 and 255."),
                (480, "a byte ends at 255."),
                (0, "mirrored, brightness rises: the slope is positive."),
                (120, "the weights of a column, 1, 2 and 1, add up to 4. And where does a byte end?"),
            ),
            idea="the slope is 480; where does a byte end?",
        ),
    ),
    hints=(
        "Put the Sobel kernel on the picture so that its left column lies on 180 and its right one on 60.",
        "60 · 4 − 180 · 4. Then: what are the smallest and the largest byte?",
    ),
)


_KEPT = {
    "A": (True, "A lies above the upper threshold."),
    "B": (True, "B lies above the lower threshold and touches A."),
    "C": (True, "C lies above the lower threshold and is connected with A, through B."),
    "D": (False, "D lies below 200, and touches only E, which does too."),
    "E": (False, "E lies below 200, and touches only D, which does too."),
    "F": (False, "F lies below the lower threshold."),
}

hysteresis = Exercise(
    "hysteresis",
    "Which pieces of edge stay with two thresholds.",
    fields=(
        Several(
            "kept_pieces",
            tuple(Option(piece, right, why) for piece, (right, why) in _KEPT.items()),
            idea="name the pieces that stay, such as 'DE'.",
        ),
    ),
    hints=(
        "Begin with the pieces above 200. Then add what touches them and lies above 100, and what touches these.",
        "Strong neighbours are not enough for D and E: are they connected with a piece above 200?",
    ),
)


_POINTS = np.array([(12, 3), (40, 3), (40, 20)])

marks = Exercise(
    "marks",
    "Where three corners given as (x, y) have to be marked in an array.",
    fields=(
        Grid(
            "pixels_to_mark",
            _POINTS[:, ::-1],
            mistakes=(
                (_POINTS, "these are (x, y), as OpenCV gives them. An array wants the row first."),
                (_POINTS[:, ::-1].T, "give one row for each corner: three rows of two numbers."),
                (_POINTS.T, "give one row for each corner, with its row in the picture first."),
            ),
            reveal=False,
            idea="y counts rows, x counts columns; the corners stay in their order.",
        ),
        Choice(
            "outcome",
            "error",
            options=("error", "nothing", "wrong place"),
            mistakes=(
                ("nothing", "NumPy does not pass over an index that is too large."),
                ("wrong place", "that holds for the first corner. How many rows has the picture?"),
            ),
            idea="the first index is a row. How many rows has the picture?",
        ),
    ),
    hints=(
        "Is x counted from left to right or from top to bottom?",
        "(12, 3) lies in column 12 and row 3. And is there a row 40?",
    ),
)


def _moments(g_x, g_y):
    return np.array([[(g_x**2).sum(), (g_x * g_y).sum()], [(g_x * g_y).sum(), (g_y**2).sum()]])


def _smallest(g_x, g_y):
    return np.linalg.eigvalsh(_moments(g_x, g_y))[0]


def _searched(g_x, g_y):
    """The smallest change in 180 directions, a degree apart."""
    return min(((g_x * np.cos(phi) + g_y * np.sin(phi)) ** 2).sum() for phi in np.radians(np.arange(180)))


_RANDOM = np.random.default_rng(3).integers(-4, 5, size=(2, 3, 3)).astype(float)
_SLANTED = np.array([[0.0, 2.0, 1.0], [2.0, 3.0, 0.0], [1.0, 0.0, 0.0]])
_UPRIGHT = np.array([[4.0, 4.0], [4.0, 4.0], [4.0, 4.0]])

smallest_change = Exercise(
    "smallest_change",
    "Change of a window in the direction in which it changes least.",
    fields=(
        Code(
            "smallest",
            _smallest,
            cases=(
                Case("an upright edge", (_UPRIGHT, np.zeros((3, 2))), idea="Nothing changes along an edge."),
                Case("a slanted edge", (_SLANTED, _SLANTED), idea="Its slopes point all in one slanted direction."),
                Case("a window of any slopes", (_RANDOM[0], _RANDOM[1]), idea="All four entries of M count."),
            ),
            mistakes=(
                (
                    lambda g_x, g_y: np.linalg.eigvalsh(_moments(g_x, g_y))[1],
                    "that is the largest change, e₂.",
                ),
                (
                    lambda g_x, g_y: min((g_x**2).sum(), (g_y**2).sum()),
                    "these are the changes for moves to the right and down only. A slanted edge changes in both.",
                ),
                (
                    lambda g_x, g_y: np.linalg.det(_moments(g_x, g_y)),
                    "that is the determinant, the product of the smallest and the largest change.",
                ),
                (
                    lambda g_x, g_y: np.linalg.eigvalsh(_moments(g_x, g_y))[0] / g_x.size,
                    "that is a mean over the window; the changes are added up.",
                ),
                (
                    lambda g_x, g_y: np.linalg.eigvalsh(_moments(g_x, g_y)),
                    "these are both changes, the smallest and the largest. Return the smallest.",
                ),
                (
                    lambda g_x, g_y: np.linalg.det(_moments(g_x, g_y)) - 0.04 * np.trace(_moments(g_x, g_y)) ** 2,
                    "that is Harris's response, which avoids the smallest change.",
                ),
                (
                    lambda g_x, g_y: np.sqrt(abs(_smallest(g_x, g_y))),
                    "that is its root. The change is a sum of squares, the eigenvalue of M itself.",
                ),
                (
                    lambda g_x, g_y: np.linalg.eigvalsh(np.outer(*[[g_x.sum(), g_y.sum()]] * 2))[0],
                    "square and multiply the slopes pixel by pixel, then add up, not the other way round.",
                ),
                (_searched, "that is near it, as a search in steps can be. The eigenvalue is exact."),
            ),
            tolerance=1e-4,
        ),
    ),
    hints=(
        "Build M from three sums: of g_x², of g_x · g_y and of g_y².",
        "np.linalg.eigvalsh(M) returns both eigenvalues, the smaller one first.",
    ),
)


def _mutual(distances):
    nearest = distances.argmin(axis=1)
    first = np.flatnonzero(distances.argmin(axis=0)[nearest] == np.arange(len(distances)))
    return np.stack([first, nearest[first]], axis=1)


def _one_way(distances):
    return np.stack([np.arange(len(distances)), distances.argmin(axis=1)], axis=1)


def _other_way(distances):
    return np.stack([distances.argmin(axis=0), np.arange(distances.shape[1])], axis=1)


_SMALL = np.array([[1.0, 5.0, 6.0], [2.0, 7.0, 3.0], [9.0, 4.0, 8.0]])
_WIDE = np.array([[3.0, 8.0, 1.5, 6.0], [0.5, 2.5, 7.0, 9.0]])
_TALL = np.array([[4.0, 2.0], [1.0, 5.0], [3.0, 0.5], [6.0, 7.0]])

mutual_matches = Exercise(
    "mutual_matches",
    "Pairs of which each is the other's nearest.",
    fields=(
        Code(
            "mutual",
            _mutual,
            cases=(
                Case("three and three", (_SMALL,), idea="Row 1 is nearest to column 0, and column 0 to row 0."),
                Case("two and four", (_WIDE,), idea="The second picture may have more descriptors."),
                Case("four and two", (_TALL,), idea="The first picture may have more descriptors."),
            ),
            mistakes=(
                (_one_way, "each row gets its nearest column. Is the row also the nearest of that column?"),
                (_other_way, "each column gets its nearest row. Is the column also the nearest of that row?"),
                (lambda distances: _mutual(distances)[:, ::-1], "the number of the first picture comes first."),
                (lambda distances: _mutual(distances).T, "one row for each pair: shape (pairs, 2)."),
                (
                    lambda distances: _mutual(-distances),
                    "these are farthest from each other: a distance is small if two are alike.",
                ),
            ),
        ),
    ),
    hints=(
        "distances.argmin(axis=1) is the nearest b of each a. What is argmin(axis=0)?",
        "Go there and back: a pair stays if the nearest a of the nearest b is where you began.",
    ),
)


_SIDE = 64


def _is_five(answer):
    """Whether the finder sees five corners in a picture."""
    import cv2

    if not isinstance(answer, np.ndarray):
        raise UnfitError(f"expected a NumPy array, got {type(answer).__name__}.")
    picture = answer
    if picture.shape != (_SIDE, _SIDE):
        raise UnfitError(f"expected shape ({_SIDE}, {_SIDE}), got {picture.shape}.")
    if picture.dtype != np.uint8:
        raise UnfitError(f"expected bytes (np.uint8), got {picture.dtype}.")
    blurred = cv2.GaussianBlur(picture, (0, 0), 1.5)
    found = cv2.goodFeaturesToTrack(blurred, 30, 0.3, 6)
    count = 0 if found is None else len(found)
    if not count:
        idea = "the picture has the same grey everywhere, or nearly. Draw something."
    elif count < 5:
        idea = "a corner too few may be too blunt (below 0.3 times the strongest) or too near to another one."
    else:
        idea = "too many. Count the places where an outline bends, and where two outlines meet."
    yield Result.of(count == 5, f"corners: {count}", idea)


def _shape(sides: int, radius: float = 24.0) -> np.ndarray:
    """A filled regular polygon."""
    import cv2

    phi = 2 * np.pi * np.arange(sides) / sides
    outline = _SIDE / 2 + radius * np.stack([np.sin(phi), -np.cos(phi)], axis=1)
    picture = np.zeros((_SIDE, _SIDE), np.uint8)
    cv2.fillPoly(picture, [outline.round().astype(np.int32)], 255)
    return picture


five_corners = Exercise(
    "five_corners",
    "A picture in which the finder sees exactly five corners.",
    fields=(
        Judged(
            "drawing",
            _is_five,
            lambda: _shape(5),
            mistakes=(
                (lambda: np.zeros((_SIDE, _SIDE), np.uint8), "corners: 0: the picture has the same grey"),
                (lambda: _shape(4), "corners: 4: a corner too few may be too blunt"),
                (lambda: _shape(6), "corners: 6: too many"),
                (lambda: _shape(5).astype(float), "expected bytes (np.uint8), got float64"),
                (lambda: _shape(5)[:32], "expected shape (64, 64), got (32, 64)"),
            ),
        ),
    ),
    hints=(
        "Which shape has five corners that are all alike?",
        "cv2.fillPoly(picture, [outline], 255) fills a polygon; outline holds (x, y), rounded, as np.int32.",
    ),
)
