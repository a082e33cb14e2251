"""A model run layer by layer, as ``predict`` runs it: what went into each layer and what came out."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils._arguments import given, printable
from course_utils.anatomy.walk import LayerCall, walk

REPEATS = 8
"""Calls among which a layer that draws random numbers has to show that they do not matter."""


@dataclass(frozen=True)
class Step:
    """One call of a layer: its name, the layer, the values that went in and came out.

    ``again(inputs)`` gives the (first) output for other inputs, ``again(inputs, layer)`` that of another layer.
    """

    path: str
    operation: object
    inputs: tuple
    output: object
    again: Callable

    @property
    def size(self) -> tuple[int, ...]:
        """Shape of the output without the axis of N."""
        return tuple(self.output.shape[1:])


def run(model, x, watch: Callable = lambda value: None) -> tuple[list[Step], object]:
    """All steps of a model for a batch, and its output; ``watch`` is called with the output of each.

    Layers are called on values, with ``training=False`` as ``predict`` does, so the model's graph stays as it is; its
    variables stay too, whatever its layers assign to them.

    Raises
    ------
    ValueError
        If a layer gives something else each time it is called.
    """
    import keras

    steps: list[Step] = []

    def visit(call: LayerCall) -> list:
        def outputs_for(values: Sequence, operation=call.operation) -> list:
            arguments, options = call.arguments(values)
            if isinstance(operation, keras.layers.Layer):
                options = options | {"training": False}
            return keras.tree.flatten(operation(*arguments, **options))

        state = dict(scope.state_mapping)
        outputs = outputs_for(call.inputs)
        if any(state.get(key) is not value for key, value in scope.state_mapping.items()):
            _check_repeatable(call, outputs_for, outputs)
        watch(outputs[0])
        steps.append(Step(call.path, call.operation, call.inputs, outputs[0], lambda *new: outputs_for(*new)[0]))
        return outputs

    with keras.StatelessScope() as scope:
        (output,) = walk(model, [as_input(model, x)], visit)
    return steps, output


def as_input(model, x):
    """A batch as a tensor of the dtype that a model takes."""
    import keras

    return keras.ops.cast(x, model.inputs[0].dtype)


def _check_repeatable(call: LayerCall, outputs_for: Callable, outputs: list) -> None:
    """Layers draw random numbers also where they do not use them: the outputs decide."""
    for _ in range(REPEATS):
        for one, other in zip(outputs, outputs_for(call.inputs), strict=True):
            if not is_close(to_numpy(other), to_numpy(one)):
                raise ValueError(
                    f"layer {call.path!a} ({type(call.operation).__name__}) gives something else each time it is called, "
                    "even outside training; there is nothing certain to explain"
                )


def check_alone(model, batch: np.ndarray, steps: Sequence[Step], output) -> None:
    """Raise ValueError unless the first picture gets from the model, alone, what it got in the batch."""
    import keras

    with keras.StatelessScope():
        alone = to_numpy(model(as_input(model, batch[:1]), training=False))
    if not is_close(alone, to_numpy(output)[:1], precision=max(_precision(step.output) for step in steps)):
        raise ValueError(
            f"what the model {model.name!a} gives for a picture depends on the pictures beside it, or changes from call to "
            "call; there is nothing certain to explain"
        )


def _precision(tensor) -> float:
    """Distance from 1 to the next number of a tensor's dtype."""
    import keras

    return {"float16": 2**-10, "bfloat16": 2**-7}.get(keras.backend.standardize_dtype(tensor.dtype), 2**-23)


def is_close(found: np.ndarray, expected: np.ndarray, precision: float = 2**-23) -> bool:
    """Equal up to rounding: to the root of the precision, relative to the largest entry."""
    largest = float(np.abs(expected[np.isfinite(expected)]).max(initial=0))
    return found.shape == expected.shape and np.allclose(
        found, expected, rtol=0, atol=precision**0.5 * largest, equal_nan=True
    )


def to_numpy(tensor) -> np.ndarray:
    """A copy as an array; NumPy has no bfloat16, so that becomes float32."""
    import keras

    if keras.backend.standardize_dtype(tensor.dtype) == "bfloat16":
        tensor = keras.ops.cast(tensor, "float32")
    return np.array(keras.ops.convert_to_numpy(tensor))


def find(steps: Sequence[Step], name: str) -> Step:
    """The step of that name, or a ValueError that lists the nearest ones."""
    for step in steps:
        if isinstance(name, str) and step.path == name:
            return step
    names = [step.path for step in steps]
    near = difflib.get_close_matches(name if isinstance(name, str) else "", names, n=3) or names
    raise ValueError(f"the model has no layer {given(name)}; it has {printable(', '.join(near))}")
