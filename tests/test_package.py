"""The package as a whole: cheap to import, arrows pointing one way."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "course_utils"


def in_fresh_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_import_is_cheap():
    heavy = ("tensorflow", "keras", "matplotlib", "sklearn", "cv2", "numpy", "IPython")
    loaded = in_fresh_python(f"import sys, course_utils; print([name for name in {heavy} if name in sys.modules])")
    assert loaded == "[]"


@pytest.mark.parametrize(
    "module",
    [
        "datasets",
        "layers",
        "lessons.convolution.checks",
        "lessons.xo_walkthrough.checks",
        "plotting",
        "evaluation",
        "models",
        "anatomy",
    ],
)
def test_only_training_needs_keras(module):
    code = f"import sys, course_utils.{module}; print([n for n in ('tensorflow', 'keras', 'torch', 'jax') if n in sys.modules])"
    assert in_fresh_python(code) == "[]"


ROOMS = {
    "datasets": 0,
    "layers": 0,
    "models": 1,
    "anatomy": 1,
    "training": 2,
    "evaluation": 2,
    "explain": 2,
    "vision": 2,
}
ROOMS |= {"plotting": 3, "exercises": 3, "lessons": 4, "cli": 5, "__main__": 6}


def imported_rooms(path: Path) -> set[str]:
    """Rooms of the house that a file imports."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "course_utils":
            parts = node.module.split(".")[1:]
            rooms |= {parts[0]} if parts else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            rooms |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("course_utils.")}
    return rooms


def test_arrows_point_one_way():
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room not in ROOMS:
            continue
        for other in imported_rooms(path) - {room}:
            if other not in ROOMS:
                continue
            if ROOMS[other] >= ROOMS[room] or (other == "cli" and room != "__main__"):
                wrong.append(f"{path.relative_to(PACKAGE)} imports {other}")
    assert not wrong


def test_glue_is_what_the_book_reads(capsys, monkeypatch):
    import course_utils.glue as module

    shown = []
    monkeypatch.setattr(module, "display", lambda data, **options: shown.append((data, options)))
    module.glue("accuracy", "99.3 %")
    data, options = shown[0]
    assert data == {"application/papermill.record/text/plain": "99.3 %"}
    assert options["metadata"]["scrapbook"] == {"name": "accuracy", "mime_prefix": "application/papermill.record/"}
    with pytest.raises(ValueError, match="non-empty"):
        module.glue("", 1)


def test_every_folder_of_code_is_installed():
    with (PACKAGE.parent / "pyproject.toml").open("rb") as file:
        listed = set(tomllib.load(file)["tool"]["setuptools"]["packages"])
    found = {".".join(path.parent.relative_to(PACKAGE.parent).parts) for path in PACKAGE.rglob("__init__.py")}
    assert listed == found | {"course_utils.results"}
