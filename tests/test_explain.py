"""Explanations against calculations by hand, layer by layer, pixel by pixel, difference by difference."""

import functools
import subprocess
import sys

import cv2
import keras
import numpy as np
import pytest
from keras import layers, ops
from oracles import assert_close, pictures, randomise

from course_utils import explain
from course_utils.datasets import load_mnist
from course_utils.explain import _maps, _overlay, _steps
from course_utils.models import mnist_fast, mobilenet_v2, nin_cifar10, resnet18, trained, vgg11
from course_utils.plotting import style

SMALL = (9, 8, 2)


def small(*end):
    """A network whose maps are not square, with batch normalisation and pooling."""
    return randomise(
        keras.Sequential(
            [
                keras.Input(SMALL),
                layers.Conv2D(3, 3, activation="tanh", name="conv1"),
                layers.MaxPooling2D(2, name="pool"),
                layers.Conv2D(16, 2, use_bias=False, name="conv2"),
                layers.BatchNormalization(name="bn"),
                layers.ReLU(name="relu"),
                *(end or (layers.Flatten(name="flatten"), layers.Dense(4, name="logits"))),
            ]
        )
    )


@pytest.fixture(scope="module")
def model():
    return small()


@pytest.fixture(scope="module")
def images():
    return pictures(3, *SMALL)


# --- activations


def test_activations_equal_a_pass_by_hand(model, images):
    found = explain.activations(model, images)
    assert list(found) == [layer.name for layer in model.layers]
    x = images
    for layer in model.layers:
        x = np.asarray(layer(x, training=False) if isinstance(layer, layers.BatchNormalization) else layer(x))
        np.testing.assert_allclose(found[layer.name], x, rtol=1e-5, atol=1e-6)


def test_one_picture_gives_arrays_without_the_axis_of_n(model, images):
    found = explain.activations(model, images[1], ["relu", "conv1"])
    assert list(found) == ["relu", "conv1"]
    batch = explain.activations(model, images)
    for name, array in found.items():
        np.testing.assert_allclose(array, batch[name][1], rtol=1e-5, atol=1e-6)


def test_models_within_models_and_shared_layers_have_names_of_their_own(images):
    inner = keras.Sequential([keras.Input((7, 6, 3)), layers.Conv2D(2, 3, name="deep")], name="inner")
    inputs = keras.Input(SMALL)
    x, twice = layers.Conv2D(3, 3, name="outer")(inputs), layers.Dense(3, activation="relu", name="shared")
    x = inner(twice(twice(x)))
    model = randomise(keras.Model(inputs, layers.Dense(4)(layers.GlobalAveragePooling2D()(x))))
    found = explain.activations(model, images)
    assert {"outer", "shared", "shared [2]", "inner/deep"} <= set(found)
    once = np.asarray(twice(found["shared"]))
    np.testing.assert_allclose(found["shared [2]"], once, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["inner/deep"], np.asarray(inner(once)), rtol=1e-5, atol=1e-5)
    assert explain.grad_cam(model, images, 0, upsample=False).shape == (3, 5, 4)


def test_explaining_leaves_the_model_as_it_was(images):
    model = small(layers.Flatten(), layers.Dense(4, activation="softmax", name="classes"))
    before, config = [np.asarray(weight).copy() for weight in model.weights], model.get_config()
    explain.grad_cam(model, images, 1)
    explain.occlusion_map(model, images, 1, window=4, stride=4)
    for weight, array in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(np.asarray(weight), array)
    assert model.get_config() == config
    # Asking for the output raises if the layer has been called on symbols again.
    assert model.get_layer("conv2").output.shape == (None, 2, 2, 16)


# --- saliency


@pytest.mark.parametrize("number", [0, 3])
def test_saliency_equals_numeric_differences(images, number):
    # Smooth activations, and average instead of maximum: differences over a step then tell the gradient.
    model = small_smooth()
    step = 1e-2
    found = explain.saliency(model, images, number)
    assert found.shape == (3, *SMALL[:2])
    assert found.dtype == np.float32
    for i, j in [(0, 0), (4, 3), (8, 7), (2, 6)]:
        expected = np.zeros(3)
        for channel in range(SMALL[2]):
            up, down = images.copy(), images.copy()
            up[:, i, j, channel] += step
            down[:, i, j, channel] -= step
            difference = np.asarray(model(up) - model(down))[:, number] / (2 * step)
            expected = np.maximum(expected, np.abs(difference))
        np.testing.assert_allclose(found[:, i, j], expected, rtol=0, atol=2e-3 * found.max())


def small_smooth():
    return randomise(
        keras.Sequential(
            [
                keras.Input(SMALL),
                layers.Conv2D(3, 3, activation="tanh"),
                layers.AveragePooling2D(2),
                layers.Conv2D(4, 2, activation="softplus"),
                layers.Flatten(),
                layers.Dense(4),
            ]
        )
    )


# --- Grad-CAM


def with_global_average():
    return small(layers.GlobalAveragePooling2D(), layers.Dense(4, name="logits"))


@pytest.mark.parametrize("number", range(4))
def test_grad_cam_of_global_average_and_linear_layer_is_cam(images, number):
    model = with_global_average()
    maps = explain.activations(model, images, ["relu"])["relu"]
    kernel = model.get_layer("logits").get_weights()[0]
    cam = np.maximum(maps @ kernel[:, number], 0) / (maps.shape[1] * maps.shape[2])
    found = explain.grad_cam(model, images, number, upsample=False)
    assert cam.max() > 0
    np.testing.assert_allclose(found, cam, rtol=1e-5, atol=1e-6 * cam.max())
    np.testing.assert_allclose(
        explain.grad_cam(model, images[2], number, upsample=False), found[2], rtol=1e-5, atol=1e-7
    )


