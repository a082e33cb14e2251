"""The bootstrap: which Python it takes, what it installs when, and what it says. Nothing is installed here."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import scripts

ROOT = Path(__file__).parents[1]
LOCK = "# versions\nnumpy==2.4.6\ntensorflow==2.21.0 ; sys_platform == 'darwin'\ntensorflow-cpu==2.21.0 ; sys_platform == 'linux'\n"

posix = pytest.mark.skipif(os.name == "nt", reason="the fake interpreters are shell scripts")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A fresh copy of the module, for an empty checkout."""
    module = scripts.load("course.py")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "requirements.lock").write_text(LOCK)
    (checkout / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(module, "ROOT", str(checkout))
    monkeypatch.setattr(module, "VENV", str(checkout / ".venv"))
    monkeypatch.setattr(module, "LOCK", str(checkout / "requirements.lock"))
    monkeypatch.setattr(module, "PROJECT", str(checkout / "pyproject.toml"))
    return module


def fake_python(path, version=(3, 12), implementation="cpython", is_64_bit=True, code=0):
    """Write a script that answers as an interpreter of some version would."""
    answer = json.dumps([list(version), implementation, is_64_bit, str(path)])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{answer}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def search(course, tmp_path, monkeypatch):
    """A machine whose own Python cannot serve; return the folder that is its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(course.sys, "_base_executable", str(fake_python(tmp_path / "old" / "python3", (3, 9))))
    real_glob = course.glob.glob
    monkeypatch.setattr(course.glob, "glob", lambda pattern: real_glob(pattern) if str(tmp_path) in pattern else [])
    return folder


# --- which Python


def test_this_python_serves(course):
    found = course.find_interpreter()
    assert found.version == sys.version_info[:2]


@posix
def test_the_newest_that_runs_is_taken(course, search):
    fake_python(search / "python3.11", (3, 11))
    good = fake_python(search / "python3.12", (3, 12))
    fake_python(search / "python3.13", (3, 13), code=127)
    assert course.find_interpreter() == ((3, 12), str(good))


@posix
@pytest.mark.parametrize(
    "unusable",
    [{"version": (3, 14)}, {"implementation": "pypy"}, {"is_64_bit": False}, {"code": 1}],
    ids=["other version", "not CPython", "32 bits", "a shim that fails"],
)
def test_what_only_looks_like_a_python_is_not_believed(course, search, unusable):
    fake_python(search / "python3.13", **{"version": (3, 13), **unusable})
    with pytest.raises(course.CourseError, match=r"3\.11, 3\.12 or 3\.13; this is Python .* no other was found"):
        course.find_interpreter()


@posix
def test_a_program_that_cannot_be_run_is_passed_over(course, search):
    (search / "python3.13").write_text("not a program")
    fake_python(search / "python3.11", (3, 11))
    assert course.find_interpreter().version == (3, 11)


@posix
def test_the_real_python_behind_a_failing_shim_is_found(course, search, tmp_path):
    fake_python(search / "python3.12", code=127)
    real = fake_python(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python3.12")
    assert course.find_interpreter() == ((3, 12), str(real))


def test_the_launcher_is_asked_on_windows(course, monkeypatch):
    monkeypatch.setattr(course, "WINDOWS", True)
    assert next(course.candidates((3, 13))) == ["py", "-3.13"]


@posix
def test_another_python_is_started_with_the_same_arguments(course, search, monkeypatch):
    other = (3, 11) if sys.version_info[:2] == (3, 12) else (3, 12)
    good = fake_python(search / f"python3.{other[1]}", other)
    started = []
    monkeypatch.setattr(course, "hand_over", lambda command: started.append(command) or 0)
    assert course.main(["serve", "--port", "81"]) == 0
    assert started == [[str(good), str(ROOT / "course.py"), "serve", "--port", "81"]]


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.10"])
def test_it_parses_on_old_pythons(version):
    import ast

    minor = int(version.partition(".")[2])
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, minor))


# --- what is installed


@pytest.fixture
def venv(course, monkeypatch):
    """A complete environment whose Python always works; its state is what the test makes of it."""
    folder = Path(course.VENV)
    folder.mkdir()
    state = {"version": (3, 12), "packages": True}
    monkeypatch.setattr(course, "venv_version", lambda: state["version"])
    monkeypatch.setattr(course, "has_packages", lambda: state["packages"])
    course.write_stamp({**course.wanted("cpu", (3, 12)), "packages": ["numpy"]})
    return state


def test_nothing_there_is_created(course):
    assert not course.is_ready("cpu")
    assert course.plan("cpu") == "create"


def test_complete_is_ready(course, venv):
    assert course.is_ready("cpu")


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_lock_or_project_is_updated_in_place(course, venv, name):
    path = Path(course.ROOT, name)
    path.write_text(path.read_text() + "# more\n")
    assert not course.is_ready("cpu")
    assert course.plan("cpu") == "update"


def test_other_line_ends_are_no_change(course, venv):
    path = Path(course.LOCK)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert course.is_ready("cpu")


@pytest.mark.parametrize(
    "damage",
    [
        lambda course, venv: course.touch_marker(),
        lambda course, venv: venv.update(version=None),
        lambda course, venv: venv.update(version=(3, 13)),
        lambda course, venv: venv.update(packages=False),
        lambda course, venv: course.write_stamp({**course.read_stamp(), "root": "elsewhere"}),
        lambda course, venv: course.write_stamp({**course.read_stamp(), "variant": "gpu"}),
    ],
    ids=["interrupted", "broken", "other Python", "packages missing", "moved", "other variant"],
)
def test_interrupted_broken_or_moved_is_rebuilt(course, venv, damage):
    damage(course, venv)
    assert not course.is_ready("cpu")
    assert course.plan("cpu") == "rebuild"


@pytest.mark.parametrize("stamp", ["", "{", "[]"])
def test_environment_without_a_good_stamp_is_not_deleted(course, venv, stamp):
    Path(course.VENV, course.STAMP).write_text(stamp)
    assert course.plan("cpu") == "update"
    venv["version"] = None
    assert course.plan("cpu") == "set aside"


def test_setting_aside_keeps_everything(course, venv):
    Path(course.VENV + ".old-1").mkdir()
    Path(course.VENV, "mine.txt").write_text("precious")
    course.set_aside()
    assert Path(course.VENV + ".old-2", "mine.txt").read_text() == "precious"


def test_removing_also_removes_what_an_interrupted_removal_left(course, venv):
    Path(course.VENV + ".removed", "left").mkdir(parents=True)
    course.remove_venv()
    assert not Path(course.VENV).exists()
    assert not Path(course.VENV + ".removed").exists()


# --- installing


@pytest.fixture
def steps(course, monkeypatch):
    """Titles and commands of the steps that would have been carried out."""
    made = []
    monkeypatch.setattr(course, "check_machine", lambda *arguments: None)
    monkeypatch.setattr(course, "run_step", lambda title, command, total=0: made.append((title, command)))
    return made


def install(course, action, variant="cpu"):
    course.install(course.Interpreter((3, 12), "python3.12"), variant, action)


def test_creating_ends_with_the_stamp(course, steps, monkeypatch):
    monkeypatch.setattr(course, "venv_version", lambda: (3, 12))
    monkeypatch.setattr(course, "has_packages", lambda: True)
    install(course, "create")
    commands = [command for _, command in steps]
    assert commands[0] == ["python3.12", "-m", "venv", course.VENV]
    assert "-r" in commands[1]
    assert commands[2][-5:] == ["install", "--no-deps", "--no-build-isolation", "-e", course.ROOT]
    assert course.is_ready("cpu")


def test_every_failing_step_leaves_a_state_that_is_rebuilt(course, monkeypatch):
    monkeypatch.setattr(course, "check_machine", lambda *arguments: None)
    monkeypatch.setattr(course, "venv_version", lambda: (3, 12))
    for failing in range(3):
        calls = []

        def run_step(title, command, total=0, calls=calls, failing=failing):
            calls.append(title)
            if len(calls) > failing:
                raise KeyboardInterrupt

        monkeypatch.setattr(course, "run_step", run_step)
        action = course.plan("cpu")
        with pytest.raises(KeyboardInterrupt):
            install(course, action)
        assert course.plan("cpu") == "rebuild"


def test_update_that_changes_nothing_before_it_fails_can_be_tried_again(course, venv, monkeypatch):
    """Offline after a change of the lock: the working environment is not given up."""
    Path(course.LOCK).write_text("numpy==2.4.7\n")
    monkeypatch.setattr(course, "check_machine", lambda *arguments: None)

    def offline(title, command, total=0):
        raise course.CourseError("no network")

    monkeypatch.setattr(course, "run_step", offline)
    with pytest.raises(course.CourseError):
        install(course, "update")
    assert course.plan("cpu") == "update"


def test_update_removes_what_the_lock_no_longer_names(course, venv, steps):
    course.write_stamp({**course.read_stamp(), "packages": ["numpy", "formerly"]})
    Path(course.LOCK).write_text("numpy==2.4.7\n")
    install(course, "update")
    assert any(command[-3:] == ["uninstall", "-y", "formerly"] for _, command in steps)
    assert course.is_ready("cpu")


def test_changed_project_reinstalls_only_the_package(course, venv, steps):
    Path(course.PROJECT).write_text("[project]\nname = 'x'\n")
    install(course, "update")
    assert len(steps) == 1
    assert "-e" in steps[0][1]


def test_gpu_replaces_either_cpu_package_at_the_same_version(course):
    text = course.gpu_requirements(LOCK)
    assert text.splitlines() == ["# versions", "numpy==2.4.6", "tensorflow[and-cuda]==2.21.0"]
    with pytest.raises(course.CourseError, match="one version of TensorFlow"):
        course.gpu_requirements("numpy==2.4.6\n")


def test_gpu_works_on_the_real_lock(course):
    text = course.gpu_requirements((ROOT / "requirements.lock").read_text())
    assert [line for line in text.splitlines() if line.startswith("tensorflow")] == ["tensorflow[and-cuda]==2.21.0"]


def test_package_names(course):
    assert course.package_names(LOCK) == ["numpy", "tensorflow", "tensorflow-cpu"]


def test_step_shows_the_end_of_a_failing_output_only(course, capsys):
    course.run_step("a good step", [sys.executable, "-c", "print('chatter')"])
    assert "chatter" not in capsys.readouterr().out
    with pytest.raises(course.CourseError, match=r"a bad step: failed(?s:.*)the reason"):
        course.run_step("a bad step", [sys.executable, "-c", "print('the reason'); raise SystemExit(1)"])


def test_unpacking_marks_the_environment_as_unfinished(course):
    marker = Path(course.VENV, course.MARKER)
    course.run_step("download", [sys.executable, "-c", "print('Collecting numpy==2.4.6')"])
    assert not marker.exists()
    course.run_step("unpack", [sys.executable, "-c", "print('Installing collected packages: numpy')"])
    assert marker.exists()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Collecting numpy==2.4.6 (from -r requirements.lock)", "3 of 9: numpy (from -r requirements.lock)"),
        ("  Downloading tensorflow_cpu-2.21.0-cp311-x86_64.whl (274 MB)".strip(), "3 of 9: tensorflow_cpu (274 MB)"),
        ("Installing collected packages: a, b", "unpacking the packages (the longest step)"),
        ("something else", ""),
    ],
)
def test_progress_is_told_from_the_output_of_pip(course, line, shown):
    assert course.describe(line, 3, 9) == shown


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", "cannot be reached"),
        ("socket.gaierror: Temporary failure in name resolution", "cannot be reached"),
        ("ERROR: something odd", "something odd"),
    ],
)
def test_failures_are_explained(course, line, said):
    assert said in course.explain("installing", ["first", line, "last"])


# --- the machine


@pytest.fixture
def interpreter(course):
    return course.Interpreter(sys.version_info[:2], sys.executable)


def test_too_little_space_is_said_before_anything_is_done(course, interpreter, monkeypatch):
    monkeypatch.setattr(course.shutil, "disk_usage", lambda folder: course.shutil._ntuple_diskusage(9, 8, 1))
    with pytest.raises(course.CourseError, match=r"has 0\.0 GB left; 4 GB are needed"):
        course.check_machine(interpreter, "cpu", "create")


def test_full_disk_for_temporary_files(course, interpreter, monkeypatch, tmp_path):
    sizes = {course.ROOT: 10**13, str(tmp_path): 1}
    monkeypatch.setattr(course.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(
        course.shutil, "disk_usage", lambda folder: course.shutil._ntuple_diskusage(0, 0, sizes[folder])
    )
    with pytest.raises(course.CourseError, match="TMPDIR"):
        course.check_machine(interpreter, "cpu", "create")


@posix
def test_missing_venv_module_names_the_package(course, tmp_path):
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(course.CourseError, match=r"no `venv` module.*apt install python3-venv, or python3\.12-venv"):
        course.check_machine(course.Interpreter((3, 12), str(python)), "cpu", "create")


def test_gpu_is_for_linux(course, interpreter, monkeypatch):
    monkeypatch.setattr(course.sys, "platform", "win32")
    with pytest.raises(course.CourseError, match="Linux only"):
        course.check_machine(interpreter, "gpu", "create")


@posix
def test_intel_macs_are_told(course, interpreter, monkeypatch):
    monkeypatch.setattr(course.sys, "platform", "darwin")
    monkeypatch.setattr(course.os, "uname", lambda: os.uname_result(("Darwin", "", "", "", "x86_64")))
    with pytest.raises(course.CourseError, match="Intel"):
        course.check_machine(interpreter, "cpu", "create")


# --- the command line


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"], ["--gpu"]])
def test_help_needs_no_environment(course, arguments, capsys):
    assert course.main(arguments) == 0
    said = capsys.readouterr().out
    assert "course.py serve" in said
    assert "course.py test" in said
    assert not Path(course.VENV).exists()


@pytest.mark.parametrize(
    ("arguments", "variant", "rest"),
    [
        (["serve", "--port", "81"], None, ["serve", "--port", "81"]),
        (["test", "--gpu"], "gpu", ["test", "--gpu"]),
        (["serve", "--gpu"], "gpu", ["serve"]),
        (["--cpu", "test"], "cpu", ["test"]),
    ],
)
def test_own_options_are_told_from_the_rest(course, arguments, variant, rest):
    assert course.split_arguments(arguments) == (variant, rest)


def test_gpu_and_cpu_together(course, capsys):
    assert course.main(["test", "--gpu", "--cpu"]) == 1
    assert "exclude each other" in capsys.readouterr().err


def test_a_ready_environment_gets_the_command_at_once(course, venv, monkeypatch):
    started = []
    monkeypatch.setattr(course, "hand_over", lambda command: started.append(command) or 7)
    monkeypatch.setattr(course, "find_interpreter", None)
    assert course.main(["notebooks", "normalise"]) == 7
    assert started == [[course.venv_python(), "-m", "course_utils", "notebooks", "normalise"]]


def test_installed_variant_is_kept_unless_asked_otherwise(course, venv, monkeypatch):
    course.write_stamp({**course.read_stamp(), "variant": "gpu"})
    monkeypatch.setattr(course, "hand_over", lambda command: 0)
    monkeypatch.setattr(course, "install", None)
    assert course.main(["serve"]) == 0


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "stopped"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "the disk is full"),
        (OSError(errno.EACCES, "Permission denied"), 1, "Permission denied"),
    ],
)
def test_ends_with_one_message(course, monkeypatch, capsys, error, code, said):
    def fail(arguments):
        raise error

    monkeypatch.setattr(course, "run", fail)
    assert course.main(["serve"]) == code
    output = capsys.readouterr()
    assert said in output.out + output.err
    assert len((output.out + output.err).strip().splitlines()) == 1


def test_exit_code_is_passed_on_where_processes_cannot_be_replaced(course, monkeypatch):
    monkeypatch.setattr(course, "WINDOWS", True)
    assert course.hand_over([sys.executable, "-c", "raise SystemExit(5)"]) == 5


@posix
def test_only_one_installs_at_a_time(course):
    holder = (
        "import fcntl, sys; file = open(sys.argv[1], 'a'); fcntl.flock(file, fcntl.LOCK_EX); print('held', flush=True); "
        "sys.stdin.read()"
    )
    folder = Path(course.ROOT, "_build")
    folder.mkdir()
    path = folder / ".install.lock"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        with path.open("a") as file:
            assert not course.try_lock(file)
        process.stdin.close()
        process.wait()
        with course.only_one():
            pass


def test_a_waiting_call_says_so(course, monkeypatch, capsys):
    answers = iter([False, False, True])
    monkeypatch.setattr(course, "try_lock", lambda file: next(answers))
    monkeypatch.setattr(course.time, "sleep", lambda seconds: None)
    with course.only_one():
        assert capsys.readouterr().out.count("waiting for it") == 1


def test_progress_line_on_a_terminal_is_wiped(course, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(course.sys, "stdout", terminal)
    with course.Step("working"):
        pass
    assert terminal.getvalue().splitlines()[0] == "course: working"
    assert "done after 0 s" in terminal.getvalue()
