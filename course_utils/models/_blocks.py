"""What several families are built of."""

BATCH_NORM = {"epsilon": 1e-5, "momentum": 0.9}
"""Batch normalisation as in Caffe, Torch and the authors' releases; Keras's own defaults are 1e-3 and 0.99."""


def check_size(input_shape: tuple[int, int, int], smallest: int) -> None:
    """Raise ValueError unless pictures have at least ``smallest`` rows and columns: below, a window no longer fits."""
    if min(input_shape[:2]) < smallest:
        raise ValueError(
            f"input_shape={input_shape}: expected (rows, columns, channels) with at least {smallest} rows and columns; "
            "below that a window no longer fits"
        )


def conv_bn(x, filters: int, kernel_size: int, name: str, *, strides=1, groups=1, relu=True, start="he_normal"):
    """Convolution with the same zeros on all sides → batch normalisation → ReLU if wanted; ``start`` are its first weights."""
    from keras import layers

    if strides > 1 and kernel_size > 1:  # Keras's "same" would add more zeros at the bottom than at the top.
        x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    padding = "same" if strides == 1 else "valid"
    options = {"strides": strides, "padding": padding, "groups": groups, "use_bias": False, "kernel_initializer": start}
    x = layers.Conv2D(filters, kernel_size, **options, name=name)(x)
    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def squeeze_excite(x, filters: int, name: str, *, activation: str = "relu", start="glorot_uniform"):
    """Weigh every channel: mean of each → 1×1 to ``filters`` → activation → 1×1 back → sigmoid → product."""
    from keras import layers

    weights = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    for units, function, part in ((filters, activation, "reduce"), (x.shape[-1], "sigmoid", "expand")):
        options = {"activation": function, "kernel_initializer": start}
        weights = layers.Conv2D(units, 1, **options, name=f"{name}_{part}")(weights)
    return layers.Multiply(name=f"{name}_scale")([x, weights])


def finish(inputs, x, classes: int, *, include_top: bool, name: str, dropout: float = 0.0, start="glorot_uniform"):
    """The model, with global average pool → dropout, if there is any → dense at its end if ``include_top``."""
    import keras
    from keras import layers

    if include_top:
        x = layers.GlobalAveragePooling2D(name="global_pool")(x)
        x = layers.Dropout(dropout, name="dropout")(x) if dropout else x
        x = layers.Dense(classes, kernel_initializer=start, name="logits")(x)
    return keras.Model(inputs, x, name=name)
