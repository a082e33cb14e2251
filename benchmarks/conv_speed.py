"""Speed of the NumPy convolution, forward and backward, against Keras and TensorFlow on the CPU, and of its slower forms.

    python benchmarks/conv_speed.py [--rounds 20] [--output FILE]

Two layers of 3×3, as in a network for digits: a batch of 128 pictures of 28×28 → 32 maps, and 128 times 32 maps of
13×13 → 64. Every round times everything once, in turn, and gives one ratio for each form: its time over Keras's forward
pass, or over TensorFlow's gradients alone. Saved are the median ratio and the range of the middle half of rounds. The loops
are timed on a slice and scaled by the number of multiplications. Keep the machine idle meanwhile.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from _record import RESULTS, save

from course_utils import layers

LAYERS = {"first": ((128, 28, 28, 1), 32), "second": ((128, 13, 13, 32), 64)}  # shape of x, filters
SLICE = (1, 7, 7, 8)  # pictures, rows, columns and filters that the loops get
LIMITS = {"forward": 3, "backward": 5}  # times Keras's and TensorFlow's


def im2col(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """One row a window, filled by one slice a weight, then one matrix multiplication."""
    k_h, k_w, channels, filters = w.shape
    rows, columns = x.shape[1] - k_h + 1, x.shape[2] - k_w + 1
    matrix = np.empty((len(x), rows, columns, k_h, k_w, channels), x.dtype)
    for u, v in np.ndindex(k_h, k_w):
        matrix[:, :, :, u, v] = x[:, u : u + rows, v : v + columns]
    matrix = matrix.reshape(-1, k_h * k_w * channels)
    return (matrix @ w.reshape(-1, filters)).reshape(len(x), rows, columns, filters)


def windows(x: np.ndarray, w: np.ndarray, *, optimize: bool = True) -> np.ndarray:
    """A view of all windows, and einsum: as a matrix multiplication or, not optimised, as compiled loops."""
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(1, 2))
    return np.einsum("nijcuv,uvco->nijo", view, w, optimize=optimize)


def shifted(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """A sum of shifted 1×1 convolutions, one a weight."""
    rows, columns = x.shape[1] - w.shape[0] + 1, x.shape[2] - w.shape[1] + 1
    return sum(x[:, u : u + rows, v : v + columns] @ w[u, v] for u, v in np.ndindex(w.shape[:2]))


def seconds(function: Callable, *arguments) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def spread(ratios: list[float]) -> dict[str, float]:
    """Median and quartiles of the rounds' ratios, to four digits."""
    values = np.percentile(ratios, [50, 25, 75])
    return {name: float(f"{value:.4g}") for name, value in zip(("median", "low", "high"), values, strict=True)}


def reference_passes(x, w, b, dy) -> tuple[Callable, Callable]:
    """Keras's forward pass and TensorFlow's three gradients as functions that return NumPy arrays."""
    layer = keras.layers.Conv2D(w.shape[3], w.shape[:2])
    layer.build(x.shape)
    layer.set_weights([w, b])
    tensor, weights, gradient = tf.constant(x), tf.constant(w), tf.constant(dy)
    options = {"strides": [1] * 4, "padding": "VALID"}

    def backward():
        dx = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=x.shape, filter=weights, out_backprop=gradient, **options
        ).numpy()
        dw = tf.raw_ops.Conv2DBackpropFilter(
            input=tensor, filter_sizes=w.shape, out_backprop=gradient, **options
        ).numpy()
        return dx, dw, tf.reduce_sum(gradient, axis=[0, 1, 2]).numpy()

    return (lambda: np.asarray(layer(tensor))), backward


def compare(shape: tuple[int, ...], filters: int, rounds: int) -> dict[str, dict]:
    """Ratios of all forms on one layer, after asserting that they compute the same."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype(np.float32)
    w = rng.normal(size=(3, 3, shape[3], filters)).astype(np.float32)
    b = rng.normal(size=filters).astype(np.float32)
    y, cache = layers.conv2d_forward(x, w, b)
    dy = rng.normal(size=y.shape).astype(np.float32)
    reference, reference_backward = reference_passes(x, w, b, dy)
    forms = {
        "einsum_loops": lambda: windows(x, w, optimize=False) + b,
        "im2col": lambda: im2col(x, w) + b,
        "windows": lambda: windows(x, w) + b,
        "shifted": lambda: shifted(x, w) + b,
        "course": lambda: layers.conv2d_forward(x, w, b)[0],
    }
    for form in forms.values():
        np.testing.assert_allclose(form(), reference(), rtol=0, atol=1e-5 * np.abs(y).max())
    for ours, theirs in zip(layers.conv2d_backward(dy, cache), reference_backward(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4 * np.abs(theirs).max())

    pictures, rows, columns, few = SLICE
    small, kernel = x[:pictures, :rows, :columns], w[..., :few]
    scale = y.size / (pictures * (rows - 2) * (columns - 2) * few)
    forward, backward = {name: [] for name in ("loops", *forms)}, []
    for number in range(rounds + 2):
        time_forward, time_backward = seconds(reference), seconds(reference_backward)
        times = {name: seconds(form) for name, form in forms.items()}
        times["loops"] = scale * seconds(layers.conv2d_naive, small, kernel)
        gradients = seconds(layers.conv2d_backward, dy, cache)
        if number >= 2:  # the first rounds warm up
            for name, duration in times.items():
                forward[name].append(duration / time_forward)
            backward.append(gradients / time_backward)
    return {
        "x": list(shape),
        "filters": filters,
        "forward": {name: spread(ratios) for name, ratios in forward.items()},
        "backward": {"course": spread(backward)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--output", type=Path, default=RESULTS / "conv_speed.json")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least 1")
    figures = {name: compare(shape, filters, options.rounds) for name, (shape, filters) in LAYERS.items()}
    save("conv_speed", {"rounds": options.rounds, "limits": LIMITS, "layers": figures}, options.output)
    for name, layer in figures.items():
        for direction in LIMITS:
            for form, row in layer[direction].items():
                text = f"{name} layer, {direction:8} {form:12} {row['median']:8g} times the reference"
                limit = f", limit {LIMITS[direction]}" if form == "course" else ""
                print(f"{text} (middle half {row['low']:g} … {row['high']:g}){limit}")


if __name__ == "__main__":
    main()
