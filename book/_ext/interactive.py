"""Interactive figures and questions: which scripts they need, and how they get into a page.

A page of Markdown has a directive::

    ```{interactive} xo
    :name: play-xo
    :alt: What the picture shows, for who cannot see it or has no JavaScript.
    :state: letter=O&step=12

    The caption.
    ```

A notebook has a plain picture, which every viewer of notebooks shows; here it becomes the figure::

    ![What the picture shows.](../interactive/pictures/xo.png "The caption.")

A figure can have pictures of further states, ``xo.vote.png``; what stands before the first dot is the figure.

Both become a custom element around the picture. The element's script puts the figure in the picture's place; without
JavaScript, on paper and in a PDF the picture stays. Questions in notebooks are plain Markdown too: a bold question with a
number, then one ``<details>`` a choice. Here each becomes a ``course-quiz`` element around exactly that.

A page with figures loads a small script, which fetches those of a figure once the reader comes near it, and all others when the
page has nothing else to do; so do exercises, which the extension ``exercises`` places. A page with questions loads theirs, so that
they can be answered at once and are printed with their choices.
"""

import hashlib
import html
import importlib.util
import re
import shutil
import sys
from functools import cache
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

SCRIPTS = {
    "xo": ("core", "ui", "xo"),
    "convolution-stepper": ("core", "ui", "convolution-stepper"),
    "pooling": ("core", "ui", "pooling"),
    "activations": ("ui", "activations"),
    "receptive-field": ("core", "ui", "receptive-field"),
    "block-cost": ("ui", "block-cost"),
    "optimizer-race": ("ui", "optimizer-race"),
    "threshold": ("ui", "threshold"),
    "draw-a-digit": ("ui", "digit-network", "digit-model", "digit-preprocess", "digit-inside", "digit-pad"),
    "teach-it": ("ui", "photo-files", "teach-it"),
}
"""The scripts of each figure, in the order in which they run."""

ON_REQUEST = {"teach-it": ("photo-model", "photo-engine", "photo-network", "photo-examples")}
"""What a figure fetches for a reader who asks for it: six megabytes."""

MADE = {"photo-network": "make_photo_network"}
"""Scripts that are no file of this folder, but are made for the pages that need them, and what in ``data_scripts`` does it."""

LOADER = ("load",)
# A link into a figure asks for its scripts before the loader runs, which waits for the style sheet.
AHEAD = """<script>
(() => {
  const [id, query] = location.hash.slice(1).split(";")[0].split("?");
  const box = query !== undefined && document.getElementById(id);
  const base = document.querySelector('script[src*="/load.js"]').src;
  for (const figure of box ? box.querySelectorAll("[data-scripts]") : []) {
    for (const name of figure.dataset.scripts.split(" ")) {
      if (document.querySelector(`script[src*="/${name.split("?")[0]}"]`)) continue;
      const href = new URL(name, base).href;
      document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", href }));
    }
  }
})();
</script>
"""
NEAR = 800
"""Characters of text before a figure on whose page its scripts are asked for as the page begins."""

QUESTIONS = ("ui", "answers", "quiz")
EXERCISES = ("ui", "answers", "judge", "exercises")
PROGRESS = ("ui", "answers", "progress")
FOLDER = Path(__file__).parents[1] / "interactive"
STYLE = "figures.css"
PICTURES = "interactive/pictures"
QUESTION = re.compile(r"\d+\.\s")


class Fetching(nodes.General, nodes.Element):
    """A custom element that names its scripts; ``load.js`` fetches them once the reader comes near it."""


class InteractiveFigure(Fetching):
    """A custom element around the picture that stands for it."""


class Question(nodes.General, nodes.Element):
    """A custom element around a question and its choices."""


def check_name(name: str) -> str:
    """Return the name of a figure if there is one of that name."""
    if name not in SCRIPTS:
        raise ValueError(f"there is no interactive figure {name!r}; there are {', '.join(SCRIPTS)}")
    return name


def figure_of(picture: str) -> str:
    """The name of the figure that a picture shows, given the picture's name without its ending."""
    return picture.partition(".")[0]


def make_figure(
    name: str, uri: str, alt: str, state: str, caption: list[nodes.Node], source: nodes.Node
) -> nodes.figure:
    """A figure that holds the element, the element the picture."""
    picture = nodes.image(uri=uri, alt=alt)
    element = InteractiveFigure("", picture, figure=name, state=state)
    result = nodes.figure("", element, align="default")
    if caption:
        result += nodes.caption("", "", *caption)
    for node in (picture, element, result):
        node.source, node.line = source.source, source.line
    return result


