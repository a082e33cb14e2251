"""Pictures from outside brought to the form that a network was trained on."""

import numpy as np

from course_utils._arguments import as_array, as_flag

SIDE = 28
BOX = 20
CENTRE = 14
_LARGEST, _LARGEST_DRAWING = 320, 2000
_FAINTEST = 0.1
_MOST_PIXELS = 10**8
_THINNEST, _USUAL = 0.99, 2.4  # width of strokes in 20 pixels of height: less is never seen in MNIST; about the middle
_ZONE, _EDGE = (
    0.12,
    0.02,
)  # shares of the picture's sides: lines of a grid or frame lie in the one, dashes begin in the other


def digit_to_mnist(image: np.ndarray, *, photo: bool | None = None) -> np.ndarray:
    """Bring a drawn or photographed digit to the form of MNIST's digits.

    The steps are those of MNIST: grey, bright ink on black, cut out, the longer side scaled to 20 pixels, and placed in 28×28 pixels
    so that the centre of mass of the ink falls on pixel (14, 14). :func:`digit_steps` returns all of them.

    Parameters
    ----------
    image : numpy.ndarray
        One digit, shape (H, W), (H, W, 1), (H, W, 3) in red, green, blue, or (H, W, 4) with opacity, which is put on white, or on
        black if little of it shows on white; uint8 with 0 … 255, or floats with 0 … 1. Whether ink or paper is brighter does
        not matter.
    photo : bool, optional
        Whether light or paper are uneven. Unless given: no, if more than half of the border's pixels have the same grey. A
        drawing keeps its half-tones; in a photograph, what is fainter than ink is taken for paper.

    Returns
    -------
    numpy.ndarray
        uint8, shape (28, 28), ink up to 255 on 0. A digit of MNIST comes back as it was. Strokes that would fade, because the pen
        was thin, are thickened first; lines along the border that do not touch the digit, and specks, are left out.

    Raises
    ------
    ValueError
        If the shape, type or range is another, there are NaNs, the picture is empty, nothing stands out from the paper, or lines
        along the border touch the digit, so that it is not clear what belongs to it.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998, section III.A.
    """
    return digit_steps(image, photo=photo)["centred"]


def digit_steps(image: np.ndarray, *, photo: bool | None = None) -> dict[str, np.ndarray]:
    """Return every step of :func:`digit_to_mnist`, in order, to be shown.

    Parameters
    ----------
    image, photo
        As for :func:`digit_to_mnist`.

    Returns
    -------
    dict of str to numpy.ndarray
        ``"grey"`` and ``"ink"``, shape (H, W), smaller if a photograph is longer than 320 pixels, or a drawing than 2000; ``"cropped"``, the ink's bounding
        box; ``"scaled"``, its longer side 20; ``"centred"``, shape (28, 28). All are uint8; from ``"ink"`` on, ink is bright on 0.

    Raises
    ------
    ValueError
        As :func:`digit_to_mnist`.
    """
    grey = _shrunk(_grey(image), _LARGEST_DRAWING)
    if grey.min() == grey.max():
        raise ValueError(f"image has the same grey everywhere, {grey.flat[0]:.0f}: there is no digit in it")
    photo = not _is_drawing(grey) if photo is None else as_flag(photo, "photo")
    if photo:
        grey = _shrunk(grey, _LARGEST)
    ink = _ink_of_photo(grey) if photo else _ink_of_drawing(grey)
    ink = _without_border_lines(ink)
    if not photo:
        ink = _without_dust(ink)
    cropped = _cropped(ink)
    scaled = _scaled(cropped, stretch=photo)
    return {
        "grey": np.rint(grey).astype(np.uint8),
        "ink": ink,
        "cropped": cropped,
        "scaled": scaled,
        "centred": _centred(scaled),
    }


