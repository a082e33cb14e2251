"""Activation functions."""

import numpy as np
import pytest

from course_utils import layers


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.float32, np.float64])
def test_relu_cuts_at_zero_and_keeps_the_dtype(dtype):
    result = layers.relu(np.array([-2, 0, 3], dtype))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, [0, 0, 3])


def test_relu_equals_keras():
    import keras

    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    np.testing.assert_array_equal(layers.relu(x), np.asarray(keras.ops.relu(x)))


@pytest.mark.parametrize("x", ["a", np.array([1j])])
def test_relu_takes_real_numbers_only(x):
    with pytest.raises(ValueError, match="expected real numbers"):
        layers.relu(x)
