"""EfficientNet against keras.applications, weight by weight."""

import inspect
import math

import numpy as np
import pytest
from oracles import blueprint, randomise

from course_utils.models import efficientnet


@pytest.mark.parametrize(
    ("number", "resolution", "dropout"),
    [
        (0, 224, 0.2),
        (1, 240, 0.2),
        (2, 260, 0.3),
        (3, 300, 0.3),
        (4, 380, 0.4),
        (5, 456, 0.4),
        (6, 528, 0.5),
        (7, 600, 0.5),
    ],
)
def test_resolution_and_dropout_grow_with_the_number(number, resolution, dropout):
    signature = inspect.signature(getattr(efficientnet, f"efficientnet_b{number}"))
    assert signature.parameters["input_shape"].default == (resolution, resolution, 3)
    assert signature.parameters["dropout"].default == dropout


@pytest.mark.parametrize("dropout", [{}, {"dropout": 0.45}])
def test_dropout_reaches_the_network(dropout):
    model = blueprint(efficientnet.efficientnet_b0, **dropout)
    assert model.output_shape == (None, 1000)
    assert model.get_layer("dropout").rate == dropout.get("dropout", 0.2)
    kernels = [(layer.output.shape[1:-1], layer.kernel.shape) for layer in model.layers if hasattr(layer, "kernel")]
    assert sum(math.prod(pixels) * math.prod(kernel) for pixels, kernel in kernels) == 385_814_752


# Odd maps on the way show where the zeros go; B2 has rounded widths and repeats.
@pytest.mark.parametrize(("number", "shape"), [(0, (64, 64, 3)), (2, (75, 52, 3))])
def test_outputs_are_those_of_keras_applications(number, shape):
    import keras

    options = {"weights": None, "input_shape": shape, "classes": 7, "classifier_activation": None}
    theirs = getattr(keras.applications, f"EfficientNetB{number}")(**options)
    ours = getattr(efficientnet, f"efficientnet_b{number}")(shape, 7)
    weighted = [layer for layer in theirs.layers if layer.weights and "normalization" not in layer.name]
    randomise(keras.Model(theirs.layers[3].output, theirs.output), gain=4, vectors=0.3)
    for mine, layer in zip([layer for layer in ours.layers if layer.weights], weighted, strict=True):
        mine.set_weights(layer.get_weights())
    # Their first layer divides by 255, their second subtracts 0 and divides by 1 as long as it has seen no pictures.
    x = np.random.default_rng(1).normal(0, 2, size=(2, *shape)).astype("float32")
    expected = np.asarray(theirs(255 * x, training=False))
    assert expected.std() > 0.05
    np.testing.assert_allclose(np.asarray(ours(x, training=False)), expected, atol=1e-4 * np.abs(expected).max())

    def details(model):
        norms = {(la.epsilon, la.momentum) for la in model.layers if isinstance(la, keras.layers.BatchNormalization)}
        drops = [(la.rate, la.noise_shape) for la in model.layers if isinstance(la, keras.layers.Dropout)]
        return norms, drops

    assert details(ours) == details(theirs)


def test_initial_values_follow_the_fan_out():
    model = efficientnet.efficientnet_b0((32, 32, 3), 500)
    kernel = np.asarray(model.get_layer("stage6_block2_depthwise").kernel)
    assert kernel.std() == pytest.approx(math.sqrt(2 / 25), rel=0.1)
    kernel = np.asarray(model.get_layer("last_conv").kernel)
    assert kernel.std() == pytest.approx(math.sqrt(2 / 1280), rel=0.05)
    kernel = np.asarray(model.get_layer("logits").kernel)
    assert np.abs(kernel).max() == pytest.approx(math.sqrt(1 / 500), rel=0.01)


def test_stochastic_depth_leaves_whole_branches_out():
    import keras

    keras.utils.set_random_seed(0)
    model = efficientnet.efficientnet_b0((32, 32, 3), include_top=False, drop_connect=0.9)
    # 192 channels in, 320 out: no shortcut, nothing to leave out.
    assert "stage7_block1_drop" not in [layer.name for layer in model.layers]
    drop = model.get_layer("stage6_block4_drop")
    assert drop.rate == pytest.approx(0.9 * 14 / 16)
    dropped = np.asarray(drop(np.ones((400, 2, 2, 3), "float32"), training=True))
    per_picture = dropped.reshape(400, -1)
    assert (per_picture == per_picture[:, :1]).all()
    assert set(np.round(np.unique(per_picture) * (1 - drop.rate), 4)) == {0, 1}
    assert np.mean(per_picture[:, 0] == 0) == pytest.approx(drop.rate, abs=0.1)
    names = [layer.name for layer in blueprint(efficientnet.efficientnet_b0, drop_connect=0, dropout=0).layers]
    assert not any("drop" in name for name in names)


def test_pictures_of_any_size():
    assert blueprint(efficientnet.efficientnet_b0, (1, 1, 1), include_top=False).output_shape == (None, 1, 1, 1280)
    assert blueprint(efficientnet.efficientnet_b0, (28, 28, 1), 10).output_shape == (None, 10)
    with pytest.raises(ValueError, match=r"input_shape=\(32, 0, 3\): expected \(rows, columns, channels\)"):
        efficientnet.efficientnet_b7((32, 0, 3))


def test_every_member_lists_its_options():
    signature = inspect.signature(efficientnet.efficientnet_b3)
    assert list(signature.parameters) == ["input_shape", "classes", "include_top", "dropout", "drop_connect", "name"]
    assert signature.parameters["input_shape"].default == (300, 300, 3)
    assert "EfficientNet-B3: 12 million parameters" in efficientnet.efficientnet_b3.__doc__


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"drop_connect": 1}, "drop_connect=1: a share from 0 to less than 1"),
        ({"drop_connect": "much"}, "drop_connect='much'"),
        ({"dropout": 1.0}, "dropout=1.0: a share"),
        ({"classes": 1.5}, "classes=1.5"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        efficientnet.efficientnet_b1(**options)
