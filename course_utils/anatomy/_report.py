"""What a reader wants to know of a network: its layers, what a unit sees, and the sums."""

from dataclasses import dataclass, field
from fractions import Fraction

from course_utils._arguments import as_count, given, refuse
from course_utils.anatomy._costs import size_in_bytes
from course_utils.anatomy._field import AxisField
from course_utils.anatomy._graph import Anatomy, Step, Value, take_apart
from course_utils.anatomy._traces import LOST, WHOLE, is_followed

COUNTS = ("parameters", "non_trainable", "multiply_adds", "activation_bytes")


@dataclass(frozen=True)
class ReceptiveField:
    """What the units of a feature map see of an input picture.

    Attributes
    ----------
    layer, input : str
        Names of the layer and of the input.
    size : tuple of int
        (rows, columns) from the first to the last pixel that one unit sees; of the unit that sees most.
    stride : tuple of int or Fraction
        Pixels from the field of one unit to that of the next, the product of all strides; 1/2 after an upsampling.
    start : tuple of int
        First row and column that unit (0, 0) sees; negative where padding stands before the picture.
    axes : tuple of AxisField
        Along each spatial axis, what each unit sees.
    units : tuple of int
        Rows and columns of the feature map.
    """

    layer: str
    input: str
    size: tuple[int, ...]
    stride: tuple[int | Fraction, ...]
    start: tuple[int, ...]
    axes: tuple[AxisField, ...] = field(repr=False)
    units: tuple[int, ...] = field(repr=False)

    def window(self, *unit: int) -> tuple[tuple[int, int], ...]:
        """First and last row, first and last column that a unit sees, padding included.

        Parameters
        ----------
        *unit : int
            Its row and column.

        Raises
        ------
        ValueError
            If there are not as many numbers as the map has spatial axes, the map has no such unit, or the unit sees nothing
            of the picture.
        """
        if len(unit) != len(self.axes):
            raise ValueError(f"unit {given(unit)}: expected {len(self.axes)} numbers, one for each spatial axis")
        unit = tuple(
            as_count(place, "unit", least=0, most=(n or 2**31) - 1) for place, n in zip(unit, self.units, strict=True)
        )
        window = tuple(axis.at(position) for axis, position in zip(self.axes, unit, strict=True))
        if None in window:
            raise ValueError(f"unit {unit} of layer {self.layer!a} sees nothing of the picture")
        return window


@dataclass(frozen=True)
class Totals:
    """A network in a few numbers.

    Attributes
    ----------
    parameters, non_trainable : int
        All parameters, and those of them that are not trained.
    multiply_adds : int
        Of convolutions and dense layers, for one image.
    activation_bytes : int
        Memory of all outputs of layers, for one image.
    depth : int
        Convolutions and dense layers on the longest way from an input to an output.
    receptive_field : ReceptiveField or None
        Of the last feature map before global pooling or flattening; None if there is none.
    not_counted : tuple of str
        Layers whose multiply-adds are not known and therefore missing.
    """

    parameters: int
    non_trainable: int
    multiply_adds: int
    activation_bytes: int
    depth: int
    receptive_field: ReceptiveField | None
    not_counted: tuple[str, ...] = ()


