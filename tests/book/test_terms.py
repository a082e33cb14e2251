"""Words of the glossary: which lesson introduces each, and that lessons before it link them."""

import json
import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

BOOK = Path(__file__).resolve().parents[2] / "book"
TOC = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
ORDER = [page["file"] for part in TOC["parts"] for page in part["chapters"]]
LESSONS = [page for page in ORDER if (BOOK / f"{page}.ipynb").exists()]
FIRST = re.compile(r"First in \[[^]]+\]\(\.\./([^)]+)\.ipynb\)\.$")
GLOSSARY = """
# Words

:::{glossary}
Kernel
    A table of weights. It slides. First in [Two](two.ipynb).

max pooling
    The largest. First in [Two](two.ipynb).

pooling
    One number for many. First in [Two](two.ipynb).

unit
    A neuron. First in [One](one.ipynb).

overfit
    Nobody says where.
:::
"""
ONE = """# One pooling

A unit, `max pooling` and $pooling$. A [way of pooling](two.ipynb) and
max
Poolings, Kernels and a kernel. [Kernel](appendix/glossary.md).

To overfit: overfit.
"""


def introduced() -> dict[str, str | None]:
    """Every term of the glossary, with the lesson that its entry names."""
    entries = (BOOK / "appendix" / "glossary.md").read_text(encoding="utf-8").split(":sorted:\n")[1].split("\n:::")[0]
    found = [entry.split("\n", 1) for entry in entries.strip().split("\n\n")]
    named = {term: FIRST.search(definition) for term, definition in found}
    return {term: match and match.group(1) for term, match in named.items()}


def prose(page: BeautifulSoup) -> BeautifulSoup:
    """What a lesson says: its running text, without code, formulas, headings, outputs, quiz and navigation."""
    article = BeautifulSoup(str(page.find("article")), "html.parser")
    for element in article.select("pre, code, .math, h1, h2, h3, h4, .cell, .headerlink, script, style, .cell_output"):
        element.decompose()
    return article


def says(term: str, text: str) -> re.Match | None:
    """Where a text uses a term for the first time, if it does."""
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]", term))
    return re.search(rf"(?<![\w-]){words}(s|es)?(?![\w-])", text, 0 if term != term.lower() else re.IGNORECASE)


def test_every_entry_that_names_a_lesson_names_one_that_uses_the_word(pages):
    named = {term: lesson for term, lesson in introduced().items() if lesson}
    assert len(named) > 60
    wrong = [term for term, lesson in named.items() if lesson not in LESSONS]
    assert not wrong, "the link after 'First in' leads to a lesson that stands in _toc.yml"
    texts = {
        lesson: pages[f"{lesson}.html"].find("article").get_text(" ").lower().replace("’", "'") for lesson in LESSONS
    }
    beginnings = {
        term: [word[:5].lower() for word in re.split(r"[\s-]", term)] for term in named
    }  # "saturated" will do
    silent = [
        (term, lesson) for term, lesson in named.items() if not all(word in texts[lesson] for word in beginnings[term])
    ]
    assert silent == [], "the lesson that an entry names must use its word"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_term_is_introduced_or_linked(pages, lesson):
    text = prose(pages[f"{lesson}.html"])
    linked = [link.get_text(" ") for link in text.select("a")]
    for link in text.select("a"):
        link.decompose()
    before = set(LESSONS[: LESSONS.index(lesson) + 1])
    later = [term for term, where in introduced().items() if where not in before]
    longer = {term: [other for other in introduced() if term in other and term != other] for term in later}
    alone = {term: text.get_text(" ") for term in later}
    for term, others in longer.items():
        for other in others:
            while found := says(other, alone[term]):
                alone[term] = alone[term][: found.start()] + "…" + alone[term][found.end() :]
    missing = [term for term in later if says(term, alone[term]) and not any(says(term, link) for link in linked)]
    assert not missing, (
        "a later lesson introduces these: link the first use to ../appendix/glossary.md, or choose another word"
    )


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A function that builds a small book of two lessons, and returns the first."""
    monkeypatch.syspath_prepend(str(BOOK / "_ext"))
    source = tmp_path / "source"
    (source / "appendix").mkdir(parents=True)
    (source / "index.md").write_text("# Book\n\n```{toctree}\none\ntwo\nappendix/glossary\n```\n")
    (source / "appendix" / "glossary.md").write_text(GLOSSARY.replace("](", "](../"))
    for name, text in (("one", ONE), ("two", "# Two\n\nPooling, max pooling.\n")):
        cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        (source / f"{name}.ipynb").write_text(json.dumps(notebook))

    def run(page="one"):
        settings = {"extensions": ["myst_nb", "terms"], "html_theme": "basic", "nb_execution_mode": "off"}
        settings |= {"myst_enable_extensions": ["colon_fence", "dollarmath"]}
        folders = (source, None, tmp_path / "out", tmp_path / "trees")
        with patch_docutils(), docutils_namespace():
            Sphinx(*folders, "html", settings, None, None, warningiserror=True).build()
        return BeautifulSoup((tmp_path / "out" / f"{page}.html").read_text(encoding="utf-8"), "html.parser")

    return run


def links(page) -> list[tuple[str, str]]:
    return [(" ".join(link.text.split()), link["href"].split("#")[-1]) for link in page.select("a.course-term")]


def test_the_first_use_before_the_lesson_is_linked_and_no_other(build):
    page = build()
    assert links(page) == [
        ("max Poolings", "term-max-pooling"),
        ("Kernels", "term-Kernel"),
        ("Kernel", "term-Kernel"),
        ("overfit", "term-overfit"),
    ]
    assert page.select_one("a.course-term[href$=Kernel]")["title"] == "A table of weights."
    assert not links(build("two"))


def test_lessons_follow_the_glossary_when_they_are_built_again(build, tmp_path):
    build()
    glossary = tmp_path / "source" / "appendix" / "glossary.md"
    glossary.write_text(glossary.read_text().replace("One number", "A number").replace("[One](../one", "[Two](../two"))
    assert ("unit", "term-unit") in links(build())
