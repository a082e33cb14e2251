r"""TeX formulas to MathML, for what this book writes and a little more.

    >>> to_mathml(r"\hat y_k")
    '<math alttext="\\hat y_k"><msub><mover accent="true"><mi>y</mi><mo>^</mo></mover><mi>k</mi></msub></math>'

The result keeps to MathML Core, which all browsers draw. Spaces between atoms are TeX's (The TeXbook, chapter 18): a browser
guesses them from a dictionary of operators, which knows nothing of a minus after an equals sign or of a function's name.
What is not understood raises :class:`FormulaError`, which names it; a formula is never drawn in part.
"""

import contextlib
import itertools
import re
import unicodedata
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|\s+|.", re.DOTALL)


def pairs(text: str) -> dict[str, str]:
    """A table of names and what they stand for, written one after the other."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LETTERS = pairs(
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν "
    "xi ξ pi π rho ρ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω partial ∂ ell ℓ"
)
SIGNS = pairs(
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω infty ∞ nabla ∇ forall ∀ exists ∃ "
    "emptyset ∅ top ⊤ bot ⊥ hbar ℏ prime ′ dots … ldots … cdots ⋯ vdots ⋮ ddots ⋱"
)
BINARY = pairs(
    "pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ circ ∘ oplus ⊕ otimes ⊗ odot ⊙ cap ∩ cup ∪ setminus ∖ wedge ∧ vee ∨ bullet ∙"
)
RELATIONS = pairs(
    "ne ≠ neq ≠ le ≤ leq ≤ ge ≥ geq ≥ lt < gt > ll ≪ gg ≫ approx ≈ sim ∼ simeq ≃ cong ≅ equiv ≡ propto ∝ mid ∣ parallel ∥ perp ⊥ "
    "in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ leftarrow ← gets ← rightarrow → to → leftrightarrow ↔ mapsto ↦ "
    "Leftarrow ⇐ Rightarrow ⇒ Leftrightarrow ⇔ implies ⟹ iff ⟺ longrightarrow ⟶ uparrow ↑ downarrow ↓"
)
OPENING = pairs("lfloor ⌊ lceil ⌈ langle ⟨ lbrace { lbrack [ lvert | lVert ‖")
CLOSING = pairs("rfloor ⌋ rceil ⌉ rangle ⟩ rbrace } rbrack ] rvert | rVert ‖")
LARGE = pairs("sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂")
INTEGRALS = pairs("int ∫ iint ∬ oint ∮")
FUNCTIONS = frozenset(
    re.findall(r"\w+", "arccos arcsin arctan arg cos cosh cot deg dim exp hom ker lg ln log sec sin sinh tan tanh")
)
WITH_LIMITS = frozenset(("argmax", "argmin", "det", "gcd", "inf", "lim", "max", "min", "sup", "Pr"))
ACCENTS = pairs("hat ^ bar ¯ tilde ~ dot ˙ ddot ¨ vec → check ˇ breve ˘ acute ´ grave `")
WIDE = pairs("widehat ^ widetilde ~ overline ¯ overrightarrow → overleftarrow ←")
BRACES = pairs("overbrace ⏞ underbrace ⏟ underline _")
FONTS = {"mathrm": "", "boldsymbol": "BOLD ITALIC", "mathsf": "SANS-SERIF", "mathbb": "DOUBLE-STRUCK"}
FONTS |= pairs("mathbf BOLD mathcal SCRIPT mathscr SCRIPT mathfrak FRAKTUR mathtt MONOSPACE mathit ITALIC")
TEXTS = {"text": "", "textrm": "", "textnormal": "", "mbox": ""} | pairs("textbf BOLD textit ITALIC texttt MONOSPACE")
SPACES = {"\\,": 3, "\\:": 4, "\\>": 4, "\\;": 5, "\\!": -3, "\\ ": 4.5, "~": 4.5, "\\quad": 18, "\\qquad": 36}
SIZES = {"big": 1.2, "Big": 1.623, "bigg": 2.047, "Bigg": 2.47}  # em, as in TeX
STYLES = pairs("displaystyle D textstyle T scriptstyle S")
CLASSES = pairs("mathord ord mathop op mathbin bin mathrel rel mathopen open mathclose close mathpunct punct")
FENCES = {"matrix": ""} | pairs("pmatrix () bmatrix [] Bmatrix {} vmatrix || Vmatrix ‖‖ cases {")
ALIGNED = ("aligned", "align", "split", "alignedat", "eqnarray")
GATHERED = ("gathered", "gather", "equation", "multline", "array", "")
OTHER_NAMES = {"\\\\": "a new line", "&": "a column"}

# TeX's spaces between two atoms, in eighteenths of an em; negative: not within scripts.
KINDS = ("ord", "op", "bin", "rel", "open", "close", "punct", "inner")
BETWEEN = {
    "ord": (0, 3, -4, -5, 0, 0, 0, -3),
    "op": (3, 3, 0, -5, 0, 0, 0, -3),
    "bin": (-4, -4, 0, 0, -4, 0, 0, -4),
    "rel": (-5, -5, 0, 0, -5, 0, 0, -5),
    "open": (0, 0, 0, 0, 0, 0, 0, 0),
    "close": (0, 3, -4, -5, 0, 0, 0, -3),
    "punct": (-3, -3, 0, -3, -3, -3, -3, -3),
    "inner": (-3, 3, -4, -5, -3, 0, -3, -3),
}


class FormulaError(ValueError):
    """A formula that is not understood."""


@dataclass
class Atom:
    """A part of a formula, of one of TeX's kinds; ``operator`` is the ``<mo>`` in it that carries its spaces."""

    kind: str
    element: Element
    operator: Element | None = None
    limits: bool = False


