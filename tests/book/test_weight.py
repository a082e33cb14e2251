"""What pages weigh and ask for, as a host of static pages sends them; how styles, scripts and pictures are kept light."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import scripts
from sphinx.errors import ExtensionError

WEIGHED = (
    "index.html",
    "1-concepts/what-is-a-cnn.html",
    "2-layers/convolution.html",
    "3-training/backpropagation.html",
    "6-xo/xo-walkthrough.html",
    "7-history/lenet-to-vgg.html",
    "play/draw-a-digit.html",
)


@pytest.fixture(scope="module")
def weight():
    return scripts.load("benchmarks/page_weight.py")


@pytest.fixture(scope="module")
def bundles():
    return scripts.load("book/_ext/bundles.py")


@pytest.fixture(scope="module")
def pictures():
    return scripts.load("book/_ext/pictures.py")


@pytest.fixture(scope="module")
def compressed(weight, html):
    """Address of the book, sent compressed."""
    with weight.serving(html) as address:
        yield address


@pytest.mark.parametrize("name", WEIGHED)
def test_a_page_weighs_little_and_asks_for_little(weight, browser, compressed, name):
    with weight.visiting(browser, slow=False) as visit:
        visit.open(compressed + name)
        limits = weight.limits(name)
        assert 10_000 < visit.bytes <= limits["bytes"], sorted(visit.addresses)
        assert 2 < len(visit.requests) <= limits["requests"], visit.requests
        assert not visit.elsewhere
        assert visit.page.evaluate("() => courseShift") < limits["shift"]
        assert not [one for one in visit.requests if "searchindex" in one or "fontawesome" in one or "MathJax" in one]


def test_a_picture_is_not_fetched_where_its_figure_runs(weight, browser, compressed):
    with weight.visiting(browser, slow=False) as visit:
        visit.page.goto(f"{compressed}play/pooling.html")
        visit.page.wait_for_selector("course-pooling.live")
        visit.page.wait_for_load_state("networkidle")
        assert not [one for one in visit.requests if "pooling.png" in one]
        visit.page.emulate_media(media="print")
        visit.page.wait_for_function("() => document.querySelector('course-pooling > img').naturalWidth")


def test_a_figure_whose_script_is_missing_shows_its_picture(browser, served):
    page = browser.new_page()
    page.route("**/pooling.js*", lambda route: route.abort())
    try:
        page.goto(f"{served}play/pooling.html")
        page.wait_for_selector("course-pooling.failed > img")
        page.wait_for_function("() => document.querySelector('course-pooling > img').naturalWidth")
    finally:
        page.close()


def test_every_page_has_one_style_sheet_and_one_script_of_the_theme(html, pages):
    for name, page in pages.items():
        if name == "404.html":
            continue  # has all that it needs inside
        sheets = [link["href"] for link in page.select("link[rel=stylesheet]")]
        assert [re.sub(r"^(\.\./)*|\?v=[0-9a-f]{8}$", "", sheet) for sheet in sheets] == ["_static/course-theme.css"], (
            name
        )
        theirs = [tag for tag in page.select("script[src]") if "course-theme.js" in tag["src"]]
        assert len(theirs) == 1, name
        assert re.search(r"\?v=[0-9a-f]{8}$", theirs[0]["src"]), name
        loaded = {Path(tag["src"].split("?")[0]).name for tag in page.select("script[src]")}
        assert name == "search.html" or not loaded & {"searchtools.js", "searchindex.js", "language_data.js"}, name
        assert name == "search.html" or all(tag.has_attr("defer") for tag in page.select("script[src]")), name
    assert not list((html / "_static").rglob("*.map"))
    assert not [path for path in html.rglob("*") if "fontawesome" in path.name]


def test_pictures_have_their_size_and_wait(pages):
    count = 0
    for name, page in pages.items():
        for image in page.select("article img:not(.toggler)"):  # the theme's own signs of plus and minus
            assert image.get("loading"), f"{name}: {image}"
            assert image.get("width") or "width" in image.get("style", ""), f"{name}: {image}"
            count += 1
    assert count > 100


def test_rules_are_read_whatever_they_hold(bundles):
    style = '@import "a.css";.a{b:"}";c:url(data:x;y)}@media print{.d{e:f}.g{h:i}}/* {k */.j{l:m}'
    assert bundles.rules(style) == [
        ('@import "a.css"', None),
        (".a", 'b:"}";c:url(data:x;y)'),
        ("@media print", ".d{e:f}.g{h:i}"),
        ("/* {k */.j", "l:m"),
    ]
    with pytest.raises(ExtensionError, match="ends within a rule"):
        bundles.rules(".a{b:c")


def test_rules_that_match_nothing_go_and_no_others(bundles):
    words = {"shown", "other", "deep"}
    kept = {
        "p{a:b}": "p{a:b}",
        ".gone,.shown{a:b}": ".shown{a:b}",
        ".shown .gone{a:b}": "",
        ".shown:not(.gone){a:b}": ".shown:not(.gone){a:b}",
        "p:is(.gone, .shown){a:b}": "p:is(.gone, .shown){a:b}",
        "@media print{.gone{a:b}}": "",
        "@media print{.deep{a:b}}": "@media print{.deep{a:b}}",
        '@font-face{font-family:"Font Awesome 6"}': "",
        "@keyframes move{from{a:b}}": "@keyframes move{from{a:b}}",
        "/*! a licence */.shown{a:b}": ".shown{a:b}",
        '@charset "utf-8";p{a:b}': '@charset "utf-8";\np{a:b}',
        '@import "../basic.css";p{a:b}': "p{a:b}",
        ".shown[href='.x']{a:b}": ".shown[href='.x']{a:b}",
    }
    for style, expected in kept.items():
        assert bundles.used(style, words) == expected
    with pytest.raises(ExtensionError, match=r'@import "other\.css" in a style sheet'):
        bundles.used('@import "other.css";', words)


def test_words_of_scripts_count_and_words_of_text_do_not(bundles):
    pages = ['<p class="one two-three">gone</p>']
    assert bundles.words_of(pages, ['x.classList.add("four")']) >= {"one", "two-three", "four"}
    assert "gone" not in bundles.words_of(pages, [])


def test_an_icon_that_is_not_drawn_stops_the_build(bundles):
    pages = {"a.html": '<i class="fa-solid fa-sun fa-lg"></i><i class="fas fa-anchor"></i>'}
    with pytest.raises(ExtensionError, match=r"a\.html shows the icon fa-anchor"):
        bundles.check_icons(pages, ".fa-sun{}")
    bundles.check_icons(pages, ".fa-sun{} .fa-anchor{}")


def test_scripts_of_extensions_stay_where_a_page_needs_them(bundles):
    def context(body: str) -> dict:
        names = ["_static/togglebutton.js?v=1", "_static/doctools.js", "_static/other.js"]
        files = [SimpleNamespace(filename=name) for name in names]
        files.append(SimpleNamespace(filename=None, attributes={"body": "let toggleHintShow = 'Show';"}))
        return {"body": body, "script_files": files}

    light = context('<p class="dropdown-item">')
    bundles.leave_out(None, "a", "page.html", light, None)
    assert [file.filename for file in light["script_files"]] == ["_static/other.js"]
    folded = context('<div class="toggle admonition">')
    bundles.leave_out(None, "a", "page.html", folded, None)
    assert [file.filename for file in folded["script_files"]] == [
        "_static/togglebutton.js?v=1",
        "_static/other.js",
        None,
    ]


def test_a_missing_file_of_the_theme_is_named(bundles, tmp_path):
    with pytest.raises(ExtensionError, match=r"0 files .*/a\.js"):
        bundles.read(tmp_path, ("a.js",))


def test_sizes_of_pictures_are_read(pictures, tmp_path):
    assert pictures.size_of_svg('<?xml?><svg width="460.8pt" height="345.6pt" viewBox="0 0 1 1">') == (614, 461)
    assert pictures.size_of_svg('<svg viewBox="0 0 20.4 10">') == (20, 10)
    assert pictures.size_of_svg("<svg>") is None
    assert pictures.size_of_svg("<p>") is None
    from PIL import Image

    Image.new("L", (7, 3)).save(tmp_path / "a.png")
    assert pictures.size_of(tmp_path / "a.png") == (7, 3)


def test_pictures_are_completed_and_what_they_have_stays(pictures, monkeypatch):
    monkeypatch.setattr(pictures, "size_of", lambda file: (7, 3))

    def find(address):
        return Path(address) if address == "a.png" else None

    assert pictures.complete('<img src="a.png" />', find) == (
        '<img loading="lazy" decoding="async" width="7" height="3" src="a.png" />'
    )
    assert pictures.complete('<img src="a.png" width="2">', find).count("width=") == 1
    assert 'height="' not in pictures.complete('<img src="b.png">', find)
    assert "lazy" not in pictures.complete('<img loading="eager" src="a.png">', find)
    assert pictures.complete("<img>", find) == "<img>"


def test_what_the_theme_s_script_does_still_works(browser, served):
    """Switch of colours, search, menus, copying, the place in the contents, and the sidebar of a phone."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto(f"{served}2-layers/convolution.html")
        mode = "() => document.documentElement.dataset.mode"
        before = page.evaluate(mode)
        page.locator("button.theme-switch-button:visible").first.click()
        page.wait_for_function(f"before => ({mode})() !== before", arg=before)
        page.keyboard.press("Control+k")
        page.wait_for_selector("#pst-search-dialog[open] input")
        page.keyboard.press("Escape")
        page.wait_for_selector("#pst-search-dialog", state="hidden")
        page.locator(".dropdown-download-buttons > button").click()
        page.wait_for_selector(".dropdown-download-buttons .dropdown-menu.show")
        page.keyboard.press("Escape")
        assert page.locator("button.copybtn").count() > 5
        page.evaluate("() => document.querySelectorAll('article h2')[3].scrollIntoView()")
        page.wait_for_selector("#pst-page-toc-nav a.active, .page-toc a.active")
        page.set_viewport_size({"width": 390, "height": 844})
        page.locator("button.primary-toggle:visible").first.click()
        page.wait_for_selector("#pst-primary-sidebar-modal[open] a:visible")
        assert not errors
    finally:
        page.close()
