"""Exercises of the page on mathematics: the ten items of its self-test, and three more."""

import math

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Grid, Number, Option, Several


def _pointing(section: str, lesson: str):
    """A function that says after a text where to read on: the section of the page, and the lesson that needs it first."""

    def told(text: str) -> str:
        return f"{text} Read “{section}” below; the first lesson that needs it is “{lesson}”."

    return told


_see = _pointing("Sums and means", "Neurons and activations")
means = Exercise(
    "means",
    "The mean loss of three batches together, of which one is smaller.",
    fields=(
        Number(
            "mean_loss",
            0.36,
            mistakes=(
                (
                    1.3 / 3,
                    _see("that is the mean of three means. The small batch counts as much as the large ones there."),
                ),
                (1.3, _see("that is the sum of the three means.")),
                (90.0, _see("that is the sum of all losses. Divide by how many there are.")),
            ),
            idea=_see("add up the losses of all the digits, then divide by the number of digits."),
            tolerance=0.002,
        ),
    ),
    hints=(
        "What is the sum of the losses in each batch?",
        "A mean times a number of digits is a sum: 20, 30 and 40 here.",
    ),
)

_see = _pointing("Exponentials and logarithms", "Neurons and activations")
logarithm = Exercise(
    "logarithm",
    "The negative logarithm of an eighth, from the logarithm of 2.",
    fields=(
        Number(
            "minus_ln",
            3 * math.log(2),
            mistakes=(
                (-3 * math.log(2), _see("the logarithm of a number below 1 is negative, and minus makes it positive.")),
                (8 * math.log(2), _see("8 is 2 · 2 · 2, and a logarithm turns products into sums.")),
                (4 * math.log(2), _see("8 is the third power of 2. Which one is 16?")),
                (math.log(2) / 8, _see("the logarithm of an eighth is not an eighth of a logarithm.")),
                (math.log(2) ** 3, _see("the logarithms of the three factors are added, not multiplied.")),
                (math.log(2) / 3, _see("the third power takes the logarithm times 3.")),
            ),
            idea=_see("write 1/8 as a power of 2. What does a logarithm make of a power?"),
            tolerance=0.006,
        ),
    ),
    hints=("1/8 is 1 divided by 2 · 2 · 2.", "The logarithm of a product is the sum of the logarithms."),
)

_see = _pointing("Slopes", "Neurons and activations")
slope = Exercise(
    "slope",
    "A slope, measured from two values.",
    fields=(
        Number(
            "slope",
            -4,
            mistakes=(
                (4, _see("the loss falls as w grows.")),
                (-0.08, _see("that is by how much the loss changes. Divide by how far w went.")),
                (0.08, _see("that is by how much the loss changes. Divide by how far w went, and mind the sign.")),
                (-8, _see("from 0.99 to 1.01 it is 0.02.")),
                (8, _see("from 0.99 to 1.01 it is 0.02, and the loss falls.")),
                (-0.25, _see("the change of the loss is divided by the change of w, not the other way round.")),
            ),
            idea=_see("how much does the loss change, and how far did w go?"),
            tolerance=0.01,
        ),
        Choice(
            "move",
            "up",
            options=("up", "down"),
            mistakes=(("down", _see("the slope is negative: as w grows, the loss falls.")),),
            idea=_see("in which direction does the loss fall?"),
        ),
    ),
    hints=("Change of the loss, divided by change of w.", "The loss goes from 2.54 to 2.46, w from 0.99 to 1.01."),
)

_see = _pointing("Partial derivatives and the gradient", "Neurons and activations")
gradient = Exercise(
    "gradient",
    "The two partial derivatives of a function of two variables.",
    fields=(
        Grid(
            "gradient",
            [20, 7],
            mistakes=(
                ([7, 20], _see("the order: first the slope for u, then the one for v.")),
                ([20, 4], _see("3v has the slope 3 for v.")),
                ([23, 7], _see("3v does not change when u does: for u it adds nothing.")),
                ([4, 7], _see("u² has the slope 2u, and the factor v stays.")),
                ([10, 7], _see("u² has the slope 2u.")),
                ([20, 35], _see("that is the value of the function in second place.")),
                ([20, 27], _see("for v only v moves: u² is a fixed number, 4.")),
            ),
            idea=_see("hold one variable still, and take the slope for the other."),
            tolerance=0.01,
            reveal=False,
        ),
    ),
    hints=(
        "For u, treat v as a number such as 5: the function is 5u² + 15.",
        "For v, treat u as 2: the function is 4v + 3v.",
    ),
)

