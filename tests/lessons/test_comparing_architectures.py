"""Exercises of the lesson comparing architectures: the right answers computed in another way."""

import itertools

import numpy as np
import pytest

from course_utils import evaluation
from course_utils.lessons.comparing_architectures import checks, designs, records

NETWORKS = evaluation.benchmark_results("architectures")["networks"]


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def test_front_by_comparing_all_pairs():
    networks = {"A": (300, 72.0), "B": (569, 70.6), "C": (386, 77.1), "D": (4200, 82.9), "E": (3858, 75.3)}
    front = [
        name
        for name, (cost, accuracy) in networks.items()
        if not any(
            other_cost <= cost and other_accuracy >= accuracy
            for other, (other_cost, other_accuracy) in networks.items()
            if other != name
        )
    ]
    assert right(checks.pareto.evaluate(front))
    assert right(checks.pareto.evaluate(", ".join(reversed(front)).lower()))


def test_front_by_two_loops():
    def on_front(costs, accuracies):
        found = []
        for cost, accuracy in zip(costs, accuracies, strict=True):
            beaten = False
            for other, other_accuracy in zip(costs, accuracies, strict=True):
                no_worse = all(a <= b for a, b in zip(other, cost, strict=True)) and other_accuracy >= accuracy
                beaten |= no_worse and (
                    any(a < b for a, b in zip(other, cost, strict=True)) or other_accuracy > accuracy
                )
            found.append(not beaten)
        return found

    assert right(checks.on_front.evaluate(on_front))


def test_choice_by_the_published_tables():
    """Limits and accuracies, read from the model cards and counted by the benchmark."""
    within = {}
    for name in ("densenet121", "efficientnet_b0", "mobilenet_v2", "regnet_y_800mf"):
        network = NETWORKS[name]
        if network["parameters"] <= 7_000_000 and network["activation_bytes"] <= 80_000_000:
            (within[name],) = (
                f["value"] for f in network["published"] if f["measure"] == "ImageNet top-1 error, one crop"
            )
    app = min(within, key=within.get)
    published = {"efficientnet_b4": 21.2, "regnet_y_3_2gf": 21.0, "regnet_y_8gf": 20.1, "resnet152": 20.9}  # errors
    there = [name for name, error in published.items() if error <= 21]
    trained = min(there, key=lambda name: NETWORKS[name]["multiply_adds"])
    assert right(checks.choose.evaluate(app, trained))
    assert "90 MB" in told(checks.choose, "efficientnet_b0", trained)
    assert {round(100 - records.one_recipe(NETWORKS[name]), 1) for name in published} == set(published.values())


def test_what_the_race_says_by_its_means():
    race = evaluation.benchmark_results("architecture_race")
    error = {name: np.mean(values) for name, values in records.errors(race).items()}
    time = {name: np.mean(values) for name, values in records.seconds(race).items()}
    assert error["dense"] == max(error.values())
    assert error["shuffled"] < error["separable"] < error["inception"]
    assert time["inception"] > time["separable"]
    assert right(checks.says.evaluate(["D", "B"]))
    assert "does not show them equal" in told(checks.says, ["A", "B", "D"])


def test_accuracies_by_way_of_measuring():
    published = [
        {"measure": "ImageNet top-1 error, ten crops", "value": 22.85},
        {"measure": "ImageNet top-1 accuracy, one crop", "value": 75.3},
        {"measure": "ImageNet top-5 error, one crop", "value": 7.0},
    ]
    network = {"title": "Some Net", "published": published}
    assert records.accuracies(network) == {"ten crops": 77.15, "one crop": 75.3}
    assert records.one_crop(network) == 75.3
    assert records.one_recipe(network) is None
    assert records.one_recipe(network | {"title": "RegNetY-1GF"}) == 75.3
    assert records.accuracies({"title": "Some Net"}) == {}
    with pytest.raises(ValueError, match="published"):
        records.accuracies({"title": "Some Net", "published": "75 %"})


def test_cheapest_by_comparing_all():
    table = records.cheapest(NETWORKS, records.one_crop, (70, 77))
    for bar, column in itertools.product((70, 77), records.COSTS):
        key = records.COSTS[column]
        cost = next(network[key] for network in NETWORKS.values() if network["title"] == table.loc[bar, column])
        others = [n[key] for n in NETWORKS.values() if (records.one_crop(n) or 0) >= bar]
        assert cost == min(others)
        assert bar < 77 or len(others) == 19
    with pytest.raises(ValueError, match="no network is so accurate"):
        records.cheapest(NETWORKS, records.one_crop, (99,))


