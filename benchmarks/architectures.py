"""Every network of the course in numbers: parameters, multiply-adds, receptive field, depth, and what was published.

    python benchmarks/architectures.py [--only NAME …] [--output FILE]

Each builder of ``course_utils.models`` is built as it is called without arguments, that is with the paper's own input and
classes, and counted by ``course_utils.anatomy``. Year, reference and published figures come from its model card; for the
networks of ONE_RECIPE another published figure is added, measured by other people than the network's authors. Nothing
is trained and nothing timed, so the file depends on the builders alone; a test compares the two. Where a network has layers
whose multiply-adds are not known, the figure is null. With ``--only`` the other rows of the file are kept.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from _record import RESULTS, save

# Top-1 error in % of older networks that the authors of RegNet trained exactly as their own: 100 epochs, means of five runs.
ONE_RECIPE = {
    "measure": "ImageNet top-1 error, one crop, trained like RegNet",
    "unit": "%",
    "source": "RegNet's model zoo (pycls), mean of five runs",
}
ONE_RECIPE_ERRORS = {"resnet50": 23.2, "resnet101": 21.4, "resnet152": 20.9}
ONE_RECIPE_ERRORS |= {f"efficientnet_b{n}": error for n, error in enumerate((24.9, 24.1, 23.4, 22.5, 21.2, 21.5))}


def count(name: str) -> dict[str, object]:
    """One row: what the model card says, and what the network that its builder makes consists of."""
    import keras

    from course_utils import anatomy, models

    card = models.model_card(name)
    keras.backend.clear_session()
    with keras.StatelessScope(initialize_variables=False):  # counting needs the weights' shapes only
        model = models.build(name)
    totals = anatomy.totals(model)
    field = totals.receptive_field
    published = [asdict(figure) for figure in card.published]
    if name in ONE_RECIPE_ERRORS:
        published.append({**ONE_RECIPE, "value": ONE_RECIPE_ERRORS[name]})
    return {
        "title": card.title,
        "year": card.year,
        "reference": card.reference,
        "input": list(model.input_shape[1:]),
        "parameters": totals.parameters,
        "non_trainable": totals.non_trainable,
        "multiply_adds": None if totals.not_counted else totals.multiply_adds,
        "receptive_field": max(field.size) if field else None,
        "stride": max(field.stride) if field else None,
        "depth": totals.depth,
        "activation_bytes": totals.activation_bytes,
        "published": published,
    }


def main() -> None:
    from course_utils import models

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=models.list_models(), metavar="NAME")
    parser.add_argument("--output", type=Path, default=RESULTS / "architectures.json")
    options = parser.parse_args()
    networks = {}
    if options.only:
        networks = json.loads(options.output.read_text(encoding="utf-8"))["networks"]
    for name in options.only or models.list_models():
        networks[name] = count(name)
        row = networks[name]
        print(
            f"{name:16} {row['parameters']:12,} parameters, {row['multiply_adds'] or 0:15,} multiply-adds", flush=True
        )
    save("architectures", {"networks": dict(sorted(networks.items()))}, options.output)


if __name__ == "__main__":
    main()
