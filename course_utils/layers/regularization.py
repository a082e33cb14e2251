"""Dropout, and the penalties that keep weights small; penalties of float16 are computed in float32."""

import numpy as np

from course_utils._arguments import as_array, as_finite, as_flag, as_floats, as_generator, as_number, as_share
from course_utils.layers._passes import as_gradient, check_cache, check_overflow, widened


def dropout_forward(
    x: np.ndarray,
    rate: float = 0.5,
    *,
    training: bool = False,
    seed: int | np.random.Generator | None = None,
    mask: np.ndarray | None = None,
) -> tuple[np.ndarray, dict]:
    r"""Set each entry to 0 with probability r in training, and scale the others up so that the expectation stays.

    .. math:: y = \frac{m\,x}{1 - r}, \qquad m \in \{0, 1\},\; P(m = 0) = r

    Scaling in training ("inverted" dropout) leaves nothing to do at inference, where y = x.

    Parameters
    ----------
    x : numpy.ndarray
        Any shape.
    rate : float
        r, 0 ≤ r < 1.
    training : bool
        Whether this is a step of training.
    seed : int or numpy.random.Generator, optional
        A number gives the same mask each time; a generator is advanced. Needed in training unless ``mask`` is given.
    mask : numpy.ndarray, optional
        m itself, shape of x, True or 1 for what stays.

    Returns
    -------
    y : numpy.ndarray
        Shape of x.
    cache : dict
        For :func:`dropout_backward`; ``cache["mask"]`` is m.

    Raises
    ------
    ValueError
        If ``rate`` or ``mask`` is out of range, or neither ``seed`` nor ``mask`` is given in training.

    References
    ----------
    Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, 2014.
    """
    x, rate, training = as_floats(x, "x"), as_share(rate, "rate"), as_flag(training, "training")
    generator = None if seed is None else as_generator(seed, "seed")
    if mask is not None:
        mask = as_array(mask, "mask", shape=x.shape)
        if not np.isin(mask, (0, 1)).all():
            raise ValueError(f"mask of shape {mask.shape}: expected entries 0 and 1 only")
        mask = mask.astype(bool)
    if not training:
        mask, rate = np.ones(x.shape, bool), 0.0
    elif mask is None and generator is None:
        raise ValueError("seed=None, mask=None: dropout in training needs one of them, so that it can be repeated")
    elif mask is None:
        mask = generator.random(x.shape) >= rate
    with np.errstate(over="ignore"):
        y = x * mask / (1 - rate)
    check_overflow(y, x, of="y")
    return y, {"layer": "dropout", "mask": mask, "rate": rate}


def dropout_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`dropout_forward`: dx = m dy / (1 − r), with the mask of the forward pass.

    y is x times a constant for each entry, so that constant is the derivative.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape of x.
    cache : dict
        From :func:`dropout_forward`.

    Returns
    -------
    numpy.ndarray
        ∂L/∂x, shape of x.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "dropout", "mask", "rate")
    mask = cache["mask"]
    return as_gradient(dy, mask.shape) * mask / (1 - cache["rate"])


def dropout(
    x: np.ndarray,
    rate: float = 0.5,
    *,
    training: bool = False,
    seed: int | np.random.Generator | None = None,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Drop entries at random in training: y of :func:`dropout_forward`."""
    return dropout_forward(x, rate, training=training, seed=seed, mask=mask)[0]


def l1_penalty_forward(weights: np.ndarray, factor: float = 0.01) -> tuple[np.floating, dict]:
    r"""Penalty on the size of weights that drives small ones to zero.

    .. math:: L = \lambda \sum_i |w_i|

    Parameters
    ----------
    weights : numpy.ndarray
        Any shape, finite.
    factor : float
        λ, at least 0.

    Returns
    -------
    y : float
        To be added to the loss.
    cache : dict
        For :func:`l1_penalty_backward`.

    Raises
    ------
    ValueError
        If a number is out of range or not finite.
    """
    (weights,), factor = widened(as_finite(weights, "weights")), as_number(factor, "factor", least=0)
    return _penalty(factor, np.abs(weights)), {"layer": "l1_penalty", "weights": weights, "factor": factor}


def l1_penalty_backward(dy: float, cache: dict) -> np.ndarray:
    """Gradient of :func:`l1_penalty_forward`: λ sign(w) dy, and 0 for a weight of 0.

    An absolute value has slope 1 on one side and −1 on the other: a pull of the same strength however small the weight.

    Parameters
    ----------
    dy : float
        ∂L/∂y, 1 if the penalty is simply added to the loss.
    cache : dict
        From :func:`l1_penalty_forward`.

    Returns
    -------
    numpy.ndarray
        Shape of the weights.

    Raises
    ------
    ValueError
        If ``dy`` is not one number.
    """
    check_cache(cache, "l1_penalty", "weights", "factor")
    return as_gradient(dy, ()).astype(cache["weights"].dtype) * cache["factor"] * np.sign(cache["weights"])


def l2_penalty_forward(weights: np.ndarray, factor: float = 0.01) -> tuple[np.floating, dict]:
    r"""Penalty on the size of weights that shrinks large ones most.

    .. math:: L = \lambda \sum_i w_i^2

    There is no ½ in it, as in Keras. Arguments, result and errors are those of :func:`l1_penalty_forward`.
    """
    (weights,), factor = widened(as_finite(weights, "weights")), as_number(factor, "factor", least=0)
    return _penalty(factor, np.square(weights)), {"layer": "l2_penalty", "weights": weights, "factor": factor}


def l2_penalty_backward(dy: float, cache: dict) -> np.ndarray:
    """Gradient of :func:`l2_penalty_forward`: 2 λ w dy.

    The derivative of w² is 2 w: a pull in proportion to the weight. Arguments, result and errors are those of
    :func:`l1_penalty_backward`.
    """
    check_cache(cache, "l2_penalty", "weights", "factor")
    return as_gradient(dy, ()).astype(cache["weights"].dtype) * 2 * cache["factor"] * cache["weights"]


def _penalty(factor: float, sizes: np.ndarray) -> np.floating:
    penalty = factor * sizes.sum()
    check_overflow(penalty, of="the penalty")
    return penalty
