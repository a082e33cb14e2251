"""The script that trains the digit network and writes the page's file: current, deterministic, and it leaves well alone."""

import base64
import json

import keras
import numpy as np
import pytest
import scripts

from course_utils import models
from course_utils.datasets import _bundled
from course_utils.models import _trained


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_fast_network.py")


def test_the_file_of_the_page_is_current(script, capsys):
    before = script.SCRIPT_FILE.stat().st_mtime_ns
    assert script.main(["--check"]) == 0, capsys.readouterr().err
    assert script.SCRIPT_FILE.stat().st_mtime_ns == before


def test_check_notices_another_file_and_writes_nothing(script, tmp_path, monkeypatch, capsys):
    file = tmp_path / "digit-network.js"
    monkeypatch.setattr(script, "SCRIPT_FILE", file)
    monkeypatch.setattr(script, "page_data", lambda: {"name": "another"})
    assert script.main(["--check"]) == 1
    assert not file.exists()
    assert script.main([]) == 0
    assert script.main(["--check"]) == 0
    written = file.stat().st_mtime_ns
    assert script.main([]) == 0
    assert file.stat().st_mtime_ns == written
    file.write_text(file.read_text() + "\n")
    capsys.readouterr()
    assert script.main(["--check"]) == 1
    assert "is not current; run data_scripts/make_fast_network.py" in capsys.readouterr().err


def test_it_trains_only_without_weights_or_on_request(script, tmp_path, monkeypatch, capsys):
    weights = _bundled.read_npz("mnist_fast.npz", _trained.DATA_DIR)
    trainings = []
    monkeypatch.setattr(script, "train", lambda: trainings.append(1) or weights)
    monkeypatch.setattr(script, "SCRIPT_FILE", tmp_path / "digit-network.js")
    monkeypatch.setattr(script, "page_data", lambda: {"name": "page"})
    bundled = (_trained.DATA_DIR / "mnist_fast.npz").read_bytes()
    monkeypatch.setattr(_trained, "DATA_DIR", tmp_path / "data")
    assert script.main([]) == 0
    assert len(trainings) == 1
    # The same weights give the same bytes.
    assert (tmp_path / "data" / "mnist_fast.npz").read_bytes() == bundled
    assert script.main([]) == 0
    assert len(trainings) == 1
    assert script.main(["--train"]) == 0
    assert len(trainings) == 2
    models.trained("mnist_fast")  # reads that folder, checksum and all
    with pytest.raises(SystemExit):
        script.main(["--train", "--check"])


def test_damaged_weights_are_an_error_and_not_a_reason_to_train(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(script, "train", lambda: pytest.fail("it trained"))
    monkeypatch.setattr(script, "SCRIPT_FILE", tmp_path / "digit-network.js")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "mnist_fast.npz").write_bytes(b"damaged")
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  mnist_fast.npz\n")
    monkeypatch.setattr(_trained, "DATA_DIR", folder)
    assert script.main([]) == 1
    assert "is damaged" in capsys.readouterr().err
    (folder / "mnist_fast.npz").unlink()
    assert script.main(["--check"]) == 1
    assert "is missing" in capsys.readouterr().err
    assert not script.SCRIPT_FILE.exists()


def test_rounding_to_int8_is_at_most_half_a_step(script):
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 6)).astype(np.float32) * 10.0 ** np.arange(
        -3, 3, dtype=np.float32
    )
    kernel[..., 2] = 0
    entries, scale = script.quantise(kernel)
    assert (entries.dtype, scale.dtype, scale.shape) == (np.int8, np.float32, (6,))
    assert (np.abs(entries).max(axis=(0, 1, 2)) == [127, 127, 0, 127, 127, 127]).all()
    assert (np.abs(entries * scale - kernel) <= 0.5001 * scale).all()
    exact = script.dequantised({"conv/kernel": kernel, "bn/gamma": np.float32([0.123])})
    np.testing.assert_array_equal(exact["conv/kernel"], entries.astype(np.float32) * scale)
    assert exact["bn/gamma"] == np.float32(0.123)


def test_factor_and_shift_are_batch_normalisation(script):
    layer = keras.layers.BatchNormalization(name="bn")
    layer.build((None, 3))
    layer.set_weights([np.float32(one) for one in ([1, -2, 3], [0.1, 0.2, 0.3], [5, 6, 7], [0.5, 0, 4])])
    entry = script.layer_entry(layer, True)
    factor, shift = (np.frombuffer(base64.b64decode(entry[key]), "<f4") for key in ("factor", "bias"))
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(x * factor + shift, np.asarray(layer(x)), rtol=1e-5, atol=1e-4)


def test_a_layer_that_the_page_cannot_compute_is_refused(script):
    with pytest.raises(ValueError, match="layer 'drop': the page knows no Dropout"):
        script.layer_entry(keras.layers.Dropout(0.5, name="drop"), True)


def test_digits_are_chosen_by_class_doubt_and_confident_mistakes(script):
    labels = np.repeat(np.arange(10), 4)
    probability = np.full((40, 10), 0.01)
    probability[np.arange(40), labels] = 0.91
    for label in range(10):  # the second digit of each class is misread, and by 9 the most confidently
        probability[4 * label + 1, label] = 0.01
        probability[4 * label + 1, (label + 1) % 10] = 0.5 + label / 100
    probability[[10, 30], labels[[10, 30]]] = 0.3
    chosen = script.choose(labels, probability)
    assert chosen[:10] == [4 * label for label in range(10)]
    assert chosen[10:12] == [10, 30]
    assert chosen[12:] == [4 * label + 1 for label in range(2, 10)]


def test_the_written_data_reads_back(script):
    data = {"name": "x", "accuracy": {"digits": 3}, "input": [1, 2], "layers": [{"name": "a"}, {"name": "b"}]}
    text = script.javascript(script.COMMENT, "Name", data).decode()
    assert text.startswith("/* ")
    assert "do not edit" in text
    assert "root.Name = data;" in text
    assert json.loads(text[text.index("this, {") + 6 : text.rindex(");")]) == data
    assert [line for line in text.splitlines() if line.startswith("    {")] == [
        '    {"name": "a"},',
        '    {"name": "b"}',
    ]
