"""Figures of the lesson on efficient networks: what is drawn is what was given, and nonsense is refused."""

import re
import xml.etree.ElementTree as ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.cli.pictures import small_svg
from course_utils.lessons.efficient_cnns import figures

RATIO = {"median": 2.0, "low": 1.5, "high": 2.5}
CALLS = {
    "who_sees_whom": {"tables": {"standard": np.full((3, 2), 9), "1×1": np.ones((3, 2), int)}},
    "shuffle_steps": {"channels": 6, "groups": 2},
    "moving_shuffle": {"channels": 6, "groups": 2},
    "saved_time": {"rows": {"14×14": ([2.8], [RATIO])}},
    "compound_scaling": {"counts": {"B0": 4e8, "B1": 7e8}, "factor": 1.92},
    "quantised_widths": {"line": np.array([24.0, 48.0]), "widths": np.array([24, 48]), "title": "two blocks"},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def written(ax):
    return [text.get_text() for text in ax.texts]


def test_tables_stand_in_their_order_with_their_numbers():
    axes = figures.who_sees_whom({"a": np.array([[1, 2]]), "b": np.array([[3, 4]]), "c": np.array([[5, 6]])})
    assert [ax.get_title() for ax in axes] == ["a", "b", "c"]
    assert [written(ax) for ax in axes] == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert [ax.get_ylabel() for ax in axes] == ["input channel", "", "input channel"]
    assert [ax.get_xlabel() for ax in axes] == ["", "output channel", "output channel"]


def test_shuffle_writes_transposes_and_reads():
    row, table, turned, dealt = figures.shuffle_steps(6, 2)
    assert written(row) == written(table) == list("012345")
    assert written(turned) == written(dealt) == list("031425")
    colours = [patch.get_facecolor() for patch in dealt.patches]
    assert colours[0::2] == [colours[0]] * 3
    assert colours[1::2] == [colours[1]] * 3
    assert colours[0] != colours[1]


TABLES = (("t", 0), ("t", 1), ("t", 2), ("f", 0), ("f", 1))


def stations(svg):
    """Where each channel's cells are, upper left corners in points: on leaving each station, and where they stay."""
    parts = {part.get("id"): part for part in ElementTree.fromstring(svg).iter() if part.get("id")}
    ends, found = {}, {}
    for name, part in parts.items():
        if re.fullmatch(r"shuffle-[tf]\d+", name):
            (path,) = (one for one in part.iter() if one.tag.endswith("path"))
            ends[name] = tuple(float(number) for number in re.findall(r"-?[\d.]+", path.get("d"))[:2])
    for name, (x, y) in ends.items():
        given = re.search(rf"#{name},#{name}n{{([^}}]*)}}", svg)[1]
        away = [float(number) for number in re.findall(r"--[abcd]:(-?[\d.]+)px", given)]
        starts = [(x + a, y + b) for a, b in zip(away[0::2], away[1::2], strict=True)]
        found[name[8], int(name[9:])] = [*starts, (x, y)]
    return found


def places_in(points):
    """Row and column of each point among rows and columns that all of them make."""
    points = np.array(points)
    numbers = [np.unique(np.round(axis, 0), return_inverse=True)[1] for axis in points.T]
    return numbers[1], numbers[0]


@pytest.mark.parametrize(("channels", "groups"), [(12, 3), (12, 2), (10, 5), (6, 6)])
def test_channels_move_as_numpy_moves_them(channels, groups):
    table = np.arange(channels).reshape(groups, -1)
    moving = figures.moving_shuffle(channels, groups)
    svg = small_svg(moving._repr_svg_())
    found = stations(svg)
    steps = [[found[kind, channel][at] for channel in range(channels)] for kind, at in TABLES]
    expected = [table.reshape(1, -1), table, table.T, table.T, table.T.reshape(1, -1)]
    for points, cells in zip(steps, expected, strict=True):
        rows, columns = places_in(points)
        shown = np.full(cells.shape, -1)
        shown[rows, columns] = np.arange(channels)
        np.testing.assert_array_equal(shown, cells)
    after = np.arange(channels).reshape(groups, -1).T.ravel()
    assert repr(moving) == f"{channels} channels in {groups} groups: {after.tolist()}"
    np.testing.assert_array_equal(np.argsort([x for x, _ in steps[-1]]), after)
    np.testing.assert_allclose(steps[2], steps[3], atol=0.02)


def test_the_moving_picture_ends_still_and_is_the_same_each_time():
    svg = figures.moving_shuffle(12, 3)._repr_svg_()
    assert svg == figures.moving_shuffle(12, 3)._repr_svg_()
    assert not plt.get_fignums()
    rules = re.search(r"<style>([^<]*)</style>", svg)[1]
    keyframes, _, moves = rules.partition("@media screen and (prefers-reduced-motion:no-preference)")
    assert re.sub(r"@keyframes [\w-]+\{([^{}]*\{[^{}]*\})*\}", "", keyframes) == "", "nothing moves without being asked"
    assert "infinite" not in moves
    assert len(re.findall(r"100%\{(?:opacity:1|transform:none|;)+\}", keyframes)) == keyframes.count("@keyframes") == 5
    assert "<script" not in svg
    for name in re.findall(r"#(shuffle-\w+)", moves):
        assert f'id="{name}"' in small_svg(svg)


def test_time_is_drawn_over_multiply_adds():
    ratios = [{"median": 1.0, "low": 0.9, "high": 1.1}, {"median": 3.0, "low": 2.0, "high": 4.0}]
    ax = figures.saved_time({"first": ([2.0, 8.0], ratios)})
    (line,) = [line for line in ax.lines if line.get_label() == "first"]
    np.testing.assert_allclose(line.get_xydata(), [[2, 1], [8, 3]])
    bars = [segment.tolist() for segment in ax.collections[0].get_segments()]
    assert bars == [[[2, 0.9], [2, 1.1]], [[8, 2], [8, 4]]]
    diagonal = ax.lines[0]
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())


