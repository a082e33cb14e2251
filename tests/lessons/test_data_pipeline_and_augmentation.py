"""Exercises of the lesson on data: the right answers computed in another way."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from course_utils.lessons.data_pipeline_and_augmentation import checks


def right(results):
    return all(result.right for result in results)


def moved_most(layer, side):
    """The farthest that a bright pixel in the middle goes to the right, among many draws."""
    picture = np.zeros((1, side, side, 1), "float32")
    picture[0, side // 2, side // 2] = 1
    many = np.asarray(layer(np.repeat(picture, 2000, axis=0), training=True))
    columns = np.tensordot(many.sum(axis=(1, 3)), np.arange(side), 1) / many.sum(axis=(1, 2, 3))
    return columns.max() - side // 2


def test_units_are_those_of_the_layers():
    keras.utils.set_random_seed(0)
    pixels = moved_most(keras.layers.RandomTranslation(0.125, 0.125, fill_mode="constant"), 32)
    line = np.zeros((2000, 65, 65, 1), "float32")
    line[:, 32, 52] = 1  # 20 pixels to the right of the middle: its angle is read from where it goes
    turned = np.asarray(keras.layers.RandomRotation(0.05, fill_mode="constant")(line, training=True))
    rows = np.tensordot(turned.sum(axis=(2, 3)), np.arange(65), 1) / turned.sum(axis=(1, 2, 3)) - 32
    degrees = np.degrees(np.arcsin(rows.max() / 20))
    assert abs(pixels - 4) < 0.1
    assert abs(degrees - 18) < 0.5
    assert right(checks.units.evaluate(round(float(degrees)), round(float(pixels))))


def test_fills_are_those_of_the_layer():
    row = np.arange(1, 6, dtype="float32").reshape(1, 1, 5, 1)
    rows = [
        np.asarray(keras.layers.RandomTranslation(0.0, (0.4, 0.4), fill_mode=mode)(row, training=True)).ravel()
        for mode in ("constant", "nearest", "reflect", "wrap")
    ]
    assert right(checks.fills.evaluate(np.round(rows)))


def test_copies_by_comparing_every_pair():
    def copied(x_train, x_val):
        return (x_val[:, None] == x_train[None]).all(axis=(2, 3, 4)).any(axis=1)

    assert right(checks.copies.evaluate(copied))


def run(order):
    """Two epochs of a pipeline in this order: what was decoded, and the batches; None where it cannot be run or does not end in batches."""
    decoded, rng = [], np.random.default_rng(0)

    def decode(file):
        def note(content):
            decoded.append(content)
            return np.float32(len(content))

        return tf.ensure_shape(tf.numpy_function(note, [file], tf.float32, stateful=True), ())

    def augment(number):
        def change(number):
            return np.float32(number + rng.uniform(0.1, 0.4, np.shape(number)))

        return tf.ensure_shape(tf.numpy_function(change, [number], tf.float32, stateful=True), number.shape)

    steps = {
        "decode": lambda data: data.map(decode),
        "cache": lambda data: data.cache(),
        "shuffle": lambda data: data.shuffle(12, seed=0, reshuffle_each_iteration=True),
        "batch": lambda data: data.batch(4),
        "augment": lambda data: data.map(augment),
        "prefetch": lambda data: data.prefetch(1),
    }
    data = tf.data.Dataset.from_tensor_slices([b"x" * n for n in range(1, 13)])
    try:
        for step in order:
            data = steps[step](data)
        epochs = [[np.asarray(batch) for batch in data] for _ in range(2)]
    except (TypeError, ValueError, tf.errors.OpError):
        return None
    batched = all(batch.ndim for epoch in epochs for batch in epoch)
    return (len(decoded), epochs) if batched else None


def works(order):
    """Whether each file is decoded once, and both epochs have mixed batches, in different orders and other changes."""
    result = run(order)
    if result is None:
        return False
    count, epochs = result
    numbers = [[np.floor(batch) for batch in epoch] for epoch in epochs]
    fresh = not np.intersect1d(*(np.concatenate(epoch) for epoch in epochs)).size
    other = any((one != two).any() for one, two in zip(*numbers, strict=True))
    mixed = any(np.ptp(batch) != 3 for epoch in numbers for batch in epoch)
    return count == 12 and fresh and other and mixed


def test_orders_that_pass_are_those_that_work():
    for start in itertools.permutations(step for step in checks.STEPS if step != "prefetch"):
        order = [*start, "prefetch"]
        assert right(checks.order.evaluate(order)) == works(order), order


def test_a_reader_of_the_diagnosis_finds_each_fault_once():
    answers = [part.answer for part in checks.diagnosis.fields]
    assert sorted(answers) == sorted(checks.FAULTS)
    assert right(checks.diagnosis.evaluate(*answers))
