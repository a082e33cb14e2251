"""Checks of part 3, training and regularization."""

from collections.abc import Callable, Mapping

import numpy as np

from course_utils import layers
from course_utils.exercises import Result, array, attempted, choice, exercise, function


def _recognised(answer: object, arguments: tuple, right: np.ndarray, wrong: Mapping[str, np.ndarray]) -> str | None:
    """What to say about a function whose result is that of an instructive mistake; None if it is none of these."""
    if not callable(answer):
        return None
    try:
        value = np.asarray(
            answer(*(np.copy(part) if isinstance(part, np.ndarray) else part for part in arguments)), float
        )
    except Exception:
        return None
    if value.shape == right.shape and np.allclose(value, right):
        return None
    return next(
        (text for text, other in wrong.items() if value.shape == other.shape and np.allclose(value, other)), None
    )


LOGITS = np.log([2.0, 1.0, 5.0])
"""The three logits of the exercise :func:`logit_gradient`; the right class is the first."""


@exercise(
    "First the probabilities: e to the power of ln 2, ln 1 and ln 5, divided by their sum.",
    "The gradient is p − y, and y is (1, 0, 0).",
)
def logit_gradient(gradient):
    """Gradient of the cross-entropy with respect to the logits ln 2, ln 1, ln 5, the first class being right."""
    p, y = np.array([2, 1, 5]) / 8, np.array([1, 0, 0])
    attempted(gradient)
    wrong = {
        "that is y − p, the direction in which the logits should move. The gradient points uphill: p − y.": y - p,
        "these are the probabilities. The label y is missing.": p,
        "the 1 was taken from another class. The right class is the first.": p - [0, 1, 0],
        "the 1 was taken from the last class. The right class is the first.": p - [0, 0, 1],
        "that is the gradient with respect to the probabilities, −y/p. The softmax has a slope too.": -y / p,
        "the exponentials have not been divided by their sum.": np.array([2, 1, 5]) - y,
        "the logits themselves are no probabilities: softmax comes first.": LOGITS - y,
    }
    try:
        given = np.asarray(gradient, float)
    except (TypeError, ValueError):
        given = None
    for text, values in wrong.items():
        if given is not None and given.shape == values.shape and np.allclose(given, values, atol=1e-3):
            yield Result(False, f"gradient: {text}")
            return
    yield array("gradient", gradient, p - y, idea="Softmax first, then subtract the one-hot label.", tolerance=1e-3)


def _average_pool(dy, k):
    """Each window's share of dy, given to its k × k entries."""
    return np.repeat(np.repeat(dy, k, axis=1), k, axis=2) / k**2


@exercise(
    "y is a sum over k² entries, each with the weight 1/k². What is the slope of y with respect to one of them?",
    "Every entry of a window gets dy / k². np.repeat(dy, k, axis=1) writes each row k times.",
    "Repeat along axis 1 and along axis 2, then divide by k * k.",
)
def average_pool(answer):
    """Backward pass of average pooling with windows of k × k that do not overlap."""
    rng = np.random.default_rng(0)
    one, batch = np.array([[[[4.0], [8.0]]]]), rng.normal(size=(2, 2, 3, 4))
    repeated = np.repeat(np.repeat(batch, 3, axis=1), 3, axis=2)
    first = np.zeros((2, 6, 9, 4))
    first[:, ::3, ::3] = batch
    wrong = {
        "every entry got all of dy. Each entered the mean with the weight 1/k² only.": repeated,
        "dy was divided by k. A window of k × k has k² entries.": repeated / 3,
        "one entry of each window got everything. In a mean all of them take part.": first,
        "np.tile puts whole copies of the map side by side. The entries of one window are neighbours: np.repeat.": (
            np.tile(batch, (1, 3, 3, 1)) / 9
        ),
        "dy was multiplied by k². The shares of a window have to add up to dy.": repeated * 9,
    }
    told = _recognised(answer, (batch, 3), _average_pool(batch, 3), wrong)
    if told:
        yield Result(False, f"average_pool_gradient: {told}")
        return
    cases = [
        ("a row of two windows of 2 × 2", (one, 2)),
        ("two examples, four channels, windows of 3 × 3", (batch, 3)),
        ("windows of one entry", (batch, 1)),
    ]
    ideas = {
        "a row of two windows of 2 × 2": "dx has shape (N, k H', k W', C); each entry gets its window's dy / k².",
        "two examples, four channels, windows of 3 × 3": "Rows are axis 1, columns axis 2; examples and channels stay.",
        "windows of one entry": "With k = 1 pooling does nothing, so dx is dy.",
    }
    yield from function("average_pool_gradient", answer, _average_pool, cases, idea=ideas)


