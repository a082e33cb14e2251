"""Figures of the lesson on overfitting: curves of one training and of six, capacity, remedies side by side."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_finite, as_mapping
from course_utils.plotting import seed_spread
from course_utils.plotting.style import INK, MARKERS, WIDTH, as_named, as_positive, as_shares, log_labels

SPLITS = {"": ("training", ":"), "val_": ("validation", "-")}


def _history(history, name: str) -> dict[str, np.ndarray]:
    """Loss and accuracy of both splits, of as many epochs each."""
    keys = [f"{split}{metric}" for split in SPLITS for metric in ("loss", "accuracy")]
    if missing := [key for key in keys if key not in as_mapping(history, name)]:
        raise ValueError(f"{name} has no {missing[0]!r}; expected {', '.join(keys)}")
    curves = {keys[0]: as_finite(history[keys[0]], f"{name}['loss']", shape=("epochs",), filled=True, least=0)}
    for key in keys[1:]:
        rules = {"shape": (len(curves["loss"]),)}
        curves[key] = (
            as_shares(history[key], f"{name}[{key!r}]", **rules)
            if key.endswith("accuracy")
            else as_finite(history[key], f"{name}[{key!r}]", least=0, **rules)
        )
    return curves


def _draw(axes: Sequence[Axes], curves: Mapping[str, np.ndarray]) -> None:
    """Loss in the first area, accuracy in the second, training dotted, validation in full."""
    epochs = np.arange(1, len(curves["loss"]) + 1)
    for ax, metric, scale in zip(axes, ("loss", "accuracy"), (1, 100), strict=True):
        for number, (split, (label, dash)) in enumerate(SPLITS.items()):
            look = {"color": f"C{number}", "linestyle": dash, "linewidth": 2}
            ax.plot(epochs, scale * curves[f"{split}{metric}"], label=label, **look)
        ax.set_ylim(0, 103 if scale == 100 else None)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(True, axis="y")


def loss_and_accuracy(history: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Draw loss and accuracy of a training by epoch, one above the other, and mark the lowest validation loss.

    Parameters
    ----------
    history : mapping of str to sequence of float
        "loss", "accuracy", "val_loss" and "val_accuracy" after each epoch.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Two: loss, accuracy.

    Raises
    ------
    ValueError
        If one is missing, or they differ in the number of epochs.
    """
    curves = _history(history, "history")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 4.4), sharex=True)
    _draw(axes, curves)
    best = int(curves["val_loss"].argmin())
    axes[0].plot([best + 1], [curves["val_loss"][best]], marker="v", markersize=9, color=INK, linestyle="none")
    axes[0].annotate(
        f"lowest: epoch {best + 1}",
        (best + 1, curves["val_loss"][best]),
        (4, 9),
        textcoords="offset points",
        fontsize=9,
    )
    axes[0].set(ylabel="loss")
    axes[1].set(ylabel="accuracy (%)", xlabel="epoch")
    axes[0].legend()
    return axes