def summary(model, *, input_shape=None):
    """A table of the layers of a Keras model: shapes, parameters, multiply-adds, receptive fields, memory.

    Parameters
    ----------
    model : keras.Model
        Functional or Sequential. Models in it are unfolded; their layers are called ``model/layer``.
    input_shape : tuple of int, optional
        (rows, columns, channels), if the model leaves them open; a sequence of such shapes for several inputs.

    Returns
    -------
    pandas.DataFrame
        A row for each call of a layer, in order of computation, branch after branch. Columns:

        ``layer``, ``type``
            Name, and Keras class.
        ``output_shape``
            Without the batch axis; a list of shapes if there are several outputs.
        ``parameters``, ``non_trainable``
            All, and those that are not trained. A layer called twice has them in its first row only; the second row is
            called ``layer [2]``.
        ``multiply_adds``
            For one image. ``<NA>`` for what is not known: attention, recurrent layers, ``Lambda``, your own layers.
        ``receptive_field``, ``stride``
            Pixels of the input that one unit sees, and from the field of one unit to that of the next: a number, or
            (rows, columns) if they differ. "all" where a unit sees the whole input, that is after global pooling, or in
            a dense layer after flattening; "–" where units do not lie in rows and columns; "?" where it is not known.
        ``activation_bytes``
            Memory of the output for one image, as if every output were kept.

    Raises
    ------
    ValueError
        If the model is not built, has no graph of layers, leaves sizes open, or has counts beyond 64 bits.

    Notes
    -----
    Multiply-adds are those of convolutions and dense layers, padding included; biases, normalisation, pooling,
    activation functions and sums of branches are not counted. A transposed convolution multiplies each input entry
    with each weight of its kernel.

    Where branches meet, a unit sees what its branches see together. A branch that begins with global pooling, such as
    squeeze-and-excitation, is left out, and so are the statistics of normalisation layers. What a ``Lambda`` or a layer of
    your own computes cannot be seen from outside: its multiply-adds and what comes after it on the way of a receptive
    field are unknown, unless the layer tells about itself with a method ``anatomy(input_shape)`` returning a dictionary
    with some of ``multiply_adds`` (int), ``kernel_size`` (1 for a layer that acts on each place alone), ``strides``,
    ``padding`` and ``dilation_rate``.

    Examples
    --------
    >>> import keras
    >>> from keras import layers
    >>> model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, name="conv"), layers.MaxPooling2D(2)])
    >>> table = summary(model)
    >>> int(table.multiply_adds.sum()), int(table.receptive_field.iloc[-1])
    (1296, 4)
    """
    import pandas

    anatomy = take_apart(model, input_shape)
    rows = [_row(step, anatomy) for step in anatomy.steps]
    for row in rows:
        if any((row[name] or 0) >= 2**63 for name in COUNTS):
            raise ValueError(
                f"layer {row['layer']!a}: its output of shape {row['output_shape']} is too large to be counted"
            )
    table = pandas.DataFrame(rows)
    return table.astype(dict.fromkeys(COUNTS, "Int64"))


def totals(model, *, input_shape=None) -> Totals:
    """Parameters, multiply-adds, memory, depth and receptive field of a whole network.

    Parameters
    ----------
    model, input_shape
        As for :func:`summary`.

    Returns
    -------
    Totals

    Raises
    ------
    ValueError
        As :func:`summary` does.
    """
    return _totals(take_apart(model, input_shape))


def receptive_field(model, layer=None, *, input: str | None = None, input_shape=None) -> ReceptiveField:
    """Size, stride and place of what the units of a feature map see of the input.

    Parameters
    ----------
    model : keras.Model
        Functional or Sequential.
    layer : str or keras.Layer, optional
        Name, as :func:`summary` writes it, or the layer itself; of a layer called several times, the first call. The
        last feature map before global pooling or flattening unless given.
    input : str, optional
        Name of the input, if the layer depends on several; the first of these unless given.
    input_shape
        As for :func:`summary`.

    Returns
    -------
    ReceptiveField

    Raises
    ------
    ValueError
        If there is no such layer or input, or the layer's output is no feature map.

    Notes
    -----
    What is meant is the *theoretical* receptive field: the box around all pixels that can change a unit. Units near
    the border see part of the padding instead of the picture.

    Examples
    --------
    >>> import keras
    >>> from keras import layers
    >>> stack = [keras.Input((32, 32, 1)), layers.Conv2D(4, 3, name="conv"), layers.MaxPooling2D(2, name="pool")]
    >>> receptive_field(keras.Sequential(stack), "pool").size
    (4, 4)
    """
    anatomy = take_apart(model, input_shape)
    if input is not None and not (isinstance(input, str) and input in anatomy.inputs):
        raise refuse("input", input, f"the model has {', '.join(map(ascii, anatomy.inputs))}")
    step = _last_map(anatomy) if layer is None else _find(anatomy, layer)
    step = step or anatomy.steps[anatomy.outputs[0]]
    found = _fields(step, anatomy)
    if input in found or (input is None and found):
        return found[input or next(iter(found))]
    raise ValueError(f"{_why_none(step, anatomy, input)}, so it has no receptive field that could be told")


