"""Each page's own rules: with them alone it looks as it does with the whole style sheet."""

import re

import pytest
import scripts
from programs import OPENED

PAGES = (
    "index.html",
    "2-layers/convolution.html",
    "2-layers/index.html",
    "4-evaluation/roc-and-thresholds.html",
    "7-history/comparing-architectures.html",
    "play/xo.html",
    "play/index.html",
    "appendix/api/layers.html",
    "appendix/glossary.html",
    "search.html",
)
WIDTHS = (390, 1280)
# Where the boxes of a page are, in whole pixels, and the colours of their text and background.
LOOK = """() => [...document.body.querySelectorAll("*")]
    .filter(one => one.checkVisibility() && !one.closest("math, script, style, .math"))
    .map(one => [one, one.getBoundingClientRect(), getComputedStyle(one)])
    .filter(([, box]) => box.width && box.height && box.top < 2 * innerHeight)
    .map(([one, box, style]) => [
        one.tagName + "." + one.getAttribute("class"),
        ...[box.left, box.top, box.width, box.height].map(Math.round), style.color, style.backgroundColor
    ].join(" "))"""


@pytest.fixture(scope="module")
def first():
    """The functions of ``first_paint.py``: a page with its own rules, and what it makes of a style sheet."""
    module = scripts.load("book/_ext/first_paint.py")

    def run(
        style: str, body: str = "", head: str = '<link href="../course-theme.css?v=1" rel="stylesheet" />\n'
    ) -> str:
        page = f"<html><head>{head}</head><body>{body}</body></html>"
        return module.shown_first(page, module.prepared(style))

    return run


def rules(page: str) -> str:
    """The rules that a page has inside."""
    return page.partition('<style id="course-first">')[2].partition("</style>")[0]


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("p{a:b}", "p{a:b}"),
        ("p{a:b;}/*! c */p{d:e}", "p{a:b}p{d:e}"),
        ("aside{a:b}", ""),
        (".there, .gone{a:b}", ".there{a:b}"),
        (".there .gone{a:b}", ""),
        ("p.there > #known{a:b}", "p.there > #known{a:b}"),
        ("#unknown{a:b}", ""),
        (".there:not(.gone, #unknown){a:b}", ".there:not(.gone, #unknown){a:b}"),
        ("html[data-theme=dark] p{a:b}", "html[data-theme=dark] p{a:b}"),
        ("p:hover,p:focus-visible,p::placeholder,p{a:b}", "p{a:b}"),
        ("p::before{content:'a;b'}", "p::before{content:'a;b'}"),
        ("@media print{p{a:b}}", ""),
        ("@media (max-width: 1px){p{a:b}.gone{a:b}}", "@media (max-width: 1px){p{a:b}}"),
        ("@media (max-width: 1px){.gone{a:b}}", ""),
        ("@keyframes move{from{a:b}}", ""),
        ("@font-face{src:url(a.woff2)}", ""),
        ('@charset "utf-8";p{a:b}', "p{a:b}"),
        ('p{--icon:url("data:image/svg;a");a:var(--icon)}', "p{a:var(--icon)}"),
        (":root{--one:1;--two:var(--one);--three:3}p{a:var(--two)}", ":root{--one:1;--two:var(--one)}p{a:var(--two)}"),
        (":root{--one:1}", ""),
        ("b{a:f(1 + (g(h(2, 0), 4) * 3));c:';)';d:e}", "b{a:f(1 + (g(h(2, 0), 4) * 3));c:';)';d:e}"),
    ],
)
def test_a_page_keeps_the_rules_of_what_it_shows(first, style, kept):
    assert rules(first(style, '<p class="other there"><b id="known"></b></p>')) == kept


def test_a_property_that_the_page_asks_for_stays(first):
    assert rules(first(":root{--one:1}", '<p style="a:var(--one)"></p>')) == ":root{--one:1}"


def test_the_whole_sheet_comes_last_and_a_second_build_changes_nothing(first):
    page = first("p{a:b}", "<p></p>")
    assert page == (
        '<html><head><link href="../course-theme.css?v=1" rel="preload" as="style" />\n'
        '<style id="course-first">p{a:b}</style>\n</head><body><p></p>'
        '<link href="../course-theme.css?v=1" rel="stylesheet" />\n</body></html>'
    )
    module = scripts.load("book/_ext/first_paint.py")
    again = page.replace("v=1", "v=2")
    changed = module.shown_first(again, module.prepared("p{c:d}"))
    assert changed == page.replace("v=1", "v=2").replace("a:b", "c:d")
    assert first("p{a:b}", "<p></p>", head="") == "<html><head></head><body><p></p></body></html>"


def test_every_page_has_its_own_rules_and_the_sheet_at_its_end(pages):
    for name, page in pages.items():
        if name == "404.html":
            continue
        assert page.head.find("style", id="course-first"), name
        assert not page.head.select("link[rel=stylesheet]"), name
        ahead, sheet = page.select("link[rel=preload][as=style], link[rel=stylesheet]")
        assert ahead["href"] == sheet["href"], name
        assert page.body.find_all(recursive=False)[-1].name == "link", name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_looks_the_same_before_its_style_sheet_has_come(browser, html, served, theme):
    sheet = (html / "_static" / "course-theme.css").read_text(encoding="utf-8")
    fonts = "".join(re.findall(r"@font-face\s*{[^}]*}", sheet)).replace('url("', f'url("{served}_static/')
    assert "course-math.woff2" in fonts
    context = browser.new_context(color_scheme=theme)
    page = context.new_page()
    page.route("**/*.js*", lambda route: route.abort())
    try:
        for name in PAGES:
            page.goto(served + name)
            page.wait_for_selector(OPENED)
            page.add_style_tag(content=f"* {{ transition: none !important }} {fonts}")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                whole = page.evaluate(LOOK)
                page.evaluate("() => document.querySelector('body > link[rel=stylesheet]').disabled = true")
                early = page.evaluate(LOOK)
                page.evaluate("() => document.querySelector('body > link[rel=stylesheet]').disabled = false")
                different = [pair for pair in zip(whole, early, strict=True) if pair[0] != pair[1]]
                assert len(whole) > 30, name
                assert not different, (name, width, different[:3])
    finally:
        context.close()


def test_a_link_into_a_long_page_ends_at_its_figure_when_all_is_laid_out(browser, served):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    try:
        page.goto(f"{served}5-practice/mnist-cnn.html#fig-draw-a-digit?")
        page.wait_for_selector("#fig-draw-a-digit .course-figure.live")
        page.wait_for_selector(OPENED)
        kinds = "[...document.querySelectorAll('section')].map(one => getComputedStyle(one).contentVisibility)"
        assert set(page.evaluate(kinds)) == {"visible"}
        box = page.evaluate("() => document.getElementById('fig-draw-a-digit').getBoundingClientRect().toJSON()")
        assert -20 < box["top"] < 400, box
        assert page.evaluate("() => scrollY") > 3000
    finally:
        context.close()
