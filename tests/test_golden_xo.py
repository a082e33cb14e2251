"""The X/O example, typed in by hand: pictures, maps, pooled maps and votes of Rohrer's walkthrough (2016)."""

from fractions import Fraction

import numpy as np
import pytest

from course_utils import datasets, layers


def numbers(text: str) -> np.ndarray:
    """Rows of numbers as they stand on paper."""
    return np.array([[int(entry) for entry in row.split()] for row in text.strip().splitlines()])


def ink(text: str) -> np.ndarray:
    return np.array([[1 if mark == "#" else -1 for mark in row.strip()] for row in text.strip().splitlines()])


PICTURES = {
    "X": ink("""
        .........
        .#.....#.
        ..#...#..
        ...#.#...
        ....#....
        ...#.#...
        ..#...#..
        .#.....#.
        ........."""),
    "O": ink("""
        .........
        ...###...
        ..#...#..
        .#.....#.
        .#.....#.
        .#.....#.
        ..#...#..
        ...###...
        ........."""),
}
FEATURES = {
    "╲": ink("#..\n.#.\n..#"),
    "✕": ink("#.#\n.#.\n#.#"),
    "╱": ink("..#\n.#.\n#.."),
}
FALLING = numbers("""
     7 -1  1  3  5 -1  3
    -1  9 -1  3 -1  1 -1
     1 -1  9 -3  1 -1  5
     3  3 -3  5 -3  3  3
     5 -1  1 -3  9 -1  1
    -1  1 -1  3 -1  9 -1
     3 -1  5  3  1 -1  7""")
CROSSING = numbers("""
     3 -5  1 -1  1 -5  3
    -5  5 -5  3 -5  5 -5
     1 -5  5 -7  5 -5  1
    -1  3 -7  9 -7  3 -1
     1 -5  5 -7  5 -5  1
    -5  5 -5  3 -5  5 -5
     3 -5  1 -1  1 -5  3""")
MAPS = {"╲": FALLING, "✕": CROSSING, "╱": FALLING[:, ::-1]}
POOLED = {
    "╲": numbers("9 3 5 3\n3 9 3 5\n5 3 9 1\n3 5 1 7"),
    "✕": numbers("5 3 5 3\n3 9 5 1\n5 5 5 1\n3 1 1 3"),
    "╱": numbers("3 5 9 7\n5 5 9 3\n9 9 1 5\n7 3 5 3"),
}
POOLED_TWICE = {"╲": numbers("9 5\n5 9"), "✕": numbers("9 5\n5 5"), "╱": numbers("5 9\n9 5")}
VECTORS = {"X": [9, 5, 5, 9, 9, 5, 5, 5, 5, 9, 9, 5], "O": [5, 9, 9, 5, 5, 5, 5, 5, 9, 5, 5, 9]}
VOTES = {("X", "X"): Fraction(1), ("X", "O"): Fraction(5, 9), ("O", "X"): Fraction(5, 9), ("O", "O"): Fraction(1)}

KERNEL = np.stack(list(FEATURES.values()), axis=-1)[:, :, None, :]


def convolve(letter: str, convolution=layers.conv2d) -> np.ndarray:
    return convolution(datasets.letter(letter)[None, :, :, None], KERNEL)


def flatten(letter: str) -> np.ndarray:
    """Convolution, ReLU, pool, pool, flatten map by map."""
    once = layers.max_pool(layers.relu(convolve(letter)), 2, padding="same")
    twice = layers.max_pool(once, 2, padding="same")
    return np.moveaxis(twice[0], -1, 0).reshape(-1)


@pytest.mark.parametrize("letter", PICTURES)
def test_letters(letter):
    np.testing.assert_array_equal(datasets.letter(letter), PICTURES[letter])


@pytest.mark.parametrize("convolution", [layers.conv2d, layers.conv2d_naive])
@pytest.mark.parametrize(("channel", "feature"), list(enumerate(FEATURES)))
def test_feature_maps(convolution, channel, feature):
    np.testing.assert_array_equal(convolve("X", convolution)[0, :, :, channel], MAPS[feature])


@pytest.mark.parametrize("pool", [layers.max_pool, layers.max_pool_naive])
@pytest.mark.parametrize("relu_first", [False, True])
@pytest.mark.parametrize(("channel", "feature"), list(enumerate(FEATURES)))
def test_pooled_maps(pool, relu_first, channel, feature):
    maps = layers.relu(convolve("X")) if relu_first else convolve("X")
    np.testing.assert_array_equal(pool(maps, 2, padding="same")[0, :, :, channel], POOLED[feature])


def test_whole_windows_only_give_three_by_three():
    maps = convolve("X")
    assert layers.max_pool(maps, 2, padding="valid").shape == (1, 3, 3, 3)
    np.testing.assert_array_equal(layers.max_pool(maps, 2)[0, :, :, 0], POOLED["╲"][:3, :3])


@pytest.mark.parametrize(("channel", "feature"), list(enumerate(FEATURES)))
def test_second_pooling(channel, feature):
    once = layers.max_pool(layers.relu(convolve("X")), 2, padding="same")
    np.testing.assert_array_equal(layers.max_pool(once, 2, padding="same")[0, :, :, channel], POOLED_TWICE[feature])


@pytest.mark.parametrize("letter", VECTORS)
def test_flattened_vectors(letter):
    assert flatten(letter).tolist() == VECTORS[letter]


@pytest.mark.parametrize(("picture", "letter"), VOTES)
def test_votes(picture, letter):
    other = {"X": "O", "O": "X"}[letter]
    own = flatten(letter) > flatten(other)
    assert own.sum() == {"X": 5, "O": 4}[letter]
    assert Fraction(int(flatten(picture)[own].sum()), 9 * int(own.sum())) == VOTES[picture, letter]


def test_zeros_and_ones_cannot_tell_a_crossing_from_a_blot():
    marks = np.where(FEATURES["✕"] > 0, 1, 0)
    assert (FEATURES["✕"] * marks).sum() == marks.sum() == 5
    assert (FEATURES["✕"] ** 2).sum() == 9
    assert FEATURES["✕"].sum() == 1


def test_shift_by_one_column_leaves_seven_of_sixteen_pooled_values():
    moved = datasets.draw_letter("X", shift=(0, 1))
    np.testing.assert_array_equal(moved, np.roll(PICTURES["X"], 1, axis=1))
    maps = layers.conv2d(moved[None, :, :, None], KERNEL[..., :1])
    assert (maps[0, :, :, 0] == MAPS["╲"]).sum() == 3
    pooled = layers.max_pool(maps, 2, padding="same")[0, :, :, 0]
    assert ((pooled == POOLED["╲"]).sum(), pooled.max()) == (7, 9)
