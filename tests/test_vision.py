"""A digit drawn or photographed, brought back to MNIST's form."""

import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.morphology import skeletonize

from course_utils import datasets, vision

COUNT = 25


@pytest.fixture(scope="module")
def mnist():
    return datasets.load_mnist()


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.x_test[:COUNT, ..., 0]


@pytest.fixture(scope="module")
def classifier(mnist):
    from sklearn.svm import SVC

    return SVC(C=5).fit(mnist.x_train[:3000].reshape(3000, -1) / 255, mnist.y_train[:3000])


def correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def closeness(one, other):
    """Correlation at the best of the nine shifts by at most a pixel: the centre of mass may round the other way."""
    shifts = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return max(correlation(np.roll(one, shift, axis=(0, 1)), other) for shift in shifts)


def pasted(digit, factor, shape, seed, *, dark=False):
    """A digit, each pixel ``factor`` × ``factor`` large, somewhere in a larger picture."""
    rng = np.random.default_rng(seed)
    large = np.kron(digit, np.ones((factor, factor), np.uint8))
    canvas = np.zeros(shape, np.uint8)
    top, left = (rng.integers(0, side - length + 1) for side, length in zip(shape, large.shape, strict=True))
    canvas[top : top + large.shape[0], left : left + large.shape[1]] = large
    return 255 - canvas if dark else canvas


def photographed(digit, seed, *, shadow=False):
    """Dark ink on paper under uneven light, with grain and, if asked for, the edge of a shadow across it."""
    rng = np.random.default_rng(seed)
    canvas = np.zeros((240, 280))
    large = cv2.resize(digit, None, fx=6, fy=6, interpolation=cv2.INTER_LINEAR)
    top, left = rng.integers(10, 240 - 178), rng.integers(10, 280 - 178)
    canvas[top : top + 168, left : left + 168] = large
    light = np.linspace(0.55, 1, 280) * np.linspace(0.8, 1, 240)[:, None]
    if shadow:
        light = light * cv2.GaussianBlur(
            np.where(np.add.outer(np.arange(240), np.arange(280)) > 260, 1.0, 0.7), (0, 0), 3
        )
    grey = (230 - canvas * 0.7) * light + rng.normal(0, 4, canvas.shape)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def drawn(digit, pen):
    """The middle line of a digit, ten times as large, drawn with a round pen of so many pixels: ink 255 on 0."""
    large = cv2.GaussianBlur(cv2.resize(digit, (280, 280), interpolation=cv2.INTER_CUBIC), (0, 0), 3)
    paper = (~skeletonize(large > 127)).astype(np.uint8)
    distance = cv2.distanceTransform(paper, cv2.DIST_L2, 5)
    return np.rint(np.clip(pen / 2 + 0.5 - distance, 0, 1) * 255).astype(np.uint8)


def framed(picture, width, inset, grey):
    """Lines along all four sides of a dark drawing on white."""
    picture, last = picture.copy(), len(picture) - inset
    for turned in (picture, picture[::-1], picture.T, picture.T[::-1]):
        turned[inset : inset + width, inset:last] = grey
    return picture


@pytest.fixture(scope="module")
def recognised(mnist, classifier):
    """Return a function that tells which share of pictures of the first test digits is recognised."""

    def share(pictures):
        back = np.stack([vision.digit_to_mnist(picture) for picture in pictures]).reshape(len(pictures), -1)
        return np.mean(classifier.predict(back / 255) == mnist.y_test[: len(pictures)])

    return share


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("pen", [1, 2, 3, 5, 8, 12, 20, 28])
def test_any_pen_is_recognised(digits, recognised, pen, dark):
    pictures = [drawn(digit, pen) for digit in digits]
    assert recognised([255 - picture if dark else picture for picture in pictures]) >= 0.88


def test_a_thin_pen_gets_the_width_that_is_usual_in_mnist(digits):
    thin, usual = (np.median([vision._stroke(vision.digit_to_mnist(drawn(d, pen))) for d in digits]) for pen in (2, 26))
    assert abs(thin - usual) < 0.8
    assert abs(thin - np.median([vision._stroke(digit) for digit in digits])) < 0.8


