"""Arguments as they come in: one place that says what is accepted, for the whole package.

Each ``as_…`` function takes a value and the name of the argument, and returns the value in its plain form (a Python
number, a pair, a list, a NumPy array) or raises :class:`ValueError` with one sentence: what was given, what is accepted
and, where it helps, what to do. NumPy's numbers are taken wherever Python's are; True and False are no numbers. Messages
are ASCII, so that every terminal can print them, and short, whatever the value is.
"""

import difflib
import math
import operator
import os
import re
import reprlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

MOST = 2**31 - 1
"""The largest size, count or number of steps: what the libraries underneath keep in 32 bits."""

_PLAIN = (bool, int, float, str, type(None), list, tuple, dict)
_KINDS = {"biuf": "real numbers", "iuf": "real numbers", "iu": "whole numbers", "f": "floats", "b": "True and False"}


# --- what was given


class _Short(reprlib.Repr):
    """Texts of nested values, cut wherever they are long."""

    def __init__(self):
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother, self.maxlong = 3, 50, 60, 40

    def repr_int(self, x, level):
        if x.bit_length() > 200:  # longer ones are never written out: Python refuses more than 4300 digits
            return f"a whole number of about {int(x.bit_length() * math.log10(2)) + 1} digits"
        return super().repr_int(x, level)


def given(value) -> str:
    """A short ASCII text of any object: its value, and its type where the value does not tell; it never fails.

    Examples
    --------
    >>> given("ten"), given([1, 2.5]), given(np.zeros((2, 3)))
    ("'ten'", '[1, 2.5]', 'ndarray of shape (2, 3), float64')
    """
    kind = type(value).__name__
    try:
        if type(value) not in _PLAIN and hasattr(value, "dtype") and len(getattr(value, "shape", ())):
            text = f"{kind} of shape {tuple(value.shape)}, {value.dtype}"
        else:
            text = _Short().repr(value)
            text = text if type(value) in _PLAIN or kind in text else f"{kind} {text}"
    except Exception:  # somebody else's object may raise anything when it is looked at
        text = f"an object of type {kind}"
    text = printable(" ".join(re.sub(r" at 0x[0-9a-fA-F]+", "", str(text)).split()))
    return text if len(text) <= 120 else f"{text[:117]}..."


def printable(text) -> str:
    """A text in ASCII, which every terminal can print: other characters as their escapes."""
    return str(text).encode("ascii", "backslashreplace").decode()


def refuse(name: str, value, accepted: str) -> ValueError:
    """The error that says that an argument has a value other than what is accepted."""
    return ValueError(f"{name}={given(value)}: {accepted}")


# --- one number


def as_count(value, name: str, *, least: int = 1, most: int = MOST) -> int:
    """A whole number from ``least`` to ``most``, as an int. Floats are refused, even 3.0.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        count = None if isinstance(value, bool | np.bool_) else operator.index(value)
    except Exception:  # not only TypeError: __index__ is somebody else's code
        count = None
    if count is None or count < least or count > most:
        small = count is None or count < least
        raise refuse(name, value, f"a whole number{f', at least {least}' if small else f' from {least} to {most}'}")
    return count


def as_seed(value, name: str = "seed", *, most: int = 2**64 - 1) -> int:
    """A whole number from 0 to ``most``. None is refused: it would start differently each time.

    Raises
    ------
    ValueError
        If it is none.
    """
    return as_count(value, name, least=0, most=most)


def as_number(
    value,
    name: str,
    *,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> float:
    """A finite number as a float: greater than ``above`` or at least ``least``, less than ``below`` or at most ``most``.

    Raises
    ------
    ValueError
        If it is none.
    """
    number = _real(value)
    outside = number is None or (
        (above is not None and not number > above)
        or (least is not None and not number >= least)
        or (below is not None and not number < below)
        or (most is not None and not number <= most)
    )
    if outside:
        words = {"greater than": above, "at least": least, "less than": below, "at most": most}
        bounds = " and ".join(f"{word} {bound}" for word, bound in words.items() if bound is not None)
        raise refuse(name, value, f"a finite number{', ' * bool(bounds)}{bounds}")
    return number


def as_share(value, name: str, *, closed: bool = False) -> float:
    """A float from 0 to less than 1; 1 itself is a share if ``closed``.

    Raises
    ------
    ValueError
        If it is none.
    """
    number = _real(value)
    if number is None or not (0 <= number < 1 or (closed and number == 1)):
        hint = "; divide a percentage by 100" if number is not None and 1 < number <= 100 else ""
        raise refuse(name, value, f"a share from 0 to {'' if closed else 'less than '}1{hint}")
    return number


def as_flag(value, name: str) -> bool:
    """True or False.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise refuse(name, value, "must be True or False")
    return bool(value)


