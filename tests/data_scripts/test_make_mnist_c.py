"""The script that writes the whole of MNIST-C, on a part of it."""

import numpy as np
import pytest
import scripts

from course_utils.datasets import mnist_c


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_mnist_c.py")


def test_writes_to_any_folder_and_says_what_it_did(script, tmp_path, capsys):
    arguments = ["--output", str(tmp_path / "set"), "--names", "stripe", "--splits", "test", "--processes", "1"]
    assert script.main(arguments) == 0
    assert capsys.readouterr().out == "1 made\n"
    assert np.load(tmp_path / "set" / "stripe" / "test_images.npy").shape == (10_000, 28, 28, 1)
    assert script.main(arguments) == 0
    printed = capsys.readouterr()
    assert printed.out == "1 kept\n"
    assert "stripe/test kept" in printed.err


def test_makes_everything_unless_told_otherwise(script, monkeypatch):
    asked = {}
    monkeypatch.setattr(
        mnist_c, "make_all", lambda folder, **options: asked.update(options, folder=folder) or {"made": 32}
    )
    assert script.main([]) == 0
    assert asked["folder"] is None
    assert len(asked["names"]) == 16
    assert asked["processes"] == 2
    assert tuple(asked["splits"]) == ("train", "test")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--names", "frost"], "name='frost'"), (["--processes", "0"], "at least 1"), (["--splits", "all"], "splits=")],
)
def test_errors_are_one_line(script, arguments, message, tmp_path, capsys):
    assert script.main(["--output", str(tmp_path / "set"), *arguments]) == 1
    printed = capsys.readouterr().err
    assert "make_mnist_c: " in printed
    assert message in printed
    assert not (tmp_path / "set").exists()


def test_stopped_by_the_user(script, monkeypatch, capsys):
    def stopped(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(mnist_c, "make_all", stopped)
    assert script.main([]) == 130
    assert "Run it again to go on" in capsys.readouterr().err
