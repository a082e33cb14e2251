"""Exercises of the lesson comparing architectures."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number, Option, Several

_PLACES = 14 * 14

separable_cost = Exercise(
    "separable_cost",
    "Multiply-adds of a 3×3 convolution 64 → 128 on 14×14, of its depthwise separable form, and their ratio.",
    fields=(
        Number(
            "full",
            _PLACES * 9 * 64 * 128,
            mistakes=(
                (9 * 64 * 128, "those are the weights. Each is used once at every place."),
                (_PLACES * 9 * 64, "that is one filter. There are 128."),
                (_PLACES * 9 * 128, "a filter covers all 64 channels."),
                (_PLACES * 64 * 128, "that is a 1×1 convolution. A window has nine pixels."),
            ),
            idea="multiply places, window, channels and filters.",
        ),
        Number(
            "separable",
            _PLACES * (9 * 64 + 64 * 128),
            label="separable_form",
            mistakes=(
                (_PLACES * (9 * 128 + 128 * 128), "the depthwise half leaves 64 channels."),
                (9 * 64 + 64 * 128, "those are the weights. Each is used once at every place."),
                (_PLACES * 9 * 64, "that is the depthwise half. The 1×1 convolution across channels follows."),
                (_PLACES * 64 * 128, "that is the pointwise half. The depthwise convolution comes before it."),
                (_PLACES * (9 * 128 + 64 * 128), "the depthwise half comes first and sees 64 channels."),
                (_PLACES * 9 * 64 * 64 * 128, "the two halves follow one another: add them."),
            ),
            idea="one kernel of 3×3 for each of 64 channels, then 1×1.",
        ),
        Number(
            "ratio",
            1 / 128 + 1 / 9,
            mistakes=(
                (1 / 64 + 1 / 9, "the first term has the channels that come out, not those that go in."),
                (1 / (1 / 128 + 1 / 9), "that is full over separable_form: turn it upside down."),
                (1 / 9, "that is the limit for very many filters. The depthwise half adds 1/C′."),
                (1 / 128 + 1 / 3, "a window of 3×3 has k² pixels."),
            ),
            idea="divide the two numbers, or use 1/C′ + 1/k².",
            tolerance=5e-4,
        ),
    ),
    hints=(
        "At each of the 14 · 14 places one full filter needs 3 · 3 · 64 products. How many filters are there?",
        "Depthwise: 9 products for each of 64 channels. Pointwise: 64 products for each of 128 outputs.",
        "separable_form / full is 1/C′ + 1/k², whatever the size of the map.",
    ),
)


pareto = Exercise(
    "pareto",
    "Which of five networks nobody beats in cost and accuracy at once.",
    fields=(
        Several(
            "names",
            (
                Option("A", True, "no other costs as little, so nothing beats it, however accurate the others are."),
                Option("B", False, "A costs less and is more accurate."),
                Option("C", True, "whatever is cheaper is less accurate."),
                Option("D", True, "it is the most accurate of all, so nothing beats it, whatever it costs."),
                Option("E", False, "C costs a tenth and is more accurate."),
            ),
            idea="give a list of letters such as ['A', 'B'].",
            chosen="{} on the front",
            left="{} not on the front",
        ),
    ),
    hints=(
        "Take one network at a time. Is there another that costs no more and is at least as accurate?",
        "B costs 569 and is right in 70.6 %. A costs less and is right more often, so B is out.",
        "E costs 3858 and is right in 75.3 %. Look at C.",
    ),
)


def _on_front(costs, accuracies):
    """Which of N networks none beats; costs of shape (N, D), accuracies of shape (N,)."""
    points = np.column_stack([costs, -np.asarray(accuracies)])
    no_worse = (points[:, None] <= points).all(axis=-1)
    better = (points[:, None] < points).any(axis=-1)
    return ~(no_worse & better).any(axis=0)


def _strictly(costs, accuracies):
    """Beaten by those that are better in everything only."""
    points = np.column_stack([costs, -np.asarray(accuracies)])
    return ~(points[:, None] < points).all(axis=-1).any(axis=0)


def _beaten_by_twins(costs, accuracies):
    """Beaten by any other that is no worse."""
    points = np.column_stack([costs, -np.asarray(accuracies)])
    no_worse = (points[:, None] <= points).all(axis=-1) & ~np.eye(len(points), dtype=bool)
    return ~no_worse.any(axis=0)


_FIVE = np.array([[300.0], [569.0], [386.0], [4200.0], [3858.0]]), np.array([72.0, 70.6, 77.1, 82.9, 75.3])
_TWO_COSTS = np.array([[1.0, 9.0], [9.0, 1.0], [5.0, 6.0], [9.0, 9.0]]), np.array([70.0, 70.0, 70.0, 71.0])
_TIES = np.array([[1.0, 4.0], [1.0, 4.0], [1.0, 5.0], [2.0, 4.0], [2.0, 4.0]]), np.array([70.0, 70.0, 70.0, 70.0, 71.0])

on_front = Exercise(
    "on_front",
    "A Pareto front for any number of costs.",
    fields=(
        Code(
            "on_front",
            _on_front,
            cases=(
                Case("one cost", _FIVE, idea="With one cost these are A, C and D of the exercise before."),
                Case(
                    "two costs",
                    _TWO_COSTS,
                    idea="Whoever is cheaper in one cost is not beaten by who is cheaper in the other.",
                ),
                Case(
                    "twins and near twins",
                    _TIES,
                    idea="Beaten means: somebody is no worse in everything and better in something. Twins do not beat each other.",
                ),
                Case("a single network", (np.array([[3.0, 3.0]]), np.array([50.0])), idea="Nobody beats itself."),
            ),
            mistakes=(
                (
                    _strictly,
                    "to beat a network one need not be better in *everything*: no worse, and better in something.",
                ),
                (
                    _beaten_by_twins,
                    "two networks with the same figures do not beat each other: better in something, too.",
                ),
                (
                    lambda costs, accuracies: _on_front(costs[:, :1], accuracies),
                    "only the first cost was looked at.",
                ),
                (
                    lambda costs, accuracies: _on_front(costs, -accuracies),
                    "for accuracies more is better; only costs should be low.",
                ),
                (
                    lambda costs, accuracies: ~_on_front(costs, accuracies),
                    "these are the ones that are beaten. Turn it round.",
                ),
                (
                    lambda costs, accuracies: _on_front(costs.sum(axis=1, keepdims=True), accuracies),
                    "costs of different kinds were added up: megabytes and seconds have no sum.",
                ),
            ),
        ),
    ),
    hints=(
        "Sorting helps with one cost only. Compare each network with each other one instead.",
        "Network j beats i if (costs[j] <= costs[i]).all() and accuracies[j] >= accuracies[i], and one of these is strict.",
        "Two loops and a list of N truth values are enough.",
    ),
)


_A, _B = np.array([97.9, 98.3, 98.1, 98.0, 98.2]), np.array([98.3, 98.6, 98.1, 98.5, 98.0])
_VAR_A, _VAR_B = _A.var(ddof=1), _B.var(ddof=1)
_ERROR = np.sqrt((_VAR_A + _VAR_B) / 5)

seed_difference = Exercise(
    "seed_difference",
    "B's mean minus A's, its standard error, and whether it is more than 2.4 standard errors.",
    fields=(
        Number(
            "difference",
            _B.mean() - _A.mean(),
            mistakes=(
                (_A.mean() - _B.mean(), "that is A − B."),
                (_B.max() - _A.max(), "those are the best seeds. Compare the means."),
                (_B[0] - _A[0], "that is the first seed alone."),
                ((_B.mean() - _A.mean()) / 100, "the accuracies are in percent, so give the difference in points."),
            ),
            idea="subtract A's mean from B's.",
            tolerance=5e-3,
        ),
        Number(
            "standard_error",
            _ERROR,
            mistakes=(
                (
                    np.sqrt(_VAR_A + _VAR_B),
                    "that is the spread of a difference of single runs. A mean of five varies less.",
                ),
                (
                    np.sqrt((_A.var() + _B.var()) / 5),
                    "np.var divides by n. For a sample of five, divide by four: ddof=1.",
                ),
                ((_VAR_A + _VAR_B) / 5, "that is the variance. Take the root."),
                (np.sqrt(_VAR_A / 5), "that is A alone. B varies too."),
                (np.sqrt(_VAR_B / 5), "that is B alone. A varies too."),
                (np.sqrt(_VAR_A / 5) + np.sqrt(_VAR_B / 5), "variances add up, standard errors do not."),
            ),
            idea="variances of the two means add up: var_a / 5 + var_b / 5, then the root.",
            tolerance=2e-3,
        ),
        Choice(
            "outside",
            False,
            mistakes=((True, f"2.4 standard errors are {2.4 * _ERROR:.2f} points. Is the difference larger?"),),
            idea="answer True or False: is the difference more than 2.4 standard errors?",
        ),
    ),
    hints=(
        "Means first. Then np.var(…, ddof=1) of each; the variance of a mean of five is a fifth of it.",
        "standard_error = sqrt(var_a / 5 + var_b / 5). Compare 2.4 of them with the difference.",
    ),
)
