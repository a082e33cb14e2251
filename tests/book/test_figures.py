"""The interactive figures and questions where readers meet them: in the pages of the built book."""

import gzip
import re
from collections import defaultdict
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from programs import OPENED

LARGEST = 12_000  # bytes of our scripts, compressed, when the page of a lesson opens


def figures(page) -> list:
    """The custom elements of a page that are figures."""
    others = ("course-quiz", "course-exercise", "course-progress")
    return [tag for tag in page.find_all(re.compile("^course-")) if tag.name not in others]


def scripts(page) -> list[str]:
    """File names of the figures' scripts that a page loads."""
    found = re.findall(r'src="[^"]*_static/interactive/([\w-]+\.js)', str(page.head) + str(page.body))
    return list(dict.fromkeys(found))


def test_every_figure_has_a_page_of_its_own_and_a_card(pages):
    guided = {"play/index.html", "play/ten-minutes.html"}
    alone = {name for name in pages if name.startswith("play/")} - guided
    for name in alone:
        (element,) = figures(pages[name])
        assert element.name == f"course-{Path(name).stem}"
        assert element.find_parent("figure")["id"] == f"play-{Path(name).stem}"
    linked = {f"play/{link['href']}" for link in pages["play/index.html"].select(".sd-card a[href]")}
    assert alone == linked
    assert len(alone) == 10


@pytest.mark.parametrize(
    ("lesson", "figure"),
    [
        ("2-layers/convolution", "convolution-stepper"),
        ("2-layers/channels-and-filters", "convolution-stepper"),
        ("3-training/optimizers-and-learning-rate", "optimizer-race"),
        ("3-training/backpropagation", "activations"),
        ("4-evaluation/roc-and-thresholds", "threshold"),
        ("5-practice/mnist-cnn", "draw-a-digit"),
        ("6-xo/xo-walkthrough", "xo"),
        ("7-history/lenet-to-vgg", "receptive-field"),
        ("7-history/efficient-cnns", "block-cost"),
    ],
)
def test_figures_stand_in_their_lessons(pages, lesson, figure):
    assert [element.name for element in figures(pages[f"{lesson}.html"])] == [f"course-{figure}"]


def test_lessons_have_their_questions(pages, lessons):
    for name in lessons:
        ids = [tag["id"] for tag in pages[name].find_all("course-quiz")]
        assert ids == ["question-1", "question-2", "question-3"], name


def compressed(html, names) -> int:
    """Bytes of scripts as a server sends them."""
    return sum(len(gzip.compress((html / "_static" / "interactive" / name).read_bytes())) for name in names)


def test_pages_load_few_scripts_and_only_those_they_need(html, pages):
    for name, page in pages.items():
        expected = ["ui.js", "answers.js", "quiz.js"] * bool(page.find("course-quiz"))
        expected += ["load.js"] * bool(page.select("[data-scripts], .course-exercise"))
        assert scripts(page) == expected, name
        assert compressed(html, expected) < LARGEST, name


IDLE = """() => {
    const waiting = [];
    window.requestIdleCallback = work => waiting.push(work);
    window.courseIdle = () => { while (waiting.length) waiting.shift()(); };
}"""


def test_a_lesson_fetches_a_figure_when_the_reader_comes_near_and_the_others_when_idle(browser, html, served):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(f"({IDLE})()")
    asked = []
    page.on("request", lambda request: asked.append(Path(request.url.split("?")[0]).name))
    ours = {path.name for path in (html / "_static" / "interactive").glob("*.js")}
    first = {"load.js", "ui.js", "answers.js", "quiz.js"}
    figure = {"core.js", "convolution-stepper.js"}
    try:
        page.goto(f"{served}2-layers/convolution.html", wait_until="networkidle")
        assert (ours & set(asked)) == first
        assert compressed(html, ours & set(asked)) < LARGEST
        page.locator("course-convolution-stepper").scroll_into_view_if_needed()
        page.wait_for_selector("course-convolution-stepper.live")
        assert (ours & set(asked)) == first | figure
        page.evaluate("() => courseIdle()")
        page.wait_for_selector("course-exercise.live >> nth=0", state="attached")
        assert (ours & set(asked)) == first | figure | {"judge.js", "exercises.js"}
        assert asked.count("ui.js") == 1
    finally:
        context.close()


