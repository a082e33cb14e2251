"""A network drawn block by block, from top to bottom."""

from collections.abc import Sequence

from course_utils._arguments import refuse
from course_utils.anatomy._blocks import Block, blocks_of, other_outputs, size_text
from course_utils.anatomy._graph import take_apart

INK, FAINT, PAPER, BAR = "#1b1b1b", "#5f5f5f", "#f2f2f2", "#8f8f8f"
# Tints of Okabe and Ito's blue, orange and purple, which colour-blind readers can tell apart; words say the same.
TINTS = {"convolution": "#cfe4f2", "pooling": "#fbe3b8", "dense": "#eed7e5", "branches": PAPER}
POINTS = 9  # the figure is as narrow, and its text as large, as a phone needs

# Inches.
WIDTH, LEFT, RIGHT = 4.6, 0.05, 4.55
BOX_LEFT, BOX_RIGHT, OUTPUT = 0.3, 2.7, 3.7
LINE, MARGIN, GAP, HEAD = 0.165, 0.06, 0.13, 0.27


def diagram(model, *, ax=None, input_shape=None):
    """Draw the blocks of a Keras model: what each computes, the size of its output, its parameters.

    "3×3, 64" is a convolution with 64 filters, "/2" a stride of 2; branches stand side by side, and a branch without
    layers is a shortcut. Equal neighbours are drawn once, with ×3 for three. Normalisation, activation, dropout,
    padding and reshaping are not drawn; their parameters count for the block before. A grey bar below the parameters
    compares them with those of the largest row. Of several outputs the first is drawn.

    Parameters
    ----------
    model : keras.Model
        Functional or Sequential.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure 4.6 inches wide, and as high as needed, unless given.
    input_shape : tuple of int, optional
        As for :func:`summary`.

    Returns
    -------
    matplotlib.axes.Axes
        Its coordinates are inches, downwards.

    Raises
    ------
    ValueError
        As :func:`summary` does.
    """
    anatomy = take_apart(model, input_shape)
    blocks = blocks_of(anatomy)
    largest = max(block.parameters for block in blocks)
    rows = [_Row(block, largest) for block in blocks]
    left_out = other_outputs(anatomy)
    height = HEAD + sum(row.height + GAP for row in rows) - GAP + (0.3 if left_out else 0.05)
    ax = _new_axes(height) if ax is None else _checked(ax)
    ax.set(xlim=(0, WIDTH), ylim=(height, 0))
    ax.axis("off")
    _write(ax, OUTPUT, 0.12, "output", ha="right", weight="bold")
    _write(ax, RIGHT, 0.12, "parameters", ha="right", weight="bold")
    top = HEAD
    for number, row in enumerate(rows):
        if number:
            _arrow(ax, [((BOX_LEFT + BOX_RIGHT) / 2, top - GAP), ((BOX_LEFT + BOX_RIGHT) / 2, top)])
        row.draw(ax, top)
        top += row.height + GAP
    _draw_arcs(ax, rows)
    if left_out:
        _write(ax, LEFT, height - 0.12, f"further outputs, not drawn: {', '.join(left_out)}", ha="left", color=FAINT)
    return ax


class _Row:
    """A block, set in lines and placed, its name in the first line.

    Branches stand side by side, each as wide as its text needs; if they are too many for that, they follow each other.
    """

    def __init__(self, block: Block, largest: int):
        self.block, self.largest, self.top = block, largest, 0.0
        room = BOX_RIGHT - BOX_LEFT
        self.name = _fitted(_names(block), room - 2 * MARGIN)
        words = [list(column) or ["shortcut"] for column in block.columns]
        self.branched = block.kind == "branches"
        widths = _shares(words, room - MARGIN - len(words) * 3 * MARGIN)
        self.side_by_side = widths is not None
        self.lines = [
            _set(column, width) for column, width in zip(words, widths or [room - 5 * MARGIN] * len(words), strict=True)
        ]
        self.widths = [width + 2 * MARGIN for width in widths or [room - 4 * MARGIN]]
        counts = [len(lines) for lines in self.lines]
        self.height = ((max(counts) if self.side_by_side else sum(counts)) + 1) * LINE + 2 * MARGIN
        if self.branched:
            self.height += MARGIN * (1 if self.side_by_side else 2 * len(counts) - 1) + (LINE if block.join else MARGIN)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    def draw(self, ax, top: float) -> None:
        block, self.top = self.block, top
        _box(ax, BOX_LEFT, top, BOX_RIGHT - BOX_LEFT, self.height, TINTS.get(block.kind, "white"))
        if self.branched:
            self._draw_branches(ax)
        else:
            _write_lines(ax, (BOX_LEFT + BOX_RIGHT) / 2, self.middle + LINE / 2, self.lines[0])
        if block.count > 1:
            _write(ax, BOX_RIGHT + 0.06, self.middle, f"×{block.count}", ha="left", weight="bold")
        _write(ax, BOX_LEFT + MARGIN, top + MARGIN + LINE / 2, self.name, ha="left", color=FAINT)
        _write(ax, OUTPUT, self.middle, size_text(block.shape), ha="right")
        if block.parameters:
            share = (RIGHT - OUTPUT - 0.08) * block.parameters / self.largest
            ax.add_patch(_bar(RIGHT - share, self.middle + 0.1, share))
            _write(ax, RIGHT, self.middle, f"{block.parameters:,}".replace(",", " "), ha="right")

    def _draw_branches(self, ax) -> None:
        x, y = BOX_LEFT + MARGIN, self.top + MARGIN + LINE
        tallest = max(len(lines) for lines in self.lines) * LINE + MARGIN
        for number, lines in enumerate(self.lines):
            width = self.widths[number if self.side_by_side else 0]
            height = tallest if self.side_by_side else len(lines) * LINE + MARGIN
            _box(ax, x, y, width, height, _branch_tint(self.block.columns[number]), line=0.5)
            _write_lines(ax, x + width / 2, y + height / 2, lines)
            x, y = (x + width + MARGIN, y) if self.side_by_side else (x, y + height + MARGIN)
        if self.block.join:
            _write(ax, (BOX_LEFT + BOX_RIGHT) / 2, self.top + self.height - 0.1, self.block.join, style="italic")


