"""The script that made the bundled MNIST, run on the bundled MNIST's own content."""

import gzip

import numpy as np
import pytest
import scripts

from course_utils import datasets
from course_utils.datasets import _bundled


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_mnist.py")


@pytest.fixture(scope="module")
def originals(tmp_path_factory, script):
    """The four original files, written back from the bundled data; two of them gzipped."""
    folder, data = tmp_path_factory.mktemp("originals"), datasets.load_mnist()
    for name, (file, _, shape) in script.ORIGINALS.items():
        content = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes() + getattr(data, name).tobytes()
        if "labels" in file:
            (folder / f"{file}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / file).write_bytes(content)
    return folder


def test_makes_a_file_with_the_same_arrays(script, originals, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(script, "COMPRESSION", 1)  # the level of the bundled file takes 20 seconds
    output = tmp_path / "mnist.npz"
    assert script.main([str(originals), "--output", str(output)]) == 0
    made, bundled = _bundled.read_npz("mnist.npz", tmp_path), _bundled.read_npz("mnist.npz")
    assert made.keys() == bundled.keys()
    for name, array in made.items():
        np.testing.assert_array_equal(array, bundled[name])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["SHA256SUMS", "mnist.npz"]
    assert "SHA-256" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "t10k-images-idx3-ubyte").unlink(), "neither t10k-images-idx3-ubyte nor"),
        (lambda folder: (folder / "t10k-images-idx3-ubyte").write_bytes(b"short"), "is not the original: MD5"),
        (lambda folder: (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"no gzip"), "is not a complete gzip file"),
    ],
)
def test_refuses_other_files_and_writes_nothing(script, originals, tmp_path, capsys, damage, message):
    folder = tmp_path / "in"
    folder.mkdir()
    for path in originals.iterdir():
        (folder / path.name).hardlink_to(path)
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"):  # unshare what may be damaged
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        (folder / name).write_bytes(content)
    damage(folder)
    output = tmp_path / "out" / "mnist.npz"
    assert script.main([str(folder), "--output", str(output)]) == 1
    assert message in capsys.readouterr().err
    assert not output.parent.exists()


def test_idx_header_is_checked(script):
    with pytest.raises(ValueError, match="not an idx file"):
        script.parse_idx(b"\x00\x00\x0d\x01" + bytes(8), (4,))
    with pytest.raises(ValueError, match=r"shape \(5,\), expected \(4,\)"):
        script.parse_idx(b"\x00\x00\x08\x01\x00\x00\x00\x05" + bytes(5), (4,))


def test_recorded_checksums_are_those_of_the_files():
    import hashlib

    for name, digest in _bundled.recorded_checksums(_bundled.DATA_DIR).items():
        assert hashlib.sha256((_bundled.DATA_DIR / name).read_bytes()).hexdigest() == digest
