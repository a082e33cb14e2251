"""Builders, training and glue, with every kind of nonsense in the place of every argument."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from nonsense import argue

from course_utils import glue, models, training
from course_utils.models import custom_layers

X = np.random.default_rng(0).integers(0, 256, size=(8, 6, 6, 1), dtype=np.uint8)
Y = np.arange(8) % 2


def network(loss=None, units=2):
    layers = [
        keras.Input((6, 6, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(units),
    ]
    model = keras.Sequential(layers)
    if loss:
        model.compile("sgd", loss, run_eagerly=True)
    return model


SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
QUIET = {"progress": False, "callbacks": []}
CALLS = {
    "set_seed": (training.set_seed, {"seed": 0}),
    "random_shifts": (training.random_shifts, {"images": X, "max_shift": 1, "rng": np.random.default_rng(0)}),
    "Batches": (training.Batches, {"x": X, "y": Y, "batch_size": 4, "max_shift": 1, "seed": 0}),
    "one_cycle": (training.one_cycle, {"peak": 0.1, "steps": 10, "warmup": 0.2}),
    "build": (models.build, {"name": "mnist_fast", "input_shape": (28, 28, 1), "classes": 10, "width": 2}),
    "model_card": (models.model_card, {"name": "mnist_fast"}),
    "trained": (models.trained, {"name": "mnist_fast", "input_size": None, "include_top": True}),
    "imagenet_input": (
        models.imagenet_input,
        {"pictures": X.repeat(3, axis=-1), "input_size": 32, "crop": 1.0, "network": "imagenet_lite0"},
    ),
    "imagenet_labels": (models.imagenet_labels, {"logits": np.zeros((2, 1000)), "top": 3}),
    "mnist_classic": (models.mnist_classic, {"input_shape": (18, 18, 1), "classes": 2, "dropout": 0.1, "name": "a"}),
    "lenet5": (models.lenet5, {"input_shape": (28, 28, 1), "classes": 2, "include_top": True, "small": True}),
    "mobilenet_v1": (models.mobilenet_v1, {"width": 0.1, "max_value": 6.0, "dropout": 0.1, "include_top": False}),
    "regnet_stages": (models.regnet_stages, {"depth": 13, "w0": 24, "wa": 36.44, "wm": 2.49, "group_width": 8}),
    "LocalResponseNormalization": (
        custom_layers.LocalResponseNormalization,
        {"k": 2.0, "n": 5, "alpha": 1e-4, "beta": 0.75, "divide_alpha": False},
    ),
    "TrainableSubsampling2D": (custom_layers.TrainableSubsampling2D, {"pool_size": 2}),
    "TableConv2D": (custom_layers.TableConv2D, {"table": [[0, 1]], "kernel_size": 3}),
    "RadialBasisDigits": (custom_layers.RadialBasisDigits, {"classes": 10}),
    "glue": (glue.glue, {"name": "a", "text": "b"}),
}
KINDS = {
    **dict.fromkeys(("images", "x", "y"), "array"),
    **dict.fromkeys(
        ("seed", "max_shift", "batch_size", "steps", "classes", "depth", "w0", "group_width", "n"), "count"
    ),
    **dict.fromkeys(("pool_size", "kernel_size", "epochs", "patience"), "count"),
    **dict.fromkeys(("peak", "wa", "wm", "k", "alpha", "beta", "max_value"), "number"),
    **dict.fromkeys(("warmup", "dropout", "label_smoothing"), "share"),
    **dict.fromkeys(("include_top", "small", "divide_alpha", "progress"), "flag"),
    **dict.fromkeys(("model", "path", "checkpoint", "input_shape", "validation"), "own"),
    **dict.fromkeys(("pictures", "input_size", "network", "logits"), "own"),
    "top": "count",
    "crop": "number",
}
OPTIONAL = ("max_value", "input_shape", "input_size", "classes", "patience", "validation", "checkpoint")


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nonsense_is_refused_in_a_sentence(name):
    function, options = CALLS[name]
    special = {"width": "count" if name == "build" else "number"}
    argue(function, options, KINDS | special, optional=OPTIONAL if name in ("build", "mobilenet_v1", "trained") else ())


@pytest.fixture
def eagerly():
    """Functions of TensorFlow run as they stand: to make a graph of them takes longer than one epoch of eight pictures."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Even though the `tf.config")
