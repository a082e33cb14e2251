"""Exercises of the lesson on ROC curves and thresholds: the right answers computed in another way, and what the planted leak is."""

import numpy as np
import pytest
from scipy.signal import fftconvolve
from sklearn import metrics
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from course_utils.lessons.roc_and_thresholds import checks


def right(results):
    return all(result.right for result in results)


def test_a_grid_of_thresholds_finds_the_possible_answers():
    rows = {
        "a": ([0.1, 0.4, 0.35, 0.8], [0, 1, 0, 1]),
        "b": ([0.2, 0.6, 0.55, 0.9, 0.1], [0, 0, 1, 1, 0]),
        "c": ([0.3, 0.9, 0.7], [0, 0, 0]),
        "d": ([0.2, 0.5, 0.5], [0, 1, 0]),
        "e": ([-4, 3, -1, 7], [0, 1, 1, 1]),
    }
    grid = np.linspace(-10, 10, 4001) + 1e-4
    possible = [
        letter
        for letter, (scores, answers) in rows.items()
        if (np.array(scores) >= grid[:, None]).astype(int).tolist().count(answers)
    ]
    assert right(checks.some_threshold.evaluate("".join(possible)))
    assert possible == ["a", "c", "e"]


def test_the_area_is_that_of_scikit_learn():
    area = metrics.roc_auc_score([1, 1, 1, 0, 0], [3, 2, 1, 2, 0])
    assert right(checks.auc_with_ties.evaluate(area))


def test_screening_of_a_whole_population():
    ill = np.arange(100_000) < 2000
    person = np.arange(100_000)
    first = np.where(ill, person % 10 > 0, person % 20 == 0)
    second = np.where(ill, person % 20 > 0, person % 20 < 3)

    def total(miss, alarm):
        return miss * (ill & ~alarm).sum() + (~ill & alarm).sum()

    prices = np.arange(200)
    from_cost = prices[np.flatnonzero(total(prices, second) <= total(prices, first))[0]]
    probabilities = np.linspace(0, 1, 100_001)
    pays = probabilities[np.flatnonzero(19 * probabilities >= 1 - probabilities)[0]]
    assert right(checks.screening.evaluate(from_cost, pays))


def test_the_lowest_cost_lies_on_the_roc_curve():
    def lowest_cost(y, scores, miss, alarm):
        fpr, tpr, _ = metrics.roc_curve(y, scores, drop_intermediate=False)
        return (miss * (1 - tpr) * (y == 1).sum() + alarm * fpr * (y == 0).sum()).min()

    assert right(checks.lowest_cost.evaluate(lowest_cost))


def test_a_cost_without_the_lowest_threshold_or_between_ties_is_not_the_lowest():
    def above(y, scores, miss, alarm):
        return min(miss * ((scores <= t) & (y == 1)).sum() + alarm * ((scores > t) & (y == 0)).sum() for t in scores)

    def between(direction):
        def cheapest(y, scores, miss, alarm):
            y = y[np.argsort(direction * scores, kind="stable")][::direction]
            return min(miss * (y[:cut] == 1).sum() + alarm * (y[cut:] == 0).sum() for cut in range(len(y) + 1))

        return cheapest

    for wrong in (above, between(1), between(-1)):
        assert not right(checks.lowest_cost.evaluate(wrong))


def test_the_table_needs_a_temperature_below_one_and_what_it_changes():
    confidence, share = np.array([0.55, 0.75, 0.95]), np.array([0.70, 0.90, 0.99])
    logits = np.log(confidence / (1 - confidence))

    def measured(T):
        p = 1 / (1 + np.exp(-logits / T))
        loss = -(share * np.log(p) + (1 - share) * np.log(1 - p)).mean()
        y, scores = np.repeat([[1, 0]], 3, axis=0).ravel(), np.column_stack([p, 1 - p[::-1]]).ravel()
        return {
            "accuracy": share.mean() if (p > 0.5).all() else -1,
            "mean confidence": p.mean(),
            "cross-entropy": loss,
            "ECE": abs(p - share).mean(),
            "two-class AUC": metrics.roc_auc_score(y, scores),
        }

    candidates = np.geomspace(0.2, 5, 101)
    best = min(candidates, key=lambda T: measured(T)["cross-entropy"])
    before, after = measured(1.0), measured(best)
    changed = [name for name in before if abs(before[name] - after[name]) > 1e-9]
    assert right(checks.diagnosis.evaluate("below 1" if best < 1 else "above 1", changed))


# --- the project


@pytest.fixture(scope="module")
def planted():
    return checks._splits()[4]


