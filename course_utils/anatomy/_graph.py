"""The layers of a model in the order in which they are called, nested models unfolded, with shapes and receptive fields."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils._arguments import as_count, as_list, refuse
from course_utils.anatomy._costs import multiply_adds
from course_utils.anatomy._field import AxisField
from course_utils.anatomy._operations import is_weighted
from course_utils.anatomy._traces import WHOLE, Call, Trace, Traces, pass_on
from course_utils.anatomy.walk import LayerCall, channels_last, check_model, input_layers, operations, walk

WINDOWED = ("Conv", "DepthwiseConv", "SeparableConv", "MaxPool", "AveragePool", "ZeroPadding", "UpSampling", "Cropping")


@dataclass
class Value:
    """A tensor on its way through the network."""

    tensor: object
    step: int
    traces: Traces
    depth: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Without the batch axis."""
        return tuple(self.tensor.shape[1:])


@dataclass
class Step:
    """One call of one layer or operation.

    Attributes
    ----------
    path : str
        Its name, after the names of the models it lies in; ``[2]`` marks the second call.
    operation : keras.Operation
    parents : tuple of int
        Steps whose outputs it takes.
    inputs, outputs : tuple of Value
    parameters, non_trainable : int
        Of weights that no earlier step has.
    multiply_adds : int or None
        None if not known.
    """

    path: str
    operation: object
    parents: tuple[int, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    parameters: int = 0
    non_trainable: int = 0
    multiply_adds: int | None = 0


@dataclass
class Anatomy:
    """A model taken apart: its steps, its inputs by name, and the step of each output."""

    model: object
    steps: list[Step]
    inputs: list[str]
    outputs: list[int]


def take_apart(model, input_shape=None) -> Anatomy:
    """Follow the graph of a model from its inputs to its outputs.

    Parameters
    ----------
    model : keras.Model
        Functional or Sequential, built.
    input_shape : tuple of int or sequence of those, optional
        Without the batch axis, for models whose inputs leave sizes open; one tuple for each input.

    Raises
    ------
    ValueError
        If it is no such model, or sizes stay open.
    """
    check_model(model)
    collected = _Steps()
    tensors = _input_tensors(model, input_shape)
    sources = input_layers(model)
    last = channels_last(model)
    ranks = {rank for rank in (_window_rank(operation) for operation in operations(model)) if rank}
    values = []
    for source, tensor in zip(sources, tensors, strict=True):
        axes = enumerate(_spatial_axes(tensor, ranks, last))
        traces = {(source.name, number): Trace(axis, AxisField()) for number, axis in axes}
        values += collected.enter(source.name, source, (), [tensor], [traces])
    outputs = walk(model, values, collected.visit)
    return Anatomy(model, collected.steps, [source.name for source in sources], [value.step for value in outputs])


class _Steps:
    """Collects the steps of a walk."""

    def __init__(self):
        self.steps: list[Step] = []
        self.counted: set[int] = set()

    def visit(self, call: LayerCall) -> list[Value]:
        """Add the step of a call; returns the values of its outputs."""
        import keras

        tensors, inputs = call.outputs, call.inputs
        args, kwargs = call.arguments([value.tensor for value in inputs])
        if any(value.tensor.shape != tensor.shape for value, tensor in zip(inputs, call.tensors, strict=True)):
            try:
                tensors = keras.tree.flatten(call.operation.compute_output_spec(*args, **kwargs))
            except ValueError:
                shapes = ", ".join(str(value.shape) for value in inputs)
                raise ValueError(
                    f"input_shape does not fit: layer {call.path!a} cannot take maps of {shapes}"
                ) from None
        before, after = ([tuple(tensor.shape) for tensor in side] for side in ([v.tensor for v in inputs], tensors))
        traces = pass_on(Call(call.operation, args, kwargs, before, after, [value.traces for value in inputs]))
        return self.enter(call.path, call.operation, inputs, tensors, traces)

    def enter(self, path: str, operation, inputs: tuple[Value, ...], tensors, traces) -> list[Value]:
        """Add a step; returns the values of its outputs."""
        depth = _depth(inputs) + is_weighted(operation)
        outputs = [Value(tensor, len(self.steps), trace, depth) for tensor, trace in zip(tensors, traces, strict=True)]
        parents = tuple(dict.fromkeys(value.step for value in inputs))
        step = Step(path, operation, parents, inputs, tuple(outputs))
        weights = {id(weight): weight for weight in getattr(operation, "weights", ()) if id(weight) not in self.counted}
        self.counted |= set(weights)
        step.parameters = sum(math.prod(weight.shape) for weight in weights.values())
        step.non_trainable = sum(math.prod(weight.shape) for weight in weights.values() if not weight.trainable)
        if inputs:
            step.multiply_adds = multiply_adds(operation, inputs[0].shape, outputs[0].shape)
        self.steps.append(step)
        return outputs


def _depth(inputs: Sequence[Value]) -> int:
    """Layers before a join: those of its longest branch, branches from a pooling of the whole picture left out."""
    parts = [value.depth for value in inputs if any(trace != WHOLE for trace in value.traces.values())]
    return max(parts or [value.depth for value in inputs], default=0)


def _window_rank(operation) -> int:
    """Rank of the inputs of a layer that moves windows, such as 4 for two-dimensional ones; 0 for other layers."""
    name = type(operation).__name__
    digits = [int(letter) for letter in name if letter.isdigit()]
    return digits[0] + 2 if digits and name.startswith(WINDOWED) else 0


def _spatial_axes(tensor, ranks: set[int], channels_last: bool) -> range:
    """Axes of an input along which receptive fields are measured."""
    rank = len(tensor.shape)
    if rank == 3 and 4 in ranks and 3 not in ranks:
        return range(1, 3)  # Grey pictures to which the model itself adds an axis of channels.
    return range(1, rank - 1) if channels_last else range(2, rank)


def _input_tensors(model, input_shape) -> list:
    import keras

    references = model.inputs
    shapes = [None] * len(references) if input_shape is None else _shapes_of(input_shape, references)
    tensors = []
    for reference, shape in zip(references, shapes, strict=True):
        own = tuple(reference.shape[1:])
        if shape is None and None in own:
            raise ValueError(
                f"input {reference.name!a} has shape {own}, which leaves sizes open: "
                "say for which sizes with input_shape=, such as input_shape=(224, 224, 3)"
            )
        tensors.append(keras.KerasTensor((reference.shape[0], *(shape or own)), dtype=reference.dtype))
    return tensors


def _shapes_of(input_shape, references: Sequence) -> list[tuple[int, ...]]:
    """A shape for each input from one shape, or from a list of one for each."""
    takes = ", ".join(f"input {one.name!a} takes {tuple(one.shape[1:])}" for one in references)
    accepted = f"{takes}; give whole numbers, without the batch axis"
    try:
        entries = as_list(input_shape, "input_shape", least=0)
    except ValueError:
        raise refuse("input_shape", input_shape, accepted) from None
    single = not any(isinstance(entry, list | tuple | np.ndarray) for entry in entries)
    shapes = [entries] if single else entries
    if len(shapes) != len(references):
        raise refuse(
            "input_shape", input_shape, f"the model has {len(references)} inputs; expected a shape for each: {accepted}"
        )
    return [
        _shape_of(shape, one, refuse("input_shape", input_shape, accepted))
        for shape, one in zip(shapes, references, strict=True)
    ]


def _shape_of(shape, reference, error: ValueError) -> tuple[int, ...]:
    own = tuple(reference.shape[1:])
    try:
        sizes = tuple(as_count(size, "size") for size in as_list(shape, "shape", least=0))
    except ValueError:
        raise error from None
    if len(sizes) != len(own) or any(size not in (None, given) for size, given in zip(own, sizes, strict=True)):
        raise error
    return sizes
