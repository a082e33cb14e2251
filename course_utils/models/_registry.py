"""Names of networks, what is known about each, and how to build them."""

import contextlib
import difflib
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from course_utils._arguments import as_count, as_flag, as_list, as_share, as_text, given, refuse

BUILDERS: dict[str, Callable] = {}
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
        The name that :func:`build` knows.
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
    """

    name: str
    title: str
    year: int | None
    authors: str
    reference: str | None
    idea: str
    published: tuple[Published, ...] = ()


def register(**card) -> Callable[[Callable], Callable]:
    """Enter a builder and its :class:`ModelCard` under the builder's own name; used as a decorator.

    The builder is called with plain arguments: those that several builders share have been checked, and are Python's
    own numbers, which Keras can save.
    """

    def enter(builder: Callable) -> Callable:
        name, signature = builder.__name__, inspect.signature(builder)
        if name in BUILDERS:
            raise ValueError(f"a builder named {name!r} is registered already")

        @functools.wraps(builder)
        def checked(*args, **options):
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            return builder(**_plain(bound.arguments))

        BUILDERS[name], CARDS[name] = checked, ModelCard(name=name, **card)
        return checked

    return enter


def _plain(arguments: dict) -> dict:
    """Arguments of a builder with those that several share in their plain form, or a ValueError."""
    checks = {"input_shape": _input_shape, "name": as_text}
    checks |= dict.fromkeys(("include_top", "small", "batch_norm", "aux"), as_flag)
    checks |= dict.fromkeys(("dropout", "drop_connect"), as_share)
    plain = {key: checks[key](value, key) if key in checks else value for key, value in arguments.items()}
    if "classes" in plain and plain.get("include_top", True):  # without a top it is not looked at
        plain["classes"] = as_count(plain["classes"], "classes", least=2)
    return plain


def _input_shape(value, name: str) -> tuple[int, int, int]:
    with contextlib.suppress(ValueError):
        rows, columns, channels = (as_count(size, name) for size in as_list(value, name, count=3))
        return rows, columns, channels
    raise refuse(name, value, "expected (rows, columns, channels), three whole numbers, each at least 1")


def list_models() -> list[str]:
    """Names that :func:`build` knows, in alphabetical order."""
    return sorted(BUILDERS)


def model_card(name: str) -> ModelCard:
    """What is known about a network: year, authors, reference, idea, published figures.

    Raises
    ------
    ValueError
        If the name is unknown; the message names the nearest ones.
    """
    return CARDS[_known(name)]


def build(name: str, input_shape: tuple[int, int, int] | None = None, classes: int | None = None, **options):
    """Build a network by name.

    Parameters
    ----------
    name : str
        One of :func:`list_models`.
    input_shape : (int, int, int), optional
        (rows, columns, channels); the paper's own unless given.
    classes : int, optional
        Number of classes; the paper's own unless given.
    **options
        Further arguments of that network's builder.

    Returns
    -------
    keras.Model
        Untrained, not compiled; its outputs are logits unless its builder says otherwise.

    Raises
    ------
    ValueError
        If the name or an option is unknown; the message names the nearest ones.
    """
    builder = BUILDERS[_known(name)]
    accepted = inspect.signature(builder).parameters
    unknown = [option for option in options if option not in accepted]
    if unknown:
        raise ValueError(f"{name} has no option {given(unknown[0])}; it takes {', '.join(accepted)}")
    shape = {"input_shape": input_shape, "classes": classes}
    return builder(**{key: value for key, value in shape.items() if value is not None}, **options)


def _known(name: str) -> str:
    if isinstance(name, str) and name in BUILDERS:
        return name
    near = difflib.get_close_matches(name, BUILDERS, n=3, cutoff=0.4) if isinstance(name, str) else []
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known are {', '.join(list_models())}"
    raise ValueError(f"name: no network is called {given(name)}; {hint}")
