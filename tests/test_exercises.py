"""What an exercise is made of: fields that judge, data that is complete, calls that explain."""

import io
import json
import subprocess
import sys
from dataclasses import FrozenInstanceError
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from course_utils.exercises import (
    Case,
    Choice,
    Code,
    Exercise,
    Grid,
    Judged,
    Number,
    Option,
    Result,
    Several,
    UnfitError,
    compare,
    finite_array,
    keras_model,
    show,
)


def number(answer=42, **options):
    return Number("answer", answer, **{"idea": "count again.", **options})


def exercise(*fields, hints=("look again", "it is forty-two")):
    return Exercise("answer", "The answer.", fields or (number(mistakes=((41, "one too few."),)),), hints)


def told(field, given):
    (result,) = field.judge(given)
    assert not result.right
    return result.text


def right(field, given):
    return all(result.right for result in field.judge(given))


def test_untouched_stub_says_so(capsys):
    answer = exercise()
    answer(...)
    assert capsys.readouterr().out == (
        "Not attempted yet. Replace the … and run the cell again.\nHint: checks.answer.hint()\n"
    )
    assert answer.evaluate(answer=...) is None
    assert answer.evaluate(np.array([1, ...], dtype=object)) is None


def test_right_and_wrong_answers_are_told(capsys):
    answer = exercise()
    answer(42)
    assert capsys.readouterr().out == "✓ answer 42: right.\n"
    answer(np.float64(41))
    assert capsys.readouterr().out == "✗ answer 41: one too few.\nNot there yet. Hint: checks.answer.hint()\n"
    answer(answer=7)
    assert capsys.readouterr().out.startswith("✗ answer 7: count again.\n")


def test_hints_come_one_after_another_and_start_again(capsys):
    fresh = exercise(hints=("first", "second"))
    for _ in range(3):
        fresh.hint()
    assert capsys.readouterr().out.splitlines() == ["Hint 1 of 2: first", "Hint 2 of 2: second", "Hint 1 of 2: first"]


@pytest.mark.parametrize(("answers", "named"), [((), {}), ((1, 2), {}), ((), {"other": 1}), ((1,), {"answer": 1})])
def test_wrong_number_of_answers_is_told(answers, named):
    (result,) = exercise().evaluate(*answers, **named)
    assert not result.right
    count = len(answers) + len(named)
    assert result.text == f"checks.answer takes one answer, in this order or by name: answer. It was given {count}."


def test_an_exercise_does_not_print_its_answers():
    assert repr(exercise()) == "checks.answer(answer): The answer."
    assert exercise().__doc__ == "The answer."


def test_data_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        exercise().hints = ()
    with pytest.raises(FrozenInstanceError):
        number().answer = 43


@pytest.mark.parametrize(
    "given", [42, 42.0, np.int8(42), np.float32(42), np.array(42), Fraction(84, 2), Decimal(42), 42 + 5e-7]
)
def test_a_number_may_be_given_in_any_form(given):
    assert right(number(), given)


@pytest.mark.parametrize(
    "given",
    ["42", b"42", True, np.True_, 42 + 0j, np.complex64(42), [42], np.array([42]), {}, None, np.datetime64(42, "D")],
)
def test_what_is_no_single_number_is_told_so(given):
    assert told(number(), given).endswith(f"expected one number, got {type(given).__name__}.")


@pytest.mark.parametrize("given", [10**400, Fraction(10**400), float("nan"), -np.inf, Decimal("1e999")])
def test_numbers_beyond_all_bounds_are_told(given):
    assert "expected a finite number" in told(number(), given) or "this one is too large" in told(number(), given)


def test_a_rounded_mistake_is_the_same_mistake():
    field = number(mistakes=((8.4088, "upside down."), (0.1266, "other channels."), (100, "a hundred.")))
    assert told(field, 8.41) == "answer 8.41: upside down."
    assert told(field, 0.1267).endswith("other channels.")
    assert told(field, 8.43).endswith("count again.")
    assert told(field, 100.01).endswith("count again.")  # a whole number is not rounded
    assert right(number(0.5, tolerance=0.1), 0.59)


