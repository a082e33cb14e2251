"""Exercises of the lesson on MNIST in practice."""

import math

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number


def untrained() -> dict[str, object]:
    """Four untrained networks for digits, compiled with a loss that takes logits; three have a fault.

    Returns
    -------
    dict of str to keras.Sequential
        By name. They take pictures of shape (N, 28, 28, 1), values 0 to 255, and return ten numbers a picture, or should.
    """
    import keras

    from course_utils import training

    layers, networks = keras.layers, {}
    training.set_seed(0)
    ends = {
        "north": layers.Dense(11),
        "east": layers.Dense(10),
        "south": layers.Dense(10, activation="relu"),
        "west": layers.Dense(10),
    }
    for name, end in ends.items():
        scale = [layers.Rescaling(1 if name == "west" else 1 / 255)]
        body = [layers.Conv2D(8, 5, strides=2, activation="relu"), layers.Flatten()]
        networks[name] = keras.Sequential([keras.Input((28, 28, 1)), *scale, *body, end], name=name)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        networks[name].compile(loss=loss, metrics=["accuracy"])
    return networks


def _diagnosis(name, answer, idea, **mistakes):
    """The letter of what is wrong with one of the untrained networks."""
    return Choice(name, answer, options=tuple("abcde"), mistakes=tuple(mistakes.items()), idea=idea)


first_loss = Exercise(
    "first_loss",
    "What is wrong with each of four untrained networks, by letter.",
    fields=(
        _diagnosis(
            "north",
            "c",
            "look at the shape of what it returns.",
            e="its loss is a little above ln 10 = 2.303. Of how many equal answers is it the logarithm?",
            b="unscaled pictures make logits of tens and hundreds; these are small.",
        ),
        _diagnosis(
            "east",
            "e",
            "ten numbers of both signs, and a loss close to ln 10: is there anything to object to?",
            a="a softmax returns positive numbers that add up to 1. Some of these are negative.",
            d="behind a ReLU no number is negative. Some of these are.",
        ),
        _diagnosis(
            "south",
            "d",
            "the loss looks as it should. Look at the ten numbers themselves: is any of them negative?",
            e="its loss is close to ln 10, but are these ten numbers logits? Look at the smallest, and how often it comes.",
            a="behind a softmax none is exactly 0, and each row adds up to 1.",
        ),
        _diagnosis(
            "west",
            "b",
            "a loss of tens comes from logits of tens. What makes them so large?",
            c="it returns ten numbers, as it should.",
            e="before training every answer should be about as likely as any other, which costs ln 10.",
        ),
    ),
    hints=(
        "Call predict on some pictures: how many numbers come out for each, and between which bounds do they lie?",
        "Then evaluate: ln 10 is 2.303, ln 11 is 2.398. A fault need not show in the loss.",
    ),
)


_FLOOR = -math.log(math.e / (math.e + 9))
_BOLD = -0.99 * math.log(0.999) - 0.01 * math.log(0.001 / 9)

two_losses = Exercise(
    "two_losses",
    "The lowest loss behind two softmaxes, and what one confident mistake in a hundred costs.",
    fields=(
        Number(
            "lowest",
            _FLOOR,
            mistakes=(
                (0, "for that, the second softmax would have to return a 1. What goes into it lies between 0 and 1."),
                (math.log(10), "that is the loss at the start, when all ten are alike."),
                (-_FLOOR, "the sign: a loss is −ln p, which is never negative."),
                (
                    math.log(10) - 1,
                    "the right digit adds e to the sum and each of nine others e⁰ = 1: the sum is e + 9.",
                ),
                (1 / (1 + 9 / math.e), "that is the probability. The loss is minus its logarithm."),
            ),
            idea="at best 1 and nine times 0 go into the second softmax. Which probability does the right digit get?",
            tolerance=0.002,
        ),
        Number(
            "bold",
            _BOLD,
            mistakes=(
                (-math.log(0.999), "that is the loss of a right answer. One in a hundred is wrong."),
                (-math.log(0.001 / 9), "that is the loss of a wrong answer. There is one in a hundred."),
                (
                    -0.99 * math.log(0.999) - 0.01 * math.log(0.001),
                    "the 0.001 that is left belongs to nine digits. The right one has a ninth of it.",
                ),
                (
                    -0.99 * math.log(0.99) - 0.01 * math.log(0.01 / 9),
                    "that is a network that says 99 %. This one says 99.9 %.",
                ),
                (-math.log(0.99), "that is the logarithm of the accuracy. The loss asks what the network *says*."),
            ),
            idea="99 digits cost −ln 0.999 each, one costs −ln of what is left for the right digit. Take the mean.",
            tolerance=0.0005,
        ),
    ),
    hints=(
        "Softmax of (1, 0, 0, 0, 0, 0, 0, 0, 0, 0): e¹ divided by the sum of ten powers.",
        "A wrong answer leaves 0.001 for nine digits, one of which is right. Its loss is about nine, a hundred digits share it.",
    ),
)


def _picked(z, labels):
    return z[np.arange(len(z)), labels]


def _losses(logits, labels):
    """Cross-entropy of each row of logits, shape (N, K), and class numbers, shape (N,)."""
    z = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(z).sum(axis=1)) - _picked(z, labels)


