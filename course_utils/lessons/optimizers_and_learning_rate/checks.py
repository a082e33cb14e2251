"""Exercises of the lesson on optimisers and the learning rate."""

import math

import numpy as np

from course_utils import layers
from course_utils.exercises import Case, Choice, Code, Exercise, Judged, NotAttemptedError, Number, Result, UnfitError

coast = Exercise(
    "coast",
    "How long momentum's steps become, and how far it runs on without a slope.",
    fields=(
        Number(
            "length",
            2,
            mistakes=(
                (0.2, "that is the first step. Each step adds to nine tenths of the one before."),
                (0.02, "divide by 1 − β, which is 0.1; do not multiply by it."),
                (1.8, "that is the share of the velocity that is kept; the slope adds its own 0.2 again."),
                (0.1 * 2 / 0.9, "the limit is ηg/(1 − β), not ηg/β."),
                (1, "the gradient is 2, not 1."),
                (-2, "that is the velocity; its length has no sign."),
            ),
            idea="the velocity no longer changes when β v + η g = v, in size.",
        ),
        Number(
            "coast",
            18,
            mistakes=(
                (20, "that counts the last step on the slope too: the first step on the plain is already β v."),
                (1.8, "that is the first step on the plain. The next is nine tenths of it, and so on."),
                (0, "without a slope the velocity does not vanish: a tenth of it goes in each step."),
                (2, "the velocity shrinks by a tenth in each step; add them all up."),
                (16.2, "the first step on the plain is β v, not β² v."),
                (-18, "that is the way with its direction; how far has no sign."),
            ),
            idea="β v + β² v + β³ v + …, with the v that the slope has built up.",
        ),
    ),
    hints=(
        "Write down the velocity of two steps that follow each other, and ask when they are equal.",
        "The sum β + β² + β³ + … is β/(1 − β).",
    ),
)


def _adagrad(w, g, s, eta, epsilon):
    s = s + g**2
    return np.stack([w - eta * g / np.sqrt(s + epsilon), s])


def _old_sum(w, g, s, eta, epsilon):
    return np.stack([w - eta * g / np.sqrt(s + epsilon), s + g**2])


def _no_root(w, g, s, eta, epsilon):
    s = s + g**2
    return np.stack([w - eta * g / (s + epsilon), s])


def _forgets(w, g, s, eta, epsilon):
    return np.stack([w - eta * g / np.sqrt(g**2 + epsilon), g**2])


def _uphill(w, g, s, eta, epsilon):
    s = s + g**2
    return np.stack([w + eta * g / np.sqrt(s + epsilon), s])


def _no_square(w, g, s, eta, epsilon):
    s = s + g
    return np.stack([w - eta * g / np.sqrt(s + epsilon), s])


adagrad = Exercise(
    "adagrad",
    "One step of AdaGrad: the new weights, and below them the new sums of squares.",
    fields=(
        Code(
            "adagrad",
            _adagrad,
            cases=(
                Case(
                    "a first step",
                    (np.array([1.0, 2.0]), np.array([3.0, 0.5]), np.zeros(2), 0.1, 1e-7),
                    idea="s begins at 0, so the first step is η long.",
                ),
                Case(
                    "a later step",
                    (np.array([1.0, -2.0, 0.0]), np.array([2.0, 1.0, 4.0]), np.array([5.0, 0.0, 9.0]), 0.5, 0.01),
                    idea="add the new square to s, then divide by the root of s + ε.",
                ),
                Case(
                    "a gradient of 0",
                    (np.array([1.0, 1.0]), np.array([0.0, 1.0]), np.zeros(2), 0.5, 0.01),
                    idea="ε keeps the division finite, under the root.",
                ),
            ),
            mistakes=(
                (_old_sum, "the step uses the new s, which already holds this gradient's square."),
                (_no_root, "divide by the root of s + ε."),
                (_forgets, "s is the sum over all steps: add to it."),
                (_uphill, "downhill is against the gradient: subtract."),
                (_no_square, "s adds up the squares of the gradients."),
            ),
        ),
    ),
    hints=(
        "First s = s + g**2, then the step with the new s.",
        "w - eta * g / np.sqrt(s + epsilon), and np.stack of both.",
    ),
)