def test_of_two_mistakes_the_nearest_is_told():
    field = number(mistakes=((2.5001, "first."), (2.5002, "second."), (2.4999, "third.")))
    assert [told(field, value)[-7:] for value in (2.5001, 2.50019, 2.4998)] == [" first.", "second.", " third."]


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (42, ((42.0, "the answer itself."),)),
        (42, ((41, "once."), (41.0, "twice."))),
        (0.5, ((0.5 + 1e-9, "as good as right."),)),
        (Fraction(1, 2), ((0.5, "the answer itself."),)),
    ],
)
def test_a_mistake_that_cannot_be_told_apart_is_an_error(answer, mistakes):
    with pytest.raises(ValueError, match="cannot be told from"):
        number(answer, mistakes=mistakes)


@pytest.mark.parametrize(
    "field",
    [
        lambda: Choice("a", "x", options=("x", "y"), mistakes=(("y", "no."), (" Y ", "again.")), idea="think."),
        lambda: Choice("a", "x", options=("x", "y"), mistakes=(("(X)", "the answer."),), idea="think."),
        lambda: Grid("a", [1, 2], mistakes=(([1, 2.0], "the answer."),), idea="think."),
        lambda: Grid("a", [1, 2], mistakes=(([1, 3], "no."), ((1, 3), "again.")), idea="think."),
        lambda: Grid("a", [1, 2], mistakes=(([1, 2.04], "within tolerance."),), idea="think.", tolerance=0.05),
    ],
)
def test_the_same_holds_for_choices_and_grids(field):
    with pytest.raises(ValueError, match="cannot be told from"):
        field()


