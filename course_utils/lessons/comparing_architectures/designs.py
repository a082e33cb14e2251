"""Six networks of at most a million multiply-adds for a digit, and the short training that compares them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from course_utils import datasets, training
from course_utils._arguments import as_callable, as_flag, as_model, as_seed

if TYPE_CHECKING:
    import keras

DIGITS, VALIDATION, PEAK, BATCH_SIZE = 8000, 5000, 0.02, 64


def _conv(x, filters: int, kernel_size: int = 3, strides: int = 1):
    """Convolution without bias, batch normalisation, ReLU."""
    from keras import layers

    x = layers.Conv2D(filters, kernel_size, strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def _separable(x, filters: int):
    """One 3×3 kernel a channel, then 1×1 across channels."""
    from keras import layers

    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    return _conv(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)), filters, 1)


def _network(body: Callable) -> keras.Model:
    """A network from raw digits to ten logits."""
    import keras
    from keras import layers

    inputs = keras.Input((28, 28, 1))
    return keras.Model(inputs, layers.Dense(10)(body(layers.Rescaling(1 / 255)(inputs))))


def dense_only() -> keras.Model:
    """One hidden layer, no convolution."""
    from keras import layers

    return _network(lambda x: layers.Dense(1200, activation="relu")(layers.Flatten()(x)))


def _full_size(x):
    """Two convolutions on all 28×28 pixels before the first pooling; the last maps are 7×7."""
    from keras import layers

    x = layers.MaxPooling2D(2)(_conv(_conv(x, 8), 10))
    return _conv(layers.MaxPooling2D(2)(_conv(x, 12)), 24)


def full_size_first() -> keras.Model:
    """Most of the work on all 28×28 pixels; averages at the end."""
    from keras import layers

    return _network(lambda x: layers.GlobalAveragePooling2D()(_full_size(x)))


def full_size_laid_out() -> keras.Model:
    """The same convolutions; the last maps are pooled to 3×3 and laid out, not averaged."""
    from keras import layers

    return _network(lambda x: layers.Flatten()(layers.MaxPooling2D(2)(_full_size(x))))


def strides_first() -> keras.Model:
    """Two strides at once, then 7×7 maps; averages at the end."""
    from keras import layers

    def body(x):
        x = _conv(_conv(x, 16, 5, 2), 16, 3, 2)
        return layers.GlobalAveragePooling2D()(_conv(_conv(x, 32), 36))

    return _network(body)


def separable() -> keras.Model:
    """The frame of the race with separable blocks."""
    from keras import layers

    def body(x):
        x = _separable(_separable(_conv(x, 16, 5, 2), 36), 36)
        x = layers.MaxPooling2D(2)(x)
        return layers.GlobalAveragePooling2D()(_separable(_separable(x, 72), 72))

    return _network(body)


def places_kept() -> keras.Model:
    """A stride and a pooling, two convolutions on 7×7; the last maps are pooled to 3×3 and laid out, not averaged."""
    from keras import layers

    def body(x):
        x = layers.MaxPooling2D(2)(_conv(x, 16, 5, 2))
        return layers.Flatten()(layers.MaxPooling2D(2)(_conv(_conv(x, 32), 48)))

    return _network(body)


DESIGNS = {
    "dense only": dense_only,
    "full size first": full_size_first,
    "full size, laid out": full_size_laid_out,
    "strides first": strides_first,
    "separable": separable,
    "places kept": places_kept,
}


def score(network: Callable[[], keras.Model], seed: int = 0, *, test: bool = False) -> float:
    """Train a new network for one epoch of 8000 digits by the fast recipe; how many per cent it then reads.

    Parameters
    ----------
    network : callable
        Returns a new network each time: pictures of shape (28, 28, 1), bytes, in; ten logits out.
    seed : int
        Of its first weights and of the order of the digits.
    test : bool
        Read the 10 000 test digits instead of 5000 validation digits. Choose by the validation digits, and ask for this once.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``network`` is no function that makes a network of that kind.
    """
    network, seed, test = as_callable(network, "network"), as_seed(seed), as_flag(test, "test")
    training.set_seed(seed)
    model = as_model(network(), built=True)
    data = datasets.load_mnist(validation=10_000)
    x, y = data.x_train[:DIGITS], data.y_train[:DIGITS]
    training.fit_fast(model, x, y, epochs=1, batch_size=BATCH_SIZE, peak=PEAK, seed=seed, progress=False)
    x, y = (data.x_test, data.y_test) if test else (data.x_val[:VALIDATION], data.y_val[:VALIDATION])
    return 100 * float((model.predict(x, batch_size=500, verbose=0).argmax(axis=1) == y).mean())
