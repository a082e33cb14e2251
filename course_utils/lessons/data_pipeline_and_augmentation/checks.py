"""Exercises of the lesson on data."""

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
    UnfitError,
)

units = Exercise(
    "units",
    "What the factors of two augmentation layers mean.",
    fields=(
        Number(
            "degrees",
            18,
            mistakes=(
                (0.05, "the factor is a share of a full turn."),
                (5, "the factor is a share of a full turn, not of 100 degrees."),
                (9, "the angle is drawn from both sides: the factor holds for each of them."),
                (36, "that is from one end to the other. Each side has half of it."),
                (0.05 * 2 * np.pi, "that is the angle in radians. A full turn has 360 degrees."),
                (0.05 * 180 / np.pi, "the factor is a share of a full turn, not a number of radians."),
            ),
            idea="a full turn has 360 degrees, and the factor is a share of it.",
        ),
        Number(
            "pixels",
            4,
            mistakes=(
                (0.125, "the factor is a share of the side, which has 32 pixels."),
                (2, "the shift is drawn from both sides: the factor holds for each of them."),
                (8, "that is from one end to the other. Each side has half of it."),
                (3.5, "that is for digits of 28 pixels. These pictures have 32."),
            ),
            idea="the factor is a share of the side of the picture.",
        ),
    ),
    hints=(
        "Neither factor is a number of degrees or pixels: each is a share of something.",
        "RandomRotation takes a share of 360 degrees, RandomTranslation a share of the height or width.",
    ),
)

_ROW = np.array([1, 2, 3, 4, 5])
_FILLS = {"constant": [0, 0], "nearest": [1, 1], "reflect": [2, 1], "wrap": [4, 5]}


def _filled(**other):
    """Rows of the four fill modes, each with these two numbers in front of 1, 2, 3."""
    return [[*{**_FILLS, **other}[mode], 1, 2, 3] for mode in _FILLS]


fills = Exercise(
    "fills",
    "A row of five pixels, two to the right, in four fill modes.",
    fields=(
        Grid(
            "rows",
            np.array(_filled()),
            mistakes=(
                (_filled(reflect=[3, 2]), "reflect repeats the pixel at the edge: the mirror stands on the border."),
                (_filled(reflect=[1, 2]), "the nearer a new pixel is to the edge, the nearer is the one it copies."),
                (_filled(wrap=[5, 4]), "wrap goes on from the other side, in the same direction."),
                (_filled(wrap=[2, 1], reflect=[4, 5]), "the last two rows are exchanged."),
                (
                    [[3, 4, 5, *tail] for tail in ([0, 0], [5, 5], [5, 4], [1, 2])],
                    "the row has been moved to the left.",
                ),
            ),
            idea="three old pixels stay, 1, 2 and 3, on the right. Which two does each mode put before them?",
            reveal=False,
        ),
    ),
    hints=(
        "In every mode the last three pixels are 1, 2, 3.",
        "constant: zeros. nearest: the pixel at the edge. reflect: a mirror at the edge. wrap: the row again.",
    ),
)

keeps = Exercise(
    "keeps",
    "Which changes keep the label.",
    fields=(
        Several(
            "kept",
            (
                Option("A", True, "a cat seen in a mirror is a cat."),
                Option("B", False, "a mirrored arrow points the other way, and the label says where it points."),
                Option(
                    "C", True, "in the sky of a telescope no direction is up, so a turned galaxy stays of its kind."
                ),
                Option("D", False, "a 6 upside down is read as a 9, and the label still says 6."),
                Option("E", False, "the colour is what tells a ripe tomato from an unripe one."),
                Option("F", True, "a digit one pixel further right is the same digit."),
            ),
            idea='name the letters, such as "AB".',
        ),
    ),
    hints=(
        "Show yourself the changed picture without its label. Would you write down the same one?",
        "Three of the six keep it.",
    ),
)

DECODE, CACHE, SHUFFLE, BATCH, AUGMENT, PREFETCH = "decode", "cache", "shuffle", "batch", "augment", "prefetch"
STEPS = (DECODE, CACHE, SHUFFLE, BATCH, AUGMENT, PREFETCH)
RULES = (
    (DECODE, CACHE, "what is cached is still a file: it would be decoded in every epoch."),
    (DECODE, AUGMENT, "only a picture can be changed, not a file."),
    (CACHE, SHUFFLE, "the cache keeps the order of the first epoch."),
    (CACHE, AUGMENT, "the cache keeps the random changes of the first epoch."),
    (SHUFFLE, BATCH, "whole batches change places, and the pictures in each stay together."),
    (DECODE, BATCH, "files of different lengths are decoded one by one."),
)


def _is_order(answer):
    """Whether the steps of a pipeline stand in an order that works."""
    if not isinstance(answer, list | tuple) or len(answer) > 50:
        raise UnfitError("give a list of words, one for each step.")
    order = []
    for place, word in enumerate(answer):
        if not isinstance(word, str) or word not in STEPS:
            raise UnfitError(f"there is no such step at place {place}; there are {', '.join(STEPS)}.")
        order.append(str(word))
    missing = [step for step in STEPS if order.count(step) != 1]
    yield Result.of(not missing, f"steps: {len(order)}", f"each of the six once; look at {', '.join(missing)}.")
    if missing:
        return
    for first, second, why in RULES:
        yield Result.of(order.index(first) < order.index(second), f"{first} before {second}", why)
    yield Result.of(order[-1] == PREFETCH, f"{order[-1]} last", "what comes after prefetch is not prepared ahead.")