CASES = (Case("one", (1.0,), "i."), Case("minus one", (-1.0,), "i."))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Number("a", 1, idea=" "), "an idea to revisit is missing"),
        (lambda: Number("a b", 1, idea="i."), "identifier"),
        (lambda: Number("a", "1", idea="i."), "cannot be an answer"),
        (lambda: Number("a", 1, idea="i.", mistakes=((None, "no."),)), "cannot be an answer"),
        (lambda: Number("a", 1, idea="i.", mistakes=((2, ""),)), "pair"),
        (lambda: Number("a", 1, idea="i.", mistakes=(2, "no.")), "pair"),
        (lambda: Number("a", 1, idea="i.", mistakes={2: "no."}), "mistakes=.*: give a list"),
        (lambda: Number("a", 1, idea="i.", tolerance=-1), "tolerance"),
        (lambda: Grid("a", [1], idea="i.", tolerance=np.nan), "tolerance"),
        (lambda: Choice("a", "x", options=("x", "y")), "an idea to revisit is missing"),
        (lambda: Choice("a", "x", options=("x",), idea="i."), "at least two options"),
        (lambda: Choice("a", "x", options=("x", "y", "X"), idea="i."), "stands there twice"),
        (lambda: Choice("a", "z", options=("x", "y"), idea="i."), "cannot be an answer"),
        (lambda: Choice("a", "x", options=("x", "y"), mistakes=(("z", "no."),), idea="i."), "cannot be an answer"),
        (lambda: Grid("a", [1]), "an idea to revisit is missing"),
        (lambda: Grid("a", [[1], [1, 2]], idea="i."), "cannot be an answer"),
        (lambda: Grid("a", [np.nan], idea="i."), "cannot be an answer"),
        (lambda: Several("a", (Option("x", True, "w."),), idea="i."), "at least two options"),
        (lambda: Several("a", (Option("x", True, "w."), Option("X", False, "w.")), idea="i."), "twice"),
        (lambda: Several("a", (Option("x", False, "w."), Option("y", False, "w.")), idea="i."), "none of the options"),
        (lambda: Several("a", (Option("x", True, "w."), Option("y", False, "")), idea="i."), "without a reason"),
        (lambda: Several("a", (Option("x", True, "w."), Option("y", False, "w."))), "an idea to revisit is missing"),
        (lambda: Case("one", (1,), ""), "a description and an idea"),
        (lambda: Case("one", 1, "i."), "tuple"),
        (lambda: Code("f", abs, CASES[:1]), "at least two different inputs"),
        (lambda: Code("f", abs, CASES[:1] * 2), "at least two different inputs"),
        (lambda: Code("f", abs, CASES, mistakes=((abs, "the answer."),)), "stands there twice"),
        (lambda: Code("f", abs, CASES, mistakes=((3, "no."),)), "are functions"),
        (lambda: Judged("m", abs, int, mistakes=()), "at least one mistake"),
        (lambda: Judged("m", abs, int, mistakes=((int, "no."), (float, "no."))), "told the same"),
        (lambda: exercise(hints=()), "at least one hint"),
        (lambda: exercise(hints=("first", "")), "at least one hint"),
        (lambda: exercise(hints="a hint"), "hints are a tuple"),
        (lambda: exercise(number(), number()), "two fields have the same name"),
        (lambda: Exercise("a", "What.", (), ("hint",)), "at least one field"),
        (lambda: Exercise("a", "", (number(),), ("hint",)), "a description is missing"),
        (lambda: Exercise("a-b", "What.", (number(),), ("hint",)), "identifier"),
        (lambda: Exercise(None, "What.", (number(),), ("hint",)), "identifier"),
        (lambda: Exercise("a", "What.", (1,), ("hint",)), "fields are a Number"),
        (lambda: Exercise("a", "What.", number(), ("hint",)), "a: fields=.*: give a list"),
        (lambda: Number("a", 1, idea="i.", tolerance="a"), "a: tolerance='a': a finite number"),
        (lambda: Number("a", 1, idea="i.", tolerance=None), "a: tolerance=None: a finite number"),
        (lambda: Number("a", 1, idea="i.", mistakes=None), "a: mistakes=None: give a list"),
        (lambda: Number("a", 1, idea="i.", label=5), "a label is a text"),
        (lambda: Choice("a", 1, idea="i.", options=None), "a: options=None: give a list"),
        (lambda: Choice("a", 1, idea="i.", options=(1, None)), "an option cannot be an answer"),
        (lambda: Several("a", "ab", idea="i."), "a: options='ab': give a list"),
        (lambda: Several("a", [1, 2], idea="i."), "each of the options is an Option"),
        (lambda: Several("a", (Option(None, True, "w."), Option(1, True, "w.")), idea="i."), "cannot be an answer"),
        (lambda: Code("f", abs, None), "f: cases=None: give a list"),
        (lambda: Code("f", abs, (1, 2)), "each of the cases is a Case"),
        (lambda: Judged("m", abs, int, mistakes=None), "m: mistakes=None: give a list"),
        (lambda: Grid("a", [True, False], idea="i."), "True and False are none"),
        (lambda: compare("a", 1, "x", idea="i."), "^expected: expected an array of numbers, got str"),
        (lambda: compare("a", 1, [[1], [1, 2]], idea="i."), "^expected: expected an array of numbers, got list"),
        (lambda: compare("a", 1, 1, idea="i.", tolerance="x"), "tolerance='x': a finite number"),
    ],
)
def test_an_exercise_that_is_not_complete_is_an_error(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_choices_are_compared_without_case_and_blanks():
    word = Choice("padding", "same", options=("same", "valid"), mistakes=(("valid", "no frame."),), idea="think.")
    assert right(word, " Same ")
    assert right(word, "(SAME)")
    assert told(word, np.str_("valid")) == "padding 'valid': no frame."
    assert told(word, "full") == "padding 'full': expected one of 'same', 'valid': think."
    shape = Choice("shape", (2, 2), options=((2, 2), (3, 3)), mistakes=(((3, 3), "no row 6."),), idea="think.")
    assert right(shape, [2, 2.0])
    assert right(shape, np.array([2, 2]))
    assert told(shape, (3, 3)) == "shape (3, 3): no row 6."
    flag = Choice("flag", True, idea="think.")
    assert right(flag, np.True_)
    assert "expected one of True, False" in told(flag, 1)
    assert "expected one of True, False" in told(flag, "True")
    assert told(Choice("n", 1, options=(0, 1), idea="think."), 0.0) == "n 0: think."
    assert "expected one of" in told(Choice("n", 1, options=(0, 1), idea="think."), True)


def test_several_are_compared_in_any_order():
    options = (Option("a", True, "it is cheap."), Option("b", False, "it is dear."), Option("c", True, "it is fast."))
    field = Several("names", options, idea="give letters.")
    for given in (["a", "c"], ("c", "a"), {"A", "c"}, "a, c", "ca", "a c", np.array(["a", "c", "c"]), frozenset("ac")):
        assert right(field, given), given
    assert [str(result) for result in field.judge({"a", "b"})] == [
        "✓ a chosen: right.",
        "✗ b chosen: it is dear.",
        "✗ c left out: it is fast.",
    ]
    assert told(field, ["z"]) == "names: there is no 'z'; there are a, b, c."
    assert told(field, 3) == "names 3: give letters."
    assert told(field, [["a"]]) == "names: there is no ['a']; there are a, b, c."
    words = Several("w", (Option("max pool", True, "w."), Option("relu", True, "w.")), idea="give words.")
    assert right(words, ["relu", "Max  pool"])
    numbers = Several("s", (Option(1, True, "w."), Option(2.5, False, "w.")), idea="Name numbers.")
    assert all(result.right for result in numbers.judge("1"))
    assert told(numbers, "1, 3") == "s: there is no 3; there are 1, 2.5."
    assert told(numbers, "one") == "s 'one': Name numbers."


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        (number(10**17), 10**17, 10**17 + 1),
        (number(2**64), Decimal(2**64), np.uint64(2**64 - 1)),
        (number(1e17), 10**17, 10**17 + 1),
        (Choice("a", 2**53, options=(2**53, 2**53 + 1), idea="i."), float(2**53), 2**53 + 1),
        (Grid("a", [2**60 + 1, 1], idea="i."), np.array([2**60 + 1, 1]), [2**60, 1]),
        (Grid("a", 2**60, idea="i."), 2**60, np.int64(2**60 + 1)),
        (Grid("a", [1, 0], idea="i."), [1.0, 0], [True, False]),
        (Grid("a", [1, 0], idea="i."), np.ma.array([1, 0]), np.ma.array([1, 0], mask=[0, 1])),
    ],
)
def test_no_digit_of_a_whole_number_is_lost(field, right, wrong):
    assert field.judge(right)[0].right
    result = field.judge(wrong)[0]
    assert not result.right
    assert "right" not in result.text


