"""Checks of part 7, CNN history."""

import numpy as np

from course_utils.checks._exercise import Result, attempted, choice, exercise, function, number


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


@exercise(
    "At each of the 14 · 14 places one full filter needs 3 · 3 · 64 products. How many filters are there?",
    "Depthwise: 9 products for each of 64 channels. Pointwise: 64 products for each of 128 outputs.",
    "separable / full is 1/C_out + 1/k², whatever the size of the map.",
)
def separable_cost(full, separable, ratio):
    """Multiply-adds of a 3×3 convolution 64 → 128 on 14×14, of its depthwise separable form, and their ratio."""
    places = 14 * 14
    wrong = {
        9 * 64 * 128: "those are the weights. Each is used once at every place.",
        places * 9 * 64: "that is one filter. There are 128.",
        places * 9 * 128: "a filter covers all 64 channels.",
        places * 64 * 128: "that is a 1 × 1 convolution. A window has nine pixels.",
    }
    yield number(
        "full", full, places * 9 * 64 * 128, mistakes=wrong, idea="multiply places, window, channels and filters."
    )
    wrong = {
        9 * 64 + 64 * 128: "those are the weights. Each is used once at every place.",
        places * 9 * 64: "that is the depthwise half. The 1 × 1 convolution across channels follows.",
        places * 64 * 128: "that is the pointwise half. The depthwise convolution comes before it.",
        places * (9 * 128 + 64 * 128): "the depthwise half comes first and sees 64 channels.",
        places * 9 * 64 * 64 * 128: "the two halves follow one another: add them.",
    }
    right = places * (9 * 64 + 64 * 128)
    yield number(
        "separable", separable, right, mistakes=wrong, idea="one kernel of 3 × 3 for each of 64 channels, then 1 × 1."
    )
    wrong = {
        1 / 64 + 1 / 9: "the first term has the channels that come out, not those that go in.",
        1 / (1 / 128 + 1 / 9): "that is full over separable: turn it upside down.",
        1 / 9: "that is the limit for very many filters. The depthwise half adds 1/C_out.",
        1 / 128 + 1 / 3: "a window of 3 × 3 has k² pixels.",
    }
    idea = "divide the two numbers, or use 1/C_out + 1/k²."
    yield number("ratio", ratio, 1 / 128 + 1 / 9, mistakes=wrong, idea=idea, tolerance=5e-4)


FIVE_NETWORKS = {"A": (300, 72.0), "B": (569, 70.6), "C": (386, 77.1), "D": (4_200, 82.9), "E": (3_858, 75.3)}
"""Multiply-adds in millions and accuracy in percent of the networks of :func:`pareto`."""


@exercise(
    "Take one network at a time. Is there another that costs no more and is at least as accurate?",
    "B costs 569 and is right in 70.6 %. A costs less and is right more often, so B is out.",
    "E costs 3858 and is right in 75.3 %. Look at C.",
)
def pareto(names):
    """Which of five networks nobody beats in cost and accuracy at once."""
    given = attempted(names)
    if isinstance(given, str):
        given = given.replace(",", " ").split()
    try:
        chosen = {attempted(name) for name in given}
    except TypeError:
        yield Result(False, f"names: expected a list of letters such as ['A', 'B'], got {type(given).__name__}.")
        return
    unknown = [name for name in chosen if name not in FIVE_NETWORKS]
    if unknown:
        yield Result(False, f"names: there is no network {unknown[0]!r}; there are {', '.join(FIVE_NETWORKS)}.")
        return
    ideas = {
        "A": "no other costs as little, so nothing beats it, however accurate the others are.",
        "B": "A costs less and is more accurate.",
        "C": "whatever is cheaper is less accurate.",
        "D": "it is the most accurate of all, so nothing beats it, whatever it costs.",
        "E": "C costs a tenth and is more accurate.",
    }
    for name, (cost, accuracy) in FIVE_NETWORKS.items():
        others = [point for other, point in FIVE_NETWORKS.items() if other != name]
        on_front = not any(other[0] <= cost and other[1] >= accuracy for other in others)
        right = (name in chosen) == on_front
        where = "on the front" if name in chosen else "not on the front"
        yield Result(right, f"{name} {where}: {'right.' if right else ideas[name]}")


