"""Pooling, forward and backward, against Keras, central differences and its own definition."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers

PAIRS = {"max": (layers.max_pool, layers.max_pool_naive), "average": (layers.average_pool, layers.average_pool_naive)}


@pytest.mark.parametrize(
    ("kind", "padding", "pool_size", "strides"),
    list(itertools.product(PAIRS, ("valid", "same"), (2, (3, 2)), (None, 1, 2, 3))),
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
        (np.zeros((4, 4)), {}, r"expected \(N, H, W, C\)|at least one row"),
        (np.zeros((1, 4, 4, 1)), {"padding": "full"}, "must be one of 'valid', 'same'"),
        (np.zeros((1, 4, 4, 1)), {"pool_size": 0}, "pool_size=0"),
        (np.zeros((1, 4, 4, 1)), {"strides": (1, 0)}, "strides="),
        (np.zeros((1, 4, 4, 1)), {"pool_size": 5}, "does not fit"),
        (np.array([[[["a"]]]]), {}, "expected real numbers"),
    ],
)
def test_errors_say_what_is_accepted(pool, x, options, message):
    with pytest.raises(ValueError, match=message):
        pool(x, **options)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(sorted(PAIRS)),
    size=st.tuples(st.integers(3, 9), st.integers(3, 9)),
    pool_size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.one_of(st.none(), st.tuples(st.integers(1, 4), st.integers(1, 4))),
    padding=st.sampled_from(["valid", "same"]),
    seed=st.integers(0, 99),
)
def test_gradients_equal_tensorflow(equals_keras, kind, size, pool_size, strides, padding, seed):
    import keras

    layer = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}[kind]
    forward, backward = (getattr(layers, f"{kind}_pool_{way}") for way in ("forward", "backward"))
    x = np.random.default_rng(seed).normal(size=(2, *size, 3))
    equals_keras(
        layer(pool_size, strides, padding),
        lambda x: forward(x, pool_size, strides=strides, padding=padding),
        backward,
        x,
    )


@pytest.mark.parametrize("kind", sorted(PAIRS))
@pytest.mark.parametrize(
    ("pool_size", "strides", "padding"), [(2, None, "valid"), (3, 2, "same"), ((2, 3), 1, "same"), (2, 3, "valid")]
)
def test_gradients_pass_differences(passes_differences, kind, pool_size, strides, padding):
    forward, backward = (getattr(layers, f"{kind}_pool_{way}") for way in ("forward", "backward"))
    # No two entries are closer than 1: the largest of a window stays the largest.
    x = np.random.default_rng(0).permutation(2 * 5 * 7 * 2).reshape(2, 5, 7, 2).astype(float)
    passes_differences(lambda x: forward(x, pool_size, strides=strides, padding=padding), backward, x=x)


def test_equal_entries_the_first_gets_the_gradient(equals_keras):
    import keras

    x = np.zeros((1, 4, 4, 1))
    _, cache = equals_keras(keras.layers.MaxPooling2D(2), layers.max_pool_forward, layers.max_pool_backward, x)
    dx = layers.max_pool_backward(np.ones((1, 2, 2, 1)), cache)
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]])


@given(size=st.tuples(st.integers(1, 7), st.integers(1, 7)), channels=st.integers(1, 4), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_global_average_equals_keras_and_passes_differences(equals_keras, passes_differences, size, channels, seed):
    import keras

    x = np.random.default_rng(seed).normal(size=(2, *size, channels))
    forward, backward = layers.global_average_pool_forward, layers.global_average_pool_backward
    equals_keras(keras.layers.GlobalAveragePooling2D(), forward, backward, x)
    passes_differences(forward, backward, x=x)
    np.testing.assert_array_equal(layers.global_average_pool(x), forward(x)[0])


@pytest.mark.parametrize("kind", ["average_pool", "global_average_pool"])
def test_means_of_more_pixels_than_float16_counts(kind):
    x, options = np.ones((1, 300, 300, 1), np.float16), {} if kind.startswith("global") else {"pool_size": 300}
    y, cache = getattr(layers, f"{kind}_forward")(x, **options)
    dx = getattr(layers, f"{kind}_backward")(np.ones_like(y), cache)
    assert (y, y.dtype, dx.dtype) == (1, np.float16, np.float16)
    np.testing.assert_allclose(dx, 1 / 90_000, rtol=0.05)


@pytest.mark.parametrize("x", [np.zeros((4, 4)), np.zeros((1, 0, 4, 2))])
def test_global_average_needs_maps(x):
    with pytest.raises(ValueError, match=r"expected \(N, H, W, C\)|at least one row"):
        layers.global_average_pool(x)


@pytest.mark.parametrize("kind", ["max_pool", "average_pool", "global_average_pool"])
def test_a_gradient_of_another_shape_is_refused(kind):
    _, cache = getattr(layers, f"{kind}_forward")(np.zeros((1, 4, 4, 1)))
    with pytest.raises(ValueError, match="the shape of y"):
        getattr(layers, f"{kind}_backward")(np.zeros((1, 3, 3, 1)), cache)
