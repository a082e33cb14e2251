"""Exercises of the first lesson."""

import functools

import numpy as np

from course_utils.exercises import Case, Choice, Code, Exercise, Judged, Number, Option, Result, Several, finite_array

sizes = Exercise(
    "sizes",
    "How many numbers the examples are, and how often training changed the parameters.",
    fields=(
        Number(
            "values",
            3000 * 28 * 28,
            mistakes=(
                (784, "that is one picture; there are 3000 of them."),
                (3000, "that is the number of pictures; each of them is a table of numbers."),
                (84_000, "that is one row of each picture; a picture has 28 of them."),
                (4_704_000, "that counts every picture twice. The two epochs use the same pictures."),
                (3000 * 28 * 28 * 256, "that counts the values a pixel can have; each pixel is one number."),
            ),
            idea="one picture has 28 rows of 28 numbers, and there are 3000 pictures.",
        ),
        Number(
            "changes",
            94,
            mistakes=(
                (47, "that is one epoch; there were two."),
                (46.875, "that is one epoch, and a group that is not full counts as well."),
                (46, "that is one epoch without its last group, which is smaller and counts as well."),
                (92, "the last group of an epoch is smaller, and counts as well."),
                (93.75, "an epoch has a whole number of groups: the last one is smaller."),
                (2, "that is the number of epochs; in each the parameters change once a group."),
                (64, "that is the size of a group; count the groups."),
                (3000, "the parameters change once a group of 64 digits, not once a digit."),
                (6000, "the parameters change once a group of 64 digits, not once a digit."),
            ),
            idea="count the groups of 64 that 3000 digits make, the incomplete one included; then two epochs.",
        ),
    ),
    hints=(
        "How many numbers is one picture? How many groups of 128 does one epoch have?",
        "28 · 28 = 784 numbers a picture. 46 groups of 64 are 2944 digits, and 56 digits are left.",
    ),
)


def _accuracy(answers, labels):
    """Share of equal entries."""
    return np.mean(np.asarray(answers) == np.asarray(labels))


def _equal(answers, labels):
    """True or False for each place."""
    return np.asarray(answers) == np.asarray(labels)


def _count(answers, labels):
    """Number of equal entries."""
    return np.sum(np.asarray(answers) == np.asarray(labels))


def _error(answers, labels):
    """Share of unequal entries."""
    return np.mean(np.asarray(answers) != np.asarray(labels))


def _percent(answers, labels):
    """Equal entries in a hundred."""
    return 100 * _accuracy(answers, labels)


_ANSWERS = np.array([7, 2, 1, 0, 9, 1, 9, 4])
_LABELS = np.array([7, 2, 1, 0, 4, 1, 4, 9])

accuracy = Exercise(
    "accuracy",
    "The share of answers that are right.",
    fields=(
        Code(
            "accuracy",
            _accuracy,
            cases=(
                Case("eight answers, five of them right", (_ANSWERS, _LABELS), idea="Compare place by place."),
                Case("four right answers", (_LABELS[:4], _LABELS[:4]), idea="If all are right, the share is 1."),
                Case("three wrong answers", (_LABELS[:3] + 1, _LABELS[:3]), idea="If none is right, the share is 0."),
                Case(
                    "the right digits in another order",
                    (np.array([1, 2, 3, 4]), np.array([4, 1, 2, 3])),
                    idea="An answer has to be right at its own place.",
                ),
            ),
            mistakes=(
                (_equal, "that is True or False for each place. Make one number of them."),
                (_count, "that is how many are right. Divide by how many there are."),
                (_error, "that is the share of wrong answers."),
                (_percent, "that is in percent; a share lies between 0 and 1."),
            ),
        ),
    ),
    hints=(
        "`answers == labels` compares place by place and gives True or False for each.",
        "The mean of True and False is the share of True: an array has the method .mean().",
    ),
)

_REPORTS = ("fine", "by heart", "nothing", "other pictures")
_READ = {
    "fine": "its new digits are read nearly as well as its examples, and far better than by a guess",
    "by heart": "its examples are read far better than new digits of the same kind",
    "nothing": "it reads its examples no better than a guess does",
    "other pictures": "new digits of the same kind are read well, and those from elsewhere are not",
}


def _report(name: str, answer: str, texts: dict[str, str]) -> Choice:
    idea = f"look again at the three numbers: {_READ[answer]}."
    return Choice(name, answer, options=_REPORTS, mistakes=tuple(texts.items()), idea=idea)