def _grey(image: np.ndarray) -> np.ndarray:
    """Grey of 0 … 255 as float64, shape (H, W)."""
    image = as_array(image, "image")
    if image.size > _MOST_PIXELS:
        raise ValueError(f"image has shape {image.shape}, more than {_MOST_PIXELS} numbers; make it smaller")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3, 4)):
        raise ValueError(
            f"image has shape {image.shape}; expected one picture, (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"
        )
    if 0 in image.shape:
        raise ValueError(f"image is empty: its shape is {image.shape}")
    if image.dtype == np.uint8:
        pixels = image.astype(float)
    elif image.dtype.kind == "f":
        if not np.isfinite(image).all() or image.min() < 0 or image.max() > 1:
            raise ValueError("image has floats; they must go from 0 to 1, without NaN (divide 0 to 255 by 255)")
        pixels = image.astype(float) * 255
    else:
        raise ValueError(f"image has dtype {image.dtype}; expected uint8 with 0 to 255, or floats with 0 to 1")
    pixels = pixels.reshape(*image.shape[:2], -1)
    if pixels.shape[2] == 4:
        opacity = pixels[..., 3] / 255
        ink = pixels[..., :3] @ _LUMINANCE * opacity
        on_white = ink + 255 * (1 - opacity)
        return ink if np.ptp(on_white) < _WEAK < np.ptp(ink) else on_white
    return pixels[..., 0] if pixels.shape[2] == 1 else pixels @ _LUMINANCE


_LUMINANCE = np.array([0.299, 0.587, 0.114])
_WEAK = 64  # levels of grey between the darkest and the brightest pixel


def _border(grey: np.ndarray) -> np.ndarray:
    """The outermost pixels, of which most show paper."""
    return np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])


def _is_drawing(grey: np.ndarray) -> bool:
    """Tell whether paper has one grey, along more than half of the border."""
    border = np.rint(_border(grey))
    return np.mean(border == np.median(border)) > 0.5


def _ink_of_drawing(grey: np.ndarray) -> np.ndarray:
    """Difference from the paper as uint8, with the strongest ink at full contrast."""
    paper = _paper(grey)
    difference = _signed(grey - paper)
    strongest = difference.max()
    if strongest < 255 * _FAINTEST:
        raise ValueError(
            f"nothing in image stands out clearly from the paper: they differ by {strongest:.0f} of 255 levels of grey; "
            "more contrast helps"
        )
    # On pure black or white half-tones stay what they are, unless all of them are.
    full = 255 if paper in (0, 255) and strongest > 127 else strongest
    ink = np.rint(np.clip(difference / full * 255, 0, 255)).astype(np.uint8)
    faint = (ink > 0) & (ink < _NOISE)
    much = faint.sum() > np.count_nonzero(ink >= _NOISE) / 2 and max(ink.shape) > 2 * SIDE
    return np.where(faint, 0, ink).astype(np.uint8) if much else ink


_NOISE = 26  # what compression leaves around strokes is fainter; such ink is dropped where there is much of it


def _paper(grey: np.ndarray) -> float:
    """Grey of the paper: what most of the picture is, or else most of its border."""
    border = np.median(_border(grey))
    counts = np.bincount(np.rint(grey).astype(int).ravel(), minlength=256)
    most = counts.argmax()
    return float(most) if counts[most] > grey.size / 2 and abs(most - border) > 255 * _FAINTEST else border


