"""Figures of the lesson on what a convolutional network is."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_array, as_finite
from course_utils.plotting.style import (
    INK,
    MAGNITUDE,
    MARKERS,
    PICTURE,
    SIGNED,
    WIDTH,
    as_alike,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    hide_ticks,
)


def weight_tables(tables: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw tables of weights, one row an output, one column an input, one below the other on one colour scale.

    Parameters
    ----------
    tables : mapping of str to numpy.ndarray
        Title and table, shape (outputs, inputs); 0 stands for no connection.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a table.

    Raises
    ------
    ValueError
        If the tables differ in shape or are no tables.
    """
    tables = as_alike(tables, "tables", as_finite, shape=("outputs", "inputs"), filled=True)
    largest = max(np.abs(table).max() for table in tables.values()) or 1
    outputs, inputs = next(iter(tables.values())).shape
    height = (WIDTH - 0.5) * outputs / inputs + 0.35
    _, axes = plt.subplots(len(tables), 1, figsize=(WIDTH, len(tables) * height + 0.2), squeeze=False)
    for ax, (title, table) in zip(axes.flat, tables.items(), strict=True):
        ax.imshow(table, cmap=SIGNED, vmin=-largest, vmax=largest)
        hide_ticks(ax)
        ax.set(title=title, ylabel="outputs")
    axes.flat[-1].set_xlabel("inputs (pixels, row by row)")
    return axes.reshape(-1)


def growth(sides: Sequence[int], counts: Mapping[str, Sequence[int]], *, ax: Axes | None = None) -> Axes:
    """Draw numbers of parameters against the side of the picture, both axes logarithmic.

    Parameters
    ----------
    sides : sequence of int
        Sides in pixels.
    counts : mapping of str to sequence of int
        For each layer its parameters at these sides.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a layer has not as many numbers as there are sides, or one is not above 0.
    """
    sides = as_array(sides, "sides", shape=("N",), kinds="iu", filled=True, least=1)
    counts = as_named(counts, "counts", as_positive, shape=sides.shape)
    ax = drawing_area(ax, (WIDTH, 3.0))
    for number, (name, values) in enumerate(counts.items()):
        ax.plot(sides, values, marker=MARKERS[number % len(MARKERS)], markersize=5, label=name)
    ax.set(xscale="log", yscale="log", xlabel="side of the picture (pixels)", ylabel="parameters")
    ax.set_xticks(list(sides), [str(side) for side in sides])
    ax.set_xticks([], minor=True)
    ax.grid(True, axis="y")
    ax.legend()
    return ax


