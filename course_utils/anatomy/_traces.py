"""How layers and operations pass receptive fields on, from the axes of their inputs to the axes of their outputs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from course_utils.anatomy._costs import einsum_letters
from course_utils.anatomy._field import AxisField, padding_before, resized, transposed, window
from course_utils.anatomy._operations import (
    ADAPTIVE_POOLINGS,
    ATTENTIONS,
    CONVOLUTIONS,
    DEPTHWISE,
    GLOBAL_POOLINGS,
    PLACEWISE,
    POOLINGS,
    REDUCTIONS,
    SEPARABLE,
    SOFTMAXES,
    TRANSPOSED,
    keras_kind,
    known_kind,
    told_by,
)


@dataclass(frozen=True)
class Trace:
    """What has become of one axis of an input picture.

    Attributes
    ----------
    axis : int or None
        Axis of the tensor along which it lies, the batch being axis 0.
    field : AxisField or None
        What positions along that axis see; None if the picture's axis has been merged with others.
    """

    axis: int | None
    field: AxisField | None


WHOLE = Trace(None, None)
"""Every unit sees the whole axis."""
LOST = Trace(-1, None)
"""Units see parts of the axis, but not in an order that can be followed."""

Traces = dict[tuple[str, int], Trace]


@dataclass
class Call:
    """One call of an operation: tensors in and out, by shape with the batch axis, and the traces of those going in."""

    operation: object
    args: tuple
    kwargs: dict
    before: list[tuple[int, ...]]
    after: list[tuple[int, ...]]
    traces: list[Traces] = field(repr=False)


def pass_on(call: Call) -> list[Traces]:
    """Traces of each output of a call. What an operation does that is not known here is not guessed: its traces are lost."""
    if known_kind(call.operation) == "SpectralNormalization":
        call = replace(call, operation=call.operation.layer)
    told = told_by(call.operation, call.before[0][1:]) if call.before else {}
    if "kernel_size" in told:
        return _convolution(call, told)
    rule = RULES.get(known_kind(call.operation))
    if rule:
        return rule(call)
    # Who is told of the whole input keeps seeing it, whatever is done with what he was told.
    sees_all = all(trace == WHOLE for traces in call.traces for trace in traces.values())
    return _everywhere(call, WHOLE if sees_all else LOST)


def is_followed(operation) -> bool:
    """Whether it is known what an operation of Keras does with places."""
    return known_kind(operation) in RULES


# Rules that serve several kinds of layer.


def _everywhere(call: Call, trace: Trace) -> list[Traces]:
    keys = {key for traces in call.traces for key in traces}
    return [dict.fromkeys(keys, trace) for _ in call.after]


def _elementwise(call: Call) -> list[Traces]:
    """Joins: axes are aligned from the last one; the larger field counts, and one picture's whole gives way to a part."""
    if not all(_broadcasts(before, after) for before in call.before for after in call.after):
        return _everywhere(call, LOST)
    return [_join(call, shape) for shape in call.after]


def _broadcasts(before: tuple, after: tuple) -> bool:
    return len(before) <= len(after) and all(a in (1, b) for a, b in zip(before[::-1], after[::-1], strict=False))


def _join(call: Call, after: tuple[int, ...], glued: int | None = None) -> Traces:
    joined: Traces = {}
    for traces, before in zip(call.traces, call.before, strict=True):
        for key, trace in traces.items():
            if trace.axis is not None and trace.axis >= 0:
                axis = trace.axis + len(after) - len(before)
                stretched = glued is None and before[trace.axis] == 1 != after[axis]
                trace = WHOLE if stretched else LOST if axis == glued else Trace(axis, trace.field)
            joined[key] = _larger(joined[key], trace) if key in joined else trace
    return joined


def _larger(one: Trace, other: Trace) -> Trace:
    if one == WHOLE or other == WHOLE:
        return other if one == WHOLE else one
    if one == LOST or other == LOST or one.axis != other.axis:
        return LOST
    if one.field is None or other.field is None:
        return Trace(one.axis, None)
    return Trace(one.axis, one.field.joined(other.field))


