"""Figures of the lesson on transfer: answers to photographs, nearest neighbours, accuracy by examples a class."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils._arguments import as_array, as_share
from course_utils.plotting.style import (
    INK,
    MARKERS,
    SMALLEST,
    WIDTH,
    as_bytes,
    as_named,
    as_positive,
    as_shares,
    drawing_area,
    hide_ticks,
    text_width,
)


def top_answers(pictures: np.ndarray, answers: Mapping[str, Mapping[str, float]]) -> np.ndarray:
    """Show photographs and, beside each, what a network answered: a bar for each probability, with the class's name.

    Parameters
    ----------
    pictures : numpy.ndarray
        uint8, shape (N, H, W, 3).
    answers : mapping of str to mapping of str to float
        For each picture, under its title, the probabilities of some classes by their names, from the top.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (N, 2): picture, bars.

    Raises
    ------
    ValueError
        If there are not as many pictures as answers, a picture is no uint8 picture in colour, or a probability is none.
    """
    answers = as_named(answers, "answers", lambda entry, name: as_named(entry, name, as_share, closed=True))
    pictures = as_bytes(pictures, "pictures", shape=(len(answers), "H", "W", 3))
    most = max(map(len, answers.values()))
    size = (WIDTH, len(answers) * (0.19 * most + 0.32))
    _, axes = plt.subplots(len(answers), 2, figsize=size, width_ratios=(1, 2.3), squeeze=False)
    for (left, right), picture, (title, shares) in zip(axes, pictures, answers.items(), strict=True):
        left.imshow(picture)
        hide_ticks(left)
        left.set_title(title, fontsize=SMALLEST, pad=3)
        right.barh(range(len(shares)), list(shares.values()), color="C0", height=0.75)
        for place, (name, share) in enumerate(shares.items()):
            right.text(share + 0.02, place, f"{name} {share:.2f}", va="center", fontsize=SMALLEST, color=INK)
        right.set(xlim=(0, 1.75), ylim=(most - 0.4, -0.6), xticks=[], yticks=[])
        right.spines["bottom"].set_visible(False)
    return axes


def neighbours(
    queries: np.ndarray, found: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray], *, ax: Axes | None = None
) -> Axes:
    """Show pictures at the left and, in a row for each way to compare, those nearest to them; a cross marks wrong ones.

    Parameters
    ----------
    queries : numpy.ndarray
        uint8, shape (M, H, W, 3).
    found : mapping of str to numpy.ndarray
        For each way to compare, the n nearest of each query: uint8, shape (M, n, H, W, 3).
    right : mapping of str to numpy.ndarray of bool
        Under the same names, which of them are right, shape (M, n).
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not fit each other, or the names differ.
    """
    queries = as_bytes(queries, "queries", shape=("M", "H", "W", 3))
    found = as_named(found, "found", as_bytes, shape=(len(queries), "n", *queries.shape[1:]))
    widest = max(pictures.shape[1] for pictures in found.values())
    right = as_named(right, "right", as_array, shape=(len(queries), "n"), kinds="b")
    for name, pictures in found.items():
        if name not in right or right[name].shape != pictures.shape[:2] or len(right) != len(found):
            raise ValueError(f"right does not say of each picture in found[{name!a}] whether it is right")
    height, width = queries.shape[1:3]
    rows, gap = len(queries) * len(found), max(1, height // 10)
    cell_h, cell_w = height + gap, width + gap
    sheet = np.full((rows * cell_h + (len(queries) - 1) * 2 * gap, (widest + 1) * cell_w + 2 * gap, 3), 255, np.uint8)
    side = max(WIDTH - 0.3 - max(map(text_width, found)), 0.1) / sheet.shape[1]
    ax = drawing_area(ax, (WIDTH, sheet.shape[0] * side + 0.35))
    ticks = []
    for number, query in enumerate(queries):
        for line, (name, pictures) in enumerate(found.items()):
            top = (number * len(found) + line) * cell_h + number * 2 * gap
            ticks.append((top + height / 2, name))
            if line == 0:
                sheet[top : top + height, :width] = query
            for column, picture in enumerate(pictures[number]):
                x = (column + 1) * cell_w + 2 * gap
                sheet[top : top + height, x : x + width] = picture
                if not right[name][number, column]:
                    _cross(ax, x, top, width, height)
    ax.imshow(sheet)
    ax.set_anchor("E")  # the names need their room at the left
    ax.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    ax.set_xticks([width / 2, 2 * gap + cell_w * (1 + widest / 2)], ["picture", "nearest first"])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _cross(ax: Axes, x: float, y: float, width: float, height: float) -> None:
    """A small cross in the corner of a picture."""
    side = 0.36 * min(width, height)
    ax.add_patch(Rectangle((x + width - side, y), side, side, facecolor="white", edgecolor=INK, linewidth=0.6))
    inset, end = 0.25 * side, 0.75 * side
    for low, high in ((inset, end), (end, inset)):
        ends = [x + width - side + inset, x + width - side + end]
        ax.plot(ends, [y + low, y + high], color="C1", linestyle="-", linewidth=1.8)


def by_examples(counts: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[Sequence[float]]]]) -> np.ndarray:
    """Draw accuracy against examples a class, one panel a task, one line an arm: mean and range over draws.

    Parameters
    ----------
    counts : sequence of int
        Examples a class.
    panels : mapping of str to mapping of str to sequence
        For each task the accuracies of each arm as shares, shape (counts, draws).

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a task.

    Raises
    ------
    ValueError
        If an arm has not as many rows as counts, or an accuracy is no share.
    """
    counts = as_positive(counts, "counts")
    shape = (len(counts), "draws")
    panels = as_named(panels, "panels", lambda entry, name: as_named(entry, name, as_shares, shape=shape))
    arms = list(dict.fromkeys(arm for entry in panels.values() for arm in entry))
    size = (WIDTH, 2.35 * len(panels) + 0.3 + 0.1 * len(arms))
    figure, axes = plt.subplots(len(panels), 1, figsize=size, sharex=True, squeeze=False)
    lines = {}
    for ax, (title, entry) in zip(axes[:, 0], panels.items(), strict=True):
        for arm, shares in entry.items():
            number = arms.index(arm)
            ax.fill_between(
                counts, 100 * shares.min(axis=1), 100 * shares.max(axis=1), color=f"C{number % 6}", alpha=0.15, lw=0
            )
            look = {"color": f"C{number % 6}", "marker": MARKERS[number % len(MARKERS)], "markersize": 5}
            dash = plt.rcParams["axes.prop_cycle"].by_key()["linestyle"][number % 6]
            lines[arm] = ax.plot(counts, 100 * shares.mean(axis=1), linestyle=dash, **look)[0]
        ax.set(title=title, ylabel="accuracy (%)", ylim=(0, 100), xscale="log")
        ax.set_xticks(counts, [f"{count:g}" for count in counts])
        ax.minorticks_off()
        ax.grid(True, axis="y")
    axes[-1, 0].set_xlabel("examples a class")
    order = [arm for arm in arms if arm in lines]
    figure.legend([lines[arm] for arm in order], order, loc="outside lower center", ncols=2)
    return axes[:, 0]
