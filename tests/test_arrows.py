"""Imports of ``course_utils`` point one way, in every room of the house."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "course_utils"
# From the bottom: a room imports rooms of lower floors only. ``results`` holds no code but what benchmarks measured.
FLOORS = (
    ("__init__", "_arguments", "results"),
    ("glue",),
    ("layers", "datasets"),
    ("models", "anatomy"),
    ("training", "evaluation", "explain", "vision"),
    ("plotting", "exercises"),
    ("lessons",),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def imported(source: str, folder: tuple[str, ...]) -> set[tuple[str, ...]]:
    """What a file imports of the house, as parts of names after ``course_utils``; the file lies in ``folder``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            start = ("course_utils", *folder[: len(folder) + 1 - node.level]) if node.level else ()
            start += tuple(node.module.split(".")) if node.module else ()
            found |= {(*start, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.Constant) and re.fullmatch(r"course_utils(\.\w+)+", str(node.value)):
            found.add(tuple(node.value.split(".")))  # as import_module takes it
    return {name[1:] for name in found if name[0] == "course_utils"}


def points_down(file: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether a file, given as its parts below the package, may import a name of the house."""
    if file[:1] == name[:1]:
        return file[0] != "lessons" or file[1:2] == name[1:2]
    return FLOOR[file[0]] > FLOOR.get(name[0] if name else "", len(FLOORS))


def wrong_arrows(package: Path) -> list[str]:
    """A line for each import that points up or aside, and for each file in no room."""
    wrong = []
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(package).with_suffix("").parts
        if file[0] not in FLOOR:
            wrong.append(f"{'/'.join(file)} is in no room")
            continue
        names = sorted(imported(path.read_text(encoding="utf-8"), file[:-1]))
        wrong += [f"{'/'.join(file)} imports {'.'.join(name)}" for name in names if not points_down(file, name)]
    return wrong


def test_arrows_point_one_way():
    assert not wrong_arrows(PACKAGE), "a room imports rooms of lower FLOORS only; a new one gets its place there"


def test_every_room_is_there():
    rooms = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in PACKAGE.rglob("*.py")}
    assert rooms | {"results"} == set(FLOOR)


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        ("layers/conv.py", "from course_utils._arguments import check", None),
        ("layers/conv.py", "from course_utils import datasets", "layers/conv imports datasets"),
        ("layers/conv.py", "import course_utils.layers.pooling", None),
        ("datasets/mnist.py", "def load():\n    import course_utils.models as m", "datasets/mnist imports models"),
        ("models/vgg.py", "from ..anatomy import totals", "models/vgg imports anatomy.totals"),
        ("models/vgg.py", "from . import nin\nfrom .nin import nin_cifar10", None),
        ("models/vgg.py", "from .. import layers", None),
        ("explain.py", "from course_utils.anatomy import walk", None),
        ("explain.py", "import course_utils", "explain imports "),
        ("explain.py", "import_module('course_utils.plotting')", "explain imports plotting"),
        ("plotting/style.py", "from course_utils import lessons", "plotting/style imports lessons"),
        ("lessons/one/checks.py", "from course_utils.lessons.one import figures", None),
        ("lessons/one/checks.py", "from . import figures", None),
        ("lessons/one/checks.py", "from .. import two", "lessons/one/checks imports lessons.two"),
        ("lessons/one/checks.py", "from course_utils import lessons", "lessons/one/checks imports lessons"),
        (
            "lessons/one/checks.py",
            "from course_utils.lessons.two import checks",
            "lessons/one/checks imports lessons.two.checks",
        ),
        ("lessons/one/checks.py", "from course_utils.cli import main", "lessons/one/checks imports cli.main"),
        ("lessons/one/checks.py", "from course_utils import plotting, exercises, glue", None),
        ("__main__.py", "from course_utils.cli import main", None),
        ("__init__.py", "from course_utils import layers", "__init__ imports layers"),
        ("attic/old.py", "", "attic/old is in no room"),
    ],
)
def test_an_arrow_that_points_elsewhere_is_found(tmp_path, file, source, said):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    assert wrong_arrows(tmp_path) == ([said] if said else [])