order = Exercise(
    "order",
    "Steps of a pipeline in an order that works.",
    fields=(
        Judged(
            "steps",
            _is_order,
            lambda: [DECODE, CACHE, SHUFFLE, BATCH, AUGMENT, PREFETCH],
            mistakes=(
                (lambda: [CACHE, DECODE, SHUFFLE, BATCH, AUGMENT, PREFETCH], "what is cached is still a file"),
                (lambda: [DECODE, SHUFFLE, CACHE, BATCH, AUGMENT, PREFETCH], "the cache keeps the order"),
                (lambda: [DECODE, AUGMENT, CACHE, SHUFFLE, BATCH, PREFETCH], "the cache keeps the random changes"),
                (lambda: [DECODE, CACHE, BATCH, SHUFFLE, AUGMENT, PREFETCH], "whole batches change places"),
                (lambda: [DECODE, CACHE, SHUFFLE, BATCH, PREFETCH, AUGMENT], "what comes after prefetch"),
                (lambda: [CACHE, SHUFFLE, BATCH, DECODE, AUGMENT, PREFETCH], "files of different lengths"),
                (lambda: [CACHE, SHUFFLE, AUGMENT, DECODE, BATCH, PREFETCH], "only a picture can be changed"),
                (lambda: [DECODE, CACHE, SHUFFLE, BATCH, PREFETCH], "look at augment"),
                (lambda: ["repeat"], "there is no such step at place 0"),
            ),
        ),
    ),
    hints=(
        "Begin with what is the same in every epoch, keep it, and only then do what chance decides.",
        "decode, cache, shuffle come first, and prefetch last. Where can batch and augment stand?",
    ),
)


def _copied(x_train, x_val):
    """For each validation picture whether a training picture has the same pixels."""
    known = {picture.tobytes() for picture in x_train}
    return np.array([picture.tobytes() in known for picture in x_val], bool)


def _same_place(x_train, x_val):
    n = min(len(x_train), len(x_val))
    equal = (x_train[:n] == x_val[:n]).reshape(n, -1).all(axis=1)
    return np.concatenate([equal, np.zeros(len(x_val) - n, bool)])


def _by_sum(x_train, x_val):
    return np.isin(x_val.reshape(len(x_val), -1).sum(axis=1), x_train.reshape(len(x_train), -1).sum(axis=1))


def _one_pixel(x_train, x_val):
    return np.array([(picture == x_train).any() for picture in x_val], bool)


def _turned(x_train, x_val):
    return _copied(x_val, x_train)


_RNG = np.random.default_rng(0)
_TRAIN = _RNG.integers(0, 9, (6, 4, 4, 1))
_VAL = _RNG.integers(0, 9, (5, 4, 4, 1))
_VAL[1], _VAL[4] = _TRAIN[5], _TRAIN[0]
_FLIPPED = _TRAIN[:3, :, ::-1].copy()

copies = Exercise(
    "copies",
    "Validation pictures that are in the training split too.",
    fields=(
        Code(
            "copied",
            _copied,
            cases=(
                Case("two of five are copies", (_TRAIN, _VAL), idea="A copy may stand anywhere in the training split."),
                Case("no copies", (_TRAIN, _TRAIN[:2] + 1), idea="A copy has the same number in every pixel."),
                Case("mirrored pictures", (_TRAIN, _FLIPPED), idea="The same pixels elsewhere are another picture."),
                Case("all are copies", (_TRAIN, _TRAIN[[3, 3, 1]]), idea="One entry for each validation picture."),
            ),
            mistakes=(
                (_same_place, "A copy may stand anywhere in the training split."),
                (_by_sum, "The same pixels elsewhere are another picture."),
                (_one_pixel, "A copy has the same number in every pixel."),
                (_turned, "one entry for each validation picture."),
            ),
        ),
    ),
    hints=(
        "A set finds things at once, but arrays cannot be put into one. Bytes can.",
        "known = {picture.tobytes() for picture in x_train}; then ask for each validation picture.",
    ),
)

FAULTS = {
    "a": "copies in both splits",
    "b": "sorted data, cut at the end",
    "c": "validation pictures are augmented",
    "d": "the augmented pictures are cached",
}


def _fault(name, label, answer, idea, **mistakes):
    """A field that asks for one of the faults."""
    return Choice(name, answer, options=tuple(FAULTS), mistakes=tuple(mistakes.items()), idea=idea, label=label)


diagnosis = Exercise(
    "diagnosis",
    "What is wrong with four data pipelines.",
    fields=(
        _fault(
            "project_1",
            "project 1",
            "b",
            "which pictures have this network never seen an example of?",
            a="copies make the validation accuracy too high, not 4 %.",
        ),
        _fault(
            "project_2",
            "project 2",
            "c",
            "the weights are the same in both evaluations. What is not?",
            d="a cache makes pictures the same every time. Here something differs.",
        ),
        _fault(
            "project_3",
            "project 3",
            "a",
            "what can a network know of validation pictures, but not of new ones?",
            c="augmented validation pictures are harder, so the accuracy there would be too low.",
        ),
        _fault(
            "project_4",
            "project 4",
            "d",
            "which step brings the same pictures in every epoch?",
            c="the mistake is in training: it is training pictures that should differ and do not.",
        ),
    ),
    hints=(
        "Each letter is used once.",
        "4 % is far below a guess; what does a network know of classes that it has never met?",
    ),
)
