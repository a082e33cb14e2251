"""The lesson on your own pictures: its sample set, its exercises in another way, and the lesson with somebody else's pictures."""

import itertools
import json
import re
import shutil
from math import comb
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy.spatial import distance

from course_utils import datasets, models
from course_utils.lessons.your_own_pictures import checks, sample

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "book" / "8-fine-tuning" / "your-own-pictures.ipynb"


def right(results):
    return all(result.right for result in results)


# --- the sample set


@pytest.fixture(scope="module")
def coins(tmp_path_factory):
    return sample.write_sample(tmp_path_factory.mktemp("home") / "coins", sessions=3, frames=2)


def test_sample_set_has_the_layout_of_a_folder_of_ones_own(coins):
    files = sorted(path.relative_to(coins).as_posix() for path in coins.rglob("*") if path.is_file())
    assert files == [
        f"session_0{session}/{name}/{frame}.jpg"
        for session, name, frame in itertools.product((1, 2, 3), sample.NAMES, (1, 2))
    ]


def test_every_second_session_was_taken_with_the_camera_held_upright(coins):
    for path in coins.rglob("*.jpg"):
        with Image.open(path) as image:
            assert image.format == "JPEG"
            assert image.size == (240, 180)
            turned = "session_02" in str(path)
            assert ImageOps.exif_transpose(image).size == ((180, 240) if turned else (240, 180))


def test_the_loader_takes_a_session_as_a_folder_of_classes(coins):
    loaded = datasets.load_image_folder(coins / "session_02", size=48, test=0)
    assert loaded.class_names == sample.NAMES
    assert np.bincount(loaded.y_train).tolist() == [2, 2]


def pixels(folder):
    return {path.relative_to(folder).as_posix(): np.asarray(Image.open(path), int) for path in folder.rglob("*.jpg")}


def test_pictures_of_a_burst_are_near_copies_and_sessions_differ(coins):
    grey = {name: picture.mean(axis=-1) for name, picture in pixels(coins).items()}

    def apart(one, other):
        return np.abs(grey[one] - grey[other]).mean()

    within = [
        apart(f"session_0{s}/{name}/1.jpg", f"session_0{s}/{name}/2.jpg") for s in (1, 2, 3) for name in sample.NAMES
    ]
    between = [
        apart(f"session_0{one}/{name}/1.jpg", f"session_0{other}/{name}/1.jpg")
        for one, other in ((1, 2), (1, 3), (2, 3))
        for name in sample.NAMES
    ]
    assert min(within) > 0
    assert np.mean(within) < np.mean(between) / 2


def test_a_seed_makes_the_same_pictures_and_another_one_others(coins, tmp_path):
    first = pixels(coins)
    for seed, same in ((0, True), (1, False)):
        again = pixels(sample.write_sample(tmp_path / str(seed), seed=seed, sessions=3, frames=2))
        assert again.keys() == first.keys()
        assert all(np.array_equal(again[name], first[name]) for name in first) is same


def test_swapped_places_change_the_surface_and_not_the_coin(tmp_path):
    own, swapped = (
        pixels(sample.write_sample(tmp_path / places, sessions=1, frames=1, places=places))
        for places in ("own", "swapped")
    )
    for name, picture in own.items():
        difference = np.abs(picture - swapped[name]).mean(axis=-1)
        assert np.median(difference[:20]) > 10  # above the coin
        assert np.percentile(difference[60:120, 90:150], 10) < 8  # noise alone, in places where the coin must lie


