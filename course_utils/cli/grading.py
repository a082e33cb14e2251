"""Grade what learners handed in: execute their notebooks, and collect what the checks of the exercises say."""

import csv
import io
import itertools
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from rich.console import Console

from course_utils.cli import stored_form
from course_utils.cli.project import CourseError, Project, UsageError, files_below, kernel_environment, save

RIGHT, WRONG, UNTOUCHED, FAILED = "right", "wrong", "not attempted", "error"
UNCHECKED, NOT_RUN, GONE = "no check", "not run", "missing"
OUTCOMES = (RIGHT, WRONG, UNTOUCHED, FAILED, UNCHECKED, NOT_RUN, GONE)
CELL_TIMEOUT = 180  # a whole lesson takes half a minute; a machine may be six times as slow
LONGEST, LINE = 2000, 200  # letters of what a cell printed that are kept, and shown
_CALL = re.compile(r"^(?!\s*#).*?\bchecks\.(\w+)\(", re.MULTILINE)
_DELETED = "its cell is not in the notebook"
_OPEN = os.R_OK | os.X_OK
_ROOM = re.compile(r"\bcourse_utils\.lessons\.(\w+)")


@dataclass(frozen=True)
class Grade:
    """What became of one exercise of one notebook."""

    exercise: str
    outcome: str
    said: str


def _stubs(notebook: dict) -> list[dict]:
    """Return the cells of a notebook in which exercises are answered."""
    return [
        cell for cell in notebook["cells"] if cell["cell_type"] == "code" and stored_form.EXERCISE in _tags_of(cell)
    ]


def _tags_of(cell: dict) -> list:
    """Return the tags of a cell that somebody else may have written."""
    tags = cell.get("metadata", {}).get("tags", [])
    return tags if isinstance(tags, list) else []


def _name(cell: dict, known: dict[str, str] | None = None) -> str:
    """Return the exercise that a cell answers: by the check that it calls, or else by its id in the lesson."""
    called = _CALL.findall("".join(cell["source"]))
    place = cell.get("id", "?")
    return called[0] if called else (known or {}).get(place, place)


