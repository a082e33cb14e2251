"""Exercises of the lesson on channels and filters."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Result, UnfitError, finite_array

strided_layer = Exercise(
    "strided_layer",
    "Parameters and multiply-adds of 24 filters of 5×5 with stride 2 on a 30×20 input of 6 channels.",
    fields=(
        Number(
            "parameters",
            3624,
            mistakes=(
                (3600, "the biases are missing: one for each filter."),
                (624, "each filter has a kernel for every one of the 6 channels."),
                (151, "that is one filter with its bias, and there are 24."),
                (600, "each filter has a kernel for every one of the 6 channels, and a bias."),
                (3606, "there is one bias for each of the 24 filters, not for each channel."),
                (3744, "a filter has one bias, not one for each of its kernels."),
            ),
            idea="(k²C + 1)C′ with k = 5, C = 6, C′ = 24. The stride is not in it.",
        ),
        Number(
            "multiply_adds",
            540_000,
            mistakes=(
                (2_160_000, "that is with stride 1. With stride 2 the map has half as many rows and columns."),
                (374_400, "that is without padding. With padding same the map has 15×10 places."),
                (90_000, "each entry sums over all 6 channels."),
                (543_600, "only the weights multiply. A bias is added once and is not counted."),
                (1_080_000, "the stride halves the rows and the columns."),
            ),
            idea="places of the output times weights: H′W′ · k²C · C′, with H′ = 15 and W′ = 10.",
        ),
    ),
    hints=(
        "How many numbers has one filter? Five rows, five columns, six channels, and the bias.",
        "With padding same and stride 2, 30×20 becomes 15×10. Each weight is used once at each place.",
    ),
)


def _filtered(x, w, b):
    """All maps of one picture, without padding."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(0, 1))
    return np.einsum("ijcuv,uvco->ijo", windows, w) + b


def _each_channel_alone(x, w, b):
    return _filtered(x[:, :, :1], w[:, :, :1], b)


_RNG = np.random.default_rng(0)
_X, _W, _B = _RNG.integers(-4, 5, (6, 5, 3)), _RNG.integers(-2, 3, (3, 2, 3, 4)), np.array([0, 1, -2, 5])

all_filters = Exercise(
    "all_filters",
    "All maps of a layer from one picture, its filters and their biases.",
    fields=(
        Code(
            "apply_filters",
            _filtered,
            cases=(
                Case("three channels and four filters", (_X, _W, _B), idea="Filter o is w[:, :, :, o], its bias b[o]."),
                Case("one filter", (_X, _W[..., 1:2], _B[1:2]), idea="With one filter the last axis has length 1."),
                Case("one channel", (_X[..., :1], _W[:, :, :1], _B), idea="With C = 1 a filter is one kernel."),
                Case("1×1 kernels", (_X, _W[:1, :1], _B), idea="A 1×1 filter keeps height and width."),
            ),
            mistakes=(
                (lambda x, w, b: _filtered(x, w, 0), "the biases are missing."),
                (
                    lambda x, w, b: _filtered(x, w, b).transpose(2, 0, 1),
                    "the maps stand first. Stack them along the last axis, as channels.",
                ),
                (_each_channel_alone, "only channel 0 was looked at. Sum over all channels."),
                (
                    lambda x, w, b: _filtered(x, w[::-1, ::-1], b),
                    "the kernels are flipped: that is a true convolution.",
                ),
            ),
        ),
    ),
    hints=(
        "`apply_filter` gives one map. Call it for each filter.",
        "`np.stack(maps, axis=-1)` puts maps side by side as channels.",
    ),
)


