"""Exercises of part 7: untouched, wrong in instructive ways, right."""

import keras
import numpy as np
import pytest

from course_utils import anatomy, models
from course_utils.lessons.comparing_architectures import checks as comparing
from course_utils.lessons.lenet_to_vgg import checks as lenet


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
        (lenet.c3_table, (..., ...)),
        (lenet.c3_table, (101, ...)),
        (lenet.stack_against_one, (lambda n: ...,)),
        (lenet.stack_against_one, (lambda n: None,)),
        (lenet.first_dense, (..., ...)),
        (lenet.gap_head, (..., ...)),
        (lenet.tiny_lenet, (...,)),
    ],
)
def test_untouched(check, answers, capsys):
    assert check.evaluate(*answers) is None
    check(*answers)
    assert capsys.readouterr().out.startswith("Not attempted yet.")


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (lenet.c3_table, (100, 1216), "the map has a bias too"),
        (lenet.c3_table, (104, 1216), "one bias a map of C3, not one a connection"),
        (lenet.c3_table, (101, 1200), "the sixteen maps have biases too"),
        (lenet.c3_table, (101, 1516), "that is the paper's table"),
        (lenet.c3_table, (101, 2416), "each map sees all six"),
        (lenet.c3_table, (7, 8), "count 25 weights for each map it sees"),
        (lenet.c3_table, ("many", [1, 2]), "expected one number, got str"),
        (lenet.stack_against_one, (lambda n: (3 * n, n),), "3n would be the reach of windows that do not overlap"),
        (lenet.stack_against_one, (lambda n: (2 * n + 1, 9 * n / (2 * n + 1) ** 2),), "upside down"),
        (lenet.stack_against_one, (lambda n: (2 * n + 1, (2 * n + 1) ** 2 / 9),), "only one of them was counted"),
        (lenet.stack_against_one, (lambda n: (2 * n + 1, (2 * n + 1) / (9 * n)),), "square the reach"),
        (lenet.stack_against_one, (lambda n: compare(n)[::-1],), "have changed places"),
        (lenet.stack_against_one, (lambda n: (7, 49 / 27),), "reach 3, ratio 1"),
        (lenet.stack_against_one, (lambda n: (2 * n + 1, 1.0),), "25 weights against 18"),
        (lenet.stack_against_one, (lambda n: 3,), "expected (2,)"),
        (lenet.stack_against_one, (raises,), "stopped with KeyError"),
        (lenet.stack_against_one, (lambda n: "seven",), "expected an array of numbers, got str"),
        (lenet.stack_against_one, ((7, 49 / 27),), "expected a function"),
        (lenet.first_dense, (256, 37_752_832), "that is the number of maps"),
        (lenet.first_dense, (43_264, 37_752_832), "before the last pooling"),
        (lenet.first_dense, (9216, 37_748_736), "each of the 4096 outputs has a bias."),
        (lenet.first_dense, (9216, 1_052_672), "after global average pooling"),
        (lenet.first_dense, (25_088, 102_764_544), "that is VGG-16"),
        (lenet.first_dense, ({}, 5), "expected one number, got dict"),
        (lenet.gap_head, ("a network", 1), "of type str: build a keras.Sequential"),
        (lenet.tiny_lenet, (5,), "of type int: build a keras.Sequential"),
    ],
)
def test_wrong_answers_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in texts(results)


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (lenet.c3_table, (101, 1216)),
        (lenet.stack_against_one, (compare,)),
        (lenet.first_dense, (9216, 37_752_832)),
    ],
)
def test_right_answers(check, answers):
    assert right(check.evaluate(*answers))


def test_vgg_with_global_average_pooling(body):
    pooled, dense = keras.layers.GlobalAveragePooling2D, keras.layers.Dense
    assert right(lenet.gap_head.evaluate(headed(body, pooled(), dense(1000)), 15_227_688))
    for head, number, explanation in (
        ([keras.layers.Flatten(), dense(1000)], 15_227_688, "Average each map first"),
        ([pooled(), dense(4096), dense(4096), dense(1000)], 15_227_688, "two dense layers of 4096 are still there"),
        ([pooled(), dense(1000, use_bias=False)], 15_227_688, "the dense layer has no biases"),
        ([pooled(), dense(10)], 15_227_688, "end with a dense layer of 1000 logits"),
        ([pooled(), dense(1000)], 123_129_856, "that is what is saved"),
        ([pooled(), dense(1000)], 513_000, "that is the head alone"),
    ):
        results = lenet.gap_head.evaluate(headed(body, *head), number)
        assert not right(results)
        assert explanation in texts(results)
    assert "is not built" in texts(lenet.gap_head.evaluate(keras.Sequential([dense(1000)]), 3))
    assert lenet.gap_head.evaluate(headed(body, pooled(), dense(1000)), ...) is None


