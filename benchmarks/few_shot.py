"""New classes from one, five and twenty pictures each: networks from scratch, and one trained on ImageNet.

    python benchmarks/few_shot.py [--data patches digits fog] [--cifar10 FOLDER] [--draws 5] [--long-draws 3] [--output FILE]
    python benchmarks/few_shot.py --choose

Ten classes. A draw takes 20 pictures of each from a pool; of these the first 5 and the first one are the smaller sets, and all arms
learn from the same. ``pixels``: logistic regression on the pixels. ``scratch``: a small convolutional network. ``mean`` and ``probe``:
nearest class mean, and logistic regression, on the embeddings of ``imagenet_lite0`` at 96×96 pixels, scaled to length 1.
``tuned``: the probe's weights as the head of that network, which is then trained whole, with its batch normalisation frozen. The
first four arms run for all draws but for ``scratch``, which with ``tuned`` runs for the first ``--long-draws``.

Photo patches: one patch from each of the thirty training cells of a photograph is the pool, and the test patches are three from each
of its ten test cells, so that no picture of the pool touches another. CIFAR-10 is measured where it is present; without it the
figures that are there stay. (Those were measured on a copy whose pictures had been compressed as JPEG.) Digits are enlarged to 32×32 and repeated in three channels; ``fog`` is MNIST-C's fog.

``preprocessing`` gives the network pictures in other forms than those that it was trained with, for both splits or for the test
pictures alone; five pictures a class.

``--choose`` prints what chose the rate and the epochs of ``tuned``: photo patches of ten training cells that were held out. The other
settings are first guesses.
"""

import argparse
import functools
import json
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save
from keras import layers
from sklearn.linear_model import LogisticRegression

from course_utils import datasets, models, training

SIZE, COUNTS, TEST = 96, (1, 5, 20), 300
SCRATCH_EPOCHS = {1: 100, 5: 60, 20: 40}
TUNED_EPOCHS, TUNED_RATE = {1: 10, 5: 5, 20: 5}, 1e-4
FORMS = {
    "right": lambda x: x,
    "blue first": lambda x: x[..., ::-1],
    "0 to 1": lambda x: (128 * x + 127) / 255,
    "0 to 255": lambda x: 128 * x + 127,
}


def patches(validation: int = 0):
    """One patch of each training cell, and three of each test cell, or of each cell held out."""
    data = datasets.load_photo_patches(validation=validation)
    held_out = (data.x_val, data.y_val) if validation else (data.x_test, data.y_test)
    return (
        _of_each_cell(data.x_train, 1),
        _of_each_cell(data.y_train, 1),
        *(_of_each_cell(part, 3) for part in held_out),
    )


def _of_each_cell(array: np.ndarray, count: int) -> np.ndarray:
    """The first patches of each cell of each photograph: a cell has twelve, and ten photographs take turns."""
    return array.reshape(-1, 12, 10, *array.shape[1:])[:, :count].reshape(-1, *array.shape[1:])


def cifar10(folder: Path):
    """A hundred training pictures of each class, and test pictures."""
    data = datasets.load_cifar10(path=folder, download=False)
    chosen = np.concatenate([np.flatnonzero(data.y_train == label)[:100] for label in range(10)])
    return data.x_train[chosen], data.y_train[chosen], data.x_test[:TEST], data.y_test[:TEST]


def digits(corruption: str | None = None):
    """A hundred training digits of each class, and test digits, in three channels of 32×32 pixels."""
    data = datasets.load_mnist()
    chosen = np.concatenate([np.flatnonzero(data.y_train == label)[:100] for label in range(10)])
    splits = [data.x_train[chosen], data.x_test[:TEST]]
    if corruption:
        splits = [datasets.corruptions.apply(corruption, x, seed=seed) for seed, x in enumerate(splits)]
    wide = [np.repeat(np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0))), 3, axis=-1) for x in splits]
    return wide[0], data.y_train[chosen], wide[1], data.y_test[:TEST]


