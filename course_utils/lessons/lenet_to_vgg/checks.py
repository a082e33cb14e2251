"""Exercises of the lesson from LeNet to VGG."""

import numpy as np

from course_utils.exercises import Result, attempted, choice, exercise, function, number


@exercise(
    "A map that sees four maps has four kernels of 5 × 5. What else has every map of a convolution?",
    "Kernels: 25 for each connection. Biases: one for each map of C3, however many maps it sees.",
)
def c3_table(one_map, whole_layer):
    """Parameters of a C3 map that sees four maps, and of C3 if each of its sixteen maps saw exactly three."""
    wrong = {
        100: "the map has a bias too.",
        104: "one bias a map of C3, not one a connection.",
        25: "that is one kernel. The map has a kernel for each of the four maps it sees.",
        26: "that is one kernel with a bias. The map has a kernel for each of the four maps it sees.",
        151: "that map sees all six.",
        76: "that map sees three.",
    }
    yield number(
        "one_map", one_map, 101, mistakes=wrong, idea="count 25 weights for each map it sees, then what it adds to all."
    )
    wrong = {
        1200: "the sixteen maps have biases too.",
        1248: "one bias a map of C3, not one a connection.",
        1516: "that is the paper's table, where ten maps see more than three.",
        2416: "that is today's reading, in which each map sees all six.",
        76: "that is one map. There are sixteen.",
        456: "that is for six maps. C3 has sixteen.",
    }
    yield number(
        "whole_layer",
        whole_layer,
        1216,
        mistakes=wrong,
        idea="count one map that sees three, then take sixteen of them.",
    )


def _stack(n):
    """Reach of n layers of 3×3, and how many times as many weights one layer of that reach has."""
    reach = 2 * n + 1
    return np.array([reach, reach**2 / (9 * n)])


@exercise(
    "Each further layer of 3 × 3 sees one more pixel on each side.",
    "With C channels in and out, one k × k layer has k²C² weights, and the stack has n times 9C². C² cancels.",
    "reach = 2 * n + 1, and the ratio is reach**2 / (9 * n).",
)
def stack_against_one(answer):
    """Reach of a stack of n layers of 3×3, and the weights of one layer with that reach, divided by the stack's."""
    wrong = {
        "3n would be the reach of windows that do not overlap. Each further layer adds one pixel on each side.": (
            lambda n: np.array([3 * n, n])
        ),
        "the reach is right, the ratio is upside down: the single layer's weights over the stack's.": (
            lambda n: np.array([2 * n + 1, 9 * n / (2 * n + 1) ** 2])
        ),
        "the reach is right, but the stack has n layers of nine weights, and only one of them was counted.": (
            lambda n: np.array([2 * n + 1, (2 * n + 1) ** 2 / 9])
        ),
        "the reach is right. The ratio compares areas of windows: square the reach.": (
            lambda n: np.array([2 * n + 1, (2 * n + 1) / (9 * n)])
        ),
        "reach and ratio have changed places.": lambda n: _stack(n)[::-1],
    }
    for text, mistake in wrong.items():
        if _equal(answer, mistake, 3):
            yield Result(False, f"compare: {text}")
            return
    ideas = {
        "n = 1": "One layer of 3 × 3 reaches three pixels and costs what it costs: reach 3, ratio 1.",
        "n = 2": "Two layers reach five pixels: 25 weights against 18, for each pair of channels.",
        "n = 3": "Three layers reach seven pixels: 49 weights against 27, for each pair of channels.",
        "n = 10": "Each further layer adds two pixels of reach and nine weights for each pair of channels.",
    }
    cases = [(description, (int(description.split()[-1]),)) for description in ideas]
    yield from function("compare", answer, _stack, cases, idea=ideas)


def _equal(answer, reference, argument) -> bool:
    """Whether a learner's function returns what ``reference`` does; False if it cannot be called or compared."""
    try:
        return bool(np.allclose(np.asarray(answer(argument), float), reference(argument), rtol=1e-6))
    except Exception:
        return False


@exercise(
    "What does the last pooling leave: how many rows, columns and maps? The diagram says so.",
    "6 · 6 · 256 inputs. Each of the 4096 outputs has a weight for each of them, and a bias.",
)
def first_dense(inputs, parameters):
    """Inputs and parameters of AlexNet's first dense layer, whose pooling before it leaves 6×6×256."""
    wrong = {
        256: "that is the number of maps. Flattening keeps all their places.",
        13 * 13 * 256: "those are the entries before the last pooling.",
        36: "those are the places of one map. There are 256.",
        7 * 7 * 512: "that is VGG-16.",
        4096: "those are the outputs.",
        9217: "the bias is a parameter, but no input.",
    }
    yield number("inputs", inputs, 9216, mistakes=wrong, idea="multiply rows, columns and maps of the last pooling.")
    wrong = {
        9216 * 4096: "each of the 4096 outputs has a bias.",
        9216 * 4096 + 1: "each of the 4096 outputs has a bias of its own.",
        (9216 + 1) * 4096 + 4096: "the biases were counted twice.",
        (256 + 1) * 4096: "that is what would be left after global average pooling.",
        (25088 + 1) * 4096: "that is VGG-16.",
        (4096 + 1) * 4096: "that is the second dense layer.",
    }
    yield number(
        "parameters",
        parameters,
        9217 * 4096,
        mistakes=wrong,
        idea="a dense layer of n inputs and m outputs has (n + 1) · m parameters.",
    )


