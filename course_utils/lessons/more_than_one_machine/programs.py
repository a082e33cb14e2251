"""Four programs that train one small classifier with two workers, three of them with a mistake."""

import numpy as np

BATCH, STEPS, RATE = 32, 6, 0.5


def _data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(STEPS, BATCH, 5))
    return x, (x @ rng.normal(size=(5, 3)) + rng.normal(size=(STEPS, BATCH, 3))).argmax(axis=2)


def _gradient(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of the mean cross-entropy of a softmax classifier."""
    z = x @ w
    probabilities = np.exp(z - z.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return x.T @ (probabilities - np.eye(3)[y]) / len(x)


def _alone(rate: float) -> np.ndarray:
    """Weights that one worker reaches with all rows."""
    w = np.zeros((5, 3))
    for x, y in zip(*_data(), strict=True):
        w = w - rate * _gradient(w, x, y)
    return w


def _pair(rows, exchange) -> list[np.ndarray]:
    """Weights of two workers, by the rows that each takes and by what it makes of both gradients."""
    team = [np.zeros((5, 3))] * 2
    for x, y in zip(*_data(), strict=True):
        slopes = [_gradient(w, x[rows(rank)], y[rows(rank)]) for rank, w in enumerate(team)]
        team = [w - RATE * exchange(slopes, rank) for rank, w in enumerate(team)]
    return team


def _halves(rank: int) -> slice:
    return slice(rank * BATCH // 2, (rank + 1) * BATCH // 2)


PROGRAMS = {
    "a": (_halves, lambda slopes, rank: sum(slopes)),
    "b": (lambda rank: slice(0, BATCH // 2), lambda slopes, rank: sum(slopes) / 2),
    "c": (_halves, lambda slopes, rank: sum(slopes) / 2),
    "d": (_halves, lambda slopes, rank: slopes[rank]),
}


def distances() -> dict[str, dict[str, float]]:
    """Largest differences of weights after some steps.

    Returns
    -------
    dict of str to dict of str to float
        For each program: between its two workers, to one worker with the joint batch, and to that with twice the rate.
    """
    one, fast = _alone(RATE), _alone(2 * RATE)
    found = {}
    for name, how in PROGRAMS.items():
        first, second = _pair(*how)
        others = {"workers": second, "one": one, "twice": fast}
        found[name] = {other: round(float(abs(first - w).max()), 6) for other, w in others.items()}
    return found
