"""Figures of the lesson on Inception, ResNet and DenseNet: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.inception_resnet_densenet import figures

CALLS = {
    "training_error": {"errors": {"plain": {"8": np.array([[0.5, 0.25], [0.25, 0.125]])}}},
    "slopes_by_block": {"slopes": {"no normalisation": {"plain": [1.0, 0.5, 0.25]}}},
    "piled_channels": {"channels": 6, "growth": 4, "depth": 2},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_training_error_is_the_mean_over_seeds_in_percent():
    shares = {"8": np.array([[0.5, 0.3], [0.3, 0.1]]), "20": np.array([[0.7, 0.5], [0.7, 0.5]])}
    axes = figures.training_error({"plain": shares, "residual": shares})
    assert [ax.get_title() for ax in axes] == ["plain", "residual"]
    for ax in axes:
        few, many = ax.lines
        np.testing.assert_allclose(few.get_xydata(), [[1, 40], [2, 20]])
        np.testing.assert_allclose(many.get_ydata(), [70, 50])
        (band, _) = ax.collections
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.max() == pytest.approx(50)
        assert heights.min() == pytest.approx(10)


def test_slopes_are_drawn_from_the_last_block_to_the_first():
    for count in (1, 2, 3):
        axes = figures.slopes_by_block({str(panel): {"a": [1.0, 2.0, 4.0], "b": [1, 1, 1]} for panel in range(count)})
        for ax in axes:
            line, _ = ax.lines
            np.testing.assert_allclose(line.get_xydata(), [[2, 1], [1, 2], [0, 4]])
            assert ax.get_yscale() == "log"
            first, last = ax.get_xlim()
            assert first > last


def test_the_legend_of_four_networks_covers_no_line():
    rates = {"plain, F half as large": 0.48, "shortcut, F half as large": 1.1, "plain": 0.95, "shortcut": 1.37}
    (ax,) = figures.slopes_by_block({"a": {name: rate ** np.arange(41.0) for name, rate in rates.items()}})
    ax.figure.canvas.draw()
    legend = ax.get_legend().get_window_extent()
    for line in ax.lines:
        points = ax.transData.transform(line.get_xydata())
        assert legend.count_contains(points) == 0


def test_every_layer_reads_what_came_before_it():
    ax = figures.piled_channels(6, 4, 3)
    written = [text.get_text() for text in ax.texts]
    assert [number for number in written if number in ("6", "10", "14", "18")] == ["6", "10", "14", "18"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["layer 1", "layer 2", "layer 3", "output"]
    ends = {}
    for patch in ax.patches:
        row = round(patch.get_y() - 0.1)
        ends[row] = max(ends.get(row, 0), patch.get_x() + patch.get_width())
    assert ends == {0: 10, 1: 14, 2: 18, 3: 18}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.training_error({"plain": {"8": [[50.0]]}}), "divide percentages by 100"),
        (lambda: figures.training_error({"a": {"8": [[0.5]], "9": [[0.5, 0.4]]}}), "expected one shape"),
        (lambda: figures.slopes_by_block({"a": {"b": [1.0, 0.0]}}), "a logarithmic axis needs positive numbers"),
        (lambda: figures.piled_channels(6, 4, 9), "depth"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert not plt.get_fignums()


def test_figures_can_be_read_on_a_phone():
    shares = {str(depth): np.full((3, 6), 0.5) for depth in (8, 20, 32, 44)}
    figures.training_error({"plain": shares, "residual": shares})
    names = ("plain, F ½", "shortcut, F ½", "plain", "shortcut")
    figures.slopes_by_block(
        {"no normalisation": {name: np.ones(41) for name in names}, "normalised": {"a": np.ones(41)}}
    )
    figures.piled_channels(64, 32, 6)
    for number in plt.get_fignums():
        readable(plt.figure(number))
