"""Figures of the lesson on signals and text: signals in time, filters, a dilated stack, spectrograms."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_count, as_finite, as_list, as_number, refuse
from course_utils.plotting.style import GRID, INK, MAGNITUDE, SMALLEST, WIDTH, as_named, drawing_area


def traces(signals: Mapping[str, np.ndarray], rate: float) -> np.ndarray:
    """Draw signals over time, one below the other.

    Parameters
    ----------
    signals : mapping of str to numpy.ndarray
        Under its title each signal, shape (W,).
    rate : float
        Samples a second.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a signal.

    Raises
    ------
    ValueError
        If a signal is no row of numbers, or the rate is not positive.
    """
    signals = as_named(signals, "signals", as_finite, shape=("W",), filled=True)
    rate = as_number(rate, "rate", above=0)
    size = (WIDTH, 0.85 * len(signals) + 0.45)
    _, axes = plt.subplots(len(signals), 1, figsize=size, sharex=True, squeeze=False)
    for ax, (title, signal) in zip(axes[:, 0], signals.items(), strict=True):
        ax.plot(np.arange(len(signal)) / rate, signal, color="C0", linestyle="-", linewidth=1)
        ax.set_title(title, fontsize=SMALLEST, pad=3, loc="left")
    axes[-1, 0].set_xlabel("time (s)")
    return axes[:, 0]


def beside(rows: Mapping[str, Mapping[str, np.ndarray]]) -> np.ndarray:
    """Draw short curves sample by sample in rows, such as the waves that were hidden above the kernels that were learned.

    Parameters
    ----------
    rows : mapping of str to mapping of str to numpy.ndarray
        For each row, under its name, curves of shape (k,) under their titles.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (rows, most curves in a row).

    Raises
    ------
    ValueError
        If a curve is no row of numbers.
    """
    rows = as_named(rows, "rows", lambda entry, name: as_named(entry, name, as_finite, shape=("k",), filled=True))
    most = max(map(len, rows.values()))
    _, axes = plt.subplots(len(rows), most, figsize=(WIDTH, 1.15 * len(rows) + 0.35), sharey="row", squeeze=False)
    for line, (name, curves) in zip(axes, rows.items(), strict=True):
        line[0].set_ylabel(name)
        for ax in line[len(curves) :]:
            ax.set_axis_off()
        for ax, (title, curve) in zip(line, curves.items(), strict=False):
            ax.axhline(0, color=GRID, linestyle="-", linewidth=0.8)
            ax.plot(curve, color="C0", linestyle="-", marker="o", markersize=2, linewidth=1)
            ax.set_title(title, fontsize=SMALLEST, pad=3)
            ax.set_xticks([0, len(curve) - 1])
            ax.set_yticks([])
    for ax in axes[-1]:
        ax.set_xlabel("sample")
    return axes


def dilated_stack(dilations: Sequence[int], kernel_size: int, *, ax: Axes | None = None) -> Axes:
    """Draw a causal stack: which entries of each layer the last output depends on.

    Parameters
    ----------
    dilations : sequence of int
        Dilation of each layer, from the input on.
    kernel_size : int
        Weights of each kernel.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a dilation or the kernel size is no count, or more than 64 inputs would have to be drawn.
    """
    kernel_size = as_count(kernel_size, "kernel_size", most=64)
    dilations = [as_count(one, "dilations", most=64) for one in as_list(dilations, "dilations", meaning="layer")]
    field = 1 + (kernel_size - 1) * sum(dilations)
    if field > 64 or len(dilations) > 12:
        raise refuse("dilations", dilations, "at most 12 layers and a receptive field of 64 inputs can be drawn")
    ax = drawing_area(ax, (WIDTH, 0.55 * len(dilations) + 0.75))
    width, used = field + 2, {0}
    for layer in range(len(dilations), -1, -1):
        hollow = [-place for place in range(width) if place not in used]
        ax.plot(hollow, [layer] * len(hollow), "o", color=GRID, markersize=5, markerfacecolor="none")
        ax.plot([-place for place in sorted(used)], [layer] * len(used), "o", color="C0", markersize=6)
        if layer == 0:
            break
        below = set()
        for place in used:
            for tap in range(kernel_size):
                source = place + tap * dilations[layer - 1]
                below.add(source)
                ax.plot([-place, -source], [layer, layer - 1], color=INK, linestyle="-", linewidth=0.8, zorder=0)
        used = below
    names = ["input", *(f"d = {dilation}" for dilation in dilations)]
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="samples before now", ylim=(-0.4, len(dilations) + 0.4))
    ax.set_xticks([0, 1 - field], ["0", f"{field - 1}"])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def spectrograms(
    pictures: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]], seconds: float, hertz: float
) -> np.ndarray:
    """Show spectrograms, the lowest frequency at the bottom, two in a row.

    Parameters
    ----------
    pictures : mapping of str to tuple of numpy.ndarray
        Under its title each picture as ``scipy.signal.spectrogram`` returns it: frequencies, shape (F,), and times,
        shape (T,), both in equal steps, and strengths, shape (F, T).
    seconds, hertz : float
        Where the two axes end.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a picture.

    Raises
    ------
    ValueError
        If a picture is none, its frequencies or times do not fit it, or an end is not positive.
    """
    pictures = as_named(pictures, "pictures", _picture)
    seconds, hertz = as_number(seconds, "seconds", above=0), as_number(hertz, "hertz", above=0)
    lines = -(-len(pictures) // 2)
    size = (WIDTH, 1.75 * lines + 0.4)
    _, axes = plt.subplots(lines, 2, figsize=size, sharex=True, sharey=True, squeeze=False)
    for ax in axes.ravel()[len(pictures) :]:
        ax.set_axis_off()
    for ax, (title, (frequencies, times, strengths)) in zip(axes.ravel(), pictures.items(), strict=False):
        span = (*_ends(times), *(end / 1000 for end in _ends(frequencies)))
        ax.imshow(strengths, origin="lower", aspect="auto", extent=span, cmap=MAGNITUDE, interpolation="nearest")
        ax.set_title(title, fontsize=SMALLEST, pad=3)
    axes[0, 0].set(xlim=(0, seconds), ylim=(0, hertz / 1000))
    for ax in axes[-1]:
        ax.set_xlabel("time (s)")
    for ax in axes[:, 0]:
        ax.set_ylabel("frequency (kHz)")
    return axes.ravel()[: len(pictures)]


def _picture(entry, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies, times and strengths that fit each other."""
    parts = as_list(entry, name, meaning="array")
    if len(parts) != 3:
        raise refuse(name, f"{len(parts)} arrays", "frequencies, times and strengths are needed")
    frequencies, times = (as_finite(part, name, shape=("F",), filled=True) for part in parts[:2])
    strengths = as_finite(parts[2], name, shape=("F", "T"), filled=True)
    if strengths.shape != (len(frequencies), len(times)) or min(strengths.shape) < 2:
        wanted = "strengths of shape (frequencies, times), at least two of each, are needed"
        raise refuse(name, strengths.shape, wanted)
    return frequencies, times, strengths


def _ends(centers: np.ndarray) -> tuple[float, float]:
    """Where the first cell begins and the last one ends, if ``centers`` are the middles of cells of one size."""
    half = (centers[1] - centers[0]) / 2
    return float(centers[0] - half), float(centers[-1] + half)
