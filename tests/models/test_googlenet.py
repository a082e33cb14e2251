"""GoogLeNet against the paper's description, computed with NumPy."""

import numpy as np
import pytest
from oracles import assert_close, blueprint, parameters, randomise, weights_by_layer

from course_utils.layers import average_pool, conv2d, relu
from course_utils.models.googlenet import MODULES, googlenet


def normalise(x):
    sums = [(x[..., max(0, i - 2) : i + 3] ** 2).sum(-1) for i in range(x.shape[-1])]
    return x / (1 + 1e-4 / 5 * np.stack(sums, -1)) ** 0.75


def pool(x, strides=2):
    """Maxima of 3×3 windows: partial last ones with stride 2, partial ones on every side with stride 1."""
    if strides == 1:
        x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
        ends = [size - 2 for size in x.shape[1:3]]
    else:
        ends = [size - 1 for size in x.shape[1:3]]
    rows, columns = (range(0, end, strides) for end in ends)
    return np.stack([np.stack([x[:, i : i + 3, j : j + 3].max((1, 2)) for j in columns], 1) for i in rows], 1)


def forward(x, weights):
    """The paper's Figure 3, from its bottom to its top: logits and those of the two auxiliary classifiers."""

    def conv(x, name, **options):
        return relu(conv2d(x, *weights[name], **options))

    def dense(x, name):
        return x @ weights[name][0] + weights[name][1]

    def inception(x, name):
        branches = [conv(x, f"{name}_1x1")]
        branches.append(conv(conv(x, f"{name}_3x3_reduce"), f"{name}_3x3", padding=1))
        branches.append(conv(conv(x, f"{name}_5x5_reduce"), f"{name}_5x5", padding=2))
        branches.append(conv(pool(x, 1), f"{name}_pool_projection"))
        return np.concatenate(branches, -1)

    def auxiliary(x, name):
        x = conv(average_pool(x, 5, strides=3), f"{name}_conv").reshape(len(x), -1)
        return dense(relu(dense(x, f"{name}_fc")), f"{name}_logits")

    x = normalise(pool(conv(x, "conv1", strides=2, padding=3)))
    x = pool(normalise(conv(conv(x, "conv2_reduce"), "conv2", padding=1)))
    x = pool(inception(inception(x, "inception3a"), "inception3b"))
    x = inception(x, "inception4a")
    aux1 = auxiliary(x, "aux1") if "aux1_fc" in weights else None
    x = inception(inception(inception(x, "inception4b"), "inception4c"), "inception4d")
    aux2 = auxiliary(x, "aux2") if "aux2_fc" in weights else None
    x = pool(inception(x, "inception4e"))
    x = inception(inception(x, "inception5a"), "inception5b")
    return dense(x.mean((1, 2)), "logits"), aux1, aux2


def test_parameters_with_auxiliary_classifiers():
    model = blueprint(googlenet, aux=True)
    assert parameters(model) == {"all": 13_378_280, "learned": 13_378_280, "fixed": 0}
    assert model.output_shape == [(None, 1000)] * 3
    assert model.get_layer("aux1_pool").output.shape == (None, 4, 4, 512)
    assert model.get_layer("aux2_pool").output.shape == (None, 4, 4, 528)


def test_maps_of_the_papers_table():
    model = blueprint(googlenet)
    names = ("conv1", "pool1", "conv2", "pool2", "inception3a_concat", "inception3b_concat", "pool3")
    shapes = [model.get_layer(name).output.shape[1:] for name in names]
    assert shapes == [
        (112, 112, 64),
        (56, 56, 64),
        (56, 56, 192),
        (28, 28, 192),
        (28, 28, 256),
        (28, 28, 480),
        (14, 14, 480),
    ]
    depths = [model.get_layer(f"inception{name}_concat").output.shape[-1] for name in MODULES if name[0] != "3"]
    assert depths == [512, 512, 512, 528, 832, 832, 1024]
    assert model.get_layer("inception5b_concat").output.shape[1:] == (7, 7, 1024)


def test_outputs():
    # Rows and columns are rounded differently in the pools: 25 and 29 after the first convolution, 12 and 14 after pool1.
    model = randomise(googlenet((49, 58, 2), 5))
    weights = weights_by_layer(model)
    images = np.random.default_rng(1).uniform(-255, 255, size=(2, 49, 58, 2)).astype("float32")
    assert_close(model(images), forward(images, weights)[0])


def test_outputs_with_auxiliary_classifiers():
    model = randomise(googlenet((80, 98, 3), 5, aux=True))
    weights = weights_by_layer(model)
    images = np.random.default_rng(1).uniform(-255, 255, size=(1, 80, 98, 3)).astype("float32")
    for given, expected in zip(model(images), forward(images, weights), strict=True):
        assert_close(given, expected)


def test_auxiliary_classifiers_learn_together_with_the_network():
    import keras

    model = googlenet((79, 79, 1), 3, aux=True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", [loss] * 3, loss_weights=[1, 0.3, 0.3], run_eagerly=True)
    x, y = np.random.default_rng(0).normal(size=(2, 79, 79, 1)), np.array([0, 2])
    before = {name: model.get_layer(name).get_weights()[0] for name in ("conv1", "logits", "aux1_fc", "aux2_logits")}
    model.fit(x, [y] * 3, verbose=0)
    assert all((model.get_layer(name).get_weights()[0] != kernel).any() for name, kernel in before.items())


def test_dropout_shares():
    model = blueprint(googlenet, (79, 79, 3), aux=True, dropout=0.1)
    assert [model.get_layer(name).rate for name in ("dropout", "aux1_dropout", "aux2_dropout")] == [0.1, 0.7, 0.7]


def test_no_top_and_smallest_pictures():
    assert blueprint(googlenet, include_top=False, classes=None).output_shape == (None, 7, 7, 1024)
    assert blueprint(googlenet, (31, 31, 1), include_top=False).output_shape == (None, 1, 1, 1024)
    assert blueprint(googlenet, (32, 32, 3), 10).output_shape == (None, 10)
    assert blueprint(googlenet, (79, 79, 1), 10, aux=True).output_shape == [(None, 10)] * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (31, 30, 3)}, r"input_shape=\(31, 30, 3\): .* at least 31 rows"),
        ({"input_shape": (78, 79, 3), "aux": True}, "at least 79 rows"),
        ({"aux": "both"}, "aux='both': must be True or False"),
        ({"aux": True, "include_top": False}, "aux=True with include_top=False"),
        ({"dropout": 1.5}, r"dropout=1\.5"),
        ({"classes": 1}, "classes=1"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        googlenet(**options)
