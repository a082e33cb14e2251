"""What augmentation brings, by the size of the training set.

    python benchmarks/augmentation.py [--seeds 3] [--output FILE]

One small network is trained on 200, 500 and 1000 digits, as they are and changed at random by Keras's layers:

none    as they are
shift   up to 2 pixels in each direction
mix     that, up to 10 degrees, and up to a tenth larger or smaller
mirror  left and right exchanged, every second time
turn    by any angle

Every arm is shown 12 000 pictures, in batches of 100, so that the arms differ in what the pictures show and not in how
many there are. A seed chooses the digits, their order and the random changes; within one, all arms have the same
digits. All start from the same weights. Accuracies are those on the last 5000 training digits, which no arm is trained on; the
test digits are not used. Results are saved after each seed.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from _record import RESULTS, save
from keras import layers

from course_utils import datasets

SIZES, PICTURES, BATCH_SIZE, HELD_OUT = (200, 500, 1000), 12_000, 100, 5000


def augmentations() -> dict[str, keras.Layer | None]:
    """The layers of each arm, new, so that they draw from the current seed."""

    def shift():
        return layers.RandomTranslation(2 / 28, 2 / 28, fill_mode="constant")

    mix = [
        shift(),
        layers.RandomRotation(10 / 360, fill_mode="constant"),
        layers.RandomZoom(0.1, fill_mode="constant"),
    ]
    return {
        "none": None,
        "shift": shift(),
        "mix": keras.Sequential(mix),
        "mirror": layers.RandomFlip("horizontal"),
        "turn": layers.RandomRotation(0.5, fill_mode="constant"),
    }


def network() -> keras.Model:
    """The lesson's network for digits with values from 0 to 1."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 5, strides=2, activation="relu"),
            layers.Conv2D(24, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def batches(x: np.ndarray, y: np.ndarray, augment: keras.Layer | None, seed: int) -> tf.data.Dataset:
    """All pictures that an arm is shown, in batches."""
    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data.shuffle(len(x), seed=seed).repeat(PICTURES // len(x)).batch(BATCH_SIZE)
    if augment is not None:
        data = data.map(lambda x, y: (augment(x, training=True), y))
    return data.prefetch(tf.data.AUTOTUNE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "augmentation.json")
    options = parser.parse_args()
    data = datasets.load_mnist(validation=HELD_OUT)
    x_val = data.x_val.astype("float32") / 255
    keras.utils.set_random_seed(0)
    model = network()
    variables = [*model.variables, *model.optimizer.variables]
    start = [variable.numpy() for variable in variables]
    runs = {}
    for seed in range(options.seeds):
        for size in SIZES:
            chosen = np.random.default_rng(seed).choice(len(data.x_train), size, replace=False)
            x, y = data.x_train[chosen].astype("float32") / 255, data.y_train[chosen]
            keras.utils.set_random_seed(seed)
            for name, augment in augmentations().items():
                for variable, value in zip(variables, start, strict=True):
                    variable.assign(value)
                began = time.process_time()
                model.fit(batches(x, y, augment, seed), shuffle=False, verbose=0)
                answers = model.predict_on_batch(x_val).argmax(axis=1)
                reached = round(float((answers == data.y_val).mean()), 4)
                seconds = round(time.process_time() - began, 1)
                runs.setdefault(name, {}).setdefault(str(size), []).append({"accuracy": reached, "seconds": seconds})
                print(f"seed {seed}, {size} digits, {name}: {100 * reached:.2f} %, {seconds} CPU s", flush=True)
        save("augmentation", {"pictures": PICTURES, "batch_size": BATCH_SIZE, "runs": runs}, options.output)


if __name__ == "__main__":
    main()
