"""What an exercise is made of: fields that judge one answer each, and the object that a notebook calls.

An exercise is data: its fields with the right answer, instructive mistakes, what to say about each and the idea to revisit, and its
hints. :meth:`Exercise.as_data` gives all of it in a form that can be written as JSON, so that a page can judge
numbers, choices and small grids by the same rules as Python does:

attempted
    An answer that is ``...``, or holds one at any depth, has not been attempted, and nothing is judged.
:class:`Number`
    Any real number: int, float, Fraction, Decimal, a NumPy scalar; neither text nor a truth value, complex, infinite or not-a-number.
    Right if it differs from the answer by ``tolerance`` at most. Otherwise it is the mistake nearest to it, if that mistake is within its
    own reach: ``tolerance`` for a whole number, a thousandth of the mistake for any other (a rounded mistake is the
    same mistake), never less than ``tolerance``. Otherwise it is told the idea.
:class:`Choice`
    Equal to one of the options, or told which there are. Text is compared without case, without blanks and parentheses
    around it, and with single blanks inside; numbers by value; truth values only with truth values; lists, tuples and one-dimensional
    arrays entry by entry.
:class:`Several`
    A set of options in any order, repetitions ignored, as a list, tuple, set, array, or text with commas or blanks between them (single
    letters may stand side by side). Each option is judged by itself, and compared as in a choice.
:class:`Grid`
    A rectangular array of finite real numbers. Right if it has the answer's shape and no entry differs by more than
    ``tolerance``; a mistake is recognised as a number is, entry by entry, and of several the one whose worst entry is nearest. Otherwise the shape
    is told, or the entry that differs most.
:class:`Code`, :class:`Judged`
    Need Python: a function that is tried on several inputs, and anything for which a function says what is right.

A mistake that could not be told from another one, or from the right answer, is an error when the exercise is made.
"""

import copy
import inspect
import itertools
import json
import math
import reprlib
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

import numpy as np

from course_utils._arguments import as_list, as_number

ROUNDING = 1e-3
"""Share of a mistake that is no whole number by which an answer may differ from it and still is that mistake."""

_LIMIT = 10_000  # parts of an answer that are looked at; no answer of an exercise has more


@dataclass(frozen=True)
class Result:
    """Outcome of one comparison: right or not, and a sentence a learner can use."""

    right: bool
    text: str

    @classmethod
    def of(cls, right: bool, what: str, idea: str) -> "Result":
        """Return the result for ``what`` was found: right, or the idea to revisit."""
        return cls(bool(right), f"{what}: {'right.' if right else idea}")

    def __str__(self):
        return f"{'✓' if self.right else '✗'} {self.text}"


class NotAttemptedError(Exception):
    """The answer still is, holds or returns the ``...`` of the stub."""


class UnfitError(Exception):
    """An answer that cannot be compared at all; the message says what was expected and what came."""


def _parts(value: object) -> Iterable:
    """What a container holds; nothing for anything else."""
    if isinstance(value, np.ndarray):
        return value.flat if value.dtype == object else ()
    if isinstance(value, Mapping):
        return itertools.chain(value.keys(), value.values())
    return value if isinstance(value, list | tuple | AbstractSet) else ()


def _untouched(answer: object) -> bool:
    """Whether the ``...`` of a stub is left anywhere in an answer."""
    waiting, seen = [answer], set()
    while waiting and len(seen) < _LIMIT:
        part = waiting.pop()
        if part is ...:
            return True
        if id(part) not in seen:
            seen.add(id(part))
            try:
                waiting.extend(itertools.islice(_parts(part), _LIMIT))
            except Exception:
                continue  # a container that cannot be read is judged, and told so, by its field
    return False


class _Short(reprlib.Repr):
    """Short forms that never raise."""

    def __init__(self):
        super().__init__()
        for name in ("list", "tuple", "set", "frozenset", "dict", "array"):
            setattr(self, f"max{name}", 12)
        self.maxstring = self.maxlong = self.maxother = 60

    def repr_int(self, x, level):
        return super().repr_int(x, level) if x.bit_length() < 1000 else f"a number of {x.bit_length()} binary digits"

    def repr_instance(self, x, level):
        try:
            text = repr(x)
        except Exception:
            return f"an object of type {type(x).__name__}"
        return text if len(text) <= self.maxother else f"{text[: self.maxother - 1]}…"


_SHORT = _Short()


