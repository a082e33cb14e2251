"""The receptive-field figure in a browser: by keyboard, from links whole and broken."""

LENET = "Unit (2, 2) of layer 4 sees rows and columns 8 to 23 of the input, 16 × 16 pixels."


def current(page) -> list[str]:
    """The row of the table that is marked."""
    return page.locator("tr[aria-current]").locator("th, td").all_inner_texts()


def words(page) -> str:
    return page.locator(".course-notes").nth(1).inner_text()


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure("receptive-field")
    assert said(page) == LENET
    assert current(page) == ["4 pool 2 × 2", "5", "14 + 1·1·2 = 16", "2·2 = 4"]
    assert "With stride 1 instead of 2 in layer 4, its own field stays 16; the last layer's becomes 24" in words(page)
    press = page.keyboard.press
    press("Tab")  # Network
    press("ArrowDown")
    assert said(page) == "Unit (3, 3) of layer 18 sees rows and columns 6 to 217 of the input, 212 × 212 pixels."
    assert current(page)[2] == "196 + 1·1·16 = 212"
    assert "in layer 18, the last, it changes no field" in words(page)
    press("Tab")  # Input
    press("Tab")  # Up to layer
    press("Home")
    assert said(page) == "Unit (111, 111) of layer 1 sees rows and columns 110 to 112 of the input, 3 × 3 pixels."
    press("ArrowRight")
    press("ArrowRight")
    press("Tab")  # Unit
    press("Home")
    end = " of the input, 4 × 4 pixels of a field of 6 × 6 that the border cuts."
    assert said(page) == "Unit (0, 0) of layer 3 sees rows and columns 0 to 3" + end
    press("Tab")  # Kind
    press("ArrowUp")
    press("Tab")  # Window
    press("ArrowRight")
    assert current(page)[:3] == ["3 conv 3 × 3, stride 2", "111", "5 + 2·1·1 = 7"]
    press("Tab")  # Stride
    press("ArrowLeft")
    press("Tab")  # Dilation
    press("ArrowRight")
    assert current(page)[1:3] == ["220", "5 + 2·2·1 = 9"]
    press("Tab")  # Padding
    press("ArrowDown")
    assert current(page)[1:3] == ["224", "5 + 2·2·1 = 9"]
    press("Tab")  # Add convolution
    press("Enter")
    assert current(page)[0] == "4 conv 3 × 3"
    press("Tab")  # Add pooling
    press("Enter")
    assert current(page)[0] == "5 pool 2 × 2"
    press("Tab")  # Remove
    press("Enter")
    press("Enter")
    assert current(page)[0] == "3 conv 3 × 3, dilation 2, same"
    assert page.locator("select").first.input_value() == "your own"
    press("Tab")  # Reset
    press("Enter")
    assert said(page) == LENET


def test_dilation_leaves_gaps_that_are_told(open_figure, said):
    page = open_figure("receptive-field", state="stack=c3.d3&input=16&layer=1&unit=4")
    assert said(page) == (
        "Unit (4, 4) of layer 1 sees rows and columns 4 to 10 of the input, 7 × 7 pixels, with gaps: 9 take part."
    )
    assert page.locator(".course-strips rect.course-seen").count() == 4


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    page = open_figure("receptive-field", hash="#fig-receptive-field?stack=c3.s1-p2.s2&input=20&unit=0", over="http")
    assert said(page) == "Unit (0, 0) of layer 2 sees rows and columns 0 to 3 of the input, 4 × 4 pixels."
    link = page.locator(".course-link").get_attribute("href")
    assert "stack=c3-p2&" in link
    assert said(open_figure("receptive-field", hash=link[link.index("#") :])) == said(page)
    for query, sentence in {
        "stack=c3-q9": "q9 is no layer; a stack looks like",
        "stack=": "a stack has 1 to 24 layers",
        "stack=" + "-".join(["c1"] * 25): "a stack has 1 to 24 layers",
        "stack=c5-c5-c5&input=8": "layer 2 needs 5 rows and gets 4",
        "stack=c2.d4.same&input=2": "this unit of layer 1 sees nothing but padding",
        "input=1e9": "1e9 is not a number from 1 to 256",
    }.items():
        page.evaluate("query => { location.hash = `#fig-receptive-field?${query}`; }", query)
        page.wait_for_function(
            "part => document.querySelector('.course-warning').textContent.includes(part)", arg=sentence
        )
        assert said(page) == LENET


def test_impossible_changes_are_refused_in_words(open_figure, said):
    page = open_figure("receptive-field", state="stack=c3&input=4&layer=1")
    warning = page.locator(".course-warning")
    page.get_by_role("button", name="Add convolution").click()
    assert warning.inner_text() == "layer 2 needs 3 rows and gets 2"
    page.get_by_role("button", name="Remove").click()
    assert warning.inner_text() == "a stack has 1 to 24 layers"
    assert current(page)[0] == "1 conv 3 × 3"
    page.get_by_role("button", name="Add pooling").click()
    assert warning.is_hidden()
    assert said(page) == "Unit (0, 0) of layer 2 sees rows and columns 0 to 3 of the input, 4 × 4 pixels."