def _ignores_brightness(w):
    """What a detector of a change from red to green answers; stops at the first wrong answer."""
    w = finite_array(w, (3, 3, 3))
    red, green, blue = np.eye(3)
    black, white, grey = np.zeros(3), np.ones(3), np.full(3, 0.5)

    def edge(left, right):
        return np.broadcast_to(np.stack([left, left, right])[None], (3, 3, 3))

    cases = [
        ("red left, green right", edge(red, green), 1, "Red on the left and green on the right have to push up."),
        ("green left, red right", edge(green, red), -1, "Mirrored, the answer has to change its sign."),
        ("red everywhere", edge(red, red), 0, "On one colour, each kernel by itself has to add up to 0."),
        ("green everywhere", edge(green, green), 0, "On one colour, each kernel by itself has to add up to 0."),
        ("black left, white right", edge(black, white), 0, "At each place the weights of the channels add up to 0."),
        ("white left, grey right", edge(white, grey), 0, "At each place the weights of the channels add up to 0."),
        ("blue everywhere", edge(blue, blue), 0, "On one colour, each kernel by itself has to add up to 0."),
    ]
    dots = w.sum(axis=2)
    u, v = np.unravel_index(np.abs(dots).argmax(), dots.shape)
    dot = np.zeros((3, 3, 3))
    dot[u, v] = 1
    place = f"a white dot on black at row {u}, column {v}"
    cases.append((place, dot, 0, "At each place the weights of the channels add up to 0."))
    wanted = {1: "a positive number", 0: "0", -1: "a negative number"}
    for name, patch, sign, idea in cases:
        answer = float((patch * w).sum())
        right = abs(answer) < 1e-9 if sign == 0 else answer * sign > 1e-9
        yield Result(right, f"{name}: {answer:.3g}, {'right.' if right else f'expected {wanted[sign]}. {idea}'}")
        if not right:
            return


def _colours(*kernels):
    return np.stack(kernels, axis=-1)


_STEP = np.array([[-1, 0, 1]] * 3)
_LATE = np.array([[0, 1, -1]] * 3)
_NONE = np.zeros((3, 3), int)
_BELOW = np.array([[0, 0, 0], [0, 0, 0], [0, 1, 0]])

colour_edge = Exercise(
    "colour_edge",
    "A filter that finds a change from red to green and no change of brightness.",
    fields=(
        Judged(
            "w",
            _ignores_brightness,
            lambda: _colours(-_STEP, _STEP, _NONE),
            mistakes=(
                (lambda: _colours(_STEP, -_STEP, _NONE), "red left, green right: -6, expected a positive"),
                (lambda: _colours(_NONE, _STEP, _NONE), "black left, white right: 3, expected 0"),
                (
                    lambda: _colours(-_STEP.clip(max=0), _STEP.clip(0), _NONE),
                    "green left, red right: 0, expected a neg",
                ),
                (lambda: _colours(_NONE, _STEP + _BELOW, _NONE), "green everywhere: 1, expected 0"),
                (lambda: _colours(_LATE, _STEP, _NONE), "a white dot on black at row 0, column 0: -1, expected 0"),
                (lambda: _STEP, "expected shape (3, 3, 3)"),
            ),
        ),
    ),
    hints=(
        "A filter has one kernel a channel: decide for red, green and blue separately.",
        "The green kernel finds green that begins on the right, the red one red that ends there.",
        "Grey has equal red, green and blue: at each place the three weights have to cancel.",
    ),
)


read_summary = Exercise(
    "read_summary",
    "What three lines of a summary say about the layers behind them.",
    fields=(
        Number(
            "channels",
            12,
            mistakes=(
                (109, "that is the size of one filter with its bias: take the bias away and divide by 9."),
                (108, "those are the weights of one filter. It has 9 for each channel."),
                (1, "one channel would be (9 + 1) · 12 = 120 parameters."),
                (3, "three channels would be (27 + 1) · 12 = 336 parameters."),
            ),
            idea="1308 parameters shared by 12 filters are 109 each, bias included; nine weights a channel.",
        ),
        Number(
            "strides",
            3,
            mistakes=(
                (1, "with stride 1 the map would have 24 rows."),
                (2, "with stride 2 the map would have 12 rows."),
                (4, "with stride 4 the map would have 6 rows."),
            ),
            idea="⌊(26 − 3) / s⌋ + 1 has to be 8.",
        ),
        Choice(
            "has_bias",
            False,
            mistakes=((True, "with biases 16 filters of 1×1 on 32 channels have 528 parameters."),),
            idea="answer True or False: 16 filters, 32 channels, one weight each.",
        ),
    ),
    hints=(
        "Divide the parameters by the number of filters.",
        "Line b: 26 rows become 8. Line c: 512 = 16 · 32, and what would the biases add?",
    ),
)


