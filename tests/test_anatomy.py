"""Anatomy: counts against hand-made sums and published numbers, receptive fields against input gradients."""

import doctest
import functools
import importlib
import itertools
import os
import pathlib
import re
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


import keras
import matplotlib as mpl
import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops
from oracles import blueprint

mpl.use("Agg")

from figure_size import readable

from course_utils import anatomy

VGG16_FIELDS = [3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]


def sequential(shape, *stack):
    return keras.Sequential([keras.Input(shape), *stack])


def column(model, name):
    return anatomy.summary(model)[name].tolist()


def seen_by(model, units):
    """For each unit, first and last position along each axis of the input with a gradient, weights being random, positive.

    An oracle of its own: nothing of the package is used.
    """
    import tensorflow as tf

    random = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(random.uniform(0.5, 1.5, weight.shape))
    pictures = tf.constant(random.uniform(0.5, 1.5, (len(units), *model.input_shape[1:])).astype("float32"))

    @tf.function  # As a graph, TensorFlow leaves out the gradients of the filters, some of which crash in 2.21.
    def gradients(pictures):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            outputs = model(pictures, training=False)
            # One unit of each picture: their gradients do not mix.
            total = tf.add_n([tf.reduce_sum(outputs[(number, *unit)]) for number, unit in enumerate(units)])
        return tape.gradient(total, pictures)

    boxes = []
    for gradient in gradients(pictures).numpy():
        seen = np.abs(gradient).sum(-1) > 0
        axes = set(range(seen.ndim))
        places = [np.flatnonzero(seen.any(tuple(axes - {axis}))) for axis in sorted(axes)]
        boxes.append(tuple((int(place[0]), int(place[-1])) for place in places))
    return boxes


