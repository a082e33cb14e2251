"""The whole book as one PDF: Chromium prints each page, and the pages get contents, numbers, bookmarks and links.

What folds on a screen does not on paper: hints and solutions stand at the end of their page, where they are not read by
accident, and a link leads there. Figures that compute are printed as their pictures.
"""

import html
import os
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import url2pathname

import yaml
from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NullObject, TextStringObject
from rich.console import Console

from course_utils.cli.chromium import find_chromium
from course_utils.cli.project import CourseError, Project

FILE = "book.pdf"
OPTIONS = ("--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--no-pdf-header-footer")
OPTIONS += ("--disable-background-networking", "--virtual-time-budget=60000")
SECONDS = 600
AT_ONCE = 2
MARK = ".printed-"
PAPER = "@page { size: A4; margin: 18mm 18mm 22mm; } .bd-main .bd-content .bd-article h1 { display: block !important; }"
LEFT_OUT = "script, .headerlink, button, .course-dark, .toggle-details__container, noscript"
TINY = 1.5  # points: the height of links that only make Chromium write down where something is
TARGETS = "position: absolute; top: 0; left: 0; font-size: 1px; line-height: 1px; height: 1px; overflow: hidden;"
UNSEEN = 'style="color: transparent; text-decoration: none"'
NUMBERS = """@page { size: A4; margin: 0; }
body { color: #444; font: 9pt sans-serif; margin: 0; }
div { box-sizing: border-box; break-after: page; display: flex; height: 296mm; justify-content: space-between;
  align-items: flex-end; padding: 0 18mm 11mm; }"""
CONTENTS = """body { color: #1b1b1b; font: 10.5pt/1.5 sans-serif; }
h1 { font-size: 26pt; line-height: 1.2; margin: 20mm 0 2mm; } h2 { font-size: 12pt; margin: 6mm 0 1mm; break-after: avoid; }
a { color: inherit; display: flex; text-decoration: none; } a.deeper { padding-left: 6mm; }
a i { border-bottom: 1pt dotted #999; flex: 1; margin: 0 2mm 1.5mm; }"""


class PdfError(CourseError):
    """The book cannot be printed."""


@dataclass(frozen=True)
class Chapter:
    """A page of the book: its path below the built pages, its title, the part it begins or stands in, how deep."""

    page: str
    title: str
    part: str
    depth: int = 0


@dataclass(frozen=True)
class Printed:
    """A printed page: its PDF, where its places are (page, left, top), its headings (depth, title, place)."""

    file: Path
    pages: int
    places: dict[str, tuple[int, float, float]]
    headings: tuple[tuple[int, str, str], ...] = ()


def chapters(project: Project) -> list[Chapter]:
    """Return the pages of the table of contents, in its order."""
    toc = yaml.safe_load((project.book / "_toc.yml").read_text(encoding="utf-8"))

    def below(entries: list[dict], part: str, depth: int) -> Iterator[Chapter]:
        for entry in entries:
            yield Chapter(entry["file"], _title(project, entry["file"]), part, depth)
            yield from below(entry.get("sections", []), part, depth + 1)

    found = [Chapter(toc["root"], _title(project, toc["root"]), "")]
    for part in toc.get("parts", [toc]):
        found += below(part.get("chapters", []), part.get("caption", ""), 0)
    return found


