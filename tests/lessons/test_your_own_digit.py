"""The lesson on one's own digit: its pages, and the right answers of its exercises computed in another way."""

import cv2
import numpy as np
import pytest
from scipy import ndimage

from course_utils import datasets, vision
from course_utils.lessons.your_own_digit import checks, pages


def right(results):
    return all(result.right for result in results)


@pytest.fixture(scope="module")
def digits():
    return datasets.load_mnist().x_train[:24, ..., 0]


@pytest.mark.parametrize("trouble", pages.TROUBLES)
def test_a_page_is_the_same_for_the_same_seed_and_its_ink_is_dark(digits, trouble):
    page = pages.photograph(digits[0], 1, trouble=trouble)
    assert page.shape == (pages.HEIGHT, pages.WIDTH, 3)
    assert page.dtype == np.uint8
    np.testing.assert_array_equal(page, pages.photograph(digits[0], 1, trouble=trouble))
    assert (page != pages.photograph(digits[0], 2, trouble=trouble)).any()


def test_ink_on_the_page_has_the_digits_shape(digits):
    digit = digits[0]
    small = cv2.resize(pages.ink_of(digit, 5.0), None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA)
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / 255
    shape = np.minimum(small.shape, cut.shape)
    assert np.corrcoef(small[: shape[0], : shape[1]].ravel(), cut[: shape[0], : shape[1]].ravel())[0, 1] > 0.8


def test_the_wider_the_gap_the_more_pieces(digits):
    def pieces(gap):
        grey = cv2.cvtColor(pages.sheet(digits[:12], 0, gap=gap), cv2.COLOR_BGR2GRAY)
        even = 255 - cv2.divide(grey, cv2.medianBlur(grey, 91), scale=255)
        mask = cv2.threshold(cv2.GaussianBlur(even, (0, 0), 1), 0, 1, cv2.THRESH_OTSU)[1]
        areas = np.bincount(ndimage.label(mask, np.ones((3, 3)))[0].ravel())[1:]
        return (areas > 20).sum()

    assert pieces(-6) < 12 <= pieces(12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: pages.photograph(d[0].astype(float), 0), "dtype float64; expected uint8"),
        (lambda d: pages.photograph(d[0] * 0, 0), "without ink"),
        (lambda d: pages.photograph(d[:2], 0), r"shape \(2, 28, 28\); expected \(28, 28\)"),
        (lambda d: pages.photograph(d[0], 0, trouble="rain"), "trouble"),
        (lambda d: pages.photograph(d[0], -1), "seed"),
        (lambda d: pages.sheet(d[:5], 0), "rows"),
        (lambda d: pages.sheet(d[:12], 0, gap=99), "gap"),
        (lambda d: pages.sheet(d[:24], 0, gap=14), "do not fit"),
    ],
)
def test_pages_say_what_they_accept(digits, call, message):
    with pytest.raises(ValueError, match=message):
        call(digits)


def test_place_is_what_opencv_does():
    cut = np.zeros((90, 63), np.uint8)
    wide = int(cut.shape[1] * 20 / max(cut.shape))
    assert cv2.resize(cut, (wide, 20)).shape == (20, 14)
    corner = [min(range(29), key=lambda at, c=c: abs(at + c - 14)) for c in (8.3, 6.9)]
    assert right(checks.place.evaluate((wide, 20), corner))


def test_each_fault_is_there_and_no_other():
    found = {}
    originals = datasets.load_mnist().x_train[:200, ..., 0]
    for name, picture in checks.four_pictures().items():
        centred = np.allclose(ndimage.center_of_mass(picture.astype(float)), 14, atol=0.5)
        known = (originals == picture).all(axis=(1, 2)).any()
        across = (originals == picture.T).all(axis=(1, 2)).any()
        found[name] = "a" if picture[0, 0] == 255 else "c" if not centred else "b" if across else "d"
        assert known == (found[name] == "d")
    assert right(checks.faults.evaluate(**found))


def test_even_is_opencvs():
    def ink_from(grey, paper):
        return 255 - cv2.divide(grey, paper, scale=255)

    assert right(checks.even.evaluate(ink_from))


def test_around_is_opencvs():
    def around(boxes):
        page = np.zeros((200, 200), np.uint8)
        for x, y, w, h in boxes.tolist():
            page[y : y + h, x : x + w] = 1
        return np.array(cv2.boundingRect(page))

    assert right(checks.around.evaluate(around))


def test_unchanged_is_what_the_tested_preparation_leaves():
    digit = datasets.load_mnist().x_train[0, ..., 0]
    drawing = np.zeros((120, 140), np.uint8)
    drawing[20:104, 10:94] = np.kron(digit > 100, np.ones((3, 3))) * 255
    changes = {
        "moved": np.roll(drawing, (9, 30), axis=(0, 1)),
        "doubled": np.kron(drawing, np.ones((2, 2), np.uint8)),
        "framed": np.pad(drawing, 15),
        "turned": np.rot90(drawing).copy(),
        "dotted": cv2.circle(drawing.copy(), (116, 24), 4, 255, -1),
        "mirrored": drawing[:, ::-1].copy(),
    }
    before = vision.digit_to_mnist(drawing, photo=False).astype(int)
    after = {name: vision.digit_to_mnist(changed, photo=False) for name, changed in changes.items()}
    assert right(checks.unchanged.evaluate([n for n, a in after.items() if abs(a - before).max() <= 1]))


def test_channels_are_those_of_a_picture_that_opencv_writes_and_reads():
    page = np.full((4, 4, 3), 250, np.uint8)
    page[1] = (230, 40, 50)  # a red line, as red, green, blue
    read = cv2.imdecode(cv2.imencode(".png", page[..., ::-1])[1], cv2.IMREAD_COLOR)
    index = int(np.argmax(read[1, 0]))
    inks = {"black": (20, 20, 20), "blue": (30, 40, 200), "red": (220, 30, 40)}
    lost = max(inks, key=lambda name: inks[name][::-1][index])
    assert right(checks.channel.evaluate(index, lost))


def test_off_centre_is_scipys():
    picture = checks.off_centre.fields[0].right()
    assert (abs(np.array(ndimage.center_of_mass(picture.astype(float))) - 14) >= 5).all()
    (box,) = ndimage.find_objects((picture > 0).astype(int))
    assert [(part.start + part.stop - 1) / 2 for part in box] == [13.5, 13.5]


@pytest.mark.parametrize("digit", ["cat", None, np.zeros((28, 28), np.uint8)])
def test_what_has_no_ink_is_refused_in_a_sentence(digit):
    with pytest.raises(ValueError, match="digit"):
        pages.ink_of(digit, 2.0)


def test_ink_cannot_be_scaled_by_nothing(digits):
    with pytest.raises(ValueError, match="scale"):
        pages.ink_of(digits[0], 0)
