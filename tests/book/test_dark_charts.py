"""Charts in the dark theme, all that the book has: hues are kept, lines and text can be seen, pictures are as they were."""

import json
import math
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scripts
from skimage.color import lab2lch, rgb2lab

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"var\(--(c\d+)\)")


@pytest.fixture(scope="module")
def dark_charts():
    return scripts.load("book/_ext/dark_charts.py")


@pytest.fixture(scope="module")
def drawn() -> list[str]:
    """Every chart of the book, as it is stored."""
    found = []
    for path in sorted((ROOT / "book").rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                found += ["".join(output["data"]["image/svg+xml"])] if "image/svg+xml" in output.get("data", {}) else []
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def charts(dark_charts, drawn):
    """Each chart after its colours were named, and its text."""
    made = [dark_charts.Chart(text) for text in drawn]
    return [(chart, chart.named()) for chart in made]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, written down a second time."""
    shares = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    light = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(light @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(colour: str, below: str, opacity: float) -> str:
    values = [(int(colour[at : at + 2], 16), int(below[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a * opacity + b * (1 - opacity)):02x}" for a, b in values)


def sets_of(text: str) -> tuple[dict, dict]:
    """The light and the dark values in a chart's style sheet."""
    light, dark = re.search(r"svg\{([^}]*)\}svg:target\{([^}]*)\}", text).groups()
    return tuple(dict(re.findall(r"--(c\d+):([^;]+)", one)) for one in (light, dark))


def test_lines_can_be_seen_in_the_dark(charts, dark_charts):
    """At least 3 to 1 against the page; what is faint on white, such as a grid, stays as faint."""
    lines = {line for chart, _ in charts for line in chart.lines}
    assert len(lines) > 20
    for light, dark, opacity in lines:
        page = dark_charts.PAGE
        least = min(3, contrast(over(light, "#ffffff", opacity), "#ffffff"))
        assert contrast(over(dark, page, opacity), page) >= least, (light, dark, opacity)


def test_text_can_be_read_in_the_dark(charts):
    texts = {text for chart, _ in charts for text in chart.texts}
    assert len(texts) > 5
    for light, dark, _, below in texts:
        assert contrast(dark, below) >= 4.5, (light, dark, below)


def test_nearly_all_text_is_looked_at(charts, drawn):
    """Each upside-down group of glyphs is a text; those on pictures are left as they are."""
    looked = sum(len(chart.texts) for chart, _ in charts)
    words = sum(
        len(re.findall(r'transform="translate\([^)]*\)(?: rotate\([^)]*\))? scale\([^ ]+ -', text)) for text in drawn
    )
    assert 0.5 * words < looked <= words


def test_hues_are_kept_and_told_apart(charts):
    pairs = {pair for chart, _ in charts for pair in chart.names if pair[1] != "transparent"}
    rgb = np.array([[[int(c[at : at + 2], 16) / 255 for at in (1, 3, 5)] for c in pair] for pair in pairs])
    lch = lab2lch(rgb2lab(rgb))
    coloured = lch[:, 0, 1] > 20
    assert coloured.sum() > 6
    turned = np.abs(np.angle(np.exp(1j * (lch[:, 0, 2] - lch[:, 1, 2]))))
    assert np.degrees(turned[coloured].max()) < 25  # CIE's hue, by which this was not made
    assert lch[~coloured, 1, 1].max() < 25
    data = [dark for (light, dark), one in zip(pairs, coloured, strict=True) if one]
    apart = [math.dist(a, b) for a in rgb2lab(rgb[coloured][:, 1]) for b in rgb2lab(rgb[coloured][:, 1])]
    assert len(set(data)) == len(data)
    assert min(distance for distance in apart if distance) > 10


def test_the_light_chart_is_what_it_was(charts, drawn):
    """With the light values in place of the names, all colours are those that Matplotlib wrote, or its tacit black."""
    for (_, text), before in zip(charts, drawn, strict=True):
        light, _ = sets_of(text)
        body = text.partition("</style>")[2]
        after = Counter(re.findall(r"#[0-9a-f]{6}", NAMED.sub(lambda name: light[name[1]], body)))  # noqa: B023
        expected = Counter(re.findall(r"(?<=[:\"])#[0-9a-f]{6}", before))
        assert after - expected == {"#000000": after["#000000"] - expected["#000000"]} or after == expected
        assert not expected - after
        assert re.findall(r"base64,[^\"]*", text) == re.findall(r"base64,[^\"]*", before)
        assert re.findall(r' d="[^"]*"', text) == re.findall(r' d="[^"]*"', before)


def test_paper_becomes_the_page_and_what_lies_on_a_picture_stays(dark_charts):
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">'
        '<defs><style>*{stroke-linejoin: round}</style></defs><path d="m0 0 100 0 0 100-100 0z" style="fill:#ffffff"/>'
        '<image xlink:href="data:,a" x="10" y="-60" width="50" height="50" transform="scale(1 -1) translate(0 0)"/>'
        '<path d="m20 20 9 9" style="fill:none;stroke:#ffffff"/><path d="m70 20 9 9" style="fill:none;stroke:#1b1b1b"/>'
        '<g style="fill:#ffffff" transform="translate(20 40) scale(.1 -.1)"><use xlink:href="#g"/></g>'
        '<path d="m70 70 20 0 0 20-20 0z" style="fill:#e69f00"/>'
        '<g style="fill:#1b1b1b" transform="translate(75 80) scale(.1 -.1)"><use xlink:href="#g"/></g>'
        '<g transform="translate(5 80) rotate(-90) scale(.1 -.1)"><use xlink:href="#g"/><use xlink:href="#g" x="300"/></g>'
        "</svg>"
    )
    assert dark_charts.is_chart(text)
    named = dark_charts.Chart(text).named()
    assert not dark_charts.is_chart(named)
    light, dark = sets_of(named)
    styles = re.findall(r'style="([^"]*)"', named)
    assert styles[1] == "fill:none;stroke:#ffffff"
    assert styles[3] == "fill:#ffffff"
    names = [NAMED.search(styles[at])[1] for at in (0, 2, 4, 5, 6)]
    assert [light[name] for name in names] == ["#ffffff", "#1b1b1b", "#e69f00", "#1b1b1b", "#000000"]
    paper, line, box, inside, turned = (dark[name] for name in names)
    assert paper == "transparent"
    assert contrast(line, dark_charts.PAGE) > 7
    assert inside == dark_charts.PAGE, "light text on a light box"
    assert contrast(inside, box) > 7
    assert contrast(turned, dark_charts.PAGE) > 7


