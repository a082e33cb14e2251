"""Exercises of the MNIST lesson: the right answers computed in another way."""

import itertools

import keras
import numpy as np
from scipy import ndimage, special

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
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    start = loss(np.array([0]), np.full((1, 10), 0.1, "float32"))
    lowest = loss(np.array([0]), np.eye(10)[:1].astype("float32"))
    assert right(checks.softmax_twice.evaluate(float(start), float(lowest)))


def test_odd_probability_is_scipys():
    def odd_probability(logits):
        return [sum(row[digit] for digit in (1, 3, 5, 7, 9)) for row in special.softmax(logits, axis=1)]

    assert right(checks.odd_probability.evaluate(odd_probability))


def test_centred_is_scipys():
    def centred(picture):
        row, column = ndimage.center_of_mass(picture)
        return ndimage.shift(picture, (int(np.rint(14 - row)), int(np.rint(14 - column))), order=0)

    assert right(checks.centred.evaluate(centred))


def test_versions_counted_one_by_one():
    draws = list(itertools.product(range(9), repeat=3))
    different = np.array([len(set(draw)) for draw in draws])
    assert right(checks.versions.evaluate(different.mean(), (different == 1).mean()))
