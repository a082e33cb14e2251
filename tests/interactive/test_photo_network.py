"""The page's ImageNet network against Keras on thirty real pictures, and the classes that it learns from examples."""

import subprocess
import sys

import numpy as np
import pytest
import scripts

from course_utils import models
from course_utils.models import _trained

SIZE = 160
SHOTS = 3  # of each photograph
OF_NETWORK = """
([model, data], { pictures, side, size }) => {
  const network = model.create(data), joined = [[], [], [], []], same = [];
  const length = side * side * 4;
  for (let n = 0; n * length < pictures.length; n++) {
    const pixels = model.prepare(
      { data: pictures.subarray(n * length, (n + 1) * length), width: side, height: side }, size, 1);
    const result = network.forward(pixels, size);
    const best = network.labels(result.logits, 1)[0].label;
    [pixels, result.embedding, result.logits, network.cam(result, best)].forEach((part, i) => joined[i].push(part));
    if (n === 0) {
      const running = network.steps(pixels, size), done = [];
      let step = running.next();
      for (; !step.done; step = running.next()) done.push(step.value);
      same.push(done, step.value.logits, network.labels(result.logits, 3));
    }
  }
  const flat = (parts) => Float32Array.from(parts.flatMap((part) => [...part]));
  const [pixels, embeddings, logits, cams] = joined.map(flat);
  return { pixels, embeddings, logits, cams, same };
}"""


@pytest.fixture(scope="module")
def squares():
    """Thirty squares of 240 pixels, uint8, cut from ten photographs in colour."""
    import skimage.data
    from sklearn.datasets import load_sample_image

    names = ("astronaut", "chelsea", "coffee", "rocket", "retina", "hubble_deep_field", "immunohistochemistry")
    photographs = [getattr(skimage.data, name)() for name in names]
    photographs += [skimage.data.stereo_motorcycle()[0], *map(load_sample_image, ("china.jpg", "flower.jpg"))]
    cut = []
    for photograph in photographs:
        height, width, _ = photograph.shape
        for shot in range(SHOTS):
            row, column = ((side - 240) * shot // (SHOTS - 1) for side in (height, width))
            cut.append(photograph[row : row + 240, column : column + 240])
    return np.stack(cut)


@pytest.fixture(scope="module")
def script():
    return scripts.load("data_scripts/make_photo_network.py")


@pytest.fixture(scope="module")
def files(pages_folder):
    """The page's programs and, as the book's build makes it, the network."""
    return ["photo-model.js", pages_folder[0] / "interactive" / "photo-network.js"]


@pytest.fixture(scope="module")
def page(run_node, files, squares):
    """What the page's code makes of the thirty squares."""
    opaque = np.concatenate([squares, np.full((*squares.shape[:3], 1), 255, np.uint8)], axis=-1)
    found = run_node(files, OF_NETWORK, {"pictures": opaque, "side": 240, "size": SIZE}, timeout=300)
    sizes = {"pixels": (SIZE, SIZE, 3), "embeddings": (1280,), "logits": (1000,), "cams": (5, 5)}
    return found | {key: found[key].reshape(-1, *size) for key, size in sizes.items()}


@pytest.fixture(scope="module")
def answers(squares, script):
    """Pictures for Keras, and the embeddings and logits of its float16 network and of one with the page's weights."""
    import keras

    x = models.imagenet_input(squares, SIZE, crop=1)
    model = models.trained("imagenet_lite0", input_size=SIZE)
    both = keras.Model(model.input, [model.get_layer("global_pool").output, model.output])
    exact = both.predict(x, verbose=0)
    weights = _trained.weights_of(model)
    for layer, (entries, scale, bias) in script.rounded(weights).items():
        kernel = entries.astype(np.float32) * scale
        weights[f"{layer}/kernel"] = kernel.reshape(weights[f"{layer}/kernel"].shape)
        if layer == "logits":
            continue
        norm = layer.replace("_conv", "") + "_bn"  # now it only adds the bias
        weights[f"{norm}/gamma"], weights[f"{norm}/beta"] = np.ones_like(scale), bias
        weights[f"{norm}/moving_mean"], weights[f"{norm}/moving_variance"] = 0 * bias, np.ones_like(scale) - 1e-3
    _trained.assign(model, weights)
    return {"x": x, "exact": exact, "rounded": both.predict(x, verbose=0), "weights": weights}


def cosines(a, b):
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_the_file_is_made_once_and_anew_when_what_it_is_made_from_has_changed(
    script, files, capsys, monkeypatch, tmp_path
):
    assert script.main([str(files[1]), "--check"]) == 0, capsys.readouterr().err
    file, made = tmp_path / "photo-network.js", []
    monkeypatch.setattr(script, "page_data", lambda: made.append(1) or {"name": "x", "layers": [{"name": "a"}]})
    assert script.main([str(file), "--check"]) == 1
    assert not file.exists()
    script.ensure(file)
    assert script.main([str(file), "--check"]) == 0
    count = len(made)
    script.ensure(file)
    assert len(made) == count
    monkeypatch.setattr(script, "fingerprint", lambda: "another")
    script.ensure(file)
    assert len(made) == count + 1
    assert file.read_text().startswith("/* another */\n")


def test_the_file_needs_only_numpy():
    """The command that serves the book installs no more than that of what the package needs."""
    others = ["keras", "tensorflow", "PIL", "cv2", "skimage", "scipy", "sklearn", "pandas", "filelock", "requests"]
    code = f"import sys; sys.modules.update(dict.fromkeys({others})); sys.path.insert(0, 'data_scripts'); "
    code += "import make_photo_network; print(len(make_photo_network.content()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=scripts.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 6_000_000


def test_pictures_are_prepared_as_in_python(page, answers):
    assert len(page["pixels"]) == 30
    np.testing.assert_allclose(page["pixels"], answers["x"] * 128 + 127, atol=0.01)


def test_the_page_computes_what_keras_does_with_the_rounded_weights(page, answers):
    embeddings, logits = answers["rounded"]
    np.testing.assert_allclose(page["embeddings"], embeddings, atol=2e-3 * embeddings.max())
    np.testing.assert_allclose(page["logits"], logits, atol=2e-3 * np.abs(logits).max())


def test_rounded_weights_see_what_the_exact_ones_see(page, answers):
    embeddings, logits = answers["exact"]
    alike = cosines(page["embeddings"], embeddings)
    assert alike.mean() >= 0.99
    assert alike.min() >= 0.95
    agreed = page["logits"].argmax(axis=1) == logits.argmax(axis=1)
    assert agreed.sum() >= 27
    # Where the answer differs, the exact network was undecided.
    second, first = np.sort(logits, axis=1)[:, -2:].T
    assert (first - second)[~agreed].max(initial=0) < 1
    assert np.abs(page["logits"] - logits).max() > 1e-3


def test_the_map_of_a_class_adds_up_to_its_logit(page, answers):
    best = page["logits"].argmax(axis=1)
    means = page["cams"].mean(axis=(1, 2)) + answers["weights"]["logits/bias"][best]
    np.testing.assert_allclose(means, page["logits"].max(axis=1), rtol=1e-3)
    assert (page["cams"].std(axis=(1, 2)) > 0.1).mean() > 0.9


def test_steps_are_the_forward_pass_and_labels_name_the_best(page):
    done, logits, labels = page["same"]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] < 1
    np.testing.assert_array_equal(logits, page["logits"][0])
    (expected,) = models.imagenet_labels(page["logits"][:1], 3)
    assert [(one["label"], one["name"]) for one in labels] == [(one.label, one.name) for one in expected]
    assert [one["probability"] for one in labels] == pytest.approx([one.probability for one in expected], rel=1e-5)


