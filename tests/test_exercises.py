"""The frame of the exercises: untouched stubs, explained mistakes, hints."""

import numpy as np
import pytest

from course_utils import exercises as _exercise
from course_utils.exercises import array, attempted, choice, exercise, function, number


@exercise("look again", "it is forty-two")
def answer(value):
    """The answer."""
    yield number("answer", value, 42, mistakes={41: "one too few."}, idea="count again.")


def test_untouched_stub_says_so(capsys):
    answer(...)
    assert capsys.readouterr().out == (
        "Not attempted yet. Replace the … and run the cell again.\nHint: checks.answer.hint()\n"
    )
    assert answer.evaluate(...) is None
    assert answer.evaluate(value=...) is None
    assert answer.__doc__ == "The answer."


def test_right_and_wrong_answers_are_told(capsys):
    answer(42)
    assert capsys.readouterr().out == "✓ answer 42: right.\n"
    answer(np.float64(41))
    assert capsys.readouterr().out == ("✗ answer 41: one too few.\nNot there yet. Hint: checks.answer.hint()\n")
    answer(7)
    assert "✗ answer 7: count again." in capsys.readouterr().out
    answer("many")
    assert "✗ answer 'many': expected one number, got str." in capsys.readouterr().out


@pytest.mark.parametrize("given", ["42", True, np.True_, 42 + 0j, [42, 42], np.array([1, 2]), {}])
def test_what_is_no_single_number_is_told_so(given):
    result = number("answer", given, 42, idea="")
    assert not result.right
    assert f"expected one number, got {type(given).__name__}" in result.text


def test_hints_come_one_after_another_and_start_again(capsys):
    fresh = exercise("first", "second")(lambda value: [])
    for _ in range(3):
        fresh.hint()
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Hint 1 of 2: first", "Hint 2 of 2: second", "Hint 1 of 2: first"]
    with pytest.raises(ValueError, match="at least one hint"):
        exercise()


def test_wrong_number_of_answers_is_a_usage_error():
    with pytest.raises(TypeError):
        answer()


def test_mistake_in_the_check_itself_is_not_hidden():
    broken = exercise("hint")(lambda value: [1 / 0])
    with pytest.raises(ZeroDivisionError):
        broken(1)


def test_choice_compares_words_and_tuples():
    assert choice("shape", (2, 2), (2, 2), idea="").right
    assert choice("shape", [2, 2], (2, 2), idea="").right
    assert choice("shape", np.array([2, 2]), (2, 2), idea="").right
    assert choice("word", "same", "same", idea="").right
    assert not choice("flag", 1, True, idea="").right
    assert choice("shape", (3, 3), (2, 2), mistakes={(3, 3): "no row 6."}, idea="").text == "shape (3, 3): no row 6."
    assert choice("shape", "x", (2, 2), idea="think.").text == "shape 'x': think."
    with pytest.raises(_exercise.NotAttemptedError):
        choice("shape", (2, ...), (2, 2), idea="")


def test_array_names_shape_then_worst_entry():
    expected = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert array("a", expected.tolist(), expected, idea="").right
    assert "shape (2,); expected (2, 2). Axes." in array("a", [1, 2], expected, idea="Axes.").text
    assert "a[1, 0] is 5; expected 3. Sum." in array("a", [[1, 2], [5, 4.5]], expected, idea="Sum.").text
    assert not array("a", [[1, 2], [np.nan, 4]], expected, idea="").right
    assert "expected an array of numbers, got str" in array("a", "x", expected, idea="").text


def test_function_stops_at_the_first_difference():
    cases = [("two", (np.array([2.0]),)), ("minus two", (np.array([-2.0]),)), ("zero", (np.zeros(1),))]
    results = list(function("f", lambda x: x, np.abs, cases, idea="sign."))
    assert [result.right for result in results] == [True, False]
    assert "f on minus two[0] is -2; expected 2. sign." in results[1].text
    (failed,) = function("f", lambda x: x.nothing, np.abs, cases, idea="sign.")
    assert "f on two stopped with AttributeError" in failed.text
    (no_function,) = function("f", 3, np.abs, cases, idea="")
    assert "expected a function" in no_function.text
    with pytest.raises(_exercise.NotAttemptedError):
        list(function("f", lambda x: ..., np.abs, cases, idea=""))


def test_function_cannot_damage_the_inputs():
    x = np.array([-1.0])

    def spoil(value):
        value[:] = 0
        return value

    list(function("f", spoil, np.abs, [("one", (x,))], idea=""))
    assert x[0] == -1


def test_attempted_passes_everything_else():
    assert attempted(0) == 0
    assert attempted("") == ""
