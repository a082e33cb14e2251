"""What holds for every network of the registry: counts of the literature, a training step, saving, cards, errors."""

import inspect
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import scripts
from oracles import blueprint, parameters

from course_utils import anatomy, evaluation, models, training

NAMES = models.list_models()
ROWS = evaluation.benchmark_results("architectures")["networks"]
# With the paper's input and classes, from the papers, their authors' releases, keras.applications (whose EfficientNets
# have 7 more, for the scale of their input) and torchvision, which lists what learns.
LITERATURE = {
    "lenet5": {"all": 61_706, "fixed": 0},
    "lenet5_1998": {"learned": 60_000, "fixed": 840},
    "alexnet": {"all": 60_965_224, "fixed": 0},
    "nin_cifar10": {"all": 966_986, "fixed": 0},
    "nin_imagenet": {"all": 7_595_176, "fixed": 0},
    "vgg11": {"all": 132_863_336, "fixed": 0},
    "vgg13": {"all": 133_047_848, "fixed": 0},
    "vgg16": {"all": 138_357_544, "fixed": 0},
    "vgg19": {"all": 143_667_240, "fixed": 0},
    "googlenet": {"all": 6_998_552, "fixed": 0},
    "inception_v3": {"all": 23_851_784, "fixed": 34_432},
    "resnet18": {"all": 11_699_112, "fixed": 9_600},
    "resnet34": {"all": 21_814_696, "fixed": 17_024},
    "resnet50": {"all": 25_610_152, "fixed": 53_120},
    "resnet101": {"all": 44_654_504, "fixed": 105_344},
    "resnet152": {"all": 60_344_232, "fixed": 151_424},
    "densenet121": {"all": 8_062_504, "fixed": 83_648},
    "densenet169": {"all": 14_307_880, "fixed": 158_400},
    "densenet201": {"all": 20_242_984, "fixed": 229_056},
    "mobilenet_v1": {"all": 4_253_864, "fixed": 21_888},
    "mobilenet_v2": {"all": 3_538_984, "fixed": 34_112},
    "shufflenet_v1": {"all": 1_890_208, "fixed": 24_480},
    "shufflenet_v2": {"all": 2_294_784, "fixed": 16_180},
    "efficientnet_b0": {"all": 5_330_571 - 7, "fixed": 42_016},
    "efficientnet_b1": {"all": 7_856_239 - 7},
    "efficientnet_b2": {"all": 9_177_569 - 7},
    "efficientnet_b3": {"all": 12_320_535 - 7},
    "efficientnet_b4": {"all": 19_466_823 - 7},
    "efficientnet_b5": {"all": 30_562_527 - 7},
    "efficientnet_b6": {"all": 43_265_143 - 7},
    "efficientnet_b7": {"all": 66_658_687 - 7},
    "efficientnet_lite0": {"all": 4_694_024, "fixed": 42_016},  # as many numbers as there are in Google's weights
    "regnet_x_200mf": {"learned": 2_684_792},
    "regnet_x_400mf": {"learned": 5_157_512, "fixed": 36_672},
    "regnet_x_600mf": {"learned": 6_196_040},
    "regnet_x_800mf": {"learned": 7_259_656},
    "regnet_x_1_6gf": {"learned": 9_190_136},
    "regnet_x_3_2gf": {"learned": 15_296_552},
    "regnet_x_8gf": {"learned": 39_572_648},
    "regnet_x_16gf": {"learned": 54_278_536},
    "regnet_y_200mf": {"learned": 3_162_996},
    "regnet_y_400mf": {"learned": 4_344_144, "fixed": 27_152},
    "regnet_y_600mf": {"learned": 6_055_160},
    "regnet_y_800mf": {"learned": 6_263_168},
    "regnet_y_1_6gf": {"learned": 11_202_430},
    "regnet_y_3_2gf": {"learned": 19_436_338},
    "regnet_y_8gf": {"learned": 39_180_068},
    "regnet_y_16gf": {"learned": 83_590_140},
    "mnist_classic": {"all": 167_114, "fixed": 0},
    "mnist_fast": {"all": 29_658, "fixed": 2 * (16 + 32 + 64)},
}
SIZES = {"alexnet": 67, "inception_v3": 75, "nin_imagenet": 67}  # others take 32×32
WITHOUT_SOFTMAX = {"lenet5_1998": 10}  # its centres are drawn for ten digits
# The others have the code of one of these and other numbers: they are built and counted, not trained.
FAMILIES = [
    *("lenet5", "lenet5_1998", "alexnet", "nin_cifar10", "nin_imagenet", "vgg11", "googlenet", "inception_v3"),
    *("resnet18", "resnet50", "densenet121", "mobilenet_v1", "mobilenet_v2", "shufflenet_v1", "shufflenet_v2"),
    *("efficientnet_b0", "efficientnet_lite0", "regnet_x_200mf", "regnet_y_200mf", "mnist_classic", "mnist_fast"),
]