def test_a_grid_names_shape_then_worst_entry():
    grid = Grid(
        "a", [[1, 2], [3, 4]], mistakes=(([[1, 3], [2, 4]], "transposed."), ([1, 2, 3, 4], "flat.")), idea="Axes."
    )
    assert right(grid, ((1, 2), (3, 4.0)))
    assert right(grid, [[Fraction(1), 2], [3, 4]])
    assert grid.judge(np.array(grid.answer))[0].text == "a, shape (2, 2): right."
    assert told(grid, np.array([[1, 2], [3, 4]]).T) == "a: transposed."
    assert told(grid, [1, 2, 3, 4]) == "a: flat."
    assert told(grid, [1, 2]) == "a has shape (2,); expected (2, 2). Axes."
    assert told(grid, [[1, 2], [5, 4.5]]) == "a[1, 0] is 5; expected 3. Axes."
    assert told(grid, "x") == "a: expected an array of numbers, got str."
    assert told(grid, [[1, 2], [3, np.nan]]) == "a: expected finite numbers in every place."
    assert told(grid, [[1, 2], [3, 10**400]]) == "a: expected a number of ordinary size; this one is too large."
    assert told(grid, np.array([[1, 2], [3, 4j]])) == "a: expected an array of numbers, got ndarray."
    secret = Grid("k", [0, 1], idea="which one?", reveal=False)
    assert told(secret, [1, 1]) == "k: which one?"
    assert told(secret, [1]) == "k has shape (1,); expected (2,): which one?"


