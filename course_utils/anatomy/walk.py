"""The walk over a model's graph of layers that all who follow a model share.

This is the one file that looks into Keras's own bookkeeping: which call of which layer a symbolic tensor comes from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from course_utils._arguments import refuse


@dataclass(frozen=True)
class LayerCall:
    """One call of one layer or operation, on the way through a model.

    Attributes
    ----------
    path : str
        Its name, after the names of the models it lies in; ``[2]`` marks the second call.
    operation : keras.Operation
    inputs : tuple
        What earlier calls gave, in the order of ``tensors``.
    tensors, outputs : tuple of keras.KerasTensor
        The symbolic tensors that go in and come out.
    """

    path: str
    operation: object
    inputs: tuple
    tensors: tuple
    outputs: tuple
    _node: object = field(repr=False)

    def arguments(self, values: Sequence) -> tuple[tuple, dict]:
        """Positional and keyword arguments of the call, with ``values`` in place of ``tensors``."""
        named = {id(tensor): value for tensor, value in zip(self.tensors, values, strict=True)}
        return self._node.arguments.fill_in(named)


def check_model(model) -> None:
    """Raise ValueError unless ``model`` is a Keras model whose graph of layers is known."""
    import keras

    if not isinstance(model, keras.Model):
        raise refuse("model", model, "expected a keras.Model")
    if has_graph(model):
        return
    if isinstance(model, keras.Sequential) and _follows_its_graph(model):
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

    return (
        isinstance(operation, keras.Model)
        and _follows_its_graph(operation)
        and bool(getattr(operation, "inputs", None) and getattr(operation, "outputs", None))
    )


def _follows_its_graph(model) -> bool:
    """Whether a model computes what its layers say, and not something of its own in a ``call`` written for it."""
    return type(model).call.__module__.split(".")[0] == "keras"


def walk(model, values: Sequence, visit: Callable[[LayerCall], Sequence]) -> list:
    """Follow a model from its inputs to its outputs, models within it unfolded.

    Parameters
    ----------
    model : keras.Model
        One that :func:`check_model` accepts.
    values : sequence
        What is known of each input: shapes, arrays, whatever ``visit`` takes.
    visit : callable
        Called with each :class:`LayerCall`, after those that it needs; returns what is known of each of its outputs.

    Returns
    -------
    list
        What is known of each output of the model.
    """
    calls: dict[str, int] = {}

    def follow(part, values: Sequence, prefix: str) -> list:
        known = {id(tensor): value for tensor, value in zip(part.inputs, values, strict=True)}
        for node in _nodes(part):
            inputs = tuple(known[id(tensor)] for tensor in node.input_tensors)
            path = f"{prefix}{node.operation.name}"
            if has_graph(node.operation):
                outputs = follow(node.operation, inputs, f"{path}/")
            else:
                calls[path] = calls.get(path, 0) + 1
                path = path if calls[path] == 1 else f"{path} [{calls[path]}]"
                tensors = tuple(node.input_tensors), tuple(node.outputs)
                outputs = visit(LayerCall(path, node.operation, inputs, *tensors, node))
            known |= {id(tensor): value for tensor, value in zip(node.outputs, outputs, strict=True)}
        return [known[id(tensor)] for tensor in part.outputs]

    return follow(model, values, "")


def input_layers(model) -> list:
    """The operation that each input of a model comes from."""
    return [tensor._keras_history.operation for tensor in model.inputs]


def operations(model) -> list:
    """All operations of a model and of the models in it."""
    found = []
    for node in _nodes(model):
        found += operations(node.operation) if has_graph(node.operation) else [node.operation]
    return found


def channels_last(model) -> bool:
    """Whether the layers of a model take their channels as the last axis; they all do as the first that says so."""
    layouts = [operation.data_format for operation in operations(model) if getattr(operation, "data_format", None)]
    return not layouts or layouts[0] == "channels_last"


def _nodes(model) -> list:
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
