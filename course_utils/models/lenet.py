"""LeNet-5 (1998): as published, and as it is usually read today."""

from course_utils.models._blocks import check_size
from course_utils.models._registry import Published, register

DIGITS = (32, 32, 1)
PAPER = "LeCun et al. 1998"


@register(
    title="LeNet-5 (modern reading)",
    year=1998,
    authors="LeCun, Bottou, Bengio, Haffner",
    reference="lecun1998gradient",
    idea="convolution and subsampling in turn, trained end to end: features are learnt, not designed",
)
def lenet5(input_shape=DIGITS, classes=10, *, include_top: bool = True, small: bool = False, name: str = "lenet5"):
    """LeNet-5 as it is built today: 61 706 parameters for 32×32 grey digits.

    C1 conv 5×5, 6 → S2 average pool → C3 conv 5×5, 16 → S4 average pool → C5 conv 5×5, 120 → F6 dense 84 → dense; tanh
    after every layer with weights but the last. No padding.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels). Pictures are taken as they come; the paper centred 28×28 digits in 32×32 and scaled
        paper to −0.1 and ink to 1.175, so that pixels have about mean 0 and variance 1.
    classes : int
        Number of classes.
    include_top : bool
        If False, the network ends with the maps of C5, and ``classes`` is not looked at.
    small : bool
        Whether C1 pads with two zeros on each side, so that 28×28 pictures give the maps that 32×32 ones give without.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Output: logits, shape (N, classes).

    Raises
    ------
    ValueError
        If the pictures are smaller than 32×32 (28×28 with ``small``), or an argument is out of range.

    Notes
    -----
    What differs from the paper, whose network is :func:`lenet5_1998`: tanh without scale, average pooling without
    parameters, C3 sees all maps of S2, logits for a softmax in place of distances to pictures of digits.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998.
    """
    import keras
    from keras import layers

    check_size(input_shape, 28 if small else 32)
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(6, 5, padding="same" if small else "valid", activation="tanh", name="c1")(inputs)
    x = layers.AveragePooling2D(2, name="s2")(x)
    x = layers.Conv2D(16, 5, activation="tanh", name="c3")(x)
    x = layers.AveragePooling2D(2, name="s4")(x)
    x = layers.Conv2D(120, 5, activation="tanh", name="c5")(x)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        x = layers.Dense(84, activation="tanh", name="f6")(x)
        x = layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, x, name=name)


@register(
    title="LeNet-5",
    year=1998,
    authors="LeCun, Bottou, Bengio, Haffner",
    reference="lecun1998gradient",
    idea="shared weights, local windows and subsampling give a network that reads digits from pixels",
    published=(
        Published(measure="MNIST test error", value=0.95, unit="%", source=f"{PAPER}, section III.B"),
        Published(
            measure="MNIST test error, trained with distortions", value=0.8, unit="%", source=f"{PAPER}, section III.B"
        ),
        Published(measure="trainable parameters", value=60_000, unit="", source=f"{PAPER}, section II.B"),
        Published(measure="connections", value=340_908, unit="", source=f"{PAPER}, section II.B"),
    ),
)
def lenet5_1998(
    input_shape=DIGITS, classes=10, *, include_top: bool = True, small: bool = False, name: str = "lenet5_1998"
):
    """LeNet-5 as published: 60 000 trainable parameters and 840 fixed ones for 32×32 grey digits.

    C1 conv 5×5, 6 → S2 subsampling → C3 conv 5×5, 16, by a table of connections → S4 subsampling → C5 conv 5×5, 120 →
    F6 dense 84 → squared distances to ten pictures of digits. Subsampling adds up four entries, times a trainable
    coefficient, plus a trainable bias. Every layer but the output ends with f(a) = 1.7159 tanh(2a/3).

    Parameters
    ----------
    input_shape, include_top, small, name
        As for :func:`lenet5`.
    classes : int
        Number of classes, at most 10: each has the picture of a digit.

    Returns
    -------
    keras.Model
        Output: *penalties*, shape (N, classes). The smallest one tells the class. Their negatives are logits.

    Raises
    ------
    ValueError
        If the pictures are smaller than 32×32 (28×28 with ``small``), there are more than 10 classes, or an argument
        is out of range.

    Notes
    -----
    Convolutions and F6 start as in the paper: weights uniform within ±2.4 / fan-in. What differs: the pictures of the
    digits, 7×12 pixels in ±1, were drawn for this course, since the paper shows its own only in a figure; biases start
    at zero and subsampling at the mean. The paper minimised the penalty of the right class; its discriminative
    criterion (equation 9) is the cross-entropy of the negative penalties with one more class of constant penalty.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998, section II.B.
    """
    import keras
    from keras import layers

    from course_utils.models import custom_layers as custom

    check_size(input_shape, 28 if small else 32)
    if include_top and classes > 10:
        raise ValueError(f"classes={classes}: the output compares with pictures of the digits 0 to 9, so at most 10")

    def squash(x, name):
        return layers.Activation(custom.scaled_tanh, name=f"{name}_squash")(x)

    def uniform(fan_in):
        return keras.initializers.RandomUniform(-2.4 / fan_in, 2.4 / fan_in)

    inputs = keras.Input(input_shape)
    padding, start = "same" if small else "valid", uniform(25 * input_shape[2])
    x = squash(layers.Conv2D(6, 5, padding=padding, kernel_initializer=start, name="c1")(inputs), "c1")
    x = squash(custom.TrainableSubsampling2D(2, name="s2")(x), "s2")
    x = squash(custom.TableConv2D(custom.C3_TABLE, 5, name="c3")(x), "c3")
    x = squash(custom.TrainableSubsampling2D(2, name="s4")(x), "s4")
    x = squash(layers.Conv2D(120, 5, kernel_initializer=uniform(25 * 16), name="c5")(x), "c5")
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        x = squash(layers.Dense(84, kernel_initializer=uniform(x.shape[-1]), name="f6")(x), "f6")
        x = custom.RadialBasisDigits(classes, name="penalties")(x)
    return keras.Model(inputs, x, name=name)
