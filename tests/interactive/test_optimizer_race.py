"""The race of optimisers against the course's NumPy optimisers, central differences and a generator written anew."""

import itertools

import numpy as np
import pytest

from course_utils.layers import optimizers

STEPS, LIMIT, NOISE = 200, 100, 2
LOSSES = {
    "ravine": lambda w: 0.1 * w[0] ** 2 + 5 * w[1] ** 2,
    "saddle": lambda w: w[0] ** 2 / 2 + (w[1] ** 2 - 4) ** 2 / 16,
    "bowl": lambda w: w[0] ** 2 / 2 + w[1] ** 2,
}
SLOPES = {
    "ravine": lambda w: np.array([0.2 * w[0], 10 * w[1]]),
    "saddle": lambda w: np.array([w[0], w[1] * (w[1] * w[1] - 4) / 4]),
    "bowl": lambda w: np.array([w[0], 2 * w[1]]),
}
UPDATES = {
    "gd": lambda rate, momentum: (optimizers.sgd_update, {"learning_rate": rate}),
    "momentum": lambda rate, momentum: (optimizers.sgd_update, {"learning_rate": rate, "momentum": momentum}),
    "nesterov": lambda rate, momentum: (
        optimizers.sgd_update,
        {"learning_rate": rate, "momentum": momentum, "nesterov": True},
    ),
    "rmsprop": lambda rate, momentum: (optimizers.rmsprop_update, {"learning_rate": rate}),
    "adam": lambda rate, momentum: (optimizers.adam_update, {"learning_rate": rate}),
}
RACE = """(figure, states) => states.map(state => Object.fromEntries(Object.entries(figure.race(state)).map(
  ([name, {path, gone}]) => [name, {path: Float64Array.from(path.flat()), gone}])))"""
POINTS = np.random.default_rng(3).uniform([-4, -3], [4, 3], (60, 2))


def noise_of(seed: int, count: int) -> np.ndarray:
    """Noise of every step: sums of twelve numbers of Lehmer's generator, which multiplies by 48271 modulo 2³¹ − 1."""
    modulus = 2**31 - 1
    numbers = itertools.accumulate(
        itertools.repeat(48271, 24 * count), lambda x, a: a * x % modulus, initial=1 + 7919 * seed
    )
    uniform = (np.array(list(numbers)[1:]) / modulus).reshape(count, 2, 12)
    return np.insert(uniform, 0, -6, axis=-1).cumsum(axis=-1)[..., -1]  # added from left to right, which sum does not


def path_of(name: str, state: dict) -> tuple[np.ndarray, int | None]:
    """The path that the course's optimiser takes, and the step at which it is too far away."""
    update, options = UPDATES[name](state["rate"], state["momentum"])
    shakes = NOISE * noise_of(state["seed"], state["step"]) * (state["surface"] == "bowl")
    w, memory = np.array(state["start"], float), None
    path = [w]
    for step in range(state["step"]):
        w, memory = update(w, SLOPES[state["surface"]](w) + shakes[step], memory, **options)
        path.append(w)
        if np.hypot(*w) > LIMIT:
            return np.array(path), step + 1
    return np.array(path), None


@pytest.fixture(scope="module")
def states() -> list[dict]:
    """Settings from all over: rates from 0.001 to 1 and up to 200 steps, evenly in their logarithms."""
    rng = np.random.default_rng(8)
    return [
        {
            "surface": ["ravine", "saddle", "bowl"][n % 3],
            "rate": float(10 ** rng.uniform(-3, 0)),
            "momentum": float(rng.choice([0, rng.uniform(0, 0.99)], p=[0.1, 0.9])),
            "race": list(UPDATES),
            "start": rng.uniform([-4, -3], [4, 3]).tolist(),
            "step": int(STEPS ** rng.uniform(0, 1)),
            "seed": int(rng.integers(1000)),
        }
        for n in range(300)
    ]


def test_paths_equal_the_layers(run_node, states):
    found = run_node("optimizer-race.js", RACE, states)
    gone = dict.fromkeys(UPDATES, 0)
    for state, racers in zip(states, found, strict=True):
        assert list(racers) == list(UPDATES)
        for name, racer in racers.items():
            path, left = path_of(name, state)
            assert racer["gone"] == left, (name, state)
            shown = racer["path"].reshape(-1, 2)
            np.testing.assert_allclose(shown, path, rtol=1e-9, atol=1e-12, err_msg=f"{name} {state}")
            gone[name] += left is not None
    assert all(gone[name] >= 5 for name in ("gd", "momentum", "nesterov"))
    assert gone["adam"] == gone["rmsprop"] == 0


@pytest.mark.parametrize("surface", LOSSES)
def test_surfaces_and_their_slopes(run_node, surface):
    script = """(figure, {surface, points}) => {
      const {loss, slopes, minima, start} = figure.SURFACES[surface];
      return {losses: points.map(loss), slopes: points.map(slopes), minima, flat: minima.map(slopes), start,
              lowest: minima.map(loss)};
    }"""
    found = run_node("optimizer-race.js", script, {"surface": surface, "points": POINTS.tolist()})
    np.testing.assert_allclose(found["losses"], [LOSSES[surface](w) for w in POINTS], rtol=1e-13)
    step = 1e-5 * np.eye(2)
    central = [[(LOSSES[surface](w + d) - LOSSES[surface](w - d)) / 2e-5 for d in step] for w in POINTS]
    np.testing.assert_allclose(found["slopes"], central, rtol=0, atol=1e-7)
    assert not np.any(found["flat"])
    assert not np.any(found["lowest"])
    assert min(found["losses"]) > 0


