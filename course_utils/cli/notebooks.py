"""Bring notebooks to their stored form, with or without executing them first."""

import os
from pathlib import Path

from rich.console import Console

from course_utils.cli import cache, execution, stored_form
from course_utils.cli.project import CourseError, Project, UsageError, files_below


def find(project: Project, paths: list[str]) -> list[Path]:
    """Return the notebooks that paths stand for: files, folders, or the whole book if none is given."""
    found = []
    for name in paths:
        path = Path(name).absolute()
        if path.is_dir():
            found += [file for file in files_below(path) if file.suffix == ".ipynb"]
        elif path.suffix == ".ipynb" and path.is_file():
            found.append(path)
        else:
            raise UsageError(f"{name}: neither a notebook (.ipynb) nor a folder")
    return found if paths else project.notebooks()


def load(project: Project, path: Path):
    """Return the stored form of a notebook's file."""
    try:
        return stored_form.normalise(stored_form.read(path), project.repository)
    except CourseError as error:
        raise CourseError(f"{project.relative(path)}: {error}") from None


def save(path: Path, text: str) -> None:
    """Replace a file in one step."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)


def normalise_files(project: Project, paths: list[str], *, check: bool = False) -> int:
    """Rewrite notebooks in their stored form, or only list those that would change.

    Returns
    -------
    int
        1 if ``check`` found a notebook to change, else 0.
    """
    files = find(project, paths)
    texts = {path: stored_form.write(load(project, path)) for path in files}
    changed = [path for path, text in texts.items() if path.read_bytes() != text.encode()]
    for path in changed:
        if not check:
            save(path, texts[path])
        print(f"{project.relative(path)}: {'not in its stored form' if check else 'rewritten'}")
    if check and changed:
        print("Run `python -m course_utils notebooks normalise` to rewrite them.")
    elif not changed:
        print(f"{len(files)} notebooks, all in their stored form.")
    return int(check and bool(changed))


def run_files(project: Project, paths: list[str]) -> int:
    """Execute notebooks and store the outputs of the cells that nbval compares; a failing one is not touched.

    Returns
    -------
    int
        1 if a notebook failed, else 0.
    """
    console = Console(highlight=False)
    cache.refresh(project)
    work = [(path, load(project, path)) for path in find(project, paths)]
    failures = execution.execute_all(
        project, work, console, on_success=lambda path, notebook: _save(project, path, notebook)
    )
    for failure in failures:
        console.print(failure, markup=False, soft_wrap=True, style="red")
    console.print(f"{len(work) - len(failures)} notebooks run, {len(failures)} failed.")
    return int(bool(failures))


def _save(project: Project, path: Path, executed) -> None:
    save(path, stored_form.write(stored_form.normalise(executed, project.repository)))
