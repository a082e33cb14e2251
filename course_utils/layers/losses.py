"""Losses: one number, the mean over all examples, and its gradient with respect to the predictions.

``y_true`` comes first, as in Keras; the backward pass gives the gradient of ``y_pred``, the only one that training needs.
Called with dy = 1 it is the gradient of the loss itself. Losses of float16 predictions are computed in float32, whose
logarithms and sums have room.
"""

import numpy as np

from course_utils._arguments import as_array, as_finite, as_flag, as_labels, as_share
from course_utils.layers._passes import as_gradient, check_cache, check_overflow, widened
from course_utils.layers.activations import sigmoid

EPSILON = 1e-7
"""Probabilities are kept this far from 0 and 1 before their logarithm is taken, as in Keras."""


def mean_squared_error_forward(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.floating, dict]:
    r"""Mean of the squared differences.

    .. math:: L = \frac{1}{m} \sum_i (\hat y_i - y_i)^2

    Parameters
    ----------
    y_true, y_pred : numpy.ndarray
        y and ŷ, the same shape, finite; m entries in all.

    Returns
    -------
    y : float
        L.
    cache : dict
        For :func:`mean_squared_error_backward`.

    Raises
    ------
    ValueError
        If the shapes differ, there is nothing to average, or an entry is not finite.
    """
    y_true, y_pred = _pair(y_true, y_pred)
    difference = y_pred - y_true
    return _checked_loss(np.square(difference)), {"layer": "mean_squared_error", "difference": difference}


def mean_squared_error_backward(dy: float, cache: dict) -> np.ndarray:
    """Gradient of :func:`mean_squared_error_forward`: 2 (ŷ − y) / m, times dy.

    The derivative of a square is twice its base, and the mean divides by m.

    Parameters
    ----------
    dy : float
        1, unless the loss is scaled afterwards.
    cache : dict
        From :func:`mean_squared_error_forward`.

    Returns
    -------
    numpy.ndarray
        ∂L/∂ŷ, shape of y_pred.

    Raises
    ------
    ValueError
        If ``dy`` is not one number.
    """
    check_cache(cache, "mean_squared_error", "difference")
    difference = cache["difference"]
    return _scaled(2 * difference / difference.size, dy)


def mean_absolute_error_forward(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.floating, dict]:
    r"""Mean of the absolute differences.

    .. math:: L = \frac{1}{m} \sum_i |\hat y_i - y_i|

    Arguments, results and errors are those of :func:`mean_squared_error_forward`.
    """
    y_true, y_pred = _pair(y_true, y_pred)
    difference = y_pred - y_true
    return _checked_loss(np.abs(difference)), {"layer": "mean_absolute_error", "difference": difference}


def mean_absolute_error_backward(dy: float, cache: dict) -> np.ndarray:
    """Gradient of :func:`mean_absolute_error_forward`: sign(ŷ − y) / m, times dy; 0 where ŷ = y.

    An absolute value has slope 1 or −1, so a large error pulls no harder than a small one. Arguments, result and errors are those of
    :func:`mean_squared_error_backward`.
    """
    check_cache(cache, "mean_absolute_error", "difference")
    difference = cache["difference"]
    return _scaled(np.sign(difference) / difference.size, dy)


