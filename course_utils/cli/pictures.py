"""Figures made small for a notebook's file: the same to the eye, a third of the bytes, and the same bytes each time."""

import base64
import hashlib
import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_GROUP, _DEFS, _USE, _HREF = f"{{{_SVG}}}g", f"{{{_SVG}}}defs", f"{{{_SVG}}}use", f"{{{_LINK}}}href"
_GLYPH_SCALE, _GLYPH_UNIT = (
    "scale(0.015625)",
    16,
)  # Matplotlib's 64 units a point of outline; a fourth of a point is enough
_NUMBERS_OF = {"M": 2, "L": 2, "Q": 4, "C": 6, "z": 0}
_COLOURS, _VISIBLE = 256, 40.0  # a palette's entries; decibels from which a difference is not seen
_PNG_URL = "data:image/png;base64,"


def small_svg(text: str) -> str:
    """Return a figure that Matplotlib wrote without what nothing needs, its paths on a fine grid, each word drawn once.

    Kept are the transforms of text, whose second scale factor is its size in hundreds of points. Other SVG, and a figure
    that is small already, is returned as it is.
    """
    if "<metadata>" not in text[:2000] or "Matplotlib" not in text[:2000]:
        return text
    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", text, count=1))
    _shrink(root, set(re.findall(r"#([\w.-]+)", text)))
    _gather_definitions(root)
    _share_words(root)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _shrink(element: ElementTree.Element, used: set[str]) -> None:
    """Make an element and what is in it small, in place."""
    element.text = (element.text or "").strip() or None
    element.tail = None
    _shrink_attributes(element.attrib, used)
    children = []
    for child in element:
        if child.tag != f"{{{_SVG}}}metadata":
            _shrink(child, used)
            children += list(child) if child.tag == _GROUP and not child.attrib else [child]
    element[:] = children


def _shrink_attributes(attributes: dict[str, str], used: set[str]) -> None:
    if attributes.get("id", "") not in used:
        attributes.pop("id", None)
    if "d" in attributes:
        is_glyph = attributes.get("transform") == _GLYPH_SCALE
        path = _path(attributes["d"], _GLYPH_UNIT if is_glyph else 0.01)
        if path is not None:
            attributes["d"] = path
            attributes |= {"transform": f"scale({_GLYPH_UNIT * 0.015625:g})"} if is_glyph else {}
    elif attributes.get(_HREF, "").startswith(_PNG_URL):
        attributes[_HREF] = _PNG_URL + _smaller("".join(attributes[_HREF][len(_PNG_URL) :].split()))
    for name in {"x", "y", "width", "height", "transform"} & attributes.keys():
        attributes[name] = re.sub(r"-?\d+\.\d{3,}(?![\de])", lambda number: _short(float(number[0])), attributes[name])
    beside = re.fullmatch(r"translate\((\S+) 0\)", attributes.get("transform", ""))
    if beside and _HREF in attributes and "x" not in attributes:
        attributes["x"] = f"{float(beside[1]):.1f}"
        del attributes["transform"]
    if "style" in attributes:
        attributes["style"] = re.sub(r"\s*([:;])\s*", r"\1", attributes["style"]).strip(" ;")


def _gather_definitions(root: ElementTree.Element) -> None:
    """Put all definitions in one place, before what uses them."""
    found = [(parent, child) for parent in root.iter() for child in parent if child.tag == _DEFS]
    everything = ElementTree.Element(_DEFS)
    for parent, definitions in found:
        parent.remove(definitions)
        everything.extend(definitions)
    root.insert(0, everything)


def _share_words(root: ElementTree.Element) -> None:
    """Let a word that is drawn again use the glyphs of the first time."""
    words: dict[str, list[ElementTree.Element]] = {}
    for group in root.iter(_GROUP):
        if len(group) > 1 and all(child.tag == _USE for child in group) and "id" not in group.attrib:
            words.setdefault("".join(str(sorted(child.items())) for child in group), []).append(group)
    for content, groups in words.items():
        if len(groups) > 1:
            name = f"w{hashlib.sha256(content.encode()).hexdigest()[:6]}"
            shared = ElementTree.SubElement(root[0], _GROUP, {"id": name})
            shared.extend(groups[0])
            for group in groups:
                group.tag = _USE
                group[:] = []
                group.set(_HREF, f"#{name}")


def _path(text: str, unit: float) -> str | None:
    """Return a path with its points on a grid, in relative commands; None if it has commands that Matplotlib does not write."""
    written, here, start, before = "", (0, 0), (0, 0), ""
    for command, given in re.findall(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)", text):
        numbers = [round(float(number) / unit) for number in given.split()]
        if len(numbers) != _NUMBERS_OF.get(command):
            return None
        steps = [_short((number - here[index % 2]) * min(unit, 1)) for index, number in enumerate(numbers)]
        # A command is not repeated, a line after a move not named, and a minus sign needs no space before it.
        letter = "" if (before, command) in (("M", "L"), ("L", "L"), ("Q", "Q"), ("C", "C")) else command.lower()
        written += letter + "".join(
            " " * (bool(n or not letter) and step[0] != "-") + step for n, step in enumerate(steps)
        )
        here = start if command == "z" else tuple(numbers[-2:])
        start, before = here if command == "M" else start, command
    return written


def _short(number: float) -> str:
    """Write a number with three decimals at most and without zeros that say nothing."""
    text = f"{round(number, 3) + 0.0:.3f}".rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0(?=\.)", r"\1", text)


def small_png(text: str) -> str:
    """Return a picture that Matplotlib wrote, base64, with a palette where that is not seen; any other as it is."""
    return _smaller(text) if "Software" in _opened(text).info else text


def _opened(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text)))


def _smaller(text: str) -> str:
    picture = _opened(text)
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255:
        picture = picture.convert("RGB")
    content = io.BytesIO()
    _with_palette(picture).save(content, "png", optimize=True)
    return base64.b64encode(content.getvalue()).decode()


def _with_palette(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture)
    colours, index = np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0, return_inverse=True)
    if len(colours) <= _COLOURS:
        result = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8), "P")
        result.putpalette(colours.tobytes(), picture.mode)
        return result
    result = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    error = np.mean((pixels.astype(float) - np.asarray(result.convert(picture.mode))) ** 2)
    return result if 10 * np.log10(255**2 / error) > _VISIBLE else picture