def test_grad_cam_of_flattened_maps_takes_the_mean_weight_of_each_map(model, images):
    maps = explain.activations(model, images, ["relu"])["relu"]
    kernel = model.get_layer("logits").get_weights()[0].reshape(*maps.shape[1:], 4)
    expected = np.maximum(maps @ kernel.mean(axis=(0, 1))[:, 2], 0)
    assert_close(explain.grad_cam(model, images, 2, upsample=False), expected, 1e-5)


def test_maps_are_enlarged_as_opencv_does(model, images):
    coarse, fine = (explain.grad_cam(model, images, [0, 3, 1], upsample=upsample) for upsample in (False, True))
    assert fine.shape == (3, *SMALL[:2])
    for one, large in zip(coarse, fine, strict=True):
        np.testing.assert_allclose(large, cv2.resize(one, SMALL[1::-1], interpolation=cv2.INTER_LINEAR), atol=1e-6)
    for index, number in enumerate([0, 3, 1]):
        np.testing.assert_allclose(fine[index], explain.grad_cam(model, images[index], number), rtol=1e-4, atol=1e-6)


def test_randomised_weights_change_the_map():
    model, digits = trained("mnist_fast"), load_mnist()
    before = explain.grad_cam(model, digits.x_test[:10], digits.y_test[:10], upsample=False)
    np.testing.assert_array_equal(
        explain.grad_cam(model, digits.x_test[:10], digits.y_test[:10], upsample=False), before
    )
    after = explain.grad_cam(randomise(model), digits.x_test[:10], digits.y_test[:10], upsample=False)
    assert (before.max(axis=(1, 2)) > 0).all()
    alike = [np.corrcoef(old.ravel(), new.ravel())[0, 1] for old, new in zip(before, after, strict=True) if new.any()]
    assert np.mean(alike) < 0.5


class OwnSoftmax(layers.Layer):
    def call(self, z):
        return ops.exp(z) / ops.sum(ops.exp(z), axis=-1, keepdims=True)


class DenseSoftmax(layers.Dense):
    """Extends a layer of Keras; what it ends in can be told from its attribute ``activation``."""

    def __init__(self, units, **options):
        super().__init__(units, activation="softmax", **options)


def dense(activation=None, **options):
    return layers.Dense(4, activation=activation, name="logits", **options)


SQUASHED = {
    "softmax": lambda: [dense("softmax")],
    "sigmoid": lambda: [dense("sigmoid")],
    "log softmax": lambda: [dense("log_softmax")],
    "log sigmoid": lambda: [dense("log_sigmoid")],
    "layer": lambda: [dense(), layers.Softmax()],
    "activation layer": lambda: [dense(), layers.Activation("softmax")],
    "layer as activation": lambda: [dense(layers.Softmax())],
    "layer in activation layer": lambda: [dense(), layers.Activation(layers.Softmax())],
    "partial": lambda: [dense(functools.partial(ops.softmax, axis=-1))],
    "function": lambda: [dense(lambda z: ops.softmax(z))],
    "misleading name": lambda: [dense(type("linear", (), {"__call__": lambda self, z: ops.sigmoid(z)})())],
    "by hand": lambda: [dense(lambda z: 1 / (1 + ops.exp(-z)))],
    "lambda layer": lambda: [dense(), layers.Lambda(lambda z: ops.softmax(z))],
    "own layer": lambda: [dense(), OwnSoftmax()],
    "extended layer": lambda: [DenseSoftmax(4, name="logits")],
    "then dropout": lambda: [dense(), layers.Activation("softmax"), layers.Dropout(0.5)],
    "then reshape": lambda: [dense("softmax"), layers.Reshape((4,))],
    "reshapes around": lambda: [dense(), layers.Reshape((1, 1, 4)), layers.Softmax(), layers.Flatten()],
    "over axis 1": lambda: [dense(), layers.Reshape((4, 1)), layers.Softmax(axis=1), layers.Flatten()],
    "then flatten": lambda: [dense("softmax"), layers.Flatten()],
    "then clip": lambda: [dense("softmax"), layers.Lambda(lambda p: ops.clip(p, 1e-7, 1 - 1e-7))],
    "then hard clip": lambda: [dense("sigmoid"), layers.Lambda(lambda p: ops.clip(p, 0.2, 0.8))],
    "then cast": lambda: [dense("softmax"), layers.Activation("linear", dtype="float32")],
    "then scale": lambda: [dense("sigmoid"), layers.Rescaling(100.0)],
    "then log": lambda: [dense("softmax"), layers.Lambda(lambda p: ops.log(p + 1e-9))],
    "then regularisation": lambda: [dense("softmax"), layers.ActivityRegularization(0.1)],
    "nested": lambda: [keras.Sequential([layers.Dropout(0.5), dense("softmax")])],
    "nested twice": lambda: [keras.Sequential([keras.Sequential([dense()]), layers.Softmax()])],
}


def assert_same_maps(one, other, images, *numbers, tolerance=1e-5):
    for number in numbers:
        assert_close(explain.grad_cam(one, images, number), explain.grad_cam(other, images, number), tolerance)
        assert_close(explain.saliency(one, images, number), explain.saliency(other, images, number), tolerance)
        falls = [explain.occlusion_map(model, images, number, window=4, stride=4) for model in (one, other)]
        assert_close(*falls, 10 * tolerance)


@pytest.mark.parametrize("name", SQUASHED)
def test_a_softmax_head_gives_the_maps_of_its_twin_with_logits(model, images, name):
    squashed = small(layers.Flatten(), *SQUASHED[name]())
    squashed.set_weights(model.get_weights())
    assert np.abs(np.asarray(squashed(images)) - np.asarray(model(images))).max() > 0.1
    assert_same_maps(squashed, model, images, 3)


