"""Exercises of the lesson on tuning."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number

budget = Exercise(
    "budget",
    "Hours that a grid of settings takes, with seeds.",
    fields=(
        Number(
            "hours",
            32.4,
            mistakes=(
                (8.1, "that is one seed for each point of the grid. There are four."),
                (2, "that is 3·5 points. Each value of a setting meets each value of all others: 3⁵."),
                (16.7, "that is 5³ points. Three values for each of five settings are 3⁵."),
                (1944, "these are minutes."),
                (972, "that is the number of trainings. Each takes two minutes."),
                (16.2, "that is two minutes for 486 trainings. The grid has 3⁵ = 243 points, each with four seeds."),
            ),
            tolerance=0.051,
            idea="points of the grid, times seeds, times two minutes, in hours.",
        ),
    ),
    hints=(
        "How many points has a grid of three values for each of two settings? Of three settings?",
        "3⁵ points, four trainings each, two minutes a training.",
    ),
)

enough = Exercise(
    "enough",
    "Random trials until one of them lies in the best twentieth, with a probability of 95 %.",
    fields=(
        Number(
            "trials",
            59,
            mistakes=(
                (58, "0.95⁵⁸ = 0.051: that many miss it a little more often than one time in twenty."),
                (60, "that suffices, but one less does, too."),
                (19, "that is 0.95/0.05: twenty trials miss the best twentieth with a probability of 0.95²⁰ = 36 %."),
                (20, "twenty trials hit it once on average, and miss it with a probability of 0.95²⁰ = 36 %."),
                (1, "one trial hits it with a probability of 5 %."),
            ),
            idea="n trials all miss it with a probability of 0.95ⁿ; that has to be 0.05 at most.",
        ),
    ),
    hints=(
        "Ask for the opposite: with which probability do n trials all miss the best twentieth?",
        "0.95ⁿ ≤ 0.05. Take logarithms, and round up.",
    ),
)


def _place(low, high, share):
    return low * (high / low) ** share


def _evenly(low, high, share):
    return low + (high - low) * share


def _from_above(low, high, share):
    return high * (low / high) ** share


def _power(low, high, share):
    return 10 ** (low + (high - low) * share)


log_place = Exercise(
    "log_place",
    "The value at a share of a range in which equal factors are equally likely.",
    fields=(
        Code(
            "value_at",
            _place,
            cases=(
                Case("0.001 to 1, share 0", (0.001, 1.0, 0.0), idea="Share 0 is the lower end."),
                Case("0.001 to 1, share 1/3", (0.001, 1.0, 1 / 3), idea="A third of three factors of 10 is one."),
                Case("4 to 32, share 0.5", (4.0, 32.0, 0.5), idea="Halfway lies the root of 4 · 32."),
                Case("0.05 to 0.5, share 1", (0.05, 0.5, 1.0), idea="Share 1 is the upper end."),
            ),
            mistakes=(
                (_evenly, "equal *steps* are equally likely so, and nine tenths of the draws lie above 0.1."),
                (_from_above, "share 0 gives the upper end so."),
                (_power, "low and high are the ends themselves, not their logarithms."),
            ),
        ),
    ),
    hints=(
        "From low to high it is a factor of high / low. Which part of that factor belongs to the share?",
        "At share 0.5 it is the root of the factor, (high / low) ** 0.5.",
    ),
)


def _halving(curves, start):
    alive, epochs, cost = np.arange(len(curves)), 0, 0
    while True:
        until = min(start if not epochs else 2 * epochs, curves.shape[1])
        cost += len(alive) * (until - epochs)
        epochs = until
        if epochs == curves.shape[1]:
            return np.array([alive[np.argmax(curves[alive, -1])], cost])
        order = np.argsort(-curves[alive, epochs - 1], kind="stable")
        alive = alive[order[: max(1, len(alive) // 2)]]


def _from_scratch(curves, start):
    """Counts every round from the first epoch."""
    alive, epochs, cost = np.arange(len(curves)), start, 0
    while True:
        cost += len(alive) * epochs
        if epochs == curves.shape[1]:
            return np.array([alive[np.argmax(curves[alive, -1])], cost])
        order = np.argsort(-curves[alive, epochs - 1], kind="stable")
        alive = alive[order[: max(1, len(alive) // 2)]]
        epochs = min(2 * epochs, curves.shape[1])


def _lowest_kept(curves, start):
    return _halving(-curves, start)


def _no_stop(curves, start):
    return np.array([np.argmax(curves[:, -1]), curves.size])


_RISING = np.array(
    [
        [0.5, 0.6, 0.65, 0.7],
        [0.4, 0.7, 0.8, 0.9],
        [0.3, 0.5, 0.9, 0.95],
        [0.6, 0.61, 0.62, 0.63],
    ]
)
_RNG = np.random.default_rng(0)
_MANY = np.sort(_RNG.uniform(0.1, 0.9, (13, 8)), axis=1)

halving = Exercise(
    "halving",
    "Which trial successive halving keeps, and how many epochs it costs.",
    fields=(
        Code(
            "halve",
            _halving,
            cases=(
                Case(
                    "four curves of four epochs, start 1",
                    (_RISING, 1),
                    idea="After one epoch trials 3 and 0 stay, after two 3; it costs 4·1 + 2·1 + 1·2 epochs.",
                ),
                Case(
                    "the same, start 2",
                    (_RISING, 2),
                    idea="After two epochs trials 1 and 3 stay; both run to the end, which is epoch 4.",
                ),
                Case(
                    "thirteen curves of eight epochs, start 1", (_MANY, 1), idea="Half of 13 is 6, of 6 is 3, then 1."
                ),
                Case("one curve", (_RISING[:1], 1), idea="A single trial runs to the end."),
                Case("start 4: nobody is stopped", (_RISING, 4), idea="All run to the end, and the best one wins."),
            ),
            mistakes=(
                (_from_scratch, "a trial that stays goes on where it stood: count only the new epochs of each round."),
                (_lowest_kept, "that keeps the lower half."),
                (_no_stop, "that trains all to the end and takes the best; stop the lower half on the way."),
            ),
        ),
    ),
    hints=(
        "Keep three things: the trials that are alive, the epochs they have run, the epochs paid so far.",
        "Each round: pay len(alive) times the new epochs; at the end of the curves return; else keep the better half.",
        "np.argsort(-curves[alive, epochs - 1], kind='stable')[: max(1, len(alive) // 2)] gives the places in alive to keep.",
    ),
)

_REASONS = (
    "winner's curse",
    "test digits used for choosing",
    "steps instead of factors",
    "stopped too early",
    "nothing wrong",
)


def _diagnosis(name, answer, said):
    return Choice(
        name,
        answer,
        options=_REASONS,
        mistakes=tuple((wrong, text) for wrong, text in said.items()),
        idea="which number was looked at when, and by whom was it chosen?",
    )


reports = Exercise(
    "reports",
    "What is wrong with four reports of a search.",
    fields=(
        _diagnosis(
            "a",
            "winner's curse",
            {
                "nothing wrong": "the best of 200 was lucky, too: trained again, it will be worse on average.",
                "test digits used for choosing": "no test digit was used; the number is of the validation digits.",
                "steps instead of factors": "nothing is said about how the rates were drawn.",
                "stopped too early": "every trial ran to its end.",
            },
        ),
        _diagnosis(
            "b",
            "steps instead of factors",
            {
                "stopped too early": "every trial ran to its end. Where do even draws between 0.0001 and 1 lie?",
                "nothing wrong": "nine tenths of even draws between 0.0001 and 1 lie above 0.1.",
                "winner's curse": "all fail: nobody was lucky.",
                "test digits used for choosing": "validation digits judged the trials.",
            },
        ),
        _diagnosis(
            "c",
            "test digits used for choosing",
            {
                "winner's curse": "that, too, would be cured by fresh digits. But which digits were looked at ten times?",
                "nothing wrong": "the test digits decided which of ten networks is reported.",
                "steps instead of factors": "the finalists had been found; how does not matter here.",
                "stopped too early": "the finalists were trained to the end.",
            },
        ),
        _diagnosis(
            "d",
            "stopped too early",
            {
                "winner's curse": "that would explain a high number, not that all winners start fast.",
                "nothing wrong": "after one epoch a rate with a warm-up, or a low one, has hardly begun.",
                "steps instead of factors": "the rates were drawn by equal factors.",
                "test digits used for choosing": "validation digits judged the trials.",
            },
        ),
    ),
    hints=(
        "Ask of each number: on which digits, after how much training, and the best of how many?",
        "One report took a lucky number for a good setting, one never tried small rates, one looked at the wrong digits.",
    ),
)

difference = Exercise(
    "difference",
    "Standard error of the difference of two means over seeds.",
    fields=(
        Number(
            "standard_error",
            0.636,
            mistakes=(
                (0.45, "that is the standard error of one mean, 0.9/√4. Both means are uncertain."),
                (1.2728, "that is for single trainings, 0.9·√2. Each mean is of four."),
                (0.9, "that is the spread of one training, or 0.45 + 0.45; uncertainties add as squares."),
                (0.405, "that is the variance of the difference. Take its root."),
                (0.318, "the difference is more uncertain than each of the means: √2 times, not 1/√2 times."),
            ),
            tolerance=0.01,
            idea="variances add: (0.9²/4 + 0.9²/4), and the root of it.",
        ),
        Choice(
            "verdict",
            "cannot tell",
            options=("B is better", "A is better", "cannot tell"),
            mistakes=(
                ("B is better", "0.8 is 1.3 standard errors: two equal settings differ by so much one time in five."),
                ("A is better", "B has the higher mean."),
            ),
            idea="compare the difference with twice its standard error.",
        ),
    ),
    hints=(
        "A mean of n trainings has the variance σ²/n.",
        "The variance of a difference of independent numbers is the sum of their variances.",
    ),
)
