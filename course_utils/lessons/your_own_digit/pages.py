"""Photographs of pages that nobody wrote: digits laid on generated paper, in generated light."""

import functools

import numpy as np

from course_utils._arguments import as_array, as_choice, as_number, as_seed, refuse
from course_utils.plotting.style import as_bytes

HEIGHT, WIDTH = 180, 240
TROUBLES = ("none", "noise", "thin pen", "broken strokes", "ruled paper", "blot")
"""What can be wrong with a page beside its light."""

_MARGIN = 10
_TINT = np.array([0.90, 0.97, 1.0])  # blue, green, red of the paper
_INK = np.array([1.25, 0.95, 0.80])
_BLUE = np.array([0.95, 0.5, 0.35])  # what ruled lines leave of the light


def photograph(digit: np.ndarray, seed: int, *, trouble: str = "none") -> np.ndarray:
    """One digit on a page: dark ink, uneven light, often a shadow, texture and grain.

    Size, place, ink, light and shadow are drawn from the seed. The digit is neither turned nor seen at an angle.

    Parameters
    ----------
    digit : numpy.ndarray
        A digit of MNIST, uint8, shape (28, 28), ink bright on 0.
    seed : int
        The same seed gives the same page.
    trouble : {"none", "noise", "thin pen", "broken strokes", "ruled paper", "blot"}
        What else is wrong with the page.

    Returns
    -------
    numpy.ndarray
        uint8, shape (180, 240, 3), in the order blue, green, red, as ``cv2.imread`` returns a picture.

    Raises
    ------
    ValueError
        If an argument is out of range, or the digit has no ink.
    """
    digit = _digits(as_array(digit, "digit", shape=(28, 28))[None], "digit")[0]
    trouble, rng = as_choice(trouble, "trouble", TROUBLES), np.random.default_rng(as_seed(seed))
    scale = rng.uniform(3, 6)
    shape = ink_of(digit, scale).shape
    free = [side - length - 2 * _MARGIN for side, length in zip((HEIGHT, WIDTH), shape, strict=True)]
    corner = [_MARGIN + rng.integers(0, room + 1) for room in free]
    return _photographed(_laid([(digit, corner, scale)], trouble, scale, rng), trouble, rng)


def sheet(digits: np.ndarray, seed: int, *, rows: int = 3, gap: float = 14.0) -> np.ndarray:
    """Several digits on one page, in rows that waver a little.

    Parameters
    ----------
    digits : numpy.ndarray
        Digits of MNIST, uint8, shape (N, 28, 28), in reading order; N is a multiple of ``rows``.
    seed : int
        The same seed gives the same page.
    rows : int
        How many rows.
    gap : float
        Paper between one digit's ink and the next one's, in pixels; negative where they overlap.

    Returns
    -------
    numpy.ndarray
        uint8, shape (180, 240, 3), in the order blue, green, red.

    Raises
    ------
    ValueError
        If an argument is out of range, a digit has no ink, or the digits do not fit on the page.
    """
    digits = _digits(digits, "digits")
    gap, rng = as_number(gap, "gap", least=-20, most=60), np.random.default_rng(as_seed(seed))
    if rows not in range(1, 4) or len(digits) % rows:
        raise refuse("rows", rows, f"expected 1, 2 or 3 rows of equally many of {len(digits)} digits")
    scale = 2.2
    placed = []
    for number, row in enumerate(np.split(digits, int(rows))):
        left = _MARGIN + rng.uniform(0, 4)
        top = _MARGIN + (HEIGHT - 2 * _MARGIN) * number / rows
        for digit in row:
            height, width = ink_of(digit, scale).shape
            room = (HEIGHT - 2 * _MARGIN) / rows - height
            if room < 0 or left + width > WIDTH - _MARGIN:
                raise refuse("digits", len(digits), "these digits do not fit on the page")
            placed.append((digit, (int(top + rng.uniform(0.2, 0.8) * room), round(left)), scale))
            left += width + gap
    return _photographed(_laid(placed, "none", scale, rng), "none", rng)


