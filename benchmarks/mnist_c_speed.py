"""Speed of the corruptions of MNIST-C, whole batches against one digit after another.

    python benchmarks/mnist_c_speed.py [--rounds 3] [--digits 10000] [--sample 100] [--output FILE]

``ONE_BY_ONE`` has each corruption as a plain function of one digit, written with scikit-image, OpenCV and NumPy the way one would
write it first; the tests use most of them as oracles. Every round times, for each corruption, the batch of ``digits`` and a loop
over a ``sample`` of them, scaled to as many digits, and takes the ratio. Saved are the median ratios and their range, and the ratio of
the sums: the time for all fifteen. The fog of one digit is made as it was published, from a whole plasma map of 256 × 256; the
batch makes the part that is seen. Keep the machine idle meanwhile.
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from _record import RESULTS, save
from skimage import feature, filters, transform, util

from course_utils import datasets
from course_utils.datasets import corruptions

LIMIT = 10  # times faster, all fifteen together


def shot_noise(image, rng, *, rate):
    return np.clip(rng.poisson(image / 255 * rate) / rate, 0, 1) * 255


def impulse_noise(image, rng, *, amount):
    return util.random_noise(image / 255, mode="s&p", amount=amount, rng=rng) * 255


def glass_blur(image, rng, *, sigma, reach, rounds):
    pixels = np.uint8(filters.gaussian(image / 255, sigma=sigma) * 255)
    for _ in range(rounds):
        for row in range(28 - reach, reach, -1):
            for column in range(28 - reach, reach, -1):
                if rng.random() < 0.5:
                    down, right = rng.integers(-reach, reach, size=2)
                    here, there = (row, column), (row + down, column + right)
                    pixels[here], pixels[there] = pixels[there], pixels[here]
    return filters.gaussian(pixels / 255, sigma=sigma) * 255


def motion_blur(image, rng, *, radius, sigma, angle=None):
    angle = np.deg2rad(rng.uniform(-45, 45)) if angle is None else angle
    kernel = np.zeros((4 * radius + 1, 4 * radius + 1))
    for steps in range(2 * radius + 1):
        row, column = round(steps * np.sin(angle)), round(steps * np.cos(angle))
        kernel[2 * radius + row, 2 * radius + column] += np.exp(-(steps**2) / (2 * sigma**2))
    return cv2.filter2D(image.astype(float), -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def warped(image, matrix, shift=(0, 0)):
    """scikit-image's warp by a matrix that sends a pixel (x, y), counted from the centre, to its source."""
    there, back = np.eye(3), np.eye(3)
    there[:2, 2], back[:2, 2] = -13.5, 13.5
    source = np.eye(3)
    source[:2, :2], source[:2, 2] = matrix, shift
    return transform.warp(image / 255, transform.AffineTransform(matrix=back @ source @ there)) * 255


def shear(image, rng, *, angle, sign=None):
    angle = angle * (rng.choice([-1, 1]) if sign is None else sign)
    return warped(image, [[1, -np.sin(angle)], [0, np.cos(angle)]])


