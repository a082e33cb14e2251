"""Gradients by central differences, and a comparison with those of a backward pass that a learner can read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from course_utils._arguments import as_array, as_callable, as_finite, as_floats, as_list, as_mapping, as_number, as_seed


@dataclass(frozen=True)
class GradientRow:
    """How the gradient of one array compares.

    Attributes
    ----------
    name : str
        The array.
    shape : tuple of int
        Its shape.
    error : float
        ‖analytic − numeric‖ / (‖analytic‖ + ‖numeric‖); 0 where both are zero.
    worst : tuple of int
        Index of the entry that differs most.
    analytic, numeric : float
        Its gradient by the backward pass and by central differences.
    remark : str
        What the difference looks like, if it looks like something; empty otherwise.
    """

    name: str
    shape: tuple[int, ...]
    error: float
    worst: tuple[int, ...]
    analytic: float
    numeric: float
    remark: str = ""


@dataclass(frozen=True)
class GradientReport:
    """One row an array, and whether all of them are within the tolerance."""

    rows: tuple[GradientRow, ...]
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether every array's error is at most the tolerance."""
        return all(row.error <= self.tolerance for row in self.rows)

    @property
    def error(self) -> float:
        """The largest error of all arrays."""
        return max(row.error for row in self.rows)

    def __str__(self):
        width = max(len(row.name) for row in self.rows)
        lines = []
        for row in self.rows:
            right = row.error <= self.tolerance
            lines.append(f"{'✓' if right else '✗'} {row.name:<{width}}  relative error {row.error:.1e}")
            if not right:
                place = f"[{', '.join(map(str, row.worst))}]" if row.worst else ""
                lines.append(f"    {row.name}{place}: {row.analytic:.6g} by backward, {row.numeric:.6g} by differences")
            if not right and row.remark:
                lines.append(f"    {row.remark}")
        return "\n".join(lines)

    __repr__ = __str__


def numeric_gradient(function: Callable[[], float], array: np.ndarray, *, step: float = 1e-5) -> np.ndarray:
    r"""Gradient of a number with respect to every entry of an array, by central differences.

    .. math:: \frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2 h}

    Parameters
    ----------
    function : callable
        Takes nothing and returns f, computed from ``array`` as it is at that moment.
    array : numpy.ndarray
        float64. Its entries are changed one by one and put back.
    step : float
        h, for an entry of size 1 or less; larger entries take a step in proportion. The error of the formula falls with
        h², that of rounding rises with 1 / h.

    Returns
    -------
    numpy.ndarray
        Shape of ``array``.

    Raises
    ------
    ValueError
        If ``array`` is not of dtype float64, not finite or cannot be written to, ``step`` is lost beside an entry, or the
        function does not return one number.
    """
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        raise ValueError(
            f"array has dtype {getattr(array, 'dtype', type(array).__name__)}; differences need float64: "
            "convert with array.astype(np.float64)"
        )
    if not array.flags.writeable:
        raise ValueError("array cannot be written to; differences change its entries: give array.copy()")
    as_array(array, "array", finite=True)
    step, function = as_number(step, "step", above=0), as_callable(function, "function")
    gradient = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        with np.errstate(over="ignore"):
            h = step * max(1.0, abs(value))
            fits = -np.inf < value - h < value < value + h < np.inf and 2 * h < np.inf
        if fits:
            try:
                array[index] = value + h
                above = as_floats(function(), "what function returns", shape=())
                array[index] = value - h
                below = as_floats(function(), "what function returns", shape=())
            finally:
                array[index] = value
            with np.errstate(over="ignore", invalid="ignore"):
                gradient[index] = (above - below) / (2 * h)
            fits = np.isfinite(gradient[index]) or not np.isfinite(function())
        if not fits:
            raise ValueError(f"step={step!r} is too small or too large for the entry {value.item()!r}")
    return gradient


