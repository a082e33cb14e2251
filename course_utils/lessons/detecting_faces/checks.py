"""Exercises of the lesson on detecting faces."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Grid, Number

_SHARED, _FIRST, _SECOND = 10 * 15, 20 * 20, 20 * 30

overlap = Exercise(
    "overlap",
    "Intersection over union of two boxes, and what non-maximum suppression keeps of them.",
    fields=(
        Number(
            "iou",
            _SHARED / (_FIRST + _SECOND - _SHARED),
            mistakes=(
                (_SHARED / (_FIRST + _SECOND), "the shared area is in both boxes: count it once in the union."),
                (_SHARED / _FIRST, "that is the share of the first box. Divide by the area of both together."),
                (_SHARED / _SECOND, "that is the share of the second box. Divide by the area of both together."),
                (_SHARED, "that is the shared area. Divide it by the area of both together."),
            ),
            idea="which rows do both boxes have, and which columns? Divide that area by the area they cover together.",
            tolerance=0.002,
        ),
        Choice(
            "kept",
            "both",
            options=("both", "the first", "the second"),
            mistakes=(
                ("the first", "a box is dropped only if its IoU with a better one is above the limit."),
                (
                    "the second",
                    "the larger logit comes first, whatever the size; and is the IoU above the limit at all?",
                ),
            ),
            idea="compare the IoU with the limit of 0.3.",
        ),
    ),
    hints=(
        "Both boxes have the rows 20 to 30 and the columns 15 to 30.",
        "They share 10 · 15 = 150 pixels. The areas are 400 and 600.",
    ),
)

windows = Exercise(
    "windows",
    "The map that the detector makes of a picture at half its size, and the step of its windows in the photograph.",
    fields=(
        Grid(
            "shape",
            np.array([7, 12]),
            mistakes=(
                ([19, 29], "that is the map of the picture at its full size."),
                ([6, 11], "there is one window more than steps: the first one needs no step."),
                ([13, 23], "a window moves by 4 pixels, not by 2."),
                ([13, 18], "that rounds up: the last windows in steps of 4 do not fit into the picture."),
                ([12, 17], "that counts every place in steps of 4, but the last windows do not fit into the picture."),
                ([26, 46], "a window moves by 4 pixels, not by 1."),
            ),
            idea="how many steps of 4 pixels can a window of 25 take in 50 rows, and in 70 columns?",
        ),
        Number(
            "step",
            8,
            mistakes=(
                (4, "that is the step in the shrunk picture."),
                (2, "the photograph is larger than the shrunk picture, so the step is larger."),
            ),
            idea="4 pixels of the shrunk picture: how many of the photograph?",
        ),
    ),
    hints=(
        "The shrunk picture has 50 rows and 70 columns.",
        "There are as many windows as steps of 4 fit into 50 − 25 and 70 − 25, rounded down, and one more.",
    ),
)

rare = Exercise(
    "rare",
    "False windows and precision in a photograph with few windows that fit a face.",
    fields=(
        Number(
            "false_windows",
            19.99,
            mistakes=(
                (1.0, "19 990 windows show no face; one in a thousand of them is taken for one."),
                (19980, "that many are told right. How many are not?"),
                (0.5, "that is how many windows on the face are missed."),
                (199.9, "one in a thousand, not one in a hundred."),
            ),
            idea="a thousandth of the windows without a face.",
            tolerance=0.02,
        ),
        Number(
            "precision",
            9.5 / (9.5 + 19.99),
            mistakes=(
                (0.999, "that is the specificity. Precision asks about the windows that were taken for faces."),
                (0.95, "that is the recall. Precision asks about the windows that were taken for faces."),
                (
                    9.5 / 20000,
                    "divide by the windows that were taken for faces, right and wrong ones, not by all windows.",
                ),
                (10 / 29.99, "only 95 % of the ten windows on the face are found."),
                (9.5 / 19.99, "divide by all windows that were taken for faces, the right ones among them."),
            ),
            idea="right windows that were taken for faces, divided by all windows that were taken for faces.",
            tolerance=0.004,
        ),
    ),
    hints=(
        "Count windows: 10 that fit the face, 19 990 that do not.",
        "9.5 windows are found on the face, and 19 990 / 1000 elsewhere.",
    ),
)


def _recall_at(scores, hits, total, allowed):
    """Largest recall at a threshold that lets at most ``allowed`` false boxes through."""
    hits = np.asarray(hits, bool)[np.argsort(-np.asarray(scores), kind="stable")]
    within = np.cumsum(~hits) <= allowed
    return (hits & within).sum() / total


def _unsorted(scores, hits, total, allowed):
    hits = np.asarray(hits, bool)
    return (hits & (np.cumsum(~hits) <= allowed)).sum() / total


def _of_found(scores, hits, total, allowed):
    return _recall_at(scores, hits, max(int(np.sum(hits)), 1), allowed)


def _upwards(scores, hits, total, allowed):
    return _recall_at(-np.asarray(scores), hits, total, allowed)


def _one_fewer(scores, hits, total, allowed):
    return _recall_at(scores, hits, total, allowed - 1)


def _everything(scores, hits, total, allowed):
    return np.sum(hits) / total


recall_at = Exercise(
    "recall_at",
    "The recall of a detector when only so many false boxes are allowed.",
    fields=(
        Code(
            "recall_at",
            _recall_at,
            cases=(
                Case(
                    "six boxes, one false one allowed",
                    (np.array([3.0, 5.0, 1.0, 4.0, 0.5, 2.0]), np.array([1, 1, 1, 0, 1, 0], bool), 5, 1),
                    idea="Go through the boxes from the best on, until a further one would be a false box too many.",
                ),
                Case(
                    "the same boxes, no false one allowed",
                    (np.array([3.0, 5.0, 1.0, 4.0, 0.5, 2.0]), np.array([1, 1, 1, 0, 1, 0], bool), 5, 0),
                    idea="All hits that are better than the best false box count.",
                ),
                Case(
                    "no false box at all",
                    (np.array([1.0, 3.0, 2.0]), np.array([1, 1, 1], bool), 4, 2),
                    idea="Faces without any box count in the total, too.",
                ),
                Case(
                    "only false boxes",
                    (np.array([1.0, 2.0]), np.array([0, 0], bool), 3, 1),
                    idea="Without a hit, the recall is 0.",
                ),
            ),
            mistakes=(
                (_unsorted, "the boxes come in any order. Sort them by their score first."),
                (_of_found, "divide by the number of faces, found or not."),
                (_upwards, "that starts with the worst box. A threshold keeps the best."),
                (_one_fewer, "exactly as many false boxes as are allowed may pass."),
                (_everything, "that is the recall with all boxes. Stop before there are more false ones than allowed."),
            ),
        ),
    ),
    hints=(
        "hits[np.argsort(-scores)] has the boxes in order, best first.",
        "np.cumsum(~hits) counts the false boxes up to each box. Which hits stand where this is at most allowed?",
    ),
)
