"""The first impression, in a browser: the pad answers, ten minutes hold what they say, themes, lost addresses, paper."""

import threading
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup
from rich.console import Console

from course_utils.cli import server

PHONE, DESKTOP = {"width": 390, "height": 664}, {"width": 1280, "height": 900}
MOST_SHIFT = 0.05
# The theme at the moment at which there is something to be drawn, and how far things have moved until now.
WATCH = """() => {
    const watch = new MutationObserver(() => {
        if (!document.body) return;
        window.themeAtFirst = document.documentElement.dataset.theme;
        watch.disconnect();
    });
    watch.observe(document, { childList: true, subtree: true });
    window.shift = 0;
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
    }).observe({ type: "layout-shift", buffered: true });
}"""
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
# The stages of the page: the place of the figure, its first words, then what to do and the words or votes that follow.
MATCH, MAP, RELU, POOL, AGAIN, VOTE = range(6)


@pytest.fixture
def open_page(browser):
    """A function that opens an address with a new profile, with options of the context; returns the page."""
    contexts = []

    def go(address: str, **options):
        context = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **options})
        contexts.append(context)
        context.add_init_script(f"({WATCH})()")
        page = context.new_page()
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()


@contextmanager
def hosted(html, tmp_path):
    """The book in a folder of a host that sends the book's page for any address that does not exist."""
    (tmp_path / "course").symlink_to(html, target_is_directory=True)
    (tmp_path / "404.html").symlink_to(html / "404.html")
    with server.open_server(tmp_path, None, Console(quiet=True)) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pad_on_the_landing_page_answers_while_one_draws(open_page, served, size):
    page = open_page(f"{served}index.html", viewport=size)
    page.wait_for_selector("course-draw-a-digit.live")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("() => window.shift") < MOST_SHIFT
    page.get_by_role("button", name="Clear", exact=True).click()
    pad = page.locator(".course-pad")
    box = pad.bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
    page.mouse.move(*at(0.5, 0.2))
    page.mouse.down()
    page.mouse.move(*at(0.5, 0.8), steps=8)
    best = page.locator(".course-bars .best b")
    best.wait_for()
    assert best.inner_text() == "1"  # while the pen is still down
    page.mouse.up()
    inside = page.locator("course-draw-a-digit summary", has_text="Look inside")
    inside.click()
    assert page.locator(".course-mosaic").first.is_visible()


