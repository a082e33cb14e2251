"""CIFAR-10 from tiny archives of the same form: good, damaged, malicious, and from servers that misbehave."""

import hashlib
import io
import subprocess
import sys
import tarfile
import time

import numpy as np
import pytest
from servers import serving

from course_utils import datasets
from course_utils.datasets import CorruptDataError, DataFolderError, _archive, _store, cifar10

RECORDS = 20
RECORD = 1 + 3072


def batch(number: int) -> bytes:
    """Twenty records, two of each class; the pixels are random."""
    rng = np.random.default_rng(number)
    labels = rng.permutation(np.arange(RECORDS) % 10).astype(np.uint8)[:, None]
    return np.hstack([labels, rng.integers(0, 256, (RECORDS, 3072), np.uint8)]).tobytes()


BATCHES = {name: batch(number) for number, name in enumerate(cifar10.TRAIN + cifar10.TEST)}


def tar(*extra: tuple[tarfile.TarInfo, bytes], batches=BATCHES) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as archive:
        folder = tarfile.TarInfo(cifar10.FOLDER)
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in batches.items():
            member = tarfile.TarInfo(f"{cifar10.FOLDER}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member, content in extra:
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def member(name: str, content: bytes = b"", **values) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in values.items():
        setattr(info, key, value)
    return info, content


@pytest.fixture(scope="module")
def good() -> bytes:
    return tar(
        member(f"{cifar10.FOLDER}/readme.html", b"<p>"), member(f"{cifar10.FOLDER}/batches.meta.txt", b"airplane")
    )


@pytest.fixture
def official(monkeypatch):
    """Declare an archive to be the official one; no address leads anywhere unless a test names one."""

    def declare(content: bytes, *urls: str):
        monkeypatch.setattr(cifar10, "RECORDS", RECORDS)
        monkeypatch.setattr(cifar10, "LENGTH", len(content))
        monkeypatch.setattr(cifar10, "MD5", hashlib.md5(content).hexdigest())
        monkeypatch.setattr(cifar10, "SHA256", hashlib.sha256(content).hexdigest())
        monkeypatch.setattr(cifar10, "URLS", urls or ("http://127.0.0.1:9/closed",))
        return content

    return declare


@pytest.fixture
def placed(good, official, home):
    """The archive in the data folder, as a reader who downloaded it in the browser puts it there."""
    official(good)
    home.mkdir()
    (home / cifar10.ARCHIVE).write_bytes(good)
    return home


def assert_right(dataset):
    assert dataset.x_train.shape == (5 * RECORDS, 32, 32, 3)
    assert dataset.x_test.shape == (RECORDS, 32, 32, 3)
    content = b"".join(BATCHES[name] for name in cifar10.TRAIN)
    for number in (0, 21, 99):
        record = content[number * RECORD : (number + 1) * RECORD]
        assert dataset.y_train[number] == record[0]
        for channel, row, column in ((0, 0, 0), (1, 3, 7), (2, 31, 30)):
            assert dataset.x_train[number, row, column, channel] == record[1 + channel * 1024 + row * 32 + column]


def hidden(home):
    return sorted(path.name for path in home.rglob(".*") if not path.name.endswith(".lock"))


# --- in the data folder -----------------------------------------------------------------------------------------------


def test_archive_in_the_data_folder_is_unpacked_once(placed):
    assert_right(datasets.load_cifar10(download=False))
    assert sorted(path.name for path in (placed / cifar10.FOLDER).glob("*.bin")) == sorted(BATCHES)
    (placed / cifar10.ARCHIVE).unlink()
    dataset = datasets.load_cifar10(download=False)
    assert_right(dataset)
    assert dataset.class_names[3] == "cat"
    assert hidden(placed) == []


def test_validation_is_the_end_of_the_training_split(placed):
    whole, held_out = datasets.load_cifar10(), datasets.load_cifar10(validation=30)
    np.testing.assert_array_equal(held_out.x_val, whole.x_train[70:])
    np.testing.assert_array_equal(held_out.y_train, whole.y_train[:70])
    with pytest.raises(ValueError, match="whole number from 0 to 99"):
        datasets.load_cifar10(validation=100)


@pytest.mark.parametrize("name", [*BATCHES, f"{cifar10.TRAIN[0]}.json"])
def test_a_flipped_byte_in_what_was_unpacked_is_repaired(placed, name):
    datasets.load_cifar10()
    path = placed / cifar10.FOLDER / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="unpacked anew"):
        assert_right(datasets.load_cifar10(download=False))
    assert _store.problems(placed) == []


