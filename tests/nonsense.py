"""Values that argue with every argument, and what it means to refuse one: a sentence of the house, not somebody else's trace."""

import inspect
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np

PACKAGE = str(Path(__file__).parents[1] / "course_utils")


class Hostile:
    """Raises whatever is done with it."""

    def __repr__(self):
        raise RuntimeError("nobody looks at me")

    __eq__ = __bool__ = __len__ = __iter__ = __array__ = __float__ = __index__ = __repr__
    __hash__ = None


VALUES = {
    "none": None,
    "text": "ten",
    "bytes": b"ten",
    "true": True,
    "zero": 0,
    "negative": -1,
    "fraction": 2.5,
    "nan": float("nan"),
    "infinity": float("-inf"),
    "complex": 1j,
    "huge": 10**400,
    "numpy three": np.int64(3),
    "list": [1, 2],
    "empty list": [],
    "ragged": [[1, 2], [3]],
    "ragged pair": (1, (1, 2)),
    "dictionary": {},
    "set": {1, 2},
    "path": Path("ten"),
    "function": len,
    "object": object(),
    "hostile": Hostile(),
    "empty array": np.array([]),
    "no rows": np.zeros((2, 0, 5, 2)),
    "texts": np.array(["a", "b"]),
    "objects": np.full(2, None, dtype=object),
    "complex array": np.ones((3, 4), complex),
    "array of nan": np.full((3, 4), np.nan),
}
_NUMBERS = {"true", "zero", "negative", "fraction", "nan", "infinity", "numpy three", "huge"}
_ARRAYS = {"list", "empty list", "empty array", "no rows", "array of nan"}
NEVER = {
    "array": set(VALUES) - _NUMBERS - _ARRAYS,
    "number": set(VALUES) - {"zero", "negative", "fraction", "numpy three"},
    "share": set(VALUES) - {"zero"},
    "count": set(VALUES) - {"zero", "numpy three"},
    "pair": set(VALUES) - {"zero", "numpy three", "list"},
    "flag": set(VALUES) - {"true"},
    "callable": set(VALUES) - {"function"},
    "own": set(VALUES),
    "any": set(),
}
"""For each kind of argument the values that it never takes; None, where an argument is optional, is taken out by the test."""


def refusal(function: Callable, options: dict) -> str | None:
    """Call and return None, or the message of a refusal, which has to be readable wherever it is printed.

    A refusal is a ValueError or FileNotFoundError raised by the house that names one of the arguments; any other exception fails.
    """
    caught = None
    try:
        function(**options)
    except Exception as error:
        caught = error
    if caught is None:
        return None
    last, message = traceback.extract_tb(caught.__traceback__)[-1], str(caught)
    what = f"{type(caught).__name__} from {last.filename}:{last.lineno}: {message}"
    assert type(caught) in (ValueError, FileNotFoundError), what
    assert last.filename.startswith(PACKAGE), what
    assert message.isascii(), what
    assert len(message) < 1000, what
    assert "\n" not in message, what
    assert any(name in message for name in (*inspect.signature(function).parameters, *options)), what
    return message


def argue(function: Callable, options: dict, kinds: dict[str, str], *, optional: tuple[str, ...] = ()) -> None:
    """Put every value into the place of every argument: it is taken or refused in a sentence, and what never fits is refused."""
    assert refusal(function, options) is None
    taken = []
    for argument in options:
        for name, value in VALUES.items():
            if name == "function" and kinds.get(argument) == "callable":
                continue  # what a learner's own function raises is shown as it is
            message = refusal(function, options | {argument: value})
            never = NEVER[kinds.get(argument, "any")] - ({"none"} if argument in optional else set())
            if message is None and name in never:
                taken.append(f"{argument}={name}")
    assert not taken, f"{getattr(function, '__name__', function)} takes {', '.join(taken)}"
