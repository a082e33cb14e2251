"""How the scripts are written, as Prettier formats them, and what a reader's browser loads of them."""

import json
import subprocess
from pathlib import Path

import pytest
import scripts
from programs import absent, find_program

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(
    path
    for folder in ("interactive", "_static")
    for path in (ROOT / "book" / folder).glob("*.js")
    if path.name not in ("digit-network.js", "photo-examples.js")  # data, written by scripts
)
LONGEST = 100  # columns


@pytest.fixture(scope="module")
def prettier() -> str:
    """Path of Prettier in the version that ``package.json`` names, installed into ``_build`` when it is not there."""
    version = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]["prettier"]
    folder = ROOT / "_build" / "prettier"
    found = folder / "node_modules" / "prettier" / "package.json"
    if not (found.is_file() and json.loads(found.read_text(encoding="utf-8"))["version"] == version):
        npm = find_program(("npm",), "npm")
        quiet = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
        command = [npm, "install", *quiet, "--prefix", str(folder), f"prettier@{version}"]
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            absent(f"npm cannot install prettier {version}: {done.stderr.strip()[-300:]}")
    return str(folder / "node_modules" / "prettier" / "bin" / "prettier.cjs")


def test_scripts_are_formatted(node, prettier):
    command = [node, prettier, "--check", *(str(path) for path in SCRIPTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_lines_are_short():
    """Prettier, which is told the width, breaks neither words in quotes nor comments."""
    assert json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["prettier"]["printWidth"] == LONGEST
    found = [
        f"{path.name}:{number}: {len(line)} columns"
        for path in SCRIPTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert not found


def test_every_script_belongs_to_a_figure_or_to_the_page():
    extension = scripts.load("book/_ext/interactive.py")
    pages = (extension.LOADER, extension.QUESTIONS, extension.EXERCISES, extension.PROGRESS)
    of_figures = (*extension.SCRIPTS.values(), *extension.ON_REQUEST.values())
    used = {name for names in (*pages, *of_figures) for name in names} - extension.MADE.keys()
    assert used == {path.stem for path in extension.FOLDER.glob("*.js")}
