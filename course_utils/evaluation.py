"""How good is a classifier, and how sure can we be? Metrics and reports, with scikit-learn underneath."""

import json
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from statistics import NormalDist

import numpy as np
from sklearn import metrics

from course_utils._arguments import as_array, as_count, as_finite, as_labels, as_list, as_names, as_number, as_text

MOST_CLASSES = 10_000  # rows of a confusion matrix
PRECISION = 5e-3  # how far sums of probabilities of half precision may be from 1


@dataclass(frozen=True)
class Accuracy:
    """An accuracy measured on n examples, with its confidence interval; prints as percentages.

    Parameters
    ----------
    correct, n : int
        Right answers, and examples.
    low, high : float
        Ends of the interval, as shares.
    confidence : float
        How often such an interval contains the true accuracy.
    """

    correct: int
    n: int
    low: float
    high: float
    confidence: float

    @property
    def value(self) -> float:
        """Share of right answers, 0 … 1."""
        return self.correct / self.n

    def __str__(self):
        # As many digits as tell some mistakes from none, and some right answers from none.
        digits = next((n for n in range(2, 15) if 0 < float(f"{100 * self.value:.{n}f}") < 100), 2)
        value, low, high = (f"{100 * share:.{digits}f}" for share in (self.value, self.low, self.high))
        confidence = f"{(100 * Decimal(str(self.confidence))).normalize():f}"
        wrong = f"{self.n - self.correct} wrong of {self.n}"
        return f"{value} % ({confidence} % interval {low} … {high} %, {wrong})"


def _labels(y_true, y_pred, classes: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of class numbers of one length, or a ValueError that says what came instead."""
    y_true, y_pred = as_array(y_true, "y_true"), as_array(y_pred, "y_pred")
    if y_true.ndim != 1 or y_true.shape != y_pred.shape or not len(y_true):
        hint = ""
        if y_pred.ndim == 2:
            hint = " (take argmax(axis=-1) of logits or probabilities first)"
            if y_pred.shape[1] == 1:  # argmax of one column is 0 whatever it holds.
                hint = " (a single column: take y_pred[:, 0] > 0.5 of probabilities, > 0 of logits, then astype(int))"
        elif y_true.ndim == 2:
            hint = " (take y_true[:, 0])" if y_true.shape[1] == 1 else " (take argmax(axis=-1) of one-hot rows first)"
        raise ValueError(
            f"y_true has shape {y_true.shape} and y_pred {y_pred.shape}; expected (N,) class numbers for both{hint}"
        )
    for name, labels in (("y_true", y_true), ("y_pred", y_pred)):
        if labels.dtype.kind not in "iu":
            raise ValueError(f"{name} has dtype {labels.dtype}; expected whole class numbers")
        as_labels(labels, name, classes=classes)
    return y_true, y_pred


def accuracy(y_true, y_pred, *, confidence: float = 0.95) -> Accuracy:
    r"""Share of right answers, with Wilson's confidence interval for a proportion.

    .. math:: \frac{\hat p + \frac{z^2}{2n} \pm z\sqrt{\frac{\hat p(1 - \hat p)}{n} + \frac{z^2}{4n^2}}}{1 + z^2/n}

    Parameters
    ----------
    y_true, y_pred : array_like of int
        Class numbers, shape (N,).
    confidence : float
        Between 0 and 1; it fixes z, 1.96 for 0.95.

    Returns
    -------
    Accuracy
        The interval accounts for the choice of test examples, not for the randomness of training.

    Raises
    ------
    ValueError
        If the arrays do not match or are no class numbers, or ``confidence`` is out of range.

    References
    ----------
    Wilson, *Probable inference, the law of succession, and statistical inference*, 1927.
    """
    y_true, y_pred = _labels(y_true, y_pred)
    confidence = as_number(confidence, "confidence", above=0, below=1)
    n, correct = len(y_true), int((y_true == y_pred).sum())
    p, z = correct / n, -NormalDist().inv_cdf((1 - confidence) / 2)  # 1 + confidence may round to 2
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return Accuracy(correct, n, max(0.0, float(centre - half)), min(1.0, float(centre + half)), confidence)


def confusion_matrix(y_true, y_pred, *, classes: int | None = None) -> np.ndarray:
    """Counts of examples by true class (row) and predicted class (column).

    Parameters
    ----------
    y_true, y_pred : array_like of int
        Class numbers, shape (N,).
    classes : int, optional
        Number of classes K; one more than the largest number met unless given.

    Returns
    -------
    numpy.ndarray
        int64, shape (K, K).

    Raises
    ------
    ValueError
        If the arrays do not match or hold a number outside 0 … K − 1.
    """
    classes = None if classes is None else as_count(classes, "classes", most=MOST_CLASSES)
    y_true, y_pred = _labels(y_true, y_pred, classes)
    if classes is None:
        classes = as_count(int(max(y_true.max(), y_pred.max())) + 1, "the number of classes", most=MOST_CLASSES)
    return metrics.confusion_matrix(y_true, y_pred, labels=np.arange(classes))


def report(y_true, y_pred, *, class_names) -> str:
    """Precision, recall and F1 of each class, and their averages, as a table in plain text.

    Parameters
    ----------
    y_true, y_pred : array_like of int
        Class numbers, shape (N,).
    class_names : sequence of str
        Name of class 0, 1, …

    Returns
    -------
    str
        scikit-learn's table with four digits.

    Raises
    ------
    ValueError
        If the arrays do not match or hold a number without a name.
    """
    names = as_names(as_list(class_names, "class_names"), "class_names")
    y_true, y_pred = _labels(y_true, y_pred, len(names))
    return metrics.classification_report(
        y_true, y_pred, labels=range(len(names)), target_names=names, digits=4, zero_division=0
    )


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities from logits, shape (N, K) with K ≥ 2, computed so that large logits do not overflow.

    Raises
    ------
    ValueError
        If ``logits`` has other axes, fewer than two classes, or entries that are not finite.
    """
    logits = as_finite(logits, "logits", shape=("examples", "classes")).astype(float)
    if logits.shape[1] < 2:
        raise ValueError(
            f"logits have shape {logits.shape}; the softmax of a single number is 1 whatever it is: expected two classes "
            "or more (for one column z, class 1 has the probability 1 / (1 + exp(-z)))"
        )
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def confident_mistakes(y_true, probabilities: np.ndarray, n: int = 10) -> np.ndarray:
    """Indices of wrongly classified examples, the most confident mistake first.

    Parameters
    ----------
    y_true : array_like of int
        Class numbers, shape (N,), each below K.
    probabilities : numpy.ndarray
        Shape (N, K), each row with the sum 1; or (N, 1), a sigmoid's, for class 1 of two.
    n : int
        How many at most.

    Returns
    -------
    numpy.ndarray
        int64, shape (min(n, mistakes),).

    Raises
    ------
    ValueError
        If the arrays do not match, or hold no probabilities, such as logits or NaN.
    """
    probabilities, n = _probabilities(probabilities), as_count(n, "n", least=0)
    y_true, y_pred = _labels(y_true, probabilities.argmax(axis=1), probabilities.shape[1])
    wrong = np.flatnonzero(y_true != y_pred)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:n]


