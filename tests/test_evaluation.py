"""Metrics against scikit-learn, SciPy and hand counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn import metrics

from course_utils import evaluation


@given(correct=st.integers(0, 50), wrong=st.integers(0, 50), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_accuracy_interval_is_wilsons(correct, wrong, confidence):
    n = correct + wrong
    if n == 0:
        return
    y_true = np.zeros(n, int)
    y_pred = np.r_[np.zeros(correct, int), np.ones(wrong, int)]
    result = evaluation.accuracy(y_true, y_pred, confidence=confidence)
    expected = stats.binomtest(correct, n).proportion_ci(confidence, method="wilson")
    assert (result.correct, result.n, result.value) == (correct, n, metrics.accuracy_score(y_true, y_pred))
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_accuracy_prints_itself():
    text = str(evaluation.accuracy(np.zeros(1000, int), np.r_[np.zeros(990, int), np.ones(10, int)]))
    assert text == "99.00 % (95 % interval 98.17 … 99.46 %, 10 wrong of 1000)"


@pytest.mark.parametrize(
    ("wrong", "confidence", "start", "end"),
    [
        (1, 0.95, "99.997 % (95 % interval", ", 1 wrong of 30000)"),
        (29999, 0.9, "0.003 % (90 % interval", ", 29999 wrong of 30000)"),
        (0, 0.999, "100.00 % (99.9 % interval", "100.00 %, 0 wrong of 30000)"),
        (0, 0.9999999999999999, "100.00 % (99.99999999999999 % interval", ", 0 wrong of 30000)"),
    ],
)
def test_what_is_printed_is_not_rounded_to_all_or_none(wrong, confidence, start, end):
    y_true = np.zeros(30_000, int)
    text = str(evaluation.accuracy(y_true, (np.arange(30_000) < wrong).astype(int), confidence=confidence))
    assert text.startswith(start)
    assert text.endswith(end)


def test_confusion_matrix_counts_true_by_row():
    y_true, y_pred = [0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 0, 2]
    np.testing.assert_array_equal(evaluation.confusion_matrix(y_true, y_pred), [[1, 1, 0], [0, 1, 0], [1, 0, 2]])
    assert evaluation.confusion_matrix(y_true, y_pred, classes=5).shape == (5, 5)


def test_report_names_every_class_even_those_not_met():
    text = evaluation.report([0, 1, 1], [0, 1, 0], class_names=("cat", "dog", "fish"))
    assert "fish" in text
    assert "0.5000" in text


@given(st.integers(0, 99))
def test_softmax_equals_scipy_also_for_huge_logits(seed):
    logits = np.random.default_rng(seed).normal(size=(4, 3)) * 2000
    np.testing.assert_allclose(evaluation.softmax(logits), special.softmax(logits, axis=1), atol=1e-12)


def test_confident_mistakes_come_worst_first():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.05, 0.95]])
    assert evaluation.confident_mistakes([1, 0, 0, 0], probabilities).tolist() == [3, 0, 2]
    assert evaluation.confident_mistakes([1, 0, 0, 0], probabilities, n=1).tolist() == [3]
    assert evaluation.confident_mistakes([0, 0, 1, 1], probabilities).size == 0


def test_one_column_is_the_probability_of_class_1():
    sigmoid = np.array([[0.9], [0.2], [0.6], [0.01]])
    both = np.hstack([1 - sigmoid, sigmoid])
    for y_true in ([1, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 1]):
        expected = evaluation.confident_mistakes(y_true, both)
        np.testing.assert_array_equal(evaluation.confident_mistakes(y_true, sigmoid), expected)
    assert evaluation.confident_mistakes([0, 0, 0, 1], sigmoid).tolist() == [3, 0, 2]
    assert evaluation.confident_mistakes([1, 0, 1, 0], sigmoid).size == 0


def test_half_precision_is_no_mistake():
    logits = np.random.default_rng(0).normal(size=(50, 1000)) * 5
    half = evaluation.softmax(logits).astype(np.float16)
    y_true = (logits.argmax(axis=1) + 1) % 1000
    assert len(evaluation.confident_mistakes(y_true, half, n=50)) == 50


LOGITS = np.array([[3.0, -1.0], [0.2, 0.5]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evaluation.accuracy([0, 1], [[0.1, 0.9], [0.8, 0.2]]), "take argmax"),
        (lambda: evaluation.accuracy([0, 1], [[0.1], [0.8]]), r"a single column: take y_pred\[:, 0\] > 0.5"),
        (lambda: evaluation.accuracy([0, 1], np.array([[0], [1]])), "a single column"),
        (lambda: evaluation.accuracy([[0], [1]], [0, 1]), r"y_true has shape \(2, 1\).*take y_true\[:, 0\]"),
        (lambda: evaluation.accuracy(np.eye(2, dtype=int), [0, 1]), "argmax.* of one-hot rows"),
        (lambda: evaluation.accuracy([], []), r"y_true has shape \(0,\)"),
        (lambda: evaluation.accuracy([0, 1], [0]), r"y_pred \(1,\)"),
        (lambda: evaluation.accuracy([0, 1], [0.2, 0.9]), "y_pred has dtype float64; expected whole class numbers"),
        (lambda: evaluation.accuracy([0, 1], [np.nan, 1]), "y_pred has dtype float64; expected whole class numbers"),
        (lambda: evaluation.accuracy([0, 1], [False, True]), "y_pred has dtype bool; expected whole class numbers"),
        (lambda: evaluation.accuracy([0, -1], [0, 1]), "y_true holds the label -1"),
        (lambda: evaluation.accuracy(None, [0]), "y_true=None: expected"),
        (lambda: evaluation.accuracy("01", "01"), "y_true='01': expected"),
        (lambda: evaluation.accuracy([[0], [0, 1]], [0, 1]), "all rows of one length"),
        (lambda: evaluation.accuracy([0], [0], confidence=95), "confidence=95"),
        (lambda: evaluation.accuracy([0], [0], confidence=0), "confidence=0"),
        (lambda: evaluation.accuracy([0], [0], confidence="95 %"), "confidence='95 %': a finite number"),
        (lambda: evaluation.accuracy([0], [0], confidence=np.nan), "confidence="),
        (lambda: evaluation.confusion_matrix([0, 3], [0, 1], classes=3), "y_true holds the label 3; .*0 to 2"),
        (lambda: evaluation.confusion_matrix([0, 1], [0, 4], classes=3), "y_pred holds the label 4"),
        (lambda: evaluation.confusion_matrix([0, 1], [0, 1], classes=2.0), "classes=2.0: a whole number"),
        (lambda: evaluation.confusion_matrix([0, 1], [0, 1], classes=0), "classes=0"),
        (lambda: evaluation.confusion_matrix([0, 10**9], [0, 1]), "the number of classes=1000000001"),
        (lambda: evaluation.report([0, 3], [0, 1], class_names=("a", "b")), "y_true holds the label 3"),
        (lambda: evaluation.report([0, 1], [0, 1], class_names=[3, 8]), r"class_names\[0\]=3: give a text"),
        (lambda: evaluation.report([0, 1], [0, 1], class_names="ab"), "class_names='ab': give a list"),
        (lambda: evaluation.report([0, 1], [0, 1], class_names=None), "class_names=None"),
        (lambda: evaluation.report([0, 1], [0, 1], class_names=[]), "class_names has 0 entries"),
        (lambda: evaluation.confident_mistakes([0], np.array([0.5])), r"expected \(examples, classes\)"),
        (lambda: evaluation.confident_mistakes([0, 1], LOGITS), "probabilities hold -1.0; .*evaluation.softmax"),
        (lambda: evaluation.confident_mistakes([0, 1], LOGITS[:, :1]), "probabilities hold 3.0"),
        (lambda: evaluation.confident_mistakes([0], [[0.5, 0.2]]), "have the sum 0.7; expected 1"),
        (lambda: evaluation.confident_mistakes([0], [[np.nan, 0.2]]), "1 of 2 entries that are NaN or infinite"),
        (lambda: evaluation.confident_mistakes([2, 0], [[0.5, 0.5], [1, 0]]), "y_true holds the label 2"),
        (lambda: evaluation.confident_mistakes([2], [[0.5]]), "y_true holds the label 2; .*0 to 1"),
        (lambda: evaluation.confident_mistakes([0, 1], [[0.5, 0.5]]), r"y_true has shape \(2,\)"),
        (lambda: evaluation.confident_mistakes([0], [[0.5, 0.5]], n=-1), "n=-1: a whole number, at least 0"),
        (lambda: evaluation.confident_mistakes([0], [[0.5, 0.5]], n=1.5), "n=1.5"),
        (lambda: evaluation.confident_mistakes([0], None), "probabilities=None"),
        (lambda: evaluation.confident_mistakes([], np.zeros((0, 2))), "holds nothing"),
        (lambda: evaluation.benchmark_results(3), "name=3: give a non-empty text"),
        (lambda: evaluation.softmax(np.zeros(3)), r"expected \(examples, classes\)"),
        (lambda: evaluation.softmax(np.zeros((3, 1))), "the softmax of a single number is 1"),
        (lambda: evaluation.softmax([[0, np.inf]]), "NaN or infinite"),
        (lambda: evaluation.softmax([["a", "b"]]), "expected .*real numbers"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_benchmark_results_are_read_from_the_package():
    race = evaluation.benchmark_results("mnist_race")
    assert race.keys() >= {"date", "machine", "summary", "runs"}
    with pytest.raises(FileNotFoundError, match=r"no benchmark results are called 'mnist'; there are .*mnist_race"):
        evaluation.benchmark_results("mnist")
    with pytest.raises(FileNotFoundError) as error:
        evaluation.benchmark_results("é")
    assert str(error.value).isascii()
