"""What a teacher plans with: tables of meetings, and what a class takes of a machine."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import scripts
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
MEASURED = json.loads((ROOT / "benchmarks" / "results" / "class_memory.json").read_text(encoding="utf-8"))
TEXT = (ROOT / "book" / "for-a-class.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def extension():
    return scripts.load("book/_ext/classroom.py")


def lesson(minutes, *, advanced=False):
    return SimpleNamespace(facts=SimpleNamespace(minutes=minutes, advanced=advanced))


def flat(element):
    return " ".join(element.get_text().replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def known():
    lessons = {"a/one": lesson(20), "a/two": lesson(15), "a/hard": lesson(30, advanced=True), "b/three": lesson(10)}
    for page, one in lessons.items():
        one.page = page
    return lessons


def pages(meetings):
    return {meeting.name: [one.page for one in meeting.lessons] for meeting in meetings}


def test_a_plan_is_its_lines(extension, known):
    assert pages(extension.read_plan(["1: a/two a/one", "", "2 and 3: a/hard"], known, whole=False)) == {
        "1": ["a/two", "a/one"],
        "2 and 3": ["a/hard"],
    }
    assert pages(extension.read_plan(["1: b/three a/*"], known, whole=True)) == {"1": ["b/three", "a/one", "a/two"]}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["a/one"], "is no meeting"),
        (["1:"], "is no meeting"),
        (["1: a/four"], "no such lesson: a/four"),
        (["1: a/one", "2: a/*"], "more than once in the plan: a/one"),
        (["1: a/*"], r"missing are b/three\. Enter each in a line of the plan"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_told(extension, known, lines, problem):
    with pytest.raises(ValueError, match=problem):
        extension.read_plan(lines, known, whole=True)


def test_a_page_without_a_question_is_told_its_form(tmp_path):
    (tmp_path / "page.md").write_text("# A page\n\nNo question.\n")
    with pytest.raises(Exception, match=r"page\.md .*a quotation, `> How …\?`, below the title"):
        scripts.load("book/_ext/course_map.py").question_of(tmp_path / "page.md")


def test_memory_is_what_was_measured(extension):
    rows = {"a/one": {"peak": 1000, "own": 600}, "a/two": {"peak": 2880, "own": 2400}, "b/x": {"peak": 140, "own": 100}}
    measured = {"server": 92, "lessons": rows}
    said = {
        "typical": "1.0 GB",
        "least": "140 MB",
        "most": "2.9 GB",
        "most lesson": "a/two",
        "server": "90 MB",
        "limit": "4 GB",  # 1.3 * 2.972
        "class 30": "22 GB",  # 30 * (0.6 + 0.092) + 0.48
    }
    assert {asked: extension.memory_needed(measured, asked) for asked in said} == said
    with pytest.raises(ValueError, match="'more' was not measured"):
        extension.memory_needed(measured, "more")


def test_nearly_every_lesson_was_measured_and_nothing_else():
    found = {path.relative_to(ROOT / "book").with_suffix("").as_posix() for path in (ROOT / "book").glob("*/*.ipynb")}
    assert set(MEASURED["lessons"]) <= found
    assert len(found - set(MEASURED["lessons"])) <= len(found) / 8, "run benchmarks/class_memory.py --only …"
    for row in MEASURED["lessons"].values():
        assert 0 < row["own"] < row["peak"]


def test_the_limit_that_a_hub_is_given_is_the_computed_one(extension):
    (limit,) = re.findall(r"limits\.memory (\d+)G", TEXT)
    assert extension.memory_needed(MEASURED, "limit") == f"{limit} GB"


def test_commands_of_the_page_are_those_of_the_course():
    from course_utils.cli import make_parser

    lines = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
    commands = [line for line in lines if re.search(r"course\.py |-m course_utils ", line)]
    commands += re.findall(r"`((?:python3 course\.py|python -m course_utils) [^`]+)`", TEXT)
    assert len(commands) > 8
    for command in commands:
        arguments = re.split(r"course\.py |-m course_utils ", command)[1].replace("--gpu", "").split()
        make_parser().parse_args(arguments)


def test_the_tables_sum_up_their_lessons(html):
    page = BeautifulSoup((html / "for-a-class.html").read_text(encoding="utf-8"), "html.parser")
    tables = page.select(".course-plan table")
    assert len(tables) == 3
    for table in tables:
        rows = [flat(row.select("td")[2]) for row in table.select("tbody tr")]
        links = table.select("tbody a")
        forms = [re.fullmatch(r"(.+) to read, (.+) to run; (\d+) exercises, (\d+) in the page", row) for row in rows]
        exercises = [(int(form.group(3)), int(form.group(4))) for form in forms]
        assert exercises[-1] == tuple(map(sum, zip(*exercises[:-1], strict=True)))
        reading, running = forms[-1].group(1, 2)
        seconds = minutes = 0
        for link in links:
            source = json.loads((ROOT / "book" / link["href"]).with_suffix(".ipynb").read_text(encoding="utf-8"))
            first = "".join(source["cells"][0]["source"])
            minutes += int(re.search(r"Reading time:\*\* (\d+)", first).group(1))
            seconds += source["metadata"]["course"]["seconds"]
        hours = re.fullmatch(r"(\d+)([¼½¾]?) hours", reading)
        quarters = {"": 0, "¼": 15, "½": 30, "¾": 45}
        said = 60 * int(hours.group(1)) + quarters[hours.group(2)] if hours else int(reading.split()[0])
        assert said == pytest.approx(minutes, abs=8)
        number, unit = running.split()
        assert float(number) * {"seconds": 1, "minutes": 60}[unit] == pytest.approx(seconds, abs=16)
