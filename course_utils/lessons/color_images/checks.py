"""Exercises of the lesson on colour pictures."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Result, UnfitError

versions = Exercise(
    "versions",
    "How many versions of a picture shifts of up to three pixels and a flip can make.",
    fields=(
        Number(
            "versions",
            98,
            mistakes=(
                (49, "the flip is missing: each shifted picture also comes mirrored."),
                (72, "to either side by up to three pixels: no shift is a choice, too."),
                (36, "to either side by up to three pixels: no shift is a choice, too, and each also comes mirrored."),
                (14, "rows and columns are shifted independently of each other."),
                (51, "a shifted picture can be mirrored as well: multiply."),
                (50, "that is with shifts of up to two pixels, as in the lesson."),
                (196, "a flip from left to right only: that doubles the number once."),
            ),
            idea="rows, columns and flip are independent: multiply their numbers of choices.",
        ),
        Number(
            "unchanged",
            1 / 98,
            mistakes=(
                (1 / 49, "without a shift it still comes mirrored half the time."),
                (100 / 98, "a share is a number from 0 to 1: divide the percentage by 100."),
                (0.5, "that is the share that is not mirrored. It also has to come without a shift."),
                (1 / 50, "that is with shifts of up to two pixels, as in the lesson."),
                (1 / 7, "neither along the rows nor along the columns, and not mirrored."),
            ),
            idea="all versions are equally probable, and one of them is the picture itself.",
            tolerance=0.0004,
        ),
    ),
    hints=(
        "How many shifts are there along the rows, no shift included?",
        "Seven along the rows, seven along the columns, and each mirrored or not.",
    ),
)


sizes = Exercise(
    "sizes",
    "What changes when the lesson's network gets pictures of 160×160 pixels.",
    fields=(
        Number(
            "times",
            25,
            mistakes=(
                (5, "that is one side. Both sides of each map become five times as long."),
                (125, "the number of channels stays: only rows and columns grow."),
                (49, "that is for 224. How often does 32 go into 160?"),
                (1, "the filters are as before, but they are applied at more places."),
            ),
            idea="each convolution does the same work at each place of its map. How many times as many places are there?",
        ),
        Choice(
            "parameters",
            "as many",
            options=("as many", "5 times as many", "25 times as many"),
            mistakes=(
                (
                    "25 times as many",
                    "convolutions share their weights over all places, and the mean of each map is one number.",
                ),
                ("5 times as many", "which layer of this network has weights that depend on rows or columns?"),
            ),
            idea="which layers have weights that depend on the size of the maps?",
        ),
        Number(
            "seen",
            30,
            mistakes=(
                (
                    150,
                    "the window is set by kernels and strides, and is counted in pixels: it does not grow with the picture.",
                ),
                (6, "that is how many such windows would be needed side by side to cover the picture, roughly."),
                (160, "it is counted in pixels, and the pictures have grown: a unit sees a smaller share of them."),
                (26, "that is before the last pool."),
            ),
            idea="the lesson counted it for 32×32 pixels. Does it depend on the size of the picture?",
        ),
    ),
    hints=(
        "Follow one convolution: its map has five times as many rows and five times as many columns.",
        "Kernels and strides are what they were. Which of the three answers depend on nothing else?",
    ),
)


def _padded(picture):
    height, width = picture.shape[:2]
    side = max(height, width)
    out = np.zeros((side, side, 3), picture.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    out[top : top + height, left : left + width] = picture
    return out


def _in_the_corner(picture):
    height, width = picture.shape[:2]
    out = np.zeros((max(height, width),) * 2 + (3,), picture.dtype)
    out[:height, :width] = picture
    return out


def _margin_before(picture):
    height, width = picture.shape[:2]
    side = max(height, width)
    out = np.zeros((side, side, 3), picture.dtype)
    top, left = (side - height + 1) // 2, (side - width + 1) // 2
    out[top : top + height, left : left + width] = picture
    return out


def _cropped(picture):
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def _white(picture):
    return np.where(_padded(np.ones_like(picture)) == 0, 255, _padded(picture)).astype(picture.dtype)


_RNG = np.random.default_rng(0)


def _stretched(picture):
    side = max(picture.shape[:2])
    rows, columns = (np.arange(side) * length // side for length in picture.shape[:2])
    return picture[rows[:, None], columns]


def _smeared(picture):
    height, width = picture.shape[:2]
    side = max(height, width)
    before = [(side - length) // 2 for length in (height, width)]
    margins = [(first, side - length - first) for first, length in zip(before, (height, width), strict=True)]
    return np.pad(picture, (*margins, (0, 0)), mode="edge")


def _picture(height, width):
    return _RNG.integers(1, 250, (height, width, 3)).astype(np.uint8)


padded = Exercise(
    "padded",
    "A whole picture on a black square.",
    fields=(
        Code(
            "padded",
            _padded,
            cases=(
                Case("a wide picture", (_picture(4, 8),), idea="The side of the square is the longer side."),
                Case("a tall picture", (_picture(7, 3),), idea="The side of the square is the longer side."),
                Case("an odd margin", (_picture(4, 7),), idea="An odd margin is smaller at the top or left."),
                Case("a square picture", (_picture(5, 5),), idea="A square stays as it is."),
            ),
            mistakes=(
                (_cropped, "that cuts pixels off. All of the picture is to be kept."),
                (_in_the_corner, "the picture belongs in the middle, not in the upper left corner."),
                (_margin_before, "where the margin is odd, it is smaller at the top or left."),
                (_white, "the margin is black, 0."),
                (_smeared, "the margin is black, 0."),
                (
                    _stretched,
                    "that stretches the picture. Its pixels are to stay as they are, with a margin around them.",
                ),
            ),
        ),
    ),
    hints=(
        "Begin with zeros of shape (side, side, 3) and the dtype of the picture.",
        "The picture's first row goes to row (side - height) // 2.",
    ),
)


def _mixed_up(matrix):
    both = matrix + matrix.T
    return np.unravel_index(np.triu(both, 1).argmax(), both.shape)


def _one_way(matrix):
    return np.sort(np.unravel_index((matrix * ~np.eye(len(matrix), dtype=bool)).argmax(), matrix.shape))


def _product(matrix):
    return _mixed_up_by(matrix * matrix.T)


def _difference(matrix):
    return _mixed_up_by(abs(matrix - matrix.T))


def _mixed_up_by(both):
    return np.unravel_index(np.triu(both, 1).argmax(), both.shape)


def _least(matrix):
    both = np.where(np.triu(np.ones(matrix.shape), 1) > 0, matrix + matrix.T, matrix.sum() + 1)
    return np.unravel_index(both.argmin(), both.shape)


_THREE = np.array([[9, 6, 0], [1, 8, 5], [0, 4, 7]])
_FOUR = np.array([[20, 0, 3, 2], [0, 6, 0, 9], [6, 0, 15, 10], [2, 1, 6, 30]])
_TWO = np.array([[50, 3], [1, 4]])
_ONE_WAY = np.array([[9, 8, 0], [0, 6, 3], [0, 4, 7]])

mixed_up = Exercise(
    "mixed_up",
    "The two classes that are mixed up most.",
    fields=(
        Code(
            "mixed_up",
            _mixed_up,
            cases=(
                Case("three classes", (_THREE,), idea="1 is taken for 2 five times, and 2 for 1 four times."),
                Case("four classes", (_FOUR,), idea="2 is taken for 3 ten times, and 3 for 2 six times."),
                Case("two classes", (_TWO,), idea="There is one pair."),
                Case("one direction only", (_ONE_WAY,), idea="0 is taken for 1 eight times, and 1 never for 0: 8."),
            ),
            mistakes=(
                (_one_way, "that is the largest single entry. Add what is mixed up the other way round."),
                (lambda matrix: _mixed_up(matrix)[::-1], "the smaller class number comes first."),
                (
                    lambda matrix: np.unravel_index(matrix.argmax(), matrix.shape),
                    "right answers, on the diagonal, are no mistakes.",
                ),
                (_least, "that is the pair that is mixed up least."),
                (_product, "add the two directions; a product is 0 where one of them is."),
                (_difference, "that is the pair whose two directions differ most. Add them."),
            ),
        ),
    ),
    hints=(
        "matrix + matrix.T holds in row i, column j what is mixed up between i and j, both ways.",
        "np.triu(…, 1) keeps what is above the diagonal; np.unravel_index turns the place of the largest entry into row and column.",
    ),
)


SIDE, LEAST_FIELD, LEAST_FILTERS, BUDGET = 64, 64, 64, 10_000_000


def cost_and_field(stages) -> tuple[int, int]:
    """Multiply-adds of the convolutions, and rows the last map sees, of stages (filters, convolutions) on 64×64 pixels."""
    cost, field, stride, side, channels = 0, 1, 1, SIDE, 3
    for filters, convolutions in stages:
        for _ in range(convolutions):
            cost += 9 * channels * filters * side * side
            field, channels = field + 2 * stride, filters
        field, stride, side = field + stride, 2 * stride, side // 2
    return cost, field


def _is_plan(answer):
    """Whether stages keep to the budget and see enough."""
    if not isinstance(answer, list | tuple) or not 0 < len(answer) <= 6:
        raise UnfitError("give a list of one to six stages, such as [(16, 1), (32, 1)].")
    for place, stage in enumerate(answer):
        whole = isinstance(stage, list | tuple) and len(stage) == 2
        if not whole or any(isinstance(one, bool) or not isinstance(one, int | np.integer) for one in stage):
            raise UnfitError(f"stage {place} is no pair of whole numbers: filters and convolutions.")
        if not (1 <= stage[0] <= 1024 and 1 <= stage[1] <= 9):
            raise UnfitError(f"stage {place} has 1 to 1024 filters and 1 to 9 convolutions.")
    cost, field = cost_and_field([tuple(map(int, stage)) for stage in answer])
    filters = int(answer[-1][0])
    yield Result.of(filters >= LEAST_FILTERS, f"{filters} filters at the end", f"{LEAST_FILTERS} are asked for.")
    yield Result.of(
        field >= LEAST_FIELD,
        f"a unit sees {field} pixels",
        f"{LEAST_FIELD} are asked for. A convolution adds more in a later stage than in an early one.",
    )
    yield Result.of(
        cost <= BUDGET,
        f"{cost / 1e6:.1f} million multiply-adds",
        "that is over the budget of 10 million. Filters are dear where the maps are large.",
    )


plan = Exercise(
    "plan",
    "Stages of a network for pictures of 64×64 pixels, under a budget.",
    fields=(
        Judged(
            "plan",
            _is_plan,
            lambda: [(8, 1), (16, 1), (32, 2), (64, 2)],
            mistakes=(
                (lambda: [(16, 1), (32, 1), (64, 2)], "a unit sees 30 pixels: 64 are asked for"),
                (lambda: [(16, 1), (32, 1), (64, 2), (64, 2)], "that is over the budget"),
                (lambda: [(8, 1), (16, 1), (32, 2), (32, 2)], "32 filters at the end"),
                (lambda: [(64, 1)], "a unit sees 4 pixels"),
                (lambda: [(8, 0)], "stage 0 has 1 to 1024 filters and 1 to 9 convolutions"),
                (lambda: [(8.5, 1)], "stage 0 is no pair of whole numbers"),
            ),
        ),
    ),
    hints=(
        "The lesson's three stages see 30 pixels. What does a fourth stage with one convolution add, at a stride of 8?",
        "Halve the filters of the first stages and add a stage. In stage four a convolution adds 16 pixels, and the pool 8.",
    ),
)
