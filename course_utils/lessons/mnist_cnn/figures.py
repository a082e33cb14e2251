"""Figures of the MNIST lesson: the race between recipes, and how sure the answers are."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_array, as_list
from course_utils.plotting.style import MARKERS, WIDTH, as_named, as_positive, as_shares, drawing_area, log_labels


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
        If a recipe has not as many points as times, or a time is not above 0.
    """
    recipes = as_named(recipes, "recipes", _recipe)
    ax = drawing_area(ax, (WIDTH, 3.6))
    for number, (name, (times, accuracies)) in enumerate(recipes.items()):
        errors = 100 * (1 - accuracies)
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


def _recipe(recipe, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Times and accuracies of a recipe."""
    times, accuracies = as_list(recipe, name, count=2, meaning="sequence: times, accuracies")
    times = as_positive(times, f"{name}[0]")
    return times, as_shares(accuracies, f"{name}[1]", shape=(len(times), "seeds"))


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
    confidence = as_shares(confidence, "confidence")
    right = as_array(right, "right", shape=confidence.shape, kinds="b")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 3.2), sharex=True)
    for number, (ax, name, mask) in enumerate(zip(axes, ("right", "wrong"), (right, ~right), strict=True)):
        ax.hist(confidence[mask], bins=np.linspace(0, 1, 41), color=f"C{number}")
        ax.set(title=f"{mask.sum()} {name} answers", ylabel="pictures", xlim=(0, 1))
    axes[-1].set_xlabel("confidence")
    return axes
