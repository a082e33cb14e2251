"""The learner's own copies, and JupyterLab on them."""

import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from course_utils.cli import lab, main, server, stored_form
from course_utils.cli.project import CourseError, UsageError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def lessons(project, write_lesson):
    """Two lessons, one of which shows a picture and links to a page and to the other lesson."""
    write_lesson("2-layers/convolution.ipynb", ("1 + 1",), ("2 + 2", "solution"))
    write_lesson("2-layers/fast-convolution.ipynb", ("3",))
    path = project.book / "2-layers" / "convolution.ipynb"
    notebook = json.loads(path.read_text())
    links = (
        "![seen](../pictures/a%20b.png#step=3) [page](../notes.md#part), [other](fast-convolution.ipynb) [w](web:x.md)"
    )
    notebook["cells"][0]["source"] = ["# Convolution\n", links + " [gone](gone.md) [out](../../pyproject.toml)"]
    code = next(cell for cell in notebook["cells"] if cell["source"] in ("1 + 1", ["1 + 1"]))
    code |= {"execution_count": 1, "outputs": [nbformat.v4.new_output("stream", text="2\n")]}
    notebook["metadata"]["course"] = {"fingerprint": "abc"}
    path.write_text(json.dumps(notebook))
    (project.book / "pictures").mkdir()
    (project.book / "pictures" / "a b.png").write_bytes(b"\x89PNG")
    (project.book / "notes.md").write_text("# Notes\n")
    return project


def copied(project, capsys):
    """Copy, and return what was said."""
    lab.copy(project, Console())
    return capsys.readouterr().out


def below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}


def change(path, old="3", new="4"):
    """Change the source of a lesson, and return what its copy is then."""
    text = path.read_text()
    assert f'"{old}"' in text
    path.write_text(text.replace(f'"{old}"', f'"{new}"'))
    return lab.learners_form(stored_form.read(path))


# --- what a copy is


@pytest.mark.parametrize("there", [False, True])
def test_copies_go_to_a_folder_that_is_named_and_nothing_is_started(lessons, launched, tmp_path, capsys, there):
    folder = tmp_path / "home" / "lessons"
    if there:
        folder.mkdir(parents=True)
        (folder / "own.txt").write_text("mine")
    assert main(["lab", "--copy-to", str(folder)]) == 0
    assert str(folder) in capsys.readouterr().out
    assert below(folder) - {"own.txt"} >= {"2-layers/convolution.ipynb", "2-layers/fast-convolution.ipynb", "notes.md"}
    assert not (lessons.root / "my-course").exists()
    assert launched == []
    work = folder / "2-layers" / "fast-convolution.ipynb"
    work.write_text(work.read_text().replace('"3"', '"mine"'))
    change(lessons.book / "2-layers" / "fast-convolution.ipynb")
    assert main(["lab", "--copy-to", str(folder)]) == 0
    assert "lessons/2-layers/fast-convolution.ipynb: yours is kept as it is" in capsys.readouterr().out
    assert '"mine"' in work.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["."], "is the checkout itself"),
        (["book"], "belongs to the book"),
        (["book/2-layers/mine"], "belongs to the book"),
        (["out/../book"], "belongs to the book"),
        ([""], "the name of a folder is missing"),
        (["~nobody-of-this-name/x"], "there is no such home folder"),
        (["out", "convolution"], "leave out LESSON and --port"),
        (["out", "--port", "99"], "leave out LESSON and --port"),
    ],
)
def test_copies_never_lie_between_the_files_of_the_book(lessons, launched, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(lessons.root)
    before = {path: path.stat().st_mtime_ns for path in lessons.root.rglob("*")}
    try:
        code = main(["lab", "--copy-to", *arguments])
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert said in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in lessons.root.rglob("*")} == before


def test_a_folder_may_have_any_name(lessons, tmp_path, capsys):
    folder = tmp_path / "a [red]b[/red] ✓"
    assert main(["lab", "--copy-to", str(folder)]) == 0
    assert str(folder) in capsys.readouterr().out
    assert (folder / "notes.md").is_file()


