"""Code and outputs whose lines wrap, and a search that shows what it found.

Each line of code or output is an element of its own, which knows how far it is indented: where it is too long for the page,
``course.css`` lets it go on below, further in. The text stays as it was, so that what is copied is the code. Where arguments
stand below the bracket that they follow, a phone would show each of them in a narrow column at its right: there the spaces
before them are an element as well, which has no width on a narrow page.
"""

import html as entities
import io
import re
import tokenize

BLOCK = re.compile(r'(<div class="highlight"><pre>)(.*?)(</pre>)', re.DOTALL)
# Pages of source code have, before or behind a line, the box around a function.
LINE = re.compile(r"(?P<before>(?:</?div[^>]*>)*)(?P<text>.*?)(?P<after>(?:</div>)*)", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
NAMES = re.compile(r'<span class="(?:n|k|kn|nb|nf)">')  # in code, not in outputs
INDENTATION = re.compile(r"(?P<tags>(?:<[^>]*>)*)(?P<spaces> *)")
NARROW = 44  # columns that a phone has room for
STEP = 4  # columns
SEARCH = "search.js"


def too_far_in(code: str) -> dict[int, int]:
    """Lines of Python that stand below a bracket, where that is too deep for a phone: how many columns they can spare."""
    lines = code.split("\n")
    into = [len(one) - len(one.lstrip(" ")) for one in lines]
    shown, spare, first, texts, opened = list(into), {}, 0, set(), []
    try:
        for kind, word, (row, column), (end, _), _ in tokenize.generate_tokens(io.StringIO(code).readline):
            at = row - 1
            if at and opened and at not in spare and column == into[at]:
                above, bracket = opened[-1]
                below = into[at] == bracket + 1
                shown[at] = shown[above] + (STEP if below else into[at] - into[above])
                spare[at] = into[at] - shown[at]
            texts.update(range(row, end))
            if kind == tokenize.OP and word in "([{":
                opened.append((at, column))
            elif kind == tokenize.OP and word in ")]}":
                opened.pop()
            if kind in (tokenize.NEWLINE, tokenize.ENDMARKER):
                rest = range(first + 1, at + 1)
                if texts.intersection(rest) or all(len(lines[one]) <= NARROW for one in rest if spare.get(one)):
                    for one in rest:
                        spare.pop(one, None)
                first = at + 1
    except (tokenize.TokenError, IndentationError, IndexError):
        return {}
    return {row: columns for row, columns in spare.items() if columns > 0}


def line(html: str, spare: int = 0) -> str:
    """A line as an element with its indentation in columns, and with the columns that it can spare on a phone."""
    before, text, after = LINE.fullmatch(html).groups()
    if "div" in "".join(TAG.findall(text)):
        return html
    words = TAG.sub("", text)
    columns = len(words) - len(words.lstrip(" "))
    indented = f' style="--in:{columns}"' if columns and words.strip() else ""
    if spare:
        tags, spaces = INDENTATION.match(text).groups()
        text = f'{tags}<span class="course-spare">{" " * spare}</span>{spaces[spare:]}{text[len(tags + spaces) :]}'
        indented = f' style="--in:{columns};--spare:{spare}"'
    return f'{before}<span class="course-line"{indented}>{text}</span>{after}'


def with_lines(html: str) -> str:
    """A page in which each line of code or output is an element."""

    def block(found: re.Match) -> str:
        start, text, end = found.groups()
        lines = text.removesuffix("\n").split("\n")
        spare = too_far_in(entities.unescape(TAG.sub("", "\n".join(lines)))) if NAMES.search(text) else {}
        return start + "\n".join(line(one, spare.get(row, 0)) for row, one in enumerate(lines)) + "\n" + end

    return BLOCK.sub(block, html)


def prepare(app, pagename, templatename, context, doctree):
    """Let lines wrap on each page, and sentences be shown on the page of the search."""
    if "body" in context:
        context["body"] = with_lines(context["body"])
    if pagename == "search":
        app.add_js_file(SEARCH, loading_method="defer", priority=900)


def leave_out_search(app, config):
    """Jupyter Book lets every page load every script in ``_static``; this one is for one page."""
    config.html_js_files[:] = [script for script in config.html_js_files if script != SEARCH]


def setup(app):
    """Register the parts."""
    app.connect("config-inited", leave_out_search, priority=100)  # before Sphinx takes them in
    app.connect("html-page-context", prepare)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
