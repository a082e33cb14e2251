"""Charts in the dark theme: the same file, with a second set of colours.

A chart that Matplotlib wrote is drawn on white. Here each gets a name for every colour it uses, and two values a name: as
drawn, and for the dark page. A page shows the file as it is, or with ``#dark`` behind its address, in which case the second
values hold; so both are one file, which a browser loads once, and which needs no script.

In the dark, paper becomes the page, ink becomes light, and a hue stays that hue: lighter, so that a line can be told from
the page. A pale fill becomes a dark one of the same hue. What is drawn over a picture stays as it is, for pictures do.
Text is light or dark, whichever can be read on what is under it.

A chart whose parts move gets a still twin, its last state, for readers who ask for less motion: what a file that a page shows
as a picture asks about that, not every browser answers.
"""

import math
import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

PAGE = "#121212"
"""The dark theme's page."""
MARK = "dark"
"""The fragment of an address that asks for the dark colours."""
READABLE = 4.5
"""The least contrast of a text."""

INK_LIGHTNESS, HUE_FROM, PALE = 0.87, 0.02, (0.08, 0.78)
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_STEP = re.compile(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)")
_MOVES = re.compile(r"<style>[^<]*@keyframes[^<]*</style>")
_STILL = ".still.svg"
_PICTURE = re.compile(r'<img\b[^>]*\bsrc="[^"]*_images/([^"/]*\.svg)"[^>]*>')
_TO_LMS = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566))
_TO_LMS += ((0.0883024619, 0.2817188376, 0.6299787005),)
_TO_LAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099))
_TO_LAB += ((0.0259040371, 0.7827717662, -0.8086757660),)
_FROM_LAB = ((1, 0.3963377774, 0.2158037573), (1, -0.1055613458, -0.0638541728), (1, -0.0894841775, -1.2914855480))
_FROM_LMS = ((4.0767416621, -3.3077115913, 0.2309699292), (-1.2684380046, 2.6097574011, -0.3413193965))
_FROM_LMS += ((-0.0041960863, -0.7034186147, 1.7076147010),)


def _times(matrix, vector) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def linear(colour: str) -> list[float]:
    """Red, green and blue as amounts of light, 0 … 1."""
    values = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


@cache
def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it, 1 … 21."""
    light, dark = sorted((sum(_times([(0.2126, 0.7152, 0.0722)], linear(c))) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def polar(colour: str) -> tuple[float, float, float]:
    """Lightness, chroma and hue in Oklab, in which equal steps look equal."""
    lightness, a, b = _times(_TO_LAB, [value ** (1 / 3) for value in _times(_TO_LMS, linear(colour))])
    return lightness, math.hypot(a, b), math.atan2(b, a)


def from_polar(lightness: float, chroma: float, hue: float) -> str:
    """The colour of that lightness and hue, as near to the chroma as a screen can show."""
    while True:
        lab = (lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        light = _times(_FROM_LMS, [value**3 for value in _times(_FROM_LAB, lab)])
        if chroma < 0.005 or all(-0.0005 <= value <= 1.0005 for value in light):
            break
        chroma *= 0.97
    shares = [min(max(value, 0), 1) for value in light]
    bytes_ = [12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in shares]
    return "#" + "".join(f"{round(255 * value):02x}" for value in bytes_)


@cache
def darkened(colour: str) -> str:
    """What a colour drawn on white becomes on the dark page."""
    lightness, chroma, hue = polar(colour)
    page = polar(PAGE)
    if chroma < HUE_FROM:  # grey: paper to page, ink to light
        return from_polar(min(page[0] + 1.05 * (1 - lightness), INK_LIGHTNESS), page[1], page[2])
    if chroma < PALE[0] and lightness > PALE[1]:
        return from_polar(page[0] + 0.95 * (1 - lightness), chroma * 1.2, hue)
    return from_polar(min(max(0.66, 0.66 + 0.79 * (lightness - 0.5)), INK_LIGHTNESS), chroma, hue)


@cache
def blend(colour: str, under: str, opacity: float) -> str:
    """A colour that lets through some of what is under it."""
    pairs = [(int(colour[at : at + 2], 16), int(under[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(opacity * over + (1 - opacity) * below):02x}" for over, below in pairs)


def style_of(element: ElementTree.Element) -> dict[str, str]:
    """The properties in an element's style."""
    pairs = (one.split(":", 1) for one in element.get("style", "").split(";") if ":" in one)
    return {name.strip(): value.strip() for name, value in pairs}


def moved(element: ElementTree.Element, frame: tuple) -> tuple:
    """The frame (two scales, two offsets) of what is in an element, given the one around it; turns are left out."""
    sx, sy, dx, dy = frame
    for name, given in re.findall(r"(\w+)\(([^)]*)\)", element.get("transform", "")):
        numbers = [float(one) for one in _NUMBER.findall(given)]
        x, y = (numbers + numbers)[:2] if name == "scale" else [*numbers, 0][:2]
        if name == "translate":
            dx, dy = dx + sx * x, dy + sy * y
        elif name == "scale":
            sx, sy = sx * x, sy * y
    return sx, sy, dx, dy


