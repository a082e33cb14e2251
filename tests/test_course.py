"""The bootstrap: which Python it takes, what it installs for which command, what an interruption leaves, what it says.

The environments of these tests are real, made by venv and pip, but small: the packages of the lock are empty wheels in a
folder, which is also how a class without a network installs the course.
"""

import ast
import contextlib
import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import scripts

ROOT = Path(__file__).parents[1]
posix = pytest.mark.skipif(os.name == "nt", reason="the fake interpreters are shell scripts, and signals are sent")
BACKEND = """
import os, pathlib, time, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    here = pathlib.Path(__file__).parent
    while (here / "block").exists():
        (here / "blocked").touch()
        time.sleep(0.05)
    name = "cnn_course-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("cnn_course.pth", str(here))
        wheel.writestr("cnn_course-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: cnn-course\\nVersion: 1\\n")
        wheel.writestr("cnn_course-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("cnn_course-1.dist-info/RECORD", "")
    return name
"""
MAIN = """
import importlib.util, sys
names = "jupyter_book", "jupyterlab", "tensorflow", "pytest"
assert not sys.dont_write_bytecode
print("ran", *sys.argv[1:], "with", *[name for name in names if importlib.util.find_spec(name)])
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def add_wheel(folder, name, version="1", module=None):
    """Write a wheel of one empty module, and return its entry in a lock."""
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module or name.replace('-', '_')}/__init__.py", "")
        wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def sections(**entries):
    return "# Made for a test.\n" + "".join(f"\n# --- {name}: words\n{entry}" for name, entry in entries.items())


class Checkout:
    """A small checkout of the course, and a machine without a network whose packages lie in a folder."""

    def __init__(self, root):
        self.root, self.venv, self.wheels = root / "checkout", root / "checkout" / ".venv", root / "wheels"
        (self.root / "course_utils").mkdir(parents=True)
        self.wheels.mkdir()
        shutil.copy(ROOT / "course.py", self.root)
        for name, text in {
            "backend.py": BACKEND,
            "pyproject.toml": PROJECT,
            "setup.py": "",
            "course_utils/__init__.py": "",
            "course_utils/__main__.py": MAIN,
        }.items():
            (self.root / name).write_text(text)
        self.lock = {
            "book": add_wheel(self.wheels, "jupyter-book"),
            "pdf": add_wheel(self.wheels, "pypdf"),
            "lab": add_wheel(self.wheels, "jupyterlab"),
            "cpu": add_wheel(self.wheels, "tensorflow-cpu", module="tensorflow"),
            "test": add_wheel(self.wheels, "pytest"),
        }
        gpu = sections(gpu=add_wheel(self.wheels, "tensorflow") + add_wheel(self.wheels, "nvidia-cudnn"))
        (self.root / "requirements-gpu.lock").write_text(gpu)
        self.write_lock()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))},
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
            "PYTHONDONTWRITEBYTECODE": "1",  # as in many containers
        }

    def write_lock(self, **changed):
        (self.root / "requirements.lock").write_text(sections(**self.lock | changed))

    def start(self, *arguments):
        """Start ``course.py``, in a process group of its own."""
        command = [sys.executable, str(self.root / "course.py"), *arguments]
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(
            command, cwd=self.root.parent, env=self.environment, text=True, start_new_session=True, **pipe
        )

    def call(self, *arguments):
        """Run ``course.py`` and return its exit code and all that it printed."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    @contextlib.contextmanager
    def blocked(self, *arguments):
        """Give a call that has installed the packages of the lock, and cannot go on."""
        (self.root / "block").touch()
        process = self.start(*arguments)
        deadline = time.monotonic() + 120
        while not (self.root / "blocked").exists():
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
            (self.root / "block").unlink(missing_ok=True)
            (self.root / "blocked").unlink(missing_ok=True)

    def installed(self):
        """Return names and versions of what is installed, from the metadata's folders."""
        found = self.venv.rglob("*.dist-info")
        return {path.name.removesuffix(".dist-info") for path in found} - {"cnn_course-1"}


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


# --- real environments, whose making takes seconds each: one follows a course through its life, one is interrupted


