"""The digit network of the page against Keras and ``course_utils.explain``: every layer, every class, every test digit."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import scripts

from course_utils import explain, models
from course_utils.datasets import load_mnist
from course_utils.models import _trained

ROOT = Path(__file__).parents[2]
INTERACTIVE = ROOT / "book" / "interactive"
FILES = ["digit-model.js", "digit-network.js"]


@pytest.fixture(scope="module")
def script():
    """The script that makes the page's file."""
    return scripts.load("data_scripts/make_fast_network.py")


@pytest.fixture(scope="module")
def digits():
    return load_mnist()


@pytest.fixture(scope="module")
def trained():
    return models.trained("mnist_fast")


@pytest.fixture(scope="module")
def rounded(script, trained):
    """The Keras model with the weights that the page computes with."""
    model = models.mnist_fast()
    _trained.assign(model, script.dequantised(_trained.weights_of(trained)))
    return model


@pytest.fixture(scope="module")
def rounded_logits(digits, rounded):
    """Keras's logits of all 10 000 test digits with those weights."""
    return rounded.predict(digits.x_test, batch_size=1000, verbose=0)


@pytest.fixture(scope="module")
def data(run_node):
    """The page's file."""
    return run_node("digit-network.js", "data => data")


@pytest.fixture(scope="module")
def chosen(data):
    """Numbers of the test digits that the page's code is run on: every twentieth, and those that the page shows."""
    return np.union1d(np.arange(0, 10_000, 20), [sample["index"] for sample in data["samples"]])


@pytest.fixture(scope="module")
def page_logits(run_node, digits, chosen):
    """Logits of these digits, computed by the page's code from the page's file."""
    found = run_node(
        FILES,
        """([model, data], images) => {
          const network = model.create(data), logits = new Float32Array(images.length / 784 * 10);
          for (let n = 0; n * 784 < images.length; n++) {
            logits.set(network.forward(images.subarray(n * 784, (n + 1) * 784)).logits, n * 10);
          }
          return logits;
        }""",
        digits.x_test[chosen],
    )
    return found.reshape(-1, 10)


def test_float_weights_give_the_activations_of_keras(run_node, script, trained, digits):
    chosen = digits.x_test[::20]
    found = run_node(
        "digit-model.js",
        """(model, { data, images }) => {
          const network = model.create(data), results = [];
          for (let start = 0; start < images.length; start += 784) {
            results.push(network.forward(images.subarray(start, start + 784)));
          }
          const joined = parts => {
            const all = new Float32Array(parts.length * parts[0].length);
            parts.forEach((part, i) => all.set(part, i * part.length));
            return all;
          };
          return {
            layers: network.layers.map(({ name, kind, shape }, i) => ({ name, kind, shape, values: joined(results.map(result => result.layers[i].values)) })),
            described: results[0].layers.map(({ name, kind, shape }) => ({ name, kind, shape })),
            logits: joined(results.map(result => result.logits)),
            probabilities: joined(results.map(result => result.probabilities)),
          };
        }""",
        {"data": script.network(trained, as_int8=False), "images": chosen},
    )
    assert len(chosen) == 500
    expected = explain.activations(trained, chosen)
    del expected["flatten"]
    assert [layer["name"] for layer in found["layers"]] == list(expected)
    for layer, described in zip(found["layers"], found["described"], strict=True):
        values = layer.pop("values").reshape(500, *layer["shape"])
        keras_values = expected[layer["name"]].reshape(values.shape)
        np.testing.assert_allclose(values, keras_values, rtol=0, atol=1e-4, err_msg=layer["name"])
        assert layer == described
    logits = found["logits"].reshape(500, 10)
    np.testing.assert_allclose(logits, expected["logits"], rtol=0, atol=1e-4)
    odds = np.exp(expected["logits"] - expected["logits"].max(axis=1, keepdims=True))
    probabilities = found["probabilities"].reshape(500, 10)
    np.testing.assert_allclose(probabilities, odds / odds.sum(axis=1, keepdims=True), rtol=0, atol=1e-5)


def test_the_page_computes_what_keras_does_with_the_rounded_weights(page_logits, rounded_logits, chosen):
    assert len(chosen) > 500
    np.testing.assert_allclose(page_logits, rounded_logits[chosen], rtol=0, atol=1e-4)
    np.testing.assert_array_equal(page_logits.argmax(axis=1), rounded_logits[chosen].argmax(axis=1))


