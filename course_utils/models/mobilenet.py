"""MobileNet: depthwise separable convolutions (version 1), and inverted residuals with linear bottlenecks (version 2)."""

from course_utils._arguments import as_number
from course_utils.models._blocks import finish
from course_utils.models._registry import Published, register

IMAGENET = (224, 224, 3)
# Version 1: filters and stride of each depthwise separable convolution (paper, table 1).
SEPARABLE = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *(5 * [(512, 1)]), (1024, 2), (1024, 1))
# Version 2: expansion t, channels c, repeats n and stride s of each stage (paper, table 2).
BOTTLENECKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
BATCH_NORM_V1 = {"epsilon": 1e-3, "momentum": 0.99}
BATCH_NORM_V2 = {"epsilon": 1e-3, "momentum": 0.999}


def round_channels(channels: float, divisor: int = 8) -> int:
    """The multiple of ``divisor`` nearest to ``channels``, or the next one if that is more than a tenth smaller."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


def separable_block(x, filters: int, stride: int, max_value, name: str):
    """Depthwise conv 3×3 → BN → ReLU → pointwise conv 1×1 → BN → ReLU.

    At stride 2 a row and a column of zeros are added at the bottom and the right; an axis of a single pixel gets one
    on both sides, for the window to fit.
    """
    from keras import layers

    if stride == 2:
        before = [int(size == 1) for size in x.shape[1:3]]
        x = layers.ZeroPadding2D([(extra, 1) for extra in before], name=f"{name}_depthwise_pad")(x)
    padding = "same" if stride == 1 else "valid"
    x = layers.DepthwiseConv2D(3, strides=stride, padding=padding, use_bias=False, name=f"{name}_depthwise")(x)
    x = layers.BatchNormalization(**BATCH_NORM_V1, name=f"{name}_depthwise_bn")(x)
    x = layers.ReLU(max_value, name=f"{name}_depthwise_relu")(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_pointwise")(x)
    x = layers.BatchNormalization(**BATCH_NORM_V1, name=f"{name}_pointwise_bn")(x)
    return layers.ReLU(max_value, name=f"{name}_pointwise_relu")(x)


@register(
    title="MobileNet",
    year=2017,
    authors="Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam",
    reference="howard2017mobilenets",
    idea="a convolution splits into one per channel and a 1×1 across channels, at about a ninth of the cost",
    published=(
        Published(
            measure="ImageNet top-1 error, one crop", value=29.4, unit="%", source="paper, table 8: 70.6 % right"
        ),
        Published(measure="multiply-adds", value=569, unit="M", source="paper, table 8"),
        Published(measure="parameters", value=4.2, unit="M", source="paper, table 8"),
    ),
)
def mobilenet_v1(
    input_shape=IMAGENET,
    classes=1000,
    *,
    include_top: bool = True,
    width: float = 1.0,
    dropout: float = 0.001,
    max_value: float | None = 6.0,
    name: str = "mobilenet_v1",
):
    """MobileNet, thirteen depthwise separable convolutions: 4 253 864 parameters for ImageNet.

    Conv 3×3/2, 32 → 13 × (depthwise conv 3×3 → BN → ReLU → conv 1×1 → BN → ReLU), five times with stride 2 in all →
    global average pool → dropout → dense.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of any size. The network takes pictures as they come; the published weights want
        pixels scaled to −1 … 1.
    classes : int
        Number of classes.
    include_top : bool
        Whether global pooling and the classifier follow the last block; without them ``classes`` is not looked at.
    width : float
        Width multiplier α of the paper: every layer gets ⌊α · filters⌋ filters.
    dropout : float
        Share of the pooled features that is dropped while training, 0 ≤ dropout < 1.
    max_value : float or None
        Where ReLU stops rising; None for the paper's plain ReLU.
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
    As in ``keras.applications``, so that its weights fit, and with its deviations from the paper: ReLU stops at 6
    (``max_value``), and a little dropout. Padding: Keras's "same" in the first convolution; one row and one column of
    zeros at the bottom and the right of a depthwise convolution with stride 2 (an axis of a single pixel is padded on
    both sides). Batch normalisation has epsilon 1e-3; convolutions have no bias.

    References
    ----------
    Howard et al., *MobileNets: Efficient convolutional neural networks for mobile vision applications*, 2017, table 1.
    """
    import keras
    from keras import layers

    width = as_number(width, "width", least=0.1, most=8)
    max_value = None if max_value is None else as_number(max_value, "max_value", above=0)
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(int(32 * width), 3, strides=2, padding="same", use_bias=False, name="stem_conv")(inputs)
    x = layers.BatchNormalization(**BATCH_NORM_V1, name="stem_bn")(x)
    x = layers.ReLU(max_value, name="stem_relu")(x)
    for number, (filters, stride) in enumerate(SEPARABLE, start=1):
        x = separable_block(x, int(filters * width), stride, max_value, f"block{number}")
    return finish(inputs, x, classes, include_top=include_top, dropout=dropout, name=name)


def inverted_residual(x, expansion: int, filters: int, stride: int, name: str):
    """Conv 1×1 to t times the channels → depthwise conv 3×3 → *linear* conv 1×1; the input is added if shapes agree."""
    from keras import layers

    shortcut, channels = x, x.shape[-1]
    if expansion != 1:
        x = layers.Conv2D(expansion * channels, 1, use_bias=False, name=f"{name}_expand")(x)
        x = layers.BatchNormalization(**BATCH_NORM_V2, name=f"{name}_expand_bn")(x)
        x = layers.ReLU(6.0, name=f"{name}_expand_relu")(x)
    x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    x = layers.BatchNormalization(**BATCH_NORM_V2, name=f"{name}_depthwise_bn")(x)
    x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project")(x)
    x = layers.BatchNormalization(**BATCH_NORM_V2, name=f"{name}_project_bn")(x)
    return layers.Add(name=f"{name}_add")([shortcut, x]) if stride == 1 and channels == filters else x


@register(
    title="MobileNetV2",
    year=2018,
    authors="Sandler, Howard, Zhu, Zhmoginov, Chen",
    reference="sandler2018mobilenetv2",
    idea="residual blocks turned inside out: thin linear layers are joined by shortcuts, wide ones are cheap and depthwise",
    published=(
        Published(
            measure="ImageNet top-1 error, one crop", value=28.0, unit="%", source="paper, table 4: 72.0 % right"
        ),
        Published(measure="multiply-adds", value=300, unit="M", source="paper, table 4"),
        Published(measure="parameters", value=3.4, unit="M", source="paper, table 4"),
        Published(
            measure="ImageNet top-1 accuracy, torchvision weights",
            value=71.9,
            unit="%",
            source="torchvision's table of weights",
        ),
    ),
)
def mobilenet_v2(
    input_shape=IMAGENET,
    classes=1000,
    *,
    include_top: bool = True,
    width: float = 1.0,
    dropout: float = 0.0,
    name: str = "mobilenet_v2",
):
    """MobileNetV2, seventeen inverted residuals: 3 538 984 parameters for ImageNet.

    Conv 3×3/2, 32 → seven stages of inverted residuals → conv 1×1, 1280 → global average pool → dense. An inverted
    residual is conv 1×1 to t times the channels → BN → ReLU6 → depthwise conv 3×3 → BN → ReLU6 → conv 1×1 → BN, and
    its input is added where the shapes agree.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of any size. The network takes pictures as they come; the published weights want
        pixels scaled to −1 … 1.
    classes : int
        Number of classes.
    include_top : bool
        Whether global pooling and the classifier follow the last convolution; without them ``classes`` is not looked at.
    width : float
        Width multiplier α; channels are rounded to multiples of 8, and the last convolution keeps at least 1280 filters.
    dropout : float
        Share of the pooled features that is dropped while training, 0 ≤ dropout < 1; the paper names none.
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
    As in ``keras.applications``, so that its weights fit: Keras's "same" padding, which at stride 2 puts the zeros of an
    even side at the bottom and the right; batch normalisation with epsilon 1e-3 and momentum 0.999. Convolutions have no
    bias.

    References
    ----------
    Sandler, Howard, Zhu, Zhmoginov, Chen, *MobileNetV2: Inverted residuals and linear bottlenecks*, CVPR 2018, table 2.
    """
    import keras
    from keras import layers

    width = as_number(width, "width", least=0.1, most=8)
    inputs = keras.Input(input_shape)
    filters = round_channels(32 * width)
    x = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(inputs)
    x = layers.BatchNormalization(**BATCH_NORM_V2, name="stem_bn")(x)
    x = layers.ReLU(6.0, name="stem_relu")(x)
    for stage, (t, c, n, s) in enumerate(BOTTLENECKS, start=1):
        filters = round_channels(int(c * width))
        for block in range(1, n + 1):
            x = inverted_residual(x, t, filters, s if block == 1 else 1, f"stage{stage}_block{block}")
    x = layers.Conv2D(round_channels(1280 * max(width, 1)), 1, use_bias=False, name="last_conv")(x)
    x = layers.BatchNormalization(**BATCH_NORM_V2, name="last_bn")(x)
    x = layers.ReLU(6.0, name="last_relu")(x)
    return finish(inputs, x, classes, include_top=include_top, dropout=dropout, name=name)
