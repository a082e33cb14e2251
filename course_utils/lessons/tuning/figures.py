"""Figures of the lesson on tuning: settings one at a time, searches, halving, winners trained again."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_array, as_finite, as_labels
from course_utils.plotting.style import (
    HIGHLIGHT,
    INK,
    MARKERS,
    WIDTH,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    log_labels,
)

FAINT = {"color": INK, "alpha": 0.25, "linewidth": 0.8, "linestyle": "-"}


def one_at_a_time(settings: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw accuracy against the place of a setting in its range, one line a setting; below, 80 % to 92 % enlarged.

    Parameters
    ----------
    settings : mapping of str to numpy.ndarray
        For each setting shares, shape (places, seeds), from the lower end of its range to the upper.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        The whole, and the enlarged part.

    Raises
    ------
    ValueError
        If there is no setting, or an entry is no share.
    """
    settings = as_named(settings, "settings", as_shares, shape=("places", "seeds"))
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 5), sharex=True)
    for number, (name, shares) in enumerate(settings.items()):
        places = np.linspace(0, 1, len(shares))
        look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
        for ax in axes:
            ax.plot(places, 100 * shares.mean(axis=1), label=name, markersize=6, **look)
            ax.plot(places, 100 * shares, linestyle="none", markersize=3.5, markerfacecolor="none", alpha=0.6, **look)
    axes[0].set(ylabel="validation accuracy (%)", ylim=(0, 100))
    axes[1].set(xlabel="place in its range", ylabel="the same, enlarged (%)", ylim=(80, 92))
    axes[1].set_xticks([0, 0.5, 1], ["lowest", "middle", "highest"])
    for ax in axes:
        ax.grid(True)
    axes[0].legend(loc="lower left")
    return axes