def show(value: object) -> str:
    """Return a value as a learner would write it, in one short line: 1.5 rather than np.float64(1.5), no thousand numbers."""
    try:
        if isinstance(value, np.ndarray) and value.size > 30:
            return f"an array of shape {value.shape}"
        if isinstance(value, np.ndarray) and value.dtype != object:
            return np.array2string(value, separator=", ", precision=4).replace("\n", "")
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, Fraction) and value.denominator < 10**9:
            return str(value)
        text = f"{value:.6g}" if isinstance(value, float) else _SHORT.repr(value)
    except Exception:
        text = f"an object of type {type(value).__name__}"
    return " ".join(text.split())


def _real(given: object) -> int | float:
    """One real, finite number: a whole one as an int, which holds all its digits, any other as a float.

    Raises
    ------
    UnfitError
        For anything else.
    """
    real = isinstance(given, int | float | Fraction | Decimal) or hasattr(type(given), "__float__")
    if isinstance(given, np.generic | np.ndarray):
        real = given.dtype.kind in "iuf" and given.ndim == 0
    if isinstance(given, bool | complex) or not real:
        raise UnfitError(f"expected one number, got {type(given).__name__}.")
    try:
        value = float(given)
    except OverflowError:
        raise UnfitError("expected a number of ordinary size; this one is too large.") from None
    except Exception:
        raise UnfitError(f"expected one number, got {type(given).__name__}.") from None
    if not math.isfinite(value):
        raise UnfitError(f"expected a finite number, got {value}.")
    given = given.item() if isinstance(given, np.generic | np.ndarray) else given
    exact = isinstance(given, int | Fraction | Decimal)
    return int(given if exact else value) if value.is_integer() else value


def _rectangle(given: object) -> np.ndarray:
    """An array-like as an array whose entries may be numbers; UnfitError for anything else."""
    problem = f"expected an array of numbers, got {type(given).__name__}."
    try:
        if not isinstance(given, np.ndarray) and hasattr(given, "__len__") and len(given) > 100 * _LIMIT:
            raise UnfitError(f"expected an array of numbers, got {len(given)} entries.")
        if np.ma.is_masked(given):
            raise UnfitError("expected an array of numbers, none of them masked.")
        values = np.asarray(given)
    except UnfitError:
        raise
    except Exception:
        raise UnfitError(problem) from None
    if values.dtype.kind not in "biufO" or (values.dtype == object and (values.ndim == 0 or values.size > _LIMIT)):
        raise UnfitError(problem)
    return values


def _floats(values: np.ndarray) -> np.ndarray:
    """An array as floats; of objects, each has to be a number."""
    if values.dtype != object:
        return values.astype(float)
    return np.array([_real(value) for value in values.flat], float).reshape(values.shape)


def _exact(given: object) -> np.ndarray:
    """An array-like of numbers as floats, or as Python's whole numbers where a float would lose digits."""
    values = _rectangle(given)
    floats = _floats(values)
    return values.astype(object) if values.dtype.kind in "iu" and np.abs(floats).max(initial=0) >= 2**53 else floats


def finite_array(given: object, shape: Sequence[int]) -> np.ndarray:
    """Return an answer as an array of floats of this shape.

    Raises
    ------
    UnfitError
        If it is no array of finite numbers, or of another shape.
    """
    values = _rectangle(given)
    if values.shape != tuple(shape):
        raise UnfitError(f"expected shape {tuple(shape)}, got {values.shape}.")
    floats = _floats(values)
    if not np.isfinite(floats).all():
        raise UnfitError("expected finite numbers in every place.")
    return floats


def keras_model(given: object) -> object:
    """Return an answer that is a built ``keras.Model`` with one input and one output, so that its layers can be looked at.

    Raises
    ------
    UnfitError
        If it is none, has no input shape yet, or hides its layers in a ``call`` of its own.
    """
    keras = sys.modules.get("keras")  # whoever has a model has imported it
    wanted = "build a keras.Sequential or keras.Model"
    if keras is None or not isinstance(given, keras.Model):
        raise UnfitError(f"the answer is of type {type(given).__name__}: {wanted}.")
    try:
        if not given.built:
            raise UnfitError("the model is not built: begin with keras.Input and the shape of a picture.")
        shapes = given.input_shape, given.output_shape
        given.count_params()
    except UnfitError:
        raise
    except Exception:
        raise UnfitError(f"the layers of a {type(given).__name__} cannot be followed: {wanted} from layers.") from None
    if not all(isinstance(shape, tuple) and all(isinstance(n, int | None) for n in shape) for shape in shapes):
        raise UnfitError("the model has several inputs or outputs: one of each is asked for.")
    return given


