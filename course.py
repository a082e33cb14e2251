"""One command on a fresh machine: make the course's environment, as far as the command needs it, then hand over to it.

    python3 course.py serve           read the book in a browser
    python3 course.py lab [LESSON]    work on your own copies of the lessons in JupyterLab
    python3 course.py test            run every test: unit tests, notebooks, the strict book build, the browser checks

Any other command goes to ``python -m course_utils`` there, ``-h`` included after a command. ``--gpu`` installs TensorFlow
for NVIDIA GPUs (Linux), ``--cpu`` goes back. An old Python, from 3.6 on, finds a newer one or says what is missing.
"""

import collections
import contextlib
import errno
import glob
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

if os.name == "nt":
    from msvcrt import LK_NBLCK, locking
else:
    from fcntl import LOCK_EX, LOCK_NB, flock

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "course-installed.json")
MARKER = os.path.join(VENV, "course-installing")
WINDOWS = os.name == "nt"
SUPPORTED = ("3.13", "3.12", "3.11")
PLACES = ("$PYENV_ROOT/versions/{}.*/bin", "~/.pyenv/versions/{}.*/bin", "~/.local/share/uv/python/cpython-{}*/bin")
PLACES += ("/opt/homebrew/bin", "/usr/local/bin", "/Library/Frameworks/Python.framework/Versions/{}/bin")
# The sections of requirements.lock that a level has, and packages by which it is seen that they are there.
LEVELS = {
    "book": ("book",),
    "pdf": ("book", "pdf"),
    "lab": ("book", "pdf", "lab"),
    "test": ("book", "pdf", "lab", "test"),
}
LIGHT = ("book", "pdf")  # levels without TensorFlow
SEEN = {
    "book": ("pip", "course_utils", "jupyter_book"),
    "pdf": ("pypdf",),
    "lab": ("jupyterlab", "tensorflow"),
    "test": ("pytest",),
}
NEEDS = {"serve": "book", "build": "book", "lab": "lab", "data": "lab"}  # any other command needs everything
SPACE = {"book": (1, 0.5), "cpu": (4, 1), "gpu": (12, 4)}  # gigabytes for the environment and for temporary files
PROBE = """import importlib.util, json, sys, sysconfig
base = getattr(sys, "_base_executable", None) or sys.executable
complete = all(importlib.util.find_spec(name) for name in sys.argv[1:])
print(json.dumps(["%d.%d" % sys.version_info[:2], base, sysconfig.get_path("purelib"), complete]))
sys.exit(sys.implementation.name != "cpython" or sys.maxsize < 2**32)"""
NO_SPACE = "the disk is full. Free some space and run the command again; it starts over cleanly."
NO_NETWORK = "the package index cannot be reached. Check the connection (or pip's settings) and run the command again."
PROBLEMS = {
    r"No space left on device|\[Errno 28\]|There is not enough space on the disk": NO_SPACE,
    r"connection broken by|New\w*Connection\w*Error|NameResolutionError|name resolution|getaddrinfo failed|"
    r"(Read|Connect)TimeoutError|Max retries exceeded|ProxyError|Connection (aborted|refused|reset)": NO_NETWORK,
}
Python = collections.namedtuple("Python", "version executable packages complete")


class CourseError(Exception):
    """A foreseeable problem: its text is all the reader is shown."""


def say(text):
    """Print one line for the reader."""
    print(f"course: {text}", flush=True)


def read(name):
    """Return the text of a file of the checkout, the same for both kinds of line ends."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def probe(command, names=()):
    """Run an interpreter and return what it is and whether it has some packages, or None if it cannot serve."""
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "timeout": 30}
    try:
        answer = subprocess.check_output([*command, "-I", "-c", PROBE, *names], **quiet)
        found = Python(*json.loads(answer.decode("utf-8", "replace")))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None
    return found if found.version in SUPPORTED else None


def candidates():
    """Yield commands that may start a Python that can serve: this one, then others; each must be run to be believed."""
    yield [getattr(sys, "_base_executable", None) or sys.executable]
    for version in SUPPORTED:
        if WINDOWS:
            yield ["py", f"-{version}"]
        folders = [glob.escape(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
        folders += [os.path.expandvars(os.path.expanduser(place.format(version))) for place in PLACES]
        for folder in folders:
            for path in sorted(glob.glob(os.path.join(folder, f"python{version}" + ".exe" * WINDOWS)), reverse=True):
                yield [path]


def find_python():
    """Return this Python if it can serve, else the newest that can be found, or say which ones would do."""
    for found in filter(None, map(probe, candidates())):
        return found
    raise CourseError(
        "this course needs a 64-bit Python 3.11, 3.12 or 3.13; this is Python {}.{} and no other was found. Install one "
        "(Debian, Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python@3.12; Windows: winget install "
        "Python.Python.3.12) and run the command again.".format(*sys.version_info)
    )


def venv_python(level=None):
    """Return what the environment's Python is, and whether it has the packages of a level; None if it does not run."""
    path = os.path.join(VENV, *(("Scripts", "python.exe") if WINDOWS else ("bin", "python")))
    found = probe([path], [name for section in LEVELS.get(level, ()) for name in SEEN[section]])
    return found and found._replace(executable=path)


