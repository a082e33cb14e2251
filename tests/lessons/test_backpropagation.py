"""Exercises of part 3: untouched, wrong in instructive ways, right."""

import numpy as np
import pytest

from course_utils import layers
from course_utils.lessons.backpropagation import checks


def texts(results):
    return " ".join(map(str, results))


def right(results):
    return all(result.right for result in results)


def shared_equally(dy, k):
    return np.kron(dy, np.ones((1, k, k, 1))) / k**2


def back_to_the_pictures(dy, kernel, *, swap=True, flip=(0, 1), frame=1):
    rows, columns = (frame * (size - 1) for size in kernel.shape[:2])
    kernel = np.flip(kernel, flip)
    kernel = np.swapaxes(kernel, 2, 3) if swap else kernel
    return layers.conv2d(dy, kernel, padding=((rows, rows), (columns, columns)))


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (checks.logit_gradient, (...,)),
        (checks.average_pool, (lambda dy, k: ...,)),
        (checks.average_pool, (lambda dy, k: None,)),
        (checks.planted_bugs, (...,)),
        (checks.planted_bugs, ({"tanh": ...},)),
        (checks.input_gradient, (lambda dy, kernel: ...,)),
    ],
)
def test_untouched(check, answers, capsys):
    check(*answers)
    assert capsys.readouterr().out.startswith("Not attempted yet.")


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (checks.logit_gradient, ([0.75, -0.125, -0.625],), "The gradient points uphill"),
        (checks.logit_gradient, ([0.25, 0.125, 0.625],), "The label y is missing"),
        (checks.logit_gradient, ([0.25, 0.125, -0.375],), "taken from the last class"),
        (checks.logit_gradient, ([0.25, -0.875, 0.625],), "taken from another class"),
        (checks.logit_gradient, ([-4, 0, 0],), "with respect to the probabilities"),
        (checks.logit_gradient, ([1, 1, 5],), "not been divided by their sum"),
        (checks.logit_gradient, (np.log([2, 1, 5]) - [1, 0, 0],), "softmax comes first"),
        (checks.logit_gradient, ([1, 2],), "has shape (2,); expected (3,)"),
        (checks.logit_gradient, ("downhill",), "expected an array of numbers, got str"),
        (checks.average_pool, (lambda dy, k: dy.repeat(k, 1).repeat(k, 2),), "weight 1/k² only"),
        (checks.average_pool, (lambda dy, k: dy.repeat(k, 1).repeat(k, 2) / k,), "has k² entries"),
        (checks.average_pool, (lambda dy, k: dy.repeat(k, 1).repeat(k, 2) * k**2,), "have to add up to dy"),
        (checks.average_pool, (lambda dy, k: np.tile(dy, (1, k, k, 1)) / k**2,), "np.repeat"),
        (checks.average_pool, (lambda dy, k: dy / k**2,), "dx has shape (N, k H', k W', C)"),
        (checks.average_pool, (lambda dy, k: dy.repeat(k, 0).repeat(k, 1) / k**2,), "expected (1, 2, 4, 1)"),
        (checks.average_pool, (lambda dy, k: dy.nothing,), "stopped with AttributeError"),
        (checks.average_pool, (lambda dy, k: "nothing",), "expected an array of numbers, got str"),
        (checks.average_pool, ([1, 2],), "expected a function"),
        (checks.planted_bugs, ({},), "two wrong layers are still at large"),
        (checks.planted_bugs, ({"conv2d": "b"},), "one wrong layer is still at large"),
        (checks.planted_bugs, ({"conv2d": "d", "tanh": "c"},), "by which factor do they differ?"),
        (checks.planted_bugs, ({"conv2d": "b", "tanh": 3},), "the slope of tanh is 1 − y²"),
        (checks.planted_bugs, ({"batch_norm": "e", "conv2d": "b"},), "batch_norm is innocent"),
        (checks.planted_bugs, ({"softmax": "a"},), "'softmax' is no suspect"),
        (checks.planted_bugs, (["tanh", "conv2d"],), "expected a dictionary {name: letter}, got list"),
        (checks.input_gradient, (lambda dy, w: back_to_the_pictures(dy, w, flip=()),), "kernels are not flipped"),
        (checks.input_gradient, (lambda dy, w: back_to_the_pictures(dy, w, flip=(0,)),), "columns are not"),
        (checks.input_gradient, (lambda dy, w: back_to_the_pictures(dy, w, flip=(1,)),), "rows are not"),
        (checks.input_gradient, (lambda dy, w: back_to_the_pictures(dy, w, swap=False),), "are not swapped"),
        (checks.input_gradient, (lambda dy, w: layers.conv2d(dy, w, padding=2),), "neither are the kernels flipped"),
        (checks.input_gradient, (lambda dy, w: layers.conv2d(dy, w[::-1, ::-1, ::-1, ::-1], padding=2),), "is something else"),
        (checks.input_gradient, (lambda dy, w: back_to_the_pictures(dy, w, frame=0),), "k − 1 wide, on every side"),
        (checks.input_gradient, (lambda dy, w: dy,), "dx has the size of the picture"),
        (checks.input_gradient, (lambda dy, w: None.shape,), "stopped with AttributeError"),
        (checks.input_gradient, (7,), "expected a function"),
    ],
)  # fmt: skip
def test_wrong_answers_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in texts(results)


