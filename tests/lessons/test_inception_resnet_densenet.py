"""Exercises of the lesson on Inception, ResNet and DenseNet: the right answers counted by Keras, or another way."""

import keras
import numpy as np
import pytest
from keras import layers

from course_utils import evaluation
from course_utils.layers import add, conv2d
from course_utils.lessons.inception_resnet_densenet import checks
from course_utils.models.densenet import dense_block, transition


def right(results):
    return all(result.right for result in results)


def weights(*sizes, channels):
    """Weights of convolutions (filters, kernel size) one behind the other."""
    x = inputs = keras.Input((4, 4, channels))
    for filters, kernel_size in sizes:
        x = layers.Conv2D(filters, kernel_size, padding="same", use_bias=False)(x)
    return keras.Model(inputs, x).count_params()


def test_thirty_six_is_the_largest_number_of_maps_and_nothing_is_saved_then():
    direct = weights((64, 5), channels=480)
    fits = [r for r in (35, 36, 37) if weights((r, 1), (64, 5), channels=480) <= direct / 10]
    saved = weights((64, 5), channels=36) - weights((64, 3), (64, 3), channels=36)
    assert right(checks.narrow_enough.evaluate(max(fits), saved))


def test_slopes_are_those_of_differences():
    slopes, h = (0.5, -0.5, 0.1), 1e-6

    def through(x, shortcut):
        for slope in slopes:
            x = shortcut * x + np.sin(slope * x)  # at 0 the sine rises by its factor
        return x

    plain, residual = ((through(h, shortcut) - through(-h, shortcut)) / (2 * h) for shortcut in (0, 1))
    assert right(checks.three_blocks.evaluate(plain, residual, -1))
    assert not right(checks.three_blocks.evaluate(residual, plain, -1))


def test_zero_padding_is_a_projection_with_ones():
    x = np.random.default_rng(0).integers(-9, 10, (2, 7, 6, 3))

    def shortcut(x, filters):
        return conv2d(x, np.eye(x.shape[-1], filters, dtype=int)[None, None], strides=2)

    assert right(checks.zero_padded.evaluate(shortcut))
    padded = checks.zero_padded.fields[0].reference(x, 5)
    np.testing.assert_array_equal(padded, shortcut(x, 5))


def block(x, filters, strides, *, bottleneck=False):
    """The maps behind the last convolution of a residual block."""
    sizes = [(filters, 1, strides), (filters, 3, 1), (4 * filters, 1, 1)]
    for number, kernel_size, step in sizes if bottleneck else [(filters, 3, strides), (filters, 3, 1)]:
        x = layers.Conv2D(number, kernel_size, strides=step, padding="same")(x)
    return x


def test_identity_is_refused_where_a_projection_is_chosen():
    cases = {
        "a": ((28, 28, 64), 64, 1, False),
        "b": ((28, 28, 64), 128, 2, False),
        "c": ((28, 28, 128), 128, 2, False),
        "d": ((56, 56, 64), 64, 1, True),
        "e": ((56, 56, 256), 64, 1, True),
    }
    needed = []
    for letter, (shape, filters, strides, bottleneck) in cases.items():
        inputs = keras.Input(shape)
        y = block(inputs, filters, strides, bottleneck=bottleneck)
        try:
            layers.Add()([inputs, y])
        except ValueError:
            needed.append(letter)
        with_ours = [np.zeros((1, *tensor.shape[1:])) for tensor in (inputs, y)]
        if letter in needed:
            with pytest.raises(ValueError, match="1x1 convolution"):
                add(*with_ours)
    assert right(checks.which_project.evaluate(needed))


def test_dense_channels_are_those_of_the_builders():
    inputs = keras.Input((8, 8, 24))
    between = transition(dense_block(inputs, 8, 12, "block1"), 0.5, "transition")
    network = keras.Model(inputs, dense_block(between, 8, 12, "block2"))
    reads = network.get_layer("block2_layer8_conv1").kernel.shape[2]
    assert right(checks.two_dense_blocks.evaluate(between.shape[-1], reads, 1 + 7))
    assert network.output_shape[-1] == reads + 12


def test_troubles_follow_from_the_errors():
    table = {"north": ((9, 10), (4, 12)), "east": ((3, 7), (6, 8)), "south": ((5, 8), (3, 6))}
    found = []
    for shallow, deep in table.values():
        worse = [after > before for before, after in zip(shallow, deep, strict=True)]
        found.append("degradation" if worse[0] else "overfitting" if worse[1] else "neither")
    assert right(checks.which_trouble.evaluate(*found))


def test_the_stored_trainings_are_all_there():
    stored = evaluation.benchmark_results("degradation")
    runs = {(run["seed"], run["depth"], run["kind"]): run for run in stored["runs"]}
    seeds = {seed for seed, *_ in runs}
    assert len(runs) == len(stored["runs"]) == 6 * len(seeds)
    assert len(seeds) >= 3
    for run in stored["runs"]:
        assert len(run["loss"]) == len(run["error"]) == run["epochs"] == 6
