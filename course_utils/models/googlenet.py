"""GoogLeNet (2014), the first network of inception modules."""

from course_utils.models._blocks import check_size
from course_utils.models._registry import Published, register

PAPER = "Szegedy et al. 2014"
AUXILIARY_DROPOUT = 0.7

# Filters of each module (the paper's Table 1): 1×1 | 3×3 reduce, 3×3 | 5×5 reduce, 5×5 | pool projection.
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
POOL_AFTER = {"3b": "pool3", "4e": "pool4"}
AUXILIARY_AFTER = {"4a": "aux1", "4d": "aux2"}


@register(
    title="GoogLeNet",
    year=2014,
    authors="Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
    reference="szegedy2015going",
    idea="modules look at several window sizes side by side, behind 1×1 convolutions that keep them cheap",
    published=(
        Published(
            measure="ImageNet top-5 error, one model, one crop", value=10.07, unit="%", source=f"{PAPER}, Table 3"
        ),
        Published(
            measure="ImageNet top-1 accuracy, torchvision weights",
            value=69.8,
            unit="%",
            source="torchvision's table of weights; its GoogLeNet has batch normalisation and 3×3 in place of 5×5",
        ),
    ),
)
def googlenet(
    input_shape=(224, 224, 3),
    classes=1000,
    *,
    include_top: bool = True,
    dropout: float = 0.4,
    aux: bool = False,
    name: str = "googlenet",
):
    """GoogLeNet: 6 998 552 parameters, 13 378 280 with its two auxiliary classifiers.

    Conv 7×7/2, 64 → pool → LRN → conv 1×1, 64 → conv 3×3, 192 → LRN → pool → two inception modules → pool → five modules
    → pool → two modules → global average pool → dropout → dense. ReLU after every convolution; pools are 3×3 with
    stride 2. A module lays side by side the maps of 1×1, of 1×1 then 3×3, of 1×1 then 5×5 convolutions, and of a 3×3
    max pool then 1×1 convolution.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels). Pictures are taken as they come; the paper subtracted the mean colour from values
        0 … 255.
    classes : int
        Number of classes.
    include_top : bool
        If False, the network ends with the last module, and ``classes`` is not looked at.
    dropout : float
        Share of the 1024 averages that is dropped while training, 0 ≤ dropout < 1; in auxiliary classifiers it is 0.7.
    aux : bool
        Whether classifiers on modules 4a and 4d are part of the model, as in the paper's training, where their losses
        weigh 0.3 each.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes); with ``aux`` a list of three, [logits, of 4a, of 4d].

    Raises
    ------
    ValueError
        If the pictures are smaller than 31×31 (79×79 with ``aux``), ``aux`` is asked for without a top, or an argument
        is out of range.

    Notes
    -----
    Padding is symmetric; pools with stride 2 take a last partial window, as in the authors' Caffe model:
    112 → 56 → 28 → 14 → 7. LRN has k = 1, n = 5, α = 1e-4 divided by n, β = 0.75. No batch normalisation. Weights start
    from Glorot's uniform distribution, biases at zero.

    References
    ----------
    Szegedy et al., *Going deeper with convolutions*, 2014.
    """
    import keras
    from keras import layers

    check_size(input_shape, 79 if aux else 31)
    if aux and not include_top:
        raise ValueError("aux=True with include_top=False: auxiliary classifiers belong to a network with a classifier")
    inputs = keras.Input(input_shape)
    x, outputs = _stem(inputs), []
    for module, filters in MODULES.items():
        x = _inception(x, filters, name=f"inception{module}")
        if aux and module in AUXILIARY_AFTER:
            outputs.append(_auxiliary(x, classes, name=AUXILIARY_AFTER[module]))
        if module in POOL_AFTER:
            x = _pool(x, POOL_AFTER[module])
    if include_top:
        x = layers.GlobalAveragePooling2D(name="pool5")(x)
        x = layers.Dropout(dropout, name="dropout")(x)
        x = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, [x, *outputs] if aux else x, name=name)


def _stem(x):
    from keras import layers

    from course_utils.models.custom_layers import LocalResponseNormalization

    constants = {"k": 1.0, "n": 5, "alpha": 1e-4, "beta": 0.75, "divide_alpha": True}
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = _conv(x, 64, 7, strides=2, padding="valid", name="conv1")
    x = LocalResponseNormalization(**constants, name="norm1")(_pool(x, "pool1"))
    x = _conv(x, 64, 1, name="conv2_reduce")
    x = _conv(x, 192, 3, name="conv2")
    return _pool(LocalResponseNormalization(**constants, name="norm2")(x), "pool2")


def _inception(x, filters, *, name):
    """Four branches over the same maps, laid side by side."""
    from keras import layers

    one, reduce_three, three, reduce_five, five, projection = filters
    branch1 = _conv(x, one, 1, name=f"{name}_1x1")
    branch3 = _conv(x, reduce_three, 1, name=f"{name}_3x3_reduce")
    branch3 = _conv(branch3, three, 3, name=f"{name}_3x3")
    branch5 = _conv(x, reduce_five, 1, name=f"{name}_5x5_reduce")
    branch5 = _conv(branch5, five, 5, name=f"{name}_5x5")
    pooled = layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    pooled = _conv(pooled, projection, 1, name=f"{name}_pool_projection")
    return layers.Concatenate(name=f"{name}_concat")([branch1, branch3, branch5, pooled])


def _auxiliary(x, classes, *, name):
    """A small classifier that brings gradients to the middle of the network while it is trained."""
    from keras import layers

    x = layers.AveragePooling2D(5, strides=3, name=f"{name}_pool")(x)
    x = _conv(x, 128, 1, name=f"{name}_conv")
    x = layers.Flatten(name=f"{name}_flatten")(x)
    x = layers.Dense(1024, activation="relu", name=f"{name}_fc")(x)
    x = layers.Dropout(AUXILIARY_DROPOUT, name=f"{name}_dropout")(x)
    return layers.Dense(classes, name=f"{name}_logits")(x)


def _conv(x, filters, kernel_size, *, strides=1, padding="same", name):
    from keras import layers

    return layers.Conv2D(filters, kernel_size, strides=strides, padding=padding, activation="relu", name=name)(x)


def _pool(x, name):
    from course_utils.models.custom_layers import max_pool_rounding_up

    return max_pool_rounding_up(x, name=name)
