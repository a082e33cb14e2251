"""The one module that checks arguments: what is taken, what is refused, and that every refusal can be read and printed."""

import ast
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from course_utils import _arguments as arguments


class Hostile:
    """Raises whatever is done with it."""

    def __getattr__(self, name):
        raise RuntimeError("nobody looks at me")

    __repr__ = __eq__ = __index__ = __float__ = __len__ = __iter__ = __array__ = __getattr__
    __hash__ = None


class LongText:
    def __repr__(self):
        return "x\n" * 100_000


NESTED: list = []
NESTED.append(NESTED)
DEEP: list = []
for _ in range(5000):
    DEEP = [DEEP]
STRANGE = {
    "none": None,
    "text": "ten",
    "empty text": "",
    "umlauts": "schöne Größe → 3×3",
    "surrogate": "\ud800",
    "bytes": b"3",
    "complex": 1 + 2j,
    "numpy complex": np.complex64(1j),
    "nan": math.nan,
    "infinity": -math.inf,
    "huge": 10**400,
    "too long to write": 10**5000,
    "list": [1, 2, 3],
    "ragged": [[1, 2], [3]],
    "dictionary": {"a": 1},
    "set": {1, 2},
    "function": len,
    "type": int,
    "object": object(),
    "hostile": Hostile(),
    "long": LongText(),
    "itself": NESTED,
    "deep": DEEP,
    "large array": np.zeros((1000, 1000)),
    "objects": np.full(2, None, dtype=object),
    "texts": np.array(["a", "b"]),
    "dates": np.array(["2024-01-01"], dtype="datetime64[D]"),
    "span of time": np.timedelta64(3, "s"),
    "span without a unit": np.timedelta64(3),
    "array of bytes": bytearray(b"12"),
    "view of bytes": memoryview(b"12"),
}
every_strange = pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE)


def refused(function, value, *args, **options) -> str:
    """The message with which a function refuses a value; it has to be one that every terminal prints."""
    with pytest.raises(ValueError, match=r".") as caught:
        function(value, "thing", *args, **options)
    assert type(caught.value) is ValueError
    message = str(caught.value)
    message.encode("ascii")
    assert "thing" in message
    assert "\n" not in message
    assert len(message) < 400
    return message


@every_strange
def test_every_object_has_a_short_text(value):
    text = arguments.given(value)
    text.encode("ascii")
    text.encode("cp1252")
    assert 0 < len(text) <= 120
    assert "\n" not in text


@over(st.recursive(st.none() | st.text() | st.integers() | st.floats(), lambda inner: st.lists(inner, max_size=5)))
def test_text_of_a_short_plain_value_is_its_repr_in_ascii(value):
    text, plain = arguments.given(value), ascii(value)
    assert text.isascii()
    assert len(text) <= 120
    if len(plain) < 40 and "[[[" not in plain and isinstance(value, int | float | None):
        assert text == plain


def test_text_says_the_type_where_the_value_does_not_tell():
    assert arguments.given(3) == "3"
    assert arguments.given("3") == "'3'"
    assert arguments.given(None) == "None"
    assert arguments.given(np.float32(0.5)) == "np.float32(0.5)"
    assert arguments.given(np.zeros((2, 3), np.uint8)) == "ndarray of shape (2, 3), uint8"
    assert arguments.given(1j) == "complex 1j"
    assert arguments.given(10**400) == "a whole number of about 401 digits"
    assert arguments.given(Hostile()) == "an object of type Hostile"
    assert " at 0x" not in arguments.given(object())  # a notebook run twice says the same


# --- numbers

WHOLE = [3, np.int64(3), np.uint8(3), np.int16(3), np.array(3)]
FLOATS = [0.5, np.float32(0.5), np.float64(0.5), np.float16(0.5), np.array(0.5)]


@pytest.mark.parametrize("value", WHOLE, ids=repr)
def test_whole_numbers_of_python_and_numpy_are_taken(value):
    for result in (arguments.as_count(value, "n"), arguments.as_seed(value), arguments.as_axis(value, 4)):
        assert (type(result), result) == (int, 3)
    number = arguments.as_number(value, "n")
    assert (type(number), number) == (float, 3.0)
    assert arguments.as_pair(value, "n") == (3, 3)
    assert arguments.as_pair([value, 4], "n") == arguments.as_pair(np.array([3, 4]), "n") == (3, 4)
    assert arguments.as_choice(value, "n", (2, 3)) == 3


@pytest.mark.parametrize("value", FLOATS, ids=repr)
def test_floats_of_python_and_numpy_are_taken(value):
    for result in (arguments.as_number(value, "n", above=0, most=1), arguments.as_share(value, "n")):
        assert (type(result), result) == (float, 0.5)