def draw(y: np.ndarray, seed: int) -> np.ndarray:
    """Twenty pictures of each class, the classes in turn: the first ten are one of each."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(np.flatnonzero(y == label))[:20] for label in range(10)], axis=1).ravel()


@functools.cache
def backbone() -> keras.Model:
    """The network without its classifier: 1280 numbers a picture."""
    network = models.trained("imagenet_lite0", input_size=SIZE)
    return keras.Model(network.input, network.get_layer("global_pool").output)


def embed(x: np.ndarray) -> np.ndarray:
    """Embeddings of length 1 of pictures in the network's form."""
    e = backbone().predict(x, batch_size=100, verbose=0)
    return e / np.linalg.norm(e, axis=1, keepdims=True)


def nearest_mean(e, y, e_test) -> np.ndarray:
    means = np.stack([e[y == label].mean(axis=0) for label in range(10)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return (e_test @ means.T).argmax(axis=1)


def regression(e, y, strength: float = 30) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=2000).fit(e, y)


@functools.cache
def small_network() -> tuple[keras.Model, list[np.ndarray]]:
    """The network that starts from scratch, compiled once, and what its optimiser starts from."""
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(1 / 255)])
    for filters in (16, 32, 64):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10))
    return compiled(model, 2e-3)


def compiled(model: keras.Model, rate: float) -> tuple[keras.Model, list[np.ndarray]]:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    model.optimizer.build(model.trainable_variables)
    return model, [variable.numpy() for variable in model.optimizer.variables]


def reset(model: keras.Model, weights, optimizer) -> None:
    """Weights and optimiser as they were."""
    for variables, values in ((model.variables, weights), (model.optimizer.variables, optimizer)):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def scratch(x, y, x_test, seed: int) -> np.ndarray:
    model, start = small_network()
    training.set_seed(seed)
    fresh = keras.models.clone_model(model)
    reset(model, [variable.numpy() for variable in fresh.variables], start)
    model.fit(x, y, epochs=SCRATCH_EPOCHS[len(x) // 10], batch_size=16, verbose=0)
    return model.predict(x_test, verbose=0).argmax(axis=1)


@functools.cache
def whole(rate: float) -> tuple[keras.Model, list[np.ndarray], list[np.ndarray]]:
    """The network with a new head, batch normalisation frozen; its weights, and what its optimiser starts from."""
    network = models.trained("imagenet_lite0", input_size=SIZE)
    for layer in network.layers:
        layer.trainable = not isinstance(layer, layers.BatchNormalization)
    features = layers.UnitNormalization()(network.get_layer("global_pool").output)
    model, start = compiled(keras.Model(network.input, layers.Dense(10, name="head")(features)), rate)
    return model, [variable.numpy() for variable in model.variables], start


def tuned(
    x, y, head: LogisticRegression, seed: int, *, rate: float, epochs: int, x_test=None, watch=None
) -> np.ndarray:
    """Answers of the whole network that was trained further, from the probe's weights."""
    model, weights, start = whole(rate)
    reset(model, weights, start)
    model.get_layer("head").set_weights([head.coef_.T, head.intercept_])
    training.set_seed(seed)
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=watch)] if watch else []
    model.fit(x, y, epochs=epochs, batch_size=10, verbose=0, callbacks=callbacks)
    return model.predict(x_test, batch_size=100, verbose=0).argmax(axis=1)


def learn(name: str, task, draws: int, long_draws: int) -> dict:
    """Accuracy of all arms on one task: by arm, then by pictures a class, a list over draws."""
    x, y, x_test, y_test = task
    inputs, inputs_test = (models.imagenet_input(part, SIZE, crop=1) for part in (x, x_test))
    e, e_test = embed(inputs), embed(inputs_test)
    found = {arm: {str(n): [] for n in COUNTS} for arm in ("pixels", "scratch", "mean", "probe", "tuned")}
    flat, flat_test = (part.reshape(len(part), -1) / 255 for part in (x, x_test))
    for seed in range(draws):
        chosen = draw(y, seed)
        for n in COUNTS:
            some = chosen[: 10 * n]
            head = regression(e[some], y[some])
            answers = {
                "pixels": regression(flat[some], y[some], 1).predict(flat_test),
                "mean": nearest_mean(e[some], y[some], e_test),
                "probe": head.predict(e_test),
            }
            if seed < long_draws:
                answers["scratch"] = scratch(x[some], y[some], x_test, seed)
                rate, epochs = TUNED_RATE, TUNED_EPOCHS[n]
                if name in ("patches", "cifar10"):
                    options = {"rate": rate, "epochs": epochs, "x_test": inputs_test}
                    answers["tuned"] = tuned(inputs[some], y[some], head, seed, **options)
            for arm, answer in answers.items():
                found[arm][str(n)].append(round(float((answer == y_test).mean()), 4))
        print(
            name, seed, {arm: [values[-1] for values in by.values() if values] for arm, by in found.items()}, flush=True
        )
    return {arm: by for arm, by in found.items() if by["1"]}


