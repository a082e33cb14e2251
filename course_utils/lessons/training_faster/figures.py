"""The figure of the lesson on faster training: what each step from one recipe to another does to mistakes and time."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_list
from course_utils.plotting.style import INK, WIDTH, as_named, as_positive, as_shares

_ROW, _ROOM = 0.29, 0.62  # inches


def waterfall(stages: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> np.ndarray:
    """Draw a waterfall of error and one of computing time: the first and the last stage from 0, between them the changes.

    Parameters
    ----------
    stages : mapping of str to (errors, times)
        For each stage, in order, the share of wrong answers of all seeds, and what their training took compared with the
        first stage. At least two.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Two: error in per cent, time.

    Raises
    ------
    ValueError
        If there are fewer than two stages, an error is no share, or a time not above 0.
    """
    stages = as_named(stages, "stages", _stage, fewest=2)
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 2 * (_ROW * len(stages) + _ROOM)))
    for ax, which, scale, label in zip(
        axes, (0, 1), (100, 1), ("validation error (%)", "computing time (classic = 1)"), strict=True
    ):
        _draw(ax, {name: scale * stage[which] for name, stage in stages.items()})
        ax.set_xlabel(label)
    return axes


def _stage(stage, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Errors and times of a stage."""
    errors, times = as_list(stage, name, count=2, meaning="sequence: errors, times")
    return as_shares(errors, f"{name}[0]"), as_positive(times, f"{name}[1]")


def _draw(ax: Axes, values: Mapping[str, np.ndarray]) -> None:
    """One waterfall: a bar a row, with what it ends at or by how much it moves, and a ring for each seed."""
    before, last = 0.0, len(values) - 1
    reach = max(float(seeds.max()) for seeds in values.values())
    for place, seeds in enumerate(values.values()):
        mean = float(seeds.mean())
        total = place in (0, last)
        start = 0.0 if total else before
        falls = mean <= start
        colour, hatch = ("C0", None) if total else ("C2", None) if falls else ("C1", "///")
        ax.barh(place, mean - start, left=start, height=0.62, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.6)
        look = {"marker": "o", "markersize": 3.5, "markerfacecolor": "none", "linestyle": "none", "color": INK}
        ax.plot(seeds, [place] * len(seeds), **look)
        text = f"{mean:.2f}" if total else f"{mean - before:+.2f}".replace("-", "\N{MINUS SIGN}")
        end = max(mean, start, float(seeds.max()))
        ax.text(end + 0.02 * reach, place, text, va="center", fontsize=9)
        if place < last:
            ax.plot([mean, mean], [place, place + 1], color=INK, linewidth=0.6, linestyle="-", zorder=0)
        before = mean
    ax.set_yticks(range(len(values)), list(values))
    ax.set(ylim=(last + 0.5, -0.5), xlim=(0, 1.16 * reach))
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")
