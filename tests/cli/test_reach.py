"""What code reaches: small made-up packages whose answer is plain, and the course itself against its own text."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.cli.project import Project
from course_utils.cli.reach import Code

ROOT = Path(__file__).parents[2]


@pytest.fixture
def reached(tmp_path):
    """Return a function: files of a package ``pack`` and code in, names of the files that it reaches out."""

    def function(code, **files):
        for name, text in {"__init__": "", **files}.items():
            path = tmp_path / "pack" / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = Code(tmp_path / "pack").reached(*map(ast.parse, [code] if isinstance(code, str) else code))
        return {path.relative_to(tmp_path / "pack").with_suffix("").as_posix() for path in found}

    return function


EAGER = {
    "sub__in____init__": "from pack.sub.a import one\nfrom pack.sub.b import two, help_two\n",
    "sub__in__a": "from pack.sub import c\none = c.three\n",
    "sub__in__b": "two = help_two = 2\n",
    "sub__in__c": "three = 3\n",
}
LAZY = EAGER | {
    "__init__": "import lazy_loader as _lazy\n__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=['sub'])\n",
    "sub__in____init__": "import lazy_loader as lazy\n"
    "__getattr__, _, _ = lazy.attach(__name__, submod_attrs={'a': ['one'], 'b': ['two', 'help_two']})\n",
}


@pytest.mark.parametrize("files", [EAGER, LAZY], ids=["eager", "lazy"])
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from pack.sub import two", {"sub/b"}),
        ("from pack.sub import one as first", {"sub/a", "sub/c"}),
        ("from pack import sub\nsub.two", {"sub/b"}),
        ("from pack import sub as s\ndef f(x):\n    return s.two(x)", {"sub/b"}),
        ("import pack\npack.sub.two", {"sub/b"}),
        ("import pack.sub.b", {"sub/b"}),
        ("import pack.sub.b as b", {"sub/b"}),
        ("from pack.sub.b import two", {"sub/b"}),
        ("def f():\n    from pack.sub import two", {"sub/b"}),
        (["from pack import sub", "sub.two"], {"sub/b"}),
        ("from pack import sub", set()),
        ("import numpy\nnumpy.sub.two", set()),
        ("from numpy import sub\nsub.two", set()),
    ],
)
def test_a_package_is_looked_through_by_name(reached, files, code, expected):
    assert reached(code, **files) == expected


@pytest.mark.parametrize(
    "code",
    [
        "from pack import sub\ngetattr(sub, name)",
        "from pack import sub\nfor name in dir(sub): pass",
        "from pack import sub\nsub.unknown",
        "from pack.sub import *",
        "from pack import sub\nf(sub)",
        "from importlib import import_module\nimport_module('pack.sub')",
        "import importlib\nimportlib.import_module(name)",
    ],
)
def test_where_the_use_cannot_be_told_everything_is_reached(reached, code):
    assert {"sub/a", "sub/b", "sub/c"} <= reached(code, **EAGER)


def test_relative_imports(reached):
    files = {"sub__in____init__": "from .a import one\n", "sub__in__a": "from . import b\none = b.two\n"}
    assert reached("from pack.sub import one", sub__in__b="two = 2", **files) == {"sub/a", "sub/b"}


def test_what_a_package_does_on_import_counts_and_what_it_lists_does_not(reached):
    files = {"style": "def use(): pass\n", "other": "x = 1\n", "a": "one = 1\n"}
    quiet = "from pack.a import one\nfrom pack.style import use\nfrom pack.other import x\n__all__ = ['one']\n"
    assert reached("from pack import one", __init__=quiet, **files) == {"a"}
    assert reached("from pack import one", __init__=f"{quiet}use()\n", **files) == {"a", "style", "__init__"}


def test_a_function_under_the_name_of_its_module(reached):
    files = {"sub__in____init__": "from pack.sub.two import two, more\n", "sub__in__two": "def two(): pass\nmore = 1\n"}
    assert reached("from pack import sub\nsub.two()", **files) == {"sub/two"}


def test_imports_in_a_circle_end(reached):
    assert reached("from pack import a", a="from pack import b\nb.x", b="from pack import a\na.y") == {"a", "b"}


REGISTRY = {
    "__init__": "from pack.names import build\nfrom pack.x import x\nfrom pack.y import y\nfrom pack.z import z\n",
    "table": "known = {}\ndef register(f): known[f.__name__] = f; return f\n",
    "names": "import pack\ndef build(name): return getattr(pack, name)()\n",
    "x": "from pack.table import register\n@register\ndef x(): pass\n",
    "y": "from pack.table import register\ndef make():\n    return register(print)\ny = make()\n",
    "z": "z = 1\n",
}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from pack import build\nbuild('x')", {"names", "table", "x", "y", "z", "__init__"}),
        ("import pack\npack.build('x')", {"names", "table", "x", "y", "z", "__init__"}),
        ("from pack import x", {"table", "x"}),
        ("from pack import z", {"z"}),
    ],
)
def test_who_takes_a_builder_by_its_name_reaches_every_builder(reached, code, expected):
    assert reached(code, **REGISTRY) == expected


# --- the course itself


def test_the_bundled_style_is_reached_by_every_figure():
    found = Code(ROOT / "course_utils").reached(ast.parse("from course_utils import plotting\nplotting.image_grid(x)"))
    assert ROOT / "course_utils" / "plotting" / "style.py" in found
    assert ROOT / "course_utils" / "plotting" / "curves.py" not in found


PROGRAM = """
import sys
from pathlib import Path
package = sys.argv[1]
called = set()
def note(frame, event, argument):
    called.add(frame.f_code.co_filename)