def test_what_a_page_shows_at_its_top_is_asked_for_as_it_begins(pages):
    for name, page in pages.items():
        links = page.head.select("link[rel=preload][as=script]")
        ahead = [Path(link["href"].split("?")[0]).name for link in links]
        top = name in ("index.html", "play/ten-minutes.html") or (
            name.startswith("play/") and name != "play/index.html"
        )
        assert bool(ahead) == top, name
        if top:
            wanted = [one.split("?")[0] for one in figures(page)[0]["data-scripts"].split()]
            assert set(wanted) - set(scripts(page)) == set(ahead), name


def test_a_link_into_a_figure_asks_for_its_scripts_before_the_style_sheet_is_there(browser, served):
    context = browser.new_context()
    page = context.new_page()
    held, asked = [], []
    page.route("**/course-theme.css*", lambda route: held.append(route))
    page.on("request", lambda request: asked.append(Path(request.url.split("?")[0]).name))
    try:
        with page.expect_request("**/convolution-stepper.js*"):
            page.goto(f"{served}2-layers/convolution.html#fig-convolution-stepper?s=2", wait_until="commit")
        assert held
        held[0].continue_()
        page.wait_for_selector("course-convolution-stepper.live")
        assert asked.count("convolution-stepper.js") == asked.count("ui.js") == 1
    finally:
        context.close()


def test_a_picture_stands_for_every_figure_and_its_text_says_what_it_shows(html, pages):
    alts = defaultdict(set)
    for name, page in pages.items():
        for element in figures(page):
            file = (html / name).parent / element.img["src"]
            assert file.read_bytes().startswith(b"\x89PNG"), name
            assert len(element.img["alt"]) > 40, name
            alts[file.resolve()].add(element.img["alt"])
    for file, texts in alts.items():
        with Image.open(file) as picture:
            words = picture.info["Description"]
        for alt in texts:
            missing = [number for number in re.findall(r"−?\d+(?:\.\d+)?", alt) if number not in words]
            assert not missing, (file.name, missing)
            assert file.stem != "draw-a-digit" or "feature maps" not in alt  # those are behind a fold


def test_without_javascript_there_are_pictures_and_choices(visit, html):
    page = visit((html / "2-layers/convolution.html").as_uri(), java_script_enabled=False)
    assert page.locator("course-convolution-stepper > img").is_visible()
    assert page.locator("#question-1 details").count() >= 2
    assert page.locator("#question-1 summary").first.is_visible()


def test_on_paper_there_are_pictures(visit, html):
    page = visit((html / "play/xo.html").as_uri())
    page.wait_for_selector(".course-figure.live")
    page.emulate_media(media="print")
    expect(page.locator("course-xo > img")).to_be_visible()  # it is lazy, and now fetched
    assert not page.locator(".course-frame").is_visible()


@pytest.fixture
def quiz(visit, html):
    """The first question of the lesson on convolution; its second choice is right."""
    page = visit((html / "2-layers/convolution.html").as_uri())
    page.wait_for_selector("#question-1.live")
    page.wait_for_selector(OPENED)
    return page


def said(page) -> str:
    return page.locator("#question-1 .course-status").inner_text()


