"""Exercises of the lesson on losses: the right answers computed in another way."""

import keras
import numpy as np
import pytest
from scipy import optimize

from course_utils.lessons.losses import checks


def right(results):
    return all(result.right for result in results)


def test_the_records_are_what_keras_computes():
    cross_entropy = keras.losses.sparse_categorical_crossentropy
    labels = np.arange(10)
    perfect, equal = np.eye(10, dtype="float32"), np.zeros((10, 10), "float32")
    assert float(cross_entropy(np.array([3]), np.zeros((1, 100), "float32"), from_logits=True)[0]) == pytest.approx(
        4.61, abs=0.01
    )
    assert np.mean(cross_entropy(labels, perfect, from_logits=True)) == pytest.approx(1.46, abs=0.01)
    assert np.mean(cross_entropy(labels, equal, from_logits=True)) == pytest.approx(2.30, abs=0.01)
    wrong = np.roll(perfect, 1, axis=1)
    assert np.mean(cross_entropy(labels, wrong)) == pytest.approx(16.1, abs=0.1)
    assert np.mean(cross_entropy(labels, wrong, from_logits=True)) == pytest.approx(np.log(1 + 9 / np.e) + 1, abs=0.01)


def test_a_second_softmax_keeps_the_loss_below_what_the_reply_says():
    p = np.random.default_rng(0).dirichlet(np.full(10, 0.1), 5000).astype("float32")
    worst = np.r_[p, np.eye(10, dtype="float32")]
    losses = keras.losses.sparse_categorical_crossentropy(np.zeros(len(worst), int), worst, from_logits=True)
    assert np.max(losses) == pytest.approx(np.log(9 + np.e), abs=1e-5)


def test_a_second_softmax_allows_the_loss_of_the_record_and_its_accuracy_together():
    """The smallest loss with 3 % wrong is above 1.47; certain and wrong they make it 1.49."""

    def twice(*rows):
        return keras.losses.sparse_categorical_crossentropy(
            np.zeros(len(rows), int), np.array(rows, "float32"), from_logits=True
        )

    rest = [0.0] * 8
    perfect, close, certain = np.array(twice([1, 0, *rest], [0.5, 0.5, *rest], [0, 1, *rest]))
    assert 0.97 * perfect + 0.03 * close > 1.475
    assert 0.97 * perfect + 0.03 * certain == pytest.approx(1.49, abs=0.005)


def test_the_promise_is_the_cheapest():
    trucks = np.array([10, 20, 30, 40, 50, 60, 70])
    promises = np.arange(0, 80, 0.5)
    late = np.clip(trucks - promises[:, None], 0, None)
    early = np.clip(promises[:, None] - trucks, 0, None)
    cheapest = promises[(3 * late + early).sum(axis=1).argmin()]
    assert right(checks.late.evaluate(cheapest))


def test_huber_is_keras_huber():
    rng = np.random.default_rng(0)
    y, y_hat = rng.normal(0, 3, (2, 50))
    (code,) = checks.huber.fields
    for delta in (0.5, 1.0, 4.0):
        theirs = float(keras.losses.huber(y, y_hat, delta=delta))
        assert code.reference(y, y_hat, delta) == pytest.approx(theirs, rel=1e-5)


def test_smoothed_targets_are_where_keras_has_its_smallest_loss():
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)
    y = np.array([[1.0, 0, 0, 0]], "float32")
    lead = optimize.minimize_scalar(
        lambda z: float(loss(y, np.array([[z, 0, 0, 0]], "float32"))), bounds=(0, 10), method="bounded"
    ).x
    assert right(checks.smoothed.evaluate(np.exp(2.8332133) / (np.exp(2.8332133) + 3), np.log(17)))
    assert lead == pytest.approx(np.log(17), abs=0.01)


def test_the_example_is_what_keras_measures():
    a, b = (np.array(part, "float32") for part in checks.disagree.fields[0].right())
    cost = [float(keras.losses.binary_crossentropy(np.ones(5), part)) for part in (a, b)]
    hits = [float(np.mean(keras.metrics.binary_accuracy(np.ones((5, 1)), part[:, None]))) for part in (a, b)]
    assert cost[0] > cost[1]
    assert hits[0] > hits[1]


def test_an_honest_probability_is_the_one_that_the_weights_distorted():
    (code,) = checks.honest.fields
    for share in (0.02, 0.3, 0.8):
        for weight in (1, 5, 50):
            # The constant that is best for a weighted loss, found by search.
            best = optimize.minimize_scalar(
                lambda p, share=share, weight=weight: -(weight * share * np.log(p) + (1 - share) * np.log(1 - p)),
                bounds=(1e-9, 1 - 1e-9),
                method="bounded",
                options={"xatol": 1e-10},
            ).x
            assert code.reference(best, weight) == pytest.approx(share, abs=1e-5)
