"""The Sphinx extension of the interactive figures, on a small book of its own."""

import json
from pathlib import Path

import pytest
import scripts
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

BOOK = Path(__file__).resolve().parents[2] / "book"
ALT = "A letter, a feature and the map that comes of them."
DIRECTIVE = f"""# Page

```{{interactive}} xo
:name: play-xo
:alt: {ALT}
:state: letter=O&step=12

The *finding*.
```

See {{numref}}`play-xo`.
"""
NOTEBOOK = [
    "# Lesson",
    f'![{ALT}](interactive/pictures/pooling.png#window=3 "The caption.")',
    "## Questions\n\n**1. How many?**\n\n<details><summary>one</summary>\n\nNo.\n\n</details>\n\n"
    "<details><summary>two</summary>\n\n**Right.** Both,\n\nas $1 + 1$ says.\n\n</details>\n\n"
    "**2. Which `kernel`?**\n\n<details><summary>this</summary>\n\n**Right.** Yes.\n\n</details>\n\n"
    "<details><summary>that</summary>\n\nNo.\n\n</details>\n\n**3. A bold line without choices**\n\nThe end.",
]


@pytest.fixture(scope="module")
def extension():
    return scripts.load("book/_ext/interactive.py")


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A function that builds pages (name → Markdown, or a list of cells) and returns the folder of the result."""
    monkeypatch.syspath_prepend(str(BOOK / "_ext"))

    def run(pages, builder="html"):
        source, target = tmp_path / "source", tmp_path / builder
        (source / "interactive" / "pictures").mkdir(parents=True, exist_ok=True)
        for name in ("xo", "pooling", "pooling.shift"):
            # One grey pixel.
            content = bytes.fromhex(
                "89504e470d0a1a0a0000000d494844520000000100000001080000000000003a7e9b550000000a49444154789c6360000000020001"
                "48afa4710000000049454e44ae426082"
            )
            (source / "interactive" / "pictures" / f"{name}.png").write_bytes(content)
        for name, page in pages.items():
            if isinstance(page, str):
                (source / f"{name}.md").write_text(page, encoding="utf-8")
                continue
            cells = [
                {"cell_type": "markdown", "id": str(at), "metadata": {}, "source": text} for at, text in enumerate(page)
            ]
            notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
            (source / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        settings = {
            "extensions": ["myst_nb", "interactive"],
            "nb_execution_mode": "off",
            "numfig": True,
            "root_doc": next(iter(pages)),
            "html_theme": "basic",
            "myst_enable_extensions": ["dollarmath"],
        }
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                source, None, target, tmp_path / "doctrees", builder, settings, None, None, warningiserror=True
            )
            app.build()
        return target

    return run


def read(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def fetched_scripts(element) -> list[str]:
    """The scripts that ``load.js`` fetches for a figure."""
    return [Path(name.split("?")[0]).stem for name in element["data-scripts"].split()]


def loaded_scripts(page: BeautifulSoup) -> list[str]:
    return [
        Path(tag["src"].split("?")[0]).stem for tag in page.find_all("script", src=True) if "interactive/" in tag["src"]
    ]


def test_the_directive_makes_a_numbered_figure_around_a_picture(build):
    page = read(build({"page": DIRECTIVE}) / "page.html")
    figure = page.find("figure", id="play-xo")
    element = figure.find("course-xo")
    assert element["state"] == "letter=O&step=12"
    assert element.img["alt"] == ALT
    assert element.img["src"].endswith("xo.png")
    assert figure.figcaption.em.get_text() == "finding"
    assert page.find("a", class_="reference", href="#play-xo").get_text() == "Fig. 1"
    assert loaded_scripts(page) == ["load"]
    assert fetched_scripts(element) == ["core", "ui", "xo"]
    assert all(tag.has_attr("defer") for tag in page.find_all("script", src=True) if "interactive/" in tag["src"])


def test_a_page_without_figures_loads_none_of_their_scripts(build, extension):
    target = build({"index": "# Index\n\n```{toctree}\npage\n```\n", "page": DIRECTIVE})
    index = read(target / "index.html")
    assert not loaded_scripts(index)
    assert extension.STYLE not in str(index)
    assert extension.STYLE in str(read(target / "page.html"))
    copied = {path.name for path in (target / "_static" / "interactive").iterdir()}
    assert copied == {path.name for kind in ("*.css", "*.js") for path in extension.FOLDER.glob(kind)}


def test_a_picture_in_a_notebook_becomes_the_figure(build):
    page = read(build({"lesson": NOTEBOOK}) / "lesson.html")
    element = page.find("figure", id="fig-pooling").find("course-pooling")
    assert element["state"] == "window=3"
    assert element.img["alt"] == ALT
    assert "The caption." in page.find("figcaption").get_text()
    assert loaded_scripts(page) == ["ui", "answers", "quiz", "load"]
    assert fetched_scripts(element) == ["core", "ui", "pooling"]


def test_a_further_picture_of_a_figure_becomes_that_figure(build):
    page = [NOTEBOOK[0], f'![{ALT}](interactive/pictures/pooling.shift.png#shift=right "The caption.")']
    element = read(build({"lesson": page}) / "lesson.html").find("figure", id="fig-pooling").find("course-pooling")
    assert element["state"] == "shift=right"
    assert element.img["src"].endswith("pooling.shift.png")
    assert fetched_scripts(element) == ["core", "ui", "pooling"]


def test_questions_keep_their_text_and_get_an_element(build):
    page = read(build({"lesson": NOTEBOOK}) / "lesson.html")
    first, second = page.find_all("course-quiz")
    assert (first["id"], second["id"]) == ("question-1", "question-2")
    assert first["data-page"] == "lesson"
    assert [summary.get_text() for summary in first.find_all("summary")] == ["one", "two"]
    assert first.p.strong.get_text() == "1. How many?"
    assert len(first.find_all("details")[1].find_all("p")) == 2
    assert second.p.get_text() == "2. Which kernel?"
    assert "without choices" not in first.get_text() + second.get_text()


def test_the_latex_form_has_the_picture(build):
    text = next(build({"page": DIRECTIVE}, "latex").glob("*.tex")).read_text(encoding="utf-8")
    assert r"{{xo}.png}" in text
    assert "course-xo" not in text


def test_the_text_form_has_question_and_choices(build):
    text = (build({"lesson": NOTEBOOK}, "text") / "lesson.txt").read_text(encoding="utf-8")
    assert "How many?" in text
    assert "Both," in text


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("# P\n\n```{interactive} crystal-ball\n:alt: A ball.\n```\n", "crystal-ball"),
        ("# P\n\n```{interactive} xo\n```\n", "needs :alt:"),
        ("# P\n\n```{interactive} xo\n:alt: A letter.\n\nOne.\n\nTwo.\n```\n", "one paragraph"),
        (["# P", "![A ball.](interactive/pictures/ball.png)"], "there is no interactive figure 'ball'"),
        (["# P", "![](interactive/pictures/xo.png)"], "needs an alternative text"),
        (["# P", "See ![A letter.](interactive/pictures/xo.png) here."], "paragraph of its own"),
    ],
)
def test_mistakes_stop_the_build_and_say_what_is_wrong(build, page, message):
    with pytest.raises(Exception, match=message):
        build({"page": page})


def test_an_old_copy_of_a_changed_script_is_not_taken_for_the_new_one(extension, tmp_path, monkeypatch):
    monkeypatch.setattr(extension, "FOLDER", tmp_path)
    (tmp_path / "xo.js").write_text("1;")
    before = extension.versioned("xo")
    (tmp_path / "xo.js").write_text("2;")
    assert extension.versioned("xo") != before
    assert {name.split("?v=")[0] for name in (before, extension.versioned("xo"))} == {"xo.js"}


def test_a_missing_script_is_named(extension, tmp_path, monkeypatch):
    from types import SimpleNamespace

    monkeypatch.setattr(extension, "FOLDER", tmp_path)
    with pytest.raises(extension.ExtensionError, match="missing"):
        extension.copy_scripts(SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path / "out"))
