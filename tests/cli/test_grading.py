"""What learners handed in is executed, and what its checks say is counted."""

import csv
from pathlib import Path

import nbformat
import pytest

from course_utils.cli import grading, main
from course_utils.cli.project import CourseError, UsageError

ROOT = Path(__file__).parents[2]
SETUP = """import sys
class Check:
    def __call__(self, answer):
        if answer is ...:
            print("Not attempted yet. Replace the … and run the cell again.")
        else:
            print("✓ sum 3: right." if answer == 3 else f"✗ sum {answer}: add.\\nNot there yet.")
class checks: total = again = Check()
checks.checks = checks
sys.modules["course_utils.lessons.adding"] = checks  # as if it were a lesson's"""
LESSONS = {"adding": {"first": "total", "second": "again"}}


def hand_in(path, *answers, **more):
    """Write a notebook with some answers, each in the cell of an exercise, behind stored outputs that claim they are right."""
    claimed = nbformat.v4.new_output("stream", text="✓ sum 3: right.")
    cells = [nbformat.v4.new_code_cell(SETUP)]
    for source in answers:
        cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": ["exercise"]}, outputs=[claimed]))
    cells.append(nbformat.v4.new_code_cell("checks.total(3)", metadata={"tags": ["solution"]}))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, **more), path)
    return path


def test_every_exercise_gets_what_its_check_says(project, tmp_path, capsys):
    answers = ("checks.total(1 + 2)", "checks.again(4)", "checks.total(...)", "checks.again(1 / 0)", "1 + 1")
    hand_in(tmp_path / "in" / "anna" / "convolution.ipynb", *answers)
    hand_in(tmp_path / "in" / "ben.ipynb", "checks.total(3)")
    table = tmp_path / "grades.csv"
    assert main(["grade", str(tmp_path / "in"), "--csv", str(table)]) == 0
    said = capsys.readouterr().out
    assert "convolution.ipynb: 1 right, 1 wrong, 1 not attempted, 1 error, 1 no check" in said
    assert "  again: ✗ sum 4: add.\n" in said
    assert "  again: ZeroDivisionError: division by zero\n" in said
    assert "ben.ipynb: 1 right\n" in said
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["outcome"] for row in rows] == ["right", "wrong", "not attempted", "error", "no check", "right"]
    assert [row["exercise"] for row in rows][:4] == ["total", "again", "total", "again"]
    assert rows[1]["said"] == "✗ sum 4: add.\nNot there yet."
    assert not (project.root / "in").exists()


def test_a_complaint_that_goes_on_in_the_next_line_is_shown_whole(project, tmp_path, capsys):
    long = 'print("✗ sum 4: expected a smaller one:\\n  look at what\\n  you add.\\n✗ other: no."); checks.again(3)'
    hand_in(tmp_path / "in.ipynb", long)
    assert main(["grade", str(tmp_path / "in.ipynb")]) == 0
    assert "  again: ✗ sum 4: expected a smaller one: look at what you add.\n" in capsys.readouterr().out


def test_what_was_written_while_grading_is_thrown_away(project, tmp_path):
    path = hand_in(tmp_path / "in.ipynb", "open('here.txt', 'w').write('x'); checks.total(3)")
    before = path.read_bytes()
    assert [one.outcome for one in grading.grades(project, path)] == ["right"]
    assert path.read_bytes() == before
    assert not list(tmp_path.rglob("here.txt"))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("import os; os._exit(1)", "died"), ("while True: pass", "ran for 3 seconds")],
    ids=["dies", "hangs"],
)
def test_a_notebook_that_never_ends_is_said(project, tmp_path, monkeypatch, answer, reason):
    monkeypatch.setattr(grading, "CELL_TIMEOUT", 3)
    path = hand_in(tmp_path / "in.ipynb", "checks.total(3)", answer, "checks.again(3)")
    first, *rest, last = grading.grades(project, path)
    assert (first.outcome, last.outcome) == ("right", "error")
    assert [one.outcome for one in rest] == ["not run", "not run"]
    assert reason in last.said


