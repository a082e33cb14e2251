"""Network in Network against the authors' description, computed with NumPy."""

import numpy as np
import pytest
from oracles import blueprint, randomise, weights_by_layer

from course_utils.layers import conv2d, relu
from course_utils.models import nin


def pool(x, reduce):
    """3×3 windows with stride 2; the last one is partial if need be, and only what lies inside counts."""
    rows, columns = (range(0, size - 1, 2) for size in x.shape[1:3])
    return np.stack([np.stack([reduce(x[:, i : i + 3, j : j + 3], (1, 2)) for j in columns], 1) for i in rows], 1)


def mlpconv(x, weights, stage, **options):
    x = relu(conv2d(x, *weights[f"stage{stage}_conv1"], **options))
    for number in (2, 3):
        kernel, bias = weights[f"stage{stage}_conv{number}"]
        x = relu(x @ kernel[0, 0] + bias)
    return x


def test_parameters():
    model = blueprint(nin.nin_imagenet)
    first = [11 * 11 * 3 * 96, 5 * 5 * 96 * 256, 3 * 3 * 256 * 384, 3 * 3 * 384 * 1024]
    ones = 2 * 96 * 96 + 2 * 256 * 256 + 2 * 384 * 384 + 1024 * 1024 + 1024 * 1000
    assert model.count_params() == sum(first) + ones + 3 * (96 + 256 + 384) + 2 * 1024 + 1000 == 7_595_176


def test_pools_round_up():
    model = blueprint(nin.nin_imagenet)
    rows = [model.get_layer(name).output.shape[1] for name in ("stage1_conv1", *(f"stage{i}_pool" for i in (1, 2, 3)))]
    assert rows == [54, 27, 13, 6]
    model = blueprint(nin.nin_cifar10)
    assert [model.get_layer(f"stage{i}_pool").output.shape[1] for i in (1, 2)] == [16, 8]


@pytest.mark.parametrize("shape", [(12, 14, 3), (9, 12, 1)])
def test_cifar10_outputs(shape):
    model = randomise(nin.nin_cifar10(shape, classes=4))
    weights = weights_by_layer(model)
    images = np.random.default_rng(1).normal(size=(2, *shape)).astype("float32")
    x = pool(mlpconv(images, weights, 1, padding=2), np.max)
    x = pool(mlpconv(x, weights, 2, padding=2), np.mean)
    x = mlpconv(x, weights, 3, padding=1).mean((1, 2))
    assert x.any()
    np.testing.assert_allclose(model(images), x, rtol=1e-4, atol=1e-4 * x.max())


def test_imagenet_outputs():
    model = randomise(nin.nin_imagenet((67, 71, 3), classes=4))
    weights = weights_by_layer(model)
    images = np.random.default_rng(1).normal(size=(2, 67, 71, 3)).astype("float32")
    x = pool(mlpconv(images, weights, 1, strides=4), np.max)
    x = pool(mlpconv(x, weights, 2, padding=2), np.max)
    x = pool(mlpconv(x, weights, 3, padding=1), np.max)
    x = mlpconv(x, weights, 4, padding=1).mean((1, 2))
    assert x.any()
    np.testing.assert_allclose(model(images), x, rtol=1e-4, atol=1e-4 * x.max())


def test_without_top_the_last_maps_are_features():
    assert blueprint(nin.nin_cifar10, classes=None, include_top=False).output_shape == (None, 8, 8, 192)
    assert blueprint(nin.nin_imagenet, classes=None, include_top=False).output_shape == (None, 6, 6, 1024)


def test_dropout_stands_where_the_authors_put_it():
    model = blueprint(nin.nin_cifar10, dropout=0.3)
    names = [layer.name for layer in model.layers]
    assert [names[names.index(name) - 1] for name in ("dropout1", "dropout2")] == ["stage1_pool", "stage2_pool"]
    assert model.get_layer("dropout1").rate == model.get_layer("dropout2").rate == 0.3
    names = [layer.name for layer in blueprint(nin.nin_imagenet).layers]
    assert [names[i - 1] for i, name in enumerate(names) if name.startswith("dropout")] == ["stage3_pool"]


def test_smallest_pictures():
    assert blueprint(nin.nin_cifar10, (4, 4, 1)).output_shape == (None, 10)
    assert blueprint(nin.nin_cifar10, (28, 28, 1)).output_shape == (None, 10)
    assert blueprint(nin.nin_imagenet, (39, 39, 1), 10).output_shape == (None, 10)
    with pytest.raises(ValueError, match="at least 4 rows"):
        nin.nin_cifar10((4, 3, 3))
    with pytest.raises(ValueError, match="at least 39 rows"):
        nin.nin_imagenet((38, 39, 3))


@pytest.mark.parametrize("builder", [nin.nin_cifar10, nin.nin_imagenet])
def test_bad_arguments(builder):
    with pytest.raises(ValueError, match=r"dropout=-0\.1"):
        builder(dropout=-0.1)
    with pytest.raises(ValueError, match="classes=1:"):
        builder(classes=1)