def test_softmax_as_an_operation_is_seen_too(model, images):
    z = model.outputs[0]
    by_hand = 1 / (1 + ops.exp(-z))
    for output in (ops.softmax(z), ops.clip(ops.softmax(z), 1e-3, 1), by_hand, ops.cast(ops.softmax(z), "float32")):
        assert_same_maps(keras.Model(model.inputs, output), model, images, 1)


def test_scaled_logits_stay_logits(model, images):
    scaled = keras.Model(model.inputs, model.outputs[0] / 2 + 1)
    assert_close(explain.saliency(scaled, images, 2), explain.saliency(model, images, 2) / 2, 1e-5)


@pytest.mark.parametrize("end", [None, "softmax", "float32 softmax", "float32 linear"])
def test_half_precision_does_not_hide_the_logits(images, end):
    half = [keras.Input(SMALL), layers.Conv2D(16, 3, dtype="mixed_float16"), layers.Flatten()]
    last = dense(end if end == "softmax" else None, dtype="mixed_float16")
    more = {"float32 softmax": [layers.Activation("softmax", dtype="float32")]}.get(end, [])
    if end == "float32 linear":
        last, more = dense("softmax", dtype="mixed_float16"), [layers.Activation("linear", dtype="float32")]
    model = randomise(keras.Sequential([*half, last, *more]))
    full = keras.Sequential([keras.Input(SMALL), layers.Conv2D(16, 3), layers.Flatten(), dense()])
    full.set_weights(model.get_weights())
    assert_same_maps(model, full, images, 0, tolerance=2e-2)


class HiddenHead(layers.Layer):
    """Weights and softmax, and nothing to see from outside."""

    def __init__(self, end, **options):
        super().__init__(**options)
        self.inner, self.end = layers.Dense(4), end

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, x):
        return self.end(self.inner(x))


def mean_of(*ends):
    def build():
        x = inputs = keras.Input((4,))
        return keras.Model(inputs, layers.Average()([layers.Dense(4, activation=end)(x) for end in ends]))

    return build


UNKNOWN_ENDS = {
    "tanh": (lambda: [dense("tanh")], "ends in tanh"),
    "relu": (lambda: [dense(), layers.ReLU()], "ends in relu"),
    "leaky": (lambda: [dense(), layers.LeakyReLU()], "ends in leakyrelu"),
    "hard sigmoid": (lambda: [dense("hard_sigmoid")], "ends in hard_sigmoid"),
    "own softmax with a temperature": (lambda: [dense(lambda z: ops.softmax(z / 3))], "ends in <lambda>"),
    "opposite": (lambda: [dense("sigmoid"), layers.Lambda(lambda p: 1 - p)], "ends in"),
    "hidden softmax": (lambda: [HiddenHead(ops.softmax, name="head")], "ends in 'head', and what HiddenHead"),
    "hidden sigmoid": (lambda: [HiddenHead(ops.sigmoid, name="head")], "ends in 'head', and what HiddenHead"),
    "hidden log": (lambda: [HiddenHead(ops.log_softmax, name="head")], "ends in 'head', and what HiddenHead"),
    "mean of softmaxes": (lambda: [dense(), mean_of("softmax", "softmax")()], "probabilities"),
    "mean of sigmoids": (lambda: [dense(), mean_of("sigmoid", "sigmoid")()], "probabilities"),
    "pooled softmax": (
        lambda: [layers.Reshape((4, 4, 4)), layers.Conv2D(4, 1, activation="softmax"), layers.GlobalAveragePooling2D()],
        "probabilities",
    ),
    "pooled sigmoid": (
        lambda: [layers.Reshape((4, 4, 4)), layers.Conv2D(4, 1, activation="sigmoid"), layers.GlobalAveragePooling2D()],
        "probabilities",
    ),
    "pooled and squashed": (
        lambda: [layers.Reshape((16, 4)), layers.Lambda(lambda x: ops.sigmoid(ops.mean(x, 1)))],
        "what Lambda ends in",
    ),
    "softmax of one": (lambda: [layers.Dense(1, activation="softmax")], "ends in softmax"),
}


@pytest.mark.parametrize("name", UNKNOWN_ENDS)
def test_an_end_that_is_not_known_is_refused(images, name):
    end, message = UNKNOWN_ENDS[name]
    model = small(layers.Flatten(), *end())
    for call in (explain.grad_cam, explain.saliency, functools.partial(explain.occlusion_map, window=3)):
        with pytest.raises(ValueError, match=message):
            call(model, images, 0)
    assert len(explain.activations(model, images)) > 5


