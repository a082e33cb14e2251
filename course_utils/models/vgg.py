"""VGG networks (2014): nothing but 3×3 convolutions and 2×2 pools."""

from course_utils.models._blocks import check_size
from course_utils.models._registry import Published, register

PAPER = "Simonyan and Zisserman 2014"
IMAGENET = (224, 224, 3)
WIDTHS = (64, 128, 256, 512, 512)


def _card(depth: int, error: float, millions: int, *more: Published) -> dict:
    return {
        "title": f"VGG-{depth}",
        "year": 2014,
        "authors": "Simonyan, Zisserman",
        "reference": "simonyan2014very",
        "idea": "stacks of 3×3 convolutions see as far as large filters, with fewer parameters and more nonlinearity",
        "published": (
            Published("ImageNet top-1 error, one scale (256), dense evaluation", error, "%", f"{PAPER}, Table 3"),
            Published("parameters", millions, "million", f"{PAPER}, Table 2"),
            *more,
        ),
    }


def _vgg(depths, input_shape, classes, *, include_top, dropout, batch_norm, name):
    """Stages of ``depths`` convolutions, each followed by a 2×2 pool, then three dense layers."""
    import keras
    from keras import layers

    check_size(input_shape, 32)
    inputs = x = keras.Input(input_shape)
    for stage, (depth, filters) in enumerate(zip(depths, WIDTHS, strict=True), start=1):
        for number in range(1, depth + 1):
            x = _conv(x, filters, batch_norm=batch_norm, name=f"stage{stage}_conv{number}")
        x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        for number in (1, 2):
            x = layers.Dense(4096, activation="relu", name=f"fc{number}")(x)
            x = layers.Dropout(dropout, name=f"dropout{number}")(x)
        x = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, x, name=name)


def _conv(x, filters, *, batch_norm, name):
    from keras import layers

    if not batch_norm:
        return layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
    x = layers.Conv2D(filters, 3, padding="same", name=name)(x)
    x = layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


@register(**_card(11, 29.6, 133))
def vgg11(
    input_shape=IMAGENET, classes=1000, *, include_top=True, dropout: float = 0.5, batch_norm=False, name="vgg11"
):
    """VGG-11, the paper's configuration A: 132 863 336 parameters; see :func:`vgg16`."""
    options = {"include_top": include_top, "dropout": dropout, "batch_norm": batch_norm, "name": name}
    return _vgg((1, 1, 2, 2, 2), input_shape, classes, **options)


@register(**_card(13, 28.7, 133))
def vgg13(
    input_shape=IMAGENET, classes=1000, *, include_top=True, dropout: float = 0.5, batch_norm=False, name="vgg13"
):
    """VGG-13, the paper's configuration B: 133 047 848 parameters; see :func:`vgg16`."""
    options = {"include_top": include_top, "dropout": dropout, "batch_norm": batch_norm, "name": name}
    return _vgg((2, 2, 2, 2, 2), input_shape, classes, **options)


@register(
    **_card(
        16,
        27.0,
        138,
        Published("ImageNet top-1 accuracy, torchvision weights", 71.6, "%", "torchvision's table of weights"),
    )
)
def vgg16(
    input_shape=IMAGENET, classes=1000, *, include_top=True, dropout: float = 0.5, batch_norm=False, name="vgg16"
):
    """VGG-16, the paper's configuration D: 138 357 544 parameters.

    Five stages of 3×3 convolutions with 64, 128, 256, 512 and 512 filters, 2, 2, 3, 3 and 3 of them, each stage followed
    by a 2×2 max pool; then dense 4096, 4096 and ``classes``. ReLU after every layer with weights but the last.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels). Pictures are taken as they come; the paper subtracted the mean colour of the training
        set from values 0 … 255.
    classes : int
        Number of classes.
    include_top : bool
        If False, the network ends with the last pool, and ``classes`` is not looked at.
    dropout : float
        Share of the activations of each of the two hidden dense layers that is dropped while training.
    batch_norm : bool
        Whether batch normalisation stands between each convolution and its ReLU. The paper, a year older than batch
        normalisation, has none; this common variant keeps the biases of the convolutions.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes).

    Raises
    ------
    ValueError
        If the pictures are smaller than 32×32, or an argument is out of range.

    Notes
    -----
    Convolutions keep the size by one zero on each side; pools drop an odd last row. Batch normalisation has ε = 1e-5
    and momentum 0.9. Weights start from Glorot's uniform distribution, which the paper found to make its pre-training
    of a shallower network unnecessary. Layers and weights are those of ``keras.applications.VGG16``.

    References
    ----------
    Simonyan, Zisserman, *Very deep convolutional networks for large-scale image recognition*, 2014.
    """
    options = {"include_top": include_top, "dropout": dropout, "batch_norm": batch_norm, "name": name}
    return _vgg((2, 2, 3, 3, 3), input_shape, classes, **options)


@register(**_card(19, 27.3, 144))
def vgg19(
    input_shape=IMAGENET, classes=1000, *, include_top=True, dropout: float = 0.5, batch_norm=False, name="vgg19"
):
    """VGG-19, the paper's configuration E: 143 667 240 parameters; see :func:`vgg16`."""
    options = {"include_top": include_top, "dropout": dropout, "batch_norm": batch_norm, "name": name}
    return _vgg((2, 2, 4, 4, 4), input_shape, classes, **options)
