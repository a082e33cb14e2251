"""What else can stand where a file should be, and how each way in says so: one sentence, no hang, nothing wrong returned."""

import contextlib
import hashlib
import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest
from servers import serving

from course_utils import cli, datasets
from course_utils.datasets import CorruptDataError, DataFolderError, _bundled, _store, cifar10, corruptions, mnist_c

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
ODD = ("folder", "dangling link", "looping link", "pipe", "socket")


def put(path, what):
    """Put something that is no file where a file should be."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "folder":
        (path / "inside").mkdir(parents=True)
    elif what == "dangling link":
        path.symlink_to(path.parent / "nowhere")
    elif what == "looping link":
        path.symlink_to(path)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "socket":
        with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)


def run(capsys, *line):
    """Run a command; returns its status and all that it printed, after checking that it is no traceback."""
    status = cli.main(["data", *line])
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return status, said.out + said.err


@pytest.fixture
def stripe(home):
    """One file of MNIST-C as the course makes it, though tiny, and its record."""
    path = home / "mnist_c" / "stripe" / "test_images.npy"
    _store.write_arrays(path, np.zeros((3, 28, 28, 1), np.uint8), version=corruptions.VERSION)
    return path


# --- the data folder --------------------------------------------------------------------------------------------------


@needs_pipes
@pytest.mark.parametrize("what", [*ODD[1:], "file"])
@pytest.mark.parametrize(
    "line", [["list"], ["verify"], ["verify", "mnist-c"], ["fetch", "mnist-c"], ["fetch", "cifar10"]]
)
def test_something_else_than_a_data_folder(home, capsys, what, line):
    home.write_text("") if what == "file" else put(home, what)
    status, said = run(capsys, *line)
    assert status == 1
    assert "Set COURSE_DATA_HOME to a folder" in said
    assert len(said.splitlines()) < 12


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("data", "not a full path"),
        ("./data", "not a full path"),
        ("~no-such-user/x", "not a full path"),
        ("/" + "x" * 5000, "too long"),
    ],
)
def test_a_relative_or_over_long_data_folder_is_refused(monkeypatch, capsys, tmp_path, value, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DATA_HOME", value)
    with pytest.raises(DataFolderError, match=said) as caught:
        datasets.load_mnist_c("stripe", splits="test")
    assert len(str(caught.value)) < 400
    for line in (["list"], ["verify", "cifar10"], ["fetch", "mnist-c"]):
        status, printed = run(capsys, *line)
        assert status == 1
        assert said in printed
    assert list(tmp_path.iterdir()) == []


@needs_pipes
@pytest.mark.parametrize("what", ["file", *ODD[1:], "device", "double loop"])
@pytest.mark.parametrize(
    "name", ["mnist_c/fog", "mnist_c_variants", "mnist_c_variants/fog", "mnist_c_variants/fog/severity-3-seed-0"]
)
def test_something_else_than_a_folder_of_mnist_c(home, capsys, name, what):
    path = home / name
    path.parent.mkdir(parents=True)
    if what == "file":
        path.write_text("")
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "double loop":
        path.symlink_to(path.with_name("other"))
        path.with_name("other").symlink_to(path)
    else:
        put(path, what)
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert f"{path} is not a" in said
    assert run(capsys, "list")[0] == 0


@pytest.mark.parametrize("name", ["mnist_c", "mnist_c_variants"])
def test_a_folder_that_may_not_be_read_is_not_taken_for_empty(home, capsys, monkeypatch, name):
    (home / name).mkdir(parents=True)
    real = os.listdir

    def listdir(path):
        if path == home / name:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert f"reading {name} in the data folder {home} failed: Permission denied" in said


# --- cached files and their records -----------------------------------------------------------------------------------


@needs_pipes
@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("which", ["file", "record"])
def test_something_else_than_a_cached_file(home, capsys, stripe, what, which):
    put(stripe if which == "file" else _store.record_of(stripe), what)
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert "not an ordinary file" in said or "damaged" in said
    assert run(capsys, "list")[0] == 0
    if what == "folder":  # nobody's folder is removed
        warnings.simplefilter("ignore")  # pytest restores it
        with pytest.raises(DataFolderError, match="there is a folder in the place of"):
            _store.cached_array("mnist_c/stripe/test_images.npy", lambda: np.ones(2), version=corruptions.VERSION)
        assert (stripe if which == "file" else _store.record_of(stripe)).joinpath("inside").is_dir()
        return
    with pytest.warns(UserWarning, match="It is made anew"):
        made = _store.cached_array("mnist_c/stripe/test_images.npy", lambda: np.ones(2), version=corruptions.VERSION)
    np.testing.assert_array_equal(made, np.ones(2))
    assert run(capsys, "verify", "mnist-c")[0] == 0


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"{}",
        b'{"sha256": 1, "bytes": "a", "version": 1}',
        b'{"sha256": null, "bytes": null, "version": null}',
        b"[" * 100_000,
        b'{"a":' * 10_000,
        b"\xff\xfe\x00",
        b" " * (1 << 17),
        b'{"sha256": "0", "bytes": ' + b"9" * 5000 + b', "version": 1}',
    ],
)
def test_a_record_that_is_none_means_damaged(capsys, stripe, record):
    _store.record_of(stripe).write_bytes(record)
    assert _store.state(stripe) in ("damaged", "blocked")
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert "mnist-c: damaged" in said


def test_an_unreadable_file_is_named(home, capsys, stripe, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(_store.Path, "read_bytes", refuse)
    with pytest.raises(DataFolderError, match=r"reading test_images\.npy.* failed: Permission denied"):
        _store.state(_store.record_of(stripe).with_suffix(""))
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert "Permission denied" in said


@pytest.mark.parametrize(
    "name", ["mnist_c_variants/fog/severity-3-seed-0/test_images.npy", "mnist_c/fog/test_labels.npy"]
)
@pytest.mark.parametrize("damage", ["damaged", "missing"])
def test_a_damaged_file_alone_is_named(home, capsys, name, damage):
    _store.write_arrays(home / name, np.zeros(3), version=corruptions.VERSION)
    assert run(capsys, "verify", "mnist-c") == (0, "mnist-c: all right\n")
    (home / name).write_bytes(b"x") if damage == "damaged" else (home / name).unlink()
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert f"{home / name} is {damage}" in said


def test_links_to_folders_are_followed_once(home, capsys, stripe):
    moved = stripe.parent.rename(home / "elsewhere")
    stripe.parent.symlink_to(moved)
    assert run(capsys, "verify", "mnist-c")[0] == 0
    (moved / stripe.name).write_bytes(b"x")
    assert f"{stripe} is damaged" in run(capsys, "verify", "mnist-c")[1]
    (home / "mnist_c" / "fog").symlink_to(home / "mnist_c")
    assert "is a link to a folder that is here under another name" in run(capsys, "verify", "mnist-c")[1]


def test_labels_of_somebody_else_are_verified_too(home, capsys, stripe):
    np.save(stripe.with_name("train_labels.npy"), np.zeros(5))
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert "train_labels.npy: these are not MNIST's labels" in said


@pytest.mark.skipif(not os.path.exists("/proc/kmsg"), reason="there is no such endless file here")
@pytest.mark.parametrize("which", ["file", "record"])
def test_an_endless_file_of_the_system_is_not_read(stripe, which):
    path = stripe if which == "file" else _store.record_of(stripe)
    path.unlink()
    path.symlink_to("/proc/kmsg")
    assert _store.state(stripe) == "damaged"
    with pytest.warns(UserWarning, match="It is made anew"):
        _store.cached_array("mnist_c/stripe/test_images.npy", lambda: np.ones(2), version=corruptions.VERSION)
    assert _store.state(stripe) == "good"


def test_the_file_of_another_set_is_not_returned(home, stripe, capsys):
    other = home / "mnist_c" / "fog" / "test_images.npy"
    other.parent.mkdir()
    for path in (stripe, _store.record_of(stripe)):
        shutil.copy(path, other.parent)
    assert _store.state(stripe) == "good"
    assert _store.state(other) == "misplaced"
    assert "its record belongs to another file" in run(capsys, "verify", "mnist-c")[1]
    with pytest.warns(UserWarning, match="misplaced"):
        made = _store.cached_array("mnist_c/fog/test_images.npy", lambda: np.ones(2), version=corruptions.VERSION)
    np.testing.assert_array_equal(made, np.ones(2))


def test_a_set_made_elsewhere_may_be_moved_to_the_data_folder(home, tmp_path):
    mnist_c.make_all(tmp_path / "usb", names="stripe", splits="test", processes=1)
    assert _store.state(tmp_path / "usb" / "stripe" / "test_images.npy") == "good"
    home.mkdir()
    shutil.move(tmp_path / "usb", home / "mnist_c")
    assert _store.problems(home / "mnist_c") == []
    assert mnist_c.make_all(names="stripe", splits="test", processes=1)["kept"] == 1


def test_records_of_earlier_versions_are_read(stripe):
    record = json.loads(_store.record_of(stripe).read_text())
    assert record.pop("place") == "mnist_c/stripe/test_images.npy"
    _store.record_of(stripe).write_text(json.dumps(record))
    assert _store.state(stripe, version=corruptions.VERSION) == "good"


@pytest.mark.parametrize("what", ["file", "pipe", "dangling link"])
def test_mnist_c_is_no_folder(home, capsys, what):
    home.mkdir()
    (home / "mnist_c").write_text("") if what == "file" else put(home / "mnist_c", what)
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert "is not a folder; move it away" in said
    assert run(capsys, "list")[0] == 0
    with pytest.raises(DataFolderError):
        datasets.load_mnist_c("stripe", splits="test")


@needs_pipes
@pytest.mark.parametrize("what", ODD)
def test_the_lock_is_something_else(home, what):
    put(home / ".some.lock", what)
    begin = time.monotonic()
    with contextlib.suppress(DataFolderError):
        _store.cached_array("some/data.npy", lambda: np.ones(2), version=1, timeout=2)
    assert time.monotonic() - begin < 5


# --- arrays -----------------------------------------------------------------------------------------------------------


def npy(array) -> bytes:
    import io

    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_no_flipped_bit_of_a_header_shifts_pictures_or_asks_for_memory():
    array = np.random.default_rng(0).integers(0, 256, (10, 28, 28, 1), np.uint8)
    content = npy(array)
    header = len(content) - array.size
    for place in range(header):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            try:
                read = _bundled.array_of(bytes(damaged), "file")
            except CorruptDataError:
                continue
            # Another shape, type or order of axes may be readable; the bytes are always the same.
            assert read.tobytes("A") == array.tobytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        npy(np.zeros(5))[:-1],
        npy(np.zeros(5)) + b"x",
        npy(np.zeros(5)).replace(b"(5,)", b"(-5,)"[:4]),
        npy(np.zeros(5)).replace(b"(5,), }     ", b"(98000000000,"),
        npy(np.array(["a"])).replace(b"<U1", b"|O8"),
    ],
)
def test_what_is_no_array_of_its_length_is_refused(content):
    with pytest.raises(CorruptDataError, match="cannot be read as an array"):
        _bundled.array_of(content, "file")


@needs_pipes
@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("which", ["images", "labels"])
def test_something_else_than_a_published_file(home, capsys, what, which):
    folder = home / "mnist_c" / "fog"
    folder.mkdir(parents=True)
    if which == "labels":
        np.save(folder / "test_images.npy", np.zeros((10_000, 28, 28, 1), np.uint8))
    put(folder / f"test_{which}.npy", what)
    with pytest.raises(CorruptDataError, match="not an ordinary file"):
        datasets.load_mnist_c("fog", splits="test")
    status, said = run(capsys, "verify", "mnist-c")
    assert status == 1
    assert "not an ordinary file" in said


def test_a_published_file_that_is_far_too_long_is_not_read(home):
    path = home / "mnist_c" / "fog" / "test_images.npy"
    path.parent.mkdir(parents=True)
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(CorruptDataError, match="more than the"):
        datasets.load_mnist_c("fog", splits="test")


# --- CIFAR-10 ---------------------------------------------------------------------------------------------------------


@needs_pipes
@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("name", [cifar10.ARCHIVE, f"{cifar10.FOLDER}/{cifar10.TRAIN[0]}"])
def test_something_else_than_cifar10(home, capsys, what, name):
    put(home / name, what)
    status, said = run(capsys, "verify", "cifar10")
    assert status == 1
    assert "not an ordinary file" in said or "blocked" in said
    assert run(capsys, "list")[0] == 0
    with pytest.raises(FileNotFoundError, match="bring the file"):
        datasets.load_cifar10(download=False)


# --- bundled data -----------------------------------------------------------------------------------------------------


DIGEST = _bundled.recorded_checksums(_bundled.DATA_DIR)["mnist.npz"].encode()


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + DIGEST, DIGEST.upper()], ids=["mark", "capitals"])
def test_checksums_may_be_written_in_other_ways(tmp_path, content):
    shutil.copy(_bundled.DATA_DIR / "mnist.npz", tmp_path)
    (tmp_path / "SHA256SUMS").write_bytes(content + b"  mnist.npz\n")
    assert len(_bundled.read_npz("mnist.npz", tmp_path)) == 4


@needs_pipes
@pytest.mark.parametrize("what", [*ODD, "device", "too long"])
def test_something_else_than_checksums(tmp_path, what):
    shutil.copy(_bundled.DATA_DIR / "mnist.npz", tmp_path)
    path = tmp_path / "SHA256SUMS"
    if what == "device":
        path.symlink_to("/dev/zero")
    elif what == "too long":
        path.write_bytes(DIGEST + b"  mnist.npz\n" + b"\n" * (1 << 16))
    else:
        put(path, what)
    with pytest.raises(CorruptDataError, match="SHA256SUMS does not tell"):
        _bundled.read_npz("mnist.npz", tmp_path)


def npz(**arrays) -> bytes:
    import io

    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"junk", b"PK\3\4junk", npy(np.zeros(3)), pickle.dumps(None), npz(a=np.zeros(3)), npz(a=np.array([{}]))],
    ids=["empty", "junk", "zip", "npy", "pickle", "other", "objects"],
)
def test_another_file_with_its_own_checksum_is_refused(tmp_path, content):
    (tmp_path / "mnist.npz").write_bytes(content)
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  mnist.npz")
    with pytest.raises(CorruptDataError, match=r"cannot be read as the arrays of mnist\.npz .*Restore both"):
        _bundled.read_npz("mnist.npz", tmp_path)


@pytest.mark.parametrize("line", [DIGEST[:20], b"d41d8cd98f00b204e9800998ecf8427e"], ids=["cut", "MD5"])
def test_a_digest_of_another_length_is_the_checksums_fault(tmp_path, line):
    shutil.copy(_bundled.DATA_DIR / "mnist.npz", tmp_path)
    (tmp_path / "SHA256SUMS").write_bytes(line + b"  mnist.npz")
    with pytest.raises(CorruptDataError, match="SHA256SUMS does not tell"):
        _bundled.read_npz("mnist.npz", tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n", b"abc", b"0123  other.npz\n", b"\xff\xfe\x00", None, b"a b c d\n"])
def test_damaged_checksums_are_named(tmp_path, content):
    shutil.copy(_bundled.DATA_DIR / "mnist.npz", tmp_path)
    if content is not None:
        (tmp_path / "SHA256SUMS").write_bytes(content)
    with pytest.raises(CorruptDataError, match=r"SHA256SUMS does not tell the SHA-256 of mnist\.npz.*Restore it"):
        _bundled.read_npz("mnist.npz", tmp_path)


@needs_pipes
@pytest.mark.parametrize("what", ODD)
def test_something_else_than_bundled_data(tmp_path, what):
    put(tmp_path / "mnist.npz", what)
    with pytest.raises(FileNotFoundError, match=r"is missing\. Restore it"):
        _bundled.read_npz("mnist.npz", tmp_path)


# --- processes --------------------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from course_utils.cli import data, main
if __name__ == "__main__":
    from course_utils.datasets import mnist_c
    mnist_c.NAMES = ("glass_blur", "fog", "spatter")
    real = mnist_c.make_all
    mnist_c.make_all = lambda **options: real(names=mnist_c.NAMES, **options)
    chosen = data._chosen
    data._chosen = lambda names: (print("started", flush=True), chosen(names))[1]
    sys.exit(main(["data", "fetch", "mnist-c"]))
"""


