"""Exercises of the lesson on MNIST-C: untouched, wrong in instructive ways, right."""

import numpy as np
import pytest

from course_utils.lessons.mnist_c import checks


def texts(results):
    return " ".join(map(str, results))


def right(results):
    return all(result.right for result in results)


def stripe(images):
    out = images.copy()
    for outer in (slice(0, 7), slice(21, 28)):
        out[:, :, outer] = 255 - images[:, :, outer]
    return out


def shift(images, down, right):
    framed = np.pad(images, ((0, 0), (5, 5), (5, 5)))
    return framed[:, 5 - down : 33 - down, 5 - right : 33 - right]


def naive_shift(images, down, right):
    out = np.zeros_like(images)
    out[:, down:, right:] = images[:, :-down, :-right]
    return out


def mce(errors, baseline):
    return np.mean([errors[name] / baseline[name] for name in errors])


def in_place(images, *_):
    images[:] = 0
    return images


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (checks.stripe, (...,)),
        (checks.stripe, (lambda images: ...,)),
        (checks.shift, (lambda images, down, right: ...,)),
        (checks.shift, (lambda images, down, right: None,)),
        (checks.grey_paper, (..., ..., ...)),
        (checks.grey_paper, (0, ..., -2)),
        (checks.mean_corruption_error, (lambda errors, baseline: ...,)),
        (checks.honest_plans, (...,)),
    ],
)
def test_untouched(check, answers, capsys):
    check(*answers)
    assert capsys.readouterr().out.startswith("Not attempted yet.")


@pytest.mark.parametrize(
    ("check", "answers", "explanation"),
    [
        (checks.stripe, (in_place,), "has changed the pictures it was given. Start with out = images.copy()"),
        (checks.stripe, (lambda images: images.copy(),), "Paper in the outer columns becomes 255"),
        (checks.stripe, (lambda images: 255 - images,), "Paper in the outer columns becomes 255"),
        (
            checks.stripe,
            (
                lambda images: np.concatenate(
                    [255 - images[..., :7], images[..., 7:20], 255 - images[..., 20:]], axis=-1
                ),
            ),
            "the columns 7 to 20 stay 0",
        ),
        (
            checks.stripe,
            (lambda images: np.where(stripe(images) == images, images, stripe(np.where(images > 0, 255, 0))),),
            "neither",
        ),
        (checks.stripe, (7,), "expected a function"),
        (checks.stripe, (lambda images: images.nothing,), "stopped with AttributeError"),
        (checks.stripe, (lambda images: images[0],), "has shape"),
        (checks.shift, (in_place,), "Write into a new array"),
        (checks.shift, (lambda x, down, right: np.roll(x, (down, right), (1, 2)),), "as it would with np.roll"),
        (checks.shift, (lambda x, down, right: shift(x, right, down),), "Rows count downwards"),
        (checks.shift, (lambda x, down, right: shift(x, down, -right),), "The second number moves columns"),
        (checks.shift, (lambda x, down, right: shift(x, abs(down), right),), "A negative number moves up"),
        (checks.shift, (naive_shift,), "[:-0] is empty"),
        (checks.shift, ("shift",), "expected a function"),
        (checks.grey_paper, (4, 0.5, -2), "counts with its sign"),
        (checks.grey_paper, (0, 1, -2), "that is on white paper"),
        (checks.grey_paper, (0, 4.5, -2), "each weight is 1/9"),
        (checks.grey_paper, (0, 0.5, 2), "mind the sign"),
        (checks.grey_paper, (0, 0.5, "dark"), "expected one number, got str"),
        (checks.grey_paper, (3, 0.5, -2), "they cancel"),
        (
            checks.mean_corruption_error,
            (lambda e, b: sum(e.values()) / sum(b.values()),),
            "The ratio of the means lets the hard corruption count",
        ),
        (checks.mean_corruption_error, (lambda e, b: 100 * mce(e, b),), "has the value 1"),
        (
            checks.mean_corruption_error,
            (lambda e, b: np.mean([x / y for x, y in zip(e.values(), b.values(), strict=True)]),),
            "Look the baseline up by name",
        ),
        (checks.mean_corruption_error, (lambda e, b: "high",), "expected an array of numbers"),
        (checks.honest_plans, ({"a", "d"},), "chosen by looking at the very rows"),
        (checks.honest_plans, ({"b"},), "plan d, not honest: everything was chosen on clean"),
        (checks.honest_plans, ("c, d",), "early stopping on fog is a choice made with fog"),
        (checks.honest_plans, ({"e"},), "give the letters"),
        (checks.honest_plans, (7,), "give the letters"),
        (checks.honest_plans, (set(),), "give the letters"),
    ],
)
def test_wrong_answers_are_explained(check, answers, explanation):
    results = check.evaluate(*answers)
    assert not right(results)
    assert explanation in texts(results)


def test_right_answers_pass():
    assert right(checks.stripe.evaluate(stripe))
    assert right(checks.shift.evaluate(shift))
    assert right(checks.grey_paper.evaluate(0, 0.5, -2))
    assert right(checks.mean_corruption_error.evaluate(mce))
    for answer in ({"b", "d"}, ["D", "b"], "bd", "b, d", ("b", "d")):
        assert right(checks.honest_plans.evaluate(answer)), answer