MEASURE = "run benchmarks/architectures.py, which writes the table, then python3 course.py notebooks run"


def row_of(name):
    """The row of a network in the table that lessons read."""
    assert name in ROWS, f"{name} has no row in benchmarks/results/architectures.json: {MEASURE}"
    assert name in LITERATURE, f"{name} is missing in LITERATURE of this file"
    return ROWS[name]


def test_a_network_without_a_row_is_told_what_makes_it():
    with pytest.raises(AssertionError, match=r"none has no row .* run benchmarks/architectures\.py"):
        row_of("none")


def test_all_names_of_the_course_are_there():
    families = [
        *("lenet5", "lenet5_1998", "alexnet", "nin_cifar10", "nin_imagenet", "googlenet", "inception_v3"),
        *(f"vgg{depth}" for depth in (11, 13, 16, 19)),
        *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152)),
        *(f"densenet{depth}" for depth in (121, 169, 201)),
        *("mobilenet_v1", "mobilenet_v2", "shufflenet_v1", "shufflenet_v2"),
        *(f"efficientnet_b{number}" for number in range(8)),
        "efficientnet_lite0",
        *(
            f"regnet_{kind}_{budget}"
            for kind in "xy"
            for budget in ("200mf", "400mf", "600mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf")
        ),
        *("mnist_classic", "mnist_fast"),
    ]
    assert not (new := set(NAMES) - set(families)), f"enter {new} in the list of this test"
    assert not (gone := set(families) - set(NAMES)), (
        f"{gone} are in the list of this test, and no builder is registered"
    )
    assert all(getattr(models, name).__name__ == name for name in families)


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_those_of_the_literature_and_of_the_table_that_lessons_read(name):
    model, row = blueprint(getattr(models, name)), row_of(name)
    counted = parameters(model)
    assert counted | LITERATURE[name] == counted
    assert counted["all"] == counted["learned"] + counted["fixed"]
    totals = anatomy.totals(model)
    assert (row["parameters"], row["non_trainable"]) == (counted["all"], counted["fixed"])
    assert row["multiply_adds"] == (None if totals.not_counted else totals.multiply_adds)
    assert (row["depth"], row["activation_bytes"]) == (totals.depth, totals.activation_bytes)
    assert row["receptive_field"] == max(totals.receptive_field.size)
    assert row["stride"] == max(totals.receptive_field.stride)
    assert tuple(row["input"]) == model.input_shape[1:]
    assert model.name == name


@pytest.mark.parametrize("name", NAMES)
def test_the_table_says_what_the_cards_say(name):
    card, row = models.model_card(name), row_of(name)
    assert (row["title"], row["year"], row["reference"]) == (card.title, card.year, card.reference)
    figures = [asdict(figure) for figure in card.published]
    assert row["published"][: len(figures)] == figures
    assert all("trained like RegNet" in figure["measure"] for figure in row["published"][len(figures) :])


