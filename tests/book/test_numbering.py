"""The Sphinx extension that counts figures from 1 on each page, on a small book of its own."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

BOOK = Path(__file__).resolve().parents[2] / "book"
PAGE = """
{name}
======

.. _{name}-first:
.. figure:: dot.svg

   The first.

.. _{name}-second:
.. figure:: dot.svg

   The second.

.. _{name}-table:
.. table:: Numbers

   == ==
   1  2
   == ==

See :numref:`{name}-second`, :numref:`{name}-table` and :numref:`{other}-first`.
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A function that builds two pages, again if called again, and returns the names of those that were written."""
    monkeypatch.syspath_prepend(str(BOOK / "_ext"))
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    (tmp_path / "one.rst").write_text(PAGE.format(name="one", other="two") + "\n.. toctree::\n\n   two\n")
    (tmp_path / "two.rst").write_text(PAGE.format(name="two", other="one"))

    def run():
        written = []
        settings = {"extensions": ["numbering"], "numfig": True, "root_doc": "one", "html_theme": "basic"}
        folders = (tmp_path, None, tmp_path / "out", tmp_path / "trees")
        with patch_docutils(), docutils_namespace():
            app = Sphinx(*folders, "html", settings, None, None, warningiserror=True)
            app.connect("html-page-context", lambda app, name, *rest: written.append(name))
            app.build()
        return {name for name in written if name in ("one", "two")}

    return run


@pytest.mark.parametrize("name", ["one", "two"])
def test_each_page_counts_from_one_and_references_agree(build, tmp_path, name):
    build()
    page = BeautifulSoup((tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    assert [number.get_text().strip() for number in page.select(".caption-number")] == ["Fig. 1", "Fig. 2", "Table 1"]
    assert [link.get_text() for link in page.select("p > a.reference .std-numref")] == ["Fig. 2", "Table 1", "Fig. 1"]


def test_a_page_is_written_again_only_when_it_changes(build, tmp_path):
    assert build() == {"one", "two"}
    assert build() == set()
    page = tmp_path / "one.rst"
    page.write_text(page.read_text() + "\nMore.\n")
    assert build() == {"one"}
