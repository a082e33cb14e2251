"""Figures of the MNIST lesson: the race between recipes, and the learning rate."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils.plotting.style import MARKERS, WIDTH, as_shares, drawing_area, log_labels


def race(recipes: Mapping[str, tuple[Sequence[float], Sequence[Sequence[float]]]], *, ax: Axes | None = None) -> Axes:
    """Draw test error against computing time, one curve a recipe, mean and range over seeds, both axes logarithmic.

    Parameters
    ----------
    recipes : mapping of str to (times, accuracies)
        For each recipe the computing time of its points, in units of the label below, and for each point the
        accuracies of all seeds as shares, shape (points, seeds).
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a recipe has not as many points as times.
    """
    ax = drawing_area(ax, (WIDTH, 3.6))
    for number, (name, (times, accuracies)) in enumerate(recipes.items()):
        errors = 100 * (1 - as_shares(accuracies, f"recipes[{name!a}]", shape=("points", "seeds")))
        if len(errors) != len(times):
            raise ValueError(
                f"recipes[{name!a}]: {len(times)} times, accuracies of shape {errors.shape}; expected (points, seeds)"
            )
        ax.fill_between(times, errors.min(axis=1), errors.max(axis=1), color=f"C{number}", alpha=0.2, linewidth=0)
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(times, errors.mean(axis=1), color=f"C{number}", marker=marker, markersize=5, label=name)
    ax.set(xscale="log", yscale="log", ylabel="test error (%)")
    ax.set_xlabel("computing time (epochs of the classic network)")
    for axis, labelled in ((ax.xaxis, "235"), (ax.yaxis, "234568")):
        log_labels(axis, labelled)
    ax.grid(True, which="both")
    ax.legend()
    return ax


def learning_rate(rates: Sequence[float], *, ax: Axes | None = None) -> Axes:
    """Draw the learning rate of each step.

    Parameters
    ----------
    rates : sequence of float
        Learning rate of step 0, 1, …
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = drawing_area(ax, (WIDTH, 2.4))
    ax.plot(rates, linewidth=2)
    ax.set(xlabel="step (batch)", ylabel="learning rate", ylim=(0, None), xlim=(0, len(rates) - 1))
    ax.grid(True, axis="y")
    return ax


def confidence_histograms(confidence: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Draw how confident right and wrong answers are, one histogram above the other, each on a scale of its own.

    Parameters
    ----------
    confidence : numpy.ndarray
        Probability of each answer, 0 … 1, shape (N,).
    right : numpy.ndarray of bool
        Whether it was right, shape (N,).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,).

    Raises
    ------
    ValueError
        If the shapes differ or a confidence is no probability.
    """
    confidence, right = np.asarray(confidence, float), np.asarray(right, bool)
    if confidence.ndim != 1 or confidence.shape != right.shape:
        raise ValueError(f"confidence {confidence.shape}, right {right.shape}: expected one shape (N,)")
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise ValueError("a confidence lies outside 0 … 1, or is not a number")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 3.2), sharex=True)
    for number, (ax, name, mask) in enumerate(zip(axes, ("right", "wrong"), (right, ~right), strict=True)):
        ax.hist(confidence[mask], bins=np.linspace(0, 1, 41), color=f"C{number}")
        ax.set(title=f"{mask.sum()} {name} answers", ylabel="pictures", xlim=(0, 1))
    axes[-1].set_xlabel("confidence")
    return axes
