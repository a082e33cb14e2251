"""The threshold figure against scikit-learn: matrices, what follows from them, both curves and their areas."""

import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

SCRIPT = """(figure, asked) => asked.map(({labels, scores, threshold, cost}) => {
  const counts = figure.matrix({labels, scores}, threshold);
  const {roc, pr, thresholds, auc, ap} = figure.curves({labels, scores});
  return {counts, measures: figure.measures(counts, cost), auc, ap,
          roc: Float64Array.from(roc.flat(), one => one ?? NaN), pr: Float64Array.from(pr.flat(), one => one ?? NaN),
          thresholds: Float64Array.from(thresholds)};
})"""
SAMPLES = """(figure, states) => states.map(state => {
  const {labels, scores} = figure.sample(state), {all, least, cheapest} = figure.prices({labels, scores}, state.cost);
  return {labels: Int32Array.from(labels), scores: Float64Array.from(scores), all: Float64Array.from(all), least,
          cheapest: Float64Array.from(cheapest)};
})"""
COSTS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
CLOSE = {"rtol": 0, "atol": 1e-12}


def random_settings(count: int) -> list[dict]:
    """Labels, scores with many ties or none, thresholds on scores, between, above and below all, one class missing."""
    random, asked = np.random.default_rng(5), []
    for number in range(count):
        size = int(random.integers(1, 120))
        share = [0.0, 1.0][number // 10 % 2] if number % 10 == 0 else random.uniform(0.02, 0.98)
        labels = (random.random(size) < share).astype(int)
        scores = random.normal(labels * random.uniform(-1, 3), 1)
        if number % 3:
            scores = np.round(scores * int(random.choice([1, 2, 5]))) / 5
        threshold = [scores.max() + 1, scores.min() - 1, float(random.choice(scores)), random.normal()][number % 4]
        asked.append(
            {
                "labels": labels.tolist(),
                "scores": scores.tolist(),
                "threshold": float(threshold),
                "cost": float(random.choice(COSTS)),
            }
        )
    return asked


def same(found: float | None, expected: float | None):
    """Equal to 1e-12, or undefined on both sides."""
    if expected is None:
        assert found is None
    else:
        np.testing.assert_allclose(found, expected, **CLOSE)


def compare_with_sklearn(asked: dict, found: dict):
    """Everything that the figure computes from labels, scores and a threshold."""
    y, scores, cost = np.array(asked["labels"]), np.array(asked["scores"]), asked["cost"]
    called = (scores >= asked["threshold"]).astype(int)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(y, called, labels=[0, 1])
    assert found["counts"] == {"tn": tn, "fp": fp, "fn": fn, "tp": tp}
    measures = found["measures"]
    same(measures["precision"], metrics.precision_score(y, called) if called.any() else None)
    same(measures["recall"], metrics.recall_score(y, called) if y.any() else None)
    same(measures["specificity"], metrics.recall_score(y, called, pos_label=0) if not y.all() else None)
    same(measures["f1"], metrics.f1_score(y, called) if (y | called).any() else None)
    same(measures["accuracy"], metrics.accuracy_score(y, called))
    same(measures["cost"], cost * fn + fp)
    both = 0 < y.sum() < len(y)
    same(found["auc"], metrics.roc_auc_score(y, scores) if both else None)
    same(found["ap"], metrics.average_precision_score(y, scores) if y.any() else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", metrics._ranking.UndefinedMetricWarning)
        false_alarms, recall, thresholds = metrics.roc_curve(y, scores, drop_intermediate=False)
        np.testing.assert_allclose(found["roc"].reshape(-1, 2), np.transpose([false_alarms, recall]), **CLOSE)
    np.testing.assert_array_equal(found["thresholds"], thresholds)
    if y.any():
        # scikit-learn goes from the lowest score up, and adds the point (recall 0, precision 1) of no threshold.
        precision, recall, _ = metrics.precision_recall_curve(y, scores)
        np.testing.assert_allclose(found["pr"].reshape(-1, 2)[::-1], np.transpose([recall, precision])[:-1], **CLOSE)
    return both


def test_random_settings_equal_scikit_learn(run_node):
    asked = random_settings(600)
    both = [compare_with_sklearn(*pair) for pair in zip(asked, run_node("threshold.js", SCRIPT, asked), strict=True)]
    assert both.count(False) > 40
    assert both.count(True) > 500


def random_states(count: int) -> list[dict]:
    """States of the figure, the ends of every control among them."""
    random = np.random.default_rng(6)
    ends = [
        {"separation": separation, "prevalence": prevalence, "threshold": threshold, "cost": cost}
        for separation in (0, 4)
        for prevalence in (1, 50, 99)
        for threshold in (0, 0.5, 1)
        for cost in (0.1, 100)
    ]
    return ends + [
        {
            "separation": int(random.integers(0, 41)) / 10,
            "prevalence": int(random.integers(1, 100)),
            "threshold": int(random.integers(0, 51)) / 50,
            "cost": float(random.choice(COSTS)),
        }
        for _ in range(count)
    ]


def test_what_the_figure_shows_equals_scikit_learn(run_node):
    states = random_states(200)
    people = run_node("threshold.js", SAMPLES, states)
    asked = [
        {"labels": one["labels"].tolist(), "scores": one["scores"].tolist()} | state
        for one, state in zip(people, states, strict=True)
    ]
    for one, found in zip(asked, run_node("threshold.js", SCRIPT, asked), strict=True):
        assert compare_with_sklearn(one, found)
        assert sum(one["labels"]) == 4 * one["prevalence"]
        assert (found["measures"]["precision"] is None) == (max(one["scores"]) < one["threshold"])


def test_cheapest_thresholds_are_those_that_cost_least(run_node):
    states = random_states(40)
    for state, found in zip(states, run_node("threshold.js", SAMPLES, states), strict=True):
        thresholds = np.arange(51) / 50
        sick, scores = found["labels"] == 1, found["scores"]
        costs = [state["cost"] * sum(scores[sick] < at) + sum(scores[~sick] >= at) for at in thresholds]
        np.testing.assert_allclose(found["all"], costs, **CLOSE)
        np.testing.assert_allclose(found["least"], min(costs), **CLOSE)
        np.testing.assert_array_equal(found["cheapest"], thresholds[np.isclose(costs, min(costs), rtol=0, atol=1e-6)])


def test_scores_are_normal_and_strictly_between_0_and_1(run_node):
    shares = np.linspace(0.001, 0.999, 333)
    found = run_node("threshold.js", "(figure, shares) => figure.quantiles(shares)", shares.tolist())
    np.testing.assert_allclose(found, stats.norm.ppf(shares), atol=0.0011)
    states = [{"separation": d, "prevalence": p, "cost": 1} for d in (0, 1.5, 4) for p in (10, 50, 90)]
    for state, one in zip(states, run_node("threshold.js", SAMPLES, states), strict=True):
        assert 0.02 <= one["scores"].min() <= one["scores"].max() <= 0.98
        for label, side in enumerate((-1, 1)):
            mine = one["scores"][one["labels"] == label] + 0.01  # the middle of what was rounded down
            assert mine.mean() == pytest.approx(0.5 + side * state["separation"] / 20, abs=0.003)
            assert mine.std() == pytest.approx(0.1, abs=0.006)


def test_lower_prevalence_leaves_the_roc_curve_and_lowers_the_other(run_node):
    prevalences = [50, 40, 30, 20, 10, 5]
    states = [{"separation": 1.5, "prevalence": p, "cost": 5} for p in prevalences]
    people = run_node("threshold.js", SAMPLES, states)
    script = "(figure, people) => people.map(one => figure.curves(one)).map(({auc, ap}) => [auc, ap])"
    plain = [{key: one[key].tolist() for key in ("labels", "scores")} for one in people]
    auc, ap = np.transpose(run_node("threshold.js", script, plain))
    assert np.ptp(auc) < 0.006
    assert (np.diff(ap) < -0.03).all()
    assert (ap[0] > 0.84, ap[-2] < 0.5) == (True, True)


def test_undefined_is_no_number(run_node):
    script = "(figure, counts) => figure.measures(counts, 5)"
    nobody = run_node("threshold.js", script, {"tn": 3, "fp": 0, "fn": 2, "tp": 0})
    assert (nobody["precision"], nobody["recall"], nobody["f1"], nobody["cost"]) == (None, 0, 0, 10)
    healthy = run_node("threshold.js", script, {"tn": 3, "fp": 0, "fn": 0, "tp": 0})
    assert (healthy["precision"], healthy["recall"], healthy["f1"], healthy["specificity"]) == (None, None, None, 1)
    sick = run_node("threshold.js", script, {"tn": 0, "fp": 0, "fn": 1, "tp": 3})
    assert (sick["specificity"], sick["precision"]) == (None, 1)
