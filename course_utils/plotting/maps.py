"""Numbers as pictures: feature maps, kernels, and one step of a convolution."""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_callable, as_count, as_finite, as_floats, as_list, as_number, refuse
from course_utils.plotting.pictures import axes_grid, image_grid
from course_utils.plotting.style import (
    HIGHLIGHT,
    SIGNED,
    SMALLEST,
    WIDTH,
    as_title,
    as_titles,
    drawing_area,
    hide_ticks,
    text_colour,
    text_width,
)


def plain(value: float) -> str:
    """A number as short as it can be written: 3, −1, 0.25; a whole number of up to seven digits in full."""
    whole = float(value).is_integer() and abs(value) < 1e7
    return f"{value + 0.0:{'.0f' if whole else '.3g'}}".replace("-", "−")  # adding 0.0 turns −0 into 0


def number_grid(
    values: np.ndarray,
    *,
    title: str = "",
    write: Callable[[float], str] = plain,
    limit: float | None = None,
    window: tuple[int, int, int, int] | None = None,
    cell: float = 0.5,
    ax: Axes | None = None,
) -> Axes:
    """Show a small map with its numbers in the cells, coloured by sign and magnitude.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (H, W). Entries that are NaN stay empty.
    title : str
        Above the grid.
    write : callable
        Turns a value into the text of its cell.
    limit : float, optional
        Magnitude at which the colours end; the largest in ``values`` unless given.
    window : (int, int, int, int), optional
        (row, column, rows, columns) of a window inside the map to outline.
    cell : float
        Largest size of a cell in inches, where the axes are made here.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If ``values`` has not two axes, none of them empty, or holds infinity, or an argument is out of range.
    """
    values, title, write = as_cells(values, "values"), as_title(title, "title"), as_callable(write, "write")
    limit, cell = _limit(limit, values), as_number(cell, "cell", above=0)
    outlined = None if window is None else _window(window, *values.shape)
    height, width = values.shape
    if ax is None:
        cell = min(cell, (WIDTH - 0.2) / width)
        ax = plt.subplots(figsize=(max(width * cell, text_width(title)) + 0.2, height * cell + 0.4))[1]
    ax = drawing_area(ax)
    image = ax.imshow(np.ma.masked_invalid(values), cmap=SIGNED, vmin=-limit, vmax=limit)
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = text_colour(image.cmap(image.norm(value)))
            ax.text(column, row, write(value), ha="center", va="center", fontsize=SMALLEST, color=colour)
    ax.set_xticks(np.arange(width - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(height - 1) + 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=0.8, linestyle="-")
    ax.tick_params(which="minor", length=0)
    hide_ticks(ax)
    if outlined is not None:
        row, column, rows, columns = outlined
        ax.add_patch(
            Rectangle((column - 0.5, row - 0.5), columns, rows, fill=False, edgecolor=HIGHLIGHT, linewidth=3, zorder=3)
        )
    ax.set_title(title)
    return ax


def number_grids(
    maps: Sequence[np.ndarray],
    titles: Sequence[str],
    *,
    columns: int = 3,
    write: Callable[[float], str] = plain,
    limit: float | None = None,
    cell: float = 0.42,
) -> np.ndarray:
    """Show small maps of one shape side by side, with their numbers in the cells and on one colour scale.

    Parameters
    ----------
    maps : sequence of numpy.ndarray
        N maps, each of shape (H, W).
    titles : sequence of str
        N titles.
    columns : int
        Maps a row; fewer where their numbers and titles need more room than the width of a page gives.
    write : callable
        Turns a value into the text of its cell.
    limit : float, optional
        Magnitude at which the colours end; the largest in all maps unless given.
    cell : float
        Largest size of a cell in inches.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (N,).

    Raises
    ------
    ValueError
        If the maps differ in shape, have not two axes, or are not as many as the titles.
    """
    maps = [as_cells(values, f"maps[{number}]") for number, values in enumerate(as_list(maps, "maps"))]
    if len({values.shape for values in maps}) > 1:
        raise ValueError(
            f"maps have shapes {', '.join(str(values.shape) for values in maps)}; expected one shape (H, W)"
        )
    titles, write = as_titles(as_list(titles, "titles"), len(maps), "map"), as_callable(write, "write")
    maps, cell = np.array(maps), as_number(cell, "cell", above=0)
    _, height, width = maps.shape
    limit = _limit(limit, maps)
    columns = min(as_count(columns, "columns"), len(maps))
    written = max((text_width(write(value)) for value in maps[~np.isnan(maps)]), default=0) + 0.04
    cell = max(min(cell, (WIDTH / max(columns, 1) - 0.2) / width), written)
    panel = max(width * cell, max(text_width(title) for title in titles)) + 0.2
    axes = axes_grid(len(maps), columns, (panel, height * cell + 0.4))
    for ax, values, title in zip(axes, maps, titles, strict=True):
        number_grid(values, title=title, write=write, limit=limit, ax=ax)
    return axes


def feature_maps(
    maps: np.ndarray,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 8,
    signed: bool = True,
    size: float = 0.95,
) -> np.ndarray:
    """Show the channels of one example side by side, on one colour scale.

    Parameters
    ----------
    maps : numpy.ndarray
        Shape (H, W, C).
    titles : sequence of str, optional
        One a channel.
    columns, signed, size
        As for :func:`image_grid`.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (C,).

    Raises
    ------
    ValueError
        If the shape is another, or there are not as many titles as channels.
    """
    maps = as_finite(maps, "maps", shape=("H", "W", "C"), filled=True)
    return image_grid(np.moveaxis(maps, -1, 0), titles, columns=columns, signed=signed, size=size)


def kernels(
    kernel: np.ndarray, titles: Sequence[str] | None = None, *, channel: int = 0, columns: int = 8, cell: float = 0.42
) -> np.ndarray:
    """Show one channel of each filter with its weights in the cells, on one colour scale.

    Parameters
    ----------
    kernel : numpy.ndarray
        Shape (k_h, k_w, C, C').
    titles : sequence of str, optional
        One a filter.
    channel : int
        Which of the C channels.
    columns : int
        Filters a row.
    cell : float
        Inches a weight.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (C',).

    Raises
    ------
    ValueError
        If the shape is another, there is no such channel, or there are not as many titles as filters.
    """
    kernel = as_finite(kernel, "kernel", shape=("k_h", "k_w", "C", "C'"), filled=True)
    channel = as_count(channel, "channel", least=0, most=kernel.shape[2] - 1)
    filters = kernel.shape[3]
    return number_grids(
        np.moveaxis(kernel[:, :, channel], -1, 0),
        [f"filter {number}" for number in range(filters)] if titles is None else titles,
        columns=columns,
        write=lambda value: plain(round(value, 2)),
        cell=cell,
    )


def convolution_step(
    image: np.ndarray,
    kernel: np.ndarray,
    output: np.ndarray,
    position: tuple[int, int],
    *,
    strides: int = 1,
    write: Callable[[float], str] = plain,
) -> np.ndarray:
    """Show one step of a convolution without padding: window, kernel, products, and the map filled so far.

    Parameters
    ----------
    image, kernel : numpy.ndarray
        Shapes (H, W) and (k_h, k_w).
    output : numpy.ndarray
        The finished map, shape (H', W'); entries after ``position`` are left empty.
    position : (int, int)
        Row and column of the output that this step computes.
    strides : int
        Step of the window in pixels.
    write : callable
        Turns a value of ``output`` into the text of its cell.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (4,): image, kernel, products, map.

    Raises
    ------
    ValueError
        If an array has not two axes, the position lies outside ``output`` or the kernel there outside the image, or
        ``output`` has another shape than this convolution gives.
    """
    image, kernel, output = as_cells(image, "image"), as_cells(kernel, "kernel"), as_cells(output, "output")
    strides, write = as_count(strides, "strides"), as_callable(write, "write")
    row, column = (
        as_count(place, "position", least=0) for place in as_list(position, "position", count=2, meaning="axis")
    )
    if row >= output.shape[0] or column >= output.shape[1]:
        raise ValueError(
            f"position={(row, column)}: output has rows 0 to {output.shape[0] - 1}, columns 0 to {output.shape[1] - 1}"
        )
    top, left = row * strides, column * strides
    if top + kernel.shape[0] > image.shape[0] or left + kernel.shape[1] > image.shape[1]:
        raise ValueError(
            f"position={(row, column)}: a kernel of shape {kernel.shape} at row {top}, column {left} leaves the image "
            f"of shape {image.shape}"
        )
    fitting = tuple((n - k) // strides + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
    if output.shape != fitting:
        raise ValueError(f"output has shape {output.shape}; expected {fitting}, as many places as the kernel takes")
    window = image[top : top + kernel.shape[0], left : left + kernel.shape[1]]
    products = window * kernel
    filled = np.where(np.arange(output.size).reshape(output.shape) <= row * output.shape[1] + column, output, np.nan)
    panels = [image, kernel, products, filled]
    columns = [max(panels[n].shape[1], panels[n + 2].shape[1], 4) for n in (0, 1)]  # a narrower one would cut its title
    rows = [max(panels[n].shape[0], panels[n + 1].shape[0]) for n in (0, 2)]
    cell = min(0.4, (WIDTH - 0.6) / sum(columns))
    size = (cell * sum(columns) + 0.6, cell * sum(rows) + 0.9)
    _, axes = plt.subplots(2, 2, figsize=size, width_ratios=columns, height_ratios=rows)
    axes = axes.reshape(-1)
    outlined = (top, left, *kernel.shape)
    number_grid(image, title="input", window=outlined, ax=axes[0])
    number_grid(kernel, title="kernel", ax=axes[1])
    number_grid(products, title=f"products, sum {plain(products.sum())}", ax=axes[2])
    number_grid(
        filled, title="feature map", limit=_limit(None, output), write=write, window=(row, column, 1, 1), ax=axes[3]
    )
    return axes


def as_cells(values, name: str) -> np.ndarray:
    """A map of at least one cell as floats, shape (H, W), in which only NaN stands for an empty cell.

    Raises
    ------
    ValueError
        If it is none, or holds infinity.
    """
    values = as_floats(values, name, shape=("H", "W"), filled=True)
    if np.isinf(values).any():
        raise ValueError(f"{name} holds infinity; expected numbers, and NaN for empty cells")
    return values


def _limit(limit, values: np.ndarray) -> float:
    """Magnitude at which the colours end: as given, the largest of the values, or 1 if that is 0."""
    given = 0 if limit is None else as_number(limit, "limit", least=0)
    return given or float(np.nanmax(np.abs(values), initial=0)) or 1.0


def _window(window, height: int, width: int) -> tuple[int, int, int, int]:
    entries = as_list(window, "window", count=4, meaning="number: row, column, rows, columns")
    row, column = (as_count(entry, "window", least=0) for entry in entries[:2])
    rows, columns = (as_count(entry, "window") for entry in entries[2:])
    if row + rows > height or column + columns > width:
        raise refuse(
            "window", window, f"row, column, rows and columns inside a map of {height} rows and {width} columns"
        )
    return row, column, rows, columns
