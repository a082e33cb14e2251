"""Dense layers and flattening, forward and backward, against Keras and central differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers


@settings(max_examples=25, deadline=None)
@given(
    leading=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    features=st.integers(1, 6),
    units=st.integers(1, 5),
    use_bias=st.booleans(),
    seed=st.integers(0, 99),
)
def test_dense_equals_keras(equals_keras, leading, features, units, use_bias, seed):
    import keras

    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(features, units))] + [rng.normal(size=units)] * use_bias
    layer = keras.layers.Dense(units, use_bias=use_bias)
    equals_keras(layer, layers.dense_forward, layers.dense_backward, rng.normal(size=(*leading, features)), weights)


@pytest.mark.parametrize("shape", [(4, 3), (2, 2, 3)])
def test_dense_passes_differences(passes_differences, shape):
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=shape), "kernel": rng.normal(size=(3, 5)), "bias": rng.normal(size=5)}
    passes_differences(layers.dense_forward, layers.dense_backward, **arrays)
    np.testing.assert_array_equal(layers.dense(*arrays.values()), layers.dense_forward(*arrays.values())[0])


def test_dense_keeps_integers_exact():
    y = layers.dense(np.array([[2**53, 1]]), np.array([[1], [1]]), np.array([1]))
    assert y.dtype == np.int64
    assert y.item() == 2**53 + 2


@given(shape=st.lists(st.integers(1, 4), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_flatten_equals_keras_and_comes_back(equals_keras, shape):
    import keras

    x = np.arange(float(np.prod(shape))).reshape(shape)
    if x.ndim > 1:
        equals_keras(keras.layers.Flatten(), layers.flatten_forward, layers.flatten_backward, x)
    y, cache = layers.flatten_forward(x)
    np.testing.assert_array_equal(layers.flatten_backward(y, cache), x)
    np.testing.assert_array_equal(layers.flatten(x), y)


def test_flatten_puts_the_channels_of_a_pixel_side_by_side(passes_differences):
    x = np.arange(12).reshape(1, 2, 3, 2)
    np.testing.assert_array_equal(layers.flatten(x)[0], np.arange(12))
    passes_differences(layers.flatten_forward, layers.flatten_backward, x=x.astype(float))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.dense(np.ones(3), np.ones((3, 2))), r"x has shape \(3,\); expected"),
        (lambda: layers.dense(np.ones((1, 3)), np.ones((2, 2))), r"kernel has shape \(2, 2\); expected \(3, units\)"),
        (lambda: layers.dense(np.ones((1, 3)), np.ones(3)), "kernel has shape"),
        (lambda: layers.dense(np.ones((1, 3)), np.ones((3, 2)), np.ones(3)), "one number a unit"),
        (lambda: layers.dense([["a"]], [[1]]), "expected real numbers"),
        (lambda: layers.flatten(np.float64(1)), r"x has shape \(\); expected \(N, \.\.\.\)"),
        (lambda: layers.flatten_backward(np.ones((1, 3)), layers.flatten_forward(np.ones((1, 2, 2)))[1]), "dy has"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
