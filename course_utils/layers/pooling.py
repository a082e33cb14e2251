"""Pooling: one number for each window and channel, no parameters."""

import numpy as np

from course_utils._arguments import as_choice, as_floats, as_numbers, as_pair
from course_utils.layers._passes import as_gradient, check_cache, widened
from course_utils.layers.windows import MAPS, Pair, crop, pad_image, window_places, window_slices


def max_pool_forward(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> tuple[np.ndarray, dict]:
    r"""Keep the largest entry of each window.

    .. math:: y_{n,i,j,c} = \max_{u,v} x_{n,\;i s + u,\;j s + v,\;c}

    Parameters
    ----------
    x : numpy.ndarray
        Feature maps, shape (N, H, W, C).
    pool_size : int or (int, int)
        Rows and columns of the window.
    strides : int or (int, int), optional
        Steps in pixels; as large as the window unless given.
    padding : {"valid", "same"}
        "valid" drops rows and columns that no whole window reaches. "same" lets windows at the border be partial: only
        the part inside the map counts.

    Returns
    -------
    y : numpy.ndarray
        Shape (N, H', W', C). Floats keep their dtype, integers become int64.
    cache : dict
        For :func:`max_pool_backward`.

    Raises
    ------
    ValueError
        If ``x`` has no four axes or an argument is out of range.
    """
    slices, padded, amounts = _windows(x, pool_size, strides, padding, fill="lowest")
    y = padded[slices[0]].copy()
    for window in slices[1:]:
        np.maximum(y, padded[window], out=y)
    return y, {"layer": "max_pool", "slices": slices, "padded": padded, "amounts": amounts, "y": y}


def max_pool_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    r"""Gradient of :func:`max_pool_forward`: each window hands dy to its largest entry, and nothing to the others.

    The maximum moves with its largest entry alone: ∂y/∂x is 1 there and 0 elsewhere. Where several are equally large,
    there is no derivative; as in TensorFlow the first of them, row by row, gets all.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, H', W', C).
    cache : dict
        From :func:`max_pool_forward`.

    Returns
    -------
    numpy.ndarray
        ∂L/∂x, shape (N, H, W, C).

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "max_pool", "y", "padded", "slices", "amounts")
    y, padded = cache["y"], cache["padded"]
    dy = as_gradient(dy, y.shape)
    dx, open_windows = np.zeros(padded.shape, dy.dtype), np.ones(y.shape, bool)
    for window in cache["slices"]:
        largest = open_windows & (padded[window] == y)
        dx[window] += dy * largest
        open_windows &= ~largest
    return crop(dx, cache["amounts"])


def max_pool(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """Keep the largest entry of each window: y of :func:`max_pool_forward`, whose arguments and errors it shares."""
    return max_pool_forward(x, pool_size, strides=strides, padding=padding)[0]


def average_pool_forward(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> tuple[np.ndarray, dict]:
    r"""Keep the mean of each window; of a partial window, the mean of the part inside the map, as in Keras.

    .. math:: y_{n,i,j,c} = \frac{1}{m_{i,j}} \sum_{u,v} x_{n,\;i s + u,\;j s + v,\;c}

    with m the number of entries of the window that lie inside the map.

    Parameters
    ----------
    x, pool_size, strides, padding
        As for :func:`max_pool_forward`.

    Returns
    -------
    y : numpy.ndarray
        Shape (N, H', W', C). Floats keep their dtype, integers give float64.
    cache : dict
        For :func:`average_pool_backward`.

    Raises
    ------
    ValueError
        If ``x`` has no four axes or an argument is out of range.
    """
    x = as_floats(x, "x", shape=MAPS)
    (wide,) = widened(x)
    slices, padded, amounts = _windows(wide, pool_size, strides, padding, fill=0)
    inside = _windows(np.ones_like(wide[:1, :, :, :1]), pool_size, strides, padding, fill=0)[1]
    count = sum(inside[window] for window in slices)
    y = (sum(padded[window] for window in slices) / count).astype(x.dtype, copy=False)
    return y, {
        "layer": "average_pool",
        "slices": slices,
        "padded_shape": padded.shape,
        "amounts": amounts,
        "count": count,
        "y_shape": y.shape,
    }


def average_pool_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`average_pool_forward`: each window shares dy equally among its entries inside the map.

    ∂y/∂x is 1/m for each of the m entries, and where windows overlap their shares add up.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, H', W', C).
    cache : dict
        From :func:`average_pool_forward`.

    Returns
    -------
    numpy.ndarray
        ∂L/∂x, shape (N, H, W, C).

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "average_pool", "y_shape", "count", "padded_shape", "slices", "amounts")
    dy = as_gradient(dy, cache["y_shape"])
    share = (dy / cache["count"]).astype(dy.dtype, copy=False)
    dx = np.zeros(cache["padded_shape"], share.dtype)
    for window in cache["slices"]:
        dx[window] += share
    return crop(dx, cache["amounts"])


def average_pool(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """Keep the mean of each window: y of :func:`average_pool_forward`, whose arguments and errors it shares."""
    return average_pool_forward(x, pool_size, strides=strides, padding=padding)[0]


def global_average_pool_forward(x: np.ndarray) -> tuple[np.ndarray, dict]:
    r"""One number a feature map: its mean.

    .. math:: y_{n,c} = \frac{1}{H W} \sum_{i,j} x_{n,i,j,c}

    Parameters
    ----------
    x : numpy.ndarray
        Feature maps, shape (N, H, W, C), at least one row and column.

    Returns
    -------
    y : numpy.ndarray
        Shape (N, C). Floats keep their dtype, integers give float64.
    cache : dict
        For :func:`global_average_pool_backward`.

    Raises
    ------
    ValueError
        If ``x`` has no four axes, no rows or no columns, or entries are not numbers.

    References
    ----------
    Lin, Chen, Yan, *Network in network*, 2014, section 3.2.
    """
    x = as_floats(x, "x", shape=MAPS)
    if 0 in x.shape[1:3]:
        raise ValueError(f"x has shape {x.shape}; expected at least one row and one column")
    return x.mean(axis=(1, 2)), {"layer": "global_average_pool", "x_shape": x.shape}


def global_average_pool_backward(dy: np.ndarray, cache: dict) -> np.ndarray:
    """Gradient of :func:`global_average_pool_forward`: every entry of a map gets dy / (H W).

    Each entry enters the mean with weight 1 / (H W), so ∂y/∂x is that number everywhere.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, C).
    cache : dict
        From :func:`global_average_pool_forward`.

    Returns
    -------
    numpy.ndarray
        ∂L/∂x, shape (N, H, W, C).

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "global_average_pool", "x_shape")
    n, height, width, channels = cache["x_shape"]
    dy = as_gradient(dy, (n, channels))
    share = (widened(dy)[0] / (height * width)).astype(dy.dtype, copy=False)
    return np.broadcast_to(share[:, None, None, :], cache["x_shape"]).copy()