diagnosis = Exercise(
    "diagnosis",
    "Four reports of trained networks, and what each of them says.",
    fields=(
        _report(
            "ada",
            "by heart",
            {
                "fine": "39 of 100 new digits are wrong, and none of the examples.",
                "nothing": "it reads all of its examples: it has learned something, about them.",
                "other pictures": "it fails on new digits of the same kind already.",
            },
        ),
        _report(
            "ben",
            "other pictures",
            {
                "fine": "on the new digits, yes. Look at the camera's.",
                "by heart": "then new digits from the same forms would be read badly too.",
                "nothing": "it reads 97 of 100 new digits.",
            },
        ),
        _report(
            "cleo",
            "nothing",
            {
                "fine": "compare with a guess: one of ten.",
                "by heart": "then its examples would be read well.",
                "other pictures": "it reads not even its own examples.",
            },
        ),
        _report(
            "dora",
            "fine",
            {
                "by heart": "examples and new digits differ by half a point.",
                "nothing": "a guess would read ten of a hundred.",
                "other pictures": "the camera's digits are read nearly as well as the others.",
            },
        ),
    ),
    hints=(
        "Compare three numbers with each other, and with ten of a hundred, which a guess reads.",
        "A large fall from the first to the second number: learned by heart. From the second to the third: other pictures.",
    ),
)

SQUARE = 8
_EIGHT = 352  # of the training digits
_MIDDLE = 11  # column from which most of a square lies to the right of the picture's middle


@functools.lru_cache(maxsize=1)
def _tools():
    """The picture, and a function that reads pictures: each answer, and the probability it was given."""
    from course_utils import datasets, evaluation, models

    network = models.trained("mnist_fast")

    def read(pictures):
        probabilities = evaluation.softmax(network.predict(pictures, verbose=0))
        return probabilities.argmax(axis=1), probabilities.max(axis=1)

    return datasets.load_mnist().x_train[_EIGHT], read


def eight() -> np.ndarray:
    """Return the picture of the exercise, an 8, uint8, shape (28, 28, 1)."""
    return _tools()[0].copy()


def _erases(corner):
    """What a network reads after a square has been erased; row and column of its first pixel."""
    corner = finite_array(corner, (2,))
    row, column = (int(value) for value in corner)
    if (corner != (row, column)).any():
        yield Result(False, "corner: give whole numbers, the row and the column.")
        return
    picture, read = _tools()
    last = picture.shape[0] - SQUARE
    if not 0 <= min(row, column) <= max(row, column) <= last:
        yield Result(False, f"corner ({row}, {column}): the square leaves the picture; rows and columns go to {last}.")
        return
    changed = picture.copy()
    square = changed[row : row + SQUARE, column : column + SQUARE]
    ink, square[...] = int(np.count_nonzero(square)), 0
    (digit,), (sure,) = read(changed[None])
    said = f"corner ({row}, {column}): read as {digit}, with {100 * sure:.0f} %"
    if digit == 3:
        yield Result(True, f"{said}. That is the 3.")
    elif not ink:
        yield Result(False, f"{said}. There is no ink in that square. Look for the strokes that a 3 has not.")
    elif digit == 8 and column > _MIDDLE:
        yield Result(False, f"{said}. That square takes strokes on the right, which a 3 has as well.")
    elif digit == 8:
        yield Result(False, f"{said}. Too little has gone of what tells an 8 from a 3.")
    else:
        yield Result(False, f"{said}. What is left has to look like a 3: on which side is a 3 open?")


erase = Exercise(
    "erase",
    "A square that turns an 8 into a 3 when it is erased.",
    fields=(
        Judged(
            "corner",
            _erases,
            lambda: (10, 4),
            mistakes=(
                (lambda: (0, 0), "There is no ink in that square."),
                (lambda: (3, 3), "Too little has gone"),
                (lambda: (10, 14), "strokes on the right"),
                (lambda: (14, 4), "has to look like a 3"),
                (lambda: (22, 4), "the square leaves the picture"),
                (lambda: (10.5, 4), "give whole numbers"),
            ),
        ),
    ),
    hints=(
        "Write an 8 and a 3 over each other. Which strokes has the 8 alone?",
        "They are on the left, above and below the middle. A square that covers parts of both will do.",
    ),
)

_TURNED = {
    0: (True, "upside down a 0 is a 0."),
    1: (True, "upside down a 1 is a 1, slanted to the same side."),
    2: (False, "on the display of a calculator it would be a 2; of these the network reads fewer than half as one."),
    3: (False, "its openings are on the other side then."),
    4: (False, "its foot points upwards then."),
    5: (True, "on the display of a calculator a turned 5 is a 5, and most of these are read as one."),
    6: (False, "a 6 upside down is another digit."),
    7: (False, "its bar is at the bottom then."),
    8: (True, "upside down an 8 is an 8."),
    9: (False, "a 9 upside down is another digit."),
}

upside_down = Exercise(
    "upside_down",
    "What the network reads in digits that stand on their heads.",
    fields=(
        Several(
            "still_read",
            tuple(Option(digit, right, why) for digit, (right, why) in _TURNED.items()),
            idea="give a list of digits, such as [2, 3].",
            chosen="{} named",
            left="{} not named",
        ),
        Choice(
            "sixes",
            9,
            options=tuple(range(10)),
            mistakes=((6, "only few are still read as 6. Turn a 6, and look."),),
            idea="turn a 6 by half a turn, and look.",
        ),
    ),
    hints=(
        "Write the ten digits on paper and turn it by half a turn.",
        "read(well_trained, turned) gives the answers; answers[truth == 6] are those to the sixes.",
    ),
)
