"""Multiply-adds and memory of one call of a layer."""

import math
import re

from course_utils.anatomy._operations import (
    CONVOLUTIONS,
    SEPARABLE,
    TRANSPOSED,
    WINDOWS,
    WITHOUT_PRODUCTS,
    known_kind,
    told_by,
)


def multiply_adds(operation, before: tuple[int, ...], after: tuple[int, ...]) -> int | None:
    """Multiply-adds of a convolution or dense layer for one image; 0 for layers without, None if not known.

    Parameters
    ----------
    operation : keras.Operation
        The layer.
    before, after : tuple of int
        Shapes of its first input and output, without the batch axis.
    """
    told = told_by(operation, before)
    if "multiply_adds" in told:
        return told["multiply_adds"]
    kind = known_kind(operation)
    if kind == "SpectralNormalization":
        return multiply_adds(operation.layer, before, after)
    if kind in WINDOWS:
        return _of_convolution(kind, operation, before, after)
    if kind == "Dense":
        return math.prod(after) * before[-1]
    if kind == "EinsumDense":
        return _of_einsum(operation.equation, before, after)
    return 0 if kind in WITHOUT_PRODUCTS else None


def _of_convolution(kind, layer, before, after) -> int:
    last = layer.data_format == "channels_last"
    channels, taps = before[-1] if last else before[0], math.prod(layer.kernel_size)
    maps = before if kind in TRANSPOSED else after
    places = math.prod(maps[:-1] if last else maps[1:])
    if kind in CONVOLUTIONS:
        return places * taps * (channels // layer.groups) * layer.filters
    if kind in TRANSPOSED:
        return places * taps * channels * layer.filters
    depthwise = places * taps * channels * layer.depth_multiplier
    return depthwise + (places * channels * layer.depth_multiplier * layer.filters if kind in SEPARABLE else 0)


def _of_einsum(equation: str, before, after) -> int:
    """Every product of an einsum is one index of its output with one summed index of its input."""
    left, _, out = re.split(r",|->", equation.replace(" ", "").replace("...", "."))
    sizes = einsum_sizes(left, (1, *before)) | einsum_sizes(out, (1, *after))
    return math.prod(sizes.values())


def einsum_sizes(letters: str, shape: tuple[int, ...]) -> dict[str, int]:
    """Size of each letter of one operand of an einsum; the axes that ``.`` stands for are called 0, 1, …."""
    return dict(zip(einsum_letters(letters, len(shape)), shape, strict=True))


def einsum_letters(letters: str, rank: int) -> list[str]:
    """Letters of one operand, with ``.`` written out for a tensor of that rank."""
    front, dots, back = letters.partition(".")
    return [*front, *(str(number) for number in range(rank - len(front) - len(back) if dots else 0)), *back]


def size_in_bytes(dtype: str) -> int:
    """Bytes of one value; text counts nothing."""
    digits = re.search(r"\d+", dtype)
    return int(digits[0]) // 8 if digits else int(dtype == "bool")
