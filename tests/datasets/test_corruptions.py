"""The fifteen corruptions against scikit-image, OpenCV, plain loops and distributions, and against themselves in parts."""

import numpy as np
import pytest
import scripts
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import ndimage, special, stats

from course_utils import datasets
from course_utils.datasets import corruptions

N = 300  # more than a chunk
RANDOM = [name for name in corruptions.NAMES if name not in ("scale", "brightness", "stripe", "canny_edges")]


@pytest.fixture(scope="module")
def digits():
    return datasets.load_mnist().x_test[:N, :, :, 0]


@pytest.fixture(scope="module")
def one_by_one():
    """The module of the benchmark, which has each corruption of one digit in plain terms."""
    return scripts.load("benchmarks/mnist_c_speed.py")


@pytest.fixture(scope="module")
def published(digits):
    """Every corruption of the digits at its published severity."""
    return {name: corruptions.apply(name, digits) for name in corruptions.NAMES}


def draws(name, count, *, seed=0, first_index=0):
    """Start of the random numbers of the first digits."""
    return corruptions._streams(name, seed, first_index, count)


def as_bytes(values):
    return (np.clip(values, 0, 255) + 0.5).astype(np.uint8)


def assert_close(ours, theirs, *, grey=1):
    """Pictures agree to one grey value, which rounding may cost."""
    assert np.abs(ours.astype(int) - np.asarray(theirs).astype(int)).max() <= grey


# --- what holds for all -------------------------------------------------------------------------------------------


def test_names_are_those_of_the_paper():
    assert (
        *("shot_noise", "impulse_noise", "glass_blur", "motion_blur", "shear", "scale", "rotate", "brightness"),
        *("translate", "stripe", "fog", "spatter", "dotted_line", "zigzag", "canny_edges"),
    ) == corruptions.NAMES


@pytest.mark.parametrize("name", ["identity", *corruptions.NAMES])
def test_form_of_the_result(name, digits):
    before, batch = digits.copy(), digits[:7, :, :, None]
    result = corruptions.apply(name, batch)
    assert result.dtype == np.uint8
    assert result.shape == batch.shape
    np.testing.assert_array_equal(digits, before)
    np.testing.assert_array_equal(result[..., 0], corruptions.apply(name, digits[:7]))
    assert corruptions.apply(name, digits[:0]).shape == (0, 28, 28)
    assert not np.shares_memory(result, batch)
    np.testing.assert_array_equal(corruptions.apply(name, np.asfortranarray(digits[:7])), result[..., 0])


@pytest.mark.parametrize("name", corruptions.NAMES)
def test_deterministic_and_different_from_seed_to_seed(name, digits, published):
    np.testing.assert_array_equal(corruptions.apply(name, digits[:60]), published[name][:60])
    other = corruptions.apply(name, digits[:60], seed=1)
    changed = (other != published[name][:60]).any(axis=(1, 2)).mean()
    assert (changed > 0.3) == (name in RANDOM)
    assert (published[name] != digits).any(axis=(1, 2)).mean() > 0.9


@pytest.mark.parametrize("name", corruptions.NAMES)
def test_one_by_one_and_in_parts_is_the_same(name, digits, published):
    alone = [corruptions.apply(name, digits[i : i + 1], first_index=i)[0] for i in (0, 1, 2, 249, 250, N - 1)]
    np.testing.assert_array_equal(alone, published[name][[0, 1, 2, 249, 250, N - 1]])
    parts = np.split(digits, [1, 3, 20, 264])
    starts = np.cumsum([0, *(len(part) for part in parts)])
    together = [corruptions.apply(name, part, first_index=int(i)) for i, part in zip(starts, parts, strict=False)]
    np.testing.assert_array_equal(np.concatenate(together), published[name])


