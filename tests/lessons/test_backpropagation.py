"""Exercises of the lesson on backpropagation: the right answers computed in another way."""

import numpy as np
from scipy.special import logsumexp

from course_utils import layers
from course_utils.lessons.backpropagation import checks


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def test_logit_gradient_by_differences():
    logits, step = np.log([2.0, 1.0, 5.0]), 1e-6

    def loss(z):
        return logsumexp(z) - z[0]

    slopes = [(loss(logits + step * unit) - loss(logits - step * unit)) / (2 * step) for unit in np.eye(3)]
    (field,) = checks.logit_gradient.fields
    np.testing.assert_allclose(field.answer, slopes, atol=1e-9)
    assert right(checks.logit_gradient.evaluate([-0.75, 0.125, 0.625]))


def shared_equally(dy, k):
    return np.kron(dy, np.ones((1, k, k, 1))) / k**2


def back_to_the_pictures(dy, kernel, *, frame=1):
    rows, columns = (frame * (size - 1) for size in kernel.shape[:2])
    return layers.conv2d(dy, np.swapaxes(np.flip(kernel, (0, 1)), 2, 3), padding=((rows, rows), (columns, columns)))


def test_references_are_the_layers_gradients():
    rng = np.random.default_rng(1)
    x, kernel = rng.normal(size=(2, 6, 6, 3)), rng.normal(size=(3, 2, 3, 4))
    y, cache = layers.average_pool_forward(x, 3)
    dy = rng.normal(size=y.shape)
    np.testing.assert_allclose(shared_equally(dy, 3), layers.average_pool_backward(dy, cache))
    assert right(checks.average_pool.evaluate(shared_equally))
    y, cache = layers.conv2d_forward(x, kernel)
    dy = rng.normal(size=y.shape)
    np.testing.assert_allclose(back_to_the_pictures(dy, kernel), layers.conv2d_backward(dy, cache)[0], atol=1e-12)
    assert right(checks.input_gradient.evaluate(back_to_the_pictures))


def test_functions_that_go_wrong_in_their_own_way_are_told():
    assert "expected (1, 2, 4, 1)" in told(checks.average_pool, lambda dy, k: dy.repeat(k, 0).repeat(k, 1) / k**2)
    assert "dx has the size of the picture" in told(checks.input_gradient, lambda dy, kernel: dy)

    def high(dy, kernel):
        return layers.conv2d(dy, kernel[::-1, ::-1].transpose(0, 1, 3, 2), padding=kernel.shape[0] - 1)

    results = checks.input_gradient.evaluate(high)
    assert [result.right for result in results] == [True, True, True, False]
    assert "they may differ" in results[-1].text


def test_exactly_the_planted_bugs_fail_the_gradient_check():
    reports = {name: layers.gradient_check(*suspect) for name, suspect in checks.suspects().items()}
    failed = {name: [row.name for row in report.rows if row.error > 1e-7] for name, report in reports.items()}
    assert {name: rows for name, rows in failed.items() if rows} == {"tanh": ["x"], "conv2d": ["bias"]}


def test_letters_may_be_written_in_other_ways():
    assert right(checks.planted_bugs.evaluate({"tanh": " C ", "conv2d": "(b)"}))
    assert "which array does it use, input or output?" in told(checks.planted_bugs, {"conv2d": "b", "tanh": 3})
