"""The two small sets that come with scikit-image and scikit-learn."""

import gzip
import io
import os
import pickle
from importlib import resources

import numpy as np
import pytest
import skimage.data
import sklearn.datasets

from course_utils import datasets
from course_utils.datasets import CorruptDataError, faces


def test_faces_are_scikit_images():
    dataset, original = datasets.load_faces(), skimage.data.lfw_subset()
    x, y = np.concatenate([dataset.x_train, dataset.x_test]), np.concatenate([dataset.y_train, dataset.y_test])
    np.testing.assert_allclose(x[y == 1][..., 0] / 255, original[:100], atol=0.5 / 255 + 1e-9)
    np.testing.assert_allclose(x[y == 0][..., 0] / 255, original[100:], atol=0.5 / 255 + 1e-9)
    assert dataset.class_names == ("no face", "face")
    assert x.dtype == np.uint8


def test_faces_are_balanced_in_every_split():
    dataset = datasets.load_faces(validation=20)
    assert [np.bincount(y).tolist() for y in (dataset.y_train, dataset.y_val, dataset.y_test)] == [
        [60, 60],
        [10, 10],
        [30, 30],
    ]


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("exploded",))


def npy(array) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        npy(np.zeros((199, 25, 25))),
        npy(np.full((200, 25, 25), 2.0)),
        npy(np.zeros((200, 25, 25))),
        npy(np.nextafter(skimage.data.lfw_subset(), 1)),
        npy(np.array([Bomb()])),
        pickle.dumps(Bomb()),
    ],
)
def test_another_file_in_its_place_is_refused(tmp_path, monkeypatch, content):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lfw_subset.npy").write_bytes(content)
    monkeypatch.setattr(faces, "files", lambda package: tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CorruptDataError, match=r"lfw_subset\.npy .*einstall scikit-image"):
        datasets.load_faces()
    assert not (tmp_path / "exploded").exists()


def test_missing_faces_say_where_they_belong(tmp_path, monkeypatch):
    monkeypatch.setattr(faces, "files", lambda package: tmp_path)
    with pytest.raises(FileNotFoundError, match="belongs to scikit-image"):
        datasets.load_faces()


def test_digits_are_scikit_learns():
    dataset, original = datasets.load_digits8x8(), sklearn.datasets.load_digits()
    x, y = np.concatenate([dataset.x_train, dataset.x_test]), np.concatenate([dataset.y_train, dataset.y_test])
    np.testing.assert_array_equal(np.rint(x[..., 0] * (16 / 255)), original.images)
    np.testing.assert_array_equal(y, original.target)
    assert (x.dtype, x.shape, x.max()) == (np.uint8, (1797, 8, 8, 1), 255)
    assert len(dataset.x_test) == 360
    assert np.bincount(dataset.y_test).min() >= 30


DIGITS = (resources.files("sklearn.datasets.data") / "digits.csv.gz").read_bytes()
LINES = gzip.decompress(DIGITS).splitlines(keepends=True)


@pytest.fixture
def digits_file(tmp_path, monkeypatch):
    """Where scikit-learn and the course look for the file of the digits."""
    real = resources.files
    monkeypatch.setattr(resources, "files", lambda name: tmp_path if name == "sklearn.datasets.data" else real(name))
    return tmp_path / "digits.csv.gz"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        DIGITS[: len(DIGITS) // 2],
        DIGITS[:-4],
        gzip.compress(b"".join(LINES[:1000])),
        gzip.compress(b"".join(LINES).replace(b"16", b"99")),
    ],
    ids=["empty", "text", "half", "without its end", "1000 rows", "other pixels"],
)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_damaged_digits_are_refused(digits_file, content):
    digits_file.write_bytes(content)
    with pytest.raises(CorruptDataError, match=r"digits\.csv\.gz is damaged .*; reinstall scikit-learn"):
        datasets.load_digits8x8()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("pipe", [False, True])
def test_missing_digits_say_where_they_belong(digits_file, pipe):
    if pipe:
        os.mkfifo(digits_file)
    with pytest.raises(FileNotFoundError, match="belongs to scikit-learn"):
        datasets.load_digits8x8()


@pytest.mark.parametrize("load", [datasets.load_faces, datasets.load_digits8x8])
def test_bad_validation(load):
    with pytest.raises(ValueError, match="a whole number from 0 to"):
        load(validation=-1)
