"""Two-dimensional cross-correlation, the operation that deep-learning libraries call convolution, and its relatives.

Forward and backward stand side by side. With L the loss, ``dy`` is ∂L/∂y, and a backward pass returns ∂L/∂ of each
array that went in, in the order in which they went in.
"""

import numpy as np

from course_utils._arguments import as_count, as_numbers, as_pair, given
from course_utils.layers._passes import as_gradient, as_vector, check_cache, check_exact, plus_bias
from course_utils.layers.windows import MAPS, Padding, Pair, crop, pad_image, window_places, window_slices

PLACES = ("x_shape", "strides", "padding", "dilation_rate")
"""Entries of a cache that say where the windows lay."""


def conv2d_forward(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
    groups: int = 1,
) -> tuple[np.ndarray, dict]:
    r"""Cross-correlate pictures with filters, quickly, and keep what the backward pass needs.

    .. math:: y_{n,i,j,o} = b_o + \sum_{u,v,c} x_{n,\;i s + u d,\;j s + v d,\;c}\; w_{u,v,c,o}

    Parameters
    ----------
    x : numpy.ndarray
        Pictures or feature maps, shape (N, H, W, C).
    kernel : numpy.ndarray
        C' filters, shape (k_h, k_w, C / groups, C'). A 1×1 kernel mixes channels only.
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
    y : numpy.ndarray
        Shape (N, H', W', C'), H' and W' by :func:`output_size`. Integers in give int64 out, exactly.
    cache : dict
        For :func:`conv2d_backward`.

    Raises
    ------
    ValueError
        If shapes, groups or sizes do not fit together, or entries are not numbers.

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
    product = rows @ columns
    check_exact(product, rows, columns, count=rows.shape[2], compute=lambda: rows.astype(float) @ columns)
    y = product.transpose(1, 0, 2).reshape(n, height, width, filters)
    y = plus_bias(y, bias)
    cache = {"layer": "conv2d", "rows": rows, "kernel": kernel, "bias": bias, "x_shape": x.shape, "y_shape": y.shape}
    cache |= {"strides": strides, "padding": padding, "dilation_rate": dilation_rate, "groups": groups}
    return y, cache


def conv2d_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    r"""Gradients of a cross-correlation with respect to pictures, filters and biases.

    Each weight meets one pixel in every window, so its gradient is a sum over windows; each pixel is met by one weight in
    every window that covers it, so its gradient collects from those:

    .. math:: \frac{\partial L}{\partial w_{u,v,c,o}} = \sum_{n,i,j} \mathrm{d}y_{n,i,j,o}\, x_{n,\;i s + u d,\;j s + v d,\;c},
        \qquad \frac{\partial L}{\partial x_{n,\;i s + u d,\;j s + v d,\;c}} \mathrel{+}= \mathrm{d}y_{n,i,j,o}\, w_{u,v,c,o}

    With stride 1 the second is a cross-correlation of dy, padded by k − 1, with flipped kernels.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, H', W', C').
    cache : dict
        From :func:`conv2d_forward`.

    Returns
    -------
    dx, dkernel : numpy.ndarray
        Shapes of x and kernel.
    dbias : numpy.ndarray or None
        Shape (C',); None if there was no bias.

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.

    References
    ----------
    Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*, 2016, section 4.
    """
    check_cache(cache, "conv2d", "y_shape", "rows", "kernel", "groups", "bias", *PLACES)
    dy, rows, kernel = as_gradient(dy, cache["y_shape"]), cache["rows"], cache["kernel"]
    kh, kw, depth, filters = kernel.shape
    groups = cache["groups"]
    by_group = dy.reshape(-1, groups, filters // groups).transpose(1, 0, 2)
    dkernel = (rows.transpose(0, 2, 1) @ by_group).transpose(1, 0, 2).reshape(kh, kw, depth, filters)
    dbias = None if cache["bias"] is None else dy.sum(axis=(0, 1, 2))
    return _scatter(dy, kernel, cache), dkernel, dbias


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
    """Cross-correlate pictures with filters: y of :func:`conv2d_forward`, whose arguments and errors it shares.

    See Also
    --------
    conv2d_naive : the same in seven loops.
    """
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate, "groups": groups}
    return conv2d_forward(x, kernel, bias, **options)[0]


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

    Arguments, result and errors are those of :func:`conv2d`; the time is some ten thousand times longer.
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
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate, "groups": groups}
    check_exact(y, x, kernel, count=kh * kw * depth, compute=lambda: conv2d(x.astype(float), kernel, **options))
    return plus_bias(y, bias)


def depthwise_conv2d_forward(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
) -> tuple[np.ndarray, dict]:
    r"""Cross-correlate each channel with kernels of its own; channels do not mix.

    .. math:: y_{n,i,j,\,c m + q} = b_{c m + q} + \sum_{u,v} x_{n,\;i s + u d,\;j s + v d,\;c}\; w_{u,v,c,q}

    Parameters
    ----------
    x : numpy.ndarray
        Shape (N, H, W, C).
    kernel : numpy.ndarray
        m kernels a channel, shape (k_h, k_w, C, m).
    bias : numpy.ndarray, optional
        Shape (C m,).
    strides, padding, dilation_rate
        As for :func:`conv2d_forward`.

    Returns
    -------
    y : numpy.ndarray
        Shape (N, H', W', C m).
    cache : dict
        For :func:`depthwise_conv2d_backward`.

    Raises
    ------
    ValueError
        If shapes or sizes do not fit together, or entries are not numbers.

    References
    ----------
    Howard et al., *MobileNets*, 2017, section 3.1.
    """
    x, kernel = as_numbers(x, "x", shape=MAPS), as_numbers(kernel, "kernel")
    if kernel.ndim != 4 or kernel.shape[2] != x.shape[3] or 0 in kernel.shape:
        raise ValueError(
            f"kernel has shape {kernel.shape}; expected (rows, columns, {x.shape[3]}, kernels a channel) "
            f"for x with {x.shape[3]} channels"
        )
    kh, kw, channels, multiplier = kernel.shape
    grouped = kernel.reshape(kh, kw, 1, channels * multiplier)  # as many groups as channels
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate, "groups": channels}
    y, cache = conv2d_forward(x, grouped, bias, **options)
    return y, cache | {"layer": "depthwise_conv2d", "depthwise": kernel.shape}


def depthwise_conv2d_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Gradients of :func:`depthwise_conv2d_forward`: those of :func:`conv2d_backward` with a group for each channel.

    The sum over the channels of a group has one term, and the sum over filters m.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, H', W', C m).
    cache : dict
        From :func:`depthwise_conv2d_forward`.

    Returns
    -------
    dx, dkernel, dbias
        Shapes of x, kernel and bias (None if there was none).

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "depthwise_conv2d", "depthwise", "rows")
    dx, dkernel, dbias = conv2d_backward(dy, cache | {"layer": "conv2d"})
    return dx, dkernel.reshape(cache["depthwise"]), dbias


def depthwise_conv2d(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
) -> np.ndarray:
    """Cross-correlate each channel on its own: y of :func:`depthwise_conv2d_forward`."""
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    return depthwise_conv2d_forward(x, kernel, bias, **options)[0]


def conv2d_transpose_forward(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
) -> tuple[np.ndarray, dict]:
    r"""Transposed convolution: every entry of x stamps a kernel, weighted, onto a larger map, s pixels apart.

    .. math:: y_{n,\;i s + u d,\;j s + v d,\;o} \mathrel{+}= x_{n,i,j,c}\; w_{u,v,o,c}, \qquad y \mathrel{+}= b

    It is the gradient of a convolution with respect to its pictures, used as a layer, not the inverse of a convolution.

    Parameters
    ----------
    x : numpy.ndarray
        Feature maps, shape (N, H, W, C).
    kernel : numpy.ndarray
        Shape (k_h, k_w, C', C): filters before channels, as in Keras, since it is the kernel of the convolution from
        C' to C channels that this layer transposes.
    bias : numpy.ndarray, optional
        Shape (C',).
    strides, dilation_rate : int or (int, int)
        s and d, in pixels of the output.
    padding : {"valid", "same"}, int or ((top, bottom), (left, right))
        Rows and columns that are *cut off* the output. "same" gives s times the size of x, as in Keras.

    Returns
    -------
    y : numpy.ndarray
        Shape (N, H', W', C'), with H' = H s + max(d (k − 1) + 1 − s, 0) for "valid", H s for "same",
        (H − 1) s + d (k − 1) + 1 − p_top − p_bottom otherwise.
    cache : dict
        For :func:`conv2d_transpose_backward`.

    Raises
    ------
    ValueError
        If shapes or sizes do not fit together, entries are not numbers, or padding leaves nothing.

    References
    ----------
    Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*, 2016, section 4.
    """
    x, kernel, bias, strides, dilation_rate, amounts, size = _checked_transpose(
        x, kernel, bias, strides, padding, dilation_rate
    )
    cache = {
        "layer": "conv2d_transpose",
        "x": x,
        "kernel": kernel,
        "bias": bias,
        "strides": strides,
        "padding": amounts,
    }
    cache |= {"dilation_rate": dilation_rate, "groups": 1, "x_shape": (len(x), *size, kernel.shape[2])}
    y = _scatter(x, kernel, cache)
    count = kernel.shape[0] * kernel.shape[1] * kernel.shape[3]
    check_exact(y, x, kernel, count=count, compute=lambda: _scatter(x.astype(float), kernel, cache))
    return plus_bias(y, bias), cache


def conv2d_transpose_backward(dy: np.ndarray, cache: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Gradients of a transposed convolution: with respect to x it is the convolution that was transposed.

    y is linear in x with the matrix of ``conv2d`` transposed, so dx is ``conv2d`` of dy with the same kernel. The kernel
    meets x and y as it meets y and x in that convolution, so its gradient is the same sum over windows.

    Parameters
    ----------
    dy : numpy.ndarray
        ∂L/∂y, shape (N, H', W', C').
    cache : dict
        From :func:`conv2d_transpose_forward`.

    Returns
    -------
    dx, dkernel, dbias
        Shapes of x, kernel and bias (None if there was none).

    Raises
    ------
    ValueError
        If ``dy`` does not have the shape of y.
    """
    check_cache(cache, "conv2d_transpose", "x", "kernel", "bias", "groups", *PLACES)
    dy, x = as_gradient(dy, cache["x_shape"]), cache["x"]
    options = {key: cache[key] for key in ("strides", "padding", "dilation_rate")}
    dx, convolution = conv2d_forward(dy, cache["kernel"], **options)
    dx = dx[:, : x.shape[1], : x.shape[2]]  # rows beyond the last stamp, where the stride is longer than the kernel
    columns = x.reshape(1, -1, x.shape[3])
    dkernel = (convolution["rows"].transpose(0, 2, 1) @ columns).reshape(cache["kernel"].shape)
    return dx, dkernel, None if cache["bias"] is None else dy.sum(axis=(0, 1, 2))


def conv2d_transpose(
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    strides: int | Pair = 1,
    padding: Padding = "valid",
    dilation_rate: int | Pair = 1,
) -> np.ndarray:
    """Stamp weighted kernels onto a larger map: y of :func:`conv2d_transpose_forward`."""
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    return conv2d_transpose_forward(x, kernel, bias, **options)[0]


def _scatter(dy: np.ndarray, kernel: np.ndarray, cache: dict) -> np.ndarray:
    """Give every window's share back to the pixels it covered: the transpose of the sum over windows, shape of x."""
    n, height, width, channels = cache["x_shape"]
    strides, dilation_rate, groups = cache["strides"], cache["dilation_rate"], cache["groups"]
    kh, kw, depth, filters = kernel.shape
    amounts, _ = window_places(
        (height, width), (kh, kw), strides=strides, padding=cache["padding"], dilation_rate=dilation_rate
    )
    (top, bottom), (left, right) = amounts
    padded = np.zeros((n, height + top + bottom, width + left + right, channels), np.result_type(dy, kernel))
    shape = dy.shape[1:3]
    by_group = dy.reshape(-1, groups, filters // groups).transpose(1, 0, 2)
    columns = kernel.reshape(kh, kw, depth, groups, filters // groups).transpose(0, 1, 3, 4, 2)
    # One multiplication for each offset (u, v), added where that offset met the picture: with many channels measured
    # faster than one large multiplication whose result is kh·kw times the size of x, with a single channel about equal.
    for u, v in np.ndindex(kh, kw):
        share = (by_group @ columns[u, v]).transpose(1, 0, 2).reshape(n, *shape, channels)
        padded[:, *window_slices(u, v, shape, strides, dilation_rate)] += share
    return crop(padded, amounts)


def _checked(x, kernel, bias, strides, dilation_rate, groups):
    """Arguments of a convolution as arrays of one kind of number and as pairs, or a ValueError that says what is wrong."""
    x, kernel = as_numbers(x, "x", shape=MAPS), as_numbers(kernel, "kernel")
    if kernel.ndim != 4 or 0 in kernel.shape:
        raise ValueError(f"kernel has shape {kernel.shape}; expected (rows, columns, channels / groups, filters)")
    groups = as_count(groups, "groups")
    channels, (depth, filters) = x.shape[3], kernel.shape[2:]
    if channels % groups or filters % groups:
        raise ValueError(f"groups={groups}: must divide {channels} channels and {filters} filters")
    if depth != channels // groups:
        raise ValueError(
            f"kernel has shape {kernel.shape}, so each filter sees {depth} channels; "
            f"x with {channels} channels in {groups} group(s) needs {channels // groups}"
        )
    bias = as_vector(bias, "bias", filters, "filter")
    return x, kernel, bias, as_pair(strides, "strides"), as_pair(dilation_rate, "dilation_rate")


def _checked_transpose(x, kernel, bias, strides, padding, dilation_rate):
    """Arguments of a transposed convolution, rows and columns cut off its output, and the output's size."""
    x, kernel = as_numbers(x, "x", shape=MAPS), as_numbers(kernel, "kernel")
    if 0 in x.shape[1:3]:
        raise ValueError(f"x has shape {x.shape}; expected at least one row and one column")
    if kernel.ndim != 4 or 0 in kernel.shape or kernel.shape[3] != x.shape[3]:
        raise ValueError(
            f"kernel has shape {kernel.shape}; expected (rows, columns, filters, {x.shape[3]}) "
            f"for x with {x.shape[3]} channels"
        )
    bias = as_vector(bias, "bias", kernel.shape[2], "filter")
    strides, dilation_rate = as_pair(strides, "strides"), as_pair(dilation_rate, "dilation_rate")
    reach = [d * (k - 1) + 1 for d, k in zip(dilation_rate, kernel.shape[:2], strict=True)]
    if isinstance(padding, str) and padding == "valid":
        size = [n * s + max(r - s, 0) for n, s, r in zip(x.shape[1:3], strides, reach, strict=True)]
        amounts = ((0, 0), (0, 0))
    elif isinstance(padding, str) and padding == "same":
        size = [n * s for n, s in zip(x.shape[1:3], strides, strict=True)]
        amounts, _ = window_places(size, kernel.shape[:2], strides=strides, padding="same", dilation_rate=dilation_rate)
    else:
        amounts, _ = window_places((10**9, 10**9), 1, padding=padding)
        size = [(n - 1) * s + r - sum(p) for n, s, r, p in zip(x.shape[1:3], strides, reach, amounts, strict=True)]
        if min(size) < 1:
            raise ValueError(
                f"padding={given(padding)} cuts everything off: {size[0]} rows and {size[1]} columns would be left"
            )
    return x, kernel, bias, strides, dilation_rate, amounts, tuple(size)
