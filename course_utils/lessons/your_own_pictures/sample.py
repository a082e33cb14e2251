"""A folder of pictures as a learner's own would be: two old coins, laid on surfaces cut out of photographs.

Nobody took these pictures. Two coins are cut out of a photograph of Greek coins from Pompeii (Brooklyn Museum, no known copyright
restrictions) and laid on parts of other photographs; scikit-image ships all of them. A session is one surface, one light and one
distance; within it each coin lies at one angle. A burst is the pictures of one coin in one session: small shifts and turns, and noise.
"""

import functools
import os
import tempfile
from pathlib import Path

import numpy as np

from course_utils._arguments import as_choice, as_count, as_path, as_seed, refuse

NAMES = ("helmet", "warrior")
"""The two coins: a head with a helmet, and a standing warrior."""
PLACES = ("shared", "own", "swapped")

HEIGHT, WIDTH = 180, 240
_DIAMETERS = 65, 115
_COINS = {"helmet": (187, 347, 31), "warrior": (43.5, 334.5, 28.5)}  # row, column, radius in skimage.data.coins()
_SURFACES = ("grass", "gravel", "brick", "coffee", "cat", "rocket", "astronaut", "immunohistochemistry")
_MARGIN = 1.3  # a session's surface is so much larger than a picture: each burst sees another part of it
_METAL = np.array([1.05, 0.95, 0.74])
_ORIENTATION, _TURNED = 0x0112, 6  # the EXIF entry of a picture that was stored lying on its side


def write_sample(folder, *, seed: int = 0, sessions: int = 6, frames: int = 4, places: str = "shared") -> Path:
    """Write JPEG pictures of two coins: ``folder/session_01/helmet/1.jpg`` and so on, 240×180 or 180×240 pixels.

    In every second session the camera is held upright: its files are stored lying on their side, with an EXIF entry that says so.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to write: a folder that is empty, or does not exist yet.
    seed : int
        Chooses surfaces, light, angles and everything else. The same seed gives the same pictures.
    sessions : int
        How many sessions, 1 … 99.
    frames : int
        Pictures of each coin in each session, 1 … 99.
    places : {"shared", "own", "swapped"}
        ``"shared"``: both coins of a session lie on the same surface. ``"own"``: the helmet lies on grass and the warrior on
        gravel, in all sessions; ``"swapped"``: the other way round.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ValueError
        If an argument is out of range, or the folder holds something already.
    """
    folder, rng = as_path(folder, "folder"), np.random.default_rng(as_seed(seed))
    sessions, frames = as_count(sessions, "sessions", most=99), as_count(frames, "frames", most=99)
    places = as_choice(places, "places", PLACES)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refuse("folder", str(folder), "holds something already; give the path of a new folder")
    order = [name for _ in range(0, sessions, len(_SURFACES)) for name in rng.permutation(_SURFACES)]
    for number in range(sessions):
        surfaces = [order[number]] * 2 if places == "shared" else ["grass", "gravel"]
        bursts = _session(rng, surfaces[::-1] if places == "swapped" else surfaces, frames)
        for name, burst in zip(NAMES, bursts, strict=True):
            target = folder / f"session_{number + 1:02}" / name
            target.mkdir(parents=True)
            for frame, picture in enumerate(burst, start=1):
                _save(picture, target / f"{frame}.jpg", upright=number % 2 == 1)
    return folder


