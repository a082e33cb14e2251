"""The figures' tensors against the NumPy layers of the course, on whole numbers exactly, and their messages."""

import itertools

import numpy as np
import pytest

from course_utils import layers

MODULE = "core.js"
PADDINGS = ("valid", "same", 0, 1, 2)


def cases(rng):
    """Pictures that are not square, several channels and filters, every combination of padding, stride and dilation."""
    for padding, stride, dilation, kernel_size in itertools.product(PADDINGS, (1, 2, 3), (1, 2), (1, 2, 3)):
        height, width, channels, filters = (
            rng.integers(7, 11),
            rng.integers(7, 11),
            rng.integers(1, 4),
            rng.integers(1, 4),
        )
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        x = rng.integers(-9, 10, (height, width, channels))
        yield (
            x,
            rng.integers(-9, 10, (kernel_size, kernel_size, channels, filters)),
            rng.integers(-9, 10, filters),
            options,
        )


def as_tensor(array) -> dict:
    return {"shape": list(array.shape), "values": np.ravel(array).astype(float)}


def as_array(tensor) -> np.ndarray:
    return np.reshape(tensor["values"], tensor["shape"])


def keywords(options) -> dict:
    return {"strides": options["stride"], "padding": options["padding"], "dilation_rate": options["dilation"]}


def test_convolution_and_its_transpose_equal_numpy(run_node):
    every = list(cases(np.random.default_rng(0)))
    assert len(every) == 90
    payload = [
        {
            "x": as_tensor(x),
            "w": as_tensor(w),
            "t": as_tensor(w.transpose(0, 1, 3, 2)),
            "bias": bias.tolist(),
            "options": options,
        }
        for x, w, bias, options in every
    ]
    script = """(core, all) => all.map(({x, w, t, bias, options}) => [
        core.conv2d(x, w, {bias, ...options}), core.conv2d(x, w, options), core.convTranspose2d(x, t, {bias, ...options})])"""
    for (x, w, bias, options), (biased, plain, transposed) in zip(
        every, run_node(MODULE, script, payload), strict=True
    ):
        expected = layers.conv2d(x[None], w, **keywords(options))[0]
        np.testing.assert_array_equal(as_array(plain), expected, err_msg=str(options))
        np.testing.assert_array_equal(as_array(biased), expected + bias)
        stamped = layers.conv2d_transpose(x[None], w.transpose(0, 1, 3, 2), bias, **keywords(options))[0]
        np.testing.assert_array_equal(as_array(transposed), stamped, err_msg=str(options))


def test_kernels_need_not_be_square(run_node):
    rng = np.random.default_rng(1)
    x, w = rng.integers(-9, 10, (6, 9, 2)), rng.integers(-9, 10, (4, 2, 2, 3))
    script = "(core, {x, w, t}) => [core.conv2d(x, w, {padding: 'same'}), core.convTranspose2d(x, t, {stride: 2})]"
    transposed = w.transpose(0, 1, 3, 2)
    payload = {"x": as_tensor(x), "w": as_tensor(w), "t": as_tensor(transposed)}
    slid, stamped = run_node(MODULE, script, payload)
    np.testing.assert_array_equal(as_array(slid), layers.conv2d(x[None], w, padding="same")[0])
    np.testing.assert_array_equal(as_array(stamped), layers.conv2d_transpose(x[None], transposed, strides=2)[0])


def test_pooling_equals_numpy(run_node):
    x = np.random.default_rng(2).normal(size=(7, 9, 2))
    settings = list(itertools.product(("max", "average"), (1, 2, 3), (1, 2, 3), ("valid", "same")))
    script = (
        "(core, {x, all}) => all.map(([mode, size, stride, padding]) => core.pool(x, size, {mode, stride, padding}))"
    )
    for (mode, size, stride, padding), ours in zip(
        settings, run_node(MODULE, script, {"x": as_tensor(x), "all": settings}), strict=True
    ):
        pool = layers.max_pool if mode == "max" else layers.average_pool
        expected = pool(x[None], size, strides=stride, padding=padding)[0]
        np.testing.assert_allclose(as_array(ours), expected, rtol=0, atol=1e-12)


def test_relu(run_node):
    x = np.array([3.0, -1.0, 0.0, -0.5])
    positive = run_node(MODULE, "(core, x) => core.relu(x)", as_tensor(x))
    np.testing.assert_array_equal(as_array(positive), np.maximum(x, 0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("core.tensor([2, 2], [1, 2, 3])", "3 values for the shape 2 × 2, which holds 4"),
        ("core.tensor([1], [NaN])", "not a finite number"),
        ("core.tensor([1.5])", "a side must be a whole number"),
        ("core.windows(0, 3)", "the size must be a whole number of at least 1, not 0"),
        ("core.windows(5, 3, {stride: 0})", "the stride"),
        ("core.windows(5, 3, {padding: -1})", "padding must be"),
        ("core.conv2d(core.tensor([2, 4, 1]), core.tensor([3, 3, 1, 1]))", "a window of 3 × 3 does not fit into 2 × 4"),
        (
            "core.conv2d(core.tensor([4, 4, 2]), core.tensor([3, 3, 1, 1]))",
            "the kernel expects 1 channels, the picture has 2",
        ),
        ("core.stamps(3, 3, {dilation: 0.5})", "the dilation must be a whole number of at least 1"),
        (
            "core.convTranspose2d(core.tensor([1, 1, 1]), core.tensor([3, 3, 1, 1]), {padding: 2})",
            "padding 2 cuts everything off",
        ),
        ("core.convTranspose2d(core.tensor([1, 1, 1]), core.tensor([3, 3, 1, 2]))", "the kernel expects 2 channels"),
        ("core.pool(core.tensor([2, 2, 1]), 3)", "does not fit"),
    ],
)
def test_what_cannot_be_is_said(run_node, call, message):
    with pytest.raises(RuntimeError, match="RangeError: .*" + message):
        run_node(MODULE, f"core => {call}")
