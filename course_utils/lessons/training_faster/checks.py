"""Exercises of the lesson on faster training."""

import numpy as np

from course_utils.exercises import Case, Code, Exercise, Number, Option, Several


def _share(beta: float, first: int = 10, steps: int = 100) -> float:
    """Share of the weight that an average with Adam's correction gives to the first gradients."""
    weights = beta ** np.arange(steps - 1, -1, -1)
    return float(weights[:first].sum() / weights.sum())


memory = Exercise(
    "memory",
    "How much of Adam's average of squares the first ten of a hundred steps make up.",
    fields=(
        Number(
            "slow",
            _share(0.999),
            mistakes=(
                (0.1, "that is a plain mean. Each step back counts a little less, by the factor 0.999."),
                (1 - 0.999**10, "that is what the *last* ten steps would have without the correction."),
                (
                    0.001 * 0.999**90 * (1 - 0.999**10) / 0.001,
                    "the correction is missing: divide by the weight of all hundred steps.",
                ),
            ),
            idea="step 1 has the weight 0.999⁹⁹, step 100 the weight 1. Divide the sum of the first ten by the sum of all.",
            tolerance=0.0005,
        ),
        Number(
            "quick",
            _share(0.99),
            mistakes=(
                (0.1, "that is a plain mean. Each step back counts a little less, by the factor 0.99."),
                (1 - 0.99**10, "that is what the *last* ten steps would have without the correction."),
                (
                    0.99**90 * (1 - 0.99**10),
                    "the correction is missing: divide by the weight of all hundred steps.",
                ),
            ),
            idea="step 1 has the weight 0.99⁹⁹, step 100 the weight 1. Divide the sum of the first ten by the sum of all.",
            tolerance=0.0005,
        ),
    ),
    hints=(
        "Going back one step multiplies the weight by β₂. The factor (1 − β₂) before all of them cancels.",
        "Sum of β^90 … β^99, divided by the sum of β^0 … β^99.",
    ),
)


together = Exercise(
    "together",
    "What two ideas bring together, and what the sum of their single effects would have promised.",
    fields=(
        Number(
            "promised",
            8.0,
            mistakes=(
                (4.0, "that is the *change* that the two promise together. Add it to the error without them."),
                (6.0, "is that the mean of the two? Start at the error without either, and add both changes."),
                (12.0, "you have added the two errors. Add their *changes* to the error without either."),
            ),
            idea="from 4.0 one idea alone leads down by 1.0, the other alone up by 5.0. Add both changes to 4.0.",
            tolerance=0.005,
        ),
        Number(
            "interaction",
            -6.0,
            mistakes=(
                (
                    6.0,
                    "the size is right. Its sign says that the error is *lower* than promised: what is minus what was promised.",
                ),
                (
                    -2.0,
                    "that is the gain over the recipe without either. Compare with what the sum of the two promised.",
                ),
            ),
            idea="the error with both, minus the error that the two single changes add up to.",
            tolerance=0.005,
        ),
    ),
    hints=(
        "Write each single effect as a change from 4.0, with its sign.",
        "−1.0 and +5.0: both together promise 4.0 + 4.0.",
    ),
)


def _paired(with_idea, without):
    differences = np.asarray(without, float) - np.asarray(with_idea, float)
    return np.array([differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))])


_SEEDS = np.array([2.31, 1.92, 2.60, 2.11, 2.05])

paired = Exercise(
    "paired",
    "Mean gain of an idea over seeds that both recipes share, and its standard error.",
    fields=(
        Code(
            "paired",
            _paired,
            cases=(
                Case(
                    "two seeds",
                    (np.array([1.0, 3.0]), np.array([2.0, 6.0])),
                    idea="Differences 1 and 3: mean 2, standard deviation √2 (divided by N − 1), standard error 1.",
                ),
                Case(
                    "five seeds that go up and down together",
                    (_SEEDS, _SEEDS + np.array([0.30, 0.33, 0.28, 0.31, 0.29])),
                    idea="Take the difference seed by seed, before any standard deviation.",
                ),
                Case(
                    "an idea that costs",
                    (np.array([2.0, 2.5, 2.2]), np.array([1.9, 2.1, 2.2])),
                    idea="Error without the idea minus error with it: a loss is negative.",
                ),
            ),
            mistakes=(
                (lambda a, b: _paired(b, a), "the sign: a gain is error without the idea minus error with it."),
                (
                    lambda a, b: np.array(
                        [np.mean(b) - np.mean(a), np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / len(a))]
                    ),
                    "that treats the two as if their seeds had nothing in common. Take the differences seed by seed.",
                ),
                (
                    lambda a, b: np.array([np.mean(b - a), np.std(b - a) / np.sqrt(len(a))]),
                    "that standard deviation divides by N. From a few seeds, divide by N − 1: `ddof=1`.",
                ),
                (
                    lambda a, b: np.array([np.mean(b - a), np.std(b - a, ddof=1)]),
                    "that is the spread of single differences. The mean of N of them is surer, by √N.",
                ),
            ),
        ),
    ),
    hints=(
        "One difference a seed: `without - with_idea`. From here on there is one row of numbers.",
        "Standard error: standard deviation with `ddof=1`, divided by the root of the number of seeds.",
    ),
)


