"""Notebooks that are really executed: with nbclient, with nbval, and then shown in the book without being executed."""

import nbformat
import pytest
from rich.console import Console

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
    )


def runs(project):
    return (project.book / "part" / "runs.txt").read_text().count("run")


def nbval(project, path):
    """Run nbval with the plugin, in this process."""
    options = ("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=60", "-q", "--color=no")
    plugin = ("-p", "course_utils.cli.nbval_cache", f"--book-cache={project.cache}")
    without = ("-p", "no:cov", "-p", "no:cacheprovider")
    return pytest.main(
        [*options, *plugin, *without, f"--rootdir={project.root}", f"--confcutdir={project.root}", str(path)]
    )


def executed(project):
    """Return the notebooks in the cache, as text."""
    return {path.parent.name: path.read_text() for path in project.cache.glob("executed/*/base.ipynb")}


def test_one_execution_serves_the_test_and_the_book(project, lesson, monkeypatch, capfd):
    assert notebooks.run_files(project, []) == 0
    assert "1 notebooks run, 0 failed" in capfd.readouterr().out
    by_nbclient = executed(project)
    cells = nbformat.reads(*by_nbclient.values(), as_version=4).cells
    assert [len(cell.outputs) for cell in cells] == [0, 0, 2, 1, 1, 0, 1]
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5, 6, 7]
    assert cells[3].outputs[0].text == "new\n"

    project.cache.rename(project.output / "elsewhere")
    assert nbval(project, lesson) == 0
    assert "lesson.ipynb  (cached for the book)" in capfd.readouterr().out
    assert executed(project) == by_nbclient

    monkeypatch.setattr(execution, "execute", None)
    assert book.build(project)
    assert runs(project) == 2
    page = (project.html / "part" / "lesson.html").read_text()
    assert "ZeroDivisionError" in page
    assert "colab-setup" not in page


def test_run_stores_checked_outputs_only_and_in_the_stored_form(project, write_lesson, capsys):
    path = write_lesson(NAME, ("print('a')",), ("print('b')", CHECKED))
    before = path.read_text()
    assert notebooks.run_files(project, [str(project.book)]) == 0
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == [None, None, 3]
    assert cells[2].outputs[0].text == "b\n"
    after = path.read_text()
    assert after != before
    assert notebooks.normalise_files(project, [], check=True) == 0
    execution.fill_cache(project, Console())
    assert "Executing" not in capsys.readouterr().out


def test_changed_checked_output_fails_and_is_not_cached(project, write_lesson, capfd):
    path = write_lesson(NAME, ("print('six')", CHECKED))
    notebooks.run_files(project, [])
    path.write_text(path.read_text().replace('"six\\n"', '"seven\\n"'))
    for entry in project.cache.glob("executed/*"):
        entry.rename(project.output / "gone")
    assert nbval(project, path) == pytest.ExitCode.TESTS_FAILED
    said = capfd.readouterr().out
    assert "Cell outputs differ" in said
    assert "seven" in said
    assert "(not cached)" in said
    assert not executed(project)


def test_failing_notebook_is_named_and_left_alone_while_others_run(project, write_lesson, capsys):
    bad = write_lesson("part/bad.ipynb", ("print('x')", CHECKED), ("def deep():\n    raise KeyError('lost')\ndeep()",))
    good = write_lesson("part/good.ipynb", ("print('y')", CHECKED))
    before = bad.read_bytes(), good.read_bytes()
    assert notebooks.run_files(project, []) == 1
    said = capsys.readouterr().out
    assert "book/part/bad.ipynb: cell 4" in said
    assert "KeyError: 'lost'" in said
    assert "1 notebooks run, 1 failed" in said
    assert bad.read_bytes() == before[0]
    assert good.read_bytes() != before[1]


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
