"""Cut the example pictures of the figure "Teach it your pictures": ``book/interactive/photo-examples.js``.

    python data_scripts/make_photo_examples.py            # from the photographs of scikit-image and scikit-learn
    python data_scripts/make_photo_examples.py --check    # writes nothing; exit status 1 if the file is not current

*Things*: squares of a cat, a cup and a rocket, two each to learn from, and four pictures to ask. *Backgrounds*: the cup on a
lawn and the flower before a wall, small, three each to learn from; and both with the other's background, to ask. The lawn and the
wall are scikit-image's grey pictures of grass and bricks, coloured. A picture is SIDE pixels wide, so that the middle of it,
which the network takes, is 160; WebP is a lossy form, so the check compares pixels, not bytes.
"""

import argparse
import base64
import io
import json
import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
from make_mnist import write_atomically
from page_file import javascript

SCRIPT_FILE = Path(__file__).parents[1] / "book" / "interactive" / "photo-examples.js"
SIDE = 183
OBJECT = 40  # height in pixels of what stands before a background
QUALITY = {"things": 70, "backgrounds": 60}
TOLERANCE = 6  # mean difference of pixels, after WebP

COMMENT = """\
/* Example pictures of the figure "Teach it your pictures", WebP as base64. Made by data_scripts/make_photo_examples.py: do
   not edit. Cat (Stefan van der Walt), coffee (Rachel Michetti), rocket (SpaceX), grass and bricks: CC0; astronaut: NASA, no
   known restrictions; all in scikit-image. Flower: by vultilion, CC BY 2.0, in scikit-learn; cut out. */
"""

# Centre and side of a square of a photograph, and whether it is mirrored.
SQUARES = {
    "cat": ("chelsea", [(230, 150, 300, False), (170, 140, 230, True), (280, 170, 240, False)]),
    "cup": ("coffee", [(270, 200, 400, False), (250, 140, 280, True)]),
    "rocket": ("rocket", [(320, 213, 427, False), (320, 190, 300, True)]),
    "astronaut": ("astronaut", [(225, 110, 200, False)]),
    "shuttle model": ("astronaut", [(380, 100, 190, False)]),
    "flower": ("flower", [(300, 215, 427, False)]),
}
# Of each picture with a background: where that is cut, where the object stands, and whether it is mirrored.
PLACES = [((0, 0), (92, 92), False), ((140, 100), (80, 100), True), ((60, 140), (104, 86), False)]
ASKED = [((30, 30), (96, 90), True), ((90, 20), (84, 98), False)]


@cache
def photograph(name: str) -> np.ndarray:
    """A photograph, uint8, shape (H, W, 3)."""
    import skimage.data
    from sklearn.datasets import load_sample_image

    return load_sample_image("flower.jpg") if name == "flower" else getattr(skimage.data, name)()