def binary_cross_entropy_forward(
    y_true: np.ndarray, y_pred: np.ndarray, *, from_logits: bool = False, label_smoothing: float = 0.0
) -> tuple[np.floating, dict]:
    r"""Cross-entropy of yes-or-no answers, each with a probability of its own.

    .. math:: L = -\frac{1}{m} \sum_i \bigl( y_i \log p_i + (1 - y_i) \log (1 - p_i) \bigr)

    Parameters
    ----------
    y_true : numpy.ndarray
        y, entries 0 … 1, any shape; m of them.
    y_pred : numpy.ndarray
        Probabilities p, or logits z with p = 1 / (1 + e⁻ᶻ); shape of y_true.
    from_logits : bool
        Whether ``y_pred`` holds logits. Then log p is computed as −log(1 + e⁻ᶻ), which never overflows.
    label_smoothing : float
        Share ε by which the labels move towards ½: y (1 − ε) + ε / 2.

    Returns
    -------
    y : float
        L.
    cache : dict
        For :func:`binary_cross_entropy_backward`.

    Raises
    ------
    ValueError
        If shapes differ, there is nothing to average, or labels or probabilities are out of range or not finite.
    """
    y_true, y_pred = _pair(y_true, y_pred)
    _between_zero_and_one(y_true, "y_true", "labels")
    smoothing = as_share(label_smoothing, "label_smoothing")
    target = y_true * (1 - smoothing) + 0.5 * smoothing
    from_logits = as_flag(from_logits, "from_logits")
    cache = {"layer": "binary_cross_entropy", "target": target, "y_pred": y_pred, "from_logits": from_logits}
    if from_logits:
        losses = np.maximum(y_pred, 0) - y_pred * target + np.log1p(np.exp(-np.abs(y_pred)))
        return _checked_loss(losses), cache
    _between_zero_and_one(y_pred, "y_pred", "probabilities", hint="; for logits give from_logits=True")
    p = np.clip(y_pred, EPSILON, 1 - EPSILON)
    return _checked_loss(-(target * np.log(p) + (1 - target) * np.log(1 - p))), cache


def binary_cross_entropy_backward(dy: float, cache: dict) -> np.ndarray:
    """Gradient of :func:`binary_cross_entropy_forward`: (p − y) / m for logits, that over p (1 − p) for probabilities.

    −y/p + (1 − y)/(1 − p) = (p − y) / (p (1 − p)), and the sigmoid's derivative p (1 − p) cancels the denominator.
    Arguments, result and errors are those of :func:`mean_squared_error_backward`.
    """
    check_cache(cache, "binary_cross_entropy", "target", "y_pred", "from_logits")
    target, y_pred = cache["target"], cache["y_pred"]
    if cache["from_logits"]:
        return _scaled((sigmoid(y_pred) - target) / target.size, dy)
    p, inside = np.clip(y_pred, EPSILON, 1 - EPSILON), (y_pred >= EPSILON) & (y_pred <= 1 - EPSILON)
    return _scaled(inside * (p - target) / (p * (1 - p)) / target.size, dy)


def categorical_cross_entropy_forward(
    y_true: np.ndarray, y_pred: np.ndarray, *, from_logits: bool = False, label_smoothing: float = 0.0
) -> tuple[np.floating, dict]:
    r"""Cross-entropy of one answer among K classes, the labels given as probabilities or one-hot.

    .. math:: L = -\frac{1}{N} \sum_n \sum_k y_{n,k} \log p_{n,k}

    Parameters
    ----------
    y_true : numpy.ndarray
        y, shape (N, K) or (…, K): entries 0 … 1 that add up to 1 along the last axis.
    y_pred : numpy.ndarray
        Probabilities p, divided by their sum first as in Keras; or logits z with p = softmax(z). Shape of y_true.
    from_logits : bool
        Whether ``y_pred`` holds logits. Then log p_k is computed as z_k − log Σ eᶻ with the largest z taken out.
    label_smoothing : float
        Share ε of each label that is spread evenly: y (1 − ε) + ε / K.

    Returns
    -------
    y : float
        L. A uniform guess costs log K, a certain right answer 0.
    cache : dict
        For :func:`categorical_cross_entropy_backward`.

    Raises
    ------
    ValueError
        If shapes differ, there is nothing to average, labels do not add up to 1, or entries are out of range or not
        finite.

    References
    ----------
    Szegedy et al., *Rethinking the Inception architecture*, 2016, section 7, for label smoothing.
    """
    y_true, y_pred = _pair(y_true, y_pred)
    if y_pred.ndim < 2:
        raise ValueError(f"y_pred has shape {y_pred.shape}; expected (N, ..., K), a row of K predictions an example")
    _between_zero_and_one(y_true, "y_true", "labels")
    if not np.allclose(y_true.sum(axis=-1), 1, atol=1e-3):
        raise ValueError(
            "y_true has rows that do not add up to 1; expected one-hot labels or probabilities of the classes"
        )
    return _cross_entropy("categorical_cross_entropy", y_true, y_pred, from_logits, label_smoothing)


