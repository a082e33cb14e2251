"""A hundred faces and a hundred pictures of something else, which come with scikit-image."""

from importlib.resources import files

import numpy as np

from course_utils.datasets._bundled import CorruptDataError, array_of, digest_of
from course_utils.datasets._dataset import Dataset, hold_out
from course_utils.datasets._entry import Entry

SOURCE = "Labeled Faces in the Wild (Huang, Mattar, Lee and Learned-Miller, 2012), the 200 cut-outs that scikit-image ships as lfw_subset"
LICENCE = "none stated; photographs from the press, made available for research"
_EACH, _SIDE, _TEST = 100, 25, 30
_SHA256 = "ce1ab433bd0a896d88a87e40efdf37d9e1ce98bbd3317b498da9f0a7b8e125d5"  # of the array, float64


def load_faces(*, validation: int = 0) -> Dataset:
    """Load 100 faces and 100 cut-outs of backgrounds, 25×25 pixels, grey.

    The two classes alternate, so that every split is balanced: 140 training and 60 test pictures.

    Parameters
    ----------
    validation : int
        How many training pictures to hold out for validation: the last ones; half of an even number are faces.

    Returns
    -------
    Dataset
        Pictures, uint8, shape (N, 25, 25, 1), rounded from the 0 … 1 of the file; labels 0 (no face) and 1 (face).

    Raises
    ------
    CorruptDataError
        If the file of scikit-image is not the one expected.
    ValueError
        If ``validation`` is not between 0 and 139.
    """
    faces, others = np.split(_read(), 2)
    pictures = np.stack([others, faces], axis=1).reshape(-1, _SIDE, _SIDE, 1)
    labels = np.arange(2 * _EACH, dtype=np.uint8) % 2
    cut = 2 * (_EACH - _TEST)
    dataset = Dataset(
        x_train=pictures[:cut],
        y_train=labels[:cut],
        x_val=pictures[:0],
        y_val=labels[:0],
        x_test=pictures[cut:],
        y_test=labels[cut:],
        class_names=("no face", "face"),
        source=SOURCE,
        licence=LICENCE,
    )
    return hold_out(dataset, validation)


def _read() -> np.ndarray:
    """The 200 pictures, uint8, shape (200, 25, 25), faces first; a pickle in their place is refused."""
    path = files("skimage") / "data" / "lfw_subset.npy"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; it belongs to scikit-image: reinstall that package")
    try:
        pictures = array_of(path.read_bytes(), path)
    except (ValueError, OSError) as error:
        raise CorruptDataError(f"{path} is damaged ({error}); reinstall scikit-image") from error
    expected = (2 * _EACH, _SIDE, _SIDE)
    if pictures.shape != expected or pictures.dtype != np.float64 or digest_of(pictures) != _SHA256:
        raise CorruptDataError(
            f"{path} holds {pictures.dtype} {pictures.shape}, but not the 200 cut-outs expected. Reinstall scikit-image"
        )
    return np.rint(pictures * 255).astype(np.uint8)


ENTRY = Entry("faces", "faces and backgrounds, 25×25", "1 MB", LICENCE, "scikit-image", load_faces)