@hypothesis_settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(corruptions.NAMES),
    severity=st.integers(0, 5),
    seed=st.integers(0, 2**64 - 1),
    first=st.integers(0, 2**64 - 8),
    cut=st.integers(0, 5),
    data=st.binary(min_size=5 * 784, max_size=5 * 784),
)
def test_any_pixels_any_seed_any_split(name, severity, seed, first, cut, data):
    images = np.frombuffer(data, np.uint8).reshape(5, 28, 28)
    options = {"severity": severity, "seed": seed}
    whole = corruptions.apply(name, images, first_index=first, **options)
    parts = [
        corruptions.apply(name, part, first_index=start, **options)
        for part, start in ((images[:cut], first), (images[cut:], first + cut))
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    if severity == 0:
        np.testing.assert_array_equal(whole, images)


@pytest.mark.parametrize("name", corruptions.NAMES)
def test_severity_zero_and_published(name, digits, published):
    np.testing.assert_array_equal(corruptions.apply(name, digits[:5], severity=0), digits[:5])
    assert corruptions.settings(name, 0) == {}
    position = next(s for s in range(1, 6) if corruptions.settings(name, s) == corruptions.settings(name))
    np.testing.assert_array_equal(corruptions.apply(name, digits[:5], severity=position), published[name][:5])


def test_identity(digits):
    np.testing.assert_array_equal(corruptions.apply("identity", digits, severity=5, seed=3), digits)


def test_published_settings_are_those_of_the_paper():
    expected = {
        "shot_noise": {"rate": 3},
        "impulse_noise": {"amount": 0.17},
        "glass_blur": {"sigma": 0.7, "reach": 1, "rounds": 2},
        "motion_blur": {"radius": 10, "sigma": 3},
        "shear": {"angle": 0.4},
        "scale": {"factor": 0.7},
        "rotate": {"angle": 0.4},
        "brightness": {"added": 0.5},
        "translate": {"pixels": 3},
        "stripe": {"columns": 7},
        "fog": {"amount": 3, "decay": 1.4},
        "spatter": {"mean": 0.65, "spread": 0.3, "sigma": 1, "threshold": 0.65, "edge": 1.5},
        "dotted_line": {"lines": 1},
        "zigzag": {"lines": 1},
        "canny_edges": {"sigma": 1},
    }
    assert {name: corruptions.settings(name) for name in corruptions.NAMES} == expected
    corruptions.settings("shear")["angle"] = 9
    assert corruptions.settings("shear") == {"angle": 0.4}


DISTANCE = [name for name in corruptions.NAMES if name not in ("motion_blur", "fog", "spatter", "canny_edges")]


@pytest.mark.parametrize("name", DISTANCE)
def test_severity_orders_the_distance_from_the_clean_digits(name, digits):
    some = digits[:100]
    results = [corruptions.apply(name, some, severity=severity).astype(float) for severity in range(6)]
    distances = [np.abs(result - some).mean() for result in results]
    assert (np.diff(distances) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "frost"}, "name='frost': there are shot_noise, .* and identity"),
        ({"name": ["fog"]}, "there are shot_noise"),
        ({"severity": 6}, 'severity=6: "published" or a whole number from 0'),
        ({"severity": -1}, "severity=-1"),
        ({"severity": 2.0}, "severity=2.0"),
        ({"severity": True}, "severity=True"),
        ({"severity": "hard"}, "severity='hard'"),
        ({"seed": -1}, "seed=-1: a whole number"),
        ({"seed": 2**64}, "seed="),
        ({"seed": 0.5}, "seed=0.5"),
        ({"first_index": -1}, "first_index=-1: a whole number"),
        ({"first_index": None}, "first_index=None"),
        ({"images": np.zeros((2, 28, 28))}, "dtype float64 and shape .2, 28, 28.; expected uint8"),
        ({"images": np.zeros((2, 32, 32), np.uint8)}, r"shape \(2, 32, 32\); expected .* parameters are made for$"),
        ({"images": np.zeros((2, 28, 28, 3), np.uint8)}, r"shape \(2, 28, 28, 3\)"),
        ({"images": np.zeros((28, 28), np.uint8)}, r"put a single picture into a batch: image\[None\]"),
        ({"images": np.zeros((28, 28, 1), np.uint8)}, r"put a single picture into a batch"),
        ({"images": [[0]]}, "expected an array of digits"),
    ],
)
def test_wrong_arguments(arguments, message, digits):
    arguments = {"name": "fog", "images": digits[:2]} | arguments
    with pytest.raises(ValueError, match=message):
        corruptions.apply(arguments.pop("name"), arguments.pop("images"), **arguments)


# --- random numbers -----------------------------------------------------------------------------------------------


def test_words_are_those_of_splitmix64():
    # The first outputs for the seed 1234567, as published with many implementations.
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    seeds = np.array([1234567, 0], np.uint64)
    assert corruptions._words(seeds, 5)[0].tolist() == expected
    assert corruptions._words(seeds, 2, 3)[0].tolist() == expected[3:]