def _without_border_lines(ink: np.ndarray) -> np.ndarray:
    """Leave out lines of a grid or frame along the border; ValueError if they touch the digit."""
    import cv2

    zone, edge = (max(1, round(share * min(ink.shape))) for share in (_ZONE, _EDGE))
    count, pieces, statistics, _ = cv2.connectedComponentsWithStats((ink >= _NOISE).astype(np.uint8), connectivity=8)
    wide = np.flatnonzero((statistics[:, [cv2.CC_STAT_HEIGHT, cv2.CC_STAT_WIDTH]] / ink.shape).max(axis=1) > 0.8)
    within = np.unique(pieces[zone:-zone, zone:-zone])
    for piece in np.intersect1d(wide, within):
        if piece and _sides(pieces == piece, zone) >= 2:
            raise ValueError(
                "lines along the border of image touch the digit; cut them off, or leave paper between them"
            )
    outermost = np.ones(ink.shape, bool)
    outermost[edge:-edge, edge:-edge] = False
    if max(ink.shape) <= 2 * SIDE:
        outermost[:] = False  # in a picture as small as MNIST's, a stray pixel at the border is one of its makers'
    lines = np.setdiff1d(np.union1d(wide, np.unique(pieces[outermost])), [0, *within])
    if len(lines) in (0, count - 1):
        return ink
    near = cv2.dilate(np.isin(pieces, lines).astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where((near > 0) & np.isin(pieces, [0, *lines]), 0, ink).astype(np.uint8)


def _without_dust(ink: np.ndarray) -> np.ndarray:
    """Leave out pieces of a drawing with less than a 200th of the largest one's area; dots and dashes have more."""
    import cv2

    if max(ink.shape) <= 2 * SIDE:
        return ink  # in a picture as small as MNIST's, a pixel is much
    _, pieces, statistics, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8), connectivity=8)
    areas = statistics[:, cv2.CC_STAT_AREA]
    dust = areas < areas[1:].max(initial=0) / 200
    dust[0] = False  # paper
    return np.where(dust[pieces], 0, ink).astype(np.uint8)


def _sides(piece: np.ndarray, zone: int) -> int:
    """Along how many sides of the picture a piece of ink has a line from end to end."""
    turned = (piece, piece[::-1], piece.T, piece.T[::-1])
    return sum(bool((side[:zone].mean(axis=1) > 0.9).any()) for side in turned)


def _cropped(ink: np.ndarray) -> np.ndarray:
    """The bounding box of ink."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise ValueError("nothing in image stands out clearly from the paper; more contrast or a thicker pen helps")
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _signed(difference: np.ndarray) -> np.ndarray:
    """Make what stands out most positive, and the rest 0: ink may be darker or brighter than paper."""
    return np.maximum(difference if difference.max() > -difference.min() else -difference, 0)


def _shrunk(grey: np.ndarray, largest: int) -> np.ndarray:
    import cv2

    scale = largest / max(grey.shape)
    if scale >= 1:
        return grey
    size = [max(1, round(side * scale)) for side in grey.shape]
    return cv2.resize(grey, size[::-1], interpolation=cv2.INTER_AREA)


def _ink_of_photo(grey: np.ndarray) -> np.ndarray:
    """Ink without light and paper, as uint8: uneven light is removed, then Otsu's threshold tells ink from grain."""
    import cv2

    smooth = cv2.GaussianBlur(grey, (0, 0), max(0.5, max(grey.shape) / 300))
    difference = smooth - _light(smooth)
    if -np.quantile(difference, 0.005) > np.quantile(difference, 0.995):
        smooth, difference = 255 - smooth, -difference
    # Over a window of half the picture's width most pixels show paper, and a median keeps the edge of a shadow where it is.
    width = max(3, round(min(grey.shape) / 2) | 1)
    paper = cv2.medianBlur(np.rint(smooth).astype(np.uint8), width)
    ink = np.maximum(smooth - paper, 0)
    strongest = ink.max()
    grain = np.median(ink)
    threshold, mask = cv2.threshold(
        np.rint(ink / max(strongest, 1e-9) * 255).astype(np.uint8), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU
    )
    if strongest < 255 * _FAINTEST or strongest < 6 * grain:
        raise ValueError("nothing in image stands out clearly from the paper; more light or a thicker pen helps")
    mask = _without_specks(mask)
    full = np.median(ink[mask > 0])
    low = threshold / 255 * strongest / 2
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    return np.rint(np.clip((ink - low) / max(full - low, 1e-9), 0, 1) * near * 255).astype(np.uint8)


