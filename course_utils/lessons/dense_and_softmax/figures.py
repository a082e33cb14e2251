"""Figures of the lesson on dense layers: what each place adds to a class, probabilities by temperature, parameters by layer."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_count, as_finite, as_names
from course_utils.plotting import PICTURE, number_grid
from course_utils.plotting.maps import plain
from course_utils.plotting.style import (
    GRID,
    INK,
    MARKERS,
    SMALLEST,
    WIDTH,
    as_alike,
    as_bytes,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    hide_ticks,
)


def evidence(picture: np.ndarray, shares: Mapping[str, np.ndarray]) -> np.ndarray:
    """Show a picture and, beside and below it, what each place of a map adds to something.

    Parameters
    ----------
    picture : numpy.ndarray
        A grey picture, uint8, shape (H, W, 1).
    shares : mapping of str to numpy.ndarray
        By title, what each place adds; all of one shape (rows, columns), on one colour scale.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        The picture's, then one for each entry of ``shares``.

    Raises
    ------
    ValueError
        If the picture has not this form, or the shares differ in shape.
    """
    picture = as_bytes(picture, "picture", shape=("H", "W", 1))
    shares = as_alike(shares, "shares", as_finite, shape=("rows", "columns"), filled=True)
    rows = -(-(len(shares) + 1) // 2)
    _, axes = plt.subplots(rows, 2, figsize=(0.85 * WIDTH, 2.05 * rows), squeeze=False)
    first, *others = axes.ravel()
    first.imshow(picture[:, :, 0], cmap=PICTURE, vmin=0, vmax=255)
    first.set_title("picture")
    hide_ticks(first)
    limit = max(np.abs(values).max() for values in shares.values()) or 1
    for ax, (title, values) in zip(others, shares.items(), strict=False):
        number_grid(values, title=title, write=lambda value: plain(round(value, 1)), limit=limit, ax=ax)
    for ax in others[len(shares) :]:
        ax.set_visible(False)
    return np.array([first, *others[: len(shares)]])


def temperatures(T: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> Axes:
    """Draw the probability of each class against the temperature, on a logarithmic axis; the two largest with colour.

    Parameters
    ----------
    T : numpy.ndarray
        Temperatures, ascending, above 0, shape (N,).
    probabilities : numpy.ndarray
        Shape (N, K).
    classes : sequence of str
        K names.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not belong together, a temperature is not above 0, or a probability does not lie between 0 and 1.
    """
    T = as_positive(T, "T")
    probabilities = as_shares(probabilities, "probabilities", shape=(len(T), "K"))
    classes = as_names(classes, "classes", count=probabilities.shape[1])
    ax = drawing_area(None, (WIDTH, 3.3))
    order = probabilities.mean(axis=0).argsort()[::-1]
    every = max(1, len(T) // 9)
    for rank, k in enumerate(order):
        if rank < 2:
            look = {"color": f"C{rank}", "linestyle": ("-", "--")[rank], "marker": MARKERS[rank], "linewidth": 2}
            ax.plot(T, probabilities[:, k], label=classes[k], markevery=every, markersize=5, zorder=3, **look)
        else:
            label = "others" if rank == 2 else None
            ax.plot(T, probabilities[:, k], color="0.6", linestyle="-", linewidth=1, label=label)
    ax.axvline(1, color=INK, linestyle=":", linewidth=1.3)
    ax.text(1.1, 1.0, "T = 1", fontsize=SMALLEST, va="top")
    ax.set(xscale="log", ylim=(-0.03, 1.03), xlabel="temperature T", ylabel="probability")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.minorticks_off()
    ax.grid(True, axis="y")
    ax.legend(title="class", loc="center right")
    return ax


def parameter_bars(counts: Mapping[str, int]) -> Axes:
    """Draw how many parameters layers have, as bars one below the other, each with its number.

    Parameters
    ----------
    counts : mapping of str to int
        Parameters of each layer, at least 1.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a count is no whole number, or below 1.
    """
    counts = as_named(counts, "counts", as_count)
    ax = drawing_area(None, (WIDTH, 0.42 * len(counts) + 0.7))
    lengths = np.array([float(count) for count in counts.values()])
    places = np.arange(len(lengths))
    ax.barh(places, lengths, color="C0", height=0.65)
    for place, count in zip(places, counts.values(), strict=True):
        ax.text(count, place, f" {count:,}".replace(",", " "), va="center", fontsize=SMALLEST)
    ax.set_yticks(places, list(counts))
    ax.invert_yaxis()
    ax.set(xlabel="parameters", xlim=(0, 1.22 * lengths.max()))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace(",", " "))
    ax.locator_params(axis="x", nbins=4)
    ax.grid(True, axis="x", color=GRID)
    return ax
