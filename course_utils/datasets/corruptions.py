"""The fifteen corruptions of MNIST-C as functions of whole batches of digits.

:func:`apply` is the way in. Each corruption is a private function here: digits and a stream of random numbers a digit go in, corrupted
digits come out, without a loop over digits. The settings of each severity are in ``_CORRUPTIONS``.

Randomness comes from a counter: the words of digit i are SplitMix64's, started at a hash of seed, corruption and number of the digit.
So a digit gets the same noise alone, in a batch, or in any part of one. Nothing here adds up over digits, and dense
matrix products are taken picture by picture, since the order of additions in a larger one may depend on the size of the batch.

References
----------
Mu and Gilmer, *MNIST-C: A robustness benchmark for computer vision*, 2019, whose published parameters these are.
Hendrycks and Dietterich, *Benchmarking neural network robustness to common corruptions and perturbations*, 2019.
Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, 2014, for SplitMix64.
"""

import functools
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from course_utils._arguments import as_array, as_seed, refuse

if TYPE_CHECKING:  # SciPy takes longer to import than most lessons' data take to load
    from scipy import sparse

SIDE = 28
VERSION = 1  # changes whenever a corruption would return other pixels
_PIXELS = SIDE * SIDE
_CENTRE = (SIDE - 1) / 2


def apply(
    name: str, images: np.ndarray, *, severity: int | str = "published", seed: int = 0, first_index: int = 0
) -> np.ndarray:
    """Corrupt a batch of digits.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`, or ``"identity"``.
    images : numpy.ndarray
        Digits, uint8, shape (N, 28, 28) or (N, 28, 28, 1), ink 255 on paper 0. They are not changed.
    severity : "published" or int
        Strength. ``"published"`` is what the published set has. A whole number goes from 1, mild, to 5, severe, on the scale below;
        0 returns the digits as they are.
    seed : int
        The same seed gives the same pictures; from 0 to 2⁶⁴ − 1.
    first_index : int
        Number of the first digit, at least 0. Digit i of the batch depends on ``seed``, ``name`` and ``first_index + i`` only, so a
        set can be made in parts of any size. Its random choices are the same at every severity.

    Returns
    -------
    numpy.ndarray
        uint8, the shape of ``images``.

    Raises
    ------
    ValueError
        If the name is unknown, ``images`` has another dtype or shape, or a number is out of range.

    Notes
    -----
    =============  ================================================================  ==========================  ===========
    name           what it does                                                      severity 1 … 5              published
    =============  ================================================================  ==========================  ===========
    shot_noise     grey value becomes a Poisson count of that many photons at white  60, 25, 12, 5, 3            5
    impulse_noise  share of pixels that turn black or white                          .03, .06, .09, .17, .27     4
    glass_blur     blur, swaps of neighbouring pixels, blur: σ, reach, rounds        (.7, 1, 2) … (1.5, 4, 2)    1
    motion_blur    trail along a line within 45° of the rows: length, σ in pixels    (10, 3) … (20, 15)          1
    shear          slant to one side or the other, radians                           .2, .4, .6, .8, 1           2
    scale          factor by which the digit shrinks                                 .9, .8, .7, .6, .5          3
    rotate         turn to one side or the other, radians                            .2, .4, .6, .8, 1           2
    brightness     share of white that is added                                      .1, .2, .3, .4, .5          5
    translate      shift along both axes, pixels                                     1, 2, 3, 4, 5               3
    stripe         columns at the left and as many at the right that are inverted    1, 3, 5, 7, 9               4
    fog            plasma fractal on top: amount, decay from octave to octave        (1.5, 2) … (3, 1.4)         5
    spatter        grey mud: mean, spread and blur of the liquid, threshold, edge    (.65, .3, 4, .69, .6) …     4
    dotted_line    number of dotted lines across                                     1, 2, 3, 4, 5               1
    zigzag         number of zigzag lines across                                     1, 2, 3, 4, 5               1
    canny_edges    edges only, found after a blur of this σ in pixels                1, 1.5, 2, 2.5, 3           1
    =============  ================================================================  ==========================  ===========

    The scales are those of Mu and Gilmer where they have one; those of stripe, lines and edges, which they publish at one strength,
    are this course's. Directions, angles and positions are drawn for each digit.

    The parameters are theirs, the code and the random numbers are not: single pictures differ from the published files. Two choices
    differ by intent: glass_blur blurs along both axes, and the fog's fractal is worked out in full only where it is seen.

    References
    ----------
    Mu and Gilmer, *MNIST-C: A robustness benchmark for computer vision*, 2019.
    """
    chosen = settings(name, severity)
    batch = _digits(images)
    seed, first_index = as_seed(seed), as_seed(first_index, "first_index")
    if not chosen:
        return images.copy()
    corruption = _CORRUPTIONS[name]
    result = np.empty(images.shape, np.uint8)
    out = result.reshape(batch.shape)
    for start in range(0, len(batch), corruption.chunk):
        chunk = batch[start : start + corruption.chunk]
        draws = _streams(name, seed, first_index + start, len(chunk))
        out[start : start + len(chunk)] = _to_bytes(corruption.function(chunk, draws, **chosen))
    return result


