"""Figures of the lesson on more than one machine: a step that workers share, and the losses of one and of two."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_utils._arguments import as_count, as_finite
from course_utils.plotting.style import HIGHLIGHT, INK, SMALLEST, WIDTH, drawing_area


def shared_step(batch: int, workers: int = 2, *, ax: Axes | None = None) -> Axes:
    """Draw one step of data parallelism: rows, gradients, their mean, the same step everywhere.

    Parameters
    ----------
    batch : int
        Pictures in the joint batch.
    workers : int
        How many share it, 2 to 4.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many pictures for each worker, or a number is out of range.
    """
    workers = as_count(workers, "workers", least=2, most=4)
    batch = as_count(batch, "batch", least=workers)
    if batch % workers:
        raise ValueError(f"batch is {batch}; {workers} workers cannot share it equally")
    ax = drawing_area(ax, (WIDTH, 1.0 + 0.95 * workers))
    middle, rows = (workers - 1) / 2, batch // workers
    _box(ax, 0, middle, f"{batch}\npictures")
    _box(ax, 5.4, middle, "mean of\ngradients", HIGHLIGHT)
    for place in range(workers):
        _box(ax, 1.8, place, f"worker {place}\n{rows} of them")
        _box(ax, 3.6, place, "weights\n→ gradient")
        _arrow(ax, (0.72, middle), (1.08, place))
        _arrow(ax, (2.52, place), (2.88, place))
        _arrow(ax, (4.32, place), (4.68, middle))
    top, bottom = -0.72, workers - 0.28
    for edge, turn, place in ((-0.34, top, -0.34), (0.34, bottom, workers - 0.66)):
        ax.plot([5.4, 5.4, 3.6], [middle + edge, turn, turn], color=HIGHLIGHT, linewidth=1.2, linestyle="-")
        _arrow(ax, (3.6, turn), (3.6, place), HIGHLIGHT)
    ax.text(4.5, bottom + 0.22, "the same step on each worker", ha="center", va="center", fontsize=SMALLEST, color=INK)
    ax.set(xlim=(-0.8, 6.2), ylim=(bottom + 0.45, top - 0.15))
    ax.set_axis_off()
    return ax


def _box(ax: Axes, x: float, y: float, text: str, color: str = INK) -> None:
    box = FancyBboxPatch((x - 0.66, y - 0.28), 1.32, 0.56, boxstyle="round,pad=0.04", fill=False, edgecolor=color)
    ax.add_patch(box)
    ax.text(x, y, text, ha="center", va="center", fontsize=SMALLEST, color=INK)


def _arrow(ax: Axes, start: tuple, end: tuple, color: str = INK) -> None:
    ax.annotate(
        "", end, start, arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
    )


def losses(one: np.ndarray, two: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Draw the loss after each step: a line for one worker, rings for two.

    Parameters
    ----------
    one, two : numpy.ndarray
        Losses, shape (steps,), of as many steps each.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If they are not as many, or one is no number.
    """
    one = as_finite(one, "one", shape=("steps",), filled=True)
    two = as_finite(two, "two", shape=(len(one),), filled=True)
    ax = drawing_area(ax, (WIDTH, 2.7))
    steps = np.arange(1, len(one) + 1)
    ax.plot(steps, one, color="C0", linestyle="-", label="one worker, the joint batch")
    ax.plot(
        steps,
        two,
        color="C1",
        linestyle="none",
        marker="o",
        markersize=6,
        markerfacecolor="none",
        label="two workers, half of it each",
    )
    ax.set(xlabel="step", ylabel="loss of the joint batch", ylim=(0, None))
    ax.grid(True)
    ax.legend(loc="upper right")
    return ax
