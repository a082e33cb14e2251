"""The built book in a browser: what it asks for, what it complains about, how it looks."""

import functools
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

WIDE, NARROW, HEIGHT = 1280, 360, 800
# The book theme's own two findings, on every page: its sidebar buttons and regions.
KNOWN = {"label-content-name-mismatch", "region"}
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]  # all that the theme can change
VARIANTS = [(width, theme) for width in (WIDE, NARROW) for theme in ("light", "dark")]

READY = """async () => {
    if (document.readyState !== "complete") await new Promise(done => addEventListener("load", done));
    if (window.MathJax?.startup?.promise) await MathJax.startup.promise;
    await document.fonts.ready;
}"""
# After opening, wait until the theme has looked again for boxes that scroll: it lets some 0.3 s pass.
OPEN_ALL = """async () => {
    const folds = [...document.querySelectorAll("article details")];
    const unfolded = folds.filter(one => one.open).length;
    folds.forEach(one => { one.open = true; });
    if (folds.length) await new Promise(done => setTimeout(done, 500));
    return unfolded;
}"""
# axe computes the contrast of every word; source code and the reference have thousands of words in a few colours and
# places: the first of each will do.
THIN_OUT = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll("article .highlight span, article dl.py :is(span, em, strong)")) {
        const kind = `${word.parentElement.tagName} ${word.parentElement.className} ${word.className}`;
        if (!seen.has(kind)) seen.add(kind);
        else if (!word.children.length && !word.id) word.replaceWith(word.textContent);
    }
    document.querySelector("article")?.normalize();
}"""
SET_THEME = """theme => { document.documentElement.dataset.theme = document.documentElement.dataset.mode = theme; }"""
MATH = r"""() => {
    const places = [...document.querySelectorAll("article .math")];
    const text = document.querySelector("article, main, body").cloneNode(true);
    text.querySelectorAll("pre, code, mjx-container, script, style").forEach(one => one.remove());
    return {
        unset: places.filter(one => !one.querySelector("mjx-container svg")).map(one => one.textContent.slice(0, 80)),
        errors: [...document.querySelectorAll("mjx-merror, [data-mjx-error]")].map(one => one.outerHTML.slice(0, 200)),
        raw: text.textContent.match(/\\[(\[][^\n]{0,40}|\$[^$\n]+\$/g) ?? [],
    };
}"""
# What sticks out of the page, the outermost elements only; what scrolls inside its own box does not.
OVERFLOW = """() => {
    const page = document.scrollingElement, width = document.documentElement.clientWidth;
    if (page.scrollWidth <= width) return [];
    const out = [...document.querySelectorAll("article *")].filter(one => one.getBoundingClientRect().right > width + 1);
    return [`the page is ${page.scrollWidth} px wide, the screen ${width}`,
        ...out.slice(0, 5).map(one => one.outerHTML.slice(0, 150))];
}"""
BROKEN = """() => [...document.images].filter(one => one.loading !== "lazy" && !one.naturalWidth).map(one => one.src)"""


@dataclass
class Visit:
    """What was observed on one page."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    math: dict[str, list[str]] = field(default_factory=dict)
    broken_pictures: list[str] = field(default_factory=list)
    unfolded: int = 0
    overflow: dict[int, list[str]] = field(default_factory=dict)
    findings: dict[tuple[int, str], list[str]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def context(browser):
    """One profile for all pages, so that what they share is loaded and compiled once."""
    context = browser.new_context(viewport={"width": NARROW, "height": HEIGHT}, reduced_motion="reduce")
    yield context
    context.close()


def go(context, address: str) -> tuple:
    """Open a page, wait until it is set; return it and the visit that takes notes."""
    page = context.new_page()
    visit = Visit()
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("websocket", lambda socket: visit.requests.append(socket.url))
    page.on("console", lambda message: visit.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.goto(address)
    page.evaluate(READY)
    visit.math, visit.broken_pictures = page.evaluate(MATH), page.evaluate(BROKEN)
    return page, visit


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


def sampled(pages) -> list[str]:
    """Every page, but of the pages of source code, all made alike, one."""
    sources = [name for name in pages if name.startswith("_modules/")]
    return [name for name in pages if name not in sources[1:]]


@pytest.fixture(scope="session")
def over_http(context, served, pages) -> dict[str, Visit]:
    """A visit of every page, at both widths and in both themes, with all that is folded opened; see :func:`sampled`."""
    from axe_playwright_python.sync_playwright import Axe

    axe, visits = Axe().axe_script, {}
    for name in sampled(pages):
        page, visits[name] = go(context, served + name)
        visit = visits[name]
        visit.unfolded = page.evaluate(OPEN_ALL)
        page.evaluate(axe)
        page.evaluate(THIN_OUT)
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            visit.overflow[width] = page.evaluate(OVERFLOW)
            for theme, rules in (("light", None), ("dark", RULES_OF_COLOUR)):
                page.evaluate(SET_THEME, theme)
                visit.findings[width, theme] = accessibility(page, rules)
        page.close()
    return visits


@pytest.fixture(scope="session")
def from_disk(context, html, pages) -> dict[str, Visit]:
    """A visit of every page as a file; see :func:`sampled`."""
    visits = {}
    for name in sampled(pages):
        page, visits[name] = go(context, (html / name).as_uri())
        page.close()
    return visits


@pytest.fixture(params=["http", "file"])
def visits(request) -> dict[str, Visit]:
    """The visits over http, and those of files."""
    return request.getfixturevalue({"http": "over_http", "file": "from_disk"}[request.param])


def problems(visits: dict[str, Visit], look) -> list[str]:
    """All that ``look`` finds in the visits, with the name of the page."""
    return [f"{name}: {found}" for name, visit in visits.items() for found in look(visit)]


def is_local(address: str) -> bool:
    """Whether a request stays on this machine."""
    parts = urlsplit(address)
    return parts.scheme in ("file", "data", "blob", "about") or parts.hostname == "127.0.0.1"


def test_nothing_is_requested_from_elsewhere(visits):
    assert all(visit.requests for visit in visits.values())
    assert not problems(visits, lambda visit: [one for one in visit.requests if not is_local(one)])


def test_the_console_stays_empty(visits):
    assert not problems(visits, lambda visit: visit.errors)


def test_formulas_are_set(visits):
    assert not problems(visits, lambda visit: [f"{kind}: {text}" for kind, all_ in visit.math.items() for text in all_])


def test_pictures_are_there(visits):
    assert not problems(visits, lambda visit: visit.broken_pictures)


def test_everything_is_folded_at_first(over_http, lessons):
    assert not [name for name in lessons if over_http[name].unfolded]


@pytest.mark.parametrize(("width", "theme"), VARIANTS)
def test_axe_finds_nothing(over_http, width, theme):
    assert not problems(over_http, lambda visit: visit.findings[width, theme])


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_page_does_not_scroll_sideways(over_http, width):
    assert not problems(over_http, lambda visit: visit.overflow[width])


def test_the_theme_can_be_switched(context, served):
    page, _ = go(context, served + "index.html")
    look = functools.partial(page.evaluate, "() => getComputedStyle(document.body).backgroundColor")
    page.evaluate(SET_THEME, "light")
    light = look()
    page.evaluate(SET_THEME, "dark")
    assert look() != light
    page.close()