@pytest.mark.parametrize("damage", ["missing", "truncated", "label 10", "one cat more"])
def test_a_folder_that_somebody_unpacked_is_checked(good, official, home, damage):
    official(good)
    folder = home / cifar10.FOLDER
    folder.mkdir(parents=True)
    for name, content in BATCHES.items():
        (folder / name).write_bytes(content)
    assert_right(datasets.load_cifar10(download=False))
    path = folder / "data_batch_3.bin"
    content = bytearray(path.read_bytes())
    content[0] = {"label 10": 10, "one cat more": 3 if content[0] != 3 else 4}.get(damage, content[0])
    path.write_bytes(content[:-1] if damage == "truncated" else content)
    if damage == "missing":
        path.unlink()
    said = {"missing": "data_batch_3.bin is missing", "truncated": "has 61459 bytes, not 61460"}.get(
        damage, "pictures of each class"
    )
    with pytest.raises(FileNotFoundError, match=said) as caught:
        datasets.load_cifar10(download=False)
    assert "MD5" in str(caught.value)
    with pytest.raises(CorruptDataError, match=said):
        datasets.load_cifar10(path=folder)


def test_without_network_it_says_what_to_bring_where(good, official, home, no_waiting):
    official(good)
    for options, said in (({"download": False}, "switched off"), ({}, "download failed: http://127.0.0.1:9/closed")):
        with pytest.raises(FileNotFoundError, match=said) as caught:
            datasets.load_cifar10(**options)
        for piece in (str(home / cifar10.ARCHIVE), cifar10.MD5, cifar10.SHA256, str(len(good)), "load_photo_patches"):
            assert piece in str(caught.value)
    assert hidden(home) == []


def test_the_official_archive_is_what_the_course_names():
    assert cifar10.MD5 == "c32a1d4ab5d03f1284b67883e8d87530"
    assert cifar10.RECORDS * RECORD == 30_730_000
    assert len(cifar10.SHA256) == 64


def test_an_archive_with_another_checksum_is_refused(placed, good):
    (placed / cifar10.ARCHIVE).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(CorruptDataError, match=r"SHA256 .*delete it and get it again"):
        datasets.load_cifar10(path=placed / cifar10.ARCHIVE)


def test_path_may_be_the_archive_or_a_folder_and_is_only_read(placed, tmp_path):
    for path in (placed / cifar10.ARCHIVE, placed):
        assert_right(datasets.load_cifar10(path=path))
    assert not (placed / cifar10.FOLDER).exists()
    with pytest.raises(FileNotFoundError, match="neither the archive"):
        datasets.load_cifar10(path=tmp_path / "nowhere")


