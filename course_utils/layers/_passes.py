"""What forward and backward passes share: gradients and caches that fit, sums that stay exact, float16 with room."""

from collections.abc import Mapping

import numpy as np

from course_utils._arguments import as_floats, as_numbers, given


def as_gradient(dy, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient that comes back to a layer, as floats of the shape of the layer's output.

    Raises
    ------
    ValueError
        If the shape differs or the entries are not real numbers.
    """
    dy = as_floats(dy, "dy")
    if dy.shape != tuple(shape):
        raise ValueError(f"dy has shape {dy.shape}; expected {tuple(shape)}, the shape of y")
    return dy


def as_vector(array, argument: str, size: int, meaning: str) -> np.ndarray | None:
    """None as it is, or ``size`` numbers, shape (size,).

    Raises
    ------
    ValueError
        If the shape is another one or the entries are not real numbers.
    """
    if array is None:
        return None
    array = as_numbers(array, argument)
    if array.shape != (size,):
        raise ValueError(f"{argument} has shape {array.shape}; expected ({size},), one number a {meaning}")
    return array


def check_cache(cache, layer: str, *names: str) -> None:
    """Raise ValueError unless ``cache`` has these entries and is one that the forward pass of ``layer`` returned."""
    missing = list(names) if not isinstance(cache, Mapping) else [name for name in names if name not in cache]
    if missing:
        raise ValueError(f"cache has no entry {missing[0]!r}: give what {layer}_forward returned")
    if cache.get("layer") != layer:
        raise ValueError(f"cache is one of layer={given(cache.get('layer'))}: give what {layer}_forward returned")


def check_exact(result: np.ndarray, *terms: np.ndarray, count: int, compute) -> None:
    """Raise ValueError where a sum of ``count`` products of whole numbers did not fit into int64.

    Parameters
    ----------
    result : numpy.ndarray
        What was computed; nothing is checked unless it holds whole numbers.
    terms : numpy.ndarray
        The arrays whose entries were multiplied.
    count : int
        Products in a sum.
    compute : callable
        Called only where the largest entries could overflow: the same result in float64.
    """
    if result.dtype.kind != "i":
        return
    bound, limit = count, np.iinfo(np.int64).max
    for term in terms:
        bound *= max(abs(int(term.max(initial=0))), abs(int(term.min(initial=0))))
    # Sums that left int64 are off by a multiple of 2**64, which no rounding of float64 comes near.
    if bound > limit and np.abs(compute() - result).max(initial=0) > limit:
        raise ValueError("the sums of these whole numbers do not fit into int64; convert with astype(np.float64) first")


def plus_bias(y: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """y + bias along the last axis, or y where there is none; errors as for :func:`check_exact`."""
    if bias is None:
        return y
    result = y + bias
    check_exact(result, y, bias, count=2, compute=lambda: y.astype(float) + bias)
    return result


def widened(*arrays: np.ndarray | None) -> list[np.ndarray | None]:
    """float16 as float32, whose squares and sums do not overflow at 256; anything else as it is."""
    return [array.astype(np.float32) if array is not None and array.dtype == np.float16 else array for array in arrays]


def check_overflow(result, *terms, of: str) -> None:
    """Raise ValueError if a result of finite numbers is not finite itself: it left the range of its dtype.

    ``terms`` are what it was computed from, where they may hold NaN or infinity, which are then passed on; or None.
    """
    if not np.isfinite(result).all() and all(term is None or np.isfinite(term).all() for term in terms):
        raise ValueError(f"{of} is too large for {np.asarray(result).dtype}; scale the numbers, or give float64")
