"""Exercises of the lesson from LeNet to VGG."""

import numpy as np

from course_utils.exercises import (
    Case,
    Code,
    Exercise,
    Judged,
    Number,
    Result,
    UnfitError,
    finite_array,
    keras_model,
)

c3_table = Exercise(
    "c3_table",
    "Parameters of a C3 map that sees four maps, and of C3 if each of its sixteen maps saw exactly three.",
    fields=(
        Number(
            "one_map",
            101,
            mistakes=(
                (100, "the map has a bias too."),
                (104, "one bias a map of C3, not one a connection."),
                (25, "that is one kernel. The map has a kernel for each of the four maps it sees."),
                (26, "that is one kernel with a bias. The map has a kernel for each of the four maps it sees."),
                (151, "that map sees all six."),
                (76, "that map sees three."),
            ),
            idea="count 25 weights for each map it sees, then what it adds to all.",
        ),
        Number(
            "whole_layer",
            1216,
            mistakes=(
                (1200, "the sixteen maps have biases too."),
                (1248, "one bias a map of C3, not one a connection."),
                (1516, "that is the paper's table, where ten maps see more than three."),
                (2416, "that is today's reading, in which each map sees all six."),
                (76, "that is one map. There are sixteen."),
                (456, "that is for six maps. C3 has sixteen."),
            ),
            idea="count one map that sees three, then take sixteen of them.",
        ),
    ),
    hints=(
        "A map that sees four maps has four kernels of 5×5. What else has every map of a convolution?",
        "Kernels: 25 for each connection. Biases: one for each map of C3, however many maps it sees.",
    ),
)


def _stack(n):
    """Receptive field of n layers of 3×3, and how many times as many weights one layer of that size has."""
    side = 2 * n + 1
    return np.array([side, side**2 / (9 * n)])


stack_against_one = Exercise(
    "stack_against_one",
    "Side of the receptive field of n layers of 3×3, and the weights of one layer with that kernel size, divided by the stack's.",
    fields=(
        Code(
            "compare",
            _stack,
            cases=(
                Case(
                    "n = 1",
                    (1,),
                    idea="One layer of 3×3 sees three pixels and costs what it costs: side 3, ratio 1.",
                ),
                Case(
                    "n = 2",
                    (2,),
                    idea="Two layers see five pixels: 25 weights against 18, for each pair of channels.",
                ),
                Case(
                    "n = 3",
                    (3,),
                    idea="Three layers see seven pixels: 49 weights against 27, for each pair of channels.",
                ),
                Case(
                    "n = 10",
                    (10,),
                    idea="Each further layer adds two pixels to the side and nine weights for each pair of channels.",
                ),
            ),
            mistakes=(
                (
                    lambda n: (3 * n, n),
                    "3n would be right for windows that do not overlap. Each further layer adds one pixel on each side.",
                ),
                (
                    lambda n: (2 * n + 1, 9 * n / (2 * n + 1) ** 2),
                    "the side is right, the ratio is upside down: the single layer's weights over the stack's.",
                ),
                (
                    lambda n: (2 * n + 1, (2 * n + 1) ** 2 / 9),
                    "the side is right, but the stack has n layers of nine weights, and only one of them was counted.",
                ),
                (
                    lambda n: (2 * n + 1, (2 * n + 1) / (9 * n)),
                    "the side is right. The ratio compares areas: square the side.",
                ),
                (lambda n: _stack(n)[::-1], "side and ratio have changed places."),
            ),
        ),
    ),
    hints=(
        "Each further layer of 3×3 sees one more pixel on each side.",
        "With C channels in and out, one k × k layer has k²C² weights, and the stack has n times 9C². C² cancels.",
        "side = 2 * n + 1, and the ratio is side**2 / (9 * n).",
    ),
)


VGG_BODY = 14_714_688
"""Parameters of VGG-16's thirteen convolutions."""

_VGG_GAP = VGG_BODY + 513 * 1000
_VGG = 138_357_544


