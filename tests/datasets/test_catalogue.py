"""Every data set of the course stands in the catalogue because its module says so."""

import pkgutil
from pathlib import Path

import pytest

from course_utils import datasets
from course_utils.datasets import _catalogue


def test_every_loader_without_required_arguments_is_found():
    found = {entry.load.__name__ for entry in _catalogue.entries().values()}
    assert {"load_mnist", "load_cifar10", "load_digits8x8", "load_faces", "load_photo_patches", "make_xo"} <= found
    assert "mnist-c" in _catalogue.entries()


def test_a_new_module_is_found_without_a_list(tmp_path, monkeypatch):
    (tmp_path / "stripes.py").write_text(
        "from course_utils.datasets._entry import Entry\n"
        "def load_stripes():\n    raise ValueError('the stripes are gone')\n"
        "ENTRY = Entry('stripes', 'stripes', '1 kB', 'CC0', 'the course', load_stripes)\n"
    )
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(tmp_path)])
    entry = _catalogue.entries()["stripes"]
    assert entry.is_here()
    assert entry.problems() == ["the stripes are gone"]
    assert entry.fetch(print) is None


def test_what_comes_with_the_course_stands_first_and_names_are_unique():
    entries = list(_catalogue.entries().values())
    homes = [entry.home == "the course" for entry in entries]
    assert homes == sorted(homes, reverse=True)
    declared = [
        module.name
        for module in pkgutil.iter_modules(datasets.__path__)
        if "\nENTRY = " in (Path(datasets.__file__).parent / f"{module.name}.py").read_text(encoding="utf-8")
    ]
    assert len(declared) == len(entries)


@pytest.mark.parametrize("entry", _catalogue.entries().values(), ids=lambda entry: entry.name)
def test_entries_say_where_their_data_are(entry):
    assert (entry.home == "the data folder") == (entry.place is not None)
    assert all((entry.name, entry.title, entry.size, entry.licence, entry.home))
    if entry.place:
        assert not entry.is_here()  # the data folder of this test is empty
