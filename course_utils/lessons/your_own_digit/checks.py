"""Exercises of the lesson on one's own digit."""

import numpy as np

from course_utils.exercises import (
    Case,
    Choice,
    Code,
    Exercise,
    Grid,
    Judged,
    Option,
    Result,
    Several,
    UnfitError,
    finite_array,
)

place = Exercise(
    "place",
    "Size for cv2.resize, and the place of the digit in 28×28 pixels.",
    fields=(
        Grid(
            "size",
            [14, 20],
            mistakes=(
                ([20, 14], "that is (rows, columns). cv2.resize takes (width, height)."),
                ([20, 20], "that stretches the digit: both sides are scaled by the same factor."),
                ([18, 25], "that is for a box of 25 pixels. MNIST's has 20."),
                ([20, 29], "the *longer* side becomes 20."),
            ),
            idea="the longer side becomes 20, and the width comes first.",
            reveal=False,
        ),
        Grid(
            "corner",
            [6, 7],
            mistakes=(
                ([7, 6], "rows and columns are exchanged."),
                ([4, 7], "that centres the box. The centre of mass has to come to (14, 14)."),
                ([5, 7], "round the way, do not cut it off: 5.7 is nearer to 6."),
                ([5, 6], "that leads to 13.5. MNIST's middle is pixel 14."),
                ([8, 7], "that is the centre of mass, rounded. How far is it from 14?"),
            ),
            idea="the corner plus the centre of mass has to be as near to (14, 14) as whole pixels allow.",
            reveal=False,
        ),
    ),
    hints=(
        "Which factor makes 90 into 20? Apply it to 63, too.",
        "The digit's row 8.3 has to become row 14 of the picture. Where does its row 0 come to lie?",
    ),
)


def four_pictures() -> dict[str, np.ndarray]:
    """Make four digits of 28×28 pixels, three of which were prepared wrongly.

    Returns
    -------
    dict of str to numpy.ndarray
        "north", "east", "south" and "west": uint8, shape (28, 28).
    """
    from course_utils import datasets

    x, y = (array[:200] for array in (lambda d: (d.x_train[..., 0], d.y_train))(datasets.load_mnist()))
    four, six, seven, two = (x[np.flatnonzero(y == digit)[2]] for digit in (4, 6, 7, 2))
    return {"north": two.T.copy(), "east": 255 - six, "south": four.copy(), "west": _in_corner(seven)}


