"""The convolution stepper for every setting of its controls: sizes as in Keras, values as in NumPy, rows that no window reaches."""

import functools
import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils import layers

MODULE = "convolution-stepper.js"
SIZES, KERNELS, STRIDES, DILATIONS, CHANNELS = range(1, 11), range(1, 6), range(1, 5), range(1, 4), range(1, 4)
FILTERS = range(1, 3)
PADDINGS = ("valid", "same", 0, 1, 2, 3)
SETTINGS = list(itertools.product(("convolution", "transposed"), SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS))

# One call computes everything: the seed is the number of the setting, so that all have numbers of their own. Transposed
# outputs are large; each setting computes them with one number of channels, which takes turns, and with two of everything.
SWEEP = """(stepper, settings) => {
  const sides = [], shapes = [], values = [], pictures = [], weights = [], steps = [];
  settings.forEach(([mode, n, k, s, p, d], index) => {
    const base = {mode, n, k, s, p, d, b: index % 19 - 9, b1: 9 - index % 17, seed: index + 1, edits: [], step: 0, filter: 0,
      input: "random", kernel: "random", kernel1: "random"};
    const side = stepper.sideOf(base);
    sides.push([side.size, ...(side.unreached ?? [])]);
    steps.push(stepper.stepsOf({...base, c: 1, filters: 1}));
    if (!side.size) return;
    for (const [c, filters] of [...(mode === "convolution" ? [[1, 1], [2, 1], [3, 1]] : [[1 + index % 3, 1]]), [2, 2]]) {
      const state = {...base, c, filters}, {x, w} = stepper.rules(state), y = stepper.output(state);
      shapes.push([index, c, filters, ...y.shape]);
      values.push(...y.values);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let q = 0; q < c; q++) pictures.push(x(i, j, q));
      for (let u = 0; u < k; u++) for (let v = 0; v < k; v++) for (let q = 0; q < c; q++)
        for (let o = 0; o < filters; o++) weights.push(w(u, v, q, o));
    }
  });
  return {sides, shapes, steps, values: Float64Array.from(values), pictures: Int8Array.from(pictures), weights: Int8Array.from(weights)};
}"""


def state(**changes) -> dict:
    first = {
        "mode": "convolution",
        "n": 6,
        "k": 3,
        "s": 1,
        "p": "valid",
        "d": 1,
        "c": 1,
        "b": 0,
        "filters": 1,
        "filter": 0,
        "b1": 0,
    }
    return (
        first
        | {"input": "random", "kernel": "difference", "kernel1": "sharpen", "seed": 1, "edits": [], "step": 0}
        | changes
    )


@pytest.fixture(scope="module")
def sweep(run_node):
    result = run_node(MODULE, SWEEP, SETTINGS)
    at = {"values": 0, "pictures": 0, "weights": 0}

    def take(name, *shape):
        start, at[name] = at[name], at[name] + int(np.prod(shape))
        return result[name][start : at[name]].reshape(shape)

    outputs = []
    for index, channels, filters, *shape in result["shapes"]:
        mode, n, k, s, p, d = SETTINGS[index]
        outputs.append(
            SimpleNamespace(
                mode=mode, n=n, k=k, s=s, p=p, d=d, c=channels, y=take("values", *shape),
                b=np.array([index % 19 - 9, 9 - index % 17])[:filters], x=take("pictures", n, n, channels).astype(np.int64),
                w=take("weights", k, k, channels, filters).astype(np.int64),
            )
        )  # fmt: skip
    assert all(at[name] == len(result[name]) for name in at)
    return SimpleNamespace(sides=result["sides"], steps=result["steps"], outputs=outputs)


def test_the_sweep_is_what_the_controls_offer(run_node):
    fields = run_node(MODULE, "stepper => stepper.fields")
    offered = {name: range(field["min"], field["max"] + 1) for name, field in fields.items() if "min" in field}
    assert [offered[name] for name in ("n", "k", "s", "d", "c", "filters")] == [
        SIZES, KERNELS, STRIDES, DILATIONS, CHANNELS, FILTERS,
    ]  # fmt: skip
    assert tuple(fields["p"]["options"]) == PADDINGS
    assert tuple(fields["mode"]["options"]) == ("convolution", "transposed")


@functools.cache
def zero_padding(number: int):
    """The layer of Keras, made once for all settings."""
    import keras

    return keras.layers.ZeroPadding2D(number)