def global_average_pool(x: np.ndarray) -> np.ndarray:
    """The mean of each feature map: y of :func:`global_average_pool_forward`."""
    return global_average_pool_forward(x)[0]


def max_pool_naive(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """:func:`max_pool`, window by window: the definition, executed."""
    return _pool_naive(as_numbers(x, "x"), pool_size, strides, padding, np.max)


def average_pool_naive(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """:func:`average_pool`, window by window: the definition, executed."""
    return _pool_naive(as_floats(x, "x"), pool_size, strides, padding, np.mean)


def _windows(x, pool_size, strides, padding, fill):
    """Index of each offset's entries in the padded maps, the padded maps, and the rows and columns added around."""
    x, pool_size, strides = _checked(x, pool_size, strides, padding)
    if fill == "lowest":
        fill = np.iinfo(x.dtype).min if x.dtype.kind == "i" else -np.inf
    padded, shape = pad_image(x, pool_size, strides=strides, padding=padding, fill=fill)
    amounts, _ = window_places(x.shape[1:3], pool_size, strides=strides, padding=padding)
    offsets = np.ndindex(*pool_size)
    return [(slice(None), *window_slices(u, v, shape, strides)) for u, v in offsets], padded, amounts


def _pool_naive(x, pool_size, strides, padding, reduce):
    x, pool_size, strides = _checked(x, pool_size, strides, padding)
    _, shape = pad_image(x, pool_size, strides=strides, padding=padding)
    ((top, _), (left, _)), _ = window_places(x.shape[1:3], pool_size, strides=strides, padding=padding)
    y = np.empty((len(x), *shape, x.shape[3]), x.dtype)
    for n, i, j, c in np.ndindex(y.shape):
        row, column = i * strides[0] - top, j * strides[1] - left
        window = x[n, max(row, 0) : row + pool_size[0], max(column, 0) : column + pool_size[1], c]
        y[n, i, j, c] = reduce(window)
    return y


def _checked(x, pool_size, strides, padding):
    """Arguments of a pooling as numbers and pairs, or a ValueError that says what is wrong."""
    as_choice(padding, "padding", ("valid", "same"))
    pool_size = as_pair(pool_size, "pool_size")
    return as_numbers(x, "x", shape=MAPS), pool_size, pool_size if strides is None else as_pair(strides, "strides")
