"""Checks of the X/O walkthrough: untouched, wrong in instructive ways, right, and nonsense."""

import json
from pathlib import Path

import numpy as np
import pytest

from course_utils import datasets
from course_utils.lessons.xo_walkthrough import checks

NOTEBOOK = Path(__file__).parents[2] / "book" / "6-xo" / "xo-walkthrough.ipynb"

X, O = datasets.letter("X"), datasets.letter("O")  # noqa: E741
X_OWN = np.array([1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0])
O_OWN = np.array([0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1])
WEIGHTS = np.stack([X_OWN / 5, O_OWN / 4], axis=1) / 9
POOLED = [[7, 5, -1], [5, 9, -1], [3, 1, -7]]

RIGHT = [
    ("match_by_hand", (7, 2, 5 / 9)),
    ("match_by_hand", (7, 2, 0.56)),
    ("design_feature", ([[-1, -1, -1], [1, 1, 1], [-1, -1, -1]],)),
    ("design_feature", (O[3:6, 0:3],)),
    ("pool_by_hand", (POOLED,)),
    ("pool_by_hand", (np.array(POOLED, float),)),
    ("vote_weights", (WEIGHTS,)),
    ("vote_weights", (WEIGHTS.tolist(),)),
    ("third_letter", (13 / 45, 1 / 3, "O")),
    ("third_letter", (0.289, 0.333, "o")),
]
WRONG = [
    ("match_by_hand", (1, 2, 5 / 9), "Dark in both is a hit"),
    ("match_by_hand", (6, 3, 1 / 3), "one more pixel is light in both"),
    ("match_by_hand", (2, 7, -5 / 9), "swapped"),
    ("match_by_hand", (4, 4, 0), "add up to 9"),
    ("match_by_hand", (7, 2, 5), "Divide by 9"),
    ("match_by_hand", (7, 2, 7 / 9), "share of hits"),
    ("match_by_hand", (7, 2, 0.55), "cut off instead of rounded"),
    ("design_feature", (O[3:6, 3:6],), "A feature that finds nothing finds it everywhere"),
    ("design_feature", (np.where(np.eye(3) > 0, 1, -1),), "not diagonal"),
    ("design_feature", (O[1:4, 3:6],), "too close"),
    ("design_feature", (np.eye(3),), "Zeros and ones are not enough"),
    ("design_feature", (np.ones((3, 3), int),), "Cut the feature out of the picture of the O"),
    ("design_feature", (O,), "expected (3, 3)"),
    ("pool_by_hand", ([[7, 5, 0], [5, 9, 0], [3, 1, 0]],), "filled up with zeros"),
    ("pool_by_hand", ([[7, 5], [5, 9]],), "padding='valid'"),
    ("pool_by_hand", ([[7, 5, -3], [5, 9, -5], [3, -3, -7]],), "magnitudes"),
    ("pool_by_hand", ([[7, 7, 5, 5], [7, 9, 9, 1], [5, 9, 9, -1], [5, 3, 1, -1]],), "moved by one"),
    ("pool_by_hand", ([[1, 1.5, -2], [1, -0.5, -3], [1, -1, -7]],), "means"),
    ("pool_by_hand", ([[7, 5, -1], [5, 9, -1], [3, 2, -7]],), "pooled[2, 1] is 2; expected 1"),
    ("vote_weights", (WEIGHTS * 9,), "nine times too large"),
    ("vote_weights", (np.stack([X_OWN, O_OWN], axis=1) / 9,), "A mean also divides"),
    ("vote_weights", (np.stack([X_OWN, O_OWN], axis=1),), "Divide by their number"),
    ("vote_weights", (WEIGHTS[:, ::-1],), "columns are swapped"),
    ("vote_weights", (np.full((12, 2), 1 / 108),), "all twelve entries"),
    ("vote_weights", (WEIGHTS.T,), "Transpose"),
    ("vote_weights", (np.zeros((12, 2)),), "mean of the letter's own entries"),
    ("third_letter", (13 / 5, 3, "O"), "Divide by 9"),
    ("third_letter", (7 / 27, 1 / 3, "O"), "mean of all twelve entries"),
    ("third_letter", (0.5, 1 / 3, "O"), "column 4"),
    ("third_letter", (13 / 45, 1 / 3, "X"), "the smaller one"),
    ("third_letter", (13 / 45, 1 / 3, "I"), "no weights for"),
    ("third_letter", (13 / 45, 1 / 3, "neither"), "has no “neither”"),
]
COUNTS = {"match_by_hand": 3, "design_feature": 1, "pool_by_hand": 1, "vote_weights": 1, "third_letter": 3}
NONSENSE = ["a word", np.zeros((2, 5)), [[1], [1, 2]], {"a": 1}, len, np.nan, [], object()]


@pytest.mark.parametrize("name", COUNTS)
def test_untouched(name, capsys):
    check, answers = getattr(checks, name), (...,) * COUNTS[name]
    assert check.evaluate(*answers) is None
    check(*answers)
    assert "Not attempted yet" in capsys.readouterr().out
    assert check.evaluate(*[None] * COUNTS[name]) is None


@pytest.mark.parametrize(("name", "answers"), RIGHT)
def test_right(name, answers, capsys):
    check = getattr(checks, name)
    assert all(result.right for result in check.evaluate(*answers))
    check(*answers)
    assert "✗" not in capsys.readouterr().out


@pytest.mark.parametrize(("name", "answers", "idea"), WRONG)
def test_wrong_is_explained(name, answers, idea, capsys):
    getattr(checks, name)(*answers)
    said = capsys.readouterr().out
    wrong = [line for line in said.splitlines() if line.startswith("✗")]
    assert wrong
    assert any(idea in line for line in wrong), said
    assert "Not there yet" in said


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", COUNTS)
def test_nonsense_is_wrong_and_never_raises(name, nonsense):
    results = getattr(checks, name).evaluate(*[nonsense] * COUNTS[name])
    assert results
    assert not all(result.right for result in results)


@pytest.mark.parametrize("name", COUNTS)
def test_hints(name, capsys):
    check = getattr(checks, name)
    check.hint()
    assert "Hint" in capsys.readouterr().out


@pytest.mark.parametrize("name", COUNTS)
def test_notebook_has_stub_and_solution(name):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    calling = [cell for cell in cells if cell["cell_type"] == "code" and f"checks.{name}(" in "".join(cell["source"])]
    stub, solution = calling
    assert {"exercise", "nbval-check-output"} <= set(stub["metadata"]["tags"])
    assert "..." in "".join(stub["source"])
    assert {"solution", "hide-cell", "nbval-check-output"} <= set(solution["metadata"]["tags"])
    assert "".join(solution["source"]).startswith("# @title Solution\n")
