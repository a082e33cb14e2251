"""The X/O figure in a browser: by keyboard, by pointer, from links whole and broken."""

from programs import tap


def grid(page, label: str):
    return page.get_by_role("grid", name=label, exact=True)


def numbers(page, label: str) -> str:
    """The numbers of the grid in their order; a dot stands for a cell without one."""
    return " ".join(text or "." for text in grid(page, label).locator("td").all_inner_texts())


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure("xo")
    press = page.keyboard.press

    def tab(times: int, key: str = ""):
        for _ in range(times):
            press("Tab")
        if key:
            press(key)

    assert said(page) == "Window at (0, 0): hits 8, misses 1, sum 7, match 7/9 ≈ 0.78."
    tab(7)  # six stages, X
    tab(5)  # O, Draw, Change, Clear, ╲
    tab(1, "Enter")  # ✕
    assert said(page) == "Window at (0, 0): hits 6, misses 3, sum 3, match 3/9 ≈ 0.33."
    press("Shift+Tab")
    press("Enter")
    tab(5, "Enter")  # ✕, ╱, first, back, next window
    assert said(page) == "Window at (0, 1): hits 4, misses 5, sum −1, match −1/9 ≈ −0.11."
    tab(3)  # last, play, the picture
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"):
        press(key)
    press("ArrowDown")
    assert said(page) == "Window at (3, 3): hits 7, misses 2, sum 5, match 5/9 ≈ 0.56."
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "row 4, column 4: 1"
    assert numbers(page, "Window") == "1 −1 1 −1 1 −1 1 −1 1"
    assert numbers(page, "Products") == "1 1 −1 1 1 1 −1 1 1"
    assert page.get_by_text("1 + 1 − 1 + 1 + 1 + 1 − 1 + 1 + 1 = 5", exact=True).is_visible()
    tab(2)  # window, feature
    press("ArrowRight")
    press("ArrowRight")
    press("Space")
    assert said(page) == "Window at (3, 3): hits 8, misses 1, sum 7, match 7/9 ≈ 0.78."
    tab(3, "Enter")  # products, −1, +1
    assert said(page).endswith("sum 8, match 8/9 ≈ 0.89.")
    assert numbers(page, "Feature") == "1 −1 2 −1 1 −1 −1 −1 1"
    tab(1)  # reset
    press("Enter")
    assert said(page).startswith("Window at (0, 0): hits 8")
    button(page, "2 Feature map").focus()
    press("Enter")
    assert numbers(page, "Feature map, in ninths").startswith("7 . .")
    button(page, "Last step").focus()
    press("Enter")
    assert numbers(page, "Feature map, in ninths").startswith("7 −1 1 3 5 −1 3 −1 9")
    tab(3)  # play, picture, map
    press("Control+Home")
    press("ArrowRight")
    assert said(page).startswith("Window at (0, 1): hits 4, misses 5")
    assert grid(page, "Feature map, in ninths").locator("td.empty").count() == 47
    button(page, "3 ReLU").focus()
    press("Enter")
    assert said(page) == "At (0, 1): max(0, −1/9) = 0/9."
    tab(1, "Enter")  # pool
    assert said(page) == "The largest of 7/9, 0/9, 0/9, 9/9 is 9/9."
    assert numbers(page, "Pooled") == "9 3 5 3 3 9 3 5 5 3 9 1 3 5 1 7"
    button(page, "Last step").focus()
    press("Enter")
    assert said(page) == "Partial window. The largest of 7/9 is 7/9."
    assert grid(page, "After ReLU").locator("td.padding").count() == 15
    assert grid(page, "After ReLU").locator("td.window").count() == 4
    press("Shift+Tab")
    press("Shift+Tab")
    press("Enter")  # back
    assert said(page) == "Partial window. The largest of 1/9, 0/9 is 1/9."
    button(page, "5 Pool again").focus()
    press("Enter")
    assert said(page) == "The largest of 9/9, 1/9, 1/9, 7/9 is 9/9."
    assert numbers(page, "Pooled twice") == "9 5 5 9"
    tab(1, "Enter")  # vote
    assert said(page) == "X has the larger vote: 1 against 5/9 ≈ 0.56."
    tab(2, "Enter")  # X, O
    assert said(page) == "O has the larger vote: 1 against 5/9 ≈ 0.56."
    assert page.get_by_text("X: (5 + 5 + 5 + 5 + 5) / (5 · 9) = 5/9 ≈ 0.56", exact=True).is_visible()


