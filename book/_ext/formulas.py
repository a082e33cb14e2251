r"""Formulas as MathML: translated when the book is built, so that a page needs no script to show them.

A formula that is not understood is a warning, which names it, and so fails the strict build. One on a line of its own that
consists of several, ``a = b, \qquad c = d``, becomes as many ``<math>`` elements, which go below each other on a phone.
"""

import functools
import re

import texmath
from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

APART = r"\qquad"
DEEPER, BACK = ("{", r"\left", r"\begin"), ("}", r"\right", r"\end")
LABEL = re.compile(r"\\(label\{[^}]*\}|nonumber|notag)")
CLASSES = "math notranslate nohighlight"

logger = logging.getLogger(__name__)


def parts(tex: str) -> list[str]:
    """The formulas that stand beside each other in one."""
    found, depth = [""], 0
    for token in texmath.TOKEN.findall(tex):
        depth += (token in DEEPER) - (token in BACK)
        if token == APART and not depth:
            found.append("")
        else:
            found[-1] += token
    return [part for part in found if part.strip()]


@functools.cache
def inline(tex: str) -> str:
    """A formula in running text."""
    return texmath.to_mathml(tex)


@functools.cache
def display(tex: str) -> str:
    """A formula on a line of its own."""
    return "".join(texmath.to_mathml(part, display=True) for part in parts(LABEL.sub("", tex)) or [tex])


def translated(translator, node: nodes.Node, translate) -> str:
    """A formula's MathML; its text, and a warning, if that cannot be."""
    try:
        return translate(node.astext())
    except texmath.FormulaError as error:
        written = " ".join(node.astext().split())
        logger.warning("the formula %s cannot be drawn: %s", written, error, location=node)
        return f"<code>{translator.encode(written)}</code>"


def visit_inline(self, node):
    """Write a formula in running text."""
    self.body.append(self.starttag(node, "span", "", CLASS=CLASSES) + translated(self, node, inline) + "</span>")
    raise nodes.SkipNode


def visit_display(self, node):
    """Write a formula on a line of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", "", CLASS=CLASSES) + translated(self, node, display))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def choose(app, config):
    """Take this way of writing formulas."""
    config.html_math_renderer = "mathml"


def setup(app):
    """Register the parts."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    app.connect("config-inited", choose)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