def test_a_frame_of_one_pixel_is_told_to_be_too_narrow():
    def narrow(dy, kernel):
        return layers.conv2d(dy, kernel[::-1, ::-1].transpose(0, 1, 3, 2), padding=1)

    assert "one too narrow" in texts(checks.input_gradient.evaluate(narrow))


def test_a_frame_for_square_kernels_only_is_told_so():
    def square(dy, kernel):
        return layers.conv2d(dy, kernel[::-1, ::-1].transpose(0, 1, 3, 2), padding=kernel.shape[1] - 1)

    results = checks.input_gradient.evaluate(square)
    assert [result.right for result in results] == [True, True, True, False]
    assert "they may differ" in texts(results)


def test_right_answers_pass():
    assert right(checks.logit_gradient.evaluate([-3 / 4, 1 / 8, 5 / 8]))
    assert right(checks.average_pool.evaluate(shared_equally))
    assert right(checks.planted_bugs.evaluate({"tanh": " C ", "conv2d": "(b)"}))
    assert right(checks.input_gradient.evaluate(back_to_the_pictures))


def test_references_are_the_layers_gradients():
    rng = np.random.default_rng(1)
    x, kernel = rng.normal(size=(2, 6, 6, 3)), rng.normal(size=(3, 2, 3, 4))
    y, cache = layers.average_pool_forward(x, 3)
    dy = rng.normal(size=y.shape)
    np.testing.assert_allclose(shared_equally(dy, 3), layers.average_pool_backward(dy, cache))
    y, cache = layers.conv2d_forward(x, kernel)
    dy = rng.normal(size=y.shape)
    np.testing.assert_allclose(back_to_the_pictures(dy, kernel), layers.conv2d_backward(dy, cache)[0], atol=1e-12)


def test_exactly_the_planted_bugs_fail_the_gradient_check():
    reports = {name: layers.gradient_check(*suspect) for name, suspect in checks.suspects().items()}
    failed = {name: [row.name for row in report.rows if row.error > 1e-7] for name, report in reports.items()}
    assert {name: rows for name, rows in failed.items() if rows} == {"tanh": ["x"], "conv2d": ["bias"]}


@pytest.mark.parametrize(
    "check", [checks.logit_gradient, checks.average_pool, checks.planted_bugs, checks.input_gradient]
)
def test_hints_come_one_after_another(check, capsys):
    check.hint()
    check.hint()
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Hint 1 of ")
    assert second.startswith("Hint 2 of ")
