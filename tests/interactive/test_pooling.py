"""The pooling figure against Keras, the course's layers, and the numbers of the X/O lesson."""

import itertools

import numpy as np
import pytest

from course_utils import datasets, layers

SETTINGS = [
    {"input": input, "shift": shift, "mode": mode, "window": window, "stride": stride, "padding": padding, "edits": []}
    for input, shift in (("letter", "none"), ("letter", "right"), ("letter", "down"), ("ramp", "none"))
    for mode, window, stride, padding in itertools.product(
        ("max", "average"), (1, 2, 3, 4), (1, 2, 3, 4), ("same", "valid")
    )
]
SHIFTS = {"none": (0, 0), "right": (0, 1), "down": (1, 0)}
FALLING = np.where(np.eye(3) > 0, 1, -1)[:, :, None, None]


def map_of(settings) -> np.ndarray:
    if settings["input"] == "ramp":
        return np.arange(36.0).reshape(6, 6)
    letter = datasets.draw_letter("X", shift=SHIFTS[settings["shift"]])
    return layers.conv2d(letter[None, :, :, None], FALLING)[0, :, :, 0]


@pytest.fixture(scope="module")
def figure(run_node):
    """What the figure computes for every setting that it offers."""
    script = """(pooling, all) => all.map(state => {
      const map = pooling.mapOf(state), out = pooling.pooled(map, state), steps = Array.from(out.values.keys());
      return { map: map.values, shape: out.shape, out: out.values, windows: steps.map(step => pooling.windowOf(map, state, step)),
        kept: pooling.survivors(state) };
    })"""
    return run_node("pooling.js", script, SETTINGS)


def test_maps_are_those_of_the_letter(figure):
    for settings, found in zip(SETTINGS, figure, strict=True):
        np.testing.assert_array_equal(found["map"], map_of(settings).ravel())


def test_every_setting_equals_keras_and_the_layers(figure):
    import keras

    def name(settings):
        return tuple(settings[key] for key in ("input", "mode", "window", "stride", "padding"))

    alike = {}  # Maps that differ in the shift alone go through the pooling together.
    for settings, found in zip(SETTINGS, figure, strict=True):
        alike.setdefault(name(settings), []).append((map_of(settings), found))
    assert len(alike) == 128
    for (_, mode, window, stride, padding), pairs in alike.items():
        x = np.stack([each for each, _ in pairs])[..., None]
        pool = layers.max_pool if mode == "max" else layers.average_pool
        ours = pool(x, window, strides=stride, padding=padding)
        operation = keras.ops.max_pool if mode == "max" else keras.ops.average_pool
        theirs = np.asarray(operation(x.astype("float32"), window, stride, padding))
        for (_, found), here, there in zip(pairs, ours, theirs, strict=True):
            assert tuple(found["shape"]) == here.shape == there.shape
            np.testing.assert_allclose(found["out"], here.ravel(), rtol=0, atol=1e-12)
            np.testing.assert_allclose(found["out"], there.ravel(), rtol=0, atol=1e-5)


def test_windows_hold_what_the_pooled_number_is_made_of(figure):
    for settings, found in zip(SETTINGS, figure, strict=True):
        x, values = map_of(settings), found["out"]
        for value, window in zip(values, found["windows"], strict=True):
            top, left, size = window["top"], window["left"], settings["window"]
            part = x[max(top, 0) : top + size, max(left, 0) : left + size]
            assert window["values"] == part.ravel().tolist()
            assert value == pytest.approx(part.max() if settings["mode"] == "max" else part.mean(), abs=1e-12)
            best = [x.ravel()[place] for place in window["best"]]
            assert best == [value] * ((part == value).sum() if settings["mode"] == "max" else 0)


def test_shift_of_the_lesson_leaves_seven_of_sixteen(figure):
    lesson = {"input": "letter", "shift": "right", "mode": "max", "window": 2, "stride": 2, "padding": "same"}
    (kept,) = (
        one["kept"] for settings, one in zip(SETTINGS, figure, strict=True) if settings == lesson | {"edits": []}
    )
    assert (sum(kept["after"]), len(kept["after"]), sum(kept["before"]), len(kept["before"])) == (7, 16, 3, 49)


def test_survivors_are_counted_right(figure):
    pooled = {}
    for settings, found in zip(SETTINGS, figure, strict=True):
        key = tuple(settings[name] for name in ("input", "mode", "window", "stride", "padding"))
        unmoved = pooled.setdefault(key, found["out"])  # "none" comes first.
        assert found["kept"]["after"] == np.isclose(found["out"], unmoved, rtol=0, atol=1e-9).tolist()


def test_changed_numbers_take_part(run_node):
    state = {"input": "letter", "mode": "max", "window": 2, "stride": 2, "padding": "same", "edits": [0, 11, 48, -4]}
    script = """(pooling, state) => [pooling.mapOf(state).values, pooling.pooled(pooling.mapOf(state), state).values,
      pooling.survivors(state)]"""
    changed, out, kept = run_node("pooling.js", script, state)
    assert (changed[0], changed[48], out[0], out[15]) == (11, -4, 11, -4)
    assert [index for index, same in enumerate(kept["before"]) if not same] == [0, 48]
    assert [index for index, same in enumerate(kept["after"]) if not same] == [0, 15]