def test_ten_minutes_hold_what_they_say(open_page, served, html):
    """Each sentence and each right answer is compared with what the figure beside it shows."""
    page = open_page(f"{served}play/ten-minutes.html")
    article = page.locator("article")
    figures = article.locator("course-xo")
    for place in range(6):
        figures.nth(place).scroll_into_view_if_needed()
        page.wait_for_function("at => document.querySelectorAll('course-xo')[at]?.matches('.live')", arg=place)
    said = lambda place: figures.nth(place).locator(".course-status p").first.inner_text()  # noqa: E731
    press = lambda place, name: figures.nth(place).get_by_role("button", name=name, exact=True).click()  # noqa: E731
    grid = lambda place, name: [  # noqa: E731
        int(cell.replace("−", "-"))
        for cell in figures.nth(place).get_by_role("grid", name=name, exact=True).locator("td").all_inner_texts()
        if cell
    ]
    text = BeautifulSoup((html / "play/ten-minutes.html").read_text(encoding="utf-8"), "html.parser").find("article")
    steps = [" ".join(part.get_text().split()) for part in text.select("section section")]
    right = [
        " ".join(fold.find("summary").get_text().split())
        for fold in text.select("details")
        if fold.select_one("p > strong") and fold.select_one("p > strong").get_text() == "Right."
    ]
    assert len(right) == 6
    assert all(len(part.select(":scope > p")) == 1 for part in text.select("section section")[:6])  # a sentence a step

    assert said(MATCH) == "Window at (1, 1): hits 9, misses 0, sum 9, match 9/9 = 1."
    assert "here 9/9, for all nine agree" in steps[MATCH]
    press(MATCH, "First step")
    assert said(MATCH) == "Window at (0, 0): hits 8, misses 1, sum 7, match 7/9 ≈ 0.78."
    assert right[MATCH] == "7/9"

    entries = grid(MAP, "Feature map, in ninths")
    assert len(entries) == 7 * 7
    falling, rising = ({8 * k for k in range(7)}, {6 * k for k in range(1, 8)})
    at_most = lambda: {place for place, value in enumerate(grid(MAP, "Feature map, in ninths")) if value == 9}  # noqa: E731
    assert max(entries) == 9
    assert at_most() < falling
    press(MAP, "╱ rising")
    assert at_most() < rising
    assert len(at_most()) == 4
    assert "four entries of 9/9" in steps[MAP]
    assert right[MAP] == "On the other stroke of the X, which rises"
    press(MAP, "✕ crossing")
    assert at_most() == {24}  # the middle

    before, after = grid(RELU, "Feature map, in ninths"), grid(RELU, "After ReLU")
    assert after == [max(0, value) for value in before]
    assert min(before) == -3
    figures.nth(RELU).get_by_role("grid", name="Feature map, in ninths").locator("td").nth(before.index(-3)).click()
    assert said(RELU).endswith("max(0, −3/9) = 0/9.")
    assert right[RELU] == "0"

    assert said(POOL) == "The largest of 7/9, 0/9, 0/9, 9/9 is 9/9."
    assert "of 7/9, 0/9, 0/9 and 9/9 the 9/9 is left" in steps[POOL]
    assert (len(grid(POOL, "After ReLU")), len(grid(POOL, "Pooled"))) == (7 * 7, 4 * 4)
    press(POOL, "Last step")
    assert said(POOL) == "Partial window. The largest of 7/9 is 7/9."
    assert right[POOL].startswith("The last one hangs over the border")

    assert grid(AGAIN, "Pooled twice") == [9, 5, 5, 9]
    assert "9/9 in the quarters where the stroke is, 5/9 in the others" in steps[AGAIN]
    figures.nth(AGAIN).get_by_label("Change").select_option(label="1 down, 1 right")
    assert grid(AGAIN, "Pooled twice") == [9, 5, 5, 9]
    assert right[AGAIN] == "None"

    assert said(VOTE) == "X has the larger vote: 1 against 5/9 ≈ 0.56."
    assert "1 for the X against 5/9 for the O" in steps[VOTE]
    figures.nth(VOTE).get_by_label("Change").select_option(label="thick, 1 right")
    assert said(VOTE).startswith("O has the larger vote: 4/9 ≈ 0.44 against 1/3 ≈ 0.33.")
    rows = figures.nth(VOTE).locator("tr").all_inner_texts()
    own = [int(row.split()[2].removesuffix("/9")) for row in rows if row.split()[0] in ("╲", "✕", "╱")]
    assert len(own) == 12
    assert max(own) == 5
    assert "O has 4/9 and X 1/3" in steps[VOTE]
    assert right[VOTE] == "O"


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_first_visit_follows_the_system_from_the_first_moment_on(open_page, served, system):
    page = open_page(f"{served}how-to-use.html", color_scheme=system)
    assert page.evaluate("() => window.themeAtFirst") == system
    assert page.evaluate("() => document.documentElement.dataset.theme") == system
    assert (max(page.evaluate(BACKGROUND)) < 100) == (system == "dark")
    other = {"light": "dark", "dark": "light"}[system]
    page.emulate_media(color_scheme=other)
    page.reload()
    assert page.evaluate("() => window.themeAtFirst") == other  # the system's of today, not of the first visit
    page.evaluate("mode => { localStorage.setItem('mode', mode); localStorage.setItem('theme', mode); }", system)
    page.reload()
    assert page.evaluate("() => window.themeAtFirst") == system  # the reader's choice
    assert page.evaluate("() => document.documentElement.dataset.mode") == system


def test_a_lost_address_leads_back_from_any_depth(open_page, html, tmp_path):
    with hosted(html, tmp_path) as host:
        page = open_page(f"{host}/course/a/b/c/d/e", color_scheme="dark")
        assert max(page.evaluate(BACKGROUND)) < 100
        assert not page.locator("#near").is_visible()
        for place in ("/course/a/b/c/d/e", "/course/2-layers/convolutions.html", "/course/nothing.html"):
            page.goto(host + place)
            page.wait_for_selector("base", state="attached")
            home = page.get_by_role("link", name="To the beginning of the course")
            assert home.evaluate("link => link.href") == f"{host}/course/index.html"
        home.click()
        page.wait_for_url(f"{host}/course/index.html")
        assert page.title() == "Convolutional neural networks"
        page.goto(f"{host}/course/2-layers/convolutions.html")
        page.wait_for_selector("base", state="attached")
        page.locator("#near a").first.click()
        page.wait_for_url(f"{host}/course/2-layers/*convolution.html")


def test_the_landing_page_on_paper(open_page, served):
    page = open_page(f"{served}index.html", color_scheme="light")
    page.wait_for_selector("course-draw-a-digit.live")
    page.emulate_media(media="print")
    titles = page.locator("h1", has_text="Convolutional neural networks").all()
    assert [title.is_visible() for title in titles] == [True]
    page.locator("#draw-here img").first.wait_for()  # on the screen nothing had asked for it
    assert not page.locator("#draw-here .course-frame").is_visible()
    assert page.locator(".course-map li").count() == 9
    for place in range(9):
        assert page.locator(".course-map li").nth(place).locator("a").is_visible()
    assert not page.locator(".bd-sidebar-primary, .bd-header-article").first.is_visible()
