"""One style sheet and one script for what every page needs of the theme and of Sphinx's extensions, and no more of it.

The theme and the extensions bring nineteen files a page, most of whose rules match nothing in this book. After a build the
extension

* joins their styles, without rules for classes that no page has and no script names, and the book's own styles after them;
* gives each page the rules that its first paint needs (see ``first_paint.py``), and the joined sheet at its end;
* joins their scripts, which then run after the page has been shown, and the book's own ``_static/*.js``;
* takes what is no longer needed out of the book, the theme's fonts and scripts of icons first: ``_static/icons.css`` has those
  that pages show, and a page with another one stops the build.

Styles and scripts that another extension adds stay as they are.
"""

import hashlib
import re
import shutil
from pathlib import Path

from first_paint import prepared, shown_first
from sphinx.errors import ExtensionError
from stylesheet import outside_brackets, rules, selectors

STYLE, SCRIPT = "course-theme.css", "course-theme.js"
STYLES = (
    "basic.css",
    "styles/theme.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "copybutton.css",
    "mystnb.*.css",
    "sphinx-design.min.css",
)
SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "clipboard.min.js",
    "copybutton.js",
    "scripts/sphinx-book-theme.js",
    "scripts/bootstrap.js",
    "scripts/pydata-sphinx-theme.js",
)
"""Below ``_static``, in the order in which they take effect."""

SEARCH = "DOCUMENTATION_OPTIONS.search_as_you_type = false;"
OPTIONAL = {"togglebutton": re.compile(r'class="(?:[^"]* )?(toggle|dropdown)[ "]')}
OPTIONAL["design-tabs"] = re.compile(r'class="(?:[^"]* )?sd-tab-')
"""Scripts and styles of extensions, and the pages that need them."""

INLINE = ("let toggle", "var togglebuttonSelector", "DOCUMENTATION_OPTIONS.", "window.MathJax")
ONE_PAGE = ("search.js",)  # a script of the book that one page loads by itself
UNUSED = ("vendor", "styles", "scripts", "togglebutton.css", "copybutton_funcs.js")
BOOK = Path(__file__).parents[1]
COMMENT = re.compile(r"/\*(?!!).*?\*/\s*", re.DOTALL)
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$|/\*# sourceMappingURL=.*?\*/", re.MULTILINE)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
CLASSES = re.compile(r'class="([^"]*)"')
WORD = re.compile(r"[A-Za-z_][\w-]*")
ICON = re.compile(r'<i class="[^"]*?\b(fa-(?!solid|brands|regular|lg|fw)[\w-]+)')
LINK = re.compile(r'(course-theme\.(css|js)\?v=)\w+(?=")')
ADDRESS = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)""")


def can_match(selector: str, words: set[str]) -> bool:
    """Whether a page can have what a selector asks for: all of its classes, but those within brackets, as in ``:not(.a)``."""
    return all(name in words for name in CLASS.findall(outside_brackets(selector).replace("\\", "")))


def used(style: str, words: set[str]) -> str:
    """A style sheet without the rules that can match nothing, given the words that pages and scripts have for classes."""
    kept = []
    for head, body in rules(style):
        plain = COMMENT.sub("", re.sub(r"/\*!.*?\*/", "", head, flags=re.DOTALL)).strip()
        if body is None:
            imported = re.fullmatch(r"""@import\s+(?:url\()?["']?[^"')]*?([\w.-]+)["']?\)?""", plain)
            if imported and imported[1] not in STYLES:
                raise ExtensionError(f"{plain} in a style sheet: not one that is joined")
            kept += [] if imported else [f"{head};"]
        elif plain.startswith(("@media", "@supports", "@layer", "@container")):
            inner = used(body, words)
            if inner:
                kept.append(f"{head}{{{inner}}}")
        elif plain.startswith("@"):
            if "Font Awesome" not in body and not plain.startswith("@keyframes fa-"):
                kept.append(f"{head}{{{body}}}")
        else:
            matching = [one for one in selectors(plain) if can_match(one, words)]
            if matching:
                kept.append(f"{','.join(matching)}{{{body}}}")
    return "\n".join(kept)


def words_of(pages: list[str], scripts: list[str]) -> set[str]:
    """What can be a class: those that pages have, and every word of a script."""
    found = {word for page in pages for classes in CLASSES.findall(page) for word in classes.split()}
    return found.union(*(WORD.findall(script) for script in scripts))


def own(pattern: str) -> list[Path]:
    """The book's own files for every page."""
    return sorted(file for file in BOOK.glob(pattern) if file.name not in ONE_PAGE)