def test_noise_is_that_of_the_generator_with_mean_0_and_variance_1(run_node):
    noise = np.array(run_node("optimizer-race.js", "figure => [0, 1, 2, 999].map(seed => figure.noise(seed, 2000))"))
    for seed, found in zip((0, 1, 2, 999), noise, strict=True):
        np.testing.assert_array_equal(found, noise_of(seed, 2000))
    columns = noise.transpose(0, 2, 1).reshape(8, -1)
    assert np.abs(columns.mean(axis=1)).max() < 0.08
    assert np.abs(columns.std(axis=1) - 1).max() < 0.06
    assert np.abs(np.corrcoef(columns) - np.eye(8)).max() < 0.08


@pytest.mark.parametrize("surface", LOSSES)
def test_contour_lines_have_their_height(run_node, surface):
    script = """(figure, surface) => figure.SURFACES[surface].levels.map(level =>
      [level, figure.contour(figure.SURFACES[surface].loss, level).flat()])"""
    bend = {"ravine": 10.2, "saddle": 1 + 23 / 4, "bowl": 3}[surface]  # the second slopes, at most, of both axes
    for level, points in run_node("optimizer-race.js", script, surface):
        points = np.array(points)
        assert len(points) > 8
        assert np.abs(points).max(axis=0).tolist() <= [4, 3]
        heights = np.array([LOSSES[surface](w) for w in points])
        assert np.abs(heights - level).max() <= bend * 0.1**2 / 8
        inside = (np.abs(points) < [4, 3]).all(axis=1)
        _, counts = np.unique(points[inside].round(9), axis=0, return_counts=True)
        assert not (counts % 2).any()  # each piece begins where another ends


def test_slider_of_the_rate_has_all_numbers_of_two_digits(run_node):
    script = "figure => { const places = [...Array(271).keys()]; return places.map(one => [figure.rateAt(one), \
      figure.placeOf(figure.rateAt(one))]); }"
    rates, places = np.array(run_node("optimizer-race.js", script)).T
    assert places.tolist() == list(range(271))
    expected = [float(f"{digits}e{power}") for power in (-4, -3, -2) for digits in range(10, 100)] + [1.0]
    assert rates.tolist() == expected
    off = run_node("optimizer-race.js", "figure => [0.0905, 0.00999, 0.1234].map(figure.placeOf)")
    assert off == [171, 90, 182]


def test_gradient_descent_zigzags_at_first_sight_and_the_others_do_not(run_node):
    """What the default settings promise, and the ends of gradient descent: 2 divided by the largest curvature."""
    script = """(figure, states) => states.map(state =>
      Object.values(figure.race(state)).map(({path, gone}) => [figure.FINDINGS[state.surface](path), gone]))"""
    first = {
        "surface": "ravine",
        "rate": 0.19,
        "momentum": 0.5,
        "race": list(UPDATES),
        "start": [],
        "step": 30,
        "seed": 0,
    }
    alone = first | {"race": ["gd"], "step": 200}
    default, bounces, leaves, settles = run_node(
        "optimizer-race.js", script, [first, alone | {"rate": 0.2}, alone | {"rate": 0.23}, alone | {"rate": 0.17}]
    )
    crossings = dict(zip(UPDATES, default, strict=True))
    assert crossings["gd"] == [30, None]  # at every step
    assert crossings["momentum"][0] < 10
    assert crossings["adam"][0] < 5
    assert crossings["nesterov"][1] is not None  # its limit is lower: (2 + 2β) / (1 + 2β) / 10 = 0.15
    assert bounces == [[200, None]]
    assert leaves[0][1] is not None
    assert settles[0][1] is None
    assert settles[0][0] < 30


def test_on_the_ridge_nobody_leaves_the_saddle(run_node):
    script = """(figure, state) => Object.values(figure.race(state)).map(({path}) =>
      [figure.FINDINGS.saddle(path), path[path.length - 1][1]])"""
    state = {"surface": "saddle", "rate": 0.1, "momentum": 0.9, "race": list(UPDATES), "step": 200, "seed": 0}
    assert run_node("optimizer-race.js", script, state | {"start": [-3.5, 0]}) == [[None, 0]] * 5
    left = [step for step, _ in run_node("optimizer-race.js", script, state | {"start": []})]
    assert all(left)
    assert left[0] == max(left)  # gradient descent is the last to leave


def test_far_is_far_enough(run_node):
    """No racer that comes back later is called diverging: settings for which momentum is stable stay within the limit."""
    momenta = np.linspace(0, 0.99, 34)
    states = [
        {
            "surface": "ravine",
            "momentum": float(m),
            "race": [name],
            "start": [4, 3],
            "step": 200,
            "seed": 0,
            "rate": rate,
        }
        for name, limit in (
            ("momentum", lambda m: 2 * (1 + m) / 10),
            ("nesterov", lambda m: (2 + 2 * m) / (1 + 2 * m) / 10),
        )
        for m in momenta
        for rate in limit(m) * np.array([0.5, 0.9, 0.99, 0.999])
    ]
    found = run_node("optimizer-race.js", RACE, states)
    assert all(racer["gone"] is None for racers in found for racer in racers.values())
