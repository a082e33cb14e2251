"""Exercises of the lesson on MNIST-C."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number, Option, Several


def _digits(n: int, seed: int) -> np.ndarray:
    """Random uint8 pictures with ink 0 … 255, shape (n, 28, 28)."""
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28)).astype(np.uint8)


_BLANK = np.zeros((1, 28, 28), np.uint8)


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
        "A frame helps against many cases: `np.pad` by 5 zeros all round, then cut out 28×28 from row 5 − down, column 5 − right.",
    ),
)


blank_paper = Exercise(
    "blank_paper",
    "Up to which grey of the paper a map stays alive behind batch normalisation, and whether faint ink can kill it.",
    fields=(
        Number(
            "grey",
            7 / 24,
            mistakes=(
                (0, "that would be so without batch normalisation. It subtracts a mean that is below zero here."),
                (0.25, "β is missing: behind the normalisation the map is raised by 0.1."),
                (1 / 3, "β is added after the division by the standard deviation; as a response it weighs 0.1 · 0.5."),
                (5 / 24, "β raises the map: it stays alive a little longer, not shorter."),
                (-7 / 24, "the sum of the weights is −1.2, and the paper's grey is positive."),
                (0.7 / 1.2, "−1.2 g is divided by the standard deviation as well, not only the 0.3."),
                (0.5, "−1.2 g is divided by the standard deviation as well, and β is missing."),
                (255 * 7 / 24, "that is on the scale of 0 to 255. Here g goes from 0 to 1."),
            ),
            idea="write down what the map shows on blank paper of grey g, before the ReLU. Where is it zero?",
            tolerance=0.002,
        ),
        Choice(
            "faint_ink_kills",
            False,
            mistakes=(
                (
                    True,
                    "where the paper is black the response is 0, however faint the ink elsewhere is. What is left then?",
                ),
            ),
            idea="answer True or False: what does the map show on blank black paper?",
        ),
    ),
    hints=(
        "On blank paper all pixels under the filter are g, so its response is g times the sum of its weights.",
        "Batch normalisation makes (a − mean) / deviation · γ + β of a response a. ReLU lets through what is above zero.",
        "(−1.2 g + 0.3) / 0.5 + 0.1 > 0",
    ),
)


half_read = Exercise(
    "half_read",
    "The lightest paper on which half of the digits are read, and what striped paper of the same mean does.",
    fields=(
        Number(
            "grey",
            41,
            mistakes=(
                (128, "that is the brightness of MNIST-C. Far darker paper does it."),
                (32, "at 32 seven digits in ten are still read."),
                (64, "at 64 it is one in three already. Go down from there."),
                (0.153, "that is the share of white. Give the grey value, 0 to 255."),
            ),
            idea="try np.maximum(images, level) for a row of levels, and look where the share crosses a half.",
            tolerance=2,
        ),
        Choice(
            "striped",
            "more",
            options=("more", "fewer", "as many"),
            mistakes=(
                ("fewer", "measure it: rows of 0 and 64 in turn, and the lighter of paper and ink."),
                ("as many", "the mean of the paper is the same. Is that all that counts? Measure it."),
            ),
            idea="answer 'more', 'fewer' or 'as many': compare paper of 32 with rows of 0 and 64 in turn.",
        ),
    ),
    hints=(
        "The lesson measured papers of 0, 8, 16, 32 and 64. Between which two does half lie?",
        "A loop over range(30, 50) that stops where (answers(…) == labels).mean() falls below 0.5.",
        "Rows: np.where(np.arange(28) % 2, 64, 0)[:, None, None] has the shape (28, 1, 1), and np.maximum does the rest.",
    ),
)


def _relative(errors, baseline, clean, clean_baseline):
    return float(np.mean([(errors[name] - clean) / (baseline[name] - clean_baseline) for name in errors]))


relative_error = Exercise(
    "relative_error",
    "A function of two dictionaries of error rates and two clean error rates: the mean ratio of what was lost.",
    fields=(
        Code(
            "relative_error",
            _relative,
            cases=(
                Case(
                    "a network that nothing disturbs",
                    ({"fog": 0.01, "shear": 0.01}, {"fog": 0.8, "shear": 0.3}, 0.01, 0.2),
                    idea="It loses nothing beyond its clean errors, so the value is 0.",
                ),
                Case(
                    "one hard and one easy corruption",
                    ({"fog": 0.81, "shear": 0.06}, {"fog": 0.9, "shear": 0.3}, 0.01, 0.2),
                    idea="What was lost is the error rate minus the clean one, for the network and for the baseline.",
                ),
                Case(
                    "another order",
                    ({"fog": 0.21, "shear": 0.05, "scale": 0.41}, {"scale": 0.5, "shear": 0.4, "fog": 0.8}, 0.01, 0.2),
                    idea="Look the baseline up by name; the dictionaries may be in different orders.",
                ),
            ),
            mistakes=(
                (
                    lambda errors, baseline, clean, clean_baseline: np.mean([errors[n] / baseline[n] for n in errors]),
                    "that is the mCE of the lesson. Subtract the clean error rates first.",
                ),
                (
                    lambda errors, baseline, clean, clean_baseline: np.mean(
                        [(errors[n] - clean) / baseline[n] for n in errors]
                    ),
                    "the baseline has clean errors as well: subtract them below the line, too.",
                ),
                (
                    lambda errors, baseline, clean, clean_baseline: (
                        sum(errors[n] - clean for n in errors) / sum(baseline[n] - clean_baseline for n in errors)
                    ),
                    "that is the ratio of the means, in which the hard corruption counts for nearly everything. Take the "
                    "mean of the ratios.",
                ),
                (
                    lambda errors, baseline, clean, clean_baseline: np.mean(
                        [
                            (e - clean) / (b - clean_baseline)
                            for e, b in zip(errors.values(), baseline.values(), strict=True)
                        ]
                    ),
                    "errors were divided by those of another corruption: look the baseline up by name.",
                ),
                (
                    lambda errors, baseline, clean, clean_baseline: (
                        len(errors) * _relative(errors, baseline, clean, clean_baseline)
                    ),
                    "that is the sum of the ratios. Divide by their number.",
                ),
                (
                    lambda errors, baseline, clean, clean_baseline: _relative(errors, baseline, clean_baseline, clean),
                    "each network's own clean errors are to be subtracted; they have been exchanged.",
                ),
            ),
        ),
    ),
    hints=(
        "One corruption first: what did the network lose beyond its clean errors, and what did the baseline?",
        "Divide, one corruption after another. Take the mean of the ratios last.",
        "np.mean([(errors[n] - clean) / (baseline[n] - clean_baseline) for n in errors])",
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
