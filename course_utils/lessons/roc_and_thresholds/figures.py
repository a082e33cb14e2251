"""Figures of the lesson on ROC curves and thresholds."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_count, as_finite, as_labels, as_list, as_names, as_number
from course_utils.plotting.style import HIGHLIGHT, INK, MARKERS, WIDTH, as_alike, as_named, as_shares, drawing_area

Curve = tuple[Sequence[float], Sequence[float]]


def _curve(value, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of shares of one length."""
    across, up = as_list(value, name, count=2, meaning="array: what is drawn across, and up")
    across = as_shares(across, f"{name}[0]")
    return across, as_shares(up, f"{name}[1]", shape=across.shape)


def staircase(fpr: np.ndarray, tpr: np.ndarray, negatives: int, positives: int, *, ax: Axes | None = None) -> Axes:
    """Draw the ROC curve of a few examples with a box for each pair of a negative and a positive.

    Parameters
    ----------
    fpr, tpr : numpy.ndarray
        False and true positive rate at each threshold, from (0, 0) to (1, 1), shape (N,).
    negatives, positives : int
        How many there are of each, at most 20: columns and rows of boxes.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the rates are no shares of one length, or there are too many boxes.
    """
    fpr, tpr = _curve((fpr, tpr), "(fpr, tpr)")
    negatives, positives = as_count(negatives, "negatives", most=20), as_count(positives, "positives", most=20)
    ax = drawing_area(ax, (WIDTH, 3.4))
    for column in range(negatives + 1):
        ax.axvline(column / negatives, color=INK, linestyle=":", linewidth=0.8)
    for row in range(positives + 1):
        ax.axhline(row / positives, color=INK, linestyle=":", linewidth=0.8)
    ax.fill_between(fpr, tpr, color="C0", alpha=0.15, linewidth=0)
    ax.plot(fpr, tpr, color="C0", linestyle="-", marker="o", linewidth=2, clip_on=False)
    ax.set(xlabel="false positive rate", ylabel="true positive rate", xlim=(0, 1), ylim=(0, 1))
    return ax


def score_histograms(scores: np.ndarray, y: np.ndarray, threshold: float, names: Sequence[str]) -> np.ndarray:
    """Draw the scores of negatives and of positives, one histogram above the other, and a threshold through both.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (N,).
    y : numpy.ndarray of int
        0 for a negative, 1 for a positive, shape (N,).
    threshold : float
        Where the positive answers begin.
    names : sequence of str
        What negatives and positives are called.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,).

    Raises
    ------
    ValueError
        If the shapes differ, or a label is neither 0 nor 1.
    """
    scores = as_finite(scores, "scores", shape=("N",), filled=True)
    y = as_labels(y, "y", classes=2, shape=scores.shape)
    threshold = as_number(threshold, "threshold")
    names = as_names(as_list(names, "names", count=2, meaning="name"), "names")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 3.4), sharex=True, sharey=True)
    bins = np.linspace(scores.min(), scores.max() + 1e-9, 41)
    for label, ax in enumerate(axes):
        ax.hist(scores[y == label], bins=bins, color=f"C{label}")
        ax.axvline(threshold, color=INK, linestyle="--", linewidth=1)
        ax.set(title=names[label], ylabel="digits")
    axes[-1].set_xlabel("score")
    return axes


def roc_and_precision(rocs: Mapping[str, Curve], precisions: Mapping[str, Curve]) -> np.ndarray:
    """Draw ROC curves, and below them precision against recall.

    Parameters
    ----------
    rocs : mapping of str to (fpr, tpr)
        Both as shares.
    precisions : mapping of str to (recall, precision)
        Both as shares.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,).

    Raises
    ------
    ValueError
        If a curve is not made of two arrays of shares of one length.
    """
    rocs, precisions = as_named(rocs, "rocs", _curve), as_named(precisions, "precisions", _curve)
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 5.8))
    for ax, curves, place in zip(axes, (rocs, precisions), ("lower right", "lower left"), strict=True):
        for number, (name, (across, up)) in enumerate(curves.items()):
            ax.plot(across, up, color=f"C{number}", linewidth=3.5 - 1.5 * number if number < 2 else 1.5, label=name)
        ax.set(xlim=(0, 1), ylim=(0, 1.02))
        ax.grid(True)
        ax.legend(loc=place)
    axes[0].set(xlabel="false positive rate", ylabel="true positive rate")
    axes[1].set(xlabel="recall (true positive rate)", ylabel="precision")
    return axes


