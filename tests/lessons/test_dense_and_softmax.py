"""Exercises of the lesson on dense layers and softmax: the right answers computed in another way."""

import keras
import numpy as np
import pytest
from scipy import special

from course_utils.lessons.dense_and_softmax import checks


def right(results):
    return all(result.right for result in results)


def wrong_words(results):
    return " ".join(str(result) for result in results if not result.right)


def test_keras_flattens_to_the_places_asked_for():
    maps = np.arange(7 * 7 * 64).reshape(1, 7, 7, 64)
    row = np.asarray(keras.layers.Flatten()(maps.astype("float64")))[0].tolist()
    assert row == list(range(7 * 7 * 64))  # so an entry says at which place it comes to stand
    entry = tuple(int(axis[0]) for axis in np.nonzero(maps[0] == 1000))
    assert right(checks.flat_place.evaluate(int(maps[0, 3, 5, 10]), entry))


def test_weights_for_the_other_order_give_the_same_sums():
    (part,) = checks.other_order.fields
    rng = np.random.default_rng(1)
    maps, w = rng.normal(size=(4, 5, 3, 2)), rng.normal(size=(30, 7))
    last = np.asarray(keras.layers.Flatten()(maps)) @ w
    first = maps.transpose(0, 3, 1, 2).reshape(4, -1) @ part.reference(w, 5, 3, 2)
    np.testing.assert_allclose(first, last, rtol=1e-5, atol=1e-5)


def test_an_index_for_the_other_order_is_right():
    def for_channels_first(w, H, W, C):
        return w[np.arange(H * W * C).reshape(H, W, C).transpose(2, 0, 1).ravel()]

    assert right(checks.other_order.evaluate(for_channels_first))


def test_the_printed_rows_come_from_one_triple_of_logits():
    z = np.array([2.1, -0.4, 0.3])
    outputs = {
        "logits": z,
        "softmax": special.softmax(z),
        "softmax, T = 4": special.softmax(z / 4),
        "sigmoid": special.expit(z),
        "log softmax": special.log_softmax(z),
    }
    rows = {"a": [0.46, 0.25, 0.29], "b": [0.89, 0.40, 0.57], "c": [2.1, -0.4, 0.3]}
    rows |= {"d": [-0.22, -2.72, -2.02], "e": [0.80, 0.07, 0.13]}
    for part in checks.printed.fields:
        np.testing.assert_allclose(outputs[part.answer].round(2), rows[part.name], atol=1e-9)


def test_the_loss_is_that_of_keras():
    z, y = np.array([-3.0, 0.2, 1.0, 8.0]), np.array([0.0, 1.0, 0.0, 1.0])
    by_keras = keras.losses.binary_crossentropy(y[:, None], z[:, None], from_logits=True)
    (part,) = checks.yes_no_loss.fields
    np.testing.assert_allclose(part.reference(z, y), np.asarray(by_keras), rtol=1e-5)
    assert right(checks.yes_no_loss.evaluate(lambda z, y: np.logaddexp(z, 0) - z * y))


def head(*squeeze, activation=None):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((12, 12, 48)), *squeeze, keras.layers.Dense(20, activation=activation)])


@pytest.mark.parametrize(
    "squeeze",
    [
        lambda layers: [layers.Conv2D(3, 1)],
        lambda layers: [layers.MaxPooling2D(4)],
        lambda layers: [layers.AveragePooling2D(5)],
        lambda layers: [layers.AveragePooling2D(6)],
        lambda layers: [layers.AveragePooling2D(2), layers.Conv2D(8, 1, activation="relu")],
        lambda layers: [layers.Conv2D(8, 3, strides=3, activation="relu")],
        lambda layers: [layers.Conv2D(4, 4, strides=4), layers.BatchNormalization(), layers.Dropout(0.5)],
    ],
    ids=["fewer channels", "max pooling", "rest left out", "four places", "both", "strides", "strides and noise"],
)
def test_another_head_that_knows_where_is_right(squeeze):
    assert right(checks.head_on_a_budget.evaluate(head(*squeeze(keras.layers), keras.layers.Flatten())))


@pytest.mark.parametrize("pool", ["GlobalMaxPooling2D", "GlobalAveragePooling2D"])
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"),
    [(1, 1, "valid"), (3, 1, "same"), (5, 1, "same"), *((k, s, "valid") for k in (2, 3) for s in (2, 3, 4, 5, 6, 7))],
)
def test_no_stride_lets_a_pooled_head_pass(pool, kernel, stride, padding):
    filters = max(1, min(8, 7000 // (kernel**2 * 48)))
    slide = keras.layers.Conv2D(filters, kernel, strides=stride, padding=padding, activation="relu")
    words = wrong_words(checks.head_on_a_budget.evaluate(head(slide, getattr(keras.layers, pool)())))
    assert "telling top and bottom apart: a spot may move from row" in words
    assert "telling left and right apart: a spot may move from column" in words


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "relu"])
def test_a_head_that_ends_in_an_activation_has_no_logits(activation):
    end = head(keras.layers.AveragePooling2D(4), keras.layers.Flatten(), activation=activation)
    assert "Leave the activation out." in wrong_words(checks.head_on_a_budget.evaluate(end))