def _move(call: Call, change: Callable[[Trace], Trace]) -> list[Traces]:
    """Change every trace that lies along an axis; the others stay."""
    moved = {key: change(trace) if trace.axis not in (None, -1) else trace for key, trace in call.traces[0].items()}
    return [dict(moved) for _ in call.after]


def _spatial(call: Call, taps_along: Callable[[int, int, int], tuple]) -> list[Traces]:
    """Windows along the spatial axes; ``taps_along(number, rows before, rows after)`` for each; channels are mixed."""
    rank = len(call.before[0])
    start = 2 if _channels_first(call.operation) else 1
    axes = range(start, start + rank - 2)

    def change(trace: Trace) -> Trace:
        if trace.axis not in axes:
            return WHOLE
        if trace.field is None:
            return LOST
        taps = taps_along(trace.axis - start, call.before[0][trace.axis], call.after[0][trace.axis])
        return Trace(trace.axis, trace.field.through(*taps))

    return _move(call, change)


def _channels_first(operation) -> bool:
    layout = getattr(operation, "data_format", None)
    if layout is None:
        import keras

        layout = keras.config.image_data_format()
    return layout == "channels_first"


def _each(value, number: int) -> int:
    return value[number] if isinstance(value, tuple | list) else value


# Windows.


def _convolution(call: Call, told: dict | None = None) -> list[Traces]:
    usual = {"strides": 1, "padding": "valid", "dilation_rate": 1}
    asked = (usual | told).__getitem__ if told else lambda name: getattr(call.operation, name)

    def taps(number, before, _):
        size, stride, dilation = (_each(asked(name), number) for name in ("kernel_size", "strides", "dilation_rate"))
        return window(
            size, stride, padding_before(asked("padding"), before, (size - 1) * dilation + 1, stride), dilation
        )

    return _spatial(call, taps)


def _pooling(call: Call) -> list[Traces]:
    layer = call.operation

    def taps(number, before, _):
        size = _each(layer.pool_size, number)
        stride = size if layer.strides is None else _each(layer.strides, number)
        return window(size, stride, padding_before(layer.padding, before, size, stride))

    return _spatial(call, taps)


