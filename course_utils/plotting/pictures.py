"""Pictures side by side, and what a classifier makes of them."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_array, as_count, as_flag, as_list, as_number
from course_utils.plotting.style import (
    INK,
    MAGNITUDE,
    PICTURE,
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


def axes_grid(count: int, columns: int, size: tuple[float, float]) -> np.ndarray:
    """``count`` axes, each ``size`` inches, in rows of ``columns`` or as many as a figure has room for. Shape (count,)."""
    columns = min(as_count(columns, "columns"), as_count(count, "count"), max(1, int(WIDTH / size[0] + 1e-6)))
    rows = -(-count // columns)
    _, axes = plt.subplots(rows, columns, figsize=(columns * size[0], rows * size[1]), squeeze=False)
    for ax in axes.flat[count:]:
        ax.remove()
    return axes.reshape(-1)[:count]


def image_grid(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 10,
    signed: bool = False,
    size: float = 0.85,
) -> np.ndarray:
    """Show pictures in a grid.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (N, H, W), (N, H, W, 1) or (N, H, W, 3). One colour scale for all: 0 … 255 for uint8, 0 … 1 for other
        colour pictures, otherwise smallest to largest value, or ± the largest magnitude if ``signed``.
    titles : sequence of str, optional
        One a picture.
    columns : int
        Pictures a row; fewer where their titles need more room than the width of a page gives.
    signed : bool
        Use the map for signed values.
    size : float
        Largest width of a picture in inches.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (N,).

    Raises
    ------
    ValueError
        If the shape is another, an entry is not finite, there are not as many titles as pictures, or an argument is out
        of range.
    """
    shapes = [("N", "H", "W"), ("N", "H", "W", 1), ("N", "H", "W", 3)]
    images = as_array(images, "images", shape=shapes, finite=True, filled=True)
    images = images[..., 0] if images.shape[3:] == (1,) else images
    signed, size = as_flag(signed, "signed"), as_number(size, "size", above=0)
    titles, columns = as_titles(titles, len(images), "picture"), as_count(columns, "columns")
    limits = _limits(images, signed)
    lines = max((title.count("\n") + 1 for title in titles or []), default=0)
    needed = max((text_width(title) for title in titles or []), default=0)
    columns = min(columns, len(images), max(1, int(WIDTH / needed)) if needed else columns)
    width = min(max(size, needed), WIDTH / max(columns, 1))
    height = min(size, width) * images.shape[1] / images.shape[2]
    axes = axes_grid(len(images), columns, (width, height + 0.05 + 0.19 * lines))
    for number, (ax, image) in enumerate(zip(axes, images, strict=True)):
        ax.imshow(image, cmap=SIGNED if signed else PICTURE, **limits)
        hide_ticks(ax)
        if titles is not None:
            ax.set_title(titles[number], fontsize=SMALLEST, pad=3)
    return axes


def _limits(images: np.ndarray, signed: bool) -> dict[str, float]:
    """Values at the two ends of the colour scale, the same for all pictures."""
    if signed:
        largest = float(np.abs(images.astype(float)).max())
        return {"vmin": -largest, "vmax": largest}
    return {"vmin": 0, "vmax": 255} if images.dtype == np.uint8 else {"vmin": images.min(), "vmax": images.max()}


def confusion_matrix(matrix: np.ndarray, class_names: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Show a confusion matrix: counts in the cells, colour for the *mistakes* only, on a scale of their own.

    Parameters
    ----------
    matrix : numpy.ndarray
        Counts, shape (K, K), true class by row.
    class_names : sequence of str
        K names.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the matrix is not square, holds other than whole numbers from 0, or has not as many rows as there are names.
    """
    class_names = [as_title(name, "class_names") for name in as_list(class_names, "class_names")]
    k = len(class_names)
    matrix = as_array(matrix, "matrix", shape=(k, k), kinds="iu", least=0)
    ax = drawing_area(ax, (WIDTH, WIDTH + 0.4))
    mistakes = np.ma.masked_array(matrix, np.eye(k, dtype=bool) | (matrix == 0))
    image = ax.imshow(mistakes, cmap=MAGNITUDE, vmin=0, vmax=max(1, mistakes.max() if mistakes.count() else 1))
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            right = row == column
            colour = INK if right else text_colour(image.cmap(image.norm(count)))
            weight = "bold" if right else "normal"
            ax.text(column, row, f"{count}", ha="center", va="center", fontsize=SMALLEST, weight=weight, color=colour)
    ax.set(xticks=range(k), yticks=range(k), xlabel="predicted class", ylabel="true class")
    ax.set_xticklabels(class_names)
    ax.set_yticklabels(class_names)
    ax.figure.colorbar(image, ax=ax, label="mistakes (pictures)", location="bottom", shrink=0.85)
    return ax
