"""Pictures take their room before they come, and come when the reader does.

Every ``<img>`` of a page whose file the book has gets the picture's width and height, so that the text does not move when it
arrives, and ``loading="lazy"``. What already has a size keeps it.
"""

import functools
import re
import struct
from pathlib import Path

IMAGE = re.compile(r"<img\b[^>]*>")
SOURCE = re.compile(r'\bsrc="([^"]+)"')
SIZED = re.compile(r'\b(width|height)="|style="[^"]*\b(width|height):')
PNG = b"\x89PNG\r\n\x1a\n"
SVG_TAG = re.compile(r"<svg\b[^>]*>", re.DOTALL)
LENGTH = r"""\b{}=["']([\d.]+)(px|pt|)["']"""
VIEW_BOX = re.compile(r"""\bviewBox=["'][\d.-]+[ ,]+[\d.-]+[ ,]+([\d.]+)[ ,]+([\d.]+)["']""")
PIXELS = {"": 1, "px": 1, "pt": 4 / 3}


def size_of_svg(text: str) -> tuple[int, int] | None:
    """The size in CSS pixels that a drawing says it has."""
    tag = SVG_TAG.search(text)
    if not tag:
        return None
    lengths = [re.search(LENGTH.format(side), tag[0]) for side in ("width", "height")]
    if all(lengths):
        return tuple(round(float(found[1]) * PIXELS[found[2]]) for found in lengths)
    box = VIEW_BOX.search(tag[0])
    return (round(float(box[1])), round(float(box[2]))) if box else None


@functools.cache
def size_of(file: Path) -> tuple[int, int] | None:
    """The size of a picture, if it is a PNG or an SVG that has one."""
    if file.suffix == ".svg":
        return size_of_svg(file.read_text(encoding="utf-8"))
    head = file.read_bytes()[:24]
    return struct.unpack(">II", head[16:24]) if head.startswith(PNG) else None


def complete(tag: str, find) -> str:
    """An ``<img>`` tag with size and ``loading``; ``find`` gives the file behind an address, or None."""
    source = SOURCE.search(tag)
    if not source:
        return tag
    more = "" if " loading=" in tag else ' loading="lazy" decoding="async"'
    file = None if SIZED.search(tag) else find(source[1])
    size = size_of(file) if file else None
    if size:
        more += ' width="{}" height="{}"'.format(*size)
    return f"<img{more}{tag[4:]}"


def complete_pictures(app, pagename, templatename, context, doctree):
    """Complete the pictures of a page's text."""
    body = context.get("body")
    if not body or app.builder.format != "html":
        return
    files = {name: Path(app.srcdir, file) for file, name in app.builder.images.items()}

    def find(address: str) -> Path | None:
        file = files.get(address.rsplit("/", 1)[-1])
        return file if file and file.is_file() else None

    context["body"] = IMAGE.sub(lambda found: complete(found[0], find), body)


def setup(app):
    """Register the parts."""
    app.connect("html-page-context", complete_pictures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
