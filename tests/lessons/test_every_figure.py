"""The contract that every figure of every lesson keeps: what cannot be drawn is refused in a sentence, and nothing is drawn."""

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from nonsense import NEVER, VALUES, refusal

import course_utils.lessons

ROOMS = sorted(
    folder.name for folder in Path(course_utils.lessons.__path__[0]).iterdir() if (folder / "figures.py").is_file()
)
FIGURES = [
    pytest.param(room, figure, id=f"{room}-{name}")
    for room in ROOMS
    for name, figure in vars(importlib.import_module(f"course_utils.lessons.{room}.figures")).items()
    if inspect.isfunction(figure) and figure.__module__.endswith(f".{room}.figures") and not name.startswith("_")
]
NAMES = set(VALUES)
OPTIONAL = {None: {"none"}, (): {"empty list", "empty array"}}
"""What an argument takes besides, by its default."""


def right_calls(room: str) -> dict[str, dict]:
    """Return a right call of each figure of a room."""
    name = f"lessons.test_{room}_figures"
    there = (Path(__file__).parent / f"test_{room}_figures.py").is_file()
    calls = getattr(importlib.import_module(name), "CALLS", None) if there else None
    needed = (
        f"tests/{name.replace('.', '/')}.py needs CALLS: the name of each figure, with a right value for each argument"
    )
    assert calls is not None, f"{needed}, as in test_start_here_figures.py"
    return calls


def test_a_room_without_right_calls_is_told_where_they_stand():
    with pytest.raises(AssertionError, match=r"tests/lessons/test_no_room_figures\.py needs CALLS"):
        right_calls("no_room")


def never(right) -> set[str]:
    """Names of the values that cannot stand where ``right`` stands."""
    for kind, types in {"flag": bool, "count": int, "number": float}.items():
        if isinstance(right, types):
            return NEVER[kind]
    if callable(right):
        return NEVER["callable"]
    if isinstance(right, str | None):  # a text may be made of almost anything; None is what may be left out
        return {"hostile"} if right else set()
    if isinstance(right, list):
        return NAMES - {"texts" if isinstance(right[0], str) else "list" if np.ndim(right[0]) == 0 else "ragged"}
    return NAMES - ({"list"} if isinstance(right, np.ndarray) else set())


def places(right):
    """What stands in a value and, entry by entry, in it, each with a function that puts another thing into its place."""
    yield right, lambda other: other
    if isinstance(right, list) and isinstance(right[0], int | float):
        return
    if isinstance(right, Mapping | list | tuple):
        entries = right if isinstance(right, Mapping) else dict(enumerate(right))
        kind = dict if isinstance(right, Mapping) else lambda entries: type(right)(entries.values())
        for key, entry in entries.items():
            for inner, put in places(entry):
                yield inner, lambda other, key=key, put=put: kind({**entries, key: put(other)})


@pytest.mark.parametrize(("room", "figure"), FIGURES)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_nonsense_is_refused_in_a_sentence(room, figure, monkeypatch):
    calls = right_calls(room)
    parameters = inspect.signature(figure).parameters
    call = {"ax": None} if "ax" in parameters else {}
    call |= calls.get(figure.__name__, {})
    missing = sorted(set(parameters) - set(call)) or sorted(set(call) - set(parameters))
    where = f"CALLS[{figure.__name__!r}] in tests/lessons/test_{room}_figures.py"
    assert not missing, f"{where} needs a right value for every argument of the figure, and no other; look at {missing}"
    assert refusal(figure, call) is None
    taken, drawn = [], []
    for argument, right in call.items():
        optional = OPTIONAL.get(parameters[argument].default, set())
        for inner, put in places(right):
            wrong = NAMES if argument == "ax" else never(inner)
            for name, value in VALUES.items():
                if name == "function" and callable(inner):
                    continue  # what it raises is shown as it is
                plt.close("all")
                with monkeypatch.context() as patch:
                    if isinstance(
                        inner, str
                    ):  # another title: a figure that draws itself for its layout need not do so
                        patch.setattr(FigureCanvasAgg, "draw", lambda canvas: None)
                    message = refusal(figure, call | {argument: put(value)})
                if message is None and name in wrong - (optional if inner is right else set()):
                    taken.append(f"{argument}={name} for {inner!r:.40}")
                if message is not None and plt.get_fignums():
                    drawn.append(f"{argument}={name} for {inner!r:.40}")
        for name in (3, "a long name " * 12) if isinstance(right, Mapping) else ():
            refusal(figure, call | {argument: dict.fromkeys([name], next(iter(right.values())))})
    plt.close("all")
    mend = "check arguments before anything is drawn, by course_utils._arguments, as other rooms do"
    assert not taken, f"{figure.__name__} takes {', '.join(taken)}; {mend}"
    assert not drawn, f"{figure.__name__} leaves a figure behind after {', '.join(drawn)}; {mend}"
