"""Your own pictures: a folder for each class, read so that no file is dropped without a word."""

import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.datasets._dataset import Dataset, hold_out

_IGNORED = {"thumbs.db", "desktop.ini", "__macosx"}
_ORIENTATION = 0x0112
_FITS = ("crop", "letterbox")


class SkippedPicturesWarning(UserWarning):
    """Some files of a picture folder were left out; ``skipped`` maps their paths to the reasons."""

    def __init__(self, message: str, skipped: dict[Path, str]):
        super().__init__(message)
        self.skipped = skipped


def load_image_folder(
    path: str | Path,
    *,
    size: int | tuple[int, int],
    validation: int = 0,
    test: float = 0.2,
    fit: str = "crop",
    channels: int = 3,
    on_error: str = "raise",
    seed: int = 0,
    licence: str = "not stated",
) -> Dataset:
    """Load pictures from a folder that holds one folder a class.

    Every file below a class folder, at any depth, is a picture of that class, whatever its name ends in: the content decides. JPEG, PNG,
    WebP, BMP, TIFF and what else the installed OpenCV reads are accepted. Hidden files, ``Thumbs.db``, ``desktop.ini`` and
    ``__MACOSX`` are passed over. Every other file is loaded or named with a reason: empty, truncated, not a picture, HEIC, a
    broken link, a link to a folder, a file beside the class folders.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder. Classes are its folders in the order of their names; class folders may be links.
    size : int or (int, int)
        Height and width H, W that all pictures get; one number for both.
    validation : int
        How many training pictures to hold out for validation.
    test : float
        Share of all pictures that makes the test split, 0 … 1 (without 1).
    fit : {"crop", "letterbox"}
        ``"crop"`` cuts the largest centred part with the right aspect ratio, ``"letterbox"`` keeps the whole picture between black
        bars. Both then resize, averaging when they shrink and interpolating linearly when they enlarge.
    channels : {3, 1}
        Red, green, blue, or grey.
    on_error : {"raise", "report"}
        ``"raise"``: all problems in one ValueError. ``"report"``: load the rest, and name what was left out in a
        :class:`SkippedPicturesWarning`.
    seed : int
        Which pictures go into which split. The same files and the same seed give the same splits.
    licence : str
        Terms under which you may use the pictures; it goes into the result.

    Returns
    -------
    Dataset
        Pictures, uint8, shape (N, H, W, channels); labels 0 … in the order of the class names. Each class has its share of every
        split, to the nearest picture, and the splits are mixed.

    Raises
    ------
    FileNotFoundError
        If there is no folder ``path``.
    ValueError
        If an argument is outside the range given above, there are fewer than two classes, a class has no training picture,
        or, with ``on_error="raise"``, any file cannot be loaded.

    Notes
    -----
    Transparent pictures are put on white. 16-bit pictures are divided by 257, so that 65 535 becomes 255. Pictures that a camera
    saved turned are turned upright as their EXIF entry says. CMYK is converted by OpenCV, without colour profiles. Of animations and
    many-paged files the first picture is taken.

    Two pictures of one burst are near copies. If one is in the training and the other in the test split, accuracy is too good to
    be true: split such pictures by session, into folders of their own, before loading.
    """
    height, width = _check_arguments(size, test, fit, channels, on_error, seed)
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(
            f"path={str(path)!r}: there is no such folder; give one that holds a folder of pictures for each class"
        )
    problems: dict[Path, str] = {}
    pictures, labels, class_names = [], [], []
    for folder in _class_folders(path, problems):
        loaded = [fitted(picture, height, width, fit, channels) for picture in _pictures(folder, problems)]
        if not loaded:
            problems[folder] = "holds no picture that could be loaded"
            continue
        pictures += loaded
        labels += [len(class_names)] * len(loaded)
        class_names.append(folder.name)
    _tell(path, problems, on_error)
    if len(class_names) < 2:
        raise ValueError(
            f"path={str(path)!r} has {len(class_names)} folder(s) with pictures ({', '.join(class_names) or 'none'}); at least two are "
            "needed, one for each class. Is it one level too high or too low?"
        )
    order, cut = _split(np.array(labels), test, seed)
    x, y = np.stack(pictures)[order], np.array(labels)[order]
    dataset = Dataset(
        x_train=x[:cut],
        y_train=y[:cut],
        x_val=x[:0],
        y_val=y[:0],
        x_test=x[cut:],
        y_test=y[cut:],
        class_names=tuple(class_names),
        source=f"pictures in {path}",
        licence=licence,
    )
    dataset = hold_out(dataset, validation)
    lacking = [name for label, name in enumerate(class_names) if label not in dataset.y_train]
    if lacking:
        raise ValueError(
            f"test={test}, validation={validation}: no training picture is left of {', '.join(lacking)}; "
            "add pictures, or hold out fewer"
        )
    return dataset


