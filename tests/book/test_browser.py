"""The built book in a browser, a test a page: what it asks for, what it complains about, how it looks."""

import contextlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError
from programs import is_local

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
WIDE, NARROW, HEIGHT = 1280, 360, 800
# The book theme's own two findings, on every page: its sidebar buttons and regions.
KNOWN = {"label-content-name-mismatch", "region"}
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]  # all that the theme can change
CLOSELY = 8  # pages that axe sees at both widths and in both themes
ELEMENT = re.compile(r'<([\w-]+)(?: class="([^"]*)")?')

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
# axe computes the contrast of every word; source code and the reference have thousands of words in a few colours and
# places: the first of each will do, and of the reference's entries those that have a kind of element no other has had.
THIN_OUT = """() => {
    const seen = new Set(), met = new Set();
    for (const word of document.querySelectorAll("article .highlight span, article dl.py :is(span, em, strong)")) {
        const kind = `${word.parentElement.tagName} ${word.parentElement.className} ${word.className}`;
        if (!seen.has(kind)) seen.add(kind);
        else if (!word.children.length && !word.id) word.replaceWith(word.textContent);
    }
    for (const entry of document.querySelectorAll("article dl.py")) {
        const parts = [entry, ...entry.querySelectorAll("*")];
        const kinds = parts.map(one => `${one.parentElement.localName} ${one.localName} ${one.className}`);
        if (kinds.every(kind => met.has(kind))) entry.remove();
        kinds.forEach(kind => met.add(kind));
    }
    document.querySelector("article")?.normalize();
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
    return [...wide, ...beyond.slice(0, 5).map(one => one.outerHTML.slice(0, 150))];
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
        found = {"formulas": page.evaluate(MATH), "broken pictures": page.evaluate(BROKEN)}
        found["figures that do not start"] = page.evaluate(START)
        return page, found | {"console": errors, "requested from elsewhere": elsewhere}

    yield go
    for page in pages:
        page.close()


def accessibility(page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds by these rules, or by all, without the theme's own findings."""
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": rules} if rules else {})
    response = page.evaluate("options => axe.run(options)", options)
    return [
        f"{finding['id']}: {finding['help']}: {node['html'][:150]} ({node['failureSummary'][:200]})"
        for finding in response["violations"]
        if finding["id"] not in KNOWN
        for node in finding["nodes"][:3]
    ]


@pytest.fixture(scope="session")
def telling(html) -> list[str]:
    """A few pages that have, between them, nearly all kinds of elements of the book: each adds the most to those before."""
    kinds = {name: set(ELEMENT.findall((html / name).read_text(encoding="utf-8"))) for name in page_names()}
    chosen, seen = [], set()
    for _ in range(CLOSELY):
        chosen.append(max(kinds, key=lambda name: len(kinds[name] - seen)))
        seen |= kinds[chosen[-1]]
    assert len(seen) > 0.9 * len(set().union(*kinds.values()))
    return chosen


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe().axe_script


def wrong(found: dict) -> dict:
    """Kinds under which something was found."""
    return {kind: what for kind, what in found.items() if what}


@every_page
def test_page_over_http(visit, served, axe, telling, name):
    """Once by all rules of axe; where that tells most, at both widths and in both themes. All that is folded is opened."""
    page, found = visit(served + name)
    unfolded = page.evaluate(OPEN_ALL)
    if name.endswith(".html") and (HTML / "_sources" / name).with_suffix(".ipynb").is_file():
        found["unfolded at first"] = unfolded
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found[f"scrolls sideways at {width} px"] = page.evaluate(OVERFLOW)
    page.evaluate(axe)
    page.evaluate(THIN_OUT)
    for width in (NARROW, WIDE) if name in telling else (NARROW,):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        with contextlib.suppress(TimeoutError):  # axe tells what is still out of reach
            page.wait_for_function(SETTLED, timeout=10_000)
        for theme, rules in (("light", None), ("dark", RULES_OF_COLOUR)):
            if name in telling or (width, theme) == (NARROW, "light"):
                page.evaluate(SET_THEME, theme)
                found[f"axe at {width} px, {theme}"] = accessibility(page, rules)
    assert not wrong(found)


@every_page
def test_page_from_disk(visit, html, name):
    _, found = visit((html / name).as_uri())
    assert not wrong(found)


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