def _probabilities(values) -> np.ndarray:
    """Probabilities of two or more classes, shape (N, K); a single column is that of class 1."""
    values = as_finite(values, "probabilities", shape=("examples", "classes"), filled=True)
    if values.min() < 0 or values.max() > 1 + PRECISION:
        wrong = values.min() if values.min() < 0 else values.max()
        raise ValueError(
            f"probabilities hold {wrong.item()!r}; they lie between 0 and 1 (of logits, take evaluation.softmax first)"
        )
    if values.shape[1] == 1:
        return np.concatenate([1 - values, values], axis=1)
    sums = values.sum(axis=1, dtype=np.float64)
    if np.abs(sums - 1).max() > PRECISION:
        wrong = sums[np.abs(sums - 1).argmax()].item()
        raise ValueError(
            f"the probabilities of an example have the sum {wrong!r}; expected 1 (of logits, take evaluation.softmax first)"
        )
    return values


def benchmark_results(name: str) -> dict:
    """Figures that a script of ``benchmarks/`` saved: what takes too long for a lesson.

    Parameters
    ----------
    name : str
        Name of the script, such as "mnist_race".

    Returns
    -------
    dict
        The content of ``benchmarks/results/<name>.json``, with the date and the machine of the run.

    Raises
    ------
    FileNotFoundError
        If there are no results of that name; the message lists those there are.
    """
    folder = resources.files("course_utils.results")
    known = sorted(file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json"))
    if as_text(name, "name") not in known:
        raise FileNotFoundError(f"no benchmark results are called {name!a}; there are {', '.join(known) or 'none yet'}")
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
