"""Exercises of the MNIST lesson: the right answers computed in another way."""

import keras
import numpy as np
from scipy import stats

from course_utils import datasets
from course_utils.lessons.mnist_cnn import checks


def right(results):
    return all(result.right for result in results)


def test_each_fault_is_there_and_no_other():
    x = datasets.load_mnist(validation=1000).x_val[:200]
    y = np.zeros(200, int)
    for name, network in checks.untrained().items():
        z = network.predict(x, verbose=0)
        loss = network.evaluate(x, y, verbose=0)[0]
        found = [
            letter
            for letter, fault in {
                "a": np.allclose(z.sum(axis=1), 1, atol=1e-3),
                "b": loss > 10,
                "c": z.shape[1] != 10,
                "d": not (z < 0).any() and (z == 0).any(),
            }.items()
            if fault
        ]
        (field,) = [part for part in checks.first_loss.fields if part.name == name]
        assert (found or ["e"]) == [field.answer]


def test_losses_are_keras():
    certain = np.eye(10)[:1].astype("float32")
    lowest = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(np.array([0]), certain)
    bold = np.full((100, 10), 0.001 / 9)
    bold[np.arange(100), [1, *[0] * 99]] = 0.999
    mean = keras.losses.SparseCategoricalCrossentropy()(np.zeros(100, int), bold)
    assert right(checks.two_losses.evaluate(float(lowest), float(mean)))


def test_cross_entropy_is_keras():
    def cross_entropy(logits, labels):
        loss = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        return float(np.mean(loss))

    assert right(checks.cross_entropy.evaluate(cross_entropy))


def test_paired_counts_and_the_binomial_test():
    def only_one_right(labels, a, b):
        pairs = list(zip(a == labels, b == labels, strict=True))
        return pairs.count((True, False)), pairs.count((False, True))

    p = stats.binomtest(33, 21 + 33).pvalue
    assert right(checks.paired.evaluate(only_one_right, p, p < 0.05))
