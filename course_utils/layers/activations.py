"""Activation functions: element by element, but for softmax, which looks along an axis.

Each backward pass multiplies dy by the derivative, written in whatever the forward pass already has. Integers give
float64, except for :func:`relu`, where they stay exact.
"""

import math

import numpy as np
from scipy import special

from course_utils._arguments import as_array, as_axis, as_flag, as_floats, as_number
from course_utils.layers._passes import as_gradient, check_cache, check_overflow, widened


def relu_forward(x: np.ndarray) -> tuple[np.ndarray, dict]:
    r"""Rectified linear unit, element by element; shape and dtype stay.

    .. math:: y = \max(0, x)

    Parameters
    ----------
    x : numpy.ndarray
        Numbers, any shape.

    Returns
    -------
    y : numpy.ndarray
        Same shape and dtype; negative entries are 0.
    cache : dict
        For :func:`relu_backward`.

    Raises
    ------
    ValueError
        If the entries are not real numbers.

    References
    ----------
    Nair and Hinton, *Rectified linear units improve restricted Boltzmann machines*, 2010.
    """
    x = as_array(x, "x")
    return np.maximum(x, np.zeros((), x.dtype)), {"layer": "relu", "x": x}


def relu_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    r"""Gradient of :func:`relu_forward`: dy where x was positive, 0 elsewhere.

    .. math:: \mathrm{d}x = \mathrm{d}y \cdot [x > 0]

    At 0 there is no derivative; TensorFlow and this function take 0. A unit whose x is never positive learns nothing.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape of x.
    cache : dict
        From :func:`relu_forward`.

    Returns
    -------
    numpy.ndarray
        ∂L/∂x, shape of x.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "relu", "x")
    x = cache["x"]
    return as_gradient(dy, x.shape) * (x > 0)


def relu(x: np.ndarray) -> np.ndarray:
    """Rectified linear unit, y = max(0, x): y of :func:`relu_forward`."""
    return relu_forward(x)[0]


def leaky_relu_forward(x: np.ndarray, *, negative_slope: float = 0.3) -> tuple[np.ndarray, dict]:
    r"""ReLU that lets a share of negative entries through.

    .. math:: y = x \text{ if } x > 0, \quad a x \text{ otherwise}

    Parameters
    ----------
    x : numpy.ndarray
        Any shape.
    negative_slope : float
        a, finite and at least 0; 0.3 as in Keras's layer.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`leaky_relu_backward`.

    Raises
    ------
    ValueError
        If the entries are not real numbers or a is out of range.

    References
    ----------
    Maas, Hannun, Ng, *Rectifier nonlinearities improve neural network acoustic models*, 2013.
    """
    x, slope = as_floats(x, "x"), as_number(negative_slope, "negative_slope", least=0)
    with np.errstate(over="ignore"):
        y = np.where(x > 0, x, slope * x)
    check_overflow(y, x, of="y")
    return y, {"layer": "leaky_relu", "x": x, "negative_slope": slope}


def leaky_relu_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`leaky_relu_forward`: dx = dy where x > 0, a dy elsewhere.

    The derivative of each straight piece is its slope. Arguments, result and errors are those of :func:`relu_backward`.
    """
    check_cache(cache, "leaky_relu", "x", "negative_slope")
    x = cache["x"]
    dy = as_gradient(dy, x.shape)
    return np.where(x > 0, dy, cache["negative_slope"] * dy)


def leaky_relu(x: np.ndarray, *, negative_slope: float = 0.3) -> np.ndarray:
    """ReLU that lets a share of negative entries through: y of :func:`leaky_relu_forward`."""
    return leaky_relu_forward(x, negative_slope=negative_slope)[0]


def elu_forward(x: np.ndarray, *, alpha: float = 1.0) -> tuple[np.ndarray, dict]:
    r"""Exponential linear unit.

    .. math:: y = x \text{ if } x > 0, \quad a\,(e^x - 1) \text{ otherwise}

    Parameters
    ----------
    x : numpy.ndarray
        Any shape.
    alpha : float
        a, finite and at least 0: large negative entries end at −a.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`elu_backward`.

    Raises
    ------
    ValueError
        If the entries are not real numbers or a is out of range.

    References
    ----------
    Clevert, Unterthiner, Hochreiter, *Fast and accurate deep network learning by exponential linear units*, 2016.
    """
    x, alpha = as_floats(x, "x"), as_number(alpha, "alpha", least=0)
    y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return y, {"layer": "elu", "x": x, "y": y, "alpha": alpha}


def elu_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`elu_forward`: dx = dy where x > 0, dy (y + a) elsewhere.

    The derivative of a (eˣ − 1) is a eˣ = y + a. Arguments, result and errors are those of :func:`relu_backward`.
    """
    check_cache(cache, "elu", "x", "y", "alpha")
    dy = as_gradient(dy, cache["x"].shape)
    return np.where(cache["x"] > 0, dy, dy * (cache["y"] + cache["alpha"]))


def elu(x: np.ndarray, *, alpha: float = 1.0) -> np.ndarray:
    """Exponential linear unit: y of :func:`elu_forward`."""
    return elu_forward(x, alpha=alpha)[0]


def gelu_forward(x: np.ndarray, *, approximate: bool = False) -> tuple[np.ndarray, dict]:
    r"""Gaussian error linear unit: x times the probability that a standard normal number is below x.

    .. math:: y = x\,\Phi(x) = \frac{x}{2} \left(1 + \operatorname{erf}\frac{x}{\sqrt 2}\right)

    Parameters
    ----------
    x : numpy.ndarray
        Any shape.
    approximate : bool
        Use Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 instead.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`gelu_backward`.

    Raises
    ------
    ValueError
        If the entries are not real numbers.

    References
    ----------
    Hendrycks and Gimpel, *Gaussian error linear units*, 2016.
    """
    x = as_floats(x, "x")
    if as_flag(approximate, "approximate"):
        z = np.clip(x, -30, 30)  # beyond, the tanh is -1 or 1, and cubes would overflow
        inner = np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))
        share = 0.5 * (1 + inner)
        density = 0.5 * (1 - inner**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)
    else:
        share = 0.5 * (1 + special.erf(x / math.sqrt(2)).astype(x.dtype, copy=False))
        density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return x * share, {"layer": "gelu", "x": x, "share": share, "density": density}


def gelu_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`gelu_forward`: dx = dy (Φ(x) + x φ(x)), φ = Φ' the bell curve.

    This is the product rule on x Φ(x). Arguments, result and errors are those of :func:`relu_backward`.
    """
    check_cache(cache, "gelu", "x", "share", "density")
    dy = as_gradient(dy, cache["x"].shape)
    return dy * (cache["share"] + cache["x"] * cache["density"])


