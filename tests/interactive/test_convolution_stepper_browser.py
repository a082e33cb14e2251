"""The convolution stepper in a browser: by keyboard, by touch, from links whole and broken."""

import numpy as np
from programs import tap

from course_utils import layers

NAME = "convolution-stepper"


def cells(page, grid: int) -> list[str]:
    """Numbers of one of the visible grids: input, kernel, products, output."""
    return page.locator("table.course-grid:visible").nth(grid).locator("td").all_inner_texts()


def minus(texts: list[str]) -> list[float]:
    return [float(text.replace("−", "-")) for text in texts]


def notes(page) -> str:
    return page.locator(".course-notes").inner_text()


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure(NAME)
    press = page.keyboard.press
    x, w, products = (minus(cells(page, grid)) for grid in range(3))
    window = [x[6 * row + column] for row in range(3) for column in range(3)]
    assert products == [a * b for a, b in zip(window, w, strict=True)]
    first = f"{sum(products):g}".replace("-", "−")
    assert said(page) == f"Output 4 × 4, step 1 of 16. y at row 0, column 0: {first} + 0 = {first}."
    assert cells(page, 3) == [first] + [""] * 15
    for _ in range(4):
        press("Tab")  # Layer, n, k, s
    press("ArrowRight")
    assert "⌊(6 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = ⌊3 / 2⌋ + 1 = ⌊1.5⌋ + 1 = 2" in notes(page)
    assert "3 / 2 leaves a remainder of 1: 2.5 windows, rounded down to 2. One more would stick out by 1." in notes(
        page
    )
    assert "in no window (crossed out): 5." in notes(page)
    assert page.locator("td.unreached").count() == 11
    press("Tab")  # p
    press("ArrowDown")
    assert "⌈n / s⌉ = 3; 0 before, 1 after." in notes(page)
    assert page.locator("td.padding").count() == 13
    assert page.locator("td.padding").first.get_attribute("aria-label") == "row 0, column 6, 0, padding"
    press("Tab")  # d
    press("ArrowRight")
    assert "Keras refuses stride and dilation both above 1" in notes(page)
    press("ArrowLeft")
    for _ in range(3):
        press("Tab")  # C, C′, b
    press("ArrowRight")
    for _ in range(6):
        press("Tab")  # input, kernel, new numbers, first, back, next
    press("Enter")
    assert said(page).startswith("Output 3 × 3, step 2 of 9. y at row 0, column 1: ")
    assert " + 1 = " in said(page)
    press("Tab")
    press("Enter")  # last
    assert said(page).startswith("Output 3 × 3, step 9 of 9. y at row 2, column 2: ")
    assert "" not in cells(page, 3)
    for _ in range(2):
        press("Tab")  # play, x
    press("Control+Home")
    press("7")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "row 0, column 0, 7"
    press("-")
    assert cells(page, 0)[0] == "−7"
    press("Tab")  # w
    press("Enter")
    assert cells(page, 1)[0] == "0"  # −1 and one more
    for _ in range(2):
        press("Tab")  # products, y
    press("Control+Home")
    press("Enter")
    assert said(page).startswith("Output 3 × 3, step 1 of 9.")
    products = minus(cells(page, 2))
    assert products[0] == 0
    assert said(page).endswith(f"= {sum(products) + 1:g}.".replace("-", "−"))
    press("Tab")
    press("Enter")  # reset
    assert said(page) == f"Output 4 × 4, step 1 of 16. y at row 0, column 0: {first} + 0 = {first}."