@pytest.mark.parametrize("read", [records.errors, records.seconds])
@pytest.mark.parametrize("race", [None, "race", {}, {"runs": 3}])
def test_a_race_without_runs_is_refused_in_a_sentence(read, race):
    with pytest.raises(ValueError, match="race"):
        read(race)


def conv_adds(side, k, channels, filters):
    return side * side * k * k * channels * filters


FULL_SIZE = conv_adds(28, 3, 1, 8) + conv_adds(28, 3, 8, 10) + conv_adds(14, 3, 10, 12) + conv_adds(7, 3, 12, 24)
BY_HAND = {  # multiply-adds, layer by layer
    "dense only": 784 * 1200 + 1200 * 10,
    "full size first": FULL_SIZE + 24 * 10,
    "full size, laid out": FULL_SIZE + 9 * 24 * 10,
    "strides first": conv_adds(14, 5, 1, 16)
    + conv_adds(7, 3, 16, 16)
    + conv_adds(7, 3, 16, 32)
    + conv_adds(7, 3, 32, 36)
    + 36 * 10,
    "separable": conv_adds(14, 5, 1, 16)
    + sum(
        conv_adds(side, 3, 1, a) + conv_adds(side, 1, a, b)
        for side, a, b in ((14, 16, 36), (14, 36, 36), (7, 36, 72), (7, 72, 72))
    )
    + 72 * 10,
    "places kept": conv_adds(14, 5, 1, 16) + conv_adds(7, 3, 16, 32) + conv_adds(7, 3, 32, 48) + 9 * 48 * 10,
}


@pytest.mark.parametrize("name", designs.DESIGNS)
def test_designs_keep_the_budget_and_are_those_that_were_measured(name):
    measured = evaluation.benchmark_results("million")["designs"][name]
    model = designs.DESIGNS[name]()
    assert measured["multiply_adds"] == BY_HAND[name] <= checks.BUDGET
    assert measured["parameters"] == model.count_params()
    assert measured["runs"]
    results = checks.million.evaluate(designs.DESIGNS[name])
    wrong = [result.text for result in results if not result.right]
    assert [text[:10] for text in wrong] == (["parameters"] if name == "dense only" else [])
    assert any(
        f"multiply-adds {BY_HAND[name]:,}, {100 * measured['largest']['share']:.0f} % of" in r.text for r in results
    )


def test_the_test_digits_were_read_for_the_best_design_alone():
    million = evaluation.benchmark_results("million")
    means = {name: np.mean([run["accuracy"] for run in one["runs"]]) for name, one in million["designs"].items()}
    assert million["test"]["design"] == max(means, key=means.get)
    assert len(million["test"]["accuracy"]) == len(million["designs"]["separable"]["runs"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: designs.score(3), "network"),
        (lambda: designs.score(lambda: 3), "model"),
        (lambda: designs.score(designs.dense_only, -1), "seed"),
        (lambda: designs.score(designs.dense_only, test=3), "test"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_stub_of_a_network_is_not_attempted():
    assert checks.million.evaluate(lambda: ...) is None


def test_probabilities_are_seen_wherever_they_are_made_and_a_network_has_to_be_new():
    import keras
    from keras import layers

    def fresh(*last):
        def network():
            pixels = keras.Input((28, 28, 1))
            x = layers.Dense(10)(layers.Flatten()(pixels))
            for layer in last:
                x = layer(x)
            return keras.Model(pixels, x)

        return network

    for last in ((keras.ops.softmax,), (layers.Softmax(), layers.Dropout(0.1)), (layers.Activation("sigmoid"),)):
        assert "ends in probabilities" in told(checks.million, fresh(*last))
    assert right(checks.million.evaluate(fresh()))
    one = designs.places_kept()
    assert "the same model each time" in told(checks.million, lambda: one)
    assert "leaves sizes open" in told(
        checks.million,
        lambda: keras.Sequential([keras.Input((None, None, 1)), layers.GlobalAveragePooling2D(), layers.Dense(10)]),
    )
    fixed = {"batch_shape": (8, 28, 28, 1)}
    assert "size of a batch" in told(
        checks.million, lambda: keras.Sequential([keras.Input(**fixed), layers.Flatten(), layers.Dense(10)])
    )

    def named():
        pixels = keras.Input((28, 28, 1))
        return keras.Model(pixels, {"digit": layers.Dense(10)(layers.Flatten()(pixels))})

    assert "returns a dict" in told(checks.million, named)
