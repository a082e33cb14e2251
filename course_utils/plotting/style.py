"""The one style of the book's figures: colours that colour-blind readers can tell apart, and one meaning a colour map."""

from collections.abc import Callable

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cbook import is_math_text
from matplotlib.mathtext import MathTextParser

from course_utils._arguments import as_array, as_finite, as_list, as_mapping, given, refuse

PICTURE = "gray"
"""Colour map of pictures: 0 is black."""
SIGNED = "PuOr_r"
"""Colour map of signed values, centred on zero: purple below, orange above."""
MAGNITUDE = "cividis"
"""Colour map of magnitudes: the larger, the brighter."""

WIDTH = 4.6
"""Inches that a figure may be wide: on a phone its text, of ``SMALLEST`` points or more, can then be read."""
SMALLEST = 9
"""Points of the smallest text in a figure."""

INK, GRID, HIGHLIGHT = "#1b1b1b", "#c8c8c8", "#009e73"
MARKERS = "osD^v<PX"
"""Markers of the lines in one figure, in their order: with the dashes, the second thing beside colour that tells them."""

# Okabe and Ito's colours; each line also has its own dash pattern, so that colour is never alone.
_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
_DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1))]


def use_style() -> None:
    """Set Matplotlib's defaults for the book: called when ``course_utils.plotting`` is imported.

    Inside a notebook figures become SVG, byte for byte the same for the same data.
    """
    mpl.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.edgecolor": INK,
            "axes.grid": False,
            "axes.prop_cycle": cycler(color=_COLOURS) + cycler(linestyle=_DASHES),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": 10,
            "figure.constrained_layout.use": True,
            "figure.facecolor": "white",
            "figure.figsize": (WIDTH, 3.2),
            "font.size": 10,
            "grid.color": GRID,
            "grid.linewidth": 0.5,
            "image.interpolation": "nearest",
            "legend.fontsize": SMALLEST,
            "legend.frameon": False,
            "savefig.facecolor": "white",
            "svg.hashsalt": "cnn-course",
            "xtick.labelsize": SMALLEST,
            "ytick.labelsize": SMALLEST,
        }
    )
    _notebook_format()


def drawing_area(ax: Axes | None, size: tuple[float, float] | None = None) -> Axes:
    """The axes that were given, or new ones in a figure of ``size`` inches.

    Raises
    ------
    ValueError
        If ``ax`` is neither None nor Matplotlib axes.
    """
    if ax is None:
        return plt.subplots(figsize=size)[1]
    if not isinstance(ax, Axes):
        raise refuse("ax", ax, "expected Matplotlib axes, such as plt.subplots()[1], or None")
    return ax


def as_title(value, name: str) -> str:
    """What is written above a panel: a text, or the text of a number or of anything else that has one.

    Raises
    ------
    ValueError
        If it has none, or dollar signs enclose what Matplotlib cannot set as mathematics.
    """
    try:
        text = str(value)
    except Exception:  # somebody else's object
        raise refuse(name, value, "give a text") from None
    for line in text.split("\n"):
        if is_math_text(line):
            try:
                MathTextParser("path").parse(line)
            except ValueError:
                raise refuse(name, value, r"no formula that Matplotlib can set; write \$ for a dollar sign") from None
    return text


def as_titles(titles, count: int, meaning: str) -> list[str] | None:
    """None as it is, or one text for each of ``count`` panels.

    Raises
    ------
    ValueError
        If there are more or fewer.
    """
    if titles is None:
        return None
    return [as_title(title, "titles") for title in as_list(titles, "titles", count=count, meaning=meaning)]


def as_shares(values, name: str, *, shape: tuple = ("N",)) -> np.ndarray:
    """Accuracies and other shares, each from 0 to 1, at least one of them.

    Raises
    ------
    ValueError
        If one is not; percentages are told to be divided by 100.
    """
    shares = as_finite(values, name, shape=shape, filled=True, least=0)
    if shares.max() > 1:
        raise ValueError(
            f"{name} holds {shares.max().item()!r}; expected shares from 0 to 1: divide percentages by 100"
        )
    return shares


def as_positive(values, name: str, *, shape: tuple = ("N",)) -> np.ndarray:
    """Numbers that a logarithmic axis takes, at least one of them.

    Raises
    ------
    ValueError
        If one is not above 0.
    """
    numbers = as_finite(values, name, shape=shape, filled=True)
    if numbers.min() <= 0:
        raise ValueError(f"{name} holds {numbers.min().item()!r}; a logarithmic axis needs positive numbers")
    return numbers


def as_bytes(values, name: str, *, shape: tuple | list[tuple]) -> np.ndarray:
    """Pictures of bytes, 0 … 255.

    Raises
    ------
    ValueError
        If the dtype is another, or the shape.
    """
    pictures = as_array(values, name, shape=shape, filled=True)
    if pictures.dtype != np.uint8:
        raise ValueError(f"{name} has dtype {pictures.dtype}; expected uint8")
    return pictures


def as_named(value, name: str, check: Callable, *more, fewest: int = 1, **rules) -> dict:
    """What is drawn under names: a dictionary of texts and of what ``check(entry, its name, *more, **rules)`` returns.

    Raises
    ------
    ValueError
        If it is none, has fewer than ``fewest`` entries, or one is refused.
    """
    entries = as_mapping(value, name, least=fewest).items()
    return {as_title(key, name): check(entry, f"{name}[{given(key)}]", *more, **rules) for key, entry in entries}


def as_alike(value, name: str, check: Callable, *more, **rules) -> dict[str, np.ndarray]:
    """Arrays under names as :func:`as_named` takes them, all of one shape.

    Raises
    ------
    ValueError
        If one is refused, or they differ in shape.
    """
    arrays = as_named(value, name, check, *more, **rules)
    shapes = dict.fromkeys(str(array.shape) for array in arrays.values())
    if len(shapes) > 1:
        raise ValueError(f"{name} has shapes {', '.join(list(shapes)[:3])}; expected one shape")
    return arrays


def hide_ticks(ax: Axes) -> None:
    """No ticks, but a thin frame."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, linewidth=0.6, color=INK)


def log_labels(axis: Axis, minor: str) -> None:
    """Plain numbers at the powers of ten of a logarithmic axis, and where the first digit is one of ``minor``."""
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:.0e}"[0] in minor else "")


def text_colour(background: tuple[float, float, float, float]) -> str:
    """White or ink, whichever can be read on a background given as red, green, blue and opacity, each 0 … 1."""
    red, green, blue, _ = background
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else INK


def text_width(text: str) -> float:
    """Inches that the widest line of a text of ``SMALLEST`` points takes, a little more rather than less."""
    return max((len(line) for line in text.split("\n")), default=0) * 0.62 * SMALLEST / 72


def _notebook_format() -> None:
    """Ask the notebook, if this is one, for SVG figures without a date."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})
