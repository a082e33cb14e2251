"""LeNet-5 on MNIST, from the ideas of 1998 to those of today in four steps.

    python benchmarks/lenet_steps.py [--seeds 5] [--epochs 3] [--output FILE]

Layers and their widths stay those of LeNet-5: 6, 16, 120, 84 and 10. Each step keeps what the ones before it changed:

1998    1.7159 tanh(2a/3), average pooling, weights uniform within ±2.4 / fan-in, squared distance to targets ±1,
        stochastic gradient descent at a constant rate
relu    ReLU, max pooling, He's initial weights, cross-entropy of a softmax
norm    batch normalisation, Adam
cycle   one cycle of the rate, shifts by a pixel, smoothed labels: ``training.fit_fast``

Every step gets as many epochs, the same size of batches and the same care: its learning rate is the best of 0.001, 0.003,
0.01, 0.03, … on the last 10 000 training digits, searched from a guess until both neighbours are worse. A rate counts by
the worse of two seeds, since the largest rate that works once may fail the next time. Then, for every seed in turn, each
step is trained on all 60 000 training digits, and measured on the test digits once, at the end. The seeds of the choice
are none of the race. Times are CPU seconds of the process; read them as ratios. Results are saved after each seed.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers

from course_utils import datasets, training
from course_utils.models.custom_layers import scaled_tanh

BATCH_SIZE, HELD_OUT, CHOICE_SEEDS = 128, 10_000, (100, 101)
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
GUESSES = {"1998": 1.0, "relu": 0.1, "norm": 0.003, "cycle": 0.01}


def lenet(step: str) -> keras.Model:
    """LeNet-5 for raw 28×28 digits, with the parts of one step.

    Margin and scale of the pixels are the paper's in every step: 32×32, paper −0.1, ink 1.175.
    """
    old, normalised = step == "1998", step in ("norm", "cycle")

    def start(fan_in):
        return keras.initializers.RandomUniform(-2.4 / fan_in, 2.4 / fan_in) if old else "he_normal"

    def learn(x, layer, width, *kernel_size, pool=False):
        fan_in = x.shape[-1] * int(np.prod(kernel_size * 2))
        x = layer(width, *kernel_size, use_bias=not normalised, kernel_initializer=start(fan_in))(x)
        if old:
            x = layers.Activation(scaled_tanh)(x)
            return layers.AveragePooling2D(2)(x) if pool else x
        # The maximum commutes with ReLU, and behind it the others work on a quarter of the entries.
        x = layers.MaxPooling2D(2)(x) if pool else x
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x) if normalised else x)

    inputs = keras.Input((28, 28, 1))
    x = layers.Rescaling(1.275 / 255, offset=-0.1)(layers.ZeroPadding2D(2)(inputs))
    x = learn(x, layers.Conv2D, 6, 5, pool=True)
    x = learn(x, layers.Conv2D, 16, 5, pool=True)
    x = layers.Flatten()(learn(x, layers.Conv2D, 120, 5))
    x = learn(x, layers.Dense, 84)
    x = layers.Dense(10, activation=scaled_tanh if old else None, kernel_initializer=start(84))(x)
    return keras.Model(inputs, x, name=f"lenet_{step}")


def train(step: str, x: np.ndarray, y: np.ndarray, *, rate: float, epochs: int, seed: int) -> tuple[keras.Model, float]:
    """Train one step with one seed: the network, and the CPU seconds it took."""
    training.set_seed(seed)
    model = lenet(step)
    start = time.process_time()
    if step == "cycle":
        training.fit_fast(model, x, y, epochs=epochs, batch_size=BATCH_SIZE, peak=rate, seed=seed, progress=False)
    else:
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(
            optimizer=keras.optimizers.Adam(rate) if step == "norm" else keras.optimizers.SGD(rate),
            loss="mean_squared_error" if step == "1998" else cross_entropy,
        )
        targets = 2 * np.eye(10, dtype="float32")[y] - 1 if step == "1998" else y
        training.fit(model, x, targets, epochs=epochs, batch_size=BATCH_SIZE, progress=False)
    return model, round(time.process_time() - start, 1)


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Share of digits whose largest output is the right one."""
    return round(float((model.predict(x, batch_size=1000, verbose=0).argmax(axis=1) == y).mean()), 4)


def choose_rates(data: datasets.Dataset, epochs: int) -> dict[str, dict]:
    """For each step the best rate, both of whose neighbours are worse, and the validation accuracies of all rates tried."""
    choices = {}
    for step, guess in GUESSES.items():
        best, reached = RATES.index(guess), {}
        while untried := [k for k in (best, best + 1, best - 1) if k not in reached and 0 <= k < len(RATES)]:
            reached[untried[0]] = []
            for seed in CHOICE_SEEDS:
                settings = {"rate": RATES[untried[0]], "epochs": epochs, "seed": seed}
                model, seconds = train(step, data.x_train, data.y_train, **settings)
                reached[untried[0]].append(accuracy(model, data.x_val, data.y_val))
                print(
                    f"choice {step} {RATES[untried[0]]}: {100 * reached[untried[0]][-1]:.2f} %, {seconds} CPU s",
                    flush=True,
                )
                if reached[untried[0]][-1] < 0.5:
                    break  # it fails already
            best = max(reached, key=lambda k: min(reached[k]))
        choices[step] = {"rate": RATES[best], "validation": {str(RATES[k]): reached[k] for k in sorted(reached)}}
    return choices


def summarise(runs: dict[str, list[dict]]) -> dict[str, dict]:
    """Means and ranges of each step, and what it brought, seed by seed, over the step before."""
    summary, before = {}, None
    for step, results in runs.items():
        reached = np.array([result["accuracy"] for result in results])
        summary[step] = {
            "mean_accuracy": round(float(reached.mean()), 5),
            "lowest": float(reached.min()),
            "highest": float(reached.max()),
            "mean_cpu_seconds": round(float(np.mean([result["seconds"] for result in results])), 1),
        }
        if before is not None:
            summary[step]["gains"] = [round(float(gain), 4) for gain in reached - before]
        before = reached
    return summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "lenet_steps.json")
    options = parser.parse_args()
    choices = choose_rates(datasets.load_mnist(validation=HELD_OUT), options.epochs)
    data, runs = datasets.load_mnist(), {step: [] for step in GUESSES}
    for seed in range(options.seeds):
        for step, choice in choices.items():
            settings = {"rate": choice["rate"], "epochs": options.epochs, "seed": seed}
            model, seconds = train(step, data.x_train, data.y_train, **settings)
            reached = accuracy(model, data.x_test, data.y_test)
            runs[step].append({"accuracy": reached, "seconds": seconds, "parameters": model.count_params()})
            print(f"seed {seed} {step}: {100 * reached:.2f} %, {seconds} CPU s", flush=True)
        figures = {"epochs": options.epochs, "batch_size": BATCH_SIZE, "choices": choices, "summary": summarise(runs)}
        save("lenet_steps", {**figures, "runs": runs}, options.output)


if __name__ == "__main__":
    main()
