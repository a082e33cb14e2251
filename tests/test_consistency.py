"""What is said in more than one place agrees, and what must not be in the repository is not."""

import ast
import contextlib
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from course_utils.cli import stored_form
from course_utils.cli.project import Project, files_below

ROOT = Path(__file__).parents[1]
PROJECT = Project(ROOT)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]


def locked(name):
    """Return the entries of a lock, each with its section and the SHA-256 of its files."""
    for section in (ROOT / name).read_text(encoding="utf-8").split("# --- ")[1:]:
        for entry in re.findall(r"^[a-z0-9].*(?:\n {4}.*)*", section.partition("\n")[2], re.MULTILINE):
            line, *hashes = entry.split(" \\\n    ")
            yield Requirement(line), section.partition(":")[0], hashes


LOCK = [requirement for requirement, _, _ in locked("requirements.lock")]
SECTIONS = {requirement.name: section for requirement, section, _ in locked("requirements.lock")}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NOTEBOOKS = [pytest.param(path, id=PROJECT.relative(path)) for path in PROJECT.notebooks()]
LONGEST_CELL = 20  # lines
LOCKS = ("requirements.lock", "requirements-gpu.lock")
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (
    {"sys_platform": "linux", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_machine": "AMD64"},
)
# Written in two halves, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    f"{name}.{end}"
    for name, end in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "com"),
        ("npmjs", "org"),
        ("deb.debian", "org"),
        ("anaconda", "org"),
        ("archive.ubuntu", "com"),
        ("crates", "io"),
    )
)


