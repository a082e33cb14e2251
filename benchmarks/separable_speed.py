"""Depthwise separable against standard convolutions on one CPU thread: multiply-adds saved, and time saved.

    python benchmarks/separable_speed.py [--measurements 5] [--output FILE]

Three layers of 3×3 from C to C channels, padded, against three pairs of a depthwise 3×3 and a 1×1 convolution, all
without bias, normalisation or activation function, forward and with the slopes of all weights. A measurement times
both by turns and compares the fastest run of each: standard over separable. Saved are the median and the range of all
measurements, beside the ratio of the multiply-adds. Time is the processor time of the whole program, and TensorFlow gets
one thread. Keep the machine idle meanwhile: a busy one shares its caches.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from _record import RESULTS, save
from keras import layers

CHANNELS = (4, 8, 16, 32, 64, 128)
SIZES = ((28, 16), (14, 16), (14, 1))  # side of the maps, pictures in a batch
LAYERS = 3
RUNS = 9  # of each network in a measurement


def network(kind: str, channels: int, side: int) -> keras.Model:
    """Three standard or three separable convolutions, as a model."""
    inputs = x = keras.Input((side, side, channels))
    for _ in range(LAYERS):
        if kind == "standard":
            x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        else:
            x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
            x = layers.Conv2D(channels, 1, use_bias=False)(x)
    return keras.Model(inputs, x)


def passes(model: keras.Model) -> dict[str, Callable]:
    """The forward pass, and the pass with the slopes of all weights, as compiled functions of a batch."""

    def slopes(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x, training=True) ** 2)
        return tape.gradient(loss, model.trainable_variables)

    return {"forward": tf.function(lambda x: model(x, training=False)), "slopes": tf.function(slopes)}


def seconds(function: Callable, x, calls: int) -> float:
    """Processor time of one call, averaged over several."""
    start = time.process_time()
    for _ in range(calls):
        result = function(x)
    tf.nest.map_structure(lambda tensor: tensor.numpy(), result)
    return (time.process_time() - start) / calls


def spread(ratios: list[float]) -> dict[str, float]:
    """Median and range of several ratios, to three digits."""
    values = np.percentile(ratios, [50, 0, 100])
    return {name: float(f"{value:.3g}") for name, value in zip(("median", "low", "high"), values, strict=True)}


def compare(channels: int, side: int, batch: int, measurements: int) -> dict[str, object]:
    """What one size saves in multiply-adds and in time."""
    models = {kind: network(kind, channels, side) for kind in ("standard", "separable")}
    weights = {kind: model.count_params() for kind, model in models.items()}
    functions = {kind: passes(model) for kind, model in models.items()}
    x = tf.constant(np.random.default_rng(0).normal(size=(batch, side, side, channels)).astype("float32"))
    row = {"channels": channels, "side": side, "batch": batch}
    row["multiply_adds"] = float(f"{weights['standard'] / weights['separable']:.4g}")  # each weight once a place
    for name in ("forward", "slopes"):
        calls, ratios = {}, []
        for kind, pair in functions.items():
            pair[name](x)  # traced here
            calls[kind] = max(2, int(0.005 / seconds(pair[name], x, 5)))
        for _ in range(measurements):
            runs = [
                {kind: seconds(pair[name], x, calls[kind]) for kind, pair in functions.items()} for _ in range(RUNS)
            ]
            ratios.append(min(times["standard"] for times in runs) / min(times["separable"] for times in runs))
        row[name] = spread(ratios)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measurements", type=int, default=5)
    parser.add_argument("--output", type=Path, default=RESULTS / "separable_speed.json")
    options = parser.parse_args()
    if options.measurements < 1:
        parser.error(f"--measurements {options.measurements}: at least 1")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    sizes = [(channels, *size) for size in SIZES for channels in CHANNELS]
    rows = [compare(*size, options.measurements) for size in sizes]
    save("separable_speed", {"measurements": options.measurements, "threads": 1, "rows": rows}, options.output)
    for row in rows:
        size = f"{row['channels']:4} channels, {row['side']:2} px, batch {row['batch']:2}"
        print(f"{size}: {row['multiply_adds']:.2f} times the multiply-adds,", end=" ")
        print(f"{row['forward']['median']} times the time, with slopes {row['slopes']['median']}")


if __name__ == "__main__":
    main()
