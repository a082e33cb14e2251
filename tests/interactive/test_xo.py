"""The X/O figure's arithmetic in Node: the letters, golden values, and the NumPy layers on random drawings."""

from fractions import Fraction

import numpy as np
import pytest
from test_golden_xo import FEATURES, MAPS, PICTURES, POOLED, POOLED_TWICE, VECTORS, VOTES

from course_utils import datasets, layers

DEFORMATIONS = {
    "plain": {},
    "shifted": {"shift": (1, 1)},
    "right": {"shift": (0, 2)},
    "small": {"scale": 0.8},
    "turned": {"rotation": 30},
    "thick": {"thickness": 2},
    "moved": {"thickness": 2, "shift": (0, 1)},
    "noisy": {"noise": 0.1},
}
ORIGINAL = np.stack(list(FEATURES.values()))
RUN = """(xo, cases) => cases.map(([pixels, kernels]) => ({ maps: xo.forward(pixels, kernels), ...xo.vote(pixels, kernels) }))"""


def steps(pictures: np.ndarray, features: np.ndarray) -> list[np.ndarray]:
    """Feature map, ReLU, pooled, pooled twice: (N, 9, 9) and (3, 3, 3) → four arrays (N, 3, H, W)."""
    maps = layers.conv2d(pictures[..., None], np.moveaxis(features, 0, -1)[:, :, None, :])
    rectified = layers.relu(maps)
    once = layers.max_pool(rectified, 2, padding="same")
    return [np.moveaxis(one, -1, 1) for one in (maps, rectified, once, layers.max_pool(once, 2, padding="same"))]


def expected_votes(picture, features) -> tuple[list, dict]:
    """Who votes for which letter, and (sum, 9 · entries) for each letter."""
    vectors = steps(np.stack([picture, PICTURES["X"], PICTURES["O"]]), features)[-1].reshape(3, 12)
    own = {"X": vectors[1] > vectors[2], "O": vectors[2] > vectors[1]}
    voters = ["X" if x else "O" if o else "" for x, o in zip(own["X"], own["O"], strict=True)]
    return voters, {letter: [int(vectors[0][mine].sum()), 9 * int(mine.sum())] for letter, mine in own.items()}


def test_pictures_are_those_of_the_data_set(run_node):
    script = "(xo, names) => names.map(name => ['X', 'O'].map(letter => xo.picture(letter, name)))"
    drawn = np.reshape(run_node("xo.js", script, list(DEFORMATIONS)), (len(DEFORMATIONS), 2, 9, 9))
    for pictures, deformation in zip(drawn, DEFORMATIONS.values(), strict=True):
        for picture, letter in zip(pictures, "XO", strict=True):
            np.testing.assert_array_equal(picture, datasets.draw_letter(letter, **deformation))


def test_golden_values(run_node):
    cases = [(PICTURES[letter].ravel().tolist(), ORIGINAL.ravel().tolist()) for letter in "XO"]
    assert run_node("xo.js", "xo => xo.KERNELS") == ORIGINAL.ravel().tolist()
    x, o = run_node("xo.js", RUN, cases)
    for feature, (maps, rectified, once, twice) in zip(FEATURES, x["maps"], strict=True):
        np.testing.assert_array_equal(np.reshape(maps, (7, 7)), MAPS[feature])
        np.testing.assert_array_equal(np.reshape(rectified, (7, 7)), np.maximum(0, MAPS[feature]))
        np.testing.assert_array_equal(np.reshape(once, (4, 4)), POOLED[feature])
        np.testing.assert_array_equal(np.reshape(twice, (2, 2)), POOLED_TWICE[feature])
    for letter, result in {"X": x, "O": o}.items():
        assert result["vector"] == VECTORS[letter]
        assert (result["x"], result["o"]) == (VECTORS["X"], VECTORS["O"])
        assert result["winner"] == letter
        assert not result["close"]
        assert not result["neither"]
        for candidate in "XO":
            assert Fraction(*result["votes"][candidate]) == VOTES[letter, candidate]


def test_random_drawings_and_features_agree_with_the_layers(run_node):
    rng = np.random.default_rng(5)
    pictures = rng.choice([-1, 1], size=(150, 9, 9), p=[0.7, 0.3])
    features = rng.integers(-9, 10, size=(150, 3, 3, 3))
    features[:50] = rng.choice([-1, 1], size=(50, 3, 3, 3))
    features[50:100] = ORIGINAL
    cases = [(p.ravel().tolist(), f.ravel().tolist()) for p, f in zip(pictures, features, strict=True)]
    for picture, feature, result in zip(pictures, features, run_node("xo.js", RUN, cases), strict=True):
        expected = steps(picture[None], feature)
        for channel, maps in enumerate(result["maps"]):
            for one, array in zip(maps, expected, strict=True):
                assert one == array[0, channel].ravel().tolist()
        assert result["vector"] == expected[-1].ravel().tolist()
        voters, votes = expected_votes(picture, feature)
        assert (result["voter"], result["votes"]) == (voters, votes)
        if votes["X"][1] and votes["O"][1]:
            x, o = (Fraction(*votes[letter]) for letter in "XO")
            assert result["winner"] == ("X" if x > o else "O" if o > x else "")
            assert result["close"] == (abs(x - o) < Fraction(1, 9))


@pytest.mark.parametrize(
    ("letter", "preset", "votes", "winner", "close", "neither"),
    [
        ("X", "thick", ("1/3", "5/18"), "X", True, False),
        ("O", "thick", ("1/5", "1/3"), "O", False, True),
        ("X", "moved", ("1/3", "4/9"), "O", False, False),
        ("O", "moved", ("17/45", "1/3"), "X", True, False),
        ("X", "turned", ("5/9", "4/9"), "X", False, False),
        ("O", "right", ("5/9", "7/9"), "O", False, False),
    ],
)
def test_verdicts(run_node, letter, preset, votes, winner, close, neither):
    script = "(xo, [letter, preset]) => xo.vote(xo.picture(letter, preset), xo.KERNELS)"
    result = run_node("xo.js", script, [letter, preset])
    assert tuple(Fraction(*result["votes"][one]) for one in "XO") == tuple(Fraction(vote) for vote in votes)
    assert (result["winner"], result["close"], result["neither"]) == (winner, close, neither)


def test_blank_paper_gets_what_it_is_said_to_get(run_node):
    result = run_node("xo.js", "xo => xo.vote(Array(81).fill(-1), xo.KERNELS)")
    assert Fraction(*result["votes"]["O"]) == Fraction(*result["paper"]) == Fraction(1, 3)
    assert Fraction(*result["votes"]["X"]) == Fraction(4, 15)
    assert result["neither"]


def test_features_without_a_voting_entry_give_no_verdict(run_node):
    result = run_node("xo.js", "xo => xo.vote(xo.picture('X'), Array(27).fill(0))")
    assert result["votes"] == {"X": [0, 0], "O": [0, 0]}
    assert result["winner"] == ""
