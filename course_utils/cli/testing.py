"""Run every test of the course, step by step, and sum them up."""

import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course_utils.cli import book, cache, execution
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


@dataclass(frozen=True)
class Step:
    """One step of the tests.

    A step is not run after a failure of one that it needs.
    """

    name: str
    part: str
    action: Callable[[Project, Console], Result]
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


def gpu(project: Project, console: Console) -> Result:
    """Fail unless TensorFlow sees a GPU."""
    failed = subprocess.run([sys.executable, "-c", _SEES_GPU], env=kernel_environment(project)).returncode != 0
    return Result(passed=int(not failed), failed=int(failed))


def lint(project: Project, console: Console) -> Result:
    """Check code and notebooks with ruff."""
    codes = [_run(project, "ruff", *command) for command in (("check", "."), ("format", "--check", "."))]
    failed = sum(code != 0 for code in codes)
    return Result(passed=len(codes) - failed, failed=failed)


def unit(project: Project, console: Console) -> Result:
    """Run the unit tests in two processes and measure how much of ``course_utils`` they reach.

    Building and saving networks is work for one core at a time; two tests at once keep both cores of a small runner busy.
    """
    coverage = ("--cov", "--cov-report=term:skip-covered", f"--cov-fail-under={MINIMUM_COVERAGE}")
    return _pytest(project, "unit", "tests", "--ignore=tests/book", "-n2", "--dist=worksteal", *coverage)


def notebooks(project: Project, console: Console) -> Result:
    """Execute every notebook with nbval, which compares checked outputs; those that pass go into the book's cache."""
    paths = [project.relative(path) for path in project.notebooks()]
    if not paths:
        console.print("There is no notebook yet.")
        return Result()
    cache.refresh(project)
    nbval = ("--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={execution.CELL_TIMEOUT}")
    plugin = ("-p", "course_utils.cli.nbval_cache", f"--book-cache={project.cache}")
    color = "auto" if console.is_terminal else "no"  # nbval colours even what goes into a file
    return _pytest(project, "notebooks", f"--color={color}", *nbval, *plugin, *paths)


def build(project: Project, console: Console) -> Result:
    """Build the whole book, without a warning."""
    book.build(project, everything=True, console=console)
    return Result(passed=1)


def browser(project: Project, console: Console) -> Result:
    """Check the built book, in a browser too."""
    if not (project.root / "tests" / "book").is_dir():
        console.print("There is no browser check yet.")
        return Result()
    return _pytest(project, "book", "tests/book")


GPU_STEP = Step("gpu", "gpu", gpu)
STEPS = (
    Step("lint", "unit", lint),
    Step("unit tests", "unit", unit),
    Step("notebooks", "notebooks", notebooks),
    Step("strict book build", "book", build, needs=("notebooks",)),
    Step("book and browser checks", "book", browser, needs=("notebooks", "strict book build")),
)


def run(project: Project, *, only: str | None = None, gpu: bool = False, steps: tuple[Step, ...] = STEPS) -> int:
    """Run the steps, or those of one part, and print a summary whose last line is the total.

    Parameters
    ----------
    project : Project
        The checkout.
    only : str, optional
        The part to run; everything unless given.
    gpu : bool
        Whether TensorFlow must see a GPU.
    steps : tuple of Step
        What there is to run.

    Returns
    -------
    int
        0 if everything passed, else 1.
    """
    console = Console(highlight=False)
    chosen = [GPU_STEP] * gpu + [step for step in steps if only in (None, step.part)]
    results: dict[str, Result] = {}
    table = Table("step", "result", "passed", "failed", "skipped", "seconds")
    for number, step in enumerate(chosen, start=1):
        console.rule(f"{number}/{len(chosen)} {step.name}")
        begin = time.monotonic()
        broken = [name for name in step.needs if name in results and results[name].failed]
        results[step.name] = result = Result() if broken else _carry_out(step, project, console)
        state = f"not run: {broken[0]} failed" if broken else "failed" if result.failed else "ok"
        seconds = time.monotonic() - begin
        table.add_row(step.name, state, *map(str, (result.passed, result.failed, result.skipped)), f"{seconds:.0f}")
        console.print(f"{step.name}: {state}, {seconds:.0f} s")
    console.rule("summary")
    console.print(table)
    total = Result(
        *(sum(getattr(result, name) for result in results.values()) for name in ("passed", "failed", "skipped"))
    )
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return int(total.failed > 0)


def _carry_out(step: Step, project: Project, console: Console) -> Result:
    try:
        return step.action(project, console)
    except CourseError as error:
        console.print(str(error), markup=False, soft_wrap=True, style="red")
        return Result(failed=1)
