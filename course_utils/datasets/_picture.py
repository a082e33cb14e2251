"""One picture file, read as it is meant to be seen: upright, on white, red, green and blue of 8 bits."""

import io
import os
import re
import warnings
from pathlib import Path

import numpy as np

_LARGEST = 1 << 30
_ORIENTATION = 0x0112
# Entries of a TIFF, and what they say.
_BITS, _INTERPRETATION, _PLANES = 258, 262, 284
_WHITE_IS_0, _SEPARATE = 0, 2
# No format whose reader starts another program, or takes a text for a picture.
_FORMATS = {"AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "SUN", "TIFF", "WEBP"}
# Pairs of bytes that the compressed data of a JPEG cannot hold, its end, and the beginnings of notes between its scans.
_MARKER = re.compile(rb"\xff[\x01-\xc3\xc5-\xcb\xcd-\xcf\xd8\xd9\xe0-\xfe]")
_END, _NOTES = 0xD9, {*range(0xE0, 0xF0), 0xFE}
# Grey of 2 and 4 bits is scaled to 255 by Pillow, the grey that stands for transparent is not.
_STEPS = {"L;2": 85, "L;4": 17}


class _RefusedError(Exception):
    """A picture is all right, but of a kind that is not loaded; the text says which."""


def read_picture(path: str | Path) -> np.ndarray:
    """Read one picture file as red, green, blue, upright, without transparency.

    Returns
    -------
    numpy.ndarray
        uint8, shape (H, W, 3).

    Raises
    ------
    ValueError
        If the file is empty, truncated or not a picture; the text is the reason alone.
    """
    from PIL import Image, UnidentifiedImageError

    data = _content(Path(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd in a picture that can be read is its maker's affair
            return _decoded(data)
    except UnidentifiedImageError:
        raise ValueError("is not a picture that can be read, or is damaged") from None
    except (_RefusedError, Image.DecompressionBombError, MemoryError) as error:
        raise ValueError(f"cannot be decoded: {' '.join(str(error).split())}") from None
    except Exception as error:  # decoders of damaged files raise anything
        raise ValueError(f"is truncated or damaged; copy it again ({' '.join(str(error).split())})") from None


def _content(path: Path) -> bytes:
    if not path.exists():
        raise ValueError("is a broken link" if path.is_symlink() else "does not exist")
    if not path.is_file():
        raise ValueError("is not an ordinary file")
    size = os.path.getsize(path)
    if size == 0:  # or a system's own file without a length, reading which might never end
        raise ValueError("is empty")
    if size > _LARGEST:
        raise ValueError("has more than 1 GB; save it smaller")
    data = path.read_bytes()
    if _is_heic(data):
        raise ValueError("is an HEIC picture; save it as JPEG or PNG")
    return data


def _is_heic(data: bytes) -> bool:
    """Whether a file says that it is HEIC, or only that it is of a kind to which HEIC and AVIF belong, and not AVIF."""
    kind = data[8:12] if data[4:8] == b"ftyp" else b""
    return kind in (b"heic", b"heix", b"hevc") or (kind in (b"mif1", b"msf1") and b"avif" not in data[8:64])


def _opened(data: bytes):
    """The picture as Pillow sees it after reading its beginning only."""
    from PIL import Image

    Image.init()
    return Image.open(io.BytesIO(data), formats=sorted(_FORMATS & set(Image.OPEN)))


def _decoded(data: bytes) -> np.ndarray:
    """The picture in a file's bytes, uint8, (H, W, 3), upright and on white."""
    from PIL import Image

    image = _opened(data)
    _check(image, data)
    stored = str(image.tile)  # gone after loading; reading the orientation may load
    for packing, step in _STEPS.items():
        if packing in stored and "transparency" in image.info:
            image.info["transparency"] *= step
    orientation = _orientation(image)
    image.load()
    if image.format == "TIFF":
        orientation = 1  # Pillow and OpenCV have turned it already
    if image.mode.startswith("I;16") or (image.format == "PPM" and image.mode == "I"):
        grey = np.asarray(image)[..., None]
        if image.format == "TIFF" and image.tag_v2.get(_INTERPRETATION) == _WHITE_IS_0:
            grey = 65535 - grey
        return _upright(_eight_bits(grey, grey != image.info.get("transparency", -1)), orientation)
    if ";16" in stored and image.mode in ("RGB", "RGBA"):
        return _upright(_deep(data, image.has_transparency_data, premultiplied="RGBa" in stored), orientation)
    if image.mode in ("I", "F"):
        raise _RefusedError(f"it holds {np.asarray(image).dtype}; save it with 8 or 16 bits, in grey or colour")
    if image.has_transparency_data:
        layer = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), layer)
    return _upright(np.asarray(image.convert("RGB")), orientation)


def _check(image, data: bytes) -> None:
    """Raise if there is damage that loading would not notice, or if it would give another picture."""
    if image.format == "PNG":
        _opened(data).verify()  # every piece has a checksum
    if image.format in ("JPEG", "MPO"):
        _check_scans(data)
    if image.format == "TIFF" and image.tag_v2.get(_PLANES) == _SEPARATE:
        bits = image.tag_v2.get(_BITS, (1,))
        if len(bits) > 1 and max(bits) > 8:
            raise _RefusedError(f"it holds {max(bits)} bits in separate planes; save it interleaved")


def _check_scans(data: bytes) -> None:
    """Raise if the compressed data of a JPEG, up to its end, hold bytes that they cannot hold."""
    from PIL.JpegImagePlugin import JpegImageFile

    at = JpegImageFile(io.BytesIO(data)).fp.tell()  # of several pictures in a file (MPO), the first
    while (marker := _MARKER.search(data, at)) and data[marker.end() - 1] != _END:
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])  # where a note would end
        if data[marker.end() - 1] not in _NOTES or data[at : at + 1] != b"\xff":
            raise ValueError("bytes that no JPEG holds")


def _orientation(image) -> int:
    """The EXIF orientation of an opened picture, 1 … 8; 1 if there is none that can be read."""
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except Exception:  # damaged notes are no reason to refuse the picture
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _upright(picture: np.ndarray, orientation: int) -> np.ndarray:
    """Turn a picture as its EXIF orientation says: 5 … 8 are stored transposed, the others mirrored or upside down."""
    if orientation >= 5:
        picture = picture.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _deep(data: bytes, transparent: bool, *, premultiplied: bool) -> np.ndarray:
    """Colour of 16 bits as OpenCV reads it, since Pillow keeps 8 of them; uint8, (H, W, 3).

    A fourth sample is opacity only if ``transparent``.
    """
    import cv2

    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if decoded is None or decoded.dtype != np.uint16 or decoded.ndim != 3:
        raise _RefusedError("its 16 bits cannot be read; save it with 8 bits")
    opacity = decoded[..., 3:] / 65535 if transparent and decoded.shape[2] == 4 else 1.0
    colour = decoded[..., 2::-1] / (np.maximum(opacity, 1 / 65535) if premultiplied else 1.0)
    return _eight_bits(colour, opacity)


def _eight_bits(values: np.ndarray, opacity: np.ndarray | float) -> np.ndarray:
    """Grey or colour of 16 bits → uint8, (H, W, 3), on white."""
    on_white = np.rint((values / 65535 * opacity + (1.0 - opacity)) * 255).astype(np.uint8)
    return np.broadcast_to(on_white, (*on_white.shape[:2], 3))
