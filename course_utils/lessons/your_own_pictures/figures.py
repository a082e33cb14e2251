"""Figures of the lesson on your own pictures: rows of pictures with names, and accuracy against the number of sessions."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_list, as_names
from course_utils.plotting.style import (
    SMALLEST,
    WIDTH,
    as_bytes,
    as_named,
    as_positive,
    as_shares,
    as_titles,
    drawing_area,
    log_labels,
    text_width,
)

GAP = 4
PIXELS = 110  # of a picture, an inch: a phone shows no more, and the figure weighs less


def contact_sheet(
    rows: Mapping[str, np.ndarray], *, titles: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Show pictures in rows with names, such as one row a session.

    Parameters
    ----------
    rows : mapping of str to numpy.ndarray
        For each name pictures, uint8, shape (N, H, W, 3); rows may differ in N, not in H and W.
    titles : sequence of str, optional
        What stands above the columns, one text for each picture of the longest row.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no row or no picture in one, pictures are no bytes or differ in size, or there are not as many titles
        as columns.
    """
    rows = as_named(rows, "rows", as_bytes, shape=("N", "H", "W", 3))
    shapes = dict.fromkeys(pictures.shape[1:3] for pictures in rows.values())
    if len(shapes) > 1:
        raise ValueError(
            f"rows has pictures of {', '.join(f'{h} x {w}' for h, w in list(shapes)[:3])}; expected one size"
        )
    (height, width), columns = next(iter(shapes)), max(len(pictures) for pictures in rows.values())
    if titles is not None:
        titles = as_titles(as_names(titles, "titles", count=columns, meaning="column"), columns, "column")
    size = max(WIDTH - 0.3 - max(text_width(name) for name in rows), 0.1) / columns
    rows = {name: _shrunk(pictures, round(width / (PIXELS * size))) for name, pictures in rows.items()}
    height, width = next(iter(rows.values())).shape[1:3]
    cell_h, cell_w = height + GAP, width + GAP
    sheet = np.full((len(rows) * cell_h - GAP, columns * cell_w - GAP, 3), 255, np.uint8)
    for row, pictures in enumerate(rows.values()):
        for column, picture in enumerate(pictures):
            sheet[row * cell_h :, column * cell_w :][:height, :width] = picture
    lines = max((title.count("\n") + 1 for title in titles or []), default=0)
    ax = drawing_area(ax, (WIDTH, min(len(rows) * size * cell_h / cell_w + 0.1 + 0.19 * lines, 30)))
    ax.imshow(_few_colours(sheet), interpolation="none")
    ax.set_yticks(np.arange(len(rows)) * cell_h + (height - 1) / 2, list(rows))
    ax.set_xticks([])
    if titles is not None:
        ax.xaxis.tick_top()
        ax.set_xticks(np.arange(columns) * cell_w + (width - 1) / 2, titles, fontsize=SMALLEST)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _few_colours(sheet: np.ndarray) -> np.ndarray:
    """The sheet in at most 200 colours, those that it has most of: photographs then weigh a third."""
    from PIL import Image

    few = Image.fromarray(sheet).quantize(200, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return np.asarray(few.convert("RGB"))


def _shrunk(pictures: np.ndarray, factor: int) -> np.ndarray:
    """Means of blocks of ``factor`` × ``factor`` pixels, if that is above 1; what is left over at the edges goes."""
    n, height, width, channels = pictures.shape
    factor = min(factor, height, width)
    if factor < 2:
        return pictures
    rows, columns = height // factor, width // factor
    blocks = pictures[:, : rows * factor, : columns * factor].reshape(n, rows, factor, columns, factor, channels)
    return np.rint(blocks.mean(axis=(2, 4))).astype(np.uint8)


def accuracy_by_sessions(
    sessions: Sequence[int], accuracies: Sequence[Sequence[float]], *, ax: Axes | None = None
) -> Axes:
    """Draw accuracy against the number of sessions that the training pictures come from: each repetition, and the mean.

    Parameters
    ----------
    sessions : sequence of int
        Numbers of sessions, above 0.
    accuracies : sequence of sequence of float
        For each repetition one share of right answers for each number of sessions.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are none, a number is not above 0, or an accuracy is no share.
    """
    sessions = as_positive(as_list(sessions, "sessions"), "sessions")
    accuracies = as_shares(accuracies, "accuracies", shape=("repetitions", len(sessions)))
    ax = drawing_area(ax, (WIDTH, 3.0))
    for number, each in enumerate(100 * accuracies):
        label = "one repetition" if not number else None
        ax.plot(sessions, each, color="C1", marker="o", markersize=4, linestyle="none", alpha=0.6, label=label)
    ax.plot(sessions, 100 * accuracies.mean(axis=0), color="C0", marker="s", linestyle="-", label="mean")
    ax.set(xscale="log", xlabel="sessions of the training pictures", ylabel="accuracy, new sessions (%)")
    log_labels(ax.xaxis, "")
    ax.set_xticks(sessions, [f"{number:g}" for number in sessions])
    ax.set_xticks([], minor=True)
    ax.grid(True)
    ax.legend(loc="lower right")
    return ax
