"""Where networks keep their parameters, which maps a table connects, and what each change of a recipe brings."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from course_utils._arguments import as_array, as_count, as_finite, as_list, as_names
from course_utils.plotting.style import INK, SMALLEST, WIDTH, as_named, as_shares, drawing_area, log_labels

CONVOLUTION, DENSE, WORK = "C0", "C5", "0.37"


def parameter_budget(tables: Mapping[str, object]) -> np.ndarray:
    """Draw, for each network, the share of its parameters and of its multiply-adds that each layer has.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables as :func:`course_utils.anatomy.summary` makes them. Layers without parameters are left out. Dense layers
        have another colour, and a pattern; the numbers at the right are parameters.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (networks,), one below the other.

    Raises
    ------
    ValueError
        If there is no network, a table lacks a column, or no layer of it has parameters.
    """
    budgets = as_named(tables, "tables", _budget)
    heights = [len(layers) for layers, *_ in budgets.values()]
    size = (WIDTH, 0.27 * sum(heights) + 0.5 * len(budgets) + 0.8)
    figure, axes = plt.subplots(len(budgets), 1, figsize=size, height_ratios=heights, squeeze=False)
    axes = axes[:, 0]
    for ax, (name, budget) in zip(axes, budgets.items(), strict=True):
        _draw_budget(ax, name, *budget)
        ax.set_ylim(len(budget[0]) - 0.4, -0.6)
    axes[-1].set_xlabel("share of the network (%)")
    handles = [
        Patch(facecolor=CONVOLUTION, label="parameters, convolution"),
        Patch(facecolor=DENSE, hatch="///", edgecolor="white", label="parameters, dense"),
        Patch(facecolor="white", edgecolor=WORK, label="multiply-adds"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return axes


def _budget(table, name: str) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Names of the layers with parameters, which of them are dense, parameters, multiply-adds."""
    missing = {"layer", "type", "parameters", "multiply_adds"} - set(getattr(table, "columns", ()))
    if missing:
        raise ValueError(f"{name} has no column {', '.join(sorted(missing))}; anatomy.summary makes them")
    parameters, work = (
        as_finite(list(table[column].fillna(0)), f"{name}[{column!r}]", least=0)
        for column in ("parameters", "multiply_adds")
    )
    kept = parameters > 0
    if not kept.any():
        raise ValueError(f"{name}: no layer of the table has parameters")
    return list(table["layer"][kept]), (table["type"] == "Dense").to_numpy()[kept], parameters[kept], work[kept]


def _draw_budget(ax: Axes, name: str, layers: list[str], dense, parameters, work) -> None:
    places, share = np.arange(len(layers)), 100 * parameters / parameters.sum()
    for kind, colour, hatch in ((~dense, CONVOLUTION, None), (dense, DENSE, "///")):
        ax.barh(places[kind] - 0.17, share[kind], 0.42, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
    effort = 100 * work / max(work.sum(), 1)
    ax.barh(places + 0.2, effort, 0.24, facecolor="white", edgecolor=WORK, linewidth=0.8)
    for place, value in zip(places, parameters, strict=True):
        ax.text(131, place, _short(value), ha="right", va="center", fontsize=SMALLEST)
    ax.set_yticks(places, layers, fontsize=SMALLEST)
    ax.set(xlim=(0, 132), xticks=range(0, 101, 25), title=f"{name}: {_short(parameters.sum())} parameters")
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")


def _short(count: float) -> str:
    """138.4 M, 61.7 k, 156."""
    if count >= 1e6:
        return f"{count / 1e6:.1f} M"
    return f"{count / 1e3:.1f} k" if count >= 1e3 else f"{count:.0f}"


def connection_table(table: Sequence[Sequence[int]], *, inputs: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw which input maps each output map of a convolution sees: a filled square for each connection.

    Parameters
    ----------
    table : sequence of sequence of int
        For each output map the numbers of the input maps it sees.
    inputs : int, optional
        Number of input maps; one more than the largest number met unless given.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        A column an output map, a row an input map; the number of connections stands above each column.

    Raises
    ------
    ValueError
        If an output map sees nothing, or a number is out of range.
    """
    most = None if inputs is None else as_count(inputs, "inputs") - 1
    table = [
        as_array(seen, f"table[{number}]", shape=("maps",), kinds="iu", filled=True, least=0, most=most)
        for number, seen in enumerate(as_list(table, "table"))
    ]
    inputs = int(max(seen.max() for seen in table)) + 1 if inputs is None else inputs
    ax = drawing_area(ax, (min(0.34 * len(table) + 1.0, WIDTH), 0.3 * inputs + 0.9))
    for column, seen in enumerate(table):
        for row in range(inputs):
            colour = CONVOLUTION if row in seen else "white"
            ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour, edgecolor=INK, linewidth=0.5))
        ax.text(column, -0.85, str(len(seen)), ha="center", va="center", fontsize=9)
    ax.set(xlim=(-0.5, len(table) - 0.5), ylim=(inputs - 0.5, -1.2), aspect="equal")
    ax.set(xlabel="map of the output", ylabel="map of the input")
    ax.set(xticks=range(len(table)), yticks=range(inputs))
    ax.tick_params(length=0, labelsize=9)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax


def step_errors(
    steps: Mapping[str, Sequence[float]], *, names: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the test error of each step of a recipe, one point a seed and a bar for the mean, the axis logarithmic.

    Parameters
    ----------
    steps : mapping of str to sequence of float
        For each step, in order, the accuracies of its seeds, as shares.
    names : sequence of str, optional
        What to write below each step instead of its key.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a step has no accuracy, or one outside 0 … 1, or there are not as many names as steps.
    """
    steps = as_named(steps, "steps", as_shares)
    names = list(steps) if names is None else as_names(names, "names", count=len(steps), meaning="step")
    ax = drawing_area(ax, (WIDTH, 3.4))
    for place, accuracies in enumerate(steps.values()):
        errors = 100 * (1 - accuracies)
        spread = place + np.linspace(-0.13, 0.13, len(errors)) if len(errors) > 1 else [place]
        ax.plot(spread, errors, linestyle="none", marker="o", markersize=5, color=CONVOLUTION, alpha=0.75)
        mean = errors.mean()
        ax.plot([place - 0.26, place + 0.26], [mean, mean], color=INK, linewidth=2, linestyle="-")
        beside = {"xytext": (3, 0), "textcoords": "offset points", "va": "center", "fontsize": SMALLEST}
        ax.annotate(f"{mean:.2f} %", (place + 0.26, mean), **beside)
    ax.margins(y=0.12)
    ax.set(yscale="log", ylabel="test error (%)", xlim=(-0.5, len(steps) - 0.15))
    ax.set_xticks(range(len(steps)), names)
    log_labels(ax.yaxis, "2357")
    ax.grid(True, axis="y", which="both")
    return ax
