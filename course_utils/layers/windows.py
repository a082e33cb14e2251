"""Where a sliding window goes: arguments, padding and output size, shared by convolution and pooling."""

import contextlib
from collections.abc import Sequence

import numpy as np

from course_utils._arguments import as_array, as_count, as_pair, given, refuse

Pair = tuple[int, int]
Padding = str | int | Sequence
MAPS = ("N", "H", "W", "C")
"""Shape of pictures and feature maps: examples, rows, columns, channels."""

_PADDINGS = "'valid', 'same', a number of pixels, or ((top, bottom), (left, right))"


def output_size(
    size: int, kernel_size: int, *, stride: int = 1, padding: str | int | Pair = 0, dilation: int = 1
) -> int:
    r"""Number of positions a window takes along one axis.

    .. math:: \left\lfloor \frac{n + p_\text{before} + p_\text{after} - d(k-1) - 1}{s} \right\rfloor + 1

    Parameters
    ----------
    size : int
        n, the length of the axis, in pixels.
    kernel_size, stride, dilation : int
        k, s and d.
    padding : {"valid", "same"}, int or (int, int)
        p on both sides, or (before, after). "valid" is 0; "same" is what makes the result ⌈n / s⌉.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    ValueError
        If an argument is out of range or the window does not fit once.

    Examples
    --------
    >>> output_size(7, 3)
    5
    >>> output_size(6, 3, stride=2)
    2
    """
    size, kernel_size, stride, dilation = _counts(size, kernel_size, stride, dilation)
    before, after = pad_amounts(size, kernel_size, stride=stride, padding=padding, dilation=dilation)
    reach = dilation * (kernel_size - 1) + 1
    if size + before + after < reach:
        raise ValueError(
            f"a window of {reach} (kernel_size={kernel_size}, dilation={dilation}) does not fit into "
            f"{size + before + after} (size={size} with padding {before} + {after})"
        )
    return (size + before + after - reach) // stride + 1


def pad_amounts(
    size: int, kernel_size: int, *, stride: int = 1, padding: str | int | Pair = 0, dilation: int = 1
) -> Pair:
    """Pixels added before and after an axis of length ``size``; arguments as for :func:`output_size`.

    For ``padding="same"`` the rule is Keras's and TensorFlow's: as few as make the output ⌈size / stride⌉ long, and
    where they do not divide evenly the extra one goes *after*, at the bottom and on the right.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    size, kernel_size, stride, dilation = _counts(size, kernel_size, stride, dilation)
    if not isinstance(padding, str):
        return as_pair(padding, "padding", least=0)
    if padding not in ("valid", "same"):
        raise refuse("padding", padding, "'valid', 'same', a number of pixels, or (before, after)")
    if padding == "valid":
        return 0, 0
    total = max((-(-size // stride) - 1) * stride + dilation * (kernel_size - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def _counts(size, kernel_size, stride, dilation) -> tuple[int, int, int, int]:
    """Four whole numbers, at least 1, as ints: NumPy's small ones would overflow."""
    return (
        as_count(size, "size"),
        as_count(kernel_size, "kernel_size"),
        as_count(stride, "stride"),
        as_count(dilation, "dilation"),
    )


def axis_paddings(padding: Padding) -> tuple:
    """``padding`` for rows and for columns: a word or number goes to both, ((t, b), (l, r)) is split.

    Raises
    ------
    ValueError
        If it is neither a word, a number, two numbers, nor two pairs.
    """
    if isinstance(padding, str) and padding in ("valid", "same"):
        return padding, padding
    several = isinstance(padding, list | tuple) or (isinstance(padding, np.ndarray) and padding.ndim > 0)
    entries = tuple(padding) if several else (padding, padding)
    if len(entries) == 2 and len({isinstance(entry, list | tuple | np.ndarray) for entry in entries}) == 1:
        with contextlib.suppress(ValueError):
            return tuple(as_pair(entry, "padding", least=0) for entry in entries)
    raise refuse("padding", padding, _PADDINGS)


def pad_image(
    x: np.ndarray,
    kernel_size: int | Pair,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
    fill: float = 0,
) -> tuple[np.ndarray, Pair]:
    """Pad the rows and columns of ``x``, shape (N, H, W, C), for a window that will slide over it.

    Returns
    -------
    padded : numpy.ndarray
        Shape (N, H + top + bottom, W + left + right, C), filled with ``fill`` outside.
    output_shape : (int, int)
        (H', W'), the number of window positions down and across.

    Raises
    ------
    ValueError
        If ``x`` has no four axes, its dtype cannot hold ``fill``, an argument is out of range, or the window does not
        fit.
    """
    x, fill = as_array(x, "x", shape=MAPS), as_array(fill, "fill", shape=())
    if 0 in x.shape[1:3]:
        raise ValueError(f"x has shape {x.shape}; expected at least one row and one column")
    amounts, shape = window_places(
        x.shape[1:3], kernel_size, strides=strides, padding=padding, dilation_rate=dilation_rate
    )
    if any(map(any, amounts)):
        rows, columns = (n + sum(p) for n, p in zip(x.shape[1:3], amounts, strict=True))
        if x.shape[0] * rows * columns * x.shape[3] > 10**9:
            raise ValueError(f"padding={given(padding)}: maps of {rows} x {columns} are more than memory holds")
        with np.errstate(all="ignore"):
            held = fill.astype(x.dtype)
        if held != fill if x.dtype.kind in "biu" else np.isfinite(fill) != np.isfinite(held):
            raise ValueError(f"fill={given(fill[()])}: x has dtype {x.dtype}, which cannot hold it")
        x = np.pad(x, ((0, 0), *amounts, (0, 0)), constant_values=fill)
    return x, shape


def window_places(
    size: Pair,
    kernel_size: int | Pair,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
) -> tuple[tuple[Pair, Pair], Pair]:
    """Padding and number of positions of a window over ``size`` rows and columns.

    Returns
    -------
    amounts : ((top, bottom), (left, right))
        Rows and columns added around.
    output_shape : (int, int)
        (H', W').

    Raises
    ------
    ValueError
        If an argument is out of range, or the window does not fit.
    """
    kernel_size, strides = as_pair(kernel_size, "kernel_size"), as_pair(strides, "strides")
    dilation_rate = as_pair(dilation_rate, "dilation_rate")
    amounts, shape = [], []
    for n, k, s, p, d in zip(size, kernel_size, strides, axis_paddings(padding), dilation_rate, strict=True):
        amounts.append(pad_amounts(n, k, stride=s, padding=p, dilation=d))
        shape.append(output_size(n, k, stride=s, padding=p, dilation=d))
    return (amounts[0], amounts[1]), (shape[0], shape[1])


def crop(padded: np.ndarray, amounts: tuple[Pair, Pair]) -> np.ndarray:
    """Take the padding off again: the part of a map, shape (N, H, W, C), inside ``((top, bottom), (left, right))``."""
    (top, bottom), (left, right) = amounts
    return padded[:, top : padded.shape[1] - bottom, left : padded.shape[2] - right]


def window_slices(
    u: int, v: int, output_shape: Pair, strides: Pair, dilation_rate: Pair = (1, 1)
) -> tuple[slice, slice]:
    """Rows and columns of a padded map that offset (u, v) of the window meets, one for each window position."""
    return tuple(
        slice(offset * d, offset * d + (count - 1) * s + 1, s)
        for offset, count, s, d in zip((u, v), output_shape, strides, dilation_rate, strict=True)
    )
