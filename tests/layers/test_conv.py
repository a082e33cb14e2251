"""Cross-correlation against Keras, SciPy and its own seven loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from course_utils import layers


def random_case(rng, n=2, height=11, width=9, channels=4, kernel_size=(3, 2), filters=8, groups=1):
    x = rng.normal(size=(n, height, width, channels)).astype(np.float32)
    kernel = rng.normal(size=(*kernel_size, channels // groups, filters)).astype(np.float32)
    return x, kernel, rng.normal(size=filters).astype(np.float32)


KERAS_ALLOWS = [
    (padding, strides, dilation, groups)
    for padding, strides, dilation, groups in itertools.product(("valid", "same"), (1, 2, 3), (1, 2, 3), (1, 2, 4))
    if strides == 1 or dilation == 1
]


@pytest.mark.parametrize(("padding", "strides", "dilation", "groups"), KERAS_ALLOWS)
def test_equals_keras(padding, strides, dilation, groups):
    import keras

    x, kernel, bias = random_case(np.random.default_rng(0), groups=groups)
    layer = keras.layers.Conv2D(8, (3, 2), strides=strides, padding=padding, dilation_rate=dilation, groups=groups)
    layer.build(x.shape)
    layer.set_weights([kernel, bias])
    ours = layers.conv2d(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation, groups=groups)
    expected = np.asarray(layer(x))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def window_fits(size, kernel_size, dilation, padding):
    """Whether the dilated window fits into the padded picture at least once."""
    added = {"valid": (0, 0), "same": (99, 99), 0: (0, 0), 1: (2, 2), 2: (4, 4)}
    added = added[padding] if not isinstance(padding, tuple) else tuple(map(sum, padding))
    return all(n + p >= d * (k - 1) + 1 for n, p, k, d in zip(size, added, kernel_size, dilation, strict=True))


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    kernel_size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.sampled_from(["valid", "same", 0, 1, 2, ((1, 0), (0, 2))]),
    groups=st.integers(1, 3),
    depth=st.integers(1, 2),
    seed=st.integers(0, 99),
)
def test_fast_equals_naive_exactly_on_integers(size, kernel_size, strides, dilation, padding, groups, depth, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(-9, 10, size=(2, *size, groups * depth))
    kernel = rng.integers(-9, 10, size=(*kernel_size, depth, 2 * groups))
    options = {"strides": strides, "dilation_rate": dilation, "padding": padding, "groups": groups}
    if not window_fits(size, kernel_size, dilation, padding):
        for convolve in (layers.conv2d, layers.conv2d_naive):
            with pytest.raises(ValueError, match="does not fit"):
                convolve(x, kernel, **options)
        return
    result, expected = layers.conv2d(x, kernel, **options), layers.conv2d_naive(x, kernel, **options)
    assert result.dtype == np.int64
    np.testing.assert_array_equal(result, expected)


def test_equals_scipy_correlation_and_flipped_kernel_its_convolution():
    rng = np.random.default_rng(1)
    image, kernel = rng.normal(size=(8, 7)), rng.normal(size=(3, 2))
    x = image[None, :, :, None]
    np.testing.assert_allclose(
        layers.conv2d(x, kernel[..., None, None])[0, :, :, 0], signal.correlate2d(image, kernel, "valid"), atol=1e-12
    )
    np.testing.assert_allclose(
        layers.conv2d(x, kernel[::-1, ::-1, None, None])[0, :, :, 0],
        signal.convolve2d(image, kernel, "valid"),
        atol=1e-12,
    )


def test_unsigned_bytes_do_not_wrap_around():
    x = np.full((1, 3, 3, 1), 255, np.uint8)
    assert layers.conv2d(x, np.ones((3, 3, 1, 1), np.uint8)).item() == 9 * 255
    assert layers.conv2d(x, -np.ones((3, 3, 1, 1), np.int8)).item() == -9 * 255


def test_input_is_left_alone():
    x, kernel, bias = random_case(np.random.default_rng(2))
    copies = x.copy(), kernel.copy(), bias.copy()
    layers.conv2d(x, kernel, bias, padding="same")
    for array, copy in zip((x, kernel, bias), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_no_pictures_give_no_maps():
    assert layers.conv2d(np.zeros((0, 5, 5, 1)), np.ones((3, 3, 1, 2))).shape == (0, 3, 3, 2)


@pytest.mark.parametrize("convolve", [layers.conv2d, layers.conv2d_naive])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((5, 5, 1))}, r"x has shape \(5, 5, 1\); expected four axes"),
        ({"kernel": np.zeros((3, 3, 2))}, r"kernel has shape \(3, 3, 2\); expected"),
        ({"kernel": np.zeros((3, 3, 2, 4))}, "each filter sees 2 channels.* needs 4"),
        ({"bias": np.zeros(5)}, r"bias has shape \(5,\); expected \(4,\)"),
        ({"groups": 3}, "groups=3: must be at least 1 and divide 4 channels and 4 filters"),
        ({"groups": 0}, "groups=0"),
        ({"groups": 1.5}, "groups=1.5: must be a whole number"),
        ({"strides": 0}, "strides=0: give one whole number or two"),
        ({"strides": (1, 2, 3)}, "strides="),
        ({"strides": 1.5}, "strides=1.5"),
        ({"dilation_rate": -1}, "dilation_rate=-1"),
        ({"padding": "full"}, "padding='full': 'valid', 'same'"),
        ({"padding": -1}, "padding=-1"),
        ({"padding": ((1, 1), (1, 1), (0, 0))}, "padding="),
        ({"x": np.zeros((1, 2, 5, 4))}, "a window of 3 .* does not fit into 2"),
        ({"x": np.array([[[["a"] * 4] * 5] * 5])}, "x has dtype <U1; expected real numbers"),
        ({"x": np.zeros((1, 5, 5, 4), complex)}, "x has dtype complex128"),
    ],
)
def test_errors_say_what_is_accepted(convolve, change, message):
    arguments = {"x": np.zeros((1, 5, 5, 4)), "kernel": np.zeros((3, 3, 4, 4))} | change
    with pytest.raises(ValueError, match=message):
        convolve(arguments.pop("x"), arguments.pop("kernel"), arguments.pop("bias", None), **arguments)
