"""Exercises of the lesson on ROC curves and thresholds, and the two splits of its project."""

from functools import lru_cache

import numpy as np

from course_utils import datasets
from course_utils.exercises import (
    Case,
    Choice,
    Code,
    Exercise,
    Judged,
    Number,
    Option,
    Result,
    Several,
    UnfitError,
    finite_array,
)

some_threshold = Exercise(
    "some_threshold",
    "Which lists of answers can come from one threshold?",
    fields=(
        Several(
            "possible",
            (
                Option(
                    "a",
                    True,
                    "every yes has a higher score than every no: any threshold above .35 and up to .4 does it.",
                ),
                Option(
                    "b", False, "the second example has .6 and a no, the third .55 and a yes. Where would the line run?"
                ),
                Option("c", True, "a threshold above the highest score makes every answer a no."),
                Option("d", False, "two examples have the same score: one threshold treats them alike."),
                Option("e", True, "scores need not lie between 0 and 1; every yes stands above every no."),
            ),
            idea="name the letters, such as 'ab'.",
        ),
    ),
    hints=(
        "Sort the examples by their score. What does a threshold do to such a row?",
        "Compare the lowest score of a yes with the highest score of a no.",
    ),
)


auc_with_ties = Exercise(
    "auc_with_ties",
    "AUC of three positives and two negatives, with a tie.",
    fields=(
        Number(
            "auc",
            4.5 / 6,
            mistakes=(
                (5 / 6, "that counts the tie in full; it counts half."),
                (4 / 6, "that leaves the tie out; it counts half."),
                (1.5 / 6, "that is the share in the wrong order; the positive should have the higher score."),
                (4.5, "that is the number of pairs; divide by how many there are."),
                (75, "a share lies between 0 and 1: divide per cent by 100."),
                (4.5 / 5, "there are 3 · 2 pairs, one for each positive with each negative."),
            ),
            idea="take each positive with each negative: 1 if its score is higher, a half if equal, 0 otherwise; then the mean.",
        ),
    ),
    hints=(
        "There are six pairs of a positive and a negative.",
        "The positive with 3 beats both negatives. The one with 2 beats one and ties with the other.",
    ),
)


screening = Exercise(
    "screening",
    "Which of two tests is cheaper, and the probability from which a second look pays.",
    fields=(
        Number(
            "from_cost",
            (0.98 * 0.10) / (0.02 * 0.05),
            mistakes=(
                (0.10 / 0.05, "that would be right if as many were ill as well. How many of 1000 people are ill?"),
                (0.02 * 0.10 / (0.98 * 0.05), "the ill and the well are exchanged: misses happen among the ill."),
                (0.02 * 0.05 / (0.98 * 0.10), "that is the price of an alarm where a miss costs 1. Turn it over."),
                (147, "B raises 147 false alarms in 1000 people, but A raises some as well. Take the difference."),
            ),
            idea="take 1000 people: how many fewer misses has B, and how many more false alarms?",
        ),
        Number(
            "from_probability",
            0.05,
            mistakes=(
                (0.95, "then a miss would be the cheap mistake. It is the dear one: ask for less certainty."),
                (0.5, "that is right where both mistakes cost the same."),
                (1 / 19, "close. Not the ratio of the costs: at ŷ a miss costs 19 ŷ, an alarm 1 − ŷ."),
                (19, "a probability lies between 0 and 1. Where are 19 ŷ and 1 − ŷ equal?"),
                (5, "a probability lies between 0 and 1: divide per cent by 100."),
            ),
            tolerance=1e-4,
            idea="look again where not looking costs as much as looking: 19 ŷ = 1 − ŷ.",
        ),
    ),
    hints=(
        "Of 1000 people 20 are ill: A misses 2 of these, B 1. Count the false alarms among the 980 others in the same way.",
        "Without a second look a person with the probability ŷ costs 19 ŷ on average; with one, 1 − ŷ.",
    ),
)


def _costs(y, scores, miss, alarm, thresholds):
    y, scores = np.asarray(y), np.asarray(scores)
    return [miss * np.sum((scores < t) & (y == 1)) + alarm * np.sum((scores >= t) & (y == 0)) for t in thresholds]


def _lowest_cost(y, scores, miss, alarm):
    return float(min(_costs(y, scores, miss, alarm, [*scores, np.inf])))


