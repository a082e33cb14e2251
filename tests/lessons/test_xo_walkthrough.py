"""Exercises of the X/O walkthrough: the right answers computed in another way."""

import numpy as np
import pytest

from course_utils import datasets
from course_utils.lessons.xo_walkthrough import checks

X, O = datasets.letter("X"), datasets.letter("O")  # noqa: E741
X_OWN = np.array([1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0])
O_OWN = np.array([0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1])
WEIGHTS = np.stack([X_OWN / 5, O_OWN / 4], axis=1) / 9
MAP = np.array([[3, -1, 1, 5, -3], [-5, 7, -1, 1, -1], [1, -3, 9, -7, -5], [5, 1, -3, -1, -1], [-1, 3, 1, -3, -7]])


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def test_match_pixel_by_pixel():
    window, feature = X[0:3, 2:5], [[-1, -1, 1], [-1, 1, -1], [1, -1, -1]]
    products = [int(window[i, j]) * feature[i][j] for i in range(3) for j in range(3)]
    hits = products.count(1)
    assert right(checks.match_by_hand.evaluate(hits, 9 - hits, sum(products) / 9))
    assert right(checks.match_by_hand.evaluate(7, 2, 0.56))
    assert "add up to 9" in told(checks.match_by_hand, 7, 4, 5 / 9)
    assert "cut off instead of rounded" in told(checks.match_by_hand, 7, 2, 0.55)


@pytest.mark.parametrize("feature", [[[-1, -1, -1], [1, 1, 1], [-1, -1, -1]], O[3:6, 0:3], O[0:3, 3:6].astype(float)])
def test_straight_pieces_of_the_ring_pass(feature):
    assert right(checks.design_feature.evaluate(feature))


def pooled_by_loops(values, choose, stride=2):
    starts = range(0, 5, stride)
    return [[choose(values[i : i + 2, j : j + 2]) for j in starts] for i in starts]


def test_pooling_by_loops():
    assert right(checks.pool_by_hand.evaluate(pooled_by_loops(MAP, np.max)))
    assert "these are means" in told(checks.pool_by_hand, pooled_by_loops(MAP, np.mean))
    largest = pooled_by_loops(MAP, lambda window: window.flat[abs(window).argmax()])
    assert "magnitudes were compared" in told(checks.pool_by_hand, largest)
    assert "filled up with zeros" in told(checks.pool_by_hand, np.maximum(pooled_by_loops(MAP, np.max), 0))
    assert "pooled[2, 1] is 2; expected 1" in told(checks.pool_by_hand, [[7, 5, -1], [5, 9, -1], [3, 2, -7]])


def test_weights_from_the_masks():
    assert right(checks.vote_weights.evaluate(WEIGHTS))
    assert right(checks.vote_weights.evaluate(WEIGHTS.tolist()))
    assert "mean of the letter's own entries" in told(checks.vote_weights, np.zeros((12, 2)))


def twelve(picture, pool=np.max, padded=True):
    """The numbers of the three maps by loops, map by map; with whole windows only unless ``padded``."""
    falling = np.where(np.eye(3) > 0, 1, -1)
    maps = []
    for feature in (falling, np.maximum(falling, falling[:, ::-1]), falling[:, ::-1]):
        sums = [[(picture[i : i + 3, j : j + 3] * feature).sum() for j in range(7)] for i in range(7)]
        small = np.maximum(sums, 0)
        for _ in range(2):
            side = -(-len(small) // 2) if padded else len(small) // 2
            cut = range(side)
            small = np.array([[pool(small[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]) for j in cut] for i in cut])
        maps.append(small)
    return np.array(maps)


def test_each_friend_made_the_mistake_that_is_named():
    made = {
        "order": np.moveaxis(twelve(X), 0, -1),
        "valid": twelve(X, padded=False),
        "zeros": twelve((X > 0).astype(int)),
    }
    printed = {
        "order": [9, 9, 5, 5, 5, 9, 5, 5, 9, 9, 5, 5],
        "valid": [9, 9, 5],
        "zeros": [3, 1, 1, 3, 5, 3, 3, 3, 1, 3, 3, 1],
    }
    assert {name: numbers.ravel().tolist() for name, numbers in made.items()} == printed
    means = twelve(X, np.mean).ravel()
    assert (means % 1 != 0).any()
    assert right(checks.wrong_step.evaluate("order", "valid", "zeros"))
    assert "three in all" in told(checks.wrong_step, "valid", "valid", "zeros")
