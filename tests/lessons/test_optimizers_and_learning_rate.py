"""Exercises of the lesson on optimisers: the right answers computed in another way."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import training
from course_utils.lessons.optimizers_and_learning_rate import checks


def right(results):
    return all(result.right for result in results)


def test_momentum_coasts_as_far_in_keras():
    weight = keras.Variable(np.zeros(1), dtype="float64")
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    optimizer.build([weight])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [weight]))
    places = []
    for gradient in [2.0] * 300 + [0.0] * 300:
        step(tf.constant([gradient], "float64"))
        places.append(float(weight[0]))
    length, way = abs(places[299] - places[298]), abs(places[-1] - places[299])
    assert right(checks.coast.evaluate(round(length, 4), round(way, 3)))


def test_adagrad_is_that_of_keras():
    (code,) = checks.adagrad.fields
    gradients = np.random.default_rng(0).normal(size=(5, 4))
    weights = keras.Variable(np.ones(4), dtype="float64")
    optimizer = keras.optimizers.Adagrad(0.1, initial_accumulator_value=0.0, epsilon=1e-7)
    w, s = np.ones(4), np.zeros(4)
    for g in gradients:
        optimizer.apply([g], [weights])
        w, s = code.reference(w, g, s, 0.1, 1e-7)
        np.testing.assert_allclose(weights, w, atol=1e-6)


def test_each_curve_has_the_rate_that_its_word_says():
    taken = checks.curves(lambda rule, rate, **options: (None, (rate, options)))
    assert all(options == {"seed": 3, "momentum": 0.9} for _, options in taken.values())
    rates = {letter: rate for letter, (rate, _) in taken.items()}
    words = {part.name: part.answer for part in checks.four_curves.fields}
    by_word = {words[letter]: rate for letter, rate in rates.items()}
    assert by_word["too small"] < by_word["about right"] / 10 < by_word["about right"] < by_word["too large"] / 5
    lowered = [by_word["lowered"](step) for step in range(129)]
    assert lowered[0] == by_word["too large"]
    assert lowered[-1] < 1e-9
    assert (np.diff(lowered) <= 0).all()


def test_steps_are_those_of_the_batches():
    batches = [len(range(60_000)[start : start + 256]) for start in range(0, 60_000, 256)]
    assert right(checks.count.evaluate(batches[-1], 10 * len(batches), 10 * (len(batches) - 60_000 // 256)))


@pytest.mark.parametrize("schedule", [False, True])
def test_adamw_of_keras_leaves_as_much_of_a_weight(schedule):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 1000) if schedule else 0.01
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.1)
    weight = keras.Variable(np.ones(1), dtype="float64")
    optimizer.build([weight])
    step = tf.function(lambda: optimizer.apply([tf.zeros(1, "float64")], [weight]))
    for _ in range(1000):
        step()
    answer = checks.shrink.fields[schedule].answer
    np.testing.assert_allclose(weight, answer, atol=0.001)


def test_the_design_takes_one_cycle_of_keras_and_a_function_that_is_not_written_is_not_attempted():
    plan = training.one_cycle(0.1, 200)
    assert right(checks.design.evaluate(lambda step: float(plan(step))))
    assert checks.design.evaluate(lambda step: ...) is None
    assert not right(checks.design.evaluate(lambda step: None))
    assert not right(checks.design.evaluate(lambda step: float("nan")))
    assert not right(checks.design.evaluate(lambda step: -0.1))
