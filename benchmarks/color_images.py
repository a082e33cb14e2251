"""A small network in the style of VGG on colour pictures, and the network trained on ImageNet on the same ones, by input size.

    python benchmarks/color_images.py [--data patches] [--cifar10 FOLDER] [--seeds 3] [--output FILE]

Each task has 800 training, 300 validation and 300 test pictures of 32×32 pixels in ten classes. Photo patches: four patches of each of
twenty cells of a photograph, and three of each of ten other cells, so that pictures of different splits never touch. CIFAR-10, where it
is present: the first pictures of the training and test splits, and the last training pictures for validation. (Its figures were
measured on a copy whose pictures had been compressed as JPEG.) Without it the figures that are there stay.

``plain``: 3×3 convolutions in three stages. ``norm``: the same with batch normalisation. ``both``: with batch normalisation, and in
training with random flips and shifts; measured on the test pictures, too. The recipe is a first one, not tuned.

``probe``: logistic regression on the embeddings of ``imagenet_lite0`` at 96×96 pixels, scaled to length 1, with the same pictures.
``sizes``: the same with the first 300 training pictures, enlarged to several sizes, on the validation pictures.
``whole``: ``both`` (one seed) and the probe with all training pictures of CIFAR-10 but the validation pictures, on the same test pictures.
"""

import argparse
import json
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers
from sklearn.linear_model import LogisticRegression

from course_utils import datasets, models, training

EPOCHS, BATCH, RATE, SHIFT = 5, 32, 3e-3, 2
SIZES, SIZE, FEW, PART = (32, 64, 96, 224), 96, 300, 1000
ARMS = {"plain": (False, False), "norm": (True, False), "both": (True, True)}


def patches():
    """Pictures and labels of the three splits; the patches of one cell overlap, so a few of each are taken."""
    data = datasets.load_photo_patches(validation=1200)
    return [
        (_of_each_cell(x, count), _of_each_cell(y, count))
        for x, y, count in (
            (data.x_train, data.y_train, 4),
            (data.x_val, data.y_val, 3),
            (data.x_test, data.y_test, 3),
        )
    ]


def _of_each_cell(array: np.ndarray, count: int) -> np.ndarray:
    """The first patches of each cell of each photograph: a cell has twelve, and ten photographs take turns."""
    return array.reshape(-1, 12, 10, *array.shape[1:])[:, :count].reshape(-1, *array.shape[1:])


def cifar10(folder: Path, first: int | None = 800):
    """Pictures and labels of the three splits, with the first training pictures or, with None, all of them."""
    data = datasets.load_cifar10(validation=300, path=folder, download=False)
    return [
        (data.x_train[:first], data.y_train[:first]),
        (data.x_val, data.y_val),
        (data.x_test[:300], data.y_test[:300]),
    ]


def small_vgg(*, norm: bool, flip: bool) -> keras.Model:
    """Three stages of 3×3 convolutions, a pool at the end of each, then the mean of each map."""
    model = keras.Sequential([keras.Input((32, 32, 3))])
    if flip:
        model.add(layers.RandomFlip("horizontal"))
    model.add(layers.Rescaling(1 / 127.5, offset=-1))
    for filters, pool in ((16, True), (32, True), (64, False), (64, True)):
        model.add(layers.Conv2D(filters, 3, padding="same", use_bias=not norm))
        if pool:
            model.add(layers.MaxPooling2D())
        if norm:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10))
    return model


def train(x, y, *, norm: bool, change: bool, seed: int) -> keras.Model:
    training.set_seed(seed)
    model = small_vgg(norm=norm, flip=change)
    batches = training.Batches(x, y, batch_size=BATCH, max_shift=SHIFT if change else 0, seed=seed)
    rate = training.one_cycle(RATE, EPOCHS * len(batches))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, metrics=["accuracy"], jit_compile=False)
    training.fit(model, batches, epochs=EPOCHS, progress=False)
    return model


def share(answers: np.ndarray, y: np.ndarray) -> float:
    return round(float((answers == y).mean()), 4)


