"""The race of optimisers in a browser: by keyboard, by pointer and finger, playing, from links whole and broken."""

import re

import pytest
from programs import FONTS, tapping

START = "Step 0 on the ravine: all start at (−3.5, 2), loss 21.225. Which path will zigzag?"


def losses(page) -> list[str]:
    """The column of losses."""
    return [" ".join(text.split()) for text in page.locator(".course-values td:nth-child(2)").all_inner_texts()]


def finding(page) -> str:
    return page.locator(".course-notes p").first.inner_text()


def map_place(page, w1: float, w2: float) -> tuple[float, float]:
    """Where two weights lie on the screen."""
    box = page.locator(".course-plot").bounding_box()
    scale = box["width"] / 340
    return box["x"] + (30 + (w1 + 4) / 8 * 304) * scale, box["y"] + (234 - (w2 + 3) / 6 * 228) * scale


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure("optimizer-race", reduced_motion=True)
    assert said(page) == START
    assert losses(page) == ["21.2250", "21.2250", "–", "–", "21.2250"]
    press = page.keyboard.press

    def tab(count):
        for _ in range(count):
            press("Tab")

    tab(8)  # Surface, Learning rate, Momentum, Start w₁, Start w₂, First step, Step back, Next step
    press("Enter")
    assert said(page).startswith("Step 1 on the ravine, lowest loss first: ")
    assert (
        losses(page)[:2] == [f"{0.1 * (3.5 * 0.962) ** 2 + 5 * 1.8**2:.4f}"] * 2
    )  # the first step of momentum is that of gradient descent
    tab(1)  # 10 steps
    for _ in range(3):
        press("Enter")
    assert re.fullmatch(
        r"Step 31 on the ravine, lowest loss first: momentum 0\.00\d\d, Adam 0\.0\d{3}, gradient descent 0\.1\d{3}\.",
        said(page),
    )
    assert re.fullmatch(
        r"Steps that cross w₂ = 0 and are longer than 0\.1 across: gradient descent (29|30|31), momentum \d, Adam \d\.",
        finding(page),
    )
    tab(3)  # gradient descent, momentum, Nesterov
    press(" ")
    assert said(page).endswith(" Diverging, more than 100 away from (0, 0): Nesterov at step 8.")
    assert losses(page)[2] == "diverges step 8"
    press("Shift+Tab")
    press("Shift+Tab")
    press(" ")  # gradient descent leaves
    assert losses(page)[0] == "–"
    assert "gradient descent" not in said(page)
    for _ in range(8):  # back to the learning rate
        press("Shift+Tab")
    press("ArrowLeft")
    assert page.get_by_label("Learning rate").get_attribute("aria-valuetext") == "0.18"
    press("Home")
    assert page.get_by_label("Learning rate").get_attribute("aria-valuetext") == "0.001"
    tab(2)  # Start w₁
    press("End")
    tab(1)  # Start w₂
    press("ArrowUp")
    for _ in range(2):  # 10 steps and back to the start
        tab(1)
    press("Enter")
    assert said(page).startswith("Step 30 ")
    press("Shift+Tab")
    press("Enter")
    assert said(page).startswith("Step 0 on the ravine: all start at (4, 2.1), loss ")
    for _ in range(5):
        press("Shift+Tab")
    press("ArrowDown")  # the saddle, with its own start
    assert said(page).startswith("Step 0 on the saddle: all start at (−3.5, 0.1), loss ")
    tab(14)  # the settings, the steps, five racers, Reset
    assert page.evaluate("() => document.activeElement.textContent") == "Reset"
    press("Enter")
    assert said(page) == START


def test_the_last_racer_cannot_leave(open_figure, said):
    page = open_figure("optimizer-race", state="race=adam")
    page.get_by_label("Adam", exact=True).click()
    assert page.locator(".course-warning").inner_text() == "at least one optimiser must race"
    assert page.get_by_label("Adam", exact=True).is_checked()
    page.get_by_label("RMSprop", exact=True).click()
    assert page.locator(".course-warning").is_hidden()
    page.get_by_label("Adam", exact=True).click()
    assert losses(page) == ["–", "–", "–", "21.2250", "–"]


@pytest.mark.parametrize("touch", [False, True])
def test_the_start_follows_the_pointer_and_a_tap(open_figure, said, touch):
    page = open_figure("optimizer-race", reduced_motion=True, touch=touch, width=360 if touch else 760)
    page.locator(".course-plot").scroll_into_view_if_needed()
    if touch:
        with tapping(page):
            page.touchscreen.tap(*map_place(page, 1, -1))
    else:
        page.mouse.click(*map_place(page, 1, -1))
    assert said(page).startswith("Step 0 on the ravine: all start at (1, −1), loss 5.1.")
    page.mouse.move(*map_place(page, 1.1, -0.9))  # within the ring, which is 44 pixels wide
    page.mouse.down()
    page.mouse.move(*map_place(page, 2, 1.5))
    assert "(2, 1.5)" in said(page)
    page.mouse.move(*map_place(page, 9, 2))  # beyond the map it stays at the border
    assert "(4, 2)" in said(page)
    page.mouse.up()
    page.mouse.move(*map_place(page, 0, 0))
    assert "(4, 2)" in said(page)
    assert page.get_by_label("Start w₁").input_value() == "4"