def _said(cell: nbformat.NotebookNode) -> tuple[str, str]:
    """Return what a cell printed, and the error that it ended with, if there was one."""
    printed = "".join(
        output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout"
    )
    errors = [f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"]
    return printed.strip(), "".join(errors)


def grade_cell(cell: nbformat.NotebookNode, known: dict[str, str] | None = None) -> Grade:
    """Return the grade of an executed cell in which an exercise is answered."""
    printed, error = _said(cell)
    marks = {line[0] for line in printed.splitlines() if line[:1] in ("✓", "✗")}
    if error:
        outcome = FAILED
    elif not _CALL.search(cell.source):
        outcome = UNCHECKED
    elif "✗" in marks:
        outcome = WRONG
    elif "Not attempted yet." in printed:
        outcome = UNTOUCHED
    else:
        outcome = RIGHT if marks else UNCHECKED
    said = error or printed
    marked = "\n".join(line for line in said.splitlines() if line[:1] in ("✓", "✗"))
    return Grade(_name(cell, known), outcome, said if len(said) <= LONGEST else (marked or said)[:LONGEST])


def exercises_of_lessons(project: Project) -> dict[str, dict[str, str]]:
    """Return the exercises of each lesson, by the name of the package that has its checks: names by the ids of their cells."""
    found = {path.stem.replace("-", "_"): _stubs(stored_form.read(path)) for path in project.notebooks()}
    return {lesson: {cell["id"]: _name(cell) for cell in stubs} for lesson, stubs in found.items()}


def _lesson(notebook: nbformat.NotebookNode, lessons: dict[str, dict[str, str]]) -> str | None:
    """Return the lesson that a notebook is, whatever its file is called: the one whose checks or figures it imports."""
    imported = _ROOM.findall("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    return next((name for name in imported if name in lessons), None)


def grades(project: Project, path: Path, lessons: dict[str, dict[str, str]] | None = None) -> list[Grade]:
    """Execute a notebook in a folder that is thrown away, to its end whatever fails, and return its grades.

    Raises
    ------
    CourseError
        If it is no notebook.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # whatever a file of that name may hold
        raise CourseError(f"{path} cannot be read as a notebook: {_why(error)}") from None
    lessons = exercises_of_lessons(project) if lessons is None else lessons
    stubs, lesson = _stubs(notebook), _lesson(notebook, lessons)
    known = lessons.get(lesson, {})
    there = {_name(cell, known) for cell in stubs}
    deleted = [Grade(name, GONE, _DELETED) for name in known.values() if name not in there]
    if lesson:  # an error in the cell that imports the checks, or another thing of their name, spoils no exercise
        for cell in stubs:
            again = nbformat.v4.new_code_cell(f"from course_utils.lessons.{lesson} import checks")
            notebook.cells.insert(notebook.cells.index(cell), again)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []  # what was stored by the learner does not count
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel of this environment, whatever the notebook names
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        options = {"timeout": CELL_TIMEOUT, "allow_errors": True, "kernel_name": "python3"}
        environment = kernel_environment(project) | {"IPYTHONDIR": folder}  # nothing is left there for the next one
        client = NotebookClient(notebook, **options, resources={"metadata": {"path": folder}})
        try:
            client.execute(env=environment, stderr=subprocess.DEVNULL)
        except (CellTimeoutError, DeadKernelError) as error:
            timed_out = isinstance(error, CellTimeoutError)
            reason = f"a cell ran for {CELL_TIMEOUT} seconds and was stopped" if timed_out else "its kernel died"
            over = [not cell.outputs or _said(cell)[1].startswith("KeyboardInterrupt") for cell in stubs]
            ran = [
                Grade(_name(cell, known), NOT_RUN, reason) if stopped else grade_cell(cell, known)
                for cell, stopped in zip(stubs, over, strict=True)
            ]
            return [*ran, *deleted, Grade("(the notebook)", FAILED, reason)]
    return [*(grade_cell(cell, known) for cell in stubs), *deleted]


def _why(error: Exception) -> str:
    """Return why a file could not be read, and what its reader can do."""
    if isinstance(error, OSError):
        return f"{error.strerror}. Let your account read it, and grade it again."
    if isinstance(error, UnicodeDecodeError | nbformat.reader.NotJSONError):
        reason = "it is empty, cut off, or another kind of file."
    else:
        reason = f"what a notebook must have is missing or damaged ({(str(error).splitlines() or ['?'])[0][:LINE]})."
    return f"{reason} Ask for it again: it has to open in JupyterLab."


def notebooks(paths: list[Path]) -> Iterator[Path]:
    """Yield the notebooks that paths name, those in folders in alphabetical order."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist; give notebooks, or folders of notebooks")
        closed = [folder for folder in (path, *path.rglob("*")) if folder.is_dir() and not os.access(folder, _OPEN)]
        if closed:
            raise UsageError(f"{closed[0]} cannot be looked into, so nothing is graded; let your account read it")
        found = [file for file in files_below(path) if file.suffix == ".ipynb"] if path.is_dir() else [path]
        if not found:
            raise UsageError(f"{path} has no notebook in it")
        yield from found


def grade(project: Project, paths: list[Path], *, csv: Path | None = None) -> int:
    """Print which exercises of learners' notebooks are right.

    Parameters
    ----------
    project : Project
        The checkout.
    paths : list of Path
        Notebooks, or folders of notebooks.
    csv : Path, optional
        File for one line an exercise: notebook, exercise, outcome, and what the check said. It is complete after each notebook.
    """
    console = Console(highlight=False)
    rows, lessons = [], exercises_of_lessons(project)
    if csv is not None and csv.is_dir():
        raise UsageError(f"{csv} is a folder; give the name of a file")
    files = dict.fromkeys(notebooks(paths))
    if csv is not None:
        _write(csv, rows)  # now rather than after the first notebook: that it cannot be written is said at once
    for path in files:
        try:
            found = grades(project, path, lessons)
        except CourseError as error:
            found = [Grade("(the notebook)", FAILED, str(error))]
        counts = Counter(one.outcome for one in found)
        summary = ", ".join(f"{counts[kind]} {kind}" for kind in OUTCOMES if counts[kind])
        console.print(_shown(f"{path}: {summary or 'no exercise'}"), markup=False, soft_wrap=True)
        for one in found:
            if one.outcome not in (RIGHT, UNTOUCHED):
                console.print(_shown(f"  {one.exercise}: {_complaint(one)}"), markup=False, soft_wrap=True)
        rows += [(str(path), one.exercise, one.outcome, one.said) for one in found]
        if csv is not None:
            _write(csv, rows)
    if csv is not None:
        console.print(f"{len(rows)} {'line' if len(rows) == 1 else 'lines'} in {csv}", markup=False, soft_wrap=True)
    return 0


def _complaint(one: Grade) -> str:
    """Return the first complaint of a check, made whole where it goes on in indented lines, or what else was said first."""
    lines = one.said.splitlines() or [one.outcome]
    begin = next((place for place, line in enumerate(lines) if line.startswith("✗")), 0)
    more = itertools.takewhile(lambda line: line.startswith("  "), lines[begin + 1 :])
    return " ".join([lines[begin], *(line.strip() for line in more)])[:LINE]


def _shown(text: str) -> str:
    """Return a text without what would command a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    try:
        save(path, _table(rows))
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror}); close it where it is open, such as in a spreadsheet, or give another name"
        ) from None


def _table(rows: list[tuple[str, ...]]) -> bytes:
    """Return rows as a table that a spreadsheet reads; a text that it could take for a formula is marked as text."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(("notebook", "exercise", "outcome", "said"))
    writer.writerows([f"'{text}" if text[:1] in tuple("=+-@\t\r\n") else text for text in row] for row in rows)
    return file.getvalue().encode("utf-8-sig", "backslashreplace")
