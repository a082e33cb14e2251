"""JupyterLab on the learner's own copies of the lessons. What a learner has written is never overwritten."""

import hashlib
import json
import os
import re
import secrets
import socket
import time
from pathlib import Path
from urllib.parse import quote, unquote

from rich.console import Console

from course_utils.cli import server, stored_form
from course_utils.cli.project import KERNEL_SETTINGS, CourseError, Project, UsageError, save

FOLDER = "my-course"
DEFAULT_PORT = 8888
_RECORD = ".copied.json"
_LINK = re.compile(r"\]\((?!\w+:)([^)\s#]+)")
_OPTIONS = (
    "--ServerApp.answer_yes=True",  # Ctrl-C stops without a question
    "--ServerApp.allow_root=True",  # as in a container; only this machine reaches it, and with the token
    "--ServerApp.port_retries=0",
    "--ServerApp.log_level=ERROR",
    "--LabApp.log_level=ERROR",
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


def find_lesson(project: Project, text: str) -> str:
    """Return the path below ``book/`` of the lesson that an unambiguous part of its name, or its path, stands for."""
    names = [path.relative_to(project.book).as_posix() for path in project.notebooks()]
    wanted = text.replace("\\", "/").removeprefix("./").removeprefix("book/").removeprefix(f"{FOLDER}/").lower()
    found = [name for name in names if wanted in (name.lower(), Path(name).name.lower(), Path(name).stem.lower())]
    found = found or [name for name in names if wanted and wanted in name.removesuffix(".ipynb").lower()]
    if len(found) == 1:
        return found[0]
    problem = "stands for several lessons" if found else "is no lesson"
    raise UsageError(f"{text!r} {problem}; choose one of: {', '.join(Path(name).stem for name in found or names)}")


def learners_form(notebook: dict) -> str:
    """Return the text of a learner's copy of a notebook: without outputs, its solutions folded."""
    cells = [dict(cell) for cell in notebook["cells"] if stored_form.COLAB not in stored_form.tags(cell)]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if stored_form.SOLUTION in stored_form.tags(cell):
            cell["metadata"] = {**cell["metadata"], "jupyter": {"source_hidden": True}}
    kept = {name: notebook["metadata"][name] for name in ("kernelspec", "language_info")}
    return json.dumps({**notebook, "cells": cells, "metadata": kept}, indent=1, ensure_ascii=False) + "\n"


def originals(project: Project) -> dict[str, bytes]:
    """Return what learners get, by its path below ``book/``: the lessons, and the pictures and pages that they link to."""
    files = {}
    for path in project.notebooks():
        notebook = stored_form.read(path)
        files[path] = learners_form(notebook).encode()
        for cell in notebook["cells"]:
            text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
            for link in map(unquote, _LINK.findall(text)):
                linked = (path.parent / link).resolve()
                if linked.suffix != ".ipynb" and linked.is_relative_to(project.book.resolve()) and linked.is_file():
                    files[project.book / linked.relative_to(project.book.resolve())] = linked.read_bytes()
    return {path.relative_to(project.book).as_posix(): content for path, content in files.items()}


def copy(project: Project, console: Console, folder: Path | None = None) -> Path:
    """Bring the learner's folder up to date without touching what the learner has changed, and return it.

    A copy that still is what was copied follows its lesson. Beside one that was worked on, a lesson that has changed since
    is put under a name of its own. The folder is ``my-course`` in the checkout, unless another is given.

    Raises
    ------
    CourseError
        If a file cannot be written. Those that were there are as they were.
    """
    import filelock

    folder, lessons = folder or project.root / FOLDER, originals(project)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / ".lock"):
            record = _read_record(folder)
            for name, content in lessons.items():
                news = _copy_one(folder, name, content, record.get(name))
                record[name] = hashlib.sha256(content).hexdigest()
                if news:
                    console.print(news, markup=False, soft_wrap=True)
            save(folder / _RECORD, json.dumps(record, indent=1).encode())
    except OSError as error:
        place = error.filename or folder
        raise CourseError(f"{place} cannot be written ({error.strerror}); nothing that was there has changed") from None
    return folder


