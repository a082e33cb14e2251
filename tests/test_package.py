"""The package as a whole: cheap to import, and whole when installed."""

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "course_utils"


def in_fresh_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_import_is_cheap():
    heavy = ("tensorflow", "keras", "matplotlib", "sklearn", "cv2", "numpy", "IPython")
    loaded = in_fresh_python(f"import sys, course_utils; print([name for name in {heavy} if name in sys.modules])")
    assert loaded == "[]"


def test_keras_is_imported_by_the_first_call_that_needs_it():
    found = [path.relative_to(PACKAGE.parent).with_suffix("").parts for path in PACKAGE.rglob("*.py")]
    names = sorted({".".join(parts).removesuffix(".__init__") for parts in found} - {"course_utils.__main__"})
    names.remove("course_utils.models.custom_layers")  # classes of layers: builders import it when called
    code = (
        "import sys, importlib\n"
        f"for name in {names}: importlib.import_module(name)\n"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'jax') if name in sys.modules])"
    )
    assert len(names) > 60
    assert in_fresh_python(code) == "[]"


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
    code = "import setuptools; from distutils.core import run_setup; print(*run_setup('setup.py', stop_after='init').packages)"
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    found = {".".join(path.parent.relative_to(PACKAGE.parent).parts) for path in PACKAGE.rglob("__init__.py")}
    assert set(done.stdout.split()) == found | {"course_utils.results"}