def categorical_cross_entropy_backward(dy: float, cache: dict) -> np.ndarray:
    r"""Gradient of :func:`categorical_cross_entropy_forward`.

    The derivative of log Σ eᶻ is the softmax, that of Σ y z is y, so for logits nothing is left but the difference:

    .. math:: \frac{\partial L}{\partial z_{n,k}} = \frac{p_{n,k} - y_{n,k}}{N}

    For probabilities it is −y/p, and its part along p is taken out since p is divided by its sum. Arguments, result and
    errors are those of :func:`mean_squared_error_backward`.
    """
    check_cache(cache, "categorical_cross_entropy", "target", "p", "total")
    return _cross_entropy_backward(dy, cache)


def sparse_categorical_cross_entropy_forward(
    y_true: np.ndarray, y_pred: np.ndarray, *, from_logits: bool = False, label_smoothing: float = 0.0
) -> tuple[np.floating, dict]:
    r"""Cross-entropy of one answer among K classes, the labels given as class numbers.

    .. math:: L = -\frac{1}{N} \sum_n \log p_{n, y_n}

    Parameters
    ----------
    y_true : numpy.ndarray
        Class numbers 0 … K − 1, whole numbers, shape (N,) or (…).
    y_pred : numpy.ndarray
        Probabilities or logits, shape (N, K) or (…, K).
    from_logits, label_smoothing
        As for :func:`categorical_cross_entropy_forward`.

    Returns
    -------
    y : float
        L, equal to that of one-hot labels.
    cache : dict
        For :func:`sparse_categorical_cross_entropy_backward`.

    Raises
    ------
    ValueError
        If shapes do not fit, a label is no class, or predictions are out of range or not finite.
    """
    y_true, (y_pred,) = as_array(y_true, "y_true", kinds="iu"), widened(as_finite(y_pred, "y_pred"))
    if y_pred.ndim < 2 or y_true.shape != y_pred.shape[:-1] or not y_pred.size:
        raise ValueError(
            f"y_true has shape {y_true.shape} and y_pred {y_pred.shape}; expected class numbers, shape (N,), "
            "and one row of K predictions for each, shape (N, K)"
        )
    classes = y_pred.shape[-1]
    as_labels(y_true, "y_true", classes=classes, shape=y_true.shape)
    target = np.eye(classes, dtype=y_pred.dtype)[y_true]
    return _cross_entropy("sparse_categorical_cross_entropy", target, y_pred, from_logits, label_smoothing)


def sparse_categorical_cross_entropy_backward(dy: float, cache: dict) -> np.ndarray:
    """Gradient of :func:`sparse_categorical_cross_entropy_forward`: that of the same labels written one-hot.

    The labels are constants, so it does not matter how they are written. Arguments, result and errors are those of
    :func:`categorical_cross_entropy_backward`.
    """
    check_cache(cache, "sparse_categorical_cross_entropy", "target", "p", "total")
    return _cross_entropy_backward(dy, cache)


def mean_squared_error(y_true: np.ndarray, y_pred: np.ndarray) -> np.floating:
    """Mean of the squared differences: L of :func:`mean_squared_error_forward`."""
    return mean_squared_error_forward(y_true, y_pred)[0]


def mean_absolute_error(y_true: np.ndarray, y_pred: np.ndarray) -> np.floating:
    """Mean of the absolute differences: L of :func:`mean_absolute_error_forward`."""
    return mean_absolute_error_forward(y_true, y_pred)[0]


def binary_cross_entropy(
    y_true: np.ndarray, y_pred: np.ndarray, *, from_logits: bool = False, label_smoothing: float = 0.0
) -> np.floating:
    """Cross-entropy of yes-or-no answers: L of :func:`binary_cross_entropy_forward`."""
    options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
    return binary_cross_entropy_forward(y_true, y_pred, **options)[0]


