"""Exercises of the lesson on looking inside: the right answers computed in another way."""

import keras
import numpy as np
import tensorflow as tf

from course_utils import datasets, explain, models
from course_utils.lessons.looking_inside import checks


def right(results):
    return all(result.right for result in results)


def test_grad_cam_by_hand_is_the_package_s():
    """A network whose feature maps and slopes are those of the exercise."""
    maps = np.array([[[1, 0], [0, 4]], [[2, 1], [3, 1]]], "float32")
    slopes = np.array([[[2, -1], [0, -1]], [[0, 0], [2, 0]]], "float32")
    inputs = keras.Input((2, 2, 2))
    same = keras.layers.Conv2D(2, 1, use_bias=False, name="maps")
    dense = keras.layers.Dense(2)
    model = keras.Model(inputs, dense(keras.layers.Flatten()(same(inputs))))
    same.set_weights([np.eye(2, dtype="float32")[None, None]])
    dense.set_weights([np.stack([slopes.ravel(), 0 * slopes.ravel()], axis=1), np.zeros(2)])
    heat = explain.grad_cam(model, maps, 0, layer="maps", upsample=False)
    assert right(checks.by_hand.evaluate(heat))


def test_each_program_has_the_fault_of_its_letter():
    one, two = np.ones((1, 1, 1)), np.ones((1, 1, 2))
    found = {}
    for name, maker in checks.makers().items():
        against = float(maker(one, -one)[0, 0])
        cancel = float(maker(two, np.array([[[1.0, -1.0]]]))[0, 0])
        found[name] = {(-1, 0): "b", (1, 2): "c", (0, 1): "d", (0, 0): "a"}[against, cancel]
    assert right(checks.faults.evaluate(**found))


def test_the_program_without_a_fault_is_tensorflow_s_gradient():
    rng = np.random.default_rng(1)
    maps, w = tf.constant(rng.random((3, 4, 5))), rng.normal(size=5)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        logit = tf.reduce_sum(tf.reduce_mean(maps, (0, 1)) * w)
    slopes = tape.gradient(logit, maps).numpy()
    np.testing.assert_allclose(checks.makers()["south"](maps.numpy(), slopes), np.maximum(maps.numpy() @ w / 12, 0))


def test_patches_counted_one_by_one():
    places = [(i, j) for i in range(224) for j in range(224) if i % 16 == j % 16 == 0 and max(i, j) + 64 <= 224]
    count = np.zeros((224, 224), int)
    for i, j in places:
        count[i : i + 64, j : j + 64] += 1
    assert right(checks.occlusions.evaluate(len(places) + 1, int(count[0, 0]), int(count[100, 100])))


def test_covered_pixel_by_pixel():
    def covered(picture, heat, share, colour):
        out, hot = picture.copy(), np.array(heat, float)
        for _ in range(round(share * heat.size)):
            place = np.unravel_index(hot.argmax(), hot.shape)
            out[place], hot[place] = colour, -np.inf
        return out

    assert right(checks.covered.evaluate(covered))


def test_squares_that_turn_the_seven():
    """The places found in one batch are those that the exercise takes, among all."""
    network, digit = models.trained("mnist_fast"), datasets.load_mnist().x_test[0]
    places = [(i, j) for i in range(23) for j in range(23)]
    pictures = np.repeat(digit[None], len(places), axis=0)
    for picture, (i, j) in zip(pictures, places, strict=True):
        picture[i : i + 6, j : j + 6] = 0
    turned = network.predict(pictures, verbose=0).argmax(axis=1) != 7
    assert 3 <= turned.sum() <= 20
    for number in [*np.flatnonzero(turned)[:3], *np.flatnonzero(~turned)[::150]]:
        assert right(checks.decisive.evaluate(places[number])) == turned[number]