def test_rounded_weights_give_the_same_classes_and_accuracy(rounded_logits, trained, digits, data):
    """With the test above, this holds for the page too, which takes half a minute for all digits."""
    exact_logits = trained.predict(digits.x_test, batch_size=1000, verbose=0)
    assert (rounded_logits.argmax(axis=1) == exact_logits.argmax(axis=1)).mean() >= 0.998
    accuracy, exact = ((z.argmax(axis=1) == digits.y_test).mean() for z in (rounded_logits, exact_logits))
    assert abs(accuracy - exact) <= 0.001
    assert data["accuracy"] == {"digits": 10_000, "float": pytest.approx(exact), "int8": pytest.approx(accuracy)}
    assert 1e-3 < np.abs(rounded_logits - exact_logits).max() < 0.5


def test_grad_cam_equals_that_of_the_package(run_node, rounded, digits):
    chosen = digits.x_test[[3, 2, 1, 18, 4, 8, 11, 0, 61, 7, 321, 4078]]  # of each class, and two hard ones
    found = run_node(
        FILES,
        """([model, data], images) => {
          const network = model.create(data), cams = [];
          for (let start = 0; start < images.length; start += 784) {
            const result = network.forward(images.subarray(start, start + 784));
            for (let number = 0; number < 10; number++) cams.push(network.gradCam(result, number));
          }
          return cams;
        }""",
        chosen,
    )
    kernel = rounded.get_layer("logits").get_weights()[0].reshape(3, 3, 64, 10)
    for number in range(10):
        coarse, fine = (explain.grad_cam(rounded, chosen, number, upsample=upsample) for upsample in (False, True))
        assert coarse[number].max() > 0.05
        for index in range(len(chosen)):
            cam = found[index * 10 + number]
            assert (cam["rows"], cam["columns"]) == (3, 3)
            np.testing.assert_allclose(cam["map"].reshape(3, 3), coarse[index], rtol=0, atol=1e-4)
            np.testing.assert_allclose(cam["upsampled"].reshape(28, 28), fine[index], rtol=0, atol=1e-4)
            np.testing.assert_allclose(cam["weights"], kernel.mean(axis=(0, 1))[:, number], rtol=0, atol=1e-6)


def test_terms_are_those_of_the_sum(run_node, rounded, digits):
    """The terms behind cells of all layers: values lie where they say, weights are the kernel's, and they add up."""
    picture, rng = digits.x_test[18], np.random.default_rng(0)
    expected = {key: array for key, array in explain.activations(rounded, picture).items() if key != "flatten"}
    expected["logits"] = expected["logits"].reshape(1, 1, 10)
    arrays = list(expected.values())
    cells = [
        (number, *(int(rng.integers(size)) for size in array.shape))
        for number, array in enumerate(arrays)
        for _ in range(20)
    ]
    found = run_node(
        FILES,
        """([model, data], { picture, cells }) => {
          const network = model.create(data), result = network.forward(picture);
          return cells.map(cell => network.explain(result, ...cell));
        }""",
        {"picture": picture, "cells": cells},
    )
    count = {"rescale": 1, "affine": 1, "relu": 1, "maxpool": 4, "dense": 576}
    kernels = {layer.name: layer.get_weights()[0] for layer in rounded.layers if layer.name.startswith("conv")}
    kernels["logits"] = rounded.get_layer("logits").get_weights()[0].reshape(3, 3, 64, 10)
    for (number, row, column, channel), sum_ in zip(cells, found, strict=True):
        name, before = list(expected)[number], arrays[number - 1] if number else picture.astype(np.float32)
        rows, columns, channels, values, weights, products = (
            np.array([term[key] for term in sum_["terms"]])
            for key in ("row", "column", "channel", "value", "weight", "product")
        )
        np.testing.assert_allclose(before[rows, columns, channels], values, rtol=0, atol=1e-4)
        np.testing.assert_allclose(products, values * weights, rtol=1e-6, atol=1e-9)
        if name in kernels:
            own = kernels[name][rows - row, columns - column, channels, channel]
            np.testing.assert_allclose(weights, own, rtol=1e-6)
        kind = sum_["kind"]
        total = products.max() if kind == "maxpool" else products.sum() + sum_["bias"]
        assert sum_["value"] == pytest.approx(max(total, 0) if kind == "relu" else total, abs=1e-4)
        assert sum_["value"] == pytest.approx(float(arrays[number][row, column, channel]), abs=1e-4)
        positions = set(zip(rows, columns, channels, strict=True))
        assert len(positions) == len(products) == (kernels[name][..., 0].size if kind == "conv" else count[kind])