def other_forms(task, draws: int) -> dict:
    """Accuracy with pictures in another form, in both splits or in the test split alone; five a class."""
    x, y, x_test, y_test = task
    chosen = [draw(y, seed)[:50] for seed in range(draws)]
    used = np.unique(np.concatenate(chosen))
    inputs, inputs_test = (models.imagenet_input(part, SIZE, crop=1) for part in (x[used], x_test))
    e = {name: (embed(form(inputs)), embed(form(inputs_test))) for name, form in FORMS.items()}
    found = {}
    for name, (e_train, e_test) in e.items():
        for where, trained_on in {"both": e_train, "test": e["right"][0]}.items():
            arms = found.setdefault(where, {}).setdefault(name, {"mean": [], "probe": []})
            for some in chosen:
                rows = np.searchsorted(used, some)
                right = {
                    "mean": nearest_mean(trained_on[rows], y[some], e_test) == y_test,
                    "probe": regression(trained_on[rows], y[some]).predict(e_test) == y_test,
                }
                for arm, hits in right.items():
                    arms[arm].append(round(float(hits.mean()), 4))
    return found


def choose() -> None:
    """What rates and epochs do on patches of held-out training cells."""
    x, y, x_val, y_val = patches(validation=1200)
    x, x_val = (models.imagenet_input(part, SIZE, crop=1) for part in (x, x_val))
    for seed in range(2):
        for n in (5, 20):
            some = draw(y, seed)[: 10 * n]
            head = regression(embed(x[some]), y[some])
            print(f"draw {seed}, {n} a class: probe {(head.predict(embed(x_val)) == y_val).mean():.3f}", flush=True)
            for rate in (3e-5, 1e-4, 3e-4):
                seen = []

                def watch(epoch, logs, rate=rate, seen=seen, n=n):
                    if epoch + 1 in ((5, 10) if n == 5 else (2, 5)):
                        answer = whole(rate)[0].predict(x_val, batch_size=100, verbose=0).argmax(axis=1)
                        seen.append((epoch + 1, round(float((answer == y_val).mean()), 3)))

                options = {"rate": rate, "epochs": 10 if n == 5 else 5, "x_test": x_val[:1], "watch": watch}
                tuned(x[some], y[some], head, seed, **options)
                print(f"  rate {rate:g}:", *(f"{epoch} epochs {share}" for epoch, share in seen), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--data", nargs="*", default=["patches", "digits", "fog"])
    parser.add_argument("--cifar10", type=Path)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--long-draws", type=int, default=3)
    parser.add_argument("--output", type=Path, default=RESULTS / "few_shot.json")
    options = parser.parse_args()
    if options.choose:
        choose()
        return
    tasks = {"patches": patches, "digits": digits, "fog": lambda: digits("fog")}
    tasks = {name: tasks[name] for name in options.data}
    if options.cifar10:
        tasks["cifar10"] = lambda: cifar10(options.cifar10)
    figures = json.loads(options.output.read_text()) if options.output.is_file() else {}
    figures = {key: figures.get(key, {}) for key in ("accuracy", "preprocessing", "seconds")}
    for name, make in tasks.items():
        start, task = time.process_time(), make()
        figures["accuracy"][name] = learn(name, task, options.draws, options.long_draws)
        if name in ("patches", "cifar10"):
            figures["preprocessing"][name] = other_forms(task, options.draws)
        figures["seconds"][name] = round(time.process_time() - start)
        settings = {"size": SIZE, "test": TEST, "tuned_rate": TUNED_RATE, "tuned_epochs": TUNED_EPOCHS}
        save("few_shot", {**settings, **figures}, options.output)


if __name__ == "__main__":
    main()
