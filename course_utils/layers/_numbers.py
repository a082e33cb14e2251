"""Arguments as they come in: which are accepted, and that a gradient and a cache fit what they belong to."""

import math
import operator
from collections.abc import Mapping

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


def as_number(value, argument: str, *, above: float | None = None, least: float | None = None) -> float:
    """A finite float, greater than ``above`` or at least ``least``.

    Raises
    ------
    ValueError
        If it is none.
    """
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    low = number and ((above is not None and not value > above) or (least is not None and not value >= least))
    if not number or low or not math.isfinite(value):
        bound = f" greater than {above}" if above is not None else f", at least {least}"
        raise ValueError(f"{argument}={value!r}: a finite number{bound}")
    return float(value)


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


def as_count(value, argument: str, *, least: int = 1) -> int:
    """A whole number, at least ``least``.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        count = operator.index(value)
    except TypeError:
        count = None
    if count is None or isinstance(value, bool) or count < least:
        raise ValueError(f"{argument}={value!r}: a whole number, at least {least}")
    return count


def as_flag(value, argument: str) -> bool:
    """True or False.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{argument}={value!r}: must be True or False")
    return bool(value)


def as_axis(axis, ndim: int) -> int:
    """The number of an axis, from 0 on, of an array with ``ndim`` axes.

    Raises
    ------
    ValueError
        If there is no such axis.
    """
    try:
        place = operator.index(axis)
    except TypeError:
        place = None
    if place is None or not -ndim <= place < ndim:
        raise ValueError(f"axis={axis!r}: an array with {ndim} axes has axes {-ndim} … {ndim - 1}")
    return place % ndim


def check_cache(cache, *names: str) -> None:
    """Raise ValueError unless ``cache`` is a dictionary with these entries, as the layer's forward pass returns it."""
    missing = list(names) if not isinstance(cache, Mapping) else [name for name in names if name not in cache]
    if missing:
        raise ValueError(f"cache has no entry {missing[0]!r}: give what the forward pass of the same layer returned")
