"""Names of networks and how to build them."""

import difflib
import inspect
from collections.abc import Callable

BUILDERS: dict[str, Callable] = {}


def register(builder: Callable) -> Callable:
    """Enter a builder under its own name; used as a decorator."""
    if builder.__name__ in BUILDERS:
        raise ValueError(f"a builder named {builder.__name__!r} is registered already")
    BUILDERS[builder.__name__] = builder
    return builder


def list_models() -> list[str]:
    """Names that :func:`build` knows, in alphabetical order."""
    return sorted(BUILDERS)


def build(name: str, input_shape: tuple[int, int, int] | None = None, classes: int | None = None, **options):
    """Build a network by name.

    Parameters
    ----------
    name : str
        One of :func:`list_models`.
    input_shape : (int, int, int), optional
        (rows, columns, channels); the network's own default unless given.
    classes : int, optional
        Number of classes; the network's own default unless given.
    **options
        Further arguments of that network's builder.

    Returns
    -------
    keras.Model
        Untrained, not compiled; its output are logits unless its builder says otherwise.

    Raises
    ------
    ValueError
        If the name or an option is unknown; the message names the nearest ones.
    """
    if name not in BUILDERS:
        near = difflib.get_close_matches(str(name), BUILDERS, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known are {', '.join(list_models())}"
        raise ValueError(f"no network is called {name!r}; {hint}")
    builder = BUILDERS[name]
    accepted = inspect.signature(builder).parameters
    unknown = [option for option in options if option not in accepted]
    if unknown:
        raise ValueError(f"{name} has no option {unknown[0]!r}; it takes {', '.join(accepted)}")
    given = {"input_shape": input_shape, "classes": classes}
    return builder(**{key: value for key, value in given.items() if value is not None}, **options)
