"""Names of networks: which there are, what is known about each, and how to build them."""

import difflib
import inspect

from course_utils import models
from course_utils._arguments import given
from course_utils.models._registry import CARDS, ModelCard


def list_models() -> list[str]:
    """Names that :func:`build` knows, in alphabetical order."""
    return sorted(CARDS)


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
    builder = getattr(models, _known(name))
    accepted = inspect.signature(builder).parameters
    unknown = [option for option in options if option not in accepted]
    if unknown:
        raise ValueError(f"{name} has no option {given(unknown[0])}; it takes {', '.join(accepted)}")
    shape = {"input_shape": input_shape, "classes": classes}
    return builder(**{key: value for key, value in shape.items() if value is not None}, **options)


def _known(name: str) -> str:
    if isinstance(name, str) and name in CARDS:
        return name
    near = difflib.get_close_matches(name, CARDS, n=3, cutoff=0.4) if isinstance(name, str) else []
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known are {', '.join(list_models())}"
    raise ValueError(f"name: no network is called {given(name)}; {hint}")
