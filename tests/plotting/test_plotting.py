"""Figures: what is drawn is what was given, and nonsense is refused."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils import plotting


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_image_grid_shows_every_picture_on_one_scale():
    images = np.random.default_rng(0).integers(0, 200, size=(7, 5, 4, 1), dtype=np.uint8)
    axes = plotting.image_grid(images, [f"no {i}" for i in range(7)], columns=3)
    assert len(axes) == 7
    assert len(axes[0].figure.axes) == 7
    for ax, image in zip(axes, images, strict=True):
        (shown,) = ax.images
        np.testing.assert_array_equal(shown.get_array(), image[..., 0])
        assert shown.get_clim() == (0, 255)
    assert axes[6].get_title() == "no 6"
    signed = plotting.image_grid(np.array([[[-1.0, 0.5]]]), signed=True)
    assert signed[0].images[0].get_clim() == (-1, 1)
    assert plotting.image_grid(np.zeros((2, 3, 3, 3)))[0].images[0].get_array().shape == (3, 3, 3)


def test_number_grid_writes_every_number():
    ax = plotting.number_grid([[1, -2.5], [np.nan, -0.0]], title="map", window=(0, 1, 1, 1))
    assert texts(ax) == ["1", "−2.5", "0"]
    assert ax.images[0].get_clim() == (-2.5, 2.5)
    (outline,) = ax.patches
    assert (outline.get_x(), outline.get_y()) == (0.5, -0.5)
    assert texts(plotting.number_grid([[0, 0]], write=lambda v: f"{v:.0f}/9")) == ["0/9", "0/9"]


def test_text_on_colour_can_be_read():
    ax = plotting.number_grid([[-1.0, 1.0, 0.0]])
    colours = [text.get_color() for text in ax.texts]
    assert colours[2] != "white"
    for text, value in zip(ax.texts, (-1, 1, 0), strict=True):
        background = np.array(ax.images[0].cmap(ax.images[0].norm(value)))[:3]
        assert contrast(background, np.array(mpl.colors.to_rgb(text.get_color()))) >= 4.5


def contrast(one, other):
    """Contrast ratio of two sRGB colours as the web accessibility guidelines define it."""

    def luminance(rgb):
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_feature_maps_and_kernels_split_channels():
    maps = np.arange(24.0).reshape(2, 3, 4)
    axes = plotting.feature_maps(maps)
    np.testing.assert_array_equal(axes[2].images[0].get_array(), maps[:, :, 2])
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 5))
    axes = plotting.kernels(kernel, channel=1)
    assert len(axes) == 5
    np.testing.assert_array_equal(axes[3].images[0].get_array(), kernel[:, :, 1, 3])


def test_convolution_step_shows_window_products_and_progress():
    image, kernel = np.arange(16).reshape(4, 4), np.array([[1, -1], [0, 2]])
    output = np.array([[image[r : r + 2, c : c + 2].ravel() @ kernel.ravel() for c in range(3)] for r in range(3)])
    axes = plotting.convolution_step(image, kernel, output, (1, 0))
    assert axes[0].patches[0].get_xy() == (-0.5, 0.5)
    np.testing.assert_array_equal(axes[2].images[0].get_array(), image[1:3, :2] * kernel)
    assert axes[2].get_title() == f"products, sum {output[1, 0]}"
    assert len(texts(axes[3])) == 4


def test_confusion_matrix_writes_counts_and_colours_mistakes_only():
    ax = plotting.confusion_matrix(np.array([[5, 1], [0, 7]]), ["a", "b"])
    assert texts(ax) == ["5", "1", "7"]
    shown = ax.images[0].get_array()
    assert shown.count() == 1
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]


def test_learning_curves_in_percent():
    ax = plotting.learning_curves({"loss": [1, 0.5], "accuracy": [0.5, 0.75], "val_accuracy": [0.6, 0.8]})
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [50, 75])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [60, 80])
    assert "%" in ax.get_ylabel()
    two = plotting.learning_curves({"a": {"loss": [1]}, "b": {"loss": [2]}}, "loss")
    assert [text.get_text() for text in two.get_legend().get_texts()] == ["a, training", "b, training"]


def test_functions_draw_where_they_are_told():
    _, axes = plt.subplots(1, 3)
    assert plotting.number_grid([[1]], ax=axes[0]) is axes[0]
    assert plotting.learning_curves({"loss": [1]}, "loss", ax=axes[1]) is axes[1]
    assert plotting.confusion_matrix([[1]], ["a"], ax=axes[2]) is axes[2]


def test_same_figure_same_svg(tmp_path):
    for name in ("one.svg", "two.svg"):
        plotting.number_grid([[1, 2], [3, 4]])
        plt.savefig(tmp_path / name, metadata={"Date": None})
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_colours_of_lines_differ_in_dash_too():
    cycle = list(mpl.rcParams["axes.prop_cycle"])
    assert len({str(entry["linestyle"]) for entry in cycle}) == len({entry["color"] for entry in cycle}) == len(cycle)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.image_grid(np.zeros((3, 3))), r"images has shape \(3, 3\); expected"),
        (lambda: plotting.image_grid(np.zeros((2, 3, 3)), ["one"]), "titles has 1 entries; expected 2, one a picture"),
        (lambda: plotting.image_grid(np.zeros((2, 3, 3)), columns=0), "columns=0: a whole number"),
        (lambda: plotting.number_grid(np.zeros(3)), r"values has shape \(3,\)"),
        (lambda: plotting.feature_maps(np.zeros((3, 3))), r"expected \(H, W, C\)"),
        (lambda: plotting.kernels(np.zeros((3, 3, 1, 2)), channel=1), "channel=1"),
        (lambda: plotting.kernels(np.zeros((3, 3, 1, 2)), ["a"]), "titles has 1 entries; expected 2, one a map"),
        (
            lambda: plotting.convolution_step(np.zeros((4, 4)), np.zeros((2, 2)), np.zeros((3, 3)), (3, 0)),
            "rows 0 to 2",
        ),
        (lambda: plotting.convolution_step(np.zeros(4), np.zeros((2, 2)), np.zeros((3, 3)), (0, 0)), "expected"),
        (lambda: plotting.confusion_matrix(np.zeros((2, 3), int), ["a", "b"]), r"expected \(2, 2\)"),
        (lambda: plotting.learning_curves({"loss": [1]}), "has no metric 'accuracy'; it has 'loss'"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plotting.image_grid(np.zeros((40, 28, 28)), [f"true 4, answer {n}" for n in range(40)]),
        lambda: plotting.image_grid(np.zeros((3, 90, 160)), columns=3, size=4),
        lambda: plotting.number_grid(np.full((9, 14), 0.25), cell=0.9),
        lambda: plotting.number_grids([np.full((7, 7), -0.25)] * 3, ["one", "two", "a longer title"]),
        lambda: plotting.kernels(np.zeros((5, 5, 1, 8))),
        lambda: plotting.feature_maps(np.zeros((9, 9, 16))),
        lambda: plotting.convolution_step(np.eye(9), np.eye(3), np.eye(7), (2, 2)),
        lambda: plotting.confusion_matrix(np.full((10, 10), 1000), [str(n) for n in range(10)]),
        lambda: plotting.learning_curves({"loss": [1, 2]}, "loss"),
        lambda: plotting.seed_spread({"a": [1], "b": [2]}, label="error (%)"),
    ],
)
def test_figures_can_be_read_on_a_phone(draw):
    draw()
    readable(plt.gcf())


def test_style_is_written_once():
    """Colours, markers, grids and labels of logarithmic axes stand in style.py; a figure names them."""
    package = Path(plotting.__file__).parents[1]
    figures = [*package.glob("plotting/*.py"), *package.glob("lessons/*/figures.py")]
    once = ('"osD', "set_minor_formatter(", "ax or plt.subplots", "cycler(color")
    written = {mark: [path.name for path in figures if mark in path.read_text(encoding="utf-8")] for mark in once}
    assert len(figures) > 8
    assert all(holders in ([], ["style.py"]) for holders in written.values()), written


def test_what_is_no_axes_is_refused_before_anything_is_drawn():
    for bad in ("ax", 3, plt.figure(), np.array([])):
        with pytest.raises(ValueError, match=r"ax=.*expected Matplotlib axes"):
            plotting.confusion_matrix(np.eye(2, dtype=int), ["a", "b"], ax=bad)
