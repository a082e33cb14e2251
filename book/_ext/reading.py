"""Code and outputs whose lines wrap, and a search that shows what it found.

Each line of code or output is an element of its own, which knows how far it is indented: where it is too long for the page,
``course.css`` lets it go on below, further in. The text stays as it was, so that what is copied is the code.
"""

import re

BLOCK = re.compile(r'(<div class="highlight"><pre>)(.*?)(</pre>)', re.DOTALL)
# Pages of source code have, before or behind a line, the box around a function.
LINE = re.compile(r"(?P<before>(?:</?div[^>]*>)*)(?P<text>.*?)(?P<after>(?:</div>)*)", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
SEARCH = "search.js"


def line(html: str) -> str:
    """A line as an element with its indentation in columns."""
    before, text, after = LINE.fullmatch(html).groups()
    if "div" in "".join(TAG.findall(text)):
        return html
    words = TAG.sub("", text)
    columns = len(words) - len(words.lstrip(" "))
    indented = f' style="--in:{columns}"' if columns and words.strip() else ""
    return f'{before}<span class="course-line"{indented}>{text}</span>{after}'


def with_lines(html: str) -> str:
    """A page in which each line of code or output is an element."""

    def block(found: re.Match) -> str:
        start, text, end = found.groups()
        lines = text.removesuffix("\n").split("\n")
        return start + "\n".join(map(line, lines)) + "\n" + end

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
