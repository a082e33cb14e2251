"""Speed of the NumPy convolution against Keras on the CPU, and against its own seven scalar loops.

    python benchmarks/conv_speed.py [--rounds 20] [--output FILE]

The layer is 3×3, 32 → 64 channels, on a batch of 128 maps of 13×13, the middle of an MNIST network. Every round times
all forms once, in turn, and gives one ratio; printed are the median ratio and the range of the middle half of rounds.
The loops are timed on a slice of the layer and scaled by the number of multiplications.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save

from course_utils import layers

SLICE = (1, 7, 7, 32, 8)  # pictures, rows, columns, channels, filters that the loops get


def seconds(function, *arguments) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def spread(ratios: list[float]) -> dict[str, float]:
    """Median and quartiles of the rounds' ratios."""
    low, median, high = np.percentile(ratios, [25, 50, 75])
    return {"median": round(float(median), 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--output", type=Path, default=RESULTS / "conv_speed.json")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(128, 13, 13, 32)).astype(np.float32)
    kernel = rng.normal(size=(3, 3, 32, 64)).astype(np.float32)
    layer = keras.layers.Conv2D(64, 3, use_bias=False)
    layer.build(x.shape)
    layer.set_weights([kernel])
    tensor = keras.ops.convert_to_tensor(x)
    np.testing.assert_allclose(layers.conv2d(x, kernel), np.asarray(layer(tensor)), atol=1e-3)
    pictures, rows, columns, _, filters = SLICE
    small, few = x[:pictures, :rows, :columns], kernel[..., :filters]
    scale = (128 * 11 * 11 * 64) / (pictures * (rows - 2) * (columns - 2) * filters)
    to_keras, to_loops = [], []
    for number in range(options.rounds + 2):
        fast = seconds(layers.conv2d, x, kernel)
        reference = seconds(lambda: np.asarray(layer(tensor)))
        if number >= 2:  # the first rounds warm up
            to_keras.append(fast / reference)
        if number % 5 == 2:
            to_loops.append(scale * seconds(layers.conv2d_naive, small, few) / fast)
    figures = {"numpy_over_keras": spread(to_keras), "loops_over_numpy": spread(to_loops)}
    save("conv_speed", figures, options.output)
    for name, row in figures.items():
        print(f"{name.replace('_', ' ')}: {row['median']:g} (middle half {row['low']:g} … {row['high']:g})")


if __name__ == "__main__":
    main()
