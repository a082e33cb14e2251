"""Exercises of the lesson on efficient networks: the right answers made in Keras, or counted another way."""

import itertools

import keras
import numpy as np
import pytest
from keras import layers

from course_utils import anatomy, models
from course_utils.layers import conv2d
from course_utils.lessons.efficient_cnns import checks
from course_utils.models.shufflenet import channel_shuffle


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def weights(filters, k, *, separable):
    """Weights of a k×k layer of 5 channels, or of the pair."""
    x = inputs = keras.Input((4, 4, 5))
    if separable:
        x = layers.DepthwiseConv2D(k, use_bias=False)(x)
    return keras.Model(inputs, layers.Conv2D(filters, 1 if separable else k, use_bias=False)(x)).count_params()


def test_break_even_is_counted_by_keras():
    ratios = {size: weights(*size, separable=True) / weights(*size, separable=False) for size in ((72, 3), (8, 1))}
    assert ratios[72, 3] == pytest.approx(1 / 8)
    assert right(checks.break_even.evaluate(72, ratios[8, 1]))


def test_merged_kernel_does_what_the_pair_does():
    rng = np.random.default_rng(1)
    depthwise, pointwise = rng.normal(size=(3, 3, 4)), rng.normal(size=(4, 5))
    x = rng.normal(size=(2, 7, 6, 4))
    pair = conv2d(conv2d(x, depthwise[:, :, None, :], groups=4), pointwise[None, None])
    merged = np.empty((3, 3, 4, 5))
    for u, v, c, o in np.ndindex(merged.shape):
        merged[u, v, c, o] = depthwise[u, v, c] * pointwise[c, o]
    np.testing.assert_allclose(conv2d(x, merged), pair, atol=1e-12)

    def merge(depthwise, pointwise):
        merged = np.empty((*depthwise.shape, pointwise.shape[1]))
        for u, v, c, o in np.ndindex(merged.shape):
            merged[u, v, c, o] = depthwise[u, v, c] * pointwise[c, o]
        return merged

    assert right(checks.merged.evaluate(merge))


def test_information_is_followed_through_keras_layers():
    order = np.asarray(channel_shuffle(keras.ops.arange(8.0)[None, None, None], 4, "order")).ravel()
    heard = {}
    x = inputs = keras.Input((1, 1, 8))
    for depth in (1, 2, 3):
        x = layers.Conv2D(8, 1, groups=4, use_bias=False, kernel_initializer="ones")(x)
        heard[depth] = keras.Model(inputs, x)(np.eye(8)[:, None, None].astype("float32"))
        x = channel_shuffle(x, 4, f"shuffle{depth}")
    reached = {
        depth: set((np.asarray(answers).reshape(8, 8) > 0).sum(axis=0).tolist()) for depth, answers in heard.items()
    }
    assert reached == {1: {2}, 2: {4}, 3: {8}}
    assert right(checks.through_groups.evaluate(order, 4, 8))


def test_nine_times_is_counted_by_anatomy():
    def totals(width, side):
        inputs = keras.Input((side, side, width))
        return anatomy.totals(keras.Model(inputs, layers.Conv2D(width, 3, padding="same", use_bias=False)(inputs)))

    small, wide, large = totals(4, 224), totals(12, 224), totals(4, 672)
    assert wide.multiply_adds == large.multiply_adds == 9 * small.multiply_adds
    answers = 672, wide.parameters / small.parameters, large.parameters / small.parameters
    assert right(checks.nine_times.evaluate(*answers))


def test_any_regnet_that_keeps_the_words_is_right():
    found = 0
    for w0, wa, wm in itertools.product((32, 48, 64, 80), np.arange(16.0, 30), (1.6, 1.8, 1.9, 2.0, 2.2)):
        widths, depths, _ = models.regnet_stages(16, w0, wa, wm, 8)
        wanted = len(widths) == 4 and depths[0] >= 2 and 400 <= widths[-1] <= 500
        assert right(checks.own_regnet.evaluate((16, w0, wa, wm))) == wanted
        found += wanted
    assert found > 5
    assert "A smaller wm" in told(checks.own_regnet, (16, 64, 25, 5.0))
    assert right(checks.own_regnet.evaluate(np.array([16, 64, 24, 1.9])))


def block(kind, x):
    """The blocks of the lesson."""
    width = x.shape[-1]
    options = {"padding": "same", "use_bias": False}
    if kind == "standard":
        return layers.Conv2D(width, 3, **options)(x)
    if kind == "separable":
        return layers.Conv2D(width, 1, **options)(layers.DepthwiseConv2D(3, **options)(x))
    if kind == "inverted":
        y = layers.DepthwiseConv2D(3, **options)(layers.Conv2D(6 * width, 1, **options)(x))
    else:
        y = layers.Conv2D(width, 3, groups=width // 16, **options)(layers.Conv2D(width, 1, **options)(x))
    return layers.Add()([x, layers.Conv2D(width, 1, **options)(y)])


@pytest.mark.parametrize("kind", ["standard", "separable", "inverted", "regnet"])
def test_costs_are_those_of_keras(kind):
    for width, side in ((32, 7), (48, 6)):
        inputs = keras.Input((side, side, width))
        totals = anatomy.totals(keras.Model(inputs, block(kind, inputs)))
        assert checks.costs(kind, width, side) == (
            totals.parameters,
            totals.multiply_adds,
            totals.activation_bytes,
        )


def test_only_separable_blocks_keep_the_limits():
    kinds = {
        kind
        for kind, width, side in itertools.product(
            ("standard", "separable", "inverted", "regnet"), range(128, 400, 16), range(14, 29)
        )
        if right(checks.own_block.evaluate((kind, width, side)))
    }
    assert kinds == {"separable"}
    assert right(checks.own_block.evaluate(("separable", 144, 14)))
    assert not right(checks.own_block.evaluate(("separable", 144, 28)))
