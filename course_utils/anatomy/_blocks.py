"""A network as a list of blocks: chains of layers, branches that meet again, and equal blocks counted.

A worked example: a convolution, two equal residual blocks, and a head. ::

    input ─ stem ─┬─ conv1 ─ relu ─ conv2 ─┬─ add ─┬─ conv3 ─ relu ─ conv4 ─┬─ add ─ pool ─ logits
                  └────────────────────────┘       └────────────────────────┘

1. *From the graph to chains and branches.* Past ``input``, ``stem``, both ``add``, ``pool`` and ``logits`` no connection
   leads: they cut the graph. Between two cuts lies nothing, or branches: ``[[conv1, relu, conv2], []]`` meeting in
   ``add``, the empty branch being the shortcut. So the chain is ``Single(input), Single(stem), Branches(…), Branches(…),
   Single(pool), Single(logits)``. Branches are divided in the same way, and may hold further branches.
2. *From chains and branches to text.* A convolution says "3×3, 4"; ReLU, normalisation and the like say nothing.
3. *From text to rows.* Neighbours that belong together form a row: a depthwise convolution with the pointwise one behind
   it, layers whose names begin with one block's name. What says nothing belongs to the row above. Two rows alike become
   one, counted twice.

>>> import keras
>>> from keras import layers
>>> from course_utils.anatomy._graph import take_apart
>>> x = inputs = keras.Input((8, 8, 1))
>>> x = layers.Conv2D(4, 3, padding="same", name="stem")(x)
>>> for _ in range(2):
...     y = layers.ReLU()(layers.Conv2D(4, 3, padding="same")(x))
...     x = layers.Add()([layers.Conv2D(4, 3, padding="same")(y), x])
>>> x = layers.GlobalAveragePooling2D(name="pool")(x)
>>> for block in blocks_of(take_apart(keras.Model(inputs, layers.Dense(2, name="logits")(x)))):
...     print(block.count, block.kind, block.columns, block.join, block.shape, block.parameters)
1 input (('input',),)  (8, 8, 1) 0
1 convolution (('convolution 3×3, 4',),)  (8, 8, 4) 40
2 branches (('3×3, 4', '3×3, 4'), ()) add (8, 8, 4) 592
1 pooling (('global average pool',),)  (4,) 0
1 dense (('dense 2',),)  (2,) 10
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from course_utils.anatomy._graph import Anatomy, Step
from course_utils.anatomy._operations import (
    DEPTHWISE,
    SEPARABLE,
    TRANSPOSED,
    WINDOWS,
    is_weighted,
    keras_kind,
    told_by,
)
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


@dataclass(frozen=True)
class Single:
    """A part of a chain that is one layer."""

    step: Step

    @property
    def steps(self) -> list[Step]:
        """All layers of the part."""
        return [self.step]

    @property
    def text(self) -> str:
        """What the diagram says of it; "" if it says nothing."""
        return _text(self.step)

    @property
    def namesake(self) -> Step:
        """The layer after which the part is called."""
        return self.step

    @property
    def is_deep(self) -> bool:
        """Whether it is likely to be the middle of a block that has one name."""
        return keras_kind(self.step.operation) in DEPTHWISE

    @property
    def is_long(self) -> bool:
        """Whether it deserves rows of its own."""
        return False


@dataclass(frozen=True)
class Branches:
    """A part of a chain that is branches, from one layer to the join at which they meet; an empty one is a shortcut.

    The join is None where it is that of the branches around these.
    """

    columns: tuple[tuple["Single | Branches", ...], ...]
    join: Step | None

    is_deep = True

    @property
    def steps(self) -> list[Step]:
        """As for :class:`Single`."""
        return _steps_in(part for column in self.columns for part in column) + ([self.join] if self.join else [])

    @property
    def text(self) -> str:
        """As for :class:`Single`."""
        return _inner_text(self)

    @property
    def namesake(self) -> Step:
        """As for :class:`Single`."""
        return self.join or self.steps[0]

    @property
    def is_long(self) -> bool:
        """Whether a branch is long enough, or goes down and up again, so that it deserves rows of its own."""
        for column in self.columns:
            words = [_text(step) for step in _steps_in(column)]
            upwards = any(word.startswith(("transposed", "upsample")) for word in words)
            if sum(map(bool, words)) > (2 if upwards else UNROLL):
                return True
        return False


Part = Single | Branches


def _steps_in(parts: Iterable[Part]) -> list[Step]:
    return [step for part in parts for step in part.steps]


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


def _chain(numbers: list[int], steps: Sequence[Step], *, whole: bool = False) -> tuple[Part, ...]:
    """What lies between the first and the last of ``numbers``, a part of a graph with one way in and one way out.

    Layers through which every way leads divide it; between two of them lie branches. The last step itself belongs to
    the chain only if this is the ``whole`` network.
    """
    chain: list[Part] = []
    cuts = _cuts(numbers, steps)
    if len(cuts) == 2 and len(numbers) > 2 and not whole:  # Nothing divides it: a cell of a searched network, say.
        return tuple(Single(steps[number]) for number in numbers[1:-1])
    for start, stop in itertools.pairwise(cuts):
        inner, end = numbers[start + 1 : stop], numbers[stop]
        own = whole or stop < len(numbers) - 1
        if inner:
            columns = [_chain([numbers[start], *part, end], steps) for part in _connected(inner, steps)]
            shortcut = numbers[start] in _parents(end, steps)
            chain.append(Branches((*columns, *[()] * (own and shortcut)), steps[end] if own else None))
        elif own:
            chain.append(Single(steps[end]))
    return tuple(chain)


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


def _text(step: Step) -> str:
    """A layer in a few words; "" for what a diagram leaves out."""
    layer, kind = step.operation, keras_kind(step.operation)
    if kind == "InputLayer":
        return f"input {size_text(step.outputs[0].shape)}"
    if kind in WINDOWS:
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
    if is_weighted(layer) or _tells_of_a_window(step) or (LOST in step.outputs[0].traces.values() and not kind):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\dD$", "", type(layer).__name__)).lower()
    return ""


def _tells_of_a_window(step: Step) -> bool:
    """Whether a layer of one's own says that it does more than act on each place alone."""
    told = told_by(step.operation, step.inputs[0].shape)
    return bool(told) and (told.get("kernel_size", 1) != 1 or told.get("multiply_adds") != 0)


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


