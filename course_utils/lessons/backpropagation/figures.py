"""Gradients under test: the error of differences against their step, and training seen batch by batch."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_count, as_finite, as_floats, as_list, as_number
from course_utils.plotting.style import (
    INK,
    MARKERS,
    SMALLEST,
    WIDTH,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    log_labels,
)


def difference_errors(
    steps: Sequence[float],
    errors: Mapping[str, Sequence[float]],
    *,
    tolerance: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the relative error of difference quotients against their step, both axes logarithmic.

    Parameters
    ----------
    steps : sequence of float
        h, greater than 0.
    errors : mapping of str to sequence of float
        For each way to take differences, one relative error a step. Zeros are left out.
    tolerance : float, optional
        Error that still passes, drawn as a thin line with its value.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many errors as steps, a step is not above 0, or an error is below 0.
    """
    steps = as_positive(steps, "steps")
    errors = as_named(errors, "errors", as_finite, shape=steps.shape, least=0)
    tolerance = None if tolerance is None else as_number(tolerance, "tolerance", above=0)
    ax = drawing_area(ax, (WIDTH, 3.8))
    for number, (name, values) in enumerate(errors.items()):
        values = np.where(values > 0, values, np.nan)
        ax.plot(steps, values, marker=MARKERS[number % len(MARKERS)], markersize=4, label=name)
    if tolerance is not None:
        ax.axhline(tolerance, color=INK, linewidth=0.8, linestyle="-", zorder=0)
        label = f"{tolerance:.0e}".replace("e-0", "e-")
        where = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "fontsize": SMALLEST}
        ax.annotate(label, (1, tolerance), (0, 3), ha="right", va="bottom", **where)
    ax.set(xscale="log", yscale="log", xlabel="step h", ylabel="relative error of the gradient")
    ax.grid(True, which="major")
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1), ncols=min(len(errors), 3), columnspacing=1)
    return ax


def training_curves(
    runs: Mapping[str, tuple[Sequence[float], Sequence[int], Sequence[float]]], *, window: int = 25
) -> np.ndarray:
    """Draw loss and, below it, held-out error of trainings against the step, the error on a logarithmic axis.

    Parameters
    ----------
    runs : mapping of str to (losses, steps, accuracies)
        For each training the loss of every batch, and the accuracies, as shares, after some of the steps.
    window : int
        Batches over which the thick line of the loss averages; the losses themselves are drawn faintly if there is one run.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,): loss, error.

    Raises
    ------
    ValueError
        If a run has no loss, or not as many accuracies as steps.
    """
    runs, window = as_named(runs, "runs", _run), as_count(window, "window")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.8), sharex=True)
    for number, (name, (losses, steps, accuracies)) in enumerate(runs.items()):
        width = min(window, len(losses))
        if len(runs) == 1:
            axes[0].plot(np.arange(1, len(losses) + 1), losses, color="0.75", linewidth=0.6, linestyle="-")
        smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
        axes[0].plot(np.arange(width, len(losses) + 1), smooth, color=f"C{number}", linewidth=2)
        errors = 100 * (1 - accuracies)
        axes[1].plot(steps, errors, color=f"C{number}", marker=MARKERS[number % len(MARKERS)], markersize=4, label=name)
    axes[0].set(ylabel="loss", ylim=(0, None))
    axes[1].set(xlabel="step (batch)", ylabel="error on\nheld-out digits (%)", yscale="log")
    log_labels(axes[1].yaxis, "235")
    for ax in axes:
        ax.grid(True, which="both", axis="y")
    if len(runs) > 1:
        axes[1].legend(loc="upper right")
    return axes


def _run(run, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Losses, steps and accuracies of a training."""
    losses, steps, accuracies = as_list(run, name, count=3, meaning="sequence: losses, steps, accuracies")
    losses = as_floats(losses, f"{name}[0]", shape=("N",), filled=True)
    steps = as_finite(steps, f"{name}[1]", shape=("N",))
    return losses, steps, as_shares(accuracies, f"{name}[2]", shape=steps.shape)
