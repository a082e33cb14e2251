"""Residual addition and concatenation, against Keras and central differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import layers


@given(shape=st.tuples(*[st.integers(1, 4)] * 3), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_add_equals_keras(equals_tensorflow, shape, seed):
    import keras

    arrays = np.random.default_rng(seed).normal(size=(2, *shape))
    equals_tensorflow(layers.add_forward, layers.add_backward, lambda a, b: keras.layers.Add()([a, b]), arrays)


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4), axis=st.sampled_from([1, 2, -1]), seed=st.integers(0, 99)
)
@settings(max_examples=20, deadline=None)
def test_concatenate_equals_keras(equals_tensorflow, sizes, axis, seed):
    import keras

    rng = np.random.default_rng(seed)
    shapes = [[2, 3, 4] for _ in sizes]
    for shape, size in zip(shapes, sizes, strict=True):
        shape[axis] = size
    equals_tensorflow(
        lambda *arrays: layers.concatenate_forward(arrays, axis=axis),
        layers.concatenate_backward,
        lambda *arrays: keras.ops.concatenate(arrays, axis=axis),
        [rng.normal(size=shape) for shape in shapes],
    )


def test_gradients_pass_differences(passes_differences):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
    passes_differences(layers.add_forward, layers.add_backward, x=a, shortcut=b)
    passes_differences(lambda *arrays: layers.concatenate_forward(arrays), layers.concatenate_backward, a=a, b=b)


def test_plain_forms_keep_integers():
    a = np.arange(6).reshape(1, 2, 3)
    np.testing.assert_array_equal(layers.add(a, a), 2 * a)
    joined = layers.concatenate([a, a[..., :1]])
    assert joined.dtype == np.int64
    np.testing.assert_array_equal(joined[0], [[0, 1, 2, 0], [3, 4, 5, 3]])


def test_a_gradient_belongs_to_one_branch_only():
    dx, dshortcut = layers.add_backward(np.ones(2), layers.add_forward(np.ones(2), np.ones(2))[1])
    dx[:] = 5
    np.testing.assert_array_equal(dshortcut, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.add(np.ones((1, 4, 4, 1)), np.ones((1, 4, 4, 8))), "project it with a 1x1 convolution"),
        (lambda: layers.concatenate([]), "arrays has 0 entries; expected at least 1"),
        (lambda: layers.concatenate(np.ones((2, 2))), "give a list or tuple of arrays"),
        (lambda: layers.concatenate([np.ones((1, 2))], axis="channel"), "axis='channel'"),
        (lambda: layers.concatenate([np.ones((1, 2)), np.ones((2, 2))]), r"\(1, 2\), \(2, 2\); they may differ along"),
        (lambda: layers.concatenate([np.ones((1, 2)), np.ones(2)]), "they may differ"),
        (lambda: layers.concatenate([np.ones((1, 2))], axis=2), "axis=2: an array with 2 axes"),
        (lambda: layers.concatenate([np.ones((1, 2)), ["a"]]), r"arrays\[1\]="),
        (lambda: layers.add_backward(np.ones(3), layers.add_forward(np.ones(2), np.ones(2))[1]), "dy has shape"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