def assert_seen(model, most=8):
    """The window of units whose field lies inside the picture is the region that has a gradient."""
    field = anatomy.receptive_field(model)
    assert field.layer == model.layers[-1].name
    sizes = model.input_shape[1:-1]
    units = []
    for unit in itertools.product(*map(range, model.output_shape[1:-1])):
        window = field.window(*unit)
        if all(first > 0 and last < size - 1 for (first, last), size in zip(window, sizes, strict=True)):
            units.append(unit)
    assert units
    units = units[:: -(-len(units) // most)]
    boxes = seen_by(model, units)
    assert dict(zip(units, boxes, strict=True)) == {unit: field.window(*unit) for unit in units}
    if all(axis.period == 1 for axis in field.axes):  # No upsampling: every unit sees as much.
        for unit, box in zip(units, boxes, strict=True):
            assert field.size == tuple(last - first + 1 for first, last in box)
            starts = zip(field.start, field.stride, unit, strict=True)
            assert [first for first, _ in box] == [start + stride * place for start, stride, place in starts]


def branches(shape=(32, 30, 2)):
    x = inputs = keras.Input(shape)
    one = layers.Conv2D(2, 1)(x)
    five = layers.Conv2D(2, 5, padding="same")(layers.Conv2D(2, 1)(x))
    pooled = layers.Conv2D(2, 1)(layers.AveragePooling2D(3, strides=1, padding="same")(x))
    x = layers.Concatenate()([one, five, pooled])
    return keras.Model(inputs, layers.AveragePooling2D(2, name="last")(x))


def residual(shape=(33, 32, 2)):
    x = inputs = keras.Input(shape)
    for stride in (1, 2):
        y = layers.Conv2D(3, 3, strides=stride, padding="same")(x)
        y = layers.BatchNormalization()(y)
        y = layers.Conv2D(3, 3, padding="same")(y)
        x = layers.Add(name=f"add{stride}")([y, layers.Conv2D(3, 1, strides=stride)(x)])
    return keras.Model(inputs, x)


def squeeze_excite(shape=(20, 20, 2)):
    x = inputs = keras.Input(shape)
    x = layers.Conv2D(4, 3, name="conv")(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(x)
    gate = layers.Conv2D(4, 1, activation="sigmoid", name="excite")(layers.Conv2D(1, 1)(gate))
    x = layers.Multiply(name="scaled")([x, gate])
    x = layers.Conv2D(4, 3, name="last")(x)
    return keras.Model(inputs, x)


def u_shaped(shape=(32, 32, 1)):
    x = inputs = keras.Input(shape)
    fine = layers.Conv2D(2, 3, padding="same")(x)
    coarse = layers.Conv2D(2, 3, padding="same")(layers.AveragePooling2D(2)(fine))
    coarse = layers.Conv2D(2, 3, padding="same")(layers.AveragePooling2D(2)(coarse))
    up = layers.Conv2DTranspose(2, 2, strides=2)(coarse)
    up = layers.UpSampling2D(2, interpolation="bilinear")(up)
    return keras.Model(inputs, layers.Conv2D(1, 3, padding="same", name="last")(layers.Concatenate()([fine, up])))


def shuffled(shape=(16, 16, 2)):
    x = inputs = keras.Input(shape)
    x = layers.Conv2D(4, 3, groups=2)(x)
    x = layers.Reshape((14, 14, 2, 2))(x)
    x = layers.Permute((1, 2, 4, 3))(x)
    x = ops.reshape(x, (-1, 14, 14, 4))
    left, right = ops.split(x, 2, axis=-1)
    right = layers.DepthwiseConv2D(3, padding="same")(right)
    x = ops.concatenate([left, right], axis=-1)
    x = ops.pad(x[:, 1:, ::2, :], ((0, 0), (2, 1), (0, 0), (0, 0)))
    x = ops.transpose(x, (0, 3, 1, 2))
    x = ops.transpose(x, (0, 2, 3, 1))
    return keras.Model(inputs, layers.AveragePooling2D(2, name="last")(x))


def test_squeeze_and_excitation_is_left_out():
    model = squeeze_excite()
    field = anatomy.receptive_field(model)
    assert (field.layer, field.size, field.stride, field.start) == ("last", (5, 5), (1, 1), (0, 0))
    assert column(model, "receptive_field") == [1, 3, "all", "all", "all", 3, 5]
    assert anatomy.totals(model).depth == 2


@pytest.mark.parametrize("build", [branches, residual, u_shaped, shuffled])
def test_fields_of_graphs_are_what_gradients_reach(build):
    assert_seen(build())


STACKS = {
    "strided": [layers.Conv2D(2, 3, strides=2), layers.Conv2D(2, (5, 3), padding="same", strides=(1, 2))],
    "dilated": [layers.Conv2D(2, 3, dilation_rate=3, padding="same"), layers.Conv2D(2, 3, dilation_rate=(1, 2))],
    "even kernel": [layers.Conv2D(2, 4, padding="same"), layers.AveragePooling2D(2, strides=1, padding="same")],
    "depthwise": [layers.DepthwiseConv2D(3, strides=2, padding="same"), layers.SeparableConv2D(2, 5)],
    "grouped": [layers.Conv2D(4, 1), layers.Conv2D(4, 3, groups=2, strides=2)],
    "padded and cropped": [
        layers.ZeroPadding2D(((3, 0), (1, 2))),
        layers.Conv2D(2, 7, strides=2),
        layers.Cropping2D(1),
    ],
    "transposed": [layers.Conv2DTranspose(2, 3, strides=2, padding="same"), layers.Conv2D(2, 3)],
    "transposed, kernel below stride": [layers.Conv2DTranspose(2, 2, strides=3), layers.AveragePooling2D(3, strides=2)],
    "transposed twice": [
        layers.Conv2D(2, 3, strides=4),
        *(layers.Conv2DTranspose(2, 4, strides=2, padding="same") for _ in "12"),
    ],
    "transposed, dilated": [layers.Conv2DTranspose(2, 3, dilation_rate=2, padding="same"), layers.Conv2D(2, 2)],
    "output padding": [layers.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=0), layers.Conv2D(1, 1)],
    "nearest": [layers.Conv2D(2, 3, strides=3), layers.UpSampling2D((2, 3)), layers.Conv2D(2, 3)],
    "bilinear": [layers.AveragePooling2D(2), layers.UpSampling2D(4, interpolation="bilinear")],
    "resized": [layers.Conv2D(2, 3), layers.Resizing(35, 20), layers.Conv2D(2, 2)],
    "resized, cubic": [layers.Conv2D(2, 3, strides=3), layers.Resizing(14, 20, interpolation="bicubic")],
    "dense at each place": [
        layers.Conv2D(2, 3),
        layers.Dense(3),
        layers.LayerNormalization(),
        layers.PReLU(shared_axes=[1, 2]),
    ],
}


@pytest.mark.parametrize("name", STACKS)
def test_fields_of_stacks_are_what_gradients_reach(name):
    model = keras.Sequential([keras.Input((28, 25, 2)), *map(fresh, STACKS[name])])
    assert_seen(model)


def fresh(layer):
    """The same layer, not built yet."""
    return type(layer).from_config(layer.get_config())


ROWS = st.one_of(
    st.tuples(st.just("conv"), st.integers(1, 4), st.integers(1, 3), st.sampled_from(["valid", "same"]), st.just(1)),
    st.tuples(st.just("conv"), st.integers(1, 3), st.just(1), st.sampled_from(["valid", "same"]), st.integers(1, 3)),
    st.tuples(st.just("pool"), st.integers(1, 3), st.integers(1, 2), st.sampled_from(["valid", "same"]), st.just(1)),
    st.tuples(st.just("up"), st.integers(1, 4), st.integers(1, 3), st.sampled_from(["valid", "same"]), st.just(1)),
)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_fields_of_random_stacks_are_what_gradients_reach(rows):
    """One axis is enough here: axes are followed one by one."""
    stack = []
    for kind, size, stride, padding, dilation in rows:
        if kind == "conv":
            stack.append(layers.Conv1D(1, size, strides=stride, padding=padding, dilation_rate=dilation))
        elif kind == "pool":
            stack.append(layers.AveragePooling1D(size, strides=stride, padding=padding))
        else:
            # A stride beyond the kernel leaves outputs that see nothing.
            stack.append(layers.Conv1DTranspose(1, max(size, stride), strides=stride, padding=padding))
    assert_seen(sequential((240, 1), *stack), most=5)


def test_published_receptive_fields_along_vgg16():
    table = anatomy.summary(application("VGG16"))
    rows = table[table.type.isin(["Conv2D", "MaxPooling2D"])]
    assert rows.receptive_field.tolist() == VGG16_FIELDS
    assert rows.stride.tolist() == [1, 1, 2, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 16, 16, 16, 16, 32]
    assert table.set_index("layer").receptive_field[["flatten", "fc1"]].tolist() == ["–", "all"]


def lenet5():
    return sequential(
        (32, 32, 1),
        layers.Conv2D(6, 5, activation="tanh", name="c1"),
        layers.AveragePooling2D(2, name="s2"),
        layers.Conv2D(16, 5, activation="tanh", name="c3"),
        layers.AveragePooling2D(2, name="s4"),
        layers.Conv2D(120, 5, activation="tanh", name="c5"),
        layers.Flatten(name="flatten"),
        layers.Dense(84, activation="tanh", name="f6"),
        layers.Dense(10, name="logits"),
    )


def alexnet():
    stack = [layers.Conv2D(96, 11, strides=4), layers.MaxPooling2D(3, strides=2)]
    stack += [layers.Conv2D(256, 5, padding="same", groups=2), layers.MaxPooling2D(3, strides=2)]
    stack += [layers.Conv2D(384, 3, padding="same"), layers.Conv2D(384, 3, padding="same", groups=2)]
    stack += [layers.Conv2D(256, 3, padding="same", groups=2), layers.MaxPooling2D(3, strides=2, name="pool5")]
    stack += [layers.Flatten(), *(layers.Dense(units) for units in (4096, 4096, 1000))]
    return sequential((227, 227, 3), *stack)


def application(name):
    """A network of keras.applications, or AlexNet, without values."""
    return blueprint(alexnet) if name == "alexnet" else blueprint(getattr(keras.applications, name), weights=None)


# Parameters, multiply-adds, depth, receptive field: published, or computed here by nothing of the package.
@pytest.mark.parametrize(
    ("build", "multiply_adds", "depth", "size"),
    [
        (lenet5, 416_520, 5, 32),
        (lambda: application("alexnet"), 724_406_816, 8, 195),
        (lambda: application("VGG16"), 15_470_264_320, 16, 212),
        (lambda: application("ResNet50"), 3_857_973_248, 50, 483),
        (lambda: application("MobileNet"), 568_740_352, 28, 315),
        (lambda: application("EfficientNetB0"), 385_814_752, 50, 851),
        (lambda: application("DenseNet121"), None, 121, None),
        (lambda: application("MobileNetV2"), None, 53, 491),
        (lambda: application("InceptionV3"), None, 48, 1311),
        (lambda: application("Xception"), None, 37, None),
        (lambda: application("ConvNeXtTiny"), None, 59, None),
    ],
    ids=[
        "lenet5",
        "alexnet",
        "vgg16",
        "resnet50",
        "mobilenet",
        "efficientnet_b0",
        "densenet121",
        "mobilenet_v2",
        "inception_v3",
        "xception",
        "convnext",
    ],
)
def test_known_networks(build, multiply_adds, depth, size):
    model = build()
    totals = anatomy.totals(model)
    assert totals.parameters == model.count_params()
    assert totals.non_trainable == sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights)
    assert totals.depth == depth
    assert totals.not_counted == ()
    assert multiply_adds in (None, totals.multiply_adds)
    assert size is None or totals.receptive_field.size == (size, size)
    table = anatomy.summary(model)
    assert table[["parameters", "non_trainable", "multiply_adds", "activation_bytes"]].sum().tolist() == [
        totals.parameters,
        totals.non_trainable,
        totals.multiply_adds,
        totals.activation_bytes,
    ]
    assert len(anatomy.diagram(model).patches) > 5
    mpl.pyplot.close("all")


def loop_products(kernel, places, channels_in, channels_out, groups):
    """Multiplications of a convolution, counted one by one."""
    count = 0
    for _ in range(places):
        for out in range(channels_out):
            group = out * groups // channels_out
            for channel in range(channels_in):
                if channel * groups // channels_in == group:
                    count += kernel
    return count


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (layers.Conv1D(6, 5, strides=2, groups=2), (17, 4), loop_products(5, 7, 4, 6, 2)),
        (layers.Conv2D(6, (3, 2), dilation_rate=2), (9, 8, 3), loop_products(6, 5 * 6, 3, 6, 1)),
        (layers.Conv2D(6, 3, groups=3, padding="same", strides=2), (9, 8, 6), loop_products(9, 5 * 4, 6, 6, 3)),
        (layers.Conv3D(4, 2, groups=2), (4, 5, 6, 2), loop_products(8, 3 * 4 * 5, 2, 4, 2)),
        (layers.DepthwiseConv1D(3), (8, 5), loop_products(3, 6, 5, 5, 5)),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (8, 7, 3), loop_products(9, 6 * 5, 3, 6, 3)),
        (layers.SeparableConv1D(4, 3), (8, 5), loop_products(3, 6, 5, 5, 5) + loop_products(1, 6, 5, 4, 1)),
        (
            layers.SeparableConv2D(5, 3, depth_multiplier=2),
            (8, 7, 3),
            loop_products(9, 6 * 5, 3, 6, 3) + loop_products(1, 6 * 5, 6, 5, 1),
        ),
        # Each of the input's entries meets each weight.
        (layers.Conv1DTranspose(4, 3, strides=2), (8, 5), loop_products(3, 8, 5, 4, 1)),
        (layers.Conv2DTranspose(4, 3, strides=2, padding="same"), (4, 5, 3), loop_products(9, 20, 3, 4, 1)),
        (layers.Conv3DTranspose(2, 2, strides=2), (2, 3, 4, 3), loop_products(8, 24, 3, 2, 1)),
        (layers.Dense(7), (5,), 35),
        (layers.Dense(7), (3, 4, 5), 3 * 4 * 5 * 7),
        (layers.EinsumDense("...x,xy->...y", 7), (3, 4, 5), 3 * 4 * 5 * 7),
        (layers.EinsumDense("abc,cde->abde", (4, 2, 3)), (4, 5), 4 * 5 * 2 * 3),
        (layers.SpectralNormalization(layers.Conv2D(4, 3)), (6, 6, 2), loop_products(9, 16, 2, 4, 1)),
        (layers.BatchNormalization(), (6, 6, 2), 0),
        (layers.MaxPooling2D(2), (6, 6, 2), 0),
        (layers.PReLU(), (6, 6, 2), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, layers.Layer) else None,
)
def test_multiply_adds_are_those_of_a_loop(layer, shape, expected):
    model = sequential(shape, layer)
    totals = anatomy.totals(model)
    assert totals.multiply_adds == expected
    assert totals.parameters == model.count_params()
    assert totals.not_counted == ()


