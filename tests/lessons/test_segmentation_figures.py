"""Figures of the lesson on segmentation: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from course_utils.lessons.segmentation import figures

PICTURES = np.linspace(0, 1, 128).reshape(2, 8, 8)
TRUE = PICTURES > 0.5
CALLS = {
    "mask_errors": {"pictures": PICTURES, "true": TRUE, "predicted": {"network": ~TRUE}},
    "u_shape": {"sides": [8, 4], "channels": [2, 3]},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_wrong_pixels_have_their_colours():
    predicted = TRUE.copy()
    predicted[1, 0, 0], predicted[0, 0, 1] = False, True
    ax = figures.mask_errors(PICTURES, TRUE, {"exact": TRUE, "network": predicted})
    sheet = np.asarray(ax.images[0].get_array())
    np.testing.assert_allclose(sheet[:8, :8, 0], PICTURES[0])
    np.testing.assert_array_equal(sheet[9:17, 9:17, 1], TRUE[1])
    np.testing.assert_array_equal(sheet[18:26, :8], np.repeat(TRUE[0][..., None], 3, axis=-1))
    np.testing.assert_allclose(sheet[27, 9], to_rgb(figures.MISSED))
    np.testing.assert_allclose(sheet[27, 1], to_rgb(figures.CLAIMED))
    np.testing.assert_allclose(sheet[28, 1], TRUE[0, 1, 1])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["picture", "mask", "exact", "network"]
    readable(plt.gcf())


def test_the_u_has_a_box_for_each_map_and_an_arrow_across_each_level_but_the_lowest():
    ax = figures.u_shape([64, 32, 16], [8, 16, 32])
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(boxes) == 5
    words = [text.get_text() for text in ax.texts if text.get_text()]
    assert words == ["64×64\n×8", "32×32\n×16", "16×16\n×32", "32×32\n×16", "64×64\n×8"]
    arrows = [text for text in ax.texts if not text.get_text()]
    assert len(arrows) == 4 + 2
    readable(plt.gcf())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.mask_errors(PICTURES * 255, TRUE, {"a": TRUE}), "expected shares from 0 to 1"),
        (lambda: figures.mask_errors(PICTURES, TRUE[:1], {"a": TRUE}), "true has shape"),
        (lambda: figures.mask_errors(PICTURES, TRUE, {"a": PICTURES}), r"predicted\['a'\]"),
        (lambda: figures.u_shape([8, 4], [2]), "channels has 1 entries; expected 2"),
        (lambda: figures.u_shape([8], [2]), "at least 2"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
