"""Exercises of the lesson on what a convolutional network is: the right answers computed in another way."""

import keras
import numpy as np
import pytest
from keras import layers

from course_utils.lessons.what_is_a_cnn import checks


def right(results):
    return all(result.right for result in results)


def wrong(results):
    return " ".join(result.text for result in results if not result.right)


def test_kernels_of_their_own_are_a_matrix_of_windows():
    def local_layer(x, w):
        rows, columns, k, _ = w.shape
        return [[np.vdot(x[i : i + k, j : j + k], w[i, j]) for j in range(columns)] for i in range(rows)]

    assert right(checks.own_kernels.evaluate(local_layer))
    swapped = wrong(checks.own_kernels.evaluate(lambda x, w: local_layer(x, np.broadcast_to(w[0, 0], w.shape))))
    assert "that is sharing" in swapped


def test_whole_steps_are_those_of_a_network():
    stack = [
        keras.Input((1, 100, 1)),
        layers.Conv2D(3, (1, 3), activation="relu", use_bias=False),
        layers.MaxPooling2D((1, 2)),
        layers.Conv2D(3, (1, 3), activation="relu", use_bias=False),
        layers.MaxPooling2D((1, 2)),
        layers.Conv2D(3, (1, 3), strides=(1, 3), use_bias=False),
    ]
    network = keras.Sequential(stack)
    rng = np.random.default_rng(0)  # positive weights: a unit that is off would be found again after any shift
    network.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in network.weights])
    x = np.zeros((1, 1, 100, 1), "float32")
    x[0, 0, 20:30, 0] = np.arange(1, 11)

    def found_again(shift, steps):
        old, new = (np.array(network(np.roll(x, by, axis=2))) for by in (0, shift))
        return np.allclose(new[:, :, steps:], old[:, :, : old.shape[2] - steps], atol=1e-5)

    smallest = next(shift for shift in range(1, 40) if any(found_again(shift, steps) for steps in range(5)))
    steps = next(steps for steps in range(6) if found_again(36, steps))
    assert (smallest, steps) == (12, 3)
    assert right(checks.whole_steps.evaluate(smallest, steps))


NETWORKS = {
    "a": [layers.Conv2D(5, 3, activation="relu"), layers.GlobalMaxPooling2D()],
    "b": [layers.Conv2D(5, 3, activation="relu"), layers.Flatten()],
    "c": [layers.Conv2D(5, 3, strides=2, activation="relu"), layers.GlobalMaxPooling2D()],
    "d": [layers.Conv2D(5, 3, activation="relu"), layers.MaxPooling2D(2), layers.GlobalMaxPooling2D()],
    "e": [layers.Flatten(), layers.Dense(20, activation="relu")],
    "f": [layers.Conv2D(5, 3, activation="relu"), layers.GlobalAveragePooling2D()],
}


def test_networks_that_keep_the_answer_do():
    keras.utils.set_random_seed(0)
    x = np.zeros((1, 28, 28, 1), "float32")
    x[0, 8:20, 8:20, 0] = np.random.default_rng(0).normal(size=(12, 12))
    keep = []
    for letter, stack in NETWORKS.items():
        network = keras.Sequential([keras.Input((28, 28, 1)), *stack, layers.Dense(10)])
        here, there = (np.array(network(np.roll(x, by, axis=2))) for by in (0, 1))
        keep += [letter] if np.allclose(here, there, atol=1e-5) else []
    assert right(checks.shift_proof.evaluate(keep))
    assert "largest of the largest" in wrong(checks.shift_proof.evaluate(["a", "f"]))


@pytest.mark.parametrize("kernel", [[[1, 2, 1], [2, 5, 2], [1, 2, 1]], [[0, -1, 0], [-1, 0, -1], [0, -1, 0]]])
def test_kernels_with_four_equal_quarters_turn_along(kernel):
    assert np.array_equal(kernel, np.rot90(kernel))
    assert right(checks.turning.evaluate(kernel))


def test_a_kernel_of_half_a_turn_does_not():
    kernel = [[1, 2, 3], [4, 5, 4], [3, 2, 1]]
    assert np.array_equal(kernel, np.rot90(kernel, 2))
    assert "turn your kernel by a quarter" in wrong(checks.turning.evaluate(kernel))


def test_budget_is_kept_to_the_last_parameter():
    def network(filters):
        stack = [keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Conv2D(filters, 3)]
        return keras.Sequential([*stack, layers.GlobalAveragePooling2D(), layers.Dense(10)])

    assert network(59).count_params() == 4_987 <= checks.BUDGET < network(60).count_params() == 5_070
    assert right(checks.small_network.evaluate(network(59)))
    assert "parameters: 5070: at most 5000" in wrong(checks.small_network.evaluate(network(60)))
