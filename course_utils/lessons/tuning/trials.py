"""The trial that the lesson on tuning searches with: a small network of NumPy layers, trained for a few epochs."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from course_utils import datasets, layers
from course_utils._arguments import as_choice, as_count, as_number, as_seed, as_share

TRAINING, VALIDATION = 500, 2000  # digits that a trial trains on, and is judged by
BATCH = 50
EPOCHS = 8
TOO_LARGE = 1e6  # logits beyond it: the training has failed

# What a search may choose: ends of the range, and whether equal factors (log) or equal steps are equally likely.
SPACE = {
    "learning_rate": (1e-3, 1.0, "log"),
    "momentum": (0.0, 0.95, "even"),
    "filters": (4, 32, "log"),
    "dropout": (0.0, 0.6, "even"),
}


@cache
def digits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pictures and labels by split: digits of 14×14, standardised with the training split's mean and deviation.

    Returns
    -------
    dict of str to (numpy.ndarray, numpy.ndarray)
        "training", "validation", "test": pictures, float32, shape (N, 14, 14, 1), and labels, shape (N,); the test
        split is all of MNIST's.
    """
    mnist = datasets.load_mnist(validation=VALIDATION)
    splits = {
        "training": (mnist.x_train[:TRAINING], mnist.y_train[:TRAINING]),
        "validation": (mnist.x_val, mnist.y_val),
        "test": (mnist.x_test, mnist.y_test),
    }
    half = {name: x.reshape(len(x), 14, 2, 14, 2).mean(axis=(2, 4)) for name, (x, _) in splits.items()}
    mean, deviation = half["training"].mean(), half["training"].std()
    return {
        name: (((half[name] - mean) / deviation)[..., None].astype("float32"), y) for name, (_, y) in splits.items()
    }


def build(filters: int, dropout: float, rng: np.random.Generator, depth: int = 1) -> layers.Network:
    """Return a network with random weights: convolutions 3×3, dropout, a dense layer for ten logits.

    Parameters
    ----------
    filters : int
        Of each convolution.
    dropout : float
        Rate before the dense layer, 0 ≤ rate < 1.
    rng : numpy.random.Generator
        For the weights, and later for the dropout.
    depth : int
        Number of convolutions, each with a ReLU; the first two halve rows and columns.

    Returns
    -------
    course_utils.layers.Network

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    filters, depth = as_count(filters, "filters"), as_count(depth, "depth")
    rate = as_share(dropout, "dropout")
    steps, side, channels = [], 14, 1
    for number in range(depth):
        stride = 2 if number < 2 else 1
        kernel = rng.normal(size=(3, 3, channels, filters)) * np.sqrt(2 / (9 * channels))
        weights = {"kernel": kernel.astype("float32"), "bias": np.zeros(filters, "float32")}
        steps += [("conv2d", weights, {"strides": stride, "padding": "same"}), ("relu",)]
        side, channels = -(-side // stride), filters
    size = side * side * channels
    kernel = (rng.normal(size=(size, 10)) / np.sqrt(size)).astype("float32")
    steps += [("flatten",), ("dropout", {}, {"rate": rate, "seed": rng})]
    return layers.Network([*steps, ("dense", {"kernel": kernel, "bias": np.zeros(10, "float32")})])


def accuracies(
    *,
    learning_rate: float = 0.03,
    momentum: float = 0.8,
    filters: int = 8,
    dropout: float = 0.2,
    depth: int = 1,
    seed: int = 0,
    epochs: int = EPOCHS,
    split: str = "validation",
) -> Iterator[float]:
    """Train one network, and say after each epoch how many digits of a split it recognises.

    Parameters
    ----------
    learning_rate, momentum : float
        η and β of :func:`course_utils.layers.sgd_update`.
    filters, dropout, depth
        As of :func:`build`.
    seed : int
        For weights, order and dropout.
    epochs : int
        How many.
    split : str
        "validation", or "test" for the report at the end.

    Yields
    ------
    float
        Share of the digits, after each epoch; that of chance, 0.1, once the training has failed.

    Raises
    ------
    ValueError
        If a number is out of range, or there is no such split.
    """
    split = as_choice(split, "split", ("validation", "test"))
    learning_rate = as_number(learning_rate, "learning_rate", above=0)
    x, y = digits()["training"]
    x_new, y_new = digits()[split]
    rng = np.random.default_rng(as_seed(seed))
    network, state, failed = build(filters, dropout, rng, depth), None, False
    for _ in range(as_count(epochs, "epochs")):
        for chosen in np.split(rng.permutation(len(x)), len(x) // BATCH):
            if failed:
                break
            z, caches = network.forward(x[chosen], training=True)
            failed = not abs(z).max() < TOO_LARGE
            if not failed:
                slope = (layers.softmax(z) - np.eye(10, dtype="float32")[y[chosen]]) / len(z)
                _, gradients = network.backward(slope, caches)
                state = network.update(
                    gradients, layers.sgd_update, state, learning_rate=learning_rate, momentum=momentum
                )
        yield 0.1 if failed else float((network.forward(x_new)[0].argmax(axis=1) == y_new).mean())


def drawn(rng: np.random.Generator) -> dict:
    """Return settings drawn at random from :data:`SPACE`.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    dict
        A value by the name of each setting.
    """
    return at({name: rng.uniform() for name in SPACE})


def at(shares: dict[str, float]) -> dict:
    """Return the settings at given places of their ranges.

    Parameters
    ----------
    shares : dict of str to float
        Place of each setting in its range: 0 at its lower end, 1 at its upper.

    Returns
    -------
    dict
        A value by the name of each setting; ``filters`` is a whole number.

    Raises
    ------
    ValueError
        If there is no such setting, or a place is not between 0 and 1.
    """
    chosen = {}
    for name, share in shares.items():
        low, high, scale = SPACE[as_choice(name, "a setting", SPACE)]
        share = as_share(share, f"shares[{name!r}]", closed=True)
        value = low * (high / low) ** share if scale == "log" else low + (high - low) * share
        chosen[name] = round(value) if name == "filters" else float(value)
    return chosen
