"""Execute notebooks with nbval: the one engine of the tests and of ``notebooks run``.

This is a pytest plugin too. Each message of a kernel that nbval reads is also given to nbclient, whose outputs are those
that a reader would have got; a notebook is complete when every one of its code cells passed. With ``--store-outputs``
nothing is compared, and complete notebooks are stored with their outputs and with what they were made from.
"""

import ast
import contextlib
import copy
import functools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbval.plugin import IPyNbCell

from course_utils.cli import stored_form
from course_utils.cli.freshness import Sources
from course_utils.cli.project import Project, kernel_environment, save

CELL_TIMEOUT = 900  # a training that takes a minute alone takes several on a machine that is shared
_READS = "__import__('course_utils.cli.reads', fromlist=['reads'])"


def command(project: Project, paths: list[Path], *options: str) -> list[str]:
    """Return the arguments of Python that execute notebooks, as many at once as there are cores, each with one thread."""
    workers = min(len(paths), os.cpu_count() or 1)
    nbval = ("--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL_TIMEOUT}", "--timeout=0")
    parallel = (f"-n{workers if workers > 1 else 0}", "--dist=loadscope")
    here = (
        f"--rootdir={project.root}",
        f"-c{project.root / 'pyproject.toml'}",
        "-p",
        __name__,
        "-p",
        "no:cacheprovider",
    )
    return ["-m", "pytest", "-q", *here, *nbval, *parallel, *options, *map(str, paths)]


def run(project: Project, paths: list[Path]) -> int:
    """Execute notebooks and store their outputs; return the exit code of pytest."""
    arguments = command(project, paths, "--store-outputs", "--color=no", "--tb=short", "-rN")
    return subprocess.run([sys.executable, *arguments], cwd=project.root, env=kernel_environment(project)).returncode


class Recording:
    """What the execution of one notebook has given so far."""

    def __init__(self, file, project: Project, store: bool):
        self.project, self.path, self.kernel = project, file.path, file.kernel
        self.notebook = stored_form.normalise(file.nb, project.repository)
        self.old = copy.deepcopy(self.notebook)
        self.code_cells = [index for index, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]
        for index in self.code_cells:
            self.notebook.cells[index].update(outputs=[], execution_count=None)
        self.made_from = Sources(project).made_from(self.notebook) if store else None
        self.client = NotebookClient(self.notebook, record_timing=False)
        self.passed, self.seconds = 0, 0.0
        self._ask(f"{_READS}.start({str(project.root)!r})")

    def add(self, number: int, message: dict) -> None:
        """Add a message of the kernel to the outputs of the code cell with this number."""
        index = self.code_cells[number]
        with contextlib.suppress(CellExecutionComplete):  # raised when the kernel is idle; nbval sees that by itself
            self.client.process_message(message, self.notebook.cells[index], index)

    def finish(self) -> str:
        """Store the executed notebook if that is wanted and it is not what is stored already; return what became of it."""
        if self.made_from is None:
            return "passed"
        read = json.loads(self._ask(f"{_READS}.report()"))
        made_from = Sources(self.project).made_from(self.notebook, read)
        now = stored_form.normalise(stored_form.read(self.path), self.project.repository)
        if now != self.old or made_from | {"data": {}} != self.made_from:
            return "not stored: it, or code that it reaches, was changed meanwhile; run it again"
        # Of the processor: that does not depend on what else the machine does.
        seconds = round(self._ask("__import__('time').process_time()"), 1)
        self.notebook.metadata[stored_form.COURSE] = {"made_from": made_from, "seconds": seconds}
        new = stored_form.normalise(self.notebook, self.project.repository)
        if _timeless(new, self.old) == self.old:
            return "the same as before"
        save(self.path, stored_form.write(new).encode())
        return "stored"

    def _ask(self, expression: str) -> object:
        """Evaluate an expression in the kernel, unseen by the notebook; return its value, a text or number."""
        request = self.kernel.kc.execute("", silent=True, user_expressions={"answer": expression})
        while (reply := self.kernel.get_message("shell", timeout=60))["parent_header"].get("msg_id") != request:
            pass
        answer = reply["content"]["user_expressions"]["answer"]
        if answer["status"] != "ok":
            raise RuntimeError(f"the kernel cannot import course_utils: {answer['evalue']}")
        return ast.literal_eval(answer["data"]["text/plain"])


