"""Exercises of the lesson comparing architectures."""

import numpy as np

from course_utils.exercises import (
    Case,
    Choice,
    Code,
    Exercise,
    Judged,
    NotAttemptedError,
    Option,
    Result,
    Several,
    UnfitError,
    keras_model,
)

pareto = Exercise(
    "pareto",
    "Which of five networks nobody beats in cost and accuracy at once.",
    fields=(
        Several(
            "names",
            (
                Option("A", True, "no other costs as little, so nothing beats it, however accurate the others are."),
                Option("B", False, "A costs less and is more accurate."),
                Option("C", True, "whatever is cheaper is less accurate."),
                Option("D", True, "it is the most accurate of all, so nothing beats it, whatever it costs."),
                Option("E", False, "C costs a tenth and is more accurate."),
            ),
            idea="give a list of letters such as ['A', 'B'].",
            chosen="{} on the front",
            left="{} not on the front",
        ),
    ),
    hints=(
        "Take one network at a time. Is there another that costs no more and is at least as accurate?",
        "B costs 569 and is right in 70.6 %. A costs less and is right more often, so B is out.",
        "E costs 3858 and is right in 75.3 %. Look at C.",
    ),
)


def _on_front(costs, accuracies):
    """Which of N networks none beats; costs of shape (N, D), accuracies of shape (N,)."""
    points = np.column_stack([costs, -np.asarray(accuracies)])
    no_worse = (points[:, None] <= points).all(axis=-1)
    better = (points[:, None] < points).any(axis=-1)
    return ~(no_worse & better).any(axis=0)


def _strictly(costs, accuracies):
    """Beaten by those that are better in everything only."""
    points = np.column_stack([costs, -np.asarray(accuracies)])
    return ~(points[:, None] < points).all(axis=-1).any(axis=0)


def _beaten_by_twins(costs, accuracies):
    """Beaten by any other that is no worse."""
    points = np.column_stack([costs, -np.asarray(accuracies)])
    no_worse = (points[:, None] <= points).all(axis=-1) & ~np.eye(len(points), dtype=bool)
    return ~no_worse.any(axis=0)


_FIVE = np.array([[300.0], [569.0], [386.0], [4200.0], [3858.0]]), np.array([72.0, 70.6, 77.1, 82.9, 75.3])
_TWO_COSTS = np.array([[1.0, 9.0], [9.0, 1.0], [5.0, 6.0], [9.0, 9.0]]), np.array([70.0, 70.0, 70.0, 71.0])
_TIES = np.array([[1.0, 4.0], [1.0, 4.0], [1.0, 5.0], [2.0, 4.0], [2.0, 4.0]]), np.array([70.0, 70.0, 70.0, 70.0, 71.0])

on_front = Exercise(
    "on_front",
    "A Pareto front for any number of costs.",
    fields=(
        Code(
            "on_front",
            _on_front,
            cases=(
                Case("one cost", _FIVE, idea="With one cost these are A, C and D of the exercise before."),
                Case(
                    "two costs",
                    _TWO_COSTS,
                    idea="Whoever is cheaper in one cost is not beaten by who is cheaper in the other.",
                ),
                Case(
                    "twins and near twins",
                    _TIES,
                    idea="Beaten means: somebody is no worse in everything and better in something. Twins do not beat each other.",
                ),
                Case("a single network", (np.array([[3.0, 3.0]]), np.array([50.0])), idea="Nobody beats itself."),
            ),
            mistakes=(
                (
                    _strictly,
                    "to beat a network one need not be better in *everything*: no worse, and better in something.",
                ),
                (
                    _beaten_by_twins,
                    "two networks with the same figures do not beat each other: better in something, too.",
                ),
                (
                    lambda costs, accuracies: _on_front(costs[:, :1], accuracies),
                    "only the first cost was looked at.",
                ),
                (
                    lambda costs, accuracies: _on_front(costs, -accuracies),
                    "for accuracies more is better; only costs should be low.",
                ),
                (
                    lambda costs, accuracies: ~_on_front(costs, accuracies),
                    "these are the ones that are beaten. Turn it round.",
                ),
                (
                    lambda costs, accuracies: _on_front(costs.sum(axis=1, keepdims=True), accuracies),
                    "costs of different kinds were added up: megabytes and seconds have no sum.",
                ),
            ),
        ),
    ),
    hints=(
        "Sorting helps with one cost only. Compare each network with each other one instead.",
        "Network j beats i if (costs[j] <= costs[i]).all() and accuracies[j] >= accuracies[i], and one of these is strict.",
        "Two loops and a list of N truth values are enough.",
    ),
)


