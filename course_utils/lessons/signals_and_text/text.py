"""Pieces of code and of English from the source of Python's standard library."""

import ast
import tokenize
from collections.abc import Sequence
from importlib.util import find_spec

from course_utils._arguments import as_count, as_list, as_text, refuse


def pieces(modules: Sequence[str], length: int = 32) -> tuple[list[str], list[int]]:
    """Return the beginnings of all lines of modules that are long enough, and whether each stands in a docstring.

    Indentation, quotation marks at the ends, comments of a whole line and doctests are left out.

    Parameters
    ----------
    modules : sequence of str
        Names of modules, such as ``["csv"]``.
    length : int
        Characters a piece.

    Returns
    -------
    list of str, list of int
        Pieces of ``length`` characters; 1 for a docstring's, 0 for code.

    Raises
    ------
    ValueError
        If a name is no text or no module with a source file, or ``length`` no number of characters.
    """
    length = as_count(length, "length")
    found, labels = [], []
    for name in as_list(modules, "modules", meaning="module"):
        module = find_spec(as_text(name, "modules"))
        if module is None or not module.has_location:
            raise refuse("modules", name, "names of modules with a source file are needed")
        with tokenize.open(module.origin) as file:
            source = file.read()
        inside = {
            number
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for number in range(node.lineno, node.end_lineno + 1)
        }
        for number, line in enumerate(source.split("\n"), 1):
            line = line.strip().strip('"')
            if len(line) >= length and not line.startswith("#") and ">>>" not in line:
                found.append(line[:length])
                labels.append(int(number in inside))
    return found, labels