LOGITS = {
    "hidden dense": lambda: [HiddenHead(lambda z: z)],
    "batch normalisation": lambda: [dense(), layers.BatchNormalization()],
    "mean of dense": lambda: [dense(), mean_of(None, None)()],
    "pooled relu": lambda: [
        layers.Reshape((4, 4, 4)),
        layers.Conv2D(4, 1, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ],
}


@pytest.mark.parametrize("name", LOGITS)
def test_other_ends_are_taken_as_they_are(images, name):
    model = small(layers.Flatten(), *LOGITS[name]())
    found = explain.occlusion_map(model, images, 1, window=SMALL[:2], fill=0.5)
    fall = np.asarray(model(images) - model(np.full_like(images, 0.5)))[:, 1]
    np.testing.assert_allclose(found[:, 0, 0], fall, rtol=1e-4, atol=1e-5)


# --- one column


@pytest.mark.parametrize("activation", [None, "sigmoid"])
def test_one_column_tells_class_1_from_class_0(images, activation):
    single = small(layers.Flatten(), layers.Dense(1, activation=activation))
    twin = small(layers.Flatten(), layers.Dense(2))
    *front, kernel, bias = single.get_weights()
    twin.set_weights([*front, np.hstack([-kernel, kernel]), np.hstack([-bias, bias])])
    assert_same_maps(single, twin, images, 0, 1, [0, 1, 1])
    with pytest.raises(ValueError, match="class_index=2"):
        explain.grad_cam(single, images, 2)


# --- as predict runs


AT_REST = {
    "AugMix": {},
    "CutMix": {},
    "MixUp": {},
    "RandAugment": {},
    "RandomBrightness": {"factor": 0.5},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomColorJitter": {"brightness_factor": 0.5},
    "RandomContrast": {"factor": 0.5},
    "RandomCrop": {"height": 7, "width": 6},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomFlip": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.5},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.2},
    "RandomSaturation": {"factor": 0.5},
    "RandomSharpness": {"factor": 0.5},
    "RandomShear": {"x_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
    "Solarization": {},
    "Dropout": {"rate": 0.5},
    "AlphaDropout": {"rate": 0.5},
    "GaussianDropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 1.0},
    "SpatialDropout2D": {"rate": 0.5},
}
COLOURED = (9, 8, 3)


class NoisyByDefault(layers.Layer):
    def call(self, x, training=True):
        return x + keras.random.normal(ops.shape(x)) if training else x


class AugmentedInside(layers.Layer):
    def __init__(self):
        super().__init__()
        self.flip, self.drop = layers.RandomFlip(), layers.Dropout(0.5)

    def call(self, x):
        return self.drop(self.flip(x))


RANDOM = {
    **{
        name: functools.partial(lambda name, options: [getattr(layers, name)(**options)], name, options)
        for name, options in AT_REST.items()
    },
    "nested": lambda: [keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.2)])],
    "nested twice": lambda: [keras.Sequential([keras.Sequential([layers.RandomFlip()]), layers.Dropout(0.5)])],
    "pipeline": lambda: [layers.Pipeline([layers.RandomFlip(), layers.RandomZoom(0.2)])],
    "own default": lambda: [NoisyByDefault()],
    "inside an own layer": lambda: [AugmentedInside()],
}


def classifier(*front, shape=COLOURED):
    stack = [
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, 3, name="conv"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4),
    ]
    return randomise(keras.Sequential([keras.Input(shape), *front, *stack]))


@pytest.mark.parametrize("name", RANDOM)
def test_random_layers_are_at_rest_as_in_predict(name):
    coloured = np.random.default_rng(0).uniform(0, 255, (3, *COLOURED)).astype("float32")
    model = classifier(*RANDOM[name]())
    covered = np.full_like(coloured, 9)
    expected, without = (model.predict(batch, verbose=0) for batch in (coloured, covered))
    state = [np.asarray(variable).copy() for variable in model.variables]
    for _ in range(2):
        found = explain.activations(model, coloured)
        assert_close(list(found.values())[-1], expected, 1e-5)
        cam = np.maximum(found["conv"] @ model.layers[-1].get_weights()[0][:, 1], 0) / np.prod(found["conv"].shape[1:3])
        assert_close(explain.grad_cam(model, coloured, 1, upsample=False), cam, 1e-4)
        falls = explain.occlusion_map(model, coloured, 1, window=(9, 8), fill=9)
        assert_close(falls[:, 4, 4], (expected - without)[:, 1], 1e-4)
    # Random states included: predict moves some of them.
    for variable, before in zip(model.variables, state, strict=True):
        np.testing.assert_array_equal(np.asarray(variable), before)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.BatchNormalization(name="fixed"),
        lambda: layers.Dropout(0.5, name="fixed"),
        lambda: layers.RandomFlip(name="fixed"),
        lambda: keras.Sequential([layers.BatchNormalization(), layers.Dropout(0.5)], name="fixed"),
    ],
)
def test_training_fixed_in_the_graph_is_run_as_predict_runs_it(layer):
    coloured = np.random.default_rng(0).uniform(0, 255, (3, *COLOURED)).astype("float32")
    inputs = keras.Input(COLOURED)
    x = layers.Conv2D(4, 3)(layer()(layers.Rescaling(1 / 255)(inputs), training=True))
    model = randomise(keras.Model(inputs, layers.Dense(4)(layers.GlobalAveragePooling2D()(x))))
    state = [np.asarray(variable).copy() for variable in model.variables]
    assert_close(list(explain.activations(model, coloured).values())[-1], model.predict(coloured, verbose=0), 1e-5)
    for call in (explain.grad_cam, explain.saliency):
        np.testing.assert_array_equal(call(model, coloured, 1), call(model, coloured, 1))
    for variable, before in zip(model.variables, state, strict=True):
        np.testing.assert_array_equal(np.asarray(variable), before)


