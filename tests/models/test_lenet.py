"""LeNet-5, as read today and as published."""

import numpy as np
import pytest
from oracles import pictures

from course_utils import training
from course_utils.layers import average_pool, conv2d
from course_utils.models import lenet


def randomised(model):
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(scale=0.2, size=weight.shape))
    return model, {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def sizes(model):
    return {layer.name: layer.count_params() for layer in model.layers if layer.count_params()}


def test_parameters_layer_by_layer():
    model = lenet.lenet5()
    assert sizes(model) == {"c1": 156, "c3": 2416, "c5": 48_120, "f6": 10_164, "logits": 850}
    assert model.count_params() == 61_706
    model = lenet.lenet5_1998()
    assert sizes(model) == {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164, "penalties": 840}
    assert sum(np.prod(weight.shape) for weight in model.trainable_weights) == 60_000
    assert sum(np.prod(weight.shape) for weight in model.non_trainable_weights) == 840


def test_connections_of_the_paper():
    model = lenet.lenet5_1998()
    connections = 0
    for layer in (model.get_layer(name) for name in ("c1", "s2", "c3", "s4", "c5", "f6", "penalties")):
        _, *places, maps = layer.output.shape
        inputs = {"s2": 4 + 1, "s4": 4 + 1}.get(layer.name, layer.count_params() / maps)
        connections += np.prod(places, dtype=int) * maps * inputs
    assert connections == 340_908


@pytest.mark.parametrize("small", [False, True])
def test_modern_reading_computes_what_it_says(small):
    model, weights = randomised(lenet.lenet5((30, 28, 2) if small else (34, 32, 2), classes=4, small=small))
    x = images = pictures(3, *model.input_shape[1:])
    x = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0))) if small else x
    x = average_pool(np.tanh(conv2d(x, *weights["c1"])))
    x = average_pool(np.tanh(conv2d(x, *weights["c3"])))
    x = np.tanh(conv2d(x, *weights["c5"])).reshape(3, -1)
    kernel, bias = weights["f6"]
    x = np.tanh(x @ kernel + bias)
    kernel, bias = weights["logits"]
    np.testing.assert_allclose(model(images), x @ kernel + bias, rtol=1e-4, atol=1e-5)


def test_published_network_computes_what_it_says():
    from course_utils.models.custom_layers import C3_TABLE, digit_bitmaps

    model, weights = randomised(lenet.lenet5_1998())
    images = pictures(3, 32, 32, 1)

    def squash(a):
        return 1.7159 * np.tanh(2 / 3 * a)

    def subsample(x, name):
        coefficient, bias = weights[name]
        return squash(4 * average_pool(x) * coefficient + bias)

    x = subsample(squash(conv2d(images, *weights["c1"])), "s2")
    connections, bias = weights["c3"]
    maps, first = [], 0
    for row, b in zip(C3_TABLE, bias, strict=True):
        kernel = connections[first : first + len(row)].transpose(1, 2, 0)[..., None]
        maps.append(conv2d(x[..., list(row)], kernel) + b)
        first += len(row)
    x = subsample(squash(np.concatenate(maps, axis=-1)), "s4")
    x = squash(conv2d(x, *weights["c5"])).reshape(3, 120)
    kernel, bias = weights["f6"]
    x = squash(x @ kernel + bias)
    penalties = ((x[:, None] - digit_bitmaps().reshape(10, 84)) ** 2).sum(-1)
    np.testing.assert_allclose(model(images), penalties, rtol=1e-4)


def test_published_network_starts_within_the_papers_bounds():
    model = lenet.lenet5_1998()
    for name, fan_in in {"c1": 25, "c5": 400, "f6": 120}.items():
        kernel, bias = model.get_layer(name).get_weights()
        assert 0.9 * 2.4 / fan_in < np.abs(kernel).max() <= 2.4 / fan_in
        assert not bias.any()


@pytest.mark.parametrize("builder", [lenet.lenet5, lenet.lenet5_1998])
def test_sizes_channels_and_no_top(builder):
    assert builder((32, 32, 3), 5).output_shape == (None, 5)
    assert builder((28, 28, 1), small=True).output_shape == (None, 10)
    assert builder(classes="ignored", include_top=False).output_shape == (None, 1, 1, 120)
    assert builder((40, 36, 1), include_top=False).output_shape == (None, 3, 2, 120)
    assert builder(name="reader").name == "reader"


def test_published_network_learns_saves_and_reloads(tmp_path):
    import keras

    training.set_seed(0)
    model = lenet.lenet5_1998(classes=3)
    x, y = pictures(12, 32, 32, 1), np.arange(12) % 3
    logits = keras.Model(model.input, -model.output)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    logits.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    before = logits.evaluate(x, y, verbose=0)
    logits.fit(x, y, epochs=10, verbose=0)
    assert logits.evaluate(x, y, verbose=0) < before
    again = training.load(training.save(model, tmp_path / "model.keras"))
    np.testing.assert_array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))


@pytest.mark.parametrize("builder", [lenet.lenet5, lenet.lenet5_1998])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (31, 32, 1)}, r"input_shape=\(31, 32, 1\): .* at least 32 rows"),
        ({"input_shape": (28, 27, 1), "small": True}, "at least 28 rows"),
        ({"small": "yes"}, "small='yes': must be True or False"),
        ({"classes": 1}, "classes=1"),
        ({"include_top": 1}, "include_top=1"),
    ],
)
def test_bad_arguments(builder, options, message):
    with pytest.raises(ValueError, match=message):
        builder(**options)


def test_published_network_has_ten_digits_only():
    with pytest.raises(ValueError, match="classes=11: the output compares with pictures of the digits 0 to 9"):
        lenet.lenet5_1998(classes=11)
    assert lenet.lenet5(classes=11).output_shape == (None, 11)


def test_anatomy_of_the_layers_that_keras_does_not_have():
    from course_utils import anatomy, models

    totals = anatomy.totals(models.build("lenet5_1998"))
    # C1 28²·25·6, C3 10²·25·60, C5 25·16·120, F6 120·84, output 84·10; C5 sees the whole picture.
    assert totals.multiply_adds == 28**2 * 150 + 10**2 * 1500 + 48_000 + 10_080 + 840
    assert not totals.not_counted
    assert totals.receptive_field.size == (32, 32)
    drawn = [text.get_text() for text in anatomy.diagram(models.build("lenet5_1998")).texts]
    assert drawn.count("trainable subsampling") == 2
