"""What several seeds gave, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.plotting.style import INK, WIDTH, drawing_area, log_labels


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
        If a network has no value, or an interval does not contain its mean.
    """
    ax = drawing_area(ax, (WIDTH, 0.42 * len(values) + 1))
    for place, (name, seeds) in enumerate(values.items()):
        if not len(seeds):
            raise ValueError(f"{name!r}: no values; expected one a seed")
        mean = float(np.mean(seeds))
        low, high = (intervals or {}).get(name, (mean, mean))
        if not low <= mean <= high:
            raise ValueError(f"{name!r}: the mean {mean:.4g} does not lie in its interval {low:.4g} … {high:.4g}")
        ax.plot([low, high], [place, place], color="C0", linewidth=5, linestyle="-", alpha=0.35, solid_capstyle="butt")
        ax.plot([mean], [place], marker="|", markersize=17, markeredgewidth=2.5, color="C0", linestyle="none")
        ax.plot(
            seeds, [place] * len(seeds), marker="o", markersize=5, markerfacecolor="none", color=INK, linestyle="none"
        )
    ax.set_yticks(range(len(values)), list(values))
    ax.set(xlabel=label, ylim=(len(values) - 0.5, -0.5))
    if logarithmic:
        ax.set_xscale("log")
        log_labels(ax.xaxis, "235")
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")
    return ax