class AlwaysTraining(layers.Layer):
    """Tells a layer inside it to train, whatever it is told itself."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, x):
        return self.inner(x, training=True)


class Noisy(layers.Layer):
    def __init__(self, noise):
        super().__init__()
        self.noise = noise

    def call(self, x):
        return x + self.noise(x)


def tensorflow_noise(x):
    import tensorflow as tf

    return tf.random.normal(tf.shape(x))


RESTLESS = {
    "dropout": (lambda: AlwaysTraining(layers.Dropout(0.5)), "gives something else each time it is called"),
    "flip": (lambda: AlwaysTraining(layers.RandomFlip("horizontal")), "gives something else each time it is called"),
    "keras noise": (lambda: Noisy(lambda x: keras.random.normal(ops.shape(x))), "gives something else each time"),
    "lambda": (
        lambda: layers.Lambda(lambda x: x + keras.random.normal(ops.shape(x))),
        "gives something else each time",
    ),
    "tensorflow's noise": (lambda: Noisy(tensorflow_noise), "changes from call to call"),
    "batch statistics": (lambda: AlwaysTraining(layers.BatchNormalization()), "depends on the pictures beside it"),
    "other pictures": (lambda: layers.Lambda(lambda x: x - ops.mean(x, axis=0)), "depends on the pictures beside it"),
}


@pytest.mark.parametrize("name", RESTLESS)
def test_what_changes_from_call_to_call_is_refused_and_left_as_it_was(name):
    layer, message = RESTLESS[name]
    coloured = np.random.default_rng(0).uniform(0, 255, (3, *COLOURED)).astype("float32")
    model = classifier(layer())
    state = [np.asarray(variable).copy() for variable in model.variables]
    for call in (
        lambda: explain.activations(model, coloured),
        lambda: explain.grad_cam(model, coloured, 1),
        lambda: explain.saliency(model, coloured, 1),
        lambda: explain.occlusion_map(model, coloured, 1, window=4, stride=4),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    for variable, before in zip(model.variables, state, strict=True):
        np.testing.assert_array_equal(np.asarray(variable), before)


# --- the last maps


@pytest.mark.parametrize(
    ("build", "layer", "shape"),
    [
        (mnist_fast, "relu3", (3, 3, 64)),
        (lambda: resnet18((64, 64, 3), 5), None, (2, 2, 512)),
        (lambda: vgg11((64, 64, 3), 5), None, (4, 4, 512)),
        (lambda: mobilenet_v2((64, 64, 3), 5), None, (2, 2, 1280)),
        (lambda: nin_cifar10((32, 32, 3), 5), None, (8, 8, 5)),
    ],
)
def test_the_last_maps_are_found_by_structure(build, layer, shape):
    model = build()
    steps, _ = _steps.run(model, pictures(1, *model.input_shape[1:]))
    found = _maps.last_maps(model, steps)
    assert tuple(found.output.shape[1:]) == shape
    assert layer in (None, found.path)
    # The activation after the last convolution, and the sum with the shortcut, belong to the maps.
    after = steps[next(number for number, step in enumerate(steps) if step is found) + 1]
    assert type(after.operation).__name__ in ("Flatten", "GlobalAveragePooling2D", "MaxPooling2D")


def test_branches_joined_after_the_last_convolution_belong_to_the_maps(images):
    inputs = keras.Input(SMALL)
    branches = [layers.Conv2D(3, size, padding="same", name=f"branch{size}")(inputs) for size in (1, 3)]
    pooled = layers.MaxPooling2D(2)(layers.ReLU(name="joined")(layers.Concatenate()(branches)))
    model = randomise(keras.Model(inputs, layers.Dense(3)(layers.Flatten()(pooled))))
    np.testing.assert_array_equal(
        explain.grad_cam(model, images, 0), explain.grad_cam(model, images, 0, layer="joined")
    )


def test_pooling_is_not_part_of_the_maps_even_if_it_keeps_their_size(images):
    model = small(layers.MaxPooling2D(2, strides=1, padding="same", name="smooth"), layers.Flatten(), layers.Dense(4))
    found, named, pooled = (explain.grad_cam(model, images, 1, layer=layer) for layer in (None, "relu", "smooth"))
    np.testing.assert_array_equal(found, named)
    assert np.abs(found - pooled).max() > 1e-3


def test_names_given_by_keras_do_not_matter(images):
    for _ in range(3):
        model = randomise(
            keras.Sequential(
                [keras.Input(SMALL), layers.Conv2D(2, 3), layers.ReLU(), layers.Flatten(), layers.Dense(3)]
            )
        )
        assert explain.grad_cam(model, images, 0).shape == (3, 9, 8)


def test_a_convolution_to_a_single_position_is_passed_over(images):
    model = small(layers.Conv2D(6, 2, activation="relu", name="whole"), layers.Flatten(), layers.Dense(4))
    named = explain.grad_cam(model, images, 0, layer="relu")
    np.testing.assert_array_equal(explain.grad_cam(model, images, 0), named)


class HiddenConvolution(layers.Layer):
    """A convolution that cannot be seen; its maps can, unless it pools them as well."""

    def __init__(self, pools=False, **options):
        super().__init__(**options)
        self.inner, self.pools = layers.Conv2D(16, 3, padding="same", activation="relu"), pools

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, x):
        maps = self.inner(x)
        return ops.mean(maps, axis=(1, 2)) if self.pools else maps


class HiddenModel(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.inner = layers.Conv2D(4, 3)

    def call(self, x):
        return ops.max(self.inner(x), axis=(1, 2))


def test_maps_of_an_own_layer_with_kernels_are_the_last_maps(images):
    stack = [layers.Conv2D(4, 3, name="stem"), HiddenConvolution(name="own"), layers.ReLU(name="relu")]
    model = randomise(keras.Sequential([keras.Input(SMALL), *stack, layers.GlobalAveragePooling2D(), layers.Dense(3)]))
    found, named, stem = (explain.grad_cam(model, images, 0, layer=layer) for layer in (None, "relu", "stem"))
    np.testing.assert_array_equal(found, named)
    assert np.abs(found - stem).max() > 1e-4


@pytest.mark.parametrize("hidden", [lambda: HiddenConvolution(True, name="own"), lambda: HiddenModel(name="own")])
def test_kernels_that_cannot_be_followed_are_said_not_passed_over(images, hidden):
    model = keras.Sequential([keras.Input(SMALL), layers.Conv2D(4, 3, name="stem"), hidden(), layers.Dense(3)])
    with pytest.raises(ValueError, match=r"layer 'own' \(Hidden.*\) has kernels of its own.*'stem': name the layer="):
        explain.grad_cam(model, images, 0)
    assert explain.grad_cam(model, images, 0, layer="stem").shape == (3, 9, 8)


KERNEL = np.random.default_rng(0).normal(size=(3, 3, 4, 5)).astype(np.float32)


def test_a_convolution_written_as_a_function_has_the_last_maps(images):
    stem = layers.Conv2D(4, 3, name="stem")(inputs := keras.Input(SMALL))
    pooled = layers.GlobalAveragePooling2D()(layers.ReLU(name="relu")(ops.conv(stem, KERNEL)))
    model = randomise(keras.Model(inputs, layers.Dense(3)(pooled)))
    found, named, first = (explain.grad_cam(model, images, 0, layer=layer) for layer in (None, "relu", "stem"))
    np.testing.assert_array_equal(found, named)
    assert np.abs(found - first).max() > 1e-4


@pytest.mark.parametrize(
    ("function", "taken"),
    [
        (lambda x: ops.conv(x, KERNEL, padding="same"), False),
        (lambda x: ops.conv(x, KERNEL, strides=2), False),
        (lambda x: ops.relu(2 * x), True),
        (lambda x: ops.softmax(x), True),
    ],
)
def test_a_function_that_looks_at_several_places_may_have_kernels(images, function, taken):
    stack = [layers.Conv2D(4, 3, name="stem"), layers.Lambda(function, name="own"), layers.GlobalAveragePooling2D()]
    model = randomise(keras.Sequential([keras.Input(SMALL), *stack, layers.Dense(3)]))
    if taken:
        named = explain.grad_cam(model, images, 0, layer="own")
        np.testing.assert_array_equal(explain.grad_cam(model, images, 0), named)
    else:
        with pytest.raises(
            ValueError, match=r"layer 'own' \(Lambda\) may have kernels of its own.*'stem': name the lay"
        ):
            explain.grad_cam(model, images, 0)


def test_names_from_other_alphabets_are_written_in_ascii(images):
    model = keras.Sequential([keras.Input(SMALL), layers.Flatten(name="größe"), layers.Dense(3)], name="netz_ä")
    for call in (
        lambda: explain.activations(model, images, "größe"),
        lambda: explain.activations(model, images, ["größ"]),
        lambda: explain.grad_cam(model, images, 0),
        lambda: explain.grad_cam(model, images, 0, layer="größe"),
        lambda: explain.saliency(model, images[:, :3], 0),
    ):
        with pytest.raises(ValueError, match=r"\\x(f6|e4)") as error:
            call()
        assert str(error.value).isascii()


def test_whole_numbers_are_taken_as_the_model_takes_them():
    inputs = keras.Input(SMALL, dtype="uint8")
    x = layers.Conv2D(4, 3, name="conv")(layers.Rescaling(1 / 255)(inputs // 2))
    model = keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    whole = np.random.default_rng(0).integers(0, 256, (3, *SMALL), np.uint8)
    last = list(explain.activations(model, whole).values())[-1]
    assert_close(last, model.predict(whole, verbose=0), 1e-5)
    assert explain.grad_cam(model, whole, 0).shape == (3, 9, 8)
    with pytest.raises(ValueError, match="does not depend on the pictures: they are taken as uint8"):
        explain.saliency(model, whole, 0)
    with pytest.raises(ValueError, match="numbers that are lost in uint8"):
        explain.activations(model, whole + 0.5)
    for fill in (0.5, 300, -1, [0, 0.5]):
        with pytest.raises(ValueError, match="fill holds numbers that are lost in uint8"):
            explain.occlusion_map(model, whole, 0, window=4, stride=4, fill=fill)
    assert explain.occlusion_map(model, whole, 0, window=4, stride=4, fill=128.0).shape == (3, *SMALL[:2])


def test_loaded_model_gives_the_same_map(model, images, tmp_path):
    model.save(tmp_path / "small.keras")
    loaded = keras.saving.load_model(tmp_path / "small.keras")
    np.testing.assert_array_equal(explain.grad_cam(loaded, images, 1), explain.grad_cam(model, images, 1))


# --- occlusion


def occlude_by_loop(model, image, number, window, starts, fill):
    """The mean fall by brute force: one picture at a time, every pixel's windows looked up anew."""
    (rows, columns), score = window, np.asarray(model(image[None]))[0, number]
    falls = {}
    for i in starts[0]:
        for j in starts[1]:
            covered = image.copy()
            for u in range(i, i + rows):
                for v in range(j, j + columns):
                    covered[u, v] = fill
            falls[i, j] = score - np.asarray(model(covered[None]))[0, number]
    return np.array(
        [
            [
                np.mean([fall for (a, b), fall in falls.items() if a <= i < a + rows and b <= j < b + columns])
                for j in range(image.shape[1])
            ]
            for i in range(image.shape[0])
        ]
    )


