"""The layers of a model in the order in which they are called, nested models unfolded, with shapes and receptive fields.

This is the one file that looks into Keras's own bookkeeping: which call of which layer a symbolic tensor comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.anatomy._costs import is_weighted, multiply_adds
from course_utils.anatomy._field import AxisField
from course_utils.anatomy._traces import WHOLE, Call, Trace, Traces, pass_on

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
    walk = _Walk()
    tensors = _input_tensors(model, input_shape)
    names = [tensor._keras_history.operation.name for tensor in model.inputs]
    last = channels_last(model)
    ranks = {rank for rank in (_window_rank(operation) for operation in _operations(model)) if rank}
    values = []
    for name, reference, tensor in zip(names, model.inputs, tensors, strict=True):
        traces = {
            (name, number): Trace(axis, AxisField()) for number, axis in enumerate(_spatial_axes(tensor, ranks, last))
        }
        values.append(walk.enter(name, reference._keras_history.operation, [], [tensor], [traces])[0])
    outputs = walk.run(model, values, "")
    return Anatomy(model, walk.steps, names, [value.step for value in outputs])


def check_model(model) -> None:
    """Raise ValueError unless ``model`` is a Keras model whose graph of layers is known."""
    import keras

    if not isinstance(model, keras.Model):
        raise ValueError(f"model={model!r}: expected a keras.Model")
    if has_graph(model):
        return
    if isinstance(model, keras.Sequential):
        raise ValueError(
            f"model {model.name!r} is not built, so its shapes are not known: "
            "let it begin with keras.Input(shape), or call model.build((None, *shape))"
        )
    raise ValueError(
        f"model {model.name!r} calls its layers in code of its own ({type(model).__name__}.call), which leaves no graph "
        "to follow; expected a functional or Sequential model"
    )


def has_graph(operation) -> bool:
    """Whether an operation is a model made of layers that can be followed."""
    import keras

    return isinstance(operation, keras.Model) and bool(
        getattr(operation, "inputs", None) and getattr(operation, "outputs", None)
    )


class _Walk:
    """Collects steps."""

    def __init__(self):
        self.steps: list[Step] = []
        self.calls: dict[str, int] = {}
        self.counted: set[int] = set()

    def run(self, model, values: Sequence[Value], prefix: str) -> list[Value]:
        """Values of the model's outputs for values of its inputs."""
        import keras

        known = {id(tensor): value for tensor, value in zip(model.inputs, values, strict=True)}
        for node in nodes(model):
            inputs = [known[id(tensor)] for tensor in node.input_tensors]
            path = f"{prefix}{node.operation.name}"
            if has_graph(node.operation):
                outputs = self.run(node.operation, inputs, f"{path}/")
            else:
                args, kwargs = node.arguments.fill_in({key: value.tensor for key, value in known.items()})
                tensors = node.outputs
                if any(
                    value.tensor.shape != tensor.shape for value, tensor in zip(inputs, node.input_tensors, strict=True)
                ):
                    tensors = keras.tree.flatten(node.operation.compute_output_spec(*args, **kwargs))
                before, after = (
                    [tuple(value.tensor.shape) for value in inputs],
                    [tuple(tensor.shape) for tensor in tensors],
                )
                traces = pass_on(Call(node.operation, args, kwargs, before, after, [value.traces for value in inputs]))
                outputs = self.enter(path, node.operation, inputs, tensors, traces)
            known |= {id(tensor): value for tensor, value in zip(node.outputs, outputs, strict=True)}
        return [known[id(tensor)] for tensor in model.outputs]

    def enter(self, path, operation, inputs, tensors, traces) -> list[Value]:
        """Add a step; returns the values of its outputs."""
        self.calls[path] = self.calls.get(path, 0) + 1
        path = path if self.calls[path] == 1 else f"{path} [{self.calls[path]}]"
        number = len(self.steps)
        depth = _depth(inputs) + is_weighted(operation)
        outputs = [Value(tensor, number, trace, depth) for tensor, trace in zip(tensors, traces, strict=True)]
        parents = tuple(dict.fromkeys(value.step for value in inputs))
        step = Step(path, operation, parents, tuple(inputs), tuple(outputs))
        weights = {id(weight): weight for weight in getattr(operation, "weights", ()) if id(weight) not in self.counted}
        self.counted |= set(weights)
        step.parameters = sum(_size(weight.shape) for weight in weights.values())
        step.non_trainable = sum(_size(weight.shape) for weight in weights.values() if not weight.trainable)
        if inputs:
            step.multiply_adds = multiply_adds(operation, inputs[0].shape, outputs[0].shape)
        self.steps.append(step)
        return outputs