@pytest.mark.parametrize(("width", "inset"), [(1, 0), (3, 0), (6, 0), (2, 6)])
@pytest.mark.parametrize("grey", [0, 120, 200])
def test_lines_along_the_border_are_left_out(digits, grey, width, inset):
    for digit in digits[:8]:
        picture = 255 - drawn(digit, 14)
        clean = vision.digit_to_mnist(picture)
        assert correlation(vision.digit_to_mnist(framed(picture, width, inset, grey)), clean) > 0.99
    picture[-4:-1] = grey  # one line below
    assert correlation(vision.digit_to_mnist(picture), clean) > 0.99


@pytest.mark.parametrize("sides", [1, 2, 3, "opposite", "dashed"])
def test_lines_along_some_sides_are_left_out_too(digits, sides):
    for digit in digits[:8]:
        clean = vision.digit_to_mnist(255 - drawn(digit, 14))
        picture = 255 - drawn(digit, 14)
        turned = (picture, picture.T, picture[::-1], picture.T[::-1])
        for side in turned[::2] if sides == "opposite" else turned[: sides if sides != "dashed" else 4]:
            line = side[1:4]
            line[:, np.arange(280) // 7 % 2 == 0 if sides == "dashed" else slice(None)] = 90
        assert correlation(vision.digit_to_mnist(picture), clean) > 0.99


def test_a_huge_drawing_does_not_take_long():
    begin = time.monotonic()
    picture = np.full((6000, 8000), 255, np.uint8)
    cv2.circle(picture, (4000, 3000), 900, 0, 20)
    assert closeness(vision.digit_to_mnist(picture), vision.digit_to_mnist(picture[1000:5000:8, 2000:6000:8])) > 0.9
    assert time.monotonic() - begin < 20


def test_a_frame_that_touches_the_digit_is_said(digits):
    picture = framed(255 - drawn(digits[0], 14), 2, 0, 0)
    picture[:140, 138:142] = 0
    with pytest.raises(ValueError, match="lines along the border of image touch the digit"):
        vision.digit_to_mnist(picture)


def test_a_frame_alone_is_what_there_is():
    assert vision.digit_to_mnist(framed(np.full((200, 200), 255, np.uint8), 20, 30, 0)).any()


@pytest.mark.parametrize("ink", [0, 60, 200, 255])
def test_ink_on_transparent_has_any_brightness(digits, ink):
    for digit in digits[:8]:
        opacity = drawn(digit, 20)
        # Programs that smooth edges mix the colour of nothing, black, into the outermost pixels.
        colour = np.where(opacity > 0, np.rint(ink * (0.8 + 0.2 * opacity / 255)), 0).astype(np.uint8)
        for layer in (np.full_like(colour, ink), colour):
            picture = np.dstack([layer, layer, layer, opacity])
            assert correlation(vision.digit_to_mnist(picture), vision.digit_to_mnist(opacity)) > 0.97


@pytest.mark.parametrize("paper", [0, 128, 255])
@pytest.mark.parametrize("share", [0.02, 0.05, 0.2, 0.4])
def test_faint_ink_is_brought_out_or_refused(digits, paper, share):
    picture = paper + (-1 if paper > 100 else 1) * np.rint(drawn(digits[0], 20) * share)
    if share < 0.1:
        with pytest.raises(ValueError, match="nothing in image stands out clearly"):
            vision.digit_to_mnist(picture.astype(np.uint8))
    else:
        back = vision.digit_to_mnist(picture.astype(np.uint8))
        assert correlation(back, vision.digit_to_mnist(drawn(digits[0], 20))) > 0.98
        assert back.max() > 200


@pytest.mark.parametrize("pen", [5, 20])
@pytest.mark.parametrize("quality", [30, 90])
def test_what_compression_leaves_does_no_harm(digits, recognised, quality, pen):
    stored = [cv2.imencode(".jpg", 255 - drawn(digit, pen), [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for digit in digits]
    assert recognised([cv2.imdecode(one, cv2.IMREAD_GRAYSCALE) for one in stored]) >= 0.88


def test_a_digit_of_mnist_comes_back_as_it_was(mnist):
    for digit in mnist.x_test[:500]:
        np.testing.assert_array_equal(vision.digit_to_mnist(digit), digit[..., 0])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("factor", [1, 2, 5])
def test_pasted_elsewhere_it_comes_back_to_the_last_pixel(digits, factor, dark):
    for seed, digit in enumerate(digits):
        picture = pasted(digit, factor, (40 * factor, 57 * factor), seed, dark=dark)
        np.testing.assert_array_equal(vision.digit_to_mnist(picture), digit)


def test_colour_opacity_and_fractions_make_no_difference(digits):
    picture = pasted(digits[0], 3, (120, 150), 0, dark=True)
    opaque = np.dstack([np.zeros((*picture.shape, 3), np.uint8), 255 - picture])  # black ink on nothing
    for form in (
        picture[..., None],
        np.dstack([picture] * 3),
        opaque,
        picture / 255,
        (picture / 255).astype(np.float32),
    ):
        np.testing.assert_array_equal(vision.digit_to_mnist(form), digits[0])


def test_grey_paper_and_pale_ink_are_brought_to_full_contrast(digits):
    for seed, digit in enumerate(digits):
        pale = np.rint(140 - pasted(digit, 3, (120, 150), seed) * 0.3).astype(np.uint8)
        assert correlation(vision.digit_to_mnist(pale), digit) > 0.98


@pytest.mark.parametrize("shadow", [False, True])
def test_photographs_give_the_digit_back(digits, classifier, shadow):
    back = np.stack(
        [vision.digit_to_mnist(photographed(digit, seed, shadow=shadow)) for seed, digit in enumerate(digits)]
    )
    alike = [closeness(*pair) for pair in zip(back, digits, strict=True)]
    assert np.median(alike) > 0.93
    assert np.quantile(alike, 0.1) > 0.85
    same = classifier.predict(back.reshape(COUNT, -1) / 255) == classifier.predict(digits.reshape(COUNT, -1) / 255)
    assert same.mean() >= (0.8 if shadow else 0.9)


def test_without_it_a_classifier_is_lost(mnist, digits, classifier):
    """What the function is for: a digit that merely lies elsewhere is not recognised."""
    shifted = np.stack([np.roll(digit, (5, -5), axis=(0, 1)) for digit in digits]).reshape(COUNT, -1) / 255
    back = (
        np.stack([vision.digit_to_mnist(np.pad(digit, ((9, 0), (0, 9)))) for digit in digits]).reshape(COUNT, -1) / 255
    )
    assert classifier.score(shifted, mnist.y_test[:COUNT]) < 0.5
    assert classifier.score(back, mnist.y_test[:COUNT]) > 0.9


def test_a_large_photograph_is_shrunk_first(digits):
    picture = np.kron(photographed(digits[0], 0), np.ones((5, 5), np.uint8))
    steps = vision.digit_steps(picture)
    assert max(steps["ink"].shape) == 320
    assert correlation(steps["centred"], digits[0]) > 0.8


def test_specks_on_the_paper_are_left_out(digits):
    picture = photographed(digits[0], 0)
    clean = vision.digit_to_mnist(picture)
    picture[5:8, 5:8] = 60
    picture[-3:, 100:200] = 60  # the edge of the table
    assert correlation(vision.digit_to_mnist(picture), clean) > 0.95


@pytest.mark.parametrize("grey", [0, 200, 250])
@pytest.mark.parametrize("pen", [2, 20])
def test_dust_beside_a_drawing_is_left_out(pen, grey):
    drawing = np.full((280, 280), 255, np.uint8)
    cv2.ellipse(drawing, (140, 140), (56, 93), 0, 0, 360, 0, pen)
    clean = vision.digit_to_mnist(drawing)
    for row, column in ((20, 20), (140, 30), (20, 260)):
        drawing[row, column] = grey
    np.testing.assert_array_equal(vision.digit_to_mnist(drawing), clean)


@pytest.mark.parametrize("pen", [1, 4])
def test_a_dotted_digit_keeps_its_dots(pen):
    drawing = np.zeros((280, 280), np.uint8)
    cv2.line(drawing, (140, 60), (140, 190), 255, pen)
    for row in (200, 210, 220):
        cv2.circle(drawing, (140, row), pen // 2, 255, -1)
    ink = vision.digit_steps(drawing)["ink"]
    assert np.count_nonzero(ink) == np.count_nonzero(drawing)


def test_steps_lead_from_one_to_the_next(digits):
    steps = vision.digit_steps(pasted(digits[1], 4, (200, 220), 1, dark=True))
    assert list(steps) == ["grey", "ink", "cropped", "scaled", "centred"]
    assert steps["grey"][0, 0] == 255
    assert steps["ink"].max() == 255
    assert steps["ink"][0, 0] == 0
    assert max(steps["cropped"].shape) == 80
    assert max(steps["scaled"].shape) == 20
    for step in steps.values():
        assert step.dtype == np.uint8
    assert steps["centred"].sum() == steps["scaled"].sum()


@settings(max_examples=150, deadline=None)
@given(
    arrays(np.uint8, st.tuples(st.integers(3, 40), st.integers(3, 40)), elements=st.sampled_from([0, 0, 0, 90, 255]))
)
def test_the_longer_side_is_20_and_the_mass_lies_in_the_middle(ink):
    if not ink.any():
        ink[1, 1] = 255
    result = vision.digit_to_mnist(np.pad(ink, 30))
    assert result.shape == (28, 28)
    assert result.dtype == np.uint8
    rows, columns = np.flatnonzero(result.any(1)), np.flatnonzero(result.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) <= 19
    for axis, extent in ((0, rows), (1, columns)):
        centre = result.sum(axis=1 - axis, dtype=float) @ np.arange(28) / result.sum(dtype=float)
        moved_as_far_as_it_fits = extent[0] == 0 or extent[-1] == 27
        assert 13.5 <= centre <= 14.5 or moved_as_far_as_it_fits


@pytest.mark.parametrize("shape", [(100, 3), (3, 100)])
def test_a_thin_stroke_keeps_its_shape(shape):
    picture = np.pad(np.full(shape, 255, np.uint8), 20)
    scaled = vision.digit_steps(picture)["scaled"]
    assert scaled.shape == tuple(20 if side == 100 else 1 for side in shape)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.zeros((0, 5), np.uint8), "image is empty"),
        (np.zeros((28,), np.uint8), "expected one picture"),
        (np.zeros((2, 28, 28), np.uint8), "expected one picture"),
        (np.zeros((1, 28, 28, 1), np.uint8), "expected one picture"),
        (np.full((28, 28), 7, np.uint8), "the same grey everywhere, 7"),
        (np.zeros((28, 28), bool), "dtype bool"),
        (np.zeros((28, 28), int), "dtype int64"),
        (np.full((28, 28), np.nan), "without NaN"),
        (np.full((28, 28), 255.0), "from 0 to 1"),
        (np.eye(28) - 0.5, "from 0 to 1"),
        (np.eye(300, dtype=np.uint8) * 3, "nothing in image stands out"),
        (None, "image=None: expected"),
        ("seven.png", "expected real numbers"),
        ([[0, 1], [2]], "expected"),
        ([[0, 255], [255, 0]], "dtype int64"),
        (np.zeros((5, 5, 2), np.uint8), "expected one picture"),
        (np.zeros((5, 5), complex), "expected real numbers"),
        (np.broadcast_to(np.uint8(0), (20_000, 20_000)), "make it smaller"),
    ],
)
def test_errors_say_what_is_expected(image, said):
    with pytest.raises(ValueError, match=said):
        vision.digit_to_mnist(image)


@pytest.mark.parametrize("photo", ["no", 1, 0, "", [], np.array([True, False]), 2.0])
def test_photo_is_true_false_or_left_out(digits, photo):
    with pytest.raises(ValueError, match=r"photo=.*must be True or False"):
        vision.digit_to_mnist(digits[0], photo=photo)


def test_bare_paper_is_no_digit():
    paper = np.random.default_rng(0).normal(180, 4, (200, 200)) * np.linspace(0.6, 1, 200)
    with pytest.raises(ValueError, match="nothing in image stands out"):
        vision.digit_to_mnist(paper.astype(np.uint8))
