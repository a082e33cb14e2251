"""Exercises of the lesson on classification metrics."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Option, Result, Several, UnfitError

tiles = Exercise(
    "tiles",
    "Specificity and accuracy of a detector of rare cracks, half of whose alarms are right.",
    fields=(
        Number(
            "specificity",
            962 / 980,
            mistakes=(
                (18 / 980, "that is the share of the whole tiles that raise an alarm. How many are left alone?"),
                (0.9, "that is the recall: of the cracked tiles. Specificity is a share of the whole ones."),
                (0.5, "that is the precision: of the alarms. Specificity is a share of the whole tiles."),
                (0.982, "18 of the whole tiles raise an alarm, but there are 980 of them, not 1000."),
                (0.962, "divide by the 980 whole tiles, not by all."),
                (9620 / 98, "as a share, not in percent."),
            ),
            idea="if half of the alarms are right, how many are false? And how many whole tiles are there?",
            tolerance=2e-4,
        ),
        Number(
            "accuracy",
            0.98,
            mistakes=(
                (0.02, "that is the share of wrong answers."),
                (0.982, "those are the false alarms alone. Two cracked tiles are missed, too."),
                (0.998, "those are the missed tiles alone. There are false alarms, too."),
                (0.9, "that is the recall, the accuracy on the cracked tiles."),
                (98, "as a share, not in percent."),
            ),
            idea="how many of the 1000 tiles are judged rightly, cracked and whole together?",
            tolerance=4e-4,
        ),
        Choice(
            "better",
            "neither",
            options=("the network", "the silent program", "neither"),
            mistakes=(
                ("the network", "it finds 18 cracks more, and pays for them with as many false alarms."),
                ("the silent program", "it misses 20 cracks. Count the network's mistakes of both kinds."),
            ),
            idea="count the wrong answers of each.",
        ),
    ),
    hints=(
        "Fill in the four counts: 20 tiles are cracked, 980 whole, and TP is 0.9 · 20.",
        "Half of the alarms are right, so FP is as large as TP.",
    ),
)


reading = Exercise(
    "reading",
    "True statements about a confusion matrix.",
    fields=(
        Several(
            "true",
            (
                Option("a", True, "174 of 210 are right."),
                Option("b", True, "recall goes by row: 0.80, 0.85 and 0.90."),
                Option("c", False, "precision goes by column: 80 of 90 for cat, but 9 of 19 for fox."),
                Option(
                    "d", True, "micro F1 is the accuracy, 0.83; the rare class with its F1 of 0.62 pulls macro down."
                ),
                Option("e", False, "90 right foxes among 100 would be a precision of 0.9."),
                Option("f", True, "of the 200 cats and dogs 190 are not called fox."),
            ),
            idea='name letters, such as "ab".',
            chosen="{} called true",
            left="{} called false",
        ),
    ),
    hints=(
        "Recall divides by the sum of a row, precision by the sum of a column.",
        "For e, multiply the last row by 10 and look at the last column.",
    ),
)


def _merged(matrix, groups):
    """Confusion matrix of groups of classes."""
    inside = np.asarray(groups)[:, None] == np.arange(max(groups) + 1)
    return inside.T.astype(int) @ matrix @ inside.astype(int)


def _rows_only(matrix, groups):
    inside = np.asarray(groups)[:, None] == np.arange(max(groups) + 1)
    return inside.T.astype(int) @ matrix


def _columns_only(matrix, groups):
    inside = np.asarray(groups)[:, None] == np.arange(max(groups) + 1)
    return matrix @ inside.astype(int)


def _last_wins(matrix, groups):
    size = max(groups) + 1
    out = np.zeros((size, size), int)
    for row, group in enumerate(groups):
        for column, other in enumerate(groups):
            out[group, other] = matrix[row, column]
    return out


def _diagonal_kept(matrix, groups):
    size = max(groups) + 1
    out = np.zeros((size, size), int)
    for row, group in enumerate(groups):
        for column, other in enumerate(groups):
            if group != other or row == column:
                out[group, other] += matrix[row, column]
    return out


_RNG = np.random.default_rng(0)
_FOUR = np.array([[50, 6, 1, 0], [9, 40, 2, 1], [0, 3, 70, 12], [1, 0, 15, 60]])

merge = Exercise(
    "merge",
    "A confusion matrix of groups of classes.",
    fields=(
        Code(
            "merged",
            _merged,
            cases=(
                Case(
                    "four classes in two groups",
                    (_FOUR, [0, 0, 1, 1]),
                    idea="Every count of a block of rows and columns goes into one cell.",
                ),
                Case(
                    "groups that alternate",
                    (_FOUR, [1, 0, 1, 0]),
                    idea="Classes of one group need not stand side by side.",
                ),
                Case(
                    "ten classes in three groups",
                    (_RNG.integers(0, 90, (10, 10)), [0, 2, 1, 1, 0, 2, 0, 1, 2, 0]),
                    idea="There are as many rows and columns as groups.",
                ),
                Case(
                    "a group for each class",
                    (_FOUR, [0, 1, 2, 3]),
                    idea="Nothing is merged, so the matrix stays.",
                ),
            ),
            mistakes=(
                (_rows_only, "the rows are merged, the columns not yet: predictions have groups too."),
                (_columns_only, "the columns are merged, the rows not yet: true classes have groups too."),
                (_last_wins, "several counts fall into one cell: add them up, or each overwrites the one before."),
                (
                    _diagonal_kept,
                    "a cat called dog is a right answer to the question animal or vehicle: it counts on the diagonal.",
                ),
                (lambda matrix, groups: _merged(matrix.T, groups), "true classes stay rows: the result is transposed."),
            ),
        ),
    ),
    hints=(
        "Where does the count in row i and column j belong? In row groups[i] and column groups[j].",
        "Begin with zeros of shape (max(groups) + 1,) * 2, and add each count in two nested loops.",
    ),
)


POSITIVE, WHOLE = 50, 1000


def _is_blind(answer):
    """Whether four counts look good and find few."""
    wanted = "give four whole numbers: tp, fp, fn, tn."
    if isinstance(answer, np.ndarray) and answer.shape == (4,):
        answer = answer.tolist()
    if not isinstance(answer, list | tuple) or len(answer) != 4:
        raise UnfitError(wanted)
    answer = [int(n) if isinstance(n, float) and n.is_integer() else n for n in answer]
    if any(isinstance(n, bool) or not isinstance(n, int | np.integer) or not 0 <= n <= 10**6 for n in answer):
        raise UnfitError(wanted)
    tp, fp, fn, tn = map(int, answer)
    total, positive, wrong = tp + fp + fn + tn, tp + fn, fp + fn
    yield Result.of(total == WHOLE, f"{total} examples", f"there are {WHOLE}.")
    yield Result.of(positive == POSITIVE, f"{positive} positives", f"TP and FN together are {POSITIVE}.")
    accurate = total > 0 and 100 * wrong <= 4 * total
    yield Result.of(accurate, f"{wrong} wrong answers", "an accuracy of 96 % leaves 40 of 1000; FP and FN share them.")
    precise = tp + fp > 0 and 10 * tp >= 9 * (tp + fp)
    yield Result.of(
        precise, f"{tp} of {tp + fp} alarms right", "nine in ten have to be right, and there has to be one."
    )
    yield Result.of(
        4 * tp < 2 * tp + wrong,
        f"F1 {2 * tp / max(2 * tp + wrong, 1):.3f}",
        "it is below one half only if 2 TP is less than FP + FN: find fewer.",
    )


blind = Exercise(
    "blind",
    "Four counts with a fine accuracy and precision, and a poor F1.",
    fields=(
        Judged(
            "counted",
            _is_blind,
            lambda: (15, 1, 35, 949),
            mistakes=(
                (lambda: (15, 1, 35, 900), "951 examples: there are 1000"),
                (lambda: (15, 1, 25, 959), "40 positives: TP and FN"),
                (lambda: (5, 0, 45, 950), "45 wrong answers: an accuracy"),
                (lambda: (14, 4, 36, 946), "14 of 18 alarms right: nine in ten"),
                (lambda: (40, 2, 10, 948), "F1 0.870: it is below one half only"),
                (lambda: (15, 1, 35), "give four whole numbers"),
            ),
        ),
    ),
    hints=(
        "F1 is 2 TP / (2 TP + FP + FN). At most 40 answers are wrong, so what must hold for TP?",
        "With no false alarm, FN = 50 − TP is all that is wrong. Which TP from 0 to 50 keep both limits?",
    ),
)


flawless = Exercise(
    "flawless",
    "What a test without a mistake says.",
    fields=(
        Number(
            "low",
            200 / (200 + 1.96**2),
            mistakes=(
                (1, "that is the naive interval. Can a network that reads 99.5 % get 200 digits right?"),
                (
                    1 - 3 / 200,
                    "that is the rule of thumb 3/N, a bound for one side with 95 %. Solve Wilson's condition.",
                ),
                (1 / (200 + 1.96**2), "the numerator is N, not 1."),
                (1.96**2 / (200 + 1.96**2), "that is the largest share of mistakes. The accuracy is the rest."),
            ),
            idea="with a share of 1, the lower end θ solves 1 − θ = 1.96 · sqrt(θ (1 − θ) / 200). Square both sides.",
            tolerance=2e-4,
        ),
        Number(
            "needed",
            3838,
            mistakes=(
                (1000, "then a network with one mistake in a thousand would often show none."),
                (3000, "that is the rule of thumb 3/N. Use the lower end of Wilson's interval."),
                (384, "that is for 99 %. Between 99 % and 99.9 % there is a factor of ten."),
                (3842, "close: N is 0.999 · 1.96² / 0.001."),
            ),
            idea="set N / (N + 1.96²) to 0.999, and solve for N.",
            tolerance=2,
        ),
    ),
    hints=(
        "(1 − θ)² = 1.96² θ (1 − θ) / N. Divide by 1 − θ.",
        "What is left is θ = N / (N + 1.96²). For the second question, solve it for N.",
    ),
)


coins = Exercise(
    "coins",
    "What decides between two models.",
    fields=(
        Number(
            "fewest",
            6,
            mistakes=(
                (5, "2 / 2⁵ is 0.0625: all for A would be as surprising as all for B, so both count."),
                (4, "2 / 2⁴ is 0.125."),
                (7, "2 / 2⁷ is small enough, but a smaller number will do."),
                (20, "one in twenty is the limit, but each digit halves the chance."),
            ),
            idea="a coin falls n times on the same side, whichever it is, with the probability 2 / 2ⁿ.",
        ),
        Choice(
            "smaller",
            "5 and 25",
            options=("5 and 25", "105 and 125", "both the same"),
            mistakes=(
                ("105 and 125", "of 230 tosses, 125 heads are nearly the middle; of 30, 25 heads are not."),
                ("both the same", "the difference is 20 in both, but a coin differs by 20 more easily in 230 tosses."),
            ),
            idea="which result is further from what a coin does?",
        ),
    ),
    hints=(
        "If only the results at the two ends count, p is 2 / 2ⁿ.",
        "Tossed 230 times, a coin's heads differ from 115 by 8 or so; tossed 30 times, by 3 from 15.",
    ),
)
