"""Figures of the lesson on neurons: activation functions, what they let back, a curve of straight pieces, dead units."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite, as_list
from course_utils.plotting.style import GRID, INK, MARKERS, SMALLEST, WIDTH, as_named, as_positive, drawing_area


def functions_and_slopes(z: np.ndarray, functions: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Draw functions with their slopes, a panel each, two panels a row.

    Parameters
    ----------
    z : numpy.ndarray
        Inputs, ascending, shape (N,).
    functions : mapping of str to (numpy.ndarray, numpy.ndarray)
        Values and slopes of each function at z.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a function.

    Raises
    ------
    ValueError
        If values or slopes have not the shape of z.
    """
    z = as_finite(z, "z", shape=("N",), filled=True)
    functions = as_named(functions, "functions", _pair, shape=z.shape)
    rows = -(-len(functions) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(WIDTH, 1.55 * rows + 0.6), sharex=True, sharey=True, squeeze=False)
    axes = axes.ravel()
    for ax, (name, pair) in zip(axes, functions.items(), strict=False):
        for values, label, look, width in zip(pair, ("value", "slope"), ("-", "--"), (2, 1.6), strict=True):
            colour = "C0" if label == "value" else "C1"
            ax.plot(z, values, color=colour, linestyle=look, linewidth=width, label=label)
        ax.set(title=name, ylim=(-1.3, 2.2))
        ax.grid(True)
    for ax in axes[len(functions) :]:
        ax.set_visible(False)
    figure.supxlabel("weighted sum z", fontsize=10)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return axes[: len(functions)]


def _pair(pair, name: str, *, shape: tuple = ("N",)) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of one shape."""
    first, second = as_list(pair, name, count=2, meaning="array")
    first = as_finite(first, f"{name}[0]", shape=shape, filled=True)
    return first, as_finite(second, f"{name}[1]", shape=first.shape)


def fit(
    x: np.ndarray, y: np.ndarray, curves: Mapping[str, tuple[np.ndarray, np.ndarray]], *, bends: Sequence[float] = ()
) -> Axes:
    """Draw data as points and what networks make of them as lines.

    Parameters
    ----------
    x, y : numpy.ndarray
        The data, shape (N,) each.
    curves : mapping of str to (numpy.ndarray, numpy.ndarray)
        Inputs and outputs of each network.
    bends : sequence of float
        Inputs at which a network bends, drawn as ticks along the lower edge.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If x and y differ in shape, or inputs and outputs do.
    """
    x = as_finite(x, "x", shape=("N",), filled=True)
    y = as_finite(y, "y", shape=x.shape)
    curves, bends = as_named(curves, "curves", _pair), as_finite(bends, "bends", shape=("N",))
    ax = drawing_area(None, (WIDTH, 3.4))
    ax.plot(x, y, "o", color=INK, markersize=4.5, label="data")
    for number, (name, (inputs, outputs)) in enumerate(curves.items()):
        ax.plot(inputs, outputs, color=f"C{number}", linestyle=("-", "--", ":")[number % 3], linewidth=2, label=name)
    if len(bends):
        where = {"transform": ax.get_xaxis_transform(), "linestyle": "none"}
        ax.plot(bends, np.full(len(bends), 0.04), marker="|", color=INK, markersize=12, label="a unit bends", **where)
    ax.set(xlabel="column, scaled to −1 … 1", ylabel="brightness")
    ax.grid(True)
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1), ncols=2)
    return ax


def gradient_sizes(sizes: Mapping[str, Sequence[float]]) -> Axes:
    """Draw the size of the gradient in each hidden layer, one line a function, logarithmic.

    Parameters
    ----------
    sizes : mapping of str to sequence of float
        Sizes from the first hidden layer to the last, all above 0.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a size is not above 0.
    """
    sizes = as_named(sizes, "sizes", as_positive)
    ax = drawing_area(None, (WIDTH, 3.2))
    for number, (name, values) in enumerate(sizes.items()):
        layers = np.arange(1, len(values) + 1)
        ax.plot(layers, values, marker=MARKERS[number % len(MARKERS)], markersize=5, color=f"C{number}", label=name)
    ax.set(yscale="log", xlabel="hidden layer, 1 is next to the picture", ylabel="size of the gradient", xticks=layers)
    ax.minorticks_off()
    ax.grid(True)
    ax.legend()
    return ax


def gradient_histograms(gradients: Mapping[str, Sequence[np.ndarray]]) -> np.ndarray:
    """Draw how large single entries of the gradient are, a panel a function and in it a ridge for each layer.

    Parameters
    ----------
    gradients : mapping of str to sequence of numpy.ndarray
        The gradient in each hidden layer, the first one first. Entries that are 0 are left out.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a function.

    Raises
    ------
    ValueError
        If a layer has no entry but zeros.
    """
    gradients = as_named(gradients, "gradients", _magnitudes)
    _, axes = plt.subplots(len(gradients), 1, figsize=(WIDTH, 2.1 * len(gradients)), sharex=True, squeeze=False)
    axes, edges = axes[:, 0], np.linspace(-12, -1, 45)
    across = 10 ** ((edges[:-1] + edges[1:]) / 2)
    for number, (ax, (name, layers)) in enumerate(zip(axes, gradients.items(), strict=True)):
        for layer, sizes in enumerate(layers, start=1):
            counts, _ = np.histogram(np.log10(sizes), edges)
            heights, order = 1.7 * counts / max(counts.max(), 1), len(layers) - layer
            look = {"color": f"C{number}", "edgecolor": "white", "linewidth": 0.7, "linestyle": "-"}
            ax.fill_between(across, layer, layer + heights, zorder=2 + order, **look)
            ax.axhline(layer, color=GRID, linestyle="-", linewidth=0.5, zorder=1)
        ax.set(title=name, ylabel="hidden layer", xscale="log", yticks=[1, 4, 7, 10], ylim=(0.8, len(layers) + 2))
        ax.minorticks_off()
    axes[-1].set_xlabel("size of one entry of the gradient")
    return axes


def _magnitudes(arrays, name: str) -> list[np.ndarray]:
    """For each layer the magnitudes of the entries that are not 0."""
    kept = []
    for number, array in enumerate(as_list(arrays, name)):
        array = as_finite(array, f"{name}[{number}]", shape=("N", ...))
        kept.append(np.abs(array[array != 0]))
        if not kept[-1].size:
            raise ValueError(f"{name}[{number}] has no entry but zeros")
    return kept


def dead_units(counts: np.ndarray) -> Axes:
    """Draw how many units are dead after each epoch, one line a hidden layer.

    Parameters
    ----------
    counts : numpy.ndarray
        Dead units, shape (epochs, layers).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shape is another.
    """
    counts = as_finite(counts, "counts", shape=("epochs", "layers"), filled=True, least=0)
    ax = drawing_area(None, (WIDTH, 2.9))
    epochs = np.arange(1, len(counts) + 1)
    for number, line in enumerate(counts.T):
        look = {"marker": MARKERS[number % len(MARKERS)], "markersize": 5, "color": f"C{number}"}
        ax.plot(epochs, line, label=f"hidden layer {number + 1}", **look)
    ax.set(xlabel="epoch", ylabel="dead units", xticks=epochs, ylim=(0, None))
    ax.grid(True, axis="y")
    ax.legend(fontsize=SMALLEST)
    return ax
