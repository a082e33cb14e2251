"""What a teacher plans with, computed from the lessons and from a benchmark, so that it cannot become stale.

``{plan}`` makes a table of a class's meetings, each with its lessons, and sums up what they take to read and to run, and how many
exercises they have. Its argument is the heading of the first column, and each line is a meeting and addresses of lessons::

    ```{plan} Week
    1: 1-concepts/start-here 1-concepts/images-as-tensors
    2: 2-layers/convolution
    ```

An address such as ``9-beyond/*`` stands for the lessons of a part that are not advanced. With the option ``:whole:``, each lesson that is not marked as advanced must stand in it once.

The role ``{memory}`` gives what lessons take of a machine, as ``benchmarks/class_memory.py`` measured it: ``typical`` (the median of the
lessons' peaks), ``most`` and ``most lesson`` (the hungriest, and a link to it), ``least``, ``server``, ``limit`` (what one learner should be
allowed), and, as in ``{memory}`class 30` ``, what so many learners take together who are in a typical lesson at the same time.
"""

import json
import math
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import exercises
from course_map import AtAGlance, Lesson, counted
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole

from course_utils.cli import lesson_facts

HEADROOM = 1.3  # The Littlest JupyterHub's documentation recommends 20 to 40 % above what was measured


@dataclass(frozen=True)
class Meeting:
    """A line of a plan: what it is called, and its lessons."""

    name: str
    lessons: list[Lesson]


def meant(address: str, known: dict[str, Lesson]) -> list[str]:
    """Return the lessons that an address of a plan stands for."""
    if not address.endswith("/*"):
        return [address]
    return [page for page, one in known.items() if page.startswith(address[:-1]) and not one.facts.advanced]


def read_plan(lines: list[str], known: dict[str, Lesson], *, whole: bool) -> list[Meeting]:
    """Read the lines of a plan; one that cannot be kept raises a ValueError."""
    meetings = []
    for line in filter(None, map(str.strip, lines)):
        name, colon, addresses = line.partition(":")
        if not colon or not addresses.split():
            raise ValueError(f"{line!r} is no meeting; write `1: 1-concepts/start-here 2-layers/convolution`")
        pages = [page for address in addresses.split() for page in meant(address, known)]
        unknown = [page for page in pages if page not in known]
        if unknown:
            raise ValueError(f"no such lesson: {', '.join(unknown)}")
        meetings.append(Meeting(name, [known[page] for page in pages]))
    planned = [lesson.page for meeting in meetings for lesson in meeting.lessons]
    twice = sorted({page for page in planned if planned.count(page) > 1})
    if twice:
        raise ValueError(f"more than once in the plan: {', '.join(twice)}")
    missing = [page for page, lesson in known.items() if not lesson.facts.advanced and page not in planned]
    if whole and missing:
        raise ValueError(
            f"the plan is to have every lesson that is not advanced; missing are {', '.join(missing)}. Enter each in a line "
            "of the plan that has the option :whole:"
        )
    return meetings


def exercises_of(book: Path, lesson: Lesson) -> tuple[int, int]:
    """Return how many exercises a lesson has, and in how many of them a page can judge something."""
    cells = json.loads((book / f"{lesson.page}.ipynb").read_text(encoding="utf-8"))["cells"]
    found = [exercises.exercise_of(lesson.page, cell) for cell in cells if exercises.is_stub(cell["metadata"])]
    return len(found), sum(map(exercises.has_fields, found))


class Plan(AtAGlance):
    """``{plan}``: the meetings of a class, with what their lessons take."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"whole": directives.flag}

    def run(self):
        """Make the table."""
        known = {lesson.page: lesson for part in self.parts() for lesson in part.lessons}
        try:
            meetings = read_plan(list(self.content), known, whole="whole" in self.options)
        except ValueError as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from None
        rows = [self.row(f"{meeting.name}", meeting.lessons, link=True) for meeting in meetings]
        everything = [lesson for meeting in meetings for lesson in meeting.lessons]
        rows.append(self.row("**in all**", everything, link=False))
        head = f"| {self.arguments[0]} | Lessons | Together |\n|---|---|---|"
        return [self.box("plan", *self.parse_text_to_nodes("\n".join([head, *rows])))]

    def row(self, name: str, lessons: list[Lesson], *, link: bool) -> str:
        """Return a row: names, times, and exercises with those that can be answered in the page."""
        names = (
            "; ".join(f"[{one.facts.title.partition(':')[0]}](/{one.page}.ipynb)" for one in lessons)
            if link
            else counted(len(lessons))
        )
        minutes = sum(one.facts.minutes for one in lessons)
        seconds = sum(one.facts.seconds or 0 for one in lessons)
        pairs = [exercises_of(Path(self.env.srcdir), one) for one in lessons]
        total, answered = (sum(column) for column in zip(*pairs, strict=True))
        runs = lesson_facts.running(seconds).removeprefix("about ")
        times = f"{lesson_facts.duration(minutes)} to read, {runs} to run"
        return f"| {name} | {names} | {times}; {total} exercises, {answered} in the page |"


def gigabytes(megabytes: float) -> str:
    """Return a size in words, to a tenth of a gigabyte; below one, to ten megabytes."""
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 950 else f"{10 * round(megabytes / 10)} MB"


def memory_needed(measured: dict, asked: str) -> str:
    """Return what is asked of the measured figures: a size, or the address of a lesson.

    Learners of one machine share the programs that they have read from the disk; that part counts once in a class.
    """
    lessons, server = measured["lessons"], measured["server"]
    peaks = {page: row["peak"] for page, row in lessons.items()}
    hungriest = max(peaks, key=peaks.get)
    if asked.startswith("class "):
        own = statistics.median(row["own"] for row in lessons.values())
        shared = max(row["peak"] - row["own"] for row in lessons.values())
        return f"{math.ceil((int(asked.split()[1]) * (own + server) + shared) / 1000)} GB"
    sizes = {
        "typical": gigabytes(statistics.median(peaks.values())),
        "least": gigabytes(min(peaks.values())),
        "most": gigabytes(max(peaks.values())),
        "most lesson": hungriest,
        "server": gigabytes(server),
        "limit": f"{math.ceil(HEADROOM * (peaks[hungriest] + server) / 1000)} GB",
    }
    if asked not in sizes:
        raise ValueError(f"{asked!r} was not measured; there are {', '.join(sizes)} and `class N`")
    return sizes[asked]


class Memory(SphinxRole):
    """``{memory}``: how much memory something takes."""

    def run(self):
        """Return the size in words, or a link to a lesson."""
        file = Path(self.env.srcdir).parent / "benchmarks" / "results" / "class_memory.json"
        self.env.note_dependency(str(file))
        try:
            text = memory_needed(json.loads(file.read_text(encoding="utf-8")), self.text)
        except ValueError as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from None
        if self.text == "most lesson":
            where = {"refdoc": self.env.docname, "refdomain": "std", "reftype": "doc", "reftarget": f"/{text}"}
            return [addnodes.pending_xref("", nodes.inline("", ""), refexplicit=False, refwarn=True, **where)], []
        return [nodes.Text(text.replace(" ", "\N{NO-BREAK SPACE}"))], []


def setup(app):
    """Register the parts."""
    app.add_directive("plan", Plan)
    app.add_role("memory", Memory())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
