"""Exercises of the lesson on faster training: the right answers computed in another way; and what its results hold."""

import itertools

import numpy as np
from scipy import interpolate, optimize, stats

from course_utils import evaluation
from course_utils.lessons.training_faster import checks


def right(results):
    return all(result.right for result in results)


def test_memory_step_by_step():
    def first_ten(beta):
        average, total = 0.0, 0.0
        for step in range(100):
            average = beta * average + (1 - beta) * (step < 10)
            total = beta * total + (1 - beta)
        return average / total

    assert right(checks.memory.evaluate(first_ten(0.999), first_ten(0.99)))


def test_interaction_is_that_of_a_linear_model():
    errors = {(0, 0): 4.0, (1, 0): 3.0, (0, 1): 9.0, (1, 1): 2.0}
    columns = [[1, a, b, a * b] for a, b in errors]
    start, first, second, product = np.linalg.solve(columns, list(errors.values()))
    assert right(checks.together.evaluate(start + first + second, product))


def test_paired_is_scipys():
    def paired(with_idea, without):
        outcome = stats.ttest_rel(without, with_idea)
        mean = np.mean(without) - np.mean(with_idea)
        return mean, mean / outcome.statistic

    assert right(checks.paired.evaluate(paired))


def test_crossing_is_a_root_of_the_line():
    def crossing(epochs, accuracies, target):
        line = interpolate.interp1d(epochs, np.asarray(accuracies) - target)
        if line(epochs[0]) >= 0:
            return epochs[0]
        end = next(epoch for epoch in epochs if line(epoch) >= 0)
        start = epochs[list(epochs).index(end) - 1]
        return optimize.brentq(line, start, end, xtol=1e-12)

    assert right(checks.crossing.evaluate(crossing))


def test_thrift_is_that_of_the_networks():
    def outputs(size, stride, pooled):
        first = len(range(0, size - 5 + 1, stride))
        return first**2, (first // (2 if pooled else 1) - 2) ** 2

    fast, lean = outputs(28, 1, True), outputs(24, 2, False)
    assert right(checks.thrift.evaluate(fast[0] / lean[0], fast[1] / lean[1]))


def test_every_row_has_the_same_seeds_and_one_training_each():
    groups = evaluation.benchmark_results("training_faster")["groups"]
    for group in groups.values():
        seeds = {tuple(sorted(run["seed"] for run in row["runs"])) for row in group.values()}
        assert len(seeds) == 1
        assert all(which == tuple(range(len(which))) for which in seeds)


def test_rows_of_the_ablation_differ_from_a_recipe_in_what_they_say():
    groups = evaluation.benchmark_results("training_faster")["groups"]
    lean, fast, classic = (
        groups[group][name]["settings"] for group, name in (("out", "lean"), ("steps", "shifts"), ("steps", "classic"))
    )
    for group, base, other in (("out", lean, classic), ("in", classic, fast)):
        for name, row in groups[group].items():
            changed = [key for key, value in row["settings"].items() if value != base[key]]
            if name != "lean":
                assert changed
            assert all(row["settings"][key] == other[key] for key in changed)


def test_claims_can_be_told_apart():
    field = checks.allowed.fields[0]
    options = [option.value for option in field.options]
    chosen = set(field.right())
    for other in itertools.chain(({option} for option in options), [set(options)]):
        if set(other) != chosen:
            assert not right(checks.allowed.evaluate("".join(sorted(other))))
