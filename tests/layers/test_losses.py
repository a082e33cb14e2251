"""Losses and their gradients, against Keras, central differences and values known by heart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


def softmax(z):
    return layers.softmax(z)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error"])
@settings(max_examples=15, deadline=None)
@given(shape=shapes, seed=st.integers(0, 99))
def test_regression_equals_keras(equals_tensorflow, name, shape, seed):
    import keras

    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.normal(size=(2, *shape)).astype(np.float32)
    reference = {
        "mean_squared_error": keras.losses.MeanSquaredError,
        "mean_absolute_error": keras.losses.MeanAbsoluteError,
    }
    forward, backward = (getattr(layers, f"{name}_{way}") for way in ("forward", "backward"))
    equals_tensorflow(lambda p: forward(y_true, p), backward, lambda p: reference[name]()(y_true, p), [y_pred])
    assert getattr(layers, name)(y_true, y_pred) == forward(y_true, y_pred)[0]


@pytest.mark.parametrize("from_logits", [False, True])
@settings(max_examples=20, deadline=None)
@given(shape=shapes, smoothing=st.sampled_from([0.0, 0.2]), seed=st.integers(0, 99))
def test_binary_equals_keras(equals_tensorflow, from_logits, shape, smoothing, seed):
    import keras

    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, 2, size=shape).astype(np.float32)
    y_pred = rng.uniform(-2, 2, size=shape) if from_logits else rng.uniform(0.1, 0.9, size=shape)
    options = {"from_logits": from_logits, "label_smoothing": smoothing}
    equals_tensorflow(
        lambda p: layers.binary_cross_entropy_forward(y_true, p, **options),
        layers.binary_cross_entropy_backward,
        lambda p: keras.losses.BinaryCrossentropy(**options)(y_true, p),
        [y_pred],
    )
    y_pred = y_pred.astype(np.float32)
    assert (
        layers.binary_cross_entropy(y_true, y_pred, **options)
        == (layers.binary_cross_entropy_forward(y_true, y_pred, **options)[0])
    )


@pytest.mark.parametrize("from_logits", [False, True])
@settings(max_examples=20, deadline=None)
@given(leading=shapes, classes=st.integers(2, 6), smoothing=st.sampled_from([0.0, 0.1]), seed=st.integers(0, 99))
def test_categorical_equals_keras(equals_tensorflow, from_logits, leading, classes, smoothing, seed):
    import keras

    rng = np.random.default_rng(seed)
    y_true = softmax(rng.normal(size=(*leading, classes))).astype(np.float32)
    y_pred = rng.uniform(-1, 1, size=(*leading, classes))
    y_pred = y_pred if from_logits else softmax(y_pred)
    options = {"from_logits": from_logits, "label_smoothing": smoothing}
    equals_tensorflow(
        lambda p: layers.categorical_cross_entropy_forward(y_true, p, **options),
        layers.categorical_cross_entropy_backward,
        lambda p: keras.losses.CategoricalCrossentropy(**options)(y_true, p),
        [y_pred],
    )
    y_pred = y_pred.astype(np.float32)
    assert (
        layers.categorical_cross_entropy(y_true, y_pred, **options)
        == (layers.categorical_cross_entropy_forward(y_true, y_pred, **options)[0])
    )


@pytest.mark.parametrize("from_logits", [False, True])
@settings(max_examples=20, deadline=None)
@given(leading=shapes, classes=st.integers(2, 6), seed=st.integers(0, 99))
def test_sparse_equals_keras(equals_tensorflow, from_logits, leading, classes, seed):
    import keras

    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, classes, size=leading)
    # Not too sure: near a probability of 1 float32 holds few digits of its logarithm and of its distance from 1.
    y_pred = rng.uniform(-1, 1, size=(*leading, classes))
    y_pred = y_pred if from_logits else softmax(y_pred)
    equals_tensorflow(
        lambda p: layers.sparse_categorical_cross_entropy_forward(y_true, p, from_logits=from_logits),
        layers.sparse_categorical_cross_entropy_backward,
        lambda p: keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)(y_true, p),
        [y_pred],
    )


@pytest.mark.parametrize("options", [{}, {"from_logits": True}, {"from_logits": True, "label_smoothing": 0.1}])
def test_sparse_equals_one_hot(options):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, size=7)
    y_pred = softmax(rng.normal(size=(7, 4)))
    one_hot = layers.categorical_cross_entropy_forward(np.eye(4)[labels], y_pred, **options)
    sparse = layers.sparse_categorical_cross_entropy_forward(labels, y_pred, **options)
    assert sparse[0] == one_hot[0] == layers.sparse_categorical_cross_entropy(labels, y_pred, **options)
    np.testing.assert_array_equal(
        layers.sparse_categorical_cross_entropy_backward(1.0, sparse[1]),
        layers.categorical_cross_entropy_backward(1.0, one_hot[1]),
    )


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("kind", ["binary", "categorical", "sparse_categorical"])
def test_cross_entropies_pass_differences(passes_differences, kind, from_logits, options):
    rng = np.random.default_rng(0)
    y_true = {"binary": rng.random((5, 3)), "categorical": softmax(rng.normal(size=(5, 3)))}
    y_true = y_true.get(kind, rng.integers(0, 3, size=5))
    y_pred = rng.normal(size=(5, 3)) if from_logits else rng.uniform(0.1, 0.9, size=(5, 3))
    forward, backward = (getattr(layers, f"{kind}_cross_entropy_{way}") for way in ("forward", "backward"))
    passes_differences(lambda p: forward(y_true, p, from_logits=from_logits, **options), backward, y_pred=y_pred)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error"])
def test_regression_passes_differences(passes_differences, name):
    y_true, y_pred = np.random.default_rng(0).normal(size=(2, 4, 3))
    forward, backward = (getattr(layers, f"{name}_{way}") for way in ("forward", "backward"))
    passes_differences(lambda p: forward(y_true, p), backward, y_pred=y_pred)


def test_a_perfect_answer_costs_nothing_and_a_uniform_guess_log_k():
    labels = np.array([0, 2, 1])
    perfect = np.eye(3)[labels]
    assert layers.sparse_categorical_cross_entropy(labels, perfect) == pytest.approx(0, abs=2e-7)
    assert layers.sparse_categorical_cross_entropy(labels, 1000 * perfect, from_logits=True) == 0
    assert layers.sparse_categorical_cross_entropy(labels, np.full((3, 3), 1 / 3)) == pytest.approx(np.log(3))
    assert layers.sparse_categorical_cross_entropy(labels, np.zeros((3, 3)), from_logits=True) == pytest.approx(
        np.log(3)
    )
    assert layers.binary_cross_entropy(np.ones(2), np.full(2, 0.5)) == pytest.approx(np.log(2))


def test_logits_of_a_thousand_neither_overflow_nor_warn():
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    with np.errstate(all="raise", under="ignore"):
        loss, cache = layers.sparse_categorical_cross_entropy_forward(np.array([0, 0]), z, from_logits=True)
        gradient = layers.sparse_categorical_cross_entropy_backward(1.0, cache)
        assert layers.binary_cross_entropy(np.array([[1, 1], [1, 1.0]]), z, from_logits=True) == 500
    assert loss == 1000
    np.testing.assert_array_equal(gradient, [[0, 0], [-0.5, 0.5]])


@pytest.mark.parametrize(("dtype", "largest"), [(np.float32, 3e38), (np.float64, 1e308)])
def test_logits_beyond_all_others_cost_nothing_where_they_are_right(dtype, largest):
    z = np.array([[largest, -largest]], dtype)
    assert layers.categorical_cross_entropy([[1, 0]], z, from_logits=True) == 0
    loss, cache = layers.sparse_categorical_cross_entropy_forward([0], z, from_logits=True)
    assert loss == 0
    np.testing.assert_array_equal(layers.sparse_categorical_cross_entropy_backward(1.0, cache), [[0, 0]])
    with pytest.raises(ValueError, match="the loss is too large"):
        layers.sparse_categorical_cross_entropy([1], z, from_logits=True)


def test_a_gradient_that_leaves_its_dtype_is_refused():
    _, cache = layers.sparse_categorical_cross_entropy_forward([0], np.ones((1, 2), np.float32), from_logits=True)
    with pytest.raises(ValueError, match="the gradient is too large for float32"):
        layers.sparse_categorical_cross_entropy_backward(1e300, cache)


def test_a_scaled_loss_scales_its_gradient():
    _, cache = layers.mean_squared_error_forward(np.zeros(2, np.float32), np.ones(2, np.float32))
    gradient = layers.mean_squared_error_backward(3.0, cache)
    assert gradient.dtype == np.float32
    np.testing.assert_array_equal(gradient, [3, 3])


K2 = np.full((2, 2), 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.mean_squared_error(np.ones(2), np.ones(3)), r"y_true has shape \(2,\) and y_pred \(3,\)"),
        (lambda: layers.mean_squared_error([], []), "not empty"),
        (lambda: layers.mean_absolute_error([0.0], [np.inf]), "y_pred holds 1 of 1 entries that are NaN or infinite"),
        (lambda: layers.binary_cross_entropy([2.0], [0.5]), r"y_true holds 2\.0; labels lie between 0 and 1"),
        (
            lambda: layers.binary_cross_entropy([1.0], [-3.0]),
            r"y_pred holds -3\.0; .* for logits give from_logits=True",
        ),
        (lambda: layers.categorical_cross_entropy(K2[0], K2[0]), r"y_pred has shape \(2,\); expected"),
        (lambda: layers.categorical_cross_entropy(2 * K2, K2), "rows that do not add up to 1"),
        (lambda: layers.categorical_cross_entropy(K2, 4 * K2), r"y_pred holds 2\.0; probabilities"),
        (lambda: layers.categorical_cross_entropy(K2, 0 * K2), "y_pred has rows of zeros"),
        (lambda: layers.categorical_cross_entropy(K2, K2, label_smoothing=1), "label_smoothing=1: a share"),
        (
            lambda: layers.sparse_categorical_cross_entropy([0, 2], K2),
            "y_true holds the label 2; .* 0 to 1, as there are 2 classes",
        ),
        (lambda: layers.sparse_categorical_cross_entropy([0, -1], K2), "y_true holds the label -1"),
        (
            lambda: layers.sparse_categorical_cross_entropy([0.0, 1.0], K2),
            "expected whole numbers",
        ),
        (lambda: layers.sparse_categorical_cross_entropy([0, 0], [[0.3], [0.2]]), r"y_pred has .*two columns or more"),
        (lambda: layers.categorical_cross_entropy([[1], [1]], [[0.3], [0.2]]), r"y_pred has .*two columns or more"),
        (lambda: layers.sparse_categorical_cross_entropy([0], K2), r"y_true has shape \(1,\)"),
        (lambda: layers.sparse_categorical_cross_entropy([0, 1], K2 * np.nan), "y_pred holds 4 of 4"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