@pytest.mark.parametrize(
    "check",
    [
        arguments.as_count,
        arguments.as_seed,
        arguments.as_number,
        arguments.as_share,
        arguments.as_flag,
        arguments.as_pair,
        lambda value, name: arguments.as_axis(value, 2, name),
        lambda value, name: arguments.as_choice(value, name, ("same", "valid", 7)),
        lambda value, name: arguments.as_choice(value, name, map(str, range(1000))),
        arguments.as_generator,
        arguments.as_model,
    ],
    ids=["count", "seed", "number", "share", "flag", "pair", "axis", "choice", "choices", "generator", "model"],
)
@every_strange
def test_what_is_no_number_flag_choice_or_model_is_refused(check, value):
    refused(check, value)


@pytest.mark.parametrize("value", [True, np.True_, 2.0, np.float64(2.0), 2.5, -1, np.int64(-1), np.array([2]), 2**31])
def test_neither_flags_nor_floats_nor_numbers_out_of_range_are_counts(value):
    refused(arguments.as_count, value)


def test_bounds_are_said_and_kept():
    assert arguments.as_count(0, "n", least=0) == 0
    assert refused(arguments.as_count, 0) == "thing=0: a whole number, at least 1"
    assert refused(arguments.as_count, 9, most=8) == "thing=9: a whole number from 1 to 8"
    assert refused(arguments.as_number, 0, above=0) == "thing=0: a finite number, greater than 0"
    assert refused(arguments.as_number, 2, least=0, below=2) == "thing=2: a finite number, at least 0 and less than 2"
    assert refused(arguments.as_number, 2.5, most=2) == "thing=2.5: a finite number, at most 2"
    assert refused(arguments.as_number, True) == "thing=True: a finite number"
    assert arguments.as_share(0, "n") == 0
    assert arguments.as_share(1, "n", closed=True) == 1
    assert refused(arguments.as_share, 1) == "thing=1: a share from 0 to less than 1"
    assert "divide a percentage by 100" in refused(arguments.as_share, 98.5, closed=True)
    assert "None" in refused(arguments.as_seed, None)
    for value in (True, np.True_):
        assert arguments.as_flag(value, "f") is True
        refused(arguments.as_share, value)
        refused(arguments.as_pair, value)
    refused(arguments.as_flag, 1)
    assert [arguments.as_axis(axis, 3) for axis in (-3, -1, 2)] == [0, 2, 2]


def test_an_axis_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=re.escape("axis=3: an array with 3 axes has axes -3 to 2")):
        arguments.as_axis(3, 3)


@pytest.mark.parametrize("value", [(1, (1, 2)), (1, 2, 3), (), (1,), "12", {1: 2, 3: 4}, {1, 2}, (0, 1), [1, 2.0]])
def test_ragged_long_and_unordered_pairs_are_refused(value):
    assert "two (rows, columns)" in refused(arguments.as_pair, value)


def test_a_choice_is_the_accepted_one_and_the_nearest_is_named():
    assert arguments.as_choice(np.str_("same"), "p", ("valid", "same")) == "same"
    assert arguments.as_choice(np.float64(0.5), "scale", (0.5, 1)) == 0.5
    assert refused(arguments.as_choice, "sane", ("valid", "same")) == "thing='sane': must be one of 'valid', 'same'"
    refused(arguments.as_choice, True, (1, 2))
    refused(arguments.as_choice, 1, (True, False))
    many = [f"network_{number}" for number in range(50)]
    assert "did you mean 'network_17'" in refused(arguments.as_choice, "network17", many)


# --- several values


def test_lists_names_mappings_and_texts():
    for value in ([1, 2], (1, 2), np.array([1, 2]), {1: 0, 2: 0}.keys(), range(1, 3)):
        assert arguments.as_list(value, "l") == [1, 2]
    for value in ("ab", b"ab", {1, 2}, {1: 2}, 3, None, iter([1]), np.array(3), Hostile()):
        assert "give a list or a tuple" in refused(arguments.as_list, value)
    assert refused(arguments.as_list, []) == "thing has 0 entries; expected at least 1"
    assert "expected 3, one a row" in refused(arguments.as_list, [1], count=3, meaning="row")
    assert arguments.as_names(np.array(["a", "b"]), "n") == ["a", "b"]
    assert "thing[1]=8" in refused(arguments.as_names, ["3", 8])
    assert "give a list" in refused(arguments.as_names, "cat")
    assert arguments.as_mapping({"a": 1}, "m") == {"a": 1}
    assert "give a dictionary" in refused(arguments.as_mapping, [("a", 1)])
    assert "at least 1" in refused(arguments.as_mapping, {})
    assert arguments.as_text("a", "t") == "a"
    for value in ("", None, 3, b"a"):
        assert "non-empty text" in refused(arguments.as_text, value)


def test_paths_are_texts_or_paths():
    assert arguments.as_path("a/b") == arguments.as_path(Path("a/b")) == Path("a/b")
    for value in (None, 3, "", b"a", "a\0b", ["a"], Hostile()):
        assert "give a path" in refused(arguments.as_path, value)


