"""Where two branches of a network meet: residual addition and concatenation."""

from collections.abc import Sequence

import numpy as np

from course_utils._arguments import as_axis, as_list, as_numbers, refuse
from course_utils.layers._passes import as_gradient, check_cache, check_exact


def add_forward(x: np.ndarray, shortcut: np.ndarray) -> tuple[np.ndarray, dict]:
    """Residual addition, y = x + shortcut, entry by entry.

    Parameters
    ----------
    x, shortcut : numpy.ndarray
        The same shape. Nothing is broadcast: a shortcut with other channels needs a projection first.

    Returns
    -------
    y : numpy.ndarray
        That shape. Integers in give int64 out, exactly.
    cache : dict
        For :func:`add_backward`.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    He, Zhang, Ren, Sun, *Deep residual learning for image recognition*, 2016, equations 1 and 2.
    """
    x, shortcut = as_numbers(x, "x"), as_numbers(shortcut, "shortcut")
    if x.shape != shortcut.shape:
        raise ValueError(
            f"shortcut has shape {shortcut.shape}; expected {x.shape}, the shape of x: project it with a 1x1 convolution"
        )
    y = x + shortcut
    check_exact(y, x, shortcut, count=2, compute=lambda: x.astype(float) + shortcut)
    return y, {"layer": "add", "shape": x.shape}


def add_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of :func:`add_forward`: dy for both branches.

    ∂y/∂x = ∂y/∂shortcut = 1, so the gradient passes the shortcut unchanged, however deep the network.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape of x.
    cache : dict
        From :func:`add_forward`.

    Returns
    -------
    dx, dshortcut : numpy.ndarray
        Shape of x.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "add", "shape")
    dy = as_gradient(dy, cache["shape"])
    return dy.copy(), dy.copy()


def add(x: np.ndarray, shortcut: np.ndarray) -> np.ndarray:
    """Residual addition: y of :func:`add_forward`."""
    return add_forward(x, shortcut)[0]


def concatenate_forward(arrays: Sequence[np.ndarray], *, axis: int = -1) -> tuple[np.ndarray, dict]:
    """Lay arrays side by side, usually along the channels.

    Parameters
    ----------
    arrays : sequence of numpy.ndarray
        At least one; shapes equal but for ``axis``.
    axis : int
        The axis along which they are joined.

    Returns
    -------
    y : numpy.ndarray
        As long along ``axis`` as all of them together.
    cache : dict
        For :func:`concatenate_backward`.

    Raises
    ------
    ValueError
        If there is no array, no such axis, or the shapes do not fit.

    References
    ----------
    Huang et al., *Densely connected convolutional networks*, 2017, equation 2.
    """
    if isinstance(arrays, np.ndarray):
        raise refuse("arrays", arrays, "give a list or tuple of arrays")
    arrays = [as_numbers(array, f"arrays[{number}]") for number, array in enumerate(as_list(arrays, "arrays"))]
    ndim = arrays[0].ndim
    axis = as_axis(axis, ndim)
    shapes = [array.shape for array in arrays]
    fixed = [tuple(size for place, size in enumerate(shape) if place != axis) for shape in shapes]
    if any(len(shape) != ndim for shape in shapes) or len(set(fixed)) > 1:
        raise ValueError(f"arrays have shapes {', '.join(map(str, shapes))}; they may differ along axis {axis} only")
    y = np.concatenate(arrays, axis=axis)
    return y, {"layer": "concatenate", "sizes": [shape[axis] for shape in shapes], "axis": axis, "y_shape": y.shape}


def concatenate_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, ...]:
    """Gradients of :func:`concatenate_forward`: dy, cut where the arrays met.

    Each entry of y is an entry of one array, so the derivative is 1 for that one and 0 for the others.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape of y.
    cache : dict
        From :func:`concatenate_forward`.

    Returns
    -------
    tuple of numpy.ndarray
        One gradient an array, in their order.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "concatenate", "y_shape", "sizes", "axis")
    dy = as_gradient(dy, cache["y_shape"])
    return tuple(np.split(dy, np.cumsum(cache["sizes"])[:-1], axis=cache["axis"]))


def concatenate(arrays: Sequence[np.ndarray], *, axis: int = -1) -> np.ndarray:
    """Lay arrays side by side: y of :func:`concatenate_forward`."""
    return concatenate_forward(arrays, axis=axis)[0]
