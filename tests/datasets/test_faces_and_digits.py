"""The two small sets that come with scikit-image and scikit-learn."""

import io
import os
import pickle

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


@pytest.mark.parametrize("load", [datasets.load_faces, datasets.load_digits8x8])
def test_bad_validation(load):
    with pytest.raises(ValueError, match="a whole number from 0 to"):
        load(validation=-1)