def test_uniforms_are_uniform_and_independent():
    u = corruptions._uniforms(draws("fog", 2000), 50)
    assert 0 < u.min() < u.max() < 1
    assert stats.kstest(u.ravel(), "uniform").pvalue > 0.01
    assert stats.kstest(u[:, 0], "uniform").pvalue > 0.01
    for one, other in ((u[1:], u[:-1]), (u[:, 1:], u[:, :-1]), (u, corruptions._uniforms(draws("zigzag", 2000), 50))):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / np.sqrt(one.size)
    assert len(np.unique(draws("fog", 2000))) == 2000


def test_integers_cover_their_range():
    counts = np.bincount(corruptions._integers(draws("fog", 3000), 0, 27, 3).ravel())
    assert len(counts) == 27
    assert stats.chisquare(counts).pvalue > 0.01


# --- noise --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("severity", "rate"), [(5, 3), (3, 12), (1, 60)])
@pytest.mark.parametrize("grey", [30, 128, 255])
def test_shot_noise_counts_photons(severity, rate, grey):
    pages = np.full((60, 28, 28), grey, np.uint8)
    result = corruptions.apply("shot_noise", pages, severity=severity)
    photons = np.arange(rate)
    probabilities = stats.poisson.pmf(photons, rate * grey / 255)
    probabilities = np.append(probabilities, 1 - probabilities.sum())  # all that is white
    greys = as_bytes(np.arange(rate + 1) * 255 / rate)
    observed = np.array([(result == value).sum() for value in greys])
    assert observed.sum() == result.size
    expected = probabilities * result.size
    common = expected > 5
    assert (
        stats.chisquare(observed[common], expected[common] * observed[common].sum() / expected[common].sum()).pvalue
        > 1e-3
    )


def test_shot_noise_keeps_paper_and_raises_variance_within_strokes(digits, published):
    assert not published["shot_noise"][digits == 0].any()
    white = digits == 255
    assert published["shot_noise"][white].std() > 50


@pytest.mark.parametrize(("severity", "amount"), [(1, 0.03), (4, 0.17), (5, 0.27)])
def test_impulse_noise_hits_its_share(severity, amount):
    pages = np.full((100, 28, 28), 100, np.uint8)
    result = corruptions.apply("impulse_noise", pages, severity=severity)
    n = result.size
    hits = [(result == value).sum() for value in (0, 255)]
    for count in hits:
        assert abs(count - n * amount / 2) < 4 * np.sqrt(n * amount / 2)
    assert sum(hits) + (result == 100).sum() == n


def test_noise_raises_variance(digits, published):
    assert published["impulse_noise"].var() > 1.2 * digits.var()


# --- blur ---------------------------------------------------------------------------------------------------------


def gradient_energy(images):
    return sum((np.diff(images.astype(float), axis=axis) ** 2).mean() for axis in (1, 2))


@pytest.mark.parametrize("name", ["glass_blur", "motion_blur"])
def test_blur_lowers_gradient_energy(name, digits):
    energy = [gradient_energy(corruptions.apply(name, digits[:100], severity=severity)) for severity in range(6)]
    assert (np.diff(energy) < 0).all()
    assert energy[1] < energy[0] / 2


def test_blur_is_scipys(digits):
    for mode in ("nearest", "constant"):
        expected = [ndimage.gaussian_filter(image.astype(float), 1.1, mode=mode) for image in digits[:3]]
        np.testing.assert_allclose(corruptions._blurred(digits[:3] / 1.0, 1.1, mode), expected, atol=1e-9)


def plain_glass(image, stream, *, sigma, reach, rounds):
    """Swap pixel after pixel of one digit, with the swaps that the stream of random words asks for."""
    pixels = np.uint8(ndimage.gaussian_filter(image.astype(float), sigma, mode="nearest") + 1e-9)
    places = list(range(28 - reach, reach, -1))
    words = iter(corruptions._words(np.array([stream]), rounds * len(places) ** 2)[0].tolist())
    for _ in range(rounds):
        for row in places:
            for column in places:
                word = next(words)
                if word >> 63:
                    down = ((word >> 32) % 2**31 * 2 * reach >> 31) - reach
                    right = ((word % 2**32) * 2 * reach >> 32) - reach
                    other = row + down, column + right
                    pixels[row, column], pixels[other] = pixels[other], pixels[row, column]
    return ndimage.gaussian_filter(pixels.astype(float), sigma, mode="nearest")