def cost_curves(
    thresholds: np.ndarray, costs: Mapping[str, np.ndarray], chosen: float, *, ax: Axes | None = None
) -> Axes:
    """Draw the cost of a decision against the threshold, a curve for each set of digits, and the threshold chosen.

    Parameters
    ----------
    thresholds : numpy.ndarray
        Shape (N,).
    costs : mapping of str to numpy.ndarray
        The cost at each threshold, 0 or more, shape (N,).
    chosen : float
        The threshold that is marked.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes differ, or a cost is below 0.
    """
    thresholds = as_finite(thresholds, "thresholds", shape=("N",), filled=True)
    costs = as_alike(costs, "costs", as_finite, shape=thresholds.shape, least=0)
    chosen = as_number(chosen, "chosen")
    ax = drawing_area(ax, (WIDTH, 3.0))
    for number, (name, cost) in enumerate(costs.items()):
        ax.plot(thresholds, cost, color=f"C{number}", label=name)
    ax.axvline(chosen, color=INK, linestyle=":", linewidth=1.5, label="chosen")
    ax.set(xlabel="threshold", ylabel="cost for each person", ylim=(0, None))
    ax.grid(True)
    ax.legend()
    return ax


def auc_by_class(aucs: Sequence[float], names: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Draw the AUC of each class against the rest, and the line of chance.

    Parameters
    ----------
    aucs : sequence of float
        One for each class, 0 … 1.
    names : sequence of str
        The classes.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many names, or an AUC is no share.
    """
    aucs = as_shares(aucs, "aucs")
    names = as_names(as_list(names, "names", count=len(aucs), meaning="class"), "names")
    ax = drawing_area(ax, (WIDTH, 2.8))
    places = np.arange(len(aucs))
    ax.vlines(places, 0.5, aucs, color="C0", linewidth=1.5)
    ax.plot(places, aucs, color="C0", linestyle="", marker="o")
    ax.axhline(0.5, color=INK, linestyle="--", linewidth=1)
    ax.text(len(aucs) - 0.5, 0.49, "chance", ha="right", va="top", fontsize=9)
    ax.set(xlabel="class", ylabel="AUC against the rest", xlim=(-0.6, len(aucs) - 0.4))
    ax.set_ylim(min(0.42, aucs.min() - 0.05), 1.02)
    ax.set_xticks(places, names)
    return ax


def reliability(panels: Mapping[str, Mapping[str, Curve]]) -> np.ndarray:
    """Draw the share of right answers against the confidence, one panel above the other, with the line of equality.

    Parameters
    ----------
    panels : mapping of str to mapping of str to (confidence, accuracy)
        For each panel, by name, the mean confidence and the share of right answers in each bin.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (panels,).

    Raises
    ------
    ValueError
        If a curve is not made of two arrays of shares of one length.
    """
    panels = as_named(panels, "panels", lambda panel, name: as_named(panel, name, _curve))
    _, axes = plt.subplots(len(panels), 1, figsize=(WIDTH, 2.9 * len(panels)), squeeze=False, sharex=True)
    for ax, (title, curves) in zip(axes[:, 0], panels.items(), strict=True):
        ax.plot([0, 1], [0, 1], color=HIGHLIGHT, linestyle="-", linewidth=1, label="calibrated")
        for number, (name, (confidence, accuracy)) in enumerate(curves.items()):
            marker = MARKERS[number % len(MARKERS)]
            ax.plot(confidence, accuracy, color=f"C{number}", marker=marker, markersize=5, label=name)
        ax.set(title=title, ylabel="share right", xlim=(0, 1.02), ylim=(0, 1.02))
        ax.grid(True)
        ax.legend(loc="upper left")
    axes[-1, 0].set_xlabel("confidence")
    return axes[:, 0]
