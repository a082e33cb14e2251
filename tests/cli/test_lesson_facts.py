"""What the first cell of a lesson says about it: read, computed, and kept up to date."""

import nbformat
import pytest

from course_utils.cli import execution, lesson_facts, stored_form

REPOSITORY = "https://example.org/somebody/course"
FIRST = """# Sums: one and one

> What do one and one
> make, and why?

*Advanced.* You add.

**Reading time:** 99 minutes. **Running time:** about 99.5 minutes on one core; one sum takes most of it. The end.
"""


def lesson(words: int = 0, seconds: float | None = 17.9, first: str = FIRST) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_markdown_cell(first, id="a"), nbformat.v4.new_code_cell("1 + 1", id="b")]
    cells.append(nbformat.v4.new_markdown_cell("word " * words, id="c"))
    metadata = {} if seconds is None else {"course": {"made_from": {}, "seconds": seconds}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def test_title_question_and_mark_are_read():
    facts = lesson_facts.facts(lesson())
    assert (facts.title, facts.question) == ("Sums: one and one", "What do one and one make, and why?")
    assert facts.advanced
    assert (facts.minutes, facts.seconds) == (5, 17.9)
    plain = lesson_facts.facts(lesson(first="# Title\n\nText that mentions *Advanced.* things.", seconds=None))
    assert (plain.question, plain.advanced, plain.seconds) == ("", False, None)


def test_a_page_on_disk_has_its_question(tmp_path):
    page = tmp_path / "index.md"
    page.write_text("# Part\n\n> How?\n\nText.\n\n> Another quotation.\n")
    assert lesson_facts.page_question(page) == "How?"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Three plain words.", 3),
        ("| a | b |\n|---|---|\n| 1 | 2 |", 4),  # lines of a table are none
        ("[two words](../a long/address.html)", 2),
        ("one <details><summary>hidden</summary>\n\nhidden\n\n</details> two", 2),
        ("one <!-- a remark --> two <b>three</b> – four", 4),
        ("- don't count 3×3 $k$", 4),
    ],
)
def test_words_are_what_a_reader_meets(text, count):
    assert lesson_facts.words(text) == count


@pytest.mark.parametrize(("words", "minutes"), [(0, 5), (600, 5), (1140, 10), (1260, 10), (1560, 15), (2400, 20)])
def test_reading_takes_a_minute_for_120_words(words, minutes):
    assert lesson_facts.reading_minutes("word " * words) == minutes


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.3, "10 seconds"), (17.9, "20 seconds"), (76.6, "80 seconds"), (95, "1.5 minutes"), (121.7, "2 minutes")],
)
def test_running_times_in_words(seconds, text):
    assert lesson_facts.running(seconds) == f"about {text}"


@pytest.mark.parametrize(
    ("minutes", "text"), [(25, "25 minutes"), (85, "85 minutes"), (90, "1½ hours"), (125, "2 hours"), (470, "7¾ hours")]
)
def test_sums_of_times_in_words(minutes, text):
    assert lesson_facts.duration(minutes) == text


def test_the_stored_form_tells_the_times_and_keeps_what_else_is_said():
    stored = stored_form.normalise(lesson(words=1200), REPOSITORY)
    said = stored.cells[0].source.strip().splitlines()[-1]
    assert said == (
        "**Reading time:** 10 minutes. **Running time:** about 20 seconds on one core; one sum takes most of it. The end."
    )
    assert stored_form.normalise(stored, REPOSITORY) == stored


def test_a_lesson_that_was_never_executed_keeps_what_it_says_of_running():
    assert "about 99.5 minutes on one core" in stored_form.normalise(lesson(seconds=None), REPOSITORY).cells[0].source


def test_another_time_alone_makes_no_other_bytes():
    old, new = (stored_form.normalise(lesson(seconds=seconds), REPOSITORY) for seconds in (17.9, 64.0))
    assert old.cells[0].source != new.cells[0].source
    assert execution._timeless(new, old) == old
