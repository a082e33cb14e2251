"""The data folder: where downloaded and generated data live, and how they get there unharmed.

:func:`data_home` is the folder: ``COURSE_DATA_HOME``, or ``cnn-course`` in the platform's cache. Whatever writes to it holds to three rules.

1. **One writer at a time.** ``with locked(data_home() / "mnist_c"):`` one lock a data set, across processes and threads. A thread may
   take a lock that it already holds. Readers need no lock, so that a data folder prepared by somebody else may be read-only.
2. **All or nothing.** What is written goes to a temporary file, is read back and renamed. A killed process leaves at most a
   temporary file, which the next writer of that file removes; an error leaves what was there before.
3. **Known content.** Beside ``name.npy`` stands ``name.npy.json`` with its SHA-256, its length, its place in its data set and the version
   of what made it. A file that differs is damaged, a file without one is foreign; neither is ever returned as ours.

A loader needs one call, which reads, and makes what is missing or not as recorded::

    images = cached_array("mnist_c/fog/test_images.npy", make, version=1)       # make() → one array

``version`` is a number or string that changes whenever ``make`` would give another array.
"""

import contextlib
import errno
import hashlib
import io
import json
import os
import secrets
import shutil
import stat
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from course_utils.datasets._bundled import CorruptDataError, array_of

VARIABLE = "COURSE_DATA_HOME"
LOCK_TIMEOUT = 600.0
_PATIENCE = 1.0
_LONGEST_RECORD = 1 << 16
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}  # of a folder, on some network file systems
_MEANING = {
    "foreign": "it has no record of what it should be",
    "damaged": "it differs from its record",
    "misplaced": "its record belongs to another file",
    "old": "an earlier version of the course made it",
    "blocked": "it is not an ordinary file",
}


class DataFolderError(OSError):
    """The data folder cannot be used: it is full, read-only, not a folder, or locked for too long."""


