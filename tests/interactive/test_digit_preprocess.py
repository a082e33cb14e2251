"""From a drawing to MNIST's form: digits pasted elsewhere come back, and with them the accuracy."""

import cv2
import numpy as np
import pytest
from scipy import ndimage

from course_utils.datasets import load_mnist
from course_utils.vision import digit_to_mnist

FILE = "digit-preprocess.js"
READ_BOTH = """([preprocess, model, data], { drawings, rows, columns }) => {
  const network = model.create(data), size = rows * columns, answers = { prepared: [], plain: [], pictures: [] };
  const read = ({ pixels }) => {
    const { logits } = network.forward(pixels);
    return logits.indexOf(Math.max(...logits));
  };
  for (let start = 0; start < drawings.length; start += size) {
    const drawing = drawings.subarray(start, start + size), prepared = preprocess.toMnist(drawing, rows, columns);
    answers.pictures.push(prepared.pixels);
    answers.prepared.push(read(prepared));
    answers.plain.push(read(preprocess.plain(drawing, rows, columns)));
  }
  return answers;
}"""


@pytest.fixture(scope="module")
def digits():
    data = load_mnist()
    return data.x_test[::25, ..., 0], data.y_test[::25]


@pytest.fixture(scope="module")
def read(run_node):
    def run(drawings):
        rows, columns = drawings.shape[1:]
        payload = {"drawings": drawings, "rows": rows, "columns": columns}
        found = run_node([FILE, "digit-model.js", "digit-network.js"], READ_BOTH, payload)
        pictures = np.reshape(found["pictures"], (-1, 28, 28))
        return pictures, np.array(found["prepared"]), np.array(found["plain"])

    return run


def pasted(pictures, height, width, seed=0):
    """Pictures somewhere on a black ground, each at a place of its own."""
    rng, ground = np.random.default_rng(seed), np.zeros((len(pictures), height, width), pictures.dtype)
    for canvas, picture in zip(ground, pictures, strict=True):
        i, j = (rng.integers(size - side + 1) for size, side in zip(canvas.shape, picture.shape, strict=True))
        canvas[i : i + picture.shape[0], j : j + picture.shape[1]] = picture
    return ground


def correlations(ours, theirs):
    return [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(ours, theirs, strict=True)]


def test_a_digit_pasted_elsewhere_comes_back_to_the_bit(read, digits):
    images, labels = digits
    # A few of MNIST's digits are 19 pixels long; nothing in them tells that they were not enlarged to 20.
    found, prepared, plain = read(pasted(images, 60, 45))
    usual = np.array([max(np.ptp(np.nonzero(image), axis=1)) == 19 for image in images])
    assert usual.mean() > 0.99
    np.testing.assert_array_equal(found[usual], images[usual].astype(np.float32))
    assert (prepared == labels).mean() > 0.98
    assert (plain == labels).mean() < 0.5


# What is enlarged smoothly has blurred ends; cutting at them changes the scale a little, and moves thin ones by a pixel.
@pytest.mark.parametrize(
    ("factor", "interpolation", "lowest", "mean"),
    [
        (5, cv2.INTER_NEAREST, 1 - 1e-9, 1 - 1e-9),
        (7.3, cv2.INTER_NEAREST, 0.45, 0.95),
        (7.3, cv2.INTER_LINEAR, 0.55, 0.9),
        (0.8, cv2.INTER_AREA, 0.7, 0.85),
    ],
)
def test_an_enlarged_or_shrunk_digit_comes_back(read, digits, factor, interpolation, lowest, mean):
    images, labels = digits[0][:100], digits[1][:100]
    scaled = np.stack([cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation) for image in images])
    found, prepared, _ = read(pasted(scaled, 230, 230))
    assert min(correlations(found, images)) > lowest
    assert np.mean(correlations(found, images)) > mean
    assert (prepared == labels).mean() >= 0.96


def test_accuracy_on_shifted_digits_is_restored(read, digits):
    images, labels = digits
    shifted = np.zeros_like(images)
    shifted[:, :-5, 5:] = images[:, 5:, :-5]
    whole = shifted.sum(axis=(1, 2), dtype=int) == images.sum(axis=(1, 2), dtype=int)
    assert whole.sum() > 100
    _, prepared, plain = read(shifted[whole])
    _, unmoved, _ = read(images[whole])
    np.testing.assert_array_equal(prepared, unmoved)
    assert (plain == labels[whole]).mean() < 0.6
    assert (prepared == labels[whole]).mean() > 0.98


def test_it_agrees_with_the_package(read, digits):
    drawings = pasted(np.stack([cv2.resize(image, (150, 150)) for image in digits[0][:30]]), 200, 200)
    found, _, _ = read(drawings)
    for picture, drawing in zip(found, drawings, strict=True):
        # The package rounds to bytes, and its interpolation of areas is OpenCV's: not to the bit, but near.
        np.testing.assert_allclose(picture, digit_to_mnist(drawing, photo=False), rtol=0, atol=1.01)


