"""The activation figure in a browser: by keyboard, by pointer, in both themes, on a narrow screen, from links."""

import pytest


def test_keyboard_alone_leads_through_the_figure(open_figure, said):
    page = open_figure("activations")
    end = " (weights left out)."
    ten = "Ten such layers in a row multiply a gradient by "
    start = f"At z = 3, sigmoid gives 0.9526 with slope 0.0452, saturated. {ten}3.5·10⁻¹⁴: it vanishes{end}"
    assert said(page) == start
    rows = page.locator(".course-values tbody tr")
    assert rows.nth(1).locator("td").all_inner_texts() == ["3", "1", "1"]
    press = page.keyboard.press
    press("Tab")  # Function
    press("ArrowDown")
    assert said(page).startswith("At z = 3, tanh gives 0.9951 with slope 0.0099, saturated.")
    press("ArrowDown")
    assert said(page) == f"At z = 3, ReLU gives 3 with slope 1. {ten}1: it passes unchanged{end}"
    assert rows.count() == 1  # Compared with itself.
    press("Tab")  # Compare with
    press("Home")
    assert page.locator(".course-curve-2").count() == 0
    press("End")
    assert page.locator(".course-notes").inner_text() == (
        "Saturated, |slope| < 0.05, so that the unit hardly learns: ReLU for z below 0 (shaded); "
        "GELU for z below −2.35 and z from −0.88 to −0.65."
    )
    press("Tab")  # z
    press("Home")
    assert said(page) == f"At z = −6, ReLU gives 0 with slope 0, saturated. {ten}0: nothing is left{end}"
    for _ in range(5):
        press("ArrowRight")
    assert said(page).startswith("At z = −5.5, ReLU gives 0")
    press("Tab")  # Reset
    press("Enter")
    assert said(page) == start


def test_points_follow_the_pointer(open_figure, said):
    page = open_figure("activations", reduced_motion=True)
    plot = page.locator(".course-plot").nth(1)
    box = plot.bounding_box()
    middle = box["x"] + box["width"] * 186 / 340, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    assert said(page).startswith("At z = 0, sigmoid gives 0.5 with slope 0.25.")
    page.mouse.move(box["x"] + box["width"] * 137.33 / 340, middle[1])
    page.mouse.up()
    page.mouse.move(*middle)
    assert said(page).startswith("At z = −2, sigmoid gives 0.1192 with slope 0.105.")
    point = page.locator("circle.course-point").first
    assert float(point.get_attribute("cx")) == pytest.approx(137.33, abs=0.01)


def test_link_carries_the_state_and_a_broken_one_is_told(open_figure, said):
    page = open_figure("activations", hash="#fig-activations?first=gelu&second=none&z=-1", over="http")
    assert said(page).startswith("At z = −1, GELU gives −0.1587 with slope −0.0833.")
    link = page.locator(".course-link").get_attribute("href")
    assert said(open_figure("activations", hash=link[link.index("#") :])) == said(page)
    broken = open_figure("activations", hash="#fig-activations?first=sine&z=1e9&second=elu")
    warning = broken.locator(".course-warning").inner_text()
    assert "sine is none of: sigmoid, tanh, relu, leaky, elu, gelu" in warning
    assert "1e9 is not a number from −6 to 6" in warning.replace("-6", "−6")
    assert said(broken).startswith("At z = 3, sigmoid")
    assert broken.locator(".course-values tbody tr").nth(1).inner_text().strip().startswith("ELU")
