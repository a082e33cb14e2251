"""Residual networks (2015)."""

from course_utils._arguments import as_choice
from course_utils.models._blocks import conv_bn, finish
from course_utils.models._registry import Published, register

PAPER = "He et al. 2015"
RELEASE = "authors' release (deep-residual-networks)"
TEN_CROP, ONE_CROP = "ImageNet top-1 error, ten crops", "ImageNet top-1 error, one crop"
IMAGENET = (224, 224, 3)


def _card(depth: int, gflops: float, *figures: Published) -> dict:
    return {
        "title": f"ResNet-{depth}",
        "year": 2015,
        "authors": "He, Zhang, Ren, Sun",
        "reference": "he2016deep",
        "idea": "a block learns what to add to its input, so that networks of a hundred layers can be trained",
        "published": (*figures, Published("multiply-adds", gflops, "10⁹", f"{PAPER}, Table 1")),
    }


def _add(x, shortcut, filters, *, strides, name):
    """relu(F(x) + x), with a projection by 1×1 convolution where x has another shape than F(x) (option B)."""
    from keras import layers

    if strides > 1 or shortcut.shape[-1] != filters:
        shortcut = conv_bn(shortcut, filters, 1, f"{name}_shortcut", strides=strides, relu=False)
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)


def _basic(x, filters, *, strides, name):
    """Two 3×3 convolutions and a shortcut."""
    y = conv_bn(x, filters, 3, f"{name}_conv1", strides=strides)
    y = conv_bn(y, filters, 3, f"{name}_conv2", relu=False)
    return _add(y, x, filters, strides=strides, name=name)


def _bottleneck(stride_in):
    """1×1 down to ``filters``, 3×3, 1×1 up to four times as many, and a shortcut; ``stride_in`` says which strides."""

    def block(x, filters, *, strides, name):
        first, second = (strides, 1) if stride_in == "1x1" else (1, strides)
        y = conv_bn(x, filters, 1, f"{name}_conv1", strides=first)
        y = conv_bn(y, filters, 3, f"{name}_conv2", strides=second)
        y = conv_bn(y, 4 * filters, 1, f"{name}_conv3", relu=False)
        return _add(y, x, 4 * filters, strides=strides, name=name)

    return block


def _resnet(block, depths, input_shape, classes, *, include_top, small, name):
    """Stem, four stages of ``depths`` blocks with 64, 128, 256 and 512 filters, global average pool, dense."""
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    if small:
        x = conv_bn(inputs, 64, 3, "stem_conv")
    else:
        x = conv_bn(inputs, 64, 7, "stem_conv", strides=2)
        x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)  # After ReLU a zero never beats the maximum.
        x = layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)
    for stage, depth in enumerate(depths, start=1):
        for number in range(1, depth + 1):
            strides = 2 if stage > 1 and number == 1 else 1
            x = block(x, 32 * 2**stage, strides=strides, name=f"stage{stage}_block{number}")
    return finish(inputs, x, classes, include_top=include_top, name=name)


def _bottlenecks(depths, input_shape, classes, *, stride_in, **options):
    stride_in = as_choice(stride_in, "stride_in", ("1x1", "3x3"))
    return _resnet(_bottleneck(stride_in), depths, input_shape, classes, **options)


@register(
    **_card(
        18,
        1.8,
        Published("ImageNet top-1 accuracy, torchvision weights", 69.8, "%", "torchvision's table of weights"),
    )
)
def resnet18(input_shape=IMAGENET, classes=1000, *, include_top=True, small=False, name="resnet18"):
    """ResNet-18, of basic blocks: 11 699 112 parameters, 9 600 of them not trained; see :func:`resnet50`."""
    return _resnet(_basic, (2, 2, 2, 2), input_shape, classes, include_top=include_top, small=small, name=name)


