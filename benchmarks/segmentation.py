"""What skip connections and losses buy the small U-Net of the lesson on segmentation, with several seeds.

    python benchmarks/segmentation.py [--seeds 5] [--output FILE]

Network, pictures and training are the lesson's: 200 generated pictures, seven epochs in batches of 8, Adam with a rate of 5e-3; nothing was
tuned for one arm. ``usual`` pictures are those of the lesson, ``rare`` ones have one or two small ellipses. On ``usual`` pictures the
network is trained with skip connections, without, and without but with a wider decoder, which makes up for the weights. On both, the
network with skips is trained with three losses: cross-entropy; cross-entropy in which an object's pixel counts as many times as background is
more frequent in training; and one minus V-Net's soft Dice over the pixels of a batch. Some also get
three times the epochs.

Recorded for each training, on 100 test pictures at a threshold of 0.5: IoU, Dice, precision and recall of pixels; the share of the objects
found, by half of their pixels; accuracy at edges and elsewhere; and of the wrong pixels, the share whose probability was below 0.05 or above
0.95. Then Dice at the threshold that gave the best one on 100 other pictures. A training that the output file holds is not done again; the
file is saved after each.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers
from scipy.ndimage import binary_dilation, binary_erosion

from course_utils import training
from course_utils.lessons.segmentation import scenes

SPLITS = {"train": (200, 0), "test": (100, 1), "threshold": (100, 2)}
WIDER = (46, 26, 13)
EPOCHS, LONGER = 7, 21
ARMS = {
    "usual": {
        "skips": {},
        "no skips": {"skips": False},
        "no skips, wider": {"skips": False, "decoder": WIDER},
        "weighted": {"loss": "weighted"},
        "Dice": {"loss": "Dice"},
        "skips, longer": {"epochs": LONGER},
        "no skips, longer": {"skips": False, "epochs": LONGER},
    },
    "rare": {
        "cross-entropy": {},
        "weighted": {"loss": "weighted"},
        "Dice": {"loss": "Dice"},
        "cross-entropy, longer": {"epochs": LONGER},
        "Dice, longer": {"loss": "Dice", "epochs": LONGER},
    },
}
TAUS = np.linspace(0.02, 0.98, 49)


def conv(x, filters: int):
    """A convolution that keeps the size, with ReLU."""
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)


def unet(skips: bool = True, decoder: tuple[int, ...] = (32, 16, 8)) -> keras.Model:
    """The lesson's network: a probability for each pixel."""
    a = inputs = keras.Input((None, None, 1))
    kept = []
    for filters in (8, 16, 32):
        a = conv(a, filters)
        kept.append(a)
        a = layers.MaxPooling2D()(a)
    a = conv(a, 32)
    for filters in decoder:
        a, fine = layers.UpSampling2D()(a), kept.pop()
        a = conv(layers.Concatenate()([a, fine]) if skips else a, filters)
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(a))


def losses(share: float) -> dict[str, object]:
    """The losses by name; ``share`` is that of the object pixels in training."""
    k = keras.ops

    def weighted(true, p):
        p = k.clip(p, 1e-7, 1 - 1e-7)
        weight = (1 - share) / share
        return -k.mean(weight * true * k.log(p) + (1 - true) * k.log(1 - p))

    def soft_dice(true, p):
        return 1 - 2 * k.sum(true * p) / (k.sum(true**2) + k.sum(p**2) + 1e-7)

    return {"cross-entropy": "binary_crossentropy", "weighted": weighted, "Dice": soft_dice}


def dice(true: np.ndarray, mask: np.ndarray) -> float:
    """Dice over all pixels."""
    return 2 * (true & mask).sum() / (true.sum() + mask.sum())


def found(objects: np.ndarray, masks: np.ndarray) -> float:
    """Share of the objects of which at least half of the pixels are in the mask."""
    hits = [
        mask[numbers == k].mean() >= 0.5
        for numbers, mask in zip(objects, masks, strict=True)
        for k in range(1, numbers.max() + 1)
    ]
    return float(np.mean(hits))


def scores(p: np.ndarray, objects: np.ndarray) -> dict[str, float]:
    """What the answers are worth at a threshold of 0.5, and how sure the wrong ones were."""
    true, mask = objects > 0, p >= 0.5
    edge = np.array([binary_dilation(m) ^ binary_erosion(m, border_value=1) for m in true])
    right, both = true == mask, (true & mask).sum()
    sure = (p < 0.05) | (p > 0.95)
    return {
        "iou": both / (true | mask).sum(),
        "dice": dice(true, mask),
        "precision": both / max(mask.sum(), 1),
        "recall": both / true.sum(),
        "found": found(objects, mask),
        "edge": right[edge].mean(),
        "elsewhere": right[~edge].mean(),
        "sure_when_wrong": sure[~right].mean(),
    }


def run(splits: dict, seed: int, loss: str = "cross-entropy", epochs: int = EPOCHS, **form) -> dict[str, float]:
    """One training: its scores on test pictures, and its Dice at a threshold from other pictures."""
    x, objects = splits["train"]
    true = (objects > 0)[..., None].astype("float32")
    keras.backend.clear_session()
    training.set_seed(seed)
    network = unet(**form)
    network.compile(keras.optimizers.Adam(5e-3), losses(true.mean())[loss])
    network.fit(x, true, batch_size=8, epochs=epochs, verbose=0)
    p = {name: network.predict(splits[name][0], verbose=0)[..., 0] for name in ("test", "threshold")}
    known = splits["threshold"][1] > 0
    tau = max(TAUS, key=lambda tau: dice(known, p["threshold"] >= tau))
    objects = splits["test"][1]
    row = scores(p["test"], objects) | {"tau": tau, "dice_at_tau": dice(objects > 0, p["test"] >= tau)}
    return {name: round(float(value), 4) for name, value in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=RESULTS / "segmentation.json")
    options = parser.parse_args()
    figures = json.loads(options.output.read_text(encoding="utf-8")) if options.output.is_file() else {}
    runs = figures.get("runs", {})
    sets = {kind: {name: scenes.make(*split, rare=kind == "rare") for name, split in SPLITS.items()} for kind in ARMS}
    figures = {
        "share": {kind: round(float((splits["test"][1] > 0).mean()), 4) for kind, splits in sets.items()},
        "parameters": {
            arm: unet(**form).count_params()
            for arm, form in ARMS["usual"].items()
            if form.keys() <= {"skips", "decoder"}
        },
        "runs": runs,
    }
    for seed in range(options.seeds):
        for kind, arms in ARMS.items():
            for arm, form in arms.items():
                rows = runs.setdefault(kind, {}).setdefault(arm, [])
                if len(rows) > seed:
                    continue
                rows.append(run(sets[kind], seed, **form))
                print(seed, kind, arm, rows[-1], flush=True)
                save("segmentation", figures, options.output)


if __name__ == "__main__":
    main()
