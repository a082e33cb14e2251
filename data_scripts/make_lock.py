"""Make ``requirements.lock`` and ``requirements-gpu.lock``, the exact versions that the course is tested with.

    pip install uv
    python data_scripts/make_lock.py              keep the versions that still satisfy pyproject.toml
    python data_scripts/make_lock.py --upgrade    take the newest that it allows

One resolution, for every platform and every Python of ``pyproject.toml``, and the SHA-256 of every file that may be
installed. It is written in sections, each of which has what it adds to those above it, so that ``course.py`` installs
only what a command needs. TensorFlow is in a section of its own, since ``--gpu`` puts another build in its place.
"""

import argparse
import re
import subprocess
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
GPU_LOCK = ROOT / "requirements-gpu.lock"
TENSORFLOW = ("tensorflow", "tensorflow-cpu")
TITLES = {
    "book": "what building the book needs",
    "pdf": "what printing it into one file needs",
    "lab": "what notebooks import, but TensorFlow, and JupyterLab",
    "cpu": "TensorFlow",
    "test": "what the tests need",
    "gpu": "TensorFlow for NVIDIA GPUs under Linux, instead of the section cpu",
}
HEAD = "# Exact versions the course was tested with, for every platform and Python of pyproject.toml, and the SHA-256 of their files.\n"
HEAD += "# Made by data_scripts/make_lock.py. A section has what it adds to those above it.\n"


def resolve(requirements: list[str], *options: str, known: str = "") -> str:
    """Return what ``uv`` resolves requirements to, for every platform; ``known`` versions are kept where they can be."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, result = Path(folder, "wanted.in"), Path(folder, "result.txt")
        wanted.write_text("\n".join(requirements))
        result.write_text(known)
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--no-header"]
        subprocess.run(
            [*command, "--no-annotate", "--no-strip-extras", *options, str(wanted), "-o", str(result)], check=True
        )
        return result.read_text()


def entries(text: str) -> dict[str, list[str]]:
    """Return the entries of a lock by the package's name, each with its hashes; a name may have several."""
    found: dict[str, list[str]] = {}
    for entry in re.findall(r"^[a-z0-9].*(?:\n    .*)*", text, re.MULTILINE):
        found.setdefault(re.match(r"[a-z0-9-]+", entry)[0], []).append(entry)
    return found


def sections(upgrade: bool) -> dict[str, list[str]]:
    """Resolve everything, and return the entries of each section."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    book, pdf, gpu = extras["book"], extras["pdf"], extras["gpu"]
    lab = project["dependencies"] + extras["lab"] + extras["tuning"] + extras["cluster"]
    known = "" if upgrade else "".join(path.read_text() for path in (LOCK, GPU_LOCK) if path.exists())
    locked = entries(resolve(book + pdf + lab + extras["cpu"] + extras["test"], "--generate-hashes", known=known))
    versions = "\n".join(entry.split(" \\")[0] for same in locked.values() for entry in same)
    named = {
        "book": entries(resolve(book, known=versions)),
        "pdf": entries(resolve(book + pdf, known=versions)),
        "cpu": TENSORFLOW,
        "lab": entries(resolve(book + pdf + lab + extras["cpu"], known=versions)),
        "test": locked,
    }
    section = {name: title for title, names in reversed(named.items()) for name in names}
    chosen = {title: [entry for name in locked if section[name] == title for entry in locked[name]] for title in TITLES}
    for_gpu = entries(resolve(book + pdf + lab + gpu, "--generate-hashes", known=f"{versions}\n{known}"))
    chosen["gpu"] = [entry for name in for_gpu if name == "tensorflow" or name not in locked for entry in for_gpu[name]]
    return chosen


def write(path: Path, chosen: dict[str, list[str]]) -> None:
    """Write some of the sections to a file."""
    parts = [f"\n# --- {title}: {TITLES[title]}\n" + "\n".join(blocks) + "\n" for title, blocks in chosen.items()]
    path.write_text(HEAD + "".join(parts), encoding="utf-8")


def main() -> None:
    """Make both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    made = sections(parser.parse_args().upgrade)
    write(LOCK, {title: blocks for title, blocks in made.items() if title != "gpu"})
    write(GPU_LOCK, {"gpu": made["gpu"]})


if __name__ == "__main__":
    main()