def _depth(inputs: Sequence[Value]) -> int:
    """Layers before a join: those of its longest branch, branches from a pooling of the whole picture left out."""
    parts = [value.depth for value in inputs if any(trace != WHOLE for trace in value.traces.values())]
    return max(parts or [value.depth for value in inputs], default=0)


def _size(shape) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def nodes(model) -> list:
    """Calls between a model's inputs and outputs, each after those it needs, branch after branch."""
    known = {id(tensor) for tensor in model.inputs}
    ordered, entered = [], set()
    stack = [_node(tensor) for tensor in reversed(model.outputs) if id(tensor) not in known]
    while stack:
        node = stack[-1]
        missing = [tensor for tensor in node.input_tensors if id(tensor) not in known]
        if id(node) in entered and not missing:
            stack.pop()
        elif missing:
            entered.add(id(node))
            stack.append(_node(missing[0]))
            continue
        else:
            stack.pop()
        if not all(id(tensor) in known for tensor in node.outputs):
            ordered.append(node)
            known |= {id(tensor) for tensor in node.outputs}
    return ordered


def _node(tensor):
    operation, number, _ = tensor._keras_history
    return operation._inbound_nodes[number]


def _operations(model) -> list:
    """All operations of a model and of the models in it."""
    found = []
    for node in nodes(model):
        found += _operations(node.operation) if has_graph(node.operation) else [node.operation]
    return found


def _window_rank(operation) -> int:
    """Rank of the inputs of a layer that moves windows, such as 4 for two-dimensional ones; 0 for other layers."""
    name = type(operation).__name__
    digits = [int(letter) for letter in name if letter.isdigit()]
    return digits[0] + 2 if digits and name.startswith(WINDOWED) else 0


def channels_last(model) -> bool:
    layouts = [operation.data_format for operation in _operations(model) if getattr(operation, "data_format", None)]
    return not layouts or layouts[0] == "channels_last"


def _spatial_axes(tensor, ranks: set[int], channels_last: bool) -> range:
    """Axes of an input along which receptive fields are measured."""
    rank = len(tensor.shape)
    if rank == 3 and 4 in ranks and 3 not in ranks:
        return range(1, 3)  # Grey pictures to which the model itself adds an axis of channels.
    return range(1, rank - 1) if channels_last else range(2, rank)


def _input_tensors(model, input_shape) -> list:
    import keras

    shapes = [None] * len(model.inputs)
    if input_shape is not None:
        shapes = [input_shape] if isinstance(input_shape[0], int) else list(input_shape)
    if len(shapes) != len(model.inputs):
        raise ValueError(
            f"input_shape={input_shape!r}: the model has {len(model.inputs)} inputs; expected a shape for each"
        )
    tensors = []
    for reference, shape in zip(model.inputs, shapes, strict=True):
        own = tuple(reference.shape[1:])
        if shape is None and None in own:
            raise ValueError(
                f"input {reference.name!r} has shape {own}, which leaves sizes open: "
                "say for which sizes with input_shape=, such as input_shape=(224, 224, 3)"
            )
        if shape is not None and (
            len(shape) != len(own)
            or any(not isinstance(size, int) or size < 1 for size in shape)
            or any(size not in (None, given) for size, given in zip(own, shape, strict=True))
        ):
            raise ValueError(
                f"input_shape={input_shape!r}: input {reference.name!r} takes {own}, without the batch axis"
            )
        tensors.append(keras.KerasTensor((reference.shape[0], *(shape or own)), dtype=reference.dtype))
    return tensors