def _words(parts: Iterable[Part]) -> tuple[str, ...]:
    """What stands on a branch, inner branches in brackets."""
    return tuple(part.text for part in parts if part.text)


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
    widths = [step.outputs[0].shape[-1] for step in item.steps if is_weighted(step.operation)]
    return str(min(widths)) if widths else ""


# From text to rows.


def _add_rows(chain: Sequence[Part], rows: list[Block]) -> None:
    for parts in _grouped(chain):
        wide = next((part for part in parts if part.is_long), None)
        if wide is not None:
            _add_unrolled(wide, rows)
            continue
        block = _block(parts)
        if block is None and rows:  # Normalisation, activation and the like belong to the row above.
            steps = _steps_in(parts)
            parameters = rows[-1].parameters + sum(step.parameters for step in steps)
            shape = steps[-1].outputs[0].shape if _is_map(steps[-1]) else rows[-1].shape
            rows[-1] = replace(rows[-1], shape=shape, parameters=parameters)
        elif block is not None:
            rows.append(block)


def _is_map(step: Step) -> bool:
    """Whether an unnamed layer's output is worth showing in place of the named one's before it."""
    hidden = ("Flatten", "ZeroPadding2D", "Reshape", "Transpose", "Permute")
    return len(step.outputs) == 1 and keras_kind(step.operation) not in hidden


