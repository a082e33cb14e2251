"""Exercises of the MNIST lesson: the right answers computed in another way."""

import keras
import numpy as np

from course_utils import evaluation
from course_utils.lessons.mnist_cnn import checks


def right(results):
    return all(result.right for result in results)


def test_parameters_are_counted_by_keras():
    convolution, dense = keras.layers.Conv2D(16, 5), keras.layers.Dense(26)
    convolution.build((None, 28, 28, 3))
    dense.build((None, 64))
    assert right(checks.parameters.evaluate(convolution.count_params(), dense.count_params()))


def test_steps_by_slices():
    batches = [range(60_000)[start : start + 128] for start in range(0, 60_000, 128)]
    assert right(checks.steps.evaluate(len(batches), len(batches[-1])))


def test_cross_entropy_is_keras():
    def cross_entropy(logits, labels):
        loss = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        return float(np.mean(loss))

    assert right(checks.cross_entropy.evaluate(cross_entropy))


def test_intervals_are_those_of_evaluation():
    truth = np.zeros(10_000, int)
    a, b = (evaluation.accuracy(truth, (np.arange(10_000) >= n).astype(int)) for n in (9931, 9943))
    assert right(checks.overlap.evaluate(a.high, b.low, b.low < a.high))