def read(folder: Path, names: tuple[str, ...]) -> list[str]:
    """The content of files; a pattern stands for the one file that it matches."""
    texts = []
    for name in names:
        found = sorted(folder.glob(name))
        if len(found) != 1:
            raise ExtensionError(
                f"{len(found)} files {folder.name}/{name}: the theme has changed; see book/_ext/bundles.py"
            )
        texts.append(SOURCE_MAP.sub("", found[0].read_text(encoding="utf-8")))
    return texts


def joined_style(static: Path, pages: list[str], scripts: list[str]) -> str:
    """The style sheet."""
    words = words_of(pages, scripts)
    theirs = [used(COMMENT.sub("", text), words) for text in read(static, STYLES)]
    ours = [
        COMMENT.sub("", file.read_text(encoding="utf-8")) for file in own("interactive/*.css") + own("_static/*.css")
    ]
    style = "\n".join(theirs + ours)
    for address in ADDRESS.findall(style):
        if not (static / address).is_file():
            raise ExtensionError(f"{address} in a style sheet: no such file in _static")
    return style


def joined_script(static: Path) -> str:
    """The script: each file as it is, one after the other."""
    texts = read(static, SCRIPTS)
    texts.insert(1, SEARCH)
    texts += [file.read_text(encoding="utf-8") for file in own("_static/*.js")]
    return "\n;\n".join(texts)


def check_icons(pages: dict[str, str], style: str) -> None:
    """Stop where a page shows an icon that the style sheet does not draw."""
    drawn = set(re.findall(r"\.(fa-[\w-]+)", style))
    for name, text in pages.items():
        missing = sorted(set(ICON.findall(text)) - drawn)
        if missing:
            raise ExtensionError(f"{name} shows the icon {missing[0]}, which book/_static/icons.css does not draw")


def leave_out(app, pagename, templatename, context, doctree):
    """Take out of a page's head what is in the joined files, or what the page does not need."""
    body = context.get("body", "")
    joined = {Path(name).name for name in STYLES + SCRIPTS}
    joined |= {file.name for pattern in ("interactive/*.css", "_static/*.css", "_static/*.js") for file in own(pattern)}
    joined |= {f"{stem}{end}" for stem, needs in OPTIONAL.items() if not needs.search(body) for end in (".css", ".js")}

    def stays(file) -> bool:
        name = Path(str(file.filename or "").split("?")[0]).name
        if name:
            return name not in joined and not name.startswith("mystnb.")
        written = str(getattr(file, "attributes", {}).get("body") or "").strip()
        return not written.startswith(INLINE) or (written.startswith(INLINE[:2]) and "togglebutton.js" not in joined)

    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context.get(kind, ()) if stays(file)]


def join(app, exception):
    """Write the joined files, name them in every page, and take out what nothing asks for."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    files = [file for file in out.rglob("*.html") if static not in file.parents]
    pages = {file.relative_to(out).as_posix(): file.read_text(encoding="utf-8") for file in files}
    script = joined_script(static)
    others = [file.read_text(encoding="utf-8") for file in own("interactive/*.js")] + read(static, ("searchtools.js",))
    style = joined_style(static, list(pages.values()), [script, *others])
    check_icons(pages, (BOOK / "_static" / "icons.css").read_text(encoding="utf-8"))
    marks = {}
    for kind, name, content in (("css", STYLE, style), ("js", SCRIPT, script)):
        (static / name).write_text(content, encoding="utf-8")
        marks[kind] = hashlib.sha256(content.encode()).hexdigest()[:8]
    first = prepared(style)
    for name, text in pages.items():
        marked = shown_first(LINK.sub(lambda found: found[1] + marks[found[2]], text), first)
        if marked != text:
            (out / name).write_text(marked, encoding="utf-8")
    for unused in UNUSED:
        path = static / unused
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def setup(app):
    """Register the parts."""
    app.connect("html-page-context", leave_out, priority=990)
    app.connect("build-finished", join, priority=990)  # after the theme has written pygments.css
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
