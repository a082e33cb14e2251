"""Exercises of the lesson on neurons: the right answers computed in another way, mostly by Keras."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from course_utils.lessons.neurons_and_activations import checks


def right(results):
    return all(result.right for result in results)


def test_pieces_are_counted_on_a_fine_grid():
    w, b, out = np.array([1, 1, -2, 1, 3]), np.array([0, 2, 1, -0.5, 1]), np.array([1, 1, 1, 1, 0])
    x = np.linspace(-1, 1, 100_001)
    slopes = np.diff(np.maximum(0, np.outer(x, w) + b) @ out) / np.diff(x)
    pieces = 1 + np.count_nonzero(np.abs(np.diff(slopes)) > 0.1)
    assert right(checks.pieces.evaluate(pieces))


def test_local_collapse_is_the_gradient_of_keras():
    import tensorflow as tf

    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1)])
    parts = [[[1, 2, -1], [0, -1, 2]], [1, 0, -1], [[2], [3], [4]], [-1]]
    network.set_weights([np.array(part, "float32") for part in parts])
    x = tf.constant([[2.0, 1.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = network(x)
    w = tape.gradient(output, x).numpy()[0]
    b = output.numpy().item() - w @ x.numpy()[0]
    assert right(checks.local_collapse.evaluate(w, b))


def test_slope_of_swish_is_that_of_keras():
    import tensorflow as tf

    def slope(z):
        z = tf.constant(np.asarray(z, float))
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = keras.activations.silu(z)
        return tape.gradient(value, z).numpy()

    assert right(checks.swish_slope.evaluate(slope))


def test_patients_have_what_is_said_of_them():
    x = np.random.default_rng(0).uniform(size=(100, 784)) * (np.random.default_rng(1).uniform(size=(100, 784)) > 0.8)
    found = checks.patients(x)
    letters = {field.label: field.answer for field in checks.diagnose.fields}
    assert list(found) == list(letters)
    for name, ((first, first_slope), (second, slope)) in found.items():
        assert first.shape == second.shape == slope.shape == (100, 64)
        signs = {
            "a": not second.any() and not slope.any(),
            "b": bool(slope.any()) and second.max() > 0.99 and slope.mean() < 0.06 and first_slope.mean() < 0.08,
            "c": (slope == 1).all() and (first_slope == 1).all() and second.min() < -0.1,
            "d": np.abs(second).mean() < 0.05 * np.abs(first).mean() and np.abs(first).mean() < 0.05,
            "e": 0.3 < (slope == 1).mean() < 0.7 and 0.3 < (slope == 0).mean() < 0.7,
        }
        assert [letter for letter, sign in signs.items() if sign] == [letters[name]]


def test_any_hat_is_accepted():
    units = np.array([[2, 2, 0.5], [4, 0, -0.5], [0.5, -0.5, 2]])
    x = np.linspace(-3, 3, 61)
    drawn = np.maximum(0, np.outer(x, units[:, 0]) + units[:, 1]) @ units[:, 2]
    assert_allclose(drawn, np.interp(x, [-1, 0, 1], [0, 1, 0]), atol=1e-12)
    assert right(checks.hat.evaluate(units))


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_the_first_step_from_zero_is_that_of_keras(activation):
    layers = keras.layers
    hidden = layers.Dense(5, activation=activation, kernel_initializer="zeros")
    network = keras.Sequential([keras.Input((4,)), hidden, layers.Dense(3, kernel_initializer="zeros")])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss)
    x = np.random.default_rng(0).uniform(size=(10, 4))
    network.fit(x, np.array([0] * 5 + [1] * 3 + [2] * 2), epochs=1, batch_size=10, verbose=0)
    names = ("w1", "b1", "w2", "b2")
    moved = [name for name, part in zip(names, network.get_weights(), strict=True) if part.any()]
    (field,) = [part for part in checks.zero_start.fields if part.name == activation]
    assert right(field.judge(moved))
