"""The font of formulas: STIX Two Math, reduced to what formulas of this book can contain.

    pip install ziamath brotli
    python data_scripts/make_math_font.py [--output book/_static/course-math.woff2]

A browser draws MathML with a font that has a table of mathematics: where roots, brackets and sums find their larger forms, and
how far apart things stand. Not every machine has such a font, Android phones for one. STIX Two Math (SIL Open Font License 1.1)
comes with the Python package ziamath; kept are the letters, digits and signs that ``book/_ext/texmath.py`` can write, but of the
alphabets of mathematics (bold, double-struck, …) only italics, and of larger forms all. Root signs are made as narrow as the smallest (see below); the family has another name than the original. Running it again writes the same bytes.
"""

import argparse
import io
import os
import string
import sys
from importlib import metadata
from pathlib import Path

from fontTools import subset
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import texmath  # noqa: E402 (lies beside the book's other extensions)

FAMILY = "Course Math"
SOURCE = "STIXTwoMath-Regular.ttf"
TABLES = (
    "LARGE",
    "INTEGRALS",
    "LETTERS",
    "SIGNS",
    "BINARY",
    "RELATIONS",
    "OPENING",
    "CLOSING",
    "ACCENTS",
    "WIDE",
    "BRACES",
)
MORE = "√′″‴‖−…\N{NO-BREAK SPACE}\N{THIN SPACE}–—’“”×·"


def source() -> Path:
    """The font of the installed package."""
    found = [Path(file.locate()) for file in metadata.files("ziamath") or [] if file.name == SOURCE]
    if not found:
        raise SystemExit(f"the installed package ziamath has no {SOURCE}")
    return found[0]


def characters() -> set[str]:
    """What formulas can contain."""
    plain = set(string.printable.strip() + " " + MORE)
    for table in TABLES:
        plain |= set("".join(getattr(texmath, table).values()))
    letters = {one for one in plain if one.isalpha()}
    return plain | {texmath.in_font(one, "ITALIC") for one in letters} | set("𝜕𝜖𝜗𝜙ℎ")


def narrow_roots(font: TTFont) -> None:
    """Give every form of the root sign the width of the smallest.

    Chromium keeps the room of the widest beside each root, whichever it draws.
    """
    root = font.getBestCmap()[ord("√")]
    variants = font["MATH"].table.MathVariants
    forms = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(root)]
    parts = forms.GlyphAssembly.PartRecords if forms.GlyphAssembly else []
    glyphs = font.getGlyphSet()
    wanted = glyphs[root].width
    together = max((glyphs[part.glyph].width for part in parts), default=wanted)  # parts of one sign must meet
    widths = {record.VariantGlyph: glyphs[record.VariantGlyph].width for record in forms.MathGlyphVariantRecord}
    widths |= {part.glyph: together for part in parts}
    for name, width in widths.items():
        if width <= wanted:
            continue
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(TransformPen(pen, (wanted / width, 0, 0, 1, 0, 0)))
        advance = round(glyphs[name].width * wanted / width)
        font["glyf"][name] = glyph = pen.glyph()
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (advance, glyph.xMin)


def make(font_file: Path) -> bytes:
    """The reduced font."""
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False)
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    font = TTFont(font_file, recalcTimestamp=False)
    narrow_roots(font)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=[ord(one) for one in characters()])
    chosen.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = FAMILY.replace(" ", "" if record.nameID == 6 else " ")
    font.flavor = "woff2"
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "book" / "_static" / "course-math.woff2")
    options = parser.parse_args()
    content = make(source())
    temporary = options.output.with_name(options.output.name + ".part")
    temporary.write_bytes(content)
    os.replace(temporary, options.output)
    print(f"{options.output}: {len(content):,} bytes, {len(characters())} characters")


if __name__ == "__main__":
    main()
