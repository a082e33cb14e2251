"""Seeds, batches, schedule, fitting and files."""

import concurrent.futures
import contextlib
import errno
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import training


def tiny_problem(n=96, seed=0):
    """Pictures whose class is the brighter half, and a network that can tell."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 100, size=(n, 6, 6, 1), dtype=np.uint8), rng.integers(0, 2, size=n)
    for image, label in zip(x, y, strict=True):
        image[:, 3 * label : 3 * label + 3] += 120
    return x, y


def tiny_network():
    layers = keras.layers
    stack = [keras.Input((6, 6, 1)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential(stack)
    model.supports_jit = False  # XLA compiles for seconds what trains in a fraction of one
    return model


def test_same_seed_same_weights():
    weights = []
    for seed in (3, 3, 4):
        training.set_seed(seed)
        weights.append(tiny_network().get_weights()[0])
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()
    for bad in (-1, 2**32, 0.5, "0", True, None):
        with pytest.raises(ValueError, match=r"seed=.*a whole number"):
            training.set_seed(bad)


def test_device_report_names_backend_and_devices(monkeypatch):
    assert f"Keras {keras.__version__} on {keras.backend.backend()}" in training.device_report()
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0"])
    assert "no GPU" in training.device_report()
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0", "gpu:0"])
    assert "1 GPU (gpu:0)" in training.device_report()


@settings(max_examples=30, deadline=None)
@given(max_shift=st.integers(0, 3), channels=st.sampled_from([1, 3]), seed=st.integers(0, 99))
def test_random_shifts_are_crops_of_the_padded_picture(max_shift, channels, seed):
    rng = np.random.default_rng(seed)
    images = rng.integers(1, 256, size=(5, 4, 6, channels), dtype=np.uint8)
    shifted = training.random_shifts(images, max_shift, rng)
    assert shifted.dtype == np.uint8
    width = max_shift
    for before, after in zip(images, shifted, strict=True):
        padded = np.pad(before, ((width, width), (width, width), (0, 0)))
        crops = [padded[r : r + 4, c : c + 6] for r in range(2 * width + 1) for c in range(2 * width + 1)]
        assert any(np.array_equal(after, crop) for crop in crops)


def test_random_shifts_use_all_directions_and_refuse_nonsense():
    image = np.zeros((1, 5, 5, 1), np.uint8)
    image[0, 2, 2] = 1
    shifted = training.random_shifts(np.repeat(image, 400, axis=0), 1, np.random.default_rng(0))
    assert {tuple(np.argwhere(one[..., 0])[0]) for one in shifted} == {(r, c) for r in (1, 2, 3) for c in (1, 2, 3)}
    with pytest.raises(ValueError, match=r"expected \(N, H, W, C\)"):
        training.random_shifts(image[0], 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="max_shift=-1"):
        training.random_shifts(image, -1, np.random.default_rng(0))


def test_batches_hold_every_picture_once_an_epoch_in_a_new_order():
    x = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    batches = training.Batches(x, np.arange(10), batch_size=4, seed=1)
    assert len(batches) == 3
    orders = []
    for _ in range(2):
        pictures, labels = zip(*(batches[i] for i in range(3)), strict=True)
        np.testing.assert_array_equal(np.concatenate(pictures).ravel(), np.concatenate(labels))
        assert [len(part) for part in labels] == [4, 4, 2]
        orders.append(np.concatenate(labels).tolist())
        batches.on_epoch_end()
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))
    assert orders[0] != orders[1]
    with pytest.raises(ValueError, match="10 pictures but 9 labels"):
        training.Batches(x, np.arange(9))
    for number in (3, 99):
        with pytest.raises(IndexError, match=f"there is no batch {number}: an epoch has batches 0 to 2"):
            batches[number]
    assert [len(part) for _, part in batches] == [4, 4, 2]
    np.testing.assert_array_equal(batches[-1][1], batches[2][1])


def test_a_batch_depends_on_seed_epoch_and_number_alone():
    x, y = np.random.default_rng(0).integers(0, 256, size=(12, 6, 6, 1), dtype=np.uint8), np.arange(12)
    often, once = (training.Batches(x, y, batch_size=4, max_shift=2, seed=3) for _ in range(2))
    for _ in range(3):  # looking more often, and in another order, changes nothing
        peeked = [often[number] for number in (2, 0, 0, 1, 2)]
        expected = [once[number] for number in range(3)]
        for number, (pictures, labels) in zip((2, 0, 0, 1, 2), peeked, strict=True):
            np.testing.assert_array_equal(pictures, expected[number][0])
            np.testing.assert_array_equal(labels, expected[number][1])
        often.on_epoch_end()
        once.on_epoch_end()
    orders = [np.concatenate([labels for _, labels in often])]
    often.on_epoch_end()
    orders.append(np.concatenate([labels for _, labels in often]))
    assert (orders[0] != orders[1]).any()
    other = training.Batches(x, y, batch_size=12, max_shift=2, seed=4)[0]
    assert (other[1] != training.Batches(x, y, batch_size=12, max_shift=2, seed=3)[0][1]).any()


def test_every_picture_of_a_batch_has_a_shift_of_its_own():
    x = np.zeros((50, 5, 5, 1), np.uint8)
    x[:, 2, 2] = 1
    batches = training.Batches(x, np.arange(50), batch_size=25, max_shift=1, seed=0)
    places = [np.argwhere(batches[number][0][..., 0])[:, 1:].tolist() for number in range(2)]
    assert len({tuple(place) for place in places[0]}) > 5
    assert places[0] != places[1]


def test_one_cycle_rises_to_its_peak_and_falls_to_zero():
    schedule = training.one_cycle(0.01, steps=100, warmup=0.2)
    rates = np.array([float(schedule(step)) for step in range(101)])
    assert rates[0] == 0
    assert rates.argmax() == 20
    np.testing.assert_allclose(rates[:21], np.linspace(0, 0.01, 21), atol=1e-8)
    np.testing.assert_allclose(rates[20:], 0.005 * (1 + np.cos(np.pi * np.linspace(0, 1, 81))), atol=1e-7)
    for bad in ({"peak": 0}, {"peak": "fast"}, {"peak": float("nan")}, {"steps": 1}, {"warmup": 1}, {"warmup": 0}):
        with pytest.raises(ValueError, match=r"peak=|steps=|warmup="):
            training.one_cycle(**{"peak": 0.01, "steps": 10} | bad)


def test_fit_fast_learns_and_prints_progress(capsys):
    training.set_seed(0)
    x, y = tiny_problem()
    history = training.fit_fast(tiny_network(), x, y, epochs=6, batch_size=8, max_shift=0, peak=0.05, validation=(x, y))
    assert history["val_accuracy"][-1] > 0.95
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[-1].startswith("epoch 6/6: ")
    assert "val accuracy" in lines[-1]


def test_fit_fast_smooths_labels_as_defined():
    training.set_seed(0)
    x, y = tiny_problem()
    model = tiny_network()
    history = training.fit_fast(model, x, y, epochs=2, batch_size=96, max_shift=0, label_smoothing=0.2, progress=False)
    training.set_seed(0)
    logits = np.asarray(tiny_network()(x))  # the one batch is scored before its step
    log_softmax = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    targets = 0.8 * np.eye(2)[y] + 0.2 / 2
    assert history["loss"][0] == pytest.approx(-(targets * log_softmax).sum(axis=1).mean(), rel=1e-4)


def test_fit_fast_refuses_bad_labels_and_numbers():
    x, y = tiny_problem()
    with pytest.raises(ValueError, match="y holds the label 2; labels are whole numbers from 0 to 1"):
        training.fit_fast(tiny_network(), x, y + 1)
    with pytest.raises(ValueError, match=r"y has shape \(96, 2\)|y has dtype float64"):
        training.fit_fast(tiny_network(), x, np.eye(2)[y])
    with pytest.raises(ValueError, match="label_smoothing=1"):
        training.fit_fast(tiny_network(), x, y, label_smoothing=1)


def test_early_stopping_goes_back_to_the_best_weights(tmp_path, capsys):
    training.set_seed(0)
    x, y = tiny_problem()
    model = tiny_network()
    model.compile(
        keras.optimizers.SGD(30.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    path = tmp_path / "best.keras"
    history = training.fit(
        model,
        x,
        y,
        epochs=40,
        batch_size=8,
        validation=tiny_problem(seed=1),
        patience=3,
        checkpoint=path,
        progress=False,
    )
    assert len(history["loss"]) < 40
    assert capsys.readouterr().out == ""
    x_val, y_val = tiny_problem(seed=1)
    best = min(history["val_loss"])
    assert model.evaluate(x_val, y_val, verbose=0)[0] == pytest.approx(best, rel=1e-4)
    assert training.load(path).evaluate(x_val, y_val, verbose=0)[0] == pytest.approx(best, rel=1e-4)


def test_fit_says_what_is_missing(tmp_path):
    x, y = tiny_problem()
    with pytest.raises(ValueError, match="is not compiled"):
        training.fit(tiny_network(), x, y, epochs=1)
    model = tiny_network()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(ValueError, match="give validation="):
        training.fit(model, x, y, epochs=1, patience=2)
    with pytest.raises(ValueError, match=r"must end in \.keras"):
        training.fit(model, x, y, epochs=1, validation=(x, y), checkpoint=tmp_path / "best.h5")


def test_save_and_load_refuse_other_files(tmp_path):
    model = tiny_network()
    with pytest.raises(ValueError, match=r"must end in \.keras"):
        training.save(model, tmp_path / "model.h5")
    with pytest.raises(FileNotFoundError, match=r"the folder .* does not exist"):
        training.save(model, tmp_path / "nowhere" / "model.keras")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        training.load(tmp_path / "model.keras")


def test_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = training.save(tiny_network(), tmp_path / "model.keras")
    old = path.read_bytes()
    model = tiny_network()

    def fail_halfway(target):
        target.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(model, "save", fail_halfway, raising=False)
    with pytest.raises(OSError, match="no space"):
        training.save(model, path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_hidden_code_in_a_file_is_not_run(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)])
    path = training.save(model, tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r"model\.keras is damaged or holds no model: .*(unsafe|safe_mode)"):
        training.load(path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A trained model, and the bytes of its file."""
    training.set_seed(0)
    x, y = tiny_problem()
    model = tiny_network()
    training.fit_fast(model, x, y, epochs=1, progress=False)
    return model, training.save(model, tmp_path_factory.mktemp("saved") / "model.keras").read_bytes()


