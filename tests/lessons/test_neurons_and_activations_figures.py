"""Figures of the lesson on neurons: what is drawn is what was given, and nonsense is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_size import readable

from course_utils.lessons.neurons_and_activations import figures

Z = np.linspace(-1, 1, 5)
CALLS = {
    "functions_and_slopes": {"z": Z, "functions": {"a": (Z, np.ones(5))}},
    "fit": {"x": Z, "y": Z**2, "curves": {"net": (Z, abs(Z))}, "bends": [0.5]},
    "gradient_sizes": {"sizes": {"a": [1.0, 0.1]}},
    "gradient_histograms": {"gradients": {"a": [np.full(9, 1e-8), np.array([0, -1e-3])]}},
    "dead_units": {"counts": np.array([[1, 0], [3, 2], [3, 1]])},
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_functions_and_slopes_are_drawn_panel_by_panel():
    axes = figures.functions_and_slopes(Z, {"a": (Z, np.ones(5)), "b": (Z**2, 2 * Z), "c": (-Z, -np.ones(5))})
    assert [ax.get_title() for ax in axes] == ["a", "b", "c"]
    np.testing.assert_array_equal(axes[1].lines[0].get_ydata(), Z**2)
    np.testing.assert_array_equal(axes[1].lines[1].get_ydata(), 2 * Z)


def test_fit_draws_data_curves_and_bends():
    ax = figures.fit(Z, Z**2, {"net": (Z, abs(Z))}, bends=[0.5])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), Z**2)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), abs(Z))
    assert list(ax.lines[2].get_xdata()) == [0.5]


def test_sizes_of_gradients_by_layer():
    ax = figures.gradient_sizes({"a": [1, 0.1, 0.01]})
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [1, 0.1, 0.01])
    assert ax.get_yscale() == "log"


def test_a_ridge_stands_where_the_entries_are():
    (ax,) = figures.gradient_histograms({"a": [np.full(9, 1e-8), np.array([0, 0, -1e-3])]})
    for layer, ridge in enumerate(ax.collections, start=1):
        points = ridge.get_paths()[0].vertices
        top = points[points[:, 1].argmax()]
        assert abs(np.log10(top[0]) - (-8, -3)[layer - 1]) < 0.26
        np.testing.assert_allclose(top[1], layer + 1.7)


def test_dead_units_by_epoch():
    ax = figures.dead_units(np.array([[1, 0], [3, 2], [3, 1]]))
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [1, 3, 3])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [0, 2, 1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: figures.functions_and_slopes(Z, {"a": (Z, Z[1:])}),
            r"functions\['a'\]\[1\] has shape \(4,\); expected \(5,\)",
        ),
        (lambda: figures.fit(Z, Z[1:], {"net": (Z, Z)}), r"y has shape \(4,\); expected \(5,\)"),
        (lambda: figures.fit(Z, Z, {}), "curves has 0 entries"),
        (lambda: figures.gradient_sizes({"a": [1, 0]}), r"sizes\['a'\] holds 0.0; a logarithmic axis needs positive"),
        (lambda: figures.gradient_histograms({"a": [np.zeros(3)]}), r"gradients\['a'\]\[0\] has no entry but zeros"),
        (lambda: figures.dead_units(np.zeros(3)), r"shape \(3,\); expected \(epochs, layers\)"),
    ],
)
def test_errors_say_what_is_accepted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_figures_can_be_read_on_a_phone():
    figures.functions_and_slopes(Z, dict.fromkeys("abcdef", (Z, Z)))
    figures.fit(Z, Z, {"with ReLU": (Z, Z), "without a bend": (Z, Z)}, bends=[0])
    figures.gradient_sizes({"sigmoid": [1] * 10})
    figures.gradient_histograms({name: [np.ones(3) / 100] * 10 for name in "abc"})
    figures.dead_units(np.zeros((12, 3)))
    for number in plt.get_fignums():
        readable(plt.figure(number))
