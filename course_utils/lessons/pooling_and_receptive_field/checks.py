"""Exercises of the lesson on pooling and the receptive field."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Option, Result, Several, UnfitError

overlapping = Exercise(
    "overlapping",
    "Means over windows of 3×3 with stride 2, of a map that holds 0 to 35 row by row.",
    fields=(
        Number(
            "rows",
            2,
            mistakes=(
                (3, "a window that starts at row 4 would need rows 4, 5 and 6, and the map has no row 6."),
                (4, "that is with stride 1. Here windows start at every second row."),
                (6, "that many rows has the map. A window of 3 cannot start at its last rows."),
            ),
            idea="windows start at rows 0, 2, 4, … as long as all three rows are there: ⌊(6 − 3) / 2⌋ + 1.",
        ),
        Number(
            "value",
            9,
            mistakes=(
                (8, "that window starts at column 1. With stride 2 the second one starts at column 2."),
                (10, "that window starts at column 3. The stride is 2, not the size of the window."),
                (16, "that is the largest number of the window; its mean is asked for."),
                (19, "that is row 1, column 0: rows come first."),
                (81, "that is the sum. Divide by the nine numbers of the window."),
                (7, "that is row 0, column 0."),
            ),
            idea="the window covers rows 0 to 2 and columns 2 to 4. The mean of such a window is its middle number.",
        ),
    ),
    hints=(
        "Write the map down: row 1 is 6, 7, 8, 9, 10, 11.",
        "The second window of a row starts two columns further: rows 0 to 2, columns 2 to 4.",
    ),
)

wider = Exercise(
    "wider",
    "Changes that enlarge what a unit of the last layer sees.",
    fields=(
        Several(
            "changes",
            options=(
                Option("a", True, "a stride acts on the layers after it, and three with larger windows come after it."),
                Option("b", False, "a layer's own stride does not act on its own receptive field."),
                Option("c", True, "(k − 1)·S grows from 2·2 to 4·2."),
                Option("d", False, "filters look at the same window, however many they are."),
                Option("e", False, "a 1×1 layer adds (1 − 1)·S = 0."),
                Option("f", True, "with S = 2 from the start all four convolutions add 4 instead of two of them."),
                Option("g", False, "zeros around the picture move the receptive fields; their size stays."),
                Option("h", False, "the pooling's stride is what made the last two layers add 4 each. Without it, 2."),
            ),
            idea="give letters, such as 'a, b'.",
            chosen="{} enlarges it",
            left="{} does not enlarge it",
        ),
    ),
    hints=(
        "Write down r and S for the network as it is: 3, 5, 6, 10, 14.",
        "For each change do it again, with r + (k − 1)·S and S·s.",
    ),
)


def _rows(stack, i):
    """First and last row that unit i of the last layer sees."""
    r, S, start = 1, 1, 0
    for k, s, p in stack:
        r, S, start = r + (k - 1) * S, S * s, start - p * S
    return start + i * S, start + i * S + r - 1


def _without_padding(stack, i):
    return _rows([(k, s, 0) for k, s, _ in stack], i)


def _padding_unscaled(stack, i):
    first, last = _without_padding(stack, i)
    p = sum(p for *_, p in stack)
    return first - p, last - p


def _stride_too_early(stack, i):
    r, S, start = 1, 1, 0
    for k, s, p in stack:
        S *= s
        r, start = r + (k - 1) * S, start - p * S
    return start + i * S, start + i * S + r - 1


def _end_excluded(stack, i):
    first, last = _rows(stack, i)
    return first, last + 1


def _padding_inwards(stack, i):
    return _rows([(k, s, -p) for k, s, p in stack], i)


def _side_for_last(stack, i):
    first, last = _rows(stack, i)
    return first, last - first + 1


def _first_layer_first(stack, i):
    first = last = i
    for k, s, p in stack:
        first, last = first * s - p, last * s - p + k - 1
    return first, last


def _last_stride_only(stack, i):
    first, last = _rows(stack, 0)
    step = stack[-1][1] * i
    return first + step, last + step


_LENET = [(5, 1, 0), (2, 2, 0), (5, 1, 0), (2, 2, 0)]

which_rows = Exercise(
    "which_rows",
    "First and last row of the picture that a unit sees, padding included.",
    fields=(
        Code(
            "rows_of_unit",
            _rows,
            cases=(
                Case(
                    "one layer of 3, padding 1, unit 0",
                    ([(3, 1, 1)], 0),
                    idea="It sees three rows, and the first is one above the picture.",
                ),
                Case("the first four layers of LeNet-5, unit 3", (_LENET, 3), idea="Unit i starts i·S rows further."),
                Case(
                    "two layers of 3, stride 2, padding 1, unit 5",
                    ([(3, 2, 1), (3, 2, 1)], 5),
                    idea="The padding of a layer is p steps of the S before it.",
                ),
                Case(
                    "layers of 3, 2 and 3 with padding 1, 0 and 1, unit 1",
                    ([(3, 1, 1), (2, 2, 0), (3, 1, 1)], 1),
                    idea="The start moves by −p·S, with the S before the layer.",
                ),
            ),
            mistakes=(
                (_without_padding, "the padding is missing: each layer moves the start by −p·S."),
                (_padding_unscaled, "a row of zeros in a later layer is S rows of the picture."),
                (_stride_too_early, "S was multiplied before it was used: a stride acts on later layers."),
                (_end_excluded, "the last row is the first plus r − 1."),
                (_padding_inwards, "padding moves the start up, out of the picture: −p·S."),
                (_side_for_last, "give the last row, first + r − 1, instead of how many rows there are."),
                (_first_layer_first, "to come from unit i down to the picture, the last layer's turn is first."),
                (_last_stride_only, "unit i starts i·S rows further, and S is the product of all strides."),
            ),
        ),
    ),
    hints=(
        "Carry three numbers along: r, S and the row at which unit 0 starts, 1, 1 and 0 in the beginning.",
        "Before S is multiplied: r grows by (k − 1)·S, and the start moves by −p·S.",
        "Unit i starts at start + i·S and ends r − 1 rows further.",
    ),
)


def _is_order(answer):
    """Whether an order of six convolutions and two poolings sees 30 pixels, and is the cheapest that does."""
    if not isinstance(answer, str) or len(answer) > 100:
        raise UnfitError("give a text of c and p, such as 'ccpccpcc'.")
    letters = answer.strip().lower()
    if set(letters) - {"c", "p"} or letters.count("c") != 6 or letters.count("p") != 2:
        raise UnfitError("give a text of six c and two p, such as 'ccpccpcc'.")
    r, S, cost = 1, 1, 0.0
    for letter in letters:
        if letter == "c":
            r, cost = r + 2 * S, cost + 1 / S**2
        else:
            r, S = r + S, 2 * S
    where = "earlier" if r < 30 else "later"
    yield Result.of(r == 30, f"receptive field {r}", f"30 is asked for. Move a pooling {where}.")
    if r == 30:
        said = "there is an order that also sees 30 in which fewer convolutions work on the whole picture."
        yield Result.of(cost < 2.1, f"cost {cost:.2f}", said)


order = Exercise(
    "order",
    "The cheapest order of six 3×3 convolutions and two 2×2 poolings that sees 30 pixels.",
    fields=(
        Judged(
            "answer",
            _is_order,
            lambda: "cpccccpc",
            mistakes=(
                (lambda: "cccpcpcc", "cost 3.38: there is an order that also sees 30"),
                (lambda: "ccpccpcc", "receptive field 32: 30 is asked for. Move a pooling later."),
                (lambda: "cpcpcccc", "receptive field 42"),
                (lambda: "ccccccpp", "receptive field 16: 30 is asked for. Move a pooling earlier."),
                (lambda: "cpcccpc", "six c and two p"),
            ),
        ),
    ),
    hints=(
        "The poolings add 1 and 2. A convolution adds 2, 4 or 8, by the number of poolings before it.",
        "With n1, n2 and n4 convolutions at S = 1, 2 and 4 the last unit sees 4 + 2·(n1 + 2·n2 + 4·n4).",
        "Two mixtures give 30. A convolution costs 1, ¼ or ¹⁄₁₆.",
    ),
)


def _largest(a):
    return np.maximum.reduce([a[:, i : a.shape[1] - 1 + i, j : a.shape[2] - 1 + j] for i in (0, 1) for j in (0, 1)])


def _mean(a):
    for _ in range(2):
        a = (a[:, :-2] + 2 * a[:, 1:-1] + a[:, 2:]).swapaxes(1, 2) / 4
    return a


def _along_rows(a):
    return (a[:, :-2] + 2 * a[:, 1:-1] + a[:, 2:]) / 4


def _box(a):
    for _ in range(2):
        a = (a[:, :-2] + a[:, 1:-1] + a[:, 2:]).swapaxes(1, 2) / 3
    return a


_RNG = np.random.default_rng(0)
_MAPS = _RNG.integers(-8, 9, (2, 8, 11, 3)).astype(float)

blurred = Exercise(
    "blurred",
    "Max pooling that blurs before it leaves places out.",
    fields=(
        Code(
            "blur_pool",
            lambda a: _mean(_largest(a))[:, ::2, ::2],
            cases=(
                Case("two maps of three channels", (_MAPS,), idea="Largest of 2×2 at every place, blur, every second."),
                Case("one small map", (_MAPS[:1, :6, :6, :1],), idea="6 rows become 5, then 3, then 2."),
                Case("a constant map", (np.full((1, 7, 7, 2), 4.0),), idea="The nine weights add up to 1."),
            ),
            mistakes=(
                (lambda a: _largest(a)[:, ::2, ::2], "the blur is missing."),
                (lambda a: _mean(_largest(a)), "every second row and column still has to be left out."),
                (lambda a: _mean(_largest(a)[:, ::2, ::2]), "blur first, then leave places out."),
                (lambda a: _mean(a)[:, ::2, ::2], "the largest of each 2×2 is missing."),
                (lambda a: _largest(_mean(a))[:, ::2, ::2], "the maxima come first, then the blur."),
                (lambda a: _box(_largest(a))[:, ::2, ::2], "the middle counts twice: 1, 2, 1, not three alike."),
                (lambda a: _along_rows(_largest(a))[:, ::2, ::2], "blur along the columns, too."),
                (lambda a: 16 * _mean(_largest(a))[:, ::2, ::2], "divide by 16, the sum of the weights."),
            ),
        ),
        Choice(
            "answer",
            "none",
            options=("all", "half", "none"),
            mistakes=(
                ("all", "print change(blur_pool) beside change(layers.max_pool). An entry left out still counts."),
                (
                    "half",
                    "print change(blur_pool). In how many means is an entry that is left out, and with which weight?",
                ),
            ),
            idea="print change(blur_pool) and compare it with change(layers.max_pool).",
        ),
    ),
    hints=(
        "`layers.max_pool(a, 2, strides=1)` has the largest of 2×2 at every place.",
        "The blur along the rows is `(m[:, :-2] + 2 * m[:, 1:-1] + m[:, 2:]) / 4`; then the same along the columns.",
        "At the end `[:, ::2, ::2]`. Then print `change(blur_pool)`.",
    ),
)
