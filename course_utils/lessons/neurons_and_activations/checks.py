"""Exercises of the lesson on neurons and activations."""

import numpy as np

from course_utils.exercises import (
    Case,
    Choice,
    Code,
    Exercise,
    Grid,
    Judged,
    Number,
    Option,
    Result,
    Several,
    finite_array,
)

pieces = Exercise(
    "pieces",
    "Straight pieces of a network with five ReLU units, for inputs from −1 to 1.",
    fields=(
        Number(
            "count",
            3,
            mistakes=(
                (
                    6,
                    "that is one bend for each unit. Does every unit bend between −1 and 1, at a place of its own, and count?",
                ),
                (
                    5,
                    "two bends too many: look at all five places, and at the output weights.",
                ),
                (
                    4,
                    "one bend too many: do two units share a place, does one bend outside, does each reach the output?",
                ),
                (2, "that is the number of bends. One bend separates two pieces."),
            ),
            idea="a unit bends where its weighted sum is 0, at x = −b / w; list the five places.",
        ),
    ),
    hints=(
        "A ReLU unit bends where w · x + b = 0. Write down the five places x = −b / w.",
        "The places are 0, −2, 1/2, 1/2 and −1/3. Which lie between −1 and 1, and which unit has the output weight 0?",
    ),
)


local_collapse = Exercise(
    "local_collapse",
    "The one linear function that a ReLU network is near an input.",
    fields=(
        Grid(
            "w",
            [8, -3],
            mistakes=(
                ([4, 5], "the third unit has been counted, but its weighted sum is −1 here: ReLU puts out 0."),
                ([-4, 8], "that is the third unit, the one that is switched off, without the other two."),
                (
                    [3, -1],
                    "the weights of the active units were added up; each has to be multiplied with its output weight.",
                ),
            ),
            idea="keep the columns of w1 whose unit is active, multiply each with its output weight, and add.",
            reveal=False,
        ),
        Number(
            "b",
            1,
            mistakes=(
                (-3, "the third unit has been counted, but it is switched off here."),
                (2, "the last bias, −1, is added as well."),
                (-1, "that is the last bias alone. The hidden biases reach the output through the output weights."),
                (
                    14,
                    "that is the output itself; b is what is left of it when both inputs are 0, by the same linear function.",
                ),
            ),
            idea="the hidden biases of the active units, each times its output weight, plus the last bias.",
        ),
    ),
    hints=(
        "Compute the three weighted sums first. Which of them are positive?",
        "The sums are 3, 3 and −1. So the output is 2 · z₀ + 3 · z₁ − 1. Put in what z₀ and z₁ are.",
    ),
)


def _swish_slope(z):
    """Slope of z · sigmoid(z), by the product rule."""
    share = 1 / (1 + np.exp(-z))
    return share + z * share * (1 - share)


def _share(z):
    return 1 / (1 + np.exp(-z))


swish_slope = Exercise(
    "swish_slope",
    "The slope of swish, z times the sigmoid of z.",
    fields=(
        Code(
            "swish_slope",
            _swish_slope,
            cases=(
                Case("the number 0", (0.0,), idea="At 0 the second product is 0, and the sigmoid is 1/2."),
                Case(
                    "[-2, -1, 1, 2]", (np.array([-2.0, -1, 1, 2]),), idea="Slope of one factor times the other, twice."
                ),
                Case("a batch of 2×3", (np.linspace(-6, 6, 6).reshape(2, 3),), idea="Entry by entry; the shape stays."),
            ),
            mistakes=(
                (lambda z: z * _share(z), "it returns swish itself, not its slope."),
                (
                    lambda z: _share(z) * (1 - _share(z)),
                    "that is the slope of the sigmoid. Swish is a product: each factor moves in turn.",
                ),
                (lambda z: z * _share(z) * (1 - _share(z)), "half of the product rule: z itself moves too."),
                (lambda z: _share(z) + 0 * z, "half of the product rule: the sigmoid moves too."),
            ),
        ),
    ),
    hints=(
        "A product moves for two reasons. If s and t both depend on z, the slope of s · t is t · ds + s · dt.",
        "Here s = z with slope 1, and t is the sigmoid with slope t (1 − t).",
    ),
)


