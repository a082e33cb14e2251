"""Exercises of the lesson on efficient networks."""

import numpy as np

from course_utils import models
from course_utils.exercises import Case, Code, Exercise, Grid, Judged, Number, Result, UnfitError

break_even = Exercise(
    "break_even",
    "Where a depthwise separable convolution costs an eighth of a standard one, and where it costs more.",
    fields=(
        Number(
            "filters",
            72,
            mistakes=(
                (8, "1/C′ alone is an eighth then. The depthwise part adds 1/9."),
                (64, "that is 1/64 + 1/9, a little more than an eighth: it has to come out exactly."),
                (9, "then the two parts cost a ninth each, 2/9 together."),
            ),
            idea="solve 1/C′ + 1/9 = 1/8.",
        ),
        Number(
            "friend",
            9 / 8,
            tolerance=0.005,
            mistakes=(
                (1 / 8 + 1 / 9, "that is for 3×3 kernels. Here k = 1."),
                (1 / 8, "that is the depthwise part alone. The 1×1 convolution stays."),
                (1, "the 1×1 convolution alone costs as much as before; the depthwise part comes on top."),
                (8 / 9, "the other way round: how many times the layer's multiply-adds does the pair take?"),
            ),
            idea="put C′ = 8 and k = 1 into 1/C′ + 1/k².",
        ),
    ),
    hints=(
        "The ratio is 1/C′ + 1/k², and k = 3 at first. The number of input channels is not in it.",
        "1/8 − 1/9 is 1/72. And with k = 1 the second term is 1.",
    ),
)


def _merged(depthwise, pointwise):
    return depthwise[..., None] * pointwise


_RNG = np.random.default_rng(0)
_DEPTHWISE, _POINTWISE = _RNG.integers(-3, 4, (3, 3, 4)), _RNG.integers(-3, 4, (4, 6))

merged = Exercise(
    "merged",
    "The kernel of the one standard convolution that does what a depthwise and a 1×1 convolution do.",
    fields=(
        Code(
            "merge",
            _merged,
            cases=(
                Case("four channels, six filters", (_DEPTHWISE, _POINTWISE), idea="The shape is (k, k, C, C′)."),
                Case(
                    "5×5 kernels", (_RNG.integers(-3, 4, (5, 5, 2)), _RNG.integers(-3, 4, (2, 3))), idea="k may vary."
                ),
                Case("one filter", (_DEPTHWISE, _POINTWISE[:, :1]), idea="With one filter the last axis has length 1."),
            ),
            mistakes=(
                (
                    lambda depthwise, pointwise: np.einsum("uvc,co->uvo", depthwise, pointwise),
                    "the channels have been added up. The kernel keeps one slice for each input channel.",
                ),
                (
                    lambda depthwise, pointwise: np.repeat(depthwise[..., None], pointwise.shape[1], axis=-1),
                    "the weights of the 1×1 convolution are missing.",
                ),
                (
                    lambda depthwise, pointwise: depthwise[::-1, ::-1, :, None] * pointwise,
                    "the kernels are flipped. The course's convolution does not flip them.",
                ),
                (
                    lambda depthwise, pointwise: (depthwise[..., None] * pointwise).swapaxes(2, 3),
                    "input channels come before output channels: (k, k, C, C′).",
                ),
            ),
        ),
    ),
    hints=(
        "Through channel c, filter o sees depthwise[u, v, c], times one number. Which?",
        "merged[u, v, c, o] = depthwise[u, v, c] * pointwise[c, o]: one more axis, and NumPy repeats what has none of it.",
    ),
)

