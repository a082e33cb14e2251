"""Exercises of the lesson on transfer: the right answers computed in another way; the benchmark's figures are whole."""

import keras
import numpy as np
import scripts
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import normalize

from course_utils import evaluation
from course_utils.lessons.transfer_and_few_shot import checks, programs


def right(results):
    return all(result.right for result in results)


def test_twice_is_what_keras_makes_of_the_pixel():
    pixel = np.array([255, 128, 0], "float32").reshape(1, 1, 1, 3)
    seen = []
    for _ in range(2):
        pixel = keras.applications.vgg16.preprocess_input(pixel)
        seen.append(float(pixel[0, 0, 0, 0]))
    assert right(checks.twice.evaluate(*seen))


def test_cosines_are_scikit_learns():
    a, b = normalize([[3, 4], [40, 30]]).mean(axis=0), normalize([[0, 2], [0, 6]]).mean(axis=0)
    cosines = cosine_similarity([a, b], [[7, 24]])[:, 0]
    assert right(checks.by_hand.evaluate(cosines, "AB"[cosines.argmax()]))


def test_head_is_counted_by_keras():
    features = keras.Sequential([keras.Input((4, 4, 1280)), keras.layers.BatchNormalization()])
    features.trainable = False
    model = keras.Sequential([features, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(7)])
    model.build((None, 4, 4, 1280))
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    before = keras.ops.convert_to_numpy(features.layers[0].moving_mean).copy()
    model(np.ones((2, 4, 4, 1280)), training=True)
    moved = int((keras.ops.convert_to_numpy(features.layers[0].moving_mean) != before).any())
    assert right(checks.head.evaluate(trained, moved))


def test_answers_without_the_example_are_nearest_centroids():
    def left_out(e, y):
        answers = []
        for n in range(len(e)):
            rest = np.arange(len(e)) != n
            centroids = NearestCentroid().fit(e[rest], y[rest]).centroids_
            answers.append(cdist(centroids, e[n : n + 1], "cosine").argmin())
        return np.array(answers)

    assert right(checks.leave_one_out.evaluate(left_out))


def test_none_of_these_one_by_one():
    def class_or_none(cosines, least):
        return np.array([max(range(len(row)), key=lambda k: row[k]) if max(row) >= least else -1 for row in cosines])

    assert right(checks.none_of_these.evaluate(class_or_none))


def test_programs_are_told_by_their_numbers():
    rng = np.random.default_rng(0)
    picture = np.clip(rng.normal((200, 120, 60), 60, (40, 40, 3)), 0, 255).round()
    made = programs.prepared(picture, 32)
    found = {}
    for name, numbers in made.items():
        assert numbers.shape == (32, 32, 3)
        if numbers.max() < -0.9:
            found[name] = "scaled twice"
        elif numbers.min() >= 0:
            found[name] = "0 to 255"
        else:
            strongest = numbers.mean(axis=(0, 1)).argmax()
            found[name] = {0: "as in training", 2: "blue first"}[int(strongest)]
    assert right(checks.programs.evaluate(*(found[part.name] for part in checks.programs.fields)))


def test_results_hold_every_arm_and_draw():
    results = evaluation.benchmark_results("few_shot")
    script = scripts.load("benchmarks/few_shot.py")
    assert set(results["accuracy"]) == {"patches", "digits", "fog", "cifar10"}
    for task, arms in results["accuracy"].items():
        photographs = task in ("patches", "cifar10")
        assert set(arms) == {"pixels", "scratch", "mean", "probe"} | ({"tuned"} if photographs else set())
        for arm, by_count in arms.items():
            assert set(by_count) == {str(count) for count in script.COUNTS}
            assert {len(draws) for draws in by_count.values()} == {3 if arm in ("scratch", "tuned") else 5}
    assert set(results["preprocessing"]) == set(results["accuracy"]) & {"patches", "cifar10"}


def test_a_draw_is_nested_and_balanced():
    script = scripts.load("benchmarks/few_shot.py")
    y = np.tile(np.arange(10), 30)
    chosen = script.draw(y, 0)
    assert len(set(chosen)) == 200
    for count in script.COUNTS:
        assert np.bincount(y[chosen[: 10 * count]]).tolist() == [count] * 10


def test_patches_come_from_cells_of_their_own():
    script = scripts.load("benchmarks/few_shot.py")
    data = script.datasets.load_photo_patches()
    x, y, x_test, y_test = script.patches()
    assert x.shape == x_test.shape == (300, 32, 32, 3)
    assert np.bincount(y).tolist() == np.bincount(y_test).tolist() == [30] * 10
    for given, taken, labels, count in ((data.x_train, x, y, 1), (data.x_test, x_test, y_test, 3)):
        place = {patch.tobytes(): number for number, patch in enumerate(given)}
        cells = [(place[patch.tobytes()] // 120, int(label)) for patch, label in zip(taken, labels, strict=True)]
        assert {cells.count(cell) for cell in cells} == {count}