def gradient_check(
    forward: Callable,
    backward: Callable,
    arrays: Mapping[str, np.ndarray],
    *,
    tolerance: float = 1e-7,
    step: float = 1e-5,
    seed: int = 0,
) -> GradientReport:
    """Compare a backward pass with central differences of its forward pass.

    The output y is made a number by a weighted sum L = Σ dy · y with random weights dy, which is then also the gradient that the
    backward pass receives.

    Parameters
    ----------
    forward : callable
        Takes the arrays in their order and returns (y, cache).
    backward : callable
        Takes (dy, cache) and returns one gradient an array, in the same order: a tuple, or for one array the gradient itself.
        A tuple may be longer than ``arrays``; what follows is not looked at.
    arrays : mapping of str to numpy.ndarray
        Name and value of each input, float64 and small: every entry costs two forward passes.
    tolerance : float
        Largest relative error that passes.
    step : float
        As for :func:`numeric_gradient`.
    seed : int
        For dy.

    Returns
    -------
    GradientReport
        Prints as one line an array; ``passed`` and ``error`` sum it up.

    Raises
    ------
    ValueError
        If an array is not float64 or not finite, or the backward pass returns other shapes or too few gradients.

    Notes
    -----
    At a kink (0 for ReLU, two equal entries for max pooling) there is no derivative, and the difference across it is that
    of no gradient. Keep test inputs away from them.

    Examples
    --------
    >>> import numpy as np
    >>> from course_utils import layers
    >>> x = np.array([[1.0, -2.0], [0.5, 3.0]])
    >>> layers.gradient_check(layers.relu_forward, layers.relu_backward, {"x": x}).passed
    True
    """
    forward, backward = as_callable(forward, "forward"), as_callable(backward, "backward")
    tolerance, seed = as_number(tolerance, "tolerance", least=0), as_seed(seed)
    values = {name: _float64(value, name) for name, value in as_mapping(arrays, "arrays").items()}
    result = forward(*values.values())
    if not isinstance(result, tuple) or len(result) != 2:
        raise ValueError(f"forward returned {type(result).__name__}; expected the pair (y, cache)")
    y, cache = as_floats(result[0], "what forward returns").astype(np.float64), result[1]
    dy = np.random.default_rng(seed).uniform(0.5, 1.5, np.shape(y)) * _signs(np.shape(y), seed)
    gradients = backward(dy if np.ndim(y) else float(dy), cache)
    gradients = as_list(gradients, "gradients") if isinstance(gradients, tuple | list) else [gradients]
    if len(gradients) < len(values):
        raise ValueError(
            f"backward returned {len(gradients)} gradient(s); expected {len(values)}, for {', '.join(values)}"
        )
    rows = []
    for (name, value), analytic in zip(values.items(), gradients, strict=False):
        analytic = as_floats(analytic, f"the gradient of {name}", shape=value.shape).astype(np.float64)
        # Differences of L, taken from y at the start: the large common part is gone before it can be rounded.
        numeric = numeric_gradient(lambda: ((forward(*values.values())[0] - y) * dy).sum(), value, step=step)
        rows.append(_compare(name, analytic, numeric))
    return GradientReport(tuple(rows), tolerance)


def _float64(array, name: str) -> np.ndarray:
    """A copy of an array of finite float64, whose entries may be changed."""
    dtype = getattr(array, "dtype", np.float64)
    if as_finite(array, name).dtype != np.float64 or dtype != np.float64:
        raise ValueError(f"{name} has dtype {dtype}; differences need float64: convert with {name}.astype(np.float64)")
    return np.array(array, np.float64)


def _signs(shape, seed):
    return np.random.default_rng([seed, 1]).choice([-1.0, 1.0], shape)


def _compare(name: str, analytic: np.ndarray, numeric: np.ndarray) -> GradientRow:
    scale = np.linalg.norm(analytic) + np.linalg.norm(numeric)
    difference = analytic - numeric
    error = float(np.linalg.norm(difference) / scale) if scale else 0.0
    if not np.isfinite(error):
        error = float("inf")
    size = np.where(np.isnan(difference), np.inf, np.abs(difference))
    worst = tuple(int(i) for i in np.unravel_index(size.argmax(), size.shape)) if size.size else ()
    row = {"name": name, "shape": analytic.shape, "error": error, "worst": worst}
    if not size.size:
        return GradientRow(**row, analytic=0.0, numeric=0.0)
    remark = _remark(analytic, numeric)
    return GradientRow(**row, analytic=float(analytic[worst]), numeric=float(numeric[worst]), remark=remark)


def _remark(analytic: np.ndarray, numeric: np.ndarray) -> str:
    """What a wrong gradient looks like, if it looks like something."""
    if not np.isfinite(analytic).all():
        return "The backward pass gives NaN or infinity."
    if not analytic.any():
        return "The backward pass gives zeros only."
    factor = float((analytic * numeric).sum() / max(float(np.square(numeric).sum()), 1e-300))
    tolerance = 1e-4 * np.linalg.norm(analytic)
    if abs(factor - 1) > 1e-4 and np.linalg.norm(analytic - factor * numeric) < tolerance:
        return (
            "The sign is wrong everywhere."
            if abs(factor + 1) < 1e-4
            else f"It is {factor:.4g} times what it should be, everywhere."
        )
    for axes, text in ((slice(None, None, -1), "reversed along every axis"), (None, "transposed")):
        other = numeric.T if axes is None else numeric[(axes,) * numeric.ndim]
        if numeric.ndim and other.shape == analytic.shape and np.linalg.norm(analytic - other) < tolerance:
            return f"It is the right gradient {text}."
    if numeric.ndim == 4 and np.linalg.norm(analytic - numeric[::-1, ::-1]) < tolerance:
        return "It is the right gradient with rows and columns flipped."
    wrong = ~np.isclose(analytic, numeric, rtol=1e-5, atol=1e-7 * float(np.abs(numeric).max()))
    share = wrong.mean()
    return f"{wrong.sum()} of {wrong.size} entries are wrong, the others right." if 0 < share < 0.9 else ""
