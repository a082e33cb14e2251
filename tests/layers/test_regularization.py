"""Dropout and weight penalties, against Keras, central differences and statistics."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers


@settings(max_examples=20, deadline=None)
@given(rate=st.sampled_from([0.0, 0.2, 0.5, 0.9]), seed=st.integers(0, 99))
def test_dropout_equals_keras_for_the_mask_that_keras_drew(equals_keras, rate, seed):
    import keras

    x = np.random.default_rng(seed).uniform(1, 2, size=(4, 5, 6)).astype(np.float32)
    mask = np.asarray(keras.layers.Dropout(rate, seed=seed)(x, training=True)) != 0
    equals_keras(
        keras.layers.Dropout(rate, seed=seed),
        lambda x: layers.dropout_forward(x, rate, training=True, mask=mask),
        layers.dropout_backward,
        x,
        training=True,
    )


def test_dropout_passes_differences_with_its_mask_given(passes_differences):
    rng = np.random.default_rng(0)
    mask = rng.random((3, 4)) < 0.5
    passes_differences(
        lambda x: layers.dropout_forward(x, 0.5, training=True, mask=mask),
        layers.dropout_backward,
        x=rng.normal(size=(3, 4)),
    )


def test_dropout_keeps_the_expectation_and_drops_the_share():
    y = layers.dropout(np.ones((1000, 1000), np.float32), 0.3, training=True, seed=0)
    assert y.dtype == np.float32
    # A million draws: the share has a standard deviation of 0.05 %.
    assert abs((y == 0).mean() - 0.3) < 0.0025
    assert abs(y.mean() - 1) < 0.004
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-6)


def test_dropout_is_seeded_and_does_nothing_at_inference():
    x = np.random.default_rng(0).normal(size=(5, 6))
    again = [layers.dropout(x, 0.5, training=True, seed=1) for _ in range(2)]
    np.testing.assert_array_equal(*again)
    assert (layers.dropout(x, 0.5, training=True, seed=2) != again[0]).any()
    rng = np.random.default_rng(1)
    first, second = (layers.dropout(x, 0.5, training=True, seed=rng) for _ in range(2))
    np.testing.assert_array_equal(first, again[0])
    assert (first != second).any()
    y, cache = layers.dropout_forward(x, 0.5)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(layers.dropout_backward(x, cache), x)


@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_penalties_equal_keras(equals_tensorflow, passes_differences, kind):
    import keras

    weights = np.random.default_rng(0).normal(size=(3, 4))
    forward, backward = (getattr(layers, f"{kind}_penalty_{way}") for way in ("forward", "backward"))
    reference = {"l1": keras.regularizers.L1, "l2": keras.regularizers.L2}[kind](0.03)
    equals_tensorflow(lambda w: forward(w, 0.03), backward, reference, [weights])
    passes_differences(lambda w: forward(w, 0.03), backward, weights=weights)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.dropout(np.ones(3), 1.0), "rate=1.0: a share from 0 to less than 1"),
        (lambda: layers.dropout(np.ones(3), "half"), "rate='half'"),
        (lambda: layers.dropout(np.ones(3), 0.5, training=True), "needs one of them"),
        (lambda: layers.dropout(np.ones(3), 0.5, training=True, mask=np.ones(2)), r"mask has shape \(2,\)"),
        (lambda: layers.dropout(np.ones(2), 0.5, training=True, mask=[0.5, 1]), "entries 0 and 1 only"),
        (lambda: layers.dropout(np.ones(3), 0.5, training=True, seed="a"), "seed='a': a whole number, at least 0"),
        (lambda: layers.dropout(np.float16([60]), 0.9999, training=True, mask=[1]), "y is too large for float16"),
        (lambda: layers.l1_penalty_forward(np.ones(3), -1), "factor=-1"),
        (lambda: layers.l2_penalty_forward([np.nan]), "weights holds 1 of 1 entries that are NaN"),
        (lambda: layers.l2_penalty_backward(np.ones(2), layers.l2_penalty_forward(np.ones(2))[1]), "dy has shape"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
