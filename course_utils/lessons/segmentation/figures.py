"""Figures of the lesson on segmentation: pictures with predicted masks, and the way through a U-Net."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch, Rectangle

from course_utils._arguments import as_array, as_count, as_list
from course_utils.plotting.style import INK, SMALLEST, WIDTH, as_alike, as_shares, drawing_area

MISSED, CLAIMED = "#d55e00", "#56b4e9"
"""Colours of pixels that a prediction leaves out, and of those that it adds: the first is dark, the second light."""


def mask_errors(
    pictures: np.ndarray, true: np.ndarray, predicted: Mapping[str, np.ndarray], *, ax: Axes | None = None
) -> Axes:
    """Show pictures, their true masks and, in a row for each prediction, its mask with the wrong pixels in colour.

    Parameters
    ----------
    pictures : numpy.ndarray
        From 0 to 1, shape (N, H, W).
    true : numpy.ndarray of bool
        Masks, the same shape.
    predicted : mapping of str to numpy.ndarray of bool
        By name, masks of the same shape.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes differ, pictures are not from 0 to 1 or masks are not bool.
    """
    pictures = as_shares(pictures, "pictures", shape=("N", "H", "W"))
    true = as_array(true, "true", shape=pictures.shape, kinds="b")
    predicted = as_alike(predicted, "predicted", as_array, shape=pictures.shape, kinds="b")
    rows = {"picture": np.repeat(pictures[..., None], 3, axis=-1), "mask": np.repeat(true[..., None], 3, axis=-1) * 1.0}
    for name, mask in predicted.items():
        rows[name] = np.repeat((mask & true)[..., None], 3, axis=-1) * 1.0
        rows[name][true & ~mask] = to_rgb(MISSED)
        rows[name][mask & ~true] = to_rgb(CLAIMED)
    count, height, width = pictures.shape
    gap = max(1, height // 16)
    sheet = np.ones((len(rows) * (height + gap) - gap, count * (width + gap) - gap, 3))
    for line, strip in enumerate(rows.values()):
        for column, picture in enumerate(strip):
            top, left = line * (height + gap), column * (width + gap)
            sheet[top : top + height, left : left + width] = picture
    ax = drawing_area(ax, (WIDTH, min(0.4 + 3.6 * sheet.shape[0] / sheet.shape[1], 8)))
    ax.imshow(sheet)
    ax.set_yticks([line * (height + gap) + height / 2 for line in range(len(rows))], list(rows))
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    handles = [Patch(facecolor=MISSED, label="missed"), Patch(facecolor=CLAIMED, label="wrongly claimed")]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2)
    return ax


def u_shape(sides: Sequence[int], channels: Sequence[int], *, ax: Axes | None = None) -> Axes:
    """Draw the maps of a U-Net: down on the left, up on the right, and across from each to its partner.

    Parameters
    ----------
    sides : sequence of int
        Rows of the maps on each level, from the top.
    channels : sequence of int
        Channels of the maps on each level.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many channels as sides, or one is no positive whole number.
    """
    sides = [as_count(side, "sides") for side in as_list(sides, "sides", least=2)]
    listed = as_list(channels, "channels", count=len(sides), meaning="level")
    channels = [as_count(each, "channels") for each in listed]
    levels, last = len(sides), 2 * len(sides) - 2
    ax = drawing_area(ax, (WIDTH, 0.4 + 0.6 * levels))
    for place in range(2 * levels - 1):
        level = min(place, last - place)
        ax.add_patch(Rectangle((place - 0.42, level - 0.27), 0.84, 0.54, facecolor="white", edgecolor=INK))
        text = f"{sides[level]}×{sides[level]}\n×{channels[level]}"
        ax.text(place, level, text, ha="center", va="center", fontsize=SMALLEST)
        if place < last:
            after = min(place + 1, last - place - 1)
            down = 1 if after > level else -1
            start, end = (place + 0.1, level + 0.27 * down), (place + 0.75, after - 0.27 * down)
            ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": INK})
        if place < level + 1 and level < levels - 1:
            across = {"arrowstyle": "->", "color": "C0", "linestyle": "--", "linewidth": 1.5}
            ax.annotate("", (last - place - 0.42, level), (place + 0.42, level), arrowprops=across)
    ax.set(xlim=(-0.5, last + 0.5), ylim=(levels - 0.6, -0.5), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax
