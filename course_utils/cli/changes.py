"""What a change can break: the tests, notebooks and pages that reach the files that differ from ``main``."""

import ast
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_utils.cli import notebooks
from course_utils.cli.freshness import Sources
from course_utils.cli.project import CourseError, Project, files_below
from course_utils.cli.reach import Code

_CONCERNS_ALL = re.compile(
    r"pyproject\.toml|requirements.*\.lock|course\.py|tests/conftest\.py|course_utils/cli/(?!data).*"
)
_CONCERNS_PAGES = re.compile(
    r"book/.*|_config\.yml|course_utils/.*|tests/book/.*|tests/(?!test_)\w+\.py|data_scripts/make_figure.*"
)


@dataclass(frozen=True)
class Selection:
    """What is to be tested: everything unless said otherwise.

    Attributes
    ----------
    tests : tuple of str
        Test files and folders of the unit tests, from the checkout's root.
    notebooks : tuple of Path, optional
        Notebooks to execute; all if None.
    pages : bool
        Whether the book is built and its pages are checked.
    coverage : bool
        Whether the unit tests measure how much of the package they reach.
    """

    tests: tuple[str, ...] = ("tests",)
    notebooks: tuple[Path, ...] | None = None
    pages: bool = True
    coverage: bool = False


def changed_files(project: Project) -> set[str]:
    """Return files that differ from where this branch left ``main``, and those that Git does not know yet.

    Raises
    ------
    CourseError
        If this is no checkout that Git knows.
    """
    base = _git(project, "merge-base", "main", "HEAD", fails=True).strip() or "HEAD"
    names = _git(project, "diff", "--name-only", "-z", base) + _git(project, "ls-files", "-zo", "--exclude-standard")
    return set(filter(None, names.split("\0")))


def _git(project: Project, *command: str, fails: bool = False) -> str:
    try:
        done = subprocess.run(["git", *command], cwd=project.root, capture_output=True, encoding="utf-8")
    except FileNotFoundError:
        raise CourseError("--changed needs Git") from None
    if done.returncode and not fails:
        raise CourseError(f"git {command[0]} failed: {done.stderr.strip()}")
    return done.stdout if not done.returncode else ""


def told(changed: set[str], chosen: Selection) -> str:
    """Return what was compared and what is to be tested, for whoever asked for the tests of a change."""
    if not changed:
        return (
            "No file differs from main, so nothing is tested. What you have committed on main itself is not seen, nor what "
            "is committed where there is no branch main: run the tests without --changed, or commit on a branch of its own."
        )
    first = f"{_number(len(changed), 'file')} {'differs' if len(changed) == 1 else 'differ'} from main"
    if chosen == Selection():
        reason = min(name for name in changed if _CONCERNS_ALL.fullmatch(name))
        return f"{first}, and {reason} concerns everything: all tests run."
    parts = (_number(len(chosen.tests), "test file"), _number(len(chosen.notebooks or ()), "notebook"))
    return f"{first}: {', '.join(parts)}, {'the book' if chosen.pages else 'not the book'}."


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def select(project: Project, changed: set[str]) -> Selection:
    """Return what the changed files, given from the checkout's root, can break."""
    if any(_CONCERNS_ALL.fullmatch(name) for name in changed):
        return Selection()
    return Selection(
        tuple(_tests(project, changed)),
        tuple(_notebooks(project, changed)),
        any(_CONCERNS_PAGES.fullmatch(name) for name in changed),
    )


def _notebooks(project: Project, changed: set[str]) -> list[Path]:
    """Return the notebooks that are changed, or reach or read a changed file."""
    sources, found = Sources(project), []
    for path in project.notebooks():
        notebook = notebooks.load(project, path)
        read = notebook.metadata.get("course", {}).get("made_from", {}).get("data", {})
        made_from = sources.made_from(notebook, read)
        if changed & {project.relative(path), *made_from["code"], *made_from["data"]}:
            found.append(path)
    return found


def _tests(project: Project, changed: set[str]) -> list[str]:
    """Return the test files that are changed, import a changed file, or name one or its folder in a path."""
    folder, found = project.root / "tests", []
    code = Code(project.root / "course_utils", scripts=folder.glob("*.py"))
    named = _named(changed)
    for path in files_below(folder):
        if not path.match("test_*.py") or path.is_relative_to(folder / "book"):
            continue
        around = [parent / "conftest.py" for parent in path.parents if parent.is_relative_to(folder)]
        own = {file: file.read_text(encoding="utf-8") for file in (path, *around) if file.is_file()}
        reached = {project.relative(file) for file in (*own, *code.reached(*map(ast.parse, own.values())))}
        if reached & changed or any(named(text) for text in own.values()):
            found.append(project.relative(path))
    return found


def _named(changed: set[str]) -> Callable[[str], bool]:
    """Return whether the text of a test names a changed file, or a folder that one lies in, as a part of a path.

    The book does not count where it is only the way to another of its folders, as in ``"book/interactive"`` or ``"book" /
    "interactive"``; but a test that looks for files by a pattern may find any of them.
    """
    words = "|".join(map(re.escape, sorted(_words(changed)))) or "(?!)"
    parts = "|".join(map(re.escape, sorted({part for name in changed for part in name.split("/")[1:]}))) or "(?!)"
    elsewhere = rf"(?!(?:{parts})(?![\w-]))[\w.-]"
    way = rf"(?<=book)(?:/{elsewhere}|[\"']\s*/\s*f?[\"']{elsewhere})"
    loose = re.compile(rf"[\"'/](?:{words})(?![\w-])")
    strict = re.compile(rf"[\"'/](?:{words})(?![\w-])(?!{way})")
    ends = "|".join(sorted({re.escape(Path(name).suffix) for name in changed} - {""})) or "(?!)"
    looks = re.compile(rf"glob\((?:f?[\"'][^\"'\n]*(?:\*[\"']|\{{|{ends})|[^\"'f])")
    return lambda text: bool((loose if looks.search(text) else strict).search(text))


def _words(changed: set[str]) -> set[str]:
    """Return the names of changed files, and those of their folders: of the package only the package, of tests none."""
    words = set()
    for name in changed:
        *folders, last = name.split("/")
        top = folders[:1]
        words |= {last, *([] if top == ["tests"] else top if top == ["course_utils"] else folders)}
    return words
