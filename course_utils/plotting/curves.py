"""Curves of training."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils.plotting.style import drawing_area

History = Mapping[str, Sequence[float]]


def learning_curves(
    histories: Mapping[str, History] | History,
    metric: str = "accuracy",
    *,
    held_out: str = "validation",
    ax: Axes | None = None,
) -> Axes:
    """Draw a metric against the epoch, training thin and dotted, held-out data thick.

    Parameters
    ----------
    histories : mapping
        The history of one training as :func:`course_utils.training.fit` returns it, or several by name.
    metric : str
        Key of the history, such as "accuracy" or "loss"; its ``val_`` twin is drawn where there is one.
    held_out : str
        What the ``val_`` figures were measured on.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a history has no such metric.
    """
    if all(not isinstance(value, Mapping) for value in histories.values()):
        histories = {"": histories}
    ax = drawing_area(ax)
    scale, unit = (100, " (%)") if "accuracy" in metric else (1, "")
    for number, (name, history) in enumerate(histories.items()):
        if metric not in history:
            raise ValueError(f"no metric {metric!r} in the history; it has {', '.join(map(repr, history))}")
        epochs = np.arange(1, len(history[metric]) + 1)
        look = {"color": f"C{number}", "marker": "o", "markersize": 4}
        label = f"{name}, " if name else ""
        ax.plot(epochs, scale * np.asarray(history[metric]), ls=":", lw=1.3, label=f"{label}training", **look)
        if f"val_{metric}" in history:
            values = scale * np.asarray(history[f"val_{metric}"])
            ax.plot(epochs, values, ls="-", lw=2.2, label=f"{label}{held_out}", **look)
    ax.set(xlabel="epoch", ylabel=f"{metric}{unit}")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(True, axis="y")
    ax.legend()
    return ax
