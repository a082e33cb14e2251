"""Networks side by side: accuracy against cost, with the Pareto front."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from course_utils.plotting.style import INK

_MARKERS = "osD^vPXp"


_LARGEST, _SMALLEST = 420.0, 30.0  # area of a marker in points²


def cost_and_accuracy(
    families: Mapping[str, Mapping[str, tuple[float, float, float]]],
    *,
    cost: str,
    area: str,
    front: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw accuracy against cost on a logarithmic axis, one marker a network, its area a second cost.

    Families share a colour, a marker and a thin line through their members. Names are put where they cover neither each
    other nor a marker, as far as there is room.

    Parameters
    ----------
    families : mapping of str to mapping
        For each family, by name, its networks: name → (cost, accuracy in percent, second cost). A family without networks
        is not drawn, and keeps its colour free.
    cost, area : str
        What the horizontal axis and the area of the markers mean, with units.
    front : sequence of str
        Names of networks to join by a thick line, such as those of the Pareto front.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a cost is not positive, or a name of the front is not among the networks.
    """
    ax = ax or plt.subplots(figsize=(7.4, 5.4))[1]
    points = {name: point for members in families.values() for name, point in members.items()}
    for name, point in points.items():
        if not (point[0] > 0 and point[2] > 0):
            raise ValueError(
                f"{name!r}: costs {point[0]} and {point[2]}; a logarithmic axis and areas need positive ones"
            )
    missing = [name for name in front if name not in points]
    if missing:
        raise ValueError(f"front: no network is called {missing[0]!r}; there are {', '.join(map(repr, points))}")
    largest = max(point[2] for point in points.values())
    colours = [*plt.rcParams["axes.prop_cycle"].by_key()["color"], INK, "#6a3d9a"]
    for number, (family, members) in enumerate(families.items()):
        if not members:
            continue  # the other families keep their colours
        x, y, second = np.array(list(members.values()), float).T
        colour, marker = colours[number % len(colours)], _MARKERS[number % len(_MARKERS)]
        ax.plot(x, y, color=colour, linewidth=0.9, linestyle="-", zorder=2)
        ax.scatter(x, y, _area(second, largest), color=colour, marker=marker, alpha=0.75, edgecolor="white", zorder=3)
        ax.scatter([], [], 45, color=colour, marker=marker, label=family)
    if front:
        steps = np.array(sorted(points[name][:2] for name in front)).T
        ax.step(*steps, where="post", color=INK, linewidth=4, linestyle="-", alpha=0.2, zorder=1, label="Pareto front")
    ax.set(xscale="log", xlabel=cost, ylabel="published ImageNet top-1 accuracy (%)")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,g}".replace(",", "\u2009"))
    ax.margins(0.09, 0.08)
    ax.grid(True, which="major", linestyle="-", linewidth=0.5)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), title=f"area: {area}", alignment="left")
    _place_names(ax, {name: (*point[:2], _area(point[2], largest)) for name, point in points.items()})
    return ax


def _area(second, largest: float):
    """Area of a marker, in proportion to a cost; never too small to be seen."""
    return np.maximum(_LARGEST * np.asarray(second, float) / largest, _SMALLEST)


def _place_names(ax: Axes, points: Mapping[str, tuple[float, float, float]], *, size: float = 8) -> None:
    """Write each name at the first of several places round its marker that covers nothing written or drawn so far."""
    figure = ax.figure
    figure.canvas.draw()  # the layout has to be settled before distances on the paper mean anything
    renderer, pixels = figure.canvas.get_renderer(), figure.dpi / 72
    centres = {name: ax.transData.transform(point[:2]) for name, point in points.items()}
    radii = {name: np.sqrt(point[2] / np.pi) for name, point in points.items()}
    taken = [Bbox([centres[name] - radii[name] * pixels, centres[name] + radii[name] * pixels]) for name in points]
    frame = ax.get_window_extent(renderer)
    for name, point in points.items():
        best = None
        for reach in (2, 6, 12, 20):
            for right, up in ((0, 1), (1, 0), (0, -1), (-1, 0), (0.7, 0.7), (0.7, -0.7), (-0.7, 0.7), (-0.7, -0.7)):
                distance = radii[name] + reach
                text = ax.annotate(
                    name,
                    point[:2],
                    (right * distance, up * distance),
                    textcoords="offset points",
                    ha={0: "center", 1: "left", -1: "right"}[int(np.sign(right))],
                    va={0: "center", 1: "bottom", -1: "top"}[int(np.sign(up))],
                    fontsize=size,
                    zorder=5,
                    path_effects=[withStroke(linewidth=2, foreground="white")],
                )
                box = text.get_window_extent(renderer)
                inside = frame.contains(*box.min) and frame.contains(*box.max)
                covered = sum(_overlap(box, other) for other in taken) + (0 if inside else 1e6)
                if best is None or covered < best[0]:
                    if best:
                        best[1].remove()
                    best = covered, text, box
                else:
                    text.remove()
                if best[0] == 0:
                    break
            if best[0] == 0:
                break
        taken.append(best[2])


def _overlap(one: Bbox, other: Bbox) -> float:
    """Area that two boxes share, in pixels²."""
    shared = Bbox.intersection(one, other)
    return 0.0 if shared is None else shared.width * shared.height
