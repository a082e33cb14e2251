"""Exercises of the lesson on classification metrics: the right answers computed in another way."""

import numpy as np
from scipy import optimize, stats
from sklearn import metrics

from course_utils.lessons.classification_metrics import checks


def right(results):
    return all(result.right for result in results)


def test_tiles_are_counted_by_scikit_learn():
    truth = np.repeat([1, 0], [20, 980])
    answer = np.r_[np.arange(20) < 18, np.arange(980) < 18].astype(int)
    assert metrics.recall_score(truth, answer) == 0.9
    assert metrics.precision_score(truth, answer) == 0.5
    specificity, accuracy = metrics.recall_score(truth, answer, pos_label=0), metrics.accuracy_score(truth, answer)
    assert accuracy == metrics.accuracy_score(truth, 0 * truth)
    assert right(checks.tiles.evaluate(specificity, accuracy, "neither"))


def pairs(matrix):
    """Labels and answers that a confusion matrix counts."""
    rows, columns = np.indices(matrix.shape)
    return np.repeat(rows.ravel(), matrix.ravel()), np.repeat(columns.ravel(), matrix.ravel())


def test_statements_about_the_matrix():
    matrix = np.array([[80, 15, 5], [10, 85, 5], [0, 1, 9]])
    truth, answer = pairs(matrix)
    precision, recall, _, _ = metrics.precision_recall_fscore_support(truth, answer)
    matrix[2] *= 10
    many = metrics.precision_score(*pairs(matrix), average=None)
    statements = {
        "a": metrics.accuracy_score(truth, answer) < 0.85,
        "b": recall.argmax() == 2,
        "c": precision[2] > precision[0],
        "d": metrics.f1_score(truth, answer, average="micro") > metrics.f1_score(truth, answer, average="macro"),
        "e": abs(many[2] - precision[2]) < 0.01,
        "f": abs(metrics.recall_score(truth == 2, answer == 2, pos_label=0) - 0.95) < 1e-9,
    }
    assert right(checks.reading.evaluate([letter for letter, holds in statements.items() if holds]))


def test_a_merged_matrix_is_that_of_merged_labels():
    def merged(matrix, groups):
        truth, answer = pairs(matrix)
        groups = np.array(groups)
        return metrics.confusion_matrix(groups[truth], groups[answer])

    assert right(checks.merge.evaluate(merged))


def test_every_plan_is_judged_as_scikit_learn_scores_it():
    for tp in range(1, 51, 2):
        for fp in (0, 1, 3, 8):
            counted = (tp, fp, 50 - tp, 950 - fp)
            truth, answer = np.repeat([1, 0, 1, 0], counted), np.repeat([1, 1, 0, 0], counted)
            fits = (
                metrics.accuracy_score(truth, answer) >= 0.96
                and metrics.precision_score(truth, answer) >= 0.9
                and metrics.f1_score(truth, answer) < 0.5
            )
            assert right(checks.blind.evaluate(counted)) == fits, counted
    assert not right(checks.blind.evaluate((0, 0, 50, 950)))


def test_counts_may_be_an_array_or_whole_floats():
    for counted in (np.array([15, 0, 35, 950]), (15.0, 0, 35, 950.0), [np.int64(15), np.float64(0), 35, 950]):
        assert right(checks.blind.evaluate(counted))
    for counted in ((15.5, 0, 34.5, 950), np.ones((2, 2)), (float("inf"), 0, 35, 950), (True, 0, 49, 950)):
        assert not right(checks.blind.evaluate(counted))


def test_a_flawless_test_set_by_root_finding():
    z = stats.norm.ppf(0.975)

    def low(n):
        return optimize.brentq(lambda q: 1 - q - z * np.sqrt(q * (1 - q) / n), 0.5, 1 - 1e-9)

    needed = next(n for n in range(3000, 5000) if low(n) >= 0.999)
    assert right(checks.flawless.evaluate(low(200), needed))
    np.testing.assert_allclose(stats.binomtest(200, 200).proportion_ci(method="wilson").low, low(200))


def test_coins_are_scipys():
    fewest = next(n for n in range(1, 20) if stats.binomtest(n, n).pvalue < 0.05)
    p = {(a, b): stats.binomtest(a, a + b).pvalue for a, b in ((5, 25), (105, 125))}
    smaller = min(p, key=p.get)
    assert right(checks.coins.evaluate(fewest, f"{smaller[0]} and {smaller[1]}"))