def test_classes_are_learnt_from_examples(run_node, page):
    examples, classes = page["embeddings"], [f"class {number // SHOTS}" for number in range(30)]
    classes[-1] = "alone"
    found = run_node(
        "photo-model.js",
        """(model, { values, classes }) => {
          const examples = classes.map((_, i) => values.subarray(i * 1280, (i + 1) * 1280));
          return {
            left: model.leaveOneOut(examples, classes),
            mean: examples.map((query) => model.nearestMean(query, examples, classes)),
            near: model.nearest(examples[4], examples),
          };
        }""",
        {"values": examples, "classes": classes},
    )
    units = examples / np.linalg.norm(examples, axis=1, keepdims=True)
    names = np.array(classes)

    def by_mean(query, keep):
        kept = sorted(set(names[keep]))
        means = np.stack([units[keep & (names == name)].mean(axis=0) for name in kept])
        alike = means @ query / np.linalg.norm(means, axis=1)
        return {name: float(one) for name, one in zip(kept, alike, strict=True)}

    for number, ranked in enumerate(found["mean"]):
        expected = by_mean(units[number], np.ones(30, bool))
        assert {one["class"]: one["similarity"] for one in ranked} == pytest.approx(expected, rel=1e-4)
        assert ranked == sorted(ranked, key=lambda one: -one["similarity"])
    expected = []
    for number in range(30):
        scores = by_mean(units[number], np.arange(30) != number)
        expected.append(None if classes[number] == "alone" else max(scores, key=scores.get))
    assert found["left"] == expected
    assert np.mean([name == one for name, one in zip(classes, expected, strict=True)]) > 0.7  # a class is a photograph
    np.testing.assert_array_equal([one["index"] for one in found["near"]], np.argsort(-(units @ units[4])))


WRONG = {
    "model.prepare({ data: new Uint8Array(16), width: 2, height: 2 }, 20)": "the size must be a whole number",
    "model.prepare({ data: new Uint8Array(15), width: 2, height: 2 })": "this is no picture",
    "model.prepare({ data: new Uint8Array(16), width: 2, height: 2 }, 32, 0)": "the crop must be a share",
    "network.forward(new Float32Array(10), 160)": "10 numbers are no picture of 160",
    "network.forward(new Float32Array(10), 16)": "the size must be",
    "network.cam({}, 1000)": "the class must be a whole number from 0 to 999, not 1000",
    "model.nearestMean([1], [], [])": "0 examples have 0 classes",
    "model.similarity([0, 0], [1, 2])": "zeros has no direction",
    "model.similarity([1], [1, 2])": "do not compare",
}


def test_wrong_input_is_explained(run_node, files):
    calls = ", ".join(f"() => {call}" for call in WRONG)
    found = run_node(
        files,
        f"""([model, data]) => {{
          const network = model.create({{ ...data, layers: data.layers.slice(-1) }});
          return [{calls}].map((call) => {{
            try {{ call(); return "taken"; }} catch (error) {{ return `${{error.name}}: ${{error.message}}`; }}
          }});
        }}""",
    )
    for said, message in zip(found, WRONG.values(), strict=True):
        assert said.startswith("RangeError: ")
        assert message in said


def test_transparent_pixels_are_white_and_small_pictures_grow(run_node):
    found = run_node(
        "photo-model.js",
        """(model) => {
          const data = new Uint8ClampedArray(40 * 50 * 4).map((_, i) => (i % 4 === 3 ? 51 : 100));
          return model.prepare({ data, width: 40, height: 50 }, 64);
        }""",
    )
    assert found.shape == (64 * 64 * 3,)
    np.testing.assert_allclose(found, 0.2 * 100 + 0.8 * 255, atol=1e-3)
