"""How much memory each lesson takes of a machine that a class shares.

    python benchmarks/class_memory.py [--only LESSON …] [--output FILE]

Each notebook is executed in a kernel of its own, one after another, as JupyterLab would: with one thread, since a core a learner
is what a class can have. Ten times a second the memory of the kernel and of all that it has started is read from Linux:

peak     the most that was in use at once (resident set, in MB of 1 000 000 bytes)
own      the most that no other process shared: its anonymous memory; the rest is programs read from the disk, which
         all learners of one machine share
start    what a kernel takes before its first cell

``server`` is what JupyterLab itself takes, without a kernel. LESSON is an address below ``book/``, without its ending; the figures
of the others are kept. Results are saved after each lesson.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
from _record import RESULTS, save
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
EVERY = 0.1  # seconds
MEGABYTE = 1_000_000


def in_use(process: psutil.Process) -> tuple[int, int]:
    """Resident and anonymous bytes of a process and of those that it has started."""
    resident = own = 0
    for one in (process, *process.children(recursive=True)):
        try:
            status = Path(f"/proc/{one.pid}/status").read_text(encoding="ascii", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile
        sizes = dict(line.split(":", 1) for line in status.splitlines())
        resident += 1024 * int(sizes.get("VmRSS", "0").split()[0])
        own += 1024 * int(sizes.get("RssAnon", "0").split()[0])
    return resident, own


@contextmanager
def watched(process: psutil.Process) -> Iterator[dict[str, int]]:
    """Watch a process; the most that it takes, in megabytes, is there in the end."""
    most, over = {"peak": 0, "own": 0}, threading.Event()

    def watch():
        while not over.wait(EVERY):
            try:
                now = in_use(process)
            except psutil.NoSuchProcess:
                return
            for name, size in zip(most, now, strict=True):
                most[name] = max(most[name], round(size / MEGABYTE))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def measure(page: str) -> dict[str, int]:
    """Execute a lesson and return what it took."""
    path = ROOT / "book" / f"{page}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(path.parent)}})
    environment = os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"}
    with client.setup_kernel(env=environment):
        kernel = psutil.Process(client.km.provisioner.pid)
        client.wait_for_reply(client.kc.kernel_info())
        start = round(in_use(kernel)[0] / MEGABYTE)
        with watched(kernel) as most:
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
    return {**most, "start": start}


def server() -> int:
    """What JupyterLab takes before it has started a kernel."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}")
        environment = os.environ | {"HOME": folder, "JUPYTER_RUNTIME_DIR": folder}
        command = [sys.executable, "-m", "jupyterlab", *options]
        running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 120
            while not list(Path(folder).glob("jpserver-*.json")):
                if running.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("JupyterLab does not start here")
                time.sleep(EVERY)
            time.sleep(3)
            return round(in_use(psutil.Process(running.pid))[0] / MEGABYTE)
        finally:
            running.terminate()
            running.wait()


def main() -> None:
    from course_utils.cli.project import Project

    project = Project(ROOT)
    pages = [path.relative_to(project.book).with_suffix("").as_posix() for path in project.notebooks()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=pages, metavar="LESSON")
    parser.add_argument("--output", type=Path, default=RESULTS / "class_memory.json")
    options = parser.parse_args()
    before = json.loads(options.output.read_text(encoding="utf-8")) if options.output.exists() else {}
    lessons = {page: row for page, row in before.get("lessons", {}).items() if page in pages}
    kept = before.get("server") if options.only else None
    figures = {"unit": "MB", "threads": 1, "server": kept or server()}
    for page in options.only or pages:
        lessons[page] = measure(page)
        print(f"{page:45} {lessons[page]}", flush=True)
        save("class_memory", {**figures, "lessons": dict(sorted(lessons.items()))}, options.output)


if __name__ == "__main__":
    main()
