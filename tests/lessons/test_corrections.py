"""The corrections: what hears the libraries' words hears them, and the page's lists are those of its entries."""

import ast
import builtins
import json
import logging
import os
import re
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_utils import layers
from course_utils.lessons.corrections import trials
from course_utils.lessons.corrections.trials import digit_perceptron, network, quiet, raises, says

PAGE = Path(__file__).parents[2] / "book" / "appendix" / "corrections.ipynb"
CELLS = nbformat.read(PAGE, as_version=4).cells
OURS = "is missing, or no picture"
"""The one message that no library says, but a function of the page."""


def entries():
    """Headings of the third level with the text and the code of each entry, without those of the contents."""
    found, heading = {}, None
    for cell in CELLS:
        if cell.cell_type == "markdown" and (line := re.search(r"^(##+) (.+)$", cell.source, re.MULTILINE)):
            heading = line.group(2) if line.group(1) == "###" and not line.group(2).startswith("By ") else None
        if heading:
            found.setdefault(heading, {"markdown": "", "code": ""})[cell.cell_type] += f"\n{cell.source}"
    return found


ENTRIES = entries()


def slug(heading):
    """The address of a heading as MyST makes it."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()).replace(" ", "-")


def listed(title):
    """Text and address of each link of a list of the contents."""
    text = next(cell.source for cell in CELLS if cell.source.startswith(f"### {title}\n"))
    return re.findall(r"^- \[(.+)\]\(#(.+)\)$", text, re.MULTILINE)


def told(code):
    """The texts that the cells of an entry look for in messages."""
    joined = re.sub(r'"\s*\n\s*"', "", code)
    texts = re.findall(r'(?:raises\(\s*[\w.]+,|says\()\s*("(?:[^"\\]|\\.)*")', joined)
    return [text for text in map(json.loads, texts) if text != OURS]


# --- the page


def agree(title, needed, there, mark=""):
    """Fail unless a list of the contents has the links that it needs, saying which lines to write."""
    lines = [f"- [{mark}{text}{mark}](#{address})" for text, address in needed if (text, address) not in there]
    assert not lines, f"add to '{title}', where it stands in its order:\n" + "\n".join(lines)
    gone = [text for text, address in there if (text, address) not in needed]
    assert not gone, f"no entry has these, take them out of '{title}': {gone}"
    assert there == needed, f"'{title}' is not in its order"


def test_a_line_that_is_missing_in_the_contents_is_told():
    with pytest.raises(AssertionError, match=r"(?s)add to 'By message'.*- \[`b`\]\(#c\)"):
        agree("By message", [("a", "a"), ("b", "c")], [("a", "a")], mark="`")
    with pytest.raises(AssertionError, match=r"take them out of 'By subject': \['b'\]"):
        agree("By subject", [("a", "a")], [("a", "a"), ("b", "c")])
    with pytest.raises(AssertionError, match="not in its order"):
        agree("By subject", [("a", "a"), ("b", "c")], [("b", "c"), ("a", "a")])


def test_every_entry_is_in_the_contents_and_nothing_else():
    agree("By subject", [(heading, slug(heading)) for heading in ENTRIES], listed("By subject"))
    assert len(ENTRIES) > 75


def test_every_message_is_listed_with_the_entry_that_hears_it():
    heard = sorted((text, slug(heading)) for heading, entry in ENTRIES.items() for text in told(entry["code"]))
    needed, there = (
        sorted((text.strip("` "), address) for text, address in pairs) for pairs in (heard, listed("By message"))
    )
    agree("By message", needed, there, mark="`")
    assert len(heard) > 50


@pytest.mark.parametrize("heading", ENTRIES)
def test_every_entry_proves_what_it_says(heading):
    entry = ENTRIES[heading]
    assert re.search(r"\bassert|np\.testing\.", entry["code"]), "no assert: a cell of the entry proves it"
    assert len(entry["markdown"].split()) < 160, "an entry has fewer than 160 words"
    assert not re.search(r"tutorial|blog|course on", entry["markdown"], re.IGNORECASE), "nobody is named"


@pytest.mark.parametrize("heading", [heading for heading, entry in ENTRIES.items() if told(entry["code"])])
def test_a_message_stands_beside_its_cause(heading):
    """At least its beginning or its end: what a reader would paste into a search."""
    text = ENTRIES[heading]["markdown"].replace("`", "")
    for message in told(ENTRIES[heading]["code"]):
        words = message.replace("`", "").split()
        assert any(" ".join(part) in text for part in (words[:3], words[-3:])), (
            f"the text of the entry must have the first or the last three words of {message!r}"
        )


# --- what hears


def test_an_error_with_the_text_is_printed(capsys):
    with raises(ValueError, "of two"):
        raise ValueError("a line\n  of two \x1b[1mlines\x1b[0m")
    assert capsys.readouterr().out == "ValueError: a line of two lines\n"


def test_a_long_message_is_cut_around_the_text_and_fits(capsys):
    with raises(KeyError, "the end"):
        raise KeyError("word " * 200 + "the end")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 79
    assert lines[0].startswith("KeyError: … ")
    assert lines[-1].endswith("the end'") or lines[-1].endswith("the end …")


def test_folders_of_a_machine_are_left_out(capsys):
    with raises(OSError, "path/integrity in"):
        raise OSError("check path/integrity in (/opt/some/one/a.py) of https://example.org/a/b")
    assert capsys.readouterr().out == "OSError: check path/integrity in (…/a.py) of https://example.org/a/b\n"


def test_no_error_another_text_and_another_kind_are_told_apart():
    with pytest.raises(AssertionError, match="nothing was raised; expected ValueError: x"), raises(ValueError, "x"):
        pass
    with pytest.raises(AssertionError, match="and not 'x'"), raises(ValueError, "x"):
        raise ValueError("y")
    with pytest.raises(KeyError), raises(ValueError, "x"):
        raise KeyError("x")


SPEAKERS = {
    "UserWarning": lambda: warnings.warn("a word", stacklevel=1),
    "log": lambda: logging.getLogger("absl").warning("a word"),
    "on the screen": lambda: os.write(2, b"a word\n"),
}


@pytest.mark.parametrize("kind", SPEAKERS)
def test_what_is_said_is_heard(kind, capsys):
    with says("a word"):
        SPEAKERS[kind]()
    assert f"{kind}: a word" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="not said: 'another'"), says("another"):
        SPEAKERS[kind]()
    with pytest.raises(AssertionError, match="something was said"), quiet():
        SPEAKERS[kind]()


def test_silence_is_silence_and_the_screen_is_given_back(capfd):
    with quiet():
        pass
    with pytest.raises(ZeroDivisionError), quiet():
        raise ZeroDivisionError(os.write(2, b"hidden\n"))
    os.write(2, b"seen\n")
    assert capfd.readouterr().err == "seen\n"


def test_a_network_is_compiled_and_not_for_xla():
    import keras

    model = network(keras.layers.Dense(2), shape=(3,), optimizer="adam", metrics=["accuracy"])
    assert model.output_shape == (None, 2)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert not model.jit_compile
    assert model.metrics_names


# --- the perceptron

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(32, 5)), RNG.integers(0, 3, 32)
X[0], Y[0] = 1, 2  # so that there are three classes


def test_its_slopes_are_those_of_the_loss():
    weights = [RNG.normal(size=shape) for shape in ((5, 4), (4, 3), (4,), (3,))]

    def loss():
        logits = np.maximum(X @ weights[0] + weights[2], 0) @ weights[1] + weights[3]
        return layers.sparse_categorical_cross_entropy(Y, logits, from_logits=True)

    for array, slope in zip(weights, trials._slopes(weights, X, Y), strict=True):
        np.testing.assert_allclose(slope, layers.numeric_gradient(loss, array), atol=1e-6)


@pytest.mark.parametrize(("optimizer", "update"), [("sgd", layers.sgd_update), ("adam", layers.adam_update)])
def test_its_steps_are_those_of_the_layers(optimizer, update):
    """One batch an epoch: three steps from the same start, in any order of the pictures."""
    rng = np.random.default_rng(7)
    kernels = [rng.uniform(-1, 1, pair) * np.sqrt(6 / sum(pair)) for pair in ((5, 4), (4, 3))]
    steps = [("dense", {"kernel": kernels[0], "bias": np.zeros(4)}), ("relu",)]
    chain = layers.Network([*steps, ("dense", {"kernel": kernels[1], "bias": np.zeros(3)})])
    state = None
    for _ in range(3):
        logits, caches = chain.forward(X)
        _, cache = layers.sparse_categorical_cross_entropy_forward(Y, logits, from_logits=True)
        _, gradients = chain.backward(layers.sparse_categorical_cross_entropy_backward(1.0, cache), caches)
        state = chain.update(gradients, update, state, learning_rate=0.05)
    found = digit_perceptron(X, Y, width=4, rate=0.05, optimizer=optimizer, epochs=3, seed=7)
    np.testing.assert_allclose(found(X), chain.forward(X)[0], atol=1e-5)


def test_a_seed_is_a_training():
    first, same, other = (digit_perceptron(X, Y, epochs=2, seed=seed)(X) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_lessons_link_entries_that_are_there():
    linked = {}
    for path in PAGE.parents[1].glob("*/*.ipynb"):
        text = "".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
        for address in re.findall(r"appendix/corrections\.ipynb#([^)\s]+)\)", text):
            linked.setdefault(address, []).append(path.stem)
    assert set(linked) <= {slug(heading) for heading in ENTRIES}
    assert len({lesson for lessons in linked.values() for lesson in lessons}) > 15


def names(code, kind):
    """Names that code reads or makes, those of its arguments, functions and imports with them."""
    tree = ast.parse(code)
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, kind)}
    if kind is ast.Store:
        found |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        found |= {alias.asname or alias.name for node in imports for alias in node.names}
    return found


def test_no_entry_needs_another():
    start = next(place for place, cell in enumerate(CELLS) if cell.source.startswith("## Versions"))
    end = next(place for place, cell in enumerate(CELLS) if cell.source.startswith("## Layers"))
    at_first = "\n".join(cell.source for cell in CELLS[start:end] if cell.cell_type == "code")
    known = names(at_first, ast.Store) | set(dir(builtins)) | {"num_classes"}  # which is missing on purpose
    missing = {
        heading: names(entry["code"], ast.Load) - names(entry["code"], ast.Store) - known
        for heading, entry in ENTRIES.items()
    }
    assert not {heading: some for heading, some in missing.items() if some}