def make(tag: str, text: str = "", *children: Element, **attributes: str) -> Element:
    """An element with text or children."""
    element = Element(tag, attributes)
    element.text = text or None
    element.extend(children)
    return element


def em(eighteenths: float) -> str:
    """A length."""
    return f"{eighteenths / 18:.4f}".rstrip("0").rstrip(".") + "em" if eighteenths else "0"


def grouped(elements: list[Element]) -> Element:
    """One element: the only one of a list, or a row of all."""
    return elements[0] if len(elements) == 1 else make("mrow", "", *elements)


def in_font(text: str, font: str) -> str:
    """Text in the letters that Unicode has for a font of mathematics; characters it has none for stay."""

    def change(character: str) -> str:
        words = unicodedata.name(character).replace("LATIN ", "").replace("GREEK ", "").replace("LETTER ", "")
        for name in (f"MATHEMATICAL {font} {words}", f"{font} {words}"):
            with contextlib.suppress(KeyError):
                return unicodedata.lookup(name)
        return {"h": "ℎ"}.get(character, character) if font == "ITALIC" else character

    return "".join(map(change, text)) if font else text


class Parser:
    """Reads a formula from left to right, once."""

    def __init__(self, tex: str, display: bool):
        self.tokens = TOKEN.findall(tex)
        self.at = 0
        self.style = "D" if display else "T"
        self.font = None

    # Reading

    def peek(self) -> str:
        """The next token that is no space, or an empty one at the end."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        """The same, and go on."""
        token = self.peek()
        self.at += 1
        return token

    def expect(self, wanted: str):
        """Go past a token that must come next."""
        found = self.take()
        if found != wanted:
            raise FormulaError(f"{wanted} is missing" + (f" before {found}" if found else ""))

    def raw_argument(self) -> str:
        """What stands between the next pair of braces, as it is written."""
        self.expect("{")
        begin, depth = self.at, 1
        while self.at < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[self.at], 0)
            self.at += 1
            if not depth:
                return "".join(self.tokens[begin : self.at - 1])
        raise FormulaError("} is missing")

    def argument(self, style: str | None = None, font: str | None = None) -> list[Element]:
        """The next group, or single symbol, in a style and font."""
        kept = self.style, self.font
        self.style, self.font = style or self.style, self.font if font is None else font
        if self.peek() == "{":
            self.take()
            elements = self.spaced(self.row("}"))
            self.expect("}")
        elif self.peek() in ("", "}", "^", "_", "&", "\\\\"):
            raise FormulaError(f"an argument is missing before {self.peek() or 'the end'}")
        elif self.peek().isdigit():
            elements = [make("mn", in_font(self.take(), self.font or ""))]  # \frac12 is a half
        else:
            elements = self.spaced([self.nucleus()])
        self.style, self.font = kept
        return elements

    def row(self, *stops: str) -> list[Atom]:
        """Atoms up to one of these tokens, which stays."""
        atoms = []
        kept = self.style
        while (token := self.peek()) not in (*stops, ""):
            if token in ("}", "&", "\\\\", "\\right", "\\end", "\\middle"):
                raise FormulaError(f"{OTHER_NAMES.get(token, token)} where there is none")
            if token[1:] in STYLES and token.startswith("\\"):
                self.take()
                self.style = STYLES[token[1:]]
                rest = self.spaced(self.row(*stops))
                level = {"displaystyle": str(self.style == "D").lower(), "scriptlevel": "01"[self.style == "S"]}
                atoms.append(Atom("ord", make("mstyle", "", *rest, **level)))
                break
            atoms.append(self.scripted())
        self.style = kept
        return atoms

    # Atoms

    def scripted(self) -> Atom:
        """An atom with what stands above and below it."""
        atom = make_empty() if self.peek() in ("^", "_", "'") else self.nucleus()
        below = above = None
        primed = False  # and nothing else: such signs stand as high as they should by themselves
        while True:
            token = self.peek()
            if token == "\\limits":
                self.take()
                atom.limits = True
            elif token == "\\nolimits":
                self.take()
                atom.limits = False
            elif token == "'" and above is None:
                count = 0
                while self.peek() == "'":
                    self.take()
                    count += 1
                above = [make("mo", {1: "′", 2: "″", 3: "‴"}.get(count, "′" * count), lspace="0", rspace="0")]
                primed = self.peek() != "^"
                if not primed:
                    self.take()
                    above += self.argument("S")
            elif token == "_" and below is None:
                self.take()
                below = self.argument("S")
            elif token == "^" and above is None:
                self.take()
                above = self.argument("S")
            elif token in ("^", "_", "'"):
                raise FormulaError(f"a second {token} at one symbol")
            else:
                break
        if below is None and above is None:
            return atom
        if below is None and primed:
            return Atom(atom.kind, make("mrow", "", atom.element, *above), atom.operator)
        names = ("munder", "mover", "munderover") if atom.limits else ("msub", "msup", "msubsup")
        tag = names[2 if below is not None and above is not None else 0 if above is None else 1]
        parts = [grouped(one) for one in (below, above) if one is not None]
        return Atom(atom.kind, make(tag, "", atom.element, *parts), atom.operator)

    def operator(self, text: str, kind: str, **attributes: str) -> Atom:
        """An atom that is one operator."""
        element = make("mo", text, **attributes)
        return Atom(kind, element, element)

    def nucleus(self) -> Atom:
        """The next symbol, group or command, without scripts."""
        token = self.take()
        if token == "{":
            elements = self.spaced(self.row("}"))
            self.expect("}")
            return Atom("ord", grouped(elements))
        if token.startswith("\\"):
            return self.command(token)
        if token in SPACES:
            return Atom("space", make("mspace", width=em(SPACES[token])))
        if token.isdigit():
            while self.at < len(self.tokens) and re.fullmatch(r"[\d.]", self.tokens[self.at]):
                if self.tokens[self.at] == "." and not "".join(self.tokens[self.at + 1 : self.at + 2]).isdigit():
                    break
                token += self.take()
            return Atom("ord", make("mn", in_font(token, self.font or "")))
        if token.isalpha():
            return self.letters(token)
        return self.sign(token)

    def letters(self, token: str) -> Atom:
        """A variable or, within a font, a word."""
        if self.font is None:
            return Atom("ord", make("mi", token))
        while self.at < len(self.tokens) and self.tokens[self.at].isalpha() and len(self.tokens[self.at]) == 1:
            token += self.tokens[self.at]
            self.at += 1
        normal = {"mathvariant": "normal"} if len(token) == 1 and not self.font else {}
        return Atom("ord", make("mi", in_font(token, self.font), **normal))

    def sign(self, token: str) -> Atom:
        """A character that is neither letter nor digit."""
        if token in "+-*":
            return self.operator({"-": "−", "*": "∗"}.get(token, token), "bin")
        if token in "=<>:":
            return self.operator(token, "rel")
        if token in ",;":
            return self.operator(token, "punct")
        if token in "([":
            return self.operator(token, "open", stretchy="false")
        if token in ")]!?":
            return self.operator(token, "close", **({"stretchy": "false"} if token in ")]" else {}))
        if token in "|/.":
            return self.operator(token, "ord", **({"stretchy": "false"} if token == "|" else {}))
        if ord(token) > 127 and unicodedata.category(token) in ("Sm", "So", "Po", "Pd"):
            return self.operator(token, "rel" if token in RELATIONS.values() else "bin")
        raise FormulaError(f"{token} is not understood")

    def command(self, token: str) -> Atom:
        """What begins with a backslash."""
        name = token[1:]
        if token in SPACES:
            return Atom("space", make("mspace", width=em(SPACES[token])))
        for table, kind, options in (
            (BINARY, "bin", {}),
            (RELATIONS, "rel", {"stretchy": "false"} if name in ("uparrow", "downarrow", "mid", "parallel") else {}),
            (OPENING | {"{": "{"}, "open", {"stretchy": "false"}),
            (CLOSING | {"}": "}"}, "close", {"stretchy": "false"}),
            ({"|": "‖", "vert": "|", "Vert": "‖"}, "ord", {"stretchy": "false"}),
            ({"colon": ":"}, "punct", {}),
        ):
            if name in table:
                return self.operator(table[name], kind, **options)
        if name in LETTERS:
            return Atom("ord", make("mi", LETTERS[name]))
        if name in SIGNS or name in "%#&$_":
            return Atom("ord", make("mi", SIGNS.get(name, name), mathvariant="normal"))
        if name in LARGE or name in INTEGRALS:
            return self.large(name)
        if name in FUNCTIONS or name in WITH_LIMITS:
            return self.function(name, name in WITH_LIMITS)
        method = getattr(self, f"read_{name.rstrip('*')}", None)
        for table, reader in (
            (ACCENTS | WIDE, self.accent),
            (BRACES, self.brace),
            (FONTS, self.in_a_font),
            (TEXTS, self.words),
            (CLASSES, self.classed),
        ):
            if name in table:
                return reader(name)
        size = re.fullmatch(r"([bB]igg?)([lrm]?)", name)
        if size:
            return self.sized(SIZES[size[1]], {"l": "open", "r": "close", "m": "rel", "": "ord"}[size[2]])
        if method is None:
            raise FormulaError(f"{token} is not understood")
        return method(name)

    def large(self, name: str) -> Atom:
        """A sum or an integral."""
        element = make("mo", LARGE.get(name) or INTEGRALS[name])
        return Atom("op", element, element, limits=name in LARGE)

    def function(self, name: str, limits: bool) -> Atom:
        """A function's name, with limits below it or without."""
        if not limits:
            single = {"mathvariant": "normal"} if len(name) == 1 else {}
            return Atom("op", make("mi", name, **single))
        name = re.sub("(arg)(max|min)", "\\1\N{THIN SPACE}\\2", name)
        element = make("mo", name, form="prefix", movablelimits="true")
        return Atom("op", element, element, limits=True)

    def read_operatorname(self, name: str) -> Atom:
        """A function that has no command of its own."""
        return self.function(self.raw_argument(), limits=name.endswith("*"))

    def accent(self, name: str) -> Atom:
        """A sign above a symbol, or above all of a group."""
        base = grouped(self.argument())
        wide = name in WIDE
        mark = make(
            "mo", (WIDE if wide else ACCENTS)[name], **({"stretchy": "true"} if wide else {"stretchy": "false"})
        )
        if not wide and ACCENTS[name] not in "→":
            del mark.attrib["stretchy"]  # these do not stretch anyway
        if name == "overline":
            return Atom("ord", make("mrow", "", base, **{"class": "overline"}))
        return Atom("ord", make("mover", "", base, mark, accent="true"))

    def brace(self, name: str) -> Atom:
        """A brace over or under a group, with words beyond it as scripts."""
        base = grouped(self.argument())
        if name == "underline":
            return Atom("ord", make("mrow", "", base, **{"class": "underline"}))
        tag = "mover" if name == "overbrace" else "munder"
        return Atom("op", make(tag, "", base, make("mo", BRACES[name], stretchy="true")), limits=True)

    def in_a_font(self, name: str) -> Atom:
        """Letters of another font."""
        return Atom("ord", grouped(self.argument(font=FONTS[name])))

    def words(self, name: str) -> Atom:
        """Text, with formulas between dollar signs."""
        if self.peek() != "{":
            raise FormulaError(f"\\{name} needs braces")
        parts = []
        for at, part in enumerate(re.split(r"(?<!\\)\$", self.raw_argument())):
            if at % 2:
                parts += Parser(part, False).all()
            elif part:
                plain = re.sub(r"\\([ ,%&#$_{}])", r"\1", part.replace("~", " "))
                if "\\" in plain or "{" in plain:
                    raise FormulaError(f"{plain} in \\{name} is not understood")
                plain = in_font(plain, TEXTS[name])
                spaced = re.sub(r"^ | $", "\N{NO-BREAK SPACE}", re.sub(r"\s+", " ", plain))
                parts.append(make("mtext", spaced))
        return Atom("ord", grouped(parts))

    def classed(self, name: str) -> Atom:
        """A group that is to be spaced as another kind of atom."""
        elements = self.argument()
        element = grouped(elements)
        operator = element if element.tag == "mo" else None
        for one in ("lspace", "rspace", "form"):
            element.attrib.pop(one, None)
        return Atom(CLASSES[name], element, operator, limits=name == "mathop")

    def read_left(self, name: str) -> Atom:
        """A group between fences that grow with it."""
        row = [make("mo", self.fence(), form="prefix", stretchy="true")]
        while True:
            row += self.spaced(self.row("\\right", "\\middle"))
            end = self.take()
            if not end:
                raise FormulaError("\\right is missing")
            fence = self.fence()
            if end == "\\middle":
                row.append(make("mo", fence, lspace="0.1667em", rspace="0.1667em", stretchy="true"))
                continue
            row.append(make("mo", fence, form="postfix", stretchy="true"))
            return Atom("inner", make("mrow", "", *[one for one in row if one.text or one.tag != "mo"]))

    def fence(self) -> str:
        """A bracket or bar; a full stop is none."""
        token = self.take()
        found = ({".": ""} | {one: one for one in "()[]|/"} | {"\\{": "{", "\\}": "}", "\\|": "‖"}).get(token)
        if found is None:
            found = (OPENING | CLOSING | {"vert": "|", "Vert": "‖", "mid": "|"}).get(token[1:]) if token[1:] else None
        if found is None:
            raise FormulaError(f"{token or 'the end'} is no bracket")
        return found

    def sized(self, size: float, kind: str) -> Atom:
        """A bracket of one of four sizes."""
        lengths = {"minsize": f"{size}em", "maxsize": f"{size}em"}
        form = {"open": {"form": "prefix"}, "close": {"form": "postfix"}}.get(kind, {})
        return self.operator(self.fence(), kind, stretchy="true", symmetric="true", **form, **lengths)

    def read_frac(self, name: str, style: str | None = None) -> Atom:
        """A fraction."""
        style = style or self.style
        inner = "T" if style == "D" else "S"
        return Atom("inner", make("mfrac", "", *(grouped(self.argument(inner)) for _ in range(2))))

    def read_tfrac(self, name: str) -> Atom:
        """A small fraction."""
        fraction = self.read_frac(name, "T").element
        return Atom("inner", make("mstyle", "", fraction, displaystyle="false", scriptlevel="0"))

    def read_dfrac(self, name: str) -> Atom:
        """A large fraction."""
        fraction = self.read_frac(name, "D").element
        return Atom("inner", make("mstyle", "", fraction, displaystyle="true", scriptlevel="0"))

    def read_binom(self, name: str) -> Atom:
        """A binomial coefficient."""
        fraction = self.read_frac(name).element
        fraction.set("linethickness", "0")
        return Atom("inner", make("mrow", "", make("mo", "("), fraction, make("mo", ")")))

    def read_sqrt(self, name: str) -> Atom:
        """A root."""
        degree = None
        if self.peek() == "[":
            self.take()
            degree = grouped(self.spaced(self.row("]")))
            self.expect("]")
        base = self.argument()
        return Atom("ord", make("mroot", "", grouped(base), degree) if degree is not None else make("msqrt", "", *base))

    def read_overset(self, name: str) -> Atom:
        """A relation or symbol with something small above."""
        above = self.argument("S")
        base = self.argument()
        operator = base[0] if len(base) == 1 and base[0].tag == "mo" else None
        for one in ("lspace", "rspace", "form") if operator is not None else ():
            operator.attrib.pop(one, None)
        tag = "munder" if name == "underset" else "mover"
        kind = "rel" if operator is not None else "ord"
        return Atom(kind, make(tag, "", grouped(base), grouped(above)), operator)

    read_underset = read_stackrel = read_overset

    def read_substack(self, name: str) -> Atom:
        """Lines below each other, as under a sum."""
        self.expect("{")
        table = self.table("gathered", "}")
        self.expect("}")
        return Atom("ord", table)

    def read_phantom(self, name: str) -> Atom:
        """The room that something takes."""
        return Atom("ord", make("mphantom", "", *self.argument()))

    def read_color(self, name: str) -> Atom:
        """A group in a colour."""
        colour = self.raw_argument()
        return Atom("ord", make("mrow", "", *self.argument(), mathcolor=colour))

    read_textcolor = read_color

    def read_not(self, name: str) -> Atom:
        """A relation struck through."""
        atom = self.nucleus()
        if atom.operator is None:
            raise FormulaError("\\not stands before a relation")
        atom.operator.text = unicodedata.normalize("NFC", atom.operator.text + "\u0338")
        return atom

    def read_begin(self, name: str) -> Atom:
        """An environment."""
        kind = self.raw_argument()
        plain = kind.rstrip("*")
        if plain not in (*FENCES, *ALIGNED, *GATHERED[:-1]):
            raise FormulaError(f"\\begin{{{kind}}} is not understood")
        columns = ""
        if plain in ("array", "alignedat"):
            columns = self.raw_argument()
            if plain == "array" and set(columns) - set("lcr"):
                raise FormulaError(f"columns {columns} of an array: only l, c and r")
        table = self.table(plain, "\\end", columns)
        self.expect("\\end")
        if self.raw_argument() != kind:
            raise FormulaError(f"\\end{{{kind}}} is missing")
        fences = FENCES.get(plain, "")
        if not fences:
            return Atom("ord", table)
        row = [make("mo", fences[0], form="prefix", stretchy="true"), table]
        row += [make("mo", one, form="postfix", stretchy="true") for one in fences[1:]]
        return Atom("inner", make("mrow", "", *row))

    def table(self, kind: str, stop: str, columns: str = "") -> Element:
        """Rows of cells."""
        kept = self.style
        self.style = "D" if kind in (*ALIGNED, *GATHERED) and kind != "array" and stop != "}" else "T"
        table = make("mtable", **{"class": kind or "gathered"})
        if self.style == "D":
            table.set("displaystyle", "true")
        row = SubElement(table, "mtr")
        while True:
            continued = kind in ALIGNED and len(row) % 2 == 1
            cell = make("mtd", "", *self.spaced(self.row("&", "\\\\", stop), continued=continued))
            if columns and kind == "array":
                cell.set("class", f"column-{columns[min(len(row), len(columns) - 1)]}")
            row.append(cell)
            token = self.peek()
            if token == "&":
                self.take()
            elif token == "\\\\":
                self.take()
                if "".join(self.tokens[self.at : self.at + 1]) == "[":
                    while self.take() != "]":
                        pass
                row = SubElement(table, "mtr")
            elif token == stop:
                break
            else:
                raise FormulaError(f"{stop} is missing")
        if len(row) == 1 and not len(row[0]) and len(table) > 1:
            table.remove(row)  # the last line ended with \\
        self.style = kept
        return table

    # Spaces

    def spaced(self, atoms: list[Atom], *, continued: bool = False) -> list[Element]:
        """The elements of atoms, spaced as TeX does; ``continued``: something stands before the first."""
        real = [one for one in atoms if one.kind != "space"]
        before = "ord" if continued else "open"
        for atom, following in itertools.zip_longest(real, real[1:]):
            after = following.kind if following else "close"
            unary = before in ("bin", "op", "rel", "open", "punct") or after in ("rel", "close", "punct")
            if atom.kind == "bin" and unary:
                atom.kind = "ord"
                if atom.operator is not None:
                    atom.operator.set("form", "prefix")
            before = atom.kind
        if continued:
            real.insert(0, Atom("ord", make("mrow")))
        spaces = {id(one): [0, 0] for one in real}
        extra = {}
        for left, right in itertools.pairwise(real):
            space = BETWEEN[left.kind][KINDS.index(right.kind)]
            space = abs(space) if space > 0 or self.style != "S" else 0
            if right.operator is not None and not (left.operator is not None and left.kind in ("bin", "rel", "punct")):
                spaces[id(right)][0] = space
            elif left.operator is not None:
                spaces[id(left)][1] = space
            elif space:
                extra[id(right)] = make("mspace", width=em(space))
        elements = []
        for atom in atoms:
            if id(atom) in extra:
                elements.append(extra[id(atom)])
            if atom.operator is not None:
                left, right = spaces[id(atom)]
                atom.operator.set("lspace", em(left))
                atom.operator.set("rspace", em(right))
            elements.append(atom.element)
        return elements

    def all(self) -> list[Element]:
        """Everything, in one row, or in rows and columns if it is written so."""
        begin = self.at
        atoms = self.row("&", "\\\\")
        if not self.peek():
            return self.spaced(atoms)
        self.at = begin
        return [self.table("aligned", "")]


def make_empty() -> Atom:
    """Nothing, which can have scripts."""
    return Atom("ord", make("mrow"))


def to_mathml(tex: str, *, display: bool = False) -> str:
    """Translate a formula.

    Parameters
    ----------
    tex : str
        The formula, without dollar signs.
    display : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
        A ``<math>`` element, with the formula as written in ``alttext``.

    Raises
    ------
    FormulaError
        If anything in it is not understood.
    """
    written = " ".join(tex.split())
    if not written:
        raise FormulaError("the formula is empty")
    attributes = {"display": "block"} if display else {}
    row = Parser(written, display).all()
    math = make("math", "", *row, **attributes, alttext=written)
    return tostring(math, encoding="unicode", short_empty_elements=False)
