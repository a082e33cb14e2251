"""Figures of the lesson on your own pictures: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.your_own_pictures import figures

PICTURES = np.arange(2 * 4 * 6 * 3, dtype=np.uint8).reshape(2, 4, 6, 3)
CALLS = {
    "contact_sheet": {"rows": {"session 1": PICTURES, "session 2": PICTURES}, "titles": ["cup", "spoon"]},
    "accuracy_by_sessions": {"sessions": [1, 2], "accuracies": [[0.5, 0.75], [0.7, 0.85]]},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_pictures_stand_in_their_rows():
    ax = figures.contact_sheet({"a": PICTURES[:1], "b": PICTURES})
    sheet = ax.images[0].get_array()
    assert sheet.shape == (2 * 4 + figures.GAP, 2 * 6 + figures.GAP, 3)
    np.testing.assert_allclose(sheet[:4, :6], PICTURES[0], atol=4)  # of its colours, 200 are kept
    assert (sheet[:4, 6:] == 255).all()
    np.testing.assert_allclose(sheet[4 + figures.GAP :, 6 + figures.GAP :], PICTURES[1], atol=4)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_large_pictures_are_made_smaller_by_averaging():
    checkered = np.zeros((3, 320, 320, 3), np.uint8)
    checkered[:, ::2, ::2] = 200
    sheet = np.asarray(figures.contact_sheet({"a": checkered}).images[0].get_array())
    assert sheet.shape[0] == 160
    assert set(np.unique(sheet)) == {50, 255}


def test_titles_stand_above_their_columns():
    ax = figures.contact_sheet({"a": PICTURES}, titles=["cup", "spoon"])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["cup", "spoon"]
    np.testing.assert_allclose(ax.get_xticks(), [2.5, 2.5 + 6 + figures.GAP])


def test_line_is_the_mean_of_the_repetitions():
    ax = figures.accuracy_by_sessions([1, 2, 4], [[0.5, 0.6, 0.9], [0.7, 0.8, 0.9]])
    np.testing.assert_allclose(ax.lines[-1].get_ydata(), [60, 70, 90])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [50, 60, 90])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "4"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: figures.contact_sheet({"a": PICTURES.astype(float)}),
            r"rows\['a'\] has dtype float64; expected uint8",
        ),
        (
            lambda: figures.contact_sheet({"a": PICTURES, "b": PICTURES[:, 1:]}),
            "pictures of 4 x 6, 3 x 6; expected one",
        ),
        (
            lambda: figures.contact_sheet({"a": PICTURES}, titles=["cup"]),
            "titles has 1 entries; expected 2, one a column",
        ),
        (lambda: figures.accuracy_by_sessions([0], [[0.5]]), "sessions holds 0.0; a logarithmic axis needs"),
        (lambda: figures.accuracy_by_sessions([1], [[50]]), "accuracies holds 50.0; expected shares"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    names = ("session_01", "session_02")
    figures.contact_sheet(dict.fromkeys(names, np.zeros((5, 32, 32, 3), np.uint8)), titles=["warrior\n62 %"] * 5)
    figures.accuracy_by_sessions([1, 2, 3, 6, 12], [[0.5] * 5])
    for number in plt.get_fignums():
        readable(plt.figure(number))
