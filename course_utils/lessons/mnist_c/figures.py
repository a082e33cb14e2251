"""Digits under every corruption, how often a classifier is right on each, and what becomes of its feature maps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_mapping, as_share
from course_utils.plotting.style import (
    HIGHLIGHT,
    INK,
    MAGNITUDE,
    MARKERS,
    PICTURE,
    SMALLEST,
    WIDTH,
    as_shares,
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
    strips = [np.asarray(images) for images in rows.values()]
    shapes = {strip.shape[:3] if strip.ndim == 4 and strip.shape[3] == 1 else strip.shape for strip in strips}
    if len(shapes) != 1 or len(next(iter(shapes))) != 3 or any(strip.dtype != np.uint8 for strip in strips):
        found = ", ".join(f"{name}: {strip.dtype} {strip.shape}" for name, strip in zip(rows, strips, strict=True))
        raise ValueError(f"expected uint8 pictures of one shape (N, H, W) in every row, got {found or 'no rows'}")
    ((n, height, width),) = shapes
    cell_h, cell_w = height + 2, width + 2
    sheet = np.full((len(strips) * cell_h - 2, n * cell_w - 2), np.nan)
    for row, strip in enumerate(strips):
        for column, image in enumerate(strip.reshape(n, height, width)):
            sheet[row * cell_h : row * cell_h + height, column * cell_w : column * cell_w + width] = image
    if ax is None:
        size = (WIDTH - 0.2 - max(text_width(name) for name in rows)) / n * cell_h / cell_w
        ax = plt.subplots(figsize=(WIDTH, len(strips) * size + 0.1))[1]
    # White would run into a white margin of a picture, grey into a grey one.
    ax.imshow(sheet, cmap=plt.get_cmap(PICTURE).with_extremes(bad="#86a3c3"), vmin=0, vmax=255)
    ax.set_xticks([])
    ax.set_yticks(np.arange(len(strips)) * cell_h + (height - 1) / 2, rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


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
    results, chance = (
        as_mapping(results, "results"),
        None if chance is None else as_share(chance, "chance", closed=True),
    )
    if confidence is not None:
        missing = [name for name in results if name not in as_mapping(confidence, "confidence")]
        if missing:
            raise ValueError(f"no confidence for {missing[0]!a}; there is one for {', '.join(map(ascii, confidence))}")
        confidence = {name: as_share(share, f"confidence[{name!a}]", closed=True) for name, share in confidence.items()}
    ax = drawing_area(ax, (WIDTH, 0.27 * len(results) + 0.9))
    names = sorted(results, key=lambda name: results[name].value)
    for place, name in enumerate(names):
        result = results[name]
        value, low, high = (100 * share for share in (result.value, result.low, result.high))
        ax.barh(place, value, height=0.72, color="#9ecae1", edgecolor=INK, linewidth=0.5)
        ax.errorbar(value, place, xerr=[[value - low], [high - value]], color=INK, linestyle="none", capsize=2.5)
        ax.text(1, place, f"{value:.1f}", va="center", fontsize=SMALLEST, color=INK)
        if confidence is not None:
            ax.plot(100 * confidence[name], place, marker="D", color="C1", markeredgecolor=INK, markersize=6)
    ax.set_yticks(range(len(names)), names)
    for share, text, style in ((clean and clean.value, "clean", "--"), (chance, "guessing", ":")):
        if share is not None:
            ax.axvline(100 * share, color=HIGHLIGHT if text == "clean" else "0.4", linestyle=style, linewidth=1.4)
            ax.text(100 * share, len(names) - 0.35, f"{text} ", ha="right", va="bottom", fontsize=SMALLEST)
    label = "right answers (%)" if confidence is None else "right answers, mean confidence (%)"
    ax.set(xlabel=label, xlim=(0, 102), ylim=(-0.6, len(names) - 0.4))
    ax.tick_params(axis="y", length=0)
    return ax


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
    curves = {name: as_shares(values, f"curves[{name!a}]") for name, values in as_mapping(curves, "curves").items()}
    chance = None if chance is None else as_share(chance, "chance", closed=True)
    lengths = {len(values) for values in curves.values()}
    if len(lengths) != 1:
        raise ValueError(
            f"curves of {sorted(lengths) or 'no'} severities: expected one length for all, at least one curve"
        )
    (length,) = lengths
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
    shapes = {np.shape(values) for values in maps.values()}
    if not pictures or list(pictures) != list(maps) or len(shapes) != 1 or len(next(iter(shapes))) != 3:
        raise ValueError(
            f"pictures of {list(pictures)}, maps of {list(maps)} with shapes {sorted(shapes)}: expected the same names and "
            "maps of one shape (rows, columns, channels)"
        )
    stack = np.stack([np.asarray(maps[name], float) for name in pictures])
    channels = stack.shape[3]
    if stack.min() < 0:
        raise ValueError(f"the maps go down to {stack.min():g}; expected no negative values, as after a ReLU")
    if titles is not None and len(titles) != channels:
        raise ValueError(f"{len(titles)} titles for {channels} maps")
    size = (WIDTH - 0.1 - max(text_width(name) for name in pictures)) / (channels + 1)
    largest = np.maximum(stack.max(axis=(0, 1, 2)), np.finfo(float).tiny)
    figure, axes = plt.subplots(
        len(stack), 1 + channels, figsize=(WIDTH, len(stack) * (size + 0.05) + 1.0), squeeze=False, layout="constrained"
    )
    for row, (name, picture) in zip(axes, pictures.items(), strict=True):
        row[0].imshow(np.asarray(picture).reshape(np.shape(picture)[:2]), cmap=PICTURE, vmin=0, vmax=255)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=SMALLEST)
        for ax, values in zip(row[1:], np.moveaxis(np.asarray(maps[name]) / largest, -1, 0), strict=True):
            image = ax.imshow(values, cmap=MAGNITUDE, vmin=0, vmax=1)
    for ax in axes.flat:
        hide_ticks(ax)
    for ax, title in zip(axes[0], ["input", *(titles or [])], strict=False):
        ax.set_title(title, fontsize=SMALLEST, pad=3)
    figure.colorbar(image, ax=axes, label="share of the map's largest", location="bottom", shrink=0.6, aspect=30)
    return axes
