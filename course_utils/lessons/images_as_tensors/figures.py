"""Figures of the lesson on images as tensors: pictures of different sizes, and values on three scales."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np

from course_utils._arguments import as_count, as_finite
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import PICTURE, SMALLEST, WIDTH, as_bytes, as_named, hide_ticks


def side_by_side(pictures: Mapping[str, np.ndarray], *, columns: int = 2) -> np.ndarray:
    """Show pictures that may differ in size, each filling its panel without being distorted.

    Parameters
    ----------
    pictures : mapping of str to numpy.ndarray
        Title and picture, uint8, shape (H, W) or (H, W, 3).
    columns : int
        Panels in a row.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (number of pictures,).

    Raises
    ------
    ValueError
        If a picture has another dtype or shape.
    """
    pictures = as_named(pictures, "pictures", as_bytes, shape=[("H", "W"), ("H", "W", 3)])
    width = WIDTH / as_count(columns, "columns")
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures.values())
    axes = axes_grid(len(pictures), columns, (width, width * min(tallest, 1.3) + 0.2))
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        ax.imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
        ax.set_title(title, fontsize=SMALLEST, pad=3)
        hide_ticks(ax)
    return axes


def value_scales(scales: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw one histogram a scale, one above the other, each over its own axis from the smallest value to the largest.

    Parameters
    ----------
    scales : mapping of str to numpy.ndarray
        Name of the scale, and the values on it.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (number of scales,).

    Raises
    ------
    ValueError
        If there are no values, or one is not finite.
    """
    scales = as_named(scales, "scales", as_finite, shape=("N", ...), filled=True)
    _, axes = plt.subplots(len(scales), 1, figsize=(WIDTH, 1.35 * len(scales)), squeeze=False)
    for number, (ax, (name, values)) in enumerate(zip(axes[:, 0], scales.items(), strict=True)):
        values = np.ravel(values)
        shares = np.full(values.size, 100 / values.size)
        ax.hist(values, bins=32, range=(values.min(), values.max()), weights=shares, color=f"C{number}")
        ax.axvline(0, color="black", linewidth=1)
        ax.set(title=name, ylabel="% of values")
    axes[-1, 0].set_xlabel("value")
    return axes[:, 0]
