"""Exercises of the lesson from LeNet to VGG."""

import numpy as np

from course_utils.exercises import Case, Code, Exercise, Judged, Number, Result, keras_model

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
        "A map that sees four maps has four kernels of 5 × 5. What else has every map of a convolution?",
        "Kernels: 25 for each connection. Biases: one for each map of C3, however many maps it sees.",
    ),
)


def _stack(n):
    """Receptive field of n layers of 3×3, and how many times as many weights one layer of that size has."""
    side = 2 * n + 1
    return np.array([side, side**2 / (9 * n)])


stack_against_one = Exercise(
    "stack_against_one",
    "Reach of a stack of n layers of 3×3, and the weights of one layer with that reach, divided by the stack's.",
    fields=(
        Code(
            "compare",
            _stack,
            cases=(
                Case(
                    "n = 1",
                    (1,),
                    idea="One layer of 3 × 3 reaches three pixels and costs what it costs: reach 3, ratio 1.",
                ),
                Case(
                    "n = 2",
                    (2,),
                    idea="Two layers reach five pixels: 25 weights against 18, for each pair of channels.",
                ),
                Case(
                    "n = 3",
                    (3,),
                    idea="Three layers reach seven pixels: 49 weights against 27, for each pair of channels.",
                ),
                Case(
                    "n = 10",
                    (10,),
                    idea="Each further layer adds two pixels of reach and nine weights for each pair of channels.",
                ),
            ),
            mistakes=(
                (
                    lambda n: (3 * n, n),
                    "3n would be the reach of windows that do not overlap. Each further layer adds one pixel on each side.",
                ),
                (
                    lambda n: (2 * n + 1, 9 * n / (2 * n + 1) ** 2),
                    "the reach is right, the ratio is upside down: the single layer's weights over the stack's.",
                ),
                (
                    lambda n: (2 * n + 1, (2 * n + 1) ** 2 / 9),
                    "the reach is right, but the stack has n layers of nine weights, and only one of them was counted.",
                ),
                (
                    lambda n: (2 * n + 1, (2 * n + 1) / (9 * n)),
                    "the reach is right. The ratio compares areas of windows: square the reach.",
                ),
                (lambda n: _stack(n)[::-1], "reach and ratio have changed places."),
            ),
        ),
    ),
    hints=(
        "Each further layer of 3 × 3 sees one more pixel on each side.",
        "With C channels in and out, one k × k layer has k²C² weights, and the stack has n times 9C². C² cancels.",
        "reach = 2 * n + 1, and the ratio is reach**2 / (9 * n).",
    ),
)


first_dense = Exercise(
    "first_dense",
    "Inputs and parameters of AlexNet's first dense layer, whose pooling before it leaves 6×6×256.",
    fields=(
        Number(
            "inputs",
            9216,
            mistakes=(
                (256, "that is the number of maps. Flattening keeps all their places."),
                (13 * 13 * 256, "those are the entries before the last pooling."),
                (36, "those are the places of one map. There are 256."),
                (7 * 7 * 512, "that is VGG-16."),
                (4096, "those are the outputs."),
                (9217, "the bias is a parameter, but no input."),
            ),
            idea="multiply rows, columns and maps of the last pooling.",
        ),
        Number(
            "parameters",
            9217 * 4096,
            mistakes=(
                (9216 * 4096, "each of the 4096 outputs has a bias."),
                (9216 * 4096 + 1, "each of the 4096 outputs has a bias of its own."),
                (9216 * 4096 + 2 * 4096, "the biases were counted twice."),
                ((256 + 1) * 4096, "that is what would be left after global average pooling."),
                ((25088 + 1) * 4096, "that is VGG-16."),
                ((4096 + 1) * 4096, "that is the second dense layer."),
            ),
            idea="a dense layer of n inputs and m outputs has (n + 1) · m parameters.",
        ),
    ),
    hints=(
        "What does the last pooling leave: how many rows, columns and maps? The diagram says so.",
        "6 · 6 · 256 inputs. Each of the 4096 outputs has a weight for each of them, and a bias.",
    ),
)


VGG_BODY = 14_714_688
"""Parameters of VGG-16's thirteen convolutions."""

