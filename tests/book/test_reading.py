"""Lines that wrap, numbers that do not, the pages of the reference, and a search that shows what it found."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
import scripts
import yaml
from bs4 import BeautifulSoup

import course_utils

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 800}
API = "appendix/api"
# Of each line that takes more than one row: by how many characters the second row stands further in than the first word.
# Deeper lines than 24 columns would find no room on a phone: they hang less far in.
HANGING = """() => [...document.querySelectorAll("article .course-line")]
    .filter(line => (line.style.getPropertyValue("--in") || 0) <= 24).map(line => {
    const words = document.createTreeWalker(line, NodeFilter.SHOW_TEXT), range = document.createRange();
    let first = null;
    while (words.nextNode() && first === null) {
        const at = words.currentNode.data.search(/\\S/);
        if (at < 0) continue;
        range.setStart(words.currentNode, at);
        range.setEnd(words.currentNode, at + 1);
        first = range.getBoundingClientRect();
    }
    range.selectNodeContents(line);
    const below = [...range.getClientRects()].filter(one => first && one.width && one.top > first.bottom - 2);
    return below.length ? (Math.min(...below.map(one => one.left)) - first.left) / first.width : null;
}).filter(one => one !== null)"""


@pytest.fixture(scope="module")
def reading():
    return scripts.load("book/_ext/reading.py")


def test_lines_are_elements_and_the_text_is_as_it_was(reading):
    before = (
        '<div class="highlight"><pre><span></span><span class="k">def</span> f(x):\n    <span class="k">return</span> x\n'
        "\n<span></span>  &lt;b&gt;\n</pre></div><pre>\n  as it is\n</pre>"
    )
    after = reading.with_lines(before)
    assert BeautifulSoup(after, "html.parser").get_text() == BeautifulSoup(before, "html.parser").get_text()
    lines = BeautifulSoup(after, "html.parser").select(".course-line")
    assert [line.get("style") for line in lines] == [None, "--in:4", None, "--in:2"]
    assert after.endswith("<pre>\n  as it is\n</pre>")


ALIGNED = """\
for k in (3, 4):
    layer = layers.Conv2DTranspose(1, k, strides=2,
                                   kernel_initializer="ones", name=f("a",
                                                                     k))
    x = np.array([[1, 2],
                  [3, 4]])
y = f(
    a,
    g(b, "a word that is long enough for it",
      "another word that is long enough for it"))
z = ['''a
                                                        text''']
"""
NEARER = """\
for k in (3, 4):
    layer = layers.Conv2DTranspose(1, k, strides=2,
        kernel_initializer="ones", name=f("a",
            k))
