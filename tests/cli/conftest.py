"""A small checkout with one lesson."""

from pathlib import Path

import nbformat
import pytest

from course_utils.cli import stored_form
from course_utils.cli.project import Project

REPOSITORY = "https://example.org/somebody/course"
CONFIG = """\
title: Small
execute: {execute_notebooks: "off"}
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    """An empty checkout, which is also the working folder."""
    root = tmp_path / "checkout"
    (root / "book").mkdir(parents=True)
    (root / "_config.yml").write_text(CONFIG)
    (root / "book" / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [{file: part/lesson}]\n")
    (root / "book" / "index.md").write_text("# Small\n\nA page.\n")
    (root / "course_utils").mkdir()
    (root / "requirements.lock").write_text("numpy==2.4.6\n")
    (root / "pyproject.toml").write_text(f'[project.urls]\nRepository = "{REPOSITORY}"\n')
    monkeypatch.chdir(root)
    return Project(root)


@pytest.fixture
def write_lesson(project):
    """Return a function that writes a notebook in its stored form: a title, and code cells as (source, *tags)."""

    def write(name: str, *cells: tuple[str, ...]) -> Path:
        code = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, *tags in cells]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Lesson"), *code])
        path = project.book / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stored_form.write(stored_form.normalise(notebook, REPOSITORY)), encoding="utf-8")
        return path

    return write