def test_a_folder_that_may_not_be_read_is_one_sentence(placed, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(cifar10.Path, "exists", refuse)
    with pytest.raises(PermissionError, match=r"^path='.*home' cannot be read: Permission denied$"):
        datasets.load_cifar10(path=placed)


def test_a_full_disk_still_lets_the_archive_be_read(placed, monkeypatch):
    def full(*arguments, **options):
        raise DataFolderError("full")

    monkeypatch.setattr(_store, "write_recorded", full)
    assert_right(datasets.load_cifar10())
    (placed / cifar10.ARCHIVE).unlink()
    monkeypatch.setattr(_archive, "download", full)
    with pytest.raises(DataFolderError, match="full"):
        datasets.load_cifar10()


# --- malicious archives -----------------------------------------------------------------------------------------------


EVIL = [
    member("../outside", b"x"),
    member(f"{cifar10.FOLDER}/../../outside", b"x"),
    member("/tmp/outside", b"x"),
    member("..\\outside", b"x"),
    member("C:\\outside", b"x"),
    member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    member("link", type=tarfile.LNKTYPE, linkname="../outside"),
    member("device", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
    member("pipe", type=tarfile.FIFOTYPE),
    member(f"{cifar10.FOLDER}/test_batch.bin", b"short"),
    member(f"{cifar10.FOLDER}/test_batch.bin", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
]


@pytest.mark.parametrize("extra", EVIL, ids=lambda extra: extra[0].name)
def test_a_malicious_archive_is_refused_and_writes_nothing(good, official, home, tmp_path, extra):
    official(good)
    home.mkdir()
    (home / cifar10.ARCHIVE).write_bytes(tar(extra))
    before = sorted(tmp_path.rglob("*"))
    said = r"has \d+ bytes; .* delete it"
    with pytest.raises(CorruptDataError, match=said):
        datasets.load_cifar10(path=home / cifar10.ARCHIVE)
    with pytest.raises(FileNotFoundError, match=said):
        datasets.load_cifar10(download=False)
    assert sorted(path for path in tmp_path.rglob("*") if path.suffix != ".lock") == before


@pytest.mark.parametrize("extra", EVIL, ids=lambda extra: extra[0].name)
def test_even_a_verified_archive_gives_its_batches_and_nothing_else(official, home, tmp_path, extra):
    """As if its makers had been careless: no link is followed, nothing leaves the archive."""
    content = official(tar(extra))
    home.mkdir()
    (home / cifar10.ARCHIVE).write_bytes(content)
    before = sorted(tmp_path.rglob("*"))
    assert_right(datasets.load_cifar10(path=home / cifar10.ARCHIVE))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("what", ["link", "short", "missing"])
def test_a_batch_must_be_an_ordinary_file_of_its_length(official, home, what):
    batches = {name: content for name, content in BATCHES.items() if name != "test_batch.bin"}
    name = f"{cifar10.FOLDER}/test_batch.bin"
    extra = {
        "link": [member(name, type=tarfile.SYMTYPE, linkname="/etc/passwd")],
        "short": [member(name, b"short")],
        "missing": [],
    }[what]
    content = official(tar(*extra, batches=batches))
    home.mkdir()
    (home / cifar10.ARCHIVE).write_bytes(content)
    with pytest.raises(CorruptDataError, match=r"lacks cifar-10-batches-bin/test_batch\.bin"):
        datasets.load_cifar10(path=home)


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive at all", tar()[:-2000], tar()[:100]],
    ids=["empty", "text", "without its end", "only its beginning"],
)
def test_what_cannot_be_read_to_its_end_is_refused(official, tmp_path, content):
    path = tmp_path / "archive"
    path.write_bytes(official(content))
    with pytest.raises(CorruptDataError, match="cannot be read as an archive"):
        datasets.load_cifar10(path=path)


# --- servers ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch, no_waiting):
    """Wait for a server a fraction of a second, and try twice."""
    real = _archive.download
    monkeypatch.setattr(
        _archive, "download", lambda *arguments, **options: real(*arguments, timeout=(0.5, 0.5), attempts=2, **options)
    )


def test_download_unpacks_and_is_not_repeated(good, official, home, impatient, capsys):
    with serving(good, "good") as (url, asked):
        official(good, url)
        assert_right(datasets.load_cifar10())
        assert_right(datasets.load_cifar10())
        assert len(asked) == 1
    assert (home / cifar10.ARCHIVE).read_bytes() == good
    assert "Downloading CIFAR-10" in capsys.readouterr().out
    assert hidden(home) == []


def test_a_second_try_and_a_second_address(good, official, home, impatient):
    with serving(good, "second try") as (url, asked):
        official(good, "http://127.0.0.1:9/closed", url)
        assert_right(datasets.load_cifar10())
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("404", "404"),
        ("stalls", "timed out"),
        ("truncates", "IncompleteRead|broken|SHA256|hash"),
        ("wrong bytes", "hash"),
        ("too long", "sends more than"),
        ("drips", "bytes a second"),
        ("drips slowly", "bytes a second"),
        ("drips headers", "bytes a second"),
    ],
)
def test_a_bad_server_is_named_and_leaves_nothing(good, official, home, impatient, monkeypatch, behaviour, said):
    monkeypatch.setattr(_archive, "_GRACE", 0.3)
    monkeypatch.setattr(_archive, "_SLOWEST", 1e9)
    if not behaviour.startswith("drips"):
        monkeypatch.setattr(_archive, "_GRACE", 60)
    begin = time.monotonic()
    with serving(good, behaviour) as (url, asked):
        official(good, url)
        with pytest.raises(FileNotFoundError, match=said) as caught:
            datasets.load_cifar10()
        assert len(asked) == 2
    assert time.monotonic() - begin < 15
    assert url in str(caught.value)
    assert "bring the file" in str(caught.value)
    assert [path for path in home.iterdir() if path.suffix != ".lock"] == []


