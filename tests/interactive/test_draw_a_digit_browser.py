"""Draw-a-digit in a browser: by keyboard, pointer and touch, from links whole and broken."""

import math
import re

import pytest

NAME = "draw-a-digit"
OPEN = "inside=1"
SEVEN = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]
ZERO = [(0.5 - 0.17 * math.sin(turn), 0.5 - 0.3 * math.cos(turn)) for turn in (math.tau * k / 16 for k in range(17))]
IN_THE_CORNER = [(0.6, 0.6), (0.9, 0.6), (0.75, 0.93)]


def draw(page, path) -> None:
    """One stroke of the mouse, in shares of the drawing's sides."""
    page.locator(".course-pad").scroll_into_view_if_needed()
    box = page.locator(".course-pad").bounding_box()
    (x, y), *rest = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in path]
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=3)
    page.mouse.up()


def clear(page) -> None:
    page.get_by_role("button", name="Clear").click()


def samples(page) -> list[dict]:
    return page.evaluate("() => CourseDigitNetwork.samples.map(({label, predicted}) => ({label, predicted}))")


def pixels_of(page, selector: str) -> str:
    return page.locator(selector).first.evaluate("canvas => canvas.toDataURL()")


def read_number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure(NAME, state="sample=none")
    press = page.keyboard.press
    assert said(page).startswith("Nothing is drawn yet. The network would still say ")
    press("Tab")  # The drawing
    assert said(page) == "row 6, column 14, pen up"
    press("ArrowLeft")
    press("Shift+ArrowUp")
    assert said(page) == "row 2, column 13, pen up"
    press("Space")
    assert said(page) == "row 2, column 13, pen down"
    for _ in range(20):
        press("ArrowDown")
    assert said(page) == "row 22, column 13, pen down"
    press("Space")
    assert re.match(r"It reads 1 \(9\d", said(page))
    press("Tab")  # Undo
    press("Enter")
    assert said(page).startswith("Nothing is drawn yet.")
    press("Tab")  # Clear
    press("Tab")  # Test digits
    press("Space")
    assert said(page).startswith("It reads 0 ")
    press("ArrowRight")
    assert said(page).startswith("It reads 1 ")
    press("ArrowRight")
    assert said(page).startswith("It reads 2 ")
    before = said(page)
    press("Tab")  # Preparation
    press("Space")
    press("Tab")  # Moved by
    for _ in range(4):
        press("ArrowRight")
    assert page.locator("output").first.inner_text() == "4 px"
    assert said(page) != before
    press("Tab")  # Look inside
    press("Enter")
    page.wait_for_selector("details[open] .course-mosaic")
    press("Tab")  # Layer
    press("ArrowDown")
    assert said(page).startswith("Where ")
    assert ": pool1, map 1, row 3, column 5. The largest of the window is " in said(page)
    press("Tab")  # Map
    press("ArrowRight")
    assert ": pool1, map 2, row 3, column 5. " in said(page)
    press("Tab")  # Its numbers
    press("ArrowDown")
    press("ArrowRight")
    assert ": pool1, map 2, row 4, column 6. " in said(page)
    assert page.evaluate("document.activeElement.ariaLabel").startswith("row 4, column 6: ")
    press("Tab")  # The window of four
    assert page.evaluate("document.activeElement.ariaLabel").startswith("row 0, column 0: ")
    press("Tab")  # Grad-CAM
    page.keyboard.type("5")
    assert "spoke for the digit 5" in said(page)
    press("Tab")  # Time
    press("Enter")
    assert re.search(r"\d ms for a forward pass", page.locator("details").inner_text())
    press("Tab")  # Reset
    press("Enter")
    assert said(page).startswith("Nothing is drawn yet.")