def test_what_is_there_is_never_overwritten(coins, tmp_path):
    with pytest.raises(ValueError, match="holds something already"):
        sample.write_sample(coins)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="holds something already"):
        sample.write_sample(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": -1}, "seed=-1"),
        ({"sessions": 0}, "sessions=0"),
        ({"frames": 2.0}, "frames=2.0"),
        ({"places": "same"}, "places='same': must be one of 'shared', 'own', 'swapped'"),
    ],
)
def test_errors_say_what_is_accepted(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        sample.write_sample(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def test_more_sessions_than_surfaces(tmp_path):
    folder = sample.write_sample(tmp_path / "coins", seed=7, sessions=9, frames=1)
    assert len({picture.tobytes() for picture in pixels(folder).values()}) == 18


# --- the exercises


def test_siblings_by_counting_and_by_drawing():
    torn = comb(38, 7) / comb(39, 7)  # the sibling is among those that are not held out
    assert right(checks.siblings.evaluate(torn, sum([torn] * 8)))


def test_near_copies_are_scipys():
    def near_copies(pictures, limit):
        rows = pictures.reshape(len(pictures), -1)
        return int((distance.pdist(rows.astype(float), "cityblock") / rows.shape[1] < limit).sum())

    assert right(checks.copies.evaluate(near_copies))


def test_half_a_session_scores_lower_in_the_benchmark():
    record = json.loads((ROOT / "benchmarks" / "results" / "own_pictures.json").read_text())
    burst, session = (np.array([each[name] for each in record["leak"]]) for name in ("by burst", "by session"))
    assert (session - burst).min() > 0.3


@pytest.mark.parametrize("places", [5, 6, 9])
def test_a_plan_with_names_of_ones_own_passes(places):
    rooms = [f"Room {number}, evening" for number in range(places)]
    plan = [[room, thing, 5, "test" if room in rooms[:2] else "train"] for room in rooms for thing in ("cup", "bowl")]
    assert right(checks.saturday.evaluate(plan))


def test_a_session_cannot_hide_behind_its_spelling():
    plan = [*checks._plan(), ("Place  0", "cup", 1, "train"), ("Place  0", "bowl", 1, "train")]
    assert not right(checks.saturday.evaluate(plan))


def test_the_largest_difference_is_not_the_mean():
    def near_copies(pictures, limit):
        return sum(
            int(np.abs(one.astype(int) - other).max() < limit) for one, other in itertools.combinations(pictures, 2)
        )

    assert "not for the largest" in str(checks.copies.evaluate(near_copies))


# --- the lesson with other pictures


def tiny(name, *, input_size, include_top):
    """A network that is quickly built and takes and gives what the trained one does."""
    import keras

    inputs = keras.Input((input_size, input_size, 3))
    maps = keras.layers.AveragePooling2D(32)(inputs)
    return keras.Model(inputs, keras.layers.Conv2D(1280, 1, activation="relu", name="last_conv")(maps))


def other_pictures(folder):
    """Three things in four sessions, in files of several kinds and sizes, one of them grey, one with a second folder inside."""
    rng = np.random.default_rng(1)
    for place, thing in itertools.product(("attic", "Garden day 2", "küche", "office"), ("fork", "knife", "spoon")):
        for number, suffix in enumerate(("png", "jpg", "jpeg", "webp")[: 2 if place == "attic" else 4]):
            target = folder / place / thing / ("more" if number == 3 else "")
            target.mkdir(parents=True, exist_ok=True)
            shape = (int(rng.integers(90, 260)), int(rng.integers(170, 300)), 3)
            picture = Image.fromarray(rng.integers(0, 256, shape).astype(np.uint8))
            (picture.convert("L") if number == 1 else picture).save(target / f"IMG {number}.{suffix}")
    (folder / ".DS_Store").write_bytes(b"Mac")


def lesson_read():
    """The lesson's function that reads sessions."""
    cells = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    names = {"size": 32, "Path": Path}
    exec(compile(cells["load"], "load", "exec"), names)
    return names["read"]


def lacking(folder):
    shutil.rmtree(folder / "office" / "spoon")


def renamed(folder):
    (folder / "office" / "spoon").rename(folder / "office" / "Spoon")


def loose(folder):
    (folder / "IMG_1.jpg").write_bytes(b"")


@pytest.mark.parametrize(
    ("fault", "level", "message"),
    [
        (lacking, ".", "office holds ('fork', 'knife'), not ('fork', 'knife', 'spoon')"),
        (renamed, ".", "office holds ('Spoon', 'fork', 'knife'), not ('fork', 'knife', 'spoon')"),
        (loose, ".", "must hold sessions only, two or more"),
        (None, "..", "must hold sessions only"),
        (None, "office", "beside the class folders"),
        (None, "nowhere", "must hold sessions only"),
    ],
)
def test_a_folder_that_is_laid_out_otherwise_is_refused(tmp_path, fault, level, message):
    folder = tmp_path / "mine"
    other_pictures(folder)
    if fault:
        fault(folder)
    with pytest.raises(ValueError, match=re.escape(message)):
        lesson_read()((folder / level).resolve())


@pytest.mark.filterwarnings("ignore")
def test_one_changed_cell_is_enough_for_pictures_of_ones_own(tmp_path, monkeypatch, capsys):
    other_pictures(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "trained", tiny)
    mine = {
        r"^folder = .*$": 'folder = Path("mine")',
        r"^new_picture = .*$": 'new_picture = Path("mine/office/spoon/IMG 0.png")',
    }
    names = {"__name__": "__main__"}
    for cell in nbformat.read(LESSON, as_version=4).cells:
        if cell.cell_type != "code" or cell.id == "colab-setup" or cell.id.startswith(("exercise-", "solution-")):
            continue
        source = cell.source
        if cell.id == "folder":
            for line, own in mine.items():
                source, count = re.subn(line, own, source, flags=re.MULTILINE)
                assert count == 1
        if cell.id == "places":  # about coins, whatever the folder; measured by the benchmark and in the lesson
            continue
        exec(compile(source, cell.id, "exec"), names)
    plt.close("all")
    assert names["class_names"] == ("fork", "knife", "spoon")
    assert len(names["x"]) == 3 * (2 + 4 + 4 + 4)
    assert (tmp_path / "two_things.keras").is_file()
    printed = capsys.readouterr().out
    assert re.search(r"fork +\d+ %\nknife +\d+ %\nspoon +\d+ %", printed)
