"""A pytest plugin: the notebooks that nbval executes go into the book's cache, so that nothing is executed twice.

Load it with ``-p course_utils.cli.nbval_cache --book-cache FOLDER``. Each message of the kernel that nbval reads is also
given to nbclient, whose outputs are those that the book would have computed itself; a notebook enters the cache when
every one of its code cells passed.
"""

import contextlib
import copy
import functools
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbval.plugin import IPyNbCell

from course_utils.cli import cache


class Recording:
    """What the execution of one notebook has given so far."""

    def __init__(self, notebook: nbformat.NotebookNode):
        self.notebook = copy.deepcopy(notebook)
        self.code_cells = [index for index, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]
        for index in self.code_cells:
            self.notebook.cells[index].update(outputs=[], execution_count=None)
        self.client = NotebookClient(self.notebook, record_timing=False)
        self.passed = 0
        self.seconds = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether every code cell passed."""
        return self.passed == len(self.code_cells)

    def start_cell(self) -> None:
        """Forget what the cell before left to be cleared, as nbclient does."""
        self.client.clear_before_next_output = False

    def add(self, number: int, message: dict) -> None:
        """Add a message of the kernel to the outputs of the code cell with this number."""
        index = self.code_cells[number]
        with contextlib.suppress(CellExecutionComplete):  # raised when the kernel is idle; nbval sees that by itself
            self.client.process_message(message, self.notebook.cells[index], index)


class CachePlugin:
    """Hooks around nbval's cells."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.recordings: dict[Path, Recording] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        """Record a cell's messages while nbval runs it."""
        if not isinstance(item, IPyNbCell):
            return (yield)
        file = item.parent
        if file.path not in self.recordings:
            self.recordings[file.path] = Recording(file.nb)
            _prepare(file, self.recordings[file.path])
        recording = self.recordings[file.path]
        recording.start_cell()

        def read_and_record(timeout=None, stream="iopub"):
            message = type(file).get_kernel_message(file, timeout=timeout, stream=stream)
            if message["parent_header"].get("msg_id") == file.kernel.last_request:
                recording.add(item.cell_num, message)
            return message

        file.get_kernel_message = read_and_record
        begin = time.monotonic()
        try:
            return (yield)
        finally:
            recording.seconds += time.monotonic() - begin

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Cache a notebook as soon as its last cell passed."""
        report = yield
        if isinstance(item, IPyNbCell) and report.when == "call" and report.passed:
            recording = self.recordings[item.parent.path]
            recording.passed += 1
            if recording.is_complete:
                cache.store(self.folder, item.parent.path, recording.notebook, recording.seconds)
        return report

    def pytest_terminal_summary(self, terminalreporter):
        """Say how long each notebook took."""
        for path, recording in self.recordings.items():
            state = "cached for the book" if recording.is_complete else "not cached"
            terminalreporter.write_line(f"{recording.seconds:6.1f} s  {path.parent.name}/{path.name}  ({state})")


def _prepare(file, recording: Recording) -> None:
    """Note the kernel's language, and let it keep a history, without which a closing ``;`` has no effect."""
    kernel = file.kernel
    reply = kernel.kc.kernel_info(reply=True, timeout=30)
    recording.notebook.metadata["language_info"] = nbformat.from_dict(reply["content"]["language_info"])
    kernel.execute_cell_input = functools.partial(_execute_with_history, kernel)


def _execute_with_history(kernel, cell_input, allow_stdin=None):
    kernel.last_request = kernel.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )
    return kernel.last_request


def pytest_addoption(parser):
    """Add the option that names the cache."""
    parser.addoption("--book-cache", metavar="FOLDER", help="put notebooks that nbval passes into this jupyter-cache")


def pytest_configure(config):
    """Take part only where a cache is named."""
    folder = config.getoption("--book-cache")
    if folder:
        config.pluginmanager.register(CachePlugin(Path(folder)), "course-notebook-cache")
