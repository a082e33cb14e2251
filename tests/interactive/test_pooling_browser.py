"""The pooling figure in a browser: by keyboard, from links whole and broken."""


def cells(page, grid: int) -> list[str]:
    return page.locator("table.course-grid").nth(grid).locator("td").all_inner_texts()


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure("pooling")
    assert said(page) == "Window 1 of 16: the maximum of 7, −1, −1, 9 is 9."
    assert " ".join(cells(page, 1)) == "9 3 5 3 3 9 3 5 5 3 9 1 3 5 1 7"
    press = page.keyboard.press
    press("Tab")  # Map
    press("Tab")  # Shift
    press("ArrowDown")
    end = " Unchanged (underlined): 7 of 16 pooled numbers; before pooling, 3 of 49."
    assert said(page) == "Window 1 of 16: the maximum of 1, 7, 1, −1 is 7." + end
    assert page.locator("table.course-grid").nth(1).locator("td.course-kept").count() == 7
    press("ArrowUp")
    press("Tab")  # Padding
    press("ArrowDown")
    assert said(page) == "Window 1 of 9: the maximum of 7, −1, −1, 9 is 9."
    notes = page.locator(".course-notes").inner_text()
    assert "⌊(7 + 0 − 2) / 2⌋ + 1 = ⌊2.5⌋ + 1 = 3" in notes
    assert "in no window, crossed out: 6." in notes
    press("Tab")  # Keep the
    press("ArrowDown")
    assert said(page) == "Window 1 of 9: the average of 7, −1, −1, 9 is 3.5."
    press("ArrowUp")
    press("Tab")  # Window
    press("ArrowRight")
    assert said(page) == "Window 1 of 9: the maximum of 7, −1, 1, −1, 9, −1, 1, −1, 9 is 9."
    press("Tab")  # Stride
    press("ArrowRight")
    assert page.locator(".course-title").nth(1).inner_text() == "Pooled, 2 × 2"
    for _ in range(3):
        press("Tab")  # First, back, next window
    press("Enter")
    assert said(page) == "Window 2 of 4: the maximum of 3, 5, −1, 3, −1, 1, −3, 1, −1 is 5."
    for _ in range(3):
        press("Tab")  # Last, play, the map
    press("ArrowRight")
    assert page.locator(".course-control label").last.inner_text() == "Change row 0, column 1:"
    press("Control+Home")
    for _ in range(3):
        press("ArrowRight")
    press("Enter")
    page.keyboard.type("20")
    press("Enter")
    expected = "Window 2 of 4: the maximum of 20, 5, −1, 3, −1, 1, −3, 1, −1 is 20."
    assert said(page) == expected + " Unchanged (underlined): 3 of 4 pooled numbers; before pooling, 48 of 49."
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "row 0, column 3: 20, in the window, the maximum"
    press("Tab")  # Pooled map
    press("ArrowDown")
    assert said(page).startswith("Window 4 of 4: the maximum of")
    for _ in range(2):
        press("Tab")  # The number, reset
    press("Enter")
    assert said(page) == "Window 1 of 16: the maximum of 7, −1, −1, 9 is 9."


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    query = "shift=right&padding=valid&window=3&step=4&edits=0%2C11"
    page = open_figure("pooling", hash=f"#fig-pooling?{query}", over="http")
    sentence = said(page)
    assert sentence.startswith("Window 5 of 9: the maximum of")
    link = page.locator(".course-link").get_attribute("href")
    again = open_figure("pooling", hash=link[link.index("#") :])
    assert said(again) == sentence
    assert set(link.split("?")[1].split("&")) == set(query.split("&"))
    broken = open_figure("pooling", hash="#fig-pooling?window=9&mode=median&edits=1,2,3&depth=2")
    warning = broken.locator(".course-warning").inner_text()
    for part in ("9 is not a number from 1 to 4", "median is none of", "a changed number is whole", "depth"):
        assert part in warning
    broken.get_by_role("button", name="Next step").click()
    assert said(broken).startswith("Window 2 of 16")
    assert broken.locator(".course-warning").is_hidden()


def test_absurd_number_is_refused_in_words(open_figure):
    page = open_figure("pooling")
    field = page.locator("input[type=number]")
    for wrong in ("500", "1.5", ""):
        field.fill(wrong)
        field.press("Enter")
        assert "a changed number is whole, from −99 to 99" in page.locator(".course-warning").inner_text()
        assert field.input_value() == "7"
    field.fill("-3")
    field.press("Enter")
    assert page.locator(".course-warning").is_hidden()
    assert cells(page, 0)[0] == "−3"


def test_a_step_that_is_no_more_becomes_the_last(open_figure, said):
    page = open_figure("pooling", state="step=48&input=ramp&shift=right")
    assert said(page) == "Window 9 of 9: the maximum of 28, 29, 34, 35 is 35."
    page.locator("table.course-grid").nth(1).locator("td").nth(5).click()
    assert said(page) == "Window 6 of 9: the maximum of 16, 17, 22, 23 is 23."
