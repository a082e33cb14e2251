"""Exercises of the lesson on learned features: the right answers computed in another way; what the benchmark saved."""

import itertools

import keras
import numpy as np

from course_utils import datasets, evaluation, layers
from course_utils.lessons.learning_the_features import checks, figures

RESULTS = evaluation.benchmark_results("learning_the_features")


def right(results):
    return all(result.right for result in results)


def network(filters, size, classes):
    parts = [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.GlobalMaxPooling2D()]
    return keras.Sequential([keras.Input((size, size, 1)), *parts, keras.layers.Dense(classes)])


def moved(size, down, right):
    """The 9×9 letter X in a larger picture."""
    return datasets.draw_letter("X", shift=(down, right), size=size)[..., None].astype(float)


def test_the_farthest_shift_is_found_by_trying():
    rng = np.random.default_rng(0)
    found = []
    for side in (3, 5):
        kernel = rng.normal(size=(side, side, 1, 200))
        middle = layers.conv2d(moved(21, 0, 0)[None], kernel).max(axis=(1, 2))
        same = [np.allclose(layers.conv2d(moved(21, n, n)[None], kernel).max(axis=(1, 2)), middle) for n in range(1, 8)]
        found.append(same.index(False))
    assert right(checks.farthest.evaluate(*found))


def test_changes_of_the_weights_are_tried():
    rng = np.random.default_rng(0)
    x = np.stack([moved(17, down, 1) for down in (-2, 0, 3)] + [rng.choice([-1.0, 1], (17, 17, 1))])
    w, b, v = rng.normal(size=(3, 3, 1, 3)), rng.normal(size=3), rng.normal(size=(3, 2))

    def logits(w, b, v):
        return layers.relu(layers.conv2d(x, w) + b).max(axis=(1, 2)) @ v

    order = [2, 0, 1]
    changes = {
        "a": (w[..., order], b[order], v[order]),
        "b": (w[..., order], b[order], v),
        "c": (2 * w, 2 * b, v / 2),
        "d": (-w, -b, -v),
        "e": (w[:, ::-1], b, v),
    }
    same = [name for name, change in changes.items() if np.allclose(logits(*change), logits(w, b, v))]
    assert right(checks.same_logits.evaluate(same))


def test_kinds_by_a_set():
    def kinds(picture):
        height, width = picture.shape
        return len({picture[r : r + 3, c : c + 3].tobytes() for r in range(height - 2) for c in range(width - 2)})

    assert right(checks.kinds.evaluate(kinds))


def test_the_features_of_the_head_exercise_are_those_of_the_letters():
    falling = np.where(np.eye(3) > 0, 1, -1)
    kernel = np.stack([falling, np.maximum(falling, falling[::-1]), falling[::-1]], axis=-1)[:, :, None]
    letter_l = np.full((9, 9), -1)
    letter_l[1:8, 2] = letter_l[7, 2:7] = 1
    pictures = np.stack([datasets.letter("X"), datasets.letter("O"), letter_l])
    x = np.pad(pictures, ((0, 0), (4, 4), (4, 4)), constant_values=-1)[..., None]
    np.testing.assert_array_equal(layers.relu(layers.conv2d(x, kernel) - 6).max(axis=(1, 2)), checks.FEATURES)


def test_twins_have_the_same_logits_under_any_weights():
    pictures = np.pad(checks.twins.fields[0].example(), ((0, 0), (4, 4), (4, 4)), constant_values=-1)
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        first, second = np.asarray(network(8, 17, 3)(pictures[..., None].astype("float32")))
        np.testing.assert_allclose(first, second, atol=1e-5)


def test_strokes_that_touch_are_no_twins():
    near = [np.full((9, 9), -1) for _ in range(2)]
    for picture, sign in zip(near, (1, -1), strict=True):
        picture[1:4, 1:4] += 2 * np.eye(3, dtype=int)[::sign]
        picture[1:4, 4:7] += 2 * np.eye(3, dtype=int)[::-sign]
    assert not right(checks.twins.evaluate(near))


def test_the_benchmark_holds_what_the_lesson_reads():
    assert set(RESULTS["places"]) == {"template", "dense", "CNN, flattened", "CNN, global maximum"}
    for rows, name in itertools.product(RESULTS["kernels"].values(), ("learned", "drawn", "by hand")):
        assert len(rows[name]) == 10
    assert set(RESULTS["longer"]) == set(RESULTS["kernels"])
    for name, longer in RESULTS["longer"].items():
        runs = RESULTS["kernels"][name]["learned"]
        assert [run["start"] for run in longer] == [run["start"] for run in runs]
        for run in (*longer, *runs):
            assert np.shape(run["start"]) == np.shape(run["end"]) == (3, 3, 3)


def test_the_figure_names_the_strengths_that_the_benchmark_used():
    def strength(noise=None, rotation=None, scale=None, thickness=None, shift=0):
        width = thickness and thickness[1]
        return next(
            value for value in (noise and 100 * noise, rotation, scale and 100 * (scale[1] - 1), width) if value
        )

    for name, rows in RESULTS["strength"].items():
        np.testing.assert_allclose([strength(**row["deformation"]) for row in rows], figures.STRENGTHS[name][1])
        assert {"shift" in row["deformation"] for row in rows} == {name != "noise, centred"}
