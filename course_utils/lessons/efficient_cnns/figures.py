"""Figures of the lesson on efficient networks: who sees whom, the channel shuffle, saved time, scaling, and RegNet's widths."""

import io
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course_utils._arguments import as_array, as_count, as_list, as_mapping, as_number, refuse
from course_utils.plotting.maps import number_grids
from course_utils.plotting.style import INK, MARKERS, WIDTH, as_alike, as_named, as_positive, as_title, drawing_area

_ROUNDS, _SECONDS = 3, 12  # of the moving shuffle: rounds before it stays as it ends, and what one takes
_TINTS = ("#cfe5f3", "#f9dcc4", "#bfe5d8", "#f2dbe7", "#e4e4e4", "#f7ecc0")  # one a group, paler than lines


def who_sees_whom(tables: Mapping[str, np.ndarray]) -> np.ndarray:
    """Show tables of input channels (rows) and output channels (columns) with a whole number in each cell.

    Parameters
    ----------
    tables : mapping of str to numpy.ndarray
        For each title, counts of shape (C, C'), none below 0: weights, or ways from an input to an output.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        One a table.

    Raises
    ------
    ValueError
        If the tables differ in shape, or one holds anything but counts.
    """
    tables = as_alike(tables, "tables", as_array, shape=("C", "C'"), kinds="iu", filled=True, least=0)
    axes = number_grids(list(tables.values()), list(tables), columns=2, cell=0.3)
    for number, ax in enumerate(axes):
        if number % 2 == 0:
            ax.set_ylabel("input channel")
        if number >= len(axes) - 2:
            ax.set_xlabel("output channel")
    return axes


