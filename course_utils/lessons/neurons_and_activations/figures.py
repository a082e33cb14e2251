"""Figures of the lesson on neurons: activation functions, what they let back, a curve of straight pieces, dead units."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils.plotting.style import GRID, INK, MARKERS, SMALLEST, WIDTH, drawing_area


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
    rows = -(-len(functions) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(WIDTH, 1.55 * rows + 0.6), sharex=True, sharey=True, squeeze=False)
    axes = axes.ravel()
    for ax, (name, pair) in zip(axes, functions.items(), strict=False):
        for values, label, look, width in zip(pair, ("value", "slope"), ("-", "--"), (2, 1.6), strict=True):
            if np.shape(values) != np.shape(z):
                raise ValueError(f"{name!a}: {label} of shape {np.shape(values)} for z of shape {np.shape(z)}")
            colour = "C0" if label == "value" else "C1"
            ax.plot(z, values, color=colour, linestyle=look, linewidth=width, label=label)
        ax.set(title=name, ylim=(-1.3, 2.2))
        ax.grid(True)
    for ax in axes[len(functions) :]:
        ax.set_visible(False)
    figure.supxlabel("weighted sum z", fontsize=10)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return axes[: len(functions)]


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
        If x and y differ in shape.
    """
    if np.shape(x) != np.shape(y):
        raise ValueError(f"x {np.shape(x)}, y {np.shape(y)}: expected one shape (N,)")
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
    ax = drawing_area(None, (WIDTH, 3.2))
    for number, (name, values) in enumerate(sizes.items()):
        values = np.asarray(values, float)
        if not (values > 0).all():
            raise ValueError(f"{name!a}: a logarithmic axis takes sizes above 0, got {values.min()}")
        layers = np.arange(1, len(values) + 1)
        ax.plot(layers, values, marker=MARKERS[number], markersize=5, color=f"C{number}", label=name)
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
    _, axes = plt.subplots(len(gradients), 1, figsize=(WIDTH, 2.1 * len(gradients)), sharex=True, squeeze=False)
    axes, edges = axes[:, 0], np.linspace(-12, -1, 45)
    across = 10 ** ((edges[:-1] + edges[1:]) / 2)
    for number, (ax, (name, arrays)) in enumerate(zip(axes, gradients.items(), strict=True)):
        for layer, array in enumerate(arrays, start=1):
            sizes = np.abs(array[array != 0])
            if not sizes.size:
                raise ValueError(f"{name!a}: layer {layer} has no entry but zeros")
            counts, _ = np.histogram(np.log10(sizes), edges)
            heights, order = 1.7 * counts / counts.max(), len(arrays) - layer
            look = {"color": f"C{number}", "edgecolor": "white", "linewidth": 0.7, "linestyle": "-"}
            ax.fill_between(across, layer, layer + heights, zorder=2 + order, **look)
            ax.axhline(layer, color=GRID, linestyle="-", linewidth=0.5, zorder=1)
        ax.set(title=name, ylabel="hidden layer", xscale="log", yticks=[1, 4, 7, 10], ylim=(0.8, len(arrays) + 2))
        ax.minorticks_off()
    axes[-1].set_xlabel("size of one entry of the gradient")
    return axes


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
    counts = np.asarray(counts)
    if counts.ndim != 2:
        raise ValueError(f"counts has shape {counts.shape}; expected (epochs, layers)")
    ax = drawing_area(None, (WIDTH, 2.9))
    epochs = np.arange(1, len(counts) + 1)
    for number, line in enumerate(counts.T):
        ax.plot(
            epochs, line, marker=MARKERS[number], markersize=5, color=f"C{number}", label=f"hidden layer {number + 1}"
        )
    ax.set(xlabel="epoch", ylabel="dead units", xticks=epochs, ylim=(0, None))
    ax.grid(True, axis="y")
    ax.legend(fontsize=SMALLEST)
    return ax
