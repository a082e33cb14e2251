"""Where a method is right: over all shifts of a letter, and along a deformation that grows."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from course_utils._arguments import as_array, as_finite, as_list, as_text
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import INK, SMALLEST, WIDTH, as_alike, as_named

RIGHT, WRONG = "#56b4e9", "#ffffff"


def shift_maps(right: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw for each shift of a letter whether it was read rightly; a cross where it was not.

    Parameters
    ----------
    right : mapping of str to numpy.ndarray
        For each panel, by its title, truth values of shape (2n + 1, 2n + 1): rows down and columns right, from −n to n.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a panel.

    Raises
    ------
    ValueError
        If an entry is no square of truth values with a middle, or they differ in size.
    """
    right = as_alike(right, "right", _square)
    axes = axes_grid(len(right), 2, (WIDTH / 2, WIDTH / 2 + 0.1))
    for ax, (title, panel) in zip(axes, right.items(), strict=True):
        n = len(panel) // 2
        ends = (-n - 0.5, n + 0.5)
        ax.imshow(panel, cmap=ListedColormap([WRONG, RIGHT]), vmin=0, vmax=1, extent=(*ends, *ends[::-1]))
        for row, column in np.argwhere(~panel) - n:
            ax.text(column, row, "×", ha="center", va="center", fontsize=12, color=INK)
        ax.set_xticks(range(-n, n + 1))
        ax.set_yticks(range(-n, n + 1))
        ax.set_title(title)
    for ax in axes[-2:]:
        ax.set_xlabel("columns right")
    for ax in axes[::2]:
        ax.set_ylabel("rows down")
    return axes


def _square(panel, name: str) -> np.ndarray:
    """Truth values with as many rows as columns, an odd number of them."""
    panel = as_array(panel, name, shape=("S", "S"), kinds="b", filled=True)
    if len(panel) % 2 == 0:
        raise ValueError(
            f"{name} has shape {panel.shape}; expected an odd number of rows, so that one stands for shift 0"
        )
    return panel


def right_ranges(panels: Mapping[str, tuple[Sequence[float], Mapping[str, np.ndarray]]]) -> np.ndarray:
    """Draw along a growing deformation where methods are right: a bar where they are, a thin line where they are not.

    Parameters
    ----------
    panels : mapping of str to (strengths, truth values by row)
        For each deformation, named with its unit, its strengths, rising, and for each row of the panel, by name, whether the
        answer was right at each strength.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a deformation.

    Raises
    ------
    ValueError
        If strengths do not rise, or a row has not one truth value for each.
    """
    panels = as_named(panels, "panels", _ranges)
    rows = max(len(rows) for _, rows in panels.values())
    axes = axes_grid(len(panels), 1, (WIDTH, 0.32 * rows + 0.75))
    for ax, (label, (strengths, rows)) in zip(axes, panels.items(), strict=True):
        _bars(ax, strengths, rows)
        ax.set_xlabel(label)
    return axes


def _ranges(panel, name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Rising strengths, and the truth values of each row."""
    strengths, rows = as_list(panel, name, count=2, meaning="part: strengths, truth values by row")
    strengths = as_finite(strengths, f"{name}[0]", shape=("N",), filled=True).astype(float)
    if len(strengths) < 2 or not (np.diff(strengths) > 0).all():
        raise ValueError(f"{name}[0] does not rise; expected at least two strengths, each above the one before")
    return strengths, as_named(rows, f"{name}[1]", as_array, shape=strengths.shape, kinds="b")


def _bars(ax: Axes, strengths: np.ndarray, rows: Mapping[str, np.ndarray]) -> None:
    """A row of bars for each method; a bar reaches half a step beyond the strengths that it covers."""
    middles = (strengths[1:] + strengths[:-1]) / 2
    edges = np.concatenate([[2 * strengths[0] - middles[0]], middles, [2 * strengths[-1] - middles[-1]]])
    for place, (name, right) in enumerate(rows.items()):
        cuts = [0, *(np.flatnonzero(np.diff(right)) + 1), len(right)]
        spans = [(edges[a], edges[b] - edges[a]) for a, b in pairwise(cuts) if right[a]]
        colour = "C1" if "templates" in as_text(name, "row") else "C0"
        ax.plot(edges[[0, -1]], [place, place], color=INK, linewidth=0.8, linestyle="-", zorder=1)
        ax.broken_barh(spans, (place - 0.32, 0.64), color=colour, zorder=2)
    ax.set_yticks(range(len(rows)), rows, fontsize=SMALLEST)
    ax.set(xlim=edges[[0, -1]], ylim=(len(rows) - 0.5, -0.5))
    ax.tick_params(axis="y", length=0)