_KINDS = ("too small", "about right", "too large", "lowered")
_SAID = {
    "too small": "this curve has long ended its fall, or jumps: its steps were not too small.",
    "about right": "look at the end: is the curve still high, or does it jump? Does it jump earlier?",
    "too large": "with a rate that stays too large the curve would jump to the end.",
    "lowered": "with a rate that is too large at first the curve would jump at first, and be calm at the end.",
}
_RATES = {
    "A": ("too large", 0.3),
    "B": ("too small", 0.001),
    "C": ("lowered", lambda step: layers.cosine_decay(step, initial_learning_rate=0.3, decay_steps=128)),
    "D": ("about right", 0.03),
}


def curves(train) -> dict[str, list[float]]:
    """Losses of four trainings with momentum, by letter; ``train`` is the lesson's function of rule and rate."""
    return {letter: train(layers.sgd_update, rate, seed=3, momentum=0.9)[1] for letter, (_, rate) in _RATES.items()}


four_curves = Exercise(
    "four_curves",
    "Which learning rate made which loss curve.",
    fields=tuple(
        Choice(
            letter,
            kind,
            options=_KINDS,
            mistakes=tuple((other, _SAID[other]) for other in _KINDS if other != kind),
            idea="compare the beginning with the end, and look for jumps.",
        )
        for letter, (kind, _) in _RATES.items()
    ),
    hints=(
        "Two curves jump up and down. Which of them does so to the end?",
        "Of the two calm ones, which is still on its way down in the last step?",
    ),
)

_STEPS, _CYCLE = math.ceil(60_000 / 256) * 10, 60_000 // 256 * 10

count = Exercise(
    "count",
    "Steps of a training, and those that come after a schedule that was counted too short.",
    fields=(
        Number(
            "last",
            60_000 % 256,
            mistakes=(
                (256, "256 does not divide 60 000: what is left after the full batches?"),
                (0, "256 does not divide 60 000: what is left after the full batches?"),
                (160, "that is what the last batch lacks to be full."),
            ),
            idea="234 full batches hold 59 904 digits.",
        ),
        Number(
            "steps",
            _STEPS,
            mistakes=(
                (_CYCLE, "that is rounded down: the last batch of each epoch is a step too."),
                (235, "that is one epoch."),
                (234, "that is one epoch, and rounded down."),
                (2344, "each epoch is rounded up by itself: 235 steps, ten times."),
                (2343.75, "steps are whole numbers; each epoch is rounded up by itself."),
            ),
            idea="60 000 / 256, rounded up, in each of ten epochs.",
        ),
        Number(
            "after",
            _STEPS - _CYCLE,
            mistakes=(
                (0, "the cycle has 234 steps for each epoch. How many does an epoch take?"),
                (1, "that is one epoch; there are ten."),
                (4, "that follows from 2344 steps; each epoch is rounded up by itself."),
                (96, "those are digits. How many steps are missing in the cycle?"),
                (960, "those are digits. How many steps are missing in the cycle?"),
            ),
            idea="the steps that are taken, less those that the cycle has.",
        ),
    ),
    hints=(
        "How many full batches of 256 are there in 60 000, and what is left?",
        "// rounds down. The cycle is one step short for each epoch.",
    ),
)

shrink = Exercise(
    "shrink",
    "What AdamW's decay leaves of a weight, with a constant rate and with a cosine.",
    fields=(
        Number(
            "constant",
            (1 - 0.001) ** 1000,
            mistakes=(
                (0.9, "that is λ once. Each step multiplies by 1 − ηλ, and there are 1000."),
                (0, "decay is multiplied by the rate: a step takes a thousandth, not a tenth."),
                (0.999, "that is one step."),
                (37, "that is in percent; the weight was 1."),
                (1 - (1 - 0.001) ** 1000, "that is what has gone."),
                (math.exp(-0.5), "that is with half the sum of ηλ. With the constant rate it is 1000 · 0.001."),
            ),
            idea="each step multiplies by 1 − ηλ = 0.999.",
            tolerance=0.005,
        ),
        Number(
            "cosine",
            math.exp(-0.5),
            mistakes=(
                (
                    (1 - 0.001) ** 1000,
                    "that is with the constant rate. The cosine's rates are half as large in the mean.",
                ),
                (1, "the rate falls to 0 only at the end; on the way the weight decays."),
                (61, "that is in percent; the weight was 1."),
                (1 - math.exp(-0.5), "that is what has gone."),
                (math.exp(-1) / 2, "half the sum of ηλ, not half of what is left."),
                ((1 + math.exp(-1)) / 2, "half the sum of ηλ, not half of what is lost."),
            ),
            idea="a cosine from 0.01 to 0 is 0.005 in the mean.",
            tolerance=0.005,
        ),
    ),
    hints=(
        "(1 − u) multiplied a thousand times is about e to the minus a thousand u.",
        "Add up ηλ over all steps, for the constant rate and for the cosine.",
    ),
)


