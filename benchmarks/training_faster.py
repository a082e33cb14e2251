"""What each idea of a fast recipe for MNIST does to mistakes and to computing time.

    python benchmarks/training_faster.py [--seeds 5] [--groups ...] [--output FILE]

Rows train on the first 50 000 training digits, of which most of them see 12 800, and are measured on the other 10 000, the validation
split. ``tries`` are those by which the lean recipe was found; ``out`` takes one idea out of it, or two; ``steps``
leads from the classic recipe to it, several ideas at a time, ``in`` adds one idea to the classic recipe. ``longest tries``
have about the computing time of the classic recipe's twelve epochs, or a little more. MNIST's test digits are read by the groups
with ``test`` in their name only: there the recipe that was chosen is trained on digits of all 60 000. (They were also read once
for the row ``warped``, trained on all digits with one seed, before the other long row was tried: 99.57 %.)

Times are CPU seconds of one thread, pictures prepared and network trained, without building the graph and without
measuring accuracy. Read them as ratios to the row ``classic`` of ``steps``. Results are saved after each training, and a
training that the file holds already is not repeated.
"""

import argparse
import functools
import json
import time
from pathlib import Path

import cv2
import keras
import numpy as np
from _record import RESULTS, save
from keras import layers

from course_utils import datasets, training

VALIDATION, BLOCK = 10_000, 1000
CLASSIC = {
    "batch": 64,
    "crop": 0,
    "kernel": 3,
    "stride": 1,
    "filters": (32, 64, 128),
    "head": True,
    "norm": False,
    "cycle": False,
    "rate": 0.001,
    "beta_2": 0.999,
    "smoothing": 0.0,
    "shift": 0,
    "shown": 12_800,
}
FAST = CLASSIC | {
    "batch": 128,
    "kernel": 5,
    "filters": (16, 32, 64),
    "head": False,
    "norm": True,
    "cycle": True,
    "rate": 0.01,
    "beta_2": 0.99,
    "smoothing": 0.1,
    "shift": 1,
}
CROPPED = FAST | {"crop": 2}
STRIDED = CROPPED | {"stride": 2, "filters": (24, 48, 96)}
NARROW = STRIDED | {"filters": (16, 32, 64)}
LEAN = NARROW | {"rate": 0.02}
SLIM = "norm", "cycle", "rate", "head", "filters"
HALF = {"shown": 25_000}
PLAIN = {"turn": 0.0, "zoom": 0.0, "shear": 0.0, "slide": 0.0, "dropout": 0.0, "looks": 1}
"""Settings of the long trainings alone: the most by which a picture is turned (degrees), stretched (logarithm), sheared and
moved (pixels), dropout before the last layer, and how many shifted copies of a picture are read, whose answers are added up."""
WIDE = LEAN | {"filters": (32, 64, 128), "shift": 0, "looks": 5, "shown": 1_200_000}
WARPED = WIDE | {"turn": 10.0, "zoom": 0.1, "shear": 0.1, "slide": 1.0}
FOUR = WARPED | {"crop": 0, "filters": (24, 48, 96, 192), "shown": 1_080_000}


def taken(recipe: dict, other: dict, *names: str) -> dict:
    """A recipe with the settings of these names taken from another one."""
    return recipe | {name: other[name] for name in names}


GROUPS = {
    "tries": {
        "strided": STRIDED,
        "narrow": NARROW,
        "narrow, peak .02": NARROW | {"rate": 0.02},
        "narrow, batch 64": NARROW | {"batch": 64},
        "strided, no shifts": STRIDED | {"shift": 0},
        "fast, half": FAST | HALF,
        "cropped, half": CROPPED | HALF,
        "strided, half": STRIDED | HALF,
        "narrow, half": NARROW | HALF,
        "strided, peak .02, half": STRIDED | {"rate": 0.02} | HALF,
        "strided, batch 64, half": STRIDED | {"batch": 64} | HALF,
    },
    "out": {
        "lean": LEAN,
        "batch norm": taken(LEAN, CLASSIC, "norm"),
        "one cycle": taken(LEAN, CLASSIC, "cycle"),
        "high rate": taken(LEAN, CLASSIC, "rate"),
        "norm and rate": taken(LEAN, CLASSIC, "norm", "rate"),
        "cycle and rate": taken(LEAN, CLASSIC, "cycle", "rate"),
        "dense head": taken(LEAN, CLASSIC, "head"),
        "filters": taken(LEAN, CLASSIC, "filters"),
        "first kernel": taken(LEAN, CLASSIC, "kernel"),
        "batch size": taken(LEAN, CLASSIC, "batch"),
        "beta 2": taken(LEAN, CLASSIC, "beta_2"),
        "smoothing": taken(LEAN, CLASSIC, "smoothing"),
        "shifts": taken(LEAN, CLASSIC, "shift"),
        "cropping": taken(LEAN, CLASSIC, "crop"),
    },
    "steps": {
        "classic": CLASSIC,
        "norm and cycle": taken(CLASSIC, FAST, "norm", "cycle", "rate"),
        "slim": taken(CLASSIC, FAST, *SLIM),
        "kernel and batch": taken(CLASSIC, FAST, *SLIM, "kernel", "batch"),
        "smoothing": taken(FAST, CLASSIC, "shift"),
        "shifts": FAST,
        "cropped": CROPPED,
        "lean": LEAN,
        "batch 64": LEAN | {"batch": 64},
    },
    "in": {
        "batch norm": taken(CLASSIC, FAST, "norm"),
        "cycle and rate": taken(CLASSIC, FAST, "cycle", "rate"),
    },
    "test": {"one epoch": LEAN | {"batch": 64, "shown": 60_000}},
    "longest tries": {
        "warped": WARPED,
        "whole, four layers": FOUR,
    },
    "longer test": {"three and a half epochs": LEAN | {"batch": 64, "shown": 210_000}},
    "longest test": {"fifteen epochs": FOUR | {"looks": 1, "shown": 900_000}},
}


