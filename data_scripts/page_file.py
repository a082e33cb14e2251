"""What the scripts share that write data for the book's pages: whole numbers for kernels, arrays and files as text."""

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from make_mnist import write_atomically

LARGEST = {"int8": 127, "int16": 32767}  # used symmetrically

WRAPPER = """\
(function (root, data) {{
  if (typeof module !== "undefined" && module.exports) module.exports = data;
  else root.{name} = data;
}})(typeof self !== "undefined" ? self : this, {{
{body}
}});
"""


def encode(array: np.ndarray, dtype: str) -> str:
    """The array's bytes, lowest byte first, as base64."""
    return base64.b64encode(np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<")).tobytes()).decode("ascii")


def quantise(kernel: np.ndarray, dtype: str = "int8") -> tuple[np.ndarray, np.ndarray]:
    """Whole entries and the float32 scale of each output channel, the last axis: kernel ≈ entries · scale."""
    largest = np.abs(kernel).max(axis=tuple(range(kernel.ndim - 1)))
    scale = (np.where(largest > 0, largest, 1) / LARGEST[dtype]).astype(np.float32)
    return np.rint(kernel / scale).astype(dtype), scale


def javascript(comment: str, name: str, data: dict) -> bytes:
    """A script that defines ``name``, or is a module: a line for each value, and for each entry of a list of dictionaries."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and isinstance(value[0], dict):
            text = "[\n" + ",\n".join(f"    {json.dumps(item)}" for item in value) + "\n  ]"
        else:
            text = json.dumps(value)
        lines.append(f"  {json.dumps(key)}: {text}")
    return (comment + WRAPPER.format(name=name, body=",\n".join(lines))).encode()


def bring(file: Path, make: Callable[[], bytes], script: str, *, check: bool) -> int:
    """Write a file unless it is current, or only look; the exit status, 1 where something is wrong, which is told."""
    try:
        content = make()
    except (FileNotFoundError, ValueError) as error:
        print(f"{script}: {error}", file=sys.stderr)
        return 1
    if file.is_file() and file.read_bytes() == content:
        print(f"{file} is current")
        return 0
    if check:
        print(f"{script}: {file} is not current; run data_scripts/{script}.py", file=sys.stderr)
        return 1
    write_atomically(file, content)
    print(f"{file}: {len(content):,} bytes")
    return 0
