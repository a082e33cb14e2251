"""ShuffleNet and ShuffleNet V2 against the same networks written with the NumPy layers."""

import math

import numpy as np
import pytest
from oracles import blueprint, parameters, randomise

from course_utils.layers import conv2d, max_pool, relu
from course_utils.models import shufflenet

REPEATS = {2: 4, 3: 8, 4: 4}


def multiply_adds(model):
    """Of convolutions and dense layers, for one picture: every weight of a kernel works once a pixel of the output."""
    kernels = [(layer, layer.kernel) for layer in model.layers if hasattr(layer, "kernel")]
    return sum(math.prod(layer.output.shape[1:-1]) * math.prod(kernel.shape) for layer, kernel in kernels)


class Reference:
    """Both networks in NumPy, float64, from the papers' figures; weights are looked up by layer name."""

    def __init__(self, model):
        self.weights = {layer.name: [w.astype(float) for w in layer.get_weights()] for layer in model.layers}

    def conv(self, x, name, **options):
        """Convolution → batch normalisation, epsilon 1e-5."""
        gamma, beta, mean, variance = self.weights[f"{name}_bn"]
        y = conv2d(x, self.weights[name][0], **options)
        return gamma * (y - mean) / np.sqrt(variance + 1e-5) + beta

    def depthwise(self, x, name, stride):
        self.weights[name] = [self.weights[name][0].transpose(0, 1, 3, 2)]
        return self.conv(x, name, strides=stride, padding=1, groups=x.shape[-1])

    def start(self, x):
        x = relu(self.conv(x, "stem_conv", strides=2, padding=1))
        border = ((0, 0), (1, 1), (1, 1), (0, 0))
        return max_pool(np.pad(x, border, constant_values=-np.inf), 3, strides=2)

    def finish(self, x):
        kernel, bias = self.weights["logits"]
        return x.mean((1, 2)) @ kernel + bias

    def version_1(self, x, groups):
        x = self.start(x)
        for stage, repeats in REPEATS.items():
            for unit in range(1, repeats + 1):
                name, old, stride = f"stage{stage}_unit{unit}", x, 2 if unit == 1 else 1
                x = relu(self.conv(x, f"{name}_conv1", groups=1 if stage == 2 and unit == 1 else groups))
                n = x.shape[-1] // groups
                x = x[..., [i * n + j for j in range(n) for i in range(groups)]]
                x = self.depthwise(x, f"{name}_conv2", stride)
                x = self.conv(x, f"{name}_conv3", groups=groups)
                if stride == 1:
                    x = relu(old + x)
                else:  # the mean counts the zeros of the padding
                    ninths, channels = np.full((3, 3, 1, old.shape[-1]), 1 / 9), old.shape[-1]
                    pooled = conv2d(old, ninths, strides=2, padding=1, groups=channels)
                    x = relu(np.concatenate([pooled, x], axis=-1))
        return self.finish(x)

    def version_2(self, x):
        x = self.start(x)
        for stage, repeats in REPEATS.items():
            for unit in range(1, repeats + 1):
                name, stride, half = f"stage{stage}_unit{unit}", 2 if unit == 1 else 1, x.shape[-1] // 2
                if stride == 2:
                    left, right = self.depthwise(x, f"{name}_shortcut_conv1", 2), x
                    left = relu(self.conv(left, f"{name}_shortcut_conv2"))
                else:
                    left, right = x[..., :half], x[..., half:]
                right = relu(self.conv(right, f"{name}_conv1"))
                right = relu(self.conv(self.depthwise(right, f"{name}_conv2", stride), f"{name}_conv3"))
                # Shuffled in two groups, the halves alternate.
                x = np.stack([left, right], axis=-1).reshape(*left.shape[:3], -1)
        return self.finish(relu(self.conv(x, "last_conv")))


def assert_agrees(model, reference):
    x = np.random.default_rng(1).normal(size=(2, *model.input_shape[1:])).astype("float32")
    expected = reference(x.astype(float))
    assert expected.std() > 0.05
    np.testing.assert_allclose(np.asarray(model(x, training=False)), expected, atol=1e-4 * np.abs(expected).max())


