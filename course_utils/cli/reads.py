"""Inside a notebook's kernel: note which files it reads."""

import json
import os
import sys

_read: set[str] = set()
_written: set[str] = set()


def start(root: str) -> None:
    """Note from now on every file below ``root`` that Python opens."""
    root = os.path.realpath(root)
    sys.addaudithook(lambda event, arguments: _note(root, *arguments) if event == "open" else None)


def _note(root: str, path: object, mode: str | None, flags: int) -> None:
    if isinstance(path, str | bytes):
        name = os.path.realpath(os.fsdecode(path))
        if name.startswith(os.path.join(root, "")):
            written = flags & (os.O_WRONLY | os.O_RDWR) or set(mode or "") & set("wax+")
            (_written if written else _read).add(os.path.relpath(name, root).replace(os.sep, "/"))


def report() -> str:
    """Return the files that were read and not written, code and what was made aside, as a JSON list."""
    made = ("_build/", ".")
    names = {name for name in _read - _written if not name.endswith((".py", ".pyc")) and not name.startswith(made)}
    return json.dumps(sorted(names))
