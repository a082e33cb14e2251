"""Exercises of the lesson on colour pictures: the right answers computed in another way."""

import itertools

import cv2
import keras
import numpy as np
import pytest
from keras import layers

from course_utils import anatomy, evaluation
from course_utils.lessons.color_images import checks


def right(results):
    return all(result.right for result in results)


def network(stages, size):
    model = keras.Sequential([keras.Input((size, size, 3))])
    for filters, convolutions in stages:
        for _ in range(convolutions):
            model.add(layers.Conv2D(filters, 3, padding="same"))
        model.add(layers.MaxPooling2D())
    return model


def test_versions_counted_one_by_one():
    picture = np.arange(81).reshape(9, 9)
    wide = np.pad(picture, 3)
    made = [
        np.flip(wide[row : row + 9, column : column + 9], axis=1) if flip else wide[row : row + 9, column : column + 9]
        for row, column, flip in itertools.product(range(7), range(7), (False, True))
    ]
    different = {one.tobytes() for one in made}
    same = np.mean([np.array_equal(one, picture) for one in made])
    assert right(checks.versions.evaluate(len(different), same))


def test_larger_pictures_by_anatomy():
    small, large = (network([(16, 1), (32, 1), (64, 2)], size) for size in (32, 160))
    times = anatomy.totals(large).multiply_adds / anatomy.totals(small).multiply_adds
    field = anatomy.receptive_field(large).size[0]
    assert small.count_params() == large.count_params()
    assert right(checks.sizes.evaluate(int(times), "as many", field))


def test_padded_is_opencvs():
    def padded(picture):
        height, width = picture.shape[:2]
        extra = max(height, width) - np.array([height, width])
        (top, left), (bottom, right_hand) = extra // 2, extra - extra // 2
        return cv2.copyMakeBorder(
            picture, int(top), int(bottom), int(left), int(right_hand), cv2.BORDER_CONSTANT, value=(0, 0, 0)
        )

    assert right(checks.padded.evaluate(padded))


def test_pairs_by_counting():
    def mixed_up(matrix):
        pairs = itertools.combinations(range(len(matrix)), 2)
        return max(pairs, key=lambda pair: matrix[pair] + matrix[pair[::-1]])

    assert right(checks.mixed_up.evaluate(mixed_up))


@pytest.mark.parametrize("stages", [[(8, 1), (16, 1), (32, 2), (64, 2)], [(4, 3)], [(16, 1), (32, 1), (64, 2)]])
def test_cost_and_field_are_anatomys(stages):
    model = network(stages, checks.SIDE)
    cost, field = checks.cost_and_field(stages)
    assert anatomy.totals(model).multiply_adds == cost
    assert anatomy.receptive_field(model, model.layers[-1].name).size == (field, field)


def test_another_plan_is_right_too():
    assert right(checks.plan.evaluate([(8, 1), (16, 1), (24, 1), (32, 2), (64, 2)]))


def test_results_hold_what_the_lesson_reads():
    results = evaluation.benchmark_results("color_images")
    assert set(results["race"]["patches"]) == {"plain", "norm", "both"}
    for task in ("patches", "cifar10"):
        assert list(results["sizes"][task]) == ["32", "64", "96", "224"]
        assert len(results["race"][task]["both"]["test"]) == 3
        assert 0 < results["probe"][task]["test"] < 1
