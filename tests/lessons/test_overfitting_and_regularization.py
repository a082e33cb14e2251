"""Exercises of the lesson on overfitting: the right answers computed in another way."""

import keras
import numpy as np
import pytest

from course_utils import evaluation
from course_utils.lessons.overfitting_and_regularization import checks


def right(results):
    return all(result.right for result in results)


def tiny(value=0.0):
    """A network of one weight."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(loss="mse", optimizer="sgd")
    model.set_weights([np.array([[value]])])
    return model


def test_two_steps_of_each_penalty_with_the_slopes_of_keras():
    def slope(penalty, w, h=1e-3):
        higher, lower = (float(penalty(np.array([w + step], "float32"))) for step in (h, -h))
        return (higher - lower) / (2 * h)

    ends = []
    for penalty in (keras.regularizers.L2(0.5), keras.regularizers.L1(0.5)):
        w = 0.4
        for _ in range(2):
            w -= 0.1 * slope(penalty, w)
        ends.append(round(w, 4))
    assert right(checks.pull.evaluate(*ends, "L1"))


def test_the_epochs_of_early_stopping_are_those_of_keras():
    def keras_stops(val_loss, patience):
        model = tiny()
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        stop.set_model(model)
        stop.on_train_begin()
        for epoch, loss in enumerate(val_loss, start=1):
            model.set_weights([np.array([[epoch]])])
            stop.on_epoch_end(epoch - 1, {"val_loss": loss})
            if model.stop_training:
                break
        stop.on_train_end()
        return np.array([epoch, int(model.get_weights()[0][0, 0])])

    assert right(checks.early_stop.evaluate(keras_stops))


@pytest.mark.filterwarnings("ignore:Can save best model only")
def test_the_file_holds_the_epoch_that_keras_keeps(tmp_path):
    figures = [(0.95, 0.70), (0.60, 0.82), (0.52, 0.84), (0.58, 0.86), (0.61, 0.85)]
    kept = []
    for number, settings in enumerate(
        (
            {},
            {"monitor": "val_accuracy", "mode": "max"},
            {"monitor": "val_accuracy", "mode": "min"},
            {"monitor": "val_acc", "mode": "max"},
        )
    ):
        model, path = tiny(), tmp_path / f"{number}.keras"
        keep = keras.callbacks.ModelCheckpoint(path, save_best_only=True, **settings)
        keep.set_model(model)
        for epoch, (loss, accuracy) in enumerate(figures, start=1):
            model.set_weights([np.array([[epoch]])])
            keep.on_epoch_end(epoch - 1, {"val_loss": loss, "val_accuracy": accuracy})
        kept.append(int(keras.saving.load_model(path).get_weights()[0][0, 0]))
    assert right(checks.checkpoint_file.evaluate(*kept))


def diagnosed(history):
    """What rules of thumb make of curves."""
    curves = {name: np.array(values) for name, values in history.items()}
    fitted, unseen = curves["accuracy"][-1], curves["val_accuracy"][-1]
    still = curves["val_accuracy"][-1] - curves["val_accuracy"][-6]
    if curves["loss"][5:].min() > curves["loss"][0]:
        return "rate too large"
    if still > 0.05 and curves["val_loss"][-1] == curves["val_loss"].min():
        return "more epochs"
    if fitted > 0.95 and unseen < 0.15:
        return "wrong labels"
    if curves["val_loss"][-1] > 1.2 * curves["val_loss"].min():
        return "overfits"
    return "too small" if fitted < 0.75 else "nothing wrong"


def test_six_curves_show_what_the_exercise_says():
    stored = evaluation.benchmark_results("remedies")["diagnosis"]
    assert list(stored) == [part.answer for part in checks.six_curves.fields]
    assert [diagnosed(history) for history in stored.values()] == list(stored)
    sound = stored["nothing wrong"]
    assert sound["val_accuracy"][-1] > sound["accuracy"][-1]
    assert sound["val_accuracy"][-1] > 0.94


def test_a_network_is_judged_from_new_weights_whatever_it_brings():
    first, second = checks._candidate(), checks._candidate()
    second.set_weights([w + 1 for w in second.get_weights()])
    for one, other in zip(*(checks._renewed(model).get_weights() for model in (first, second)), strict=True):
        np.testing.assert_array_equal(one, other)
    norms = 4 * (16 + 32)
    assert (
        first.count_params() == 26 * 16 + (9 * 16 + 1) * 32 + (3 * 3 * 32 + 1) * 64 + 65 * 10 + norms <= checks.BUDGET
    )


def test_a_network_for_the_project_needs_a_fixed_size():
    def answer(size):
        pictures = keras.Input((size, size, 1))
        pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(pictures))
        return keras.Model(pictures, keras.layers.Dense(10)(pooled))

    wrong = [str(result) for result in checks.rescue.evaluate(answer(None)) if not result.right]
    assert wrong == [
        "✗ it takes (None, None, None, 1) and returns (None, 10): expected (None, 28, 28, 1) and (None, 10)."
    ]


@pytest.mark.parametrize(
    "score", [lambda: checks.rescue_score("a word"), lambda: checks.rescue_score(keras.Sequential())]
)
def test_only_a_model_has_a_score(score):
    with pytest.raises(ValueError, match="network"):
        score()