def test_a_transposed_layer_stamps_and_shows_the_checkerboard(open_figure, said):
    page = open_figure(NAME, state="mode=transposed&n=3&s=2&input=ones&kernel=ones", reduced_motion=True)
    assert page.get_by_role("button", name="Play").count() == 0
    assert "(3 − 1)·2 + max(1·(3 − 1) + 1, 2) = 7" in notes(page)
    assert "away from the border: 1, 2, 4.\n\nIn turn: a checkerboard" in notes(page)
    page.get_by_role("button", name="Next step").click()
    assert said(page).endswith(
        "x at row 0, column 1 is 1: the kernel, times that, is added to y from row 0, column 2 on."
    )
    assert cells(page, 3)[:7] == ["1", "1", "2", "1", "1", "0", "0"]
    page.get_by_role("button", name="Last step").click()
    assert cells(page, 3)[:7] == ["1", "1", "2", "1", "2", "1", "1"]
    assert cells(page, 3)[14:21] == ["2", "2", "4", "2", "4", "2", "2"]
    page.get_by_label("Kernel size k").fill("4")
    assert "away from the border: 4." in notes(page)
    assert said(page).startswith("Output 8 × 8, step 9 of 9.")
    page.get_by_label("Padding p").select_option("3")
    assert "(3 − 1)·2 + 1·(4 − 1) + 1 − 2·3 = 2" in notes(page)
    page.get_by_label("Input size n").fill("1")
    assert page.locator(".course-warning").inner_text() == "The padding cuts off all 4 rows: choose less of it."


def test_what_does_not_fit_is_said_and_can_be_mended(open_figure, said):
    page = open_figure(NAME)
    page.get_by_label("Input size n").fill("2")
    assert page.locator(".course-warning").inner_text().startswith("No window of 3 × 3 fits into 2 × 2")
    assert "= ⌊−1⌋ + 1 = 0" in notes(page)
    assert said(page) == ""
    page.get_by_label("Padding p").select_option("2")
    assert page.locator(".course-warning").is_hidden()
    assert said(page).startswith("Output 4 × 4, step 1 of 16.")


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    query = "n=7&s=3&p=1&c=2&b=-2&kernel=random&seed=5&step=4&edits=200%2C5900"
    page = open_figure(NAME, hash=f"#fig-{NAME}?{query}", over="http")
    sentence = said(page)
    assert sentence.startswith("Output 3 × 3, step 5 of 9. y at row 1, column 1: ")
    assert sum(minus(cells(page, 2))) + sum(minus(cells(page, 5))) - 2 == minus([cells(page, 6)[4]])[0]
    page.locator("table.course-grid:visible").nth(6).locator("td").nth(7).click()
    assert said(page).startswith("Output 3 × 3, step 8 of 9. y at row 2, column 1: ")
    link = page.locator(".course-link").get_attribute("href")
    again = open_figure(NAME, hash=link[link.index("#") :])
    assert said(again) == said(page)
    assert set(link.split("?")[1].split("&")) == set(query.replace("step=4", "step=7").split("&"))
    broken = open_figure(NAME, hash=f"#fig-{NAME}?n=99&p=full&edits=1,NaN&k=2.5&step=200&size=3")
    warning = broken.locator(".course-warning").inner_text()
    for part in (
        "99 is not a number from 1 to 10",
        "full is none of",
        "NaN",
        "2.5 is not a whole number",
        "size is none of: mode, n, k, s, p, d, c, filters, b",
    ):
        assert part in warning
    assert said(broken).startswith("Output 4 × 4, step 16 of 16.")
    broken.get_by_role("button", name="First step").click()
    assert broken.locator(".course-warning").is_hidden()


def test_touch_changes_numbers_and_a_preset_puts_them_back(open_figure):
    page = open_figure(NAME, touch=True, width=360, state="input=ones")
    first = page.locator("table.course-grid:visible").nth(0).locator("td").first
    for value in [*range(2, 10), 0, 1, 2]:
        tap(first)
        assert first.inner_text() == str(value)
    page.get_by_label("Kernel", exact=True).select_option("identity")
    assert first.inner_text() == "2"
    assert cells(page, 3)[0] == "1"
    page.get_by_label("Input", exact=True).select_option("dot")
    assert first.inner_text() == "0"
    before = cells(page, 0)
    tap(page.get_by_role("button", name="New numbers"))
    numbers = cells(page, 0)
    tap(page.get_by_role("button", name="New numbers"))
    assert before != numbers != cells(page, 0)


TWO = "n=5&c=2&filters=2&kernel=random&kernel1=random&b=1&b1=-2"
X0, W0, PRODUCTS0, X1, W1, PRODUCTS1, MAP0, MAP1 = range(8)  # tables of two channels and two filters


