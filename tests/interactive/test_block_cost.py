"""The block figure against Keras models of the same blocks, the builders of ``course_utils.models``, and closed forms."""

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np

from course_utils import anatomy
from course_utils.models import densenet, mobilenet, regnet, resnet, shufflenet
from course_utils.models.googlenet import MODULES, _inception

LESSON = Path(__file__).parents[2] / "book" / "7-history" / "efficient-cnns.ipynb"
COUNT = "(figure, asked) => asked.map(([block, shared]) => figure.count(figure.lay(block, shared)))"
INSIDE = ("BatchNormalization", "ReLU")  # write over their input if nobody reads it later


class Net:
    """A block in Keras that takes down who reads what: each layer's kind, inputs and output in order of calls."""

    def __init__(self, block, shared):
        import keras

        self.block, self.shared, self.rows = block, shared, []
        self.x = keras.Input((shared["side"], shared["side"], block["into"]))
        self.y = self._build(**{name: block[name] for name in ("kind", "out", "kernel", "groups", "expand")})
        self.model = keras.Model(self.x, self.y)

    def _call(self, layer, *inputs):
        output = layer(list(inputs) if len(inputs) > 1 else inputs[0])
        self.rows.append((type(layer).__name__, inputs, output))
        return output

    def _finish(self, x, relu=True):
        from keras import layers

        if self.shared["norm"]:
            x = self._call(layers.BatchNormalization(), x)
            x = self._call(layers.ReLU(), x) if relu else x
        return x

    def _conv(self, x, filters, k=1, *, strides=1, groups=1, relu=True, finish=True):
        from keras import layers

        options = {"strides": strides, "groups": groups, "padding": "same", "use_bias": False}
        x = self._call(layers.Conv2D(filters, k, **options), x)
        return self._finish(x, relu) if finish else x

    def _depthwise(self, x, k, *, strides=1, relu=True):
        from keras import layers

        layer = layers.DepthwiseConv2D(k, strides=strides, padding="same", use_bias=False)
        return self._finish(self._call(layer, x), relu)

    def _shuffle(self, x, groups):
        y = shufflenet.channel_shuffle(x, groups, "shuffle")
        self.rows.append(("Shuffle", (x,), y))
        return y

    def _join(self, *inputs, concatenate=False, relu=True):
        from keras import layers

        y = self._call(layers.Concatenate() if concatenate else layers.Add(), *inputs)
        return self._call(layers.ReLU(), y) if relu and self.shared["norm"] else y

    def _residual(self, y):
        shortcut, strides = self.x, self.shared["stride"]
        if strides > 1 or shortcut.shape[-1] != y.shape[-1]:
            shortcut = self._conv(shortcut, y.shape[-1], strides=strides, relu=False)
        return self._join(y, shortcut)

    def _build(self, kind, out, kernel, groups, expand):
        from keras import layers

        x, strides = self.x, self.shared["stride"]
        into = x.shape[-1]
        if kind == "standard":
            return self._conv(x, out, kernel, strides=strides, groups=groups)
        if kind == "pointwise":
            return self._conv(x, out, strides=strides)
        if kind == "separable":
            return self._conv(self._depthwise(x, kernel, strides=strides), out)
        if kind == "basic":
            return self._residual(self._conv(self._conv(x, out, kernel, strides=strides), out, kernel, relu=False))
        if kind == "bottleneck":
            y = self._conv(self._conv(x, out // 4, strides=strides), out // 4, kernel)
            return self._residual(self._conv(y, out, relu=False))
        if kind == "regnet":
            y = self._conv(self._conv(x, out), out, kernel, strides=strides, groups=groups)
            return self._residual(self._conv(y, out, relu=False))
        if kind == "inverted":
            y = self._conv(x, expand * into) if expand > 1 else x
            y = self._conv(self._depthwise(y, kernel, strides=strides), out, relu=False)
            return self._join(y, x, relu=False) if strides == 1 and into == out else y
        if kind == "dense":
            y = self._conv(self._finish(x), 4 * (out - into), finish=False)
            y = self._conv(self._finish(y), out - into, kernel, finish=False)
            return self._join(x, y, concatenate=True, relu=False)
        if kind == "inception":
            one, reduce_three, three, reduce_five, five, pool = (part * out // 16 for part in (4, 6, 8, 1, 2, 2))
            branches = [self._conv(x, one), self._conv(self._conv(x, reduce_three), three, 3)]
            branches += [self._conv(self._conv(x, reduce_five), five, 5)]
            pooled = self._call(layers.MaxPooling2D(3, strides=1, padding="same"), x)
            return self._join(*branches, self._conv(pooled, pool), concatenate=True, relu=False)
        new = out if strides == 1 else out - into
        y = self._conv(x, -(-(out // 4) // groups) * groups, groups=groups)
        y = self._shuffle(y, groups) if groups > 1 else y
        y = self._conv(self._depthwise(y, kernel, strides=strides, relu=False), new, groups=groups, relu=False)
        if strides == 1:
            return self._join(y, x)
        return self._join(self._call(layers.AveragePooling2D(3, strides=2, padding="same"), x), y, concatenate=True)

    def counts(self) -> dict:
        """What the figure counts; numbers in memory, not bytes."""
        size = {id(one): int(np.prod(one.shape[1:])) for one in (self.x, *(row[2] for row in self.rows))}
        kept = {id(self.x): False, **{id(row[2]): row[0] == "ReLU" for row in self.rows}}
        for name, inputs, _ in self.rows:
            if name in ("Conv2D", "DepthwiseConv2D", "BatchNormalization", "MaxPooling2D"):
                kept[id(inputs[0])] = True
        peak = 0
        live = {id(self.x)}
        for at, (name, inputs, output) in enumerate(self.rows):
            later = {id(one) for row in self.rows[at + 1 :] for one in row[1]} | {id(self.y)}
            over = name in INSIDE and id(inputs[0]) not in later
            peak = max(peak, sum(size[one] for one in live) + (0 if over else size[id(output)]))
            live = (live | {id(output)}) & later
        totals = anatomy.totals(self.model)
        everything = sum(size.values())
        if not any(name == "Shuffle" for name, *_ in self.rows):  # which is three layers in Keras
            assert 4 * everything == totals.activation_bytes
        memory = {"all": everything, "kept": sum(size[one] for one, yes in kept.items() if yes), "peak": peak}
        return {"parameters": totals.parameters, "work": totals.multiply_adds, **memory}


def block(kind, into=64, out=64, kernel=3, groups=1, expand=6) -> dict:
    return {"kind": kind, "into": into, "out": out, "kernel": kernel, "groups": groups, "expand": expand}


def shared(side=14, stride=1, norm=True) -> dict:
    return {"side": side, "stride": stride, "norm": norm}


BARE, BARE_STRIDED = shared(14, norm=False), shared(7, 2, norm=False)
FULL, FULL_STRIDED = shared(14), shared(7, 2)
# Sizes where shortcuts, groups, strides and odd sides make a difference.
GRID = [
    (block("standard", 6, 9, 5, groups=3), BARE_STRIDED),
    (block("standard", 6, 9), FULL),
    (block("pointwise", 8, 3), FULL_STRIDED),
    (block("separable", 8, 1, 7), BARE_STRIDED),
    (block("basic", 8, 8), BARE),
    (block("basic", 8, 4, 5), FULL_STRIDED),
    (block("bottleneck", 16, 16, 5), FULL),
    (block("regnet", 16, 32, 5, groups=4), FULL_STRIDED),
    (block("inverted", 8, 8, 5), FULL),
    (block("inverted", 8, 16, expand=3), BARE),
    (block("inverted", 8, 8, expand=1), BARE_STRIDED),
    (block("shuffle", 24, 24, 5, groups=3), FULL),
    (block("shuffle", 16, 32, groups=8), BARE_STRIDED),
    (block("shuffle", 8, 24), FULL_STRIDED),
    (block("inception", 24, 32), FULL),
    (block("dense", 12, 16, 5), BARE),
    (block("dense", 12, 16), FULL),
]


def test_every_kind_equals_keras(run_node):
    assert {one["kind"] for one, _ in GRID} == set(run_node("block-cost.js", "figure => Object.keys(figure.KINDS)"))
    for (one, now), found in zip(GRID, run_node("block-cost.js", COUNT, GRID), strict=True):
        assert found == Net(one, now).counts(), (one, now)


PUBLISHED = [
    (block("separable", 16, 24), {"side": 8}, lambda x: mobilenet.separable_block(x, 24, 1, 6.0, "b")),
    (block("separable", 16, 24), {"stride": 2}, lambda x: mobilenet.separable_block(x, 24, 2, 6.0, "b")),
    (block("basic", 16, 32), {"stride": 2}, lambda x: resnet._basic(x, 32, strides=2, name="b")),
    (block("basic", 16, 16), {}, lambda x: resnet._basic(x, 16, strides=1, name="b")),
    (block("bottleneck", 16, 64), {"stride": 2}, lambda x: resnet._bottleneck("1x1")(x, 16, strides=2, name="b")),
    (block("bottleneck", 64, 64), {}, lambda x: resnet._bottleneck("1x1")(x, 16, strides=1, name="b")),
    (block("regnet", 16, 32, groups=4), {"stride": 2}, lambda x: regnet.bottleneck(x, 32, 2, 8, "b", squeeze=False)),
    (block("inverted", 16, 16), {}, lambda x: mobilenet.inverted_residual(x, 6, 16, 1, "b")),
    (block("inverted", 16, 24, expand=1), {"stride": 2}, lambda x: mobilenet.inverted_residual(x, 1, 24, 2, "b")),
    (block("shuffle", 48, 48, groups=3), {}, lambda x: shufflenet.shuffle_unit_v1(x, 48, 1, 3, "b")),
    (block("shuffle", 48, 96, groups=4), {"stride": 2}, lambda x: shufflenet.shuffle_unit_v1(x, 96, 2, 4, "b")),
    (block("dense", 24, 32), {}, lambda x: densenet.dense_block(x, 1, 8, "b")),
    (
        block("inception", 192, 256),
        {"norm": False},
        lambda x: _inception(x, MODULES["3a"], name="b"),
    ),
]


def test_every_kind_is_the_block_of_the_published_networks(run_node):
    import keras

    asked = [(one, shared(**now)) for one, now, _ in PUBLISHED]
    for (one, now), (*_, build), found in zip(asked, PUBLISHED, run_node("block-cost.js", COUNT, asked), strict=True):
        x = keras.Input((now["side"], now["side"], one["into"]))
        model = keras.Model(x, build(x))
        biases = sum(int(np.prod(w.shape)) for w in model.weights if w.name == "bias")  # GoogLeNet's
        assert bool(biases) == (one["kind"] == "inception")
        totals = anatomy.totals(model)
        assert (found["parameters"], found["work"]) == (totals.parameters - biases, totals.multiply_adds), (one, now)


def test_the_four_blocks_of_the_lesson(run_node):
    """The table that the lesson prints, as its notebook keeps it."""
    cells = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
    (cell,) = (one for one in cells if one["id"] == "costs")
    lines = re.findall(r"^(\w+) +([\d,]+) +([\d,]+) +(\d+) kB$", "".join(cell["outputs"][0]["text"]), re.M)
    assert [line[0] for line in lines] == ["standard", "separable", "inverted", "regnet"]
    asked = [(block(kind, groups=4 if kind == "regnet" else 1), shared(28, norm=False)) for kind, *_ in lines]
    for (_, *printed), found in zip(lines, run_node("block-cost.js", COUNT, asked), strict=True):
        parameters, work, memory = (int(number.replace(",", "")) for number in printed)
        assert (found["parameters"], found["work"]) == (parameters, work)
        assert round(found["all"] * 4 / 1000) == memory


def test_a_separable_pair_has_the_share_of_the_closed_form(run_node):
    script = """(figure, [asked, shared]) => asked.map(block => [block, figure.plain(block)].map(
        one => figure.count(figure.lay(one, shared))))"""
    asked = [block("separable", into, out, k) for into in (3, 64) for out in (1, 8, 1024) for k in (1, 3, 7)]
    for stride in (1, 2):
        found = run_node("block-cost.js", script, [asked, shared(28, stride, norm=False)])
        for one, (pair, standard) in zip(asked, found, strict=True):
            share = Fraction(1, one["out"]) + Fraction(1, one["kernel"] ** 2)
            assert Fraction(pair["parameters"], standard["parameters"]) == share
            assert Fraction(pair["work"], standard["work"]) == share
            assert pair["kept"] > standard["kept"]


def test_memory_by_hand(run_node):
    """In maps of the input's size: bare, with normalisation; what is kept, and what is in use at once."""
    cases = {
        ("standard", False): (2, 1, 2),  # kept: x; in use: x and the output
        ("standard", True): (4, 3, 2),  # x, the convolution's output, ReLU's output
        ("separable", False): (3, 2, 2),
        ("basic", False): (4, 2, 3),  # the sum reads x and the second output
        ("basic", True): (8, 5, 3),  # x, what both normalisations read, what both ReLU give
        ("inverted", False): (15, 13, 13),  # x, six, six; in use: x, six and six
    }
    asked = [(block(kind), shared(10, norm=norm)) for kind, norm in cases]
    for expected, found in zip(cases.values(), run_node("block-cost.js", COUNT, asked), strict=True):
        assert tuple(found[name] / (64 * 100) for name in ("all", "kept", "peak")) == expected


def test_what_the_page_says_of_its_blocks(run_node):
    asked = [(block("bottleneck", 96, 96), shared(28, norm=False)), (block("inverted", 24, 24), shared(28, norm=False))]
    thin, wide = run_node("block-cost.js", COUNT, asked)
    assert 0.8 < wide["work"] / thin["work"] < 1
    assert wide["kept"] > 2 * thin["kept"]
    one = [(block(kind, out=1), shared(norm=False)) for kind in ("standard", "separable")]
    standard, pair = run_node("block-cost.js", COUNT, one)
    assert pair["work"] > standard["work"]


MENDED = """(figure, strides) => {
  const {KINDS, WIDTHS, GROUPS, refusal, mend, lay, count} = figure, all = [];
  for (const kind of Object.keys(KINDS)) for (const stride of strides) for (const into of [1, 3, 24, 64, 240, 1024])
    for (const out of WIDTHS) for (const groups of GROUPS) {
      const block = {kind, into, out, kernel: 3, groups, expand: 6}, mended = mend(block, stride);
      const possible = WIDTHS.some(one => !refusal({...block, out: one}, stride) &&
        (kind !== "shuffle" || stride > 1 || one === into));
      if (possible !== !refusal(mended, stride)) all.push([block, stride]);
      if (refusal(mended, stride)) continue;
      const steps = lay(mended, {side: 7, stride, norm: false});
      const whole = steps.every(one => [one.channels, one.parameters, one.work].every(Number.isSafeInteger) && one.channels > 0);
      if (!whole || steps[steps.length - 1].channels !== mended.out) all.push([mended, stride]);
    }
  return all;
}"""


def test_what_can_be_is_counted_in_whole_numbers_and_what_cannot_is_mended_or_refused(run_node):
    assert run_node("block-cost.js", MENDED, [1, 2]) == []


REFUSED = [
    (block("standard", 64, 64, groups=3), 1, "divide"),
    (block("standard", 48, 64, groups=3), 1, "divide"),
    (block("regnet", 64, 64, groups=3), 1, "divide"),
    (block("shuffle", 64, 64, groups=3), 1, "divide"),
    (block("shuffle", 3, 3), 1, "few"),
    (block("shuffle", 64, 64), 2, "more"),
    (block("bottleneck", 64, 3), 1, "quarter"),
    (block("inception", 64, 24), 1, "sixteenth"),
    (block("inception", 64, 64), 2, "still"),
    (block("dense", 64, 64), 1, "more"),
    (block("dense", 64, 96), 2, "still"),
]


def test_what_cannot_be_is_refused(run_node):
    script = "(figure, asked) => asked.map(([block, stride]) => figure.refusal(block, stride)[0])"
    assert run_node("block-cost.js", script, [case[:2] for case in REFUSED]) == [key for *_, key in REFUSED]