WRONG = [
    ("network.forward(new Float32Array(783))", "a picture has 784 pixels, not 783"),
    ("network.forward()", "a picture has 784 pixels, not none"),
    ("network.forward(new Float32Array(784).fill(NaN))", "from 0 to 255, but pixel 0 is NaN"),
    ("network.forward(Array(784).fill(0).map((_, i) => i === 7 ? Infinity : 0))", "pixel 7 is Infinity"),
    ("network.forward(new Float32Array(784).fill(-1))", "pixel 0 is -1"),
    ("network.forward(Array(784).fill(256))", "pixel 0 is 256"),
    ("network.forward(Array(784).fill('ink'))", "pixel 0 is ink"),
    ("network.gradCam(result, 10)", "the class must be a whole number from 0 to 9, not 10"),
    ("network.gradCam(result, -1)", "the class must be a whole number from 0 to 9, not -1"),
    ("network.gradCam(result, 1.5)", "not 1.5"),
    ("network.explain(result, 13, 0, 0, 0)", "the layer must be a whole number from 0 to 12, not 13"),
    ("network.explain(result, 1, 24, 0, 0)", "the row must be a whole number from 0 to 23, not 24"),
    ("network.explain(result, 1, 0, -1, 0)", "the column must be"),
    ("network.explain(result, 1, 0, 0, 16)", "the channel must be"),
    ("network.explain(result, 1, 0, 0)", "the channel must be a whole number from 0 to 15, not undefined"),
]


def test_wrong_input_is_named(run_node):
    errors = run_node(
        FILES,
        """([model, data], expressions) => {
          const network = model.create(data), result = network.forward(new Uint8Array(784));
          return expressions.map(expression => {
            try {
              new Function("network", "result", expression)(network, result);
            } catch (error) {
              return `${error.name}: ${error.message}`;
            }
          });
        }""",
        [expression for expression, _ in WRONG],
    )
    for (expression, message), error in zip(WRONG, errors, strict=True):
        assert error is not None, expression
        assert error.startswith("RangeError: "), error
        assert message in error


def test_blank_picture_is_no_error(run_node):
    probabilities = run_node(FILES, "([model, data]) => model.create(data).forward(new Uint8Array(784)).probabilities")
    assert probabilities.sum() == pytest.approx(1, abs=1e-6)


def test_samples_are_what_they_say(page_logits, chosen, rounded_logits, run_node, digits, data):
    samples, predicted = data["samples"], rounded_logits.argmax(axis=1)
    by_page = dict(zip(chosen, page_logits.argmax(axis=1), strict=True))
    pixels = run_node(FILES, "([model, data]) => data.samples.map(({ pixels }) => model.decode(pixels, 'uint8'))")
    for sample, picture in zip(samples, pixels, strict=True):
        np.testing.assert_array_equal(picture.reshape(28, 28, 1), digits.x_test[sample["index"]])
        assert sample["label"] == digits.y_test[sample["index"]]
        assert sample["predicted"] == predicted[sample["index"]] == by_page[sample["index"]]
    right = [sample for sample in samples if sample["label"] == sample["predicted"]]
    wrong = [sample for sample in samples if sample["label"] != sample["predicted"]]
    assert (len(right), len(wrong)) == (12, 8)
    assert [sample["label"] for sample in right[:10]] == list(range(10))
    for sample in right[:10]:
        earlier = np.flatnonzero(digits.y_test[: sample["index"]] == sample["label"])
        assert (predicted[earlier] != sample["label"]).all()
    assert len({sample["label"] for sample in wrong}) == 8
    assert len({sample["index"] for sample in samples}) == 20


def test_files_are_small_and_plain():
    sizes = {name: len(gzip.compress((INTERACTIVE / name).read_bytes())) for name in (*FILES, "digit-preprocess.js")}
    assert sizes["digit-network.js"] <= 40_000
    assert sizes["digit-model.js"] + sizes["digit-preprocess.js"] <= 6_000
    text = (INTERACTIVE / "digit-network.js").read_text(encoding="ascii")
    start = text.index("this, {") + len("this, ")
    assert json.loads(text[start : text.rindex(");")])["name"] == "mnist_fast"


def test_the_page_finds_the_modules_as_globals(run_node):
    """A classic script has no ``module``: what it gives then hangs on ``self``."""
    names = run_node(
        FILES,
        """(modules, files) => {
          const fs = require("fs"), vm = require("vm"), self = {};
          for (const file of files) vm.runInNewContext(fs.readFileSync(file, "utf8"), { self, atob });
          return Object.keys(self);
        }""",
        [str(INTERACTIVE / name) for name in (*FILES, "digit-preprocess.js")],
    )
    assert names == ["CourseDigitModel", "CourseDigitNetwork", "CourseDigitPreprocess"]
