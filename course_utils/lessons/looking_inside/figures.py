"""Figures of the lesson on looking inside: filters, maps, heat maps over photographs and digits, and the covering test."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from PIL import Image

from course_utils._arguments import as_count, as_finite, as_list
from course_utils.explain import overlay
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import (
    GRID,
    PICTURE,
    SIGNED,
    SMALLEST,
    WIDTH,
    as_bytes,
    as_named,
    drawing_area,
    hide_ticks,
)


def first_filters(strokes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Show the filters of two first layers: those of one channel as signed values, those of three as colour pictures.

    Parameters
    ----------
    strokes : numpy.ndarray
        Shape (k, k, 1, N).
    edges : numpy.ndarray
        Shape (k, k, 3, N). Each filter is scaled to its largest magnitude, grey for 0, unless that is below a hundredth.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One for each filter, in rows of eight.

    Raises
    ------
    ValueError
        If a shape is another, or an entry is not finite.
    """
    strokes = as_finite(strokes, "strokes", shape=("k", "k", 1, "N"), filled=True)
    edges = as_finite(edges, "edges", shape=("k", "k", 3, "N"), filled=True)
    first = -(-strokes.shape[3] // 8) * 8
    axes = axes_grid(first + edges.shape[3], 8, (WIDTH / 8, WIDTH / 8))
    largest = np.abs(strokes).max()
    for number, ax in enumerate(axes):
        if number < strokes.shape[3]:
            ax.imshow(strokes[:, :, 0, number], cmap=SIGNED, vmin=-largest, vmax=largest)
        elif number >= first:
            one = edges[..., number - first]
            magnitude = np.abs(one).max()
            ax.imshow(0.5 + one / (2 * magnitude) if magnitude > 0.01 else np.full(one.shape, 0.5))
        hide_ticks(ax)
        if strokes.shape[3] <= number < first:
            ax.set_axis_off()
    return axes


def layer_maps(maps: Mapping[str, np.ndarray]) -> np.ndarray:
    """Show some feature maps of several layers, a row for each layer, each map from 0, or its smallest entry below, to its largest.

    Parameters
    ----------
    maps : mapping of str to numpy.ndarray
        For each layer maps of shape (H', W', M).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (layers, largest M).

    Raises
    ------
    ValueError
        If a shape is another, or an entry is not finite.
    """
    maps = as_named(maps, "maps", as_finite, shape=("H", "W", "M"), filled=True)
    columns = max(each.shape[2] for each in maps.values())
    side = (WIDTH - 0.5) / columns
    _, axes = plt.subplots(len(maps), columns, figsize=(WIDTH, side * len(maps)), squeeze=False)
    for row, (name, each) in zip(axes, maps.items(), strict=True):
        for number, ax in enumerate(row):
            if number < each.shape[2]:
                one = each[..., number]
                ax.imshow(one, cmap=PICTURE, vmin=min(0, one.min()), vmax=max(one.max(), 1e-9))
                hide_ticks(ax)
            else:
                ax.set_axis_off()
        row[0].set_ylabel(name, fontsize=SMALLEST)
    return axes


def overlays(panels: Mapping[str, tuple[np.ndarray, np.ndarray]], *, columns: int = 2) -> np.ndarray:
    """Show photographs under heat maps, at half their size and with few colours.

    Parameters
    ----------
    panels : mapping of str to (numpy.ndarray, numpy.ndarray)
        For each title a photograph, uint8, shape (H, W, 3), and a heat map, shape (H, W); 0 everywhere for the photograph
        alone.
    columns : int
        Panels a row.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (panels,).

    Raises
    ------
    ValueError
        If shapes or dtype do not fit.
    """
    panels, columns = as_named(panels, "panels", _panel), as_count(columns, "columns")
    side = WIDTH / min(columns, len(panels))
    axes = axes_grid(len(panels), columns, (side, side + 0.15))
    for ax, (title, (photo, heat)) in zip(axes, panels.items(), strict=True):
        ax.imshow(_few_colours(overlay(photo, heat)[::2, ::2]))
        ax.set_title(title, fontsize=SMALLEST, pad=3)
        hide_ticks(ax)
    return axes


def _few_colours(picture: np.ndarray) -> np.ndarray:
    """A picture with at most 96 colours, which makes its file a third as large.

    Median cut, Pillow's default, shares the colours out by numbers of pixels, and a small hot place turns grey.
    """
    few = Image.fromarray(picture).quantize(96, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    return np.asarray(few.convert("RGB"))


def _panel(panel, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A photograph and its heat map."""
    photo, heat = as_list(panel, name, count=2, meaning="sequence: photograph, heat map")
    photo = as_bytes(photo, f"{name}[0]", shape=("H", "W", 3))
    return photo, as_finite(heat, f"{name}[1]", shape=photo.shape[:2])


def digit_maps(digits: np.ndarray, maps: Mapping[str, np.ndarray]) -> np.ndarray:
    """Show digits, and beside each its heat maps, laid over it.

    Parameters
    ----------
    digits : numpy.ndarray
        Shape (N, H, W), 0 … 255.
    maps : mapping of str to numpy.ndarray
        For each title N heat maps, shape (N, H, W).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (N, 1 + titles).

    Raises
    ------
    ValueError
        If shapes or values do not fit.
    """
    digits = as_finite(digits, "digits", shape=("N", "H", "W"), filled=True, least=0)
    if digits.max() > 255:
        raise ValueError(f"digits holds {digits.max().item()!r}; expected 0 to 255")
    maps = as_named(maps, "maps", as_finite, shape=digits.shape)
    columns, pictures = 1 + len(maps), digits.astype(np.uint8)
    side = WIDTH / columns
    _, axes = plt.subplots(len(digits), columns, figsize=(WIDTH, side * len(digits) + 0.25), squeeze=False)
    for number, row in enumerate(axes):
        row[0].imshow(pictures[number], cmap=PICTURE, vmin=0, vmax=255)
        for ax, heat in zip(row[1:], maps.values(), strict=True):
            ax.imshow(overlay(pictures[number], heat[number]))
        for ax in row:
            hide_ticks(ax)
    for ax, title in zip(axes[0], ["digit", *maps], strict=True):
        ax.set_title(title, fontsize=SMALLEST, pad=3)
    return axes


def covering(falls: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draw how much logits fall: a row for each class, its map's fall as a diamond, those of other places as dots.

    Parameters
    ----------
    falls : mapping of str to numpy.ndarray
        For each class falls of its logit, the map's own first, shape (1 + draws,).
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If an entry is not finite, or there is only one.
    """
    falls = as_named(falls, "falls", as_finite, shape=("N",), filled=True)
    for name, fall in falls.items():
        if len(fall) < 2:
            raise ValueError(f"falls[{name!a}] has one entry; expected the map's own fall, then those of other places")
    ax = drawing_area(ax, (WIDTH, 0.9 + 0.4 * len(falls)))
    for number, fall in enumerate(falls.values()):
        first = number == 0
        ax.plot(
            fall[1:],
            [number] * (len(fall) - 1),
            "o",
            color="C0",
            markersize=5,
            alpha=0.6,
            label="same shape elsewhere" if first else None,
        )
        ax.plot(fall[:1], [number], "D", color="C1", markersize=8, label="the ten of the map" if first else None)
    ax.axvline(0, color=GRID, linewidth=1, linestyle="-", zorder=0)
    ax.set(yticks=range(len(falls)), yticklabels=list(falls), xlabel="fall of the logit", ylim=(len(falls) - 0.5, -0.5))
    ax.figure.legend(loc="outside upper center", ncols=2)
    return ax