def test_a_page_has_both_of_a_chart_and_the_twin_has_the_same_attributes(dark_charts, tmp_path):
    (tmp_path / "chart.svg").write_text("<svg><style>*{stroke-linejoin: round}</style></svg>")
    (tmp_path / "drawing.svg").write_text("<svg/>")
    builder = SimpleNamespace(images={"chart.svg": "a.svg", "drawing.svg": "b.svg"})
    other = '<img src="../_images/b.svg"/><img src="_images/c.svg"/></p>'
    context = {"body": f'<p><img alt="a" class="x" loading="lazy" src="../_images/a.svg" width="3"/>{other}'}
    dark_charts.show_both(SimpleNamespace(builder=builder, srcdir=tmp_path), "page", "page.html", context, None)
    light = '<img alt="a" class="course-light x" loading="lazy" src="../_images/a.svg" width="3"/>'
    dark = '<img alt="a" class="course-dark x" loading="lazy" src="../_images/a.svg#dark" width="3"/>'
    assert context["body"] == f"<p>{light}{dark}{other}"


def test_a_chart_that_moves_has_a_still_twin_in_both_themes(dark_charts, tmp_path):
    rules = "<style>@keyframes a{0%{opacity:0}}@media screen{g{animation:1s a}}</style>"
    chart = f"<svg xmlns='http://www.w3.org/2000/svg'><style>*{{stroke-linejoin: round}}</style>{rules}</svg>"
    (tmp_path / "chart.svg").write_text(chart)
    app = SimpleNamespace(outdir=tmp_path, srcdir=tmp_path, builder=SimpleNamespace(format="html", imagedir=""))
    app.builder.images = {"chart.svg": "a.svg"}
    context = {"body": '<img alt="a" src="../_images/a.svg"/>'}
    dark_charts.show_both(app, "page", "page.html", context, None)
    less = '<source media="(prefers-reduced-motion: reduce)" srcset="../_images/a.still.svg{}"/>'
    assert context["body"] == "".join(
        f'<picture>{less.format(mark)}<img class="{kind}" alt="a" src="../_images/a.svg{mark}"/></picture>'
        for kind, mark in (("course-light", ""), ("course-dark", "#dark"))
    )
    dark_charts.name_colours(app, None)
    assert "@keyframes" in (tmp_path / "chart.svg").read_text()
    still = (tmp_path / "chart.still.svg").read_text()
    assert 'id="dark"' in still
    assert "animation" not in still
