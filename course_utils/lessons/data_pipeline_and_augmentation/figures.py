"""Figures of the lesson on data: distances between splits, pictures changed at random, and what training makes of them."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite
from course_utils.plotting.style import (
    MARKERS,
    PICTURE,
    WIDTH,
    as_alike,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    log_labels,
    text_width,
)


def distances(splits: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Draw how far held-out pictures are from the nearest training picture: one histogram a split, one above the other.

    Parameters
    ----------
    splits : mapping of str to sequence of float
        For each split the distances, 0 or more.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a split.

    Raises
    ------
    ValueError
        If there is no split, no distance, or one below 0.
    """
    splits = as_named(splits, "splits", as_finite, shape=("N",), filled=True, least=0)
    _, axes = plt.subplots(len(splits), 1, figsize=(WIDTH, 1.5 * len(splits) + 0.4), sharex=True, squeeze=False)
    axes = axes[:, 0]
    largest = max(each.max() for each in splits.values()) or 1.0
    for number, (ax, (name, each)) in enumerate(zip(axes, splits.items(), strict=True)):
        ax.hist(each, bins=np.linspace(0, largest, 41), color=f"C{number}")
        ax.set(title=name, ylabel="pictures")
    axes[-1].set_xlabel("distance to the nearest training picture")
    return axes


def draws(rows: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Show pictures in rows with names: one row a kind of change, each picture one draw.

    Parameters
    ----------
    rows : mapping of str to numpy.ndarray
        For each name pictures with values 0 … 1, shape (N, H, W, 1) or (N, H, W, 3), the same for all rows.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no rows, they differ in shape, or a value is not from 0 to 1.
    """
    rows = as_alike(rows, "rows", _pictures)
    n, height, width, channels = next(iter(rows.values())).shape
    cell_h, cell_w = height + 2, width + 2
    sheet = np.ones((len(rows) * cell_h - 2, n * cell_w - 2, channels))
    for row, strip in enumerate(rows.values()):
        for column, picture in enumerate(strip):
            top, left = row * cell_h, column * cell_w
            sheet[top : top + height, left : left + width] = np.clip(picture, 0, 1)
    size = max(WIDTH - 0.2 - max(text_width(name) for name in rows), 0.1) / n * cell_h / cell_w
    ax = drawing_area(ax, (WIDTH, len(rows) * size + 0.1))
    ax.imshow(sheet if channels == 3 else sheet[..., 0], cmap=PICTURE, vmin=0, vmax=1)
    ax.set_xticks([])
    ax.set_yticks(np.arange(len(rows)) * cell_h + (height - 1) / 2, list(rows))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _pictures(pictures, name: str) -> np.ndarray:
    """Pictures with values from 0 to 1, but for what interpolation rounds."""
    shapes = [("N", "H", "W", 1), ("N", "H", "W", 3)]
    return as_finite(pictures, name, shape=shapes, filled=True, least=-1e-3, most=1 + 1e-3)


def by_class(shares: Mapping[str, Sequence[float]], *, ax: Axes | None = None) -> Axes:
    """Draw the share of each class that is recognised, one marker for each way to change the pictures.

    Parameters
    ----------
    shares : mapping of str to sequence of float
        For each way the share of class 0, 1, …
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is none, an entry is no share, or the ways differ in their number of classes.
    """
    shares = as_alike(shares, "shares", as_shares)
    ax = drawing_area(ax, (WIDTH, 2.9))
    for number, (name, each) in enumerate(shares.items()):
        places = np.arange(len(each)) + 0.24 * (number - (len(shares) - 1) / 2)
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(places, 100 * each, color=f"C{number}", marker=marker, markersize=6, linestyle="none", label=name)
    classes = len(next(iter(shares.values())))
    ax.set(xlabel="digit", ylabel="read as this digit (%)", ylim=(-5, 105), xticks=range(classes))
    for between in np.arange(classes - 1) + 0.5:
        ax.axvline(between, color="#c8c8c8", linewidth=0.5, linestyle="-")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=min(len(shares), 3))
    return ax


def by_size(sizes: Sequence[float], arms: Mapping[str, Sequence[Sequence[float]]], *, ax: Axes | None = None) -> Axes:
    """Draw accuracy against the number of training pictures, one line an arm: mean and range over seeds.

    Parameters
    ----------
    sizes : sequence of float
        Numbers of training pictures.
    arms : mapping of str to sequence
        For each arm the accuracies as shares, shape (sizes, seeds).
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a size is not above 0, or an arm has not as many rows as there are sizes.
    """
    sizes = as_positive(sizes, "sizes")
    arms = as_named(arms, "arms", as_shares, shape=(len(sizes), "seeds"))
    ax = drawing_area(ax, (WIDTH, 3.6))
    for number, (name, reached) in enumerate(arms.items()):
        low, high = 100 * reached.min(axis=1), 100 * reached.max(axis=1)
        ax.fill_between(sizes, low, high, color=f"C{number}", alpha=0.2, linewidth=0)
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(sizes, 100 * reached.mean(axis=1), color=f"C{number}", marker=marker, markersize=5, label=name)
    ax.set(xscale="log", xlabel="training digits", ylabel="validation accuracy (%)")
    log_labels(ax.xaxis, "25")
    ax.grid(True)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return ax
