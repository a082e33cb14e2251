"""Figures of the lesson on colour pictures: accuracy by input size, and what one unit of a network sees."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_count
from course_utils.plotting.style import (
    INK,
    MARKERS,
    WIDTH,
    as_bytes,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    hide_ticks,
    log_labels,
)


def accuracy_by_size(
    sizes: Sequence[int], accuracies: Mapping[str, Sequence[float]], *, ax: Axes | None = None
) -> Axes:
    """Draw accuracy against the size that pictures are brought to, one line a task.

    Parameters
    ----------
    sizes : sequence of int
        Rows and columns of the pictures, above 0.
    accuracies : mapping of str to sequence of float
        For each task one share of right answers for each size.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a size is not above 0, or a task has not as many shares as there are sizes.
    """
    sizes = as_positive(sizes, "sizes")
    accuracies = as_named(accuracies, "accuracies", as_shares, shape=(len(sizes),))
    ax = drawing_area(ax, (WIDTH, 3.0))
    for number, (name, shares) in enumerate(accuracies.items()):
        look = {"color": f"C{number % 6}", "marker": MARKERS[number % len(MARKERS)], "markersize": 5}
        dash = plt.rcParams["axes.prop_cycle"].by_key()["linestyle"][number % 6]
        ax.plot(sizes, 100 * shares, label=name, linestyle=dash, **look)
    ax.set(xscale="log", xlabel="rows and columns after enlarging (pixels)", ylabel="accuracy (%)", ylim=(0, 100))
    log_labels(ax.xaxis, "")
    ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    ax.set_xticks([], minor=True)
    ax.grid(True, axis="y")
    ax.legend(loc="lower right")
    return ax


def field_of_one_unit(pictures: Mapping[str, np.ndarray], field: int) -> np.ndarray:
    """Show pictures of several sizes equally large, each with the window that one unit in the middle sees.

    Parameters
    ----------
    pictures : mapping of str to numpy.ndarray
        By title: uint8, shape (H, W, 3).
    field : int
        Rows and columns of the window, in pixels of the picture.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a picture.

    Raises
    ------
    ValueError
        If a picture is not made of bytes, or the window is larger than one.
    """
    pictures = as_named(pictures, "pictures", as_bytes, shape=("H", "W", 3))
    field = as_count(field, "field", most=min(min(picture.shape[:2]) for picture in pictures.values()))
    _, axes = plt.subplots(1, len(pictures), figsize=(WIDTH, WIDTH / len(pictures) + 0.3), squeeze=False)
    for ax, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        height, width = picture.shape[:2]
        corner = (width - field) / 2 - 0.5, (height - field) / 2 - 0.5
        ax.imshow(picture, interpolation="none")
        for colour, line in ((INK, 4.0), ("white", 1.8)):
            ax.add_patch(Rectangle(corner, field, field, fill=False, edgecolor=colour, linewidth=line))
        ax.set_title(title)
        hide_ticks(ax)
    return axes[0]
