"""Two commands on a fresh machine: make the course's environment, then hand over to it.

    python3 course.py serve     read the book in a browser; what is not there yet is installed, executed and built first
    python3 course.py test      run every test: unit tests, notebooks, the strict book build, the browser checks

Any other command goes to ``python -m course_utils`` in that environment, ``-h`` included after a command. ``--gpu``
installs TensorFlow for NVIDIA GPUs (Linux), ``--cpu`` goes back. This file needs only Python's standard library and also
runs on Python 3.6, so that an old Python can find a newer one or say what is missing.
"""

import collections
import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements.lock")
PROJECT = os.path.join(ROOT, "pyproject.toml")
STAMP = "course-installed.json"
MARKER = "course-installing"
WINDOWS = os.name == "nt"
SUPPORTED = ((3, 13), (3, 12), (3, 11))
GIGABYTE = 1000**3
NEEDED_SPACE = {"cpu": 4 * GIGABYTE, "gpu": 12 * GIGABYTE}
NEEDED_TEMPORARY_SPACE = {"cpu": GIGABYTE, "gpu": 4 * GIGABYTE}
PROBE = (
    "import json, sys; print(json.dumps([list(sys.version_info[:2]), sys.implementation.name, sys.maxsize > 2**32, "
    "getattr(sys, '_base_executable', None) or sys.executable]))"
)
PROBE_PACKAGES = (
    "import importlib.util as u, sys; names = 'pip', 'course_utils', 'rich', 'jupyter_book', 'nbval', 'tensorflow'; "
    "sys.exit(not all(u.find_spec(name) for name in names))"
)
NO_NETWORK = re.compile(
    r"connection broken by|NewConnectionError|NameResolutionError|name resolution|getaddrinfo failed|"
    r"ReadTimeoutError|ConnectTimeoutError|Max retries exceeded|ProxyError|Connection (aborted|refused|reset)",
    re.IGNORECASE,
)
NO_SPACE = re.compile(r"No space left on device|\[Errno 28\]|There is not enough space on the disk", re.IGNORECASE)

Interpreter = collections.namedtuple("Interpreter", "version executable")


class CourseError(Exception):
    """A foreseeable problem: its text is all the reader is shown."""


class PipError(CourseError):
    """A step of the installation failed."""


# --- which Python -------------------------------------------------------------------------------------------------


def dotted(version):
    """Return a version as people write it."""
    return ".".join(str(number) for number in version[:2])


def probe(command):
    """Run an interpreter and return what it is, or None if it does not run or cannot serve."""
    try:
        answer = subprocess.check_output(
            [*command, "-c", PROBE],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=30,
        )
        version, implementation, is_64_bit, executable = json.loads(answer.decode("utf-8", "replace"))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if implementation != "cpython" or not is_64_bit or tuple(version) not in SUPPORTED:
        return None
    return Interpreter(tuple(version), executable)


def candidates(version):
    """Yield commands that may start the given version of Python; each must be run to be believed."""
    number = dotted(version)
    name = f"python{number}"
    if WINDOWS:
        yield ["py", f"-{number}"]
        name += ".exe"
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, name)
        if folder and os.path.isfile(path):
            yield [path]
    home = os.path.expanduser("~")
    pyenv = os.environ.get("PYENV_ROOT", os.path.join(home, ".pyenv"))
    for pattern in (
        os.path.join(pyenv, "versions", f"{number}.*", "bin", name),
        os.path.join(home, ".local", "share", "uv", "python", f"cpython-{number}*", "bin", name),
        os.path.join("/opt/homebrew/bin", name),
        os.path.join("/usr/local/bin", name),
        f"/Library/Frameworks/Python.framework/Versions/{number}/bin/{name}",
    ):
        for path in sorted(glob.glob(pattern), reverse=True):
            yield [path]


def find_interpreter():
    """Return this Python if it can serve, else the newest that can be found, or say which ones would do."""
    own = probe([getattr(sys, "_base_executable", None) or sys.executable])
    if own is not None:
        return own
    for version in SUPPORTED:
        for command in candidates(version):
            found = probe(command)
            if found is not None and found.version == version:
                return found
    raise CourseError(
        f"this course needs a 64-bit Python 3.11, 3.12 or 3.13; this is Python {dotted(sys.version_info)} and no other "
        "was found. Install one (Debian, Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python@3.12; "
        "Windows: winget install Python.Python.3.12) and run the command again."
    )


