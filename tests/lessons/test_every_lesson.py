"""Every exercise has its place in a lesson: an untouched stub, and a solution that calls the same check."""

import importlib
import re
from pathlib import Path

import nbformat
import pytest

import course_utils.lessons
from course_utils.exercises import Exercise

BOOK = Path(__file__).parents[2] / "book"
ROOMS = sorted(
    folder.name for folder in Path(course_utils.lessons.__path__[0]).iterdir() if (folder / "checks.py").is_file()
)
EXERCISES = [
    (room, exercise)
    for room in ROOMS
    for exercise in vars(importlib.import_module(f"course_utils.lessons.{room}.checks")).values()
    if isinstance(exercise, Exercise)
]


def lesson(room):
    """Return the notebook of a room."""
    (path,) = BOOK.glob(f"*/{room.replace('_', '-')}.ipynb")
    return path


def cells_that_call(room, exercise, tag):
    cells = nbformat.read(lesson(room), as_version=4).cells
    call = re.compile(rf"\b{re.escape(exercise.name)}\(")
    return [cell for cell in cells if tag in cell.metadata.get("tags", []) and call.search(cell.source)]


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.mark.parametrize(("room", "exercise"), EXERCISES, ids=lambda part: getattr(part, "name", part))
def test_stub_and_solution_stand_in_the_lesson(room, exercise):
    (stub,) = cells_that_call(room, exercise, "exercise")
    (solution,) = cells_that_call(room, exercise, "solution")
    assert "..." in stub.source
    assert printed(stub).startswith("Not attempted yet.")
    assert "✓" in printed(solution)
    assert "✗" not in printed(solution)


def test_lessons_have_enough_exercises():
    for path in BOOK.glob("*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        stubs = [cell for cell in cells if "exercise" in cell.metadata.get("tags", [])]
        assert len(stubs) >= 4, path.name
