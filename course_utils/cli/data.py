"""The data sets of the course: where they are, getting those that do not come with it, and checking them all."""

import contextlib
import warnings
from collections.abc import Iterator

from rich.console import Console

from course_utils.cli.project import CourseError, UsageError
from course_utils.datasets import CorruptDataError, _store
from course_utils.datasets._catalogue import entries
from course_utils.datasets._entry import Entry


def _chosen(names: list[str]) -> list[Entry]:
    known = entries()
    for name in names:
        if name not in known:
            raise UsageError(f"{name!r} is no data set of the course; there are {', '.join(known)}")
    return [known[name] for name in names or known]


def _printing(console: Console | None):
    """A function that prints a line as it is, however long, with a style if one is given; "?" for what the terminal cannot show."""
    console = console or Console()

    def say(line: str, style: str | None = None) -> None:
        shown = line.encode(console.encoding, "replace").decode(console.encoding)
        console.print(shown, style=style, markup=False, highlight=False, soft_wrap=True)

    return say


def show(*, console: Console | None = None) -> int:
    """Print every data set: where it is or comes from, its size and licence."""
    say = _printing(console)
    with _clear_errors():
        for entry in entries().values():
            place = entry.place() if entry.place else f"with {entry.home}"
            say(f"{entry.name}: {entry.title}", "bold")
            say(f"  {place or f'not here; get it with: python -m course_utils data fetch {entry.name}'}")
            say(f"  {entry.size}; licence: {entry.licence}")
        say(f"The data folder is {_store.data_home()}; {_store.VARIABLE} names another one.")
    return 0


def fetch(names: list[str], *, console: Console | None = None) -> int:
    """Download or make data sets; what is there already and undamaged stays."""
    say = _printing(console)
    for entry in _chosen(names):
        say(f"{entry.name}: {entry.title}")
        with _clear_errors(), warnings.catch_warnings():
            warnings.simplefilter("always")
            entry.fetch(lambda line: say(f"  {line}"))
            place = entry.place() if entry.place else None
        say(f"  ready in {place}" if place else f"  comes with {entry.home}")
    return 0


def verify(names: list[str], *, console: Console | None = None) -> int:
    """Check the content of data sets that are here; return 1 if any is damaged."""
    say, damaged = _printing(console), 0
    for entry in _chosen(names):
        with _clear_errors():
            if not entry.is_here():
                say(f"{entry.name}: not here")
                continue
            found = entry.problems()
        say(f"{entry.name}: " + ("damaged" if found else "all right"))
        for problem in found:
            say(f"  {problem}")
        if found and entry.place:
            say(f"  To repair it: python -m course_utils data fetch {entry.name}")
        damaged += bool(found)
    return 1 if damaged else 0


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn what a loader says into the one message that the reader is shown."""
    try:
        yield
    except (OSError, CorruptDataError) as error:
        raise CourseError(str(error)) from error
