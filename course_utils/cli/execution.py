"""Execute notebooks with nbclient, showing which cell of which notebook is at work."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from course_utils.cli import cache
from course_utils.cli.project import CourseError, Project, kernel_environment

CELL_TIMEOUT = 300
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SHOWN_LINES = 15


def execute(project: Project, path: Path, notebook: nbformat.NotebookNode, on_cell=None) -> float:
    """Execute a notebook in place, in its own folder, in a kernel of this environment.

    Parameters
    ----------
    project : Project
        The checkout.
    path : Path
        The notebook's file.
    notebook : NotebookNode
        Its contents; outputs and counts are replaced.
    on_cell : callable, optional
        Called with the index of each code cell that starts.

    Returns
    -------
    float
        Seconds it took.

    Raises
    ------
    CourseError
        If a cell fails or takes longer than ``CELL_TIMEOUT`` seconds; names the cell, with the traceback's end.
    """
    running = {"index": 0}

    def started(cell, cell_index):
        running["index"] = cell_index
        if on_cell is not None:
            on_cell(cell_index)

    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        record_timing=False,  # times in a cell's metadata would keep the cache from knowing it again
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=started,
    )
    begin = time.monotonic()
    try:
        client.execute(env=kernel_environment(project), stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise CourseError(_failure(project, path, notebook, running["index"], error)) from None
    return time.monotonic() - begin


def _failure(project, path, notebook, index, error) -> str:
    """Return what failed: notebook, cell (as people count them) and the traceback's end."""
    if isinstance(error, CellTimeoutError):
        reason = [f"it took longer than {CELL_TIMEOUT} s"]
    elif isinstance(error, DeadKernelError):
        reason = ["the kernel died (often: out of memory)"]
    else:
        reason = _COLOURS.sub("", error.traceback).strip().splitlines()[-_SHOWN_LINES:]
    cell = notebook.cells[index]
    first_line = next(iter(cell.source.splitlines()), "")
    where = f"{project.relative(path)}: cell {index + 1} ({cell.get('id', 'no id')}: {first_line}) failed"
    return "\n".join([where, *(f"    {line}" for line in reason)])


@contextmanager
def notebook_progress(console: Console) -> Iterator[Progress]:
    """Show a bar a notebook with its cells and the elapsed time."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("cells"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        yield progress


def _show_cell(progress: Progress, task, index: int) -> None:
    progress.update(task, completed=index)


def execute_all(
    project: Project,
    work: list[tuple[Path, nbformat.NotebookNode]],
    console: Console,
    *,
    on_success: Callable[[Path, nbformat.NotebookNode], None] | None = None,
) -> list[str]:
    """Execute notebooks in place one after the other and put those that succeed into the book's cache.

    Parameters
    ----------
    project : Project
        The checkout.
    work : list of (Path, NotebookNode)
        Files and their contents.
    console : Console
        Where progress is shown.
    on_success : callable, optional
        Called with the file and the executed notebook of each that succeeds.

    Returns
    -------
    list of str
        What failed; a failing notebook does not keep the others from running.
    """
    failures = []
    with notebook_progress(console) as progress:
        for number, (path, notebook) in enumerate(work, start=1):
            title = f"{number}/{len(work)} {project.relative(path)}"
            if not console.is_terminal:
                console.print(f"{title} ...", highlight=False)
            task = progress.add_task(title, total=len(notebook.cells))
            show = partial(_show_cell, progress, task)
            try:
                seconds = execute(project, path, notebook, on_cell=show)
            except CourseError as error:
                progress.stop_task(task)
                failures.append(str(error))
                continue
            progress.update(task, completed=len(notebook.cells))
            cache.store(project.cache, path, notebook, seconds)
            if on_success is not None:
                on_success(path, notebook)
    return failures


def fill_cache(project: Project, console: Console) -> None:
    """Execute every notebook of the book that is not cached.

    Raises
    ------
    CourseError
        If any of them fails; the others are cached.
    """
    if cache.refresh(project):
        console.print("Code, data or versions changed: every notebook is executed anew.")
    notebooks = [(path, nbformat.read(path, as_version=4)) for path in project.notebooks()]
    missing = [(path, notebook) for path, notebook in notebooks if not cache.holds(project, notebook)]
    if not missing:
        return
    console.print(f"Executing {len(missing)} of {len(notebooks)} notebooks.", highlight=False)
    failures = execute_all(project, missing, console)
    if failures:
        raise CourseError("\n".join(failures))
