"""Digits of 8×8 pixels, which come with scikit-learn: a network learns them in seconds."""

from importlib import resources

import numpy as np

from course_utils.datasets._bundled import CorruptDataError, digest_of
from course_utils.datasets._dataset import Dataset, hold_out
from course_utils.datasets._entry import Entry

SOURCE = "Optical recognition of handwritten digits, Alpaydın and Kaynak, 1998 (UCI); the 1797 digits that scikit-learn ships"
LICENCE = "CC BY 4.0"
_TEST = 360
_SHA256 = "30aa855cd90427ff3c4996b3f40109597c57049f8a038cc52db1efeac8ad2e26"  # of pixels and label, a row each, float64


def load_digits8x8(*, validation: int = 0) -> Dataset:
    """Load 1437 training and 360 test digits of 8×8 pixels, grey.

    The digits were written by different people one after the other, and keep their order: the last fifth is the test split.

    Parameters
    ----------
    validation : int
        How many training digits to hold out for validation: the last ones. 0 by default.

    Returns
    -------
    Dataset
        Pictures, uint8, shape (N, 8, 8, 1), ink 255 on paper 0: the 17 levels of the original, 0 … 16, spread over 0 … 255; labels 0 … 9.

    Raises
    ------
    FileNotFoundError, CorruptDataError
        If the file of scikit-learn is missing, or not the one expected.
    ValueError
        If ``validation`` is not between 0 and 1436.
    """
    table = _read()
    pictures = np.rint(table[:, :-1].reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
    labels = table[:, -1].astype(np.uint8)
    dataset = Dataset(
        x_train=pictures[:-_TEST],
        y_train=labels[:-_TEST],
        x_val=pictures[:0],
        y_val=labels[:0],
        x_test=pictures[-_TEST:],
        y_test=labels[-_TEST:],
        class_names=tuple("0123456789"),
        source=SOURCE,
        licence=LICENCE,
    )
    return hold_out(dataset, validation)


def _read() -> np.ndarray:
    """The 64 pixels and the label of every digit, float64, shape (1797, 65)."""
    from sklearn.datasets import load_digits

    path = resources.files("sklearn.datasets.data") / "digits.csv.gz"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; it belongs to scikit-learn: reinstall that package")
    try:
        digits = load_digits()
        table = np.column_stack([digits.data, digits.target])
        if digest_of(table) != _SHA256:
            raise ValueError("it does not hold the 1797 digits expected")
    except Exception as error:  # of a damaged file, its reader raises anything
        raise CorruptDataError(
            f"{path} is damaged ({' '.join(str(error).split())[:200]}); reinstall scikit-learn"
        ) from error
    return table


ENTRY = Entry("digits8x8", "digits, 8×8", "under 1 MB", LICENCE, "scikit-learn", load_digits8x8)
