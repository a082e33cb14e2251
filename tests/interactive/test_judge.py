"""The judge of the page against the judge of Python: the same verdict and the same words, for every exercise and for made-up ones."""

import itertools
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scripts
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from course_utils.exercises import Choice, Exercise, Grid, Number, Option, Several, show

DATA = scripts.load("book/_ext/exercise_data.py")
MODULE = "judge.js"
PAGE = ("number", "choice", "several", "grid")

# Values travel as Python has them: {"int": digits}, {"float": text}, {"tuple": […]}, {"dots": 1}; the rest as in JSON.
EVALUATE = """(judge, {exercises, cases}) => {
    const revive = (value) => {
        if (Array.isArray(value)) return value.map(revive);
        if (value === null || typeof value !== "object") return value;
        if ("int" in value) return BigInt(value.int);
        if ("float" in value) return {nan: NaN, inf: Infinity, "-inf": -Infinity}[value.float] ?? Number(value.float);
        return "tuple" in value ? judge.Tuple.from(value.tuple.map(revive)) : judge.DOTS;
    };
    return cases.map(([at, answers]) => judge.evaluate(exercises[at],
        Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, revive(value)]))));
}"""


def sent(value):
    """A value as it travels."""
    if value is ...:
        return {"dots": 1}
    if isinstance(value, tuple):
        return {"tuple": [sent(part) for part in value]}
    if isinstance(value, list):
        return [sent(part) for part in value]
    if isinstance(value, bool | str) or value is None:
        return value
    return {"int": f"{value:d}"} if isinstance(value, int) else {"float": repr(float(value))}


def told(exercise: Exercise, answers: dict) -> list[dict] | None:
    """What Python says, in the page's form."""
    results = exercise.evaluate(**answers)
    return results and [{"right": result.right, "text": result.text} for result in results]


def compare(run_node, cases: list[tuple[Exercise, dict]]) -> None:
    """Judge every case in both languages."""
    exercises = list({id(exercise): exercise for exercise, _ in cases}.values())
    places = {id(exercise): at for at, exercise in enumerate(exercises)}
    payload = {
        "exercises": [DATA.page_data(exercise) for exercise in exercises],
        "cases": [
            [places[id(exercise)], {name: sent(value) for name, value in answers.items()}]
            for exercise, answers in cases
        ],
    }
    for (exercise, answers), page in zip(cases, run_node(MODULE, EVALUATE, payload), strict=True):
        assert page == told(exercise, answers), (exercise, answers)


def of_lessons() -> list[Exercise]:
    """Each exercise of each room, of one that needs Python as well those fields that do not."""
    import importlib

    found = []
    for room in DATA.rooms():
        checks = importlib.import_module(f"course_utils.lessons.{room}.checks")
        for one in vars(checks).values():
            if isinstance(one, Exercise):
                fields = tuple(part for part in one.fields if part.kind in PAGE)
                found += [Exercise(one.name, one.description, fields, one.hints)] if fields else []
    return found


def plain(value):
    """NumPy arrays and scalars as lists and numbers."""
    return value.tolist() if hasattr(value, "tolist") else value


NONSENSE = [
    "",
    "a word",
    "word " * 40,
    'it\'s "quoted"\n',
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    -(10**320),
    2**70,
    2**53 + 1,
    123456789,
    1e300,
    -0.0,
    0.000012345678,
    100000.5,
    True,
    False,
    None,
    [],
    [[], []],
    (2, 3),
    (2,),
    [2, 3],
    [[1, 2], [3, 4]],
    [[1], [2, 3]],
    [[True, False]],
    [True, 2],
    [[0, 0, 0]] * 3,
    [[77.25] * 3] * 3,
    [math.nan] * 3,
    [2**60, 3, 4],
    [2**70, 3, 4],
    [10**400],
    ["a", "zebra"],
    "a, b",
    "ac",
    [[[[3]]]],
    list(range(40)),
    [...],
    [1, [..., 2]],
    ...,
]


def at_the_edges(targets, tolerance: float) -> list[float]:
    """Numbers as far from a target as still counts, and the next ones on both sides; half ways between two targets."""
    limits = [
        target + sign * reach
        for target in targets
        for reach in (tolerance, 1e-3 * abs(target), 1.02e-3 * abs(target))
        for sign in (1, -1)
    ]
    halfways = [(one + other) / 2 for one, other in itertools.combinations(targets, 2)]
    return [math.nextafter(value, way) for value in limits + halfways for way in (value, math.inf, -math.inf)]


