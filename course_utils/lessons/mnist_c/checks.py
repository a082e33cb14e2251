"""Checks of part 8, fine-tuning."""

import numpy as np

from course_utils.exercises import Result, attempted, choice, exercise, function, number


def _digits(n: int, seed: int) -> np.ndarray:
    """Random uint8 pictures with ink 0 … 255, shape (n, 28, 28)."""
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28)).astype(np.uint8)


def _changes_its_input(name: str, answer, arguments: tuple, idea: str) -> list[Result]:
    """A failed result if the learner's function writes into its first argument."""
    if not callable(answer):
        return []
    before = arguments[0].copy()
    try:
        answer(*arguments)
    except Exception:
        return []  # the comparison that follows reports it
    unchanged = np.array_equal(arguments[0], before)
    return [] if unchanged else [Result(False, f"{name} has changed the pictures it was given. {idea}")]


def _stripe(images):
    out = images.copy()
    out[..., :7], out[..., 21:] = 255 - images[..., :7], 255 - images[..., 21:]
    return out


@exercise(
    "Seven columns at the left are `images[..., :7]`. Which slice has the seven at the right?",
    "Inverted is 255 minus the grey value. Copy the pictures first.",
)
def stripe(answer):
    """A function that inverts the outer seven columns on each side."""
    failures = _changes_its_input("stripe", answer, (_digits(2, 0),), "Start with out = images.copy().")
    if failures:
        yield from failures
        return
    middle = np.zeros((1, 28, 28), np.uint8)
    middle[:, :, 7:21] = 200
    ideas = {
        "a blank page": "Paper in the outer columns becomes 255, and the columns 7 to 20 stay 0.",
        "ink in the columns 7 to 20": "These columns stay as they are: the right-hand stripe starts at column 21.",
        "random pictures": "A grey value g becomes 255 − g, also where it is neither 0 nor 255.",
    }
    cases = [
        ("a blank page", (np.zeros((1, 28, 28), np.uint8),)),
        ("ink in the columns 7 to 20", (middle,)),
        ("random pictures", (_digits(3, 1),)),
    ]
    yield from function("stripe", answer, _stripe, cases, idea=ideas)


def _shift(images, down, right):
    out = np.zeros_like(images)
    h, w = images.shape[1:]
    out[:, max(down, 0) : h + min(down, 0), max(right, 0) : w + min(right, 0)] = images[
        :, max(-down, 0) : h - max(down, 0), max(-right, 0) : w - max(right, 0)
    ]
    return out


@exercise(
    "Begin with a blank page, `np.zeros_like(images)`, and copy the part that stays visible.",
    "Moving down by 3: rows 0 … 24 of the old picture become rows 3 … 27 of the new one.",
    "A frame helps against many cases: `np.pad` by 5 zeros all round, then cut out 28 × 28 from row 5 − down, column 5 − right.",
)
def shift(answer):
    """A function that moves pictures by whole pixels and fills with paper."""
    failures = _changes_its_input("shift", answer, (_digits(2, 2), 3, -3), "Write into a new array.")
    if failures:
        yield from failures
        return
    page = np.zeros((1, 28, 28), np.uint8)
    page[0, 10:13, 14] = (50, 100, 150)
    random = _digits(2, 3)
    ideas = {
        "a stroke, 3 down": "Rows count downwards: the pixel at row 10 goes to row 13, in the same column. Mind the 0 columns: a slice [:-0] is empty.",
        "a stroke, 3 to the right": "The second number moves columns, the first rows.",
        "full pages, 3 down and 3 to the left": "Nothing comes in again on the other side, as it would with np.roll: new rows and columns are 0.",
        "full pages, 2 up and 5 to the right": "A negative number moves up or to the left.",
        "full pages, not at all": "With 0 pixels the pictures stay as they are.",
    }
    shifts = [(3, 0), (0, 3), (3, -3), (-2, 5), (0, 0)]
    cases = [
        (name, (page if "stroke" in name else random, *amounts)) for name, amounts in zip(ideas, shifts, strict=True)
    ]
    yield from function("shift", answer, _shift, cases, idea=ideas)


@exercise(
    "On a blank page every pixel under the filter has the same grey value g. Take it out of the sum.",
    "The response is g times the sum of the weights, whatever their arrangement.",
)
def grey_paper(edge, blur, centre):
    """Response of three 3×3 filters to blank paper of grey 0.5."""
    yield number(
        "edge",
        edge,
        0,
        mistakes={4: "the negative row counts with its sign.", 2: "the negative row counts with its sign."},
        idea="add all nine weights, with their signs: they cancel.",
    )
    yield number(
        "blur",
        blur,
        0.5,
        mistakes={1: "that is on white paper; here grey is 0.5.", 4.5: "each weight is 1/9."},
        idea="nine weights of 1/9, each times 0.5.",
    )
    yield number(
        "centre",
        centre,
        -2,
        mistakes={
            -4: "that is on white paper; here grey is 0.5.",
            2: "four is the centre, minus eight the ring: mind the sign of the sum.",
            6: "the ring of eight weights counts negatively.",
        },
        idea="4 minus eight times 1, times 0.5.",
    )


def _mce(errors, baseline):
    return float(np.mean([errors[name] / baseline[name] for name in errors]))


@exercise(
    "Divide first, one corruption after another. Take the mean of the ratios last.",
    "np.mean([errors[name] / baseline[name] for name in errors])",
)
def mean_corruption_error(answer):
    """A function of two dictionaries of error rates: the mean of their ratios."""
    same = {"fog": 0.3, "shear": 0.1}
    ideas = {
        "the baseline itself": "A network as good as the baseline on everything has the value 1.",
        "one hard and one easy corruption": "Take the mean of the ratios. The ratio of the means lets the hard corruption count for nearly everything.",
        "another order": "Look the baseline up by name; the dictionaries may be in different orders.",
    }
    cases = [
        ("the baseline itself", (same, same)),
        ("one hard and one easy corruption", ({"fog": 0.8, "shear": 0.05}, {"fog": 0.8, "shear": 0.1})),
        ("another order", ({"fog": 0.2, "shear": 0.1, "scale": 0.4}, {"scale": 0.5, "shear": 0.4, "fog": 0.8})),
    ]
    yield from function("mean_corruption_error", answer, _mce, cases, idea=ideas)


_PLANS = {
    "a": ("uses", "the augmentation was chosen by looking at the very rows that are reported."),
    "b": ("keeps", "the seven reported corruptions were never seen, neither in training nor in a choice."),
    "c": ("uses", "early stopping on fog is a choice made with fog: its row is no test any more."),
    "d": ("keeps", "everything was chosen on clean validation digits, and the corruptions were looked at once."),
}


@exercise(
    "Ask of each plan: would the reported figure have been different if these corruptions did not exist?",
    "Choosing counts as much as training does.",
)
def honest_plans(answer):
    """Which of four plans still measure robustness with the corruptions they report?"""
    answer = attempted(answer)
    if isinstance(answer, str):
        answer = [letter for letter in answer if letter not in ", "]
    try:
        letters = {str(letter).strip().lower() for letter in answer}
    except TypeError:
        letters = set()
    if not letters or not letters <= _PLANS.keys():
        yield choice(
            "plans", answer, {"b", "d"}, idea='give the letters of the honest plans as a set, such as {"a", "c"}.'
        )
        return
    for letter, (what, reason) in _PLANS.items():
        right = (letter in letters) == (what == "keeps")
        said = "honest" if letter in letters else "not honest"
        yield Result(right, f"plan {letter}, {said}: right." if right else f"plan {letter}, {said}: {reason}")
