"""RegNet: stages from five numbers, and the networks against the same ones written with the NumPy layers."""

import math

import numpy as np
import pytest
from oracles import blueprint

from course_utils.layers import conv2d, relu
from course_utils.models import regnet

# Widths and depths of the published networks; the group width is that of all stages unless a stage is narrower.
PUBLISHED = {
    "x_200mf": ((24, 56, 152, 368), (1, 1, 4, 7)),
    "x_400mf": ((32, 64, 160, 384), (1, 2, 7, 12)),
    "x_600mf": ((48, 96, 240, 528), (1, 3, 5, 7)),
    "x_800mf": ((64, 128, 288, 672), (1, 3, 7, 5)),
    "x_1_6gf": ((72, 168, 408, 912), (2, 4, 10, 2)),
    "x_3_2gf": ((96, 192, 432, 1008), (2, 6, 15, 2)),
    "x_8gf": ((80, 240, 720, 1920), (2, 5, 15, 1)),
    "x_16gf": ((256, 512, 896, 2048), (2, 6, 13, 1)),
    "y_200mf": ((24, 56, 152, 368), (1, 1, 4, 7)),
    "y_400mf": ((48, 104, 208, 440), (1, 3, 6, 6)),
    "y_600mf": ((48, 112, 256, 608), (1, 3, 7, 4)),
    "y_800mf": ((64, 128, 320, 768), (1, 3, 8, 2)),
    "y_1_6gf": ((48, 120, 336, 888), (2, 6, 17, 2)),
    "y_3_2gf": ((72, 216, 576, 1512), (2, 5, 13, 1)),
    "y_8gf": ((168, 448, 896, 2016), (2, 4, 10, 1)),
    "y_16gf": ((224, 448, 1232, 3024), (2, 4, 11, 1)),
}


def stages_of(model):
    """Widths, depths and group widths, read from the 3×3 convolutions of a built network."""
    found = {}
    for layer in model.layers:
        if layer.name.endswith("_conv2"):
            found.setdefault(layer.name.split("_")[0], []).append((layer.filters, layer.filters // layer.groups))
    assert all(len(set(blocks)) == 1 for blocks in found.values())
    widths, groups = zip(*(blocks[0] for blocks in found.values()), strict=True)
    return widths, tuple(len(blocks) for blocks in found.values()), groups


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_stages_are_those_of_the_documentation(name):
    # That the networks have them shows in their parameters, which are counted with those of all other networks.
    for numbers in PUBLISHED[name]:
        assert ", ".join(map(str, numbers)) in getattr(regnet, f"regnet_{name}").__doc__


@pytest.mark.parametrize("name", ["x_400mf", "y_400mf"])
def test_the_published_networks(name):
    widths, depths = PUBLISHED[name]
    model = blueprint(getattr(regnet, f"regnet_{name}"))
    assert stages_of(model) == (widths, depths, ({"x": 16, "y": 8}[name[0]],) * 4)
    assert model.output_shape == (None, 1000)
    assert model.get_layer(f"stage4_block{depths[-1]}_relu").output.shape == (None, 7, 7, widths[-1])


def test_stages_follow_from_the_line():
    # 24 + 24.48 j up to 538.08, in powers of 2.54: 24 61 155 393 → 24 64 152 392 → groups of 16, ties to even.
    assert regnet.regnet_stages(22, 24, 24.48, 2.54, 16) == ((32, 64, 160, 384), (1, 2, 7, 12), (16,) * 4)
    assert regnet.regnet_stages(22, 24, 24.48, 2.54, 8)[0] == (24, 64, 152, 392)
    # A stage that is narrower than a group is one group: 80 < 120, and keeps its width.
    assert regnet.regnet_stages(23, 80, 49.56, 2.88, 120) == ((80, 240, 720, 1920), (2, 5, 15, 1), (80, 120, 120, 120))
    assert regnet.regnet_stages(5, 64, 0, 2, 16) == ((64,), (5,), (16,))
    assert regnet.regnet_stages(depth=1, w0=8, wa=0.0, wm=1.5, group_width=100) == ((8,), (1,), (8,))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth": 0}, "depth=0: a whole number, at least 1"),
        ({"depth": 13.0}, "depth=13.0"),
        ({"w0": 20}, "w0=20: must be a multiple of 8, at least 8"),
        ({"wa": -1}, "wa=-1: a finite number, at least 0"),
        ({"wa": "36"}, "wa='36'"),
        ({"wm": 1}, "wm=1: a finite number, greater than 1"),
        ({"wm": math.nan}, "wm=nan"),
        ({"group_width": True}, "group_width=True: a whole number, at least 1"),
    ],
)
def test_impossible_lines(change, message):
    line = {"depth": 13, "w0": 24, "wa": 36.44, "wm": 2.49, "group_width": 8}
    with pytest.raises(ValueError, match=message):
        regnet.regnet_stages(**(line | change))