_see = _pointing("The chain rule", "Neurons and activations")
_add = _pointing("The chain rule", "Backpropagation")
paths = Exercise(
    "paths",
    "The slope of a loss that a weight reaches along two paths.",
    fields=(
        Number(
            "slope",
            7,
            mistakes=(
                (-30, _add("slopes multiply along one path; the two paths are added.")),
                (13, _add("the second path takes away: its product is −3.")),
                (-7, _add("mind the signs: 10 along the first path, −3 along the second.")),
                (10, _add("that is the first path. There is a second one.")),
                (-3, _add("that is the second path. There is a first one.")),
                (5, _see("slopes along a path multiply.")),
                (-6, _add("multiply along each path, then add: −6 comes of adding first.")),
            ),
            idea=_add("multiply along each path, add the paths."),
        ),
    ),
    hints=(
        "Turn w up by a small step h. By how much does u change, and by how much does the loss, because of it?",
        "Along u: 2 times 5. Along v: −3 times 1.",
    ),
)

_see = _pointing("Vectors, scalar products, cosines", "Neurons and activations")
_cosine = _pointing("Vectors, scalar products, cosines", "Learning the features")
cosine = Exercise(
    "cosine",
    "The scalar product of two vectors, and the cosine of the angle between them.",
    fields=(
        Number(
            "product",
            8,
            mistakes=(
                (25, _see("that is the product of the sums. Multiply entry by entry, then add.")),
                (64, _see("add the three products.")),
                (10, _see("add the three products, not the entries.")),
            ),
            idea=_see("multiply entry by entry, then add up."),
        ),
        Number(
            "cosine",
            8 / 9,
            mistakes=(
                (8, _cosine("that is the scalar product. Divide by both lengths.")),
                (8 / 3, _cosine("divide by the lengths of both vectors.")),
                (8 / 81, _cosine("a length is the root of the sum of squares.")),
                (8 / 6, _cosine("divide by the product of the lengths. A cosine is never above 1.")),
                (8 / 25, _cosine("a length is the root of the sum of squares, not a sum of entries.")),
            ),
            idea=_cosine("scalar product, divided by the product of the two lengths."),
            tolerance=0.005,
        ),
    ),
    hints=(
        "The length of (1, 2, 2) is the root of 1 + 4 + 4.",
        "Both lengths are 3, so the scalar product is divided by 9.",
    ),
)

_see = _pointing("Matrix products and their shapes", "Neurons and activations")
product = Exercise(
    "product",
    "The shape of a matrix product, and the multiplications in it.",
    fields=(
        Grid(
            "shape",
            [32, 10],
            mistakes=(
                ([10, 32], _see("rows come from the first factor, columns from the second.")),
                ([784, 784], _see("the inner sizes, 784 and 784, are the ones that go.")),
                ([32, 784, 10], _see("the inner size is summed over, and goes.")),
                ([32, 784], _see("the second factor has 10 columns.")),
                ([784, 10], _see("that is the shape of w. How many examples are there?")),
                ([10], _see("that is one example. There are 32.")),
            ),
            idea=_see("rows of the first factor, columns of the second."),
            reveal=False,
        ),
        Number(
            "multiplications",
            32 * 784 * 10,
            mistakes=(
                (784 * 10, _see("that is for one example.")),
                (320, _see("that is how many entries come out. Each of them is a sum of products.")),
                (32 * 784, _see("that is for one of the ten columns.")),
                (784, _see("that is for one entry.")),
                (784**2 * 320, _see("for each of the 320 entries it is 784 products.")),
            ),
            idea=_see("how many entries come out, and how many products are added up in each?"),
        ),
    ),
    hints=(
        "One entry of the result is the scalar product of a row of x with a column of w.",
        "There are 32 times 10 entries, each a sum of 784 products.",
    ),
)

