"""EfficientNet: one searched network, scaled in depth, width and resolution together."""

import math

from course_utils.models._blocks import finish, squeeze_excite
from course_utils.models._registry import Published, register
from course_utils.models.mobilenet import round_channels

# Expansion t, kernel size k, channels c, repeats n and stride s of each stage of B0 (paper, table 1).
STAGES = (
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
)
BATCH_NORM = {"epsilon": 1e-3, "momentum": 0.99}


def _initial(scale: float, distribution: str) -> dict:
    """Initial values with variance ``scale`` / fan-out, as in the authors' release."""
    config = {"scale": scale, "mode": "fan_out", "distribution": distribution}
    return {"class_name": "VarianceScaling", "config": config}


CONV = {"padding": "same", "use_bias": False, "kernel_initializer": _initial(2.0, "truncated_normal")}
DEPTHWISE = {"padding": "same", "use_bias": False, "depthwise_initializer": _initial(2.0, "truncated_normal")}


def _bn_swish(x, name: str):
    """BN → swish, x · sigmoid(x), which Keras calls SiLU."""
    from keras import layers

    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_bn")(x)
    return layers.Activation("silu", name=f"{name}_swish")(x)


def mbconv(x, expansion: int, kernel_size: int, filters: int, stride: int, drop: float, name: str):
    """MBConv: an inverted residual with squeeze-and-excitation before its last, linear 1×1 convolution.

    Inside squeeze-and-excitation there are a quarter as many channels as in the *input* of the block. While training,
    the whole branch of a picture is left out with probability ``drop`` where there is a shortcut.
    """
    from keras import layers

    shortcut, channels = x, x.shape[-1]
    if expansion != 1:
        x = layers.Conv2D(expansion * channels, 1, **CONV, name=f"{name}_expand")(x)
        x = _bn_swish(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel_size, strides=stride, **DEPTHWISE, name=f"{name}_depthwise")(x)
    x = _bn_swish(x, f"{name}_depthwise")
    x = squeeze_excite(x, max(1, channels // 4), f"{name}_se", activation="silu", start=CONV["kernel_initializer"])
    x = layers.Conv2D(filters, 1, **CONV, name=f"{name}_project")(x)
    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_project_bn")(x)
    if stride != 1 or channels != filters:
        return x
    if drop:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(x)
    return layers.Add(name=f"{name}_add")([shortcut, x])


def _stages(x, width: float, depth: float, drop_connect: float):
    """The seven stages; the probability of leaving a block out grows linearly from the first block to the last."""
    repeats = [math.ceil(depth * n) for _, _, _, n, _ in STAGES]
    done = 0
    for stage, ((t, k, c, _, s), n) in enumerate(zip(STAGES, repeats, strict=True), start=1):
        for block in range(1, n + 1):
            drop = drop_connect * done / sum(repeats)
            stride, name = (s if block == 1 else 1), f"stage{stage}_block{block}"
            x = mbconv(x, t, k, round_channels(c * width), stride, drop, name)
            done += 1
    return x


def _efficientnet(width, depth, input_shape, classes, *, include_top, dropout, drop_connect, name):
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    x = layers.Conv2D(round_channels(32 * width), 3, strides=2, **CONV, name="stem_conv")(inputs)
    x = _stages(_bn_swish(x, "stem"), width, depth, drop_connect)
    x = layers.Conv2D(round_channels(1280 * width), 1, **CONV, name="last_conv")(x)
    x = _bn_swish(x, "last")
    start = _initial(1 / 3, "uniform")
    return finish(inputs, x, classes, include_top=include_top, dropout=dropout, start=start, name=name)


DOCUMENTATION = """{title}: {parameters} million parameters for ImageNet at {resolution} × {resolution} pixels.

    Conv 3×3/2 → seven stages of MBConv blocks, {width} times as wide and {depth} times as deep as B0's → conv 1×1 →
    global average pool → dropout → dense. MBConv is conv 1×1 to six times the channels → BN → swish → depthwise conv
    3×3 or 5×5 → BN → swish → squeeze-and-excitation → conv 1×1 → BN, with its input added where the shapes agree.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of any size. The network takes pictures as they come; the published weights want the
        channels' means subtracted and their standard deviations divided out.
    classes : int
        Number of classes.
    include_top : bool
        Whether global pooling and the classifier follow the last convolution; without them ``classes`` is not looked at.
    dropout : float
        Share of the pooled features that is dropped while training, 0 ≤ dropout < 1.
    drop_connect : float
        Stochastic depth: while training, block i of n with a shortcut is left out of a picture with probability
        ``drop_connect`` · i / n, counted from 0, and made stronger to match where it stays.
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
    As in ``keras.applications`` but for its first layers, which scale and normalise pixels (7 parameters). Padding is
    Keras's "same", which at stride 2 puts more zeros at the bottom and the right of an even side; batch normalisation has
    epsilon 1e-3; convolutions have no bias but in squeeze-and-excitation. Channels are rounded to multiples of 8,
    repeats up. Squeeze-and-excitation has inside a quarter as many channels as the block's input.

    References
    ----------
    Tan, Le, *EfficientNet: Rethinking model scaling for convolutional neural networks*, ICML 2019, table 1.
    """


def _member(number: int, width: float, depth: float, resolution: int, dropout: float, *, figures, extra=()):
    """Define, document and register EfficientNet-B ``number``; ``figures``: error, parameters, multiply-adds printed."""
    own_name, title, share = f"efficientnet_b{number}", f"EfficientNet-B{number}", dropout
    error, parameters, multiply_adds = figures

    def builder(
        input_shape=(resolution, resolution, 3),
        classes=1000,
        *,
        include_top: bool = True,
        dropout: float = share,
        drop_connect: float = 0.2,
        name: str = own_name,
    ):
        options = {"include_top": include_top, "dropout": dropout, "drop_connect": drop_connect, "name": name}
        return _efficientnet(width, depth, input_shape, classes, **options)

    builder.__name__ = builder.__qualname__ = own_name
    words = {"title": title, "parameters": parameters, "resolution": resolution, "width": width, "depth": depth}
    builder.__doc__ = DOCUMENTATION.format(**words)
    source = "paper, table 2 (arXiv version 5)"
    printed = (
        Published(
            measure="ImageNet top-1 error, one crop",
            value=error,
            unit="%",
            source=f"{source}: {100 - error:.1f} % right",
        ),
        Published(measure="parameters", value=parameters, unit="M", source=source),
        Published(measure="multiply-adds", value=multiply_adds, unit="M", source=source),
    )
    return register(
        title=title,
        year=2019,
        authors="Tan, Le",
        reference="tan2019efficientnet",
        idea="depth, width and resolution grow together by one compound coefficient, from a network found by search",
        published=printed + extra,
    )(builder)


TORCHVISION = Published(
    measure="ImageNet top-1 accuracy, torchvision weights",
    value=77.7,
    unit="%",
    source="torchvision's table of weights",
)
efficientnet_b0 = _member(0, 1.0, 1.0, 224, 0.2, figures=(22.9, 5.3, 390), extra=(TORCHVISION,))
efficientnet_b1 = _member(1, 1.0, 1.1, 240, 0.2, figures=(20.9, 7.8, 700))
efficientnet_b2 = _member(2, 1.1, 1.2, 260, 0.3, figures=(19.9, 9.2, 1000))
efficientnet_b3 = _member(3, 1.2, 1.4, 300, 0.3, figures=(18.4, 12, 1800))
efficientnet_b4 = _member(4, 1.4, 1.8, 380, 0.4, figures=(17.1, 19, 4200))
efficientnet_b5 = _member(5, 1.6, 2.2, 456, 0.4, figures=(16.4, 30, 9900))
efficientnet_b6 = _member(6, 1.8, 2.6, 528, 0.5, figures=(16.0, 43, 19000))
efficientnet_b7 = _member(7, 2.0, 3.1, 600, 0.5, figures=(15.7, 66, 37000))
