"""Figures of the lesson on optimisers: paths on a loss, accuracy by rate, range tests, schedules, loss curves."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_callable, as_finite, as_list
from course_utils.plotting.style import (
    GRID,
    INK,
    MARKERS,
    WIDTH,
    as_alike,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    log_labels,
)

_LINES = 12  # contour lines of a loss


def trajectories(loss: Callable[[np.ndarray], np.ndarray], paths: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw the path of each optimiser over the contour lines of a loss of two weights, one panel each.

    Parameters
    ----------
    loss : callable
        Takes weights of shape (…, 2) and returns losses of shape (…).
    paths : mapping of str to numpy.ndarray
        Places w₁, w₂ of each optimiser, the start first, shape (steps + 1, 2).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a path.

    Raises
    ------
    ValueError
        If a path has another shape, or a place or a loss is not finite.
    """
    loss = as_callable(loss, "loss")
    paths = as_named(paths, "paths", as_finite, shape=("steps", 2), filled=True)
    places = np.concatenate(list(paths.values()))
    low, high = places.min(axis=0), places.max(axis=0)
    margin = np.maximum(0.08 * (high - low), 0.3)
    across, up = (np.linspace(low[n] - margin[n], high[n] + margin[n], 81) for n in (0, 1))
    heights = as_finite(loss(np.stack(np.meshgrid(across, up), axis=-1)), "loss", shape=(81, 81))
    _, axes = plt.subplots(
        len(paths), 1, figsize=(WIDTH, 1.45 * len(paths) + 0.4), sharex=True, sharey=True, squeeze=False
    )
    levels = np.unique(np.quantile(heights, np.linspace(0.01, 0.99, _LINES)))
    for number, (ax, (name, path)) in enumerate(zip(axes[:, 0], paths.items(), strict=True)):
        ax.contour(across, up, heights, levels=levels, colors=GRID, linewidths=0.8, linestyles="-")
        ax.plot(*path.T, color=f"C{number}", marker="o", markersize=3, linewidth=1.2, linestyle="-")
        ax.plot(*path[-1], color=INK, marker="X", markersize=7, linestyle="none")
        ax.set(title=name, ylabel="$w_2$")
    axes[-1, 0].set_xlabel("$w_1$ (cross: last step)")
    return axes[:, 0]


def accuracy_by_rate(sweeps: Mapping[str, tuple[Sequence[float], np.ndarray]]) -> Axes:
    """Draw accuracy against the learning rate: a line for the mean over seeds, a small ring for each seed.

    Parameters
    ----------
    sweeps : mapping of str to (rates, accuracies)
        For each optimiser its learning rates, and shares of shape (seeds, rates).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a rate is not above 0, or the shapes do not fit.
    """
    sweeps = as_named(sweeps, "sweeps", _sweep)
    ax = drawing_area(None, (WIDTH, 3.9))
    for number, (name, (rates, shares)) in enumerate(sweeps.items()):
        look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(rates, 100 * shares.mean(axis=0), label=name, markersize=6, linewidth=2, **look)
        for of_seed in shares:
            ax.plot(rates, 100 * of_seed, linestyle="none", markersize=4, markerfacecolor="none", alpha=0.7, **look)
    ax.set(xscale="log", xlabel="learning rate", ylabel="validation accuracy (%)")
    log_labels(ax.xaxis, "3")
    ax.grid(True)
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return ax


def _sweep(sweep, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Rates of an optimiser, and accuracies, a column a rate."""
    rates, shares = as_list(sweep, name, count=2, meaning="sequence: rates, accuracies")
    rates = as_positive(rates, f"{name}[0]")
    return rates, as_shares(shares, f"{name}[1]", shape=("seeds", len(rates)))


def range_tests(tests: Mapping[str, Sequence[tuple[Sequence[float], Sequence[float]]]]) -> np.ndarray:
    """Draw loss against a rising learning rate, a panel an optimiser, with a ring at each minimum and a line at a tenth of it.

    Parameters
    ----------
    tests : mapping of str to sequence of (rates, losses)
        For each optimiser the rates and losses of each seed's run.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One an optimiser.

    Raises
    ------
    ValueError
        If a rate or a loss is not above 0, or they differ in number.
    """
    tests = as_named(tests, "tests", _runs)
    _, axes = plt.subplots(len(tests), 1, figsize=(WIDTH, 1.9 * len(tests) + 0.4), squeeze=False)
    top = 1.05 * max(losses[0] for runs in tests.values() for _, losses in runs)
    for ax, (name, runs) in zip(axes[:, 0], tests.items(), strict=True):
        for number, (rates, losses) in enumerate(runs):
            ax.plot(rates, losses, color=f"C{number}", linewidth=1.6)
            best = losses.argmin()
            ax.plot(rates[best], losses[best], "o", color=f"C{number}", markersize=7, markerfacecolor="none")
            ax.axvline(rates[best] / 10, color=f"C{number}", linestyle=":", linewidth=1.3)
        ax.set(title=name, xscale="log", ylabel="loss", ylim=(0, top))
        log_labels(ax.xaxis, "")
        ax.grid(True)
    axes[-1, 0].set_xlabel("learning rate (ring: minimum, dotted: a tenth of it)")
    return axes[:, 0]


def _runs(runs, name: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rates and losses of each run."""
    return [_run(run, f"{name}[{number}]") for number, run in enumerate(as_list(runs, name))]


def _run(run, name: str) -> tuple[np.ndarray, np.ndarray]:
    rates, losses = as_list(run, name, count=2, meaning="sequence: rates, losses")
    rates = as_positive(rates, f"{name}[0]")
    return rates, as_positive(losses, f"{name}[1]", shape=(len(rates),))


def schedules(rates: Mapping[str, Sequence[float]]) -> Axes:
    """Draw the learning rate of each step, one line a schedule.

    Parameters
    ----------
    rates : mapping of str to sequence of float
        For each schedule the rates of steps 0, 1, …, at least 0; equally many of each.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a rate is below 0, or the schedules differ in length.
    """
    rates = as_alike(rates, "rates", as_finite, shape=("steps",), filled=True, least=0)
    ax = drawing_area(None, (WIDTH, 3.0))
    for number, (name, line) in enumerate(rates.items()):
        ax.plot(line, color=f"C{number}", linewidth=2, label=name)
    ax.set(xlabel="step (batch)", ylabel="learning rate", ylim=(0, None))
    ax.grid(True, axis="y")
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return ax


def loss_panels(losses: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Draw the loss of each batch, one panel a training, all on one scale.

    Parameters
    ----------
    losses : mapping of str to sequence of float
        For each training the losses of steps 0, 1, ….

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a training.

    Raises
    ------
    ValueError
        If a loss is not finite.
    """
    losses = as_named(losses, "losses", as_finite, shape=("steps",), filled=True)
    _, axes = plt.subplots(
        len(losses), 1, figsize=(WIDTH, 1.15 * len(losses) + 0.5), sharex=True, sharey=True, squeeze=False
    )
    for ax, (name, line) in zip(axes[:, 0], losses.items(), strict=True):
        ax.plot(line, color="C0", linewidth=1.4)
        ax.set(title=name, ylabel="loss", ylim=(0, 3))
        ax.grid(True, axis="y")
    axes[-1, 0].set_xlabel("step (batch)")
    return axes[:, 0]
