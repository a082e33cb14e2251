"""The book's cache of executed notebooks: what is in it, and when it must be emptied.

The cache knows a notebook by its code cells alone. What these cells import and read is covered by a fingerprint: when it
changes, the cache is emptied, and with it the pages that Sphinx remembers.
"""

import copy
import shutil
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from course_utils.cli.project import Project, files_below, fingerprint

_STAMP = "execution-fingerprint"


def _execution_fingerprint(project: Project) -> str:
    folders = (project.root / "course_utils", project.root / "benchmarks" / "results")
    return fingerprint(
        project, [*(path for folder in folders for path in files_below(folder)), project.root / "requirements.lock"]
    )


def refresh(project: Project) -> bool:
    """Empty the cache if code, data, benchmark results, the lock or Python changed; return whether it was emptied."""
    stamp = project.output / _STAMP
    current = _execution_fingerprint(project)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == current:
        return False
    for folder in (project.cache, project.doctrees):
        if folder.exists():
            shutil.rmtree(folder)
    project.output.mkdir(exist_ok=True)
    stamp.write_text(current, encoding="utf-8")
    return True


def holds(project: Project, notebook: nbformat.NotebookNode) -> bool:
    """Tell whether the cache holds the outputs of a notebook's cells."""
    try:
        get_cache(project.cache).match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def store(folder: Path, path: Path, executed: nbformat.NotebookNode, seconds: float) -> None:
    """Put an executed notebook into a cache, where the book's build finds it.

    Parameters
    ----------
    folder : Path
        Folder of the cache.
    path : Path
        File that the notebook was read from.
    executed : NotebookNode
        The notebook with all outputs and counts.
    seconds : float
        How long its execution took; the book shows it.
    """
    bundle = CacheBundleIn(copy.deepcopy(executed), str(path), data={"execution_seconds": seconds})
    get_cache(folder).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
