"""Exercises of the lesson on transfer and few shots."""

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Grid, Number

twice = Exercise(
    "twice",
    "What VGG16's preparation makes of an orange pixel, once and when its cell is run again.",
    fields=(
        Number(
            "once",
            -103.939,
            mistakes=(
                (255 - 103.939, "that is red minus the mean of blue. The channels change places first."),
                (0.0, "blue is 0, and its mean is still taken off."),
                (103.939, "the mean is taken off, not added."),
                (255 - 123.68, "that is the red channel, which comes last after the exchange."),
            ),
            idea="first the channels change places, then each loses its mean. Which colour stands first now?",
            tolerance=0.06,
        ),
        Number(
            "again",
            255 - 123.68 - 103.939,
            mistakes=(
                (-2 * 103.939, "the channels change places once more: red comes back to the front."),
                (255 - 103.939, "red had lost its own mean already in the first run."),
                (-103.939, "that is the first run. The array holds its result, and the cell runs on that."),
                (255 - 123.68, "that is red after the first run; the second takes the mean of blue off it."),
            ),
            idea="the second run exchanges the channels of what the first run left, and takes the same means off.",
            tolerance=0.06,
        ),
    ),
    hints=(
        "Write down the three numbers after the first run, blue first.",
        "After the first run they are 0 − 103.939, 128 − 116.779 and 255 − 123.68. Now do the same with these.",
    ),
)


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


_A, _B, _QUERY = np.array([[3.0, 4.0], [40.0, 30.0]]), np.array([[0.0, 2.0], [0.0, 6.0]]), np.array([7.0, 24.0])


def _cosines(a, b, query, *, scaled: bool) -> np.ndarray:
    means = np.stack([(_unit(rows) if scaled else rows).mean(axis=0) for rows in (a, b)])
    return _unit(means) @ _unit(query)


by_hand = Exercise(
    "by_hand",
    "Cosines of an embedding of two numbers with two class means.",
    fields=(
        Grid(
            "cosines",
            _cosines(_A, _B, _QUERY, scaled=True).round(6),
            mistakes=(
                (
                    _cosines(_A, _B, _QUERY, scaled=False).round(6),
                    "the two embeddings of the first class have the lengths 5 and 50: scale each to length 1 before the mean.",
                ),
                (
                    (np.stack([_unit(_A).mean(axis=0), [0, 1]]) @ _unit(_QUERY)).round(6),
                    "the mean of two embeddings of length 1 is shorter than 1: scale it, too.",
                ),
                (
                    np.linalg.norm(np.stack([_unit(_unit(_A).mean(axis=0)), [0, 1]]) - _unit(_QUERY), axis=1).round(6),
                    "those are distances. Cosines are sums of products.",
                ),
            ),
            idea="scale to length 1, take the mean of each class, scale that, and add up products with the scaled query.",
            tolerance=0.006,
            reveal=False,
        ),
        Choice(
            "answer",
            "B",
            options=("A", "B"),
            mistakes=(("A", "the larger cosine is the nearer class."),),
            idea="the class with the larger cosine.",
        ),
    ),
    hints=(
        "Scaled to length 1, the embeddings of A are (0.6, 0.8) and (0.8, 0.6), and the query is (0.28, 0.96).",
        "The mean of A is (0.7, 0.7), scaled (0.7071, 0.7071). That of B is (0, 1).",
    ),
)


head = Exercise(
    "head",
    "Parameters that are trained when a frozen network gets a head for seven classes.",
    fields=(
        Number(
            "trained",
            1280 * 7 + 7,
            mistakes=(
                (1280 * 7, "a bias for each class is missing."),
                (1280 * 1000 + 1000, "that is the old head, for the thousand classes of ImageNet."),
                (1280 * 7 + 1280, "a dense layer has one bias for each output, not for each input."),
                (4694024, "that is the whole network as it came. What is frozen is not trained."),
                (4694024 - 1281000 + 8967, "that counts what is frozen, too."),
                (1287, "each class has its own weight for each of the 1280 numbers."),
            ),
            idea="only the new dense layer is trained: 1280 numbers go in, one for each class comes out.",
        ),
        Number(
            "batch_norm",
            0,
            mistakes=(
                (98, "moving averages of a frozen layer stand still, too: in Keras it runs in inference mode."),
                (49, "moving averages of a frozen layer stand still, too: in Keras it runs in inference mode."),
            ),
            idea="what does a frozen batch normalisation do in Keras while the head is trained?",
        ),
    ),
    hints=(
        "Which layers are trained, and which numbers do they hold?",
        "A dense layer has inputs · outputs weights and one bias for each output.",
    ),
)


_PROGRAMS = ("as in training", "blue first", "0 to 255", "scaled twice")
_SAID = {
    "as in training": "values between −1 and 1 or a little more with both signs, and the most in red, as the photograph has it.",
    "blue first": "red is the strongest channel of this photograph. In which program is it the weakest?",
    "0 to 255": "pixels as they come are never negative, and reach far above 1.",
    "scaled twice": "(x − 127) / 128 of numbers near 0 is close to −1, for all pixels.",
}


def _program(name: str, answer: str) -> Choice:
    wrong = tuple(
        (option, f"compare its numbers once more: {_SAID[option]}") for option in _PROGRAMS if option != answer
    )
    return Choice(name, answer, options=_PROGRAMS, mistakes=wrong, idea="one of the four words in the text.")