_FC1, _LATER = (4 * 25_088 + 1) * 4096, 4097 * 4096 + 4097 * 1000

larger_pictures = Exercise(
    "larger_pictures",
    "How many times as much VGG-16 has and does with pictures of twice the side.",
    fields=(
        Number(
            "kernels",
            1,
            mistakes=(
                (2, "a kernel is 3×3 whatever the size of the picture."),
                (4, "there are four times as many places, and the same kernel is used at all of them."),
            ),
            idea="what do the parameters of a convolution depend on: the picture, or its kernels and channels?",
        ),
        Number(
            "work",
            4,
            mistakes=(
                (1, "the parameters stay, but each is used at every place, and there are more places."),
                (2, "twice the rows *and* twice the columns."),
                (16, "the side enters squared, not to the fourth power: a window keeps its nine pixels."),
            ),
            idea="multiply-adds are weights times places. How many places has a map with twice the side?",
        ),
        Number(
            "network",
            (VGG_BODY + _FC1 + _LATER) / _VGG,
            mistakes=(
                (1, "that would hold with global average pooling. Here the first dense layer sees every place."),
                (2, "the last pooling leaves 14×14 places instead of 7×7, four times as many."),
                (4, "only the first dense layer grows fourfold. The other layers stay as they are."),
                (
                    (VGG_BODY + 4 * (_VGG - VGG_BODY)) / _VGG,
                    "the second and third dense layer keep their 4096 inputs. Only the first grows.",
                ),
            ),
            idea="the 13 convolutions and two dense layers stay; the first dense layer gets 14 · 14 · 512 inputs.",
            tolerance=0.02,
        ),
    ),
    hints=(
        "Which of VGG-16's layers knows the size of the picture?",
        "Convolutions: 14.7 million parameters, whatever comes in. First dense layer: inputs · 4096, and the inputs are places · 512.",
        "(14.71 + 14 · 14 · 512 · 4096 / 10⁶ + 16.78 + 4.10) / 138.36",
    ),
)


_GAP_COUNT = Number(
    "parameters",
    _VGG_GAP,
    label="the model's parameters",
    mistakes=(
        (VGG_BODY + 25_089 * 1000, "the last dense layer sees 7 · 7 · 512 inputs. Average each map first."),
        (VGG_BODY + 513 * 4096 + 4097 * 4096 + 4097 * 1000, "the two dense layers of 4096 are still there."),
        (VGG_BODY, "nothing has followed the convolutions yet."),
        (VGG_BODY + 512 * 1000, "the dense layer has no biases."),
        (_VGG, "that is VGG-16 with its own head. Leave it out with include_top=False."),
    ),
    idea="it should be the 13 convolutions and one dense layer from 512 averages to 1000 classes.",
)


def _ends_in_averages(model):
    """Whether a model is VGG-16's convolutions, global average pooling and one dense layer."""
    model = keras_model(model)
    shape = tuple(model.output_shape[1:])
    yield Result.of(shape == (1000,), f"output shape {shape}", "end with a dense layer of 1000 logits.")
    averaged = any(type(layer).__name__ == "GlobalAveragePooling2D" for layer in model.layers)
    yield Result.of(averaged, "pooling", "average each map: keras.layers.GlobalAveragePooling2D().")
    activation = getattr(getattr(model.layers[-1], "activation", None), "__name__", "linear")
    yield Result.of(activation == "linear", "logits", "the last layer has an activation. Logits are scores before it.")
    yield from _GAP_COUNT.judge(model.count_params())


def _vgg_with(*head):
    """A maker of VGG-16's convolutions with layers behind them, given by class and arguments."""

    def build():
        import keras

        from course_utils import models

        return keras.Sequential([models.vgg16(include_top=False), *_layers(*head)])

    return build


def _layers(*described):
    """Layers from names and arguments, so that nothing is imported before they are needed."""
    import keras

    return [getattr(keras.layers, name)(*arguments) for name, *arguments in described]


