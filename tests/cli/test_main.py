import errno
import runpy
from pathlib import Path

import pytest

from course_utils import cli
from course_utils.cli import book, grading, lab, notebooks, server, testing
from course_utils.cli.project import CourseError, UsageError

WHOLE = {"only": None, "gpu": False, "changed": False, "coverage": False}


@pytest.fixture
def calls(monkeypatch, project):
    made = []

    def note(name, answer):
        def function(*arguments, **options):
            assert arguments[0] == project
            made.append((name, arguments[1:], options))
            return answer

        return function

    monkeypatch.setattr(server, "serve", note("serve", 0))
    monkeypatch.setattr(lab, "lab", note("lab", 0))
    monkeypatch.setattr(grading, "grade", note("grade", 0))
    monkeypatch.setattr(book, "build", note("build", None))
    monkeypatch.setattr(testing, "run", note("test", 1))
    monkeypatch.setattr(notebooks, "normalise_files", note("normalise", 0))
    monkeypatch.setattr(notebooks, "run_files", note("run", 0))
    monkeypatch.setattr(notebooks, "list_stale", note("stale", 1))
    return made


@pytest.mark.parametrize(
    ("line", "call", "code"),
    [
        ("serve", ("serve", (), {"port": None, "open_browser": True}), 0),
        ("serve --port 81 --no-browser", ("serve", (), {"port": 81, "open_browser": False}), 0),
        ("lab", ("lab", (), {"lesson": None, "copy_to": None, "port": None, "open_browser": True}), 0),
        (
            "lab convolution --port 81",
            ("lab", (), {"lesson": "convolution", "copy_to": None, "port": 81, "open_browser": True}),
            0,
        ),
        (
            "lab --copy-to a/b",
            ("lab", (), {"lesson": None, "copy_to": Path("a/b"), "port": None, "open_browser": True}),
            0,
        ),
        ("grade a b --csv c", ("grade", (), {"paths": [Path("a"), Path("b")], "csv": Path("c")}), 0),
        ("build", ("build", (), {"everything": False, "pdf": False}), 0),
        ("build --all --pdf", ("build", (), {"everything": True, "pdf": True}), 0),
        ("test", ("test", (), WHOLE), 1),
        ("test --only unit --gpu", ("test", (), WHOLE | {"only": "unit", "gpu": True}), 1),
        ("test --changed --coverage", ("test", (), WHOLE | {"changed": True, "coverage": True}), 1),
        ("notebooks normalise --check a b", ("normalise", (), {"paths": ["a", "b"], "check": True}), 0),
        ("notebooks run", ("run", (), {"paths": []}), 0),
        ("notebooks stale a", ("stale", (), {"paths": ["a"]}), 1),
    ],
)
def test_commands_reach_their_functions(calls, line, call, code):
    assert cli.main(line.split()) == code
    assert calls == [call]


@pytest.mark.parametrize("line", ["", "nonsense", "serve --port 0", "serve --port x", "test --only all", "notebooks"])
def test_wrong_usage_ends_with_2(line, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(line.split())
    assert end.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (CourseError("it broke"), 1, "course: it broke\n"),
        (UsageError("not here"), 2, "course: not here\n"),
        (KeyboardInterrupt(), 130, "stopped"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "course: the disk is full"),
        (ModuleNotFoundError("No module named 'nbclient'", name="nbclient"), 1, "'nbclient' is missing here"),
    ],
)
def test_foreseeable_problems_are_one_message(project, monkeypatch, capsys, error, code, said):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(testing, "run", fail)
    assert cli.main(["test"]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("No module named", name="course_utils.oops"), OSError(errno.EACCES, "denied")]
)
def test_a_mistake_of_our_own_is_not_hidden(project, monkeypatch, error):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(testing, "run", fail)
    with pytest.raises(type(error)):
        cli.main(["test"])


def test_python_dash_m_is_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["course_utils", "--help"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("course_utils", run_name="__main__")
    assert end.value.code == 0
    assert "python -m course_utils" in capsys.readouterr().out
