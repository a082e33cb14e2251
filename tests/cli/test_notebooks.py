"""Notebooks that are really executed, by the one engine of tests and of ``notebooks run``, and shown in the book."""

import json

import nbformat
import pytest

from course_utils.cli import book, execution, notebooks
from course_utils.cli.project import UsageError

CHECKED = "nbval-check-output"
NAME = "part/lesson.ipynb"


@pytest.fixture
def lesson(project, write_lesson):
    """A lesson with every kind of output, which leaves a trace each time it is executed."""
    return write_lesson(
        NAME,
        ("with open('runs.txt', 'a') as file:\n    file.write('run ')",),
        ("from course_utils.glue import glue\nglue('answer', 'forty-two')\nprint(6 * 7)", CHECKED),
        ("from IPython.display import clear_output\nprint('old')\nclear_output()\nprint('new')",),
        ("'shown'",),
        ("'not shown';",),
        ("1 / 0", "raises-exception"),
        ("import time\nprint(time.time_ns())", "measures-time"),
    )


def run(project, *paths, store=True):
    """Execute notebooks in this process; return the exit code of pytest."""
    _, _, *arguments = execution.command(project, list(paths), *["--store-outputs"] * store, "--color=no")
    without = ("-p", "no:cov", f"--confcutdir={project.root}")
    return pytest.main([part for part in arguments if part != "--dist=loadscope"] + [*without])


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_all_outputs_are_stored_and_the_book_shows_them(project, lesson, capfd):
    assert notebooks.list_stale(project, []) == 1
    assert run(project, lesson) == 0
    assert "book/part/lesson.ipynb  stored" in capfd.readouterr().out
    cells = code_cells(lesson)
    assert [len(cell.outputs) for cell in cells] == [0, 0, 2, 1, 1, 0, 1, 1]
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert cells[3].outputs[0].text == "new\n"
    assert notebooks.list_stale(project, []) == 0
    assert notebooks.normalise_files(project, [], check=True) == 0

    book.build(project)
    assert (project.book / "part" / "runs.txt").read_text().count("run") == 1
    page = (project.html / "part" / "lesson.html").read_text()
    assert "ZeroDivisionError" in page
    assert "colab-setup" not in page


def test_running_twice_gives_the_same_bytes_measured_times_aside(project, lesson, capfd):
    assert run(project, lesson) == 0
    first, time = lesson.read_bytes(), code_cells(lesson)[-1].outputs[0].text
    assert run(project, lesson) == 0
    assert lesson.read_bytes() == first
    assert "the same as before" in capfd.readouterr().out
    # Where anything else is new, so are the times.
    lesson.write_text(lesson.read_text().replace("6 * 7", "6 * 8"))
    assert run(project, lesson) == 0
    cells = code_cells(lesson)
    assert [output.get("text") for output in cells[2].outputs] == [None, "48\n"]
    assert cells[-1].outputs[0].text != time


def test_tests_compare_checked_outputs_and_store_nothing(project, write_lesson, capfd):
    noise = "import sys\nprint('a library starts', file=sys.stderr)\nprint('six')\n"
    noise += "from matplotlib import pyplot as plt\n%config InlineBackend.figure_formats = ['svg']\nplt.plot([1, 2]);"
    path = write_lesson(NAME, (noise, CHECKED), ("print('other')",))
    assert run(project, path) == 0
    path.write_text(path.read_text().replace('"other\\n"', '"another\\n"'))
    before = path.read_bytes()
    assert run(project, path, store=False) == 0
    assert "book/part/lesson.ipynb  passed" in capfd.readouterr().out
    path.write_text(path.read_text().replace('"six\\n"', '"seven\\n"'))
    assert run(project, path, store=False) == pytest.ExitCode.TESTS_FAILED
    said = capfd.readouterr().out
    assert "Cell outputs differ" in said
    assert "seven" in said
    assert "FAILED    book/part/lesson.ipynb" in said
    assert path.read_bytes() == before.replace(b'"six\\n"', b'"seven\\n"')


def test_several_run_at_once_and_a_failing_one_is_named_and_left_alone(project, write_lesson, capfd):
    bad = write_lesson("part/bad.ipynb", ("print('x')",), ("def deep():\n    raise KeyError('lost')\ndeep()",))
    good = write_lesson("part/good.ipynb", ("print('y')",))
    before = bad.read_bytes(), good.read_bytes()
    assert notebooks.run_files(project, []) == 1
    said = capfd.readouterr().out
    cell = code_cells(bad)[2].id
    assert f"FAILED    book/part/bad.ipynb  cell {cell}" in said
    assert "What failed is stored as it was. Mend the cell that is named" in said
    assert "KeyError" in said
    assert ": 'lost'" in said
    assert "book/part/good.ipynb  stored" in said
    assert bad.read_bytes() == before[0]
    assert good.read_bytes() != before[1]
    assert list(notebooks.stale(project, [])) == [bad]


def test_interrupted_leaves_the_old_file(project, write_lesson, capfd):
    path = write_lesson(NAME, ("print('x')",), ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",))
    before = path.read_bytes()
    assert run(project, path) != 0
    assert "the kernel died" in capfd.readouterr().out
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


EDIT = """\
from pathlib import Path
file = Path("lesson.ipynb")
file.write_text(file.read_text().replace("# Lesson", "# Better title"))
"""


def test_a_notebook_that_is_edited_while_it_runs_is_not_overwritten(project, write_lesson, capfd):
    path = write_lesson(NAME, (EDIT,))
    before = path.read_text()
    assert run(project, path) == 0
    assert "not stored" in capfd.readouterr().out
    assert path.read_text() == before.replace("# Lesson", "# Better title") != before


def test_files_that_are_read_are_noted(project, write_lesson):
    (project.root / "benchmarks").mkdir()
    results = project.root / "benchmarks" / "race.json"
    results.write_text("{}")
    path = write_lesson(
        NAME,
        ("open('../../benchmarks/race.json').read()",),
        ("with open('made.txt', 'w') as file:\n    file.write('a')\nopen('made.txt').read()",),
    )
    assert run(project, path) == 0
    made_from = json.loads(path.read_text())["metadata"]["course"]["made_from"]
    assert list(made_from["data"]) == ["benchmarks/race.json"]
    results.write_text("[]")
    assert notebooks.stale(project, []) == {path: ["benchmarks/race.json"]}
    results.write_bytes(b"{}")
    assert notebooks.stale(project, []) == {}


def test_normalise_rewrites_and_check_only_lists(project, write_lesson, capsys):
    path = write_lesson(NAME, ("1",))
    stored = path.read_bytes()
    touched = stored + b"\n"
    path.write_bytes(touched)
    assert notebooks.normalise_files(project, [str(path)], check=True) == 1
    assert path.read_bytes() == touched
    assert "book/part/lesson.ipynb: not in its stored form" in capsys.readouterr().out
    assert notebooks.normalise_files(project, [str(path)]) == 0
    assert path.read_bytes() == stored
    assert notebooks.normalise_files(project, [str(path)]) == 0
    assert "all in their stored form" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing.ipynb", "book/index.md"])
def test_path_that_is_no_notebook(project, name):
    with pytest.raises(UsageError, match="neither a notebook"):
        notebooks.normalise_files(project, [name])


def test_broken_file_is_named(project):
    (project.book / "broken.ipynb").write_text("{")
    with pytest.raises(Exception, match=r"book/broken\.ipynb: not a notebook"):
        notebooks.normalise_files(project, [])
