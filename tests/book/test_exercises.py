"""Exercises that answer in the page: what the built book says of them, and a learner who works on them with the keyboard."""

import importlib
import itertools
import json
from pathlib import Path

import pytest
import scripts
from axe_playwright_python.sync_playwright import Axe
from programs import OPENED

from course_utils.cli.lab import find_lesson
from course_utils.cli.project import Project

ROOT = Path(__file__).resolve().parents[2]
DATA = scripts.load("book/_ext/exercise_data.py")
PHONE = {"width": 390, "height": 800}
CONVOLUTION, START = "2-layers/convolution.html", "1-concepts/start-here.html"


@pytest.fixture(scope="module")
def every_exercise():
    """Room → exercise → data."""
    return DATA.read()


def room_of(name: str) -> str:
    return Path(name).stem.replace("-", "_")


def embedded(element):
    """The data in an element."""
    return json.loads(element.find("script", type="application/json").string)


@pytest.mark.parametrize(("room", "has"), [("adding", "total, again"), ("gone", "none, or is missing")])
def test_a_stub_that_calls_no_exercise_is_told_which_there_are(monkeypatch, room, has):
    extension = scripts.load("book/_ext/exercises.py")
    monkeypatch.setattr(extension, "all_exercises", lambda: {"adding": {"total": {}, "again": {}}})
    with pytest.raises(
        Exception, match=rf"a/{room}: the stub one must .* course_utils/lessons/{room}/checks\.py has {has}"
    ):
        extension.exercise_of(f"a/{room}", {"id": "one", "source": "checks.totl(...)"})


def test_every_stub_is_followed_by_its_exercise(pages, lessons, every_exercise, repository):
    place = repository.removeprefix("https://github.com/")
    for name, cells in lessons.items():
        stubs = [cell for cell in cells if "exercise" in cell["metadata"].get("tags", [])]
        boxes = pages[name].select("course-exercise, div.course-exercise")
        assert len(boxes) == len(stubs) >= (0 if name.startswith("appendix/") else 4), name
        for cell, box in zip(stubs, boxes, strict=True):
            exercise = every_exercise[room_of(name)][box["id"].removeprefix("answer-")]
            assert f"checks.{exercise['name']}(" in "".join(cell["source"])
            assert f"checks.{exercise['name']}(" in box.find_previous_sibling("div", class_="cell").text
            assert f"checks.{exercise['name']}(" in box.find_next_sibling("div", class_="tag_solution").text
            hints = box.select("details.course-hint")
            assert [hint.p.text.replace("\N{NO-BREAK SPACE}", " ") for hint in hints] == [
                text.replace("`", "") for text in exercise["hints"]
            ]
            assert all(hint.parent is before for before, hint in itertools.pairwise(hints))
            assert not any(hint.has_attr("open") for hint in hints)
            lesson = Path(name).with_suffix(".ipynb").as_posix()
            address = f"https://colab.research.google.com/github/{place}/blob/main/book/{lesson}#scrollTo={cell['id']}"
            assert box.find("a")["href"] == address
            command = box.select(".course-where code")[0].text.split()
            assert find_lesson(Project(ROOT), command[-1]) == lesson
            in_page = any(field["kind"] in DATA.PAGE_KINDS for field in exercise["fields"])
            assert (box.name == "course-exercise") == in_page
            if in_page:
                assert embedded(box) == {"name": exercise["name"], "fields": exercise["fields"]}


def test_most_exercises_answer_in_the_page(pages, lessons):
    boxes = [box for name in lessons for box in pages[name].select("course-exercise, div.course-exercise")]
    assert sum(box.name == "course-exercise" for box in boxes) > 0.55 * len(boxes)


def test_overviews_know_what_can_be_answered(pages, lessons):
    counted = {}
    for name, page in pages.items():
        for element in page.find_all("course-progress"):
            assert name.endswith("/index.html")
            assert "course-lessons" in element.find_previous_sibling("div")["class"]
            count = sum(len(lesson[kind]) for lesson in embedded(element) for kind in ("exercises", "questions"))
            said = element.find(class_="course-frame").get_text()
            assert said == f"{count} exercises and questions of this part can be answered in the page."
            counted |= {f"{lesson['page']}.html": (name, lesson) for lesson in embedded(element)}
    assert set(counted) == {name for name in lessons if not name.startswith("appendix/")}  # which has no overview
    for name, (overview, lesson) in counted.items():
        assert Path(overview).parent == Path(name).parent
        page = pages[name]
        assert lesson["exercises"] == [box["id"].removeprefix("answer-") for box in page.find_all("course-exercise")]
        assert lesson["questions"] == [box["id"] for box in page.find_all("course-quiz")]
        assert page.find("h1").text.startswith(lesson["title"])
        assert {box["data-page"] for box in page.find_all(["course-exercise", "course-quiz"])} == {lesson["page"]}


