"""Dense layers, and flattening maps for them."""

import math

import numpy as np

from course_utils._arguments import as_array, as_numbers
from course_utils.layers._passes import as_gradient, as_vector, check_cache, check_exact, plus_bias


def dense_forward(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray | None = None) -> tuple[np.ndarray, dict]:
    r"""A weighted sum of all inputs for every output.

    .. math:: y_{n,o} = b_o + \sum_{i} x_{n,i}\, w_{i,o}

    Parameters
    ----------
    x : numpy.ndarray
        Shape (N, D), or (N, …, D): the layer works along the last axis.
    kernel : numpy.ndarray
        Shape (D, U).
    bias : numpy.ndarray, optional
        Shape (U,).

    Returns
    -------
    y : numpy.ndarray
        Shape (N, U), or (N, …, U). Integers in give int64 out, exactly.
    cache : dict
        For :func:`dense_backward`.

    Raises
    ------
    ValueError
        If shapes do not fit together, or entries are not numbers.
    """
    x, kernel = as_numbers(x, "x"), as_numbers(kernel, "kernel")
    if x.ndim < 2:
        raise ValueError(f"x has shape {x.shape}; expected (examples, ..., features)")
    if kernel.ndim != 2 or kernel.shape[0] != x.shape[-1]:
        raise ValueError(
            f"kernel has shape {kernel.shape}; expected ({x.shape[-1]}, units) for x with {x.shape[-1]} features"
        )
    bias = as_vector(bias, "bias", kernel.shape[1], "unit")
    y = x @ kernel
    check_exact(y, x, kernel, count=len(kernel), compute=lambda: x.astype(float) @ kernel)
    return plus_bias(y, bias), {"layer": "dense", "x": x, "kernel": kernel, "bias": bias}


def dense_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    r"""Gradients of a dense layer.

    A weight multiplies one input in every example, an input is multiplied by a row of weights:

    .. math:: \mathrm{d}w_{i,o} = \sum_n x_{n,i}\, \mathrm{d}y_{n,o}, \qquad
        \mathrm{d}x_{n,i} = \sum_o \mathrm{d}y_{n,o}\, w_{i,o}, \qquad \mathrm{d}b_o = \sum_n \mathrm{d}y_{n,o}

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, …, U).
    cache : dict
        From :func:`dense_forward`.

    Returns
    -------
    dx, dkernel : numpy.ndarray
        Shapes of x and kernel.
    dbias : numpy.ndarray or None
        Shape (U,); None if there was no bias.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.

    References
    ----------
    Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors*, 1986.
    """
    check_cache(cache, "dense", "x", "kernel", "bias")
    x, kernel = cache["x"], cache["kernel"]
    dy = as_gradient(dy, (*x.shape[:-1], kernel.shape[1]))
    examples, gradients = x.reshape(-1, x.shape[-1]), dy.reshape(-1, kernel.shape[1])
    dbias = None if cache["bias"] is None else gradients.sum(axis=0)
    return dy @ kernel.T, examples.T @ gradients, dbias


def dense(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """A weighted sum of all inputs for every output: y of :func:`dense_forward`."""
    return dense_forward(x, kernel, bias)[0]


def flatten_forward(x: np.ndarray) -> tuple[np.ndarray, dict]:
    """Write the entries of each example in a row: rows first, then columns, the channels of a pixel side by side.

    Parameters
    ----------
    x : numpy.ndarray
        Shape (N, …).

    Returns
    -------
    y : numpy.ndarray
        Shape (N, D), D the product of the other sizes; same dtype.
    cache : dict
        For :func:`flatten_backward`.

    Raises
    ------
    ValueError
        If ``x`` has no axis, or entries are not numbers.
    """
    x = as_array(x, "x", shape=("N", ...))
    return x.reshape(len(x), math.prod(x.shape[1:])), {"layer": "flatten", "x_shape": x.shape}


def flatten_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`flatten_forward`: the entries of dy, put back where they came from.

    Nothing is computed in the forward pass, so each entry's derivative is 1.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, D).
    cache : dict
        From :func:`flatten_forward`.

    Returns
    -------
    numpy.ndarray
        ∂L/∂x, shape of x.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "flatten", "x_shape")
    shape = cache["x_shape"]
    return as_gradient(dy, (shape[0], math.prod(shape[1:]))).reshape(shape)


def flatten(x: np.ndarray) -> np.ndarray:
    """Write the entries of each example in a row: y of :func:`flatten_forward`."""
    return flatten_forward(x)[0]