def rewritten(content: bytes, change) -> bytes:
    """The archive with its files as ``change`` gives them: it takes and returns a dictionary of name and bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = change({name: archive.read(name) for name in archive.namelist()})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def optimizer_config(files):
    return files | {"config.json": json.dumps(keras.saving.serialize_keras_object(keras.optimizers.SGD())).encode()}


def without(*names):
    return lambda files: {name: data for name, data in files.items() if name not in names}


def foreign_weights(_):
    target = io.BytesIO()
    np.savez(target, a=np.zeros(3))
    return target.getvalue()


def complex_weights(files):
    target = io.BytesIO(files["model.weights.h5"])
    with h5py.File(target, "r+") as file:
        names = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        name = next(name for name in names if file[name].shape == (36, 2))
        array = file[name][()].astype(np.complex64)
        del file[name]
        file[name] = array + 1j
    return files | {"model.weights.h5": target.getvalue()}


DAMAGES = {
    "empty": lambda content: b"",
    "one byte": lambda content: b"P",
    "text": lambda content: b"not a model at all" * 100,
    "pickle": lambda content: pickle.dumps({"a": 1}),
    "npz": foreign_weights,
    "hdf5": lambda content: b"\x89HDF\r\n\x1a\n" + bytes(2000),
    "zip without files": lambda content: rewritten(content, lambda files: {}),
    "zip of something else": lambda content: rewritten(content, lambda files: {"a.txt": b"a"}),
    "optimizer": lambda content: rewritten(content, optimizer_config),
    "no config": lambda content: rewritten(content, without("config.json")),
    "no weights": lambda content: rewritten(content, without("model.weights.h5")),
    "config is no JSON": lambda content: rewritten(content, lambda files: files | {"config.json": b"{"}),
    "config is a list": lambda content: rewritten(content, lambda files: files | {"config.json": b"[]"}),
    "complex weights": lambda content: rewritten(content, complex_weights),
    "weights are text": lambda content: rewritten(content, lambda files: files | {"model.weights.h5": b"text"}),
    **{
        f"cut at {share}": lambda content, share=share: content[: int(share * len(content))]
        for share in (0.1, 0.5, 0.9, 0.999)
    },
    **{
        f"twice, from {share}": lambda content, share=share: content[int(share * len(content)) :]
        for share in (0.01, 0.5)
    },
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_file_is_told_in_one_sentence(saved, tmp_path, damage):
    path = tmp_path / "größe.keras"
    path.write_bytes(damage(saved[1]))
    message = refused_load(path)
    assert message.startswith(f"{ascii(str(path))[1:-1]} is damaged or holds no model: ")


def refused_load(path) -> str:
    with pytest.raises(ValueError, match="is damaged or holds no model") as caught:
        training.load(path)
    assert type(caught.value) is ValueError
    assert str(caught.value).isascii()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_flipped_bit_is_found_or_changes_nothing(saved, tmp_path):
    model, content = saved
    path, found = tmp_path / "model.keras", 0
    for place in np.random.default_rng(0).integers(0, len(content), size=40):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(place) % 8
        path.write_bytes(damaged)
        again = None
        with contextlib.suppress(ValueError):
            again = training.load(path)
        found += again is None
        # Some bits stand for a time or a flag that nobody reads.
        for ours, theirs in zip(again.get_weights() if again else [], model.get_weights(), strict=False):
            np.testing.assert_array_equal(ours, theirs)
    assert found > 30


def test_what_is_loaded_is_the_model_that_was_saved(saved, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(saved[1])
    again = training.load(str(path))
    assert isinstance(again, keras.Model)
    x, _ = tiny_problem()
    np.testing.assert_array_equal(np.asarray(again(x)), np.asarray(saved[0](x)))


def test_it_is_imported_without_tensorflow():
    code = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from course_utils import training\n"
        "import numpy as np\n"
        "b = training.Batches(np.zeros((3, 4, 4, 1)), np.arange(3), batch_size=2, max_shift=1)\n"
        "print(len(b), b[1][0].shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 (1, 4, 4, 1)"


def compiled(loss, model=None):
    model = model or tiny_network()
    model.compile("sgd", loss)
    return model


class OwnNetwork(keras.Model):
    """Tells nothing of the shapes that it takes and returns."""

    def __init__(self):
        super().__init__()
        self.flatten, self.dense, self.supports_jit = keras.layers.Flatten(), keras.layers.Dense(2), False

    def call(self, x):
        return self.dense(self.flatten(x))


def two_outputs():
    inputs = keras.Input((6, 6, 1))
    return keras.Model(inputs, [keras.layers.Flatten()(inputs)] * 2)


SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
Y3 = r"y has shape \(96, 3\); the model and its loss take labels of shape \(96, 2\)"


@pytest.mark.parametrize(
    ("model", "change", "message"),
    [
        (lambda: compiled("categorical_crossentropy"), lambda x, y: (x, y), r"y has shape \(96,\); .* \(96, 2\)"),
        (lambda: compiled(keras.losses.CategoricalCrossentropy(name="own")), lambda x, y: (x, np.eye(3)[y]), Y3),
        (lambda: compiled(keras.losses.mean_squared_error), lambda x, y: (x, np.eye(3)[y]), Y3),
        (lambda: compiled(SPARSE), lambda x, y: (x, np.eye(2)[y]), r"y has shape \(96, 2\); .* \(96,\)"),
        (lambda: compiled(SPARSE), lambda x, y: (training.Batches(x, y + 1), None), "y holds the label 2"),
        (lambda: compiled(SPARSE), lambda x, y: (training.Batches(x[:, 1:], y), None), r"x has shape \(96, 5, 6, 1\)"),
        (lambda: compiled(SPARSE, OwnNetwork()), lambda x, y: (x / 255, y + 4), "y holds the label [45]; .* 0 to 1"),
        (lambda: compiled("no such loss"), lambda x, y: (x, y), "loss='no such loss', which Keras does not know"),
        (lambda: compiled(None), lambda x, y: (x, y), "compiled without a loss"),
        (lambda: compiled("mse", two_outputs()), lambda x, y: (x, y), "several inputs or outputs"),
    ],
)
def test_labels_that_a_loss_does_not_take_are_told_before_keras_trips_over_them(model, change, message):
    x, y = change(*tiny_problem())
    with pytest.raises(ValueError, match=message):
        training.fit(model(), x, y, epochs=1, progress=False)


def test_a_loss_of_its_own_takes_the_labels_it_likes():
    x, _ = tiny_problem()
    model = compiled(lambda labels, logits: keras.ops.mean((logits - keras.ops.sum(labels)) ** 2))
    assert training.fit(model, x, np.zeros((96, 7)), epochs=1, progress=False)["loss"]


@pytest.mark.parametrize("model", [tiny_network, OwnNetwork])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.map(lambda x, y: (x, y + 4)).batch(32), "y holds the label [45]; .* 0 to 1"),
        (lambda data: data, "x yields one picture at a time; expected batches"),
        (lambda data: data.map(lambda x, y: x).batch(32), "x yields no pairs: expected batches of pictures and labels"),
    ],
)
def test_a_data_set_of_tensorflow_is_told_what_it_should_yield(model, change, message):
    import tensorflow as tf

    x, y = tiny_problem()
    data, model = tf.data.Dataset.from_tensor_slices((x.astype(np.float32), y)), compiled(SPARSE, model())
    for options in ({"x": change(data)}, {"x": x, "y": y, "validation": change(data)}):
        with pytest.raises(ValueError, match=message):
            training.fit(model, **options, epochs=1, progress=False)


def test_batches_may_hold_what_is_held_out():
    x, y = tiny_problem()
    model, batches = compiled(SPARSE), training.Batches(x, y, batch_size=7)
    history = training.fit(model, x, y, epochs=1, validation=batches, progress=False)
    assert history["val_loss"][0] == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-4)
    with pytest.raises(ValueError, match="validation y holds the label 2"):
        training.fit(model, x, y, epochs=1, validation=training.Batches(x, y + 1), progress=False)


@pytest.mark.parametrize(
    "end", [keras.layers.Softmax, lambda: keras.layers.Dense(2, "softmax"), lambda: keras.layers.Activation("sigmoid")]
)
def test_fit_fast_takes_logits_and_no_probabilities(end):
    model = keras.Sequential([keras.Input((6, 6, 1)), tiny_network(), keras.Sequential([end()])])
    with pytest.raises(ValueError, match="model ends in probabilities"):
        training.fit_fast(model, *tiny_problem(), progress=False)
    assert not model.compiled


def test_several_may_save_to_one_path_whatever_lies_beside_it(saved, tmp_path):
    (tmp_path / ".model.part.keras").mkdir()
    path = tmp_path / "model.keras"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: training.save(saved[0], path), range(8))) == {path}
    assert training.load(path).count_params() == saved[0].count_params()
    assert len(list(tmp_path.iterdir())) == 2


def test_names_of_files_are_as_long_as_they_may_be(saved, tmp_path):
    path = training.save(saved[0], tmp_path / f"{'a' * 249}.keras")
    assert training.load(path).count_params() == saved[0].count_params()
    for stem in ("a" * 250, "ä" * 125):
        with pytest.raises(ValueError, match="the name of a file has at most 255 bytes"):
            training.save(saved[0], tmp_path / f"{stem}.keras")


def test_a_full_disk_names_the_file(tmp_path, monkeypatch):
    model, path = tiny_network(), tmp_path / "größe.keras"

    def fail(target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(model, "save", fail, raising=False)
    with pytest.raises(OSError, match=r"gr\\xf6\\xdfe\.keras could not be saved: No space left") as caught:
        training.save(model, path)
    assert caught.value.errno == errno.ENOSPC
