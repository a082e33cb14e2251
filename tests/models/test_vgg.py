"""VGG against keras.applications and against NumPy."""

import numpy as np
import pytest
from oracles import assert_close, blueprint, parameters, pictures, randomise

from course_utils.layers import conv2d, max_pool, relu
from course_utils.models import vgg

# Trainable parameters with batch normalisation, as torchvision lists them.
WITH_BATCH_NORM = {"vgg11": 132_868_840, "vgg13": 133_053_736, "vgg16": 138_365_992, "vgg19": 143_678_248}
STAGES = {"vgg11": (1, 1, 2, 2, 2), "vgg13": (2, 2, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}


@pytest.mark.parametrize("name", WITH_BATCH_NORM)
def test_parameters_with_batch_norm(name):
    plain, normalised = (parameters(blueprint(getattr(vgg, name), batch_norm=flag)) for flag in (False, True))
    assert normalised["learned"] == WITH_BATCH_NORM[name]
    # A mean and a variance for each factor and shift.
    assert normalised["fixed"] == normalised["learned"] - plain["learned"]


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_outputs_are_those_of_keras_applications(name):
    from keras import applications

    builder = getattr(applications, name.upper())
    options = {"input_shape": (48, 70, 3), "classes": 7, "weights": None, "classifier_activation": None}
    theirs = builder(**options)
    randomise(theirs)
    ours = getattr(vgg, name)((48, 70, 3), 7)
    ours.set_weights(theirs.get_weights())
    x = pictures(2, 48, 70, 3)
    assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("name", ["vgg11", "vgg13"])
def test_outputs_are_those_of_numpy(name):
    model = getattr(vgg, name)((33, 40, 1), 6)
    randomise(model)
    images = x = pictures(2, 33, 40, 1)
    for stage, depth in enumerate(STAGES[name], start=1):
        for number in range(1, depth + 1):
            kernel, bias = model.get_layer(f"stage{stage}_conv{number}").get_weights()
            x = relu(conv2d(x, kernel, bias, padding=1))
        x = max_pool(x)
    x = x.reshape(2, -1)
    for layer in ("fc1", "fc2", "logits"):
        kernel, bias = model.get_layer(layer).get_weights()
        x = x @ kernel + bias
        x = x if layer == "logits" else relu(x)
    assert_close(model(images), x)


def test_batch_norm_stands_between_convolution_and_relu():
    model = vgg.vgg11((32, 32, 3), 5, batch_norm=True)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, size=weight.shape) if "variance" in weight.path else weight)
        if weight.name in ("gamma", "beta", "moving_mean", "bias"):
            weight.assign(rng.normal(size=weight.shape))
    images = x = pictures(2, 32, 32, 3)
    for stage, depth in enumerate(STAGES["vgg11"], start=1):
        for number in range(1, depth + 1):
            name = f"stage{stage}_conv{number}"
            gamma, beta, mean, variance = model.get_layer(f"{name}_bn").get_weights()
            x = conv2d(x, *model.get_layer(name).get_weights(), padding=1)
            x = relu(gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta)
        x = max_pool(x)
    body = vgg.vgg11((32, 32, 3), include_top=False, batch_norm=True)
    body.set_weights(model.get_weights()[: len(body.weights)])
    assert_close(body(images), x)


def test_no_top_smallest_pictures_and_dropout():
    assert blueprint(vgg.vgg16, include_top=False, classes=None).output_shape == (None, 7, 7, 512)
    model = blueprint(vgg.vgg11, (32, 32, 1), 3, dropout=0.2)
    assert model.get_layer("stage5_pool").output.shape == (None, 1, 1, 512)
    assert [model.get_layer(f"dropout{number}").rate for number in (1, 2)] == [0.2, 0.2]


@pytest.mark.parametrize("name", WITH_BATCH_NORM)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (32, 31, 3)}, r"input_shape=\(32, 31, 3\): .* at least 32 rows"),
        ({"batch_norm": None}, "batch_norm=None: must be True or False"),
        ({"dropout": 2}, "dropout=2"),
        ({"classes": 1}, "classes=1"),
    ],
)
def test_bad_arguments(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(vgg, name)(**options)
