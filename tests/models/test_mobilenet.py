"""MobileNet and MobileNetV2 against keras.applications, weight by weight."""

import math

import numpy as np
import pytest
from oracles import blueprint, randomise

from course_utils.models import mobilenet


def multiply_adds(model):
    """Of convolutions and dense layers, for one picture: every weight of a kernel works once a pixel of the output."""
    kernels = [(layer, layer.kernel) for layer in model.layers if hasattr(layer, "kernel")]
    return sum(math.prod(layer.output.shape[1:-1]) * math.prod(kernel.shape) for layer, kernel in kernels)


def transplant(source, target):
    """Give the weights of one model to another, layer by layer in order; a 1×1 kernel may become a dense one."""
    sources, targets = ([layer for layer in model.layers if layer.weights] for model in (source, target))
    for ours, theirs in zip(targets, sources, strict=True):
        weights = [
            weight.squeeze((0, 1)) if ours.name == "logits" and weight.ndim == 4 else weight
            for weight in theirs.get_weights()
        ]
        ours.set_weights(weights)


def assert_same_outputs(ours, theirs, shape):
    import keras

    randomise(theirs, gain=4, vectors=0.5)
    transplant(theirs, ours)
    x = np.random.default_rng(1).normal(0, 2, size=(2, *shape)).astype("float32")
    expected = np.asarray(theirs(x, training=False))
    assert expected.std() > 0.1
    np.testing.assert_allclose(np.asarray(ours(x, training=False)), expected, atol=1e-4 * np.abs(expected).max())
    settings = [
        {
            (layer.epsilon, layer.momentum)
            for layer in model.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        }
        for model in (ours, theirs)
    ]
    assert settings[0] == settings[1]


def test_multiply_adds():
    assert multiply_adds(blueprint(mobilenet.mobilenet_v1)) == 568_740_352
    assert multiply_adds(blueprint(mobilenet.mobilenet_v2)) == 300_774_272


# The second shape has odd maps on the way, where "same" and the padding at the bottom and the right differ.
@pytest.mark.parametrize(("width", "shape"), [(1.0, (64, 64, 3)), (0.25, (75, 52, 3)), (1.3, (32, 33, 1))])
def test_version_1_has_the_outputs_of_keras_applications(width, shape):
    import keras

    options = {"weights": None, "input_shape": shape, "classes": 7, "classifier_activation": None}
    theirs = keras.applications.MobileNet(alpha=width, **options)
    assert_same_outputs(mobilenet.mobilenet_v1(shape, 7, width=width), theirs, shape)


@pytest.mark.parametrize(("width", "shape"), [(1.0, (64, 64, 3)), (0.35, (75, 52, 3)), (1.4, (32, 33, 1))])
def test_version_2_has_the_outputs_of_keras_applications(width, shape):
    import keras

    options = {"weights": None, "input_shape": shape, "classes": 7, "classifier_activation": None}
    theirs = keras.applications.MobileNetV2(alpha=width, **options)
    assert_same_outputs(mobilenet.mobilenet_v2(shape, 7, width=width), theirs, shape)


def test_the_papers_relu_has_no_ceiling():
    x = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    highest = []
    for max_value in (6.0, None):
        model = mobilenet.mobilenet_v1((32, 32, 3), include_top=False, width=0.25, max_value=max_value)
        randomise(model, gain=4, vectors=0.5)
        highest.append(np.asarray(model(x, training=False)).max())
    assert highest[0] == 6 < highest[1]


def test_dropout_is_there_only_if_asked_for():
    assert "dropout" not in [layer.name for layer in blueprint(mobilenet.mobilenet_v2).layers]
    assert blueprint(mobilenet.mobilenet_v2, dropout=0.2).get_layer("dropout").rate == 0.2
    assert blueprint(mobilenet.mobilenet_v1).get_layer("dropout").rate == 0.001


@pytest.mark.parametrize(
    ("channels", "rounded"), [(3, 8), (11.2, 16), (12, 16), (19, 24), (33, 32), (44.8, 48), (1792, 1792)]
)
def test_channels_are_rounded_but_never_down_by_more_than_a_tenth(channels, rounded):
    assert mobilenet.round_channels(channels) == rounded


@pytest.mark.parametrize("builder", [mobilenet.mobilenet_v1, mobilenet.mobilenet_v2])
def test_pictures_of_any_size(builder):
    last = {"mobilenet_v1": 1024, "mobilenet_v2": 1280}[builder.__name__]
    assert blueprint(builder, (1, 1, 1), include_top=False).output_shape == (None, 1, 1, last)
    assert blueprint(builder, (28, 28, 1), 10).output_shape == (None, 10)
    assert blueprint(builder, (64, 96, 4), include_top=False).output_shape == (None, 2, 3, last)
    with pytest.raises(ValueError, match=r"input_shape=\(0, 32, 3\): expected \(rows, columns, channels\)"):
        builder((0, 32, 3))


@pytest.mark.parametrize(
    ("builder", "options", "message"),
    [
        (mobilenet.mobilenet_v1, {"width": 0}, "width=0: a finite number, at least 0.1"),
        (mobilenet.mobilenet_v2, {"width": "1.0"}, "width='1.0'"),
        (mobilenet.mobilenet_v2, {"width": True}, "width=True"),
        (mobilenet.mobilenet_v1, {"max_value": 0}, "max_value=0: a finite number, greater than 0"),
        (mobilenet.mobilenet_v1, {"dropout": 1.5}, "dropout=1.5: a share"),
        (mobilenet.mobilenet_v2, {"dropout": -0.1}, "dropout=-0.1: a share"),
        (mobilenet.mobilenet_v2, {"classes": 0}, "classes=0"),
    ],
)
def test_bad_arguments(builder, options, message):
    with pytest.raises(ValueError, match=message):
        builder(**options)
