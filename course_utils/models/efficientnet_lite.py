"""EfficientNet-Lite: EfficientNet without what small processors are slow at. The course brings its trained weights."""

from course_utils.models._blocks import finish
from course_utils.models._registry import Published, register
from course_utils.models.efficientnet import BATCH_NORM, CONV, DEPTHWISE, STAGES, _initial

SOURCE = "table of Google's EfficientNet-Lite release"


def _bn_relu6(x, name: str):
    """BN → ReLU6, which is ReLU cut off at 6."""
    from keras import layers

    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def plain_mbconv(x, expansion: int, kernel_size: int, filters: int, stride: int, drop: float, name: str):
    """MBConv without squeeze-and-excitation: conv 1×1 → depthwise conv → *linear* conv 1×1, plus the input if shapes agree.

    While training, the whole branch of a picture is left out with probability ``drop`` where there is a shortcut.
    """
    from keras import layers

    shortcut, channels = x, x.shape[-1]
    if expansion != 1:
        x = layers.Conv2D(expansion * channels, 1, **CONV, name=f"{name}_expand")(x)
        x = _bn_relu6(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel_size, strides=stride, **DEPTHWISE, name=f"{name}_depthwise")(x)
    x = _bn_relu6(x, f"{name}_depthwise")
    x = layers.Conv2D(filters, 1, **CONV, name=f"{name}_project")(x)
    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_project_bn")(x)
    if stride != 1 or channels != filters:
        return x
    if drop:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(x)
    return layers.Add(name=f"{name}_add")([shortcut, x])


@register(
    title="EfficientNet-Lite0",
    year=2020,
    authors="Liu and others (Google)",
    reference="liu2020higher",
    idea="EfficientNet-B0 for phones: no squeeze-and-excitation, and ReLU6 for swish, so that 8 bits are enough",
    published=(
        Published(measure="ImageNet top-1 accuracy, float32", value=75.1, unit="%", source=SOURCE),
        Published(measure="parameters", value=4.7, unit="M", source=SOURCE),
        Published(measure="multiply-adds", value=407, unit="M", source=SOURCE),
    ),
    preprocessing="imagenet_input",
)
def efficientnet_lite0(
    input_shape=(224, 224, 3),
    classes=1000,
    *,
    include_top: bool = True,
    dropout: float = 0.2,
    drop_connect: float = 0.2,
    name: str = "efficientnet_lite0",
):
    """EfficientNet-Lite0: 4 694 024 parameters for ImageNet at 224 × 224 pixels.

    Conv 3×3/2, 32 → seven stages of MBConv blocks with the widths and depths of EfficientNet-B0 → conv 1×1, 1280 →
    global average pool → dropout → dense. MBConv is conv 1×1 to six times the channels → BN → ReLU6 → depthwise conv
    3×3 or 5×5 → BN → ReLU6 → conv 1×1 → BN, with its input added where the shapes agree.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of any size. The network takes pictures as they come; the trained weights, which
        :func:`trained` loads, want those that :func:`imagenet_input` makes.
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
    As released: padding is Keras's "same", which at stride 2 puts more zeros at the bottom and the right of an even side;
    batch normalisation has epsilon 1e-3; convolutions have no bias.

    References
    ----------
    Liu, *Higher accuracy on vision models with EfficientNet-Lite*, TensorFlow blog, 2020; Tan, Le, *EfficientNet:
    Rethinking model scaling for convolutional neural networks*, ICML 2019, table 1.
    """
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    x = layers.Conv2D(32, 3, strides=2, **CONV, name="stem_conv")(inputs)
    x = _bn_relu6(x, "stem")
    done, blocks = 0, sum(repeats for *_, repeats, _ in STAGES)
    for stage, (expansion, kernel_size, filters, repeats, stride) in enumerate(STAGES, start=1):
        for block in range(1, repeats + 1):
            drop, step = drop_connect * done / blocks, stride if block == 1 else 1
            x = plain_mbconv(x, expansion, kernel_size, filters, step, drop, f"stage{stage}_block{block}")
            done += 1
    x = _bn_relu6(layers.Conv2D(1280, 1, **CONV, name="last_conv")(x), "last")
    start = _initial(1 / 3, "uniform")
    return finish(inputs, x, classes, include_top=include_top, dropout=dropout, start=start, name=name)