def _adaptive_pooling(call: Call) -> list[Traces]:
    if any(b % a for b, a in zip(call.before[0][1:], call.after[0][1:], strict=True)):
        return _everywhere(call, LOST)
    traces = _spatial(call, lambda _, before, after: window(before // after, before // after, 0))
    return [{key: WHOLE if call.after[0][t.axis or 0] == 1 else t for key, t in traces[0].items()}]


def _transposed(call: Call) -> list[Traces]:
    layer = call.operation

    def taps(number, before, after):
        size, stride, dilation = (
            _each(getattr(layer, name), number) for name in ("kernel_size", "strides", "dilation_rate")
        )
        cut = (before - 1) * stride + (size - 1) * dilation + 1 - after
        return transposed(size, stride, max(cut, 0) // 2 if layer.padding == "same" else 0, dilation)

    return _spatial(call, taps)


def _zero_padding(call: Call) -> list[Traces]:
    return _spatial(call, lambda number, *_: window(1, 1, _pair(call.operation.padding, number)))


def _cropping(call: Call) -> list[Traces]:
    return _spatial(call, lambda number, *_: window(1, 1, -_pair(call.operation.cropping, number)))


def _pair(pairs, number: int) -> int:
    """Rows in front, of ((before, after), …) or, for one axis, (before, after)."""
    return pairs[number][0] if isinstance(pairs[0], tuple | list) else pairs[0]


def _centre_crop(call: Call) -> list[Traces]:
    return _spatial(call, lambda _, before, after: window(1, 1, -((before - after) // 2)))


RADIUS = {"nearest": 0, "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


def _upsampling(call: Call) -> list[Traces]:
    radius = RADIUS.get(getattr(call.operation, "interpolation", "nearest"))
    return _spatial(call, lambda _, before, after: resized(before, after, radius))


def _resize(call: Call) -> list[Traces]:
    operation = call.operation
    plain = not any(getattr(operation, f"{edge}_to_aspect_ratio", False) for edge in ("crop", "pad"))
    if not plain or getattr(operation, "antialias", False) or operation.interpolation not in RADIUS:
        return _everywhere(call, LOST)
    return _upsampling(call)


# Operations on axes.


def _reshape(call: Call) -> list[Traces]:
    """An axis stays itself if as many entries stand before it and it keeps its size; otherwise it is merged or split."""
    before, after = ([size or 1 for size in shape] for shape in (call.before[0], call.after[0]))

    def change(trace: Trace) -> Trace:
        in_front, size = math.prod(before[: trace.axis]), before[trace.axis]
        starts = [math.prod(after[:axis]) for axis in range(len(after))]
        same = [axis for axis in range(1, len(after)) if (starts[axis], after[axis]) == (in_front, size)]
        if same:
            earlier = [
                axis
                for axis in range(1, trace.axis)
                if before[axis] == size == 1 and math.prod(before[:axis]) == in_front
            ]
            return Trace(same[min(len(earlier), len(same) - 1)], trace.field)
        holder = max((axis for axis in range(1, len(after)) if starts[axis] <= in_front), default=None)
        whole = holder is not None and starts[holder] * after[holder] >= in_front * size
        return Trace(holder, None) if whole else LOST

    return _move(call, change)


def _permutation(order: list[int]) -> Callable[[Trace], Trace]:
    return lambda trace: Trace(order.index(trace.axis), trace.field)


def _transpose(call: Call) -> list[Traces]:
    operation, rank = call.operation, len(call.before[0])
    kind = keras_kind(operation)
    if kind == "Permute":
        order = [0, *operation.dims]
    elif kind == "Swapaxes":
        order = list(range(rank))
        one, other = operation.axis1 % rank, operation.axis2 % rank
        order[one], order[other] = other, one
    elif kind == "Moveaxis":
        sources, targets = ([axis % rank for axis in axes] for axes in (operation.source, operation.destination))
        order = [axis for axis in range(rank) if axis not in sources]
        for target, source in sorted(zip(targets, sources, strict=True)):
            order.insert(target, source)
    else:
        order = [axis % rank for axis in operation.axes] if operation.axes else list(reversed(range(rank)))
    return _move(call, _permutation(order))


def _axes(axis, rank: int) -> set[int]:
    """What an argument ``axis`` means: one axis, several, or all."""
    if axis is None:
        return set(range(rank))
    return {number % rank for number in (axis if isinstance(axis, tuple | list) else [axis])}


def _reduction(call: Call) -> list[Traces]:
    gone = _axes(getattr(call.operation, "axis", None), len(call.before[0]))

    def change(trace: Trace) -> Trace:
        if trace.axis in gone:
            return WHOLE
        return Trace(trace.axis - (0 if call.operation.keepdims else sum(a < trace.axis for a in gone)), trace.field)

    return _move(call, change)


def _softmax(call: Call) -> list[Traces]:
    summed = _axes(getattr(call.operation, "axis", -1), len(call.before[0]))
    return _move(call, lambda trace: WHOLE if trace.axis in summed else trace)


def _concatenate(call: Call) -> list[Traces]:
    return [_join(call, shape, glued=call.operation.axis % len(shape)) for shape in call.after]


def _dense(call: Call) -> list[Traces]:
    last = len(call.before[0]) - 1
    return _move(call, lambda trace: WHOLE if trace.axis == last else trace)


def _einsum_dense(call: Call) -> list[Traces]:
    left, _, out = call.operation.equation.replace(" ", "").replace("...", ".").replace("->", ",").split(",")
    left, out = einsum_letters(left, len(call.before[0])), einsum_letters(out, len(call.after[0]))

    def change(trace: Trace) -> Trace:
        letter = left[trace.axis]
        return Trace(out.index(letter), trace.field) if letter in out else WHOLE

    return _move(call, change)


def _pad(call: Call) -> list[Traces]:
    widths = call.operation.pad_width
    widths = list(widths) * len(call.before[0]) if len(widths) == 1 else widths

    def change(trace: Trace) -> Trace:
        if trace.field is None:
            return LOST if any(widths[trace.axis]) else trace
        return Trace(trace.axis, trace.field.through(*window(1, 1, widths[trace.axis][0])))

    return _move(call, change)


def _slices(call: Call) -> list[Traces]:
    """``x[key]`` with whole numbers, slices, ``...`` and ``newaxis``."""
    key = call.args[1] if len(call.args) > 1 else call.kwargs["key"]
    key = list(key) if isinstance(key, tuple | list) else [key]
    rank = len(call.before[0])
    here = next((place for place, part in enumerate(key) if part is Ellipsis), len(key))
    rest = rank - sum(part is not None and part is not Ellipsis for part in key)
    key = [*key[:here], *[slice(None)] * rest, *key[here + 1 :]]
    places, axis, new = {}, 0, 0
    for part in key:
        if part is not None:
            places[axis] = (new, part)
            axis += 1
        new += not isinstance(part, int)

    def change(trace: Trace) -> Trace:
        new, part = places[trace.axis]
        if not isinstance(part, slice):
            return LOST
        start, _, step = part.indices(call.before[0][trace.axis] or 1)
        if trace.field is None or step < 1:
            return Trace(new, trace.field) if (start, step) == (0, 1) and part.stop is None else LOST
        return Trace(new, trace.field.through(*window(1, step, -start)))

    return _move(call, change)


def _split(call: Call) -> list[Traces]:
    axis = call.operation.axis % len(call.before[0])
    starts = [sum(shape[axis] for shape in call.after[:number]) if axis else 0 for number in range(len(call.after))]
    parts = []
    for start in starts:

        def change(trace: Trace, start=start) -> Trace:
            if trace.axis != axis:
                return trace
            return LOST if trace.field is None else Trace(axis, trace.field.through(*window(1, 1, -start)))

        parts.append(_move(call, change)[0])
    return parts


RULES: dict[str, Callable[[Call], list[Traces]]] = {
    **dict.fromkeys(PLACEWISE, _elementwise),
    **dict.fromkeys(SOFTMAXES, _softmax),
    **dict.fromkeys(CONVOLUTIONS | DEPTHWISE | SEPARABLE, _convolution),
    **dict.fromkeys(TRANSPOSED, _transposed),
    **dict.fromkeys(POOLINGS, _pooling),
    **dict.fromkeys(ADAPTIVE_POOLINGS, _adaptive_pooling),
    **dict.fromkeys(GLOBAL_POOLINGS | ATTENTIONS, lambda call: _everywhere(call, WHOLE)),
    **{f"ZeroPadding{rank}D": _zero_padding for rank in (1, 2, 3)},
    **{f"Cropping{rank}D": _cropping for rank in (1, 2, 3)},
    **{f"UpSampling{rank}D": _upsampling for rank in (1, 2, 3)},
    **dict.fromkeys(("Resizing", "Resize"), _resize),
    "CenterCrop": _centre_crop,
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "ExpandDims"), _reshape),
    **dict.fromkeys(("Permute", "Transpose", "Swapaxes", "Moveaxis"), _transpose),
    **dict.fromkeys(REDUCTIONS, _reduction),
    "Concatenate": _concatenate,
    "Dense": _dense,
    "Embedding": lambda call: _move(call, lambda trace: trace),
    "EinsumDense": _einsum_dense,
    "Pad": _pad,
    "GetItem": _slices,
    "Split": _split,
}
