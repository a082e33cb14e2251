"""The catalogue of the data sets: each loader's module declares its ``ENTRY``, and :func:`entries` finds them.

Apart from the declarations, since whoever finds modules by name reaches them all, and a lesson need not.
"""

import importlib
import pkgutil

import course_utils.datasets as package
from course_utils.datasets._entry import Entry


def entries() -> dict[str, Entry]:
    """All data sets by name, those that come with the course itself first."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    found = [module.ENTRY for module in modules if hasattr(module, "ENTRY")]
    return {entry.name: entry for entry in sorted(found, key=lambda entry: (entry.home != "the course", entry.name))}