@posix
def test_each_command_installs_what_it_needs_and_nothing_twice(checkout):
    code, output = checkout.call("serve", "--port", "81")
    assert code == 0, output
    assert output.splitlines()[-1] == "ran serve --port 81 with jupyter_book"
    assert checkout.call("build") == (0, "ran build with jupyter_book\n")
    code, output = checkout.call("build", "--pdf")
    assert (code, output.splitlines()[-1]) == (0, "ran build --pdf with jupyter_book")
    assert any(name.startswith("pypdf-") for name in checkout.installed())

    # A file that the lock does not know is refused, and what worked before still does.
    entry = add_wheel(checkout.wheels, "jupyter-book", "2")
    checkout.write_lock(book=entry[:-5] + "0000\n")
    code, output = checkout.call("serve")
    assert code == 1
    assert "HASHES" in output
    assert any(name.startswith("jupyter_book-1") for name in checkout.installed())

    # A changed lock is followed, in the same environment.
    checkout.write_lock(book=entry)
    code, output = checkout.call("serve")
    assert (code, output.splitlines()[-1]) == (0, "ran serve with jupyter_book")
    assert "making .venv" not in output, "a working environment was given up"
    assert any(name.startswith("jupyter_book-2") for name in checkout.installed())

    # Other commands add to it, and the TensorFlow that was asked for is kept.
    code, output = checkout.call("lab", "--gpu", "convolution")
    assert (code, output.splitlines()[-1]) == (0, "ran lab convolution with jupyter_book jupyterlab tensorflow")
    assert "making .venv" not in output
    assert checkout.call("data", "list") == (0, "ran data list with jupyter_book jupyterlab tensorflow\n")
    everything = "jupyter_book jupyterlab tensorflow pytest"
    code, output = checkout.call("test")
    assert (code, output.splitlines()[-1]) == (0, f"ran test with {everything}")
    assert {"tensorflow-1", "nvidia_cudnn-1"} < checkout.installed()
    assert "tensorflow_cpu-1" not in checkout.installed()
    assert checkout.call("notebooks", "-h") == (0, f"ran notebooks -h with {everything}\n")
    assert checkout.call("test", "--gpu") == (0, f"ran test --gpu with {everything}\n")
    assert checkout.call("serve") == (0, f"ran serve with {everything}\n")


@posix
def test_a_call_waits_for_another_and_takes_up_when_that_is_killed(checkout):
    with checkout.blocked("serve") as first:
        second = checkout.start("serve")
        assert second.stdout.readline() == "course: another call is installing; waiting for it\n"
        assert checkout.installed()
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        (checkout.root / "block").unlink()
        lines = second.communicate()[0].splitlines()
    assert lines[0].startswith("course: making .venv"), "what a kill leaves is not trusted"
    assert lines[-1] == "ran serve with jupyter_book"


@posix
@pytest.mark.parametrize("unpacked", [True, False])
def test_an_interrupted_update_is_rebuilt_only_if_something_was_unpacked(course, venv, monkeypatch, unpacked):
    def step(title, *command):
        if unpacked:
            (venv.parent / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "run_step", step)
    assert course.plan("test", "cpu") == "update"
    with pytest.raises(KeyboardInterrupt):
        course.install(course.find_python(), "test", "cpu", "update")
    assert course.plan("test", "cpu") == ("rebuild" if unpacked else "update")


