"""Names of networks, what is known about each, and how to build them."""

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass

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
    """Enter a builder and its :class:`ModelCard` under the builder's own name; used as a decorator."""

    def enter(builder: Callable) -> Callable:
        name = builder.__name__
        if isinstance(name, str) and name in BUILDERS:
            raise ValueError(f"a builder named {name!r} is registered already")
        BUILDERS[name], CARDS[name] = builder, ModelCard(name=name, **card)
        return builder

    return enter


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
        raise ValueError(f"{name} has no option {unknown[0]!r}; it takes {', '.join(accepted)}")
    given = {"input_shape": input_shape, "classes": classes}
    return builder(**{key: value for key, value in given.items() if value is not None}, **options)


def _known(name: str) -> str:
    if isinstance(name, str) and name in BUILDERS:
        return name
    near = difflib.get_close_matches(str(name), BUILDERS, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known are {', '.join(list_models())}"
    raise ValueError(f"no network is called {name!r}; {hint}")
