"""Plain networks against residual ones, deeper and deeper: loss and error on the digits that they are trained on.

    python benchmarks/degradation.py [--seeds 3] [--output FILE]

A convolution 3×3 with stride 2, blocks of two convolutions 3×3, global average pooling and a dense layer; 8 filters
everywhere, and batch normalisation behind each convolution. ``depth`` counts the layers with weights, the dense one
included. A residual network adds to each block's output, before its last ReLU, what the block was given. Each network
is trained for 6 epochs on 2000 training digits of 14×14 pixels, others for each seed, with SGD and momentum. The rate,
0.05, is the better of two (0.05 and 0.2) for the residual network in an earlier run.

``loss`` is the mean over an epoch's steps; ``error`` is the share of the training digits that the network gets wrong *after*
the epoch, batch normalisation with the statistics of all these digits. Networks with normalisation answer worse with their
moving averages so early in training. No other digits are looked at.

Results are saved after each training. A run that was broken off goes on where it stopped, if its file is there.
"""

import argparse
import functools
import json
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers

from course_utils import datasets, training

DEPTHS, KINDS = (8, 20, 44), ("plain", "residual")
DIGITS, FILTERS, BATCH, EPOCHS = 2000, 8, 64, 6
RATE, MOMENTUM = 0.05, 0.9


def network(depth: int, kind: str) -> keras.Model:
    """A network with ``depth`` layers that have weights, its blocks plain or residual."""

    def conv(x, strides=1):
        options = {"strides": strides, "padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}
        return layers.BatchNormalization(momentum=0.9)(layers.Conv2D(FILTERS, 3, **options)(x))

    inputs = keras.Input((14, 14, 1))
    x = layers.ReLU()(conv(inputs, strides=2))
    for _ in range((depth - 2) // 2):
        y = conv(layers.ReLU()(conv(x)))
        x = layers.ReLU()(layers.Add()([x, y]) if kind == "residual" else y)
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


class Measure(keras.callbacks.Callback):
    """Adds to each epoch's figures the share of wrong answers after it."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def on_epoch_end(self, epoch, logs):
        z = np.asarray(self.model(self.x, training=True))
        logs["error"] = float((z.argmax(axis=1) != self.y).mean())


@functools.cache
def compiled(depth: int, kind: str) -> tuple[keras.Model, list[np.ndarray]]:
    """The network, compiled once, and what its optimiser starts from."""
    model = network(depth, kind)
    optimizer = keras.optimizers.SGD(RATE, momentum=MOMENTUM)
    optimizer.build(model.trainable_variables)
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, [variable.numpy() for variable in optimizer.variables]


def started(seed: int, depth: int, kind: str) -> keras.Model:
    """The compiled network as it would be if it had just been built with this seed."""
    model, first = compiled(depth, kind)
    training.set_seed(seed)
    for layer, fresh in zip(model.layers, network(depth, kind).layers, strict=True):
        for variable, value in zip(layer.variables, fresh.variables, strict=True):
            variable.assign(value)
    for variable, value in zip(model.optimizer.variables, first, strict=True):
        variable.assign(value)
    return model


def digits(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """2000 training digits, averaged over 2×2 pixels, and their labels: others for each seed."""
    data, chosen = datasets.load_mnist(), slice(DIGITS * seed, DIGITS * (seed + 1))
    x = data.x_train[chosen].astype("float32").reshape(-1, 14, 2, 14, 2, 1).mean(axis=(2, 4))
    return (x / 255 - 0.13) / 0.31, data.y_train[chosen]


def run(seed: int, depth: int, kind: str) -> dict:
    """One training: loss and error of each epoch."""
    start, (x, y) = time.process_time(), digits(seed)
    model = started(seed, depth, kind)
    history = training.fit(model, x, y, epochs=EPOCHS, batch_size=BATCH, callbacks=[Measure(x, y)], progress=False)
    curves = {name: [round(float(value), 4) for value in values] for name, values in history.items()}
    what = {"seed": seed, "depth": depth, "kind": kind, "rate": RATE, "epochs": EPOCHS}
    return {**what, **curves, "seconds": round(time.process_time() - start, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "degradation.json")
    options = parser.parse_args()
    figures = {"digits": DIGITS, "filters": FILTERS, "batch": BATCH, "runs": []}
    if options.output.exists():
        figures["runs"] = json.loads(options.output.read_text(encoding="utf-8"))["runs"]
    plan = [(seed, depth, kind) for seed in range(options.seeds) for depth in DEPTHS for kind in KINDS]
    for what in plan[len(figures["runs"]) :]:
        figures["runs"].append(run(*what))
        print(*what, figures["runs"][-1]["seconds"], "s", flush=True)
        save("degradation", figures, options.output)


if __name__ == "__main__":
    main()
