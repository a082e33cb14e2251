"""Curves of training."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_floats, as_mapping, as_text
from course_utils.plotting.style import as_shares, drawing_area

History = Mapping[str, Sequence[float]]
THIN, THICK = {"ls": ":", "lw": 1.3}, {"ls": "-", "lw": 2.2}


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
        If a history has no such metric, no epoch, or an accuracy that is no share from 0 to 1.
    """
    metric, held_out = as_text(metric, "metric"), as_text(held_out, "held_out")
    if all(not isinstance(value, Mapping) for value in as_mapping(histories, "histories").values()):
        histories = {"": histories}
    curves = {name: _curves(history, f"histories[{name!a}]", metric) for name, history in histories.items()}
    ax, (scale, unit) = drawing_area(ax), (100, " (%)") if "accuracy" in metric else (1, "")
    for number, (name, values) in enumerate(curves.items()):
        for key, label, look in ((metric, "training", THIN), (f"val_{metric}", held_out, THICK)):
            if key in values:
                epochs, label = np.arange(1, len(values[key]) + 1), f"{name}, {label}" if name else label
                ax.plot(epochs, scale * values[key], label=label, color=f"C{number}", marker="o", markersize=4, **look)
    ax.set(xlabel="epoch", ylabel=f"{metric}{unit}")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(True, axis="y")
    ax.legend()
    return ax


def _curves(history, name: str, metric: str) -> dict[str, np.ndarray]:
    """The metric of a history and its held-out twin, if there is one, as arrays of one length."""
    if metric not in as_mapping(history, name):
        raise ValueError(f"{name} has no metric {metric!a}; it has {', '.join(map(ascii, history))}")
    check = as_shares if "accuracy" in metric else lambda values, key: as_floats(values, key, shape=("N",), filled=True)
    keys = [key for key in (metric, f"val_{metric}") if key in history]
    curves = {key: check(history[key], f"{name}[{key!r}]") for key in keys}
    if len({len(values) for values in curves.values()}) > 1:
        raise ValueError(f"{name}: {metric} and val_{metric} differ in the number of epochs")
    return curves
