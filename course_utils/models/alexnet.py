"""AlexNet (2012), as one graph."""

from course_utils.models._blocks import check_size
from course_utils.models._registry import Published, register

PAPER = "Krizhevsky et al. 2012"


@register(
    title="AlexNet",
    year=2012,
    authors="Krizhevsky, Sutskever, Hinton",
    reference="krizhevsky2012imagenet",
    idea="a deep convolutional network with ReLU and dropout, trained on GPUs, wins ImageNet by a wide margin",
    published=(
        Published(
            measure="ImageNet top-1 error, one model, ILSVRC-2012 validation",
            value=40.7,
            unit="%",
            source=f"{PAPER}, Table 2",
        ),
        Published(
            measure="ImageNet top-1 accuracy, torchvision weights",
            value=56.5,
            unit="%",
            source="torchvision's table of weights; its AlexNet is Krizhevsky's single-tower variant of 2014",
        ),
    ),
)
def alexnet(input_shape=(227, 227, 3), classes=1000, *, include_top: bool = True, dropout: float = 0.5, name="alexnet"):
    """AlexNet, both halves in one graph: 60 965 224 parameters.

    Conv 11×11/4, 96 → LRN → pool → conv 5×5, 256 → LRN → pool → conv 3×3, 384 → conv 3×3, 384 → conv 3×3, 256 → pool →
    dense 4096 → dense 4096 → dense; ReLU after every layer with weights but the last. Pools are 3×3 with stride 2, so
    windows overlap. The second, fourth and fifth convolutions have two groups: each half of the filters sees only the
    half of the maps that stood on the same GPU.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels). Pictures are taken as they come; the paper subtracted the mean picture of the
        training set from values 0 … 255. The paper writes 224×224, but only 227×227 gives its 55×55 maps without
        padding.
    classes : int
        Number of classes.
    include_top : bool
        If False, the network ends with the last pool, and ``classes`` is not looked at.
    dropout : float
        Share of the activations of each of the two hidden dense layers that is dropped while training.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes).

    Raises
    ------
    ValueError
        If the pictures are smaller than 39×39, or an argument is out of range.

    Notes
    -----
    Padding is symmetric (2 for 5×5, 1 for 3×3, none for 11×11); pools take a last partial window, as in the authors'
    cuda-convnet, which matters only for other input sizes than the paper's. LRN has k = 2, n = 5, α = 1e-4 not divided
    by n, β = 0.75. Weights start from He's normal distribution; the paper's own start (standard deviation 0.01, some
    biases 1) suits its unscaled pictures only.

    References
    ----------
    Krizhevsky, Sutskever, Hinton, *ImageNet classification with deep convolutional neural networks*, 2012.
    """
    import keras
    from keras import layers

    from course_utils.models.custom_layers import LocalResponseNormalization, max_pool_rounding_up

    check_size(input_shape, 39)

    def conv(x, number, filters, kernel_size, **options):
        usual = {"padding": "same", "activation": "relu", "kernel_initializer": "he_normal"}
        return layers.Conv2D(filters, kernel_size, **{**usual, **options}, name=f"conv{number}")(x)

    def pool(x, number):
        return max_pool_rounding_up(x, name=f"pool{number}")

    inputs = keras.Input(input_shape)
    x = conv(inputs, 1, 96, 11, strides=4, padding="valid")
    x = pool(LocalResponseNormalization(name="norm1")(x), 1)
    x = conv(x, 2, 256, 5, groups=2)
    x = pool(LocalResponseNormalization(name="norm2")(x), 2)
    x = conv(x, 3, 384, 3)
    x = conv(x, 4, 384, 3, groups=2)
    x = pool(conv(x, 5, 256, 3, groups=2), 5)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        for number in (6, 7):
            x = layers.Dense(4096, activation="relu", kernel_initializer="he_normal", name=f"fc{number}")(x)
            x = layers.Dropout(dropout, name=f"dropout{number}")(x)
        x = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, x, name=name)
