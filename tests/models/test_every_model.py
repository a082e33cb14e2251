"""What holds for every network of the registry: counts of the literature, a training step, saving, errors."""

import inspect
import math
import re
from pathlib import Path

import numpy as np
import pytest

from course_utils import evaluation, models, training

NAMES = models.list_models()
# Parameters in all, and those that are not trained, with the paper's input and classes.
COUNTS = {
    "lenet5": (61_706, 0),
    "lenet5_1998": (60_840, 840),
    "alexnet": (60_965_224, 0),
    "nin_cifar10": (966_986, 0),
    "vgg11": (132_863_336, 0),
    "vgg16": (138_357_544, 0),
    "googlenet": (6_998_552, 0),
    "resnet18": (11_699_112, 9_600),
    "resnet50": (25_610_152, 53_120),
    "densenet121": (8_062_504, 83_648),
    "mobilenet_v1": (4_253_864, 21_888),
    "mobilenet_v2": (3_538_984, 34_112),
    "shufflenet_v1": (1_890_208, 24_480),
    "shufflenet_v2": (2_294_784, 16_180),
    "efficientnet_b0": (5_330_564, 42_016),
    "regnet_x_400mf": (5_194_184, 36_672),
    "regnet_y_400mf": (4_371_296, 27_152),
}
SIZES = {"alexnet": 67, "inception_v3": 75, "nin_imagenet": 67}  # others take 32×32
WITHOUT_SOFTMAX = {"lenet5_1998": 10}  # its centres are drawn for ten digits
# The others have the code of one of these and other numbers: they are built and counted, not trained.
FAMILIES = [
    *("lenet5", "lenet5_1998", "alexnet", "nin_cifar10", "nin_imagenet", "vgg11", "googlenet", "inception_v3"),
    *("resnet18", "resnet50", "densenet121", "mobilenet_v1", "mobilenet_v2", "shufflenet_v1", "shufflenet_v2"),
    *("efficientnet_b0", "regnet_x_200mf", "regnet_y_200mf", "mnist_classic", "mnist_fast"),
]


@pytest.fixture(autouse=True)
def _forget_models():
    import keras

    yield
    keras.backend.clear_session()


def test_all_names_of_the_course_are_there():
    families = [
        *("lenet5", "lenet5_1998", "alexnet", "nin_cifar10", "nin_imagenet", "googlenet", "inception_v3"),
        *(f"vgg{depth}" for depth in (11, 13, 16, 19)),
        *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152)),
        *(f"densenet{depth}" for depth in (121, 169, 201)),
        *("mobilenet_v1", "mobilenet_v2", "shufflenet_v1", "shufflenet_v2"),
        *(f"efficientnet_b{number}" for number in range(8)),
        *(
            f"regnet_{kind}_{budget}"
            for kind in "xy"
            for budget in ("200mf", "400mf", "600mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf")
        ),
        *("mnist_classic", "mnist_fast"),
    ]
    assert sorted(families) == NAMES
    assert all(getattr(models, name) is models._registry.BUILDERS[name] for name in families)


@pytest.mark.parametrize("name", COUNTS)
def test_parameters_are_those_of_the_literature(name):
    model = models.build(name)
    unlearned = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    assert (model.count_params(), unlearned) == COUNTS[name]


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(COUNTS) - set(FAMILIES)))
def test_larger_and_smaller_versions_have_the_parameters_of_the_table(name):
    row, model = evaluation.benchmark_results("architectures")["networks"][name], models.build(name)
    unlearned = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    assert (model.count_params(), unlearned) == (row["parameters"], row["non_trainable"])


def test_googlenet_with_auxiliary_heads():
    assert models.build("googlenet", aux=True).count_params() == 13_378_280


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
    parameters = inspect.signature(models._registry.BUILDERS[name]).parameters
    assert list(parameters)[:2] == ["input_shape", "classes"]
    assert parameters["name"].default == name
    assert len(parameters["input_shape"].default) == 3
    if not name.startswith("mnist"):
        assert parameters["include_top"].default is True
    assert models._registry.BUILDERS[name].__doc__


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
    assert cited <= keys


@pytest.mark.parametrize("name", NAMES)
def test_published_figures_have_a_measure_and_a_source(name):
    for figure in models.model_card(name).published:
        assert figure.measure
        assert figure.unit or float(figure.value).is_integer()  # a plain count
        assert figure.source
        assert figure.value > 0
