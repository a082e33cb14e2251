"""The data folder: where downloaded and generated data live, and how they get there unharmed.

:func:`data_home` is the folder: ``COURSE_DATA_HOME``, or ``cnn-course`` in the platform's cache. Whatever writes to it holds to three rules.

1. **One writer at a time.** ``with locked(data_home() / "mnist_c"):`` one lock a data set, across processes and threads. A thread may
   take a lock that it already holds. Readers need no lock, so that a data folder prepared by somebody else may be read-only.
2. **All or nothing.** ``write_atomically(path, content)`` writes to a temporary name, checks what arrived, and renames. A killed
   process leaves at most a temporary file, which the next writer of that file removes; an error leaves nothing.
3. **Known content.** Beside ``name.npy`` stands ``name.npy.json`` with its SHA-256, its length and the version of what made it. A
   file that differs is damaged, a file without one is foreign; neither is ever returned as ours.

Most loaders need one call, which reads, and makes what is missing or not as recorded::

    arrays = cached_arrays("photo_patches/seed-0.npz", make, version=1)         # make() → dict of arrays, one .npz
    images = cached_array("mnist_c/fog/test_images.npy", make, version=1)       # make() → one array, one .npy

``version`` is a number or string that changes whenever ``make`` would give other arrays. The pieces are there for loaders that do
more: :func:`state` tells what a file is, :func:`read_arrays` and :func:`write_arrays` do one half each, :func:`problems` lists what
is wrong below a folder. Both calls lock the data set, which is the first part of ``relative_path``; a script that makes many
files takes ``locked(data_home() / "mnist_c")`` around them or not, as it likes.
"""

import contextlib
import errno
import hashlib
import io
import json
import os
import secrets
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from course_utils.datasets._bundled import CorruptDataError

VARIABLE = "COURSE_DATA_HOME"
LOCK_TIMEOUT = 600.0
_PATIENCE = 1.0
_RECORDED = {".npy", ".npz", ".bin"}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


class DataFolderError(OSError):
    """The data folder cannot be used: it is full, read-only, not a folder, or locked for too long."""


