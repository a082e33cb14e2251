"""Command line of the course: serve, build and test the book, work on its lessons, normalise and run its notebooks, get and check its data."""

import argparse
import errno
import sys

from course_utils.cli.project import CourseError, UsageError, find_project

TEST_PARTS = ("unit", "notebooks", "book")


def _serve(arguments) -> int:
    from course_utils.cli import server

    return server.serve(find_project(), port=arguments.port, open_browser=not arguments.no_browser)


def _lab(arguments) -> int:
    from course_utils.cli import lab

    return lab.lab(find_project(), arguments.lesson, port=arguments.port, open_browser=not arguments.no_browser)


def _build(arguments) -> int:
    from course_utils.cli import book

    book.build(find_project(), everything=arguments.all)
    return 0


def _test(arguments) -> int:
    from course_utils.cli import testing

    options = {name: getattr(arguments, name) for name in ("only", "gpu", "changed", "coverage")}
    return testing.run(find_project(), **options)


def _normalise(arguments) -> int:
    from course_utils.cli import notebooks

    return notebooks.normalise_files(find_project(), arguments.paths, check=arguments.check)


def _run(arguments) -> int:
    from course_utils.cli import notebooks

    return notebooks.run_files(find_project(), arguments.paths)


def _stale(arguments) -> int:
    from course_utils.cli import notebooks

    return notebooks.list_stale(find_project(), arguments.paths)


def _data(arguments) -> int:
    from course_utils.cli import data

    if arguments.what == "list":
        return data.show()
    return {"fetch": data.fetch, "verify": data.verify}[arguments.what](arguments.names)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m course_utils``."""
    parser = argparse.ArgumentParser(prog="python -m course_utils", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    serve = commands.add_parser("serve", help="build what changed, and show the book in a browser")
    serve.set_defaults(action=_serve)
    lab = commands.add_parser("lab", help="work on your own copies of the lessons in JupyterLab")
    lab.add_argument("lesson", nargs="?", metavar="LESSON", help="the lesson to open, by a part of its name")
    lab.set_defaults(action=_lab)
    for command, port in ((serve, 8000), (lab, 8888)):
        command.add_argument("--port", type=_port, help=f"port on 127.0.0.1 (default: {port}, or the next free one)")
        command.add_argument("--no-browser", action="store_true", help="do not open a browser")

    build = commands.add_parser("build", help="build what changed; any warning is a failure")
    build.add_argument("--all", action="store_true", help="build every page anew")
    build.set_defaults(action=_build)

    test = commands.add_parser("test", help="run all tests")
    test.add_argument("--only", choices=TEST_PARTS, help="one part only; unit includes the linter")
    test.add_argument("--gpu", action="store_true", help="fail unless TensorFlow sees a GPU")
    test.add_argument("--changed", action="store_true", help="only what the files that differ from main can break")
    test.add_argument(
        "--coverage", action="store_true", help="measure what the unit tests reach (always where CI is set)"
    )
    test.set_defaults(action=_test)

    notebooks = commands.add_parser("notebooks", help="execute notebooks and bring them to their stored form")
    actions = notebooks.add_subparsers(metavar="ACTION", required=True)
    normalise = actions.add_parser("normalise", help="rewrite notebooks in their stored form")
    normalise.add_argument("--check", action="store_true", help="change nothing; list what would change and fail")
    normalise.set_defaults(action=_normalise)
    run = actions.add_parser("run", help="execute notebooks (default: those whose outputs are stale) and store outputs")
    run.set_defaults(action=_run)
    stale = actions.add_parser("stale", help="list notebooks whose outputs are stale, and fail if there are any")
    stale.set_defaults(action=_stale)
    for action in (normalise, run, stale):
        action.add_argument("paths", nargs="*", metavar="PATH", help="notebook or folder (default: the whole book)")

    data = commands.add_parser("data", help="show, get and check the data sets")
    actions = data.add_subparsers(metavar="ACTION", dest="what", required=True)
    actions.add_parser("list", help="show each data set: where it is, its size and licence")
    fetch = actions.add_parser("fetch", help="download or make a data set for work without a network")
    fetch.add_argument("names", nargs="+", metavar="NAME", help="data set, as list shows it")
    verify = actions.add_parser("verify", help="check the content of the data sets that are here")
    verify.add_argument("names", nargs="*", metavar="NAME", help="data set (default: all)")
    data.set_defaults(action=_data)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


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
        arguments = make_parser().parse_args(argv)
        return arguments.action(arguments)
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print("course: the disk is full. Free some space and run the command again", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "course_utils":
            raise
        print(
            f"course: the Python package {error.name!r} is missing here. Start the command with `python3 course.py`, "
            'or install what it needs with `pip install -e ".[cpu,book,lab,test]"`',
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\ncourse: stopped", file=sys.stderr)
        return 130