@pytest.mark.usefixtures("eagerly")
def test_nonsense_in_fit_is_refused_in_a_sentence(tmp_path):
    data = {"x": X, "y": Y, "epochs": 1, "batch_size": 8, "validation": (X, Y)}
    options = {"model": network(SPARSE), **data, "patience": 1, "checkpoint": tmp_path / "a.keras", **QUIET}
    argue(training.fit, options, KINDS, optional=OPTIONAL)
    fast = {"model": network(), **data, "peak": 0.01, "max_shift": 1, "label_smoothing": 0.1, "seed": 0, **QUIET}
    argue(training.fit_fast, fast, KINDS, optional=OPTIONAL)
    argue(training.save, {"model": network(), "path": tmp_path / "b.keras"}, KINDS)
    argue(training.load, {"path": tmp_path / "b.keras"}, KINDS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": Y + 1}, "y holds the label 2; labels are whole numbers from 0 to 1"),
        ({"y": (Y + 1).astype(np.float32)}, "y holds the label 2"),
        ({"y": Y - 1}, "y holds the label -1"),
        ({"y": Y + 0.5}, r"y holds 0\.5; class numbers are whole numbers"),
        ({"validation": (X, Y + 1)}, "validation y holds the label 2"),
        ({"validation": (X, Y[:3])}, "8 validation pictures but 3 validation labels"),
        ({"validation": (X,)}, "validation has 1 entries; expected 2"),
        ({"y": Y[:3]}, "8 pictures but 3 labels"),
        ({"y": None}, "y=None"),
        ({"x": X[:, :5]}, r"x has shape \(8, 5, 6, 1\); model takes \(N, 6, 6, 1\)"),
        ({"x": X / np.nan}, "entries that are NaN"),
        ({"epochs": 0}, "epochs=0: a whole number, at least 1"),
        ({"batch_size": 0}, "batch_size=0: a whole number, at least 1"),
        ({"patience": -1, "validation": (X, Y)}, "patience=-1: a whole number, at least 0"),
        ({"callbacks": [print]}, r"callbacks\[0\]=.*expected a keras.callbacks.Callback"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_fit_tells_what_does_not_fit_before_keras_does(change, message):
    with pytest.raises(ValueError, match=message):
        training.fit(**{"model": network(SPARSE), "x": X, "y": Y, "epochs": 1, "progress": False} | change)


def test_labels_of_one_column_are_zero_to_one():
    model = network(keras.losses.BinaryCrossentropy(from_logits=True), units=1)
    assert training.fit(model, X, Y, epochs=1, progress=False)["loss"]
    with pytest.raises(ValueError, match="y holds 2; expected numbers of at least 0 and at most 1"):
        training.fit(model, X, Y + 1, epochs=1, progress=False)


def test_what_keras_takes_is_taken(capsys):
    model = network(SPARSE)
    assert training.fit(model, X[..., 0], Y, epochs=np.int64(1), batch_size=np.int32(4))["loss"]  # Keras adds the axis
    assert training.fit(model, training.Batches(X, Y, batch_size=4), epochs=1, validation=[X, Y])["val_loss"]
    assert "epoch 1/1" in capsys.readouterr().out


def test_fit_fast_takes_one_batch():
    history = training.fit_fast(network(), X, Y, epochs=np.int64(1), batch_size=8, progress=False)
    assert len(history["loss"]) == 1
    with pytest.raises(ValueError, match=r"outputs of shape .*expected logits"):
        training.fit_fast(network(units=1), X, Y, progress=False)
