"""DenseNet against keras.applications, weight by weight."""

import numpy as np
import pytest
from oracles import blueprint, randomise

from course_utils.models import densenet

DEPTHS = {"densenet121": (6, 12, 24, 16), "densenet169": (6, 12, 32, 32), "densenet201": (6, 12, 48, 32)}


def transplant(source, target):
    """Give the weights of one model to another, layer by layer in order; shapes must agree."""
    sources, targets = ([layer for layer in model.layers if layer.weights] for model in (source, target))
    for ours, theirs in zip(targets, sources, strict=True):
        ours.set_weights(theirs.get_weights())


@pytest.mark.parametrize("name", DEPTHS)
def test_parameters_by_the_papers_arithmetic(name):
    # A layer with m maps adds BN(m), 1×1 to 128, BN(128), 3×3 to 32.
    channels, expected = 64, 7 * 7 * 3 * 64 + 4 * 64
    for number, depth in enumerate(DEPTHS[name], start=1):
        for _ in range(depth):
            expected += 4 * channels + channels * 128 + 4 * 128 + 9 * 128 * 32
            channels += 32
        if number < 4:
            expected += 4 * channels + channels * (channels // 2)
            channels //= 2
    expected += 4 * channels + channels * 1000 + 1000
    model = blueprint(getattr(densenet, name))
    assert model.count_params() == expected
    assert model.output_shape == (None, 1000)


def test_outputs_are_those_of_keras_applications():
    import keras

    shape = (61, 75, 3)  # odd maps on the way
    theirs = keras.applications.DenseNet121(weights=None, input_shape=shape, classes=7, classifier_activation=None)
    ours = densenet.densenet121(shape, 7)
    randomise(theirs, gain=1, vectors=0.2)
    transplant(theirs, ours)
    x = np.random.default_rng(1).normal(size=(2, *shape)).astype("float32")
    expected = np.asarray(theirs(x, training=False))
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


def test_without_top_the_last_maps_come_out():
    model = blueprint(densenet.densenet121, (64, 96, 3), classes="none at all", include_top=False)
    assert model.output_shape == (None, 2, 3, 1024)
    assert model.count_params() == 8_062_504 - 1_025_000
    assert model.layers[-1].name == "final_relu"


def test_small_pictures():
    model = blueprint(densenet.densenet121, (32, 32, 3), 10, small=True, include_top=False)
    # The stem keeps the sides; three transitions halve them. No BN of its own, 3×3 instead of 7×7.
    assert model.output_shape == (None, 4, 4, 1024)
    assert model.count_params() == 8_062_504 - 1_025_000 - (7 * 7 - 3 * 3) * 3 * 64 - 4 * 64


def test_smallest_pictures():
    for model in (
        blueprint(densenet.densenet121, (29, 29, 1), 2),
        blueprint(densenet.densenet121, (8, 9, 1), 2, small=True),
    ):
        assert model.get_layer("final_relu").output.shape == (None, 1, 1, 1024)
    with pytest.raises(ValueError, match=r"input_shape=\(28, 29, 3\): .* at least 29 rows and columns"):
        densenet.densenet121((28, 29, 3))
    with pytest.raises(ValueError, match="at least 8 rows"):
        densenet.densenet201((8, 7, 3), small=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": 1}, "classes=1: a whole number, at least 2"),
        ({"small": "yes"}, "small='yes': must be True or False"),
        ({"include_top": None}, "include_top=None: must be True or False"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        densenet.densenet169(**options)
