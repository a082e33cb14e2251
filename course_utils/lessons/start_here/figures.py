"""Figures of the first lesson: a picture as numbers, a picture with its rows counted, and what moving digits does."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_array, as_count, as_finite, refuse
from course_utils.plotting.style import (
    HIGHLIGHT,
    MARKERS,
    PICTURE,
    SMALLEST,
    WIDTH,
    as_named,
    as_shares,
    drawing_area,
    hide_ticks,
    text_colour,
)


def _grey(picture) -> np.ndarray:
    """A picture of shape (H, W) or (H, W, 1), 0 … 255, as (H, W)."""
    picture = as_array(picture, "picture", shape=[("H", "W"), ("H", "W", 1)], filled=True, least=0, most=255)
    return picture[..., 0] if picture.ndim == 3 else picture


def _pair(value, name: str, least: int) -> tuple[int, int]:
    """A tuple of two whole numbers, rows and columns, each at least ``least``."""
    if not isinstance(value, tuple) or len(value) != 2:
        raise refuse(name, value, "give a tuple (rows, columns)")
    rows, columns = (as_count(entry, name, least=least) for entry in value)
    return rows, columns


def pixels(picture: np.ndarray, corner: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Show a picture with a piece of it outlined, and below it the numbers of that piece.

    Parameters
    ----------
    picture : numpy.ndarray
        Shape (H, W) or (H, W, 1), values 0 … 255.
    corner, size : (int, int)
        Row and column of the piece's first pixel, and its rows and columns.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,).

    Raises
    ------
    ValueError
        If the piece leaves the picture, or an argument is no picture or no pair of whole numbers.
    """
    picture = _grey(picture)
    (row, column), (rows, columns) = _pair(corner, "corner", 0), _pair(size, "size", 1)
    piece = picture[row : row + rows, column : column + columns]
    if piece.shape != (rows, columns):
        raise ValueError(
            f"corner and size ask for {rows} rows and {columns} columns from {(row, column)}; "
            f"the picture has shape {picture.shape}"
        )
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 5.2), height_ratios=(1, 1.15))
    for ax, shown in zip(axes, (picture, piece), strict=True):
        image = ax.imshow(shown, cmap=PICTURE, vmin=0, vmax=255)
        hide_ticks(ax)
    frame = (column - 0.5, row - 0.5), columns, rows
    axes[0].add_patch(Rectangle(*frame, fill=False, edgecolor=HIGHLIGHT, linewidth=2.5))
    for (i, j), value in np.ndenumerate(piece):
        colour = text_colour(image.cmap(image.norm(value)))
        axes[1].text(j, i, f"{value:.0f}", ha="center", va="center", fontsize=SMALLEST, color=colour)
    return axes


def ruled(picture: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Show a picture with its rows and columns counted from 0.

    Parameters
    ----------
    picture : numpy.ndarray
        Shape (H, W) or (H, W, 1), values 0 … 255.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
    """
    picture = _grey(picture)
    ax = drawing_area(ax, (3.4, 3.4))
    ax.imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
    ax.set(xlabel="column", ylabel="row")
    ax.set(xticks=range(0, picture.shape[1], 4), yticks=range(0, picture.shape[0], 4))
    ax.grid(True, alpha=0.5)
    ax.set_axisbelow(False)
    return ax


def by_shift(shifts: Sequence[int], accuracies: Mapping[str, Sequence[float]], *, ax: Axes | None = None) -> Axes:
    """Draw the accuracy on moved pictures against the distance, one curve a network.

    Parameters
    ----------
    shifts : sequence of int
        Distances in pixels.
    accuracies : mapping of str to sequence of float
        For each network its accuracy, as a share, at each distance.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no curves, or one has not one share for each distance.
    """
    shifts = as_finite(shifts, "shifts", shape=("N",), filled=True)
    curves = as_named(accuracies, "accuracies", as_shares, shape=shifts.shape)
    ax = drawing_area(ax, (WIDTH, 3.4))
    for number, (name, shares) in enumerate(curves.items()):
        ax.plot(shifts, 100 * shares, marker=MARKERS[number % len(MARKERS)], label=name)
    ax.set(xlabel="moved to the right by (pixels)", ylabel="read rightly (%)", ylim=(0, 103))
    ax.grid(True, axis="y")
    ax.legend(loc="lower left")
    return ax
