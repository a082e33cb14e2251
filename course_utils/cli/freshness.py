"""What a notebook's outputs were made from, and whether that is still so.

Three things count: the code cells; the code of ``course_utils`` that they reach, as syntax trees without docstrings and
comments; and the files of the checkout that were read while the notebook ran. Nothing is imported or run to tell.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from course_utils.cli.project import Project
from course_utils.cli.reach import Code
from course_utils.cli.stored_form import COLAB, COURSE, tags

_MAGIC = re.compile(r"^([ \t]*)([%!].*)$", re.MULTILINE)
_ANYTHING = ast.parse("import course_utils\ncourse_utils")
_IGNORED_FIELDS = {"ctx", "kind", "type_comment", "type_ignores"}


def canonical(node: object) -> object:
    """Return a syntax tree as nested tuples: without docstrings and places in the file, the same on every Python."""
    if isinstance(node, ast.JoinedStr):  # before Python 3.12, text around a replacement field may come in pieces
        texts = [part.value if isinstance(part, ast.Constant) else canonical(part) for part in node.values]
        merged: list[object] = []
        for text in texts:
            is_longer = merged and isinstance(text, str) and isinstance(merged[-1], str)
            merged[-1:] = [merged[-1] + text] if is_longer else [*merged[-1:], text]
        return ("JoinedStr", *(ascii(part) if isinstance(part, str) else part for part in merged if part != ""))
    if isinstance(node, ast.AST):
        fields = ((name, canonical(value)) for name, value in ast.iter_fields(node) if name not in _IGNORED_FIELDS)
        return (type(node).__name__, *((name, value) for name, value in fields if value not in (None, ())))
    if isinstance(node, list):
        return tuple(canonical(part) for part in node if not _is_text(part))
    return None if node is None else ascii(node)


def _is_text(node: object) -> bool:
    """Tell whether a statement is a docstring, or a text below an attribute that explains it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


class Sources:
    """The files of a checkout, each read once.

    Parameters
    ----------
    project : Project
        The checkout.
    """

    def __init__(self, project: Project):
        self.project = project
        self.code = Code(project.root / "course_utils")
        self._digests: dict[tuple[Path, int], str] = {}

    def made_from(self, notebook: Mapping, read: Iterable[str] = ()) -> dict[str, dict[str, str] | str]:
        """Return what a notebook's outputs are made from, with checksums.

        Parameters
        ----------
        notebook : Mapping
            Notebook of format 4.
        read : iterable of str
            Files that it reads, from the checkout's root.
        """
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and COLAB not in tags(cell)]
        trees = [_parsed(cell["source"]) for cell in cells]
        reached = self.code.reached(*trees)
        return {
            "cells": _digest(repr([_content(*pair) for pair in zip(trees, cells, strict=True)]).encode()),
            "code": {self.project.relative(path): self._code_digest(path, body) for path, body in reached.items()},
            "data": {name: self._data_digest(name) for name in sorted(read)},
        }

    def changes(self, notebook: Mapping) -> list[str]:
        """Return what has changed since a notebook's outputs were stored: files, or words; empty if they are fresh."""
        stored = notebook["metadata"].get(COURSE, {}).get("made_from")
        if stored is None:
            return ["never run"]
        now = self.made_from(notebook, stored["data"])
        changed = ["its code cells"] if now["cells"] != stored["cells"] else []
        for kind in ("code", "data"):
            old, new = stored[kind], now[kind]
            changed += [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
        counts = [cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return changed or ["cells run out of order"] * (counts != list(range(1, len(counts) + 1)))

    def _code_digest(self, path: Path, body: list[ast.stmt]) -> str:
        key = path, len(body)
        if key not in self._digests:
            self._digests[key] = _digest(repr(canonical(body)).encode())
        return self._digests[key]

    def _data_digest(self, name: str) -> str:
        path = self.project.root / name
        if (path, 0) not in self._digests:
            content = path.read_bytes() if path.is_file() else b""
            # Git may give the lines of a text other ends.
            self._digests[path, 0] = _digest(content if b"\0" in content else content.replace(b"\r\n", b"\n"))
        return self._digests[path, 0]


def _parsed(source: str) -> ast.Module:
    """Return the syntax tree of a cell without IPython's own commands; if it has none, one that reaches everything."""
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except SyntaxError:
        return _ANYTHING


def _content(tree: ast.Module, cell: Mapping) -> object:
    """Return what counts of a cell: its syntax, IPython's commands, and the closing ``;`` that hides a result."""
    source = cell["source"].rstrip()
    return source if tree is _ANYTHING else (canonical(tree), _MAGIC.findall(source), source.endswith(";"))
