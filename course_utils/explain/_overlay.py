"""A heat map laid over its picture."""

import numpy as np

from course_utils._arguments import as_array, as_finite, as_number

MAGNITUDE, SIGNED = "cividis", "PuOr_r"  # the colour maps of the book's figures


def overlay(image, heat_map, *, opacity: float = 0.7) -> np.ndarray:
    """Lay a heat map over its picture: the larger an entry, the more of its colour covers the pixel.

    Parameters
    ----------
    image : numpy.ndarray
        uint8, shape (H, W), (H, W, 1) or (H, W, 3), or the same with N in front; grey or red, green, blue.
    heat_map : array_like
        Shape (H, W), or (N, H, W) for a batch. Each map is scaled by its largest magnitude. With negative entries the
        colours are those of signed values, otherwise those of magnitudes.
    opacity : float
        Share of the map's colour where it is largest, 0 … 1.

    Returns
    -------
    numpy.ndarray
        uint8, shape (H, W, 3) or (N, H, W, 3). Where the map is 0 the picture shows unchanged.

    Raises
    ------
    ValueError
        If shapes or dtype do not fit, or the map holds something that is no finite number.
    """
    import matplotlib as mpl

    image = as_array(image, "image")
    if image.dtype != np.uint8:
        raise ValueError(
            f"image has dtype {image.dtype}; expected uint8, 0 to 255 (of shares, take (255 * image).round().astype('uint8'))"
        )
    heat_map = as_finite(heat_map, "heat_map", shape=[("H", "W"), ("N", "H", "W")], filled=True).astype(np.float64)
    channels = image.shape[heat_map.ndim :]
    if image.shape[: heat_map.ndim] != heat_map.shape or channels not in ((), (1,), (3,)):
        raise ValueError(
            f"image has shape {image.shape}; expected {heat_map.shape} like heat_map, then 1, 3 or no channels"
        )
    opacity = as_number(opacity, "opacity", least=0, most=1)
    largest = np.abs(heat_map).max(axis=(-2, -1), keepdims=True)
    heat = heat_map / np.where(largest > 0, largest, 1)
    colours = mpl.colormaps[SIGNED]((heat + 1) / 2) if (heat < 0).any() else mpl.colormaps[MAGNITUDE](heat)
    share = opacity * np.abs(heat)[..., None]
    grey_or_rgb = image if channels else image[..., None]
    return np.rint((1 - share) * grey_or_rgb + share * 255 * colours[..., :3]).astype(np.uint8)
