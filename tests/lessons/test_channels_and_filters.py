"""Exercises of the lesson on channels and filters: the right answers computed in another way."""

import inspect
import json
import re
from pathlib import Path

import keras
import numpy as np

from course_utils import anatomy
from course_utils.lessons.channels_and_filters import checks


def right(results):
    return all(result.right for result in results)


def test_the_strided_layer_is_counted_by_keras():
    model = keras.Sequential([keras.Input((30, 20, 6)), keras.layers.Conv2D(24, 5, strides=2, padding="same")])
    counted = anatomy.totals(model)
    assert right(checks.strided_layer.evaluate(model.count_params(), counted.multiply_adds))


def test_all_filters_are_keras():
    def apply_filters(x, w, b):
        layer = keras.layers.Conv2D(w.shape[3], w.shape[:2])
        layer.build((None, *x.shape))
        layer.set_weights([w, b])
        return np.array(layer(x[None].astype("float32")))[0]

    assert right(checks.all_filters.evaluate(apply_filters))


def test_the_torn_summary_is_that_of_a_network():
    (channels, _), (strides, _), (has_bias, _) = ((part.answer, part) for part in checks.read_summary.fields)
    model = keras.Sequential(
        [
            keras.Input((28, 28, channels)),
            keras.layers.Conv2D(12, 3),
            keras.layers.Conv2D(32, 3, strides=strides),
            keras.layers.Conv2D(16, 1, use_bias=has_bias),
        ]
    )
    assert [layer.output.shape[1:] for layer in model.layers] == [(26, 26, 12), (8, 8, 32), (8, 8, 16)]
    assert [layer.count_params() for layer in model.layers] == [1308, 3488, 512]


def test_a_plan_is_counted_as_keras_counts_it():
    for plan in ([(3, 8), (3, 12), (3, 32)], [(5, 4), (3, 8), (3, 10), (1, 4), (3, 32)]):
        stack = [keras.Input((32, 32, 3)), *(keras.layers.Conv2D(n, k) for k, n in plan)]
        stack += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)]
        total = keras.Sequential(stack).count_params()
        assert total < 5000
        assert right(checks.project.evaluate((plan, total)))
        assert not right(checks.project.evaluate((plan, total + 1)))


def test_another_detector_of_colour_edges_is_right():
    step = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    assert right(checks.colour_edge.evaluate(np.stack([-3 * step, step, 2 * step], axis=-1)))


def test_the_table_of_arguments_gives_the_defaults_of_keras():
    path = Path(__file__).parents[2] / "book/2-layers/channels-and-filters.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (text,) = ("".join(cell["source"]) for cell in cells if "## Every argument" in "".join(cell["source"]))
    rows = dict(re.findall(r"^\| `(\w+)` ?(\S*) \|", text, flags=re.M))
    parameters = dict(inspect.signature(keras.layers.Conv2D).parameters)
    assert parameters.pop("kwargs").kind is inspect.Parameter.VAR_KEYWORD
    assert list(rows) == list(parameters)
    for name, cell in rows.items():
        default = parameters[name].default
        said = "" if default is inspect.Parameter.empty else {"(1, 1)": "1", "1": "1"}.get(str(default), f"`{default}`")
        assert cell.replace('"', "") == said, name