@pytest.mark.parametrize(
    ("window", "stride", "starts", "fill"),
    [
        (4, 4, [(0, 4, 5), (0, 4)], 0.0),
        ((5, 3), (2, 3), [(0, 2, 4), (0, 3, 5)], [0.5, -1.0]),
        ((9, 8), 1, [(0,), (0,)], 1.0),
    ],
)
def test_occlusion_equals_a_loop(model, images, window, stride, starts, fill):
    found = explain.occlusion_map(model, images[:2], [1, 3], window=window, stride=stride, fill=fill)
    size = (window, window) if isinstance(window, int) else window
    for image, number, one in zip(images, [1, 3], found, strict=False):
        assert_close(one, occlude_by_loop(model, image, number, size, starts, fill), 1e-5)
    alone = explain.occlusion_map(model, images[1], 3, window=window, stride=stride, fill=fill)
    np.testing.assert_allclose(alone, found[1], atol=1e-5)


def test_occlusion_in_chunks_is_the_same(model, images, monkeypatch):
    whole = explain.occlusion_map(model, images[0], 1, window=3)
    monkeypatch.setattr(_maps, "CHUNK", 5 * images[0].size)
    np.testing.assert_allclose(explain.occlusion_map(model, images[0], 1, window=3), whole, atol=1e-5)