def _light(grey: np.ndarray) -> np.ndarray:
    """Light on the paper: a quadratic surface through the border, leaving out what lies far from it."""
    rows, columns = (np.linspace(-1, 1, side) for side in grey.shape)
    row, column = np.meshgrid(rows, columns, indexing="ij")
    terms = np.stack([np.ones_like(row), row, column, row * column, row**2, column**2], axis=-1)
    edge = max(1, min(grey.shape) // 20)
    inside = np.zeros(grey.shape, bool)
    inside[edge:-edge, edge:-edge] = True
    x, y = terms[~inside], grey[~inside]
    used = np.ones(len(y), bool)
    for _ in range(4):
        weights = np.linalg.lstsq(x[used], y[used], rcond=None)[0]
        error = np.abs(y - x @ weights)
        used = error <= max(1.0, 2.5 * np.median(error))
    return terms @ weights


def _without_specks(mask: np.ndarray) -> np.ndarray:
    """Keep the largest piece of ink, and others of at least a twentieth of its area that do not touch the picture's border."""
    import cv2

    _, pieces, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = statistics[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # paper
    largest = areas.argmax()
    kept = areas >= areas[largest] / 20
    kept[np.unique(_border(pieces))] = False  # ends of shadows, and what lies beside the paper
    kept[[0, largest]] = False, True
    return kept[pieces].astype(np.uint8)


def _scaled(cropped: np.ndarray, *, stretch: bool) -> np.ndarray:
    """Scale the longer side to 20 pixels and the other by the same factor, after thickening strokes that would fade."""
    scaled = _resized(cropped, stretch=stretch)
    if max(cropped.shape) <= BOX or _stroke(scaled) >= _THINNEST:
        return scaled
    return _resized(_thickened(cropped), stretch=stretch)


def _resized(cropped: np.ndarray, *, stretch: bool) -> np.ndarray:
    import cv2

    scale = BOX / max(cropped.shape)
    height, width = (max(1, round(side * scale)) for side in cropped.shape)
    if scale == 1:
        return cropped
    scaled = cv2.resize(cropped, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    if stretch:
        scaled = np.rint(scaled * (255 / max(scaled.max(), 1))).astype(np.uint8)
    return scaled


def _stroke(ink: np.ndarray) -> float:
    """Width of strokes in pixels: ink in all, at full strength, for each pixel of its skeleton."""
    from skimage.morphology import skeletonize

    return float(ink.sum(dtype=float) / 255 / max(np.count_nonzero(skeletonize(ink >= ink.max() / 2)), 1))


def _thickened(cropped: np.ndarray) -> np.ndarray:
    """Give thin strokes the width that is usual in MNIST, measured after scaling; the picture grows by what they grow."""
    import cv2

    longer = max(cropped.shape)
    grown = max(0.0, (_USUAL * longer - BOX * _stroke(cropped)) / (BOX - _USUAL))
    margin = int(np.ceil(grown / 2)) + 1
    paper = (np.pad(cropped, margin) < cropped.max() / 2).astype(np.uint8)
    distance = cv2.distanceTransform(paper, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return _cropped(np.rint(np.clip(grown / 2 + 0.5 - distance, 0, 1) * 255).astype(np.uint8))


def _centred(scaled: np.ndarray) -> np.ndarray:
    """Place the digit so that its centre of mass rounds to pixel (14, 14), as far as all of it fits in."""
    canvas, mass = np.zeros((SIDE, SIDE), np.uint8), scaled.sum(dtype=float)
    corner = []
    for axis, length in enumerate(scaled.shape):
        centre = scaled.sum(axis=1 - axis, dtype=float) @ np.arange(length) / mass
        corner.append(int(np.clip(np.floor(CENTRE - centre + 0.5), 0, SIDE - length)))
    top, left = corner
    canvas[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return canvas