import {modules}
sys.setprofile(note)
{code}
sys.setprofile(None)
print(*sorted(Path(file).relative_to(package).as_posix() for file in called if file.startswith(package)), sep="\\n")
"""


@pytest.mark.parametrize(
    ("modules", "code"),
    [
        (
            "numpy as np, course_utils.layers as layers",
            "layers.conv2d(np.ones((1, 5, 5, 1)), np.ones((3, 3, 1, 2)))\nlayers.max_pool(np.ones((1, 4, 4, 1)), 2)",
        ),
        (
            "numpy as np, course_utils.layers as layers",
            "layers.Network([('relu',), ('flatten',)]).forward(np.ones((1, 2, 2, 1)))",
        ),
        ("course_utils.datasets as datasets", "datasets.load_mnist()\ndatasets.make_xo(4, seed=0)"),
        ("course_utils.models as models", "models.model_card('resnet50')\nmodels.list_models()"),
    ],
    ids=["layers", "network", "datasets", "models"],
)
def test_whatever_is_really_called_was_told(modules, code):
    imports = f"import {modules}"
    package = str(ROOT / "course_utils")
    program = PROGRAM.format(modules=modules, code=code)
    done = subprocess.run(
        [sys.executable, "-c", program, package], capture_output=True, text=True, check=True, cwd=ROOT
    )
    told = Code(ROOT / "course_utils").reached(ast.parse(f"{imports}\n{code}"))
    called = {ROOT / "course_utils" / name for name in done.stdout.split()}
    assert called
    assert called <= told.keys()


@pytest.fixture(scope="module")
def lessons():
    """Code and reached files of each notebook of the book."""
    code, found = Code(ROOT / "course_utils"), {}
    for path in Project(ROOT).notebooks():
        cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        text = "\n".join("".join(cell["source"]) for cell in cells if "colab" not in cell["metadata"].get("tags", []))
        found[path] = text, set(code.reached(ast.parse(text)))
    return found


def test_a_lesson_that_names_a_function_of_conv_reaches_it(lessons):
    conv = ROOT / "course_utils" / "layers" / "conv.py"
    functions = [node.name for node in ast.parse(conv.read_text(encoding="utf-8")).body if hasattr(node, "name")]
    naming = re.compile(rf"\blayers\.({'|'.join(functions)})\b")
    named = {path for path, (text, _) in lessons.items() if naming.search(text)}
    assert named
    assert all(conv in lessons[path][1] for path in named)
    assert not all(conv in reached for _, reached in lessons.values())


def test_nothing_is_reached_without_a_word_for_it(lessons):
    words = {}
    for text, reached in lessons.values():
        for path in reached:
            if path not in words:
                content = path.read_text(encoding="utf-8")
                names = [node.name for node in ast.parse(content).body if hasattr(node, "name")]
                words[path] = content, re.compile(rf"\b({'|'.join([path.stem, path.parent.name, *names])})\b")
        for path in reached:
            others = [text, *(words[other][0] for other in reached if other != path)]
            assert any(words[path][1].search(other) for other in others), path