def settings(name: str, severity: int | str = "published") -> dict[str, float]:
    """Settings of a corruption at a severity, by name; none where it leaves digits as they are.

    Parameters
    ----------
    name, severity
        As for :func:`apply`.

    Returns
    -------
    dict of str to int or float
        For instance ``{"amount": 0.17}`` for impulse_noise; the units are in the table of :func:`apply`.

    Raises
    ------
    ValueError
        If the name or the severity is unknown.
    """
    if not isinstance(name, str) or name not in ("identity", *_CORRUPTIONS):
        raise refuse("name", name, f"there are {', '.join(NAMES)} and identity")
    whole = isinstance(severity, int | np.integer) and not isinstance(severity, bool) and 0 <= severity <= 5
    if not whole and not (isinstance(severity, str) and severity == "published"):
        raise refuse("severity", severity, '"published" or a whole number from 0 (none) to 5 (severe)')
    if name == "identity" or severity == 0:
        return {}
    corruption = _CORRUPTIONS[name]
    position = corruption.published if severity == "published" else int(severity)
    return dict(corruption.scale[position - 1])


def _digits(images: np.ndarray) -> np.ndarray:
    """The batch as an array of shape (N, 28, 28), or a ValueError that says what came instead."""
    if not isinstance(images, np.ndarray):
        raise refuse("images", images, "expected an array of digits, uint8, shape (N, 28, 28) or (N, 28, 28, 1)")
    as_array(images, "images")  # refuses masks, which would be lost
    if images.dtype != np.uint8 or images.shape[1:] not in _SHAPES:
        advice = " (put a single picture into a batch: image[None])" if images.shape in _SHAPES else ""
        raise ValueError(
            f"images have dtype {images.dtype} and shape {images.shape}; expected uint8 and (N, 28, 28) or (N, 28, 28, 1), "
            f"the size that MNIST-C's parameters are made for{advice}"
        )
    return images.reshape(len(images), SIDE, SIDE)


_SHAPES = ((SIDE, SIDE), (SIDE, SIDE, 1))


def _to_bytes(values: np.ndarray) -> np.ndarray:
    """Grey values, cut off at 0 and 255, rounded to the nearest byte; halves go up, so that 0.5 and 1.5 stay different."""
    return values if values.dtype == np.uint8 else (np.clip(values, 0, 255) + 0.5).astype(np.uint8)


# --- random numbers -----------------------------------------------------------------------------------------------

_GOLDEN = 0x9E3779B97F4A7C15  # 2⁶⁴ divided by the golden ratio: the step of SplitMix64's counter


def _mix(words: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser, in place: every bit of a 64-bit word changes about half of the result's bits."""
    words ^= words >> np.uint64(30)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(27)
    words *= np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    return words


def _streams(name: str, seed: int, first_index: int, count: int) -> np.ndarray:
    """Start of each digit's own stream of random numbers, uint64, shape (count,)."""
    key = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "little")
    start = np.uint64((key + (first_index + 1) * _GOLDEN) % 2**64)
    return _mix(start + np.arange(count, dtype=np.uint64) * np.uint64(_GOLDEN))