def _timeless(new: nbformat.NotebookNode, old: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook with the measured times of an older run."""
    result = copy.deepcopy(new)
    result.metadata.course.seconds = old.metadata.get(stored_form.COURSE, {}).get("seconds")
    stored_form.tell_times(result)
    for cell, before in zip(result.cells, old.cells, strict=True):
        if stored_form.TIMED in stored_form.tags(cell):
            cell.outputs = before.outputs
    return result


class Plugin:
    """Hooks around nbval's cells."""

    def __init__(self, config):
        self.config, self.store = config, config.getoption("--store-outputs")
        self.project = Project(Path(config.rootpath))
        self.recordings: dict[Path, Recording] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        """Record a cell's messages while nbval runs it."""
        if not isinstance(item, IPyNbCell):
            return (yield)
        file = item.parent
        if file.path not in self.recordings:
            self.recordings[file.path] = Recording(file, self.project, self.store)
            # Never stored as they come: what TensorFlow says as it starts, and figures, which are made smaller.
            file.skip_compare = (*file.skip_compare, "stderr", "image/svg+xml")
            # Without a history, a closing `;` has no effect.
            file.kernel.execute_cell_input = functools.partial(_execute_with_history, file.kernel)
            file.kernel.get_message = functools.partial(_message, file.kernel)
        recording = self.recordings[file.path]
        recording.client.clear_before_next_output = False  # as nbclient does before each cell
        if self.store:
            item.options["check"], item.cell.outputs = False, []

        def read_and_record(timeout=None, stream="iopub"):
            message = type(file).get_kernel_message(file, timeout=timeout, stream=stream)
            if message["parent_header"].get("msg_id") == file.kernel.last_request:
                recording.add(item.cell_num, message)
            return message

        file.get_kernel_message = read_and_record
        begin = time.monotonic()
        result = yield
        recording.seconds += time.monotonic() - begin
        if recording.passed + 1 == len(recording.code_cells):
            line = f"{recording.seconds:6.1f} s  {self.project.relative(file.path)}  {recording.finish()}"
            item.user_properties.append(("notebook", line))
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Count the cells that passed, and say where a notebook first failed."""
        report = yield
        if isinstance(item, IPyNbCell) and report.when == "call":
            recording = self.recordings.get(item.parent.path)
            if report.passed:
                recording.passed += 1
            elif report.failed and (recording is None or recording.passed == item.cell_num):
                where = f"{self.project.relative(item.parent.path)}  cell {item.cell.get('id')}"
                report.user_properties.append(("notebook", f"FAILED    {where}"))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report):
        """Print a line for each notebook instead of a dot for each cell."""
        if "::Cell " not in report.nodeid or (report.when != "call" and not report.passed):
            return None
        return (report.outcome, "", report.outcome.upper()) if report.when == "call" else ("", "", "")

    def pytest_runtest_logreport(self, report):
        """Print that line."""
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.when == "call" and not hasattr(self.config, "workerinput"):
            for line in [text for name, text in report.user_properties if name == "notebook"]:
                terminal.ensure_newline()
                terminal.write_line(line)


def _execute_with_history(kernel, cell_input, allow_stdin=None):
    kernel.last_request = kernel.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )
    return kernel.last_request


def _message(kernel, stream, timeout=None):
    """Wait for a message as nbval does, but not for one of a kernel that died."""
    end = time.monotonic() + (CELL_TIMEOUT if timeout is None else timeout)
    while True:
        try:
            return type(kernel).get_message(kernel, stream, timeout=min(1.0, max(end - time.monotonic(), 0.0)))
        except Empty:
            if not kernel.is_alive():
                raise RuntimeError("the kernel died (often: out of memory)") from None
            if time.monotonic() > end:
                raise


def pytest_addoption(parser):
    """Add the option that has outputs stored."""
    parser.addoption("--store-outputs", action="store_true", help="store outputs instead of comparing them")


def pytest_configure(config):
    """Take part."""
    config.pluginmanager.register(Plugin(config), "course-notebooks")
