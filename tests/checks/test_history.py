"""Exercises of part 7: untouched, wrong in instructive ways, right."""

import keras
import numpy as np
import pytest

from course_utils import anatomy, models
from course_utils.checks import history


def texts(results):
    return " ".join(map(str, results))


def right(results):
    return all(result.right for result in results)


def compare(n):
    return 2 * n + 1, (2 * n + 1) ** 2 / (9 * n)


def raises(n):
    raise KeyError("no idea")


@pytest.fixture(scope="module")
def body():
    return models.vgg16(include_top=False)


def headed(body, *layers):
    return keras.Sequential([body, *layers])


def tiny(*layers, shape=(28, 28, 1)):
    return keras.Sequential([keras.Input(shape), *layers])


def conv(filters, kernel_size=5):
    return keras.layers.Conv2D(filters, kernel_size)


def pool():
    return keras.layers.AveragePooling2D(2)


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (history.c3_table, (..., ...)),
        (history.c3_table, (101, ...)),
        (history.stack_against_one, (lambda n: ...,)),
        (history.stack_against_one, (lambda n: None,)),
        (history.first_dense, (..., ...)),
        (history.gap_head, (..., ...)),
        (history.tiny_lenet, (...,)),
    ],
)
def test_untouched(check, answers, capsys):
    assert check.evaluate(*answers) is None
    check(*answers)
    assert capsys.readouterr().out.startswith("Not attempted yet.")


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (history.c3_table, (100, 1216), "the map has a bias too"),
        (history.c3_table, (104, 1216), "one bias a map of C3, not one a connection"),
        (history.c3_table, (101, 1200), "the sixteen maps have biases too"),
        (history.c3_table, (101, 1516), "that is the paper's table"),
        (history.c3_table, (101, 2416), "each map sees all six"),
        (history.c3_table, (7, 8), "count 25 weights for each map it sees"),
        (history.c3_table, ("many", [1, 2]), "expected one number, got str"),
        (history.stack_against_one, (lambda n: (3 * n, n),), "3n would be the reach of windows that do not overlap"),
        (history.stack_against_one, (lambda n: (2 * n + 1, 9 * n / (2 * n + 1) ** 2),), "upside down"),
        (history.stack_against_one, (lambda n: (2 * n + 1, (2 * n + 1) ** 2 / 9),), "only one of them was counted"),
        (history.stack_against_one, (lambda n: (2 * n + 1, (2 * n + 1) / (9 * n)),), "square the reach"),
        (history.stack_against_one, (lambda n: compare(n)[::-1],), "have changed places"),
        (history.stack_against_one, (lambda n: (7, 49 / 27),), "reach 3, ratio 1"),
        (history.stack_against_one, (lambda n: (2 * n + 1, 1.0),), "25 weights against 18"),
        (history.stack_against_one, (lambda n: 3,), "expected (2,)"),
        (history.stack_against_one, (raises,), "stopped with KeyError"),
        (history.stack_against_one, (lambda n: "seven",), "expected an array of numbers, got str"),
        (history.stack_against_one, ((7, 49 / 27),), "expected a function"),
        (history.first_dense, (256, 37_752_832), "that is the number of maps"),
        (history.first_dense, (43_264, 37_752_832), "before the last pooling"),
        (history.first_dense, (9216, 37_748_736), "each of the 4096 outputs has a bias."),
        (history.first_dense, (9216, 1_052_672), "after global average pooling"),
        (history.first_dense, (25_088, 102_764_544), "that is VGG-16"),
        (history.first_dense, ({}, 5), "expected one number, got dict"),
        (history.gap_head, ("a network", 1), "of type str: build a keras.Sequential"),
        (history.tiny_lenet, (5,), "of type int: build a keras.Sequential"),
    ],
)
def test_wrong_answers_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in texts(results)


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (history.c3_table, (101, 1216)),
        (history.stack_against_one, (compare,)),
        (history.first_dense, (9216, 37_752_832)),
    ],
)
def test_right_answers(check, answers):
    assert right(check.evaluate(*answers))


def test_vgg_with_global_average_pooling(body):
    pooled, dense = keras.layers.GlobalAveragePooling2D, keras.layers.Dense
    assert right(history.gap_head.evaluate(headed(body, pooled(), dense(1000)), 15_227_688))
    for head, number, explanation in (
        ([keras.layers.Flatten(), dense(1000)], 15_227_688, "Average each map first"),
        ([pooled(), dense(4096), dense(4096), dense(1000)], 15_227_688, "two dense layers of 4096 are still there"),
        ([pooled(), dense(1000, use_bias=False)], 15_227_688, "the dense layer has no biases"),
        ([pooled(), dense(10)], 15_227_688, "end with a dense layer of 1000 logits"),
        ([pooled(), dense(1000)], 123_129_856, "that is what is saved"),
        ([pooled(), dense(1000)], 513_000, "that is the head alone"),
    ):
        results = history.gap_head.evaluate(headed(body, *head), number)
        assert not right(results)
        assert explanation in texts(results)
    assert "is not built" in texts(history.gap_head.evaluate(keras.Sequential([dense(1000)]), 3))
    assert history.gap_head.evaluate(headed(body, pooled(), dense(1000)), ...) is None