def rotate(image, rng, *, angle, sign=None):
    angle = angle * (rng.choice([-1, 1]) if sign is None else sign)
    return warped(image, [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def scale(image, rng, *, factor):
    return warped(image, np.eye(2) / factor)


def translate(image, rng, *, pixels, signs=None):
    signs = rng.choice([-1, 1], size=2) if signs is None else signs
    return warped(image, np.eye(2), pixels * np.asarray(signs))


def brightness(image, rng, *, added):
    return np.clip(image / 255 + added, 0, 1) * 255


def stripe(image, rng, *, columns):
    image = image.astype(float)
    image[:, :columns] = 255 - image[:, :columns]
    image[:, 28 - columns :] = 255 - image[:, 28 - columns :]
    return image


def plasma(rng, decay, side=256):
    """A plasma fractal on a torus by diamond–square, from 0 to 1, shape (side, side)."""
    field, step, noise = np.zeros((side, side)), side, 100.0
    while step > 1:
        half = step // 2
        corners = field[::step, ::step]
        centres = corners + np.roll(corners, -1, 0) + np.roll(corners, -1, 1) + np.roll(corners, (-1, -1), (0, 1))
        field[half::step, half::step] = centres / 4 + noise * rng.uniform(-noise, noise, centres.shape)
        centres = field[half::step, half::step]
        across = corners + np.roll(corners, -1, 1) + centres + np.roll(centres, 1, 0)
        field[::step, half::step] = across / 4 + noise * rng.uniform(-noise, noise, across.shape)
        along = corners + np.roll(corners, -1, 0) + centres + np.roll(centres, 1, 1)
        field[half::step, ::step] = along / 4 + noise * rng.uniform(-noise, noise, along.shape)
        step, noise = half, noise / decay
    return (field - field.min()) / (field.max() - field.min())


def fog(image, rng, *, amount, decay):
    light = image / 255
    brightest = light.max()
    return np.clip((light + amount * plasma(rng, decay)[:28, :28]) * brightest / (brightest + amount), 0, 1) * 255


def spatter(image, rng, *, mean, spread, sigma, threshold, edge, normals=None):
    liquid = rng.normal(mean, spread, image.shape) if normals is None else mean + spread * normals
    mud = filters.gaussian((filters.gaussian(liquid, sigma=sigma) > threshold).astype(float), sigma=edge)
    mud[mud < 0.8] = 0
    return image * (1 - mud) + 63 * mud


def stroke(x0, y0, x1, y1):
    """Ink of a straight stroke, columns ⌊x0⌋ to ⌈x1⌉ − 1, shape (28, 28)."""
    columns, rows = np.arange(28), np.arange(28)[:, None]
    distance = np.minimum(np.abs(rows - (y0 + (y1 - y0) / (x1 - x0) * (columns - x0))), 2.29999)
    ink = np.clip(1 + np.log(1 - distance / 2.3), 0, 1)
    return ink * ((columns >= np.floor(x0)) & (columns < np.ceil(x1)))


def dotted_line(image, rng, *, lines, ends=None):
    ends = rng.integers(0, 27, size=(lines, 2)) if ends is None else ends
    image = image.astype(float)
    for start, end in ends:
        ink = stroke(0, start, 27, end)
        for column in range(0, 28, 4):
            ink[:, column : column + 2] = 0
        image += 255 * ink
    return np.clip(image, 0, 255)


def zigzag(image, rng, *, lines, courses=None):
    if courses is None:
        courses = [(rng.integers(0, 27), rng.integers(-5, 5)) for _ in range(lines)]
    image = image.astype(float)
    for start, climb in courses:
        length, slope = np.hypot(23, climb), np.arctan2(climb, 23)
        teeth = int((length - 2) // 4) + 1
        corners = [(0, 0), *(((2 * i + 1) * 2, 2 * (-1) ** i) for i in range(teeth)), (length, 0)]
        x, y = np.array([[np.cos(slope), -np.sin(slope)], [np.sin(slope), np.cos(slope)]]) @ np.array(corners).T
        for i in range(len(corners) - 1):
            image += 255 * stroke(x[i] + 2, y[i] + start, x[i + 1] + 2, y[i + 1] + start)
    return np.clip(image, 0, 255)


def canny_edges(image, rng, *, sigma):
    return feature.canny(image / 255, sigma=sigma) * 255


ONE_BY_ONE = {name: globals()[name] for name in corruptions.NAMES}


def one_by_one(name: str, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The published corruption of digits of shape (N, 28, 28), in a Python loop."""
    settings = corruptions.settings(name)
    corrupted = [ONE_BY_ONE[name](image, rng, **settings) for image in images]
    return (np.clip(corrupted, 0, 255) + 0.5).astype(np.uint8)


def seconds_a_digit(function, images: np.ndarray) -> float:
    """Wall time of one call, divided by the number of digits."""
    start = time.perf_counter()
    function(images)
    return (time.perf_counter() - start) / len(images)


def spread(ratios: np.ndarray) -> dict[str, float]:
    """Median and range of the rounds' ratios, to three digits."""
    values = np.median(ratios), np.min(ratios), np.max(ratios)
    return {key: float(f"{value:.3g}") for key, value in zip(("median", "low", "high"), values, strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--digits", type=int, default=10_000, help="digits in a batch")
    parser.add_argument("--sample", type=int, default=100, help="digits in the loop")
    parser.add_argument("--output", type=Path, default=RESULTS / "mnist_c_speed.json")
    options = parser.parse_args()
    if options.rounds < 1 or not 1 <= options.sample <= options.digits <= 10_000:
        parser.error("expected --rounds ≥ 1 and 1 ≤ --sample ≤ --digits ≤ 10000")
    images = datasets.load_mnist().x_test[: options.digits, :, :, 0]
    rng, times = np.random.default_rng(0), np.empty((options.rounds, len(corruptions.NAMES), 2))
    for name in corruptions.NAMES:  # tables, imports
        corruptions.apply(name, images[:1])
        one_by_one(name, images[:1], rng)
    for round_times in times:
        for row, name in zip(round_times, corruptions.NAMES, strict=True):
            row[0] = seconds_a_digit(lambda x, name=name: corruptions.apply(name, x), images)
            row[1] = seconds_a_digit(lambda x, name=name: one_by_one(name, x, rng), images[: options.sample])
    ratios = times[:, :, 1] / times[:, :, 0]
    together = times[:, :, 1].sum(axis=1) / times[:, :, 0].sum(axis=1)
    figures = {name: spread(ratios[:, number]) for number, name in enumerate(corruptions.NAMES)}
    content = {
        "rounds": options.rounds,
        "digits": options.digits,
        "sample": options.sample,
        "limit": LIMIT,
        "times_faster": figures,
        "all_fifteen": spread(together),
        "share_of_batch_time": {
            name: float(f"{share:.2g}")
            for name, share in zip(corruptions.NAMES, np.median(times[:, :, 0], axis=0), strict=True)
        },
    }
    total = sum(content["share_of_batch_time"].values())
    content["share_of_batch_time"] = {
        name: round(share / total, 3) for name, share in content["share_of_batch_time"].items()
    }
    save("mnist_c_speed", content, options.output)
    for name, row in [*figures.items(), ("all fifteen", content["all_fifteen"])]:
        print(f"{name:14} {row['median']:7g} times faster than one by one ({row['low']:g} … {row['high']:g})")
    print(f"limit for all fifteen: {LIMIT}")


if __name__ == "__main__":
    main()
