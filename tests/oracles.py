"""What tests of several modules compare with: random weights that reveal mistakes, and closeness relative to the largest entry."""

import functools
import math

import numpy as np


def randomise(model, *, gain: float = 2.0, vectors: float = 0.1, seed: int = 0):
    """Fill all weights, moving statistics included, so that activations neither vanish nor explode; return the model.

    Kernels are normal with variance ``gain`` / fan-in, biases and means normal with standard deviation ``vectors``;
    gammas and variances, which have to be positive, lie between 0.5 and 1.5.
    """
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        shape, kind = tuple(weight.shape), weight.path.split("/")[-1]
        if kind in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, shape))
            continue
        depthwise = any(mark in weight.path for mark in ("depthwise", "dwconv", "conv_dw"))
        fan_in = math.prod(shape[:2] if depthwise else shape[:-1])
        weight.assign(rng.normal(0, math.sqrt(gain / fan_in) if len(shape) > 1 else vectors, shape))
    return model


@functools.cache
def blueprint(builder, *arguments, **options):
    """A network whose weights have shapes but no values: what counts and shapes need, made in no time at any size."""
    import keras

    with keras.StatelessScope(initialize_variables=False):
        model = builder(*arguments, **options)
    # Keras would fill the weights later, together with those of the next network.
    keras.backend.clear_session(free_memory=False)
    return model


def parameters(model) -> dict[str, int]:
    """Numbers of parameters: all, those that learn, and those that do not."""
    learned, fixed = (
        sum(math.prod(weight.shape) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    return {"all": model.count_params(), "learned": learned, "fixed": fixed}


def weights_by_layer(model) -> dict[str, list[np.ndarray]]:
    """The weights of each layer that has any, by its name."""
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def pictures(*shape: int) -> np.ndarray:
    """The same random pictures each time, float32."""
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def assert_close(ours, theirs, tolerance: float = 1e-4) -> None:
    """Equal shapes, and differences of at most ``tolerance`` times the largest magnitude."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(float(np.abs(theirs).max(initial=0)), 1e-30))
