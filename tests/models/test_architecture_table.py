"""The results that the lesson on comparing architectures reads are those of today's builders and model cards."""

from dataclasses import asdict

import pytest

from course_utils import anatomy, evaluation, models

NETWORKS = evaluation.benchmark_results("architectures")["networks"]
RACE = evaluation.benchmark_results("architecture_race")


def test_there_is_a_row_for_every_builder():
    assert sorted(NETWORKS) == models.list_models()


@pytest.mark.parametrize("name", models.list_models())
def test_rows_say_what_the_cards_say(name):
    card, row = models.model_card(name), NETWORKS[name]
    assert (row["title"], row["year"], row["reference"]) == (card.title, card.year, card.reference)
    figures = [asdict(figure) for figure in card.published]
    assert row["published"][: len(figures)] == figures
    assert all("trained like RegNet" in figure["measure"] for figure in row["published"][len(figures) :])


@pytest.mark.parametrize(
    "name", ["lenet5", "lenet5_1998", "mnist_classic", "mnist_fast", "nin_cifar10", "shufflenet_v1"]
)
def test_rows_count_what_the_builders_build(name):
    model = models.build(name)
    totals, row = anatomy.totals(model), NETWORKS[name]
    for cost in ("parameters", "non_trainable", "multiply_adds", "depth", "activation_bytes"):
        assert row[cost] == getattr(totals, cost)
    assert row["receptive_field"] == max(totals.receptive_field.size)
    assert tuple(row["input"]) == model.input_shape[1:]


def test_racers_cost_alike():
    budget, tolerance = RACE["budget"]["multiply_adds"], RACE["budget"]["tolerance"]
    assert RACE["networks"].keys() == RACE["runs"].keys()
    for network in RACE["networks"].values():
        assert network["multiply_adds"] == pytest.approx(budget, rel=tolerance)
    (seeds,) = {len(runs) for runs in RACE["runs"].values()}
    assert seeds >= 3
