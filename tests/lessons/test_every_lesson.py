"""The contract that every exercise of every lesson keeps, whatever it asks for."""

import ast
import builtins
import copy
import functools
import importlib
import json
import math
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import nbformat
import numpy as np
import pytest

import course_utils.lessons
from course_utils import exercises
from course_utils.exercises import Code, Exercise, Judged

BOOK = Path(__file__).parents[2] / "book"
ROOMS = sorted(
    folder.name for folder in Path(course_utils.lessons.__path__[0]).iterdir() if (folder / "checks.py").is_file()
)
CHECKS = {room: importlib.import_module(f"course_utils.lessons.{room}.checks") for room in ROOMS}
EXERCISES = [
    pytest.param(room, name, id=f"{room}-{name}")
    for room, module in CHECKS.items()
    for name, value in vars(module).items()
    if isinstance(value, Exercise)
]
FIELDS = [
    pytest.param(exercise, part, id=f"{room}-{exercise.name}-{part.name}")
    for room, module in CHECKS.items()
    for exercise in vars(module).values()
    if isinstance(exercise, Exercise)
    for part in exercise.fields
]
MISTAKES = [
    pytest.param(*field.values, wrong, text, id=f"{field.id}-{number}")
    for field in FIELDS
    for number, (wrong, text) in enumerate(field.values[1].mistakes, start=1)
]


class Hostile:
    """Raises whatever one does with it."""

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    def __hash__(self):
        raise RuntimeError("no hash")

    def __repr__(self):
        raise RuntimeError("no words")

    def __float__(self):
        raise RuntimeError("no number")

    def __len__(self):
        raise RuntimeError("no length")

    def __bool__(self):
        raise RuntimeError("no truth")

    def __array__(self, *_, **__):
        raise RuntimeError("no array")


class Nameless:
    """Does not even say what it is."""

    @property
    def __class__(self):
        raise RuntimeError("no class")


class HostileList(list):
    def __iter__(self):
        raise RuntimeError("no entries")


def endless():
    inside = []
    inside.append(inside)
    return inside


def stops(*_):
    raise RuntimeError("\n".join(["on purpose", *["and more of it"] * 50]))


def leaves(*_):
    sys.exit()


def spoils(*arguments):
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument[...] = 1
        elif isinstance(argument, dict):
            argument.clear()
    return 1e300


RUN = "run: python3 course.py notebooks run"
NONSENSE = {
    "None": None,
    "text": "a word",
    "long text": "word " * 1000,
    "bytes": b"4",
    "True": True,
    "nan": math.nan,
    "inf": -math.inf,
    "complex": 1j,
    "huge": 10**400,
    "larger": -(10**5000),
    "fraction": Fraction(10**400),
    "decimal": Decimal("sNaN"),
    "empty list": [],
    "empty set": set(),
    "empty dictionary": {},
    "set": {"zebra", 77},
    "dictionary": {"zebra": 77},
    "ragged": [[1], [1, 2]],
    "deep": [[[[[[3]]]]]],
    "endless": endless(),
    "wrong shape": np.full((2, 5), 77),
    "nans": np.full((3, 3), np.nan),
    "infinities": [[math.inf] * 3] * 3,
    "complex array": np.full((3, 3), 1j),
    "words": np.array([["a"] * 3] * 3),
    "objects": np.array([[None] * 3] * 3),
    "dates": np.array(["2026-01-01"], "datetime64[D]"),
    "a date": np.datetime64("2026-01-01"),
    "large": np.zeros((1000, 1000)),
    "long": range(10**9),
    "huge inside": [10**400, 1, 2],
    "object": object(),
    "class": int,
    "module": math,
    "generator": iter([1, 2]),
    "hostile": Hostile(),
    "nameless": Nameless(),
    "hostile inside": [Hostile(), 1],
    "hostile entries": HostileList([1, 2]),
    "raises": stops,
    "leaves": leaves,
    "spoils": spoils,
    "returns nothing": lambda *_: None,
    "returns words": lambda *_: "junk",
    "returns nan": lambda *_: math.nan,
    "returns itself": lambda *given: given,
    "returns a generator": lambda *_: iter([1]),
    "returns a hostile object": lambda *_: Hostile(),
    "returns a huge number": lambda *_: 10**400,
    "takes nothing": lambda: 1,
}
UNTOUCHED = {
    "bare": ...,
    "in a tuple": (1, ...),
    "in a list of lists": [[1, 2], [3, ...]],
    "in a set": {..., 1},
    "in a dictionary": {"a": ...},
    "as a key": {...: "a"},
    "in an array": np.array([1, ...], dtype=object),
}