def as_axis(value, ndim: int, name: str = "axis") -> int:
    """The number of an axis, from 0 on, of an array with ``ndim`` axes.

    Raises
    ------
    ValueError
        If there is no such axis.
    """
    try:
        return as_count(value, name, least=-ndim, most=ndim - 1) % max(ndim, 1)
    except ValueError:
        raise refuse(name, value, f"an array with {ndim} axes has axes {-ndim} to {ndim - 1}") from None


def _scalar(value):
    """The entry of an array without axes; anything else as it is."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _real(value) -> float | None:
    """A finite float, or None if ``value`` is no real number."""
    value = _scalar(value)
    if isinstance(value, bool | np.timedelta64) or not isinstance(value, int | float | np.integer | np.floating):
        return None  # a span of time is one of NumPy's integers
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


# --- several values


def as_pair(value, name: str, *, least: int = 1) -> tuple[int, int]:
    """A pair (rows, columns) from one whole number or two.

    Raises
    ------
    ValueError
        If ``value`` is neither, or below ``least``.
    """
    several = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)
    entries = list(value) if several else [value, value]
    try:
        rows, columns = (as_count(entry, name, least=least) for entry in entries)
    except ValueError:
        raise refuse(name, value, f"give one whole number or two (rows, columns), each at least {least}") from None
    return rows, columns


def as_choice(value, name: str, accepted: Iterable):
    """The one of ``accepted`` that ``value`` equals; texts and numbers, where 1 is not True.

    Raises
    ------
    ValueError
        If it equals none; the message lists them, or the nearest few where there are many.
    """
    accepted, value = list(accepted), _scalar(value)
    for choice in accepted:
        if _kind(value) is _kind(choice) is not None and value == choice:
            return choice
    listed = ", ".join(map(ascii, accepted))
    if len(accepted) > 12:
        near = difflib.get_close_matches(value if isinstance(value, str) else "", map(str, accepted), n=3, cutoff=0.4)
        listed = f"{listed[:150]} ...{'; did you mean ' + ' or '.join(map(ascii, near)) + '?' if near else ''}"
    raise refuse(name, value, f"must be one of {listed}")


def _kind(value):
    """What a choice is compared as: two values of different kinds are never the same choice."""
    kinds = {"flag": (bool, np.bool_), "text": str, "number": (int, float, np.integer, np.floating), "none": type(None)}
    return next((kind for kind, types in kinds.items() if isinstance(value, types)), None)


def as_text(value, name: str) -> str:
    """A text that is not empty.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(value, str) or not value:
        raise refuse(name, value, "give a non-empty text")
    return str(value)


def as_list(value, name: str, *, least: int = 1, count: int | None = None, meaning: str = "entry") -> list:
    """The entries of a list, tuple or array; a text, a dictionary or a set is no list.

    Raises
    ------
    ValueError
        If it is none, has fewer than ``least`` entries, or not just ``count`` of them.
    """
    try:
        entries = [] if len(value) == 0 else list(value)
    except Exception:  # no length, no iteration, or somebody else's that fails
        entries = None
    if entries is None or isinstance(value, str | bytes | bytearray | memoryview | set | frozenset | Mapping):
        raise refuse(name, value, "give a list or a tuple")
    if count is not None and len(entries) != count:
        raise ValueError(f"{name} has {len(entries)} entries; expected {count}, one a {meaning}")
    if len(entries) < least:
        raise ValueError(f"{name} has {len(entries)} entries; expected at least {least}")
    return entries


