"""The data folder under everything that goes wrong with folders: killed writers, damage, full and read-only disks, two at once."""

import builtins
import errno
import json
import os
import pickle
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from course_utils.datasets import CorruptDataError, DataFolderError, _store

ARRAY = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)


def never():
    raise AssertionError("made again although it was there")


def make():
    return ARRAY.copy()


def assert_good(array):
    np.testing.assert_array_equal(array, ARRAY)
    assert array.dtype == ARRAY.dtype


def temporaries(folder):
    return [path.name for path in folder.rglob("*") if path.name.endswith(".part") or path.name.endswith(".download")]


def test_data_home_is_the_variable_or_the_users_cache(tmp_path, monkeypatch):
    assert _store.data_home() == tmp_path / "home"
    monkeypatch.setenv("COURSE_DATA_HOME", "~/data")
    assert _store.data_home() == Path.home() / "data"
    monkeypatch.setenv("COURSE_DATA_HOME", " ")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert _store.data_home().name == "cnn-course"
    if sys.platform.startswith("linux"):
        assert _store.data_home() == tmp_path / "cache" / "cnn-course"


def test_data_home_that_is_a_file_is_refused(home):
    home.write_text("")
    with pytest.raises(DataFolderError, match=r"is a file\. Set COURSE_DATA_HOME"):
        _store.cached_array("some/data.npy", make, version=1)


def test_made_once_and_read_from_then_on(home):
    assert_good(_store.cached_array("some/data.npy", make, version=1))
    assert_good(_store.cached_array("some/data.npy", never, version=1))
    np.testing.assert_array_equal(_store.cached_array("some/one.npy", make, version=1), ARRAY)
    np.testing.assert_array_equal(_store.cached_array("some/one.npy", never, version=1), ARRAY)
    np.testing.assert_array_equal(np.load(home / "some/one.npy", allow_pickle=False), ARRAY)
    assert _store.problems(home) == []
    assert temporaries(home) == []


def test_another_version_is_made_anew():
    _store.cached_array("some/data.npy", lambda: np.zeros(2), version=1)
    assert_good(_store.cached_array("some/data.npy", make, version=2))
    assert_good(_store.cached_array("some/data.npy", never, version=2))


@pytest.mark.parametrize("file", ["data.npy", "data.npy.json"])
@pytest.mark.parametrize("damage", ["bit", "truncated", "empty", "longer"])
def test_damage_is_noticed_and_repaired(home, file, damage):
    _store.cached_array("some/data.npy", make, version=1)
    path = home / "some" / file
    content = path.read_bytes()
    place = content.index(b"sha256") + 12 if file.endswith("json") else len(content) // 2
    flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    broken = {"bit": flipped, "truncated": content[:-9], "empty": b"", "longer": content + b"}"}[damage]
    path.write_bytes(broken)
    assert _store.state(home / "some/data.npy") == "damaged"
    assert len(_store.problems(home)) == 1
    with pytest.raises(CorruptDataError, match="damaged"):
        _store.read_arrays(home / "some/data.npy")
    with pytest.warns(UserWarning, match=r"data\.npy is damaged.*made anew"):
        assert_good(_store.cached_array("some/data.npy", make, version=1))
    assert _store.problems(home) == []


def test_every_single_byte_counts(home):
    _store.cached_array("some/one.npy", make, version=1)
    path = home / "some/one.npy"
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x80]) + content[place + 1 :])
        assert _store.state(path) == "damaged"


def test_a_file_of_somebody_else_is_not_taken_for_ours(home):
    path = home / "some/data.npy"
    path.parent.mkdir(parents=True)
    np.save(path, np.zeros(3))
    assert _store.state(path) == "foreign"
    with pytest.warns(UserWarning, match="no record"):
        assert_good(_store.cached_array("some/data.npy", make, version=1))


def test_a_missing_file_with_a_record_is_made(home):
    _store.cached_array("some/data.npy", make, version=1)
    (home / "some/data.npy").unlink()
    assert _store.problems(home) == [f"{home / 'some/data.npy'} is missing"]
    assert_good(_store.cached_array("some/data.npy", make, version=1))


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("exploded",))


