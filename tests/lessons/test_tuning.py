"""The trial of the lesson on tuning, its worker, and its exercises: everything computed in another way."""

import json
import math
import subprocess
import sys

import keras
import numpy as np
import optuna
import pytest
from scipy import stats

from course_utils import datasets
from course_utils.lessons.tuning import checks, trials, worker


def right(results):
    return all(result.right for result in results)


def test_digits_are_halved_and_standardised_with_the_training_split():
    mnist = datasets.load_mnist(validation=2000)
    means = np.array([[block.mean() for block in row] for row in _blocks(mnist.x_val[3])])
    training = np.array([_pooled(picture) for picture in mnist.x_train[:500]])
    x, y = trials.digits()["validation"]
    assert (x.shape, y.shape, y[3]) == ((2000, 14, 14, 1), (2000,), mnist.y_val[3])
    np.testing.assert_allclose(x[3, :, :, 0], (means - training.mean()) / training.std(), atol=1e-5)
    sizes = {"training": 500, "validation": 2000, "other": 10_000, "test": 10_000}
    assert {name: len(y) for name, (_, y) in trials.digits().items()} == sizes


def test_other_digits_are_neither_trained_on_nor_used_for_choosing():
    """MNIST's training digits differ from each other: what is in two splits would be found by its bytes."""
    seen = {name: {picture.tobytes() for picture in x} for name, (x, _) in trials.digits().items()}
    assert len(seen["other"]) == 10_000
    assert not seen["other"] & (seen["training"] | seen["validation"])


def _blocks(picture):
    return [[picture[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] for j in range(14)] for i in range(14)]


def _pooled(picture):
    return np.array([[block.mean() for block in row] for row in _blocks(picture)])


@pytest.mark.parametrize(("filters", "depth", "halvings"), [(4, 1, 2), (5, 2, 2), (3, 4, 2), (4, 3, 1)])
def test_the_network_is_that_of_keras(filters, depth, halvings):
    network = trials.build(filters, 0.3, np.random.default_rng(0), depth, halvings)
    model = keras.Sequential([keras.Input((14, 14, 1))])
    for number in range(depth):
        model.add(keras.layers.Conv2D(filters, 3, 2 if number < halvings else 1, "same", activation="relu"))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10))
    model.set_weights([array for weights in network.weights for array in weights.values()])
    x = trials.digits()["validation"][0][:7]
    np.testing.assert_allclose(network.forward(x)[0], model.predict(x, verbose=0), atol=1e-4)


def test_a_trial_can_be_repeated_learns_and_says_when_it_failed():
    one, other, seed = (list(trials.accuracies(seed=seed, epochs=3)) for seed in (0, 0, 1))
    assert one == other != seed
    assert len(one) == 3
    assert one[-1] > 0.7
    assert list(trials.accuracies(learning_rate=1e6, epochs=3)) == [0.1] * 3


def test_a_trained_network_is_that_of_the_last_epoch():
    network = trials.trained(seed=3, epochs=2, filters=4)
    assert trials.share(network, "validation") == list(trials.accuracies(seed=3, epochs=2, filters=4))[-1]
    x, y = trials.digits()["test"]
    assert trials.share(network, "test") == np.mean(network.forward(x)[0].argmax(axis=1) == y)
    with pytest.raises(RuntimeError, match="try a lower learning rate"):
        trials.trained(learning_rate=1e6, epochs=1)


def test_without_momentum_and_dropout_a_step_is_gradient_descent_of_keras():
    """One epoch of ten batches by Keras, from the same weights and in the same order."""
    rng = np.random.default_rng(4)
    network = trials.build(4, 0.0, rng)
    x, y = trials.digits()["training"]
    order = np.split(rng.permutation(500), 10)
    model = keras.Sequential([keras.Input((14, 14, 1)), keras.layers.Conv2D(4, 3, 2, "same", activation="relu")])
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10))
    model.set_weights([array for weights in network.weights for array in weights.values()])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05), loss)
    for chosen in order:
        model.train_on_batch(x[chosen], y[chosen])
    x_new, y_new = trials.digits()["validation"]
    share = (model.predict(x_new, verbose=0).argmax(axis=1) == y_new).mean()
    settings = {"learning_rate": 0.05, "momentum": 0.0, "filters": 4, "dropout": 0.0}
    assert abs(next(trials.accuracies(seed=4, **settings)) - share) <= 0.002


