"""One network that overfits 500 digits, and each remedy against it alone.

    python benchmarks/remedies.py [--seeds 5] [--capacity-seeds 3] [--output FILE]

Two convolutions, a pooling and two dense layers are trained for 30 epochs with Adam on 500 training digits, others for each
seed. Every arm changes one thing; what it changes stands in ``ARMS``. Its strength is a first guess and was not tuned. All but the
test figures are measured on 1000 validation digits, after each epoch: what ``fit`` says of the training digits (an average
over the epoch, with dropout and shifts), and loss and accuracy without dropout and shifts. Early stopping looks at
these validation digits.

The momentum of batch normalisation, 0.9 instead of Keras's 0.99, was chosen after figures on MNIST's own test digits had been
seen. The test figures here are therefore those of 5000 others, which are neither trained on nor chosen by: the second half of
the 10 000 that ``load_mnist`` sets aside. They are read once a run, after its training, and not printed.

``capacity`` trains the network without a remedy in other widths. ``diagnosis`` holds six trainings of which five go wrong in
a way of their own: curves to recognise. Results are saved after each seed.
"""

import argparse
import functools
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers, regularizers

from course_utils import datasets, training

DIGITS, MORE, EPOCHS, BATCH, RATE, PATIENCE = 500, 2000, 30, 32, 0.001, 4
WIDTHS = (1, 2, 4, 8, 16)
UNSEEN = 5000, 10_000
ARMS = {
    "none": {},
    "L1": {"penalty": ("L1", 3e-4)},
    "L2": {"penalty": ("L2", 3e-3)},
    "dropout": {"dropout": 0.5},
    "early stopping": {"patience": PATIENCE},
    "shifts": {"shift": 0.08},
    "batch norm": {"normalised": True},
    "smaller": {"width": 4},
    "more digits": {"digits": MORE},
}


def network(
    *, width: int = 16, dropout: float = 0, penalty=None, shift: float = 0, normalised: bool = False
) -> keras.Model:
    """The network for raw 28×28 digits, with what an arm changes."""

    def learn(layer, *sizes, **settings):
        price = getattr(regularizers, penalty[0])(penalty[1]) if penalty else None
        norm = [layers.BatchNormalization(momentum=0.9)] if normalised else []
        return [layer(*sizes, kernel_regularizer=price, **settings), *norm, layers.ReLU()]

    drop = [layers.Dropout(dropout)] if dropout else []
    price = getattr(regularizers, penalty[0])(penalty[1]) if penalty else None
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *([layers.RandomTranslation(shift, shift, fill_mode="constant")] if shift else []),
            *learn(layers.Conv2D, width, 5, strides=2, padding="same"),
            layers.MaxPooling2D(),
            *learn(layers.Conv2D, 2 * width, 3, padding="same"),
            layers.Flatten(),
            *drop,
            *learn(layers.Dense, 4 * width),
            *drop,
            layers.Dense(10, kernel_regularizer=price),
        ]
    )


def loss_and_accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Cross-entropy, without any penalty, and share of right answers, at inference."""
    z = model.predict_on_batch(x).astype(float)
    z -= z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), y]
    return float(losses.mean()), float((z.argmax(axis=1) == y).mean())


class Measure(keras.callbacks.Callback):
    """Adds to each epoch's figures what the network makes of training and validation digits after it, at inference."""

    def __init__(self, train, validation):
        super().__init__()
        self.splits = {"measured": train, "val": validation}

    def on_epoch_end(self, epoch, logs):
        for name, split in self.splits.items():
            logs[f"{name}_loss"], logs[f"{name}_accuracy"] = loss_and_accuracy(self.model, *split)


