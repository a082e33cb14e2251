"""Words are linked to the glossary where a lesson uses them before the lesson that introduces them.

An entry of the glossary ends with the lesson that introduces its term: "First in [Convolution](../2-layers/convolution.ipynb)."
On every page of a lesson that stands before that one, the first use of the term in running text becomes a link to the entry,
as does every term whose lesson is not named. What a lesson already links stays as it is; a link of its own to the glossary whose
text is a term leads to the entry.
"""

import re

from course_book import CODE
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "appendix/glossary"
LESSON = ".ipynb"
# Text in which a term is not a use that a reader has to understand, or cannot be linked.
_LEFT_ALONE = (*CODE, nodes.title, nodes.citation, nodes.reference, addnodes.pending_xref)


def pattern(term: str) -> str:
    """Regular expression for a term in running text: in the plural too, over a line's end, capitals free if it has none."""
    words = r"[\s-]+".join(map(re.escape, term.replace("-", " ").split()))
    return words if term != term.lower() else f"(?i:{words})"


def any_of(terms: list[str]) -> re.Pattern:
    """Regular expression for any of the terms, of which the longest that fits is found; its group is t and the term's place."""
    longest_first = sorted(enumerate(terms), key=lambda pair: -len(pair[1]))
    choices = "|".join(f"(?P<t{place}>{pattern(term)})" for place, term in longest_first)
    return re.compile(rf"(?<![\w-])(?:{choices})(?:s|es)?(?![\w-])")


def reading_order(env) -> list[str]:
    """Pages in the order of the table of contents."""
    order, waiting = [], [env.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        if page not in order:
            order.append(page)
            waiting = list(env.toctree_includes.get(page, [])) + waiting
    return order


def entries(env) -> dict[str, tuple[str, str, str | None]]:
    """Every term of the glossary with its anchor, the first sentence of its entry, and the page that introduces it."""
    found = {}
    for entry in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        definition = next(entry.findall(nodes.definition))
        first = re.match(r".*?[.](?=\s|$)|.*", definition.astext(), re.DOTALL).group()
        pages = [link["reftarget"] for link in definition.findall(addnodes.pending_xref) if link["reftype"] == "myst"]
        lesson = pages[-1].lstrip("/") if pages and "First in" in definition.astext() else None
        for term in entry.findall(nodes.term):
            found[term.astext()] = (term["ids"][0], " ".join(first.split()), lesson)
    return found


def collect(app, env):
    """Read the glossary; name the lessons to be written anew if it, or the order of pages, has changed."""
    order = reading_order(env)
    known = (entries(env) if GLOSSARY in env.found_docs else {}, order)
    if getattr(env, "course_terms", None) == known:
        return []
    env.course_terms = known
    return [page for page in order if env.doc2path(page).endswith(LESSON)]


class LinkTerms(SphinxPostTransform):
    """Link a lesson's first use of each term that it does not introduce and no lesson before it does."""

    default_priority = 5  # before references are resolved, at 10

    def run(self, **kwargs):
        """Go through the page once, from top to bottom."""
        page = self.env.docname
        self.terms, order = self.env.course_terms
        if not self.terms or not self.env.doc2path(page).endswith(LESSON):
            return
        known = set(order[: order.index(page) + 1]) if page in order else set()
        self.names, self.any = list(self.terms), any_of(list(self.terms))
        self.open = {term for term, (_, _, lesson) in self.terms.items() if lesson not in known}
        for parent in {id(text.parent): text.parent for text in self.document.findall(nodes.Text)}.values():
            _join_texts(parent)
        for node in list(self.document.findall(lambda node: isinstance(node, nodes.Text | addnodes.pending_xref))):
            if isinstance(node, addnodes.pending_xref):
                self.retarget(node)
            elif not self.left_alone(node):
                self.link(node)

    def left_alone(self, node) -> bool:
        """Whether a text is code, a formula, a heading, an output, or a link."""
        return any(isinstance(up, _LEFT_ALONE) or up.get("nb_element") == "cell_code" for up in _above(node))

    def retarget(self, link):
        """Let a link to the glossary lead to its term; a term that is linked to anywhere needs no second link."""
        found = self.uses(link.astext())
        if found and link.get("reftarget", "").lstrip("/") == GLOSSARY:
            link.replace_self(self.reference(found[0][0], link.astext()))
        self.open -= {term for term, _ in found}

    def link(self, text):
        """Replace the first use of each term that is still to be linked."""
        whole, parts, end = text.astext(), [], 0
        for term, use in self.uses(whole):
            if term in self.open:
                self.open.discard(term)
                parts += [nodes.Text(whole[end : use.start()]), self.reference(term, use.group())]
                end = use.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(whole[end:])])

    def uses(self, text: str) -> list[tuple[str, re.Match]]:
        """Terms in a text with the places where they stand."""
        return [(self.names[int(use.lastgroup[1:])], use) for use in self.any.finditer(text)]

    def reference(self, term: str, text: str) -> nodes.reference:
        """Return a link to a term's entry, with the beginning of the entry as its title."""
        anchor, first, _ = self.terms[term]
        address = f"{self.app.builder.get_relative_uri(self.env.docname, GLOSSARY)}#{anchor}"
        return nodes.reference("", text, refuri=address, internal=True, reftitle=first, classes=["course-term"])


def _join_texts(parent):
    """Make one of neighbouring texts: a line's end stands by itself, and may stand within a term."""
    for place in range(len(parent) - 1, 0, -1):
        if isinstance(parent[place - 1], nodes.Text) and isinstance(parent[place], nodes.Text):
            parent[place - 1 : place + 1] = [nodes.Text(parent[place - 1] + parent[place])]


def _above(node):
    """Everything that a node stands in."""
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app):
    """Register the parts."""
    app.connect("env-updated", collect)
    app.add_post_transform(LinkTerms)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