def categorical_cross_entropy(
    y_true: np.ndarray, y_pred: np.ndarray, *, from_logits: bool = False, label_smoothing: float = 0.0
) -> np.floating:
    """Cross-entropy of one answer among K, one-hot labels: L of :func:`categorical_cross_entropy_forward`."""
    options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
    return categorical_cross_entropy_forward(y_true, y_pred, **options)[0]


def sparse_categorical_cross_entropy(
    y_true: np.ndarray, y_pred: np.ndarray, *, from_logits: bool = False, label_smoothing: float = 0.0
) -> np.floating:
    """Cross-entropy of one answer among K, class numbers: L of :func:`sparse_categorical_cross_entropy_forward`."""
    options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
    return sparse_categorical_cross_entropy_forward(y_true, y_pred, **options)[0]


def _cross_entropy(layer, y_true, y_pred, from_logits, label_smoothing):
    smoothing = as_share(label_smoothing, "label_smoothing")
    target = y_true * (1 - smoothing) + smoothing / y_true.shape[-1]
    if target.shape[-1] < 2:
        raise ValueError(
            f"y_pred has shape {y_pred.shape}; expected two columns or more, as one class always has the probability 1: "
            "for yes or no use binary_cross_entropy"
        )
    if as_flag(from_logits, "from_logits"):
        with np.errstate(over="ignore"):
            shifted = y_pred - y_pred.max(axis=-1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        cache = {"layer": layer, "target": target, "p": np.exp(log_p), "total": None}
    else:
        _between_zero_and_one(y_pred, "y_pred", "probabilities", hint="; for logits give from_logits=True")
        total = y_pred.sum(axis=-1, keepdims=True)
        if (total == 0).any():
            raise ValueError("y_pred has rows of zeros; expected probabilities of the classes")
        cache = {"layer": layer, "target": target, "p": y_pred / total, "total": total}
        log_p = np.log(np.clip(cache["p"], EPSILON, 1 - EPSILON))
    with np.errstate(invalid="ignore"):
        terms = np.where(target > 0, target * log_p, 0)  # even where log p is minus infinity
    return _checked_loss(-terms.sum(axis=-1)), cache


def _cross_entropy_backward(dy, cache):
    target, p = cache["target"], cache["p"]
    examples = target.size // target.shape[-1]
    if cache["total"] is None:
        return _scaled((p - target) / examples, dy)
    inside = (p >= EPSILON) & (p <= 1 - EPSILON)
    slope = -(inside * target) / np.clip(p, EPSILON, 1 - EPSILON)
    return _scaled((slope - (slope * p).sum(axis=-1, keepdims=True)) / cache["total"] / examples, dy)


def _checked_loss(losses: np.ndarray) -> np.floating:
    """Mean of the losses of all examples."""
    with np.errstate(over="ignore"):
        loss = losses.mean()
    check_overflow(loss, of="the loss")
    return loss


def _pair(y_true, y_pred):
    """Both arrays as finite floats of one shape; labels take the predictions' dtype."""
    y_true, y_pred = widened(as_finite(y_true, "y_true"), as_finite(y_pred, "y_pred"))
    if y_true.shape != y_pred.shape or not y_pred.size:
        raise ValueError(f"y_true has shape {y_true.shape} and y_pred {y_pred.shape}; expected the same, and not empty")
    return y_true.astype(y_pred.dtype), y_pred


def _between_zero_and_one(array, argument, meaning, *, hint=""):
    if array.min() < 0 or array.max() > 1:
        wrong = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{argument} holds {wrong.item()!r}; {meaning} lie between 0 and 1{hint}")


def _scaled(gradient: np.ndarray, dy) -> np.ndarray:
    dy = as_gradient(dy, ())
    with np.errstate(over="ignore"):
        scaled = gradient * dy.astype(gradient.dtype)
    check_overflow(scaled, dy, of="the gradient")
    return scaled
