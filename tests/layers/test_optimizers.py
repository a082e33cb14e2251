"""Fifty steps of every optimiser, and every schedule, against Keras."""

import numpy as np
import pytest

from course_utils import layers, training

# All numbers are sums of few powers of two: Keras rounds some of them to float32 even where the weights are float64.
OPTIMIZERS = {
    "sgd": (layers.sgd_update, "SGD", {"learning_rate": 2**-4}),
    "momentum": (layers.sgd_update, "SGD", {"learning_rate": 2**-5, "momentum": 0.875}),
    "nesterov": (layers.sgd_update, "SGD", {"learning_rate": 2**-5, "momentum": 0.875, "nesterov": True}),
    "rmsprop": (layers.rmsprop_update, "RMSprop", {"learning_rate": 2**-6, "rho": 0.875}),
    "rmsprop, all options": (
        layers.rmsprop_update,
        "RMSprop",
        {"learning_rate": 2**-6, "rho": 0.75, "momentum": 0.5, "epsilon": 2**-13, "centered": True},
    ),
    "adam": (layers.adam_update, "Adam", {"learning_rate": 2**-6, "beta_1": 0.875, "beta_2": 1 - 2**-10}),
    "adam, large epsilon": (
        layers.adam_update,
        "Adam",
        {"learning_rate": 2**-6, "beta_1": 0.75, "beta_2": 1 - 2**-5, "epsilon": 2**-8},
    ),
    "adamw": (
        layers.adamw_update,
        "AdamW",
        {"learning_rate": 2**-6, "weight_decay": 0.125, "beta_1": 0.875, "beta_2": 1 - 2**-10},
    ),
}
DEFAULTS = {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    import keras

    keras.config.set_floatx(request.param)  # the dtype in which Keras keeps learning rates
    yield request.param
    keras.config.set_floatx("float32")


def fifty_steps(update, optimizer, dtype, tolerance, options):
    """Both take fifty steps along the same gradients; after each the weights agree."""
    import keras

    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 4)).astype(dtype)
    variable, state = keras.Variable(weights, dtype=dtype), None
    for gradient in rng.normal(size=(50, 3, 4)).astype(dtype):
        weights, state = update(weights, gradient, state, **options)
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        assert weights.dtype == dtype
        np.testing.assert_allclose(weights, np.asarray(variable), rtol=0, atol=tolerance * np.abs(weights).max())
    assert state["step"] == 50


@pytest.mark.parametrize("case", OPTIMIZERS)
def test_fifty_steps_equal_keras(case, dtype):
    import keras

    update, name, options = OPTIMIZERS[case]
    fifty_steps(
        update, getattr(keras.optimizers, name)(**options), dtype, {"float32": 1e-5, "float64": 1e-9}[dtype], options
    )


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_those_of_keras(name):
    import keras

    fifty_steps(getattr(layers, f"{name}_update"), getattr(keras.optimizers, DEFAULTS[name])(), "float32", 1e-5, {})


@pytest.mark.parametrize("case", ["sgd", "momentum", "rmsprop", "adam", "adamw"])
def test_nothing_that_comes_in_is_changed(case):
    update, _, options = OPTIMIZERS[case]
    weights, gradient = np.ones(3), np.full(3, 0.5)
    _, state = update(weights, gradient, None, **options)
    before = {name: np.copy(value) for name, value in state.items()}
    update(weights, gradient, state, **options)
    np.testing.assert_array_equal(weights, 1)
    np.testing.assert_array_equal(gradient, 0.5)
    for name, value in before.items():
        np.testing.assert_array_equal(state[name], value)


def test_weight_decay_is_not_an_l2_penalty():
    """A weight without gradient shrinks by η λ; as an L2 penalty its size would hardly matter to Adam."""
    shrunk, _ = layers.adamw_update(np.array([2.0]), np.array([0.0]), learning_rate=0.1, weight_decay=0.5)
    assert shrunk == pytest.approx(2 * (1 - 0.1 * 0.5))
    penalised, _ = layers.adam_update(np.array([2.0]), 2 * 0.5 * np.array([2.0]), learning_rate=0.1)
    assert penalised == pytest.approx(2 - 0.1, abs=1e-6)


