"""Letters X and O at places and in forms that were not trained on: a template, a dense network, small convolutional networks.

    python benchmarks/learning_the_features.py [--seeds 5] [--parts ...] [--output FILE]

Pictures have 17×17 pixels in ±1. All networks train with Adam on batches of 25 letters, 8000 letters in all (``strength``: 10 000), so
that each takes as many steps however few different letters there are. Rates and widths are first guesses and were not
tuned. Test letters never occur among the training letters of their run, pixel by pixel.

``places``: X and O at a number of the 49 places with shifts of up to 3 pixels; test at all other places.
``strength``: 400 letters, deformed; where the noise is for centred letters that is said, all others are shifted by up to 3 pixels as well.
``kernels``: 3 filters of 3×3, which are learned, or kept as they were drawn, or made by hand (╲, ✕, ╱); the head is trained in each
case. Kernels before and after training are saved.
``longer``: the learned ones of ``kernels`` again, with 80 000 letters.
"""

import argparse
import functools
import json
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers

from course_utils import datasets, training

SIZE, REACH, BATCH = 17, 3, 25
ARMS = {"dense": (32, 3e-3), "CNN, flattened": (8, 1e-2), "CNN, global maximum": (8, 1e-2)}
PLACES = (1, 5, 15, 25, 40)
STRENGTHS = {
    "noise, centred": [{"noise": share} for share in (0.05, 0.1, 0.2, 0.3)],
    "noise": [{"shift": 3, "noise": share} for share in (0.02, 0.05, 0.1, 0.2)],
    "turn": [{"shift": 3, "rotation": angle} for angle in (10, 20, 30, 45)],
    "size": [{"shift": 3, "scale": (1 - part, 1 + part)} for part in (0.1, 0.2, 0.3, 0.4)],
    "thickness": [{"shift": 3, "thickness": (1, width)} for width in (1.5, 2, 2.5, 3)],
}
CONDITIONS = {
    "shift": {"shift": 3},
    "shift and noise": {"shift": 3, "noise": 0.05},
    "shift, turn, size": {"shift": 3, "rotation": 30, "scale": (0.7, 1.3)},
}
FALLING = np.where(np.eye(3) > 0, 1.0, -1.0)
BY_HAND = np.stack([FALLING, np.maximum(FALLING, FALLING[:, ::-1]), FALLING[:, ::-1]], axis=-1)[:, :, None]


def network(arm: str, width: int) -> keras.Model:
    """Two logits for a picture in ±1."""
    first = {
        "dense": lambda: [layers.Flatten(), layers.Dense(width), layers.ReLU()],
        "CNN, flattened": lambda: [
            layers.Conv2D(width, 3),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
        ],
        "CNN, global maximum": lambda: [layers.Conv2D(width, 3), layers.ReLU(), layers.GlobalMaxPooling2D()],
    }
    return keras.Sequential([keras.Input((SIZE, SIZE, 1)), *first[arm](), layers.Dense(2)])


