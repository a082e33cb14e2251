"""What every figure gets from ``ui.js``: links, reset, messages, less motion, and a picture where there is no JavaScript."""

import pytest
from PIL import Image

FIGURES = [
    "xo",
    "convolution-stepper",
    "pooling",
    "activations",
    "receptive-field",
    "block-cost",
    "optimizer-race",
    "threshold",
    "draw-a-digit",
    "teach-it",
]
PICTURES = [
    *FIGURES,
    "convolution-stepper.filters",
    *(f"xo.{stage}" for stage in ("map", "relu", "pool", "again", "vote")),
]
WITH_STEPS = ["xo", "convolution-stepper", "pooling", "optimizer-race"]


def test_all_figures_are_tested(pictures_script):
    assert sorted(pictures_script.FIGURES) == sorted(FIGURES)
    assert sorted(pictures_script.NAMES) == sorted(PICTURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_broken_link_is_told_and_leaves_the_figure_alive(open_figure, said, name):
    page = open_figure(name, hash=f"#fig-{name}?colour=blue&step=%E0%A4%A&stage=%")
    assert page.locator(".course-warning").is_visible()
    warning = page.locator(".course-warning").inner_text()
    assert "The link asks for what this figure does not have: colour is none of: " in warning
    first = said(page)
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")  # draws anew, and mends nothing
    page.wait_for_function(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert page.locator(".course-warning").inner_text() == warning
    page.get_by_role("button", name="Reset").click()
    assert not page.locator(".course-warning").is_visible()
    assert said(page) == first
    page.wait_for_function("name => location.hash === `#fig-${name}?`", arg=name)
    assert page.locator("[aria-live], [role=status], [role=alert], output[aria-live]").count() == 1
    assert page.locator(".course-status").get_attribute("aria-live") == "polite"
    assert page.locator(".course-figure > img").evaluate("picture => getComputedStyle(picture).display") == "none"
    page.emulate_media(media="print")
    assert page.locator(".course-figure > img").evaluate("picture => getComputedStyle(picture).display") != "none"
    assert not page.locator(".course-frame").is_visible()


def test_the_picture_stays_without_javascript(open_figure):
    assert open_figure("xo", javascript=False).locator(".course-figure > img").is_visible()


@pytest.mark.parametrize("name", PICTURES)
def test_its_picture_shows_todays_words(open_figure, pictures_script, name):
    page = open_figure(name.split(".")[0], state=pictures_script.STATES.get(name, ""), reduced_motion=True)
    pictures_script.wake(page)
    with Image.open(pictures_script.PICTURES / f"{name}.png") as picture:
        assert picture.info[pictures_script.WORDS] == pictures_script.words_of(page, name)


SPOKEN = """() => {
    const region = document.querySelector('.course-status');
    window.spoken = [];
    new MutationObserver(() => window.spoken.push(region.textContent)).observe(
        region, {childList: true, characterData: true, subtree: true});
}"""


@pytest.mark.parametrize("name", WITH_STEPS)
def test_play_is_silent_stops_and_speaks_the_last_state(open_figure, said, name):
    if name in ("xo", "optimizer-race"):  # the others have the same buttons as xo
        assert open_figure(name, reduced_motion=True).get_by_role("button", name="Play").count() == 0
    page = open_figure(name)
    before = said(page)
    steps = page.locator(".course-steps")
    page.evaluate(SPOKEN)
    play, pause, reset = (page.get_by_role("button", name=one) for one in ("Play", "Pause", "Reset"))
    for stop in (pause, page.get_by_role("button", name="Step back"), reset):
        start = steps.inner_text()
        play.click()
        page.wait_for_function("start => document.querySelector('.course-steps').textContent !== start", arg=start)
        if stop == pause:  # a second step
            page.wait_for_function(
                "start => document.querySelector('.course-steps').textContent !== start", arg=steps.inner_text()
            )
        stop.click()
        assert play.is_visible()
        spoken = page.evaluate("() => window.spoken.splice(0)")
        assert len(spoken) == 2, spoken  # as it begins, and the last state
        assert spoken[-1] == said(page) != ""
    assert said(page) == before


def test_leaving_a_stage_stops_play(open_figure, said):
    page = open_figure("xo")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="2 Feature map").click()
    assert page.get_by_role("button", name="Play").is_visible()
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Draw").click()
    page.get_by_role("button", name="6 Vote").click()
    page.get_by_role("button", name="1 Match").click()
    assert page.get_by_role("button", name="Play").is_visible()
    assert said(page) == page.evaluate("() => document.querySelector('.course-figure').said.textContent")


def test_a_state_given_by_the_page_is_where_reset_leads_and_links_begin(open_figure, said):
    page = open_figure("convolution-stepper", state="s=2&step=1")
    first = said(page)
    assert first.startswith("Output 2 × 2, step 2 of 4.")
    assert page.locator(".course-link").get_attribute("href").endswith("?")
    page.get_by_label("Stride s").fill("1")
    link = page.locator(".course-link").get_attribute("href")
    assert "s=1" in link
    again = open_figure("convolution-stepper", state="s=2&step=1", hash=link[link.index("#") :])
    assert said(again) == said(page) != first
    page.get_by_role("button", name="Reset").click()
    assert said(page) == first


ADD = """name => {
    const figure = document.createElement('figure'), element = document.createElement(name);
    figure.id = name.replace('course', 'fig');
    element.className = 'course-figure';
    figure.append(element);
    document.querySelector('main').append(figure);
}"""


def test_every_figure_of_a_page_keeps_its_state_in_the_address(open_figure, said):
    """Two figures that are awake, one that is not yet; the first in the address is the one to go to."""
    page = open_figure("pooling", hash="#fig-pooling?window=3;fig-xo?letter=O;fig-asleep?step=2", over="http")
    page.evaluate("() => { document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=fig-asleep></p>'); }")
    page.add_script_tag(url="interactive/xo.js")
    page.evaluate(ADD, "course-xo")
    xo = page.locator("course-xo")
    assert xo.get_by_role("button", name="O", exact=True).get_attribute("aria-pressed") == "true"
    assert page.evaluate("() => scrollY") < 200  # the address leads to the other
    xo.get_by_role("button", name="3 ReLU").click()
    all_three = "#fig-xo?stage=relu&letter=O;fig-pooling?window=3;fig-asleep?step=2"
    page.wait_for_function("hash => location.hash === hash", arg=all_three)
    assert page.locator(".course-link").evaluate_all("links => links.map(link => link.hash)") == [
        "#fig-pooling?window=3;fig-xo?stage=relu&letter=O;fig-asleep?step=2",
        all_three,
    ]
    page.evaluate("() => { location.hash = '#fig-pooling?window=2&stride=3'; }")
    page.wait_for_function("() => location.hash === '#fig-pooling?stride=3;fig-xo?stage=relu&letter=O'")
    for hash, words in {
        "#fig-xo?step=1;fig-xo?step=2": "fig-xo is there twice",
        "#fig-xo?step=1;nonsense": "nonsense cannot be read",
        "#fig-xo?step=1;fig-none?a=b": "fig-none?a=b cannot be read",
        "#fig-xo??step=1": "?step is none of",
    }.items():
        page.evaluate("hash => { location.hash = hash; }", hash)
        page.wait_for_function(
            "words => document.querySelector('course-xo .course-warning').textContent.includes(words)", arg=words
        )


def test_a_link_brings_the_top_of_a_figure_to_the_top(open_figure):
    page = open_figure("draw-a-digit", width=390, over="http")
    page.evaluate("() => { document.querySelector('h1').style.marginTop = '2000px'; }")
    page.evaluate("() => { location.hash = '#fig-draw-a-digit?sample=3'; }")
    top = "() => document.querySelector('.course-figure').getBoundingClientRect().top"
    page.wait_for_function(f"() => Math.abs(({top})()) < 40")
    assert page.evaluate(top) >= 0


def test_a_link_on_the_page_changes_the_figure(open_figure, said):
    page = open_figure("xo", over="http")
    page.evaluate("() => { location.hash = '#fig-xo?stage=vote&letter=O'; }")
    page.wait_for_function(
        "() => document.querySelector('.course-status p').textContent.startsWith('O has the larger')"
    )
    page.evaluate("""() => new Promise(done => {
        addEventListener("hashchange", () => setTimeout(done));  // the figure has been asked before
        location.hash = "#fig-other?stage=match";
    })""")
    assert said(page).startswith("O has the larger")
