"""Figures of the lesson on classification metrics: precision, coverage of intervals, confidence of right and wrong answers."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_array, as_list, as_share
from course_utils.plotting.style import INK, SMALLEST, WIDTH, as_named, as_positive, as_shares, drawing_area, log_labels


def precision_by_prevalence(
    shares: Sequence[float],
    precision: Sequence[float],
    measured: Mapping[str, tuple[float, float]],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw precision against the share of positives, logarithmic: a line for a formula, a ring for each measurement.

    Parameters
    ----------
    shares : sequence of float
        Shares of positives, above 0.
    precision : sequence of float
        What the formula gives for each of them, as shares.
    measured : mapping of str to (float, float)
        For each name, written beside its ring, a share of positives and the precision found there.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a share is not above 0, one is above 1, or there are not as many precisions as shares.
    """
    shares = as_shares(as_positive(shares, "shares"), "shares")
    precision = as_shares(precision, "precision", shape=(len(shares),))
    measured = as_named(measured, "measured", _point)
    ax = drawing_area(ax, (WIDTH, 3.0))
    ax.plot(100 * shares, 100 * precision, color="C0", linewidth=2)
    for name, (share, value) in measured.items():
        ax.plot(100 * share, 100 * value, "o", color="C1", markersize=7)
        ax.annotate(name, (100 * share, 100 * value), (8, -4), textcoords="offset points", va="top", fontsize=SMALLEST)
    ax.set(xscale="log", ylim=(0, 100), xlabel="share of positives (%)", ylabel="precision (%)")
    log_labels(ax.xaxis, "25")
    ax.grid(True)
    return ax


def _point(pair, name: str) -> np.ndarray:
    """A share above 0, and a share."""
    share, value = as_list(pair, name, count=2, meaning="number: share of positives, precision")
    point = [as_share(share, name, closed=True), as_share(value, name, closed=True)]
    as_positive(point[:1], name)
    return np.array(point)


def coverage(accuracies: Sequence[float], covered: Mapping[str, Sequence[float]], *, ax: Axes | None = None) -> Axes:
    """Draw how often intervals contain the true accuracy, one line a kind of interval, and the 95 % that they promise.

    Parameters
    ----------
    accuracies : sequence of float
        True accuracies, as shares.
    covered : mapping of str to sequence of float
        For each kind of interval the share of test sets whose interval contains the true accuracy, one for each accuracy.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If something is no share, or a line has not as many points as there are accuracies.
    """
    accuracies = as_shares(accuracies, "accuracies")
    covered = as_named(covered, "covered", as_shares, shape=(len(accuracies),))
    ax = drawing_area(ax, (WIDTH, 3.0))
    for number, (name, shares) in enumerate(covered.items()):
        ax.plot(100 * accuracies, 100 * shares, color=f"C{number}", linewidth=2, label=name)
    ax.axhline(95, color=INK, linestyle=":", linewidth=1.2)
    ax.text(100 * accuracies.min(), 88, "dotted: promised, 95 %", va="top", fontsize=SMALLEST)
    ax.set(ylim=(0, 105), xlabel="true accuracy (%)", ylabel="intervals that contain it (%)")
    ax.set_yticks(range(0, 101, 20))
    ax.grid(True)
    ax.legend(loc="lower left")
    return ax


def confidence_of_answers(panels: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Draw how confident right and wrong answers are, a panel each: what share of either falls into steps of 5 points.

    Parameters
    ----------
    panels : mapping of str to (numpy.ndarray, numpy.ndarray)
        For each panel the confidence of each answer, as shares of shape (N,), and whether it was right, bool of shape (N,).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a panel.

    Raises
    ------
    ValueError
        If the shapes differ, a confidence is no probability, or a panel has no right or no wrong answer.
    """
    panels = as_named(panels, "panels", _answers)
    figure, axes = plt.subplots(
        len(panels), 1, figsize=(WIDTH, 2.0 * len(panels) + 0.5), sharex=True, sharey=True, squeeze=False
    )
    bins = np.linspace(0, 1, 21)
    for ax, (title, (confidence, right)) in zip(axes[:, 0], panels.items(), strict=True):
        for number, (name, mask) in enumerate((("right", right), ("wrong", ~right))):
            share = 100 * np.histogram(confidence[mask], bins)[0] / mask.sum()
            look = {"color": f"C{number}", "linestyle": ("-", "--")[number], "linewidth": 2}
            ax.stairs(share, 100 * bins, label=f"{name} answers", **look)
        ax.set(title=f"{title}: {right.sum()} right, {(~right).sum()} wrong", xlim=(0, 100))
        ax.grid(True)
    axes[-1, 0].set_xlabel("confidence (%)")
    figure.supylabel("share of right or wrong answers (%)", fontsize=10)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return axes[:, 0]


def _answers(pair, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Confidence of each answer, and whether it was right; some of both."""
    confidence, right = as_list(pair, name, count=2, meaning="array: confidence, right")
    confidence = as_shares(confidence, f"{name}[0]")
    right = as_array(right, f"{name}[1]", shape=confidence.shape, kinds="b")
    if right.all() or not right.any():
        raise ValueError(f"{name} has no {'wrong' if right.all() else 'right'} answer; expected some of both")
    return confidence, right
