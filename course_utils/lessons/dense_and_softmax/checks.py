"""Exercises of the lesson on dense layers and softmax."""

import itertools

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Grid, Judged, Number, Result, keras_model

flat_place = Exercise(
    "flat_place",
    "Where an entry of maps of 7×7 with 64 channels stands after flattening, and which entry stands at place 1000.",
    fields=(
        Number(
            "place",
            1674,
            mistakes=(
                (516, "that is the order of channels first. Here the channels of a place stand side by side."),
                (2442, "rows and columns are exchanged: row 3 comes after three whole rows of seven places."),
                (1738, "there are 3 · 7 + 5 places before this one, not one more."),
                (36, "that counts places and adds the channel: each place before it takes 64 numbers."),
                (1675, "places count from 0."),
                (1161, "row 3 is the fourth: rows, columns and channels count from 0."),
                (26, "26 places come before, and each takes 64 numbers. Then comes the channel."),
            ),
            idea="(iW + j)C + c: how many places come before, times 64, and then the channel.",
        ),
        Grid(
            "entry",
            (2, 1, 40),
            reveal=False,
            mistakes=(
                ((2, 6, 20), "that is the order of channels first. Here one place takes 64 numbers in a row."),
                ((1, 2, 40), "rows and columns are exchanged: place 15 is in row 15 // 7."),
                ((3, 2, 41), "row, column and channel count from 0."),
                ((2, 1, 39), "places count from 0: 1000 is 15 · 64 and 40 more."),
            ),
            idea="(row, column, channel). 1000 // 64 places come before it; what is left over is the channel.",
        ),
    ),
    hints=(
        "Each place takes 64 numbers, and each row of a map has seven places.",
        "Backwards: 1000 = 15 · 64 + 40. In which row and column is place 15?",
    ),
)


def _reordered(w, H, W, C):
    """Weights of a dense layer behind channels-last maps, for channels-first ones."""
    return w.reshape(H, W, C, -1).transpose(2, 0, 1, 3).reshape(H * W * C, -1)


_RNG = np.random.default_rng(0)

other_order = Exercise(
    "other_order",
    "The weights of a dense layer for rows that were flattened channels first.",
    fields=(
        Code(
            "for_channels_first",
            _reordered,
            cases=(
                Case(
                    "maps of 2×3 with 4 channels",
                    (_RNG.integers(-9, 10, (24, 5)), 2, 3, 4),
                    idea="Row (iW + j)C + c of w has to come to place (cH + i)W + j.",
                ),
                Case(
                    "maps of 3×3 with 2 channels",
                    (_RNG.integers(-9, 10, (18, 1)), 3, 3, 2),
                    idea="Row (iW + j)C + c of w has to come to place (cH + i)W + j.",
                ),
                Case(
                    "maps of a single place",
                    (_RNG.integers(-9, 10, (6, 2)), 1, 1, 6),
                    idea="With one place both orders are the same.",
                ),
            ),
            mistakes=(
                (lambda w, H, W, C: w, "nothing has changed: the weights still stand in the old order."),
                (
                    lambda w, H, W, C: w.reshape(C, H, W, -1).transpose(1, 2, 0, 3).reshape(H * W * C, -1),
                    "that is the way back, for weights that were trained with channels first.",
                ),
                (
                    lambda w, H, W, C: w.reshape(H, W, C, -1).transpose(2, 1, 0, 3).reshape(H * W * C, -1),
                    "rows and columns are exchanged as well: keep i before j.",
                ),
                (
                    lambda w, H, W, C: w[::-1],
                    "the rows of w are reversed. Give it four axes first, with w.reshape(H, W, C, -1).",
                ),
                (
                    lambda w, H, W, C: w.reshape(H, W, C, -1).transpose(2, 0, 1, 3),
                    "w has four axes now: put it back into the shape (H·W·C, units).",
                ),
            ),
        ),
    ),
    hints=(
        "A reshape gives w the axes row, column, channel, unit. In which order do the maps have them?",
        "`transpose(2, 0, 1, 3)` brings the channel to the front and leaves the unit where it is.",
    ),
)

_PRINTED = ("logits", "softmax", "softmax, T = 4", "sigmoid", "log softmax")


def _row(name, answer, idea, *mistakes):
    """Which function printed a row."""
    return Choice(name, answer, options=_PRINTED, mistakes=mistakes, idea=idea)


_HOT = "its entries add up to 1, and they lie closer together than those of the other row that does."

