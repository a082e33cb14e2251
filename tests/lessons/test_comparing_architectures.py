"""Exercises of the lesson comparing architectures: the right answers computed in another way."""

from statistics import mean, variance

import keras
import numpy as np

from course_utils import anatomy
from course_utils.lessons.comparing_architectures import checks


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def multiply_adds(layer):
    side = 14 + layer.kernel_size[0] - 1
    inputs = keras.Input((side, side, 64))
    return anatomy.totals(keras.Model(inputs, layer(inputs))).multiply_adds


def test_separable_cost_is_that_of_keras_layers():
    full = multiply_adds(keras.layers.Conv2D(128, 3))
    depthwise, pointwise = multiply_adds(keras.layers.DepthwiseConv2D(3)), multiply_adds(keras.layers.Conv2D(128, 1))
    separable = depthwise + pointwise
    assert right(checks.separable_cost.evaluate(full, separable, separable / full))
    assert right(checks.separable_cost.evaluate(full, separable, 0.119))
    assert "that is the depthwise half" in told(checks.separable_cost, full, depthwise, separable / full)
    assert "turn it upside down" in told(checks.separable_cost, full, separable, full / separable)


def test_front_by_comparing_all_pairs():
    networks = {"A": (300, 72.0), "B": (569, 70.6), "C": (386, 77.1), "D": (4200, 82.9), "E": (3858, 75.3)}
    front = [
        name
        for name, (cost, accuracy) in networks.items()
        if not any(
            other_cost <= cost and other_accuracy >= accuracy
            for other, (other_cost, other_accuracy) in networks.items()
            if other != name
        )
    ]
    assert right(checks.pareto.evaluate(front))
    assert right(checks.pareto.evaluate(", ".join(reversed(front)).lower()))


def test_front_by_two_loops():
    def on_front(costs, accuracies):
        found = []
        for cost, accuracy in zip(costs, accuracies, strict=True):
            beaten = False
            for other, other_accuracy in zip(costs, accuracies, strict=True):
                no_worse = all(a <= b for a, b in zip(other, cost, strict=True)) and other_accuracy >= accuracy
                beaten |= no_worse and (
                    any(a < b for a, b in zip(other, cost, strict=True)) or other_accuracy > accuracy
                )
            found.append(not beaten)
        return found

    assert right(checks.on_front.evaluate(on_front))


def test_standard_error_by_the_statistics_module():
    a, b = (97.9, 98.3, 98.1, 98.0, 98.2), (98.3, 98.6, 98.1, 98.5, 98.0)
    difference, error = mean(b) - mean(a), ((variance(a) + variance(b)) / 5) ** 0.5
    assert right(checks.seed_difference.evaluate(difference, error, np.bool_(difference > 2.4 * error)))
    assert "answer True or False" in told(checks.seed_difference, difference, error, "maybe")
