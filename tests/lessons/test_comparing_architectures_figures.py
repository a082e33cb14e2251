"""Accuracy against cost, and spreads over seeds: what is drawn is what was given, and names can be read."""

import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils import plotting
from course_utils.lessons.comparing_architectures import figures, records


@pytest.fixture(autouse=True)
def _no_windows():
    mpl.use("agg")
    yield
    plt.close("all")


FAMILIES = {
    "one": {"1a": (100, 60.0, 5), "1b": (400, 70.0, 20)},
    "other": {"2a": (110, 60.5, 5), "2b": (900, 75.0, 80), "2c": (120, 60.2, 10)},
}


def names(ax):
    return {text.get_text(): text for text in ax.texts}


def test_cost_and_accuracy_draws_each_network_where_it_belongs():
    ax = figures.cost_and_accuracy(FAMILIES, cost="cost", area="weights", front=["1a", "2b", "1b"])
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "cost")
    drawn = [marks.get_offsets() for marks in ax.collections if len(marks.get_offsets())]
    for members, points in zip(FAMILIES.values(), drawn, strict=True):
        np.testing.assert_allclose(points, [point[:2] for point in members.values()])
    front = next(line for line in ax.lines if line.get_label() == "Pareto front")
    np.testing.assert_allclose(front.get_xydata(), [[100, 60], [400, 70], [900, 75]])
    assert names(ax).keys() == {"1a", "1b", "2a", "2b", "2c"}
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sorted(legend) == ["Pareto front", "one", "other"]
    assert ax.get_legend().get_title().get_text() == "area: weights"


def test_areas_are_in_proportion_and_never_invisible():
    ax = figures.cost_and_accuracy({"all": {"a": (1, 1, 1), "b": (2, 2, 50), "c": (3, 3, 100)}}, cost="", area="")
    small, half, full = ax.collections[0].get_sizes()
    assert full == pytest.approx(2 * half)
    assert small > full / 100


def test_names_do_not_cover_each_other():
    rng = np.random.default_rng(0)
    crowd = {f"net-{n}": (10 ** rng.uniform(2, 4), rng.uniform(60, 80), rng.uniform(1, 80)) for n in range(25)}
    ax = figures.cost_and_accuracy({"crowd": crowd}, cost="cost", area="area")
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 25
    frame = ax.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"families": {"f": {"a": (0, 50, 1)}}}, r"families\['f'\]\['a'\]\[0\]=0: a finite number, greater than 0"),
        ({"families": {"f": {"a": (1, 50, -1)}}}, r"families\['f'\]\['a'\]\[2\]=-1: a finite number, greater than 0"),
        ({"families": {"f": {}}}, "families has no network"),
        ({"front": ["3a"]}, "front='3a': must be one of '1a', '1b'"),
    ],
)
def test_cost_and_accuracy_says_what_is_wrong(arguments, said):
    given = {"families": FAMILIES, "cost": "", "area": ""} | arguments
    with pytest.raises(ValueError, match=said):
        figures.cost_and_accuracy(given.pop("families"), **given)


def test_seed_spread_shows_seeds_means_and_intervals():
    ax = plotting.seed_spread({"a": [1, 2, 3], "b": [4, 4, 7]}, {"a": (1.5, 2.5)}, label="error (%)")
    intervals, means, seeds = ax.lines[::3], ax.lines[1::3], ax.lines[2::3]
    np.testing.assert_allclose(intervals[0].get_xdata(), [1.5, 2.5])
    np.testing.assert_allclose(intervals[1].get_xdata(), [5, 5])
    assert [line.get_xdata()[0] for line in means] == [2, 5]
    np.testing.assert_allclose(seeds[1].get_xdata(), [4, 4, 7])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert (ax.get_xlabel(), ax.get_xscale()) == ("error (%)", "linear")
    assert plotting.seed_spread({"a": [1]}, label="", logarithmic=True).get_xscale() == "log"


@pytest.mark.parametrize(
    ("values", "intervals", "said"),
    [
        ({"a": []}, None, r"values\['a'\] has shape \(0,\) and holds nothing"),
        ({"a": [1, 3]}, {"a": (2.5, 3)}, r"intervals\['a'\]: the mean 2\.0 does not lie between 2\.5 and 3\.0"),
    ],
)
def test_seed_spread_says_what_is_wrong(values, intervals, said):
    with pytest.raises(ValueError, match=said):
        plotting.seed_spread(values, intervals, label="")


NETWORKS = {
    "resnet50": {
        "title": "ResNet-50", "year": 2015, "parameters": 25_557_032, "multiply_adds": 3_857_973_248, "depth": 50,
        "non_trainable": 53_120, "receptive_field": 483, "input": [224, 224, 3], "reference": "he2016deep",
        "published": [
            {"measure": "ImageNet top-1 error, ten crops", "value": 22.85},
            {"measure": "ImageNet top-1 accuracy, one crop", "value": 75.3},
        ],
    },
    "mnist_fast": {
        "title": "Fast", "year": None, "parameters": 29_658, "multiply_adds": 860_000, "depth": 4,
        "non_trainable": 224, "receptive_field": None, "input": [28, 28, 1], "reference": None,
    },
}  # fmt: skip


CALLS = {
    "families": {
        "networks": {"resnet50": {"parameters": 25_557_032, "multiply_adds": 3_857_973_248}},
        "accuracy": len,
        "cost": "parameters",
        "second": "multiply_adds",
    },
    "merged": {"families": {"one": {"1a": (100.0, 60.0, 5.0)}}},
    "table_of_networks": {"networks": {"mnist_fast": NETWORKS["mnist_fast"]}},
    "table_of_sources": {"networks": {"mnist_fast": NETWORKS["mnist_fast"]}},
    "cost_and_accuracy": {
        "families": {"one": {"1a": (100.0, 60.0, 5.0)}},
        "cost": "cost",
        "area": "weights",
        "front": ["1a"],
    },
}


def test_families_hold_the_networks_with_an_accuracy():
    found = figures.families(NETWORKS, records.one_crop, "parameters", "multiply_adds")
    assert found["R · ResNet"] == {"R50": (25.557032, 75.3, 3857.973248)}
    assert figures.merged(found) == found["R · ResNet"]
    assert list(found) == list(figures.FAMILIES)


def test_tables_have_a_row_a_network_and_room_on_a_page():
    table = figures.table_of_networks(NETWORKS)
    assert list(table.index) == ["Fast", "ResNet-50"]
    assert table.shape == (2, 4)  # the names make it five columns
    assert list(table.loc["ResNet-50"]) == ["2015", "25.6", "3,858", "75.3"]
    assert list(table.loc["Fast"]) == ["", "0.0297", "0.86", ""]
    sources = figures.table_of_sources(NETWORKS)
    assert list(sources.loc["ResNet-50"]) == ["224×224×3", "483", 50, "53,120", "75.3", "one crop", "he2016deep"]
    assert list(sources.loc["Fast"]) == ["28×28×1", "", 4, "224", "", "", ""]


def test_chart_can_be_read_on_a_phone():
    figures.cost_and_accuracy(FAMILIES, cost="multiply-adds (millions)", area="parameters", front=["1a", "1b", "2b"])
    readable(plt.gcf())
