"""The stored form of a notebook: what is kept in a file, and what is left out.

Kept are all outputs and counts, figures made small; stable cell ids; the same first code cell in every notebook, which
installs the package when the notebook runs on Colab, and only there; and in the first cell of a lesson its reading time and
its running time, as they are computed.
"""

import hashlib
import json
import re
from pathlib import Path

import nbformat
from nbformat.v4.rwbase import rejoin_lines

from course_utils.cli import lesson_facts
from course_utils.cli.pictures import small_png, small_svg
from course_utils.cli.project import CourseError

CHECKED = "nbval-check-output"
TIMED = "measures-time"
COURSE = "course"
EXERCISE = "exercise"
SOLUTION = "solution"
SOLUTION_TITLE = "# @title Solution"
COLAB = "colab"
EXTRAS = ("optuna", "distributed")  # what a lesson imports and the package does not require
_CELL_KEYS = ("tags", "mystnb")
_NOTEBOOK_KEYS = (COURSE, "mystnb", "myst")
_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def colab_source(repository: str, code: str = "") -> str:
    """Return the source of the cell that installs on Colab what the code of a notebook needs, and says from which commit."""
    extras = [name for name in EXTRAS if re.search(rf"^\s*import {name}\b", code, re.MULTILINE)]
    lines = [f'%pip install -q "cnn-course @ git+{repository}"', *(f"%pip install -q {name}" for name in extras)]
    inside = "".join(f"    {line}\n" for line in lines)
    return f'import sys\n\nif "google.colab" in sys.modules:\n{inside}    %pip freeze | grep cnn-course'


def normalise(notebook: dict, repository: str) -> nbformat.NotebookNode:
    """Return the stored form of a notebook.

    Parameters
    ----------
    notebook : dict
        Notebook of format 4, as read from JSON; it is not changed.
    repository : str
        Address that the Colab cell installs from.

    Returns
    -------
    NotebookNode
        Format 4.5, valid; the same for a notebook that has this form already.

    Raises
    ------
    CourseError
        If it is not a notebook of format 4, or not a valid one.
    """
    if notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        raise CourseError("not a notebook of format 4; open and save it with a current Jupyter")
    metadata = notebook.get("metadata", {})
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell.get("cell_type") == "code")
    cells = [_stored_cell(cell) for cell in _with_colab_cell(notebook["cells"], colab_source(repository, code))]
    _give_ids(cells)
    kept = {key: metadata[key] for key in _NOTEBOOK_KEYS if key in metadata}
    kept |= {"kernelspec": _KERNELSPEC, "language_info": {"name": "python"}}
    stored = rejoin_lines(
        nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": kept, "cells": cells}),
    )
    tell_times(stored)
    try:
        nbformat.validate(stored)
    except nbformat.ValidationError as error:
        raise CourseError(f"not a valid notebook: {error.message}") from None
    return stored


def tell_times(notebook: nbformat.NotebookNode) -> None:
    """Let a lesson's first cell say how long the lesson takes to read and, in its last execution, to run."""
    if notebook.cells and notebook.cells[0].cell_type == "markdown":
        notebook.cells[0].source = lesson_facts.with_times(notebook.cells[0].source, notebook)


def read(path: Path) -> dict:
    """Read a notebook's JSON without changing anything, as nbformat would."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CourseError(f"not a notebook: {error}") from None
    if not isinstance(notebook, dict):
        raise CourseError("not a notebook: no JSON object")
    return notebook


def write(notebook: nbformat.NotebookNode) -> str:
    """Return the text of a notebook's file."""
    return nbformat.writes(notebook) + "\n"


def tags(cell: dict) -> list[str]:
    """Return a cell's tags."""
    return list(cell.get("metadata", {}).get("tags", []))


def _source(cell: dict) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else source


def _with_colab_cell(cells: list[dict], source: str) -> list[dict]:
    """Return the cells with one up-to-date Colab cell before all other code, right after the title if there is none."""
    first_code = next((index for index, cell in enumerate(cells) if cell.get("cell_type") == "code"), None)
    in_place = first_code is not None and COLAB in tags(cells[first_code])
    others = [cell for cell in cells if COLAB not in tags(cell)]
    after_title = int(bool(others) and others[0].get("cell_type") == "markdown")
    colab = {
        "cell_type": "code",
        "id": "colab-setup",
        "metadata": {"tags": [COLAB, "remove-cell"]},
        "source": source,
        "execution_count": cells[first_code].get("execution_count") if in_place else None,
    }
    others.insert(first_code if in_place else after_title, colab)
    return others


def _stored_cell(cell: dict) -> dict:
    metadata = {key: cell["metadata"][key] for key in _CELL_KEYS if cell.get("metadata", {}).get(key)}
    stored = {"cell_type": cell.get("cell_type"), "metadata": metadata, "source": _source(cell)}
    if "id" in cell:
        stored["id"] = cell["id"]
    if cell.get("attachments"):
        stored["attachments"] = cell["attachments"]
    if cell.get("cell_type") != "code":
        return stored
    stored["execution_count"] = cell.get("execution_count")
    stored["outputs"] = [_stored_output(output) for output in _merged(cell.get("outputs", []))]
    if SOLUTION in tags(cell):
        _fold(stored)
    return stored


def _merged(outputs: list[dict]) -> list[dict]:
    """Return outputs without stderr, and with what was printed in pieces made whole.

    TensorFlow's start-up messages on stderr hold times and process numbers, and where a kernel cuts its stream is chance.
    """
    merged: list[dict] = []
    for output in outputs:
        if output.get("output_type") != "stream":
            merged.append(output)
        elif output.get("name") != "stderr":
            text = "".join(output["text"])
            if merged and merged[-1].get("output_type") == "stream":
                merged[-1] = {**merged[-1], "text": merged[-1]["text"] + text}
            else:
                merged.append({**output, "text": text})
    return merged


def _stored_output(output: dict) -> dict:
    """Return an output with its figures made small."""
    data = dict(output.get("data", {}))
    for kind, small in (("image/svg+xml", small_svg), ("image/png", small_png)):
        if kind in data:
            data[kind] = small("".join(data[kind]))
    return {**output, "data": data} if data else output


def _fold(cell: dict) -> None:
    """Collapse a solution's cell in the book, in JupyterLab and on Colab."""
    metadata = cell["metadata"]
    if "hide-cell" not in metadata["tags"]:
        metadata["tags"] = [*metadata["tags"], "hide-cell"]
    prompts = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
    metadata["mystnb"] = prompts | metadata.get("mystnb", {})
    metadata["jupyter"] = {"source_hidden": True}
    metadata["cellView"] = "form"
    if not cell["source"].startswith("# @title"):
        cell["source"] = f"{SOLUTION_TITLE}\n{cell['source']}"


def _give_ids(cells: list[dict]) -> None:
    """Give every cell a valid id of its own: the one it has, or else one derived from its source."""
    taken = {"colab-setup"}
    for cell in cells:
        if COLAB in tags(cell):
            continue
        given, attempt = cell.get("id"), 0
        while not isinstance(given, str) or not _CELL_ID.fullmatch(given) or given in taken:
            given = hashlib.sha256(f"{attempt}\0{cell['cell_type']}\0{cell['source']}".encode()).hexdigest()[:8]
            attempt += 1
        taken.add(given)
        cell["id"] = given