def rates_tried(searches: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw the learning rate and momentum of each trial, a panel a search, with a tick for each rate below.

    Parameters
    ----------
    searches : mapping of str to numpy.ndarray
        For each search rates and momenta, shape (trials, 2).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a search.

    Raises
    ------
    ValueError
        If a rate is not above 0, or a shape is another.
    """
    searches = as_named(searches, "searches", as_finite, shape=("trials", 2), filled=True)
    _, axes = plt.subplots(len(searches), 1, figsize=(WIDTH, 1.9 * len(searches)), sharex=True, squeeze=False)
    for number, (ax, (title, tried)) in enumerate(zip(axes[:, 0], searches.items(), strict=True)):
        as_positive(tried[:, 0], f"rates of {title}")
        ax.plot(*tried.T, marker=MARKERS[number % len(MARKERS)], color=f"C{number}", linestyle="none", markersize=6)
        rates = np.unique(tried[:, 0])
        ax.plot(rates, np.full(len(rates), -0.12), marker="|", markersize=9, color=INK, linestyle="none")
        ax.set(title=f"{title}: {len(rates)} learning rates", xscale="log", ylabel="momentum", ylim=(-0.2, 1))
        ax.set_yticks([0, 0.5, 1])
        log_labels(ax.xaxis, "")
        ax.grid(True)
    axes[-1, 0].set_xlabel("learning rate")
    return axes[:, 0]


def best_so_far(searches: Mapping[str, np.ndarray]) -> Axes:
    """Draw the best accuracy found against the number of trials: the mean over searches, and where four fifths of them lie.

    Parameters
    ----------
    searches : mapping of str to numpy.ndarray
        Shares, shape (searches, trials), in the order of the trials.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If an entry is no share, or a shape is another.
    """
    searches = as_named(searches, "searches", as_shares, shape=("searches", "trials"))
    ax = drawing_area(None, (WIDTH, 3.1))
    for number, (name, shares) in enumerate(searches.items()):
        best = 100 * np.maximum.accumulate(shares, axis=1)
        trials = np.arange(1, best.shape[1] + 1)
        ax.fill_between(trials, *np.quantile(best, [0.1, 0.9], axis=0), color=f"C{number}", alpha=0.2, linewidth=0)
        look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(trials, best.mean(axis=0), markersize=5, label=name, **look)
    ax.set(xlabel="trials", ylabel="best validation accuracy so far (%)")
    ax.grid(True)
    ax.legend(loc="lower right")
    return ax


def parallel_coordinates(places: Mapping[str, Sequence[float]], chosen: Sequence[bool]) -> Axes:
    """Draw each trial as a line through the places of its settings; chosen trials stand out.

    Parameters
    ----------
    places : mapping of str to sequence of float
        For each setting where each trial lies in its range, 0 … 1.
    chosen : sequence of bool
        Which trials stand out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a place is not between 0 and 1, or the lengths differ.
    """
    chosen = as_array(chosen, "chosen", shape=("trials",), kinds="b", filled=True)
    places = as_named(places, "places", as_shares, fewest=2, shape=(len(chosen),))
    columns = np.array(list(places.values()))
    ax = drawing_area(None, (WIDTH, 3.3))
    ax.plot(columns[:, ~chosen], **FAINT, zorder=1)
    ax.plot(columns[:, chosen], color=HIGHLIGHT, linewidth=1.6, linestyle="-", zorder=2)
    for number in range(len(columns)):
        ax.axvline(number, color=INK, linewidth=1, zorder=3)
    ax.set_xticks(range(len(columns)), [name.replace("_", "\n") for name in places])
    ax.set_yticks([0, 1], ["lowest", "highest"])
    ax.set(xlim=(-0.15, len(columns) - 0.85), ylim=(-0.03, 1.03))
    return ax


def halved(curves: np.ndarray, stopped: Sequence[int]) -> Axes:
    """Draw learning curves up to the epoch in which each was stopped; those that ran to the end stand out.

    Parameters
    ----------
    curves : numpy.ndarray
        Shares, shape (trials, epochs).
    stopped : sequence of int
        Epochs that each trial ran.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If an entry is no share, or a trial ran less than one epoch or more than there are.
    """
    curves = as_shares(curves, "curves", shape=("trials", "epochs"))
    epochs = curves.shape[1]
    stopped = as_labels(stopped, "stopped", classes=epochs + 1, shape=(len(curves),))
    if not stopped.all():
        raise ValueError("stopped holds 0; a trial runs one epoch at least")
    ax = drawing_area(None, (WIDTH, 3.2))
    for curve, last in zip(curves, stopped, strict=True):
        to_the_end = last == epochs
        look = {"color": HIGHLIGHT, "linewidth": 2.2, "zorder": 3} if to_the_end else {"color": INK, "alpha": 0.6}
        ax.plot(
            np.arange(1, last + 1),
            100 * curve[:last],
            marker="o",
            markevery=[last - 1],
            markersize=5,
            linestyle="-",
            **look,
        )
    ax.set(xlabel="epoch", ylabel="validation accuracy (%)", ylim=(0, 100), xticks=np.arange(1, epochs + 1))
    ax.grid(True)
    return ax


def again(found: Sequence[float], fresh: np.ndarray) -> Axes:
    """Draw what settings reach with fresh seeds against what they were chosen for.

    Parameters
    ----------
    found : sequence of float
        Share of each setting in the search.
    fresh : numpy.ndarray
        Shares with fresh seeds, shape (settings, seeds).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If an entry is no share, or the lengths differ.
    """
    found = as_shares(found, "found")
    fresh = as_shares(fresh, "fresh", shape=(len(found), "seeds"))
    ax = drawing_area(None, (WIDTH, 3.6))
    for column in 100 * fresh.T:
        ax.plot(100 * found, column, marker=".", color=INK, alpha=0.35, linestyle="none", markersize=6)
    ax.plot(
        100 * found, 100 * fresh.mean(axis=1), marker="o", color="C0", linestyle="none", label="mean of fresh seeds"
    )
    ends = np.array([100 * found.min() - 0.3, 100 * found.max() + 0.3])
    ax.plot(ends, ends, color=INK, linestyle="--", linewidth=1.2, label="as good as in the search")
    ax.set(xlabel="accuracy in the search (%)", ylabel="accuracy, trained again (%)")
    ax.grid(True)
    ax.legend(loc="lower right")
    return ax


def width_and_depth(filters: Sequence[int], depths: Mapping[str, Sequence[float]]) -> Axes:
    """Draw accuracy against the number of filters, one line a depth.

    Parameters
    ----------
    filters : sequence of int
        Filters of each convolution, above 0.
    depths : mapping of str to sequence of float
        For each depth the share at each number of filters.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a number of filters is not above 0, an entry is no share, or the lengths differ.
    """
    filters = as_positive(filters, "filters")
    depths = as_named(depths, "depths", as_shares, shape=(len(filters),))
    ax = drawing_area(None, (WIDTH, 3.2))
    for number, (name, shares) in enumerate(depths.items()):
        look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(filters, 100 * shares, label=name, markersize=6, **look)
    ax.set(xscale="log", xlabel="filters of each convolution", ylabel="validation accuracy (%)")
    ax.minorticks_off()
    ax.set_xticks(filters, [f"{count:g}" for count in filters])
    ax.grid(True)
    ax.legend(loc="lower right")
    return ax
