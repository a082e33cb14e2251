"""The book's own Sphinx extension."""

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
