"""Caches belong to their layer, whole numbers stay exact or are refused, and every dtype keeps its room."""

import itertools

import numpy as np
import pytest
from layer_calls import CALLS

from course_utils import layers

FORWARD = [name for name in CALLS if name.endswith("_forward")]
PAIRS = [(a, b) for a, b in itertools.product(FORWARD, FORWARD) if a != b]


@pytest.mark.parametrize(("own", "other"), PAIRS)
def test_a_cache_of_another_layer_is_refused_even_with_the_same_entries(own, other):
    y, cache = getattr(layers, own)(**CALLS[own])
    foreign = getattr(layers, other)(**CALLS[other])[1]
    backward = own.replace("_forward", "_backward")
    with pytest.raises(ValueError, match=f"give what {own} returned"):
        getattr(layers, backward)(np.ones(np.shape(y)), cache | foreign)


@pytest.mark.parametrize("name", FORWARD)
def test_a_cache_with_a_missing_entry_is_refused(name):
    y, cache = getattr(layers, name)(**CALLS[name])
    backward = getattr(layers, name.replace("_forward", "_backward"))
    needed = 0
    for entry in cache:
        less = {key: value for key, value in cache.items() if key != entry}
        try:
            backward(np.ones(np.shape(y)), less)
        except ValueError:
            needed += 1
    assert needed >= 2  # its layer, and what the gradient is computed from


# --- whole numbers


def test_whole_numbers_are_exact_up_to_the_end_of_int64():
    x, kernel = np.full((1, 1, 1, 1), 2**31), np.full((1, 1, 1, 1), 2**31)
    assert layers.conv2d(x, kernel).item() == 2**62 == layers.conv2d_naive(x, kernel).item()
    assert (
        layers.conv2d_transpose(x, kernel).item() == layers.dense(x.reshape(1, 1), kernel.reshape(1, 1)).item() == 2**62
    )
    assert layers.add(np.array([2**62]), np.array([2**62 - 1])).item() == 2**63 - 1
    # Partial sums may leave int64 as long as the result does not.
    assert layers.dense(np.array([[2**62, 2**62, 1]]), np.array([[2], [-2], [5]])).item() == 5


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.uint32])
def test_whole_numbers_beyond_int64_are_refused(dtype):
    x, kernel = np.full((1, 2, 2, 1), 2**31, dtype), np.full((2, 2, 1, 1), 2**31, dtype)
    for call in (
        lambda: layers.conv2d(x, kernel),
        lambda: layers.conv2d_naive(x, kernel),
        lambda: layers.conv2d_transpose(x, kernel),
        lambda: layers.conv2d(x, kernel, np.array([2**62])),
        lambda: layers.dense(x.reshape(1, 4), kernel.reshape(4, 1)),
        lambda: layers.dense(np.ones((1, 1), int), np.ones((1, 1), int), np.array([2**63 - 1])),
        lambda: layers.add(np.array([2**62]), np.array([2**62])),
        lambda: layers.add(np.array([2**63], np.uint64), np.array([0])),
    ):
        with np.errstate(over="ignore"), pytest.raises(ValueError, match=r"int64.*astype\(np.float64\)"):
            call()


# --- dtypes

ROOM = {np.float16: 2e-2, np.float32: 1e-4}
WITHOUT = (
    "numeric_gradient",
    "gradient_check",
    "Network",
    "step_decay",
    "exponential_decay",
    "cosine_decay",
    "one_cycle",
)
COMPUTED = [name for name in CALLS if not name.endswith("_backward") and name not in WITHOUT]
IN_FLOAT32 = ("penalty", "error", "entropy")


def cast(value, dtype):
    if isinstance(value, list):
        return [cast(entry, dtype) for entry in value]
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


@pytest.mark.parametrize("dtype", ROOM)
@pytest.mark.parametrize("name", COMPUTED)
def test_dtypes_stay_and_agree_with_float64(name, dtype):
    function, options = getattr(layers, name), CALLS[name]
    exact, ours = function(**options), function(**{key: cast(value, dtype) for key, value in options.items()})
    kept = np.float32 if any(word in name for word in IN_FLOAT32) else dtype
    pairs = [(ours[0], exact[0])] if isinstance(exact, tuple) else [(ours, exact)]
    if name.endswith("_forward"):
        backward = getattr(layers, name.replace("_forward", "_backward"))
        dy = np.random.default_rng(0).normal(size=np.shape(exact[0]))
        results = [backward(dy.astype(dtype) if function is ours else dy, cache) for cache in (ours[1], exact[1])]
        results = [result if isinstance(result, tuple) else (result,) for result in results]
        pairs += [pair for pair in zip(*results, strict=True) if pair[1] is not None]
    for mine, reference in pairs:
        if np.asarray(reference).dtype == np.float64:
            np.testing.assert_allclose(
                mine, reference, rtol=ROOM[dtype], atol=ROOM[dtype] * max(np.abs(reference).max(), 1)
            )
    if isinstance(pairs[0][1], np.ndarray) and pairs[0][1].dtype == np.float64:
        assert pairs[0][0].dtype == kept


