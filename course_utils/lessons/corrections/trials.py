"""What the entries of the corrections share: a way to hear what a library says, and networks made for one entry."""

import contextlib
import itertools
import logging
import os
import re
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Iterator

import numpy as np

LONGEST = 300
"""Characters of a message that are printed: around the text that was looked for."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FOLDERS = re.compile(r"(?<![\w.:/])/(?:[\w.+-]+/)+")


@contextlib.contextmanager
def raises(kind: type[BaseException], text: str) -> Iterator[None]:
    """Expect what stands in the block to raise an error of one kind with a text in its message; print the message.

    Raises
    ------
    AssertionError
        If nothing is raised, or the message lacks the text. Errors of another kind pass through.
    """
    try:
        yield
    except kind as error:
        _tell(text, str(error), type(error).__name__)
    else:
        raise AssertionError(f"nothing was raised; expected {kind.__name__}: {text}")


@contextlib.contextmanager
def says(text: str) -> Iterator[None]:
    """Expect a library to say a text in the block, as a warning or on the screen; print it.

    Raises
    ------
    AssertionError
        If it is not said.
    """
    with _listening() as heard:
        yield
    found = [(kind, message) for kind, message in heard if text in _plain(message)]
    if not found:
        raise AssertionError(f"not said: {text!r}; heard: {heard}")
    _tell(text, found[0][1], found[0][0])


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Expect that nothing is said in the block: no warning, nothing in the log, nothing on the screen.

    Raises
    ------
    AssertionError
        With what was said.
    """
    with _listening() as heard:
        yield
    if heard:
        raise AssertionError(f"something was said: {heard}")


def network(*layers, shape: tuple[int, ...], loss="mse", optimizer="sgd", **compiling):
    """A compiled ``keras.Sequential`` of some layers behind an input of one shape; not for XLA, which compiles longer."""
    import keras

    model = keras.Sequential([keras.Input(shape), *layers])
    model.compile(optimizer=optimizer, loss=loss, **{"jit_compile": False} | compiling)
    return model


def digit_perceptron(x, y, *, width: int = 32, rate: float = 0.01, optimizer: str = "adam", epochs: int = 5, seed=0):
    """Train a hidden layer of ReLU units and a softmax on flat pictures, in batches of 32; return what gives logits.

    Its steps are those of :class:`course_utils.layers.network.Network`, without the checks: it is called dozens of times.

    Parameters
    ----------
    x, y : numpy.ndarray
        Pictures, shape (N, number of pixels), and their class numbers.
    width : int
        Units of the hidden layer.
    rate : float
        Learning rate.
    optimizer : str
        "adam" with Keras's settings, or "sgd".
    epochs : int
        Passes through the pictures.
    seed : int
        Of the first weights and of the order.

    Returns
    -------
    callable
        Takes pictures, returns logits of shape (N, classes).
    """
    rng, classes = np.random.default_rng(seed), int(y.max()) + 1
    sizes = (x.shape[1], width, classes)
    weights = [rng.uniform(-1, 1, pair) * np.sqrt(6 / sum(pair)) for pair in itertools.pairwise(sizes)]
    weights += [np.zeros(width), np.zeros(classes)]
    memory = [np.zeros((2, *array.shape)) for array in weights]
    step = 0
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(x)), len(x) // 32):
            step += 1
            for array, gradient, moments in zip(weights, _slopes(weights, x[batch], y[batch]), memory, strict=True):
                if optimizer == "sgd":
                    array -= rate * gradient
                    continue
                moments *= np.reshape([0.9, 0.999], (2,) + (1,) * array.ndim)
                moments += np.stack([0.1 * gradient, 0.001 * gradient**2])
                warm = np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                array -= rate * warm * moments[0] / (np.sqrt(moments[1]) + 1e-7)
    return lambda pictures: _hidden(weights, pictures) @ weights[1] + weights[3]


def _hidden(weights, x):
    return np.maximum(x @ weights[0] + weights[2], 0)


def _slopes(weights, x, y):
    """Gradients of the mean cross-entropy for the two matrices and the two biases."""
    hidden = _hidden(weights, x)
    logits = hidden @ weights[1] + weights[3]
    error = np.exp(logits - logits.max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(y)), y] -= 1
    error /= len(y)
    back = error @ weights[1].T * (hidden > 0)
    return x.T @ back, hidden.T @ error, back.sum(axis=0), error.sum(axis=0)


class _Log(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, heard: list):
        super().__init__(logging.WARNING)
        self.heard = heard

    def emit(self, record):
        self.heard.append(("log", record.getMessage()))


@contextlib.contextmanager
def _listening() -> Iterator[list[tuple[str, str]]]:
    """Collect warnings, what Keras logs, and what libraries in C write to the standard error stream."""
    heard: list[tuple[str, str]] = []
    log, loggers = _Log(heard), [logging.getLogger(name) for name in ("absl", "tensorflow")]
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        screen = os.dup(2)
        os.dup2(file.fileno(), 2)
        for logger in loggers:
            logger.addHandler(log)
        try:
            yield heard
        finally:
            for logger in loggers:
                logger.removeHandler(log)
            sys.stderr.flush()
            os.dup2(screen, 2)
            os.close(screen)
        heard += [(warning.category.__name__, str(warning.message)) for warning in caught]
        file.seek(0)
        written = file.read().decode(errors="replace")
    lines = [line for line in written.splitlines() if line.strip() and not any(line in text for _, text in heard)]
    heard += [("on the screen", line) for line in lines if _matters(line)]


def _matters(line: str) -> bool:
    """Whether a line on the screen is more than a log entry with its time, which a logger has given already."""
    return not re.match(r"(WARNING|I|W|E)\w*[:\d]", line)


def _plain(message: str) -> str:
    """A message in one line, without the colours of a terminal and the folders of this machine."""
    return _FOLDERS.sub("…/", " ".join(_COLOURS.sub("", message).split()))


def _tell(text: str, message: str, kind: str) -> None:
    """Print a message, or the part around the text, after looking for the text in it."""
    message = _plain(message)
    place = message.find(text)
    if place < 0:
        raise AssertionError(f"{kind} says {message!r}, and not {text!r}")
    start = max(0, place + len(text) - LONGEST)
    shown = "… " * bool(start) + message[start : start + LONGEST] + " …" * (len(message) > start + LONGEST)
    print(textwrap.fill(f"{kind}: {shown}", 79, break_long_words=True, break_on_hyphens=False))
