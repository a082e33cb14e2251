"""Pooling against Keras, and against its own definition."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers

PAIRS = {"max": (layers.max_pool, layers.max_pool_naive), "average": (layers.average_pool, layers.average_pool_naive)}


@pytest.mark.parametrize(
    ("kind", "padding", "pool_size", "strides"),
    itertools.product(PAIRS, ("valid", "same"), (2, (3, 2)), (None, 1, 2, 3)),
)
def test_equals_keras(kind, padding, pool_size, strides):
    import keras

    layer = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}[kind]
    x = np.random.default_rng(0).normal(size=(2, 9, 8, 3)).astype(np.float32)
    ours = PAIRS[kind][0](x, pool_size, strides=strides, padding=padding)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, np.asarray(layer(pool_size, strides, padding)(x)), rtol=0, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(sorted(PAIRS)),
    size=st.tuples(st.integers(3, 9), st.integers(3, 9)),
    pool_size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.one_of(st.none(), st.integers(1, 4)),
    padding=st.sampled_from(["valid", "same"]),
    seed=st.integers(0, 99),
)
def test_fast_equals_naive_on_integers(kind, size, pool_size, strides, padding, seed):
    fast, naive = PAIRS[kind]
    x = np.random.default_rng(seed).integers(-50, 50, size=(2, *size, 2))
    result = fast(x, pool_size, strides=strides, padding=padding)
    assert result.dtype == (np.int64 if kind == "max" else np.float64)
    np.testing.assert_allclose(result, naive(x, pool_size, strides=strides, padding=padding), rtol=1e-14)


def test_partial_windows_count_only_what_is_inside():
    ramp = -np.arange(1, 10).reshape(1, 3, 3, 1)
    np.testing.assert_array_equal(layers.max_pool(ramp, 2, padding="same")[0, :, :, 0], [[-1, -3], [-7, -9]])
    np.testing.assert_array_equal(layers.average_pool(ramp, 2, padding="same")[0, :, :, 0], [[-3, -4.5], [-7.5, -9]])
    assert layers.max_pool(ramp, 2).shape == (1, 1, 1, 1)


def test_pool_of_one_is_a_copy():
    x = np.arange(4.0).reshape(1, 2, 2, 1)
    pooled = layers.max_pool(x, 1)
    pooled[:] = 0
    assert x.max() == 3


@pytest.mark.parametrize("pool", [*PAIRS["max"], *PAIRS["average"]])
@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.zeros((4, 4)), {}, "expected four axes"),
        (np.zeros((1, 4, 4, 1)), {"padding": "full"}, "must be 'valid' or 'same'"),
        (np.zeros((1, 4, 4, 1)), {"pool_size": 0}, "pool_size=0"),
        (np.zeros((1, 4, 4, 1)), {"strides": (1, 0)}, "strides="),
        (np.zeros((1, 4, 4, 1)), {"pool_size": 5}, "does not fit"),
        (np.array([[[["a"]]]]), {}, "expected real numbers"),
    ],
)
def test_errors_say_what_is_accepted(pool, x, options, message):
    with pytest.raises(ValueError, match=message):
        pool(x, **options)
