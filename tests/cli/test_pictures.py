"""Figures made small: fewer bytes, the same to the eye, the same each time."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from course_utils.cli import pictures

SVG = "{http://www.w3.org/2000/svg}"


def drawn(form, draw, **options):
    figure = Figure(figsize=(3, 2), dpi=100)
    draw(figure.subplots())
    content = io.BytesIO()
    figure.savefig(content, format=form, **options)
    return content.getvalue().decode() if form == "svg" else base64.b64encode(content.getvalue()).decode()


def lines(axes):
    x = np.linspace(0, 6, 200)
    axes.plot(x, np.sin(x), label="sine")
    axes.plot(x, np.exp(x), marker="o")
    axes.set(title="A title, twice: A title", xlabel="of $x^2$", yscale="log")
    axes.legend()


def numbers(axes):
    axes.imshow(np.arange(16).reshape(4, 4), cmap="gray")
    for row, column in np.ndindex(4, 4):
        axes.text(column, row, "−0.25", color="red" if row > column else "blue")


DRAWINGS = pytest.mark.parametrize("draw", [lines, numbers])


@DRAWINGS
def test_svg_is_a_fraction_valid_and_the_same_each_time(draw):
    text = drawn("svg", draw)
    small = pictures.small_svg(text)
    assert len(small) < 0.7 * len(text)
    assert small == pictures.small_svg(text) == pictures.small_svg(small)
    root = ElementTree.fromstring(small)
    assert {key: root.get(key) for key in ("width", "height")} == {
        key: ElementTree.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text)).get(key) for key in ("width", "height")
    }
    assert not re.search(r"<metadata|<!--|\n", small)


@DRAWINGS
def test_every_reference_has_its_target_and_every_id_is_used_once(draw):
    small = pictures.small_svg(drawn("svg", draw))
    ids = re.findall(r' id="([^"]+)"', small)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([\w.-]+)', small)) == set(ids)


def points(d):
    """Absolute points of a path in absolute or relative M, L, Q, C, z: a reader of its own."""
    here = start = np.zeros(2)
    result, letter, sizes = [], "", {"m": 1, "l": 1, "q": 2, "c": 3}
    tokens = re.findall(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)", d)
    while tokens:
        if tokens[0].isalpha():
            letter = tokens.pop(0)
            if letter in "zZ":
                here = start
                continue
        elif letter in "mM":
            letter = "l" if letter == "m" else "L"
        values = np.array([float(tokens.pop(0)) for _ in range(2 * sizes[letter.lower()])]).reshape(-1, 2)
        values = values + here * letter.islower()
        here = values[-1]
        start = here if letter in "mM" else start
        result += list(values)
    return np.array(result)


def outlines(text):
    """Points of all paths: those with an id by it, the others in their order."""
    found = {}
    for element in ElementTree.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text)).iter(f"{SVG}path"):
        if element.get("d"):
            scale = float((element.get("transform") or "scale(1)")[6:-1])
            name = element.get("id", "")
            found[name if re.search(r"[A-Z]|^[mp]\w{10}$", name) else len(found)] = points(element.get("d")) * scale
    return found


@DRAWINGS
def test_points_move_by_less_than_the_eye_sees(draw):
    text = drawn("svg", draw)
    before, after = outlines(text), outlines(pictures.small_svg(text))
    named = [name for name in before if isinstance(name, str)]
    assert named
    others = [[outline for name, outline in found.items() if name not in named] for found in (before, after)]
    pairs = [*((before[name], after[name]) for name in named), *zip(*others, strict=True)]
    assert max(np.abs(one - other).max() for one, other in pairs) <= 0.126


def test_a_word_drawn_again_uses_the_first(monkeypatch):
    small = pictures.small_svg(drawn("svg", numbers))
    words = re.findall(r'href="#(w\w+)"', small)
    assert max(map(words.count, words)) == 16
    assert small.count("fill:#ff0000") + small.count("fill: #ff0000") == 6
    assert len(re.findall(r"scale\(0\.1 -0\.1\)", small)) == len(
        re.findall(r"scale\(0\.1 -0\.1\)", drawn("svg", numbers))
    )


@pytest.mark.parametrize(
    "text", ["<svg/>", '<svg xmlns="http://www.w3.org/2000/svg"><path d="M 0.123456 0"/></svg>', ""]
)
def test_svg_of_others_is_left_alone(text):
    assert pictures.small_svg(text) == text


def test_paths_of_other_commands_are_left_alone():
    assert pictures._path("M 0 0 A 1 1 0 0 0 2 2", 0.01) is None
    assert pictures._path("m 0 0", 0.01) is None
    assert pictures._path("M 1e-3 2.5e1 L 3 4", 0.01) == "m0 25 3-21"


def pixels(text):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA")).astype(int)


def test_png_with_few_colours_is_exact_and_smaller():
    text = drawn("png", lambda axes: axes.bar([1, 2], [3, 4]))
    small = pictures.small_png(text)
    assert len(small) < len(text)
    np.testing.assert_array_equal(pixels(small), pixels(text))
    assert pictures.small_png(small) == small


def test_png_with_many_colours_keeps_what_is_seen():
    ramp = np.random.default_rng(0).random((60, 60, 3))
    noisy = drawn("png", lambda axes: axes.imshow(ramp))
    np.testing.assert_array_equal(pixels(pictures.small_png(noisy)), pixels(noisy))
    smooth = drawn("png", lambda axes: axes.imshow(np.linspace(0, 1, 1600).reshape(40, 40), cmap="viridis"))
    small = pictures.small_png(smooth)
    assert len(small) < len(smooth)
    assert np.sqrt(np.mean((pixels(small) - pixels(smooth)) ** 2)) < 2.6


def test_transparency_stays():
    text = drawn("png", lambda axes: axes.plot([1, 2]), transparent=True)
    np.testing.assert_array_equal(pixels(pictures.small_png(text))[..., 3] == 0, pixels(text)[..., 3] == 0)


def test_png_of_others_is_left_alone():
    content = io.BytesIO()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(content, "png")
    text = base64.b64encode(content.getvalue()).decode()
    assert pictures.small_png(text) == text