def _session(rng: np.random.Generator, surfaces: list[str], frames: int) -> list[list[np.ndarray]]:
    """A burst of each coin in one light, from one distance; each on its surface."""
    tint, brightness, slope = rng.uniform(0.75, 1.25, 3), rng.uniform(0.55, 1.15), rng.uniform(-0.4, 0.4, 2)
    down, right = np.linspace(-1, 1, HEIGHT)[:, None], np.linspace(-1, 1, WIDTH)
    light = (brightness * (1 + slope[0] * down + slope[1] * right))[..., None] * tint
    diameter, blur = int(rng.integers(*_DIAMETERS)), rng.uniform(0, 1.2)
    zoom, corner = rng.uniform(0.8, 1.4), rng.random(2)
    bursts = []
    for name, surface in zip(NAMES, surfaces, strict=True):
        ground = _surface(surface, zoom, corner)
        angle, centre = rng.uniform(0, 360), np.array([HEIGHT, WIDTH]) / 2 + rng.uniform(-18, 18, 2)
        start = [
            int(rng.integers(0, side - shown - 8)) for side, shown in zip(ground.shape, (HEIGHT, WIDTH), strict=False)
        ]
        burst = []
        for _ in range(frames):
            top, left = (first + int(rng.integers(0, 8)) for first in start)
            scene = ground[top : top + HEIGHT, left : left + WIDTH].copy()
            turn, size = angle + rng.uniform(-5, 5), diameter + int(rng.integers(-2, 3))
            _lay(scene, _coin(name, size, turn), centre + rng.uniform(-4, 4, 2))
            burst.append(_exposed(scene * light * rng.uniform(0.97, 1.03), blur, rng))
        bursts.append(burst)
    return bursts


@functools.cache
def _photograph(name: str) -> np.ndarray:
    """A photograph that scikit-image ships, red, green and blue; not to be changed."""
    import skimage.data

    photograph = getattr(skimage.data, name)()
    return photograph if photograph.ndim == 3 else np.stack([photograph] * 3, axis=-1)


def _surface(name: str, zoom: float, corner: np.ndarray) -> np.ndarray:
    """A part of a photograph, somewhat larger than a picture; float, red, green and blue."""
    from PIL import Image

    photograph = _photograph(name)
    wanted = [round(_MARGIN * side) for side in (HEIGHT, WIDTH)]
    sides = [min(have, int(side / zoom)) for have, side in zip(photograph.shape, wanted, strict=False)]
    top, left = (int(share * (have - side)) for share, have, side in zip(corner, photograph.shape, sides, strict=False))
    part = Image.fromarray(photograph[top : top + sides[0], left : left + sides[1]])
    return np.asarray(part.resize(wanted[::-1], Image.Resampling.BILINEAR), float)


def _coin(name: str, diameter: int, angle: float) -> np.ndarray:
    """One coin in its square, turned; float, red, green and blue."""
    from PIL import Image

    row, column, radius = _COINS[name]
    box = (column - radius, row - radius, column + radius, row + radius)
    square = Image.fromarray(_photograph("coins")[..., 0]).resize(
        (diameter, diameter), Image.Resampling.BICUBIC, box=box
    )
    return np.asarray(square.rotate(angle, Image.Resampling.BICUBIC), float)[..., None] * _METAL


def _lay(scene: np.ndarray, coin: np.ndarray, centre: np.ndarray) -> None:
    """Put a coin, with a soft edge and a dark rim around it, into a scene."""
    size = len(coin)
    along = np.arange(size) - (size - 1) / 2
    distance = np.hypot(along[:, None], along)[..., None]
    inside = np.clip(size / 2 - 1 - distance, 0, 1)
    shadow = 0.35 * np.clip((size / 2 + 5 - distance) / 8, 0, 1)
    top, left = (round(float(middle) - size / 2) for middle in centre)
    part = scene[top : top + size, left : left + size]
    part[:] = inside * coin + (1 - inside) * (1 - shadow) * part


def _exposed(scene: np.ndarray, blur: float, rng: np.random.Generator) -> np.ndarray:
    """What a camera that is not quite sharp, and noisy, makes of a scene; uint8."""
    from PIL import Image, ImageFilter

    sharp = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    soft = np.asarray(sharp.filter(ImageFilter.GaussianBlur(blur)), float)
    return np.clip(soft + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8)


def _save(picture: np.ndarray, path: Path, *, upright: bool) -> None:
    """Write a JPEG, whole or not at all; ``upright`` says that the camera was held so, and stored the picture on its side."""
    from PIL import Image

    exif = Image.Exif()
    if upright:
        exif[_ORIENTATION] = _TURNED
    handle, temporary = tempfile.mkstemp(suffix=".part", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        Image.fromarray(picture).save(file, "JPEG", quality=92, exif=exif)
    os.replace(temporary, path)
