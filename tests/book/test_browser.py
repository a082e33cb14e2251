"""The built book in a browser, a test a page: what it asks for, what it complains about, how it looks."""

import contextlib
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError
from programs import OPENED, is_local

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
WIDE, NARROW, HEIGHT = 1280, 360, 800
# The book theme's own two findings, on every page: its sidebar buttons and regions.
KNOWN = {"label-content-name-mismatch", "region"}
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]  # all that the theme can change

READY = """async () => {
    if (document.readyState !== "complete") await new Promise(done => addEventListener("load", done));
    await document.fonts.ready;
}"""
OPEN_ALL = """() => {
    const folds = [...document.querySelectorAll("article details")];
    const unfolded = folds.filter(one => one.open).map(one => one.outerHTML.slice(0, 80));
    folds.forEach(one => { one.open = true; });
    return unfolded;
}"""
# axe computes the contrast of every word, which takes most of its time: of words whose elements have the same names, classes and
# colours, up to the page itself, the first will do, on whichever page it is. Returns the kinds that were not known.
THIN_OUT = """known => {
    const met = new Set(known);
    const colour = one => (one.getAttribute("style")?.match(/(color|background|opacity|fill)[^;]*/g) ?? []).join(";");
    const name = one => `${one.localName}.${one.className.baseVal ?? one.className}[${colour(one)}]`;
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (words.nextNode()) texts.push(words.currentNode);
    for (const text of texts) {
        const around = [];
        for (let up = text.parentElement; up && up !== document.body; up = up.parentElement) around.push(name(up));
        const kind = around.join(" ");
        if (met.has(kind) && !text.parentElement.closest("script, style")) text.data = "";
        if (text.data.trim()) met.add(kind);
    }
    return [...met].slice(known.length);
}"""
# The theme lets the keyboard reach boxes that scroll: a moment after the width has changed, it looks for them again.
SETTLED = """() => [...document.querySelectorAll("pre, div.math, .cell_output > .output, .pst-scrollable-table-container")]
    .every(one => one.scrollWidth <= one.clientWidth || one.tabIndex === 0)"""
SET_THEME = """theme => { document.documentElement.dataset.theme = document.documentElement.dataset.mode = theme; }"""
MATH = r"""() => {
    const places = [...document.querySelectorAll("article .math")];
    const text = document.querySelector("article, main, body").cloneNode(true);
    text.querySelectorAll("pre, code, math, script, style").forEach(one => one.remove());
    const drawn = one => one.querySelector("math")?.getBoundingClientRect().height || !one.checkVisibility();
    return [
        ...places.filter(one => !drawn(one)).map(one => one.textContent.slice(0, 80)),
        ...places.filter(one => one.matches("[tabindex]") !== one.scrollWidth > one.clientWidth && one.matches("div"))
            .map(one => one.outerHTML),
        ...places.filter(one => one.querySelector("[tabindex]")).map(one => one.outerHTML),
        ...text.textContent.match(/\\[(\[][^\n]{0,40}|\$[^$\n]+\$/g) ?? [],
    ];
}"""
# What sticks out of the page, whether the page then scrolls sideways or something around it cuts it off; what scrolls
# inside its own box does not, nor do formulas. The whole page is measured, before it is thinned out.
OVERFLOW = """() => {
    const page = document.scrollingElement, width = document.documentElement.clientWidth;
    const scrolls = one => {
        for (let up = one.parentElement; up && up !== document.body; up = up.parentElement) {
            if (["auto", "scroll"].includes(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth
                && up.getBoundingClientRect().right <= width + 1) return true;
        }
        return false;
    };
    const beyond = [...document.querySelectorAll("article :not(svg *, math *)")]
        .filter(one => one.getBoundingClientRect().right > width + 1 && one.checkVisibility() && !scrolls(one));
    const wide = page.scrollWidth > width ? [`the page is ${page.scrollWidth} px wide, the screen ${width}`] : [];
    const contents = [...document.querySelectorAll(".bd-sidebar-secondary")]
        .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
        .map(one => `the contents are ${one.scrollWidth} px wide, their column ${one.clientWidth}`);
    return [...wide, ...contents, ...beyond.slice(0, 5).map(one => one.outerHTML.slice(0, 150))];
}"""
# Figures and questions start when the reader comes near, and then take the place of their pictures.
START = """async () => {
    const all = [...document.querySelectorAll(".course-figure")];
    for (const one of all) {
        one.scrollIntoView();
        for (let i = 0; i < 100 && !one.matches(".live"); i++) await new Promise(done => setTimeout(done, 50));
    }
    scrollTo(0, 0);
    return all.filter(one => !one.matches(".live") || one.querySelector(".course-warning")?.checkVisibility()
        || one.querySelector(":scope > img")?.checkVisibility()).map(one => `${one.localName} ${one.innerText}`);
}"""
BROKEN = """() => [...document.images].filter(one => one.loading !== "lazy" && !one.naturalWidth).map(one => one.src)"""


