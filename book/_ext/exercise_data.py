"""The exercises of every lesson as JSON, for pages that judge answers: run as a script, it prints them.

It runs in a process of its own, where nothing has been imported before, and needs NumPy only. What `serve` does not install
(SciPy, which the layers import) is replaced by something that can be imported and stops whoever uses it: an exercise whose data
needed it would stop the build and not be wrong in silence.
"""

import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ROOT / "course_utils" / "lessons"
PAGE_KINDS = ("number", "choice", "several", "grid")
"""Kinds of answers that a page can take and judge; the others need Python."""

NOT_INSTALLED = ("scipy",)
"""Packages that the rooms import and that building the book does without."""

LARGEST = 40
"""Entries of a grid that gets a field for each."""


class Absent(ModuleType):
    """Stands for a package that is not installed; what is taken from it cannot be used."""

    __path__ = ()

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)

        def use(*_, **__):
            raise ModuleNotFoundError(
                f"{self.__name__}.{name} is needed to list the exercises, and building the book does not install it: "
                "compute what needs it when an answer is judged, not when the module is imported"
            )

        return use


def pretend(packages: tuple[str, ...]) -> None:
    """Let ``import`` find the packages that are not installed."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            sys.modules[package] = Absent(package)


def field_data(part: object) -> dict:
    """A field as its page needs it: :meth:`as_data`, and the words that Python makes of its options."""
    from course_utils.exercises import show

    data = part.as_data()
    if part.kind not in PAGE_KINDS:
        return {name: data[name] for name in ("kind", "name", "label")}
    if part.kind == "choice":
        data["shown"] = [show(option) for option in part.options]
    if part.kind == "several":
        data["options"] = [
            {
                **words,
                "said": [text.format(option.value) for text in (part.left, part.chosen)],
                "text": str(option.value),
            }
            for words, option in zip(data["options"], part.options, strict=True)
        ]
    if part.kind == "grid":
        shapes = {np.shape(wrong) for wrong in (part.answer, *(wrong for wrong, _ in part.mistakes))}
        (shape, *others) = shapes
        fits = not others and 1 <= len(shape) <= 2 and np.prod(shape) <= LARGEST
        data |= {"cells": list(shape) if fits else None, "dimensions": np.ndim(part.answer)}
    return data


def page_data(exercise: object) -> dict:
    """An exercise as its page needs it."""
    return {**exercise.as_data(), "fields": [field_data(part) for part in exercise.fields]}


def rooms() -> list[str]:
    """Names of the rooms with exercises."""
    return sorted(folder.name for folder in ROOMS.iterdir() if (folder / "checks.py").is_file())


def exercises_of(room: str) -> dict[str, dict]:
    """The exercises of one room by name."""
    from course_utils.exercises import Exercise

    checks = importlib.import_module(f"course_utils.lessons.{room}.checks")
    return {name: page_data(one) for name, one in vars(checks).items() if isinstance(one, Exercise)}


def read() -> dict[str, dict[str, dict]]:
    """Room → exercise → data, from a process of its own; RuntimeError, with its complaint, if that fails."""
    command = [sys.executable, str(Path(__file__).resolve())]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(f"the exercises cannot be listed:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    pretend(NOT_INSTALLED)
    sys.stdout.reconfigure(encoding="utf-8")
    json.dump({room: exercises_of(room) for room in rooms()}, sys.stdout, allow_nan=False)
