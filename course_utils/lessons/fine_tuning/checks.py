"""Exercises of the lesson on fine-tuning."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number, Option, Several

left_free = Exercise(
    "left_free",
    "What training changes when two of three blocks are frozen.",
    fields=(
        Number(
            "trainable",
            24_330,
            mistakes=(
                (24_458, "the averages of the third normalisation are not trainable: they have no slope."),
                (5_770, "that is the head alone. The third block is free as well."),
                (18_432, "that is the third convolution alone. What else is free?"),
                (24_202, "γ and β of the third normalisation are trainable, one pair for each of its 64 maps."),
                (18_560, "the head is free as well: 576 weights and a bias for each class."),
                (29_434, "that is with nothing frozen. The first two blocks are not trainable."),
                (24_394, "that is 64 too many: the convolution has no bias, and the normalisation has γ and β."),
                (24_266, "the third normalisation has γ and β, two numbers for each of 64 maps."),
                (24_320, "the dense layer has a bias for each of its ten logits."),
            ),
            idea="add the third convolution, γ and β of its normalisation, and the head.",
        ),
        Number(
            "moved",
            24_458,
            mistakes=(
                (24_330, "training mode also moves the averages of the third normalisation."),
                (24_394, "there are two averages for each of 64 maps: of the mean and of the variance."),
                (29_658, "that is the whole network. The layers of the first two blocks do not move."),
                (24_522, "that is 64 too many: the third convolution has no bias."),
                (24_554, "the averages of frozen normalisations do not move: in Keras they run in inference mode."),
            ),
            idea="to the trainable ones come those numbers that move without a slope.",
        ),
    ),
    hints=(
        "The third convolution has 3 · 3 · 32 weights for each of 64 filters and no bias; the head gets 576 numbers.",
        "18 432 and 5770 are two of the parts. A normalisation of 64 maps has 64 numbers of each of four kinds.",
    ),
)

which_freeze = Exercise(
    "which_freeze",
    "In which order freezing works.",
    fields=(
        Several(
            "orders",
            options=(
                Option("a", False, "fit goes on with the training step that it made at its first call."),
                Option("b", True, "the step is made after the layer was frozen."),
                Option("c", True, "compiling throws the old step away, and the new one is made without the layer."),
                Option("d", True, "the step was made while the layer was frozen, and unfreezing does not change it."),
            ),
            idea='give the letters, such as {"a", "c"}.',
        ),
    ),
    hints=(
        "When is the training step made, and what does throw it away?",
        "The step is made in the first fit after compile. Ask of each order whether the layer was frozen then.",
    ),
)


def _forgotten(matrix):
    matrix = np.asarray(matrix)
    return np.diag(matrix[1:]) - matrix[-1]


def _since_start(matrix):
    return np.asarray(matrix)[0] - np.asarray(matrix)[-1]


def _since_best(matrix):
    return np.asarray(matrix).max(axis=0) - np.asarray(matrix)[-1]


def _too_early(matrix):
    return np.diag(np.asarray(matrix)[:-1]) - np.asarray(matrix)[-1]


_RNG = np.random.default_rng(0)
_MATRIX = np.array([[0.75, 0.25, 0.5], [1.0, 0.5, 0.25], [0.5, 0.875, 0.75], [0.25, 0.625, 0.9375]])
_BETTER = np.array([[0.5, 0.5], [0.75, 0.625], [0.875, 0.9375]])

forgotten = Exercise(
    "forgotten",
    "How much of each corruption is forgotten.",
    fields=(
        Code(
            "forgotten",
            _forgotten,
            cases=(
                Case("three stages", (_MATRIX,), idea="Row 0 is the start, so stage s is row s + 1."),
                Case("a later stage that helps", (_BETTER,), idea="What a later stage improves has a negative sign."),
                Case("five stages", (_RNG.integers(0, 65, (6, 5)) / 64,), idea="One number for each column."),
            ),
            mistakes=(
                (lambda matrix: -_forgotten(matrix), "the sign is reversed: what was lost counts positive."),
                (_since_start, "that compares with the start, before the corruption was learned."),
                (
                    _since_best,
                    "that compares with the best row; asked is the row right after the corruption's own stage.",
                ),
                (_too_early, "row 0 is the start: the stage of the first corruption ends in row 1."),
            ),
        ),
    ),
    hints=(
        "Column s was learned in stage s, which ends in row s + 1. Which entries are these in matrix[1:]?",
        "np.diag(matrix[1:]) are the accuracies right after each stage, matrix[-1] those at the end.",
    ),
)

_BOTH = ("above 80 %", "below 80 %")

two_kinds = Exercise(
    "two_kinds",
    "Averages of two kinds of pictures at once.",
    fields=(
        Choice(
            "on_clean",
            "above 80 %",
            options=_BOTH,
            mistakes=(("below 80 %", "that came of averages of grey paper alone. Here half of each batch is clean."),),
            idea="run the experiment with every second digit clean.",
        ),
        Choice(
            "on_bright",
            "below 80 %",
            options=_BOTH,
            mistakes=(("above 80 %", "that came of averages of grey paper alone. These are of both kinds."),),
            idea="run the experiment with every second digit clean.",
        ),
    ),
    hints=(
        "half = x.copy(), then half[::2] = bright[::2].",
        "Start from models.trained again, fit one epoch with the rate 0, and call accuracy twice.",
    ),
)

choose = Exercise(
    "choose",
    "Which of three networks is handed over, and what is said of it.",
    fields=(
        Choice(
            "network",
            "B",
            options=("A", "B", "C"),
            mistakes=(
                ("A", "its validation accuracy is the lowest of the three."),
                ("C", "it looks best on the test digits; a choice by these leaves none to judge with."),
            ),
            idea="choose on validation digits.",
        ),
        Number(
            "expected",
            91.8,
            mistakes=(
                (0.918, "give it in %, as the table does."),
                (92.6, "that is another network's."),
                (90, "that is another network's."),
                (96.2, "that is for the corruptions that it was trained on."),
                (96.8, "that is what it was chosen by, and for corruptions that it was trained on."),
            ),
            idea="a corruption that nobody has seen is most like the ones that were held out.",
            tolerance=0.01,
        ),
    ),
    hints=(
        "Which column may decide, and which columns are there to judge what was decided?",
        "The highest validation accuracy decides. Then read the column of the corruptions that were held out.",
    ),
)
