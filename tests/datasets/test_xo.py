"""The letters X and O, straight and deformed."""

import numpy as np
import pytest

from course_utils import datasets


def test_straight_letters_are_the_examples():
    x = np.full((9, 9), -1)
    for i in range(1, 8):
        x[i, i] = x[i, 8 - i] = 1
    np.testing.assert_array_equal(datasets.letter("X"), x)
    o = np.full((9, 9), -1)
    for entry in [(1, 3), (1, 4), (1, 5), (7, 3), (7, 4), (7, 5), (3, 1), (4, 1), (5, 1), (3, 7), (4, 7), (5, 7)]:
        o[entry] = 1
    for entry in [(2, 2), (2, 6), (6, 2), (6, 6)]:
        o[entry] = 1
    np.testing.assert_array_equal(datasets.letter("O"), o)


@pytest.mark.parametrize("name", ["X", "O"])
def test_whole_shift_moves_every_pixel(name):
    moved = datasets.draw_letter(name, shift=(1, -1))
    np.testing.assert_array_equal(moved[1:, :-1], datasets.letter(name)[:-1, 1:])


@pytest.mark.parametrize("name", ["X", "O"])
def test_quarter_turn_is_exact(name):
    turned = datasets.draw_letter(name, shift=(0, 1), rotation=90)
    np.testing.assert_array_equal(turned, datasets.draw_letter(name, shift=(0, 1)))


def test_positive_rotation_is_counter_clockwise():
    upper_half = datasets.draw_letter("X", rotation=20, size=41, scale=4)[:20]
    columns = np.argwhere(upper_half == 1)[:, 1] - 20
    right, left = columns[columns > 0].max(), -columns[columns < 0].min()
    assert right < left  # the right arm turns towards the vertical, the left arm away from it


def test_eighth_turn_makes_a_plus_of_an_x():
    turned = datasets.draw_letter("X", rotation=45)
    assert (turned[4, 1:8] == 1).all()
    assert (turned[1:8, 4] == 1).all()
    assert turned[2, 2] == -1


def test_ink_grows_with_thickness_and_scale():
    ink = [(datasets.draw_letter("O", thickness=t, size=15) == 1).sum() for t in (1, 2, 3)]
    assert ink[0] < ink[1] < ink[2]
    assert (datasets.draw_letter("X", scale=0.5) == 1).sum() < (datasets.letter("X") == 1).sum()


def test_noise_flips_its_share_of_pixels():
    clean, noisy = datasets.draw_letter("X", size=99), datasets.draw_letter("X", size=99, noise=0.2, seed=3)
    assert 0.18 < (clean != noisy).mean() < 0.22
    np.testing.assert_array_equal(datasets.draw_letter("X", noise=1.0), -datasets.letter("X"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Q"}, "name='Q': the letters are 'X', 'O'"),
        ({"shift": 1}, "shift=1: give two numbers"),
        ({"scale": 0}, "scale=0"),
        ({"thickness": 0.5}, "thickness=0.5"),
        ({"noise": 1.1}, "noise=1.1"),
        ({"size": 0}, "size=0"),
        ({"size": 9.5}, "size=9.5: a whole number"),
        ({"scale": float("nan")}, "scale=nan: a finite number"),
        ({"thickness": "2"}, "thickness='2': a finite number"),
        ({"rotation": float("inf")}, "rotation=inf"),
    ],
)
def test_draw_letter_errors(change, message):
    arguments = {"name": "X"} | change
    with pytest.raises(ValueError, match=message):
        datasets.draw_letter(arguments.pop("name"), **arguments)


def test_make_xo_without_deformation_is_the_two_letters():
    data = datasets.make_xo(6, 4)
    assert data.x_train.shape == (6, 9, 9, 1)
    assert data.x_train.dtype == np.uint8
    assert data.y_train.tolist() == [0, 1, 0, 1, 0, 1]
    assert data.class_names == ("X", "O")
    for image, label in zip(data.x_test, data.y_test, strict=True):
        np.testing.assert_array_equal(datasets.to_signed(image)[..., 0], datasets.letter(data.class_names[label]))


def test_make_xo_deforms_reproducibly_and_within_bounds():
    options = {"shift": 1, "rotation": 10, "scale": (0.9, 1.1), "thickness": (1, 2), "noise": 0.01, "validation": 20}
    data, again, other = (datasets.make_xo(100, 50, seed=seed, **options) for seed in (0, 0, 1))
    np.testing.assert_array_equal(data.x_train, again.x_train)
    assert (data.x_train != other.x_train).any()
    assert (len(data.x_train), len(data.x_val), len(data.x_test)) == (80, 20, 50)
    shifted = datasets.make_xo(400, 1, shift=2).x_train[::2, :, :, 0]
    drawn = {image.tobytes() for image in shifted}
    allowed = {
        np.where(datasets.draw_letter("X", shift=(row, column)) > 0, 255, 0).astype(np.uint8).tobytes()
        for row in range(-2, 3)
        for column in range(-2, 3)
    }
    assert drawn == allowed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_train": 0}, "n_train=0"),
        ({"n_train": "10"}, "n_train='10'"),
        ({"shift": -1}, "shift=-1"),
        ({"shift": 1.5}, "shift=1.5: a whole number"),
        ({"size": 0}, "size=0"),
        ({"scale": 0.5}, "scale=0.5: give"),
        ({"rotation": "10"}, "rotation='10'"),
        ({"rotation": -5}, "rotation=-5"),
        ({"scale": (1.2, 0.8)}, "scale="),
        ({"scale": (0, 1)}, "scale="),
        ({"thickness": (0.5, 1)}, "thickness="),
        ({"noise": -0.1}, "noise=-0.1"),
        ({"validation": 2000}, "validation=2000"),
    ],
)
def test_make_xo_errors(change, message):
    with pytest.raises(ValueError, match=message):
        datasets.make_xo(**change)


def test_to_signed_takes_bytes_only():
    np.testing.assert_array_equal(datasets.to_signed(np.array([0, 255], np.uint8)), [-1, 1])
    with pytest.raises(ValueError, match="dtype float64; expected uint8"):
        datasets.to_signed(np.zeros(2))