def _check_arguments(size, test, fit, channels, on_error, seed) -> tuple[int, int]:
    sides = size if isinstance(size, tuple | list) else (size, size)
    if len(sides) != 2 or any(isinstance(s, bool) or not isinstance(s, int | np.integer) or s < 1 for s in sides):
        raise ValueError(f"size={size!r}: give a whole number of pixels, or (height, width)")
    if isinstance(test, bool) or not isinstance(test, int | float | np.number) or not 0 <= test < 1:
        raise ValueError(f"test={test!r}: give the share of test pictures, 0 or more and less than 1")
    for name, value, accepted in (
        ("fit", fit, _FITS),
        ("channels", channels, (3, 1)),
        ("on_error", on_error, ("raise", "report")),
    ):
        if value not in accepted or isinstance(value, bool):
            raise ValueError(f"{name}={value!r}: choose {' or '.join(map(repr, accepted))}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed={seed!r}: expected a whole number, at least 0")
    return int(sides[0]), int(sides[1])


# --- which files ------------------------------------------------------------------------------------------------------


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name.lower() in _IGNORED


def _class_folders(path: Path, problems: dict[Path, str]) -> list[Path]:
    folders = []
    for entry in sorted(path.iterdir(), key=lambda entry: entry.name):
        if _is_ignored(entry.name):
            continue
        if entry.is_dir():
            folders.append(entry)
        else:
            problems[entry] = "lies beside the class folders; put it into one of them"
    return folders


def _pictures(folder: Path, problems: dict[Path, str]) -> Iterator[np.ndarray]:
    """Yield the pictures below a class folder in the order of their paths; whatever is wrong goes into ``problems``."""
    for path in _files(folder, problems):
        try:
            yield read_picture(path)
        except (ValueError, OSError) as error:
            problems[path] = str(error)


def _files(folder: Path, problems: dict[Path, str]) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(
        folder, onerror=lambda error: problems.update({Path(error.filename): str(error)})
    ):
        for name in [name for name in folders if _is_ignored(name) or os.path.islink(os.path.join(parent, name))]:
            folders.remove(name)
            if not _is_ignored(name):
                problems[Path(parent, name)] = "is a link to a folder, which is not followed"
        found += [Path(parent, name) for name in names if not _is_ignored(name)]
    return sorted(found)


def _tell(path: Path, problems: dict[Path, str], on_error: str) -> None:
    if not problems:
        return
    lines = "\n".join(f"  {_relative(file, path)}: {reason}" for file, reason in problems.items())
    if on_error == "raise":
        raise ValueError(
            f"{len(problems)} problem(s) in {path}:\n{lines}\nRepair or remove these files, or load the rest with on_error='report'."
        )
    warnings.warn(SkippedPicturesWarning(f"left out of {path}:\n{lines}", problems), stacklevel=3)


def _relative(file: Path, folder: Path) -> Path:
    return file.relative_to(folder) if file.is_relative_to(folder) else file


def _split(labels: np.ndarray, test: float, seed: int) -> tuple[np.ndarray, int]:
    """Order in which every class is spread evenly, so that any piece of it is stratified, and where the test split begins."""
    rng = np.random.default_rng(seed)
    place = np.empty(len(labels))
    for label in range(labels.max() + 1):
        members = np.flatnonzero(labels == label)
        place[members] = (rng.permutation(len(members)) + 0.5) / len(members)
    order = np.argsort(place, kind="stable")
    return order, len(labels) - round(test * len(labels))


# --- one file ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Content:
    """What the bytes of a picture file say before they are decoded."""

    whole: bool
    exif: bytes = b""


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
    import cv2

    path = Path(path)
    if not path.exists():
        raise ValueError("is a broken link" if path.is_symlink() else "does not exist")
    if not path.is_file():
        raise ValueError("is not an ordinary file")
    data = path.read_bytes()
    if not data:
        raise ValueError("is empty")
    content = _inspect(data)
    if not content.whole:
        raise ValueError("is truncated or damaged; copy it again")
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise ValueError(f"cannot be decoded: {' '.join(str(error).split())}") from None
    if decoded is None:
        raise ValueError("is not a picture that OpenCV can read, or is damaged")
    return _upright(_to_rgb(decoded), _orientation(content.exif))