STEPS = np.arange(0, 131)
SCHEDULES = {
    "step": (layers.step_decay, "PiecewiseConstantDecay", {"boundaries": [30, 60], "values": [1.0, 0.1, 0.01]}),
    "exponential": (
        layers.exponential_decay,
        "ExponentialDecay",
        {"initial_learning_rate": 0.5, "decay_steps": 20, "decay_rate": 0.7},
    ),
    "exponential in steps": (
        layers.exponential_decay,
        "ExponentialDecay",
        {"initial_learning_rate": 0.5, "decay_steps": 20, "decay_rate": 0.7, "staircase": True},
    ),
    "cosine": (layers.cosine_decay, "CosineDecay", {"initial_learning_rate": 0.5, "decay_steps": 100, "alpha": 0.1}),
    "cosine after warm-up": (
        layers.cosine_decay,
        "CosineDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 80, "warmup_target": 0.6, "warmup_steps": 25, "alpha": 0.05},
    ),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedules_equal_keras(case):
    import keras

    ours, name, options = SCHEDULES[case]
    reference = getattr(keras.optimizers.schedules, name)(**options)
    expected = [float(reference(int(step))) for step in STEPS]
    np.testing.assert_allclose(ours(STEPS, **options), expected, rtol=1e-5, atol=1e-7)
    assert ours(7, **options) == pytest.approx(expected[7], rel=1e-5)


@pytest.mark.parametrize("options", [{"peak": 0.01, "steps": 130}, {"peak": 2.0, "steps": 7, "warmup": 0.5}])
def test_one_cycle_equals_that_of_training(options):
    reference = training.one_cycle(**options)
    expected = [float(reference(int(step))) for step in STEPS]
    np.testing.assert_allclose(layers.one_cycle(STEPS, **options), expected, rtol=1e-5, atol=1e-7)
    rates = layers.one_cycle(np.arange(options["steps"] + 1), **options)
    assert rates.max() == options["peak"]
    assert (rates[0], rates[-1]) == (0, 0)


W = np.ones(2)


@pytest.mark.parametrize("update", [layers.sgd_update, layers.adam_update, layers.rmsprop_update, layers.adamw_update])
@pytest.mark.parametrize(
    "wrong",
    [
        *[{"step": step} for step in ("a", None, -1, 1.5, True)],
        *[{"": entries} for entries in (["a", "b"], [1j, 1], np.array([None, 1]), [np.nan, 1], [1])],
    ],
)
def test_a_state_that_no_step_returned_is_refused(update, wrong):
    state = update(W, W)[1]
    first = next(name for name in state if name != "step")
    with pytest.raises(ValueError, match="state"):
        update(W, W, state | {name or first: value for name, value in wrong.items()})


def test_a_state_written_as_a_list_is_that_of_an_array():
    state = layers.sgd_update(W, W, momentum=0.5)[1]
    found, expected = (layers.sgd_update(W, W, state | {"velocity": v}) for v in ([-0.01] * 2, state["velocity"]))
    np.testing.assert_array_equal(found[0], expected[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.sgd_update(W, np.ones(3)), r"gradient has shape \(3,\); expected \(2,\)"),
        (lambda: layers.adam_update(W, [1.0, np.nan]), "gradient holds 1 of 2 entries that are NaN"),
        (lambda: layers.sgd_update(W, W, learning_rate=-1), "learning_rate=-1: a finite number, at least 0"),
        (lambda: layers.sgd_update(W, W, momentum=1), "momentum=1: a share"),
        (lambda: layers.adam_update(W, W, beta_2=1.0), "beta_2=1.0"),
        (lambda: layers.rmsprop_update(W, W, rho=-0.1), "rho=-0.1"),
        (lambda: layers.adamw_update(W, W, weight_decay=-1), "weight_decay=-1"),
        (lambda: layers.adam_update(W, W, layers.sgd_update(W, W)[1]), "state does not fit weights of shape"),
        (lambda: layers.sgd_update(W, W, layers.sgd_update(np.ones(3), np.ones(3))[1]), "state does not fit"),
        (lambda: layers.sgd_update(W, W, [1]), "state does not fit"),
        (lambda: layers.sgd_update(W, W, nesterov=1), "nesterov=1: must be True or False"),
        (lambda: layers.adam_update(W, W, learning_rate=True), "learning_rate=True"),
        (lambda: layers.adam_update(W, 0 * W, epsilon=0), "epsilon=0: a finite number, greater than 0"),
        (lambda: layers.rmsprop_update(W, 0 * W, epsilon=0), "epsilon=0: a finite number, greater than 0"),
        (lambda: layers.adam_update(W, W, layers.adam_update(W, W)[1] | {"square": -W}), r"state\['square'\] holds -1"),
        (lambda: layers.sgd_update([np.nan], [1.0]), "weights holds 1 of 1 entries that are NaN"),
        (
            lambda: layers.cosine_decay(0, initial_learning_rate=1, decay_steps=1, warmup_steps="ten"),
            "warmup_steps='ten'",
        ),
        (lambda: layers.one_cycle(True, peak=1, steps=5), "step=True: expected real numbers"),
        (lambda: layers.adamw_update(W, W, learning_rate="a"), "learning_rate='a'"),
        (lambda: layers.cosine_decay(0, initial_learning_rate="a", decay_steps=1), "initial_learning_rate='a'"),
        (
            lambda: layers.cosine_decay(0, initial_learning_rate=1, decay_steps=1, alpha=2),
            "alpha=2: a share from 0 to 1",
        ),
        (lambda: layers.one_cycle(0, peak=1, steps=9.5), "steps=9.5: a whole number, at least 2"),
        (
            lambda: layers.one_cycle(0, peak=1, steps=9, warmup=1),
            "warmup=1: a finite number, greater than 0 and less than 1",
        ),
        (lambda: layers.step_decay(0, boundaries=[3, 2], values=[1, 2, 3]), "2 boundaries, 3 values"),
        (lambda: layers.step_decay(0, boundaries=[3], values=[1]), "one value more"),
        (lambda: layers.step_decay(-1, boundaries=[3], values=[1, 2]), "step holds -1; expected numbers of at least 0"),
        (
            lambda: layers.exponential_decay(0, initial_learning_rate=1, decay_steps=0, decay_rate=1),
            "decay_steps=0: a whole number, at least 1",
        ),
        (
            lambda: layers.exponential_decay(0, initial_learning_rate=1, decay_steps=1.5, decay_rate=1),
            "decay_steps=1.5: a whole number",
        ),
        (lambda: layers.cosine_decay(0, initial_learning_rate=-1, decay_steps=1), "initial_learning_rate=-1"),
        (lambda: layers.one_cycle(0, peak=0, steps=5), "peak=0"),
        (lambda: layers.one_cycle(0, peak=1, steps=1), "steps=1"),
        (lambda: layers.one_cycle("now", peak=1, steps=5), "step=.*expected real numbers"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
