"""What each loader's module declares of its data set, as ``ENTRY``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Report = Callable[[str], object]


def _nothing(report: Report) -> None:
    """There is nothing to fetch: it comes with the course or a package that the course needs."""


@dataclass(frozen=True)
class Entry:
    """What the course says of a data set.

    Parameters
    ----------
    name, title, size, licence : str
        The name on the command line, and what is said of it.
    home : str
        What it comes with, or "the data folder".
    load : callable
        Load it with defaults; an OSError or ValueError says what is wrong.
    fetch : callable
        Download or make it, and call the function that it is given with a line for each piece.
    place : callable, optional
        Return where it is in the data folder, or None; for a set that does not come with anything.
    check : callable, optional
        Return a line for each thing that is wrong; calls ``load`` unless given.
    """

    name: str
    title: str
    size: str
    licence: str
    home: str
    load: Callable[[], object]
    fetch: Callable[[Report], object] = _nothing
    place: Callable[[], Path | None] | None = None
    check: Callable[[], list[str]] | None = None

    def is_here(self) -> bool:
        """Tell whether it can be loaded without being downloaded or made."""
        return self.place is None or self.place() is not None

    def problems(self) -> list[str]:
        """Say what is wrong with it: a line for each thing."""
        return self.check() if self.check else complaints(self.load)


def complaints(load: Callable[[], object]) -> list[str]:
    """What a loader says is wrong: one line or none."""
    try:
        load()
    except (OSError, ValueError) as error:
        return [str(error)]
    return []