def test_layers_that_are_not_counted_are_named():
    x = inputs = keras.Input((6, 4))
    x = layers.MultiHeadAttention(2, 3, name="attention")(x, x)
    x = layers.LSTM(3, name="lstm")(x)
    model = keras.Model(inputs, layers.Dense(2)(x))
    totals = anatomy.totals(model)
    assert totals.not_counted == ("attention", "lstm")
    assert totals.multiply_adds == 6
    assert totals.parameters == model.count_params()
    assert anatomy.summary(model).multiply_adds.isna().sum() == 2


def test_memory_is_that_of_the_compute_dtype():
    model = sequential(
        (8, 8, 3), layers.Conv2D(4, 3, dtype="mixed_float16", name="half"), layers.MaxPooling2D(2, dtype="float32")
    )
    assert column(model, "activation_bytes") == [8 * 8 * 3 * 4, 6 * 6 * 4 * 2, 3 * 3 * 4 * 4]


def test_nested_and_shared_layers_are_unfolded():
    inner = keras.Sequential(
        [keras.Input((12, 12, 1)), layers.Conv2D(2, 3, name="conv"), layers.MaxPooling2D(2, name="pool")], name="inner"
    )
    inputs = keras.Input((12, 12, 1))
    tower = keras.Model(inputs, layers.Flatten(name="flat")(inner(inputs)), name="tower")
    left, right = keras.Input((12, 12, 1), name="left"), keras.Input((12, 12, 1), name="right")
    outputs = layers.Dense(1, name="dense")(layers.Subtract(name="minus")([tower(left), tower(right)]))
    model = keras.Model([left, right], outputs)
    names = ["tower/inner/conv", "tower/inner/pool", "tower/flat"]
    assert column(model, "layer") == ["left", "right", *names, *(f"{name} [2]" for name in names), "minus", "dense"]
    assert column(model, "parameters") == [0, 0, 20, 0, 0, 0, 0, 0, 0, 51]
    assert column(model, "multiply_adds") == [0, 0, 1800, 0, 0, 1800, 0, 0, 0, 50]
    assert anatomy.totals(model).parameters == model.count_params()
    assert anatomy.receptive_field(model, "tower/inner/pool [2]").input == "right"
    assert anatomy.receptive_field(model).size == (4, 4)
    assert anatomy.receptive_field(model, inner.get_layer("conv")).size == (3, 3)
    with pytest.raises(ValueError, match=r"'tower/inner/pool' does not depend on input 'right'"):
        anatomy.receptive_field(model, "tower/inner/pool", input="right")
    with pytest.raises(ValueError, match=r"input='middle': the model has 'left', 'right'"):
        anatomy.receptive_field(model, input="middle")


