"""Exercises of the lesson comparing architectures."""

import numpy as np

from course_utils.exercises import Result, attempted, choice, exercise, number


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
