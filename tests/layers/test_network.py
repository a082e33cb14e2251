"""Layers in a row, against the same model in Keras."""

import numpy as np
import pytest

from course_utils import layers


def weights(rng, *shape):
    return rng.normal(0, 0.3, size=shape).astype(np.float32)


@pytest.fixture
def pair():
    """The same small network from this package and from Keras, with the same weights."""
    import keras

    rng = np.random.default_rng(0)
    norm = {"gamma": 1 + weights(rng, 4), "beta": weights(rng, 4)}
    norm |= {"moving_mean": np.zeros(4, np.float32), "moving_variance": np.ones(4, np.float32)}
    ours = layers.Network(
        [
            ("conv2d", {"kernel": weights(rng, 3, 3, 1, 4)}, {"padding": "same"}),
            ("batch_norm", norm, {"momentum": 0.9}),
            ("relu",),
            ("max_pool", {}, {"pool_size": 2}),
            ("flatten",),
            ("dense", {"kernel": weights(rng, 4 * 4 * 4, 3), "bias": weights(rng, 3)}),
        ]
    )
    theirs = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    theirs.set_weights([array for of_layer in ours.weights for array in of_layer.values()])
    return ours, theirs


def test_training_steps_equal_keras(pair):
    import keras

    ours, theirs = pair
    rng = np.random.default_rng(1)
    theirs.compile(
        keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False
    )
    state = None
    for _ in range(5):
        x, y = weights(rng, 6, 8, 8, 1), rng.integers(0, 3, size=6)
        logits, caches = ours.forward(x, training=True)
        loss, cache = layers.sparse_categorical_cross_entropy_forward(y, logits, from_logits=True)
        dx, gradients = ours.backward(layers.sparse_categorical_cross_entropy_backward(1.0, cache), caches)
        state = ours.update(gradients, layers.adam_update, state, learning_rate=0.01)
        assert theirs.train_on_batch(x, y) == pytest.approx(float(loss), rel=1e-4)
        assert dx.shape == x.shape
    for ours_array, theirs_array in zip(
        [array for of_layer in ours.weights for array in of_layer.values()], theirs.get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours_array, theirs_array, atol=1e-4)
    x = weights(rng, 4, 8, 8, 1)
    np.testing.assert_allclose(ours.forward(x)[0], theirs.predict(x, verbose=0), atol=1e-3)


def test_gradients_belong_to_trainable_weights_only(pair):
    ours, theirs = pair
    logits, caches = ours.forward(np.ones((2, 8, 8, 1), np.float32), training=True)
    _, gradients = ours.backward(np.ones_like(logits), caches)
    assert [sorted(of_layer) for of_layer in gradients] == [
        ["kernel"],
        ["beta", "gamma"],
        [],
        [],
        [],
        ["bias", "kernel"],
    ]
    assert ours.count_params() == theirs.count_params()


def test_inference_changes_nothing(pair):
    ours, _ = pair
    x = weights(np.random.default_rng(2), 3, 8, 8, 1)
    first = ours.forward(x)[0]
    np.testing.assert_array_equal(first, ours.forward(x)[0])
    ours.forward(x, training=True)
    assert (ours.forward(x)[0] != first).any()  # the moving averages have moved


def test_gradient_of_the_whole_chain_passes_differences():
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(2, 2, 1, 2)), rng.normal(size=2)

    def forward(x, kernel, bias):
        network = layers.Network([("conv2d", {"kernel": kernel, "bias": bias}), ("tanh",), ("global_average_pool",)])
        y, caches = network.forward(x)
        return y, (network, caches)

    def backward(dy, cache):
        network, caches = cache
        dx, gradients = network.backward(dy, caches)
        return dx, gradients[0]["kernel"], gradients[0]["bias"]

    report = layers.gradient_check(
        forward, backward, {"x": rng.normal(size=(2, 4, 4, 1)), "kernel": kernel, "bias": bias}
    )
    assert report.passed, f"\n{report}"


def test_dropout_in_a_network_needs_a_source_of_randomness():
    network = layers.Network([("dropout", {}, {"rate": 0.5, "seed": np.random.default_rng(0)})])
    x = np.ones((4, 50))
    np.testing.assert_array_equal(network.forward(x)[0], x)
    first, second = (network.forward(x, training=True)[0] for _ in range(2))
    assert (first != second).any()


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([("conv3d",)], r"steps\[0\]: there is no layer 'conv3d'; known are add, average_pool, "),
        ([("relu",), "relu"], r"steps\[1\]='relu': expected"),
        ([()], r"steps\[0\]=\(\)"),
        ([(3,)], r"steps\[0\]=\(3,\)"),
        (None, "steps=None: expected a list"),
        ([("dense", [1, 2])], "the last two dictionaries"),
        ([("dense", {"w": 1})], r"steps\[0\]: dense takes no 'w'; it takes kernel, bias"),
    ],
)
def test_errors_say_what_is_accepted(steps, message):
    with pytest.raises(ValueError, match=message):
        layers.Network(steps)


def test_caches_and_state_of_another_network_are_refused():
    network = layers.Network([("dense", {"kernel": np.ones((2, 2))})])
    with pytest.raises(ValueError, match="caches has 0 entries; expected 1, one a layer"):
        network.backward(np.ones((1, 2)), [])
    with pytest.raises(ValueError, match="state knows nothing of 'kernel' of layer 0"):
        network.update([{"kernel": np.ones((2, 2))}], layers.sgd_update, {})


