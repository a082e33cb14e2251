"""DenseNet: every layer reads the feature maps of all layers before it in its block."""

from course_utils.models._blocks import check_size, finish
from course_utils.models._registry import Published, register

IMAGENET = (224, 224, 3)
BATCH_NORM = {"epsilon": 1.001e-5, "momentum": 0.99}
ONE_CROP = "ImageNet top-1 error, one crop"
CARD = {
    "year": 2016,
    "authors": "Huang, Liu, van der Maaten, Weinberger",
    "reference": "huang2017densely",
    "idea": "each layer receives the concatenated outputs of all layers before it, so that features are computed once",
}


def conv_block(x, growth_rate: int, name: str):
    """H of the paper: BN → ReLU → conv 1×1 to 4k maps (the bottleneck) → BN → ReLU → conv 3×3 to k maps."""
    from keras import layers

    for number, (filters, kernel_size) in enumerate([(4 * growth_rate, 1), (growth_rate, 3)], start=1):
        x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_bn{number}")(x)
        x = layers.ReLU(name=f"{name}_relu{number}")(x)
        options = {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}
        x = layers.Conv2D(filters, kernel_size, **options, name=f"{name}_conv{number}")(x)
    return x


def dense_block(x, depth: int, growth_rate: int, name: str):
    """``depth`` layers, each of which appends k = ``growth_rate`` maps to everything it was given."""
    from keras import layers

    for number in range(1, depth + 1):
        new = conv_block(x, growth_rate, f"{name}_layer{number}")
        x = layers.Concatenate(name=f"{name}_layer{number}_concat")([x, new])
    return x


def transition(x, theta: float, name: str):
    """BN → ReLU → conv 1×1 to ⌊θm⌋ of the m maps → average pool 2×2."""
    from keras import layers

    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_bn")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    filters = int(x.shape[-1] * theta)
    options = {"use_bias": False, "kernel_initializer": "he_normal"}
    x = layers.Conv2D(filters, 1, **options, name=f"{name}_conv")(x)
    return layers.AveragePooling2D(2, name=f"{name}_pool")(x)


def stem(x, filters: int, small: bool):
    """Conv 7×7/2 → BN → ReLU → max pool 3×3/2; only a conv 3×3 for small pictures. Zeros on all sides alike."""
    from keras import layers

    options = {"use_bias": False, "kernel_initializer": "he_normal"}
    if small:
        return layers.Conv2D(filters, 3, padding="same", **options, name="stem_conv")(x)
    x = layers.ZeroPadding2D(3, name="stem_conv_pad")(x)
    x = layers.Conv2D(filters, 7, strides=2, **options, name="stem_conv")(x)
    x = layers.BatchNormalization(**BATCH_NORM, name="stem_bn")(x)
    x = layers.ReLU(name="stem_relu")(x)
    x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)


def _densenet(depths, input_shape, classes, *, include_top, small, growth_rate=32, theta=0.5, name):
    import keras
    from keras import layers

    check_size(input_shape, 8 if small else 29)
    inputs = keras.Input(input_shape)
    x = stem(inputs, 2 * growth_rate, small)
    for number, depth in enumerate(depths, start=1):
        x = dense_block(x, depth, growth_rate, f"block{number}")
        if number < len(depths):
            x = transition(x, theta, f"transition{number}")
    x = layers.BatchNormalization(**BATCH_NORM, name="final_bn")(x)
    x = layers.ReLU(name="final_relu")(x)
    return finish(inputs, x, classes, include_top=include_top, name=name)


@register(
    title="DenseNet-121",
    **CARD,
    published=(
        Published(measure=ONE_CROP, value=25.02, unit="%", source="paper, table 3"),
        Published(
            measure="ImageNet top-1 accuracy, torchvision weights",
            value=74.4,
            unit="%",
            source="torchvision's table of weights",
        ),
    ),
)
def densenet121(
    input_shape=IMAGENET, classes=1000, *, include_top: bool = True, small: bool = False, name: str = "densenet121"
):
    """DenseNet-BC with growth rate k = 32 and blocks of 6, 12, 24 and 16 layers: 8 062 504 parameters for ImageNet.

    Conv 7×7/2 with 2k filters → max pool 3×3/2 → dense block → transition → … → dense block → BN → ReLU → global
    average pool → dense. A layer of a block is BN → ReLU → conv 1×1 (4k) → BN → ReLU → conv 3×3 (k), its input all maps
    that the block has so far; a transition halves the number of maps (θ = 0.5) and the sides.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels), at least 29 × 29 (``small``: 8 × 8). The network takes pictures as they come; the
        paper subtracts the channels' means and divides by their standard deviations.
    classes : int
        Number of classes.
    include_top : bool
        Whether global pooling and the classifier follow the last ReLU; without them ``classes`` is not looked at.
    small : bool
        Start with one conv 3×3/1 instead of conv 7×7/2, BN, ReLU and max pool, for pictures as small as CIFAR's.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes), or feature maps, shape (N, H', W', C').

    Raises
    ------
    ValueError
        If the pictures are too small, or an argument is out of range.

    Notes
    -----
    Layer for layer as in ``keras.applications``, so that its weights fit: zeros on all sides of the first convolution and
    pooling, batch normalisation with epsilon 1.001e-5. Convolutions have no bias and start from He's initial values, as
    in the paper. The paper's own CIFAR networks have three blocks of equal depth; ``small`` changes the start only.

    References
    ----------
    Huang, Liu, van der Maaten, Weinberger, *Densely connected convolutional networks*, CVPR 2017, table 1.
    """
    return _densenet((6, 12, 24, 16), input_shape, classes, include_top=include_top, small=small, name=name)


@register(
    title="DenseNet-169",
    **CARD,
    published=(Published(measure=ONE_CROP, value=23.80, unit="%", source="paper, table 3"),),
)
def densenet169(
    input_shape=IMAGENET, classes=1000, *, include_top: bool = True, small: bool = False, name: str = "densenet169"
):
    """DenseNet-BC with blocks of 6, 12, 32 and 32 layers: 14 307 880 parameters for ImageNet.

    Everything else is as in :func:`densenet121`.
    """
    return _densenet((6, 12, 32, 32), input_shape, classes, include_top=include_top, small=small, name=name)


@register(
    title="DenseNet-201",
    **CARD,
    published=(Published(measure=ONE_CROP, value=22.58, unit="%", source="paper, table 3"),),
)
def densenet201(
    input_shape=IMAGENET, classes=1000, *, include_top: bool = True, small: bool = False, name: str = "densenet201"
):
    """DenseNet-BC with blocks of 6, 12, 48 and 32 layers: 20 242 984 parameters for ImageNet.

    Everything else is as in :func:`densenet121`.
    """
    return _densenet((6, 12, 48, 32), input_shape, classes, include_top=include_top, small=small, name=name)