_RNG = np.random.default_rng(0)

cross_entropy = Exercise(
    "cross_entropy",
    "Mean cross-entropy from logits.",
    fields=(
        Code(
            "cross_entropy",
            lambda logits, labels: _losses(logits, labels).mean(),
            cases=(
                Case(
                    "equal logits",
                    (np.zeros((2, 10)), np.array([3, 7])),
                    idea="Every one of ten digits has probability 1/10, so the mean loss is ln 10.",
                ),
                Case(
                    "random logits",
                    (_RNG.normal(size=(5, 4)), np.array([0, 1, 2, 3, 0])),
                    idea="Take the mean over the rows, and the logit at each row's own label.",
                ),
                Case(
                    "logits of 1000",
                    (np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0])),
                    idea="e^1000 overflows: subtract each row's maximum before the exponential.",
                ),
            ),
            mistakes=(
                (_losses, "that is one loss a row. Take their mean."),
                (lambda z, y: _losses(z, y).sum(), "that is the sum over the rows. Take the mean."),
                (
                    lambda z, y: (np.log(np.exp(z).sum(axis=1)) - _picked(z, y)).mean(),
                    "right for small logits, but e^1000 overflows: subtract each row's maximum before the exponential.",
                ),
                (
                    lambda z, y: (_losses(z, y) / np.log(2)).mean(),
                    "that is in bits, with the logarithm to base 2. Take the natural one.",
                ),
                (lambda z, y: -_losses(z, y).mean(), "the sign is wrong: a loss is −ln p, which is positive."),
            ),
        ),
    ),
    hints=(
        "Write down −ln of a softmax and split the logarithm of the fraction.",
        "It is ln Σ e^z minus the right digit's z. Subtract the row's maximum from z first.",
        "`z[np.arange(len(z)), labels]` picks the right digit's logit of each row.",
    ),
)


def _only_one_right(labels, a, b):
    """How many examples only A answers rightly, and how many only B."""
    return np.array([((a == labels) & (b != labels)).sum(), ((b == labels) & (a != labels)).sum()])


_LABELS = np.array([3, 1, 4, 1, 5, 9, 2, 6])
_ANSWERS_A = np.array([3, 1, 4, 7, 5, 8, 3, 0])
_ANSWERS_B = np.array([3, 7, 4, 1, 5, 9, 2, 1])
_TAIL = sum(math.comb(54, k) for k in range(33, 55)) / 2**54

paired = Exercise(
    "paired",
    "A function that counts what only one of two networks reads, and whether 21 against 33 settles which is better.",
    fields=(
        Code(
            "only_one_right",
            _only_one_right,
            cases=(
                Case(
                    "eight digits",
                    (_LABELS, _ANSWERS_A, _ANSWERS_B),
                    idea="Only A reads the second, only B three others.",
                ),
                Case(
                    "the networks exchanged",
                    (_LABELS, _ANSWERS_B, _ANSWERS_A),
                    idea="First the count for the first network, then that for the second.",
                ),
                Case(
                    "two equal networks",
                    (_LABELS, _ANSWERS_A, _ANSWERS_A),
                    idea="Where both are right, or both wrong, a digit does not count.",
                ),
                Case(
                    "both wrong, in different ways",
                    (_LABELS, np.zeros(8, int), np.full(8, 8)),
                    idea="Different answers count only if one of them is right.",
                ),
            ),
            mistakes=(
                (
                    lambda labels, a, b: ((a == labels).sum(), (b == labels).sum()),
                    "those are all right answers of each. Leave out the digits that both read.",
                ),
                (
                    lambda labels, a, b: _only_one_right(labels, a, b)[::-1],
                    "the two counts have changed places: A's comes first.",
                ),
                (
                    lambda labels, a, b: ((a != b) & (a == labels)).sum(),
                    "that is A's count. Return two numbers: only A right, only B right.",
                ),
                (
                    lambda labels, a, b: ((a != b).sum(), (a != b).sum()),
                    "that counts different answers, whichever of them is right, or neither.",
                ),
            ),
        ),
        Number(
            "p",
            2 * _TAIL,
            mistakes=(
                (_TAIL, "that is one side. A 33 for A would have been as surprising: count both sides."),
                (2 * _TAIL - 2 * math.comb(54, 33) / 2**54, "that is 34 heads or more. 33 itself belongs to it."),
                (
                    math.comb(54, 33) / 2**54,
                    "that is exactly 33 heads. As surprising or more: 33, 34, … 54, and the other side.",
                ),
                (33 / 54, "that is B's share of the 54. How often does a fair coin get that far from a half?"),
            ),
            idea="add up C(54, k) / 2⁵⁴ for k = 33 … 54, then double it.",
            tolerance=0.002,
        ),
        Choice(
            "settled",
            False,
            mistakes=(
                (
                    True,
                    "a fair coin gets that far from the middle in more than one of eight tries. That is no rare event.",
                ),
            ),
            idea="answer True or False: is p below 0.05?",
        ),
    ),
    hints=(
        "A digit that both networks read, or neither, cannot tell them apart: count the others.",
        "(a == labels) & (b != labels) marks the digits that only A reads.",
        "p = 2 * sum(math.comb(54, k) for k in range(33, 55)) / 2**54",
    ),
)
