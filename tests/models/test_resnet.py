"""Residual networks against keras.applications and against NumPy."""

import numpy as np
import pytest
from oracles import assert_close, blueprint, pictures, randomise

from course_utils.layers import conv2d, max_pool, relu
from course_utils.models import resnet

DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3)}


def forward(x, model, depths, *, small=False, stride_in=None):
    """The paper's Table 1, with basic blocks unless ``stride_in`` is given."""

    def conv(x, name, **options):
        gamma, beta, mean, variance = model.get_layer(f"{name}_bn").get_weights()
        y = conv2d(x, *model.get_layer(name).get_weights(), **options)
        return gamma * (y - mean) / np.sqrt(variance + 1e-5) + beta

    if small:
        x = relu(conv(x, "stem_conv", padding=1))
    else:
        x = relu(conv(x, "stem_conv", strides=2, padding=3))
        x = max_pool(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf), 3, strides=2)
    for stage, depth in enumerate(depths, start=1):
        for number in range(1, depth + 1):
            name, strides = f"stage{stage}_block{number}", 2 if stage > 1 and number == 1 else 1
            if stride_in is None:
                y = relu(conv(x, f"{name}_conv1", strides=strides, padding=1))
                y = conv(y, f"{name}_conv2", padding=1)
            else:
                y = relu(conv(x, f"{name}_conv1", strides=strides if stride_in == "1x1" else 1))
                y = relu(conv(y, f"{name}_conv2", strides=strides if stride_in == "3x3" else 1, padding=1))
                y = conv(y, f"{name}_conv3")
            x = relu(y + (x if x.shape == y.shape else conv(x, f"{name}_shortcut", strides=strides)))
    kernel, bias = model.get_layer("logits").get_weights()
    return x.mean((1, 2)) @ kernel + bias


def test_parameters_of_the_variants():
    assert blueprint(resnet.resnet50, stride_in="3x3").count_params() == 25_610_152
    assert blueprint(resnet.resnet18, small=True).count_params() == 11_699_112 - (49 - 9) * 3 * 64


@pytest.mark.parametrize(("name", "shape"), [("resnet18", (64, 50, 3)), ("resnet34", (33, 48, 1))])
def test_basic_blocks_against_numpy(name, shape):
    model = getattr(resnet, name)(shape, 5)
    randomise(model, gain=1)
    x = pictures(2, *shape)
    assert_close(model(x), forward(x, model, DEPTHS[name]))


def test_bottlenecks_that_stride_in_the_middle_against_numpy():
    model = resnet.resnet50((64, 50, 3), 5, stride_in="3x3")
    randomise(model, gain=1)
    x = pictures(2, 64, 50, 3)
    assert_close(model(x), forward(x, model, DEPTHS["resnet50"], stride_in="3x3"))


@pytest.mark.parametrize(("name", "stride_in"), [("resnet18", None), ("resnet50", "1x1")])
def test_small_stem_against_numpy(name, stride_in):
    model = getattr(resnet, name)((12, 15, 1), 5, small=True)
    randomise(model, gain=1)
    x = pictures(2, 12, 15, 1)
    assert_close(model(x), forward(x, model, DEPTHS[name], small=True, stride_in=stride_in))


def translated(name):
    """Our name of a convolution or batch normalisation of keras.applications."""
    if name.startswith("conv1_"):
        return {"conv1_conv": "stem_conv", "conv1_bn": "stem_conv_bn"}[name]
    stage, block, number, kind = name.split("_")
    place = "shortcut" if number == "0" else f"conv{number}"
    return f"stage{int(stage[4:]) - 1}_{block}_{place}" + ("_bn" if kind == "bn" else "")


def test_outputs_are_those_of_keras_applications():
    from keras import applications

    options = {"input_shape": (64, 50, 3), "classes": 5, "weights": None, "classifier_activation": None}
    theirs = applications.ResNet50(**options)
    randomise(theirs, gain=1)
    ours = resnet.resnet50((64, 50, 3), 5)
    assert sum(bool(layer.weights) for layer in ours.layers) == sum(bool(layer.weights) for layer in theirs.layers)
    for layer in theirs.layers:
        if layer.name == "predictions":
            ours.get_layer("logits").set_weights(layer.get_weights())
        elif layer.name.endswith("_conv"):
            # Its convolutions have a bias, which the mean of the batch normalisation behind takes up.
            kernel, bias = layer.get_weights()
            ours.get_layer(translated(layer.name)).set_weights([kernel])
            gamma, beta, mean, variance = theirs.get_layer(layer.name[:-4] + "bn").get_weights()
            statistics = ours.get_layer(translated(layer.name) + "_bn")
            statistics.set_weights([gamma, beta, mean - bias, variance])
    x = pictures(2, 64, 50, 3)
    assert_close(ours(x), theirs(x))


def test_names_are_systematic():
    names = {layer.name for layer in blueprint(resnet.resnet50).layers}
    assert {
        "stem_pool",
        "stage3_block6_conv3_bn",
        "stage4_block1_shortcut",
        "stage4_block3_add",
        "global_pool",
        "logits",
    } <= names
    assert sum(name.endswith("_shortcut") for name in names) == 4
    assert sum(name.endswith("_shortcut") for name in (layer.name for layer in blueprint(resnet.resnet18).layers)) == 3


def test_no_top_and_smallest_pictures():
    assert blueprint(resnet.resnet50, classes=None, include_top=False).output_shape == (None, 7, 7, 2048)
    assert blueprint(resnet.resnet18, (32, 32, 3), include_top=False, small=True).output_shape == (None, 4, 4, 512)
    assert blueprint(resnet.resnet18, (28, 28, 1), include_top=False).output_shape == (None, 1, 1, 512)
    assert blueprint(resnet.resnet18, (1, 1, 1), 10).output_shape == (None, 10)
    assert blueprint(resnet.resnet50, (1, 1, 1), 10, small=True, stride_in="3x3").output_shape == (None, 10)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (0, 32, 3)}, r"input_shape=\(0, 32, 3\): expected \(rows, columns, channels\)"),
        ({"small": "no"}, "small='no': must be True or False"),
        ({"classes": 1}, "classes=1"),
    ],
)
def test_bad_arguments(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(resnet, name)(**options)


def test_bad_stride():
    with pytest.raises(ValueError, match="stride_in='7x7': must be one of '1x1', '3x3'"):
        resnet.resnet101(stride_in="7x7")