def keras_size(layer, n: int, p) -> int:
    """Rows that a Keras layer makes of n, with a layer for padding or cropping where p is a number; 0 where it makes none."""
    import keras

    number, shape = p if isinstance(p, int) else 0, (1, n, n, 1)
    if isinstance(layer, keras.layers.Conv2DTranspose):
        rows = layer.compute_output_shape(shape)[1]
        # A number cuts off (n − 1) s + d (k − 1) + 1 rows; Keras adds to those where the stride is larger than the stamp.
        reach = layer.dilation_rate[0] * (layer.kernel_size[0] - 1) + 1
        spare = max(layer.strides[0] - reach, 0) if isinstance(p, int) else 0
        return max(rows - spare - 2 * number, 0)
    if number:
        shape = zero_padding(number).compute_output_shape(shape)
    try:
        return layer.compute_output_shape(shape)[1]
    except ValueError as error:
        if "output size would be" not in str(error):
            raise
        return 0


def test_every_size_is_that_of_keras(sweep):
    import keras

    kinds = {"convolution": keras.layers.Conv2D, "transposed": keras.layers.Conv2DTranspose}
    sizes = {setting: size for setting, (size, *_) in zip(SETTINGS, sweep.sides, strict=True)}
    compared = 0
    for mode, k, s, p, d in itertools.product(kinds, KERNELS, STRIDES, PADDINGS, DILATIONS):
        options = {"strides": s, "padding": "same" if p == "same" else "valid", "dilation_rate": d}
        if s > 1 and d > 1:  # the figure says that Keras refuses this
            with pytest.raises(ValueError, match="not supported in conjunction"):
                kinds[mode](1, k, **options)
            continue
        layer = kinds[mode](1, k, **options)
        for n in SIZES:
            assert sizes[mode, n, k, s, p, d] == keras_size(layer, n, p), (mode, n, k, s, p, d)
            compared += 1
    assert compared == len(SETTINGS) / 2


def test_steps_are_as_many_as_windows_or_entries(sweep):
    for (mode, n, *_), (size, *_), steps in zip(SETTINGS, sweep.sides, sweep.steps, strict=True):
        assert steps == ((n if mode == "transposed" else size) ** 2 if size else 0)


def test_every_output_is_that_of_numpy(sweep):
    assert len(sweep.outputs) > 18_000
    assert sum(one.w.shape[2:] == (2, 2) for one in sweep.outputs) > 6_000
    for one in sweep.outputs:
        options = {"strides": one.s, "padding": one.p, "dilation_rate": one.d}
        if one.mode == "convolution":
            expected = layers.conv2d(one.x[None], one.w, one.b, **options)[0]
        else:
            expected = layers.conv2d_transpose(one.x[None], one.w.swapaxes(2, 3), one.b, **options)[0]
        np.testing.assert_array_equal(one.y, expected)


def test_where_numpy_fits_no_window_neither_does_the_figure(sweep):
    empty = [setting for setting, (size, *_) in zip(SETTINGS, sweep.sides, strict=True) if not size]
    assert {mode for mode, *_ in empty} == {"convolution", "transposed"}
    for mode, n, k, s, p, d in empty:
        x, options = np.ones((1, n, n, 1)), {"strides": s, "padding": p, "dilation_rate": d}
        with pytest.raises(ValueError, match=r"does not fit|cuts everything off"):
            (layers.conv2d if mode == "convolution" else layers.conv2d_transpose)(x, np.ones((k, k, 1, 1)), **options)


def test_sampled_outputs_are_those_of_keras(sweep):
    import keras

    fitting = [one for one in sweep.outputs if one.p in ("valid", "same") and min(one.s, one.d) == 1]
    for one in np.random.default_rng(0).choice(np.array(fitting, object), 300, replace=False):
        x, w = one.x[None].astype("float32"), one.w.astype("float32")
        if one.mode == "convolution":
            y = keras.ops.conv(x, w, strides=one.s, padding=one.p, dilation_rate=one.d)
        else:
            # TensorFlow has no dilated transposed convolution on every processor: the zeros are written into the kernel.
            spread = np.zeros((one.d * (len(w) - 1) + 1,) * 2 + w.shape[:1:-1], w.dtype)
            spread[:: one.d, :: one.d] = w.swapaxes(2, 3)
            y = keras.ops.conv_transpose(x, spread, strides=one.s, padding=one.p)
        np.testing.assert_allclose(one.y, np.asarray(y)[0] + one.b, rtol=0, atol=1e-3)


