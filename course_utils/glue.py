"""Numbers that travel from a cell into the prose of the book."""

from IPython.display import display

_PREFIX = "application/papermill.record/"


def glue(name: str, text: object) -> None:
    """Make the text of a number available to the book's prose and captions under ``name``.

    It is the record that MyST-NB's ``{glue:text}`` role reads, written without needing MyST-NB, so that a notebook runs
    anywhere. Print the number as well: outside the book it is only seen there.

    Parameters
    ----------
    name : str
        Name, unique in the notebook.
    text : object
        What the book shows: ``str(text)``.

    Raises
    ------
    ValueError
        If ``name`` is empty.
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"name={name!r}: give a non-empty text")
    display(
        {f"{_PREFIX}text/plain": str(text)},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": _PREFIX}},
    )
