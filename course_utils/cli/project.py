"""Where things are in a checkout of the course, and what may be read from it."""

import hashlib
import os
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KERNEL_SETTINGS = {
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # One thread each: several at once keep every core busy, and outputs do not depend on how many there are.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    # TensorFlow tells glibc to give memory back after each step of a training; taking it again costs a tenth of the time.
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TOP_PAD_": str(2**28),
}
_IGNORED_PARTS = {"__pycache__", ".ipynb_checkpoints", ".ruff_cache", ".pytest_cache", ".hypothesis", "_build"}


class CourseError(Exception):
    """A foreseeable failure; its text is all the reader is shown."""


class UsageError(CourseError):
    """A command that cannot be carried out as it was given."""


@dataclass(frozen=True)
class Project:
    """A checkout of the course."""

    root: Path

    @property
    def book(self) -> Path:
        """The folder of what readers read."""
        return self.root / "book"

    @property
    def output(self) -> Path:
        """The folder of everything that is made."""
        return self.root / "_build"

    @property
    def html(self) -> Path:
        """The built pages."""
        return self.output / "html"

    @property
    def doctrees(self) -> Path:
        """What Sphinx remembers of pages that it has read."""
        return self.output / ".doctrees"

    @property
    def repository(self) -> str:
        """The repository's address, from ``pyproject.toml``, the only place where it is written."""
        with (self.root / "pyproject.toml").open("rb") as file:
            return tomllib.load(file)["project"]["urls"]["Repository"]

    def notebooks(self) -> list[Path]:
        """Every notebook of the book, in alphabetical order."""
        return [path for path in files_below(self.book) if path.suffix == ".ipynb"]

    def relative(self, path: Path) -> str:
        """Return a path as readers know it, from the checkout's root."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def find_project() -> Project:
    """Return the checkout around the working folder, or else the one this package lies in."""
    for start in (Path.cwd(), Path(__file__).resolve().parent):
        for folder in (start, *start.parents):
            if (folder / "_config.yml").is_file() and (folder / "book").is_dir():
                return Project(folder)
    raise UsageError("this command needs a checkout of the course (a folder with _config.yml and book/); go into one")


def files_below(folder: Path) -> list[Path]:
    """Return every file below a folder but caches and made things, in alphabetical order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not _IGNORED_PARTS.intersection(path.relative_to(folder).parts)
    )


def save(path: Path, content: bytes) -> None:
    """Replace a file, in a folder that need not be there yet, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def fingerprint(project: Project, paths: Iterable[Path]) -> str:
    """Return one checksum of the names and contents of files, and of the Python version."""
    total = hashlib.sha256(repr(sys.version_info[:3]).encode())
    for path in paths:
        total.update(f"\0{project.relative(path)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def kernel_environment(project: Project) -> dict[str, str]:
    """Return the environment variables for whatever executes notebooks.

    The reader's own IPython profile (start-up files, history) and choice of a Matplotlib window are left out, so that a
    notebook gives the same on every machine. Compiled modules may be kept: to compile TensorFlow takes longer than most
    lessons.
    """
    left_out = {"MPLBACKEND", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    return environment | KERNEL_SETTINGS | {"IPYTHONDIR": str(project.output / ".ipython")}