def _input_gradient(dy, kernel, *, flip=(0, 1), swap=True, fewer=0):
    """Gradient of a stride-1 `valid` convolution with respect to its pictures, or of that with something forgotten."""
    kernel = np.flip(kernel, flip) if flip else kernel
    kernel = kernel.transpose(0, 1, 3, 2) if swap else kernel
    rows, columns = (size - 1 - fewer for size in kernel.shape[:2])
    return layers.conv2d(dy, kernel, padding=((rows, rows), (columns, columns)))


@exercise(
    "A pixel at the corner lies in one window only. With how many rows of zeros around dy does the flipped kernel reach it?",
    "kernel[::-1, ::-1] flips rows and columns. The channels swap their part: what came out goes back in.",
    "layers.conv2d(dy, kernel[::-1, ::-1].transpose(0, 1, 3, 2), padding=((k_h - 1, k_h - 1), (k_w - 1, k_w - 1)))",
)
def input_gradient(answer):
    """The gradient with respect to the pictures as a convolution of dy with flipped kernels."""
    rng = np.random.default_rng(0)
    square = (rng.normal(size=(1, 3, 4, 2)), rng.normal(size=(3, 3, 2, 2)))
    wrong = {
        "the kernels are not flipped. The pixel at the top left of a window meets the weight at the top left; seen from "
        "the pixel, that window lies to its lower right.": _input_gradient(*square, flip=()),
        "the rows of the kernels are flipped, their columns are not.": _input_gradient(*square, flip=(0,)),
        "the columns of the kernels are flipped, their rows are not.": _input_gradient(*square, flip=(1,)),
        "channels and filters are not swapped: dy has as many channels as there were filters, and dx needs those of the "
        "pictures. transpose(0, 1, 3, 2) swaps them.": _input_gradient(*square, swap=False),
        "neither are the kernels flipped nor channels and filters swapped.": (
            _input_gradient(*square, flip=(), swap=False)
        ),
        "every axis of the kernels is reversed. Flip rows and columns only; channels and filters are swapped, which is "
        "something else.": _input_gradient(square[0], square[1][:, :, ::-1, ::-1], swap=False),
        "the frame of zeros is one too narrow: a corner pixel would be out of reach.": _input_gradient(
            *square, fewer=1
        ),
        "dy needs a frame of zeros, k − 1 wide, on every side.": _input_gradient(*square, fewer=2),
    }
    told = _recognised(answer, square, _input_gradient(*square), wrong)
    if told:
        yield Result(False, f"input_gradient: {told}")
        return
    cases = [
        ("one channel, one filter", (rng.normal(size=(1, 2, 2, 1)), rng.normal(size=(3, 3, 1, 1)))),
        ("two channels, two filters", square),
        ("three channels, five filters", (rng.normal(size=(2, 4, 3, 5)), rng.normal(size=(3, 3, 3, 5)))),
        ("a kernel of 2 rows and 3 columns", (rng.normal(size=(2, 4, 3, 2)), rng.normal(size=(2, 3, 3, 2)))),
    ]
    ideas = {
        "one channel, one filter": "Frame dy with zeros, flip the kernel, correlate. dx has the size of the picture.",
        "two channels, two filters": "Each filter sends its share back to each channel: swap the last two axes.",
        "three channels, five filters": "dx has three channels, dy has five: swap the last two axes of the kernel.",
        "a kernel of 2 rows and 3 columns": "The frame is k_h − 1 rows and k_w − 1 columns wide; they may differ.",
    }
    yield from function("input_gradient", answer, _input_gradient, cases, idea=ideas)