# --- overlay


def test_overlay_colours_where_the_map_is_large_and_leaves_the_rest():
    import matplotlib as mpl

    image = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    heat = np.zeros((3, 4))
    heat[1, 2], heat[0, 1] = 5.0, 2.5
    found = explain.overlay(image, heat, opacity=0.8)
    assert (found.shape, found.dtype) == ((3, 4, 3), np.uint8)
    untouched = heat == 0
    np.testing.assert_array_equal(found[untouched], np.repeat(image[untouched][:, None], 3, axis=1))
    for position, share in (((1, 2), 1.0), ((0, 1), 0.5)):
        colour = 255 * np.array(mpl.colormaps["cividis"](share)[:3])
        expected = (1 - 0.8 * share) * image[position] + 0.8 * share * colour
        np.testing.assert_allclose(found[position], expected, atol=0.51)
    np.testing.assert_array_equal(explain.overlay(image, np.zeros((3, 4)))[..., 1], image)


def test_overlay_of_batches_colours_and_signs():
    rng = np.random.default_rng(0)
    images, heat = rng.integers(0, 256, (2, 5, 4, 3), np.uint8), rng.normal(size=(2, 5, 4))
    found = explain.overlay(images, heat)
    assert found.shape == (2, 5, 4, 3)
    # Scaled picture by picture: a map a thousand times as large gives the same colours.
    np.testing.assert_array_equal(explain.overlay(images, heat * [[[1]], [[1000]]]), found)
    np.testing.assert_array_equal(explain.overlay(images[..., :1], heat), explain.overlay(images[..., 0], heat))
    plus, minus = explain.overlay(np.zeros((1, 2), np.uint8), [[1.0, -1.0]])[0].astype(int)
    assert plus[0] > plus[2]  # orange speaks for
    assert minus[2] > minus[0]  # purple against


def test_colour_maps_are_those_of_the_book():
    assert (_overlay.MAGNITUDE, _overlay.SIGNED) == (style.MAGNITUDE, style.SIGNED)


# --- errors


class Subclassed(keras.Model):
    def call(self, x):
        return x


def no_convolution():
    return keras.Sequential([keras.Input(SMALL), layers.Flatten(), layers.Dense(3)])


def two_inputs():
    inputs = [keras.Input(SMALL), keras.Input(SMALL)]
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(layers.Add()(inputs))))


