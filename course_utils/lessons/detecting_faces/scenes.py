"""Photographs that come with scikit-image, scikit-learn and Matplotlib, in grey, and where they show faces, labelled by hand.

A box is (top, left, bottom, right) in pixels, the last two exclusive. A labelled box is a square around the face as the crops of
``load_faces`` show it: a little of the hair above, the chin at the bottom. The photographs of ``without_faces`` were looked through:
none shows a frontal face. Pages are composed: crops are laid on them, so that their boxes are known.
"""

from importlib.resources import files

import numpy as np

from course_utils._arguments import as_array, as_choice, as_seed, refuse
from course_utils.plotting.style import as_bytes

USES = {
    "training": (
        *("coffee", "chelsea", "rocket", "immunohistochemistry", "brick", "grass", "gravel"),
        *("page", "motorcycle", "china", "hubble_deep_field", "text"),
    ),
    "threshold": ("moon", "retina"),
    "test": ("flower", "clock", "cell"),
}
"""Which photograph without a face serves for what; none serves twice."""

PORTRAITS = {"astronaut": (50, 163, 175, 288), "Grace Hopper": (130, 160, 340, 370)}
"""Photographs with one frontal face each, and its box."""

_SIDES = 36, 90  # pixels that a crop's side has on a page
_GAP, _TRIES = 6, 2000


def without_faces(use: str) -> dict[str, np.ndarray]:
    """Photographs without a frontal face.

    Parameters
    ----------
    use : {"training", "threshold", "test"}
        What they serve for.

    Returns
    -------
    dict of str to numpy.ndarray
        Grey pictures, uint8, shape (H, W).

    Raises
    ------
    ValueError
        If ``use`` is another.
    """
    return {name: _photograph(name) for name in USES[as_choice(use, "use", USES)]}


def portraits() -> dict[str, np.ndarray]:
    """Return the photographs with one labelled face each: uint8, shape (H, W), under the names of ``PORTRAITS``."""
    import cv2
    import skimage.data

    path = files("matplotlib") / "mpl-data" / "sample_data" / "grace_hopper.jpg"
    data = np.frombuffer(path.read_bytes(), np.uint8)
    return {"astronaut": _grey(skimage.data.astronaut()), "Grace Hopper": cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)}


def page(background: np.ndarray, faces: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay crops on a photograph, enlarged to sides of 36 to 89 pixels, none touching another.

    Parameters
    ----------
    background : numpy.ndarray
        Grey, uint8, shape (H, W).
    faces : numpy.ndarray
        Crops, uint8, shape (N, 25, 25).
    seed : int
        Chooses places and sizes.

    Returns
    -------
    picture : numpy.ndarray
        uint8, shape (H, W).
    boxes : numpy.ndarray of int
        Shape (N, 4): top, left, bottom, right of each crop.

    Raises
    ------
    ValueError
        If an array is none of these, or there is no room for all crops.
    """
    import cv2

    picture = as_bytes(background, "background", shape=("H", "W")).copy()
    faces = as_bytes(as_array(faces, "faces"), "faces", shape=("N", 25, 25))
    rng, boxes = np.random.default_rng(as_seed(seed)), []
    if min(picture.shape) <= _SIDES[1]:
        raise refuse("background", background, f"each side has more than {_SIDES[1]} pixels")
    for face in faces:
        for _ in range(_TRIES):
            side = int(rng.integers(*_SIDES))
            top, left = (int(rng.integers(0, length - side)) for length in picture.shape)
            box = (top, left, top + side, left + side)
            if not any(_near(box, other) for other in boxes):
                break
        else:
            raise ValueError(f"background has no room for {len(faces)} faces; give fewer, or a larger one")
        picture[box[0] : box[2], box[1] : box[3]] = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
        boxes.append(box)
    return picture, np.array(boxes)


def pages(use: str, faces: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the photographs of one use, each with its share of the crops laid on it, and the boxes of each.

    Raises
    ------
    ValueError
        As :func:`without_faces` and :func:`page` do.
    """
    backgrounds = list(without_faces(use).values())
    faces = as_bytes(as_array(faces, "faces"), "faces", shape=("N", 25, 25))
    shares = np.array_split(faces, len(backgrounds))
    seeds = range(as_seed(seed, most=2**32), seed + len(shares))
    return [page(*one) for one in zip(backgrounds, shares, seeds, strict=True) if len(one[1])]


def _photograph(name: str) -> np.ndarray:
    import cv2
    import skimage.data
    import sklearn.datasets

    if name in ("china", "flower"):
        return _grey(sklearn.datasets.load_sample_image(f"{name}.jpg"))
    if name == "motorcycle":
        return _grey(skimage.data.stereo_motorcycle()[0])
    picture = _grey(getattr(skimage.data, name)())
    return cv2.resize(picture, (512, 512), interpolation=cv2.INTER_AREA) if name == "retina" else picture


def _grey(picture: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture


def _near(one: tuple, other: tuple) -> bool:
    apart = (one[a] >= other[a + 2] + _GAP or other[a] >= one[a + 2] + _GAP for a in (0, 1))
    return not any(apart)
