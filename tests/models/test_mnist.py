"""Builders of the MNIST networks."""

import numpy as np
import pytest

from course_utils import models


def test_classic_has_the_parameters_of_its_layers():
    model = models.mnist_classic()
    sizes = {layer.name: layer.count_params() for layer in model.layers if layer.count_params()}
    assert sizes == {
        "conv1": 3 * 3 * 1 * 32 + 32,
        "conv2": 3 * 3 * 32 * 64 + 64,
        "conv3": 3 * 3 * 64 * 128 + 128,
        "dense": 3 * 3 * 128 * 64 + 64,
        "logits": 64 * 10 + 10,
    }
    assert model.count_params() == 167_114


def test_fast_has_the_parameters_of_its_layers():
    model = models.mnist_fast()
    convolutions = 5 * 5 * 16 + 3 * 3 * 16 * 32 + 3 * 3 * 32 * 64
    assert model.count_params() == convolutions + 4 * (16 + 32 + 64) + 3 * 3 * 64 * 10 + 10 == 29_658
    assert sum(np.prod(weight.shape) for weight in model.non_trainable_weights) == 2 * (16 + 32 + 64)


@pytest.mark.parametrize("builder", [models.mnist_classic, models.mnist_fast])
def test_bytes_are_taken_as_they_come(builder):
    model = builder((20, 22, 3), 4)
    x = np.random.default_rng(0).integers(0, 256, size=(2, 20, 22, 3), dtype=np.uint8)
    np.testing.assert_array_equal(model(x), model(x.astype("float32")))


def test_smallest_pictures():
    assert models.mnist_classic((18, 18, 1)).output_shape == (None, 10)
    assert models.mnist_fast((20, 20, 1)).output_shape == (None, 10)
    with pytest.raises(ValueError, match=r"input_shape=\(17, 18, 1\): .* at least 18 rows"):
        models.mnist_classic((17, 18, 1))
    with pytest.raises(ValueError, match="at least 20 rows"):
        models.mnist_fast((20, 19, 1))


@pytest.mark.parametrize(
    ("builder", "options", "message"),
    [
        (models.mnist_classic, {"dropout": 1}, "dropout=1"),
        (models.mnist_classic, {"classes": 1}, "classes=1: a whole number, at least 2"),
        (models.mnist_classic, {"classes": "ten"}, "classes='ten': a whole number"),
        (models.mnist_classic, {"input_shape": (28, 28)}, "input_shape="),
        (models.mnist_fast, {"input_shape": 28}, "three whole numbers"),
        (models.mnist_fast, {"width": 0}, "width=0"),
        (models.mnist_fast, {"width": 1.5}, "width=1.5"),
    ],
)
def test_bad_arguments(builder, options, message):
    with pytest.raises(ValueError, match=message):
        builder(**options)
