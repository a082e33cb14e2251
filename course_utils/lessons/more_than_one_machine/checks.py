"""Exercises of the lesson on more than one machine."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number


def _joint(gradients, counts):
    return (gradients * (counts / counts.sum())[:, None]).sum(axis=0)


def _plain(gradients, counts):
    return gradients.mean(axis=0)


def _summed(gradients, counts):
    return gradients.sum(axis=0)


def _not_divided(gradients, counts):
    return (gradients * counts[:, None]).sum(axis=0)


def _by_workers(gradients, counts):
    return (gradients * counts[:, None]).sum(axis=0) / len(counts)


joint = Exercise(
    "joint",
    "The gradient of the joint batch from gradients of unequal parts.",
    fields=(
        Code(
            "joint",
            _joint,
            cases=(
                Case(
                    "48 and 16 pictures",
                    (np.array([[1.0, 0.0, -2.0], [3.0, 4.0, 2.0]]), np.array([48, 16])),
                    idea="A gradient of 48 pictures speaks for three times as many as one of 16.",
                ),
                Case(
                    "two equal parts",
                    (np.array([[1.0, 5.0], [2.0, -1.0]]), np.array([8, 8])),
                    idea="With equal parts it is the plain mean.",
                ),
                Case(
                    "three workers, one without a picture",
                    (np.array([[2.0, 1.0], [0.0, 0.0], [4.0, -3.0]]), np.array([5, 0, 10])),
                    idea="A worker without pictures has no say, and is not counted.",
                ),
            ),
            mistakes=(
                (_plain, "that is the plain mean: each picture of a small part counts more than one of a large part."),
                (_summed, "that is the sum. The loss is a mean over all pictures of the joint batch."),
                (_not_divided, "weighted, but not divided by the number of all pictures."),
                (_by_workers, "divide by the number of all pictures, not of workers."),
            ),
        ),
    ),
    hints=(
        "Multiplied by its count, a worker's mean gradient is the sum over its pictures. Add these sums.",
        "weights = counts / counts.sum(), then weights[:, None] * gradients, summed over axis 0.",
    ),
)


def _merged(means, variances, counts):
    share = counts / counts.sum()
    mean = (share * means).sum()
    return np.array([mean, (share * (variances + means**2)).sum() - mean**2])


def _mean_of_variances(means, variances, counts):
    share = counts / counts.sum()
    return np.array([(share * means).sum(), (share * variances).sum()])


def _equal_parts(means, variances, counts):
    return np.array([means.mean(), (variances + means**2).mean() - means.mean() ** 2])


def _square_forgotten(means, variances, counts):
    share = counts / counts.sum()
    return np.array([(share * means).sum(), (share * (variances + means**2)).sum()])


def _means_not_weighed(means, variances, counts):
    share = counts / counts.sum()
    return np.array([(share * means).sum(), (share * variances).sum() + means.var()])


def _one_less(means, variances, counts):
    mean, variance = _merged(means, variances, counts)
    return np.array([mean, variance * counts.sum() / (counts.sum() - 1)])


def _turned_round(means, variances, counts):
    return _merged(means, variances, counts)[::-1]


merged = Exercise(
    "merged",
    "Mean and variance of a channel over the joint batch, from those of the workers.",
    fields=(
        Code(
            "merged",
            _merged,
            cases=(
                Case(
                    "equal counts, means far apart",
                    (np.array([0.0, 4.0]), np.array([1.0, 1.0]), np.array([10, 10])),
                    idea="Where the means differ, the joint variance is larger than both.",
                ),
                Case(
                    "equal means, unequal counts",
                    (np.array([2.0, 2.0]), np.array([1.0, 5.0]), np.array([30, 10])),
                    idea="A worker with more values weighs more.",
                ),
                Case(
                    "three workers",
                    (np.array([1.0, -1.0, 0.5]), np.array([0.5, 2.0, 0.0]), np.array([4, 8, 2])),
                    idea="The mean square of each part is variance + mean².",
                ),
            ),
            mistakes=(
                (_mean_of_variances, "a mean of variances forgets how far apart the workers' means are."),
                (_equal_parts, "right for equal counts. Weigh each worker by its share of the values."),
                (_square_forgotten, "that is the mean square. Take the square of the joint mean off."),
                (_means_not_weighed, "the spread of the means has to be weighed by the counts, too."),
                (_one_less, "divide by the number of values, not by one less, as batch normalisation does."),
                (_turned_round, "the mean comes first, then the variance."),
            ),
        ),
    ),
    hints=(
        "variance = mean of the squares − square of the mean, for each worker and for all together.",
        "Mean squares are variances + means**2. Weigh them and the means by counts / counts.sum().",
    ),
)


_EXCHANGE = 8 * 4 * 25_557_032 / 1e9
_PICTURES = int(np.ceil(64 * 4 * _EXCHANGE))

bill = Exercise(
    "bill",
    "Pictures a worker needs for each exchange on a slow link, and the learning rate that follows.",
    fields=(
        Number(
            "exchange",
            round(_EXCHANGE, 3),
            mistakes=(
                (round(_EXCHANGE / 8, 3), "these are bytes against bits: a byte has eight bits."),
                (round(_EXCHANGE / 4, 3), "a gradient is one number of 4 bytes for each parameter."),
                (round(2 * _EXCHANGE, 3), "sending and receiving run at the same time here."),
                (round(1000 * _EXCHANGE, 1), "these are milliseconds; asked are seconds."),
                (round(1000 * _EXCHANGE), "these are milliseconds; asked are seconds."),
                (round(32 * _EXCHANGE, 1), "the gradient of a batch is one mean, as large as that of one picture."),
            ),
            tolerance=0.0051,
            idea="parameters, times 4 bytes of 8 bits, over bits per second.",
        ),
        Number(
            "pictures",
            _PICTURES,
            mistakes=(
                (round(64 * 5 * _EXCHANGE), "a fifth of the whole step: computing takes the other four fifths."),
                (round(64 * _EXCHANGE / 5), "turned round: that computes for a fifth of the time of the exchange."),
                (round(64 * _EXCHANGE / 4), "turned round: that computes for a quarter of the time of the exchange."),
                (round(64 * _EXCHANGE), "then half of the step is exchange."),
                (round(256 * _EXCHANGE, 2), "there are no parts of pictures. Round up."),
                (_PICTURES - 1, "that many take a little less than four times the exchange. Round up."),
                (2 * _PICTURES, "asked is the part of one worker."),
            ),
            idea="computing has to take four times as long as the exchange, at 64 pictures a second.",
        ),
        Number(
            "learning_rate",
            round(0.1 * 2 * _PICTURES / 256, 4),
            mistakes=(
                (round(0.1 * _PICTURES / 256, 4), "the joint batch of both workers counts."),
                (0.2, "the rate grows with the joint batch, not with the number of workers alone."),
                (0.1, "that belongs to 256 pictures a step. How many are there now?"),
                (round(0.1 * 256 / (2 * _PICTURES), 4), "turned round: a larger batch gets a larger rate."),
            ),
            tolerance=0.0011,
            idea="by the linear rule: as many times 0.1 as the joint batch has times 256 pictures.",
        ),
    ),
    hints=(
        "How many bits has a gradient of 25 557 032 numbers of 4 bytes? Over 1000 million bits a second.",
        "A fifth for the exchange leaves four fifths for computing: four times 0.818 seconds, 64 pictures in each.",
        "Two workers have a joint batch of twice the pictures. Divide by 256, times 0.1.",
    ),
)


_OPTIONS = ("right", "sums the gradients", "no exchange", "the same rows twice")
_SAID = {
    "right": "its workers agree with each other, and agree with one worker that has the joint batch.",
    "sums the gradients": "its workers agree with one that has twice the learning rate.",
    "no exchange": "its workers differ from each other.",
    "the same rows twice": "its workers agree with each other, and with neither of the others.",
}


def _program(name: str, answer: str) -> Choice:
    wrong = tuple(
        (option, f"one that fits “{option}” shows itself so: {_SAID[option]}")
        for option in _OPTIONS
        if option != answer
    )
    return Choice(name, answer, options=_OPTIONS, mistakes=wrong, idea="one of the four in the text.")


programs = Exercise(
    "programs",
    "What four programs with two workers do.",
    fields=(
        _program("a", "sums the gradients"),
        _program("b", "the same rows twice"),
        _program("c", "right"),
        _program("d", "no exchange"),
    ),
    hints=(
        "In which program do the two workers end with different weights? What must be missing there?",
        "A sum of two gradients is twice their mean. To which column does that belong?",
    ),
)