@pytest.mark.parametrize("severity", [1, 3, 4])
def test_glass_blur_swaps_pixels_in_turn(severity, digits):
    settings = corruptions.settings("glass_blur", severity)
    result = corruptions.apply("glass_blur", digits[:4], severity=severity)
    for image, stream, ours in zip(digits, draws("glass_blur", 4), result, strict=False):
        assert_close(ours, as_bytes(plain_glass(image, stream, **settings)))


def test_swaps_are_half_of_the_time_and_in_every_direction():
    words = corruptions._words(draws("glass_blur", 100), 400).ravel()
    distances = corruptions._swap(words, 2)
    assert set(distances) == {28 * down + right for down in range(-2, 2) for right in range(-2, 2)}
    share = (distances == -2 * 28 - 2).mean()
    assert abs(share - 1 / 32) < 4 * np.sqrt(1 / 32 / len(words))


@pytest.mark.parametrize("severity", [1, 2, 5])
def test_motion_blur_is_a_filter_along_a_line(severity, digits, one_by_one):
    result = corruptions.apply("motion_blur", digits[:40], severity=severity)
    angles = np.deg2rad(90 * corruptions._uniforms(draws("motion_blur", 40), 1)[:, 0] - 45)
    for image, angle, ours in zip(digits, angles, result, strict=False):
        settings = corruptions.settings("motion_blur", severity)
        assert_close(ours, as_bytes(one_by_one.motion_blur(image, None, angle=angle, **settings)))
    assert np.rad2deg(angles).min() < -35
    assert np.rad2deg(angles).max() > 35


# --- geometry -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["shear", "rotate"])
@pytest.mark.parametrize("severity", [1, 2, 5])
def test_slanted_and_turned_as_by_scikit_image(name, severity, digits, one_by_one):
    settings, warp = corruptions.settings(name, severity), getattr(one_by_one, name)
    result, signs = corruptions.apply(name, digits[:40], severity=severity), []
    for image, ours in zip(digits, result, strict=False):
        errors = {
            sign: np.abs(as_bytes(warp(image, None, sign=sign, **settings)).astype(int) - ours).max()
            for sign in (-1, 1)
        }
        signs.append(min(errors, key=errors.get))
        assert min(errors.values()) <= 1
    assert 10 < signs.count(1) < 30


@pytest.mark.parametrize("severity", [1, 3, 5])
def test_shrunk_as_by_scikit_image(severity, digits, one_by_one):
    settings = corruptions.settings("scale", severity)
    result = corruptions.apply("scale", digits[:40], severity=severity)
    for image, ours in zip(digits, result, strict=False):
        assert_close(ours, as_bytes(one_by_one.scale(image, None, **settings)))


def test_affine_ones_keep_the_centre_in_place():
    page = np.zeros((1, 28, 28), np.uint8)
    page[0, 13:15, 13:15] = 255  # the four pixels about the centre
    for name in ("shear", "rotate", "scale"):
        result = corruptions.apply(name, page)[0].astype(float)
        centre = ndimage.center_of_mass(result)
        np.testing.assert_allclose(centre, (13.5, 13.5), atol=0.02)


@pytest.mark.parametrize("severity", [1, 3, 5])
def test_translate_moves_the_centre_of_mass(severity):
    pages = np.zeros((80, 28, 28), np.uint8)
    pages[:, 8:20, 10:16] = 200
    result = corruptions.apply("translate", pages, severity=severity)
    moves = np.array([ndimage.center_of_mass(page) for page in result]) - ndimage.center_of_mass(pages[0])
    np.testing.assert_allclose(np.abs(moves), severity, atol=1e-9)
    counts = np.unique(np.rint(moves), axis=0, return_counts=True)[1]
    assert len(counts) == 4  # directions, all common
    assert counts.min() > 10
    np.testing.assert_array_equal(np.sort(result.reshape(80, -1)), np.sort(pages.reshape(80, -1)))


# --- light and weather --------------------------------------------------------------------------------------------


def test_brightness_adds_half_of_white(digits, published):
    np.testing.assert_array_equal(published["brightness"], np.minimum(digits.astype(int) + 128, 255))


