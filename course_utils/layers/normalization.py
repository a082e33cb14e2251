"""Batch and layer normalisation."""

import contextlib
import math

import numpy as np

from course_utils._arguments import as_axis, as_flag, as_floats, as_number, as_share, refuse
from course_utils.layers._passes import as_gradient, check_cache, check_overflow, widened

NORMALISED = ("normalised", "inverse", "gamma", "beta", "shape", "dtype")
"""Entries of a cache that both layers need."""


def batch_norm_forward(
    x: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    moving_mean: np.ndarray | None = None,
    moving_variance: np.ndarray | None = None,
    *,
    training: bool = False,
    momentum: float = 0.99,
    epsilon: float = 1e-3,
) -> tuple[np.ndarray, dict]:
    r"""Shift and scale each channel to mean β and standard deviation γ: of the batch in training, of the past otherwise.

    .. math:: y = \gamma\,\hat x + \beta, \qquad \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}

    In training μ and σ² are mean and variance of a channel over all examples and positions of this batch. At inference
    they are the moving averages, so that an answer does not depend on what else is in the batch.

    Parameters
    ----------
    x : numpy.ndarray
        Shape (N, …, C); the last axis is the channel.
    gamma, beta : numpy.ndarray, optional
        γ and β, shape (C,): two trainable numbers a channel. 1 and 0 unless given.
    moving_mean, moving_variance : numpy.ndarray, optional
        Two further numbers a channel, shape (C,), not trainable. 0 and 1 unless given, as before the first batch.
    training : bool
        Whether this is a step of training.
    momentum : float
        Share of the old moving average that is kept at each step, 0 ≤ momentum < 1.
    epsilon : float
        ε, greater than 0.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`batch_norm_backward`. ``cache["state"]`` holds the moving averages after this batch: in training
        m ← momentum · m + (1 − momentum) · (μ or σ²), else unchanged.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is out of range, or the batch is empty in training.

    References
    ----------
    Ioffe and Szegedy, *Batch normalization*, 2015, algorithms 1 and 2. As in Keras, the moving average takes the plain
    batch variance, not the paper's unbiased m / (m − 1) times it.
    """
    (x, epsilon), momentum = _checked(x, epsilon), as_share(momentum, "momentum")
    training = as_flag(training, "training")
    channels = x.shape[-1]
    mean = _vector(moving_mean, "moving_mean", (channels,), np.zeros, x.dtype)
    variance = _vector(moving_variance, "moving_variance", (channels,), np.ones, x.dtype)
    if (variance < 0).any():
        raise ValueError(f"moving_variance has the entry {variance.min().item()!r}; a variance is at least 0")
    wide, mean, variance = widened(x, mean, variance)
    state = {"moving_mean": mean, "moving_variance": variance}
    if training:
        axes = tuple(range(x.ndim - 1))
        if not math.prod(x.shape[:-1]):
            raise ValueError(f"x has shape {x.shape}; a batch without numbers has no mean")
        mean, variance = wide.mean(axis=axes), _variance(wide, axes)
        new = {"moving_mean": mean, "moving_variance": variance}
        state = {name: momentum * state[name] + (1 - momentum) * new[name] for name in state}
    inverse = 1 / np.sqrt(variance + epsilon)
    normalised = (wide - mean) * inverse
    y, cache = _affine(normalised, gamma, beta, (channels,))
    return _as_dtype(y, x, gamma, beta, mean, variance), cache | {
        "layer": "batch_norm",
        "dtype": x.dtype,
        "inverse": inverse,
        "training": training,
        "state": state,
    }