def test_unreached_rows_are_those_that_change_nothing(sweep):
    """A row is unreached if a picture that is 1 there and 0 elsewhere has an output of zeros."""
    some = 0
    for (mode, n, k, s, p, d), (size, *unreached) in zip(SETTINGS, sweep.sides, strict=True):
        if mode == "transposed" or not size:
            continue
        one_row = np.repeat(np.eye(n, dtype=np.int64)[:, :, None, None], n, axis=2)
        y = layers.conv2d(one_row, np.ones((k, k, 1, 1), np.int64), strides=s, padding=p, dilation_rate=d)
        assert unreached == [row for row in range(n) if not y[row].any()], (n, k, s, p, d)
        some += bool(unreached)
    assert some > 300


STEPS = """(stepper, states) => states.map(state => Array.from({length: stepper.stepsOf(state)}, (_, step) => {
  const {i, j, top, left, channels, covers} = stepper.stepOf({...state, step}), cells = [];
  for (let r = 0; r < 70; r++) for (let q = 0; q < 70; q++) if (covers(r - 10, q - 10)) cells.push([r - 10, q - 10]);
  return {i, j, top, left, channels, cells, y: Array.from(stepper.output(state, step + 1).values)};
}))"""


def test_products_of_every_step_add_up_to_the_output(run_node):
    states = [
        state(k=k, s=s, p=p, d=d, c=c, b=2, kernel="random")
        for k, s, p, d, c in [
            (3, 1, "valid", 1, 1),
            (3, 2, "same", 1, 3),
            (2, 1, 2, 3, 2),
            (4, 3, 1, 1, 1),
            (3, 2, 3, 2, 3),
        ]
    ]
    for one, steps in zip(states, run_node(MODULE, STEPS, states), strict=True):
        side = round(len(steps) ** 0.5)
        for number, step in enumerate(steps):
            assert (step["i"], step["j"]) == divmod(number, side)
            assert step["y"][number] == one["b"] + sum(channel["sum"] for channel in step["channels"])
            for channel in step["channels"]:
                assert channel["sum"] == sum(a * weight for a, weight in channel["pairs"])
            places = itertools.product(range(one["k"]), repeat=2)
            assert step["cells"] == [[step["top"] + u * one["d"], step["left"] + v * one["d"]] for u, v in places]


def test_stamps_of_every_step_add_up_to_the_output(run_node):
    states = [
        state(mode="transposed", n=n, k=k, s=s, p=p, d=d, c=c, b=-3, kernel="random")
        for n, k, s, p, d, c in [
            (4, 3, 2, "valid", 1, 1),
            (3, 4, 2, "same", 1, 2),
            (3, 2, 3, "valid", 1, 1),
            (3, 3, 2, 1, 2, 3),
        ]
    ]
    for one, steps in zip(states, run_node(MODULE, STEPS, states), strict=True):
        side = layers.conv2d_transpose(
            np.ones((1, one["n"], 1, 1)), np.ones((one["k"], 1, 1, 1)), strides=(one["s"], 1), dilation_rate=(one["d"], 1),
            padding=one["p"] if isinstance(one["p"], str) else ((one["p"], one["p"]), (0, 0)),
        ).shape[1]  # fmt: skip
        y = np.full((side, side), one["b"], float)
        for step in steps:
            stamp = np.sum([[a * weight for a, weight in channel["pairs"]] for channel in step["channels"]], axis=0)
            for (row, column), value in zip(step["cells"], stamp, strict=True):
                if 0 <= row < side and 0 <= column < side:
                    y[row, column] += value
            np.testing.assert_array_equal(np.reshape(step["y"], y.shape), y)


FILTERED = """(stepper, states) => states.map(state => {
  const {n, k, c} = state, {x, w} = stepper.rules(state), all = (...sides) => sides.reduce((places, side) =>
    places.flatMap(place => Array.from({length: side}, (_, at) => [...place, at])), [[]]);
  return {
    x: Float64Array.from(all(n, n, c), place => x(...place)),
    w: Float64Array.from(all(k, k, c, 2), place => w(...place)),
    y: stepper.output(state).values,
    steps: [0, 1].map(filter => Array.from({length: stepper.stepsOf(state)}, (_, step) =>
      stepper.stepOf({...state, filter, step}).channels.map(channel => channel.sum))),
  };
})"""


