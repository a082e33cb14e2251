"""Activation functions, element by element."""

import numpy as np


def relu(x: np.ndarray) -> np.ndarray:
    """Rectified linear unit, y = max(0, x), element by element; shape and dtype stay.

    Parameters
    ----------
    x : numpy.ndarray
        Numbers, any shape.

    Returns
    -------
    numpy.ndarray
        Same shape and dtype; negative entries are 0.

    Raises
    ------
    ValueError
        If the entries are not real numbers.

    References
    ----------
    Nair and Hinton, *Rectified linear units improve restricted Boltzmann machines*, 2010.
    """
    x = np.asarray(x)
    if x.dtype.kind not in "biuf":
        raise ValueError(f"x has dtype {x.dtype}; expected real numbers")
    return np.maximum(x, np.zeros((), x.dtype))