def as_names(value, name: str, *, count: int | None = None, meaning: str = "class") -> list[str]:
    """A list of texts, ``count`` of them if that is given.

    Raises
    ------
    ValueError
        If it is none.
    """
    entries = as_list(value, name, least=0 if count is None else 1, count=count, meaning=meaning)
    for number, entry in enumerate(entries):
        if not isinstance(entry, str):
            raise refuse(f"{name}[{number}]", entry, "give a text")
    return [str(entry) for entry in entries]


def as_mapping(value, name: str, *, least: int = 1) -> Mapping:
    """A dictionary with at least ``least`` entries.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(value, Mapping):
        raise refuse(name, value, "give a dictionary")
    if len(value) < least:
        raise ValueError(f"{name} has {len(value)} entries; expected at least {least}")
    return value


# --- arrays


def as_array(
    value,
    name: str,
    *,
    shape: tuple | list[tuple] | None = None,
    kinds: str = "biuf",
    finite: bool = False,
    filled: bool = False,
    least: float | None = None,
    most: float | None = None,
) -> np.ndarray:
    """A NumPy array as it is, or what NumPy makes of a list or tensor; nothing is cast.

    Parameters
    ----------
    value : array_like
        What was given.
    name : str
        The argument.
    shape : tuple of int, str and ``...``, or a list of such tuples, optional
        Whole numbers stand for themselves, texts for any size (the same text for the same size), ``...`` for any number
        of axes: ``("N", "H", "W", 3)``. One of a list has to fit.
    kinds : str
        Letters of the dtypes that are accepted: ``"biuf"`` for real numbers, ``"iu"`` for whole ones.
    finite : bool
        Refuse NaN and infinity.
    filled : bool
        Refuse an array without entries.
    least, most : float, optional
        Bounds of the entries.

    Raises
    ------
    ValueError
        If it does not fit.
    """
    array = _array(value, name, kinds)
    expected = shape if isinstance(shape, list) else [] if shape is None else [shape]
    if expected and not any(_fits(array.shape, one) for one in expected):
        raise ValueError(f"{name} has shape {array.shape}; expected {' or '.join(map(_written, expected))}")
    if filled and not array.size:
        raise ValueError(f"{name} has shape {array.shape} and holds nothing; expected at least one entry")
    if finite and array.dtype.kind == "f" and not (fine := np.isfinite(array)).all():
        wrong = int(array.size - np.count_nonzero(fine))
        raise ValueError(
            f"{name} holds {wrong} of {array.size} entries that are NaN or infinite; expected finite numbers"
        )
    if array.size and (least is not None or most is not None):
        _check_bounds(array, name, least, most)
    return array


def as_numbers(value, name: str, **rules) -> np.ndarray:
    """An array of floats as it is, or of integers widened to int64; ``rules`` are those of :func:`as_array`.

    Raises
    ------
    ValueError
        If it does not fit, or a whole number is too large for int64.
    """
    array = as_array(value, name, **rules)
    if array.dtype.kind == "f":
        return array
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds {array.max()}, more than int64 can; convert with astype(np.float64) first")
    return array.astype(np.int64)


def as_floats(value, name: str, **rules) -> np.ndarray:
    """An array of floats as it is, or of integers as float64; ``rules`` are those of :func:`as_array`.

    Raises
    ------
    ValueError
        If it does not fit.
    """
    array = as_array(value, name, **rules)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def as_finite(value, name: str, **rules) -> np.ndarray:
    """An array of floats without NaN and infinity; ``rules`` are those of :func:`as_array`.

    Raises
    ------
    ValueError
        If it does not fit, or entries are not finite; the message counts them.
    """
    return as_floats(value, name, finite=True, **rules)


def as_labels(value, name: str, *, classes: int | None = None, shape: tuple = ("N",), **rules) -> np.ndarray:
    """Class numbers: an array of whole numbers from 0 to ``classes`` - 1.

    Raises
    ------
    ValueError
        If it is none; the message names a label that is no class.
    """
    labels = as_array(value, name, shape=shape, kinds="iu", **rules)
    wrong = labels[(labels < 0) | (labels >= (classes or math.inf))]
    if wrong.size:
        last = "" if classes is None else f" to {classes - 1}, as there are {classes} classes"
        raise ValueError(f"{name} holds the label {wrong.flat[0]}; labels are whole numbers from 0{last}")
    return labels


def _array(value, name: str, kinds: str) -> np.ndarray:
    accepted = _KINDS.get(kinds, f"a dtype of kind {kinds}")
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ValueError(f"{name} has masked entries, which would be read as numbers; fill or leave them out first")
    if isinstance(value, bytearray | memoryview):  # NumPy would make numbers of them, but refuses bytes
        raise refuse(name, value, "give an array of numbers")
    try:
        array = np.asarray(value)
    except Exception:  # ragged lists, symbolic tensors, whatever __array__ raises
        raise refuse(name, value, f"expected {accepted}, all rows of one length") from None
    if array.dtype.kind not in kinds:
        if isinstance(value, np.ndarray):
            raise ValueError(f"{name} has dtype {array.dtype}; expected {accepted}")
        raise refuse(name, value, f"expected {accepted}")
    return array


def _fits(actual: tuple[int, ...], expected: tuple) -> bool:
    if ... in expected:
        place = expected.index(...)
        middle = len(actual) - len(expected) + 1
        if middle < 0:
            return False
        expected = (*expected[:place], *(f"...{number}" for number in range(middle)), *expected[place + 1 :])
    sizes: dict = {}
    return len(actual) == len(expected) and all(
        size == (sizes.setdefault(entry, size) if isinstance(entry, str) else entry)
        for size, entry in zip(actual, expected, strict=True)
    )


def _written(shape: tuple) -> str:
    entries = ["..." if entry is ... else str(entry) for entry in shape]
    return f"({', '.join(entries)}{',' if len(entries) == 1 else ''})"


def _check_bounds(array: np.ndarray, name: str, least: float | None, most: float | None) -> None:
    low, high = array.min(), array.max()
    if (least is not None and not low >= least) or (most is not None and not high <= most):
        wrong = low if least is not None and not low >= least else high
        bounds = {"at least": least, "at most": most}
        words = " and ".join(f"{word} {bound}" for word, bound in bounds.items() if bound is not None)
        # item() writes all digits of a number: 1.0000001 is not to be read as 1.
        raise ValueError(f"{name} holds {wrong.item()!r}; expected numbers of {words}")


# --- models, paths, randomness


def as_model(value, name: str = "model", *, built: bool = False, compiled: bool = False):
    """A Keras model; ``built`` or ``compiled`` if so asked for.

    Raises
    ------
    ValueError
        If it is none.
    """
    keras = sys.modules.get("keras")  # a model exists only where Keras has been imported
    if keras is None or not isinstance(value, keras.Model):
        raise refuse(name, value, "expected a Keras model, such as keras.Sequential or models.build(name) make")
    if built and not value.built:
        raise ValueError(
            f"{name} {given(value.name)} is not built yet: start it with keras.Input, or call it on a batch"
        )
    if compiled and not value.compiled:
        raise ValueError(
            f"{name} {given(value.name)} is not compiled: call model.compile(optimizer=..., loss=...) first"
        )
    return value


def as_callable(value, name: str, accepted: str = "a function"):
    """Something that can be called.

    Raises
    ------
    ValueError
        If it cannot.
    """
    if not callable(value):
        raise refuse(name, value, f"give {accepted}")
    return value


def as_path(value, name: str = "path") -> Path:
    """A path from a text or a path.

    Raises
    ------
    ValueError
        If it is neither, is empty, or holds the character 0.
    """
    try:
        text = os.fspath(value)
    except Exception:  # not only TypeError: __fspath__ is somebody else's code
        text = None
    if not isinstance(text, str) or not text or "\0" in text:
        raise refuse(name, value, "give a path as text or pathlib.Path")
    return Path(text)


def as_generator(value, name: str) -> np.random.Generator:
    """A generator as it is, or a new one from a seed.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if isinstance(value, np.random.Generator):
        return value
    try:
        return np.random.default_rng(as_seed(value, name))
    except ValueError:
        raise refuse(name, value, "a whole number, at least 0, or a numpy.random.Generator") from None
