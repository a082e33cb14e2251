"""Checks of part 5, MNIST practice."""

import numpy as np

from course_utils.exercises import Result, attempted, choice, exercise, function, number


@exercise(
    "One filter covers a patch in *all* input channels. How many weights is that, and how many biases?",
    "A convolution has (k² C + 1) C' parameters, a dense layer (n + 1) m.",
)
def parameters(conv1_parameters, logits_parameters):
    """Parameters of a 5×5 convolution, 3 → 16 channels, and of a dense layer, 64 → 26."""
    yield number(
        "conv1",
        conv1_parameters,
        1216,
        mistakes={
            1200: "those are the weights; each of the 16 filters has a bias too.",
            416: "that is for one input channel; a filter reaches through all three.",
            400: "that is for one input channel and without biases.",
            76: "that is one filter; there are 16.",
            1201: "one bias for all? Each filter has its own.",
        },
        idea="count the weights of one filter (rows × columns × channels), add its bias, multiply by the filters.",
    )
    yield number(
        "logits",
        logits_parameters,
        1690,
        mistakes={
            1664: "those are the weights; each of the 26 outputs has a bias too.",
            1728: "64 · 27: the bias belongs to the outputs, not to the inputs.",
            650: "that is for ten classes; here there are 26.",
        },
        idea="each output is a weighted sum of all 64 inputs plus one bias.",
    )


@exercise(
    "Divide, and think about what happens with the remainder.",
    "60 000 = 468 · 128 + 96. Does Keras drop the 96?",
)
def steps(steps_per_epoch, last_batch):
    """Batches of 128 in an epoch of 60 000 digits, and the size of the last."""
    yield number(
        "steps_per_epoch",
        steps_per_epoch,
        469,
        mistakes={
            468: "that drops the digits of the last, shorter batch in every epoch.",
            468.75: "a step is a whole batch or a shorter one: round to a whole number.",
        },
        idea="divide the digits by the batch size and round up.",
    )
    yield number(
        "last_batch",
        last_batch,
        96,
        mistakes={128: "60 000 is no multiple of 128.", 32: "that is what the last batch *lacks*."},
        idea="take away the whole batches from 60 000: what is left?",
    )


def _cross_entropy(logits, labels):
    """Mean cross-entropy of logits, shape (N, K), and class numbers, shape (N,)."""
    z = logits - logits.max(axis=1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]).mean()


@exercise(
    "Write down −ln of a softmax and split the logarithm of the fraction.",
    "It is ln Σ e^z minus the right digit's z. Subtract the row's maximum from z first.",
    "`z[np.arange(len(z)), labels]` picks the right digit's logit of each row.",
)
def cross_entropy(answer):
    """Mean cross-entropy from logits."""
    rng = np.random.default_rng(0)
    cases = [
        ("equal logits", (np.zeros((2, 10)), np.array([3, 7]))),
        ("random logits", (rng.normal(size=(5, 4)), np.array([0, 1, 2, 3, 0]))),
        ("logits of 1000", (np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0]))),
    ]
    ideas = {
        "equal logits": "Every one of ten digits has probability 1/10, so the mean loss is ln 10.",
        "random logits": "Take the mean over the rows, and the logit at each row's own label.",
        "logits of 1000": "e^1000 overflows: subtract each row's maximum before the exponential.",
    }
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        yield from function("cross_entropy", answer, _cross_entropy, cases, idea=ideas, tolerance=1e-6)


@exercise(
    "Two poolings turn 28 × 28 into about 5 × 5. How many channels can the dense layer then afford?",
    "Conv 8 filters of 5 × 5, pool, conv 12 filters of 3 × 3, pool, flatten, dense 10.",
)
def small_network(model):
    """A network with at least two convolutions, ten logits and fewer than 5000 parameters."""
    import keras

    if not isinstance(attempted(model), keras.Model):
        yield choice("the answer", type(model).__name__, "keras.Model", idea="build a keras.Sequential or keras.Model.")
        return
    if not model.built:
        yield choice(
            "a network without keras.Input", "not built", "built", idea="start it with keras.Input((28, 28, 1))."
        )
        return
    shapes = {"input": tuple(model.input_shape[1:]), "output": tuple(model.output_shape[1:])}
    yield choice("input shape", shapes["input"], (28, 28, 1), idea="start with keras.Input((28, 28, 1)).")
    yield choice("output shape", shapes["output"], (10,), idea="end with a dense layer of ten logits.")
    convolutions = sum(isinstance(layer, keras.layers.Conv2D) for layer in model.layers)
    advice = "right." if convolutions >= 2 else "at least two are asked for; a second one sees larger patterns."
    yield Result(convolutions >= 2, f"convolutions {convolutions}: {advice}")
    count = model.count_params()
    advice = (
        "fewer than 5000."
        if count < 5000
        else "see in model.summary() which layer has most; large maps cost when flattened."
    )
    yield Result(count < 5000, f"parameters {count}: {advice}")


@exercise(
    "An array of 10 000 zeros as truth, and answers that agree in as many places as the network was right.",
    "`evaluation.accuracy(truth, answers)` returns an object with .low and .high.",
    "Two intervals overlap when the lower end of the upper one is below the upper end of the lower one.",
)
def overlap(high_a, low_b, overlap):
    """Do the 95 % intervals of 9931 and 9943 right answers of 10 000 overlap?"""
    from course_utils import evaluation

    truth = np.zeros(10_000, int)
    a, b = (evaluation.accuracy(truth, np.where(np.arange(10_000) < right, 0, 1)) for right in (9931, 9943))
    percent = {
        100 * a.high: "give a share, not a percentage.",
        a.low: "that is the lower end.",
        0.9931: "that is the accuracy itself.",
    }
    yield number(
        "high_a", high_a, a.high, tolerance=2e-5, mistakes=percent, idea="take .high of the interval of 9931 in 10 000."
    )
    percent = {
        100 * b.low: "give a share, not a percentage.",
        b.high: "that is the upper end.",
        0.9943: "that is the accuracy itself.",
    }
    yield number(
        "low_b", low_b, b.low, tolerance=2e-5, mistakes=percent, idea="take .low of the interval of 9943 in 10 000."
    )
    yield choice("overlap", overlap, True, idea="compare the lower end of B with the upper end of A.")
