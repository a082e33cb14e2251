"""Optimisers and learning-rate schedules, with Keras's update rules.

An optimiser is a function of one weight array, its gradient and what it remembered: it returns the new weights and the
new memory, a dictionary that starts as ``None``. A schedule is a function of the step number, which starts at 0.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from course_utils._arguments import as_count, as_finite, as_flag, as_floats, as_number, as_share
from course_utils.layers._passes import check_overflow, widened


def sgd_update(
    weights: np.ndarray,
    gradient: np.ndarray,
    state: dict | None = None,
    *,
    learning_rate: float = 0.01,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> tuple[np.ndarray, dict]:
    r"""Gradient descent, with momentum if asked for.

    .. math:: v \leftarrow \beta v - \eta g, \qquad w \leftarrow w + v \quad\text{or, Nesterov,}\quad w + \beta v - \eta g

    Parameters
    ----------
    weights, gradient : numpy.ndarray
        w and g, the same shape, floats.
    state : dict, optional
        What the previous step returned; None before the first.
    learning_rate : float
        η, at least 0.
    momentum : float
        β, 0 ≤ β < 1; 0 is plain gradient descent, w ← w − η g.
    nesterov : bool
        Take the step that the *next* velocity would give.

    Returns
    -------
    weights : numpy.ndarray
        New; the array that came in is left alone.
    state : dict
        For the next step.

    Raises
    ------
    ValueError
        If shapes differ, ``state`` is not of these weights, entries are not finite, or a number is out of range.

    References
    ----------
    Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964. Sutskever et al., *On the importance
    of initialization and momentum in deep learning*, 2013.
    """
    w, g, state, learning_rate = _checked(weights, gradient, state, learning_rate, ("velocity",))
    momentum = as_share(momentum, "momentum")
    velocity = momentum * state["velocity"] - learning_rate * g
    ahead = as_flag(nesterov, "nesterov")
    move = momentum * velocity - learning_rate * g if ahead else velocity
    return _finished(w + move, {"velocity": velocity}, weights, state)


def rmsprop_update(
    weights: np.ndarray,
    gradient: np.ndarray,
    state: dict | None = None,
    *,
    learning_rate: float = 0.001,
    rho: float = 0.9,
    momentum: float = 0.0,
    epsilon: float = 1e-7,
    centered: bool = False,
) -> tuple[np.ndarray, dict]:
    r"""Divide each gradient by a running root mean square of its past.

    .. math:: v \leftarrow \rho v + (1 - \rho)\, g^2, \qquad w \leftarrow w - \frac{\eta\, g}{\sqrt{v + \varepsilon}}

    Parameters
    ----------
    weights, gradient, state, learning_rate
        As for :func:`sgd_update`.
    rho : float
        ρ, 0 ≤ ρ < 1: share of the old mean square that is kept.
    momentum : float
        Share of the previous move that is added to the next.
    epsilon : float
        ε, greater than 0, under the root as in Keras.
    centered : bool
        Subtract the square of the running mean from v, which makes it a variance.

    Returns
    -------
    weights : numpy.ndarray
        New.
    state : dict
        For the next step.

    Raises
    ------
    ValueError
        As for :func:`sgd_update`.

    References
    ----------
    Tieleman and Hinton, *Lecture 6.5: RMSprop*, 2012.
    """
    w, g, state, learning_rate = _checked(weights, gradient, state, learning_rate, ("square", "mean", "move"))
    rho, momentum = as_share(rho, "rho"), as_share(momentum, "momentum")
    epsilon, centered = as_number(epsilon, "epsilon", above=0), as_flag(centered, "centered")
    square = rho * state["square"] + (1 - rho) * np.square(g)
    mean = rho * state["mean"] + (1 - rho) * g
    spread = square - np.square(mean) if centered else square
    move = momentum * state["move"] + learning_rate * g / np.sqrt(spread + epsilon)
    return _finished(w - move, {"square": square, "mean": mean, "move": move}, weights, state)


def adam_update(
    weights: np.ndarray,
    gradient: np.ndarray,
    state: dict | None = None,
    *,
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[np.ndarray, dict]:
    r"""Running mean of the gradient over the running root mean square, both corrected for their start at zero.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2, \qquad
        w \leftarrow w - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, \frac{m}{\sqrt v + \varepsilon}

    Parameters
    ----------
    weights, gradient, state, learning_rate
        As for :func:`sgd_update`.
    beta_1, beta_2 : float
        Shares of the old means that are kept, 0 ≤ β < 1. t counts steps from 1.
    epsilon : float
        ε, greater than 0, beside the uncorrected root as in Keras (the paper's ε-hat).

    Returns
    -------
    weights : numpy.ndarray
        New.
    state : dict
        For the next step.

    Raises
    ------
    ValueError
        As for :func:`sgd_update`.

    References
    ----------
    Kingma and Ba, *Adam: a method for stochastic optimization*, 2015, end of section 2.
    """
    w, g, state, learning_rate = _checked(weights, gradient, state, learning_rate, ("mean", "square"))
    beta_1, beta_2 = as_share(beta_1, "beta_1"), as_share(beta_2, "beta_2")
    epsilon = as_number(epsilon, "epsilon", above=0)
    step = state["step"] + 1
    mean = state["mean"] + (1 - beta_1) * (g - state["mean"])
    square = state["square"] + (1 - beta_2) * (np.square(g) - state["square"])
    rate = learning_rate * math.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    move = rate * mean / (np.sqrt(square) + epsilon)
    return _finished(w - move, {"mean": mean, "square": square}, weights, state)


def adamw_update(
    weights: np.ndarray,
    gradient: np.ndarray,
    state: dict | None = None,
    *,
    learning_rate: float = 0.001,
    weight_decay: float = 0.004,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[np.ndarray, dict]:
    r"""Adam, with weights that shrink by a share of their own before each step.

    .. math:: w \leftarrow w - \eta \lambda w

    Then comes Adam's step, with the gradient of the loss alone.
    An L2 penalty would go through m / √v, which divides its pull by the size of the gradients; this decay does not.

    Parameters
    ----------
    weights, gradient, state, learning_rate, beta_1, beta_2, epsilon
        As for :func:`adam_update`.
    weight_decay : float
        λ, at least 0.

    Returns
    -------
    weights : numpy.ndarray
        New.
    state : dict
        For the next step.

    Raises
    ------
    ValueError
        As for :func:`sgd_update`.

    References
    ----------
    Loshchilov and Hutter, *Decoupled weight decay regularization*, 2019.
    """
    shrink = as_number(weight_decay, "weight_decay", least=0) * as_number(learning_rate, "learning_rate", least=0)
    weights = as_floats(weights, "weights")
    options = {"learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
    return adam_update(weights - weights * shrink, gradient, state, **options)


def step_decay(step, *, boundaries: Sequence[float], values: Sequence[float]):
    """Learning rate that stays, and jumps after given steps.

    Parameters
    ----------
    step : int or numpy.ndarray
        Steps already taken, at least 0.
    boundaries : sequence of float
        Last step of each value but the last, increasing.
    values : sequence of float
        Learning rates, one more than boundaries, each at least 0.

    Returns
    -------
    float or numpy.ndarray
        One learning rate a step.

    Raises
    ------
    ValueError
        If a number is out of range or the lengths do not fit.

    Notes
    -----
    The same as ``keras.optimizers.schedules.PiecewiseConstantDecay``.
    """
    step, boundaries = _steps(step), as_finite(boundaries, "boundaries", shape=("K",))
    values = as_finite(values, "values", shape=("K",), least=0)
    if len(values) != len(boundaries) + 1 or (np.diff(boundaries) <= 0).any():
        raise ValueError(
            f"{boundaries.size} boundaries, {values.size} values: expected increasing boundaries and one value more"
        )
    return values[np.searchsorted(boundaries, step, side="left")]


def exponential_decay(
    step, *, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False
):
    r"""Learning rate that is multiplied by the same factor again and again.

    .. math:: \eta_t = \eta_0\, r^{\,t / T}

    Parameters
    ----------
    step : int or numpy.ndarray
        t, steps already taken, at least 0.
    initial_learning_rate : float
        η₀, greater than 0.
    decay_steps : int
        T, at least 1: after so many steps the factor r is complete.
    decay_rate : float
        r, greater than 0.
    staircase : bool
        Round t / T down, so that the rate falls in steps.

    Returns
    -------
    float or numpy.ndarray
        One learning rate a step.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    The same as ``keras.optimizers.schedules.ExponentialDecay``.
    """
    rate = as_number(initial_learning_rate, "initial_learning_rate", above=0)
    periods = _steps(step) / as_count(decay_steps, "decay_steps")
    periods = np.floor(periods) if as_flag(staircase, "staircase") else periods
    with np.errstate(over="ignore"):
        rates = rate * as_number(decay_rate, "decay_rate", above=0) ** np.asarray(periods)
    check_overflow(rates, of="the learning rate")
    return rates[()]


def cosine_decay(
    step,
    *,
    initial_learning_rate: float,
    decay_steps: int,
    alpha: float = 0.0,
    warmup_target: float | None = None,
    warmup_steps: int = 0,
):
    r"""Learning rate that falls along half a cosine, after a linear warm-up if asked for.

    .. math:: \eta_t = \eta_0 \Bigl( (1 - \alpha)\, \tfrac12 \bigl(1 + \cos \tfrac{\pi t}{T}\bigr) + \alpha \Bigr)

    Parameters
    ----------
    step : int or numpy.ndarray
        Steps already taken, at least 0.
    initial_learning_rate : float
        Learning rate at step 0, at least 0; η₀ without warm-up.
    decay_steps : int
        T, length of the fall, at least 1.
    alpha : float
        What is left at the end, as a share of η₀.
    warmup_target : float, optional
        η₀ at the end of a warm-up.
    warmup_steps : int
        Length of the warm-up, which comes before the T steps.

    Returns
    -------
    float or numpy.ndarray
        One learning rate a step.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    The same as ``keras.optimizers.schedules.CosineDecay``.

    References
    ----------
    Loshchilov and Hutter, *SGDR: stochastic gradient descent with warm restarts*, 2017. Goyal et al., *Accurate, large
    minibatch SGD*, 2017, section 2.2, for the warm-up.
    """
    decay_steps, step = as_count(decay_steps, "decay_steps"), _steps(step)
    initial_learning_rate = as_number(initial_learning_rate, "initial_learning_rate", least=0)
    alpha = as_share(alpha, "alpha", closed=True)
    if warmup_target is None:
        as_count(warmup_steps, "warmup_steps", least=0)
        warmup_steps, warmup_target = 0, initial_learning_rate
    else:
        warmup_steps = as_count(warmup_steps, "warmup_steps")
        warmup_target = as_number(warmup_target, "warmup_target", above=0)
    share = np.minimum(np.maximum(step - warmup_steps, 0), decay_steps) / decay_steps
    fall = warmup_target * ((1 - alpha) * 0.5 * (1 + np.cos(np.pi * share)) + alpha)
    if not warmup_steps:
        return fall
    rise = initial_learning_rate + (warmup_target - initial_learning_rate) * step / warmup_steps
    return np.where(step < warmup_steps, rise, fall)[()]


def one_cycle(step, *, peak: float, steps: int, warmup: float = 0.2):
    """Learning rate that rises linearly from 0 to its peak, then falls to 0 along half a cosine.

    Parameters
    ----------
    step : int or numpy.ndarray
        Steps already taken, at least 0.
    peak : float
        Highest learning rate, greater than 0.
    steps : int
        Length of the whole cycle, at least 2.
    warmup : float
        Share of it that the rise takes, 0 < warmup < 1.

    Returns
    -------
    float or numpy.ndarray
        One learning rate a step.

    Raises
    ------
    ValueError
        If a number is out of range.

    See Also
    --------
    course_utils.training.one_cycle : the same for a Keras optimiser.

    References
    ----------
    Smith and Topin, *Super-convergence*, 2018.
    """
    peak, steps = as_number(peak, "peak", above=0), as_count(steps, "steps", least=2)
    warmup = as_number(warmup, "warmup", above=0, below=1)
    rise = min(max(1, round(warmup * steps)), steps - 1)
    return cosine_decay(
        step, initial_learning_rate=0.0, decay_steps=steps - rise, warmup_target=peak, warmup_steps=rise
    )


def _checked(weights, gradient, state, learning_rate, names):
    """Weights, gradient, memory (zeros before the first step) and rate, or a ValueError that says what is wrong."""
    weights, gradient = as_finite(weights, "weights"), as_finite(gradient, "gradient")
    if weights.shape != gradient.shape:
        raise ValueError(f"gradient has shape {gradient.shape}; expected {weights.shape}, the shape of the weights")
    learning_rate = as_number(learning_rate, "learning_rate", least=0)
    w, g = widened(weights, gradient)
    if state is None:
        state = {"step": 0} | {name: np.zeros_like(w) for name in names}
    fits = isinstance(state, Mapping) and {"step", *names} <= set(state)
    if not fits or any(np.shape(state[name]) != w.shape for name in names):
        raise ValueError(
            f"state does not fit weights of shape {w.shape}: give what the previous step of the same optimiser "
            "returned for them, or None"
        )
    past = {"step": as_count(state["step"], "state['step']", least=0)}
    for name in names:
        array = as_finite(state[name], f"state[{name!r}]", least=0 if name == "square" else None)
        past[name] = array.astype(w.dtype, copy=False)
    return w, g.astype(w.dtype), past, learning_rate


def _finished(new: np.ndarray, memory: dict, weights, state: Mapping) -> tuple[np.ndarray, dict]:
    """New weights in the dtype of the old ones, and the memory with its count of steps; neither may have overflowed."""
    new = new.astype(as_floats(weights, "weights").dtype, copy=False)
    for result in (new, *memory.values()):
        check_overflow(result, of="what weights, gradient and learning_rate give")
    return new, memory | {"step": state["step"] + 1}


def _steps(step):
    """Step numbers as a float or an array of floats, at least 0."""
    return as_finite(step, "step", kinds="iuf", least=0).astype(np.float64)[()]
