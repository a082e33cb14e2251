"""Exercises of the lesson on fine-tuning: the right answers computed in another way; and its benchmark is of one piece."""

import keras
import numpy as np

from course_utils import datasets, evaluation, models
from course_utils.datasets import corruptions
from course_utils.lessons.fine_tuning import checks


def right(results):
    return all(result.right for result in results)


def test_keras_counts_what_is_left_free():
    model = models.build("mnist_fast", (28, 28, 1), 10)
    for layer in model.layers:
        layer.trainable = not layer.name.endswith(("1", "2"))
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    moved = sum(layer.count_params() for layer in model.layers if layer.trainable)
    assert right(checks.left_free.evaluate(trainable, moved))


def test_keras_freezes_in_three_of_the_orders():
    def stays(order):
        first = keras.layers.Dense(2)
        model = keras.Sequential([keras.Input((2,)), first, keras.layers.Dense(1)])
        for step in order:
            before = first.get_weights()
            if step == "compile":
                model.compile("sgd", "mse", jit_compile=False)
            elif step == "fit":
                model.fit(np.ones((2, 2)), np.full((2, 1), 9.0), verbose=0)
            else:
                first.trainable = step == "unfreeze"
        return all(np.array_equal(*pair) for pair in zip(before, first.get_weights(), strict=True))

    orders = {
        "a": ("compile", "fit", "freeze", "fit"),
        "b": ("freeze", "compile", "fit"),
        "c": ("compile", "fit", "freeze", "compile", "fit"),
        "d": ("freeze", "compile", "fit", "unfreeze", "fit"),
    }
    assert right(checks.which_freeze.evaluate({letter for letter, order in orders.items() if stays(order)}))


def test_forgetting_counted_one_by_one():
    def forgotten(matrix):
        return [float(matrix[stage + 1][stage] - matrix[len(matrix) - 1][stage]) for stage in range(len(matrix[0]))]

    assert right(checks.forgotten.evaluate(lambda matrix: np.array(forgotten(matrix))))


def test_averages_of_two_kinds_without_fit():
    """The batches sent through the layers in training mode, and nothing else."""
    data, model = datasets.load_mnist(), models.trained("mnist_fast")
    x = data.x_train[:1920].copy()
    x[::2] = corruptions.apply("brightness", x[::2], seed=1)
    for batch in x.reshape(-1, 64, 28, 28, 1):
        model(batch, training=True)
    reads = {}
    for name in ("identity", "brightness"):
        pictures = corruptions.apply(name, data.x_test[:500])
        reads[name] = (model.predict_on_batch(pictures).argmax(axis=1) == data.y_test[:500]).mean()
    sides = ["above 80 %" if share > 0.8 else "below 80 %" for share in reads.values()]
    assert right(checks.two_kinds.evaluate(*sides))


def test_the_network_with_the_best_validation_is_judged_by_what_was_held_out():
    table = {"A": (95.1, 95.4, 90.0), "B": (96.8, 96.2, 91.8), "C": (96.5, 96.9, 92.6)}
    name, (_, _, held_out) = max(table.items(), key=lambda item: item[1][0])
    assert right(checks.choose.evaluate(name, held_out))


def test_the_benchmark_is_of_one_piece():
    results = evaluation.benchmark_results("fine_tuning")
    kinds = ("identity", *results["trained"])
    assert set(results["start"]) == {"identity", *corruptions.NAMES}
    for runs in results["chains"].values():
        assert len(runs) == 3
        for run in runs:
            assert run["matrix"][0] == [results["start"][kind] for kind in kinds]
            assert run["matrix"][-1] == [run["end"][kind] for kind in kinds]
            assert sorted(run["order"]) == sorted(results["trained"])
    assert {len(runs) for part in ("joint", "averages") for runs in results[part].values()} == {3}
