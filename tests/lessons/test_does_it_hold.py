"""Exercises on how far the X/O network carries: the right answers computed in another way."""

from itertools import combinations

import numpy as np
import pytest

from course_utils import datasets
from course_utils.lessons.does_it_hold import checks

X, O = datasets.letter("X"), datasets.letter("O")  # noqa: E741
X_OWN = np.array([1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0])
O_OWN = np.array([0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1])


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def votes(picture, *, scales=(1, 1, 1), bias=0):
    """Both votes by loops: matches with the three features, their largest in each quarter, means over a letter's own."""
    falling = np.where(np.eye(3) > 0, 1, -1)
    features = (falling, np.maximum(falling, falling[:, ::-1]), falling[:, ::-1])
    vector = []
    for feature, scale in zip(features, scales, strict=True):
        sums = np.array([[(picture[i : i + 3, j : j + 3] * feature).sum() for j in range(7)] for i in range(7)])
        kept = np.maximum(scale * sums + bias, 0)
        vector += [kept[rows, columns].max() for rows in (slice(4), slice(4, 7)) for columns in (slice(4), slice(4, 7))]
    return np.array([vector @ X_OWN / 45, vector @ O_OWN / 36])


def decision(pair):
    return np.sign(round(float(pair[0] - pair[1]), 9))


def test_votes_for_the_letter_i():
    picture = np.full((9, 9), -1)
    picture[1:8, 4] = 1
    vote_x, vote_o = votes(picture)
    assert right(checks.third_letter.evaluate(vote_x, vote_o, "o" if vote_o > vote_x else "x"))
    assert right(checks.third_letter.evaluate(0.289, 0.333, "O"))
    assert "column 4" in told(checks.third_letter, 0.5, 1 / 3, "O")


def test_flips_by_trying_all_subsets_of_fewer_pixels():
    """Two letters of 14 pixels that are each other's opposite: worst leads after k flips."""
    worst = [
        min(sum(-1 if i in chosen else 1 for i in range(14)) for chosen in combinations(range(14), k)) for k in range(9)
    ]
    survive = max(k for k, lead in enumerate(worst) if lead > 0)
    assert right(checks.flips.evaluate(survive, worst.index(0)))


def test_only_four_flipped_pixels_that_fool_pass():
    picture = X.copy()
    for place in ((3, 3), (4, 8), (5, 5), (3, 7)):
        picture[place] *= -1
    assert decision(votes(picture)) == -1
    assert right(checks.fool_it.evaluate(picture))
    assert right(checks.fool_it.evaluate(picture.astype("float32").tolist()))
    harmless = X.copy()
    harmless[0, :4] *= -1
    assert decision(votes(harmless)) == 1
    assert "Which pixels carry the perfect matches" in told(checks.fool_it, harmless)
    fifth = picture.copy()
    fifth[8, 4] *= -1
    assert decision(votes(fifth)) == -1
    assert "it can be done with four" in told(checks.fool_it, fifth)


@pytest.mark.parametrize("transposed", [False, True])
def test_correlation_is_a_cosine(transposed):
    def cosine(window, feature):
        window, feature = np.ravel(window), np.ravel(feature)
        if transposed:
            window, feature = feature, window
        return sum(window * feature) / (sum(window**2) ** 0.5 * sum(feature**2) ** 0.5)

    assert right(checks.correlation.evaluate(cosine))


def test_changes_by_the_shifted_letters():
    shifted = [
        datasets.draw_letter(name, shift=(down, aside))
        for name in "XO"
        for down in range(-3, 4)
        for aside in range(-3, 4)
    ]
    before = [decision(votes(picture)) for picture in shifted]
    changed = {
        "A": lambda picture: votes(picture) + 0.1,
        "B": lambda picture: votes(picture, scales=(1, 1 / 9, 1)),
        "C": lambda picture: votes(0.5 * picture),
        "D": lambda picture: votes(picture) * (2, 1),
        "E": lambda picture: votes(picture, bias=-5),
    }
    kept = [name for name, change in changed.items() if [decision(change(picture)) for picture in shifted] == before]
    assert kept == ["A", "C"]
    assert right(checks.changes.evaluate(kept))