def shrink(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """A picture or a mask in another size, by the mean of areas."""
    import cv2

    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def square(name: str, x: int, y: int, side: int, mirrored: bool) -> np.ndarray:
    """A square of a photograph around a point."""
    picture = photograph(name)
    top, left = (min(max(at - side // 2, 0), most - side) for at, most in zip((y, x), picture.shape[:2], strict=True))
    cut = shrink(picture[top : top + side, left : left + side], SIDE, SIDE)
    return cut[:, ::-1] if mirrored else cut


@cache
def ground(name: str) -> np.ndarray:
    """The lawn or the wall: a grey picture, its black and white replaced by two colours."""
    grey, dark, light = {
        "lawn": ("grass", (15, 40, 5), (170, 215, 110)),
        "wall": ("brick", (60, 20, 10), (235, 150, 120)),
    }[name]
    share = photograph(grey)[..., None] / 255
    return (np.array(dark) * (1 - share) + np.array(light) * share).astype(np.uint8)


@cache
def cut_out(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The cup or the flower, and how much of each pixel belongs to it, 0 to 1."""
    import cv2

    picture = photograph({"cup": "coffee", "flower": "flower"}[name])
    mask = np.zeros(picture.shape[:2], np.uint8)
    if name == "cup":
        for centre, half in (((243, 207), (178, 158)), ((257, 110), (108, 92))):  # the saucer and the rim
            cv2.ellipse(mask, centre, half, 0, 0, 360, 255, -1, cv2.LINE_AA)
        top, left, bottom, right = 15, 60, 375, 430
    else:
        cv2.setRNGSeed(0)
        models = np.zeros((2, 1, 65))
        cv2.grabCut(picture[..., ::-1].copy(), mask, (160, 75, 300, 300), *models, 6, cv2.GC_INIT_WITH_RECT)
        mask = np.where(np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)), 255, 0).astype(np.uint8)
        mask[365:] = 0  # another flower
        top, left, bottom, right = 70, 150, 375, 460
    return picture[top:bottom, left:right], mask[top:bottom, left:right] / 255


def before(name: str, back: str, corner: tuple[int, int], place: tuple[int, int], mirrored: bool) -> np.ndarray:
    """An object, OBJECT pixels high, before a background."""
    thing, mask = cut_out(name)
    width = round(thing.shape[1] * OBJECT / thing.shape[0])
    thing, mask = shrink(thing, width, OBJECT), shrink(mask, width, OBJECT)[..., None]
    if mirrored:
        thing, mask = thing[:, ::-1], mask[:, ::-1]
    row, column = corner
    picture = shrink(ground(back)[row : row + 2 * SIDE, column : column + 2 * SIDE], SIDE, SIDE).astype(float)
    x, y = place[0] - width // 2, place[1] - OBJECT // 2
    part = picture[y : y + OBJECT, x : x + width]
    part[:] = part * (1 - mask) + thing * mask
    return picture.astype(np.uint8)


def examples() -> dict[str, dict]:
    """Both sets: names of the classes, and pictures with their name, the number of their class (−1: to ask) and pixels."""
    things = ["cat", "cup", "rocket"]
    pictures = []
    for name, (source, places) in SQUARES.items():
        for number, place in enumerate(places):
            home = things.index(name) if name in things and number < 2 else -1
            several = f" {number + 1}" if len(places) > 1 else ""
            pictures.append({"name": f"{name}{several}", "home": home, "pixels": square(source, *place)})
    pairs = []
    for home, (name, own, other) in enumerate((("cup", "lawn", "wall"), ("flower", "wall", "lawn"))):
        for to, back, places in ((home, own, PLACES), (-1, other, ASKED)):
            pairs += [
                {"name": f"{name}, {back} {number + 1}", "home": to, "pixels": before(name, back, *place)}
                for number, place in enumerate(places)
            ]
    return {
        "things": {"classes": things, "pictures": asked_last(pictures)},
        "backgrounds": {"classes": ["cup", "flower"], "pictures": asked_last(pairs)},
    }


def asked_last(pictures: list[dict]) -> list[dict]:
    """By their class; those without one at the end."""
    return sorted(pictures, key=lambda one: (one["home"] < 0, one["home"]))


def page_data(made: dict[str, dict]) -> dict:
    """The sets with their pictures as WebP."""
    from PIL import Image

    def encoded(pixels: np.ndarray, quality: int) -> str:
        content = io.BytesIO()
        Image.fromarray(pixels).save(content, "WEBP", quality=quality, method=6)
        return base64.b64encode(content.getvalue()).decode("ascii")

    return {
        name: {
            "classes": one["classes"],
            "pictures": [
                {"name": picture["name"], "home": picture["home"], "webp": encoded(picture["pixels"], QUALITY[name])}
                for picture in one["pictures"]
            ],
        }
        for name, one in made.items()
    }


def read_back(text: str) -> dict:
    """What a file of examples holds, with pixels."""
    from PIL import Image

    sets = json.loads(re.search(r"this, (\{.*\})\);", text, re.DOTALL)[1])
    for one in sets.values():
        for picture in one["pictures"]:
            content = io.BytesIO(base64.b64decode(picture.pop("webp")))
            picture["pixels"] = np.asarray(Image.open(content).convert("RGB"))
    return sets


def differs(made: dict, stored: dict) -> str | None:
    """Why stored examples are not those that are made today, or None."""
    words = [
        {
            name: [one["classes"], *[(each["name"], each["home"]) for each in one["pictures"]]]
            for name, one in sets.items()
        }
        for sets in (made, stored)
    ]
    if words[0] != words[1]:
        return "other pictures"
    for name, one in made.items():
        for now, then in zip(one["pictures"], stored[name]["pictures"], strict=True):
            if now["pixels"].shape != then["pixels"].shape:
                return f"{now['name']}: another size"
            if np.abs(now["pixels"].astype(float) - then["pixels"]).mean() > TOLERANCE:
                return f"{now['name']}: other pixels"
    return None


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if the file is not current")
    options = parser.parse_args(argv)
    made = examples()
    there = SCRIPT_FILE.is_file() and SCRIPT_FILE.read_text(encoding="ascii")
    finding = differs(made, read_back(there)) if there else "is missing"
    if not finding:
        print(f"{SCRIPT_FILE} is current")
    elif options.check:
        print(f"{SCRIPT_FILE} is not current ({finding}); run data_scripts/make_photo_examples.py", file=sys.stderr)
        return 1
    else:
        content = javascript(COMMENT, "CoursePhotoExamples", page_data(made))
        write_atomically(SCRIPT_FILE, content)
        print(f"{SCRIPT_FILE}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