def _above(scores):
    """All scores but the lowest."""
    return scores[scores > scores.min()]


def _cut(y, order, miss, alarm):
    """The lowest cost of a cut between two examples, also where their scores are equal."""
    y = np.asarray(y)[order]
    return float(min(miss * np.sum(y[:cut]) + alarm * np.sum(1 - y[cut:]) for cut in range(len(y) + 1)))


_Y = np.array([1, 0, 1, 1, 0, 1])
_SCORES = np.array([0.9, 0.1, 0.4, 0.65, 0.45, 0.7])
_OTHER = np.array([0, 1, 0, 0, 1, 0, 0, 1])
_LOGITS = np.array([-3.0, -1.0, -1.0, 0.5, 2.0, 2.0, 2.5, 4.0])

lowest_cost = Exercise(
    "lowest_cost",
    "The smallest total cost that some threshold reaches.",
    fields=(
        Code(
            "lowest_cost",
            _lowest_cost,
            cases=(
                Case(
                    "misses of 5, alarms of 1",
                    (_Y, _SCORES, 5, 1),
                    idea="Try every score as a threshold: yes from there on.",
                ),
                Case("misses of 1, alarms of 5", (_Y, _SCORES, 1, 5), idea="A miss is a positive below the threshold."),
                Case(
                    "scores that occur twice",
                    (_OTHER, _LOGITS, 3, 2),
                    idea="Examples with equal scores get the same answer.",
                ),
                Case(
                    "equal scores in another order",
                    (_OTHER[::-1], _LOGITS[::-1], 3, 2),
                    idea="Examples with equal scores get the same answer, in whatever order they stand.",
                ),
                Case(
                    "misses that cost more than everything",
                    (_OTHER, _LOGITS[::-1], 100, 1),
                    idea="At the lowest score everybody gets a yes, and nobody is missed.",
                ),
                Case(
                    "alarms that cost more than everything",
                    (_OTHER, _LOGITS[::-1], 1, 100),
                    idea="A threshold above all scores raises no alarm.",
                ),
            ),
            mistakes=(
                (
                    lambda y, scores, miss, alarm: _lowest_cost(y, scores, alarm, miss),
                    "the two costs are exchanged: a miss is a positive that gets a no.",
                ),
                (
                    lambda y, scores, miss, alarm: float(min(_costs(y, scores, miss, alarm, scores))),
                    "one threshold is missing: the one above all scores.",
                ),
                (
                    lambda y, scores, miss, alarm: float(
                        min(_costs(y, scores, miss, alarm, [*_above(scores), np.inf]))
                    ),
                    "one threshold is missing: the lowest score, from which on everybody gets a yes.",
                ),
                (
                    lambda y, scores, miss, alarm: _cut(y, np.argsort(scores, kind="stable"), miss, alarm),
                    "equal scores get the same answer: cut between scores, not between examples.",
                ),
                (
                    lambda y, scores, miss, alarm: _lowest_cost(y, scores, miss, alarm) / len(y),
                    "that is the mean; the total is asked for.",
                ),
                (
                    lambda y, scores, miss, alarm: float(_costs(y, scores, miss, alarm, [0.5])[0]),
                    "that is the cost at the threshold 0.5. Try them all.",
                ),
            ),
        ),
    ),
    hints=(
        "Only thresholds at a score change anything, and one above all scores.",
        "misses = ((scores < t) & (y == 1)).sum(); alarms are counted in the same way; np.inf is above all scores.",
    ),
)


diagnosis = Exercise(
    "diagnosis",
    "Read a table of confidence and accuracy, and say what a temperature does.",
    fields=(
        Choice(
            "temperature",
            "below 1",
            options=("above 1", "below 1"),
            idea="does this network promise too much, or too little?",
            mistakes=(("above 1", "that makes it less sure, and it is already more often right than it says."),),
        ),
        Several(
            "can_change",
            (
                Option("accuracy", False, "the largest logit stays the largest."),
                Option("mean confidence", True, "a temperature moves every confidence towards 1 or away from it."),
                Option("cross-entropy", True, "it is made of the probabilities, and these change."),
                Option("ECE", True, "it compares accuracy with confidence, and confidence changes."),
                Option("two-class AUC", False, "it depends on the order of the scores alone, and the order stays."),
            ),
            idea="give a list of the words.",
        ),
    ),
    hints=(
        "In each row compare the two numbers: is it more often right than it says, or less?",
        "A temperature divides all logits by one number. What depends on their order alone?",
    ),
)


