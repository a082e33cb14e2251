"""Exercises of the lesson on images as tensors."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Grid, Number, Option, Several

shapes = Exercise(
    "shapes",
    "The shape of a crop, and of the batch that is made of it, channels first.",
    fields=(
        Grid(
            "crop",
            [50, 80, 3],
            mistakes=(
                ([80, 50, 3], "the first slice takes rows: height comes first."),
                ([50, 80], "slices of rows and columns leave the three channels as they are."),
                ([51, 81, 3], "a slice leaves out the row or column at its end: 10:60 are 50 rows."),
            ),
            idea="two slices, of rows and of columns; the third axis is not touched.",
            reveal=False,
        ),
        Grid(
            "batch",
            [1, 3, 40, 60],
            mistakes=(
                ([1, 40, 60, 3], "that is NHWC, before the axes change places."),
                ([1, 3, 60, 40], "cv2.resize takes (width, height): 60 columns, 40 rows."),
                ([1, 60, 40, 3], "that is NHWC; and cv2.resize takes (width, height)."),
                ([3, 40, 60], "np.expand_dims has put an axis of length 1 in front."),
                ([3, 1, 40, 60], "the axis of length 1 stays in front: transpose takes the old axes 0, 3, 1, 2."),
            ),
            idea="follow the shape through resize, expand_dims and transpose, one call after the other.",
            reveal=False,
        ),
    ),
    hints=(
        "Write down the shape after each of the four lines.",
        "cv2.resize(crop, (60, 40)) gives 40 rows and 60 columns. transpose(0, 3, 1, 2) puts the old axis 3 in second place.",
    ),
)


def faults(photo: np.ndarray) -> dict[str, np.ndarray]:
    """Five pictures that were made of a photo by one mistake each, as a viewer shows them: uint8, (H, W, 3)."""
    signed = photo / 127.5 - 1
    return {
        "first": np.rint(255 * np.clip(signed, 0, 1)).astype(np.uint8),
        "second": photo.transpose(2, 0, 1).reshape(photo.shape),
        "third": photo + np.uint8(90),
        "fourth": np.rint(255 * np.clip(photo.astype(float), 0, 1)).astype(np.uint8),
        "fifth": photo[:, :, ::-1],
    }


_OPTIONS = ("a", "b", "c", "d", "e")
_SEEN = {
    "a": "reds and blues would have changed places, everything else would be in order.",
    "b": "the brightest places would have turned dark, with hard edges in smooth areas.",
    "c": "nearly every pixel would be white.",
    "d": "the dark half would be black, and the bright half would still be in order.",
    "e": "the shapes would be torn apart and repeated.",
}


def _fault(name: str, answer: str, idea: str) -> Choice:
    mistakes = tuple((option, _SEEN[option]) for option in _OPTIONS if option != answer)
    return Choice(name, answer, options=_OPTIONS, mistakes=mistakes, idea=idea)


five_faults = Exercise(
    "five_faults",
    "What went wrong in five pictures.",
    fields=(
        _fault("first", "d", "look at what was dark: which values are lost?"),
        _fault("second", "e", "are the shapes still where they were?"),
        _fault("third", "b", "look at what was bright."),
        _fault("fourth", "c", "which values does a viewer of floats show as white?"),
        _fault("fifth", "a", "are the shapes in order? And the colours?"),
    ),
    hints=(
        "First find the picture whose shapes are torn, then the one whose colours alone are odd.",
        "Of the other three: white everywhere, black where it was dark, dark where it was bright.",
    ),
)


false_stripes = Exercise(
    "false_stripes",
    "Stripes that repeat every 5 columns, of which every 4th column is kept.",
    fields=(
        Number(
            "period",
            5,
            mistakes=(
                (1.25, "that is where they should repeat; but each column that is kept is white or black as a whole."),
                (20, "that is counted in columns of the large picture; every 4th of them is left."),
                (1, "not every column that is kept is white: column 4 is black."),
                (
                    4,
                    "kept are columns 0, 4, 8, 12, 16, 20: which of these are multiples of 5, and how many steps apart?",
                ),
            ),
            idea="write down the columns that are kept, 0, 4, 8, …, and mark the multiples of 5.",
        ),
        Number(
            "stripes",
            10,
            mistakes=(
                (40, "that is the number in the large picture; most of them fall between the columns that are kept."),
                (50, "that is the number of columns in the small picture."),
                (8, "count from column 0 on: multiples of 20 below 200."),
                (11, "column 200 does not exist: the last one is 199."),
                (9, "column 0 is white too."),
            ),
            idea="50 columns are kept; one in how many is white?",
        ),
    ),
    hints=(
        "Column j of the small picture is column 4j of the large one. When is 4j a multiple of 5?",
        "White columns of the large picture that are kept: 0, 20, 40, …",
    ),
)


def _prepare(picture):
    """The central square as floats from −1 to 1, as a batch of one."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[None, top : top + side, left : left + side] / 127.5 - 1


def _swapped(picture):
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[None, left : left + side, top : top + side] / 127.5 - 1


def _corner(picture):
    side = min(picture.shape[:2])
    return picture[None, :side, :side] / 127.5 - 1


def _wrapped(picture):
    return 2 * np.rint((_prepare(picture) + 1) * 127.5).astype(np.uint8) / 255 - 1