def filtered(run_node, *states):
    """States of two filters; input, weights and output of each as NumPy has them, and the sums of every step a filter."""
    for one, made in zip(states, run_node(MODULE, FILTERED, list(states)), strict=True):
        n, k, c = one["n"], one["k"], one["c"]
        x, w = made["x"].reshape(n, n, c), made["w"].reshape(k, k, c, 2)
        yield one, x, w, made["y"].reshape(-1, 2), np.array(made["steps"])


def test_each_filter_adds_up_its_kernels_sums_and_its_bias(run_node):
    """The sum beside each kernel is the convolution of that channel alone; with the bias they are the entry of that map."""
    states = [
        state(n=n, k=k, s=s, p=p, d=d, c=c, filters=2, b=2, b1=-7, kernel="random", kernel1=kernel, seed=seed)
        for seed, (n, k, s, p, d, c, kernel) in enumerate(
            [
                (5, 3, 1, "valid", 1, 2, "random"),
                (6, 3, 2, "same", 1, 2, "sharpen"),
                (4, 2, 1, 2, 1, 2, "difference"),
                (7, 3, 3, 1, 2, 3, "ones"),
                (10, 5, 4, 3, 1, 2, "random"),
                (3, 1, 1, "valid", 1, 1, "identity"),
            ],
            start=1,
        )
    ]
    for one, x, w, y, steps in filtered(run_node, *states):
        options = {"strides": one["s"], "padding": one["p"], "dilation_rate": one["d"]}
        bias = np.array([one["b"], one["b1"]])
        np.testing.assert_array_equal(y, layers.conv2d(x[None], w, bias, **options).reshape(-1, 2))
        np.testing.assert_array_equal(y, steps.sum(axis=2).T + bias)
        for channel, filter in itertools.product(range(one["c"]), range(2)):
            alone = layers.conv2d(x[None, ..., [channel]], w[:, :, [channel]][..., [filter]], **options)
            np.testing.assert_array_equal(steps[filter, :, channel], alone.ravel())


def test_filters_have_kernels_and_presets_of_their_own(run_node):
    both = state(k=5, c=3, filters=2, kernel="random", kernel1="random")
    chosen = state(c=2, filters=2, kernel="identity", kernel1="ones")
    (*_, random, _, _), (*_, w, _, _) = filtered(run_node, both, chosen)
    pairs = itertools.combinations(random.reshape(25, 6).T, 2)
    assert all((one != other).mean() > 0.5 for one, other in pairs)
    np.testing.assert_array_equal(w[..., 0], np.stack([np.diag([0, 1, 0])] * 2, axis=-1))
    np.testing.assert_array_equal(w[..., 1], np.ones((3, 3, 2)))


def test_a_changed_weight_is_that_of_one_filter(run_node):
    """Its map changes by the channel's picture; the other map stays. A changed number of the picture may change both."""
    base = state(c=2, filters=2, kernel="random", kernel1="random")
    place = 300 + 75 * 1 + 25 * 1 + 5 * 2 + 0
    (_, x, w, y, _), (_, _, edited, changed, _) = filtered(run_node, base, base | {"edits": [19 * place - 9 + 9]})
    assert np.argwhere(w != edited).tolist() == [[2, 0, 1, 1]]
    assert edited[2, 0, 1, 1] == -9
    np.testing.assert_array_equal(changed[:, 0], y[:, 0])
    np.testing.assert_array_equal(changed[:, 1] - y[:, 1], (-9 - w[2, 0, 1, 1]) * x[2:, :4, 1].ravel())


def test_overlaps_are_those_of_a_large_map(run_node):
    settings = list(itertools.product(KERNELS, STRIDES, DILATIONS))
    script = "(stepper, all) => all.map(([k, s, d]) => stepper.overlaps({k, s, d}))"
    for (k, s, d), counts in zip(settings, run_node(MODULE, script, settings), strict=True):
        covered = layers.conv2d_transpose(
            np.ones((1, 30, 30, 1)), np.ones((k, k, 1, 1)), strides=s, dilation_rate=d, padding="valid"
        )[0, :, :, 0]
        assert counts == sorted({int(value) for value in covered[13:-13, 13:-13].ravel()}), (k, s, d)
        if d == 1:
            assert (len(counts) == 1) == (k % s == 0)


