"""Inception v3 against keras.applications."""

import numpy as np
import pytest
from oracles import blueprint, randomise

from course_utils.models.inception_v3 import inception_v3


def test_outputs_are_those_of_keras_applications():
    from keras import applications

    options = {"weights": None, "classifier_activation": None}
    theirs = applications.InceptionV3(input_shape=(96, 111, 3), classes=7, **options)
    randomise(theirs)
    ours = inception_v3((96, 111, 3), 7)
    ours.set_weights(theirs.get_weights())
    x = np.random.default_rng(1).normal(size=(2, 96, 111, 3)).astype("float32")
    expected = np.asarray(theirs(x))
    np.testing.assert_allclose(ours(x), expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_maps_of_the_paper():
    model = blueprint(inception_v3)
    names = ["stem_pool2", *(f"mixed{number}" for number in (0, 1, 2, 3, 7, 8, 9, 10))]
    shapes = [model.get_layer(name).output.shape[1:] for name in names]
    assert shapes == [
        (35, 35, 192),
        (35, 35, 256),
        (35, 35, 288),
        (35, 35, 288),
        (17, 17, 768),
        (17, 17, 768),
        (8, 8, 1280),
        (8, 8, 2048),
        (8, 8, 2048),
    ]


def test_no_top_smallest_pictures_and_dropout():
    assert blueprint(inception_v3, (75, 75, 1), classes=None, include_top=False).output_shape == (None, 1, 1, 2048)
    model = blueprint(inception_v3, (75, 76, 3), 5, dropout=0.5)
    assert model.output_shape == (None, 5)
    assert model.get_layer("dropout").rate == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (74, 75, 3)}, r"input_shape=\(74, 75, 3\): .* at least 75 rows"),
        ({"dropout": 1}, "dropout=1"),
        ({"classes": True}, "classes=True"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        inception_v3(**options)