# --- which Python


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The module, for an empty checkout."""
    module = scripts.load("course.py")
    monkeypatch.setattr(module, "ROOT", str(tmp_path / "checkout"))
    monkeypatch.setattr(module, "VENV", str(tmp_path / "checkout" / ".venv"))
    monkeypatch.setattr(module, "STAMP", str(tmp_path / "checkout" / ".venv" / "stamp"))
    monkeypatch.setattr(module, "MARKER", str(tmp_path / "checkout" / ".venv" / "marker"))
    Checkout(tmp_path)
    return module


def fake_python(path, version="3.12", code=0, complete=True):
    """Write a script that answers as an interpreter of some version would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{json.dumps([version, str(path), str(path.parent), complete])}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def search(course, tmp_path, monkeypatch):
    """A machine whose own Python cannot serve; return the folder that is its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, value in {"PATH": folder, "HOME": tmp_path / "home", "PYENV_ROOT": tmp_path / "pyenv"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(course.sys, "_base_executable", str(fake_python(tmp_path / "old" / "python3", "3.9")))
    monkeypatch.setattr(course, "PLACES", course.PLACES[:3])
    return folder


def test_this_python_serves(course):
    assert course.find_python().version == "{}.{}".format(*sys.version_info)


@posix
def test_the_newest_that_runs_is_taken(course, search):
    fake_python(search / "python3.11", "3.11")
    good = fake_python(search / "python3.12", "3.12")
    fake_python(search / "python3.13", "3.13", code=127)
    (search / "python3.13").write_text("not a program")
    assert course.find_python().executable == str(good)


@posix
@pytest.mark.parametrize("unusable", [{"version": "3.14"}, {"code": 1}], ids=["other version", "a shim that fails"])
def test_what_only_looks_like_a_python_is_not_believed(course, search, unusable, capsys):
    fake_python(search / "python3.13", **{"version": "3.13", **unusable})
    with pytest.raises(course.CourseError, match=r"3\.11, 3\.12 or 3\.13; this is Python .* no other was found"):
        course.find_python()


@posix
@pytest.mark.parametrize("place", ["pyenv/versions/3.12.1/bin", "home/.local/share/uv/python/cpython-3.12.4-x/bin"])
def test_a_python_that_is_not_on_the_path_is_found(course, search, tmp_path, place):
    fake_python(search / "python3.12", code=127)
    real = fake_python(tmp_path / place / "python3.12")
    assert course.find_python().executable == str(real)


@pytest.mark.parametrize(("name", "size"), [("pypy", "2**63"), ("cpython", "2**31")], ids=["not CPython", "32 bits"])
def test_the_probe_refuses_what_has_no_tensorflow(course, name, size):
    pretend = f"import sys, types; sys.implementation = types.SimpleNamespace(name={name!r}); sys.maxsize = {size}\n"
    done = subprocess.run([sys.executable, "-c", pretend + course.PROBE], capture_output=True)
    assert done.returncode == 1


def test_the_launcher_is_asked_on_windows(course, monkeypatch):
    monkeypatch.setattr(course, "WINDOWS", True)
    assert ["py", "-3.13"] in list(course.candidates())


@pytest.mark.parametrize("version", [(3, 6), (3, 7), (3, 8), (3, 9), (3, 10)])
def test_it_parses_on_old_pythons(version):
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=version)


# --- what is there


@pytest.fixture
def venv(course):
    """A complete environment, whose Python is a fake one."""
    python = fake_python(Path(course.VENV, "bin", "python"))
    Path(course.STAMP).write_text(json.dumps(course.wanted("lab", "cpu", "3.12")))
    return python


def change_stamp(course, **changes):
    path = Path(course.STAMP)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@posix
@pytest.mark.parametrize(
    ("damage", "action"),
    [
        (lambda course, python: None, "nothing"),
        (lambda course, python: shutil.rmtree(course.VENV), "create"),
        (lambda course, python: Path(course.MARKER).touch(), "rebuild"),
        (lambda course, python: python.unlink(), "rebuild"),
        (lambda course, python: fake_python(python, "3.13"), "rebuild"),
        (lambda course, python: fake_python(python, complete=False), "rebuild"),
        (lambda course, python: Path(course.STAMP).write_text("{"), "rebuild"),
        (lambda course, python: Path(course.STAMP).write_text("[]"), "rebuild"),
        (lambda course, python: Path(course.STAMP).write_text('{"level": "of old"}'), "rebuild"),
        (lambda course, python: setattr(course, "ROOT", shutil.copytree(course.ROOT, course.ROOT + "2")), "rebuild"),
        (lambda course, python: change_stamp(course, variant="gpu"), "rebuild"),
        (lambda course, python: change_stamp(course, level="book", variant="gpu"), "update"),
        (lambda course, python: Path(course.ROOT, "setup.py").write_text("changed"), "update"),
        (lambda course, python: Path(course.STAMP).unlink(), "update"),
    ],
    ids=[
        *("complete", "deleted", "interrupted", "broken", "other Python", "packages missing", "cut stamp", "no stamp"),
        *("stamp of an older course.py", "moved", "other TensorFlow", "another, not there yet", "changed project"),
        "made by somebody else",
    ],
)
def test_what_is_done_about_the_state_of_the_environment(course, venv, damage, action):
    damage(course, venv)
    assert course.plan("lab", "cpu") == action


@posix
def test_an_environment_of_somebody_else_that_does_not_work_is_left_alone(course, venv):
    Path(course.STAMP).unlink()
    venv.unlink()
    with pytest.raises(course.CourseError, match=r"was not made by course\.py; rename it"):
        course.plan("lab", "cpu")


@posix
def test_an_environment_that_is_linked_from_elsewhere_is_left_alone(course, venv, tmp_path):
    change_stamp(course, root="elsewhere")
    os.rename(course.VENV, tmp_path / "theirs")
    os.symlink(tmp_path / "theirs", course.VENV)
    python = course.Python("3.12", "no python", "", True)
    course.check_machine = lambda *_: None
    with pytest.raises(course.CourseError, match=r"\.venv is a link to .*theirs.* Remove the link and run the command"):
        course.install(python, "lab", "cpu", course.plan("lab", "cpu"))
    assert os.path.islink(course.VENV)
    assert (tmp_path / "theirs" / "bin" / "python").exists()


@posix
def test_other_line_ends_are_no_change(course, venv):
    for name in ("requirements.lock", "pyproject.toml"):
        path = Path(course.ROOT, name)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert course.plan("lab", "cpu") == "nothing"


def test_the_locks_of_the_course_have_what_each_level_takes(course, monkeypatch):
    monkeypatch.setattr(course, "ROOT", str(ROOT))
    names = {
        (level, variant): [
            line.split("==")[0] for line in course.requirements(level, variant).splitlines() if "==" in line
        ]
        for level in course.LEVELS
        for variant in ("cpu", "gpu")
    }
    for level in course.LEVELS:
        assert set(names["book", "cpu"]) <= set(names[level, "cpu"])
        assert len([name for name in names[level, "gpu"] if name.startswith("tensorflow")]) == (
            level not in ("book", "pdf")
        )
    assert {"tensorflow", "keras", "jupyterlab", "pytest"}.isdisjoint(names["book", "cpu"])
    assert {"tensorflow-cpu", "keras", "jupyterlab"} < set(names["lab", "cpu"])
    assert set(names["pdf", "cpu"]) - set(names["book", "cpu"]) == {"pypdf"}
    assert {"pytest", "playwright"}.isdisjoint(names["lab", "cpu"])
    assert any(name.startswith("nvidia-") for name in names["lab", "gpu"])


# --- what is said


def test_too_little_space_is_said_before_anything_is_done(course, monkeypatch, tmp_path):
    sizes = {course.ROOT: 2 * 10**9, str(tmp_path): 10**9}
    monkeypatch.setattr(course.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(course.shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(0, 0, sizes[folder]))
    course.check_machine(course.find_python(), "book", "cpu", "create")
    with pytest.raises(course.CourseError, match=r"has 2\.0 GB left; 4 GB are needed"):
        course.check_machine(course.find_python(), "lab", "cpu", "create")
    sizes[course.ROOT] = 10**13
    with pytest.raises(course.CourseError, match=r"has 1\.0 GB left; 4 GB are needed.*TMPDIR"):
        course.check_machine(course.find_python(), "lab", "gpu", "create")


@posix
def test_missing_venv_module_names_the_package(course, tmp_path):
    python = course.probe([str(fake_python(tmp_path / "python3", complete=False))])
    with pytest.raises(course.CourseError, match=r"no `venv` module.*apt install python3-venv, or python3\.12-venv"):
        course.check_machine(python, "book", "cpu", "create")


def test_gpu_is_for_linux(course, monkeypatch):
    monkeypatch.setattr(course.sys, "platform", "win32")
    with pytest.raises(course.CourseError, match="Linux only"):
        course.check_machine(course.find_python(), "lab", "gpu", "create")


@posix
def test_intel_macs_are_told_that_they_can_read_only(course, monkeypatch):
    monkeypatch.setattr(course.sys, "platform", "darwin")
    monkeypatch.setattr(course.os, "uname", lambda: os.uname_result(("Darwin", "", "", "", "x86_64")))
    with pytest.raises(course.CourseError, match="Intel"):
        course.check_machine(course.find_python(), "lab", "cpu", "create")
    course.check_machine(course.find_python(), "book", "cpu", "create")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", "cannot be reached"),
        ("socket.gaierror: Temporary failure in name resolution", "cannot be reached"),
        ("ERROR: something odd", "a step: failed with code 3, see above"),
    ],
)
def test_failures_are_explained_after_what_the_step_said(course, line, said, capfd):
    program = f"import sys; print('progress'); sys.stderr.write({line!r}); sys.exit(3)"
    with pytest.raises(course.CourseError, match=said):
        course.run_step("a step", sys.executable, "-c", program)
    shown = capfd.readouterr()
    assert shown.out == "course: a step\nprogress\n"
    assert line in shown.err


def test_what_would_lead_pip_elsewhere_is_left_out(course, monkeypatch, capfd):
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    course.run_step("a step", sys.executable, "-c", "import os; print(os.getenv('PIP_TARGET'), os.environ['PIP_USER'])")
    assert capfd.readouterr().out.endswith("None 0\n")


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"], ["--gpu"]])
def test_help_needs_no_environment(course, arguments, capsys):
    assert course.main(arguments) == 0
    said = capsys.readouterr().out
    assert all(f"course.py {command}" in said for command in ("serve", "lab", "test"))
    assert not Path(course.VENV).exists()


def test_gpu_and_cpu_together(course, capsys):
    assert course.main(["test", "--gpu", "--cpu"]) == 1
    assert "exclude each other" in capsys.readouterr().err


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
    monkeypatch.setattr(course, "only_one", contextlib.nullcontext)
    monkeypatch.setattr(course, "plan", lambda level, variant: "nothing")
    monkeypatch.setattr(course, "venv_python", lambda: course.Python("3.12", sys.executable, "", True))
    assert course.main(["no such command"]) == 2