def own_files():
    """Return every text file of the checkout that is not made or installed."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name in (".ci", ".devcontainer", ".github")]
    folders += [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"]
    files = [path for folder in folders for path in files_below(folder)]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.name not in (".coverage", ".git")]
    return [
        path for path in files if path.suffix not in (".npz", ".png", ".pyc", ".woff2") and ".egg-info" not in str(path)
    ]


def marker_environments(extra=""):
    for python in PYTHONS:
        for platform in PLATFORMS:
            yield {
                **platform,
                "python_version": python,
                "python_full_version": f"{python}.9",
                "implementation_name": "cpython",
                "extra": extra,
            }


def required(*names):
    """Return the requirements of the package and of some of its extras."""
    lines = [*PYPROJECT["project"]["dependencies"], *(line for name in names for line in EXTRAS[name])]
    return [Requirement(line) for line in lines]


# --- versions


def test_lock_satisfies_pyproject_on_every_platform_and_python():
    for environment in marker_environments():
        locked = {
            canonicalize_name(line.name): str(line.specifier)
            for line in LOCK
            if line.marker is None or line.marker.evaluate(environment)
        }
        for requirement in required("cpu", "book", "lab", "test"):
            if requirement.marker is None or requirement.marker.evaluate(environment):
                pinned = locked.get(canonicalize_name(requirement.name), "")
                assert pinned.startswith("=="), f"{requirement} is not in requirements.lock for {environment}"
                assert Version(pinned[2:]) in requirement.specifier, f"{requirement}, but the lock has {pinned}"


def test_lock_has_exactly_one_tensorflow_for_every_platform():
    for environment in marker_environments():
        found = [
            line.name
            for line in LOCK
            if line.name in ("tensorflow", "tensorflow-cpu")
            and (line.marker is None or line.marker.evaluate(environment))
        ]
        assert len(found) == 1, environment


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_exact_and_knows_every_file(name):
    for line, _, hashes in locked(name):
        assert re.fullmatch(r"==[^,*]+", str(line.specifier))
        assert not line.url
        assert hashes, line
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", value) for value in hashes), line


def test_lock_names_the_extras_that_its_packages_want():
    """Some versions of pip, such as 23.2, take what is wanted with an extra only from a lock that has it with that extra."""
    extras = {canonicalize_name(one.name): one.extras for one in LOCK}
    for one in LOCK:
        with contextlib.suppress(metadata.PackageNotFoundError):  # of another platform
            for wanted in map(Requirement, metadata.requires(one.name) or ()):
                inside = wanted.marker and [wanted.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)]
                if inside is None or any(inside):
                    assert wanted.extras <= extras[canonicalize_name(wanted.name)], f"{one} wants {wanted}"


def test_ci_makes_constraints_of_the_lock_that_pip_takes():
    """For the environment of the other backends: without hashes and without extras, which pip refuses in constraints."""
    (command,) = re.findall(r"sed .+ requirements\.lock", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    made = subprocess.run(["bash", "-c", command], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    constraints = [Requirement(line) for line in made.splitlines() if line and not line.startswith("#")]
    assert [(one.name, str(one.specifier), one.marker) for one in constraints] == [
        (one.name, str(one.specifier), one.marker) for one in LOCK
    ]
    assert not [one for one in constraints if one.extras]


def test_lock_for_gpus_has_the_same_tensorflow_and_what_that_adds():
    lock, more = ({f"{one.name}{one.specifier}" for one, *_ in locked(name)} for name in LOCKS)
    assert [entry for entry in more if not entry.startswith("nvidia-")] == ["tensorflow==2.21.0"]
    assert lock & more <= {"tensorflow==2.21.0"}
    assert {entry.replace("-cpu", "") for entry in lock if entry.startswith("tensorflow")} <= more


def needed(names):
    """Return packages and all that they require on this machine, as their own metadata say."""
    found, left = set(), [Requirement(name) for name in names]
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) not in found:
                found.add((name, extra))
                required = map(Requirement, metadata.requires(name) or ())
                left += [one for one in required if one.marker is None or one.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def test_each_section_of_the_lock_has_all_that_its_level_needs():
    book, lab = EXTRAS["book"], PYPROJECT["project"]["dependencies"] + EXTRAS["lab"]
    assert {SECTIONS[name] for name in needed(book)} == {"book"}
    assert {SECTIONS[name] for name in needed(book + lab)} == {"book", "lab"}
    assert {SECTIONS[name] for name in ("tensorflow", "tensorflow-cpu")} == {"cpu"}
    assert {SECTIONS[Requirement(name).name] for name in EXTRAS["test"]} <= {"book", "pdf", "lab", "test"}
    (build,) = map(Requirement, PYPROJECT["build-system"]["requires"])
    assert SECTIONS[build.name] == "book", "course.py builds the package with it"


def test_printing_needs_one_section_more_than_the_book():
    assert {SECTIONS[Requirement(line).name] for line in EXTRAS["pdf"]} == {"pdf"}
    assert set(EXTRAS["pdf"]) <= set(EXTRAS["test"])


def test_the_book_builds_with_its_section_of_the_lock_alone():
    """What the package imports when it is imported is installed with the book, or stands in for it on the API's pages."""
    stand_ins = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]["autodoc_mock_imports"]
    distributions = metadata.packages_distributions()
    imported = set()
    for path in files_below(ROOT / "course_utils"):
        if path.suffix == ".py" and "cli" not in path.parts:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) else []
                imported |= {name.partition(".")[0] for name in names}
    imported -= sys.stdlib_module_names | {"course_utils"}
    assert imported, "nothing was found"
    missing = {name for name in imported if SECTIONS[canonicalize_name(distributions[name][0])] != "book"}
    assert missing <= set(stand_ins)


def test_every_folder_of_code_is_a_package_that_is_found():
    """A folder without ``__init__.py`` would be missing wherever the package is installed."""
    folders = {path.parent for path in (ROOT / "course_utils").rglob("*.py")}
    without = [PROJECT.relative(folder) for folder in folders if not (folder / "__init__.py").is_file()]
    assert not without, f"add __init__.py, with a line that says what the folder is, to {', '.join(without)}"
    assert "find_packages" in (ROOT / "setup.py").read_text(encoding="utf-8")
    assert "packages" not in PYPROJECT.get("tool", {}).get("setuptools", {})


def test_tensorflow_has_the_same_range_in_both_extras():
    ranges = {str(Requirement(line).specifier) for name in ("cpu", "gpu") for line in EXTRAS[name]}
    assert len(ranges) == 1


def test_conda_takes_the_lock_and_a_python_of_the_range():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PYPROJECT["project"]["name"]
    python, pip, section = environment["dependencies"]
    assert python == "python=3.12"  # Binder reads this very form
    assert pip == "pip"
    assert section == {"pip": ["-r requirements.lock"]}
    assert os.access(ROOT / "postBuild", os.X_OK)
    assert "pip install --no-deps --no-build-isolation -e ." in (ROOT / "postBuild").read_text(encoding="utf-8")


