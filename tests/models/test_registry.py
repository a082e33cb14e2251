"""Networks by name, and what is known about each."""

import numpy as np
import pytest

from course_utils import models, training
from course_utils.models import _registry


def test_unknown_names_and_options_are_explained():
    with pytest.raises(ValueError, match="no network is called 'mnist_clasic'; did you mean 'mnist_classic'"):
        models.build("mnist_clasic")
    with pytest.raises(ValueError, match=r"known are .*mnist_classic, mnist_fast"):
        models.build("!!!")
    with pytest.raises(ValueError, match="did you mean 'mnist_fast'"):
        models.model_card("mnistfast")
    with pytest.raises(
        ValueError, match="mnist_fast has no option 'depth'; it takes input_shape, classes, width, name"
    ):
        models.build("mnist_fast", depth=3)


def test_a_model_may_have_a_name_of_its_own():
    assert models.mnist_fast(name="own").name == "own"
    with pytest.raises(ValueError, match="name='a/b': give a text without /"):
        models.mnist_fast(name="a/b")


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="registered already"):
        _registry.register(title="", year=None, authors="", reference=None, idea="")(models.mnist_fast)


@pytest.mark.parametrize("name", models.list_models())
def test_every_network_has_a_card(name):
    card = models.model_card(name)
    assert card.name == name
    assert card.title
    assert card.idea
    assert card.authors
    assert (card.year is None) == (card.reference is None), (
        "year and reference: both, or neither for a network of the course"
    )


@pytest.mark.parametrize("name", [None, 3, ["vgg16"]])
def test_a_name_is_a_word(name):
    with pytest.raises(ValueError, match="no network is called"):
        models.build(name)


def test_true_is_not_one():
    with pytest.raises(ValueError, match="small=1: must be True or False"):
        models.resnet18((32, 32, 3), small=1)


@pytest.mark.parametrize("whole", [np.int64, np.uint8, np.int32])
def test_numbers_of_numpy_are_taken_and_become_plain(whole, tmp_path):
    small = models.build("mnist_fast", np.array([28, 28, 1]), whole(10), width=whole(4))
    assert small.output_shape == (None, 10)
    assert training.load(training.save(small, tmp_path / "small.keras")).count_params() == small.count_params()
    assert models.build("mnist_classic", [28, 28, 1], dropout=np.float32(0.25)).get_layer("dropout").rate == 0.25
    assert (
        models.build("shufflenet_v1", (32, 32, 3), include_top=np.False_, scale=np.float64(0.5)).output_shape[-1] > 10
    )


def test_classes_are_not_looked_at_without_a_top():
    assert models.build("resnet18", (32, 32, 3), None, include_top=False).output_shape == (None, 1, 1, 512)
    assert models.resnet18((32, 32, 3), 0, include_top=False).output_shape == (None, 1, 1, 512)
