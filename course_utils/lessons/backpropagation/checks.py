"""Exercises of the lesson on backpropagation."""

from collections.abc import Callable

import numpy as np

from course_utils import layers
from course_utils.exercises import Case, Code, Exercise, Grid, Judged, Result, UnfitError, show

_P, _Y = np.array([2, 1, 5]) / 8, np.array([1, 0, 0])

logit_gradient = Exercise(
    "logit_gradient",
    "Gradient of the cross-entropy with respect to the logits ln 2, ln 1, ln 5, the first class being right.",
    fields=(
        Grid(
            "gradient",
            _P - _Y,
            mistakes=(
                (
                    _Y - _P,
                    "that is y − ŷ, the direction in which the logits should move. The gradient points uphill: ŷ − y.",
                ),
                (_P, "these are the probabilities. The label y is missing."),
                (_P - [0, 1, 0], "the 1 was taken from another class. The right class is the first."),
                (_P - [0, 0, 1], "the 1 was taken from the last class. The right class is the first."),
                (
                    -_Y / _P,
                    "that is the gradient with respect to the probabilities, −y/ŷ. The softmax has a slope too.",
                ),
                (8 * _P - _Y, "the exponentials have not been divided by their sum."),
                (np.log(8 * _P) - _Y, "the logits themselves are no probabilities: softmax comes first."),
            ),
            idea="Softmax first, then subtract the one-hot label.",
            tolerance=1e-3,
        ),
    ),
    hints=(
        "First the probabilities: e to the power of ln 2, ln 1 and ln 5, divided by their sum.",
        "The gradient is ŷ − y, and y is (1, 0, 0).",
    ),
)


def _average_pool(da, k):
    """Each window's share of da, given to its k × k entries."""
    return _repeated(da, k) / k**2


def _repeated(da, k):
    return np.repeat(np.repeat(da, k, axis=1), k, axis=2)


def _first_entry(da, k):
    """All of da to the entry at the top left of its window."""
    n, h, w, c = da.shape
    dx = np.zeros((n, k * h, k * w, c))
    dx[:, ::k, ::k] = da
    return dx


_BATCH = np.random.default_rng(0).normal(size=(2, 2, 3, 4))

average_pool = Exercise(
    "average_pool",
    "Backward pass of average pooling with windows of k × k that do not overlap.",
    fields=(
        Code(
            "average_pool_gradient",
            _average_pool,
            cases=(
                Case(
                    "a row of two windows of 2×2",
                    (np.array([[[[4.0], [8.0]]]]), 2),
                    idea="dx has shape (N, k H', k W', C); each entry gets its window's da / k².",
                ),
                Case(
                    "two examples, four channels, windows of 3×3",
                    (_BATCH, 3),
                    idea="Rows are axis 1, columns axis 2; examples and channels stay.",
                ),
                Case("windows of one entry", (_BATCH, 1), idea="With k = 1 pooling does nothing, so dx is da."),
            ),
            mistakes=(
                (lambda da, k: _repeated(da, k) / 4, "the 4 is k² for k = 2 only."),
                (_repeated, "every entry got all of da. Each entered the mean with the weight 1/k² only."),
                (lambda da, k: _repeated(da, k) / k, "da was divided by k. A window of k × k has k² entries."),
                (_first_entry, "one entry of each window got everything. In a mean all of them take part."),
                (
                    lambda da, k: np.tile(da, (1, k, k, 1)) / k**2,
                    "np.tile puts whole copies of the map side by side. The entries of one window are neighbours: np.repeat.",
                ),
                (
                    lambda da, k: _repeated(da, k) * k**2,
                    "da was multiplied by k². The shares of a window have to add up to da.",
                ),
            ),
        ),
    ),
    hints=(
        "a is a mean over k² entries, a sum with weights 1/k². What is the slope of a with respect to one of them?",
        "Every entry of a window gets da / k². np.repeat(da, k, axis=1) writes each row k times.",
        "Repeat along axis 1 and along axis 2, then divide by k * k.",
    ),
)


def _input_gradient(da, kernel, *, flip=(0, 1), swap=True, fewer=0):
    """Gradient of a stride-1 `valid` convolution with respect to its pictures, or of that with something forgotten."""
    kernel = np.flip(kernel, flip) if flip else kernel
    kernel = kernel.transpose(0, 1, 3, 2) if swap else kernel
    rows, columns = (size - 1 - fewer for size in kernel.shape[:2])
    return layers.conv2d(da, kernel, padding=((rows, rows), (columns, columns)))


def _forgets(**what):
    """:func:`_input_gradient` with something forgotten."""
    return lambda da, kernel: _input_gradient(da, kernel, **what)


def _one_frame(da, kernel, *, side=1):
    """The right kernel, and as many rows as columns of zeros."""
    kernel = kernel[::-1, ::-1].transpose(0, 1, 3, 2)
    return layers.conv2d(da, kernel, padding=kernel.shape[side] - 1)


def _draw(*shapes):
    """Arrays of random numbers, the same each time."""
    rng = np.random.default_rng(0)
    return tuple(rng.normal(size=shape) for shape in shapes)


