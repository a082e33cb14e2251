"""Multiply-adds and memory of one call of a layer."""

import math
import re

CONVOLUTIONS = {"Conv1D", "Conv2D", "Conv3D"}
DEPTHWISE = {"DepthwiseConv1D", "DepthwiseConv2D"}
SEPARABLE = {"SeparableConv1D", "SeparableConv2D"}
TRANSPOSED = {"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"}
WITHOUT_PRODUCTS = {"BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization", "PReLU"}
WITHOUT_PRODUCTS |= {"Normalization", "Embedding"}
PRODUCTS = {"Matmul", "Einsum", "Dot", "Tensordot", "Inner", "Vdot", "Outer", "Kron", "Cross", "DotProductAttention"}
PRODUCTS |= {"Conv", "DepthwiseConv", "SeparableConv", "ConvTranspose", "Attention", "AdditiveAttention", "Bilinear"}


def keras_kind(operation) -> str:
    """Name of the Keras class that an operation is or extends; "" if it extends only the base class of all layers."""
    kind = next(kind for kind in type(operation).__mro__ if kind.__module__.split(".")[0] == "keras")
    return "" if kind.__name__ in ("Layer", "Operation", "Model") else kind.__name__


def told_by(operation, before: tuple[int, ...]) -> dict:
    """What a layer that is not Keras's own says of itself in a method ``anatomy(input_shape)``."""
    return operation.anatomy((None, *before)) if hasattr(operation, "anatomy") else {}


def is_weighted(operation) -> bool:
    """Whether a layer counts for the depth of a network: it has a kernel, not only numbers a channel."""
    if keras_kind(operation) in WITHOUT_PRODUCTS:
        return False
    return any(sum(size > 1 for size in weight.shape) > 1 for weight in getattr(operation, "weights", ())) or (
        keras_kind(operation) in CONVOLUTIONS | DEPTHWISE | SEPARABLE | TRANSPOSED | {"Dense", "EinsumDense"}
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
    kind = keras_kind(operation)
    if kind == "SpectralNormalization":
        return multiply_adds(operation.layer, before, after)
    if kind in CONVOLUTIONS | DEPTHWISE | SEPARABLE | TRANSPOSED:
        return _of_convolution(kind, operation, before, after)
    if kind == "Dense":
        return math.prod(after) * before[-1]
    if kind == "EinsumDense":
        return _of_einsum(operation.equation, before, after)
    if kind in PRODUCTS or (kind not in WITHOUT_PRODUCTS and is_weighted(operation)):
        return None
    return 0


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
