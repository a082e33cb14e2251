"""Exercises of the lesson on faces: the right answers computed in another way; the labelled pictures are what they say."""

import keras
import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from course_utils.datasets import load_faces
from course_utils.lessons.detecting_faces import checks, scenes


def right(results):
    return all(result.right for result in results)


def test_overlap_is_counted_in_pixels():
    masks = np.zeros((2, 50, 50), int)
    masks[0, 10:30, 10:30] = masks[1, 20:40, 15:45] = 1
    iou = jaccard_score(masks[0].ravel(), masks[1].ravel())
    assert right(checks.overlap.evaluate(iou, "both" if iou <= 0.3 else "the second"))


def test_windows_are_those_of_keras():
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input((None, None, 1)),
            layers.Conv2D(1, 5, strides=2),
            layers.Conv2D(1, 4),
            layers.MaxPooling2D(),
            layers.Conv2D(1, 4),
        ]
    )
    shape = net(np.zeros((1, 100 // 2, 140 // 2, 1), "float32")).shape[1:3]
    stride = np.prod([layer.strides[0] for layer in net.layers])
    assert right(checks.windows.evaluate(list(shape), stride / (50 / 100)))


def test_rare_windows_are_drawn():
    rng = np.random.default_rng(0)
    false = rng.binomial(19_990, 0.001, 200_000)
    true = rng.binomial(10, 0.95, 200_000)
    assert abs(false.mean() - checks.rare.fields[0].answer) < 0.05
    assert abs(true.sum() / (true.sum() + false.sum()) - checks.rare.fields[1].answer) < 0.002


def test_recall_at_tries_every_threshold():
    def recall_at(scores, hits, total, allowed):
        best = 0
        for threshold in [*scores, np.inf]:
            kept = scores >= threshold
            if (kept & ~hits).sum() <= allowed:
                best = max(best, (kept & hits).sum() / total)
        return best

    assert right(checks.recall_at.evaluate(recall_at))


def test_no_photograph_serves_twice_and_all_are_grey():
    names = [name for use in scenes.USES.values() for name in use]
    assert len(names) == len(set(names)) == 17
    assert not set(names) & {"astronaut", "camera", "coins"}  # these show people
    for use, some in scenes.USES.items():
        photographs = scenes.without_faces(use)
        assert tuple(photographs) == some
        assert all(picture.dtype == np.uint8 and picture.ndim == 2 for picture in photographs.values())


def test_portraits_have_a_square_box_inside():
    portraits = scenes.portraits()
    assert list(portraits) == list(scenes.PORTRAITS)
    for name, (top, left, bottom, right_) in scenes.PORTRAITS.items():
        assert portraits[name].dtype == np.uint8
        assert 0 <= top < bottom <= portraits[name].shape[0]
        assert 0 <= left < right_ <= portraits[name].shape[1]
        assert bottom - top == right_ - left


def test_pages_hold_every_face_once_at_its_box():
    faces = load_faces().x_test[1::2, :, :, 0]
    backgrounds = list(scenes.without_faces("test").values())
    pages = scenes.pages("test", faces, 0)
    assert sum(len(boxes) for _, boxes in pages) == len(faces) == 30
    remaining = iter(faces)
    for (picture, boxes), background in zip(pages, backgrounds, strict=True):
        outside = np.ones(picture.shape, bool)
        for top, left, bottom, right_ in boxes:
            assert outside[top:bottom, left:right_].all()  # none on another
            outside[top:bottom, left:right_] = False
            assert 36 <= bottom - top == right_ - left < 90
            laid = picture[top:bottom, left:right_].astype(float)
            rows = np.arange(25) * (bottom - top) // 25 + (bottom - top) // 50
            face = next(remaining).astype(float)
            assert np.corrcoef(laid[np.ix_(rows, rows)].ravel(), face.ravel())[0, 1] > 0.8
        np.testing.assert_array_equal(picture[outside], background[outside])
    again = scenes.pages("test", faces, 0)
    np.testing.assert_array_equal(again[0][0], pages[0][0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scenes.without_faces("play"), "use='play'"),
        (lambda: scenes.page(np.zeros((300, 300)), np.zeros((1, 25, 25), np.uint8), 0), "background has dtype"),
        (lambda: scenes.page(np.zeros((50, 300), np.uint8), np.zeros((1, 25, 25), np.uint8), 0), "background"),
        (lambda: scenes.page(np.zeros((99, 99), np.uint8), np.zeros((9, 25, 25), np.uint8), 0), "has no room for 9"),
        (lambda: scenes.pages("test", np.zeros((1, 24, 24), np.uint8), 0), "faces has shape"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
