"""Exercises of the lesson on normalisation and dropout: the right answers computed in another way."""

import keras
import numpy as np
import pytest

from course_utils.lessons.normalization_and_dropout import checks


def right(results):
    return all(result.right for result in results)


def test_moments_are_those_of_many_entries_of_keras():
    out = np.array(keras.layers.Dropout(0.4, seed=0)(np.full((1000, 1000), 3.0), training=True), float)
    mean, variance = (part.answer for part in checks.moments.fields)
    np.testing.assert_allclose([out.mean(), out.var()], [mean, variance], rtol=0.01)


def test_the_share_that_is_left_is_what_keras_leaves():
    layer = keras.layers.BatchNormalization(momentum=0.99)
    batch = np.full((4, 1), 0.0, "float32")
    for _ in range(60):
        layer(batch, training=True)
    share = float(layer.moving_variance[0])  # from 1 towards 0
    assert right(checks.diagnosis.evaluate(share, "smaller momentum"))


def test_larger_batches_leave_more_of_the_start_and_a_smaller_momentum_less():
    def left(momentum, batch):
        return momentum ** (4 * (1000 // batch))

    assert left(0.99, 250) > left(0.99, 64) == 0.99**60 > 100 * left(0.9, 64)


def test_a_folded_layer_gives_what_keras_gives():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20, 6)).astype("float32")
    dense, norm = keras.layers.Dense(4), keras.layers.BatchNormalization()
    model = keras.Sequential([keras.Input((6,)), dense, norm])
    dense.set_weights([rng.normal(size=(6, 4)), rng.normal(size=4)])
    norm.set_weights([rng.normal(size=4), rng.normal(size=4), rng.normal(size=4), rng.uniform(0.5, 2, 4)])
    arrays = [np.array(w, float) for w in (*dense.get_weights(), *norm.get_weights())]
    (code,) = checks.fold.fields
    new = code.reference(*arrays)
    np.testing.assert_allclose(x @ new[:-1] + new[-1], model.predict(x, verbose=0), atol=1e-5)


def test_whole_maps_are_dropped_as_keras_drops_them():
    x = np.random.default_rng(0).uniform(1, 2, (4, 5, 6, 7)).astype("float32")
    out = np.array(keras.layers.SpatialDropout2D(0.4, seed=1)(x, training=True))
    kept = out.any(axis=(1, 2))
    assert 0 < kept.sum() < kept.size
    (code,) = checks.drop_maps.fields
    np.testing.assert_allclose(code.reference(x, kept, 0.4), out, rtol=1e-5)


@pytest.mark.parametrize(
    "plan",
    [
        "conv without bias, batch norm, relu, conv without bias, batch norm, relu, mean of each map, dropout, dense",
        "conv, relu, batch norm, conv, relu, batch norm, dropout, mean of each map, dense",
        "conv, relu, batch norm, conv without bias, batch norm, relu, mean of each map, dense, relu, dropout, dense",
    ],
)
def test_other_orders_work_too(plan):
    assert right(checks.design.evaluate(plan.split(", ")))


def test_a_bias_is_idle_behind_the_mean_of_each_map_too():
    plan = "conv without bias, batch norm, relu, conv, mean of each map, batch norm, relu, dropout, dense"
    wrong = [result for result in checks.design.evaluate(plan.split(", ")) if not result.right]
    assert ["the bias of the conv at place 3" in str(result) for result in wrong] == [True]
