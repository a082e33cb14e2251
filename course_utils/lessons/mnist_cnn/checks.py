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
        "Call each network on some pictures: how many numbers come out for each, and between which bounds do they lie?",
        "Then its `loss`: ln 10 is 2.303, ln 11 is 2.398. A fault need not show in the loss.",
    ),
)


_FLOOR = -math.log(math.e / (math.e + 9))

softmax_twice = Exercise(
    "softmax_twice",
    "The loss behind two softmaxes, before training and at its lowest.",
    fields=(
        Number(
            "start",
            math.log(10),
            mistakes=(
                (0, "that is the loss of a certain answer. Before training all ten digits are about alike."),
                (-math.log(10), "the sign: a loss is −ln p, which is never negative."),
                (0.1, "that is the probability of each digit. The loss is minus its logarithm."),
                (2 * math.log(10), "the second softmax makes ten equal numbers of ten equal numbers: it adds nothing."),
                (_FLOOR, "that is the lowest loss. At the start no digit is preferred."),
            ),
            idea="what does a softmax make of ten equal numbers?",
            tolerance=0.005,
        ),
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
            tolerance=0.005,
        ),
    ),
    hints=(
        "Whatever ten equal numbers are, a softmax makes a tenth of each.",
        "Softmax of (1, 0, 0, 0, 0, 0, 0, 0, 0, 0): e¹ divided by the sum of ten powers.",
    ),
)


