"""What outputs are made from: what makes them stale, and what does not."""

import ast
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from course_utils.cli import freshness, notebooks, stored_form
from course_utils.cli.freshness import Sources
from course_utils.cli.project import Project

ROOT = Path(__file__).parents[2]
NAME = "part/lesson.ipynb"
MODULE = '''"""What it is."""

LIMIT = 3
"""What that is."""


def double(x):
    """Twice x."""
    return 2 * x  # a comment
'''


@pytest.fixture
def lesson(project, write_lesson):
    """A lesson that uses a module and reads a file, stored as if it had just been run."""
    (project.root / "course_utils" / "used.py").write_text(MODULE)
    (project.root / "course_utils" / "unused.py").write_text("x = 1\n")
    (project.root / "results.json").write_text('{\n "a": 1\n}\n')
    path = write_lesson(NAME, ("from course_utils import used",), ("used.double(2);",), ("%time x = 1\nprint(x)",))
    return mark_as_run(project, path, ["results.json"])


def mark_as_run(project, path, read=(), sources=None):
    notebook = notebooks.load(project, path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
    notebook.metadata.course = {"made_from": (sources or Sources(project)).made_from(notebook, read), "seconds": 1.0}
    path.write_text(stored_form.write(notebook), encoding="utf-8")
    return path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_was_just_run_is_fresh_and_what_never_was_is_not(project, lesson, write_lesson):
    other = write_lesson("part/new.ipynb", ("1",))
    assert notebooks.stale(project, []) == {other: ["never run"]}


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("course_utils/used.py", "2 * x", "3 * x", ["course_utils/used.py"]),
        ("course_utils/used.py", "LIMIT = 3", "LIMIT = 4", ["course_utils/used.py"]),
        ("course_utils/used.py", "2 * x", "x * 2", ["course_utils/used.py"]),
        ("course_utils/used.py", '"""Twice x."""', '"""Two times\n\n    x."""', []),
        ("course_utils/used.py", '"""What it is."""', "", []),
        ("course_utils/used.py", '"""What that is."""', "", []),
        ("course_utils/used.py", "  # a comment", "", []),
        ("course_utils/used.py", "2 * x", "(\n        2\n        * x\n    )", []),
        ("course_utils/unused.py", "1", "2", []),
        ("results.json", "1", "2", ["results.json"]),
        ("book/part/lesson.ipynb", "double(2);", "double(3);", ["its code cells"]),
        ("book/part/lesson.ipynb", "double(2);", "double(2)", ["its code cells"]),
        ("book/part/lesson.ipynb", "%time", "%timeit", ["its code cells"]),
        ("book/part/lesson.ipynb", "double(2);", "double( 2 );  # why", ["its code cells"]),
        ("book/part/lesson.ipynb", "double(2);", "double( 2 );", []),
        ("book/part/lesson.ipynb", "# Lesson", "# Other title", []),
        ("book/part/lesson.ipynb", '"execution_count": 2', '"execution_count": 7', ["cells run out of order"]),
        ("pyproject.toml", "example", "example-two", []),
    ],
)
def test_what_a_change_makes_stale(project, lesson, file, old, new, changed):
    edit(project.root / file, old, new)
    assert notebooks.stale(project, []) == ({lesson: changed} if changed else {})


def test_a_file_that_is_gone_or_reached_anew_is_a_change(project, lesson):
    (project.root / "results.json").unlink()
    edit(project.root / "course_utils" / "used.py", "LIMIT = 3", "import course_utils.unused\nLIMIT = 3")
    changed = ["course_utils/unused.py", "course_utils/used.py", "results.json"]
    assert notebooks.stale(project, []) == {lesson: changed}


def test_other_line_ends_change_nothing(project, lesson):
    """As on a checkout with Git's autocrlf."""
    for name in ("course_utils/used.py", "results.json", "book/part/lesson.ipynb"):
        file = project.root / name
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert notebooks.stale(project, []) == {}
    assert notebooks.normalise_files(project, [], check=True) == 0