def test_scaling_line_starts_at_the_first_count():
    ax = figures.compound_scaling({"B0": 4e8, "B1": 7e8, "B2": 10e8}, 2)
    line, points = ax.lines
    np.testing.assert_allclose(line.get_ydata(), [400, 800, 1600])
    np.testing.assert_allclose(points.get_ydata(), [400, 700, 1000])
    assert ax.get_yscale() == "log"


def test_widths_are_drawn_over_their_blocks():
    ax = figures.quantised_widths([24, 40, 60], np.array([24, 48, 48]))
    line, steps = ax.lines
    np.testing.assert_allclose(line.get_ydata(), [24, 40, 60])
    np.testing.assert_allclose(steps.get_ydata(), [24, 48, 48])
    assert written(ax) == ["24", "48"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.who_sees_whom({"a": np.ones((2, 2), int), "b": np.ones((3, 2), int)}), "expected one shape"),
        (lambda: figures.shuffle_steps(12, 5), "give a number that divides 12 channels"),
        (lambda: figures.shuffle_steps(24, 2), "channels"),
        (lambda: figures.moving_shuffle(12, 5), "give a number that divides 12 channels into groups of at most 6"),
        (lambda: figures.moving_shuffle(12, 1), "give a number that divides 12 channels into groups of at most 6"),
        (lambda: figures.saved_time({"a": ([1, 2], [RATIO])}), r"rows\['a'\]\[1\]"),
        (lambda: figures.saved_time({"a": ([1], [{**RATIO, "low": 3}])}), "expected low <= median <= high"),
        (lambda: figures.compound_scaling({"B0": 0}, 2), r"counts\['B0'\]"),
        (lambda: figures.quantised_widths([1, 2], np.array([1])), r"widths has shape \(1,\); expected \(2,\)"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.who_sees_whom({name: np.full((9, 9), 9) for name in ("no shuffle", "shuffle between")})
    figures.shuffle_steps(12, 3)
    figures.saved_time({"28×28, 16 pictures a batch": ([2.8], [RATIO])})
    figures.compound_scaling({f"B{n}": 4e8 for n in range(8)}, 1.92)
    figures.quantised_widths(np.arange(1.0, 23), np.arange(1, 23))
    for number in plt.get_fignums():
        readable(plt.figure(number))
