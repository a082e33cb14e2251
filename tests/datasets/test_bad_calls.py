"""Every argument of every public function of the data sets and of vision, with every kind of wrong value: one error that speaks."""

import inspect
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from course_utils import datasets, vision
from course_utils.datasets import corruptions, mnist_c
from course_utils.datasets._dataset import hold_out


class Hostile:
    """An object whose every question is answered with an error."""

    def _fail(self, *arguments):
        raise RuntimeError("do not touch")

    __eq__ = __bool__ = __len__ = __iter__ = __index__ = __float__ = __array__ = __repr__ = __str__ = __fspath__ = _fail
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __getitem__ = _fail
    __hash__ = object.__hash__


NOTHING = [None, Hostile(), object(), ..., NotImplemented, Exception, len, 3j, b"bytes", {1, 2}, {"a": 1}]
NUMBERS = [0.5, -1, float("nan"), float("inf"), 10**400, -(10**400), np.float32(2.5), np.array([1, 2]), np.array(None)]
TEXTS = ["", "three", "5", "\udcff", "x" * 10_000, "\0"]
LISTS = [[], (), [1], [1, 2, 3], [None], [[1], [2, 3]], ["a", "b"]]
FLAGS = [True, False, np.True_]
COUNT = NOTHING + NUMBERS + TEXTS + LISTS + FLAGS + [1.0, np.float64(1)]
NUMBER = [*list(NOTHING + TEXTS + LISTS + FLAGS), np.nan, np.inf, -np.inf, 10**400, np.array([1, 2]), 1e300]
CHOICE = NOTHING + NUMBERS + TEXTS + LISTS + FLAGS + [17]
SEVERAL = NOTHING[:-2] + NUMBERS[:-2] + TEXTS + LISTS + FLAGS + [{"a": 1}]
FLAG = NOTHING + NUMBERS + TEXTS + LISTS + [0, 1, "no", "False"]
PATH = [*NOTHING[:8], *NUMBERS, *LISTS, *FLAGS, "", "\0", b"bytes"]
ARRAY = (
    NOTHING
    + NUMBERS
    + TEXTS
    + LISTS
    + FLAGS
    + [np.zeros(3), np.zeros((2, 3, 4, 5, 6)), np.array(["a"]), np.zeros((0, 28))]
)
PAIR = NOTHING + NUMBERS[:-2] + TEXTS + LISTS + FLAGS + [(1, None), (2, 1), (np.nan, 1), ("1", "2"), ((1, 2), 3)]
PICTURES = [3, np.array(3), np.zeros((4, 3, 3, 1)), np.zeros((4, 3, 3), np.uint8), np.zeros((4, 3, 4, 1), np.uint8)]
DIGITS = np.zeros((2, 28, 28), np.uint8)
DIGIT = np.pad(np.full((20, 12), 255, np.uint8), 10)


def a_dataset(**change):
    x, y = np.zeros((4, 3, 3, 1), np.uint8), np.array([0, 1, 0, 1])
    parts = {"x_train": x, "y_train": y, "x_val": x[:0], "y_val": y[:0], "x_test": x, "y_test": y}
    return datasets.Dataset(**(parts | {"class_names": ("a", "b"), "source": "s", "licence": "l"} | change))


CALLS = {
    "load_digits8x8": (datasets.load_digits8x8, {}, {"validation": COUNT}),
    "load_faces": (datasets.load_faces, {}, {"validation": COUNT}),
    "load_mnist": (datasets.load_mnist, {}, {"validation": [None, "5", 1.0, -1, 10**400]}),
    "load_photo_patches": (datasets.load_photo_patches, {}, {"validation": [*COUNT, 119], "seed": COUNT}),
    "load_cifar10": (datasets.load_cifar10, {"download": False}, {"path": PATH[1:], "download": FLAG}),
    "load_mnist_c": (
        datasets.load_mnist_c,
        {"name": "fog"},
        {"name": CHOICE, "severity": CHOICE, "seed": COUNT, "splits": SEVERAL},
    ),
    "make_all": (
        mnist_c.make_all,
        {"names": ("stripe",), "splits": ("test",)},
        {"names": SEVERAL, "splits": SEVERAL, "processes": COUNT, "report": [None, 3, "print", []], "folder": PATH[1:]},
    ),
    "hold_out": (lambda validation: hold_out(a_dataset(), validation), {}, {"validation": [*COUNT, 4]}),
    "apply": (
        corruptions.apply,
        {"name": "fog", "images": DIGITS},
        {
            "name": CHOICE,
            "images": [*ARRAY, np.ma.array(DIGITS, mask=DIGITS == 0)],
            "severity": CHOICE,
            "seed": COUNT,
            "first_index": COUNT,
        },
    ),
    "settings": (corruptions.settings, {"name": "fog"}, {"name": CHOICE, "severity": CHOICE}),
    "letter": (datasets.letter, {}, {"name": [*CHOICE, "x"]}),
    "draw_letter": (
        datasets.draw_letter,
        {"name": "X"},
        {
            "name": CHOICE,
            "shift": PAIR[:-4] + PAIR[-3:],
            "scale": [*NUMBER, 0, -1],
            "rotation": NUMBER,
            "thickness": [*NUMBER, 0.5],
            "noise": [*NUMBER, 1.5, 20, -0.1],
            "size": [*COUNT, 0, 10**5],
            "seed": COUNT,
        },
    ),
    "make_xo": (
        datasets.make_xo,
        {"n_train": 3, "n_test": 3},
        {
            "n_train": [*COUNT, 0, 10**9],
            "n_test": [*COUNT, 0, 10**9],
            "shift": COUNT,
            "scale": [*PAIR, (0, 1)],
            "rotation": [*NUMBER, -1],
            "thickness": [*PAIR, (0.5, 1)],
            "noise": [*NUMBER, 1.5, 20],
            "size": [*COUNT, 0, 10**5],
            "validation": COUNT,
            "seed": COUNT,
        },
    ),
    "to_signed": (datasets.to_signed, {}, {"images": ARRAY}),
    "load_image_folder": (
        datasets.load_image_folder,
        {"size": 8},
        {
            "path": PATH,
            "size": [v for v in COUNT + PAIR if not np.array_equal(v, (2, 1)) and not np.array_equal(v, (1, 2))]
            + [0, 10**6],
            "test": [*NUMBER, 1, -0.1, 20],
            "fit": CHOICE,
            "channels": [*CHOICE, 4],
            "on_error": CHOICE,
            "seed": COUNT,
            "licence": [*list(NOTHING + NUMBERS + LISTS + FLAGS), ""],
        },
    ),
    "Dataset": (
        a_dataset,
        {},
        {
            **{f"x_{split}": NOTHING + TEXTS + LISTS + PICTURES for split in ("train", "val", "test")},
            **{
                f"y_{split}": NOTHING + TEXTS + LISTS + [3, np.zeros(4), np.zeros((4, 2), int)]
                for split in ("train", "val", "test")
            },
            "class_names": [*NOTHING, 3, "ab", [1, 2], []],
            "source": [*NOTHING, 3, ""],
            "licence": [*NOTHING, 3, ""],
        },
    ),
    "digit_to_mnist": (vision.digit_to_mnist, {"image": DIGIT}, {"image": ARRAY, "photo": FLAG[1:]}),
    "digit_steps": (vision.digit_steps, {"image": DIGIT}, {"image": ARRAY, "photo": FLAG[1:]}),
}


