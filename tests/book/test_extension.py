"""The book's own Sphinx extension."""

from importlib import metadata
from types import SimpleNamespace

import pytest
import scripts
from sphinx.errors import ExtensionError


@pytest.fixture(scope="module")
def extension():
    return scripts.load("book/_ext/course_book.py")


def test_the_address_of_the_repository_is_read(extension, tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text('[project.urls]\nRepository = "https://example.org/a/b/"\n')
    assert extension.repository_address(file) == "https://example.org/a/b"


def test_a_missing_address_is_explained(extension, tmp_path):
    file = tmp_path / "pyproject.toml"
    with pytest.raises(ExtensionError, match="not found"):
        extension.repository_address(file)
    file.write_text("[project]\n")
    with pytest.raises(ExtensionError, match="Repository"):
        extension.repository_address(file)


def test_pages_know_the_repository(extension, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://example.org/a/b"\n')
    config = SimpleNamespace(html_theme_options={}, myst_substitutions={})
    extension.set_repository(SimpleNamespace(srcdir=tmp_path / "book"), config)
    assert config.html_theme_options["repository_url"] == "https://example.org/a/b"
    assert "git clone https://example.org/a/b\ncd b\n" in config.myst_substitutions["clone_command"]


def test_mathjax_is_copied_once(extension, tmp_path):
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    target = tmp_path / "_static" / extension.MATHJAX_PATH
    extension.copy_mathjax(app)
    first = target.stat()
    assert first.st_size == extension.mathjax_source().stat().st_size > 1_000_000
    extension.copy_mathjax(app)
    assert target.stat().st_mtime_ns == first.st_mtime_ns
    target.write_text("damaged")
    extension.copy_mathjax(app)
    assert target.stat().st_size == first.st_size


def test_other_builders_get_no_mathjax(extension, tmp_path):
    extension.copy_mathjax(SimpleNamespace(builder=SimpleNamespace(format="latex"), outdir=tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", ["package", "file"])
def test_missing_mathjax_is_explained(extension, monkeypatch, missing):
    def files(name):
        if missing == "package":
            raise metadata.PackageNotFoundError(name)
        return []

    monkeypatch.setattr(extension.metadata, "files", files)
    with pytest.raises(ExtensionError, match=extension.MATHJAX_PACKAGE):
        extension.mathjax_source()
