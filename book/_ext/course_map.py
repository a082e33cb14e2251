"""The course at a glance, made from the table of contents and from the lessons themselves, so that it cannot become stale.

``{lessons}`` on the overview of a part lists its lessons with the question each answers, its reading and its running time, and after
them the part's other pages with theirs::

    ```{lessons}
    ```

``{course-map}`` draws all parts as one picture of HTML: the sign of each (``part.svg`` in its folder), its question, a dot for each of
its lessons. A part that has no lesson yet says so. The role ``{reading-time}`` gives what some lessons take together, by their
addresses from ``book/``, or what all lessons take: ``{reading-time}`all` ``, and ``{lesson-count}`all` `` how many there are.

The question of a lesson, and of a part, is the quotation below its title; see :mod:`course_utils.cli.lesson_facts`.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from course_utils.cli import lesson_facts

NUMBERED = re.compile(r"(\d+) · (.+)")
ALL = "all"
SIGN = "part.svg"
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@dataclass(frozen=True)
class Lesson:
    """A lesson of the table of contents."""

    page: str
    facts: lesson_facts.Facts


@dataclass(frozen=True)
class Part:
    """A numbered part of the table of contents; its overview comes first."""

    number: int
    title: str
    overview: str
    question: str
    lessons: list[Lesson]
    pages: list[str]


def question_of(file: Path) -> str:
    """Return the question of a page, without which the build stops: there would be nothing to say about it."""
    question = lesson_facts.page_question(file)
    if not question:
        raise ExtensionError(
            f"{file.name} of {file.parent.name}: the page has no question: a quotation, `> How …?`, below the title"
        )
    return question


def read_lesson(file: Path, page: str) -> Lesson:
    """Read a lesson; one without a question stops the build, for there would be nothing to say about it."""
    facts = lesson_facts.facts(json.loads(file.read_text(encoding="utf-8")))
    if not facts.question:
        raise ExtensionError(f"{file}: the first cell has no question: a quotation, `> How …?`, below the title")
    return Lesson(page, facts)


def read_parts(book: Path) -> list[Part]:
    """Read the numbered parts and their lessons in the order of ``_toc.yml``."""
    contents = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    parts = []
    for part in contents["parts"]:
        if match := NUMBERED.fullmatch(part["caption"]):
            overview, *pages = [chapter["file"] for chapter in part["chapters"]]
            question = question_of(book / f"{overview}.md")
            others = [page for page in pages if (book / f"{page}.md").is_file()]
            lessons = [read_lesson(book / f"{page}.ipynb", page) for page in pages if page not in others]
            parts.append(Part(int(match.group(1)), match.group(2), overview, question, lessons, others))
    return parts


def counted(count: int) -> str:
    """Return how many lessons there are, in words."""
    number = WORDS[count] if count < len(WORDS) else str(count)
    return f"{number} lesson{'' if count == 1 else 's'}"


def what_stands(part: Part) -> str:
    """Return in words what a part has to offer today."""
    if not part.lessons:
        return "no lesson yet"
    advanced = sum(lesson.facts.advanced for lesson in part.lessons)
    more = f", {WORDS[advanced]} of them advanced" * bool(advanced)
    minutes = sum(lesson.facts.minutes for lesson in part.lessons)
    return f"{counted(len(part.lessons))}{more}, {lesson_facts.duration(minutes)}"


class AtAGlance(SphinxDirective):
    """What the two directives share."""

    def parts(self) -> list[Part]:
        """Read the parts; the page is to be made anew when one of their files changes."""
        book = Path(self.env.srcdir)
        parts = read_parts(book)
        for part in parts:
            files = [f"{page}.md" for page in (part.overview, *part.pages)]
            for file in files + [f"{lesson.page}.ipynb" for lesson in part.lessons]:
                self.env.note_dependency(str(book / file))
        self.env.note_dependency(str(book / "_toc.yml"))
        return parts

    def box(self, kind: str, *children: nodes.Node) -> nodes.container:
        """Return a box of that kind."""
        return nodes.container("", *children, classes=[f"course-{kind}"])


class Lessons(AtAGlance):
    """``{lessons}``: the lessons of the part whose overview this page is."""

    def run(self):
        """Make the list."""
        part = next((part for part in self.parts() if part.overview == self.env.docname), None)
        if part is None:
            raise self.error(f"{self.env.docname} is not the overview of a numbered part in _toc.yml")
        book = Path(self.env.srcdir)
        pages = [f"[](/{page}.md): {question_of(book / f'{page}.md')}" for page in part.pages]
        if not part.lessons:
            return [
                self.box("lessons", *self.parse_text_to_nodes("\n\n".join(["This part has no lesson yet.", *pages])))
            ]
        items = []
        for lesson in part.lessons:
            facts = lesson.facts
            mark = " · *advanced*" * facts.advanced
            runs = "" if facts.seconds is None else f" · runs in {lesson_facts.running(facts.seconds)}"
            items.append(
                f"1. [{facts.title}](/{lesson.page}.ipynb){mark}\n\n"
                f"   {facts.question}\n\n   {facts.minutes} minutes of reading{runs}\n"
            )
        rate = (
            f"Reading times are computed from the text, at {lesson_facts.WORDS_A_MINUTE} words a minute; exercises come on top. "
            "Running times are those of the last execution, on one core."
        )
        return [self.box("lessons", *self.parse_text_to_nodes("\n\n".join(["\n".join(items), *pages, rate])))]


class CourseMap(AtAGlance):
    """``{course-map}``: all parts as one picture."""

    def run(self):
        """Make the picture: a list, in which each part has a sign, a link, its question and what stands."""
        items = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
        for part in self.parts():
            link, question = self.parse_text_to_nodes(f"[{part.title}](/{part.overview}.md)\n\n{part.question}")
            dots = "".join("○" if lesson.facts.advanced else "●" for lesson in part.lessons)
            stands = nodes.paragraph(classes=["course-stands"])
            if dots:
                stands += nodes.raw("", f'<span aria-hidden="true">{dots}</span> ', format="html")
            stands += nodes.Text(what_stands(part))
            item = nodes.list_item("", self.sign(part), link, question, stands)
            item["classes"] += [] if part.lessons else ["course-empty"]
            items += item
        key = self.parse_text_to_nodes("● a lesson, ○ an advanced one. Times are for reading; exercises come on top.")
        return [self.box("map", items, *key)]

    def sign(self, part: Part) -> nodes.raw:
        """Return the sign of a part, which says nothing that its words do not."""
        file = Path(self.env.srcdir, part.overview).parent / SIGN
        if not file.is_file():
            raise self.error(f"{file} is missing: the sign of the part, 64 by 48")
        self.env.note_dependency(str(file))
        drawing = re.sub(r"<!--.*?-->\s*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        return nodes.raw("", drawing.replace("<svg ", '<svg aria-hidden="true" ', 1), format="html")


class SumRole(SphinxRole):
    """A number taken over lessons that are named by their addresses, or over all."""

    def lessons(self) -> list[Lesson]:
        """Return the lessons that the role names."""
        book = Path(self.env.srcdir)
        known = {lesson.page: lesson for part in read_parts(book) for lesson in part.lessons}
        pages = list(known) if self.text == ALL else self.text.split()
        unknown = [page for page in pages if page not in known]
        if unknown:
            raise ExtensionError(f"{self.env.docname}: no such lesson: {', '.join(unknown)}")
        for page in pages:
            self.env.note_dependency(str(book / f"{page}.ipynb"))
        return [known[page] for page in pages]


class ReadingTime(SumRole):
    """``{reading-time}``: what the lessons take together."""

    def run(self):
        """Return the time in words."""
        return [nodes.Text(lesson_facts.duration(sum(lesson.facts.minutes for lesson in self.lessons())))], []


class LessonCount(SumRole):
    """``{lesson-count}``: how many lessons that are."""

    def run(self):
        """Return the number in words."""
        return [nodes.Text(counted(len(self.lessons())))], []


def setup(app):
    """Register the parts."""
    app.add_directive("lessons", Lessons)
    app.add_directive("course-map", CourseMap)
    app.add_role("reading-time", ReadingTime())
    app.add_role("lesson-count", LessonCount())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
