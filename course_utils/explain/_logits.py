"""Where the logits of a classifier are: found by what its last functions do to numbers, not by what they are called.

A network may end in its logits, in softmax or sigmoid, or in further steps behind these that keep the order of the
classes (a reshape, a clip, a cast). The functions between the last layer with weights and the output are therefore tried
on numbers: does the number that comes out equal the softmax of the number that went in? What cannot be known, because
nobody can see into a layer of one's own, is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.anatomy._operations import ACTIVATIONS, WINDOWS, WITHOUT_PRODUCTS, known_kind
from course_utils.explain._steps import Step, to_numpy

KNOWN = WITHOUT_PRODUCTS | WINDOWS | {"Dense", "EinsumDense"}
"""Layers that end in the activation they are given, and in nothing that cannot be seen."""
LARGE = 1e3
"""Factor that pushes a function of its own towards its limits, if it has any."""


@dataclass(frozen=True)
class _Stage:
    """A function of one value on the way to the output, the value that went in, and its name for messages."""

    function: Callable
    value: object
    name: str


def logits_of(model, steps: Sequence[Step], output):
    """The numbers, shape (N, K), before the softmax or sigmoid that a model may end in.

    A single column z stands for two classes, whose logits are then -z and z.

    Raises
    ------
    ValueError
        If the output is not a number a class, or it cannot be known what the logits are.
    """
    import keras

    shape, classes = tuple(output.shape), output.shape[-1]
    if len(shape) < 2 or np.prod(shape[1:]) != classes:
        raise ValueError(f"the model {model.name!a} gives shape {shape}; expected (N, K), a number a class")
    if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(output.dtype)):
        raise ValueError(f"the model {model.name!a} gives whole numbers; expected (N, K), a number a class")
    with keras.StatelessScope():  # Layers are called again to try them, and must not remember it.
        made = _makers(steps)
        stages, source = _last_stages(output, made)
        if source is None and not stages and all(output is not value for step in steps[:1] for value in step.inputs):
            raise _unknown(model, "ends in one of several outputs of a layer")
        logits = _before_squashing(stages)
        if logits is None:
            _check_are_logits(model, stages, source, made, output)
            logits = output
    logits = keras.ops.reshape(logits, (shape[0], classes))
    return keras.ops.concatenate([-logits, logits], axis=1) if classes == 1 else logits


def _makers(steps: Sequence[Step]) -> dict[int, Step]:
    """The step that each value comes from; dropout, for one, hands its input on, and made nothing."""
    made: dict[int, Step] = {}
    for step in steps:
        if all(step.output is not value for value in step.inputs):
            made.setdefault(id(step.output), step)
    return made


def _last_stages(output, made: dict[int, Step]) -> tuple[list[_Stage], Step | None]:
    """Functions of one value at the end, first one first, and the step in front of them.

    They reach back to a layer with weights, whose own activation is the first of them, to a join of several values, or
    to where the number of entries changes.
    """
    stages: list[_Stage] = []
    step = made.get(id(output))
    while step and _is_function(step) and _entries(step.inputs[0]) == _entries(step.output):
        stages.insert(0, _Stage(_of_one(step), step.inputs[0], type(step.operation).__name__))
        step = made.get(id(step.inputs[0]))
    activation = _activation(step) if step else None
    if activation is not None:
        stages.insert(0, activation)
    return stages, step


def _is_function(step: Step) -> bool:
    weighted = bool(getattr(step.operation, "weights", ())) and known_kind(step.operation) not in ACTIVATIONS
    return len(step.inputs) == 1 and not weighted


def _of_one(step: Step) -> Callable:
    return lambda value: step.again([value])


def _entries(value) -> int:
    return int(np.prod(value.shape[1:]))


def _activation(step: Step) -> _Stage | None:
    """The activation function that a layer with weights ends in, and the value before it.

    A copy of the layer shares its weights and has no activation. It is believed only where the two, one after the
    other, give what the layer gives.
    """
    layer = step.operation
    activation = vars(layer).get("activation")
    if not callable(activation) or not layer.weights:
        return None
    twin = object.__new__(type(layer))
    vars(twin).update(vars(layer) | {"activation": lambda value: value})
    before = step.again(step.inputs, twin)
    if before.shape != step.output.shape or not _equal(to_numpy(activation(before)), to_numpy(step.output)):
        return None
    return _Stage(activation, before, getattr(activation, "__name__", type(activation).__name__))


# --- what a function does to numbers


def _before_squashing(stages: Sequence[_Stage]):
    """The value that goes into softmax or sigmoid, whatever these are written as; None if there is neither."""
    for start, stage in enumerate(stages):
        for stop in range(len(stages), start, -1):
            rest = stages[stop:]
            if _is_squashing(stages[start:stop]) and (not rest or _keeps_order(rest)):
                return stage.value
    return None


def _is_squashing(stages: Sequence[_Stage]) -> bool:
    z = _probe(stages[0].value)
    found = _apply(stages, z)
    if sum(size > 1 for size in z.shape[1:]) < 2:
        z = z.reshape(len(z), -1)
    if z.shape[-1] == 1 and np.ptp(found) == 0:
        return False  # The softmax of a single number is 1, whatever the number.
    exponentials = np.exp(z)
    softmax, sigmoid = exponentials / exponentials.sum(axis=-1, keepdims=True), 1 / (1 + 1 / exponentials)
    squashed = (softmax, np.log(softmax), sigmoid, np.log(sigmoid))
    return any(_equal(found.ravel(), one.ravel()) for one in squashed)


def _keeps_order(stages: Sequence[_Stage]) -> bool:
    """Whether larger shares stay larger, or become equal, as behind a reshape or a clip."""
    shares = _probe(stages[0].value)
    shares = (np.argsort(np.argsort(shares, axis=None)) + 1).reshape(shares.shape) / (shares.size + 1)
    found = _apply(stages, shares)
    return (
        found.size == shares.size
        and np.ptp(found) > 0
        and (np.diff(found.ravel()[shares.argsort(axis=None)]) >= 0).all()
    )


def _is_affine(stages: Sequence[_Stage]) -> bool:
    """Whether functions only scale and shift, and so leave logits logits."""
    if not stages:
        return True
    one = _probe(stages[0].value)
    other = one[::-1, ..., ::-1] * -3
    sums = _apply(stages, one) + _apply(stages, other), _apply(stages, one + other) + _apply(stages, 0 * one)
    return np.ptp(sums[0]) > 0 and _equal(*sums)


def _probe(value) -> np.ndarray:
    """Numbers of both signs in the shape of a value."""
    return np.random.default_rng(0).normal(size=tuple(value.shape)) * 2


def _apply(stages: Sequence[_Stage], numbers: np.ndarray) -> np.ndarray:
    import keras

    value = keras.ops.cast(numbers, stages[0].value.dtype)
    for stage in stages:
        value = stage.function(value)
    return to_numpy(value).astype(np.float64)


def _equal(found: np.ndarray, expected: np.ndarray) -> bool:
    """As far as half precision can tell."""
    largest = float(np.abs(expected[np.isfinite(expected)]).max(initial=0))
    return found.shape == expected.shape and np.allclose(
        found, expected, rtol=5e-3, atol=2e-3 * largest, equal_nan=True
    )


# --- an output that is no softmax or sigmoid of something


def _check_are_logits(model, stages, source: Step | None, made: dict[int, Step], output) -> None:
    """Raise ValueError unless an output behind which no softmax was found can be known to be logits."""
    if not _is_affine(stages):
        curved = max((number for number, stage in enumerate(stages) if not _is_affine([stage])), default=0)
        raise _unknown(model, f"ends in {', then '.join(stage.name.lower() for stage in stages[curved:])}")
    if source and known_kind(source.operation) not in KNOWN and not _is_unbounded(source):
        name = type(source.operation).__name__
        raise _unknown(model, f"ends in {source.path!a}, and what {name} ends in cannot be seen from outside")
    rows = to_numpy(output).reshape(len(output), -1).astype(np.float64)
    are_shares = rows.shape[1] > 1 and rows.min() >= -1e-3 and np.allclose(rows.sum(axis=1), 1, rtol=0, atol=1e-3)
    if are_shares or (source and _is_made_of_shares(source, made)):
        raise _unknown(model, "gives probabilities that no softmax or sigmoid at its end has made")


def _unknown(model, what: str) -> ValueError:
    return ValueError(
        f"the model {model.name!a} {what}; expected logits, softmax or sigmoid at the end. "
        "A model that ends earlier can be cut out: keras.Model(model.inputs, model.get_layer(name).output)"
    )


def _is_unbounded(step: Step) -> bool:
    """Whether a layer's output leaves the range of all squashing functions, on both sides, for large inputs."""
    pushed = [to_numpy(step.again([value * factor for value in step.inputs])) for factor in (LARGE, -LARGE)]
    return max(array.max() for array in pushed) > 1 and min(array.min() for array in pushed) < -1


def _is_made_of_shares(step: Step, made: dict[int, Step]) -> bool:
    """Whether all that goes into a join or a pooling has come out of softmax or sigmoid."""
    if getattr(step.operation, "weights", ()):
        activation = _activation(step)
        return activation is not None and _is_squashing([activation])
    stage = [_Stage(_of_one(step), step.inputs[0], "")] if _is_function(step) else []
    if stage and _entries(step.inputs[0]) == _entries(step.output) and _is_squashing(stage):
        return True
    makers = [made.get(id(value)) for value in step.inputs]
    return bool(makers) and all(maker is not None and _is_made_of_shares(maker, made) for maker in makers)