def _odd(logits):
    """Probability of an odd digit for each row of ten logits, shape (N, 10)."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e[:, 1::2].sum(axis=1) / e.sum(axis=1)


_LOGITS = np.random.default_rng(0).normal(scale=2, size=(5, 10))

odd_probability = Exercise(
    "odd_probability",
    "The probability that a digit is odd, from its ten logits.",
    fields=(
        Code(
            "odd_probability",
            _odd,
            cases=(
                Case(
                    "equal logits",
                    (np.zeros((2, 10)),),
                    idea="Every digit has probability 1/10, and five of the ten are odd.",
                ),
                Case(
                    "random logits", (_LOGITS,), idea="Probabilities first, then the sum of those of 1, 3, 5, 7 and 9."
                ),
                Case(
                    "logits of 1000",
                    (np.array([[0.0, 1000, 1000, 0, 0, 0, 0, 0, 0, 0], [0.0, 0, 0, 1, 0, 0, 0, 0, 0, 0]]),),
                    idea="e^1000 overflows: subtract each row's maximum before the exponential.",
                ),
            ),
            mistakes=(
                (lambda z: 1 - _odd(z), "that is the probability of an even digit: 0, 2, 4, 6, 8."),
                (
                    lambda z: (z.argmax(axis=1) % 2).astype(float),
                    "that is whether the most probable digit is odd. All odd digits count, each with its probability.",
                ),
                (
                    lambda z: 1 / (1 + np.exp(np.clip(z[:, ::2].sum(axis=1) - z[:, 1::2].sum(axis=1), -700, 700))),
                    "logits were added before the exponential. Probabilities add up, logits do not.",
                ),
                (
                    lambda z: np.exp(z)[:, 1::2].sum(axis=1) / np.exp(z).sum(axis=1),
                    "right for small logits, but e^1000 overflows: subtract each row's maximum before the exponential.",
                ),
                (
                    lambda z: np.exp(z - z.max())[:, 1::2].sum(axis=1) / np.exp(z - z.max()).sum(axis=1),
                    "one maximum for all rows turns a row of small logits into 0/0. Each row needs its own.",
                ),
                (lambda z: _odd(z).mean(), "that is the mean over the rows. Return one number a row."),
            ),
        ),
    ),
    hints=(
        "A picture shows one digit: the cases 1, 3, 5, 7, 9 exclude each other, so their probabilities add up.",
        "Softmax first: the powers of e, divided by their sum over the row.",
        "`e[:, 1::2]` picks the columns 1, 3, 5, 7, 9.",
    ),
)


def _moved(picture, centre):
    """The picture, moved by whole pixels from a centre (row, column) to row 14 and column 14."""
    return np.roll(picture, [round(14 - place) for place in centre], axis=(0, 1))


def _mass(picture):
    """Row and column of the centre of mass of the ink."""
    return [np.average(np.arange(28), weights=picture.sum(axis=axis)) for axis in (1, 0)]


def _drawn(**strokes):
    """A picture with rectangles of ink: (first row, first column, height, width, ink)."""
    picture = np.zeros((28, 28), np.uint8)
    for row, column, height, width, ink in strokes.values():
        picture[row : row + height, column : column + width] = ink
    return picture


centred = Exercise(
    "centred",
    "A function that moves a picture so that its centre of mass lies in the middle.",
    fields=(
        Code(
            "centred",
            lambda picture: _moved(picture, _mass(picture)),
            cases=(
                Case(
                    "a dot near the corner",
                    (_drawn(dot=(3, 5, 1, 1, 200)),),
                    idea="Its centre of mass is where it is, row 3 and column 5; it moves 11 rows down and 9 to the right.",
                ),
                Case(
                    "a dark and a faint dot",
                    (_drawn(dark=(6, 6, 1, 1, 250), faint=(6, 13, 1, 1, 50)),),
                    idea="Five times the ink pulls five times as much: the centre lies near the dark dot.",
                ),
                Case(
                    "an L, down on the right",
                    (_drawn(upright=(12, 17, 9, 2, 255), foot=(19, 19, 2, 5, 180)),),
                    idea="Means of row numbers and of column numbers, both weighted by the ink, rounded to whole pixels.",
                ),
                Case(
                    "in the middle already",
                    (_drawn(dot=(14, 14, 1, 1, 90)),),
                    idea="Its centre of mass is at row 14 and column 14: it stays.",
                ),
            ),
            mistakes=(
                (
                    lambda picture: _moved(picture, [(p.min() + p.max()) / 2 for p in np.nonzero(picture)]),
                    "that centres the smallest box around the ink. The centre of mass is pulled by heavy strokes.",
                ),
                (
                    lambda picture: _moved(picture, _mass((picture > 0).astype(int))),
                    "every inked pixel counts the same there. Weigh each by its ink.",
                ),
                (lambda picture: _moved(picture, _mass(picture)[::-1]), "rows and columns are exchanged."),
                (
                    lambda picture: _moved(picture, [28 - place for place in _mass(picture)]),
                    "it moves the other way: a centre above row 14 has to come *down*.",
                ),
                (
                    lambda picture: np.roll(picture, [int(14 - place) for place in _mass(picture)], axis=(0, 1)),
                    "the move was cut off to a whole number. Round it, or the rest may be more than half a pixel.",
                ),
            ),
        ),
    ),
    hints=(
        "picture.sum(axis=1) is the ink of each row. Weigh the row numbers 0 … 27 with it and take the mean.",
        "np.average(np.arange(28), weights=…) does that. The columns alike, with axis=0.",
        "Move by round(14 − centre) in both directions, for example with np.roll.",
    ),
)


versions = Exercise(
    "versions",
    "How many of nine shifted versions of a digit three epochs show.",
    fields=(
        Number(
            "versions",
            9 * (1 - (8 / 9) ** 3),
            mistakes=(
                (2.7, "with one decimal that may be 8/3 too, which is another answer. Give two."),
                (3, "that is the number of draws. Some repeat an earlier one."),
                (9, "nine are possible. In three epochs a digit is used three times."),
                (9 * (8 / 9) ** 3, "that is the number of versions that are missed. Subtract it from nine."),
                (1 - (8 / 9) ** 3, "that is the probability that one given version is seen. There are nine of them."),
                (
                    8 / 3,
                    "that takes one away for each equal pair of draws. Where all three agree, that is one too many.",
                ),
            ),
            idea="with which probability is one given version missed three times? Nine versions, each with its own chance.",
            tolerance=0.005,
        ),
        Number(
            "same_version",
            1 / 81,
            mistakes=(
                (1 / 729, "that is the probability of one given version three times. It may be any of the nine."),
                (1 / 9, "that is two draws alike. The third has to agree as well."),
                (1 / 27, "the first draw may be anything; the second and the third have to repeat it, 1/9 each."),
                (100 / 81, "that is in per cent. Give the share."),
            ),
            idea="whatever the first draw is, the second and the third have to repeat it.",
            tolerance=0.0002,
        ),
    ),
    hints=(
        "One given version is missed in one draw with probability 8/9. And in three draws?",
        "Means add up: nine times the probability that a given version is seen.",
        "The second draw repeats the first with probability 1/9, and so does the third.",
    ),
)
