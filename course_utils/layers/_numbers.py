"""Arrays as they come in: which numbers are accepted, and that a gradient fits what it belongs to."""

import numpy as np


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


def as_floats(array, argument: str) -> np.ndarray:
    """An array of floats as it is, or of integers as float64; errors as for :func:`as_numbers`."""
    array = as_numbers(array, argument)
    return array.astype(np.float64) if array.dtype.kind == "i" else array


def as_finite(array, argument: str) -> np.ndarray:
    """An array of floats without NaN and infinity.

    Raises
    ------
    ValueError
        If the entries are not real numbers, or one of them is not finite; the message counts them.
    """
    array = as_floats(array, argument)
    if not np.isfinite(array).all():
        wrong = int(np.count_nonzero(~np.isfinite(array)))
        raise ValueError(
            f"{argument} holds {wrong} of {array.size} entries that are NaN or infinite; expected finite numbers"
        )
    return array


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


def as_share(value, argument: str) -> float:
    """A float from 0 to less than 1.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < 1:
        raise ValueError(f"{argument}={value!r}: a share from 0 to less than 1")
    return float(value)
