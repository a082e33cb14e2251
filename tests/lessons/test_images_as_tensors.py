"""Exercises of the lesson on images as tensors: the right answers computed by OpenCV, scikit-image and plain loops."""

import cv2
import numpy as np
import pytest
import skimage.data

from course_utils.lessons.images_as_tensors import checks


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def test_shapes_are_those_of_opencv():
    crop = skimage.data.chelsea()[:75, :112][10:60, 20:100]
    batch = np.expand_dims(cv2.resize(crop, (60, 40)), axis=0).transpose(0, 3, 1, 2)
    assert right(checks.shapes.evaluate(crop.shape, batch.shape))


def test_each_fault_is_the_one_that_is_asked_for():
    photo = cv2.resize(skimage.data.coffee(), (72, 48), interpolation=cv2.INTER_AREA)
    spoilt = checks.faults(photo)
    assert all(picture.shape == photo.shape and picture.dtype == np.uint8 for picture in spoilt.values())
    dark = photo < 127
    shown = {
        "a": cv2.cvtColor(photo, cv2.COLOR_RGB2BGR),
        "b": ((photo.astype(int) + 90) % 256).astype(np.uint8),
        "c": np.where(photo > 0, 255, 0).astype(np.uint8),
        "e": np.ascontiguousarray(np.moveaxis(photo, 2, 0)).ravel().reshape(photo.shape),
    }
    for part in checks.five_faults.fields:
        picture = spoilt[part.name]
        if part.answer == "d":
            assert not picture[dark].any()
            assert picture[photo == photo.max()].min() > 200
        else:
            np.testing.assert_array_equal(picture, shown[part.answer])
    assert sorted(part.answer for part in checks.five_faults.fields) == list("abcde")


def test_false_stripes_are_those_of_a_resized_picture():
    stripes = np.zeros((8, 200), np.uint8)
    stripes[:, ::5] = 255
    small = cv2.resize(stripes, (50, 8), interpolation=cv2.INTER_NEAREST)
    white = np.flatnonzero(small[0])
    assert set(np.diff(white)) == {5}
    assert right(checks.false_stripes.evaluate(5, len(white)))


@pytest.mark.parametrize("shape", [(6, 11), (11, 6), (4, 4), (5, 8)])
def test_prepare_takes_the_middle(shape):
    picture = np.random.default_rng(1).integers(0, 256, size=(*shape, 3), dtype=np.uint8)
    side = min(shape)
    ours = checks.prepare.fields[0].reference(picture)
    assert ours.shape == (1, side, side, 3)
    for row, column, channel in np.ndindex(side, side, 3):
        value = int(picture[row + (shape[0] - side) // 2, column + (shape[1] - side) // 2, channel])
        assert ours[0, row, column, channel] == pytest.approx((2 * value - 255) / 255)


def test_prepare_accepts_float32_and_tells_a_missing_axis():
    reference = checks.prepare.fields[0].reference
    assert right(checks.prepare.evaluate(lambda picture: reference(picture).astype("float32")))
    assert "batch axis" in told(checks.prepare, lambda picture: reference(picture)[0])


def test_standardise_is_scikit_learns_scaler():
    from sklearn.preprocessing import StandardScaler

    def by_scaler(x, x_train):
        scaler = StandardScaler().fit(x_train.reshape(-1, 3))
        return scaler.transform(x.reshape(-1, 3)).reshape(x.shape)

    assert right(checks.standardise.evaluate(by_scaler))


def test_leaks():
    assert right(checks.leaks.evaluate("ea"))
    assert "belongs on the validation split" in told(checks.leaks, "a")