def test_places_of_a_range():
    assert trials.at({"learning_rate": 0.0, "filters": 1.0}) == {"learning_rate": 0.001, "filters": 32}
    assert math.isclose(trials.at({"learning_rate": 2 / 3})["learning_rate"], 0.1)
    assert trials.at({"momentum": 0.5})["momentum"] == 0.475
    rng = np.random.default_rng(0)
    drawn = [trials.drawn(rng) for _ in range(2000)]
    rates = np.log10([settings["learning_rate"] for settings in drawn])
    assert stats.kstest(rates, "uniform", args=(-3, 3)).pvalue > 0.01
    assert {type(settings["filters"]) for settings in drawn} == {int}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: trials.at({"width": 0.5}), "must be one of 'learning_rate', 'momentum', 'filters', 'dropout'"),
        (lambda: trials.at({"momentum": 1.5}), "a share from 0 to 1"),
        (lambda: trials.share(trials.build(4, 0.1, np.random.default_rng(0)), "train"), "must be one of 'training'"),
        (lambda: next(trials.accuracies(learning_rate=0)), "learning_rate"),
        (lambda: next(trials.accuracies(filters=0)), "filters"),
        (lambda: next(trials.accuracies(dropout=1)), "dropout"),
        (lambda: next(trials.accuracies(epochs=0)), "epochs"),
        (lambda: trials.build(4, 0.1, np.random.default_rng(0), 0), "depth"),
        (lambda: trials.build(4, 0.1, np.random.default_rng(0), 1, 0), "halvings"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.fixture
def storage(tmp_path):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    address = f"sqlite:///{(tmp_path / 'search.db').as_posix()}"
    optuna.create_study(study_name="digits", storage=address, direction="maximize")
    return address


def test_two_workers_share_a_study(storage):
    program = [sys.executable, "-m", "course_utils.lessons.tuning.worker", storage, "--trials", "2"]
    team = [subprocess.Popen([*program, "--seed", str(seed)]) for seed in (1, 2)]
    assert [one.wait(timeout=300) for one in team] == [0, 0]
    done = optuna.load_study(study_name="digits", storage=storage).trials
    assert sorted(trial.number for trial in done) == [0, 1, 2, 3]
    assert sorted(trial.user_attrs["worker"] for trial in done) == [1, 1, 2, 2]
    for trial in done:
        curve = list(trials.accuracies(**trial.params, seed=trial.number, epochs=trial.last_step))
        np.testing.assert_allclose(list(trial.intermediate_values.values()), curve)


def test_a_worker_stops_trials_that_lie_below_the_others(storage):
    study = optuna.load_study(study_name="digits", storage=storage)
    settings = {"learning_rate": 0.1, "momentum": 0.5, "filters": 8, "dropout": 0.1}
    ranges = {
        name: (optuna.distributions.IntDistribution if name == "filters" else optuna.distributions.FloatDistribution)(
            low, high, log=scale == "log"
        )
        for name, (low, high, scale) in trials.SPACE.items()
    }
    perfect = dict.fromkeys(range(1, 9), 1.0)
    for _ in range(5):
        study.add_trial(
            optuna.trial.create_trial(params=settings, distributions=ranges, value=1.0, intermediate_values=perfect)
        )
    worker.main([storage, "--trials", "1"])
    last = optuna.load_study(study_name="digits", storage=storage).trials[-1]
    assert last.state.name == "PRUNED"
    assert last.last_step < 8


def test_a_worker_without_a_study_says_so(tmp_path):
    storage = f"sqlite:///{(tmp_path / 'none.db').as_posix()}"
    with pytest.raises(ValueError, match="no study 'digits'; it has none"):
        worker.main([storage])
    optuna.create_study(study_name="letters", storage=storage)
    with pytest.raises(ValueError, match="no study 'digits'; it has 'letters'"):
        worker.main([storage])


def test_the_benchmark_records_what_a_trial_gives():
    record = json.loads(open("benchmarks/results/tuning.json", encoding="utf-8").read())  # noqa: SIM115
    for trial in record["random"][:2]:
        np.testing.assert_allclose(
            list(trials.accuracies(**trial["settings"], seed=record["random"].index(trial))), trial["curve"], atol=0.02
        )


def test_the_bill_counted_one_by_one():
    trainings = sum(1 for number in range(3**5) for _ in range(4))
    assert right(checks.budget.evaluate(trainings * 2 / 60))


def test_enough_trials_by_the_geometric_distribution():
    assert right(checks.enough.evaluate(int(stats.geom.ppf(0.95, 0.05))))


def test_a_place_by_numpy():
    assert right(
        checks.log_place.evaluate(lambda low, high, share: np.exp(np.interp(share, [0, 1], np.log([low, high]))))
    )


def test_the_standard_error_by_simulation():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 0.9, (2, 200_000, 4)).mean(axis=2)
    assert right(checks.difference.evaluate(np.round((b - a).std(), 2), "cannot tell"))


def _by_lists(curves, start):
    """Successive halving with sorted lists of pairs."""
    alive, cost, epoch, until = list(range(len(curves))), 0, 0, start
    while epoch < curves.shape[1]:
        cost, epoch = cost + len(alive) * (min(until, curves.shape[1]) - epoch), min(until, curves.shape[1])
        ranked = sorted(alive, key=lambda trial: -curves[trial][epoch - 1])
        if epoch < curves.shape[1]:
            alive, until = ranked[: max(len(alive) // 2, 1)], 2 * epoch
    return np.array([ranked[0], cost])


def test_halving_by_lists():
    assert right(checks.halving.evaluate(_by_lists))
