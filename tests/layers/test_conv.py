"""Convolutions, forward and backward, against Keras, SciPy, central differences and their own loops."""

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
        ({"x": np.zeros((5, 5, 1))}, r"x has shape \(5, 5, 1\); expected \(N, H, W, C\)"),
        ({"kernel": np.zeros((3, 3, 2))}, r"kernel has shape \(3, 3, 2\); expected"),
        ({"kernel": np.zeros((3, 3, 2, 4))}, "each filter sees 2 channels.* needs 4"),
        ({"bias": np.zeros(5)}, r"bias has shape \(5,\); expected \(4,\)"),
        ({"groups": 3}, "groups=3: must divide 4 channels and 4 filters"),
        ({"groups": 0}, "groups=0"),
        ({"groups": 1.5}, "groups=1.5: a whole number, at least 1"),
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


sizes = st.tuples(st.integers(3, 7), st.integers(3, 7))
windows = st.tuples(st.integers(1, 3), st.integers(1, 3))
# Keras takes either a stride or a dilation.
steps = st.one_of(st.tuples(st.integers(1, 3), st.just(1)), st.tuples(st.just(1), st.integers(1, 2)), st.just((1, 1)))


@settings(max_examples=40, deadline=None)
@given(
    size=sizes,
    kernel_size=windows,
    steps=steps,
    padding=st.sampled_from(["valid", "same"]),
    groups=st.integers(1, 3),
    depth=st.integers(1, 3),
    use_bias=st.booleans(),
    seed=st.integers(0, 99),
)
def test_gradients_equal_tensorflow(equals_keras, size, kernel_size, steps, padding, groups, depth, use_bias, seed):
    import keras

    strides, dilation = steps
    if padding == "valid" and not window_fits(size, kernel_size, (dilation, dilation), padding):
        return
    rng = np.random.default_rng(seed)
    filters = 2 * groups
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation, "groups": groups}
    layer = keras.layers.Conv2D(filters, kernel_size, use_bias=use_bias, **options)
    weights = [rng.normal(size=(*kernel_size, depth, filters))] + [rng.normal(size=filters)] * use_bias
    equals_keras(
        layer,
        lambda *arrays: layers.conv2d_forward(*arrays, **options),
        layers.conv2d_backward,
        rng.normal(size=(2, *size, groups * depth)),
        weights,
    )


