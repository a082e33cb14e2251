"""Numbers that travel from a cell into the prose of the book."""

from IPython.display import display

from course_utils._arguments import as_text, refuse

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
        If ``name`` is empty, or ``text`` has no text.
    """
    name = as_text(name, "name")
    try:
        text = str(text)
    except Exception:  # somebody else's object
        raise refuse("text", text, "give what has a text") from None
    display(
        {f"{_PREFIX}text/plain": text},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": _PREFIX}},
    )