@exercise(
    "A float32 has 32 bits. How many bytes is that?",
    "Parameters times 4 bytes, divided by a million. For training, count how many such arrays there are.",
)
def weight_memory(weights_mb, training_mb):
    """Memory of VGG-16's 138 357 544 parameters as float32, and with gradients and Adam's two averages, in MB of 10⁶ bytes."""
    million = 138_357_544 / 1e6
    wrong = {
        million: "that is one byte a parameter. A float32 has four.",
        32 * million: "32 bits are four bytes.",
        8 * million: "that is float64.",
        2 * million: "that is float16.",
        4 * 138_357_544 / 2**20: "that is in MiB, of 1024² bytes. Here a MB is a million bytes.",
        4 * 138_357_544: "those are bytes. A MB is a million of them.",
    }
    yield number("weights_mb", weights_mb, 4 * million, mistakes=wrong, idea="four bytes a parameter.", tolerance=0.5)
    wrong = {
        4 * million: "that is the weights alone.",
        8 * million: "weights and gradients are there. Adam keeps two averages of the gradient.",
        12 * million: "one array is missing: weights, gradients, and two averages.",
        16 * 138_357_544 / 2**20: "that is in MiB, of 1024² bytes. Here a MB is a million bytes.",
    }
    idea = "count the arrays of that size: weights, gradients, first average, second average."
    yield number("training_mb", training_mb, 16 * million, mistakes=wrong, idea=idea, tolerance=2)


SEEDS_A = (97.9, 98.3, 98.1, 98.0, 98.2)
SEEDS_B = (98.3, 98.6, 98.1, 98.5, 98.0)
"""Accuracies in percent of the two networks of :func:`seed_difference`."""


@exercise(
    "Means first. Then np.var(…, ddof=1) of each; the variance of a mean of five is a fifth of it.",
    "standard_error = sqrt(var_a / 5 + var_b / 5). Compare 2.4 of them with the difference.",
)
def seed_difference(difference, standard_error, outside):
    """B's mean minus A's, its standard error, and whether it is more than 2.4 standard errors."""
    a, b = np.array(SEEDS_A), np.array(SEEDS_B)
    variances = a.var(ddof=1), b.var(ddof=1)
    right = b.mean() - a.mean()
    wrong = {
        -right: "that is A − B.",
        b.max() - a.max(): "those are the best seeds. Compare the means.",
        b[0] - a[0]: "that is the first seed alone.",
        right / 100: "the accuracies are in percent, so give the difference in points.",
    }
    idea = "subtract A's mean from B's."
    yield number("difference", difference, right, mistakes=wrong, idea=idea, tolerance=5e-3)
    error = np.sqrt(sum(variances) / 5)
    wrong = {
        np.sqrt(sum(variances)): "that is the spread of a difference of single runs. A mean of five varies less.",
        np.sqrt((a.var() + b.var()) / 5): "np.var divides by n. For a sample of five, divide by four: ddof=1.",
        sum(variances) / 5: "that is the variance. Take the root.",
        np.sqrt(variances[0] / 5): "that is A alone. B varies too.",
        np.sqrt(variances[1] / 5): "that is B alone. A varies too.",
        np.sqrt(variances[0] / 5) + np.sqrt(variances[1] / 5): "variances add up, standard errors do not.",
    }
    idea = "variances of the two means add up: var_a / 5 + var_b / 5, then the root."
    yield number("standard_error", standard_error, error, mistakes=wrong, idea=idea, tolerance=2e-3)
    yield choice(
        "outside",
        bool(outside) if isinstance(outside, np.bool_) else outside,
        bool(abs(right) > 2.4 * error),
        mistakes={True: f"2.4 standard errors are {2.4 * error:.2f} points. Is the difference larger?"},
        idea="answer True or False: is the difference more than 2.4 standard errors?",
    )
