"""Digits under every corruption, how often a classifier is right on each, and what becomes of its feature maps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite, as_share, given, refuse
from course_utils.plotting.style import (
    HIGHLIGHT,
    INK,
    MAGNITUDE,
    MARKERS,
    PICTURE,
    SMALLEST,
    WIDTH,
    as_alike,
    as_bytes,
    as_named,
    as_shares,
    as_titles,
    drawing_area,
    hide_ticks,
    text_width,
)

if TYPE_CHECKING:  # a figure needs no scikit-learn
    from course_utils.evaluation import Accuracy


def corruption_gallery(rows: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Show digits in rows with names: one row a corruption, the same digits in every row.

    Parameters
    ----------
    rows : mapping of str to numpy.ndarray
        For each name, pictures of the same shape: uint8, (N, H, W) or (N, H, W, 1).
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no rows, or their pictures are no uint8 pictures of one shape.
    """
    rows = as_alike(rows, "rows", _grey, "N", "H", "W")
    n, height, width = next(iter(rows.values())).shape
    cell_h, cell_w = height + 2, width + 2
    sheet = np.full((len(rows) * cell_h - 2, n * cell_w - 2), np.nan)
    for row, strip in enumerate(rows.values()):
        for column, image in enumerate(strip):
            sheet[row * cell_h : row * cell_h + height, column * cell_w : column * cell_w + width] = image
    size = max(WIDTH - 0.2 - max(text_width(name) for name in rows), 0.1) / n * cell_h / cell_w
    ax = drawing_area(ax, (WIDTH, len(rows) * size + 0.1))
    # White would run into a white margin of a picture, grey into a grey one.
    ax.imshow(sheet, cmap=plt.get_cmap(PICTURE).with_extremes(bad="#86a3c3"), vmin=0, vmax=255)
    ax.set_xticks([])
    ax.set_yticks(np.arange(len(rows)) * cell_h + (height - 1) / 2, list(rows))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _grey(pictures, name: str, *axes: str) -> np.ndarray:
    """Grey pictures with these axes, or one of length 1 more, which is left out."""
    pictures = as_bytes(pictures, name, shape=[axes, (*axes, 1)])
    return pictures.reshape(pictures.shape[: len(axes)])


