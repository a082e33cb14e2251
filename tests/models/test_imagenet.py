"""The bundled ImageNet network: what it answers to photographs, the pictures it takes, and the names of its classes."""

from pathlib import Path

import keras
import numpy as np
import pytest
import scripts
from PIL import Image

from course_utils import models
from course_utils.datasets import CorruptDataError
from course_utils.models import _keras_networks, imagenet

# Numbers of classes and probabilities that the float32 network gave to the middle of five photographs.
ANSWERS = {
    "chelsea": [(282, "tiger cat", 0.39), (285, "Egyptian cat", 0.36), (281, "tabby", 0.16)],
    "coffee": [(967, "espresso", 0.96)],
    "rocket": [(657, "missile", 0.37), (744, "projectile", 0.23)],
    "china": [(698, "palace", 0.36), (442, "bell cote", 0.18)],
    "flower": [(985, "daisy", 0.29)],
}
GREY = np.full((40, 50), 100, np.uint8)
COLOUR = np.dstack([GREY] * 3)


@pytest.fixture(scope="module")
def pictures():
    return scripts.load("data_scripts/make_imagenet_network.py").photographs()


@pytest.fixture(scope="module")
def logits(pictures):
    model = models.trained("imagenet_lite0")
    return dict(zip(pictures, model.predict(models.imagenet_input(list(pictures.values())), verbose=0), strict=True))


def test_photographs_are_recognised(logits):
    for name, expected in ANSWERS.items():
        (answers,) = models.imagenet_labels(logits[name][None], top=len(expected))
        # How a picture is resized moves a doubtful probability by a tenth.
        assert [(one.label, one.name) for one in answers] == [(label, word) for label, word, _ in expected]
        assert [one.probability for one in answers] == pytest.approx([share for *_, share in expected], abs=0.13)


def test_float16_answers_as_float32(logits):
    with np.load(Path(__file__).parent / "imagenet_lite0_float32.npz", allow_pickle=False) as archive:
        exact = {name: archive[name] for name in archive.files}
    assert exact.keys() == logits.keys() == ANSWERS.keys()
    for name, theirs in exact.items():
        ours = logits[name]
        assert ours.dtype == theirs.dtype == np.float32
        assert ours.argmax() == theirs.argmax()
        assert 0 < np.abs(ours - theirs).max() < 0.1 * theirs.std()
        assert np.corrcoef(ours, theirs)[0, 1] > 0.999


def test_other_sizes_and_no_classifier(pictures):
    small = models.trained("imagenet_lite0", input_size=np.int64(96), include_top=False)
    assert small.output_shape == (None, 3, 3, 1280)
    features = small.predict(models.imagenet_input([pictures["coffee"]], 96), verbose=0).mean(axis=(1, 2))
    # Its maps, averaged and put through the classifier that it lacks, still say what is in the picture.
    with np.load(imagenet.DATA_DIR / "imagenet_lite0.npz", allow_pickle=False) as arrays:
        kernel, bias = (arrays[f"logits/{part}"].astype(np.float32) for part in ("kernel", "bias"))
    assert models.imagenet_labels(features @ kernel + bias)[0][0].name == "espresso"


@pytest.mark.parametrize("size", [0, 31, 1025, 96.5, "big", True])
def test_wrong_sizes_are_refused(size):
    with pytest.raises(ValueError, match="input_size="):
        models.trained("imagenet_lite0", input_size=size)
    with pytest.raises(ValueError, match="input_size="):
        models.imagenet_input(COLOUR, size)


