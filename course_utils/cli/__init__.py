"""Command line of the course: serve, build and test the book, work on its lessons and grade them, normalise and run its notebooks, get and check its data."""

import argparse
import errno
import sys
from importlib import import_module
from pathlib import Path

from course_utils.cli.project import CourseError, UsageError, find_project

TEST_PARTS = ("unit", "notebooks", "book")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m course_utils``, which tells what to call, by its name below this package."""
    parser = argparse.ArgumentParser(prog="python -m course_utils", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(function, name, text, among=commands):
        command = among.add_parser(name, help=text)
        command.set_defaults(function=function)
        return command

    serve = add("server.serve", "serve", "build what changed, and show the book in a browser")
    lab = add("lab.lab", "lab", "work on your own copies of the lessons in JupyterLab")
    lab.add_argument("lesson", nargs="?", metavar="LESSON", help="the lesson to open, by a part of its name")
    what = (
        "bring the copies in this folder up to date, and start nothing: for JupyterLab that runs already, as on a hub"
    )
    lab.add_argument("--copy-to", type=_folder, metavar="FOLDER", help=what)
    for command, port in ((serve, 8000), (lab, 8888)):
        command.add_argument("--port", type=_port, help=f"port on 127.0.0.1 (default: {port}, or the next free one)")
        command.add_argument("--no-browser", action="store_false", dest="open_browser", help="do not open a browser")

    build = add("book.build", "build", "build what changed; any warning is a failure")
    build.add_argument("--all", action="store_true", dest="everything", help="build every page anew")
    build.add_argument("--pdf", action="store_true", help="print the book into _build/book.pdf, with Chromium")

    test = add("testing.run", "test", "run all tests")
    test.add_argument("--only", choices=TEST_PARTS, help="one part only; unit includes the linter")
    test.add_argument("--gpu", action="store_true", help="fail unless TensorFlow sees a GPU")
    test.add_argument("--changed", action="store_true", help="only what the files that differ from main can break")
    test.add_argument(
        "--coverage", action="store_true", help="measure what the unit tests reach; they take twice the time"
    )

    notebooks = commands.add_parser("notebooks", help="execute notebooks and bring them to their stored form")
    actions = notebooks.add_subparsers(metavar="ACTION", required=True)
    normalise = add("notebooks.normalise_files", "normalise", "rewrite notebooks in their stored form", actions)
    normalise.add_argument("--check", action="store_true", help="change nothing; list what would change and fail")
    what = "execute notebooks (default: those whose outputs are stale) and store outputs"
    run = add("notebooks.run_files", "run", what, actions)
    what = "list notebooks whose outputs are stale, and fail if there are any"
    for action in (normalise, run, add("notebooks.list_stale", "stale", what, actions)):
        action.add_argument("paths", nargs="*", metavar="PATH", help="notebook or folder (default: the whole book)")

    grade = add(
        "grading.grade", "grade", "execute notebooks that learners handed in, and say which exercises are right"
    )
    grade.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="notebook, or folder of notebooks")
    grade.add_argument("--csv", type=Path, metavar="FILE", help="write one line an exercise, with what its check said")

    data = commands.add_parser("data", help="show, get and check the data sets")
    actions = data.add_subparsers(metavar="ACTION", required=True)
    add("data.show", "list", "show each data set: where it is, its size and licence", actions)
    fetch = add("data.fetch", "fetch", "download or make a data set for work without a network", actions)
    fetch.add_argument("names", nargs="+", metavar="NAME", help="data set, as list shows it")
    verify = add("data.verify", "verify", "check the content of the data sets that are here", actions)
    verify.add_argument("names", nargs="*", metavar="NAME", help="data set (default: all)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


def _folder(text: str) -> Path:
    if not text.strip():  # as from a variable that is not set; to Path it would be the working folder
        raise argparse.ArgumentTypeError("the name of a folder is missing")
    return Path(text)


def _run(argv: list[str] | None) -> int:
    options = vars(make_parser().parse_args(argv))
    module, _, name = options.pop("function").partition(".")
    function = getattr(import_module(f"{__name__}.{module}"), name)
    checkout = () if module == "data" else (find_project(),)  # data sets are there without the book, too
    return function(*checkout, **options) or 0


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments, without the program's name; those of the process unless given.

    Returns
    -------
    int
        0, or 1 for a failure, 2 for wrong usage, 130 when interrupted.
    """
    try:
        return _run(argv)
    except CourseError as error:
        message, code = f"course: {error}", 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        message, code = "course: the disk is full. Free some space and run the command again", 1
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "course_utils":
            raise
        how = 'or install what it needs with `pip install -e ".[cpu,book,lab,test]"`'
        missing = f"the Python package {error.name!r} is missing here"
        message, code = f"course: {missing}. Start the command with `python3 course.py`, {how}", 1
    except KeyboardInterrupt:
        message, code = "\ncourse: stopped", 130
    print(message, file=sys.stderr)
    return code
