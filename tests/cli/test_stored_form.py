import json
import os

import nbformat
import pytest

from course_utils.cli import stored_form
from course_utils.cli.project import CourseError, save

REPOSITORY = "https://example.org/somebody/course"


def notebook(*cells, **metadata):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}


def code(source, *tags, **more):
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": [], **more}


def text(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def normalise(*cells, **metadata):
    return stored_form.normalise(notebook(*cells, **metadata), REPOSITORY)


def test_twice_is_the_same_to_the_last_byte():
    output = {"output_type": "stream", "name": "stdout", "text": ["a\n", "b – ü\n"]}
    first = normalise(
        text("# Title"), code(["x = 1\n", "x"], "nbval-check-output", outputs=[output], execution_count=2)
    )
    written = stored_form.write(first)
    assert stored_form.write(stored_form.normalise(json.loads(written), REPOSITORY)) == written
    assert written.endswith("}\n")
    assert "ü" in written
    assert '\n "cells"' in written


def test_what_went_to_stderr_is_never_stored():
    streams = [{"output_type": "stream", "name": name, "text": [f"{name}\n"]} for name in ("stderr", "stdout")]
    cell = normalise(code("x", "nbval-check-output", outputs=streams, execution_count=1)).cells[-1]
    assert [output["name"] for output in cell.outputs] == ["stdout"]


def test_what_was_printed_in_pieces_is_stored_whole():
    pieces = [{"output_type": "stream", "name": "stdout", "text": text} for text in ("a\n", ["b", "c\n"])]
    shown = {"output_type": "display_data", "data": {"text/plain": "d"}, "metadata": {}}
    outputs = [*pieces, shown, pieces[0]]
    cell = normalise(code("x", "nbval-check-output", outputs=outputs, execution_count=1)).cells[-1]
    assert [output.get("text") for output in cell.outputs] == ["a\nbc\n", None, "a\n"]


def test_given_notebook_is_not_changed():
    given = notebook(code("1", "solution"))
    before = json.dumps(given)
    stored_form.normalise(given, REPOSITORY)
    assert json.dumps(given) == before


def test_ids_are_kept_unless_missing_doubled_or_invalid_and_then_deterministic():
    cells = [
        text("a", id="kept"),
        text("b", id="kept"),
        text("c"),
        text("c"),
        text("d", id="not valid!"),
        text("e", id=3),
    ]
    ids = [cell.id for cell in normalise(*cells).cells]
    assert ids[0] == "kept"
    assert len(set(ids)) == len(ids)
    assert ids == [cell.id for cell in normalise(*cells).cells]


def test_an_id_does_not_change_when_another_cell_does():
    one, other = normalise(text("a"), text("b")), normalise(text("changed"), text("b"))
    assert one.cells[-1].id == other.cells[-1].id


def test_old_format_is_raised_to_4_5():
    old = notebook(text("a"))
    old["nbformat_minor"] = 2
    assert stored_form.normalise(old, REPOSITORY).nbformat_minor == 5


@pytest.mark.parametrize("broken", [{}, {"nbformat": 3, "worksheets": []}, {"nbformat": 4, "cells": None}])
def test_other_formats_are_refused(broken):
    with pytest.raises(CourseError, match="format 4"):
        stored_form.normalise(broken, REPOSITORY)


def test_invalid_cell_is_refused():
    with pytest.raises(CourseError, match="not a valid notebook"):
        normalise({"cell_type": "poem", "metadata": {}, "source": "a"})


@pytest.mark.parametrize("content", ["", "no json", "[1]"])
def test_file_that_is_no_notebook(tmp_path, content):
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    with pytest.raises(CourseError, match="not a notebook"):
        stored_form.read(path)


def test_metadata_is_minimal_and_keeps_what_has_a_meaning():
    cell = code("1", "a-tag", execution_count=3)
    cell["metadata"] |= {"ExecuteTime": 1, "collapsed": True, "jupyter": {"source_hidden": True}, "mystnb": {"a": 1}}
    result = normalise(cell, kernelspec={"name": "my-env"}, vscode={}, mystnb={"execution_mode": "off"})
    assert result.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "mystnb": {"execution_mode": "off"},
    }
    assert result.cells[-1].metadata == {"tags": ["a-tag"], "mystnb": {"a": 1}}


def test_all_outputs_and_counts_are_kept():
    stream = {"output_type": "stream", "name": "stdout", "text": "a"}
    shown = {"output_type": "display_data", "data": {"text/html": "<b>a</b>", "text/plain": "a"}, "metadata": {"b": 1}}
    cell = normalise(code("show()", outputs=[stream, shown], execution_count=3)).cells[-1]
    assert (cell.outputs, cell.execution_count) == ([stream, shown], 3)
    assert normalise(code("show()")).cells[-1].execution_count is None


