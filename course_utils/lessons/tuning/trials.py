"""The trial that the lesson on tuning searches with: a small network of NumPy layers, trained for a few epochs."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from course_utils import datasets, layers
from course_utils._arguments import as_choice, as_count, as_number, as_seed, as_share

# Digits that a trial trains on, and is judged by: the first and last of MNIST's 60 000.
TRAINING, VALIDATION = 500, 2000
OTHER = 10_000  # of the training digits between them
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
        "training", "validation", "other", "test": pictures, float32, shape (N, 14, 14, 1), and labels, shape (N,). "other"
        are training digits drawn at random from those between training and validation; the test split is all of MNIST's.
    """
    mnist = datasets.load_mnist(validation=VALIDATION)
    between = np.random.default_rng(0).choice(np.arange(TRAINING, len(mnist.x_train)), OTHER, replace=False)
    splits = {
        "training": (mnist.x_train[:TRAINING], mnist.y_train[:TRAINING]),
        "validation": (mnist.x_val, mnist.y_val),
        "other": (mnist.x_train[between], mnist.y_train[between]),
        "test": (mnist.x_test, mnist.y_test),
    }
    half = {name: x.reshape(len(x), 14, 2, 14, 2).mean(axis=(2, 4)) for name, (x, _) in splits.items()}
    mean, deviation = half["training"].mean(), half["training"].std()
    return {
        name: (((half[name] - mean) / deviation)[..., None].astype("float32"), y) for name, (_, y) in splits.items()
    }


def build(filters: int, dropout: float, rng: np.random.Generator, depth: int = 1, halvings: int = 2) -> layers.Network:
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
        Number of convolutions, each with a ReLU.
    halvings : int
        How many of them halve rows and columns, from the first on; 1 at least.

    Returns
    -------
    course_utils.layers.Network

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    filters, depth, halvings = as_count(filters, "filters"), as_count(depth, "depth"), as_count(halvings, "halvings")
    rate = as_share(dropout, "dropout")
    steps, side, channels = [], 14, 1
    for number in range(depth):
        stride = 2 if number < halvings else 1
        kernel = rng.normal(size=(3, 3, channels, filters)) * np.sqrt(2 / (9 * channels))
        weights = {"kernel": kernel.astype("float32"), "bias": np.zeros(filters, "float32")}
        steps += [("conv2d", weights, {"strides": stride, "padding": "same"}), ("relu",)]
        side, channels = -(-side // stride), filters
    size = side * side * channels
    kernel = (rng.normal(size=(size, 10)) / np.sqrt(size)).astype("float32")
    steps += [("flatten",), ("dropout", {}, {"rate": rate, "seed": rng})]
    return layers.Network([*steps, ("dense", {"kernel": kernel, "bias": np.zeros(10, "float32")})])


def accuracies(*, seed: int = 0, epochs: int = EPOCHS, **settings) -> Iterator[float]:
    """Train one network, and say after each epoch how many validation digits it recognises.

    Parameters
    ----------
    seed : int
        For weights, order and dropout.
    epochs : int
        How many.
    **settings
        ``learning_rate`` and ``momentum`` of :func:`course_utils.layers.sgd_update`, 0.03 and 0.8 unless given;
        ``filters`` (8), ``dropout`` (0.2), ``depth`` (1) and ``halvings`` (2) of :func:`build`.

    Yields
    ------
    float
        Share of the digits, after each epoch; that of chance, 0.1, once the training has failed.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    for network, failed in _epochs(seed, epochs, **settings):
        yield 0.1 if failed else share(network, "validation")


def trained(*, seed: int = 0, epochs: int = EPOCHS, **settings) -> layers.Network:
    """Return a network after its last epoch; arguments as of :func:`accuracies`.

    Returns
    -------
    course_utils.layers.Network

    Raises
    ------
    ValueError
        If a number is out of range.
    RuntimeError
        If the training fails.
    """
    *_, (network, failed) = _epochs(seed, epochs, **settings)
    if failed:
        raise RuntimeError(f"the training failed with {settings} and seed {seed}; try a lower learning rate")
    return network


def share(network: layers.Network, split: str) -> float:
    """Return the share of a split's digits that a network recognises.

    Parameters
    ----------
    network : course_utils.layers.Network
    split : str
        One of :func:`digits`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there is no such split.
    """
    x, y = digits()[as_choice(split, "split", digits())]
    return float((network.forward(x)[0].argmax(axis=1) == y).mean())


def _epochs(seed, epochs, *, learning_rate=0.03, momentum=0.8, filters=8, dropout=0.2, depth=1, halvings=2):
    """After each epoch: the network, and whether its training has failed."""
    learning_rate = as_number(learning_rate, "learning_rate", above=0)
    x, y = digits()["training"]
    rng = np.random.default_rng(as_seed(seed))
    network, state, failed = build(filters, dropout, rng, depth, halvings), None, False
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
        yield network, failed


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
