"""What this book needs beyond Jupyter Book: nothing fetched from elsewhere, and one place for the repository's address.

The extension

* reads the repository's address from ``pyproject.toml`` (``[project.urls] Repository``) for the launch, edit and issue
  buttons, and offers it to pages as ``{{ repository_link }}`` and ``{{ clone_command }}``;
* takes sphinx-thebe out, whose live cells the book does not offer and whose scripts disturb every page;
* labels the folded solutions of exercises "Show the solution";
* keeps the groups of a number such as 60 000 on one line;
* mends two places in the generated HTML that screen readers stumble over.
"""

import re
import tomllib
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

BRANCH = "main"
CODE = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)
GROUPS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
TEXT_OF_HTML = re.compile(r"(?:^|(?<=>))[^<>]+")


def repository_address(project_file: Path) -> str:
    """The address in ``[project.urls] Repository`` of a ``pyproject.toml``, without a closing slash."""
    try:
        address = tomllib.loads(project_file.read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
    except FileNotFoundError:
        raise ExtensionError(f"{project_file} not found; the book lies in the folder book/ beside it") from None
    except KeyError:
        raise ExtensionError(f"{project_file} has no [project.urls] Repository = …") from None
    return address.rstrip("/")


def set_repository(app, config):
    """Give the theme and the pages the repository's address."""
    address = repository_address(Path(app.srcdir).parent / "pyproject.toml")
    config.html_theme_options.update(repository_url=address, repository_branch=BRANCH, path_to_docs="book")
    config.myst_substitutions.update(
        repository_link=f"[source repository]({address})",
        clone_command=f"```sh\ngit clone {address}\ncd {address.rsplit('/', 1)[1]}\n```",
    )


def remove_thebe(app, config):
    """Disconnect sphinx-thebe, which Jupyter Book always loads.

    On each page it declares the same constants twice, an error in the browser's console, and names a script on
    another host.
    """
    for listeners in app.events.listeners.values():
        for listener in [one for one in listeners if one.handler.__module__ == "sphinx_thebe"]:
            listeners.remove(listener)
    app.registry.css_files[:] = [entry for entry in app.registry.css_files if entry[0] != "sphinx-thebe.css"]


class NameSolutions(SphinxPostTransform):
    """Say "Show the solution" on folded cells that carry the tag ``solution``."""

    default_priority = 190  # before MyST-NB folds the cells, at 199

    def run(self, **kwargs):
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code" and "solution" in cell["cell_metadata"].get("tags", []):
                cell["prompt_show"], cell["prompt_hide"] = "Show the solution", "Hide the solution"


def whole_numbers(text: str) -> str:
    """A text whose numbers have spaces that no line ends at."""
    return GROUPS.sub("\N{NO-BREAK SPACE}", text)


class KeepNumbersWhole(SphinxPostTransform):
    """Join the groups of three digits of a number by spaces that no line ends at: in running text, captions, tables, outputs.

    Code stays as it is, and so do lines of an output with a bracket: what is in it may be a row of numbers.
    """

    default_priority = 900  # after all others have written their text
    formats = ("html",)

    def run(self, **kwargs):
        for text in list(self.document.findall(nodes.Text)):
            whole = self.whole(text)
            if whole != text:
                parent = text.parent
                parent.replace(text, nodes.Text(whole))
                if isinstance(parent, nodes.literal_block):
                    parent.rawsource = parent.astext()  # or Docutils takes it for marked up, and writes no lines

    def whole(self, text: nodes.Text) -> str:
        """The text with whole numbers, as far as it is not code."""
        parent = text.parent
        if isinstance(parent, nodes.raw) and "html" in parent["format"].split() and "<script" not in text:
            return TEXT_OF_HTML.sub(lambda found: whole_numbers(found.group()), text)
        if isinstance(parent, nodes.literal_block) and "output" in parent.get("classes", []):
            return "".join(line if "[" in line else whole_numbers(line) for line in text.splitlines(keepends=True))
        return text.astext() if isinstance(parent, CODE) else whole_numbers(text)


def visit_folded_cell(self, node):
    """Open a folded cell. MyST-NB's own version hides the visible text from screen readers by an ``aria-label``."""
    self.body.append(
        f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>\n'
        f'<p class="collapsed admonition-title">{self.encode(node["prompt_show"])}</p>\n'
        f'<p class="expanded admonition-title">{self.encode(node["prompt_hide"])}</p>\n</summary>\n'
    )


def visit_reference_entry(self, node):
    """Open an entry of the list of references. Docutils gives it a role that no longer exists."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<div role="list" class="citation-list">\n')
    self.body.append(self.starttag(node, "div", CLASS="citation", role="listitem"))


def read_in_parallel(app, config):
    """Say that pages can be read side by side of the two extensions that do not say so themselves.

    One works when all pages are read, the other for LaTeX.
    """
    for name in ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"):
        app.extensions[name].parallel_read_safe = True


def setup(app):
    """Register the parts."""
    app.connect("config-inited", read_in_parallel)
    app.connect("config-inited", set_repository)
    app.connect("config-inited", remove_thebe)
    app.add_post_transform(NameSolutions)
    app.add_post_transform(KeepNumbersWhole)
    app.add_node(HideCodeCellNode, override=True, html=(visit_folded_cell, depart_HideCellInput))
    app.add_node(nodes.citation, override=True, html=(visit_reference_entry, HTML5Translator.depart_citation))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