def race(splits, arms, seeds: int) -> dict:
    """Accuracy of each arm on validation pictures, and of the last one on test pictures: a list over seeds."""
    (x, y), (x_val, y_val), (x_test, y_test) = splits
    found = {}
    for arm in arms:
        norm, change = ARMS[arm]
        figures = found.setdefault(arm, {"train": [], "validation": []} | ({"test": []} if arm == "both" else {}))
        for seed in range(seeds):
            model = train(x, y, norm=norm, change=change, seed=seed)
            for name, (pictures, labels) in zip(
                ("train", "validation", "test"), ((x, y), (x_val, y_val), (x_test, y_test)), strict=True
            ):
                if name in figures:
                    answers = model.predict(pictures, batch_size=100, verbose=0).argmax(axis=1)
                    figures[name].append(share(answers, labels))
        print(arm, figures, flush=True)
    return found


def embed(x: np.ndarray, size: int) -> np.ndarray:
    """Embeddings of length 1 of pictures that were enlarged to a size."""
    network = models.trained("imagenet_lite0", input_size=size)
    backbone = keras.Model(network.input, network.get_layer("global_pool").output)
    parts = (models.imagenet_input(x[start : start + PART], size, crop=1) for start in range(0, len(x), PART))
    e = np.concatenate([backbone.predict(part, batch_size=50, verbose=0) for part in parts])
    return e / np.linalg.norm(e, axis=1, keepdims=True).clip(1e-9)  # at 32 pixels some have no feature at all


def probe(e, y, e_new) -> np.ndarray:
    return LogisticRegression(C=30, max_iter=2000).fit(e, y).predict(e_new)


def by_size(splits) -> tuple[dict, dict]:
    """Accuracy of the probe by input size with few pictures, and with all of them at one size."""
    (x, y), (x_val, y_val), (x_test, y_test) = splits
    sizes, whole = {}, {}
    for size in SIZES:
        if size == SIZE:
            e = embed(np.concatenate([x, x_val, x_test]), size)
            e_train, e_val, e_test = np.split(e, np.cumsum([len(x), len(x_val)]))
            whole = {
                "validation": share(probe(e_train, y, e_val), y_val),
                "test": share(probe(e_train, y, e_test), y_test),
            }
        else:
            e_train, e_val = np.split(embed(np.concatenate([x[:FEW], x_val]), size), [FEW])
        sizes[str(size)] = share(probe(e_train[:FEW], y[:FEW], e_val), y_val)
        print(size, sizes[str(size)], whole, flush=True)
    return sizes, whole


def whole(splits) -> dict:
    """Test accuracy of the small network, with one seed, and of the probe, with all training pictures of a set."""
    (x, y), _, (x_test, y_test) = splits
    model = train(x, y, norm=True, change=True, seed=0)
    answers = model.predict(x_test, batch_size=100, verbose=0).argmax(axis=1)
    found = {"pictures": len(x), "both": share(answers, y_test)}
    print(found, flush=True)
    answers = probe(embed(x, SIZE), y, embed(x_test, SIZE))
    return found | {"probe": share(answers, y_test)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="*", default=["patches"], choices=["patches"])
    parser.add_argument("--cifar10", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "color_images.json")
    options = parser.parse_args()
    tasks = dict.fromkeys(options.data, patches)
    if options.cifar10:
        tasks["cifar10"] = lambda: cifar10(options.cifar10)
    figures = json.loads(options.output.read_text()) if options.output.is_file() else {}
    figures = {key: figures.get(key, {}) for key in ("race", "sizes", "probe", "whole", "seconds")}
    for name, make in tasks.items():
        start, splits = time.process_time(), make()
        figures["sizes"][name], figures["probe"][name] = by_size(splits)
        figures["race"][name] = race(splits, ARMS if name == "patches" else ["both"], options.seeds)
        if name == "cifar10":
            figures["whole"][name] = whole(cifar10(options.cifar10, None))
        figures["seconds"][name] = round(time.process_time() - start)
        settings = {"epochs": EPOCHS, "batch_size": BATCH, "rate": RATE, "shift": SHIFT, "size": SIZE, "few": FEW}
        save("color_images", {**settings, **figures}, options.output)


if __name__ == "__main__":
    main()