def _grouped(chain: Sequence[Part]) -> list[list[Part]]:
    """Neighbours that one row shows: a depthwise with its pointwise convolution, parts of a block with one name."""
    groups: list[list[Part]] = []
    for part in chain:
        shuffles = part.text == SHUFFLE
        if shuffles:
            while len(groups) > 1 and not _words(groups[-1]):
                hidden = groups.pop()
                groups[-1].extend(hidden)
        if groups and (shuffles or _same_block(groups[-1], part) or _pointwise_after_depthwise(groups[-1], part)):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _block_name(step: Step) -> str:
    found = BLOCK_NAME.match(step.path)
    return found[1] if found else ""


def _same_block(group: list[Part], part: Part) -> bool:
    name = _block_name(part.namesake)
    if not name or name != _block_name(group[0].namesake):
        return False
    return any(one.is_deep for one in [*group, part]) or not (part.text and _words(group))


def _pointwise_after_depthwise(group: list[Part], part: Part) -> bool:
    """Also what stands between the two: normalisation and activation."""
    if not (isinstance(part, Single) and isinstance(group[0], Single) and group[0].is_deep):
        return False
    return not part.text or (len(_words(group)) == 1 and part.text.startswith("1×1"))


def _add_unrolled(part: Branches, rows: list[Block]) -> None:
    """The longest branch block by block, then the join, with an arc from where the other branches begin."""
    if part.join is None:  # The join is that of the branch around this one.
        for column in part.columns:
            _add_rows(column, rows)
        return
    start = len(rows) - 1
    longest = max(part.columns, key=lambda column: len(_steps_in(column)))
    others = [column for column in part.columns if column is not longest]
    _add_rows(longest, rows)
    text = ", ".join([_join_text(part.join), *(" → ".join(_words(column)) for column in others if _words(column))])
    steps = [*(step for column in others for step in _steps_in(column)), part.join]
    parameters, shape = sum(step.parameters for step in steps), part.join.outputs[0].shape
    rows.append(Block(part.join.path, "join", ((text,),), "", shape, parameters, arcs=(start,) if start >= 0 else ()))


def _join_text(join: Step) -> str:
    return JOINS.get(keras_kind(join.operation), type(join.operation).__name__.lower())


def _block(parts: list[Part]) -> Block | None:
    """A row for neighbouring parts of a chain, or None if nothing of them is shown."""
    steps, shown = _steps_in(parts), [part for part in parts if part.text]
    if not shown:
        return None
    last = next((step for step in reversed(steps) if _is_map(step)), steps[-1])
    branches = next((part for part in shown if isinstance(part, Branches)), None)
    rest = {"shape": last.outputs[0].shape, "parameters": sum(step.parameters for step in steps)}
    if branches is None or any(part.text != SHUFFLE for part in shown[1:]):
        kind = _kind(shown)
        return Block(_shared_name(steps), kind, (_row_words(kind, _words(parts)),), "", **rest)
    columns = tuple(_words(column) for column in branches.columns)
    if branches.join and keras_kind(branches.join.operation) == "Add":  # The shortcut, projected or not, stands last.
        columns = tuple(sorted(columns, key=len, reverse=True))
    join = _join_text(branches.join) if branches.join else ""
    join = f"{join}, {SHUFFLE}" if len(shown) > 1 else join
    return Block(_shared_name(steps), "branches", columns, join, **rest)


def _row_words(kind: str, words: tuple[str, ...]) -> tuple[str, ...]:
    if kind == "convolution" and len(words) == 1 and words[0][0].isdigit():
        return (f"convolution {words[0]}",)
    return ("input",) if kind == "input" else words


def _kind(shown: list[Part]) -> str:
    if len(shown) > 1:
        return "convolution"
    kind = keras_kind(shown[0].namesake.operation)
    if kind == "InputLayer":
        return "input"
    if kind in WINDOWS:
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
