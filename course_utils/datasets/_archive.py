"""Downloads that arrive whole or not at all, and archives of which only the expected files are read."""

import contextlib
import os
import shutil
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from course_utils.datasets._bundled import CorruptDataError
from course_utils.datasets._store import explained

TIMEOUT = (10.0, 30.0)
ATTEMPTS = 3
_CHUNK = 1 << 12  # small, so that a server which drips is noticed
_GRACE, _SLOWEST = 60, 1000  # after so many seconds, so many bytes a second on average
_MOST_MEMBERS = 100
_LARGEST_UNKNOWN = 1 << 20


class DownloadError(OSError):
    """A file could not be downloaded: no network, no answer, or not the bytes that were expected."""


class _Watched:
    """The file that a download is written to, with a progress bar; it ends what is too long or too slow."""

    def __init__(self, file: BinaryIO, length: int, advance: Callable[[int], object]):
        self._file, self._length, self._advance = file, length, advance
        self._done, self._started = 0, time.monotonic()

    def write(self, piece: bytes) -> None:
        self._done += len(piece)
        if self._done > self._length:
            raise ValueError(f"the server sends more than the {self._length} bytes that the file should have")
        seconds = time.monotonic() - self._started
        if seconds > _GRACE and self._done < _SLOWEST * seconds:
            raise ValueError(f"the server sends less than {_SLOWEST} bytes a second")
        self._file.write(piece)
        self._advance(len(piece))

    def flush(self) -> None:
        self._file.flush()


@contextlib.contextmanager
def _progress(length: int) -> Iterator[Callable[[int], object]]:
    """Show a progress bar; yields the function that moves it on."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    with Progress("  {task.percentage:3.0f} %", BarColumn(), DownloadColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("", total=length)
        yield lambda count: bar.update(task, advance=count)


def download(
    urls: Sequence[str],
    path: Path,
    *,
    sha256: str,
    length: int,
    timeout: tuple[float, float] = TIMEOUT,
    attempts: int = ATTEMPTS,
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

    Raises
    ------
    DownloadError
        If no address gave the right file; the text has the reason for each.
    DataFolderError
        If the folder is read-only or full.
    """
    reasons = []
    for url in urls:
        try:
            return _download(url, path, sha256, length, timeout, attempts)
        except ValueError as error:
            reasons.append(f"{url}: {' '.join(str(error).split())}")
    raise DownloadError("; ".join(reasons))


def _download(url, path, sha256, length, timeout, attempts):
    import pooch
    import requests

    folder = path.with_name(f".{path.name}.download")
    with explained(path.parent, f"downloading {path.name}"), contextlib.ExitStack() as after:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        store = pooch.create(
            path=folder,
            base_url="",
            registry={path.name: f"sha256:{sha256}"},
            urls={path.name: url},
            retry_if_failed=attempts - 1,
        )

        http = pooch.HTTPDownloader(chunk_size=_CHUNK, timeout=timeout, headers={"Accept-Encoding": "identity"})

        def downloader(url, output_file, store):
            with open(output_file, "wb") as file, _progress(length) as advance:
                http(url, _Watched(file, length, advance), store)

        try:
            fetched = store.fetch(path.name, downloader=downloader)
        except requests.exceptions.RequestException as error:  # an OSError too, but none of the folder's
            raise ValueError(str(error)) from error
        with open(fetched, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(fetched, 0o644)
        os.replace(fetched, path)


def read_members(archive: Path, expected: Mapping[str, int]) -> dict[str, bytes]:
    """Return the content of the expected files of a tar archive. Nothing is written, whatever the archive says.

    Parameters
    ----------
    archive : pathlib.Path
        A tar file, compressed or not.
    expected : mapping of str to int
        Name in the archive → length in bytes.

    Raises
    ------
    CorruptDataError
        If a file is missing or has another length, or if the archive holds anything that has no place in it: links, devices,
        absolute paths, ``..``, files named twice, large unknown files, or too many of them. Also if it cannot be read to its end.
    """
    found = {}
    try:
        with tarfile.open(archive, "r:*") as file:
            for number, member in enumerate(file):
                _check_member(archive, member, number, expected)
                if member.name in expected:
                    if member.name in found:
                        raise CorruptDataError(f"{archive} holds {member.name!r} twice")
                    found[member.name] = file.extractfile(member).read()
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise CorruptDataError(f"{archive} cannot be read as an archive: {error}") from error
    missing = sorted(set(expected) - set(found))
    if missing:
        raise CorruptDataError(f"{archive} lacks {', '.join(missing)}")
    return found


def _check_member(archive: Path, member: tarfile.TarInfo, number: int, expected: Mapping[str, int]) -> None:
    name = PurePosixPath(member.name.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or (name.parts and ":" in name.parts[0]):
        wrong = "leads out of its folder"
    elif not (member.isreg() or member.isdir()):
        wrong = "is neither a file nor a folder"
    elif member.name in expected and (member.issparse() or not member.isreg() or member.size != expected[member.name]):
        wrong = f"has {member.size} bytes, not {expected[member.name]}"
    elif member.name not in expected and member.size > _LARGEST_UNKNOWN:
        wrong = f"has {member.size} bytes and no place there"
    elif number >= _MOST_MEMBERS:
        wrong = f"is one of more than {_MOST_MEMBERS}"
    else:
        return
    raise CorruptDataError(
        f"{archive} is not the archive it should be, and nothing of it is used: {member.name!r} {wrong}"
    )
