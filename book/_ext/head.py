"""What a page says about itself to those who do not read it: browsers, search engines, and whoever shows a link to it.

Each page gets

* a description, its own first sentences;
* the title, description and picture that are shown with a link to it. Their addresses are absolute where the address of the
  published book is known, from the environment variable ``COURSE_BOOK_URL``; elsewhere the page's own address is left out;
* the theme of the reader's system at the first visit, before anything is drawn, and the light one on paper;
* a mark that it is opening, until it has loaded.

The book gets a page ``404.html`` that stands for itself: a host sends it for any address that does not exist, however deep, so it has its
style inside and finds out where the book begins before it leads there.
"""

import html
import json
import os
import re
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx.util.osutil import relative_uri

ADDRESS = "COURSE_BOOK_URL"
PICTURE = "_static/share.png"
PICTURE_SIZE = (1200, 630)
PICTURE_TEXT = "A handwritten digit, four maps of what four kernels find in it, and the same maps pooled."
LONGEST = 200  # characters of a description; search engines show fewer
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
LOST = "404"
LOST_TEMPLATE = Path(__file__).parents[1] / "_templates" / "404.html"
# The reader's choice, or else the system's; the theme's own script comes later and follows the system from then on. And the page
# is marked until it has loaded and has nothing else to do: until then only what is near the screen is laid out (course.css). What the reader sees stays
# where it is when the rest follows.
THEME = """
(() => {
  const page = document.documentElement;
  let mode = "auto";
  try { mode = localStorage.getItem("mode") || mode; } catch { /* a page without a store */ }
  const dark = mode === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : mode === "dark";
  page.dataset.mode = mode;
  page.dataset.theme = dark ? "dark" : "light";
  let onScreen;
  addEventListener("beforeprint", () => { onScreen = page.dataset.theme; page.dataset.theme = "light"; });
  addEventListener("afterprint", () => { page.dataset.theme = onScreen; });
  page.dataset.opening = "";
  const opened = () => {
    const seen = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    const place = () => (seen ? seen.getBoundingClientRect().top : 0);
    const before = place();
    delete page.dataset.opening;
    scrollBy({ top: place() - before, behavior: "instant" });
  };
  addEventListener("load", () => (window.requestIdleCallback || setTimeout)(opened));
})();
"""


def first_sentences(text: str) -> str:
    """Return as many sentences of a text as a description holds, and at least the first, cut at a word if it is too long."""
    first, *others = SENTENCE_END.split(" ".join(text.split()))
    for sentence in others:
        if len(first) + 1 + len(sentence) > LONGEST:
            break
        first += f" {sentence}"
    return first if len(first) <= LONGEST else first[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def running_text(paragraph: nodes.paragraph) -> bool:
    """Whether a paragraph is a part of the text, not a quotation, a caption, an entry of a list or a box."""
    return isinstance(paragraph.parent, nodes.section | nodes.document)


def describe(doctree: nodes.document | None, title: str, book: str) -> str:
    """Return the description of a page: its first sentences, or of what it is if it has none."""
    if doctree is not None:
        for paragraph in doctree.findall(nodes.paragraph):
            text = paragraph.astext().removeprefix("Advanced.").strip()
            if running_text(paragraph) and text:
                return first_sentences(text)
    return f"{title}. A page of the course “{book}”."


def tags(title: str, description: str, page: str, address: str) -> str:
    """Return the elements for a page's head; ``address`` is that of the published book, or empty."""
    picture = f"{address}{PICTURE}" if address else relative_uri(page, PICTURE)
    properties = {
        "og:type": "website" if page == "index.html" else "article",
        "og:title": title,
        "og:description": description,
        "og:image": picture,
        "og:image:width": str(PICTURE_SIZE[0]),
        "og:image:height": str(PICTURE_SIZE[1]),
        "og:image:alt": PICTURE_TEXT,
    }
    if address:
        properties["og:url"] = address + page.removesuffix("index.html")
    lines = [f'<meta name="description" content="{html.escape(description)}" />']
    lines += [f'<meta property="{name}" content="{html.escape(value)}" />' for name, value in properties.items()]
    lines.append('<meta name="twitter:card" content="summary_large_image" />')
    return "\n    ".join(lines) + "\n"


def plain(title: str) -> str:
    """Return a title without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", title))


def fill_head(app, pagename, templatename, context, doctree):
    """Give a page its description and what goes with a link to it; the first page's title is not said twice."""
    book = app.config.html_title
    title = plain(context.get("title") or book)
    if pagename == app.config.root_doc:
        context["docstitle"] = ""
    page = f"{pagename}{app.builder.out_suffix}"
    described = tags(title, describe(doctree, title, book), page, app.config.html_baseurl)
    context["metatags"] = context.get("metatags", "") + described


def set_address(app, config):
    """Take the address of the published book, and the templates that stand before the theme's."""
    address = os.environ.get(ADDRESS, "").strip()
    config.html_baseurl = f"{address.rstrip('/')}/" if address else ""
    config.templates_path.insert(0, str(LOST_TEMPLATE.parent))


def names(app) -> dict[str, str]:
    """Return the title of every page that a reader may look for, by its address."""
    pages = {page: title.astext() for page, title in app.env.titles.items()}
    return {f"{page}.html": title for page, title in sorted(pages.items()) if not page.startswith("_")}


def write_lost_page(app, exception):
    """Write the page for addresses that lead nowhere."""
    if exception is None and app.builder.format == "html":
        known = json.dumps(names(app), ensure_ascii=False).replace("</", "<\\/")
        text = LOST_TEMPLATE.read_text(encoding="utf-8")
        icon = quote((LOST_TEMPLATE.parents[1] / "_static" / "favicon.svg").read_text(encoding="utf-8"), safe="/:= ")
        text = (
            text.replace("$ICON", f"data:image/svg+xml,{icon}")
            .replace("$THEME", THEME.strip())
            .replace("$BOOK", html.escape(app.config.html_title))
        )
        Path(app.outdir, f"{LOST}.html").write_text(text.replace("$PAGES", known), encoding="utf-8")


def setup(app):
    """Register the parts."""
    app.add_js_file(None, body=THEME, priority=1)
    app.connect("config-inited", set_address)
    app.connect("html-page-context", fill_head)
    app.connect("build-finished", write_lost_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
