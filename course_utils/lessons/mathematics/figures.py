"""Figures of the page on mathematics: a slope, a gradient, paths, a table of differences, reshaped pictures, chance in a count, and intervals."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_count, as_finite, as_number, as_text, refuse
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import (
    GRID,
    INK,
    MARKERS,
    PICTURE,
    SIGNED,
    SMALLEST,
    WIDTH,
    as_alike,
    as_bytes,
    as_named,
    as_shares,
    drawing_area,
    hide_ticks,
)


def tangent(w: np.ndarray, loss: np.ndarray, *, at: float, value: float, slope: float) -> Axes:
    """Draw a curve and, at one of its points, the straight line with a slope.

    Parameters
    ----------
    w, loss : numpy.ndarray
        The curve, shape (N,) each.
    at, value : float
        The point: its w, and the loss there.
    slope : float
        Slope of the line through it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the curve's arrays differ in length, or a number is not finite.
    """
    w = as_finite(w, "w", shape=("N",), filled=True)
    loss = as_finite(loss, "loss", shape=(len(w),))
    x, y, slope = as_number(at, "at"), as_number(value, "value"), as_number(slope, "slope")
    ax = drawing_area(None, (WIDTH, 2.7))
    ax.plot(w, loss, color="C0", linestyle="-", label="loss")
    ends = np.array([w.min(), w.max()])
    ax.plot(ends, y + slope * (ends - x), color="C1", linestyle="--", label=f"slope {slope:.2f}".replace("-", "−"))
    ax.plot([x], [y], color=INK, marker="o", linestyle="none")
    room = 0.12 * np.ptp(loss) or 1
    ax.set(xlabel="weight w", ylabel="loss", ylim=(loss.min() - room, loss.max() + room))
    ax.grid(True)
    ax.legend()
    return ax


def landscape(w: np.ndarray, b: np.ndarray, loss: np.ndarray, steps: np.ndarray, gradient: np.ndarray) -> Axes:
    """Draw a loss of two parameters as contour lines, points one behind the other, and the gradient at the first of them.

    Parameters
    ----------
    w, b : numpy.ndarray
        Values on the two axes, shapes (columns,) and (rows,).
    loss : numpy.ndarray
        Shape (rows, columns).
    steps : numpy.ndarray
        Points (w, b), shape (N, 2).
    gradient : numpy.ndarray
        Gradient at the first point, shape (2,).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not belong together, or the loss is the same everywhere.
    """
    w = as_finite(w, "w", shape=("columns",), filled=True)
    b = as_finite(b, "b", shape=("rows",), filled=True)
    if min(len(w), len(b)) < 2:
        raise ValueError(f"w and b have {len(w)} and {len(b)} values; contour lines need two of each")
    loss = as_finite(loss, "loss", shape=(len(b), len(w)))
    steps = as_finite(steps, "steps", shape=("N", 2), filled=True)
    gradient = as_finite(gradient, "gradient", shape=(2,))
    if not np.ptp(loss):
        raise ValueError("loss is the same everywhere: there are no contour lines")
    ax = drawing_area(None, (WIDTH, 3.4))
    low = loss.min()
    levels = low + np.ptp(loss) * np.linspace(0.02, 0.98, 14) ** 2
    ax.contour(w, b, loss, levels=levels, colors="0.6", linewidths=1)
    ax.plot(*steps.T, color="C1", marker="o", markersize=4, linestyle="-", label="against the gradient")
    length = np.hypot(*gradient) or 1
    end = steps[0] + 0.22 * np.ptp(w) * gradient / length
    ax.annotate("", end, steps[0], arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.8})
    middle, aside = (steps[0] + end) / 2, 0.05 * np.ptp(w)
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    ax.text(middle[0] + aside, middle[1] - aside, "gradient", fontsize=SMALLEST, va="top", bbox=paper)
    ax.set(xlabel="w", ylabel="b", aspect="equal", xlim=(w.min(), w.max()), ylim=(b.min(), b.max()))
    ax.legend(loc="upper left", facecolor="white", framealpha=0.9, frameon=True, edgecolor="none")
    return ax


def paths(between: Mapping[str, np.ndarray], first: str, last: str) -> Axes:
    """Draw paths from one number to another, with a slope on each arrow, and the sum of their products below.

    Parameters
    ----------
    between : mapping of str to numpy.ndarray
        What each path leads through, and its two slopes, shape (2,).
    first, last : str
        Where the paths begin and end.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a path does not have two slopes, or an end no name.
    """
    between = as_named(between, "between", as_finite, shape=(2,))
    first, last = as_text(first, "first"), as_text(last, "last")
    ax = drawing_area(None, (WIDTH, 0.75 * len(between) + 0.9))
    heights = np.arange(len(between))[::-1]
    middle = heights.mean()
    box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": INK}
    for (name, slopes), height in zip(between.items(), heights, strict=True):
        for side, begin, end in (0, (0, middle), (1, height)), (1, (1, height), (2, middle)):
            look = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.5, "shrinkA": 24, "shrinkB": 24}
            ax.annotate("", end, begin, arrowprops=look)
            place = np.mean([begin, end], axis=0)
            paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            ax.text(*place, f"×{slopes[side]:g}".replace("-", "−"), ha="center", va="center", bbox=paper)
        ax.text(1, height, name, ha="center", va="center", bbox=box)
    for x, name in (0, first), (2, last):
        ax.text(x, middle, name, ha="center", va="center", bbox=box)
    products = " + ".join(f"{a:g}·{b:g}" for a, b in between.values())
    total = sum(a * b for a, b in between.values())
    ax.text(1, -0.75, f"slope: {products} = {total:g}".replace("-", "−"), ha="center", va="center")
    ax.set(xlim=(-0.35, 2.35), ylim=(-1, len(between) - 0.6))
    ax.axis("off")
    return ax


def differences(column: np.ndarray, row: np.ndarray) -> Axes:
    """Draw the table of a column minus a row, the pairs of the same place in frames.

    Parameters
    ----------
    column, row : numpy.ndarray
        Predictions and labels, shape (N,) each.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the two differ in length.
    """
    column = as_finite(column, "column", shape=("N",), filled=True)
    row = as_finite(row, "row", shape=(len(column),))
    table = column[:, None] - row
    ax = drawing_area(None, (WIDTH * 0.75, 3.0))
    largest = abs(table).max() or 1
    ax.imshow(table, cmap=SIGNED, vmin=-2 * largest, vmax=2 * largest)
    for (i, j), value in np.ndenumerate(table):
        ax.text(j, i, f"{value:g}".replace("-", "−"), ha="center", va="center", color=INK)
        if i == j:
            ax.add_patch(plt.Rectangle((j - 0.45, i - 0.45), 0.9, 0.9, fill=False, edgecolor=INK, linewidth=2))
    ax.set_xticks(np.arange(len(row)), [f"{value:g}" for value in row])
    ax.set_yticks(np.arange(len(column)), [f"{value:g}" for value in column])
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set(xlabel="labels y, repeated downwards", ylabel="predictions ŷ,\nrepeated to the right")
    ax.tick_params(length=0)
    return ax


def pictures(panels: Mapping[str, np.ndarray], *, columns: int = 2) -> np.ndarray:
    """Show grey pictures that may differ in size, each under its title.

    Parameters
    ----------
    panels : mapping of str to numpy.ndarray
        Title and picture, uint8, shape (H, W).
    columns : int
        Panels in a row.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (number of panels,).

    Raises
    ------
    ValueError
        If a picture has another dtype or shape.
    """
    panels = as_named(panels, "panels", as_bytes, shape=("H", "W"))
    columns = as_count(columns, "columns", most=8)
    width = WIDTH / columns
    axes = axes_grid(len(panels), columns, (width, 0.72 * width + 0.2))
    for ax, (title, picture) in zip(axes, panels.items(), strict=True):
        ax.imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
        ax.set_title(title, fontsize=SMALLEST, pad=3)
        hide_ticks(ax)
    return axes


def counts(k: np.ndarray, probabilities: np.ndarray, *, first: int, last: int) -> Axes:
    """Draw the probability of each count as a bar, those of a range in another colour.

    Parameters
    ----------
    k : numpy.ndarray
        Counts, shape (N,).
    probabilities : numpy.ndarray
        Shape (N,).
    first, last : int
        Ends of the range, both inside.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many probabilities as counts, or one is no share.
    """
    k = as_finite(k, "k", shape=("N",), filled=True)
    probabilities = as_shares(probabilities, "probabilities", shape=(len(k),))
    first, last = as_count(first, "first", least=0), as_count(last, "last", least=0)
    ax = drawing_area(None, (WIDTH, 2.7))
    within = (first <= k) & (k <= last)
    ax.bar(k[within], probabilities[within], color="C0", label=f"{first} to {last}")
    ax.bar(k[~within], probabilities[~within], color="C1", hatch="///", edgecolor="white", label="further out")
    ax.set(xlabel="right answers", ylabel="probability")
    ax.grid(True, axis="y", color=GRID)
    ax.legend(loc="upper left")
    return ax


def intervals(ends: Mapping[str, np.ndarray], right: np.ndarray, n: int) -> Axes:
    """Draw the intervals of several methods for several counts of right answers, one below the other.

    Parameters
    ----------
    ends : mapping of str to numpy.ndarray
        By method the lower and upper ends as shares, which may lie above 1, shape (counts, 2).
    right : numpy.ndarray
        Right answers, shape (counts,).
    n : int
        Of how many.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not belong together, or a lower end lies above its upper end.
    """
    right = as_finite(right, "right", shape=("counts",), filled=True, least=0)
    n = as_count(n, "n")
    ends = as_alike(ends, "ends", as_finite, shape=(len(right), 2))
    for name, rows in ends.items():
        if (rows[:, 0] > rows[:, 1]).any():
            raise refuse("ends", name, "a lower end lies above its upper end")
    ax = drawing_area(None, (WIDTH, 0.75 * len(right) + 0.26 * len(ends) + 0.6))
    offsets = np.linspace(-0.26, 0.26, len(ends)) if len(ends) > 1 else [0]
    for number, (name, rows) in enumerate(ends.items()):
        places = np.arange(len(right)) + offsets[number]
        look = {"color": f"C{number % 6}", "marker": MARKERS[number % len(MARKERS)], "markersize": 5}
        dash = plt.rcParams["axes.prop_cycle"].by_key()["linestyle"][number % 6]
        for place, (low, high) in zip(places, 100 * rows, strict=True):
            ax.plot([low, high], [place, place], linestyle=dash, linewidth=2, label=name, **look)
            name = None  # each method stands once in the legend
    ax.plot(100 * right / n, np.arange(len(right)), color=INK, marker="|", markersize=24, linestyle="none")
    ax.axvline(100, color=INK, linestyle=":", linewidth=1.2)
    ax.set_yticks(np.arange(len(right)), [f"{count:g} of {n}" for count in right])
    ax.invert_yaxis()
    ax.set_xlabel("accuracy (%)")
    ax.grid(True, axis="x", color=GRID)
    ax.figure.legend(loc="outside lower center", ncols=len(ends))
    return ax