def _title(project: Project, page: str) -> str:
    soup = BeautifulSoup((project.html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    heading = soup.select_one("article h1") or soup.title
    for link in heading.select(".headerlink"):
        link.decompose()
    return " ".join(heading.get_text().split())


def links_of(project: Project, page: str, soup: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """Yield the pages of the book that a page links to, and the places on them."""
    for link in soup.select("article a[href]"):
        yield target_of(project, (project.html / f"{page}.html").as_uri(), link["href"])


def target_of(project: Project, base: str, address: str) -> tuple[str, str]:
    """The page and the place that an address on a page leads to; two empty texts where it leads elsewhere."""
    path, place = urldefrag(address)
    parts = urlsplit(path)
    if parts.scheme not in ("", "file") or parts.netloc:
        return "", ""
    folder = Path(url2pathname(urlsplit(base).path))
    file = Path(url2pathname(parts.path)) if parts.scheme else folder.parent / unquote(path) if path else folder
    file = Path(os.path.normpath(file))
    name = file.name.removeprefix(MARK)
    if not file.is_relative_to(project.html) or not name.endswith(".html"):
        return "", ""
    return (file.parent.relative_to(project.html) / name).with_suffix("").as_posix(), unquote(place)


def for_paper(soup: BeautifulSoup, places: set[str]) -> str:
    """A page as it is printed: its article alone, without scripts, in light colours, nothing folded.

    Parameters
    ----------
    soup : BeautifulSoup
        The built page, which is changed.
    places : set of str
        Names of the places that other pages link to.
    """
    article = soup.select_one("article")
    _unfold(soup, article)
    for element in soup.select(LEFT_OUT):
        element.decompose()
    for picture in article.select("img[loading]"):
        del picture["loading"]
    wanted = sorted(place for place in places if article.find(id=place))
    targets = "".join(f'<a {UNSEEN} href="#{html.escape(place)}">.</a>' for place in wanted)
    head = "".join(str(one) for one in soup.head.select("meta[charset], link[rel=stylesheet], style"))
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head>{head}<title>{html.escape(soup.title.get_text())}'
        f'</title><style>{PAPER}</style></head><body><main class="bd-main"><div class="bd-content"><div '
        f'class="bd-article-container">{article}<div style="{TARGETS}">{targets}</div></div></div></main></body></html>'
    )


def _unfold(soup: BeautifulSoup, article: Tag) -> None:
    """Put what is folded to the end of a page, under the heading or the question it belongs to."""
    folds = [fold for fold in article.find_all("details") if not fold.find_parent("details")]
    end = soup.new_tag("section", attrs={"class": "course-unfolded"})
    before = None
    for number, fold in enumerate(folds, start=1):
        question = fold.find_parent("course-quiz")
        heading = question.find("p") if question else fold.find_previous(["h2", "h3", "h4"])
        words = " ".join(heading.get_text().replace("#", "").split()) if heading else ""
        if words != before:
            before = words
            title = soup.new_tag("p", attrs={"class": "course-unfolded-title"})
            title.string = words
            end.append(title)
        summary = fold.find("summary")
        shown = summary.select_one(".collapsed") or summary
        name = " ".join(shown.get_text().split())
        place = soup.new_tag("p", attrs={"class": "course-fold"})
        link = soup.new_tag("a", href=f"#unfolded-{number}")
        link.string = name if question else f"{name.removeprefix('Show the ').capitalize()}: at the end of this chapter"
        place.append(link)
        fold.replace_with(place)
        summary.decompose()
        box = soup.new_tag("div", id=f"unfolded-{number}")
        label = soup.new_tag("p", attrs={"class": "course-unfolded-name"})
        label.string = name.removeprefix("Show the ").capitalize() if not question else name
        box.append(label)
        box.extend(list(fold.children))
        end.append(box)
    if folds:
        title = soup.new_tag("h2")
        title.string = "Hints, solutions and answers"
        end.insert(0, title)
        article.append(end)


def print_page(program: str, file: Path, target: Path) -> None:
    """Let Chromium print an HTML file.

    Raises
    ------
    PdfError
        If it does not.
    """
    as_root = ("--no-sandbox",) * (hasattr(os, "geteuid") and os.geteuid() == 0)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *OPTIONS, *as_root, f"--user-data-dir={profile}", f"--print-to-pdf={target}", file.as_uri()]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PdfError(f"{program} could not print {file.name.removeprefix(MARK)}: {error}") from None
    if done.returncode or not target.is_file():
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        said = f": {last[0]}" if last else ""
        raise PdfError(f"{program} could not print {file.name.removeprefix(MARK)} (code {done.returncode}){said}")


def read_printed(file: Path, headings: tuple = ()) -> Printed:
    """Return what is in a PDF that Chromium printed."""
    try:
        reader = PdfReader(file)
        number = reader.get_destination_page_number
        places = {
            name.removeprefix("/"): (number(place), float(place.left or 0), float(place.top or 0))
            for name, place in reader.named_destinations.items()
            if place.typ == "/XYZ"
        }
        return Printed(file, len(reader.pages), places, headings)
    except (PyPdfError, OSError) as error:
        raise PdfError(f"{file.name} is no PDF that can be read: {error}") from None


def headings_of(soup: BeautifulSoup) -> tuple[tuple[int, str, str], ...]:
    """The headings below the title of a page, which stand in sections with a name."""
    found = []
    for heading in soup.select("article section[id] > :is(h2, h3)"):
        title = " ".join(heading.get_text().removesuffix("#").split())
        found.append((int(heading.name[1]) - 1, title, heading.parent["id"]))
    return tuple(found)


def print_text(program: str, text: str, file: Path) -> Printed:
    """Print a page that is not a file of the book."""
    source = file.with_suffix(".html")
    source.write_text(text, encoding="utf-8")
    print_page(program, source, file)
    return read_printed(file)


def contents(title: str, book: list[Chapter], first: list[int], addresses: list[str]) -> str:
    """The page of contents, given on which page each chapter begins and what address links to it have."""
    lines, part = [], ""
    for chapter, page, address in zip(book, first, addresses, strict=True):
        if chapter.part != part:
            part = chapter.part
            lines.append(f"<h2>{html.escape(part)}</h2>")
        deeper = ' class="deeper"' if chapter.depth else ""
        lines.append(f'<a{deeper} href="{address}">{html.escape(chapter.title)}<i></i>{page}</a>')
    head = f"<meta charset='utf-8'><title>{html.escape(title)}</title><style>{PAPER}{CONTENTS}</style>"
    return f"<!DOCTYPE html><html lang='en'>{head}<h1>{html.escape(title)}</h1>{''.join(lines)}</html>"


def footers(titles: list[str]) -> str:
    """As many pages as there are titles, each with nothing but the title and its number at its foot."""
    rows = "".join(f"<div><span>{html.escape(title)}</span><span>{n}</span></div>" for n, title in enumerate(titles, 1))
    return f"<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>.</title><style>{NUMBERS}</style>{rows}</html>"


def make(project: Project, *, console: Console | None = None) -> Path:
    """Print the built book into ``_build/book.pdf``.

    Returns
    -------
    Path
        The file, which is replaced only once the new one is complete.

    Raises
    ------
    PdfError
        If there is no Chromium, or a page cannot be printed.
    """
    console = console or Console(highlight=False)
    program, book = find_chromium(), chapters(project)
    title = yaml.safe_load((project.root / "_config.yml").read_text(encoding="utf-8"))["title"]
    target = project.output / FILE
    with (
        tempfile.TemporaryDirectory(dir=project.output, prefix="pdf-", ignore_cleanup_errors=True) as name,
        console.status("Printing the book") as status,
    ):
        folder = Path(name)
        printed = _print_all(project, program, book, folder, status)
        front, first = _front(project, program, title, book, printed, folder)
        status.update("Printing the book: putting it together")
        labels = [title] * front.pages + [c.title for c, p in zip(book, printed, strict=True) for _ in range(p.pages)]
        numbers = print_text(program, footers(labels), folder / "numbers.pdf")
        whole = _join(project, title, book, printed, front, first, numbers)
        whole.write(folder / FILE)
        os.replace(folder / FILE, target)
    console.print(f"{project.relative(target)}: {len(labels)} pages")
    return target


def _print_all(project: Project, program: str, book: list[Chapter], folder: Path, status) -> list[Printed]:
    """Print each chapter, two at a time."""
    soups, places = {}, {chapter.page: set() for chapter in book}
    for chapter in book:
        text = (project.html / f"{chapter.page}.html").read_text(encoding="utf-8")
        soups[chapter.page] = BeautifulSoup(text, "html.parser")
        for page, place in links_of(project, chapter.page, soups[chapter.page]):
            if page in places and place:
                places[page].add(place)

    def one(number: int) -> Printed:
        page = book[number].page
        # Beside the page itself, so that its pictures and styles are found.
        copy = (project.html / page).with_name(f"{MARK}{Path(page).name}.html")
        try:
            soup = soups.pop(page)
            headings = headings_of(soup)
            text = for_paper(soup, places[page].union(place for _, _, place in headings))
            copy.write_text(text, encoding="utf-8")
            print_page(program, copy, folder / f"{number:03}.pdf")
        finally:
            copy.unlink(missing_ok=True)
        status.update(f"Printing the book: {page}")
        return read_printed(folder / f"{number:03}.pdf", headings)

    workers = ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1))
    try:
        return list(workers.map(one, range(len(book))))
    finally:
        workers.shutdown(cancel_futures=True)


