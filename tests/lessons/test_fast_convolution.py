"""Exercises of the lesson on fast convolution: the right answers computed in another way."""

import numpy as np
import pytest

from course_utils import datasets, layers
from course_utils.lessons.fast_convolution import checks


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def windows_as_rows(x, k, d, *, reach=None):
    reach = reach or d * (k - 1) + 1
    places = [(i, j) for i in range(x.shape[0] - reach + 1) for j in range(x.shape[1] - reach + 1)]
    return np.array([x[i : i + d * k : d, j : j + d * k : d].ravel() for i, j in places])


def basis_pictures(w, n, s):
    """The matrix of a one-dimensional convolution from what it makes of each basis picture."""
    return layers.conv2d(np.eye(n)[:, None, :, None], w[None, :, None, None], strides=(1, s))[:, 0, :, 0].T


def stamped(rows, kernel_size):
    ones = np.ones((1, rows, 1, 1)), np.ones((kernel_size, 1, 1, 1))
    return layers.conv2d_transpose(*ones, strides=(2, 1)).shape[1]


def test_matrix_has_a_row_for_each_output_and_a_column_for_each_weight():
    picture, kernel = np.zeros((1, 28, 28, 16)), np.zeros((5, 5, 16, 1))
    outputs = layers.conv2d(picture, kernel, strides=2, padding="same").size
    assert right(checks.im2col_shape.evaluate(64 * outputs, kernel.size))
    valid = layers.conv2d(picture, kernel, strides=2).size
    assert "that is padding valid" in told(checks.im2col_shape, 64 * valid, kernel.size)


def test_dilated_rows_by_loops():
    assert right(checks.dilated_rows.evaluate(windows_as_rows))
    assert "stopped with ValueError" in told(checks.dilated_rows, lambda x, k, d: windows_as_rows(x, k, d, reach=k))


def test_rows_are_those_a_dilated_layer_multiplies():
    x, w, d = np.random.default_rng(1).normal(size=(7, 8)), np.random.default_rng(2).normal(size=(3, 3)), 2
    layer = layers.conv2d(x[None, :, :, None], w[:, :, None, None], dilation_rate=d)[0, :, :, 0]
    (field,) = checks.dilated_rows.fields
    np.testing.assert_allclose(field.reference(x, 3, d) @ w.ravel(), layer.ravel())


def test_grouped_cost_is_that_of_a_keras_layer():
    import keras

    layer = keras.layers.Conv2D(128, 3, groups=4, use_bias=False)
    layer.build((None, 16, 16, 64))
    assert right(checks.grouped_cost.evaluate(layer.count_params(), layer.count_params() * 14 * 14))


def test_stamping_is_a_transposed_layer():
    assert right(checks.transposed_size.evaluate(stamped(7, 3), (stamped(7, 4) - 14) // 2))


def test_matrix_from_basis_pictures():
    assert right(checks.convolution_matrix.evaluate(basis_pictures))
    one_more = lambda w, n, s: np.pad(basis_pictures(w, n, s), ((0, int(n == 8)), (0, 0)))  # noqa: E731
    assert "round down" in told(checks.convolution_matrix, one_more)


def test_filter_bank_is_judged_by_what_keras_and_scikit_learn_compute():
    import keras
    from sklearn.linear_model import Ridge

    digits = datasets.load_mnist(validation=10_000)
    (field,) = checks.filter_bank.fields
    bank = field.example()
    bank = (bank / np.abs(bank).max(axis=(0, 1, 2))).astype("float32")

    def rows(pictures):
        maps = keras.ops.max_pool(keras.ops.relu(keras.ops.conv(pictures.astype("float32") / 255, bank)), 4)
        return np.asarray(maps).reshape(len(pictures), -1)

    train, val = rows(digits.x_train[:3000]), rows(digits.x_val[:2000])
    rule = Ridge(alpha=3.0).fit(train / train.std(), np.eye(10)[digits.y_train[:3000]])
    read = rule.predict(val / val.std()).argmax(axis=1) == digits.y_val[:2000]
    assert checks.bank_score(bank) == pytest.approx(100 * read.mean(), abs=0.3)
    assert checks.bank_score(bank) > checks.BANK_SCORE + 0.2


@pytest.mark.parametrize("seed", range(5))
def test_random_banks_do_not_pass(seed):
    random = np.random.default_rng(seed)
    for bank in (random.uniform(-1, 1, checks.BANK), random.normal(size=checks.BANK)):
        assert 91 < checks.bank_score(bank) < 93.9


def test_filters_of_any_scale_are_judged_alike():
    (field,) = checks.filter_bank.fields
    assert right(checks.filter_bank.evaluate(field.example() * np.arange(1, 9) * 1e-3))


@pytest.mark.parametrize("shape", [lambda d: np.exp(-(d**2)) - np.exp(-(d**2)).mean(), lambda d: np.tanh(2 * d)])
def test_one_kind_of_filter_alone_does_not_pass(shape):
    across, down = np.meshgrid(np.arange(5) - 2.0, np.arange(5) - 2.0)
    bank = [shape(down * np.cos(angle) + across * np.sin(angle)) for angle in np.pi / 8 * np.arange(8)]
    assert not right(checks.filter_bank.evaluate(np.stack(bank, axis=-1)[:, :, None, :]))


@pytest.mark.parametrize(
    "bank", [7, None, np.ones((3, 3, 1, 8)), np.full(checks.BANK, np.nan), np.ones(checks.BANK, complex)]
)
def test_only_a_bank_has_a_score(bank):
    with pytest.raises(ValueError, match=r"^bank"):
        checks.bank_score(bank)