def test_tiny_lenet():
    flatten, dense = keras.layers.Flatten, keras.layers.Dense
    assert right(lenet.tiny_lenet.evaluate(tiny(conv(4), pool(), conv(8), pool(), flatten(), dense(24), dense(10))))
    for model, explanation in (
        (tiny(conv(6), pool(), conv(16), pool(), flatten(), dense(84), dense(10)), "look which layer has most"),
        (tiny(conv(4), conv(8), pool(), flatten(), dense(10)), "LeNet-5's order is convolution, pooling"),
        (tiny(conv(4, 3), pool(), conv(8, 3), pool(), flatten(), dense(10), dense(10)), "LeNet-5's are 5 × 5"),
        (tiny(conv(4), pool(), conv(8), pool(), flatten(), dense(24), dense(2)), "ten logits"),
        (tiny(flatten(), dense(10), shape=(8, 8, 1)), "begin with keras.Input((28, 28, 1))"),
        (keras.Sequential([dense(10)]), "is not built"),
    ):
        results = lenet.tiny_lenet.evaluate(model)
        assert not right(results)
        assert explanation in texts(results)


FULL, SEPARABLE = 14 * 14 * 9 * 64 * 128, 14 * 14 * (9 * 64 + 64 * 128)


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (comparing.separable_cost, (..., ..., ...)),
        (comparing.separable_cost, (FULL, SEPARABLE, ...)),
        (comparing.pareto, (...,)),
        (comparing.pareto, ([...],)),
        (comparing.weight_memory, (..., ...)),
        (comparing.seed_difference, (..., ..., ...)),
        (comparing.seed_difference, (0.2, None, False)),
    ],
)
def test_untouched_comparison(check, answers, capsys):
    assert check.evaluate(*answers) is None
    check(*answers)
    assert "Not attempted yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (comparing.separable_cost, (9 * 64 * 128, SEPARABLE, SEPARABLE / FULL), "Each is used once at every place"),
        (comparing.separable_cost, (FULL, 14 * 14 * 9 * 64, SEPARABLE / FULL), "that is the depthwise half"),
        (comparing.separable_cost, (FULL, SEPARABLE, FULL / SEPARABLE), "turn it upside down"),
        (comparing.separable_cost, (FULL, SEPARABLE, 1 / 64 + 1 / 9), "channels that come out"),
        (comparing.separable_cost, (FULL, [1, 2], "a ninth"), "expected one number, got list"),
        (comparing.pareto, (["A", "B", "C", "D"],), "A costs less and is more accurate"),
        (comparing.pareto, (["A", "C"],), "it is the most accurate of all"),
        (comparing.pareto, (["C", "D", "E"],), "no other costs as little"),
        (comparing.pareto, (["F"],), "there is no network 'F'"),
        (comparing.pareto, (3,), "expected a list of letters such as ['A', 'B'], got int"),
        (comparing.pareto, ([["A"]],), "expected a list of letters"),
        (comparing.weight_memory, (138.36, 2213.7), "that is one byte a parameter"),
        (comparing.weight_memory, (527.8, 2213.7), "1024² bytes"),
        (comparing.weight_memory, (553.43, 1106.86), "Adam keeps two averages"),
        (comparing.weight_memory, (553.43, 1660.3), "one array is missing"),
        (comparing.weight_memory, ("a lot", 2213.7), "expected one number, got str"),
        (comparing.seed_difference, (-0.2, 0.1342, False), "that is A − B"),
        (comparing.seed_difference, (0.3, 0.1342, False), "those are the best seeds"),
        (comparing.seed_difference, (0.2, 0.12, False), "ddof=1"),
        (comparing.seed_difference, (0.2, 0.3, False), "A mean of five varies less"),
        (comparing.seed_difference, (0.2, 0.1342, True), "Is the difference larger?"),
        (comparing.seed_difference, (0.2, 0.1342, "maybe"), "answer True or False"),
    ],
)
def test_wrong_comparisons_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in texts(results)


def test_right_comparisons_pass():
    assert right(comparing.separable_cost.evaluate(FULL, SEPARABLE, SEPARABLE / FULL))
    assert right(comparing.separable_cost.evaluate(FULL, SEPARABLE, 0.119))
    for names in (["A", "C", "D"], ("D", "C", "A"), {"A", "C", "D"}, "A, C, D", "A C D"):
        assert right(comparing.pareto.evaluate(names))
    assert right(comparing.weight_memory.evaluate(553.4, 2213.7))
    a, b = np.array(comparing.SEEDS_A), np.array(comparing.SEEDS_B)
    error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 5)
    assert right(comparing.seed_difference.evaluate(b.mean() - a.mean(), error, np.False_))


def test_separable_cost_is_that_of_keras_layers():
    layers = [conv(128, 3), keras.layers.DepthwiseConv2D(3), conv(128, 1)]
    assert [cost_of(layer) for layer in layers] == [FULL, 14 * 14 * 9 * 64, 14 * 14 * 64 * 128]


def cost_of(layer):
    inputs = keras.Input((14 + layer.kernel_size[0] - 1, 14 + layer.kernel_size[0] - 1, 64))
    return anatomy.totals(keras.Model(inputs, layer(inputs))).multiply_adds
