"""The two networks that learn MNIST in the course: the one everybody starts with, and a small fast one."""

from course_utils._arguments import as_count
from course_utils.models._blocks import check_size
from course_utils.models._registry import register

DIGITS = (28, 28, 1)


@register(
    title="Classic MNIST network",
    year=None,
    authors="many tutorials",
    reference=None,
    idea="three convolutions and two poolings before a dense layer, the network everybody starts with",
)
def mnist_classic(input_shape=DIGITS, classes=10, *, dropout: float = 0.5, name: str = "mnist_classic"):
    """The three-convolution network of countless tutorials: 167 114 parameters for MNIST.

    Conv 3×3, 32 → max pool → conv 3×3, 64 → max pool → conv 3×3, 128 → flatten → dense 64 → dropout → dense.
    The third convolution is *not* followed by pooling. No padding; ReLU everywhere but at the end.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of raw pictures with values 0 … 255; the model scales them to 0 … 1.
    classes : int
        Number of classes.
    dropout : float
        Share of the 64 dense activations that is dropped while training, 0 ≤ dropout < 1.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes).

    Raises
    ------
    ValueError
        If the pictures are too small, or a number is out of range.
    """
    import keras
    from keras import layers

    check_size(input_shape, 18)
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255, name="scale"),
            layers.Conv2D(32, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(64, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Conv2D(128, 3, activation="relu", name="conv3"),
            layers.Flatten(name="flatten"),
            layers.Dense(64, activation="relu", name="dense"),
            layers.Dropout(dropout, name="dropout"),
            layers.Dense(classes, name="logits"),
        ],
        name=name,
    )


@register(
    title="Fast MNIST network",
    year=None,
    authors="this course",
    reference=None,
    idea="batch normalisation after pooling lets a network a sixth as large learn MNIST in three epochs",
)
def mnist_fast(input_shape=DIGITS, classes=10, *, width: int = 16, name: str = "mnist_fast"):
    """The course's small network with batch normalisation: 29 658 parameters for MNIST.

    Conv 5×5, 16 → max pool → BN → ReLU → conv 3×3, 32 → max pool → BN → ReLU → conv 3×3, 64 → BN → ReLU → flatten →
    dense. Pooling comes *before* batch normalisation and ReLU: the maximum commutes with ReLU, and the others then work
    on a quarter of the entries. Convolutions have no bias, since batch normalisation subtracts it again.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels) of raw pictures with values 0 … 255; the model scales them to 0 … 1.
    classes : int
        Number of classes.
    width : int
        Filters of the first convolution; the others have twice and four times as many.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes).

    Raises
    ------
    ValueError
        If the pictures are too small, or a number is out of range.
    """
    import keras
    from keras import layers

    check_size(input_shape, 20)
    width = as_count(width, "width")
    stack = [keras.Input(input_shape), layers.Rescaling(1 / 255, name="scale")]
    for number, (filters, kernel_size, pool) in enumerate([(1, 5, True), (2, 3, True), (4, 3, False)], start=1):
        stack.append(layers.Conv2D(filters * width, kernel_size, use_bias=False, name=f"conv{number}"))
        if pool:
            stack.append(layers.MaxPooling2D(2, name=f"pool{number}"))
        stack.append(layers.BatchNormalization(momentum=0.9, name=f"bn{number}"))
        stack.append(layers.ReLU(name=f"relu{number}"))
    stack += [layers.Flatten(name="flatten"), layers.Dense(classes, name="logits")]
    return keras.Sequential(stack, name=name)
