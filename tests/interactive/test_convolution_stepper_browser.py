"""The convolution stepper in a browser: by keyboard, by touch, from links whole and broken."""

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
    for _ in range(2):
        press("Tab")  # C, b
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
        "size is none of: mode, n, k, s, p, d, c, b",
    ):
        assert part in warning
    assert said(broken).startswith("Output 4 × 4, step 16 of 16.")
    broken.get_by_role("button", name="First step").click()
    assert broken.locator(".course-warning").is_hidden()


def test_touch_changes_numbers_and_a_preset_puts_them_back(open_figure):
    page = open_figure(NAME, touch=True, width=360, state="input=ones")
    first = page.locator("table.course-grid:visible").nth(0).locator("td").first
    for value in [*range(2, 10), 0, 1, 2]:
        first.tap()
        assert first.inner_text() == str(value)
    page.get_by_label("Kernel", exact=True).select_option("identity")
    assert first.inner_text() == "2"
    assert cells(page, 3)[0] == "1"
    page.get_by_label("Input", exact=True).select_option("dot")
    assert first.inner_text() == "0"
    before = cells(page, 0)
    page.get_by_role("button", name="New numbers").tap()
    numbers = cells(page, 0)
    page.get_by_role("button", name="New numbers").tap()
    assert before != numbers != cells(page, 0)