gap_head = Exercise(
    "gap_head",
    "VGG-16's convolutions with global average pooling and one dense layer, and how many parameters that has.",
    fields=(
        Judged(
            "model",
            _ends_in_averages,
            _vgg_with(["GlobalAveragePooling2D"], ["Dense", 1000]),
            mistakes=(
                (_vgg_with(["Flatten"], ["Dense", 1000]), "Average each map first"),
                (
                    _vgg_with(["GlobalAveragePooling2D"], ["Dense", 4096], ["Dense", 4096], ["Dense", 1000]),
                    "two dense layers of 4096 are still there",
                ),
                (_vgg_with(["GlobalAveragePooling2D"], ["Dense", 1000, None, False]), "the dense layer has no biases"),
                (_vgg_with(["GlobalAveragePooling2D"], ["Dense", 10]), "end with a dense layer of 1000 logits"),
                (_vgg_with(["GlobalMaxPooling2D"], ["Dense", 1000]), "average each map: keras.layers"),
                (_vgg_with(["GlobalAveragePooling2D"], ["Dense", 1000, "softmax"]), "the last layer has an activation"),
                (lambda: "a network", "of type str: build a keras.Sequential or keras.Model"),
            ),
        ),
        Number(
            "parameters",
            _VGG_GAP,
            mistakes=(
                (_VGG - _VGG_GAP, "that is what is saved."),
                (513 * 1000, "that is the head alone."),
                (512 * 1000, "that is the head alone, without biases."),
                (VGG_BODY + 512 * 1000, "the 1000 outputs have biases."),
            ),
            idea="`count_params()` of your model tells.",
        ),
    ),
    hints=(
        "`models.vgg16(include_top=False)` ends with the last pooling, 7×7×512.",
        "keras.Sequential takes models as layers: body, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1000).",
    ),
)


def _replaces_eleven(strides):
    """Whether 3×3 convolutions with these strides, as few as possible, see 11 pixels and have a total stride of 4."""
    if not isinstance(strides, list | tuple | np.ndarray) or not 1 <= len(strides) <= 20:
        raise UnfitError("expected a list of strides, one a layer, from the first to the last, such as [1, 2].")
    strides = finite_array(strides, (len(strides),))
    if not np.isin(strides, (1, 2)).all():
        raise UnfitError("each layer has stride 1 or 2.")
    steps = np.cumprod([1, *strides]).astype(int)
    total, field = int(steps[-1]), 1 + 2 * int(steps[:-1].sum())
    order = "the later a stride of 2 comes, the smaller is the receptive field: each layer adds twice the strides before it."
    yield Result.of(total == 4, f"total stride {total}", "expected 4, the product of all strides.")
    yield Result.of(field == 11, f"receptive field {field}", f"expected 11. {order}")
    yield Result.of(len(strides) <= 3, f"layers {len(strides)}", "three can do it.")


strided_stack = Exercise(
    "strided_stack",
    "The strides of a stack of 3×3 convolutions that takes the place of one 11×11 convolution with stride 4.",
    fields=(
        Judged(
            "strides",
            _replaces_eleven,
            lambda: [2, 1, 2],
            mistakes=(
                (lambda: [2, 2], "receptive field 7: expected 11"),
                (lambda: [2, 2, 1], "receptive field 15: expected 11"),
                (lambda: [1, 2, 2], "receptive field 9: expected 11"),
                (lambda: [1, 1, 2, 2], "layers 4: three can do it"),
                (lambda: [1, 1, 1, 1, 1], "total stride 1: expected 4"),
                (lambda: [4], "each layer has stride 1 or 2"),
                (lambda: 3, "expected a list of strides"),
            ),
        ),
    ),
    hints=(
        "Two strides have to be 2, whatever the number of layers. What does a third layer add at each of its three places?",
        "Start with 1 pixel. A layer of 3×3 adds 2 steps, and a step is the product of the strides before it.",
        "Try [2, 2, 1], [2, 1, 2] and [1, 2, 2].",
    ),
)