def test_a_layer_used_twice_in_a_row_widens_the_field_twice():
    x = inputs = keras.Input((16, 16, 2))
    shared = layers.Conv2D(2, 3, name="shared")
    model = keras.Model(inputs, shared(shared(x)))
    assert column(model, "layer")[1:] == ["shared", "shared [2]"]
    assert column(model, "parameters")[1:] == [38, 0]
    assert column(model, "receptive_field")[1:] == [3, 5]


def test_several_outputs():
    x = inputs = keras.Input((16, 16, 2))
    x = layers.Conv2D(2, 3, name="trunk")(x)
    first = layers.Dense(2, name="first")(layers.GlobalMaxPooling2D(name="pooled")(layers.Conv2D(2, 3, name="head")(x)))
    second = layers.Dense(3, name="second")(layers.Flatten()(x))
    model = keras.Model(inputs, [first, second])
    assert anatomy.totals(model).parameters == model.count_params()
    assert anatomy.receptive_field(model).layer == "head"
    texts = [text.get_text() for text in anatomy.diagram(model).texts]
    assert "further outputs, not drawn: second" in texts


def test_tensors_split_into_several_outputs():
    x = inputs = keras.Input((12, 12, 4))
    upper, lower = ops.split(x, 2, axis=1)
    model = keras.Model(inputs, layers.Conv2D(2, 3, name="conv")(layers.Concatenate()([upper, lower])))
    split = anatomy.summary(model).iloc[1]
    assert split.output_shape == [(6, 12, 4), (6, 12, 4)]
    assert split.activation_bytes == 12 * 12 * 4 * 4
    # The two halves are rows 0 and 6 of the picture: one over the other, nothing lies between them.
    assert anatomy.receptive_field(model).size == (9, 3)


def test_rows_and_columns_may_differ():
    model = sequential((20, 24, 1), layers.Conv2D(2, (1, 5), strides=(1, 2), name="wide"))
    assert column(model, "receptive_field") == [1, (1, 5)]
    assert column(model, "stride") == [1, (1, 2)]
    assert anatomy.receptive_field(model, "wide").window(3, 2) == ((3, 3), (4, 8))


def test_upsampling_has_strides_below_one():
    model = sequential((8, 8, 1), layers.UpSampling2D(2, name="up"))
    field = anatomy.receptive_field(model)
    assert [str(stride) for stride in field.stride] == ["1/2", "1/2"]
    assert [field.window(row, 0)[0] for row in range(4)] == [(0, 0), (0, 0), (1, 1), (1, 1)]
    assert "1/2" in anatomy.summary(model).to_string()
    sparse = sequential((8, 8, 1), layers.Conv2DTranspose(1, 1, strides=2, name="sparse"))
    with pytest.raises(ValueError, match=r"unit \(1, 0\) of layer 'sparse' sees nothing"):
        anatomy.receptive_field(sparse).window(1, 0)


def test_channels_first_and_other_ranks():
    first = sequential((2, 20, 24), layers.Permute((2, 3, 1)), layers.Conv2D(2, 3), layers.Permute((3, 1, 2)))
    assert anatomy.totals(first).parameters == 38
    cube = sequential((10, 11, 12, 1), layers.Conv3D(2, (1, 2, 3)), layers.MaxPooling3D(2))
    assert anatomy.receptive_field(cube).size == (2, 3, 4)
    causal = sequential((20, 1), layers.Conv1D(2, 3, padding="causal", dilation_rate=2, name="causal"))
    assert anatomy.receptive_field(causal).window(10) == ((6, 10),)
    grey = sequential((28, 28), layers.Reshape((28, 28, 1)), layers.Conv2D(2, 3, name="conv"))
    assert anatomy.receptive_field(grey).size == (3, 3)


