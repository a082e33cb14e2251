"""What can be seen in the files of the built book without a browser."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

SHORTEST_ALT = 20
PICTURE_FILE = re.compile(r"_images/|\.(svg|png|jpe?g|gif|webp)\b", re.IGNORECASE)
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
LOADS |= {"embed": "src", "object": "data", "link": "href"}
CSS_ADDRESS = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


def is_elsewhere(address: str) -> bool:
    """Whether an address names a host; fragments, relative addresses and data do not."""
    return bool(urlsplit(address).netloc)


def alt_problem(text: str | None) -> str | None:
    """What is wrong with the text instead of a picture."""
    if not text:
        return "has no alt text"
    if PICTURE_FILE.search(text) or len(text.split()) < 3:
        return f"has a file name as alt text: {text!r}"
    if len(text) < SHORTEST_ALT:
        return f"has an alt text of under {SHORTEST_ALT} characters: {text!r}"
    return None


def test_every_page_was_built(html, pages):
    sources = [path.relative_to(html / "_sources") for path in (html / "_sources").rglob("*") if path.is_file()]
    assert len(sources) > 10
    missing = {path.with_suffix(".html").as_posix() for path in sources} - set(pages)
    assert not missing


def test_nothing_is_loaded_from_elsewhere(html, pages):
    problems = [
        f"{name}: <{element.name}> {element[LOADS[element.name]]}"
        for name, page in pages.items()
        for element in page.find_all(list(LOADS))
        if is_elsewhere(element.get(LOADS[element.name]) or "") and "canonical" not in element.get("rel", [])
    ]
    for name, page in pages.items():
        problems += [f"{name}: {address}" for style in page("style") for address in CSS_ADDRESS.findall(style.text)]
    for sheet in html.rglob("*.css"):
        found = CSS_ADDRESS.findall(sheet.read_text(encoding="utf-8"))
        problems += [f"{sheet.relative_to(html)}: {address}" for address in found]
    assert not problems


def test_links_lead_somewhere(html, pages):
    anchors = {
        name: {element["id"] for element in page.find_all(id=True)}
        | {a["name"] for a in page.find_all("a", {"name": True})}
        for name, page in pages.items()
    }
    problems = []
    for name, page in pages.items():
        for element in page.find_all(["a", *LOADS]):
            address = element.get(LOADS.get(element.name, "href"))
            if not address or urlsplit(address).scheme or is_elsewhere(address):
                continue
            parts = urlsplit(address)
            target = (html / name).parent / unquote(parts.path) if parts.path else html / name
            target = target.resolve()
            if not target.is_file():
                problems.append(f"{name}: {address}: no such file")
                continue
            page_name = target.relative_to(html.resolve()).as_posix()
            if parts.fragment and page_name in anchors and unquote(parts.fragment) not in anchors[page_name]:
                problems.append(f"{name}: {address}: no such place on the page")
    assert not problems


def test_pictures_say_what_is_to_be_seen(html, pages):
    problems, shown = [], set()
    for name, page in pages.items():
        texts = []
        for picture in page.select("article img:not(.toggler, .course-dark)"):
            problem = alt_problem(picture.get("alt"))
            problems += [f"{name}: {picture['src']} {problem}"] if problem else []
            texts.append(picture.get("alt"))
            shown.add(picture["src"].rpartition("/")[2])
        shown |= {still["srcset"].rpartition("/")[2] for still in page.select("article picture > source")}
        problems += [f"{name}: two pictures share {text!r}" for text, times in Counter(texts).items() if times > 1]
    assert not problems
    generated = {path.name for path in (html / "_images").glob("*")}
    assert generated <= shown, f"figures on no page: {sorted(generated - shown)}"


def test_generated_figures_have_a_number_and_a_caption(pages, lessons):
    problems = [
        f"{name}: {picture['src']}"
        for name in lessons
        for picture in pages[name].select("article .cell_output img")
        if not ((figure := picture.find_parent("figure")) and figure.select_one("figcaption .caption-number"))
    ]
    assert not problems, f"without mystnb metadata figure.caption: {problems}"


def test_figures_count_from_one_on_each_page(pages):
    for name, page in pages.items():
        numbers = [tag.get_text().strip() for tag in page.select("article figcaption .caption-number")]
        assert numbers == [f"Fig. {place}" for place in range(1, len(numbers) + 1)], name


def test_launch_buttons_open_this_repository(pages, lessons, repository):
    assert lessons
    place = repository.removeprefix("https://github.com/")
    for name in lessons:
        notebook = f"book/{name.removesuffix('.html')}.ipynb"
        addresses = {a["href"].split("#")[0] for a in pages[name].select("a[href]") if is_elsewhere(a["href"])}
        launches = {a for a in addresses if "colab.research.google.com" in a or "mybinder.org" in a}
        assert launches == {
            f"https://colab.research.google.com/github/{place}/blob/main/{notebook}",
            f"https://mybinder.org/v2/gh/{place}/main?urlpath=lab/tree/{notebook}",
        }, name
        assert f"{repository}/edit/main/{notebook}" in addresses, name


def test_solutions_are_folded(pages, lessons):
    for name, cells in lessons.items():
        solutions = [cell for cell in cells if "solution" in cell["metadata"].get("tags", [])]
        assert solutions or name.startswith("appendix/"), f"{name} has no cell with the tag solution"
        folded = pages[name].select(".tag_solution details:has(.collapsed)")
        assert len(folded) == len(solutions), name
        for details in folded:
            assert details.select_one("summary .collapsed").text == "Show the solution", name
            assert not details.has_attr("open"), name
            assert details.select_one(".cell_input"), name


def test_colab_cell_is_not_shown(pages, lessons):
    for name, cells in lessons.items():
        assert any("colab" in cell["metadata"].get("tags", []) for cell in cells), name
        assert "google.colab" not in pages[name].find("article").text, name


def test_pages_name_no_folder_of_the_machine_they_were_built_on(html, pages):
    folders = {str(html.parents[1]), str(Path.home())} - {"/"}
    problems = [f"{name}: {folder}" for name, page in pages.items() for folder in folders if folder in page.text]
    assert not problems


def test_no_line_ends_within_a_number(lessons, pages):
    text = {name: pages[name].find("article") for name in lessons}
    broken = [
        f"{name}: {found}"
        for name, article in text.items()
        for element in article.find_all(["p", "li", "td"])
        for string in element.find_all(string=re.compile(r"\d"))
        if not string.find_parent(["pre", "code", "script", "style"]) and "math" not in string.parent.get("class", [])
        for found in re.findall(r"\d+ \d{3}(?!\d)", string)
    ]
    assert not broken
    assert any("60\N{NO-BREAK SPACE}000" in article.get_text() for article in text.values())
