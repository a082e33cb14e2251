"""Four programs that prepare the same picture, for the exercise that tells them apart by their numbers."""

import numpy as np

from course_utils import models


def prepared(picture: np.ndarray, input_size: int = 96) -> dict[str, np.ndarray]:
    """Return what reaches a network by four programs: as in training, blue first, 0 to 255, or scaled twice, in some order.

    Parameters
    ----------
    picture : numpy.ndarray
        Pixels 0 … 255, shape (H, W, 3), red, green, blue.
    input_size : int
        Rows and columns of what comes out, from 32 to 1024.

    Returns
    -------
    dict of str to numpy.ndarray
        By the names of the programs, "a" to "d": float32, shape (``input_size``, ``input_size``, 3).
    """
    right = models.imagenet_input(picture, input_size)[0]
    return {"a": (right - 127) / 128, "b": right, "c": 128 * right + 127, "d": right[..., ::-1]}