def _inspect(data: bytes) -> _Content:
    """Follow the pieces of the common formats to their end; decoders fill up what is missing without complaint."""
    if data[:3] == b"\xff\xd8\xff":
        return _inspect_jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _inspect_png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _inspect_webp(data)
    if data[:2] == b"BM" and len(data) >= 6:
        return _Content(len(data) >= int.from_bytes(data[2:6], "little"))
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        raise ValueError("is an HEIC picture; save it as JPEG or PNG")
    return _Content(whole=True)


def _inspect_jpeg(data: bytes) -> _Content:
    exif, at = b"", 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xD9:
            return _Content(True, exif)
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:  # fill byte, or a marker without a length
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0" and not exif:
            exif = data[at + 10 : end]
        at = _end_of_scan(data, end) if marker == 0xDA else end
    return _Content(data[at : at + 2] == b"\xff\xd9", exif)


def _end_of_scan(data: bytes, at: int) -> int:
    """Index of the marker after compressed data, in which 0xFF is followed by 0 or a restart marker; the length if there is none."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _inspect_png(data: bytes) -> _Content:
    exif, at = b"", 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 4 : at + 8 + length]
        if zlib.crc32(body) != int.from_bytes(data[at + 8 + length : at + 12 + length], "big"):
            return _Content(False)
        if kind == b"IEND":
            return _Content(True, exif)
        if kind == b"eXIf":
            exif = body[4:]
        at += 12 + length
    return _Content(False)


def _inspect_webp(data: bytes) -> _Content:
    if len(data) < 8 + int.from_bytes(data[4:8], "little"):
        return _Content(False)
    exif, at = b"", 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            exif = data[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0")
        at += 8 + length + length % 2
    return _Content(True, exif)


def _orientation(exif: bytes) -> int:
    """The orientation, 1 … 8, in an EXIF block; 1 if there is none."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "4xI", exif)
        (count,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, number, value = struct.unpack_from(order + "HHIH", exif, entry)
            if (tag, kind, number) == (_ORIENTATION, 3, 1):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _upright(picture: np.ndarray, orientation: int) -> np.ndarray:
    """Turn a picture as its EXIF orientation says: 5 … 8 are stored transposed, the others mirrored or upside down."""
    if orientation >= 5:
        picture = picture.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _to_rgb(decoded: np.ndarray) -> np.ndarray:
    """OpenCV's grey, BGR or BGRA of 8 or 16 bits → RGB of 8 bits, on white."""
    channels = 1 if decoded.ndim == 2 else decoded.shape[2]
    if decoded.dtype not in (np.uint8, np.uint16) or channels not in (1, 3, 4):
        raise ValueError(f"has {channels} channels of {decoded.dtype}; save it with 8 or 16 bits, in grey or colour")
    most = np.iinfo(decoded.dtype).max
    pixels = decoded.reshape(*decoded.shape[:2], channels)
    if channels == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    colour = pixels[..., 2::-1]
    if decoded.dtype == np.uint8 and channels < 4:
        return np.ascontiguousarray(colour)
    opacity = pixels[..., 3:] / most if channels == 4 else 1.0
    return np.rint((colour / most * opacity + (1 - opacity)) * 255).astype(np.uint8)


def fitted(picture: np.ndarray, height: int, width: int, fit: str, channels: int) -> np.ndarray:
    """Bring a picture, shape (H, W, 3), to shape (height, width, channels) by the rules of :func:`load_image_folder`."""
    import cv2

    rows, columns = picture.shape[:2]
    if fit == "crop":
        scale = max(height / rows, width / columns)
        kept = (min(rows, max(1, round(height / scale))), min(columns, max(1, round(width / scale))))
        top, left = (rows - kept[0]) // 2, (columns - kept[1]) // 2
        picture, inner = picture[top : top + kept[0], left : left + kept[1]], (height, width)
    else:
        scale = min(height / rows, width / columns)
        inner = (min(height, max(1, round(rows * scale))), min(width, max(1, round(columns * scale))))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(np.ascontiguousarray(picture), inner[::-1], interpolation=method)
    if channels == 1:
        resized = cv2.cvtColor(resized, cv2.COLOR_RGB2GRAY)[..., None]
    canvas = np.zeros((height, width, channels), np.uint8)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    canvas[top : top + inner[0], left : left + inner[1]] = resized
    return canvas
