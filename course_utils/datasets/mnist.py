"""MNIST, whole and in its original order, from the file bundled with the package."""

from course_utils.datasets import _bundled
from course_utils.datasets._dataset import Dataset, hold_out
from course_utils.datasets._entry import Entry

SOURCE = "MNIST, Yann LeCun and Corinna Cortes, after NIST Special Databases 1 and 3"
LICENCE = "CC BY-SA 3.0"


def load_mnist(*, validation: int = 0) -> Dataset:
    """Load the 60 000 training and 10 000 test digits of MNIST.

    Parameters
    ----------
    validation : int
        How many training digits to hold out for validation: the last ones. 0 by default.

    Returns
    -------
    Dataset
        Raw pictures, uint8, shape (N, 28, 28, 1), ink 255 on paper 0; labels 0 … 9; original order.

    Raises
    ------
    FileNotFoundError, CorruptDataError
        If the bundled file is missing or damaged.
    ValueError
        If ``validation`` is not between 0 and 59 999.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998.
    """
    arrays = _bundled.read_npz("mnist.npz")
    dataset = Dataset(
        x_train=arrays["x_train"][..., None],
        y_train=arrays["y_train"],
        x_val=arrays["x_train"][:0, ..., None],
        y_val=arrays["y_train"][:0],
        x_test=arrays["x_test"][..., None],
        y_test=arrays["y_test"],
        class_names=tuple("0123456789"),
        source=SOURCE,
        licence=LICENCE,
    )
    return hold_out(dataset, validation)


ENTRY = Entry("mnist", "MNIST", "11 MB", LICENCE, "the course", load_mnist)