def test_the_middle_is_cut_out_resized_and_scaled():
    rng = np.random.default_rng(0)
    picture = rng.integers(60, 196, size=(48, 80, 3), dtype=np.uint8)  # bytes would be cut off at 0 and 255 on the way
    before = picture.copy()
    made = models.imagenet_input(picture, 32)
    assert (made.shape, made.dtype) == ((1, 32, 32, 3), np.float32)
    # Pillow on the picture as a whole, in bytes: the square of 7/8 · 48 = 42 pixels in the middle.
    theirs = Image.fromarray(picture).resize((32, 32), Image.Resampling.BICUBIC, box=(19, 3, 61, 45))
    np.testing.assert_allclose(made[0] * 128 + 127, np.asarray(theirs), atol=1.01)
    np.testing.assert_array_equal(picture, before)
    for same in (picture[None], [picture], picture.astype(np.float64), [picture.tolist()]):
        np.testing.assert_array_equal(models.imagenet_input(same, 32), made)
    exact = rng.integers(0, 256, size=(2, 32, 32, 3), dtype=np.uint8)
    exact[0, 0, 0] = 0, 127, 255
    whole = models.imagenet_input(exact, 32, crop=1)
    np.testing.assert_allclose(whole * 128 + 127, exact, atol=1e-3)
    np.testing.assert_allclose(whole[0, 0, 0], [-127 / 128, 0, 1], atol=1e-6)
    several = models.imagenet_input([picture, picture[:40, :40]], 32)
    np.testing.assert_array_equal(several[:1], made)
    assert np.abs(several[1] - several[0]).max() > 0.5


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (GREY, r"shape \(40, 50\).*np\.stack"),
        (GREY[..., None], r"shape \(40, 50, 1\).*np\.repeat"),
        (np.dstack([GREY] * 4), r"shape \(40, 50, 4\).*picture\[\.\.\., :3\]"),
        (np.stack([GREY] * 3), r"shape \(3, 40, 50\).*np\.moveaxis"),
        (np.stack([[GREY] * 3] * 2), r"shape \(2, 3, 40, 50\).*np\.moveaxis"),
        (COLOUR / 255, "values from 0 to 1; expected pixels from 0 to 255: multiply by 255"),
        (np.stack([COLOUR, COLOUR / 255]), "values from 0 to 1"),
        (COLOUR / 127.5 - 2, "scaled before"),
        (COLOUR.astype(np.uint16) * 257, "dividing by 257"),
        (COLOUR > 0, "dtype bool"),
        (COLOUR * np.nan, "NaN"),
        (np.zeros((0, 5, 3)), "holds nothing"),
        ([], "pictures has 0 entries"),
        ([COLOUR, GREY], r"pictures\[1\] has shape \(40, 50\)"),
        ("cat.jpg", "pictures='cat.jpg'"),
    ],
)
def test_pictures_of_another_kind_are_refused_with_advice(picture, message):
    with pytest.raises(ValueError, match=message):
        models.imagenet_input(picture)


def test_a_nearly_black_picture_is_one():
    black = np.zeros((40, 40, 3), np.uint8)
    np.testing.assert_array_equal(models.imagenet_input(black, 32), np.float32(-127 / 128))
    assert models.imagenet_input(black + np.uint8(1), 32).max() == pytest.approx(-126 / 128)
    assert models.imagenet_input(black.astype(float), 32).min() == np.float32(-127 / 128)


@pytest.mark.parametrize("crop", [0, 1.1, 87.5, None])
def test_a_crop_is_a_share(crop):
    with pytest.raises(ValueError, match="crop="):
        models.imagenet_input(COLOUR, crop=crop)


def test_classes_have_a_name_each():
    names = models.imagenet_names()
    assert len(names) == len(set(names)) == 1000
    # Numbers that the literature uses, the two cranes, first and last.
    known = {0: "tench", 134: "crane, bird", 207: "golden retriever", 517: "crane, machine", 999: "toilet tissue"}
    assert {number: names[number] for number in known} == known


def test_labels_are_the_most_probable_first():
    logits = np.zeros((2, 1000))
    logits[0, [7, 9]] = np.log([2997, 998])
    logits[1, 3] = 800  # no overflow
    first, second = models.imagenet_labels(logits, 2)
    assert [(one.label, one.name) for one in first] == [(7, "cock"), (9, "ostrich")]
    assert [one.probability for one in first] == pytest.approx([2997 / 4993, 998 / 4993])
    assert second[0] == models.ImageNetLabel(3, "tiger shark", 1.0)
    assert len(models.imagenet_labels(logits[:1])[0]) == 5