def test_missing_certificates_are_not_the_data_folders(good, official, monkeypatch, no_waiting):
    official(good, "https://127.0.0.1:9/closed")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    with pytest.raises(FileNotFoundError, match=r"The download failed: https.*nonexistent\.pem"):
        datasets.load_cifar10()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_any_terminal_can_show_where_it_is_downloaded_to(good, official, tmp_path, monkeypatch, no_waiting, encoding):
    official(good)
    monkeypatch.setenv("COURSE_DATA_HOME", str(tmp_path / "ä中"))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    with pytest.raises(FileNotFoundError, match="download failed"):
        datasets.load_cifar10()


@pytest.mark.parametrize("behaviour", ["drips slowly", "drips headers"])
def test_whatever_servers_do_the_deadline_ends_it(good, home, no_waiting, behaviour):
    begin = time.monotonic()
    with serving(good, behaviour) as (url, _), pytest.raises(_archive.DownloadError, match=r"time .* is over"):
        _archive.download([url, url + "2", url + "3"], home / "file", sha256="0" * 64, length=len(good), deadline=1.0)
    assert time.monotonic() - begin < 5
    assert list(home.iterdir()) == []


def test_a_damaged_archive_is_replaced_only_by_a_good_one(placed, good, official, impatient):
    path = placed / cifar10.ARCHIVE
    damaged = good[:-1] + bytes([good[-1] ^ 1])
    path.write_bytes(damaged)
    with serving(good, "404") as (url, _):
        official(good, url)
        with pytest.warns(UserWarning, match="downloaded anew"), pytest.raises(FileNotFoundError):
            datasets.load_cifar10()
    assert path.read_bytes() == damaged
    with serving(good, "good") as (url, _):
        official(good, url)
        with pytest.warns(UserWarning, match="downloaded anew"):
            assert_right(datasets.load_cifar10())
    assert path.read_bytes() == good


def test_leftovers_of_a_killed_download_are_removed(good, official, home, impatient):
    leftover = home / f".{cifar10.ARCHIVE}.download"
    leftover.mkdir(parents=True)
    (leftover / "tmp123").write_bytes(good[:1000])  # as earlier versions of the course left it
    (home / f".{cifar10.ARCHIVE}.0123abcd.part").write_bytes(good[:1000])
    with serving(good, "good") as (url, _):
        official(good, url)
        assert_right(datasets.load_cifar10())
    assert hidden(home) == []


def test_a_full_disk_during_the_download_is_explained(good, official, home, impatient):
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", home], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let the tests mount a small disk")
    try:
        with serving(good, "good") as (url, _):
            official(good, url)
            with pytest.raises(DataFolderError, match=r"writing cifar.*no space left"):
                datasets.load_cifar10()
        assert [path for path in home.iterdir() if path.suffix != ".lock"] == []
    finally:
        subprocess.run(["umount", home], check=True)
