"""The networks that come with their weights are what they claim to be, and damage is noticed."""

import shutil
import zipfile

import numpy as np
import pytest

from course_utils import models
from course_utils.datasets import CorruptDataError, _bundled, load_mnist
from course_utils.models import _trained


def test_accuracy_on_all_test_digits_is_the_recorded_one():
    digits, model = load_mnist(), models.trained("mnist_fast")
    correct = (model.predict(digits.x_test, batch_size=1000, verbose=0).argmax(axis=1) == digits.y_test).sum()
    assert correct >= 9930
    assert correct == _bundled.read_npz("mnist_fast.npz", _trained.DATA_DIR)["test_correct"]


def test_each_call_makes_a_network_of_its_own():
    first, second = models.trained("mnist_fast"), models.trained("mnist_fast")
    first.layers[1].set_weights([np.zeros((5, 5, 1, 16))])
    assert np.abs(second.layers[1].get_weights()[0]).max() > 0.1
    assert second.name == "mnist_fast"
    assert second.count_params() == 29_658


def test_the_file_holds_plain_float32_arrays_and_its_recorded_checksum_covers_it():
    path = _trained.DATA_DIR / "mnist_fast.npz"
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1998}
    with np.load(path, allow_pickle=False) as archive:
        kinds = {name: archive[name].dtype.name for name in archive.files}
    assert kinds.pop("test_correct") == "int64"
    assert set(kinds.values()) == {"float32"}
    assert _bundled.recorded_checksums(_trained.DATA_DIR).keys() == {"mnist_fast.npz"}


def test_weights_return_to_where_they_came_from():
    model = models.mnist_fast()
    arrays = {
        key: np.full_like(array, number) for number, (key, array) in enumerate(_trained.weights_of(model).items())
    }
    _trained.assign(model, arrays)
    for key, array in _trained.weights_of(model).items():
        np.testing.assert_array_equal(array, arrays[key])


def test_weights_that_do_not_fit_are_refused_whole():
    model = models.mnist_fast()
    before = _trained.weights_of(model)
    with pytest.raises(ValueError, match=r"missing \['logits/bias'\], without a place \['extra/bias'\]"):
        _trained.assign(
            model, {**{key: 0 * one for key, one in before.items() if key != "logits/bias"}, "extra/bias": 0}
        )
    with pytest.raises(ValueError, match=r"logits/bias has shape \(3,\), but 'mnist_fast' needs \(10,\)"):
        _trained.assign(model, {key: np.zeros(3) if key == "logits/bias" else 0 * one for key, one in before.items()})
    for key, array in _trained.weights_of(model).items():
        np.testing.assert_array_equal(array, before[key])


def test_errors_name_what_is_missing_or_damaged(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="name='mnist_classic': must be one of 'mnist_fast'"):
        models.trained("mnist_classic")
    folder = tmp_path / "data"
    shutil.copytree(_trained.DATA_DIR, folder)
    monkeypatch.setattr(_trained, "DATA_DIR", folder)
    path = folder / "mnist_fast.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptDataError, match="is damaged"):
        models.trained("mnist_fast")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"mnist_fast\.npz is missing"):
        models.trained("mnist_fast")
