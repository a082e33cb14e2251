"""Files of the checkout that are in no package: scripts and Sphinx extensions."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def load(path: str):
    """Import a fresh copy of a file, given by its path in the checkout; it finds its neighbours, as when it is run."""
    file = ROOT / path
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(file.parent))
    return module