def test_float16_has_room_where_its_squares_and_sums_do_not():
    x = (1000 + np.arange(72, dtype=np.float64)).reshape(2, 3, 3, 4)
    small = x.astype(np.float16)
    for normalise, options in ((layers.batch_norm, {"training": True}), (layers.layer_norm, {})):
        y = normalise(small, **options)
        assert y.dtype == np.float16
        np.testing.assert_allclose(y, normalise(small.astype(np.float64), **options), atol=5e-3)
    np.testing.assert_allclose(layers.average_pool(30 * small, 3), layers.average_pool(30 * x, 3), rtol=2e-3)
    certain = np.array([1, 0, 1], np.float16)
    assert layers.binary_cross_entropy(certain, certain) == pytest.approx(0, abs=1e-5)
    assert layers.binary_cross_entropy(1 - certain, certain) == pytest.approx(-np.log(1e-7), rel=0.05)
    for name in ("sgd_update", "adam_update", "rmsprop_update", "adamw_update"):
        update = getattr(layers, name)
        weights, gradient = np.array([1.0, -2.0]), np.array([1e-4, 300.0])
        ours, _ = update(weights.astype(np.float16), gradient.astype(np.float16), learning_rate=0.01)
        exact, _ = update(weights, gradient.astype(np.float16).astype(np.float64), learning_rate=0.01)
        assert ours.dtype == np.float16
        np.testing.assert_allclose(ours, exact, rtol=2e-3)


@pytest.mark.parametrize("name", ["sgd_update", "rmsprop_update", "adam_update", "adamw_update"])
@pytest.mark.parametrize("number", [np.float64, np.float32, float])
def test_a_rate_of_another_dtype_leaves_the_weights_theirs(name, number):
    weights, state = np.ones(3, np.float32), None
    for _ in range(3):
        weights, state = getattr(layers, name)(weights, np.ones(3), state, learning_rate=number(0.1))
        assert weights.dtype == np.float32
        assert {value.dtype for value in state.values() if isinstance(value, np.ndarray)} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    "call",
    [
        lambda: layers.mean_squared_error(np.array([1e200]), np.array([-1e200])),
        lambda: layers.mean_squared_error(np.array([1e300]), np.array([1], np.float32)),
        lambda: layers.l2_penalty_forward(np.array([1e200])),
        lambda: layers.l1_penalty_forward(np.full(3, 1e308), 10.0),
        lambda: layers.categorical_cross_entropy(
            np.eye(2), np.array([[3e38, -3e38]] * 2, np.float32), from_logits=True
        ),
        lambda: layers.adam_update(np.ones(2, np.float32), np.full(2, 1e30, np.float32)),
        lambda: layers.rmsprop_update(np.ones(2), np.full(2, 1e200)),
        lambda: layers.sgd_update(np.ones(2, np.float32), np.full(2, 1e300)),
        lambda: layers.sgd_update(np.ones(2), np.full(2, 1e300), learning_rate=1e300),
        lambda: layers.exponential_decay(10_000, initial_learning_rate=1, decay_steps=1, decay_rate=10),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_overflows_after_the_check_of_its_numbers_is_told(call):
    with pytest.raises(ValueError, match="too large for float"):
        call()


def test_a_padding_value_that_the_dtype_cannot_hold_is_refused():
    x = np.ones((1, 2, 2, 1), np.uint8)
    assert layers.pad_image(x, 3, padding=1, fill=255)[0].max() == 255
    for fill in (300, -1, 0.5, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"fill=.*x has dtype uint8, which cannot hold it"):
            layers.pad_image(x, 3, padding=1, fill=fill)
    with pytest.raises(ValueError, match="float16, which cannot hold it"):
        layers.pad_image(x.astype(np.float16), 3, padding=1, fill=1e6)
    assert layers.pad_image(x.astype(np.float32), 3, padding=1, fill=0.1)[0].min() == np.float32(0.1)


# --- differences


def test_differences_put_the_array_back_when_the_function_raises():
    array, calls = np.array([1.0, 2.0]), []

    def fails_at_the_third_call():
        calls.append(array.copy())
        if len(calls) == 3:
            raise RuntimeError("no more")
        return float(array.sum())

    with pytest.raises(RuntimeError, match="no more"):
        layers.numeric_gradient(fails_at_the_third_call, array)
    np.testing.assert_array_equal(array, [1.0, 2.0])
    assert (calls[2] != array).any()


def test_imaginary_parts_are_not_dropped():
    x = np.array([1.0, 2.0])
    with pytest.raises(ValueError, match="the gradient of x has dtype complex128"):
        layers.gradient_check(layers.tanh_forward, lambda dy, cache: dy + 1j, {"x": x})
    with pytest.raises(ValueError, match="what forward returns has dtype complex128"):
        layers.gradient_check(lambda x: (x + 1j, None), lambda dy, cache: dy, {"x": x})
    with pytest.raises(ValueError, match="what function returns"):
        layers.numeric_gradient(lambda: 1j, x)
    with pytest.raises(ValueError, match="cannot be written to"):
        layers.numeric_gradient(lambda: 1.0, np.broadcast_to(np.ones(1), 3))
