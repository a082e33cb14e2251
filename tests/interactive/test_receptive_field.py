"""The receptive-field figure against the anatomy of Keras models, impulses sent through NumPy layers, and known numbers."""

import numpy as np
import pytest

from course_utils import anatomy, layers, models

VGG16_FIELDS = [3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]
SCRIPT = """(field, asked) => asked.map(([stack, input]) => {
  const layers = field.parse(stack), steps = field.grow(layers, input);
  const units = [...Array(steps[steps.length - 1].size).keys()];
  return { layers, steps, text: field.write(layers), traces: units.map(unit => field.trace(layers, steps, unit)) };
})"""


def random_stacks(count: int, *, keras: bool) -> list[tuple[str, int, list[dict]]]:
    """Stacks as text with their input size and layers, none shrinking to nothing; ``keras`` leaves out what it lacks."""
    random, stacks = np.random.default_rng(7), []
    while len(stacks) < count:
        size, stack = int(random.integers(12, 33)), []
        rows = size
        for _ in range(random.integers(1, 6)):
            kind, kernel = str(random.choice(["c", "c", "p"])), int(random.integers(1, 6))
            stride = int(random.choice([1, 1, 2, 3])) if kind == "c" else int(random.choice([kernel, 1, 2]))
            dilation = int(random.choice([1, 2, 3])) if kind == "c" and not (keras and stride > 1) else 1
            padding = str(random.choice(["valid", "same"]))
            span = dilation * (kernel - 1) + 1
            left = -(-rows // stride) if padding == "same" else (rows - span) // stride + 1
            # Where padding is wider than the map, a unit can see nothing: see the test for that.
            if left < 1 or span > rows:
                continue
            rows = left
            layer = {"kind": kind, "kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}
            stack.append(layer)
        if stack:
            stacks.append(("-".join(map(as_text, stack)), size, stack))
    return stacks


def as_text(layer: dict) -> str:
    end = ".same" if layer["padding"] == "same" else ""
    dilation = f".d{layer['dilation']}" if layer["kind"] == "c" else ""
    return f"{layer['kind']}{layer['kernel']}.s{layer['stride']}{dilation}{end}"


def impulses(stack: list[dict], size: int) -> np.ndarray:
    """Which pixel (row) reaches which unit (column) along one side: impulses through layers of ones."""
    x = np.eye(size)[:, None, :, None]
    for layer in stack:
        if layer["kind"] == "c":
            kernel = np.ones((1, layer["kernel"], 1, 1))
            strides, dilation = (1, layer["stride"]), (1, layer["dilation"])
            x = layers.conv2d_naive(x, kernel, strides=strides, dilation_rate=dilation, padding=layer["padding"])
        else:
            x = layers.average_pool_naive(
                x, (1, layer["kernel"]), strides=(1, layer["stride"]), padding=layer["padding"]
            )
    return x[:, 0, :, 0] > 0


def build(stack: list[dict], size: int):
    import keras

    parts = [keras.Input((size, size, 1))]
    for number, layer in enumerate(stack):
        options = {"strides": layer["stride"], "padding": layer["padding"], "name": f"layer{number}"}
        if layer["kind"] == "c":
            parts.append(keras.layers.Conv2D(1, layer["kernel"], dilation_rate=layer["dilation"], **options))
        else:
            parts.append(keras.layers.MaxPooling2D(layer["kernel"], **options))
    return keras.Sequential(parts)


def assert_equal_to_anatomy(found: dict, model, names: list[str]):
    """Field, step and place of every layer, and the fields of the last layer's units."""
    for step, name in zip(found["steps"][1:], names, strict=True):
        field = anatomy.receptive_field(model, name)
        size = model.get_layer(name).output.shape[1]
        assert (step["size"], step["r"], step["j"], step["start"]) == (
            size,
            field.size[0],
            field.stride[0],
            field.start[0],
        )
    for unit, trace in enumerate(found["traces"]):
        assert (trace[0]["first"], trace[0]["last"]) == field.window(unit, unit)[0]


def test_random_stacks_equal_the_anatomy_of_keras_models(run_node):
    stacks = random_stacks(30, keras=True)
    for (text, size, stack), found in zip(
        stacks, run_node("receptive-field.js", SCRIPT, [one[:2] for one in stacks]), strict=True
    ):
        assert found["layers"] == stack, text
        assert_equal_to_anatomy(found, build(stack, size), [f"layer{number}" for number in range(len(stack))])


def test_pixels_seen_are_those_whose_impulses_arrive(run_node):
    stacks = random_stacks(60, keras=False)
    cut = gaps = 0
    for (text, size, stack), found in zip(
        stacks, run_node("receptive-field.js", SCRIPT, [one[:2] for one in stacks]), strict=True
    ):
        reached = impulses(stack, size)
        assert reached.shape[1] == len(found["traces"])
        for unit, trace in enumerate(found["traces"]):
            seen = trace[0]["seen"]
            assert seen == np.flatnonzero(reached[:, unit]).tolist(), text
            cut += trace[0]["first"] < 0 or trace[0]["last"] >= size
            gaps += len(seen) < seen[-1] - seen[0] + 1
    assert cut > 50
    assert gaps > 20


@pytest.mark.parametrize(("preset", "fields"), [("lenet", [5, 6, 14, 16, 32]), ("vgg16", VGG16_FIELDS)])
def test_presets_equal_the_builders(run_node, preset, fields):
    asked = run_node("receptive-field.js", "(field, name) => [field.PRESETS[name]]", preset)
    (found,) = run_node("receptive-field.js", SCRIPT, asked)
    assert [step["r"] for step in found["steps"][1:]] == fields
    builder = {"lenet": models.lenet5, "vgg16": models.vgg16}[preset]
    model = builder(include_top=False)
    names = [layer.name for layer in model.layers[1:]]
    assert (asked[0][1], len(names)) == (model.input_shape[1], len(fields))
    assert_equal_to_anatomy(found, model, names)


def test_stride_leaves_its_own_field_as_it_is(run_node):
    one, two = run_node("receptive-field.js", SCRIPT, [["c3-c3-c3", 32], ["c3-c3.s2-c3", 32]])
    assert [step["r"] for step in one["steps"]] == [1, 3, 5, 7]
    assert [step["r"] for step in two["steps"]] == [1, 3, 5, 9]


def test_text_is_read_and_written(run_node):
    texts = ["c3", "c3.s2", "c3.d4", "p2", "p3.s2", "c11.s4.same", "c3-c3.d2.same-p2"]
    script = "(field, texts) => texts.map(text => field.write(field.parse(text)))"
    assert run_node("receptive-field.js", script, texts) == texts
    assert run_node("receptive-field.js", script, ["c3.s1.d1", "p2.s2"]) == ["c3", "p2"]
    wrong = ["", "c", "c0", "c12", "x3", "c3.s0", "c3.d5", "p2.d2", "c3.same.s2", "c3 ", "c3.s", "-c3"]
    found = run_node("receptive-field.js", "(field, texts) => texts.map(text => field.parse(text)[0])", wrong)
    assert found == [None] * len(wrong)


def test_runs_join_neighbours(run_node):
    script = "(field, places) => places.map(field.runs)"
    assert run_node("receptive-field.js", script, [[], [4], [1, 2, 3, 5, 8, 9]]) == [
        [],
        [[4, 4]],
        [[1, 3], [5, 5], [8, 9]],
    ]


def test_unit_may_see_nothing_but_padding(run_node):
    stack = [{"kind": "c", "kernel": 2, "stride": 1, "dilation": 4, "padding": "same"}]
    assert not impulses(stack, 2).any()
    (found,) = run_node("receptive-field.js", SCRIPT, [["c2.d4.same", 2]])
    assert [trace[0]["seen"] for trace in found["traces"]] == [[], []]
