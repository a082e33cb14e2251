"""Race of ideas on MNIST: six blocks from CNN history in one small frame, at about one cost, trained by one recipe.

    python benchmarks/architecture_race.py [--seeds 3] [--digits 20000] [--epochs 2] [--blocks NAME …] [--output FILE]

The frame is the same for all: conv 5×5/2 → two blocks on 14×14 → max pool → two blocks on 7×7 with twice the channels →
global average pool → dense. Only the block differs, and the width, which is set so that every network takes about BUDGET
multiply-adds for one picture (asserted). Each is trained on the first training digits by the fast recipe, unchanged; accuracy
on the test digits is measured once, after that. Nothing is chosen by it: widths follow from the budget.

Times are CPU seconds of the process without the first step, which compiles; read them as ratios. Seeds are the outer
loop, so that a busy hour slows all blocks alike. Results are saved after each seed.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers, ops

from course_utils import anatomy, datasets, training

BUDGET, TOLERANCE = 1_040_000, 0.04  # multiply-adds for one picture


def normalise(x):
    """Batch normalisation; its averages have to follow within one epoch."""
    return layers.BatchNormalization(momentum=0.9)(x)


def conv(x, filters: int, kernel_size: int = 3, *, relu: bool = True, **options):
    """Convolution without bias → batch normalisation → ReLU if wanted."""
    x = normalise(layers.Conv2D(filters, kernel_size, padding="same", use_bias=False, **options)(x))
    return layers.ReLU()(x) if relu else x


def depthwise(x, *, relu: bool = True):
    """One 3×3 kernel a channel → batch normalisation → ReLU if wanted."""
    x = normalise(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    return layers.ReLU()(x) if relu else x


def plain(x, width):
    """VGG, 2014: a 3×3 convolution."""
    return conv(x, width)


def inception(x, width):
    """GoogLeNet, 2014: four branches side by side, in about the proportions of its first module."""
    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    branches = [
        conv(x, width // 4, 1),
        conv(conv(x, 3 * width // 8, 1), width // 2, 3),
        conv(conv(x, max(1, width // 16), 1), width // 8, 5),
        conv(pooled, width // 8, 1),
    ]
    return layers.Concatenate()(branches)


def residual(x, width):
    """ResNet, 2015: two 3×3 convolutions learn what to add to the input."""
    shortcut = x if x.shape[-1] == width else conv(x, width, 1, relu=False)
    x = conv(conv(x, width), width, relu=False)
    return layers.ReLU()(layers.Add()([shortcut, x]))


def dense(x, width):
    """DenseNet, 2016: new maps are put beside all earlier ones."""
    return layers.Concatenate()([x, conv(x, width)])


def separable(x, width):
    """MobileNet, 2017: one kernel a channel, then 1×1 across channels."""
    return conv(depthwise(x), width, 1)


def shuffled(x, width):
    """ShuffleNet V2, 2018: half of the channels pass, the others are convolved, then all are dealt out anew."""
    if x.shape[-1] == width:
        passed, new = ops.split(x, 2, axis=-1)
    else:
        passed, new = conv(depthwise(x, relu=False), width // 2, 1), x
    new = conv(depthwise(conv(new, width // 2, 1), relu=False), width // 2, 1)
    x = layers.Concatenate()([passed, new])
    rows, columns, channels = x.shape[1:]
    x = layers.Permute((1, 2, 4, 3))(layers.Reshape((rows, columns, 2, channels // 2))(x))
    return layers.Reshape((rows, columns, channels))(x)


BLOCKS: dict[str, tuple[Callable, int]] = {  # block, and its width on 14×14
    "plain": (plain, 12),
    "inception": (inception, 23),
    "residual": (residual, 8),
    "dense": (dense, 7),
    "separable": (separable, 38),
    "shuffled": (shuffled, 42),
}


def small_network(block: Callable, width: int, name: str) -> keras.Model:
    """The frame, filled with one kind of block."""
    inputs = keras.Input((28, 28, 1))
    x = conv(layers.Rescaling(1 / 255)(inputs), 16, 5, strides=2)
    x = block(block(x, width), width)
    x = layers.MaxPooling2D(2)(x)
    x = block(block(x, 2 * width), 2 * width)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10)(x), name=name)


class Cost(keras.callbacks.Callback):
    """CPU seconds of a training from the end of its first step on."""

    start, seconds = None, 0.0

    def on_train_batch_end(self, batch, logs=None):
        if self.start is None:
            self.start = time.process_time()
        self.seconds = time.process_time() - self.start


def run(name: str, data: datasets.Dataset, digits: int, epochs: int, seed: int) -> dict[str, float]:
    """Train one network with one seed: test accuracy, CPU seconds, accuracy on the training digits while training."""
    keras.backend.clear_session()
    training.set_seed(seed)
    model, cost = small_network(*BLOCKS[name], name), Cost()
    x, y = data.x_train[:digits], data.y_train[:digits]
    history = training.fit_fast(model, x, y, epochs=epochs, seed=seed, progress=False, callbacks=[cost])
    logits = model.predict(data.x_test, batch_size=1000, verbose=0)
    return {
        "accuracy": round(float((logits.argmax(axis=1) == data.y_test).mean()), 4),
        "training_accuracy": round(history["accuracy"][-1], 4),
        "cpu_seconds": round(cost.seconds, 2),
    }


def count(name: str) -> dict[str, object]:
    """What a network costs, with the assertion that its multiply-adds are those of the budget."""
    block, width = BLOCKS[name]
    totals = anatomy.totals(small_network(block, width, name))
    assert abs(totals.multiply_adds / BUDGET - 1) <= TOLERANCE, (name, totals.multiply_adds)
    return {
        "idea": block.__doc__,
        "width": width,
        "parameters": totals.parameters,
        "multiply_adds": totals.multiply_adds,
        "depth": totals.depth,
        "receptive_field": max(totals.receptive_field.size),
        "activation_bytes": totals.activation_bytes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--digits", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--blocks", nargs="+", choices=list(BLOCKS), default=list(BLOCKS))
    parser.add_argument("--output", type=Path, default=RESULTS / "architecture_race.json")
    options = parser.parse_args()
    networks = {name: count(name) for name in options.blocks}
    data = datasets.load_mnist()
    budget = {"multiply_adds": BUDGET, "tolerance": TOLERANCE, "epochs": options.epochs, "digits": options.digits}
    runs: dict[str, list[dict]] = {name: [] for name in options.blocks}
    for seed in range(options.seeds):
        for name in options.blocks:
            runs[name].append(run(name, data, options.digits, options.epochs, seed))
            result = runs[name][-1]
            print(f"seed {seed} {name:10} {100 * result['accuracy']:.2f} %, {result['cpu_seconds']} CPU s", flush=True)
        save("architecture_race", {"budget": budget, "networks": networks, "runs": runs}, options.output)
    for name, results in runs.items():
        errors = [100 * (1 - result["accuracy"]) for result in results]
        print(f"{name:10} error {np.mean(errors):.2f} % ({min(errors):.2f} … {max(errors):.2f})")


if __name__ == "__main__":
    main()