_see = _pointing("Axes and broadcasting", "Images as tensors")
broadcast = Exercise(
    "broadcast",
    "Shapes that can be subtracted from pictures of shape (16, 28, 28, 3).",
    fields=(
        Several(
            "fits",
            options=(
                Option("a", True, _see("one number a channel: 3 meets the last axis, 3.")),
                Option("b", False, _see("shapes are compared from the right, so 16 meets the 3 channels.")),
                Option("c", True, _see("an axis of length 1 is stretched: one number a picture.")),
                Option("d", True, _see("one number a pixel, stretched over channels and pictures.")),
                Option("e", False, _see("from the right, 28 meets the 3 channels.")),
            ),
            idea=_see("letters, such as ab."),
        ),
    ),
    hints=(
        "Write the two shapes below each other, flush right.",
        "In each column the sizes must be equal, or one of them 1 or missing.",
    ),
)

_X = np.array([[1, 2, 3], [4, 5, 6]])
_see = _pointing("Axes and broadcasting", "Images as tensors")
_reshape = _pointing("Reshape or transpose?", "Images as tensors")
axes = Exercise(
    "axes",
    "Sums along an axis, and a small array in another shape.",
    fields=(
        Grid(
            "sums",
            _X.sum(axis=0),
            mistakes=(
                (_X.sum(axis=1), _see("axis 0 is the one that goes: the two rows are added to each other.")),
                (21, _see("without an axis everything is added up; with axis=0 the columns stay.")),
                (_X.mean(axis=0), _see("that is the mean.")),
            ),
            idea=_see("the axis that is named goes, the other one stays."),
            reveal=False,
        ),
        Grid(
            "reshaped",
            _X.reshape(3, 2),
            mistakes=(
                (_X.T, _reshape("that is the transpose. reshape keeps the order in which the numbers are read.")),
                (_X, _reshape("the new shape has three rows.")),
                (_X.ravel(), _reshape("that is one row of six. Now cut it into three rows of two.")),
            ),
            idea=_reshape("read the numbers row by row, and fill the new shape row by row."),
            reveal=False,
        ),
    ),
    hints=(
        "The shape (2, 3) without axis 0 is (3): one number for each column.",
        "Read 1 2 3 4 5 6, and fill rows of two.",
    ),
)

_see = _pointing("How sure is 98 % of 1000 digits?", "Classification metrics")
chance = Exercise(
    "chance",
    "How far the number of right answers spreads by chance.",
    fields=(
        Number(
            "spread",
            math.sqrt(1000 * 0.98 * 0.02),
            mistakes=(
                (19.6, _see("that is the variance. Take the root.")),
                (0.14, _see("that is for one digit. Variances of 1000 digits add up.")),
                (
                    math.sqrt(0.98 * 0.02 / 1000),
                    _see("that is the spread of the share. Asked is the number of digits."),
                ),
                (math.sqrt(1000), _see("one digit has the variance 0.98 · 0.02, not 1.")),
                (20, _see("20 mistakes are expected. How far from that does chance lead?")),
                (
                    100 * math.sqrt(0.98 * 0.02 / 1000),
                    _see("that is in percentage points. Asked is the number of digits."),
                ),
            ),
            idea=_see("the root of N times accuracy times share of mistakes."),
            tolerance=0.05,
        ),
        Choice(
            "surprise",
            960,
            options=(986, 975, 960),
            mistakes=(
                (986, _see("that is less than two standard deviations above 980.")),
                (975, _see("that is little more than one standard deviation below 980.")),
            ),
            idea=_see("how many standard deviations from 980 is each?"),
        ),
    ),
    hints=(
        "One digit is right with probability 0.98. Its variance is 0.98 · 0.02, and those of 1000 digits are added.",
        "The standard deviation is the root of 19.6. Divide the distance of each number from 980 by it.",
    ),
)