printed = Exercise(
    "printed",
    "Which of five outputs of the same network each of five rows shows.",
    fields=(
        _row(
            "a",
            "softmax, T = 4",
            _HOT,
            ("softmax", "another row adds up to 1 and has larger ratios. Which is e^(z − z′)?"),
        ),
        _row(
            "b",
            "sigmoid",
            "all lie between 0 and 1. Add them up.",
            ("softmax", "the row adds up to 1.86, and probabilities of one class among three add up to 1."),
        ),
        _row(
            "c",
            "logits",
            "which row has numbers of both signs?",
            ("log softmax", "a logarithm of a probability is never positive."),
        ),
        _row(
            "d",
            "log softmax",
            "all are negative. What are their exponentials?",
            ("logits", "as logits they would give the same softmax, but not the sigmoids that one row shows."),
        ),
        _row(
            "e",
            "softmax",
            "its entries add up to 1, and the ratio of the first two is that of the logits, e to the 2.5.",
            ("softmax, T = 4", "its ratios are the larger ones: 0.80 / 0.07 is about e to the 2.5, undivided."),
        ),
    ),
    hints=(
        "Signs first: one row has both, one has only negative numbers. Then sums.",
        "Two rows add up to 1. In one the first is about twelve times the second, and e to the 2.5 is 12.2.",
    ),
)


def _task(name, answer, options, idea, *mistakes):
    """The last layer for a task: units and activation."""
    return Choice(name, answer, options=options, mistakes=mistakes, idea=idea)


last_layers = Exercise(
    "last_layers",
    "Units and activation of the last layer for four tasks.",
    fields=(
        _task(
            "breed",
            "120 softmax",
            ("1 none", "120 sigmoid", "120 softmax"),
            "one of many.",
            ("1 none", "the number of a breed is a name: breed 60 is not half of breed 120."),
            ("120 sigmoid", "a dog has one breed here, so the breeds compete."),
        ),
        _task(
            "smoke",
            "1 sigmoid",
            ("1 sigmoid", "1 softmax", "2 sigmoid"),
            "yes or no.",
            ("1 softmax", "softmax of a single logit is 1, whatever the picture."),
            ("2 sigmoid", "two units that judge for themselves can say yes and no at once. One is enough."),
        ),
        _task(
            "animals",
            "20 sigmoid",
            ("1 sigmoid", "20 sigmoid", "20 softmax"),
            "any number of 20.",
            ("20 softmax", "two animals in one photo could not both get more than 1/2, and there could not be none."),
            ("1 sigmoid", "one unit answers one question, and there are 20."),
        ),
        _task(
            "nose",
            "2 none",
            ("1 softmax", "2 none", "2 sigmoid"),
            "how much, twice.",
            ("2 sigmoid", "a sigmoid stays below 1, and a row may be 150."),
            ("1 softmax", "two numbers are asked for."),
        ),
    ),
    hints=(
        "Ask of each task: does one class exclude the others? Is it a number of any size?",
        "One of many: softmax. Each for itself: sigmoid. Any number: no activation.",
    ),
)


def _loss(z, y):
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


def _naive(z, y):
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def _clipped(z, y):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


_YES = np.array([1.0, 0.0, 1.0, 0.0])

yes_no_loss = Exercise(
    "yes_no_loss",
    "The loss of yes-or-no questions from logits, finite for every logit.",
    fields=(
        Code(
            "yes_no_loss",
            _loss,
            cases=(
                Case("small logits", (np.array([0.0, 0.5, -2.0, 3.0]), _YES), idea="The loss is ln(e^z + 1) − z·y."),
                Case(
                    "logits of 1000",
                    (np.array([1000.0, 1000.0, 1000.0, 1000.0]), _YES),
                    idea="Subtract the larger of z and 0 before exp: ln(e^z + e^0) = m + ln(e^(z − m) + e^(−m)).",
                ),
                Case(
                    "logits of -1000",
                    (np.array([-1000.0, -1000.0, -1000.0, -1000.0]), _YES),
                    idea="Here the larger of z and 0 is 0: e^z is 0, and e^(−z) overflows.",
                ),
            ),
            mistakes=(
                (_naive, "right for small logits, but a probability of 0 or 1 has no usable logarithm."),
                (_clipped, "clipped at 1e-7: mistakes of 20 and of 1000 cost the same, 16.1."),
                (lambda z, y: _loss(z, 1 - y), "yes and no are exchanged: y = 1 is yes."),
                (
                    lambda z, y: np.log(np.exp(z) + 1) - z * y,
                    "e to the 1000 overflows: subtract the larger of z and 0.",
                ),
                (lambda z, y: np.logaddexp(z, 0) - z, "that is the loss of a yes for every question: use y."),
                (
                    lambda z, y: np.maximum(z, 0) - z * y,
                    "right only for large logits: the logarithm is missing. At z = 0 the loss is ln 2.",
                ),
                (lambda z, y: _loss(z, y).mean(), "one loss for each question is asked for, not their mean."),
            ),
        ),
    ),
    hints=(
        "Softmax of (z, 0): minus the logarithm of the probability of a yes is ln(e^z + e^0) − z.",
        "`np.logaddexp(z, 0)` is ln(e^z + e^0) without overflow.",
    ),
)

