"""Run every test of the course, step by step, and sum them up."""

import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from course_utils.cli import book, changes
from course_utils.cli.changes import Selection
from course_utils.cli.project import CourseError, Project, kernel_environment

MINIMUM_COVERAGE = 90
_SEES_GPU = (
    "import tensorflow as tf; gpus = tf.config.list_physical_devices('GPU'); "
    "print(f'TensorFlow {tf.__version__} sees {len(gpus)} GPUs', *gpus, sep='; '); raise SystemExit(not gpus)"
)


class Result(NamedTuple):
    """Numbers of tests that a step gave."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


class Step(NamedTuple):
    """One step of the tests. It is not run after a failure of one that it needs."""

    name: str
    part: str
    action: Callable[[Project, Selection], Result]
    needs: tuple[str, ...] = ()


def read_report(path: Path, exit_code: int) -> Result:
    """Return the numbers in a report of pytest; a failure that no test accounts for counts as one more."""
    if not path.is_file():
        return Result(failed=1)
    suites = list(ElementTree.parse(path).iter("testsuite"))
    names = ("tests", "failures", "errors", "skipped")
    tests, failures, errors, skipped = (sum(int(suite.get(name, 0)) for suite in suites) for name in names)
    failed = failures + errors
    return Result(max(tests - failed - skipped, 0), failed or int(exit_code != 0), skipped)


def _run(project: Project, *arguments: str) -> int:
    """Run Python in the checkout, and return its exit code."""
    return subprocess.run([sys.executable, *arguments], cwd=project.root, env=kernel_environment(project)).returncode


def _pytest(project: Project, name: str, *arguments: str) -> Result:
    report = project.output / "reports" / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    return read_report(report, _run(project, "-m", "pytest", f"--junitxml={report}", *arguments))


def gpu(project: Project, chosen: Selection) -> Result:
    """Fail unless TensorFlow sees a GPU."""
    return Result(failed=1) if _run(project, "-c", _SEES_GPU) else Result(passed=1)


def lint(project: Project, chosen: Selection) -> Result:
    """Check code and notebooks with ruff."""
    failed = sum(_run(project, "-m", "ruff", *how, ".") != 0 for how in (("check",), ("format", "--check")))
    return Result(passed=2 - failed, failed=failed)


def unit(project: Project, chosen: Selection) -> Result:
    """Run the unit tests in two processes.

    Building and saving networks is work for one core at a time; two files at once keep both cores of a small runner busy,
    and what a file prepares for its tests is made once.
    """
    if not chosen.tests:
        return Result()
    measure = ("--cov", "--cov-report=term:skip-covered", f"--cov-fail-under={MINIMUM_COVERAGE}")
    options = ("--ignore=tests/book", "-n2", "--dist=loadfile", *measure * chosen.coverage)
    return _pytest(project, "unit", *chosen.tests, *options)


def notebooks(project: Project, chosen: Selection) -> Result:
    """Execute notebooks with nbval, which compares checked outputs; each whose outputs are stale is a failure."""
    from course_utils.cli import execution
    from course_utils.cli import notebooks as stored

    paths = project.notebooks() if chosen.notebooks is None else list(chosen.notebooks)
    if not paths:
        return Result()
    stale = stored.list_stale(project, list(map(str, paths)))
    color = "auto" if sys.stdout.isatty() else "no"  # nbval colours even what goes into a file
    _, _, *arguments = execution.command(project, paths, f"--color={color}")
    result = _pytest(project, "notebooks", *arguments)
    return result._replace(failed=result.failed + stale)


def build(project: Project, chosen: Selection) -> Result:
    """Build the whole book, without a warning."""
    if not chosen.pages:
        return Result()
    book.build(project, everything=True)
    return Result(passed=1)


def browser(project: Project, chosen: Selection) -> Result:
    """Check the built book, in a browser too: two pages at once, each a test of its own."""
    if not chosen.pages or not (project.root / "tests" / "book").is_dir():
        return Result()
    return _pytest(project, "book", "tests/book", "-n2", "--dist=worksteal")


GPU_STEP = Step("gpu", "gpu", gpu)
STEPS = (
    Step("lint", "unit", lint),
    Step("unit tests", "unit", unit),
    Step("notebooks", "notebooks", notebooks),
    Step("strict book build", "book", build, needs=("notebooks",)),
    Step("book and browser checks", "book", browser, needs=("notebooks", "strict book build")),
)


def run(
    project: Project,
    *,
    only: str | None = None,
    gpu: bool = False,
    changed: bool = False,
    coverage: bool = False,
    steps: tuple[Step, ...] = STEPS,
) -> int:
    """Run the steps, and print a summary whose last line is the total.

    Parameters
    ----------
    project : Project
        The checkout.
    only : str, optional
        The part to run; everything unless given.
    gpu : bool
        Whether TensorFlow must see a GPU.
    changed : bool
        Run only what the files that differ from ``main`` can break.
    coverage : bool
        Measure how much of the package the unit tests reach, which takes them twice the time.
    steps : tuple of Step
        What there is to run.

    Returns
    -------
    int
        0 if everything passed, else 1.
    """
    console = Console(highlight=False)
    chosen = Selection()
    if changed:
        files = changes.changed_files(project)
        chosen = changes.select(project, files)
        console.print(changes.told(files, chosen), markup=False, soft_wrap=True)
    chosen = replace(chosen, coverage=coverage)
    todo = [GPU_STEP] * gpu + [step for step in steps if only in (None, step.part)]
    results: dict[str, Result] = {}
    table = Table("step", "result", "passed", "failed", "skipped", "seconds")
    for number, step in enumerate(todo, start=1):
        console.rule(f"{number}/{len(todo)} {step.name}")
        begin = time.monotonic()
        broken = [name for name in step.needs if name in results and results[name].failed]
        results[step.name] = result = Result() if broken else _carry_out(step, project, chosen, console)
        done = "failed" if result.failed else "ok" if any(result) else "nothing to test"
        state = f"not run: {broken[0]} failed" if broken else done
        seconds = f"{time.monotonic() - begin:.0f}"
        table.add_row(step.name, state, *map(str, result), seconds)
        console.print(f"{step.name}: {state}, {seconds} s")
    console.rule("summary")
    console.print(table)
    total = Result(*map(sum, zip(Result(), *results.values(), strict=True)))
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return int(total.failed > 0)


def _carry_out(step: Step, project: Project, chosen: Selection, console: Console) -> Result:
    try:
        return step.action(project, chosen)
    except CourseError as error:
        console.print(str(error), markup=False, soft_wrap=True, style="red")
        return Result(failed=1)