def _front(project, program, title, book, printed, folder) -> tuple[Printed, list[int]]:
    """Print the contents, again if they take more pages than thought; return them and where each chapter begins."""
    addresses = [(project.html / f"{chapter.page}.html").as_uri() for chapter in book]
    pages = 1
    while True:
        first = [pages + 1 + sum(one.pages for one in printed[:at]) for at in range(len(book))]
        front = print_text(program, contents(title, book, first, addresses), folder / "contents.pdf")
        if front.pages <= pages:
            return front, first
        pages = front.pages


def _join(project, title, book, printed, front, first, numbers) -> PdfWriter:
    """Put everything together: pages with their numbers, bookmarks, links."""
    whole = PdfWriter()
    files = [("", front, 1), *((c.page, p, f) for c, p, f in zip(book, printed, first, strict=True))]
    for page, one, _ in files:
        reader = PdfReader(one.file)
        _name_addresses(project, page, reader)
        whole.append(reader, import_outline=False)
    for sheet, number in zip(whole.pages, PdfReader(numbers.file).pages, strict=True):
        sheet.merge_page(number)
    begins = {page: begin - 1 for page, _, begin in files}
    places = {
        (page, name): (begins[page] + at[0], *at[1:]) for page, one, _ in files for name, at in one.places.items()
    }
    for sheet in whole.pages:
        _lead_links(project, whole, sheet, begins, places)
    _bookmarks(whole, book, printed, begins)
    whole.add_metadata({"/Title": title})
    whole.compress_identical_objects()
    return whole