def _stretched(picture):
    x = _prepare(picture)
    return 2 * (x - x.min()) / (x.max() - x.min()) - 1


_RNG = np.random.default_rng(0)
_PHOTO = _RNG.integers(0, 256, size=(6, 11, 3), dtype=np.uint8)
_PHOTO[0, 0], _PHOTO[0, 1] = 0, 255

prepare = Exercise(
    "prepare",
    "The central square of a picture, as a batch of one with values from −1 to 1.",
    fields=(
        Code(
            "prepare",
            _prepare,
            cases=(
                Case(
                    "a square picture", (_PHOTO[:, :6],), idea="0 becomes −1, 255 becomes 1, and the batch has N = 1."
                ),
                Case("a wide picture", (_PHOTO[:, :10],), idea="(W − H) // 2 columns go from the left."),
                Case("a tall picture", (_PHOTO[:, :4],), idea="(H − W) // 2 rows go from the top."),
                Case("a picture with an odd number of columns too many", (_PHOTO,), idea="Round down on the left."),
            ),
            mistakes=(
                (lambda x: _prepare(x)[0], "the batch axis is missing: use np.expand_dims or [None]."),
                (lambda x: (_prepare(x) + 1) / 2, "its values go from 0 to 1; multiply by 2 and take 1 away."),
                (_corner, "it cuts from the top left corner: leave out half of what is too much on each side."),
                (_swapped, "rows and columns have changed places: picture[rows, columns]."),
                (lambda x: ((_prepare(x) + 1) * 127.5).round(), "its values still go from 0 to 255."),
                (lambda x: x[None] / 127.5 - 1, "it does not cut: the picture has to become square."),
                (_wrapped, "twice a byte passes 255 and wraps around: divide first, or convert to floats."),
                (
                    _stretched,
                    "it stretches each picture to −1 … 1: byte 0 becomes −1 and 255 becomes 1, whatever it shows.",
                ),
            ),
            tolerance=1e-5,
        ),
    ),
    hints=(
        "Four steps: the side of the square, where it starts, the slice, the values. Then the batch axis.",
        "side = min(H, W); top = (H − side) // 2; left = (W − side) // 2. x / 127.5 − 1 makes the values.",
    ),
)


def _standardise(x, x_train):
    """Standardise each channel by the training pictures."""
    return (x - x_train.mean(axis=(0, 1, 2))) / x_train.std(axis=(0, 1, 2))


_TRAIN = _RNG.integers(0, 200, size=(7, 4, 5, 3)) // np.array([1, 2, 5])
_NEW = _RNG.integers(40, 250, size=(3, 4, 5, 3))

standardise = Exercise(
    "standardise",
    "Pictures standardised channel by channel, by the statistics of the training split.",
    fields=(
        Code(
            "standardise",
            _standardise,
            cases=(
                Case(
                    "the training split itself", (_TRAIN, _TRAIN), idea="Each channel has mean 0 and σ = 1 afterwards."
                ),
                Case("three new pictures", (_NEW, _TRAIN), idea="Mean and σ come from x_train."),
                Case("one new picture", (_NEW[:1], _TRAIN), idea="A picture must not depend on its company."),
            ),
            mistakes=(
                (lambda x, t: _standardise(x, x), "it uses mean and σ of the pictures that it is given."),
                (lambda x, t: (x - t.mean()) / t.std(), "one mean and σ for all: take them channel by channel."),
                (
                    lambda x, t: (x - t.mean(axis=0)) / t.std(axis=0),
                    "each pixel has a mean of its own: average over rows and columns too.",
                ),
                (
                    lambda x, t: (x - t.mean(axis=(0, 1, 2))) / t.var(axis=(0, 1, 2)),
                    "it divides by the variance σ²; take the square root.",
                ),
                (lambda x, t: x - t.mean(axis=(0, 1, 2)), "the mean is right, the division by σ is missing."),
                (
                    lambda x, t: (x - t.min(axis=(0, 1, 2))) / np.ptp(t, axis=(0, 1, 2)),
                    "that fixes smallest and largest value: it normalises.",
                ),
            ),
        ),
    ),
    hints=(
        "Three numbers are the means, three the standard deviations. Over which axes do you average?",
        "x_train.mean(axis=(0, 1, 2)) has the shape (3,), and NumPy subtracts it from each pixel.",
    ),
)


leaks = Exercise(
    "leaks",
    "Steps that let the test split take part in making the model.",
    fields=(
        Several(
            "steps",
            (
                Option("a", True, "the test split has shaped μ and σ, which belong to the model."),
                Option("b", False, "255 is the largest byte, whatever pictures there are."),
                Option("c", False, "training and test pictures are treated alike, each by itself."),
                Option("d", False, "so it should be: the model brings its own μ and σ."),
                Option("e", True, "a choice was made on the test split: it belongs on the validation split."),
                Option("f", False, "only the picture itself is used, in training as in testing."),
            ),
            idea="answer with letters, such as 'bc'.",
        ),
    ),
    hints=(
        "For each step ask: would the model, or the picture that it gets, be another one if the test split held other pictures?",
        "Two of the six are leaks. One of them is a choice.",
    ),
)