"""


def test_what_stands_below_a_bracket_comes_nearer_on_a_phone(reading):
    spare = reading.too_far_in(ALIGNED)
    nearer = [line[spare.get(row, 0) :] for row, line in enumerate(ALIGNED.split("\n"))]
    assert "\n".join(nearer) == NEARER + "".join(ALIGNED.splitlines(keepends=True)[4:])
    for broken in ("[[1 2]\n  3 4 )) ]", "x = (", "!ls \\", "  a\n b", "'''", ""):
        assert reading.too_far_in(broken) == {}
    deep = " " * 35
    code = ALIGNED.replace("layer", '<span class="n">layer</span>', 1).replace(
        deep, f'<span class="w">{deep}</span>', 1
    )
    before = f'<div class="highlight"><pre><span></span>{code}</pre></div>'
    soup = BeautifulSoup(reading.with_lines(before), "html.parser")
    assert soup.get_text() == BeautifulSoup(before, "html.parser").get_text()
    styles = [one.get("style") for one in soup.select(".course-line")]
    assert styles[1:4] == ["--in:4", "--in:35;--spare:27", "--in:69;--spare:57"]
    assert [len(one.get_text()) for one in soup.select(".course-spare")] == [27, 57]
    assert "course-spare" not in reading.with_lines(before.replace('class="n"', 'class="gp"'))  # an output


def test_boxes_around_functions_stay_around_them(reading):
    before = (
        '<div class="highlight"><pre>\n<div class="viewcode-block" id="f">\n<a class="back" href="#">[docs]</a>\n'
        "<span>def</span> f():\n    pass</div>\n\n</pre></div>"
    )
    soup = BeautifulSoup(reading.with_lines(before), "html.parser")
    assert soup.get_text() == BeautifulSoup(before, "html.parser").get_text()
    assert not soup.select(".course-line div")
    assert soup.select_one("#f").get_text().strip().endswith("pass")


def test_numbers_in_outputs_and_tables_are_whole():
    from docutils import nodes

    book = scripts.load("book/_ext/course_book.py")
    keep = book.KeepNumbersWhole.__new__(book.KeepNumbersWhole)
    table = nodes.raw("", '<td data-x="1 000">60 000</td>', format="html")
    script = nodes.raw("", "<script>f(1 000)</script>", format="html")
    output = nodes.literal_block(
        "10 000 digits\n[100 200]\n", "10 000 digits\n[100 200]\n", classes=["output", "stream"]
    )
    code = nodes.literal_block("x = 10 000", "x = 10 000")
    written = [keep.whole(node[0]) for node in (table, script, output, code)]
    assert written == [
        '<td data-x="1 000">60\N{NO-BREAK SPACE}000</td>',
        "<script>f(1 000)</script>",
        "10\N{NO-BREAK SPACE}000 digits\n[100 200]\n",
        "x = 10 000",
    ]


def public_modules() -> set[str]:
    """Every module that a lesson may import: those of the package, and those that one of them offers."""
    found = set()
    for module in pkgutil.iter_modules(course_utils.__path__):
        if module.name.startswith("_") or module.name in ("cli", "lessons", "results"):
            continue
        found.add(module.name)
        package = importlib.import_module(f"course_utils.{module.name}")
        offered = [name for name in getattr(package, "__all__", []) if inspect.ismodule(getattr(package, name))]
        found |= {f"{module.name}.{name}" for name in offered}
    return found


def test_every_module_has_a_page_of_the_reference():
    parts = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    chapters = [chapter for part in parts for chapter in part["chapters"]]
    listed = [entry["file"] for chapter in chapters if chapter["file"] == API for entry in chapter["sections"]]
    pages = {path.stem for path in (ROOT / "book" / API).glob("*.md")}
    assert pages == public_modules(), f"each module has a page in book/{API}/, of three lines like its neighbours"
    assert sorted(listed) == sorted(f"{API}/{name}" for name in pages), f"_toc.yml lists each page of book/{API}/"
    for name in pages:
        assert f".. automodule:: course_utils.{name}\n" in (ROOT / "book" / API / f"{name}.md").read_text(
            encoding="utf-8"
        )


def test_pages_of_the_reference_are_small(html):
    sizes = {path.name: path.stat().st_size for path in (html / API).glob("*.html")}
    assert len(sizes) > 10
    assert max(sizes.values()) < 400_000, sizes


@pytest.fixture(scope="module")
def page(browser, html):
    """One page on a phone, which may write to the clipboard and read it."""
    with browser.new_context(reduced_motion="reduce", viewport=PHONE) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context.new_page()


def test_code_wraps_on_a_phone_and_is_copied_as_it_was(page, served, lessons):
    name = "1-concepts/start-here.html"
    page.goto(served + name)
    assert page.locator("article pre").first.evaluate("one => getComputedStyle(one).fontSize") == "12px"
    indents = page.evaluate(HANGING)
    assert len(indents) > 3
    assert all(abs(indent - 2) < 0.1 for indent in indents), indents
    source = next("".join(cell["source"]) for cell in lessons[name] if "load_mnist" in "".join(cell["source"]))
    assert source.count("\n") > 3
    page.locator(".highlight", has_text="load_mnist").first.locator("button.copybtn").dispatch_event("click")
    page.wait_for_function("async text => (await navigator.clipboard.readText()) === text", arg=source)
    selected = """() => {
        const block = [...document.querySelectorAll("article pre")].find(one => one.textContent.includes("load_mnist"));
        getSelection().selectAllChildren(block);
        return getSelection().toString();
    }"""
    assert page.evaluate(selected).strip() == source.strip()


def test_dark_charts_are_shown_on_the_page_itself(page, served):
    page.goto(served + "1-concepts/start-here.html")
    corner = """async theme => {
        document.documentElement.dataset.theme = document.documentElement.dataset.mode = theme;
        const shown = [...document.querySelectorAll("article .cell_output img")].filter(one => one.checkVisibility());
        const picture = shown.at(-1);
        picture.loading = "eager";
        await picture.decode();
        const area = document.createElement("canvas").getContext("2d");
        area.drawImage(picture, 0, 0);
        const style = getComputedStyle(picture);
        return {
            marks: [...new Set(shown.map(one => new URL(one.src).hash))], opacity: area.getImageData(1, 1, 1, 1).data[3],
            card: style.backgroundColor, filter: style.filter,
        };
    }"""
    page.evaluate("() => { document.documentElement.dataset.theme = 'light'; }")
    light, dark = page.evaluate(corner, "light"), page.evaluate(corner, "dark")
    assert light["marks"] == [""]
    assert light["opacity"] == 255
    assert dark == {"marks": ["#dark"], "opacity": 0, "card": "rgba(0, 0, 0, 0)", "filter": "none"}


def test_paper_is_light_in_the_dark_theme_and_moves_cells_with_their_frames(page, served):
    page.goto(served + "1-concepts/start-here.html")
    word = "() => getComputedStyle(document.querySelector('article .highlight .kn')).color"
    colours = []
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        colours.append(page.evaluate(word))
    page.evaluate("""() => addEventListener("beforeprint", () => {
        const shown = [...document.querySelectorAll("article .cell_output img")].filter(one => one.checkVisibility());
        const word = document.querySelector("article .highlight .kn");
        window.printed = [getComputedStyle(document.body).backgroundColor, getComputedStyle(word).color,
            shown.length > 0 && shown.every(one => !one.src.includes("#"))];
    })""")
    page.pdf(print_background=True)
    assert page.evaluate("() => window.printed") == ["rgb(255, 255, 255)", colours[0], True]
    assert page.evaluate(word) == colours[1] != colours[0]
    page.emulate_media(media="print")
    boxes = "() => [...document.querySelectorAll('.cell_input, .cell_input *:has(pre)')].map(one => getComputedStyle(one).display)"
    assert set(page.evaluate(boxes)) == {"block"}


def test_search_shows_sentences_with_the_words(page, served):
    page.goto(f"{served}search.html?q=receptive+field")
    page.wait_for_selector("#search-results li .context")
    page.wait_for_function("() => document.querySelector('.search-summary').textContent.includes('found')")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#search-results li')].every(one => one.children.length > 1)"
    )
    shown = page.locator("#search-results li .context").all_inner_texts()
    assert len(shown) > 5
    assert sum("receptive field" in text.lower() for text in shown) > 0.7 * len(shown), shown
    assert not [text for text in shown if "Contents" in text or len(text) > 320]
    assert page.locator(".course-note").count() == 0


def test_search_from_disk_says_what_it_cannot(page, html):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((html / "1-concepts" / "start-here.html").as_uri())
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog[open] input[name=q]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open] input[name=q]", state="detached")
    page.keyboard.press("Control+k")
    page.keyboard.type("receptive field")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    page.wait_for_function("() => document.querySelector('.search-summary').textContent.includes('found')")
    assert "serve" in page.locator(".course-note").inner_text()
    assert page.locator("#search-results li .context").count() == 0
    assert not complaints