def test_pointer_draws_and_the_preparation_saves_a_digit_in_the_corner(open_figure, said):
    page = open_figure(NAME)
    assert said(page).startswith("It reads 7 (")
    draw(page, ZERO)
    assert said(page).startswith("It reads 0 (")
    page.get_by_role("button", name="Undo stroke").click()
    assert said(page).startswith("Nothing is drawn yet.")
    draw(page, SEVEN)
    assert said(page).startswith("It reads 7 (")
    draw(page, [(0.35, 0.5), (0.75, 0.5)])
    page.get_by_role("button", name="Undo stroke").click()
    assert said(page).startswith("It reads 7 (")
    best = page.locator(".course-bars .best").inner_text()
    assert re.fullmatch(r"7\s*9\d(\.\d)? %.*", best, re.DOTALL)
    clear(page)
    assert said(page).startswith("Nothing is drawn yet.")
    assert set(page.locator(".course-bars span").all_inner_texts()) == {"–"}
    draw(page, IN_THE_CORNER)
    assert said(page).startswith("It reads 7 (9")
    page.get_by_label("Prepare it as MNIST was made").uncheck()
    assert not said(page).startswith("It reads 7 ")
    assert page.locator("figcaption").last.inner_text() == "all of it, scaled to 28 × 28"


def test_a_full_drawing_says_so_until_there_is_room(open_figure, said):
    """1498 points, so that the next stroke has room for two; what comes then is told, and nothing already drawn is lost."""
    page = open_figure(NAME, hash=f"#fig-{NAME}?sample=none&strokes={'2us33w' * 749}")
    warning = page.locator(".course-warning")
    assert warning.is_hidden()
    draw(page, SEVEN)
    count = "() => document.querySelector('.course-figure').state.strokes.map(stroke => stroke.length)"
    assert page.evaluate(count) == [1498, 2]
    for action in (
        lambda: draw(page, ZERO),
        lambda: page.get_by_label("Prepare it").click(),
        lambda: page.locator(".course-pad").press("Space"),
    ):
        action()
        assert warning.inner_text() == "The drawing is full: undo a stroke, or clear it."
        assert page.evaluate(count) == [1498, 2]
    page.get_by_role("button", name="Undo stroke").click()
    assert warning.is_hidden()
    clear(page)
    # A pointer that was taken away leaves the drawing area open for the next.
    page.evaluate("""() => {
        const pad = document.querySelector('.course-pad'), {x, y} = pad.getBoundingClientRect();
        pad.dispatchEvent(new PointerEvent('pointerdown', {pointerId: 99, pointerType: 'touch', buttons: 1, clientX: x + 9, clientY: y + 9}));
        pad.dispatchEvent(new PointerEvent('lostpointercapture', {pointerId: 99}));
    }""")
    draw(page, SEVEN)
    assert len(page.evaluate(count)) == 2


def test_on_a_phone_the_answer_stands_above_the_drawing(open_figure):
    page = open_figure(NAME, touch=True, width=390)
    page.set_viewport_size({"width": 390, "height": 664})
    page.evaluate("() => { location.hash = '#fig-draw-a-digit?sample=none'; }")
    page.wait_for_function("() => document.querySelector('.course-figure').state.sample === 'none'")
    place = "one => [one.getBoundingClientRect().top, one.getBoundingClientRect().bottom]"
    empty = page.locator(".course-pad").evaluate(place)
    assert page.locator(".course-answer").evaluate(place)[1] <= empty[0]
    assert empty[1] < 664
    assert page.locator(".course-bars").is_visible()
    assert page.locator(".course-keyboard").is_hidden()
    page.locator(".course-samples label").last.click()  # the longest answer
    page.evaluate("() => document.querySelector('.course-figure').scrollIntoView()")
    assert page.locator(".course-pad").evaluate(place) == pytest.approx(empty, abs=1)  # it stays under the finger
    assert open_figure(NAME).locator(".course-keyboard").is_visible()