input_gradient = Exercise(
    "input_gradient",
    "The gradient with respect to the pictures as a convolution of da with flipped kernels.",
    fields=(
        Code(
            "input_gradient",
            _input_gradient,
            cases=(
                Case(
                    "one channel, one filter",
                    _draw((1, 2, 2, 1), (3, 3, 1, 1)),
                    idea="Frame da with zeros, flip the kernel, correlate. dx has the size of the picture.",
                ),
                Case(
                    "two channels, two filters",
                    _draw((1, 3, 4, 2), (3, 3, 2, 2)),
                    idea="Each filter sends its share back to each channel: swap the last two axes.",
                ),
                Case(
                    "three channels, five filters",
                    _draw((2, 4, 3, 5), (3, 3, 3, 5)),
                    idea="dx has three channels, da has five: swap the last two axes of the kernel.",
                ),
                Case(
                    "a kernel of 2 rows and 3 columns",
                    _draw((2, 4, 3, 2), (2, 3, 3, 2)),
                    idea="The frame is k_h − 1 rows and k_w − 1 columns wide; they may differ.",
                ),
            ),
            mistakes=(
                (
                    _forgets(flip=()),
                    "the kernels are not flipped. The pixel at the top left of a window meets the weight at the top left; "
                    "seen from the pixel, that window lies to its lower right.",
                ),
                (_forgets(flip=(0,)), "the rows of the kernels are flipped, their columns are not."),
                (_forgets(flip=(1,)), "the columns of the kernels are flipped, their rows are not."),
                (
                    _forgets(swap=False),
                    "channels and filters are not swapped: da has as many channels as there were filters, and dx needs "
                    "those of the pictures. transpose(0, 1, 3, 2) swaps them.",
                ),
                (_forgets(flip=(), swap=False), "neither are the kernels flipped nor channels and filters swapped."),
                (
                    _forgets(flip=(0, 1, 2, 3), swap=False),
                    "every axis of the kernels is reversed. Flip rows and columns only; channels and filters are swapped, "
                    "which is something else.",
                ),
                (_forgets(fewer=1), "the frame of zeros is one too narrow: a corner pixel would be out of reach."),
                (
                    lambda da, kernel: layers.conv2d(da, kernel[::-1, ::-1].transpose(0, 1, 3, 2)),
                    "da needs a frame of zeros, k − 1 wide, on every side.",
                ),
                (_one_frame, "the frame is as high as it is wide. It is k_h − 1 rows and k_w − 1 columns."),
            ),
        ),
    ),
    hints=(
        "A pixel at the corner lies in one window only. With how many rows of zeros around da does the flipped kernel reach it?",
        "kernel[::-1, ::-1] flips rows and columns. The channels swap their part: what came out goes back in.",
        "layers.conv2d(da, kernel[::-1, ::-1].transpose(0, 1, 3, 2), padding=((k_h - 1, k_h - 1), (k_w - 1, k_w - 1)))",
    ),
)


def suspects() -> dict[str, tuple[Callable, Callable, dict[str, np.ndarray]]]:
    """Five layers, each with its forward pass, its backward pass and arrays to test it on; two backward passes are wrong.

    Returns
    -------
    dict of str to (forward, backward, arrays)
        What :func:`course_utils.layers.gradient_check` takes, by name of the layer.
    """
    rng = np.random.default_rng(0)
    x = rng.permutation(72).reshape(2, 6, 6, 1) / 20 - 1.77  # no two entries alike, none at a kink

    def convolution(da, cache):
        dx, dkernel, dbias = layers.conv2d_backward(da, cache)
        return dx, dkernel, dbias / len(da)

    def hyperbolic(da, cache):
        return da * (1 - cache["input"] ** 2)

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
    "tanh": ("c", "evaluate the backward pass at one entry by hand: which array does it use, input or output?"),
}


def _names_the_bugs(verdict):
    """Whether a dictionary {name: letter} names the wrong suspects, and what is wrong with each."""
    if not isinstance(verdict, dict):
        raise UnfitError(f"expected a dictionary {{name: letter}}, got {type(verdict).__name__}.")
    names = list(suspects())
    for name, letter in verdict.items():
        if name not in names:
            yield Result(False, f"{show(name)} is no suspect; they are {', '.join(names)}.")
        elif name not in _BUGS:
            yield Result(False, f"{name} is innocent: its gradients agree with central differences.")
        else:
            right, idea = _BUGS[name]
            given = letter.strip().lower().strip("()") if isinstance(letter, str) else letter
            same = isinstance(given, str) and given == right
            yield Result.of(same, f"{name} found; what is wrong with it, {show(given)}", idea)
    missing = len(set(_BUGS) - set(verdict))
    if missing:
        number = "one wrong layer is" if missing == 1 else "two wrong layers are"
        yield Result(False, f"{number} still at large. Check every array of every suspect, biases too.")


planted_bugs = Exercise(
    "planted_bugs",
    "Which of the suspects are wrong, and what is wrong with them: {name: letter}.",
    fields=(
        Judged(
            "verdict",
            _names_the_bugs,
            lambda: {"conv2d": "b", "tanh": "c"},
            mistakes=(
                (dict, "two wrong layers are still at large"),
                (lambda: {"conv2d": "b"}, "one wrong layer is still at large"),
                (lambda: {"conv2d": "d", "tanh": "c"}, "by which factor do they differ?"),
                (lambda: {"conv2d": "b", "tanh": "a"}, "which array does it use, input or output"),
                (lambda: {"conv2d": "b", "tanh": "c", "batch_norm": "e"}, "batch_norm is innocent"),
                (lambda: {"softmax": "a"}, "'softmax' is no suspect"),
                (lambda: ["tanh", "conv2d"], "expected a dictionary {name: letter}, got list"),
            ),
        ),
    ),
    hints=(
        "layers.gradient_check(forward, backward, arrays) prints one line an array. Call it for each suspect in a loop.",
        "Two layers fail. For one of them the report names a factor; there are two examples in the batch.",
        "The derivative of tanh is 1 − a². With 1 − x² the error is small near 0 and large elsewhere.",
    ),
)