def suspects() -> dict[str, tuple[Callable, Callable, dict[str, np.ndarray]]]:
    """Five layers, each with its forward pass, its backward pass and arrays to test it on; two backward passes are wrong.

    Returns
    -------
    dict of str to (forward, backward, arrays)
        What :func:`course_utils.layers.gradient_check` takes, by name of the layer.
    """
    rng = np.random.default_rng(0)
    x = rng.permutation(72).reshape(2, 6, 6, 1) / 20 - 1.77  # no two entries alike, none at a kink

    def convolution(dy, cache):
        dx, dkernel, dbias = layers.conv2d_backward(dy, cache)
        return dx, dkernel, dbias / len(dy)

    def hyperbolic(dy, cache):
        return dy * (1 - cache["input"] ** 2)

    def hyperbolic_forward(x):
        y, cache = layers.tanh_forward(x)
        return y, {**cache, "input": x.copy()}

    def batch_norm_forward(x, gamma, beta):
        return layers.batch_norm_forward(x, gamma, beta, training=True)

    weights = {"kernel": rng.normal(size=(3, 3, 1, 2)), "bias": rng.normal(size=2)}
    scale = {"gamma": rng.normal(size=3), "beta": rng.normal(size=3)}
    return {
        "max_pool": (layers.max_pool_forward, layers.max_pool_backward, {"x": x}),
        "tanh": (hyperbolic_forward, hyperbolic, {"x": x[:, :2, :2]}),
        "batch_norm": (batch_norm_forward, layers.batch_norm_backward, {"x": rng.normal(size=(4, 3)), **scale}),
        "conv2d": (layers.conv2d_forward, convolution, {"x": x, **weights}),
        "leaky_relu": (layers.leaky_relu_forward, layers.leaky_relu_backward, {"x": x}),
    }


_BUGS = {
    "conv2d": ("b", "compare backward and differences at the worst entry: by which factor do they differ?"),
    "tanh": ("c", "the slope of tanh is 1 − y². Where in the cache does this backward pass look?"),
}


@exercise(
    "layers.gradient_check(forward, backward, arrays) prints one line an array. Call it for each suspect in a loop.",
    "Two layers fail. For one of them the report names a factor; there are two examples in the batch.",
    "The derivative of tanh is 1 − y². With 1 − x² the error is small near 0 and large elsewhere.",
)
def planted_bugs(verdict):
    """Which of :func:`suspects` are wrong, and what is wrong: {name: letter}."""
    if not isinstance(attempted(verdict), dict):
        yield Result(False, f"verdict: expected a dictionary {{name: letter}}, got {type(verdict).__name__}.")
        return
    names = list(suspects())
    for name, letter in verdict.items():
        attempted(letter)
        if name not in names:
            yield Result(False, f"{name!r} is no suspect; they are {', '.join(names)}.")
        elif name not in _BUGS:
            yield Result(False, f"{name} is innocent: its gradients agree with central differences.")
        else:
            right, idea = _BUGS[name]
            given = letter.strip().lower().strip("()") if isinstance(letter, str) else letter
            yield choice(f"{name} found; what is wrong with it,", given, right, idea=idea)
    missing = len(set(_BUGS) - set(verdict))
    if missing:
        number = "one wrong layer is" if missing == 1 else "two wrong layers are"
        yield Result(False, f"{number} still at large. Check every array of every suspect, biases too.")