def requirements(level, variant):
    """Return the entries of the lock, with their hashes, for a level and a variant of TensorFlow."""
    text = read("requirements.lock") + (read("requirements-gpu.lock") if variant == "gpu" else "")
    parts = re.split(r"^# --- (\w+).*\n", text, flags=re.MULTILINE)[1:]
    names = LEVELS[level] if level in LIGHT else (*LEVELS[level], variant)
    return "".join(parts[parts.index(name) + 1] for name in names)


def wanted(level, variant, version):
    """Return the stamp of a complete environment."""
    texts = {"lock": requirements(level, variant), "project": read("pyproject.toml") + read("setup.py")}
    digests = {name: hashlib.sha256(text.encode("utf-8")).hexdigest() for name, text in texts.items()}
    return {"level": level, "variant": variant, "python": version, "root": ROOT, **digests}


def read_stamp():
    """Return the stamp of the last complete installation, or an empty one."""
    try:
        stamp = json.loads(read(STAMP))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and stamp.get("level") in LEVELS else {}


def plan(level, variant):
    """Return what brings the environment up to date: ``"nothing"``, ``"create"``, ``"rebuild"`` or ``"update"``."""
    if not os.path.isdir(VENV):
        return "create"
    stamp, interrupted = read_stamp(), os.path.exists(MARKER)
    python = venv_python(stamp.get("level"))
    if not interrupted and not os.path.exists(STAMP):
        if python is None:
            raise CourseError(".venv does not work and was not made by course.py; rename it and run the command again.")
        return "update"
    if interrupted or not stamp or python is None or not python.complete:
        return "rebuild"
    new = wanted(level, variant, python.version)
    if any(stamp[key] != new[key] for key in ("root", "python", *["variant"] * (stamp["level"] not in LIGHT))):
        return "rebuild"
    return "nothing" if stamp == new else "update"


def check_machine(python, level, variant, action):
    """Raise if this machine cannot have the environment, before anything is changed."""
    if level not in LIGHT and sys.platform == "darwin" and os.uname().machine == "x86_64":
        raise CourseError("TensorFlow has no build for Macs with an Intel processor; use the book's Colab buttons.")
    if variant == "gpu" and not sys.platform.startswith("linux"):
        raise CourseError("--gpu: TensorFlow has builds for GPUs on Linux only (on Windows: inside WSL 2).")
    if action != "update" and not probe([python.executable], ("venv", "ensurepip")).complete:
        raise CourseError(
            f"{python.executable} has no `venv` module. Install it (Debian, Ubuntu: sudo apt install python3-venv, or "
            f"python{python.version}-venv) and run the command again."
        )
    for folder, needed in zip((ROOT, tempfile.gettempdir()), SPACE["book" if level in LIGHT else variant]):  # noqa: B905
        free = shutil.disk_usage(folder).free / 1000**3
        if free < needed and (folder != ROOT or action != "update"):
            raise CourseError(
                f"the disk of {folder} has {free:.1f} GB left; {needed} GB are needed. Free some space (or, for "
                "temporary files, set TMPDIR to another disk) and run the command again."
            )


def run_step(title, *command):
    """Run one step of the installation; its own output is the progress that is shown."""
    say(title)
    misleading = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES")
    environment = {name: value for name, value in os.environ.items() if name not in misleading}
    environment.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        errors = ""
        for line in process.stderr:
            errors += line.decode("utf-8", "replace")
            sys.stderr.write(line.decode("ascii", "backslashreplace"))
        code = process.wait()
    finally:
        process.kill()
    if code != 0:
        reasons = [reason for pattern, reason in PROBLEMS.items() if re.search(pattern, errors, re.IGNORECASE)]
        raise CourseError(reasons[0] if reasons else f"{title}: failed with code {code}, see above.")


