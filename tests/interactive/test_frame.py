"""What every figure gets from ``ui.js``: links, reset, messages, less motion, and a picture where there is no JavaScript."""

import pytest
from PIL import Image
from playwright.sync_api import expect

FIGURES = [
    "xo",
    "convolution-stepper",
    "pooling",
    "activations",
    "receptive-field",
    "optimizer-race",
    "threshold",
    "draw-a-digit",
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
    first = said(open_figure(name))
    page = open_figure(name, hash=f"#fig-{name}?colour=blue&step=%E0%A4%A&stage=%")
    assert page.locator(".course-warning").is_visible()
    warning = page.locator(".course-warning").inner_text()
    assert "The link asks for what this figure does not have: colour is none of: " in warning
    assert said(page) == first
    page.get_by_role("button", name="Reset").click()
    assert not page.locator(".course-warning").is_visible()
    assert said(page) == first
    page.wait_for_function("name => location.hash === `#fig-${name}?`", arg=name)


@pytest.mark.parametrize("name", FIGURES)
def test_there_is_one_polite_live_region(open_figure, name):
    page = open_figure(name)
    assert page.locator("[aria-live], [role=status], [role=alert], output[aria-live]").count() == 1
    assert page.locator(".course-status").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("name", FIGURES)
def test_the_picture_stays_without_javascript_and_comes_back_on_paper(open_figure, name):
    assert open_figure(name, javascript=False).locator(".course-figure > img").is_visible()
    page = open_figure(name)
    assert page.locator(".course-figure > img").evaluate("picture => getComputedStyle(picture).display") == "none"
    page.emulate_media(media="print")
    assert page.locator(".course-figure > img").evaluate("picture => getComputedStyle(picture).display") != "none"
    assert not page.locator(".course-frame").is_visible()


@pytest.mark.parametrize("name", PICTURES)
def test_its_picture_shows_todays_words(open_figure, pictures_script, name):
    page = open_figure(name.split(".")[0], state=pictures_script.STATES.get(name, ""), reduced_motion=True)
    with Image.open(pictures_script.PICTURES / f"{name}.png") as picture:
        assert picture.info[pictures_script.WORDS] == pictures_script.words_of(page)


@pytest.mark.parametrize("name", WITH_STEPS)
def test_play_is_offered_only_to_who_has_not_asked_for_less_motion(open_figure, said, name):
    assert open_figure(name, reduced_motion=True).get_by_role("button", name="Play").count() == 0
    page = open_figure(name)
    before = said(page)
    page.get_by_role("button", name="Play").click()
    expect(
        page.get_by_role("button", name="First step")
    ).to_be_enabled()  # a step was made; words alone may change before
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="First step").click()
    assert said(page) == before


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


def test_a_link_on_the_page_changes_the_figure(open_figure, said):
    page = open_figure("xo", over="http")
    page.evaluate("() => { location.hash = '#fig-xo?stage=vote&letter=O'; }")
    page.wait_for_function(
        "() => document.querySelector('.course-status p').textContent.startsWith('O has the larger')"
    )
    page.evaluate("() => { location.hash = '#fig-other?stage=match'; }")
    page.wait_for_timeout(100)
    assert said(page).startswith("O has the larger")