def _crossing(epochs, accuracies, target, *, last=False):
    """The first place, or the last one, where a curve comes up to a target."""
    above = np.asarray(accuracies) >= target
    if above[0] and not last:
        return float(epochs[0])
    arrivals = 1 + np.flatnonzero(above[1:] & ~above[:-1])
    if not len(arrivals):
        return float(epochs[0])
    after = arrivals[-1 if last else 0]
    share = (target - accuracies[after - 1]) / (accuracies[after] - accuracies[after - 1])
    return float(epochs[after - 1] + share * (epochs[after] - epochs[after - 1]))


crossing = Exercise(
    "crossing",
    "When a curve of accuracies first reaches a target, on straight lines between its points.",
    fields=(
        Code(
            "crossing",
            _crossing,
            cases=(
                Case(
                    "between the second and the third point",
                    (np.array([1.0, 2.0, 3.0]), np.array([0.90, 0.96, 0.98]), 0.97),
                    idea="0.97 is half-way from 0.96 to 0.98, so epoch 2.5.",
                ),
                Case(
                    "a curve that dips again",
                    (np.arange(1.0, 10.0), np.array([0.90, 0.93, 0.94, 0.95, 0.97, 0.95, 0.955, 0.975, 0.98]), 0.96),
                    idea="The first crossing counts, on the way from 0.95 to 0.97: epoch 4.5.",
                ),
                Case(
                    "reached at the first point",
                    (np.array([0.5, 1.0, 1.5]), np.array([0.97, 0.94, 0.98]), 0.95),
                    idea="There is no point before the first: return its epoch.",
                ),
                Case(
                    "points at unequal distances",
                    (np.array([1.0, 4.0]), np.array([0.90, 0.96]), 0.92),
                    idea="A third of the way from epoch 1 to epoch 4.",
                ),
            ),
            mistakes=(
                (
                    lambda epochs, accuracies, target: float(epochs[np.argmax(np.asarray(accuracies) >= target)]),
                    "that is the first point *at or above* the target. The line reaches it between two points.",
                ),
                (
                    lambda epochs, accuracies, target: _crossing(epochs, accuracies, target, last=True),
                    "that is the *last* time the curve comes up to the target. It had been there before the dip.",
                ),
                (
                    lambda epochs, accuracies, target: float(np.interp(target, accuracies, epochs)),
                    "`np.interp` expects accuracies that rise throughout, and does not check it. Here they dip.",
                ),
            ),
        ),
    ),
    hints=(
        "Find the first point at or above the target, and the point before it.",
        "Share of the way: (target − before) / (after − before). Multiply by the distance of their epochs.",
    ),
)


thrift = Exercise(
    "thrift",
    "How many times fewer multiply-adds a crop and a stride leave to two convolutions.",
    fields=(
        Number(
            "first",
            5.76,
            mistakes=(
                (4, "that is the stride alone. The picture is cropped as well: compare 24×24 places with 10×10."),
                (2.4, "that is along one axis. There are two."),
                (0.1736, "that is the share that is left. How many times fewer are they?"),
                (
                    144 / 100,
                    "that is what the *next* layer is given, behind the pooling. The first convolution works before it.",
                ),
                (
                    7.84,
                    "that compares the whole picture with 10×10 places. Without padding the fast network has 24×24.",
                ),
            ),
            idea="every place of the output costs the same. How many places has each of the two outputs?",
            tolerance=0.005,
        ),
        Number(
            "second",
            1.5625,
            mistakes=(
                (1.25, "that is along one axis. There are two."),
                (0.64, "that is the share that is left. How many times fewer are they?"),
                (
                    1.44,
                    "those are the sizes of its *inputs*, 12×12 and 10×10. Without padding its outputs are smaller.",
                ),
                (
                    4,
                    "the pooling has halved the fast network's maps before the second convolution, so the stride saves nothing there.",
                ),
                (5.76, "that is the first convolution. In between, the fast network pools."),
            ),
            idea="follow the sizes: 28, 24, 12, … in the fast network and 24, 10, … in the lean one.",
            tolerance=0.005,
        ),
    ),
    hints=(
        "Without padding, k×k windows with stride s fit into n places ⌊(n − k)/s⌋ + 1 times along each axis.",
        "Fast: 28 → 24, pooled to 12 → 10. Lean: 24 → 10 → 8.",
    ),
)


allowed = Exercise(
    "allowed",
    "Which conclusions an ablation allows.",
    fields=(
        Several(
            "conclusions",
            (
                Option("a", True, "the row without the idea and the whole recipe differ in the idea alone."),
                Option("b", False, "another network may have no use for it; that takes a measurement there."),
                Option("c", False, "ideas may interact; only a row without both shows what both together bring."),
                Option(
                    "d",
                    False,
                    "each may do the other's work as long as one of them is there. Leave out both and measure.",
                ),
                Option("e", True, "time is measured row by row just as the error is."),
                Option(
                    "f",
                    False,
                    "the best of several on the same digits is partly lucky on these. Take digits not chosen by.",
                ),
            ),
            idea='give letters, such as "bd".',
        ),
    ),
    hints=(
        "Ask of each sentence: is there a pair of rows that differs in just this?",
        "Two sentences pass.",
    ),
)