@pytest.mark.parametrize(
    ("logits", "top", "message"),
    [
        (np.full((1, 1000), 0.001), 5, r"logits\[0\] holds probabilities.*classifier_activation=None"),
        (np.zeros((3, 10)), 5, r"shape \(3, 10\); expected \(N, 1000\)"),
        (np.zeros(1000), 5, r"shape \(1000,\)"),
        (np.full((1, 1000), np.nan), 5, "NaN"),
        (np.zeros((1, 1000)), 0, "top=0"),
        (np.zeros((1, 1000)), 1001, "top=1001"),
    ],
)
def test_what_is_no_logits_is_refused(logits, top, message):
    with pytest.raises(ValueError, match=message):
        models.imagenet_labels(logits, top)


# --- networks of keras.applications


def test_every_name_is_one_of_keras_and_has_its_preprocessing():
    pixels = np.random.default_rng(0).uniform(0, 255, size=(1, 4, 4, 3)).astype(np.float32)
    before = pixels.copy()
    theirs = {name for name, thing in vars(keras.applications).items() if name[0].isupper() and callable(thing)}
    assert theirs == set(_keras_networks.KERAS_NETWORKS)
    for name, module in _keras_networks.KERAS_NETWORKS.items():
        expected = getattr(keras.applications, module).preprocess_input(pixels.copy())
        np.testing.assert_array_equal(_keras_networks.preprocess(name, pixels), expected)
        np.testing.assert_array_equal(pixels, before)  # Keras itself would have changed it
    picture = np.full((32, 32, 3), (0, 127.5, 255), np.float32)
    made = models.imagenet_input(picture, 32, network="MobileNetV2")
    np.testing.assert_allclose(made[0, 3, 3], [-1, 0, 1], atol=1e-5)


def test_keras_networks_come_with_logits_or_feature_maps(monkeypatch):
    asked = []
    monkeypatch.setattr(keras.applications, "MobileNetV2", lambda **options: asked.append(options) or "model")
    assert models.trained("MobileNetV2") == "model"
    assert models.trained("MobileNetV2", input_size=96, include_top=False) == "model"
    assert asked[0] == {"weights": "imagenet", "include_top": True, "classifier_activation": None}
    assert asked[1] == {"weights": "imagenet", "include_top": False, "input_shape": (96, 96, 3)}
    with pytest.raises(ValueError, match="input_size=96: Keras's MobileNetV2 with its classifier"):
        models.trained("MobileNetV2", input_size=96)


def test_without_a_connection_an_error_says_where_the_weights_go(monkeypatch, tmp_path):
    from keras.src.utils import file_utils

    def no_connection(*arguments, **options):
        raise file_utils.urllib.error.URLError("no route to host")

    monkeypatch.setattr(file_utils, "urlretrieve", no_connection)
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"name='MobileNet': its ImageNet weights are not in") as caught:
        models.trained("MobileNet")
    message = str(caught.value)
    assert str(tmp_path / "models") in message
    assert "mobilenet_1_0_224_tf.h5 elsewhere and put it there" in message
    assert "'imagenet_lite0' comes with the course" in message


def test_other_errors_of_keras_keep_their_meaning(monkeypatch):
    def raising(error):
        def network(**options):
            raise error

        monkeypatch.setattr(keras.applications, "VGG16", network)

    raising(ValueError("Incomplete or corrupted file detected. The md5 file hash does not match the provided value"))
    with pytest.raises(CorruptDataError, match=r"weights of VGG16 in .* are not what Keras recorded"):
        models.trained("VGG16")
    raising(ConnectionResetError("reset"))
    with pytest.raises(FileNotFoundError, match="put the file there"):
        models.trained("VGG16")
    raising(MemoryError("too large"))
    with pytest.raises(MemoryError, match="too large"):
        models.trained("VGG16")