def test_layouts_with_channels_first_are_followed():
    x = inputs = keras.Input((2, 20, 24))
    x = layers.Conv2D(4, 3, strides=2, padding="same", data_format="channels_first")(x)
    model = keras.Model(inputs, layers.AveragePooling2D(2, data_format="channels_first", name="pool")(x))
    field = anatomy.receptive_field(model)
    assert (field.size, field.stride, field.start) == ((5, 5), (4, 4), (0, 0))
    assert anatomy.totals(model).multiply_adds == 10 * 12 * 9 * 2 * 4


def test_open_sizes_need_a_shape():
    model = sequential(
        (None, None, 3), layers.Conv2D(4, 3, strides=2, name="conv"), layers.GlobalAveragePooling2D(), layers.Dense(2)
    )
    with pytest.raises(ValueError, match=r"leaves sizes open: say for which sizes with input_shape="):
        anatomy.summary(model)
    assert column_at(model, (9, 11, 3), "output_shape") == [(9, 11, 3), (4, 5, 4), (4,), (2,)]
    assert anatomy.totals(model, input_shape=(9, 11, 3)).multiply_adds == 20 * 27 * 4 + 8
    assert anatomy.receptive_field(model, input_shape=(9, 11, 3)).layer == "conv"
    outer = sequential((9, 11, 3), model)
    assert anatomy.totals(outer).multiply_adds == 20 * 27 * 4 + 8


def open_model():
    return sequential(
        (None, None, 3), layers.Conv2D(4, 3, name="conv"), layers.GlobalAveragePooling2D(), layers.Dense(2)
    )


@pytest.mark.parametrize(
    "shape",
    [
        [9, 11, 3],
        (np.int64(9), np.uint8(11), np.int32(3)),
        np.array([9, 11, 3]),
        [(9, 11, 3)],
        ([9, 11, 3],),
        [np.array([9, 11, 3])],
    ],
)
def test_sizes_may_be_numpys_and_in_a_list(shape):
    model = open_model()
    assert anatomy.totals(model, input_shape=shape) == anatomy.totals(model, input_shape=(9, 11, 3))
    assert column_at(model, shape, "output_shape")[1] == (7, 9, 4)


@pytest.mark.parametrize(
    "shape",
    [
        (9, 11, 4),
        (9, 11),
        (9, 0, 3),
        (9.0, 11, 3),
        (9, 11, True),
        224,
        np.int64(224),
        224.0,
        "224",
        ("9", "11", "3"),
        (),
        [()],
        (None, 20, 30, 3),
        (32, 20, 30, 3),
        (None, 20, 3),
        {"rows": 9},
        (np.nan, 9, 3),
        np.zeros((9, 11, 3)),
        object(),
    ],
    ids=lambda shape: repr(shape).partition(" object at")[0][:30],
)
@pytest.mark.parametrize("function", [anatomy.summary, anatomy.receptive_field])
def test_wrong_sizes_are_told_what_the_model_takes(function, shape):
    with pytest.raises(
        ValueError, match=r"input_shape=.*takes \(None, None, 3\); give whole numbers, without the batch"
    ):
        function(open_model(), input_shape=shape)


@pytest.mark.parametrize("function", [anatomy.summary, anatomy.totals, anatomy.receptive_field])
def test_a_layer_that_a_size_does_not_fit_is_named(function):
    with pytest.raises(ValueError, match=r"^input_shape does not fit: layer 'conv' cannot take maps of \(2, 9, 3\)$"):
        function(open_model(), input_shape=(2, 9, 3))


def test_each_input_needs_a_shape():
    inputs = [keras.Input((None, 4), name=name) for name in ("left", "right")]
    model = keras.Model(inputs, layers.Add()(inputs))
    assert anatomy.totals(model, input_shape=[(5, 4), (5, 4)]).activation_bytes == 3 * 5 * 4 * 4
    for shape in [(5, 4), [(5, 4)], [(5, 4)] * 3]:
        with pytest.raises(ValueError, match=r"the model has 2 inputs; expected a shape for each"):
            anatomy.summary(model, input_shape=shape)


def column_at(model, input_shape, name):
    return anatomy.summary(model, input_shape=input_shape)[name].tolist()


class Doubled(keras.Model):
    def call(self, x):
        return 2 * x


@pytest.mark.parametrize("function", [anatomy.summary, anatomy.totals, anatomy.receptive_field, anatomy.diagram])
def test_what_cannot_be_taken_apart_is_said(function):
    with pytest.raises(ValueError, match=r"expected a keras\.Model"):
        function("resnet50")
    with pytest.raises(ValueError, match=r"'unbuilt' is not built.*keras\.Input"):
        function(keras.Sequential([layers.Dense(2)], name="unbuilt"))
    with pytest.raises(ValueError, match=r"'doubled' calls its layers in code of its own \(Doubled\.call\)"):
        function(Doubled(name="doubled"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: anatomy.summary(None), "model=None: expected a keras.Model"),
        (lambda m: anatomy.totals([m]), "expected a keras.Model"),
        (lambda m: anatomy.receptive_field(m, ["c1"]), "layer=\\['c1'\\]: expected the name of a layer"),
        (lambda m: anatomy.receptive_field(m, np.array(["c1", "c3"])), "layer=ndarray.*expected the name"),
        (lambda m: anatomy.receptive_field(m, layers.Dense(2)), "layer=.*expected the name"),
        (lambda m: anatomy.receptive_field(m, "c1", input=3), "input=3: the model has"),
        (lambda m: anatomy.receptive_field(m, "c1", input=["x"]), "input=\\['x'\\]: the model has"),
        (lambda m: anatomy.receptive_field(m, "c1").window(1.5, 2), "unit=1.5: a whole number"),
        (lambda m: anatomy.receptive_field(m, "c1").window("a", 2), "unit='a'"),
        (lambda m: anatomy.receptive_field(m, "c1").window(-1, 2), "unit=-1"),
        (lambda m: anatomy.receptive_field(m, "c1").window((1, 2)), "expected 2 numbers"),
        (lambda m: anatomy.receptive_field(m, "c1").window(27, 28), "unit=28: a whole number from 0 to 27"),
        (lambda m: anatomy.receptive_field(m, "nö"), r"has no layer 'n\\xf6'; there are 'input"),
        (lambda m: anatomy.receptive_field(m, input="nö"), r"input='n\\xf6': the model has"),
        (lambda m: anatomy.summary(open_model(), input_shape=(2**31 - 1, 2**31 - 1, 3)), "too large to be counted"),
        (lambda m: anatomy.diagram(m, ax="axes"), "ax='axes': expected Matplotlib axes"),
    ],
)
def test_bad_calls_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message) as error:
        call(lenet5())
    assert str(error.value).isascii()