def _mosaic(maps: np.ndarray, columns: int) -> np.ndarray:
    """Maps, shape (N, H, W), in rows of ``columns``; small ones enlarged, with gaps of two cells, NaN, between them."""
    maps = np.asarray(maps, float)
    scale = -(-24 // maps.shape[1])
    maps = np.pad(maps.repeat(scale, 1).repeat(scale, 2), ((0, 0), (0, 2), (0, 2)), constant_values=np.nan)
    missing = -len(maps) % columns
    maps = np.concatenate([maps, np.full((missing, *maps.shape[1:]), np.nan)])
    rows = maps.reshape(-1, columns, *maps.shape[1:]).transpose(0, 2, 1, 3)
    return rows.reshape(rows.shape[0] * rows.shape[1], -1)[:-2, :-2]


def journey(picture: np.ndarray, maps: Mapping[str, np.ndarray], probabilities: Sequence[float]) -> np.ndarray:
    """Draw a picture, the feature maps that become of it, each layer on a scale of its own, and the probabilities.

    Parameters
    ----------
    picture : numpy.ndarray
        Shape (H, W).
    maps : mapping of str to numpy.ndarray
        Title and feature maps, shape (H', W', C), in the order of calculation.
    probabilities : sequence of float
        One a class, 0 … 1.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        The picture, one a layer, the bars.

    Raises
    ------
    ValueError
        If an array has not the axes that are said, or a probability is none.
    """
    picture = as_array(picture, "picture", shape=("H", "W"), finite=True, filled=True)
    maps = as_named(maps, "maps", as_finite, shape=("H", "W", "C"), filled=True)
    shares = as_shares(probabilities, "probabilities")
    tiles = [_mosaic(np.moveaxis(each, -1, 0), 8 if each.shape[-1] <= 32 else 16) for each in maps.values()]
    heights = [1.1, *(4.2 * tile.shape[0] / tile.shape[1] for tile in tiles), 1.1]
    size = (WIDTH, sum(heights) + 0.32 * len(heights) + 0.3)
    _, axes = plt.subplots(len(heights), 1, figsize=size, height_ratios=heights)
    axes[0].imshow(picture, cmap=PICTURE)
    axes[0].set_title(f"input, {picture.shape[0]}×{picture.shape[1]}")
    for ax, title, tile in zip(axes[1:], maps, tiles, strict=False):
        ax.imshow(tile, cmap=MAGNITUDE, vmin=0)
        ax.set_title(title)
    for ax in axes[:-1]:
        hide_ticks(ax)
    axes[-1].bar(range(len(shares)), shares, color="C0", edgecolor=INK)
    axes[-1].set(xticks=range(len(shares)), xlabel="class", ylim=(0, 1), title="probabilities")
    return axes


def shifts(pixels: Sequence[int], differences: Mapping[str, Sequence[float]], changed: Sequence[float]) -> np.ndarray:
    """Draw, against the shift, how much the maps differ from their old selves, and below it how many answers change.

    Parameters
    ----------
    pixels : sequence of int
        Shifts.
    differences : mapping of str to sequence of float
        For each layer the difference in percent of the map's size.
    changed : sequence of float
        Share of changed answers, 0 … 1.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,).

    Raises
    ------
    ValueError
        If a row has not as many numbers as there are shifts.
    """
    pixels = as_finite(pixels, "pixels", shape=("N",), filled=True)
    differences = as_named(differences, "differences", as_finite, shape=pixels.shape, least=0)
    shares = as_shares(changed, "changed", shape=pixels.shape)
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.4), sharex=True, height_ratios=[3, 2])
    for number, (name, row) in enumerate(differences.items()):
        axes[0].plot(pixels, row, marker=MARKERS[number % len(MARKERS)], markersize=6, label=name)
    axes[0].set(title="maps, laid over each other", ylabel="difference (%)")
    axes[0].set_ylim(0, 1.5 * max(max(row) for row in differences.values()))
    axes[0].legend(loc="upper left")
    axes[1].plot(pixels, 100 * shares, marker=MARKERS[2], color="C2", markersize=6)
    axes[1].set(title="answers", ylabel="changed (%)", xlabel="shift to the right (pixels)", xticks=list(pixels))
    axes[1].set_ylim(0, None)
    for ax in axes:
        ax.grid(True, axis="y")
    return axes


def strongest_windows(windows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw windows of pictures, one row a filter, one block a layer.

    Parameters
    ----------
    windows : mapping of str to numpy.ndarray
        Title and windows, shape (filters, N, h, w).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a layer.

    Raises
    ------
    ValueError
        If the windows of a layer have another number of axes.
    """
    windows = as_named(windows, "windows", as_finite, shape=("filters", "N", "h", "w"), filled=True)
    tiles = [_mosaic(each.reshape(-1, *each.shape[2:]), each.shape[1]) for each in windows.values()]
    heights = [(WIDTH - 0.4) * tile.shape[0] / tile.shape[1] + 0.3 for tile in tiles]
    _, axes = plt.subplots(len(tiles), 1, figsize=(WIDTH, sum(heights)), height_ratios=heights, squeeze=False)
    for ax, title, tile in zip(axes.flat, windows, tiles, strict=True):
        ax.imshow(tile, cmap=PICTURE, vmin=0, vmax=255)
        ax.set_facecolor("C4")  # shows in the gaps, where white would be taken for ink
        hide_ticks(ax)
        ax.set(title=title, ylabel="filters")
    return axes.reshape(-1)
