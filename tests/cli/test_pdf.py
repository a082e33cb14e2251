"""The book as one PDF: a small book of three pages, printed by the real Chromium once, and what goes wrong."""

import pytest
from pypdf import PdfReader

from course_utils.cli import book, chromium, pdf
from course_utils.cli.pdf import PdfError
from course_utils.cli.project import CourseError

PAGE = """<!DOCTYPE html><html data-theme="dark"><head><meta charset="utf-8"><title>{title} — Book</title>
<style>.course-figure img {{ width: 40px }}</style></head><body><nav>menu of the site</nav><article class="bd-article">
<section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>{text}</section></article>
<script>document.querySelector("article").append("written by a script")</script></body></html>"""
LONG = "".join(f"<p>line {number}</p>" for number in range(60))
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
PAGES = {
    "index": ("The book", '<p>See <a href="a/second.html#far">far away</a>, <a href="genindex.html">index</a>.</p>'),
    "a/first": (
        "First chapter",
        '<p>Up to <a href="#below">below</a> and <a href="https://example.org/">elsewhere</a>.</p>'
        f'<course-xo class="course-figure"><img src="{PIXEL}" loading="lazy" alt="a"></course-xo>'
        '<section id="below"><h2>Exercise: two<a class="headerlink" href="#below">#</a></h2><details class="hide"><summary>'
        '<p class="collapsed">Show the solution</p><p class="expanded">Hide the solution</p></summary><p>forty-two</p>'
        "</details><p>after the exercise</p></section>",
    ),
    "a/second": ("Second chapter", LONG + '<section id="far"><h2>Far down</h2><p>the end</p></section>'),
}
TOC = """format: jb-book
root: index
parts:
  - caption: Part one
    chapters:
      - file: a/first
        sections:
          - file: a/second
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A checkout with a built book of three pages."""
    from course_utils.cli.project import Project

    root = tmp_path_factory.mktemp("checkout")
    (root / "book").mkdir()
    (root / "book" / "_toc.yml").write_text(TOC)
    (root / "_config.yml").write_text("title: A small book\n")
    for name, (title, text) in PAGES.items():
        file = root / "_build" / "html" / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PAGE.format(title=title, text=text), encoding="utf-8")
    return Project(root)


@pytest.fixture(scope="module")
def printed(small, chromium):
    """The printed book."""
    pdf.make(small)
    return PdfReader(small.output / pdf.FILE)


def bookmarks(reader, entries, depth=0):
    for entry in entries:
        if isinstance(entry, list):
            yield from bookmarks(reader, entry, depth + 1)
        else:
            yield depth, entry.title, reader.get_destination_page_number(entry)


def links(reader, page):
    """Where the links on a page lead: to numbers of pages, or elsewhere."""
    found = [entry.get_object() for entry in reader.pages[page].get("/Annots", [])]
    return [
        reader.get_page_number(link["/Dest"][0].get_object()) if "/Dest" in link else link["/A"]["/URI"]
        for link in found
    ]


def test_pages_are_in_the_order_of_the_contents_and_numbered(printed):
    texts = [page.extract_text() for page in printed.pages]
    assert [
        next((n for n, text in enumerate(texts) if word in text and n), None) for word in ("far away", "after the")
    ] == [1, 2]
    assert len(texts) == 6  # the second chapter has lines for three
    for number, text in enumerate(texts, start=1):
        assert str(number) in text.split("\n")[-1] or str(number) in text.split("\n")[-2]
    assert all("Second chapter" in text for text in texts[3:])
    front = texts[0].split()
    assert front[front.index("chapter") + 1] == "3"
    assert "Part one" in texts[0]
    assert {round(float(side)) for page in printed.pages for side in page.mediabox[2:]} == {595, 842}


def test_bookmarks_are_parts_chapters_and_headings(printed):
    found = list(bookmarks(printed, printed.outline))
    assert found == [
        (0, "The book", 1),
        (0, "Part one", 2),
        (1, "First chapter", 2),
        (2, "Exercise: two", 2),
        (2, "Second chapter", 3),
        (3, "Far down", 5),
    ]


def test_links_lead_to_places_in_the_file_or_elsewhere(printed):
    assert links(printed, 0) == [1, 2, 3]
    assert links(printed, 1) == [5], "a page that is not printed has no link"
    assert links(printed, 2)[:2] == [2, "https://example.org/"]
    everywhere = [one for page in range(len(printed.pages)) for one in links(printed, page)]
    assert not [one for one in everywhere if str(one).startswith("file:")]


def test_a_chapter_is_its_article_with_solutions_at_the_end(printed):
    text = printed.pages[2].extract_text()
    assert "menu of the site" not in text
    assert "written by a script" not in text
    assert "#" not in text
    assert text.index("after the exercise") < text.index("Hints, solutions and answers") < text.index("forty-two")
    assert text.count("Exercise: two") == 2
    assert "Show the" not in text
    assert len(printed.pages[2].images) == 1


def test_nothing_is_left_beside_the_pages(printed, small):
    assert sorted(path.name for path in small.output.iterdir()) == ["book.pdf", "html"]
    assert sorted(path.name for path in (small.html / "a").iterdir()) == ["first.html", "second.html"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'no display' >&2; exit 3", "code 3.*no display"),
        ("exit 0", "could not print"),
        ("printf x > $OUT", "no PDF"),
    ],
)
def test_a_page_that_fails_leaves_what_was_there(small, tmp_path, monkeypatch, script, said):
    program = tmp_path / "chromium"
    find = 'for one in "$@"; do case $one in --print-to-pdf=*) OUT=${one#*=};; esac; done'
    program.write_text(f"#!/bin/sh\n{find}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(pdf, "find_chromium", lambda: str(program))
    target = small.output / pdf.FILE
    before = target.read_bytes() if target.exists() else None
    with pytest.raises(PdfError, match=said):
        pdf.make(small)
    assert (target.read_bytes() if target.exists() else None) == before
    assert sorted(path.name for path in (small.html / "a").iterdir()) == ["first.html", "second.html"]
    assert not list(small.output.glob("pdf-*"))


def test_without_chromium_nothing_is_built(small, monkeypatch):
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    monkeypatch.setattr(book, "_build_pages", lambda *arguments: pytest.fail("was built"))
    with pytest.raises(CourseError, match="apt install chromium"):
        book.build(small, pdf=True)


def test_the_book_is_built_and_then_printed(small, monkeypatch):
    done = []
    monkeypatch.setattr(pdf, "find_chromium", lambda: "chromium")
    monkeypatch.setattr(book, "_build_pages", lambda *arguments: done.append("built"))
    monkeypatch.setattr(pdf, "make", lambda project, console: done.append("printed"))
    book.build(small)
    assert done == ["built"]
    book.build(small, pdf=True)
    assert done == ["built", "built", "printed"]
