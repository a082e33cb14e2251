"""Exercises of the lesson on segmentation."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number, Option, Several

shifted = Exercise(
    "shifted",
    "IoU and Dice of a square that is predicted two pixels too far to the right.",
    fields=(
        Number(
            "iou",
            0.5,
            mistakes=(
                (2 / 3, "that is Dice. IoU divides by the union: each pixel that is in either mask, once."),
                (24 / 72, "the pixels that agree stand in both squares: the union counts them once."),
            ),
            idea="count the pixels in both squares, and those in at least one of them.",
            tolerance=0.006,
        ),
        Number(
            "dice",
            2 / 3,
            mistakes=(
                (0.5, "that is IoU. Dice is 2 TP / (2 TP + FP + FN)."),
                (1 / 3, "the pixels that agree count twice in Dice, above and below."),
            ),
            idea="twice the pixels in both, divided by the sum of the two areas.",
            tolerance=0.006,
        ),
    ),
    hints=(
        "The squares overlap in 6 rows and 4 columns.",
        "24 pixels are in both, 12 only in the true one and 12 only in the predicted one.",
    ),
)


def _counts(k: int, s: int) -> np.ndarray:
    """How many copies of a kernel reach each place inside, along one axis."""
    out = np.zeros(20 * s + k, int)
    for place in range(20):
        out[place * s : place * s + k] += 1
    return out[k + s : 15 * s]


overlaps = Exercise(
    "overlaps",
    "Overlaps of a transposed convolution with a kernel of 5 and a stride of 2, and settings with even overlaps.",
    fields=(
        Number(
            "most",
            int(_counts(5, 2).max() ** 2),
            mistakes=(
                (3, "that is along one axis. Rows and columns each have their overlaps."),
                (25, "25 copies meet only with stride 1."),
                (6, "that is a place where 3 copies meet along one axis and 2 along the other."),
            ),
            idea="along one axis copies of 5 places begin every 2 places: how many reach a place? Then both axes.",
        ),
        Number(
            "fewest",
            int(_counts(5, 2).min() ** 2),
            mistakes=(
                (2, "that is along one axis. Rows and columns each have their overlaps."),
                (1, "that happens in the corner of the map. Asked is the inside."),
                (6, "that is a place where 3 copies meet along one axis and 2 along the other."),
            ),
            idea="along one axis copies of 5 places begin every 2 places: how many reach a place? Then both axes.",
        ),
        Several(
            "even",
            tuple(
                Option(
                    f"k={k}, s={s}",
                    k % s == 0,
                    f"{k} divided by {s} "
                    + ("leaves no remainder: each place inside gets as many copies." if k % s == 0 else "leaves one."),
                )
                for k, s in ((2, 2), (4, 3), (6, 3), (7, 2))
            ),
            idea="a list of texts such as ['k=2, s=2'].",
        ),
    ),
    hints=(
        "Write down where the copies begin along one axis: 0, 2, 4, 6 … and mark the five places of each.",
        "Along one axis the places are reached by 3, 2, 3, 2 … copies. In two axes the numbers multiply.",
    ),
)

_ANSWERS = ("nothing", "without the small ones", "grown", "shrunk")
_SAID = {
    "nothing": "an empty mask finds no object, and its recall is 0.",
    "without the small ones": "objects are left out as a whole and the others are exact: which numbers does that leave at 1?",
    "grown": "a mask that is too large leaves nothing out, and claims too much.",
    "shrunk": "a mask that is too small claims nothing wrongly, and leaves out an edge of each object.",
}


def _prediction(name: str, answer: str) -> Choice:
    wrong = tuple((option, f"look again: {_SAID[option]}") for option in _ANSWERS if option != answer)
    return Choice(name, answer, options=_ANSWERS, mistakes=wrong, idea="one of the four in the text.")


four_masks = Exercise(
    "four_masks",
    "Four predictions told apart by precision and recall of pixels, and the share of the objects found.",
    fields=(
        _prediction("a", "shrunk"),
        _prediction("b", "without the small ones"),
        _prediction("c", "nothing"),
        _prediction("d", "grown"),
    ),
    hints=(
        "One of the four has a recall of 1, and one a recall of 0: begin with these.",
        "The other two have a precision of 1. One loses pixels of every object, the other loses whole objects.",
    ),
)


def _found(objects, mask):
    """Share of the objects of which at least half of the pixels are in a mask."""
    hits = [mask[objects == number].mean() >= 0.5 for number in range(1, objects.max() + 1)]
    return np.mean(hits)


def _touched(objects, mask):
    return np.mean([mask[objects == number].any() for number in range(1, objects.max() + 1)])


def _pixels(objects, mask):
    return mask[objects > 0].mean()


def _with_background(objects, mask):
    return np.mean([mask[objects == number].mean() >= 0.5 for number in range(objects.max() + 1)])


def _mean_share(objects, mask):
    return np.mean([mask[objects == number].mean() for number in range(1, objects.max() + 1)])


def _more_than_half(objects, mask):
    return np.mean([mask[objects == number].mean() > 0.5 for number in range(1, objects.max() + 1)])


def _count(objects, mask):
    return sum(mask[objects == number].mean() >= 0.5 for number in range(1, objects.max() + 1))


_OBJECTS = np.array([[1, 1, 0, 2, 0], [1, 1, 0, 0, 0], [0, 0, 0, 3, 3], [4, 4, 0, 3, 3]])
_HALF = np.array([[1, 1, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [1, 1, 0, 0, 0]], bool)

objects_found = Exercise(
    "objects_found",
    "The share of the objects that a mask finds.",
    fields=(
        Code(
            "share_found",
            _found,
            cases=(
                Case(
                    "four objects, one of them half covered", (_OBJECTS, _HALF), idea="At least half: half is enough."
                ),
                Case("an empty mask", (_OBJECTS, np.zeros((4, 5), bool)), idea="An empty mask finds none."),
                Case("a full mask", (_OBJECTS, np.ones((4, 5), bool)), idea="A full mask finds all."),
                Case(
                    "one object",
                    (np.array([[0, 1, 1, 1]]), np.array([[True, True, False, False]])),
                    idea="A third of its pixels is less than half.",
                ),
            ),
            mistakes=(
                (_touched, "one pixel is not enough: at least half of the object's pixels."),
                (_pixels, "that is the recall of pixels: each object shall count once, small or large."),
                (_with_background, "0 is the background, and no object. Begin with 1."),
                (_mean_share, "each object is found or not. Compare its share with a half before the mean."),
                (_more_than_half, "an object of which just half is covered is found, too."),
                (_count, "return a share: divide by the number of objects."),
            ),
        ),
    ),
    hints=(
        "mask[objects == 2] are the pixels of the mask at the places of object 2; their mean is the share covered.",
        "Loop over range(1, objects.max() + 1), compare each mean with 0.5, and take the mean of the answers.",
    ),
)