def data_home() -> Path:
    """Return the data folder, which need not exist yet.

    Returns
    -------
    pathlib.Path
        The absolute path in the environment variable ``COURSE_DATA_HOME``, or ``cnn-course`` in the platform's cache folder.

    Raises
    ------
    DataFolderError
        If there is something else than a folder at that path.
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    if chosen:
        home = Path(os.path.abspath(os.path.expanduser(chosen)))
    else:
        import platformdirs

        home = platformdirs.user_cache_path("cnn-course", appauthor=False)
    if home.exists() and not home.is_dir():
        raise DataFolderError(f"the data folder {home} is a file. Set {VARIABLE} to a folder that you may write to.")
    return home


# --- errors -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def explained(folder: Path, what: str) -> Iterator[None]:
    """Turn an OSError while ``what`` is done in ``folder`` into a :class:`DataFolderError` that says what to do."""
    try:
        yield
    except DataFolderError:
        raise
    except OSError as error:
        if error.errno in _NO_SPACE:
            reason, advice = "there is no space left", "Free some space there"
        elif error.errno in _READ_ONLY:
            reason, advice = "it is read-only for you", "Make it writable"
        else:
            reason, advice = error.strerror or str(error), "Repair that"
        raise DataFolderError(
            error.errno,
            f"{what} in the data folder {folder} failed: {reason}. "
            f"{advice}, or set {VARIABLE} to another folder; nothing incomplete was left behind",
        ) from error


# --- one at a time ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path: str | Path, *, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the lock of a data set; others that ask for the same one wait.

    Parameters
    ----------
    path : str or pathlib.Path
        File or folder of the data set; the lock is the hidden file ``.<name>.lock`` beside it. The system frees it even if
        its holder is killed.
    timeout : float
        Seconds to wait. After the first one, a message on stderr says what is waited for.

    Raises
    ------
    DataFolderError
        If the lock is not free in time, or the folder cannot be written to.
    """
    import filelock

    path = Path(path)
    with explained(path.parent, f"locking {path.name}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path.parent / f".{path.name}.lock", is_singleton=True)
        try:
            _acquire(lock, path, timeout)
        except NotImplementedError as error:  # some network file systems have no locks
            raise OSError(errno.ENOTSUP, f"its file system has no locks ({error})") from error
    try:
        yield
    finally:
        lock.release()


def _acquire(lock, path: Path, timeout: float) -> None:
    import filelock

    try:
        lock.acquire(timeout=min(_PATIENCE, timeout))
        return
    except filelock.Timeout:
        pass
    if timeout > _PATIENCE:
        print(f"Another program is preparing {path}; waiting for it (at most {timeout:.0f} s) …", file=sys.stderr)
    try:
        lock.acquire(timeout=max(timeout - _PATIENCE, 0))
    except filelock.Timeout:
        raise DataFolderError(
            errno.EBUSY,
            f"another program has been preparing {path} for more than {timeout:.0f} s. Wait until it has finished, "
            "or stop it, and ask again",
        ) from None


# --- all or nothing -----------------------------------------------------------------------------------------------


def write_atomically(
    path: str | Path,
    write: bytes | memoryview | Callable[[BinaryIO], object],
    *,
    check: Callable[[Path], object] | None = None,
) -> str:
    """Write a file so that it appears whole or not at all. The caller holds the data set's lock.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; its folder is made if need be. Leftovers of killed writers of the same file are removed.
    write : bytes, memoryview or callable
        The content, or a function that writes it to the open binary file it is given.
    check : callable, optional
        Called with the path of the temporary file before the renaming; raises if the content is not good.

    Returns
    -------
    str
        SHA-256 of the file, hexadecimal.

    Raises
    ------
    DataFolderError
        If the folder cannot be written to or is full; the previous file is as it was.
    CorruptDataError
        If what arrived on the disk is not what was written.
    """
    path, given = Path(path), isinstance(write, bytes | memoryview)
    with explained(path.parent, f"writing {path.name}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            with open(temporary, "xb") as file:
                file.write(write) if given else write(file)
                file.flush()
                os.fsync(file.fileno())
            digest = sha256(temporary)
            if given and digest != hashlib.sha256(write).hexdigest():
                raise CorruptDataError(f"{path} did not arrive on the disk as it was written; is the disk all right?")
            if check is not None:
                check(temporary)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    return digest


def remove_leftovers(path: str | Path) -> None:
    """Remove the temporary files that killed writers of ``path`` left. The caller holds the lock."""
    path = Path(path)
    if path.parent.is_dir():
        for name in os.listdir(path.parent):
            if name.startswith(f".{path.name}.") and name.endswith(".part"):
                (path.parent / name).unlink(missing_ok=True)


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make a renaming last through a power failure, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# --- known content ------------------------------------------------------------------------------------------------


def record_of(path: str | Path) -> Path:
    """Path of the record that belongs to a cached file."""
    path = Path(path)
    return path.with_name(f"{path.name}.json")


def state(path: str | Path, *, version: int | str | None = None) -> str:
    """Tell what a cached file is, after reading all of it.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    version : int or str, optional
        The version it should have; not looked at unless given.

    Returns
    -------
    {"missing", "foreign", "damaged", "old", "good"}
        ``"foreign"``: there is a file but no record, so that somebody else put it there. ``"damaged"``: it differs from its record.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        return "missing"
    return _state_of(content, Path(path), version)


def _state_of(content: bytes, path: Path, version: int | str | None) -> str:
    try:
        record = json.loads(record_of(path).read_bytes())
        digest, length, made_by = record["sha256"], record["bytes"], record["version"]
    except FileNotFoundError:
        return "foreign"
    except (ValueError, TypeError, KeyError):
        return "damaged"
    if length != len(content) or digest != hashlib.sha256(content).hexdigest():
        return "damaged"
    return "good" if version is None or made_by == version else "old"


def write_arrays(path: str | Path, arrays: np.ndarray | Mapping[str, np.ndarray], *, version: int | str) -> None:
    """Store one array as ``.npy`` or a dictionary of arrays as ``.npz``, and its record. The caller holds the lock.

    Raises
    ------
    DataFolderError
        If the folder cannot be written to or is full.
    TypeError, ValueError
        If ``path`` does not end as ``arrays`` needs, or an array holds Python objects, which only a pickle could store.
    """
    path, buffer = Path(path), io.BytesIO()
    if path.suffix != (".npz" if isinstance(arrays, Mapping) else ".npy"):
        raise ValueError(f"{path.name}: a dictionary of arrays goes into .npz, one array into .npy")
    if isinstance(version, bool) or not isinstance(version, int | str):
        raise TypeError(f"version={version!r}: give a whole number or a string")
    each = arrays if isinstance(arrays, Mapping) else {"array": arrays}
    for name, array in each.items():
        if not isinstance(array, np.ndarray) or array.dtype.hasobject:
            raise TypeError(f"{name} is {type(array).__name__}: only NumPy arrays without Python objects are stored")
    if isinstance(arrays, Mapping):
        np.savez(buffer, **arrays)
    else:
        np.save(buffer, arrays, allow_pickle=False)
    write_recorded(path, buffer.getbuffer(), version=version)


def write_recorded(path: str | Path, content: bytes | memoryview, *, version: int | str) -> None:
    """Store bytes and their record, as :func:`write_arrays` does for arrays. The caller holds the lock."""
    path, digest = Path(path), hashlib.sha256(content).hexdigest()
    record = {"sha256": digest, "bytes": len(content), "version": version}
    # The record goes first. Killed in between, the file is damaged or missing, and never taken for one that the user put there.
    write_atomically(record_of(path), (json.dumps(record, indent=1) + "\n").encode())
    write_atomically(path, content)


def read_arrays(path: str | Path, *, version: int | str | None = None) -> np.ndarray | dict[str, np.ndarray]:
    """Return the array of a ``.npy`` file or the arrays of an ``.npz`` file that is as its record says. Pickles are refused.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CorruptDataError
        If its :func:`state` is not ``"good"``.
    """
    path = Path(path)
    content = path.read_bytes()
    found = _state_of(content, path, version)
    if found != "good":
        raise CorruptDataError(f"the cached file {path} is {found}: {_MEANING[found]}")
    loaded = np.load(io.BytesIO(content), allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        return loaded
    with loaded:
        return {name: loaded[name] for name in loaded.files}


_MEANING = {
    "damaged": "it differs from its record",
    "foreign": "it has no record of what it should be",
    "old": "an earlier version of the course made it",
}


def cached_arrays(
    relative_path: str,
    make: Callable[[], Mapping[str, np.ndarray]],
    *,
    version: int | str,
    timeout: float = LOCK_TIMEOUT,
) -> dict[str, np.ndarray]:
    """Return the arrays of an ``.npz`` file in the data folder; make it first if it is missing or not as recorded.

    Parameters
    ----------
    relative_path : str
        Path below the data folder, with ``/``. Its first part names the data set and its lock.
    make : callable
        Returns the arrays by name. It is called under the lock, at most once.
    version : int or str
        Changes whenever ``make`` would return other arrays.
    timeout : float
        Seconds to wait for another program that is making the same data set.

    Raises
    ------
    DataFolderError
        If a file must be made and the data folder is read-only, full, or locked for too long.
    """
    return _cached(relative_path, make, version, timeout)


def cached_array(
    relative_path: str, make: Callable[[], np.ndarray], *, version: int | str, timeout: float = LOCK_TIMEOUT
) -> np.ndarray:
    """Return the array of a ``.npy`` file in the data folder, made first if need be, like :func:`cached_arrays`."""
    return _cached(relative_path, make, version, timeout)


def _cached(relative_path, make, version, timeout):
    parts = PurePosixPath(relative_path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise ValueError(f"relative_path={relative_path!r}: give a path below the data folder")
    home = data_home()
    path = home / parts
    arrays = _read_if_good(path, version)
    if arrays is not None:
        return arrays
    with locked(home / parts.parts[0], timeout=timeout):
        arrays = _read_if_good(path, version)  # somebody else may have made it while this process waited
        if arrays is None:
            found = state(path)
            if found in ("damaged", "foreign"):
                warnings.warn(f"{path} is {found}: {_MEANING[found]}. It is made anew.", stacklevel=4)
            arrays = make()
            write_arrays(path, arrays, version=version)
    return arrays


def _read_if_good(path: Path, version: int | str) -> np.ndarray | dict[str, np.ndarray] | None:
    try:
        return read_arrays(path, version=version)
    except (FileNotFoundError, CorruptDataError):
        return None
    except OSError as error:
        with explained(path.parent, f"reading {path.name}"):
            raise error


def problems(folder: str | Path) -> list[str]:
    """Say what is wrong with the recorded files below a folder: one line a file, none if all are as recorded."""
    found = []
    for record in sorted(Path(folder).rglob("*.json")):
        path = record.with_suffix("")
        if path.suffix in _RECORDED and (what := state(path)) != "good":
            found.append(f"{path} is {what}" + (f": {_MEANING[what]}" if what in _MEANING else ""))
    return found