def _is_schedule(answer):
    """Whether a function is a schedule of 200 steps with warm-up, a peak and a calm fall."""
    if not callable(answer):
        raise UnfitError("give the function itself: checks.design(schedule).")
    try:
        values = [answer(step) for step in range(200)]
    except (Exception, SystemExit) as error:
        raise UnfitError(f"schedule stopped with {type(error).__name__}; it is called with one step number.") from None
    if any(value is ... for value in values):
        raise NotAttemptedError
    try:
        rates = np.array([float(value) for value in values])
    except (TypeError, ValueError):
        raise UnfitError("schedule(step) has to return one number for each step from 0 to 199.") from None
    if not np.isfinite(rates).all() or rates.min() < 0:
        raise UnfitError("a rate is negative or not finite.")
    place = int(rates.argmax())
    yield Result.of(rates[0] <= 0.001, f"first rate {rates[0]:.3g}", "it begins at 0.001 or less.")
    yield Result.of(
        0.1 - 1e-9 <= rates[place] <= 0.2 + 1e-9, f"peak {rates[place]:.3g}", "the peak is from 0.1 to 0.2."
    )
    yield Result.of(place < 60, f"peak in step {place}", "the peak comes in one of the first 60 steps.")
    rises = np.flatnonzero(np.diff(rates[place:]) > 1e-12)
    step = place + int(rises[0]) + 1 if len(rises) else None
    yield Result.of(step is None, "fall" if step is None else f"rise in step {step}", "after its peak it never rises.")
    yield Result.of(rates[-1] <= 0.001, f"last rate {rates[-1]:.3g}", "it ends at 0.001 or less.")
    jump = float(abs(np.diff(rates)).max())
    yield Result.of(jump <= 0.02 + 1e-9, f"largest change {jump:.3g}", "from one step to the next 0.02 at most.")


def _line(low, peak, top, last):
    """A schedule of two straight lines."""
    return lambda: lambda step: float(np.interp(step, [0, top, 199], [low, peak, last]))


def _cosine_only():
    return lambda step: layers.cosine_decay(step, initial_learning_rate=0.1, decay_steps=200)


def _wavy():
    return lambda step: max(0.0, float(np.interp(step, [0, 20, 199], [0, 0.1, 0])) - 0.01 * (step == 100))


def _abrupt():
    return lambda step: float(np.interp(step, [0, 40], [0, 0.1])) if step < 150 else 0.0


design = Exercise(
    "design",
    "A schedule of 200 steps with a warm-up, a peak and a fall.",
    fields=(
        Judged(
            "schedule",
            _is_schedule,
            _line(0, 0.1, 20, 0),
            mistakes=(
                (_cosine_only, "it begins at 0.001 or less"),
                (_line(0, 0.05, 20, 0), "the peak is from 0.1 to 0.2"),
                (_line(0, 0.3, 20, 0), "peak 0.3"),
                (_line(0, 0.1, 100, 0), "one of the first 60 steps"),
                (_wavy, "after its peak it never rises"),
                (_line(0, 0.1, 20, 0.01), "it ends at 0.001 or less"),
                (_abrupt, "0.02 at most"),
            ),
        ),
    ),
    hints=(
        "np.interp(step, [0, 30, 199], [0, 0.1, 0]) is made of two straight lines.",
        "The lesson has a schedule with a warm-up; which arguments does it take?",
    ),
)