@functools.cache
def compiled(arm: str, width: int, rate: float, frozen: bool) -> tuple[keras.Model, list[np.ndarray]]:
    """The network of an arm, compiled once, and what its optimiser starts from."""
    model = network(arm, width)
    model.layers[0].trainable = not frozen
    model.compile(
        optimizer=keras.optimizers.Adam(rate), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.optimizer.build(model.trainable_variables)
    return model, [variable.numpy() for variable in model.optimizer.variables]


def share_right(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Share of right answers."""
    return round(float((np.asarray(model(x)).argmax(axis=1) == y).mean()), 4)


def trained(
    split, seed: int, arm: str, width: int, rate: float, *, frozen: bool = False, kernel=None, letters: int = 8000
) -> tuple[keras.Model, list[np.ndarray]]:
    """A network trained as if it had just been built with this seed, and the kernels it started from."""
    x, y = split
    model, first = compiled(arm, width, rate, frozen)
    training.set_seed(seed)
    start = network(arm, width).get_weights()
    start[0] = start[0] if kernel is None else kernel
    model.set_weights(start)
    for variable, value in zip(model.optimizer.variables, first, strict=True):
        variable.assign(value)
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(len(x)) for _ in range(letters // len(x))])
    model.fit(x[order], y[order], batch_size=BATCH, shuffle=False, verbose=0)  # one epoch: each has a fixed cost
    return model, start


@functools.cache
def all_places() -> np.ndarray:
    """X and O at every place, shape (49, 2, SIZE, SIZE, 1)."""
    steps = range(-REACH, REACH + 1)
    pictures = [
        [datasets.draw_letter(name, shift=(down, right), size=SIZE) for name in "XO"]
        for down in steps
        for right in steps
    ]
    return np.array(pictures, np.float32)[..., None]


def by_place(count: int, seed: int) -> tuple[tuple, tuple]:
    """X and O at ``count`` random places, and at all others."""
    order = np.random.default_rng(seed).permutation(len(all_places()))
    parts = (all_places()[chosen].reshape(-1, SIZE, SIZE, 1) for chosen in (order[:count], order[count:]))
    train, test = ((x, np.tile([0, 1], len(x) // 2)) for x in parts)
    return train, test


def deformed(seed: int, count: int = 400, **deformation) -> tuple[tuple, tuple]:
    """Deformed letters, and 1000 others at most that are not among them."""
    data = datasets.make_xo(count, 2000, size=SIZE, seed=seed, **deformation)
    train, test = datasets.to_signed(data.x_train), datasets.to_signed(data.x_test)
    known = {picture.tobytes() for picture in train}
    new = np.flatnonzero([picture.tobytes() not in known for picture in test])[:1000]
    return (train, data.y_train), (test[new], data.y_test[new])


def template(x: np.ndarray, y: np.ndarray) -> float:
    """Share of letters that agree in more pixels with the right one of the two centred letters; a tie is wrong."""
    centred = all_places()[len(all_places()) // 2]
    lead = (x * (centred[0] - centred[1])).sum(axis=(1, 2, 3))
    return round(float(np.where(y == 0, lead > 0, lead < 0).mean()), 4)


def places(seeds: int) -> dict:
    """Shares of right answers at the places that were not trained on, by arm and number of places."""
    shares = {arm: {} for arm in ("template", *ARMS)}
    for count in PLACES:
        splits = [by_place(count, seed) for seed in range(seeds)]
        shares["template"][count] = [template(*test) for _, test in splits]
        for arm, recipe in ARMS.items():
            rows = []
            for seed, (train, test) in enumerate(splits):
                model, _ = trained(train, seed, arm, *recipe)
                rows.append({"seen": share_right(model, *train), "unseen": share_right(model, *test)})
            shares[arm][count] = rows
            print(count, arm, [row["unseen"] for row in rows], flush=True)
    return shares


def strength(seeds: int) -> dict:
    """Shares of right answers on new letters, by deformation, strength and arm, and how many test letters there were."""
    rows = {}
    for name, strengths in STRENGTHS.items():
        rows[name] = []
        for deformation in strengths:
            splits = [deformed(seed, **deformation) for seed in range(seeds)]
            row = {"deformation": deformation, "letters": [len(test[1]) for _, test in splits]}
            row["template"] = [template(*test) for _, test in splits]
            for arm in ("dense", "CNN, global maximum"):
                row[arm] = [
                    share_right(trained(train, seed, arm, *ARMS[arm], letters=10_000)[0], *test)
                    for seed, (train, test) in enumerate(splits)
                ]
            rows[name].append(row)
            print(name, row, flush=True)
    return rows


def split_of(deformation: dict, seed: int) -> tuple[tuple, tuple]:
    """Letters for training and test: places where letters only move, deformed ones otherwise."""
    return by_place(25, seed) if deformation == {"shift": REACH} else deformed(seed, **deformation)


def ends(start: list[np.ndarray], model: keras.Model) -> dict[str, list]:
    """Kernels before and after training."""
    return {
        key: np.round(weights[0][:, :, 0], 3).tolist()
        for key, weights in (("start", start), ("end", model.get_weights()))
    }


def kernels(seeds: int) -> dict:
    """Shares of right answers with kernels that are learned, drawn or made by hand, and the kernels before and after."""
    rows = {}
    for name, deformation in CONDITIONS.items():
        rows[name] = {arm: [] for arm in ("learned", "drawn", "by hand")}
        for seed in range(seeds):
            train, test = split_of(deformation, seed)
            for arm, runs in rows[name].items():
                given = BY_HAND if arm == "by hand" else None
                recipe = ("CNN, global maximum", 3, 1e-2)
                model, start = trained(train, seed, *recipe, frozen=arm != "learned", kernel=given)
                run = {"unseen": share_right(model, *test)}
                if arm == "learned":
                    run |= ends(start, model)
                runs.append(run)
        print(name, {arm: [run["unseen"] for run in runs] for arm, runs in rows[name].items()}, flush=True)
    return rows


def longer(seeds: int) -> dict:
    """Shares of right answers after ten times as many steps, and the kernels before and after."""
    rows = {}
    for name, deformation in CONDITIONS.items():
        rows[name] = []
        for seed in range(seeds):
            train, test = split_of(deformation, seed)
            model, start = trained(train, seed, "CNN, global maximum", 3, 1e-2, letters=80_000)
            rows[name].append({"unseen": share_right(model, *test)} | ends(start, model))
        print("longer", name, [run["unseen"] for run in rows[name]], flush=True)
    return rows


PARTS = {"places": places, "kernels": kernels, "strength": strength, "longer": longer}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="the others stay as they are")
    parser.add_argument("--output", type=Path, default=RESULTS / "learning_the_features.json")
    options = parser.parse_args()
    counts = {
        "places": options.seeds,
        "kernels": 2 * options.seeds,
        "strength": min(3, options.seeds),
        "longer": 2 * options.seeds,
    }
    found = {}
    if set(options.parts) != set(PARTS) and options.output.exists():
        found = json.loads(options.output.read_text(encoding="utf-8"))
    figures = {"arms": ARMS} | {part: found[part] for part in PARTS if part in found}
    for part in options.parts:
        figures[part] = PARTS[part](counts[part])
    save("learning_the_features", figures, options.output)


if __name__ == "__main__":
    main()