def pull(page, start, end):
    """Press the pointer in one cell and let it go in another."""
    boxes = [cell.bounding_box() for cell in (start, end)]
    page.mouse.move(boxes[0]["x"] + 10, boxes[0]["y"] + 10)
    page.mouse.down()
    page.mouse.move(boxes[1]["x"] + 10, boxes[1]["y"] + 10, steps=12)
    page.mouse.up()


def test_pointer_moves_the_window_and_draws(open_figure, said):
    page = open_figure("xo", reduced_motion=True)
    assert button(page, "Play").count() == 0
    cell = grid(page, "Picture").locator("td")
    cell.nth(4 * 9 + 4).click()
    assert said(page).startswith("Window at (3, 3)")
    button(page, "Clear").click()
    warning = page.locator(".course-warning")
    assert warning.inner_text() == "The picture is blank: draw, or choose X or O."
    assert said(page) == "Window at (3, 3): hits 6, misses 3, sum 3, match 3/9 ≈ 0.33."
    pull(page, cell.nth(1 * 9 + 4), cell.nth(7 * 9 + 4))
    assert warning.is_hidden()
    assert cell.all_inner_texts().count("1") == 7
    pull(page, cell.nth(4 * 9), cell.nth(4 * 9 + 8))  # across ink, which stays
    assert cell.all_inner_texts().count("1") == 15
    pull(page, cell.nth(4 * 9 + 4), cell.nth(4 * 9 + 8))  # from ink: erases
    pull(page, cell.nth(4 * 9), cell.nth(4 * 9 + 3))
    assert cell.all_inner_texts().count("1") == 6
    cell.nth(4 * 9 + 4).click()
    button(page, "6 Vote").click()
    assert said(page) == (
        "O has the larger vote: 1/3 ≈ 0.33 against 13/45 ≈ 0.29. Less than 1/9 apart: too close to call."
        " Blank paper gets 1/3 ≈ 0.33: “neither” would be honest."
    )
    button(page, "X").click()
    button(page, "5 Pool again").click()
    grid(page, "Pooled twice").locator("td").nth(3).click()
    assert said(page) == "The largest of 9/9, 1/9, 1/9, 7/9 is 9/9."
    button(page, "4 Pool").click()
    assert page.get_by_text("step 11 of 16").is_visible()
    button(page, "6 Vote").click()
    button(page, "Draw").click()
    cell.nth(4 * 9 + 4).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Space")
    assert cell.all_inner_texts().count("1") == 14
    page.keyboard.press("Space")
    assert said(page) == "X has the larger vote: 1 against 5/9 ≈ 0.56."


def test_finger_draws_on_a_narrow_screen_and_no_cell_is_skipped(open_figure, said):
    """Two fast strokes, each of one move; where nothing is drawn, a finger that passes over the picture scrolls."""
    page = open_figure("xo", width=320, touch=True, state="letter=own&stage=vote")
    session = page.context.new_cdp_session(page)
    picture = grid(page, "Picture")

    def finger(kind, cell=None):
        box = cell and picture.locator("td").nth(cell).bounding_box()
        points = [{"x": box["x"] + 12, "y": box["y"] + 12}] if box else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for start, end in ((10, 70), (16, 64)):
        finger("touchStart", start)
        finger("touchMove", end)
        finger("touchEnd")
    assert said(page) == "X has the larger vote: 1 against 5/9 ≈ 0.56."
    assert picture.locator("td").all_inner_texts().count("1") == 13  # the middle is ink, over which both passed
    assert picture.evaluate("table => getComputedStyle(table).touchAction") == "none"
    boxes = page.locator("td[role=gridcell]:visible").evaluate_all(
        "cells => cells.flatMap(cell => [cell.getBoundingClientRect().width, cell.getBoundingClientRect().height])"
    )
    assert min(boxes) >= 24
    tap(button(page, "X"))
    assert picture.evaluate("table => getComputedStyle(table).touchAction") == "auto"