def test_copies_have_no_outputs_and_folded_solutions(lessons, capsys):
    copied(lessons, capsys)
    notebook = nbformat.read(lessons.root / "my-course/2-layers/convolution.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code] == ["1 + 1", "# @title Solution\n2 + 2"], "without the cell for Colab"
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert [cell.metadata.get("jupyter", {}).get("source_hidden", False) for cell in code] == [False, True]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"


def test_a_solution_is_folded_however_it_was_stored(lessons):
    cell = {"cell_type": "code", "metadata": {"tags": ["solution"]}, "source": "1", "outputs": []}
    notebook = {"cells": [cell], "metadata": {"kernelspec": {}, "language_info": {}}}
    assert json.loads(lab.learners_form(notebook))["cells"][0]["metadata"]["jupyter"] == {"source_hidden": True}


def test_what_a_lesson_links_to_comes_with_it_and_nothing_from_outside_the_book(lessons, capsys):
    copied(lessons, capsys)
    assert below(lessons.root / "my-course") == {
        *("2-layers/convolution.ipynb", "2-layers/fast-convolution.ipynb", "notes.md", "pictures/a b.png"),
    }


def test_every_link_in_a_copy_of_the_real_lessons_leads_somewhere(project):
    real = lab.Project(ROOT)
    files = lab.originals(real)
    assert {path.relative_to(real.book).as_posix() for path in real.notebooks()} <= set(files)
    for name, content in files.items():
        if name.endswith(".ipynb"):
            for cell in json.loads(content)["cells"]:
                links = lab._LINK.findall("".join(cell["source"])) if cell["cell_type"] == "markdown" else []
                assert {os.path.normpath(Path(name).parent / link) for link in links} <= set(files), name


# --- what happens to work


def test_work_is_kept_while_the_lesson_stays_as_it_was(lessons, capsys):
    copied(lessons, capsys)
    mine = lessons.root / "my-course/2-layers/fast-convolution.ipynb"
    mine.write_text("my work")
    assert copied(lessons, capsys) == ""
    assert mine.read_text() == "my work"
    assert len(below(lessons.root / "my-course")) == 4


def test_outputs_alone_do_not_make_a_lesson_new(lessons, capsys):
    copied(lessons, capsys)
    before = below(lessons.root / "my-course")
    (lessons.root / "my-course/2-layers/convolution.ipynb").write_text("my work")
    path = lessons.book / "2-layers/convolution.ipynb"
    path.write_text(path.read_text().replace("2\\n", "two\\n").replace("abc", "def"))
    assert copied(lessons, capsys) == ""
    assert below(lessons.root / "my-course") == before


def test_a_changed_lesson_is_put_beside_work_and_said_once(lessons, capsys):
    copied(lessons, capsys)
    folder = lessons.root / "my-course/2-layers"
    (folder / "fast-convolution.ipynb").write_text("my work")
    for number, value in enumerate(("4", "5"), start=1):
        new = change(lessons.book / "2-layers/fast-convolution.ipynb", str(int(value) - 1), value)
        said = copied(lessons, capsys)
        beside = sorted(folder.glob("fast-convolution-new-*.ipynb"), key=lambda path: (len(path.name), path.name))
        assert len(beside) == number
        assert beside[-1].read_text() == new
        assert "yours is kept as it is" in said
        assert beside[-1].name in said
        assert copied(lessons, capsys) == ""
    assert (folder / "fast-convolution.ipynb").read_text() == "my work"


def test_work_on_the_second_copy_is_kept_too(lessons, capsys):
    copied(lessons, capsys)
    folder = lessons.root / "my-course/2-layers"
    (folder / "fast-convolution.ipynb").write_text("my work")
    change(lessons.book / "2-layers/fast-convolution.ipynb")
    copied(lessons, capsys)
    (beside,) = folder.glob("fast-convolution-new-*.ipynb")
    beside.write_text("more work")
    change(lessons.book / "2-layers/fast-convolution.ipynb", "4", "5")
    copied(lessons, capsys)
    assert (folder / "fast-convolution.ipynb").read_text() == "my work"
    assert beside.read_text() == "more work"
    assert len(list(folder.glob("fast-convolution-new-*.ipynb"))) == 2


def test_a_copy_that_nobody_worked_on_follows_the_lesson(lessons, capsys):
    copied(lessons, capsys)
    new = change(lessons.book / "2-layers/fast-convolution.ipynb")
    assert "you had not worked on it" in copied(lessons, capsys)
    assert (lessons.root / "my-course/2-layers/fast-convolution.ipynb").read_text() == new
    assert len(below(lessons.root / "my-course")) == 4


@pytest.mark.parametrize("record", [None, "", "[]", "{"])
def test_without_a_record_every_copy_counts_as_work(lessons, capsys, record):
    copied(lessons, capsys)
    folder = lessons.root / "my-course"
    (folder / ".copied.json").unlink()
    if record is not None:
        (folder / ".copied.json").write_text(record)
    old = (folder / "2-layers/fast-convolution.ipynb").read_text()
    change(lessons.book / "2-layers/fast-convolution.ipynb")
    copied(lessons, capsys)
    assert (folder / "2-layers/fast-convolution.ipynb").read_text() == old
    assert len(list(folder.rglob("*-new-*"))) == 1
    (folder / ".copied.json").unlink()
    assert copied(lessons, capsys) == "", "what is there already is not put there again"
    assert len(list(folder.rglob("*-new-*"))) == 1


def test_a_deleted_copy_comes_back_and_own_files_stay(lessons, capsys):
    copied(lessons, capsys)
    folder = lessons.root / "my-course"
    (folder / "2-layers/fast-convolution.ipynb").rename(folder / "2-layers/mine.ipynb")
    copied(lessons, capsys)
    assert {"2-layers/mine.ipynb", "2-layers/fast-convolution.ipynb"} <= below(folder)


@pytest.mark.parametrize("there", ["folder", "dangling link"])
def test_something_else_in_a_copy_s_place_stays(lessons, capsys, there):
    target = lessons.root / "my-course/2-layers/fast-convolution.ipynb"
    target.parent.mkdir(parents=True)
    target.mkdir() if there == "folder" else target.symlink_to("nowhere")
    assert "fast-convolution-new-" in copied(lessons, capsys)
    assert target.is_dir() or target.is_symlink()
    assert not (target.parent / "nowhere").exists()


@pytest.mark.parametrize("place", ["my-course", "my-course/2-layers"])
def test_a_file_in_a_folder_s_place_is_said(lessons, place):
    path = lessons.root / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(CourseError, match=r"cannot be written .*; nothing that was there has changed"):
        lab.copy(lessons, Console())
    assert path.read_text() == "mine"


def test_a_full_disk_leaves_work_and_no_halves(lessons, capsys, monkeypatch):
    copied(lessons, capsys)
    folder = lessons.root / "my-course"
    (folder / "2-layers/convolution.ipynb").write_text("my work")
    before = {name: (folder / name).read_bytes() for name in below(folder)}
    change(lessons.book / "2-layers/fast-convolution.ipynb")
    real = Path.write_bytes

    def full(path, content):
        real(path, content[:5])
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CourseError, match="No space left on device"):
        lab.copy(lessons, Console())
    monkeypatch.undo()
    assert {name: (folder / name).read_bytes() for name in below(folder)} == before
    assert not list(folder.rglob(".*.new"))