def test_the_dev_container_installs_the_course_and_shows_what_its_commands_serve():
    from course_utils.cli import lab, make_parser, server

    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    python = re.fullmatch(r"python:(3\.\d+)-bookworm", container["image"]).group(1)  # by name alone, without a host
    assert f"python={python}" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert python in PYTHONS
    program, script, *arguments = container["postCreateCommand"].split()
    assert (program, (ROOT / script).is_file()) == ("python3", True)
    options = make_parser().parse_args(arguments)
    assert (options.function, options.copy_to.name) == ("lab.lab", lab.FOLDER)
    ports = {server.DEFAULT_PORT: "serve", lab.DEFAULT_PORT: "lab"}
    assert container["forwardPorts"] == list(ports)
    for port, command in ports.items():
        assert f"python3 course.py {command}" in container["portsAttributes"][str(port)]["label"]
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"] == "${workspaceFolder}/.venv/bin/python"
    assert set(container["customizations"]["vscode"]["extensions"]) == {"ms-python.python", "ms-toolsai.jupyter"}
    assert set(container) == {
        "name",
        "image",
        "hostRequirements",
        "postCreateCommand",
        "forwardPorts",
        "portsAttributes",
        "customizations",
    }
    assert f"{lab.FOLDER}/" in (ROOT / ".gitignore").read_text(encoding="utf-8")


def test_every_python_of_the_range_is_looked_for_and_tested():
    supported = PYPROJECT["project"]["requires-python"]
    assert supported == ">=3.11,<3.14"
    jobs = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["unit"]["strategy"]["matrix"]["python"] == list(PYTHONS)
    bootstrap = (ROOT / "course.py").read_text(encoding="utf-8")
    assert 'SUPPORTED = ("3.13", "3.12", "3.11")' in bootstrap


