"""Inception v3 (2015): inception modules whose large windows are split into small ones."""

from course_utils.models._blocks import check_size, finish
from course_utils.models._registry import Published, register

PAPER = "Szegedy et al. 2015"


@register(
    title="Inception v3",
    year=2015,
    authors="Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
    reference="szegedy2016rethinking",
    idea="large windows are split into small and one-dimensional ones, at the same reach and a fraction of the cost",
    published=(
        Published("ImageNet top-1 error, one crop", 21.2, "%", f"{PAPER}, abstract"),
        Published("ImageNet top-5 error, one crop", 5.6, "%", f"{PAPER}, abstract"),
    ),
)
def inception_v3(
    input_shape=(299, 299, 3), classes=1000, *, include_top: bool = True, dropout: float = 0.2, name="inception_v3"
):
    """Inception v3: 23 851 784 parameters, 34 432 of them not trained.

    Six convolutions and two max pools → three modules with 5×5 and double 3×3 branches (35×35 maps) → reduction → four
    modules whose 7×7 windows are split into 1×7 and 7×1 (17×17) → reduction → two modules whose last 3×3 are laid side by
    side as 1×3 and 3×1 (8×8) → global average pool → dropout → dense. Each convolution is followed by batch
    normalisation and ReLU.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels). Pictures are taken as they come; the authors' release scaled values to −1 … 1.
    classes : int
        Number of classes.
    include_top : bool
        If False, the network ends with the last module, and ``classes`` is not looked at.
    dropout : float
        Share of the 2048 averages that is dropped while training, 0 ≤ dropout < 1; 0.2 is the authors' release's.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes).

    Raises
    ------
    ValueError
        If the pictures are smaller than 75×75, or an argument is out of range.

    Notes
    -----
    Layers and weights are those of ``keras.applications.InceptionV3``: convolutions that stride are not padded, all but
    three of the others keep the size; batch normalisation has no γ, ε = 1e-3 and momentum 0.99; average pools leave
    padding out of the mean. The auxiliary classifier of the paper is left out: it serves training only.

    References
    ----------
    Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, *Rethinking the inception architecture for computer vision*, 2015.
    """
    import keras

    check_size(input_shape, 75)
    inputs = keras.Input(input_shape)
    x = _stem(inputs)
    for number, projection in enumerate((32, 64, 64)):
        x = _module_35(x, projection, name=f"mixed{number}")
    x = _reduction_35(x, name="mixed3")
    for number, width in enumerate((128, 160, 160, 192), start=4):
        x = _module_17(x, width, name=f"mixed{number}")
    x = _reduction_17(x, name="mixed8")
    for number in (9, 10):
        x = _module_8(x, name=f"mixed{number}")
    return finish(inputs, x, classes, include_top=include_top, dropout=dropout, name=name)


def _conv(x, filters, kernel_size, *, strides=1, padding="same", name):
    """Convolution without bias, batch normalisation without scale, ReLU."""
    from keras import layers

    x = layers.Conv2D(filters, kernel_size, strides=strides, padding=padding, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(scale=False, epsilon=1e-3, momentum=0.99, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _chain(x, steps, *, name):
    """Convolutions (filters, rows, columns) one after the other; they keep the size."""
    for number, (filters, *kernel_size) in enumerate(steps, start=1):
        x = _conv(x, filters, tuple(kernel_size), name=f"{name}_conv{number}")
    return x


def _pool_branch(x, filters, *, name):
    from keras import layers

    x = layers.AveragePooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    return _conv(x, filters, 1, name=f"{name}_pool_projection")


def _concat(branches, name):
    from keras import layers

    return layers.Concatenate(name=name)(branches)


def _stem(x):
    """299 → 35 rows; three convolutions are not padded."""
    from keras import layers

    x = _conv(x, 32, 3, strides=2, padding="valid", name="stem_conv1")
    x = _conv(x, 32, 3, padding="valid", name="stem_conv2")
    x = _conv(x, 64, 3, name="stem_conv3")
    x = layers.MaxPooling2D(3, strides=2, name="stem_pool1")(x)
    x = _conv(x, 80, 1, padding="valid", name="stem_conv4")
    x = _conv(x, 192, 3, padding="valid", name="stem_conv5")
    return layers.MaxPooling2D(3, strides=2, name="stem_pool2")(x)


def _module_35(x, projection, *, name):
    branch1 = _conv(x, 64, 1, name=f"{name}_1x1")
    branch5 = _chain(x, [(48, 1, 1), (64, 5, 5)], name=f"{name}_5x5")
    double3 = _chain(x, [(64, 1, 1), (96, 3, 3), (96, 3, 3)], name=f"{name}_double3x3")
    return _concat([branch1, branch5, double3, _pool_branch(x, projection, name=name)], name)


def _reduction_35(x, *, name):
    from keras import layers

    branch3 = _conv(x, 384, 3, strides=2, padding="valid", name=f"{name}_3x3")
    double3 = _chain(x, [(64, 1, 1), (96, 3, 3)], name=f"{name}_double3x3")
    double3 = _conv(double3, 96, 3, strides=2, padding="valid", name=f"{name}_double3x3_conv3")
    return _concat([branch3, double3, layers.MaxPooling2D(3, strides=2, name=f"{name}_pool")(x)], name)


def _module_17(x, width, *, name):
    """7×7 windows as 1×7 and 7×1, with ``width`` filters inside the branches."""
    branch1 = _conv(x, 192, 1, name=f"{name}_1x1")
    branch7 = _chain(x, [(width, 1, 1), (width, 1, 7), (192, 7, 1)], name=f"{name}_7x7")
    steps = [(width, 1, 1), (width, 7, 1), (width, 1, 7), (width, 7, 1), (192, 1, 7)]
    double7 = _chain(x, steps, name=f"{name}_double7x7")
    return _concat([branch1, branch7, double7, _pool_branch(x, 192, name=name)], name)


def _reduction_17(x, *, name):
    from keras import layers

    branch3 = _conv(x, 192, 1, name=f"{name}_3x3_conv1")
    branch3 = _conv(branch3, 320, 3, strides=2, padding="valid", name=f"{name}_3x3_conv2")
    branch7 = _chain(x, [(192, 1, 1), (192, 1, 7), (192, 7, 1)], name=f"{name}_7x7x3")
    branch7 = _conv(branch7, 192, 3, strides=2, padding="valid", name=f"{name}_7x7x3_conv4")
    return _concat([branch3, branch7, layers.MaxPooling2D(3, strides=2, name=f"{name}_pool")(x)], name)


def _module_8(x, *, name):
    """Branches whose last convolution is 1×3 and 3×1 side by side."""
    branch1 = _conv(x, 320, 1, name=f"{name}_1x1")
    branch3 = _fan(_conv(x, 384, 1, name=f"{name}_3x3_conv1"), name=f"{name}_3x3")
    double3 = _fan(_chain(x, [(448, 1, 1), (384, 3, 3)], name=f"{name}_double3x3"), name=f"{name}_double3x3")
    return _concat([branch1, branch3, double3, _pool_branch(x, 192, name=name)], name)


def _fan(x, *, name):
    row, column = (_conv(x, 384, size, name=f"{name}_{size[0]}x{size[1]}") for size in ((1, 3), (3, 1)))
    return _concat([row, column], f"{name}_concat")