def box_of(element: ElementTree.Element, frame: tuple) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of a path, a picture, a marker or the beginning of a text; None of what has no place."""
    sx, sy, dx, dy = moved(element, frame)
    if element.tag == f"{_SVG}path":
        points = list(_points(element.get("d", "")))
        if not points:
            return None
    else:
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        points = [(x, y), (x + float(element.get("width", 0)), y + float(element.get("height", 0)))]
    xs, ys = [sx * x + dx for x, _ in points], [sy * y + dy for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _points(path: str):
    """The corners of a path in relative or absolute commands, one point after another."""
    x = y = 0.0
    start = (x, y)
    for command, given in _STEP.findall(path):
        numbers = [float(one) for one in _NUMBER.findall(given)]
        if command in "zZ":
            x, y = start
        size = {"q": 4, "c": 6}.get(command.lower(), 2)
        for at in range(0, len(numbers) - size + 1, size):
            pair = numbers[at + size - 2 : at + size]
            x, y = (x + pair[0], y + pair[1]) if command.islower() else pair
            if command in "mM" and at == 0:
                start = (x, y)
            yield x, y


class Chart:
    """One chart, whose colours get names."""

    def __init__(self, text: str):
        self.root = ElementTree.fromstring(text)
        width, height = (float(one) for one in self.root.get("viewBox", "0 0 1 1").split()[2:])
        self.area = width * height
        self.surfaces = [
            ((0, 0, width, height), PAGE, "#ffffff")
        ]  # filled boxes: place, dark colour or None, light one
        self.names: dict[tuple[str, str], str] = {}
        self.kept: dict[str, bool] = {}  # markers, and whether all of them lie on pictures
        self.texts: list[tuple[str, str, str, str]] = []  # light and dark: each text's colour and what is under it
        self.lines: list[tuple[str, str, float]] = []  # light, dark, opacity of what is drawn with a line

    def under(self, box: tuple) -> tuple[str | None, str]:
        """The dark and the light colour of what is under the middle of a box; the dark one is None for a picture."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        inside = (s for s in reversed(self.surfaces) if s[0][0] + 1 < x < s[0][2] - 1 and s[0][1] + 1 < y < s[0][3] - 1)
        return next(inside, self.surfaces[0])[1:]

    def name(self, light: str, dark: str) -> str:
        """The name of a pair of colours, as a value."""
        return f"var(--{self.names.setdefault((light, dark), f'c{len(self.names)}')})"

    def write(self, element: ElementTree.Element, style: dict[str, str]) -> None:
        """Give an element its style back."""
        element.set("style", ";".join(f"{name}:{value}" for name, value in style.items()))

    def draw(self, element: ElementTree.Element, frame: tuple, fill: str) -> None:
        """Go through what is drawn, in the order in which it is."""
        fill = style_of(element).get("fill", fill)
        if element.tag == f"{_SVG}defs":
            return
        if element.tag == f"{_SVG}image":
            self.surfaces.append((box_of(element, frame), None, "#ffffff"))
        elif element.tag == f"{_SVG}path":
            self.shape(element, frame)
        elif moved(element, frame)[1] < 0:  # Matplotlib's glyphs stand upside down
            self.text(element, frame, fill)
        elif element.tag == f"{_SVG}use":
            self.marker(element, frame)
        else:
            for child in element:
                self.draw(child, moved(element, frame), fill)

    def shape(self, element: ElementTree.Element, frame: tuple) -> None:
        """Name the colours of a path, and remember what it covers."""
        style, box = style_of(element), box_of(element, frame)
        below, below_light = self.under(box) if box else (PAGE, "#ffffff")
        if below is None:
            return
        fill = style.setdefault("fill", "#000000")
        large = box is not None and (box[2] - box[0]) * (box[3] - box[1]) > 0.01 * self.area
        if fill == "#ffffff" and large and "stroke" not in style and "clip-path" not in element.attrib:
            style["fill"] = self.name(fill, "transparent")  # the paper of the figure, or of its axes
        elif fill.startswith("#") and box:
            opacity = float(style.get("fill-opacity", style.get("opacity", 1)))
            pair = blend(darkened(fill), below, opacity), blend(fill, below_light, opacity)
            self.surfaces += [(box, *pair)] * (opacity > 0)
        self.rename(element, style)

    def marker(self, element: ElementTree.Element, frame: tuple) -> None:
        """Name the colours of a marker, and remember whether it lies on a picture."""
        name, on_picture = element.get(_HREF, "#")[1:], self.under(box_of(element, frame))[0] is None
        self.kept[name] = self.kept.get(name, True) and on_picture
        if not on_picture and element.get("style"):
            self.rename(element, style_of(element))

    def rename(self, element: ElementTree.Element, style: dict[str, str]) -> None:
        """Put names into a style."""
        for name in ("fill", "stroke"):
            colour = style.get(name, "")
            if colour.startswith("#"):
                style[name] = self.name(colour, darkened(colour))
        self.note_line(element, style)
        self.write(element, style)

    def note_line(self, element: ElementTree.Element, style: dict[str, str]) -> None:
        """Remember a line's colours, for whoever asks whether it can be seen."""
        for light, dark in self.names:
            if style.get("stroke") == self.name(light, dark):
                self.lines.append((light, dark, float(style.get("stroke-opacity", style.get("opacity", 1)))))

    def text(self, element: ElementTree.Element, frame: tuple, fill: str) -> None:
        """Name the colour of a text: the light one, or the one that can be read on what is under it."""
        if element.tag == f"{_SVG}g" and any(child.tag == f"{_SVG}g" for child in element):
            for child in element:
                self.text(child, moved(element, frame), style_of(child).get("fill", fill))
            return
        glyphs = [child for child in element if child.tag == f"{_SVG}use"] or [element]
        inner = frame if glyphs == [element] else moved(element, frame)
        ends = [box_of(glyph, inner) for glyph in (glyphs[0], glyphs[-1])]
        upright = "rotate" not in element.get("transform", "")
        box = (ends[0][0], ends[0][1] - 4, ends[upright][2] + 5 * upright, ends[upright][3])
        below, below_light = self.under(box)
        if below is None or not fill.startswith("#"):
            return
        dark = darkened(fill)
        if contrast(dark, below) < READABLE:
            dark = max(PAGE, darkened("#000000"), key=lambda one: contrast(one, below))
        self.texts.append((fill, dark, below_light, below))
        self.write(element, style_of(element) | {"fill": self.name(fill, dark)})

    def definitions(self) -> None:
        """Name the colours of markers and hatchings, which are drawn elsewhere."""
        for definition in self.root.iter(f"{_SVG}defs"):
            for element in definition.iter():
                on_pictures = self.kept.get(element.get("id", ""), False)
                given = {name: element.attrib.pop(name) for name in ("fill", "stroke") if name in element.attrib}
                if (element.get("style") or given) and not on_pictures:
                    self.rename(element, given | style_of(element))

    def colours(self) -> str:
        """The two sets of colours, as a style sheet."""
        light = ";".join(f"--{name}:{pair[0]}" for pair, name in self.names.items())
        dark = ";".join(f"--{name}:{pair[1]}" for pair, name in self.names.items())
        return f"svg{{{light}}}svg:target{{{dark}}}"

    def named(self) -> str:
        """The chart with names for its colours and both sets of them."""
        for child in self.root:
            self.draw(child, (1.0, 1.0, 0.0, 0.0), style_of(self.root).get("fill", "#000000"))
        self.definitions()
        self.root.set("id", MARK)
        sheet = ElementTree.Element(f"{_SVG}style")
        sheet.text = self.colours()
        self.root.insert(0, sheet)
        ElementTree.register_namespace("", _SVG[1:-1])
        ElementTree.register_namespace("xlink", _HREF[1:].partition("}")[0])
        return ElementTree.tostring(self.root, encoding="unicode")


