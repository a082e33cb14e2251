"""Style sheets taken apart: rules, their selectors, and what a selector asks for outside its brackets."""

import re

from sphinx.errors import ExtensionError

IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\]]*\]")


def rules(style: str) -> list[tuple[str, str | None]]:
    """The rules of a style sheet: what stands before the braces and what in them, which is None for ``@import`` and the like."""
    found, begin, depth, opened, quote = [], 0, 0, 0, ""
    for match in re.finditer(r"""["'{};]|\\.|/\*.*?\*/""", style, re.DOTALL):
        sign, at = match[0], match.start()
        if quote:
            quote = "" if sign == quote else quote
        elif sign in ("'", '"'):
            quote = sign
        elif sign == "{":
            opened = at if not depth else opened
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                found.append((style[begin:opened].strip(), style[opened + 1 : at]))
                begin = at + 1
        elif sign == ";" and not depth:
            found.append((style[begin:at].strip(), None))
            begin = at + 1
    if depth or quote:
        raise ExtensionError(f"a style sheet ends within a rule: …{style[-80:]}")
    return found


def selectors(text: str) -> list[str]:
    """The selectors of a rule."""
    return [one.strip() for one in re.split(r",(?![^(\[]*[)\]])", text)]


def outside_brackets(selector: str) -> str:
    """A selector without what stands in brackets, as in ``:not(.a)`` and ``[href]``."""
    while (shorter := IN_BRACKETS.sub("", selector)) != selector:
        selector = shorter
    return selector