VGG_BODY = 14_714_688
"""Parameters of VGG-16's thirteen convolutions."""


@exercise(
    "`models.vgg16(include_top=False)` ends with the last pooling, 7 × 7 × 512.",
    "keras.Sequential takes models as layers: body, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1000).",
)
def gap_head(model, parameters):
    """VGG-16's convolutions with global average pooling and one dense layer: 15 227 688 parameters."""
    import keras

    if not _is_model(model, keras):
        yield _no_model(model)
        return
    if not model.built:
        yield Result(False, "the model is not built: its first part needs an input shape. Begin with the VGG-16 body.")
        return
    shapes = [tuple(model.output_shape[1:]), VGG_BODY + 513 * 1000]
    yield choice("output shape", shapes[0], (1000,), idea="end with a dense layer of 1000 logits.")
    count = model.count_params()
    wrong = {
        VGG_BODY + 25_089 * 1000: "the last dense layer sees 7 · 7 · 512 inputs. Average each map first.",
        VGG_BODY + 513 * 4096 + 4097 * 4096 + 4097 * 1000: "the two dense layers of 4096 are still there.",
        VGG_BODY: "nothing has followed the convolutions yet.",
        VGG_BODY + 512 * 1000: "the dense layer has no biases.",
        138_357_544: "that is VGG-16 with its own head. Leave it out with include_top=False.",
    }
    idea = "it should be the 13 convolutions and one dense layer from 512 averages to 1000 classes."
    yield number("the model's parameters", count, shapes[1], mistakes=wrong, idea=idea)
    wrong = {
        138_357_544 - shapes[1]: "that is what is saved.",
        513 * 1000: "that is the head alone.",
        512 * 1000: "that is the head alone, without biases.",
        VGG_BODY + 512 * 1000: "the 1000 outputs have biases.",
    }
    yield number("parameters", parameters, shapes[1], mistakes=wrong, idea="`count_params()` of your model tells.")


@exercise(
    "28 → 24 → 12 → 8 → 4: what is flattened has 16 places a map. With how few maps can you do?",
    "4 filters, then 8, then dense 24 and dense 10.",
)
def tiny_lenet(model):
    """A LeNet for 28×28 digits, conv pool conv pool dense dense, with fewer than 5000 parameters."""
    import keras

    if not _is_model(model, keras):
        yield _no_model(model)
        return
    if not model.built:
        yield Result(False, "the model is not built: begin with keras.Input((28, 28, 1)).")
        return
    yield choice("input shape", tuple(model.input_shape[1:]), (28, 28, 1), idea="begin with keras.Input((28, 28, 1)).")
    yield choice("output shape", tuple(model.output_shape[1:]), (10,), idea="end with a dense layer of ten logits.")
    kinds = [kind for layer in model.layers if (kind := _kind(layer, keras))]
    wanted = ["convolution", "pooling", "convolution", "pooling", "dense", "dense"]
    told = "as LeNet-5 has them." if kinds == wanted else f"LeNet-5's order is {', '.join(wanted)}."
    yield Result(kinds == wanted, f"layers {', '.join(kinds) or 'none of the kinds asked for'}: {told}")
    windows = [layer.kernel_size for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    if windows and any(size != (5, 5) for size in windows):
        yield Result(False, f"windows {windows}: LeNet-5's are 5 × 5.")
    count = model.count_params()
    told = "fewer than 5000." if count < 5000 else "look which layer has most; it is rarely a convolution."
    yield Result(count < 5000, f"parameters {count}: {told}")


def _is_model(answer: object, keras) -> bool:
    return isinstance(attempted(answer), keras.Model)


def _no_model(answer: object) -> Result:
    return Result(False, f"the answer is of type {type(answer).__name__}: build a keras.Sequential or keras.Model.")


def _kind(layer, keras) -> str | None:
    """Which of LeNet's kinds of layers this is; None for flattening, activations and the like."""
    kinds = {
        "convolution": keras.layers.Conv2D,
        "pooling": (keras.layers.AveragePooling2D, keras.layers.MaxPooling2D),
        "dense": keras.layers.Dense,
    }
    return next((name for name, classes in kinds.items() if isinstance(layer, classes)), None)