def test_splits_are_the_same_at_every_call_and_belong_to_the_caller():
    first, second = checks.leaky_splits(), checks.leaky_splits()
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
        one[...] = 0
    assert second[0].any()
    assert checks.leaky_splits()[2].any()
    assert [array.shape for array in first] == [(1000, 28, 28), (1000,), (800, 28, 28), (800,)]


def test_no_picture_is_there_twice_and_the_planted_ones_are_spread(planted):
    x_train, _, x_test, _ = checks.leaky_splits()
    assert not {picture.tobytes() for picture in x_train} & {picture.tobytes() for picture in x_test}
    assert planted.sum() == checks.PLANTED
    assert all(5 < planted[start : start + 100].sum() < 30 for start in range(0, 800, 100))
    # Neither noise nor brightness gives a copy away.
    for tell in (x_test.mean(axis=(1, 2)), x_test[:, :3].std(axis=(1, 2)), (x_test == 0).mean(axis=(1, 2))):
        assert 0.4 < metrics.roc_auc_score(planted, tell) < 0.6


def test_copies_have_the_label_of_the_picture_that_correlates_best(planted):
    x_train, y_train, x_test, y_test = checks.leaky_splits()
    units = x_train / np.linalg.norm(x_train.astype(float), axis=(1, 2), keepdims=True)
    for number in np.flatnonzero(planted)[:8]:
        maps = fftconvolve(units, x_test[number : number + 1, ::-1, ::-1].astype(float), mode="same", axes=(1, 2))
        best = maps[:, 11:17, 11:17].max(axis=(1, 2)).argmax()
        assert y_train[best] == y_test[number]


def test_bars_can_be_missed_on_either_side(planted):
    scores = checks._shifted_ratio()
    assert metrics.roc_auc_score(planted, scores) > 0.99
    assert metrics.roc_auc_score(planted, checks._unshifted()) < 0.8

    def verdict(found):
        return [result.right for result in checks._caught(found)]

    assert verdict(np.flatnonzero(scores > 1.3)) == [True, True]
    assert verdict(set(np.flatnonzero(scores > 1.3).tolist())) == [True, True]
    assert verdict(np.flatnonzero(scores > 1.1)) == [False, True]
    assert verdict(np.flatnonzero(scores > 1.9)) == [True, False]
    found = np.flatnonzero(scores > 1.3)
    assert metrics.precision_score(planted, np.isin(np.arange(800), found)) == planted[found].mean()


def test_honest_accuracy_is_that_of_a_nearest_neighbour(planted):
    x_train, y_train, x_test, y_test = (
        array.reshape(len(array), -1) if array.ndim == 3 else array for array in checks.leaky_splits()
    )
    neighbour = KNeighborsClassifier(1).fit(x_train.astype(float), y_train)
    answers = neighbour.predict(x_test.astype(float))
    np.testing.assert_array_equal(answers, y_train[checks.nearest(x_test, x_train)])
    results = list(checks._is_honest(neighbour.score(x_test[~planted].astype(float), y_test[~planted])))
    assert right(results)
    assert not right(list(checks._is_honest((answers == y_test).mean())))


def test_every_threshold_that_meets_the_bars_leaves_an_honest_accuracy(planted):
    x_train, y_train, x_test, y_test = checks.leaky_splits()
    hits, scores = y_train[checks.nearest(x_test, x_train)] == y_test, checks._shifted_ratio()
    met = [t for t in np.arange(1, 3, 0.01) if right(list(checks._caught(np.flatnonzero(scores > t))))]
    assert len(met) > 20
    assert all(right(list(checks._is_honest(hits[scores <= t].mean()))) for t in met)


def test_a_network_that_learns_by_heart_is_better_on_copies(planted):
    x_train, y_train, x_test, y_test = checks.leaky_splits()
    network = MLPClassifier((64,), alpha=0, batch_size=32, learning_rate_init=3e-3, random_state=0)
    for _ in range(40):
        network.partial_fit(x_train.reshape(1000, -1) / 255, y_train, classes=range(10))
    hits = network.predict(x_test.reshape(800, -1) / 255) == y_test
    assert network.score(x_train.reshape(1000, -1) / 255, y_train) == 1
    assert hits[planted].mean() > hits[~planted].mean() + 0.04


def test_an_auc_of_a_score_is_that_of_scikit_learn(planted):
    scores = np.round(checks._shifted_ratio(), 1)  # with ties
    (result,) = checks._ranked(scores)
    assert f"{metrics.roc_auc_score(planted, scores):.1%}" in result.text
