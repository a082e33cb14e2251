"""RegNet: networks whose stages follow from a line, w₀ + wₐ · j, drawn through the blocks' widths."""

import math

from course_utils._arguments import as_count, as_number, refuse
from course_utils.models._blocks import conv_bn, finish, squeeze_excite
from course_utils.models._registry import Published, register

IMAGENET = (224, 224, 3)
STEM_FILTERS = 32
IDEA = {
    "x": "not a network but a design space: widths grow along a quantised line, and good networks are regular",
    "y": "RegNetX with squeeze-and-excitation, which weighs the channels of every block",
}


def regnet_stages(
    depth: int, w0: int, wa: float, wm: float, group_width: int
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    r"""Widths, depths and group widths of a RegNet's stages from five numbers.

    Block j of ``depth`` blocks would have width :math:`u_j = w_0 + w_a j`. Widths of stages are powers of :math:`w_m`
    times :math:`w_0`:

    .. math:: s_j = \operatorname{round}\big(\log_{w_m}(u_j / w_0)\big), \qquad
              w_j = 8 \operatorname{round}\big(w_0 w_m^{s_j} / 8\big)

    and blocks of the same width make a stage. A stage narrower than ``group_width`` is a single group; other widths are
    then rounded to whole groups.

    Parameters
    ----------
    depth : int
        d, number of blocks.
    w0 : int
        :math:`w_0`, width of the first block, a multiple of 8.
    wa : float
        :math:`w_a`, slope of the line.
    wm : float
        :math:`w_m`, factor between stages, more than 1.
    group_width : int
        g, channels in a group of the 3×3 convolutions.

    Returns
    -------
    widths, depths, group_widths : tuple of int
        One entry a stage.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    All rounding takes ties to the even neighbour, as the published code does: 392 / 16 = 24.5 gives 24 · 16 = 384.

    References
    ----------
    Radosavovic, Kosaraju, Girshick, He, Dollár, *Designing network design spaces*, CVPR 2020, equations 2 to 4.

    Examples
    --------
    >>> regnet_stages(depth=22, w0=24, wa=24.48, wm=2.54, group_width=16)
    ((32, 64, 160, 384), (1, 2, 7, 12), (16, 16, 16, 16))
    """
    depth, group_width = as_count(depth, "depth", most=10_000), as_count(group_width, "group_width")
    wa, wm = as_number(wa, "wa", least=0, most=1e6), as_number(wm, "wm", above=1)
    if as_count(w0, "w0", least=8, most=10**6) % 8:
        raise refuse("w0", w0, "must be a multiple of 8, at least 8")
    powers = [round(math.log((w0 + wa * j) / w0) / math.log(wm)) for j in range(depth)]
    blocks = [8 * round(w0 * wm**power / 8) for power in powers]
    widths = sorted(set(blocks))
    groups = [min(group_width, width) for width in widths]
    fitted = (group * max(1, round(width / group)) for width, group in zip(widths, groups, strict=True))
    return tuple(fitted), tuple(blocks.count(width) for width in widths), tuple(groups)


def bottleneck(x, width: int, stride: int, group_width: int, name: str, *, squeeze: bool):
    """Conv 1×1 → grouped conv 3×3 (→ squeeze-and-excitation) → conv 1×1, all of one width, added to the input.

    The input passes a 1×1 convolution first where the shapes differ. Squeeze-and-excitation has a quarter of the
    *input's* channels inside.
    """
    from keras import layers

    shortcut, channels = x, x.shape[-1]
    x = conv_bn(x, width, 1, f"{name}_conv1")
    x = conv_bn(x, width, 3, f"{name}_conv2", strides=stride, groups=width // group_width)
    if squeeze:
        x = squeeze_excite(x, round(channels / 4), f"{name}_se")
    x = conv_bn(x, width, 1, f"{name}_conv3", relu=False)
    if stride != 1 or channels != width:
        shortcut = conv_bn(shortcut, width, 1, f"{name}_shortcut", strides=stride, relu=False)
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.ReLU(name=f"{name}_relu")(x)


def _regnet(stages, squeeze: bool, input_shape, classes, include_top: bool, name: str):
    import keras

    inputs = keras.Input(input_shape)
    x = conv_bn(inputs, STEM_FILTERS, 3, "stem_conv", strides=2)
    for stage, (width, depth, group_width) in enumerate(zip(*stages, strict=True), start=1):
        for block in range(1, depth + 1):
            stride, block_name = (2 if block == 1 else 1), f"stage{stage}_block{block}"
            x = bottleneck(x, width, stride, group_width, block_name, squeeze=squeeze)
    return finish(inputs, x, classes, include_top=include_top, name=name)


def _member(kind: str, budget: str, five: tuple, *, error: float, multiply_adds: float, parameters: float):
    """Define, document and register one published network; ``five`` are the arguments of :func:`regnet_stages`."""
    own_name = f"regnet_{kind}_{budget.lower().replace('.', '_')}"
    title = f"RegNet{kind.upper()}-{budget}"
    stages = regnet_stages(*five)

    def builder(input_shape=IMAGENET, classes=1000, *, include_top: bool = True, name: str = own_name):
        return _regnet(stages, kind == "y", input_shape, classes, include_top, name)

    builder.__name__ = builder.__qualname__ = own_name
    builder.__doc__ = DOCUMENTATION.format(
        title=title,
        multiply_adds=multiply_adds,
        parameters=parameters,
        widths=", ".join(map(str, stages[0])),
        depths=", ".join(map(str, stages[1])),
        groups=", ".join(map(str, stages[2])),
        five="d = {}, w₀ = {}, wₐ = {}, wₘ = {}, g = {}".format(*five),
        unit="" if kind == "x" else "squeeze-and-excitation → ",
    )
    zoo = "authors' model zoo"
    return register(
        title=title,
        year=2020,
        authors="Radosavovic, Kosaraju, Girshick, He, Dollár",
        reference="radosavovic2020designing",
        idea=IDEA[kind],
        published=(
            Published(
                measure="ImageNet top-1 error, one crop", value=error, unit="%", source=f"{zoo}, mean of five runs"
            ),
            Published(measure="multiply-adds", value=round(1000 * multiply_adds), unit="M", source=zoo),
            Published(measure="parameters", value=parameters, unit="M", source=zoo),
        ),
    )(builder)


DOCUMENTATION = """{title}: {parameters} million parameters and {multiply_adds} billion multiply-adds for ImageNet.

    Conv 3×3/2, 32 → four stages of widths {widths} with {depths} blocks and groups of {groups} channels →
    global average pool → dense. They follow from {five} by :func:`regnet_stages`. A block is
    conv 1×1 → BN → ReLU → grouped conv 3×3 → BN → ReLU → {unit}conv 1×1 → BN, added to its input, then ReLU.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of any size. The network takes pictures as they come; the authors subtract the
        channels' means and divide by their standard deviations.
    classes : int
        Number of classes.
    include_top : bool
        Whether global pooling and the classifier follow the last block; without them ``classes`` is not looked at.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes), or feature maps, shape (N, H', W', C').

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    As in the authors' release. The first block of a stage has stride 2, in its 3×3 convolution; bottlenecks are as wide
    as their blocks. Padding is one zero on every side, batch normalisation has epsilon 1e-5, convolutions have no bias
    and start from He's initial values. Squeeze-and-excitation (RegNetY) has biases, and inside a quarter as many channels
    as the block's input. Some reimplementations round other widths to the groups and differ from the published networks.

    References
    ----------
    Radosavovic, Kosaraju, Girshick, He, Dollár, *Designing network design spaces*, CVPR 2020.
    """


regnet_x_200mf = _member("x", "200MF", (13, 24, 36.44, 2.49, 8), error=31.1, multiply_adds=0.2, parameters=2.7)
regnet_x_400mf = _member("x", "400MF", (22, 24, 24.48, 2.54, 16), error=27.3, multiply_adds=0.4, parameters=5.2)
regnet_x_600mf = _member("x", "600MF", (16, 48, 36.97, 2.24, 24), error=25.9, multiply_adds=0.6, parameters=6.2)
regnet_x_800mf = _member("x", "800MF", (16, 56, 35.73, 2.28, 16), error=24.8, multiply_adds=0.8, parameters=7.3)
regnet_x_1_6gf = _member("x", "1.6GF", (18, 80, 34.01, 2.25, 24), error=23.0, multiply_adds=1.6, parameters=9.2)
regnet_x_3_2gf = _member("x", "3.2GF", (25, 88, 26.31, 2.25, 48), error=21.7, multiply_adds=3.2, parameters=15.3)
regnet_x_8gf = _member("x", "8GF", (23, 80, 49.56, 2.88, 120), error=20.7, multiply_adds=8.0, parameters=39.6)
regnet_x_16gf = _member("x", "16GF", (22, 216, 55.59, 2.1, 128), error=20.0, multiply_adds=15.9, parameters=54.3)
regnet_y_200mf = _member("y", "200MF", (13, 24, 36.44, 2.49, 8), error=29.6, multiply_adds=0.2, parameters=3.2)
regnet_y_400mf = _member("y", "400MF", (16, 48, 27.89, 2.09, 8), error=25.9, multiply_adds=0.4, parameters=4.3)
regnet_y_600mf = _member("y", "600MF", (15, 48, 32.54, 2.32, 16), error=24.5, multiply_adds=0.6, parameters=6.1)
regnet_y_800mf = _member("y", "800MF", (14, 56, 38.84, 2.4, 16), error=23.7, multiply_adds=0.8, parameters=6.3)
regnet_y_1_6gf = _member("y", "1.6GF", (27, 48, 20.71, 2.65, 24), error=22.0, multiply_adds=1.6, parameters=11.2)
regnet_y_3_2gf = _member("y", "3.2GF", (21, 80, 42.63, 2.66, 24), error=21.0, multiply_adds=3.2, parameters=19.4)
regnet_y_8gf = _member("y", "8GF", (17, 192, 76.82, 2.19, 56), error=20.1, multiply_adds=8.0, parameters=39.2)
regnet_y_16gf = _member("y", "16GF", (18, 200, 106.23, 2.48, 112), error=19.6, multiply_adds=15.9, parameters=83.6)