def _key(value: object) -> str:
    """What two equal choices have in common, as JSON; UnfitError for what can be no choice."""
    if isinstance(value, str):
        return json.dumps(" ".join(str.lower(value).split()).strip(" ()"))
    if isinstance(value, bool | np.bool_):
        return json.dumps(bool(value))
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.size < 100:
        value = list(value)
    if isinstance(value, list | tuple) and len(value) < 100:
        return f"[{', '.join(map(_key, value))}]"
    return json.dumps(_real(value))


def _plain(value: object) -> object:
    """Numbers, text, truth values and arrays as JSON has them."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | bool | int) or value is None else float(value)


def _need(condition: bool, name: str, problem: str) -> None:
    """Refuse a field or an exercise that is not complete."""
    if not condition:
        raise ValueError(f"{name}: {problem}")


def _check_words(part: object) -> None:
    """Refuse a field without a usable name or with a mistake without words; give it its name as label."""
    _need(isinstance(part.name, str) and part.name.isidentifier(), repr(part.name), "a field's name is an identifier")
    object.__setattr__(part, "label", part.label or part.name)
    _need(isinstance(part.label, str), part.name, "a label is a text")
    object.__setattr__(part, "mistakes", tuple(as_list(part.mistakes, f"{part.name}: mistakes", least=0)))
    as_number(getattr(part, "tolerance", 0), f"{part.name}: tolerance", least=0)
    for mistake in part.mistakes:
        pair = isinstance(mistake, tuple) and len(mistake) == 2
        _need(pair and _text(mistake[1]), part.name, "a mistake is a pair of the wrong answer and what to say")


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


@dataclass(frozen=True, eq=False)
class _Compared:
    """What number, choice and grid have in common: an answer, its mistakes, and the nearest of them."""

    name: str
    answer: object
    idea: str = field(default="", kw_only=True)
    mistakes: tuple[tuple[object, str], ...] = field(default=(), kw_only=True)
    label: str = field(default="", kw_only=True)

    def __post_init__(self):
        _check_words(self)
        _need(_text(self.idea), self.name, "an idea to revisit is missing")
        values = [self.answer, *(wrong for wrong, _ in self.mistakes)]
        try:
            read = [self._read(value) for value in values]
        except UnfitError as problem:
            raise ValueError(f"{self.name}: the answer or a mistake cannot be an answer: {problem}") from None
        for (one, other), (first, second) in zip(
            itertools.combinations(read, 2), itertools.combinations(values, 2), strict=True
        ):
            same = self._distance(other, one, 0.0) is not None
            _need(not same, self.name, f"the mistake {show(second)} cannot be told from {show(first)}")

    def right(self) -> object:
        """Return the right answer."""
        return self.answer

    def judge(self, given: object) -> list[Result]:
        """Compare an answer with the right one, then with the mistakes."""
        try:
            value = self._read(given)
        except UnfitError as problem:
            return [Result(False, f"{self._said(given)}: {problem}")]
        if self._distance(value, self._read(self.answer), 0.0) is not None:
            return [Result(True, f"{self._said(given, right=True)}: right.")]
        near = [(self._distance(value, self._read(wrong), ROUNDING), text) for wrong, text in self.mistakes]
        near = [(distance, text) for distance, text in near if distance is not None]
        if near:
            return [Result(False, f"{self._said(given)}: {min(near, key=lambda pair: pair[0])[1]}")]
        return [Result(False, self._missed(given, value))]

    def _said(self, given: object, *, right: bool = False) -> str:
        return f"{self.label} {show(given)}"

    def _missed(self, given: object, value: object) -> str:
        return f"{self._said(given)}: {self.idea}"

    def as_data(self) -> dict:
        """Return the field as JSON can hold it."""
        mistakes = [[_plain(wrong), text] for wrong, text in self.mistakes]
        shown = {"kind": self.kind, "name": self.name, "label": self.label, "answer": _plain(self.answer)}
        return {**shown, "mistakes": mistakes, "idea": self.idea}


@dataclass(frozen=True, eq=False)
class Number(_Compared):
    """A number.

    Parameters
    ----------
    name : str
        What is asked for; the name of the answer in a call.
    answer : number
        The right number.
    idea : str
        What to revisit after any other wrong number.
    mistakes : sequence of (number, str)
        Wrong numbers that an instructive mistake leads to, and what to say about each.
    label : str, optional
        The name in printed lines.
    tolerance : float
        Absolute difference that still counts as right.

    Raises
    ------
    ValueError
        If the idea is missing, or a mistake equals another one or the answer.
    """

    tolerance: float = field(default=1e-6, kw_only=True)
    kind: ClassVar[str] = "number"

    def _read(self, given: object) -> int | float:
        return _real(given)

    def _distance(self, value: int | float, target: int | float, rounding: float) -> float | None:
        reach = self.tolerance if isinstance(target, int) else max(self.tolerance, rounding * abs(target))
        return abs(value - target) if abs(value - target) <= reach else None

    def as_data(self) -> dict:
        """Return the field as JSON can hold it."""
        return {**super().as_data(), "tolerance": self.tolerance}


@dataclass(frozen=True, eq=False)
class Choice(_Compared):
    """One of several options; parameters as for :class:`Number`, with the options in the order in which they are shown.

    Raises
    ------
    ValueError
        Also if the answer or a mistake is no option, or an option stands there twice.
    """

    options: tuple = field(default=(), kw_only=True)
    kind: ClassVar[str] = "choice"

    def __post_init__(self):
        options = (True, False) if isinstance(self.answer, bool) and not self.options else self.options
        options = tuple(as_list(options, f"{self.name}: options", least=0))
        object.__setattr__(self, "options", options)
        try:
            keys = [_key(option) for option in options]
        except UnfitError as problem:
            raise ValueError(f"{self.name}: an option cannot be an answer: {problem}") from None
        _need(len(keys) >= 2, self.name, "a choice has at least two options")
        _need(len(set(keys)) == len(keys), self.name, "an option stands there twice")
        super().__post_init__()

    def _read(self, given: object) -> str:
        options = f"expected one of {', '.join(show(option) for option in self.options)}."
        try:
            key = _key(given)
        except Exception:
            raise UnfitError(_joined(options, self.idea)) from None
        if key not in [_key(option) for option in self.options]:
            raise UnfitError(_joined(options, self.idea))
        return key

    def _distance(self, value: str, target: str, rounding: float) -> float | None:
        return 0.0 if value == target else None

    def as_data(self) -> dict:
        """Return the field as JSON can hold it."""
        return {**super().as_data(), "options": _plain(self.options)}


@dataclass(frozen=True, eq=False)
class Grid(_Compared):
    """A small array; parameters as for :class:`Number`. Mistakes may have other shapes.

    Parameters
    ----------
    reveal : bool
        Whether the entry that differs most is told, with the right number; no, where that would give the exercise away.
    """

    tolerance: float = field(default=1e-6, kw_only=True)
    reveal: bool = field(default=True, kw_only=True)
    kind: ClassVar[str] = "grid"

    def _read(self, given: object) -> np.ndarray:
        values = _rectangle(given)
        if values.size > _LIMIT:
            return values
        if values.dtype == bool:
            raise UnfitError("expected numbers; True and False are none.")
        if not np.isfinite(_floats(values)).all():
            raise UnfitError("expected finite numbers in every place.")
        return _exact(values)

    def _distance(self, value: np.ndarray, target: np.ndarray, rounding: float) -> float | None:
        if value.shape != target.shape:
            return None
        difference = np.asarray(np.abs(value - target))
        reach = np.where(target % 1 == 0, self.tolerance, np.maximum(self.tolerance, rounding * abs(target)))
        return float(difference.max(initial=0)) if (difference <= reach).all() else None

    def _said(self, given: object, *, right: bool = False) -> str:
        return f"{self.label}, shape {np.shape(given)}" if right and np.ndim(given) else self.label

    def _missed(self, given: object, value: np.ndarray) -> str:
        if self.reveal or value.shape != self._read(self.answer).shape:
            return compare(self.label, given, self.answer, idea=self.idea, tolerance=self.tolerance).text
        return f"{self.label}: {self.idea}"

    def as_data(self) -> dict:
        """Return the field as JSON can hold it."""
        return {**super().as_data(), "tolerance": self.tolerance, "reveal": self.reveal}


@dataclass(frozen=True)
class Option:
    """An option of :class:`Several`: whether it belongs to the answer, and why."""

    value: object
    right: bool
    why: str


@dataclass(frozen=True, eq=False)
class Several:
    """Any number of options, in any order.

    Parameters
    ----------
    name : str
        What is asked for.
    options : sequence of Option
        All there are.
    idea : str
        In which form to answer.
    chosen, left : str
        What is said of an option that was named, and of one that was not; ``{}`` is the option.
    label : str, optional
        The name in printed lines.

    Raises
    ------
    ValueError
        If an option stands there twice or has no reason, none is right, or the idea is missing.
    """

    name: str
    options: tuple[Option, ...]
    idea: str = field(default="", kw_only=True)
    chosen: str = field(default="{} chosen", kw_only=True)
    left: str = field(default="{} left out", kw_only=True)
    label: str = field(default="", kw_only=True)
    mistakes: tuple[tuple[object, str], ...] = field(init=False, default=())
    kind: ClassVar[str] = "several"

    def __post_init__(self):
        object.__setattr__(self, "options", tuple(as_list(self.options, f"{self.name}: options", least=0)))
        _need(all(isinstance(option, Option) for option in self.options), self.name, "each of the options is an Option")
        try:
            keys = [_key(option.value) for option in self.options]
        except UnfitError as problem:
            raise ValueError(f"{self.name}: an option cannot be an answer: {problem}") from None
        _need(len(keys) >= 2 and len(set(keys)) == len(keys), self.name, "at least two options, none of them twice")
        _need(all(_text(option.why) for option in self.options), self.name, "an option without a reason")
        _need(any(option.right for option in self.options), self.name, "none of the options is right")
        _need(_text(self.idea), self.name, "an idea to revisit is missing")
        right = {option.value for option in self.options if option.right}
        flipped = ((tuple(right ^ {option.value}), option.why) for option in self.options)
        object.__setattr__(self, "mistakes", tuple(flipped))
        _check_words(self)

    def right(self) -> tuple:
        """Return the options that belong to the answer."""
        return tuple(option.value for option in self.options if option.right)

    def judge(self, given: object) -> list[Result]:
        """Say of each option whether it was rightly named or left out."""
        keys = {_key(option.value): option for option in self.options}
        try:
            named = self._named(given)
        except Exception:
            return [Result(False, f"{self.label} {show(given)}: {self.idea}")]
        foreign = [value for value, key in named if key not in keys]
        if foreign:
            there = ", ".join(str(option.value) for option in self.options)
            return [Result(False, f"{self.label}: there is no {show(foreign[0])}; there are {there}.")]
        results = []
        for key, option in keys.items():
            inside = key in {key for _, key in named}
            said = (self.chosen if inside else self.left).format(option.value)
            results.append(Result.of(inside == option.right, said, option.why))
        return results

    def _named(self, given: object) -> list[tuple[object, str]]:
        """Each value that was named, and its key."""
        if isinstance(given, str):
            letters = all(isinstance(option.value, str) and len(option.value) == 1 for option in self.options)
            words = given.replace(",", " ").split()
            numbers = not any(isinstance(option.value, str | bool) for option in self.options)
            given = list("".join(words)) if letters and len(given) < 100 else words
            given = [float(word) for word in words] if numbers else given
        if isinstance(given, np.ndarray):
            given = given.tolist()
        if not isinstance(given, list | tuple | AbstractSet):
            raise UnfitError(self.idea)
        return [(value, _key(value)) for value in itertools.islice(given, _LIMIT)]

    def as_data(self) -> dict:
        """Return the field as JSON can hold it."""
        options = [{"value": _plain(option.value), "right": option.right, "why": option.why} for option in self.options]
        words = {name: getattr(self, name) for name in ("name", "label", "idea", "chosen", "left")}
        return {"kind": self.kind, **words, "options": options}


def _joined(sentence: str, idea: str) -> str:
    """Put an idea behind a sentence; one that does not begin like a sentence, which may begin with a name, comes after a colon."""
    stops = sentence.endswith(".") and idea[:1].islower()
    return f"{sentence[:-1]}: {idea}" if stops else f"{sentence} {idea}"


def compare(label: str, given: object, expected: object, *, idea: str, tolerance: float = 1e-6) -> Result:
    """Compare an array: its shape first, then the entry that differs most. ``idea`` says what to revisit."""
    try:
        expected = _exact(expected)
    except UnfitError as problem:
        raise ValueError(f"expected: {problem}") from None
    tolerance = as_number(tolerance, "tolerance", least=0)
    try:
        values = _rectangle(given)
        if values.shape != expected.shape:
            return Result(False, _joined(f"{label} has shape {values.shape}; expected {expected.shape}.", idea))
        values = _exact(values)
    except UnfitError as problem:
        return Result(False, f"{label}: {problem}")
    difference = np.asarray(np.abs(np.nan_to_num(values, nan=np.inf) - expected))
    if difference.max(initial=0) <= tolerance:
        return Result(True, f"{label}{f', shape {values.shape}' if values.shape else ''}: right.")
    where = np.unravel_index(difference.argmax(), difference.shape)
    position = f"[{', '.join(str(index) for index in where)}]" if where else ""
    found, wanted = (np.asarray(array[where]).item() for array in (values, expected))
    write = repr if show(found) == show(wanted) else show  # all digits, where six do not tell them apart
    return Result(False, _joined(f"{label}{position} is {write(found)}; expected {write(wanted)}.", idea))


@dataclass(frozen=True, eq=False)
class Case:
    """An input on which a learner's function is tried: a description, positional arguments, and the idea it tests."""

    description: str
    arguments: tuple
    idea: str

    def __post_init__(self):
        _need(
            _text(self.description) and _text(self.idea), repr(self.description), "a case has a description and an idea"
        )
        _need(isinstance(self.arguments, tuple), self.description, "the arguments of a case are a tuple")


