"""Figures of the lesson on losses: where a loss is smallest, what a yes costs, accuracy by rate, a rare class."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite, as_list
from course_utils.plotting import seed_spread
from course_utils.plotting.style import (
    INK,
    MARKERS,
    WIDTH,
    as_named,
    as_positive,
    as_shares,
    as_title,
    drawing_area,
    log_labels,
)


def with_minimum(x: Sequence[float], panels: Mapping[str, Mapping[str, Sequence[float]]], *, label: str) -> np.ndarray:
    """Draw losses against what they depend on, a panel below the other; a marker where a loss is smallest.

    Parameters
    ----------
    x : sequence of float
        What the losses depend on, ascending.
    panels : mapping of str to mapping of str to sequence of float
        For each panel and line its losses, one for each entry of ``x``. A loss that is smallest at an end gets no marker.
    label : str
        What ``x`` is.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a panel.

    Raises
    ------
    ValueError
        If ``x`` does not ascend, or a line has not as many losses as there are entries of ``x``.
    """
    x, label = _ascending(x, "x"), as_title(label, "label")
    panels = as_named(panels, "panels", as_named, as_finite, shape=(len(x),))
    _, axes = plt.subplots(len(panels), 1, figsize=(WIDTH, 2.3 * len(panels) + 0.5), sharex=True, squeeze=False)
    for ax, (title, lines) in zip(axes[:, 0], panels.items(), strict=True):
        for number, (name, losses) in enumerate(lines.items()):
            colour, lowest = f"C{number}", int(losses.argmin())
            ax.plot(x, losses, color=colour, linewidth=2, label=name)
            if 0 < lowest < len(x) - 1:
                look = {"marker": MARKERS[number % len(MARKERS)], "markersize": 8, "linestyle": "none"}
                # A loss close to 0 stands on the frame, which would cut its marker in half.
                ax.plot(x[[lowest]], losses[[lowest]], color=colour, clip_on=False, **look)
        ax.set(title=title, ylabel="loss", ylim=(0, None), xlim=(x[0], x[-1]))
        ax.grid(True)
    axes[0, 0].legend()
    axes[-1, 0].set_xlabel(label)
    return axes[:, 0]


def of_a_yes(logits: Sequence[float], curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> np.ndarray:
    """Draw what one example whose label is yes costs by its logit, and below it the slope for the logit.

    Parameters
    ----------
    logits : sequence of float
        Ascending.
    curves : mapping of str to (losses, slopes)
        For each loss its values and slopes, one for each logit.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Two: losses, slopes.

    Raises
    ------
    ValueError
        If the logits do not ascend, or a loss has not two entries for each.
    """
    logits = _ascending(logits, "logits")
    curves = as_named(curves, "curves", _two_curves, len(logits))
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.8), sharex=True)
    for place, (ax, title) in enumerate(zip(axes, ("loss", "slope of the loss for the logit"), strict=True)):
        for number, (name, both) in enumerate(curves.items()):
            ax.plot(logits, both[place], color=f"C{number}", linewidth=2, label=name)
        ax.axvline(0, color=INK, linewidth=0.6, linestyle="-")
        ax.set(title=title, xlim=(logits[0], logits[-1]))
        ax.grid(True)
    axes[0].legend()
    axes[1].set_xlabel("logit: below 0 the answer is no, which is wrong")
    return axes


def right_by_rate(rates: Sequence[float], shares: Mapping[str, np.ndarray]) -> Axes:
    """Draw the share of right answers against the learning rate: a line for the mean, a small ring for each seed.

    Parameters
    ----------
    rates : sequence of float
        Learning rates, above 0.
    shares : mapping of str to numpy.ndarray
        Shape (seeds, rates) for each loss.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a rate is not above 0, or the shapes do not fit.
    """
    rates = as_positive(rates, "rates")
    shares = as_named(shares, "shares", as_shares, shape=("seeds", len(rates)))
    ax = drawing_area(None, (WIDTH, 3.2))
    for number, (name, by_seed) in enumerate(shares.items()):
        look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(rates, 100 * by_seed.mean(axis=0), label=name, markersize=6, linewidth=2, **look)
        ax.plot(rates, 100 * by_seed.T, linestyle="none", markersize=4, markerfacecolor="none", alpha=0.7, **look)
    ax.set(xscale="log", xlabel="learning rate", ylabel="validation accuracy (%)", ylim=(0, 100))
    log_labels(ax.xaxis, "3")
    ax.grid(True)
    ax.legend(loc="lower center")
    return ax


def rare_class(recalls: Mapping[str, Sequence[float]], alarms: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Draw by remedy which share of a rare class is found, and below it which share of the others is taken for it.

    Parameters
    ----------
    recalls, alarms : mapping of str to sequence of float
        Shares 0 … 1 for each remedy, one a training; the same remedies in both.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Two: found, false alarms.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or the remedies differ.
    """
    recalls, alarms = as_named(recalls, "recalls", as_shares), as_named(alarms, "alarms", as_shares)
    if list(recalls) != list(alarms):
        raise ValueError(f"recalls has {', '.join(recalls)} and alarms {', '.join(alarms)}; expected the same remedies")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 0.84 * len(recalls) + 2))
    titles = "recall: nines found (%)", "false alarms: fours called nines (%)"
    for ax, title, shares in zip(axes, titles, (recalls, alarms), strict=True):
        seed_spread({name: 100 * values for name, values in shares.items()}, label=title, ax=ax)
    axes[0].set_xlim(-2, 102)
    axes[1].set_xlim(left=-0.3)
    return axes


def _ascending(values, name: str) -> np.ndarray:
    numbers = as_finite(values, name, shape=("N",), filled=True)
    if len(numbers) < 2 or (np.diff(numbers) <= 0).any():
        raise ValueError(f"{name} has to ascend, from one entry to the next; give two entries or more")
    return numbers


def _two_curves(pair, name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Losses and slopes of one loss."""
    losses, slopes = as_list(pair, name, count=2, meaning="sequence: losses, slopes")
    return tuple(as_finite(part, f"{name}[{place}]", shape=(count,)) for place, part in enumerate((losses, slopes)))