def stacked(page, *grids: int) -> np.ndarray:
    """The numbers of square tables, as channels of one array."""
    tables = [np.array(minus(cells(page, grid))) for grid in grids]
    side = round(len(tables[0]) ** 0.5)
    return np.stack(tables, axis=-1).reshape(side, side, -1)


def written(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def adding_up(page) -> str:
    """The numbers that add up to one entry, and where they come from."""
    return " ".join(page.locator(".course-terms").text_content().split())


def test_two_filters_with_the_keyboard_alone(open_figure, said):
    page = open_figure(NAME)
    press = page.keyboard.press
    for _ in range(7):
        press("Tab")  # Layer, n, k, s, p, d, C
    press("ArrowRight")
    press("Tab")
    press("ArrowRight")  # C′
    assert said(page).startswith("Output 4 × 4 × 2, step 1 of 16, filter 0. y at row 0, column 0: ")
    x, first = stacked(page, X0, X1), stacked(page, W0, W1)
    press("Tab")  # bias of filter 0
    press("ArrowRight")
    sums = stacked(page, PRODUCTS0, PRODUCTS1).sum(axis=(0, 1))
    entry = f"{written(sums[0])} + {written(sums[1])} + 1 = {written(sums.sum() + 1)}".replace("+ −", "− ")
    assert said(page).endswith(f"row 0, column 0: {entry}.")
    for _ in range(7):
        press("Tab")  # input, kernels, new numbers, first, back, next, last
    press("Enter")
    for _ in range(3):
        press("Tab")  # play, filter 0, filter 1
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "false"
    press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    assert said(page).startswith("Output 4 × 4 × 2, step 16 of 16, filter 1. y at row 3, column 3: ")
    second = stacked(page, W0, W1)
    expected = layers.conv2d(x[None], np.stack([first, second], axis=-1), np.array([1, 0]))[0]
    np.testing.assert_array_equal(stacked(page, MAP0, MAP1), expected)
    assert page.locator("td.window:visible").count() == 9 + 9 + 1
    for _ in range(2):
        press("Tab")  # x, w of filter 1
    press("Control+Home")
    press("9")
    second[0, 0, 0] = 9
    expected = layers.conv2d(x[None], np.stack([first, second], axis=-1), np.array([1, 0]))[0]
    np.testing.assert_array_equal(stacked(page, MAP0, MAP1), expected)
    for _ in range(5):
        press("Tab")  # products, x, w and products of channel 1, map of filter 0
    press("Control+Home")
    press("Enter")
    assert said(page).endswith(f"step 1 of 16, filter 0. y at row 0, column 0: {entry}.")
    np.testing.assert_array_equal(stacked(page, W0, W1), first)
    for _ in range(2):
        press("Tab")  # map of filter 1, reset
    press("Enter")
    assert said(page).startswith("Output 4 × 4, step 1 of 16. ")


def test_two_filters_have_their_own_bias_kernels_and_names(open_figure, said):
    page = open_figure(NAME, state=TWO)
    names = page.locator("table.course-grid:visible").evaluate_all(
        "tables => tables.map(table => table.getAttribute('aria-label').replace(/, sum.*/, ''))"
    )
    assert names == [
        *("Channel 0: Input x, 5 × 5", "Filter 0, kernel 0", "x · w"),
        *("Channel 1: Input x, 5 × 5", "Filter 0, kernel 1", "x · w"),
        *("Map 0, 3 × 3", "Map 1, 3 × 3"),
    ]
    assert "C′·(k·k·C + 1) = 2·(3·3·2 + 1) = 38 parameters, output n′ × n′ × C′ = 3 × 3 × 2" in notes(page)
    sums = stacked(page, PRODUCTS0, PRODUCTS1).sum(axis=(0, 1))
    parts = f"{written(sums[0])} channel 0 + {written(sums[1])} channel 1 + 1 bias".replace("+ −", "− ")
    assert adding_up(page) == f"{parts} = {written(sums.sum() + 1)} map 0"
    page.get_by_role("button", name="Last step").click()
    first, second = stacked(page, MAP0)[..., 0], stacked(page, MAP1)[..., 0]
    page.get_by_role("button", name="Filter 1").click()
    assert adding_up(page).endswith(f" − 2 bias = {written(second[2, 2])} map 1")
    page.get_by_label("Bias of filter 1").fill("3")
    np.testing.assert_array_equal(stacked(page, MAP1)[..., 0], second + 5)
    page.get_by_label("Kernels of filter 1").select_option("identity")
    np.testing.assert_array_equal(stacked(page, MAP1)[..., 0], stacked(page, X0, X1)[1:4, 1:4].sum(axis=2) + 3)
    np.testing.assert_array_equal(stacked(page, MAP0)[..., 0], first)
    page.get_by_role("button", name="Filter 0").click()
    assert page.get_by_label("Bias of filter 0").input_value() == "1"
    page.get_by_label("Filters C′").fill("1")
    assert page.get_by_role("button", name="Filter 0").count() == 0
    assert not page.locator(".course-terms").is_visible()
    assert page.get_by_label("Bias b").input_value() == "1"
    np.testing.assert_array_equal(stacked(page, MAP0)[..., 0], first)


def test_pulling_across_a_map_moves_the_window(open_figure, said):
    page = open_figure(NAME, state=TWO)
    place = page.locator("table.course-grid:visible").nth(MAP1).locator("td")
    place.nth(0).hover()
    page.mouse.down()
    for at, where in ((1, "row 0, column 1"), (5, "row 1, column 2"), (7, "row 2, column 1")):
        place.nth(at).hover()
        assert f"step {at + 1} of 9, filter 1. y at {where}: " in said(page)
    page.mouse.up()
    place.nth(0).hover()
    assert "step 8 of 9, filter 1." in said(page)
    assert cells(page, MAP0)[7] != "" == cells(page, MAP0)[8]


def test_two_filters_by_touch_on_a_phone_and_their_link(open_figure, said):
    page = open_figure(NAME, touch=True, width=360, reduced_motion=True, state="filters=2&c=2")
    tap(page.get_by_role("button", name="Filter 1"))
    assert cells(page, W1)[4] == "5"
    tap(page.locator("table.course-grid:visible").nth(W1).locator("td").nth(4))
    assert cells(page, W1)[4] == "−3"  # past 3, the smallest again
    tap(page.locator("table.course-grid:visible").nth(MAP1).locator("td").nth(6))
    assert "step 7 of 16, filter 1. y at row 1, column 2: " in said(page)
    page.get_by_label("Bias of filter 1").fill("-4")
    link = page.locator(".course-link").get_attribute("href")
    again = open_figure(NAME, state="filters=2&c=2", hash=link[link.index("#") :])
    assert said(again) == said(page)
    assert cells(again, W1) == cells(page, W1)
    page.get_by_label("Kernels of filter 1").select_option("ones")
    assert cells(page, W1) == ["1"] * 9
    tap(page.get_by_role("button", name="Filter 0"))
    assert cells(page, W1) == ["−1", "0", "1"] * 3
    broken = open_figure(NAME, hash=f"#fig-{NAME}?filter=2&filters=3&b1=10&kernel1=blur")
    warning = broken.locator(".course-warning").inner_text()
    assert warning.count("The link asks for what this figure does not have") == 4
    alone = open_figure(NAME, hash=f"#fig-{NAME}?filter=1&b1=5")
    assert said(alone) == said(open_figure(NAME))


def test_two_transposed_filters_stamp_two_maps(open_figure, said):
    state = f"mode=transposed&{TWO}&n=3&s=2".replace("n=5&", "")
    page = open_figure(NAME, state=state)
    assert said(page).startswith("Output 7 × 7 × 2, step 1 of 9, filter 0. x at row 0, column 0 is ")
    assert not page.locator(".course-terms").is_visible()
    page.get_by_role("button", name="Last step").click()
    x, kernels = stacked(page, X0, X1), [stacked(page, W0, W1)]
    page.get_by_role("button", name="Filter 1").click()
    kernels.append(stacked(page, W0, W1))
    expected = layers.conv2d_transpose(x[None], np.stack(kernels, axis=2), np.array([1, -2]), strides=2)[0]
    np.testing.assert_array_equal(stacked(page, MAP0, MAP1), expected)
