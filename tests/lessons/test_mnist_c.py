"""Exercises of the lesson on MNIST-C: the right answers computed in another way."""

import numpy as np
from scipy import ndimage

from course_utils.lessons.mnist_c import checks


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def test_stripes_by_columns():
    def stripe(images):
        return np.where(abs(np.arange(28) - 13.5) > 7, 255 - images, images)

    assert right(checks.stripe.evaluate(stripe))
    assert "has shape" in told(checks.stripe, lambda images: images[0])


def test_shift_is_scipys():
    def shift(images, down, right):
        return ndimage.shift(images, (0, down, right), order=0)

    def naive(images, down, right):
        out = np.zeros_like(images)
        out[:, down:, right:] = images[:, :-down, :-right]
        return out

    assert right(checks.shift.evaluate(shift))
    assert "[:-0] is empty" in told(checks.shift, naive)


def test_grey_paper_is_scipys_correlation():
    edge = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])
    centre = np.where(np.arange(9).reshape(3, 3) == 4, 4, -1)
    paper = np.full((5, 5), 0.5)
    answers = [ndimage.correlate(paper, kernel)[2, 2] for kernel in (edge, np.full((3, 3), 1 / 9), centre)]
    assert right(checks.grey_paper.evaluate(*answers))


def test_mce_by_names():
    def mce(errors, baseline):
        names = sorted(errors)
        return np.mean(np.array([errors[name] for name in names]) / [baseline[name] for name in names])

    assert right(checks.mean_corruption_error.evaluate(mce))


def test_plans_in_any_form():
    for answer in ({"b", "d"}, ["D", "b"], "bd", "b, d", ("b", "d")):
        assert right(checks.honest_plans.evaluate(answer)), answer
    for answer in ({"e"}, 7, set(), {}):
        assert not right(checks.honest_plans.evaluate(answer)), answer
    assert told(checks.honest_plans, 7) == (
        'plans 7: give the letters of the honest plans as a set, such as {"a", "c"}.'
    )