def gelu(x: np.ndarray, *, approximate: bool = False) -> np.ndarray:
    """Gaussian error linear unit: y of :func:`gelu_forward`."""
    return gelu_forward(x, approximate=approximate)[0]


def sigmoid_forward(x: np.ndarray) -> tuple[np.ndarray, dict]:
    r"""Logistic sigmoid, between 0 and 1.

    .. math:: y = \frac{1}{1 + e^{-x}}

    Parameters
    ----------
    x : numpy.ndarray
        Any shape. No entry overflows: for negative x the equal form eˣ / (1 + eˣ) is used.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`sigmoid_backward`.

    Raises
    ------
    ValueError
        If the entries are not real numbers.
    """
    x = as_floats(x, "x")
    small = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1, small) / (1 + small)
    return y, {"layer": "sigmoid", "y": y}


def sigmoid_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`sigmoid_forward`: dx = dy y (1 − y), at most a quarter of dy.

    y' = e⁻ˣ / (1 + e⁻ˣ)², which is y times 1 − y. Arguments, result and errors are those of :func:`relu_backward`.
    """
    check_cache(cache, "sigmoid", "y")
    y = cache["y"]
    return as_gradient(dy, y.shape) * y * (1 - y)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Logistic sigmoid, y = 1 / (1 + e⁻ˣ): y of :func:`sigmoid_forward`."""
    return sigmoid_forward(x)[0]


def tanh_forward(x: np.ndarray) -> tuple[np.ndarray, dict]:
    r"""Hyperbolic tangent, between −1 and 1.

    .. math:: y = \frac{e^x - e^{-x}}{e^x + e^{-x}}

    Parameters
    ----------
    x : numpy.ndarray
        Any shape.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`tanh_backward`.

    Raises
    ------
    ValueError
        If the entries are not real numbers.
    """
    y = np.tanh(as_floats(x, "x"))
    return y, {"layer": "tanh", "y": y}


def tanh_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`tanh_forward`: dx = dy (1 − y²).

    By the quotient rule y' = 1 − (sinh x / cosh x)². Arguments, result and errors are those of :func:`relu_backward`.
    """
    check_cache(cache, "tanh", "y")
    y = cache["y"]
    return as_gradient(dy, y.shape) * (1 - y**2)


def tanh(x: np.ndarray) -> np.ndarray:
    """Hyperbolic tangent: y of :func:`tanh_forward`."""
    return tanh_forward(x)[0]


def softmax_forward(x: np.ndarray, *, axis: int = -1) -> tuple[np.ndarray, dict]:
    r"""Positive numbers that add up to 1 along an axis, in the order of the logits.

    .. math:: y_k = \frac{e^{x_k}}{\sum_j e^{x_j}}

    Parameters
    ----------
    x : numpy.ndarray
        Logits. The largest along the axis is subtracted first, which changes no ratio and keeps eˣ from overflowing.
    axis : int
        The axis of the classes.

    Returns
    -------
    y : numpy.ndarray
        Probabilities, shape of x.
    cache : dict
        For :func:`softmax_backward`.

    Raises
    ------
    ValueError
        If the entries are not real numbers, or there is no such axis.

    References
    ----------
    Bridle, *Probabilistic interpretation of feedforward classification network outputs*, 1990.
    """
    x = as_floats(x, "x")
    axis = as_axis(axis, x.ndim)
    if not x.size:
        raise ValueError(f"x has shape {x.shape}: there is nothing to share out among the entries of an empty axis")
    (wide,) = widened(x)
    positive = np.exp(wide - wide.max(axis=axis, keepdims=True))
    y = (positive / positive.sum(axis=axis, keepdims=True)).astype(x.dtype, copy=False)
    return y, {"layer": "softmax", "y": y, "axis": axis}


def softmax_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    r"""Gradient of :func:`softmax_forward`.

    ∂y_k/∂x_j = y_k (δ_kj − y_j): raising a logit raises its own share and lowers all others. Summed over k,

    .. math:: \mathrm{d}x_j = y_j \Bigl(\mathrm{d}y_j - \sum_k \mathrm{d}y_k\, y_k\Bigr)

    Arguments, result and errors are those of :func:`relu_backward`.
    """
    check_cache(cache, "softmax", "y", "axis")
    y = cache["y"]
    dy = as_gradient(dy, y.shape)
    return y * (dy - (dy * y).sum(axis=cache["axis"], keepdims=True))


def softmax(x: np.ndarray, *, axis: int = -1) -> np.ndarray:
    """Probabilities from logits: y of :func:`softmax_forward`."""
    return softmax_forward(x, axis=axis)[0]
