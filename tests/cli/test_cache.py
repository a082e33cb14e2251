import nbformat
import pytest
from rich.console import Console

from course_utils.cli import cache, execution
from course_utils.cli.project import CourseError


def made_notebook(source="1"):
    cell = nbformat.v4.new_code_cell(source, execution_count=1)
    return nbformat.v4.new_notebook(
        cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )


def test_a_stored_notebook_is_known_until_its_code_changes(project):
    path = project.book / "a.ipynb"
    assert not cache.holds(project, made_notebook())
    cache.store(project.cache, path, made_notebook(), seconds=1.5)
    assert cache.holds(project, made_notebook())
    assert not cache.holds(project, made_notebook("2"))


def change_code(project):
    (project.root / "course_utils" / "a.py").write_text("x = 1")


def change_data(project):
    folder = project.root / "course_utils" / "datasets" / "data"
    folder.mkdir(parents=True)
    (folder / "new.npz").write_bytes(b"1")


def change_results(project):
    folder = project.root / "benchmarks" / "results"
    folder.mkdir(parents=True)
    (folder / "race.json").write_text("{}")


def change_lock(project):
    (project.root / "requirements.lock").write_text("numpy==2.4.7\n")


@pytest.mark.parametrize("change", [change_code, change_data, change_results, change_lock])
def test_what_a_notebook_depends_on_empties_cache_and_doctrees(project, change):
    assert cache.refresh(project)
    cache.store(project.cache, project.book / "a.ipynb", made_notebook(), seconds=1)
    project.doctrees.mkdir()
    assert not cache.refresh(project)
    change(project)
    assert cache.refresh(project)
    assert not cache.holds(project, made_notebook())
    assert not project.doctrees.exists()
    assert not cache.refresh(project)


def test_prose_does_not_empty_the_cache(project):
    cache.refresh(project)
    (project.book / "index.md").write_text("# Other\n")
    assert not cache.refresh(project)


def test_fill_cache_reports_every_failure_after_running_all(project, write_lesson, monkeypatch, capsys):
    for name in ("a", "b", "c"):
        write_lesson(f"{name}.ipynb", (f"'{name}'",))

    def execute(project, path, notebook, on_cell=None):
        on_cell(1)
        if path.stem != "b":
            raise CourseError(f"{path.stem} failed")
        return 1.0

    monkeypatch.setattr(execution, "execute", execute)
    with pytest.raises(CourseError, match="a failed\nc failed"):
        execution.fill_cache(project, Console())
    with pytest.raises(CourseError):
        execution.fill_cache(project, Console())
    said = capsys.readouterr().out
    assert "Executing 3 of 3 notebooks" in said
    assert "Executing 2 of 3 notebooks" in said
    assert "3/3 book/c.ipynb" in said


def test_slow_and_dead_kernels_are_explained(project, write_lesson, monkeypatch):
    path = write_lesson("a.ipynb", ("1",))
    for error, words in (
        (execution.CellTimeoutError("slow"), "longer than 300 s"),
        (execution.DeadKernelError("dead"), "the kernel died"),
    ):

        def fail(self, env, stderr, error=error):
            raise error

        monkeypatch.setattr(execution.NotebookClient, "execute", fail)
        with pytest.raises(CourseError, match=words):
            execution.execute(project, path, nbformat.read(path, as_version=4))
