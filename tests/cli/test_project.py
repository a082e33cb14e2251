from pathlib import Path

import pytest

from course_utils.cli import project as module
from course_utils.cli.project import Project, UsageError, files_below, find_project, fingerprint, kernel_environment


def test_checkout_is_found_from_any_folder_inside(project, monkeypatch):
    deep = project.book / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert find_project() == project


def test_outside_the_package_says_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_project().root == Path(module.__file__).parents[2]


def test_without_any_checkout_says_what_is_needed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "course_utils" / "cli" / "project.py"))
    with pytest.raises(UsageError, match=r"_config\.yml and book/"):
        find_project()


def test_notebooks_are_those_of_the_book_without_copies(project):
    for name in ("b.ipynb", "a/c.ipynb", "a/.ipynb_checkpoints/c.ipynb", "_build/d.ipynb", "a/text.md"):
        path = project.book / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert [project.relative(path) for path in project.notebooks()] == ["book/a/c.ipynb", "book/b.ipynb"]


def test_repository_is_read_from_pyproject(project):
    assert project.repository == "https://example.org/somebody/course"


def test_paths_outside_are_shown_whole(project, tmp_path):
    assert project.relative(tmp_path / "x") == str(tmp_path / "x")


@pytest.mark.parametrize("change", ["content", "name", "new"])
def test_fingerprint_sees_every_change(project, change):
    folder = project.root / "course_utils"
    file = folder / "a.py"
    file.write_text("1")
    before = fingerprint(project, files_below(folder))
    assert fingerprint(project, files_below(folder)) == before
    if change == "content":
        file.write_text("2")
    elif change == "name":
        file.rename(folder / "b.py")
    else:
        (folder / "b.py").write_text("")
    assert fingerprint(project, files_below(folder)) != before


def test_kernels_do_not_see_the_readers_own_settings(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = kernel_environment(Project(Path("checkout")))
    assert not {"MPLBACKEND", "PYTHONDONTWRITEBYTECODE"} & environment.keys()
    assert environment["TF_CPP_MIN_LOG_LEVEL"] == "2"
    assert Path(environment["IPYTHONDIR"]).parent.name == "_build"
