"""What a change can break."""

import subprocess

import pytest

from course_utils.cli import changes
from course_utils.cli.changes import Selection
from course_utils.cli.project import CourseError


@pytest.fixture
def files(project, write_lesson):
    """A small course: two modules, two notebooks, tests that reach files in different ways."""
    texts = {
        "course_utils/__init__.py": "",
        "course_utils/a.py": "from course_utils import b\nx = b.x\n",
        "course_utils/b.py": "x = 1\n",
        "course_utils/c.py": "x = 1\n",
        "data_scripts/make.py": "x = 1\n",
        "tests/helper.py": "from course_utils import c\n",
        "tests/test_a.py": "from course_utils import a\na.x\n",
        "tests/test_c.py": "import helper\n",
        "tests/test_script.py": "run('data_scripts/make.py')\n",
        "tests/test_text.py": '"""About data_scripts and README.md."""\nread("README.md")\n',
        "tests/deep/conftest.py": "from course_utils import b\n",
        "tests/deep/test_deep.py": "",
        "tests/book/test_pages.py": "from course_utils import a\n",
    }
    for name, text in texts.items():
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).write_text(text)
    write_lesson("part/one.ipynb", ("from course_utils import a",))
    write_lesson("part/two.ipynb", ("from course_utils import c",))
    return project


@pytest.mark.parametrize(
    ("changed", "tests", "notebooks", "pages"),
    [
        ("course_utils/a.py", ["test_a"], ["one"], True),
        ("course_utils/b.py", ["deep/test_deep", "test_a"], ["one"], True),
        ("course_utils/c.py", ["test_c"], ["two"], True),
        ("tests/test_a.py", ["test_a"], [], False),
        ("tests/deep/conftest.py", ["deep/test_deep"], [], False),
        ("tests/helper.py", ["test_c"], [], True),
        ("data_scripts/make.py", ["test_script"], [], False),
        ("README.md", ["test_text"], [], False),
        ("book/part/two.ipynb", [], ["two"], True),
        ("book/index.md", [], [], True),
        ("tests/book/test_pages.py", [], [], True),
        ("LICENSE", [], [], False),
    ],
)
def test_a_change_selects_what_reaches_it(files, changed, tests, notebooks, pages):
    chosen = changes.select(files, {changed})
    assert list(chosen.tests) == [f"tests/{name}.py" for name in tests]
    assert [path.stem for path in chosen.notebooks] == notebooks
    assert chosen.pages is pages


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ('read("book/part/one.ipynb")', True),
        ('ROOT / "book" / "part" / "one.ipynb"', True),
        ('BOOK = ROOT / "book"', True),
        ('ROOT / "book" / name', True),
        ('ROOT / "book" / f"{name}.ipynb"', True),
        ('load("book/other/figure.js")', False),
        ('ROOT / "book" / "other" / "figure.js"', False),
        ('PAGE = ROOT / "book" / "other" / "a.ipynb"\nPAGE.parents[1].glob("*/*.ipynb")', True),
        ('PAGE = ROOT / "book" / "other" / "a.ipynb"\nPAGE.parents[1].rglob(pattern)', True),
        ('PAGE = ROOT / "book" / "other" / "a.ipynb"\nPAGE.parents[1].glob(f"*.{end}")', True),
        ('PAGE = ROOT / "book" / "other" / "a.ipynb"\nfolder.glob("*.html")', False),
        ('ROOT / "book" / "part-two"', False),
    ],
)
def test_the_book_on_the_way_to_another_folder_is_not_what_has_changed(files, text, reached):
    (files.root / "tests" / "test_text.py").write_text(text)
    chosen = changes.select(files, {"book/part/one.ipynb"})
    assert ("tests/test_text.py" in chosen.tests) is reached


@pytest.mark.parametrize(
    "changed", ["pyproject.toml", "requirements.lock", "tests/conftest.py", "course_utils/cli/x.py"]
)
def test_some_changes_concern_everything(files, changed):
    assert changes.select(files, {changed, "README.md"}) == Selection()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"course_utils/c.py"}, "1 file differs from main: 1 test file, 1 notebook, the book."),
        ({"README.md", "LICENSE"}, "2 files differ from main: 1 test file, 0 notebooks, not the book."),
        (
            {"LICENSE", "pyproject.toml"},
            "2 files differ from main, and pyproject.toml concerns everything: all tests run.",
        ),
    ],
)
def test_what_is_tested_is_told(files, changed, said):
    assert changes.told(changed, changes.select(files, changed)) == said


def test_that_nothing_differs_is_told_with_what_to_do(files):
    said = changes.told(set(), changes.select(files, set()))
    assert said.startswith("No file differs from main, so nothing is tested.")
    assert "run the tests without --changed" in said


def git(project, *command):
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    subprocess.run(["git", *identity, *command], cwd=project.root, check=True, capture_output=True)


def test_files_that_differ_from_main_and_new_ones(project):
    (project.root / ".gitignore").write_text("ignored\n")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-qm", "one")
    assert changes.changed_files(project) == set()
    git(project, "switch", "-qc", "branch")
    (project.root / "committed é.md").write_text("")
    git(project, "add", ".")
    git(project, "commit", "-qm", "two")
    git(project, "switch", "-q", "main")
    (project.root / "later.md").write_text("")
    git(project, "add", ".")
    git(project, "commit", "-qm", "three")
    git(project, "switch", "-q", "branch")
    (project.root / "book" / "index.md").write_text("other")
    (project.root / "new.md").write_text("")
    (project.root / "ignored").write_text("")
    assert changes.changed_files(project) == {"committed é.md", "book/index.md", "new.md"}


def test_without_git_it_is_said(project, monkeypatch):
    with pytest.raises(CourseError, match="git diff failed"):
        changes.changed_files(project)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CourseError, match="needs Git"):
        changes.changed_files(project)
