"""The threshold figure in a browser: by keyboard, by pointer, from links whole and broken."""

import re

from programs import tap

FIRST = (
    "Threshold 0.5: of 200 sick people 155 are found and 45 missed; of 200 healthy people 46 get a false alarm. "
    "Precision 0.771, recall 0.775, F1 0.773, cost 271. AUC 0.853, average precision 0.844."
)


def matrix(page) -> str:
    return " ".join(page.locator(".course-matrix td").all_inner_texts())


def values(page) -> dict[str, str]:
    """Measure → value, of the second table."""
    rows = page.locator("table.course-values").nth(1).locator("tbody tr")
    return {row.locator("th").inner_text().split("\n")[0]: row.locator("td").last.inner_text() for row in rows.all()}


def titles(page) -> list[str]:
    return page.locator(".course-title").all_inner_texts()


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure("threshold")
    assert said(page) == FIRST
    assert matrix(page) == "TN 154 FP 46 FN 45 TP 155"
    assert values(page)["Accuracy"] == "0.773"
    press = page.keyboard.press
    press("Tab")  # Separation
    press("End")
    assert titles(page)[2:] == ["ROC curve: AUC 0.998", "Precision–recall curve: AP 0.998"]
    press("Home")
    assert titles(page)[2] == "ROC curve: AUC 0.5"
    for _ in range(15):
        press("ArrowRight")
    assert said(page) == FIRST
    assert page.locator(".course-first").count() == 0
    press("Tab")  # Prevalence
    for _ in range(40):
        press("ArrowLeft")
    assert titles(page)[0] == "Scores of 360 healthy, 40 sick"
    assert titles(page)[2:] == ["ROC curve: AUC 0.851", "Precision–recall curve: AP 0.483"]
    assert page.locator(".course-first").count() == 2
    assert "Dotted: the curves as the figure began, with AUC 0.853" in page.locator(".course-notes").inner_text()
    press("Tab")  # Cost of a miss
    press("ArrowRight")
    assert page.locator("output").nth(2).inner_text() == "10"
    press("Tab")  # Show the cheapest
    assert page.locator(".course-cheapest").count() == 0
    press("Enter")
    assert page.get_by_role("button", name="Show the cheapest").get_attribute("aria-pressed") == "true"
    found = re.search(r"Cheapest \(diamonds\): threshold ([\d.]+), cost (\d+); yours costs (\d+)\.$", said(page))
    where, least, mine = map(float, found.groups())
    assert least < mine
    press("Tab")  # Threshold
    for _ in range(round(abs(where - 0.5) * 50)):
        press("ArrowLeft" if where < 0.5 else "ArrowRight")
    assert said(page).startswith(f"Threshold {where:g}: of 40 sick people")
    assert float(values(page)["Cost"]) == least
    press("End")
    assert matrix(page) == "TN 360 FP 0 FN 40 TP 0"
    assert values(page) == {
        "Precision": "undefined",
        "Recall": "0",
        "Specificity": "1",
        "F1": "0",
        "Accuracy": "0.9",
        "Cost": "400",
    }
    assert "Nobody is called sick, so precision is undefined, recall 0, F1 0, cost 400." in said(page)
    drawn = [page.locator(f".course-plane >> nth={plane} >> circle").count() for plane in (0, 1)]
    assert drawn == [1, 0]
    assert "NaN" not in page.locator(".course-frame").inner_html()
    press("Home")
    assert matrix(page) == "TN 0 FP 360 FN 0 TP 40"
    assert values(page)["Precision"] == "0.1"
    press("Tab")  # Reset
    press("Enter")
    assert said(page) == FIRST


def test_the_threshold_is_dragged_through_the_scores_and_along_the_curves(open_figure, said):
    page = open_figure("threshold")
    box = page.locator(".course-col").bounding_box()
    left, middle = box["x"], box["y"] + box["height"] / 2
    page.mouse.move(left + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(left + box["width"] * (10 + 0.7 * 320) / 340, middle, steps=5)
    assert said(page).startswith("Threshold 0.7: ")
    page.mouse.move(left + box["width"] + 40, middle + 300, steps=5)  # outside of the drawing
    assert said(page).startswith("Threshold 1: ")
    page.mouse.up()
    page.mouse.move(left + box["width"] / 2, middle)
    assert said(page).startswith("Threshold 1: ")
    for plane, places in enumerate([[(0.02, 0.05), (0.9, 0.95)], [(0.05, 0.95), (0.98, 0.55)]]):
        drawing = page.locator(".course-plane").nth(plane)
        drawing.scroll_into_view_if_needed()
        box = drawing.bounding_box()
        unit = box["width"] / 340
        thresholds = []
        for x, y in places:
            page.mouse.click(box["x"] + unit * (46 + 284 * x), box["y"] + unit * (218 - 210 * y))
            thresholds.append(float(re.match(r"Threshold ([\d.]+):", said(page)).group(1)))
        assert thresholds[0] > 0.6 > 0.4 > thresholds[1]


def test_a_finger_finds_everything_large_enough(open_figure):
    page = open_figure("threshold", width=360, touch=True)
    for one in page.locator("button, a, input").all():
        assert one.bounding_box()["height"] >= 44
    tap(page.locator(".course-col"), position={"x": 60, "y": 60})
    assert page.locator("output").last.inner_text() < "0.3"


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    query = "threshold=0.36&separation=2.5&prevalence=20&cost=0.5&mark=yes"
    page = open_figure("threshold", hash=f"#fig-threshold?{query}", over="http")
    assert said(page).startswith("Threshold 0.36: of 80 sick people")
    link = page.locator(".course-link").get_attribute("href")
    assert set(link.split("?")[1].split("&")) == set(query.split("&"))
    assert said(open_figure("threshold", hash=link[link.index("#") :])) == said(page)
    broken = open_figure("threshold", hash="#fig-threshold?threshold=2&prevalence=0&cost=3&mark=maybe&separation=x&a=1")
    warning = broken.locator(".course-warning").inner_text()
    for part in (
        "2 is not a number from 0 to 1",
        "0 is not a number from 1 to 99",
        "3 is none of: 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100",
        "maybe is none of: no, yes",
        "x is not a number from 0 to 4",
        "a is none of",
    ):
        assert part in warning
    assert said(broken) == FIRST
    broken.get_by_role("button", name="Show the cheapest").click()
    assert broken.locator(".course-warning").is_hidden()
    between = open_figure("threshold", state="threshold=0.507&separation=1.04")
    assert said(between).startswith("Threshold 0.5: ")
    assert between.locator("output").first.inner_text() == "1 SD"


def test_cheapest_thresholds_are_told_as_ranges(open_figure, said):
    page = open_figure("threshold", state="mark=yes&prevalence=99")
    assert "Cheapest (diamonds): threshold 0 to 0.28, cost 4; yours costs 446." in said(page)