def _in_corner(digit: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    return np.roll(digit, (1 - rows[0], 1 - columns[0]), axis=(0, 1))


def _fault(name: str, answer: str, said: dict[str, str]) -> Choice:
    return Choice(
        name, answer, options=tuple("abcd"), mistakes=tuple(said.items()), idea="look at the picture, then measure it."
    )


faults = Exercise(
    "faults",
    "What went wrong in four pictures.",
    fields=(
        _fault(
            "north",
            "b",
            {
                "a": "its ink is bright on 0.",
                "c": "its centre of mass lies within half a pixel of (14, 14).",
                "d": "which digit is it? Show it transposed.",
            },
        ),
        _fault(
            "east",
            "a",
            {
                "b": "transposed, it is no digit either. What is the value of its paper?",
                "c": "what is the value in its corners?",
                "d": "what is the value in its corners?",
            },
        ),
        _fault(
            "south",
            "d",
            {
                "a": "its paper is 0.",
                "b": "it is a digit as it stands.",
                "c": "its centre of mass lies within half a pixel of (14, 14).",
            },
        ),
        _fault(
            "west",
            "c",
            {
                "a": "its paper is 0.",
                "b": "it is a digit as it stands.",
                "d": "where does its centre of mass lie?",
            },
        ),
    ),
    hints=(
        "plotting.image_grid(np.stack(list(pictures.values()))) shows them.",
        "Three numbers help: the value in a corner, and row and column of the centre of mass.",
    ),
)


def _ink_from(grey, paper):
    return np.clip(np.rint(255 * (1 - grey.astype(float) / paper)), 0, 255)


_RNG = np.random.default_rng(0)
_PAPER = (2 * _RNG.integers(45, 125, (4, 5)) + 1).astype(np.uint8)  # odd: no share ends in one half of a byte
_INKED = np.rint(_PAPER * _RNG.uniform(0.1, 0.95, (4, 5))).astype(np.uint8)
_BRIGHTER = np.array([[120, 80, 200], [88, 100, 20]], np.uint8)

even = Exercise(
    "even",
    "Ink from the grey of a photo and the grey of bare paper.",
    fields=(
        Code(
            "ink_from",
            _ink_from,
            cases=(
                Case(
                    "ink under uneven light",
                    (_INKED, _PAPER),
                    idea="255 times the share of light that is missing, rounded.",
                ),
                Case(
                    "pixels brighter than the paper",
                    (_BRIGHTER, np.full((2, 3), 100, np.uint8)),
                    idea="Where nothing is missing there is no ink: 0.",
                ),
            ),
            mistakes=(
                (
                    lambda grey, paper: paper - grey,
                    "that is a difference of bytes: it depends on the light, and wraps around below 0.",
                ),
                (
                    lambda grey, paper: np.clip(paper.astype(float) - grey, 0, 255),
                    "a difference depends on the light: half the light, half the difference. Divide.",
                ),
                (
                    lambda grey, paper: 255 - grey * 255 // paper,
                    "bytes times 255 wrap around. Make them floats first.",
                ),
                (
                    lambda grey, paper: np.rint(255 * (1 - grey.astype(float) / paper)),
                    "where a pixel is brighter than the paper the result is negative. Clip it.",
                ),
                (
                    lambda grey, paper: np.clip(np.rint(255 * (grey.astype(float) / paper)), 0, 255),
                    "that is bright where the paper is. Ink has to be bright.",
                ),
                (
                    lambda grey, paper: np.clip(255 * (1 - grey.astype(float) / paper), 0, 255).astype(np.uint8),
                    "as bytes, floats are cut off, not rounded: 2.9 becomes 2. np.rint comes first.",
                ),
                (
                    lambda grey, paper: np.clip(255 * (1 - grey.astype(float) / paper), 0, 255),
                    "the results are not rounded.",
                ),
            ),
        ),
    ),
    hints=(
        "grey / paper is the share of light that comes back; NumPy makes floats of it.",
        "Take 1 minus that, times 255. np.clip cuts what is below 0.",
    ),
)


def _around(boxes):
    x, y = boxes[:, :2].min(axis=0)
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    return np.array([x, y, right - x, bottom - y])


def _largest_sides(boxes):
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _summed_sides(boxes):
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].sum(axis=0)])


def _corners(boxes):
    return np.concatenate([boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)])


def _one_more(boxes):
    return _around(boxes) + np.array([0, 0, 1, 1])


around = Exercise(
    "around",
    "One box around several.",
    fields=(
        Code(
            "around",
            _around,
            cases=(
                Case("a five and its bar", (np.array([[40, 50, 30, 44], [62, 41, 25, 8]]),), idea="Draw both boxes."),
                Case(
                    "a small box inside a large one",
                    (np.array([[10, 20, 50, 60], [20, 30, 5, 5]]),),
                    idea="The large box holds both.",
                ),
                Case(
                    "three boxes, one below the other",
                    (np.array([[5, 60, 9, 9], [3, 10, 8, 30], [9, 44, 12, 11]]),),
                    idea="Where does the last one end, on the right and below?",
                ),
            ),
            mistakes=(
                (_largest_sides, "the largest width is not the width of all: boxes may lie side by side."),
                (_summed_sides, "boxes may overlap or have paper between them: the sides do not add up."),
                (_corners, "the last two numbers are width and height, not where the box ends."),
                (_one_more, "one pixel too many: a box from 3 that is 4 wide ends before 7."),
            ),
        ),
    ),
    hints=(
        "It begins at the smallest x and the smallest y.",
        "Where does each box end? x + w and y + h. The largest of them, minus where it begins, is the size.",
    ),
)