choose = Exercise(
    "choose",
    "Which of four networks an app can hold, and which of four is the cheapest to train to 79 %.",
    fields=(
        Choice(
            "app",
            "regnet_y_800mf",
            options=("densenet121", "efficientnet_b0", "mobilenet_v2", "regnet_y_800mf"),
            mistakes=(
                ("densenet121", "it has 8.1 million parameters, and activations of 200 MB."),
                ("efficientnet_b0", "it has few enough parameters, but its activations take 90 MB."),
                ("mobilenet_v2", "it fits, but another one fits that is more accurate."),
            ),
            idea="strike out what breaks a limit, then compare one-crop accuracies.",
        ),
        Choice(
            "trained",
            "regnet_y_3_2gf",
            options=("efficientnet_b4", "regnet_y_3_2gf", "regnet_y_8gf", "resnet152"),
            mistakes=(
                ("efficientnet_b4", "by its own recipe it gets 82.9 %, by RegNet's 78.8 %."),
                ("regnet_y_8gf", "it gets there, with more multiply-adds than another one."),
                ("resnet152", "it gets 79.1 % by RegNet's recipe, with more multiply-adds than another one."),
            ),
            idea="strike out what gets less than 79 % by RegNet's recipe, then compare multiply-adds.",
        ),
    ),
    hints=(
        'networks["regnet_y_800mf"]["parameters"] and ["activation_bytes"] are two costs; crop has the accuracies.',
        "records.one_recipe(networks[name]) is the accuracy by RegNet's recipe.",
    ),
)


says = Exercise(
    "says",
    "Which sentences follow from a race of six networks.",
    fields=(
        Several(
            "follow",
            (
                Option("A", False, "they cannot be told apart by three seeds. That does not show them equal."),
                Option("B", True, "each of its five gaps is larger than the margin."),
                Option("C", False, "the gap is smaller than the margin for fifteen comparisons."),
                Option("D", True, "the gap is larger than the margin, and budget and recipe are named."),
                Option("E", False, "dense takes longer than plain, and is behind it."),
            ),
            idea="give a list of letters such as ['A', 'B'].",
            chosen="{} follows",
            left="{} does not follow",
        ),
    ),
    hints=(
        "Look for each pair in the list of pairs: apart, or within the spread?",
        "A sentence about any two networks falls with one pair that contradicts it. Hold both charts side by side.",
    ),
)


BUDGET, PARAMETERS = 1_000_000, 100_000
"""Of the project: multiply-adds for one digit, and parameters."""


def _built(answer):
    """The network that a function returns, if it is one that can be counted."""
    wanted = "write a function without arguments that returns a new Keras model"
    if not callable(answer):
        raise UnfitError(f"the answer is of type {type(answer).__name__}: {wanted}.")
    try:
        model = answer()
    except (Exception, SystemExit) as error:
        raise UnfitError(f"it stopped with {type(error).__name__}: {wanted}.") from None
    if model is ...:
        raise NotAttemptedError
    model = keras_model(model)
    if isinstance(getattr(model, "output", None), dict):
        raise UnfitError("the model returns a dict: return the ten logits alone.")
    if answer() is model:
        raise UnfitError(
            "it returns the same model each time, so a second seed would go on training it. Build a new one."
        )
    if None in model.input_shape[1:]:
        raise UnfitError(f"the input {model.input_shape[1:]} leaves sizes open: expected (28, 28, 1).")
    if model.input_shape[0] is not None:
        raise UnfitError("the input fixes the size of a batch: give keras.Input the shape of one picture, (28, 28, 1).")
    return model


def _gives_probabilities(model) -> bool:
    """Whether what comes out of some noise are numbers from 0 to 1 that sum to one, or a sigmoid is last."""
    last = model.layers[-1]
    if getattr(getattr(last, "activation", None), "__name__", "") == "sigmoid":
        return True
    noise = np.random.default_rng(0).integers(0, 256, (4, *model.input_shape[1:])).astype("float32")
    out = np.asarray(model(noise, training=False))
    return bool((out >= 0).all() and np.allclose(out.sum(axis=-1), 1, atol=1e-3))


def _named(row) -> str:
    """A layer by what it is and makes."""
    return f"a {row.type} that makes {'×'.join(map(str, row.output_shape))}"