through_groups = Exercise(
    "through_groups",
    "Eight channels in four groups: their order after the shuffle, and how far information comes.",
    fields=(
        Grid(
            "order",
            np.array([0, 2, 4, 6, 1, 3, 5, 7]),
            reveal=False,
            mistakes=(
                (np.array([0, 4, 1, 5, 2, 6, 3, 7]), "that is the shuffle of two groups of four."),
                (np.arange(8), "that is the order before the shuffle."),
            ),
            idea="write four rows of two channels, and read column by column.",
        ),
        Number(
            "two",
            4,
            mistakes=(
                (2, "that is without the shuffle: a group never leaves its two channels."),
                (8, "a group has room for two channels only, so it hears of two groups."),
            ),
            idea="an output hears two channels, and each of them has heard two inputs.",
        ),
        Number(
            "three_layers",
            8,
            mistakes=(
                (4, "the second shuffle brings together channels that have heard different inputs."),
                (6, "the number doubles with each layer."),
            ),
            idea="an output of the third layer hears two channels, each of which has heard four inputs. Do they overlap?",
        ),
    ),
    hints=(
        "Rows: 0 1, 2 3, 4 5, 6 7. Read the columns.",
        "After the first shuffle the groups hold 0 2, 4 6, 1 3, 5 7. Note for each output which inputs it has heard.",
        "Or multiply tables: T @ T for two layers, with the columns of the first T in the order of the shuffle.",
    ),
)

nine_times = Exercise(
    "nine_times",
    "What nine times the multiply-adds buy, and what they cost in parameters.",
    fields=(
        Number(
            "side",
            672,
            mistakes=(
                (2016, "nine times the side would be 81 times the places."),
                (448, "twice the side costs four times as much."),
                (3, "three times the side is right: how many pixels are that?"),
            ),
            idea="multiply-adds grow with the number of places, which is the square of the side.",
        ),
        Number(
            "wider",
            9,
            mistakes=(
                (3, "a layer has three times the inputs and three times the filters."),
                (81, "the width is three times as large, not nine times."),
                (1, "a wider layer has more weights."),
            ),
            idea="each weight is used once a place, and the places stay: parameters grow as multiply-adds do.",
        ),
        Number(
            "larger",
            1,
            mistakes=((9, "the multiply-adds grow, the kernels stay."), (3, "no kernel depends on the side.")),
            idea="the same kernels are used at more places.",
        ),
    ),
    hints=(
        "d · w² · r²: which factor is 9 if only r changes?",
        "Parameters of a layer without biases: k²CC′. What of it changes with the width, what with the side?",
    ),
)


def _suits(answer):
    """Whether RegNet's rule makes the asked-for stages of four numbers."""
    shape = "give four numbers: blocks, w0, wa, wm."
    try:
        blocks, w0, wa, wm = answer
        if isinstance(blocks, bool) or not 1 <= blocks <= 100 or blocks != int(blocks):
            raise UnfitError("blocks is a whole number from 1 to 100.")
        blocks, w0 = int(blocks), int(w0) if w0 == int(w0) else w0
        widths, depths, _ = models.regnet_stages(blocks, w0, wa, wm, 8)
    except (TypeError, ValueError, OverflowError) as problem:
        told = str(problem) if str(problem).startswith(("w0", "wa", "wm")) else shape
        raise UnfitError(told) from None
    yield Result.of(sum(depths) == 16, f"blocks: {sum(depths)}", "16 are asked for.")
    yield Result.of(
        len(widths) == 4,
        f"stages: {len(widths)}",
        f"four are asked for. A {'smaller' if len(widths) < 4 else 'larger'} wm, or another slope, changes that.",
    )
    yield Result.of(
        depths[0] >= 2, f"blocks of the first stage: {depths[0]}", "at least 2: the line rises too fast against w0."
    )
    yield Result.of(400 <= widths[-1] <= 500, f"last width: {widths[-1]}", "400 to 500 channels are asked for.")


own_regnet = Exercise(
    "own_regnet",
    "Four numbers that make a RegNet of 16 blocks in four stages.",
    fields=(
        Judged(
            "numbers",
            _suits,
            lambda: (16, 64, 24, 1.9),
            mistakes=(
                (lambda: (12, 64, 35, 1.9), "blocks: 12: 16 are"),
                (lambda: (16, 64, 25, 4.0), "four are asked for. A smaller wm"),
                (lambda: (16, 64, 25, 1.4), "four are asked for. A larger wm"),
                (lambda: (16, 48, 27.89, 2.09), "blocks of the first stage: 1: at least 2"),
                (lambda: (16, 64, 25, 2.0), "last width: 512: 400 to 500"),
                (lambda: (16, 60, 25, 2.0), "w0"),
                (lambda: (16, 64), "give four numbers"),
                (lambda: (15.5, 64, 24, 1.9), "blocks is a whole number"),
            ),
        ),
    ),
    hints=(
        "The line ends at w0 + 15 · wa. Begin with w0 = 64; which wa brings the end near 450?",
        "Widths are w0 times powers of wm. For four stages the last is about w0 · wm³.",
        "A first stage of two blocks needs (w0 + wa) / w0 below the root of wm.",
    ),
)