def patients(x: np.ndarray) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Five networks with two hidden layers of 64 units, not trained, each started in another way.

    Parameters
    ----------
    x : numpy.ndarray
        Digits as rows, shape (N, 784), values from 0 to 1.

    Returns
    -------
    dict of str to list of (numpy.ndarray, numpy.ndarray)
        By name, for each hidden layer the outputs of its activation function and the slopes of that function there,
        both of shape (N, 64).
    """
    from course_utils import layers

    starts = {  # activation, its options, factor on He's weights, bias of the second layer
        "Ada": ("relu", {}, 1, 0),
        "Ben": ("relu", {}, 1, -50),
        "Cem": ("sigmoid", {}, 20, 0),
        "Dea": ("leaky_relu", {"negative_slope": 1.0}, 1, 0),
        "Eli": ("tanh", {}, 0.01, 0),
    }
    found = {}
    for seed, (name, (function, options, factor, bias)) in enumerate(starts.items()):
        rng, a, found[name] = np.random.default_rng(seed), x, []
        forward, backward = (getattr(layers, f"{function}_{way}") for way in ("forward", "backward"))
        for number in range(2):
            w = factor * rng.normal(size=(a.shape[1], 64)) * np.sqrt(2 / a.shape[1])
            a, cache = forward(a @ w + number * bias, **options)
            found[name].append((a, backward(np.ones_like(a), cache)))
    return found


def _diagnosis(name, answer, idea, **mistakes):
    """The letter of what is wrong with one of the networks."""
    return Choice(name.lower(), answer, options=tuple("abcde"), mistakes=tuple(mistakes.items()), idea=idea, label=name)


diagnose = Exercise(
    "diagnose",
    "What is wrong with each of five networks before training, by letter.",
    fields=(
        _diagnosis(
            "Ada",
            "e",
            "outputs of ordinary size, and a slope that is 0 for half and 1 for half: what does ReLU do to sums of both signs?",
            a="half of the slopes are 1: each unit is switched off by some digits and on for others.",
            b="saturated units have slopes near 0 nearly everywhere; here the mean is about a half.",
        ),
        _diagnosis(
            "Ben",
            "a",
            "an output and a slope of exactly 0 for all units and all digits.",
            b="a saturated unit puts out a number near its limit, and a slope that is small. Here both are exactly 0.",
            d="small would be small. This is exactly 0, in one layer, next to a healthy one.",
        ),
        _diagnosis(
            "Cem",
            "b",
            "outputs of about a half on average, slopes near 0: where on its curve does a sigmoid have these?",
            a="its outputs are not 0. What do outputs near 0 and near 1 average to?",
            e="a sigmoid at work has slopes up to 1/4. Look at the mean slope.",
        ),
        _diagnosis(
            "Dea",
            "c",
            "the slope is exactly 1 everywhere, while the outputs are not small. Which function has one slope for all z?",
            e="a slope of exactly 1 everywhere is no sign of health: where does this function bend?",
            d="its outputs have an ordinary size in both layers.",
        ),
        _diagnosis(
            "Eli",
            "d",
            "compare the sizes of the outputs, from the first layer to the second.",
            c="nearly linear it is, because the sums are so small that tanh does not bend there. Which number says so?",
            e="slopes near 1 look fine. Compare the outputs of the two layers.",
        ),
    ),
    hints=(
        "Exactly 0 and nearly 0 are two findings; so are exactly 1 and nearly 1.",
        "A slope of exactly 1 for sums of both signs and any size: no bend. A slope near 1 for tiny sums: the signal fades.",
    ),
)


def _draws_a_hat(units):
    """What three ReLU units, rows (weight, bias, output weight), put out at nine places; stops at the first wrong one."""
    units = finite_array(units, (3, 3))
    ideas = {
        -3: "Left of −1 all units have to be off, or cancel.",
        -1: "The slope starts at −1.",
        -0.5: "From −1 to 0 the hat rises with slope 1.",
        0: "The top is 1.",
        0.5: "At 0 the slope has to change from 1 to −1, which is by −2.",
        1: "From 0 to 1 the hat falls with slope −1.",
        3: "Right of 1 the slope has to be 0 again: one unit has to stop the fall.",
    }
    for x, idea in ideas.items():
        answer = float(np.maximum(0, units[:, 0] * x + units[:, 1]) @ units[:, 2])
        wanted = max(0.0, 1 - abs(x))
        right = abs(answer - wanted) < 1e-6
        text = f"at x = {x:g} the output is {answer:.3g}"
        yield Result(right, f"{text}: right." if right else f"{text}, expected {wanted:g}. {idea}")
        if not right:
            return


hat = Exercise(
    "hat",
    "Three ReLU units that draw a hat: 0, up to 1, down to 0, and 0 again.",
    fields=(
        Judged(
            "units",
            _draws_a_hat,
            lambda: [[1, 1, 1], [1, 0, -2], [1, -1, 1]],
            mistakes=(
                (lambda: [[1, 1, 1], [1, 0, -1], [1, -1, 1]], "the slope has to change from 1 to −1"),
                (lambda: [[1, 1, 1], [1, 0, -2], [0, 0, 0]], "one unit has to stop the fall"),
                (lambda: [[1, 0, 1], [1, 1, -2], [1, 2, 1]], "at x = -1 the output is 1, expected 0"),
                (lambda: [[1, 0, 1], [1, -1, -2], [1, -2, 1]], "at x = -0.5 the output is 0, expected 0.5"),
                (lambda: [[-1, 1, 1], [-1, 0, 1], [0, 0, 0]], "all units have to be off, or cancel"),
            ),
        ),
    ),
    hints=(
        "A unit with weight 1 and bias b bends at x = −b, and adds its output weight to the slope from there on.",
        "The slope of the hat is 0, then 1, then −1, then 0: it changes by +1 at −1, by −2 at 0 and by +1 at 1.",
    ),
)


def _moves(name, label, moving, reasons):
    """Which arrays move in the first step, with a reason for each."""
    options = tuple(Option(array, array in moving, why) for array, why in reasons.items())
    idea = "name arrays out of w1, b1, w2, b2, such as 'w1, b2'."
    return Several(name, options, idea=idea, label=label, chosen="{} moves", left="{} stays")


zero_start = Exercise(
    "zero_start",
    "Which arrays the first step changes, if all weights and biases start at 0.",
    fields=(
        _moves(
            "relu",
            "with ReLU",
            {"b2"},
            {
                "w1": "its slope comes back through w2, and w2 is 0.",
                "b1": "its slope comes back through w2, and w2 is 0.",
                "w2": "its slope is a · dz₂, and ReLU of 0 puts out a = 0.",
                "b2": "its slope is dz₂ itself, the mistakes of the output, and these are not 0.",
            },
        ),
        _moves(
            "sigmoid",
            "with sigmoid",
            {"w2", "b2"},
            {
                "w1": "its slope comes back through w2, and w2 is 0 in the first step.",
                "b1": "its slope comes back through w2, and w2 is 0 in the first step.",
                "w2": "its slope is a · dz₂, and the sigmoid of 0 is a = 1/2.",
                "b2": "its slope is dz₂ itself, the mistakes of the output.",
            },
        ),
    ),
    hints=(
        "Go through the four lines of slopes(…) with w1 = w2 = 0 and b1 = b2 = 0. What is a?",
        "da = dz2 @ w2.T is 0 in both cases. What is a.T @ dz2 for ReLU, and what for the sigmoid?",
    ),
)
