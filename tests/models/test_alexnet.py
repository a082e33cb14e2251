"""AlexNet against the paper's description, computed with NumPy."""

import numpy as np
import pytest
from oracles import blueprint, randomise, weights_by_layer

from course_utils.layers import conv2d, relu
from course_utils.models.alexnet import alexnet


def normalise(x):
    maps = x.shape[-1]
    sums = [(x[..., max(0, i - 2) : i + 3] ** 2).sum(-1) for i in range(maps)]
    return x / (2 + 1e-4 * np.stack(sums, -1)) ** 0.75


def pool(x):
    """Maxima of 3×3 windows with stride 2, the last one partial if need be."""
    rows, columns = (range(0, size - 1, 2) for size in x.shape[1:3])
    return np.stack([np.stack([x[:, i : i + 3, j : j + 3].max((1, 2)) for j in columns], 1) for i in rows], 1)


def test_parameters_and_maps_of_the_paper():
    model = blueprint(alexnet)
    sizes = {layer.name: layer.count_params() for layer in model.layers if layer.count_params()}
    assert sizes == {
        "conv1": 11 * 11 * 3 * 96 + 96,
        "conv2": 5 * 5 * 48 * 256 + 256,
        "conv3": 3 * 3 * 256 * 384 + 384,
        "conv4": 3 * 3 * 192 * 384 + 384,
        "conv5": 3 * 3 * 192 * 256 + 256,
        "fc6": 6 * 6 * 256 * 4096 + 4096,
        "fc7": 4096 * 4096 + 4096,
        "logits": 4096 * 1000 + 1000,
    }
    maps = {name: model.get_layer(name).output.shape[1:] for name in ("conv1", "pool1", "pool2", "conv5", "pool5")}
    assert maps == {
        "conv1": (55, 55, 96),
        "pool1": (27, 27, 96),
        "pool2": (13, 13, 256),
        "conv5": (13, 13, 256),
        "pool5": (6, 6, 256),
    }


def test_outputs_are_those_of_the_paper_computed_with_numpy():
    # 67 and 71 give odd rows and even columns before the first pool: both ways of rounding are used.
    model = randomise(alexnet((67, 71, 3), classes=5))
    weights = weights_by_layer(model)
    x = images = np.random.default_rng(1).uniform(-255, 255, size=(2, 67, 71, 3)).astype("float32")

    x = pool(normalise(relu(conv2d(x, *weights["conv1"], strides=4))))
    x = pool(normalise(relu(conv2d(x, *weights["conv2"], padding=2, groups=2))))
    x = relu(conv2d(x, *weights["conv3"], padding=1))
    x = relu(conv2d(x, *weights["conv4"], padding=1, groups=2))
    features = pool(relu(conv2d(x, *weights["conv5"], padding=1, groups=2)))
    x = features.reshape(2, -1)
    for name in ("fc6", "fc7"):
        x = relu(x @ weights[name][0] + weights[name][1])
    x = x @ weights["logits"][0] + weights["logits"][1]
    np.testing.assert_allclose(model(images), x, rtol=1e-4, atol=1e-4 * np.abs(x).max())

    body = alexnet((67, 71, 3), include_top=False)
    body.set_weights(model.get_weights()[: len(body.weights)])
    np.testing.assert_allclose(body(images), features, rtol=1e-4, atol=1e-4 * features.max())


def test_smallest_pictures_and_dropout_share():
    model = blueprint(alexnet, (39, 39, 1), dropout=0.25)
    assert model.get_layer("pool5").output.shape == (None, 1, 1, 256)
    assert [layer.rate for layer in model.layers if layer.name.startswith("dropout")] == [0.25, 0.25]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (39, 38, 3)}, r"input_shape=\(39, 38, 3\): .* at least 39 rows"),
        ({"dropout": 1}, "dropout=1"),
        ({"classes": 0}, "classes=0"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        alexnet(**options)