def test_line_ends_of_data_that_is_no_text_count(project, write_lesson):
    data = project.root / "data.npz"
    data.write_bytes(b"\0\r\n")
    path = mark_as_run(project, write_lesson(NAME, ("1",)), ["data.npz"])
    data.write_bytes(b"\0\n")
    assert notebooks.stale(project, []) == {path: ["data.npz"]}


def test_jupyter_may_save_the_notebook_again(project, lesson):
    notebook = nbformat.read(lesson, as_version=4)
    notebook.metadata.kernelspec = {"name": "mine", "display_name": "Mine", "language": "python"}
    notebook.cells[1].metadata.trusted = True
    nbformat.write(notebook, lesson)
    assert notebooks.stale(project, []) == {}
    assert notebooks.normalise_files(project, [], check=True) == 1
    before = lesson.read_text()
    assert notebooks.normalise_files(project, []) == 0
    assert lesson.read_text() != before
    assert notebooks.stale(project, []) == {}


def test_a_cell_that_is_not_python_reaches_everything(project, write_lesson):
    (project.root / "course_utils" / "used.py").write_text(MODULE)
    path = mark_as_run(project, write_lesson(NAME, ("this is no Python",)))
    edit(project.root / "course_utils" / "used.py", "2 * x", "3 * x")
    assert notebooks.stale(project, []) == {path: ["course_utils/used.py"]}


def test_the_list_names_the_command_that_mends(project, lesson, capsys):
    assert notebooks.list_stale(project, []) == 0
    edit(project.root / "course_utils" / "used.py", "2 * x", "3 * x")
    assert notebooks.list_stale(project, []) == 1
    said = capsys.readouterr().out
    assert "book/part/lesson.ipynb: stale: course_utils/used.py" in said
    assert "notebooks run" in said


TRICKY = r"""
def f(x, *, y: int = 1, **z) -> "int":
    '''doc'''
    a = f"{x!r:>{y}} and {x + 1:.2f} {{}}" "more" f"{y=}"
    b = f'{x:}' f"" 'é\N{SNOWMAN}\ud800' r'\d'; c = b'\x00'
    with open(x) as g, open(y): pass
    try: return a[1:2, ...], (yield)
    except* ValueError as e: raise
    match x:
        case {"k": [1, *rest], **kw} if rest: ...
        case str() | None: ...
    return lambda p, /, q=1e300: (p := 3, -0.0, 1j, 10**3, not a), [i async for i in x], {**z}
class C(Base, metaclass=M):
    x: int
    async def g(self): await self.x
"""


def test_the_checksum_of_code_is_the_same_on_every_python():
    """Each supported Python runs this test; their syntax trees differ in form."""
    assert freshness._digest(repr(freshness.canonical(ast.parse(TRICKY))).encode()) == "318c99f0f15664d6"


# --- the course itself


@pytest.fixture
def copy(tmp_path):
    """A copy of the course in which every notebook has just been run."""
    for name in ("book", "course_utils"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    project = Project(tmp_path)
    sources = Sources(project)
    for path in project.notebooks():
        mark_as_run(project, path, sources=sources)
    return project


def test_one_line_of_conv_makes_exactly_the_notebooks_stale_that_reach_it(copy):
    conv = "course_utils/layers/conv.py"
    reaching = [
        path
        for path in copy.notebooks()
        if conv in json.loads(path.read_text("utf-8"))["metadata"]["course"]["made_from"]["code"]
    ]
    assert 0 < len(reaching) < len(copy.notebooks())
    (copy.root / conv).write_text((copy.root / conv).read_text("utf-8") + '\n"""A text."""\n# A comment.\n', "utf-8")
    assert notebooks.stale(copy, []) == {}
    (copy.root / conv).write_text((copy.root / conv).read_text("utf-8") + "\nONE_MORE_LINE = 1\n", "utf-8")
    assert notebooks.stale(copy, []) == {path: [conv] for path in reaching}