@pytest.mark.parametrize(("severity", "columns"), [(1, 1), (4, 7), (5, 9)])
def test_stripe_inverts_the_outer_columns_exactly(severity, columns, digits):
    result = corruptions.apply("stripe", digits, severity=severity)
    middle = slice(columns, 28 - columns)
    np.testing.assert_array_equal(result[:, :, middle], digits[:, :, middle])
    for outer in (slice(0, columns), slice(28 - columns, 28)):
        np.testing.assert_array_equal(result[:, :, outer], 255 - digits[:, :, outer])


@pytest.mark.parametrize(("severity", "amount", "decay"), [(1, 1.5, 2.0), (5, 3.0, 1.4)])
def test_fog_adds_a_fractal_and_takes_contrast(severity, amount, decay, digits):
    result = corruptions.apply("fog", digits[:50], severity=severity)
    brightest = digits[:50].max(axis=(1, 2), keepdims=True) / 255
    fractal = corruptions._plasma(draws("fog", 50), decay)
    expected = 255 * (digits[:50] / 255 + amount * fractal) * brightest / (brightest + amount)
    np.testing.assert_array_equal(result, as_bytes(expected))
    lost = result.astype(float).std(axis=(1, 2)) < 0.6 * digits[:50].std(axis=(1, 2))
    assert lost.all()


def smooth(mean):
    """Roughen by nothing: the fractal's step is then plain interpolation."""
    return mean


def test_diamond_square_takes_the_mean_of_four_neighbours():
    corners = np.random.default_rng(0).random((2, 4, 4))
    finer = corruptions._finer_torus(corners, smooth)
    assert finer.shape == (2, 8, 8)
    np.testing.assert_array_equal(finer[:, ::2, ::2], corners)
    diagonal, straight = [(-1, -1), (-1, 1), (1, -1), (1, 1)], [(-1, 0), (1, 0), (0, -1), (0, 1)]
    for row, column in np.ndindex(8, 8):
        if row % 2 or column % 2:
            steps = diagonal if row % 2 and column % 2 else straight
            neighbours = [finer[:, (row + down) % 8, (column + right) % 8] for down, right in steps]
            np.testing.assert_allclose(finer[:, row, column], np.mean(neighbours, axis=0))


def test_a_patch_is_refined_as_the_torus_around_it():
    corners = np.random.default_rng(0).random((2, 16, 16))
    torus, patch = corruptions._finer_torus(corners, smooth), corruptions._finer_patch(corners[:, 3:10, 3:10], smooth)
    np.testing.assert_allclose(patch, torus[:, 7:18, 7:18])


def test_more_fog_leaves_less_contrast(digits):
    spread = [corruptions.apply("fog", digits, severity=s).astype(float).std(axis=(1, 2)).mean() for s in (0, 1, 2, 3)]
    assert (np.diff(spread) < 0).all()
    # A smaller decay makes a rougher fog.
    rough = [gradient_energy(corruptions._plasma(draws("fog", 200), decay)) for decay in (2.0, 1.7, 1.5, 1.4)]
    assert (np.diff(rough) > 0).all()


def test_fog_has_the_statistics_of_a_whole_plasma_map(one_by_one):
    rng = np.random.default_rng(0)
    whole = np.array([one_by_one.plasma(rng, 1.4)[:28, :28] for _ in range(250)])
    ours = corruptions._plasma(draws("fog", 2000), 1.4)
    assert 0 <= ours.min() < ours.max() <= 1
    for statistic, tolerance in (
        (lambda maps: maps.mean(), 0.05),
        (lambda maps: maps.mean(axis=(1, 2)).std(), 0.15),
        (lambda maps: maps.std(axis=(1, 2)).mean(), 0.1),
        (lambda maps: np.abs(np.diff(maps, axis=1)).mean(), 0.05),
        (lambda maps: np.abs(np.diff(maps, axis=2)).mean(), 0.05),
        (lambda maps: np.abs(np.diff(maps[:, 1::4, 3::4], axis=2)).mean(), 0.05),
        (lambda maps: np.abs(np.diff(maps[:, ::8, ::8], axis=1)).mean(), 0.07),
    ):
        assert statistic(ours) == pytest.approx(statistic(whole), rel=tolerance)


