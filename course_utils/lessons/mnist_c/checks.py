"""Exercises of the lesson on MNIST-C."""

import numpy as np

from course_utils.exercises import Case, Code, Exercise, Number, Option, Several


def _digits(n: int, seed: int) -> np.ndarray:
    """Random uint8 pictures with ink 0 … 255, shape (n, 28, 28)."""
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28)).astype(np.uint8)


def _stripe(images, left=7, right=21):
    out = images.copy()
    out[..., :left], out[..., right:] = 255 - images[..., :left], 255 - images[..., right:]
    return out


def _black_or_white(images):
    """The stripes, with every grey value in them turned into paper or full ink."""
    inverted = _stripe(images)
    return np.where(inverted == images, images, _stripe(np.where(images > 0, 255, 0)))


_BLANK = np.zeros((1, 28, 28), np.uint8)
_MIDDLE = np.where((np.arange(28) >= 7) & (np.arange(28) < 21), 200, _BLANK).astype(np.uint8)

stripe = Exercise(
    "stripe",
    "A function that inverts the outer seven columns on each side.",
    fields=(
        Code(
            "stripe",
            _stripe,
            cases=(
                Case(
                    "a blank page",
                    (_BLANK,),
                    idea="Paper in the outer columns becomes 255, and the columns 7 to 20 stay 0.",
                ),
                Case(
                    "ink in the columns 7 to 20",
                    (_MIDDLE,),
                    idea="These columns stay as they are: the right-hand stripe starts at column 21.",
                ),
                Case(
                    "random pictures",
                    (_digits(3, 1),),
                    idea="A grey value g becomes 255 − g, also where it is neither 0 nor 255.",
                ),
            ),
            mistakes=(
                (lambda images: images.copy(), "nothing has changed. Did you return the copy before it was changed?"),
                (lambda images: 255 - images, "the whole picture is inverted. The columns 7 to 20 stay as they are."),
                (lambda images: _stripe(images, 7, 28), "the stripe at the right is missing."),
                (lambda images: _stripe(images, 0, 21), "the stripe at the left is missing."),
                (lambda images: _stripe(images, 7, 20), "the right stripe is one column too wide: 28 − 7 is 21."),
                (
                    lambda images: _stripe(images, 6, 21),
                    "the left stripe is one column too narrow: :7 has seven columns.",
                ),
                (
                    lambda images: _stripe(images.transpose(0, 2, 1)).transpose(0, 2, 1),
                    "these are rows. The last axis counts columns.",
                ),
                (_black_or_white, "grey has become black or white. A grey value g becomes 255 − g."),
            ),
        ),
    ),
    hints=(
        "Seven columns at the left are `images[..., :7]`. Which slice has the seven at the right?",
        "Inverted is 255 minus the grey value. Copy the pictures first.",
    ),
)


def _shift(images, down, right):
    out = np.zeros_like(images)
    h, w = images.shape[1:]
    out[:, max(down, 0) : h + min(down, 0), max(right, 0) : w + min(right, 0)] = images[
        :, max(-down, 0) : h - max(down, 0), max(-right, 0) : w - max(right, 0)
    ]
    return out


_STROKE = _BLANK.copy()
_STROKE[0, 10:13, 14] = (50, 100, 150)
_FULL = _digits(2, 3)

shift = Exercise(
    "shift",
    "A function that moves pictures by whole pixels and fills with paper.",
    fields=(
        Code(
            "shift",
            _shift,
            cases=(
                Case(
                    "a stroke, 3 down",
                    (_STROKE, 3, 0),
                    idea="Rows count downwards: the pixel at row 10 goes to row 13, in the same column. Mind the 0 columns: "
                    "a slice [:-0] is empty.",
                ),
                Case(
                    "a stroke, 3 to the right", (_STROKE, 0, 3), idea="The second number moves columns, the first rows."
                ),
                Case(
                    "full pages, 3 down and 3 to the left",
                    (_FULL, 3, -3),
                    idea="Nothing comes in again on the other side, as it would with np.roll: new rows and columns are 0.",
                ),
                Case(
                    "full pages, 2 up and 5 to the right",
                    (_FULL, -2, 5),
                    idea="A negative number moves up or to the left.",
                ),
                Case("full pages, not at all", (_FULL, 0, 0), idea="With 0 pixels the pictures stay as they are."),
            ),
            mistakes=(
                (
                    lambda images, down, right: np.roll(images, (down, right), (1, 2)),
                    "np.roll lets come in on one side what went out on the other. New rows and columns are 0.",
                ),
                (lambda images, down, right: _shift(images, right, down), "rows and columns are exchanged."),
                (
                    lambda images, down, right: _shift(images, -down, -right),
                    "it moves the other way: the first number counts rows down, the second columns to the right.",
                ),
                (
                    lambda images, down, right: _shift(images, abs(down), abs(right)),
                    "a negative number moves up or to the left.",
                ),
                (
                    lambda images, down, right: 255 - _shift(255 - images, down, right),
                    "ink comes in where the picture moved away. Paper is 0.",
                ),
            ),
        ),
    ),
    hints=(
        "Begin with a blank page, `np.zeros_like(images)`, and copy the part that stays visible.",
        "Moving down by 3: rows 0 … 24 of the old picture become rows 3 … 27 of the new one.",
        "A frame helps against many cases: `np.pad` by 5 zeros all round, then cut out 28 × 28 from row 5 − down, column 5 − right.",
    ),
)


