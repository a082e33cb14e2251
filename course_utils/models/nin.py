"""Network in Network (2013)."""

from course_utils.models._blocks import check_size
from course_utils.models._registry import Published, register

PAPER = "Lin et al. 2013"
IDEA = "1×1 convolutions put a small network under every window, and global average pooling replaces dense layers"
CARD = {"year": 2013, "authors": "Lin, Chen, Yan", "reference": "lin2013network", "idea": IDEA}


@register(
    title="Network in Network (CIFAR-10)",
    **CARD,
    published=(
        Published(measure="CIFAR-10 test error", value=10.41, unit="%", source=f"{PAPER}, Table 1"),
        Published(
            measure="CIFAR-10 test error, trained with shifts and flips",
            value=8.81,
            unit="%",
            source=f"{PAPER}, Table 1",
        ),
    ),
)
def nin_cifar10(
    input_shape=(32, 32, 3), classes=10, *, include_top: bool = True, dropout: float = 0.5, name="nin_cifar10"
):
    """Network in Network for CIFAR-10: 966 986 parameters.

    Mlpconv 5×5 (192, 160, 96) → max pool → dropout → mlpconv 5×5 (192, 192, 192) → average pool → dropout → mlpconv 3×3
    (192, 192, classes) → global average pool. An mlpconv is a convolution and two 1×1 convolutions, each with ReLU;
    pools are 3×3 with stride 2.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels). Pictures are taken as they come; the paper normalised contrast and whitened (ZCA).
    classes : int
        Number of classes.
    include_top : bool
        If False, the network ends before the last 1×1 convolution, whose maps are the classes, and ``classes`` is not
        looked at.
    dropout : float
        Share of the entries that is dropped while training, 0 ≤ dropout < 1.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes). They are never negative: the class maps have a ReLU too.

    Raises
    ------
    ValueError
        If the pictures are too small, or an argument is out of range.

    Notes
    -----
    Padding is symmetric and keeps the size; pools take a last partial window, as in the authors' code: 32 → 16 → 8. The
    kind of each pool and the number of filters are those of the authors' release, which the paper does not print.
    Weights start from He's normal distribution.

    References
    ----------
    Lin, Chen, Yan, *Network in network*, 2013.
    """
    import keras
    from keras import layers

    from course_utils.models import custom_layers as custom

    check_size(input_shape, 4)
    inputs = keras.Input(input_shape)
    x = _mlpconv(inputs, 1, (192, 160, 96), 5)
    x = custom.max_pool_rounding_up(x, name="stage1_pool")
    x = layers.Dropout(dropout, name="dropout1")(x)
    x = _mlpconv(x, 2, (192, 192, 192), 5)
    x = custom.RoundingUpAveragePooling2D(name="stage2_pool")(x)
    x = layers.Dropout(dropout, name="dropout2")(x)
    x = _mlpconv(x, 3, (192, 192, classes) if include_top else (192, 192), 3)
    if include_top:
        x = layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.Model(inputs, x, name=name)


@register(title="Network in Network (ImageNet)", **CARD)
def nin_imagenet(
    input_shape=(224, 224, 3), classes=1000, *, include_top: bool = True, dropout: float = 0.5, name="nin_imagenet"
):
    """Network in Network for ImageNet: 7 595 176 parameters, from the authors' release.

    Mlpconv 11×11/4 (96, 96, 96) → pool → mlpconv 5×5 (256, 256, 256) → pool → mlpconv 3×3 (384, 384, 384) → pool →
    dropout → mlpconv 3×3 (1024, 1024, classes) → global average pool. Pools are maxima of 3×3 windows with stride 2.

    Parameters
    ----------
    input_shape, classes, include_top, dropout, name
        As for :func:`nin_cifar10`. The authors subtracted a mean from values 0 … 255.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes), never negative.

    Raises
    ------
    ValueError
        If the pictures are smaller than 39×39, or an argument is out of range.

    Notes
    -----
    As for :func:`nin_cifar10`; the first convolution has no padding. Pools round up: 224 → 54 → 27 → 13 → 6.

    References
    ----------
    Lin, Chen, Yan, *Network in network*, 2013.
    """
    import keras
    from keras import layers

    from course_utils.models import custom_layers as custom

    check_size(input_shape, 39)
    inputs = keras.Input(input_shape)
    x = _mlpconv(inputs, 1, (96, 96, 96), 11, strides=4, padding="valid")
    x = custom.max_pool_rounding_up(x, name="stage1_pool")
    x = _mlpconv(x, 2, (256, 256, 256), 5)
    x = custom.max_pool_rounding_up(x, name="stage2_pool")
    x = _mlpconv(x, 3, (384, 384, 384), 3)
    x = custom.max_pool_rounding_up(x, name="stage3_pool")
    x = layers.Dropout(dropout, name="dropout3")(x)
    x = _mlpconv(x, 4, (1024, 1024, classes) if include_top else (1024, 1024), 3)
    if include_top:
        x = layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.Model(inputs, x, name=name)


def _mlpconv(x, stage, filters, kernel_size, *, strides=1, padding="same"):
    """A convolution, then 1×1 convolutions, all with ReLU: a small network that slides over the map."""
    from keras import layers

    options = {"activation": "relu", "kernel_initializer": "he_normal"}
    x = layers.Conv2D(filters[0], kernel_size, strides=strides, padding=padding, **options, name=f"stage{stage}_conv1")(
        x
    )
    for number, width in enumerate(filters[1:], start=2):
        x = layers.Conv2D(width, 1, **options, name=f"stage{stage}_conv{number}")(x)
    return x
