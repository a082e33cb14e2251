"""Race of recipes on MNIST: the classic network as tutorials train it against the course's fast recipe.

    python benchmarks/mnist_race.py [--seeds 5] [--recipes fast-1 fast-2 fast-3 classic] [--output FILE]

For every seed in turn each recipe is trained on all 60 000 training digits; test accuracy is measured after the last
epoch of a fast recipe and, for the curve, after every epoch of the classic one. Nothing is chosen by it: the settings of
the fast recipe were chosen on the last 10 000 training digits. Times are CPU seconds of the process, without the time of
measuring accuracy, so that they compare on a busy machine too; read them as ratios. Results are saved after each seed.
"""

import argparse
import json
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save

from course_utils import datasets, models, training

CLASSIC_EPOCHS = 12
FAST = {f"fast-{epochs}": {"epochs": epochs} for epochs in (1, 2, 3)}
WIDE = {"wide-8": {"epochs": 8, "max_shift": 2}}
RECIPES = [*FAST, "classic", *WIDE]


class EpochCost(keras.callbacks.Callback):
    """CPU seconds of each epoch, and the test accuracy after it where asked for."""

    def __init__(self, data: datasets.Dataset, every_epoch: bool):
        super().__init__()
        self.data, self.every_epoch, self.seconds, self.accuracies = data, every_epoch, [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(round(time.process_time() - self.start, 2))
        if self.every_epoch or epoch + 1 == self.params["epochs"]:
            logits = self.model.predict(self.data.x_test, batch_size=1000, verbose=0)
            self.accuracies.append(round(float((logits.argmax(axis=1) == self.data.y_test).mean()), 4))


def run(recipe: str, data: datasets.Dataset, seed: int) -> dict[str, list[float]]:
    """Train one recipe with one seed: CPU seconds and training accuracy of each epoch, and test accuracies."""
    training.set_seed(seed)
    cost = EpochCost(data, every_epoch=recipe == "classic")
    if recipe == "classic":
        model = models.mnist_classic()
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
        history = training.fit(
            model, data.x_train, data.y_train, epochs=CLASSIC_EPOCHS, progress=False, callbacks=[cost]
        )
    else:
        model = models.mnist_fast(width=16 if recipe in FAST else 24)
        options = {**FAST, **WIDE}[recipe]
        history = training.fit_fast(
            model, data.x_train, data.y_train, seed=seed, progress=False, callbacks=[cost], **options
        )
    return {
        "seconds": cost.seconds,
        "accuracies": cost.accuracies,
        "training_accuracies": [round(accuracy, 4) for accuracy in history["accuracy"]],
    }


def summarise(runs: dict[str, list[dict]]) -> dict[str, object]:
    """Means, spreads and the two headline ratios of the runs made so far."""
    summary: dict[str, object] = {}
    for recipe, results in runs.items():
        final = [result["accuracies"][-1] for result in results]
        summary[recipe] = {
            "mean_accuracy": round(float(np.mean(final)), 5),
            "lowest": min(final),
            "highest": max(final),
            "mean_cpu_seconds": round(float(np.mean([sum(result["seconds"]) for result in results])), 1),
        }
    if "classic" not in runs:
        return summary
    epoch_cost = [float(np.mean(result["seconds"])) for result in runs["classic"]]
    for recipe in runs.keys() - {"classic"}:
        ratios = [sum(result["seconds"]) / epoch for result, epoch in zip(runs[recipe], epoch_cost, strict=False)]
        summary[recipe]["classic_epochs"] = [round(ratio, 2) for ratio in ratios]
    curve = np.mean([result["accuracies"] for result in runs["classic"]], axis=0)
    reached = np.flatnonzero(curve >= 0.99)
    fast = [recipe for recipe in FAST if recipe in runs and summary[recipe]["mean_accuracy"] >= 0.99]
    if len(reached) and fast:
        needed = int(reached[0]) + 1
        ratios = [
            sum(classic["seconds"][:needed]) / sum(result["seconds"])
            for classic, result in zip(runs["classic"], runs[fast[0]], strict=False)
        ]
        summary["to_99_percent"] = {
            "classic_epochs": needed,
            "fast_recipe": fast[0],
            "times_shorter": [round(ratio, 2) for ratio in ratios],
        }
    return summary


def print_summary(summary: dict[str, object]) -> None:
    """Print the headline figures with their spread over seeds."""
    for recipe, row in summary.items():
        if recipe == "to_99_percent":
            ratios = row["times_shorter"]
            print(
                f"to 99 %: {row['fast_recipe']} is {np.mean(ratios):.2f} times shorter ({min(ratios)} … {max(ratios)}) "
                f"than {row['classic_epochs']} epochs of the classic network"
            )
            continue
        line = f"{recipe:8} {100 * row['mean_accuracy']:.3f} % ({100 * row['lowest']:.2f} … {100 * row['highest']:.2f})"
        if "classic_epochs" in row:
            ratios = row["classic_epochs"]
            line += f" in {np.mean(ratios):.2f} ({min(ratios)} … {max(ratios)}) classic epochs"
        print(f"{line}, {row['mean_cpu_seconds']:.0f} CPU s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=[*FAST, "classic"])
    parser.add_argument("--add", action="store_true", help="keep the other recipes' runs that the output file holds")
    parser.add_argument("--output", type=Path, default=RESULTS / "mnist_race.json")
    options = parser.parse_args()
    data = datasets.load_mnist()
    runs = {}
    if options.add:
        runs = json.loads(options.output.read_text(encoding="utf-8"))["runs"]
    runs |= {recipe: [] for recipe in options.recipes}
    for seed in range(options.seeds):
        for recipe in options.recipes:
            start = time.perf_counter()
            runs[recipe].append(run(recipe, data, seed))
            result = runs[recipe][-1]
            print(
                f"seed {seed} {recipe}: {100 * result['accuracies'][-1]:.2f} %, {sum(result['seconds']):.1f} CPU s "
                f"({time.perf_counter() - start:.0f} s elapsed)",
                flush=True,
            )
        save("mnist_race", {"summary": summarise(runs), "runs": runs}, options.output)
    print_summary(summarise(runs))


if __name__ == "__main__":
    main()