def data_home() -> Path:
    """Return the data folder, which need not exist yet.

    Returns
    -------
    pathlib.Path
        The path in the environment variable ``COURSE_DATA_HOME``, or ``cnn-course`` in the platform's cache folder.

    Raises
    ------
    DataFolderError
        If the path is relative, too long, or there is something else than a folder.
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    if chosen:
        home = Path(os.path.expanduser(chosen))
    else:
        import platformdirs

        home = platformdirs.user_cache_path("cnn-course", appauthor=False)
    advice = f"Set {VARIABLE} to a folder that you may write to."
    if not home.is_absolute():
        raise DataFolderError(f"the data folder {str(home)!r} is not a full path. {advice}")
    try:
        there = stat.S_IFMT(os.lstat(home).st_mode)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise DataFolderError(
                error.errno, f"the data folder {str(home)[:200]} cannot be used: {error.strerror}. {advice}"
            ) from error
        return home
    if not home.is_dir():
        what = "is a file" if there == stat.S_IFREG else "is not a folder"
        raise DataFolderError(f"the data folder {home} {what}. {advice}")
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
        elif error.errno in _READ_ONLY and not what.startswith("reading"):
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
def locked(path: Path, *, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the lock of a data set: the hidden file ``.<name>.lock`` beside it, which the system frees even if its holder is killed.

    Others that ask for it wait ``timeout`` seconds, and say so after the first; then, or where no lock can be had, they raise
    DataFolderError.
    """
    import filelock

    with explained(path.parent, f"locking {path.name}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path.parent / f".{path.name}.lock", is_singleton=True)
        try:
            _acquire(lock, path, timeout)
        except filelock.Timeout:
            raise DataFolderError(
                errno.EBUSY,
                f"another program has been preparing {path} for more than {timeout:.0f} s. Wait until it has finished, "
                "or stop it, and ask again",
            ) from None
        except NotImplementedError as error:  # some network file systems have no locks
            raise OSError(errno.ENOTSUP, f"its file system has no locks ({error})") from error
    try:
        yield
    finally:
        lock.release()


def _acquire(lock, path: Path, timeout: float) -> None:
    """Take a lock; say so where that takes longer than a moment."""
    try:
        lock.acquire(timeout=min(_PATIENCE, timeout))
    except TimeoutError:
        if not os.path.lexists(lock.lock_file):  # filelock goes on trying where no file can be made, as in /proc
            with contextlib.suppress(TimeoutError):  # ... unless its holder has just removed it
                return lock.acquire(timeout=0)
            raise OSError(errno.ENOENT, "no file can be made there") from None
        if timeout > _PATIENCE:
            print(f"Another program is preparing {path}; waiting for it (at most {timeout:.0f} s) ...", file=sys.stderr)
        lock.acquire(timeout=max(timeout - _PATIENCE, 0))


# --- all or nothing -----------------------------------------------------------------------------------------------


def write_atomically(path: Path, write: bytes | Callable[[BinaryIO], object], *, digest: str | None = None) -> None:
    """Write a file so that it appears whole or not at all. The caller holds the data set's lock.

    ``write`` is the content, or a function that writes it to the open file it is given; ``digest`` the SHA-256 that it must have.
    Leftovers of killed writers of the same file are removed.

    Raises
    ------
    DataFolderError
        If the folder cannot be written to or is full; the previous file is as it was.
    CorruptDataError
        If what arrived on the disk is not what was written, or has another SHA-256 than ``digest``.
    """
    with explained(path.parent, f"writing {path.name}"), _prepared(path, write, digest) as temporary:
        os.replace(temporary, path)
        _sync_folder(path.parent)


def write_recorded(path: Path, content: bytes, *, version: int | str, place: str | None = None) -> None:
    """Write a file and its record, both or neither; the errors are those of :func:`write_atomically`.

    ``version`` is what made the file; ``place`` its path within the data folder, with ``/``, if it is written elsewhere.
    """
    digest, record = hashlib.sha256(content).hexdigest(), record_of(path)
    entry = {"sha256": digest, "bytes": len(content), "version": version, "place": place or _place(path)}
    text = (json.dumps(entry, indent=1) + "\n").encode()
    with (
        explained(path.parent, f"writing {path.name}"),
        _prepared(path, content, digest) as file,
        _prepared(record, text) as new_record,
    ):
        before = read(record) if record.is_file() else None
        # The record goes first. Killed in between, the file is damaged or missing, and never taken for one that the user put there.
        os.replace(new_record, record)
        try:
            os.replace(file, path)
        except BaseException:
            if os.path.lexists(file):  # otherwise it has its name already, and what failed came after that
                with contextlib.suppress(OSError):
                    record.unlink() if before is None else write_atomically(record, before)
            raise
        _sync_folder(path.parent)


@contextlib.contextmanager
def _prepared(path: Path, write: bytes | Callable[[BinaryIO], object], digest: str | None = None) -> Iterator[Path]:
    """A temporary file beside ``path`` with what will be there, on the disk and verified; gone at the end unless renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, f"there is a folder in the place of {path.name}")
    _remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    given = not callable(write)
    try:
        with open(temporary, "xb") as file:
            file.write(write) if given else write(file)
            file.flush()
            os.fsync(file.fileno())
        expected = digest or (hashlib.sha256(write).hexdigest() if given else None)
        if expected and sha256(temporary) != expected:
            raise CorruptDataError(
                f"{path} did not arrive on the disk as it was written; is the disk all right?"
                if given
                else f"what came for {path.name} has another SHA-256 hash than {expected[:12]}..."
            )
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what killed writers of ``path`` left, today's and those of earlier versions. The caller holds the lock."""
    for name in os.listdir(path.parent):
        if name.startswith(f".{path.name}.") and name.endswith((".part", ".download")):
            leftover = path.parent / name
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make a renaming last through a power failure, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise
        finally:
            os.close(descriptor)


# --- known content ------------------------------------------------------------------------------------------------


def record_of(path: Path) -> Path:
    """Path of the record that belongs to a cached file."""
    return path.with_name(f"{path.name}.json")


def _place(path: Path) -> str | None:
    """Path within the data folder, or None for a file elsewhere."""
    with contextlib.suppress(DataFolderError, ValueError):
        return path.relative_to(data_home()).as_posix()


def is_foreign(path: Path) -> bool:
    """Whether there is something at ``path``, but no record beside it, so that somebody else put it there."""
    return os.path.lexists(path) and not os.path.lexists(record_of(path))


def look(path: Path, *, version: int | str | None = None, place: str | None = None) -> tuple[str, bytes]:
    """Read a cached file and tell what it is: a word, and the content if that word is "good".

    ``"missing"``; ``"blocked"``: there is a folder, a pipe or a link that leads nowhere; ``"foreign"``: there is no record, so that
    somebody else put it there; ``"damaged"``: it differs from its record; ``"misplaced"``: the record is another file's, whose
    place is not ``place``, by default the path within the data folder; ``"old"``: it has another version than ``version``, if that is
    given; ``"good"``. A file that cannot be read raises DataFolderError.
    """
    try:
        length = size_of(path)
        if length is None:
            return "missing", b""
        if is_foreign(path):
            return "foreign", b""
        record = json.loads(read(record_of(path), most=_LONGEST_RECORD))
        digest, right, made_by, recorded = record["sha256"], record["bytes"], record["version"], record.get("place")
        content = read(path) if length == right else b""
    except CorruptDataError:
        return "blocked", b""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, FileNotFoundError):
        return "damaged", b""
    if length != right or digest != hashlib.sha256(content).hexdigest():
        return "damaged", b""
    if recorded and recorded != (place or _place(path) or recorded):
        return "misplaced", b""
    return ("good", content) if version is None or made_by == version else ("old", b"")


