r"""Formulas: what TeX becomes, what is refused, and how the pages of the book show theirs."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import scripts
from docutils import nodes


@pytest.fixture(scope="module")
def texmath():
    return scripts.load("book/_ext/texmath.py")


@pytest.fixture(scope="module")
def formulas():
    return scripts.load("book/_ext/formulas.py")


@pytest.fixture
def tree(texmath):
    """A function from a formula to its MathML as text without attributes of space, and the element."""

    def translate(tex: str, *, display: bool = False):
        math = ElementTree.fromstring(texmath.to_mathml(tex, display=display))
        assert math.tag == "math"
        assert math.get("alttext") == tex
        return math

    return translate


def written(element) -> str:
    """An element and what is in it, one after the other: ``msub(mi:x mn:1)``."""
    inner = " ".join(written(child) for child in element)
    return element.tag + (f"({inner})" if len(element) else f":{element.text or ''}")


def content(math) -> str:
    """What is in a formula."""
    return " ".join(written(child) for child in math if child.tag != "mspace")


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("x_1^2", "msubsup(mi:x mn:1 mn:2)"),
        ("x^2_1", "msubsup(mi:x mn:1 mn:2)"),
        (r"\frac12", "mfrac(mn:1 mn:2)"),
        (r"\frac{a+1}{b}", "mfrac(mrow(mi:a mo:+ mn:1) mi:b)"),
        (r"\tfrac{\pi t}{T}", "mstyle(mfrac(mrow(mi:π mi:t) mi:T))"),
        ("127.5", "mn:127.5"),
        ("0, s, 2s.", "mn:0 mo:, mi:s mo:, mn:2 mi:s mo:."),
        ("H'", "mrow(mi:H mo:′)"),
        ("w'_i", "msubsup(mi:w mi:i mo:′)"),
        ("f''", "mrow(mi:f mo:″)"),
        (r"\mathrm{ReLU}(a)", "mi:ReLU mo:( mi:a mo:)"),
        (r"p_\text{after}", "msub(mi:p mtext:after)"),
        (r"\operatorname{erf} x", "mi:erf mi:x"),
        (r"\max_{u,v} x", "munder(mo:max mrow(mi:u mo:, mi:v)) mi:x"),
        (r"\sum_{i=0}^{n} x", "munderover(mo:∑ mrow(mi:i mo:= mn:0) mi:n) mi:x"),
        (r"\sum\nolimits_i x", "msub(mo:∑ mi:i) mi:x"),
        (r"\int_0^1 x", "msubsup(mo:∫ mn:0 mn:1) mi:x"),
        (r"\hat y", "mover(mi:y mo:^)"),
        (r"\sqrt{x}", "msqrt(mi:x)"),
        (r"\sqrt[3]{x}", "mroot(mi:x mn:3)"),
        (r"\left\lfloor \frac{n}{s} \right\rfloor", "mrow(mo:⌊ mfrac(mi:n mi:s) mo:⌋)"),
        (r"\left. x \right|", "mrow(mi:x mo:|)"),
        (r"m \in \{0, 1\}", "mi:m mo:∈ mo:{ mn:0 mo:, mn:1 mo:}"),
        (r"\mathbf{w}\mathbb{R}\mathcal{L}\mathtt{a}", "mi:𝐰 mi:ℝ mi:ℒ mi:𝚊"),
        (r"\texttt{ab} \text{ if $x$}", "mtext:𝚊𝚋 mrow(mtext:\xa0if\xa0 mi:x)"),
        (r"\not= \not\in", "mo:≠ mo:∉"),
        (r"\varepsilon\varphi\Phi\partial", "mi:ε mi:φ mi:Φ mi:∂"),
        (r"a \xdef b", None),
        (r"\text{a < b \& c}", "mtext:a < b & c"),
    ],
)
def test_what_a_formula_becomes(tree, texmath, tex, expected):
    if expected is None:
        with pytest.raises(texmath.FormulaError, match=re.escape(r"\xdef is not understood")):
            tree(tex)
    else:
        assert content(tree(tex)) == expected


def test_tables_have_their_rows_and_columns(tree):
    cases = tree(r"\begin{cases} a & j = k \\ -b & j \ne k \end{cases}")
    assert content(cases).startswith("mrow(mo:{ mtable(mtr(mtd(mi:a) mtd(mi:j mo:= mi:k)) mtr(mtd(mo:− mi:b)")
    assert cases.find(".//mtable").get("class") == "cases"
    matrix = tree(r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \\ \end{pmatrix}")
    assert [len(row) for row in matrix.iter("mtr")] == [2, 2]
    aligned = tree(r"\begin{aligned} a &= b \\ &= c \end{aligned}", display=True)
    assert [[written(cell) for cell in row] for row in aligned.iter("mtr")] == [
        ["mtd(mi:a)", "mtd(mo:= mi:b)"],
        ["mtd:", "mtd(mo:= mi:c)"],
    ]
    assert {one.get("lspace") for one in aligned.iter("mo")} == {"0.2778em"}  # as if something stood before
    assert content(tree(r"a \\ b", display=True)).count("mtr") == 2


def spaces(math) -> list[tuple[str, float, float]]:
    """The operators of a formula with the spaces on both sides, in eighteenths of an em."""
    return [
        (one.text, *(round(18 * float((one.get(side) or "0").removesuffix("em"))) for side in ("lspace", "rspace")))
        for one in math.iter("mo")
    ]


def test_spaces_are_those_of_tex(tree):
    assert spaces(tree("a + b = -c")) == [("+", 4, 4), ("=", 5, 5), ("−", 0, 0)]
    assert spaces(tree("x_{i+u}")) == [("+", 0, 0)]
    assert spaces(tree(r"(-a, b)")) == [("(", 0, 0), ("−", 0, 0), (",", 0, 3), (")", 0, 0)]
    assert spaces(tree(r"|x| / 2")) == [("|", 0, 0), ("|", 0, 0), ("/", 0, 0)]
    assert spaces(tree(r"y \mathrel{+}= b")) == [("+", 5, 0), ("=", 0, 5)]
    assert spaces(tree(r"2 \sum x")) == [("∑", 3, 3)]
    assert spaces(tree(r"\max(0, a)")) == [("max", 0, 0), ("(", 0, 0), (",", 0, 3), (")", 0, 0)]
    assert [one.get("width") for one in tree(r"2\ln x").iter("mspace")] == ["0.1667em", "0.1667em"]
    assert not list(tree(r"\ln(x)").iter("mspace"))


def test_a_function_keeps_its_distance_and_a_single_upright_letter_its_shape(tree):
    (letter,) = tree(r"\mathrm{d}").iter("mi")
    assert letter.get("mathvariant") == "normal"
    assert all(one.get("mathvariant") is None for one in tree(r"\mathrm{clean}").iter("mi"))


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        ("", "empty"),
        (r"\frac{a}{b", "} is missing"),
        (r"a}", "} where there is none"),
        (r"\frac{a}", "an argument is missing"),
        ("x^", "an argument is missing"),
        ("x_1_2", "a second _"),
        (r"\left( x", r"\\right is missing"),
        (r"\left\frac x \right)", "is no bracket"),
        (r"\begin{cases} a", r"\\end is missing"),
        (r"\begin{cases} a \end{matrix}", r"\\end{cases} is missing"),
        (r"\begin{tikzpicture} a \end{tikzpicture}", r"\\begin{tikzpicture} is not understood"),
        (r"\text{\emph{a}}", "is not understood"),
        (r"\eqref{a}", r"\\eqref is not understood"),
        ("a # b", "# is not understood"),
        (r"x \right)", "where there is none"),
    ],
)
def test_what_is_not_understood_is_named(texmath, tex, message):
    with pytest.raises(texmath.FormulaError, match=message):
        texmath.to_mathml(tex)


def test_formulas_beside_each_other_are_several(formulas):
    assert formulas.parts(r"a = b, \qquad c") == ["a = b, ", " c"]
    assert formulas.parts(r"\frac{a \qquad b}{c}") == [r"\frac{a \qquad b}{c}"]
    assert formulas.parts(r"\begin{cases} a \qquad b \end{cases}") == [r"\begin{cases} a \qquad b \end{cases}"]
    assert formulas.display(r"a \qquad b").count("<math ") == 2


def test_a_broken_formula_warns_and_stays_readable(formulas, monkeypatch):
    warned = []
    monkeypatch.setattr(formulas.logger, "warning", lambda message, *rest, location: warned.append(message % rest))
    translator = SimpleNamespace(encode=lambda text: text.replace("<", "&lt;"))
    text = formulas.translated(translator, nodes.math("", r"a < \frob"), formulas.inline)
    assert text == r"<code>a &lt; \frob</code>"
    assert warned == [r"the formula a < \frob cannot be drawn: \frob is not understood"]


def test_pages_show_mathml_and_nothing_of_mathjax(html, pages):
    shown = 0
    for name, page in pages.items():
        for place in page.select(".math"):
            inner = place.find_all("math", recursive=False)
            assert inner, f"{name}: {place.text[:80]}"
            assert all(one["alttext"] for one in inner)
            assert not place.select("[tabindex]")
            shown += 1
        assert "mathjax" not in str(page.head).lower(), name
    assert shown > 500
    assert not [path for path in html.rglob("*") if "mathjax" in path.name.lower() and "_sources" not in path.parts]


def test_the_font_has_every_character_of_every_formula(pages, texmath):
    """Also as italics, which the browser takes for a variable of one letter."""
    known = scripts.load("data_scripts/make_math_font.py").characters()
    for page in pages.values():
        for part in page.select("math :is(mi, mo, mn, mtext)"):
            text = part.text
            if part.name == "mi" and len(text) == 1 and part.get("mathvariant") != "normal":
                text = texmath.in_font(text, "ITALIC")
            assert set(text) <= known, (text, part.find_parent("math")["alttext"])


def test_formulas_are_drawn_with_the_book_s_font_and_stay_on_the_page(browser, served):
    """A bracket that grows and a sum of its large form tell that the font with the table of mathematics has come."""
    page = browser.new_page(viewport={"width": 360, "height": 800})
    try:
        page.goto(f"{served}2-layers/convolution.html")
        page.evaluate("async () => { await document.fonts.ready; }")
        assert page.evaluate("document.fonts.check(\"16px 'Course Math'\")")
        tall, plain = page.evaluate(
            """() => ["⌊", "("].map(sign => Math.max(...[...document.querySelectorAll("div.math mo")]
                .filter(one => one.textContent === sign).map(one => one.getBoundingClientRect().height)))"""
        )
        assert tall > 1.5 * plain
        outside = page.evaluate(
            """() => [...document.querySelectorAll("article span.math math")]
                .filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.getAttribute("alttext"))"""
        )
        assert not outside
        page.emulate_media(media="print")
        assert page.locator("div.math math").first.is_visible()
    finally:
        page.close()
