"""A table of named numbers."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_callable, as_names, as_number
from course_utils.plotting.maps import as_cells, number_grid, plain
from course_utils.plotting.style import WIDTH, drawing_area, text_width


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
