"""What several seeds gave, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite, as_flag, as_list, as_mapping, as_number, given
from course_utils.plotting.style import INK, WIDTH, as_positive, as_title, drawing_area, log_labels


def seed_spread(
    values: Mapping[str, Sequence[float]],
    intervals: Mapping[str, tuple[float, float]] | None = None,
    *,
    label: str,
    logarithmic: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw one row a network: a ring for each seed, a bar for the mean, and a line for its interval.

    Parameters
    ----------
    values : mapping of str to sequence of float
        For each network what each seed gave.
    intervals : mapping of str to (float, float), optional
        Ends of the interval of each mean.
    label : str
        What was measured, with its unit.
    logarithmic : bool
        Whether the axis is logarithmic.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a network has no value, a value or an end of an interval is not positive on a logarithmic axis, or an interval
        does not contain its mean.
    """
    label, logarithmic = as_title(label, "label"), as_flag(logarithmic, "logarithmic")
    rows = {name: _seeds(name, seeds, logarithmic) for name, seeds in as_mapping(values, "values").items()}
    ends = {
        name: _interval(name, rows, ends, 0 if logarithmic else None)
        for name, ends in as_mapping({} if intervals is None else intervals, "intervals", least=0).items()
    }
    ax = drawing_area(ax, (WIDTH, 0.42 * len(rows) + 1))
    for place, (name, seeds) in enumerate(rows.items()):
        mean = float(seeds.mean())
        low, high = ends.get(name, (mean, mean))
        ax.plot([low, high], [place, place], color="C0", linewidth=5, linestyle="-", alpha=0.35, solid_capstyle="butt")
        ax.plot([mean], [place], marker="|", markersize=17, markeredgewidth=2.5, color="C0", linestyle="none")
        ax.plot(
            seeds, [place] * len(seeds), marker="o", markersize=5, markerfacecolor="none", color=INK, linestyle="none"
        )
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel=label, ylim=(len(rows) - 0.5, -0.5))
    if logarithmic:
        ax.set_xscale("log")
        log_labels(ax.xaxis, "235")
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")
    return ax


def _seeds(name: str, seeds, logarithmic: bool) -> np.ndarray:
    label = f"values[{name!a}]"
    return as_positive(seeds, label) if logarithmic else as_finite(seeds, label, shape=("N",), filled=True)


def _interval(name: str, rows: Mapping[str, np.ndarray], ends, above: float | None) -> tuple[float, float]:
    if name not in rows:
        raise ValueError(f"intervals: there are no values of {given(name)}")
    label = f"intervals[{name!a}]"
    low, high = (as_number(end, label, above=above) for end in as_list(ends, label, count=2))
    mean = float(rows[name].mean())
    rounding = 8 * float(np.finfo(rows[name].dtype).eps * np.abs(rows[name]).max())
    if not low - rounding <= mean <= high + rounding:
        raise ValueError(f"{label}: the mean {mean!r} does not lie between {low!r} and {high!r}")
    return low, high