def test_tiny_lenet():
    flatten, dense = keras.layers.Flatten, keras.layers.Dense
    assert right(history.tiny_lenet.evaluate(tiny(conv(4), pool(), conv(8), pool(), flatten(), dense(24), dense(10))))
    for model, explanation in (
        (tiny(conv(6), pool(), conv(16), pool(), flatten(), dense(84), dense(10)), "look which layer has most"),
        (tiny(conv(4), conv(8), pool(), flatten(), dense(10)), "LeNet-5's order is convolution, pooling"),
        (tiny(conv(4, 3), pool(), conv(8, 3), pool(), flatten(), dense(10), dense(10)), "LeNet-5's are 5 × 5"),
        (tiny(conv(4), pool(), conv(8), pool(), flatten(), dense(24), dense(2)), "ten logits"),
        (tiny(flatten(), dense(10), shape=(8, 8, 1)), "begin with keras.Input((28, 28, 1))"),
        (keras.Sequential([dense(10)]), "is not built"),
    ):
        results = history.tiny_lenet.evaluate(model)
        assert not right(results)
        assert explanation in texts(results)


FULL, SEPARABLE = 14 * 14 * 9 * 64 * 128, 14 * 14 * (9 * 64 + 64 * 128)


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (history.separable_cost, (..., ..., ...)),
        (history.separable_cost, (FULL, SEPARABLE, ...)),
        (history.pareto, (...,)),
        (history.pareto, ([...],)),
        (history.weight_memory, (..., ...)),
        (history.seed_difference, (..., ..., ...)),
        (history.seed_difference, (0.2, None, False)),
    ],
)
def test_untouched_comparison(check, answers, capsys):
    assert check.evaluate(*answers) is None
    check(*answers)
    assert "Not attempted yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (history.separable_cost, (9 * 64 * 128, SEPARABLE, SEPARABLE / FULL), "Each is used once at every place"),
        (history.separable_cost, (FULL, 14 * 14 * 9 * 64, SEPARABLE / FULL), "that is the depthwise half"),
        (history.separable_cost, (FULL, SEPARABLE, FULL / SEPARABLE), "turn it upside down"),
        (history.separable_cost, (FULL, SEPARABLE, 1 / 64 + 1 / 9), "channels that come out"),
        (history.separable_cost, (FULL, [1, 2], "a ninth"), "expected one number, got list"),
        (history.pareto, (["A", "B", "C", "D"],), "A costs less and is more accurate"),
        (history.pareto, (["A", "C"],), "it is the most accurate of all"),
        (history.pareto, (["C", "D", "E"],), "no other costs as little"),
        (history.pareto, (["F"],), "there is no network 'F'"),
        (history.pareto, (3,), "expected a list of letters such as ['A', 'B'], got int"),
        (history.pareto, ([["A"]],), "expected a list of letters"),
        (history.weight_memory, (138.36, 2213.7), "that is one byte a parameter"),
        (history.weight_memory, (527.8, 2213.7), "1024² bytes"),
        (history.weight_memory, (553.43, 1106.86), "Adam keeps two averages"),
        (history.weight_memory, (553.43, 1660.3), "one array is missing"),
        (history.weight_memory, ("a lot", 2213.7), "expected one number, got str"),
        (history.seed_difference, (-0.2, 0.1342, False), "that is A − B"),
        (history.seed_difference, (0.3, 0.1342, False), "those are the best seeds"),
        (history.seed_difference, (0.2, 0.12, False), "ddof=1"),
        (history.seed_difference, (0.2, 0.3, False), "A mean of five varies less"),
        (history.seed_difference, (0.2, 0.1342, True), "Is the difference larger?"),
        (history.seed_difference, (0.2, 0.1342, "maybe"), "answer True or False"),
    ],
)
def test_wrong_comparisons_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in texts(results)


def test_right_comparisons_pass():
    assert right(history.separable_cost.evaluate(FULL, SEPARABLE, SEPARABLE / FULL))
    assert right(history.separable_cost.evaluate(FULL, SEPARABLE, 0.119))
    for names in (["A", "C", "D"], ("D", "C", "A"), {"A", "C", "D"}, "A, C, D", "A C D"):
        assert right(history.pareto.evaluate(names))
    assert right(history.weight_memory.evaluate(553.4, 2213.7))
    a, b = np.array(history.SEEDS_A), np.array(history.SEEDS_B)
    error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 5)
    assert right(history.seed_difference.evaluate(b.mean() - a.mean(), error, np.False_))


def test_separable_cost_is_that_of_keras_layers():
    layers = [conv(128, 3), keras.layers.DepthwiseConv2D(3), conv(128, 1)]
    assert [cost_of(layer) for layer in layers] == [FULL, 14 * 14 * 9 * 64, 14 * 14 * 64 * 128]


def cost_of(layer):
    inputs = keras.Input((14 + layer.kernel_size[0] - 1, 14 + layer.kernel_size[0] - 1, 64))
    return anatomy.totals(keras.Model(inputs, layer(inputs))).multiply_adds
