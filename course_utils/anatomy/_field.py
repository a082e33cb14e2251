"""Receptive fields along one axis, exactly: which input positions each position of a feature map sees."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class AxisField:
    """First and last input position that each position of a feature map sees, along one axis.

    A network of windows repeats itself: if position j sees first … last, position j + period sees the same moved by
    ``shift``. Without upsampling the period is 1; a transposed convolution with stride s has a period of s.

    Attributes
    ----------
    first, last : tuple of int or None
        For positions 0 … period − 1; None where a position sees no input at all.
    shift : int
        Input positions from one period to the next.
    """

    first: tuple[int | None, ...] = (0,)
    last: tuple[int | None, ...] = (0,)
    shift: int = 1

    @property
    def period(self) -> int:
        """Positions after which the pattern repeats."""
        return len(self.first)

    @property
    def stride(self) -> Fraction:
        """Input positions from one position to the next, on average."""
        return Fraction(self.shift, self.period)

    @property
    def size(self) -> int:
        """Positions from first to last, for the position that sees most."""
        return max(last - first + 1 for first, last in zip(self.first, self.last, strict=True) if first is not None)

    def at(self, position: int) -> tuple[int, int] | None:
        """First and last input position that a position sees, or None if it sees nothing."""
        periods, phase = divmod(position, self.period)
        if self.first[phase] is None:
            return None
        return self.first[phase] + periods * self.shift, self.last[phase] + periods * self.shift

    def through(self, taps: Sequence[Sequence[int]], shift: int) -> "AxisField":
        """The field behind one more layer.

        Parameters
        ----------
        taps : sequence of sequences of int
            For positions 0 … m − 1 of the new layer, the positions of this map that they look at; position j + m looks
            at the same ones moved by ``shift``.
        shift : int
            Positions of this map from one such period to the next.
        """
        repeats = self.period // math.gcd(self.period, shift)
        bounds = []
        for repeat in range(repeats):
            for positions in taps:
                seen = [self.at(position + repeat * shift) for position in positions]
                seen = [interval for interval in seen if interval]
                bounds.append((min(a for a, _ in seen), max(b for _, b in seen)) if seen else (None, None))
        first, last = zip(*bounds, strict=True)
        return AxisField(first, last, self.shift * repeats * shift // self.period)

    def joined(self, other: "AxisField") -> "AxisField":
        """The field of a position that sees what both see; of unequal strides, the larger field alone."""
        if self == other:
            return self
        if self.stride != other.stride:
            return max(self, other, key=lambda field: field.size)
        period = math.lcm(self.period, other.period)
        bounds = []
        for position in range(period):
            seen = [interval for interval in (self.at(position), other.at(position)) if interval]
            bounds.append((min(a for a, _ in seen), max(b for _, b in seen)) if seen else (None, None))
        first, last = zip(*bounds, strict=True)
        return AxisField(first, last, self.shift * period // self.period)


def window(size: int, stride: int, before: int, dilation: int = 1) -> tuple[list[list[int]], int]:
    """Taps of a convolution or pooling with ``before`` positions of padding in front, for :meth:`AxisField.through`."""
    return [[tap * dilation - before for tap in range(size)]], stride


def transposed(size: int, stride: int, crop: int, dilation: int = 1) -> tuple[list[list[int]], int]:
    """Taps of a transposed convolution whose first ``crop`` outputs are cut off."""
    taps = []
    for phase in range(stride):
        reach = [phase + crop - tap * dilation for tap in range(size)]
        taps.append([distance // stride for distance in reach if distance % stride == 0])
    return taps, 1


def resized(before: int, after: int, radius: int) -> tuple[list[list[int]], int]:
    """Taps of a resizing from ``before`` to ``after`` positions: 0 for the nearest, else 2 × radius neighbours."""
    common = math.gcd(before, after)
    period, shift = after // common, before // common
    taps = []
    for position in range(period):
        centre = Fraction((2 * position + 1) * shift, 2 * period)
        if radius == 0:
            taps.append([math.floor(centre)])
            continue
        centre -= Fraction(1, 2)
        low = math.floor(centre)
        taps.append([low] if centre == low else list(range(low - radius + 1, low + radius + 1)))
    return taps, shift


def padding_before(padding: str, size: int, window_size: int, stride: int) -> int:
    """Positions that Keras's ``padding`` adds in front of ``size`` ones, for a window of that reach."""
    if padding == "causal":
        return window_size - 1
    if padding == "same":
        return max((-(-size // stride) - 1) * stride + window_size - size, 0) // 2
    return 0
