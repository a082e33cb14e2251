"""Exercises of the lesson on pooling: the right answers computed in another way."""

import itertools

import keras
import numpy as np
import pytest
from scipy import ndimage

from course_utils import anatomy
from course_utils.lessons.pooling_and_receptive_field import checks


def right(results):
    return all(result.right for result in results)


def sides(parts, side=64):
    model = keras.Sequential([keras.Input((side, side, 1)), *parts])
    return [anatomy.receptive_field(model, layer).size[0] for layer in model.layers]


def test_overlapping_windows_are_pooled_by_keras():
    ramp = np.arange(36, dtype="float32").reshape(1, 6, 6, 1)
    a = np.asarray(keras.layers.AveragePooling2D(3, strides=2)(ramp))
    assert right(checks.overlapping.evaluate(a.shape[1], a[0, 0, 1, 0]))


def test_the_changes_that_enlarge_the_field_are_those_of_the_networks():
    conv, pool = keras.layers.Conv2D, keras.layers.MaxPooling2D

    def stack(first=1, last=1, k=3, filters=1, padding="valid", step=2):
        return [
            conv(filters, 3, first, padding=padding),
            conv(filters, 3, padding=padding),
            pool(2, step, padding=padding),
            conv(filters, 3, padding=padding),
            conv(filters, k, last, padding=padding),
        ]

    networks = {
        "a": stack(first=2),
        "b": stack(last=2),
        "c": stack(k=5),
        "d": stack(filters=2),
        "e": [*stack(), conv(1, 1)],
        "f": [pool(2), *(conv(1, 3) for _ in range(4))],
        "g": stack(padding="same"),
        "h": stack(step=1),
    }
    assert sides(stack()) == [3, 5, 6, 10, 14]
    larger = [letter for letter, parts in networks.items() if sides(parts)[-1] > 14]
    assert right(checks.wider.evaluate(larger))
    assert [option.value for option in checks.wider.fields[0].options] == list(networks)


@pytest.mark.parametrize("stack", [[(3, 1, 1)], [(3, 2, 1), (3, 2, 1)], [(5, 2, 2), (2, 2, 0), (3, 1, 1), (7, 3, 3)]])
def test_rows_of_a_unit_are_those_of_the_anatomy(stack):
    parts = [keras.Input((64, 64, 1))]
    for k, s, p in stack:
        parts += [keras.layers.ZeroPadding2D(p), keras.layers.Conv2D(1, k, s)]
    field = anatomy.receptive_field(keras.Sequential(parts))
    for unit in (0, 1):
        assert checks.which_rows.fields[0].reference(stack, unit) == field.window(unit, unit)[0]


def test_one_order_of_all_is_the_cheapest():
    found = []
    for places in itertools.combinations(range(8), 2):
        letters = "".join("p" if n in places else "c" for n in range(8))
        parts = [
            keras.layers.Conv2D(1, 3, padding="same") if c == "c" else keras.layers.MaxPooling2D(2) for c in letters
        ]
        if sides(parts)[-1] == 30:
            model = keras.Sequential([keras.Input((64, 64, 1)), *parts])
            found.append((anatomy.totals(model).multiply_adds, letters))
    assert len(found) == 2
    assert right(checks.order.evaluate(min(found)[1]))
    assert not right(checks.order.evaluate(max(found)[1]))


def test_blurred_pooling_is_that_of_scipy():
    def blur_pool(a):
        weights = np.outer([1, 2, 1], [1, 2, 1])[None, :, :, None] / 16
        top = ndimage.maximum_filter(a, size=(1, 2, 2, 1), origin=(0, -1, -1, 0))[:, :-1, :-1]
        return ndimage.correlate(top, weights)[:, 1:-1:2, 1:-1:2]

    assert right(checks.blurred.evaluate(blur_pool, "none"))
