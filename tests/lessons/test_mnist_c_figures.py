"""Figures of the corrupted digits: what is drawn, where, and what is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils import evaluation
from course_utils.lessons.mnist_c import figures


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def accuracy(right, n=100):
    return evaluation.accuracy(np.zeros(n, int), (np.arange(n) >= right).astype(int))


CALLS = {
    "corruption_gallery": {"rows": {"clean": np.zeros((3, 5, 5), np.uint8)}},
    "accuracy_bars": {
        "results": {"fog": accuracy(20)},
        "confidence": {"fog": 0.4},
        "clean": accuracy(99),
        "chance": 0.1,
    },
    "severity_curves": {"curves": {"shear": [0.99, 0.9]}, "chance": 0.1},
    "map_rows": {
        "pictures": {"clean": np.zeros((5, 5), np.uint8)},
        "maps": {"clean": np.ones((3, 3, 1))},
        "titles": ["0.1"],
    },
}


def test_gallery_shows_every_picture_in_its_row_and_column():
    rng = np.random.default_rng(0)
    rows = {name: rng.integers(0, 256, (3, 28, 28, 1)).astype(np.uint8) for name in ("clean", "fog")}
    ax = figures.corruption_gallery(rows)
    (sheet,) = [image.get_array() for image in ax.get_images()]
    np.testing.assert_array_equal(sheet[30:58, 60:88], rows["fog"][2, :, :, 0])
    np.testing.assert_array_equal(sheet[:28, :28], rows["clean"][0, :, :, 0])
    assert sheet.shape == (58, 88)
    assert np.isnan(np.ma.filled(sheet, np.nan)[28:30]).all()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["clean", "fog"]
    assert list(ax.get_yticks()) == [13.5, 43.5]
    assert ax.get_images()[0].get_clim() == (0, 255)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({}, "rows has 0 entries"),
        ({"a": np.zeros((2, 28, 28))}, r"rows\['a'\] has dtype float64; expected uint8"),
        (
            {"a": np.zeros((2, 28, 28), np.uint8), "b": np.zeros((3, 28, 28, 1), np.uint8)},
            r"rows has shapes \(2, 28, 28\), \(3, 28, 28\); expected one shape",
        ),
        ({"a": np.zeros((28, 28), np.uint8)}, r"rows\['a'\] has shape \(28, 28\); expected \(N, H, W\)"),
    ],
)
def test_gallery_refuses(rows, said):
    with pytest.raises(ValueError, match=said):
        figures.corruption_gallery(rows)


def test_bars_are_sorted_and_carry_their_intervals():
    results = {"shear": accuracy(98), "fog": accuracy(20), "scale": accuracy(60)}
    ax = figures.accuracy_bars(results, clean=accuracy(99), chance=0.1)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["fog", "scale", "shear"]
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(widths, [20, 60, 98])
    drawn = [segment for container in ax.containers[1::2] for segment in container[2][0].get_segments()]
    for segment, name in zip(drawn, ("fog", "scale", "shear"), strict=True):
        np.testing.assert_allclose(segment[:, 0], [100 * results[name].low, 100 * results[name].high])
    texts = {text.get_text().strip() for text in ax.texts}
    assert {"20.0", "60.0", "98.0", "clean", "guessing"} == texts
    lines = sorted(
        line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2
    )
    np.testing.assert_allclose(lines, [10, 99])
    with pytest.raises(ValueError, match="results has 0 entries"):
        figures.accuracy_bars({})


def test_confidence_is_a_mark_in_the_row_of_its_name():
    ax = figures.accuracy_bars({"shear": accuracy(98), "fog": accuracy(20)}, confidence={"fog": 0.42, "shear": 0.8})
    marks = {line.get_ydata()[0]: line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"}
    assert marks == {0: pytest.approx(42), 1: pytest.approx(80)}
    with pytest.raises(ValueError, match="no confidence for 'fog'; there is one for 'shear'"):
        figures.accuracy_bars({"fog": accuracy(20)}, confidence={"shear": 0.8})


def test_figures_can_be_read_on_a_phone():
    results = {"impulse_noise": accuracy(98), "fog": accuracy(20)}
    figures.accuracy_bars(results, confidence={"impulse_noise": 0.4, "fog": 0.1}, clean=accuracy(99), chance=0.1)
    figures.severity_curves({"shear": [0.99, 0.9]}, chance=0.1)
    figures.corruption_gallery({"impulse_noise": np.zeros((10, 28, 28), np.uint8)})
    picture, maps = np.zeros((28, 28), np.uint8), np.zeros((12, 12, 8))
    figures.map_rows({"brightness": picture}, {"brightness": maps}, titles=list("12345678"))
    for number in plt.get_fignums():
        readable(plt.figure(number))


def test_map_rows_have_one_scale_a_map():
    rng = np.random.default_rng(0)
    pictures = {name: rng.integers(0, 256, (28, 28, 1)).astype(np.uint8) for name in ("clean", "fog")}
    maps = {name: rng.random((12, 12, 3)) for name in pictures}
    maps["clean"][..., 2] = maps["fog"][..., 2] = 0  # a dead map stays dark, and divides nothing by zero
    axes = figures.map_rows(pictures, maps, titles=["a", "b", "c"])
    assert axes.shape == (2, 4)
    assert [ax.get_title() for ax in axes[0]] == ["input", "a", "b", "c"]
    assert [row[0].get_ylabel() for row in axes] == ["clean", "fog"]
    np.testing.assert_array_equal(axes[1, 0].get_images()[0].get_array(), pictures["fog"][..., 0])
    largest = max(maps["clean"][..., 1].max(), maps["fog"][..., 1].max())
    np.testing.assert_allclose(axes[1, 2].get_images()[0].get_array(), maps["fog"][..., 1] / largest)
    assert not axes[0, 3].get_images()[0].get_array().any()


def test_map_rows_refuse():
    picture, maps = np.zeros((28, 28), np.uint8), np.zeros((12, 12, 3))
    for pictures, values, titles, message in (
        ({}, {}, None, "pictures has 0 entries"),
        ({"a": picture}, {"b": maps}, None, "expected the same names"),
        ({"a": picture}, {"a": maps[0]}, None, r"maps\['a'\] has shape \(12, 3\); expected \(H, W, C\)"),
        ({"a": picture}, {"a": maps - 1}, None, r"maps\['a'\] holds -1.0; expected numbers of at least 0"),
        ({"a": picture}, {"a": maps}, ["x"], "titles has 1 entries; expected 3, one a map"),
    ):
        with pytest.raises(ValueError, match=message):
            figures.map_rows(pictures, values, titles=titles)


def test_severity_curves_are_in_per_cent():
    ax = figures.severity_curves({"shear": [0.99, 0.9, 0.5], "fog": [0.99, 0.2, 0.1]}, chance=0.1)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [99, 20, 10])
    np.testing.assert_allclose(ax.lines[2].get_ydata(), [10, 10])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["shear", "fog"]
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()
    for curves in ({}, {"shear": [1, 0.5, 0.2], "fog": [1]}):
        with pytest.raises(ValueError, match=r"curves has (shapes \(3,\), \(1,\); expected one shape|0 entries)"):
            figures.severity_curves(curves)
