"""What a lesson says about itself in its first cell: its question, and how long it takes to read and to run.

The first cell of a lesson begins with its title and, as a quotation, the question that it answers. It ends with the times::

    **Reading time:** 20 minutes. **Running time:** about 30 seconds on one core.

They are computed, not estimated by hand: the reading time from the words of the text, the running time from the last
execution, which a notebook keeps in its metadata. The stored form of a notebook has them up to date, and so do the pages that list lessons.
"""

import re
from dataclasses import dataclass
from pathlib import Path

WORDS_A_MINUTE = 120
"""Slow, for a text: it leaves time for the code, the formulas and the figures between the words."""

_FOLDED = re.compile(r"<details>.*?</details>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>|\]\([^)]*\)")
_WORD = re.compile(r"\S*[^\W_]\S*")
_TITLE = re.compile(r"#\s+(.+)")
_QUESTION = re.compile(r"^>\s?(.+(?:\n>\s?.+)*)", re.MULTILINE)
_ADVANCED = re.compile(r"^\*Advanced\.\*", re.MULTILINE)
_READING = re.compile(r"(\*\*Reading time:\*\*) [^.,;\n]*")
_RUNNING = re.compile(r"(\*\*Running time:\*\*) [^,;\n]*? on one core")


@dataclass(frozen=True)
class Facts:
    """What the list of a part's lessons says about one of them."""

    title: str
    question: str
    advanced: bool
    minutes: int  # of reading
    seconds: float | None  # of the processor, in the last execution


def words(text: str) -> int:
    """Return how many words of Markdown a reader meets; what is folded, and addresses of links, do not count."""
    return len(_WORD.findall(_TAG.sub(" ", _FOLDED.sub(" ", text))))


def reading_minutes(text: str) -> int:
    """Return how long a text takes to read, to five minutes."""
    return max(5, 5 * round(words(text) / WORDS_A_MINUTE / 5))


def title(text: str) -> str:
    """Return the title that a page of Markdown begins with, or nothing."""
    found = _TITLE.search(text)
    return found.group(1).strip() if found else ""


def question(text: str) -> str:
    """Return the question of a page of Markdown, the quotation below its title, or nothing."""
    found = _QUESTION.search(text)
    return " ".join(re.sub(r"^>\s?", "", found.group(), flags=re.MULTILINE).split()) if found else ""


def facts(notebook: dict) -> Facts:
    """Return what a lesson's notebook says about itself."""
    texts = _texts(notebook)
    first = texts[0] if texts else ""
    seconds = notebook.get("metadata", {}).get("course", {}).get("seconds")
    advanced = bool(_ADVANCED.search(first))
    return Facts(title(first), question(first), advanced, reading_minutes("\n\n".join(texts)), seconds)


def page_question(path: Path) -> str:
    """Return the question of a page of Markdown on disk."""
    return question(path.read_text(encoding="utf-8"))


def running(seconds: float) -> str:
    """Return a running time in words: to ten seconds below a minute and a half, to half a minute above."""
    if seconds < 90:
        return f"about {max(10, 10 * round(seconds / 10))} seconds"
    return f"about {round(seconds / 30) / 2:g} minutes"


def duration(minutes: int) -> str:
    """Return a sum of reading times in words: hours from an hour and a half on, to a quarter."""
    if minutes < 90:
        return f"{minutes} minutes"
    hours, quarters = divmod(round(minutes / 15), 4)
    return f"{hours}{('', '¼', '½', '¾')[quarters]} hours"


def with_times(source: str, notebook: dict) -> str:
    """Return the source of a notebook's first cell with the times of today, where it states them."""
    known = facts(notebook)
    source = _READING.sub(rf"\1 {known.minutes} minutes", source)
    if known.seconds is not None:
        source = _RUNNING.sub(rf"\1 {running(known.seconds)} on one core", source)
    return source


def _texts(notebook: dict) -> list[str]:
    """Return the sources of a notebook's Markdown cells."""
    sources = [cell.get("source", "") for cell in notebook["cells"] if cell.get("cell_type") == "markdown"]
    return ["".join(source) for source in sources]
