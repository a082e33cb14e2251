"""The bundled MNIST against the checksums and counts of the original."""

import hashlib
import shutil

import numpy as np
import pytest

from course_utils import datasets
from course_utils.datasets import _bundled

MD5 = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}
TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def mnist():
    return datasets.load_mnist()


@pytest.mark.parametrize("name", MD5)
def test_is_the_original_to_the_last_byte(mnist, name):
    array = getattr(mnist, name)
    shape = (len(array), 28, 28) if name[0] == "x" else (len(array),)
    header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
    assert hashlib.md5(header + array.tobytes()).hexdigest() == MD5[name]


def test_shapes_counts_and_origin(mnist):
    assert mnist.x_train.shape == (60_000, 28, 28, 1)
    assert mnist.x_test.shape == (10_000, 28, 28, 1)
    assert mnist.x_val.shape == (0, 28, 28, 1)
    assert mnist.x_train.dtype == np.uint8
    assert np.bincount(mnist.y_train).tolist() == TRAIN_COUNTS
    assert np.bincount(mnist.y_test).tolist() == TEST_COUNTS
    assert mnist.class_names == tuple("0123456789")
    assert mnist.licence == "CC BY-SA 3.0"
    assert "uint8 (60000, 28, 28, 1)" in repr(mnist)


def test_validation_is_the_end_of_the_training_split(mnist):
    held_out = datasets.load_mnist(validation=5000)
    np.testing.assert_array_equal(held_out.x_train, mnist.x_train[:55_000])
    np.testing.assert_array_equal(held_out.x_val, mnist.x_train[55_000:])
    np.testing.assert_array_equal(held_out.y_val, mnist.y_train[55_000:])
    np.testing.assert_array_equal(held_out.x_test, mnist.x_test)


@pytest.mark.parametrize("validation", [-1, 60_000, 0.1, "5000", True])
def test_bad_validation_says_what_is_accepted(validation):
    with pytest.raises(ValueError, match="a whole number from 0 to 59999"):
        datasets.load_mnist(validation=validation)


@pytest.fixture
def copied_data(tmp_path, monkeypatch):
    """A copy of the data folder that a test may damage, and that the loader reads."""
    for name in ("mnist.npz", "SHA256SUMS"):
        shutil.copy(_bundled.DATA_DIR / name, tmp_path)
    monkeypatch.setattr(_bundled.read_npz, "__defaults__", (tmp_path,))
    return tmp_path


def test_missing_file_says_how_to_get_it_back(copied_data):
    (copied_data / "mnist.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"mnist\.npz is missing\. Restore it"):
        datasets.load_mnist()


@pytest.mark.parametrize("damage", ["truncated", "one bit", "empty"])
def test_damaged_file_is_noticed(copied_data, damage):
    path = copied_data / "mnist.npz"
    content = bytearray(path.read_bytes())
    if damage == "one bit":
        content[len(content) // 2] ^= 1
    path.write_bytes({"truncated": content[:-1000], "empty": b""}.get(damage, content))
    with pytest.raises(datasets.CorruptDataError, match=r"mnist\.npz is damaged: .*expected"):
        datasets.load_mnist()


def test_dataset_refuses_splits_that_do_not_match(mnist):
    from dataclasses import FrozenInstanceError, replace

    with pytest.raises(ValueError, match="the test split has 10000 pictures but 9 labels"):
        replace(mnist, y_test=mnist.y_test[:9])
    with pytest.raises(ValueError, match="labels of the train split go from 0 to 9"):
        replace(mnist, class_names=("zero", "one"))
    with pytest.raises(FrozenInstanceError):
        mnist.source = "elsewhere"