def test_spatter_is_scikit_images_blur_and_thresholds(digits, one_by_one):
    result = corruptions.apply("spatter", digits[:30])
    normals = special.ndtri(corruptions._uniforms(draws("spatter", 30), 784)).reshape(-1, 28, 28)
    for image, normal, ours in zip(digits, normals, result, strict=False):
        theirs = one_by_one.spatter(image, None, normals=normal, **corruptions.settings("spatter"))
        assert_close(ours, as_bytes(theirs))


def test_spatter_covers_ink_and_paper_with_grey():
    black, white = (corruptions.apply("spatter", np.full((100, 28, 28), grey, np.uint8)) for grey in (0, 255))
    covered = black > 0
    assert 0.05 < covered.mean() < 0.5
    assert 50 <= black[covered].min() <= black.max() == 63
    np.testing.assert_array_equal(white < 255, covered)
    assert white.min() == 63
    assert white[covered].max() <= 255 - 0.8 * (255 - 63) + 1


# --- lines and edges ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("severity", [1, 3])
def test_dotted_lines(severity, digits, one_by_one):
    result = corruptions.apply("dotted_line", digits[:40], severity=severity)
    ends = corruptions._integers(draws("dotted_line", 40), 0, 27, 2 * severity).reshape(40, severity, 2)
    for image, points, ours in zip(digits, ends, result, strict=False):
        assert_close(ours, as_bytes(one_by_one.dotted_line(image, None, lines=severity, ends=points)))
    assert ends.min() == 0
    assert ends.max() == 26
    assert (result >= digits[:40]).all()
    paper = [column for column in range(28) if column % 4 < 2]
    np.testing.assert_array_equal(result[:, :, paper], digits[:40][:, :, paper])


@pytest.mark.parametrize("severity", [1, 3])
def test_zigzags(severity, digits, one_by_one):
    result = corruptions.apply("zigzag", digits[:40], severity=severity)
    stream = draws("zigzag", 40)
    for number, (image, ours) in enumerate(zip(digits, result, strict=False)):
        own = stream[number : number + 1]
        courses = [
            (
                corruptions._integers(own, 0, 27, 1, 2 * line)[0, 0],
                corruptions._integers(own, -5, 5, 1, 2 * line + 1)[0, 0],
            )
            for line in range(severity)
        ]
        assert_close(ours, as_bytes(one_by_one.zigzag(image, None, lines=severity, courses=courses)))
    assert (result >= digits[:40]).all()
    blank = corruptions.apply("zigzag", np.zeros((50, 28, 28), np.uint8))
    assert (
        blank.max(axis=1)[:, 4:22] > 100
    ).mean() > 0.8  # ink in nearly every column, except where it leaves the page


@pytest.mark.parametrize(("severity", "sigma"), [(1, 1.0), (2, 1.5), (5, 3.0)])
def test_canny_is_scikit_images(severity, sigma, digits):
    from skimage import feature

    result = corruptions.apply("canny_edges", digits, severity=severity)
    assert set(np.unique(result)) == {0, 255}
    expected = np.array([feature.canny(image / 255, sigma=sigma) for image in digits])
    assert ((result > 0) != expected).sum() <= 2  # ties of rounded numbers may fall either way


def test_canny_of_noise_keeps_weak_edges_that_touch_strong_ones():
    from skimage import feature

    rng = np.random.default_rng(0)
    pages = rng.integers(0, 60, (60, 28, 28)).astype(np.uint8)
    expected = np.array([feature.canny(page / 255) for page in pages])
    result = corruptions.apply("canny_edges", pages) > 0
    assert (result != expected).sum() <= 2
    assert 0.02 < expected.mean() < 0.5


# --- what they do to a network ------------------------------------------------------------------------------------


def test_hard_ones_cost_a_network_more_than_easy_ones():
    from course_utils import models

    model, test = models.trained("mnist_fast"), datasets.load_mnist()
    images, labels = test.x_test[:1000], test.y_test[:1000]

    def share_right(name):
        pictures = corruptions.apply(name, images, first_index=60_000)
        return (model.predict(pictures, batch_size=500, verbose=0).argmax(axis=1) == labels).mean()

    assert share_right("identity") > 0.98
    hard = [share_right(name) for name in ("fog", "glass_blur", "brightness", "translate", "canny_edges")]
    assert max(hard) < min(share_right("shear"), share_right("spatter")) - 0.02