# --- the project: near-copies of training digits in a test split

TRAINING, TEST, PLANTED = 1000, 800, 137
AUC, PRECISION, RECALL, REACH = 0.98, 0.85, 0.85, 0.008


def _scanned(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pictures as a second scanner sees them: a pixel aside, a little larger or smaller, with noise."""
    from scipy import ndimage

    out = np.empty(pictures.shape)
    for number, picture in enumerate(pictures.astype(float)):
        factor, shift = rng.uniform(0.93, 1.07), rng.integers(-1, 2, size=2)
        offset = 13.5 - (13.5 + shift) / factor
        out[number] = ndimage.affine_transform(picture, np.eye(2) / factor, offset=offset, order=1)
    return np.clip(np.rint(out + rng.normal(0, 25, out.shape)), 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _splits() -> tuple[np.ndarray, ...]:
    """Training pictures and labels, test pictures and labels, and which test pictures are planted."""
    digits, rng = datasets.load_mnist(), np.random.default_rng(14)
    chosen = rng.permutation(len(digits.x_train))[:TRAINING]
    honest = rng.permutation(len(digits.x_test))[: TEST - PLANTED]
    x_train, y_train = digits.x_train[chosen, ..., 0], digits.y_train[chosen]
    copied, order = rng.permutation(TRAINING)[:PLANTED], rng.permutation(TEST)
    x_test = _scanned(np.concatenate([x_train[copied], digits.x_test[honest, ..., 0]]), rng)[order]
    y_test = np.concatenate([y_train[copied], digits.y_test[honest]])[order]
    arrays = (x_train, y_train, x_test, y_test, order < PLANTED)
    for array in arrays:
        array.setflags(write=False)
    return arrays


def leaky_splits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return 1000 training and 800 test digits; some of the test digits are training digits, scanned a second time.

    Returns
    -------
    x_train, y_train, x_test, y_test : numpy.ndarray
        Pictures, uint8, shape (N, 28, 28), and labels, shape (N,). The same at every call.
    """
    return tuple(array.copy() for array in _splits()[:4])


def nearest(pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Index of the nearest of ``others`` to each picture, pixel by pixel."""
    a, b = (array.reshape(len(array), -1).astype(float) for array in (pictures, others))
    return ((b**2).sum(axis=1) - 2 * a @ b.T).argmin(axis=1)


def _ranked(scores):
    """Whether scores put planted digits above honest ones."""
    planted, scores = _splits()[4], finite_array(scores, (TEST,))
    difference = scores[planted][:, None] - scores[~planted]
    auc = float((difference > 0).mean() + (difference == 0).mean() / 2)
    why = f"{AUC:.0%} are asked for. Which honest digits score high? A plain 1 is close to many training digits, a copy to one."
    if abs(auc - 0.5) < 0.1:
        why = "any numbers at all reach half. Score each test digit by how near its nearest training digit is."
    elif auc < 0.5:
        why = "that is the wrong way round. A higher score has to mean more alike; a distance needs a minus sign."
    elif auc < 0.9:
        why = f"{AUC:.0%} are asked for. The scanner moved the pictures by a pixel: do the scores look there too?"
    yield Result.of(auc >= AUC, f"scores: {auc:.1%} of the pairs in order", why)


def _indices(found) -> np.ndarray:
    """Indices of test digits, each once."""
    wanted = f"give the indices of test digits, whole numbers from 0 to {TEST - 1}"
    if isinstance(found, set | frozenset):
        found = sorted(found) if len(found) <= TEST else ()
    if not isinstance(found, np.ndarray | list | tuple) or not 0 < len(found) <= TEST:
        raise UnfitError(f"{wanted}, each once.")
    values = np.asarray(found)
    if values.dtype == bool:
        raise UnfitError(f"{wanted}: of True and False, take np.flatnonzero.")
    if values.ndim != 1 or values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= TEST:
        raise UnfitError(f"{wanted}.")
    if len(np.unique(values)) < len(values):
        raise UnfitError("an index stands there twice.")
    return values


def _caught(found):
    """Whether most planted digits are named, and few others."""
    found, planted = _indices(found), _splits()[4]
    precision, recall = float(planted[found].mean()), float(planted[found].sum() / PLANTED)
    yield Result.of(
        precision >= PRECISION,
        f"found: precision {precision:.2f}",
        f"{PRECISION} is asked for: too many honest digits are among them. Is the threshold too low?",
    )
    yield Result.of(
        recall >= RECALL,
        f"found: recall {recall:.2f}",
        f"{RECALL} is asked for: planted digits are still in the test split. Is the threshold too high?",
    )


def _is_honest(accuracy):
    """Whether this is the accuracy on the digits that nobody planted."""
    x_train, y_train, x_test, y_test, planted = _splits()
    accuracy = float(finite_array(accuracy, ()))
    right = y_train[nearest(x_test, x_train)] == y_test
    why = "take the share of right answers on the test digits that are left when those found are gone."
    if abs(accuracy - right.mean()) < 0.004:
        why = "that is the accuracy on all 800. Leave out those you found."
    elif abs(accuracy - right[planted].mean()) < 0.02:
        why = "that is about the accuracy on the planted digits. Take those that are left."
    elif accuracy > 1:
        why = "a share lies between 0 and 1: divide per cent by 100."
    yield Result.of(abs(accuracy - right[~planted].mean()) <= REACH, f"honest accuracy {accuracy:.3f}", why)


def _shifted_ratio() -> np.ndarray:
    """How much nearer the nearest training digit is than the second, over all shifts by a pixel."""
    x_train, _, x_test, _, _ = _splits()
    rows = x_train.reshape(TRAINING, -1).astype(float)
    squares = np.full((TEST, TRAINING), np.inf)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            moved = np.roll(x_test, (down, across), axis=(1, 2)).reshape(TEST, -1).astype(float)
            between = (moved**2).sum(axis=1)[:, None] + (rows**2).sum(axis=1) - 2 * moved @ rows.T
            squares = np.minimum(squares, between)
    first, second = np.partition(squares, 1, axis=1)[:, :2].T
    return np.sqrt(second / first)


def _unshifted() -> np.ndarray:
    x_train, _, x_test, _, _ = _splits()
    closest = x_train[nearest(x_test, x_train)].astype(float)
    return -np.sqrt(((closest - x_test) ** 2).sum(axis=(1, 2)))


def _all_digits() -> float:
    x_train, y_train, x_test, y_test, _ = _splits()
    return float((y_train[nearest(x_test, x_train)] == y_test).mean())


def _only(planted: bool) -> float:
    x_train, y_train, x_test, y_test, copied = _splits()
    right = y_train[nearest(x_test, x_train)] == y_test
    return float(right[copied == planted].mean())


leak = Exercise(
    "leak",
    "Find the test digits that are training digits in disguise, and the accuracy without them.",
    fields=(
        Judged(
            "scores",
            _ranked,
            _shifted_ratio,
            mistakes=(
                (_unshifted, "do the scores look there too?"),
                (lambda: -_shifted_ratio(), "that is the wrong way round"),
                (lambda: np.zeros(TEST), "any numbers at all reach half"),
                (lambda: np.arange(10.0), "expected shape (800,)"),
            ),
        ),
        Judged(
            "found",
            _caught,
            lambda: np.flatnonzero(_splits()[4]),
            mistakes=(
                (lambda: np.arange(TEST), "too many honest digits"),
                (lambda: np.flatnonzero(_splits()[4])[:60], "planted digits are still in the test split"),
                (lambda: _splits()[4], "take np.flatnonzero"),
                (lambda: [3, 3], "an index stands there twice"),
            ),
        ),
        Judged(
            "honest",
            _is_honest,
            lambda: _only(planted=False),
            mistakes=(
                (_all_digits, "that is the accuracy on all 800"),
                (lambda: _only(planted=True), "that is about the accuracy on the planted digits"),
                (lambda: 80.0, "a share lies between 0 and 1"),
            ),
        ),
    ),
    hints=(
        "The scanner moves a picture by up to one pixel, down or up and aside. np.roll moves it back: try all nine places.",
        "Some honest digits are near to many training digits. Compare the nearest training digit with the second nearest.",
        "Draw a histogram of your scores. Where two groups separate, a threshold can be chosen without knowing the truth.",
    ),
)
