"""The letters X and O of the walkthrough, drawn from strokes so that they can be shifted, scaled, rotated and thickened.

The 9×9 example, its three features and its arithmetic are Brandon Rohrer's (*How do convolutional neural networks
work?*, 2016).
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from course_utils.datasets._catalogue import Entry
from course_utils.datasets._dataset import Dataset, hold_out

SIZE = 9


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


def _finite(**arguments: object) -> None:
    """Raise ValueError, naming the argument, unless each holds finite real numbers."""
    for argument, value in arguments.items():
        array = np.asarray(value)
        if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
            raise ValueError(f"{argument}={value!r}: expected finite numbers")


def _whole(least: int, **arguments: object) -> None:
    """Raise ValueError, naming the argument, unless each is a whole number, at least ``least``."""
    for argument, value in arguments.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{argument}={value!r}: expected a whole number, at least {least}")


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
        Size relative to the original, about the centre; the strokes keep their thickness.
    rotation : float
        Degrees, counter-clockwise, about the centre.
    thickness : float
        Width of a stroke in pixels, at least 1.
    noise : float
        Probability that a pixel is flipped, 0 … 1.
    size : int
        Rows and columns of the picture; the letter is centred.
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
    if name not in STROKES:
        raise ValueError(f"name={name!r}: the letters are {', '.join(map(repr, STROKES))}")
    _finite(shift=shift, scale=scale, rotation=rotation, thickness=thickness, noise=noise)
    _whole(1, size=size)
    if np.shape(shift) != (2,):
        raise ValueError(f"shift={shift!r}: give two numbers, (rows down, columns right)")
    if scale <= 0:
        raise ValueError(f"scale={scale!r}: must be greater than 0")
    if thickness < 1:
        raise ValueError(f"thickness={thickness!r}: must be at least 1 pixel, or strokes fall between pixel centres")
    if not 0 <= noise <= 1:
        raise ValueError(f"noise={noise!r}: a probability from 0 to 1")
    picture = _draw(
        STROKES[name],
        np.asarray([shift], float),
        np.array([scale]),
        np.deg2rad([rotation]),
        np.array([thickness]),
        size,
    )[0]
    flipped = np.random.default_rng(seed).random(picture.shape) < noise
    return np.where(flipped, -picture, picture)


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
    t = ((pixels - start) * along).sum(-1) / (along**2).sum(-1)
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
        Number of pictures; X and O alternate, so that the classes are balanced.
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
    _whole(1, n_train=n_train, n_test=n_test, size=size)
    _whole(0, shift=shift)
    _finite(scale=scale, rotation=rotation, thickness=thickness, noise=noise)
    if rotation < 0:
        raise ValueError(f"rotation={rotation!r}: give the largest angle, 0 or more degrees")
    for argument, value in (("scale", scale), ("thickness", thickness)):
        if np.shape(value) != (2,):
            raise ValueError(f"{argument}={value!r}: give (smallest, largest)")
    for argument, (low, high), least in (("scale", scale, np.nextafter(0, 1)), ("thickness", thickness, 1)):
        if not least <= low <= high:
            raise ValueError(f"{argument}=({low}, {high}): give (smallest, largest), {'≥ 1' if least == 1 else '> 0'}")
    if not 0 <= noise <= 1:
        raise ValueError(f"noise={noise!r}: a probability from 0 to 1")
    rng = np.random.default_rng(seed)
    n = n_train + n_test
    labels = np.arange(n) % 2
    deformation = (
        rng.integers(-shift, shift, size=(n, 2), endpoint=True).astype(float),
        rng.uniform(*scale, size=n),
        np.deg2rad(rng.uniform(-rotation, rotation, size=n)),
        rng.uniform(*thickness, size=n),
    )
    images = np.empty((n, size, size), int)
    for label, strokes in enumerate(STROKES.values()):
        images[labels == label] = _draw(strokes, *(part[labels == label] for part in deformation), size)
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


def to_signed(images: np.ndarray) -> np.ndarray:
    """Pictures from uint8, 0 … 255, to float32, −1 … +1.

    Raises
    ------
    ValueError
        If ``images`` is not uint8.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise ValueError(f"images have dtype {images.dtype}; expected uint8 with values 0 … 255")
    return (images / np.float32(127.5) - np.float32(1)).astype(np.float32)


ENTRY = Entry("xo", "letters X and O", "drawn when loaded", "BSD-3-Clause", "the course", make_xo)