def test_copies_at_the_same_time_are_made_once(lessons, capsys):
    copied(lessons, capsys)
    mine = lessons.root / "my-course/2-layers/fast-convolution.ipynb"
    mine.write_text("my work")
    change(lessons.book / "2-layers/fast-convolution.ipynb")
    threads = [threading.Thread(target=lab.copy, args=(lessons, Console())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(mine.parent.glob("*-new-*"))) == 1
    assert mine.read_text() == "my work"


# --- which lesson


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("convolution", "convolution"),
        ("fast", "fast-convolution"),
        ("Fast-Conv", "fast-convolution"),
        ("fast-convolution.ipynb", "fast-convolution"),
        ("book/2-layers/convolution.ipynb", "convolution"),
        ("./my-course/2-layers/convolution.ipynb", "convolution"),
        ("book\\2-layers\\convolution.ipynb", "convolution"),
    ],
)
def test_a_lesson_is_found_by_a_part_of_its_name(lessons, text, name):
    assert lab.find_lesson(lessons, text) == f"2-layers/{name}.ipynb"


@pytest.mark.parametrize(
    ("text", "problem"), [("volu", "stands for several lessons"), ("pooling", "is no lesson"), ("", "is no lesson")]
)
def test_an_unknown_or_ambiguous_name_is_told_what_there_is(lessons, text, problem):
    with pytest.raises(UsageError, match=f"{problem}; choose one of: convolution, fast-convolution"):
        lab.find_lesson(lessons, text)
    assert main(["lab", text]) == 2
    assert not (lessons.root / "my-course").exists()