channel = Exercise(
    "channel",
    "The channel in which the lines of the paper fade.",
    fields=(
        Choice(
            "index",
            2,
            options=(0, 1, 2),
            mistakes=(
                (
                    0,
                    "that is blue: OpenCV's order is blue, green, red. White paper is bright in it, red lines are dark.",
                ),
                (1, "that is green. Red lines send back little green, and are dark there."),
            ),
            idea="in which channel is a red line as bright as paper?",
        ),
        Choice(
            "lost",
            "red",
            options=("black", "blue", "red"),
            mistakes=(
                ("black", "black sends back little of each colour: it is dark in all three channels."),
                ("blue", "blue ink sends back little red, so it is dark there."),
            ),
            idea="which ink is bright where the lines are bright?",
        ),
    ),
    hints=(
        "Paper is bright in all channels. A red line is bright in one.",
        "photo[..., 0] is blue, photo[..., 1] green, photo[..., 2] red.",
    ),
)


unchanged = Exercise(
    "unchanged",
    "Changes of a drawing that the preparation takes back.",
    fields=(
        Several(
            "changes",
            (
                Option("moved", True, "the box moves along, and the crop leaves out where it was."),
                Option("doubled", True, "the longer side becomes 20 pixels whatever it was."),
                Option("framed", True, "more paper around it is cropped away again."),
                Option("turned", False, "nothing in the steps knows which way is up."),
                Option("dotted", False, "the box reaches to the dot, and the digit becomes small."),
                Option("mirrored", False, "nothing in the steps knows left from right."),
            ),
            idea='give a list of words, such as ["turned", "dotted"].',
        ),
    ),
    hints=(
        "Go through crop, scale and centre: which of them sees the change, and does it undo it?",
        "Three changes are taken back.",
    ),
)


def _off_centre(answer):
    """Whether the box of the ink is centred and its mass is not."""
    picture = finite_array(answer, (28, 28))
    if picture.min() < 0 or picture.max() > 255:
        raise UnfitError("expected bytes: numbers from 0 to 255.")
    if not picture.any():
        raise UnfitError("there is no ink in it.")
    for axis, name in ((1, "row"), (0, "column")):
        ink = picture.sum(axis=axis)
        used = np.flatnonzero(ink)
        box, mass = (used[0] + used[-1]) / 2, ink @ np.arange(28) / ink.sum()
        yield Result.of(
            abs(box - 13.5) <= 0.5, f"middle of the box, {name} {box:g}", "it has to lie between 13 and 14."
        )
        yield Result.of(abs(mass - 14) >= 5, f"centre of mass, {name} {mass:.1f}", "it has to lie 5 or more from 14.")


def _block(*parts):
    picture = np.zeros((28, 28), np.uint8)
    for rows, columns in parts:
        picture[rows, columns] = 255
    return picture


off_centre = Exercise(
    "off_centre",
    "A picture whose box is centred, and whose mass is not.",
    fields=(
        Judged(
            "picture",
            _off_centre,
            lambda: _block((slice(4, 10), slice(4, 10)), (23, 23)),
            mistakes=(
                (lambda: _block((slice(4, 24), slice(4, 24))), "it has to lie 5 or more from 14."),
                (lambda: _block((slice(4, 10), slice(4, 10))), "it has to lie between 13 and 14."),
                (lambda: np.zeros((28, 28)), "there is no ink in it."),
                (lambda: np.full((28, 28), 300), "numbers from 0 to 255."),
            ),
        ),
    ),
    hints=(
        "The box asks only for the outermost ink, however little it is.",
        "Much ink on one side, and a single pixel on the opposite one.",
    ),
)
