"""ShuffleNet: grouped or split 1×1 convolutions, and a channel shuffle that lets the groups talk to each other."""

from course_utils._arguments import as_choice
from course_utils.models._blocks import BATCH_NORM, conv_bn, finish
from course_utils.models._registry import Published, register

IMAGENET = (224, 224, 3)
REPEATS = (4, 8, 4)
# Version 1: channels of stage 2 by number of groups, and filters of the first convolution by scale (paper, table 1).
STAGE2_CHANNELS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
STEM_FILTERS = {0.25: 6, 0.5: 12, 1.0: 24, 1.5: 24, 2.0: 48}
# Version 2: channels of stages 2, 3 and 4 and filters of the last convolution by scale (paper, table 5).
CHANNELS_V2 = {
    0.5: (48, 96, 192, 1024),
    1.0: (116, 232, 464, 1024),
    1.5: (176, 352, 704, 1024),
    2.0: (244, 488, 976, 2048),
}


def channel_shuffle(x, groups: int, name: str):
    """Deal the channels out anew: seen as (groups, n), the table is transposed and read row by row.

    Channel j of group i moves to place j · groups + i; with as many outputs, every group then holds channels of all.
    """
    from keras import layers

    rows, columns, channels = x.shape[1:]
    x = layers.Reshape((rows, columns, groups, channels // groups), name=f"{name}_split")(x)
    x = layers.Permute((1, 2, 4, 3), name=f"{name}_transpose")(x)
    return layers.Reshape((rows, columns, channels), name=name)(x)


def _depthwise(x, stride: int, name: str):
    """Depthwise conv 3×3, one zero on every side → BN; no activation follows."""
    from keras import layers

    x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    x = layers.DepthwiseConv2D(3, strides=stride, use_bias=False, name=name)(x)
    return layers.BatchNormalization(**BATCH_NORM, name=f"{name}_bn")(x)


def _stem(x, filters: int):
    """Conv 3×3/2 → BN → ReLU → max pool 3×3/2, each with one zero on every side."""
    from keras import layers

    x = conv_bn(x, filters, 3, "stem_conv", strides=2)
    x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)


def shuffle_unit_v1(x, channels: int, stride: int, groups: int, name: str, *, first_groups: int | None = None):
    """Grouped conv 1×1 → shuffle → depthwise conv 3×3 → grouped conv 1×1, joined with the input, then ReLU.

    Joined by addition at stride 1; at stride 2 the average-pooled input is put before the new channels. The bottleneck
    has a quarter of the unit's channels, rounded up to a multiple of ``groups``. ``first_groups``: of the first
    convolution, if not ``groups``.
    """
    from keras import layers

    shortcut, bottleneck = x, -(-(channels // 4) // groups) * groups
    new = channels if stride == 1 else channels - x.shape[-1]
    x = conv_bn(x, bottleneck, 1, f"{name}_conv1", groups=first_groups or groups)
    if groups > 1:
        x = channel_shuffle(x, groups, f"{name}_shuffle")
    x = _depthwise(x, stride, f"{name}_conv2")
    x = conv_bn(x, new, 1, f"{name}_conv3", groups=groups, relu=False)
    if stride == 1:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    else:
        shortcut = layers.ZeroPadding2D(1, name=f"{name}_pool_pad")(shortcut)
        shortcut = layers.AveragePooling2D(3, strides=2, name=f"{name}_pool")(shortcut)
        x = layers.Concatenate(name=f"{name}_concat")([shortcut, x])
    return layers.ReLU(name=f"{name}_relu")(x)


@register(
    title="ShuffleNet",
    year=2017,
    authors="Zhang, Zhou, Lin, Sun",
    reference="zhang2018shufflenet",
    idea="1×1 convolutions work in groups, and a shuffle of the channels carries information across the groups",
    published=(
        Published(measure="ImageNet top-1 error, one crop", value=32.6, unit="%", source="paper, table 2, 1×, g = 3"),
        Published(measure="multiply-adds", value=137, unit="M", source="paper, table 1, 1×, g = 3"),
    ),
)
def shufflenet_v1(
    input_shape=IMAGENET,
    classes=1000,
    *,
    include_top: bool = True,
    groups: int = 3,
    scale: float = 1.0,
    name: str = "shufflenet_v1",
):
    """ShuffleNet s×, g = 3 and s = 1 unless said otherwise: 1 890 208 parameters for ImageNet.

    Conv 3×3/2 → max pool 3×3/2 → stages 2, 3, 4 of 4, 8, 4 units → global average pool → dense. A unit is grouped
    conv 1×1 → BN → ReLU → channel shuffle → depthwise conv 3×3 → BN → grouped conv 1×1 → BN, added to its input, then
    ReLU. The first unit of a stage halves the sides and is concatenated after its average-pooled input instead.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of any size. The network takes pictures as they come.
    classes : int
        Number of classes.
    include_top : bool
        Whether global pooling and the classifier follow the last unit; without them ``classes`` is not looked at.
    groups : {1, 2, 3, 4, 8}
        g, groups of the 1×1 convolutions; more groups, more channels for the same multiply-adds.
    scale : {0.25, 0.5, 1, 1.5, 2}
        s, which multiplies the numbers of channels.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes), or feature maps, shape (N, H', W', C').

    Raises
    ------
    ValueError
        If an argument is not among those accepted.

    Notes
    -----
    Padding is one zero on every side, also of the shortcut's average pool, whose mean counts those zeros; batch
    normalisation has epsilon 1e-5, convolutions no bias. The first 1×1 convolution of stage 2 is not grouped, since its
    input has few channels. The shuffle stands before the depthwise convolution, as in the paper; the authors' later
    release has it behind. The first convolution has 24 s filters, but 24 at s = 1.5 as in that release: the 292 million
    multiply-adds that the paper prints for 1.5×, g = 3, come out with 24 only. Where g does not divide a number of
    channels, the next larger that it divides is taken (first convolution and bottlenecks, at scales below 1).

    References
    ----------
    Zhang, Zhou, Lin, Sun, *ShuffleNet: An extremely efficient convolutional neural network for mobile devices*,
    CVPR 2018, table 1 and figure 2.
    """
    import keras

    groups = as_choice(groups, "groups", STAGE2_CHANNELS)
    scale = as_choice(scale, "scale", STEM_FILTERS)
    channels = int(STAGE2_CHANNELS[groups] * scale)
    filters = STEM_FILTERS[scale]
    filters += (channels - filters) % groups
    inputs = keras.Input(input_shape)
    x = _stem(inputs, filters)
    for stage, repeats in enumerate(REPEATS, start=2):
        for unit in range(1, repeats + 1):
            stride, first_groups = (2 if unit == 1 else 1), (1 if stage == 2 and unit == 1 else None)
            unit_name = f"stage{stage}_unit{unit}"
            x = shuffle_unit_v1(x, channels, stride, groups, unit_name, first_groups=first_groups)
        channels *= 2
    return finish(inputs, x, classes, include_top=include_top, name=name)


def shuffle_unit_v2(x, channels: int, stride: int, name: str):
    """One half of the channels passes, the other is convolved; both are put together and shuffled.

    At stride 2 there is no split: both branches see all channels and the first has a depthwise and a 1×1 convolution of
    its own.
    """
    from keras import layers, ops

    half = channels // 2
    if stride == 1:
        passed, x = ops.split(x, 2, axis=-1)
    else:
        passed = _depthwise(x, stride, f"{name}_shortcut_conv1")
        passed = conv_bn(passed, half, 1, f"{name}_shortcut_conv2")
    x = conv_bn(x, half, 1, f"{name}_conv1")
    x = _depthwise(x, stride, f"{name}_conv2")
    x = conv_bn(x, half, 1, f"{name}_conv3")
    x = layers.Concatenate(name=f"{name}_concat")([passed, x])
    return channel_shuffle(x, 2, f"{name}_shuffle")


@register(
    title="ShuffleNet V2",
    year=2018,
    authors="Ma, Zhang, Zheng, Sun",
    reference="ma2018shufflenet",
    idea="designed for measured speed: equal widths, no groups, few branches, and half of the channels simply pass",
    published=(
        Published(measure="ImageNet top-1 error, one crop", value=30.6, unit="%", source="paper, table 8, 1×"),
        Published(measure="multiply-adds", value=146, unit="M", source="paper, table 8, 1×"),
        Published(
            measure="ImageNet top-1 accuracy, torchvision weights",
            value=69.4,
            unit="%",
            source="torchvision's table of weights",
        ),
    ),
)
def shufflenet_v2(
    input_shape=IMAGENET, classes=1000, *, include_top: bool = True, scale: float = 1.0, name: str = "shufflenet_v2"
):
    """ShuffleNet V2 s×, s = 1 unless said otherwise: 2 294 784 parameters for ImageNet.

    Conv 3×3/2, 24 → max pool 3×3/2 → stages 2, 3, 4 of 4, 8, 4 units → conv 1×1 → global average pool → dense. A unit
    splits its channels: one half passes, the other goes through conv 1×1 → depthwise conv 3×3 → conv 1×1; both are
    concatenated and shuffled. The first unit of a stage halves the sides, does not split and doubles the channels.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of any size. The network takes pictures as they come.
    classes : int
        Number of classes.
    include_top : bool
        Whether global pooling and the classifier follow the last convolution; without them ``classes`` is not looked at.
    scale : {0.5, 1, 1.5, 2}
        s, which chooses the numbers of channels.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes), or feature maps, shape (N, H', W', C').

    Raises
    ------
    ValueError
        If an argument is not among those accepted.

    Notes
    -----
    Padding is one zero on every side, batch normalisation has epsilon 1e-5, convolutions have no bias. No activation
    follows a depthwise convolution. The half that passes is the first one, and it comes first in the concatenation.

    References
    ----------
    Ma, Zhang, Zheng, Sun, *ShuffleNet V2: Practical guidelines for efficient CNN architecture design*, ECCV 2018,
    table 5 and figure 3.
    """
    import keras

    scale = as_choice(scale, "scale", CHANNELS_V2)
    *widths, last = CHANNELS_V2[scale]
    inputs = keras.Input(input_shape)
    x = _stem(inputs, 24)
    for stage, (channels, repeats) in enumerate(zip(widths, REPEATS, strict=True), start=2):
        for unit in range(1, repeats + 1):
            x = shuffle_unit_v2(x, channels, 2 if unit == 1 else 1, f"stage{stage}_unit{unit}")
    x = conv_bn(x, last, 1, "last_conv")
    return finish(inputs, x, classes, include_top=include_top, name=name)