def test_a_question_is_answered_with_the_keyboard(quiz, html):
    ask, verdicts = "Choose an answer, then check it.", quiz.locator("#question-1 .course-verdict")
    assert quiz.locator("#question-1 .course-status").get_attribute("aria-live") == "polite"
    assert said(quiz) == ask
    quiz.locator("#question-1 input").first.focus()
    quiz.keyboard.press("Tab")
    assert quiz.evaluate("() => document.activeElement.textContent") == "Check"
    quiz.keyboard.press("Enter")
    assert said(quiz) == "Not attempted yet. Choose an answer first."
    quiz.keyboard.press("Shift+Tab")
    quiz.keyboard.press("Space")
    quiz.keyboard.press("ArrowDown")  # browsing tells nothing
    assert said(quiz) == ask
    assert verdicts.all_inner_texts() == ["", "", ""]
    quiz.keyboard.press("Enter")  # on the choice itself
    assert said(quiz).startswith("Right.")
    quiz.keyboard.press("ArrowUp")
    quiz.keyboard.press("ArrowDown")
    assert said(quiz) == ask
    quiz.keyboard.press("Tab")
    quiz.keyboard.press("Enter")
    assert said(quiz).startswith("Right.")
    assert verdicts.all_inner_texts() == ["", "✓", ""]
    for _ in range(2):
        quiz.keyboard.press("Tab")
    assert quiz.evaluate("() => document.activeElement.textContent") == "Link to this state"

    quiz.goto((html / "2-layers/convolution.html").as_uri())  # what was answered is kept
    quiz.wait_for_selector("#question-1.live")
    quiz.wait_for_selector(OPENED)
    assert said(quiz).startswith("Right.")
    quiz.locator("#question-1 label").first.click()
    assert said(quiz) == ask
    assert verdicts.all_inner_texts() == ["", "", ""]
    quiz.locator("#question-1").get_by_role("button", name="Reset").click()
    assert said(quiz) == ask
    assert quiz.locator("#question-1 input:checked").count() == 0
    assert not quiz.evaluate("() => Object.keys(localStorage).filter(name => name.startsWith('cnn-course'))")


# Every choice of every question on a page: what is said when it is checked.
ANSWERS = """() => [...document.querySelectorAll("course-quiz")].map(question =>
    [...question.querySelectorAll("input")].map(choice => {
        choice.click();
        question.querySelector("fieldset > button").click();
        return question.querySelector(".course-status").innerText.trim();
    }))"""


def test_every_choice_of_every_lesson_has_its_explanation(visit, html, lessons):
    page = visit("about:blank")
    for name in lessons:
        page.goto((html / name).as_uri(), wait_until="domcontentloaded")
        page.wait_for_selector("#question-3.live")
        page.wait_for_selector(OPENED)
        questions = page.evaluate(ANSWERS)
        assert len(questions) == 3, name
        for texts in questions:
            assert len(set(texts)) == len(texts) > 1, name
            assert sum(text.startswith("Right.") for text in texts) == 1, name
            assert all(text.startswith(("Right. ", "Not this one. ")) and len(text) > 25 for text in texts), texts


def test_an_answer_can_be_linked_to_and_a_broken_link_is_explained(visit, html):
    address = (html / "2-layers/convolution.html").as_uri()
    page = visit(f"{address}#question-1?choice=2&checked=yes")
    page.wait_for_selector("#question-1.live")
    assert said(page).startswith("Right.")
    page.evaluate("() => { location.hash = '#question-1?choice=7'; }")
    page.wait_for_function("() => document.querySelector('#question-1 .course-warning').checkVisibility()")
    assert "only 3 choices" in said(page)
    page.locator("#question-1 label").first.click()
    page.locator("#question-1").get_by_role("button", name="Check").click()
    assert said(page).startswith("Not this one.")


def test_a_link_opens_a_figure_in_its_state(visit, html):
    page = visit((html / "play/xo.html").as_uri() + "#play-xo?letter=O&stage=vote")
    page.wait_for_selector(".course-figure.live")
    assert page.locator(".course-status p").first.inner_text().startswith("O has the larger vote")
    assert page.get_by_role("button", name="O", exact=True).get_attribute("aria-pressed") == "true"
