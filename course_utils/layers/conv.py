"""Two-dimensional cross-correlation, the operation that deep-learning libraries call convolution."""

import operator

import numpy as np

from course_utils.layers.windows import Padding, Pair, as_pair, pad_image


def conv2d(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
    groups: int = 1,
) -> np.ndarray:
    r"""Cross-correlate pictures with filters, quickly.

    .. math:: y_{n,i,j,o} = b_o + \sum_{u,v,c} x_{n,\;i s + u d,\;j s + v d,\;c}\; w_{u,v,c,o}

    Parameters
    ----------
    x : numpy.ndarray
        Pictures or feature maps, shape (N, H, W, C).
    kernel : numpy.ndarray
        C' filters, shape (k_h, k_w, C / groups, C').
    bias : numpy.ndarray, optional
        Shape (C',).
    strides, dilation_rate : int or (int, int)
        s and d, in pixels.
    padding : {"valid", "same"}, int or ((top, bottom), (left, right))
        Zeros around the picture. "same" follows Keras.
    groups : int
        Channels and filters are cut into this many groups; filters of a group see its channels only.

    Returns
    -------
    numpy.ndarray
        Shape (N, H', W', C'), H' and W' by :func:`output_size`. Integers in give int64 out, exactly.

    Raises
    ------
    ValueError
        If shapes, groups or sizes do not fit together, or entries are not numbers.

    See Also
    --------
    conv2d_naive : the same in seven loops.

    References
    ----------
    Chellapilla, Puri, Simard, *High performance convolutional neural networks for document processing*, 2006.
    """
    x, kernel, bias, strides, dilation_rate = _checked(x, kernel, bias, strides, dilation_rate, groups)
    (kh, kw, depth, filters), n = kernel.shape, len(x)
    padded, (height, width) = pad_image(x, (kh, kw), strides=strides, padding=padding, dilation_rate=dilation_rate)
    # im2col: every window becomes a row of one matrix, every filter a column of another. One large multiplication
    # measured faster here than kh·kw small ones, although it copies each pixel kh·kw times.
    reach = (dilation_rate[0] * (kh - 1) + 1, dilation_rate[1] * (kw - 1) + 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(1, 2))
    windows = windows[:, :: strides[0], :: strides[1], :, :: dilation_rate[0], :: dilation_rate[1]]
    windows = windows.reshape(n, height, width, groups, depth, kh, kw).transpose(3, 0, 1, 2, 5, 6, 4)
    rows = windows.reshape(groups, n * height * width, kh * kw * depth)
    columns = kernel.reshape(kh * kw * depth, groups, filters // groups).transpose(1, 0, 2)
    y = (rows @ columns).transpose(1, 0, 2).reshape(n, height, width, filters)
    return y if bias is None else y + bias


def conv2d_naive(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
    groups: int = 1,
) -> np.ndarray:
    """Cross-correlate pictures with filters in seven loops, one multiplication at a time: the definition, executed.

    Arguments, result and errors are those of :func:`conv2d`; the time is about a thousand times longer.
    """
    x, kernel, bias, strides, dilation_rate = _checked(x, kernel, bias, strides, dilation_rate, groups)
    kh, kw, depth, filters = kernel.shape
    padded, (height, width) = pad_image(x, (kh, kw), strides=strides, padding=padding, dilation_rate=dilation_rate)
    y = np.zeros((len(x), height, width, filters), np.result_type(x, kernel))
    for n in range(len(x)):
        for i in range(height):
            for j in range(width):
                for o in range(filters):
                    first = o // (filters // groups) * depth  # first channel of this filter's group
                    for u in range(kh):
                        for v in range(kw):
                            for c in range(depth):
                                row = i * strides[0] + u * dilation_rate[0]
                                column = j * strides[1] + v * dilation_rate[1]
                                y[n, i, j, o] += padded[n, row, column, first + c] * kernel[u, v, c, o]
    return y if bias is None else y + bias


def _checked(x, kernel, bias, strides, dilation_rate, groups):
    """Arguments of a convolution as arrays of one kind of number and as pairs, or a ValueError that says what is wrong."""
    x, kernel = as_numbers(x, "x"), as_numbers(kernel, "kernel")
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}; expected four axes (examples, rows, columns, channels)")
    if kernel.ndim != 4 or 0 in kernel.shape:
        raise ValueError(f"kernel has shape {kernel.shape}; expected (rows, columns, channels / groups, filters)")
    try:
        groups = operator.index(groups)
    except TypeError:
        raise ValueError(f"groups={groups!r}: must be a whole number") from None
    channels, (depth, filters) = x.shape[3], kernel.shape[2:]
    if groups < 1 or channels % groups or filters % groups:
        raise ValueError(f"groups={groups}: must be at least 1 and divide {channels} channels and {filters} filters")
    if depth != channels // groups:
        raise ValueError(
            f"kernel has shape {kernel.shape}, so each filter sees {depth} channels; "
            f"x with {channels} channels in {groups} group(s) needs {channels // groups}"
        )
    if bias is not None:
        bias = as_numbers(bias, "bias")
        if bias.shape != (filters,):
            raise ValueError(f"bias has shape {bias.shape}; expected ({filters},), one number a filter")
    return x, kernel, bias, as_pair(strides, "strides"), as_pair(dilation_rate, "dilation_rate")


def as_numbers(array, argument: str) -> np.ndarray:
    """An array of floats as it is, or of integers widened to int64 so that sums are exact.

    Raises
    ------
    ValueError
        If the entries are not real numbers.
    """
    array = np.asarray(array)
    if array.dtype.kind in "biu":
        return array.astype(np.int64)
    if array.dtype.kind != "f":
        raise ValueError(f"{argument} has dtype {array.dtype}; expected real numbers")
    return array
