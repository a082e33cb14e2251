"""What benchmarks measured is saved whole or not at all, and every benchmark has results that say when and where."""

import datetime
import json
import os
from importlib.metadata import version
from pathlib import Path

import pytest
import scripts

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def record():
    return scripts.load("benchmarks/_record.py")


def test_every_benchmark_has_results_and_every_result_a_benchmark():
    made = {path.stem for path in (FOLDER / "results").glob("*.json")}
    assert made == {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}
    for name in made:
        content = json.loads((FOLDER / "results" / f"{name}.json").read_text(encoding="utf-8"))
        assert datetime.date.fromisoformat(content["date"]) <= datetime.date.today()
        assert {"processor", "cores", "system", "python", "keras", "numpy"} <= content["machine"].keys()


def test_figures_are_saved_with_date_and_machine(record, tmp_path):
    path = record.save("speed", {"seconds": [1.5]}, tmp_path / "speed.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["seconds"] == [1.5]
    assert content["date"] == datetime.date.today().isoformat()
    assert (content["machine"]["cores"], content["machine"]["keras"]) == (os.cpu_count(), version("keras"))
    assert [file.name for file in tmp_path.iterdir()] == ["speed.json"]


def test_figures_that_cannot_be_saved_leave_the_old_ones(record, tmp_path, monkeypatch):
    path = record.save("speed", {"seconds": 1}, tmp_path / "speed.json")
    before = path.read_bytes()
    with pytest.raises(TypeError):
        record.save("speed", {"seconds": object()}, path)
    assert path.read_bytes() == before

    def interrupted(*arguments):
        raise OSError("no space left on device")

    monkeypatch.setattr(record.os, "replace", interrupted)
    with pytest.raises(OSError, match="no space"):
        record.save("speed", {"seconds": 2}, path)
    assert path.read_bytes() == before
