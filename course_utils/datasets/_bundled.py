"""Reading the data files that lie beside this module, each checked against its recorded SHA-256."""

import hashlib
import io
from pathlib import Path

import numpy as np

DATA_DIR = Path(__file__).parent / "data"


class CorruptDataError(ValueError):
    """A data file is not what it was when it was made: damaged, truncated or replaced."""


def recorded_checksums(folder: Path) -> dict[str, str]:
    """File name → SHA-256 (hexadecimal), as recorded in ``SHA256SUMS`` in ``folder``."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines if line.strip())}


def read_npz(name: str, folder: Path = DATA_DIR) -> dict[str, np.ndarray]:
    """Arrays of the bundled file ``name``, after verifying that it is undamaged.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    CorruptDataError
        If its content differs from the recorded checksum.
    """
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(
            f"the bundled data file {path} is missing. Restore it with `git checkout -- {name}` in its folder, "
            "or reinstall the package; data_scripts/ shows how it was made."
        )
    content = path.read_bytes()
    expected, found = recorded_checksums(folder)[name], hashlib.sha256(content).hexdigest()
    if found != expected:
        raise CorruptDataError(
            f"the bundled data file {path} is damaged: {len(content)} bytes with SHA-256 {found[:12]}…, "
            f"expected {expected[:12]}…. Restore it with `git checkout -- {name}` in its folder, or reinstall the package."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}
