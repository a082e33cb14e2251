"""Pooling: one number for each window and channel, no parameters."""

import numpy as np

from course_utils.layers.conv import as_numbers
from course_utils.layers.windows import Pair, as_pair, pad_image, window_slices


def max_pool(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """Keep the largest entry of each window.

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
    numpy.ndarray
        Shape (N, H', W', C). Floats keep their dtype, integers become int64.

    Raises
    ------
    ValueError
        If ``x`` has no four axes or an argument is out of range.
    """
    slices, padded = _windows(x, pool_size, strides, padding, fill="lowest")
    y = padded[slices[0]]
    for window in slices[1:]:
        y = np.maximum(y, padded[window])
    return y.copy() if len(slices) == 1 else y


def average_pool(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """Keep the mean of each window; of a partial window, the mean of the part inside the map, as in Keras.

    Arguments and errors are those of :func:`max_pool`; integers give float64.
    """
    x = as_numbers(x, "x")
    x = x.astype(np.float64) if x.dtype.kind == "i" else x
    slices, padded = _windows(x, pool_size, strides, padding, fill=0)
    inside = _windows(np.ones_like(x[:1, :, :, :1]), pool_size, strides, padding, fill=0)[1]
    return sum(padded[window] for window in slices) / sum(inside[window] for window in slices)


def max_pool_naive(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """:func:`max_pool`, window by window: the definition, executed."""
    return _pool_naive(as_numbers(x, "x"), pool_size, strides, padding, np.max)


def average_pool_naive(
    x: np.ndarray, pool_size: int | Pair = 2, *, strides: int | Pair | None = None, padding: str = "valid"
) -> np.ndarray:
    """:func:`average_pool`, window by window: the definition, executed."""
    x = as_numbers(x, "x")
    return _pool_naive(x.astype(np.float64) if x.dtype.kind == "i" else x, pool_size, strides, padding, np.mean)


def _windows(x, pool_size, strides, padding, fill):
    """Index of each offset's entries in the padded maps, and the padded maps."""
    x, pool_size, strides = _checked(x, pool_size, strides, padding)
    if fill == "lowest":
        fill = np.iinfo(x.dtype).min if x.dtype.kind == "i" else -np.inf
    padded, shape = pad_image(x, pool_size, strides=strides, padding=padding, fill=fill)
    offsets = np.ndindex(*pool_size)
    return [(slice(None), *window_slices(u, v, shape, strides)) for u, v in offsets], padded


def _pool_naive(x, pool_size, strides, padding, reduce):
    x, pool_size, strides = _checked(x, pool_size, strides, padding)
    padded, shape = pad_image(x, pool_size, strides=strides, padding=padding)
    top, left = ((p - s) // 2 for p, s in zip(padded.shape[1:3], x.shape[1:3], strict=True))
    y = np.empty((len(x), *shape, x.shape[3]), x.dtype)
    for n, i, j, c in np.ndindex(y.shape):
        row, column = i * strides[0] - top, j * strides[1] - left
        window = x[n, max(row, 0) : row + pool_size[0], max(column, 0) : column + pool_size[1], c]
        y[n, i, j, c] = reduce(window)
    return y


def _checked(x, pool_size, strides, padding):
    """Arguments of a pooling as numbers and pairs, or a ValueError that says what is wrong."""
    if padding not in ("valid", "same"):
        raise ValueError(f"padding={padding!r}: must be 'valid' or 'same'")
    pool_size = as_pair(pool_size, "pool_size")
    return as_numbers(x, "x"), pool_size, pool_size if strides is None else as_pair(strides, "strides")