def batch_norm_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    r"""Gradients of :func:`batch_norm_forward` with respect to x, γ and β.

    γ and β act channel by channel: dγ = Σ dy x̂ and dβ = Σ dy over examples and positions. At inference μ and σ are
    constants, so dx = γ dy / σ. In training both move with x, which takes the mean of g = γ dy and its part along x̂ out:

    .. math:: \mathrm{d}x = \frac{1}{\sqrt{\sigma^2 + \varepsilon}}
        \Bigl(g - \overline{g} - \hat x\, \overline{g \hat x}\Bigr)

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape of x.
    cache : dict
        From :func:`batch_norm_forward`.

    Returns
    -------
    dx : numpy.ndarray
        Shape of x.
    dgamma, dbeta : numpy.ndarray or None
        Shape (C,); None for what was not given.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "batch_norm", "training", *NORMALISED)
    axes = tuple(range(cache["normalised"].ndim - 1))
    return _backward(dy, cache, mean_over=axes if cache["training"] else (), sum_over=axes)


def batch_norm(
    x: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    moving_mean: np.ndarray | None = None,
    moving_variance: np.ndarray | None = None,
    *,
    training: bool = False,
    epsilon: float = 1e-3,
) -> np.ndarray:
    """Shift and scale each channel: y of :func:`batch_norm_forward`, which also gives the new moving averages."""
    return batch_norm_forward(x, gamma, beta, moving_mean, moving_variance, training=training, epsilon=epsilon)[0]


def layer_norm_forward(
    x: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    *,
    axis: int | tuple[int, ...] = -1,
    epsilon: float = 1e-3,
) -> tuple[np.ndarray, dict]:
    r"""Shift and scale each example by its own mean and variance, the same in training and inference.

    .. math:: y = \gamma\,\frac{x - \mu_n}{\sqrt{\sigma_n^2 + \varepsilon}} + \beta

    Parameters
    ----------
    x : numpy.ndarray
        Shape (N, …).
    gamma, beta : numpy.ndarray, optional
        γ and β, with the sizes of the normalised axes. 1 and 0 unless given.
    axis : int or tuple of int
        Axes over which mean and variance are taken; never the first, that of the examples.
    epsilon : float
        ε, greater than 0.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`layer_norm_backward`.

    Raises
    ------
    ValueError
        If shapes do not fit or a number is out of range.

    References
    ----------
    Ba, Kiros, Hinton, *Layer normalization*, 2016.
    """
    x, epsilon = _checked(x, epsilon)
    axes = _axes(axis, x.ndim)
    if not math.prod(x.shape[place] for place in axes):
        raise ValueError(f"x has shape {x.shape}; axes without entries have no mean")
    (wide,) = widened(x)
    inverse = 1 / np.sqrt(_variance(wide, axes, keepdims=True) + epsilon)
    normalised = (wide - wide.mean(axis=axes, keepdims=True)) * inverse
    kept = tuple(size if place in axes else 1 for place, size in enumerate(x.shape))
    y, cache = _affine(normalised, gamma, beta, tuple(x.shape[place] for place in axes), kept)
    return _as_dtype(y, x, gamma, beta), cache | {
        "layer": "layer_norm",
        "dtype": x.dtype,
        "inverse": inverse,
        "axes": axes,
    }


def layer_norm_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Gradients of :func:`layer_norm_forward` with respect to x, γ and β.

    The formula is that of :func:`batch_norm_backward` in training, with the means taken over the axes of one example;
    γ and β are shared by all others, so dγ and dβ sum over those. Arguments, result and errors are the same.
    """
    check_cache(cache, "layer_norm", "axes", *NORMALISED)
    axes, ndim = cache["axes"], cache["normalised"].ndim
    return _backward(dy, cache, mean_over=axes, sum_over=tuple(place for place in range(ndim) if place not in axes))


def layer_norm(
    x: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    *,
    axis: int | tuple[int, ...] = -1,
    epsilon: float = 1e-3,
) -> np.ndarray:
    """Shift and scale each example by its own mean and variance: y of :func:`layer_norm_forward`."""
    return layer_norm_forward(x, gamma, beta, axis=axis, epsilon=epsilon)[0]


def _affine(normalised, gamma, beta, shape, kept=None):
    """γ x̂ + β, and what the backward pass needs; ``kept`` is ``shape`` with 1 for the axes that are not normalised."""
    gamma, beta = (
        None if array is None else _vector(array, name, shape, None, None).reshape(kept or shape)
        for array, name in ((gamma, "gamma"), (beta, "beta"))
    )
    gamma, beta = widened(gamma, beta)
    y = normalised if gamma is None else gamma * normalised
    cache = {"normalised": normalised, "gamma": gamma, "beta": beta, "shape": shape}
    return (y.copy() if y is normalised and beta is None else y if beta is None else y + beta), cache


def _backward(dy, cache, *, mean_over, sum_over):
    normalised, gamma = cache["normalised"], cache["gamma"]
    (dy,) = widened(as_gradient(dy, normalised.shape))
    dgamma = None if gamma is None else (dy * normalised).sum(axis=sum_over).reshape(cache["shape"])
    dbeta = None if cache["beta"] is None else dy.sum(axis=sum_over).reshape(cache["shape"])
    g = dy if gamma is None else dy * gamma
    if mean_over:
        along = (g * normalised).mean(axis=mean_over, keepdims=True)
        g = g - g.mean(axis=mean_over, keepdims=True) - normalised * along
    return (g * cache["inverse"]).astype(cache["dtype"], copy=False), dgamma, dbeta


def _variance(x, axes, *, keepdims=False):
    """Without this check, the infinite variance of large numbers would make zeros of them."""
    with np.errstate(over="ignore", invalid="ignore"):
        variance = x.var(axis=axes, keepdims=keepdims)
    check_overflow(variance, x, of="the variance of x")
    return variance


def _as_dtype(y, x, *weights):
    """The output in the dtype of the input, which has to hold it."""
    with np.errstate(over="ignore"):
        y = y.astype(x.dtype, copy=False)
    check_overflow(y, x, *weights, of="y")
    return y


def _checked(x, epsilon):
    return as_floats(x, "x", shape=("N", ..., "C")), as_number(epsilon, "epsilon", above=0)


def _vector(array, argument, shape, default, dtype):
    return default(shape, dtype) if array is None else as_floats(array, argument, shape=shape)


def _axes(axis, ndim):
    places = axis if isinstance(axis, tuple | list) else (axis,)
    axes = set()
    with contextlib.suppress(ValueError):
        axes = {as_axis(place, ndim) for place in places}
    if not axes or 0 in axes or len(axes) != len(places):
        raise refuse("axis", axis, f"one or more different axes from 1 to {ndim - 1}, or counted from the end")
    return tuple(sorted(axes))
