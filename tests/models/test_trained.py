"""The networks that come with their weights are what they claim to be, and damage is noticed."""

import shutil
import zipfile

import numpy as np
import pytest

from course_utils import models
from course_utils.datasets import CorruptDataError, _bundled, load_mnist
from course_utils.models import _trained, imagenet

FILES = {
    "mnist_fast.npz": lambda: models.trained("mnist_fast"),
    "imagenet_lite0.npz": lambda: models.trained("imagenet_lite0", input_size=32),
    "imagenet_names.npz": lambda: models.imagenet_names(),
}


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


@pytest.mark.parametrize(("name", "dtype"), [("mnist_fast", "float32"), ("imagenet_lite0", "float16")])
def test_a_file_holds_plain_arrays_and_its_recorded_checksum_covers_it(name, dtype):
    path = _trained.DATA_DIR / f"{name}.npz"
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1998}
    with np.load(path, allow_pickle=False) as archive:
        kinds = {key: archive[key].dtype.name for key in archive.files}
    assert kinds.pop("test_correct", "int64") == "int64"
    assert set(kinds.values()) == {dtype}
    recorded = _bundled.recorded_checksums(_trained.DATA_DIR)
    assert recorded.keys() == {path.name for path in _trained.DATA_DIR.glob("*.npz")}
    assert sum(path.stat().st_size for path in _trained.DATA_DIR.iterdir()) < 9e6


def test_licence_and_author_of_each_file_stand_beside_it():
    text = (_trained.DATA_DIR / "LICENSE.md").read_text(encoding="utf-8")
    for name in _bundled.recorded_checksums(_trained.DATA_DIR):
        assert f"| `{name}` |" in text
    for words in (
        "Google",
        "ML Illustrated",
        "Apache License 2.0",
        "APACHE-2.0.txt",
        "MIT License",
        "Kisel",
        "WordNet",
    ):
        assert words in text
    apache = (_trained.DATA_DIR / "APACHE-2.0.txt").read_text(encoding="utf-8")
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in apache


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
    monkeypatch.setattr(imagenet, "DATA_DIR", folder)
    imagenet.imagenet_names.cache_clear()
    for name, load in FILES.items():
        path = folder / name
        content = path.read_bytes()
        for damaged in (content[:-1], content[:100], b"", content.replace(content[500:504], b"0000", 1)):
            path.write_bytes(damaged)
            with pytest.raises(CorruptDataError, match="is damaged"):
                load()
        path.unlink()
        with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
            load()
        path.write_bytes(content)
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text(encoding="utf-8").replace("  imagenet", "  another"), encoding="utf-8")
    for name in ("imagenet_lite0.npz", "imagenet_names.npz"):
        with pytest.raises(CorruptDataError, match=f"does not tell the SHA-256 of {name}"):
            FILES[name]()


def test_digits_are_of_one_size():
    for options in ({"input_size": 32}, {"include_top": False}):
        with pytest.raises(ValueError, match="name='mnist_fast' takes neither input_size nor include_top"):
            models.trained("mnist_fast", **options)
    with pytest.raises(ValueError, match="include_top=1"):
        models.trained("mnist_fast", include_top=1)