def test_errors_about_layers():
    model = lenet5()
    with pytest.raises(ValueError, match=r"has no layer 'c4'; there are 's4', 'c5', 'c3'"):
        anatomy.receptive_field(model, "c4")
    with pytest.raises(ValueError, match=r"layer=4: expected the name of a layer"):
        anatomy.receptive_field(model, 4)
    with pytest.raises(ValueError, match=r"'f6' sees the whole input \(the last feature map is 'c5'\)"):
        anatomy.receptive_field(model, "f6")
    with pytest.raises(ValueError, match=r"'flatten' does not lie in rows and columns"):
        anatomy.receptive_field(model, "flatten")
    with pytest.raises(ValueError, match=r"'dense.*' does not lie in rows and columns, so it has no receptive field"):
        anatomy.receptive_field(sequential((4,), layers.Dense(2)))
    with pytest.raises(ValueError, match=r"unit \(1,\): expected 2 numbers"):
        anatomy.receptive_field(model, "c1").window(1)
    assert anatomy.totals(sequential((4,), layers.Dense(2))).receptive_field is None


class Scaled(layers.Layer):
    """A vector of weights, and nothing said."""

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],))

    def call(self, x):
        return x * self.scale


class ScaledAndTold(Scaled):
    """Acts on each place alone, and tells."""

    def anatomy(self, input_shape):
        return {"kernel_size": 1, "multiply_adds": 0}


class Blurred(layers.Layer):
    """Mixes places, and does not tell."""

    def build(self, input_shape):
        self.matrix = self.add_weight(shape=(3, 3))

    def call(self, x):
        return x + ops.mean(x, axis=(1, 2), keepdims=True) * ops.sum(self.matrix)


class Windowed(layers.Layer):
    """Sums of windows, and tells."""

    def call(self, x):
        return ops.average_pool(x, 4, 2, data_format="channels_last")

    def anatomy(self, input_shape):
        rows = (input_shape[1] - 4) // 2 + 1
        return {"kernel_size": 4, "strides": 2, "multiply_adds": rows * rows}


class Standardized(layers.Conv2D):
    """Extends a layer of Keras, and computes something else."""

    def call(self, x):
        return super().call(ops.flip(x, axis=1))


class Renamed(layers.Conv2D):
    """Extends a layer of Keras, and computes the same."""


def test_layers_of_your_own_that_tell():
    stack = [layers.Conv2D(2, 3), ScaledAndTold(), Windowed(), Renamed(2, 3, name="conv")]
    model = sequential((16, 16, 2), *stack)
    assert column(model, "receptive_field") == [1, 3, 3, 6, 10]
    assert column(model, "multiply_adds")[2:] == [0, 36, 4 * 4 * 9 * 2 * 2]
    assert_seen(model)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (None, r"Telling\.anatomy\(\)=None: give a dictionary"),
        ({"window": 3}, r"a key of Telling\.anatomy\(\)='window': must be one of"),
        ({"multiply_adds": "many"}, r"\['multiply_adds'\]='many'"),
        ({"multiply_adds": -1}, "at least 0"),
        ({"multiply_adds": 2.5}, "a whole number"),
        ({"kernel_size": (3, 0)}, r"\['kernel_size'\]=0"),
        ({"kernel_size": (3,)}, "has 1 entries; expected 2, one a spatial axis"),
        ({"kernel_size": ()}, "has 0 entries; expected 2"),
        ({"kernel_size": (3, 3, 3)}, "has 3 entries; expected 2"),
        ({"kernel_size": 3, "strides": None}, r"\['strides'\]=None"),
        ({"kernel_size": 3, "padding": "full"}, r"\['padding'\]='full'"),
    ],
)
def test_layers_that_tell_nonsense_are_named(told, message):
    telling = type("Telling", (layers.Layer,), {"call": lambda self, x: x, "anatomy": lambda self, shape: told})
    with pytest.raises(ValueError, match=message):
        anatomy.summary(sequential((8, 8, 1), telling()))


def _fails(self, shape):
    raise KeyError("größe")


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (3, r"Telling\.anatomy\(\)=3: give a method anatomy\(input_shape\)"),
        (_fails, r"Telling\.anatomy\(\) fails for the input shape \(None, 8, 8, 1\): KeyError: 'gr\\xf6\\xdfe'"),
        (lambda self: {}, r"Telling\.anatomy\(\) fails .*TypeError"),
    ],
)
def test_a_method_that_cannot_tell_is_named(method, message):
    telling = type("Telling", (layers.Layer,), {"call": lambda self, x: x, "anatomy": method})
    with pytest.raises(ValueError, match=message) as error:
        anatomy.summary(sequential((8, 8, 1), telling()))
    assert str(error.value).isascii()


