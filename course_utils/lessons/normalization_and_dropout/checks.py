"""Exercises of the lesson on normalisation and dropout."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Result, UnfitError

moments = Exercise(
    "moments",
    "Mean and variance of a constant 3 behind dropout with rate 0.4.",
    fields=(
        Number(
            "mean",
            3,
            mistakes=(
                (1.8, "that is without the factor 1/(1 − r): the entries that stay are 5, not 3."),
                (5, "that is what stays. Two fifths of the entries are 0."),
                (0.6, "that is the share that stays, not the mean of the entries."),
                (1.2, "a share of 0.4 is dropped, not kept; and what stays is scaled."),
            ),
            idea="two fifths of the entries are 0, the others 3/(1 − 0.4).",
        ),
        Number(
            "variance",
            6,
            mistakes=(
                (0, "dropout makes some entries 0 and the others larger: they are no longer equal."),
                (15, "that is the mean square. The variance is the mean square minus the square of the mean."),
                (2.16, "that is without the factor 1/(1 − r): the entries that stay are 5, not 3."),
                (9, "that is the square of the mean."),
                (6**0.5, "that is the standard deviation. The variance is its square."),
            ),
            idea="the mean squared distance from the mean: two fifths of the entries lie 3 below it, the others 2 above.",
        ),
    ),
    hints=(
        "What are the two values that come out, and how often does each occur?",
        "Two fifths of the entries are 0, three fifths are 5. How far is each from the mean?",
    ),
)


diagnosis = Exercise(
    "diagnosis",
    "Why a network that does well in training mode does badly at inference.",
    fields=(
        Number(
            "share_left",
            0.99**60,
            mistakes=(
                (1 - 0.99**60, "that is the share that has been replaced."),
                (0.9**60, "that is with momentum 0.9. This network has 0.99."),
                (0.99, "that is after one batch."),
                (0.99**4, "that is after 4 batches. Four epochs are 60."),
                (0.4, "each batch takes a hundredth of what is left, not of what there was."),
                (0.6, "each batch takes a hundredth of what is left, not of what there was."),
            ),
            idea="each batch multiplies what is left by 0.99, and there are 60 of them.",
            tolerance=0.003,
        ),
        Choice(
            "remedy",
            "smaller momentum",
            options=("larger batches", "more dropout", "smaller momentum"),
            mistakes=(
                ("more dropout", "the network does well on the same digits in training mode: it has not overfitted."),
                (
                    "larger batches",
                    "in as many epochs there would be fewer of them, and even more of the start would be left.",
                ),
            ),
            idea="what would bring the averages nearer to what the batches have?",
        ),
    ),
    hints=(
        "After one batch 0.99 of the start is left, after two 0.99 · 0.99.",
        "The averages follow too slowly. Which setting says how slowly?",
    ),
)


def _folded(w, b, gamma, beta, moving_mean, moving_variance):
    """Weights, and in one more row biases, of a dense layer and a batch normalisation in one."""
    factor = gamma / np.sqrt(moving_variance + 0.001)
    return np.vstack([w * factor, (b - moving_mean) * factor + beta])


def _without_epsilon(w, b, gamma, beta, moving_mean, moving_variance):
    return _folded(w, b, gamma, beta, moving_mean, moving_variance - 0.001)


def _by_variance(w, b, gamma, beta, moving_mean, moving_variance):
    return _folded(w, b, gamma, beta, moving_mean, (moving_variance + 0.001) ** 2 - 0.001)


def _bias_forgotten(w, b, gamma, beta, moving_mean, moving_variance):
    return _folded(w, 0 * b, gamma, beta, moving_mean, moving_variance)


def _mean_forgotten(w, b, gamma, beta, moving_mean, moving_variance):
    return _folded(w, b, gamma, beta, 0 * moving_mean, moving_variance)


def _bias_not_scaled(w, b, gamma, beta, moving_mean, moving_variance):
    factor = gamma / np.sqrt(moving_variance + 0.001)
    return np.vstack([w * factor, b - moving_mean + beta])


_RNG = np.random.default_rng(0)


def _layer(inputs, units):
    """Random weights of a dense layer and of the batch normalisation behind it."""
    return (
        _RNG.integers(-4, 5, (inputs, units)).astype(float),
        *(_RNG.integers(1, 6, units).astype(float) for _ in range(4)),
        _RNG.uniform(0.5, 4, units),
    )


fold = Exercise(
    "fold",
    "A dense layer and the batch normalisation behind it, as one dense layer.",
    fields=(
        Code(
            "folded",
            _folded,
            cases=(
                Case("three inputs and four units", _layer(3, 4), idea="One factor for each unit, a column of w."),
                Case("one unit", _layer(5, 1), idea="With one unit, w has one column."),
                Case(
                    "a variance of 0",
                    (np.ones((2, 2)), np.ones(2), np.ones(2), np.zeros(2), np.ones(2), np.zeros(2)),
                    idea="ε is added before the root is taken.",
                ),
            ),
            mistakes=(
                (_without_epsilon, "ε is missing under the root."),
                (_by_variance, "divide by the root of variance plus ε, not by the variance."),
                (_bias_forgotten, "the bias b of the dense layer is missing: it is normalised too."),
                (_mean_forgotten, "the moving mean is missing in the bias."),
                (_bias_not_scaled, "what is left of b and the mean has the factor too; only β comes after it."),
            ),
        ),
    ),
    hints=(
        "Write γ (x w + b − mean) / root + β, and multiply it out. What stands before x, and what does not depend on x?",
        "factor = gamma / np.sqrt(moving_variance + 0.001) has one entry a unit; w * factor scales each column.",
    ),
)


def _drop_maps(maps, kept, rate):
    return maps * kept[:, None, None, :] / (1 - rate)


_MAPS = _RNG.integers(1, 9, (2, 3, 4, 3)).astype(float)
_KEPT = np.array([[True, False, True], [False, False, True]])
_SQUARE = _RNG.integers(1, 9, (3, 3, 3, 3)).astype(float)
_SOME = np.array([[True, True, False], [False, True, False], [True, False, False]])

drop_maps = Exercise(
    "drop_maps",
    "Dropout of whole feature maps.",
    fields=(
        Code(
            "drop_maps",
            _drop_maps,
            cases=(
                Case("two examples of three maps", (_MAPS, _KEPT, 0.5), idea="kept[n, c] belongs to the map c of n."),
                Case("three examples of 3×3 maps", (_SQUARE, _SOME, 0.2), idea="kept[n, c] belongs to the map c of n."),
                Case("everything kept", (_MAPS, np.full((2, 3), True), 0.5), idea="What stays is scaled all the same."),
            ),
            mistakes=(
                (lambda maps, kept, rate: maps * kept[:, None, None, :], "the factor 1/(1 − r) is missing."),
                (
                    lambda maps, kept, rate: maps * kept[:, None, None, :] / rate,
                    "divide by the share that is kept, 1 − r, not by the rate.",
                ),
                (
                    lambda maps, kept, rate: maps * ~kept[:, None, None, :] / (1 - rate),
                    "True means that a map stays.",
                ),
                (
                    lambda maps, kept, rate: maps * kept[0] / (1 - rate),
                    "every example has a mask of its own: use all rows of kept.",
                ),
            ),
        ),
    ),
    hints=(
        "The mask needs two axes of length 1, for rows and columns.",
        "kept[:, None, None, :] has shape (N, 1, 1, C).",
    ),
)


CONV, BARE, NORM, RELU = "conv", "conv without bias", "batch norm", "relu"
DROP, MEAN, DENSE = "dropout", "mean of each map", "dense"
WORDS = (CONV, BARE, NORM, RELU, DROP, MEAN, DENSE)


def _is_plan(answer):
    """Whether layers stand in an order that works."""
    if not isinstance(answer, list | tuple) or not 0 < len(answer) < 50:
        raise UnfitError("give a list of words, one for each layer.")
    plan = []
    for place, word in enumerate(answer):
        if not isinstance(word, str) or word not in WORDS:
            raise UnfitError(f"there is no such layer at place {place}; there are {', '.join(WORDS)}.")
        plan.append(str(word))
    convolutions = [place for place, word in enumerate(plan) if word in (CONV, BARE)]
    behind = [
        plan[place + 1 : end]
        for place, end in zip(convolutions, [*convolutions[1:], len(plan)], strict=bool(convolutions))
    ]
    yield Result.of(len(convolutions) >= 2, f"convolutions: {len(convolutions)}", "at least two are asked for.")
    for word in (NORM, RELU):
        yield Result.of(
            all(word in layers for layers in behind),
            f"a {word} behind each",
            f"one convolution has no {word} before the next one begins, or the network ends.",
        )
    # The mean of a map moves with the bias of the convolution before it, so that bias is idle too.
    idle = [
        place
        for place, word in enumerate(plan)
        if word in (CONV, DENSE) and [later for later in plan[place + 1 :] if later != MEAN][:1] == [NORM]
    ]
    yield Result.of(
        not idle,
        "no idle bias",
        "".join(
            f"the bias of the {plan[place]} at place {place} goes in the batch norm behind it." for place in idle[:1]
        ),
    )
    drops = [place for place, word in enumerate(plan) if word == DROP]
    yield Result.of(len(drops) == 1, f"dropouts: {len(drops)}", "exactly one is asked for.")
    norms = [place for place, word in enumerate(plan) if word == NORM]
    spoilt = bool(drops and norms) and max(norms) > min(drops)
    yield Result.of(not spoilt, "dropout after the last norm", "a batch norm behind it sees a variance that goes away.")
    pooled = plan.count(MEAN) == 1 and convolutions and plan.index(MEAN) > convolutions[-1]
    yield Result.of(
        pooled and DENSE in plan and plan.index(DENSE) > plan.index(MEAN),
        "maps become numbers",
        "the maps are averaged once, after the last convolution and before any dense layer.",
    )
    yield Result.of(plan[-1] == DENSE, f"last layer {plan[-1]}", "the logits are the sums of a dense layer.")


_BLOCK = [BARE, NORM, RELU]
_END = [MEAN, DROP, DENSE]

design = Exercise(
    "design",
    "Layers of a network with batch normalisation and dropout, in an order that works.",
    fields=(
        Judged(
            "plan",
            _is_plan,
            lambda: [*_BLOCK, *_BLOCK, *_END],
            mistakes=(
                (lambda: [*_BLOCK, *_END], "convolutions: 1: at least two"),
                (lambda: [BARE, RELU, *_BLOCK, *_END], "one convolution has no batch norm before the next"),
                (lambda: [BARE, NORM, *_BLOCK, *_END], "one convolution has no relu before the next"),
                (lambda: [CONV, NORM, RELU, *_BLOCK, *_END], "the bias of the conv at place 0 goes"),
                (
                    lambda: [*_BLOCK, *_BLOCK, MEAN, DENSE, NORM, RELU, DROP, DENSE],
                    "the bias of the dense at place 7 goes",
                ),
                (lambda: [*_BLOCK, *_BLOCK, MEAN, DENSE], "dropouts: 0"),
                (lambda: [*_BLOCK, DROP, *_BLOCK, MEAN, DENSE], "a batch norm behind it sees a variance"),
                (lambda: [*_BLOCK, *_BLOCK, DROP, DENSE], "the maps are averaged once"),
                (lambda: [*_BLOCK, *_BLOCK, MEAN, DENSE, DROP], "last layer dropout"),
                (lambda: ["softmax"], "there is no such layer at place 0"),
            ),
        ),
    ),
    hints=(
        "Begin with one block: a convolution, its batch norm, the activation. What would a bias do there?",
        "Two such blocks, then the mean of each map. Where can a dropout stand so that no batch norm sees it?",
    ),
)