def test_finger_draws_without_scrolling_the_page(open_figure, said):
    page = open_figure(NAME, touch=True, width=360)
    box = page.locator(".course-pad").bounding_box()
    session = page.context.new_cdp_session(page)
    points = [(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]
    for kind, (x, y) in zip(["touchStart", "touchMove", "touchMove", "touchMove"], points, strict=True):
        touch = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [touch]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert said(page).startswith("It reads 1 (")
    assert page.evaluate("scrollY") == 0
    assert page.locator(".course-frame").evaluate("frame => getComputedStyle(frame).touchAction") == "auto"


def test_test_digits_are_answered_as_recorded_and_mistakes_are_labelled(open_figure, said):
    page = open_figure(NAME)
    choices = page.locator(".course-samples label")
    choices.first.click()
    wrong = 0
    for one, caption in zip(samples(page), choices.all_inner_texts(), strict=True):
        assert said(page).startswith(f"It reads {one['predicted']} (")
        mistake = one["label"] != one["predicted"]
        assert ("The label says" in said(page)) == mistake
        assert caption == (f"{one['label']} → {one['predicted']}" if mistake else str(one["label"]))
        wrong += mistake
        page.keyboard.press("ArrowRight")
    assert wrong == 8


def test_moving_all_digits_is_counted_both_ways(open_figure):
    page = open_figure(NAME, state="shift=4")
    page.wait_for_function(
        "() => document.querySelector('.course-figure').textContent.includes('are read as labelled')"
    )
    text = page.locator(".course-figure").inner_text()
    found = re.search(r"All 20 .*: (\d+) are read as labelled with the preparation, (\d+) without", text)
    script = """() => { const figure = document.querySelector("course-draw-a-digit");
      return CourseDigitNetwork.samples.filter(({label}, i) => {
        const moved = new Float32Array(784), pixels = figure.pictures[i];
        for (let r = 0; r < 24; r++) for (let c = 0; c < 24; c++) moved[(r + 4) * 28 + c + 4] = pixels[r * 28 + c];
        const {logits} = figure.model.forward(moved);
        return logits.indexOf(Math.max(...logits)) === label;
      }).length; }"""
    assert [int(found[1]), int(found[2])] == [12, page.evaluate(script)]
    assert int(found[2]) < 12


def test_every_number_has_its_sum(open_figure, said):
    page = open_figure(NAME, state=f"{OPEN}&map=6")
    figure = page.locator("course-draw-a-digit")
    layers = figure.evaluate("figure => figure.model.layers.map(({name, kind, shape}) => ({name, kind, shape}))")
    assert len(layers) == 13
    numbers = {layer["name"]: number for number, layer in enumerate(layers)}
    for number in [*range(1, len(layers)), 0]:  # last the one that has a single map
        layer = layers[number]
        page.locator("details select").first.select_option(index=number)
        state = figure.evaluate("figure => figure.state")
        rows, columns, maps = layer["shape"]
        at = (state["row"] * columns + state["column"]) * maps + state["map"] - 1
        value = figure.evaluate("(figure, [layer, at]) => figure.result.layers[layer].values[at]", [number, at])
        title = re.match(rf"Where (\S+) comes from: {layer['name']}, map {state['map']}, row", said(page))
        assert read_number(title[1]) == pytest.approx(value, abs=6e-4)
        cell = page.locator(".course-map td").nth(state["row"] * columns + state["column"])
        assert "window" in cell.get_attribute("class")
        assert read_number(cell.get_attribute("aria-label").split(": ")[1]) == pytest.approx(value, abs=6e-3)
        assert page.locator(".course-map td").count() == rows * columns
        assert state["map"] == (6 if number else 1)
        steps = re.findall(r"(\w+\d): (\S+?)(?= →|\.$)", said(page))
        assert len(steps) == {"conv": 2 if layer["name"] == "conv3" else 3, "maxpool": 2, "affine": 1}.get(
            layer["kind"], 0
        )
        for name, text in steps:
            height, width, _ = layers[numbers[name]]["shape"]
            row, column = state["row"] * height // rows, state["column"] * width // columns
            place = [numbers[name], (row * width + column) * maps + state["map"] - 1]
            later = figure.evaluate("(figure, [layer, at]) => figure.result.layers[layer].values[at]", place)
            assert read_number(text) == pytest.approx(later, abs=6e-4)
        if layer["kind"] not in ("conv", "dense"):
            continue
        products = page.locator(".course-window table").nth(2).locator("td").all_inner_texts()
        part, total = re.search(r"add up to (\S+?)(?:, those of all \d+ maps to (\S+?))?[.;]? ", said(page)).groups()
        assert sum(map(read_number, products)) == pytest.approx(read_number(part), abs=0.005 * len(products))
        if layer["kind"] == "conv":
            assert read_number((total or part).rstrip(".")) == pytest.approx(value, abs=6e-4)
        else:
            assert f"that is {title[1]}." in said(page)


def test_maps_and_the_digit_of_grad_cam_are_chosen(open_figure, said):
    page = open_figure(NAME, state=f"{OPEN}&stage=conv3")
    box = page.locator(".course-mosaic").bounding_box()
    page.locator(".course-mosaic").click(position={"x": box["width"] * 2.5 / 8, "y": box["height"] * 1.5 / 8})
    assert ": conv3, map 11, " in said(page)
    page.locator(".course-map td").nth(4).click()
    assert ": conv3, map 11, row 1, column 1. " in said(page)
    slider = page.get_by_label("Input map")
    slider.fill("7")
    assert "The products of input map 7 add up to " in said(page)
    assert "for the digit 7, most of all in the " in page.locator("details").inner_text()
    first = pixels_of(page, ".course-cam")
    page.get_by_label("what spoke for").select_option("2")
    assert "for the digit 2" in said(page)
    assert pixels_of(page, ".course-cam") != first
    page.get_by_label("what spoke for").select_option("7")
    assert pixels_of(page, ".course-cam") == first


def test_the_drawing_takes_the_colours_of_the_theme(open_figure):
    page = open_figure(NAME)
    before = pixels_of(page, ".course-pad"), pixels_of(page, ".course-samples canvas")
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    page.wait_for_function("old => document.querySelector('.course-pad').toDataURL() !== old", arg=before[0])
    assert pixels_of(page, ".course-samples canvas") != before[1]


def test_drawing_and_settings_survive_a_link(open_figure, said):
    page = open_figure(NAME, over="http")
    draw(page, SEVEN)
    page.get_by_label("Prepare it as MNIST was made").uncheck()
    page.locator("summary").click()
    page.wait_for_selector("details[open] .course-mosaic")
    page.locator("details select").first.select_option(index=5)
    hash, state = page.evaluate(
        "() => { const f = document.querySelector('course-draw-a-digit'); return [f.link.hash, f.state]; }"
    )
    again = open_figure(NAME, hash=hash)
    assert again.evaluate("document.querySelector('course-draw-a-digit').state") == state
    assert pixels_of(again, ".course-cam") == pixels_of(page, ".course-cam")
    again.get_by_role("button", name="Reset").click()
    assert again.evaluate("document.querySelector('course-draw-a-digit').query()") == ""
    assert said(again).startswith("It reads 7 (")
    assert not again.locator("details").evaluate("details => details.open")


def test_broken_links_say_so_and_the_figure_lives(open_figure, said):
    broken = {
        "sample=99": "99 is none of",
        "strokes=zzz": "strokes=zzz",
        "strokes=" + "000" * 1501: "The drawing is full",
        "stage=conv9&row=NaN": "NaN is not a number",
        "map=999&prepare=2": "999 is not",
    }
    page = open_figure(NAME, hash=f"#fig-{NAME}?{next(iter(broken))}")
    for query, words in broken.items():
        page.evaluate("hash => { location.hash = hash; }", f"#fig-{NAME}?{query}")
        page.wait_for_function(
            "words => document.querySelector('.course-warning').textContent.includes(words)", arg=words
        )
        assert said(page).startswith("It reads 7 (")
        page.locator(".course-samples label").first.click()
        assert said(page).startswith("It reads 0 (")
        assert page.locator(".course-warning").is_hidden()


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_missing_and_damaged_parts_are_told(browser_with, pages_folder, pictures_script, damage):
    folder, _ = pages_folder
    file = folder / f"part-{damage}.html"
    file.write_text(pictures_script.bare_page(NAME), encoding="utf-8")

    def change(route):
        text = (pictures_script.EXTENSION.FOLDER / "digit-network.js").read_text(encoding="utf-8")
        route.fulfill(body=text.replace('"values": "', '"values": "*'), content_type="text/javascript")

    with browser_with(None).new_context() as context:
        page = context.new_page()
        if damage == "missing":
            page.route("**/digit-inside.js?v=*", lambda route: route.abort())
        else:
            page.route("**/digit-network.js?v=*", change)
        page.goto(file.as_uri())
        page.wait_for_selector(".course-warning")
        what = "digit-inside.js" if damage == "missing" else ""
        assert f"cannot start: {what}" in page.locator(".course-warning").first.inner_text()
        assert page.locator(".course-figure > img").is_visible()
