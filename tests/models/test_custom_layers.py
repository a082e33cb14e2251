"""Layers of old networks that Keras does not have."""

import keras
import numpy as np
import pytest

from course_utils import training
from course_utils.layers import conv2d
from course_utils.models import custom_layers as custom


def save_and_load(model, tmp_path):
    return training.load(training.save(model, tmp_path / "model.keras"))


def lrn(x, k, n, alpha, beta):
    """The formula of the AlexNet paper, map by map."""
    y = np.empty_like(x)
    maps = x.shape[-1]
    for i in range(maps):
        window = range(max(0, i - n // 2), min(maps - 1, i + n // 2) + 1)
        y[..., i] = x[..., i] / (k + alpha * sum(x[..., j] ** 2 for j in window)) ** beta
    return y


@pytest.mark.parametrize(
    ("k", "n", "alpha", "beta", "maps"), [(2, 5, 0.3, 0.75, 9), (1, 3, 2.0, 0.5, 4), (1, 5, 1, 1, 2)]
)
def test_local_response_normalization(k, n, alpha, beta, maps):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, maps)).astype("float32")
    layer = custom.LocalResponseNormalization(k=k, n=n, alpha=alpha, beta=beta)
    np.testing.assert_allclose(layer(x), lrn(x, k, n, alpha, beta), rtol=1e-5)
    divided = custom.LocalResponseNormalization(k=k, n=n, alpha=alpha, beta=beta, divide_alpha=True)
    np.testing.assert_allclose(divided(x), lrn(x, k, n, alpha / n, beta), rtol=1e-5)
    assert layer.count_params() == 0


def test_local_response_normalization_defaults_are_alexnets():
    x = np.random.default_rng(0).uniform(0, 300, size=(1, 2, 2, 7)).astype("float32")
    np.testing.assert_allclose(custom.LocalResponseNormalization()(x), lrn(x, 2, 5, 1e-4, 0.75), rtol=1e-5)


def test_local_response_normalization_in_half_precision_does_not_overflow():
    layer = custom.LocalResponseNormalization(dtype="mixed_float16")
    x = np.full((1, 1, 1, 3), 1000, "float16")
    y = keras.ops.convert_to_numpy(layer(x))
    assert y.dtype == "float16"
    np.testing.assert_allclose(y, lrn(x.astype("float64"), 2, 5, 1e-4, 0.75), rtol=1e-3)


def test_trainable_subsampling():
    layer = custom.TrainableSubsampling2D(2)
    x = np.random.default_rng(0).normal(size=(3, 5, 6, 4)).astype("float32")
    np.testing.assert_allclose(layer(x)[0, 0, 0], x[0, :2, :2].mean((0, 1)), rtol=1e-5)  # starts as a mean
    coefficient, bias = np.array([1, 2, -1, 0.5]), np.array([0, 1, 2, 3])
    layer.set_weights([coefficient, bias])
    sums = x[:, :4].reshape(3, 2, 2, 3, 2, 4).sum((2, 4))
    np.testing.assert_allclose(layer(x), coefficient * sums + bias, rtol=1e-5, atol=1e-6)
    assert layer.count_params() == 2 * 4


def test_table_convolution_equals_a_full_one_with_zeros():
    rng = np.random.default_rng(0)
    layer = custom.TableConv2D(custom.C3_TABLE, 5)
    x = rng.normal(size=(2, 9, 8, 6)).astype("float32")
    layer(x)
    connections, bias = rng.normal(size=(60, 5, 5)), rng.normal(size=16)
    layer.set_weights([connections, bias])
    kernel, pairs = np.zeros((5, 5, 6, 16)), [(i, o) for o, row in enumerate(custom.C3_TABLE) for i in row]
    for (source, target), window in zip(pairs, connections, strict=True):
        kernel[:, :, source, target] = window
    np.testing.assert_allclose(layer(x), conv2d(x, kernel, bias), rtol=1e-4, atol=1e-4)
    assert layer.count_params() == 1516


def test_c3_table_is_the_papers():
    sees = np.zeros((6, 16), bool)
    for target, row in enumerate(custom.C3_TABLE):
        sees[list(row), target] = True
    paper = """X...XXX..XXXX.XX
               XX...XXX..XXXX.X
               XXX...XXX..X.XXX
               .XXX..XXXX..X.XX
               ..XXX..XXXX.XX.X
               ...XXX..XXXX.XXX"""
    assert [["X" if mark else "." for mark in row] for row in sees] == [list(row.strip()) for row in paper.split("\n")]


def test_table_convolution_starts_within_the_papers_bounds():
    layer = custom.TableConv2D([(0,), (0, 1, 2, 3)], 5)
    layer.build((None, 9, 9, 4))
    largest = np.abs(layer.get_weights()[0]).max((1, 2))
    assert 0.7 * 2.4 / 25 < largest[0] <= 2.4 / 25
    assert 0.7 * 2.4 / 100 < largest[1:].max() <= 2.4 / 100


def test_penalties_are_squared_distances_to_the_digits():
    layer = custom.RadialBasisDigits(7)
    x = np.random.default_rng(0).normal(size=(3, 84)).astype("float32")
    digits = custom.digit_bitmaps().reshape(10, 84)[:7]
    np.testing.assert_allclose(layer(x), [[((row - digit) ** 2).sum() for digit in digits] for row in x], rtol=1e-5)
    np.testing.assert_array_equal(np.argmin(layer(digits), axis=1), np.arange(7))
    assert not layer.trainable_weights
    assert layer.count_params() == 7 * 84