def restart(interpreter, arguments):
    """Run this file again with another Python; does not return on Linux and macOS."""
    say(f"Python {dotted(sys.version_info)} cannot make the course's environment; using {interpreter.executable}")
    return hand_over([interpreter.executable, os.path.abspath(__file__), *arguments])


def hand_over(command):
    """Become another command, or on Windows run it and return its exit code."""
    sys.stdout.flush()
    if not WINDOWS:
        os.execv(command[0], command)
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the child was told as well and ends by itself


# --- what is installed --------------------------------------------------------------------------------------------


def in_venv(name):
    """Return the path of a file in the environment."""
    return os.path.join(VENV, name)


def venv_python():
    """Return the path of the environment's Python."""
    return in_venv(os.path.join("Scripts", "python.exe") if WINDOWS else os.path.join("bin", "python"))


def digest(path):
    """Return the SHA-256 of a file, the same for both kinds of line ends."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read().replace(b"\r\n", b"\n")).hexdigest()


def wanted(variant, version):
    """Return the stamp of a complete environment."""
    return {
        "variant": variant,
        "python": dotted(version),
        "lock": digest(LOCK),
        "project": digest(PROJECT),
        "root": ROOT,
    }


def read_stamp():
    """Return the stamp of the last complete installation, or an empty one."""
    try:
        with open(in_venv(STAMP), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp):
    """Write the stamp in one step, after everything else."""
    temporary = in_venv(STAMP + ".new")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)
    os.replace(temporary, in_venv(STAMP))


def venv_version():
    """Return the version of the environment's Python, or None if it does not work."""
    found = probe([venv_python()]) if os.path.isfile(venv_python()) else None
    return found.version if found else None


def has_packages():
    """Tell whether the packages that everything else hangs on are where the stamp says."""
    return subprocess.call([venv_python(), "-c", PROBE_PACKAGES], stderr=subprocess.DEVNULL) == 0


def is_ready(variant):
    """Tell whether nothing is left to install."""
    stamp = read_stamp()
    if not stamp or os.path.exists(in_venv(MARKER)):
        return False
    version = venv_version()
    if version is None:
        return False
    expected = wanted(variant, version)
    return {key: stamp.get(key) for key in expected} == expected and has_packages()


def plan(variant):
    """Decide what brings the environment up to date.

    Returns
    -------
    str
        ``"create"`` (there is none), ``"rebuild"`` (ours, and interrupted, broken, moved or of the other variant),
        ``"set aside"`` (not made by this file, and broken), ``"update"`` (working, but something changed).
    """
    if not os.path.isdir(VENV):
        return "create"
    stamp = read_stamp()
    if os.path.exists(in_venv(MARKER)):
        return "rebuild"
    version = venv_version()
    if not stamp:
        return "set aside" if version is None else "update"
    unchanged = (variant, ROOT, version and dotted(version))
    same = unchanged == (stamp.get("variant"), stamp.get("root"), stamp.get("python"))
    return "update" if same and has_packages() else "rebuild"


# --- installing ---------------------------------------------------------------------------------------------------


def say(text):
    """Print one line for the reader."""
    print("course: " + text)
    sys.stdout.flush()


class Step:
    """One long step: what it is and how long it has been taking, on one line of a terminal."""

    def __init__(self, title):
        self.title = title
        self.detail = ""
        self.started = time.monotonic()
        self.over = threading.Event()
        self.terminal = sys.stdout.isatty()
        self.thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self):
        say(self.title)
        self.thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.over.set()
        self.thread.join()
        if self.terminal:
            sys.stdout.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
        if kind is None:
            say(f"done after {time.monotonic() - self.started:.0f} s")

    def _tick(self):
        while not self.over.wait(1 if self.terminal else 20):
            line = f"{time.monotonic() - self.started:5.0f} s  {self.detail}"
            if self.terminal:
                width = shutil.get_terminal_size().columns - 1
                sys.stdout.write("\r" + line[:width].ljust(width))
                sys.stdout.flush()
            else:
                say(line)


