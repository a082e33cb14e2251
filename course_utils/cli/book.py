"""Build the book, and know when there is nothing to build."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from course_utils.cli.project import CourseError, Project, files_below, fingerprint, kernel_environment

_STATE = "book-fingerprint.json"
_LOG = "book.log"
# Jupyter Book has no option for it, but its function takes the number of processes that read and write pages.
_PROGRAM = """
import functools, os
from jupyter_book import sphinx
sphinx.build_sphinx = functools.partial(sphinx.build_sphinx, jobs=os.cpu_count() or 1)
from jupyter_book.cli.main import main
main()
"""
_COMMAND = ("-c", _PROGRAM, "build", "book", "-W", "--keep-going", "-n")
_PROBLEM = re.compile(r"WARNING|ERROR|[Ee]xception|CRITICAL|[Ee]rror:")
_NOISE = "All log messages before absl"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class BuildError(CourseError):
    """The book's pages gave warnings, or could not be built."""


def fingerprints(project: Project) -> dict[str, str]:
    """Return one checksum of the pages' text and one of everything else that the book is made from."""
    files = [path for folder in ("book", "course_utils") for path in files_below(project.root / folder)]
    files += sorted(path for path in project.root.iterdir() if path.is_file() and not path.name.startswith("."))
    pages = [path for path in files if path.is_relative_to(project.book) and path.suffix in (".md", ".ipynb")]
    return {
        "pages": fingerprint(project, pages),
        "rest": fingerprint(project, [path for path in files if path not in set(pages)]),
    }


def last_build(project: Project) -> dict[str, str]:
    """Return the checksums of the last build that succeeded, if its pages are still there."""
    state = project.output / _STATE
    if not state.is_file() or not (project.html / "index.html").is_file():
        return {}
    return json.loads(state.read_text(encoding="utf-8"))


def build(project: Project, *, everything: bool = False, pdf: bool = False, console: Console | None = None) -> None:
    """Build the book, with the outputs that its notebooks are stored with; every warning is a failure.

    Parameters
    ----------
    project : Project
        The checkout.
    everything : bool
        Build every page anew. Without it only changed pages are built, unless anything but pages changed or the last
        build failed: Sphinx repeats neither the warnings of an unchanged page nor the copying of an unchanged file.
    pdf : bool
        Print the built pages into one PDF, too.
    console : Console, optional
        Where progress is shown.

    Raises
    ------
    BuildError
        If the build gives a warning.
    PdfError
        If the pages cannot be printed.
    """
    console = console or Console(highlight=False)
    if pdf:
        from course_utils.cli import pdf as printing

        printing.find_chromium()  # better missed now than after the build
    _build_pages(project, everything, console)
    if pdf:
        printing.make(project, console=console)


def _build_pages(project: Project, everything: bool, console: Console) -> None:
    """Build what changed, or everything."""
    current, last = fingerprints(project), last_build(project)
    if current == last and not everything:
        console.print("The book is up to date.")
        return
    state = project.output / _STATE
    project.output.mkdir(exist_ok=True)
    state.unlink(missing_ok=True)
    if everything or current["rest"] != last.get("rest"):
        for folder in (project.html, project.doctrees):
            shutil.rmtree(folder, ignore_errors=True)
    _run_jupyter_book(project, console)
    state.write_text(json.dumps(current, indent=1), encoding="utf-8")


def _run_jupyter_book(project: Project, console: Console) -> None:
    """Run the strict build, its last line shown while it works and its log kept."""
    lines = []
    project.output.mkdir(exist_ok=True)
    with (
        (project.output / _LOG).open("w", encoding="utf-8") as log,
        console.status("Building the book") as status,
        subprocess.Popen(
            [sys.executable, *_COMMAND],
            cwd=project.root,
            env=kernel_environment(project),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        for line in process.stdout:
            lines.append(_COLOURS.sub("", line).rstrip())
            log.write(lines[-1] + "\n")
            status.update(f"Building the book: {lines[-1].strip()[:80]}")
    if process.returncode != 0:
        raise BuildError(_failure(project, lines))


def _failure(project: Project, lines: list[str]) -> str:
    problems = [line for line in lines if _PROBLEM.search(line) and _NOISE not in line] or lines[-15:]
    problems = [line.replace(f"{project.root}/", "") for line in problems]
    shown = "\n".join(f"    {line}" for line in dict.fromkeys(problems))
    return f"the book's build failed (whole log: {project.relative(project.output / _LOG)}):\n{shown}"


def index(project: Project) -> Path:
    """Return the built book's first page."""
    return project.html / "index.html"