X = np.zeros(SMALL, np.float32)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: explain.activations("model", X), "expected a keras.Model"),
        (lambda m: explain.activations(Subclassed(), X), "leaves no graph"),
        (lambda m: explain.activations(keras.Sequential([layers.Conv2D(2, 3)]), X), "is not built"),
        (lambda m: explain.activations(two_inputs(), X), "one output and one input"),
        (lambda m: explain.activations(m, X[:8]), r"pictures of shape \(8, 8, 2\): .* takes \(9, 8, 2\)"),
        (lambda m: explain.activations(m, X[None, None]), r"pictures of shape \(1, 1, 9, 8, 2\)"),
        (lambda m: explain.activations(m, X[..., 0]), r"pictures of shape \(9, 8\)"),
        (lambda m: explain.activations(m, X[None][:0]), "N >= 1"),
        (lambda m: explain.activations(m, np.full(SMALL, np.nan)), "144 of 144 entries that are NaN or infinite"),
        (lambda m: explain.activations(m, np.full(SMALL, "a")), "pictures has dtype <U1; expected"),
        (lambda m: explain.activations(m, np.full(SMALL, 1e300)), "too large for float32"),
        (lambda m: explain.activations(m, np.full(SMALL, 1j)), "pictures has dtype complex128"),
        (lambda m: explain.activations(m, None), "pictures.*expected"),
        (lambda m: explain.activations(m, [[1, 2], [3]]), "all rows of one length"),
        (lambda m: explain.activations(m, 3), r"pictures of shape \(\)"),
        (lambda m: explain.activations(None, X), "model=None: expected a keras.Model"),
        (lambda m: explain.activations(m, X, 3), "layers=3: give a list"),
        (lambda m: explain.activations(m, X, [3]), r"layers\[0\]=3: give a text"),
        (lambda m: explain.activations(m, X, [None]), r"layers\[0\]=None: give a text"),
        (lambda m: explain.saliency(m, X, None), "class_index=None: expected"),
        (lambda m: explain.saliency(m, X, "1"), "class_index='1': expected"),
        (lambda m: explain.saliency(m, X, np.nan), "class_index="),
        (lambda m: explain.saliency(m, X[None], [[1]]), r"class_index has shape \(1, 1\)"),
        (lambda m: explain.saliency(m, X[None], [1.0]), "class_index.*whole numbers"),
        (lambda m: explain.saliency(m, X[None], [4]), "class_index holds the label 4"),
        (lambda m: explain.grad_cam(m, X, 0, layer=3), "no layer 3"),
        (lambda m: explain.grad_cam(m, X, 0, layer=["conv1"]), "no layer"),
        (lambda m: explain.grad_cam(m, X, 0, upsample="no"), "must be True or False"),
        (lambda m: explain.occlusion_map(m, X, 0, window=None), "window=None"),
        (lambda m: explain.occlusion_map(m, X, 0, window="3"), "window='3'"),
        (lambda m: explain.occlusion_map(m, X, 0, window=(3, (1, 2))), "window="),
        (lambda m: explain.occlusion_map(m, X, 0, window=(1, 2, 3)), "window="),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, stride=0), "stride=0"),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, fill=None), "fill=None"),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, fill="black"), "fill='black'"),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, fill=True), "fill=True"),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, fill=1e300), "fill holds 1e[+]300"),
        (lambda m: explain.saliency(m, X, (1, (1, 2))), "class_index=.*all rows of one length"),
        (lambda m: explain.overlay(None, np.zeros((3, 3))), "image=None"),
        (lambda m: explain.overlay(np.zeros((3, 3), np.uint8), None), "heat_map=None"),
        (lambda m: explain.overlay(np.zeros((3, 3), np.uint8), "hot"), "heat_map='hot'"),
        (lambda m: explain.overlay(np.zeros((3, 3), np.uint8), np.zeros((0, 3))), "heat_map"),
        (lambda m: explain.overlay(np.zeros((3, 3), np.uint8), np.zeros((3, 3)), opacity=None), "opacity=None"),
        (lambda m: explain.overlay(np.zeros((3, 3), np.uint8), np.zeros((3, 3)), opacity=np.nan), "opacity="),
        (lambda m: explain.activations(m, X, ["conv3"]), "no layer 'conv3'; it has conv"),
        (lambda m: explain.activations(m, X, "conv1"), r"give a list of names, \['conv1'\]"),
        (lambda m: explain.saliency(m, X, 4), "class_index=4: a whole number from 0 to 3"),
        (lambda m: explain.saliency(m, X, -1), "class_index=-1: a whole number, at least 0"),
        (lambda m: explain.saliency(m, X, 1.0), "whole number"),
        (lambda m: explain.saliency(m, X, True), "whole number"),
        (lambda m: explain.saliency(m, X, [1, 2]), r"class_index has shape \(2,\); expected \(1,\)"),
        (lambda m: explain.grad_cam(m, X, 0, layer="cnov2"), "it has conv2"),
        (lambda m: explain.grad_cam(m, X, 0, layer="flatten"), "expected maps"),
        (lambda m: explain.grad_cam(m, X, 0, upsample=1), "True or False"),
        (lambda m: explain.grad_cam(no_convolution(), X, 0), "no convolution with more than one position"),
        (lambda m: explain.grad_cam(small(layers.Flatten(), layers.Dense(3, activation="tanh")), X, 0), "ends in tanh"),
        (lambda m: explain.grad_cam(small(layers.Flatten(), layers.Dense(3), layers.ReLU()), X, 0), "ends in relu"),
        (lambda m: explain.grad_cam(small(layers.Conv2D(3, 1)), X, 0), "a number a class"),
        (lambda m: explain.occlusion_map(m, X, 0, window=0), "at least 1"),
        (lambda m: explain.occlusion_map(m, X, 0, window=(3, 2.5)), "window="),
        (lambda m: explain.occlusion_map(m, X, 0, window=(10, 3)), "does not fit"),
        (lambda m: explain.occlusion_map(m, X, 0, window=(3, 9)), "does not fit"),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, stride=4), "leaves pixels out"),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, stride=True), "stride=True"),
        (
            lambda m: explain.occlusion_map(m, X, 0, window=3, fill=[1, 2, 3]),
            r"fill has shape \(3,\); expected .*\(2,\)",
        ),
        (lambda m: explain.occlusion_map(m, X, 0, window=3, fill=np.inf), "finite"),
        (lambda m: explain.occlusion_map(m, X, 9, window=3), "class_index=9"),
        (lambda m: explain.overlay(np.zeros((3, 3)), np.zeros((3, 3))), "expected uint8"),
        (lambda m: explain.overlay(np.zeros((3, 3), np.uint8), np.zeros((3, 4))), r"expected \(3, 4\) like heat_map"),
        (lambda m: explain.overlay(np.zeros((3, 3, 2), np.uint8), np.zeros((3, 3))), "1, 3 or no channels"),
        (lambda m: explain.overlay(np.zeros((3, 3), np.uint8), np.full((3, 3), np.nan)), "NaN or infinite"),
        (
            lambda m: explain.overlay(np.zeros((3, 3), np.uint8), np.zeros((3, 3)), opacity=1.5),
            "at least 0 and at most 1",
        ),
    ],
)
def test_errors_say_what_is_wrong(model, call, message):
    with pytest.raises(ValueError, match=message) as error:
        call(model)
    assert str(error.value).isascii()


def test_a_layer_that_the_class_does_not_depend_on_is_refused(images):
    inputs = keras.Input(SMALL)
    used, unused = layers.Conv2D(2, 3, name="used")(inputs), layers.Conv2D(2, 3, name="unused")(inputs)
    logits = layers.Dense(3)(layers.Flatten()(used + keras.ops.stop_gradient(unused)))
    with pytest.raises(ValueError, match="does not depend on that layer"):
        explain.grad_cam(keras.Model(inputs, logits), images, 0, layer="unused")


def test_channels_first_is_refused():
    model = keras.Sequential(
        [keras.Input((2, 9, 8)), layers.Conv2D(2, 3, data_format="channels_first"), layers.Flatten(), layers.Dense(3)]
    )
    with pytest.raises(ValueError, match="channels first"):
        explain.grad_cam(model, np.zeros((2, 9, 8)), 0)


def test_other_backends_are_refused_with_what_to_do(model, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="Keras runs on jax: set the environment variable KERAS_BACKEND=tensorflow"):
        explain.saliency(model, X, 0)


def test_importing_it_loads_neither_keras_nor_matplotlib():
    code = "import sys, course_utils.explain; print([n for n in ('keras', 'tensorflow', 'matplotlib') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