def test_version_is_the_same_everywhere():
    import course_utils

    version = PYPROJECT["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (course_utils.__version__, citation["version"]) == (version, version)
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# --- what is written where


def test_no_package_registry_is_named():
    for path in own_files():
        text = path.read_text(encoding="utf-8").lower()
        assert not [name for name in REGISTRIES if name in text], PROJECT.relative(path)


def test_repository_is_written_in_one_place():
    address = PROJECT.repository.removeprefix("https://")
    holders = {PROJECT.relative(path) for path in own_files() if address in path.read_text(encoding="utf-8")}
    assert holders - {PROJECT.relative(path) for path in PROJECT.notebooks()} == {"pyproject.toml"}


def test_no_path_of_one_machine():
    home = re.compile(r"(?<![\w.])/(home|root|Users|work)/\w")
    for path in own_files():
        if path.name != "requirements.lock":
            assert not home.search(path.read_text(encoding="utf-8")), PROJECT.relative(path)


def test_licence_names_the_three_kinds():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for words in (
        "BSD 3-Clause License",
        "creativecommons.org/licenses/by/4.0",
        "course_utils/datasets/data/LICENSE.md",
        "course_utils/models/data/LICENSE.md",
    ):
        assert words in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all((ROOT / file).is_file() for file in project["license-files"])
    assert {file for file in project["license-files"] if file.endswith("LICENSE.md")} == {
        PROJECT.relative(path) for path in (ROOT / "course_utils").rglob("LICENSE.md")
    }


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_that_a_document_names_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:\.?[\w-]+/)+[\w.-]*|[\w-]+\.(?:py|md|yml|toml|lock|cff))`", text)
    named += re.findall(r"\]\(([^):]+)\)", text)
    roots = (ROOT, ROOT / "course_utils" / "datasets" / "data", ROOT / "course_utils" / "models")
    assert named
    assert not [path for path in named if not any((root / path).exists() for root in roots)]


# --- workflows


def tool(name):
    """Return the path of a program that came with a package of this environment."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def test_workflows_have_the_form_that_github_reads():
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dependabot_has_the_form_that_github_reads():
    path = str(ROOT / ".github" / "dependabot.yml")
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.dependabot", path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_workflows_are_safe():
    command = [tool("zizmor"), "--offline", "--no-progress", str(ROOT / ".github")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_are_pinned_with_their_version():
    lines = [line for path in WORKFLOWS for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    assert all(re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)


def commands(job):
    return [step.get("run", "") for step in job.get("steps", ())]


def test_a_push_executes_the_notebooks_once_and_publishes_what_was_tested():
    jobs = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))["jobs"]
    on_push = {name: job for name, job in jobs.items() if "event_name == 'push'" in job["if"]}
    assert set(on_push) == {"unit", "book", "publish"}
    once = "${{ matrix.python == '3.12' && '--coverage' || '' }}"
    assert "3.12" in jobs["unit"]["strategy"]["matrix"]["python"]
    assert commands(jobs["unit"])[-1] == f".ci/run python3 course.py test --only unit {once}"
    book = [step for step in jobs["book"]["steps"] if "run" in step or "pages" in step["uses"]]
    assert [step.get("run", "").rpartition(" ")[2] for step in book] == ["notebooks", "book", ""]
    assert book[-1]["with"]["path"] == "_build/html"
    assert jobs["publish"]["needs"] == ["unit", "book"]
    writing = [name for path in WORKFLOWS for name, job in workflow_jobs(path) if "pages" in job.get("permissions", {})]
    assert writing == ["publish"]


def workflow_jobs(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()


def test_a_weekly_failure_with_the_newest_versions_opens_an_issue():
    jobs = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))["jobs"]
    assert '-e ".[cpu,book,lab,test]"' in " ".join(commands(jobs["newest"]))
    assert jobs["report"]["needs"] == "newest"
    assert jobs["report"]["if"].startswith("failure()")
    assert "gh issue create" in commands(jobs["report"])[-1]


def test_commits_are_checked_with_the_ruff_of_the_lock():
    path = ROOT / ".pre-commit-config.yaml"
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(path)]
    assert subprocess.run(command, capture_output=True).returncode == 0
    hooks = yaml.safe_load(path.read_text(encoding="utf-8"))["repos"][0]["hooks"]
    (ruff,) = (str(line) for line in LOCK if line.name == "ruff")
    assert [hook.get("additional_dependencies") for hook in hooks] == [[ruff], [ruff], None]


def test_gpu_job_proves_that_tensorflow_sees_the_gpu_before_the_tests():
    jobs = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))["jobs"]
    assert "gpu" in jobs["gpu"]["runs-on"]
    steps = [step.get("run", "") for step in jobs["gpu"]["steps"]]
    proof = next(index for index, step in enumerate(steps) if "list_physical_devices('GPU')" in step)
    assert "SystemExit" in steps[proof]
    assert "python3 course.py test --gpu" in steps[-1]
    assert proof < len(steps) - 1


def test_ci_runs_the_command_of_the_readme():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 course.py test" in text
    assert "python3 course.py test" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# --- notebooks


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_notebook_is_in_its_stored_form(path):
    stored = stored_form.write(stored_form.normalise(stored_form.read(path), PROJECT.repository))
    assert path.read_text(encoding="utf-8") == stored, "run: python3 course.py notebooks normalise"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_lesson_keeps_to_the_words_and_symbols_of_the_notation_page(path):
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    notation = (ROOT / "book" / "appendix" / "notation.md").read_text(encoding="utf-8")
    for symbol in ("$a$", "$y$", "$G$", "$z$", "$s$", "$p$"):
        assert f"| {symbol}" in notation
    others = {
        "a size is 3×3, without spaces": r"\d × \d",
        "y is the label; what a layer puts out is a": r"\by_\{[^}]*[ijo]",
        "G counts groups": r"\bgroups? \$?g\$?\b|\$g\$ groups",
        "receptive field, in one word": r"receptive (?!fields?\b)\w+",
        "a window is what lies under a kernel": r"windows? of weights|\d×\d window of|patch of the picture",
    }
    found = {rule: re.findall(pattern, text) for rule, pattern in others.items()}
    assert not (broken := {rule: words for rule, words in found.items() if words}), f"see notation.md: {broken}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_lesson_has_three_questions_with_one_right_answer_each(path):
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    asked = re.split(r"^\*\*\d+\. ", text.partition("## Questions\n")[2].partition("\n## ")[0], flags=re.MULTILINE)[1:]
    assert len(asked) == 3, f"below ## Questions stand three, each as **1. …?** in a line; there are {len(asked)}"
    for question in asked:
        choices = re.findall(r"<details><summary>(.+?)</summary>\n\n(.+?)\n\n</details>", question, re.DOTALL)
        form = f"two choices or more, <details><summary>CHOICE</summary>, blank line, WHY, blank line, </details>: {question}"
        assert len(choices) == question.count("<details>") >= 2, form
        right = sum(explanation.startswith("**Right.**") for _, explanation in choices)
        assert right == 1, f"one explanation begins with **Right.**, here {right}: {question}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_notebook_has_no_attachment(path):
    attached = [cell.id for cell in nbformat.read(path, as_version=4).cells if cell.get("attachments")]
    assert not attached, "a picture that was pasted into a cell: draw it in a code cell, or link a file of the book"


def outputs(path):
    """Return the outputs of a notebook's cells, each with the cell's id."""
    cells = nbformat.read(path, as_version=4).cells
    return [(cell.id, output) for cell in cells for output in cell.get("outputs", ())]


def test_outputs_are_small():
    weights = [sum(len(json.dumps(output)) for _, output in outputs(path)) for path in PROJECT.notebooks()]
    heaviest = PROJECT.relative(PROJECT.notebooks()[weights.index(max(weights))])
    mend = f"the heaviest is {heaviest} with {max(weights):,} bytes: fewer or smaller figures, pictures as PNG, lines as SVG"
    assert max(weights) <= 600_000, mend
    assert statistics.median(weights) <= 300_000, mend
    assert statistics.mean(weights) <= 3_000_000 / 8, mend


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_cell_with_a_figure_shows_nothing_but_it(path):
    """A second output, such as the text of what the last line returns, would get the figure's name, too."""
    for cell in nbformat.read(path, as_version=4).cells:
        if "figure" in cell.metadata.get("mystnb", {}):
            shown = [output.output_type for output in cell.outputs if output.output_type != "stream"]
            assert shown, f"{cell.id} has a caption and shows no figure; run: python3 course.py notebooks run"
            assert len(shown) == 1, f"{cell.id}: {shown}; end the last line with a semicolon"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_printed_lines_fit(path):
    for name, output in outputs(path):
        data = output.get("data", {})
        shown = {"text/html", "image/svg+xml", "image/png"} & data.keys()
        text = output.get("text", "") + ("" if shown else data.get("text/plain", ""))
        assert not [line for line in text.splitlines() if len(line) > 79], (
            f"{name} prints lines of over 79 columns: break them"
        )


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_code_cells_are_short_and_never_follow_each_other(path):
    cells = nbformat.read(path, as_version=4).cells
    long = {cell.id: len(cell.source.splitlines()) for cell in cells if cell.cell_type == "code"}
    too_long = {name: lines for name, lines in long.items() if lines > LONGEST_CELL}
    assert not too_long, f"cells of over {LONGEST_CELL} lines: split them, with a sentence between"
    pairs = itertools.pairwise(cells)
    assert not [second.id for first, second in pairs if first.cell_type == second.cell_type == "code"], (
        "a code cell follows another: write a sentence between them, before a solution what explains it"
    )


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_checked_cells_really_hold_what_is_compared(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if stored_form.CHECKED in stored_form.tags(cell)]
    assert cells, "no cell is tagged nbval-check-output: nothing in this lesson is compared"
    assert not [cell.id for cell in cells if not cell.outputs], (
        "a checked cell must print or show something; run: python3 course.py notebooks run"
    )
    shown = {cell.id: [kind for out in cell.outputs for kind in out.get("data", {"text": ""})] for cell in cells}
    only_figures = [
        name
        for name, kinds in shown.items()
        if not {"text", "text/html"} & {*kinds} and any("image" in kind for kind in kinds)
    ]
    assert not only_figures, "figures are not compared: a checked cell must print something"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_first_code_cell_installs_from_the_address_in_pyproject(path):
    first = next(cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert f'"cnn-course @ git+{PYPROJECT["project"]["urls"]["Repository"]}"' in first.source
    assert first.source.startswith("import sys\n")
    assert {"colab", "remove-cell"} <= set(stored_form.tags(first))


def test_colab_installs_the_package_by_its_name_and_says_which_commit():
    name, source = PYPROJECT["project"]["name"], stored_form.colab_source(PROJECT.repository)
    assert f'"{name} @ git+' in source
    assert source.endswith(f"    %pip freeze | grep {name}")
    assert max(map(len, source.splitlines())) <= 79


# --- ruff


def test_ruff_is_configured_for_the_code_and_the_notebooks(tmp_path):
    settings = PYPROJECT["tool"]["ruff"]
    assert settings["line-length"] == 120
    assert settings["target-version"] == "py311"
    bad = tmp_path / "bad.py"
    bad.write_text("import os\n")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), str(bad)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "F401" in done.stdout
