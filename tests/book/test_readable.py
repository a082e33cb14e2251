"""What a reader can read of a lesson without effort: figures on a phone, code and outputs beside the navigation, tables."""

from pathlib import Path

import pytest

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
PHONE, DESKTOP = {"width": 390, "height": 800}, {"width": 1280, "height": 800}
SMALLEST = 9  # pixels of text in a figure on a phone
COLUMNS = 5  # that a table shows at first, besides the names of its rows

# Of the pictures of a page that are SVG: each is put beside itself as elements, as wide as it is shown. Matplotlib draws
# a text as one upside-down group of glyphs, in which the font's size is 100; exponents and indices are smaller than it.
SMALL_TEXT = """async smallest => {
    const turned = one => { const m = one.getScreenCTM(); return m.a * m.d - m.b * m.c; };
    const sizeOf = one => Math.sqrt(Math.abs(turned(one)));
    document.querySelectorAll("article details").forEach(one => { one.open = true; });
    const pictures = [...document.querySelectorAll("article img[src$='.svg'], article svg.course-plot")], found = [];
    let measured = 0;
    for (const picture of pictures) {
        const host = document.createElement("div");
        let svg = picture, label = picture.getAttribute("aria-label");
        if (picture.src) {
            picture.loading = "eager";
            await picture.decode();
            host.innerHTML = await (await fetch(picture.src)).text();
            svg = host.querySelector("svg");
            svg.removeAttribute("height");
            svg.setAttribute("width", picture.getBoundingClientRect().width);
            document.body.append(host);
            label = picture.alt;
        }
        const texts = new Map();
        for (const text of svg.querySelectorAll("text")) {
            texts.set(text, parseFloat(getComputedStyle(text).fontSize) * sizeOf(text));
        }
        for (const glyph of svg.querySelectorAll("use")) {
            if (turned(glyph) >= 0) continue;
            const word = turned(glyph.parentNode) < 0 ? glyph.parentNode : glyph;
            texts.set(word, Math.max(100 * sizeOf(glyph), texts.get(word) ?? 0));
        }
        const least = Math.min(...texts.values());
        measured += texts.size;
        if (least < smallest - 0.05) found.push(`${least.toFixed(1)} px: ${label.slice(0, 80)}`);
        host.remove();
    }
    if (pictures.length && !measured) found.push("no text was found in any of the figures");
    return found;
}"""
WIDE_CELLS = """() => {
    document.querySelectorAll("article details").forEach(one => { one.open = true; });
    return [...document.querySelectorAll("article pre, article .cell_output > .output")]
        .filter(one => one.scrollWidth > one.clientWidth + 1)
        .map(one => `${one.scrollWidth - one.clientWidth} px too wide: ${one.textContent.trim().slice(0, 100)}`);
}"""
# Of each table: how many columns can be seen, and how far its head and the names of its rows leave their places when
# the table is scrolled to its end.
TABLES = """() => [...document.querySelectorAll(".cell_output table")].map(table => {
    const box = table.closest(".course-table"), [corner, ...head] = table.tHead.rows[0].cells;
    const name = table.tBodies[0].rows[table.tBodies[0].rows.length - 1].cells[0];
    const columns = head.filter(one => one.checkVisibility()).length;
    box.scrollTo(1e6, 1e6);
    const outer = box.getBoundingClientRect();
    const up = outer.top + box.clientTop - corner.getBoundingClientRect().top;
    const left = outer.left + box.clientLeft - name.getBoundingClientRect().left;
    const height = outer.height / innerHeight;
    return { columns, up, left, height, scrolls: box.scrollTop > 0 };
})"""


def lessons_of_the_book() -> list[str]:
    """Pages that were made from a notebook."""
    sources = HTML / "_sources"
    return sorted(path.relative_to(sources).with_suffix(".html").as_posix() for path in sources.rglob("*.ipynb"))


every_lesson = pytest.mark.parametrize("name", lessons_of_the_book() or ["index.html"])


@pytest.fixture(scope="module")
def page(browser, html):
    """One page, which goes from lesson to lesson."""
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


@every_lesson
def test_a_lesson_can_be_read(page, served, name):
    """One page, at both widths: wide code and tables beside the navigation, then figures on a phone."""
    page.set_viewport_size(DESKTOP)
    page.goto(served + name)
    tables, wide = page.evaluate(TABLES), page.evaluate(WIDE_CELLS)
    page.set_viewport_size(PHONE)
    assert wide == []
    assert page.evaluate(WIDE_CELLS) == [], "on a phone"
    assert page.evaluate(SMALL_TEXT, SMALLEST) == []
    for table in tables:
        assert table["columns"] <= COLUMNS
        assert abs(table["up"]) < 2
        assert abs(table["left"]) < 2
        assert table["height"] <= 0.8