PRESETS = """(stepper, states) => states.map(state => {
  const {x, w} = stepper.rules(state), all = (side, rule) =>
    Float64Array.from({length: side * side * state.c}, (_, at) => rule(Math.floor(at / state.c / side), Math.floor(at / state.c) % side, at % state.c));
  return [all(state.n, x), all(state.k, w)];
})"""


def presets(run_node, *states):
    made = run_node(MODULE, PRESETS, list(states))
    return [
        (x.reshape(one["n"], one["n"], one["c"]), w.reshape(one["k"], one["k"], one["c"]))
        for one, (x, w) in zip(states, made, strict=True)
    ]


def test_kernels_are_those_of_the_lesson(run_node):
    names = ("difference", "mean", "sharpen", "identity", "ones")
    made = dict(zip(names, presets(run_node, *(state(kernel=name) for name in names)), strict=True))
    np.testing.assert_array_equal(made["difference"][1][:, :, 0], [[-1, 0, 1]] * 3)
    np.testing.assert_array_equal(made["mean"][1], np.full((3, 3, 1), 1 / 9))
    np.testing.assert_array_equal(made["sharpen"][1][:, :, 0], [[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    np.testing.assert_array_equal(made["identity"][1][:, :, 0], np.diag([0, 1, 0]))
    np.testing.assert_array_equal(made["ones"][1], np.ones((3, 3, 1)))


def test_kernels_keep_their_meaning_at_every_size(run_node):
    settings = [
        state(kernel=name, k=k, c=c)
        for name in ("difference", "mean", "sharpen", "identity")
        for k in KERNELS
        for c in (1, 3)
    ]
    for one, (x, w) in zip(settings, presets(run_node, *settings), strict=True):
        sums = {"difference": 0, "mean": 1, "sharpen": one["c"], "identity": one["c"]}
        np.testing.assert_allclose(w.sum(), sums[one["kernel"]], atol=1e-12)
        if one["kernel"] == "identity" and one["c"] == 1:
            np.testing.assert_array_equal(layers.conv2d(x[None], w[..., None], padding="same")[0], x)


def test_pictures(run_node):
    names = ("ramp", "edge", "dot", "ones")
    made = [x for x, _ in presets(run_node, *(state(input=name, n=5, c=3) for name in names))]
    ramp, edge, dot, ones = made
    rows, columns = np.mgrid[:5, :5]
    np.testing.assert_array_equal(ramp, np.stack([columns, rows, (rows + columns) // 2], axis=-1))
    np.testing.assert_array_equal(edge[..., 0], 9 * (columns >= 2))
    np.testing.assert_array_equal(edge[..., 1], 9 * (rows >= 2))
    np.testing.assert_array_equal(edge[..., 2], edge[:, ::-1, 0])
    assert (dot.sum(), dot[2, 2].sum(), ones.sum()) == (3, 3, 75)


def test_random_numbers_stay_when_the_picture_grows_and_change_with_the_seed(run_node):
    states = [state(n=n, c=3, kernel="random", seed=seed) for n, seed in [(10, 1), (6, 1), (10, 2), (10, 9999)]]
    (large, kernel), (small, same), (other, second), _ = presets(run_node, *states)
    np.testing.assert_array_equal(large[:6, :6], small)
    np.testing.assert_array_equal(kernel, same)
    assert set(large.ravel()) == set(range(10))
    assert (large != other).mean() > 0.7
    assert (kernel != second).mean() > 0.5
    assert (large[..., 0] != large[..., 1]).mean() > 0.7
    assert set(
        np.concatenate(
            [w.ravel() for _, w in presets(run_node, *(state(kernel="random", seed=s, k=5) for s in range(1, 9)))]
        )
    ) == set(range(-3, 4))


def test_edits_put_one_number_in_one_place(run_node):
    place_x, place_w = 100 * 1 + 10 * 2 + 4, 300 + 25 * 2 + 5 * 0 + 2
    edits = [19 * place_x - 7 + 9, 19 * place_w + 9 + 9]
    (x, w), (edited_x, edited_w) = presets(run_node, state(c=3), state(c=3, edits=edits))
    assert np.argwhere(x != edited_x).tolist() == [[2, 4, 1]]
    assert edited_x[2, 4, 1] == -7
    assert np.argwhere(w != edited_w).tolist() == [[0, 2, 2]]
    assert edited_w[0, 2, 2] == 9