def network(
    *, crop: int, kernel: int, stride: int, filters: tuple[int, ...], head: bool, norm: bool, dropout: float
) -> keras.Model:
    """Convolutions; a stride of 2 in the first one takes the place of the pooling behind it."""
    stack = [keras.Input((28, 28, 1)), *([layers.Cropping2D(crop)] if crop else []), layers.Rescaling(1 / 255)]
    for number, count in enumerate(filters, start=1):
        first = number == 1
        size, step = (kernel, stride) if first else (3, 1)
        stack.append(layers.Conv2D(count, size, strides=step, use_bias=not norm))
        if number == 2 or (first and stride == 1):
            stack.append(layers.MaxPooling2D(2))
        stack += [layers.BatchNormalization(momentum=0.9)] if norm else []
        stack.append(layers.ReLU())
    stack.append(layers.Flatten())
    stack += [layers.Dense(64, activation="relu"), layers.Dropout(0.5)] if head else []
    stack += [layers.Dropout(dropout)] if dropout else []
    return keras.Sequential([*stack, layers.Dense(10)])


@functools.cache
def compiled(beta_2: float, batch: int, **form) -> tuple[keras.Model, list[np.ndarray]]:
    """A network, compiled once, with its graph built, and what its optimiser starts from."""
    model = network(**form)
    model.compile(
        optimizer=keras.optimizers.Adam(0.001, beta_2=beta_2),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    model.optimizer.build(model.trainable_variables)
    start = [variable.numpy() for variable in model.optimizer.variables]
    digits = np.zeros((2 * batch, 28, 28, 1), np.uint8)
    model.fit(digits, np.zeros((2 * batch, 10), np.float32), batch_size=batch, verbose=0)
    return model, start


def started(seed: int, settings: dict) -> keras.Model:
    """The compiled network as it would be if it had just been built with this seed."""
    form = {name: settings[name] for name in ("crop", "kernel", "stride", "filters", "head", "norm", "dropout")}
    options = {name: settings[name] for name in ("beta_2", "batch")}
    model, start = compiled(**options, **form)
    training.set_seed(seed)
    for layer, fresh in zip(model.layers, network(**form).layers, strict=True):
        for variable, value in zip(layer.variables, fresh.variables, strict=True):
            variable.assign(value)
    for variable, value in zip(model.optimizer.variables, start, strict=True):
        variable.assign(value)
    return model


class Rates(keras.callbacks.Callback):
    """Sets the learning rate of every step."""

    def __init__(self, rates):
        super().__init__()
        self.rates = iter(rates)

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate.assign(next(self.rates))


def rates(settings: dict, steps: int) -> np.ndarray:
    """Learning rate of each step: the same always, or one cycle as in ``training.one_cycle``."""
    if not settings["cycle"]:
        return np.full(steps, settings["rate"], np.float32)
    rise = max(1, round(0.2 * steps))
    up, down = np.arange(rise) / rise, (1 + np.cos(np.pi * np.arange(steps - rise) / (steps - rise))) / 2
    return (settings["rate"] * np.concatenate([up, down])).astype(np.float32)


def warped(pictures: np.ndarray, settings: dict, rng: np.random.Generator) -> np.ndarray:
    """Each picture turned, stretched, sheared and moved by its own random amounts."""
    count, middle = len(pictures), (np.array(pictures.shape[1:3]) - 1) / 2
    turn, shear = (rng.uniform(-settings[name], settings[name], count) for name in ("turn", "shear"))
    zoom, slide = (rng.uniform(-settings[name], settings[name], (count, 2)) for name in ("zoom", "slide"))
    cosine, sine = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    matrices = np.empty((count, 2, 3))
    matrices[:, 0, 0], matrices[:, 0, 1] = cosine, shear * cosine - sine
    matrices[:, 1, 0], matrices[:, 1, 1] = sine, shear * sine + cosine
    matrices[:, :, :2] *= np.exp(zoom)[:, :, np.newaxis]
    matrices[:, :, 2] = middle + slide - matrices[:, :, :2] @ middle
    size = pictures.shape[2:0:-1]
    moved = [cv2.warpAffine(picture, matrix, size) for picture, matrix in zip(pictures, matrices, strict=True)]
    return np.stack(moved)[..., np.newaxis]


def shown(x: np.ndarray, y: np.ndarray, settings: dict, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """All pictures in the order in which they are shown, shifted, and smoothed labels: whole batches."""
    rng = np.random.default_rng([seed, 17])
    count = round(settings["shown"] / settings["batch"]) * settings["batch"]
    order = np.concatenate([rng.permutation(len(x)) for _ in range(-(-count // len(x)))])[:count]
    pictures = training.random_shifts(x[order], settings["shift"], rng) if settings["shift"] else x[order]
    if any(settings[name] for name in ("turn", "zoom", "shear", "slide")):
        pictures = warped(pictures, settings, rng)
    labels = (1 - settings["smoothing"]) * np.eye(10) + settings["smoothing"] / 10
    return pictures, labels.astype(np.float32)[y[order]]


def measured(model: keras.Model, x: np.ndarray, y: np.ndarray, looks: int) -> float:
    """Share of right answers, each by so many looks: the picture, and copies a pixel to the left, right, up and down."""
    blocks, total = range(0, len(x), BLOCK), 0
    for steps in ((0, 0), (0, -1), (0, 1), (-1, 0), (1, 0))[:looks]:
        moved = np.roll(x, steps, axis=(1, 2))  # the margin is empty, but for a few pixels
        logits = np.concatenate([model.predict_on_batch(moved[n : n + BLOCK]) for n in blocks])
        total += logits - logits.mean(axis=1, keepdims=True)
    return round(float((total.argmax(axis=1) == y).mean()), 4)


def run(settings: dict, train, held_out, seed: int) -> dict:
    """One training: CPU seconds, and the share of right answers after it; of one look at a picture, too, where there are more."""
    settings = PLAIN | settings
    model, begin = started(seed, settings), time.process_time()
    pictures, labels = shown(*train, settings, seed)
    plan = Rates(rates(settings, len(pictures) // settings["batch"]))
    model.fit(pictures, labels, batch_size=settings["batch"], shuffle=False, callbacks=[plan], verbose=0)
    seconds = time.process_time() - begin
    found = {"seed": seed, "seconds": round(seconds, 2), "accuracy": measured(model, *held_out, settings["looks"])}
    return found | ({"one_look": measured(model, *held_out, 1)} if settings["looks"] > 1 else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--groups", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--rows", nargs="+", help="only these rows of the groups")
    parser.add_argument("--output", type=Path, default=RESULTS / "training_faster.json")
    options = parser.parse_args()
    found = json.loads(options.output.read_text(encoding="utf-8")) if options.output.exists() else {}
    groups = found.get("groups", {})
    split = datasets.load_mnist(validation=VALIDATION)
    everything = datasets.load_mnist()
    for group in options.groups:
        for seed in range(options.seeds):
            for name, settings in GROUPS[group].items():
                if options.rows and name not in options.rows:
                    continue
                plain = json.loads(json.dumps(settings))
                row = groups.setdefault(group, {}).setdefault(name, {"settings": plain, "runs": []})
                if row["settings"] != plain:
                    row |= {"settings": plain, "runs": []}
                if any(one["seed"] == seed for one in row["runs"]):
                    continue
                whole = "test" in group
                train = (everything.x_train, everything.y_train) if whole else (split.x_train, split.y_train)
                held_out = (everything.x_test, everything.y_test) if whole else (split.x_val, split.y_val)
                row["runs"].append(run(settings, train, held_out, seed))
                one = row["runs"][-1]
                print(f"{group} / {name} {seed}: {100 * one['accuracy']:.2f} %, {one['seconds']} s", flush=True)
                save("training_faster", {"digits": len(split.x_train), "groups": groups}, options.output)


if __name__ == "__main__":
    main()
