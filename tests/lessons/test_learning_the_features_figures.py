"""Figures of the lesson on learned features: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.learning_the_features import figures

SHARES = np.array([[0.5, 0.7], [0.9, 1.0]])
CALLS = {
    "unseen_places": {"counts": [1, 5], "shares": {"dense": SHARES, "CNN": SHARES}},
    "strengths": {"panels": {"turn": ([10, 20], {"dense": SHARES}), "noise": ([1, 2], {"dense": SHARES})}},
    "likeness": {"chance": np.array([0.2, 0.4, 0.6]), "rows": {"learned": np.array([0.3, 0.5])}},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_a_line_is_the_mean_in_percent_and_the_band_reaches_each_seed():
    ax = figures.unseen_places(**CALLS["unseen_places"])
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 60], [5, 95]])
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([heights.min(), heights.max()], [50, 100])
    readable(plt.gcf())


def test_each_deformation_has_a_panel_of_its_own():
    axes = figures.strengths(**CALLS["strengths"])
    assert [ax.get_xlabel() for ax in axes] == ["turn", "noise"]
    np.testing.assert_allclose(axes[1].lines[0].get_xydata(), [[1, 60], [2, 95]])
    readable(plt.gcf())


def test_likeness_shows_every_random_layer_and_a_ring_for_each_other():
    above, below = figures.likeness(**CALLS["likeness"])
    assert sum(bar.get_height() for bar in above.patches if bar.get_width() < 0.1) == 3
    bars, rings = below.lines[0], below.lines[1]
    np.testing.assert_allclose(bars.get_xdata(), [0.4])
    np.testing.assert_allclose(rings.get_xdata(), [0.3, 0.5])
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.unseen_places([1, 2, 3], {"a": SHARES}), "shares"),
        (lambda: figures.unseen_places([1, 2], {"a": 100 * SHARES}), "divide percentages by 100"),
        (lambda: figures.strengths({"turn": ([1], {"a": SHARES})}), "panels"),
        (lambda: figures.likeness(np.array([1.2]), {"a": [0.5]}), "chance holds 1.2"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