class InteractiveDirective(SphinxDirective):
    """``{interactive} name``: a figure with the options name, alt (required) and state; its content is the caption."""

    required_arguments = 1
    has_content = True
    option_spec = {  # noqa: RUF012 (docutils' own form)
        "name": directives.unchanged,
        "alt": directives.unchanged_required,
        "state": directives.unchanged,
    }

    def run(self):
        """Build the figure."""
        try:
            name = check_name(self.arguments[0])
        except ValueError as error:
            raise self.error(str(error)) from None
        alt, state = self.options.get("alt"), self.options.get("state", "")
        if not alt:
            raise self.error(f"the interactive figure {name} needs :alt:, a sentence about what is to be seen")
        parsed = self.parse_content_to_nodes() if self.content else []
        if len(parsed) > 1 or (parsed and not isinstance(parsed[0], nodes.paragraph)):
            raise self.error("the caption of an interactive figure is one paragraph")
        where = nodes.Element()
        where.source, where.line = self.get_source_info()
        figure = make_figure(name, f"/{PICTURES}/{name}.png", alt, state, parsed[0].children if parsed else [], where)
        figure["ids"].append(f"fig-{name}")
        if "name" in self.options:
            figure["ids"].clear()
            self.add_name(figure)
        return [figure]


class PicturesToFigures(SphinxTransform):
    """Replace each plain picture of an interactive figure, as notebooks have it, by the figure."""

    default_priority = 200

    def apply(self, **kwargs):
        """Look at each picture once. Where a page has a figure several times, the later ones are counted in their address."""
        names = []
        for picture in list(self.document.findall(nodes.image)):
            uri, _, state = picture["uri"].partition("#")
            paragraph = picture.parent
            if f"{PICTURES}/" not in uri or not isinstance(paragraph, nodes.paragraph):
                continue  # in the directive, or on a card that leads to the figure
            if len(paragraph.children) != 1:
                raise ExtensionError(f"{self.env.docname}: {uri} must stand in a paragraph of its own")
            try:
                name = check_name(figure_of(Path(uri).stem))
            except ValueError as error:
                raise ExtensionError(f"{self.env.docname}: {error}") from None
            if not picture.get("alt"):
                raise ExtensionError(f"{self.env.docname}: {uri} needs an alternative text")
            title = picture.get("title", "")
            figure = make_figure(name, uri, picture["alt"], state, [nodes.Text(title)] if title else [], paragraph)
            names.append(name)
            often = names.count(name)
            figure["ids"].append(f"fig-{name}" if often == 1 else f"fig-{name}-{often}")
            paragraph.replace_self(figure)


def is_question(node: nodes.Node) -> bool:
    """Whether a paragraph is one bold sentence that begins with a number."""
    if not isinstance(node, nodes.paragraph) or not QUESTION.match(node.astext()):
        return False
    return [type(child) for child in node.children if child.astext()] == [nodes.strong]


def is_raw(node: nodes.Node, start: str) -> bool:
    """Whether a node is HTML that begins like this."""
    return isinstance(node, nodes.raw) and node.astext().lstrip().startswith(start)


def choices_after(siblings: list[nodes.Node], begin: int) -> int:
    """Where the ``<details>`` blocks that follow position ``begin`` end."""
    end = begin
    while end < len(siblings) and is_raw(siblings[end], "<details>"):
        close = next((at for at in range(end, len(siblings)) if "</details>" in siblings[at].astext()), None)
        if close is None:
            break
        end = close + 1
    return end


class FindQuestions(SphinxTransform):
    """Put each question and its choices into an element of their own."""

    default_priority = 210

    def apply(self, **kwargs):
        """Look through the children of each section."""
        count = 0
        for section in list(self.document.findall(nodes.section)):
            siblings = list(section.children)
            for at, node in enumerate(siblings):
                end = choices_after(siblings, at + 1) if is_question(node) else at
                if end <= at + 1:
                    continue
                count += 1
                box = Question("", ids=[f"question-{count}"])
                section.insert(section.index(node), box)
                for one in siblings[at:end]:
                    section.remove(one)
                    box += one


@cache
def maker(script: str):
    """The module that makes a script."""
    file = FOLDER.parents[1] / "data_scripts" / f"{MADE[script]}.py"
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(file.parent))
    return module