@register(**_card(34, 3.6, Published(f"{TEN_CROP} (option B)", 24.52, "%", f"{PAPER}, Table 3")))
def resnet34(input_shape=IMAGENET, classes=1000, *, include_top=True, small=False, name="resnet34"):
    """ResNet-34, of basic blocks: 21 814 696 parameters, 17 024 of them not trained; see :func:`resnet50`."""
    return _resnet(_basic, (3, 4, 6, 3), input_shape, classes, include_top=include_top, small=small, name=name)


@register(
    **_card(50, 3.8, Published(TEN_CROP, 22.85, "%", f"{PAPER}, Table 3"), Published(ONE_CROP, 24.7, "%", RELEASE))
)
def resnet50(
    input_shape=IMAGENET, classes=1000, *, include_top=True, stride_in: str = "1x1", small=False, name="resnet50"
):
    """ResNet-50, of bottleneck blocks: 25 610 152 parameters, 53 120 of them not trained.

    Conv 7×7/2, 64 → max pool 3×3/2 → stages of 3, 4, 6 and 3 blocks → global average pool → dense. A bottleneck block is
    1×1, 3×3 and 1×1 convolution, the last to four times as many maps, added to its input; stages after the first halve
    the maps' size. The first block of a stage brings its input to the new shape by a 1×1 convolution. Batch
    normalisation follows every convolution, ReLU follows that, but comes after the sum at the end of a block. ResNet-18
    and ResNet-34 have blocks of two 3×3 convolutions instead.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels). Pictures are taken as they come; the paper subtracted the mean picture of the
        training set from values 0 … 255.
    classes : int
        Number of classes.
    include_top : bool
        If False, the network ends with the last block, and ``classes`` is not looked at.
    stride_in : {"1x1", "3x3"}
        Which convolution of a block strides, in ResNet-50, 101 and 152: the first 1×1, as in the paper, or the 3×3, often
        called v1.5.
    small : bool
        Whether the stem is a 3×3 convolution without stride or pool, as is usual for pictures of 32×32.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes).

    Raises
    ------
    ValueError
        If an argument is out of range. Every size has a result, but below 32×32 (4×4 with ``small``) windows see mostly
        padding.

    Notes
    -----
    Padding is symmetric, the max pool's too (as in the authors' Torch code; their Caffe release pads that pool at the
    bottom and right only). Batch normalisation has ε = 1e-5 and momentum 0.9, convolutions have no bias, and weights
    start from He's normal distribution. Shortcuts are option B of the paper: projections only where shapes change.

    References
    ----------
    He, Zhang, Ren, Sun, *Deep residual learning for image recognition*, 2015.
    """
    options = {"include_top": include_top, "stride_in": stride_in, "small": small, "name": name}
    return _bottlenecks((3, 4, 6, 3), input_shape, classes, **options)


@register(
    **_card(101, 7.6, Published(TEN_CROP, 21.75, "%", f"{PAPER}, Table 3"), Published(ONE_CROP, 23.6, "%", RELEASE))
)
def resnet101(
    input_shape=IMAGENET, classes=1000, *, include_top=True, stride_in: str = "1x1", small=False, name="resnet101"
):
    """ResNet-101: 44 654 504 parameters, 105 344 of them not trained; see :func:`resnet50`."""
    options = {"include_top": include_top, "stride_in": stride_in, "small": small, "name": name}
    return _bottlenecks((3, 4, 23, 3), input_shape, classes, **options)


@register(
    **_card(152, 11.3, Published(TEN_CROP, 21.43, "%", f"{PAPER}, Table 3"), Published(ONE_CROP, 23.0, "%", RELEASE))
)
def resnet152(
    input_shape=IMAGENET, classes=1000, *, include_top=True, stride_in: str = "1x1", small=False, name="resnet152"
):
    """ResNet-152: 60 344 232 parameters, 151 424 of them not trained; see :func:`resnet50`."""
    options = {"include_top": include_top, "stride_in": stride_in, "small": small, "name": name}
    return _bottlenecks((3, 8, 36, 3), input_shape, classes, **options)
