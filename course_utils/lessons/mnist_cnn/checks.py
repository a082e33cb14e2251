"""Exercises of the lesson on MNIST in practice."""

import math
from statistics import NormalDist

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Result, keras_model

parameters = Exercise(
    "parameters",
    "Parameters of a 5×5 convolution, 3 → 16 channels, and of a dense layer, 64 → 26.",
    fields=(
        Number(
            "conv1",
            1216,
            mistakes=(
                (1200, "those are the weights; each of the 16 filters has a bias too."),
                (416, "that is for one input channel; a filter reaches through all three."),
                (400, "that is for one input channel and without biases."),
                (76, "that is one filter; there are 16."),
                (1201, "one bias for all? Each filter has its own."),
            ),
            idea="count the weights of one filter (rows × columns × channels), add its bias, multiply by the filters.",
        ),
        Number(
            "logits",
            1690,
            mistakes=(
                (1664, "those are the weights; each of the 26 outputs has a bias too."),
                (1728, "64 · 27: the bias belongs to the outputs, not to the inputs."),
                (650, "that is for ten classes; here there are 26."),
            ),
            idea="each output is a weighted sum of all 64 inputs plus one bias.",
        ),
    ),
    hints=(
        "One filter covers a patch in *all* input channels. How many weights is that, and how many biases?",
        "A convolution has (k² C + 1) C' parameters, a dense layer (n + 1) m.",
    ),
)


steps = Exercise(
    "steps",
    "Batches of 128 in an epoch of 60 000 digits, and the size of the last.",
    fields=(
        Number(
            "steps_per_epoch",
            469,
            mistakes=(
                (468, "that drops the digits of the last, shorter batch in every epoch."),
                (468.75, "a step is a whole batch or a shorter one: round to a whole number."),
            ),
            idea="divide the digits by the batch size and round up.",
        ),
        Number(
            "last_batch",
            96,
            mistakes=((128, "60 000 is no multiple of 128."), (32, "that is what the last batch *lacks*.")),
            idea="take away the whole batches from 60 000: what is left?",
        ),
    ),
    hints=(
        "Divide, and think about what happens with the remainder.",
        "60 000 = 468 · 128 + 96. Does Keras drop the 96?",
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


def _is_small(model):
    """Whether a model has two convolutions, ten logits and fewer than 5000 parameters."""
    model = keras_model(model)
    import keras

    shapes = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    yield Result.of(shapes[0] == (28, 28, 1), f"input shape {shapes[0]}", "start with keras.Input((28, 28, 1)).")
    yield Result.of(shapes[1] == (10,), f"output shape {shapes[1]}", "end with a dense layer of ten logits.")
    convolutions = sum(isinstance(layer, keras.layers.Conv2D) for layer in model.layers)
    idea = "at least two are asked for; a second one sees larger patterns."
    yield Result.of(convolutions >= 2, f"convolutions {convolutions}", idea)
    count = model.count_params()
    costly = "see in model.summary() which layer has most; large maps cost when flattened."
    yield Result(count < 5000, f"parameters {count}: {'fewer than 5000.' if count < 5000 else costly}")


def _network(*described, shape=(28, 28, 1)):
    """A maker of a network of these layers, each a name and its arguments; without an input shape, if that is None."""

    def build():
        import keras

        layers = [getattr(keras.layers, name)(*arguments) for name, *arguments in described]
        return keras.Sequential([*([keras.Input(shape)] if shape else []), *layers])

    return build


_POOL = ["MaxPooling2D", 2]
_END = [["Flatten"], ["Dense", 10]]

small_network = Exercise(
    "small_network",
    "A network with at least two convolutions, ten logits and fewer than 5000 parameters.",
    fields=(
        Judged(
            "model",
            _is_small,
            _network(["Conv2D", 6, 5], ["MaxPooling2D", 3], ["Conv2D", 8, 3], _POOL, *_END),
            mistakes=(
                (_network(["Conv2D", 4, 3], _POOL, _POOL, *_END), "convolutions 1: at least two"),
                (_network(["Conv2D", 4, 3], ["Conv2D", 4, 3]), "end with a dense layer of ten"),
                (_network(["Conv2D", 4, 3], shape=(32, 32, 1)), "start with keras.Input((28, 28, 1))"),
                (_network(["Conv2D", 8, 3], ["Conv2D", 8, 3], *_END), "large maps cost when flattened"),
                (_network(["Dense", 10], shape=None), "the model is not built"),
                (lambda: "a network", "of type str: build a keras.Sequential"),
            ),
        ),
    ),
    hints=(
        "Two poolings turn 28 × 28 into about 5 × 5. How many channels can the dense layer then afford?",
        "Conv 8 filters of 5 × 5, pool, conv 12 filters of 3 × 3, pool, flatten, dense 10.",
    ),
)


def _interval(right, n=10_000):
    """Wilson's 95 % interval for a share."""
    z = NormalDist().inv_cdf(0.975)
    share, extra = right / n, z**2 / n
    half = z * math.sqrt(share * (1 - share) / n + extra / (4 * n))
    return (share + extra / 2 - half) / (1 + extra), (share + extra / 2 + half) / (1 + extra)


(_LOW_A, _HIGH_A), (_LOW_B, _HIGH_B) = _interval(9931), _interval(9943)

overlap = Exercise(
    "overlap",
    "Do the 95 % intervals of 9931 and 9943 right answers of 10 000 overlap?",
    fields=(
        Number(
            "high_a",
            _HIGH_A,
            mistakes=(
                (100 * _HIGH_A, "give a share, not a percentage."),
                (_LOW_A, "that is the lower end."),
                (0.9931, "that is the accuracy itself."),
            ),
            idea="take .high of the interval of 9931 in 10 000.",
            tolerance=2e-5,
        ),
        Number(
            "low_b",
            _LOW_B,
            mistakes=(
                (100 * _LOW_B, "give a share, not a percentage."),
                (_HIGH_B, "that is the upper end."),
                (0.9943, "that is the accuracy itself."),
            ),
            idea="take .low of the interval of 9943 in 10 000.",
            tolerance=2e-5,
        ),
        Choice(
            "overlap",
            True,
            mistakes=((False, "compare the lower end of B with the upper end of A."),),
            idea="answer True or False.",
        ),
    ),
    hints=(
        "An array of 10 000 zeros as truth, and answers that agree in as many places as the network was right.",
        "`evaluation.accuracy(truth, answers)` returns an object with .low and .high.",
        "Two intervals overlap when the lower end of the upper one is below the upper end of the lower one.",
    ),
)
