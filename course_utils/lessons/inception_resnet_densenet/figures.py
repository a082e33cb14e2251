"""Figures of the lesson on Inception, ResNet and DenseNet: training error by depth, slopes by block, and channels that pile up."""

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
    as_alike,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
)

_INPUT, _OWN, _FIRST = "#d9d9d9", "#e69f00", "#cfe5f3"  # block's input, maps of the layer itself, maps read from others


def training_error(errors: Mapping[str, Mapping[str, np.ndarray]]) -> np.ndarray:
    """Draw the training error after each epoch: a panel for each kind of network, a line for each depth.

    Parameters
    ----------
    errors : mapping of str to mapping of str to numpy.ndarray
        For each kind and number of layers, by name, shares of wrong answers, shape (seeds, epochs). The lines are means; bands
        reach from the smallest seed to the largest.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (kinds,), one below the other, with one scale.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or the arrays of a kind differ in shape.
    """
    errors = as_named(errors, "errors", as_alike, as_shares, shape=("seeds", "epochs"))
    size = (WIDTH, 2.2 * len(errors) + 0.6)
    figure, axes = plt.subplots(len(errors), 1, figsize=size, sharex=True, sharey=True, squeeze=False)
    axes = axes[:, 0]
    for ax, (kind, depths) in zip(axes, errors.items(), strict=True):
        for number, (depth, shares) in enumerate(depths.items()):
            epochs = np.arange(1, shares.shape[1] + 1)
            ax.fill_between(epochs, *(100 * end(shares, axis=0) for end in (np.min, np.max)), alpha=0.15, linewidth=0)
            ax.plot(epochs, 100 * shares.mean(axis=0), label=depth, marker=MARKERS[number % len(MARKERS)], markersize=5)
        ax.set(title=kind, ylabel="training error (%)", ylim=(0, None))
        ax.grid(True, axis="y")
    lines = axes[0].lines
    figure.legend(handles=lines, title="layers with weights", loc="outside upper center", ncols=len(lines))
    axes[-1].set_xlabel("epoch")
    axes[-1].xaxis.get_major_locator().set_params(integer=True)
    return axes


def slopes_by_block(slopes: Mapping[str, Mapping[str, Sequence[float]]]) -> np.ndarray:
    """Draw how the size of the slopes changes from the last block of a network to its first.

    Parameters
    ----------
    slopes : mapping of str to mapping of str to sequence of float
        For each panel, and each network in it, sizes in the order in which backpropagation meets them: behind the last
        block first, before the first block last.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (panels,), one below the other, each with a logarithmic scale of its own.

    Raises
    ------
    ValueError
        If a size is not positive, or the networks of a panel differ in their number of blocks.
    """
    slopes = as_named(slopes, "slopes", as_alike, as_positive)
    _, axes = plt.subplots(len(slopes), 1, figsize=(WIDTH, 2.6 * len(slopes) + 0.3), sharex=True, squeeze=False)
    axes = axes[:, 0]
    for ax, (title, networks) in zip(axes, slopes.items(), strict=True):
        for name, sizes in networks.items():
            ax.plot(np.arange(len(sizes))[::-1], sizes, label=name, linewidth=2)
        ax.set(title=title, ylabel="size of the slopes", yscale="log")
        ax.invert_xaxis()
        ax.grid(True, axis="y")
        ax.legend(loc="lower left" if len(networks) > 2 else "upper left")
        if len(networks) > 2:  # room for the legend below falling lines
            bottom, top = np.log10(ax.get_ylim())
            ax.set_ylim(bottom=10 ** (bottom - 0.2 * (top - bottom)))
    if len(axes) > 1:  # shared: every second turn would undo the first
        axes[0].set_xlim(max(len(sizes) for networks in slopes.values() for sizes in networks.values()) - 1, 0)
    axes[-1].set_xlabel("blocks still to go back through")
    return axes


def piled_channels(channels: int, growth: int, depth: int, *, ax: Axes | None = None) -> Axes:
    """Draw, for each layer of a dense block, the channels that it reads and those that it adds.

    Parameters
    ----------
    channels : int
        Channels that enter the block.
    growth : int
        Channels that each layer adds.
    depth : int
        Layers, at most 8.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        A row a layer, and one for the block's output; the number of channels read stands at the end of each.

    Raises
    ------
    ValueError
        If a number is no whole number above 0, or the layers are too many.
    """
    channels, growth = as_count(channels, "channels", most=10_000), as_count(growth, "growth", most=10_000)
    depth = as_count(depth, "depth", most=8)
    ax = drawing_area(ax, (WIDTH, 0.34 * (depth + 1) + 1.0))
    total = channels + depth * growth
    for row in range(depth + 1):
        parts = [(0, channels, _INPUT, "")] + [
            (channels + layer * growth, growth, _FIRST, str(layer + 1)) for layer in range(row)
        ]
        if row < depth:
            parts.append((channels + row * growth, growth, _OWN, str(row + 1)))
        for left, width, colour, text in parts:
            edge = "//" if colour == _OWN else None
            ax.add_patch(
                Rectangle((left, row + 0.1), width, 0.8, facecolor=colour, edgecolor=INK, linewidth=0.7, hatch=edge)
            )
            if text and growth > 0.05 * total and colour != _OWN:
                ax.text(left + width / 2, row + 0.5, text, ha="center", va="center", fontsize=9)
        reads = channels + row * growth
        ax.text(1.04 * total, row + 0.5, f"{reads}", va="center", fontsize=9)
    ax.text(channels / 2, 0.5, "input", ha="center", va="center", fontsize=9)
    ax.set(xlim=(0, 1.18 * total), ylim=(depth + 1, 0), xlabel="channels (at the right: how many are read)")
    ax.set_yticks(np.arange(depth + 1) + 0.5, [*(f"layer {row + 1}" for row in range(depth)), "output"])
    ax.set_xticks([0, channels, total])
    ax.tick_params(axis="y", length=0)
    return ax
