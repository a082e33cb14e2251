"""Exercises of the page on mathematics: the right answers, and what the mistakes say, computed in another way."""

import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import approx_fprime
from scipy.spatial.distance import cosine

from course_utils.exercises import Exercise
from course_utils.lessons.mathematics import checks

PAGE = Path(__file__).parents[2] / "book" / "appendix" / "mathematics.ipynb"
SELF_TEST = ("means", "logarithm", "slope", "gradient", "paths", "cosine", "product", "broadcast", "axes", "chance")


def right(results):
    return all(result.right for result in results)


def told(exercise, *answers):
    return " ".join(result.text for result in exercise.evaluate(*answers) if not result.right)


def test_mean_of_all_digits():
    losses = np.repeat([0.2, 0.3, 0.8], [100, 100, 50])
    assert right(checks.means.evaluate(losses.mean()))
    assert "mean of three means" in told(checks.means, np.mean([0.2, 0.3, 0.8]))
    assert "sum of all" in told(checks.means, losses.sum())


def test_logarithm_by_a_series():
    by_series = sum((7 / 8) ** n / n for n in range(1, 400))  # -ln(1 - 7/8)
    assert right(checks.logarithm.evaluate(by_series))
    assert right(checks.logarithm.evaluate(2.08))


def test_slope_of_a_loss_with_these_values():
    loss = np.poly1d([1, -6, 7.5])  # 2.4601 and 2.5401 beside w = 1
    np.testing.assert_allclose(loss([0.99, 1.01]), [2.54, 2.46], atol=2e-4)
    assert right(checks.slope.evaluate(loss.deriv()(1), "up"))
    assert loss(1.1) < loss(1)


def test_gradient_by_differences():
    measured = approx_fprime([2.0, 5.0], lambda at: at[0] ** 2 * at[1] + 3 * at[1], 1e-7)
    assert right(checks.gradient.evaluate(measured))


def test_two_paths_as_one_line():
    u, v, loss = (lambda w: 2 * w + 1), (lambda w: 4 - 3 * w), (lambda u, v: 5 * u + v)
    assert right(checks.paths.evaluate(loss(u(1), v(1)) - loss(u(0), v(0))))


def test_cosine_by_scipy():
    a, b = np.array([1, 2, 2]), np.array([2, 2, 1])
    assert right(checks.cosine.evaluate(sum(x * y for x, y in zip(a, b, strict=True)), 1 - cosine(a, b)))


def test_scalar_products_are_needed_by_an_earlier_lesson_than_cosines():
    assert "“Neurons and activations”" in told(checks.cosine, 25, 8 / 9)
    assert "“Learning the features”" in told(checks.cosine, 8, 8)


def test_product_counted():
    x, w = np.ones((32, 784)), np.ones((784, 10))
    assert right(checks.product.evaluate((x @ w).shape, (x @ w).sum()))  # each product of ones adds one


@pytest.mark.parametrize(
    ("letter", "shape"), {"a": (3,), "b": (16,), "c": (16, 1, 1, 1), "d": (28, 28, 1), "e": (28, 28)}.items()
)
def test_what_fits_is_what_numpy_takes(letter, shape):
    (option,) = [option for option in checks.broadcast.fields[0].options if option.value == letter]
    try:
        fits = (np.zeros((16, 28, 28, 3)) - np.zeros(shape)).shape == (16, 28, 28, 3)
    except ValueError:
        fits = False
    assert option.right == fits


def test_axes_by_hand():
    assert right(checks.axes.evaluate([1 + 4, 2 + 5, 3 + 6], [[1, 2], [3, 4], [5, 6]]))
    assert "transpose" in told(checks.axes, [5, 7, 9], [[1, 4], [2, 5], [3, 6]])


def test_chance_by_the_distribution():
    network = stats.binom(1000, 0.98)
    assert right(checks.chance.evaluate(network.std(), 960))
    assert right(checks.chance.evaluate(1.4 * 3.162, 960))  # with the root that the item gives
    surprising = [min(network.cdf(count), network.sf(count - 1)) for count in (986, 975, 960)]
    assert surprising[2] < 0.001
    assert min(surprising[:2]) > 0.05


def test_views_with_lists():
    rows = [[3 * i + j for j in range(3)] for i in range(4)]
    rows[0] = rows[1] = [0, 0, 0]
    assert right(checks.views.evaluate(sum(map(sum, rows))))
    only_columns = sum(3 * i + 2 for i in range(4))
    assert "other way round" in told(checks.views, only_columns)
    assert "is a copy" in told(checks.views, only_columns - 2 - 5)


@pytest.mark.parametrize(("shape", "size"), [((4, 6), 2), ((6, 3), 3), ((8, 8), 4), ((2, 5), 1)])
def test_tiles_cut_by_loops(shape, size):
    picture = np.random.default_rng(0).integers(0, 99, size=shape)
    ours = checks.tiles.fields[0].reference(picture, size)
    assert ours.shape == (shape[0] // size, shape[1] // size, size, size)
    for i, j in np.ndindex(*ours.shape[:2]):
        square = picture[i * size : (i + 1) * size, j * size : (j + 1) * size]
        np.testing.assert_array_equal(ours[i, j], square)


def half_width(digits):
    return 1.96 * math.sqrt(Fraction(98 * 2, 10_000) / digits)


def test_enough_is_the_first_number_that_is():
    fewest = next(n for n in range(1, 10_000) if half_width(n) <= 0.005)
    assert right(checks.enough.evaluate(fewest, 4))
    assert right(checks.enough.evaluate(3011.8, 4.0))
    np.testing.assert_allclose(half_width(4 * fewest), half_width(fewest) / 2)
    assert "1 point" in told(checks.enough, next(n for n in range(1, 10_000) if half_width(n) <= 0.01), 4)
    assert "quarter of a point" in told(
        checks.enough, next(n for n in range(1, 20_000) if half_width(n) <= 0.0025) - 1, 4
    )


def test_each_wrong_answer_of_the_self_test_says_where_to_read_on():
    """The section stands on the page, the lesson in the book, and both are linked below the item."""
    page = PAGE.read_text(encoding="utf-8")
    titles = {path: path.read_text(encoding="utf-8") for path in PAGE.parents[1].glob("*/*.ipynb")}
    for name in SELF_TEST:
        exercise = getattr(checks, name)
        assert isinstance(exercise, Exercise)
        for field in exercise.fields:
            texts = [text for _, text in field.mistakes]
            for text in [*texts, *([] if field.kind == "several" else [field.idea])]:
                section, lesson = re.search(r"Read “(.+)” below; the first .+ is “(.+)”", text).groups()
                assert f'"## {section}\\n"' in page, section
                assert f"Read [{section}](#" in page or f"and [{section}](#" in page, section
                assert f"[{lesson}](../" in page, lesson
                assert any(f'"# {lesson}' in title for title in titles.values()), lesson
