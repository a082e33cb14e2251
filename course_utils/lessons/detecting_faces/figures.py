"""Figures of the lesson on detecting faces: boxes on pictures, heat maps, precision and recall."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_finite
from course_utils.plotting.style import (
    MARKERS,
    PICTURE,
    SIGNED,
    SMALLEST,
    WIDTH,
    as_bytes,
    as_named,
    as_shares,
    drawing_area,
    hide_ticks,
)


def boxes_on(
    pictures: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray], labelled: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Draw found boxes, full lines with their score, and labelled ones, dashed, on grey pictures side by side.

    Parameters
    ----------
    pictures : mapping of str to numpy.ndarray
        uint8, shape (H, W).
    found : mapping of str to numpy.ndarray
        Under the same names, shape (M, 5): top, left, bottom, right and score; may be empty.
    labelled : mapping of str to numpy.ndarray
        Under the same names, shape (M, 4).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If an array is none of these, or the names differ.
    """
    pictures = as_named(pictures, "pictures", as_bytes, shape=("H", "W"))
    found = as_named(found, "found", as_finite, shape=("M", 5))
    labelled = as_named(labelled, "labelled", as_finite, shape=("M", 4))
    for name, boxes in (("found", found), ("labelled", labelled)):
        if list(boxes) != list(pictures):
            raise ValueError(f"{name} has other names than pictures")
    ratios = [picture.shape[1] / picture.shape[0] for picture in pictures.values()]
    height = min(WIDTH / sum(ratios), 4.5) + 0.3
    axes = plt.subplots(1, len(pictures), figsize=(WIDTH, height), width_ratios=ratios, squeeze=False)[1][0]
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        ax.imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
        for box in labelled[title]:
            _outline(ax, box, "white", 3.2, "-")
            _outline(ax, box, "C0", 1.8, (0, (2.5, 2)))
        unit, taken = picture.shape[0] / (height - 0.3) * SMALLEST / 72, []  # pixels in a point of the numbers' size
        for *box, score in found[title]:
            _outline(ax, box, "white", 3.2, "-")
            _outline(ax, box, "C1", 1.6, "-")
            number = f"{score:z.1f}".replace("-", "−")
            taken.append(_beside(box, (1.3 * unit, (0.65 * len(number) + 0.2) * unit), taken, picture.shape))
            look = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
            top, left, bottom, right = taken[-1]
            place = (left + right) / 2, (top + bottom) / 2
            ax.text(*place, number, fontsize=SMALLEST, ha="center", va="center", bbox=look)
        ax.set(title=title, xlim=(-0.5, picture.shape[1] - 0.5), ylim=(picture.shape[0] - 0.5, -0.5))
        hide_ticks(ax)
    return axes


def _beside(box, size: tuple[float, float], taken: list, shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """Where a number of this size goes: above its box, or else below, within the picture and on no other number if possible."""
    top, left, bottom, right = box
    (rows, columns), (height, width) = size, shape
    places = []
    for row in (top - rows, bottom, top):
        for column in (left, right - columns):
            row, column = min(max(row, 0), height - rows), min(max(column, 0), width - columns)
            places.append((row, column, row + rows, column + columns))

    def hidden(place) -> float:
        """Pixels shared with other numbers, and with the own box."""
        return sum(
            max(0, min(place[2], other[2]) - max(place[0], other[0]))
            * max(0, min(place[3], other[3]) - max(place[1], other[1]))
            for other in (*taken, box)
        )

    return min(places, key=hidden)


def _outline(ax: Axes, box, colour: str, width: float, dash) -> None:
    top, left, bottom, right = box
    shape = Rectangle((left, top), right - left, bottom - top, fill=False)
    shape.set(edgecolor=colour, linewidth=width, linestyle=dash)
    ax.add_patch(shape)


def heat_maps(picture: np.ndarray, maps: Mapping[str, np.ndarray]) -> np.ndarray:
    """Show a grey picture and maps of logits of windows in it, on one scale that is centred on zero.

    The scale ends at the largest logit; colours of logits that are farther below zero are those of its lower end.

    Parameters
    ----------
    picture : numpy.ndarray
        uint8, shape (H, W).
    maps : mapping of str to numpy.ndarray
        Logits, shape (H', W') each.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If an array is none of these.
    """
    picture = as_bytes(picture, "picture", shape=("H", "W"))
    maps = as_named(maps, "maps", as_finite, shape=("H'", "W'"), filled=True)
    columns = len(maps) + 1
    height = WIDTH / columns * picture.shape[0] / picture.shape[1] + 0.8
    figure, axes = plt.subplots(1, columns, figsize=(WIDTH, min(height, 6)), squeeze=False)
    axes = axes[0]
    axes[0].imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
    axes[0].set_title("picture")
    limit = max(float(one.max()) for one in maps.values())
    if limit <= 0:
        limit = max(float(np.abs(one).max()) for one in maps.values()) or 1.0
    for ax, (title, one) in zip(axes[1:], maps.items(), strict=True):
        shown = ax.imshow(one, cmap=SIGNED, vmin=-limit, vmax=limit)
        ax.set_title(title)
    for ax in axes:
        hide_ticks(ax)
    figure.colorbar(shown, ax=axes, location="bottom", fraction=0.06, extend="min", label="logit of a window")
    return axes


def precision_recall(curves: Mapping[str, np.ndarray], chosen: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Draw precision against recall, one line for each detector, and a ring at the chosen threshold.

    Parameters
    ----------
    curves : mapping of str to numpy.ndarray
        Shares, shape (2, M): recall, then precision.
    chosen : numpy.ndarray
        Recall and precision at the chosen threshold.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If an array is none of these.
    """
    curves = as_named(curves, "curves", as_shares, shape=(2, "M"))
    chosen = as_shares(chosen, "chosen", shape=(2,))
    ax = drawing_area(ax, (WIDTH, 3.2))
    for number, (name, (recall, precision)) in enumerate(curves.items()):
        ax.plot(recall, precision, marker=MARKERS[number % len(MARKERS)], markersize=3.5, label=name)
    ring = {"markersize": 13, "markerfacecolor": "none", "markeredgecolor": "black", "markeredgewidth": 1.5}
    ax.plot(*chosen, "o", label="chosen threshold", linestyle="none", **ring)
    ax.set(xlabel="recall", ylabel="precision", xlim=(0, 1.03), ylim=(0, 1.05))
    ax.grid(True)
    ax.legend(loc="lower left")
    return ax