def clean_environment():
    """Return the environment variables for installing, without those that would lead pip elsewhere."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES")
    }
    environment.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PYTHONUNBUFFERED="1")
    return environment


def run_step(title, command, total=0):
    """Run one command of the installation, showing what it is at; its output is shown only when it fails."""
    tail, collected = collections.deque(maxlen=60), 0
    with Step(title) as step:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            for raw in process.stdout:
                line = raw.decode("utf-8", "replace").strip()
                tail.append(line)
                collected += line.startswith("Collecting ")
                if line.startswith("Installing collected packages: "):
                    touch_marker()
                step.detail = describe(line, collected, total) or step.detail
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
    if code != 0:
        raise PipError(explain(title, list(tail)))


def describe(line, collected, total):
    """Return what a line of pip's output means for the reader, or nothing."""
    if line.startswith("Installing collected packages"):
        return "unpacking the packages (the longest step)"
    match = re.match(r"(Collecting|Downloading|Using cached) (\S+)( \(.*\))?", line)
    if not match:
        return ""
    name = re.split(r"==|-\d", os.path.basename(match.group(2)))[0]
    return f"{min(collected, total)} of {total}: {name}{match.group(3) or ''}"


def explain(title, tail):
    """Return a message for a failed step from the end of its output."""
    text = "\n".join(tail)
    if NO_SPACE.search(text):
        return "the disk is full. Free some space and run the command again; it starts over cleanly."
    if NO_NETWORK.search(text):
        return (
            "the package index cannot be reached. Check the connection (or the proxy, or pip's configuration) and run "
            "the command again; what was downloaded is kept."
        )
    shown = "\n".join("    " + line for line in tail[-15:] if line)
    return f"{title}: failed. The end of its output:\n{shown}\nRun the command again; it starts over cleanly."


def check_machine(interpreter, variant, action):
    """Raise if this machine cannot hold the environment, before anything is changed."""
    if sys.platform == "darwin" and os.uname().machine == "x86_64":
        raise CourseError(
            "TensorFlow has no build for Macs with an Intel processor; use the Colab buttons of the book."
        )
    if variant == "gpu" and not sys.platform.startswith("linux"):
        raise CourseError("--gpu: TensorFlow has builds for GPUs on Linux only (on Windows: inside WSL 2).")
    if action != "update":
        code = "import venv, ensurepip"
        if subprocess.call([interpreter.executable, "-c", code], stderr=subprocess.DEVNULL) != 0:
            raise CourseError(
                f"{interpreter.executable} has no `venv` module. Install it (Debian, Ubuntu: sudo apt install "
                f"python3-venv, or python{dotted(interpreter.version)}-venv) and run the command again."
            )
        require_space(ROOT, NEEDED_SPACE[variant])
    require_space(tempfile.gettempdir(), NEEDED_TEMPORARY_SPACE[variant])


def require_space(folder, needed):
    """Raise if a folder's disk has less than the needed bytes left."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CourseError(
            f"the disk of {folder} has {free / GIGABYTE:.1f} GB left; {needed / GIGABYTE:.0f} GB are needed. "
            "Free some space (or, for temporary files, set TMPDIR to another disk) and run the command again."
        )


def gpu_requirements(text):
    """Return the lock's text with TensorFlow for NVIDIA GPUs instead of either CPU package, same version."""
    kept, versions = [], set()
    for line in text.splitlines():
        match = re.match(r"tensorflow(?:-cpu)?==([^\s;]+)", line)
        if match:
            versions.add(match.group(1))
        else:
            kept.append(line)
    if len(versions) != 1:
        raise CourseError(f"requirements.lock must name one version of TensorFlow, it names {sorted(versions)}")
    return "\n".join([*kept, f"tensorflow[and-cuda]=={versions.pop()}"]) + "\n"


def package_names(text):
    """Return the names in a requirements file, in its order."""
    matches = (re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in text.splitlines())
    return [match.group(0).lower() for match in matches if match]


def remove_venv():
    """Delete the environment; it is renamed first, so that nothing half-deleted passes for complete."""
    removed = f"{VENV}.removed"
    try:
        for folder in (removed, VENV):
            if os.path.isdir(folder):
                if folder == VENV:
                    os.rename(VENV, removed)
                shutil.rmtree(removed)
    except OSError as error:
        raise CourseError(f"{VENV} cannot be replaced ({error}). Close what uses it and try again.") from None


def set_aside():
    """Move an environment that is not ours and does not work out of the way, without deleting it."""
    number = 1
    while os.path.exists(f"{VENV}.old-{number}"):
        number += 1
    os.rename(VENV, f"{VENV}.old-{number}")
    say(f".venv does not work and was not made by course.py; kept as .venv.old-{number}")


