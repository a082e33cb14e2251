"""How fast and how right the page's ImageNet network is.

    python benchmarks/photo_network.py [--rounds 5] [--output FILE]

Node and Chromium compute the network of the figure "Teach it your pictures" at 160×160: milliseconds a picture, the median of the
rounds; in Chromium in the worker, with reading the result. Thirty squares of photographs go through the page's network and
through Keras with the exact weights: how often the best name agrees, and the cosine of the embeddings. Then the examples on board:
what is most similar to the asked pictures. ``models.trained("imagenet_lite0")`` is loaded in programs of their own, with Keras
imported before. Keep the machine idle meanwhile; the load before is saved with the figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from _record import save

from course_utils.cli.chromium import find_chromium

ROOT = Path(__file__).parents[1]
SIZE, SQUARE, SHOTS = 160, 240, 3
LOAD = """
import time
import keras
from course_utils import models
started = time.perf_counter()
models.trained("imagenet_lite0")
print(time.perf_counter() - started)
"""
NODE = """
const fs = require("fs"), [folder, count, rounds] = [process.argv[1], ...process.argv.slice(2).map(Number)];
const model = require(`${folder}/photo-model.js`), network = model.create(require(`${folder}/photo-network.js`));
const bytes = fs.readFileSync(`${folder}/squares.bin`), side = SIDE, each = side * side * 4, times = [], found = [];
for (let i = 0; i < count; i++) {
  const data = bytes.subarray(i * each, (i + 1) * each);
  const pixels = model.prepare({ data, width: side, height: side }, 160, 1);
  for (let round = 0; round < (i ? 1 : rounds); round++) {
    const started = performance.now();
    const { embedding, logits } = network.forward(pixels, 160);
    times.push(performance.now() - started);
    if (!round) found.push({ embedding: [...embedding], label: network.labels(logits, 1)[0].label });
  }
}
console.log(JSON.stringify({ times, found }));
"""
PAGE = """async rounds => {
  const figure = document.querySelector(".course-figure"), size = CoursePhotoEngine.SIZE, times = [];
  const pixels = new Float32Array(size * size * 3).map((_, i) => (i * 7919) % 256);
  for (let i = 0; i <= rounds; i++) {
    const started = performance.now();
    await figure.engine.run({ pixels });
    times.push(performance.now() - started);
  }
  return times.slice(1);
}"""
ANSWERS = """() => {
  const figure = document.querySelector(".course-figure"), { CourseTeachIt: own, CoursePhotoModel: model } = window;
  return figure.pictures.map(one => {
    const { ranked } = own.judge(model, one, figure.pictures);
    return { name: one.name, asked: one.home === own.ASK, best: one.result.best[0].name,
      ranked: ranked.map(each => [figure.nameOf(each.class), each.similarity]) };
  });
}"""


def squares() -> np.ndarray:
    """Thirty squares of ten photographs in colour, uint8, shape (30, 240, 240, 3)."""
    import skimage.data
    from sklearn.datasets import load_sample_image

    names = ("astronaut", "chelsea", "coffee", "rocket", "retina", "hubble_deep_field", "immunohistochemistry")
    photographs = [getattr(skimage.data, name)() for name in names]
    photographs += [skimage.data.stereo_motorcycle()[0], *map(load_sample_image, ("china.jpg", "flower.jpg"))]
    cut = []
    for photograph in photographs:
        for shot in range(SHOTS):
            row, column = ((side - SQUARE) * shot // (SHOTS - 1) for side in photograph.shape[:2])
            cut.append(photograph[row : row + SQUARE, column : column + SQUARE])
    return np.stack(cut)


def in_node(folder: Path, pictures: np.ndarray, rounds: int) -> dict:
    """Times, embeddings and labels of the page's programs in Node."""
    opaque = np.concatenate([pictures, np.full((*pictures.shape[:3], 1), 255, np.uint8)], axis=-1)
    (folder / "squares.bin").write_bytes(opaque.tobytes())
    command = ["node", "-e", NODE.replace("SIDE", str(SQUARE)), str(folder), str(len(pictures)), str(rounds)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def agreement(found: list[dict], pictures: np.ndarray) -> dict:
    """The page's answers beside those of Keras with exact weights."""
    import keras

    from course_utils import models

    model = models.trained("imagenet_lite0", input_size=SIZE)
    both = keras.Model(model.input, [model.get_layer("global_pool").output, model.output])
    exact, logits = both.predict(models.imagenet_input(pictures, SIZE, crop=1), verbose=0)
    rounded = np.array([one["embedding"] for one in found])
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(rounded, axis=1)
    cosines = (exact * rounded).sum(axis=1) / lengths
    agreed = sum(one["label"] == label for one, label in zip(found, logits.argmax(axis=1), strict=True))
    return {
        "pictures": len(pictures),
        "same_best_name": int(agreed),
        "cosine_mean": round(float(cosines.mean()), 4),
        "cosine_least": round(float(cosines.min()), 4),
    }


def in_chromium(pictures_script, folder: Path, rounds: int) -> dict:
    """Times in the figure's worker, how long it takes to begin, and what the examples on board are answered."""
    from playwright.sync_api import sync_playwright

    answers = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for name in ("things", "backgrounds"):
            file = folder.parent / f"{name}.html"
            base = f"{folder.name}/"
            file.write_text(pictures_script.bare_page("teach-it", state=f"set={name}", base=base), encoding="utf-8")
            page.goto(file.as_uri())
            pictures_script.wake(page)
            answers[name] = page.evaluate(ANSWERS)
        times = page.evaluate(PAGE, rounds)
        browser.close()
    return {"times": times, "answers": answers}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="of each time")
    parser.add_argument("--output", type=Path, help="where to write instead of results/photo_network.json")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    sys.path.insert(0, str(ROOT / "data_scripts"))
    import make_figure_pictures as pictures_script

    pictures = squares()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "interactive")
        pictures_script.lay_out(folder)
        node = in_node(folder, pictures, options.rounds)
        chromium = in_chromium(pictures_script, folder, options.rounds)
    loading = [
        float(subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True).stdout)
        for _ in range(min(options.rounds, 3))
    ]
    figures = {
        "load_before": round(load, 2),
        "size": SIZE,
        "node_milliseconds": round(statistics.median(node["times"])),
        "chromium_milliseconds": round(statistics.median(chromium["times"])),
        "chromium_least_milliseconds": round(min(chromium["times"])),
        "keras_loading_seconds": [round(one, 2) for one in loading],
        "agreement": agreement(node["found"], pictures),
        "examples": {
            name: [
                {**one, "ranked": [[each, round(value, 3)] for each, value in one["ranked"]]}
                for one in answers
                if one["asked"]
            ]
            for name, answers in chromium["answers"].items()
        },
    }
    path = save("photo_network", figures, options.output)
    print(f"{path}: {figures['node_milliseconds']} ms in Node, {figures['chromium_milliseconds']} ms in Chromium")


if __name__ == "__main__":
    main()