@pytest.fixture
def pictures(tmp_path):
    from PIL import Image

    for name in ("cats", "dogs"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(np.full((9, 9, 3), 50 * number, np.uint8)).save(tmp_path / "set" / name / f"{number}.png")
    return tmp_path / "set"


def shown(value) -> str:
    try:
        return repr(value)[:60]
    except Exception:
        return type(value).__name__


@pytest.mark.parametrize(
    "argument", [(name, argument) for name, call in CALLS.items() for argument in call[2]], ids="-".join
)
def test_a_wrong_value_is_told_so(argument, request, home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    name, argument = argument
    function, usual, wrong = CALLS[name]
    if name == "load_image_folder":
        usual = {**usual, "path": request.getfixturevalue("pictures")}
    failed = []
    for value in wrong[argument]:
        begin = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                function(**{**usual, argument: value})
        except (ValueError, FileNotFoundError) as error:
            said = str(error)
            # NumPy's and Python's own errors do not name the argument.
            if argument.rstrip("s") not in said:
                failed.append(f"{shown(value)}: {said[:200]}")
            elif len(said) > 900 or not said.isascii() or "\0" in said:
                failed.append(f"{shown(value)}: {len(said)} characters: {said[:200]!a}")
        except BaseException as error:
            failed.append(f"{shown(value)}: {type(error).__name__}: {str(error)[:200]}")
        else:
            failed.append(f"{shown(value)} is accepted")
        if time.process_time() - begin > 10:
            failed.append(f"{shown(value)} takes {time.process_time() - begin:.0f} s")
    assert not failed, "\n".join(failed)
    assert not home.exists() or not any(path.is_file() and path.suffix != ".lock" for path in home.rglob("*"))


def test_every_public_function_and_argument_is_called():
    public = {name for name in datasets.__all__ if inspect.isfunction(getattr(datasets, name))} - {"data_home"}
    public |= {"digit_to_mnist", "digit_steps", "apply", "settings", "make_all", "Dataset"}
    assert public <= set(CALLS)
    covered_elsewhere = {
        ("load_mnist_c", "validation"),
        ("load_cifar10", "validation"),
        ("load_image_folder", "validation"),
    }
    for name in public - {"Dataset"}:
        function, _, wrong = CALLS[name]
        for argument in inspect.signature(function).parameters:
            assert argument in wrong or (name, argument) in covered_elsewhere, (name, argument)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("load_digits8x8", {"validation": np.int64(3)}),
        ("load_digits8x8", {"validation": np.uint8(3)}),
        ("load_photo_patches", {"validation": np.int32(120), "seed": np.int64(3)}),
        (
            "draw_letter",
            {"name": np.str_("X"), "shift": np.array([1, 2]), "scale": np.float32(0.5), "size": np.int64(12)},
        ),
        ("draw_letter", {"shift": [1, -1], "rotation": np.int8(90), "noise": np.float16(0.5), "seed": np.uint64(5)}),
        ("make_xo", {"n_train": np.int64(4), "scale": [0.9, 1.1], "thickness": np.array([1, 2]), "noise": 0}),
        ("apply", {"severity": np.int64(2), "seed": np.int8(1), "first_index": np.uint64(2**64 - 3)}),
        ("digit_to_mnist", {"photo": np.False_}),
    ],
)
def test_numbers_of_numpy_are_taken(name, values):
    function, usual, _ = CALLS[name]
    assert function(**(usual | values)) is not None


@pytest.mark.parametrize("name", ["draw_letter", "make_xo"])
def test_no_seed_is_no_seed(name):
    function, usual, _ = CALLS[name]
    with pytest.raises(ValueError, match=r"seed=None: a whole number"):
        function(**usual, seed=None, noise=0.5)


def test_a_path_may_be_text_or_a_path(pictures):
    for path in (pictures, str(pictures)):
        assert len(datasets.load_image_folder(path, size=8).x_train) == 4
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        datasets.load_image_folder(Path("x" * 5000), size=8)
