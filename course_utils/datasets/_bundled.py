"""Reading data files of which nothing is taken on trust, and those that lie beside this module, each with a recorded SHA-256."""

import hashlib
import io
import math
import re
from pathlib import Path

import numpy as np

DATA_DIR = Path(__file__).parent / "data"
_LONGEST_SUMS = 1 << 16
_NAMES = {"mnist.npz": ("x_train", "y_train", "x_test", "y_test")}


class CorruptDataError(ValueError):
    """A data file is not what it was when it was made: damaged, truncated or replaced."""


def array_of(content: bytes, path: object) -> np.ndarray:
    """The array of a ``.npy`` file, if its length is the one that its header promises; a pickle is refused.

    Raises
    ------
    CorruptDataError
        If ``content``, which ``path`` names in the message, is anything else.
    """
    stream = io.BytesIO(content)
    try:
        headers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = headers[np.lib.format.read_magic(stream)](stream)
        promised = math.prod(shape) * dtype.itemsize
        if dtype.hasobject:
            raise ValueError("it holds a pickle")
        if min(shape, default=0) < 0 or len(content) - stream.tell() != promised:
            raise ValueError(f"its header promises {promised} bytes, {len(content) - stream.tell()} are there")
        stream.seek(0)
        return np.load(stream, allow_pickle=False)
    except Exception as error:  # what NumPy raises for a damaged header is not limited to one kind
        raise CorruptDataError(f"{path} cannot be read as an array ({' '.join(str(error).split())[:200]})") from error


def digest_of(array: np.ndarray) -> str:
    """SHA-256 of an array's values in their order, hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(array)).hexdigest()


def recorded_checksums(folder: Path) -> dict[str, str]:
    """File name → SHA-256 (hexadecimal), as recorded in ``SHA256SUMS`` in ``folder``; ValueError if that is damaged."""
    path = folder / "SHA256SUMS"
    if not path.is_file() or not 0 < path.stat().st_size <= _LONGEST_SUMS:
        raise ValueError(f"{path} is not a file of 1 to {_LONGEST_SUMS} bytes")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    sums = {name: digest.lower() for digest, name in (line.split() for line in lines if line.strip())}
    for name, digest in sums.items():
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise ValueError(f"{path}: {digest[:80]!r}, recorded for {name}, is not a SHA-256 hash")
    return sums


def read_npz(name: str, folder: Path = DATA_DIR) -> dict[str, np.ndarray]:
    """Arrays of the bundled file ``name``, after verifying that it is undamaged.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    CorruptDataError
        If its content differs from the recorded checksum, the checksums are damaged, or it does not hold the arrays that it should.
    """
    path, advice = folder / name, "in its folder, or reinstall the package"
    if not path.is_file():
        raise FileNotFoundError(
            f"the bundled data file {path} is missing. Restore it with `git checkout -- {name}` {advice}; "
            "data_scripts/ shows how it was made."
        )
    try:
        expected = recorded_checksums(folder)[name]
    except (OSError, ValueError, KeyError) as error:
        raise CorruptDataError(
            f"{folder / 'SHA256SUMS'} does not tell the SHA-256 of {name}: it is missing or damaged. "
            f"Restore it with `git checkout -- SHA256SUMS` {advice}."
        ) from error
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorruptDataError(f"the bundled data file {path} cannot be read: {error.strerror}.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise CorruptDataError(
            f"the bundled data file {path} is damaged: {len(content)} bytes with SHA-256 {found[:12]}..., "
            f"expected {expected[:12]}.... Restore it with `git checkout -- {name}` {advice}."
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        if missing := set(_NAMES.get(name, ())) - set(arrays):
            raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    except Exception as error:  # what NumPy raises for a file that is none of its own is not limited to one kind
        raise CorruptDataError(
            f"the bundled data file {path} and its SHA-256 were replaced: it cannot be read as the arrays of {name} "
            f"({' '.join(str(error).split())[:200]}). Restore both with `git checkout -- {name} SHA256SUMS` {advice}."
        ) from error
    return arrays
