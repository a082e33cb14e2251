"""Exercises of the lesson on signals and text: the right answers computed in another way; text is cut as it says."""

import ast
import json
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy import signal

from course_utils.lessons.signals_and_text import checks, text

ROOT = Path(__file__).parents[2]


def right(results):
    return all(result.right for result in results)


def seen(dilations, kernel_size, padding, length, place):
    """The inputs that change one output of a stack of ones, counted by poking them one by one."""
    rows = keras.ops.convert_to_tensor(np.eye(length, dtype="float32")[..., None])
    for dilation in dilations:
        layer = keras.layers.Conv1D(
            1, kernel_size, dilation_rate=dilation, padding=padding, kernel_initializer="ones", use_bias=False
        )
        rows = layer(rows)
    return np.flatnonzero(keras.ops.convert_to_numpy(rows)[:, place, 0])


def test_how_far_back_is_what_keras_sees():
    once = len(seen([2**n for n in range(10)], 2, "causal", 1100, 1099))
    field = 0  # three rounds: walk back from now, sample by sample of each layer
    oldest = 0
    for dilation in [2**n for n in range(10)] * 3:
        oldest += dilation
    field = oldest + 1
    assert right(checks.look_back.evaluate(once, once / 16000 * 1000, field))


def test_the_forecaster_sees_seven_samples_ahead():
    places = seen([1, 2, 4], 3, "same", 64, 30)
    assert right(checks.leak.evaluate(places.max() - 30, "b"))
    assert seen([1, 2, 4], 3, "causal", 64, 30).max() == 30  # (b) helps
    assert seen([1, 1, 1], 3, "same", 64, 30).max() > 30  # (c) does not


def test_causal_convolution_is_scipys_filter():
    def causal_conv(x, w, dilation):
        taps = np.zeros((len(w) - 1) * dilation + 1)
        taps[::dilation] = w[::-1]
        return signal.lfilter(taps, 1, x)

    assert right(checks.causal.evaluate(causal_conv))


def test_not_bad_is_found_by_keras():
    weights = np.array(checks.not_bad.fields[0].right(), "float32")
    layer = keras.layers.Conv1D(1, 2)
    layer.build((None, None, 2))
    layer.set_weights([weights[:4].reshape(2, 2, 1), weights[4:]])
    for sentence, there in {"it is not bad": True, "bad not": False, "not so bad": False, "good not bad": True}.items():
        z = keras.ops.convert_to_numpy(layer(checks.encode(sentence)[None].astype("float32")))
        assert (z.max() > 0) == there == ("not bad" in sentence)


@pytest.mark.parametrize(
    ("sound", "answer"),
    [
        (lambda t: np.sin(2 * np.pi * 1000 * t) + np.sin(2 * np.pi * 1020 * t), "hums"),
        (lambda t: 20.0 * np.isin(np.arange(len(t)), [4000, 4120]), "knocks"),
    ],
)
def test_windows_tell_apart(sound, answer):
    """Only the right window has a valley between the two."""
    time = np.arange(8000) / 8000
    apart = []
    for window in (64, 256, 2048):
        f, t, s = signal.spectrogram(
            sound(time), 8000, nperseg=window, noverlap=window - 8, detrend=False, mode="magnitude"
        )
        if answer == "hums":
            curve, axis, ends = s.mean(axis=1), f, (1000, 1020)
        else:
            curve, axis, ends = s[abs(f - 2000).argmin()], t, (0.5, 0.515)
        low, middle, high = (curve[abs(axis - place).argmin()] for place in (ends[0], np.mean(ends), ends[1]))
        if middle < min(low, high) / 2:
            apart.append(window)
    field = next(field for field in checks.windows.fields if field.name == answer)
    assert apart == [field.right()]


@pytest.mark.parametrize("weights", [[0, 1, -1, 0, -1], [0, 2, -1, 0, -2.5], [0, 5, -5, -5, -6], [0, 1, -1, 0, -1.5]])
def test_every_filter_for_not_bad_is_accepted(weights):
    """Right for every pair of words that the toy knows, so right for every sentence."""
    kernel = np.reshape(weights[:4], (2, 2))
    for first in ("good", "bad", "not", "film"):
        for second in ("good", "bad", "not", "film"):
            z = (kernel * checks.encode(f"{first} {second}")).sum() + weights[4]
            assert (z > 0) == ((first, second) == ("not", "bad"))
    assert right(checks.not_bad.evaluate(weights))


def test_no_wrong_filter_for_not_bad_is_accepted():
    """Of many filters near a right one, those that the exercise takes are those that are right for every pair of words."""
    words = [np.array(word) for word in ((1, 0), (-1, 0), (0, 1), (0, 0))]
    rng = np.random.default_rng(0)
    found = 0
    for weights in rng.integers([-2, 1, -5, -2, -6], [3, 6, 0, 3, -1], (3000, 5)):
        sums = {
            (i, j): weights[:2] @ one + weights[2:4] @ two + weights[4]
            for i, one in enumerate(words)
            for j, two in enumerate(words)
        }
        fits = all((z > 1e-9) == (pair == (2, 1)) for pair, z in sums.items())
        assert right(checks.not_bad.evaluate(weights.tolist())) == fits
        found += fits
    assert 10 < found < 2000


def test_modules_of_the_lesson_are_single_source_files():
    """So that their lines are text of every Python that the course supports; a package would give its __init__ alone."""
    notebook = ROOT / "book" / "9-beyond" / "signals-and-text.ipynb"
    cell = next(cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["id"] == "characters")
    names = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse("".join(cell["source"])).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List)
        for target in node.targets
    }
    assert not set(names["read"]) & set(names["unread"])
    for name in names["read"] + names["unread"]:
        spec = find_spec(name)
        assert spec.submodule_search_locations is None, f"{name} is a package"
        assert spec.origin.endswith(f"{name}.py")


def test_a_form_feed_does_not_shift_the_labels(tmp_path, monkeypatch):
    (tmp_path / "module_with_form_feed.py").write_text(
        "first = [number + 1 for number in range(10)]\n\x0c\n\n"
        'def function():\n    """A docstring that is long enough for a piece."""\n'
        "    return [number + 2 for number in range(10)]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert text.pieces(["module_with_form_feed"])[1] == [0, 1, 0]


def test_pieces_are_code_and_docstrings(tmp_path, monkeypatch):
    (tmp_path / "made_up_module.py").write_text(
        '"""A docstring that is long enough for a piece."""\n\n# a comment of a whole line that is left out\n'
        "value = [number + 1 for number in range(10)]\n"
        "short = 1\n\n\ndef function():\n"
        '    """Another docstring, also long enough here.\n\n    >>> function() and something that is long\n    """\n'
        '    return "a text that is long, and no docstring"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    found, labels = text.pieces(["made_up_module"])
    assert found == [
        "A docstring that is long enough ",
        "value = [number + 1 for number i",
        "Another docstring, also long eno",
        'return "a text that is long, and',
    ]
    assert labels == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("modules", "length"), [("csv", 32), ([3], 32), (["csv"], 0), (["no_such_module"], 32), (["sys"], 32)]
)
def test_nonsense_is_refused(modules, length):
    with pytest.raises(ValueError, match=r"modules|length"):
        text.pieces(modules, length)
