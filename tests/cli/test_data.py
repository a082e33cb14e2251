"""``data list``, ``data fetch`` and ``data verify``."""

import os
import subprocess
import sys

import numpy as np
import pytest

from course_utils import cli
from course_utils.cli import data
from course_utils.datasets import _store, cifar10, corruptions, mnist_c

ALWAYS_HERE = ("mnist", "photo-patches", "faces", "digits8x8", "xo")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("COURSE_DATA_HOME", str(folder))
    monkeypatch.setenv("COLUMNS", "200")
    return folder


@pytest.fixture
def fog(home):
    """A part of MNIST-C as the course makes it, though tiny."""
    path = home / "mnist_c" / "fog" / "test_images.npy"
    with _store.locked(home / "mnist_c"):
        _store.write_arrays(path, np.zeros((3, 28, 28, 1), np.uint8), version=corruptions.VERSION)
    return path


def test_list_names_every_data_set_its_licence_and_place(capsys, fog, home):
    assert cli.main(["data", "list"]) == 0
    said = capsys.readouterr().out
    for name, entry in data.entries().items():
        assert f"{name}: {entry.title}" in said
        assert entry.licence in said
        assert entry.size in said
    assert str(fog.parents[1]) in said
    assert "not here; get it with: python -m course_utils data fetch cifar10" in said
    assert f"The data folder is {home}" in said


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_terminal_can_show_the_list(home, encoding):
    """Also a folder whose name is no text in any encoding."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["COURSE_DATA_HOME"] = f"{home}-\udcff-[red]"
    command = [sys.executable, "-m", "course_utils", "data", "list"]
    ended = subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert b"faces and backgrounds, 25" in ended.stdout
    assert b"-[red]" in ended.stdout


def test_verify_without_damage(capsys):
    assert cli.main(["data", "verify"]) == 0
    said = capsys.readouterr().out
    for name in ALWAYS_HERE:
        assert f"{name}: all right" in said
    assert "cifar10: not here" in said
    assert "mnist-c: not here" in said


def test_verify_says_what_is_damaged_and_what_to_do(capsys, fog, home):
    assert cli.main(["data", "verify", "mnist-c"]) == 0
    fog.write_bytes(fog.read_bytes()[:-1])
    (home / cifar10.FOLDER).mkdir()
    assert cli.main(["data", "verify", "mnist-c", "cifar10", "xo"]) == 1
    said = capsys.readouterr().out
    assert "mnist-c: damaged" in said
    assert f"{fog} is damaged" in said
    assert "To repair it: python -m course_utils data fetch mnist-c" in said
    assert "cifar10: damaged" in said
    assert "xo: all right" in said


def test_verify_looks_at_published_files_too(capsys, home):
    path = home / "mnist_c" / "fog" / "test_images.npy"
    path.parent.mkdir(parents=True)
    np.save(path, np.zeros((3, 28, 28, 1), np.uint8))
    assert cli.main(["data", "verify", "mnist-c"]) == 1
    assert "the published file holds" in capsys.readouterr().out


def test_verify_notices_a_damaged_archive(capsys, home):
    home.mkdir()
    (home / cifar10.ARCHIVE).write_bytes(b"half")
    assert cli.main(["data", "verify", "cifar10"]) == 1
    assert "has 4 bytes" in capsys.readouterr().out


def test_fetch_makes_what_is_made_here(capsys, monkeypatch, fog):
    made = []
    monkeypatch.setattr(mnist_c, "make_all", lambda report: (made.append(1), report("fog", "test", "kept")))
    assert cli.main(["data", "fetch", "mnist-c", "xo"]) == 0
    said = capsys.readouterr().out
    assert made == [1]
    assert "fog test: kept" in said
    assert f"ready in {fog.parents[1]}" in said
    assert "comes with the course" in said


def test_fetch_that_fails_is_one_message(capsys, monkeypatch):
    from course_utils.datasets import _archive

    def fail(*arguments, **options):
        raise _archive.DownloadError("no network")

    monkeypatch.setattr(_archive, "download", fail)
    assert cli.main(["data", "fetch", "cifar10"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("course: CIFAR-10 is not in the data folder")
    assert cifar10.MD5 in said


def test_a_data_folder_that_is_a_file_is_one_message(capsys, home):
    home.write_text("")
    for line in (["data", "list"], ["data", "verify", "mnist-c"], ["data", "fetch", "cifar10"]):
        assert cli.main(line) == 1
        assert "is a file. Set COURSE_DATA_HOME" in capsys.readouterr().err


def test_unknown_names_are_wrong_usage(capsys):
    assert cli.main(["data", "fetch", "imagenet"]) == 2
    assert "'imagenet' is no data set of the course; there are mnist, " in capsys.readouterr().err


@pytest.mark.parametrize("line", [["data"], ["data", "fetch"], ["data", "remove"]])
def test_wrong_usage_ends_with_2(line):
    with pytest.raises(SystemExit) as end:
        cli.main(line)
    assert end.value.code == 2
