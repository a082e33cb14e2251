"""Generated pictures of bright ellipses on photographed surfaces, with the mask of each ellipse known to the pixel.

Nobody took these pictures. The surfaces are squares of scikit-image's grey photographs of a brick wall, grass and gravel.
"""

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion

from course_utils._arguments import as_array, as_count, as_flag, as_seed

SIDE = 64
"""Rows and columns of a picture."""


def make(count: int, seed: int, *, rare: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Generate pictures and number the object of each pixel.

    Each has one to six ellipses of unequal size and brightness, through which the surface shines; a rare picture has one or two,
    of half the size at most. A pixel of background lies between any two of them, so that each is one connected piece, possibly cut
    by the border.

    Parameters
    ----------
    count : int
        How many pictures N.
    seed : int
        The same seed gives the same pictures.
    rare : bool, default False
        Whether few pixels belong to an object.

    Returns
    -------
    pictures : numpy.ndarray
        float32 from 0 to 1, shape (N, 64, 64, 1).
    objects : numpy.ndarray
        int32, shape (N, 64, 64): 0 is background, 1, 2, … are the objects of this picture.

    Raises
    ------
    ValueError
        If the count is no positive whole number, the seed none, or ``rare`` neither True nor False.
    """
    import skimage.data

    count, seed = as_count(count, "count", most=100_000), as_seed(seed)
    tries, largest = ((1, 3), 5) if as_flag(rare, "rare") else ((3, 7), 10)
    rng = np.random.default_rng(seed)
    surfaces = [surface().astype(float) for surface in (skimage.data.brick, skimage.data.grass, skimage.data.gravel)]
    surfaces = [(surface - surface.mean()) / surface.std() for surface in surfaces]
    pictures = np.empty((count, SIDE, SIDE, 1), np.float32)
    objects = np.zeros((count, SIDE, SIDE), np.int32)
    for picture, numbers in zip(pictures, objects, strict=True):
        surface = surfaces[rng.integers(len(surfaces))]
        row, column = (rng.integers(side - SIDE + 1) for side in surface.shape)
        light = 0.35 + 0.08 * surface[row : row + SIDE, column : column + SIDE]
        for _ in range(rng.integers(*tries)):
            inside = _ellipse(rng, largest)
            brighter = rng.uniform(0.3, 0.6)
            if inside.any() and not numbers[binary_dilation(inside, np.ones((3, 3)))].any():
                light[inside] = 0.5 * light[inside] + brighter
                numbers[inside] = numbers.max() + 1
        picture[..., 0] = np.clip(light + rng.normal(0, 0.04, light.shape), 0, 1)
    return pictures, objects


def _ellipse(rng: np.random.Generator, largest: float) -> np.ndarray:
    """Pixels of an ellipse somewhere in the picture."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    radius, stretch = rng.uniform(2.5, largest), rng.uniform(0.75, 1.33)
    row, column = rng.uniform(0, SIDE, 2)
    return ((rows - row) / stretch) ** 2 + ((columns - column) * stretch) ** 2 <= radius**2


def four_masks(objects: np.ndarray) -> dict[str, np.ndarray]:
    """Return what four imagined networks predict: shrunk, without the small objects, nothing, or grown masks, in some order.

    Parameters
    ----------
    objects : numpy.ndarray of int
        Numbered objects, shape (N, H, W), 0 for background.

    Returns
    -------
    dict of str to numpy.ndarray of bool
        By the names of the networks, "a" to "d", masks of the same shape.

    Raises
    ------
    ValueError
        If the objects are no whole numbers from 0 on, or the shape is another.
    """
    objects = as_array(objects, "objects", shape=("N", "H", "W"), kinds="iu", least=0)
    true = objects > 0
    return {
        "a": np.array([binary_erosion(mask, border_value=1) for mask in true]),
        "b": without_small(objects, 80),
        "c": np.zeros_like(true),
        "d": np.array([binary_dilation(mask) for mask in true]),
    }


def without_small(objects: np.ndarray, least: int) -> np.ndarray:
    """Return the masks of the objects that have at least so many pixels.

    Parameters
    ----------
    objects : numpy.ndarray of int
        Numbered objects, shape (N, H, W), 0 for background.
    least : int
        Pixels of the smallest object that stays.

    Returns
    -------
    numpy.ndarray of bool
        Of the same shape.

    Raises
    ------
    ValueError
        If the objects are no whole numbers from 0 on, or ``least`` is no positive whole number.
    """
    objects = as_array(objects, "objects", shape=("N", "H", "W"), kinds="iu", least=0)
    least = as_count(least, "least")
    return np.array([(np.bincount(one.ravel()) >= least)[one] & (one > 0) for one in objects], bool)