def edges_of(part) -> list:
    """Answers to a field that lie where one verdict ends and the next begins; of a grid, one entry lies there."""
    wrong = [plain(value) for value, _ in part.mistakes]
    if part.kind == "number":
        return at_the_edges([plain(part.answer), *wrong], part.tolerance)
    found = []
    for grid in (np.asarray(value, float) for value in (part.answer, *wrong)):
        for place in (0, grid.size - 1):
            for value in at_the_edges([grid.flat[place]], part.tolerance):
                moved = grid.copy()
                moved.flat[place] = value
                found.append(moved.tolist())
    return found


# Where tolerance and rounding compete, where two mistakes are equally near, and what a whole number is.
CLOSE = [
    Number("n", 10, mistakes=((3, "three."), (6, "six."), (0.5, "half."), (-7, "less.")), idea="again.", tolerance=2),
    Number("n", 0.25, mistakes=((0.5, "half."), (-250.5, "much."), (0, "none."), (98.0, "whole.")), idea="Again."),
    Grid("g", [1, 2.5], mistakes=(([4, 2.5], "a."), ([7, 2.5], "b."), ([1, 250.5], "c.")), idea="again.", tolerance=2),
    Grid("g", [[0.5, 1e3]], mistakes=(([[0.75, 1e3]], "a."), ([[1000.5, 1e3]], "b.")), idea="Again.", reveal=False),
]


def test_every_exercise_of_every_lesson_gets_the_same_words(run_node):
    exercises = of_lessons()
    assert len(exercises) > 60
    exercises += [Exercise("close", "At the edges.", (part,), ("hint",)) for part in CLOSE]
    cases = []
    for exercise in exercises:
        right = {part.name: plain(part.right()) for part in exercise.fields}
        cases += [(exercise, right), (exercise, dict.fromkeys(right, ...))]
        for part in exercise.fields:
            tried = [plain(wrong) for wrong, _ in part.mistakes] + NONSENSE
            if part.kind == "choice":
                tried += [*part.options, *(f" ({option}) ".upper() for option in part.options)]
            if part.kind in ("number", "grid"):
                tried += edges_of(part)
            cases += [(exercise, {**right, part.name: value}) for value in tried]
    compare(run_node, cases)
    assert len(cases) > 5000


