"""Convolution as matrix multiplication: which pixel goes where, where dilated weights lie, and what each form costs."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_array, as_count, as_finite, as_mapping, as_number, as_pair, refuse
from course_utils.plotting.maps import number_grid, plain
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import HIGHLIGHT, INK, WIDTH, as_named, as_title


def im2col_matrix(
    picture: np.ndarray,
    matrix: np.ndarray,
    *,
    kernel_size: int | tuple[int, int],
    row: int = 0,
    pixel: float | None = None,
    cell: float = 0.44,
) -> np.ndarray:
    """Show a small picture above its im2col matrix: one window and its row outlined, one pixel and its copies marked.

    Parameters
    ----------
    picture : numpy.ndarray
        Shape (H, W), one channel; pixels that all differ can be followed.
    matrix : numpy.ndarray
        Shape (H' W', k_h k_w), H' = H − k_h + 1 and W' = W − k_w + 1: stride 1, no padding.
    kernel_size : int or (int, int)
        k_h and k_w.
    row : int
        Row of the matrix to outline, with its window.
    pixel : float, optional
        Value of the pixels to mark.
    cell : float
        Largest size of a cell in inches.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (2,): picture, matrix.

    Raises
    ------
    ValueError
        If the shapes do not belong together, or there is no such row.
    """
    picture = as_finite(picture, "picture", shape=("H", "W"), filled=True)
    k_h, k_w = as_pair(kernel_size, "kernel_size")
    rows, columns = picture.shape[0] - k_h + 1, picture.shape[1] - k_w + 1
    if min(rows, columns) < 1:
        raise refuse("kernel_size", kernel_size, f"a picture of shape {picture.shape} has no such window")
    matrix = as_finite(matrix, "matrix", shape=(rows * columns, k_h * k_w))
    row, cell = as_count(row, "row", least=0, most=len(matrix) - 1), as_number(cell, "cell", above=0)
    pixel = None if pixel is None else as_number(pixel, "pixel")
    heights = [picture.shape[0], len(matrix)]
    cell = min(cell, (WIDTH - 0.8) / max(picture.shape[1], k_h * k_w))
    size = (cell * max(picture.shape[1], k_h * k_w) + 0.8, cell * sum(heights) + 1.3)
    _, axes = plt.subplots(2, 1, figsize=size, height_ratios=heights)
    window = divmod(row, columns)
    limit = np.abs(matrix).max()
    number_grid(picture, title="picture", limit=limit, window=(*window, k_h, k_w), ax=axes[0])
    number_grid(matrix, limit=limit, window=(row, 0, 1, k_h * k_w), ax=axes[1])
    axes[1].set_title("matrix: one row a window, one column a weight", pad=8)
    places = [f"{i},{j}" for i, j in np.ndindex(rows, columns)]
    axes[1].set_xticks(range(k_h * k_w), [f"{u},{v}" for u, v in np.ndindex(k_h, k_w)])
    axes[1].set_yticks(range(len(matrix)), places)
    axes[1].set(xlabel="u, v of the weight", ylabel="i, j of the window")
    axes[1].tick_params(which="major", length=0)
    if pixel is not None:
        for ax, values in zip(axes, (picture, matrix), strict=True):
            _mark(ax, values == pixel)
    return axes


def _mark(ax: Axes, where: np.ndarray) -> None:
    """Draw a dark frame into the cells of a number grid where ``where`` is true."""
    for i, j in np.argwhere(where):
        ax.add_patch(Rectangle((j - 0.38, i - 0.38), 0.76, 0.76, fill=False, edgecolor=INK, linewidth=1.8, zorder=4))


def dilated_kernels(
    kernel: np.ndarray, rates: Sequence[int], *, size: int | None = None, columns: int = 3, cell: float = 0.22
) -> np.ndarray:
    """Show on which pixels the weights of a kernel lie, one panel a dilation rate, its receptive field outlined.

    Parameters
    ----------
    kernel : numpy.ndarray
        Shape (k_h, k_w), one channel.
    rates : sequence of int
        Dilation rates d.
    size : int, optional
        Rows and columns of pixels shown; the largest reach and a pixel around it unless given.
    columns : int
        Panels a row.
    cell : float
        Inches a pixel.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a rate.

    Raises
    ------
    ValueError
        If the kernel has not two axes, a rate is no positive whole number, or a dilated kernel does not fit.
    """
    kernel, cell = as_finite(kernel, "kernel", shape=("k_h", "k_w"), filled=True), as_number(cell, "cell", above=0)
    rates = as_array(rates, "rates", shape=("N",), kinds="iu", filled=True, least=1).tolist()
    reaches = [tuple(rate * (side - 1) + 1 for side in kernel.shape) for rate in rates]
    largest = max(map(max, reaches))
    size = largest + 2 if size is None else as_count(size, "size", least=largest)
    axes = axes_grid(len(rates), columns, (size * cell + 0.2, size * cell + 0.4))
    for ax, rate, reach in zip(axes, rates, reaches, strict=True):
        top, left = (size - reach[0]) // 2, (size - reach[1]) // 2
        pixels = np.full((size, size), np.nan)
        pixels[top : top + reach[0] : rate, left : left + reach[1] : rate] = kernel
        ax.set_facecolor("#e6e6e6")
        number_grid(pixels, title=f"dilation {rate}", limit=np.abs(kernel).max(), window=(top, left, *reach), ax=ax)
    return axes


def cost_bars(costs: Mapping[str, Mapping[str, Mapping[str, float]]], *, reference: str = "Keras") -> np.ndarray:
    """Draw how many times the reference's time each form takes, one panel a layer, on one logarithmic scale.

    Bars start at 1, the reference: to the right is slower, to the left faster.

    Parameters
    ----------
    costs : mapping of str to mapping of str to mapping
        For each layer, by name, for each form, by name, the ratio as ``{"median": …, "low": …, "high": …}``.
    reference : str
        What 1 means.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a layer.

    Raises
    ------
    ValueError
        If a ratio is not positive, or a median does not lie between low and high.
    """
    costs, reference = as_named(costs, "costs", as_named, _ratio), as_title(reference, "reference")
    forms = max(len(ratios) for ratios in costs.values())
    _, axes = plt.subplots(
        len(costs), 1, figsize=(WIDTH, len(costs) * (0.3 * forms + 0.4) + 0.4), sharex=True, squeeze=False
    )
    axes = axes[:, 0]
    for ax, (layer, ratios) in zip(axes, costs.items(), strict=True):
        for place, (low, median, high) in enumerate(ratios.values()):
            ax.barh(place, median - 1, left=1, height=0.6, color="C0")
            ax.plot([low, high], [place, place], color=INK, linewidth=1.5, linestyle="-")
            beside = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "fontsize": 9}
            ax.annotate(f"{_short(median)} ×", (max(high, 1), place), **beside)
        ax.set_yticks(range(len(ratios)), list(ratios))
        ax.axvline(1, color=HIGHLIGHT, linewidth=2, linestyle="-")
        ax.set(xscale="log", ylim=(len(ratios) - 0.5, -0.5))
        ax.set_title(layer, loc="left")
        ax.tick_params(axis="y", length=0)
    lows, _, highs = zip(*(ratio for ratios in costs.values() for ratio in ratios.values()), strict=True)
    axes[-1].set_xlim(min(*lows, 1) / 1.5, max(*highs, 1) * 40)  # room for the numbers
    axes[-1].set_xlabel(f"time as a multiple of {reference}'s")
    return axes


def _ratio(ratio, name: str) -> tuple[float, float, float]:
    """Low, median and high end of a ratio."""
    ratio = as_mapping(ratio, name)
    low, median, high = (as_number(ratio.get(key), f"{name}[{key!r}]", above=0) for key in ("low", "median", "high"))
    if not low <= median <= high:
        raise ValueError(f"{name}: expected low <= median <= high, got {low}, {median}, {high}")
    return low, median, high


def _short(value: float) -> str:
    """A positive number with three digits that count: 1.25, 21,300."""
    return plain(value) if value < 100 else f"{float(f'{value:.3g}'):,.0f}"