def accuracy_bars(
    results: "Mapping[str, Accuracy]",
    *,
    confidence: Mapping[str, float] | None = None,
    clean: "Accuracy | None" = None,
    chance: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show the accuracy on each test set as a bar with its confidence interval, the lowest at the bottom.

    Parameters
    ----------
    results : mapping of str to Accuracy
        What :func:`course_utils.evaluation.accuracy` returns, by name of the test set.
    confidence : mapping of str to float, optional
        For each of the same names the mean probability of the answers, 0 … 1, drawn as a diamond.
    clean : Accuracy, optional
        Accuracy to compare with, drawn as a line.
    chance : float, optional
        Share that guessing reaches, drawn as a line.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no results, or the confidence of one is missing.
    """
    results = as_named(results, "results", _interval)
    chance = None if chance is None else as_share(chance, "chance", closed=True)
    clean = None if clean is None else _interval(clean, "clean")[0]
    if confidence is not None:
        confidence = as_named(confidence, "confidence", as_share, closed=True)
        missing = [name for name in results if name not in confidence]
        if missing:
            raise ValueError(f"no confidence for {missing[0]!a}; there is one for {', '.join(map(ascii, confidence))}")
    ax = drawing_area(ax, (WIDTH, 0.27 * len(results) + 0.9))
    names = sorted(results, key=lambda name: results[name][0])
    for place, name in enumerate(names):
        value, low, high = (100 * share for share in results[name])
        ax.barh(place, value, height=0.72, color="#9ecae1", edgecolor=INK, linewidth=0.5)
        ax.errorbar(value, place, xerr=[[value - low], [high - value]], color=INK, linestyle="none", capsize=2.5)
        ax.text(1, place, f"{value:.1f}", va="center", fontsize=SMALLEST, color=INK)
        if confidence is not None:
            ax.plot(100 * confidence[name], place, marker="D", color="C1", markeredgecolor=INK, markersize=6)
    ax.set_yticks(range(len(names)), names)
    for share, text, style in ((clean, "clean", "--"), (chance, "guessing", ":")):
        if share is not None:
            ax.axvline(100 * share, color=HIGHLIGHT if text == "clean" else "0.4", linestyle=style, linewidth=1.4)
            ax.text(100 * share, len(names) - 0.35, f"{text} ", ha="right", va="bottom", fontsize=SMALLEST)
    label = "right answers (%)" if confidence is None else "right answers, mean confidence (%)"
    ax.set(xlabel=label, xlim=(0, 102), ylim=(-0.6, len(names) - 0.4))
    ax.tick_params(axis="y", length=0)
    return ax


def _interval(result, name: str) -> tuple[float, float, float]:
    """Value, low and high end of an accuracy."""
    if not all(hasattr(result, part) for part in ("value", "low", "high")):
        raise refuse(name, result, "give what evaluation.accuracy returns")
    value, low, high = (
        as_share(getattr(result, part), f"{name}.{part}", closed=True) for part in ("value", "low", "high")
    )
    return value, low, high


def severity_curves(
    curves: Mapping[str, Sequence[float]], *, chance: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw accuracy against severity, a curve a corruption.

    Parameters
    ----------
    curves : mapping of str to sequence of float
        For each name the accuracies, 0 … 1, at severity 0, 1, 2, …
    chance : float, optional
        Share that guessing reaches, drawn as a line.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no curves or they differ in length.
    """
    curves = as_alike(curves, "curves", as_shares)
    chance = None if chance is None else as_share(chance, "chance", closed=True)
    length = len(next(iter(curves.values())))
    ax = drawing_area(ax, (WIDTH, 3.6))
    for number, (name, values) in enumerate(curves.items()):
        ax.plot(100 * values, marker=MARKERS[number % len(MARKERS)], markersize=5, label=name)
    if chance is not None:
        ax.axhline(100 * chance, color="0.5", linewidth=1, linestyle="-", zorder=0)
        ax.text(length - 1, 100 * chance - 1, "guessing", ha="right", va="top", fontsize=SMALLEST)
    ax.set(xlabel="severity (0 is clean)", ylabel="right answers (%)", ylim=(0, 103), xticks=range(length))
    ax.grid(True, axis="y")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return ax


def map_rows(
    pictures: Mapping[str, np.ndarray], maps: Mapping[str, np.ndarray], *, titles: Sequence[str] | None = None
) -> np.ndarray:
    """Show what several pictures become in one layer: a row a picture, first itself, then its feature maps.

    Parameters
    ----------
    pictures : mapping of str to numpy.ndarray
        For each name a picture, uint8, shape (H, W) or (H, W, 1).
    maps : mapping of str to numpy.ndarray
        For the same names the feature maps, shape (H', W', C), not negative; one colour scale a map, from 0 to its
        largest value in any row.
    titles : sequence of str, optional
        C names of the maps, above the first row.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (rows, 1 + C).

    Raises
    ------
    ValueError
        If the names or shapes do not match, or a value is negative.
    """
    pictures = as_named(pictures, "pictures", _grey, "H", "W")
    maps = as_alike(maps, "maps", as_finite, shape=("H", "W", "C"), filled=True, least=0)
    if list(pictures) != list(maps):
        raise ValueError(f"pictures has {given(list(pictures))}, maps has {given(list(maps))}; expected the same names")
    stack = np.stack(list(maps.values())).astype(float)
    channels = stack.shape[3]
    titles = as_titles(titles, channels, "map")
    size = max(WIDTH - 0.1 - max(text_width(name) for name in pictures), 0.1) / (channels + 1)
    largest = np.maximum(stack.max(axis=(0, 1, 2)), np.finfo(float).tiny)
    figure, axes = plt.subplots(
        len(stack), 1 + channels, figsize=(WIDTH, len(stack) * (size + 0.05) + 1.0), squeeze=False, layout="constrained"
    )
    for row, (name, picture), shares in zip(axes, pictures.items(), stack / largest, strict=True):
        row[0].imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=SMALLEST)
        for ax, values in zip(row[1:], np.moveaxis(shares, -1, 0), strict=True):
            image = ax.imshow(values, cmap=MAGNITUDE, vmin=0, vmax=1)
    for ax in axes.flat:
        hide_ticks(ax)
    for ax, title in zip(axes[0], ["input", *(titles or [])], strict=False):
        ax.set_title(title, fontsize=SMALLEST, pad=3)
    figure.colorbar(image, ax=axes, label="share of the map's largest", location="bottom", shrink=0.6, aspect=30)
    return axes