def _swapped(w):
    return w[:, :, ::-1]


_RGB = _RNG.integers(-3, 4, (3, 3, 3, 2))

other_order = Exercise(
    "other_order",
    "Filters trained on RGB, rewritten for BGR.",
    fields=(
        Code(
            "for_bgr",
            _swapped,
            cases=(
                Case("3×3 filters", (_RGB,), idea="Reverse the axis of input channels, and no other."),
                Case("1×1 filters", (_RGB[:1, :1],), idea="Reverse the axis of input channels, and no other."),
            ),
            mistakes=(
                (lambda w: w, "nothing has changed: red weights would meet blue."),
                (lambda w: w[..., ::-1], "the filters have changed their order. Reverse the input channels."),
                (lambda w: w[::-1, ::-1], "rows and columns are reversed: that flips the kernels."),
            ),
        ),
    ),
    hints=(
        "The shape is (rows, columns, input channels, filters). Which axis meets red, green and blue?",
        "`w[:, :, ::-1]` reverses the third axis.",
    ),
)


def _is_plan(answer):
    """Whether a plan keeps the budget, and its total has been counted rightly."""
    shape = "give (plan, total): a list of (kernel_size, filters), and a whole number."
    try:
        plan, total = answer
        pairs = [tuple(int(value) for value in pair) for pair in plan]
        if [tuple(pair) for pair in plan] != pairs or any(len(pair) != 2 for pair in pairs):
            raise UnfitError(shape)
        total = int(total)
    except (TypeError, ValueError, OverflowError):
        raise UnfitError(shape) from None
    if not pairs or min(min(pair) for pair in pairs) < 1 or len(pairs) > 50:
        raise UnfitError(shape)
    channels, count = 3, 0
    for k, filters in pairs:
        count += (k * k * channels + 1) * filters
        channels = filters
    count += (channels + 1) * 10
    enough = sum(k >= 3 for k, _ in pairs)
    yield Result.of(enough >= 3, f"convolutions of 3×3 or more: {enough}", "at least three are asked for.")
    yield Result.of(channels >= 32, f"last filters: {channels}", "at least 32 maps are asked for at the end.")
    said = "count again, (k²C + 1)C′ for each line, C being the filters of the line before; then 10 neurons."
    yield Result.of(total == count, f"total {total}", said)
    dear = "most of them are where both C and C′ are large."
    yield Result(count < 5000, f"under 5000: {'right.' if count < 5000 else f'no, {dear}'}")


project = Exercise(
    "project",
    "A network for colour pictures under 5000 parameters, counted by hand.",
    fields=(
        Judged(
            "answer",
            _is_plan,
            lambda: ([(3, 8), (3, 12), (3, 32)], 4918),
            mistakes=(
                (lambda: ([(3, 8), (3, 12), (3, 32)], 4588), "total 4588: count again"),
                (lambda: ([(3, 16), (3, 32), (3, 32)], 14666), "under 5000: no"),
                (lambda: ([(3, 8), (3, 32)], 2890), "convolutions of 3×3 or more: 2"),
                (lambda: ([(3, 8), (3, 12), (3, 16)], 3014), "last filters: 16"),
                (lambda: [(3, 8)], "give (plan, total)"),
            ),
        ),
    ),
    hints=(
        "The last convolution costs most: it has many filters, and each sees all channels before it.",
        "Start with few filters. The first layer of 8 filters has (27 + 1) · 8 = 224 parameters.",
    ),
)
