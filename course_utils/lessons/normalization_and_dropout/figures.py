"""Figures of the lesson on normalisation and dropout: numbers that run away, rates, small batches, wrong labels."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite
from course_utils.plotting.style import (
    MARKERS,
    WIDTH,
    as_alike,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    log_labels,
)


def spread_by_layer(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> np.ndarray:
    """Draw standard deviations against the layer, logarithmic, a panel each with one line a start.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        For each panel and line the standard deviations, the first layer first.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a panel.

    Raises
    ------
    ValueError
        If a standard deviation is not above 0, or the lines of a panel differ in length.
    """
    panels = as_named(panels, "panels", as_alike, as_positive)
    figure, axes = plt.subplots(
        len(panels), 1, figsize=(WIDTH, 2.1 * len(panels) + 0.4), sharex=True, sharey=True, squeeze=False
    )
    for ax, (title, lines) in zip(axes[:, 0], panels.items(), strict=True):
        for number, (name, values) in enumerate(lines.items()):
            layers = np.arange(1, len(values) + 1)
            look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)], "markersize": 7 - 1.5 * number}
            ax.plot(layers, values, label=name, **look)
        ax.set(title=title, yscale="log", xticks=layers)
        ax.minorticks_off()
        log_labels(ax.yaxis, "")
        ax.grid(True)
    axes[-1, 0].set_xlabel("hidden layer, 1 is next to the picture")
    figure.supylabel("standard deviation of the sums", fontsize=10)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3, columnspacing=1.2)
    return axes[:, 0]


def accuracy_by_rate(rates: Sequence[float], accuracies: Mapping[str, np.ndarray]) -> Axes:
    """Draw accuracy against the learning rate: a line for the mean over seeds, and a small ring for each seed.

    Parameters
    ----------
    rates : sequence of float
        Learning rates, above 0.
    accuracies : mapping of str to numpy.ndarray
        Shares, shape (seeds, rates), of each network.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a rate is not above 0, or the shapes do not fit.
    """
    rates = as_positive(rates, "rates")
    accuracies = as_named(accuracies, "accuracies", as_shares, shape=("seeds", len(rates)))
    ax = drawing_area(None, (WIDTH, 3.2))
    for number, (name, shares) in enumerate(accuracies.items()):
        look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(rates, 100 * shares.mean(axis=0), label=name, markersize=6, linewidth=2, **look)
        for of_seed in shares:
            ax.plot(rates, 100 * of_seed, linestyle="none", markersize=4, markerfacecolor="none", alpha=0.7, **look)
    ax.set(xscale="log", xlabel="learning rate", ylabel="validation accuracy (%)", ylim=(0, 100))
    log_labels(ax.xaxis, "3")
    ax.grid(True)
    ax.legend(loc="lower left")
    return ax


def normalised_values(values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw histograms of normalised numbers below each other, from −4 to 4.

    Parameters
    ----------
    values : mapping of str to numpy.ndarray
        Numbers, shape (N,), by the title of their panel. What lies outside −4 … 4 is drawn at the edge.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a panel.

    Raises
    ------
    ValueError
        If there is a panel without numbers, or a number is not finite.
    """
    values = as_named(values, "values", as_finite, shape=("N",), filled=True)
    figure, axes = plt.subplots(len(values), 1, figsize=(WIDTH, 1.35 * len(values) + 0.4), sharex=True, squeeze=False)
    for ax, (title, numbers) in zip(axes[:, 0], values.items(), strict=True):
        counts, edges = np.histogram(numbers.clip(-3.99, 3.99), bins=41, range=(-4.1, 4.1))
        ax.stairs(100 * counts / counts.sum(), edges, fill=True, color="C0")
        ax.set_title(title)
        ax.grid(True, axis="y")
    axes[-1, 0].set_xlabel("normalised sum")
    figure.supylabel("share of the digits (%)", fontsize=10)
    return axes[:, 0]


def by_heart(curves: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw by epoch the share of wrong labels that a network repeats, and below it its accuracy on new examples.

    Parameters
    ----------
    curves : mapping of str to numpy.ndarray
        Shape (epochs, 2) for each network: both shares.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Two: wrong labels, accuracy.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or a shape is another.
    """
    curves = as_named(curves, "curves", as_shares, shape=("epochs", 2))
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.4), sharex=True)
    titles = "wrong training labels repeated", "validation digits recognised"
    for column, (ax, title) in enumerate(zip(axes, titles, strict=True)):
        for number, (name, shares) in enumerate(curves.items()):
            epochs = np.arange(1, len(shares) + 1)
            look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)], "markersize": 4}
            ax.plot(epochs, 100 * shares[:, column], label=name, **look)
        ax.set(title=title, ylabel="%")
        ax.grid(True)
    axes[0].legend(loc="upper left")
    axes[1].set_xlabel("epoch")
    return axes
