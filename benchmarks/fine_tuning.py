"""A network for clean digits, taught four corruptions of MNIST-C: one after another, all at once, with parts of it frozen.

    python benchmarks/fine_tuning.py [--seeds 3] [--output FILE]

Every run starts from the weights of ``mnist_fast`` and makes 256 steps with batches of 64, drawn from 2000 training digits, by Adam
with the rate 0.001 unless its name says another. A seed chooses these digits, the random numbers of the corruptions and the order of
the batches. All accuracies but those called ``val`` are those of the first 1000 test digits, under each corruption.

chains   one corruption after another, two epochs each, a new optimiser each time, and of the two epochs the weights that are
         better on the *test* digits of that corruption. ``matrix`` holds a row for the start and for each stage, a column for
         clean digits and for each of the four, in the order of ``trained``.
           tutorial        nothing else
           reversed        the corruptions in the opposite order
           averages kept   batch normalisation frozen: averages, γ and β stay
           rate 0.0001     a ten times lower rate
           replay          a fifth of the digits of each stage are clean or have an earlier corruption
joint    all at once, eight epochs: a fifth of the digits clean, a fifth under each corruption. ``val`` is the accuracy on 500
         digits that are not trained on, the mean of the same five kinds. (The start has seen these digits clean: it
         was trained on all 60 000.)
           frozen 0 … 3    so many blocks of convolution and batch normalisation frozen, counted from the input
           rate …          other rates, nothing frozen
           norms frozen    batch normalisation frozen, all else trained
averages one epoch with the rate 0 for each of the fifteen corruptions: nothing moves but the averages of batch normalisation.
         Accuracy afterwards on clean test digits and on those with that corruption.

Results are saved after each seed.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save

from course_utils import datasets, models, training
from course_utils.datasets import corruptions

TRAINED = ("glass_blur", "stripe", "canny_edges", "brightness")
DIGITS, VALIDATION, TEST, BATCH, RATE, BLOCKS = 2000, 500, 1000, 64, 0.001, 3


def draw(data, seed: int):
    """Digits and labels of a seed: to learn from, and to validate on."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(data.x_train), DIGITS, replace=False)
    held = rng.choice(len(data.x_val), VALIDATION, replace=False)
    return (data.x_train[chosen], data.y_train[chosen]), (data.x_val[held], data.y_val[held])


def mixed(x: np.ndarray, names: tuple[str, ...], seed: int) -> np.ndarray:
    """Digits under several corruptions in turn: every len(names)-th one has the first, and so on."""
    out = np.empty_like(x)
    for number, name in enumerate(names):
        part = slice(number, None, len(names))
        out[part] = corruptions.apply(name, x[part], seed=seed)
    return out


def replayed(x: np.ndarray, name: str, earlier: tuple[str, ...], seed: int) -> np.ndarray:
    """A stage in which every fifth digit is clean or has an earlier corruption."""
    out = corruptions.apply(name, x, seed=seed)
    out[::5] = mixed(x[::5], ("identity", *earlier), seed)
    return out


def freeze(model: keras.Model, blocks: int = 0, norms: bool = False) -> None:
    """Make the first blocks untrainable, and with ``norms`` every batch normalisation."""
    for layer in model.layers:
        inside = layer.name[-1:].isdigit() and int(layer.name[-1]) <= blocks
        layer.trainable = not (inside or (norms and isinstance(layer, keras.layers.BatchNormalization)))


