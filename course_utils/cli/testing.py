"""Run every test of the course, step by step, and sum them up."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

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


@dataclass(frozen=True)
class Result:
    """What a step gave: numbers of tests, and whether all is well."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Result") -> "Result":
        return Result(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


@dataclass(frozen=True)
class Step:
    """One step of the tests.

    A step is not run after a failure of one that it needs.
    """

    name: str
    part: str
    action: Callable[[Project, Console, Selection], Result]
    needs: tuple[str, ...] = field(default=())


def read_report(path: Path, exit_code: int) -> Result:
    """Return the numbers in a report of pytest; a failure that no test accounts for counts as one more."""
    if not path.is_file():
        return Result(failed=1)
    numbers = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in ElementTree.parse(path).iter("testsuite"):
        for name in numbers:
            numbers[name] += int(suite.get(name, 0))
    failed = numbers["failures"] + numbers["errors"]
    passed = max(numbers["tests"] - failed - numbers["skipped"], 0)
    unexplained = exit_code != 0 and failed == 0
    return Result(passed=passed, failed=failed + unexplained, skipped=numbers["skipped"])


def _run(project: Project, *command: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=project.root, env=kernel_environment(project)
    ).returncode


def _pytest(project: Project, name: str, *arguments: str) -> Result:
    report = project.output / "reports" / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    code = _run(project, "pytest", f"--junitxml={report}", *arguments)
    return read_report(report, code)


def gpu(project: Project, console: Console, chosen: Selection) -> Result:
    """Fail unless TensorFlow sees a GPU."""
    failed = subprocess.run([sys.executable, "-c", _SEES_GPU], env=kernel_environment(project)).returncode != 0
    return Result(passed=int(not failed), failed=int(failed))


def lint(project: Project, console: Console, chosen: Selection) -> Result:
    """Check code and notebooks with ruff."""
    codes = [_run(project, "ruff", *command) for command in (("check", "."), ("format", "--check", "."))]
    failed = sum(code != 0 for code in codes)
    return Result(passed=len(codes) - failed, failed=failed)


def unit(project: Project, console: Console, chosen: Selection) -> Result:
    """Run the unit tests in two processes.

    Building and saving networks is work for one core at a time; two files at once keep both cores of a small runner busy,
    and what a file prepares for its tests is made once.
    """
    if not chosen.tests:
        return Result()
    return _pytest(project, "unit", *chosen.tests, "--ignore=tests/book", "-n2", "--dist=loadfile", *_coverage(chosen))


def _coverage(chosen: Selection) -> tuple[str, ...]:
    """Return the options that measure how much of ``course_utils`` the tests reach, if asked for."""
    return (
        ("--cov", "--cov-report=term:skip-covered", f"--cov-fail-under={MINIMUM_COVERAGE}") if chosen.coverage else ()
    )


def notebooks(project: Project, console: Console, chosen: Selection) -> Result:
    """Execute notebooks with nbval, which compares checked outputs; each whose outputs are stale is a failure."""
    from course_utils.cli import execution
    from course_utils.cli import notebooks as stored

    paths = project.notebooks() if chosen.notebooks is None else list(chosen.notebooks)
    if not paths:
        return Result()
    stale = stored.list_stale(project, list(map(str, paths)))
    color = "auto" if console.is_terminal else "no"  # nbval colours even what goes into a file
    _, _, *arguments = execution.command(project, paths, f"--color={color}")
    return _pytest(project, "notebooks", *arguments) + Result(failed=stale)


def build(project: Project, console: Console, chosen: Selection) -> Result:
    """Build the whole book, without a warning."""
    if not chosen.pages:
        return Result()
    book.build(project, everything=True, console=console)
    return Result(passed=1)


def browser(project: Project, console: Console, chosen: Selection) -> Result:
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
    """Run the steps, or those of one part, and print a summary whose last line is the total.

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
        Measure how much of the package the unit tests reach; where CI is set, that is always done.
    steps : tuple of Step
        What there is to run.

    Returns
    -------
    int
        0 if everything passed, else 1.
    """
    console = Console(highlight=False)
    chosen = changes.select(project, changes.changed_files(project)) if changed else Selection()
    in_ci = os.environ.get("CI", "").lower() in ("1", "true")
    chosen = replace(chosen, coverage=coverage or (in_ci and not changed))
    todo = [GPU_STEP] * gpu + [step for step in steps if only in (None, step.part)]
    results: dict[str, Result] = {}
    table = Table("step", "result", "passed", "failed", "skipped", "seconds")
    for number, step in enumerate(todo, start=1):
        console.rule(f"{number}/{len(todo)} {step.name}")
        begin = time.monotonic()
        broken = [name for name in step.needs if name in results and results[name].failed]
        results[step.name] = result = Result() if broken else _carry_out(step, project, console, chosen)
        state = f"not run: {broken[0]} failed" if broken else "failed" if result.failed else "ok"
        seconds = time.monotonic() - begin
        table.add_row(step.name, state, *map(str, (result.passed, result.failed, result.skipped)), f"{seconds:.0f}")
        console.print(f"{step.name}: {state}, {seconds:.0f} s")
    console.rule("summary")
    console.print(table)
    total = sum(results.values(), Result())
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return int(total.failed > 0)


def _carry_out(step: Step, project: Project, console: Console, chosen: Selection) -> Result:
    try:
        return step.action(project, console, chosen)
    except CourseError as error:
        console.print(str(error), markup=False, soft_wrap=True, style="red")
        return Result(failed=1)