def versioned(script: str) -> str:
    """The file of a script, with a mark of its content, so that a browser does not take an old copy for the new one."""
    if script in MADE:
        return f"{script}.js?v={maker(script).fingerprint()}"
    file = FOLDER / f"{script}.js"
    if not file.is_file():
        raise ExtensionError(f"{file} is missing")
    return f"{file.name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:8]}"


def fetched(scripts: tuple[str, ...]) -> str:
    """The attribute by which an element names its scripts for ``load.js``."""
    return f'data-scripts="{" ".join(map(versioned, scripts))}"'


def opening_tag(name: str, state: str) -> str:
    """The beginning of the custom element of a figure."""
    more = f' state="{html.escape(state)}"' if state else ""
    if name in ON_REQUEST:
        more += f' data-requests="{" ".join(map(versioned, ON_REQUEST[name]))}"'
    return f'<course-{name} class="course-figure" {fetched(SCRIPTS[name])}{more}>'


def visit_figure(self, node):
    """Open the custom element."""
    self.body.append(opening_tag(node["figure"], node["state"]))


def depart_figure(self, node):
    """Close it."""
    self.body.append(f"</course-{node['figure']}>\n")


def visit_question(self, node):
    """Open the custom element."""
    page = html.escape(self.builder.current_docname)
    self.body.append(f'<course-quiz class="course-figure" id="{node["ids"][0]}" data-page="{page}">\n')


def depart_question(self, node):
    """Close it."""
    self.body.append("</course-quiz>\n")


def skip(self, node):
    """Formats other than HTML show the picture, or the question and its choices, as they are."""


def scripts_of(doctree: nodes.document) -> tuple[str, ...]:
    """The scripts that a page loads as it opens: those of questions, and the one that fetches all others."""
    has_questions, has_others = (any(doctree.findall(kind)) for kind in (Question, Fetching))
    return QUESTIONS * has_questions + LOADER * has_others


def figure_at_the_top(doctree: nodes.document) -> str | None:
    """The figure that a page shows first, if little text stands before it."""
    before = 0
    for node in doctree.findall(lambda one: isinstance(one, nodes.Text | InteractiveFigure)):
        if isinstance(node, InteractiveFigure):
            return node["figure"]
        before += len(node)
        if before > NEAR:
            return None
    return None


def add_scripts(app, pagename, templatename, context, doctree):
    """Let a page load what its figures and questions need."""
    scripts = scripts_of(doctree) if doctree is not None else ()
    if scripts:
        app.add_css_file(f"interactive/{STYLE}")
    for script in scripts:
        app.add_js_file(f"interactive/{script}.js", loading_method="defer")
    if set(LOADER) & set(scripts):
        context["body"] += AHEAD
        first = figure_at_the_top(doctree)
        folder = relative_uri(f"{pagename}.html", "_static/interactive/")
        soon = [versioned(one) for one in SCRIPTS.get(first, ()) if one not in scripts]
        links = [f'<link rel="preload" as="script" href="{folder}{one}" />' for one in soon]
        context["metatags"] = "\n    ".join([context.get("metatags", ""), *links])
    for figure in doctree.findall(InteractiveFigure) if scripts else ():
        for script in ON_REQUEST.get(figure["figure"], ()):
            if script in MADE:
                maker(script).ensure(Path(app.outdir, "_static", "interactive", f"{script}.js"))


def copy_scripts(app):
    """Put the scripts where pages find them."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "interactive")
    target.mkdir(parents=True, exist_ok=True)
    of_figures = sum((*SCRIPTS.values(), *ON_REQUEST.values()), ())
    for script in dict.fromkeys(LOADER + QUESTIONS + EXERCISES + PROGRESS + of_figures):
        versioned(script)  # stops where one is missing
    for file in (*FOLDER.glob("*.css"), *FOLDER.glob("*.js")):
        shutil.copyfile(file, target / file.name)


def setup(app):
    """Register the parts."""
    nothing = (skip, skip)
    others = {"latex": nothing, "text": nothing, "man": nothing, "texinfo": nothing}
    app.add_node(InteractiveFigure, html=(visit_figure, depart_figure), **others)
    app.add_node(Question, html=(visit_question, depart_question), **others)
    app.add_directive("interactive", InteractiveDirective)
    app.add_transform(PicturesToFigures)
    app.add_transform(FindQuestions)
    app.connect("builder-inited", copy_scripts)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
