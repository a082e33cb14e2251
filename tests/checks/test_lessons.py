"""Every exercise has its place in a lesson: an untouched stub, and a solution that calls the same check."""

import importlib
import re
from pathlib import Path

import nbformat
import pytest

from course_utils.checks._exercise import Exercise

BOOK = Path(__file__).parents[2] / "book"
PARTS = ("finetuning", "history", "layers", "practice", "training", "xo")
EXERCISES = [
    exercise
    for part in PARTS
    for exercise in vars(importlib.import_module(f"course_utils.checks.{part}")).values()
    if isinstance(exercise, Exercise)
]
CELLS = [
    cell
    for path in sorted(BOOK.glob("*/*.ipynb"))
    for cell in nbformat.read(path, as_version=4).cells
    if cell.cell_type == "code"
]


def cells_that_call(exercise, tag):
    call = re.compile(rf"\b{re.escape(exercise.name)}\(")
    return [cell for cell in CELLS if tag in cell.metadata.get("tags", []) and call.search(cell.source)]


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_stub_and_solution_stand_in_a_lesson(exercise):
    (stub,) = cells_that_call(exercise, "exercise")
    (solution,) = cells_that_call(exercise, "solution")
    assert "..." in stub.source
    assert printed(stub).startswith("Not attempted yet.")
    assert "✓" in printed(solution)
    assert "✗" not in printed(solution)


def test_lessons_have_enough_exercises():
    for path in BOOK.glob("*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        stubs = [cell for cell in cells if "exercise" in cell.metadata.get("tags", [])]
        assert len(stubs) >= 4, path.name