def shuffle_steps(channels: int, groups: int) -> np.ndarray:
    """Show a channel shuffle as what it is: a row written as a table, the table transposed, and read as a row again.

    Parameters
    ----------
    channels : int
        Channels, at most 12, a multiple of ``groups``.
    groups : int
        G, at most 6; each has a colour.

    Returns
    -------
    numpy.ndarray of matplotlib.axes.Axes
        Shape (4,): row, table, transposed table, row.

    Raises
    ------
    ValueError
        If the channels cannot be divided into the groups, or are too many for a row.
    """
    channels, groups = as_count(channels, "channels", most=12), as_count(groups, "groups", most=len(_TINTS))
    if channels % groups:
        raise refuse("groups", groups, f"give a number that divides {channels} channels")
    table = np.arange(channels).reshape(groups, -1)
    steps = {
        f"{channels} channels in {groups} groups": table.reshape(1, -1),
        f"reshape: one row a group, {groups}×{channels // groups}": table,
        f"transpose: {channels // groups}×{groups}": table.T,
        "reshape: read row by row": table.T.reshape(1, -1),
    }
    heights = [len(cells) for cells in steps.values()]
    size = min(0.36, (WIDTH - 0.2) / channels)
    _, axes = plt.subplots(4, 1, figsize=(WIDTH, size * sum(heights) + 1.6), height_ratios=heights)
    for ax, (title, cells) in zip(axes, steps.items(), strict=True):
        rows, columns = cells.shape
        for (row, column), channel in np.ndenumerate(cells):
            tint = _TINTS[channel // table.shape[1]]
            ax.add_patch(plt.Rectangle((column, row), 1, 1, facecolor=tint, edgecolor=INK, linewidth=0.8))
            ax.text(column + 0.5, row + 0.5, str(channel), ha="center", va="center")
        left = (channels - columns) / 2
        ax.set(xlim=(-left - 0.05, columns + left + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal", title=title)
        ax.axis("off")
    return axes


class Moving:
    """A drawing whose parts move by rules of CSS inside it; a notebook shows it.

    Where nothing moves (on paper, or if the reader asked for less motion) it is the last state.
    """

    def __init__(self, svg: str, words: str):
        self._svg, self._words = svg, words

    def _repr_svg_(self) -> str:
        return self._svg

    def __repr__(self) -> str:
        return self._words


def moving_shuffle(channels: int, groups: int) -> Moving:
    """Let the channels move: from their row into a table, across its diagonal, and row by row into a row again.

    The first row and the transposed table stay when copies of their cells leave, so the last state tells the whole way.

    Parameters
    ----------
    channels : int
        Channels, at most 12, a multiple of ``groups``.
    groups : int
        G, at most 6; each has a colour. Neither the groups nor the channels of one may be more than 6.

    Returns
    -------
    Moving

    Raises
    ------
    ValueError
        If the channels cannot be divided into the groups, or the table would be larger than 6×6.
    """
    channels, groups = as_count(channels, "channels", most=12), as_count(groups, "groups", most=len(_TINTS))
    each, rest = divmod(channels, groups)
    if rest or each > len(_TINTS):
        raise refuse("groups", groups, f"give a number that divides {channels} channels into groups of at most 6")
    side, wide = max(groups, each), 12
    table, last = (0, 2.1), 3 + side  # where the table begins, and the last row
    order = np.arange(channels).reshape(groups, each).T.ravel().tolist()
    rows, columns = np.divmod(np.arange(channels), each)
    size = (WIDTH - 0.2) / wide
    high = last + 1.1
    figure = plt.figure(figsize=(WIDTH, size * high), layout="none")
    ax = figure.add_axes((0.1 / WIDTH, 0, 1 - 0.2 / WIDTH, 1), xlim=(0, wide), ylim=(high, 0))
    ax.axis("off")
    text = {"va": "center", "linespacing": 1.1}
    ax.text(0, 0.4, f"before: {groups} groups of {each}", **text)
    ax.text(0, last - 0.4, f"after: {groups} new groups of {each}", **text)
    steps = (
        f"1  reshape to {groups}×{each}:\n    one row a group",
        f"2  transpose to {each}×{groups}:\n    rows become columns",
        f"3  reshape to {channels}:\n    read row by row",
    )
    rules = []
    for number, step in enumerate(steps, start=1):
        ax.text(side + 0.8, table[1] + side * (number - 0.5) / 3, step, gid=f"shuffle-s{number}", **text)
        rules.append(f"#shuffle-s{number}{{animation-name:shuffle-s{number}}}")
    for channel, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        first, turned = (channel, 0.8), (table[0] + row, table[1] + column)
        filed, dealt = (table[0] + column, table[1] + row), (order.index(channel), last)
        _cell(ax, first, channel, row)
        for kind, (end, *before) in {"t": (turned, first, filed), "f": (dealt, turned)}.items():
            _cell(ax, end, channel, row, name=f"shuffle-{kind}{channel}", above=1 + channel + channels * (kind == "f"))
            away = [72 * size * (a - b) for start in before for a, b in zip(start, end, strict=True)]
            steps_away = ";".join(f"--{axis}:{length:.2f}px" for axis, length in zip("abcd", away, strict=False))
            names = f"#shuffle-{kind}{channel},#shuffle-{kind}{channel}n"
            rules.append(f"{names}{{{steps_away};animation-name:shuffle-{kind}}}")
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    plt.close(figure)
    moves = f'[id^="shuffle-"]{{animation:{_SECONDS}s ease-in-out {_ROUNDS}}}'
    style = f"{_MOVES}@media screen and (prefers-reduced-motion:no-preference){{{moves}{''.join(rules)}}}"
    head, defs, body = drawn.getvalue().partition(" <defs>")
    return Moving(f"{head}<style>{style}</style>\n{defs}{body}", f"{channels} channels in {groups} groups: {order}")


_MOVES = (  # to where a part stands in the file, from where --a, --b, and then --c, --d are away from there
    "@keyframes shuffle-t{0%,8%{transform:translate(var(--a),var(--b))}25%,37%{transform:translate(var(--c),var(--d))}"
    "55%,100%{transform:none}}"
    "@keyframes shuffle-f{0%,65%{opacity:0;transform:translate(var(--a),var(--b))}"
    "66%{opacity:1;transform:translate(var(--a),var(--b))}85%,100%{opacity:1;transform:none}}"
    "@keyframes shuffle-s1{0%,6%{opacity:0}10%,100%{opacity:1}}"
    "@keyframes shuffle-s2{0%,35%{opacity:0}39%,100%{opacity:1}}"
    "@keyframes shuffle-s3{0%,63%{opacity:0}67%,100%{opacity:1}}"
)


def _cell(ax: Axes, place: tuple[float, float], channel: int, group: int, *, name: str = "", above: int = 0) -> None:
    """Draw a channel's cell with its number, both under a name if they have one, above all cells drawn lower."""
    column, row = place
    box = plt.Rectangle((column, row), 1, 1, facecolor=_TINTS[group], edgecolor=INK, linewidth=0.8, zorder=2 + above)
    ax.add_patch(box).set_gid(name or None)
    number = ax.text(column + 0.5, row + 0.5, str(channel), ha="center", va="center", zorder=2.5 + above)
    number.set_gid(f"{name}n" if name else None)


def saved_time(
    rows: Mapping[str, tuple[Sequence[float], Sequence[Mapping[str, float]]]], *, ax: Axes | None = None
) -> Axes:
    """Draw how many times less time is needed against how many times fewer multiply-adds, one line a size of maps.

    A thin grey line shows where both would be equal, a dark one where no time is saved.

    Parameters
    ----------
    rows : mapping of str to (multiply_adds, time)
        For each size, by name, how many times fewer multiply-adds, and as many ratios of time, each
        ``{"median": …, "low": …, "high": …}``.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a ratio is not positive, a median does not lie between low and high, or there are not as many of both kinds.
    """
    rows = as_named(rows, "rows", _row)
    ax = drawing_area(ax, (WIDTH, 3.9))
    most = max(saved.max() for saved, _ in rows.values()) * 1.05
    ax.plot([1, most], [1, most], color="#7a7a7a", linewidth=1, linestyle="-")
    beside = {"fontsize": 9, "color": "#555555", "ha": "right"}
    ax.text(0.72 * most, 0.74 * most, "as many times less time", **beside)
    ax.axhline(1, color=INK, linewidth=1, linestyle="-")
    ax.text(most, 0.93, "no time saved", va="top", fontsize=9, color=INK, ha="right")
    for number, (name, (saved, (low, median, high))) in enumerate(rows.items()):
        ax.vlines(saved, low, high, color=f"C{number}", linewidth=1, linestyle="-")
        ax.plot(saved, median, color=f"C{number}", marker=MARKERS[number % len(MARKERS)], markersize=6, label=name)
    ax.set(xlabel="times fewer multiply-adds", ylabel="times less time", xlim=(1, most), ylim=(0, most))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1)
    return ax


def _row(row, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Multiply-adds, and an array of three lines: low, median and high ends of times."""
    saved, times = as_list(row, name, count=2, meaning="sequence: multiply-adds, times")
    saved = as_positive(saved, f"{name}[0]")
    ratios = [
        _ratio(ratio, f"{name}[1][{number}]")
        for number, ratio in enumerate(as_list(times, f"{name}[1]", count=len(saved), meaning="ratio"))
    ]
    return saved, np.transpose(ratios)


def _ratio(ratio, name: str) -> tuple[float, float, float]:
    """Low, median and high end of a ratio."""
    ratio = as_mapping(ratio, name)
    low, median, high = (as_number(ratio.get(key), f"{name}[{key!r}]", above=0) for key in ("low", "median", "high"))
    if not low <= median <= high:
        raise ValueError(f"{name}: expected low <= median <= high, got {low}, {median}, {high}")
    return low, median, high


def compound_scaling(counts: Mapping[str, float], factor: float, *, ax: Axes | None = None) -> Axes:
    """Draw the multiply-adds of a family of networks, and a line that grows by one factor from each to the next.

    Parameters
    ----------
    counts : mapping of str to number
        Multiply-adds by name, from the smallest network on.
    factor : float
        By which the line grows, from the first count on.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a count or the factor is not positive.
    """
    counts = as_named(counts, "counts", as_number, above=0)
    factor, ax = as_number(factor, "factor", above=0, most=1000), drawing_area(ax, (WIDTH, 3.4))
    places = np.arange(len(counts))
    millions = np.array(list(counts.values())) / 1e6
    ax.plot(places, millions[0] * factor ** places.astype(float), color="C1", label=f"times {factor:.2f} each")
    ax.plot(places, millions, color="C0", marker="o", linestyle="none", markersize=7, label="counted")
    ax.set(yscale="log", ylabel="multiply-adds (millions)", xlabel="EfficientNet")
    ax.set_xticks(places, list(counts))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,g}".replace(",", "\u2009"))
    ax.grid(True, axis="y")
    ax.legend()
    return ax


def quantised_widths(line: Sequence[float], widths: Sequence[int], *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a line of widths, one a block, and the few widths that it is rounded to.

    Parameters
    ----------
    line : sequence of float
        Width of each block on the line, none below 1.
    widths : sequence of int
        Width that each block gets.
    title : str
        What stands above.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are not as many widths as places on the line, or one is not positive.
    """
    line = as_positive(line, "line")
    widths = as_array(widths, "widths", shape=line.shape, kinds="iu", least=1)
    title, ax = as_title(title, "title"), drawing_area(ax, (WIDTH, 3.4))
    places = np.arange(len(line))
    ax.plot(places, line, color="C1", linestyle="-", linewidth=1.2, marker="o", markersize=3, label="on the line")
    ax.step(places, widths, where="mid", color="C0", linestyle="-", linewidth=2.5, label="rounded: the stages")
    for width in np.unique(widths):
        first = places[widths == width][0] - 0.45  # the line is below its step there
        ax.annotate(f"{width}", (first, width), (0, 4), textcoords="offset points", ha="left", fontsize=9)
    ax.set(xlabel="block", ylabel="width (channels)", ylim=(0, 1.15 * max(line.max(), widths.max())), title=title)
    ax.legend(loc="upper left")
    return ax
