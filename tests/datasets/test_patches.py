"""Patches of ten photographs: nothing leaks from one split into another."""

from importlib import resources

import numpy as np
import pytest
import skimage.data
from PIL import Image

from course_utils import datasets
from course_utils.datasets import CorruptDataError, patches

GROUP = 120


@pytest.fixture(scope="module")
def dataset():
    return datasets.load_photo_patches(validation=5 * GROUP)


def covered(shape, corners, margin=0):
    """Pixels of a picture that patches cover, with a margin around them."""
    mask = np.zeros(shape, bool)
    for row, column in corners.reshape(-1, 2):
        mask[max(row - margin, 0) : row + 32 + margin, max(column - margin, 0) : column + 32 + margin] = True
    return mask


def test_shapes_balance_and_origin(dataset):
    assert [len(x) for x in (dataset.x_train, dataset.x_val, dataset.x_test)] == [3000, 600, 1200]
    for x, y in ((dataset.x_train, dataset.y_train), (dataset.x_val, dataset.y_val), (dataset.x_test, dataset.y_test)):
        assert x.dtype == np.uint8
        assert x.shape[1:] == (32, 32, 3)
        assert np.bincount(y, minlength=10).tolist() == [len(y) // 10] * 10
    assert dataset.y_train[:11].tolist() == [*range(10), 0]
    assert len(dataset.class_names) == 10
    for name in dataset.class_names:
        assert name in dataset.licence


@pytest.mark.parametrize("label", range(10))
def test_splits_lie_apart_in_the_picture(dataset, label):
    """Found again in the picture by their pixels, the patches of different splits are at least a gap apart."""
    picture = patches.read_picture(patches.CLASS_NAMES[label])
    corners = patches.patch_corners(picture.shape[:2], np.random.default_rng([0, label]))
    whole = {"train": corners[:25], "val": corners[25:30], "test": corners[30:]}
    for split, places in whole.items():
        mine = getattr(dataset, f"x_{split}")[getattr(dataset, f"y_{split}") == label]
        found = [picture[row : row + 32, column : column + 32] for row, column in places.reshape(-1, 2)]
        np.testing.assert_array_equal(mine, found)  # these are the places that the patches come from
    shape = picture.shape[:2]
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        assert not (covered(shape, whole[one], margin=patches.GAP) & covered(shape, whole[other])).any()


def test_seed_decides(dataset):
    again, other = datasets.load_photo_patches(validation=600), datasets.load_photo_patches(seed=1)
    np.testing.assert_array_equal(again.x_train, dataset.x_train)
    assert not np.array_equal(other.x_test, dataset.x_test)


def test_nothing_is_written(home):
    datasets.load_photo_patches()
    assert not home.exists()


def test_colour_helps_but_is_not_enough(dataset):
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(50, random_state=0).fit(dataset.x_train.mean((1, 2)), dataset.y_train)
    assert 0.5 < forest.score(dataset.x_test.mean((1, 2)), dataset.y_test) < 0.8


@pytest.mark.parametrize("validation", [-120, 100, 3600, 120.0, True, "120"])
def test_cells_are_held_out_whole(validation):
    with pytest.raises(ValueError, match="multiple of 120 from 0 to 3480"):
        datasets.load_photo_patches(validation=validation)


@pytest.mark.parametrize("seed", [-1, 0.5, True])
def test_bad_seed(seed):
    with pytest.raises(ValueError, match="seed="):
        datasets.load_photo_patches(seed=seed)


def test_a_photograph_that_cannot_be_read_is_named(monkeypatch):
    import skimage.data

    def broken():
        raise SyntaxError("broken PNG file")

    monkeypatch.setattr(skimage.data, "coffee", broken)
    with pytest.raises(datasets.CorruptDataError, match=r"the photograph coffee .*broken PNG.*reinstall"):
        datasets.load_photo_patches()


def test_too_small_a_picture_is_refused():
    with pytest.raises(ValueError, match="40 are needed"):
        patches.patch_corners((200, 200), np.random.default_rng(0))


@pytest.mark.parametrize("shape", [(427, 640), (427, 640, 3), None])
def test_a_photograph_of_scikit_learn_must_be_the_one_expected(tmp_path, monkeypatch, shape):
    real = resources.files
    monkeypatch.setattr(resources, "files", lambda name: tmp_path if name == "sklearn.datasets.images" else real(name))
    if shape:
        Image.fromarray(np.zeros(shape, np.uint8)).save(tmp_path / "china.jpg")
    with pytest.raises(CorruptDataError, match=r"china\.jpg is missing or damaged\); reinstall"):
        datasets.load_photo_patches()


@pytest.mark.parametrize("picture", [np.zeros((400, 600), np.uint8), np.zeros((400, 600, 3))])
def test_a_photograph_that_is_not_in_colour_is_refused(monkeypatch, picture):
    monkeypatch.setattr(skimage.data, "coffee", lambda: picture)
    with pytest.raises(CorruptDataError, match=r"photograph coffee .*not a picture in colour"):
        datasets.load_photo_patches()
