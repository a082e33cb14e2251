"""The letters X and O of the walkthrough, drawn from strokes so that they can be shifted, scaled, rotated and thickened.

The 9×9 example, its three features and its arithmetic are Brandon Rohrer's (*How do convolutional neural networks
work?*, 2016).
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from course_utils._arguments import as_array, as_count, as_finite, as_number, as_seed, as_share, refuse
from course_utils.datasets._dataset import Dataset, hold_out
from course_utils.datasets._entry import Entry

SIZE = 9
_FAR = 1e6
_LARGEST = 1000
_MOST_PIXELS, _AT_ONCE = 10**8, 10**5


def _strokes(*corners: tuple[int, int], closed: bool = False) -> np.ndarray:
    """Line segments through ``corners`` (row, column), shape (segments, 2 ends, 2)."""
    points = np.array(corners + corners[:1] if closed else corners, float)
    return np.stack([points[:-1], points[1:]], axis=1)


STROKES: Mapping[str, np.ndarray] = MappingProxyType(
    {
        "X": np.concatenate([_strokes((1, 1), (7, 7)), _strokes((1, 7), (7, 1))]),
        "O": _strokes((1, 3), (1, 5), (3, 7), (5, 7), (7, 5), (7, 3), (5, 1), (3, 1), closed=True),
    }
)


def draw_letter(
    name: str,
    *,
    shift: tuple[float, float] = (0, 0),
    scale: float = 1.0,
    rotation: float = 0.0,
    thickness: float = 1.0,
    noise: float = 0.0,
    size: int = SIZE,
    seed: int = 0,
) -> np.ndarray:
    """Draw one letter in ±1: +1 where there is ink, −1 elsewhere.

    A pixel has ink when its centre lies at most ``thickness / 2`` pixels from a stroke.

    Parameters
    ----------
    name : {"X", "O"}
        Which letter.
    shift : (float, float)
        Rows down and columns right, in pixels.
    scale : float
        Size relative to the original, greater than 0, about the centre; the strokes keep their thickness.
    rotation : float
        Degrees, counter-clockwise, about the centre.
    thickness : float
        Width of a stroke in pixels, at least 1.
    noise : float
        Probability that a pixel is flipped, 0 … 1.
    size : int
        Rows and columns of the picture, at most 1000; the letter is centred.
    seed : int
        Seed of the noise.

    Returns
    -------
    numpy.ndarray
        int64, shape (size, size), values −1 and +1.

    Raises
    ------
    ValueError
        If an argument is outside the range given above.
    """
    if not isinstance(name, str) or name not in STROKES:
        raise refuse("name", name, f"the letters are {', '.join(map(repr, STROKES))}")
    size = _size(size)
    picture = _draw(
        STROKES[name],
        np.array([_two(shift, "shift", "give two numbers, (rows down, columns right)", least=-_FAR)]),
        np.array([as_number(scale, "scale", above=0, most=_FAR)]),
        np.deg2rad([as_number(rotation, "rotation", least=-_FAR, most=_FAR)]),
        np.array([as_number(thickness, "thickness", least=1, most=_FAR)]),
        size,
    )[0]
    noise, seed = as_share(noise, "noise", closed=True), as_seed(seed)
    flipped = np.random.default_rng(seed).random(picture.shape) < noise
    return np.where(flipped, -picture, picture)


def _size(size, pictures: int = 1) -> int:
    """The side of a picture as an int, or a ValueError, also if so many pictures have too many pixels for any memory."""
    size = as_count(size, "size", most=_LARGEST)
    if pictures * size**2 > _MOST_PIXELS:
        raise ValueError(
            f"size={size}: {pictures} pictures of that side have more than {_MOST_PIXELS} pixels; make size, n_train or n_test smaller"
        )
    return size


def _two(value, name: str, accepted: str, *, least: float) -> tuple[float, float]:
    """Two numbers from ``least`` to a million, or a ValueError that says what is accepted."""
    try:
        first, second = as_finite(value, name, shape=(2,), least=least, most=_FAR).astype(float)
    except ValueError:
        raise refuse(name, value, accepted) from None
    return first, second


def letter(name: str) -> np.ndarray:
    """The undeformed 9×9 letter "X" or "O" in ±1, as in the walkthrough."""
    return draw_letter(name)


def _draw(strokes, shift, scale, rotation, thickness, size):
    """Draw N deformed letters at once: per-picture arrays of length N → int64 (N, size, size) in ±1."""
    centre = (SIZE - 1) / 2
    cos, sin = np.cos(rotation)[:, None, None], np.sin(rotation)[:, None, None]
    # Counter-clockwise as seen, with rows pointing down: (row, column) → (row cos − column sin, row sin + column cos).
    row, column = np.moveaxis(strokes - centre, -1, 0)
    ends = np.stack([row * cos - column * sin, row * sin + column * cos], axis=-1)
    ends = ends * scale[:, None, None, None] + shift[:, None, None, :] + (size - 1) / 2
    start, end = ends[:, None, :, 0], ends[:, None, :, 1]  # (N, 1, segments, 2)
    pixels = np.stack(np.mgrid[:size, :size], axis=-1).reshape(1, -1, 1, 2)
    along = end - start
    t = ((pixels - start) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-300)
    nearest = start + np.clip(t, 0, 1)[..., None] * along
    distance = np.sqrt(((pixels - nearest) ** 2).sum(-1)).min(axis=-1)
    ink = distance <= thickness[:, None] / 2 + 1e-9
    return np.where(ink, 1, -1).reshape(-1, size, size)


def make_xo(
    n_train: int = 2000,
    n_test: int = 1000,
    *,
    shift: int = 0,
    scale: tuple[float, float] = (1.0, 1.0),
    rotation: float = 0.0,
    thickness: tuple[float, float] = (1.0, 1.0),
    noise: float = 0.0,
    size: int = SIZE,
    validation: int = 0,
    seed: int = 0,
) -> Dataset:
    """Generate deformed letters, each with its own random deformation.

    Parameters
    ----------
    n_train, n_test : int
        Number of pictures, of 100 million pixels in all at most; X and O alternate, so that the classes are balanced.
    shift : int
        Largest shift in pixels; each axis is drawn from the whole numbers −shift … shift.
    scale, thickness : (float, float)
        Smallest and largest value, drawn uniformly.
    rotation : float
        Largest rotation in degrees, drawn uniformly from −rotation … rotation.
    noise : float
        Probability that a pixel is flipped.
    size : int
        Rows and columns of a picture.
    validation : int
        How many training pictures to hold out: the last ones.
    seed : int
        The same seed gives the same pictures.

    Returns
    -------
    Dataset
        Pictures uint8, shape (N, size, size, 1), ink 255 on paper 0; labels 0 (X) and 1 (O).
        :func:`to_signed` turns the pictures into ±1.

    Raises
    ------
    ValueError
        If an argument is outside the range given above.
    """
    n_train, n_test = as_count(n_train, "n_train"), as_count(n_test, "n_test")
    size, shift = _size(size, n_train + n_test), as_count(shift, "shift", least=0)
    scale = _range(scale, "scale", above=0)
    thickness = _range(thickness, "thickness", least=1)
    rotation = as_number(rotation, "rotation", least=0, most=_FAR)
    noise = as_share(noise, "noise", closed=True)
    rng = np.random.default_rng(as_seed(seed))
    n = n_train + n_test
    labels = np.arange(n) % 2
    deformation = (
        rng.integers(-shift, shift, size=(n, 2), endpoint=True).astype(float),
        rng.uniform(*scale, size=n),
        np.deg2rad(rng.uniform(-rotation, rotation, size=n)),
        rng.uniform(*thickness, size=n),
    )
    images = _draw_both(labels, deformation, size)
    images = np.where(rng.random(images.shape) < noise, -images, images)
    pixels = np.where(images > 0, 255, 0).astype(np.uint8)[..., None]
    dataset = Dataset(
        x_train=pixels[:n_train],
        y_train=labels[:n_train],
        x_val=pixels[:0],
        y_val=labels[:0],
        x_test=pixels[n_train:],
        y_test=labels[n_train:],
        class_names=tuple(STROKES),
        source="generated from strokes; the letters are Brandon Rohrer's (2016)",
        licence="BSD-3-Clause, as the code",
    )
    return hold_out(dataset, validation)


def _draw_both(labels: np.ndarray, deformation: tuple[np.ndarray, ...], size: int) -> np.ndarray:
    """Draw X for label 0 and O for 1, each with its own deformation, few at a time; int8, (N, size, size) in ±1."""
    images = np.empty((len(labels), size, size), np.int8)
    for label, strokes in enumerate(STROKES.values()):
        chosen = np.flatnonzero(labels == label)
        for few in np.array_split(chosen, -(-chosen.size * size**2 // _AT_ONCE)):
            images[few] = _draw(strokes, *(part[few] for part in deformation), size)
    return images


def _range(value, name: str, *, above: float = 0, least: float = 0) -> tuple[float, float]:
    """(smallest, largest), in this order and within the bounds, or a ValueError."""
    accepted = f"give (smallest, largest), {f'at least {least}' if least else f'greater than {above}'}"
    low, high = _two(value, name, accepted, least=least)
    if low <= above or low > high:
        raise refuse(name, value, accepted)
    return low, high


def to_signed(images: np.ndarray) -> np.ndarray:
    """Pictures from uint8, 0 … 255, to float32, −1 … +1.

    Raises
    ------
    ValueError
        If ``images`` is not uint8.
    """
    images = as_array(images, "images")
    if images.dtype != np.uint8:
        raise ValueError(f"images have dtype {images.dtype}; expected uint8 with values 0 to 255")
    return (images / np.float32(127.5) - np.float32(1)).astype(np.float32)


ENTRY = Entry("xo", "letters X and O", "drawn when loaded", "BSD-3-Clause", "the course", make_xo)