def test_digit_bitmaps_are_binary_and_far_from_each_other():
    digits = custom.digit_bitmaps()
    assert digits.shape == (10, 12, 7)
    assert set(np.unique(digits)) == {-1, 1}
    differing = (digits.reshape(10, 1, 84) != digits.reshape(1, 10, 84)).sum(-1)
    assert differing[~np.eye(10, dtype=bool)].min() >= 6
    assert "".join(".#"[int(mark > 0)] for mark in digits[7, 0]) == "#######"


def test_squashing_function_keeps_plus_and_minus_one():
    np.testing.assert_allclose(custom.scaled_tanh(np.array([-1.0, 0, 1])), [-1, 0, 1], atol=1e-4)
    np.testing.assert_allclose(custom.scaled_tanh(np.array([100.0])), 1.7159)


@pytest.mark.parametrize("shape", [(7, 7), (8, 8), (7, 8), (8, 5), (2, 2), (3, 2)])
@pytest.mark.parametrize("reduce", [np.max, np.mean])
def test_pools_that_round_up(shape, reduce):
    inputs = keras.Input((*shape, 2))
    if reduce is np.max:
        pooled = custom.max_pool_rounding_up(inputs, name="pool")
    else:
        pooled = custom.RoundingUpAveragePooling2D(name="pool")(inputs)
    model = keras.Model(inputs, pooled)
    x = np.random.default_rng(0).normal(size=(2, *shape, 2)).astype("float32")
    rows, columns = (range(0, size - 1, 2) for size in shape)
    expected = [[reduce(x[:, i : i + 3, j : j + 3], axis=(1, 2)) for j in columns] for i in rows]
    np.testing.assert_allclose(model(x), np.transpose(expected, (2, 0, 1, 3)), rtol=1e-5, atol=1e-6)
    assert model.output_shape == (None, shape[0] // 2, shape[1] // 2, 2)
    assert model.layers[-1].name == "pool"


def test_every_layer_saves_reloads_and_knows_its_shape(tmp_path):
    inputs = keras.Input((26, 25, 3))
    x = custom.RoundingUpAveragePooling2D(name="average")(inputs)
    x = custom.LocalResponseNormalization(k=1.5, n=3, alpha=0.2, beta=0.6, divide_alpha=True, name="lrn")(x)
    x = keras.layers.Activation(custom.scaled_tanh)(x)
    x = custom.TableConv2D([(0,), (1, 2), (0, 1, 2)], 3, name="table")(x)
    x = custom.TrainableSubsampling2D(2, name="subsampling")(x)
    x = keras.layers.Dense(84)(keras.layers.Flatten()(x))
    model = keras.Model(inputs, custom.RadialBasisDigits(4, name="rbf")(x))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    again = save_and_load(model, tmp_path)
    pictures = rng.normal(size=(2, 26, 25, 3)).astype("float32")
    np.testing.assert_array_equal(model.predict(pictures, verbose=0), again.predict(pictures, verbose=0))
    for layer, twin in zip(model.layers, again.layers, strict=True):
        assert layer.get_config() == twin.get_config()
    for layer in (model.get_layer(name) for name in ("average", "lrn", "table", "subsampling", "rbf")):
        assert layer.compute_output_shape(layer.input.shape) == layer.output.shape
        assert layer.compute_output_shape((None, *layer.input.shape[1:])) == layer.output.shape
    assert again.get_layer("table").table == ((0,), (1, 2), (0, 1, 2))


def test_every_layer_accepts_pictures_of_unknown_size():
    inputs = keras.Input((None, None, 6))
    x = custom.LocalResponseNormalization()(inputs)
    x = custom.TrainableSubsampling2D(2)(custom.TableConv2D(custom.C3_TABLE, 5)(x))
    x = custom.RoundingUpAveragePooling2D()(x)
    assert x.shape == (None, None, None, 16)
    assert keras.Model(inputs, x)(np.zeros((1, 14, 12, 6))).shape == (1, 2, 2, 16)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: custom.LocalResponseNormalization(n=4), "n=4: an odd whole number"),
        (lambda: custom.LocalResponseNormalization(k=0), "k=0: a finite number, greater than 0"),
        (lambda: custom.TrainableSubsampling2D(0), "pool_size=0: a whole number"),
        (lambda: custom.TableConv2D([(0, 0)], 3), "at least one input map, none twice"),
        (lambda: custom.TableConv2D([()], 3), r"table\[0\] has 0 entries"),
        (lambda: custom.TableConv2D([(0,)], 1.5), "kernel_size=1.5"),
        (lambda: custom.TableConv2D([(0, 6)], 3).build((None, 5, 5, 6)), "names map 6; there are maps 0 to 5"),
        (lambda: custom.RadialBasisDigits(11), "classes=11: a whole number from 1 to 10"),
        (lambda: custom.RadialBasisDigits(10).build((None, 10)), "expected 84 entries"),
        (lambda: custom.TrainableSubsampling2D(5)(keras.Input((3, 3, 1))), "expected at least 5 rows and 5 columns"),
        (lambda: custom.TableConv2D([[0]], 9)(keras.Input((9, 8, 1))), "expected at least 9 rows"),
        (lambda: custom.RoundingUpAveragePooling2D()(keras.Input((None, 1, 1))), "expected at least 2 rows"),
        (
            lambda: custom.max_pool_rounding_up(keras.Input((None, 8, 1)), name="pool"),
            r"x has shape \(None, None, 8, 1\); its rows and columns have to be known",
        ),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
