"""Figures of the lesson on pooling: windows and what is kept of them, answers after shifts, and what a unit sees."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_count, as_finite
from course_utils.plotting import MAGNITUDE, PICTURE, number_grid
from course_utils.plotting.maps import as_cells
from course_utils.plotting.style import (
    HIGHLIGHT,
    INK,
    MARKERS,
    SMALLEST,
    WIDTH,
    as_alike,
    as_bytes,
    as_named,
    as_shares,
    as_title,
    drawing_area,
    hide_ticks,
)


def windows(x: np.ndarray, pooled: Mapping[str, np.ndarray], *, pool_size: int) -> np.ndarray:
    """Show a map with the windows of a pooling outlined, and below it what the pooling keeps.

    Parameters
    ----------
    x : numpy.ndarray
        The map, shape (H, W).
    pooled : mapping of str to numpy.ndarray
        At most two pooled maps by name, each of shape (H // pool_size, W // pool_size).
    pool_size : int
        Rows and columns of a window, and its step.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (1 + poolings,): the map, then what each pooling keeps.

    Raises
    ------
    ValueError
        If no window fits into the map, there are more than two poolings, or one has another shape.
    """
    x, pool_size = as_cells(x, "x"), as_count(pool_size, "pool_size")
    pooled = as_alike(pooled, "pooled", as_cells)
    shape = (x.shape[0] // pool_size, x.shape[1] // pool_size)
    if 0 in shape:
        raise ValueError(f"pool_size={pool_size}: no window fits into x of shape {x.shape}")
    if len(pooled) > 2 or {values.shape for values in pooled.values()} != {shape}:
        raise ValueError(f"pooled: expected at most two maps of shape {shape}, as windows of {pool_size} cut them")
    cell = min(0.42, (WIDTH - 0.3) / x.shape[1])
    figure = plt.figure(figsize=(max(cell * x.shape[1] + 0.3, 2.9), cell * (x.shape[0] + shape[0]) + 0.9))
    grid = figure.add_gridspec(2, len(pooled), height_ratios=[x.shape[0], shape[0]])
    axes = [figure.add_subplot(grid[0, :]), *(figure.add_subplot(grid[1, n]) for n in range(len(pooled)))]
    number_grid(x, title="map, and its windows", ax=axes[0])
    for i, j in np.ndindex(shape):
        corner = (j * pool_size - 0.5, i * pool_size - 0.5)
        axes[0].add_patch(
            Rectangle(corner, pool_size, pool_size, fill=False, edgecolor=HIGHLIGHT, linewidth=3, zorder=3)
        )
    for ax, (name, values) in zip(axes[1:], pooled.items(), strict=True):
        number_grid(values, title=name, limit=np.nanmax(np.abs(x), initial=0) or 1, ax=ax)
    return np.array(axes)


def shift_response(
    pixels: Sequence[int], changed: Mapping[str, np.ndarray | Sequence[Sequence[float]]], *, ax: Axes | None = None
) -> Axes:
    """Draw how many answers change when pictures move: a curve a network, the mean over the directions.

    Parameters
    ----------
    pixels : sequence of int
        How far the pictures move.
    changed : mapping of str to array
        For each network the share of changed answers, 0 … 1, shape (len(pixels), directions).
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a network has not as many rows as there are shifts, or an entry is no share.
    """
    pixels = as_finite(pixels, "pixels", shape=("N",), filled=True)
    changed = as_named(changed, "changed", as_shares, shape=(len(pixels), "directions"))
    ax = drawing_area(ax, (WIDTH, 3.9))
    for number, (name, shares) in enumerate(changed.items()):
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(pixels, 100 * shares.mean(axis=1), marker=marker, markersize=6, label=name)
    ax.set(xlabel="shift (pixels)", ylabel="changed answers (%)", xticks=list(pixels))
    ax.set_ylim(0, None)
    ax.grid(True, axis="y")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, columnspacing=1)
    return ax


def gradient_map(sizes: np.ndarray, box: Sequence[int], *, ax: Axes | None = None) -> Axes:
    """Draw how strongly a unit reacts to each pixel, with its receptive field and the middle quarter of it outlined.

    Parameters
    ----------
    sizes : numpy.ndarray
        Size of the slope for each pixel, shape (H, W), at least 0.
    box : (int, int, int, int)
        First and last row, first and last column of the receptive field.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a size is negative, or the box does not lie in the picture.
    """
    sizes = as_finite(sizes, "sizes", shape=("H", "W"), filled=True, least=0)
    top, bottom, left, right = ends = [float(end) for end in as_finite(box, "box", shape=(4,))]
    inside = 0 <= top <= bottom < sizes.shape[0] and 0 <= left <= right < sizes.shape[1]
    if not inside or any(end % 1 for end in ends):
        raise ValueError(f"box: expected rows and columns of a picture of shape {sizes.shape}, got {ends}")
    ax = drawing_area(ax, (WIDTH, 3.9))
    image = ax.imshow(sizes / (sizes.max() or 1), cmap=MAGNITUDE, vmin=0, vmax=1)
    height, width = bottom - top + 1, right - left + 1
    for part, dashes in ((1, "-"), (2, "--")):
        corner = (left - 0.5 + width * (part - 1) / 4, top - 0.5 + height * (part - 1) / 4)
        ax.add_patch(
            Rectangle(corner, width / part, height / part, fill=False, edgecolor="white", linewidth=2, linestyle=dashes)
        )
    ax.set(xlabel="column", ylabel="row")
    ax.figure.colorbar(image, ax=ax, label="slope, as a share of the largest", shrink=0.85)
    return ax


def growing(picture: np.ndarray, fields: Mapping[str, Sequence[int]], *, title: str, ax: Axes | None = None) -> Axes:
    """Draw the squares that units of deeper and deeper layers see, one in the other, on a picture.

    Parameters
    ----------
    picture : numpy.ndarray of uint8
        Shape (H, W) or (H, W, 3).
    fields : mapping of str to (int, int)
        For each layer the first and last row that its unit sees; columns are the same.
    title : str
        Above the picture.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the picture is not made of bytes, or a last row comes before the first.
    """
    picture = as_bytes(picture, "picture", shape=[("H", "W"), ("H", "W", 3)])
    fields, title = as_named(fields, "fields", _span), as_title(title, "title")
    ax = drawing_area(ax, (WIDTH, 4.2))
    ax.imshow(picture, cmap=PICTURE, vmin=0, vmax=255, alpha=0.55)
    for number, (name, (first, last)) in enumerate(fields.items()):
        side, colour = last - first + 1, f"C{number % 6}"
        place = (first - 0.5, first - 0.5)
        ax.add_patch(Rectangle(place, side, side, fill=False, edgecolor="white", linewidth=4.5))
        ax.add_patch(
            Rectangle(place, side, side, fill=False, edgecolor=colour, linewidth=2.5, label=f"{name}: {side:g}")
        )
    ax.set_title(title)
    hide_ticks(ax)
    ax.legend(
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        fontsize=SMALLEST,
        labelcolor=INK,
        handlelength=1,
        title="sees",
    )
    return ax


def _span(value, name: str) -> tuple[float, float]:
    """First and last row."""
    first, last = (float(end) for end in as_finite(value, name, shape=(2,)))
    if last < first:
        raise ValueError(f"{name}: the last row, {last:g}, comes before the first, {first:g}")
    return first, last