def test_steps_are_those_that_are_shown(run_node, digits):
    drawing = pasted(cv2.resize(digits[0][3], (90, 130))[None], 200, 160)[0]
    steps = run_node(FILE, "(preprocess, pixels) => preprocess.toMnist(pixels, 200, 160)", drawing)
    rows, columns = (np.flatnonzero(drawing.any(axis=axis)) for axis in (1, 0))
    box, scaled, shift = steps["box"], steps["scaled"], steps["shift"]
    assert (box["top"], box["rows"]) == (rows[0], rows[-1] - rows[0] + 1)
    assert (box["left"], box["columns"]) == (columns[0], columns[-1] - columns[0] + 1)
    picture = scaled["pixels"].reshape(scaled["rows"], scaled["columns"])
    assert max(picture.shape) == 20
    assert min(picture.shape) == round(20 * min(box["rows"], box["columns"]) / max(box["rows"], box["columns"]))
    cut = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    expected = cv2.resize(cut, picture.shape[::-1], interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(picture, expected, rtol=0, atol=1e-2)
    mass = ndimage.center_of_mass(picture)
    np.testing.assert_allclose((steps["mass"]["row"], steps["mass"]["column"]), mass, atol=1e-4)
    assert (shift["row"], shift["column"]) == tuple(np.round(14 - np.array(mass)))
    placed = np.zeros((28, 28), np.float32)
    placed[shift["row"] :, shift["column"] :][: picture.shape[0], : picture.shape[1]] = picture
    np.testing.assert_array_equal(steps["pixels"].reshape(28, 28), placed)


def test_plain_resizes_the_whole_drawing(run_node):
    drawing = np.random.default_rng(0).integers(0, 256, (140, 84), np.uint8)
    for rows, columns, how in ((140, 84, cv2.INTER_AREA), (14, 7, cv2.INTER_LINEAR)):
        part = drawing[:rows, :columns].astype(np.float32)
        payload = {"pixels": part, "rows": rows, "columns": columns}
        found = run_node(FILE, "({ plain }, { pixels, rows, columns }) => plain(pixels, rows, columns).pixels", payload)
        np.testing.assert_allclose(found.reshape(28, 28), cv2.resize(part, (28, 28), interpolation=how), atol=1e-3)


@pytest.mark.parametrize("corner", [(0, 0), (0, 19), (19, 0), (19, 19)])
def test_no_ink_is_lost_however_uneven_it_lies(run_node, corner):
    drawing = np.zeros((20, 20), np.uint8)
    drawing[0, 0] = drawing[0, 19] = drawing[19, 0] = drawing[19, 19] = 1
    drawing[corner] = 255
    found = run_node(FILE, "({ toMnist }, pixels) => toMnist(pixels, 20, 20)", drawing)
    assert found["pixels"].sum() == drawing.sum()
    assert found["shift"] == {"row": 0 if corner[0] else 8, "column": 0 if corner[1] else 8}


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (28, 28), (999, 3)])
def test_any_ink_in_any_shape_gives_a_picture(run_node, shape):
    payload = {"pixels": np.full(shape, 255, np.uint8), "rows": shape[0], "columns": shape[1]}
    for name in ("toMnist", "plain"):
        found = run_node(
            FILE, f"(one, {{ pixels, rows, columns }}) => one.{name}(pixels, rows, columns).pixels", payload
        )
        assert found.shape == (784,)
        assert found.max() == pytest.approx(255, abs=1e-3)
        assert found.min() >= 0


WRONG = [
    ("new Uint8Array(100), 10, 10", "the drawing is empty: draw a digit first"),
    ("new Float32Array(100).fill(0.4), 10, 10", "the drawing is empty"),
    ("new Uint8Array(100), 10, 9", "10 × 9 pixels are 90 numbers, not 100"),
    ("null, 10, 10", "10 × 10 pixels are 100 numbers, not none"),
    ("[], 0, 0", "whole numbers from 1 to 4096, not 0 and 0"),
    ("[], 1.5, 2", "not 1.5 and 2"),
    ("[], 1e9, 1", "whole numbers from 1 to 4096"),
    ("[1, NaN], 1, 2", "pixel 1 is NaN"),
    ("[1, -Infinity], 1, 2", "pixel 1 is -Infinity"),
    ("[256], 1, 1", "pixel 0 is 256"),
    ("['9'], 1, 1", "pixel 0 is 9"),
]


@pytest.mark.parametrize("name", ["toMnist", "plain"])
def test_wrong_input_is_named(run_node, name):
    calls = [f"preprocess.{name}({arguments})" for arguments, _ in WRONG]
    errors = run_node(
        FILE,
        """(preprocess, calls) => calls.map(call => {
          try {
            new Function("preprocess", call)(preprocess);
          } catch (error) {
            return `${error.name}: ${error.message}`;
          }
        })""",
        calls,
    )
    for call, (_, message), error in zip(calls, WRONG, errors, strict=True):
        assert error is not None, call
        assert error.startswith("RangeError: "), error
        assert message in error
