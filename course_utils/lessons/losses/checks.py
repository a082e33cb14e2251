"""Exercises of the lesson on losses."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Result, UnfitError, finite_array

FINE, TWICE, NOTHING, WRONG = "as it should be", "softmax twice", "nothing learnt", "certain and wrong"
_CAUSES = (FINE, TWICE, NOTHING, WRONG)

logs = Exercise(
    "logs",
    "What four records of a cross-entropy say about the training.",
    fields=(
        Choice(
            "a",
            FINE,
            options=_CAUSES,
            mistakes=(
                (NOTHING, "this is the loss of the first batch: nothing can have been learnt yet."),
                (TWICE, "how large is the loss of a hundred equal probabilities?"),
                (WRONG, "each certain mistake would cost as much as the bound on the probabilities allows: 16.1."),
            ),
            idea="compare with ln K.",
        ),
        Choice(
            "b",
            TWICE,
            options=_CAUSES,
            mistakes=(
                (FINE, "97 % right and a loss of 1.49: with logits it could be far smaller."),
                (NOTHING, "97 % is not nothing. What keeps the loss up?"),
                (WRONG, "97 % are right. What keeps the loss up all the same?"),
            ),
            idea="which loss cannot be undercut, even by perfect probabilities?",
        ),
        Choice(
            "c",
            NOTHING,
            options=_CAUSES,
            mistakes=(
                (FINE, "at the start it should be 2.30; after ten epochs it should have fallen."),
                (TWICE, "perfect answers would bring even that loss down to 1.46."),
                (WRONG, "a certain mistake costs more than 2.30. Which probabilities cost ln 10?"),
            ),
            idea="compare with ln K.",
        ),
        Choice(
            "d",
            WRONG,
            options=_CAUSES,
            mistakes=(
                (FINE, "equal probabilities would cost 2.30. 14.5 is far more."),
                (TWICE, "with a softmax behind a softmax no example costs more than ln(9 + e), which is 2.46."),
                (NOTHING, "equal probabilities cost 2.30. Who loses much more has an opinion."),
            ),
            idea="the largest loss is −ln of the smallest probability that Keras allows, 10⁻⁷: 16.1.",
        ),
    ),
    hints=(
        "A network that has learnt nothing and claims nothing gives each class 1/K. What does that cost?",
        "ln 10 = 2.30, ln 100 = 4.61, ln(1 + 9/e) = 1.46 and −ln 10⁻⁷ = 16.1.",
    ),
)


late = Exercise(
    "late",
    "The best single promise where being late costs three times as much as being early.",
    fields=(
        Number(
            "promise",
            60,
            mistakes=(
                (40, "that is the median, and the mean: right only if late and early cost the same."),
                (
                    70,
                    "then no truck is late, and six of seven are early. Does a minute less cost more than it saves?",
                ),
                (20, "that is the other side: here a truck that comes after the promise is the dear one."),
                (50, "one minute more saves 3 for each of two trucks, and costs 1 for each of five. Is it worth it?"),
                (52.5, "three quarters of the way between the extremes is not where the slope changes its sign."),
            ),
            idea="go up by a minute: trucks that come later save 3 each, trucks that came before cost 1 each.",
        ),
    ),
    hints=(
        "What does the total change by if the promise moves up by one minute? Count trucks on either side.",
        "Below 60, five trucks come earlier and two later: 5 · 1 − 2 · 3. And above 60?",
    ),
)


def _huber(y, y_hat, delta):
    e = np.abs(y_hat - y)
    return np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)).mean()


def _without_half(y, y_hat, delta):
    e = np.abs(y_hat - y)
    return np.where(e <= delta, e**2, delta * (e - delta / 2)).mean()


def _steep(y, y_hat, delta):
    e = np.abs(y_hat - y)
    return np.where(e <= delta, e**2 / 2, e - delta / 2).mean()


def _jump(y, y_hat, delta):
    e = np.abs(y_hat - y)
    return np.where(e <= delta, e**2 / 2, delta * e).mean()


def _swapped(y, y_hat, delta):
    e = np.abs(y_hat - y)
    return np.where(e > delta, e**2 / 2, delta * (e - delta / 2)).mean()


def _signed(y, y_hat, delta):
    e = y_hat - y
    return np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)).mean()


def _total(y, y_hat, delta):
    e = np.abs(y_hat - y)
    return np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)).sum()


_READ = np.array([20.0, 21, 19, 22])

huber = Exercise(
    "huber",
    "A loss that is a square near zero and a straight line far away.",
    fields=(
        Code(
            "huber",
            _huber,
            cases=(
                Case("near and far", (_READ, np.array([20.5, 18, 30, 21]), 2.0), idea="Decide entry by entry."),
                Case("all near", (_READ, _READ + 0.5, 1.0), idea="Up to delta it is half the square."),
                Case(
                    "all far, both signs",
                    (_READ, _READ + np.array([-7.0, 9, -5, 6]), 3.0),
                    idea="Beyond delta a line goes on, with slope delta.",
                ),
                Case("exactly delta", (np.zeros(2), np.array([1.5, -1.5]), 1.5), idea="There both pieces meet."),
            ),
            mistakes=(
                (_without_half, "near zero it is half the square: then the slopes of both pieces agree at delta."),
                (_steep, "the slope of the line is delta, that of the half square where they meet."),
                (_jump, "the pieces do not meet at delta: δ·|e| is too large by δ²/2."),
                (_swapped, "the square is for the small errors, the line for the large ones."),
                (_signed, "an error of −7 is large: compare its size, without the sign, with delta."),
                (_total, "that is the sum over all entries. The loss is their mean."),
            ),
        ),
    ),
    hints=(
        "np.where(condition, here, there) chooses entry by entry; np.abs takes signs away.",
        "e = np.abs(y_hat - y); e ** 2 / 2 where e <= delta, otherwise delta * (e - delta / 2). Then the mean.",
    ),
)


smoothed = Exercise(
    "smoothed",
    "What label smoothing with a share of 0.2 asks for with four classes.",
    fields=(
        Number(
            "probability",
            0.85,
            mistakes=(
                (0.8, "the share of 0.2 is spread over all four classes; a quarter of it comes back."),
                (0.95, "the share that is taken away is 0.2, and a quarter of it comes back."),
                (1, "that is without smoothing."),
                (0.05, "that is the target of each wrong class."),
            ),
            idea="cross-entropy is smallest where the probabilities equal the targets.",
        ),
        Number(
            "lead",
            float(np.log(17)),
            mistakes=(
                (17, "that is the ratio of the probabilities. Of logits, it is the logarithm."),
                (float(np.log(16)), "that is for 0.8 against 0.05. What is the target of the right class?"),
                (float(np.log(0.85)), "that is the logarithm of the probability; the lead compares two of them."),
                (0.8, "that is the difference of the probabilities. Softmax makes ratios of differences of logits."),
            ),
            idea="the ratio of two probabilities is e to the difference of their logits.",
            tolerance=0.005,
        ),
    ),
    hints=(
        "Write down the four smoothed targets first. They add up to 1.",
        "The lead is ln(ŷ_right / ŷ_wrong).",
    ),
)


def _disagree(answer):
    """Whether the first list is right more often and still costs more."""
    lists = []
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise UnfitError("give two lists of five probabilities: (a, b).")
    for name, part in zip("ab", answer, strict=True):
        p = finite_array(part, (5,))
        if p.min() <= 0 or p.max() > 1:
            raise UnfitError(f"{name} holds {p.min() if p.min() <= 0 else p.max():g}; expected above 0 and at most 1.")
        if (p == 0.5).any():
            raise UnfitError(f"{name} holds 0.5, which is neither right nor wrong; move it a little.")
        lists.append(p)
    (right_a, right_b), (loss_a, loss_b) = ([int((p > 0.5).sum()) for p in lists], [-np.log(p).mean() for p in lists])
    yield Result.of(right_a > right_b, f"right answers: a {right_a}, b {right_b}", "a should be right more often.")
    yield Result.of(
        loss_a > loss_b + 1e-9,
        f"cross-entropy: a {loss_a:.2f}, b {loss_b:.2f}",
        "a should have the larger loss: one certain mistake costs much.",
    )


disagree = Exercise(
    "disagree",
    "Two classifiers: one right more often, the other with the smaller loss.",
    fields=(
        Judged(
            "both",
            _disagree,
            lambda: ([0.6, 0.6, 0.6, 0.6, 0.001], [0.9, 0.9, 0.9, 0.4, 0.4]),
            mistakes=(
                (lambda: ([0.9, 0.9, 0.9, 0.9, 0.4], [0.6, 0.6, 0.6, 0.4, 0.4]), "one certain mistake costs much"),
                (lambda: ([0.6, 0.4, 0.4, 0.4, 0.4], [0.9, 0.9, 0.9, 0.9, 0.9]), "a should be right more often"),
                (lambda: ([0.6, 0.6, 0.6, 0.6, 0.0], [0.9, 0.9, 0.9, 0.4, 0.4]), "expected above 0 and at most 1"),
                (lambda: ([0.6, 0.6, 0.6, 0.6, 0.5], [0.9, 0.9, 0.9, 0.4, 0.4]), "neither right nor wrong"),
                (lambda: [0.6, 0.6, 0.6, 0.6, 0.1], "give two lists"),
            ),
        ),
    ),
    hints=(
        "Accuracy counts which side of ½ a probability lies on. How much does the loss care where on that side?",
        "Give a four answers of 0.6 and one of 0.001, and compute what b may cost.",
    ),
)


def _honest(p, weight):
    return p / (p + weight * (1 - p))


_P = np.array([0.02, 0.5, 0.9, 0.99])

honest = Exercise(
    "honest",
    "The probability behind the answer of a network trained with a class weight.",
    fields=(
        Code(
            "honest",
            _honest,
            cases=(
                Case("weight 50", (_P, 50), idea="The odds ŷ / (1 − ŷ) are 50 times too large."),
                Case("weight 1", (_P, 1), idea="With weight 1 nothing has to be undone."),
                Case("weight 3", (np.array([0.25, 0.75]), 3), idea="0.75 has the odds 3; a third of that is 1."),
            ),
            mistakes=(
                (lambda p, weight: p / weight, "divide the odds ŷ / (1 − ŷ), not the probability."),
                (lambda p, weight: weight * p / (weight * p + 1 - p), "that makes the yes even more probable."),
                (lambda p, weight: p / (1 - p) / weight, "those are the odds. The probability is odds / (1 + odds)."),
                (lambda p, weight: 1 - p / (p + weight * (1 - p)), "that is the probability of a no."),
            ),
        ),
    ),
    hints=(
        "Odds: yes against no, ŷ / (1 − ŷ). The weight multiplied them; divide it out, and come back to a probability.",
        "With odds o the probability is o / (1 + o).",
    ),
)
