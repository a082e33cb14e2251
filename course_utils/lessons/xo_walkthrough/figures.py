"""A table of named numbers, and how often methods are right under deformation."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.plotting.maps import number_grid, plain
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import MARKERS, drawing_area


def number_table(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    write: Callable[[float], str] = plain,
    limit: float | None = None,
    cell: float = 0.52,
    ax: Axes | None = None,
) -> Axes:
    """Show a table of numbers whose rows and columns have names, coloured by sign and magnitude.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (H, W). Entries that are NaN stay empty.
    rows, columns : sequence of str
        H and W names; columns are named above the table.
    write, limit, cell, ax
        As for :func:`number_grid`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many names as rows and columns.
    """
    values = np.asarray(values, float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"values have shape {values.shape}; with these names expected {(len(rows), len(columns))}")
    margin = 0.08 * max(len(name) for name in rows) + 0.2
    lines = 1 + max(name.count("\n") for name in columns)
    ax = drawing_area(ax, (len(columns) * cell + margin, len(rows) * cell + 0.2 * lines + 0.1))
    number_grid(values, write=write, limit=limit, ax=ax)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(which="major", length=0, labeltop=True, labelbottom=False)
    return ax


def deformation_curves(
    results: Mapping[str, tuple[Sequence[float], Mapping[str, Sequence[float]]]],
    *,
    chance: float | None = None,
    columns: int = 3,
) -> np.ndarray:
    """Draw how often methods are right against the strength of a deformation, one panel a deformation.

    Parameters
    ----------
    results : mapping of str to (strengths, shares by method)
        For each deformation, named with its unit, the strengths and each method's shares of right decisions, 0 … 1.
    chance : float, optional
        Share that guessing reaches, drawn as a thin line.
    columns : int
        Panels a row.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a deformation.

    Raises
    ------
    ValueError
        If a method has not as many shares as there are strengths.
    """
    axes = axes_grid(len(results), columns, (2.7, 2.3))
    for number, (ax, (deformation, (strengths, methods))) in enumerate(zip(axes, results.items(), strict=True)):
        for curve, (name, shares) in enumerate(methods.items()):
            if len(shares) != len(strengths):
                raise ValueError(f"{deformation!r}: {len(strengths)} strengths, but {len(shares)} shares of {name!r}")
            ax.plot(strengths, 100 * np.asarray(shares), marker=MARKERS[curve % len(MARKERS)], markersize=4, label=name)
        if chance is not None:
            ax.axhline(100 * chance, color="0.6", linewidth=0.8, linestyle="-", zorder=0)
        ax.set(xlabel=deformation, ylim=(-4, 106))
        ax.grid(True, axis="y")
        if number % columns == 0:
            ax.set_ylabel("right decisions (%)")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return axes
