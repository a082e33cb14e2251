"""What an exercise's check is made of: comparisons that explain, and the object that a notebook calls."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class Result:
    """Outcome of one comparison: right or not, and a sentence a learner can use."""

    right: bool
    text: str

    def __str__(self):
        return f"{'✓' if self.right else '✗'} {self.text}"


class NotAttemptedError(Exception):
    """The answer still is, or returns, the ``...`` of the stub."""


def attempted(value: object) -> object:
    """Return ``value``, or raise NotAttemptedError if it is the ``...`` of a stub (or the None of an empty function)."""
    if value is ... or value is None:
        raise NotAttemptedError
    return value


class Exercise:
    """A check that a notebook calls with the learner's answer; made by :func:`exercise`."""

    def __init__(self, compare: Callable[..., Iterable[Result]], hints: Sequence[str]):
        functools.update_wrapper(self, compare)
        self._compare, self._hints, self._shown = compare, tuple(hints), 0

        self.name = f"checks.{compare.__name__}"

    def evaluate(self, *answers, **named) -> list[Result] | None:
        """Compare the answers; None if one of them has not been attempted."""
        inspect.signature(self._compare).bind(*answers, **named)
        try:
            for answer in (*answers, *named.values()):
                attempted(answer)
            return list(self._compare(*answers, **named))
        except NotAttemptedError:
            return None

    def __call__(self, *answers, **named) -> None:
        """Print one line a comparison: what is right, what is wrong and why."""
        results = self.evaluate(*answers, **named)
        if results is None:
            print(f"Not attempted yet. Replace the … and run the cell again.\nHint: {self.name}.hint()")
            return
        for result in results:
            print(result)
        if not all(result.right for result in results):
            print(f"Not there yet. Hint: {self.name}.hint()")

    def hint(self) -> None:
        """Print the next hint; after the last one, start again."""
        number = self._shown % len(self._hints)
        print(f"Hint {number + 1} of {len(self._hints)}: {self._hints[number]}")
        self._shown += 1


def exercise(*hints: str) -> Callable[[Callable[..., Iterable[Result]]], Exercise]:
    """Turn a generator of :class:`Result` into an :class:`Exercise` with these hints, from gentle to plain."""
    if not hints:
        raise ValueError("an exercise needs at least one hint")
    return lambda compare: Exercise(compare, hints)


def _show(value: object) -> str:
    """A value as a learner would write it: 1.50 rather than np.float64(1.5), no array of a thousand numbers."""
    if isinstance(value, np.ndarray) and value.size > 30:
        return f"an array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ", precision=4).replace("\n", "")
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Fraction):
        return str(value)
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def number(
    name: str,
    given: object,
    expected: float,
    *,
    mistakes: Mapping[float, str] | None = None,
    idea: str,
    tolerance: float = 1e-6,
) -> Result:
    """Compare a number.

    Parameters
    ----------
    name : str
        What the learner was asked for.
    given : object
        The answer; anything that is no single number is told so.
    expected : float
        The right number.
    mistakes : mapping of float to str, optional
        Wrong numbers that an instructive mistake leads to, and what to say about each.
    idea : str
        What to revisit after any other wrong number.
    tolerance : float
        Absolute difference that still counts as right.
    """
    attempted(given)
    try:
        value = float("" if isinstance(given, str | bool | np.bool_) or np.iscomplexobj(given) else given)
    except (TypeError, ValueError):
        return Result(False, f"{name} {_show(given)}: expected one number, got {type(given).__name__}.")
    if abs(value - expected) <= tolerance:
        return Result(True, f"{name} {_show(given)}: right.")
    for wrong, explanation in (mistakes or {}).items():
        if abs(value - wrong) <= max(tolerance, 1e-5 * abs(wrong)):  # a rounded mistake is the same mistake
            return Result(False, f"{name} {_show(given)}: {explanation}")
    return Result(False, f"{name} {_show(given)}: {idea}")


def choice(
    name: str, given: object, expected: object, *, mistakes: Mapping[object, str] | None = None, idea: str
) -> Result:
    """Compare an answer that is equal or not, such as a word or a tuple of whole numbers; arguments as for :func:`number`."""
    attempted(given)
    if isinstance(given, list | np.ndarray) and isinstance(expected, tuple):
        given = tuple(np.asarray(given).tolist())
    elif isinstance(given, np.ndarray):
        given = given.tolist()
    if isinstance(given, tuple):
        for part in given:
            attempted(part)
    if isinstance(given, bool) == isinstance(expected, bool) and given == expected:
        return Result(True, f"{name} {_show(given)}: right.")
    explanation = next((text for wrong, text in (mistakes or {}).items() if wrong == given), idea)
    return Result(False, f"{name} {_show(given)}: {explanation}")


def array(name: str, given: object, expected: np.ndarray, *, idea: str, tolerance: float = 1e-6) -> Result:
    """Compare an array: its shape first, then the entry that differs most. ``idea`` says what to revisit."""
    attempted(given)
    try:
        values = np.asarray(given, float)
    except (TypeError, ValueError):
        return Result(False, f"{name}: expected an array of numbers, got {type(given).__name__}.")
    expected = np.asarray(expected)
    if values.shape != expected.shape:
        return Result(False, f"{name} has shape {values.shape}; expected {expected.shape}. {idea}")
    difference = np.abs(np.nan_to_num(values, nan=np.inf) - expected)
    if not difference.size or difference.max() <= tolerance:
        return Result(True, f"{name}{f', shape {values.shape}' if values.shape else ''}: right.")
    where = np.unravel_index(difference.argmax(), difference.shape)
    position = f"[{', '.join(str(index) for index in where)}]" if where else ""
    return Result(False, f"{name}{position} is {_show(values[where])}; expected {_show(expected[where])}. {idea}")


def function(
    name: str,
    given: object,
    reference: Callable,
    cases: Iterable[tuple[str, tuple]],
    *,
    idea: str | Mapping[str, str],
    tolerance: float = 1e-6,
) -> Iterable[Result]:
    """Compare a learner's function with a reference on several inputs; stops at the first that differs.

    Parameters
    ----------
    name : str
        The function's name.
    given : callable
        The learner's function.
    reference : callable
        The right one, with the same positional arguments.
    cases : iterable of (str, tuple)
        Description of an input, and the positional arguments.
    idea : str or mapping of str to str
        What to revisit; with a mapping, by the description of the input.
    tolerance : float
        Largest absolute difference that counts as equal.
    """
    if not callable(given):
        yield Result(False, f"{name} is {_show(given)}; expected a function.")
        return
    for description, arguments in cases:
        hint = idea if isinstance(idea, str) else idea[description]
        copies = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments]
        try:
            value = given(*copies)
        except Exception as error:
            yield Result(False, f"{name} on {description} stopped with {type(error).__name__}: {error}. {hint}")
            return
        result = array(f"{name} on {description}", value, reference(*arguments), idea=hint, tolerance=tolerance)
        yield result
        if not result.right:
            return