@dataclass(frozen=True)
class _Outcome:
    """What a function made of a case: a value, or the problem that there was."""

    value: object = None
    problem: str = ""


def _try(function: Callable, case: Case) -> _Outcome:
    """Call a function with copies of a case's arguments."""
    arguments = copy.deepcopy(case.arguments)
    try:
        with np.errstate(all="ignore"):
            value = function(*arguments)
    except (Exception, SystemExit) as error:
        return _Outcome(problem=f"stopped with {_error(error)}.")
    if value is None:
        return _Outcome(problem="returned None. Is a return missing?")
    if not _unchanged(arguments, case.arguments):
        return _Outcome(problem="has changed what it was given. Work on a copy, such as out = x.copy().")
    return _Outcome(value)


def _error(error: BaseException) -> str:
    """Type and first line of an exception."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    return f"{type(error).__name__}: {lines[0][:150]}".rstrip(".") if lines else type(error).__name__


def _unchanged(ours: object, original: object) -> bool:
    """Whether arguments, nested or not, still hold what they did."""
    try:
        if isinstance(original, np.ndarray):
            return np.array_equal(ours, original)
        if isinstance(original, Mapping):
            return list(ours) == list(original) and all(_unchanged(ours[name], original[name]) for name in original)
        if isinstance(original, list | tuple):
            return len(ours) == len(original) and all(map(_unchanged, ours, original))
        return original is None or callable(original) or bool(ours == original)
    except Exception:
        return False


@dataclass(frozen=True, eq=False)
class Code:
    """A function that is tried on several inputs.

    Parameters
    ----------
    name : str
        The function's name.
    reference : callable
        The right function, with the same positional arguments; it returns a number or an array.
    cases : sequence of Case
        At least two inputs.
    mistakes : sequence of (callable, str)
        Wrong functions, and what to say about an answer that does as they do on every input.
    tolerance : float
        Largest absolute difference that counts as equal.
    label : str, optional
        The name in printed lines.
    """

    name: str
    reference: Callable
    cases: tuple[Case, ...]
    mistakes: tuple[tuple[Callable, str], ...] = field(default=(), kw_only=True)
    tolerance: float = field(default=1e-6, kw_only=True)
    label: str = field(default="", kw_only=True)
    kind: ClassVar[str] = "code"

    def __post_init__(self):
        _check_words(self)
        object.__setattr__(self, "cases", tuple(as_list(self.cases, f"{self.name}: cases", least=0)))
        _need(all(isinstance(case, Case) for case in self.cases), self.name, "each of the cases is a Case")
        descriptions = {case.description for case in self.cases}
        _need(
            len(descriptions) == len(self.cases) >= 2, self.name, "a function is tried on at least two different inputs"
        )
        functions = [self.reference, *(wrong for wrong, _ in self.mistakes)]
        _need(all(map(callable, functions)), self.name, "the reference and the mistakes are functions")
        _need(len({id(one) for one in functions}) == len(functions), self.name, "a mistake stands there twice")

    def right(self) -> Callable:
        """Return a right function."""
        return self.reference

    def judge(self, given: object) -> list[Result]:
        """Compare a function with the reference; stops at the first input on which they differ."""
        if not callable(given):
            return [Result(False, f"{self.label} is {show(given)}; expected a function.")]
        outcomes = [_try(given, case) for case in self.cases]
        if any(_untouched(outcome.value) for outcome in outcomes):
            raise NotAttemptedError
        results = []
        for case, outcome in zip(self.cases, outcomes, strict=True):
            results.append(self._compare(case, outcome))
            if not results[-1].right:
                told = self._recognised(outcomes)
                return [Result(False, f"{self.label}: {told}")] if told else results
        return results

    def _compare(self, case: Case, outcome: _Outcome) -> Result:
        where = f"{self.label} on {case.description}"
        if outcome.problem:
            return Result(False, _joined(f"{where} {outcome.problem}", case.idea))
        expected = self.reference(*copy.deepcopy(case.arguments))
        return compare(where, outcome.value, expected, idea=case.idea, tolerance=self.tolerance)

    def _recognised(self, outcomes: Sequence[_Outcome]) -> str | None:
        """What to say about a function that does on every input what an instructive mistake does."""
        for wrong, text in self.mistakes:
            pairs = [(mine, _try(wrong, case)) for mine, case in zip(outcomes, self.cases, strict=True)]
            if all(_alike(*pair, self.tolerance) for pair in pairs):
                return text
        return None

    def as_data(self) -> dict:
        """Return what of the field JSON can hold: the words."""
        cases = [{"description": case.description, "idea": case.idea} for case in self.cases]
        words = {"kind": self.kind, "name": self.name, "label": self.label}
        return {**words, "cases": cases, "mistakes": [text for _, text in self.mistakes]}


def _alike(one: _Outcome, other: _Outcome, tolerance: float) -> bool:
    """Whether two functions did the same with an input: the same numbers, or a stop in both."""
    if one.problem or other.problem:
        return one.problem.split()[:1] == other.problem.split()[:1]
    try:
        first, second = (_floats(_rectangle(outcome.value)) for outcome in (one, other))
    except UnfitError:
        return False
    return first.shape == second.shape and np.allclose(first, second, rtol=1e-6, atol=tolerance, equal_nan=True)


@dataclass(frozen=True, eq=False)
class Judged:
    """An answer for which a function says what is right: a model, a kernel with a property, a dictionary.

    Parameters
    ----------
    name : str
        What is asked for.
    examine : callable
        Takes the answer and yields a :class:`Result` for each thing it looks at; raises :class:`UnfitError` for what cannot be judged.
        The exercise says so in a sentence, as it does after any other exception.
    example : callable
        Makes a right answer.
    mistakes : sequence of (callable, str)
        Each makes a wrong answer; what has to be told about it.
    label : str, optional
        The name in printed lines.
    """

    name: str
    examine: Callable[[object], Iterable[Result]]
    example: Callable[[], object]
    mistakes: tuple[tuple[Callable[[], object], str], ...] = field(kw_only=True)
    label: str = field(default="", kw_only=True)
    kind: ClassVar[str] = "judged"

    def __post_init__(self):
        _check_words(self)
        _need(bool(self.mistakes), self.name, "a judged answer has at least one mistake that its judge knows")
        texts = [text for _, text in self.mistakes]
        _need(len(set(texts)) == len(texts), self.name, "two mistakes are told the same")
        makers = [self.examine, self.example, *(wrong for wrong, _ in self.mistakes)]
        _need(all(map(callable, makers)), self.name, "the judge, the example and the mistakes are functions")

    def right(self) -> object:
        """Return a right answer."""
        return self.example()

    def judge(self, given: object) -> list[Result]:
        """Return what the examination says."""
        return list(self.examine(given))

    def as_data(self) -> dict:
        """Return what of the field JSON can hold: the words."""
        words = {"kind": self.kind, "name": self.name, "label": self.label}
        return {**words, "mistakes": [text for _, text in self.mistakes]}


@dataclass(frozen=True, eq=False, repr=False)
class Exercise:
    """A check that a notebook calls with the learner's answers, in the order of its fields or by their names.

    Parameters
    ----------
    name : str
        The name under which it stands in its lesson's ``checks``.
    description : str
        What is to be done, in one line.
    fields : sequence
        :class:`Number`, :class:`Choice`, :class:`Several`, :class:`Grid`, :class:`Code` or :class:`Judged`, one for each answer.
    hints : sequence of str
        From gentle to plain.

    Raises
    ------
    ValueError
        If the description, all fields or all hints are missing, or two fields have one name.
    """

    name: str
    description: str
    fields: tuple
    hints: tuple[str, ...]

    def __post_init__(self):
        identifier = isinstance(self.name, str) and self.name.isidentifier()
        _need(identifier, repr(self.name), "the name of an exercise is an identifier")
        _need(_text(self.description), self.name, "a description is missing")
        fields = as_list(self.fields, f"{self.name}: fields", least=0)
        _need(bool(fields), self.name, "an exercise needs at least one field")
        kinds = _Compared | Several | Code | Judged
        _need(all(isinstance(part, kinds) for part in fields), self.name, "fields are a Number, a Choice and so on")
        _need(isinstance(self.hints, tuple | list), self.name, "hints are a tuple of sentences")
        _need(bool(self.hints) and all(map(_text, self.hints)), self.name, "an exercise needs at least one hint")
        names = [part.name for part in self.fields]
        _need(len(set(names)) == len(names), self.name, "two fields have the same name")
        parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
        for attribute, value in {
            "fields": tuple(self.fields),
            "hints": tuple(self.hints),
            "__signature__": inspect.Signature(parameters),
            "__doc__": self.description,
            "_turn": itertools.cycle(enumerate(self.hints, start=1)),
        }.items():
            object.__setattr__(self, attribute, value)

    def __repr__(self):
        return f"checks.{self.name}{self.__signature__}: {self.description}"

    def evaluate(self, *answers, **named) -> list[Result] | None:
        """Judge the answers; None if one of them has not been attempted."""
        try:
            given = self.__signature__.bind(*answers, **named).arguments
        except TypeError:
            return [Result(False, self._usage(len(answers) + len(named)))]
        if any(map(_untouched, given.values())):
            return None
        try:
            return [result for part in self.fields for result in _judged(part, given[part.name])]
        except NotAttemptedError:
            return None

    def _usage(self, count: int) -> str:
        names = ", ".join(part.name for part in self.fields)
        answers = "one answer" if len(self.fields) == 1 else f"{len(self.fields)} answers"
        return f"checks.{self.name} takes {answers}, in this order or by name: {names}. It was given {count}."

    def __call__(self, *answers, **named) -> None:
        """Print one line a comparison: what is right, what is wrong and why."""
        results = self.evaluate(*answers, **named)
        if results is None:
            _print(f"Not attempted yet. Replace the … and run the cell again.\nHint: checks.{self.name}.hint()")
            return
        for result in results:
            _print(str(result))
        if not all(result.right for result in results):
            _print(f"Not there yet. Hint: checks.{self.name}.hint()")

    def hint(self) -> None:
        """Print the next hint; after the last one, start again."""
        number, hint = next(self._turn)
        _print(f"Hint {number} of {len(self.hints)}: {hint}")

    def as_data(self) -> dict:
        """Return name, description, fields and hints as JSON can hold them; of functions only the words."""
        fields = [part.as_data() for part in self.fields]
        return {"name": self.name, "description": self.description, "fields": fields, "hints": list(self.hints)}


def _judged(part: object, given: object) -> list[Result]:
    """What a field says of an answer; of one that breaks every comparison, just that."""
    try:
        return part.judge(given)
    except NotAttemptedError:
        raise
    except UnfitError as problem:
        return [Result(False, f"{part.label}: {problem}")]
    except Exception as error:
        return [Result(False, f"{part.label} {show(given)}: this cannot be judged ({_error(error)}).")]


def _print(text: str) -> None:
    """Print in lines that fit a page, also where the terminal has no ✓."""
    options = {"subsequent_indent": "  ", "break_long_words": False, "break_on_hyphens": False}
    text = "\n".join(textwrap.fill(line, 79, **options) for line in text.splitlines())
    try:
        print(text)
    except UnicodeEncodeError:
        text = text.replace("✓", "right:").replace("✗", "wrong:").replace("…", "...")
        print(text.encode(sys.stdout.encoding, "replace").decode(sys.stdout.encoding))
