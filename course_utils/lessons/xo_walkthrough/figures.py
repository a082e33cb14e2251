"""A table of named numbers, and how often methods are right under deformation."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_callable, as_finite, as_list, as_mapping, as_names, as_number, as_share
from course_utils.plotting.maps import as_cells, number_grid, plain
from course_utils.plotting.pictures import axes_grid
from course_utils.plotting.style import MARKERS, WIDTH, as_named, as_shares, drawing_area, text_width

SIZES = (0, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Largest changes of size, as shares."""
TURNS = (0, 10, 20, 30, 45)
"""Largest angles in degrees."""
WIDTHS = (1, 1.5, 2, 2.5, 3)
"""Largest widths of a stroke in pixels."""
NOISE = (0, 0.05, 0.1, 0.2, 0.3)
"""Shares of flipped pixels."""


def number_table(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    write: Callable[[float], str] = plain,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show a table of numbers, upright: each row of ``values`` becomes a column, coloured by sign and magnitude.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (H, W). Entries that are NaN stay empty.
    rows, columns : sequence of str
        H and W names; those of the rows stand above the table, those of the columns at its left.
    write, limit, ax
        As for :func:`number_grid`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many names as rows and columns.
    """
    values, write = as_cells(values, "values"), as_callable(write, "write")
    rows = as_names(rows, "rows", count=values.shape[0], meaning="row")
    columns = as_names(columns, "columns", count=values.shape[1], meaning="column")
    limit = None if limit is None else as_number(limit, "limit", least=0)
    names = [name.replace("\n", " ") for name in columns]
    margin = max(text_width(name) for name in names) + 0.2
    cell = min(0.8, (WIDTH - margin) / len(rows))
    ax = drawing_area(ax, (len(rows) * cell + margin, len(columns) * 0.3 + 0.4))
    number_grid(values.T, write=write, limit=limit, ax=ax)
    ax.set_aspect("auto")
    ax.set_xticks(range(len(rows)), rows)
    ax.set_yticks(range(len(columns)), names)
    ax.tick_params(which="major", length=0, labeltop=True, labelbottom=False)
    return ax


def deformations(reached: Mapping[str, Sequence[tuple[float, float]]]) -> np.ndarray:
    """Draw how often the network and the templates are right, against the strength of five deformations.

    Parameters
    ----------
    reached : mapping of str to sequence of (float, float)
        For "shift" (0, 1, 2, 3 pixels), "size" (:data:`SIZES`), "turn" (:data:`TURNS`), "thickness" (:data:`WIDTHS`) and
        "noise" (:data:`NOISE`) the shares of right decisions, 0 … 1, of the network and of the templates.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (5,).

    Raises
    ------
    ValueError
        If a deformation is missing, or has not a pair of shares for each strength.
    """
    axes = {
        "shift": ("largest shift (pixels)", (0, 1, 2, 3)),
        "size": ("largest change of size (%)", [100 * size for size in SIZES]),
        "turn": ("largest turn (degrees)", TURNS),
        "thickness": ("largest thickness (pixels)", WIDTHS),
        "noise": ("flipped pixels (%)", [100 * share for share in NOISE]),
    }
    reached, results = as_mapping(reached, "reached"), {}
    for name, (label, strengths) in axes.items():
        shares = as_shares(reached.get(name), f"reached[{name!r}]", shape=(len(strengths), 2))
        results[label] = strengths, dict(zip(("hand-made network", "templates"), shares.T, strict=True))
    return deformation_curves(results, chance=0.5)


def deformation_curves(
    results: Mapping[str, tuple[Sequence[float], Mapping[str, Sequence[float]]]],
    *,
    chance: float | None = None,
) -> np.ndarray:
    """Draw how often methods are right against the strength of a deformation, one panel a deformation.

    Parameters
    ----------
    results : mapping of str to (strengths, shares by method)
        For each deformation, named with its unit, the strengths and each method's shares of right decisions, 0 … 1.
    chance : float, optional
        Share that guessing reaches, drawn as a thin line.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a deformation.

    Raises
    ------
    ValueError
        If a method has not as many shares as there are strengths.
    """
    results = as_named(results, "results", _methods)
    chance = None if chance is None else as_share(chance, "chance", closed=True)
    axes = axes_grid(len(results), 2, (WIDTH / 2, 2.0))
    for number, (ax, (deformation, (strengths, methods))) in enumerate(zip(axes, results.items(), strict=True)):
        for curve, (name, shares) in enumerate(methods.items()):
            ax.plot(strengths, 100 * shares, marker=MARKERS[curve % len(MARKERS)], markersize=4, label=name)
        if chance is not None:
            ax.axhline(100 * chance, color="0.6", linewidth=0.8, linestyle="-", zorder=0)
        ax.set(xlabel=deformation, ylim=(-4, 106))
        ax.grid(True, axis="y")
        if number % 2 == 0:
            ax.set_ylabel("right (%)")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return axes


def _methods(result, name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Strengths of a deformation, and each method's shares."""
    strengths, methods = as_list(result, name, count=2, meaning="part: strengths, shares by method")
    strengths = as_finite(strengths, f"{name}[0]", shape=("N",), filled=True)
    return strengths, as_named(methods, f"{name}[1]", as_shares, shape=strengths.shape)