def test_figures_are_kept_and_made_small(monkeypatch):
    monkeypatch.setattr(stored_form, "small_svg", str.lower)
    monkeypatch.setattr(stored_form, "small_png", str.upper)
    data = {"image/svg+xml": ["<SVG", "/>"], "image/png": "aGk=", "text/plain": "<Figure>"}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    (stored,) = normalise(code("plot()", outputs=[output], execution_count=1)).cells[-1].outputs
    assert stored.data == {"image/svg+xml": "<svg/>", "image/png": "AGK=", "text/plain": "<Figure>"}


def test_what_jupyter_adds_when_it_saves_goes_again():
    output = {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}
    course = {"made_from": {"cells": "0", "code": {}, "data": {}}, "seconds": 1.0}
    stored = normalise(text("# T"), code("print('a')\nprint('b')", outputs=[output], execution_count=1), course=course)
    saved = json.loads(stored_form.write(stored))
    saved["metadata"] |= {"toc": {"a": 1}, "kernelspec": {"name": "mine", "display_name": "Mine"}, "trusted": True}
    saved["metadata"]["language_info"] = {"name": "python", "version": "3.12.1", "nbconvert_exporter": "python"}
    for cell in saved["cells"]:
        cell["metadata"] |= {"collapsed": False, "trusted": True, "execution": {"iopub.execute_input": "now"}}
        cell["source"] = "".join(cell["source"])
    assert stored_form.write(stored_form.normalise(saved, REPOSITORY)) == stored_form.write(stored)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    save(path, b"one\n")
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        save(path, b"two\n")
    assert path.read_text() == "one\n"
    assert list(tmp_path.iterdir()) == [path]


def test_attachments_are_kept():
    attached = text("![a](attachment:a.txt)", attachments={"a.txt": {"text/plain": "a"}})
    assert normalise(attached).cells[0].attachments == attached["attachments"]


def test_solution_is_folded_everywhere_it_is_read():
    cell = normalise(code("x = 1", "solution")).cells[-1]
    assert cell.source == "# @title Solution\nx = 1"
    assert cell.metadata.tags == ["solution", "hide-cell"]
    assert cell.metadata.jupyter == {"source_hidden": True}
    assert cell.metadata.cellView == "form"
    assert cell.metadata.mystnb.code_prompt_show == "Show the solution"


def test_solution_keeps_its_own_prompt_and_title():
    given = code("# @title Solution by hand\nx = 1", "solution")
    given["metadata"]["mystnb"] = {"code_prompt_show": "Show both ways"}
    cell = normalise(given).cells[-1]
    assert cell.source.count("@title") == 1
    assert cell.metadata.mystnb.code_prompt_show == "Show both ways"


def test_colab_cell_comes_after_the_title_and_before_all_code():
    cells = normalise(text("# Title"), text("prose"), code("1")).cells
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "markdown", "code"]
    assert cells[1].id == "colab-setup"
    assert cells[1].metadata.tags == ["colab", "remove-cell"]
    assert cells[1].source == stored_form.colab_source(REPOSITORY)


def test_colab_cell_installs_the_package_only_and_on_colab_only():
    lines = stored_form.colab_source(REPOSITORY).splitlines()
    _, *inside = lines[lines.index('if "google.colab" in sys.modules:') :]
    assert all(line.startswith("    ") for line in inside)
    assert f"git+{REPOSITORY}" in "".join(inside)
    assert "tensorflow" not in "".join(lines)


def test_colab_cell_installs_what_a_lesson_needs_beside_the_package():
    cells = normalise(text("# T"), code("import optuna\n\nimport numpy")).cells
    assert cells[1].source == stored_form.colab_source(REPOSITORY, "import optuna")
    assert "    %pip install -q optuna\n" in cells[1].source
    assert normalise(cells[0], cells[1], cells[2]).cells[1].source == cells[1].source
    assert "optuna" not in normalise(text("# T"), code("print('import optuna')")).cells[1].source


def test_outdated_doubled_or_misplaced_colab_cells_become_one():
    stale = code("!pip install tensorflow", "colab")
    for cells in ([text("# T"), text("p"), stale, code("1")], [text("# T"), code("1"), stale, stale]):
        result = normalise(*cells).cells
        found = [index for index, cell in enumerate(result) if cell.get("id") == "colab-setup"]
        assert len(found) == 1
        assert all(cell.cell_type == "markdown" for cell in result[: found[0]])
        assert result[found[0]].source == stored_form.colab_source(REPOSITORY)
        assert len(result) == len([cell for cell in cells if cell is not stale]) + 1


def test_colab_cell_leaves_its_id_to_nobody_else():
    ids = [cell.id for cell in normalise(text("# T", id="colab-setup")).cells]
    assert ids.count("colab-setup") == 1


def test_result_is_a_valid_notebook():
    nbformat.validate(
        normalise(text("# T"), code("1", "solution"), {"cell_type": "raw", "metadata": {}, "source": "r"})
    )
