"""Six small networks of at most a million multiply-adds for a digit, trained for one short epoch each.

    python benchmarks/million.py [--seeds 5] [--output FILE]

The networks and the training are those of ``course_utils/lessons/comparing_architectures/designs.py``: 8000 digits once,
by the fast recipe; nothing was tuned for one of them. Recorded are what each costs, which layer takes the largest part of
its multiply-adds, and with each seed its accuracy on 5000 validation digits and the processor's seconds, tracing included. The
design with the best mean is then read on the test digits, with the same seeds; no other is.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from _record import RESULTS, save

from course_utils import anatomy
from course_utils.lessons.comparing_architectures import designs


def count(network) -> dict[str, object]:
    """What a network costs, and where most multiply-adds go."""
    model = network()
    table, totals = anatomy.summary(model), anatomy.totals(model)
    most = table.loc[table.multiply_adds.idxmax()]
    return {
        "parameters": totals.parameters,
        "multiply_adds": totals.multiply_adds,
        "largest": {
            "type": most.type,
            "output": list(most.output_shape),
            "share": round(most.multiply_adds / totals.multiply_adds, 4),
        },
    }


def run(network, seed: int) -> dict[str, float]:
    """Accuracy on validation digits, and seconds, of one training."""
    keras.backend.clear_session()
    begun = time.process_time()
    accuracy = round(designs.score(network, seed), 2)
    return {"accuracy": accuracy, "cpu_seconds": round(time.process_time() - begun, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=RESULTS / "million.json")
    options = parser.parse_args()
    found = {name: count(network) | {"runs": []} for name, network in designs.DESIGNS.items()}
    for seed in range(options.seeds):
        for name, network in designs.DESIGNS.items():
            found[name]["runs"].append(run(network, seed))
            print(seed, name, found[name]["runs"][-1], flush=True)
    best = max(found, key=lambda name: np.mean([run["accuracy"] for run in found[name]["runs"]]))
    test = [round(designs.score(designs.DESIGNS[best], seed, test=True), 2) for seed in range(options.seeds)]
    save("million", {"designs": found, "test": {"design": best, "accuracy": test}}, options.output)


if __name__ == "__main__":
    main()