def python_says(name: str, exercise: str, *answers) -> list[str]:
    """The lines that the notebook prints of these answers, without their breaks."""
    checks = importlib.import_module(f"course_utils.lessons.{room_of(name)}.checks")
    return [str(result) for result in getattr(checks, exercise).evaluate(*answers)]


def go_to(page, exercise: str):
    """The element of an exercise, once it is live."""
    box = page.locator(f"#answer-{exercise}")
    box.scroll_into_view_if_needed()
    page.wait_for_selector(f"#answer-{exercise}.live")
    page.wait_for_selector(OPENED)
    return box


def lines(box) -> list[str]:
    return box.locator("[role=status] p").all_inner_texts()


def findings(page) -> list[str]:
    """What axe-core finds in the exercises."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("() => axe.run('course-exercise, .course-exercise, course-progress')")["violations"]
    return [
        f"{one['id']}: {node['html'][:150]} {node['failureSummary'][:200]}" for one in found for node in one["nodes"]
    ]


MORE = "Not there yet. Hints stand below."


def test_numbers_and_grids_with_the_keyboard_on_a_phone(visit, served):
    page = visit(served + CONVOLUTION, viewport=PHONE)
    box = go_to(page, "entry_by_hand")
    assert page.locator("#answer-entry_by_hand").get_attribute("class").split()[-1] == "live"
    assert not page.get_by_text("Hint: checks.entry_by_hand.hint()").is_visible()
    assert page.get_by_text("Hint: checks.strided.hint()").is_visible()  # of a function, which the notebook judges
    box.get_by_label("entry", exact=True).focus()
    page.keyboard.press("Enter")
    assert lines(box) == ["Not attempted yet. Still empty: entry."]
    for typed, answer in {"1": 1, "13": 13, "99": 99, "4": 4, "nan": float("nan"), "(2, 3)": (2, 3)}.items():
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(typed)
        assert lines(box) == []  # of what is being written nothing is said
        page.keyboard.press("Enter")
        assert lines(box) == python_says(CONVOLUTION, "entry_by_hand", answer) + [MORE] * (answer != 4), typed
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("four")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Check"
    page.keyboard.press("Enter")
    assert lines(box) == ["✗ entry: “four” is not read as a number. Write it like 0.5, 1/3, 1e-3 or 2400.", MORE]
    assert box.locator("input").get_attribute("aria-invalid") == "true"

    first, second = box.locator("details").all()
    for _ in range(2):
        page.keyboard.press("Tab")
    assert not second.is_visible()
    page.keyboard.press("Enter")
    assert first.locator("> p").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert second.locator("> p").is_visible()

    grid = go_to(page, "shift_kernel")
    grid.locator("input").first.focus()
    for number in range(9):
        page.keyboard.type(str(int(number == 3)))
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert lines(grid) == python_says(CONVOLUTION, "shift_kernel", [[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    grid.locator("input").nth(5).fill("x")
    page.keyboard.press("Enter")
    assert lines(grid)[0].startswith("✗ kernel, row 1, column 2: “x” is not read as a number.")
    assert lines(grid)[1:] == [MORE]
    grid.locator("input").nth(5).fill("0")
    page.keyboard.press("Enter")
    two = go_to(page, "output_size")
    two.get_by_label("windows", exact=True).fill("5")
    page.keyboard.press("Enter")
    assert lines(two) == ["Not attempted yet. Still empty: rows_lost."]
    two.get_by_label("rows_lost", exact=True).fill("3")
    page.keyboard.press("Enter")
    assert lines(two) == [*python_says(CONVOLUTION, "output_size", 5, 3), MORE]
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= PHONE["width"]
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        assert not findings(page), theme

    page.reload()
    assert lines(go_to(page, "output_size")) == [*python_says(CONVOLUTION, "output_size", 5, 3), MORE]
    assert grid.locator("input").evaluate_all("all => all.map(one => one.value)") == list("000100000")
    grid.locator("input").first.fill("7")  # written, not checked
    go_to(page, "entry_by_hand").get_by_role("button", name="Clear").click()
    page.reload()
    assert lines(go_to(page, "shift_kernel")) == []
    assert grid.locator("input").first.input_value() == "7"
    assert go_to(page, "entry_by_hand").locator("input").input_value() == ""

    page.goto(f"{served}2-layers/index.html")
    progress = page.locator("course-progress")
    progress.evaluate("element => element.scrollIntoView()")
    page.wait_for_selector("course-progress.live")
    page.wait_for_selector(OPENED)
    assert "2 of " in progress.inner_text()
    assert "answered, 1 right" in progress.inner_text()
    assert "(1 of 3 exercises and 0 of 3 questions right)" in progress.inner_text()
    assert not findings(page)
    progress.get_by_role("button", name="Forget them").press("Enter")
    assert page.evaluate("() => document.activeElement.textContent") == "Keep them"
    page.keyboard.press("Enter")
    assert "answered, 1 right" in progress.inner_text()
    progress.get_by_role("button", name="Forget them").press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert "forgotten" in progress.inner_text()
    assert "can be answered in the page" in progress.inner_text()
    assert not page.evaluate("() => Object.keys(localStorage).filter(name => name.startsWith('cnn-course'))")


def test_choices_with_the_keyboard_where_nothing_can_be_kept(browser, html):
    """From the disk, in a window without storage, of which two scripts of the theme complain, but none of ours."""
    page = browser.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(error.stack) if "_static/interactive/" in error.stack else None)
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }});")
    page.goto((html / START).as_uri())
    box = go_to(page, "diagnosis")
    groups = box.locator("fieldset").all()
    groups[0].locator("input").first.focus()
    chosen = []
    for steps, _ in enumerate(groups):
        page.keyboard.press("Space")
        for _ in range(steps):
            page.keyboard.press("ArrowRight")
        chosen.append(page.evaluate("() => document.activeElement.value"))
        page.keyboard.press("Tab")
    assert chosen == ["fine", "by heart", "nothing", "other pictures"]
    page.keyboard.press("Enter")
    assert lines(box) == [*python_says(START, "diagnosis", *chosen), MORE]
    several = go_to(page, "upside_down")
    several.get_by_role("button", name="Check").click()
    assert lines(several) == ["Not attempted yet. Still empty: still_read, sixes."]
    several.locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    several.locator("fieldset").nth(1).locator("input").nth(9).check()
    several.get_by_role("button", name="Check").click()
    assert lines(several) == [*python_says(START, "upside_down", [0, 2], 9), MORE]
    page.goto((html / "1-concepts/index.html").as_uri())
    page.locator("course-progress").evaluate("element => element.scrollIntoView()")
    page.wait_for_selector("course-progress.live", state="attached")
    assert page.locator("course-progress").inner_text() == ""
    assert not wrong
    page.close()


def test_without_javascript_and_on_paper(visit, html):
    page = visit((html / CONVOLUTION).as_uri(), java_script_enabled=False)
    box = page.locator("#answer-entry_by_hand")
    assert box.locator("form").count() == 0
    assert box.locator("summary").first.is_visible()
    assert "To answer it, open the notebook:" in box.inner_text()
    assert page.get_by_text("Hint: checks.entry_by_hand.hint()").is_visible()
    page = visit((html / CONVOLUTION).as_uri())
    go_to(page, "entry_by_hand")
    page.emulate_media(media="print")
    assert not page.locator("#answer-entry_by_hand form").is_visible()
    assert page.get_by_text("entry = ...").is_visible()
    assert page.locator("#answer-entry_by_hand .course-hint > p").first.is_visible()


# Every exercise of a page, answered rightly in its fields: what is said.
ANSWER = """() => [...document.querySelectorAll("course-exercise")].map(box => {
    const {fields} = JSON.parse(box.querySelector("script").textContent);
    const judged = fields.filter(field => "idea" in field);
    const parts = [...box.querySelectorAll(".course-field")];
    judged.forEach((field, at) => {
        const inputs = [...parts[at].querySelectorAll("input, textarea")];
        if (field.kind === "number") inputs[0].value = field.answer;
        else if (field.kind === "choice") inputs[field.options.indexOf(field.answer)].click();
        else if (field.kind === "several") field.options.forEach((one, i) => { inputs[i].checked = one.right; });
        else if (!field.cells) inputs[0].value = JSON.stringify(field.answer);
        else field.answer.flat().forEach((one, i) => { inputs[i].value = one; });
    });
    box.querySelector("form button").click();
    return [box.id, judged.length === parts.length, box.querySelector("[role=status]").innerText];
})"""
SHOW_ALL = """async () => {
    for (const one of document.querySelectorAll("course-exercise")) {
        one.scrollIntoView();
        while (!one.matches(".live")) await new Promise(requestAnimationFrame);
    }
}"""


def test_right_answers_are_right_in_every_lesson(visit, html, lessons):
    page = visit("about:blank")
    for name in lessons:
        page.goto((html / name).as_uri(), wait_until="domcontentloaded")
        page.wait_for_selector(OPENED)
        page.evaluate(SHOW_ALL)
        for box, complete, said in page.evaluate(ANSWER):
            assert complete, (name, box)
            assert said.startswith("✓ "), (name, box, said)
            assert "✗" not in said, (name, box, said)