views = Exercise(
    "views",
    "What is left in an array after its slices have been written to.",
    fields=(
        Number(
            "total",
            51,
            mistakes=(
                (66, "a slice is a view: what is written into top is written into picture, too."),
                (15, "that is what was erased."),
                (19, "columns is a copy, since it was taken with a list: picture keeps those numbers."),
                (26, "it is the other way round: the slice is a view, and what was taken with a list is a copy."),
            ),
            idea="which of the two names looks into the array, and which has numbers of its own?",
        ),
    ),
    hints=(
        "A slice such as picture[:2] is a view, and picture[:, [0, 1]] is a copy.",
        "Rows 0 and 1 held 0, 1, 2, 3, 4 and 5. All twelve numbers add up to 66.",
    ),
)


def _tiles(picture, size):
    """Squares of a picture, in rows: shape (rows of squares, squares in a row, size, size)."""
    H, W = picture.shape
    return picture.reshape(H // size, size, W // size, size).transpose(0, 2, 1, 3)


def _only_reshaped(picture, size):
    H, W = picture.shape
    return picture.reshape(H // size, W // size, size, size)


def _not_transposed(picture, size):
    H, W = picture.shape
    return picture.reshape(H // size, size, W // size, size)


def _columns_first(picture, size):
    return _tiles(picture, size).transpose(1, 0, 2, 3)


def _turned(picture, size):
    return _tiles(picture, size).transpose(0, 1, 3, 2)


tiles = Exercise(
    "tiles",
    "A picture cut into squares.",
    fields=(
        Code(
            "tiles",
            _tiles,
            cases=(
                Case(
                    "a picture of 4×6, squares of 2×2",
                    (np.arange(24).reshape(4, 6), 2),
                    idea="Square (0, 1) holds rows 0 and 1, columns 2 and 3.",
                ),
                Case(
                    "a picture of 6×3, squares of 3×3",
                    (np.arange(18).reshape(6, 3), 3),
                    idea="There are two rows of squares, with one square in each.",
                ),
                Case(
                    "squares of one pixel",
                    (np.arange(6).reshape(2, 3), 1),
                    idea="Each pixel is a square: the shape is (H, W, 1, 1).",
                ),
            ),
            mistakes=(
                (_only_reshaped, "cutting a picture up is no matter of reshape alone: rows of one square lie apart."),
                (
                    _not_transposed,
                    "split both axes first, as you do; then bring the two counts in front with transpose.",
                ),
                (_columns_first, "rows of squares come first, then the squares in a row."),
                (_turned, "the pixels of each square have changed rows and columns."),
            ),
        ),
    ),
    hints=(
        "A number of rows is a number of squares times their size: split axis 0 into two, and axis 1 as well.",
        "After the split the axes are: row of squares, row in it, square in the row, column in it. Put them in order.",
    ),
)

enough = Exercise(
    "enough",
    "How many test pictures an interval of a given width takes.",
    fields=(
        Number(
            "digits",
            3012,
            mistakes=(
                (3011, "a little too few: round up."),
                (753, "that is for a width of 1 point to each side."),
                (12047, "that is for a quarter of a point to each side."),
                (784, "that is for one standard deviation to each side. The interval takes 1.96 of them."),
                (5203, "that is for 99 %, with 2.576 standard deviations."),
            ),
            idea="1.96 standard deviations of the share are to be 0.005. Solve for N.",
            tolerance=0.5,
        ),
        Number(
            "times",
            4,
            mistakes=(
                (2, "N stands under a root: twice as many digits make the interval narrower by a factor of 1.41."),
                (math.sqrt(2), "N stands under a root, so the factor is squared, not taken the root of."),
                (0.5, "a narrower interval takes more digits."),
                (0.25, "a narrower interval takes more digits."),
            ),
            idea="how does N stand in the formula of the standard deviation?",
            tolerance=0.01,
        ),
    ),
    hints=(
        "The standard deviation of the share is the root of 0.98 · 0.02 / N.",
        "N is 1.96² · 0.98 · 0.02 / 0.005², rounded up.",
    ),
)
