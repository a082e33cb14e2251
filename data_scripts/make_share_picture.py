"""Make the picture that is shown with a link to the book: a digit, what four kernels find in it, and the title.

    python data_scripts/make_share_picture.py [--check]

The maps are computed: a training digit of MNIST, cross-correlated with four edge kernels, then ReLU and max pooling. Written is
``book/_static/share.png``. ``--check`` writes nothing and says whether the stored picture is the one that would be made today.
"""

import argparse
import io
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course_utils.datasets import load_mnist
from course_utils.layers import conv2d, max_pool, relu

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "book" / "_static" / "share.png"
WIDTH, HEIGHT = 1200, 630  # what those who show links ask for
COLOURS = 200
DIGIT = 7  # which training digit
NIGHT, PAPER, ORANGE, BLUE = "#14181e", "#f3f4f5", "#e8923a", "#3b7cb8"
KERNELS = np.array(
    [
        [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]],
        [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]],
        [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]],
        [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]],
    ]
)
"""One stroke each: level, upright, falling, rising."""
MOST_DIFFERENT = 8  # grey values by which fonts may be drawn differently, in the mean


def feature_maps(digit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return four maps of a digit of shape (28, 28) after ReLU, shape (26, 26, 4), and after pooling, shape (13, 13, 4)."""
    kernels = KERNELS.transpose(1, 2, 0)[:, :, np.newaxis].astype(float)
    maps = relu(conv2d(digit[np.newaxis, :, :, np.newaxis] / 255, kernels))
    return maps[0], max_pool(maps, 2)[0]


def draw() -> np.ndarray:
    """Draw the picture: an array of shape (630, 1200, 3) of uint8."""
    digit = load_mnist().x_train[DIGIT].reshape(28, 28)
    maps, pooled = feature_maps(digit)
    with mpl.rc_context({"font.family": "DejaVu Sans", "text.color": PAPER}):
        figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=NIGHT)
        FigureCanvasAgg(figure)

        def show(picture, left, top, side, colours):
            axes = figure.add_axes([left / WIDTH, 1 - (top + side) / HEIGHT, side / WIDTH, side / HEIGHT])
            axes.imshow(picture, cmap=colours, interpolation="nearest")
            axes.axis("off")

        warm, cool = (mpl.colors.LinearSegmentedColormap.from_list("", [NIGHT, end]) for end in (ORANGE, BLUE))
        show(digit, 70, 60, 300, "gray")
        for k in range(4):
            row, column = divmod(k, 2)
            show(maps[:, :, k], 430 + 160 * column, 60 + 160 * row, 140, warm)
            show(pooled[:, :, k], 800 + 160 * column, 60 + 160 * row, 140, cool)
        figure.text(70 / WIDTH, 165 / HEIGHT, "Convolutional neural networks", fontsize=38, weight="bold")
        figure.text(70 / WIDTH, 90 / HEIGHT, "a course you can run, draw in, and check", fontsize=24)
        figure.canvas.draw()
        return np.asarray(figure.canvas.buffer_rgba())[:, :, :3].copy()


def encode(picture: np.ndarray) -> bytes:
    """Return a PNG with few colours."""
    content = io.BytesIO()
    few = Image.fromarray(picture).quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(content, "PNG", optimize=True)
    return content.getvalue()


def differs(path: Path) -> str | None:
    """Return why the stored picture is not that of today, or None."""
    if not path.is_file():
        return "is missing"
    with Image.open(path) as stored:
        if stored.size != (WIDTH, HEIGHT):
            return f"is {stored.size[0]} by {stored.size[1]}"
        by = np.abs(np.asarray(stored.convert("RGB"), dtype=int) - draw()).mean()
    return f"is another one: {by:.1f} grey values away" if by > MOST_DIFFERENT else None


def main(arguments: list[str] | None = None, path: Path = PICTURE) -> int:
    """Make or check the picture; 1 if a check found that it is not right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, but say whether it is right")
    check = parser.parse_args(arguments).check
    finding = differs(path)
    if finding and not check:
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(encode(draw()))
        temporary.replace(path)
        finding += ", made"
    print(f"{path.name}: {finding or 'right'}")
    return int(check and bool(finding))


if __name__ == "__main__":
    sys.exit(main())
