"""Figures of the lesson on channels and filters: one entry from all channels, and digits under filters."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_count, as_finite
from course_utils.plotting import SIGNED, number_grid
from course_utils.plotting.maps import plain
from course_utils.plotting.style import SMALLEST, WIDTH, as_title, drawing_area


def channel_step(x: np.ndarray, w: np.ndarray, row: int, column: int) -> np.ndarray:
    """Show what each channel adds to one entry of a map: its window, its kernel and their products.

    Parameters
    ----------
    x : numpy.ndarray
        One picture, shape (H, W, C).
    w : numpy.ndarray
        One filter, shape (k_h, k_w, C).
    row, column : int
        Where the window starts.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (C, 3): channel, kernel, products.

    Raises
    ------
    ValueError
        If the numbers of channels differ, or the window leaves the picture.
    """
    x = as_finite(x, "x", shape=("H", "W", "C"), filled=True)
    w = as_finite(w, "w", shape=("k_h", "k_w", "C"), filled=True)
    rows, columns, channels = w.shape
    if x.shape[2] != channels:
        raise ValueError(f"x has {x.shape[2]} channels, the filter {channels}")
    row, column = as_count(row, "row", least=0), as_count(column, "column", least=0)
    if row + rows > x.shape[0] or column + columns > x.shape[1]:
        raise ValueError(f"row={row}, column={column}: the window leaves the picture of shape {x.shape[:2]}")
    widths = (x.shape[1], max(columns, 4), max(columns, 4))
    cell = min(0.38, (WIDTH - 0.4) / sum(widths))
    size = (WIDTH, channels * (cell * x.shape[0] + 0.4))
    _, axes = plt.subplots(channels, 3, figsize=size, width_ratios=widths, squeeze=False)
    products = x[row : row + rows, column : column + columns] * w
    for c, (left, middle, right) in enumerate(axes):
        window = (row, column, rows, columns)
        number_grid(x[:, :, c], title=f"channel {c}", window=window, limit=np.abs(x).max() or 1, ax=left)
        number_grid(w[:, :, c], title=f"kernel {c}", limit=np.abs(w).max() or 1, ax=middle)
        number_grid(
            products[:, :, c],
            title=f"sum {plain(products[:, :, c].sum())}",
            limit=np.abs(products).max() or 1,
            ax=right,
        )
    return axes


def digits_under_filters(
    digits: np.ndarray, w: np.ndarray, maps: np.ndarray, *, title: str, ax: Axes | None = None
) -> Axes:
    """Show digits in the first row, filters in the first column, and the map of each pair where they meet.

    Parameters
    ----------
    digits : numpy.ndarray
        Grey pictures, shape (N, H, W, 1).
    w : numpy.ndarray
        Filters of one channel, shape (k, k, 1, C').
    maps : numpy.ndarray
        Their maps, shape (N, H', W', C'), with H' = H − k + 1.
    title : str
        Above the figure.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """
    digits = as_finite(digits, "digits", shape=("N", "H", "W", 1), filled=True)
    w = as_finite(w, "w", shape=("k", "k", 1, "C'"), filled=True)
    n, height, width = digits.shape[:3]
    k, count = w.shape[0], w.shape[3]
    maps = as_finite(maps, "maps", shape=(n, height - k + 1, width - k + 1, count), filled=True)
    title = as_title(title, "title")
    rows, columns = maps.shape[1:3]
    if k > min(rows, columns):
        raise ValueError(f"w has filters of {k} x {k}; beside maps of {rows} x {columns} there is no room for them")
    tile = np.ones((count + 1, n + 1, rows + 2, columns + 2, 3))
    cut = (k - 1) // 2
    inside = digits[:, cut : cut + rows, cut : cut + columns]
    tile[0, 1:, 1:-1, 1:-1] = inside / (digits.max() or 1)
    colours = plt.get_cmap(SIGNED)
    times = min(rows, columns) // k
    for o in range(count):
        kernel = np.kron(w[:, :, 0, o], np.ones((times, times)))
        top, left = (rows + 2 - len(kernel)) // 2, (columns + 2 - len(kernel)) // 2
        place = (slice(top, top + len(kernel)), slice(left, left + len(kernel)))
        tile[o + 1, 0][place] = colours(_centred(kernel))[..., :3]
        tile[o + 1, 1:, 1:-1, 1:-1] = colours(_centred(maps[..., o]))[..., :3]
    sheet = tile.transpose(0, 2, 1, 3, 4).reshape((count + 1) * (rows + 2), (n + 1) * (columns + 2), 3)
    ax = drawing_area(ax, (WIDTH, WIDTH * len(sheet) / sheet.shape[1] + 0.2))
    ax.imshow(sheet)
    ax.set_title(title)
    middles = (np.arange(1, count + 1) + 0.5) * (rows + 2)
    ax.set_yticks(middles, [str(o) for o in range(count)], fontsize=SMALLEST)
    ax.set(xticks=[], ylabel="filter")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def _centred(values: np.ndarray) -> np.ndarray:
    """Values as 0 … 1 with zero in the middle."""
    return 0.5 + 0.5 * values / (np.abs(values).max() or 1)