def test_draw_goes_where_the_picture_is(open_figure):
    page = open_figure("xo", reduced_motion=True)
    for stage, goal in {
        "3 ReLU": "1 Match",
        "4 Pool": "1 Match",
        "5 Pool again": "1 Match",
        "6 Vote": "6 Vote",
    }.items():
        for name in ("Draw", "Clear"):
            button(page, stage).click()
            button(page, name).click()
            assert button(page, goal).get_attribute("aria-pressed") == "true"
            assert grid(page, "Picture").is_visible()
            button(page, "O").click()


def test_an_end_that_nobody_saw_leaves_the_picture_alive(open_figure):
    """The button of the mouse let go elsewhere, and a pointer taken away."""
    page = open_figure("xo", state="letter=own")
    cells = grid(page, "Picture").locator("td")
    pointer = """([from, to, end]) => {
        const table = document.querySelector('[role=grid]'), cells = table.querySelectorAll('td');
        const send = (type, cell, buttons) => {
            const {x, y} = cells[cell].getBoundingClientRect();
            cells[cell].dispatchEvent(new PointerEvent(type, {
                pointerId: 7, pointerType: 'mouse', buttons, clientX: x + 12, clientY: y + 12, bubbles: true}));
        };
        send('pointerdown', from, 1);
        send('pointermove', from + 1, 1);
        if (end === 'unseen') send('pointermove', to, 0);
        else table.dispatchEvent(new PointerEvent(end, {pointerId: 7}));
        send('pointermove', to, 1);
    }"""
    for row, end in enumerate(("unseen", "pointercancel", "lostpointercapture")):
        page.evaluate(pointer, [9 * row, 9 * row + 8, end])
        assert cells.all_inner_texts().count("1") == 2 * (row + 1), end
    pull(page, cells.nth(72), cells.nth(80))
    assert cells.all_inner_texts().count("1") == 15


def test_own_feature_decides_anew_who_votes(open_figure, said):
    crossing = "1,-1,1,-1,1,-1,1,-1,1"
    page = open_figure("xo", state=f"stage=vote&kernels={crossing},{crossing},{crossing}")
    weights = page.locator("tr td:last-child").all_inner_texts()[-12:]
    assert weights == ["X 1/3", "0", "0", "0"] * 3
    assert said(page) == "No verdict: a letter is without votes."


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    query = "stage=pool&letter=O&preset=noisy&feature=rising&step=30"
    page = open_figure("xo", hash=f"#fig-xo?{query}", over="http")
    sentence = said(page)
    link = page.locator(".course-link").get_attribute("href")
    assert set(link.split("?")[1].split("&")) == set(query.split("&"))
    assert said(open_figure("xo", hash=link[link.index("#") :])) == sentence
    broken = open_figure("xo", hash="#fig-xo?stage=9&step=49&kernels=1,2&letter=Q&colour=red")
    warning = broken.locator(".course-warning").inner_text()
    for part in (
        "9 is none of",
        "49 is not a number from 0 to 48",
        "27 values are needed, not 2",
        "Q is none of",
        "colour",
    ):
        assert part in warning
    button(broken, "Next step").click()
    assert said(broken).startswith("Window at (0, 1)")
    assert broken.locator(".course-warning").is_hidden()
    bad = ",".join(["0.5"] * 27)
    assert "whole number" in open_figure("xo", hash=f"#fig-xo?kernels={bad}").locator(".course-warning").inner_text()