programs = Exercise(
    "programs",
    "What four programs do to a picture before the network sees it.",
    fields=(
        _program("a", "scaled twice"),
        _program("b", "as in training"),
        _program("c", "0 to 255"),
        _program("d", "blue first"),
    ),
    hints=(
        "Look at the smallest and the largest value first: two of the four programs betray themselves.",
        "The two others have the same smallest and largest value. Which channel is the strongest?",
    ),
)


def _left_out(e, y):
    """For each example the class whose mean, taken without it, is nearest."""
    answers = []
    for number in range(len(e)):
        rest, labels = np.delete(e, number, axis=0), np.delete(y, number)
        means = np.stack([rest[labels == label].mean(axis=0) for label in range(y.max() + 1)])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        answers.append((means @ e[number]).argmax())
    return np.array(answers)


def _left_in(e, y):
    means = np.stack([e[y == label].mean(axis=0) for label in range(y.max() + 1)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return (e @ means.T).argmax(axis=1)


def _not_scaled(e, y):
    answers = []
    for number in range(len(e)):
        rest, labels = np.delete(e, number, axis=0), np.delete(y, number)
        means = np.stack([rest[labels == label].mean(axis=0) for label in range(y.max() + 1)])
        answers.append((means @ e[number]).argmax())
    return np.array(answers)


def _nearest_example(e, y):
    cosines = e @ e.T
    np.fill_diagonal(cosines, -np.inf)
    return y[cosines.argmax(axis=1)]


def _share(e, y):
    return (_left_out(e, y) == y).mean()


def _examples(seed: int, classes: int, each: int, size: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of length 1 around a centre for each class, in no order."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(classes), each))
    return _unit(rng.normal(size=(classes, size))[y] + spread * rng.normal(size=(len(y), size))), y


leave_one_out = Exercise(
    "leave_one_out",
    "The answer of the nearest class mean to each example, which is left out of its own mean.",
    fields=(
        Code(
            "left_out",
            _left_out,
            cases=(
                Case(
                    "four classes",
                    _examples(3, 4, 3, 6, 1.0),
                    idea="Take each example out of its class before the mean.",
                ),
                Case(
                    "two examples a class",
                    _examples(5, 3, 2, 5, 0.9),
                    idea="With two examples, the own class's mean is the other example.",
                ),
                Case("two classes", _examples(8, 2, 6, 4, 1.5), idea="Scale each mean to length 1."),
            ),
            mistakes=(
                (_left_in, "each example is in the mean that it is compared with. Leave it out."),
                (_not_scaled, "scale each mean to length 1 before you compare."),
                (_nearest_example, "that is the class of the nearest example. Asked is the nearest class mean."),
                (_share, "return the answers, one class for each example, not their share."),
            ),
        ),
    ),
    hints=(
        "For each example: a copy of e and y without it (np.delete), then as in nearest_mean.",
        "means = np.stack([rest[labels == k].mean(axis=0) for k in range(y.max() + 1)]), scaled; then argmax of means @ e[n].",
    ),
)


def _or_none(cosines, least):
    """The class with the largest cosine, or −1 where that is below ``least``."""
    return np.where(cosines.max(axis=1) >= least, cosines.argmax(axis=1), -1)


def _always(cosines, least):
    return cosines.argmax(axis=1)


def _by_sum(cosines, least):
    return np.where(cosines.sum(axis=1) >= least, cosines.argmax(axis=1), -1)


def _reversed(cosines, least):
    return np.where(cosines.max(axis=1) < least, cosines.argmax(axis=1), -1)


def _above(cosines, least):
    return np.where(cosines.max(axis=1) > least, cosines.argmax(axis=1), -1)


none_of_these = Exercise(
    "none_of_these",
    "The nearest class, or −1 where no class is near enough.",
    fields=(
        Code(
            "class_or_none",
            _or_none,
            cases=(
                Case(
                    "three pictures",
                    (np.array([[0.9, 0.1], [0.3, 0.4], [0.2, 0.7]]), 0.5),
                    idea="A picture whose largest cosine is below least gets −1.",
                ),
                Case(
                    "a cosine that equals least",
                    (np.array([[0.5, 0.1, 0.2], [0.1, 0.2, 0.25]]), 0.5),
                    idea="At least means that equal is enough.",
                ),
                Case(
                    "one class",
                    (np.array([[0.2], [0.8]]), 0.6),
                    idea="With one class too, a picture may belong to none.",
                ),
                Case(
                    "negative cosines",
                    (np.array([[-0.4, -0.2], [0.8, -0.6]]), 0.1),
                    idea="Cosines may be negative.",
                ),
            ),
            mistakes=(
                (_always, "there is always an answer. Return −1 where the largest cosine is below least."),
                (_by_sum, "compare the largest cosine with least, not their sum."),
                (_reversed, "the wrong way round: it is the far pictures that belong to none."),
                (_above, "a cosine that equals least is enough."),
            ),
        ),
    ),
    hints=(
        "np.where(condition, a, b) takes from a where the condition holds, from b elsewhere.",
        "The condition is cosines.max(axis=1) >= least; a is cosines.argmax(axis=1), b is −1.",
    ),
)
