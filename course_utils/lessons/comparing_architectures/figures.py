"""Networks side by side: tables of their costs, and accuracy against cost with the Pareto front."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from course_utils.plotting.style import INK, MARKERS, SMALLEST, WIDTH, drawing_area

if TYPE_CHECKING:
    import pandas as pd

Point = tuple[float, float, float]
FAMILIES = {
    "R · ResNet": "resnet",
    "D · DenseNet": "densenet",
    "I · Inception": "inception_v",
    "M · MobileNet": "mobilenet_v",
    "S · ShuffleNet": "shufflenet_v",
    "B · EfficientNet": "efficientnet_b",
    "X · RegNetX": "regnet_x_",
    "Y · RegNetY": "regnet_y_",
}
"""Families of networks: what the legend calls them, and how the names of their members begin."""

_LARGEST, _SMALLEST = 240.0, 20.0  # area of a marker in points²


def families(
    networks: Mapping[str, Mapping], accuracy: Callable[[str], float | None], cost: str, second: str
) -> dict[str, dict[str, Point]]:
    """Sort networks into :data:`FAMILIES`, each in the order of its cost.

    Parameters
    ----------
    networks : mapping of str to mapping
        For each name its costs, as ``benchmarks/architectures.py`` writes them.
    accuracy : callable
        Takes a name and returns an accuracy in percent, or None for a network that is left out.
    cost, second : str
        Names of two costs.

    Returns
    -------
    dict of str to dict
        For each family: short name → (cost in millions, accuracy, second cost in millions).
    """
    members: dict[str, dict[str, Point]] = {family: {} for family in FAMILIES}
    for name in sorted(networks, key=lambda name: networks[name][cost]):
        for family, prefix in FAMILIES.items():
            if name.startswith(prefix) and accuracy(name) is not None:
                short = family[0] + name.removeprefix(prefix).replace("_", ".")
                members[family][short] = networks[name][cost] / 1e6, accuracy(name), networks[name][second] / 1e6
    return members


def merged(families: Mapping[str, Mapping[str, Point]]) -> dict[str, Point]:
    """Return the members of all families by their short names."""
    return {short: point for members in families.values() for short, point in members.items()}


def _chosen(ways: Mapping[str, float]) -> str:
    """The way of measuring that a table shows: one crop, or else the first there is."""
    return "one crop" if "one crop" in ways else next(iter(ways), "")


def _table(networks: Mapping[str, Mapping], row: Callable[[str, Mapping], dict[str, object]]) -> "pd.DataFrame":
    """A row a network, in the order of their multiply-adds, under its title."""
    import pandas as pd

    names = sorted(networks, key=lambda name: networks[name]["multiply_adds"])
    rows = {networks[name]["title"]: row(name, networks[name]) for name in names}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="network")


def table_of_networks(
    networks: Mapping[str, Mapping], accuracies: Callable[[str], Mapping[str, float]]
) -> "pd.DataFrame":
    """Return year, parameters, multiply-adds and accuracy of each network, as texts.

    Parameters
    ----------
    networks : mapping of str to mapping
        For each name its costs, as ``benchmarks/architectures.py`` writes them.
    accuracies : callable
        Takes a name and returns accuracies in percent by way of measuring; only "one crop" is shown.

    Returns
    -------
    pandas.DataFrame
        Shape (networks, 4).
    """

    def row(name: str, network: Mapping) -> dict[str, object]:
        ways = accuracies(name)
        return {
            "year": "" if network["year"] is None else str(network["year"]),
            "parameters (M)": f"{network['parameters'] / 1e6:.3g}",
            "multiply-adds (M)": f"{network['multiply_adds'] / 1e6:,.{0 if network['multiply_adds'] > 1e8 else 2}f}",
            "top-1 (%)": f"{ways['one crop']:.1f}" if "one crop" in ways else "",
        }

    return _table(networks, row)


def table_of_sources(
    networks: Mapping[str, Mapping], accuracies: Callable[[str], Mapping[str, float]]
) -> "pd.DataFrame":
    """Return input, receptive field, depth, untrained parameters, an accuracy, how it was measured, and the reference.

    Arguments as for :func:`table_of_networks`. The reference is the key of the paper in the book's bibliography.

    Returns
    -------
    pandas.DataFrame
        Shape (networks, 7).
    """

    def row(name: str, network: Mapping) -> dict[str, object]:
        field = network["receptive_field"]
        return {
            "input": "×".join(map(str, network["input"])),
            "receptive field": "" if field is None else str(field),
            "depth": network["depth"],
            "not trained": f"{network['non_trainable']:,}",
            "top-1 (%)": f"{ways[_chosen(ways)]:.1f}" if (ways := accuracies(name)) else "",
            "accuracy measured": _chosen(ways),
            "reference": network["reference"] or "",
        }

    return _table(networks, row)


def cost_and_accuracy(
    families: Mapping[str, Mapping[str, Point]],
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
    ax = drawing_area(ax, (WIDTH, 6.2))
    points = {name: point for members in families.values() for name, point in members.items()}
    for name, point in points.items():
        if not (point[0] > 0 and point[2] > 0):
            raise ValueError(
                f"{name!a}: costs {point[0]} and {point[2]}; a logarithmic axis and areas need positive ones"
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
        colour, marker = colours[number % len(colours)], MARKERS[number % len(MARKERS)]
        ax.plot(x, y, color=colour, linewidth=0.9, linestyle="-", zorder=2)
        ax.scatter(x, y, _area(second, largest), color=colour, marker=marker, alpha=0.75, edgecolor="white", zorder=3)
        ax.scatter([], [], 45, color=colour, marker=marker, label=family)
    if front:
        steps = np.array(sorted(points[name][:2] for name in front)).T
        ax.step(*steps, where="post", color=INK, linewidth=4, linestyle="-", alpha=0.2, zorder=1, label="Pareto front")
    ax.set(xscale="log", xlabel=cost, ylabel="published ImageNet top-1 accuracy (%)")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,g}".replace(",", "\u2009"))
    ax.margins(0.09, 0.08)
    ax.grid(True, which="major")
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1), ncols=3, title=f"area: {area}", columnspacing=1)
    _place_names(ax, {name: (*point[:2], _area(point[2], largest)) for name, point in points.items()})
    return ax


def _area(second, largest: float):
    """Area of a marker, in proportion to a cost; never too small to be seen."""
    return np.maximum(_LARGEST * np.asarray(second, float) / largest, _SMALLEST)


def _place_names(ax: Axes, points: Mapping[str, Point], *, size: float = SMALLEST) -> None:
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