_KINDS = ("standard", "separable", "inverted", "regnet")


def costs(kind: str, width: int, side: int) -> tuple[int, int, int]:
    """Parameters, multiply-adds and bytes of activations, input included, of one block without biases.

    Parameters
    ----------
    kind : {"standard", "separable", "inverted", "regnet"}
        Conv 3×3; depthwise and 1×1; the same between six times as many channels, and a shortcut; 1×1, 3×3 in groups of
        16 channels, 1×1, and a shortcut.
    width, side : int
        Channels, and rows and columns.

    Returns
    -------
    parameters, multiply_adds, activation_bytes : int
    """
    weights, outputs = {
        "standard": (9 * width**2, 2 * width),
        "separable": (9 * width + width**2, 3 * width),
        "inverted": (54 * width + 12 * width**2, 15 * width),
        "regnet": (9 * 16 * width + 2 * width**2, 5 * width),
    }[kind]
    return weights, weights * side**2, 4 * outputs * side**2


def _fits(answer):
    """Whether a block keeps all limits."""
    shape = "give (kind, width, side), such as ('standard', 64, 28)."
    try:
        kind, width, side = answer
        if kind not in _KINDS or isinstance(kind, bool):
            raise UnfitError(f"the kind is one of these, in quotes: {', '.join(_KINDS)}.")
        if isinstance(width, bool) or isinstance(side, bool) or (int(width), int(side)) != (width, side):
            raise UnfitError("width and side are whole numbers.")
        width, side = int(width), int(side)
    except (TypeError, ValueError, OverflowError):
        raise UnfitError(shape) from None
    if not (1 <= width <= 10_000 and 1 <= side <= 1000) or (kind == "regnet" and width % 16):
        raise UnfitError("width 1 to 10000, side 1 to 1000; of a regnet block a multiple of 16.")
    parameters, multiply_adds, memory = costs(kind, width, side)
    yield Result.of(width >= 128, f"channels: {width}", "at least 128 are asked for.")
    yield Result.of(side >= 14, f"side: {side}", "at least 14 rows and columns are asked for.")
    yield Result.of(parameters >= 20_000, f"parameters: {parameters:,}", "at least 20,000 are asked for.")
    less = (
        "A smaller side saves most." if side > 14 else "The side is as small as it may be: take another kind or width."
    )
    yield Result.of(multiply_adds <= 8_000_000, f"multiply-adds: {multiply_adds:,}", f"8 million at most. {less}")
    yield Result.of(
        memory <= 400_000,
        f"bytes of activations: {memory:,}",
        "400,000 at most: the input and each layer's output count.",
    )


own_block = Exercise(
    "own_block",
    "A block that keeps five limits.",
    fields=(
        Judged(
            "choice",
            _fits,
            lambda: ("separable", 160, 14),
            mistakes=(
                (lambda: ("separable", 96, 14), "channels: 96: at least 128"),
                (lambda: ("separable", 160, 7), "side: 7: at least 14"),
                (lambda: ("separable", 128, 14), "parameters: 17,536: at least"),
                (lambda: ("standard", 128, 14), "multiply-adds: 28,901,376: 8 million at most. The side is"),
                (lambda: ("standard", 128, 28), "8 million at most. A smaller side"),
                (lambda: ("inverted", 128, 14), "bytes of activations: 1,505,280: 400,000"),
                (lambda: ("dense", 128, 14), "the kind is one of these"),
                (lambda: ("regnet", 130, 14), "of a regnet block a multiple of 16"),
                (lambda: "separable", "give (kind, width, side)"),
            ),
        ),
    ),
    hints=(
        "Multiply-adds are parameters times places. With 20,000 parameters, how many places does the budget allow?",
        "At 14×14 try each kind with 128 channels in `costs`. One of them breaks only one limit.",
    ),
)