UNKNOWN = {
    "weights": Blurred,
    "a vector of weights": Scaled,
    "no weights": lambda **names: type("Flipped", (layers.Layer,), {"call": lambda self, x: x[:, ::-1]})(**names),
    "lambda": lambda **names: layers.Lambda(lambda x: ops.flip(x, axis=1), **names),
    "lambda, place by place": lambda **names: layers.Lambda(lambda x: x / 255, **names),
    "lambda, product": lambda **names: layers.Lambda(lambda x: ops.matmul(x, ops.swapaxes(x, 2, 3)), **names),
    "extending Keras": lambda **names: Standardized(2, 1, **names),
    "distributed": lambda **names: layers.TimeDistributed(layers.Conv1D(2, 3, padding="same"), **names),
    "activation of one's own": lambda **names: layers.Activation(lambda x: ops.flip(x, axis=1), **names),
    "convolution, activation of one's own": lambda **names: layers.Conv2D(
        2, 1, activation=lambda x: ops.flip(x, axis=1), **names
    ),
    "partial activation": lambda **names: layers.Activation(functools.partial(ops.softmax, axis=1), **names),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_a_layer_does_is_unknown_unless_it_tells(name):
    stack = [layers.Conv2D(2, 3), UNKNOWN[name](name="mystery"), layers.Conv2D(2, 3, name="conv")]
    model = sequential((16, 16, 2), *stack)
    assert column(model, "receptive_field") == [1, 3, "?", "?"]
    totals = anatomy.totals(model)
    assert totals.receptive_field is None
    assert totals.not_counted == ("mystery",)
    assert column(model, "multiply_adds")[2] is pandas.NA
    kind = type(model.get_layer("mystery")).__name__
    with pytest.raises(
        ValueError, match=rf"'conv' comes after 'mystery', and what {kind} does with places is not known"
    ):
        anatomy.receptive_field(model, "conv")
    assert len(anatomy.diagram(model).texts) > 3
    mpl.pyplot.close("all")


@pytest.mark.parametrize("activation", ["relu", "softmax", keras.activations.gelu, layers.ReLU(), ops.silu])
def test_activations_of_keras_are_known(activation):
    model = sequential((16, 16, 2), layers.Conv2D(2, 3, activation=activation), layers.Activation(activation))
    assert column(model, "receptive_field") == [1, 3, 3]


OPERATIONS = {
    "flip": lambda x: ops.flip(x, axis=1),
    "roll": lambda x: ops.roll(x, 3, axis=1),
    "sort": lambda x: ops.sort(x, axis=1),
    "cumsum": lambda x: ops.cumsum(x, axis=1),
    "take": lambda x: ops.take(x, [3, 1, 2], axis=1),
    "stack": lambda x: ops.stack([x, x], axis=2),
    "tile": lambda x: ops.tile(x, (1, 2, 1, 1)),
    "depth to space": lambda x: ops.depth_to_space(x, 2),
    "unfold": lambda x: ops.unfold(x, 2),
    "product": lambda x: ops.matmul(x, ops.swapaxes(x, 2, 3)),
    "einsum": lambda x: ops.einsum("nhwc,nhvc->nwvc", x, x),
    "convolution": lambda x: ops.conv(x, np.ones((3, 3, 4, 4), "float32")),
    "blur": lambda x: ops.image.gaussian_blur(x),
    "transform": lambda x: ops.image.affine_transform(x, np.eye(3, dtype="float32").ravel()[:8]),
    "fourier": lambda x: ops.fft2((x, x))[0],
    "map": lambda x: ops.map(lambda one: one[::-1], x),
    "lower triangle": lambda x: ops.tril(x),
    "recurrence": lambda x: layers.ConvLSTM2D(4, 1)(ops.expand_dims(x, 1)),
}
"""Behind each of these a receptive field of 1 would be wrong."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_that_are_not_known_give_no_receptive_field(name):
    inputs = keras.Input((8, 8, 4))
    outputs = OPERATIONS[name](inputs)
    model = keras.Model(inputs, outputs)
    assert anatomy.totals(model).receptive_field is None
    assert column(model, "receptive_field")[-1] == "?"


def test_operations_without_a_rule_for_products_are_not_counted():
    x = inputs = keras.Input((6, 6, 4))
    x = ops.conv(ops.matmul(x, ops.swapaxes(x, 2, 3)), np.ones((3, 3, 6, 4), "float32"), padding="same")
    model = keras.Model(inputs, ops.flip(ops.exp(ops.einsum("nhwc,nhvc->nhwv", x, x)), axis=1))
    assert [name.split("_")[0] for name in anatomy.totals(model).not_counted] == ["matmul", "conv", "einsum"]


@pytest.mark.parametrize(("axis", "seen"), [(-1, (3, 3)), (1, None), (2, None), ((1, 2), None)])
def test_a_softmax_over_places_sees_all_of_them(axis, seen):
    model = sequential((8, 9, 2), layers.Conv2D(2, 3, name="conv"), layers.Softmax(axis=axis, name="shares"))
    if seen:
        assert anatomy.receptive_field(model).size == seen
    else:
        assert anatomy.receptive_field(model).layer == "conv"


INACTIVE = {
    "AugMix": {},
    "CutMix": {},
    "MixUp": {},
    "RandAugment": {},
    "RandomBrightness": {"factor": 0.5},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomColorJitter": {"brightness_factor": 0.5},
    "RandomContrast": {"factor": 0.5},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomFlip": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.5},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.2},
    "RandomSaturation": {"factor": 0.5},
    "RandomSharpness": {"factor": 0.5},
    "RandomShear": {"x_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
    "Dropout": {"rate": 0.5},
    "AlphaDropout": {"rate": 0.5},
    "GaussianDropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 1.0},
    "SpatialDropout2D": {"rate": 0.5},
    "ActivityRegularization": {},
}


@pytest.mark.parametrize("name", INACTIVE)
def test_layers_that_act_in_training_only_hand_their_input_on(name):
    pictures = np.random.default_rng(0).uniform(0, 255, (3, 8, 8, 3)).astype("float32")
    layer = getattr(layers, name)(**INACTIVE[name])
    np.testing.assert_allclose(np.asarray(layer(pictures, training=False)), pictures, rtol=1e-6)
    model = sequential((8, 8, 3), layer, layers.Conv2D(2, 3, name="conv"))
    assert anatomy.receptive_field(model, "conv").size == (3, 3)


def test_the_table_is_a_plain_frame():
    table = anatomy.summary(lenet5())
    assert type(table) is pandas.DataFrame
    assert len(table) == 9
    assert table.output_shape.iloc[1] == (28, 28, 6)
    assert int(table.parameters.sum()) == 61_706
    assert table[table.parameters > 10_000].layer.tolist() == ["c5", "f6"]


def rows_of(model, **options):
    """Texts of a diagram by the block that they belong to, lines that were broken made whole."""
    ax = anatomy.diagram(model, **options)
    readable(ax.figure)
    texts = [text for text in ax.texts if text.get_text()]
    outputs = [
        text for text in texts if text.get_ha() == "right" and text.get_position()[0] == texts[0].get_position()[0]
    ]
    middles = np.array([text.get_position()[1] for text in outputs])
    rows = [[] for _ in middles]
    for text in texts:
        row = rows[np.abs(middles - text.get_position()[1]).argmin()]
        if row and row[-1].endswith(" →"):
            row[-1] += f" {text.get_text()}"
        else:
            row.append(text.get_text())
    mpl.pyplot.close("all")
    return rows


def test_diagram_of_a_chain():
    rows = rows_of(lenet5())
    assert rows[0] == ["output", "parameters"]
    assert rows[2] == ["convolution 5×5, 6", "c1", "28×28×6", "156"]
    assert rows[3] == ["average pool 2×2, /2", "s2", "14×14×6"]
    assert rows[-1] == ["dense 10", "logits", "10", "850"]
    assert len(rows) == 1 + 8


def texts_of(model):
    return [text for row in rows_of(model) for text in row]


def test_diagram_collapses_equal_blocks():
    texts = texts_of(application("VGG16"))
    assert [text for text in texts if text.startswith("×")] == ["×2", "×2", "×3", "×3", "×3"]
    assert "block5_conv1 … 3" in texts
    texts = texts_of(application("ResNet50"))
    assert [text for text in texts if text.startswith("×")] == ["×2", "×3", "×5", "×2"]
    assert texts.count("shortcut") == 4
    assert "1×1, 128, /2 → 3×3, 128 → 1×1, 512" in texts
    texts = texts_of(application("DenseNet121"))
    assert [text for text in texts if text.startswith("×")] == ["×6", "×12", "×24", "×16"]
    texts = texts_of(application("MobileNetV2"))
    assert "1×1, 96 → depthwise 3×3, /2 → 1×1, 24" in texts
    texts = texts_of(application("EfficientNetB0"))
    assert "depthwise 3×3 → squeeze-excite 8 → 1×1, 16" in texts


@pytest.mark.parametrize("build", [branches, residual, u_shaped, shuffled, squeeze_excite, lenet5])
def test_diagram_counts_every_parameter(build):
    model = build()
    numbers = [row[-1].replace(" ", "") for row in rows_of(model)[1:]]
    assert sum(int(number) for number in numbers if number.isdigit()) >= model.count_params()
    from course_utils.anatomy._blocks import blocks_of
    from course_utils.anatomy._graph import take_apart

    assert sum(block.parameters for block in blocks_of(take_apart(model))) == model.count_params()


def test_diagram_says_where_channels_are_shuffled():
    texts = texts_of(shuffled())
    assert "3×3, 4, 2 groups → shuffle" in texts
    assert {"depthwise 3×3", "shortcut", "concatenate"} <= set(texts)


def test_diagram_draws_long_shortcuts_as_arcs():
    texts = texts_of(u_shaped())
    assert texts.count("concatenate") == 1
    assert "transposed 2×2, 2, stride 2" in texts
    assert "upsample 2×2" in texts


def test_diagram_draws_where_it_is_told():
    figure, ax = mpl.pyplot.subplots()
    assert anatomy.diagram(lenet5(), ax=ax) is ax
    assert len(figure.axes) == 1
    mpl.pyplot.close("all")


def test_importing_is_cheap():
    code = "import sys, course_utils.anatomy; print([n for n in ('keras', 'tensorflow', 'matplotlib', 'pandas') if n in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.parametrize("name", ["_report", "_blocks"])
def test_examples_of_the_documentation(name):
    result = doctest.testmod(importlib.import_module(f"course_utils.anatomy.{name}"))
    assert result.attempted > 5
    assert result.failed == 0


def test_only_one_file_looks_into_the_bookkeeping_of_keras():
    private = re.compile(r"_keras_history|_inbound_nodes|_outbound_nodes|\.fill_in\(|keras\.src|\._nodes\b")
    root = pathlib.Path(anatomy.__file__).parents[1]
    looking = {str(file.relative_to(root)) for file in root.rglob("*.py") if private.search(file.read_text("utf-8"))}
    assert looking == {str(pathlib.Path("anatomy", "walk.py"))}


class Disturbed(keras.Model):
    """Functional, and computes something else than its graph."""

    def call(self, x):
        return super().call(x) + ops.mean(x)


def test_a_functional_model_with_code_of_its_own_is_not_followed():
    inputs = keras.Input((8, 8, 1))
    model = Disturbed(inputs, layers.Conv2D(1, 3, name="conv")(inputs), name="disturbed")
    with pytest.raises(ValueError, match=r"'disturbed' calls its layers in code of its own \(Disturbed\.call\)"):
        anatomy.summary(model)
    outer = sequential((8, 8, 1), model)
    assert column(outer, "receptive_field") == [1, "?"]
