"""What is known about each network, entered beside its builder."""

import contextlib
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from course_utils._arguments import as_count, as_flag, as_list, as_share, as_text, refuse

CARDS: dict[str, "ModelCard"] = {}


@dataclass(frozen=True)
class Published:
    """A figure as it was printed: what was measured, in which unit, and where it stands."""

    measure: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class ModelCard:
    """What a reader wants to know of a network before building it.

    Attributes
    ----------
    name : str
        The name of its builder.
    title : str
        The name as the literature writes it.
    year : int or None
        When it was first published, preprints included; None for the course's own networks.
    authors : str
        Of the paper.
    reference : str or None
        Key of the paper in the bibliography, if there is one.
    idea : str
        What was new, in a sentence.
    published : tuple of Published
        Figures from the paper, or from the authors' release, each with its source.
    preprocessing : str or None
        Name of the function of :mod:`course_utils.models` that makes of pictures what trained weights of the course
        want; None where there are none, or they take pictures as they are.
    """

    name: str
    title: str
    year: int | None
    authors: str
    reference: str | None
    idea: str
    published: tuple[Published, ...] = ()
    preprocessing: str | None = None


def register(**card) -> Callable[[Callable], Callable]:
    """Enter a builder and its :class:`ModelCard` under the builder's own name; used as a decorator.

    The builder is called with plain arguments: those that several builders share have been checked, and are Python's
    own numbers, which Keras can save.
    """

    def enter(builder: Callable) -> Callable:
        name, signature = builder.__name__, inspect.signature(builder)
        if name in CARDS:
            raise ValueError(f"a builder named {name!r} is registered already")

        @functools.wraps(builder)
        def checked(*args, **options):
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            return builder(**_plain(bound.arguments))

        CARDS[name] = ModelCard(name=name, **card)
        return checked

    return enter


def _plain(arguments: dict) -> dict:
    """Arguments of a builder with those that several share in their plain form, or a ValueError."""
    checks = {"input_shape": _input_shape, "name": _name}
    checks |= dict.fromkeys(("include_top", "small", "batch_norm", "aux"), as_flag)
    checks |= dict.fromkeys(("dropout", "drop_connect"), as_share)
    plain = {key: checks[key](value, key) if key in checks else value for key, value in arguments.items()}
    if "classes" in plain and plain.get("include_top", True):  # without a top it is not looked at
        plain["classes"] = as_count(plain["classes"], "classes", least=2)
    return plain


def _name(value, name: str) -> str:
    if "/" in as_text(value, name):
        raise refuse(name, value, "give a text without /, with which Keras writes paths of layers")
    return str(value)


def _input_shape(value, name: str) -> tuple[int, int, int]:
    with contextlib.suppress(ValueError):
        rows, columns, channels = (as_count(size, name) for size in as_list(value, name, count=3))
        return rows, columns, channels
    raise refuse(name, value, "expected (rows, columns, channels), three whole numbers, each at least 1")
