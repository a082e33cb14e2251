"""What the benchmarks of this lesson recorded: published accuracies of networks, their costs, and the race of six blocks."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils._arguments import as_callable, as_list, as_mapping, as_number, as_text

if TYPE_CHECKING:
    import pandas as pd

COSTS = {"parameters": "parameters", "multiply-adds": "multiply_adds", "activations": "activation_bytes"}
"""What a network may be short of: the column of a table, and the key in a record."""


def accuracies(network: Mapping, name: str = "network") -> dict[str, float]:
    """Return a network's published ImageNet top-1 accuracies, in percent, by the way of measuring.

    Parameters
    ----------
    network : mapping
        A record of ``benchmarks/architectures.py``. Errors are turned into accuracies; other figures are left out.
    name : str
        What errors call it.

    Raises
    ------
    ValueError
        If its published figures cannot be read.
    """
    found, name = {}, f"{name}['published']"
    for number, figure in enumerate(as_list(as_mapping(network, name).get("published", ()), name, least=0)):
        figure = as_mapping(figure, f"{name}[{number}]")
        what, _, way = as_text(figure.get("measure"), f"{name}[{number}]['measure']").partition(", ")
        if what.startswith("ImageNet top-1"):
            value = as_number(figure.get("value"), f"{name}[{number}]['value']", least=0, most=100)
            found[way] = round(value if "accuracy" in what else 100 - value, 2)
    return found


def one_crop(network: Mapping) -> float | None:
    """Return a network's accuracy with one crop, by its own recipe, or None; argument as for :func:`accuracies`."""
    return accuracies(network).get("one crop")


def one_recipe(network: Mapping) -> float | None:
    """Return a network's accuracy with one crop, trained as the RegNets were, or None; argument as for :func:`accuracies`."""
    regnet = as_text(as_mapping(network, "network").get("title"), "title").startswith("RegNet")
    return accuracies(network).get("one crop" if regnet else "one crop, trained like RegNet")


def cheapest(
    networks: Mapping[str, Mapping], accuracy: Callable[[Mapping], float | None], bars: Sequence[float]
) -> "pd.DataFrame":
    """Return for each accuracy and each of :data:`COSTS` the title of the network that gets there at the least cost.

    Parameters
    ----------
    networks : mapping of str to mapping
        Records of ``benchmarks/architectures.py``.
    accuracy : callable
        Takes a record and returns an accuracy in percent, or None for a network that is left out.
    bars : sequence of float
        Accuracies to reach, in percent.

    Returns
    -------
    pandas.DataFrame
        Shape (bars, 3), its index the bars.

    Raises
    ------
    ValueError
        If a bar is reached by no network.
    """
    import pandas as pd

    reached = {
        name: as_callable(accuracy, "accuracy")(network) for name, network in as_mapping(networks, "networks").items()
    }
    rows = {}
    for number, bar in enumerate(as_list(bars, "bars")):
        bar = as_number(bar, f"bars[{number}]")
        there = [networks[name] for name, share in reached.items() if share is not None and share >= bar]
        if not there:
            raise ValueError(f"bars[{number}]={bar}: no network is so accurate")
        rows[int(bar) if bar.is_integer() else bar] = {
            column: min(there, key=lambda one, key=key: one[key])["title"] for column, key in COSTS.items()
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="at least (%)")


def errors(race: Mapping) -> dict[str, np.ndarray]:
    """Return the test errors of each raced network in percent, one a seed.

    Parameters
    ----------
    race : mapping
        Results of ``benchmarks/architecture_race.py``.

    Raises
    ------
    ValueError
        If they have no runs.
    """
    return {name: np.array([100 * (1 - run["accuracy"]) for run in runs]) for name, runs in _runs(race).items()}


def seconds(race: Mapping) -> dict[str, np.ndarray]:
    """Return the computing time of each training in seconds, one a seed; argument and errors as for :func:`errors`."""
    return {name: np.array([run["cpu_seconds"] for run in runs]) for name, runs in _runs(race).items()}


def _runs(race: Mapping) -> Mapping:
    """The trainings of each network."""
    return as_mapping(as_mapping(race, "race").get("runs"), "race['runs']")