def six_curves(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> np.ndarray:
    """Draw loss and accuracy of several trainings side by side, one row each.

    Parameters
    ----------
    histories : mapping of str to mapping
        For each training what :func:`loss_and_accuracy` takes.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (trainings, 2): loss, accuracy.

    Raises
    ------
    ValueError
        As :func:`loss_and_accuracy`.
    """
    histories = as_named(histories, "histories", _history)
    _, axes = plt.subplots(len(histories), 2, figsize=(WIDTH, 1.45 * len(histories) + 0.5), squeeze=False)
    for row, (name, curves) in zip(axes, histories.items(), strict=True):
        _draw(row, curves)
        row[0].set(title=f"{name}: loss")
        row[1].set(title="accuracy (%)")
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    axes[0, 1].legend()
    return axes


def three_readings(readings: Mapping[str, Mapping[str, Sequence[float]]]) -> np.ndarray:
    """Draw three accuracies of each training by epoch, one panel a training.

    Parameters
    ----------
    readings : mapping of str to mapping
        For each training "accuracy", the training accuracy that ``fit`` prints; "measured_accuracy", that on the same digits
        after the epoch, at inference; and "val_accuracy".

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a training.

    Raises
    ------
    ValueError
        If one is missing or they differ in the number of epochs.
    """
    readings = as_named(readings, "readings", _readings)
    _, axes = plt.subplots(len(readings), 1, figsize=(WIDTH, 1.6 * len(readings) + 0.7), sharex=True, squeeze=False)
    for ax, (name, curves) in zip(axes[:, 0], readings.items(), strict=True):
        for number, (label, shares) in enumerate(curves.items()):
            epochs = np.arange(1, len(shares) + 1)
            look = {"color": f"C{number}", "marker": MARKERS[number], "markersize": 3.5, "linewidth": 1.2}
            ax.plot(epochs, 100 * shares, label=label, **look)
        ax.set(title=name, ylabel="%")
        ax.grid(True, axis="y")
    axes[0, 0].legend()
    axes[-1, 0].set_xlabel("epoch")
    return axes[:, 0]


def _readings(curves, name: str) -> dict[str, np.ndarray]:
    """The three accuracies under what the legend calls them."""
    labels = {
        "accuracy": "training, as fit prints it",
        "measured_accuracy": "training, measured",
        "val_accuracy": "validation",
    }
    if missing := [key for key in labels if key not in as_mapping(curves, name)]:
        raise ValueError(f"{name} has no {missing[0]!r}; expected {', '.join(labels)}")
    first = as_shares(curves["accuracy"], f"{name}['accuracy']", shape=("epochs",))
    return {label: as_shares(curves[key], f"{name}[{key!r}]", shape=first.shape) for key, label in labels.items()}


def capacity(parameters: Sequence[int], training: np.ndarray, validation: np.ndarray) -> Axes:
    """Draw accuracy on training and validation digits against the number of parameters, logarithmic; each seed is seen.

    Parameters
    ----------
    parameters : sequence of int
        Of each network.
    training, validation : numpy.ndarray
        Accuracies as shares, shape (seeds, networks).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit, or an accuracy is no share.
    """
    parameters = as_positive(parameters, "parameters")
    training = as_shares(training, "training", shape=("seeds", len(parameters)))
    validation = as_shares(validation, "validation", shape=training.shape)
    _, ax = plt.subplots(figsize=(WIDTH, 3.0))
    for number, (name, shares) in enumerate({"training": training, "validation": validation}.items()):
        look = {"color": f"C{number}", "marker": MARKERS[number]}
        ax.plot(parameters, 100 * shares.mean(axis=0), label=name, markersize=6, **look)
        ax.plot(parameters, 100 * shares.T, linestyle="none", markersize=4, markerfacecolor="none", **look)
    ax.set(xscale="log", xlabel="parameters", ylabel="accuracy (%)")
    log_labels(ax.xaxis, "")
    ax.grid(True, axis="y")
    ax.legend()
    return ax


def remedies(accuracy: Mapping[str, Sequence[float]], loss: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Draw accuracy and loss of each remedy, a ring for each seed and a bar for the mean.

    Parameters
    ----------
    accuracy, loss : mapping of str to sequence of float
        For each remedy what each seed gave: shares, and losses.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Two: accuracy, loss.

    Raises
    ------
    ValueError
        If the two have other names, or an accuracy is no share.
    """
    accuracy, loss = as_named(accuracy, "accuracy", as_shares), as_named(loss, "loss", as_positive)
    if list(accuracy) != list(loss):
        raise ValueError(f"loss has the names {', '.join(loss)}; expected those of accuracy, {', '.join(accuracy)}")
    _, axes = plt.subplots(2, 1, figsize=(WIDTH, 0.62 * len(accuracy) + 1.6))
    seed_spread({name: 100 * shares for name, shares in accuracy.items()}, label="test accuracy (%)", ax=axes[0])
    seed_spread(loss, label="test loss", ax=axes[1])
    return axes