def install(python, level, variant, action):
    """Carry out a plan; an interruption at any point is recovered from by the next call."""
    check_machine(python, level, variant, action)
    if action == "rebuild" and os.path.islink(VENV):
        raise CourseError(
            f".venv is a link to {os.path.realpath(VENV)}, and the environment there does not serve this checkout; it is "
            "left alone. Remove the link and run the command again, which then makes an environment here."
        )
    if action == "rebuild":
        shutil.rmtree(f"{VENV}.removed", ignore_errors=True)
        os.rename(VENV, f"{VENV}.removed")  # in one step, so that nothing half-deleted passes for complete
        shutil.rmtree(f"{VENV}.removed")
    os.makedirs(VENV, exist_ok=True)
    open(MARKER, "w").close()
    if action != "update":
        run_step(f"making .venv with {python.executable}", python.executable, "-m", "venv", VENV)
    venv = venv_python()
    if venv is None:
        raise CourseError(f"{VENV} was made but its Python does not run; delete the folder and run the command again.")
    before = sorted(os.listdir(venv.packages))
    try:
        install_packages(venv, level, variant)
        os.remove(MARKER)
    except (CourseError, KeyboardInterrupt):
        # Where nothing was unpacked yet, as without a network, an environment that worked before still does.
        if action == "update" and before == sorted(os.listdir(venv.packages)):
            os.remove(MARKER)
        raise


def install_packages(venv, level, variant):
    """Install what the last installation has not, and write the stamp."""
    stamp, before = wanted(level, variant, venv.version), read_stamp()
    pip = (venv.executable, "-m", "pip", "install", "--no-compile", "--no-warn-conflicts")
    if before.get("lock") != stamp["lock"]:
        path = os.path.join(VENV, "course-requirements.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(requirements(level, variant))
        # The lock has everything: pip need not resolve, which old versions cannot where an extra of a package is wanted.
        exactly = ("--no-deps", "--require-hashes", "-r", path)
        run_step("installing packages, which takes minutes the first time", *pip, *exactly)
    if before.get("project") != stamp["project"]:
        run_step("installing the course's own package", *pip, "--no-deps", "--no-build-isolation", "-e", ROOT)
    with open(STAMP + ".new", "w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)
    os.replace(STAMP + ".new", STAMP)


@contextlib.contextmanager
def only_one():
    """Let one installation run at a time; the system frees the lock even if its holder is killed."""
    os.makedirs(os.path.join(ROOT, "_build"), exist_ok=True)
    with open(os.path.join(ROOT, "_build", ".install.lock"), "a") as file:
        for attempt in itertools.count():
            with contextlib.suppress(OSError):
                locking(file.fileno(), LK_NBLCK, 1) if WINDOWS else flock(file, LOCK_EX | LOCK_NB)
                break
            if attempt == 0:
                say("another call is installing; waiting for it")
            time.sleep(0.2)
        yield


def run(arguments):
    """Bring the environment up to what a command needs, then hand the command over to it; return the exit code."""
    asked = {argument[2:] for argument in arguments if argument in ("--gpu", "--cpu")}
    rest = [argument for argument in arguments if argument not in ("--gpu", "--cpu")]
    if len(asked) > 1:
        raise CourseError("--gpu and --cpu exclude each other")
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    rest += ["--gpu"] * (rest[0] == "test" and "gpu" in asked)  # the tests then fail unless TensorFlow sees a GPU
    with only_one():
        stamp = read_stamp()
        needed = "pdf" if rest[0] == "build" and "--pdf" in rest else NEEDS.get(rest[0], "test")
        level = max(needed, stamp.get("level", "book"), key=list(LEVELS).index)
        variant = max(asked, default=stamp.get("variant", "cpu"))
        action = plan(level, variant)
        if action != "nothing":
            install(find_python(), level, variant, action)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else TensorFlow, installed uncompiled, is compiled at each start
    command = [venv_python().executable, "-m", "course_utils", *rest]
    if not WINDOWS:
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the child was told as well and ends by itself
            return child.wait()


def main(arguments=None):
    """Run the command line and turn foreseeable problems into one clear message."""
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except CourseError as error:
        message = str(error)
    except KeyboardInterrupt:
        print("\ncourse: stopped; the next call takes up from here")
        return 130
    except OSError as error:
        message = NO_SPACE if error.errno == errno.ENOSPC else str(error)
    sys.stderr.write(f"course: {message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
