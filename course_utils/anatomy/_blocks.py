"""A network as a list of blocks: chains of layers, branches that meet again, and equal blocks counted."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from course_utils.anatomy._costs import CONVOLUTIONS, DEPTHWISE, SEPARABLE, TRANSPOSED, is_weighted, keras_kind
from course_utils.anatomy._graph import Anatomy, Step
from course_utils.anatomy._traces import LOST

UNROLL = 14
"""Layers in a branch above which it is drawn block by block, and the other branches as arcs beside it."""

SHUFFLE = "shuffle"
BLOCK_NAME = re.compile(r"(.*?(?:block|unit|layer|cell)_?\d+[a-z]?(?:_(?:block|unit|layer)_?\d+)?)(?:_|$)")
JOINS = {"Add": "add", "Concatenate": "concatenate", "Multiply": "multiply", "Average": "average", "Maximum": "maximum"}
JOINS |= {"Subtract": "subtract", "Minimum": "minimum"}


@dataclass(frozen=True)
class Block:
    """A row of the diagram.

    Attributes
    ----------
    name : str
        Of its layers, as far as they share one.
    kind : str
        "input", "convolution", "pooling", "dense", "branches", "join" or "other".
    columns : tuple of tuples of str
        For each branch, the layers on it in order; one branch for a chain.
    join : str
        How branches meet: "add", "concatenate", …; "" for a chain.
    shape : tuple of int
        Of the output, without the batch axis.
    parameters : int
    count : int
        Equal blocks in a row.
    last_name : str
        Name of the last of these.
    arcs : tuple of int
        Rows whose output this one takes besides that of the row above.
    """

    name: str
    kind: str
    columns: tuple[tuple[str, ...], ...]
    join: str
    shape: tuple[int, ...]
    parameters: int
    count: int = 1
    last_name: str = ""
    arcs: tuple[int, ...] = ()


@dataclass
class Branches:
    """Branches from one layer to the join at which they meet; an empty branch is a shortcut."""

    columns: list[list]
    join: Step | None


def blocks_of(anatomy: Anatomy) -> list[Block]:
    """Rows of the diagram of a network, from input to its first output."""
    rows: list[Block] = []
    _add_rows(_chain(_ancestors(anatomy), anatomy.steps, whole=True), rows)
    front = f"{anatomy.model.name}_"
    # Keras numbers the inputs of a session: such a name says nothing, and another figure on the next run.
    names = [re.sub(r"^input_layer(_\d+)?$", "", row.name.removeprefix(front)) for row in rows]
    return _counted([replace(row, name=name) for row, name in zip(rows, names, strict=True)])


def other_outputs(anatomy: Anatomy) -> list[str]:
    """Names of the layers that give the outputs which the diagram leaves out."""
    drawn = set(_ancestors(anatomy))
    return [anatomy.steps[step].path for step in dict.fromkeys(anatomy.outputs) if step not in drawn]


# From the graph to chains and branches.


def _ancestors(anatomy: Anatomy) -> list[int]:
    """Steps that the first output needs, in order, after −1, from which the inputs come."""
    needed, waiting = {-1}, [anatomy.outputs[0]]
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting += anatomy.steps[number].parents
    return sorted(needed)


def _parents(number: int, steps: Sequence[Step]) -> tuple[int, ...]:
    return steps[number].parents or (-1,)


def _chain(numbers: list[int], steps: Sequence[Step], *, whole: bool = False) -> list:
    """What lies between the first and the last of ``numbers``, a part of a graph with one way in and one way out.

    Layers through which every way leads divide it; between two of them lie branches. The last step itself belongs to
    the chain only if this is the ``whole`` network.
    """
    chain = []
    cuts = _cuts(numbers, steps)
    if len(cuts) == 2 and len(numbers) > 2 and not whole:  # Nothing divides it: a cell of a searched network, say.
        return [steps[number] for number in numbers[1:-1]]
    for start, stop in itertools.pairwise(cuts):
        inner, end = numbers[start + 1 : stop], numbers[stop]
        own = whole or stop < len(numbers) - 1
        if inner:
            columns = [_chain([numbers[start], *part, end], steps) for part in _connected(inner, steps)]
            shortcut = numbers[start] in _parents(end, steps)
            chain.append(Branches(columns + [[]] * (own and shortcut), steps[end] if own else None))
        elif own:
            chain.append(steps[end])
    return chain


def _cuts(numbers: list[int], steps: Sequence[Step]) -> list[int]:
    """Places in ``numbers`` past which no connection leads; the shortcut from the first to the last is not looked at."""
    place = {number: index for index, number in enumerate(numbers)}
    farthest = [0] * len(numbers)
    for number in numbers[1:]:
        for parent in _parents(number, steps):
            if parent in place and (len(numbers) == 2 or (parent, number) != (numbers[0], numbers[-1])):
                farthest[place[parent]] = max(farthest[place[parent]], place[number])
    cuts, reached = [0], farthest[0]
    for index in range(1, len(numbers)):
        if reached <= index:
            cuts.append(index)
        reached = max(reached, farthest[index])
    return cuts


def _connected(inner: list[int], steps: Sequence[Step]) -> list[list[int]]:
    """The parts of ``inner`` that are not connected with each other."""
    parts: list[set[int]] = []
    for number in inner:
        near = {number, *_parents(number, steps)}
        touched = [part for part in parts if part & near]
        parts = [part for part in parts if not part & near] + [set().union({number}, *touched)]
    return sorted(sorted(part) for part in parts)


# From chains and branches to text.


def _steps_in(item) -> list[Step]:
    if isinstance(item, Step):
        return [item]
    inner = [step for column in item.columns for part in column for step in _steps_in(part)]
    return inner + ([item.join] if item.join else [])


def _text(step: Step) -> str:
    """A layer in a few words; "" for what a diagram leaves out."""
    layer, kind = step.operation, keras_kind(step.operation)
    if kind == "InputLayer":
        return f"input {size_text(step.outputs[0].shape)}"
    if kind in CONVOLUTIONS | DEPTHWISE | SEPARABLE | TRANSPOSED:
        return _convolution_text(layer, kind)
    if kind == "Dense":
        return f"dense {layer.units}"
    if kind.startswith("Global"):
        return f"global {'average' if 'Average' in kind else 'max'} pool"
    if "Pool" in kind and hasattr(layer, "pool_size"):
        sizes = layer.pool_size
        return f"{'average' if 'Average' in kind else 'max'} pool {_sides(sizes)}{_stride(layer.strides)}"
    if kind.startswith("UpSampling"):
        return f"upsample {_sides(layer.size)}"
    if kind in ("Permute", "Transpose") and len(step.outputs[0].shape) == 4:
        return SHUFFLE
    if is_weighted(layer) or hasattr(layer, "anatomy") or (LOST in step.outputs[0].traces.values() and not kind):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\dD$", "", type(layer).__name__)).lower()
    return ""


def _convolution_text(layer, kind: str) -> str:
    how = "depthwise " if kind in DEPTHWISE else "separable " if kind in SEPARABLE else ""
    how = "transposed " if kind in TRANSPOSED else how
    text = f"{how}{_sides(layer.kernel_size)}"
    text += "" if kind in DEPTHWISE else f", {layer.filters}"
    groups = getattr(layer, "groups", 1)
    text += f", {groups} groups" if groups > 1 else ""
    dilation = max(layer.dilation_rate)
    text += f", dilation {dilation}" if dilation > 1 else ""
    return text + (_stride(layer.strides).replace("/", "stride ") if kind in TRANSPOSED else _stride(layer.strides))


def _sides(sizes) -> str:
    sizes = tuple(sizes) if isinstance(sizes, tuple | list) else (sizes,)
    return "×".join(map(str, sizes)) if len(sizes) > 1 else str(sizes[0])


def _stride(strides) -> str:
    strides = tuple(strides) if isinstance(strides, tuple | list) else (strides,)
    if set(strides) == {1}:
        return ""
    return f", /{strides[0]}" if len(set(strides)) == 1 else f", /{_sides(strides)}"


def size_text(shape: tuple[int, ...]) -> str:
    """A shape as rows × columns × channels."""
    return "×".join(str(size) for size in shape)


def _words(items: Sequence) -> tuple[str, ...]:
    """What stands on a branch, inner branches in brackets."""
    words = []
    for item in items:
        text = _text(item) if isinstance(item, Step) else _inner_text(item)
        if text:
            words.append(text)
    return tuple(words)


def _inner_text(item: Branches) -> str:
    columns = [_words(column) for column in item.columns]
    drawn = [column for column in columns if column]
    if not drawn:
        return ""
    if item.join and keras_kind(item.join.operation) == "Multiply" and len(drawn) == 1 < len(columns):
        return (
            f"squeeze-excite {_squeezed(item)}"
            if drawn[0][0].startswith("global")
            else f"gate ({' → '.join(drawn[0])})"
        )
    shortcut = "shortcut ∥ " if len(drawn) < len(columns) else ""
    return f"({shortcut}{' ∥ '.join(' → '.join(column) for column in drawn)})"


def _squeezed(item: Branches) -> str:
    """Channels in the middle of a squeeze-and-excitation branch."""
    widths = [step.outputs[0].shape[-1] for step in _steps_in(item) if is_weighted(step.operation)]
    return str(min(widths)) if widths else ""


# From text to rows.


def _add_rows(chain: list, rows: list[Block]) -> None:
    for items in _grouped(chain):
        wide = next((item for item in items if isinstance(item, Branches) and _is_long(item)), None)
        if wide is not None:
            _add_unrolled(wide, rows)
            continue
        block = _block(items)
        if block is None and rows:  # Normalisation, activation and the like belong to the row above.
            last = _steps_in(items[-1])[-1]
            parameters = rows[-1].parameters + sum(step.parameters for item in items for step in _steps_in(item))
            shape = last.outputs[0].shape if _is_map(last) else rows[-1].shape
            rows[-1] = replace(rows[-1], shape=shape, parameters=parameters)
        elif block is not None:
            rows.append(block)


def _is_map(step: Step) -> bool:
    """Whether an unnamed layer's output is worth showing in place of the named one's before it."""
    hidden = ("Flatten", "ZeroPadding2D", "Reshape", "Transpose", "Permute")
    return len(step.outputs) == 1 and keras_kind(step.operation) not in hidden


def _grouped(chain: list) -> list[list]:
    """Neighbours that one row shows: a depthwise with its pointwise convolution, parts of a block with one name."""
    groups: list[list] = []
    for item in chain:
        if _words([item]) == (SHUFFLE,):
            while len(groups) > 1 and not _words(groups[-1]):
                hidden = groups.pop()
                groups[-1].extend(hidden)
        if groups and (
            _words([item]) == (SHUFFLE,)
            or _same_block(groups[-1], item)
            or _pointwise_after_depthwise(groups[-1], item)
        ):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _block_name(item) -> str:
    step = item if isinstance(item, Step) else item.join or _steps_in(item)[0]
    found = BLOCK_NAME.match(step.path)
    return found[1] if found else ""


def _same_block(group: list, item) -> bool:
    if not _block_name(item) or _block_name(item) != _block_name(group[0]):
        return False
    return any(_is_deep(part) for part in [*group, item]) or not (_words([item]) and _words(group))


def _is_deep(part) -> bool:
    return isinstance(part, Branches) or keras_kind(part.operation) in DEPTHWISE


def _pointwise_after_depthwise(group: list, item) -> bool:
    """Also what stands between the two: normalisation and activation."""
    if not (isinstance(group[0], Step) and keras_kind(group[0].operation) in DEPTHWISE and isinstance(item, Step)):
        return False
    words = _words([item])
    return not words or (len(_words(group)) == 1 and words[0].startswith("1×1"))


def _is_long(item: Branches) -> bool:
    """Whether a branch is long enough, or goes down and up again, so that it deserves rows of its own."""
    for column in item.columns:
        words = [_text(step) for part in column for step in _steps_in(part)]
        upwards = any(word.startswith(("transposed", "upsample")) for word in words)
        if sum(map(bool, words)) > (2 if upwards else UNROLL):
            return True
    return False


def _add_unrolled(item: Branches, rows: list[Block]) -> None:
    """The longest branch block by block, then the join, with an arc from where the other branches begin."""
    if item.join is None:  # The join is that of the branch around this one.
        for column in item.columns:
            _add_rows(column, rows)
        return
    start = len(rows) - 1
    longest = max(item.columns, key=lambda column: sum(len(_steps_in(part)) for part in column))
    others = [column for column in item.columns if column is not longest]
    _add_rows(longest, rows)
    text = ", ".join([_join_text(item.join), *(" → ".join(_words(column)) for column in others if _words(column))])
    steps = [step for column in others for part in column for step in _steps_in(part)] + [item.join]
    parameters, shape = sum(step.parameters for step in steps), item.join.outputs[0].shape
    rows.append(Block(item.join.path, "join", ((text,),), "", shape, parameters, arcs=(start,) if start >= 0 else ()))


def _join_text(join: Step) -> str:
    return JOINS.get(keras_kind(join.operation), type(join.operation).__name__.lower())


def _block(items: list) -> Block | None:
    """A row for neighbouring parts of a chain, or None if nothing of them is shown."""
    steps = [step for item in items for step in _steps_in(item)]
    shown = [item for item in items if _words([item])]
    if not shown:
        return None
    last = next((step for step in reversed(steps) if _is_map(step)), steps[-1])
    branches = next((item for item in shown if isinstance(item, Branches)), None)
    parameters = sum(step.parameters for step in steps)
    if branches is None or any(isinstance(item, Branches) or _text(item) != SHUFFLE for item in shown[1:]):
        name, kind = _shared_name(steps), _kind(shown)
        words = _words(items)
        if kind == "convolution" and len(words) == 1 and words[0][0].isdigit():
            words = (f"convolution {words[0]}",)
        words = ("input",) if kind == "input" else words
        return Block(name, kind, (words,), "", last.outputs[0].shape, parameters)
    columns = tuple(_words(column) for column in branches.columns)
    if branches.join and keras_kind(branches.join.operation) == "Add":  # The shortcut, projected or not, stands last.
        columns = tuple(sorted(columns, key=len, reverse=True))
    join = _join_text(branches.join) if branches.join else ""
    join = f"{join}, {SHUFFLE}" if len(shown) > 1 else join
    name = _shared_name(steps)
    return Block(name, "branches", columns, join, last.outputs[0].shape, parameters)


def _kind(shown: list) -> str:
    if len(shown) > 1:
        return "convolution"
    kind = keras_kind(shown[0].operation)
    if kind == "InputLayer":
        return "input"
    if kind in CONVOLUTIONS | DEPTHWISE | SEPARABLE | TRANSPOSED:
        return "convolution"
    return "pooling" if "Pool" in kind else "dense" if kind == "Dense" else "other"


def _shared_name(steps: Sequence[Step]) -> str:
    """The name of a single layer, or what the names of all have in front."""
    shown = [step for step in steps if _text(step)] or list(steps)
    if len(shown) == 1:
        return shown[0].path
    names = {_block_name(step) for step in shown} - {""}
    if len(names) == 1:
        return names.pop()
    front = shown[0].path
    for step in [*shown[1:], steps[-1]]:
        while not step.path.startswith(front):
            front = front[:-1]
    front = re.sub(r"[_/]?[^_/]*$", "", front) if front and front != shown[0].path else front
    return front or (steps[-1].path if len(steps) > 1 else "")


def _counted(rows: list[Block]) -> list[Block]:
    """Equal neighbours as one row; rows that arcs start from or end in stay alone."""
    starts = {start for row in rows for start in row.arcs}
    counted: list[Block] = []
    place: dict[int, int] = {}
    for number, row in enumerate(rows):
        before = counted[-1] if counted else None
        alone = number in starts or number - 1 in starts or row.arcs or row.kind in ("dense", "input")
        if before and not alone and _like(before) == _like(row):
            parameters, count = before.parameters + row.parameters, before.count + 1
            counted[-1] = replace(before, parameters=parameters, count=count, shape=row.shape, last_name=row.name)
        else:
            counted.append(replace(row, arcs=tuple(place[start] for start in row.arcs)))
        place[number] = len(counted) - 1
    return counted


def _like(row: Block):
    """What equal blocks have in common: all but names and parameters; with concatenated shortcuts channels may grow."""
    grows = row.join == "concatenate" and () in row.columns
    return row.kind, row.columns, row.join, row.shape[:-1] if grows else row.shape
