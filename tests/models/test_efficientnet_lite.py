"""EfficientNet-Lite0 against the weights that Google trained for it: their names, shapes and order."""

import json
import math
from pathlib import Path

import keras
import numpy as np
import pytest
import scripts
from oracles import blueprint

from course_utils import models
from course_utils.models.efficientnet_lite import efficientnet_lite0

# Names and shapes of all tensors in PyTorch's file, in its order.
TENSORS = json.loads((Path(__file__).parent / "efficientnet_lite0.json").read_text(encoding="utf-8"))


def test_every_tensor_of_the_trained_network_has_its_place_in_the_same_order():
    script = scripts.load("data_scripts/make_imagenet_network.py")
    tensors = {name: np.zeros(shape, np.float32) for name, shape in TENSORS.items()}
    weights, model = script.as_keras(tensors), blueprint(efficientnet_lite0)
    assert {key: array.shape for key, array in weights.items()} == {one.path: tuple(one.shape) for one in model.weights}
    in_file = dict.fromkeys(name.rpartition(".")[0] for name in TENSORS)
    named = script.names_of_layers()
    assert [named[layer] for layer in in_file] == [layer.name for layer in model.layers if layer.weights]
    counted = [math.prod(shape) for name, shape in TENSORS.items() if not name.endswith("num_batches_tracked")]
    assert sum(counted) == model.count_params() == 4_694_024
    with pytest.raises(ValueError, match=r"tensors without a place: extra\.weight"):
        script.as_keras({**tensors, "extra.weight": np.zeros(1)})


def test_it_is_efficientnet_b0_without_squeeze_and_excitation_and_with_relu6():
    lite, b0 = blueprint(efficientnet_lite0), blueprint(models.efficientnet_b0)
    kept = [layer for layer in b0.layers if "_se_" not in layer.name]
    assert [layer.name.replace("_swish", "_relu") for layer in kept[1:]] == [layer.name for layer in lite.layers[1:]]
    assert [layer.output.shape for layer in kept] == [layer.output.shape for layer in lite.layers]
    assert {layer.max_value for layer in lite.layers if isinstance(layer, keras.layers.ReLU)} == {6.0}
    for theirs, ours in zip(kept, lite.layers, strict=True):
        for option in ("strides", "kernel_size", "padding", "use_bias", "epsilon", "momentum", "rate", "noise_shape"):
            assert getattr(theirs, option, None) == getattr(ours, option, None), (ours.name, option)


def test_its_card_names_the_preprocessing():
    card = models.model_card("efficientnet_lite0")
    assert card.preprocessing in models.__all__
    assert getattr(models, card.preprocessing) is models.imagenet_input
    assert {figure.value for figure in card.published} == {75.1, 4.7, 407}
    assert models.model_card("efficientnet_b0").preprocessing is None


def test_pictures_of_any_size_and_options():
    assert blueprint(efficientnet_lite0, (96, 160, 3), include_top=False).output_shape == (None, 3, 5, 1280)
    plain = blueprint(efficientnet_lite0, (33, 33, 3), 7, dropout=0, drop_connect=0, name="own")
    assert plain.output_shape == (None, 7)
    assert plain.name == "own"
    assert not any("drop" in layer.name for layer in plain.layers)
    for options in ({"drop_connect": 1}, {"dropout": "much"}, {"classes": 1}, {"include_top": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(options))}="):
            efficientnet_lite0(**options)
