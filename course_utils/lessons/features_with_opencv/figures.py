"""Figures of the lesson on hand-made features: what finders see, spots and their sizes, matches, and how many are found again."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection, LineCollection

from course_utils._arguments import as_array, as_finite
from course_utils.plotting.style import (
    MARKERS,
    PICTURE,
    SMALLEST,
    WIDTH,
    as_alike,
    as_bytes,
    as_positive,
    as_shares,
    hide_ticks,
)

_MARK = "#e69f00"
_LARGEST_TURN = 360


def views(photo: np.ndarray, edges: np.ndarray, corners: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Show a photo, its edges, and the photo with its corners and with its keypoints.

    Parameters
    ----------
    photo, edges : numpy.ndarray
        uint8, shape (H, W).
    corners : numpy.ndarray
        x and y of each, shape (N, 2).
    keypoints : numpy.ndarray
        x, y, size and direction in degrees of each, shape (N, 4).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (4,).

    Raises
    ------
    ValueError
        If a shape or dtype is another, or a number is not finite.
    """
    photo = as_bytes(photo, "photo", shape=("H", "W"))
    edges = as_bytes(edges, "edges", shape=photo.shape)
    corners = as_finite(corners, "corners", shape=("N", 2))
    keypoints = as_finite(keypoints, "keypoints", shape=("N", 4))
    height = WIDTH / 2 * photo.shape[0] / photo.shape[1] + 0.2
    _, axes = plt.subplots(2, 2, figsize=(WIDTH, 2 * height))
    axes = axes.reshape(-1)
    titles = "photo", "edges", "corners", "keypoints"
    for ax, title, picture in zip(axes, titles, (photo, edges, photo, photo), strict=True):
        _show(ax, picture)
        ax.set_title(title, fontsize=SMALLEST, pad=3)
    x, y = corners.T
    axes[2].plot(x, y, linestyle="none", marker="s", markersize=5, markerfacecolor="none", color=_MARK)
    x, y, size, angle = keypoints.T
    _circles(axes[3], x, y, size)
    turn = np.radians(angle % _LARGEST_TURN)
    rims = np.stack([x + size / 2 * np.cos(turn), y + size / 2 * np.sin(turn)], axis=1)
    axes[3].add_collection(LineCollection(list(zip(keypoints[:, :2], rims, strict=True)), colors=_MARK, linewidths=1))
    return axes


def circled(picture: np.ndarray, keypoints: np.ndarray) -> Axes:
    """Show a picture with a circle around each keypoint, its size as the diameter.

    Parameters
    ----------
    picture : numpy.ndarray
        uint8, shape (H, W).
    keypoints : numpy.ndarray
        x, y and size of each, shape (N, 3).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a shape or dtype is another, or a number is not finite.
    """
    picture = as_bytes(picture, "picture", shape=("H", "W"))
    keypoints = as_finite(keypoints, "keypoints", shape=("N", 3))
    _, ax = plt.subplots(figsize=(WIDTH, WIDTH * picture.shape[0] / picture.shape[1]))
    _show(ax, picture)
    _circles(ax, *keypoints.T)
    return ax


def match_lines(
    first: np.ndarray, second: np.ndarray, places: np.ndarray, others: np.ndarray, right: np.ndarray
) -> Axes:
    """Show two pictures, one above the other, and a line for each match: solid if it is right, dashed if not.

    Parameters
    ----------
    first, second : numpy.ndarray
        uint8, shape (H, W).
    places, others : numpy.ndarray
        x and y of each match in the first and in the second picture, shape (N, 2).
    right : numpy.ndarray of bool
        Whether a match is right, shape (N,).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a shape or dtype is another, or a number is not finite.
    """
    first, second = as_bytes(first, "first", shape=("H", "W")), as_bytes(second, "second", shape=("H", "W"))
    places = as_finite(places, "places", shape=("N", 2))
    others = as_finite(others, "others", shape=places.shape)
    right = as_array(right, "right", shape=(len(places),), kinds="b")
    gap, widest = 6, max(first.shape[1], second.shape[1])
    sheet = np.full((first.shape[0] + gap + second.shape[0], widest), 255, np.uint8)
    shifts = []
    for picture, top in ((first, 0), (second, first.shape[0] + gap)):
        left = (widest - picture.shape[1]) // 2
        sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        shifts.append((left, top))
    width = WIDTH - 1.4
    _, ax = plt.subplots(figsize=(width, width * sheet.shape[0] / widest))
    _show(ax, sheet)
    for start, end, hit in zip(places + shifts[0], others + shifts[1], right, strict=True):
        look = {"color": "#56b4e9", "linestyle": "-"} if hit else {"color": _MARK, "linestyle": "--"}
        ax.plot(*zip(start, end, strict=True), marker="o", markersize=3, linewidth=1.2, **look)
    ax.set(xlim=(-0.5, widest - 0.5), ylim=(sheet.shape[0] - 0.5, -0.5))
    ax.axis("off")
    return ax


def found_again(
    angles: Sequence[float],
    by_angle: Mapping[str, np.ndarray],
    scales: Sequence[float],
    by_scale: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Draw the share of keypoints found again against the angle and, below, the scale: a line for the mean, a ring each photo.

    Parameters
    ----------
    angles, scales : sequence of float
        Turns in degrees, and factors above 0.
    by_angle, by_scale : mapping of str to numpy.ndarray
        For each way to describe keypoints the shares, shape (photos, angles) and (photos, scales).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Two: angle, scale.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, a shape does not fit, or the two mappings have other names.
    """
    angles = as_finite(angles, "angles", shape=("N",), filled=True)
    scales = as_positive(scales, "scales")
    by_angle = as_alike(by_angle, "by_angle", as_shares, shape=("photos", len(angles)))
    by_scale = as_alike(by_scale, "by_scale", as_shares, shape=("photos", len(scales)))
    if list(by_angle) != list(by_scale):
        raise ValueError(f"by_scale has the names {list(by_scale)!a:.60}; expected those of by_angle")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.8))
    for ax, positions, lines in ((axes[0], angles, by_angle), (axes[1], scales, by_scale)):
        for number, (name, shares) in enumerate(lines.items()):
            look = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
            ax.plot(positions, 100 * shares.mean(axis=0), label=name, markersize=6, linewidth=2, **look)
            for photo in shares:
                ax.plot(positions, 100 * photo, linestyle="none", markersize=4, markerfacecolor="none", **look)
        ax.set(ylim=(-3, 103), ylabel="found again (%)")
        ax.grid(True)
    axes[0].set(xlabel="angle (degrees)", xticks=angles)
    axes[1].set(xlabel="scale", xscale="log")
    axes[1].set_xticks(scales, [f"{scale:g}" for scale in scales])
    axes[1].minorticks_off()
    axes[0].legend(loc="center right")
    return axes


def _show(ax: Axes, picture: np.ndarray) -> None:
    ax.imshow(picture, cmap=PICTURE, vmin=0, vmax=255)
    hide_ticks(ax)


def _circles(ax: Axes, x: np.ndarray, y: np.ndarray, size: np.ndarray) -> None:
    """Circles of these diameters, in pixels of the picture."""
    look = {"facecolors": "none", "edgecolors": _MARK, "linewidths": 1, "units": "xy"}
    centres = np.stack([x, y], axis=1)
    ax.add_collection(
        EllipseCollection(size, size, np.zeros(len(size)), offsets=centres, offset_transform=ax.transData, **look)
    )
