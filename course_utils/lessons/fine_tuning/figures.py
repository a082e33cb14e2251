"""Figures of the lesson on fine-tuning: what is remembered, before and after, and how much was frozen."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_names, as_share
from course_utils.plotting.style import (
    INK,
    MAGNITUDE,
    MARKERS,
    SMALLEST,
    WIDTH,
    as_alike,
    as_named,
    as_shares,
    drawing_area,
    text_colour,
)


def accuracy_table(rows: Mapping[str, Sequence[float]], columns: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Show accuracies as a table of coloured cells with their percentages.

    Parameters
    ----------
    rows : mapping of str to sequence of float
        For each row its accuracies, 0 … 1.
    columns : sequence of str
        What each of them was measured on.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no rows, or one has not as many accuracies as there are columns.
    """
    columns = as_names(columns, "columns", meaning="column")
    rows = as_named(rows, "rows", as_shares, shape=(len(columns),))
    values = 100 * np.stack(list(rows.values()))
    ax = drawing_area(ax, (WIDTH, 0.42 * len(rows) + 0.9))
    image = ax.imshow(values, cmap=MAGNITUDE, vmin=0, vmax=100, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        colour = text_colour(image.cmap(image.norm(value)))
        ax.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour)
    ax.set_xticks(range(len(columns)), [name.replace("_", "\n") for name in columns])
    ax.set_yticks(range(len(rows)), list(rows))
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel("right answers (%) on")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _accuracies(values, name: str) -> dict[str, float]:
    """An accuracy for each of some names."""
    return as_named(values, name, as_share, closed=True)


def before_and_after(
    series: Mapping[str, Mapping[str, float]], *, marked: Sequence[str] = (), ax: Axes | None = None
) -> Axes:
    """Show several accuracies on each test set in one row, the first two joined by a line, sorted by the first.

    Parameters
    ----------
    series : mapping of str to mapping
        For each state of the network, such as "before", its accuracies, 0 … 1, by name of the test set.
    marked : sequence of str
        Test sets that are marked by a star.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the states have other test sets than the first one, or one that is marked is missing.
    """
    series = as_named(series, "series", _accuracies)
    first = next(iter(series.values()))
    for state, found in series.items():
        if set(found) != set(first):
            raise ValueError(
                f"series[{state!a}] has other names than the first; expected {', '.join(map(ascii, first))}"
            )
    marked = as_names(marked, "marked")
    if missing := [name for name in marked if name not in first]:
        raise ValueError(f"marked: there is no {missing[0]!a}; there are {', '.join(map(ascii, first))}")
    names = sorted(first, key=first.get)
    ax = drawing_area(ax, (WIDTH, 0.24 * len(names) + 1.1))
    values = 100 * np.array([[found[name] for name in names] for found in series.values()])
    ax.hlines(range(len(names)), values[0], values[:2][-1], color="0.7", linewidth=1.5, zorder=0)
    for number, (state, found) in enumerate(zip(series, values, strict=True)):
        face = "white" if number == 0 else f"C{number}"
        look = {"marker": MARKERS[number % len(MARKERS)], "markersize": 6, "linestyle": "none"}
        ax.plot(found, range(len(names)), markerfacecolor=face, markeredgecolor=INK, label=state, **look)
    ax.set_yticks(range(len(names)), [f"{name} *" if name in marked else name for name in names])
    ax.set(xlabel="right answers (%)", xlim=(0, 103), ylim=(-0.7, len(names) - 0.3))
    ax.grid(True, axis="x")
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="lower center", bbox_to_anchor=(0.4, 1), ncols=len(series), fontsize=SMALLEST, handletextpad=0.1)
    return ax


def frozen_depth(accuracies: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw accuracy against the number of frozen blocks: a line for the mean, a small mark for each seed.

    Parameters
    ----------
    accuracies : mapping of str to numpy.ndarray
        For each kind of test pictures, shape (seeds, depths): 0, 1, 2, … blocks frozen.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are none, or they differ in shape.
    """
    accuracies = as_alike(accuracies, "accuracies", as_shares, shape=("seeds", "depths"))
    ax = drawing_area(ax, (WIDTH, 3.2))
    for number, (name, values) in enumerate(accuracies.items()):
        depths, marker = np.arange(values.shape[1]), MARKERS[number % len(MARKERS)]
        ax.plot(depths, 100 * values.mean(axis=0), marker=marker, label=name)
        for seed in values:
            ax.plot(depths, 100 * seed, marker=marker, markersize=3, linestyle="none", color=f"C{number}", alpha=0.5)
    ax.set(xlabel="blocks frozen, from the input", ylabel="right answers (%)", xticks=depths)
    ax.grid(True, axis="y")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(accuracies))
    return ax