def numpy_regnet(model, x, squeeze):
    """The network in NumPy, float64, as the paper's figures show it; weights are looked up by layer name."""
    weights = {layer.name: [w.astype(float) for w in layer.get_weights()] for layer in model.layers}

    def conv(x, name, **options):
        gamma, beta, mean, variance = weights[f"{name}_bn"]
        return gamma * (conv2d(x, weights[name][0], **options) - mean) / np.sqrt(variance + 1e-5) + beta

    x = relu(conv(x, "stem_conv", strides=2, padding=1))
    for stage, (_, depth, group_width) in enumerate(zip(*stages_of(model), strict=True), start=1):
        for block in range(1, depth + 1):
            name, stride, y = f"stage{stage}_block{block}", 2 if block == 1 else 1, x
            y = relu(conv(y, f"{name}_conv1"))
            groups = y.shape[-1] // group_width
            y = relu(conv(y, f"{name}_conv2", strides=stride, padding=1, groups=groups))
            if squeeze:
                (reduce, bias1), (expand, bias2) = weights[f"{name}_se_reduce"], weights[f"{name}_se_expand"]
                assert reduce.shape[-1] == x.shape[-1] // 4
                scores = relu(y.mean((1, 2)) @ reduce[0, 0] + bias1) @ expand[0, 0] + bias2
                y = y / (1 + np.exp(-scores))[:, None, None, :]
            y = conv(y, f"{name}_conv3")
            x = relu(y + (conv(x, f"{name}_shortcut", strides=2) if block == 1 else x))
    kernel, bias = weights["logits"]
    return x.mean((1, 2)) @ kernel + bias


@pytest.mark.parametrize(
    ("name", "shape"),
    [("regnet_x_200mf", (33, 40, 1)), ("regnet_y_200mf", (75, 52, 3)), ("regnet_y_400mf", (64, 64, 3))],
)
def test_agrees_with_numpy(name, shape):
    model = getattr(regnet, name)(shape, 7)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        size, kind = tuple(weight.shape), weight.path.split("/")[-1]
        if kind in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, size))
        else:
            weight.assign(rng.normal(0, math.prod(size[:-1]) ** -0.5 if len(size) > 1 else 0.3, size))
    x = rng.normal(size=(2, *shape)).astype("float32")
    expected = numpy_regnet(model, x.astype(float), squeeze="_y_" in name)
    assert expected.std() > 0.05
    np.testing.assert_allclose(np.asarray(model(x, training=False)), expected, atol=1e-4 * np.abs(expected).max())


def test_pictures_of_any_size():
    assert blueprint(regnet.regnet_y_200mf, (1, 1, 1), 2).output_shape == (None, 2)
    assert blueprint(regnet.regnet_x_200mf, (28, 28, 1), 10).output_shape == (None, 10)
    assert blueprint(regnet.regnet_x_200mf, (64, 96, 3), include_top=False).output_shape == (None, 2, 3, 368)
    with pytest.raises(ValueError, match=r"input_shape=\(32, 0, 3\): expected \(rows, columns, channels\)"):
        regnet.regnet_x_16gf((32, 0, 3))
    with pytest.raises(ValueError, match="classes=1: a whole number"):
        regnet.regnet_x_200mf(classes=1)


def test_every_member_is_documented():
    assert regnet.regnet_x_400mf.__name__ == "regnet_x_400mf"
    assert "squeeze-and-excitation → conv 1×1" in regnet.regnet_y_1_6gf.__doc__