def ink_of(digit: np.ndarray, scale: float) -> np.ndarray:
    """Return the ink of a digit of MNIST, each pixel ``scale`` (1 … 10) wide, cut out: shares from 0 to 1.

    Raises
    ------
    ValueError
        If it is no picture of MNIST's form with ink, or the scale is out of range.
    """
    import cv2

    digit = _digits(as_array(digit, "digit", shape=(28, 28))[None], "digit")[0]
    scale = as_number(scale, "scale", least=1, most=10)
    large = cv2.resize(digit.astype(np.float32) / 255, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    ink = np.clip(2 * (large - 0.4) + 0.4, 0, 1)
    rows, columns = np.flatnonzero((ink > 0.05).any(1)), np.flatnonzero((ink > 0.05).any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _digits(values, name: str) -> np.ndarray:
    digits = as_bytes(values, name, shape=("N", 28, 28))
    if (digits.max(axis=(1, 2)) < 128).any():
        raise ValueError(f"{name} holds a picture without ink; expected digits, ink bright on 0")
    return digits


def _laid(placed, trouble: str, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Ink on the page: shares from 0 to 1."""
    import cv2

    page = np.zeros((HEIGHT, WIDTH), np.float32)
    for digit, (top, left), size in placed:
        ink = ink_of(digit, size)
        part = page[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(part, ink, out=part)
    if trouble == "thin pen":
        from skimage.morphology import skeletonize

        distance = cv2.distanceTransform((~skeletonize(page > 0.5)).astype(np.uint8), cv2.DIST_L2, 5)
        page = np.clip(1.6 - distance, 0, 1)
    if trouble == "broken strokes":
        rows, columns = np.nonzero(page > 0.5)
        for one in rng.choice(len(rows), 5, replace=False):
            cv2.circle(page, (int(columns[one]), int(rows[one])), round(1.5 * scale), 0, -1)
    if trouble == "blot":
        row, column = rng.integers(20, HEIGHT - 20), rng.integers(20, WIDTH - 20)
        cv2.circle(page, (int(column), int(row)), round(2 * scale), 1, -1)
    return page


def _photographed(page: np.ndarray, trouble: str, rng: np.random.Generator) -> np.ndarray:
    """A colour photograph of ink on paper."""
    import cv2

    texture, grain = (_part(noise, rng) for noise in _noise())
    down, right = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None], np.linspace(-1, 1, WIDTH, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    light = 0.68 + rng.uniform(0.12, 0.22) * (np.cos(angle) * right + np.sin(angle) * down)
    angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(-0.5, 0.5)
    shadow = 1 / (1 + np.exp(-30 * (np.cos(angle) * right + np.sin(angle) * down - at)))
    light = 255 * light * (1 - rng.choice([0, 0.35, 0.5]) * shadow) * (1 + 0.06 * texture)
    left_over = rng.uniform(0.2, 0.45) * _INK  # of the light, where there is ink
    colour = np.stack([tint * (1 - page * (1 - left)) for tint, left in zip(_TINT, left_over, strict=True)], axis=-1)
    if trouble == "ruled paper":
        for row in range(int(rng.integers(8, 30)), HEIGHT, 30):
            colour[row : row + 3] *= _BLUE
    seen = cv2.GaussianBlur((light[..., None] * colour).astype(np.float32), (0, 0), 0.8)
    seen += (60 if trouble == "noise" else 2.5) * grain
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8)


@functools.cache
def _noise() -> tuple[np.ndarray, np.ndarray]:
    """More texture of paper and grain of a camera than a page needs; each page takes a part of it."""
    import cv2

    rng = np.random.default_rng(0)
    texture, grain = (rng.standard_normal((2 * HEIGHT, 2 * WIDTH, n), np.float32) for n in (1, 3))
    return cv2.GaussianBlur(texture, (0, 0), 1.5), grain


def _part(noise: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    row, column = rng.integers(0, HEIGHT), rng.integers(0, WIDTH)
    return noise[row : row + HEIGHT, column : column + WIDTH]
