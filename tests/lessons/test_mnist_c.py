"""Exercises of the lesson on MNIST-C: the right answers computed in another way."""

import keras
import numpy as np
from scipy import ndimage

from course_utils import datasets, models
from course_utils.lessons.mnist_c import checks


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def test_blank_paper_in_keras():
    """A filter with that sum, batch normalisation and ReLU on papers around the threshold."""
    filter_, norm = keras.layers.Conv2D(1, 3, use_bias=False), keras.layers.BatchNormalization(epsilon=1e-9)
    model = keras.Sequential([keras.Input((3, 3, 1)), filter_, norm, keras.layers.ReLU()])
    filter_.set_weights([np.full((3, 3, 1, 1), -1.2 / 9)])
    norm.set_weights([np.array([value]) for value in (1, 0.1, -0.3, 0.5**2)])  # γ, β, mean, variance
    papers = np.linspace(0, 1, 1001)
    left = model.predict(np.ones((1001, 3, 3, 1)) * papers[:, None, None, None], verbose=0).ravel()
    assert right(checks.blank_paper.evaluate(papers[left > 0].max(), bool(left[0] == 0)))


def test_half_of_the_digits_are_read():
    """Measured with the bundled network: 10 in 2000 digits stand for what processors may change."""
    digits, model = datasets.load_mnist(), models.trained("mnist_fast")
    images, labels = digits.x_test[::5], digits.y_test[::5]

    def read(paper):
        pictures = np.maximum(images, paper)
        return (model.predict(pictures, batch_size=500, verbose=0).argmax(axis=1) == labels).mean()

    assert read(39) > 0.5 > read(43)
    assert read(32) + 0.1 < read(np.where(np.arange(28) % 2, 64, 0)[:, None, None])
    assert right(checks.half_read.evaluate(41, "more"))


def test_shift_is_scipys():
    def shift(images, down, right):
        return ndimage.shift(images, (0, down, right), order=0)

    def naive(images, down, right):
        out = np.zeros_like(images)
        out[:, down:, right:] = images[:, :-down, :-right]
        return out

    assert right(checks.shift.evaluate(shift))
    assert "[:-0] is empty" in told(checks.shift, naive)


def test_relative_error_by_names():
    def relative_error(errors, baseline, clean, clean_baseline):
        names = sorted(errors)
        lost = np.array([errors[name] for name in names]) - clean
        return np.mean(lost / (np.array([baseline[name] for name in names]) - clean_baseline))

    assert right(checks.relative_error.evaluate(relative_error))


def test_plans_in_any_form():
    for answer in ({"b", "d"}, ["D", "b"], "bd", "b, d", ("b", "d")):
        assert right(checks.honest_plans.evaluate(answer)), answer
    for answer in ({"e"}, 7, set(), {}):
        assert not right(checks.honest_plans.evaluate(answer)), answer
    assert told(checks.honest_plans, 7) == (
        'plans 7: give the letters of the honest plans as a set, such as {"a", "c"}.'
    )