def _under_a_million(answer):
    """Whether a function makes an untrained network for digits that keeps both budgets; nothing is trained."""
    from course_utils import anatomy

    model = _built(answer)
    table, totals = anatomy.summary(model), anatomy.totals(model)
    if totals.not_counted:
        names = ", ".join(map(str, totals.not_counted))
        raise UnfitError(f"what layer {names} multiplies is not known here. Use layers of Keras.")
    taken, returned = model.input_shape, model.output_shape
    yield Result.of(taken == (None, 28, 28, 1), f"input {taken[1:]}", "expected (28, 28, 1), raw digits as they are.")
    shape = "expected ten logits, shape (10,)."
    yield Result.of(returned == (None, 10), f"output {returned[1:]}", shape)
    ends = "the network ends in probabilities. The loss of the recipe takes logits: leave the last activation out."
    yield Result.of(not _gives_probabilities(model), "logits", ends)
    yield Result.of(not model.compiled, "not compiled", "score compiles each network itself, all in the same way.")
    if not totals.multiply_adds:
        raise UnfitError("no layer multiplies anything.")
    most = table.loc[table.multiply_adds.idxmax()]
    share = f"{100 * most.multiply_adds / totals.multiply_adds:.0f} % of them in {_named(most)}"
    saving = "Give it fewer filters or smaller maps, or make it separable."
    if most.type == "Dense":
        saving = "Give it fewer units or fewer inputs."
    if len(most.output_shape) == 3 and max(most.output_shape[:2]) > 20:
        places = most.output_shape[0] * most.output_shape[1]
        saving = f"Each weight there is used {places} times: halve the sides before it, in the first layer."
    yield Result.of(
        totals.multiply_adds <= BUDGET,
        f"multiply-adds {totals.multiply_adds:,}, {share}",
        f"the budget is {BUDGET:,}. {saving}",
    )
    most = table.loc[table.parameters.idxmax()]
    saving = "Give the layer that holds most of them fewer filters."
    if most.type == "Dense":
        saving = "A dense layer uses each weight once, so it is cheap in multiply-adds, but it keeps every weight."
    yield Result.of(
        totals.parameters <= PARAMETERS,
        f"parameters {totals.parameters:,}, {100 * most.parameters / totals.parameters:.0f} % of them in {_named(most)}",
        f"the budget is {PARAMETERS:,}. {saving}",
    )


def _maker(*described, size=28, compiled=False):
    """A function that makes a network of layers, each given by its class and arguments."""

    def network():
        import keras

        model = keras.Sequential([keras.Input((size, size, 1)), keras.layers.Rescaling(1 / 255)])
        for name, *arguments in described:
            options = {"padding": "same"} if name == "Conv2D" else {}
            model.add(getattr(keras.layers, name)(*arguments, **options))
        if compiled:
            model.compile(loss="mse")
        return model

    return lambda: network


_BODY = (["Conv2D", 16, 5, 2], ["MaxPooling2D"], ["Conv2D", 32, 3], ["Conv2D", 48, 3], ["MaxPooling2D"], ["Flatten"])
_LARGE = (["Conv2D", 8, 3], ["Conv2D", 32, 3], ["MaxPooling2D"], ["GlobalAveragePooling2D"], ["Dense", 10])
_WIDE = (["Conv2D", 16, 5, 2], ["MaxPooling2D"], ["Conv2D", 96, 3], ["Conv2D", 96, 3], ["Flatten"], ["Dense", 10])

million = Exercise(
    "million",
    "A network for digits within a million multiply-adds and 100 000 parameters.",
    fields=(
        Judged(
            "network",
            _under_a_million,
            _maker(*_BODY, ["Dense", 10]),
            mistakes=(
                (_maker(*_LARGE), "Each weight there is used 784 times: halve the sides"),
                (_maker(*_WIDE), "Give it fewer filters or smaller maps"),
                (_maker(["Flatten"], ["Dense", 1200], ["Dense", 10]), "parameters 954,010, 99 % of them in a Dense"),
                (_maker(["Flatten"], ["Dense", 1300], ["Dense", 10]), "Give it fewer units or fewer inputs"),
                (_maker(["Flatten"], ["Dense", 500], ["Dense", 10]), "uses each weight once, so it is cheap"),
                (_maker(*_BODY, ["Dense", 10, "softmax"]), "the network ends in probabilities"),
                (_maker(*_BODY, ["Dense", 10], ["Softmax"]), "leave the last activation out"),
                (_maker(*_BODY, ["Dense", 10], size=32), "input (32, 32, 1): expected (28, 28, 1)"),
                (_maker(*_BODY), "expected ten logits"),
                (_maker(*_BODY, ["Dense", 10], compiled=True), "score compiles each network itself"),
                (_maker(["Flatten"]), "no layer multiplies anything"),
                (lambda: "a network", "of type str: write a function without arguments"),
                (lambda: lambda: None, "of type NoneType: build a keras.Sequential"),
                (lambda: lambda: 1 / 0, "it stopped with ZeroDivisionError"),
            ),
        ),
    ),
    hints=(
        "A convolution of k×k takes k²CC′ multiply-adds at each place. Where are the most places?",
        "With strides=2 in the first layer and a pooling behind it, maps are 7×7: 49 places instead of 784.",
        "Averages over whole maps forget where something was. Pooled to 3×3 and flattened, the last maps keep it, "
        "and a dense layer of ten outputs costs little.",
    ),
)
