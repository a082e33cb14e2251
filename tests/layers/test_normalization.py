"""Batch and layer normalisation, forward and backward, against Keras and central differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers

# At least five numbers are normalised together. Of two numbers x̂ is ±1 whatever x: dx is what rounding leaves.
shapes = st.sampled_from([(6, 5), (3, 4, 5, 6), (4, 2, 7), (2, 3, 1, 5)])


@pytest.mark.parametrize("training", [False, True])
@settings(max_examples=20, deadline=None)
@given(
    shape=shapes,
    momentum=st.sampled_from([0.0, 0.9, 0.99]),
    epsilon=st.sampled_from([1e-5, 1e-3]),
    seed=st.integers(0, 99),
)
def test_batch_norm_equals_keras(equals_keras, training, shape, momentum, epsilon, seed):
    import keras

    rng = np.random.default_rng(seed)
    channels = shape[-1]
    weights = [rng.normal(size=channels) for _ in range(3)] + [rng.uniform(0.5, 2, size=channels)]
    options = {"training": training, "momentum": momentum, "epsilon": epsilon}
    layer, cache = equals_keras(
        keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon),
        lambda *arrays: layers.batch_norm_forward(*arrays, **options),
        layers.batch_norm_backward,
        rng.normal(1, 3, size=shape),
        weights,
        training=training,
    )
    for name in ("moving_mean", "moving_variance"):
        np.testing.assert_allclose(cache["state"][name], np.asarray(getattr(layer, name)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shape", [(6, 3), (3, 4, 5, 2)])
def test_batch_norm_passes_differences(passes_differences, training, shape):
    rng = np.random.default_rng(0)
    channels = shape[-1]
    moving = rng.normal(size=channels), rng.uniform(0.5, 2, size=channels)
    arrays = {"x": rng.normal(size=shape), "gamma": rng.normal(size=channels), "beta": rng.normal(size=channels)}
    passes_differences(
        lambda x, gamma, beta: layers.batch_norm_forward(x, gamma, beta, *moving, training=training),
        layers.batch_norm_backward,
        **arrays,
    )
    np.testing.assert_array_equal(
        layers.batch_norm(*arrays.values(), *moving, training=training),
        layers.batch_norm_forward(*arrays.values(), *moving, training=training)[0],
    )


def test_batch_norm_without_arguments_leaves_mean_zero_and_variance_one():
    x = np.random.default_rng(0).normal(5, 3, size=(64, 4))
    y, cache = layers.batch_norm_forward(x, training=True, epsilon=1e-9)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=0), 1, rtol=1e-6)
    assert layers.batch_norm_backward(y, cache)[1:] == (None, None)
    # Before the first batch the moving averages are 0 and 1: inference changes next to nothing.
    np.testing.assert_allclose(layers.batch_norm(x), x, rtol=1e-3)


def test_inference_does_not_depend_on_the_batch_and_changes_no_average():
    rng = np.random.default_rng(0)
    x, mean, variance = rng.normal(size=(8, 3)), rng.normal(size=3), rng.uniform(1, 2, size=3)
    alone = layers.batch_norm(x[:1], None, None, mean, variance)
    y, cache = layers.batch_norm_forward(x, None, None, mean, variance)
    np.testing.assert_array_equal(alone, y[:1])
    np.testing.assert_array_equal(cache["state"]["moving_mean"], mean)
    np.testing.assert_array_equal(cache["state"]["moving_variance"], variance)


@settings(max_examples=25, deadline=None)
@given(shape=shapes, last=st.integers(1, 3), seed=st.integers(0, 99))
def test_layer_norm_equals_keras(equals_keras, shape, last, seed):
    import keras

    last = min(last, len(shape) - 1)
    axis = -1 if last == 1 else list(range(len(shape) - last, len(shape)))
    rng = np.random.default_rng(seed)
    x = rng.normal(1, 2, size=shape)
    weights = [rng.normal(size=shape[-last:]) for _ in range(2)]
    equals_keras(
        keras.layers.LayerNormalization(axis=axis),
        lambda *arrays: layers.layer_norm_forward(*arrays, axis=axis if last == 1 else tuple(axis)),
        layers.layer_norm_backward,
        x,
        weights,
    )


@pytest.mark.parametrize("axis", [-1, (1, 2), (1, 2, 3), (1, 3)])
def test_layer_norm_passes_differences(passes_differences, axis):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4, 5))
    sizes = tuple(x.shape[place] for place in ((3,) if axis == -1 else axis))
    arrays = {"x": x, "gamma": rng.normal(size=sizes), "beta": rng.normal(size=sizes)}
    passes_differences(
        lambda *values: layers.layer_norm_forward(*values, axis=axis), layers.layer_norm_backward, **arrays
    )
    np.testing.assert_array_equal(
        layers.layer_norm(*arrays.values(), axis=axis), layers.layer_norm_forward(*arrays.values(), axis=axis)[0]
    )


def test_layer_norm_looks_at_one_example_at_a_time():
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_array_equal(layers.layer_norm(x)[:1], layers.layer_norm(x[:1]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.batch_norm(np.ones(3)), r"x has shape \(3,\); expected \(N, \.\.\., C\)"),
        (lambda: layers.batch_norm(np.ones((2, 3)), np.ones(2)), r"gamma has shape \(2,\); expected \(3,\)"),
        (lambda: layers.batch_norm(np.ones((2, 3)), None, np.ones((3, 1))), "beta has shape"),
        (lambda: layers.batch_norm(np.ones((2, 3)), moving_mean=np.ones(4)), "moving_mean has shape"),
        (lambda: layers.batch_norm(np.ones((2, 1)), moving_variance=[-1.0]), "moving_variance has the entry -1.0"),
        (lambda: layers.batch_norm(np.ones((2, 3)), training="yes"), "training='yes': must be True or False"),
        (lambda: layers.batch_norm(np.ones((2, 3)), epsilon=0), "epsilon=0: a finite number, greater than 0"),
        (lambda: layers.batch_norm_forward(np.ones((2, 3)), momentum=1), "momentum=1: a share"),
        (
            lambda: layers.batch_norm(np.float32([[1e20], [-1e20]]), training=True),
            "variance of x is too large for float32",
        ),
        (lambda: layers.batch_norm([[1e200], [-1e200]], training=True), "the variance of x is too large for float64"),
        (lambda: layers.layer_norm(np.float32([[1e20, -1e20]])), "the variance of x is too large for float32"),
        (lambda: layers.layer_norm(np.float16([[1, -1]]), np.full(2, 1e5)), "y is too large for float16"),
        (lambda: layers.batch_norm(np.float16([[1], [-1]]), [1e5], training=True), "y is too large for float16"),
        (lambda: layers.batch_norm(np.ones((0, 3)), training=True), "a batch without numbers has no mean"),
        (lambda: layers.layer_norm(np.ones((2, 3)), axis=0), "axis=0: one or more different axes from 1 to 1"),
        (lambda: layers.layer_norm(np.ones((2, 3, 4)), axis=(1, -2)), "axis="),
        (lambda: layers.layer_norm(np.ones((2, 3, 4)), axis="last"), "axis='last'"),
        (lambda: layers.layer_norm(np.ones((2, 3, 4)), np.ones(3)), r"gamma has shape \(3,\); expected \(4,\)"),
        (lambda: layers.layer_norm_backward(np.ones((2, 2)), layers.layer_norm_forward(np.ones((2, 3)))[1]), "dy has"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_infinity_that_comes_in_is_passed_on():
    x = np.array([[np.inf, 1.0, 2.0], [0.0, 1.0, 2.0]])
    with np.errstate(invalid="ignore"):
        assert np.isfinite(layers.layer_norm(x)[1]).all()
        assert np.isfinite(layers.batch_norm(x, training=True)[:, 1:]).all()