_SHAPE, _CLASSES, _BUDGET = (12, 12, 48), 20, 9000


_FIRST, _LAST, _ACROSS = (0, 1, 2, 3), (8, 9, 10, 11), 6


def _hidden_move(model, *, down):
    """Two rows (or columns), one of the first four and one of the last, between which a spot may move unnoticed; or None."""
    spots = 5 * np.random.default_rng(0).normal(size=(8, _SHAPE[2])).astype("float32")
    lines = _FIRST + _LAST
    maps = np.zeros((len(lines), len(spots), *_SHAPE), "float32")
    for number, line in enumerate(lines):
        row, column = (line, _ACROSS) if down else (_ACROSS, line)
        maps[number, :, row, column] = spots
    answers = np.asarray(model(maps.reshape(-1, *_SHAPE))).reshape(*maps.shape[:2], -1)
    told = np.abs(answers[:4, None] - answers[None, 4:]).max(axis=(2, 3)) > 1e-4 * max(np.abs(answers).max(), 1e-30)
    return next(
        (move for move, seen in zip(itertools.product(_FIRST, _LAST), told.flat, strict=True) if not seen), None
    )


def _no_logits(model):
    """What an activation at the end of a model does to its outputs, or None."""
    maps = 5 * np.random.default_rng(0).normal(size=(64, *_SHAPE)).astype("float32")
    answers = np.asarray(model(maps))
    if answers.min() < 0:
        return None
    return (
        "the outputs add up to 1: that is softmax."
        if np.allclose(answers.sum(1), 1, atol=1e-4)
        else "none is negative."
    )


def _is_head(model):
    """Whether a model is a head that keeps the budget and still tells top from bottom and left from right."""
    model = keras_model(model)
    shapes = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    yield Result.of(shapes[0] == _SHAPE, f"input shape {shapes[0]}", f"start with keras.Input({_SHAPE}).")
    yield Result.of(shapes[1] == (_CLASSES,), f"output shape {shapes[1]}", "end with a dense layer of 20 logits.")
    count = model.count_params()
    dear = "each place that is left costs 48 · 20 weights. How many places can you afford?"
    yield Result(count <= _BUDGET, f"parameters {count}: {'right.' if count <= _BUDGET else dear}")
    if shapes != (_SHAPE, (_CLASSES,)):
        return
    problem = _no_logits(model)
    yield Result.of(not problem, "logits", f"{problem} Leave the activation out.")
    for name, lines, down in (("top and bottom", "row", True), ("left and right", "column", False)):
        move = _hidden_move(model, down=down)
        way = f"from {lines} {move[0]} to {lines} {move[1]}" if move else ""
        blind = f"a spot may move {way} and no logit changes. Too much is averaged, or not looked at."
        yield Result.of(move is None, f"telling {name} apart", blind)


def _network(*described):
    """A maker of a network of these layers, each a name and its arguments."""

    def build():
        import keras

        layers = [getattr(keras.layers, name)(*arguments) for name, *arguments in described]
        return keras.Sequential([keras.Input(_SHAPE), *layers])

    return build


head_on_a_budget = Exercise(
    "head_on_a_budget",
    "A head from maps of 12×12×48 to 20 logits with at most 9000 parameters that still knows where.",
    fields=(
        Judged(
            "head",
            _is_head,
            _network(["AveragePooling2D", 4], ["Flatten"], ["Dense", 20]),
            mistakes=(
                (_network(["GlobalAveragePooling2D"], ["Dense", 20]), "telling top and bottom apart: a spot may"),
                (
                    _network(["AveragePooling2D", (4, 12)], ["Flatten"], ["Dense", 20]),
                    "telling left and right apart: a spot may",
                ),
                (_network(["Flatten"], ["Dense", 20]), "parameters 138260: each place"),
                (_network(["AveragePooling2D", 4], ["Flatten"], ["Dense", 10]), "end with a dense layer of 20"),
                (_network(["AveragePooling2D", 4], ["Flatten"], ["Dense", 20, "softmax"]), "that is softmax"),
                (_network(["AveragePooling2D", 4], ["Flatten"], ["Dense", 20, "sigmoid"]), "none is negative"),
                (
                    _network(["Conv2D", 8, 3, 4], ["GlobalAveragePooling2D"], ["Dense", 20]),
                    "telling top and bottom apart: a spot may move from row 0 to row 8",
                ),
                (lambda: "a head", "of type str: build a keras.Sequential"),
            ),
        ),
    ),
    hints=(
        "Flatten keeps 144 places, global average pooling one. Something in between?",
        "Average 4×4 places each: 3 · 3 places of 48 channels are left.",
    ),
)
