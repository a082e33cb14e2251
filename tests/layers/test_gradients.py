"""The gradient check: right gradients pass, wrong ones fail and are described."""

import numpy as np
import pytest

from course_utils import layers

RNG = np.random.default_rng(0)
ARRAYS = {"x": RNG.normal(size=(2, 5, 5, 2)), "kernel": RNG.normal(size=(3, 3, 2, 3)), "bias": RNG.normal(size=3)}


def test_numeric_gradient_of_a_polynomial():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    before = x.copy()
    gradient = layers.numeric_gradient(lambda: float((x**3).sum()), x)
    np.testing.assert_allclose(gradient, 3 * x**2, rtol=1e-8)
    np.testing.assert_array_equal(x, before)


def test_numeric_gradient_error_is_of_second_order():
    x = np.array([0.3])
    errors = [
        abs(layers.numeric_gradient(lambda: float(np.sin(x[0])), x, step=h)[0] - np.cos(0.3)) for h in (0.1, 0.01)
    ]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_a_right_backward_pass_passes():
    report = layers.gradient_check(layers.conv2d_forward, layers.conv2d_backward, ARRAYS)
    assert report.passed
    assert report.error < 1e-7
    assert [row.name for row in report.rows] == ["x", "kernel", "bias"]
    assert str(report).count("✓") == 3
    assert repr(report) == str(report)


def spoiled(change):
    """The backward pass of a convolution with one of its gradients changed."""
    return lambda dy, cache: change(*layers.conv2d_backward(dy, cache))


@pytest.mark.parametrize(
    ("change", "wrong", "remark"),
    [
        (lambda x, k, b: (x, 2 * k, b), "kernel", "It is 2 times what it should be, everywhere."),
        (lambda x, k, b: (-x, k, b), "x", "The sign is wrong everywhere."),
        (lambda x, k, b: (x, k, 0 * b), "bias", "zeros only"),
        (lambda x, k, b: (x, k[::-1, ::-1], b), "kernel", "rows and columns flipped"),
        (lambda x, k, b: (x, k, b * np.nan), "bias", "NaN or infinity"),
        (lambda x, k, b: (x, k, b[::-1]), "bias", "reversed along every axis"),
        (
            lambda x, k, b: (x * (np.arange(5) > 0)[:, None], k, b),
            "x",
            "20 of 100 entries are wrong, the others right.",
        ),
        (lambda x, k, b: (x, k + np.arange(54).reshape(k.shape), b), "kernel", "    kernel["),
    ],
)
def test_a_wrong_backward_pass_is_described(change, wrong, remark):
    report = layers.gradient_check(layers.conv2d_forward, spoiled(change), ARRAYS)
    assert not report.passed
    assert [row.name for row in report.rows if row.error > report.tolerance] == [wrong]
    before, after = str(report).split("✗")
    assert after.startswith(f" {wrong}")
    assert remark in after
    assert remark not in before


def test_a_transposed_gradient_is_recognised():
    x = RNG.normal(size=(3, 3))
    report = layers.gradient_check(
        lambda x: (x @ x.T @ x, x), lambda dy, x: (dy @ x.T @ x + x @ dy.T @ x + x @ x.T @ dy).T, {"x": x}
    )
    assert "right gradient transposed" in str(report)


def test_a_slip_of_one_in_a_million_is_found():
    report = layers.gradient_check(layers.conv2d_forward, spoiled(lambda x, k, b: (x, k * (1 + 1e-6), b)), ARRAYS)
    assert not report.passed


def test_scalars_lists_and_longer_tuples():
    target = np.eye(3)
    assert layers.gradient_check(
        lambda p: layers.mean_squared_error_forward(target, p),
        layers.mean_squared_error_backward,
        {"p": np.ones((3, 3)) / 2},
    ).passed
    only_x = {"x": ARRAYS["x"]}
    kernel = ARRAYS["kernel"]
    assert layers.gradient_check(lambda x: layers.conv2d_forward(x, kernel), layers.conv2d_backward, only_x).passed


def test_a_constant_has_gradient_zero():
    report = layers.gradient_check(lambda x: (np.ones(2), None), lambda dy, _: np.zeros(3), {"x": np.ones(3)})
    assert report.passed
    assert report.error == 0


def square_of_one(step):
    x = np.ones(1)
    with np.errstate(over="ignore"):
        return layers.numeric_gradient(lambda: (x**2).sum(), x, step=step)


def test_arrays_are_left_alone():
    copies = {name: array.copy() for name, array in ARRAYS.items()}
    layers.gradient_check(layers.conv2d_forward, layers.conv2d_backward, ARRAYS)
    for name, copy in copies.items():
        np.testing.assert_array_equal(ARRAYS[name], copy)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: layers.gradient_check(layers.relu_forward, layers.relu_backward, {}),
            "arrays has 0 entries; expected at least 1",
        ),
        (lambda: layers.gradient_check(layers.relu_forward, layers.relu_backward, [1.0]), "give a dictionary"),
        (
            lambda: layers.gradient_check(layers.relu, layers.relu_backward, {"x": np.ones(2)}),
            r"forward returned ndarray; expected the pair \(y, cache\)",
        ),
        (lambda: layers.numeric_gradient(lambda: 0.0, np.ones(1), step=0), "step=0: a finite number, greater than 0"),
        (
            lambda: layers.gradient_check(layers.relu_forward, layers.relu_backward, {"x": np.ones(2, np.float32)}),
            r"x has dtype float32; differences need float64: convert with x.astype\(np.float64\)",
        ),
        (
            lambda: layers.gradient_check(layers.relu_forward, layers.relu_backward, {"x": np.array([np.nan])}),
            "x holds 1 of 1 entries that are NaN",
        ),
        (
            lambda: layers.gradient_check(layers.relu_forward, lambda dy, _: dy[0], {"x": np.ones(2)}),
            r"the gradient of x has shape \(\); expected \(2,\)",
        ),
        (
            lambda: layers.gradient_check(layers.add_forward, lambda dy, _: dy, {"a": np.ones(2), "b": np.ones(2)}),
            r"backward returned 1 gradient\(s\); expected 2, for a, b",
        ),
        (lambda: layers.numeric_gradient(lambda: 0.0, [1.0]), "array has dtype list"),
        (lambda: layers.numeric_gradient(lambda: 0.0, np.array([np.nan])), "array holds 1 of 1 entries that are NaN"),
        (lambda: layers.numeric_gradient(lambda: 0.0, np.ma.array([1.0], mask=[1])), "array has masked entries"),
        (lambda: layers.numeric_gradient(lambda: 0.0, np.ones(1), step=1e-20), "step=1e-20 is too small or too large"),
        (lambda: layers.numeric_gradient(lambda: 0.0, np.ones(1), step=1e308), "step=1e[+]308 is too small or too lar"),
        (lambda: square_of_one(step=1e200), "step=1e[+]200 is too small or too large for the entry 1.0"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