def test_the_data_need_nothing_but_numpy():
    """Without what ``serve`` does not install, the same data come out, and no package of that kind is imported."""
    hidden = (
        "scipy",
        "keras",
        "tensorflow",
        "pandas",
        "sklearn",
        "skimage",
        "cv2",
        "PIL",
        "requests",
        "platformdirs",
        "filelock",
    )
    code = f"""
import json, runpy, sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden}:
            raise ModuleNotFoundError(name) if name.partition(".")[0] != "scipy" else None
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "scipy" else find(name, *rest)
sys.meta_path.insert(0, Hidden())
runpy.run_path({DATA.__file__!r}, run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == DATA.read()


def test_what_is_not_installed_stops_who_uses_it():
    absent = DATA.Absent("scipy")
    with pytest.raises(ModuleNotFoundError, match=r"scipy\.special is needed"):
        absent.special(1)


NUMBERS = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**52), 2**52),
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=False, allow_infinity=False),
)
TOLERANCES = st.sampled_from([0, 1e-9, 1e-6, 0.005, 0.5, 2])
IDEAS = st.sampled_from(["revisit it.", "Begin again.", "β is kept.", "È", "7 of 9.", "np.pad does it."])
FACTORS = st.sampled_from([0, 1, 1 - 1e-12, 1 + 1e-12, 1.0009, 0.9991, 1.0011, 1.001, 0.999])


def exercise_of(make) -> Exercise:
    """An exercise of one field; what cannot be told apart is no exercise."""
    try:
        return Exercise("one", "One field.", (make(),), ("hint",))
    except ValueError:
        assume(False)


@st.composite
def near(draw, targets, tolerance):
    """A number at the edges of what still counts as one of the targets."""
    target = draw(st.sampled_from(targets))
    value = target * draw(FACTORS) + draw(st.sampled_from([0, 1, -1, 1.0001, -0.9999, 2])) * tolerance
    whole = draw(st.booleans()) and math.isfinite(value)
    return draw(st.sampled_from([int(value), float(value)])) if whole else float(value)


@st.composite
def number_case(draw):
    answer, *wrong = draw(st.lists(NUMBERS, min_size=1, max_size=4))
    tolerance = draw(TOLERANCES)
    mistakes = tuple((value, f"mistake {at}.") for at, value in enumerate(wrong))
    exercise = exercise_of(
        lambda: Number("n", answer, mistakes=mistakes, idea=draw(IDEAS), tolerance=tolerance, label="the n")
    )
    value = draw(st.one_of(near([answer, *wrong], tolerance), NUMBERS, st.sampled_from(NONSENSE)))
    return exercise, {"n": value}


@st.composite
def grid_case(draw):
    shapes = draw(st.lists(st.sampled_from([(3,), (2, 2), (1, 3), (2,), (2, 1, 2)]), min_size=1, max_size=3))
    entries = st.one_of(st.integers(-9, 9), st.floats(-100, 100), NUMBERS)

    def filled(shape):
        if not shape:
            return draw(entries)
        return [filled(shape[1:]) for _ in range(shape[0])]

    answer, *wrong = map(filled, shapes)
    tolerance = draw(TOLERANCES)
    mistakes = tuple((value, f"mistake {at}.") for at, value in enumerate(wrong))
    idea, reveal = draw(IDEAS), draw(st.booleans())
    exercise = exercise_of(lambda: Grid("g", answer, mistakes=mistakes, idea=idea, tolerance=tolerance, reveal=reveal))

    def moved(value):
        if isinstance(value, list):
            return [moved(part) for part in value]
        return draw(st.one_of(st.just(value), near([value], tolerance)))

    tried = draw(st.sampled_from([answer, *wrong]))
    value = draw(st.sampled_from([moved(tried), tuple(tried), draw(st.sampled_from(NONSENSE))]))
    return exercise, {"g": value}


WORDS = st.text("aB cé(),ß'\"\t", max_size=6)
OPTIONS = st.lists(
    st.one_of(WORDS, st.integers(-3, 3), st.booleans(), st.sampled_from([0.5, 2.0, 1e7])), min_size=2, max_size=5
)


@st.composite
def choice_case(draw):
    options = draw(OPTIONS)
    idea = draw(IDEAS)
    exercise = exercise_of(
        lambda: Choice("c", options[0], options=tuple(options), mistakes=((options[-1], "no."),), idea=idea)
    )
    texts = [f"  ( {one}  ) ".upper() for one in options if isinstance(one, str)]
    value = draw(st.one_of(st.sampled_from([*options, *texts]), WORDS, st.sampled_from(NONSENSE)))
    return exercise, {"c": value}


@st.composite
def several_case(draw):
    kinds = st.sampled_from([st.sampled_from("abcdef"), WORDS, st.integers(0, 9), st.sampled_from([0.5, 2.0, 3])])
    values = draw(st.lists(draw(kinds), min_size=2, max_size=6, unique=True))
    options = tuple(Option(value, draw(st.booleans()), "a reason.") for value in values)
    exercise = exercise_of(lambda: Several("s", options, idea="name some.", chosen="{} is in", left="{} is not in"))
    subset = st.lists(st.sampled_from(values), max_size=7)
    text = subset.map(lambda some: ", ".join(map(str, some)))
    value = draw(st.one_of(subset, subset.map(tuple), text, st.sampled_from(NONSENSE)))
    return exercise, {"s": value}


@pytest.mark.parametrize("strategy", [number_case, grid_case, choice_case, several_case])
def test_made_up_fields_get_the_same_words(run_node, strategy):
    cases = []

    @settings(
        max_examples=100,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy())
    def collect(case):
        cases.append(case)

    collect()
    assert len(cases) >= 50
    compare(run_node, cases)


# What is typed → what Python would make of it; None where it stays text.
TYPED = {
    "5": 5,
    " −3 ": -3,
    "+4": 4,
    "1/3": 1 / 3,
    "-1 / 4": -0.25,
    "0.5": 0.5,
    ".5": 0.5,
    "5.": 5.0,
    "0,5": 0.5,
    "12,25": 12.25,
    "0,125": 0.125,
    "1e-3": 1e-3,
    "1E5": 1e5,
    "2 400": 2400,
    "2\u202f400\u00a0000": 2400000,
    "2_400": 2400,
    "1,234,567": 1234567,
    "1,234.5": 1234.5,
    "2,400": (2, 400),
    "(2, 3)": (2, 3),
    "2, 3": (2, 3),
    "(2,)": (2,),
    "(2)": 2,
    "[1, 2]": [1, 2],
    "[[1,2],[3,4]]": [[1, 2], [3, 4]],
    "[1, [2, (3, 4)], 1/2]": [1, [2, (3, 4)], 0.5],
    "[]": [],
    "()": (),
    "True": True,
    "None": None,
    "inf": math.inf,
    "-inf": -math.inf,
    "1e400": math.inf,
    "9" * 30: 10**30 - 1,
    "...": ...,
    "…": ...,
    "": ...,
    "  ": ...,
    "1/0": None,
    "1/2/3": None,
    "2__4": None,
    "four": None,
    "5 apples": None,
    "98 %": None,
    "[1, 2": None,
    "1]": None,
    "[1,,2]": None,
    "[a]": None,
    "1 2": None,
    "12 34": None,
    "--1": None,
    "toString": None,
    "[" * 50: None,
}
TYPED_GRIDS = {
    "[[1, 2], [3, 4]]": [[1, 2], [3, 4]],
    "1 2\n3 4": [[1, 2], [3, 4]],
    "1, 2; 3, 4": [[1, 2], [3, 4]],
    "7 5 -1": [7, 5, -1],
    "7, 5, −1": [7, 5, -1],
    "50×80×3": [50, 80, 3],
    "(50, 80, 3)": (50, 80, 3),
    "50, 80, 3": [50, 80, 3],
    "[[7 5 -1]\n [5 9 -1]]": [[7, 5, -1], [5, 9, -1]],
    "np.array([[1, 2],\n [3, 4]])": [[1, 2], [3, 4]],
    "array([1.5, 1/2])": [1.5, 0.5],
    "1 2\n3": [[1, 2], [3]],
    "5": 5,
    "": ...,
    "one two": None,
    "[[1, 2], [3, 4": None,
}
READ = """(judge, {texts, grids}) => {
    const send = (value) => {
        if (value === judge.DOTS) return {dots: 1};
        if (Array.isArray(value)) {
            const items = [...value].map(send);
            return value instanceof judge.Tuple ? {tuple: items} : items;
        }
        if (typeof value === "bigint") return {int: String(value)};
        return typeof value === "number" ? {shown: judge.show(value)} : value;
    };
    return [texts.map((text) => send(judge.read(text))), grids.map((text) => send(judge.readGrid(text)))];
}"""


def read_back(value):
    """A value as the page sends it: floats as they are shown."""
    if isinstance(value, float):
        return {"shown": show(value)}
    if isinstance(value, tuple):
        return {"tuple": [read_back(part) for part in value]}
    return [read_back(part) for part in value] if isinstance(value, list) else sent(value)


def test_what_is_typed_is_read_sensibly(run_node):
    texts, grids = run_node(MODULE, READ, {"texts": list(TYPED), "grids": list(TYPED_GRIDS)})
    for expected, read in ((TYPED, texts), (TYPED_GRIDS, grids)):
        for (text, value), ours in zip(expected.items(), read, strict=True):
            stays = value is None and text != "None"
            assert ours == (text.strip() if stays else read_back(value)), text


def test_numbers_look_as_python_writes_them(run_node):
    numbers = [0.0, -0.0, 1.0, 1e5, 999999.5, 1e6, 123456.5, 123455.5, 0.0001, 0.00001, 1e-7, 2.5e-7, 1 / 3, 1e16, 1e22]
    numbers += [5e-324, 1.7976931348623157e308, 2**53 + 2.0, 100000.5, 100001.5, 0.1 + 0.2, -1234567.0, 9.9999995e-5]
    shown, whole = run_node(
        MODULE, "(judge, all) => [all.map((x) => judge.show(x)), all.map((x) => judge.show([x]))]", numbers
    )
    assert shown == [show(number) for number in numbers]
    assert whole == [show([number]) for number in numbers]


ANSWERS = Path("answers.js")
STORAGE = """(answers, kind) => {
    const kept = new Map();
    const storage = {
        getItem: (name) => kept.get(name) ?? null,
        setItem: (name, value) => { if (kind === "full") throw new Error("quota"); kept.set(name, value); },
        removeItem: (name) => kept.delete(name),
    };
    Object.defineProperty(globalThis, "localStorage", {configurable: true, get: () => {
        if (kind === "none") throw new Error("denied");
        return storage;
    }});
    answers.write("a/b", "one", {result: "right"});
    answers.write("a/b", "two", {result: "wrong"});
    kept.set("cnn-course/a/b/three", "not JSON");
    kept.set("cnn-course/a/b/four", "[1]");
    const names = ["one", "two", "three", "four", "five"];
    const before = answers.count("a/b", names);
    answers.forget("a/b", "one");
    return [answers.keeps(), before, answers.count("a/b", names), answers.read("a/b", "two"), [...kept.keys()]];
}"""


@pytest.mark.parametrize("kind", ["good", "none", "full"])
def test_answers_are_kept_where_they_can_be(run_node, kind):
    keeps, before, after, two, names = run_node(str(ANSWERS), STORAGE, kind)
    good = kind == "good"
    assert keeps is good
    assert before == {"all": 5, "answered": 2 * good, "right": 1 * good}
    assert after == {"all": 5, "answered": 1 * good, "right": 0}
    assert two == ({"result": "wrong"} if good else None)
    assert all(name.startswith("cnn-course/") for name in names)