def test_what_cannot_be_graded_is_told(project, tmp_path):
    (tmp_path / "no.ipynb").write_text("no notebook")
    with pytest.raises(CourseError, match=r"no\.ipynb cannot be read as a notebook"):
        grading.grades(project, tmp_path / "no.ipynb")
    with pytest.raises(UsageError, match="is a folder"):
        grading.grade(project, [tmp_path / "no.ipynb"], csv=tmp_path)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CourseError, match=r"cannot be written .*or give another name"):
        grading.grade(project, [tmp_path / "no.ipynb"], csv=tmp_path / "file" / "grades.csv")
    with pytest.raises(UsageError, match="does not exist"):
        grading.grade(project, [tmp_path / "gone"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="has no notebook"):
        grading.grade(project, [tmp_path / "empty"])


def test_a_table_that_cannot_be_written_is_told_before_anything_is_executed(project, tmp_path, monkeypatch):
    monkeypatch.setattr(grading, "grades", None)
    (tmp_path / "file").write_text("mine")
    path = hand_in(tmp_path / "in.ipynb", "checks.total(3)")
    with pytest.raises(CourseError, match="give another name"):
        grading.grade(project, [path], csv=tmp_path / "file" / "grades.csv")


def test_a_folder_that_cannot_be_looked_into_is_told_and_not_left_out(project, tmp_path, monkeypatch):
    hand_in(tmp_path / "in" / "anna" / "a.ipynb", "checks.total(3)")
    may = grading.os.access
    monkeypatch.setattr(grading.os, "access", lambda path, how: Path(path).name != "anna" and may(path, how))
    with pytest.raises(UsageError, match=r"anna cannot be looked into.*let your account read it"):
        grading.grade(project, [tmp_path / "in"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it is empty, cut off, or another kind of file"),
        ('{"cells": [{"cell_type": "markdo', "it is empty, cut off, or another kind of file"),
        ("[1]", "what a notebook must have is missing or damaged"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "what a notebook must have is missing or damaged"),
    ],
)
def test_a_file_that_is_no_notebook_is_asked_for_again(project, tmp_path, content, said):
    (tmp_path / "a.ipynb").write_text(content)
    with pytest.raises(CourseError, match=f"{said}.*Ask for it again: it has to open in JupyterLab"):
        grading.grades(project, tmp_path / "a.ipynb")


def test_a_file_that_may_not_be_read_is_told(project, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(grading.nbformat, "read", refuse)
    with pytest.raises(CourseError, match=r"Permission denied\. Let your account read it"):
        grading.grades(project, tmp_path / "a.ipynb")


@pytest.mark.parametrize("content", [b"hello", b"", b"[1]", b"{}", bytes(range(256)), b'{"cells": 1, "nbformat": 4}'])
def test_one_file_that_is_no_notebook_does_not_stop_the_others(project, tmp_path, capsys, content):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_bytes(content)
    hand_in(tmp_path / "in" / "b.ipynb", "checks.total(3)")
    assert main(["grade", str(tmp_path / "in"), str(tmp_path / "in" / "b.ipynb")]) == 0
    said = capsys.readouterr().out
    assert "a.ipynb: 1 error\n" in said
    assert "cannot be read as a notebook" in said
    assert said.count("b.ipynb: 1 right\n") == 1, "named twice, graded once"


def test_an_exercise_whose_cell_was_deleted_is_missing(project, tmp_path):
    path = hand_in(tmp_path / "renamed.ipynb", "from course_utils.lessons.adding import checks; checks.total(3)")
    found = grading.grades(project, path, LESSONS)
    assert [(one.exercise, one.outcome) for one in found] == [("total", "right"), ("again", "missing")]


def test_a_cell_that_lost_its_check_is_known_by_its_place(project, tmp_path):
    path = hand_in(tmp_path / "in.ipynb", "1 + 2", "print('✓ sum 3: right.')\n# checks.again(3)")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\nimport course_utils.lessons.adding"
    notebook.cells[1].id, notebook.cells[2].id = "first", "second"
    nbformat.write(notebook, path)
    found = grading.grades(project, path, LESSONS)
    assert [(one.exercise, one.outcome) for one in found] == [("total", "no check"), ("again", "no check")]


@pytest.mark.parametrize("broken", ["checks = None\ntotal = = 3", "class checks: again = total = print"])
def test_an_exercise_does_not_spoil_the_checks_of_the_next(project, tmp_path, broken):
    first = f"from course_utils.lessons.adding import checks\n{broken}\nchecks.total(3)"
    path = hand_in(tmp_path / "in.ipynb", first, "checks.again(4)")
    assert [one.outcome for one in grading.grades(project, path, LESSONS)][1] == "wrong"


def test_a_notebook_leaves_nothing_for_the_next(project, tmp_path):
    start = "import IPython; d = IPython.paths.get_ipython_dir(); open(f'{d}/profile_default/startup/x.py', 'w')"
    path = hand_in(tmp_path / "in.ipynb", f"{start}; checks.total(3)")
    assert [one.outcome for one in grading.grades(project, path)] == ["right"]
    assert not list(project.root.rglob("startup/x.py"))


def test_any_kernel_that_a_notebook_names_is_the_one_of_the_course(project, tmp_path):
    path = hand_in(
        tmp_path / "in.ipynb", "checks.total(3)", metadata={"kernelspec": {"name": "r", "display_name": "R"}}
    )
    assert [one.outcome for one in grading.grades(project, path)] == ["right"]


def test_what_is_shown_commands_no_terminal_and_what_is_kept_has_an_end(project, tmp_path, capsys):
    hand_in(tmp_path / "in.ipynb", "print('✗ \\x1b[2J [red]no' + 9000 * 'x'); checks.total(4)")
    assert grading.grade(project, [tmp_path / "in.ipynb"], csv=tmp_path / "grades.csv") == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[2J [red]no" in said
    assert max(map(len, said.splitlines())) < 300
    assert (tmp_path / "grades.csv").stat().st_size < 3000
    path = hand_in(
        tmp_path / "long.ipynb", "print(9000 * 'x'); checks.total(4)", "print(9000 * 'x'); checks.again(...)"
    )
    found = grading.grades(project, path)
    assert [one.outcome for one in found] == ["wrong", "not attempted"]
    assert found[0].said == "✗ sum 4: add."


def test_the_real_lessons_are_known_by_what_they_import():
    real = grading.Project(ROOT)
    lessons = grading.exercises_of_lessons(real)
    for path in real.notebooks():
        name = path.stem.replace("-", "_")
        if lessons[name]:
            assert grading._lesson(nbformat.read(path, as_version=4), lessons) == name
            assert len(set(lessons[name].values())) == len(lessons[name])


def test_a_spreadsheet_takes_no_answer_for_a_formula():
    assert grading._table([("a.ipynb", "total", "error", "=1+1")]).decode("utf-8-sig").endswith("'=1+1\r\n")
