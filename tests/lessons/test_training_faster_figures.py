"""The figure of the lesson on faster training: bars begin where the stage before ended, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.training_faster import figures

CALLS = {"waterfall": {"stages": {"classic": ([0.04, 0.02], [1.0, 1.0]), "fast": ([0.01], [0.5])}}}
THREE = {"classic": ([0.04, 0.02], [1, 1]), "slower": ([0.01], [1.5]), "cropped": ([0.02], [0.25])}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_bars_begin_where_the_stage_before_ended():
    for ax, means in zip(figures.waterfall(THREE), ([3, 1, 2], [1, 1.5, 0.25]), strict=True):
        ends = [sorted([bar.get_x(), bar.get_x() + bar.get_width()]) for bar in ax.patches]
        np.testing.assert_allclose(ends, [[0, means[0]], sorted(means[:2]), [0, means[2]]])


def test_a_step_back_is_hatched_and_signed():
    error, time = figures.waterfall(THREE)
    assert [text.get_text() for text in error.texts] == ["3.00", "−2.00", "2.00"]
    assert [text.get_text() for text in time.texts] == ["1.00", "+0.50", "0.25"]
    assert [bar.get_hatch() for bar in time.patches] == [None, "///", None]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ({"a": ([0.1], [1])}, "stages has 1"),
        ({"a": ([2.0], [1]), "b": ([0.1], [1])}, r"stages\['a'\]\[0\] holds 2.0; expected shares"),
        ({"a": ([0.1], [0]), "b": ([0.1], [1])}, r"stages\['a'\]\[1\] holds 0.0; a logarithmic axis|holds 0"),
    ],
)
def test_errors_say_what_is_accepted(stages, message):
    with pytest.raises(ValueError, match=message):
        figures.waterfall(stages)


def test_figure_can_be_read_on_a_phone():
    names = ["classic", "norm, one cycle", "slim", "kernel, batch", "smoothing", "shifts", "cropped", "strided"]
    figures.waterfall({name: ([0.03, 0.02], [1.0]) for name in names})
    readable(plt.gcf())
