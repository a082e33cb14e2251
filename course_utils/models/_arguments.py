"""Arguments that builders share, checked before a network is built."""

import operator


def check_arguments(
    input_shape, classes, *, smallest: int, dropout: float | None = None, include_top: bool = True
) -> None:
    """Raise ValueError unless a network with these arguments can be built.

    Parameters
    ----------
    input_shape : (int, int, int)
        (rows, columns, channels).
    classes : int
        At least 2; not looked at without a top.
    smallest : int
        Fewest rows and columns with which every window still fits.
    dropout : float, optional
        A share from 0 to less than 1.
    include_top : bool
        Whether the network ends with a classifier.
    """
    try:
        shape = tuple(operator.index(size) for size in input_shape)
    except TypeError:
        raise ValueError(
            f"input_shape={input_shape!r}: expected three whole numbers (rows, columns, channels)"
        ) from None
    if len(shape) != 3 or min(shape[:2]) < smallest or shape[2] < 1:
        raise ValueError(
            f"input_shape={input_shape!r}: expected (rows, columns, channels) with at least {smallest} rows and columns; "
            "below that a window no longer fits"
        )
    if not isinstance(include_top, bool):
        raise ValueError(f"include_top={include_top!r}: must be True or False")
    if include_top and (isinstance(classes, bool) or not isinstance(classes, int) or classes < 2):
        raise ValueError(f"classes={classes!r}: expected a whole number, at least 2")
    if dropout is not None and not (isinstance(dropout, int | float) and 0 <= dropout < 1):
        raise ValueError(f"dropout={dropout!r}: a share from 0 to less than 1")


def check_choice(argument: str, value, accepted) -> None:
    """Raise ValueError unless ``value`` is one of ``accepted``; the message lists them."""
    # True equals 1 in Python, and neither should pass for the other here.
    if not any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in accepted):
        raise ValueError(f"{argument}={value!r}: must be one of {', '.join(map(repr, accepted))}")
