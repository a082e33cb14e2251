"""Exercises of the lesson on segmentation: the right answers computed in another way; the generated masks are exact."""

import keras
import numpy as np
import pytest
import scripts
from scipy import ndimage
from sklearn.metrics import f1_score, jaccard_score, precision_score, recall_score

from course_utils import evaluation
from course_utils.lessons.segmentation import checks, scenes


@pytest.fixture(scope="module")
def benchmark():
    return scripts.load("benchmarks/segmentation.py")


def right(results):
    return all(result.right for result in results)


def test_shifted_is_scikit_learns():
    true, predicted = np.zeros((2, 10, 12), bool)
    true[2:8, 2:8] = predicted[2:8, 4:10] = True
    pair = true.ravel(), predicted.ravel()
    assert right(checks.shifted.evaluate(jaccard_score(*pair), f1_score(*pair)))


def test_overlaps_are_keras_own():
    def inside(k, s):
        x = np.ones((1, 24, 24, 1), "float32")
        counts = keras.ops.conv_transpose(x, np.ones((k, k, 1, 1), "float32"), strides=s)
        return np.asarray(counts)[0, 2 * k : -2 * k, 2 * k : -2 * k, 0]

    one = inside(5, 2)
    even = [f"k={k}, s={s}" for k, s in ((2, 2), (4, 3), (6, 3), (7, 2)) if np.ptp(inside(k, s)) == 0]
    assert right(checks.overlaps.evaluate(one.max(), one.min(), even))


def test_four_masks_are_told_by_their_numbers():
    _, objects = scenes.make(40, 1)
    found = {}
    for name, mask in scenes.four_masks(objects).items():
        pair = (objects > 0).ravel(), mask.ravel()
        precision, recall = precision_score(*pair, zero_division=0), recall_score(*pair)
        shares = [mask[n][objects[n] == k].mean() for n in range(40) for k in range(1, objects[n].max() + 1)]
        if recall == 0:
            found[name] = "nothing"
        elif recall == 1:
            assert precision < 1
            found[name] = "grown"
        else:
            assert precision == 1
            found[name] = "without the small ones" if set(shares) == {0, 1} else "shrunk"
    assert right(checks.four_masks.evaluate(*(found[part.name] for part in checks.four_masks.fields)))


def test_objects_one_by_one():
    def found(objects, mask):
        sizes = np.bincount(objects.ravel())[1:]
        covered = np.bincount(objects.ravel(), weights=mask.ravel(), minlength=len(sizes) + 1)[1:]
        return (2 * covered >= sizes).mean()

    assert right(checks.objects_found.evaluate(found))


def test_each_object_is_one_piece_apart_from_the_others():
    pictures, objects = scenes.make(60, 3)
    assert pictures.shape == (60, 64, 64, 1)
    assert pictures.dtype == np.float32
    assert 0 <= pictures.min() < pictures.max() <= 1
    for numbers in objects:
        pieces, count = ndimage.label(numbers, np.ones((3, 3)))
        assert 1 <= count == numbers.max() <= 6
        assert all(len(set(numbers[pieces == piece])) == 1 for piece in range(1, count + 1))


def test_rare_pictures_have_one_or_two_small_objects():
    _, objects = scenes.make(60, 3, rare=True)
    assert set(objects.max(axis=(1, 2))) == {1, 2}
    assert 0.005 < (objects > 0).mean() < 0.03
    sizes = np.concatenate([np.bincount(one.ravel())[1:] for one in objects])
    assert sizes.max() < 100


def test_objects_are_brighter_and_the_seed_decides():
    pictures, objects = scenes.make(30, 5)
    again, other = scenes.make(30, 5), scenes.make(30, 6)
    np.testing.assert_array_equal(pictures, again[0])
    np.testing.assert_array_equal(objects, again[1])
    assert (objects != other[1]).any()
    for picture, numbers in zip(pictures[..., 0], objects, strict=True):
        for number in range(1, numbers.max() + 1):
            assert picture[numbers == number].mean() > picture[numbers == 0].mean()


@pytest.mark.parametrize("arguments", [(0, 1), (2.5, 1), (3, -1), (3, "x")])
def test_nonsense_is_refused(arguments):
    with pytest.raises(ValueError, match=r"count|seed"):
        scenes.make(*arguments)
    with pytest.raises(ValueError, match="rare"):
        scenes.make(3, 1, rare="no")


def test_the_benchmark_trains_the_lessons_networks(benchmark):
    with_skips, without, wider = (
        benchmark.unet(**benchmark.ARMS["usual"][arm]) for arm in ("skips", "no skips", "no skips, wider")
    )
    assert (with_skips.count_params(), without.count_params()) == (42273, 30177)  # as the lesson prints
    assert abs(wider.count_params() - with_skips.count_params()) < 100
    assert with_skips(np.zeros((1, 64, 64, 1))).shape == (1, 64, 64, 1)


def test_losses_of_the_benchmark(benchmark):
    true = np.array([[1.0, 0.0, 0.0, 1.0]], np.float32)
    p = np.array([[0.8, 0.1, 0.3, 0.4]], np.float32)
    alike, rare = benchmark.losses(0.5), benchmark.losses(0.2)
    plain = -np.log([0.8, 0.9, 0.7, 0.4])
    np.testing.assert_allclose(alike["weighted"](true, p), plain.mean(), rtol=1e-5)
    np.testing.assert_allclose(rare["weighted"](true, p), (plain * [4, 1, 1, 4]).mean(), rtol=1e-5)
    np.testing.assert_allclose(alike["Dice"](true, p), 1 - 2 * 1.2 / (2 + 0.9), rtol=1e-5)
    mask = p >= 0.5
    np.testing.assert_allclose(
        alike["Dice"](true, mask.astype("float32")), 1 - f1_score(true[0], mask[0]), rtol=1e-5
    )  # of a mask it is one minus Dice


def test_scores_of_the_benchmark_are_scikit_learns(benchmark):
    _, objects = scenes.make(5, 3)
    p = np.clip(np.random.default_rng(0).normal(0.3 + 0.4 * (objects > 0), 0.2), 0, 1)
    row = benchmark.scores(p, objects)
    pair = (objects > 0).ravel(), (p >= 0.5).ravel()
    for name, score in (("iou", jaccard_score), ("dice", f1_score), ("precision", precision_score)):
        assert np.isclose(row[name], score(*pair))
    assert np.isclose(row["recall"], recall_score(*pair))
    assert benchmark.found(objects, objects > 0) == 1


def test_results_hold_every_arm_with_five_seeds(benchmark):
    results = evaluation.benchmark_results("segmentation")
    assert {kind: list(arms) for kind, arms in results["runs"].items()} == {
        kind: list(arms) for kind, arms in benchmark.ARMS.items()
    }
    for arms in results["runs"].values():
        for rows in arms.values():
            assert len(rows) == 5
            for row in rows:
                assert np.isclose(row["dice"], 2 * row["iou"] / (1 + row["iou"]), atol=2e-4)
                assert all(0 <= value <= 1 for value in row.values())


@pytest.mark.parametrize("objects", [np.zeros((3, 3), int), np.zeros((1, 3, 3)), "no"])
def test_objects_are_numbered_masks(objects):
    with pytest.raises(ValueError, match="objects"):
        scenes.four_masks(objects)