def is_chart(text: str) -> bool:
    """Whether Matplotlib drew a file, and it has not been through here."""
    return "stroke-linejoin: round" in text[:1000] and f'id="{MARK}"' not in text[:1000]


def name_colours(app, exception):
    """Give the charts of the built pages their dark colours."""
    if exception or app.builder.format != "html":
        return
    for path in sorted(Path(app.outdir, app.builder.imagedir).glob("*.svg")):
        text = path.read_text(encoding="utf-8")
        if is_chart(text):
            path.write_text(Chart(text).named(), encoding="utf-8")
            if _MOVES.search(text):
                path.with_suffix(_STILL).write_text(Chart(_MOVES.sub("", text)).named(), encoding="utf-8")


def show_both(app, pagename, templatename, context, doctree):
    """Beside each chart put the dark one; the style sheet shows one of the two."""
    sources = {name: Path(app.srcdir, source) for source, name in getattr(app.builder, "images", {}).items()}

    def both(found: re.Match) -> str:
        source = sources.get(found[1])
        text = source.read_text(encoding="utf-8") if source else ""
        return with_dark(found[0], moves=bool(_MOVES.search(text))) if is_chart(text) else found[0]

    if "body" in context:
        context["body"] = _PICTURE.sub(both, context["body"])


def with_dark(picture: str, *, moves: bool = False) -> str:
    """A picture's tag, and the tag of its dark twin; of one that moves each with its still twin."""
    twins = []
    for kind, mark in (("course-light", ""), ("course-dark", f"#{MARK}")):
        tag = re.sub(r'(\bsrc="[^"#]*)"', rf'\1{mark}"', picture)
        tag, classes = re.subn(r'\bclass="', f'class="{kind} ', tag)
        twins.append(tag if classes else tag.replace("<img", f'<img class="{kind}"', 1))
        if moves:
            still = re.search(r'\bsrc="([^"#]*)\.svg', picture)[1] + _STILL + mark
            source = f'<source media="(prefers-reduced-motion: reduce)" srcset="{still}"/>'
            twins[-1] = f"<picture>{source}{twins[-1]}</picture>"
    return "".join(twins)


def setup(app):
    """Register the parts."""
    app.connect("html-page-context", show_both, priority=900)  # after whoever gives pictures their size
    app.connect("build-finished", name_colours)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
