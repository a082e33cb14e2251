"""Colour patches of ten photographs that scikit-image and scikit-learn ship; the class is the photograph."""

import hashlib
from collections.abc import Callable
from importlib import resources

import numpy as np

from course_utils._arguments import as_count, as_seed, refuse
from course_utils.datasets._bundled import CorruptDataError
from course_utils.datasets._dataset import Dataset, hold_out
from course_utils.datasets._entry import Entry

SIDE = 32
CELL = 48
GAP = 8
CELLS = 40
TEST_CELLS = 10
PER_CELL = 12
_PICTURES = {
    "astronaut": "NASA; public domain",
    "cat": "chelsea, by Stefan van der Walt; CC0",
    "coffee": "by Rachel Michetti, Pikolo Espresso Bar; CC0",
    "rocket": "SpaceX; public domain",
    "retina": "by Mikael Häggström, 2014, doi 10.15347/wjm/2014.008; CC0",
    "tissue": "immunohistochemistry, Center for Microscopy and Molecular Imaging; no known restrictions",
    "galaxies": "Hubble eXtreme Deep Field, NASA; public domain",
    "motorcycle": "Middlebury stereo benchmark, Scharstein et al. 2014; no licence stated, free for research",
    "temple": "china.jpg, by danielbuechele; CC BY 2.0",
    "flower": "flower.jpg, by vultilion; CC BY 2.0",
}
_SHA256 = {  # of the files: scikit-learn does not verify its own, as scikit-image does; decoders may differ in a level
    "china.jpg": "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    "flower.jpg": "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
}
CLASS_NAMES = tuple(_PICTURES)
SOURCE = "32×32 patches of ten photographs that scikit-image and scikit-learn ship"
LICENCE = "; ".join(f"{name}: {terms}" for name, terms in _PICTURES.items())


def load_photo_patches(*, validation: int = 0, seed: int = 0) -> Dataset:
    """Load 3600 training and 1200 test patches of 32×32 pixels in colour; the class is the photograph that a patch is from.

    Nothing is downloaded and nothing is stored: cutting the patches takes well under a second. The task has the form of CIFAR-10:
    ten classes of equal size. Colour alone does not solve it: the photographs share browns, greys and blacks, and a network that
    also sees texture is clearly better.

    Parameters
    ----------
    validation : int
        How many training patches to hold out: a multiple of 120, that is 12 of each class for every whole cell (see Notes).
    seed : int
        Chooses the cells of each split and the patches in them. The same seed gives the same patches.

    Returns
    -------
    Dataset
        Patches, uint8, shape (N, 32, 32, 3), red, green, blue; the classes take turns.

    Raises
    ------
    ValueError
        If ``validation`` is not a multiple of 120 from 0 to 3480, or ``seed`` is not a whole number, 0 or more.
    CorruptDataError
        If a photograph cannot be read, or is another one.

    Notes
    -----
    Each photograph is divided into cells of 48×48 pixels with 8 pixels between them. Forty of them, drawn at random, are used: ten
    for the test split, thirty for training, and the last of these for validation. The 12 patches of a cell lie anywhere within it and
    overlap. So two patches of different splits never share a pixel, nor touch. They still show the same photograph: what is measured
    is recognising *this* picture elsewhere, not pictures of the same kind. The retina, which is much larger, is halved in size after
    cutting off its black corners.

    The pictures: astronaut (NASA, public domain), cat (Stefan van der Walt, CC0), coffee (Rachel Michetti, CC0), rocket (SpaceX,
    public domain), retina (Mikael Häggström, CC0), tissue (CMMI, no known restrictions), galaxies (NASA, public domain), motorcycle
    (Middlebury stereo benchmark), temple (danielbuechele, CC BY 2.0), flower (vultilion, CC BY 2.0).

    References
    ----------
    Scharstein et al., *High-resolution stereo datasets with subpixel-accurate ground truth*, 2014 (motorcycle).
    """
    step = PER_CELL * len(CLASS_NAMES)
    most = step * (CELLS - TEST_CELLS - 1)
    try:
        cells, rest = divmod(as_count(validation, "validation", least=0, most=most), step)
    except ValueError:
        rest = None
    if rest != 0:
        raise refuse(
            "validation",
            validation,
            f"give a multiple of {step} from 0 to {most}. Patches of one cell overlap, so cells are held out whole, "
            "one of each photograph",
        )
    patches = _cut(as_seed(seed))
    labels = (np.arange(len(patches)) % len(CLASS_NAMES)).astype(np.uint8)
    cut = step * (CELLS - TEST_CELLS)
    dataset = Dataset(
        x_train=patches[:cut],
        y_train=labels[:cut],
        x_val=patches[:0],
        y_val=labels[:0],
        x_test=patches[cut:],
        y_test=labels[cut:],
        class_names=CLASS_NAMES,
        source=SOURCE,
        licence=LICENCE,
    )
    return hold_out(dataset, cells * step)