def magnitude(**options):
    cases = (
        Case("two", (np.array([2.0]),), "nothing to do."),
        Case("minus two", (np.array([-2.0]),), "sign."),
        Case("zero", (np.zeros(1),), "zero."),
    )
    return Code("f", np.abs, cases, **options)


def test_code_stops_at_the_first_difference():
    results = magnitude().judge(lambda x: x)
    assert [result.right for result in results] == [True, False]
    assert results[1].text == "f on minus two[0] is -2; expected 2: sign."
    assert told(magnitude(), lambda x: x.nothing).startswith("f on two stopped with AttributeError: 'numpy.ndarray'")
    assert told(magnitude(), 3) == "f is 3; expected a function."
    assert told(magnitude(), lambda x: None) == "f on two returned None. Is a return missing? nothing to do."
    assert told(magnitude(), lambda: 3).startswith("f on two stopped with TypeError")
    assert "expected an array of numbers, got generator" in told(magnitude(), lambda x: (i for i in x))
    assert "has shape (2,); expected (1,)" in told(magnitude(), lambda x: np.append(x, 1))
    assert exercise(magnitude()).evaluate(lambda x: ...) is None
    assert exercise(magnitude()).evaluate(lambda x: [..., 1]) is None


def test_code_recognises_what_a_mistake_does_on_every_input():
    field = magnitude(mistakes=((lambda x: -x, "minus always."), (lambda x: x[5], "there is no sixth.")))
    assert told(field, np.negative) == "f: minus always."
    (first,) = field.judge(lambda x: -x if x < 0 else x - 1)
    assert first.text == "f on two[0] is 1; expected 2: nothing to do."
    assert told(field, lambda x: x[9]) == "f: there is no sixth."


def test_code_may_not_change_its_input():
    def spoil(x):
        x[:] = np.abs(x)
        return x

    results = magnitude().judge(spoil)
    assert [result.right for result in results] == [True, False]
    assert "has changed what it was given. Work on a copy" in results[1].text
    assert magnitude().cases[1].arguments[0] == -2
    nested = Code("g", lambda d: d["a"], (Case("1", ({"a": 1},), "i."), Case("2", ({"a": 2},), "i.")))
    assert right(nested, lambda d: dict(d).pop("a"))
    assert "has changed what it was given" in told(nested, lambda d: d.pop("a"))


def test_judged_says_what_its_examination_says():
    def even(given):
        if not isinstance(given, int):
            raise UnfitError("expected a whole number.")
        yield Result.of(given % 2 == 0, f"the number {given}", "divide by two.")

    field = Judged("n", even, lambda: 2, mistakes=((lambda: 3, "divide by two."),))
    assert right(field, 4)
    assert told(field, 3) == "the number 3: divide by two."
    assert exercise(field).evaluate("x") == [Result(False, "n: expected a whole number.")]
    broken = exercise(Judged("n", lambda given: [1 / 0], lambda: 2, mistakes=((lambda: 3, "no."),)))
    assert broken.evaluate(1) == [Result(False, "n 1: this cannot be judged (ZeroDivisionError: division by zero).")]