def _why_none(step: Step, anatomy: Anatomy, input: str | None) -> str:
    traces = _traces(step)
    if input is not None and not any(name == input for name, _ in traces):
        return f"layer {step.path!a} does not depend on input {input!a}"
    if LOST in traces.values():
        first = next(other for other in anatomy.steps if LOST in _traces(other).values())
        if is_followed(first.operation):
            return (
                f"layer {step.path!a} comes after {first.path!a}, which mixes places in a way that cannot be followed"
            )
        return (
            f"layer {step.path!a} comes after {first.path!a}, and what {type(first.operation).__name__} does with places is "
            "not known (a layer of your own can tell in a method anatomy(input_shape), as summary's notes say)"
        )
    sees = "sees the whole input" if _seen(step) == "all" else "does not lie in rows and columns"
    last = _last_map(anatomy)
    return f"layer {step.path!a} {sees}" + (f" (the last feature map is {last.path!a})" if last else "")


def _find(anatomy: Anatomy, layer) -> Step:
    for step in anatomy.steps:
        if step.operation is layer or (isinstance(layer, str) and step.path == layer):
            return step
    import difflib

    if not isinstance(layer, str):
        raise refuse("layer", layer, f"expected the name of a layer of model {anatomy.model.name!a}, or the layer")
    names = [step.path for step in anatomy.steps]
    near = difflib.get_close_matches(layer, names, n=3, cutoff=0.4) or names[:5]
    raise ValueError(
        f"model {anatomy.model.name!a} has no layer {layer!a}; there are {', '.join(map(ascii, near))} ..."
    )


def _last_map(anatomy: Anatomy) -> Step | None:
    """Going back from the first output, the nearest step whose output still lies in rows and columns."""
    waiting, seen, maps = [anatomy.outputs[0]], set(), []
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        step = anatomy.steps[number]
        if LOST in _traces(step).values():
            return None  # What comes before is not the last map.
        if _fields(step, anatomy):
            maps.append(number)
        else:
            waiting += step.parents
    return anatomy.steps[max(maps)] if maps else None


def _traces(step: Step):
    return step.outputs[0].traces if step.outputs else {}


def _fields(step: Step, anatomy: Anatomy) -> dict[str, ReceptiveField]:
    """The receptive field in each input all of whose axes can still be followed."""
    found = {}
    for name in anatomy.inputs:
        traces = [trace for (source, _), trace in _traces(step).items() if source == name]
        axes = tuple(trace.field for trace in traces)
        if axes and None not in axes:
            found[name] = ReceptiveField(
                layer=step.path,
                input=name,
                size=tuple(axis.size for axis in axes),
                stride=tuple(_plain(axis.stride) for axis in axes),
                start=tuple(next(first for first in axis.first if first is not None) for axis in axes),
                axes=axes,
                units=tuple(step.outputs[0].tensor.shape[trace.axis] for trace in traces),
            )
    return found


def _plain(number: Fraction) -> int | Fraction:
    return int(number) if number.denominator == 1 else number


def _seen(step: Step) -> str:
    traces = _traces(step).values()
    if LOST in traces:
        return "?"
    return "all" if traces and all(trace == WHOLE for trace in traces) else "–"


def _row(step: Step, anatomy: Anatomy) -> dict:
    shapes = [value.shape for value in step.outputs]
    fields = _fields(step, anatomy).values()
    widest = max(fields, key=lambda field: field.size, default=None)
    return {
        "layer": step.path,
        "type": type(step.operation).__name__,
        "output_shape": shapes[0] if len(shapes) == 1 else shapes,
        "parameters": step.parameters,
        "non_trainable": step.non_trainable,
        "multiply_adds": step.multiply_adds,
        "receptive_field": _short(widest.size) if widest else _seen(step),
        "stride": _short(widest.stride) if widest else "–",
        "activation_bytes": sum(_bytes(value) for value in step.outputs),
    }


def _short(sizes: tuple):
    return sizes[0] if len(set(sizes)) == 1 else sizes


def _bytes(value: Value) -> int:
    size = size_in_bytes(value.tensor.dtype)
    for length in value.shape:
        size *= length or 1
    return size


def _totals(anatomy: Anatomy) -> Totals:
    steps = anatomy.steps
    last = _last_map(anatomy)
    return Totals(
        parameters=sum(step.parameters for step in steps),
        non_trainable=sum(step.non_trainable for step in steps),
        multiply_adds=sum(step.multiply_adds or 0 for step in steps),
        activation_bytes=sum(_bytes(value) for step in steps for value in step.outputs),
        depth=max(value.depth for number in anatomy.outputs for value in steps[number].outputs),
        receptive_field=next(iter(_fields(last, anatomy).values())) if last else None,
        not_counted=tuple(step.path for step in steps if step.multiply_adds is None),
    )
