"""The pure parts of the figure draw-a-digit: ink of strokes, digits as drawings, and drawings in links."""

import base64
import json
import re

import numpy as np
import pytest

from course_utils import datasets

SIDE, PIXEL, RADIUS = 140, 5, 6


@pytest.fixture(scope="module")
def network(run_node) -> dict:
    """The trained network and its digits, as JavaScript sees them."""
    return run_node("digit-network.js", "data => data")


def point(x: int, y: int) -> int:
    """A point of a stroke as the figure keeps it."""
    return y * SIDE + x


def expected_ink(strokes, shift: int) -> np.ndarray:
    """Ink by the distance of each pixel from each segment, computed over the whole drawing."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    ink = np.zeros((SIDE, SIDE))
    for stroke in strokes:
        for first, second in zip([stroke[0], *stroke[:-1]], stroke, strict=True):
            a, b = (np.array([one % SIDE, one // SIDE], float) + shift * PIXEL for one in (first, second))
            length = ((b - a) ** 2).sum()
            along = np.clip(((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / (length or 1), 0, 1)
            distance = np.hypot(x - a[0] - along * (b - a)[0], y - a[1] - along * (b - a)[1])
            ink = np.maximum(ink, np.floor(255 * np.clip(RADIUS + 0.5 - distance, 0, 1)))
    return ink


STROKES = {
    "dot": [[point(70, 70)]],
    "one": [[point(70, 20), point(70, 120)]],
    "seven": [[point(30, 30), point(100, 33), point(55, 118)], [point(40, 75), point(90, 70)]],
    "corners": [[point(0, 0), point(139, 139)], [point(139, 0)]],
    "still": [[point(50, 60), point(50, 60)]],
}


@pytest.mark.parametrize("shift", [0, 4, -5])
@pytest.mark.parametrize("name", STROKES)
def test_ink_follows_the_distance_from_the_stroke(run_node, name, shift):
    ink = run_node("digit-pad.js", "(pad, [strokes, shift]) => pad.rasterise(strokes, shift)", [STROKES[name], shift])
    assert ink.dtype == np.uint8
    assert np.abs(ink.reshape(SIDE, SIDE) - expected_ink(STROKES[name], shift)).max() <= 1


def test_no_strokes_leave_no_ink(run_node):
    assert not run_node("digit-pad.js", "pad => pad.rasterise([])").any()


@pytest.mark.parametrize("shift", [0, 5, -3])
def test_digit_as_a_drawing(run_node, shift):
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    drawing = run_node("digit-pad.js", "(pad, [pixels, shift]) => pad.enlarge(pixels, shift)", [pixels, shift])
    padded = np.pad(pixels, 5)[5 - shift : 33 - shift, 5 - shift : 33 - shift]
    np.testing.assert_array_equal(drawing.reshape(SIDE, SIDE), np.kron(padded, np.ones((PIXEL, PIXEL))))


def test_bundled_digits_are_test_digits_and_are_read_as_recorded_however_they_lie(run_node, network):
    script = """([pad, network, model, preprocess], shift) => {
      const net = model.create(network), best = values => values.indexOf(Math.max(...values));
      return network.samples.map(({pixels}) => {
        const drawing = pad.enlarge(model.decode(pixels, "uint8"), shift);
        return best(net.forward(preprocess.toMnist(drawing, pad.SIDE, pad.SIDE).pixels).logits);
      });
    }"""
    digits, samples = datasets.load_mnist(), network["samples"]
    for one in samples:
        pixels = np.frombuffer(base64.b64decode(one["pixels"]), np.uint8).reshape(28, 28, 1)
        np.testing.assert_array_equal(pixels, digits.x_test[one["index"]])
        assert one["label"] == digits.y_test[one["index"]]
    assert {one["label"] for one in samples if one["label"] == one["predicted"]} == set(range(10))
    modules = ["digit-pad.js", "digit-network.js", "digit-model.js", "digit-preprocess.js"]
    for shift in (0, 4):
        assert run_node(modules, script, shift) == [one["predicted"] for one in samples]


def test_strokes_survive_a_link(run_node):
    generator = np.random.default_rng(1)
    strokes = [generator.integers(0, SIDE * SIDE, n).tolist() for n in (1, 2, 40)] + [[0], [SIDE * SIDE - 1]]
    script = "({strokesKind: kind}, strokes) => { const text = kind.write(strokes); return [text, kind.read(text)]; }"
    text, back = run_node("digit-pad.js", script, strokes)
    assert back == strokes
    assert re.fullmatch(r"[0-9a-z.]+", text)
    assert len(text) == 3 * sum(map(len, strokes)) + len(strokes) - 1
    assert run_node("digit-pad.js", script, []) == ["", []]


@pytest.mark.parametrize("text", ["zzz", "00", "0000", "00A", "000.12", "f4g", "--1", "NaN"])
def test_broken_strokes_are_refused(run_node, text):
    with pytest.raises(RuntimeError, match="RangeError: strokes="):
        run_node("digit-pad.js", f"pad => pad.strokesKind.read({json.dumps(text)})")