def test_the_data_say_everything_but_functions():
    fields = (
        number(np.float64(0.5), mistakes=((Fraction(1, 4), "half."),), tolerance=0.01),
        Choice("padding", "same", options=("same", "valid"), idea="think."),
        Grid("grid", np.eye(2, dtype=int), mistakes=((np.zeros(2), "flat."),), idea="Axes."),
        Several("names", (Option("a", True, "cheap."), Option("b", False, "dear.")), idea="give letters."),
        magnitude(mistakes=((lambda x: -x, "minus."),)),
        Judged("n", lambda given: [], lambda: 2, mistakes=((lambda: 3, "odd."),)),
    )
    data = json.loads(json.dumps(exercise(*fields).as_data(), allow_nan=False))
    assert (data["name"], data["hints"]) == ("answer", ["look again", "it is forty-two"])
    assert [field["kind"] for field in data["fields"]] == ["number", "choice", "grid", "several", "code", "judged"]
    one, two, three, four, five, six = data["fields"]
    assert (one["answer"], one["mistakes"], one["tolerance"], one["idea"]) == (
        0.5,
        [[0.25, "half."]],
        0.01,
        "count again.",
    )
    assert (two["answer"], two["options"]) == ("same", ["same", "valid"])
    assert (three["answer"], three["mistakes"]) == ([[1, 0], [0, 1]], [[[0.0, 0.0], "flat."]])
    assert four["options"][0] == {"value": "a", "right": True, "why": "cheap."}
    assert (five["mistakes"], five["cases"][1]) == (["minus."], {"description": "minus two", "idea": "sign."})
    assert six["mistakes"] == ["odd."]


def test_values_are_shown_in_one_short_line():
    assert [show(value) for value in (np.float64(1.5), Fraction(1, 3), "a", (1, 2), 1e-9)] == [
        "1.5", "1/3", "'a'", "(1, 2)", "1e-09",
    ]  # fmt: skip
    assert show(np.zeros((40, 40))) == "an array of shape (40, 40)"
    assert show(10**5000) == "a number of 16610 binary digits"
    for value in ([1] * 1000, "x" * 1000, "a\nb", {"a": list(range(1000))}, np.array([["a\n"]], dtype=object)):
        assert len(show(value)) < 200
        assert "\n" not in show(value)


def test_arrays_are_compared_by_shape_then_entry():
    assert compare("a", 3, 3.0, idea="").text == "a: right."
    assert compare("a", [np.nan], [1], idea="Sum.").text == "a[0] is nan; expected 1. Sum."
    assert compare("a", [1234567.0], [1234568], idea="Sum.").text == "a[0] is 1234567.0; expected 1234568.0. Sum."
    assert finite_array([[1, 2]], (1, 2)).tolist() == [[1, 2]]
    with pytest.raises(UnfitError, match=r"expected shape \(2,\), got \(1, 2\)"):
        finite_array([[1, 2]], (2,))


def test_what_is_no_model_is_told_without_loading_keras():
    code = (
        "import sys; from course_utils.exercises import UnfitError, keras_model\n"
        "try: keras_model('a network')\n"
        "except UnfitError as problem: print(problem, 'keras' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "the answer is of type str: build a keras.Sequential or keras.Model. False\n"


def test_models_that_cannot_be_looked_into_are_told():
    import keras

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(10)

        def call(self, x):
            return self.dense(x)

    built = Own()
    built(np.zeros((1, 4)))
    one, two = keras.Input((4,)), keras.Input((4,))
    both = keras.Model([one, two], keras.layers.Add()([one, two]))
    for model, message in (
        (Own(), "not built"),
        (built, "the layers of a Own cannot be followed"),
        (keras.Sequential([keras.layers.Dense(3)]), "not built"),
        (keras.Model, "of type type"),
        (keras.layers.Dense(3), "of type Dense"),
        (both, "several inputs"),
    ):
        with pytest.raises(UnfitError, match=message):
            keras_model(model)
    good = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    assert keras_model(good) is good


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_terminals_without_a_tick_get_words(encoding, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    exercise()(42)
    exercise()(41)
    exercise()(...)
    out.flush()
    lines = out.buffer.getvalue().decode(encoding).splitlines()
    assert lines[0].split()[0] == "right:"
    assert lines[1].split()[0] == "wrong:"
    assert lines[3].startswith("Not attempted yet.")