@settings(max_examples=15, deadline=None)
@given(
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.sampled_from(["valid", "same", 1, ((1, 0), (0, 2))]),
    groups=st.integers(1, 2),
    seed=st.integers(0, 99),
)
def test_gradients_pass_differences(passes_differences, strides, dilation, padding, groups, seed):
    rng = np.random.default_rng(seed)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation, "groups": groups}
    passes_differences(
        lambda *arrays: layers.conv2d_forward(*arrays, **options),
        layers.conv2d_backward,
        x=rng.normal(size=(2, 6, 5, 2)),
        kernel=rng.normal(size=(3, 2, 2 // groups, 4)),
        bias=rng.normal(size=4),
    )


def test_gradient_of_the_picture_is_a_full_convolution_with_flipped_kernels():
    rng = np.random.default_rng(3)
    x, kernel, dy = rng.normal(size=(1, 6, 7, 1)), rng.normal(size=(3, 2, 1, 1)), rng.normal(size=(1, 4, 6, 1))
    dx = layers.conv2d_backward(dy, layers.conv2d_forward(x, kernel)[1])[0]
    np.testing.assert_allclose(
        dx[0, :, :, 0], signal.convolve2d(dy[0, :, :, 0], kernel[:, :, 0, 0], "full"), atol=1e-12
    )


@settings(max_examples=30, deadline=None)
@given(
    size=sizes,
    kernel_size=windows,
    strides=st.integers(1, 3),
    dilation=st.integers(1, 2),
    padding=st.sampled_from(["valid", "same"]),
    channels=st.integers(1, 3),
    multiplier=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_depthwise_equals_keras(
    equals_keras, size, kernel_size, strides, dilation, padding, channels, multiplier, seed
):
    import keras

    dilation = 1 if strides > 1 else dilation
    if padding == "valid" and not window_fits(size, kernel_size, (dilation, dilation), padding):
        return
    rng = np.random.default_rng(seed)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    layer = keras.layers.DepthwiseConv2D(kernel_size, depth_multiplier=multiplier, **options)
    equals_keras(
        layer,
        lambda *arrays: layers.depthwise_conv2d_forward(*arrays, **options),
        layers.depthwise_conv2d_backward,
        rng.normal(size=(2, *size, channels)),
        [rng.normal(size=(*kernel_size, channels, multiplier)), rng.normal(size=channels * multiplier)],
    )


@pytest.mark.parametrize("options", [{}, {"strides": 2, "padding": "same"}, {"strides": (2, 1), "dilation_rate": 2}])
def test_depthwise_passes_differences_and_its_plain_form_is_y(passes_differences, options):
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=(2, 5, 6, 3)), "kernel": rng.normal(size=(2, 3, 3, 2)), "bias": rng.normal(size=6)}
    passes_differences(
        lambda *values: layers.depthwise_conv2d_forward(*values, **options), layers.depthwise_conv2d_backward, **arrays
    )
    np.testing.assert_array_equal(
        layers.depthwise_conv2d(*arrays.values(), **options),
        layers.depthwise_conv2d_forward(*arrays.values(), **options)[0],
    )


def test_depthwise_keeps_integers_exact():
    rng = np.random.default_rng(0)
    x, kernel = rng.integers(-9, 10, size=(1, 4, 4, 2)), rng.integers(-9, 10, size=(3, 3, 2, 1))
    y = layers.depthwise_conv2d(x, kernel)
    assert y.dtype == np.int64
    for channel in range(2):
        alone = layers.conv2d_naive(x[..., channel : channel + 1], kernel[:, :, channel : channel + 1])
        np.testing.assert_array_equal(y[..., channel : channel + 1], alone)


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    kernel_size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    strides=st.integers(1, 4),
    padding=st.sampled_from(["valid", "same"]),
    channels=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_transposed_equals_keras(equals_keras, size, kernel_size, strides, padding, channels, seed):
    import keras

    rng = np.random.default_rng(seed)
    options = {"strides": strides, "padding": padding}
    layer = keras.layers.Conv2DTranspose(2, kernel_size, **options)
    equals_keras(
        layer,
        lambda *arrays: layers.conv2d_transpose_forward(*arrays, **options),
        layers.conv2d_transpose_backward,
        rng.normal(size=(2, *size, channels)),
        [rng.normal(size=(*kernel_size, 2, channels)), rng.normal(size=2)],
    )


@pytest.mark.parametrize("dilation", [2, (1, 3)])
@pytest.mark.parametrize("padding", ["valid", 1])
def test_transposed_with_dilation_is_a_kernel_with_holes(dilation, padding):
    """TensorFlow dilates a transposed convolution on some processors only."""
    rng, (down, right) = np.random.default_rng(0), np.broadcast_to(dilation, 2)
    x, kernel = rng.normal(size=(2, 4, 3, 2)), rng.normal(size=(3, 2, 4, 2))
    spread = np.zeros((2 * down + 1, right + 1, 4, 2))
    spread[::down, ::right] = kernel
    for strides in (1, 2):
        options = {"strides": strides, "padding": padding}
        y = layers.conv2d_transpose(x, kernel, dilation_rate=dilation, **options)
        np.testing.assert_allclose(y, layers.conv2d_transpose(x, spread, **options))


@settings(max_examples=15, deadline=None)
@given(
    strides=st.tuples(st.integers(1, 4), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.sampled_from(["valid", "same", 1, ((1, 0), (0, 1))]),
    seed=st.integers(0, 99),
)
def test_transposed_passes_differences(passes_differences, strides, dilation, padding, seed):
    rng = np.random.default_rng(seed)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    arrays = {"x": rng.normal(size=(2, 3, 2, 3)), "kernel": rng.normal(size=(3, 3, 2, 3)), "bias": rng.normal(size=2)}
    passes_differences(
        lambda *values: layers.conv2d_transpose_forward(*values, **options), layers.conv2d_transpose_backward, **arrays
    )
    np.testing.assert_array_equal(
        layers.conv2d_transpose(*arrays.values(), **options),
        layers.conv2d_transpose_forward(*arrays.values(), **options)[0],
    )


@given(
    strides=st.integers(1, 4),
    kernel_size=st.integers(1, 4),
    dilation=st.integers(1, 3),
    seed=st.integers(0, 99),
)
@settings(max_examples=30, deadline=None)
def test_transposed_stamps_kernels(strides, kernel_size, dilation, seed):
    rng = np.random.default_rng(seed)
    x, kernel = rng.integers(-9, 10, size=(2, 3, 4, 2)), rng.integers(-9, 10, size=(kernel_size, kernel_size, 3, 2))
    y = layers.conv2d_transpose(x, kernel, strides=strides, dilation_rate=dilation)
    assert y.dtype == np.int64
    expected = np.zeros_like(y)
    for n, i, j, c in np.ndindex(x.shape):
        for u, v, o in np.ndindex(kernel.shape[:3]):
            expected[n, i * strides + u * dilation, j * strides + v * dilation, o] += x[n, i, j, c] * kernel[u, v, o, c]
    np.testing.assert_array_equal(y, expected)


def test_transposed_is_the_transpose_of_convolution():
    """⟨conv(a), b⟩ = ⟨a, conv_transpose(b)⟩ for the same kernel: what "transposed" means."""
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(3, 3, 2, 4))
    options = {"strides": 2, "padding": 1}
    a, b = rng.normal(size=(1, 7, 9, 2)), rng.normal(size=(1, 4, 5, 4))
    left = (layers.conv2d(a, kernel, **options) * b).sum()
    assert left == pytest.approx((a * layers.conv2d_transpose(b, kernel, **options)).sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("function", "change", "message"),
    [
        ("depthwise_conv2d", {"x": np.zeros((5, 5, 1))}, r"expected \(N, H, W, C\)"),
        ("depthwise_conv2d", {"kernel": np.zeros((3, 3, 2, 1))}, r"kernel has shape \(3, 3, 2, 1\); expected .* 4, "),
        ("depthwise_conv2d", {"bias": np.zeros(3)}, r"bias has shape \(3,\); expected \(16,\)"),
        ("conv2d_transpose", {"x": np.zeros((5, 5, 1))}, r"expected \(N, H, W, C\)"),
        ("conv2d_transpose", {"kernel": np.zeros((3, 3, 4, 2))}, "kernel has shape .* expected .* filters, 4"),
        ("conv2d_transpose", {"bias": np.zeros(3)}, "one number a filter"),
        ("conv2d_transpose", {"strides": 0}, "strides=0"),
        ("conv2d_transpose", {"padding": "full"}, "padding='full'"),
        ("conv2d_transpose", {"padding": 4}, "padding=4 cuts everything off: -1 rows"),
    ],
)
def test_errors_of_relatives(function, change, message):
    arguments = {"x": np.zeros((1, 5, 5, 4)), "kernel": np.zeros((3, 3, 4, 4))} | change
    with pytest.raises(ValueError, match=message):
        getattr(layers, function)(arguments.pop("x"), arguments.pop("kernel"), arguments.pop("bias", None), **arguments)


def test_a_gradient_of_another_shape_is_refused():
    _, cache = layers.conv2d_forward(np.zeros((1, 5, 5, 1)), np.zeros((3, 3, 1, 2)))
    with pytest.raises(ValueError, match=r"dy has shape \(1, 3, 3, 1\); expected \(1, 3, 3, 2\), the shape of y"):
        layers.conv2d_backward(np.zeros((1, 3, 3, 1)), cache)