def _copy_one(folder: Path, name: str, content: bytes, copied: str | None) -> str | None:
    """Copy one file unless its original is the one that was ``copied`` before; return what the learner should know."""
    target, new = folder / name, hashlib.sha256(content).hexdigest()
    shown = f"{folder.name}/{name}"
    there = _digest(target)
    if not os.path.lexists(target):
        save(target, content)
        return None
    if there == new or copied == new:
        return None
    if there is not None and there == copied:
        save(target, content)
        return f"{shown}: follows the lesson, which has changed; you had not worked on it."
    if any(_digest(path) == new for path in target.parent.glob(f"{target.stem}-new-*{target.suffix}")):
        return None
    stem = f"{target.stem}-new-{time.strftime('%Y-%m-%d')}"
    beside, number = target.with_name(stem + target.suffix), 2
    while os.path.lexists(beside):
        beside, number = target.with_name(f"{stem}-{number}{target.suffix}"), number + 1
    save(beside, content)
    return f"{shown}: yours is kept as it is; the lesson has changed, and the new one is {beside.name} beside it."


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _read_record(folder: Path) -> dict[str, str]:
    """Return the checksums of what was copied before; without them every copy counts as worked on."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _place(project: Project, asked: Path) -> Path:
    """Return the folder for copies that was asked for; one in which they would lie between the course's own files is refused."""
    try:
        folder = asked.expanduser().absolute()
    except RuntimeError:
        raise UsageError(f"{asked}: there is no such home folder") from None
    if folder.resolve() == project.root.resolve():
        raise UsageError(f"{asked} is the checkout itself; --copy-to needs a folder of its own, such as {FOLDER}")
    if folder.resolve().is_relative_to(project.book.resolve()):
        raise UsageError(f"{asked} belongs to the book; --copy-to needs a folder of its own, such as {FOLDER}")
    return folder


def lab(
    project: Project,
    lesson: str | None = None,
    *,
    port: int | None = None,
    open_browser: bool = True,
    copy_to: Path | None = None,
) -> int:
    """Show the learner's copies in JupyterLab until interrupted, or only make them.

    Parameters
    ----------
    project : Project
        The checkout.
    lesson : str, optional
        Part of the name of the lesson that is opened.
    port : int, optional
        The port to take; 8888, or the next free one, unless given.
    open_browser : bool
        Whether a browser is opened, where there is a display.
    copy_to : Path, optional
        A folder to which the copies are brought up to date; nothing is started then, for where JupyterLab runs already.
    """
    console = Console(highlight=False)
    if copy_to is not None:
        if lesson is not None or port is not None:
            raise UsageError("--copy-to copies every lesson and starts nothing: leave out LESSON and --port")
        place = copy(project, console, _place(project, copy_to))
        said = f"The lessons are in {place}; what you write there is never overwritten."
        console.print(said, markup=False, soft_wrap=True)
        return 0
    page = "/lab" if lesson is None else f"/lab/tree/{quote(find_lesson(project, lesson))}"
    from jupyterlab.labapp import LabApp

    with server.take_port(
        lambda number: socket.create_server((server.HOST, number)), port, DEFAULT_PORT, console
    ) as free:
        port = free.getsockname()[1]
    folder = copy(project, console)
    os.environ.update(KERNEL_SETTINGS, JUPYTER_TOKEN=secrets.token_hex(24), JUPYTER_PREFER_ENV_PATH="1")
    address = f"http://{server.HOST}:{port}{page}?token={os.environ['JUPYTER_TOKEN']}"
    console.print(f"Your lessons are in {FOLDER}/. JupyterLab is at\n{address}\n(stop with Ctrl-C)", soft_wrap=True)
    show = open_browser and server.has_display()
    where = (f"--ServerApp.ip={server.HOST}", f"--ServerApp.port={port}", f"--ServerApp.root_dir={folder}")
    LabApp.launch_instance([*_OPTIONS, *where, f"--LabApp.default_url={page}", f"--ServerApp.open_browser={show}"])
    console.print("Stopped.")
    return 0