def test_channel_shuffle_deals_the_groups_out():
    import keras

    x = keras.Input((1, 2, 12))
    model = keras.Model(x, shufflenet.channel_shuffle(x, 3, "shuffle"))
    dealt = np.asarray(model(np.arange(24.0).reshape(1, 1, 2, 12)))
    np.testing.assert_array_equal(dealt[0, 0, 0], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    np.testing.assert_array_equal(dealt[0, 0, 1], dealt[0, 0, 0] + 12)


@pytest.mark.parametrize(("scale", "trainable"), [(0.5, 1_366_792), (1.5, 3_503_624), (2, 7_393_996)])
def test_version_2_scales(scale, trainable):
    assert parameters(blueprint(shufflenet.shufflenet_v2, scale=scale))["learned"] == trainable


# Printed in the paper or with the authors' release.
@pytest.mark.parametrize(
    ("groups", "scale", "millions"),
    [(1, 1, 143), (2, 1, 140), (3, 1.5, 292), (3, 2, 524), (8, 2, 522), (8, 0.5, 40)],
)
def test_version_1_has_the_printed_multiply_adds(groups, scale, millions):
    assert abs(multiply_adds(blueprint(shufflenet.shufflenet_v1, groups=groups, scale=scale)) / 1e6 - millions) < 1


@pytest.mark.parametrize(
    ("groups", "scale", "filters", "last"),
    [(1, 0.25, 6, 144), (2, 0.25, 6, 200), (3, 0.25, 6, 240), (4, 0.25, 8, 272), (4, 0.5, 12, 544), (8, 0.25, 8, 384)],
)
def test_small_scales_of_version_1_can_be_grouped(groups, scale, filters, last):
    model = blueprint(shufflenet.shufflenet_v1, (32, 32, 3), include_top=False, groups=groups, scale=scale)
    assert model.get_layer("stem_conv").filters == filters
    assert model.output_shape == (None, 1, 1, last)


@pytest.mark.parametrize(
    ("groups", "scale", "shape"),
    [(3, 1, (64, 64, 3)), (1, 0.5, (75, 52, 3)), (8, 0.25, (33, 40, 1)), (4, 0.5, (40, 33, 2))],
)
def test_version_1_agrees_with_numpy(groups, scale, shape):
    model = shufflenet.shufflenet_v1(shape, 7, groups=groups, scale=scale)
    randomise(model, gain=1, vectors=0.3)
    reference = Reference(model)
    assert_agrees(model, lambda x: reference.version_1(x, groups))


@pytest.mark.parametrize(("scale", "shape"), [(1, (64, 64, 3)), (0.5, (75, 52, 1))])
def test_version_2_agrees_with_numpy(scale, shape):
    model = shufflenet.shufflenet_v2(shape, 7, scale=scale)
    randomise(model, gain=1, vectors=0.3)
    assert_agrees(model, Reference(model).version_2)


@pytest.mark.parametrize("builder", [shufflenet.shufflenet_v1, shufflenet.shufflenet_v2])
def test_pictures_of_any_size(builder):
    assert blueprint(builder, (1, 1, 1), 2).output_shape == (None, 2)
    assert blueprint(builder, (28, 28, 1), 10).output_shape == (None, 10)
    last = {"shufflenet_v1": 960, "shufflenet_v2": 1024}[builder.__name__]
    assert blueprint(builder, (64, 96, 3), include_top=False).output_shape == (None, 2, 3, last)
    with pytest.raises(ValueError, match=r"input_shape=\(0, 32, 3\): expected \(rows, columns, channels\)"):
        builder((0, 32, 3))


@pytest.mark.parametrize(
    ("builder", "options", "message"),
    [
        (shufflenet.shufflenet_v1, {"groups": 5}, "groups=5: must be one of 1, 2, 3, 4, 8"),
        (shufflenet.shufflenet_v1, {"scale": 0.75}, "scale=0.75: must be one of 0.25, 0.5, 1.0, 1.5, 2.0"),
        (shufflenet.shufflenet_v2, {"scale": "1x"}, "scale='1x': must be one of 0.5, 1.0, 1.5, 2.0"),
        (shufflenet.shufflenet_v2, {"classes": True}, "classes=True"),
    ],
)
def test_bad_arguments(builder, options, message):
    with pytest.raises(ValueError, match=message):
        builder(**options)