_VGG_GAP = VGG_BODY + 513 * 1000
_VGG = 138_357_544

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
        "`models.vgg16(include_top=False)` ends with the last pooling, 7 × 7 × 512.",
        "keras.Sequential takes models as layers: body, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1000).",
    ),
)


def _is_a_small_lenet(model):
    """Whether a model has LeNet's order of layers and fewer than 5000 parameters."""
    model = keras_model(model)
    import keras

    shapes = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    yield Result.of(shapes[0] == (28, 28, 1), f"input shape {shapes[0]}", "begin with keras.Input((28, 28, 1)).")
    yield Result.of(shapes[1] == (10,), f"output shape {shapes[1]}", "end with a dense layer of ten logits.")
    kinds = [kind for layer in model.layers if (kind := _kind(layer, keras))]
    wanted = ["convolution", "pooling", "convolution", "pooling", "dense", "dense"]
    told = "as LeNet-5 has them." if kinds == wanted else f"LeNet-5's order is {', '.join(wanted)}."
    yield Result(kinds == wanted, f"layers {', '.join(kinds) or 'none of the kinds asked for'}: {told}")
    windows = [layer.kernel_size for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    if any(size != (5, 5) for size in windows):
        yield Result(False, f"kernels {windows}: LeNet-5's are 5 × 5.")
    count = model.count_params()
    told = "fewer than 5000." if count < 5000 else "look which layer has most; it is rarely a convolution."
    yield Result(count < 5000, f"parameters {count}: {told}")


def _kind(layer, keras) -> str | None:
    """Which of LeNet's kinds of layers this is; None for flattening, activations and the like."""
    kinds = {
        "convolution": keras.layers.Conv2D,
        "pooling": (keras.layers.AveragePooling2D, keras.layers.MaxPooling2D),
        "dense": keras.layers.Dense,
    }
    return next((name for name, classes in kinds.items() if isinstance(layer, classes)), None)


def _network(*described, shape=(28, 28, 1)):
    """A maker of a network of these layers; of one without an input shape, if that is None."""

    def build():
        import keras

        return keras.Sequential([*([keras.Input(shape)] if shape else []), *_layers(*described)])

    return build


_POOL, _FLATTEN = ["MaxPooling2D", 2], ["Flatten"]

tiny_lenet = Exercise(
    "tiny_lenet",
    "A LeNet for 28×28 digits, conv pool conv pool dense dense, with fewer than 5000 parameters.",
    fields=(
        Judged(
            "model",
            _is_a_small_lenet,
            _network(["Conv2D", 4, 5], _POOL, ["Conv2D", 8, 5], _POOL, _FLATTEN, ["Dense", 24], ["Dense", 10]),
            mistakes=(
                (
                    _network(["Conv2D", 6, 5], _POOL, ["Conv2D", 16, 5], _POOL, _FLATTEN, ["Dense", 84], ["Dense", 10]),
                    "look which layer has most",
                ),
                (
                    _network(["Conv2D", 4, 5], ["Conv2D", 8, 5], _POOL, _FLATTEN, ["Dense", 10]),
                    "LeNet-5's order is convolution, pooling",
                ),
                (
                    _network(["Conv2D", 4, 3], _POOL, ["Conv2D", 8, 3], _POOL, _FLATTEN, ["Dense", 10], ["Dense", 10]),
                    "LeNet-5's are 5 × 5",
                ),
                (
                    _network(["Conv2D", 4, 5], _POOL, ["Conv2D", 8, 5], _POOL, _FLATTEN, ["Dense", 24], ["Dense", 2]),
                    "end with a dense layer of ten logits",
                ),
                (_network(_FLATTEN, ["Dense", 10], shape=(8, 8, 1)), "begin with keras.Input((28, 28, 1))"),
                (_network(["Dense", 10], shape=None), "the model is not built"),
                (lambda: 5, "of type int: build a keras.Sequential or keras.Model"),
            ),
        ),
    ),
    hints=(
        "28 → 24 → 12 → 8 → 4: what is flattened has 16 places a map. With how few maps can you do?",
        "4 filters, then 8, then dense 24 and dense 10.",
    ),
)