@functools.cache
def compiled(**changes) -> tuple[keras.Model, list[np.ndarray]]:
    """The network of an arm, compiled once, and what its optimiser starts from."""
    model = network(**changes)
    model.compile(
        optimizer=keras.optimizers.Adam(RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)
    return model, [variable.numpy() for variable in model.optimizer.variables]


def started(seed: int, **changes) -> keras.Model:
    """The compiled network of an arm as it would be if it had just been built with this seed."""
    model, first = compiled(**changes)
    training.set_seed(seed)
    for layer, fresh in zip(model.layers, network(**changes).layers, strict=True):
        for variable, value in zip(layer.variables, fresh.variables, strict=True):
            variable.assign(value)
    for variable, value in zip(model.optimizer.variables, first, strict=True):
        variable.assign(value)
    return model


def rounded(history: dict) -> dict[str, list[float]]:
    """The figures of all epochs with four digits."""
    return {name: [round(float(value), 4) for value in values] for name, values in history.items()}


def run(data: datasets.Dataset, seed: int, *, digits: int = DIGITS, patience: int | None = None, **changes) -> dict:
    """One training of one arm. More digits are seen in fewer epochs, so that the number of steps is about the same."""
    model, start = started(seed, **changes), time.process_time()
    first = DIGITS * seed
    split = data.x_train[first : first + digits], data.y_train[first : first + digits]
    callbacks = [Measure([part[:DIGITS] for part in split], (data.x_val[:1000], data.y_val[:1000]))]
    if patience is not None:
        callbacks.append(keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True))
    epochs = round(EPOCHS * DIGITS / digits)
    curves = training.fit(model, *split, epochs=epochs, batch_size=BATCH, callbacks=callbacks, progress=False)
    seconds = round(time.process_time() - start, 1)
    tests = [loss_and_accuracy(model, data.x_val[n : n + 1000], data.y_val[n : n + 1000]) for n in range(*UNSEEN, 1000)]
    loss, accuracy = np.mean(tests, axis=0)
    fitted = loss_and_accuracy(model, *callbacks[0].splits["measured"])
    return {
        "parameters": sum(int(np.prod(w.shape)) for w in model.trainable_weights),
        "training_loss": round(fitted[0], 4),
        "training_accuracy": round(fitted[1], 4),
        "test_loss": round(float(loss), 4),
        "test_accuracy": round(float(accuracy), 4),
        "seconds": seconds,
        "curves": rounded(curves),
    }


def diagnosis(data: datasets.Dataset) -> dict[str, dict]:
    """Six trainings: the figures of their epochs as ``fit`` gives them."""
    val = data.x_val[:1000], data.y_val[:1000]
    shuffled = val[0], np.random.default_rng(0).permutation(val[1])
    adam, sgd, few, many = keras.optimizers.Adam, keras.optimizers.SGD, slice(4000, 4300), slice(5000, 7000)
    trainings = {
        "too small": ({"width": 1}, many, val, adam(0.02)),
        "wrong labels": ({"width": 8}, many, shuffled, adam(0.002)),
        "nothing wrong": ({"dropout": 0.5, "shift": 0.08}, many, val, adam(0.001)),
        "rate too large": ({"width": 8}, many, val, sgd(0.2, momentum=0.9)),
        "overfits": ({}, few, val, adam(0.002)),
        "more epochs": ({"width": 8}, many, val, sgd(0.002)),
    }
    curves = {}
    for name, (changes, chosen, validation, optimizer) in trainings.items():
        training.set_seed(7)
        model = network(**changes)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
        split = data.x_train[chosen], data.y_train[chosen]
        history = training.fit(model, *split, epochs=24, batch_size=BATCH, validation=validation, progress=False)
        curves[name] = rounded(history)
        print(name, {key: values[-1] for key, values in curves[name].items()}, flush=True)
    return curves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--capacity-seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "remedies.json")
    options = parser.parse_args()
    data = datasets.load_mnist(validation=10_000)
    figures = {"digits": DIGITS, "epochs": EPOCHS, "arms": ARMS, "diagnosis": diagnosis(data)}
    runs, capacity = {name: [] for name in ARMS}, {str(width): [] for width in WIDTHS}
    for seed in range(options.seeds):
        for name, changes in ARMS.items():
            runs[name].append(run(data, seed, **changes))
            print(seed, name, runs[name][-1]["seconds"], "s", flush=True)
        for width in WIDTHS if seed < options.capacity_seeds else ():
            same = [
                name for name, changes in ARMS.items() if changes in ({"width": width}, {} if width == 16 else None)
            ]
            one = runs[same[0]][-1] if same else run(data, seed, width=width)
            capacity[str(width)].append(
                {key: value for key, value in one.items() if key != "curves"}
                | {key: one["curves"][key][-1] for key in ("val_loss", "val_accuracy")}
            )
            print(seed, width, one["seconds"], "s", flush=True)
        save("remedies", {**figures, "runs": runs, "capacity": capacity}, options.output)


if __name__ == "__main__":
    main()
