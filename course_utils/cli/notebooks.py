"""Bring notebooks to their stored form, execute them, and tell whose outputs are stale."""

from pathlib import Path

from course_utils.cli import stored_form
from course_utils.cli.freshness import Sources
from course_utils.cli.project import CourseError, Project, UsageError, files_below, save


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


def normalise_files(project: Project, paths: list[str], *, check: bool = False) -> int:
    """Rewrite notebooks in their stored form, or only list those that would change.

    Returns
    -------
    int
        1 if ``check`` found a notebook to change, else 0.
    """
    files = find(project, paths)
    texts = {path: stored_form.write(load(project, path)) for path in files}
    changed = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        if not check:
            save(path, texts[path].encode())
        print(f"{project.relative(path)}: {'not in its stored form' if check else 'rewritten'}")
    if check and changed:
        print("Run `python -m course_utils notebooks normalise` to rewrite them.")
    elif not changed:
        print(f"{len(files)} notebooks, all in their stored form.")
    return int(check and bool(changed))


def stale(project: Project, paths: list[str]) -> dict[Path, list[str]]:
    """Return the notebooks whose outputs are not fresh, each with what changed since they were stored."""
    sources = Sources(project)
    changes = {path: sources.changes(load(project, path)) for path in find(project, paths)}
    return {path: names for path, names in changes.items() if names}


def list_stale(project: Project, paths: list[str]) -> int:
    """List the notebooks whose outputs are not fresh; return 1 if there are any, else 0."""
    found = stale(project, paths)
    for path, names in found.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        print(f"{project.relative(path)}: stale: {', '.join(names[:3])}{more}")
    print("Run `python3 course.py notebooks run` to execute them." if found else "No outputs are stale.")
    return int(bool(found))


def run_files(project: Project, paths: list[str]) -> int:
    """Execute notebooks, or all stale ones if none is named, and store their outputs; a failing one is not touched.

    Returns
    -------
    int
        1 if a notebook failed, else 0.
    """
    from course_utils.cli import execution

    work = find(project, paths) if paths else list(stale(project, []))
    if not work:
        print("No outputs are stale.")
        return 0
    failed = execution.run(project, work) != 0
    if failed:
        print(
            "What failed is stored as it was. Mend the cell that is named, or the sentence beside its assert, and run it again."
        )
    return int(failed)
