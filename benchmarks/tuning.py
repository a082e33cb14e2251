"""Searches for the settings of one small network, under a budget: what the lesson on tuning is too short for.

    python benchmarks/tuning.py [--seeds 3] [--trials 240] [--grids 10] [--output FILE]

A trial trains the network of ``course_utils/lessons/tuning/trials.py`` on 500 digits for eight epochs; after each epoch its
accuracy on 2000 validation digits is noted. Recorded are

- ``spread``: the default settings, as many times as there are random trials, with other seeds only;
- ``one_at_a_time``: each setting at five places of its range, the others at their default;
- ``random``: settings drawn at random, each with the whole curve, so that searches of any budget, with and without
  pruning, can be read off;
- ``grids``: sixteen trials each, a grid of two values for each of the four settings, and one of four values for learning rate
  and momentum; each grid is moved at random within its cells, so that no lucky place decides, and each of its trials has a
  seed of its own, as the random ones have;
- ``winners``: the best tenth of the random trials, trained again with fresh seeds;
- ``width_and_depth``: each at three learning rates;
- ``halved_once``: the same with 4 filters, when the second convolution does not halve rows and columns.

No test digit is used. Figures are saved after each part.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
from _record import RESULTS, save

from course_utils.lessons.tuning import trials

FRESH = 1000  # seeds from here on belong to winners that are trained again,
IN_GRIDS = 3000  # and from here on to the trials of grids
PLACES = (0.0, 0.25, 0.5, 0.75, 1.0)
RATES = (0.01, 0.03, 0.1)


def curve(seed: int, **settings) -> list[float]:
    """Validation accuracy after each epoch."""
    return list(trials.accuracies(seed=seed, **settings))


def last(seed: int, **settings) -> float:
    """Validation accuracy after the last epoch."""
    return curve(seed, **settings)[-1]


def spread(options) -> list[float]:
    """The default settings, with other seeds only."""
    return [last(seed) for seed in range(options.trials)]


def one_at_a_time(options) -> dict[str, list[dict]]:
    """Each setting along its range."""
    found = {}
    for name in trials.SPACE:
        places = [trials.at({name: place}) for place in PLACES]
        found[name] = [
            {"value": place[name], "accuracy": [last(seed, **place) for seed in range(options.seeds)]}
            for place in places
        ]
    return found


def at_random(options) -> list[dict]:
    """Trials at random; the seed of a trial draws its settings, too."""
    drawn = [trials.drawn(np.random.default_rng(seed)) for seed in range(options.trials)]
    return [{"settings": settings, "curve": curve(seed, **settings)} for seed, settings in enumerate(drawn)]


def grids(options) -> dict[str, list[list[float]]]:
    """Sixteen trials a grid; the values of a setting are one random place within each cell's width."""
    kinds = {
        "2 values of 4 settings": dict.fromkeys(trials.SPACE, 2),
        "4 values of 2 settings": {"learning_rate": 4, "momentum": 4},
    }
    found, seeds = {}, itertools.count(IN_GRIDS)
    for kind, counts in kinds.items():
        found[kind] = []
        for number in range(options.grids):
            rng = np.random.default_rng(number)
            axes = {name: (np.arange(count) + rng.uniform()) / count for name, count in counts.items()}
            cells = [dict(zip(axes, places, strict=True)) for places in itertools.product(*axes.values())]
            found[kind].append([last(next(seeds), **trials.at(cell)) for cell in cells])
    return found


def winners(random: list[dict]) -> list[dict]:
    """The best tenth, and what they reach with four fresh seeds."""
    best = sorted(random, key=lambda trial: -trial["curve"][-1])[: len(random) // 10]
    again = [[last(FRESH + seed, **trial["settings"]) for seed in range(4)] for trial in best]
    return [{"found": trial["curve"][-1], "again": fresh} for trial, fresh in zip(best, again, strict=True)]


def width_and_depth(options, widths=(4, 8, 16, 32), depths=(1, 2, 3, 4), halvings=2) -> list[dict]:
    """Filters and convolutions, at each learning rate."""
    return [
        {
            "filters": filters,
            "depth": depth,
            "learning_rate": rate,
            "accuracy": [
                last(seed, filters=filters, depth=depth, halvings=halvings, learning_rate=rate)
                for seed in range(options.seeds)
            ],
        }
        for filters, depth, rate in itertools.product(widths, depths, RATES)
    ]


def halved_once(options) -> list[dict]:
    """Few filters, with more rows and columns left for the dense layer."""
    return width_and_depth(options, widths=(4,), halvings=1)


def main() -> None:
    """Run all parts and save after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=240)
    parser.add_argument("--grids", type=int, default=10)
    parser.add_argument("--output", type=Path, default=RESULTS / "tuning.json")
    options = parser.parse_args()
    figures = {"seeds": options.seeds}
    for name, part in {
        "spread": spread,
        "one_at_a_time": one_at_a_time,
        "random": at_random,
        "grids": grids,
        "width_and_depth": width_and_depth,
        "halved_once": halved_once,
    }.items():
        figures[name] = part(options)
        print(name, flush=True)
        if name == "random":
            figures["winners"] = winners(figures["random"])
        save("tuning", figures, options.output)


if __name__ == "__main__":
    main()