def _words(draws: np.ndarray, count: int, start: int = 0) -> np.ndarray:
    """Words number ``start``, ``start + 1``, … of every stream, uint64, shape (N, count)."""
    steps = np.arange(start + 1, start + count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    return _mix(draws[:, None] + steps)


def _halves(draws: np.ndarray, count: int, start: int = 0) -> np.ndarray:
    """Random numbers 0 … 2³² − 1, two a word, from word number ``start`` on; uint32, shape (N, count)."""
    return _words(draws, -(-count // 2), start).astype("<u8", copy=False).view("<u4")[:, :count]


def _uniforms(draws: np.ndarray, count: int, start: int = 0) -> np.ndarray:
    """Uniform random numbers, 0 < u < 1, two a word, from word number ``start`` on; float64, shape (N, count)."""
    return (_halves(draws, count, start) + 0.5) * 2.0**-32


def _integers(draws: np.ndarray, low: int, high: int, count: int, start: int = 0) -> np.ndarray:
    """Whole numbers low … high − 1, two a word, from word number ``start`` on; shape (N, count)."""
    return low + np.floor(_uniforms(draws, count, start) * (high - low)).astype(np.int64)


# --- noise --------------------------------------------------------------------------------------------------------


@functools.cache
def _poisson_steps(rate: int) -> np.ndarray:
    """For each grey value g the cumulated Poisson probabilities of 0 … rate − 1 photons, plus g; sorted, flat."""
    from scipy import special

    photons = np.arange(rate)
    return (np.arange(256)[:, None] + special.pdtr(photons, rate * np.arange(256)[:, None] / 255)).ravel()


def _shot_noise(images, draws, *, rate):
    # Paper stays paper: only ink needs a random number, the one of its pixel. The smallest count whose cumulated probability
    # exceeds u has the Poisson distribution. One search does it for all grey values, since their steps lie one after another.
    digit, pixel = np.divmod(np.flatnonzero(images), _PIXELS)
    u = _uniforms(draws[digit] + pixel.astype(np.uint64) * np.uint64(_GOLDEN), 1)[:, 0]
    grey = images.reshape(-1, _PIXELS)[digit, pixel].astype(np.int64)
    counts = np.searchsorted(_poisson_steps(rate), grey + u, side="right") - grey * rate
    out = np.zeros((len(images), _PIXELS))
    out[digit, pixel] = counts * (255 / rate)
    return out.reshape(images.shape)


def _impulse_noise(images, draws, *, amount):
    chance = _halves(draws, _PIXELS).reshape(images.shape)
    pepper, salt = np.uint32(amount / 2 * 2**32), np.uint32(amount * 2**32)
    return np.where(chance < pepper, np.uint8(0), np.where(chance < salt, np.uint8(255), images))


# --- blur ---------------------------------------------------------------------------------------------------------


@functools.cache
def _blur_matrix(sigma: float, mode: str) -> np.ndarray:
    """Matrix that blurs a column of 28 pixels with a Gaussian, cut off at four standard deviations."""
    from scipy import ndimage

    return ndimage.gaussian_filter1d(np.eye(SIDE), sigma, axis=0, mode=mode, truncate=4.0)


def _blurred(values: np.ndarray, sigma: float, mode: str = "nearest") -> np.ndarray:
    """Gaussian blur of each picture of a stack, along columns and rows: two products of 28 × 28 a picture."""
    matrix = _blur_matrix(sigma, mode)
    return matrix @ values @ matrix.T


def _glass_blur(images, draws, *, sigma, reach, rounds):
    n = len(images)
    # Pixels first, digits last: a step is the same pixel of all digits.
    values = np.floor(_blurred(images.astype(np.float64), sigma) + 1e-9).astype(np.uint8)
    pixels = np.ascontiguousarray(values.reshape(n, _PIXELS).T).reshape(-1)
    places = range(SIDE - reach, reach, -1)
    digit, step = np.arange(n), 0
    for _ in range(rounds):
        for row in places:
            words = np.ascontiguousarray(_words(draws, len(places), step).T)
            step += len(places)
            for column, word in zip(places, words, strict=True):
                own = row * SIDE + column
                partner = own * n + digit + _swap(word, reach) * n
                theirs = pixels[partner]
                pixels[partner] = pixels[own * n : (own + 1) * n]
                pixels[own * n : (own + 1) * n] = theirs
    return _blurred(pixels.reshape(_PIXELS, n).T.reshape(images.shape).astype(np.float64), sigma)


def _swap(words: np.ndarray, reach: int) -> np.ndarray:
    """Distance in pixels, counted along the rows, to the partner of a swap: 0 for half of the words, else −reach … reach − 1 both ways."""
    choices, swaps = np.uint64(2 * reach), (words >> np.uint64(63)).astype(np.int64)
    down = ((words >> np.uint64(32) & np.uint64(0x7FFFFFFF)) * choices >> np.uint64(31)).astype(np.int64) - reach
    right = ((words & np.uint64(0xFFFFFFFF)) * choices >> np.uint64(32)).astype(np.int64) - reach
    return swaps * (down * SIDE + right)


def _motion_blur(images, draws, *, radius, sigma):
    # Each pixel is a mean along a line that starts at it and ends 2 · radius pixels away; the border is continued outwards.
    angle = np.deg2rad(90 * _uniforms(draws, 1)[:, 0] - 45)
    distance = np.arange(2 * radius + 1)
    weights = np.exp(-(distance**2) / (2 * sigma**2))
    weights /= weights.sum()
    end = distance[-1]
    padded = np.pad(images.astype(np.float32), ((0, 0), (end, end), (0, end)), "edge")
    # All windows of all digits are one view, from which each digit picks its own.
    windows = np.lib.stride_tricks.sliding_window_view(padded, (SIDE, SIDE), axis=(1, 2))
    digit, out = np.arange(len(images)), np.zeros(images.shape, np.float32)
    for steps, weight in zip(distance, weights.astype(np.float32), strict=True):
        down, right = np.rint(steps * np.sin(angle)).astype(np.int64), np.rint(steps * np.cos(angle)).astype(np.int64)
        out += weight * windows[digit, end + down, right]
    return out


# --- geometry -----------------------------------------------------------------------------------------------------


@functools.cache
def _sampling(matrix: tuple[float, ...], shift: tuple[float, float] = (0.0, 0.0)) -> "sparse.csr_array":
    """Bilinear sampling as a sparse matrix of shape (784, 784): row p holds what pixel p of the result takes from where.

    ``matrix`` (a, b, c, d) sends a pixel (x, y), counted from the centre, to its source (a x + b y, c x + d y); ``shift`` (x, y)
    is added. What lies outside is paper.
    """
    from scipy import sparse

    y, x = np.mgrid[:SIDE, :SIDE].reshape(2, -1) - _CENTRE
    a, b, c, d = matrix
    # Rounding keeps whole pixels whole: 0.1 + 0.2 should not fetch a trace of the next one.
    column, row = np.round([a * x + b * y + shift[0] + _CENTRE, c * x + d * y + shift[1] + _CENTRE], 12)
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    result = sparse.csr_array((_PIXELS, _PIXELS))
    for right, below in np.ndindex(2, 2):
        i, j = top + below, left + right
        weight = (1 - np.abs(row - i)) * (1 - np.abs(column - j))
        inside = (weight > 0) & (i >= 0) & (i < SIDE) & (j >= 0) & (j < SIDE)
        entries = weight[inside], (np.flatnonzero(inside), (i * SIDE + j)[inside])
        result = result + sparse.csr_array(entries, shape=result.shape)
    return result


def _sampled(images: np.ndarray, choice: np.ndarray, variants: "list[sparse.csr_array]") -> np.ndarray:
    """Each digit sampled by the variant chosen for it."""
    out = np.zeros((len(images), _PIXELS))
    for number, sampling in enumerate(variants):
        chosen = np.flatnonzero(choice == number)
        out[chosen] = (sampling @ images[chosen].reshape(-1, _PIXELS).T.astype(np.float64)).T
    return out.reshape(images.shape)


def _coins(draws: np.ndarray, start: int = 0) -> np.ndarray:
    """0 or 1 for each digit, shape (N,)."""
    return _integers(draws, 0, 2, 1, start)[:, 0]


def _shear(images, draws, *, angle):
    variants = [_sampling((1.0, -math.sin(s), 0.0, math.cos(s))) for s in (angle, -angle)]
    return _sampled(images, _coins(draws), variants)


def _rotate(images, draws, *, angle):
    variants = [_sampling((math.cos(s), -math.sin(s), math.sin(s), math.cos(s))) for s in (angle, -angle)]
    return _sampled(images, _coins(draws), variants)


def _scale(images, draws, *, factor):
    return _sampled(images, np.zeros(len(images)), [_sampling((1 / factor, 0.0, 0.0, 1 / factor))])


def _translate(images, draws, *, pixels):
    shifts = [(float(x), float(y)) for y in (pixels, -pixels) for x in (pixels, -pixels)]
    choice = _coins(draws) + 2 * _coins(draws, 1)
    return _sampled(images, choice, [_sampling((1.0, 0.0, 0.0, 1.0), shift) for shift in shifts])


# --- light and weather --------------------------------------------------------------------------------------------


def _brightness(images, draws, *, added):
    return _to_bytes(np.arange(256) + 255.0 * added)[images]


def _stripe(images, draws, *, columns):
    out = images.copy()
    for part in (out[:, :, :columns], out[:, :, SIDE - columns :]):
        np.subtract(255, part, out=part)
    return out


_FRACTAL_SIDE, _COARSE = 256, 8  # the plasma map's period, and the distance of points down to which all of it is made


def _fog(images, draws, *, amount, decay):
    light = images / 255.0
    brightest = light.max(axis=(1, 2), keepdims=True)
    foggy = light + amount * _plasma(draws, decay)
    return 255 * foggy * brightest / (brightest + amount)


def _plasma(draws: np.ndarray, decay: float) -> np.ndarray:
    """Corner of 28 × 28 points of a plasma fractal of 256 × 256, scaled so that the whole map goes from 0 to 1; shape (N, 28, 28).

    Diamond–square on a torus: at each step, midpoints of squares, then of edges, get the mean of their four neighbours and noise whose
    size falls by the square of ``decay``. The whole map is made at every eighth point only, and its range is theirs: over a hundred
    maps with a decay of 1.4 the points between widened it by 0.2 % on average. The corner alone is refined.
    """
    noise, used = 100.0, 0

    def roughened(mean):
        nonlocal used
        count = mean[0].size
        u = _uniforms(draws, count, used).reshape(mean.shape)
        used += -(-count // 2)
        return mean + noise**2 * (2 * u - 1)

    whole = np.zeros((len(draws), 1, 1))
    while whole.shape[1] < _FRACTAL_SIDE // _COARSE:
        whole = _finer_torus(whole, roughened)
        noise /= decay
    low, high = whole.min(axis=(1, 2), keepdims=True), whole.max(axis=(1, 2), keepdims=True)
    patch = np.roll(whole, 1, axis=(1, 2))[:, :7, :7]  # from one coarse point before the corner to five after
    for _ in range(_COARSE.bit_length() - 1):
        patch = _finer_patch(patch, roughened)
        noise /= decay
    return np.clip((patch[:, 1:29, 1:29] - low) / (high - low), 0, 1)


def _finer_torus(corners: np.ndarray, roughened: Callable) -> np.ndarray:
    """One diamond–square step on a torus: (N, n, n) → (N, 2n, 2n)."""
    n, side, _ = corners.shape
    right, below = np.roll(corners, -1, axis=2), np.roll(corners, -1, axis=1)
    centres = roughened((corners + right + below + np.roll(right, -1, axis=1)) / 4)
    finer = np.empty((n, 2 * side, 2 * side))
    finer[:, ::2, ::2], finer[:, 1::2, 1::2] = corners, centres
    finer[:, ::2, 1::2] = roughened((corners + right + centres + np.roll(centres, 1, axis=1)) / 4)
    finer[:, 1::2, ::2] = roughened((corners + below + centres + np.roll(centres, 1, axis=2)) / 4)
    return finer


def _finer_patch(corners: np.ndarray, roughened: Callable) -> np.ndarray:
    """One diamond–square step on a patch, without the edges that lack a neighbour: (N, n, n) → (N, 2n − 3, 2n − 3)."""
    n, side, _ = corners.shape
    centres = roughened((corners[:, :-1, :-1] + corners[:, :-1, 1:] + corners[:, 1:, :-1] + corners[:, 1:, 1:]) / 4)
    finer = np.empty((n, 2 * side - 3, 2 * side - 3))
    finer[:, ::2, ::2], finer[:, 1::2, 1::2] = centres, corners[:, 1:-1, 1:-1]
    rows, columns = corners[:, 1:-1], corners[:, :, 1:-1]
    finer[:, 1::2, ::2] = roughened((rows[:, :, :-1] + rows[:, :, 1:] + centres[:, :-1] + centres[:, 1:]) / 4)
    finer[:, ::2, 1::2] = roughened((columns[:, :-1] + columns[:, 1:] + centres[:, :, :-1] + centres[:, :, 1:]) / 4)
    return finer


def _spatter(images, draws, *, mean, spread, sigma, threshold, edge):
    from scipy import special

    liquid = mean + spread * special.ndtri(_uniforms(draws, _PIXELS)).reshape(images.shape)
    drops = (_blurred(liquid, sigma) > threshold).astype(np.float64)
    mud = _blurred(drops, edge)
    mud[mud < 0.8] = 0
    return images * (1 - mud) + 63 * mud


# --- lines and edges ----------------------------------------------------------------------------------------------

_THICKNESS = 2.3  # pixels; ink falls off as 1 + ln(1 − d / 2.3) with the vertical distance d, and is gone at 1.45


def _line_ink(heights: np.ndarray) -> np.ndarray:
    """Ink, 0 … 1, of a line that passes column c at row ``heights[n, c]``; shape (N, 28) → (N, 28, 28)."""
    rows = np.arange(SIDE, dtype=np.float32)[:, None]
    distance = np.abs(rows - heights[:, None, :].astype(np.float32))
    return np.maximum(1 + np.log(np.maximum(1 - distance / np.float32(_THICKNESS), np.float32(1e-6))), 0)


def _dotted_line(images, draws, *, lines):
    ends = _integers(draws, 0, SIDE - 1, 2 * lines)
    columns = np.arange(SIDE)
    shown = ((columns // 2 % 2) * (columns < SIDE - 1)).astype(
        np.float32
    )  # two columns of paper, two of ink, none at the end
    out = images.astype(np.float32)
    for number in range(lines):
        start, end = ends[:, 2 * number, None], ends[:, 2 * number + 1, None]
        out += 255 * shown * _line_ink(start + (end - start) * columns / (SIDE - 1))
    return out


_ZIGZAG, _FROM, _TO = 2.0, 2, 25  # half a tooth's width and its height in pixels; first and last column


def _zigzag(images, draws, *, lines):
    out = images.astype(np.float32)
    for number in range(lines):
        start = _integers(draws, 0, SIDE - 1, 1, 2 * number)
        climb = _integers(draws, -5, 5, 1, 2 * number + 1)
        out += 255 * _teeth(start, climb)
    return out


def _teeth(start: np.ndarray, climb: np.ndarray) -> np.ndarray:
    """Ink, 0 … 1 and more where strokes meet, of a zigzag about a straight line; arguments of shape (N, 1), in pixels."""
    length = np.hypot(_TO - _FROM, climb)
    cosine, sine = (_TO - _FROM) / length, climb / length
    # Corners along and across the straight line; the last one lies on it, at its end.
    teeth = np.arange(int((_TO - _FROM - _ZIGZAG) // (2 * _ZIGZAG)) + 1)
    along = np.concatenate([[0], (2 * teeth + 1) * _ZIGZAG, [0]]) + length * (np.arange(len(teeth) + 2) > len(teeth))
    across = np.concatenate([[0], _ZIGZAG * (-1.0) ** teeth, [0]])
    x, y = _FROM + cosine * along - sine * across, start + sine * along + cosine * across
    columns, ink = np.arange(SIDE), np.zeros((len(start), SIDE, SIDE), np.float32)
    for left in range(x.shape[1] - 1):
        x0, x1, y0, y1 = (points[:, left + offset, None] for points in (x, y) for offset in (0, 1))
        covered = (columns >= np.floor(x0)) & (columns < np.ceil(x1))
        heights = np.where(covered, y0 + (y1 - y0) / (x1 - x0) * (columns - x0), 1e3)  # 1e3: far away from every row
        ink += _line_ink(heights)
    return ink


def _canny_edges(images, draws, *, sigma, low=0.1, high=0.2):
    from scipy import ndimage

    # Blur without the paper that would lie outside, gradients, ridges of their magnitude, hysteresis.
    light = _blurred(images / 255.0, sigma, "constant")
    light /= _blurred(np.ones((1, SIDE, SIDE)), sigma, "constant") + np.finfo(float).eps
    difference, mean = (ndimage.correlate1d(np.eye(SIDE), weights, 0) for weights in ([-1, 0, 1], [1, 2, 1]))
    down, right = difference @ light @ mean.T, mean @ light @ difference.T  # Sobel's derivatives
    magnitude = np.sqrt(down**2 + right**2)
    ridges = _ridges(down, right, magnitude, low)
    # Weak ridges stay where they touch a strong one. The structure joins neighbours within a picture only.
    structure = np.zeros((3, 3, 3), bool)
    structure[1] = True
    labels, count = ndimage.label(ridges, structure)
    strong = np.zeros(count + 1, bool)
    strong[labels[ridges & (magnitude >= high)]] = True
    return np.where(strong[labels], np.uint8(255), np.uint8(0))


def _ridges(down, right, magnitude, low):
    """Where the magnitude is at least ``low`` and no smaller than on both sides along the gradient; not at the border."""
    candidates = magnitude >= low
    candidates[:, [0, -1]] = candidates[:, :, [0, -1]] = False
    place = np.flatnonzero(candidates)
    down, right, flat = down.reshape(-1)[place], right.reshape(-1)[place], magnitude.reshape(-1)
    steep = np.abs(down) > np.abs(right)
    # The line along the gradient leaves the ring of neighbours between a direct and a diagonal one.
    small, large = np.where(steep, np.abs(right), np.abs(down)), np.where(steep, np.abs(down), np.abs(right))
    vertical, horizontal = np.where(down < 0, -SIDE, SIDE), np.where(right < 0, -1, 1)
    direct, diagonal, share = np.where(steep, vertical, horizontal), vertical + horizontal, small / large
    ahead, behind = (
        share * flat[place + side * diagonal] + (1 - share) * flat[place + side * direct] for side in (1, -1)
    )
    ridges = np.zeros(flat.size, bool)
    ridges[place[(ahead <= flat[place]) & (behind <= flat[place])]] = True
    return ridges.reshape(magnitude.shape)


# --- all of them --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Corruption:
    """A function of (images, draws, **settings), its settings at severity 1 … 5, and the severity of the published set.

    ``chunk`` digits are done at a time: enough to make NumPy's calls cheap, few enough for the processor's cache.
    """

    function: Callable[..., np.ndarray]
    scale: tuple[Mapping[str, float], ...]
    published: int
    chunk: int = 250


def _scale_of(*names: str, values) -> tuple[dict[str, float], ...]:
    """Settings by name for each of five severities."""
    return tuple(dict(zip(names, value if isinstance(value, tuple) else (value,), strict=True)) for value in values)


_ANGLES = _scale_of("angle", values=(0.2, 0.4, 0.6, 0.8, 1.0))
_COUNTS = _scale_of("lines", values=(1, 2, 3, 4, 5))
_GLASS = ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2))
_MOTION = ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))
_FOG = ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))
_MUD = (
    (0.65, 0.3, 4, 0.69, 0.6),
    (0.65, 0.3, 3, 0.68, 0.6),
    (0.65, 0.3, 2, 0.68, 0.5),
    (0.65, 0.3, 1, 0.65, 1.5),
    (0.67, 0.4, 1, 0.65, 1.5),
)
_CORRUPTIONS = {
    "shot_noise": _Corruption(_shot_noise, _scale_of("rate", values=(60, 25, 12, 5, 3)), 5),
    "impulse_noise": _Corruption(_impulse_noise, _scale_of("amount", values=(0.03, 0.06, 0.09, 0.17, 0.27)), 4),
    "glass_blur": _Corruption(_glass_blur, _scale_of("sigma", "reach", "rounds", values=_GLASS), 1, 4000),
    "motion_blur": _Corruption(_motion_blur, _scale_of("radius", "sigma", values=_MOTION), 1),
    "shear": _Corruption(_shear, _ANGLES, 2),
    "scale": _Corruption(_scale, _scale_of("factor", values=(0.9, 0.8, 0.7, 0.6, 0.5)), 3),
    "rotate": _Corruption(_rotate, _ANGLES, 2),
    "brightness": _Corruption(_brightness, _scale_of("added", values=(0.1, 0.2, 0.3, 0.4, 0.5)), 5),
    "translate": _Corruption(_translate, _scale_of("pixels", values=(1, 2, 3, 4, 5)), 3),
    "stripe": _Corruption(_stripe, _scale_of("columns", values=(1, 3, 5, 7, 9)), 4),
    "fog": _Corruption(_fog, _scale_of("amount", "decay", values=_FOG), 5),
    "spatter": _Corruption(_spatter, _scale_of("mean", "spread", "sigma", "threshold", "edge", values=_MUD), 4),
    "dotted_line": _Corruption(_dotted_line, _COUNTS, 1),
    "zigzag": _Corruption(_zigzag, _COUNTS, 1),
    "canny_edges": _Corruption(_canny_edges, _scale_of("sigma", values=(1.0, 1.5, 2.0, 2.5, 3.0)), 1),
}

NAMES = tuple(_CORRUPTIONS)
"""Names of the fifteen corruptions, in the order of the paper."""