def _name_addresses(project: Project, page: str, reader: PdfReader) -> None:
    """Give links within a page the address of their place, as links to other pages have it: names are free in each page."""
    base = (project.html / f"{page}.html").as_uri()
    for sheet in reader.pages:
        for link in (entry.get_object() for entry in sheet.get("/Annots", [])):
            if "/Dest" in link:
                address = TextStringObject(f"{base}#{str(link.pop('/Dest')).removeprefix('/')}")
                action = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): address}
                link[NameObject("/A")] = DictionaryObject(action)


def _lead_links(project: Project, whole: PdfWriter, sheet, begins: dict, places: dict) -> None:
    """Let links to pages of the book lead there, and take away those to files that are not printed."""
    kept = ArrayObject()
    for entry in sheet.get("/Annots", []):
        link = entry.get_object()
        address = str(link.get("/A", {}).get("/URI", ""))
        _, low, _, top = map(float, link.get("/Rect", (0, 0, 0, 0)))
        if address.startswith("file:"):
            if abs(top - low) < TINY:
                continue
            target = target_of(project, address, address)
            if target[0] not in begins:
                continue
            page, x, y = places.get(target, (begins[target[0]], 0.0, 1000.0))
            del link["/A"]
            view = (NameObject("/XYZ"), FloatObject(x), FloatObject(y), NullObject())
            link[NameObject("/Dest")] = ArrayObject([whole.pages[page].indirect_reference, *view])
        kept.append(entry)
    if "/Annots" in sheet:
        sheet[NameObject("/Annots")] = kept


def _bookmarks(whole: PdfWriter, book: list[Chapter], printed: list[Printed], begins: dict) -> None:
    """Add a bookmark for each part, chapter and heading."""
    part, parts = None, ""
    above: dict[int, object] = {}
    for chapter, one in zip(book, printed, strict=True):
        begin = begins[chapter.page]
        if chapter.part != parts:
            parts = chapter.part
            part = whole.add_outline_item(title=parts, page_number=begin)
        parent = above.get(chapter.depth - 1, part) if chapter.part else None
        above[chapter.depth] = whole.add_outline_item(title=chapter.title, page_number=begin, parent=parent)
        nested = {0: above[chapter.depth]}
        for depth, title, place in one.headings:
            if place in one.places:
                page = begin + one.places[place][0]
                above_it = nested.get(depth - 1, nested[0])
                nested[depth] = whole.add_outline_item(title=title, page_number=page, parent=above_it)
