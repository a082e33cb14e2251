"""The first impression, as files: overviews, the course as one picture, what pages say about themselves, where buttons lead."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

BOOK = Path(__file__).resolve().parents[2] / "book"
CONTENTS = {
    part["caption"].partition(" · ")[2]: [chapter["file"] for chapter in part["chapters"]]
    for part in yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    if part["caption"][0].isdigit()
}
OTHERS = {
    overview: [page for page in pages if (BOOK / f"{page}.md").is_file()] for overview, *pages in CONTENTS.values()
}
PARTS = {
    title: [overview, *(page for page in pages if page not in OTHERS[overview])]
    for title, (overview, *pages) in CONTENTS.items()
}
WORDS_A_MINUTE = 120
HEAVIEST_PICTURE = 100_000


def notebook(page: str) -> dict:
    return json.loads((BOOK / f"{page}.ipynb").read_text(encoding="utf-8"))


def first_cell(page: str) -> str:
    return "".join(notebook(page)["cells"][0]["source"])


def flat(element) -> str:
    """The words of an element, with plain spaces and apostrophes."""
    text = element.get_text().replace("\N{NO-BREAK SPACE}", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return " ".join(text.split())


def text_of_the_lesson(page: BeautifulSoup) -> str:
    """What stands on the built page, without code, outputs and what is folded."""
    article = BeautifulSoup(str(page.find("article")), "html.parser")
    for element in article.select(".cell, details, .headerlink, script, style, figure"):
        element.decompose()
    return flat(article)


@pytest.fixture(scope="module")
def own_pages(pages) -> dict[str, BeautifulSoup]:
    """Pages that somebody wrote, without indices and source code."""
    return {name: page for name, page in pages.items() if (BOOK / name).with_suffix(".md").is_file() or is_lesson(name)}


def is_lesson(name: str) -> bool:
    return (BOOK / name).with_suffix(".ipynb").is_file()


def test_overviews_list_the_lessons_that_stand_and_what_each_answers(pages):
    for overview, *lessons in PARTS.values():
        box = pages[f"{overview}.html"].select_one("article .course-lessons")
        items = box.select("ol > li")
        assert [item.a["href"] for item in items] == [f"{Path(page).name}.html" for page in lessons], overview
        assert ("This part has no lesson yet." in flat(box)) == (not lessons)
        for page in OTHERS[overview]:
            question = flat(pages[f"{page}.html"].select_one("article h1 + blockquote"))
            link = box.select_one(f"a[href='{Path(page).name}.html']")
            assert f"{flat(link)}: {question}" in flat(box), page
        for item, page in zip(items, lessons, strict=True):
            first, seconds = first_cell(page), notebook(page)["metadata"]["course"]["seconds"]
            title, question = re.match(r"# (.+)\n\n> (.+)\n", first).groups()
            heading, asked, times = map(flat, item.select(":scope > p"))
            assert (heading.removesuffix(" · advanced"), asked) == (title, question)
            assert heading.endswith(" · advanced") == ("\n*Advanced.*" in first), page
            minutes, runs, unit = re.fullmatch(
                r"(\d+) minutes of reading · runs in about ([\d.]+) (seconds|minutes)", times
            ).groups()
            assert f"**Reading time:** {minutes} minutes" in first, page
            assert f"**Running time:** about {runs} {unit} on one core" in first, page
            assert float(runs) * {"seconds": 1, "minutes": 60}[unit] == pytest.approx(max(seconds, 10), abs=15)


def test_reading_times_are_those_of_the_text_that_is_read(pages, lessons):
    """Counted here on the built page, where formulas and links have other words than in the notebook."""
    for name in lessons:
        page = pages[name]
        minutes = int(re.search(r"Reading time: (\d+) minutes", flat(page.find("article"))).group(1))
        assert minutes % 5 == 0
        assert len(text_of_the_lesson(page).split()) / WORDS_A_MINUTE == pytest.approx(minutes, abs=6), name


def test_the_picture_of_the_course_is_the_table_of_contents(pages):
    stations = pages["index.html"].select("article .course-map > ol > li")
    assert len(PARTS) == 9
    assert [flat(station.a) for station in stations] == list(PARTS)
    for station, (overview, *lessons) in zip(stations, PARTS.values(), strict=True):
        assert station.a["href"] == f"{overview}.html"
        assert flat(pages[f"{overview}.html"].select_one("article h1 + blockquote")) == flat(station.select("p")[1])
        advanced = sum("\n*Advanced.*" in first_cell(page) for page in lessons)
        dots = station.select_one(".course-stands [aria-hidden]")
        assert (
            (dots.text.count("●"), dots.text.count("○")) == (len(lessons) - advanced, advanced) if lessons else not dots
        )
        words = flat(station.select_one(".course-stands")).removeprefix(dots.text if dots else "").strip()
        assert ("no lesson yet" in words) == (not lessons)
        assert ("advanced" in words) == bool(advanced)
        assert station.svg["aria-hidden"] == "true"
        assert {station.svg["width"], station.svg["height"]} == {"64", "48"}  # no room is left to be found later


def test_the_landing_page_begins_with_the_pad_and_has_three_ways_in(pages):
    article = pages["index.html"].find("article")
    assert not article.find("course-draw-a-digit").find_previous("h2")
    ways = [flat(card) for card in article.select(".sd-card-title")]
    assert ways == ["Ten minutes", "One afternoon", "The whole course"]
    lessons = [page for _, *pages_of_part in PARTS.values() for page in pages_of_part]
    minutes = {page: int(re.search(r"Reading time:\*\* (\d+)", first_cell(page)).group(1)) for page in lessons}
    cards = [flat(card) for card in article.select(".sd-card-body")]
    for card, some in zip(cards[1:], (["start-here", "xo-walkthrough", "convolution", "mnist-cnn"], None), strict=True):
        total = sum(minutes[page] for page in lessons if some is None or Path(page).name in some)
        said = re.search(r"(\d+)([¼½¾]?) hours|(\d+) minutes", card)
        hours = int(said.group(1)) + {"": 0, "¼": 0.25, "½": 0.5, "¾": 0.75}[said.group(2)] if said.group(1) else 0
        assert hours * 60 + int(said.group(3) or 0) == pytest.approx(total, abs=8), card
    assert f"{len(lessons)} lessons" in cards[2]


def test_ten_minutes_are_ten(pages):
    article = BeautifulSoup(str(pages["play/ten-minutes.html"].find("article")), "html.parser")
    for element in article.select("figure, .headerlink"):
        element.decompose()
    assert len(article.get_text().split()) < 10 * WORDS_A_MINUTE  # with every explanation unfolded


def test_a_page_says_its_title_once(pages):
    titles = {name: flat(page.title) for name, page in pages.items()}
    for name, page in pages.items():
        assert len(page.select("h1")) <= 1, name
        assert len(set(titles[name].split(" — "))) == len(titles[name].split(" — ")), titles[name]
    assert len(set(titles.values())) == len(titles)


def test_a_page_describes_itself_and_what_is_shown_with_a_link_to_it(html, pages, own_pages):
    descriptions = {}
    for name, page in pages.items():
        if name == "404.html":
            continue
        meta = {one.get("name") or one.get("property"): one["content"] for one in page.head.select("meta[content]")}
        descriptions[name] = meta["description"]
        assert meta["og:description"] == meta["description"], name
        assert 20 <= len(meta["description"]) <= 200, name
        assert meta["og:title"] in flat(page.title), name
        assert bool(urlsplit(meta["og:image"]).netloc) == ("og:url" in meta), name
        if "og:url" not in meta:
            picture = ((html / name).parent / meta["og:image"]).resolve()
            assert picture == html.resolve() / "_static" / "share.png", name
            with Image.open(picture) as opened:
                assert [str(side) for side in opened.size] == [meta["og:image:width"], meta["og:image:height"]]
            assert picture.stat().st_size <= HEAVIEST_PICTURE
        (icon,) = page.head.select('link[rel~="icon"]')
        assert ((html / name).parent / icon["href"]).is_file(), name
    own = [descriptions[name] for name in own_pages]
    assert len(set(own)) == len(own)
    for name, page in own_pages.items():
        first = descriptions[name].rstrip("…").split(". ")[0].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        assert first in flat(page.find("article")), name


def test_no_page_fixes_a_theme_before_the_reader_has_chosen(pages):
    for name, page in pages.items():
        assert not page.html.get("data-theme"), name
        assert "prefers-color-scheme" in str(page.head), name


def test_the_page_for_lost_addresses_stands_for_itself(html, pages):
    page = pages["404.html"]
    assert not page.select("script[src], link[rel=stylesheet], img")
    assert {link["href"] for link in page.select("a")} == {"index.html"}
    known = json.loads(page.find(id="pages").string)
    assert all((html / name).is_file() for name in known)
    assert {f"{name}.html" for part in PARTS.values() for name in part} <= set(known)
    assert page.find("noscript")


def test_the_download_button_gives_the_notebook_of_the_page(html, pages, lessons):
    for name in lessons:
        (address,) = {
            a["href"]
            for a in pages[name].select("a[href$='.ipynb']")
            if "_sources/" in a["href"] and "download" in str(a)
        }
        given = ((html / name).parent / address).read_bytes()
        assert given == (BOOK / name).with_suffix(".ipynb").read_bytes(), name


def test_every_page_that_somebody_wrote_can_be_edited(own_pages, repository):
    for name, page in own_pages.items():
        file = next(file for suffix in (".md", ".ipynb") if (file := (BOOK / name).with_suffix(suffix)).is_file())
        assert page.select_one(f'a[href="{repository}/edit/main/book/{file.relative_to(BOOK).as_posix()}"]'), name
