"""Downloads that arrive whole or not at all, within a time that is known before, and archives that are read without being unpacked."""

import tarfile
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import BinaryIO

from course_utils.datasets import _store
from course_utils.datasets._bundled import CorruptDataError

TIMEOUT = (10.0, 30.0)
ATTEMPTS = 3
DEADLINE = 3600.0
_PAUSE = 1.0
_CHUNK = 1 << 14
_GRACE, _SLOWEST = 60, 1000  # after so many seconds, so many bytes a second on average


class DownloadError(OSError):
    """A file could not be downloaded: no network, no answer, or not the bytes that were expected."""


def download(
    urls: Sequence[str],
    path: Path,
    *,
    sha256: str,
    length: int,
    timeout: tuple[float, float] = TIMEOUT,
    attempts: int = ATTEMPTS,
    deadline: float = DEADLINE,
) -> None:
    """Download a file from the first address that has it. The caller holds the lock of the data set.

    Parameters
    ----------
    urls : sequence of str
        Addresses, tried in turn.
    path : pathlib.Path
        Where the file goes, once its content has been verified. What a killed download left is removed.
    sha256, length : str, int
        What the file must be, hexadecimal and in bytes.
    timeout : (float, float)
        Seconds to wait for the connection, and for each next piece.
    attempts : int
        How often each address is tried.
    deadline : float
        Seconds for everything together, whatever the servers do.

    Raises
    ------
    DownloadError
        If no address gave the right file in time; the text has the reason for each.
    DataFolderError
        If the folder is read-only or full.
    """
    reasons, end = {}, time.monotonic() + deadline
    for url, attempt in ((url, attempt) for url in urls for attempt in range(attempts)):
        if attempt:
            time.sleep(_PAUSE)
        try:
            return _store.write_atomically(
                path, lambda file, url=url: _fetch(url, file, length, timeout, end), digest=sha256
            )
        except (ValueError, _ServerError) as error:
            reasons[url] = " ".join(str(error).split())
        if time.monotonic() > end:
            break
    raise DownloadError("; ".join(f"{url}: {reason}" for url, reason in reasons.items()))


class _ServerError(Exception):
    """What a server did wrong."""


def _fetch(url: str, file: BinaryIO, length: int, timeout: tuple[float, float], end: float) -> None:
    """Write what an address gives to ``file``. The reading is done in a thread, which a server may hold up for ever."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    outcome, started = Future(), time.monotonic()
    threading.Thread(target=_read, args=(url, file, length, timeout, outcome), daemon=True).start()
    with Progress("  {task.percentage:3.0f} %", BarColumn(), DownloadColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("", total=length)
        while not wait([outcome], timeout=0.1).done:
            bar.update(task, completed=file.tell())
            now = time.monotonic()
            if now > end:
                raise _ServerError("the time for the whole download is over")
            if now - started > _GRACE and file.tell() < _SLOWEST * (now - started):
                raise _ServerError(f"the server sends less than {_SLOWEST} bytes a second")
        bar.update(task, completed=file.tell())
        outcome.result()


def _read(url: str, file: BinaryIO, length: int, timeout: tuple[float, float], outcome: Future) -> None:
    """Write what an address gives to ``file``, and set the outcome."""
    import requests

    writing = False
    try:
        with requests.get(url, stream=True, timeout=timeout, headers={"Accept-Encoding": "identity"}) as answer:
            answer.raise_for_status()
            for piece in answer.iter_content(_CHUNK):
                length -= len(piece)
                if length < 0:
                    raise _ServerError("the server sends more than the bytes that the file should have")
                writing = True
                file.write(piece)  # fails once the file is closed, which ends a thread that nobody waits for any more
                writing = False
        outcome.set_result(None)
    except OSError as error:  # the folder's, or one of the network, its certificates or the server
        outcome.set_exception(error if writing else _ServerError(str(error)))
    except BaseException as error:
        outcome.set_exception(error)


def read_members(archive: Path, expected: Mapping[str, int]) -> dict[str, bytes]:
    """Return the content of the expected files of a tar archive; nothing else of it is read, and nothing is written.

    Parameters
    ----------
    archive : pathlib.Path
        A tar file, compressed or not.
    expected : mapping of str to int
        Name in the archive → length in bytes.

    Raises
    ------
    CorruptDataError
        If an ordinary file of that name and length is missing, or the archive cannot be read to its end.
    """
    found = {}
    try:
        with tarfile.open(archive, "r:*") as file:
            for member in file:
                if member.isreg() and not member.issparse() and member.size == expected.get(member.name):
                    found[member.name] = file.extractfile(member).read()
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise CorruptDataError(f"{archive} cannot be read as an archive: {error}") from error
    if missing := sorted(set(expected) - set(found)):
        raise CorruptDataError(f"{archive} lacks {', '.join(missing)}, or they have another length")
    return found
