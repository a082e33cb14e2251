"""Figures of the lesson on one's own digit: steps, what each is worth, a page with boxes, gaps and remedies."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_count, as_finite, as_labels, as_share
from course_utils.plotting.style import (
    GRID,
    MARKERS,
    PICTURE,
    SMALLEST,
    WIDTH,
    as_alike,
    as_bytes,
    as_named,
    as_shares,
    hide_ticks,
)

_MARK = "#e69f00"


def panels(pictures: Mapping[str, np.ndarray], columns: int = 2) -> np.ndarray:
    """Show grey pictures of any sizes, each in a field of its own, under its name.

    Parameters
    ----------
    pictures : mapping of str to numpy.ndarray
        uint8, shape (H, W).
    columns : int
        Fields in a row, 1 … 4.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One for each picture.

    Raises
    ------
    ValueError
        If a picture has another shape or dtype, or ``columns`` is out of range.
    """
    pictures = as_named(pictures, "pictures", as_bytes, shape=("H", "W"))
    columns = min(as_count(columns, "columns", most=4), len(pictures))
    rows = -(-len(pictures) // columns)
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures.values())
    height = WIDTH / columns * min(max(tallest, 0.4), 0.75) + 0.25
    _, axes = plt.subplots(rows, columns, figsize=(WIDTH, rows * height), squeeze=False)
    for ax in axes.flat[len(pictures) :]:
        ax.remove()
    axes = axes.reshape(-1)[: len(pictures)]
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        ax.imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
        hide_ticks(ax)
        ax.set_title(name, fontsize=SMALLEST, pad=3)
    return axes


def worth(shares: Mapping[str, float], whole: int = 1) -> Axes:
    """Draw a bar for the share of digits read right in each way of preparing them, the share beside it.

    Parameters
    ----------
    shares : mapping of str to float
        Share for each way, from above.
    whole : int
        How many of the first bars stand for the whole preparation and have a colour of their own.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or there are more such bars than ways.
    """
    shares = as_named(shares, "shares", as_share, closed=True)
    whole = as_count(whole, "whole", most=len(shares))
    _, ax = plt.subplots(figsize=(WIDTH, 0.6 + 0.32 * len(shares)))
    places = np.arange(len(shares))
    values = 100 * np.array(list(shares.values()))
    bars = ax.barh(places, values, height=0.65, color=["C2" if place < whole else "C0" for place in places])
    ax.bar_label(bars, [f"{value:.1f}" for value in values], padding=3, fontsize=SMALLEST)
    ax.set_yticks(places, list(shares))
    ax.set(xlim=(0, 115), ylim=(len(shares) - 0.5, -0.5), xlabel="digits read right (%)", xticks=range(0, 101, 25))
    return ax


def reading(page: np.ndarray, boxes: np.ndarray, answers: Sequence[int]) -> Axes:
    """Show a page with a box around each digit, the network's answer above it, and a line in reading order.

    Parameters
    ----------
    page : numpy.ndarray
        In the order red, green, blue: uint8, shape (H, W, 3).
    boxes : numpy.ndarray
        Left, top, width and height of each in reading order, shape (N, 4).
    answers : sequence of int
        What was read, 0 … 9, one for each box.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a shape, dtype or range is another.
    """
    page = as_bytes(page, "page", shape=("H", "W", 3))
    boxes = as_finite(boxes, "boxes", shape=("N", 4), filled=True)
    answers = as_labels(answers, "answers", classes=10, shape=(len(boxes),))
    _, ax = plt.subplots(figsize=(WIDTH, WIDTH * page.shape[0] / page.shape[1]))
    ax.imshow(page)
    hide_ticks(ax)
    for (left, top, width, height), answer in zip(boxes, answers, strict=True):
        ax.add_patch(Rectangle((left - 1, top - 1), width + 1, height + 1, fill=False, edgecolor=_MARK, linewidth=1.4))
        words = {"fontsize": SMALLEST + 2, "color": "white", "ha": "left", "va": "top", "fontweight": "bold"}
        ax.text(
            left + width + 1,
            top - 2,
            str(answer),
            bbox={"facecolor": "#1b1b1b", "pad": 1, "edgecolor": "none"},
            **words,
        )
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    ax.plot(*middles.T, color=_MARK, linewidth=1.3, linestyle="--")
    return ax


def by_gap(gaps: Sequence[float], shares: Mapping[str, np.ndarray]) -> Axes:
    """Draw shares of pages against the gap between neighbouring digits.

    Parameters
    ----------
    gaps : sequence of float
        Pixels of paper between two digits.
    shares : mapping of str to numpy.ndarray
        Share at each gap.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or there is not one for each gap.
    """
    gaps = as_finite(gaps, "gaps", shape=("N",), filled=True)
    shares = as_alike(shares, "shares", as_shares, shape=(len(gaps),))
    _, ax = plt.subplots(figsize=(WIDTH, 2.6))
    for number, (name, values) in enumerate(shares.items()):
        ax.plot(gaps, 100 * values, label=name, marker=MARKERS[number % len(MARKERS)], markersize=6, linewidth=2)
    ax.set(ylim=(-3, 103), xlabel="paper between digits (pixels)", ylabel="pages (%)", xticks=gaps)
    ax.grid(True)
    ax.legend(loc="lower right")
    return ax


def remedies(before: Mapping[str, float], after: Mapping[str, float]) -> Axes:
    """Draw what is read right in each trouble, and with its remedy.

    Parameters
    ----------
    before, after : mapping of str to float
        Shares without and with the remedy, under the same names.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or the two have other names.
    """
    before, after = (
        as_named(shares, name, as_share, closed=True) for shares, name in ((before, "before"), (after, "after"))
    )
    if list(before) != list(after):
        raise ValueError(f"after has the names {list(after)!a:.60}; expected those of before")
    first, second = (100 * np.array(list(shares.values())) for shares in (before, after))
    places = np.arange(len(before))
    _, ax = plt.subplots(figsize=(WIDTH, 1.3 + 0.34 * len(before)))
    ax.hlines(places, first, second, color=GRID, linewidth=3)
    ax.plot(first, places, linestyle="none", marker="o", markersize=8, color="C1", label="as before")
    ax.plot(second, places, linestyle="none", marker="D", markersize=7, color="C0", label="with the remedy")
    ax.set_yticks(places, list(before))
    ax.set(xlim=(0, 103), ylim=(len(before) - 0.5, -0.5), xlabel="digits read right (%)")
    ax.grid(True, axis="x")
    ax.figure.legend(loc="outside upper right", ncols=2)
    return ax
