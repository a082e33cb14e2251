"""Exercises of the lesson on Inception, ResNet and DenseNet."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Number, Option, Several

narrow_enough = Exercise(
    "narrow_enough",
    "How far a 1×1 convolution has to reduce for a tenth of the weights, and what two 3×3 save then.",
    fields=(
        Number(
            "reduced",
            36,
            mistakes=(
                (76_800 / 2080, "maps are counted in whole numbers: round down."),
                (37, "480 · 37 + 25 · 37 · 64 is a little more than a tenth of 768,000."),
                (48, "that counts the 5×5 convolution alone. The 1×1 convolution has weights as well."),
                (160, "that counts the 1×1 convolution alone. The 5×5 behind it has weights as well."),
                (6, "a tenth of the filters is something else: the 64 filters stay."),
            ),
            idea="weights of both layers, 480 C′ + 25 · 64 C′, have to be at most a tenth of 25 · 480 · 64.",
        ),
        Number(
            "saved",
            0,
            mistakes=(
                (16128, "18 instead of 25 holds where all three layers have as many input channels as filters."),
                (36864, "that counts the first of the two alone. The second has weights too."),
                (20736, "that counts the second of the two alone. The first has weights too."),
                (-16128, "the first of the two reads C′ channels, not 64."),
                (1024, "that is with 37 channels. Correct the first answer, then count again."),
                (16128 / 57600, "18 instead of 25 holds where all layers have as many input channels as filters."),
            ),
            idea="count both: 25 · C′ · 64 against 9 · C′ · 64 + 9 · 64 · 64.",
        ),
    ),
    hints=(
        "Direct: 25 · 480 · 64 weights. With C′ maps in between: 480 · C′ + 25 · C′ · 64.",
        "The second of the two 3×3 convolutions reads 64 channels, not C′.",
    ),
)


def _diagnosis(name, answer, idea, **mistakes):
    options = ("degradation", "overfitting", "neither")
    return Choice(name, answer, options=options, mistakes=tuple(mistakes.items()), idea=idea)


which_trouble = Exercise(
    "which_trouble",
    "What became worse when three networks were made deeper.",
    fields=(
        _diagnosis(
            "north",
            "overfitting",
            "compare the training errors first, then the others.",
            degradation="the deeper network has the *smaller* training error.",
            neither="the error on other pictures has become larger.",
        ),
        _diagnosis(
            "east",
            "degradation",
            "compare the training errors first.",
            overfitting="the gap between both errors has become smaller, and the training error larger.",
            neither="both errors have become larger.",
        ),
        _diagnosis(
            "south",
            "neither",
            "which of the errors has become larger?",
            degradation="the training error has become smaller.",
            overfitting="there is a gap, but the error on other pictures has become smaller.",
        ),
    ),
    hints=(
        "Degradation shows on the training pictures, overfitting on the others.",
        "For each network: did the training error rise? If not, did the validation error?",
    ),
)

three_blocks = Exercise(
    "three_blocks",
    "The slope through three blocks, without and with shortcuts, and where a residual block lets nothing through.",
    fields=(
        Number(
            "plain",
            -0.025,
            mistakes=(
                (0.1, "that is their sum. The chain rule multiplies."),
                (0.025, "one of the three is negative."),
                (0.825, "that is with shortcuts."),
            ),
            idea="multiply the three slopes.",
        ),
        Number(
            "residual",
            0.825,
            mistakes=(
                (0.975, "1 is added in each block, not once at the end."),
                (1.1, "that adds the slopes up. Products of two and of all three are missing."),
                (-0.025, "that is without shortcuts."),
                (2.975, "1 is added in each block before they are multiplied."),
            ),
            idea="multiply 1 + 0.5, 1 − 0.5 and 1 + 0.1.",
        ),
        Number(
            "closed",
            -1,
            mistakes=(
                (0, "then the block's slope is 1: all passes."),
                (1, "then the block's slope is 2."),
            ),
            idea="1 + F′ has to be 0.",
        ),
    ),
    hints=(
        "Blocks follow each other, so their slopes are multiplied.",
        "The slope of x + F(x) is 1 + F′.",
    ),
)


def _zero_padded(x, filters):
    x = x[:, ::2, ::2]
    missing = filters - x.shape[-1]
    return np.pad(x, [(0, 0), (0, 0), (0, 0), (0, missing)])


def _maps(*shape):
    return np.arange(1, 1 + np.prod(shape)).reshape(shape)


zero_padded = Exercise(
    "zero_padded",
    "A shortcut without weights between blocks of different size: every second place, and zeros for new channels.",
    fields=(
        Code(
            "shortcut",
            _zero_padded,
            cases=(
                Case("4×4, from 2 to 5 channels", (_maps(1, 4, 4, 2), 5), idea="The shape is (N, 2, 2, 5)."),
                Case("two pictures, 7×5", (_maps(2, 7, 5, 3), 6), idea="Of seven rows the even ones stay: 0, 2, 4, 6."),
                Case(
                    "no new channels", (_maps(1, 6, 6, 4), 4), idea="With as many filters as channels nothing is added."
                ),
            ),
            mistakes=(
                (
                    lambda x, filters: np.pad(x, [(0, 0)] * 3 + [(0, filters - x.shape[-1])]),
                    "the block strides: keep every second row and column.",
                ),
                (
                    lambda x, filters: np.pad(x[:, ::2, ::2], [(0, 0)] * 3 + [(filters - x.shape[-1], 0)]),
                    "the zeros come behind the channels that are there.",
                ),
                (
                    lambda x, filters: np.pad(x[:, 1::2, 1::2], [(0, 0)] * 3 + [(0, filters - x.shape[-1])]),
                    "begin with row and column 0, as a 1×1 convolution with stride 2 does.",
                ),
            ),
        ),
    ),
    hints=(
        "x[:, ::2, ::2] keeps every second row and column.",
        "np.pad takes a pair for each axis: (0, 0) where nothing is added, and (0, filters − C) for the channels.",
    ),
)

which_project = Exercise(
    "which_project",
    "Residual blocks whose shortcut cannot be the identity.",
    fields=(
        Several(
            "blocks",
            (
                Option("a", False, "64 channels come, 64 go, and the maps keep their size."),
                Option("b", True, "28×28×64 cannot be added to 14×14×128."),
                Option("c", True, "the channels agree, but the maps do not: stride 2 halves them."),
                Option("d", True, "the last convolution makes 256 channels of the 64 that came."),
                Option("e", False, "256 channels come and 256 go: what lies in between does not matter."),
            ),
            idea="give the letters of the blocks, such as ['a', 'e'].",
        ),
    ),
    hints=(
        "Compare the shape that enters the block with the shape behind its last convolution.",
        "Rows and columns have to agree as well as channels.",
    ),
)

two_dense_blocks = Exercise(
    "two_dense_blocks",
    "Channels through two dense blocks with a transition between them.",
    fields=(
        Number(
            "reduced",
            60,
            mistakes=(
                (120, "that is what leaves the first block. The transition halves it."),
                (48, "the 24 channels that enter the block are still there at its end."),
                (12, "that is the growth rate."),
            ),
            idea="24 channels and eight times 12 leave the first block; then halve.",
        ),
        Number(
            "last_reads",
            144,
            mistakes=(
                (156, "that is what leaves the block. The last layer does not read its own maps."),
                (204, "the transition halves the channels between the blocks."),
                (108, "the second block begins with what the transition hands on, not with 24."),
            ),
            idea="60 channels enter the second block, and seven layers come before the last.",
        ),
        Number(
            "sources",
            8,
            mistakes=(
                (7, "the block's input is read as well."),
                (1, "in a dense block a layer reads all that came before."),
                (36, "that is the number of connections of the whole block."),
            ),
            idea="the block's input, and the layers before it.",
        ),
    ),
    hints=(
        "Each layer adds 12 channels and keeps all there were.",
        "120 leave the first block, 60 enter the second. What has been added before its eighth layer runs?",
    ),
)
