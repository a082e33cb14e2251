"""The activation figure against the course's NumPy layers, SciPy, and central differences."""

import numpy as np
import pytest
from scipy import special

from course_utils import layers

GRID = np.concatenate([np.linspace(-6, 6, 2401), np.random.default_rng(5).uniform(-6, 6, 500)])
LAYERS = {
    "sigmoid": (layers.sigmoid_forward, layers.sigmoid_backward),
    "tanh": (layers.tanh_forward, layers.tanh_backward),
    "relu": (layers.relu_forward, layers.relu_backward),
    "leaky": (layers.leaky_relu_forward, layers.leaky_relu_backward),
    "elu": (layers.elu_forward, layers.elu_backward),
    "gelu": (layers.gelu_forward, layers.gelu_backward),
}


@pytest.fixture(scope="module")
def figure(run_node):
    """What the figure computes: values, slopes and saturated intervals of each function, and erf."""
    script = """(activations, grid) => ({
      functions: Object.fromEntries(Object.entries(activations.FUNCTIONS).map(([name, rules]) =>
        [name, [...rules.map(rule => grid.map(rule)), activations.saturated(name)]])),
      erf: grid.map(activations.erf),
    })"""
    return run_node("activations.js", script, GRID)


def test_all_functions_of_the_layers_but_softmax_are_there(figure):
    assert set(figure["functions"]) == set(LAYERS)
    softmax_too = {name.removesuffix("_forward") for name in vars(layers.activations) if name.endswith("_forward")}
    assert softmax_too == {"softmax", "leaky_relu", *LAYERS} - {"leaky"}


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_slopes_equal_the_layers(figure, name):
    forward, backward = LAYERS[name]
    value, slope, _ = figure["functions"][name]
    expected, cache = forward(GRID)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(slope, backward(np.ones_like(GRID), cache), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_slopes_are_slopes(figure, run_node, name):
    step, smooth = 1e-5, GRID[np.abs(GRID) > 1e-3]
    script = "(activations, {name, grid}) => grid.map(activations.FUNCTIONS[name][0])"
    after, before = (
        run_node("activations.js", script, {"name": name, "grid": smooth + side}) for side in (step, -step)
    )
    slope = figure["functions"][name][1][np.abs(GRID) > 1e-3]
    np.testing.assert_allclose((after - before) / (2 * step), slope, rtol=0, atol=1e-8)


def test_error_function_equals_scipy(figure):
    np.testing.assert_allclose(figure["erf"], special.erf(GRID), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", LAYERS)
def test_saturated_is_where_the_slope_is_small(figure, name):
    _, slope, intervals = figure["functions"][name]
    inside = np.zeros(GRID.shape, bool)
    for first, last in intervals:
        inside |= (first <= GRID) & (last >= GRID)
    np.testing.assert_array_equal(inside, np.abs(slope) < 0.05)


def test_saturated_intervals_are_known_ones(figure):
    ends = {name: np.round(np.ravel(one[2]), 4).tolist() for name, one in figure["functions"].items()}
    edge = float(np.round(special.logit((1 + np.sqrt(0.8)) / 2), 4))  # y (1 − y) = 0.05
    tail = float(np.round(np.arctanh(np.sqrt(0.95)), 4))  # 1 − y² = 0.05
    assert ends["sigmoid"] == [-6, -edge, edge, 6]
    assert ends["tanh"] == [-6, -tail, tail, 6]
    assert ends["elu"] == [-6, float(np.round(np.log(0.05), 4))]
    assert (ends["relu"], ends["leaky"]) == ([-6, 0], [])
    assert len(ends["gelu"]) == 4


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (0, "0"),
        (0.00123456, "0.0012"),
        (0.00099, "9.9·10⁻⁴"),
        (3.5e-14, "3.5·10⁻¹⁴"),
        (1.0e-100, "1·10⁻¹⁰⁰"),
    ],
)
def test_small_numbers_are_powers_of_ten(run_node, value, text):
    assert run_node("activations.js", "(activations, value) => activations.scientific(value)", value) == text