def lesson(room):
    """Return the notebook of a room."""
    name = f"{room.replace('_', '-')}.ipynb"
    found = list(BOOK.glob(f"*/{name}"))
    assert len(found) == 1, f"the room {room} is that of one lesson, book/PART/{name}; there are {len(found)}"
    return found[0]


@functools.cache
def cells_of(room):
    return nbformat.read(lesson(room), as_version=4).cells


def cells_that_call(room, name, tag):
    cells = cells_of(room)
    call = re.compile(rf"\bchecks\.{name}\(")
    return [cell for cell in cells if tag in cell.metadata.get("tags", []) and call.search(cell.source)]


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


RIGHT = {}
"""The right answer of each field that was asked for, and what was said of it: by the field, which is kept as well."""


def right_answer(part):
    """Return the right answer of a field, each time the same object."""
    if id(part) not in RIGHT:
        RIGHT[id(part)] = [part, part.right(), None]
    return RIGHT[id(part)][1]


@pytest.fixture
def right_answers_judged_once(monkeypatch):
    """What has been said of a field's right answer is said again at once: networks are trained to be judged."""
    judge = exercises._judged

    def judged_once(part, given):
        known = RIGHT.get(id(part))
        if known is None or known[1] is not given:
            return judge(part, given)
        if known[2] is None:
            before = state(given)
            known[2] = judge(part, given)
            np.testing.assert_equal(state(given), before, "an answer that was judged is another one")
        return known[2]

    monkeypatch.setattr(exercises, "_judged", judged_once)


def state(answer):
    """A copy of what an answer holds, of a network its weights."""
    return answer.get_weights() if hasattr(answer, "get_weights") else copy.deepcopy(answer)


def wrong_answer(part, wrong):
    """A declared mistake as an answer."""
    return wrong() if isinstance(part, Judged) else wrong


@pytest.mark.parametrize(("room", "name"), EXERCISES)
def test_stub_and_solution_stand_in_the_lesson(room, name):
    for tag in ("exercise", "solution"):
        cells = cells_that_call(room, name, tag)
        needed = f"{lesson(room).name} needs one cell with the tag {tag} that calls checks.{name}(…)"
        assert len(cells) == 1, f"{needed}; it has {len(cells)}"
    (stub,), (solution,) = (cells_that_call(room, name, tag) for tag in ("exercise", "solution"))
    assert "..." in stub.source, f"{stub.id}: a stub has gaps, written as ..."
    assert printed(stub).startswith("Not attempted yet."), f"{stub.id}: {printed(stub) or 'no output'}; {RUN}"
    assert "✓" in printed(solution), f"{solution.id}: {printed(solution) or 'no output'}; {RUN}"
    assert "✗" not in printed(solution), f"{solution.id} is wrong: {printed(solution)}"


@pytest.mark.parametrize(("room", "name"), EXERCISES)
def test_words(room, name, capsys):
    exercise = getattr(CHECKS[room], name)
    assert exercise.name == name, "an exercise's name is that of its variable in checks.py"
    assert exercise.__doc__ == exercise.description
    for number, hint in enumerate(exercise.hints, start=1):
        exercise.hint()
        lines = capsys.readouterr().out.splitlines()
        assert " ".join(line.strip() for line in lines) == f"Hint {number} of {len(exercise.hints)}: {hint}"
        assert max(map(len, lines)) <= 79
    data = json.loads(json.dumps(exercise.as_data(), allow_nan=False))
    assert data == exercise.as_data()
    assert [field["name"] for field in data["fields"]] == [part.name for part in exercise.fields]


@pytest.mark.parametrize(("room", "name"), EXERCISES)
@pytest.mark.usefixtures("right_answers_judged_once")
def test_right_answers_are_right(room, name, capsys):
    exercise = getattr(CHECKS[room], name)
    answers = {part.name: right_answer(part) for part in exercise.fields}
    for results in (exercise.evaluate(*answers.values()), exercise.evaluate(**answers)):
        assert results
        assert all(result.right for result in results), results
    exercise(*answers.values())
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= len(answers)
    assert all(line.startswith(("✓ ", "  ")) for line in lines)  # a long line goes on below, indented