grey_paper = Exercise(
    "grey_paper",
    "Response of three 3×3 filters to blank paper of grey 0.5.",
    fields=(
        Number(
            "edge",
            0,
            mistakes=(
                (4, "the negative row counts with its sign."),
                (2, "the negative row is missing. It counts, with its sign."),
            ),
            idea="add all nine weights, with their signs: they cancel.",
        ),
        Number(
            "blur",
            0.5,
            mistakes=(
                (1, "that is on white paper; here grey is 0.5."),
                (4.5, "each weight is 1/9."),
            ),
            idea="nine weights of 1/9, each times 0.5.",
        ),
        Number(
            "centre",
            -2,
            mistakes=(
                (-4, "that is on white paper; here grey is 0.5."),
                (2, "four is the centre, minus eight the ring: mind the sign of the sum."),
                (6, "the ring of eight weights counts negatively."),
            ),
            idea="4 minus eight times 1, times 0.5.",
        ),
    ),
    hints=(
        "On a blank page every pixel under the filter has the same grey value g. Take it out of the sum.",
        "The response is g times the sum of the weights, whatever their arrangement.",
    ),
)


def _mce(errors, baseline):
    return float(np.mean([errors[name] / baseline[name] for name in errors]))


_SAME = {"fog": 0.3, "shear": 0.1}

mean_corruption_error = Exercise(
    "mean_corruption_error",
    "A function of two dictionaries of error rates: the mean of their ratios.",
    fields=(
        Code(
            "mean_corruption_error",
            _mce,
            cases=(
                Case(
                    "the baseline itself",
                    (_SAME, _SAME),
                    idea="A network as good as the baseline on everything has the value 1.",
                ),
                Case(
                    "one hard and one easy corruption",
                    ({"fog": 0.8, "shear": 0.05}, {"fog": 0.8, "shear": 0.1}),
                    idea="Take the mean of the ratios, one for each corruption.",
                ),
                Case(
                    "another order",
                    ({"fog": 0.2, "shear": 0.1, "scale": 0.4}, {"scale": 0.5, "shear": 0.4, "fog": 0.8}),
                    idea="Look the baseline up by name; the dictionaries may be in different orders.",
                ),
            ),
            mistakes=(
                (
                    lambda errors, baseline: sum(errors.values()) / sum(baseline.values()),
                    "that is the ratio of the means, in which the hard corruption counts for nearly everything. Take the "
                    "mean of the ratios.",
                ),
                (
                    lambda errors, baseline: 100 * _mce(errors, baseline),
                    "that is in percent. A network as good as the baseline has the value 1.",
                ),
                (
                    lambda errors, baseline: np.mean(
                        [e / b for e, b in zip(errors.values(), baseline.values(), strict=True)]
                    ),
                    "errors were divided by those of another corruption: look the baseline up by name.",
                ),
                (
                    lambda errors, baseline: len(errors) * _mce(errors, baseline),
                    "that is the sum of the ratios. Divide by their number.",
                ),
                (lambda errors, baseline: _mce(baseline, errors), "the ratios are upside down: errors over baseline."),
                (
                    lambda errors, baseline: np.mean(list(errors.values())),
                    "that is the mean error. The baseline does not enter it.",
                ),
            ),
        ),
    ),
    hints=(
        "Divide first, one corruption after another. Take the mean of the ratios last.",
        "np.mean([errors[name] / baseline[name] for name in errors])",
    ),
)


honest_plans = Exercise(
    "honest_plans",
    "Which of four plans still measure robustness with the corruptions they report?",
    fields=(
        Several(
            "plans",
            (
                Option("a", False, "the augmentation was chosen by looking at the very rows that are reported."),
                Option(
                    "b", True, "the seven reported corruptions were never seen, neither in training nor in a choice."
                ),
                Option("c", False, "early stopping on fog is a choice made with fog: its row is no test any more."),
                Option(
                    "d",
                    True,
                    "everything was chosen on clean validation digits, and the corruptions were looked at once.",
                ),
            ),
            idea='give the letters of the honest plans as a set, such as {"a", "c"}.',
            chosen="plan {}, honest",
            left="plan {}, not honest",
        ),
    ),
    hints=(
        "Ask of each plan: would the reported figure have been different if these corruptions did not exist?",
        "Choosing counts as much as training does.",
    ),
)