def fetching(tmp_path, script: str = SCRIPT) -> subprocess.Popen:
    path = tmp_path / "fetch.py"
    path.write_text(script)
    process = subprocess.Popen(
        [sys.executable, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.skipif(os.name != "posix", reason="process groups are stopped in another way here")
@pytest.mark.parametrize("delay", [0.3, 0.6, 1.0, 2.0])
def test_stopped_by_the_user_it_ends_at_once_with_one_line(home, tmp_path, delay):
    process = fetching(tmp_path)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to the program and all that it has started
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "course: stopped" in err
    assert _store.problems(home / "mnist_c") == []
    assert "made" not in out or list(home.rglob("*.npy"))


@pytest.mark.skipif(os.name != "posix", reason="process groups are stopped in another way here")
@pytest.mark.parametrize("behaviour", ["stalls", "drips slowly", "drips headers"])
def test_stopped_during_a_download_it_ends_at_once_with_one_line(home, tmp_path, behaviour):
    with serving(bytes(5000), behaviour) as (url, asked):
        change = f"from course_utils.datasets import cifar10; cifar10.URLS = ({url!r},)"
        process = fetching(tmp_path, SCRIPT.replace('"mnist-c"', '"cifar10"').replace("real = ", f"{change}; real = "))
        deadline = time.monotonic() + 30
        while not asked and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "course: stopped" in err
    assert [path.name for path in home.iterdir() if path.suffix != ".lock"] == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process cannot be killed without notice here")
def test_a_killed_worker_is_one_sentence(home, tmp_path):
    psutil = pytest.importorskip("psutil")  # comes with ipykernel
    process = fetching(tmp_path)
    deadline, workers = time.monotonic() + 30, []
    while len(workers) < 2 and time.monotonic() < deadline and process.poll() is None:
        children = psutil.Process(process.pid).children()
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        time.sleep(0.02)
    time.sleep(1)
    workers[0].kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "was ended from outside" in err
    assert _store.problems(home / "mnist_c") == []
