"""Exercises of the MNIST lesson: untouched, wrong in instructive ways, right."""

import keras
import numpy as np
import pytest

from course_utils import evaluation
from course_utils.lessons.mnist_cnn import checks


def texts(results):
    return " ".join(map(str, results))


def right(results):
    return all(result.right for result in results)


def exact_cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]).mean()


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (checks.parameters, (..., ...)),
        (checks.parameters, (1216, ...)),
        (checks.steps, (..., ...)),
        (checks.cross_entropy, (lambda logits, labels: ...,)),
        (checks.cross_entropy, (lambda logits, labels: None,)),
        (checks.small_network, (...,)),
        (checks.overlap, (..., ..., ...)),
    ],
)
def test_untouched(check, answers, capsys):
    check(*answers)
    assert capsys.readouterr().out.startswith("Not attempted yet.")


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (checks.parameters, (1200, 1690), "each of the 16 filters has a bias"),
        (checks.parameters, (416, 1690), "that is for one input channel"),
        (checks.parameters, (1216, 1664), "each of the 26 outputs has a bias"),
        (checks.parameters, (1216, 5), "weighted sum of all 64 inputs"),
        (checks.parameters, ("many", "x"), "expected one number, got str"),
        (checks.steps, (468, 96), "drops the digits of the last, shorter batch"),
        (checks.steps, (468.75, 96), "a step is a whole batch"),
        (checks.steps, (469, 32), "what the last batch *lacks*"),
        (checks.cross_entropy, (lambda z, y: 0.0,), "so the mean loss is ln 10"),
        (checks.cross_entropy, (lambda z, y: exact_cross_entropy(z, y) * len(y) / 2,), "Take the mean over the rows"),
        (
            checks.cross_entropy,
            (lambda z, y: (np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), y]).mean(),),
            "overflows",
        ),
        (checks.cross_entropy, (lambda z, y: z.nothing,), "stopped with AttributeError"),
        (checks.cross_entropy, (3,), "expected a function"),
        (checks.small_network, ("a network",), "build a keras.Sequential"),
        (checks.overlap, (99.4544, 0.992623, True), "a share, not a percentage"),
        (checks.overlap, (0.9931, 0.992623, True), "the accuracy itself"),
        (checks.overlap, (0.994544, 0.992623, False), "compare the lower end of B"),
    ],
)
def test_wrong_answers_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in texts(results)


def network(*layers, shape=(28, 28, 1)):
    return keras.Sequential([keras.Input(shape), *layers])


@pytest.mark.parametrize(
    ("model", "explanation"),
    [
        (lambda: keras.Sequential([keras.layers.Dense(10)]), "start it with keras.Input"),
        (lambda: network(keras.layers.Flatten(), keras.layers.Dense(10)), "convolutions 0: at least two"),
        (lambda: network(keras.layers.Conv2D(4, 3), keras.layers.Conv2D(4, 3)), "end with a dense layer of ten"),
        (lambda: network(keras.layers.Conv2D(4, 3), shape=(32, 32, 1)), "input shape (32, 32, 1)"),
        (lambda: network(*(keras.layers.Conv2D(30, 5) for _ in range(2))), "large maps cost when flattened"),
    ],
)
def test_networks_that_miss_the_task(model, explanation):
    results = checks.small_network.evaluate(model())
    assert not right(results)
    assert explanation in texts(results)


def test_right_answers_pass():
    assert right(checks.parameters.evaluate(1216, 1690))
    assert right(checks.steps.evaluate(469, 96))
    assert right(checks.cross_entropy.evaluate(exact_cross_entropy))
    layers = keras.layers
    small = network(
        layers.Conv2D(6, 5),
        layers.MaxPooling2D(3),
        layers.Conv2D(8, 3),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10),
    )
    assert right(checks.small_network.evaluate(small))
    truth = np.zeros(10_000, int)
    a, b = (evaluation.accuracy(truth, (np.arange(10_000) >= n).astype(int)) for n in (9931, 9943))
    assert right(checks.overlap.evaluate(a.high, b.low, True))