def _cut(seed: int) -> np.ndarray:
    """Cut all patches: (CELLS, PER_CELL, 10 classes) flattened, so that classes take turns and cells stay together."""
    patches = np.empty((CELLS, PER_CELL, len(CLASS_NAMES), SIDE, SIDE, 3), np.uint8)
    for label, name in enumerate(CLASS_NAMES):
        picture = read_picture(name)
        corners = patch_corners(picture.shape[:2], np.random.default_rng([seed, label]))
        for cell in range(CELLS):
            for patch in range(PER_CELL):
                row, column = corners[cell, patch]
                patches[cell, patch, label] = picture[row : row + SIDE, column : column + SIDE]
    return patches.reshape(-1, SIDE, SIDE, 3)


def patch_corners(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Draw the top left corners of all patches of a picture with (H, W) pixels: (CELLS, PER_CELL, 2), the test cells last."""
    rows, columns = ((side + GAP) // (CELL + GAP) for side in shape)
    if rows * columns < CELLS:
        raise ValueError(
            f"a picture of {shape[0]}x{shape[1]} pixels has {rows * columns} cells of {CELL}x{CELL}; {CELLS} are needed"
        )
    chosen = rng.permutation(rows * columns)[:CELLS]
    corners = np.stack(np.divmod(chosen, columns), axis=-1) * (CELL + GAP)
    return corners[:, None] + rng.integers(0, CELL - SIDE, size=(CELLS, PER_CELL, 2), endpoint=True)


def read_picture(name: str) -> np.ndarray:
    """One of the ten photographs, uint8, shape (H, W, 3); CorruptDataError if it cannot be read."""
    import skimage.data

    readers: dict[str, Callable[[], np.ndarray]] = {
        "astronaut": skimage.data.astronaut,
        "cat": skimage.data.chelsea,
        "coffee": skimage.data.coffee,
        "rocket": skimage.data.rocket,
        "retina": lambda: _halved(skimage.data.retina()[206:1206, 206:1206]),
        "tissue": skimage.data.immunohistochemistry,
        "galaxies": skimage.data.hubble_deep_field,
        "motorcycle": lambda: skimage.data.stereo_motorcycle()[0],
        "temple": lambda: _from_scikit_learn("china.jpg"),
        "flower": lambda: _from_scikit_learn("flower.jpg"),
    }
    try:
        picture = readers[name]()
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise ValueError(f"it is {picture.dtype} {picture.shape}, not a picture in colour")
    except Exception as error:  # of a damaged file, readers raise anything
        raise CorruptDataError(
            f"the photograph {name} of scikit-image or scikit-learn cannot be read ({error}); reinstall that package"
        ) from error
    return picture


def _from_scikit_learn(name: str) -> np.ndarray:
    from sklearn.datasets import load_sample_image

    path = resources.files("sklearn.datasets.images") / name
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256[name]:
        raise ValueError(f"{path} is missing or damaged")
    return load_sample_image(name)


def _halved(picture: np.ndarray) -> np.ndarray:
    """Means of 2×2 pixels; height and width are even."""
    height, width, channels = picture.shape
    blocks = picture.reshape(height // 2, 2, width // 2, 2, channels)
    return np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)


ENTRY = Entry(
    name="photo-patches",
    title="patches of ten photographs",
    size="cut when loaded",
    licence="public domain, CC0, CC BY 2.0; see load_photo_patches",
    home="scikit-image and scikit-learn",
    load=load_photo_patches,
)
