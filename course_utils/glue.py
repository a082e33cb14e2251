"""Numbers that travel from a cell into the prose of the book."""

from IPython.display import display

from course_utils._arguments import as_text

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
    name = as_text(name, "name")
    display(
        {f"{_PREFIX}text/plain": str(text)},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": _PREFIX}},
    )