def test_a_generator_stays_and_a_seed_makes_the_same_one():
    generator = np.random.default_rng(0)
    assert arguments.as_generator(generator, "rng") is generator
    first, second = (arguments.as_generator(np.int64(7), "rng").random(3) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert "numpy.random.Generator" in refused(arguments.as_generator, np.random.RandomState(0))


# --- arrays


@pytest.mark.parametrize("check", [arguments.as_numbers, arguments.as_floats, arguments.as_finite, arguments.as_labels])
@pytest.mark.parametrize(
    "value",
    [value for name, value in STRANGE.items() if name not in ("list", "nan", "infinity", "large array")],
    ids=[name for name in STRANGE if name not in ("list", "nan", "infinity", "large array")],
)
def test_what_is_no_array_of_numbers_is_refused(check, value):
    refused(check, value)


def test_floats_stay_and_integers_widen_exactly():
    for dtype in (np.float16, np.float32, np.float64):
        array = np.ones(3, dtype)
        assert arguments.as_numbers(array, "x") is array
        assert arguments.as_floats(array, "x") is array
    assert arguments.as_numbers(np.array([255], np.uint8), "x").dtype == np.int64
    assert arguments.as_floats([1, 2], "x").dtype == np.float64
    assert arguments.as_numbers(np.array([2**63 - 1], np.uint64), "x").tolist() == [2**63 - 1]
    assert str(2**63) in refused(arguments.as_numbers, np.array([2**63], np.uint64))
    assert refused(arguments.as_numbers, np.zeros(2, complex)) == "thing has dtype complex128; expected real numbers"


def test_entries_that_are_not_finite_are_counted():
    assert "2 of 3 entries" in refused(arguments.as_finite, [1.0, math.nan, math.inf])
    assert arguments.as_finite(np.zeros((0, 3)), "x").shape == (0, 3)


@pytest.mark.parametrize(
    ("shape", "expected", "fits"),
    [
        ((2, 3), ("N", "C"), True),
        ((2, 3), ("N", 3), True),
        ((2, 3), ("N", 4), False),
        ((2, 3), ("N",), False),
        ((2, 3), ("K", "K"), False),
        ((3, 3), ("K", "K"), True),
        ((2, 5, 5, 3), ("N", ..., "C"), True),
        ((2, 3), ("N", ..., "C"), True),
        ((2,), ("N", ..., "C"), False),
        ((2, 5, 7), (..., 7), True),
        ((), (), True),
        ((1,), (), False),
        ((2, 3), [("N",), ("N", 3)], True),
        ((2, 3), [("N",), ("N", 1)], False),
    ],
)
def test_shapes_with_symbols(shape, expected, fits):
    array = np.zeros(shape)
    if fits:
        assert arguments.as_array(array, "x", shape=expected) is array
    else:
        message = refused(arguments.as_array, array, shape=expected)
        assert message.startswith(f"thing has shape {shape}; expected (")


def test_shapes_and_bounds_are_written_as_they_are():
    assert refused(arguments.as_array, np.zeros((2, 4)), shape=[("N", ..., 3), ("K",)]).endswith(
        "expected (N, ..., 3) or (K,)"
    )
    assert "holds nothing" in refused(arguments.as_array, np.zeros((0, 2)), filled=True)
    assert "masked entries" in refused(arguments.as_array, np.ma.array([1, 99], mask=[False, True]))
    assert arguments.as_array(np.ma.array([1, 99]), "x").tolist() == [1, 99]
    almost = refused(arguments.as_array, np.array([0.5, 1.0000001]), least=0, most=1)
    assert almost == "thing holds 1.0000001; expected numbers of at least 0 and at most 1"
    assert "thing holds -1;" in refused(arguments.as_array, np.array([-1, 5]), least=0)


def test_labels_name_the_one_that_is_no_class():
    assert arguments.as_labels([0, 2], "y", classes=3).tolist() == [0, 2]
    assert "the label 3" in refused(arguments.as_labels, [0, 3], classes=3)
    assert "0 to 2" in refused(arguments.as_labels, [0, 3], classes=3)
    assert "the label -1" in refused(arguments.as_labels, [-1])
    for value in ([0.0], [True], [[0]], 0):
        refused(arguments.as_labels, value)


# --- models, and the module itself


def test_models_are_told_by_their_class():
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.layers.Dense(2)])
    assert arguments.as_model(model) is model
    assert "keras.Input" in refused(arguments.as_model, model, built=True)
    assert "model.compile" in refused(arguments.as_model, model, compiled=True)
    refused(arguments.as_model, keras.layers.Dense(2))


def test_it_imports_nothing_of_the_house():
    tree = ast.parse(Path(arguments.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in modules if name.startswith(("course_utils", "keras", "tensorflow"))]