@pytest.mark.parametrize(("exercise", "part", "wrong", "text"), MISTAKES)
@pytest.mark.usefixtures("right_answers_judged_once")
def test_every_mistake_has_its_explanation(exercise, part, wrong, text):
    answers = {other.name: right_answer(other) for other in exercise.fields if other is not part}
    answers[part.name] = wrong_answer(part, wrong)
    failed = [str(result) for result in exercise.evaluate(**answers) if not result.right]
    assert any(text in line for line in failed), f"the mistake {wrong!r} is not told as checks.py says: {failed}"
    if not isinstance(part, Judged):
        assert len(failed) == 1


@pytest.mark.parametrize(("exercise", "part"), FIELDS)
def test_nonsense_is_told_in_a_line_and_never_right(exercise, part):
    for what, nonsense in NONSENSE.items():
        answers = {other.name: 0 for other in exercise.fields}
        answers[part.name] = nonsense
        assert exercise.evaluate(**answers), what
        if nonsense is True and part.right() is True:
            continue
        alone = Exercise("alone", "One field alone.", (part,), ("hint",))
        wrong = [str(result) for result in alone.evaluate(nonsense) if not result.right]
        assert wrong, what
        assert all("\n" not in line and len(line) < 600 for line in wrong), (what, wrong)


@pytest.mark.parametrize(("exercise", "part"), FIELDS)
def test_what_is_untouched_is_not_attempted(exercise, part, capsys):
    for where, stub in UNTOUCHED.items():
        answers = {other.name: 0 for other in exercise.fields}
        answers[part.name] = (lambda *_, stub=stub: stub) if isinstance(part, Code) else stub
        assert exercise.evaluate(**answers) is None, where
        exercise(**answers)
        assert capsys.readouterr().out == (
            f"Not attempted yet. Replace the … and run the cell again.\nHint: checks.{exercise.name}.hint()\n"
        )


@pytest.mark.parametrize("room", ROOMS)
def test_a_lesson_has_several_exercises_of_several_kinds(room):
    exercises = [value for value in vars(CHECKS[room]).values() if isinstance(value, Exercise)]
    stubs = [cell for cell in cells_of(room) if "exercise" in cell.metadata.get("tags", [])]
    counts = f"{len(exercises)} in checks.py of the room {room}, {len(stubs)} stubs in the lesson"
    assert len(exercises) == len(stubs), f"each exercise has one stub: {counts}"
    assert len(exercises) >= 4, f"a lesson has at least four exercises: {counts}"
    kinds = {part.kind for exercise in exercises for part in exercise.fields}
    assert len(kinds) >= 2, f"the exercises of a lesson are of two kinds at least; {room} has {kinds}"


def test_every_lesson_has_a_room():
    with_stubs = {
        path.stem.replace("-", "_")
        for path in BOOK.glob("*/*.ipynb")
        if '"exercise"' in path.read_text(encoding="utf-8")
    }
    assert with_stubs == set(ROOMS), (
        "a lesson with stubs has a room: course_utils/lessons/<lesson>/checks.py, and no other has"
    )


def test_checks_are_light():
    heavy = ("tensorflow", "keras", "matplotlib", "sklearn", "cv2", "pandas")
    imports = "\n".join(f"import course_utils.lessons.{room}.checks; tell('{room}')" for room in ROOMS)
    code = f"import sys\ndef tell(room): print(room, [name for name in {heavy} if name in sys.modules])\n{imports}"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy_rooms = [line for line in out.splitlines() if not line.endswith(" []")]
    assert not heavy_rooms, "checks.py imports no such package at its top; import it in the function that judges"
    assert len(out.splitlines()) == len(ROOMS)


def needs_nothing_but_numpy(source):
    """Whether a cell uses only names that it makes, built-in ones, np and checks."""
    tree = ast.parse(source)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)} | {"np", "checks"} | set(dir(builtins))
    made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    made |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return {node.id for node in names} <= made


SOLUTIONS = [
    pytest.param(*param.values, id=param.id)
    for param in EXERCISES
    for cell in cells_that_call(*param.values, "solution")
    if needs_nothing_but_numpy(cell.source)
]


@pytest.mark.parametrize(("room", "name"), SOLUTIONS)
def test_a_solution_that_stands_alone_prints_what_is_stored(room, name, capsys):
    (solution,) = cells_that_call(room, name, "solution")
    exec(solution.source, {"np": np, "checks": CHECKS[room]})
    assert capsys.readouterr().out == printed(solution), f"{solution.id} prints something else now; {RUN}"


def test_most_solutions_stand_alone():
    assert len(SOLUTIONS) > len(EXERCISES) / 2