def test_the_table_has_a_row_for_every_network_and_no_other():
    assert sorted(ROWS) == NAMES, f"{set(ROWS) ^ set(NAMES)}: {MEASURE}"
    differ = set(LITERATURE) ^ set(NAMES)
    assert not differ, (
        f"{differ}: LITERATURE of this file has the parameters of every network, by the paper or counted by hand"
    )


def test_the_racers_are_those_of_the_benchmark_and_cost_alike():
    benchmark, race = scripts.load("benchmarks/architecture_race.py"), evaluation.benchmark_results("architecture_race")
    assert race["networks"] == {name: benchmark.count(name) for name in benchmark.BLOCKS}
    for network in race["networks"].values():
        assert network["multiply_adds"] == pytest.approx(1_040_000, rel=0.04)
    assert race["networks"].keys() == race["runs"].keys()
    (seeds,) = {len(runs) for runs in race["runs"].values()}
    assert seeds >= 3


@pytest.mark.parametrize("name", FAMILIES)
def test_a_training_step_then_saving_and_reloading(name, tmp_path):
    import keras

    training.set_seed(0)
    size, classes = SIZES.get(name, 32), WITHOUT_SOFTMAX.get(name, 4)
    model = models.build(name, input_shape=(size, size, 3), classes=classes)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, size, size, 3)).astype(np.float32), rng.integers(0, classes, size=2)
    before = [weight.numpy() if hasattr(weight, "numpy") else np.asarray(weight) for weight in model.trainable_weights]
    # One step needs no compiled graph, which takes longer than the step.
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    loss = model.train_on_batch(x, y)
    assert np.isfinite(loss)
    moved = [bool((np.asarray(new) != old).any()) for new, old in zip(model.trainable_weights, before, strict=True)]
    assert sum(moved) > 0.9 * len(moved)
    again = training.load(training.save(model, tmp_path / "model.keras"))
    np.testing.assert_array_equal(np.asarray(model(x, training=False)), np.asarray(again(x, training=False)))


@pytest.mark.parametrize("name", NAMES)
def test_signature_and_defaults(name):
    parameters = inspect.signature(getattr(models, name)).parameters
    assert list(parameters)[:2] == ["input_shape", "classes"], "a builder begins with (input_shape, classes, *, …"
    assert parameters["name"].default == name
    assert len(parameters["input_shape"].default) == 3
    if not name.startswith("mnist"):
        assert parameters["include_top"].default is True
    assert getattr(models, name).__doc__


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("mnist")])
def test_bad_arguments_are_explained(name):
    for options, message in [
        ({"input_shape": (0, 32, 3)}, r"input_shape=\(0, 32, 3\): expected \(rows, columns, channels\)"),
        ({"input_shape": 32}, "input_shape=32"),
        ({"input_shape": (224, 224, 3), "classes": 1}, "classes=1"),
        ({"input_shape": (224, 224, 3), "classes": 2.5}, "classes=2.5"),
        ({"input_shape": (224, 224, 3), "include_top": "no"}, "include_top='no'"),
    ]:
        with pytest.raises(ValueError, match=message):
            models.build(name, **options)


def test_references_are_in_the_bibliography():
    bibliography = (Path(__file__).parents[2] / "book" / "references.bib").read_text(encoding="utf-8")
    keys = set(re.findall(r"^@\w+\{(\w+),", bibliography, re.MULTILINE))
    cited = {models.model_card(name).reference for name in NAMES} - {None}
    assert cited <= keys, f"book/references.bib has no {', '.join(cited - keys)}, which a card names as its reference"


@pytest.mark.parametrize("name", NAMES)
def test_published_figures_have_a_measure_and_a_source(name):
    for figure in models.model_card(name).published:
        assert figure.measure
        assert figure.unit or float(figure.value).is_integer()  # a plain count
        assert figure.source
        assert figure.value > 0