def touch_marker():
    """Mark the environment as being worked on; only a complete installation removes the mark."""
    os.makedirs(VENV, exist_ok=True)
    with open(in_venv(MARKER), "w", encoding="utf-8"):
        pass


def install(interpreter, variant, action):
    """Carry out a plan; an interruption at any point is recovered from by the next call."""
    check_machine(interpreter, variant, action)
    stamp = read_stamp()
    if action == "rebuild":
        remove_venv()
    elif action == "set aside":
        set_aside()
    if action != "update":
        touch_marker()
        run_step(f"making .venv with {interpreter.executable}", [interpreter.executable, "-m", "venv", VENV])
    version = venv_version()
    if version is None:
        raise CourseError(f"{VENV} was made but its Python does not run; delete the folder and run the command again.")
    complete = wanted(variant, version)
    with open(LOCK, encoding="utf-8") as file:
        text = file.read() if variant == "cpu" else gpu_requirements(file.read())
    complete["packages"] = package_names(text)
    pip = [venv_python(), "-m", "pip"]
    if stamp.get("lock") != complete["lock"] or action != "update":
        install_packages(pip, text, set(stamp.get("packages", ())) if action == "update" else set())
    editable = ["install", "--no-deps", "--no-build-isolation", "-e", ROOT]
    run_step("installing the course's own package", pip + editable)
    write_stamp(complete)
    with contextlib.suppress(FileNotFoundError):
        os.remove(in_venv(MARKER))


def install_packages(pip, text, before):
    """Install the locked versions and remove packages that the former lock named and this one does not."""
    requirements = in_venv("course-requirements.txt")
    with open(requirements, "w", encoding="utf-8") as file:
        file.write(text)
    names = package_names(text)
    title = f"installing {len(names)} packages, as requirements.lock has them (a few minutes the first time)"
    run_step(title, [*pip, "install", "--retries", "5", "--timeout", "30", "-r", requirements], total=len(names))
    gone = sorted(before - set(names))
    if gone:
        touch_marker()
        run_step(f"removing {len(gone)} packages that are not used any more", [*pip, "uninstall", "-y", *gone])


@contextlib.contextmanager
def only_one():
    """Let one installation run at a time; the system frees the lock even if its holder is killed."""
    folder = os.path.join(ROOT, "_build")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, ".install.lock"), "a") as file:
        waiting = False
        while not try_lock(file):
            if not waiting:
                say("another call is installing; waiting for it")
                waiting = True
            time.sleep(1)
        yield


def try_lock(file):
    """Take the lock if nobody holds it, and tell whether that worked."""
    try:
        if WINDOWS:
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# --- the command line ---------------------------------------------------------------------------------------------


def split_arguments(arguments):
    """Separate this file's own options from what is handed over.

    Returns
    -------
    variant : str or None
        ``"gpu"``, ``"cpu"``, or None where neither is asked for.
    rest : list of str
    """
    variants = [argument[2:] for argument in arguments if argument in ("--gpu", "--cpu")]
    if len(set(variants)) > 1:
        raise CourseError("--gpu and --cpu exclude each other")
    rest = [argument for argument in arguments if argument not in ("--gpu", "--cpu")]
    if rest[:1] == ["test"] and "gpu" in variants:
        rest.append("--gpu")  # the tests then fail unless TensorFlow sees a GPU
    return (variants[0] if variants else None), rest


def run(arguments):
    """Bring the environment up to date, then hand the command over to it; return the exit code."""
    variant, rest = split_arguments(arguments)
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    variant = variant or read_stamp().get("variant", "cpu")
    if not is_ready(variant):
        interpreter = find_interpreter()
        if tuple(sys.version_info[:2]) != interpreter.version or os.path.realpath(sys.prefix) == os.path.realpath(VENV):
            return restart(interpreter, arguments)
        with only_one():
            if not is_ready(variant):
                install(interpreter, variant, plan(variant))
    return hand_over([venv_python(), "-m", "course_utils", *rest])


def main(arguments=None):
    """Run the command line and turn foreseeable problems into one clear message."""
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except CourseError as error:
        message = str(error)
    except KeyboardInterrupt:
        print()
        say("stopped; the next call takes up from here")
        return 130
    except OSError as error:
        message = explain("", ["[Errno 28]"]) if error.errno == errno.ENOSPC else str(error)
    sys.stderr.write("course: " + message + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