def test_no_pickle_is_written_or_read(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        _store.cached_array("some/data.npy", lambda: np.array([Bomb()]), version=1)
    path = home / "some/one.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(Bomb())
    _store.write_recorded(path, content, version=1)  # even with a valid record
    with pytest.raises(ValueError, match="pickle"):
        _store.read_arrays(path)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("path", ["/etc/x.npy", "../x.npy", "a/../../x.npy", ""])
def test_nothing_is_written_outside_the_data_folder(path):
    with pytest.raises(ValueError, match="below the data folder"):
        _store.cached_array(path, make, version=1)


def test_an_error_while_making_leaves_nothing_and_frees_the_lock(home):
    with pytest.raises(ZeroDivisionError):
        _store.cached_array("some/data.npy", lambda: 1 / 0, version=1)
    assert not (home / "some").exists()
    assert_good(_store.cached_array("some/data.npy", make, version=1, timeout=0))


# --- full and read-only disks -----------------------------------------------------------------------------------------


class FailingStream:
    """An open file whose writing may fail halfway."""

    def __init__(self, stream, disk):
        self.stream, self.disk = stream, disk

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stream.close()

    def write(self, data):
        half = len(data) // 2
        self.stream.write(data[:half])
        self.disk.count()
        return half + self.stream.write(data[half:])


class FullDisk:
    """Stands for ``open``, ``os.replace``, ``os.fsync`` and ``Path.mkdir``; the nth call of any of them fails."""

    def __init__(self, monkeypatch, fails_at: int, number: int):
        self.calls, self.fails_at, self.number = 0, fails_at, number
        real_open = builtins.open

        def opened(file, mode="r", *rest, **options):
            stream = real_open(file, mode, *rest, **options)
            if "x" not in mode and "w" not in mode:
                return stream
            self.count()
            return FailingStream(stream, self)

        monkeypatch.setattr(builtins, "open", opened)
        for owner, name in ((os, "replace"), (os, "fsync"), (Path, "mkdir")):
            monkeypatch.setattr(owner, name, self.counted(getattr(owner, name)))

    def counted(self, function):
        def counted(*arguments, **options):
            self.count()
            return function(*arguments, **options)

        return counted

    def count(self):
        self.calls += 1
        if self.calls == self.fails_at:
            raise OSError(self.number, os.strerror(self.number))


def calls_of_one_writing(home, monkeypatch) -> int:
    with monkeypatch.context() as patch:
        disk = FullDisk(patch, -1, 0)
        _store.cached_array("count/data.npy", make, version=1)
    return disk.calls


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "no space left.*Free some space"), (errno.EROFS, "read-only.*Make it writable")]
)
def test_a_failure_at_any_write_is_explained_and_leaves_nothing_incomplete(home, monkeypatch, number, said):
    calls = calls_of_one_writing(home, monkeypatch)
    assert calls > 10
    for fails_at in range(1, calls + 1):
        name = f"some{fails_at}/data.npy"
        with monkeypatch.context() as patch:
            FullDisk(patch, fails_at, number)
            with pytest.raises(DataFolderError, match=said) as caught:
                _store.cached_array(name, make, version=1)
        assert "set COURSE_DATA_HOME to another folder" in str(caught.value)
        assert caught.value.errno == number
        assert temporaries(home) == []
        # What is there is whole (the last failures come after the renaming) or not there; the next call puts it right.
        assert _store.state(home / name) in ("missing", "good")
        assert_good(_store.cached_array(name, make, version=1))


def test_a_failure_keeps_the_previous_file_good(home, monkeypatch):
    path = home / "some/data.npy"
    calls = calls_of_one_writing(home, monkeypatch)
    kept = 0
    for fails_at in range(1, calls + 1):
        _store.cached_array("some/data.npy", make, version=1)
        with monkeypatch.context() as patch:
            FullDisk(patch, fails_at, errno.ENOSPC)
            with pytest.raises(DataFolderError):
                _store.cached_array("some/data.npy", lambda: np.zeros(9), version=2)
        assert temporaries(home) == []
        found = _store.state(path, version=1)
        assert found == "good" or _store.state(path, version=2) == "good"  # the last failures come after the renaming
        kept += found == "good"
        shutil.rmtree(home)
    assert kept >= calls - 2


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), OSError(errno.EIO, "io")], ids=repr)
def test_stopped_right_after_the_renaming_the_new_file_keeps_its_record(home, monkeypatch, before, error):
    path, replace = home / "some/data.npy", os.replace
    if before:
        _store.cached_array("some/data.npy", lambda: np.zeros(9), version=0)

    def renamed(source, target):
        replace(source, target)
        if target == path:
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", renamed)
        with pytest.raises(type(error)):
            _store.cached_array("some/data.npy", make, version=1)
    assert _store.state(path, version=1) == "good"
    assert temporaries(home) == []


