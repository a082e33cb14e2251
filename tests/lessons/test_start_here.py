"""Exercises of the first lesson: the right answers computed in another way."""

import numpy as np
import pytest
from sklearn import metrics

from course_utils import datasets, models, training
from course_utils.lessons.start_here import checks


def right(results):
    return all(result.right for result in results)


def test_sizes_are_those_of_the_data_and_the_batches_of_training():
    digits = datasets.load_mnist(validation=10_000)
    x, y = digits.x_train[:3000], digits.y_train[:3000]
    batches = training.Batches(x, y, batch_size=64)
    assert right(checks.sizes.evaluate(x.size, 2 * len(batches)))


def test_accuracy_is_that_of_scikit_learn():
    assert right(checks.accuracy.evaluate(lambda answers, labels: metrics.accuracy_score(labels, answers)))


def test_the_picture_is_an_8_and_cannot_be_spoiled():
    first = checks.eight()
    assert first.shape == (28, 28, 1)
    first[...] = 0
    picture = checks.eight()
    network = models.trained("mnist_fast")
    assert network.predict(picture[None], verbose=0).argmax() == 8
    (index,) = np.flatnonzero((datasets.load_mnist().x_train == picture).all(axis=(1, 2, 3)))
    assert datasets.load_mnist().y_train[index] == 8


def test_every_square_is_judged_by_what_the_network_reads():
    picture, size = checks.eight(), checks.SQUARE
    network = models.trained("mnist_fast")
    corners = [(row, column) for row in range(0, 21, 4) for column in range(0, 21, 4)]
    changed = [
        [
            [0 if row <= i < row + size and column <= j < column + size else picture[i, j, 0] for j in range(28)]
            for i in range(28)
        ]
        for row, column in corners
    ]
    digits = network.predict(np.array(changed)[..., None], verbose=0).argmax(axis=1)
    for (row, column), digit in zip(corners, digits, strict=True):
        (result,) = checks.erase.evaluate((row, column))
        assert result.right == (digit == 3)
        assert f"read as {digit}," in result.text


@pytest.mark.parametrize("corner", [(-1, 4), (10, 21), (21, 0)])
def test_a_square_outside_the_picture_is_told(corner):
    (result,) = checks.erase.evaluate(corner)
    assert not result.right
    assert "leaves the picture" in result.text


def test_what_is_read_upside_down_is_what_the_trained_network_reads():
    digits = datasets.load_mnist(validation=10_000)
    x, y = digits.x_val[:3000, ::-1, ::-1], digits.y_val[:3000]
    answers = models.trained("mnist_fast").predict(np.ascontiguousarray(x), batch_size=500, verbose=0).argmax(axis=1)
    confusion = metrics.confusion_matrix(y, answers, labels=range(10), normalize="true")
    still_read = np.flatnonzero(confusion.diagonal() > 0.5)
    assert right(checks.upside_down.evaluate(still_read, confusion[6].argmax()))
