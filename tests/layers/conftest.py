"""Oracles for the reference layers: Keras's layer, TensorFlow's gradients, central differences."""

import numpy as np
import pytest
from oracles import assert_close

from course_utils import layers


@pytest.fixture(scope="session")
def equals_keras():
    """Compare a layer's output and gradients with a Keras layer that holds the same weights."""
    import tensorflow as tf

    def compare(layer, forward, backward, x, weights=(), *, tolerance=1e-5, seed=0, **call):
        x, weights = x.astype(np.float32), [weight.astype(np.float32) for weight in weights]
        layer.build(x.shape)
        layer.set_weights([*weights, *layer.get_weights()[len(weights) :]])
        y, cache = forward(x, *weights)
        assert y.dtype == np.float32
        dy = np.random.default_rng(seed).normal(size=y.shape).astype(np.float32)
        tensor = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            expected = layer(tensor, **call)
        sources = [tensor, *(variable.value for variable in layer.trainable_weights)]
        theirs = tape.gradient(expected, sources, output_gradients=tf.constant(dy))
        assert_close(y, expected, tolerance)
        ours = backward(dy, cache)
        ours = [gradient for gradient in (ours if isinstance(ours, tuple) else (ours,)) if gradient is not None]
        for mine, other in zip(ours, theirs, strict=True):
            assert mine.dtype == np.float32
            assert_close(mine, tf.convert_to_tensor(other), tolerance)
        return layer, cache

    return compare


@pytest.fixture(scope="session")
def equals_tensorflow():
    """Compare a function's output and gradients with those of a TensorFlow function of the same arrays."""
    import tensorflow as tf

    def compare(forward, backward, reference, arrays, *, tolerance=1e-5, seed=0):
        arrays = [array.astype(np.float32) for array in arrays]
        y, cache = forward(*arrays)
        dy = np.random.default_rng(seed).normal(size=np.shape(y)).astype(np.float32)
        tensors = [tf.constant(array) for array in arrays]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            expected = reference(*tensors)
        theirs = tape.gradient(expected, tensors, output_gradients=tf.constant(dy))
        assert y.dtype == np.float32
        assert_close(y, expected, tolerance)
        ours = backward(dy, cache)
        ours = [gradient for gradient in (ours if isinstance(ours, tuple) else (ours,)) if gradient is not None]
        for mine, other in zip(ours, theirs, strict=True):
            assert mine.dtype == np.float32
            assert_close(mine, other, tolerance)

    return compare


@pytest.fixture(scope="session")
def passes_differences():
    """Assert that a backward pass agrees with central differences in float64."""

    def check(forward, backward, **arrays):
        report = layers.gradient_check(forward, backward, arrays)
        assert report.passed, f"\n{report}"

    return check