def state(path: Path, *, version: int | str | None = None, place: str | None = None) -> str:
    """Tell what a cached file is, after reading all of it: the first result of :func:`look`."""
    return look(path, version=version, place=place)[0]


def size_of(path: Path) -> int | None:
    """Length of an ordinary file in bytes, None if nothing is there; CorruptDataError if it is a folder, a pipe, a link to nowhere."""
    try:
        found = os.stat(path)
        if stat.S_ISREG(found.st_mode):
            return found.st_size
    except (FileNotFoundError, NotADirectoryError):
        if not os.path.lexists(path):
            return None
    except OSError as error:
        if error.errno != errno.ELOOP:
            with explained(path.parent, f"reading {path.name}"):
                raise
    raise CorruptDataError(f"{path} is not an ordinary file; move it away")


def read(path: Path, *, most: int | None = None) -> bytes:
    """Content of an ordinary file of at most ``most`` bytes.

    FileNotFoundError if there is none, CorruptDataError if there is something else or more, DataFolderError if it cannot be read.
    """
    length = size_of(path)
    if length is None:
        raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
    if most is not None and length > most:
        raise CorruptDataError(f"{path} has {length} bytes, more than the {most} that it can have")
    with explained(path.parent, f"reading {path.name}"):
        return (
            path.read_bytes() if length else b""
        )  # reading an "empty" file of the system, as /proc/kmsg, may never end


def write_arrays(path: Path, array: np.ndarray, *, version: int | str, place: str | None = None) -> None:
    """Store an array as ``.npy``, and its record, like :func:`write_recorded`; ValueError if only a pickle could store it."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_recorded(path, buffer.getvalue(), version=version, place=place)


def read_arrays(path: Path, *, version: int | str | None = None) -> np.ndarray:
    """Return the array of a ``.npy`` file whose :func:`state` is good; else raise FileNotFoundError or CorruptDataError."""
    found, content = look(path, version=version)
    if found == "missing":
        raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
    if found != "good":
        raise CorruptDataError(f"the cached file {path} is {found}: {_MEANING[found]}")
    return array_of(content, path)


def cached_array(
    relative_path: str, make: Callable[[], np.ndarray], *, version: int | str, timeout: float = LOCK_TIMEOUT
) -> np.ndarray:
    """Return the array of a ``.npy`` file in the data folder; make it first if it is missing or not as recorded.

    Parameters
    ----------
    relative_path : str
        Path below the data folder, with ``/``. Its first part names the data set and its lock.
    make : callable
        Returns the array. It is called under the lock, at most once.
    version : int or str
        Changes whenever ``make`` would return another array.
    timeout : float
        Seconds to wait for another program that is making the same data set.

    Raises
    ------
    DataFolderError
        If a file must be made and the data folder is read-only, full, or locked for too long.
    """
    parts = PurePosixPath(relative_path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise ValueError(f"relative_path={relative_path!r}: give a path below the data folder")
    home = data_home()
    path = home / parts
    with contextlib.suppress(FileNotFoundError, CorruptDataError):
        return read_arrays(path, version=version)
    with locked(home / parts.parts[0], timeout=timeout):
        found, content = look(path, version=version)
        if found == "good":  # somebody else has made it while this process waited
            return array_of(content, path)
        if found not in ("missing", "old"):
            warnings.warn(f"{path} is {found}: {_MEANING[found]}. It is made anew.", stacklevel=3)
        array = make()
        write_arrays(path, array, version=version)
    return array


def problems(folder: Path) -> list[str]:
    """Say what is wrong in the folder of a data set: a line for each file that is not as recorded, and for what is no file or folder."""
    if not folder.is_dir():
        return [f"{folder} is not a folder; move it away"] if os.path.lexists(folder) else []
    found, seen = [], set()
    for parent, folders, names in os.walk(
        folder, onerror=lambda error: found.append(f"{error.filename}: {error.strerror}"), followlinks=True
    ):
        identity = os.stat(parent).st_dev, os.stat(parent).st_ino
        if identity in seen:
            found.append(f"{parent} is a link to a folder that is here under another name; remove the link")
            folders.clear()
            continue
        seen.add(identity)
        for name in folders + names:
            path, what = Path(parent, name), "good"
            try:
                if name.endswith((".npy.json", ".bin.json")):
                    path = path.with_suffix("")
                    what = state(path)
                elif (name in names or name.endswith(".npy")) and not os.path.lexists(record_of(path)):
                    size_of(path)
            except (DataFolderError, CorruptDataError) as error:
                found.append(str(error))
            if what != "good":
                found.append(f"{path} is {what}" + (f": {_MEANING[what]}" if what in _MEANING else ""))
    return sorted(found)
