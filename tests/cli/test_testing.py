import subprocess

import pytest

from course_utils.cli import book, changes, notebooks, testing
from course_utils.cli.changes import Selection
from course_utils.cli.project import CourseError
from course_utils.cli.testing import Result, Step

REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.mark.parametrize(
    ("numbers", "exit_code", "result"),
    [
        ((5, 0, 0, 1), 0, Result(4, 0, 1)),
        ((5, 1, 1, 0), 1, Result(3, 2, 0)),
        ((5, 0, 0, 0), 1, Result(5, 1, 0)),
        ((0, 0, 0, 0), 4, Result(0, 1, 0)),
    ],
    ids=["passed", "failed", "too little coverage", "pytest itself failed"],
)
def test_report_of_pytest(tmp_path, numbers, exit_code, result):
    path = tmp_path / "a.xml"
    path.write_text(REPORT.format(*numbers))
    assert testing.read_report(path, exit_code) == result


def test_no_report_is_a_failure(tmp_path):
    assert testing.read_report(tmp_path / "a.xml", 0) == Result(failed=1)


def step(name, result, part="unit", needs=()):
    def action(project, chosen):
        if isinstance(result, Exception):
            raise result
        return result

    return Step(name, part, action, needs)


def last_line(capsys):
    return capsys.readouterr().out.splitlines()[-1]


def test_total_is_the_last_line(project, capsys):
    steps = (step("one", Result(3, 0, 1)), step("two", Result(4)))
    assert testing.run(project, steps=steps) == 0
    assert last_line(capsys) == "7 passed, 0 failed, 1 skipped"


def test_later_steps_run_after_a_failure_unless_they_need_the_failed_one(project, capsys):
    steps = (
        step("one", Result(1, 2)),
        step("two", CourseError("[broken] notebook")),
        step("three", Result(5), needs=("two",)),
        step("four", Result(1), needs=("missing",)),
    )
    assert testing.run(project, steps=steps) == 1
    said = capsys.readouterr().out
    assert "[broken] notebook" in said
    assert "three: not run: two failed" in said
    assert said.splitlines()[-1] == "2 passed, 3 failed, 0 skipped"


def test_a_step_that_tests_nothing_does_not_say_ok(project, capsys):
    assert testing.run(project, steps=(step("one", Result()), step("two", Result(1)))) == 0
    said = capsys.readouterr().out
    assert "one: nothing to test," in said
    assert "two: ok," in said


def test_one_part_only(project, capsys):
    steps = (step("one", Result(1), part="unit"), step("two", Result(9), part="book"))
    assert testing.run(project, only="unit", steps=steps) == 0
    assert last_line(capsys).startswith("1 passed")


def test_every_part_has_a_step():
    from course_utils.cli import TEST_PARTS

    assert {step.part for step in testing.STEPS} == set(TEST_PARTS)
    names = [step.name for step in testing.STEPS]
    assert all(set(step.needs) <= set(names[:number]) for number, step in enumerate(testing.STEPS))


@pytest.fixture
def commands(project, monkeypatch):
    """Commands that would have been run; each succeeds, and pytest reports two tests."""
    made = []

    def run(command, **options):
        made.append([str(part) for part in command[1:]])
        report = [part for part in made[-1] if part.startswith("--junitxml=")]
        if report:
            with open(report[0].partition("=")[2], "w") as file:
                file.write(REPORT.format(2, 0, 0, 0))
        return subprocess.CompletedProcess(command, run.code)

    run.code = 0
    monkeypatch.setattr(testing.subprocess, "run", run)
    made_with = lambda: made  # noqa: E731
    made_with.run = run
    return made_with


def test_lint_counts_both_checks(project, commands):
    assert testing.lint(project, Selection()) == Result(2)
    assert [command[:3] for command in commands()] == [["-m", "ruff", "check"], ["-m", "ruff", "format"]]
    commands.run.code = 1
    assert testing.lint(project, Selection()) == Result(0, 2)


@pytest.mark.parametrize("coverage", [True, False])
def test_coverage_is_measured_when_asked_for(project, commands, coverage):
    steps = tuple(step for step in testing.STEPS if step.name == "unit tests")
    assert testing.run(project, steps=steps, coverage=coverage) == 0
    assert {"tests", "--ignore=tests/book"} <= set(commands()[0])
    assert ({"--cov", "--cov-fail-under=90"} <= set(commands()[0])) is coverage


def test_notebooks_are_executed_by_the_engine_and_stale_ones_fail(project, commands, write_lesson, monkeypatch):
    assert testing.notebooks(project, Selection()) == Result()
    path = write_lesson("part/a.ipynb", ("1",))
    assert testing.notebooks(project, Selection()) == Result(2, failed=1)
    assert {str(path), "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=900"} <= set(commands()[0])
    monkeypatch.setattr(notebooks, "list_stale", lambda project, paths: 0)
    assert testing.notebooks(project, Selection()) == Result(2)


def test_only_what_a_change_can_break(project, commands, write_lesson, monkeypatch):
    monkeypatch.setattr(changes, "changed_files", lambda project: {"tests/test_a.py"})
    (project.root / "tests").mkdir()
    (project.root / "tests" / "test_a.py").write_text("")
    write_lesson("part/a.ipynb", ("1",))
    monkeypatch.setattr(book, "build", None)
    assert testing.run(project, changed=True) == 0
    tested = [part for command in commands() for part in command if part.startswith("tests/")]
    assert tested == ["tests/test_a.py"]
    assert not [command for command in commands() if "--nbval-lax" in command]


def test_book_is_built_whole(project, monkeypatch):
    options = []
    monkeypatch.setattr(book, "build", lambda project, **given: options.append(given["everything"]))
    assert testing.build(project, Selection()) == Result(1)
    assert options == [True]


def test_browser_checks_run_where_there_are_any(project, commands):
    assert testing.browser(project, Selection()) == Result()
    (project.root / "tests" / "book").mkdir(parents=True)
    assert testing.browser(project, Selection()) == Result(2)
    assert testing.browser(project, Selection(pages=False)) == Result()


def test_gpu_must_be_seen_when_asked_for(project, commands, capsys):
    commands.run.code = 1
    assert testing.run(project, gpu=True, steps=()) == 1
    assert "list_physical_devices('GPU')" in commands()[0][1]
    commands.run.code = 0
    assert testing.run(project, gpu=True, steps=()) == 0