# --- JupyterLab


@pytest.fixture
def launched(monkeypatch):
    """Arguments that JupyterLab would have been started with."""
    from jupyterlab import labapp

    calls = []
    monkeypatch.setattr(labapp.LabApp, "launch_instance", calls.append)
    monkeypatch.setattr(lab.os, "environ", dict(os.environ))
    return calls


def test_a_busy_port_is_said_or_passed_over_as_in_serve(lessons, launched, monkeypatch, capsys):
    with socket.create_server((server.HOST, 0)) as listener:
        busy = listener.getsockname()[1]
        with pytest.raises(CourseError, match=f"port {busy} is in use already; choose another one with --port"):
            lab.lab(lessons, port=busy)
        assert launched == []
        monkeypatch.setattr(lab, "DEFAULT_PORT", busy)
        assert lab.lab(lessons) == 0
    assert f"Port {busy} is in use; taking" in capsys.readouterr().out
    assert f"--ServerApp.port={busy}" not in launched[0]


@pytest.mark.parametrize(
    ("display", "asked", "opened"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_the_address_is_printed_and_opened_where_there_is_a_display(
    lessons, launched, monkeypatch, capsys, display, asked, opened
):
    monkeypatch.setattr(server, "has_display", lambda: display)
    assert lab.lab(lessons, "fast", open_browser=asked) == 0
    said = capsys.readouterr().out
    assert re.search(r"http://127\.0\.0\.1:\d+/lab/tree/2-layers/fast-convolution\.ipynb\?token=[0-9a-f]{48}\n", said)
    assert f"--ServerApp.open_browser={opened}" in launched[0]
    assert f"--ServerApp.root_dir={lessons.root / 'my-course'}" in launched[0]


@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_jupyterlab_starts_has_the_kernel_of_the_course_and_stops(lessons, tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "course_utils", "lab", "fast", "--no-browser"]
    with subprocess.Popen(
        command, cwd=lessons.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            address = next(line for line in process.stdout if line.startswith("http://")).strip()
            answer = _ask(address.replace("/lab/tree/", "/api/contents/"), process)
            assert json.loads(answer)["content"]["cells"][1]["source"] == "3"
            kernels = json.loads(_ask(re.sub(r"/lab/tree/[^?]*", "/api/kernelspecs", address), process))
            assert kernels["kernelspecs"]["python3"]["spec"]["argv"][0] in (sys.executable, "python")
            assert b"JupyterLab" in _ask(address, process)
        finally:
            process.send_signal(signal.SIGINT)
            output = process.communicate(timeout=30)[0]
    assert process.returncode == 0, output
    assert output.endswith("Stopped.\n")
    assert "Traceback" not in output


def _ask(address, process):
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, process.stdout.read()
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
