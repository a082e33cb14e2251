"""Your own pictures: a folder for each class, read so that no file is dropped without a word."""

import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from course_utils._arguments import as_choice, as_pair, as_path, as_seed, as_share, as_text, given, refuse
from course_utils.datasets._dataset import Dataset, hold_out
from course_utils.datasets._picture import read_picture

_IGNORED = {"thumbs.db", "desktop.ini", "__macosx"}
_LARGEST_SIDE = 4096
_TRAIN_NAME = re.compile("(train|training|trn)(set|data)?")
_TEST_NAME = re.compile("(test|testing|tst|val|valid|validation|dev|eval|evaluation|holdout)(set|data)?")


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
    WebP, BMP, TIFF, GIF, AVIF, JPEG 2000 and PPM are accepted. Hidden files, ``Thumbs.db``, ``desktop.ini`` and
    ``__MACOSX`` are passed over. Every other file is loaded or named with a reason: empty, truncated, not a picture, HEIC, a
    broken link, a link to a folder, a file beside the class folders.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder. Classes are its folders in the order of their names; class folders may be links.
    size : int or (int, int)
        Height and width H, W that all pictures get, at most 4096; one number for both.
    validation : int
        How many training pictures to hold out for validation.
    test : float
        Share of the pictures of each class that makes the test split, 0 … 1 (without 1); at least one of each class that has two,
        unless it is 0.
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
        Pictures, uint8, shape (N, H, W, channels); labels 0 … in the order of the class names. Each class has its share of the
        test split, to the nearest picture, and of the others, to the nearest two; the splits are mixed. A split that is asked for
        but lacks a class is warned about.

    Raises
    ------
    FileNotFoundError
        If there is no folder ``path``.
    PermissionError
        If you may not read the folder.
    ValueError
        If an argument is outside the range given above, there are fewer than two classes, the folders are named after splits, a
        class has no training picture, or, with ``on_error="raise"``, any file cannot be loaded.

    Notes
    -----
    Transparent pictures are put on white. 16-bit pictures are divided by 257, so that 65 535 becomes 255. Pictures that a camera
    saved turned are turned upright as their EXIF entry says. CMYK is converted without colour profiles. Of animations and
    many-paged files the first picture is taken.

    A part of a picture that was cut off is noticed, and so is a changed byte in a PNG's. Of bytes that were overwritten in the middle
    of a JPEG, which has no checksum, only those that no JPEG can hold are. Look at your pictures after loading.

    Two pictures of one burst are near copies. If one is in the training and the other in the test split, accuracy is too good to
    be true: split such pictures by session, into folders of their own, before loading.
    """
    path, size, test, seed = as_path(path), as_pair(size, "size"), as_share(test, "test"), as_seed(seed)
    if max(size) > _LARGEST_SIDE:
        raise refuse("size", size, f"at most {_LARGEST_SIDE} pixels a side")
    as_choice(fit, "fit", ("crop", "letterbox"))
    as_choice(channels, "channels", (3, 1))
    as_choice(on_error, "on_error", ("raise", "report"))
    as_text(licence, "licence")
    pictures, labels, class_names = _load_classes(path, size, fit, channels, on_error)
    order, cut = _split(np.array(labels), test, seed)
    x, y = np.stack([pictures[number] for number in order]), np.array(labels)[order]
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
    if cut:  # else there is nothing to hold out of, which is said below
        dataset = hold_out(dataset, validation)
    _check_splits(dataset, test, validation)
    return dataset


def _load_classes(path: Path, size: tuple[int, int], fit: str, channels: int, on_error: str) -> tuple[list, list, list]:
    """All pictures in their size, their labels, and the names of the classes."""
    if not os.path.isdir(path):
        raise FileNotFoundError(
            f"path={given(str(path))}: there is no such folder; give one that holds a folder of pictures for each class"
        )
    problems: dict[Path, str] = {}
    pictures, labels, class_names = [], [], []
    for folder in _class_folders(path, problems):
        loaded = [fitted(picture, *size, fit, channels) for picture in _pictures(folder, problems)]
        if not loaded:
            problems[folder] = "holds no picture that could be loaded"
            continue
        pictures += loaded
        labels += [len(class_names)] * len(loaded)
        class_names.append(folder.name)
    _tell(path, problems, on_error)
    if len(class_names) < 2:
        raise ValueError(
            f"path={given(str(path))} has {len(class_names)} folder(s) with pictures ({', '.join(class_names) or 'none'}); at least two "
            "are needed, one for each class. Is it one level too high or too low?"
        )
    return pictures, labels, class_names


def _check_splits(dataset: Dataset, test: float, validation: int) -> None:
    """Raise ValueError if a class has no training picture; warn of a class that another split lacks."""
    lacking = {
        split: [name for label, name in enumerate(dataset.class_names) if label not in getattr(dataset, f"y_{split}")]
        for split in ("train", "val", "test")
    }
    if lacking["train"]:
        raise ValueError(
            f"test={test}, validation={validation}: no training picture is left of {', '.join(lacking['train'])}; "
            "add pictures, or hold out fewer"
        )
    for split, wanted in (("val", validation), ("test", test)):
        if wanted and lacking[split]:
            warnings.warn(
                f"the {split} split holds no picture of {', '.join(lacking[split])}: nothing is known of them there",
                stacklevel=3,
            )


# --- which files ------------------------------------------------------------------------------------------------------


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name.lower() in _IGNORED


def _class_folders(path: Path, problems: dict[Path, str]) -> list[Path]:
    folders = []
    try:
        for entry in sorted(path.iterdir(), key=lambda entry: entry.name):
            if _is_ignored(entry.name):
                continue
            if entry.is_dir():
                folders.append(entry)
            else:
                problems[entry] = "lies beside the class folders; put it into one of them"
    except OSError as error:
        raise type(error)(f"path={given(str(path))} cannot be read: {error.strerror}") from None
    words = {word for folder in folders for word in re.split("[^a-z]+", folder.name.lower())}
    if all(any(name.fullmatch(word) for word in words) for name in (_TRAIN_NAME, _TEST_NAME)):
        raise ValueError(
            f"path={given(str(path))}: the folders {', '.join(folder.name for folder in folders)} look like splits, not like "
            "classes; load one of them at a time, or put the pictures of a class into one folder"
        )
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
    lines = "\n".join(f"  {os.path.relpath(file, path)}: {reason}" for file, reason in problems.items())
    if on_error == "raise":
        raise ValueError(
            f"{len(problems)} problem(s) in {path}:\n{lines}\nRepair or remove these files, or load the rest with on_error='report'."
        )
    warnings.warn(SkippedPicturesWarning(f"left out of {path}:\n{lines}", problems), stacklevel=4)


def _split(labels: np.ndarray, test: float, seed: int) -> tuple[np.ndarray, int]:
    """Order in which every class is spread evenly over training and test pictures, and where the latter begin."""
    rng = np.random.default_rng(seed)
    place = np.empty(len(labels))
    for label in range(labels.max() + 1):
        members = rng.permutation(np.flatnonzero(labels == label))
        count = round(test * len(members)) or int(test > 0 and len(members) > 1)
        training = len(members) - count
        place[members[:training]] = (np.arange(training) + 0.5) / max(training, 1)
        place[members[training:]] = 1 + (np.arange(count) + 0.5) / max(count, 1)
    return np.argsort(place, kind="stable"), int(np.count_nonzero(place < 1))


def fitted(picture: np.ndarray, height: int, width: int, fit: str, channels: int) -> np.ndarray:
    """Bring a picture, shape (H, W, 3), to shape (height, width, channels) by the rules of :func:`load_image_folder`."""
    from PIL import Image, ImageOps

    image, ratios = Image.fromarray(picture), (width / picture.shape[1], height / picture.shape[0])
    scale = max(ratios) if fit == "crop" else min(ratios)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    if fit == "crop":
        result = ImageOps.fit(image, (width, height), method)
    else:
        inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        result = Image.new("RGB", (width, height))
        result.paste(image.resize(inner, method), ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return np.asarray(result if channels == 3 else result.convert("L")).reshape(height, width, channels)
