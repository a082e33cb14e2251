"""The rules that a page needs before it can be shown, in the page itself, so that the first paint waits for no other file.

The whole style sheet is asked for in the head and applied at the end of the page; it repeats these rules in the same order, and
moves nothing. Left out of a page's own rules is what none of its elements can match, what answers to a pointer or to the keyboard, paper, and what takes
time: animations, fonts and pictures, icons among them. Scripts run after the whole sheet, as they did when it came first.
"""

import re
from dataclasses import dataclass

from stylesheet import outside_brackets, rules, selectors

LATER = re.compile(
    r":(?:hover|focus|active|visited|checked|disabled|target|modal|autofill|user-)|::(?:placeholder|backdrop|-|file)|:-[mw]"
)
"""Selectors that nothing matches before a reader does something, or that are about a part of a control."""

NAMES = re.compile(r"([.#])(-?[A-Za-z_](?:[\w-]|\\.)*)|(?:^|[\s>+~])([a-z][a-z0-9-]*)")
SIGN = re.compile(r"""[;()]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
ASKED = re.compile(r"var\(\s*(--[\w-]+)")
LINK = re.compile(r'<link href="[^"]*?course-theme\.css[^"]*" rel="stylesheet" />\n?')
WRITTEN = re.compile(r'<link [^>]* rel="preload" as="style" />\n<style id="course-first">.*?</style>\n', re.DOTALL)
BANNER = re.compile(r"/\*!.*?\*/", re.DOTALL)
CLASSES = re.compile(r'class="([^"]*)"')
IDS = re.compile(r'\bid="([^"]*)"')
TAGS = re.compile(r"<([a-z][\w-]*)")


@dataclass(frozen=True)
class Declaration:
    """``property: value``, and the custom properties that the value asks for."""

    text: str
    custom: str
    asks: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """A rule, or rules under a condition: each selector stands with what it asks of a page, as ``.class``, ``#id`` and ``tag``."""

    head: str
    declarations: tuple[Declaration, ...] = ()
    selectors: tuple[tuple[str, frozenset[str]], ...] = ()
    rules: tuple["Rule", ...] = ()


def needs(selector: str) -> frozenset[str]:
    """What a page must have for a selector to match: classes, ids and elements outside brackets."""
    found = NAMES.findall(outside_brackets(selector))
    return frozenset(f"{sign}{name}".replace("\\", "") if sign else tag for sign, name, tag in found)


def declarations(body: str) -> tuple[Declaration, ...]:
    """What stands between the braces of a rule, but pictures."""
    depth, ends = 0, []
    for sign in SIGN.finditer(body):
        depth += (sign[0] == "(") - (sign[0] == ")")
        if sign[0] == ";" and not depth:
            ends.append(sign.start())
    found = []
    for begin, end in zip([-1, *ends], [*ends, len(body)], strict=True):
        text = body[begin + 1 : end].strip()
        name = text.partition(":")[0].strip()
        if text and "url(" not in text:
            found.append(Declaration(text, name if name.startswith("--") else "", frozenset(ASKED.findall(text))))
    return tuple(found)


def prepared(style: str) -> tuple[Rule, ...]:
    """A style sheet without what can wait, taken apart once for all pages."""
    found = []
    for head, body in rules(BANNER.sub("", style)):
        if body is None or head.startswith(("@media print", "@keyframes", "@font-face", "@page")):
            continue
        if head.startswith("@"):
            found.append(Rule(head, rules=prepared(body)))
            continue
        first = tuple((one, needs(one)) for one in selectors(head) if not LATER.search(one))
        if first:
            found.append(Rule(head, declarations(body), first))
    return tuple(found)


def matching(known: tuple[Rule, ...], there: set[str]) -> tuple[Rule, ...]:
    """The rules that something on a page can match, given its classes, ids and elements."""
    found = []
    for rule in known:
        inner = matching(rule.rules, there)
        kept = tuple(one for one in rule.selectors if one[1] <= there)
        if inner or kept:
            found.append(Rule(rule.head, rule.declarations, kept, inner))
    return tuple(found)


def flat(kept: tuple[Rule, ...]) -> list[Declaration]:
    """All declarations of rules."""
    return [one for rule in kept for one in (*rule.declarations, *flat(rule.rules))]


def asked(kept: tuple[Rule, ...], page: str) -> set[str]:
    """The custom properties that a page and rules ask for, directly or through another one."""
    every = flat(kept)
    found = set(ASKED.findall(page)).union(*(one.asks for one in every if not one.custom))
    while more := set().union(*(one.asks for one in every if one.custom in found)) - found:
        found |= more
    return found


def written(kept: tuple[Rule, ...], properties: set[str]) -> str:
    """Rules as text, without custom properties that nothing asks for."""
    texts = []
    for rule in kept:
        there = [one.text for one in rule.declarations if not one.custom or one.custom in properties]
        inside = ";".join(there) or written(rule.rules, properties)
        if inside:
            texts.append(f"{','.join(one for one, _ in rule.selectors) or rule.head}{{{inside}}}")
    return "".join(texts)


def shown_first(page: str, known: tuple[Rule, ...]) -> str:
    """A page with its own rules in its head, and the link to the whole sheet at its end. The head says that it will be needed."""
    link = LINK.search(page)
    if not link or "</body>" not in page:
        return page
    if WRITTEN.search(page):  # by an earlier build, which this one has not made again
        page = page.replace(link[0], "", 1)
        page = WRITTEN.sub(lambda found: link[0], page, count=1)
        link = LINK.search(page)
    there = {f".{name}" for classes in CLASSES.findall(page) for name in classes.split()}
    there |= {f"#{name}" for name in IDS.findall(page)} | set(TAGS.findall(page)) | {"html", "body"}
    first = matching(known, there)
    style = written(first, asked(first, page)).replace("</", "<\\/")
    begin, end = page[: link.start()], page[link.end() :]
    body, closing, rest = end.rpartition("</body>")
    ahead = link[0].strip().replace('rel="stylesheet"', 'rel="preload" as="style"')
    return f'{begin}{ahead}\n<style id="course-first">{style}</style>\n{body}{link[0].strip()}\n{closing}{rest}'
