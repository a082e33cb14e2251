"""The data sets of the course: where they are, getting those that do not come with it, and checking them all."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from course_utils.cli.project import CourseError, UsageError
from course_utils.datasets import _bundled, _store, cifar10, digits, faces, mnist, mnist_c, patches, xo


@dataclass(frozen=True)
class Entry:
    """One row of the table; ``place`` is None for a data set that comes with the course or a package it needs."""

    name: str
    title: str
    size: str
    licence: str
    home: str
    fetch: Callable[[Console], object]
    check: Callable[[], list[str]]
    place: Callable[[], Path | None] = lambda: None
    stored: bool = False

    def is_here(self) -> bool:
        """Tell whether it can be loaded without being downloaded or made."""
        return not self.stored or self.place() is not None


def _loads(load: Callable[[], object]) -> Callable[[], list[str]]:
    def check() -> list[str]:
        try:
            load()
        except (OSError, ValueError) as error:
            return [str(error)]
        return []

    return check


def _cifar10_place() -> Path | None:
    home = _store.data_home()
    return next((path for path in (home / cifar10.FOLDER, home / cifar10.ARCHIVE) if path.exists()), None)


def _cifar10_check() -> list[str]:
    home, found = _store.data_home(), []
    if (home / cifar10.FOLDER).exists():
        found += _loads(lambda: cifar10.load_cifar10(path=home / cifar10.FOLDER))()
    if (home / cifar10.ARCHIVE).exists():
        found += _loads(lambda: cifar10.check_archive(home / cifar10.ARCHIVE))()
    return found


def _mnist_c_place() -> Path | None:
    folder = _store.data_home() / mnist_c.FOLDER
    return folder if any(folder.glob("*/*_images.npy")) else None


def _mnist_c_check() -> list[str]:
    home = _store.data_home()
    found = [
        line for folder in (mnist_c.FOLDER, f"{mnist_c.FOLDER}_variants") for line in _store.problems(home / folder)
    ]
    for name in mnist_c.NAMES:
        for split in mnist_c.SPLITS:
            if _store.state(home / mnist_c.FOLDER / name / f"{split}_images.npy") == "foreign":
                found += _loads(lambda name=name, split=split: mnist_c.load_mnist_c(name, splits=(split,)))()
    return found


def _fetch_mnist_c(console: Console) -> None:
    mnist_c.make_all(report=lambda name, split, what: console.print(f"  {name} {split}: {what}", highlight=False))


def _nothing(console: Console) -> None:
    """There is nothing to fetch: it comes with the course."""


def entries() -> dict[str, Entry]:
    """Return all data sets by name. A new one gets its row here."""
    each = (
        Entry("mnist", "MNIST", "11 MB", mnist.LICENCE, "the course", _nothing, _loads(mnist.load_mnist)),
        Entry(
            "mnist-c", "MNIST-C, fifteen corruptions", "880 MB, made here", mnist.LICENCE, "the data folder",
            _fetch_mnist_c, _mnist_c_check, _mnist_c_place, stored=True,
        ),
        Entry(
            "cifar10", "CIFAR-10", "170 MB, downloaded", cifar10.LICENCE, "the data folder",
            lambda console: cifar10.load_cifar10(), _cifar10_check, _cifar10_place, stored=True,
        ),
        Entry("photo-patches", "patches of ten photographs", "cut when loaded", "public domain, CC0, CC BY 2.0; see load_photo_patches",
              "scikit-image and scikit-learn", _nothing, _loads(patches.load_photo_patches)),
        Entry("faces", "faces and backgrounds, 25×25", "1 MB", faces.LICENCE, "scikit-image", _nothing, _loads(faces.load_faces)),
        Entry("digits8x8", "digits, 8×8", "under 1 MB", digits.LICENCE, "scikit-learn", _nothing, _loads(digits.load_digits8x8)),
        Entry("xo", "letters X and O", "drawn when loaded", "BSD-3-Clause", "the course", _nothing, _loads(xo.make_xo)),
    )  # fmt: skip
    return {entry.name: entry for entry in each}


def _chosen(names: list[str]) -> list[Entry]:
    known = entries()
    for name in names:
        if name not in known:
            raise UsageError(f"{name!r} is no data set of the course; there are {', '.join(known)}")
    return [known[name] for name in names or known]


def show(*, console: Console | None = None) -> int:
    """Print every data set: where it is or comes from, its size and licence."""
    console = console or Console(highlight=False)
    with _clear_errors():
        for entry in entries().values():
            place = entry.place() if entry.stored else f"with {entry.home}"
            where = str(place) if place else f"not here; get it with: python -m course_utils data fetch {entry.name}"
            console.print(f"{entry.name}: {entry.title}", style="bold")
            for line in (where, f"{entry.size}; licence: {entry.licence}"):
                console.print(f"  {line}", markup=False, soft_wrap=True)
        console.print(f"The data folder is {_store.data_home()}; {_store.VARIABLE} names another one.", soft_wrap=True)
    return 0


def fetch(names: list[str], *, console: Console | None = None) -> int:
    """Download or make data sets; what is there already and undamaged stays."""
    console = console or Console(highlight=False)
    for entry in _chosen(names):
        console.print(f"{entry.name}: {entry.title}", soft_wrap=True)
        with _clear_errors(), warnings.catch_warnings():
            warnings.simplefilter("always")
            entry.fetch(console)
            place = entry.place() if entry.stored else None
        console.print(f"  ready in {place}" if place else f"  comes with {entry.home}", soft_wrap=True)
    return 0


def verify(names: list[str], *, console: Console | None = None) -> int:
    """Check the content of data sets that are here; return 1 if any is damaged."""
    console = console or Console(highlight=False)
    damaged = 0
    for entry in _chosen(names):
        with _clear_errors():
            if not entry.is_here():
                console.print(f"{entry.name}: not here")
                continue
            found = entry.check()
        console.print(f"{entry.name}: " + ("damaged" if found else "all right"))
        for problem in found:
            console.print(f"  {problem}", markup=False, soft_wrap=True)
        if found and entry.stored:
            console.print(f"  To repair it: python -m course_utils data fetch {entry.name}", soft_wrap=True)
        damaged += bool(found)
    return 1 if damaged else 0


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn what a loader says into the one message that the reader is shown."""
    try:
        yield
    except (_store.DataFolderError, FileNotFoundError, _bundled.CorruptDataError) as error:
        raise CourseError(str(error)) from error
