"""CIFAR-10, from the official archive in its binary form, which needs no pickle."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course_utils._arguments import as_flag, as_path, printable
from course_utils.datasets import _archive, _store
from course_utils.datasets._bundled import CorruptDataError
from course_utils.datasets._dataset import Dataset, hold_out
from course_utils.datasets._entry import Entry, complaints

ARCHIVE = "cifar-10-binary.tar.gz"
FOLDER = "cifar-10-batches-bin"
URLS = (
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
)
LENGTH = 170_052_171
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = ("test_batch.bin",)
RECORDS = 10_000
_PIXELS = 32 * 32 * 3
_VERSION = "official archive"
SOURCE = "CIFAR-10, Alex Krizhevsky, Vinod Nair and Geoffrey Hinton, after the 80 million tiny images"
LICENCE = "none stated by the authors; cite Krizhevsky, Learning multiple layers of features from tiny images, 2009"


def load_cifar10(*, validation: int = 0, path: str | Path | None = None, download: bool = True) -> Dataset:
    """Load the 50 000 training and 10 000 test pictures of CIFAR-10.

    The data folder (``COURSE_DATA_HOME``) is searched for the unpacked folder ``cifar-10-batches-bin`` and for the archive
    ``cifar-10-binary.tar.gz``; without either, the archive is downloaded. It is unpacked once. The archive is verified by its
    checksums, and so is what was unpacked from it here; of a folder that you unpacked yourself, the lengths of the files and the number
    of pictures in each class.

    Parameters
    ----------
    validation : int
        How many training pictures to hold out for validation: the last ones. 0 by default.
    path : str or pathlib.Path, optional
        The archive, the unpacked folder, or a folder that holds one of them; it is only read, and nothing is downloaded.
    download : bool
        Whether the archive may be downloaded (170 MB).

    Returns
    -------
    Dataset
        Raw pictures, uint8, shape (N, 32, 32, 3), red, green, blue; labels 0 … 9; original order.

    Raises
    ------
    FileNotFoundError
        If the data are not there and cannot be downloaded; the text says which file to put where.
    CorruptDataError
        If the file or folder at ``path`` is not CIFAR-10.
    PermissionError
        If you may not read what is at ``path``.
    DataFolderError
        If the data folder is full.
    ValueError
        If ``validation`` is not between 0 and 49 999, ``path`` is no path or ``download`` neither True nor False.

    References
    ----------
    Krizhevsky, *Learning multiple layers of features from tiny images*, 2009.
    """
    download = as_flag(download, "download")
    batches = _read_data_home(download) if path is None else _read_given(as_path(path))
    x_train, y_train = _decode([batches[name] for name in TRAIN])
    x_test, y_test = _decode([batches[name] for name in TEST])
    dataset = Dataset(
        x_train,
        y_train,
        x_train[:0],
        y_train[:0],
        x_test,
        y_test,
        class_names=CLASS_NAMES,
        source=SOURCE,
        licence=LICENCE,
    )
    return hold_out(dataset, validation)


def _decode(batches: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Records of one label and 3 × 32 × 32 pixels → pictures (N, 32, 32, 3) and labels (N,)."""
    records = np.concatenate([np.frombuffer(batch, np.uint8).reshape(-1, 1 + _PIXELS) for batch in batches])
    pictures = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(pictures), records[:, 0].copy()


# --- where it is ------------------------------------------------------------------------------------------------------


def _read_given(path: Path) -> dict[str, bytes]:
    try:
        for folder in (path, path / FOLDER):
            if (folder / TRAIN[0]).exists():
                return _read_folder(folder)
        for archive in (path, path / ARCHIVE):
            if archive.is_file():
                check_archive(archive)
                return _read_archive(archive)
    except PermissionError as error:
        raise PermissionError(f"path={str(path)!r} cannot be read: {error.strerror}") from error
    raise FileNotFoundError(
        f"path={str(path)!r}: there is neither the archive {ARCHIVE} nor the folder {FOLDER} with its six .bin files"
    )


def _read_data_home(download: bool) -> dict[str, bytes]:
    home = _store.data_home()
    damage = ""
    if (home / FOLDER).is_dir():
        try:
            return _read_folder(home / FOLDER)
        except CorruptDataError as error:
            damage = str(error)
    try:
        with _store.locked(home / "cifar10"):
            return _unpack(home, damage, download)
    except _store.DataFolderError:
        if not (home / ARCHIVE).is_file():
            raise
        return _read_given(home / ARCHIVE)  # the folder is read-only or full, but the data are there


def _unpack(home: Path, damage: str, download: bool) -> dict[str, bytes]:
    """Unpack the archive in the data folder, downloaded first if need be; the lock is held."""
    if (home / FOLDER).is_dir():
        try:
            return _read_folder(home / FOLDER)  # somebody else has just unpacked it
        except CorruptDataError as error:
            damage = str(error)
    batches = _read_or_download(home, damage, download)
    if damage:
        warnings.warn(f"{damage}. It is unpacked anew.", stacklevel=5)
    for name, content in batches.items():
        _store.write_recorded(home / FOLDER / name, content, version=_VERSION)
    return batches