def page_names() -> list[str]:
    """Every page of the built book, but of the pages of source code, all made alike, one."""
    static = HTML / "_static"
    names = sorted(path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html") if static not in path.parents)
    sources = [name for name in names if name.startswith("_modules/")]
    return [name for name in names if name not in sources[1:]]


every_page = pytest.mark.parametrize("name", page_names() or ["index.html"])


@pytest.fixture(scope="session")
def context(browser):
    """One profile for all pages, so that what they share is loaded and compiled once."""
    context = browser.new_context(viewport={"width": NARROW, "height": HEIGHT}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def visit(context):
    """A function that opens a page and waits until it is set; returns it and what is wrong with it, by kind."""
    pages = []

    def go(address: str) -> tuple:
        page, elsewhere, errors = context.new_page(), [], []
        pages.append(page)
        for kind in ("request", "websocket"):
            page.on(kind, lambda asked: None if is_local(asked.url) else elsewhere.append(asked.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.evaluate(READY)
        page.wait_for_selector(OPENED)
        found = {"formulas": page.evaluate(MATH), "broken pictures": page.evaluate(BROKEN)}
        found["figures that do not start"] = page.evaluate(START)
        return page, found | {"console": errors, "requested from elsewhere": elsewhere}

    yield go
    for page in pages:
        page.close()


def accessibility(page, **rules) -> list[str]:
    """What axe-core finds by some rules, without the theme's own findings."""
    options = {"resultTypes": ["violations"], "preload": False} | rules
    response = page.evaluate("options => axe.run(options)", options)
    return [
        f"{finding['id']}: {finding['help']}: {node['html'][:150]} ({node['failureSummary'][:200]})"
        for finding in response["violations"]
        if finding["id"] not in KNOWN
        for node in finding["nodes"][:3]
    ]


@pytest.fixture(scope="session")
def seen_kinds() -> list[str]:
    """Kinds of words whose contrast was computed on the pages until now."""
    return []


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe().axe_script


def wrong(found: dict) -> dict:
    """Kinds under which something was found."""
    return {kind: what for kind, what in found.items() if what}


@every_page
def test_page_over_http(visit, served, axe, seen_kinds, name):
    """By the rules of axe at both widths, by those of colour in both themes. All that is folded is opened."""
    page, found = visit(served + name)
    unfolded = page.evaluate(OPEN_ALL)
    if name.endswith(".html") and (HTML / "_sources" / name).with_suffix(".ipynb").is_file():
        found["unfolded at first"] = unfolded
    page.evaluate(axe)
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found[f"scrolls sideways at {width} px"] = page.evaluate(OVERFLOW)
        with contextlib.suppress(TimeoutError):  # axe tells what is still out of reach
            page.wait_for_function(SETTLED, timeout=10_000)
        without = {rule: {"enabled": False} for rule in RULES_OF_COLOUR}
        found[f"axe at {width} px"] = accessibility(page, rules=without)
    kinds = page.evaluate(THIN_OUT, seen_kinds)
    seen_kinds.extend(kinds)
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})  # where no word is hidden
    page.mouse.move(0, 0)  # where there is no link, which would have the colour of one that is pointed at
    for theme in ("light", "dark") if kinds else ():
        page.evaluate(SET_THEME, theme)
        found[f"colours, {theme}"] = accessibility(page, runOnly=RULES_OF_COLOUR)
    assert not wrong(found)


@every_page
def test_page_from_disk(visit, html, name):
    _, found = visit((html / name).as_uri())
    assert not wrong(found)


def test_a_word_of_a_kind_that_was_seen_on_another_page_is_left_out(visit, served):
    def kinds(name, known):
        page, _ = visit(f"{served}appendix/{name}.html")
        return page.evaluate(THIN_OUT, known)

    seen, alone = kinds("glossary", []), kinds("notation", [])
    new = set(alone) - set(seen)
    assert 0 < len(new) < len(alone)
    assert set(kinds("notation", seen)) == new


def test_a_pale_word_is_found_in_both_themes(visit, served, axe):
    page, _ = visit(f"{served}appendix/glossary.html")
    page.evaluate(axe)
    page.evaluate("""() => document.querySelector("article p").insertAdjacentHTML(
        "afterend", "<p><span class='planted' style='color: #888; background: #777'>pale</span></p>")""")
    page.evaluate(THIN_OUT, [])
    for theme in ("light", "dark"):
        page.evaluate(SET_THEME, theme)
        (found,) = accessibility(page, runOnly=RULES_OF_COLOUR)
        assert "planted" in found


@pytest.mark.parametrize(
    ("around", "seen"), [("overflow: visible", True), ("overflow: hidden", True), ("overflow: auto", False)]
)
def test_what_sticks_out_is_seen(context, around, seen):
    page = context.new_page()
    page.set_content(f'<article><div style="{around}"><p style="width: 2000px">a planted line</p></div></article>')
    found = page.evaluate(OVERFLOW)
    page.close()
    assert any("a planted line" in line for line in found) is seen


def test_the_theme_can_be_switched(visit, served):
    page, _ = visit(served + "index.html")
    colours = []
    for theme in ("light", "dark"):
        page.evaluate(SET_THEME, theme)
        colours.append(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]