@pytest.mark.skipif(os.name != "posix", reason="folders are not flushed here")
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EBADF])
def test_a_file_system_that_cannot_flush_folders(home, monkeypatch, number):
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert_good(_store.cached_array("some/data.npy", make, version=1))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc here")
def test_where_no_lock_can_be_made_nobody_is_waited_for(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_HOME", "/proc")
    begin = time.monotonic()
    with pytest.raises(
        DataFolderError, match="locking some in the data folder /proc failed: no file can be made there"
    ):
        _store.cached_array("some/data.npy", make, version=1)
    assert time.monotonic() - begin < 5
    assert capsys.readouterr().err == ""


def test_a_really_full_disk(tmp_path, monkeypatch):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let the tests mount a small disk")
    try:
        monkeypatch.setenv("COURSE_DATA_HOME", str(place))
        assert_good(_store.cached_array("some/data.npy", make, version=1))
        with pytest.raises(DataFolderError, match=r"writing big\.npy.*no space left"):
            _store.cached_array("some/big.npy", lambda: np.zeros(1_000_000, np.uint8), version=1)
        assert temporaries(place) == []
        assert _store.state(place / "some/big.npy") == "missing"
        assert_good(_store.cached_array("some/data.npy", never, version=1))
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        assert_good(_store.cached_array("some/data.npy", never, version=1))
        with pytest.raises(DataFolderError, match="read-only"):
            _store.cached_array("some/other.npy", make, version=1)
    finally:
        subprocess.run(["umount", place], check=True)


def test_what_did_not_arrive_on_the_disk_is_noticed(home, monkeypatch):
    monkeypatch.setattr(_store, "sha256", lambda path: "0" * 64)
    with pytest.raises(CorruptDataError, match="is the disk all right"):
        _store.write_atomically(home / "file.txt", b"content")
    assert not (home / "file.txt").exists()
    assert temporaries(home) == []


# --- killed and simultaneous writers ----------------------------------------------------------------------------------


def start(code: str) -> subprocess.Popen:
    lines = "import os, sys, time\nimport numpy as np\nfrom course_utils.datasets import _store\n" + textwrap.dedent(
        code
    )
    return subprocess.Popen([sys.executable, "-c", lines], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process cannot be killed without notice here")
def test_a_killed_writer_leaves_nothing_that_is_read(home):
    _store.cached_array("some/data.npy", lambda: np.zeros(1), version=0)
    writer = start(
        """
        def half(file):
            file.write(b"half of it"); file.flush()
            print("writing", flush=True)
            time.sleep(60)
        with _store.locked(_store.data_home() / "some"):
            _store.write_atomically(_store.data_home() / "some" / "data.npy", half)
        """
    )
    assert writer.stdout.readline() == "writing\n"
    assert temporaries(home) != []
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    np.testing.assert_array_equal(_store.read_arrays(home / "some/data.npy"), np.zeros(1))
    assert_good(_store.cached_array("some/data.npy", make, version=1, timeout=5))  # the lock is free
    assert temporaries(home) == []


@pytest.mark.parametrize("before", [None, 1])
def test_killed_at_any_step_nothing_wrong_is_read(home, before):
    """The process ends at its nth opening, flushing or renaming, without any cleaning up."""
    code = """
        calls = 0
        def ending(function):
            def ended(*arguments, **options):
                global calls
                calls += 1
                if calls == {step}:
                    os._exit(9)
                return function(*arguments, **options)
            return ended
        os.fsync, os.replace = ending(os.fsync), ending(os.replace)
        with _store.locked(_store.data_home() / "some"):
            _store.write_arrays(_store.data_home() / "some" / "data.npy", np.ones(3), version=2)
        """
    ends, found = [], set()
    for step in range(1, 7):
        shutil.rmtree(home, ignore_errors=True)
        if before:
            _store.cached_array("some/data.npy", make, version=before)
        process = start(textwrap.dedent(code.format(step=step)))
        process.communicate(timeout=60)
        ends.append(process.returncode)
        found.add(_store.state(home / "some/data.npy", version=2))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert_good(_store.cached_array("some/data.npy", make, version=3))
        assert temporaries(home) == []
    assert ends == [9, 9, 9, 9, 9, 0]  # two files flushed, two renamed, the folder flushed
    assert found == ({"old", "damaged", "good"} if before else {"missing", "good"})


def test_two_processes_at_once_make_it_once(home):
    code = """
        def make():
            with open(_store.data_home() / "made", "a") as file:
                file.write("made\\n")
            while len(list(_store.data_home().glob("*.begun"))) < 2:
                time.sleep(0.05)
            time.sleep(2.5)
            return np.arange(5)
        (_store.data_home() / f"{os.getpid()}.begun").touch()
        print(_store.cached_array("some/data.npy", make, version=1).sum())
        """
    home.mkdir(exist_ok=True)
    both = [start(code), start(code)]
    ends = [process.communicate(timeout=60) for process in both]
    assert [out for out, _ in ends] == ["10\n", "10\n"]
    assert (home / "made").read_text() == "made\n"
    assert any("Another program is preparing" in err for _, err in ends)


def test_threads_exclude_each_other_and_one_may_lock_twice(home):
    inside, worst = [], []

    def work():
        with _store.locked(home / "some", timeout=10), _store.locked(home / "some", timeout=10):
            inside.append(1)
            worst.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == [1] * 6


def test_waiting_too_long_says_what_to_do(home):
    messages = []

    def wait():
        try:
            with _store.locked(home / "some", timeout=0.1):
                messages.append("got it")
        except DataFolderError as error:
            messages.append(str(error))

    with _store.locked(home / "some"):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert "more than 0 s. Wait until it has finished" in messages[0]


def test_files_have_the_usual_permissions_and_records_are_plain(home):
    _store.cached_array("some/data.npy", make, version="a")
    usual = home / "usual"
    usual.write_text("")
    assert (home / "some/data.npy").stat().st_mode == usual.stat().st_mode
    record = json.loads((home / "some/data.npy.json").read_text())
    assert record["version"] == "a"
    assert record["bytes"] == (home / "some/data.npy").stat().st_size