def _read_or_download(home: Path, damage: str, download: bool) -> dict[str, bytes]:
    archive = home / ARCHIVE
    if archive.is_file():
        try:
            return _read_given(archive)
        except CorruptDataError as error:
            damage = " ".join(filter(None, (damage, str(error))))
            if download:
                warnings.warn(f"{error}. It is downloaded anew.", stacklevel=6)
    if not download:
        raise FileNotFoundError(instructions(home, damage or "downloads are switched off (download=False)"))
    print(f"Downloading CIFAR-10 ({LENGTH / 1e6:.0f} MB) to {printable(archive)}")
    try:
        _archive.download(URLS, archive, sha256=SHA256, length=LENGTH)
    except _archive.DownloadError as error:
        raise FileNotFoundError(instructions(home, f"{damage} The download failed: {error}".strip())) from error
    return _read_archive(archive)


def instructions(home: Path, reason: str) -> str:
    """Say how to bring CIFAR-10 to a machine where it cannot be downloaded."""
    return (
        f"CIFAR-10 is not in the data folder {home}: {reason}\n"
        f"With a network, call again. Without one, bring the file {ARCHIVE} from another machine:\n"
        f"  from      {URLS[0]}\n"
        f"  to        {home / ARCHIVE}\n"
        f"  length    {LENGTH} bytes\n"
        f"  MD5       {MD5}\n"
        f"  SHA-256   {SHA256}\n"
        "or name the place where you have it: load_cifar10(path=...). load_photo_patches() has pictures that need no download."
    )


# --- is it the right one ----------------------------------------------------------------------------------------------


def _expected() -> dict[str, int]:
    return {f"{FOLDER}/{name}": RECORDS * (1 + _PIXELS) for name in TRAIN + TEST}


def check_archive(path: Path) -> None:
    """Raise CorruptDataError unless a file is the official archive, to the last byte."""
    length = _store.size_of(path)
    if length != LENGTH:
        raise CorruptDataError(f"{path} has {length} bytes; {ARCHIVE} has {LENGTH}: delete it and get it again")
    if (found := _store.sha256(path)) != SHA256:
        raise CorruptDataError(f"{path} has SHA256 {found}; {ARCHIVE} has {SHA256}: delete it and get it again")


def _read_archive(path: Path) -> dict[str, bytes]:
    """Content of the batches by name; the archive has just been verified."""
    return {Path(name).name: content for name, content in _archive.read_members(path, _expected()).items()}


def _read_folder(folder: Path) -> dict[str, bytes]:
    batches = {}
    for name in TRAIN + TEST:
        path = folder / name
        found, content = _store.look(path)
        if found == "missing":
            raise CorruptDataError(f"{folder} is incomplete: {name} is missing")
        if found not in ("good", "foreign"):
            raise CorruptDataError(f"{path} is {found}: it is not what was unpacked")
        batches[name] = content or _store.read(path, most=2 * RECORDS * (1 + _PIXELS))
    _check_batches(folder, batches)
    return batches


def _check_batches(where: Path, batches: Mapping[str, bytes]) -> None:
    """Raise CorruptDataError unless lengths, labels and the number of pictures of each class are CIFAR-10's."""
    for name, content in batches.items():
        if len(content) != RECORDS * (1 + _PIXELS):
            raise CorruptDataError(f"{where}: {name} has {len(content)} bytes, not {RECORDS * (1 + _PIXELS)}")
    for names in (TRAIN, TEST):
        labels = np.concatenate([np.frombuffer(batches[name], np.uint8)[:: 1 + _PIXELS] for name in names])
        counts = np.bincount(labels, minlength=len(CLASS_NAMES))
        right = [len(names) * RECORDS // len(CLASS_NAMES)] * len(CLASS_NAMES)
        if counts.tolist() != right:
            raise CorruptDataError(
                f"{where}: {', '.join(names)} hold {counts.tolist()} pictures of each class, not {right}"
            )


# --- the catalogue ----------------------------------------------------------------------------------------------------


def _place() -> Path | None:
    home = _store.data_home()
    return next((path for path in (home / FOLDER, home / ARCHIVE) if os.path.lexists(path)), None)


def _check() -> list[str]:
    home = _store.data_home()
    checks = {FOLDER: lambda: _read_folder(home / FOLDER), ARCHIVE: lambda: check_archive(home / ARCHIVE)}
    return [line for name, check in checks.items() if os.path.lexists(home / name) for line in complaints(check)]


ENTRY = Entry(
    name="cifar10",
    title="CIFAR-10",
    size="170 MB, downloaded",
    licence=LICENCE,
    home="the data folder",
    load=load_cifar10,
    fetch=lambda report: load_cifar10(),
    place=_place,
    check=_check,
)
