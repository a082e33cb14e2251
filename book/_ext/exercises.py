"""Exercises that answer in the page, and how far a reader has come in a part.

In a notebook an exercise is a cell with the tag ``exercise`` that calls ``checks.<name>(…)``. In the book a ``course-exercise``
element comes after it. It holds the exercise's data, its hints, and where the notebook can be opened; its script adds fields for
numbers, choices and small grids, and judges what is typed into them as Python would. Without JavaScript the hints and the way
to the notebook stand there.

The first page of a part gets a ``course-progress`` element, which counts what the reader has answered in its lessons.
"""

import functools
import html
import json
import re
from pathlib import Path

import exercise_data
from course_book import whole_numbers
from docutils import nodes
from interactive import EXERCISES, PROGRESS, Fetching, fetched, skip
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

STYLE = "exercises.css"
LESSONS = "course-lessons"  # the class of the box that the directive {lessons} makes
CALL = re.compile(r"\bchecks\.(\w+)\(")
OVERVIEW = re.compile(r"\d+-[\w-]+/index")
QUESTION = re.compile(r"^\*\*\d+\.\s", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")


class ExerciseFields(Fetching):
    """A custom element with the data and hints of an exercise."""


class PartProgress(Fetching):
    """A custom element that counts the answers of a part."""


@functools.cache
def all_exercises() -> dict[str, dict[str, dict]]:
    """Room → exercise → data."""
    try:
        return exercise_data.read()
    except RuntimeError as error:
        raise ExtensionError(str(error)) from None


def is_stub(metadata: dict) -> bool:
    """Whether a cell with this metadata is the stub of an exercise."""
    return "exercise" in metadata.get("tags", [])


def room_of(docname: str) -> str:
    """The room of a lesson."""
    return docname.rpartition("/")[2].replace("-", "_")


def source_of(cell: dict) -> str:
    """The text of a notebook's cell, which is stored as one string or as its lines."""
    return "".join(cell["source"])


def exercise_of(docname: str, cell: dict) -> dict:
    """The data of the exercise that a stub calls."""
    known = all_exercises().get(room_of(docname), {})
    found = [name for name in CALL.findall(source_of(cell)) if name in known]
    if len(found) != 1:
        raise ExtensionError(
            f"{docname}: the stub {cell.get('id', '')} must call one exercise of its room, not {found}; "
            f"course_utils/lessons/{room_of(docname)}/checks.py has {', '.join(known) or 'none, or is missing'}"
        )
    return known[found[0]]


def has_fields(exercise: dict) -> bool:
    """Whether a page can judge some of an exercise."""
    return any(field["kind"] in exercise_data.PAGE_KINDS for field in exercise["fields"])


class PlaceExercises(SphinxTransform):
    """Put an element behind the stub of each exercise."""

    default_priority = 220

    def apply(self, **kwargs):
        """Go through the stubs of a notebook."""
        shown = [
            cell
            for cell in self.document.findall(nodes.container)
            if cell.get("nb_element") == "cell_code" and is_stub(cell["cell_metadata"])
        ]
        if not shown:
            return
        docname = self.env.docname
        cells = json.loads(Path(self.env.doc2path(docname)).read_text(encoding="utf-8"))["cells"]
        self.env.note_dependency(str(exercise_data.ROOMS / room_of(docname) / "checks.py"))
        for place, cell in zip(shown, [cell for cell in cells if is_stub(cell["metadata"])], strict=True):
            element = ExerciseFields("", exercise=exercise_of(docname, cell), cell=cell.get("id", ""))
            place.parent.insert(place.parent.index(place) + 1, element)


def lesson_data(path: Path, docname: str) -> dict:
    """What can be answered on the page of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    exercises = [exercise_of(docname, cell) for cell in cells if is_stub(cell["metadata"])]
    texts = [source_of(cell) for cell in cells if cell["cell_type"] == "markdown"]
    titles = [line[2:].strip() for text in texts for line in text.splitlines() if line.startswith("# ")]
    return {
        "page": docname,
        "title": titles[0] if titles else docname,
        "exercises": [exercise["name"] for exercise in exercises if has_fields(exercise)],
        "questions": [f"question-{n}" for n in range(1, sum(len(QUESTION.findall(text)) for text in texts) + 1)],
    }


class PlaceProgress(SphinxTransform):
    """Put an element behind the list of lessons of a part."""

    default_priority = 220

    def apply(self, **kwargs):
        """Look for lessons beside the overview."""
        docname = self.env.docname
        if not OVERVIEW.fullmatch(docname):
            return
        overview = Path(self.env.doc2path(docname))
        contents = Path(self.env.srcdir, "_toc.yml")
        order = contents.read_text(encoding="utf-8") if contents.is_file() else ""
        folder = docname.rpartition("/")[0]
        lessons = []
        for path in sorted(overview.parent.glob("*.ipynb"), key=lambda path: order.find(f"{folder}/{path.stem}")):
            self.env.note_dependency(str(path))
            lessons.append(lesson_data(path, f"{folder}/{path.stem}"))
        if any(lesson["exercises"] or lesson["questions"] for lesson in lessons):
            element = PartProgress("", lessons=lessons)
            boxes = [box for box in self.document.findall(nodes.container) if LESSONS in box["classes"]]
            if boxes:
                boxes[0].parent.insert(boxes[0].parent.index(boxes[0]) + 1, element)
            else:
                next(iter(self.document.findall(nodes.section))).append(element)


def as_json(data: object) -> str:
    """JSON that can stand in a page."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'


def words(text: str) -> str:
    """A hint as HTML."""
    pieces = CODE.split(html.escape(text, quote=False))
    pieces[::2] = map(whole_numbers, pieces[::2])
    pieces[1::2] = [f'<code class="docutils literal notranslate">{code}</code>' for code in pieces[1::2]]
    return "".join(pieces)


def hints_html(hints: list[str], number: int = 1) -> str:
    """Folds inside one another, so that each hint comes after the one before."""
    if number > len(hints):
        return ""
    rest = hints_html(hints, number + 1)
    return (
        f'<details class="course-hint"><summary>Hint {number} of {len(hints)}</summary>\n'
        f"<p>{words(hints[number - 1])}</p>\n{rest}</details>\n"
    )


def notebook_html(docname: str, cell: str, repository: str) -> str:
    """Where the exercise can be answered in Python."""
    lesson = html.escape(docname.rpartition("/")[2])
    place = repository.removeprefix("https://github.com/")
    address = f"https://colab.research.google.com/github/{place}/blob/main/book/{docname}.ipynb#scrollTo={cell}"
    return (
        '<p class="course-where"><span>To answer it, open the notebook:</span> '
        f'<a class="course-button" href="{html.escape(address)}">this exercise in Colab</a> '
        f'or, on your machine, <code class="docutils literal notranslate">python3 course.py lab {lesson}</code></p>\n'
    )


def visit_exercise(self, node):
    """Write the element with all that is in it."""
    exercise, docname = node["exercise"], self.builder.current_docname
    repository = self.builder.config.html_theme_options.get("repository_url", "")
    if has_fields(exercise):
        opening = f'<course-exercise class="course-figure" {fetched(EXERCISES)}'
        data = as_json({"name": exercise["name"], "fields": exercise["fields"]})
    else:
        opening, data = '<div class="course-exercise"', ""
    closing = "</course-exercise>\n" if data else "</div>\n"
    self.body.append(
        f'{opening} id="answer-{exercise["name"]}" data-page="{html.escape(docname)}">{data}\n'
        f'<div class="course-hints">\n{hints_html(exercise["hints"])}</div>\n'
        f"{notebook_html(docname, node['cell'], repository)}{closing}"
    )
    raise nodes.SkipNode


def visit_progress(self, node):
    """Write the element with the names of all that can be answered, and what it says before anything is: its room is there at once."""
    count = sum(len(lesson[kind]) for lesson in node["lessons"] for kind in ("exercises", "questions"))
    text = f"{count} exercises and questions of this part can be answered in the page."
    self.body.append(
        f'<course-progress class="course-figure" {fetched(PROGRESS)}>{as_json(node["lessons"])}'
        f'<div class="course-frame"><p>{text}</p></div></course-progress>\n'
    )
    raise nodes.SkipNode


def add_style(app, pagename, templatename, context, doctree):
    """Let a page load the style of what it has."""
    if doctree is not None and any(any(doctree.findall(kind)) for kind in (ExerciseFields, PartProgress)):
        app.add_css_file(f"interactive/{STYLE}")


def setup(app):
    """Register the parts."""
    nothing = (skip, skip)
    others = {"latex": nothing, "text": nothing, "man": nothing, "texinfo": nothing}
    app.add_node(ExerciseFields, html=(visit_exercise, None), **others)
    app.add_node(PartProgress, html=(visit_progress, None), **others)
    app.add_transform(PlaceExercises)
    app.add_transform(PlaceProgress)
    app.connect("html-page-context", add_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