def _shares(columns: Sequence[Sequence[str]], room: float) -> list[float] | None:
    """Widths for the text of columns that together fill ``room``, or None if not even their longest words fit."""
    least = [max(_width(word) + (_width(" →") if word != column[-1] else 0) for word in column) for column in columns]
    wanted = [_width(" → ".join(column)) for column in columns]
    spare = room - sum(least)
    if spare < 0:
        return None
    stretch = sum(wanted) - sum(least)
    if stretch <= spare:
        return [want + (spare - stretch) / len(columns) for want in wanted]
    return [low + (want - low) * spare / stretch for low, want in zip(least, wanted, strict=True)]


def _branch_tint(column: Sequence[str]) -> str:
    if not column:
        return "white"
    return TINTS["pooling" if all("pool" in word for word in column) else "convolution"]


def _names(block: Block) -> str:
    """``stage2_block2 … 4`` for blocks 2 to 4 of a stage."""
    name, last = block.name, block.last_name
    if not last or last == name:
        return name
    front = name
    while not last.startswith(front) or front[-1:].isdigit():
        front = front[:-1]
    return f"{name} … {last[len(front) :]}"


def _set(words: Sequence[str], width: float) -> list[str]:
    """Words with arrows between them, in lines of at most that width."""
    if any(_width(word) > width for word in words):  # A branch that branches again.
        words = [part for word in words for part in word.split(" → ")]
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} → {word}"
        if _width(longer) <= width:
            lines[-1] = longer
        else:
            lines[-1] += " →"
            lines.append(word)
    return lines


def _fitted(text: str, width: float) -> str:
    """The text, its middle left out if it is too long."""
    if _width(text) <= width:
        return text
    keep = len(text) - 1
    while _width(shorter := f"{text[: keep - keep // 2]}…{text[len(text) - keep // 2 :]}") > width:
        keep -= 1
    return shorter


def _width(text: str) -> float:
    """Inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    return text_to_path.get_text_width_height_descent(text, FontProperties(size=POINTS), ismath=False)[0] / 72


def _new_axes(height: float):
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(WIDTH, height), layout="none")
    return figure.add_axes((0, 0, 1, 1))


def _checked(ax):
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise refuse("ax", ax, "expected Matplotlib axes, as plt.subplots() gives them")
    return ax


def _write(ax, x: float, y: float, text: str, **style) -> None:
    ax.text(x, y, text, **{"ha": "center", "va": "center", "fontsize": POINTS, "color": INK} | style)


def _write_lines(ax, x: float, middle: float, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        _write(ax, x, middle + (number - (len(lines) - 1) / 2) * LINE, line)


def _box(ax, x: float, y: float, width: float, height: float, colour: str, line: float = 0.7) -> None:
    from matplotlib.patches import FancyBboxPatch

    shape = "round,pad=0,rounding_size=0.04"
    ax.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=shape, facecolor=colour, edgecolor=INK, linewidth=line))


def _bar(x: float, y: float, width: float):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, 0.025, facecolor=BAR, edgecolor="none", linewidth=0)


def _arrow(ax, corners: Sequence[tuple[float, float]]) -> None:
    xs, ys = zip(*corners, strict=True)
    ax.plot(xs, ys, color=INK, linewidth=0.8, linestyle="-", solid_capstyle="butt", marker="")
    ends = {"xy": corners[-1], "xytext": corners[-2]}
    ax.annotate(
        "",
        **ends,
        arrowprops={
            "arrowstyle": "-|>",
            "color": INK,
            "linewidth": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 6,
        },
    )


def _draw_arcs(ax, rows: Sequence[_Row]) -> None:
    """Lines on the left of the boxes, from the row where a shortcut leaves to the join that it reaches."""
    arcs = [(start, end) for end, row in enumerate(rows) for start in row.block.arcs]
    for number, (start, end) in enumerate(sorted(arcs, key=lambda arc: arc[1] - arc[0])):
        x = BOX_LEFT - 0.05 - 0.15 * (number + 1) / len(arcs)
        leave, arrive = rows[start].middle, rows[end].middle
        _arrow(ax, [(BOX_LEFT, leave), (x, leave), (x, arrive), (BOX_LEFT, arrive)])
