"""Activation functions, forward and backward, against Keras and central differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers

CASES = {
    "relu": {},
    "leaky_relu": {"negative_slope": 0.2},
    "elu": {"alpha": 0.7},
    "gelu": {},
    "gelu, approximate": {"approximate": True},
    "sigmoid": {},
    "tanh": {},
    "softmax": {},
    "softmax, axis 1": {"axis": 1},
}


def pair(case):
    name = case.split(",")[0]
    forward, backward = getattr(layers, f"{name}_forward"), getattr(layers, f"{name}_backward")
    return name, lambda x: forward(x, **CASES[case]), backward


def keras_function(case):
    import keras

    name, options = case.split(",")[0], CASES[case]
    return lambda x: getattr(keras.activations, name)(x, **options)


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=15, deadline=None)
@given(shape=st.tuples(*[st.integers(2, 5)] * 3), scale=st.sampled_from([0.1, 0.5, 2]), seed=st.integers(0, 99))
def test_equals_keras(equals_tensorflow, case, shape, scale, seed):
    _, forward, backward = pair(case)
    x = scale * np.random.default_rng(seed).uniform(-1, 1, size=shape)  # where saturated, gradients are mostly rounding
    equals_tensorflow(forward, backward, keras_function(case), [x])


@pytest.mark.parametrize("case", CASES)
def test_passes_differences(passes_differences, case):
    name, forward, backward = pair(case)
    x = np.random.default_rng(0).normal(size=(4, 3, 5))
    x += 0.01 * np.sign(x)  # away from the kink at 0
    passes_differences(forward, backward, x=x)
    np.testing.assert_array_equal(getattr(layers, name)(x, **CASES[case]), forward(x)[0])


@pytest.mark.parametrize("case", CASES)
def test_large_numbers_neither_overflow_nor_warn(case):
    _, forward, backward = pair(case)
    x = np.array([[[-1e4, -50.0, 0.0, 50.0, 1e4]] * 2])
    with np.errstate(over="raise", invalid="raise"):
        y, cache = forward(x)
        dx = backward(np.ones_like(x), cache)
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gelu_approximated_has_slope_one_or_zero_far_out(dtype):
    x = np.array([-0.9, -1e-3, 1e-3, 0.9], dtype) * np.finfo(dtype).max
    with np.errstate(over="ignore"):
        dx = layers.gelu_backward(np.ones_like(x), layers.gelu_forward(x, approximate=True)[1])
    np.testing.assert_array_equal(dx, [0, 0, 1, 1])


def test_softmax_shares_out_among_more_entries_than_float16_counts():
    shares = layers.softmax(np.zeros((1, 70_000), np.float16))
    assert shares.dtype == np.float16
    np.testing.assert_allclose(shares, 1 / 70_000, rtol=0.05)


def test_defaults_are_those_of_keras_layers():
    import keras

    x = np.linspace(-3, 3, 13, dtype=np.float32)[None]
    for ours, layer in [
        (layers.leaky_relu, keras.layers.LeakyReLU()),
        (layers.elu, keras.layers.ELU()),
        (layers.gelu, keras.layers.Activation("gelu")),
        (layers.softmax, keras.layers.Softmax()),
    ]:
        np.testing.assert_allclose(ours(x), np.asarray(layer(x)), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.float32, np.float64])
def test_relu_cuts_at_zero_and_keeps_the_dtype(dtype):
    result = layers.relu(np.array([-2, 0, 3], dtype))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, [0, 0, 3])


def test_relu_at_zero_passes_nothing():
    _, cache = layers.relu_forward(np.array([0.0]))
    assert layers.relu_backward(np.array([5.0]), cache) == 0


def test_softmax_does_not_care_about_a_constant():
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(layers.softmax(x), layers.softmax(x + 1000), atol=1e-12)
    np.testing.assert_allclose(layers.softmax(x).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.relu("a"), "expected real numbers"),
        (lambda: layers.relu(np.array([1j])), "expected real numbers"),
        (lambda: layers.sigmoid(np.array(["a"])), "x has dtype"),
        (lambda: layers.leaky_relu(np.ones(3), negative_slope=-1), "negative_slope=-1: a finite number, at least 0"),
        (lambda: layers.leaky_relu(np.float16([-1]), negative_slope=1e6), "y is too large for float16"),
        (lambda: layers.elu(np.ones(3), alpha=float("nan")), "alpha=nan"),
        (lambda: layers.softmax(np.ones((2, 3)), axis=2), "axis=2: an array with 2 axes has axes -2 to 1"),
        (lambda: layers.softmax(np.ones((2, 3)), axis=None), "axis=None"),
        (lambda: layers.gelu(np.ones(3), approximate="tanh"), "approximate='tanh': must be True or False"),
        (
            lambda: layers.relu_backward(np.ones(3), layers.tanh_forward(np.ones(3))[1]),
            "cache has no entry 'x': give what",
        ),
        (lambda: layers.relu_backward(np.ones(3), None), "cache has no entry 'x'"),
        (lambda: layers.tanh_backward(np.ones(2), layers.tanh_forward(np.ones(3))[1]), "dy has shape"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
