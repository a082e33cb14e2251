"""Networks side by side: tables of their costs, and accuracy against cost with the Pareto front."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from course_utils._arguments import as_callable, as_choice, as_count, as_list, as_mapping, as_number, as_text
from course_utils.lessons.comparing_architectures.records import accuracies
from course_utils.plotting.style import INK, MARKERS, SMALLEST, WIDTH, as_named, as_title, drawing_area

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
    networks: Mapping[str, Mapping], accuracy: Callable[[Mapping], float | None], cost: str, second: str
) -> dict[str, dict[str, Point]]:
    """Sort networks into :data:`FAMILIES`, each in the order of its cost.

    Parameters
    ----------
    networks : mapping of str to mapping
        For each name its costs, as ``benchmarks/architectures.py`` writes them.
    accuracy : callable
        Takes what is recorded of a network and returns an accuracy in percent, or None for one that is left out.
    cost, second : str
        Names of two costs.

    Returns
    -------
    dict of str to dict
        For each family: short name → (cost in millions, accuracy, second cost in millions).

    Raises
    ------
    ValueError
        If a network has no such cost, or an accuracy is no number.
    """
    accuracy, keys = as_callable(accuracy, "accuracy"), (as_text(cost, "cost"), as_text(second, "second"))
    costs = as_named(networks, "networks", _counts, *keys)
    members: dict[str, dict[str, Point]] = {family: {} for family in FAMILIES}
    for name, (first, other) in sorted(costs.items(), key=lambda item: item[1][0]):
        for family, prefix in FAMILIES.items():
            if name.startswith(prefix) and (reached := accuracy(networks[name])) is not None:
                short = family[0] + name.removeprefix(prefix).replace("_", ".")
                members[family][short] = first / 1e6, as_number(reached, f"accuracy({name!a})"), other / 1e6
    return members


def _counts(network, name: str, *keys: str) -> list[int]:
    """Whole numbers of a network, by their keys."""
    network = as_mapping(network, name)
    return [as_count(network.get(key), f"{name}[{key!a}]", least=0, most=2**63 - 1) for key in keys]


def merged(families: Mapping[str, Mapping[str, Point]]) -> dict[str, Point]:
    """Return the members of all families by their short names; ValueError if ``families`` is anything else."""
    return {short: point for members in _checked(families).values() for short, point in members.items()}


def _checked(families) -> dict[str, dict[str, Point]]:
    """The networks of each family; a family may have none, but not all of them."""
    checked = as_named(families, "families", lambda members, name: as_named(members, name, _point, fewest=0))
    if not any(checked.values()):
        raise ValueError("families has no network; expected at least one")
    return checked


def _point(point, name: str) -> Point:
    """Two positive costs of a network, and between them its accuracy."""
    cost, accuracy, second = as_list(point, name, count=3, meaning="number: cost, accuracy, second cost")
    cost, second = as_number(cost, f"{name}[0]", above=0), as_number(second, f"{name}[2]", above=0)
    return cost, as_number(accuracy, f"{name}[1]"), second


def _chosen(ways: Mapping[str, float]) -> str:
    """The way of measuring that a table shows: one crop, or else the first there is."""
    return "one crop" if "one crop" in ways else next(iter(ways), "")


def _network(network, name: str) -> dict[str, object]:
    """What the tables show of a network: its counts, its name, and texts, empty where there is nothing to say."""
    keys = ("parameters", "multiply_adds", "non_trainable", "depth")
    found = dict(zip(keys, _counts(network, name, *keys), strict=True))
    sides = [as_count(side, f"{name}['input']") for side in as_list(network.get("input"), f"{name}['input']")]
    found |= {"title": as_text(network.get("title"), f"{name}['title']"), "input": "×".join(map(str, sides))}
    found["ways"] = accuracies(network, name)
    texts = {key: network.get(key) for key in ("year", "receptive_field", "reference")}
    return found | {key: "" if text is None else as_title(text, f"{name}[{key!r}]") for key, text in texts.items()}


def _table(networks, row: Callable[[Mapping, Mapping[str, float]], dict[str, object]]) -> "pd.DataFrame":
    """A row a network, in the order of their multiply-adds, under its title."""
    import pandas as pd

    networks, rows = as_named(networks, "networks", _network), {}
    for network in sorted(networks.values(), key=lambda network: network["multiply_adds"]):
        rows[network["title"]] = row(network, network["ways"])
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="network")


def table_of_networks(networks: Mapping[str, Mapping]) -> "pd.DataFrame":
    """Return year, parameters, multiply-adds and accuracy of each network, as texts.

    Parameters
    ----------
    networks : mapping of str to mapping
        For each name its costs and published figures, as ``benchmarks/architectures.py`` writes them; of the accuracies only
        that with one crop is shown.

    Returns
    -------
    pandas.DataFrame
        Shape (networks, 4).

    Raises
    ------
    ValueError
        If a network lacks one of these, or an accuracy is no number.
    """

    def row(network: Mapping, ways: Mapping[str, float]) -> dict[str, object]:
        return {
            "year": network["year"],
            "parameters (M)": f"{network['parameters'] / 1e6:.3g}",
            "multiply-adds (M)": f"{network['multiply_adds'] / 1e6:,.{0 if network['multiply_adds'] > 1e8 else 2}f}",
            "top-1 (%)": f"{ways['one crop']:.1f}" if "one crop" in ways else "",
        }

    return _table(networks, row)


def table_of_sources(networks: Mapping[str, Mapping]) -> "pd.DataFrame":
    """Return input, receptive field, depth, untrained parameters, an accuracy, how it was measured, and the reference.

    Argument as for :func:`table_of_networks`. The reference is the key of the paper in the book's bibliography.

    Returns
    -------
    pandas.DataFrame
        Shape (networks, 7).

    Raises
    ------
    ValueError
        If a network lacks one of these, or an accuracy is no number.
    """

    def row(network: Mapping, ways: Mapping[str, float]) -> dict[str, object]:
        return {
            "input": network["input"],
            "receptive field": network["receptive_field"],
            "depth": network["depth"],
            "not trained": f"{network['non_trainable']:,}",
            "top-1 (%)": f"{ways[_chosen(ways)]:.1f}" if ways else "",
            "accuracy measured": _chosen(ways),
            "reference": network["reference"],
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
        If there is no network, a cost is not positive, or a name of the front is not among the networks.
    """
    families, points = _checked(families), merged(families)
    front = [as_choice(name, "front", points) for name in as_list(front, "front", least=0)]
    cost, area, ax = as_title(cost, "cost"), as_title(area, "area"), drawing_area(ax, (WIDTH, 6.2))
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
