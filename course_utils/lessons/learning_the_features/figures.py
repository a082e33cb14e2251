"""Figures of the lesson on learned features: shares at unseen places, shares by deformation, and likeness beside chance."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite, as_list
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import INK, MARKERS, WIDTH, as_named, as_shares, drawing_area

STRENGTHS = {
    "noise, centred": ("flipped (%), no shift", (5, 10, 20, 30)),
    "noise": ("flipped (%)", (2, 5, 10, 20)),
    "turn": ("turn (degrees)", (10, 20, 30, 45)),
    "size": ("change of size (%)", (10, 20, 30, 40)),
    "thickness": ("thickness (pixels)", (1.5, 2, 2.5, 3)),
}
"""Under each name of a deformation in the benchmark's results what stands below its panel, and its strengths."""


def unseen_places(counts: Sequence[int], shares: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw shares of right answers against the number of places that were trained on, mean and range over seeds.

    Parameters
    ----------
    counts : sequence of int
        Numbers of places.
    shares : mapping of str to numpy.ndarray
        For each network its shares, 0 … 1, shape (counts, seeds).
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a network has not a row of shares for each number of places.
    """
    counts = as_finite(counts, "counts", shape=("N",), filled=True)
    shares = as_named(shares, "shares", as_shares, shape=(len(counts), "seeds"))
    ax = drawing_area(ax, (WIDTH, 3.2))
    _curves(ax, counts, shares)
    ax.axhline(50, color="0.6", linewidth=0.8, linestyle="-", zorder=0)
    ax.set(xlabel="places trained on, of 49", ylabel="right elsewhere (%)", ylim=(-4, 106))
    ax.grid(True, axis="y")
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=1)
    return ax


def strengths(panels: Mapping[str, tuple[Sequence[float], Mapping[str, np.ndarray]]]) -> np.ndarray:
    """Draw shares of right answers against the strength of a deformation, one panel a deformation, mean and range over seeds.

    Parameters
    ----------
    panels : mapping of str to (strengths, shares by method)
        Under what stands below each panel its strengths, and for each method its shares, 0 … 1, shape (strengths, seeds).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a panel.

    Raises
    ------
    ValueError
        If a method has not a row of shares for each strength.
    """
    panels = as_named(panels, "panels", _panel)
    axes = axes_grid(len(panels), 2, (WIDTH / 2, 2.0))
    for number, (ax, (label, (values, methods))) in enumerate(zip(axes, panels.items(), strict=True)):
        _curves(ax, values, methods)
        ax.axhline(50, color="0.6", linewidth=0.8, linestyle="-", zorder=0)
        ax.set(xlabel=label, ylim=(-4, 106))
        ax.grid(True, axis="y")
        if number % 2 == 0:
            ax.set_ylabel("right (%)")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return axes


def _panel(panel, name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Strengths of a deformation, and each method's shares."""
    values, methods = as_list(panel, name, count=2, meaning="part: strengths, shares by method")
    values = as_finite(values, f"{name}[0]", shape=("N",), filled=True)
    return values, as_named(methods, f"{name}[1]", as_shares, shape=(len(values), "seeds"))


def _curves(ax: Axes, values: np.ndarray, methods: Mapping[str, np.ndarray]) -> None:
    """A line for the mean of each method, in percent, and a band from its lowest to its highest seed."""
    for number, (name, shares) in enumerate(methods.items()):
        percent, colour = 100 * shares, f"C{number % 6}"
        ax.fill_between(values, percent.min(axis=1), percent.max(axis=1), color=colour, alpha=0.2, linewidth=0)
        ax.plot(values, percent.mean(axis=1), marker=MARKERS[number % len(MARKERS)], markersize=4, label=name)


def likeness(chance: np.ndarray, rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw how alike random kernels are to given ones, and in rows below how alike others are: a ring each, a bar for the mean.

    Parameters
    ----------
    chance : numpy.ndarray
        Likeness of each random layer, 0 … 1, shape (N,).
    rows : mapping of str to numpy.ndarray
        Under each name the likeness of some layers, 0 … 1, shape (layers,).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,).

    Raises
    ------
    ValueError
        If a likeness is not from 0 to 1.
    """
    chance, rows = as_shares(chance, "chance"), as_named(rows, "rows", as_shares)
    heights = (1.5, 0.34 * len(rows) + 0.5)
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, sum(heights)), sharex=True, height_ratios=heights)
    above, below = axes
    above.hist(chance, bins=np.linspace(0, 1, 41), color="0.75")
    above.set(ylabel="random layers", xlim=(0, 1))
    for place, values in enumerate(rows.values()):
        below.plot(
            [values.mean()], [place], marker="|", markersize=17, markeredgewidth=2.5, color="C0", linestyle="none"
        )
        many = [place] * len(values)
        below.plot(values, many, marker="o", markersize=5, markerfacecolor="none", color=INK, linestyle="none")
    low, high = np.quantile(chance, (0.05, 0.95))
    for ax in axes:
        ax.axvspan(low, high, color="C1", alpha=0.15, linewidth=0)
    below.set_yticks(range(len(rows)), list(rows))
    below.set(xlabel="mean |cosine| with the hand-made kernels", ylim=(len(rows) - 0.5, -0.5))
    below.tick_params(axis="y", length=0)
    below.grid(True, axis="x")
    return axes