@pytest.mark.parametrize("layer", ["batch_norm", "layer_norm"])
@pytest.mark.parametrize("names", [("beta",), ("gamma",), ("beta", "gamma"), ("moving_mean", "beta")])
def test_gradients_are_booked_by_name_whatever_is_given_and_in_which_order(layer, names):
    names = [name for name in names if layer == "batch_norm" or name != "moving_mean"]
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    weights = {name: rng.normal(size=3) for name in names}
    network = layers.Network([(layer, weights)])
    _, caches = network.forward(x, training=True)
    _, (gradients,) = network.backward(dy, caches)
    assert set(gradients) == set(names) - {"moving_mean"}
    normalised = (x - x.mean(axis=0 if layer == "batch_norm" else 1, keepdims=True)) / np.sqrt(
        x.var(axis=0 if layer == "batch_norm" else 1, keepdims=True) + 1e-3
    )
    expected = {"beta": dy.sum(axis=0), "gamma": (dy * normalised).sum(axis=0)}
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, expected[name])


def test_swapped_weights_keep_their_gradients():
    rng = np.random.default_rng(0)
    kernel, bias, x, dy = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    for weights in ({"kernel": kernel, "bias": bias}, {"bias": bias, "kernel": kernel}):
        network = layers.Network([("dense", weights)])
        _, caches = network.forward(x)
        _, (gradients,) = network.backward(dy, caches)
        np.testing.assert_allclose(gradients["kernel"], x.T @ dy)
        np.testing.assert_allclose(gradients["bias"], dy.sum(axis=0))
        network.update([gradients], layers.sgd_update, learning_rate=0.5)
        np.testing.assert_allclose(network.weights[0]["bias"], bias - 0.5 * dy.sum(axis=0))


def two_layers():
    return layers.Network(
        [("dense", {"kernel": np.ones((2, 2))}), ("dense", {"kernel": np.ones((2, 2)), "bias": np.ones(2)})]
    )


@pytest.mark.parametrize(
    ("gradients", "message"),
    [
        ([{"kernel": np.ones((2, 2))}, {"kernel": np.full((2, 2), np.nan)}], "4 of 4 entries that are NaN"),
        ([{"kernel": np.ones((2, 2))}, {"bias": np.ones(3)}], r"gradient has shape \(3,\)"),
        ([{"kernel": np.ones((2, 2))}, {"beta": np.ones(2)}], r"gradients\[1\]: dense has no weights named 'beta'"),
        ([{"kernel": np.ones((2, 2))}], "gradients has 1 entries; expected 2, one a layer"),
        ([{"kernel": np.ones((2, 2))}, None], r"gradients\[1\]=None: give a dictionary"),
        ([{"kernel": np.full((2, 2), 1e308)}, {"kernel": np.full((2, 2), 1e308)}], "too large for float64"),
    ],
)
def test_an_update_that_fails_has_changed_nothing(gradients, message):
    network = two_layers()
    before = [{name: (array, array.copy()) for name, array in weights.items()} for weights in network.weights]
    with pytest.raises(ValueError, match=message):
        network.update(gradients, layers.sgd_update, learning_rate=1e9)
    for weights, old in zip(network.weights, before, strict=True):
        for name, (array, copy) in old.items():
            assert weights[name] is array
            np.testing.assert_array_equal(array, copy)


def test_a_forward_pass_that_fails_moves_no_average():
    network = layers.Network([("batch_norm", {}), ("dense", {"kernel": np.ones((5, 2))})])
    with pytest.raises(ValueError, match=r"kernel has shape \(5, 2\)"):
        network.forward(np.random.default_rng(0).normal(size=(4, 3)), training=True)
    assert network.weights[0] == {}


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, r"optimizer returned None; expected \(weights, state\), as sgd_update does"),
        ((np.ones((2, 2)), None), "optimizer returned"),
        ((np.ones(3), {}), r"what optimizer returns has shape \(3,\); expected \(2, 2\)"),
    ],
)
def test_what_is_no_optimizer_has_changed_nothing(result, message):
    network = two_layers()
    with pytest.raises(ValueError, match=message):
        network.update([{"kernel": np.ones((2, 2))}, {}], lambda *_: result)
    np.testing.assert_array_equal(network.weights[0]["kernel"], np.ones((2, 2)))


def test_averages_are_not_trained():
    network = layers.Network([("batch_norm", {"moving_mean": np.zeros(3)})])
    with pytest.raises(ValueError, match="moving_mean is an average"):
        network.update([{"moving_mean": np.ones(3)}], layers.sgd_update)


def test_caches_from_before_an_update_or_of_a_twin_are_refused():
    x, network = np.ones((1, 2)), two_layers()
    _, old = network.forward(x)
    network.update(network.backward(x, old)[1], layers.sgd_update, learning_rate=0.5)
    _, new = network.forward(x)
    network.backward(x, new)
    for one, caches in ((network, old), (two_layers(), new)):
        with pytest.raises(ValueError, match="caches are of other weights"):
            one.backward(x, caches)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (("conv2d", {"kernel": np.ones((1, 1, 1, 1)), "strides": 2}), "'strides' of conv2d is an option, no weight"),
        (("dense", {"bias": np.ones(2)}), "dense needs 'kernel'"),
        (("dense",), "dense needs 'kernel'"),
        (("dense", {"kernel": None}), "dense needs 'kernel'"),
        (("dense", {"kernel": np.ones((2, 2))}, {"kernel": np.ones((2, 2))}), "'kernel' of dense is there twice"),
        (("dense", {"kernel": "ones"}), r"steps\[0\]: kernel='ones': expected real numbers"),
        (("mean_squared_error",), "there is no layer 'mean_squared_error'"),
        (("concatenate",), "there is no layer 'concatenate'"),
    ],
)
def test_a_step_that_cannot_work_is_refused_at_once(step, message):
    with pytest.raises(ValueError, match=message):
        layers.Network([step])
