"""Two coins, in bursts: what a score is worth that was measured by picture, by session, or in places that tell the answer.

    python benchmarks/own_pictures.py [--sets 12] [--repetitions 6] [--output FILE]

Sample sets of the lesson on one's own pictures, written with other seeds and loaded again at the lesson's size. Features are those of
the ImageNet network that the course brings, averaged over places; a dense layer on them is trained as in the lesson, which was
not tuned: its settings were fixed before any figure was read.

``leak``: for each set (6 sessions of 4 pictures a coin) the accuracy when a sixth of the pictures is held out at random, the mean of
five such splits; when a session is held out; and when a burst is, one coin of a session, while the other coin's pictures of this
session are trained on. ``places``: a head trained where each coin has a place of its own; its accuracy on three new sessions with these places, and on
the same with the places swapped. ``sessions``: the accuracy on 24 new sessions, one picture of each coin, after training with 12
pictures of each coin from 1 to 12 sessions. Results are saved at the end.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from _record import RESULTS, save

from course_utils import datasets, evaluation, models
from course_utils.lessons.your_own_pictures import sample

SIZE, COUNTS, PICTURES, SPLITS = 160, (1, 2, 3, 4, 6, 12), 12, 5
STEPS, RATE, DECAY = 300, 1.0, 1e-3


def train_head(features: np.ndarray, labels: np.ndarray, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of a dense layer, by gradient descent on all pictures at once; it starts at 0."""
    centre = features.mean(axis=0)
    scale = np.linalg.norm(features - centre, axis=1).mean()
    inputs, target = (features - centre) / scale, np.eye(classes)[labels]
    w, b = np.zeros((features.shape[1], classes)), np.zeros(classes)
    for _ in range(STEPS):
        slope = (evaluation.softmax(inputs @ w + b) - target) / len(target)
        w -= RATE * (inputs.T @ slope + DECAY * w)
        b -= RATE * slope.sum(axis=0)
    return w / scale, b - centre @ w / scale


def accuracy(train: tuple, test: tuple) -> float:
    """Share of right answers on ``test`` after training on ``train``, each features and labels."""
    w, b = train_head(*train)
    return float(((test[0] @ w + b).argmax(axis=1) == test[1]).mean())


def held_out(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> float:
    """Share of right answers if each fold is answered by a head that was trained on the others."""
    parts = [folds == fold for fold in np.unique(folds)]
    shares = [accuracy((features[~part], labels[~part]), (features[part], labels[part])) for part in parts]
    return float(np.average(shares, weights=[part.sum() for part in parts]))


def written(**settings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures, labels and numbers of the sessions of a sample set."""
    with tempfile.TemporaryDirectory() as home:
        folder = sample.write_sample(Path(home) / "coins", **settings)
        loaded = [datasets.load_image_folder(session, size=SIZE, test=0) for session in sorted(folder.iterdir())]
    sessions = np.repeat(range(len(loaded)), [len(each.y_train) for each in loaded])
    return (
        np.concatenate([each.x_train for each in loaded]),
        np.concatenate([each.y_train for each in loaded]),
        sessions,
    )


def features_of(backbone, pictures: np.ndarray) -> np.ndarray:
    """What the head gets: the mean of each map of the trained network."""
    return backbone.predict(models.imagenet_input(pictures, SIZE, crop=1.0), verbose=0).mean(axis=(1, 2))


def leak(backbone, seed: int) -> dict[str, float]:
    """The three accuracies of one set."""
    pictures, labels, sessions = written(seed=seed)
    features = features_of(backbone, pictures)
    random = [np.random.default_rng(split).permutation(len(labels)) % 6 for split in range(SPLITS)]
    shares = {
        "by picture": np.mean([held_out(features, labels, folds) for folds in random]),
        "by session": held_out(features, labels, sessions),
        "by burst": held_out(features, labels, 2 * sessions + labels),
    }
    return {name: round(float(share), 4) for name, share in shares.items()}


def own_places(backbone, seed: int) -> dict[str, float]:
    """Accuracy on new sessions where each coin lies in its own place, as in training, and with the places swapped."""
    splits = [written(seed=seed, places="own")]
    splits += [written(seed=1000 + seed, sessions=3, places=places) for places in ("own", "swapped")]
    train, *tests = [(features_of(backbone, pictures), labels) for pictures, labels, _ in splits]
    return {name: round(accuracy(train, test), 4) for name, test in zip(("own", "swapped"), tests, strict=True)}


def by_sessions(backbone, seed: int, test: tuple) -> list[float]:
    """Accuracy on new sessions for each number of sessions, with as many training pictures."""
    pictures, labels, sessions = written(seed=2000 + seed, sessions=max(COUNTS), frames=PICTURES)
    rng, shares = np.random.default_rng(seed), []
    for count in COUNTS:
        chosen = np.concatenate(
            [
                rng.permutation(np.flatnonzero((sessions == session) & (labels == label)))[: PICTURES // count]
                for session in rng.permutation(max(COUNTS))[:count]
                for label in (0, 1)
            ]
        )
        shares.append(round(accuracy((features_of(backbone, pictures[chosen]), labels[chosen]), test), 4))
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=12)
    parser.add_argument("--repetitions", type=int, default=6)
    parser.add_argument("--output", type=Path, default=RESULTS / "own_pictures.json")
    options = parser.parse_args()
    start = time.process_time()
    backbone = models.trained("imagenet_lite0", input_size=SIZE, include_top=False)
    figures = {"size": SIZE, "counts": COUNTS, "leak": [], "places": [], "sessions": []}
    pictures, labels, _ = written(seed=3000, sessions=24, frames=1)
    test = features_of(backbone, pictures), labels
    for seed in range(options.sets):
        figures["leak"].append(leak(backbone, seed))
        print(seed, figures["leak"][-1], flush=True)
    for seed in range(options.repetitions):
        figures["places"].append(own_places(backbone, seed))
        figures["sessions"].append(by_sessions(backbone, seed, test))
        print(seed, figures["places"][-1], figures["sessions"][-1], flush=True)
    figures["seconds"] = round(time.process_time() - start, 1)
    save("own_pictures", figures, options.output)


if __name__ == "__main__":
    main()