class Network:
    """The network with the weights it starts from, compiled anew for each arm."""

    def __init__(self):
        self.model = models.trained("mnist_fast")
        self.weights = [weight.copy() for weight in self.model.get_weights()]

    def start(self, rate: float = RATE, **frozen) -> None:
        freeze(self.model)  # so that the weights come in their old order
        self.model.set_weights(self.weights)
        freeze(self.model, **frozen)
        self.model.compile(
            optimizer=keras.optimizers.Adam(rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self.fresh = [variable.numpy() for variable in self.model.optimizer.variables]

    def renew(self) -> None:
        """A new optimiser."""
        for variable, value in zip(self.model.optimizer.variables, self.fresh, strict=True):
            variable.assign(value)

    def fit(self, x, y, epochs: int) -> None:
        self.model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)

    def accuracy(self, x, y) -> float:
        return round(float((self.model.predict_on_batch(x).argmax(axis=1) == y).mean()), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "fine_tuning.json")
    options = parser.parse_args()
    data, network = datasets.load_mnist(validation=5000), Network()
    names = ("identity", *corruptions.NAMES)
    x_test, y_test = data.x_test[:TEST], data.y_test[:TEST]
    tests = {name: corruptions.apply(name, x_test) for name in names}

    def accuracies(of=names) -> list[float]:
        return [network.accuracy(tests[name], y_test) for name in of]

    def chain(x, y, order, seed, replay=False) -> dict:
        columns = ("identity", *TRAINED)
        matrix = [[start[name] for name in columns]]
        for stage, name in enumerate(order):
            network.renew()
            pictures = (
                replayed(x, name, order[:stage], 1 + seed) if replay else corruptions.apply(name, x, seed=1 + seed)
            )
            kept = []
            for _ in range(2):
                network.fit(pictures, y, 1)
                kept.append((network.accuracy(tests[name], y_test), network.model.get_weights()))
            network.model.set_weights(max(kept, key=lambda pair: pair[0])[1])
            matrix.append(accuracies(columns))
        return {"order": order, "matrix": matrix, "end": dict(zip(names, accuracies(), strict=True))}

    start = dict(zip(names, accuracies(), strict=True))
    chains, joint, averages = {}, {}, {}
    for seed in range(options.seeds):
        (x, y), (x_val, y_val) = draw(data, seed)
        kinds = ("identity", *TRAINED)
        vals = [corruptions.apply(name, x_val, seed=1001 + seed) for name in kinds]

        def run(into, arm, work, rate=RATE, seed=seed, **frozen):
            network.start(rate, **frozen)
            training.set_seed(seed)
            began = time.process_time()
            result = work() | {"seconds": round(time.process_time() - began, 1)}
            into.setdefault(arm, []).append(result)
            found = result.get("end")
            if found:
                groups = [found["identity"], np.mean([found[n] for n in TRAINED])]
                groups.append(np.mean([found[n] for n in corruptions.NAMES if n not in TRAINED]))
                print(
                    f"seed {seed}, {arm}: clean, trained, held out", np.round(groups, 3), result["seconds"], flush=True
                )

        run(chains, "tutorial", lambda x=x, y=y, seed=seed: chain(x, y, TRAINED, seed))
        run(chains, "reversed", lambda x=x, y=y, seed=seed: chain(x, y, TRAINED[::-1], seed))
        run(chains, "averages kept", lambda x=x, y=y, seed=seed: chain(x, y, TRAINED, seed), norms=True)
        run(chains, "rate 0.0001", lambda x=x, y=y, seed=seed: chain(x, y, TRAINED, seed), rate=1e-4)
        run(chains, "replay", lambda x=x, y=y, seed=seed: chain(x, y, TRAINED, seed, replay=True))

        def together(x=x, y=y, kinds=kinds, vals=vals, y_val=y_val, seed=seed) -> dict:
            network.fit(mixed(x, kinds, 1 + seed), y, 8)
            val = np.mean([network.accuracy(pictures, y_val) for pictures in vals])
            return {"val": round(float(val), 4), "end": dict(zip(names, accuracies(), strict=True))}

        for blocks in range(BLOCKS + 1):
            run(joint, f"frozen {blocks}", together, blocks=blocks)
        for rate in (1e-4, 1e-2):
            run(joint, f"rate {rate:g}", together, rate=rate)
        run(joint, "norms frozen", together, norms=True)

        network.start(0.0)
        for name in corruptions.NAMES:
            network.model.set_weights(network.weights)
            network.fit(corruptions.apply(name, x, seed=1 + seed), y, 1)
            averages.setdefault(name, []).append(
                dict(zip(("clean", "own"), accuracies(("identity", name)), strict=True))
            )
        print({name: tuple(found[-1].values()) for name, found in averages.items()}, flush=True)
        kept = {"trained": TRAINED, "start": start, "chains": chains, "joint": joint, "averages": averages}
        save("fine_tuning", kept, options.output)


if __name__ == "__main__":
    main()