def test_playing_is_quiet_until_it_pauses(open_figure, said):
    page = open_figure("optimizer-race", state="surface=bowl&start=2,1")
    page.get_by_role("button", name="Play").click()
    count = page.locator(".course-steps")
    page.wait_for_function("() => /Step [4-9] /.test(document.querySelector('.course-steps').textContent)")
    assert said(page) == "Racing. Pause for the losses in words."
    page.get_by_role("button", name="Pause").click()
    step = re.match(r"Step (\d+) of 200", count.inner_text()).group(1)
    assert said(page).startswith(f"Step {step} on the noisy bowl, lowest loss first: ")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => [...document.querySelectorAll('button')].some(one => one.textContent === 'Play')")
    assert count.inner_text() == "Step 0 of 200"
    assert said(page).endswith("Which will come to rest?")


def test_noise_is_offered_where_there_is_some(open_figure, said):
    page = open_figure("optimizer-race", state="step=20")
    assert page.get_by_role("button", name="Other noise").is_hidden()
    page.get_by_label("Surface").select_option("noisy bowl")
    page.get_by_role("button", name="10 steps").click()
    before = said(page)
    assert "noisy bowl" in before
    page.get_by_role("button", name="Other noise").click()
    assert said(page) != before
    assert "seed=1" in page.locator(".course-link").get_attribute("href")
    assert finding(page).startswith("Mean loss of the last 11 steps: gradient descent ")


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    query = "surface=saddle&rate=0.0905&race=adam,gd&start=-3.25,0&step=200"
    page = open_figure("optimizer-race", hash=f"#fig-optimizer-race?{query}", over="http")
    assert said(page).startswith("Step 200 on the saddle, lowest loss first: ")
    assert finding(page) == "First step with |w₂| above 1, off the saddle: gradient descent not yet, Adam not yet."
    assert page.get_by_label("Learning rate").get_attribute("aria-valuetext") == "0.0905"
    link = page.locator(".course-link").get_attribute("href")
    assert "race=gd%2Cadam" in link
    assert said(open_figure("optimizer-race", hash=link[link.index("#") :])) == said(page)
    for query, sentence in {
        "race=gd,sgd": "sgd is none of: gd, momentum, nesterov, rmsprop, adam",
        "race=": " is none of: gd, ",
        "start=1": "2 values are needed, not 1",
        "start=1,-3.5": "the start must have w₂ from −3 to 3, not −3.5",
        "start=5,0": "5 is not a number from −4 to 4",
        "rate=0": "0 is not a number from 0.001 to 1",
        "momentum=1": "1 is not a number from 0 to 0.99",
        "step=1e9": "1e9 is not a number from 0 to 200",
        "step=1.5": "1.5 is not a whole number from 0 to 200",
        "surface=volcano": "volcano is none of: ravine, saddle, bowl",
    }.items():
        page.evaluate("query => { location.hash = `#fig-optimizer-race?${query}`; }", query)
        page.wait_for_function(
            "part => document.querySelector('.course-warning').textContent.replaceAll(/ -(?=\\d)/g, ' −').includes(part)",
            arg=sentence,
        )
        assert said(page) == START


@pytest.mark.parametrize("fonts", FONTS)
def test_the_table_stays_in_its_frame_where_the_book_leaves_a_phone_little_room(open_figure, fonts):
    page = open_figure("optimizer-race", width=330, fonts=fonts)
    everybody = "&race=gd,momentum,nesterov,rmsprop,adam"
    for state in ("step=30", "rate=0.21&step=60", "surface=bowl&step=100&momentum=0.9&rate=0.66&start=-4,-3"):
        page.evaluate("query => { location.hash = `#fig-optimizer-race?${query}`; }", state + everybody)
        page.wait_for_function("() => !/Step 0/.test(document.querySelector('.course-steps').textContent)")
        room = page.evaluate("""() => document.querySelector('.course-status').getBoundingClientRect().right
            - document.querySelector('.course-values').getBoundingClientRect().right""")
        assert room >= -0.5, state


def test_everything_to_press_is_44_pixels_high(open_figure):
    page = open_figure("optimizer-race", width=360, state="surface=bowl")
    small = """() => [...document.querySelectorAll('.course-frame :is(button, select, a, label:has(input), .course-start), \
        .course-frame input[type=range]')].map(one => [one.textContent || one.type, one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 44 || box.width < 44).map(([name]) => name)"""
    assert page.evaluate(small) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paths_stand_out_from_the_map(open_figure, theme):
    """Contrast of at least 3 with the paper, and no two racers with the same colour, dash or shape."""
    page = open_figure("optimizer-race", theme=theme, state="step=5&race=gd,momentum,nesterov,rmsprop,adam")
    styles = page.evaluate(
        """() => [...document.querySelectorAll('.course-plot svg .course-curve')].map(one => {
            const style = getComputedStyle(one), mark = one.parentNode.querySelector('.course-point');
            return [style.stroke, style.strokeDasharray, mark.getAttribute('d'), getComputedStyle(mark).fill];
        })"""
    )

    def luminance(colour: str) -> float:
        channels = [int(one) / 255 for one in re.findall(r"\d+", colour)[:3]]
        linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour, _, _, paper in styles:
        light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, colour
    assert [len(set(column)) for column in list(zip(*styles, strict=True))[:3]] == [5, 5, 5]
